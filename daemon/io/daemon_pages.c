/* daemon_pages.c - the daemon's own pages: which there are, and whether it is well. */
#include <string.h>

#include "io/daemon_private.h"

/* That it answers at all says that the engine's loop turns. */
static void say_health(void *context, const struct http_request *request,
                       struct http_response *response)
{
    (void)context;
    (void)request;
    http_say(response, "alive\n");
}

/* NULL, or why nothing should be sent here just now. */
static const char *why_not_ready(struct daemon *self)
{
    if (store_is_latched(self->store))
        return "the store has failed: nothing more is acknowledged";
    if (self->is_full)
        return "the disk is full: nothing is acknowledged until there is room";
    if (policy_procedure(self->policy, 0) == NULL)
        return "no procedure is loaded";
    if (!dispatcher_is_alive(self->dispatcher, clock_monotonic_ms()))
        return "the dispatcher does not turn: nothing is sent to anybody";
    if (self->door.failed)
        return "who may connect cannot be checked";
    return NULL;
}

static void say_ready(void *context, const struct http_request *request,
                      struct http_response *response)
{
    const char *why = why_not_ready(context);

    (void)request;
    http_status(response, why ? 503 : 200);
    http_sayf(response, "%s\n", why ? why : "ready");
}

static const struct http_route routes[] = {
    { HTTP_GET, "/health", say_health },
    { HTTP_GET, "/ready", say_ready },
};

int daemon_open_pages(struct daemon *self)
{
    struct http_settings settings = {
        .address = self->settings->http,
        .hosts = self->settings->http_hosts,
        .routes = routes,
        .route_count = COUNT_OF(routes),
        .context = self,
    };

    if (strcmp(settings.address, "none") == 0)
        return 0;
    return http_open(&settings, &self->http) < 0 ? 1 : 0;
}
