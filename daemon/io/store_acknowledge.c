/* store_acknowledge.c - notifications that somebody said he has seen. */
#include "io/store_acknowledge.h"

#include "io/store_private.h"

int store_put_acknowledged(struct store *store, const char *id, struct instant at)
{
    struct statement put = statement_of(store, SQL_ACKNOWLEDGED_PUT);

    put_text(&put, id);
    put_instant(&put, at);
    return statement_run(&put);
}

int store_get_acknowledged(struct store *store, const char *id, struct instant *at)
{
    struct statement get = statement_of(store, SQL_ACKNOWLEDGED_GET);
    bool row;
    int answer;

    put_text(&get, id);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row)
        *at = take_instant(&get);
    return statement_answer(&get, row ? STORE_OK : STORE_NONE);
}

int store_list_acknowledged(struct store *store, const char *board, const char *reference,
                            bool (*say)(void *context, const struct acknowledged_row *row),
                            void *context)
{
    struct statement list;
    int64_t number = 0;
    bool row, on = true;
    int answer = store_number_of(store, board, reference, &number);

    if (answer != STORE_OK)
        return answer == STORE_NONE ? STORE_OK : answer;
    list = statement_of(store, SQL_ACKNOWLEDGED_ABOUT);
    put_number(&list, number);
    while (on) {
        struct acknowledged_row taken;

        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        taken.id = take_text(&list);
        taken.role = take_text(&list);
        taken.at = take_instant(&list);
        taken.acknowledged = take_instant(&list);
        on = say(context, &taken);
    }
    return statement_end(&list);
}
