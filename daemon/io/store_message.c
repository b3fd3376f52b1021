/* store_message.c - what messages about no disagreement say. */
#include "io/store_message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/journal.h"
#include "io/store_private.h"

int store_put_message(struct store *store, const char *delivery, const char *subject,
                      const char *words)
{
    struct statement put = statement_of(store, SQL_MESSAGE_PUT);

    put_text(&put, delivery);
    put_text(&put, subject);
    put_text(&put, words);
    return statement_run(&put);
}

static struct stored_message *copy_message(const char *subject, const char *words)
{
    size_t subject_size = strlen(subject) + 1, words_size = strlen(words) + 1;
    struct stored_message *copy = malloc(sizeof *copy + subject_size + words_size);
    char *at = (char *)(copy + 1);

    if (!copy)
        return NULL;
    copy->subject = memcpy(at, subject, subject_size);
    copy->words = memcpy(at + subject_size, words, words_size);
    return copy;
}

int store_get_message(struct store *store, const char *delivery, struct stored_message **message)
{
    struct statement get = statement_of(store, SQL_MESSAGE_GET);
    struct stored_message *copy = NULL;
    bool row;
    int answer;

    put_text(&get, delivery);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row) {
        const char *subject = take_text(&get);

        copy = copy_message(subject, take_text(&get));
        if (!copy)
            return statement_answer(&get, journal_fail(-ENOMEM, "no memory for a message"));
    }
    answer = statement_answer(&get, row ? STORE_OK : STORE_NONE);
    if (answer == STORE_OK)
        *message = copy;
    else
        free(copy);
    return answer;
}
