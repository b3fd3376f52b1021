/* test_calendar_read.c - the shipped calendars, worked out from their rules; unions; faulty files.
 */
#include "policy/calendar_read.h"
#include "time_fixture.h"

#include <unistd.h>

static const char *const shipped[] = { CONCERN_SOURCE_DIR "/config/calendars" };
static char place[64];

static int make_place(void **state)
{
    (void)state;
    snprintf(place, sizeof place, "/tmp/concern calendar XXXXXX");
    return mkdtemp(place) ? 0 : -1;
}

static int remove_place(void **state)
{
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s/file.yaml", place);
    (void)unlink(path);
    return rmdir(place);
}

static struct loaded_calendar *load(const char *phrase)
{
    struct calendar_search search = { shipped, 1, "test", 0, 0 };
    struct faults faults = { 0 };
    struct loaded_calendar *loaded = NULL;
    char line[FAULT_LINE_SIZE] = "";
    int answer = calendar_load(&search, phrase, &faults, &loaded);

    if (faults.count > 0)
        fault_write(&faults.list[0], line);
    faults_close(&faults);
    if (answer != CALENDAR_READ)
        fail_msg("%s: %s", phrase, line);
    assert_string_equal(line, "");
    return loaded;
}

/* Easter Sunday, by the computus of Meeus, Jones and Butcher. */
static struct date easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    int m = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int n = (a + 11 * h + 22 * m) / 451;
    int sum = h + m - 7 * n + 114;

    return date_of(year, sum / 31, sum % 31 + 1);
}

struct days {
    struct date list[24];
    size_t count;
};

static bool has(const struct days *days, struct date day)
{
    for (size_t i = 0; i < days->count; i++)
        if (days->list[i].day == day.day)
            return true;
    return false;
}

static void add(struct days *days, struct date day)
{
    assert_true(days->count < COUNT_OF(days->list));
    days->list[days->count++] = day;
}

/* The day itself, or the next one that is neither a weekend nor taken. */
static void add_or_substitute(struct days *days, struct date day)
{
    while (date_weekday(day) >= 5 || has(days, day))
        day.day++;
    add(days, day);
}

static struct date monday(int year, int month, bool last)
{
    struct date day = date_of(year, month, last ? 31 : 1);

    while (date_weekday(day) != 0)
        day.day += last ? -1 : 1;
    return day;
}

/* Two days in a row that fall on a weekend: each is moved past the other. */
static void add_pair(struct days *days, struct date first)
{
    struct date second = { first.day + 1 };

    if (date_weekday(second) < 5) { /* only the first can need a substitute */
        add(days, second);
        add_or_substitute(days, first);
        return;
    }
    add_or_substitute(days, first);
    add_or_substitute(days, second);
}

/* The Banking and Financial Dealings Act 1971 and the yearly proclamations, as rules. */
static struct days bank_holidays(const char *id, int year)
{
    bool scotland = strcmp(id, "scotland") == 0, ireland = strcmp(id, "northern-ireland") == 0;
    struct days days = { .count = 0 };

    add(&days, (struct date){ easter(year).day - 2 });
    add(&days, monday(year, 5, false));
    add(&days, monday(year, 5, true));
    add(&days, monday(year, 8, !scotland));
    add_pair(&days, date_of(year, 12, 25));
    if (!scotland)
        add(&days, (struct date){ easter(year).day + 1 });
    if (scotland) {
        add_pair(&days, date_of(year, 1, 1));
        add_or_substitute(&days, date_of(year, 11, 30));
        if (year == 2026)
            add(&days, date_of(2026, 6, 15)); /* proclaimed for the World Cup */
    } else {
        add_or_substitute(&days, date_of(year, 1, 1));
    }
    if (ireland) {
        add_or_substitute(&days, date_of(year, 3, 17));
        add_or_substitute(&days, date_of(year, 7, 12));
    }
    return days;
}

