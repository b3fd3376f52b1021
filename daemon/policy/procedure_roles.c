/* procedure_roles.c - the roles of a procedure, and who stands in for whom. */
#include "policy/procedure_reader.h"

#include <string.h>

enum { LIST_MAX = 8 };

struct raw_role {
    const char *id, *title, *via;
    int side;
    bool optional;
    struct yaml_texts or_else;
    const struct yaml_node *for_kind;
};

static const char *const sides[] = { "each", "challenging", "challenged", "board", NULL };
static const char *const agency_kinds[] = { "statutory", "vcf", "care_provider", "sole_proprietor",
                                            "self_employed" };
static const char *const reserved[] = { "stage.handlers", "previous.handlers", "next.handlers",
                                        "everyone_told", "nobody" };

static const struct yaml_key role_keys[] = {
    { "role", YAML_KEY_ID, offsetof(struct raw_role, id), true, 0, 0, NULL },
    { "title", YAML_KEY_TEXT, offsetof(struct raw_role, title), false, 1, TITLE_MAX, NULL },
    { "side", YAML_KEY_CHOICE, offsetof(struct raw_role, side), false, 0, 0, sides },
    { "or_else", YAML_KEY_TEXTS, offsetof(struct raw_role, or_else), false, 1, LIST_MAX, NULL },
    { "for_kind", YAML_KEY_LIST, offsetof(struct raw_role, for_kind), false, 1, LIST_MAX, NULL },
    { "via", YAML_KEY_ID, offsetof(struct raw_role, via), false, 0, 0, NULL },
    { "optional", YAML_KEY_TRUE, offsetof(struct raw_role, optional), false, 0, 0, NULL },
};

struct raw_for_kind {
    struct yaml_texts kinds, use;
};

static const struct yaml_key for_kind_keys[] = {
    { "kinds", YAML_KEY_TEXTS, offsetof(struct raw_for_kind, kinds), true, 1, LIST_MAX, NULL },
    { "use", YAML_KEY_TEXTS, offsetof(struct raw_for_kind, use), true, 1, LIST_MAX, NULL },
};

static void refuse_loops(struct procedure_reader *reader, const struct yaml_node *list);

static const char *text_of(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *value = yaml_get(map, key);

    return value && value->kind == YAML_SCALAR ? value->text : "";
}

/* Roles refer to each other, so all ids are known before any is read. */
void outline_roles(struct procedure_reader *reader, const struct yaml_node *list)
{
    for (size_t i = 0; list && i < list->count && i < PROCEDURE_ROLES_MAX; i++) {
        struct outlined_role *role = &reader->roles[reader->role_count++];
        const char *side = text_of(&list->items[i], "side");

        role->id = text_of(&list->items[i], "role");
        for (int s = 0; sides[s]; s++) {
            if (!strcmp(sides[s], side))
                role->side = (enum side)s;
        }
        for (size_t j = 0; j < i; j++) {
            if (*role->id && !strcmp(reader->roles[j].id, role->id))
                reader_fault(reader, yaml_get(&list->items[i], "role"),
                             "the role `%s` is written twice", role->id);
        }
        for (size_t j = 0; j < COUNT_OF(reserved); j++) {
            if (!strcmp(reserved[j], role->id))
                reader_fault(reader, yaml_get(&list->items[i], "role"),
                             "`%s` is a word of the notation (name the role otherwise)", role->id);
        }
    }
}

int find_role(struct procedure_reader *reader, const struct yaml_node *at, const char *id)
{
    const char *names[PROCEDURE_ROLES_MAX];

    for (size_t i = 0; i < reader->role_count; i++) {
        if (!strcmp(reader->roles[i].id, id))
            return (int)i;
        names[i] = reader->roles[i].id;
    }
    reader_fault_word(reader, at, "role", id, names, reader->role_count);
    return -1;
}

static void read_role_list(struct procedure_reader *reader, const struct yaml_node *list,
                           const struct yaml_texts *texts, int self, const int **roles,
                           size_t *count)
{
    int *found = arena_take(reader->source.arena, texts->count * sizeof *found);

    for (size_t i = 0; found && i < texts->count; i++) {
        found[i] = find_role(reader, &list->items[i], texts->list[i]);
        if (found[i] == self)
            reader_fault(reader, &list->items[i], "`%s` stands in for itself (another role)",
                         texts->list[i]);
    }
    *roles = found;
    *count = found ? texts->count : 0;
}

