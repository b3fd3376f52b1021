/* simulate_html.c - a play drawn as a page that needs no other file, for screen and paper. */
#include "concernctl/simulate_page.h"

#include "concernctl/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Greys and one hue for what passes by itself; red is for what passed and what cannot wait. */
static const char style[] =
    "@page{size:A4 landscape;margin:11mm}\n"
    "*{box-sizing:border-box}\n"
    "body{font:14px/1.45 system-ui,'Segoe UI','Helvetica Neue',Arial,sans-serif;color:#1d2730;"
    "margin:0 auto;max-width:1240px;padding:24px 28px;background:#fff;"
    "-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    "h1{font-size:23px;line-height:1.25;margin:0 0 4px}\n"
    "h2{font-size:17px;margin:30px 0 8px;padding-top:10px;border-top:2px solid #1d2730}\n"
    "p.about{margin:0 0 18px;color:#55636e}\n"
    "p.legend{font-size:12px;color:#55636e;margin:8px 0 12px}\n"
    "p.gap{margin:6px 0 14px 172px;color:#55636e;font-style:italic}\n"
    ".key{display:inline-block;width:11px;height:11px;margin:0 4px 0 12px;vertical-align:middle}\n"
    ".key:first-child{margin-left:0}\n"
    ".key.closed{background:#e4e8ec}.key.one{background:#27506f;border-radius:50%}\n"
    ".key.ring{border:2px solid #27506f;border-radius:50%}\n"
    ".key.urgent{background:#c05a00;border-radius:50%}\n"
    ".key.immediate{background:#b3092b;border-radius:50%}\n"
    ".key.due{border:2px solid #1d2730;transform:rotate(45deg) scale(.75)}\n"
    ".key.passed{background:#b3092b;transform:rotate(45deg) scale(.75)}\n"
    ".key.event{width:0;height:0;border:6px solid transparent;border-top:10px solid #6b4d9a;"
    "vertical-align:-7px}\n"
    "svg.strip{display:block;width:100%;margin:0 0 14px;break-inside:avoid;"
    "font-family:inherit}\n"
    ".weekend{fill:#eef1f4}.holiday{fill:#f6dfc8}\n"
    ".grid{stroke:#dde3e8;stroke-width:1}.grid.week{stroke:#9aa7b2}\n"
    ".rule{stroke:#dde3e8;stroke-width:1}\n"
    ".month{font-size:12px;font-weight:700}\n"
    ".weekday{font-size:9px;fill:#6b7883;text-anchor:middle}\n"
    ".number{font-size:12px;font-weight:600;text-anchor:middle}\n"
    ".shut{fill:#9b8f83}\n"
    ".name{font-size:9.5px;fill:#8a4b08;font-weight:600}.clockname{fill:#6b4d9a}\n"
    ".clock{stroke:#6b4d9a;stroke-width:1.5;stroke-dasharray:3 3}\n"
    ".lane{font-size:12px;font-weight:600;text-anchor:end}\n"
    ".lane.side{font-weight:400;fill:#55636e;font-size:10px}\n"
    ".stage{stroke:#fff;stroke-width:1}.stage.open{opacity:.8}\n"
    ".s0{fill:#3d7ea6}.s1{fill:#2c6e8f}.s2{fill:#2b5d86}.s3{fill:#34497b}.s4{fill:#463a6e}"
    ".s5{fill:#57305f}\n"
    ".label{font-size:12px;font-weight:600;fill:#fff}.label.outside{fill:#1d2730;font-size:10px}\n"
    ".count{font-size:9px;fill:#fff;text-anchor:middle;opacity:.9}\n"
    ".run{stroke:#27506f;stroke-width:5;stroke-linecap:round}\n"
    ".over{stroke:#b3092b;stroke-width:2;stroke-dasharray:2 5;stroke-linecap:round}\n"
    ".due{fill:#fff;stroke:#1d2730;stroke-width:1.5}.due.passed{fill:#b3092b;stroke:#fff}\n"
    "path.event{fill:#6b4d9a}.event.refused{fill:#b3092b}\n"
    ".eventname{font-size:10px;fill:#6b4d9a}\n"
    "g.told circle{fill:#27506f;stroke:#27506f;stroke-width:1.6}\n"
    "g.told text{font-size:9.5px;font-weight:700;fill:#fff;text-anchor:middle}\n"
    "g.urgent circle{fill:#c05a00;stroke:#c05a00}\n"
    "g.immediate circle{fill:#b3092b;stroke:#b3092b}\n"
    "g.chased circle{fill:#fff}g.chased text{fill:#1d2730}\n"
    "table{border-collapse:collapse;width:100%;table-layout:fixed;margin-top:18px;font-size:12.5px}"
    "\n"
    "thead{display:table-header-group}\n"
    "th,td{vertical-align:top;text-align:left;padding:4px 8px}\n"
    "thead th{border-bottom:2px solid #1d2730;font-size:12px}\n"
    ".told,.what{break-inside:avoid}tbody tr{border-bottom:1px solid #e3e8ec}\n"
    "tr.day{break-after:avoid;border-bottom:1px solid #9aa7b2}\n"
    "tr.day th{padding-top:14px;font-size:14px}tr.day small{color:#8a4b08;font-weight:400}\n"
    "tr.aside td{color:#8a4b08;font-size:12px;font-style:italic}\n"
    "tbody th[scope=row]{white-space:nowrap;font-weight:600;color:#55636e}\n"
    "col.time{width:106px}col.what{width:25%}col.board{width:17%}\n"
    ".what{margin-bottom:2px}.what.enter{font-weight:700}.what.over{color:#b3092b;font-weight:600}"
    "\n"
    ".what.quiet{color:#55636e}.what.event{color:#6b4d9a;font-weight:600}\n"
    ".told{margin-bottom:5px;padding-left:7px;border-left:3px solid #27506f}\n"
    ".told.urgent{border-color:#c05a00}.told.immediate{border-color:#b3092b}\n"
    ".who{color:#55636e}\n"
    "dl{font-size:12.5px;display:grid;grid-template-columns:max-content 1fr;gap:4px 16px}\n"
    "dt{font-weight:600}dd{margin:0}\n"
    "footer{margin-top:26px;color:#55636e;font-size:12px}\n"
    "@media print{body{padding:0;max-width:none;font-size:11px}table{font-size:9.5px}"
    "th,td{padding:2px 6px}tr.day th{padding-top:8px;font-size:11px}.told{margin-bottom:3px}"
    "thead th,tr.aside td{font-size:9.5px}}\n";

