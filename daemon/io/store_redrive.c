/* store_redrive.c - deliveries that nobody accepted are sent again. */
#include "io/store_redrive.h"

#include "io/store_private.h"

static int redrive(struct store *store, enum store_statement which, const char *id,
                   const int64_t *number, struct instant now, size_t *count)
{
    struct statement put = statement_of(store, which);
    int answer;

    put_number(&put, now.us);
    if (id)
        put_text(&put, id);
    else
        put_null(&put);
    if (number)
        put_number(&put, *number);
    else
        put_null(&put);
    answer = statement_run(&put);
    if (answer == STORE_OK)
        *count += (size_t)sqlite3_changes(store->db);
    return answer;
}

int store_escalate_undelivered(struct store *store, struct instant now)
{
    struct statement put = statement_of(store, SQL_ESCALATE_UNDELIVERED);

    put_number(&put, now.us);
    return statement_run(&put);
}

int store_redrive(struct store *store, const char *id, const char *board, const char *reference,
                  struct instant now, size_t *count)
{
    struct statement forget, escalate;
    int64_t number = 0;
    int answer = STORE_OK;

    *count = 0;
    if (reference)
        answer = store_number_of(store, board, reference, &number);
    if (answer != STORE_OK)
        return answer == STORE_NONE ? STORE_OK : answer;
    answer = redrive(store, SQL_REDRIVE_UNDELIVERED, id, reference ? &number : NULL, now, count);
    if (answer == STORE_OK)
        answer = redrive(store, SQL_REDRIVE, id, reference ? &number : NULL, now, count);
    if (answer != STORE_OK)
        return answer;
    forget = statement_of(store, SQL_REDRIVE_FORGET);
    put_number(&forget, now.us);
    if ((answer = statement_run(&forget)) != STORE_OK)
        return answer;
    escalate = statement_of(store, SQL_REDRIVE_ESCALATE);
    put_number(&escalate, now.us);
    answer = statement_run(&escalate);
    return answer == STORE_OK ? store_escalate_undelivered(store, now) : answer;
}
