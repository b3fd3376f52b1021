/* test_engine_gather.c - a digest a day, and a flood that reaches nobody as one: nothing is lost.
 *
 * Engine and store are real, the clock is simulated; in some tests they are stopped and started
 * at every step, in one the disk fails at every write of the turn that makes the digest.
 */
#include "engine_bench.h"

#include "core/gather.h"
#include "fault_vfs.h"
#include "io/record.h"
#include "io/store_gather.h"

/* The manager of housing and the board's team have a digest; the manager of care has not. */
#define DIRECTORY(manager, ordinary, people)                                                       \
    "agencies:\n"                                                                                  \
    "  housing:\n"                                                                                 \
    "    name: Invented Housing\n"                                                                 \
    "    kind: statutory\n"                                                                        \
    "    roles: {line_manager: {holder: " manager ", deputy: h.deputy},\n"                         \
    "      head_of_service: {holder: h.head}, strategic_head: {holder: h.head},\n"                 \
    "      practitioner: {holder: h.worker}}\n"                                                    \
    "  care:\n"                                                                                    \
    "    name: Invented Care\n"                                                                    \
    "    kind: statutory\n"                                                                        \
    "    systems: [care-system]\n"                                                                 \
    "    roles: {line_manager: {holder: c.manager}, head_of_service: {holder: c.head},\n"          \
    "      strategic_head: {holder: c.head}, practitioner: {holder: c.worker}}\n"                  \
    "boards:\n"                                                                                    \
    "  board:\n"                                                                                   \
    "    name: Invented Board\n"                                                                   \
    "    procedures: [plcsab-adults]\n"                                                            \
    "    roles: {board_team: {holder: unit}}\n"                                                    \
    "people:\n" people "  h.deputy: {name: D, routes: [\"email:deputy@h.example\"]}\n"             \
    "  h.head: {name: H, routes: [\"email:head@h.example\"]}\n"                                    \
    "  h.worker: {name: W, routes: [\"email:worker@h.example\"]}\n"                                \
    "  c.manager: {name: C, routes: [\"email:manager@c.example\"]}\n"                              \
    "  c.head: {name: S, routes: [\"teams:channel\"]}\n"                                           \
    "  c.worker: {name: P, routes: [\"email:worker@c.example\"]}\n"                                \
    "  unit: {name: U, routes: [\"email:unit@board.example\"], ordinary: " ordinary "}\n"          \
    "endpoints:\n"                                                                                 \
    "  care-system: {kind: webhook, url: \"https://las.c.example/\", secret: care}\n"              \
    "  channel: {kind: teams, secret: care}\n"                                                     \
    "operator: [\"email:operator@board.example\"]\n"

#define MANAGER(more)                                                                              \
    "  h.manager: {name: M, routes: [\"email:one@h.example\", \"email:two@h.example\"]" more "}\n"

static const char daily[] =
    DIRECTORY("h.manager", "daily 09:00", MANAGER(", ordinary: daily 09:00"));

/* --- what goes out */

enum { LOG_MAX = 600 };

struct mail {
    char recipient[ADDRESS_MAX + 1];
    char id[DELIVERY_ID_SIZE];
    char *text;
    struct instant at;
};

static struct {
    struct mail mails[LOG_MAX];
    size_t count;
    size_t webhooks;
    struct outcome outcomes[64];
    size_t outcome_count;
    const char *refuses[4]; /* addresses that are busy ... */
    bool for_good;          /* ... or take nothing, ever */
    bool restart;           /* engine and store, after every turn */
} out;

static void forget(void)
{
    for (size_t i = 0; i < out.count; i++)
        free(out.mails[i].text);
    memset(&out, 0, sizeof out);
}

static bool is_busy(const char *recipient)
{
    for (size_t i = 0; i < COUNT_OF(out.refuses) && out.refuses[i]; i++)
        if (strcmp(out.refuses[i], recipient) == 0)
            return true;
    return false;
}

