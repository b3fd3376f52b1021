/* compose_examine.c - reads a notification over before anybody is sent one like it. */
#include "core/compose_examine.h"

#include <string.h>

#include "core/compose_field.h"

static const struct {
    enum part part;
    const char *name;
} parts[] = { { PART_HEADLINE, "headline" },
              { PART_HAPPENED, "happened" },
              { PART_TO_DO, "to_do" } };

static int fault_in(struct compose_fault *fault, const struct template_text *template,
                    unsigned line, const char *why)
{
    struct text text = text_over(fault->why, sizeof fault->why);

    fault->template = template;
    fault->line = line;
    text_add(&text, why);
    return TEMPLATE_FAULT;
}

static bool is_empty(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* The line on which a part begins; 1 where it is not written. */
static unsigned line_of(const struct template_text *template, const char *part)
{
    const char *at = template->text, *found;
    char tag[40];
    struct text whole = text_over(tag, sizeof tag);
    unsigned line = 1;

    text_addf(&whole, "{{#%s}}", part);
    found = strstr(template->text, tag);
    for (; found && at < found; at++)
        line += *at == '\n';
    return line;
}

static int proof(const struct template_text *template, const char *filled,
                 const struct template_trace *trace, struct compose_fault *fault)
{
    struct template_proof found;

    if (template_proof(filled, trace, LINE_WIDTH, &found) == TEMPLATE_OK)
        return TEMPLATE_OK;
    return fault_in(fault, template, template_line(template->text, trace, found.at), found.why);
}

int compose_proof(const struct template_text *template, const char *filled,
                  const struct template_trace *trace, struct compose_fault *fault)
{
    return is_empty(filled) ? fault_in(fault, template, 1, "gives an empty text")
                            : proof(template, filled, trace, fault);
}

/* The template a message of `say` should have spoken by. */
static const struct template_text *meant(const struct telling *self, const struct say *say)
{
    const struct composition *of = self->of;
    const char *language =
        of->notification->person ? of->notification->person->language : LANGUAGE_DEFAULT;
    const struct template_text *text =
        templates_find(of->templates, language, message_id(say->message));

    return text ? text : &compose_last_resort;
}

static int examine_part(struct telling *self, const struct template_text *template, size_t part,
                        struct compose_fault *fault)
{
    char buffer[PART_SIZE];
    struct text filled = text_over(buffer, sizeof buffer);
    struct template_trace trace = { .count = 0 };
    unsigned line = line_of(template, parts[part].name);

    compose_fill_part(self, template, parts[part].part, &trace, &filled);
    if (text_was_cut(&filled))
        return fault_in(fault, template, line, "is cut: this part is too long");
    if (parts[part].part == PART_HEADLINE && self->say == self->principal && is_empty(buffer))
        return fault_in(fault, template, line, "gives no words for the subject (headline)");
    return proof(template, buffer, &trace, fault);
}

static int examine_say(struct telling *self, size_t index, struct compose_fault *fault)
{
    const struct template_text *template = self->templates[index];
    int answer = TEMPLATE_OK;

    self->say = &self->notification->says[index];
    if (template == &compose_last_resort) {
        template = meant(self, self->say);
        return fault_in(fault, template, line_of(template, "happened"),
                        "says nothing of what happened");
    }
    for (size_t i = 0; i < COUNT_OF(parts) && answer == TEMPLATE_OK; i++)
        answer = examine_part(self, template, i, fault);
    return answer;
}

static int examine_frame(struct telling *self, const char *id, char *filled, size_t size,
                         struct compose_fault *fault)
{
    struct text text = text_over(filled, size);
    struct template_trace trace = { .count = 0 };
    const struct template_text *template = compose_frame(self, id, &trace, &text);

    if (text_was_cut(&text))
        return fault_in(fault, template, 1, "is cut: the whole text is too long");
    return compose_proof(template, filled, &trace, fault);
}

static int examine_subject(struct telling *self, struct compose_fault *fault)
{
    char buffer[TEMPLATE_VALUE_MAX], line[SUBJECT_SIZE];
    struct text subject = text_over(line, sizeof line);
    int answer = examine_frame(self, "subject", buffer, sizeof buffer, fault);

    if (answer != TEMPLATE_OK)
        return answer;
    compose_add_line(buffer, &subject);
    if (!text_was_cut(&subject))
        return TEMPLATE_OK;
    return fault_in(
        fault, self->templates[self->principal - self->notification->says],
        line_of(self->templates[self->principal - self->notification->says], "headline"),
        "gives a subject that is too long, and would be cut");
}

int compose_examine(const struct composition *composition, struct compose_fault *fault)
{
    struct lists_room room;
    struct telling self = compose_telling(composition, &room);
    char buffer[BODY_SIZE];
    int answer = TEMPLATE_OK;

    for (size_t i = 0; i < composition->notification->say_count && answer == TEMPLATE_OK; i++)
        answer = examine_say(&self, i, fault);
    self.say = self.principal;
    if (answer == TEMPLATE_OK)
        answer = examine_subject(&self, fault);
    self.say = self.principal;
    if (answer == TEMPLATE_OK)
        answer = examine_frame(&self, "mail", buffer, sizeof buffer, fault);
    self.say = self.principal;
    return answer == TEMPLATE_OK ? examine_frame(&self, "digest_entry", buffer, GIST_SIZE, fault)
                                 : answer;
}
