/* store_bounce.c - what became of deliveries behind the mail server that accepted them. */
#include "io/store_bounce.h"

#include "io/store_private.h"

int store_note_bounce(struct store *store, const char *id, const char *action, const char *status,
                      struct instant at)
{
    struct statement put = statement_of(store, SQL_BOUNCE_PUT);
    int answer;

    put_text(&put, id);
    put_text(&put, action);
    put_text(&put, status);
    put_number(&put, at.us);
    put_number(&put, STORE_BOUNCES_MAX);
    if ((answer = statement_run(&put)) != STORE_OK)
        return answer;
    return sqlite3_changes(store->db) > 0 ? STORE_OK : STORE_DUPLICATE;
}

/* The first row of the notification: what was settled begins anew. */
static int reopen(struct store *store, const char *id, struct instant at, struct instant look)
{
    struct statement put = statement_of(store, SQL_ESCALATE_REOPEN);

    put_text(&put, id);
    put_number(&put, at.us);
    put_instant(&put, look);
    return statement_run(&put);
}

int store_put_bounced(struct store *store, const struct attempt_row *attempt)
{
    struct statement put = statement_of(store, SQL_BOUNCED_ATTEMPT), move;
    int answer;

    put_text(&put, attempt->id);
    put_number(&put, attempt->at.us);
    put_number(&put, attempt->code);
    put_text(&put, attempt->detail);
    if ((answer = statement_run(&put)) != STORE_OK)
        return answer;
    if (sqlite3_changes(store->db) == 0)
        return STORE_NONE;
    move = statement_of(store, SQL_BOUNCED);
    put_text(&move, attempt->id);
    put_number(&move, attempt->at.us);
    if ((answer = statement_run(&move)) != STORE_OK)
        return answer;
    return reopen(store, attempt->id, attempt->at, INSTANT_NONE);
}

int store_put_delayed(struct store *store, const char *id, struct instant at, struct instant look)
{
    struct statement put = statement_of(store, SQL_DELAYED);
    int answer;

    put_text(&put, id);
    put_number(&put, at.us);
    if ((answer = statement_run(&put)) != STORE_OK)
        return answer;
    return sqlite3_changes(store->db) > 0 ? reopen(store, id, at, look) : STORE_NONE;
}

int store_put_arrived(struct store *store, const char *id)
{
    struct statement put = statement_of(store, SQL_ARRIVED);

    put_text(&put, id);
    return statement_run(&put);
}
