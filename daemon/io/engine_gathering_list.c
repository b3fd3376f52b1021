/* engine_gathering_list.c - rows of notifications that wait, with their texts. */
#include <stdlib.h>
#include <string.h>

#include "io/engine_gather.h"

bool gathering_list_add(void *context, const struct gathering_row *row)
{
    struct gathering_list *list = context;
    struct gathering_row *copy;
    const char **texts[10];
    size_t size = 0;
    char *at;

    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        struct gathering_row *grown = reallocarray(list->rows, capacity, sizeof *grown);

        list->failed = !grown;
        if (!grown)
            return false;
        list->rows = grown;
        list->capacity = capacity;
    }
    copy = &list->rows[list->count];
    *copy = *row;
    texts[0] = &copy->board; /* the first: what is freed */
    texts[1] = &copy->reference;
    texts[2] = &copy->person;
    texts[3] = &copy->role;
    texts[4] = &copy->recipient;
    texts[5] = &copy->gist;
    texts[6] = &copy->holdings;
    texts[7] = &copy->dates;
    texts[8] = &copy->entries;
    texts[9] = &copy->agency; /* the only one that may be none */
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        size += *texts[i] ? strlen(*texts[i]) + 1 : 0;
    at = malloc(size);
    list->failed = !at;
    for (size_t i = 0; at && i < COUNT_OF(texts) && *texts[i]; i++) {
        size_t length = strlen(*texts[i]) + 1;

        *texts[i] = memcpy(at, *texts[i], length);
        at += length;
    }
    list->count += !list->failed;
    return !list->failed;
}

void gathering_list_close(struct gathering_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free((char *)list->rows[i].board);
    free(list->rows);
    *list = (struct gathering_list){ 0 };
}
