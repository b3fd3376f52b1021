/* state.c - writes and reads the JSON part of a disagreement. */
#include "io/state.h"

#include "io/state_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* ---- writing ------------------------------------------------------------------------------ */

/* jansson's setters take a NULL value and answer -1, so one sum of answers sees every lack of
 * memory. */
static int set_text(json_t *object, const char *key, const char *text)
{
    return *text ? json_object_set_new(object, key, json_string(text)) : 0;
}

static int set_number(json_t *object, const char *key, int64_t number)
{
    return number != 0 ? json_object_set_new(object, key, json_integer(number)) : 0;
}

static int set_flag(json_t *object, const char *key, bool flag)
{
    return flag ? json_object_set_new(object, key, json_true()) : 0;
}

static int set_instant(json_t *object, const char *key, struct instant at)
{
    return instant_is_none(at) ? 0 : json_object_set_new(object, key, json_integer(at.us));
}

static int set_stage(json_t *object, const char *key, const struct procedure *procedure, int stage)
{
    return stage < 0 ? 0 : set_text(object, key, procedure_stage_id(procedure, stage));
}

static int write_parties(json_t *root, const struct disagreement *disagreement)
{
    json_t *parties = json_array();
    int failed = json_object_set_new(root, "parties", parties);

    for (size_t i = 0; i < disagreement->party_count; i++)
        failed |= json_array_append_new(parties, json_string(disagreement->parties[i]));
    return failed;
}

static int write_people(json_t *root, const struct disagreement *disagreement)
{
    json_t *people = json_array();
    int failed = json_object_set_new(root, "people", people);

    for (size_t i = 0; i < disagreement->people_count; i++) {
        const struct event_person *person = &disagreement->people[i];
        json_t *object = json_object();

        failed |= json_array_append_new(people, object);
        failed |= set_text(object, "agency", person->agency);
        failed |= set_text(object, "role", person->role);
        failed |= set_text(object, "person", person->person);
        failed |= set_text(object, "email", person->email);
    }
    return failed;
}

static int write_facts(json_t *root, const struct disagreement *disagreement)
{
    json_t *facts = json_array();
    int failed = json_object_set_new(root, "facts", facts);

    for (size_t i = 0; i < disagreement->fact_count; i++)
        failed |= json_array_append_new(
            facts, json_pack("[s,s]", disagreement->facts[i].name, disagreement->facts[i].value));
    return failed;
}

static int write_rules(json_t *root, const struct procedure *procedure,
                       const struct disagreement *disagreement)
{
    json_t *rules = json_object();
    int failed = json_object_set_new(root, "rules", rules);

    for (size_t i = 0; i < procedure->rule_count; i++) {
        json_t *rule;

        if (!disagreement->rule_held[i] && disagreement->rule_told_entry[i] == 0)
            continue;
        rule = json_object();
        failed |= json_object_set_new(rules, procedure->rules[i].id, rule);
        failed |= set_flag(rule, "held", disagreement->rule_held[i]);
        failed |= set_number(rule, "told", disagreement->rule_told_entry[i]);
    }
    return failed;
}

static int write_told(json_t *root, const struct procedure *procedure,
                      const struct disagreement *disagreement)
{
    json_t *told = json_object();
    int failed = json_object_set_new(root, "told", told);

    for (size_t i = 0; i < procedure->role_count; i++)
        failed |= set_number(told, procedure->roles[i].id, disagreement->told[i]);
    return failed;
}

int state_write(const struct procedure *procedure, const struct disagreement *disagreement,
                char **text)
{
    CLEANUP(json_decrefp) json_t *root = json_object();
    int failed = root ? 0 : -1;

    failed |= write_parties(root, disagreement);
    failed |= set_text(root, "case", disagreement->case_reference);
    failed |= set_text(root, "category", disagreement->category);
    failed |= set_text(root, "link", disagreement->link);
    failed |= write_people(root, disagreement);
    failed |= write_facts(root, disagreement);
    failed |= set_number(root, "non_involved", disagreement->non_involved);
    failed |= set_stage(root, "stage", procedure, disagreement->stage);
    failed |= set_stage(root, "previous", procedure, disagreement->previous);
    failed |= set_number(root, "entry", disagreement->entry);
    failed |= set_instant(root, "stage_entered", disagreement->stage_entered);
    failed |= set_number(root, "intention_entry", disagreement->intention_entry);
    failed |= set_number(root, "agreed", disagreement->agreed);
    failed |= set_flag(root, "proposed", disagreement->proposed);
    failed |= set_flag(root, "held", disagreement->held);
    failed |= set_instant(root, "held_until", disagreement->held_until);
    failed |= write_rules(root, procedure, disagreement);
    failed |= write_told(root, procedure, disagreement);
    failed |= state_write_memory(root, procedure, disagreement);
    if (failed != 0)
        return -ENOMEM;
    *text = json_dumps(root, JSON_COMPACT);
    return *text ? STATE_OK : -ENOMEM;
}

/* ---- reading ------------------------------------------------------------------------------ */

/* Each answers whether what is there fits; what is absent is at its default. */
static bool get_text(const json_t *object, const char *key, char *text, size_t size)
{
    const json_t *value = json_object_get(object, key);
    size_t length = value ? json_string_length(value) : 0;

    text[0] = '\0';
    if (!value)
        return true;
    if (!json_is_string(value) || length >= size)
        return false;
    memcpy(text, json_string_value(value), length + 1);
    return true;
}

static bool get_number(const json_t *object, const char *key, int64_t most, int64_t *number)
{
    const json_t *value = json_object_get(object, key);

    *number = json_integer_value(value);
    return !value || (json_is_integer(value) && *number >= 0 && *number <= most);
}

