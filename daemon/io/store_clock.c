/* store_clock.c - what is kept of times that have not come, when the clock was set back. */
#include "io/store_clock.h"

#include "io/store_private.h"

static int set_back_parked(struct store *store, struct instant now, int64_t longest_us)
{
    struct statement set = statement_of(store, SQL_SET_BACK_PARKED);

    put_number(&set, now.us);
    put_number(&set, longest_us);
    return statement_run(&set);
}

int store_set_back(struct store *store, struct instant now, int64_t parked_us)
{
    /* In this order: the first two go by what the next two change. */
    static const enum store_statement all[] = { SQL_SET_BACK_TRIES, SQL_SET_BACK_LOOKS,
                                                SQL_SET_BACK_ROUTES, SQL_SET_BACK_QUEUED,
                                                SQL_SET_BACK_GAPS };
    int answer = STORE_OK;

    for (size_t i = 0; i < COUNT_OF(all) && answer == STORE_OK; i++) {
        struct statement set = statement_of(store, all[i]);

        put_number(&set, now.us);
        answer = statement_run(&set);
    }
    return answer == STORE_OK ? set_back_parked(store, now, parked_us) : answer;
}
