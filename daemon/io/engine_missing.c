/* engine_missing.c - who is told of events that have not come. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/compose_missing.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/source_name.h"

enum { SOURCES_IN_A_TURN = 16, BOARDS_MOST = 64 };

/* --- the operator */

static int tell_operator(struct engine *engine, const struct missing_row *missing)
{
    char key[STORE_SOURCE_SIZE + 100], text[SOURCE_NAME_SIZE + 900], since[ZONE_TIME_SIZE] = "";
    char name[SOURCE_NAME_SIZE];
    bool gone = instant_is_none(missing->since);

    if (!gone)
        instant_write_utc(missing->since, since);
    source_name(engine->settings.keyring, missing->source, name);
    snprintf(key, sizeof key, "missing %s %lld", missing->source, (long long)engine->now.us);
    snprintf(text, sizeof text,
             "%llu events of the source %s %s%s%s%s%s.\n"
             "What they said is not known here. %s\n%s"
             "`concernctl sources` shows what is missing of whom.\n",
             (unsigned long long)missing->count, name,
             gone ? "will never come: they cannot be had any more, or were refused"
                  : "have not come, the first since ",
             since, missing->feed[0] ? " (feed " : "", missing->feed, missing->feed[0] ? ")" : "",
             gone ? "Ask the operator of the case system which disagreements changed."
                  : "Ask the operator of the case system to send them.",
             missing->best_effort
                 ? "It is heard at best effort: more may be missing than can be seen.\n"
                 : "");
    return engine_tell_operator(engine, key, gone ? "Events are lost" : "Events are missing", text);
}

/* --- the board's team */

/* Whom a message to one board's team goes to. */
struct team {
    const struct agency *board;
    const struct role *role;
    const struct person *person; /* NULL: nobody can be told, the operator stands in */
    struct policy_view view;
};

static bool is_there(const struct team *team, const struct person *person, struct instant now)
{
    struct civil today;

    if (!person || person->route_count == 0)
        return false;
    today = zone_civil(team->view.time.zone, now);
    return !person->is_away || today.date.day >= person->away_until.day;
}

/* A board's team is the first role of the board's side that its first procedure in force names:
 * the one its other roles are reached through. */
static bool find_team(const struct engine *engine, const struct agency *board, struct team *team)
{
    const struct role_holding *holding;
    const struct procedure *procedure;

    *team = (struct team){ .board = board };
    for (size_t i = 0; i < board->procedure_count && !team->role; i++) {
        if (policy_view(engine->settings.policy, board->procedures[i], &team->view) != POLICY_OK)
            continue;
        procedure = team->view.procedure;
        for (size_t j = 0; j < procedure->role_count && !team->role; j++)
            if (procedure->roles[j].side == SIDE_BOARD)
                team->role = &procedure->roles[j];
    }
    if (!team->role)
        return false;
    holding = directory_holding(board, team->role->id);
    if (holding && is_there(team, holding->holder, engine->now))
        team->person = holding->holder;
    else if (holding && is_there(team, holding->deputy, engine->now))
        team->person = holding->deputy;
    else if (holding && holding->holder && holding->holder->route_count > 0)
        team->person = holding->holder;
    return true;
}

static int mail_team(struct engine *engine, const struct team *team,
                     const struct missing_row *missing)
{
    char subject[SUBJECT_SIZE], key[STORE_SOURCE_SIZE + ID_MAX + 100], name[SOURCE_NAME_SIZE];
    char *body = malloc(BODY_SIZE);
    struct engine_message message = { .key = key, .role = team->role->id };
    struct engine_routes routes;
    struct missing_events events = {
        .source = name,
        .board = team->board->name,
        .role = team->role->title,
        .count = missing->count,
        .since = missing->since,
        .best_effort = missing->best_effort,
        .stand_in = !team->person,
        .time = &team->view.time,
        .templates = policy_templates(engine->settings.policy),
        .language = team->person ? team->person->language : NULL,
    };
    int answer = body ? 0 : -ENOMEM;

    if (answer)
        return journal_fail(answer, "no memory for a mail");
    source_name(engine->settings.keyring, missing->source, name);
    compose_missing(&events, subject, body, BODY_SIZE);
    snprintf(key, sizeof key, "missing %s %s %lld", team->board->id, missing->source,
             (long long)engine->now.us);
    if (!team->person) {
        answer = engine_tell_operator(engine, key, subject, body);
    } else {
        message.person = team->person->id;
        message.subject = subject;
        message.text = body;
        message.language = compose_missing_language(&events);
        engine_routes_to(engine, message.person, team->board->id, &routes);
        answer = engine_send_message(engine, &message, &routes);
    }
    free(body);
    return answer;
}

static int tell_board(struct engine *engine, const struct agency *board,
                      const struct missing_row *missing)
{
    struct team team;

    return find_team(engine, board, &team) ? mail_team(engine, &team, missing) : 0;
}

/* The boards its key may speak to; where nobody knows whose it is, all of them: each may be
 * concerned. */
static bool is_of_board(const struct engine *engine, const struct missing_row *missing,
                        const struct agency *board)
{
    const struct principal *principal =
        engine->settings.keyring ? keyring_find(engine->settings.keyring, missing->key) : NULL;

    return !principal || keyring_check_board(principal, board->id);
}

static int tell_boards(struct engine *engine, const struct missing_row *missing)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    int answer = 0;

    for (size_t i = 0; directory && i < directory->board_count && i < BOARDS_MOST; i++) {
        if (is_of_board(engine, missing, &directory->boards[i]))
            answer = tell_board(engine, &directory->boards[i], missing);
        if (answer)
            return answer;
    }
    return answer;
}

int engine_tell_missing(struct engine *engine, enum gap_listener listener,
                        const struct missing_row *missing)
{
    if (engine->settings.undelivered)
        return 0;
    return listener == GAP_TELL_BOARD ? tell_boards(engine, missing)
                                      : tell_operator(engine, missing);
}

/* --- what has stayed open */

static int tell_listener(struct engine *engine, enum gap_listener listener)
{
    struct missing_row rows[SOURCES_IN_A_TURN];
    struct store *store = engine->settings.store;
    size_t count = 0;
    int answer = engine_store_answer(
        store_list_missing(store, listener, engine->now, rows, COUNT_OF(rows), &count));

    for (size_t i = 0; answer == 0 && i < count; i++) {
        answer = engine_tell_missing(engine, listener, &rows[i]);
        if (answer == 0)
            answer = engine_store_answer(
                store_note_missing_told(store, listener, rows[i].source, engine->now));
    }
    return answer;
}

int engine_tell_gaps(struct engine *engine)
{
    int answer = tell_listener(engine, GAP_TELL_OPERATOR);

    return answer ? answer : tell_listener(engine, GAP_TELL_BOARD);
}