static bool carry(void *context, const struct delivery *delivery)
{
    struct bench *bench = context;
    bool busy = is_busy(delivery->recipient);
    struct outcome *outcome = &out.outcomes[out.outcome_count];

    if (out.outcome_count == COUNT_OF(out.outcomes))
        return false;
    out.outcome_count++;
    *outcome = (struct outcome){ .attempt = delivery->attempt,
                                 .route = delivery->route,
                                 .outcome = !busy          ? DELIVERY_DONE
                                            : out.for_good ? DELIVERY_REFUSED
                                                           : DELIVERY_LATER,
                                 .code = !busy          ? 250
                                         : out.for_good ? 550
                                                        : 451 };
    snprintf(outcome->id, sizeof outcome->id, "%s", delivery->id);
    out.webhooks += delivery->route == ROUTE_WEBHOOK;
    if (busy || delivery->route == ROUTE_WEBHOOK)
        return true;
    assert_true(out.count < LOG_MAX);
    snprintf(out.mails[out.count].recipient, ADDRESS_MAX + 1, "%s", delivery->recipient);
    snprintf(out.mails[out.count].id, DELIVERY_ID_SIZE, "%s", delivery->id);
    out.mails[out.count].text = strndup(delivery->bytes, delivery->size);
    out.mails[out.count++].at = bench->now;
    return true;
}

static void start_again(struct bench *bench)
{
    bench_stop(bench);
    assert_int_equal(bench_start(bench), STORE_OK);
}

