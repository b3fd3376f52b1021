/* engine_gather.c - ordinary notifications that wait, and go out together (core/gather.h).
 *
 * Each that may be gathered waits from the moment it is queued, if only for the end of its turn.
 * There it goes as it is, waits on, or goes in a digest; all of it in the turn's transaction, so
 * that after a crash it is in one of these places, and in one only.
 */
#include "io/engine_gather.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/compose.h"
#include "core/text.h"
#include "io/journal.h"

/* --- who has it */

const struct timekeeping *engine_time_of_board(struct engine *engine, const char *board,
                                               struct policy_view *view)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct agency *of = directory ? directory_board(directory, board) : NULL;

    for (size_t i = 0; of && i < of->procedure_count; i++)
        if (policy_view(engine->settings.policy, of->procedures[i], view) == POLICY_OK)
            return &view->time;
    return NULL;
}

static bool pick_route(const struct engine *engine, const struct route *routes, size_t count,
                       bool ended_too, bool by_text, struct route *route)
{
    for (size_t i = 0; i < count; i++) {
        if (!gather_can_carry(routes[i].kind) || gather_can_carry_list(routes[i].kind) == by_text ||
            (!ended_too && engine_route_has_ended(engine, &routes[i])))
            continue;
        *route = routes[i];
        return true;
    }
    return false;
}

/* One that carries the whole list before a text message, which has the references alone; of each
 * kind those of this hour first; one that is gone only where there is no other. */
static void find_route(const struct engine *engine, const struct person *person, bool office_hours,
                       struct route *route)
{
    bool night = !office_hours && person->out_of_hours_count > 0;

    for (int i = 0; i < 8; i++) {
        bool other = night != (i % 2 == 1);

        if (pick_route(engine, other ? person->out_of_hours : person->routes,
                       other ? person->out_of_hours_count : person->route_count, i >= 4,
                       i / 2 % 2 == 1, route))
            return;
    }
}

/* One that begins with `at` in "ROLE AGENCY;ROLE AGENCY;"; NULL past the last. */
static const char *next_holding(const struct directory *directory, const char *board,
                                const char *at, const struct role_holding **holding)
{
    char role[ID_MAX + 1], agency[ID_MAX + 1];
    size_t role_length = strcspn(at, " ;");
    size_t length = strcspn(at, ";");
    const struct agency *of;

    *holding = NULL;
    if (!at[0] || at[role_length] != ' ' || role_length > ID_MAX || length > 2 * (size_t)ID_MAX)
        return NULL;
    snprintf(role, sizeof role, "%.*s", (int)role_length, at);
    snprintf(agency, sizeof agency, "%.*s", (int)(length - role_length - 1), at + role_length + 1);
    of = agency[0] ? directory_agency(directory, agency) : directory_board(directory, board);
    if (of)
        *holding = directory_holding(of, role);
    return at[length] ? at + length + 1 : at + length;
}

bool engine_has_holding(const struct directory *directory, const struct gathering_row *row,
                        const char *person)
{
    const struct person *of = directory_person(directory, person);
    const struct role_holding *holding;
    const char *at = row->holdings;

    while (of && (at = next_holding(directory, row->board, at, &holding)))
        if (holding && (holding->holder == of || holding->deputy == of))
            return true;
    return false;
}

struct date engine_today_of(struct engine *engine, const char *board)
{
    struct policy_view view;
    const struct timekeeping *time = engine_time_of_board(engine, board, &view);

    return time ? zone_civil(time->zone, engine->now).date
                : (struct date){ (int32_t)(engine->now.us / DAY_US) };
}

/* Whoever has one of the roles he was told in; `holder_too` where he himself is not there. */
static const struct person *find_other(const struct directory *directory,
                                       const struct gathering_row *row, const struct person *than,
                                       bool holder_too, struct date today)
{
    const struct role_holding *holding;
    const char *at = row->holdings;

    while ((at = next_holding(directory, row->board, at, &holding))) {
        if (!holding)
            continue;
        if (holder_too && holding->holder && holding->holder != than &&
            !person_is_away(holding->holder, today))
            return holding->holder;
        if (holding->deputy && holding->deputy != than && !person_is_away(holding->deputy, today))
            return holding->deputy;
    }
    return NULL;
}

