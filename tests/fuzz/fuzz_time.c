/* fuzz_time.c - limits, reminders, chases and instants as people write them: what is read is
 * written back and read as the same; and a limit does not end before it began.
 */
#include "fuzz.h"

#include "core/calendar.h"
#include "core/limit.h"
#include "core/zone.h"

static void are_the_same(const struct limit *first, const struct limit *second)
{
    HOLDS(first->count == second->count);
    for (unsigned i = 0; i < first->count; i++) {
        const struct limit_term *a = &first->terms[i], *b = &second->terms[i];

        HOLDS(a->kind == b->kind);
        HOLDS(a->kind != LIMIT_LENGTH ||
              (a->length.count == b->length.count && a->length.unit == b->length.unit &&
               a->before == b->before));
    }
}

static void read_limit(const char *text, const struct timekeeping *time)
{
    struct limit limit, again;
    struct counting counting = { .roll = ROLL_NONE };
    struct instant from = { INT64_C(1797613140000000) }, due;
    char written[LIMIT_TEXT_SIZE];
    int answer;
    bool before = false;

    if (limit_read(text, &limit) == LIMIT_UNREADABLE)
        return;
    limit_write(&limit, written);
    HOLDS(limit_read(written, &again) != LIMIT_UNREADABLE);
    are_the_same(&limit, &again);
    for (unsigned i = 0; i < limit.count; i++)
        before |= limit.terms[i].before;
    answer = limit_due(&limit, time, &counting, from, INSTANT_NONE, &due);
    if (answer == LIMIT_DUE || answer == LIMIT_PROVISIONAL)
        HOLDS(before || due.us >= from.us);
}

static void read_others(const char *text)
{
    struct remind remind;
    struct chase chase;
    struct length length, again;
    char written[LIMIT_TEXT_SIZE];

    if (remind_read(text, &remind) != LIMIT_UNREADABLE)
        HOLDS(remind.count <= REMIND_MAX);
    if (chase_read(text, &chase) != LIMIT_UNREADABLE)
        HOLDS(chase.none || chase.every.count >= 1);
    if (length_read(text, &length) == LIMIT_UNREADABLE)
        return;
    HOLDS(length.count >= 1 && length.count <= LENGTH_COUNT_MAX);
    length_write(&length, written);
    HOLDS(length_read(written, &again) != LIMIT_UNREADABLE);
    HOLDS(length.count == again.count && length.unit == again.unit);
}

static void read_instant(const char *text, const struct zone *zone)
{
    struct instant at, again;
    struct date date, date_again;
    char written[ZONE_TIME_SIZE], day[DATE_SIZE];

    if (instant_read(text, NULL, &at) == INSTANT_OK) {
        instant_write_utc(at, written);
        HOLDS(instant_read(written, NULL, &again) == INSTANT_OK && at.us == again.us);
    }
    instant_read(text, zone, &at);
    if (date_read(text, &date) == INSTANT_OK) {
        date_write(date, day);
        HOLDS(date_read(day, &date_again) == INSTANT_OK && date.day == date_again.day);
        HOLDS(strcmp(day, text) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static int32_t ordinal[CALENDAR_DAYS_MAX], nth[CALENDAR_DAYS_MAX];
    static const struct zone zone = { .name = "UTC" };
    static struct calendar calendar = { .id = "fuzz", .weekend = 0x60 };
    struct timekeeping time = { &calendar, &zone, 9 * 3600, 17 * 3600 };
    char *text = fuzz_text(bytes, size);

    if (calendar.working_count == 0) {
        calendar.known_until = date_of(2028, 12, 31);
        calendar_prepare(&calendar, ordinal, nth);
    }
    read_limit(text, &time);
    read_others(text);
    read_instant(text, &zone);
    free(text);
    return 0;
}
