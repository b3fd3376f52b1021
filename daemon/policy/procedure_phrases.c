/* procedure_phrases.c - the phrases of the notation: selectors, tests, starts, lengths. */
#include "policy/procedure_reader.h"

#include <stdio.h>
#include <string.h>

/* A phrase cut into its words. */
struct phrase {
    const struct yaml_node *at;
    const char *words[PHRASE_WORDS_MAX];
    size_t count;
};

static bool phrase_split(struct procedure_reader *reader, const struct yaml_node *text,
                         struct phrase *phrase)
{
    char *copy, *word, *rest;

    phrase->at = text;
    phrase->count = 0;
    if (text->kind != YAML_SCALAR || text->empty) {
        reader_fault(reader, text, "%s where a phrase is expected", yaml_kind_name(text));
        return false;
    }
    rest = copy = arena_text(reader->source.arena, text->text, strlen(text->text));
    while (rest && (word = strsep(&rest, " \n")) != NULL) {
        if (!*word)
            continue;
        if (phrase->count == PHRASE_WORDS_MAX) {
            reader_fault(reader, text, "is too long (at most %d words)", PHRASE_WORDS_MAX);
            return false;
        }
        phrase->words[phrase->count++] = word;
    }
    return copy != NULL;
}

/* Copies words `from` to `to` (not included). */
static struct phrase phrase_part(const struct phrase *phrase, size_t from, size_t to)
{
    struct phrase part = { .at = phrase->at };

    for (size_t i = from; i < to; i++)
        part.words[part.count++] = phrase->words[i];
    return part;
}

static void phrase_join(const struct phrase *phrase, size_t from, char *text, size_t size)
{
    size_t used = 0;

    *text = '\0';
    for (size_t i = from; i < phrase->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > from ? " " : "",
                                 phrase->words[i]);
}

/* The end of the part that begins at `from`: the next "or", or the end of the phrase. */
static size_t part_end(const struct phrase *phrase, size_t from)
{
    while (from < phrase->count && strcmp(phrase->words[from], "or") != 0)
        from++;
    return from;
}

static bool is_word(const struct phrase *phrase, size_t at, const char *word)
{
    return at < phrase->count && !strcmp(phrase->words[at], word);
}

/* Selectors. */

static const struct {
    const char *name;
    enum selector_kind kind;
} selector_words[] = {
    { "stage.handlers", SELECT_STAGE_HANDLERS },
    { "previous.handlers", SELECT_PREVIOUS_HANDLERS },
    { "next.handlers", SELECT_NEXT_HANDLERS },
    { "everyone_told", SELECT_EVERYONE_TOLD },
    { "nobody", SELECT_NOBODY },
};

static const char *const places[] = { "challenging", "challenged", "sender" };

static bool read_place(struct procedure_reader *reader, const struct yaml_node *at,
                       const char *name, enum place *place)
{
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (!strcmp(places[i], name)) {
            *place = (enum place)(PLACE_CHALLENGING + (int)i);
            return true;
        }
    }
    reader_fault_word(reader, at, "place", name, places, COUNT_OF(places));
    return false;
}

static int select_role(struct procedure_reader *reader, const struct yaml_node *at,
                       const char *name)
{
    const char *names[PROCEDURE_ROLES_MAX + COUNT_OF(selector_words)];
    size_t count = 0;

    for (size_t i = 0; i < reader->role_count; i++) {
        if (!strcmp(reader->roles[i].id, name))
            return (int)i;
        names[count++] = reader->roles[i].id;
    }
    for (size_t i = 0; i < COUNT_OF(selector_words); i++)
        names[count++] = selector_words[i].name;
    reader_fault_word(reader, at, "role", name, names, count);
    return -1;
}

