/* engine.c - takes turns: what has arrived is decided and kept in one transaction. */
#include "io/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/store_gather.h"

static const struct procedure *look_up(void *context, const char *hash);

int engine_open(const struct engine_settings *settings, struct engine **engine)
{
    struct engine *fresh = calloc(1, sizeof *fresh);
    char hash[STORE_HASH_SIZE];

    if (!fresh)
        return journal_fail(-ENOMEM, "cannot allocate the engine");
    fresh->settings = *settings;
    if (fresh->settings.escalation.told_us == 0)
        fresh->settings.escalation = ESCALATION_WAITS;
    if (!fresh->settings.mail_from)
        fresh->settings.mail_from = "";
    fresh->outbox_changed = true;
    fresh->outbox_wake = fresh->silences.seen = INSTANT_NONE;
    record_head(settings->store, &fresh->last_record, hash);
    store_set_lookup(settings->store, look_up, fresh);
    *engine = fresh;
    return 0;
}

void engine_close(struct engine **engine)
{
    if (!*engine)
        return;
    plan_close(&(*engine)->plan);
    engine_forget_acknowledging(*engine);
    free(*engine);
    *engine = NULL;
}

void engine_set_policy(struct engine *engine, struct policy *policy)
{
    engine->settings.policy = policy;
    engine->ended_count = 0;
}

void engine_set_keyring(struct engine *engine, struct keyring *keyring)
{
    engine->settings.keyring = keyring;
}

void engine_set_escalation(struct engine *engine, const struct escalation_waits *waits)
{
    engine->settings.escalation = *waits;
}

void engine_set_mail_from(struct engine *engine, const char *mail_from)
{
    engine->settings.mail_from = mail_from ? mail_from : "";
}

void engine_set_acknowledge(struct engine *engine, const struct acknowledge_setting *setting)
{
    engine->settings.acknowledge = *setting;
}

uint64_t engine_last_record(const struct engine *engine)
{
    return engine->last_record;
}

void engine_set_gap_times(struct engine *engine, int64_t operator_us, int64_t board_us)
{
    engine->settings.gap_operator_us = operator_us;
    engine->settings.gap_board_us = board_us;
}

int engine_store_answer(int answer)
{
    if (answer <= 0)
        return answer;
    if (answer == STORE_FULL)
        return ENGINE_STORE_FULL;
    return journal_fail(-EIO, "the store answered what it never should here: %s",
                        store_answer_text(answer));
}

/* --- the turn */

int engine_begin(struct engine *engine, struct instant now)
{
    int answer = engine_store_answer(store_begin(engine->settings.store));

    if (answer)
        return answer;
    engine->now = engine->silences.seen = now;
    engine->in_turn = true;
    engine->counting = engine->counts;
    return 0;
}

int engine_commit(struct engine *engine)
{
    char hash[STORE_HASH_SIZE];
    int answer = engine_tell(engine);

    if (answer == 0)
        answer = engine_gather(engine);
    if (answer == 0)
        answer = engine_tell_words(engine);
    if (answer == 0)
        answer = engine_hold_due(engine);
    if (answer == 0)
        answer = engine_store_answer(store_commit(engine->settings.store));
    engine->plan.count = 0;
    engine->in_turn = engine->gathers = engine->has_told_of = false;
    engine_land(engine, answer == 0);
    if (answer) {
        store_roll_back(engine->settings.store);
        engine_forget_silences(engine);
        return answer;
    }
    record_head(engine->settings.store, &engine->last_record, hash);
    engine->counts = engine->counting;
    return 0;
}

const struct engine_counts *engine_counts(const struct engine *engine)
{
    return &engine->counts;
}

void engine_roll_back(struct engine *engine)
{
    store_roll_back(engine->settings.store);
    engine->plan.count = 0;
    engine->in_turn = engine->gathers = engine->has_told_of = false;
    engine_land(engine, false);
    engine_forget_silences(engine);
}

int engine_record(struct engine *engine, const char *type, const char *payload_json)
{
    return engine_store_answer(
        record_append(engine->settings.store, engine->now, type, "", "", payload_json, NULL));
}

/* --- procedures */

int engine_view_of_hash(struct engine *engine, const char *hash, struct policy_view *view)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    char *text = NULL;
    int answer;

    if (policy_view_of_hash(engine->settings.policy, hash, view) == POLICY_OK)
        return 0;
    /* A version no longer in force: the store kept its text when it was raised under. */
    answer = store_get_procedure(engine->settings.store, hash, &text);
    if (answer != STORE_OK)
        return answer < 0 ? answer : 1;
    answer =
        policy_remember(engine->settings.policy, "a kept version", text, strlen(text), &faults);
    free(text);
    if (answer == POLICY_OK)
        answer = policy_view_of_hash(engine->settings.policy, hash, view);
    if (answer == POLICY_OK)
        return 0;
    journal_error(JOURNAL({ "PROCEDURE_HASH", hash }),
                  "a procedure version that open disagreements keep cannot be read any more: %s",
                  faults.count ? faults.list[0].text : "its calendar is not there");
    return answer < 0 ? answer : 1;
}