static void ships_the_bank_holidays(void **state)
{
    static const char *const ids[] = { "england-and-wales", "scotland", "northern-ireland" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        struct loaded_calendar *loaded = load(ids[i]);
        size_t expected = 0;

        assert_string_equal(loaded->calendar.id, ids[i]);
        assert_int_equal(loaded->calendar.known_from.day, date_of(2024, 1, 1).day);
        assert_int_equal(loaded->calendar.known_until.day, date_of(2028, 12, 31).day);
        assert_non_null(strstr(loaded->source, "GOV.UK"));
        for (int year = 2024; year <= 2028; year++) {
            struct days days = bank_holidays(ids[i], year);

            expected += days.count;
            for (size_t j = 0; j < days.count; j++) {
                char text[DATE_SIZE];

                date_write(days.list[j], text);
                if (calendar_is_working_day(&loaded->calendar, days.list[j]))
                    fail_msg("%s is a working day in %s", text, ids[i]);
            }
        }
        assert_int_equal(loaded->calendar.closure_count, expected);
        loaded_calendar_close(&loaded);
        assert_null(loaded);
    }
}

/* The calendar of the other tests was typed in by hand, from the worked timelines. */
static void agrees_with_the_typed_one(void **state)
{
    struct loaded_calendar *loaded = load("england-and-wales");
    struct calendar typed = fixture_england();

    (void)state;
    for (struct date day = date_of(2026, 1, 1); day.day <= date_of(2028, 12, 31).day; day.day++)
        assert_int_equal(calendar_is_working_day(&loaded->calendar, day),
                         calendar_is_working_day(&typed, day));
    loaded_calendar_close(&loaded);
}

static void unites(void **state)
{
    struct loaded_calendar *scotland = load("scotland"), *ireland = load("northern-ireland");
    struct loaded_calendar *both = load(" scotland +northern-ireland");
    struct loaded_calendar *turned = load("northern-ireland + scotland");
    struct loaded_calendar *three = load("scotland + northern-ireland + england-and-wales");

    (void)state;
    assert_string_equal(both->calendar.id, "scotland + northern-ireland");
    assert_string_equal(both->calendar.version, turned->calendar.version);
    assert_string_not_equal(both->calendar.version, scotland->calendar.version);
    assert_int_equal(strlen(both->calendar.version), 16);
    for (struct date day = date_of(2024, 1, 1); day.day <= date_of(2028, 12, 31).day; day.day++) {
        bool open = calendar_is_working_day(&scotland->calendar, day) &&
                    calendar_is_working_day(&ireland->calendar, day);

        assert_int_equal(calendar_is_working_day(&both->calendar, day), open);
    }
    assert_string_equal(calendar_reason(&three->calendar, date_of(2026, 11, 30)),
                        "St Andrew\xe2\x80\x99s Day");
    loaded_calendar_close(&scotland);
    loaded_calendar_close(&ireland);
    /* A union outlives its parts. */
    assert_string_equal(calendar_reason(&both->calendar, date_of(2028, 3, 17)),
                        "St Patrick\xe2\x80\x99s Day");
    loaded_calendar_close(&both);
    loaded_calendar_close(&turned);
    loaded_calendar_close(&three);
}

static void refuses_phrases(void **state)
{
    static const struct {
        const char *phrase, *said;
        int answer;
    } rows[] = {
        { "scotlnd", "did you mean scotland?", CALENDAR_MISSING },
        { "scotland + walls", "no calendar \"walls\"", CALENDAR_MISSING },
        { "", "names no calendar", CALENDAR_FAULTY },
        { "+", "names no calendar", CALENDAR_FAULTY },
        { "scotland +", "names no calendar", CALENDAR_FAULTY },
        { "scot land", "names no calendar", CALENDAR_FAULTY },
        { "../calendars/scotland", "names no calendar", CALENDAR_FAULTY },
        { "..", "names no calendar", CALENDAR_FAULTY },
        { "/etc/passwd", "names no calendar", CALENDAR_FAULTY },
        { "scotland+scotland+scotland+scotland+scotland", "up to 4", CALENDAR_FAULTY },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct calendar_search search = { shipped, 1, "procedure.yaml", 5, 11 };
        struct loaded_calendar *loaded = NULL;
        struct faults faults = { 0 };
        char line[FAULT_LINE_SIZE];

        print_message("  \"%s\"\n", rows[i].phrase);
        assert_int_equal(calendar_load(&search, rows[i].phrase, &faults, &loaded), rows[i].answer);
        assert_null(loaded);
        assert_int_equal(faults.errors, 1);
        fault_write(&faults.list[0], line);
        assert_int_equal(strncmp(line, "procedure.yaml:5:11: ", 21), 0);
        assert_non_null(strstr(line, rows[i].said));
        faults_close(&faults);
    }
}

