/* test_decide_property.c - random procedures, random events, and what must hold of all of them.
 *
 * Thousands of invented procedures (random_procedure.h) are played with invented events, late ones
 * and several of one instant among them, through decide() and plan_notifications() as the engine
 * calls them: time goes on from wake to wake, a late event comes after what was due before it.
 * decide_checks.h says what must hold.
 *
 * CONCERN_SEED and CONCERN_PLAYS choose another seed and another number of procedures.
 */
#include "decide_checks.h"

enum { PLAYS = 10000, EVENTS_LEAST = 20, EVENTS_MORE = 41, WAKES_MOST = 4000 };

static const char *const agencies[] = { "housing", "care", "ambulance", "stranger" };

/* --- deciding */

/* The same question again, over other leavings, has the same answer, byte for byte. */
static void check_deterministic(int answer)
{
    memset(&play.again, 0xA5, sizeof play.again);
    require(decide(&play.view, play.raised ? &play.now : NULL, &play.cause, &play.again) == answer,
            "the same answer");
    if (answer != DECIDED) {
        require(strcmp(play.again.why, play.decision.why) == 0, "the same reason");
        return;
    }
    require(play.again.effect_count == play.decision.effect_count &&
                play.again.ignored == play.decision.ignored &&
                memcmp(&play.again.after, &play.decision.after, sizeof play.again.after) == 0 &&
                memcmp(play.again.effects, play.decision.effects,
                       play.again.effect_count * sizeof play.again.effects[0]) == 0,
            "the same decision, byte for byte");
}

/* Nothing is to come about before what has just come about. */
static void check_wake(void)
{
    struct instant at = play.cause.kind == CAUSE_EVENT ? play.event.time : play.cause.at;
    struct instant wake = disagreement_wake(&play.decision.after);

    require(instant_is_none(wake) || wake.us >= at.us, "no wake lies in the past");
}

static void decide_one(void)
{
    int answer;

    play.step++;
    play.decided++;
    answer = decide(&play.view, play.raised ? &play.now : NULL, &play.cause, &play.decision);
    if (chance_in(&play.chance, 8))
        check_deterministic(answer);
    if (answer != DECIDED) {
        require(play.cause.kind == CAUSE_EVENT, "only an event can be refused");
        require(play.decision.why[0] != '\0', "a refusal has its reason");
        return;
    }
    require(play.decision.effect_count <= EFFECTS_MAX, "effects are bounded");
    check_passings();
    check_advances();
    check_told();
    check_states();
    check_silence_after_the_end();
    if (play.cause.kind == CAUSE_INSTANT)
        check_punctual();
    check_owed();
    if (play.decision.effect_count)
        check_people();
    check_wake();
    play.now = play.decision.after;
    play.raised = true;
}

/* As the engine does: everything that is due before `until`, each at its own instant. */
static void go_on(struct instant until, bool including)
{
    for (unsigned wakes = 0; play.raised; wakes++) {
        struct instant wake = disagreement_wake(&play.now), next;

        if (instant_is_none(wake) || wake.us > until.us || (wake.us == until.us && !including))
            return;
        play.cause = (struct cause){ .kind = CAUSE_INSTANT, .at = wake };
        decide_one();
        next = disagreement_wake(&play.now);
        require(instant_is_none(next) || next.us > wake.us, "time goes on from wake to wake");
        require(wakes < WAKES_MOST, "wakes are bounded");
    }
}

/* --- random events */

static void put(char *text, size_t size, const char *value)
{
    snprintf(text, size, "%s", value);
}

static struct instant random_instant(int64_t from_days, unsigned span_days)
{
    struct chance *chance = &play.chance;
    int64_t us =
        play.clock.us + from_days * DAY_US + (int64_t)chance_below(chance, span_days) * DAY_US;

    us -= us % DAY_US;
    /* Often at nine or five sharp, where limits end. */
    switch (chance_below(chance, 4)) {
    case 0:
        return (struct instant){ us + 9 * HOUR_US };
    case 1:
        return (struct instant){ us + 17 * HOUR_US };
    default:
        return (struct instant){ us + (int64_t)chance_below(chance, 86400) * SECOND_US };
    }
}