static const struct procedure *look_up(void *context, const char *hash)
{
    struct policy_view view;

    return engine_view_of_hash(context, hash, &view) == 0 ? view.procedure : NULL;
}

/* --- what is due */

/* A wake that brings nothing about and stays would turn for ever: it is put to rest and told.
 * No known procedure does this; a daemon that spins would miss everybody's deadlines. */
static void rest(struct engine *engine, struct instant wake)
{
    struct disagreement *after = &engine->decision.after;
    struct instant next = disagreement_wake(after);

    if (instant_is_none(next) || next.us > wake.us)
        return;
    journal_error(JOURNAL({ "DISAGREEMENT", after->reference }),
                  "a deadline asked to be woken for nothing; it is put to rest");
    for (size_t i = 0; i < PROCEDURE_DEADLINES_MAX; i++)
        if (!instant_is_none(after->running[i].wake) && after->running[i].wake.us <= wake.us)
            after->running[i].wake = INSTANT_NONE;
}

int engine_act(struct engine *engine, const struct policy_view *view, struct instant wake)
{
    struct cause cause = { .kind = CAUSE_INSTANT, .at = wake };
    int error;

    decide(view, &engine->before, &cause, &engine->decision);
    rest(engine, wake);
    error = engine_keep(engine, view, &engine->before);
    engine->before = engine->decision.after;
    return error;
}

int engine_catch_up(struct engine *engine, const struct policy_view *view, struct instant until)
{
    int error = 0;

    while (error == 0) {
        struct instant wake = disagreement_wake(&engine->before);

        if (instant_is_none(wake) || wake.us >= until.us || wake.us > engine->now.us)
            return 0;
        error = engine_act(engine, view, wake);
    }
    return error;
}

static int act_on_row(struct engine *engine, const struct due_row *row)
{
    struct policy_view view;
    struct instant wake;
    int answer = store_load_disagreement(engine->settings.store, row->board, row->reference,
                                         &engine->before);

    if (answer < 0 || answer == STORE_FULL)
        return engine_store_answer(answer);
    if (answer != STORE_OK)
        return journal_fail(-EIO, "a disagreement with a deadline that is due cannot be loaded: %s",
                            store_answer_text(answer));
    answer = engine_view_of_hash(engine, engine->before.procedure_hash, &view);
    if (answer)
        return answer < 0 ? answer : -EIO;
    wake = disagreement_wake(&engine->before);
    if (instant_is_none(wake) || wake.us > engine->now.us)
        return 0;
    return engine_act(engine, &view, wake);
}

/* In due order: where what a row brought about is due before the next row, the index is asked
 * again. */
static int act_on_rows(struct engine *engine, const struct due_row *rows, size_t count,
                       size_t *done)
{
    for (size_t i = 0; i < count; i++) {
        struct instant next;
        int error = act_on_row(engine, &rows[i]);

        (*done)++;
        if (error)
            return error;
        next = disagreement_wake(&engine->before);
        if (i + 1 < count && !instant_is_none(next) && next.us < rows[i + 1].wake.us)
            return 0;
    }
    return 0;
}

/* An event that waits no more comes in its place among the deadlines that are due, as it would
 * have without an outage: `until` is the instant before which they go first. */
static int find_parked(struct engine *engine, struct instant *until, bool *waits_no_more)
{
    int answer = store_parked_wake(engine->settings.store, until);

    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    *waits_no_more = answer == STORE_OK && until->us <= engine->now.us;
    if (!*waits_no_more)
        *until = engine->now;
    return 0;
}

int engine_pass(struct engine *engine, bool *more)
{
    struct due_row rows[64];
    size_t done = 0, count;
    int error;

    *more = false;
    do {
        struct instant until;
        bool waits_no_more;

        error = find_parked(engine, &until, &waits_no_more);
        if (error == 0)
            error = engine_store_answer(
                store_due(engine->settings.store, until, rows, COUNT_OF(rows), &count));
        if (error == 0)
            error = act_on_rows(engine, rows, count, &done);
        if (error == 0 && count == 0 && waits_no_more) {
            error = engine_take_up_due(engine, until);
            count = 1;
            done++;
        }
    } while (error == 0 && count > 0 && done < ENGINE_PASS_MAX);
    *more = error == 0 && count > 0;
    if (error == 0)
        error = engine_tell_gaps(engine);
    if (error == 0 && !*more)
        error = engine_pass_silences(engine, more);
    return error || *more ? error : engine_escalate(engine, more);
}

/* Whether `at` is an instant, and comes before `other`, which may be none. */
static bool is_before(struct instant at, struct instant other)
{
    return !instant_is_none(at) && (instant_is_none(other) || at.us < other.us);
}

