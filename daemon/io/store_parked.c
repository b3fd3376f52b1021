/* store_parked.c - events that wait for what is missing before them. */
#include "io/store_private.h"

static void take_parked(struct statement *statement, struct parked_row *row)
{
    take_copy(statement, row->source, sizeof row->source);
    take_copy(statement, row->id, sizeof row->id);
    take_copy(statement, row->seqepoch, sizeof row->seqepoch);
    row->sequence = (uint64_t)take_number(statement);
    take_copy(statement, row->board, sizeof row->board);
    take_copy(statement, row->reference, sizeof row->reference);
    row->record = (uint64_t)take_number(statement);
    take_copy(statement, row->key, sizeof row->key);
    row->feed = take_number(statement) != 0;
    row->since = take_instant(statement);
    row->until = take_instant(statement);
}

/* One row of a bound statement, or STORE_NONE. */
static int take_one(struct statement *statement, struct parked_row *row)
{
    bool found;
    int answer = statement_fetch(statement, &found);

    if (answer != STORE_OK)
        return answer;
    if (found)
        take_parked(statement, row);
    return statement_answer(statement, found ? STORE_OK : STORE_NONE);
}

/* The number a bound statement gives, or STORE_NONE where it is NULL. */
static int take_instant_of(struct statement *statement, struct instant *at)
{
    bool found;
    int answer = statement_fetch(statement, &found);

    if (answer != STORE_OK)
        return answer;
    *at = found ? take_instant(statement) : INSTANT_NONE;
    return statement_answer(statement, instant_is_none(*at) ? STORE_NONE : STORE_OK);
}

int store_put_parked(struct store *store, const struct parked_row *row)
{
    struct statement put = statement_of(store, SQL_PARKED_PUT);

    put_text(&put, row->source);
    put_text(&put, row->id);
    put_text(&put, row->seqepoch);
    put_number(&put, (int64_t)row->sequence);
    put_text(&put, row->board);
    put_text(&put, row->reference);
    put_number(&put, (int64_t)row->record);
    put_text(&put, row->key);
    put_number(&put, row->feed);
    put_instant(&put, row->since);
    put_instant(&put, row->until);
    return statement_run(&put);
}

int store_find_parked(struct store *store, const char *source, const char *id,
                      struct parked_row *row)
{
    struct statement find = statement_of(store, SQL_PARKED_FIND);

    put_text(&find, source);
    put_text(&find, id);
    return take_one(&find, row);
}

int store_first_parked(struct store *store, const char *source, const char *seqepoch,
                       struct parked_row *row)
{
    struct statement first = statement_of(store, SQL_PARKED_FIRST);

    put_text(&first, source);
    put_text(&first, seqepoch);
    return take_one(&first, row);
}

int store_parked_due(struct store *store, struct instant now, struct parked_row *row)
{
    struct statement due = statement_of(store, SQL_PARKED_DUE);

    put_instant(&due, now);
    return take_one(&due, row);
}

int store_parked_before(struct store *store, const struct event *event, struct parked_row *row)
{
    struct statement before = statement_of(store, SQL_PARKED_BEFORE);

    put_text(&before, event->source);
    put_text(&before, event->seqepoch);
    put_number(&before, (int64_t)event->sequence);
    put_text(&before, event->board);
    put_text(&before, event->subject);
    return take_one(&before, row);
}

int store_parked_wake(struct store *store, struct instant *wake)
{
    struct statement next = statement_of(store, SQL_PARKED_WAKE);

    return take_instant_of(&next, wake);
}

int store_gap_before(struct store *store, const char *source, const char *seqepoch,
                     uint64_t sequence, struct instant *found)
{
    struct statement before = statement_of(store, SQL_GAP_BEFORE);

    put_text(&before, source);
    put_text(&before, seqepoch);
    put_number(&before, (int64_t)sequence);
    return take_instant_of(&before, found);
}

int store_count_parked(struct store *store, const char *source, size_t *count)
{
    struct statement of = statement_of(store, SQL_PARKED_COUNT);
    bool row;
    int answer;

    put_text(&of, source);
    if ((answer = statement_fetch(&of, &row)) != STORE_OK)
        return answer;
    *count = row ? (size_t)take_number(&of) : 0;
    return statement_end(&of);
}

int store_move_parked(struct store *store, const struct parked_row *row, struct instant until)
{
    struct statement move = statement_of(store, SQL_PARKED_MOVE);

    put_text(&move, row->source);
    put_text(&move, row->id);
    put_instant(&move, until);
    return statement_run(&move);
}

int store_drop_parked(struct store *store, const struct parked_row *row)
{
    struct statement drop = statement_of(store, SQL_PARKED_DROP);

    put_text(&drop, row->source);
    put_text(&drop, row->id);
    return statement_run(&drop);
}

int store_list_parked(struct store *store, const char *board, const char *reference,
                      bool (*say)(void *, const struct parked_row *), void *context)
{
    struct statement list = statement_of(store, SQL_PARKED_ABOUT);
    struct parked_row parked;
    bool row, on = true;
    int answer;

    put_text(&list, board);
    put_text(&list, reference);
    while (on) {
        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        take_parked(&list, &parked);
        on = say(context, &parked);
    }
    return statement_end(&list);
}