/* A role stands on some side; a place it can never stand at selects nobody. */
static void check_place(struct procedure_reader *reader, const struct yaml_node *at,
                        const struct selector *selector)
{
    enum side side;

    if (selector->place == PLACE_ANY)
        return;
    if (selector->kind == SELECT_EVERYONE_TOLD || selector->kind == SELECT_NOBODY) {
        reader_fault(reader, at, "\"%s\" has no place (write it without \"@\")", at->text);
        return;
    }
    if (selector->kind != SELECT_ROLE || selector->role < 0)
        return;
    side = reader->roles[selector->role].side;
    if (side == SIDE_BOARD || (side == SIDE_CHALLENGING && selector->place == PLACE_CHALLENGED) ||
        (side == SIDE_CHALLENGED && selector->place == PLACE_CHALLENGING))
        reader_fault(reader, at, "\"%s\" is nobody: `%s` is a role of %s (write it without \"@\")",
                     at->text, reader->roles[selector->role].id,
                     side == SIDE_BOARD ? "the board" : "the other side");
}

static bool read_selector_text(struct procedure_reader *reader, const struct yaml_node *at,
                               const char *text, struct selector *selector)
{
    const char *mark = strchr(text, '@');
    char name[ID_MAX + 1];
    size_t length = mark ? (size_t)(mark - text) : strlen(text);

    *selector = (struct selector){ .kind = SELECT_ROLE, .role = -1, .place = PLACE_ANY };
    if (!length || length > ID_MAX) {
        reader_fault(reader, at, "\"%s\" names no role", text);
        return false;
    }
    memcpy(name, text, length);
    name[length] = '\0';
    if (mark && !read_place(reader, at, mark + 1, &selector->place))
        return false;
    for (size_t i = 0; i < COUNT_OF(selector_words); i++) {
        if (strcmp(selector_words[i].name, name) != 0)
            continue;
        selector->kind = selector_words[i].kind;
        check_place(reader, at, selector);
        return true;
    }
    selector->role = select_role(reader, at, name);
    check_place(reader, at, selector);
    return selector->role >= 0;
}

static void check_use(struct procedure_reader *reader, const struct yaml_node *at,
                      enum selectors_use use, const struct selector *selector)
{
    if (use == SELECTORS_HANDLERS && selector->kind != SELECT_ROLE)
        reader_fault(reader, at, "\"%s\" cannot handle a stage (a role can)", at->text);
    else if (use == SELECTORS_HANDLERS && selector->place == PLACE_SENDER)
        reader_fault(reader, at, "\"%s\" cannot handle a stage (no event need have been sent)",
                     at->text);
    else if (use == SELECTORS_OWNERS && selector->kind == SELECT_EVERYONE_TOLD)
        reader_fault(reader, at, "\"everyone_told\" cannot own a deadline (a role can)");
}

void read_selectors(struct procedure_reader *reader, const struct yaml_node *list,
                    enum selectors_use use, struct selectors *selectors)
{
    struct selector *found;

    if (!list)
        return;
    found = arena_take(reader->source.arena, list->count * sizeof *found);
    for (size_t i = 0; found && i < list->count; i++) {
        const struct yaml_node *item = &list->items[i];

        if (item->kind != YAML_SCALAR || item->empty) {
            reader_fault(reader, item, "%s where a role is expected", yaml_kind_name(item));
            continue;
        }
        if (!read_selector_text(reader, item, item->text, &found[i]))
            continue;
        check_use(reader, item, use, &found[i]);
        if (found[i].kind == SELECT_NOBODY && list->count > 1)
            reader_fault(reader, item, "\"nobody\" beside others (it stands alone)");
    }
    selectors->list = found;
    selectors->count = found ? list->count : 0;
}

/* Events. */

/* Too many to list: concern-protocol(7) has them all. */
static void tell_no_event(struct procedure_reader *reader, const struct yaml_node *at,
                          const char *name)
{
    if (nearest_word(name, reader->events, reader->event_count))
        reader_fault_word(reader, at, "event", name, reader->events, reader->event_count);
    else
        reader_fault(reader, at, "unknown event `%s` (declare it at the top: `events: [%s]`)", name,
                     name);
}

