/* compose_say.c - the fields about what is said: stage, deadline, due instant, parts, lists. */
#include <string.h>

#include "core/compose_field.h"

static bool add(struct text *text, const char *string)
{
    text_add(text, string);
    return string[0] != '\0';
}

static bool added(const struct text *text)
{
    return text->used > 0;
}

/* --- what is said */

static int stage_of(const struct telling *self)
{
    return self->say->stage >= 0 ? self->say->stage : self->stage;
}

bool field_stage(const struct telling *self, struct text *text)
{
    write_stage(self, stage_of(self), text);
    return added(text);
}

bool field_stage_id(const struct telling *self, struct text *text)
{
    int of = stage_of(self);

    return of >= 0 && add(text, procedure_stage_id(self->procedure, of));
}

bool field_stage_number(const struct telling *self, struct text *text)
{
    if (stage_of(self) < 0)
        return false;
    text_addf(text, "%d", stage_of(self) + 1);
    return true;
}

bool field_stage_count(const struct telling *self, struct text *text)
{
    text_addf(text, "%zu", self->procedure->stage_count);
    return true;
}

bool field_senior(const struct telling *self, struct text *text)
{
    (void)text;
    return stage_of(self) >= 0 && self->procedure->stages[stage_of(self)].senior;
}

static bool handlers_of(const struct telling *self, int of, struct text *text)
{
    struct audience_place place = place_at(self, of);
    struct audience audience = { 0 };

    audience_add_handlers(&audience, &place, of, EVERY_PARTY);
    write_audience(self, &audience, text);
    return added(text);
}

bool field_handlers(const struct telling *self, struct text *text)
{
    return handlers_of(self, stage_of(self), text);
}

bool field_handles(const struct telling *self, struct text *text)
{
    (void)text;
    return is_handler(self, self->say);
}

bool field_next_stage(const struct telling *self, struct text *text)
{
    if (stage_of(self) >= 0)
        write_stage(self, stage_after(self, stage_of(self)), text);
    return added(text);
}

bool field_next_handlers(const struct telling *self, struct text *text)
{
    int next = stage_of(self) >= 0 ? stage_after(self, stage_of(self)) : -1;

    return next >= 0 && handlers_of(self, next, text);
}

bool field_last_stage(const struct telling *self, struct text *text)
{
    (void)text;
    return self->stage >= 0 && stage_after(self, self->stage) < 0;
}

bool field_deadline(const struct telling *self, struct text *text)
{
    const struct deadline *of;

    if (self->say->deadline < 0)
        return false;
    of = &self->procedure->deadlines[self->say->deadline];
    if (of->under == UNDER_STAGES)
        write_stage(self, of->stage, text);
    else
        write_title(of->title, of->id, text);
    return added(text);
}

bool field_is_stage(const struct telling *self, struct text *text)
{
    (void)text;
    return self->say->deadline >= 0 &&
           self->procedure->deadlines[self->say->deadline].under == UNDER_STAGES;
}

bool field_due(const struct telling *self, struct text *text)
{
    if (instant_is_none(self->say->due))
        return false;
    write_instant(self->words, &self->of->view->time, self->say->due, false, text);
    return true;
}

bool field_overdue(const struct telling *self, struct text *text)
{
    (void)text;
    return !instant_is_none(self->say->due) && self->say->due.us <= reader_now(self).us;
}

bool field_provisional(const struct telling *self, struct text *text)
{
    (void)text;
    return !instant_is_none(self->say->due) && self->say->provisional;
}

/* When the reader's answer is due: what he reads about first may have no date, as an intention
 * has none, while another thing said beside it has. */
struct instant answer_due(const struct telling *self)
{
    const struct notification *all = self->notification;

    if (!self->asked)
        return INSTANT_NONE;
    if (!instant_is_none(self->say->due))
        return self->say->due.us > all->at.us ? self->say->due : INSTANT_NONE;
    for (size_t i = 0; i < all->say_count; i++)
        if (!instant_is_none(all->says[i].due) && all->says[i].due.us > all->at.us)
            return all->says[i].due;
    return INSTANT_NONE;
}

