/* store_disagreement.c - keeps procedures' versions, disagreements and their deadlines. */
#include "io/store_private.h"

#include "io/journal.h"
#include "io/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[DISAGREEMENT_STATE_COUNT] = {
    [DISAGREEMENT_OPEN] = "open",
    [DISAGREEMENT_RESOLVED] = "resolved",
    [DISAGREEMENT_WITHDRAWN] = "withdrawn",
    [DISAGREEMENT_LAPSED] = "lapsed",
};

static const char *const running_names[] = {
    [RUNNING_NOT] = "not",
    [RUNNING_ON] = "on",
    [RUNNING_PASSED] = "passed",
    [RUNNING_STOPPED] = "stopped",
};

static const struct running never_ran = {
    .start = INSTANT_NONE,
    .due = INSTANT_NONE,
    .set_by_case = INSTANT_NONE,
    .acted_until = INSTANT_NONE,
    .wake = INSTANT_NONE,
};

static int load_deadlines(struct store *store, int64_t number, const struct procedure *procedure,
                          struct disagreement *disagreement);
static int damaged(const char *board, const char *reference, const char *why);
static int save_deadline(struct store *store, int64_t number, const char *id, const char *calendar,
                         const struct running *before, const struct running *after);
static bool running_is_same(const struct running *one, const struct running *other);
static bool running_is_blank(const struct running *running);

/* ---- procedures --------------------------------------------------------------------------- */

int store_put_procedure(struct store *store, const struct procedure *procedure, const char *text)
{
    struct statement put = statement_of(store, SQL_PROCEDURE_PUT);

    put_text(&put, procedure->hash);
    put_text(&put, procedure->id);
    put_text(&put, procedure->version);
    put_text(&put, text);
    return statement_run(&put);
}

int store_get_procedure(struct store *store, const char *hash, char **text)
{
    struct statement get = statement_of(store, SQL_PROCEDURE_GET);
    char *copy = NULL;
    bool row;
    int answer;

    put_text(&get, hash);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row && !(copy = strdup(take_text(&get))))
        return statement_answer(&get, journal_fail(-ENOMEM, "no memory for a procedure"));
    answer = statement_answer(&get, row ? STORE_OK : STORE_NONE);
    if (answer != STORE_OK)
        free(copy);
    else
        *text = copy;
    return answer;
}

/* ---- loading ------------------------------------------------------------------------------ */

static int place_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

enum disagreement_state store_state_of(const char *name)
{
    int place = place_of(state_names, COUNT_OF(state_names), name);

    return place < 0 ? DISAGREEMENT_OPEN : (enum disagreement_state)place;
}

enum running_state store_running_of(const char *name)
{
    int place = place_of(running_names, COUNT_OF(running_names), name);

    return place < 0 ? RUNNING_NOT : (enum running_state)place;
}

/* The columns and the JSON text; the lookup may use the store, so the row is left before it. */
static int load_row(struct store *store, const char *board, const char *reference,
                    struct disagreement *disagreement, int64_t *number, char **json)
{
    struct statement get = statement_of(store, SQL_DISAGREEMENT_GET);
    bool row;
    int answer, state;

    put_text(&get, board);
    put_text(&get, reference);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (!row)
        return statement_answer(&get, STORE_NONE);

    memset(disagreement, 0, sizeof *disagreement);
    *number = take_number(&get);
    take_copy(&get, disagreement->procedure, sizeof disagreement->procedure);
    take_copy(&get, disagreement->procedure_hash, sizeof disagreement->procedure_hash);
    disagreement->raised = take_instant(&get);
    state = place_of(state_names, COUNT_OF(state_names), take_text(&get));
    disagreement->closed = take_instant(&get);
    take_text(&get); /* the stage, in the JSON text too */
    *json = strdup(take_text(&get));
    if (!*json)
        return statement_answer(&get, journal_fail(-ENOMEM, "no memory for a disagreement"));
    if (state < 0)
        return statement_answer(&get, damaged(board, reference, "its state"));
    disagreement->state = (enum disagreement_state)state;
    return statement_end(&get);
}

static void free_text(char **text)
{
    free(*text);
}

int store_load_disagreement(struct store *store, const char *board, const char *reference,
                            struct disagreement *disagreement)
{
    CLEANUP(free_text) char *json = NULL;
    const struct procedure *procedure;
    int64_t number = 0;
    int answer;

