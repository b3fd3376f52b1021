/* procedure_facts.c - the facts there are, those a procedure declares, and what they can be. */
#include "policy/procedure_reader.h"

#include <stdio.h>
#include <string.h>

enum { VALUES_MAX = 16, FACT_KINDS = 10 };

enum fact_kind {
    FACT_YES_OR_NO,
    FACT_ORDERED, /* at least and at most mean something */
    FACT_ONE_OF,
    FACT_STAGE, /* one of the stages' ids */
    FACT_LEVEL  /* a number from 1 */
};

struct fact_row {
    const char *name;
    enum fact_kind kind;
    const char *values[VALUES_MAX];
    size_t value_count;
};

static const struct fact_row built_in[FACT_KINDS] = {
    { "risk", FACT_ORDERED, { "none", "significant", "immediate", "life_threatening" }, 4 },
    { "relates_to", FACT_ONE_OF, { "individual", "process" }, 2 },
    { "non_involvement", FACT_YES_OR_NO, { "yes", "no" }, 2 },
    { "urgent", FACT_YES_OR_NO, { "yes", "no" }, 2 },
    { "policy_issue", FACT_YES_OR_NO, { "yes", "no" }, 2 },
    { "procedural_issue", FACT_YES_OR_NO, { "yes", "no" }, 2 },
    { "formal_challenge", FACT_YES_OR_NO, { "yes", "no" }, 2 },
    { "stage", FACT_STAGE, { NULL }, 0 },
    { "stage.level", FACT_LEVEL, { NULL }, 0 },
    { "stage.senior", FACT_YES_OR_NO, { "yes", "no" }, 2 },
};

struct raw_fact {
    const char *name;
    struct yaml_texts values;
};

static const struct yaml_key fact_keys[] = {
    { "fact", YAML_KEY_ID, offsetof(struct raw_fact, name), true, 0, 0, NULL },
    { "values", YAML_KEY_TEXTS, offsetof(struct raw_fact, values), false, 2, VALUES_MAX, NULL },
};

static bool is_built_in(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(built_in); i++) {
        if (!strcmp(built_in[i].name, name))
            return true;
    }
    return false;
}

static void check_values(struct procedure_reader *reader, const struct yaml_node *fact,
                         const struct yaml_texts *values)
{
    const struct yaml_node *list = yaml_get(fact, "values");

    for (size_t i = 0; i < values->count; i++) {
        if (!yaml_is_id(values->list[i]))
            reader_fault(reader, &list->items[i], "\"%s\" is no value (letters, digits and . _ -)",
                         values->list[i]);
        for (size_t j = 0; j < i; j++) {
            if (!strcmp(values->list[i], values->list[j]))
                reader_fault(reader, &list->items[i], "\"%s\" is named twice", values->list[i]);
        }
    }
}

void read_facts(struct procedure_reader *reader, const struct yaml_node *list)
{
    struct declared_fact *facts;

    if (!list)
        return;
    facts = arena_take(reader->source.arena, list->count * sizeof *facts);
    for (size_t i = 0; facts && i < list->count; i++) {
        struct raw_fact raw = { 0 };

        reader_record(reader, &list->items[i], fact_keys, COUNT_OF(fact_keys), &raw);
        facts[i].name = raw.name ? raw.name : "";
        facts[i].values = (struct names){ raw.values.list, raw.values.count };
        check_values(reader, &list->items[i], &raw.values);
        if (is_built_in(facts[i].name))
            reader_fault(reader, &list->items[i], "the fact `%s` is there already", facts[i].name);
        for (size_t j = 0; j < i; j++) {
            if (*facts[i].name && !strcmp(facts[i].name, facts[j].name))
                reader_fault(reader, &list->items[i], "the fact `%s` is declared twice",
                             facts[i].name);
        }
    }
    reader->procedure->facts = facts;
    reader->procedure->fact_count = facts ? list->count : 0;
}

/* The row of a fact, built in or declared; false, and a fault, if there is none. */
static bool find_fact(struct procedure_reader *reader, const struct yaml_node *at, const char *name,
                      struct fact_row *row)
{
    const char *names[FACT_KINDS + PROCEDURE_FACTS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(built_in); i++) {
        if (!strcmp(built_in[i].name, name)) {
            *row = built_in[i];
            return true;
        }
        names[count++] = built_in[i].name;
    }
    for (size_t i = 0; i < reader->procedure->fact_count; i++) {
        const struct declared_fact *fact = &reader->procedure->facts[i];

        names[count++] = fact->name;
        if (strcmp(fact->name, name) != 0)
            continue;
        *row = built_in[2];
        row->name = fact->name;
        if (fact->values.count) {
            row->kind = FACT_ORDERED;
            row->value_count = fact->values.count;
            memcpy(row->values, fact->values.list, row->value_count * sizeof *row->values);
        }
        return true;
    }
    reader_fault_word(reader, at, "fact", name, names, count);
    return false;
}

static void check_level(struct procedure_reader *reader, const struct yaml_node *at,
                        const char *value)
{
    size_t level = 0;

    for (const char *digit = value; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || level > PROCEDURE_STAGES_MAX) {
            level = 0;
            break;
        }
        level = level * 10 + (size_t)(*digit - '0');
    }
    if (level < 1 || level > reader->stage_count)
        reader_fault(reader, at, "`stage.level` cannot be \"%s\" (1 to %zu: there are %zu stages)",
                     value, reader->stage_count, reader->stage_count);
}

static void check_value(struct procedure_reader *reader, const struct yaml_node *at,
                        const struct fact_row *row, const char *value)
{
    const char *const *values = row->kind == FACT_STAGE ? reader->stage_ids : row->values;
    size_t count = row->kind == FACT_STAGE ? reader->stage_count : row->value_count;
    char what[ID_MAX + 32];

    for (size_t i = 0; i < count; i++) {
        if (values[i] && !strcmp(values[i], value))
            return;
    }
    snprintf(what, sizeof what, "value of `%s`", row->name);
    reader_fault_word(reader, at, what, value, values, count);
}

void check_fact(struct procedure_reader *reader, const struct yaml_node *at, const char *fact,
                enum comparison comparison, const char *value)
{
    struct fact_row row;
    bool is_ordering = comparison == COMPARE_AT_LEAST || comparison == COMPARE_AT_MOST;

    if (!find_fact(reader, at, fact, &row))
        return;
    if (!value) {
        if (row.kind != FACT_YES_OR_NO)
            reader_fault(reader, at, "`%s` is no yes-or-no fact (write \"%s is …\")", fact, fact);
        return;
    }
    if (is_ordering && row.kind != FACT_ORDERED && row.kind != FACT_LEVEL)
        reader_fault(reader, at, "the values of `%s` have no order (\"is\" or \"is not\")", fact);
    else if (row.kind == FACT_LEVEL)
        check_level(reader, at, value);
    else
        check_value(reader, at, &row, value);
}
