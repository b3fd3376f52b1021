/* due.c - concernctl due: when a limit ends, and why. */
#include "concernctl/due.h"

#include "concernctl/installed.h"
#include "concernctl/subcommand.h"
#include "core/text.h"
#include "policy/calendar_read.h"
#include "policy/zoneinfo.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_MAX_SIZE = 256,    /* of a line of standard input; no time is longer */
    COUNTING_MAX_SIZE = 256 /* of --counting */
};

const char due_usage[] =
    "--limit PHRASE --from TIME [OPTION…]\n"
    "\n"
    "Says when a limit ends that starts at TIME, and why, day by day.\n"
    "\n"
    "  --limit PHRASE      none | same working day | set by the case | LENGTH [before]\n"
    "                      | earlier of LIMIT and LIMIT; a LENGTH is a number of hours,\n"
    "                      working hours, days, working days, weeks or months\n"
    "  --from TIME         RFC 3339 (2027-03-25T16:00:00Z), or civil time in the zone\n"
    "                      (\"2027-03-25 16:00\"); - reads one time per line from standard\n"
    "                      input and prints one due instant per line, in UTC\n"
    "  --calendar ID       whose working days (england-and-wales); \"A + B\": closed when\n"
    "                      any of them is\n"
    "  --counting LIST     conventions, KEY=VALUE,…: first_day=excluded|included,\n"
    "                      late=as dated|next working day, ends=close of business|start of\n"
    "                      business|midnight|same time, roll=none|next working day,\n"
    "                      hours=elapsed|clock\n"
    "  --working-day FROM-TO  the hours of a working day (09:00-17:00)\n"
    "  --set TIME          the date that the case gave, for \"set by the case\"\n"
    "  --zone NAME         the board's time zone (Europe/London)\n"
    "  --calendars DIR     where calendars are looked for first\n"
    "  --json              one JSON object per answer\n";

/* The command line, as written. */
struct due_words {
    const char *limit, *from, *calendar, *counting, *working_day, *set, *zone, *calendars;
    bool json;
};

/* The places --calendars, $CONCERN_CALENDARS, the settings and the installed data. */
enum { PLACES = 4 };

static int read_options(int argc, char **argv, struct due_words *words);
static int read_question(const struct due_words *words, const struct zone *zone,
                         struct due_question *question);
static int load_calendar(const struct due_words *words, struct loaded_calendar **loaded);
static int answer_one(const struct due_words *words, const struct due_question *question);
static int answer_many(const struct due_words *words, const struct due_question *question);

int due_command(int argc, char **argv)
{
    CLEANUP(loaded_calendar_close) struct loaded_calendar *loaded = NULL;
    CLEANUP(zoneinfo_free) struct zone *zone = NULL;
    struct due_words words = { .calendar = "england-and-wales", .zone = "Europe/London" };
    struct due_question question = { .set_by_case = INSTANT_NONE };
    char message[512];
    struct text error = text_over(message, sizeof message);
    int answer;

    if ((answer = read_options(argc, argv, &words)) != EXIT_DONE)
        return answer;
    if (zoneinfo_load(words.zone, &zone, &error) != ZONEINFO_OK)
        return usage_wrong("due", "--zone: %s", error.used > 0 ? message : "not enough memory");
    if ((answer = read_question(&words, zone, &question)) != EXIT_DONE ||
        (answer = load_calendar(&words, &loaded)) != EXIT_DONE)
        return answer;
    question.time.calendar = &loaded->calendar;
    return strcmp(words.from, "-") == 0 ? answer_many(&words, &question)
                                        : answer_one(&words, &question);
}

