/* store_silence.c - maintenance silences, and the deliveries they hold. */
#include "io/store_silence.h"

#include "io/store_private.h"

#include <string.h>

int store_put_silence(struct store *store, struct silence_row *row)
{
    struct statement put = statement_of(store, SQL_SILENCE_PUT);
    int answer;

    put_text(&put, silencing_kind_name(row->silencing.kind));
    put_text(&put, row->silencing.of);
    put_number(&put, row->silencing.since.us);
    put_number(&put, row->silencing.until.us);
    put_text(&put, row->reason);
    put_text(&put, row->by);
    answer = statement_run(&put);
    row->silencing.number = sqlite3_last_insert_rowid(store->db);
    return answer;
}

int store_end_silence(struct store *store, int64_t number, struct instant at)
{
    struct statement end = statement_of(store, SQL_SILENCE_END);

    put_number(&end, number);
    put_number(&end, at.us);
    return statement_run(&end);
}

static struct silence_row take_silence(struct statement *rows)
{
    struct silence_row row = { .silencing = { .number = take_number(rows) } };
    const char *kind = take_text(rows);
    int found = -1;

    for (int i = 0; i < SILENCING_KIND_COUNT; i++)
        if (strcmp(silencing_kind_name((enum silencing_kind)i), kind) == 0)
            found = i;
    if (found < 0)
        rows->fault = SQLITE_CORRUPT;
    row.silencing.kind = found < 0 ? SILENCING_ENDPOINT : (enum silencing_kind)found;
    take_copy(rows, row.silencing.of, sizeof row.silencing.of);
    row.silencing.since = take_instant(rows);
    row.silencing.until = take_instant(rows);
    take_copy(rows, row.reason, sizeof row.reason);
    take_copy(rows, row.by, sizeof row.by);
    row.held = (uint64_t)take_number(rows);
    return row;
}

int store_list_silences(struct store *store, bool (*say)(void *, const struct silence_row *),
                        void *context)
{
    struct statement list = statement_of(store, SQL_SILENCES);
    bool row, on = true;
    int answer;

    while (on) {
        struct silence_row taken;

        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        taken = take_silence(&list);
        on = say(context, &taken);
    }
    return statement_end(&list);
}

int store_ended_silence(struct store *store, int64_t *number)
{
    struct statement first = statement_of(store, SQL_SILENCE_ENDED);
    bool row;
    int answer = statement_fetch(&first, &row);

    if (answer != STORE_OK)
        return answer;
    if (row)
        *number = take_number(&first);
    return statement_answer(&first, row ? STORE_OK : STORE_NONE);
}

int store_list_held(struct store *store, int64_t number, char (*ids)[DELIVERY_ID_SIZE], size_t max,
                    size_t *count)
{
    struct statement list = statement_of(store, SQL_HELD);
    bool row;
    int answer;

    *count = 0;
    put_number(&list, number);
    put_number(&list, (int64_t)max);
    while (*count < max) {
        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        take_copy(&list, ids[(*count)++], DELIVERY_ID_SIZE);
    }
    return statement_end(&list);
}

int store_list_holdable(struct store *store, struct instant now,
                        bool (*say)(void *, const struct outbox_row *), void *context)
{
    struct statement list = statement_of(store, SQL_HOLDABLE);
    bool row, on = true;
    int answer;

    put_number(&list, now.us);
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

int store_hold(struct store *store, const char *id, const struct silencing *silencing)
{
    struct statement hold = statement_of(store, SQL_HOLD);
    int answer;

    put_text(&hold, id);
    put_number(&hold, silencing->number);
    put_number(&hold, silencing->until.us);
    answer = statement_run(&hold);
    return answer == STORE_OK && sqlite3_changes(store->db) == 0 ? STORE_NONE : answer;
}

int store_let_go(struct store *store, const char *id, struct instant now, struct instant escalate)
{
    struct statement go = statement_of(store, SQL_LET_GO), first;
    int answer;

    put_text(&go, id);
    put_number(&go, now.us);
    if ((answer = statement_run(&go)) != STORE_OK)
        return answer;
    first = statement_of(store, SQL_LET_GO_FIRST);
    put_text(&first, id);
    put_number(&first, now.us);
    put_number(&first, escalate.us);
    return statement_run(&first);
}

int store_escalate_sooner(struct store *store, struct instant until, struct instant now)
{
    struct statement put = statement_of(store, SQL_ESCALATE_SOONER);

    put_number(&put, until.us);
    put_number(&put, now.us);
    return statement_run(&put);
}

int store_rewrite(struct store *store, const char *id, const char *bytes, size_t size)
{
    struct statement put = statement_of(store, SQL_REWRITE);

    put_text(&put, id);
    put_blob(&put, bytes, size);
    return statement_run(&put);
}
