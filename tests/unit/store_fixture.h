/* store_fixture.h - state directories to throw away, an invented procedure of full size, and
 * random disagreements under it. */
#ifndef CONCERN_TESTS_STORE_FIXTURE_H
#define CONCERN_TESTS_STORE_FIXTURE_H

#include "io/journal.h"
#include "io/record.h"
#include "io/store.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* 2026-12-18 16:59 UTC, and later. */
#define NOON(minutes) ((struct instant){ INT64_C(1797613140000000) + (minutes)*MINUTE_US })

/* ---- directories -------------------------------------------------------------------------- */

struct folder {
    char path[200];
};

static inline struct folder folder_make(void)
{
    struct folder folder;
    const char *base = getenv("TMPDIR");

    snprintf(folder.path, sizeof folder.path, "%s/concern store XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(folder.path));
    return folder;
}

static inline void folder_path(const struct folder *folder, const char *name, char path[500])
{
    snprintf(path, 500, "%s/%s", folder->path, name);
}

static inline void folder_empty(const struct folder *folder)
{
    DIR *list = opendir(folder->path);
    const struct dirent *entry;
    char path[500];

    while (list && (entry = readdir(list))) {
        folder_path(folder, entry->d_name, path);
        unlink(path);
    }
    if (list)
        closedir(list);
}

static inline void folder_remove(const struct folder *folder)
{
    folder_empty(folder);
    rmdir(folder->path);
}

static inline bool folder_has(const struct folder *folder, const char *name)
{
    char path[500];

    folder_path(folder, name, path);
    return access(path, F_OK) == 0;
}

static inline struct store_settings settings_for(const struct folder *folder)
{
    return (struct store_settings){ .directory = folder->path, .now = NOON(0) };
}

/* ---- a procedure with as much of everything as there may be --------------------------------- */

static struct role full_roles[PROCEDURE_ROLES_MAX];
static struct deadline full_deadlines[PROCEDURE_DEADLINES_MAX];
static struct stage full_stages[PROCEDURE_STAGES_MAX];
static struct rule full_rules[PROCEDURE_RULES_MAX];
static char full_names[4][PROCEDURE_DEADLINES_MAX][40];
static struct procedure full_procedure = {
    .id = "invented-full",
    .version = "7",
    .hash = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    .roles = full_roles,
    .role_count = PROCEDURE_ROLES_MAX,
    .stages = full_stages,
    .stage_count = PROCEDURE_STAGES_MAX,
    .deadlines = full_deadlines,
    .deadline_count = PROCEDURE_DEADLINES_MAX,
    .rules = full_rules,
    .rule_count = PROCEDURE_RULES_MAX,
};
static const struct calendar full_calendar = { .id = "invented", .version = "0123456789abcdef" };
static const struct policy_view full_view = { .procedure = &full_procedure,
                                              .time = { .calendar = &full_calendar } };

static inline const char *full_name(int list, int place, const char *word)
{
    snprintf(full_names[list][place], sizeof full_names[0][0], "%s-%d", word, place);
    return full_names[list][place];
}

static inline void full_make(void)
{
    for (int i = 0; i < PROCEDURE_ROLES_MAX; i++)
        full_roles[i] = (struct role){ .id = full_name(0, i, "role"), .via = -1 };
    for (int i = 0; i < PROCEDURE_DEADLINES_MAX; i++)
        full_deadlines[i] = (struct deadline){ .id = full_name(1, i, "deadline"), .stage = -1 };
    for (int i = 0; i < PROCEDURE_STAGES_MAX; i++)
        full_stages[i] = (struct stage){ .deadline = i };
    for (int i = 0; i < PROCEDURE_RULES_MAX; i++)
        full_rules[i] = (struct rule){ .id = full_name(2, i, "rule") };
}

static inline const struct procedure *full_lookup(void *unused, const char *hash)
{
    (void)unused;
    return strcmp(hash, full_procedure.hash) == 0 ? &full_procedure : NULL;
}

/* ---- chance, the same every time ------------------------------------------------------------- */

static uint64_t chance_state = 88172645463325252u;

static inline uint64_t chance(uint64_t below)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return chance_state % below;
}