#define HEAD "calendar: file\nsource: invented\nknown_until: 2028-12-31\n"

/* A file, and the beginning of each line that must be said about it, after its path. */
static const struct {
    const char *name, *bytes;
    int answer;
    const char *said[3];
} file_rows[] = {
    { "an ordinary one",
      HEAD "closed: [{date: 2026-12-25, title: Feast}]\n",
      CALENDAR_READ,
      { 0 } },
    { "no closures", HEAD "closed: []\n", CALENDAR_READ, { 0 } },
    { "another weekend", HEAD "weekend: [friday, saturday]\nclosed: []\n", CALENDAR_READ, { 0 } },
    { "no weekend", HEAD "weekend: []\nclosed: []\n", CALENDAR_READ, { 0 } },
    { "on a Saturday",
      HEAD "closed:\n  - {date: 2026-12-26, title: Feast}\n",
      CALENDAR_READ,
      { ":5:12: warning: 2026-12-26 (Feast) falls on a weekend" } },
    { "no such day",
      HEAD "closed:\n  - {date: 2026-02-30, title: Feast}\n",
      CALENDAR_FAULTY,
      { ":5:12: \"2026-02-30\" is no date" } },
    { "outside the years",
      HEAD "closed:\n  - {date: 1999-12-31, title: Feast}\n",
      CALENDAR_FAULTY,
      { ":5:12: 1999-12-31 lies outside" } },
    { "twice",
      HEAD "closed:\n  - {date: 2026-12-25, title: Feast}\n  - {date: 2026-12-25, title: Fast}\n",
      CALENDAR_FAULTY,
      { ":6:12: 2026-12-25 is listed already, as Feast" } },
    { "two faults, both told",
      HEAD "closed:\n  - {date: 2026-12-25}\n  - {dte: 2026-12-28, title: Fast}\n",
      CALENDAR_FAULTY,
      { ":5:", ":6:" } },
    { "an unknown key", HEAD "close: []\nclosed: []\n", CALENDAR_FAULTY, { ":4:1:" } },
    { "no known_until", "calendar: file\nsource: x\nclosed: []\n", CALENDAR_FAULTY, { ":1:1:" } },
    { "a wrong known_until",
      "calendar: file\nsource: x\nknown_until: next year\nclosed: []\n",
      CALENDAR_FAULTY,
      { ":3:14: \"next year\" is no date" } },
    { "the end before the beginning",
      HEAD "known_from: 2029-01-01\nclosed: []\n",
      CALENDAR_FAULTY,
      { ":3:14: known_until lies before known_from" } },
    { "a week without work",
      HEAD
      "weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]\nclosed: []\n",
      CALENDAR_FAULTY,
      { ":4:10: a week without a working day" } },
    { "no day of the week",
      HEAD "weekend: [saturday, sundey]\nclosed: []\n",
      CALENDAR_FAULTY,
      { ":4:21: \"sundey\" is no day of the week (sunday)" } },
    { "a list where a map is wanted", "- x\n", CALENDAR_FAULTY, { ":1:" } },
    { "no YAML", "calendar: [\n", CALENDAR_FAULTY, { ":" } },
    { "nothing", "", CALENDAR_FAULTY, { ":" } },
};

static int read_bytes(const char *bytes, struct faults *faults, struct loaded_calendar **loaded,
                      char path[128])
{
    FILE *file;

    snprintf(path, 128, "%s/file.yaml", place);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(bytes, file);
    fclose(file);
    return calendar_read(path, faults, loaded);
}