static void deliver(struct bench *bench)
{
    do {
        out.outcome_count = 0;
        assert_int_equal(engine_hand_out(bench->engine, bench->now, carry, bench), 0);
        if (out.outcome_count == 0)
            break;
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        for (size_t i = 0; i < out.outcome_count; i++)
            assert_int_equal(engine_note(bench->engine, &out.outcomes[i]), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
    } while (out.outcome_count > 0);
    if (out.restart)
        start_again(bench);
}

static void pass(struct bench *bench)
{
    bool more;

    if (out.restart) { /* a turn that is lost before its commit leaves nothing */
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_pass(bench->engine, &more), 0);
        start_again(bench);
    }
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_pass(bench->engine, &more), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static void go_on(struct bench *bench, const char *until)
{
    struct instant wake;

    deliver(bench);
    for (;;) {
        assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
        if (instant_is_none(wake) || wake.us > bench_at(until).us)
            break;
        if (wake.us > bench->now.us)
            bench->now = wake;
        pass(bench);
    }
    bench->now = bench_at(until);
}

static void take(struct bench *bench, const char *type, const char *subject, const char *data)
{
    char json[2048], time[ZONE_TIME_SIZE];
    struct engine_input input = { .bytes = json, .received = bench->now };

    instant_write_utc(bench->now, time);
    snprintf(json, sizeof json,
             "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"urn:invented:las\",\"type\":"
             "\"concernd.%s\",\"subject\":\"%s\",\"time\":\"%s\",\"datacontenttype\":"
             "\"application/json\",\"data\":%s}",
             ++bench->number, type, subject, time, data);
    input.size = strlen(json);
    assert_int_equal(engine_take(bench->engine, &input, &bench->reply), ENGINE_TAKEN);
}

static const char raised[] = "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":"
                             "\"housing\"},\"challenged\":[{\"agency\":\"care\"}],"
                             "\"facts\":{\"relates_to\":\"individual\"}}";

static void give(struct bench *bench, const char *type, const char *subject, const char *data)
{
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    take(bench, type, subject, data);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

static void open_and_raise(struct bench *bench, const char *directory)
{
    /* Tuesday, at ten in the morning. */
    bench_open(bench, directory, "2027-02-09T10:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    give(bench, "disagreement.raised", "D2", raised);
    give(bench, "disagreement.raised", "D3", raised);
}

static void reload(struct bench *bench, const char *directory)
{
    struct policy *before = bench->policy;

    bench_write(bench, "directory.yaml", directory);
    bench->policy = bench_load(bench);
    engine_set_policy(bench->engine, bench->policy);
    policy_close(&before);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_recompute(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
}

/* --- what came */

static size_t took(const char *recipient)
{
    size_t count = 0;

    for (size_t i = 0; i < out.count; i++)
        count += strcmp(out.mails[i].recipient, recipient) == 0;
    return count;
}

static const struct mail *last_to(const char *recipient)
{
    const struct mail *last = NULL;

    for (size_t i = 0; i < out.count; i++)
        if (strcmp(out.mails[i].recipient, recipient) == 0)
            last = &out.mails[i];
    if (!last)
        fail_msg("%s took nothing", recipient);
    return last;
}

static void assert_digest_of_three(const char *recipient, const char *at)
{
    const struct mail *mail = last_to(recipient);

    assert_int_equal(took(recipient), 1);
    assert_int_equal(mail->at.us, bench_at(at).us);
    assert_non_null(strstr(mail->text, "Subject: [Digest] 3 notifications of Invented Board\r\n"));
    assert_non_null(strstr(mail->text, "- D1\r\n- D2\r\n- D3\r\n"));
}

static size_t in_state(struct bench *bench, enum outbox_state state)
{
    struct store_counts counts;

    assert_int_equal(store_count(bench->store, &counts), 0);
    return counts.outbox[state];
}

struct gathered {
    const char *id;
    size_t count;
};

static bool count_gathered(void *context, const struct record_line *line)
{
    struct gathered *gathered = context;

    gathered->count += strcmp(line->type, "gathered") == 0 && strstr(line->payload, gathered->id);
    return true;
}

/* Each disagreement's history names the digest, and so does the store. */
static void assert_settled_by(struct bench *bench, const char *id)
{
    static const char *const references[] = { "D1", "D2", "D3" };

    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 3);
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        struct gathered gathered = { .id = id };

        assert_int_equal(
            record_history(bench->store, "board", references[i], count_gathered, &gathered), 0);
        assert_int_equal(gathered.count, 1);
    }
}

/* --- the daily digest */

static void check_daily(struct bench *bench)
{
    open_and_raise(bench, daily);
    assert_int_equal(took("manager@c.example"), 3);
    assert_int_equal(took("one@h.example"), 0);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 3);
    go_on(bench, "2027-02-10T08:59:59Z");
    assert_int_equal(took("one@h.example"), 0);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("one@h.example", "2027-02-10T09:00:00Z");
    assert_settled_by(bench, last_to("one@h.example")->id);
    assert_non_null(strstr(last_to("one@h.example")->text, "Stage 1 begins"));
    assert_non_null(strstr(last_to("one@h.example")->text, "Answer by 17:00 on Tuesday 16"));
    assert_null(strstr(last_to("one@h.example")->text, "text/calendar"));
    /* Nothing comes twice, and nobody else was told of it; each system has each. */
    assert_int_equal(took("deputy@h.example") + took("two@h.example"), 0);
    assert_int_equal(took("manager@c.example"), 3);
    assert_int_equal(out.webhooks, 3);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

static void gathers_for_the_day(void **state)
{
    forget();
    check_daily(*state);
}

static void restarts_and_lost_turns_change_nothing(void **state)
{
    forget();
    out.restart = true;
    check_daily(*state);
}

static void one_alone_goes_as_it_is(void **state)
{
    struct bench *bench = *state;

    forget();
    bench_open(bench, daily, "2027-02-09T10:00:00Z");
    give(bench, "disagreement.raised", "D1", raised);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example"), 1);
    assert_int_equal(last_to("one@h.example")->at.us, bench_at("2027-02-10T09:00:00Z").us);
    assert_non_null(strstr(last_to("one@h.example")->text, "Subject: [Action] Stage 1 begins"));
    assert_non_null(strstr(last_to("one@h.example")->text, "text/calendar"));
    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 0);
}

static void urgent_ones_never_wait(void **state)
{
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    give(bench, "risk.changed", "D2", "{\"risk\":\"life_threatening\"}");
    assert_int_equal(took("one@h.example"), 1);
    assert_non_null(strstr(last_to("one@h.example")->text, "IMMEDIATE"));
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_int_equal(took("one@h.example"), 2);
    assert_non_null(strstr(last_to("one@h.example")->text, "[Digest] 3 notifications"));
}

static void one_late_for_its_digest_goes_at_once(void **state)
{
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    /* The daemon is down from eight to eleven. */
    bench->now = bench_at("2027-02-10T11:00:00Z");
    start_again(bench);
    pass(bench);
    assert_digest_of_three("one@h.example", "2027-02-10T11:00:00Z");
}

/* --- the directory changes */

static void goes_at_once_where_nothing_is_to_wait(void **state)
{
    static const char at_once[] = DIRECTORY("h.manager", "at once", MANAGER(""));
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, at_once);
    assert_digest_of_three("one@h.example", "2027-02-09T15:00:00Z");
}