/* --- writing */

void page_add(const struct page *page, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(page->file, format, arguments);
    va_end(arguments);
}

void page_text(const struct page *page, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", page->file);
        else if (*text == '>')
            fputs("&gt;", page->file);
        else if (*text == '&')
            fputs("&amp;", page->file);
        else if (*text == '"')
            fputs("&quot;", page->file);
        else
            fputc(*text, page->file);
    }
}

void page_words(const struct page *page, const char *id)
{
    char letter[2] = "";

    for (; *id; id++) {
        letter[0] = *id == '_' ? ' ' : *id;
        page_text(page, letter);
    }
}

void page_says(const struct page *page, const struct happening *happening)
{
    for (size_t i = 0; i < happening->say_count; i++) {
        const struct happening_say *say = &happening->says[i];
        const char *about = strchr(say->cause, ' ');
        int deadline = about ? procedure_deadline(page->procedure, about + 1) : -1;

        /* An intention is about the stage to be entered, whatever reminded of it. */
        if (strcmp(say->message, message_id(MESSAGE_INTENTION_TO_ESCALATE)) == 0 && say->stage)
            deadline = procedure_deadline(page->procedure, say->stage);
        page_text(page, i ? ", " : "");
        page_words(page, say->message);
        if (deadline < 0 || strncmp(say->cause, "rule ", 5) == 0)
            continue;
        page_text(page, " (");
        page_words(page, page->procedure->deadlines[deadline].title);
        page_text(page, ")");
    }
}

const char *page_role(const struct page *page, const char *role)
{
    int index = procedure_role(page->procedure, role);

    return index < 0 ? role : page->procedure->roles[index].title;
}

/* --- the page */

static void add_about(const struct page *page)
{
    const struct procedure *procedure = page->procedure;
    char known[DATE_SIZE];

    date_write(page->calendar->known_until, known);
    page_add(page, "<h1>");
    page_text(page, procedure->title);
    page_add(page, "</h1>\n<p class=\"about\">Procedure ");
    page_text(page, procedure->id);
    page_add(page, ", version ");
    page_text(page, procedure->version);
    page_add(page, " · calendar ");
    page_text(page, page->calendar->id);
    page_add(page, ", version %s, known until %s · time zone ", page->calendar->version, known);
    page_text(page, page->zone->name);
    page_add(page, " · a rehearsal: nobody was told</p>\n");
}