static bool write_answer_due(const struct telling *self, bool brief, struct text *text)
{
    struct instant at = answer_due(self);

    if (instant_is_none(at))
        return false;
    write_instant(self->words, &self->of->view->time, at, brief, text);
    return true;
}

bool field_answer_by(const struct telling *self, struct text *text)
{
    return write_answer_due(self, false, text);
}

bool field_answer_by_brief(const struct telling *self, struct text *text)
{
    return write_answer_due(self, true, text);
}

bool field_answer_overdue(const struct telling *self, struct text *text)
{
    struct instant at = answer_due(self);

    (void)text;
    return !instant_is_none(at) && at.us <= reader_now(self).us;
}

/* Said only where it is short: one day at most. */
bool field_time_left(const struct telling *self, struct text *text)
{
    struct instant at = answer_due(self);
    int64_t left;

    if (instant_is_none(at))
        return false;
    left = at.us - reader_now(self).us;
    if (left <= 0 || left > DAY_US)
        return false;
    write_span(self->words, left, text);
    return true;
}

bool field_out_of_hours(const struct telling *self, struct text *text)
{
    struct instant at = answer_due(self);

    (void)text;
    return !instant_is_none(at) && is_out_of_hours(&self->of->view->time, at);
}

/* The same sentence is quoted once in a notification: where it is said last, for what begins
 * is said after what ended.  It goes without its own full stop, as the sentence around it has one.
 */
bool field_words(const struct telling *self, struct text *text)
{
    const struct notification *all = self->notification;
    size_t length;

    if (!self->say->words)
        return false;
    for (size_t i = all->say_count; i-- > 0 && &all->says[i] != self->say;)
        if (all->says[i].words && !strcmp(all->says[i].words, self->say->words))
            return false;
    length = strlen(self->say->words);
    if (length > 0 && self->say->words[length - 1] == '.')
        length--;
    text_add_bytes(text, self->say->words, length);
    return added(text);
}

bool field_again(const struct telling *self, struct text *text)
{
    const struct notification *all = self->notification;

    (void)text;
    for (size_t i = 0; i < all->say_count && &all->says[i] != self->say; i++)
        if (all->says[i].message == self->say->message)
            return true;
    return false;
}

bool field_rule(const struct telling *self, struct text *text)
{
    const char *id;

    if (self->say->rule < 0)
        return false;
    id = self->procedure->rules[self->say->rule].id;
    write_title(id, id, text);
    return added(text);
}

/* A type that nobody here knows is a publisher's free text. */
static enum word word_of_event(const struct telling *self, const char *event)
{
    bool unknown =
        event_kind_of(event) == EVENT_UNKNOWN && !procedure_knows_event(self->procedure, event);

    return unknown ? WORD_CAUSE_UNKNOWN_EVENT : WORD_CAUSE_EVENT;
}

bool field_cause(const struct telling *self, struct text *text)
{
    const struct because *because = &self->say->because;
    char name[TEMPLATE_VALUE_MAX];
    struct text to_name = text_over(name, sizeof name);
    struct word_values values = { .of = { NULL } };
    const char *id;
    enum word word;

    switch (because->kind) {
    case BECAUSE_STAGE:
        word = WORD_CAUSE_STAGE;
        values.of[FIELD_STAGE] = name;
        write_stage(self, because->index, &to_name);
        break;
    case BECAUSE_DEADLINE:
        word = WORD_CAUSE_DEADLINE;
        values.of[FIELD_LIMIT] = name;
        id = self->procedure->deadlines[because->index].id;
        write_title(self->procedure->deadlines[because->index].title, id, &to_name);
        break;
    case BECAUSE_RULE:
        word = WORD_CAUSE_RULE;
        values.of[FIELD_RULE] = name;
        id = self->procedure->rules[because->index].id;
        write_title(id, id, &to_name);
        break;
    case BECAUSE_VERSION:
        word = WORD_CAUSE_VERSION;
        values.of[FIELD_VERSION] = self->procedure->version;
        break;
    case BECAUSE_EVENT:
    default:
        word = word_of_event(self, because->event);
        values.of[FIELD_EVENT] = event_short_type(because->event);
    }
    words_write(self->words, word, &values, text);
    return true;
}

