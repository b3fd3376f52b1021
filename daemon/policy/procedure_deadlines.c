/* procedure_deadlines.c - everything timed, and the rules of a procedure. */
#include "policy/procedure_reader.h"

#include <string.h>

struct raw_deadline {
    const char *id, *title, *words, *message;
    const struct yaml_node *when, *from, *counting, *handlers, *owners, *copy, *tell;
    const struct yaml_node *limit, *extended, *remind, *chase;
    const struct yaml_node *stopped_by, *advanced_by, *deadlines;
    int done_by, when_passed, priority; /* -1: not written */
    bool senior;
};

static const char *const done_by_words[] = { "one", "each", NULL };
static const char *const passed_words[] = { "alert", "advance", "ask", "close", NULL };
static const char *const priority_words[] = { "normal", "urgent", "immediate", NULL };
static const char *const once_words[] = { "per stage", "per disagreement", NULL };

#define AT(field) offsetof(struct raw_deadline, field)

/* One row per key of a deadline, wherever it is written. */
/* clang-format off */
static const struct yaml_key deadline_keys[] = {
    { "id",          YAML_KEY_ID,     AT(id),          true,  0, 0,                   NULL },
    { "title",       YAML_KEY_TEXT,   AT(title),       false, 1, TITLE_MAX,           NULL },
    { "words",       YAML_KEY_TEXT,   AT(words),       false, 1, PROCEDURE_WORDS_MAX, NULL },
    { "when",        YAML_KEY_LIST,   AT(when),        false, 1, CONDITIONS_MAX,      NULL },
    { "handlers",    YAML_KEY_LIST,   AT(handlers),    false, 1, SELECTORS_MAX,       NULL },
    { "limit",       YAML_KEY_NODE,   AT(limit),       false, 0, 0,                   NULL },
    { "extended",    YAML_KEY_NODE,   AT(extended),    false, 0, 0,                   NULL },
    { "from",        YAML_KEY_NODE,   AT(from),        false, 0, 0,                   NULL },
    { "counting",    YAML_KEY_MAP,    AT(counting),    false, 1, 0,                   NULL },
    { "owners",      YAML_KEY_LIST,   AT(owners),      false, 1, SELECTORS_MAX,       NULL },
    { "copy",        YAML_KEY_LIST,   AT(copy),        false, 1, SELECTORS_MAX,       NULL },
    { "stopped_by",  YAML_KEY_LIST,   AT(stopped_by),  false, 1, SELECTORS_MAX,       NULL },
    { "done_by",     YAML_KEY_CHOICE, AT(done_by),     false, 0, 0,                   done_by_words },
    { "remind",      YAML_KEY_NODE,   AT(remind),      false, 0, 0,                   NULL },
    { "chase",       YAML_KEY_NODE,   AT(chase),       false, 0, 0,                   NULL },
    { "when_passed", YAML_KEY_CHOICE, AT(when_passed), false, 0, 0,                   passed_words },
    { "tell",        YAML_KEY_LIST,   AT(tell),        false, 1, SELECTORS_MAX,       NULL },
    { "message",     YAML_KEY_ID,     AT(message),     false, 0, 0,                   NULL },
    { "priority",    YAML_KEY_CHOICE, AT(priority),    false, 0, 0,                   priority_words },
    { "senior",      YAML_KEY_TRUE,   AT(senior),      false, 0, 0,                   NULL },
    { "advanced_by", YAML_KEY_LIST,   AT(advanced_by), false, 1, SELECTORS_MAX,       NULL },
    { "deadlines",   YAML_KEY_LIST,   AT(deadlines),   false, 0, PROCEDURE_DEADLINES_MAX, NULL },
};

/* Keys that mean something to a stage alone, or to all but a stage. */
static const struct {
    const char *key;
    bool of_stages;
    const char *instead;
} places[] = {
    { "handlers",    true,  "here it is `owners`" },
    { "senior",      true,  "leave it out" },
    { "advanced_by", true,  "here there is `stopped_by`" },
    { "deadlines",   true,  "write this one beside the others" },
    { "owners",      false, "of a stage it is `handlers`" },
};
/* clang-format on */

static const char *const under_names[] = { "stages", "deadlines", "deadlines", "after_resolution" };

static void read_deadline(struct procedure_reader *reader, size_t index, struct deadline *deadline,
                          struct stage *stages);

static const char *id_of(const struct yaml_node *map)
{
    const struct yaml_node *id = yaml_get(map, "id");

    return id && id->kind == YAML_SCALAR ? id->text : "";
}

