/* compose.c - writes a notification as a person reads it. */
#include "core/compose.h"

#include <string.h>

#include "core/compose_acknowledge.h"
#include "core/compose_digest.h"
#include "core/compose_field.h"
#include "core/compose_missing.h"
#include "core/plain.h"

/* What must never be missing; a rule's own template may be, for `rule` speaks for all. */
static const char *const frames[] = { "subject", "mail", "text", "digest_entry" };
static const char *const others[] = { TEMPLATE_EVENTS_MISSING, TEMPLATE_DIGEST,
                                      TEMPLATE_ACKNOWLEDGE };

/* Words of last resort: nobody goes untold because a file is missing. */
static const char builtin_subject[] = "[{{tag}}] {{headline}} - ref {{reference}}";
static const char builtin_mail[] =
    "{{#says}}\n{{happened}}\n\n{{to_do}}\n\n{{/says}}\n"
    "{{#answer_by}}\nBy when: {{answer_by}}.\n\n{{/answer_by}}\n"
    "You receive this as {{role}} of {{agency}} ({{side}}). Reference {{reference}}. "
    "Do not reply with personal details.\n";
static const char builtin_entry[] = "{{told_at}}: {{headline}}{{#due}} (due {{due}}){{/due}}.";
static const char builtin_text[] =
    "[{{tag}}] {{headline}} - ref {{reference}}.{{#answer_by_brief}} By {{answer_by_brief}}."
    "{{/answer_by_brief}}{{#acknowledge}} Confirm that you have seen this: {{acknowledge}}"
    "{{/acknowledge}}";
static const char builtin_message[] =
    "{{#headline}}{{stage}}{{^stage}}Disagreement{{/stage}}: news{{/headline}}"
    "{{#happened}}Something happened in this disagreement at {{told_at}}"
    "{{#deadline}}; it is about {{deadline}}{{/deadline}}"
    "{{#due}}, due {{due}}{{/due}}.{{/happened}}"
    "{{#to_do}}Look it up in your own case system.{{/to_do}}";
const struct template_text compose_last_resort = { .id = "", .file = "", .text = builtin_message };

/* The role he is addressed in.  Where nobody is named and it went to the operator, that is what he
 * must read first, whatever else he is told in the same message. */
static const struct recipient_role *addressed_role(const struct notification *notification)
{
    for (size_t i = 0; i < notification->role_count; i++)
        if (notification->roles[i].stand_in == STAND_IN_OPERATOR)
            return &notification->roles[i];
    return &notification->roles[0];
}

static int compose_line(struct telling *self, const char *id, struct text *line);

int compose_subject(const struct composition *composition, char subject[SUBJECT_SIZE])
{
    struct lists_room room;
    struct telling self = compose_telling(composition, &room);
    struct text text = text_over(subject, SUBJECT_SIZE);

    return compose_line(&self, "subject", &text);
}

int compose_gist(const struct composition *composition, char gist[GIST_SIZE])
{
    struct lists_room room;
    struct telling self = compose_telling(composition, &room);
    struct text text = text_over(gist, GIST_SIZE);

    return compose_line(&self, "digest_entry", &text);
}

struct instant compose_act_by(const struct composition *composition)
{
    struct lists_room room;
    struct telling self = compose_telling(composition, &room);

    return self.asked && !instant_is_none(self.say->due) ? self.say->due : answer_due(&self);
}

static bool is_frame(const char *id)
{
    for (size_t i = 0; i < COUNT_OF(frames); i++)
        if (!strcmp(frames[i], id))
            return true;
    return false;
}

/* The language of the reader; nobody of the directory speaks for a system or the operator. */
static const char *language_of(const struct composition *composition)
{
    return composition->notification->person ? composition->notification->person->language : NULL;
}

static const struct template_text *template_of(const struct composition *composition,
                                               const char *id)
{
    return id ? templates_find(composition->templates, language_of(composition), id) : NULL;
}

