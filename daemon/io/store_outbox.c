/* store_outbox.c - rendered notifications on their way, and what came of each attempt. */
#include "io/store_private.h"

#include "io/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[OUTBOX_STATE_COUNT] = {
    [OUTBOX_QUEUED] = "queued",     [OUTBOX_ACCEPTED] = "accepted",
    [OUTBOX_REFUSED] = "refused",   [OUTBOX_EXHAUSTED] = "exhausted",
    [OUTBOX_GATHERED] = "gathered", [OUTBOX_SUPERSEDED] = "superseded",
};

static const char *const outcome_names[] = {
    [DELIVERY_DONE] = "done",
    [DELIVERY_LATER] = "later",
    [DELIVERY_REFUSED] = "refused",
};

const char *outbox_state_name(enum outbox_state state)
{
    return state_names[state];
}

int store_put_outbox(struct store *store, const struct outbox_row *row)
{
    struct statement put;
    int64_t number = 0;
    int answer = STORE_OK;

    if (*row->reference)
        answer = store_number_of(store, row->board, row->reference, &number);
    if (answer < 0)
        return answer;
    if (answer != STORE_OK || row->size == 0 || row->size > DELIVERY_BYTES_MAX)
        return store_fail_turn(store, journal_fail(-EINVAL, "a notification about no disagreement "
                                                            "of the store, or of no size"));
    put = statement_of(store, SQL_OUTBOX_PUT);
    put_text(&put, row->id);
    if (number > 0)
        put_number(&put, number);
    else
        put_null(&put);
    put_text(&put, row->key);
    put_number(&put, row->position);
    put_text(&put, row->person);
    put_text(&put, row->role);
    put_text(&put, route_name(row->route));
    put_text(&put, row->recipient);
    put_number(&put, row->priority);
    put_number(&put, row->at.us);
    put_number(&put, row->late);
    put_instant(&put, row->next_try);
    put_blob(&put, row->bytes, row->size);
    if (row->record > 0)
        put_number(&put, (int64_t)row->record);
    else
        put_null(&put);
    put_number(&put, row->queued.us);
    put_instant(&put, row->escalate.us == 0 ? INSTANT_NONE : row->escalate);
    if (row->agency)
        put_text(&put, row->agency);
    else
        put_null(&put);
    answer = statement_run(&put);
    if (answer == STORE_OK)
        store->new_outbox++;
    return answer;
}

/* ---- what is due -------------------------------------------------------------------------- */

int store_next_lane(struct store *store, const char *after, char lane[ADDRESS_MAX + 1])
{
    struct statement next = statement_of(store, SQL_OUTBOX_LANE);
    bool row;
    int answer;

    if (after)
        put_text(&next, after);
    else
        put_number(&next, 0); /* a number comes before every text, the empty one too */
    if ((answer = statement_fetch(&next, &row)) != STORE_OK)
        return answer;
    if (row)
        take_copy(&next, lane, ADDRESS_MAX + 1);
    return statement_answer(&next, row ? STORE_OK : STORE_NONE);
}

