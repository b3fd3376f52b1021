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

/* `fault` names the template of the frame, whatever the answer. */
static int examine_frame(struct telling *self, const char *id, char *filled, size_t size,
                         struct compose_fault *fault)
{
    struct text text = text_over(filled, size);
    struct template_trace trace = { .count = 0 };
    const struct template_text *template = compose_frame(self, id, &trace, &text);

    fault->template = template;
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

static const char blanks[] = " \t\r\n";

/* However many blanks stand between the words. */
static bool begins_with(const char *at, const char *words)
{
    for (;;) {
        size_t wanted = strspn(words, blanks), there = strspn(at, blanks);

        if (!words[wanted])
            return true;
        if ((wanted > 0) != (there > 0) || at[there] != words[wanted])
            return false;
        at += there + 1;
        words += wanted + 1;
    }
}

static bool has_words(const char *filled, const char *words)
{
    words += strspn(words, blanks);
    while (*filled && !begins_with(filled, words))
        filled++;
    return *filled || !*words;
}

static bool has_instant(const struct telling *self, const char *filled, struct instant at)
{
    char whole[200], brief[200];
    struct text to_whole = text_over(whole, sizeof whole),
                to_brief = text_over(brief, sizeof brief);

    write_instant(self->words, &self->of->view->time, at, false, &to_whole);
    write_instant(self->words, &self->of->view->time, at, true, &to_brief);
    return has_words(filled, whole) || has_words(filled, brief);
}

/* A frame of somebody's own may leave out much, but not what the message is there to say. */
static const char *left_out(struct telling *self, const char *filled)
{
    static const enum part said[] = { PART_HAPPENED, PART_TO_DO };
    struct instant due = answer_due(self);
    char buffer[PART_SIZE];

    for (size_t i = 0; i < COUNT_OF(said); i++)
        for (size_t j = 0; j < self->notification->say_count; j++) {
            struct text part = text_over(buffer, sizeof buffer);

            compose_part(self, &self->notification->says[j], said[i], &part);
            if (!has_words(filled, buffer))
                return i == 0 ? "leaves out what happened "
                                "(write {{#says}} {{happened}} {{/says}})"
                              : "leaves out what is to be done "
                                "(write {{#says}} {{to_do}} {{/says}})";
        }
    if (!has_words(filled, self->disagreement->reference))
        return "leaves out the reference (write {{reference}})";
    if (self->asked && !instant_is_none(due) && !has_instant(self, filled, due))
        return "leaves out by when (write {{#answer_by}} {{answer_by}} {{/answer_by}})";
    return NULL;
}

static int examine_mail(struct telling *self, struct compose_fault *fault)
{
    char buffer[BODY_SIZE];
    const char *lacks;
    int answer = examine_frame(self, "mail", buffer, sizeof buffer, fault);

    if (answer != TEMPLATE_OK)
        return answer;
    self->say = self->principal;
    lacks = left_out(self, buffer);
    return lacks ? fault_in(fault, fault->template, 1, lacks) : TEMPLATE_OK;
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
        answer = examine_mail(&self, fault);
    self.say = self.principal;
    if (answer == TEMPLATE_OK)
        answer = examine_frame(&self, "text", buffer, TEXT_MESSAGE_SIZE, fault);
    self.say = self.principal;
    return answer == TEMPLATE_OK ? examine_frame(&self, "digest_entry", buffer, GIST_SIZE, fault)
                                 : answer;
}