/* A text of another language than the reader's, which stands for a missing one, stays in its own:
 * a date of two languages is read wrongly. */
static const struct words *template_words(const struct composition *composition,
                                          const struct template_text *template)
{
    return templates_words(composition->templates, template ? template->language : NULL);
}

/* Words of the program's own where the loader would have refused the lack of a file. */
static const struct template_text builtin_frames[] = {
    { .id = "subject", .file = "", .text = builtin_subject },
    { .id = "mail", .file = "", .text = builtin_mail },
    { .id = "text", .file = "", .text = builtin_text },
    { .id = "digest_entry", .file = "", .text = builtin_entry },
};

const struct template_text *compose_frame(struct telling *self, const char *id,
                                          struct template_trace *trace, struct text *result)
{
    const struct template_text *template = template_of(self->of, id);
    struct template_source source = { .fields = compose_frame_fields,
                                      .field_count = compose_field_count,
                                      .context = self,
                                      .value = compose_field_value,
                                      .item = compose_field_item,
                                      .trace = trace };

    for (size_t i = 0; !template && i < COUNT_OF(builtin_frames); i++)
        if (i + 1 == COUNT_OF(builtin_frames) || strcmp(id, builtin_frames[i].id) == 0)
            template = &builtin_frames[i];
    self->words = template_words(self->of, template);
    template_fill(template->text, &source, result);
    return template;
}

int compose_body(const struct composition *composition, char *body, size_t size)
{
    struct lists_room room;
    struct telling self = compose_telling(composition, &room);
    char buffer[BODY_SIZE];
    struct text raw = text_over(buffer, sizeof buffer), text = text_over(body, size);

    compose_frame(&self, "mail", NULL, &raw);
    template_wrap(buffer, LINE_WIDTH, &text);
    return text_was_cut(&raw) || text_was_cut(&text) ? TEMPLATE_CUT : TEMPLATE_OK;
}

const char *compose_language(const struct composition *composition)
{
    const struct template_text *mail = template_of(composition, "mail");

    return mail && mail->language ? mail->language : LANGUAGE_DEFAULT;
}

/* One line: whatever is not shown, and blanks in a row, become one blank; none at its ends. */
void compose_add_line(const char *raw, struct text *line)
{
    bool owed = false;

    for (size_t i = 0, step; raw[i]; i += step) {
        uint32_t character;
        bool blank;

        step = plain_character(raw + i, SIZE_MAX, &character);
        blank = step == 0 || character == ' ' || !plain_is_shown(character);
        if (!blank && owed && line->used > 0)
            text_add(line, " ");
        if (!blank)
            text_add_bytes(line, raw + i, step);
        owed = blank;
        step += step == 0;
    }
}

int compose_calendar_entry(const struct composition *composition, int deadline,
                           char entry[ENTRY_SIZE])
{
    const struct words *words =
        templates_words(composition->templates, compose_language(composition));
    struct word_values values = {
        .of[FIELD_DEADLINE] = composition->view->procedure->deadlines[deadline].title,
        .of[FIELD_REFERENCE] = composition->disagreement->reference,
    };
    char buffer[ENTRY_SIZE];
    struct text raw = text_over(buffer, sizeof buffer), line = text_over(entry, ENTRY_SIZE);

    words_write(words, WORD_CALENDAR_ENTRY, &values, &raw);
    compose_add_line(buffer, &line);
    return text_was_cut(&raw) ? TEMPLATE_CUT : TEMPLATE_OK;
}

