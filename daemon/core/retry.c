/* retry.c - when to try a delivery again, and when to stop. */
#include "core/retry.h"

/* Waits between attempts, from the first failure on; the last one repeats. */
static const int64_t waits_s[] = { 10, 20, 90, 180, 300, 300, 900, 1800, 3600 };

/* A fifth more or less, so that what failed together does not come back together. */
static int64_t spread(int64_t wait_us, uint16_t jitter)
{
    return wait_us + wait_us / 5 * ((int64_t)jitter - 32768) / 32768;
}

static int64_t asked_wait_us(uint32_t retry_after_s)
{
    if (retry_after_s > RETRY_AFTER_MAX_S)
        retry_after_s = RETRY_AFTER_MAX_S;
    return (int64_t)retry_after_s * SECOND_US;
}

int retry_after(enum delivery_outcome outcome, uint32_t attempts, struct instant first_tried,
                struct instant now, uint32_t server_retry_after_s, uint16_t jitter,
                struct instant *next)
{
    size_t row = attempts > 0 ? attempts - 1 : 0;
    int64_t wait_us, asked_us = asked_wait_us(server_retry_after_s);
    int64_t tried_for_us = 0;

    if (outcome != DELIVERY_LATER)
        return RETRY_NEVER;

    if (!instant_is_none(first_tried) && now.us > first_tried.us)
        tried_for_us = now.us - first_tried.us;
    if (row >= COUNT_OF(waits_s))
        row = COUNT_OF(waits_s) - 1;
    wait_us = spread(waits_s[row] * SECOND_US, jitter);
    if (wait_us < asked_us)
        wait_us = asked_us;
    if (tried_for_us > RETRY_SPAN_US - wait_us)
        return RETRY_NEVER;

    *next = (struct instant){ now.us + wait_us };
    return RETRY_AT;
}
