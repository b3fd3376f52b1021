/* store_list.c - what is due, what there is, how much of it, and the engine's own names. */
#include "io/store_private.h"

#include "io/journal.h"

#include <errno.h>
#include <string.h>

int store_next_wake(struct store *store, struct instant *wake)
{
    struct statement first = statement_of(store, SQL_NEXT_WAKE);
    bool row;
    int answer;

    if ((answer = statement_fetch(&first, &row)) != STORE_OK)
        return answer;
    if (row)
        *wake = take_instant(&first);
    return statement_answer(&first, row ? STORE_OK : STORE_NONE);
}

int store_due(struct store *store, struct instant now, struct due_row *rows, size_t max,
              size_t *count)
{
    struct statement due = statement_of(store, SQL_DUE);
    bool row;
    int answer;

    *count = 0;
    put_number(&due, now.us);
    put_number(&due, (int64_t)max);
    while (*count < max) {
        struct due_row *next = &rows[*count];

        if ((answer = statement_fetch(&due, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        take_copy(&due, next->board, sizeof next->board);
        take_copy(&due, next->reference, sizeof next->reference);
        next->wake = take_instant(&due);
        ++*count;
    }
    return statement_end(&due);
}

/* The columns of DISAGREEMENT_COLUMNS. */
static struct disagreement_row take_row(struct statement *list)
{
    struct disagreement_row row = { .number = take_number(list) };

    row.board = take_text(list);
    row.reference = take_text(list);
    row.procedure = take_text(list);
    row.procedure_hash = take_text(list);
    row.state = take_text(list);
    row.stage = take_text(list);
    row.challenging = take_text(list);
    row.challenged = take_text(list);
    row.category = take_text(list);
    row.raised = take_instant(list);
    row.closed = take_instant(list);
    row.next_due = take_instant(list);
    row.next_deadline = take_text(list);
    row.provisional = take_number(list) != 0;
    return row;
}

int store_list_disagreements(struct store *store, const struct disagreement_query *query,
                             bool (*say)(void *, const struct disagreement_row *), void *context)
{
    struct statement list = statement_of(store, query->reference    ? SQL_DISAGREEMENTS_NAMED
                                                : query->closed_too ? SQL_DISAGREEMENTS_ALL
                                                                    : SQL_DISAGREEMENTS_OPEN);
    bool row, on = true;
    int answer;

    if (query->reference)
        put_text(&list, query->reference);
    put_number(&list, query->after);
    if (query->board)
        put_text(&list, query->board);
    else
        put_null(&list);
    if (query->reference)
        put_number(&list, query->closed_too);
    put_number(&list, query->most == 0 ? -1 : (int64_t)query->most);
    while (on) {
        struct disagreement_row taken;

        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        taken = take_row(&list);
        on = say(context, &taken);
    }
    return statement_end(&list);
}

int store_list_deadlines(struct store *store, const char *board, const char *reference,
                         bool (*say)(void *, const struct deadline_row *), void *context)
{
    struct statement list;
    int64_t number = 0;
    bool row, on = true;
    int answer = store_number_of(store, board, reference, &number);

    if (answer != STORE_OK)
        return answer;
    list = statement_of(store, SQL_DEADLINES);
    put_number(&list, number);
    while (on) {
        struct deadline_row taken;

        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        taken.deadline = take_text(&list);
        taken.entry = (uint32_t)take_number(&list);
        taken.state = take_text(&list);
        taken.start = take_instant(&list);
        taken.due = take_instant(&list);
        taken.wake = take_instant(&list);
        taken.provisional = take_number(&list) != 0;
        taken.calendar = take_text(&list);
        on = say(context, &taken);
    }
    return statement_end(&list);
}

/* ---- counts ------------------------------------------------------------------------------- */

static int count_one(struct store *store, enum store_statement which, int64_t *total)
{
    struct statement count = statement_of(store, which);
    bool row;
    int answer;

    if ((answer = statement_fetch(&count, &row)) != STORE_OK)
        return answer;
    *total = row ? take_number(&count) : 0;
    return statement_end(&count);
}

/* What only grows is counted once, and kept up to date by the turns. */
static int count_totals(struct store *store)
{
    int64_t events, rows;
    int answer;

    if (store->counted)
        return STORE_OK;
    if ((answer = count_one(store, SQL_COUNT_EVENTS, &events)) != STORE_OK ||
        (answer = count_one(store, SQL_COUNT_OUTBOX, &rows)) != STORE_OK)
        return answer;
    store->events = events - store->new_events;
    store->outbox_rows = rows - store->new_outbox;
    store->counted = true;
    return STORE_OK;
}

int store_count(struct store *store, struct store_counts *counts)
{
    struct statement open;
    bool row;
    int answer = count_totals(store);

    if (answer != STORE_OK)
        return answer;
    *counts = (struct store_counts){ 0 };
    open = statement_of(store, SQL_COUNT_OPEN);
    if ((answer = statement_fetch(&open, &row)) != STORE_OK)
        return answer;
    counts->disagreements_open = (uint64_t)take_number(&open);
    counts->deadlines_open = (uint64_t)take_number(&open);
    counts->outbox[OUTBOX_QUEUED] = (uint64_t)take_number(&open);
    counts->outbox[OUTBOX_REFUSED] = (uint64_t)take_number(&open);
    counts->outbox[OUTBOX_EXHAUSTED] = (uint64_t)take_number(&open);
    counts->undelivered = (uint64_t)take_number(&open);
    counts->unheard = (uint64_t)take_number(&open);
    counts->to_systems = (uint64_t)take_number(&open);
    counts->gaps_open = (uint64_t)take_number(&open);
    counts->outbox[OUTBOX_GATHERED] = (uint64_t)take_number(&open);
    counts->outbox[OUTBOX_SUPERSEDED] = (uint64_t)take_number(&open);
    counts->outbox[OUTBOX_ACCEPTED] =
        (uint64_t)(store->outbox_rows + store->new_outbox) - counts->outbox[OUTBOX_QUEUED] -
        counts->outbox[OUTBOX_REFUSED] - counts->outbox[OUTBOX_EXHAUSTED] -
        counts->outbox[OUTBOX_GATHERED] - counts->outbox[OUTBOX_SUPERSEDED];
    counts->events = (uint64_t)(store->events + store->new_events);
    counts->record = store->line.number;
    counts->log_pages = store->log_pages;
    return statement_end(&open);
}

/* ---- names of the engine's own ------------------------------------------------------------ */

int store_get_meta(struct store *store, const char *name, char value[STORE_META_SIZE])
{
    struct statement get = statement_of(store, SQL_META_GET);
    bool row;
    int answer;

    put_text(&get, name);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row)
        take_copy(&get, value, STORE_META_SIZE);
    return statement_answer(&get, row ? STORE_OK : STORE_NONE);
}

int store_put_meta(struct store *store, const char *name, const char *value)
{
    struct statement put = statement_of(store, SQL_META_PUT);

    if (strlen(value) >= STORE_META_SIZE)
        return store_fail_turn(store, journal_fail(-EINVAL, "the value of %s is too long", name));
    put_text(&put, name);
    put_text(&put, value);
    return statement_run(&put);
}
