/* report.c - a board's register of a period: counted, listed, drawn. */
#include "concernctl/report.h"

#include "concernctl/ask.h"
#include "core/text.h"
#include "policy/zoneinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char report_usage[] =
    "--from TIME --to TIME [OPTION…]\n"
    "A board's register: how many disagreements, by which agencies against which, about what,\n"
    "how long at each stage, which limits were met or passed, how they ended; and each\n"
    "notification that was refused, given up or accepted by nobody: what was tried, and whether\n"
    "it was delivered later.  References, agencies and roles; no person.\n\n"
    "  --from TIME           the first day, or an instant (RFC 3339, or civil time in the zone)\n"
    "  --to TIME             the day after the last; what happens at it is outside\n"
    "  --board BOARD         of this board alone\n"
    "  --zone NAME           the board's time zone (Europe/London)\n"
    "  --html FILE           draws it as a page, for screen and paper; -: on standard output\n"
    "  --csv                 a row for each disagreement and notification\n" ASK_USAGE;

enum { PAGES_MAX = 100000 /* more of them no store has */ };

struct report_words {
    const char *from, *to, *zone, *html;
    bool csv;
};

/* One page of the daemon's answer. */
struct page_taken {
    struct report *report;
    bool json;       /* print the lines as they are */
    long long after; /* of the next page; 0: there is none */
    int error;
};

static int read_options(int argc, char **argv, struct ask *ask, struct command *command,
                        struct report_words *words);
static int read_period(const struct report_words *words, struct report *report,
                       struct command *command);
static int ask_pages(const struct ask *ask, struct command *command, struct report *report);
static int print(const struct ask *ask, const struct report_words *words, struct report *report);
static void close_report(struct report *report);

int report_command(int argc, char **argv)
{
    CLEANUP(zoneinfo_free) struct zone *zone = NULL;
    CLEANUP(close_report) struct report report = { 0 };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_REPORT };
    struct report_words words = { .zone = "Europe/London" };
    char message[512];
    struct text error = text_over(message, sizeof message);
    int code;

    if ((code = read_options(argc, argv, &ask, &command, &words)) != EXIT_DONE)
        return code;
    if (zoneinfo_load(words.zone, &zone, &error) != ZONEINFO_OK)
        return usage_wrong(argv[0], "--zone: %s", error.used > 0 ? message : "not enough memory");
    report.zone = zone;
    report.board = command.board[0] ? command.board : NULL;
    if ((code = read_period(&words, &report, &command)) != EXIT_DONE)
        return code;
    code = ask_pages(&ask, &command, &report);
    return code ? code : print(&ask, &words, &report);
}

static int read_options(int argc, char **argv, struct ask *ask, struct command *command,
                        struct report_words *words)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "from", required_argument, NULL, 'f' },
                                             { "to", required_argument, NULL, 't' },
                                             { "board", required_argument, NULL, 'b' },
                                             { "zone", required_argument, NULL, 'z' },
                                             { "html", required_argument, NULL, 'h' },
                                             { "csv", no_argument, NULL, 'c' },
                                             { 0 } };
    int option, wrong = EXIT_DONE;

    while (!wrong && (option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'f')
            words->from = optarg;
        else if (option == 't')
            words->to = optarg;
        else if (option == 'z')
            words->zone = optarg;
        else if (option == 'h')
            words->html = optarg;
        else if (option == 'c')
            words->csv = true;
        else if (option == 'b')
            wrong = ask_id(ask, optarg, command->board);
        else
            wrong = ask_option(ask, option, optarg);
    }
    if (wrong)
        return EXIT_USAGE;
    if (optind < argc)
        return usage_wrong(argv[0], "%s: it takes no argument", argv[optind]);
    if (!words->from || !words->to)
        return usage_wrong(argv[0], "of which period? (--from TIME and --to TIME)");
    if (words->csv + (words->html != NULL) + ask->json > 1)
        return usage_wrong(argv[0], "one of --html, --csv and --json");
    return EXIT_DONE;
}

static int read_time(const char *option, const char *text, const struct zone *zone,
                     struct instant *at)
{
    if (instant_read(text, zone, at) == INSTANT_OK)
        return EXIT_DONE;
    return usage_wrong("report", "--%s: \"%s\" is no time (2026-10-01, or 2026-10-01T09:00:00Z)",
                       option, text);
}

static struct instant now(void)
{
    struct timespec at = { 0 };

    clock_gettime(CLOCK_REALTIME, &at);
    return (struct instant){ at.tv_sec * SECOND_US + at.tv_nsec / 1000 };
}

static int read_period(const struct report_words *words, struct report *report,
                       struct command *command)
{
    char text[ZONE_TIME_SIZE];
    int code;

    if ((code = read_time("from", words->from, report->zone, &report->period.from)) != EXIT_DONE ||
        (code = read_time("to", words->to, report->zone, &report->period.to)) != EXIT_DONE)
        return code;
    if (report->period.from.us >= report->period.to.us)
        return usage_wrong("report", "--from %s is not before --to %s", words->from, words->to);
    report->period.now = now();
    instant_write_utc(report->period.from, text);
    snprintf(command->from, sizeof command->from, "%s", text);
    instant_write_utc(report->period.to, text);
    snprintf(command->to, sizeof command->to, "%s", text);
    return EXIT_DONE;
}

/* --- asking */

static void take_row(void *context, const json_t *row)
{
    struct page_taken *page = context;
    const char *what = json_string_value(json_object_get(row, "report"));
    struct instant at;

    if (what && strcmp(what, "more") == 0)
        page->after = json_integer_value(json_object_get(row, "after"));
    else if (what && strcmp(what, "now") == 0 &&
             instant_read(json_string_value(json_object_get(row, "now")), NULL, &at) == INSTANT_OK)
        page->report->period.now = at;
    else if (page->error == 0)
        page->error = report_take(page->report, row);
    if (page->json && what && strcmp(what, "more") != 0 && strcmp(what, "now") != 0) {
        json_dumpf(row, stdout, JSON_COMPACT);
        putchar('\n');
    }
}

static int ask_pages(const struct ask *ask, struct command *command, struct report *report)
{
    struct page_taken page = { .report = report, .json = ask->json };
    struct ask quiet = *ask;
    int code;

    quiet.json = false; /* the lines are printed here, without those that turn pages */
    for (int i = 0; i < PAGES_MAX; i++) {
        page.after = 0;
        code = ask_daemon(&quiet, command, take_row, &page);
        if (code || page.error) {
            if (page.error)
                fprintf(stderr, "concernctl report: %s\n",
                        page.error == -EINVAL ? "concernd's answer cannot be read"
                                              : strerror(-page.error));
            return EXIT_NO;
        }
        if (page.after == 0)
            break;
        snprintf(command->after, sizeof command->after, "%lld", page.after);
    }
    register_sort(&report->counts);
    return EXIT_DONE;
}

static int print(const struct ask *ask, const struct report_words *words, struct report *report)
{
    int error;

    if (ask->json)
        return EXIT_DONE;
    if (words->csv)
        report_print_csv(report);
    else if (!words->html)
        report_print_text(report);
    else if ((error = report_print_html(report, words->html)) < 0) {
        fprintf(stderr, "concernctl report: %s: %s\n", words->html, strerror(-error));
        return EXIT_NO;
    }
    return EXIT_DONE;
}

static void close_report(struct report *report)
{
    free(report->entries);
    free(report->troubles);
    register_close(&report->counts);
}