static inline void chance_text(char *text, size_t size)
{
    static const char *const pieces[] = {
        "a", "B", "7", "-", ".", "\xc3\xa9", "\"", "\\", " ", "{"
    };
    size_t used = 0, length = chance(size);

    text[0] = '\0';
    while (used < length) {
        const char *piece = pieces[chance(COUNT_OF(pieces))];
        size_t more = strlen(piece);

        if (used + more >= size)
            break;
        memcpy(text + used, piece, more + 1);
        used += more;
    }
}

static inline struct instant chance_instant(void)
{
    return chance(4) == 0 ? INSTANT_NONE : (struct instant){ (int64_t)chance(UINT64_C(1) << 52) };
}

static inline struct running running_never(void)
{
    return (struct running){ .start = INSTANT_NONE,
                             .due = INSTANT_NONE,
                             .set_by_case = INSTANT_NONE,
                             .acted_until = INSTANT_NONE,
                             .wake = INSTANT_NONE };
}

static inline struct running chance_running(uint32_t entry)
{
    struct running running = running_never();

    running.entry = entry;
    running.state = (enum running_state)(entry == 0 ? 0 : 1 + chance(3));
    if (entry > 0) {
        running.start = chance_instant();
        running.due = chance_instant();
        running.provisional = chance(2) == 1;
        running.extended = chance(2) == 1;
        running.acted_until = chance_instant();
        running.done = (party_mask)chance(512);
        running.set_by_case = chance_instant();
        if (running.state != RUNNING_STOPPED)
            running.wake = chance_instant();
    }
    return running;
}

/* A whole disagreement within what its fields admit; board and reference are left to the test. */
static inline void chance_memory(struct disagreement *made)
{
    for (size_t bit = 0; bit < EVENT_BITS; bit++) {
        bool exists = (bit > 0 && bit < EVENT_KIND_COUNT) ||
                      (bit >= 40 && bit < 40 + full_procedure.events.count);

        made->dates[bit] = INSTANT_NONE;
        if (!exists || chance(2) == 0)
            continue;
        made->seen |= UINT64_C(1) << bit;
        made->dates[bit] = chance_instant();
    }
    for (size_t i = 0; i < PARTIES_MAX; i++) {
        made->notified[i] = i < made->party_count ? chance_instant() : INSTANT_NONE;
        made->heard[i] = i < made->party_count ? chance_instant() : INSTANT_NONE;
        made->agreed_ahead[i] = i < made->party_count ? chance_instant() : INSTANT_NONE;
    }
    for (size_t i = 0; i < PROCEDURE_RULES_MAX; i++)
        made->rule_pending[i] = chance(2) == 1;
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++) {
        made->duty_held[i] = chance(2) == 1;
        made->answers[i] = (enum given_answer)chance(3);
    }
    made->proposed_at = chance_instant();
    made->held_by_answer = chance(2) == 1;
    made->before_raise = chance(2) == 1;
}

