/* compose_acknowledge.c - the page behind the link by which somebody says what he has seen. */
#include "core/compose_acknowledge.h"

#include <string.h>

#include "core/compose_examine.h"
#include "core/compose_private.h"

enum page_part { PAGE_TITLE, PAGE_TEXT, PAGE_BUTTON, PAGE_PARTS };

/* The fields: each state, then each part, then the one value. */
enum { FIRST_PART = ACKNOWLEDGE_STATES, SEEN_AT = FIRST_PART + PAGE_PARTS, FIELDS };

struct filling {
    const struct acknowledge_page *of;
    enum page_part part;
};

static const struct template_field fields[FIELDS] = {
    [ACKNOWLEDGE_ASKS] = { "asks", TEMPLATE_AS_SECTION },
    [ACKNOWLEDGE_THANKS] = { "thanks", TEMPLATE_AS_SECTION },
    [ACKNOWLEDGE_USED] = { "used", TEMPLATE_AS_SECTION },
    [ACKNOWLEDGE_ENDED] = { "ended", TEMPLATE_AS_SECTION },
    [ACKNOWLEDGE_OLD] = { "old", TEMPLATE_AS_SECTION },
    [ACKNOWLEDGE_UNKNOWN] = { "unknown", TEMPLATE_AS_SECTION },
    [ACKNOWLEDGE_LATER] = { "later", TEMPLATE_AS_SECTION },
    [ACKNOWLEDGE_WRONG] = { "wrong", TEMPLATE_AS_SECTION },
    [FIRST_PART + PAGE_TITLE] = { "title", TEMPLATE_AS_SECTION },
    [FIRST_PART + PAGE_TEXT] = { "text", TEMPLATE_AS_SECTION },
    [FIRST_PART + PAGE_BUTTON] = { "button", TEMPLATE_AS_SECTION },
    [SEEN_AT] = { "seen_at", TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION },
};

static bool value_of(void *context, size_t field, struct text *value)
{
    const struct filling *self = context;

    if (field < FIRST_PART)
        return field == (size_t)self->of->state;
    if (field < SEEN_AT)
        return field == FIRST_PART + (size_t)self->part;
    text_add(value, self->of->seen_at);
    return self->of->seen_at[0] != '\0';
}

static bool item_of(void *context, size_t field, size_t item)
{
    (void)context;
    (void)field;
    (void)item;
    return false;
}

const char *acknowledge_state_name(enum acknowledge_state state)
{
    return fields[state].name;
}

const char *compose_acknowledge_field(size_t index)
{
    return index < FIELDS ? fields[index].name : NULL;
}

int compose_acknowledge_check(const struct template_text *text, struct template_fault *fault)
{
    char tag[40];
    struct text why;
    int answer = template_examine(text->text, fields, FIELDS, fault);

    for (size_t i = 0; answer == TEMPLATE_OK && i < SEEN_AT; i++) {
        struct text whole = text_over(tag, sizeof tag);

        text_addf(&whole, "{{#%s}}", fields[i].name);
        if (strstr(text->text, tag))
            continue;
        *fault = (struct template_fault){ .line = 1, .column = 1 };
        why = text_over(fault->why, sizeof fault->why);
        text_addf(&why,
                  "says nothing where %s (add {{#%s}} ... {{/%s}}: {{#title}} and {{#text}} in "
                  "each state, {{#button}} in {{#asks}})",
                  tag, fields[i].name, fields[i].name);
        answer = TEMPLATE_FAULT;
    }
    return answer;
}

/* What stands for a template that is missing, which the loader would have refused. */
static const char builtin[] =
    "{{#title}}{{#asks}}Have you seen this message?{{/asks}}{{^asks}}A message{{/asks}}{{/title}}"
    "{{#text}}{{#asks}}The button confirms that you have seen it.{{/asks}}"
    "{{#thanks}}It is recorded that you have seen it.{{/thanks}}"
    "{{#used}}It was confirmed as seen before.{{/used}}"
    "{{#ended}}This disagreement has ended.{{/ended}}{{#old}}This link is too old.{{/old}}"
    "{{#unknown}}This is no link of ours.{{/unknown}}"
    "{{#later}}Nothing was confirmed. Please try again later.{{/later}}"
    "{{#wrong}}Nothing was confirmed.{{/wrong}}{{/text}}"
    "{{#button}}{{#asks}}I have seen it{{/asks}}{{/button}}";

