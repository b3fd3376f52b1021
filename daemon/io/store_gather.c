/* store_gather.c - notifications that wait to go out together, and what they went in. */
#include "io/store_gather.h"

#include "io/store_private.h"

#include <string.h>

int store_put_gathering(struct store *store, const char *id, const struct gathering_row *row)
{
    struct statement put = statement_of(store, SQL_GATHERING_PUT);

    put_text(&put, id);
    put_instant(&put, row->until);
    put_instant(&put, row->act_by);
    put_text(&put, row->gist);
    put_text(&put, row->holdings);
    put_text(&put, row->dates);
    put_text(&put, row->entries);
    return statement_run(&put);
}

int store_stop_trying(struct store *store, const char *id)
{
    struct statement stop = statement_of(store, SQL_GATHERING_STOP);

    put_text(&stop, id);
    return statement_run(&stop);
}

int store_gathering_wake(struct store *store, struct instant *wake)
{
    struct statement first = statement_of(store, SQL_GATHERING_WAKE);
    bool row;
    int answer = statement_fetch(&first, &row);

    if (answer != STORE_OK)
        return answer;
    if (row)
        *wake = take_instant(&first);
    return statement_answer(&first, row ? STORE_OK : STORE_NONE);
}

static enum route_kind route_of(const char *name)
{
    for (int i = 0; i < ROUTE_COUNT; i++)
        if (strcmp(route_name((enum route_kind)i), name) == 0)
            return (enum route_kind)i;
    return ROUTE_EMAIL;
}

static struct gathering_row take_row(struct statement *rows)
{
    struct gathering_row row = { .number = take_number(rows) };

    take_copy(rows, row.id, sizeof row.id);
    row.board = take_text(rows);
    row.reference = take_text(rows);
    row.person = take_text(rows);
    row.role = take_text(rows);
    row.route = route_of(take_text(rows));
    row.recipient = take_text(rows);
    row.position = (uint32_t)take_number(rows);
    row.at = take_instant(rows);
    row.until = take_instant(rows);
    row.act_by = take_instant(rows);
    row.gist = take_text(rows);
    row.holdings = take_text(rows);
    row.agency = take_some(rows);
    row.is_acknowledged = take_number(rows) != 0;
    row.dates = take_text(rows);
    row.entries = take_text(rows);
    row.disagreement = take_number(rows);
    row.state = store_state_of(take_text(rows));
    row.closed = take_instant(rows);
    row.is_over = row.state != DISAGREEMENT_OPEN;
    return row;
}

static int walk(struct statement *rows, bool (*say)(void *, const struct gathering_row *),
                void *context)
{
    bool there, on = true;

    while (on) {
        struct gathering_row row;
        int answer = statement_fetch(rows, &there);

        if (answer != STORE_OK)
            return answer;
        if (!there)
            break;
        row = take_row(rows);
        on = say(context, &row);
    }
    return statement_end(rows);
}

int store_list_gathering(struct store *store, struct instant now, size_t most,
                         bool (*say)(void *, const struct gathering_row *), void *context)
{
    struct statement rows = statement_of(store, SQL_GATHERING_DUE);

    put_instant(&rows, now);
    put_number(&rows, (int64_t)most);
    return walk(&rows, say, context);
}

int store_list_gathered(struct store *store, const char *id,
                        bool (*say)(void *, const struct gathering_row *), void *context)
{
    struct statement rows = statement_of(store, SQL_GATHERED);

    put_text(&rows, id);
    return walk(&rows, say, context);
}

int store_get_running(struct store *store, int64_t number, const char *deadline, int64_t entry,
                      struct running *running, bool *is_anew)
{
    struct statement get = statement_of(store, SQL_DEADLINE_GET);
    bool row;
    int answer;

    put_number(&get, number);
    put_text(&get, deadline);
    put_number(&get, entry);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row) {
        running->state = store_running_of(take_text(&get));
        running->due = take_instant(&get);
        running->acted_until = take_instant(&get);
        *is_anew = take_number(&get) != 0;
    }
    return statement_answer(&get, row ? STORE_OK : STORE_NONE);
}

int store_move_gathering(struct store *store, int64_t number, struct instant until)
{
    struct statement move = statement_of(store, SQL_GATHERING_MOVE);

    put_number(&move, number);
    put_instant(&move, until);
    return statement_run(&move);
}

int store_release_gathering(struct store *store, int64_t number, struct instant due,
                            struct instant now, struct instant escalate)
{
    struct statement release = statement_of(store, SQL_GATHERING_RELEASE), forget;
    int answer;

    put_number(&release, number);
    put_instant(&release, due);
    put_instant(&release, now);
    put_instant(&release, escalate);
    if ((answer = statement_run(&release)) != STORE_OK)
        return answer;
    forget = statement_of(store, SQL_GATHERING_FORGET);
    put_number(&forget, number);
    return statement_run(&forget);
}

int store_end_gathering(struct store *store, const struct gathering_row *row, const char *digest)
{
    struct statement in = statement_of(store, SQL_GATHERING_IN), end;
    int answer;

    put_number(&in, row->number);
    put_text(&in, digest);
    if ((answer = statement_run(&in)) != STORE_OK)
        return answer;
    end = statement_of(store, SQL_GATHERING_END);
    put_number(&end, row->number);
    answer = statement_run(&end);
    return answer == STORE_OK ? store_settle_escalation(store, row->id) : answer;
}

int store_find_gathering(struct store *store, const char *id, struct instant *until,
                         char digest[DELIVERY_ID_SIZE])
{
    struct statement find = statement_of(store, SQL_GATHERING_FIND);
    bool row;
    int answer;

    put_text(&find, id);
    if ((answer = statement_fetch(&find, &row)) != STORE_OK)
        return answer;
    if (row) {
        *until = take_instant(&find);
        take_copy(&find, digest, DELIVERY_ID_SIZE);
    }
    return statement_answer(&find, row ? STORE_OK : STORE_NONE);
}
