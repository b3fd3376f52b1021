/* store_claim.c - which deliveries were handed out to be sent, and are not answered. */
#include "io/store_claim.h"

#include "io/store_private.h"

int store_claim(struct store *store, const char *id, struct instant at)
{
    struct statement claim = statement_of(store, SQL_CLAIM);

    put_text(&claim, id);
    put_instant(&claim, at);
    return statement_run(&claim);
}