int compose_phrase(const struct composition *composition, const char *language,
                   const char *template, char phrase[SUBJECT_SIZE])
{
    struct lists_room room;
    struct telling self = compose_telling(composition, &room);
    struct template_source source = { .fields = compose_frame_fields,
                                      .field_count = compose_field_count,
                                      .context = &self,
                                      .value = compose_field_value,
                                      .item = compose_field_item };
    char buffer[TEMPLATE_VALUE_MAX];
    struct text raw = text_over(buffer, sizeof buffer), line = text_over(phrase, SUBJECT_SIZE);

    self.words = templates_words(composition->templates, language);
    template_fill(template, &source, &raw);
    compose_add_line(buffer, &line);
    return text_was_cut(&raw) || text_was_cut(&line) ? TEMPLATE_CUT : TEMPLATE_OK;
}

/* One line, whatever the template has of them. */
static int compose_line(struct telling *self, const char *id, struct text *line)
{
    char buffer[TEMPLATE_VALUE_MAX];
    struct text raw = text_over(buffer, sizeof buffer);

    compose_frame(self, id, NULL, &raw);
    compose_add_line(buffer, line);
    return text_was_cut(&raw) || text_was_cut(line) ? TEMPLATE_CUT : TEMPLATE_OK;
}

/* --- a text message */

/* Fills a template of the program's own. */
static void fill_plain(struct telling *self, const char *template, struct text *line)
{
    struct template_source source = { .fields = compose_frame_fields,
                                      .field_count = compose_field_count,
                                      .context = self,
                                      .value = compose_field_value,
                                      .item = compose_field_item };
    char buffer[TEMPLATE_VALUE_MAX];
    struct text raw = text_over(buffer, sizeof buffer);

    template_fill(template, &source, &raw);
    compose_add_line(buffer, line);
}

/* Whether what the field says stands in the whole message, and was cut off it. */
static bool is_cut_off(struct telling *self, const char *field, const char *whole,
                       const char *message)
{
    char buffer[TEMPLATE_VALUE_MAX];
    struct text value = text_over(buffer, sizeof buffer);

    fill_plain(self, field, &value);
    return value.used > 0 && strstr(whole, buffer) && !strstr(message, buffer);
}

/* The words that are whole, and "...": a phone's alphabet has no "…". */
static void end_with_dots(char message[TEXT_MESSAGE_SIZE])
{
    static const char dots[] = "...";
    size_t length = strlen(message);

    if (length > TEXT_MESSAGE_SIZE - sizeof dots)
        length = TEXT_MESSAGE_SIZE - sizeof dots;
    while (length > 0 && message[length] != ' ')
        length--;
    memcpy(message + length, dots, sizeof dots);
}

int compose_text_message(const struct composition *composition, char message[TEXT_MESSAGE_SIZE])
{
    /* Where there is no room for all: what must not be missing first, in no language. */
    static const char short_of_room[] =
        "[{{tag}}] ref {{reference}}{{#answer_by_brief}} - {{answer_by_brief}}"
        "{{/answer_by_brief}}{{#acknowledge}} - {{acknowledge}}{{/acknowledge}} - {{headline}}...";
    static const char *const needed[] = { "{{reference}}", "{{answer_by_brief}}",
                                          "{{acknowledge}}" };
    struct lists_room room;
    struct telling self = compose_telling(composition, &room);
    char whole[TEMPLATE_VALUE_MAX];
    struct text line = text_over(whole, sizeof whole), text = text_over(message, TEXT_MESSAGE_SIZE);
    bool lacks = false;

    (void)compose_line(&self, "text", &line);
    text_add(&text, whole);
    if (!text_was_cut(&line) && !text_was_cut(&text))
        return TEMPLATE_OK;
    end_with_dots(message);
    for (size_t i = 0; i < COUNT_OF(needed); i++)
        lacks = lacks || is_cut_off(&self, needed[i], whole, message);
    if (!lacks)
        return TEMPLATE_CUT;
    text = text_over(message, TEXT_MESSAGE_SIZE);
    fill_plain(&self, short_of_room, &text);
    if (text_was_cut(&text))
        end_with_dots(message);
    return TEMPLATE_CUT;
}

/* --- a message's own template */

