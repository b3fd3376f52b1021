/* store_clock.c - what is kept of times that have not come, when the clock was set back. */
#include "io/store_clock.h"

#include "io/store_private.h"

int store_set_back(struct store *store, struct instant now)
{
    /* In this order: the first two go by what the others change. */
    static const enum store_statement all[] = { SQL_SET_BACK_TRIES, SQL_SET_BACK_LOOKS,
                                                SQL_SET_BACK_ROUTES, SQL_SET_BACK_QUEUED };
    int answer = STORE_OK;

    for (size_t i = 0; i < COUNT_OF(all) && answer == STORE_OK; i++) {
        struct statement set = statement_of(store, all[i]);

        put_number(&set, now.us);
        answer = statement_run(&set);
    }
    return answer;
}