static void goes_by_the_new_time(void **state)
{
    static const char later[] =
        DIRECTORY("h.manager", "at once", MANAGER(", ordinary: daily 18:30"));
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, later);
    assert_int_equal(took("one@h.example"), 0);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("one@h.example", "2027-02-09T18:30:00Z");
}

static void goes_to_whoever_holds_the_role_now(void **state)
{
    static const char other[] =
        DIRECTORY("h.new", "at once", "  h.new: {name: N, routes: [\"email:new@h.example\"]}\n");
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, other);
    assert_digest_of_three("new@h.example", "2027-02-09T15:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
    assert_settled_by(bench, last_to("new@h.example")->id);
    assert_non_null(strstr(last_to("new@h.example")->text, "in the place of somebody"));
}

static void goes_to_the_deputy_of_who_is_away(void **state)
{
    static const char away[] = DIRECTORY(
        "h.manager", "at once", MANAGER(", ordinary: daily 09:00, away: {until: 2027-02-20}"));
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, away);
    assert_digest_of_three("deputy@h.example", "2027-02-09T15:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
}

static void goes_to_the_address_he_has_now(void **state)
{
    static const char moved[] = DIRECTORY(
        "h.manager", "at once",
        "  h.manager: {name: M, routes: [\"email:moved@h.example\"], ordinary: daily 09:00}\n");
    struct bench *bench = *state;

    forget();
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-09T15:00:00Z");
    reload(bench, moved);
    assert_digest_of_three("moved@h.example", "2027-02-09T15:00:00Z");
    assert_int_equal(took("one@h.example"), 0);
}

/* --- nobody accepts it */

static void check_ladder(struct bench *bench)
{
    const char *id;
    struct store_counts counts;

    open_and_raise(bench, daily);
    out.refuses[0] = "one@h.example";
    out.refuses[1] = "two@h.example";
    go_on(bench, "2027-02-10T09:19:59Z");
    assert_int_equal(took("deputy@h.example"), 0);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("deputy@h.example", "2027-02-10T09:20:00Z");
    assert_non_null(strstr(last_to("deputy@h.example")->text, "SENT BY ANOTHER WAY AS WELL"));
    assert_int_equal(store_count(bench->store, &counts), 0);
    assert_int_equal(counts.undelivered, 0);
    id = last_to("deputy@h.example")->id;
    assert_int_not_equal(strlen(id), 0);
    assert_int_equal(in_state(bench, OUTBOX_GATHERED), 3);
}

static void goes_by_the_next_route_then_to_the_deputy(void **state)
{
    forget();
    check_ladder(*state);
}

static void so_it_does_over_restarts(void **state)
{
    forget();
    out.restart = true;
    check_ladder(*state);
}

static void people_are_told_where_nobody_accepts_it(void **state)
{
    struct bench *bench = *state;
    struct store_counts counts;

    forget();
    open_and_raise(bench, daily);
    out.refuses[0] = "one@h.example";
    out.refuses[1] = "two@h.example";
    out.refuses[2] = "deputy@h.example";
    go_on(bench, "2027-02-10T09:45:00Z");
    assert_int_equal(store_count(bench->store, &counts), 0);
    assert_int_equal(counts.undelivered, 1);
    assert_int_equal(counts.unheard, 0);
    assert_non_null(
        strstr(last_to("unit@board.example")->text, "- 3 notifications in one message"));
    assert_non_null(
        strstr(last_to("operator@board.example")->text, "- 3 notifications in one message"));
}

