/* delivery.c - a rendered notification on its way out: the names of its routes. */
#include "core/delivery.h"

const char *route_name(enum route_kind kind)
{
    static const char *const names[ROUTE_COUNT] = {
        [ROUTE_EMAIL] = "email",
        [ROUTE_WEBHOOK] = "webhook",
        [ROUTE_TEAMS] = "teams",
        [ROUTE_NOTIFY_EMAIL] = "notify-email",
        [ROUTE_NOTIFY_TEXT] = "notify-text",
    };

    return names[kind];
}

bool route_is_to_endpoint(enum route_kind kind)
{
    return kind == ROUTE_WEBHOOK || kind == ROUTE_TEAMS;
}