    if (strlen(board) > ID_MAX || strlen(reference) > ID_MAX)
        return STORE_NONE;
    if ((answer = load_row(store, board, reference, disagreement, &number, &json)) != STORE_OK)
        return answer;
    memcpy(disagreement->board, board, strlen(board) + 1);
    memcpy(disagreement->reference, reference, strlen(reference) + 1);

    procedure =
        store->lookup ? store->lookup(store->lookup_context, disagreement->procedure_hash) : NULL;
    if (!procedure) {
        journal_error(JOURNAL({ "BOARD", board }, { "DISAGREEMENT", reference }),
                      "the version %.16s of procedure %s, under which it was raised, is unknown",
                      disagreement->procedure_hash, disagreement->procedure);
        return STORE_NO_PROCEDURE;
    }
    if (state_read(procedure, json, disagreement) != STATE_OK)
        return damaged(board, reference, "its state's text");
    return load_deadlines(store, number, procedure, disagreement);
}

static int damaged(const char *board, const char *reference, const char *why)
{
    journal_error(JOURNAL({ "BOARD", board }, { "DISAGREEMENT", reference }),
                  "the store's row of a disagreement does not fit its procedure: %s", why);
    return STORE_DAMAGED;
}

/* The columns of SQL_DEADLINES from `state` on. */
static bool take_running(struct statement *rows, struct running *running)
{
    int state = place_of(running_names, COUNT_OF(running_names), take_text(rows));

    running->state = state < 0 ? RUNNING_NOT : (enum running_state)state;
    running->start = take_instant(rows);
    running->due = take_instant(rows);
    running->wake = take_instant(rows);
    running->provisional = take_number(rows) != 0;
    take_text(rows); /* the calendar's version */
    running->set_by_case = take_instant(rows);
    running->extended = take_number(rows) != 0;
    running->acted_until = take_instant(rows);
    running->done = (party_mask)take_number(rows);
    running->changes = (uint32_t)take_number(rows);
    return state >= 0;
}

/* Rows come by entry, so that the last start of each deadline is what remains. */
static int load_deadlines(struct store *store, int64_t number, const struct procedure *procedure,
                          struct disagreement *disagreement)
{
    struct statement rows = statement_of(store, SQL_DEADLINES);
    bool row;
    int answer;

    for (size_t i = 0; i < COUNT_OF(disagreement->running); i++)
        disagreement->running[i] = never_ran;
    put_number(&rows, number);
    for (;;) {
        struct running running;
        int place;

        if ((answer = statement_fetch(&rows, &row)) != STORE_OK)
            return answer;
        if (!row)
            return statement_end(&rows);
        place = procedure_deadline(procedure, take_text(&rows));
        running.entry = (uint32_t)take_number(&rows);
        if (!take_running(&rows, &running) || place < 0)
            return statement_answer(
                &rows, damaged(disagreement->board, disagreement->reference, "a deadline"));
        disagreement->running[place] = running;
    }
}

/* ---- saving ------------------------------------------------------------------------------- */

int store_number_of(struct store *store, const char *board, const char *reference, int64_t *number)
{
    struct statement find;
    bool row;
    int answer;

    if (store->number > 0 && strcmp(store->number_board, board) == 0 &&
        strcmp(store->number_reference, reference) == 0) {
        *number = store->number;
        return STORE_OK;
    }
    if (strlen(board) > ID_MAX || strlen(reference) > ID_MAX)
        return STORE_NONE;
    find = statement_of(store, SQL_DISAGREEMENT_NUMBER);
    put_text(&find, board);
    put_text(&find, reference);
    if ((answer = statement_fetch(&find, &row)) != STORE_OK)
        return answer;
    if (!row)
        return statement_answer(&find, STORE_NONE);
    *number = store->number = take_number(&find);
    memcpy(store->number_board, board, strlen(board) + 1);
    memcpy(store->number_reference, reference, strlen(reference) + 1);
    return statement_end(&find);
}

static int save_row(struct store *store, const struct procedure *procedure, bool is_known,
                    const struct disagreement *after)
{
    CLEANUP(free_text) char *json = NULL;
    struct statement put;

    if (state_write(procedure, after, &json) != STATE_OK)
        return store_fail_turn(store, journal_fail(-ENOMEM, "no memory for a disagreement"));
    put = statement_of(store, is_known ? SQL_DISAGREEMENT_CHANGE : SQL_DISAGREEMENT_PUT);
    put_text(&put, after->board);
    put_text(&put, after->reference);
    put_text(&put, after->procedure);
    put_text(&put, after->procedure_hash);
    put_text(&put, after->party_count > 0 ? after->parties[0] : "");
    put_number(&put, after->raised.us);
    put_text(&put, state_names[after->state]);
    put_instant(&put, after->closed);
    put_text(&put, after->stage < 0 ? "" : procedure_stage_id(procedure, after->stage));
    put_text(&put, json);
    return statement_run(&put);
}

