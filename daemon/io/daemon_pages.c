/* daemon_pages.c - the daemon's own pages: which there are, and whether it is well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/daemon_figures.h"

enum {
    PAGE_KEPT_MS = 1000, /* a page that asks the store is made anew at most so often ... */
    PAGE_SHARE = 20,     /* ... and takes at most one part in so many of the engine's time */
    HOSTS_SIZE = 2048
};

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

/* --- what asks the store */

static int make_front(struct daemon *self, const struct daemon_figures *figures,
                      struct http_response *response)
{
    return daemon_say_front(self, figures, response);
}

static int make_metrics(struct daemon *self, const struct daemon_figures *figures,
                        struct http_response *response)
{
    daemon_say_metrics(self, figures, response);
    return 0;
}

static int make_status(struct daemon *self, const struct daemon_figures *figures,
                       struct http_response *response)
{
    json_t *object = daemon_status_json(self, figures, true);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

    http_sayf(response, "%s\n", text ? text : "");
    free(text);
    json_decref(object);
    return text ? 0 : -1;
}

static const struct {
    const char *type;
    int (*make)(struct daemon *self, const struct daemon_figures *figures,
                struct http_response *response);
} made_pages[DAEMON_PAGE_COUNT] = {
    [DAEMON_PAGE_FRONT] = { "text/html; charset=utf-8", make_front },
    [DAEMON_PAGE_METRICS] = { "text/plain; version=0.0.4; charset=utf-8", make_metrics },
    [DAEMON_PAGE_STATUS] = { "application/json", make_status },
};

static bool make_page(struct daemon *self, enum daemon_page page, struct http_response *response)
{
    struct daemon_figures *figures = malloc(sizeof *figures);
    bool is_made = figures && daemon_read_figures(self, figures) == 0 &&
                   made_pages[page].make(self, figures, response) == 0;

    free(figures);
    return is_made;
}

/* However often it is asked for, the store is asked now and then. */
static void say_kept(struct daemon *self, enum daemon_page page, struct http_response *response)
{
    struct daemon_kept_page *kept = &self->kept_pages[page];
    int64_t began_ms = clock_monotonic_ms(), ended_ms;

    http_type(response, made_pages[page].type);
    if (kept->text && began_ms < kept->until_ms) {
        http_say(response, kept->text);
        return;
    }
    if (!make_page(self, page, response)) {
        http_status(response, 503);
        return;
    }
    ended_ms = clock_monotonic_ms();
    free(kept->text);
    kept->text = http_said(response) ? strdup(http_said(response)) : NULL;
    kept->until_ms = began_ms + (ended_ms - began_ms) * PAGE_SHARE;
    if (kept->until_ms < began_ms + PAGE_KEPT_MS)
        kept->until_ms = began_ms + PAGE_KEPT_MS;
}

static void say_front(void *context, const struct http_request *request,
                      struct http_response *response)
{
    (void)request;
    say_kept(context, DAEMON_PAGE_FRONT, response);
}

static void say_metrics(void *context, const struct http_request *request,
                        struct http_response *response)
{
    (void)request;
    say_kept(context, DAEMON_PAGE_METRICS, response);
}

static void say_status(void *context, const struct http_request *request,
                       struct http_response *response)
{
    (void)request;
    say_kept(context, DAEMON_PAGE_STATUS, response);
}

static const struct http_route routes[] = {
    { HTTP_GET, "/", say_front },
    { HTTP_GET, "/health", say_health },
    { HTTP_GET, "/ready", say_ready },
    { HTTP_GET, "/metrics", say_metrics },
    { HTTP_GET, "/status.json", say_status },
    { HTTP_GET, "/acknowledge/*", daemon_show_link },
    { HTTP_POST, "/acknowledge/*", daemon_take_link },
    { HTTP_OTHER, "/acknowledge/*", daemon_tell_of_links },
    { HTTP_GET, "/acknowledge/", daemon_show_link }, /* a link that was cut off */
    { HTTP_GET, "/acknowledge", daemon_show_link },
};

/* People ask by the name that is in their links, which a proxy passes on. */
static void write_hosts(const struct settings *settings, char *hosts, size_t size)
{
    static const char scheme[] = "https://";
    const char *url = settings->acknowledge.url;
    const char *host = *url ? url + strlen(scheme) : "";

    (void)snprintf(hosts, size, "%s %.*s", settings->http_hosts, (int)strcspn(host, ":/"), host);
}

int daemon_open_pages(struct daemon *self)
{
    char hosts[HOSTS_SIZE];
    struct http_settings settings = {
        .address = self->settings->http,
        .hosts = hosts,
        .routes = routes,
        .route_count = COUNT_OF(routes),
        .context = self,
    };

    if (strcmp(settings.address, "none") == 0)
        return 0;
    write_hosts(self->settings, hosts, sizeof hosts);
    return http_open(&settings, &self->http) < 0 ? 1 : 0;
}

void daemon_close_pages(struct daemon *self)
{
    http_close(&self->http);
    for (int page = 0; page < DAEMON_PAGE_COUNT; page++) {
        free(self->kept_pages[page].text);
        self->kept_pages[page].text = NULL;
    }
}
