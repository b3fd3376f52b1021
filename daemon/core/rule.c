/* rule.c - a procedure's conditions over facts and events. */
#include "core/rule.h"

#include <stdio.h>
#include <string.h>

#include "core/fact.h"

static const struct declared_fact *find_declared(const struct procedure *procedure,
                                                 const char *name)
{
    for (size_t i = 0; i < procedure->fact_count; i++)
        if (strcmp(procedure->facts[i].name, name) == 0)
            return &procedure->facts[i];
    return NULL;
}

/* The place of a value among a fact's ordered values, from 0; -1 if it has none. */
static int rank_of(const struct procedure *procedure, const char *fact, const char *value)
{
    const char *const *values = fact_values(fact);
    const struct declared_fact *declared = find_declared(procedure, fact);

    if (strcmp(fact, "stage") == 0)
        return procedure_stage(procedure, value);
    for (int i = 0; values && values[i]; i++)
        if (strcmp(values[i], value) == 0)
            return i;
    for (size_t i = 0; declared && i < declared->values.count; i++)
        if (strcmp(declared->values.list[i], value) == 0)
            return (int)i;
    return -1;
}

static bool is_yes_or_no(const struct procedure *procedure, const char *fact)
{
    const struct declared_fact *declared = find_declared(procedure, fact);

    if (declared)
        return declared->values.count == 0;
    return fact_is_yes_or_no(fact);
}

/* The fact's value now; NULL where it equals nothing. */
static const char *value_now(const struct procedure *procedure,
                             const struct disagreement *disagreement, const char *fact,
                             char number[16])
{
    const char *told;

    if (strcmp(fact, "stage") == 0)
        return disagreement->stage < 0 ? NULL : procedure_stage_id(procedure, disagreement->stage);
    if (strcmp(fact, "stage.level") == 0) {
        snprintf(number, 16, "%d", disagreement->stage + 1);
        return number;
    }
    if (strcmp(fact, "stage.senior") == 0)
        return disagreement->stage >= 0 && procedure->stages[disagreement->stage].senior ? "yes"
                                                                                         : "no";
    if (strcmp(fact, "non_involvement") == 0)
        return disagreement->non_involved ? "yes" : "no";

    told = disagreement_fact(disagreement, fact);
    if (!told && strcmp(fact, "risk") == 0)
        return "none";
    if (!told && is_yes_or_no(procedure, fact))
        return "no";
    return told;
}

static int number_of(const char *text)
{
    int number = 0;

    for (; *text >= '0' && *text <= '9' && number < 100000; text++)
        number = number * 10 + (*text - '0');
    return number;
}

static bool compare(const struct procedure *procedure, const struct test *test, const char *now)
{
    int have, want;

    if (test->comparison == COMPARE_IS)
        return now && strcmp(now, test->value) == 0;
    if (test->comparison == COMPARE_IS_NOT)
        return !now || strcmp(now, test->value) != 0;
    if (!now)
        return false;
    if (strcmp(test->name, "stage.level") == 0) {
        have = number_of(now);
        want = number_of(test->value);
    } else {
        have = rank_of(procedure, test->name, now);
        want = rank_of(procedure, test->name, test->value);
        if (have < 0 || want < 0)
            return false;
    }
    return test->comparison == COMPARE_AT_LEAST ? have >= want : have <= want;
}

uint64_t event_seen_bit(const struct procedure *procedure, const char *short_type)
{
    for (int kind = 1; kind < EVENT_KIND_COUNT; kind++)
        if (strcmp(event_name((enum event_kind)kind), short_type) == 0)
            return UINT64_C(1) << kind;
    for (size_t i = 0; i < procedure->events.count; i++)
        if (strcmp(procedure->events.list[i], short_type) == 0)
            return UINT64_C(1) << (40 + i);
    return 0;
}

static bool test_holds(const struct procedure *procedure, const struct disagreement *disagreement,
                       const struct event *event, const struct test *test)
{
    char number[16];
    bool seen;

    switch (test->kind) {
    case TEST_FACT:
        return compare(procedure, test, value_now(procedure, disagreement, test->name, number));
    case TEST_EVENT:
        return event && strcmp(event_short_type(event->type), test->name) == 0;
    case TEST_AFTER_EVENT:
    case TEST_BEFORE_EVENT:
        seen = disagreement->seen & event_seen_bit(procedure, test->name);
        return seen == (test->kind == TEST_AFTER_EVENT);
    case TEST_SILENCE:
    default:
        /* Refused when the file is loaded until silence is made to work. */
        return false;
    }
}

static bool condition_holds(const struct procedure *procedure,
                            const struct disagreement *disagreement, const struct event *event,
                            const struct condition *condition)
{
    for (size_t i = 0; i < condition->count; i++)
        if (test_holds(procedure, disagreement, event, &condition->tests[i]) !=
            condition->tests[i].negated)
            return true;
    return false;
}

bool conditions_hold(const struct procedure *procedure, const struct disagreement *disagreement,
                     const struct event *event, const struct conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++)
        if (!condition_holds(procedure, disagreement, event, &conditions->list[i]))
            return false;
    return true;
}

bool conditions_name_event(const struct conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++)
        for (size_t j = 0; j < conditions->list[i].count; j++)
            if (conditions->list[i].tests[j].kind == TEST_EVENT)
                return true;
    return false;
}