static int read_options(int argc, char **argv, struct due_words *words)
{
    static const struct option options[] = {
        { "limit", required_argument, NULL, 'l' },
        { "from", required_argument, NULL, 'f' },
        { "calendar", required_argument, NULL, 'c' },
        { "counting", required_argument, NULL, 'n' },
        { "working-day", required_argument, NULL, 'w' },
        { "set", required_argument, NULL, 's' },
        { "zone", required_argument, NULL, 'z' },
        { "calendars", required_argument, NULL, 'd' },
        { "json", no_argument, NULL, 'j' },
        { NULL, 0, NULL, 0 },
    };
    struct {
        int option;
        const char **word;
    } rows[] = {
        { 'l', &words->limit },    { 'f', &words->from },        { 'c', &words->calendar },
        { 'n', &words->counting }, { 'w', &words->working_day }, { 's', &words->set },
        { 'z', &words->zone },     { 'd', &words->calendars },
    };
    int option;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == '?')
            return EXIT_USAGE;
        words->json = words->json || option == 'j';
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            if (rows[i].option == option)
                *rows[i].word = optarg;
    }
    if (optind < argc)
        return usage_wrong(
            "due",
            "\"%s\" belongs to no option (phrases and times of several words stand in "
            "quotes)",
            argv[optind]);
    if (!words->limit)
        return usage_wrong("due", "--limit is missing (--limit \"5 working days\")");
    if (!words->from)
        return usage_wrong(
            "due", "--from is missing (--from \"2027-03-25 16:00\", or - for standard input)");
    return EXIT_DONE;
}

/* "ends=same time,first_day=included" */
static int read_counting(const char *list, struct counting *counting)
{
    char copy[COUNTING_MAX_SIZE], *at = copy;
    struct text text = text_over(copy, sizeof copy);

    text_add(&text, list);
    if (text_was_cut(&text))
        return usage_wrong("due", "--counting: that is too long");
    while (at) {
        char *comma = strchr(at, ','), *equals;

        if (comma)
            *comma = '\0';
        at += strspn(at, " ");
        equals = strchr(at, '=');
        if (!equals)
            return usage_wrong("due", "--counting: \"%s\" is no KEY=VALUE (as ends=same time)", at);
        *equals = '\0';
        if (counting_read(at, equals + 1, counting) != LIMIT_DUE)
            return usage_wrong("due", "--counting: there is no convention \"%s=%s\"", at,
                               equals + 1);
        at = comma ? comma + 1 : NULL;
    }
    return EXIT_DONE;
}