int store_save_disagreement(struct store *store, const struct policy_view *view,
                            const struct disagreement *before, const struct disagreement *after)
{
    const struct procedure *procedure = view->procedure;
    const char *calendar = view->time.calendar ? view->time.calendar->version : "";
    int64_t number = 0;
    bool is_new;
    int answer = store_number_of(store, after->board, after->reference, &number);

    if (answer < 0)
        return answer;
    is_new = answer == STORE_NONE;
    if (is_new && before)
        return store_fail_turn(
            store, journal_fail(-EINVAL, "a disagreement to change is not in the store"));
    if ((answer = save_row(store, procedure, !is_new, after)) != STORE_OK)
        return answer;
    if (is_new && (answer = store_number_of(store, after->board, after->reference, &number)) != 0)
        return answer;

    for (size_t i = 0; i < procedure->deadline_count; i++) {
        const struct running *was = is_new ? &never_ran : before ? &before->running[i] : NULL;

        if (was && running_is_same(was, &after->running[i]))
            continue;
        answer = save_deadline(store, number, procedure->deadlines[i].id, calendar, was,
                               &after->running[i]);
        if (answer != STORE_OK)
            return answer;
    }
    return STORE_OK;
}

static bool running_is_same(const struct running *one, const struct running *other)
{
    return one->state == other->state && one->entry == other->entry &&
           one->start.us == other->start.us && one->due.us == other->due.us &&
           one->provisional == other->provisional && one->set_by_case.us == other->set_by_case.us &&
           one->extended == other->extended && one->acted_until.us == other->acted_until.us &&
           one->wake.us == other->wake.us && one->done == other->done &&
           one->changes == other->changes;
}

/* Not started, and nothing known of it: such a deadline has no row. */
static bool running_is_blank(const struct running *running)
{
    static const struct running zero;

    return running_is_same(running, &never_ran) || running_is_same(running, &zero);
}

static int clear_entries(struct store *store, enum store_statement which, int64_t number,
                         const char *id, int64_t entry)
{
    struct statement clear = statement_of(store, which);

    put_number(&clear, number);
    put_text(&clear, id);
    put_number(&clear, entry);
    return statement_run(&clear);
}

/* Earlier starts stay as rows of the past, which wake nobody; later ones, which a decision took
 * back, go.  `before` NULL: what the store holds is unknown. */
static int save_deadline(struct store *store, int64_t number, const char *id, const char *calendar,
                         const struct running *before, const struct running *after)
{
    struct statement put;
    int answer = STORE_OK;

    if (running_is_blank(after))
        return before && running_is_blank(before)
                   ? STORE_OK
                   : clear_entries(store, SQL_DEADLINE_FORGET, number, id, -1);
    if (!before || (before->entry < after->entry && !running_is_blank(before)))
        answer = clear_entries(store, SQL_DEADLINE_RETIRE, number, id, after->entry);
    if (answer == STORE_OK && (!before || before->entry > after->entry))
        answer = clear_entries(store, SQL_DEADLINE_FORGET, number, id, after->entry);
    if (answer != STORE_OK)
        return answer;

    put = statement_of(store, SQL_DEADLINE_PUT);
    put_number(&put, number);
    put_text(&put, id);
    put_number(&put, after->entry);
    put_text(&put, running_names[after->state]);
    put_instant(&put, after->start);
    put_instant(&put, after->due);
    put_number(&put, after->provisional);
    put_instant(&put, after->set_by_case);
    put_number(&put, after->extended);
    put_instant(&put, after->acted_until);
    put_instant(&put, after->wake);
    put_number(&put, after->done);
    put_number(&put, after->changes);
    put_text(&put, calendar);
    return statement_run(&put);
}

int store_leave_version(struct store *store, const char *board, const char *reference,
                        const struct procedure *from, const struct procedure *to)
{
    int64_t number = 0;
    int answer = store_number_of(store, board, reference, &number);

    for (size_t i = 0; answer == STORE_OK && i < from->deadline_count; i++)
        if (procedure_deadline(to, from->deadlines[i].id) < 0)
            answer = clear_entries(store, SQL_DEADLINE_FORGET, number, from->deadlines[i].id, -1);
    return answer;
}
