/* report_plot.c - the plots of the register. */
#include "concernctl/report_plot.h"

#include <inttypes.h>
#include <string.h>

/* Of a plot, in the units of its viewBox. */
enum {
    WIDTH = 560,
    BARS_WIDTH = 420, /* behind them there is room for what they say */
    ROW_HEIGHT = 42,  /* a label, and its bar below */
    BAR_HEIGHT = 16,
    ROWS_MAX = 20, /* the rest is in the tables */
    LABEL_LETTERS = 76
};

struct bar {
    char label[REGISTER_NAME_SIZE];
    double first, second; /* one behind the other */
    double mark;          /* a line across; 0: none */
    char value[80];       /* in words, behind the bar */
};

struct plot {
    const char *id, *caption;
    struct bar bars[ROWS_MAX];
    size_t count, left_out;
};

static double most_of(const struct plot *plot)
{
    double most = 0;

    for (size_t i = 0; i < plot->count; i++) {
        double sum = plot->bars[i].first + plot->bars[i].second;

        most = sum > most ? sum : most;
        most = plot->bars[i].mark > most ? plot->bars[i].mark : most;
    }
    return most > 0 ? most : 1;
}

/* Cut to its place, between characters: ids and names are ASCII. */
static void add_label(FILE *file, const char *label)
{
    char text[LABEL_LETTERS + 4];

    if (strlen(label) <= LABEL_LETTERS)
        snprintf(text, sizeof text, "%s", label);
    else
        snprintf(text, sizeof text, "%.*s…", LABEL_LETTERS - 1, label);
    report_add_text(file, text);
}

static void add_bar(const struct bar *bar, size_t row, double most, FILE *file)
{
    double first = bar->first / most * BARS_WIDTH, second = bar->second / most * BARS_WIDTH;
    double mark = bar->mark / most * BARS_WIDTH,
           end = mark > first + second ? mark : first + second;
    size_t y = row * ROW_HEIGHT;

    fprintf(file, "<text x=\"0\" y=\"%zu\">", y + 14);
    add_label(file, bar->label);
    fprintf(file, "</text>\n<rect class=\"bar\" x=\"0\" y=\"%zu\" width=\"%.1f\" height=\"%d\"/>\n",
            y + 20, first, BAR_HEIGHT);
    if (bar->second > 0)
        fprintf(file,
                "<rect class=\"second\" x=\"%.1f\" y=\"%zu\" width=\"%.1f\" height=\"%d\"/>\n",
                first, y + 20, second, BAR_HEIGHT);
    if (bar->mark > 0)
        fprintf(file, "<path class=\"longest\" d=\"M%.1f %zuv%d\"/>\n", mark, y + 18,
                BAR_HEIGHT + 4);
    fprintf(file, "<text class=\"value\" x=\"%.1f\" y=\"%zu\">", end + 6, y + 33);
    report_add_text(file, bar->value);
    fputs("</text>\n", file);
}

/* What is drawn is said in words too, for who does not see it. */
static void draw(const struct plot *plot, FILE *file)
{
    double most = most_of(plot);

    if (plot->count == 0)
        return;
    fprintf(file,
            "<figure>\n<figcaption>%s</figcaption>\n<svg viewBox=\"0 0 %d %zu\" role=\"img\" "
            "aria-labelledby=\"%s-title %s-words\">\n<title id=\"%s-title\">%s</title>\n"
            "<desc id=\"%s-words\">",
            plot->caption, WIDTH, plot->count * ROW_HEIGHT, plot->id, plot->id, plot->id,
            plot->caption, plot->id);
    for (size_t i = 0; i < plot->count; i++) {
        report_add_text(file, plot->bars[i].label);
        fputs(": ", file);
        report_add_text(file, plot->bars[i].value);
        fputs(i + 1 < plot->count ? "; " : ".", file);
    }
    fputs("</desc>\n", file);
    for (size_t i = 0; i < plot->count; i++)
        add_bar(&plot->bars[i], i, most, file);
    fputs("</svg>\n", file);
    if (plot->left_out > 0)
        fprintf(file, "<p>%zu more are not drawn.</p>\n", plot->left_out);
    fputs("</figure>\n", file);
}

/* The next bar; NULL: there is no room. */
static struct bar *next_bar(struct plot *plot)
{
    if (plot->count == ROWS_MAX) {
        plot->left_out++;
        return NULL;
    }
    plot->bars[plot->count] = (struct bar){ .label = "" };
    return &plot->bars[plot->count++];
}

static void plot_list(const char *id, const char *caption, const struct register_list *list,
                      FILE *file)
{
    struct plot plot = { .id = id, .caption = caption };

    for (size_t i = 0; i < list->count; i++) {
        struct bar *bar = next_bar(&plot);

        if (!bar)
            continue;
        snprintf(bar->label, sizeof bar->label, "%s", list->rows[i].name);
        bar->first = (double)list->rows[i].count;
        snprintf(bar->value, sizeof bar->value, "%" PRIu64, list->rows[i].count);
    }
    draw(&plot, file);
}

static void plot_stages(const struct register_counts *counts, FILE *file)
{
    struct plot plot = { .id = "stages",
                         .caption = "Days at each stage: mean (bar), longest (line)" };

    for (size_t i = 0; i < counts->stage_count; i++) {
        const struct register_stage *stage = &counts->stages[i];
        struct bar *bar = next_bar(&plot);

        if (!bar)
            continue;
        snprintf(bar->label, sizeof bar->label, "%.60s, %.60s", stage->stage, stage->procedure);
        bar->first = (double)stage->total_us / (double)stage->stays / (double)DAY_US;
        bar->mark = (double)stage->longest_us / (double)DAY_US;
        snprintf(bar->value, sizeof bar->value, "%.1f, %.1f", bar->first, bar->mark);
    }
    draw(&plot, file);
}

static void plot_limits(const struct register_counts *counts, FILE *file)
{
    struct plot plot = { .id = "limits",
                         .caption = "Limits that were due: met (blue), passed (red)" };

    for (size_t i = 0; i < counts->deadline_count; i++) {
        const struct register_deadline *limit = &counts->deadlines[i];
        struct bar *bar = limit->met + limit->passed > 0 ? next_bar(&plot) : NULL;

        if (!bar)
            continue;
        snprintf(bar->label, sizeof bar->label, "%.60s, %.60s", limit->deadline, limit->procedure);
        bar->first = (double)limit->met;
        bar->second = (double)limit->passed;
        snprintf(bar->value, sizeof bar->value, "%" PRIu64 " met, %" PRIu64 " passed", limit->met,
                 limit->passed);
    }
    draw(&plot, file);
}

void report_plot(const struct report *report, FILE *file)
{
    const struct register_counts *counts = &report->counts;

    fputs("<h2>At a glance</h2>\n<div class=\"plots\">\n", file);
    plot_list("months", "Raised in each month", &counts->months, file);
    plot_list("themes", "Themes of those that were open in the period", &counts->themes, file);
    plot_list("agencies", "Who challenged whom", &counts->pairs, file);
    plot_stages(counts, file);
    plot_limits(counts, file);
    fputs("</div>\n", file);
}
