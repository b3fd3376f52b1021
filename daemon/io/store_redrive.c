/* store_redrive.c - deliveries that have ended are sent again. */
#include "io/store_redrive.h"

#include "io/store_private.h"

int store_redrive(struct store *store, const char *id, const char *board, const char *reference,
                  struct instant now, size_t *count)
{
    struct statement put, forget, escalate;
    int64_t number = 0;
    int answer = STORE_OK;

    *count = 0;
    if (reference)
        answer = store_number_of(store, board, reference, &number);
    if (answer != STORE_OK)
        return answer == STORE_NONE ? STORE_OK : answer;
    put = statement_of(store, SQL_REDRIVE);
    put_number(&put, now.us);
    if (id)
        put_text(&put, id);
    else
        put_null(&put);
    if (reference)
        put_number(&put, number);
    else
        put_null(&put);
    if ((answer = statement_run(&put)) != STORE_OK)
        return answer;
    *count = (size_t)sqlite3_changes(store->db);
    forget = statement_of(store, SQL_REDRIVE_FORGET);
    put_number(&forget, now.us);
    if ((answer = statement_run(&forget)) != STORE_OK)
        return answer;
    escalate = statement_of(store, SQL_REDRIVE_ESCALATE);
    put_number(&escalate, now.us);
    return statement_run(&escalate);
}
