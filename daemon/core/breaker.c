/* breaker.c - an endpoint that fails again and again is left alone for a while. */
#include "core/breaker.h"

int64_t breaker_wait_ms(const struct breaker *breaker, int64_t now_ms)
{
    return breaker->until_ms > now_ms ? breaker->until_ms - now_ms : 0;
}

int64_t breaker_urgent_wait_ms(const struct breaker *breaker, int64_t now_ms, int64_t first_ms)
{
    int64_t over_ms = breaker->wait_ms - (first_ms == 0 ? BREAKER_FIRST_MS : first_ms);
    int64_t until_ms = breaker->until_ms - (over_ms > 0 ? over_ms : 0);

    return until_ms > now_ms ? until_ms - now_ms : 0;
}

bool breaker_wants_probe(const struct breaker *breaker)
{
    return breaker->failures >= BREAKER_FAILURES;
}

void breaker_note(struct breaker *breaker, bool failed, int64_t now_ms, int64_t first_ms)
{
    if (!failed) {
        *breaker = (struct breaker){ 0 };
        return;
    }
    if (breaker->failures < BREAKER_FAILURES)
        breaker->failures++;
    /* Tries that were under way as it was closed say nothing new. */
    if (breaker->failures < BREAKER_FAILURES || breaker_wait_ms(breaker, now_ms) > 0)
        return;
    if (first_ms == 0)
        first_ms = BREAKER_FIRST_MS;
    breaker->wait_ms = breaker->wait_ms ? 2 * breaker->wait_ms : first_ms;
    if (breaker->wait_ms > BREAKER_LONGEST * first_ms)
        breaker->wait_ms = BREAKER_LONGEST * first_ms;
    breaker->until_ms = now_ms + breaker->wait_ms;
}
