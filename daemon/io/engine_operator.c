/* engine_operator.c - messages of plain words to people: the operator, a board's team. */
#include <stdio.h>
#include <string.h>

#include "io/engine_gather.h"
#include "io/engine_private.h"

/* --- by which routes */

static void add_routes(struct engine_routes *to, const struct route *routes, size_t count)
{
    for (size_t i = 0; i < count && to->count < COUNT_OF(to->list); i++)
        to->list[to->count++] = routes[i];
}

/* A board in which somebody holds a role, or stands in for it; "": none. */
static const char *board_of(const struct directory *directory, const struct person *person)
{
    for (size_t i = 0; i < directory->board_count; i++)
        for (size_t j = 0; j < directory->boards[i].role_count; j++) {
            const struct role_holding *holding = &directory->boards[i].roles[j];

            if (holding->holder == person || holding->deputy == person)
                return directory->boards[i].id;
        }
    return "";
}

void engine_routes_to(struct engine *engine, const char *who, const char *board,
                      struct engine_routes *routes)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct person *person = directory ? directory_person(directory, who) : NULL;
    const struct timekeeping *time;
    struct policy_view view;

    *routes = (struct engine_routes){ 0 };
    if (directory && strcmp(who, "operator") == 0)
        add_routes(routes, directory->operator_routes, directory->operator_route_count);
    routes->of_hour = routes->count;
    if (!person)
        return;
    time = engine_time_of_board(engine, board ? board : board_of(directory, person), &view);
    if (time && !engine_is_office_hours(time, engine->now) && person->out_of_hours_count > 0) {
        add_routes(routes, person->out_of_hours, person->out_of_hours_count);
        routes->of_hour = routes->count;
        add_routes(routes, person->routes, person->route_count);
    } else {
        add_routes(routes, person->routes, person->route_count);
        routes->of_hour = routes->count;
        add_routes(routes, person->out_of_hours, person->out_of_hours_count);
    }
}

/* --- by another one */

/* The board that a message is about, by the second word of its key; NULL: of no one board. */
static const struct agency *board_of_key(const struct directory *directory, const char *key)
{
    const char *at = strchr(key, ' ');

    for (size_t i = 0; at && i < directory->board_count; i++) {
        size_t length = strlen(directory->boards[i].id);

        if (strncmp(at + 1, directory->boards[i].id, length) == 0 && at[1 + length] == ' ')
            return &directory->boards[i];
    }
    return NULL;
}

static bool is_one_of(const struct route *route, const struct route *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].kind == route->kind && strcmp(list[i].to, route->to) == 0)
            return true;
    return false;
}

static bool find_unused(const struct engine_routes *routes, const struct route *used,
                        size_t used_count, struct escalation_route *found)
{
    for (size_t i = 0; i < routes->count; i++) {
        if (is_one_of(&routes->list[i], used, used_count))
            continue;
        *found =
            (struct escalation_route){ .kind = routes->list[i].kind, .to = routes->list[i].to };
        return true;
    }
    return false;
}

/* Those who stand in for him in a role of the board. */
static bool find_of_deputy(struct engine *engine, const struct agency *board, const char *who,
                           const struct route *used, size_t used_count,
                           struct escalation_route *found)
{
    struct date today = engine_today_of(engine, board->id);
    struct engine_routes routes;

    for (size_t i = 0; i < board->role_count; i++) {
        const struct person *holder = board->roles[i].holder, *deputy = board->roles[i].deputy;

        if (!holder || strcmp(holder->id, who) != 0 || !deputy || deputy == holder ||
            (deputy->is_away && today.day < deputy->away_until.day))
            continue;
        engine_routes_to(engine, deputy->id, board->id, &routes);
        if (!find_unused(&routes, used, used_count, found))
            continue;
        found->person = deputy;
        found->is_deputy = true;
        return true;
    }
    return false;
}

bool engine_message_route(struct engine *engine, const struct outbox_row *first,
                          const struct route *used, size_t used_count,
                          struct escalation_route *found)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct agency *board = directory ? board_of_key(directory, first->key) : NULL;
    struct engine_routes routes;

    engine_routes_to(engine, first->person, board ? board->id : NULL, &routes);
    return find_unused(&routes, used, used_count, found) ||
           (board && find_of_deputy(engine, board, first->person, used, used_count, found));
}

/* --- the operator */

int engine_tell_operator(struct engine *engine, const char *key, const char *subject,
                         const char *text)
{
    char daily_key[512];
    struct engine_routes routes;
    struct engine_message message = { .key = daily_key,
                                      .person = "operator",
                                      .role = "operator",
                                      .subject = subject,
                                      .text = text,
                                      .language = LANGUAGE_DEFAULT };

    if (engine->settings.undelivered)
        return 0;
    /* Once a day for each thing there is to say. */
    snprintf(daily_key, sizeof daily_key, "%lld %s", (long long)(engine->now.us / DAY_US), key);
    engine_routes_to(engine, "operator", NULL, &routes);
    return engine_send_message(engine, &message, &routes);
}
