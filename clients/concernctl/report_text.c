/* report_text.c - the register on a terminal. */
#include "concernctl/report.h"

#include "concernctl/table.h"
#include "concernctl/words.h"

#include <inttypes.h>
#include <string.h>

enum { CELL_SIZE = 200, ENTRY_COLUMNS = 10, TROUBLE_COLUMNS = 7, NUMBER_SIZE = 24 };

static const char *number(uint64_t value, char text[NUMBER_SIZE])
{
    snprintf(text, NUMBER_SIZE, "%" PRIu64, value);
    return text;
}

static const char *day(const struct report *report, struct instant at, char text[WORDS_SIZE])
{
    text[0] = '\0';
    return instant_is_none(at) ? text : words_instant(report->zone, at, text);
}

static void print_sums(const struct report *report)
{
    const struct register_counts *counts = &report->counts;
    char from[WORDS_SIZE], to[WORDS_SIZE], made[WORDS_SIZE];

    printf("Register of %s, %s to before %s\n", report->board ? report->board : "all boards",
           words_instant(report->zone, report->period.from, from),
           words_instant(report->zone, report->period.to, to));
    printf("as of %s\n\n", words_instant(report->zone, report->period.now, made));
    printf("open when it began      %" PRIu64 "\n", counts->before);
    printf("raised in it            %" PRIu64 "\n", counts->raised);
    printf("resolved in it          %" PRIu64 "\n", counts->ended[REGISTER_RESOLVED]);
    printf("withdrawn in it         %" PRIu64 "\n", counts->ended[REGISTER_WITHDRAWN]);
    printf("lapsed in it            %" PRIu64 "\n", counts->ended[REGISTER_LAPSED]);
    printf("open when it ended      %" PRIu64 "\n", counts->ended[REGISTER_OPEN]);
    printf("notifications not taken %zu\n", report->trouble_count);
}

static void print_list(const char *head, const struct register_list *list)
{
    const char *const heads[] = { head, "DISAGREEMENTS" };
    CLEANUP(table_close) struct table *table = table_open(heads, COUNT_OF(heads));
    char count[NUMBER_SIZE];

    for (size_t i = 0; table && i < list->count; i++)
        table_add(table,
                  (const char *[]){ list->rows[i].name, number(list->rows[i].count, count) });
    if (table && list->count > 0) {
        putchar('\n');
        table_print(table);
    }
}

static void print_stages(const struct register_counts *counts)
{
    static const char *const heads[] = { "PROCEDURE", "STAGE",        "STAYS",
                                         "GO ON",     "MEAN OF DAYS", "LONGEST" };
    CLEANUP(table_close) struct table *table = table_open(heads, COUNT_OF(heads));
    char stays[NUMBER_SIZE], going_on[NUMBER_SIZE], mean[REPORT_DAYS_SIZE],
        longest[REPORT_DAYS_SIZE];

    for (size_t i = 0; table && i < counts->stage_count; i++) {
        const struct register_stage *stage = &counts->stages[i];

        table_add(table,
                  (const char *[]){ stage->procedure, stage->stage, number(stage->stays, stays),
                                    number(stage->going_on, going_on),
                                    report_days(stage->total_us / (int64_t)stage->stays, mean),
                                    report_days(stage->longest_us, longest) });
    }
    if (table && counts->stage_count > 0) {
        putchar('\n');
        table_print(table);
    }
}

static void print_limits(const struct register_counts *counts)
{
    static const char *const heads[] = { "PROCEDURE", "LIMIT DUE IN IT", "MET", "PASSED",
                                         "RUNNING" };
    CLEANUP(table_close) struct table *table = table_open(heads, COUNT_OF(heads));
    char met[NUMBER_SIZE], passed[NUMBER_SIZE], running[NUMBER_SIZE];

    for (size_t i = 0; table && i < counts->deadline_count; i++) {
        const struct register_deadline *limit = &counts->deadlines[i];

        table_add(table, (const char *[]){ limit->procedure, limit->deadline,
                                           number(limit->met, met), number(limit->passed, passed),
                                           number(limit->running, running) });
    }
    if (table && counts->deadline_count > 0) {
        putchar('\n');
        table_print(table);
    }
}

static void print_entries(const struct report *report)
{
    static const char *const heads[ENTRY_COLUMNS] = { "REFERENCE",         "BOARD",      "THEME",
                                                      "CHALLENGING",       "CHALLENGED", "RAISED",
                                                      "OUTCOME",           "ENDED",      "PASSED",
                                                      "DAYS AT EACH STAGE" };
    CLEANUP(table_close) struct table *table = table_open(heads, ENTRY_COLUMNS);
    char challenged[REPORT_AGENCIES_SIZE], raised[WORDS_SIZE], ended[WORDS_SIZE],
        passed[NUMBER_SIZE], stays[REPORT_STAYS_SIZE];

    for (size_t i = 0; table && i < report->entry_count; i++) {
        const struct register_entry *entry = &report->entries[i];

        table_add(table,
                  (const char *[]){
                      entry->reference, entry->board, entry->theme, entry->agencies[0],
                      report_agencies(entry, 1, challenged), day(report, entry->raised, raised),
                      register_outcome_name(entry->outcome), day(report, entry->ended, ended),
                      number(report_limits(report, entry, REGISTER_PASSED), passed),
                      report_stays(report, entry, stays) });
    }
    if (table && report->entry_count > 0) {
        putchar('\n');
        table_print(table);
    }
}

static void print_troubles(const struct report *report)
{
    static const char *const heads[TROUBLE_COLUMNS] = { "UNDELIVERED", "ROLE", "AGENCY", "SINCE",
                                                        "NOW",         "AT",   "TRIED" };
    CLEANUP(table_close) struct table *table = table_open(heads, TROUBLE_COLUMNS);
    char since[WORDS_SIZE], delivered[WORDS_SIZE], tried[REPORT_TRIED_SIZE];

    puts(report->trouble_count
             ? "\nNotifications that were refused, given up or accepted by nobody:"
             : "\nEvery notification was accepted.");
    for (size_t i = 0; table && i < report->trouble_count; i++) {
        const struct report_trouble *trouble = &report->troubles[i];

        table_add(table, (const char *[]){ trouble->reference, trouble->role,
                                           *trouble->agency ? trouble->agency : trouble->side,
                                           day(report, trouble->since, since), trouble->now,
                                           day(report, trouble->delivered, delivered),
                                           report_tried(trouble, tried) });
    }
    if (table)
        table_print(table);
}

void report_print_text(const struct report *report)
{
    const struct register_counts *counts = &report->counts;

    print_sums(report);
    print_list("RAISED IN", &counts->months);
    print_list("THEME", &counts->themes);
    print_list("AGENCIES", &counts->pairs);
    print_stages(counts);
    print_limits(counts);
    print_entries(report);
    print_troubles(report);
}
