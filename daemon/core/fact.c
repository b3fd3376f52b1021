/* fact.c - the facts every procedure may ask about. */
#include "core/fact.h"

#include <string.h>

static const char *const risks[] = { "none", "significant", "immediate", "life_threatening", NULL };
static const char *const relations[] = { "individual", "process", NULL };
static const char *const yes_or_no[] = { "yes", "no", NULL };

const char *const *fact_values(const char *name)
{
    static const struct {
        const char *name;
        const char *const *values;
    } facts[] = {
        { "risk", risks },
        { "relates_to", relations },
        { "non_involvement", yes_or_no },
        { "urgent", yes_or_no },
        { "policy_issue", yes_or_no },
        { "procedural_issue", yes_or_no },
        { "formal_challenge", yes_or_no },
    };

    for (size_t i = 0; i < COUNT_OF(facts); i++)
        if (strcmp(facts[i].name, name) == 0)
            return facts[i].values;
    return NULL;
}

bool fact_is_yes_or_no(const char *name)
{
    return fact_values(name) == yes_or_no;
}

bool fact_is_derived(const char *name)
{
    return strcmp(name, "stage") == 0 || strcmp(name, "stage.level") == 0 ||
           strcmp(name, "stage.senior") == 0;
}
