/* words.c - the words of a language: which there are, what each holds, how it is written. */
#include "core/words.h"

#include <string.h>

#define HOLDS(field) (UINT32_C(1) << FIELD_##field)

static const char *const field_names[WORD_FIELDS] = {
    [FIELD_TIME] = "time",         [FIELD_HOUR] = "hour",          [FIELD_MINUTE] = "minute",
    [FIELD_OFFSET] = "offset",     [FIELD_WEEKDAY] = "weekday",    [FIELD_DAY] = "day",
    [FIELD_MONTH] = "month",       [FIELD_YEAR] = "year",          [FIELD_COUNT] = "count",
    [FIELD_HOURS] = "hours",       [FIELD_MINUTES] = "minutes",    [FIELD_NUMBER] = "number",
    [FIELD_TITLE] = "title",       [FIELD_ROLE] = "role",          [FIELD_AGENCY] = "agency",
    [FIELD_AGENCIES] = "agencies", [FIELD_NAME] = "name",          [FIELD_WHEN] = "when",
    [FIELD_WHO] = "who",           [FIELD_STAGE] = "stage",        [FIELD_LIMIT] = "limit",
    [FIELD_RULE] = "rule",         [FIELD_VERSION] = "version",    [FIELD_EVENT] = "event",
    [FIELD_DEADLINE] = "deadline", [FIELD_REFERENCE] = "reference"
};

static const char *const unit_names[WORD_UNITS] = { "day", "hour", "minute" };

/* What each word is called and holds: all of it must be written, or a reader would miss it. */
static const struct {
    const char *name;
    uint32_t holds;
} rows[WORD_COUNT] = {
    [WORD_TIME] = { "time", HOLDS(HOUR) | HOLDS(MINUTE) },
    [WORD_TIME_TWICE] = { "time_twice", HOLDS(TIME) | HOLDS(OFFSET) },
    [WORD_DATE_TIME] = { "date_time",
                         HOLDS(TIME) | HOLDS(WEEKDAY) | HOLDS(DAY) | HOLDS(MONTH) | HOLDS(YEAR) },
    [WORD_DATE_TIME_BRIEF] = { "date_time_brief", HOLDS(TIME) | HOLDS(WEEKDAY) | HOLDS(DAY) |
                                                      HOLDS(MONTH) | HOLDS(YEAR) },
    [WORD_MIDNIGHT] = { "midnight", HOLDS(WEEKDAY) | HOLDS(DAY) | HOLDS(MONTH) | HOLDS(YEAR) },
    [WORD_MIDNIGHT_BRIEF] = { "midnight_brief",
                              HOLDS(WEEKDAY) | HOLDS(DAY) | HOLDS(MONTH) | HOLDS(YEAR) },
    [WORD_HOURS_MINUTES] = { "hours_minutes", HOLDS(HOURS) | HOLDS(MINUTES) },
    [WORD_MOMENT] = { "moment", 0 },
    [WORD_STAGE] = { "stage", HOLDS(NUMBER) | HOLDS(TITLE) },
    [WORD_STAGE_ITSELF] = { "stage_itself", 0 },
    [WORD_THE_BOARD] = { "the_board", 0 },
    [WORD_AGENCY_UNLISTED] = { "agency_unlisted", 0 },
    [WORD_ROLE_OF] = { "role_of", HOLDS(ROLE) | HOLDS(AGENCY) },
    [WORD_ROLE_AT] = { "role_at", HOLDS(ROLE) | HOLDS(AGENCIES) },
    [WORD_OPPOSITE] = { "opposite", HOLDS(ROLE) | HOLDS(AGENCY) },
    [WORD_OPPOSITE_NAMED] = { "opposite_named", HOLDS(ROLE) | HOLDS(AGENCY) | HOLDS(NAME) },
    [WORD_BETWEEN_AGENCIES] = { "between_agencies", 0 },
    [WORD_BETWEEN_ROLES] = { "between_roles", 0 },
    [WORD_TOLD_NEXT] = { "told_next", HOLDS(WHEN) | HOLDS(WHO) },
    [WORD_TOLD_UNRESOLVED] = { "told_unresolved", HOLDS(WHO) },
    [WORD_SIDE_CHALLENGING] = { "side_challenging", 0 },
    [WORD_SIDE_CHALLENGED] = { "side_challenged", 0 },
    [WORD_SIDE_BOARD] = { "side_board", 0 },
    [WORD_TAG_ACTION] = { "tag_action", 0 },
    [WORD_TAG_INFORMATION] = { "tag_information", 0 },
    [WORD_TAG_URGENT] = { "tag_urgent", 0 },
    [WORD_TAG_IMMEDIATE] = { "tag_immediate", 0 },
    [WORD_STAND_IN_FOR_KIND] = { "stand_in_for_kind", 0 },
    [WORD_STAND_IN_VIA] = { "stand_in_via", 0 },
    [WORD_STAND_IN_OR_ELSE] = { "stand_in_or_else", 0 },
    [WORD_STAND_IN_DEPUTY] = { "stand_in_deputy", 0 },
    [WORD_STAND_IN_SAFEGUARDING_LEAD] = { "stand_in_safeguarding_lead", 0 },
    [WORD_STAND_IN_OPERATOR] = { "stand_in_operator", 0 },
    [WORD_CAUSE_STAGE] = { "cause_stage", HOLDS(STAGE) },
    [WORD_CAUSE_DEADLINE] = { "cause_deadline", HOLDS(LIMIT) },
    [WORD_CAUSE_RULE] = { "cause_rule", HOLDS(RULE) },
    [WORD_CAUSE_VERSION] = { "cause_version", HOLDS(VERSION) },
    [WORD_CAUSE_EVENT] = { "cause_event", HOLDS(EVENT) },
    [WORD_CAUSE_UNKNOWN_EVENT] = { "cause_unknown_event", 0 },
    [WORD_CALENDAR_ENTRY] = { "calendar_entry", HOLDS(DEADLINE) | HOLDS(REFERENCE) },
    [WORD_CALENDAR_CHANGED] = { "calendar_changed", 0 },
    [WORD_SINCE_RESOLVED] = { "since_resolved", 0 },
    [WORD_SINCE_WITHDRAWN] = { "since_withdrawn", 0 },
    [WORD_SINCE_LAPSED] = { "since_lapsed", 0 },
    [WORD_SINCE_ENDED] = { "since_ended", 0 },
    [WORD_SINCE_PASSED] = { "since_passed", 0 },
    [WORD_SINCE_MOVED] = { "since_moved", HOLDS(WHEN) },
    [WORD_CARD_REFERENCE] = { "card_reference", 0 },
    [WORD_CARD_BOARD] = { "card_board", 0 },
    [WORD_CARD_AGENCY] = { "card_agency", 0 },
    [WORD_CARD_PRIORITY] = { "card_priority", 0 },
    [WORD_CARD_OPEN] = { "card_open", 0 },
    [WORD_CARD_SEEN] = { "card_seen", 0 },
    [WORD_CARD_CUT] = { "card_cut", 0 },
    [WORD_PRIORITY_NORMAL] = { "priority_normal", 0 },
    [WORD_PRIORITY_URGENT] = { "priority_urgent", 0 },
    [WORD_PRIORITY_IMMEDIATE] = { "priority_immediate", 0 },
    [WORD_PAGE_REFERENCE] = { "page_reference", 0 },
    [WORD_PAGE_STAGE] = { "page_stage", 0 },
    [WORD_PAGE_TOLD] = { "page_told", 0 },
    [WORD_PAGE_WHEN] = { "page_when", 0 },
    [WORD_PAGE_MESSAGE] = { "page_message", 0 },
};