static void reads_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(file_rows); i++) {
        struct loaded_calendar *loaded = NULL;
        struct faults faults = { 0 };
        char path[128], line[FAULT_LINE_SIZE];
        int answer = read_bytes(file_rows[i].bytes, &faults, &loaded, path);

        print_message("  %s\n", file_rows[i].name);
        for (size_t j = 0; j < faults.count; j++) {
            fault_write(&faults.list[j], line);
            print_message("    %s\n", line);
            if (j < COUNT_OF(file_rows[i].said) && file_rows[i].said[j])
                assert_int_equal(strncmp(line + strlen(path), file_rows[i].said[j],
                                         strlen(file_rows[i].said[j])),
                                 0);
        }
        assert_int_equal(answer, file_rows[i].answer);
        assert_int_equal(loaded != NULL, answer == CALENDAR_READ);
        for (size_t j = 0; j < COUNT_OF(file_rows[i].said) && file_rows[i].said[j]; j++)
            assert_true(j < faults.count);
        if (answer == CALENDAR_READ && !file_rows[i].said[0])
            assert_int_equal(faults.count, 0);
        faults_close(&faults);
        loaded_calendar_close(&loaded);
    }
}

static void version_of(const char *bytes, char version[17])
{
    struct loaded_calendar *loaded = NULL;
    struct faults faults = { 0 };
    char path[128];

    assert_int_equal(read_bytes(bytes, &faults, &loaded, path), CALENDAR_READ);
    memcpy(version, loaded->calendar.version, 17);
    loaded_calendar_close(&loaded);
    faults_close(&faults);
}

/* The version changes with what decides about a day, and with nothing else. */
static void versions_are_of_the_content(void **state)
{
    static const char base[] = HEAD "closed: [{date: 2026-12-25, title: A}, {date: 2027-01-01, "
                                    "title: B}]\n";
    static const char *const same[] = {
        HEAD "title: Other\nclosed:\n  - {date: 2027-01-01, title: B}\n  - {date: 2026-12-25, "
             "title: A, note: x}\n",
        HEAD "weekend: [sunday, saturday]\n# said\nclosed: [{date: 2026-12-25, title: A}, {date: "
             "2027-01-01, title: B}]\n",
    };
    static const char *const other[] = {
        HEAD "closed: [{date: 2026-12-25, title: A}, {date: 2027-01-04, title: B}]\n",
        HEAD "closed: [{date: 2026-12-25, title: A}]\n",
        HEAD "known_from: 2026-01-01\nclosed: [{date: 2026-12-25, title: A}, {date: 2027-01-01, "
             "title: B}]\n",
        HEAD "weekend: [sunday]\nclosed: [{date: 2026-12-25, title: A}, {date: 2027-01-01, title: "
             "B}]\n",
    };
    char first[17], version[17];

    (void)state;
    version_of(base, first);
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        version_of(same[i], version);
        assert_string_equal(version, first);
    }
    for (size_t i = 0; i < COUNT_OF(other); i++) {
        version_of(other[i], version);
        assert_string_not_equal(version, first);
    }
}

/* What the closures may number, and one more. */
static void holds_to_its_bounds(void **state)
{
    struct loaded_calendar *loaded = NULL;
    struct faults faults = { 0 };
    size_t size = 64 + 48 * (CALENDAR_CLOSURES_MAX + 2);
    char *bytes = malloc(size), path[128], day[DATE_SIZE];

    (void)state;
    assert_non_null(bytes);
    for (int more = 0; more <= 1; more++) {
        struct text text = text_over(bytes, size);

        text_add(&text, HEAD "weekend: []\nclosed:\n");
        for (int i = 0; i < CALENDAR_CLOSURES_MAX + more; i++) {
            date_write((struct date){ date_of(2010, 1, 1).day + i }, day);
            text_addf(&text, "  - {date: %s, title: Feast}\n", day);
        }
        assert_false(text_was_cut(&text));
        assert_int_equal(read_bytes(bytes, &faults, &loaded, path),
                         more ? CALENDAR_FAULTY : CALENDAR_READ);
        loaded_calendar_close(&loaded);
    }
    faults_close(&faults);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ships_the_bank_holidays),
        cmocka_unit_test(agrees_with_the_typed_one),
        cmocka_unit_test(unites),
        cmocka_unit_test(refuses_phrases),
        cmocka_unit_test(reads_files),
        cmocka_unit_test(versions_are_of_the_content),
        cmocka_unit_test(holds_to_its_bounds),
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