/* Deadlines refer to each other and to stages, so all ids are known before any is read. */
static void outline_one(struct procedure_reader *reader, const struct yaml_node *at,
                        enum written_under under, int stage)
{
    struct outlined *outlined = &reader->outline[reader->outline_count];

    if (reader->outline_count == PROCEDURE_DEADLINES_MAX) {
        reader_fault(reader, at, "too many stages and deadlines (at most %d in all)",
                     PROCEDURE_DEADLINES_MAX);
        return;
    }
    *outlined = (struct outlined){ id_of(at), at, under, stage };
    for (size_t i = 0; *outlined->id && i < reader->outline_count; i++) {
        if (!strcmp(reader->outline[i].id, outlined->id))
            reader_fault(reader, yaml_get(at, "id"),
                         "the id `%s` is written twice (an id occurs once in a file)",
                         outlined->id);
    }
    reader->outline_count++;
}

void outline_deadlines(struct procedure_reader *reader, const struct yaml_node *list,
                       enum written_under under)
{
    for (size_t i = 0; list && i < list->count; i++) {
        const struct yaml_node *own = yaml_get(&list->items[i], "deadlines");
        int stage = under == UNDER_STAGES ? (int)i : -1;

        outline_one(reader, &list->items[i], under, stage);
        if (under != UNDER_STAGES)
            continue;
        reader->stage_ids[reader->stage_count++] = id_of(&list->items[i]);
        for (size_t j = 0; own && own->kind == YAML_LIST && j < own->count; j++)
            outline_one(reader, &own->items[j], UNDER_A_STAGE, stage);
    }
}

static bool stands_before(const struct yaml_node *a, const struct yaml_node *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

void sort_outline(struct procedure_reader *reader)
{
    for (size_t i = 1; i < reader->outline_count; i++) {
        struct outlined moved = reader->outline[i];
        size_t at = i;

        for (; at && stands_before(moved.at, reader->outline[at - 1].at); at--)
            reader->outline[at] = reader->outline[at - 1];
        reader->outline[at] = moved;
    }
}

void read_deadlines(struct procedure_reader *reader)
{
    struct procedure *procedure = reader->procedure;
    struct deadline *deadlines =
        arena_take(reader->source.arena, reader->outline_count * sizeof *deadlines);
    struct stage *stages = arena_take(reader->source.arena, reader->stage_count * sizeof *stages);

    if (!deadlines || !stages)
        return;
    for (size_t i = 0; i < reader->outline_count; i++)
        read_deadline(reader, i, &deadlines[i], stages);
    procedure->deadlines = deadlines;
    procedure->deadline_count = reader->outline_count;
    procedure->stages = stages;
    procedure->stage_count = reader->stage_count;
}

static void check_places(struct procedure_reader *reader, const struct outlined *outlined)
{
    bool is_stage = outlined->under == UNDER_STAGES;

    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const struct yaml_node *value = yaml_get(outlined->at, places[i].key);

        if (value && places[i].of_stages != is_stage)
            reader_fault(reader, value, "`%s` means nothing under `%s` (%s)", places[i].key,
                         under_names[outlined->under], places[i].instead);
    }
    if (is_stage && !yaml_get(outlined->at, "handlers"))
        reader_fault(reader, outlined->at, "the stage `%s` has no handlers (`handlers: [ROLE]`)",
                     outlined->id);
}

/* What stands where the file says nothing: the table of the notation, "written under". */
static void set_defaults(struct procedure_reader *reader, const struct outlined *outlined,
                         const struct raw_deadline *raw, struct deadline *deadline)
{
    static const struct start raised = { START_RAISED, "", -1 };
    static const struct start entered = { START_STAGE_ENTERED, "", -1 };
    static const struct selector stage_handlers = { SELECT_STAGE_HANDLERS, -1, PLACE_ANY };
    enum written_under under = outlined->under;
    bool is_last = outlined->stage == (int)reader->stage_count - 1;

    deadline->id = outlined->id;
    deadline->title = raw->title ? raw->title : outlined->id;
    deadline->under = under;
    deadline->stage = outlined->stage;
    deadline->line = (int)outlined->at->line;
    deadline->owners = (struct selectors){ &stage_handlers, 1 };
    deadline->from = under == UNDER_STAGES || under == UNDER_A_STAGE ? &entered : &raised;
    deadline->from_count = under == UNDER_AFTER_RESOLUTION ? 0 : 1;
    if (under == UNDER_DEADLINES && raw->when)
        deadline->from_count = 0;
    deadline->done_by = under == UNDER_AFTER_RESOLUTION ? DONE_BY_EACH : DONE_BY_ONE;
    deadline->when_passed = under == UNDER_STAGES && !is_last ? PASSED_ADVANCE : PASSED_ALERT;
    deadline->remind = reader->defaults.remind;
    deadline->chase = reader->defaults.chase;
    deadline->counting = reader->counting;
}