/* "HH:MM" as seconds after midnight, 24:00 included; -1 where it is none. */
static int32_t read_clock(const char *text)
{
    int32_t hours = (text[0] - '0') * 10 + text[1] - '0';
    int32_t minutes = (text[3] - '0') * 10 + text[4] - '0';

    for (size_t i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return -1;
    if (minutes > 59 || hours * 60 + minutes > 24 * 60)
        return -1;
    return hours * 3600 + minutes * 60;
}

/* "09:00-17:00" */
static int read_working_day(const char *hours, struct timekeeping *time)
{
    bool whole = strlen(hours) == 11 && hours[5] == '-';

    time->opens_s = whole ? read_clock(hours) : -1;
    time->closes_s = whole ? read_clock(hours + 6) : -1;
    if (time->opens_s < 0 || time->opens_s >= time->closes_s)
        return usage_wrong("due", "--working-day: \"%s\" is no working day (as 09:00-17:00)",
                           hours);
    return EXIT_DONE;
}

static int read_question(const struct due_words *words, const struct zone *zone,
                         struct due_question *question)
{
    int answer;

    question->time =
        (struct timekeeping){ .zone = zone, .opens_s = 9 * 3600, .closes_s = 17 * 3600 };
    if (limit_read(words->limit, &question->limit) != LIMIT_DUE)
        return usage_wrong(
            "due",
            "--limit: \"%s\" is no limit (as \"5 working days\", \"24 hours\", \"same "
            "working day\", \"earlier of 2 weeks and 10 working days\")",
            words->limit);
    if (words->counting &&
        (answer = read_counting(words->counting, &question->counting)) != EXIT_DONE)
        return answer;
    if (words->working_day &&
        (answer = read_working_day(words->working_day, &question->time)) != EXIT_DONE)
        return answer;
    if (words->set && instant_read(words->set, zone, &question->set_by_case) != INSTANT_OK)
        return usage_wrong(
            "due", "--set: \"%s\" is no time (as 2027-03-25T16:00:00Z or \"2027-03-25 16:00\")",
            words->set);
    return EXIT_DONE;
}

static int load_calendar(const struct due_words *words, struct loaded_calendar **loaded)
{
    const char *chosen = getenv("CONCERN_CALENDARS");
    char installed[PATH_MAX];
    const char *places[PLACES] = { words->calendars, chosen && *chosen ? chosen : NULL,
                                   CONCERN_SYSCONFDIR "/calendars", installed };
    struct calendar_search search = { .directories = places,
                                      .directory_count = PLACES,
                                      .file = "--calendar" };
    CLEANUP(faults_close) struct faults faults = { 0 };
    char line[FAULT_LINE_SIZE];
    int answer;

    snprintf(installed, sizeof installed, "%s/calendars", installed_data());
    answer = calendar_load(&search, words->calendar, &faults, loaded);
    for (size_t i = 0; i < faults.count; i++) {
        fault_write(&faults.list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    if (answer < 0)
        fputs("concernctl due: not enough memory\n", stderr);
    return answer == CALENDAR_READ ? EXIT_DONE : EXIT_NO;
}

static int print_json(const struct due_question *question, struct instant from)
{
    if (due_print_json(question, from) == 0)
        return EXIT_DONE;
    fputs("concernctl due: not enough memory\n", stderr);
    return EXIT_NO;
}

static int answer_one(const struct due_words *words, const struct due_question *question)
{
    struct instant from;

    if (instant_read(words->from, question->time.zone, &from) != INSTANT_OK)
        return usage_wrong(
            "due", "--from: \"%s\" is no time (as 2027-03-25T16:00:00Z or \"2027-03-25 16:00\")",
            words->from);
    if (words->json)
        return print_json(question, from);
    due_print_words(question, from);
    return EXIT_DONE;
}

/* Takes the end of line off, and the rest of a line that is too long. */
static void trim(char *line)
{
    size_t length = strlen(line);
    int c;

    if (length > 0 && line[length - 1] != '\n' && length + 1 == LINE_MAX_SIZE)
        while ((c = getchar()) != EOF && c != '\n')
            ;
    line[strcspn(line, "\r\n")] = '\0';
}

static int print_batch(const struct due_words *words, const struct due_question *question,
                       struct instant from)
{
    struct instant due = INSTANT_NONE;
    char text[ZONE_TIME_SIZE];

    if (words->json)
        return print_json(question, from);
    (void)limit_due(&question->limit, &question->time, &question->counting, from,
                    question->set_by_case, &due);
    if (instant_is_none(due)) {
        puts("none");
        return EXIT_DONE;
    }
    instant_write_utc(due, text);
    puts(text);
    return EXIT_DONE;
}

/* A line that cannot be read is told and answered by an empty one, so that answers stay beside
 * their questions. */
static int answer_many(const struct due_words *words, const struct due_question *question)
{
    char line[LINE_MAX_SIZE];
    struct instant from;
    int answer = EXIT_DONE;

    for (unsigned long number = 1; fgets(line, sizeof line, stdin); number++) {
        trim(line);
        if (instant_read(line, question->time.zone, &from) == INSTANT_OK) {
            if (print_batch(words, question, from) != EXIT_DONE)
                return EXIT_NO;
            continue;
        }
        fprintf(stderr, "<stdin>:%lu:1: \"%s\" is no time (as 2027-03-25T16:00:00Z)\n", number,
                line);
        answer = EXIT_NO;
        if (!words->json)
            puts("");
    }
    if (ferror(stdin)) {
        fprintf(stderr, "concernctl due: cannot read standard input: %s\n", strerror(errno));
        return EXIT_NO;
    }
    return answer;
}
