/* procedure.c - finds roles, stages, deadlines and rules of a procedure by their ids. */
#include "core/procedure.h"

#include <string.h>

#include "core/event.h"

static bool conditions_name(const struct conditions *conditions, const char *event);
static bool deadline_names(const struct deadline *deadline, const char *event);
static bool names_hold(const struct names *names, const char *name);

int procedure_role(const struct procedure *procedure, const char *id)
{
    for (size_t i = 0; i < procedure->role_count; i++)
        if (!strcmp(procedure->roles[i].id, id))
            return (int)i;
    return -1;
}

int procedure_stage(const struct procedure *procedure, const char *id)
{
    for (size_t i = 0; i < procedure->stage_count; i++)
        if (!strcmp(procedure_stage_id(procedure, (int)i), id))
            return (int)i;
    return -1;
}

int procedure_deadline(const struct procedure *procedure, const char *id)
{
    for (size_t i = 0; i < procedure->deadline_count; i++)
        if (!strcmp(procedure->deadlines[i].id, id))
            return (int)i;
    return -1;
}

int procedure_rule(const struct procedure *procedure, const char *id)
{
    for (size_t i = 0; i < procedure->rule_count; i++)
        if (!strcmp(procedure->rules[i].id, id))
            return (int)i;
    return -1;
}

const struct deadline *procedure_stage_deadline(const struct procedure *procedure, int stage)
{
    return &procedure->deadlines[procedure->stages[stage].deadline];
}

const char *procedure_stage_id(const struct procedure *procedure, int stage)
{
    return procedure_stage_deadline(procedure, stage)->id;
}

bool procedure_knows_event(const struct procedure *procedure, const char *type)
{
    size_t prefix = strlen(EVENT_PREFIX);
    const char *event = strncmp(type, EVENT_PREFIX, prefix) ? type : type + prefix;

    for (size_t i = 0; i < procedure->deadline_count; i++)
        if (deadline_names(&procedure->deadlines[i], event))
            return true;
    for (size_t i = 0; i < procedure->stage_count; i++)
        if (names_hold(&procedure->stages[i].advanced_by, event))
            return true;
    for (size_t i = 0; i < procedure->rule_count; i++)
        if (conditions_name(&procedure->rules[i].when, event))
            return true;
    return false;
}

static bool deadline_names(const struct deadline *deadline, const char *event)
{
    for (size_t i = 0; i < deadline->from_count; i++) {
        const struct start *start = &deadline->from[i];

        if ((start->kind == START_EVENT || start->kind == START_DATE_IN_EVENT) &&
            !strcmp(start->event, event))
            return true;
    }
    return names_hold(&deadline->stopped_by, event) || conditions_name(&deadline->when, event);
}

static bool test_names(const struct test *test, const char *event)
{
    bool of_an_event = test->kind == TEST_EVENT || test->kind == TEST_AFTER_EVENT ||
                       test->kind == TEST_BEFORE_EVENT;

    return of_an_event && !strcmp(test->name, event);
}

static bool conditions_name(const struct conditions *conditions, const char *event)
{
    for (size_t i = 0; i < conditions->count; i++)
        for (size_t j = 0; j < conditions->list[i].count; j++)
            if (test_names(&conditions->list[i].tests[j], event))
                return true;
    return false;
}

static bool names_hold(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (!strcmp(names->list[i], name))
            return true;
    return false;
}
