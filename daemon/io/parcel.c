/* parcel.c - a delivery with bytes of its own, and how it crosses between threads. */
#include "io/parcel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/told.h"

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

void outcome_tell(struct outcome *outcome, const char *line)
{
    told_clean(line, outcome->detail, sizeof outcome->detail);
}

void outcome_tell_reply(struct outcome *outcome, const char *reply)
{
    told_reply(reply, "", outcome->detail, sizeof outcome->detail);
}