int engine_next_wake(struct engine *engine, struct instant *wake)
{
    struct instant escalation, gaps = INSTANT_NONE;
    int answer = store_next_wake(engine->settings.store, wake);

    if (answer == STORE_NONE)
        *wake = INSTANT_NONE;
    else if (answer != STORE_OK)
        return engine_store_answer(answer);
    answer = store_parked_wake(engine->settings.store, &gaps);
    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    if (!instant_is_none(gaps) && (instant_is_none(*wake) || gaps.us < wake->us))
        *wake = gaps;
    answer = store_gaps_wake(engine->settings.store, &gaps);
    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    if (answer == STORE_OK && is_before(gaps, *wake))
        *wake = gaps;
    if ((answer = engine_know_silences(engine)) != 0)
        return answer;
    if (is_before(engine_silences_wake(engine), *wake))
        *wake = engine_silences_wake(engine);
    answer = store_gathering_wake(engine->settings.store, &gaps);
    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    if (answer == STORE_OK && is_before(gaps, *wake))
        *wake = gaps;
    if ((answer = engine_words_wake(engine, &gaps)) != 0)
        return answer;
    if (is_before(gaps, *wake))
        *wake = gaps;
    if (is_before(engine->outbox_wake, *wake))
        *wake = engine->outbox_wake;
    answer = store_next_escalation(engine->settings.store, &escalation);
    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    if (answer == STORE_OK && is_before(escalation, *wake))
        *wake = escalation;
    return 0;
}

/* --- after a reload */

struct open_row {
    char board[ID_MAX + 1];
    char reference[ID_MAX + 1];
    int64_t number;
};

struct open_rows {
    struct open_row rows[256];
    size_t count;
};

static bool note_open(void *context, const struct disagreement_row *row)
{
    struct open_rows *open = context;
    struct open_row *place = &open->rows[open->count++];

    snprintf(place->board, sizeof place->board, "%s", row->board);
    snprintf(place->reference, sizeof place->reference, "%s", row->reference);
    place->number = row->number;
    return open->count < COUNT_OF(open->rows);
}

static int recompute_one(struct engine *engine, const struct open_row *row)
{
    struct cause cause = { .kind = CAUSE_CALENDAR, .at = engine->now };
    struct policy_view view;
    int answer = store_load_disagreement(engine->settings.store, row->board, row->reference,
                                         &engine->before);

    if (answer != STORE_OK)
        return engine_store_answer(answer);
    answer = engine_view_of_hash(engine, engine->before.procedure_hash, &view);
    if (answer)
        return answer < 0 ? answer : -EIO;
    decide(&view, &engine->before, &cause, &engine->decision);
    return engine->decision.effect_count ? engine_keep(engine, &view, &engine->before) : 0;
}

static int recompute_all(struct engine *engine)
{
    struct disagreement_query query = { .most = 256 };
    struct open_rows *open = calloc(1, sizeof *open);
    int error = open ? 0 : -ENOMEM;

    do {
        if (open)
            open->count = 0;
        if (error == 0)
            error = engine_store_answer(
                store_list_disagreements(engine->settings.store, &query, note_open, open));
        for (size_t i = 0; error == 0 && i < open->count; i++) {
            error = recompute_one(engine, &open->rows[i]);
            query.after = open->rows[i].number;
        }
    } while (error == 0 && open->count > 0);
    free(open);
    return error;
}

/* The versions of all calendars as one line: only where it differs from what the deadlines were
 * computed with is there anything to recompute, so that a start does not cost by their number. */
static void write_calendar_versions(const struct engine *engine, char text[STORE_META_SIZE])
{
    const struct procedure *procedure;
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; (procedure = policy_procedure(engine->settings.policy, i)); i++) {
        struct policy_view view;

        if (policy_view(engine->settings.policy, procedure->id, &view) != POLICY_OK)
            continue;
        for (const char *at = view.time.calendar->version; *at; at++)
            hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
        for (size_t change = 0; change < view.time.zone->change_count; change++) {
            hash ^= (uint64_t)view.time.zone->changes[change].at_s;
            hash *= UINT64_C(1099511628211);
            hash ^= (uint64_t)(uint32_t)view.time.zone->changes[change].offset_s;
            hash *= UINT64_C(1099511628211);
        }
    }
    snprintf(text, STORE_META_SIZE, "%016llx", (unsigned long long)hash);
}

int engine_recompute(struct engine *engine)
{
    char now[STORE_META_SIZE], kept[STORE_META_SIZE] = "";
    int answer = store_get_meta(engine->settings.store, "calendars", kept);

    if (answer != STORE_OK && answer != STORE_NONE)
        return engine_store_answer(answer);
    if ((answer = engine_forward(engine)) != 0 || (answer = engine_gather_anew(engine)) != 0)
        return answer;
    write_calendar_versions(engine, now);
    if (strcmp(now, kept) == 0)
        return 0;
    answer = recompute_all(engine);
    if (answer)
        return answer;
    return engine_store_answer(store_put_meta(engine->settings.store, "calendars", now));
}
