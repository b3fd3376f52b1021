/* compose_field.c - the fields about the disagreement, the reader and the notification. */
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

static bool add_word(const struct telling *self, enum word word, struct text *text)
{
    return add(text, self->words->of[word]);
}

/* --- the disagreement */

bool field_reference(const struct telling *self, struct text *text)
{
    return add(text, self->disagreement->reference);
}

bool field_case_reference(const struct telling *self, struct text *text)
{
    return add(text, self->disagreement->case_reference);
}

bool field_board(const struct telling *self, struct text *text)
{
    write_agency(self, PARTY_BOARD, text);
    return added(text);
}

bool field_procedure(const struct telling *self, struct text *text)
{
    return add(text, self->procedure->title);
}

bool field_procedure_version(const struct telling *self, struct text *text)
{
    return add(text, self->procedure->version);
}

bool field_challenging(const struct telling *self, struct text *text)
{
    write_agency(self, 0, text);
    return added(text);
}

bool field_challenged(const struct telling *self, struct text *text)
{
    for (int party = 1; party < self->disagreement->party_count; party++) {
        if (party > 1)
            words_write(self->words, WORD_BETWEEN_AGENCIES, NULL, text);
        write_agency(self, party, text);
    }
    return added(text);
}

bool field_formal_challenge(const struct telling *self, struct text *text)
{
    const char *fact = disagreement_fact(self->disagreement, "formal_challenge");

    (void)text;
    return fact && !strcmp(fact, "yes");
}

bool field_held(const struct telling *self, struct text *text)
{
    (void)text;
    return self->disagreement->held;
}

bool field_held_until(const struct telling *self, struct text *text)
{
    if (!self->disagreement->held || instant_is_none(self->disagreement->held_until))
        return false;
    write_instant(self->words, &self->of->view->time, self->disagreement->held_until, false, text);
    return true;
}

bool field_closed(const struct telling *self, struct text *text)
{
    (void)text;
    return disagreement_is_over(self->disagreement);
}

bool field_link(const struct telling *self, struct text *text)
{
    return add(text, self->disagreement->link);
}

/* --- the recipient */

static bool title_of(const struct telling *self, int role, struct text *text)
{
    write_title(self->procedure->roles[role].title, self->procedure->roles[role].id, text);
    return added(text);
}

bool field_role(const struct telling *self, struct text *text)
{
    return title_of(self, self->to->role, text);
}

static bool is_via(const struct telling *self)
{
    return self->procedure->roles[self->to->for_role].via >= 0;
}

bool field_stands_for(const struct telling *self, struct text *text)
{
    if (self->to->stand_in == STAND_IN_NONE || is_via(self))
        return false;
    return title_of(self, self->to->for_role, text);
}

bool field_stand_in(const struct telling *self, struct text *text)
{
    switch (self->to->stand_in) {
    case STAND_IN_FOR_KIND:
        return add_word(self, WORD_STAND_IN_FOR_KIND, text);
    case STAND_IN_VIA:
        return add_word(self, WORD_STAND_IN_VIA, text);
    case STAND_IN_OR_ELSE:
        return add_word(self, WORD_STAND_IN_OR_ELSE, text);
    case STAND_IN_DEPUTY:
        return add_word(self, WORD_STAND_IN_DEPUTY, text);
    case STAND_IN_SAFEGUARDING_LEAD:
        return add_word(self, WORD_STAND_IN_SAFEGUARDING_LEAD, text);
    case STAND_IN_OPERATOR:
        return add_word(self, WORD_STAND_IN_OPERATOR, text);
    case STAND_IN_NONE:
    default:
        return false;
    }
}

/* Whoever is told in a role of his own as well is still to pass it on. */
bool field_attention(const struct telling *self, struct text *text)
{
    bool any = false;

    for (size_t i = 0; i < self->notification->role_count; i++) {
        int role = self->notification->roles[i].for_role;

        if (self->procedure->roles[role].via < 0)
            continue;
        if (any)
            words_write(self->words, WORD_BETWEEN_ROLES, NULL, text);
        any = title_of(self, role, text);
    }
    return any;
}

bool field_side(const struct telling *self, struct text *text)
{
    if (self->to->party == PARTY_BOARD)
        return add_word(self, WORD_SIDE_BOARD, text);
    return add_word(self, self->to->party == 0 ? WORD_SIDE_CHALLENGING : WORD_SIDE_CHALLENGED,
                    text);
}