static void random_facts(struct event *event)
{
    static const char *const facts[][2] = {
        { "risk", "none" },          { "risk", "immediate" },      { "risk", "life_threatening" },
        { "urgent", "yes" },         { "urgent", "no" },           { "relates_to", "individual" },
        { "non_involvement", "no" }, { "non_involvement", "yes" },
    };

    event->fact_count = (uint8_t)chance_below(&play.chance, 3);
    for (unsigned i = 0; i < event->fact_count; i++) {
        unsigned which = chance_below(&play.chance, COUNT_OF(facts));

        put(event->facts[i].name, sizeof event->facts[i].name, facts[which][0]);
        put(event->facts[i].value, sizeof event->facts[i].value, facts[which][1]);
    }
}

static void random_person(struct event *event)
{
    struct event_person *person = &event->people[0];

    if (!chance_in(&play.chance, 4) && event->kind != EVENT_CONTACT_CHANGED)
        return;
    event->people_count = 1;
    put(person->agency, sizeof person->agency, agencies[chance_below(&play.chance, 3)]);
    put(person->role, sizeof person->role,
        random_roles[chance_below(&play.chance, RANDOM_ROLES)].id);
    if (chance_in(&play.chance, 2))
        put(person->person, sizeof person->person, people[chance_below(&play.chance, 7)].id);
    else
        put(person->email, sizeof person->email, "someone@care.example");
}

static const char *random_deadline_id(void)
{
    const struct procedure *procedure = play.view.procedure;

    return procedure->deadlines[chance_below(&play.chance, (unsigned)procedure->deadline_count)].id;
}

static void random_data(struct event *event)
{
    struct chance *chance = &play.chance;
    const struct procedure *procedure = play.view.procedure;

    if (chance_in(chance, 10))
        put(event->by.board, sizeof event->by.board, chance_in(chance, 5) ? "inland" : "coast");
    else if (!chance_in(chance, 10))
        put(event->by.agency, sizeof event->by.agency,
            agencies[chance_in(chance, 20) ? 3 : chance_below(chance, 3)]);
    if (!chance_in(chance, 10))
        put(event->stage, sizeof event->stage,
            procedure_stage_id(procedure,
                               (int)chance_below(chance, (unsigned)procedure->stage_count)));
    if (!chance_in(chance, 3))
        put(event->deadline, sizeof event->deadline, random_deadline_id());
    if (procedure->rule_count && chance_in(chance, 2))
        put(event->question, sizeof event->question,
            procedure->rules[chance_below(chance, (unsigned)procedure->rule_count)].id);
    else
        put(event->question, sizeof event->question, random_deadline_id());
    put(event->answer, sizeof event->answer, chance_in(chance, 2) ? "yes" : "no");
    put(event->agency, sizeof event->agency, agencies[chance_below(chance, 3)]);
    put(event->side, sizeof event->side, chance_in(chance, 4) ? "challenging" : "challenged");
    if (!chance_in(chance, 3))
        put(event->reason, sizeof event->reason, "invented");
    if (!chance_in(chance, 4))
        event->due = random_instant(-3, 30);
    if (chance_in(chance, 2))
        event->until = random_instant(0, 20);
    if (chance_in(chance, 2))
        event->date = random_instant(-10, 40);
    random_facts(event);
    random_person(event);
}

/* What moves things comes oftener than what only ends them. */
static const char *random_type(void)
{
    static const enum event_kind often[] = {
        EVENT_DEADLINE_SET,
        EVENT_DEADLINE_EXTENDED,
        EVENT_QUESTION_ANSWERED,
        EVENT_FOLLOWUP_DONE,
        EVENT_HOLD,
        EVENT_RELEASE,
        EVENT_STAGE_UNRESOLVED,
        EVENT_RISK_CHANGED,
        EVENT_FLAG_CHANGED,
        EVENT_DISCUSSION_HELD,
        EVENT_RESOLUTION_PROPOSED,
        EVENT_RESOLUTION_AGREED,
        EVENT_POSITION_CHANGED,
        EVENT_REOPENED,
    };
    struct chance *chance = &play.chance;

    if (chance_in(chance, 4))
        return random_events[chance_below(chance, 2)];
    if (chance_in(chance, 30))
        return "nobody.knows";
    if (chance_in(chance, 2))
        return event_name(often[chance_below(chance, COUNT_OF(often))]);
    return event_name((enum event_kind)(1 + (int)chance_below(chance, EVENT_KIND_COUNT - 1)));
}