static void is_sent_again_for_any_of_its_references(void **state)
{
    struct bench *bench = *state;
    struct engine_redrive redrive = { .board = "board", .reference = "D2", .by = "somebody" };

    forget();
    open_and_raise(bench, daily);
    out.refuses[0] = "one@h.example";
    out.refuses[1] = "two@h.example";
    out.refuses[2] = "deputy@h.example";
    out.for_good = true;
    go_on(bench, "2027-02-10T09:45:00Z");
    assert_int_equal(took("one@h.example"), 0);
    out.refuses[0] = NULL;
    bench->now = bench_at("2027-02-10T10:00:00Z");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_redrive(bench->engine, &redrive), 0);
    assert_true(redrive.count > 0);
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    assert_digest_of_three("one@h.example", "2027-02-10T10:00:00Z");
}

/* --- the disk fails at every write of the turn that makes it */

static int with_breaking_disk(void **state)
{
    int answer = bench_begin(state);

    ((struct bench *)*state)->vfs = "fault";
    return answer;
}

static bool breaks_at(struct bench *bench, long operation)
{
    bool more, broke;

    forget();
    bench_forget(bench);
    bench->say_count = 0;
    fault.at = 0;
    open_and_raise(bench, daily);
    bench->now = bench_at("2027-02-10T09:00:00Z");
    fault.count = fault.failed = 0;
    fault.at = operation;
    if (engine_begin(bench->engine, bench->now) == 0 && engine_pass(bench->engine, &more) == 0)
        (void)engine_commit(bench->engine);
    broke = fault.failed > 0;
    fault.at = 0;
    start_again(bench);
    go_on(bench, "2027-02-10T12:00:00Z");
    assert_digest_of_three("one@h.example", "2027-02-10T09:00:00Z");
    assert_settled_by(bench, last_to("one@h.example")->id);
    bench_stop(bench);
    policy_close(&bench->policy);
    return broke;
}

/* Every third write, another third for each kind of failure; CONCERN_LONG: every one in every way.
 */
static void a_power_cut_leaves_one_digest(void **state)
{
    const long stride = getenv("CONCERN_LONG") ? 1 : 3;
    long operation = 1;

    for (int kind = FAULT_BEFORE; kind <= FAULT_HALF; kind++) {
        fault.kind = (enum fault_kind)kind;
        operation = stride == 1 ? 1 : 1 + kind - FAULT_BEFORE;
        while (breaks_at(*state, operation))
            operation += stride;
        assert_true(operation > 3);
    }
    print_message("    about %ld writes, each %ld.\n", operation - 1, stride);
}

/* --- a flood */

enum { FLOOD = 10000, TURN = 200 };

static uint8_t told[FLOOD];

/* Every reference in a message's list, in one of all messages to him. */
static size_t count_references(const char *recipient, const char *line)
{
    size_t messages = 0, length = strlen(line);

    memset(told, 0, sizeof told);
    for (size_t i = 0; i < out.count; i++) {
        if (strcmp(out.mails[i].recipient, recipient) != 0)
            continue;
        messages++;
        for (const char *at = out.mails[i].text; (at = strstr(at, line)); at++) {
            unsigned long number = strtoul(at + length, NULL, 10);

            assert_true(number < FLOOD);
            assert_int_equal(told[number], 0);
            told[number] = 1;
        }
    }
    for (size_t i = 0; i < FLOOD; i++)
        if (!told[i])
            fail_msg("%s was not told of F%05zu", recipient, i);
    print_message("    %s: %d notifications in %zu messages\n", recipient, FLOOD, messages);
    return messages;
}

static void raise_all(struct bench *bench)
{
    char reference[16];

    for (unsigned i = 0; i < FLOOD; i += TURN) {
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        for (unsigned j = i; j < i + TURN; j++) {
            snprintf(reference, sizeof reference, "F%05u", j);
            take(bench, "disagreement.raised", reference, raised);
        }
        assert_int_equal(engine_commit(bench->engine), 0);
        bench->now.us += 10000; /* all within half a second */
    }
}