static const struct template_text last_resort = { .id = TEMPLATE_ACKNOWLEDGE,
                                                  .file = "",
                                                  .text = builtin };

static const struct template_text *find(const struct templates *templates, const char *language)
{
    const struct template_text *template =
        templates_find(templates, language, TEMPLATE_ACKNOWLEDGE);

    return template ? template : &last_resort;
}

const char *compose_acknowledge_language(const struct templates *templates, const char *language)
{
    const char *its = find(templates, language)->language;

    return its ? its : LANGUAGE_DEFAULT;
}

/* Answers the template it was made of. */
static const struct template_text *fill(const struct acknowledge_page *page, enum page_part part,
                                        struct template_trace *trace, struct text *result)
{
    const struct template_text *template = find(page->templates, page->language);
    struct filling filling = { .of = page, .part = part };
    struct template_source source = { .fields = fields,
                                      .field_count = FIELDS,
                                      .context = &filling,
                                      .value = value_of,
                                      .item = item_of,
                                      .trace = trace };

    template_fill(template->text, &source, result);
    return template;
}

static bool write_line(const struct acknowledge_page *page, enum page_part part,
                       char line[SUBJECT_SIZE])
{
    char buffer[TEMPLATE_VALUE_MAX];
    struct text raw = text_over(buffer, sizeof buffer), text = text_over(line, SUBJECT_SIZE);

    fill(page, part, NULL, &raw);
    compose_add_line(buffer, &text);
    return !text_was_cut(&raw) && !text_was_cut(&text);
}

int compose_acknowledge(const struct acknowledge_page *page, struct acknowledge_words *words)
{
    char buffer[TEMPLATE_VALUE_MAX];
    struct text raw = text_over(buffer, sizeof buffer);
    struct text text = text_over(words->text, sizeof words->text);
    bool whole = write_line(page, PAGE_TITLE, words->title);

    whole = write_line(page, PAGE_BUTTON, words->button) && whole;
    fill(page, PAGE_TEXT, NULL, &raw);
    template_wrap(buffer, LINE_WIDTH, &text);
    return whole && !text_was_cut(&raw) && !text_was_cut(&text) ? TEMPLATE_OK : TEMPLATE_CUT;
}

/* --- every state of it */

static int fault_in(struct compose_fault *fault, const struct template_text *template,
                    enum page_part part, enum acknowledge_state state, const char *what)
{
    struct text why = text_over(fault->why, sizeof fault->why);

    fault->template = template;
    fault->line = 1;
    text_addf(&why, "%s {{#%s}} where {{#%s}}", what, fields[FIRST_PART + part].name,
              fields[state].name);
    return TEMPLATE_FAULT;
}

static int examine(const struct acknowledge_page *page, enum page_part part,
                   struct compose_fault *fault)
{
    char buffer[TEMPLATE_VALUE_MAX], line[SUBJECT_SIZE];
    struct text raw = text_over(buffer, sizeof buffer), text = text_over(line, sizeof line);
    struct template_trace trace = { .count = 0 };
    const struct template_text *template = fill(page, part, &trace, &raw);
    bool is_empty = !buffer[strspn(buffer, " \t\r\n")];
    bool is_wanted = part != PAGE_BUTTON || page->state == ACKNOWLEDGE_ASKS;

    compose_add_line(buffer, &text);
    if (is_empty != !is_wanted)
        return fault_in(fault, template, part, page->state,
                        is_wanted ? "gives an empty" : "has a needless");
    if (text_was_cut(&raw) || (part != PAGE_TEXT && text_was_cut(&text)))
        return fault_in(fault, template, part, page->state, "is cut, for it is too long:");
    return is_empty ? TEMPLATE_OK : compose_proof(template, buffer, &trace, fault);
}

int compose_acknowledge_examine(const struct templates *templates, const char *language,
                                struct compose_fault *fault)
{
    int answer = TEMPLATE_OK;

    for (int state = 0; state < ACKNOWLEDGE_STATES; state++)
        for (int part = 0; part < PAGE_PARTS && answer == TEMPLATE_OK; part++) {
            struct acknowledge_page page = {
                .state = (enum acknowledge_state)state,
                .seen_at = state == ACKNOWLEDGE_USED ? "14:30 on Tuesday 5 January 2027" : "",
                .templates = templates,
                .language = language,
            };

            answer = examine(&page, (enum page_part)part, fault);
        }
    return answer;
}
