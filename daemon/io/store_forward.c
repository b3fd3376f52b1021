/* store_forward.c - deliveries in whose place the same is told anew. */
#include "io/store_forward.h"

#include "io/store_private.h"

static int run(struct store *store, enum store_statement which, const char *id)
{
    struct statement statement = statement_of(store, which);

    put_text(&statement, id);
    return statement_run(&statement);
}

int store_supersede(struct store *store, const char *id)
{
    int answer = run(store, SQL_SUPERSEDE_WAITING, id);

    return answer == STORE_OK ? run(store, SQL_SUPERSEDE, id) : answer;
}

int store_dissolve(struct store *store, const char *id)
{
    int answer = run(store, SQL_DISSOLVE_ROWS, id);

    return answer == STORE_OK ? run(store, SQL_DISSOLVE, id) : answer;
}