static inline struct disagreement chance_disagreement(void)
{
    struct disagreement made = { 0 };

    snprintf(made.board, sizeof made.board, "invented-board");
    snprintf(made.reference, sizeof made.reference, "D-1");
    snprintf(made.procedure, sizeof made.procedure, "%s", full_procedure.id);
    snprintf(made.procedure_hash, sizeof made.procedure_hash, "%s", full_procedure.hash);
    chance_text(made.case_reference, sizeof made.case_reference);
    chance_text(made.category, sizeof made.category);
    chance_text(made.link, sizeof made.link);
    made.state = (enum disagreement_state)chance(DISAGREEMENT_STATE_COUNT);
    made.raised = (struct instant){ (int64_t)chance(UINT64_C(1) << 52) };
    made.closed = chance_instant();
    made.party_count = (uint8_t)chance(PARTIES_MAX + 1);
    for (size_t i = 0; i < made.party_count; i++)
        chance_text(made.parties[i], sizeof made.parties[i]);
    made.people_count = (uint8_t)chance(EVENT_PEOPLE_MAX + 1);
    for (size_t i = 0; i < made.people_count; i++) {
        chance_text(made.people[i].agency, sizeof made.people[i].agency);
        chance_text(made.people[i].role, sizeof made.people[i].role);
        chance_text(made.people[i].person, sizeof made.people[i].person);
        chance_text(made.people[i].email, sizeof made.people[i].email);
    }
    made.fact_count = (uint8_t)chance(FACTS_MAX + 1);
    for (size_t i = 0; i < made.fact_count; i++) {
        chance_text(made.facts[i].name, sizeof made.facts[i].name);
        chance_text(made.facts[i].value, sizeof made.facts[i].value);
    }
    made.non_involved = (party_mask)chance(65536);
    made.stage = (int16_t)((int)chance(PROCEDURE_STAGES_MAX + 1) - 1);
    made.previous = (int16_t)((int)chance(PROCEDURE_STAGES_MAX + 1) - 1);
    made.entry = (uint32_t)chance(UINT64_C(1) << 32);
    made.stage_entered = chance_instant();
    made.intention_entry = (uint32_t)chance(9);
    made.agreed = (party_mask)chance(65536);
    made.proposed = chance(2) == 1;
    made.held = chance(2) == 1;
    made.held_until = chance_instant();
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++)
        made.running[i] = chance_running((uint32_t)chance(4));
    for (size_t i = 0; i < PROCEDURE_RULES_MAX; i++) {
        made.rule_held[i] = chance(2) == 1;
        made.rule_told_entry[i] = (uint32_t)chance(3);
    }
    for (size_t i = 0; i < PROCEDURE_ROLES_MAX; i++)
        made.told[i] = (party_mask)(chance(2) * chance(65536));
    chance_memory(&made);
    return made;
}

/* A plain open one: two agencies, and its first deadline runs and wakes at `wake`. */
static inline struct disagreement plain_disagreement(const char *reference, struct instant wake)
{
    struct disagreement made;

    disagreement_clear(&made);

    snprintf(made.board, sizeof made.board, "invented-board");
    snprintf(made.reference, sizeof made.reference, "%s", reference);
    snprintf(made.procedure, sizeof made.procedure, "%s", full_procedure.id);
    snprintf(made.procedure_hash, sizeof made.procedure_hash, "%s", full_procedure.hash);
    snprintf(made.parties[0], sizeof made.parties[0], "northtown-housing");
    snprintf(made.parties[1], sizeof made.parties[1], "northtown-care");
    made.party_count = 2;
    made.raised = NOON(0);
    made.closed = made.held_until = INSTANT_NONE;
    made.stage = 0;
    made.previous = -1;
    made.entry = 1;
    made.stage_entered = NOON(0);
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++)
        made.running[i] = running_never();
    made.running[0].state = RUNNING_ON;
    made.running[0].entry = 1;
    made.running[0].start = NOON(0);
    made.running[0].due = made.running[0].wake = wake;
    return made;
}

static inline void assert_same_running(const struct running *one, const struct running *other)
{
    assert_int_equal(one->state, other->state);
    assert_int_equal(one->entry, other->entry);
    assert_int_equal(one->start.us, other->start.us);
    assert_int_equal(one->due.us, other->due.us);
    assert_int_equal(one->provisional, other->provisional);
    assert_int_equal(one->set_by_case.us, other->set_by_case.us);
    assert_int_equal(one->extended, other->extended);
    assert_int_equal(one->acted_until.us, other->acted_until.us);
    assert_int_equal(one->wake.us, other->wake.us);
    assert_int_equal(one->done, other->done);
}

