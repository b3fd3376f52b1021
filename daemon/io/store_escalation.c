/* store_escalation.c - notifications that nobody accepted: when to look at them, who knows. */
#include "io/store_private.h"

int store_next_escalation(struct store *store, struct instant *at)
{
    struct statement first = statement_of(store, SQL_ESCALATE_NEXT);
    bool row;
    int answer;

    if ((answer = statement_fetch(&first, &row)) != STORE_OK)
        return answer;
    if (row)
        *at = take_instant(&first);
    return statement_answer(&first, row ? STORE_OK : STORE_NONE);
}

int store_escalations_due(struct store *store, struct instant now, char (*ids)[DELIVERY_ID_SIZE],
                          size_t max, size_t *count)
{
    struct statement due = statement_of(store, SQL_ESCALATE_DUE);
    bool row;
    int answer;

    *count = 0;
    put_number(&due, now.us);
    put_number(&due, (int64_t)max);
    while (*count < max) {
        if ((answer = statement_fetch(&due, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        take_copy(&due, ids[(*count)++], DELIVERY_ID_SIZE);
    }
    return statement_end(&due);
}

static int walk(struct statement *rows, bool (*say)(void *, const struct outbox_row *),
                void *context)
{
    bool row, on = true;
    int answer;

    while (on) {
        struct outbox_row taken;

        if ((answer = statement_fetch(rows, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        taken = store_take_outbox(rows);
        on = say(context, &taken);
    }
    return statement_end(rows);
}

int store_list_routes(struct store *store, const char *id,
                      bool (*say)(void *, const struct outbox_row *), void *context)
{
    struct statement routes = statement_of(store, SQL_OUTBOX_ROUTES);

    put_text(&routes, id);
    return walk(&routes, say, context);
}

int store_list_undelivered(struct store *store, bool (*say)(void *, const struct outbox_row *),
                           void *context)
{
    struct statement list = statement_of(store, SQL_UNDELIVERED);

    return walk(&list, say, context);
}

static int put_at(struct store *store, enum store_statement which, const char *id,
                  struct instant at)
{
    struct statement put = statement_of(store, which);

    put_text(&put, id);
    put_instant(&put, at);
    return statement_run(&put);
}

int store_put_escalation(struct store *store, const char *id, struct instant at)
{
    return put_at(store, SQL_ESCALATE_PUT, id, at);
}

int store_put_undelivered(struct store *store, const char *id, struct instant at)
{
    return put_at(store, SQL_UNDELIVERED_PUT, id, at);
}

int store_settle_escalation(struct store *store, const char *id)
{
    struct statement settle = statement_of(store, SQL_ESCALATE_SETTLE);

    put_text(&settle, id);
    return statement_run(&settle);
}
