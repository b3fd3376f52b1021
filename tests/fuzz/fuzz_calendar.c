/* fuzz_calendar.c - a calendar's file, and the counting on what it says. */
#include "fuzz.h"

#include "core/calendar.h"
#include "core/zone.h"
#include "policy/calendar_read.h"

/* Ten working days from a Monday, counted by walking. */
static void counts_as_walking_does(const struct calendar *calendar)
{
    struct date from = date_of(2026, 12, 14), due, walked = from;
    int working = 0;

    calendar_add_working_days(calendar, from, 10, &due);
    while (working < 10 && walked.day < from.day + 20000) {
        walked.day++;
        working += calendar_is_working_day(calendar, walked);
    }
    HOLDS(working < 10 || due.day == walked.day);
}

static void is_sound(const struct calendar *calendar)
{
    HOLDS(calendar->id && strlen(calendar->version) == 16);
    HOLDS((calendar->weekend & 0x7f) != 0x7f);
    for (size_t i = 1; i < calendar->closure_count; i++)
        HOLDS(calendar->closures[i - 1].date.day < calendar->closures[i].date.day);
    counts_as_walking_does(calendar);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct loaded_calendar *loaded = NULL;
    struct faults faults = { .count = 0 };
    char path[32];
    int file = fuzz_file(bytes, size, path);
    int answer = calendar_read(path, &faults, &loaded);

    close(file);
    HOLDS(answer == CALENDAR_READ || (answer == CALENDAR_FAULTY && faults.errors > 0));
    HOLDS((answer == CALENDAR_READ) == (loaded != NULL));
    if (loaded)
        is_sound(&loaded->calendar);
    loaded_calendar_close(&loaded);
    faults_close(&faults);
    return 0;
}