static struct addressee to_person(struct engine *engine, const struct gathering_row *row,
                                  const struct directory *directory)
{
    const struct person *person = directory_person(directory, row->person), *other;
    struct addressee to = { .who = "" };
    struct policy_view view;
    const struct timekeeping *time = engine_time_of_board(engine, row->board, &view);
    struct date today = engine_today_of(engine, row->board);

    other = find_other(directory, row, person, !person, today);
    to.person = other && (!person || person_is_away(person, today)) ? other : person;
    if (!to.person)
        return to;
    to.who = to.person->id;
    to.stand_in = to.person != person;
    to.deputy = find_other(directory, row, to.person, false, today);
    find_route(engine, to.person, !time || engine_is_office_hours(time, engine->now), &to.route);
    return to;
}

/* An address of the event has one route, and whoever holds the role instead stands behind it. */
static struct addressee to_address(struct engine *engine, const struct gathering_row *row,
                                   const struct directory *directory)
{
    struct addressee to = { .who = row->person, .route = { ROUTE_EMAIL, row->person } };

    if (directory)
        to.deputy = find_other(directory, row, NULL, true, engine_today_of(engine, row->board));
    return to;
}

struct addressee engine_addressee(struct engine *engine, const struct gathering_row *row)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    struct addressee to = { .who = "" };

    if (strchr(row->person, '@'))
        return to_address(engine, row, directory);
    if (directory && strcmp(row->person, "operator") != 0)
        to = to_person(engine, row, directory);
    if (!to.who[0] && directory) {
        to.who = "operator";
        to.stand_in = strcmp(row->person, "operator") != 0;
        if (!pick_route(engine, directory->operator_routes, directory->operator_route_count, true,
                        false, &to.route))
            pick_route(engine, directory->operator_routes, directory->operator_route_count, true,
                       true, &to.route);
    }
    return to;
}

/* --- one that is queued */

static void write_holdings(const struct engine_outgoing *out, struct text *text)
{
    const struct notification *notification = out->notification;

    for (size_t i = 0; i < notification->role_count && i < 8; i++) {
        const struct recipient_role *role = &notification->roles[i];

        text_addf(text, "%s %s;", out->view->procedure->roles[role->role].id,
                  role->party == PARTY_BOARD ? "" : out->disagreement->parties[role->party]);
    }
}

/* By whichever route it goes itself: a list goes by the first that can carry one.  A case system
 * has its endpoint alone. */
static bool has_list_route(const struct engine *engine, const struct engine_outgoing *out)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct person *person = directory ? directory_person(directory, out->person) : NULL;
    struct route route = { .to = NULL };

    if (person)
        find_route(engine, person, true, &route);
    else if (directory && strcmp(out->person, "operator") == 0)
        pick_route(engine, directory->operator_routes, directory->operator_route_count, true, false,
                   &route);
    return route.to || (!person && gather_can_carry(out->kind));
}

/* A webhook to which it was moved on is one that the others did not accept. */
bool engine_may_gather(const struct engine *engine, const struct engine_outgoing *out)
{
    return out->notification->priority == PRIORITY_NORMAL &&
           (out->kind != ROUTE_WEBHOOK || out->position == 0) && has_list_route(engine, out);
}

/* Somebody's digest does not hold up what somebody else was to have and did not take. */
static struct instant waits_until(const struct engine *engine, const struct engine_outgoing *out,
                                  struct instant act_by)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct person *person = directory ? directory_person(directory, out->person) : NULL;
    struct gather_question question = {
        .zone = out->view->time.zone,
        .second = person && person->has_digest && out->position == 0 ? person->digest_s : -1,
        .priority = out->notification->priority,
        .at = out->notification->at,
        .act_by = act_by,
    };
    struct instant until = gather_until(&question);

    if (!instant_is_none(until) && until.us > engine->now.us)
        return until;
    return out->is_kept ? GATHERING_KEPT : GATHERING_UNDECIDED;
}

