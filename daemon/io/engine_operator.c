/* engine_operator.c - messages of plain words to people: the operator, a board's team. */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "io/engine_gather.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"

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

/* --- what nobody accepted */

static const char SILENCED[] = "  one more route is silenced, and is taken when that ends\n";

static bool is_for(const struct undelivered *one, const char *board)
{
    return board ? strcmp(one->board, board) == 0 : !one->operator_knows;
}

/* The lines of a board; NULL: all that the operator does not know yet.  How many there are. */
static size_t write_lines(const struct engine *engine, const char *board, struct text *text)
{
    size_t count = 0;

    for (size_t i = 0; i < engine->undelivered_count; i++) {
        const struct undelivered *one = &engine->undelivered[i];

        if (!is_for(one, board))
            continue;
        text_addf(text, "- %s, to the role %s (%s)\n%s", one->reference, one->role, one->id,
                  one->is_silenced ? SILENCED : "");
        count++;
    }
    return count;
}

static int tell_list(struct engine *engine, const char *board, struct engine_message *message)
{
    struct engine_routes routes;
    char words[ENGINE_UNDELIVERED_MAX * (2 * ID_MAX + DELIVERY_ID_SIZE + 32 + sizeof SILENCED) +
               512];
    char key[2 * ID_MAX + DELIVERY_ID_SIZE + 64];
    struct text text = text_over(words, sizeof words);

    text_add(&text, "Nobody has accepted these notifications, by any route that can be taken "
                    "now.\nSomebody must be told another way:\n\n");
    if (write_lines(engine, board, &text) == 0)
        return 0;
    text_add(&text, "\nWhat was not refused is tried on. `concernctl outbox` shows what the other "
                    "side said,\nand `concernctl status` how many there are.\n");
    /* One person may be told for several boards. */
    snprintf(key, sizeof key, "undelivered %s %lld %s", board ? board : message->person,
             (long long)engine->now.us, engine->undelivered[0].id);
    message->key = key;
    message->text = words;
    message->language = LANGUAGE_DEFAULT;
    message->subject = "Nobody accepted a notification: tell them another way";
    message->priority = PRIORITY_URGENT;
    /* Who is told this must not wait for the next route. */
    engine_routes_to(engine, message->person, board, &routes);
    return engine_send_message_by_all(engine, message, &routes);
}

static int tell_board(struct engine *engine, const char *board)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct person *person =
        escalation_board_person(directory, board, engine_today_of(engine, board));
    struct engine_message message = { .role = "board's team" };

    if (!person) {
        journal_error(
            JOURNAL({ "MESSAGE_ID", MESSAGE_ID_OPERATOR_UNREACHABLE }, { "BOARD", board }),
            "the directory names nobody for the board, who would be told that a "
            "notification is undelivered");
        return 0;
    }
    message.person = person->id;
    return tell_list(engine, board, &message);
}

static bool is_first_of_board(const struct engine *engine, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(engine->undelivered[i].board, engine->undelivered[index].board) == 0)
            return false;
    return engine->undelivered[index].board[0] != '\0';
}

int engine_tell_undelivered(struct engine *engine)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    struct engine_message message = { .person = "operator", .role = "operator" };
    int error = 0;

    if (engine->undelivered_count == 0)
        return 0;
    for (size_t i = 0; directory && i < engine->undelivered_count && error == 0; i++)
        if (is_first_of_board(engine, i))
            error = tell_board(engine, engine->undelivered[i].board);
    if (directory && error == 0)
        error = tell_list(engine, NULL, &message);
    engine->undelivered_count = 0;
    return error;
}