static const char *read_event(struct procedure_reader *reader, const struct yaml_node *at,
                              const char *name)
{
    for (size_t i = 0; i < reader->event_count; i++) {
        if (!strcmp(reader->events[i], name))
            return reader->events[i];
    }
    if (!strncmp(name, EVENT_PREFIX, strlen(EVENT_PREFIX)))
        reader_fault(reader, at, "\"%s\" is written with its prefix (without it: %s)", name,
                     name + strlen(EVENT_PREFIX));
    else
        tell_no_event(reader, at, name);
    return "";
}

void read_event_names(struct procedure_reader *reader, const struct yaml_node *list,
                      struct names *names)
{
    const char **found;

    if (!list)
        return;
    found = arena_take(reader->source.arena, list->count * sizeof *found);
    for (size_t i = 0; found && i < list->count; i++) {
        const struct yaml_node *item = &list->items[i];

        found[i] = "";
        if (item->kind != YAML_SCALAR || item->empty)
            reader_fault(reader, item, "%s where an event is expected", yaml_kind_name(item));
        else
            found[i] = read_event(reader, item, item->text);
    }
    names->list = found;
    names->count = found ? list->count : 0;
}

/* Tests. */

static void tell_no_test(struct procedure_reader *reader, const struct phrase *part)
{
    char text[FAULT_TEXT_SIZE / 2];

    phrase_join(part, 0, text, sizeof text);
    reader_fault(reader, part->at,
                 "\"%s\" is no test (FACT, not FACT, FACT is [not, at least, at most] VALUE, "
                 "event NAME, after event NAME, before event NAME, silence of ROLE for LENGTH)",
                 text);
}

static void read_silence(struct procedure_reader *reader, const struct phrase *part,
                         struct test *test)
{
    char length[FAULT_TEXT_SIZE / 2];

    if (part->count < 6 || !is_word(part, 1, "of") || !is_word(part, 3, "for")) {
        reader_fault(reader, part->at, "a silence is \"silence of ROLE for LENGTH\"");
        return;
    }
    test->kind = TEST_SILENCE;
    read_selector_text(reader, part->at, part->words[2], &test->who);
    phrase_join(part, 4, length, sizeof length);
    if (length_read(length, &test->length) != LIMIT_DUE)
        reader_fault(reader, part->at, "\"%s\" is no length of time (\"4 working hours\")", length);
}

/* "FACT is [not | at least | at most] VALUE" */
static void read_comparison(struct procedure_reader *reader, const struct phrase *part,
                            struct test *test)
{
    size_t value = 2;

    test->comparison = COMPARE_IS;
    if (is_word(part, 2, "not")) {
        test->comparison = COMPARE_IS_NOT;
        value = 3;
    } else if (is_word(part, 2, "at") && (is_word(part, 3, "least") || is_word(part, 3, "most"))) {
        test->comparison = is_word(part, 3, "least") ? COMPARE_AT_LEAST : COMPARE_AT_MOST;
        value = 4;
    }
    if (part->count != value + 1) {
        tell_no_test(reader, part);
        return;
    }
    test->name = part->words[0];
    test->value = part->words[value];
    check_fact(reader, part->at, test->name, test->comparison, test->value);
}

static void read_bare_fact(struct procedure_reader *reader, const struct phrase *part,
                           const char *name, struct test *test)
{
    test->name = name;
    test->comparison = COMPARE_IS;
    test->value = "yes";
    check_fact(reader, part->at, name, COMPARE_IS, NULL);
}

static void read_test(struct procedure_reader *reader, const struct phrase *part, struct test *test)
{
    size_t event_at = is_word(part, 0, "after") || is_word(part, 0, "before") ? 1 : 0;

    *test = (struct test){ .kind = TEST_FACT, .name = "", .value = "", .who.role = -1 };
    if (is_word(part, event_at, "event") && part->count == event_at + 2) {
        test->kind = !event_at                   ? TEST_EVENT
                     : is_word(part, 0, "after") ? TEST_AFTER_EVENT
                                                 : TEST_BEFORE_EVENT;
        test->name = read_event(reader, part->at, part->words[event_at + 1]);
    } else if (is_word(part, 0, "silence")) {
        read_silence(reader, part, test);
    } else if (is_word(part, 0, "not") && part->count == 2) {
        test->negated = true;
        read_bare_fact(reader, part, part->words[1], test);
    } else if (part->count == 1 && !is_word(part, 0, "event") && !is_word(part, 0, "not")) {
        read_bare_fact(reader, part, part->words[0], test);
    } else if (is_word(part, 1, "is")) {
        read_comparison(reader, part, test);
    } else {
        tell_no_test(reader, part);
    }
}