static void check_kinds(struct procedure_reader *reader, const struct yaml_node *list,
                        const struct yaml_texts *kinds)
{
    for (size_t i = 0; i < kinds->count; i++) {
        size_t k = 0;

        while (k < COUNT_OF(agency_kinds) && strcmp(agency_kinds[k], kinds->list[i]) != 0)
            k++;
        if (k == COUNT_OF(agency_kinds))
            reader_fault_word(reader, &list->items[i], "kind of agency", kinds->list[i],
                              agency_kinds, COUNT_OF(agency_kinds));
    }
}

static void read_for_kind(struct procedure_reader *reader, const struct yaml_node *list, int self,
                          struct role *role)
{
    struct for_kind *rows = arena_take(reader->source.arena, list->count * sizeof *rows);

    for (size_t i = 0; rows && i < list->count; i++) {
        const struct yaml_node *at = &list->items[i];
        struct raw_for_kind raw = { 0 };

        reader_record(reader, at, for_kind_keys, COUNT_OF(for_kind_keys), &raw);
        check_kinds(reader, yaml_get(at, "kinds"), &raw.kinds);
        read_role_list(reader, yaml_get(at, "use"), &raw.use, self, &rows[i].uses,
                       &rows[i].use_count);
        rows[i].kinds = raw.kinds.list;
        rows[i].kind_count = raw.kinds.count;
    }
    role->for_kind = rows;
    role->for_kind_count = rows ? list->count : 0;
}

static void read_role(struct procedure_reader *reader, const struct yaml_node *at, int self,
                      struct role *role)
{
    struct raw_role raw = { 0 };

    reader_record(reader, at, role_keys, COUNT_OF(role_keys), &raw);
    role->id = raw.id ? raw.id : "";
    role->title = raw.title ? raw.title : role->id;
    role->side = (enum side)raw.side;
    role->optional = raw.optional;
    role->via = -1;
    read_role_list(reader, yaml_get(at, "or_else"), &raw.or_else, self, &role->or_else,
                   &role->or_else_count);
    if (raw.for_kind)
        read_for_kind(reader, raw.for_kind, self, role);
    if (raw.via) {
        role->via = find_role(reader, yaml_get(at, "via"), raw.via);
        if (role->via == self)
            reader_fault(reader, yaml_get(at, "via"), "`%s` goes via itself (another role)",
                         raw.via);
    }
}

void read_roles(struct procedure_reader *reader, const struct yaml_node *list)
{
    struct role *roles =
        list ? arena_take(reader->source.arena, list->count * sizeof *roles) : NULL;

    for (size_t i = 0; roles && i < list->count; i++)
        read_role(reader, &list->items[i], (int)i, &roles[i]);
    reader->procedure->roles = roles;
    reader->procedure->role_count = roles ? list->count : 0;
    if (roles && !reader->faulty)
        refuse_loops(reader, list);
}

/* Whether `to` is found from `from` by going over or_else, and not by any role below `to`, so
 * that a loop is told once, at its first role. */
static bool leads_to(const struct procedure *procedure, int from, int to, unsigned *seen)
{
    const struct role *role = &procedure->roles[from];

    for (size_t i = 0; i < role->or_else_count; i++) {
        int next = role->or_else[i];

        if (next == to)
            return true;
        if (next < to || *seen & 1u << next)
            continue;
        *seen |= 1u << next;
        if (leads_to(procedure, next, to, seen))
            return true;
    }
    return false;
}

static bool via_returns(const struct procedure *procedure, int to)
{
    int at = procedure->roles[to].via;

    for (size_t steps = 0; at > to && steps < procedure->role_count; steps++)
        at = procedure->roles[at].via;
    return at == to;
}

static void refuse_loops(struct procedure_reader *reader, const struct yaml_node *list)
{
    const struct procedure *procedure = reader->procedure;

    for (size_t i = 0; i < procedure->role_count; i++) {
        const struct role *role = &procedure->roles[i];
        unsigned seen = 0;

        if (leads_to(procedure, (int)i, (int)i, &seen))
            reader_fault(
                reader, yaml_get(&list->items[i], "or_else"),
                "`or_else` of `%s` comes back to it (end the chain at a role that somebody "
                "holds)",
                role->id);
        if (role->via >= 0 && via_returns(procedure, (int)i))
            reader_fault(reader, yaml_get(&list->items[i], "via"),
                         "`via` of `%s` comes back to it (end it at a role that somebody holds)",
                         role->id);
    }
}