/* Adds what is between the blanks and empty lines at both ends. */
static void add_trimmed(struct text *result, const char *part)
{
    const char *start = part + strspn(part, " \t\r\n");
    size_t length = strlen(start);

    while (length > 0 && strchr(" \t\r\n", start[length - 1]))
        length--;
    text_add_bytes(result, start, length);
}

void compose_fill_part(struct telling *self, const struct template_text *template, enum part part,
                       struct template_trace *trace, struct text *result)
{
    const struct words *around = self->words;
    struct template_source source = { .fields = compose_message_fields,
                                      .field_count = compose_field_count,
                                      .context = self,
                                      .value = compose_field_value,
                                      .item = compose_field_item,
                                      .trace = trace };

    self->part = part;
    self->words = template_words(self->of, template);
    template_fill(template->text, &source, result);
    self->words = around;
    self->part = PART_NONE;
}

static void fill_part(struct telling *self, const struct template_text *template, enum part part,
                      struct text *result)
{
    char buffer[PART_SIZE];
    struct text raw = text_over(buffer, sizeof buffer);

    compose_fill_part(self, template, part, NULL, &raw);
    add_trimmed(result, buffer);
}

/* The most particular template that has something to say of what happened.  What was said once may
 * be silent when it is said again. */
static const struct template_text *message_template(struct telling *self, const struct say *say)
{
    const struct procedure *procedure = self->procedure;
    const struct template_text *silent = NULL;
    const char *own = NULL, *general = message_id(say->message);

    if (say->message == MESSAGE_RULE && say->rule >= 0)
        own = say_message(self->of->view, say);
    else if (say->deadline >= 0 && say->message != MESSAGE_OPERATOR_NOTIFICATION)
        own = procedure->deadlines[say->deadline].message;
    for (int i = 0; i < 2; i++) {
        const struct template_text *template = template_of(self->of, i == 0 ? own : general);
        char buffer[PART_SIZE];
        struct text text = text_over(buffer, sizeof buffer);

        if (template)
            fill_part(self, template, PART_HAPPENED, &text);
        if (text.used > 0)
            return template;
        silent = template ? template : silent;
    }
    if (silent && field_again(self, NULL))
        return silent;
    return &compose_last_resort;
}

static const struct template_text *template_of_say(struct telling *self, const struct say *say)
{
    const struct say *first = self->notification->says;
    bool found = say >= first && say < first + self->notification->say_count;

    return found && self->templates[say - first] ? self->templates[say - first]
                                                 : message_template(self, say);
}

void compose_part(struct telling *self, const struct say *say, enum part part, struct text *text)
{
    const struct say *before = self->say;

    self->say = say;
    fill_part(self, template_of_say(self, say), part, text);
    self->say = before;
}

static void find_templates(struct telling *self)
{
    for (size_t i = 0; i < self->notification->say_count; i++) {
        self->say = &self->notification->says[i];
        self->templates[i] = message_template(self, self->say);
    }
    self->say = self->principal;
}

/* --- what it is about */

/* What a reader must see first: the stage that is now his, else what else is asked of him. */
static const struct say *principal_of(const struct telling *self)
{
    const struct notification *all = self->notification;

    for (size_t i = 0; i < all->say_count; i++)
        if (all->says[i].message == MESSAGE_RULE && all->priority == PRIORITY_IMMEDIATE)
            return &all->says[i];
    for (size_t i = 0; i < all->say_count; i++)
        if (all->says[i].message == MESSAGE_STAGE_ENTERED && is_handler(self, &all->says[i]))
            return &all->says[i];
    for (size_t i = 0; i < all->say_count; i++) {
        enum message message = all->says[i].message;

        if (message == MESSAGE_QUESTION || message == MESSAGE_RESOLUTION_PROPOSED ||
            ((message == MESSAGE_DEADLINE_STARTED || message == MESSAGE_DUE_MOVED) &&
             is_handler(self, &all->says[i])))
            return &all->says[i];
    }
    return &all->says[0];
}

