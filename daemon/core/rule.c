/* rule.c - a procedure's conditions over facts and events. */
#include "core/rule.h"

#include <stdio.h>
#include <string.h>

#include "core/audience.h"
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

/* A party is silent from the last notification to it until any event from it. */
static struct instant silent_since(const struct disagreement *disagreement, int party)
{
    struct instant told = disagreement->notified[party], heard = disagreement->heard[party];

    if (instant_is_none(told) || (!instant_is_none(heard) && heard.us >= told.us))
        return INSTANT_NONE;
    return told;
}

/* When this party's silence is long enough; INSTANT_NONE where it is not silent. */
static struct instant silence_ends(const struct rule_view *view, const struct test *test, int party)
{
    struct limit limit = { .terms = { { .kind = LIMIT_LENGTH, .length = test->length } },
                           .count = 1 };
    struct counting counting = { .ends = ENDS_SAME_TIME };
    struct instant since = silent_since(view->disagreement, party), end;

    if (instant_is_none(since) ||
        limit_due(&limit, view->time, &counting, since, INSTANT_NONE, &end) == LIMIT_NO_DUE)
        return INSTANT_NONE;
    return end;
}

static party_mask silence_parties(const struct rule_view *view, const struct test *test)
{
    const struct disagreement *disagreement = view->disagreement;
    struct selectors selectors = { .list = &test->who, .count = 1 };
    struct audience_place place = { .procedure = view->procedure,
                                    .disagreement = disagreement,
                                    .stage = disagreement->stage,
                                    .previous = disagreement->previous,
                                    .next = disagreement->stage + 1 };
    struct audience audience = { 0 };
    party_mask parties = 0;

    audience_add(&audience, &place, &selectors);
    for (size_t role = 0; role < PROCEDURE_ROLES_MAX; role++)
        parties = (party_mask)(parties | audience.to[role]);
    return parties;
}

static bool is_silent(const struct rule_view *view, const struct test *test)
{
    party_mask parties = silence_parties(view, test);

    for (int party = 0; party < PARTIES_MAX; party++) {
        struct instant end;

        if (!(parties & 1u << party))
            continue;
        end = silence_ends(view, test, party);
        if (!instant_is_none(end) && end.us <= view->at.us)
            return true;
    }
    return false;
}

static bool was_seen(const struct rule_view *view, const char *event)
{
    int bit = event_bit(view->procedure, event);

    return bit >= 0 && view->disagreement->seen >> bit & 1;
}

static bool test_holds(const struct rule_view *view, const struct test *test)
{
    char number[16];

    switch (test->kind) {
    case TEST_FACT:
        return compare(view->procedure, test,
                       value_now(view->procedure, view->disagreement, test->name, number));
    case TEST_EVENT:
        return view->event && strcmp(event_short_type(view->event->type), test->name) == 0;
    case TEST_AFTER_EVENT:
        return was_seen(view, test->name);
    case TEST_BEFORE_EVENT:
        return !was_seen(view, test->name);
    case TEST_SILENCE:
    default:
        return is_silent(view, test);
    }
}

static bool condition_holds(const struct rule_view *view, const struct condition *condition)
{
    for (size_t i = 0; i < condition->count; i++)
        if (test_holds(view, &condition->tests[i]) != condition->tests[i].negated)
            return true;
    return false;
}

bool conditions_hold(const struct rule_view *view, const struct conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++)
        if (!condition_holds(view, &conditions->list[i]))
            return false;
    return true;
}

bool conditions_name_silence(const struct conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++)
        for (size_t j = 0; j < conditions->list[i].count; j++)
            if (conditions->list[i].tests[j].kind == TEST_SILENCE)
                return true;
    return false;
}

static struct instant earlier(struct instant a, struct instant b)
{
    if (instant_is_none(a))
        return b;
    return instant_is_none(b) || a.us < b.us ? a : b;
}

static struct instant test_silence_instant(const struct rule_view *view, const struct test *test,
                                           struct instant after)
{
    party_mask parties = silence_parties(view, test);
    struct instant earliest = INSTANT_NONE;

    for (int party = 0; party < PARTIES_MAX; party++) {
        struct instant end;

        if (!(parties & 1u << party))
            continue;
        end = silence_ends(view, test, party);
        if (!instant_is_none(end) && end.us > after.us)
            earliest = earlier(earliest, end);
    }
    return earliest;
}

struct instant conditions_silence_instant(const struct rule_view *view,
                                          const struct conditions *conditions, struct instant after)
{
    struct instant earliest = INSTANT_NONE;

    for (size_t i = 0; i < conditions->count; i++)
        for (size_t j = 0; j < conditions->list[i].count; j++)
            if (conditions->list[i].tests[j].kind == TEST_SILENCE)
                earliest = earlier(
                    earliest, test_silence_instant(view, &conditions->list[i].tests[j], after));
    return earliest;
}