/* Each sentence that caused something, once, in the order of the procedure. */
static void add_sentences(const struct page *page)
{
    const struct procedure *procedure = page->procedure;

    page_add(page, "<h2>The procedure’s words</h2>\n<dl>\n");
    for (size_t i = 0; i < procedure->deadline_count + procedure->rule_count; i++) {
        bool is_rule = i >= procedure->deadline_count;
        const struct rule *rule = is_rule ? &procedure->rules[i - procedure->deadline_count] : NULL;
        const char *words = is_rule ? rule->words : procedure->deadlines[i].words;

        if (!words)
            continue;
        page_add(page, "<dt>");
        if (is_rule)
            page_words(page, rule->id);
        else
            page_words(page, procedure->deadlines[i].title);
        page_add(page, "</dt><dd>“");
        page_text(page, words);
        page_add(page, "”</dd>\n");
    }
    page_add(page, "</dl>\n");
}

static int add_disagreement(struct page *page, const char *disagreement)
{
    int error = page_measure(page);

    page_add(page, "<h2>Disagreement ");
    page_text(page, disagreement);
    page_add(page, "</h2>\n");
    if (error == 0) {
        page_draw(page);
        page_table(page);
    }
    free(page->spans);
    page->spans = NULL;
    page->span_count = page->span_capacity = page->lane_count = 0;
    return error;
}

/* The part of the play that is about one disagreement. */
struct part {
    const struct happening **happenings;
    struct simulate_event *events;
};

static void take_part(const struct simulation *whole, const char *disagreement,
                      const struct part *part, struct simulation *play)
{
    *play = *whole;
    play->happenings = (struct happenings){ part->happenings, 0 };
    play->events.list = part->events;
    play->events.count = 0;
    for (size_t i = 0; i < whole->happenings.count; i++)
        if (strcmp(whole->happenings.list[i]->disagreement, disagreement) == 0)
            part->happenings[play->happenings.count++] = whole->happenings.list[i];
    for (size_t i = 0; i < whole->events.count; i++)
        if (strcmp(whole->events.list[i].subject, disagreement) == 0)
            part->events[play->events.count++] = whole->events.list[i];
}

static bool is_first_of(const struct simulation *simulation, size_t event)
{
    for (size_t i = 0; i < event; i++)
        if (strcmp(simulation->events.list[i].subject, simulation->events.list[event].subject) == 0)
            return false;
    return true;
}

static int add_disagreements(struct page *page, const struct simulation *simulation)
{
    struct part part = {
        .happenings = calloc(simulation->happenings.count + 1, sizeof *part.happenings),
        .events = calloc(simulation->events.count + 1, sizeof *part.events),
    };
    int error = part.happenings && part.events ? 0 : -ENOMEM;

    for (size_t i = 0; error == 0 && i < simulation->events.count; i++) {
        const char *subject = simulation->events.list[i].subject;

        if (!is_first_of(simulation, i))
            continue;
        take_part(simulation, subject, &part, &page->play);
        error = add_disagreement(page, subject);
    }
    free(part.happenings);
    free(part.events);
    return error;
}

static int write_page(struct page *page, const struct simulation *simulation)
{
    char text[WORDS_SIZE];
    int error;

    page_add(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                   "<title>");
    page_text(page, page->procedure->title);
    page_add(page, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
    add_about(page);
    error = add_disagreements(page, simulation);
    add_sentences(page);
    page_add(page, "<footer>Played until %s by concernctl " CONCERN_VERSION ".</footer>\n",
             words_instant(page->zone, simulation->until, text));
    page_add(page, "</body>\n</html>\n");
    return error;
}

int simulate_print_html(const struct simulation *simulation, const char *path)
{
    bool to_file = strcmp(path, "-") != 0;
    struct page page = {
        .file = to_file ? fopen(path, "we") : stdout,
        .procedure = simulation->view.procedure,
        .zone = simulation->view.time.zone,
        .calendar = simulation->view.time.calendar,
    };
    int error;

    if (!page.file)
        return -errno;
    error = write_page(&page, simulation);
    if (error == 0 && (fflush(page.file) || ferror(page.file)))
        error = -(errno ? errno : EIO);
    if (to_file && fclose(page.file) && error == 0)
        error = -errno;
    return error;
}
