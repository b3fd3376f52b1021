/* explain.c - why each deadline of a disagreement is when it is. */
#include "concernctl/ask.h"
#include "concernctl/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char explain_usage[] =
    "REF [--board BOARD] [OPTION…]\n"
    "Explains each deadline of the disagreement REF: the procedure's sentence, the limit, what\n"
    "started it, every day that counted or did not and why, and what was moved when.\n\n"
    "  --board BOARD         where two boards have the same reference\n" ASK_USAGE;

/* What the daemon has said so far. */
struct explaining {
    bool begun;
    char not_started[1024]; /* titles of the deadlines that have not */
};

static void print_deadline(void *context, const json_t *row);

int explain_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "board", required_argument, NULL, 'b' },
                                             { 0 } };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_EXPLAIN };
    struct explaining explaining = { 0 };
    int option, code;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'b' ? ask_id(&ask, optarg, command.board) : ask_option(&ask, option, optarg))
            return EXIT_USAGE;
    }
    if (argc - optind != 1)
        return usage_wrong(argv[0], "of which disagreement? (one REF)");
    if (ask_id(&ask, argv[optind], command.reference))
        return EXIT_USAGE;
    code = ask_daemon(&ask, &command, print_deadline, &explaining);
    if (explaining.not_started[0])
        printf("\nNot started: %s.\n", explaining.not_started);
    return code;
}

/* --- pieces */

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

static void print_plain(const char *text)
{
    char *plain = words_plain(text, strlen(text));

    fputs(plain ? plain : "", stdout);
    free(plain);
}

static void print_field(const char *head, const char *text)
{
    printf("  %-11s ", head);
    print_plain(text);
    putchar('\n');
}

/* "2026-12-29T17:00:00+00:00" -> "Tue 29 Dec 2026 17:00+00:00"; what is none as it is. */
static void print_local(const char *local)
{
    char day[DATE_SIZE], text[WORDS_SIZE];
    struct date date;

    snprintf(day, sizeof day, "%.10s", local);
    if (strlen(local) < strlen("2026-12-29T17:00:00Z") || date_read(day, &date) != INSTANT_OK) {
        print_plain(local);
        return;
    }
    printf("%s %.5s", words_short_date(date, text), local + 11);
    print_plain(local + 19);
}

static void print_head(const json_t *row)
{
    printf("Disagreement ");
    print_plain(text_of(row, "disagreement"));
    printf(" of ");
    print_plain(text_of(row, "board"));
    putchar('\n');
    printf("  %-11s ", "procedure");
    print_plain(text_of(row, "procedure"));
    printf(", version ");
    print_plain(text_of(row, "procedure_version"));
    printf(" (%.12s)\n  %-11s ", text_of(row, "procedure_hash"), "calendar");
    print_plain(text_of(row, "calendar"));
    printf(", version %.16s, known until %.10s; time zone ", text_of(row, "calendar_version"),
           text_of(row, "calendar_known_until"));
    print_plain(text_of(row, "time_zone"));
    putchar('\n');
}

/* --- a deadline */

static void print_start(const json_t *row)
{
    printf("  %-11s ", "started");
    print_local(text_of(row, "start_local"));
    printf(", by ");
    print_plain(text_of(row, "started_by"));
    printf("\n  %-11s ", "due");
    if (text_of(row, "due_local")[0])
        print_local(text_of(row, "due_local"));
    else
        printf("no due instant: it is chased, and never late");
    if (json_is_true(json_object_get(row, "extended")))
        printf(", extended");
    else if (text_of(row, "set_by_case")[0])
        printf(", as the case set it");
    if (json_is_true(json_object_get(row, "provisional")))
        printf(", provisionally (the calendar is not known so far)");
    putchar('\n');
    if (strcmp(text_of(row, "computed_with"), text_of(row, "calendar_version")) != 0)
        print_field("", "computed with an earlier version of the calendar");
    if (text_of(row, "due_by_the_calendar_of_today")[0])
        print_field("today", text_of(row, "due_by_the_calendar_of_today"));
}

static void print_days(const json_t *days)
{
    const json_t *day;
    size_t i;

    json_array_foreach(days, i, day)
    {
        char text[WORDS_SIZE];
        struct date date;

        if (date_read(text_of(day, "date"), &date) != INSTANT_OK)
            continue;
        printf("    %s", words_short_date(date, text));
        if (json_is_true(json_object_get(day, "counted"))) {
            printf("  %5lld\n", (long long)json_integer_value(json_object_get(day, "n")));
            continue;
        }
        printf("      -  ");
        print_plain(text_of(day, "reason"));
        putchar('\n');
    }
}

static void print_history(const json_t *history)
{
    static const char *const names[][2] = { { "deadline", "started" },
                                            { "moved", "moved" },
                                            { "passed", "passed" },
                                            { "stopped", "stopped" },
                                            { "version", "version" } };
    const json_t *line;
    size_t i;

    json_array_foreach(history, i, line)
    {
        const char *what = text_of(line, "what");

        for (size_t name = 0; name < COUNT_OF(names); name++)
            if (strcmp(what, names[name][0]) == 0)
                what = names[name][1];
        printf("  %-11s ", what);
        print_local(text_of(line, "at_local"));
        if (text_of(line, "due_before")[0]) {
            printf(", from ");
            print_local(text_of(line, "due_before_local"));
            printf(" to ");
            print_local(text_of(line, "due_local"));
        }
        if (text_of(line, "to_version")[0]) {
            printf(", from ");
            print_plain(text_of(line, "from_version"));
            printf(" to ");
            print_plain(text_of(line, "to_version"));
        }
        printf(", by ");
        print_plain(text_of(line, text_of(line, "because")[0] ? "because" : "by"));
        printf(" (record %lld)\n", (long long)json_integer_value(json_object_get(line, "record")));
    }
}

static void note_not_started(struct explaining *self, const char *title)
{
    size_t used = strlen(self->not_started);

    snprintf(self->not_started + used, sizeof self->not_started - used, "%s%s", used ? ", " : "",
             title);
}

static void print_deadline(void *context, const json_t *row)
{
    struct explaining *self = context;

    if (!self->begun)
        print_head(row);
    self->begun = true;
    if (strcmp(text_of(row, "state"), "not started") == 0) {
        note_not_started(self, text_of(row, "title"));
        return;
    }
    putchar('\n');
    print_plain(text_of(row, "title"));
    printf(" (");
    print_plain(text_of(row, "deadline"));
    printf("): ");
    print_plain(text_of(row, "state"));
    putchar('\n');
    if (text_of(row, "words")[0])
        print_field("words", text_of(row, "words"));
    printf("  %-11s ", "limit");
    print_plain(text_of(row, "limit"));
    printf(", from ");
    print_plain(text_of(row, "from"));
    putchar('\n');
    print_start(row);
    print_days(json_object_get(row, "days"));
    print_history(json_object_get(row, "history"));
}
