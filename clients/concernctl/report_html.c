/* report_html.c - the register as a page that needs no other file, for screen and paper. */
#include "concernctl/report.h"
#include "concernctl/report_plot.h"

#include "concernctl/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
    "@page{size:A4 landscape;margin:12mm}\n"
    "body{font:15px/1.5 system-ui,'Segoe UI','Helvetica Neue',Arial,sans-serif;color:#1d2730;"
    "background:#fff;margin:0 auto;max-width:1100px;padding:24px 28px;"
    "-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    "h1{font-size:24px;line-height:1.25;margin:0 0 4px}\n"
    "h2{font-size:18px;margin:32px 0 8px;padding-top:10px;border-top:2px solid #1d2730;"
    "break-after:avoid}\n"
    "p.about{margin:0 0 18px;color:#4a5863}\n"
    ".sums{display:flex;flex-wrap:wrap;gap:12px;padding:0;margin:0;list-style:none}\n"
    ".sums li{border:1px solid #9aa7b2;border-radius:6px;padding:8px 14px;min-width:120px}\n"
    ".sums b{display:block;font-size:24px;line-height:1.2}\n"
    ".sums li.bad{border:2px solid #b3092b}\n"
    ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:18px 28px}\n"
    "figure{margin:0;break-inside:avoid}figcaption{font-weight:600;margin-bottom:4px}\n"
    "svg{display:block;width:100%;height:auto;font-family:inherit}\n"
    "svg text{font-size:13px;fill:#1d2730}svg .value{font-weight:600}\n"
    "svg .bar{fill:#27506f}svg .second{fill:#b3092b}"
    "svg .longest{stroke:#1d2730;stroke-width:2}\n"
    "table{border-collapse:collapse;width:100%;font-size:13px;margin:8px 0}\n"
    "thead{display:table-header-group}tr{break-inside:avoid}\n"
    "th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;"
    "border-bottom:1px solid #dde3e8}\n"
    "th[scope=row]{white-space:nowrap}\n"
    "thead th{border-bottom:2px solid #1d2730}\n"
    "td.n,th.n{text-align:right}\n"
    "td.bad{color:#b3092b;font-weight:600}\n"
    "footer{margin-top:28px;color:#4a5863;font-size:13px}\n"
    "@media print{body{padding:0;max-width:none;font-size:11px}table{font-size:10px}"
    ".plots{grid-template-columns:1fr 1fr}}\n";

/* --- writing */

void report_add_text(FILE *file, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", file);
        else if (*text == '>')
            fputs("&gt;", file);
        else if (*text == '&')
            fputs("&amp;", file);
        else if (*text == '"')
            fputs("&quot;", file);
        else
            fputc(*text, file);
    }
}

static void cell(FILE *file, const char *class, const char *text)
{
    fprintf(file, *class ? "<td class=\"%s\">" : "<td>", class);
    report_add_text(file, *text ? text : "–");
    fputs("</td>", file);
}

static void number_cell(FILE *file, uint64_t number)
{
    fprintf(file, "<td class=\"n\">%" PRIu64 "</td>", number);
}

/* A reference names its row. */
static void head_cell(FILE *file, const char *text)
{
    fputs("<th scope=\"row\">", file);
    report_add_text(file, text);
    fputs("</th>", file);
}

/* Heads that begin with a '#' stand over numbers. */
static void begin_table(FILE *file, const char *caption, const char *const *heads, size_t count)
{
    fprintf(file, "<table>\n<caption hidden>%s</caption>\n<thead><tr>", caption);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "<th scope=\"col\"%s>%s</th>", heads[i][0] == '#' ? " class=\"n\"" : "",
                heads[i] + (heads[i][0] == '#'));
    fputs("</tr></thead>\n<tbody>\n", file);
}

static void end_table(FILE *file)
{
    fputs("</tbody>\n</table>\n", file);
}

static const char *instant_text(const struct report *report, struct instant at,
                                char text[WORDS_SIZE])
{
    text[0] = '\0';
    return instant_is_none(at) ? text : words_instant(report->zone, at, text);
}

/* --- the page from the top */

static void add_sum(FILE *file, const char *what, uint64_t count, bool is_bad)
{
    fprintf(file, "<li%s><b>%" PRIu64 "</b>%s</li>\n", is_bad ? " class=\"bad\"" : "", count, what);
}

static void add_sums(const struct report *report, FILE *file)
{
    const struct register_counts *counts = &report->counts;
    uint64_t undelivered = 0;

    for (size_t i = 0; i < report->trouble_count; i++)
        undelivered += strcmp(report->troubles[i].now, "delivered") != 0;
    fputs("<ul class=\"sums\">\n", file);
    add_sum(file, "open when it began", counts->before, false);
    add_sum(file, "raised in it", counts->raised, false);
    add_sum(file, "resolved in it", counts->ended[REGISTER_RESOLVED], false);
    add_sum(file, "withdrawn in it", counts->ended[REGISTER_WITHDRAWN], false);
    add_sum(file, "lapsed in it", counts->ended[REGISTER_LAPSED], false);
    add_sum(file, "open when it ended", counts->ended[REGISTER_OPEN], false);
    add_sum(file, "notifications not delivered", undelivered, undelivered > 0);
    fputs("</ul>\n", file);
}