/* Where it stands now.  What ended spoke of the stage before, and an intention speaks of one that
 * is not entered yet; who is told next follows from neither. */
static int stage_of(const struct telling *self)
{
    const struct notification *all = self->notification;

    for (size_t i = 0; i < all->say_count; i++)
        if (all->says[i].message == MESSAGE_STAGE_ENTERED && all->says[i].stage >= 0)
            return all->says[i].stage;
    return self->disagreement->stage;
}

static bool asks_something(struct telling *self)
{
    char buffer[PART_SIZE];
    struct text text = text_over(buffer, sizeof buffer);

    for (size_t i = 0; i < self->notification->say_count && text.used == 0; i++)
        compose_part(self, &self->notification->says[i], PART_TO_DO, &text);
    return text.used > 0;
}

struct telling compose_telling(const struct composition *composition, struct lists_room *room)
{
    static const struct say nothing = { .message = MESSAGE_OPERATOR_NOTIFICATION,
                                        .deadline = -1,
                                        .stage = -1,
                                        .rule = -1,
                                        .due = { INT64_MIN },
                                        .because = { .kind = BECAUSE_EVENT, .event = "" } };
    struct telling self = { .of = composition,
                            .procedure = composition->view->procedure,
                            .disagreement = composition->disagreement,
                            .notification = composition->notification,
                            .to = addressed_role(composition->notification),
                            .say = &nothing,
                            .stage = composition->disagreement->stage };

    /* What is listed stands in the mail. */
    self.words = template_words(composition, template_of(composition, "mail"));
    self.also_roles.items = room->items[0];
    self.opposite.items = room->items[1];
    self.told_next.items = room->items[2];
    self.principal = self.notification->say_count > 0 ? principal_of(&self) : &nothing;
    self.say = self.principal;
    self.stage = stage_of(&self);
    list_also_roles(&self);
    list_opposite(&self);
    list_told_next(&self);
    self.also_roles.current = self.also_roles.count;
    self.opposite.current = self.opposite.count;
    self.told_next.current = self.told_next.count;
    find_templates(&self);
    self.asked = asks_something(&self);
    return self;
}

/* --- checks */

const char *template_field_name(size_t index)
{
    return index < compose_field_count ? compose_frame_fields[index].name : NULL;
}

const char *template_required(size_t index)
{
    if (index < COUNT_OF(frames))
        return frames[index];
    index -= COUNT_OF(frames);
    if (index < MESSAGE_COUNT)
        return message_id((enum message)index);
    index -= MESSAGE_COUNT;
    return index < COUNT_OF(others) ? others[index] : NULL;
}

static bool says_what_happened(const char *template)
{
    return strstr(template, "happened}}") != NULL;
}

int template_check(const struct template_text *text, struct template_fault *fault)
{
    static const char *const parts[] = { "headline", "happened", "to_do" };
    bool frame = is_frame(text->id);
    int answer;

    if (strcmp(text->id, TEMPLATE_EVENTS_MISSING) == 0)
        return compose_missing_check(text, fault);
    if (strcmp(text->id, TEMPLATE_DIGEST) == 0)
        return compose_digest_check(text, fault);
    if (strcmp(text->id, TEMPLATE_ACKNOWLEDGE) == 0)
        return compose_acknowledge_check(text, fault);
    answer = template_examine(text->text, frame ? compose_frame_fields : compose_message_fields,
                              compose_field_count, fault);
    if (answer == TEMPLATE_OK && !frame)
        answer = template_examine_outside(text->text, parts, COUNT_OF(parts), fault);
    if (answer != TEMPLATE_OK || frame || says_what_happened(text->text))
        return answer;
    *fault = (struct template_fault){ .line = 1,
                                      .column = 1,
                                      .why = "a message that says nothing (add {{#happened}} ... "
                                             "{{/happened}})" };
    return TEMPLATE_FAULT;
}
