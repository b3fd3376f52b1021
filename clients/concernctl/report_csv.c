/* report_csv.c - the register for a spreadsheet: RFC 4180, and no cell is a formula. */
#include "concernctl/report.h"

#include <string.h>

/* What a spreadsheet would take for a formula gets an apostrophe before it, which it shows as
 * text; quotes are written twice.  Every cell is quoted. */
static void print_cell(const char *text, bool is_last)
{
    putchar('"');
    if (*text && strchr("=+-@\t\r\n", *text))
        putchar('\'');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    fputs(is_last ? "\"\r\n" : "\",", stdout);
}

static void print_row(const char *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        print_cell(cells[i], i + 1 == count);
}

static const char *instant_text(const struct report *report, struct instant at,
                                char text[ZONE_TIME_SIZE])
{
    text[0] = '\0';
    if (!instant_is_none(at))
        instant_write_local(report->zone, at, text);
    return text;
}

static void print_entry(const struct report *report, const struct register_entry *entry)
{
    char raised[ZONE_TIME_SIZE], ended[ZONE_TIME_SIZE], challenged[REPORT_AGENCIES_SIZE];
    char stays[REPORT_STAYS_SIZE], met[24], passed[24];
    const char *const cells[] = {
        "disagreement",
        entry->board,
        entry->reference,
        entry->procedure,
        entry->theme,
        entry->agencies[0],
        report_agencies(entry, 1, challenged),
        instant_text(report, entry->raised, raised),
        instant_text(report, entry->ended, ended),
        register_outcome_name(entry->outcome),
        report_stays(report, entry, stays),
        met,
        passed,
        "",
        "",
        "",
        "",
        "",
        "",
    };

    snprintf(met, sizeof met, "%u", report_limits(report, entry, REGISTER_MET));
    snprintf(passed, sizeof passed, "%u", report_limits(report, entry, REGISTER_PASSED));
    print_row(cells, COUNT_OF(cells));
}

static void print_trouble(const struct report *report, const struct report_trouble *trouble)
{
    char since[ZONE_TIME_SIZE], delivered[ZONE_TIME_SIZE], tried[REPORT_TRIED_SIZE];
    const char *const cells[] = {
        "notification",
        trouble->board,
        trouble->reference,
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        trouble->role,
        trouble->agency,
        instant_text(report, trouble->since, since),
        report_tried(trouble, tried),
        trouble->now,
        instant_text(report, trouble->delivered, delivered),
    };

    print_row(cells, COUNT_OF(cells));
}

void report_print_csv(const struct report *report)
{
    static const char *const heads[] = { "row",
                                         "board",
                                         "reference",
                                         "procedure",
                                         "theme",
                                         "challenging",
                                         "challenged",
                                         "raised",
                                         "ended",
                                         "outcome",
                                         "days at each stage",
                                         "limits met",
                                         "limits passed",
                                         "role",
                                         "agency",
                                         "undelivered since",
                                         "tried",
                                         "now",
                                         "delivered" };

    print_row(heads, COUNT_OF(heads));
    for (size_t i = 0; i < report->entry_count; i++)
        print_entry(report, &report->entries[i]);
    for (size_t i = 0; i < report->trouble_count; i++)
        print_trouble(report, &report->troubles[i]);
}