static void add_stages(const struct register_counts *counts, FILE *file)
{
    static const char *const heads[] = { "Procedure", "Stage",         "#Stays",
                                         "#Go on",    "#Mean of days", "#Longest" };
    char mean[REPORT_DAYS_SIZE], longest[REPORT_DAYS_SIZE];

    fputs("<h2>How long at each stage</h2>\n", file);
    begin_table(file, "How long at each stage", heads, COUNT_OF(heads));
    for (size_t i = 0; i < counts->stage_count; i++) {
        const struct register_stage *stage = &counts->stages[i];

        fputs("<tr>", file);
        cell(file, "", stage->procedure);
        head_cell(file, stage->stage);
        number_cell(file, stage->stays);
        number_cell(file, stage->going_on);
        cell(file, "n", report_days(stage->total_us / (int64_t)stage->stays, mean));
        cell(file, "n", report_days(stage->longest_us, longest));
        fputs("</tr>\n", file);
    }
    end_table(file);
}

static void add_limits(const struct register_counts *counts, FILE *file)
{
    static const char *const heads[] = { "Procedure", "Limit", "#Met", "#Passed", "#Running" };

    fputs("<h2>Limits that were due</h2>\n", file);
    begin_table(file, "Limits that were due", heads, COUNT_OF(heads));
    for (size_t i = 0; i < counts->deadline_count; i++) {
        fputs("<tr>", file);
        cell(file, "", counts->deadlines[i].procedure);
        head_cell(file, counts->deadlines[i].deadline);
        number_cell(file, counts->deadlines[i].met);
        number_cell(file, counts->deadlines[i].passed);
        number_cell(file, counts->deadlines[i].running);
        fputs("</tr>\n", file);
    }
    end_table(file);
}

static void add_entries(const struct report *report, FILE *file)
{
    static const char *const heads[] = { "Reference",         "Board",      "Theme",
                                         "Challenging",       "Challenged", "Raised",
                                         "Outcome",           "Ended",      "#Limits passed",
                                         "Days at each stage" };
    char challenged[REPORT_AGENCIES_SIZE], raised[WORDS_SIZE], ended[WORDS_SIZE],
        stays[REPORT_STAYS_SIZE];

    fputs("<h2>Disagreements</h2>\n", file);
    begin_table(file, "Disagreements", heads, COUNT_OF(heads));
    for (size_t i = 0; i < report->entry_count; i++) {
        const struct register_entry *entry = &report->entries[i];

        fputs("<tr>", file);
        head_cell(file, entry->reference);
        cell(file, "", entry->board);
        cell(file, "", entry->theme);
        cell(file, "", entry->agencies[0]);
        cell(file, "", report_agencies(entry, 1, challenged));
        cell(file, "", instant_text(report, entry->raised, raised));
        cell(file, "", register_outcome_name(entry->outcome));
        cell(file, "", instant_text(report, entry->ended, ended));
        number_cell(file, report_limits(report, entry, REGISTER_PASSED));
        cell(file, "", report_stays(report, entry, stays));
        fputs("</tr>\n", file);
    }
    end_table(file);
}

static void add_troubles(const struct report *report, FILE *file)
{
    static const char *const heads[] = { "Reference", "Role", "Agency",   "Since",
                                         "Tried",     "Now",  "Delivered" };
    char since[WORDS_SIZE], delivered[WORDS_SIZE], tried[REPORT_TRIED_SIZE];

    fputs("<h2>Notifications that were refused, given up or accepted by nobody</h2>\n", file);
    if (report->trouble_count == 0) {
        fputs("<p>None: every notification was accepted.</p>\n", file);
        return;
    }
    begin_table(file, "Undelivered notifications", heads, COUNT_OF(heads));
    for (size_t i = 0; i < report->trouble_count; i++) {
        const struct report_trouble *trouble = &report->troubles[i];

        fputs("<tr>", file);
        head_cell(file, trouble->reference);
        cell(file, "", trouble->role);
        cell(file, "", *trouble->agency ? trouble->agency : trouble->side);
        cell(file, "", instant_text(report, trouble->since, since));
        cell(file, "", report_tried(trouble, tried));
        cell(file, strcmp(trouble->now, "delivered") == 0 ? "" : "bad", trouble->now);
        cell(file, "", instant_text(report, trouble->delivered, delivered));
        fputs("</tr>\n", file);
    }
    end_table(file);
}

static void add_about(const struct report *report, FILE *file)
{
    char from[WORDS_SIZE], to[WORDS_SIZE], now[WORDS_SIZE];

    fputs("<h1>Register of professional disagreements</h1>\n<p class=\"about\">", file);
    report_add_text(file, report->board ? report->board : "All boards");
    fprintf(file, " · %s to before %s · as of %s · time zone ",
            words_instant(report->zone, report->period.from, from),
            words_instant(report->zone, report->period.to, to),
            words_instant(report->zone, report->period.now, now));
    report_add_text(file, report->zone->name);
    fputs("</p>\n", file);
}

static void write_page(const struct report *report, FILE *file)
{
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
            "'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<title>Register of professional disagreements</title>\n<style>\n%s</style>\n"
            "</head>\n<body>\n<main>\n",
            style);
    add_about(report, file);
    add_sums(report, file);
    report_plot(report, file);
    add_troubles(report, file);
    add_stages(&report->counts, file);
    add_limits(&report->counts, file);
    add_entries(report, file);
    fputs("</main>\n<footer>Made by concernctl " CONCERN_VERSION
          ". References, agencies and roles; no person is named.</footer>\n</body>\n</html>\n",
          file);
}

int report_print_html(const struct report *report, const char *path)
{
    bool to_file = strcmp(path, "-") != 0;
    FILE *file = to_file ? fopen(path, "we") : stdout;
    int error = 0;

    if (!file)
        return -errno;
    write_page(report, file);
    if (fflush(file) || ferror(file))
        error = -(errno ? errno : EIO);
    if (to_file && fclose(file) && error == 0)
        error = -errno;
    return error;
}