static void check_when_passed(struct procedure_reader *reader, const struct outlined *outlined,
                              enum when_passed when_passed)
{
    const struct yaml_node *at = yaml_get(outlined->at, "when_passed");
    bool moves = when_passed == PASSED_ADVANCE || when_passed == PASSED_ASK;

    if (!moves || !at)
        return;
    if (outlined->under == UNDER_STAGES && outlined->stage == (int)reader->stage_count - 1)
        reader_fault(reader, at, "no stage follows `%s` (alert or close)", outlined->id);
    else if (outlined->under == UNDER_AFTER_RESOLUTION)
        reader_fault(reader, at, "no stage is left to move on from after the resolution (alert)");
    else if (when_passed == PASSED_ASK && outlined->under != UNDER_STAGES)
        reader_fault(reader, at, "only a stage asks whether to move on (advance or alert)");
}

static bool reads_a_date(const struct deadline *deadline)
{
    for (size_t i = 0; i < deadline->from_count; i++) {
        if (deadline->from[i].kind == START_DATE_IN_EVENT)
            return true;
    }
    return false;
}

static void check_limits(struct procedure_reader *reader, const struct raw_deadline *raw,
                         const struct deadline *deadline)
{
    for (size_t i = 0; i < deadline->limit.count; i++) {
        if (deadline->limit.terms[i].before && !reads_a_date(deadline))
            reader_fault(reader, raw->limit,
                         "\"before\" counts back from a date (with `from: date in event NAME`)");
    }
    if (raw->extended && deadline->extended.count &&
        (deadline->extended.count > 1 || deadline->extended.terms[0].kind != LIMIT_LENGTH ||
         deadline->extended.terms[0].before))
        reader_fault(reader, raw->extended, "`extended` is a length alone (\"10 working days\")");
}

static void read_phrases(struct procedure_reader *reader, const struct outlined *outlined,
                         const struct raw_deadline *raw, int self, struct deadline *deadline)
{
    const struct yaml_node *owners = outlined->under == UNDER_STAGES ? raw->handlers : raw->owners;

    read_conditions(reader, raw->when, &deadline->when);
    read_starts(reader, raw->from, self, &deadline->from, &deadline->from_count);
    read_limit(reader, raw->limit, &deadline->limit);
    read_limit(reader, raw->extended, &deadline->extended);
    read_counting(reader, raw->counting, &deadline->counting);
    read_selectors(reader, owners,
                   outlined->under == UNDER_STAGES ? SELECTORS_HANDLERS : SELECTORS_OWNERS,
                   &deadline->owners);
    read_selectors(reader, raw->copy, SELECTORS_TOLD, &deadline->copy);
    read_selectors(reader, raw->tell, SELECTORS_TOLD, &deadline->tell);
    read_event_names(reader, raw->stopped_by, &deadline->stopped_by);
    read_remind(reader, raw->remind, &deadline->remind);
    read_chase(reader, raw->chase, &deadline->chase);
}

static bool is_text(struct procedure_reader *reader, const struct yaml_node **node, const char *key)
{
    if (!*node || (*node)->kind == YAML_SCALAR)
        return true;
    reader_fault(reader, *node, "`%s` is %s (it should be a phrase)", key, yaml_kind_name(*node));
    *node = NULL;
    return false;
}

static void read_deadline(struct procedure_reader *reader, size_t index, struct deadline *deadline,
                          struct stage *stages)
{
    const struct outlined *outlined = &reader->outline[index];
    struct raw_deadline raw = { .done_by = -1, .when_passed = -1, .priority = -1 };