/* One person manages for everybody, one channel is every head's. */
static const char few_people[] =
    "agencies:\n"
    "  housing: {name: Invented Housing, kind: statutory, roles: {line_manager: {holder: one},\n"
    "    head_of_service: {holder: head}, strategic_head: {holder: head},\n"
    "    practitioner: {holder: one}}}\n"
    "  care: {name: Invented Care, kind: statutory, roles: {line_manager: {holder: one},\n"
    "    head_of_service: {holder: head}, strategic_head: {holder: head},\n"
    "    practitioner: {holder: one}}}\n"
    "boards:\n"
    "  board: {name: Invented Board, procedures: [plcsab-adults],\n"
    "    roles: {board_team: {holder: one}}}\n"
    "people:\n"
    "  one: {name: O, routes: [\"email:one@h.example\"]}\n"
    "  head: {name: H, routes: [\"teams:channel\"]}\n"
    "endpoints:\n"
    "  channel: {kind: teams, secret: care}\n"
    "operator: [\"email:operator@board.example\"]\n";

/* Ten thousand deadlines pass in one second, after a restart. */
static void ten_thousand_in_one_second(void **state)
{
    struct bench *bench = *state;

    forget();
    bench->deaf = bench->mute = true;
    bench_open(bench, few_people, "2027-02-09T10:00:00Z");
    raise_all(bench);
    go_on(bench, "2027-02-16T16:59:59Z");
    bench->mute = false;
    start_again(bench);
    go_on(bench, "2027-02-16T17:02:00Z");
    assert_true(count_references("one@h.example", "\r\n- F") <= FLOOD / 1000);
    assert_true(count_references("channel", "\\n- F") <= FLOOD / 200);
    assert_int_equal(took("operator@board.example"), 0);
    assert_int_equal(in_state(bench, OUTBOX_QUEUED), 0);
}

static void a_few_come_one_by_one(void **state)
{
    static const char at_once[] = DIRECTORY("h.manager", "at once", MANAGER(""));
    struct bench *bench = *state;
    char reference[16];

    forget();
    bench_open(bench, at_once, "2027-02-09T10:00:00Z");
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    for (unsigned i = 0; i < GATHER_ALONE_MAX; i++) {
        snprintf(reference, sizeof reference, "D%u", i);
        take(bench, "disagreement.raised", reference, raised);
    }
    assert_int_equal(engine_commit(bench->engine), 0);
    deliver(bench);
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX);
    assert_int_equal(took("manager@c.example"), GATHER_ALONE_MAX);
    /* Two more in the same half minute wait for its end; later all is as ever. */
    give(bench, "disagreement.raised", "E1", raised);
    give(bench, "disagreement.raised", "E2", raised);
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX);
    go_on(bench, "2027-02-09T10:00:30Z");
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX + 1);
    assert_non_null(strstr(last_to("one@h.example")->text, "[Digest] 2 notifications"));
    go_on(bench, "2027-02-09T10:05:00Z");
    give(bench, "disagreement.raised", "E3", raised);
    assert_int_equal(took("one@h.example"), GATHER_ALONE_MAX + 2);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)
    const struct CMUnitTest tests[] = {
        ROW(gathers_for_the_day),
        ROW(restarts_and_lost_turns_change_nothing),
        ROW(one_alone_goes_as_it_is),
        ROW(urgent_ones_never_wait),
        ROW(one_late_for_its_digest_goes_at_once),
        ROW(goes_at_once_where_nothing_is_to_wait),
        ROW(goes_by_the_new_time),
        ROW(goes_to_whoever_holds_the_role_now),
        ROW(goes_to_the_deputy_of_who_is_away),
        ROW(goes_to_the_address_he_has_now),
        ROW(goes_by_the_next_route_then_to_the_deputy),
        ROW(so_it_does_over_restarts),
        ROW(people_are_told_where_nobody_accepts_it),
        ROW(is_sent_again_for_any_of_its_references),
        ROW(a_few_come_one_by_one),
        ROW(ten_thousand_in_one_second),
        cmocka_unit_test_setup_teardown(a_power_cut_leaves_one_digest, with_breaking_disk,
                                        bench_end),
    };

    fault_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