bool field_agency(const struct telling *self, struct text *text)
{
    write_agency(self, self->to->party, text);
    return added(text);
}

bool field_operator(const struct telling *self, struct text *text)
{
    (void)text;
    return self->notification->to_operator;
}

bool field_nobody_named(const struct telling *self, struct text *text)
{
    (void)text;
    return self->to->stand_in == STAND_IN_OPERATOR;
}

/* --- the notification */

bool field_notification(const struct telling *self, struct text *text)
{
    return add(text, self->of->notification_id ? self->of->notification_id : "");
}

bool field_acknowledge(const struct telling *self, struct text *text)
{
    return add(text, self->of->acknowledge ? self->of->acknowledge : "");
}

bool field_urgent(const struct telling *self, struct text *text)
{
    (void)text;
    return self->notification->priority != PRIORITY_NORMAL;
}

bool field_immediate(const struct telling *self, struct text *text)
{
    (void)text;
    return self->notification->priority == PRIORITY_IMMEDIATE;
}

bool field_asked(const struct telling *self, struct text *text)
{
    (void)text;
    return self->asked;
}

bool field_tag(const struct telling *self, struct text *text)
{
    if (field_immediate(self, text))
        return add_word(self, WORD_TAG_IMMEDIATE, text);
    if (field_urgent(self, text))
        return add_word(self, WORD_TAG_URGENT, text);
    return add_word(self, self->asked ? WORD_TAG_ACTION : WORD_TAG_INFORMATION, text);
}

bool field_told_at(const struct telling *self, struct text *text)
{
    write_instant(self->words, &self->of->view->time, self->notification->at, false, text);
    return true;
}

bool field_late(const struct telling *self, struct text *text)
{
    struct instant sent = self->of->sent;

    (void)text;
    return !instant_is_none(sent) && sent.us - self->notification->at.us > MINUTE_US;
}

bool field_other_way(const struct telling *self, struct text *text)
{
    (void)text;
    return self->of->is_other_way;
}

bool field_sent_at(const struct telling *self, struct text *text)
{
    if (instant_is_none(self->of->sent))
        return false;
    write_instant(self->words, &self->of->view->time, self->of->sent, false, text);
    return true;
}

/* When the reader's time begins: when he should have been told, or was. */
struct instant reader_now(const struct telling *self)
{
    return field_late(self, NULL) ? self->of->sent : self->notification->at;
}

static bool has_ended(enum message message)
{
    return message <= MESSAGE_STAGE_PASSED_OVER;
}

bool field_ended(const struct telling *self, struct text *text)
{
    (void)text;
    return has_ended(self->notification->says[0].message);
}

bool field_begins(const struct telling *self, struct text *text)
{
    (void)text;
    for (size_t i = 0; i < self->notification->say_count; i++)
        if (self->notification->says[i].message == MESSAGE_STAGE_ENTERED ||
            self->notification->says[i].message == MESSAGE_REOPENED)
            return true;
    return false;
}

/* --- the list of them all */

#define FRAME_ROW(name, frame, message) { #name, frame },
#define MESSAGE_ROW(name, frame, message) { #name, message },
#define FUNCTION_ROW(name, frame, message) field_##name,

const struct template_field compose_frame_fields[] = { FIELDS(FRAME_ROW) };
const struct template_field compose_message_fields[] = { FIELDS(MESSAGE_ROW) };
const size_t compose_field_count = COUNT_OF(compose_frame_fields);
static bool (*const functions[])(const struct telling *, struct text *) = { FIELDS(FUNCTION_ROW) };

bool compose_field_value(void *telling, size_t field, struct text *value)
{
    return functions[field](telling, value);
}

static bool item_of_lines(struct lines *lines, size_t item)
{
    lines->current = item < lines->count ? item : lines->count;
    return item < lines->count;
}

bool compose_field_item(void *telling, size_t field, size_t item)
{
    struct telling *self = telling;

    if (functions[field] == field_also_roles)
        return item_of_lines(&self->also_roles, item);
    if (functions[field] == field_opposite)
        return item_of_lines(&self->opposite, item);
    if (functions[field] == field_told_next)
        return item_of_lines(&self->told_next, item);
    self->say =
        item < self->notification->say_count ? &self->notification->says[item] : self->principal;
    return item < self->notification->say_count;
}