/* All that state.h keeps. */
static inline void assert_same_state(const struct disagreement *one,
                                     const struct disagreement *other)
{
    assert_string_equal(one->case_reference, other->case_reference);
    assert_string_equal(one->category, other->category);
    assert_string_equal(one->link, other->link);
    assert_int_equal(one->party_count, other->party_count);
    assert_memory_equal(one->parties, other->parties, sizeof one->parties);
    assert_int_equal(one->people_count, other->people_count);
    for (size_t i = 0; i < EVENT_PEOPLE_MAX; i++) {
        assert_string_equal(one->people[i].agency, other->people[i].agency);
        assert_string_equal(one->people[i].role, other->people[i].role);
        assert_string_equal(one->people[i].person, other->people[i].person);
        assert_string_equal(one->people[i].email, other->people[i].email);
    }
    assert_int_equal(one->fact_count, other->fact_count);
    for (size_t i = 0; i < FACTS_MAX; i++) {
        assert_string_equal(one->facts[i].name, other->facts[i].name);
        assert_string_equal(one->facts[i].value, other->facts[i].value);
    }
    assert_int_equal(one->non_involved, other->non_involved);
    assert_int_equal(one->stage, other->stage);
    assert_int_equal(one->previous, other->previous);
    assert_int_equal(one->entry, other->entry);
    assert_int_equal(one->stage_entered.us, other->stage_entered.us);
    assert_int_equal(one->intention_entry, other->intention_entry);
    assert_int_equal(one->agreed, other->agreed);
    assert_int_equal(one->proposed, other->proposed);
    assert_int_equal(one->held, other->held);
    assert_int_equal(one->held_until.us, other->held_until.us);
    assert_memory_equal(one->rule_held, other->rule_held, sizeof one->rule_held);
    assert_memory_equal(one->rule_told_entry, other->rule_told_entry, sizeof one->rule_told_entry);
    assert_memory_equal(one->told, other->told, sizeof one->told);
    assert_true(one->seen == other->seen);
    assert_memory_equal(one->dates, other->dates, sizeof one->dates);
    assert_memory_equal(one->notified, other->notified, sizeof one->notified);
    assert_memory_equal(one->heard, other->heard, sizeof one->heard);
    assert_memory_equal(one->rule_pending, other->rule_pending, sizeof one->rule_pending);
    assert_memory_equal(one->duty_held, other->duty_held, sizeof one->duty_held);
    assert_memory_equal(one->answers, other->answers, sizeof one->answers);
    assert_int_equal(one->proposed_at.us, other->proposed_at.us);
    for (size_t i = 0; i < one->party_count; i++)
        assert_int_equal(one->agreed_ahead[i].us, other->agreed_ahead[i].us);
    assert_int_equal(one->held_by_answer, other->held_by_answer);
    assert_int_equal(one->before_raise, other->before_raise);
}

static inline void assert_same_disagreement(const struct disagreement *one,
                                            const struct disagreement *other)
{
    assert_string_equal(one->board, other->board);
    assert_string_equal(one->reference, other->reference);
    assert_string_equal(one->procedure, other->procedure);
    assert_string_equal(one->procedure_hash, other->procedure_hash);
    assert_int_equal(one->state, other->state);
    assert_int_equal(one->raised.us, other->raised.us);
    assert_int_equal(one->closed.us, other->closed.us);
    assert_same_state(one, other);
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++)
        assert_same_running(&one->running[i], &other->running[i]);
}

/* ---- events and outbox rows ------------------------------------------------------------------ */

#define SHA256_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static inline struct event event_numbered(unsigned number)
{
    struct event event = { .received = NOON(0), .time = NOON(0) };

    snprintf(event.id, sizeof event.id, "E-%u", number);
    snprintf(event.source, sizeof event.source, "urn:invented:northtown");
    snprintf(event.type, sizeof event.type, "concernd.risk.changed");
    snprintf(event.subject, sizeof event.subject, "D-1");
    return event;
}

static inline int put_event(struct store *store, unsigned number, uint64_t *record)
{
    struct event event = event_numbered(number);
    struct event_row row = { .event = &event,
                             .board = "invented-board",
                             .json = "{\"specversion\":\"1.0\",\"data\":{}}",
                             .sha256 = SHA256_OF_NOTHING,
                             .key_name = "northtown \"1\"" };

    return store_put_event(store, &row, record);
}

static inline struct outbox_row outbox_numbered(unsigned number, enum priority priority,
                                                struct instant next_try)
{
    static char keys[4096][24];
    struct outbox_row row = { .board = "invented-board",
                              .reference = "D-1",
                              .person = "j.brown",
                              .role = "line manager",
                              .route = ROUTE_EMAIL,
                              .recipient = "j.brown@housing.northtown.example",
                              .priority = priority,
                              .at = next_try,
                              .bytes = "Subject: invented\r\n\r\ntext\r\n",
                              .size = 27,
                              .next_try = next_try };

    snprintf(row.id, sizeof row.id, "01J%023u", number);
    snprintf(keys[number % 4096], sizeof keys[0], "key-%u", number);
    row.key = keys[number % 4096];
    return row;
}

#endif