const char *word_name(enum word word)
{
    return rows[word].name;
}

const char *word_unit_name(enum word_unit unit)
{
    return unit_names[unit];
}

/* --- checks */

static void fields_of(uint32_t holds, struct template_field fields[WORD_FIELDS])
{
    for (size_t i = 0; i < WORD_FIELDS; i++)
        fields[i] =
            (struct template_field){ field_names[i], holds >> i & 1 ? TEMPLATE_AS_VALUE : 0 };
}

static bool is_written(const char *text, const char *name)
{
    char tag[40];
    struct text whole = text_over(tag, sizeof tag);

    text_addf(&whole, "{{%s}}", name);
    return strstr(text, tag) != NULL;
}

static int check(const char *text, uint32_t holds, uint32_t needs, struct template_fault *fault)
{
    struct template_field fields[WORD_FIELDS];
    struct text why;

    fields_of(holds, fields);
    if (template_examine(text, fields, WORD_FIELDS, fault) != TEMPLATE_OK)
        return TEMPLATE_FAULT;
    for (size_t i = 0; i < WORD_FIELDS; i++) {
        if (!(needs >> i & 1) || is_written(text, field_names[i]))
            continue;
        *fault = (struct template_fault){ .line = 1, .column = 1 };
        why = text_over(fault->why, sizeof fault->why);
        text_addf(&why, "{{%s}} is not in it", field_names[i]);
        return TEMPLATE_FAULT;
    }
    return TEMPLATE_OK;
}

int word_check(enum word word, const char *text, struct template_fault *fault)
{
    return check(text, rows[word].holds, rows[word].holds, fault);
}

int word_form_check(const char *text, bool exact, struct template_fault *fault)
{
    return check(text, HOLDS(COUNT), exact ? 0 : HOLDS(COUNT), fault);
}

/* --- writing */

static bool value_of(void *context, size_t field, struct text *value)
{
    const struct word_values *values = context;

    if (!values->of[field])
        return false;
    text_add(value, values->of[field]);
    return true;
}

static bool no_item(void *context, size_t field, size_t item)
{
    (void)context;
    (void)field;
    (void)item;
    return false;
}

static void fill(const char *word, const struct word_values *values, struct text *text)
{
    struct template_field fields[WORD_FIELDS];
    struct word_values context = *values;
    struct template_source source = { .fields = fields,
                                      .field_count = WORD_FIELDS,
                                      .context = &context,
                                      .value = value_of,
                                      .item = no_item };

    fields_of(UINT32_MAX, fields);
    template_fill(word, &source, text);
}

void words_write(const struct words *words, enum word word, const struct word_values *values,
                 struct text *text)
{
    if (values)
        fill(words->of[word], values, text);
    else
        text_add(text, words->of[word]);
}

void words_write_count(const struct words *words, enum word_unit unit, int64_t count,
                       struct text *text)
{
    const struct word_forms *forms = &words->units[unit];
    const char *form = count < WORD_FORMS_MAX ? forms->of[count] : NULL;
    char number[24];
    struct text digits = text_over(number, sizeof number);

    text_addf(&digits, "%lld", (long long)count);
    fill(form ? form : forms->other, &(struct word_values){ .of[FIELD_COUNT] = number }, text);
}