static void read_condition(struct procedure_reader *reader, const struct yaml_node *text,
                           struct condition *condition)
{
    struct test tests[PHRASE_TESTS_MAX];
    struct phrase phrase;
    size_t count = 0;

    if (!phrase_split(reader, text, &phrase))
        return;
    for (size_t from = 0; from <= phrase.count; from = part_end(&phrase, from) + 1) {
        struct phrase part = phrase_part(&phrase, from, part_end(&phrase, from));

        if (!part.count) {
            reader_fault(reader, text, "\"or\" without a test on both its sides");
            return;
        }
        if (count == PHRASE_TESTS_MAX) {
            reader_fault(reader, text, "too many tests (at most %d)", PHRASE_TESTS_MAX);
            return;
        }
        read_test(reader, &part, &tests[count++]);
    }
    condition->tests = arena_copy(reader->source.arena, tests, count, sizeof *tests);
    condition->count = condition->tests ? count : 0;
}

void read_conditions(struct procedure_reader *reader, const struct yaml_node *list,
                     struct conditions *conditions)
{
    struct condition *found;

    if (!list)
        return;
    found = arena_take(reader->source.arena, list->count * sizeof *found);
    for (size_t i = 0; found && i < list->count; i++)
        read_condition(reader, &list->items[i], &found[i]);
    conditions->list = found;
    conditions->count = found ? list->count : 0;
}

/* Starts. */

static int find_deadline(struct procedure_reader *reader, const struct yaml_node *at,
                         const char *id)
{
    const char *names[PROCEDURE_DEADLINES_MAX];

    for (size_t i = 0; i < reader->outline_count; i++) {
        if (!strcmp(reader->outline[i].id, id))
            return (int)i;
        names[i] = reader->outline[i].id;
    }
    reader_fault_word(reader, at, "deadline", id, names, reader->outline_count);
    return -1;
}

static void read_start(struct procedure_reader *reader, const struct phrase *part, int self,
                       struct start *start)
{
    *start = (struct start){ .kind = START_RAISED, .event = "", .deadline = -1 };
    if (part->count == 1 && is_word(part, 0, "raised"))
        return;
    if (part->count == 2 && is_word(part, 0, "stage") && is_word(part, 1, "entered")) {
        start->kind = START_STAGE_ENTERED;
    } else if (part->count == 2 && is_word(part, 0, "event")) {
        start->kind = START_EVENT;
        start->event = read_event(reader, part->at, part->words[1]);
    } else if (part->count == 4 && is_word(part, 0, "date") && is_word(part, 1, "in") &&
               is_word(part, 2, "event")) {
        start->kind = START_DATE_IN_EVENT;
        start->event = read_event(reader, part->at, part->words[3]);
    } else if (part->count == 3 && is_word(part, 0, "deadline") && is_word(part, 2, "passed")) {
        start->kind = START_DEADLINE_PASSED;
        start->deadline = find_deadline(reader, part->at, part->words[1]);
        if (start->deadline == self)
            reader_fault(reader, part->at, "`%s` starts when it passes itself (another start)",
                         part->words[1]);
    } else {
        reader_fault(reader, part->at,
                     "\"%s\" is no start (raised, stage entered, event NAME, date in event NAME, "
                     "deadline ID passed, joined by \"or\")",
                     part->at->text);
    }
}