int engine_begin_gathering(struct engine *engine, const struct engine_outgoing *out,
                           const struct composition *composition,
                           const struct engine_entries *entries)
{
    int role = out->notification->role_count ? out->notification->roles[0].role : 0;
    const struct engine_mailbox mailbox = { out->to, out->person,
                                            out->view->procedure->roles[role].id };
    char gist[GIST_SIZE], holdings[1200], dates[ENGINE_DATES_SIZE], shown[ENGINE_ENTRIES_SIZE];
    struct text text = text_over(holdings, sizeof holdings);
    struct text to_dates = text_over(dates, sizeof dates);
    struct gathering_row row = {
        .gist = gist, .holdings = holdings, .dates = dates, .entries = shown
    };
    struct text to_shown = text_over(shown, sizeof shown);
    int answer = engine_entries_owe(engine, &mailbox, entries);

    compose_gist(composition, gist);
    write_holdings(out, &text);
    engine_write_dates(out, &to_dates);
    row.act_by = compose_act_by(composition);
    row.until = waits_until(engine, out, row.act_by);
    engine_entries_write(entries, &to_shown);
    engine->gathers = true;
    return answer ? answer
                  : engine_store_answer(store_put_gathering(engine->settings.store, out->id, &row));
}

/* --- the end of a turn */

/* All that may go now. */
struct gathering {
    struct engine *engine;
    struct gathering_list list;
    struct addressee *to; /* of each */
    struct gather_row *decided;
    const struct gathering_row **in_message;
};

static void gathering_close(struct gathering *self)
{
    gathering_list_close(&self->list);
    free(self->to);
    free(self->decided);
    free(self->in_message);
}

/* A few are known; of those that are not, the one counted longest ago gives way. */
static struct gather_tally *tally_of(struct engine *engine, const char *who)
{
    struct engine_tally *oldest = &engine->tallies[0];

    for (size_t i = 0; i < ENGINE_TALLIES_MAX; i++) {
        struct engine_tally *tally = &engine->tallies[i];

        if (strcmp(tally->who, who) == 0)
            return &tally->tally;
        if (tally->tally.since.us < oldest->tally.since.us)
            oldest = tally;
    }
    *oldest = (struct engine_tally){ .tally = { .since = engine->now } };
    snprintf(oldest->who, sizeof oldest->who, "%s", who);
    return &oldest->tally;
}

/* Whether the address it was written for is his no more. */
static bool is_elsewhere(const struct addressee *to, const struct gathering_row *row)
{
    return to->person &&
           !person_has_route(to->person, &(struct route){ row->route, row->recipient });
}

static bool is_silenced(const struct engine *engine, const struct gathering_row *row)
{
    const struct silencing_question question = { .priority = PRIORITY_NORMAL,
                                                 .route = row->route,
                                                 .recipient = row->recipient,
                                                 .person = row->person,
                                                 .agency = row->agency };

    return engine_silence_on(engine, &question, engine->now) != NULL;
}

static int ask(struct gathering *self, size_t index)
{
    const struct gathering_row *row = &self->list.rows[index];
    const struct addressee *to = &self->to[index];
    bool ripe = row->until.us > GATHERING_KEPT.us, is_stale = false;
    char since[SINCE_SIZE];
    int answer = engine_since(self->engine, row, to->person ? to->person->language : NULL, since);

    if (answer == 0 && ripe && !*since)
        answer = engine_entries_stale(self->engine, row, &is_stale);

    self->decided[index] = (struct gather_row){
        .number = row->number,
        .index = index,
        .who = to->who,
        .apart = to->deputy ? to->deputy->id : "",
        .board = row->board,
        .gist = to->route.to && to->route.kind == ROUTE_NOTIFY_TEXT ? "" : row->gist,
        .reference = row->reference,
        .at = row->at,
        .room = to->route.to ? gather_room(to->route.kind) : 0,
        .since_size = strlen(since),
        .ripe = ripe,
        .overtaken = ripe && (*since || is_stale),
        .stale = row->until.us == GATHERING_KEPT.us && *since && to->route.to,
        .must = to->stand_in || is_elsewhere(to, row),
        .silenced = is_silenced(self->engine, row),
        .tally = tally_of(self->engine, to->who),
    };
    return answer;
}

