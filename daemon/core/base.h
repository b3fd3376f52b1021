/* base.h - the value types everything else is made of.
 *
 * An instant and a civil date are different types, so that the compiler keeps
 * them apart: a date becomes an instant only through a zone (zone.h).
 */
#ifndef CONCERN_CORE_BASE_H
#define CONCERN_CORE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted. */
struct instant {
    int64_t us;
};

/** Days since 1970-01-01 in the proleptic Gregorian calendar. */
struct date {
    int32_t day;
};

/** "There is no instant": a limit without a due instant, a fact never told. */
#define INSTANT_NONE ((struct instant){ INT64_MIN })

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/** Runs `function(&variable)` when the variable leaves its scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/** Greatest lengths, in bytes without the closing zero, of what the protocol admits. */
enum {
    ID_MAX = 64,         /* references, agency, role, person and event ids */
    FREE_TEXT_MAX = 800, /* 200 characters of UTF-8 */
    ADDRESS_MAX = 254    /* a mail address, RFC 5321 4.5.3.1.3 */
};

static inline bool instant_is_none(struct instant at)
{
    return at.us == INT64_MIN;
}

#endif