void read_starts(struct procedure_reader *reader, const struct yaml_node *text, int self,
                 const struct start **starts, size_t *count)
{
    struct start found[PHRASE_TESTS_MAX];
    struct phrase phrase;
    size_t n = 0;

    if (!text || !phrase_split(reader, text, &phrase))
        return;
    for (size_t from = 0; from <= phrase.count; from = part_end(&phrase, from) + 1) {
        struct phrase part = phrase_part(&phrase, from, part_end(&phrase, from));

        if (!part.count || n == PHRASE_TESTS_MAX) {
            reader_fault(reader, text,
                         n == PHRASE_TESTS_MAX ? "too many starts"
                                               : "\"or\" without a start on both its sides");
            return;
        }
        read_start(reader, &part, self, &found[n++]);
    }
    *starts = arena_copy(reader->source.arena, found, n, sizeof *found);
    *count = *starts ? n : 0;
}

/* Lengths of time: core reads them; what it cannot read is told here with the nearest word. */

static void tell_unreadable(struct procedure_reader *reader, const struct yaml_node *at,
                            const char *what, const char *right)
{
    static const char *const vocabulary[] = { "none",  "same",    "working", "day",    "days",
                                              "set",   "by",      "the",     "case",   "hour",
                                              "hours", "week",    "weeks",   "month",  "months",
                                              "every", "earlier", "of",      "before", "and" };
    struct phrase phrase;

    if (!phrase_split(reader, at, &phrase))
        return;
    for (size_t i = 0; i < phrase.count; i++) {
        const char *near = nearest_word(phrase.words[i], vocabulary, COUNT_OF(vocabulary));

        if (near && strcmp(near, phrase.words[i]) != 0) {
            reader_fault(reader, at, "\"%s\" is no %s (did you mean \"%s\"?)", at->text, what,
                         near);
            return;
        }
    }
    reader_fault(reader, at, "\"%s\" is no %s (%s)", at->text, what, right);
}

void read_limit(struct procedure_reader *reader, const struct yaml_node *text, struct limit *limit)
{
    if (text && limit_read(text->text, limit) != LIMIT_DUE)
        tell_unreadable(reader, text, "limit",
                        "none, same working day, set by the case, a length such as \"5 working "
                        "days\" or \"24 hours\", or \"earlier of … and …\"");
}

void read_remind(struct procedure_reader *reader, const struct yaml_node *text,
                 struct remind *remind)
{
    if (text && remind_read(text->text, remind) != LIMIT_DUE)
        tell_unreadable(reader, text, "reminder",
                        "none, or \"1 working day before\", joined by \"and\"");
}

void read_chase(struct procedure_reader *reader, const struct yaml_node *text, struct chase *chase)
{
    if (text && chase_read(text->text, chase) != LIMIT_DUE)
        tell_unreadable(reader, text, "chase", "none, or \"every 5 working days\"");
}

static const struct {
    const char *key;
    const char *words[5];
} conventions[] = {
    { "first_day", { "excluded", "included" } },
    { "late", { "as dated", "next working day" } },
    { "ends", { "close of business", "start of business", "midnight", "same time" } },
    { "roll", { "none", "next working day" } },
    { "hours", { "elapsed", "clock" } },
};

void read_counting(struct procedure_reader *reader, const struct yaml_node *map,
                   struct counting *counting)
{
    struct yaml_key keys[COUNT_OF(conventions)] = { 0 };
    int chosen[COUNT_OF(conventions)];

    if (!map)
        return;
    for (size_t i = 0; i < COUNT_OF(conventions); i++) {
        chosen[i] = -1;
        keys[i] = (struct yaml_key){ .name = conventions[i].key,
                                     .kind = YAML_KEY_CHOICE,
                                     .offset = i * sizeof *chosen,
                                     .words = conventions[i].words };
    }
    reader_record(reader, map, keys, COUNT_OF(keys), chosen);
    for (size_t i = 0; i < COUNT_OF(conventions); i++) {
        if (chosen[i] >= 0 && counting_read(conventions[i].key, conventions[i].words[chosen[i]],
                                            counting) != LIMIT_DUE)
            reader_fault(reader, map, "`%s` cannot be \"%s\"", conventions[i].key,
                         conventions[i].words[chosen[i]]);
    }
}
