/* store_word.c - what people must know of deliveries that failed, and are told in lists. */
#include "io/store_word.h"

#include "io/store_private.h"

int store_put_word(struct store *store, const struct word_row *row, struct instant now)
{
    struct statement prune = statement_of(store, SQL_WORDS_PRUNE);
    struct statement put;
    int answer;

    put_number(&prune, now.us - DAY_US);
    if ((answer = statement_run(&prune)) != STORE_OK)
        return answer;
    put = statement_of(store, SQL_WORD_PUT);
    put_text(&put, row->listener);
    put_text(&put, row->kind);
    put_text(&put, row->about);
    put_text(&put, row->line);
    put_text(&put, row->text);
    put_number(&put, now.us);
    return statement_run(&put);
}

int store_next_words(struct store *store, const struct word_group *after, struct word_group *group)
{
    struct statement next = statement_of(store, SQL_WORDS_NEXT);
    bool row;
    int answer;

    put_text(&next, after ? after->listener : "");
    put_text(&next, after ? after->kind : "");
    if ((answer = statement_fetch(&next, &row)) != STORE_OK)
        return answer;
    if (row) {
        take_copy(&next, group->listener, sizeof group->listener);
        take_copy(&next, group->kind, sizeof group->kind);
    }
    return statement_answer(&next, row ? STORE_OK : STORE_NONE);
}

static void put_group(struct statement *statement, const struct word_group *group)
{
    put_text(statement, group->listener);
    put_text(statement, group->kind);
}

int store_list_words(struct store *store, const struct word_group *group,
                     bool (*say)(void *, const struct word_row *), void *context)
{
    struct statement list = statement_of(store, SQL_WORDS);
    bool row, on = true;
    int answer;

    put_group(&list, group);
    while (on) {
        struct word_row word = { .listener = group->listener, .kind = group->kind };

        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        word.number = take_number(&list);
        word.about = take_text(&list);
        word.line = take_text(&list);
        word.text = take_text(&list);
        on = say(context, &word);
    }
    return statement_end(&list);
}

int store_tell_words(struct store *store, const struct word_group *group, int64_t last,
                     struct instant now)
{
    struct statement told = statement_of(store, SQL_WORDS_TOLD);

    put_group(&told, group);
    put_number(&told, now.us);
    put_number(&told, last);
    return statement_run(&told);
}

int store_words_told(struct store *store, const struct word_group *group, struct instant *told)
{
    struct statement last = statement_of(store, SQL_WORDS_LAST);
    bool row;
    int answer;

    *told = INSTANT_NONE;
    put_group(&last, group);
    if ((answer = statement_fetch(&last, &row)) != STORE_OK)
        return answer;
    if (row)
        *told = take_instant(&last);
    return statement_answer(&last, STORE_OK);
}