static bool get_count(const json_t *object, const char *key, uint32_t *count)
{
    int64_t number;
    bool fits = get_number(object, key, UINT32_MAX, &number);

    *count = fits ? (uint32_t)number : 0;
    return fits;
}

static bool get_mask(const json_t *object, const char *key, party_mask *mask)
{
    int64_t number;
    bool fits = get_number(object, key, UINT16_MAX, &number);

    *mask = fits ? (party_mask)number : 0;
    return fits;
}

static bool get_instant(const json_t *object, const char *key, struct instant *at)
{
    const json_t *value = json_object_get(object, key);

    *at = value ? (struct instant){ json_integer_value(value) } : INSTANT_NONE;
    return !value || json_is_integer(value);
}

static bool get_stage(const json_t *object, const char *key, const struct procedure *procedure,
                      int16_t *stage)
{
    char id[ID_MAX + 1];

    if (!get_text(object, key, id, sizeof id))
        return false;
    *stage = *id ? (int16_t)procedure_stage(procedure, id) : -1;
    return !*id || *stage >= 0;
}

static bool read_parties(const json_t *list, struct disagreement *disagreement)
{
    size_t count = json_array_size(list);

    memset(disagreement->parties, 0, sizeof disagreement->parties);
    if (count > PARTIES_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *party = json_string_value(json_array_get(list, i));

        if (!party || strlen(party) > ID_MAX)
            return false;
        memcpy(disagreement->parties[i], party, strlen(party) + 1);
    }
    disagreement->party_count = (uint8_t)count;
    return true;
}

static bool read_people(const json_t *list, struct disagreement *disagreement)
{
    size_t count = json_array_size(list);

    memset(disagreement->people, 0, sizeof disagreement->people);
    if (count > EVENT_PEOPLE_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct event_person *person = &disagreement->people[i];
        const json_t *object = json_array_get(list, i);

        if (!get_text(object, "agency", person->agency, sizeof person->agency) ||
            !get_text(object, "role", person->role, sizeof person->role) ||
            !get_text(object, "person", person->person, sizeof person->person) ||
            !get_text(object, "email", person->email, sizeof person->email))
            return false;
    }
    disagreement->people_count = (uint8_t)count;
    return true;
}

static bool read_facts(const json_t *list, struct disagreement *disagreement)
{
    size_t count = json_array_size(list);

    memset(disagreement->facts, 0, sizeof disagreement->facts);
    if (count > FACTS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(json_array_get(list, i), 0));
        const char *value = json_string_value(json_array_get(json_array_get(list, i), 1));

        if (!name || !value || strlen(name) > ID_MAX || strlen(value) > ID_MAX)
            return false;
        memcpy(disagreement->facts[i].name, name, strlen(name) + 1);
        memcpy(disagreement->facts[i].value, value, strlen(value) + 1);
    }
    disagreement->fact_count = (uint8_t)count;
    return true;
}

static bool read_rules(json_t *rules, const struct procedure *procedure,
                       struct disagreement *disagreement)
{
    const char *id;
    json_t *rule;

    memset(disagreement->rule_held, 0, sizeof disagreement->rule_held);
    memset(disagreement->rule_told_entry, 0, sizeof disagreement->rule_told_entry);
    json_object_foreach(rules, id, rule)
    {
        int place = procedure_rule(procedure, id);

        if (place < 0 || !get_count(rule, "told", &disagreement->rule_told_entry[place]))
            return false;
        disagreement->rule_held[place] = json_is_true(json_object_get(rule, "held"));
    }
    return true;
}

static bool read_told(json_t *told, const struct procedure *procedure,
                      struct disagreement *disagreement)
{
    const char *id;
    json_t *mask;

    memset(disagreement->told, 0, sizeof disagreement->told);
    json_object_foreach(told, id, mask)
    {
        int place = procedure_role(procedure, id);

        if (place < 0 || !get_mask(told, id, &disagreement->told[place]))
            return false;
    }
    return true;
}

int state_read(const struct procedure *procedure, const char *text,
               struct disagreement *disagreement)
{
    CLEANUP(json_decrefp) json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(root))
        return STATE_UNREADABLE;
    disagreement->proposed = json_is_true(json_object_get(root, "proposed"));
    disagreement->held = json_is_true(json_object_get(root, "held"));
    if (!read_parties(json_object_get(root, "parties"), disagreement) ||
        !get_text(root, "case", disagreement->case_reference,
                  sizeof disagreement->case_reference) ||
        !get_text(root, "category", disagreement->category, sizeof disagreement->category) ||
        !get_text(root, "link", disagreement->link, sizeof disagreement->link) ||
        !read_people(json_object_get(root, "people"), disagreement) ||
        !read_facts(json_object_get(root, "facts"), disagreement) ||
        !get_mask(root, "non_involved", &disagreement->non_involved) ||
        !get_stage(root, "stage", procedure, &disagreement->stage) ||
        !get_stage(root, "previous", procedure, &disagreement->previous) ||
        !get_count(root, "entry", &disagreement->entry) ||
        !get_instant(root, "stage_entered", &disagreement->stage_entered) ||
        !get_count(root, "intention_entry", &disagreement->intention_entry) ||
        !get_mask(root, "agreed", &disagreement->agreed) ||
        !get_instant(root, "held_until", &disagreement->held_until) ||
        !read_rules(json_object_get(root, "rules"), procedure, disagreement) ||
        !read_told(json_object_get(root, "told"), procedure, disagreement) ||
        !state_read_memory(root, procedure, disagreement))
        return STATE_UNREADABLE;
    return STATE_OK;
}
