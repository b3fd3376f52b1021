/* disagreement.c - where one disagreement stands. */
#include "core/disagreement.h"

#include <stdio.h>
#include <string.h>

bool disagreement_is_over(const struct disagreement *disagreement)
{
    return disagreement->state != DISAGREEMENT_OPEN;
}

static int find_fact(const struct disagreement *disagreement, const char *name)
{
    for (int i = 0; i < disagreement->fact_count; i++)
        if (strcmp(disagreement->facts[i].name, name) == 0)
            return i;
    return -1;
}

const char *disagreement_fact(const struct disagreement *disagreement, const char *name)
{
    int i = find_fact(disagreement, name);

    return i < 0 ? NULL : disagreement->facts[i].value;
}

bool disagreement_set_fact(struct disagreement *disagreement, const char *name, const char *value)
{
    int i = find_fact(disagreement, name);

    if (i < 0 && disagreement->fact_count == FACTS_MAX)
        return false;
    if (i < 0) {
        i = disagreement->fact_count++;
        snprintf(disagreement->facts[i].name, sizeof disagreement->facts[i].name, "%s", name);
    }
    snprintf(disagreement->facts[i].value, sizeof disagreement->facts[i].value, "%s", value);
    return true;
}

party_mask disagreement_parties_of(const struct disagreement *disagreement, const char *agency)
{
    party_mask mask = 0;

    for (unsigned i = 0; i < disagreement->party_count; i++)
        if (strcmp(disagreement->parties[i], agency) == 0)
            mask = (party_mask)(mask | 1u << i);
    return mask;
}

party_mask disagreement_agencies(const struct disagreement *disagreement)
{
    return (party_mask)((1u << disagreement->party_count) - 1);
}

struct instant disagreement_wake(const struct disagreement *disagreement)
{
    struct instant earliest = INSTANT_NONE;

    for (size_t i = 0; i < COUNT_OF(disagreement->running); i++) {
        struct instant wake = disagreement->running[i].wake;

        /* An empty disagreement is all zeros; a stage whose limit has not started may wake. */
        if (instant_is_none(wake) || (disagreement->running[i].state == RUNNING_NOT && !wake.us))
            continue;
        if (instant_is_none(earliest) || wake.us < earliest.us)
            earliest = wake;
    }
    return earliest;
}

void disagreement_clear(struct disagreement *disagreement)
{
    memset(disagreement, 0, sizeof *disagreement);
    disagreement->raised = disagreement->closed = INSTANT_NONE;
    disagreement->stage_entered = INSTANT_NONE;
    disagreement->held_until = disagreement->proposed_at = INSTANT_NONE;
    disagreement->stage = disagreement->previous = -1;
    for (size_t i = 0; i < PARTIES_MAX; i++)
        disagreement->notified[i] = disagreement->heard[i] = disagreement->agreed_ahead[i] =
            INSTANT_NONE;
    for (size_t i = 0; i < EVENT_BITS; i++)
        disagreement->dates[i] = INSTANT_NONE;
    for (size_t i = 0; i < COUNT_OF(disagreement->running); i++) {
        struct running *running = &disagreement->running[i];

        running->start = running->due = running->wake = INSTANT_NONE;
        running->set_by_case = running->acted_until = INSTANT_NONE;
    }
}

int event_bit(const struct procedure *procedure, const char *short_type)
{
    for (int kind = 1; kind < EVENT_KIND_COUNT; kind++)
        if (strcmp(event_name((enum event_kind)kind), short_type) == 0)
            return kind;
    for (size_t i = 0; i < procedure->events.count; i++)
        if (strcmp(procedure->events.list[i], short_type) == 0)
            return 40 + (int)i;
    return -1;
}