int store_outbox_due(struct store *store, const char *lane, enum priority priority,
                     struct instant now, struct outbox_place *place,
                     enum outbox_walk (*take)(void *context, const struct outbox_row *row),
                     void *context)
{
    struct statement rows = statement_of(store, SQL_OUTBOX_DUE);
    enum outbox_walk walk = OUTBOX_GO_ON;
    bool row;
    int answer;

    put_text(&rows, lane);
    put_number(&rows, (int64_t)priority);
    put_number(&rows, now.us);
    put_number(&rows, instant_is_none(place->next_try) ? INT64_MIN : place->next_try.us);
    put_number(&rows, place->number);
    while (walk == OUTBOX_GO_ON) {
        struct outbox_row taken;

        if ((answer = statement_fetch(&rows, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        taken = store_take_outbox(&rows);
        walk = take(context, &taken);
        if (walk == OUTBOX_GO_ON)
            *place = (struct outbox_place){ taken.next_try, taken.number };
    }
    return statement_end(&rows);
}

int store_outbox_next_try(struct store *store, const char *lane, struct instant after,
                          struct instant *next_try)
{
    struct instant earliest = INSTANT_NONE;
    bool row;
    int answer;

    for (int priority = PRIORITY_IMMEDIATE; priority >= PRIORITY_NORMAL; priority--) {
        struct statement first = statement_of(store, SQL_OUTBOX_NEXT_TRY);
        struct instant at;

        put_text(&first, lane);
        put_number(&first, priority);
        put_number(&first, instant_is_none(after) ? INT64_MIN : after.us);
        if ((answer = statement_fetch(&first, &row)) != STORE_OK)
            return answer;
        at = row ? take_instant(&first) : INSTANT_NONE;
        if (!instant_is_none(at) && (instant_is_none(earliest) || at.us < earliest.us))
            earliest = at;
        if ((answer = statement_end(&first)) != STORE_OK)
            return answer;
    }
    if (instant_is_none(earliest))
        return STORE_NONE;
    *next_try = earliest;
    return STORE_OK;
}

/* ---- one row ------------------------------------------------------------------------------ */

static int index_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

static int route_of(const char *name)
{
    for (int i = 0; i < ROUTE_COUNT; i++)
        if (strcmp(route_name((enum route_kind)i), name) == 0)
            return i;
    return -1;
}

struct outbox_row store_take_outbox(struct statement *rows)
{
    struct outbox_row row = { 0 };
    int route, state;

    take_copy(rows, row.id, sizeof row.id);
    row.board = take_text(rows);
    row.reference = take_text(rows);
    row.key = take_text(rows);
    row.position = (uint32_t)take_number(rows);
    row.person = take_text(rows);
    row.role = take_text(rows);
    route = route_of(take_text(rows));
    row.recipient = take_text(rows);
    row.priority = (enum priority)take_number(rows);
    row.at = take_instant(rows);
    row.late = take_number(rows) != 0;
    state = index_of(state_names, COUNT_OF(state_names), take_text(rows));
    row.attempts = (uint32_t)take_number(rows);
    row.first_tried = take_instant(rows);
    row.next_try = take_instant(rows);
    row.bytes = take_blob(rows, &row.size);
    row.last_code = (int)take_number(rows);
    row.last_detail = take_text(rows);
    row.number = take_number(rows);
    row.record = (uint64_t)take_number(rows);
    row.queued = take_instant(rows);
    row.escalate = take_instant(rows);
    row.undelivered = take_instant(rows);
    row.delayed = take_instant(rows);
    row.agency = take_some(rows);
    row.silence = take_number(rows);
    row.handed = take_instant(rows);
    row.attempts_before = (uint32_t)take_number(rows);
    if (instant_is_none(row.queued)) /* of a store that did not keep it */
        row.queued = row.at;
    if (route < 0 || state < 0)
        rows->fault = SQLITE_CORRUPT;
    row.route = route < 0 ? ROUTE_EMAIL : (enum route_kind)route;
    row.state = state < 0 ? OUTBOX_QUEUED : (enum outbox_state)state;
    return row;
}

/* A row and all its texts in one piece of memory. */
static struct outbox_row *copy_row(const struct outbox_row *row)
{
    const char **texts[8];
    struct outbox_row *copy;
    size_t total = sizeof *copy + row->size + 1;
    char *at;

    total += strlen(row->board) + strlen(row->reference) + strlen(row->key) + strlen(row->person) +
             strlen(row->role) + strlen(row->recipient) + strlen(row->last_detail) +
             strlen(row->agency ? row->agency : "") + COUNT_OF(texts);
    copy = malloc(total);
    if (!copy)
        return NULL;
    *copy = *row;
    texts[0] = &copy->board;
    texts[1] = &copy->reference;
    texts[2] = &copy->key;
    texts[3] = &copy->person;
    texts[4] = &copy->role;
    texts[5] = &copy->recipient;
    texts[6] = &copy->last_detail;
    texts[7] = &copy->agency;
    at = (char *)(copy + 1);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        size_t length = *texts[i] ? strlen(*texts[i]) + 1 : 0;

        if (length == 0)
            continue;
        *texts[i] = memcpy(at, *texts[i], length);
        at += length;
    }
    memcpy(at, row->bytes, row->size);
    at[row->size] = '\0';
    copy->bytes = at;
    return copy;
}

int store_get_outbox(struct store *store, const char *id, struct outbox_row **row_p)
{
    struct statement get = statement_of(store, SQL_OUTBOX_GET);
    struct outbox_row *copy = NULL;
    bool row;
    int answer;

    put_text(&get, id);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row) {
        struct outbox_row taken = store_take_outbox(&get);

        copy = copy_row(&taken);
        if (!copy)
            return statement_answer(&get, journal_fail(-ENOMEM, "no memory for a delivery"));
    }
    answer = statement_answer(&get, row ? STORE_OK : STORE_NONE);
    if (answer == STORE_OK)
        *row_p = copy;
    else
        free(copy);
    return answer;
}

void outbox_row_close(struct outbox_row **row)
{
    free(*row);
    *row = NULL;
}

/* ---- attempts ----------------------------------------------------------------------------- */

int store_put_attempt(struct store *store, const struct attempt_row *attempt)
{
    struct statement put = statement_of(store, SQL_ATTEMPT_PUT);
    struct statement move;
    int answer;

    put_text(&put, attempt->id);
    put_number(&put, attempt->number);
    put_number(&put, attempt->at.us);
    put_text(&put, outcome_names[attempt->outcome]);
    put_number(&put, attempt->ambiguous);
    put_number(&put, attempt->code);
    put_text(&put, attempt->detail);
    if ((answer = statement_run(&put)) != STORE_OK)
        return answer;
    if (sqlite3_changes(store->db) == 0)
        return STORE_NONE;

    move = statement_of(store, SQL_OUTBOX_MOVE);
    put_text(&move, attempt->id);
    put_text(&move, state_names[attempt->state]);
    put_number(&move, attempt->number);
    put_instant(&move, attempt->at);
    put_instant(&move, attempt->state == OUTBOX_QUEUED ? attempt->next_try : INSTANT_NONE);
    return statement_run(&move);
}

int store_try_again(struct store *store, struct instant now)
{
    struct statement again = statement_of(store, SQL_OUTBOX_AGAIN);

    put_number(&again, now.us);
    return statement_run(&again);
}

int store_list_attempts(struct store *store, const char *id,
                        bool (*say)(void *, const struct attempt_row *), void *context)
{
    struct statement list = statement_of(store, SQL_ATTEMPTS);
    bool row, on = true;
    int answer;

    put_text(&list, id);
    while (on) {
        struct attempt_row attempt = { .id = id, .next_try = INSTANT_NONE };
        int outcome;

        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        attempt.number = (uint32_t)take_number(&list);
        attempt.at = take_instant(&list);
        outcome = index_of(outcome_names, COUNT_OF(outcome_names), take_text(&list));
        attempt.outcome = outcome < 0 ? DELIVERY_LATER : (enum delivery_outcome)outcome;
        attempt.ambiguous = take_number(&list) != 0;
        attempt.code = (int)take_number(&list);
        attempt.detail = take_text(&list);
        on = say(context, &attempt);
    }
    return statement_end(&list);
}

/* ---- lists -------------------------------------------------------------------------------- */

int store_list_outbox(struct store *store, const struct outbox_query *query,
                      bool (*say)(void *, const struct outbox_row *), void *context)
{
    bool about = query->board && query->reference;
    struct statement list;
    int64_t number = 0;
    bool row, on = true;
    int answer;

    if (about && *query->reference) {
        answer = store_number_of(store, query->board, query->reference, &number);
        if (answer != STORE_OK)
            return answer == STORE_NONE ? STORE_OK : answer;
    }
    list = statement_of(store, about              ? SQL_OUTBOX_ABOUT
                               : query->ended_too ? SQL_OUTBOX_ALL
                                                  : SQL_OUTBOX_QUEUED);
    if (about) {
        put_number(&list, number);
        put_number(&list, query->ended_too);
    }
    put_number(&list, query->most == 0 ? -1 : (int64_t)query->most);
    while (on) {
        struct outbox_row taken;

        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        taken = store_take_outbox(&list);
        on = say(context, &taken);
    }
    return statement_end(&list);
}
