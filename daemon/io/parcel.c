/* parcel.c - a delivery with bytes of its own, and how it crosses between threads. */
#include "io/parcel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

enum {
    LOCAL_PART_TOLD_MIN = 3 /* a shorter one would take out half of all words */
};

static struct parcel *make(const struct delivery *delivery, const void *bytes, size_t size)
{
    struct parcel *parcel = malloc(sizeof *parcel + size);

    if (!parcel)
        return NULL;
    parcel->delivery = *delivery;
    parcel->delivery.bytes = parcel->bytes;
    parcel->delivery.size = size;
    memcpy(parcel->bytes, bytes, size);
    return parcel;
}

struct parcel *parcel_of(const struct delivery *delivery)
{
    return make(delivery, delivery->bytes, delivery->size);
}

void parcel_close(struct parcel **parcel)
{
    free(*parcel);
    *parcel = NULL;
}

int parcel_write(zmsg_t *message, const struct delivery *delivery)
{
    if (zmsg_addmem(message, delivery, sizeof *delivery) ||
        zmsg_addmem(message, delivery->bytes, delivery->size))
        return -ENOMEM;
    return 0;
}

struct parcel *parcel_read(zmsg_t *message)
{
    CLEANUP(zframe_destroy) zframe_t *values = zmsg_pop(message);
    CLEANUP(zframe_destroy) zframe_t *bytes = zmsg_pop(message);
    struct delivery delivery;

    if (!values || !bytes || zframe_size(values) != sizeof delivery)
        return NULL;
    memcpy(&delivery, zframe_data(values), sizeof delivery);
    return make(&delivery, zframe_data(bytes), zframe_size(bytes));
}

int outcome_send(zsock_t *socket, const struct outcome *outcome)
{
    CLEANUP(zframe_destroy) zframe_t *frame = zframe_new(outcome, sizeof *outcome);

    return frame && zframe_send(&frame, socket, 0) == 0 ? 0 : -EIO;
}

bool outcome_read(zmsg_t *message, struct outcome *outcome)
{
    zframe_t *frame = zmsg_first(message);

    if (zmsg_size(message) != 1 || zframe_size(frame) != sizeof *outcome)
        return false;
    memcpy(outcome, zframe_data(frame), sizeof *outcome);
    return true;
}

struct outcome outcome_of(const struct delivery *delivery)
{
    struct outcome outcome = {
        .attempt = delivery->attempt,
        .route = delivery->route,
        .outcome = DELIVERY_LATER,
    };

    memcpy(outcome.id, delivery->id, sizeof outcome.id);
    return outcome;
}

/* Whether a word names a person: an address, written plainly or as in a URL, or the part of
 * `recipient` before the "@". */
static bool names_somebody(const char *word, const char *recipient)
{
    size_t local = strcspn(recipient, "@"), length = strlen(word);

    if (strchr(word, '@') || strstr(word, "%40"))
        return true;
    if (!recipient[local] || local < LOCAL_PART_TOLD_MIN)
        return false;
    for (size_t i = 0; i + local <= length; i++)
        if (strncasecmp(word + i, recipient, local) == 0)
            return true;
    return false;
}

void outcome_tell(struct outcome *outcome, const char *line, const char *recipient)
{
    struct text detail = text_over(outcome->detail, sizeof outcome->detail);
    char word[512];

    while (*line) {
        size_t blanks = strspn(line, " \t\r\n"), length = strcspn(line + blanks, " \t\r\n");

        line += blanks;
        for (size_t i = 0; i < length && i < sizeof word - 1; i++)
            word[i] = (char)(line[i] > ' ' && line[i] <= '~' ? line[i] : '?');
        word[length < sizeof word ? length : sizeof word - 1] = '\0';
        if (length > 0) {
            text_add(&detail, detail.used > 0 ? " " : "");
            text_add(&detail, names_somebody(word, recipient) ? "(address)" : word);
        }
        line += length;
    }
}