/* What is about a mailbox's calendar alone goes there, and nowhere else: with the rest of what goes
 * there, where there is such. */
static void keep_to_mailbox(struct gathering *self, size_t index, size_t *like)
{
    const struct gathering_row *row = &self->list.rows[index];
    struct gather_row *decided = &self->decided[index];
    const char *to = self->to[index].route.to;

    if (decided->must)
        return; /* the mailbox is his no more */
    if (!to || self->to[index].route.kind != row->route || strcmp(to, row->recipient) != 0) {
        self->to[index].route = (struct route){ row->route, row->recipient };
        decided->room = gather_room(row->route);
        decided->gist = row->gist;
        decided->apart = row->recipient;
        return;
    }
    for (size_t i = 0; i < self->list.count; i++) {
        size_t other = (*like + i) % self->list.count;
        const struct gather_row *by = &self->decided[other];

        if (engine_is_of_entries(&self->list.rows[other]) || strcmp(by->who, decided->who) != 0 ||
            strcmp(by->board, decided->board) != 0)
            continue;
        decided->apart = by->apart;
        *like = other;
        return;
    }
}

static int load(struct gathering *self)
{
    struct engine *engine = self->engine;
    size_t count;
    int answer = engine_know_silences(engine);

    if (answer == 0)
        answer = engine_store_answer(store_list_gathering(engine->settings.store, engine->now,
                                                          GATHERING_ROWS_MAX, gathering_list_add,
                                                          &self->list));
    count = self->list.count;
    if (answer)
        return answer;
    self->to = calloc(count + 1, sizeof *self->to);
    self->decided = calloc(count + 1, sizeof *self->decided);
    self->in_message = calloc(count + 1, sizeof *self->in_message);
    if (self->list.failed || !self->to || !self->decided || !self->in_message)
        return journal_fail(-ENOMEM, "no memory for the notifications that wait");
    for (size_t i = 0; answer == 0 && i < count; i++) {
        self->to[i] = engine_addressee(engine, &self->list.rows[i]);
        answer = ask(self, i);
    }
    for (size_t i = 0, like = 0; answer == 0 && i < count; i++)
        if (engine_is_of_entries(&self->list.rows[i]))
            keep_to_mailbox(self, i, &like);
    return answer;
}

/* One that is late is due since it was to be told, so that a silence lets go in that order; the
 * walks over what is due have passed that instant long ago. */
static struct instant due_since(struct engine *engine, const struct gathering_row *row)
{
    if (engine->now.us - row->at.us <= MINUTE_US) {
        engine->outbox_changed = true;
        return engine->now;
    }
    engine_look_anew(engine);
    return row->at;
}

static int let_go(struct gathering *self, const struct gather_row *decided)
{
    struct engine *engine = self->engine;
    const struct gathering_row *row = &self->list.rows[decided->index];
    struct instant escalate = { engine->now.us + engine_escalation_wait(engine, PRIORITY_NORMAL) };
    int answer = engine_store_answer(store_release_gathering(
        engine->settings.store, row->number, due_since(engine, row), engine->now, escalate));

    if (answer == 0 && !decided->silenced)
        answer = engine_entries_released(engine, row);
    /* It was written for somebody who is not there, and nobody who is can have a list. */
    if (answer == 0 && decided->must)
        return engine_escalate_now(engine, row->id);
    return answer == 0 && decided->silenced ? engine_hold(engine, row->id) : answer;
}