/* --- parts and lists */

static bool part_of(const struct telling *self, enum part part, struct text *text)
{
    struct telling inside = *self;

    if (self->part != PART_NONE)
        return self->part == part;
    compose_part(&inside, self->say, part, text);
    return added(text);
}

bool field_headline(const struct telling *self, struct text *text)
{
    return part_of(self, PART_HEADLINE, text);
}

bool field_happened(const struct telling *self, struct text *text)
{
    return part_of(self, PART_HAPPENED, text);
}

/* Whether something said before asks for the very same. */
static bool is_asked_already(const struct telling *self, const char *to_do)
{
    const struct notification *all = self->notification;

    for (size_t i = 0; i < all->say_count && &all->says[i] != self->say; i++) {
        struct telling inside = *self;
        char buffer[TEMPLATE_VALUE_MAX];
        struct text text = text_over(buffer, sizeof buffer);

        compose_part(&inside, &all->says[i], PART_TO_DO, &text);
        if (!strcmp(buffer, to_do))
            return true;
    }
    return false;
}

/* What two things said at once both ask for stands in the list once. */
bool field_to_do(const struct telling *self, struct text *text)
{
    char buffer[TEMPLATE_VALUE_MAX];
    struct text once = text_over(buffer, sizeof buffer);

    if (self->part != PART_NONE)
        return part_of(self, PART_TO_DO, text);
    if (!part_of(self, PART_TO_DO, &once) || is_asked_already(self, buffer))
        return false;
    return add(text, buffer);
}

bool field_says(const struct telling *self, struct text *text)
{
    (void)text;
    return self->notification->say_count > 0;
}

/* Inside its own section the current item; outside all of them. */
static bool add_lines(const struct telling *self, const struct lines *lines, struct text *text)
{
    if (lines->current < lines->count)
        return add(text, lines->items[lines->current]);
    for (size_t i = 0; i < lines->count; i++) {
        if (i > 0)
            words_write(self->words, WORD_BETWEEN_ROLES, NULL, text);
        text_add(text, lines->items[i]);
    }
    return lines->count > 0;
}

bool field_also_roles(const struct telling *self, struct text *text)
{
    return add_lines(self, &self->also_roles, text);
}

bool field_opposite(const struct telling *self, struct text *text)
{
    return add_lines(self, &self->opposite, text);
}

bool field_told_next(const struct telling *self, struct text *text)
{
    return add_lines(self, &self->told_next, text);
}

/* --- a message of decide.h as a field holds while that is said */

static bool is_message(const struct telling *self, enum message message)
{
    return self->say->message == message;
}

#define MESSAGE_FIELD(name, message)                                                               \
    bool field_##name(const struct telling *self, struct text *text)                               \
    {                                                                                              \
        (void)text;                                                                                \
        return is_message(self, message);                                                          \
    }
MESSAGE_FIELD(limit_passed, MESSAGE_LIMIT_PASSED)
MESSAGE_FIELD(stage_entered, MESSAGE_STAGE_ENTERED)
MESSAGE_FIELD(deadline_started, MESSAGE_DEADLINE_STARTED)
MESSAGE_FIELD(due_moved, MESSAGE_DUE_MOVED)
MESSAGE_FIELD(reminder, MESSAGE_REMINDER)
MESSAGE_FIELD(chase, MESSAGE_CHASE)
MESSAGE_FIELD(operator_notification, MESSAGE_OPERATOR_NOTIFICATION)