    reader_record(reader, outlined->at, deadline_keys, COUNT_OF(deadline_keys), &raw);
    if (outlined->at->kind != YAML_MAP)
        return;
    is_text(reader, &raw.limit, "limit");
    is_text(reader, &raw.extended, "extended");
    is_text(reader, &raw.from, "from");
    is_text(reader, &raw.remind, "remind");
    is_text(reader, &raw.chase, "chase");
    check_places(reader, outlined);
    set_defaults(reader, outlined, &raw, deadline);
    deadline->words = raw.words;
    deadline->message = raw.message;
    read_phrases(reader, outlined, &raw, (int)index, deadline);
    check_limits(reader, &raw, deadline);
    if (raw.done_by >= 0)
        deadline->done_by = (enum done_by)raw.done_by;
    if (raw.when_passed >= 0)
        deadline->when_passed = (enum when_passed)raw.when_passed;
    if (raw.priority >= 0)
        deadline->priority = (enum priority)raw.priority;
    check_when_passed(reader, outlined, deadline->when_passed);
    if (outlined->under != UNDER_STAGES)
        return;
    stages[outlined->stage].deadline = (int)index;
    stages[outlined->stage].senior = raw.senior;
    read_event_names(reader, raw.advanced_by, &stages[outlined->stage].advanced_by);
}

struct raw_rule {
    const char *id, *words, *message;
    const struct yaml_node *when, *confirm_by, *tell;
    int once, priority; /* -1: not written */
};

/* clang-format off */
static const struct yaml_key rule_keys[] = {
    { "id",         YAML_KEY_ID,     offsetof(struct raw_rule, id),         true,  0, 0,                   NULL },
    { "words",      YAML_KEY_TEXT,   offsetof(struct raw_rule, words),      false, 1, PROCEDURE_WORDS_MAX, NULL },
    { "when",       YAML_KEY_LIST,   offsetof(struct raw_rule, when),       true,  1, CONDITIONS_MAX,      NULL },
    { "once",       YAML_KEY_CHOICE, offsetof(struct raw_rule, once),       false, 0, 0,                   once_words },
    { "confirm_by", YAML_KEY_LIST,   offsetof(struct raw_rule, confirm_by), false, 1, SELECTORS_MAX,       NULL },
    { "tell",       YAML_KEY_LIST,   offsetof(struct raw_rule, tell),       false, 0, SELECTORS_MAX,       NULL },
    { "message",    YAML_KEY_ID,     offsetof(struct raw_rule, message),    false, 0, 0,                   NULL },
    { "priority",   YAML_KEY_CHOICE, offsetof(struct raw_rule, priority),   false, 0, 0,                   priority_words },
};
/* clang-format on */

static void check_rule_id(struct procedure_reader *reader, const struct yaml_node *at,
                          const struct rule *rules, size_t index)
{
    const char *id = rules[index].id;
    bool taken = false;

    for (size_t i = 0; i < reader->outline_count; i++)
        taken = taken || !strcmp(reader->outline[i].id, id);
    for (size_t i = 0; i < index; i++)
        taken = taken || !strcmp(rules[i].id, id);
    if (*id && taken)
        reader_fault(reader, yaml_get(at, "id"),
                     "the id `%s` is written twice (an id occurs once in a file)", id);
}

static void read_rule(struct procedure_reader *reader, const struct yaml_node *at,
                      struct rule *rule)
{
    struct raw_rule raw = { .once = -1, .priority = -1 };

    reader_record(reader, at, rule_keys, COUNT_OF(rule_keys), &raw);
    *rule = (struct rule){
        .id = raw.id ? raw.id : "",
        .words = raw.words,
        .message = raw.message,
        .once = raw.once < 0 ? ONCE_NOT : (enum once)(raw.once + ONCE_PER_STAGE),
        .priority = raw.priority < 0 ? PRIORITY_NORMAL : (enum priority)raw.priority,
        .line = (int)at->line,
    };
    read_conditions(reader, raw.when, &rule->when);
    read_selectors(reader, raw.confirm_by, SELECTORS_TOLD, &rule->confirm_by);
    read_selectors(reader, raw.tell, SELECTORS_TOLD, &rule->tell);
    if (at->kind == YAML_MAP && (!yaml_get(at, "tell") || (raw.tell && !raw.tell->count) ||
                                 (rule->tell.count && rule->tell.list[0].kind == SELECT_NOBODY)))
        reader_fault(reader, raw.tell ? raw.tell : at,
                     "the rule `%s` tells nobody (`tell: [ROLE]`)", rule->id);
}

void read_rules(struct procedure_reader *reader, const struct yaml_node *list)
{
    struct rule *rules =
        list ? arena_take(reader->source.arena, list->count * sizeof *rules) : NULL;

    for (size_t i = 0; rules && i < list->count; i++) {
        read_rule(reader, &list->items[i], &rules[i]);
        check_rule_id(reader, &list->items[i], rules, i);
    }
    reader->procedure->rules = rules;
    reader->procedure->rule_count = rules ? list->count : 0;
}