/* The rows of one message stand together; how many they are is set. */
static int put_together(struct gathering *self, size_t first, size_t *count)
{
    const struct gather_row *decided = self->decided + first;
    struct engine_digest_rows rows = { .rows = self->in_message,
                                       .part = decided->part,
                                       .parts = decided->parts };

    while (first + rows.count < self->list.count && decided[rows.count].fate == GATHER_IN &&
           decided[rows.count].message == decided->message) {
        self->in_message[rows.count] = &self->list.rows[decided[rows.count].index];
        rows.count++;
    }
    *count = rows.count;
    return engine_queue_digest(self->engine, &self->to[decided->index], &rows);
}

static int carry_out(struct gathering *self)
{
    struct store *store = self->engine->settings.store;
    int answer = 0;

    for (size_t i = 0, step; answer == 0 && i < self->list.count; i += step) {
        const struct gather_row *decided = &self->decided[i];

        step = 1;
        switch (decided->fate) {
        case GATHER_ALONE:
            answer = let_go(self, decided);
            break;
        case GATHER_WAIT:
            answer =
                engine_store_answer(store_move_gathering(store, decided->number, decided->until));
            break;
        case GATHER_IN:
        default:
            answer = put_together(self, i, &step);
        }
    }
    return answer;
}

/* Whether something waits no longer than until now. */
static int look_whether(struct engine *engine, bool *is_time)
{
    struct instant wake;
    int answer;

    *is_time = engine->gathers;
    if (*is_time)
        return 0;
    answer = store_gathering_wake(engine->settings.store, &wake);
    if (answer == STORE_NONE)
        return 0;
    *is_time = answer == STORE_OK && wake.us <= engine->now.us;
    return engine_store_answer(answer);
}

int engine_gather(struct engine *engine)
{
    CLEANUP(gathering_close) struct gathering self = { .engine = engine };
    bool is_time;
    int answer = look_whether(engine, &is_time);

    if (answer || !is_time)
        return answer;
    answer = load(&self);
    if (answer)
        return answer;
    gather(self.decided, self.list.count, engine->now);
    return carry_out(&self);
}

/* --- after a reload, or a clock that was set back */

/* When it goes, now that the directory may be another; what was to be told at a time that has not
 * come is told today. */
static struct instant until_now(struct engine *engine, const struct gathering_row *row)
{
    struct addressee to = engine_addressee(engine, row);
    struct policy_view view;
    const struct timekeeping *time = engine_time_of_board(engine, row->board, &view);
    struct gather_question question = {
        .second = -1,
        .priority = PRIORITY_NORMAL,
        .at = row->at.us < engine->now.us ? row->at : engine->now,
        .act_by = row->act_by,
    };
    struct instant until;

    if (to.stand_in || is_elsewhere(&to, row))
        return engine->now;
    /* He has not changed his ways: what is too much at a time waits for its end. */
    if (row->until.us - engine->now.us <= GATHER_SPAN_US || !time)
        return row->until;
    question.zone = time->zone;
    if (to.person && to.person->has_digest)
        question.second = to.person->digest_s;
    until = gather_until(&question);
    return instant_is_none(until) ? engine->now : until;
}

int engine_gather_anew(struct engine *engine)
{
    struct gathering_list list = { 0 };
    int answer = engine_store_answer(
        store_list_gathering(engine->settings.store, (struct instant){ INT64_MAX }, SIZE_MAX >> 1,
                             gathering_list_add, &list));

    if (answer == 0 && list.failed)
        answer = journal_fail(-ENOMEM, "no memory for the notifications that wait");
    for (size_t i = 0; answer == 0 && i < list.count; i++) {
        struct instant until = until_now(engine, &list.rows[i]);

        if (until.us != list.rows[i].until.us)
            answer = engine_store_answer(
                store_move_gathering(engine->settings.store, list.rows[i].number, until));
    }
    gathering_list_close(&list);
    return answer;
}
