/* compose_missing.c - tells a board's team that events of a case system have not come. */
#include "core/compose_missing.h"

#include <string.h>

#include "core/compose_private.h"

enum { LINE_LETTERS = 78 };

struct filling {
    const struct missing_events *of;
    const struct words *words;
    bool subject; /* else the body */
};

static bool source_value(const struct filling *self, struct text *value)
{
    text_add(value, self->of->source);
    return true;
}

static bool board_value(const struct filling *self, struct text *value)
{
    text_add(value, self->of->board);
    return self->of->board[0] != '\0';
}

static bool role_value(const struct filling *self, struct text *value)
{
    text_add(value, self->of->role);
    return self->of->role[0] != '\0';
}

static bool count_value(const struct filling *self, struct text *value)
{
    text_addf(value, "%llu", (unsigned long long)self->of->count);
    return true;
}

static bool one_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->count == 1;
}

static bool since_value(const struct filling *self, struct text *value)
{
    if (instant_is_none(self->of->since))
        return false;
    write_instant(self->words, self->of->time, self->of->since, false, value);
    return true;
}

static bool gone_value(const struct filling *self, struct text *value)
{
    (void)value;
    return instant_is_none(self->of->since);
}

static bool best_effort_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->best_effort;
}

static bool stand_in_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->stand_in;
}

static bool subject_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->subject;
}

static bool body_value(const struct filling *self, struct text *value)
{
    (void)value;
    return !self->subject;
}

enum { VALUE = TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION, FLAG = TEMPLATE_AS_SECTION };

static const struct template_field fields[] = {
    { "source", VALUE },  { "board", VALUE },  { "role", VALUE }, { "count", VALUE },
    { "one", FLAG },      { "since", VALUE },  { "gone", FLAG },  { "best_effort", FLAG },
    { "stand_in", FLAG }, { "subject", FLAG }, { "body", FLAG },
};
static bool (*const values[])(const struct filling *, struct text *) = {
    source_value, board_value,       role_value,     count_value,   one_value,  since_value,
    gone_value,   best_effort_value, stand_in_value, subject_value, body_value,
};

static bool value_of(void *context, size_t field, struct text *value)
{
    return values[field](context, value);
}

static bool item_of(void *context, size_t field, size_t item)
{
    (void)context;
    (void)field;
    (void)item;
    return false;
}

const char *compose_missing_field(size_t index)
{
    return index < COUNT_OF(fields) ? fields[index].name : NULL;
}

int compose_missing_check(const struct template_text *text, struct template_fault *fault)
{
    int answer = template_examine(text->text, fields, COUNT_OF(fields), fault);

    if (answer != TEMPLATE_OK ||
        (strstr(text->text, "{{#subject}}") && strstr(text->text, "{{#body}}")))
        return answer;
    *fault = (struct template_fault){ .line = 1,
                                      .column = 1,
                                      .why = "a text without its two parts (add {{#subject}} ... "
                                             "{{/subject}} and {{#body}} ... {{/body}})" };
    return TEMPLATE_FAULT;
}

/* What stands for a template that is missing, which the loader would have refused. */
static const char builtin[] = "{{#subject}}{{count}} events of {{source}} are missing{{/subject}}"
                              "{{#body}}{{count}} events of {{source}} have not come.{{/body}}";

static const struct template_text last_resort = { .id = TEMPLATE_EVENTS_MISSING,
                                                  .file = "",
                                                  .text = builtin };

/* Fills one of the two parts; answers the template it was made of. */
static const struct template_text *fill(const struct missing_events *missing, bool subject,
                                        struct template_trace *trace, struct text *result)
{
    const struct template_text *template =
        templates_find(missing->templates, missing->language, TEMPLATE_EVENTS_MISSING);
    struct filling filling = { .of = missing, .subject = subject };
    struct template_source source = { .fields = fields,
                                      .field_count = COUNT_OF(fields),
                                      .context = &filling,
                                      .value = value_of,
                                      .item = item_of,
                                      .trace = trace };

    template = template ? template : &last_resort;
    filling.words = templates_words(missing->templates, template->language);
    template_fill(template->text, &source, result);
    return template;
}

int compose_missing(const struct missing_events *missing, char subject[SUBJECT_SIZE], char *body,
                    size_t size)
{
    char buffer[BODY_SIZE];
    struct text raw = text_over(buffer, sizeof buffer), line = text_over(subject, SUBJECT_SIZE);
    struct text text = text_over(body, size);

    fill(missing, true, NULL, &raw);
    compose_add_line(buffer, &line);
    raw = text_over(buffer, sizeof buffer);
    fill(missing, false, NULL, &raw);
    template_wrap(buffer, LINE_LETTERS, &text);
    return text_was_cut(&raw) || text_was_cut(&line) || text_was_cut(&text) ? TEMPLATE_CUT
                                                                            : TEMPLATE_OK;
}

const char *compose_missing_language(const struct missing_events *missing)
{
    const struct template_text *template =
        templates_find(missing->templates, missing->language, TEMPLATE_EVENTS_MISSING);

    return template && template->language ? template->language : LANGUAGE_DEFAULT;
}

/* --- every shape of it */

static int examine(const struct missing_events *missing, bool subject, struct compose_fault *fault)
{
    char buffer[BODY_SIZE];
    struct text raw = text_over(buffer, sizeof buffer);
    struct template_trace trace = { .count = 0 };
    const struct template_text *template = fill(missing, subject, &trace, &raw);

    return compose_proof(template, buffer, &trace, fault);
}

int compose_missing_examine(const struct templates *templates, const char *language,
                            const struct timekeeping *time, struct compose_fault *fault)
{
    static const uint64_t counts[] = { 1, 2, 30 };
    int answer = TEMPLATE_OK;

    for (unsigned shape = 0; shape < COUNT_OF(counts) * 8 && answer == TEMPLATE_OK; shape++) {
        struct missing_events missing = {
            .source = "urn:invented:case-system",
            .board = "Northtown Safeguarding Board",
            .role = "Board team",
            .count = counts[shape / 8],
            .since = shape & 1 ? INSTANT_NONE : (struct instant){ INT64_C(1799159400) * SECOND_US },
            .best_effort = shape & 2,
            .stand_in = shape & 4,
            .time = time,
            .templates = templates,
            .language = language,
        };

        answer = examine(&missing, true, fault);
        answer = answer == TEMPLATE_OK ? examine(&missing, false, fault) : answer;
    }
    return answer;
}