static void make_event(const char *type, struct instant at)
{
    struct event *event = &play.event;

    memset(event, 0, sizeof *event);
    snprintf(event->type, sizeof event->type, "%s%s", EVENT_PREFIX, type);
    event->kind = event_kind_of(event->type);
    put(event->subject, sizeof event->subject, "D-1");
    put(event->board, sizeof event->board, "coast");
    put(event->procedure, sizeof event->procedure, "invented");
    event->time = event->received = at;
    event->due = event->until = event->date = INSTANT_NONE;
    random_data(event);
    if (event->kind != EVENT_DISAGREEMENT_RAISED && event->kind != EVENT_UNKNOWN)
        return;
    memset(&event->by, 0, sizeof event->by);
    put(event->by.agency, sizeof event->by.agency, "housing");
    put(event->challenging, sizeof event->challenging, "housing");
    event->challenged_count = (uint8_t)(1 + chance_below(&play.chance, 2));
    put(event->challenged[0], ID_MAX + 1, "care");
    put(event->challenged[1], ID_MAX + 1, chance_in(&play.chance, 8) ? "housing" : "ambulance");
    if (!chance_in(&play.chance, 4))
        event->stage[0] = '\0';
}

static void let_time_go_on(void)
{
    struct chance *chance = &play.chance;

    switch (chance_below(chance, 8)) {
    case 0:
        break; /* the same instant */
    case 1:
        play.clock.us += (int64_t)chance_below(chance, 3600) * SECOND_US;
        break;
    case 2: { /* exactly when something is due */
        struct instant wake = play.raised ? disagreement_wake(&play.now) : INSTANT_NONE;

        if (!instant_is_none(wake) && wake.us > play.clock.us)
            play.clock = wake;
        break;
    }
    case 3:
        play.clock.us += (int64_t)chance_below(chance, 20) * DAY_US;
        break;
    default:
        play.clock.us += (int64_t)chance_below(chance, 48 * 3600) * SECOND_US;
    }
}

static void give_event(const char *type)
{
    struct instant time = play.clock;

    if (chance_in(&play.chance, 10))
        time.us -= (int64_t)chance_below(&play.chance, 6 * 86400) * SECOND_US; /* a late one */
    make_event(type, time);
    go_on(time, false);
    play.cause = (struct cause){ .kind = CAUSE_EVENT, .event = &play.event };
    decide_one();
}

/* Until the raise nothing but what may come before it is taken. */
static void play_one(unsigned number)
{
    unsigned events = EVENTS_LEAST + chance_below(&play.chance, EVENTS_MORE);

    play.number = number;
    play.step = 0;
    play.raised = false;
    memset(&play.now, 0, sizeof play.now);
    disagreement_clear(&play.now);
    memset(play.passed, 0, sizeof play.passed);
    memset(play.rule_told, 0, sizeof play.rule_told);
    memset(play.rule_entry, 0, sizeof play.rule_entry);
    play.workshop.chance = &play.chance;
    play.view = fixture_view();
    play.view.procedure = random_procedure(&play.workshop);
    play.clock = fixture_at("2026-11-02 08:00");
    play.clock.us += (int64_t)chance_below(&play.chance, 200 * 86400) * SECOND_US;

    if (chance_in(&play.chance, 4))
        give_event("invented.meeting");
    for (unsigned i = 0; i < events; i++) {
        give_event(i == 0 ? "disagreement.raised" : random_type());
        let_time_go_on();
        /* Those due at an instant come after its events; the next event may be of it, too. */
        go_on(play.clock, false);
        if (chance_in(&play.chance, 50) && play.raised) {
            play.cause = (struct cause){ .kind = CAUSE_CALENDAR, .at = play.clock };
            decide_one();
        }
    }
    play.clock.us += 60 * DAY_US;
    go_on(play.clock, true);
}

static uint64_t number_in(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number = 0;

    for (; text && *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (uint64_t)(*text - '0');
    return number ? number : otherwise;
}

static void what_must_hold_holds(void **state)
{
    uint64_t seed = number_in("CONCERN_SEED", 20261121);
    unsigned plays = (unsigned)number_in("CONCERN_PLAYS", PLAYS);
    unsigned from = (unsigned)number_in("CONCERN_FROM", 0);

    (void)state;
    print_message("  CONCERN_SEED=%llu CONCERN_PLAYS=%u\n", (unsigned long long)seed, plays);
    fixture_make_calendar();
    /* Each procedure has its own chance, so that the one that fails can be played alone. */
    for (unsigned i = from; i < plays; i++) {
        play.chance.state = seed + i * UINT64_C(0x2545F4914F6CDD1D);
        play_one(i);
    }
    print_message("  %llu decisions, %llu passings, %llu notifications\n", play.decided,
                  play.passings, play.told);
    assert_true(play.passings > plays / 10);
    plan_close(&play.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_must_hold_holds) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
