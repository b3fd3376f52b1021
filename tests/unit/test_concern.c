/* test_concern.c - the functions of concern.h say what the samples say, and refuse what is wrong.
 */
#include "outbox_fixture.h"

#include "protocol/cloudevent.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <pthread.h>

enum { SAMPLES_LEAST = 34, THREADS = 4, EACH = 60 };

#define SAMPLES CONCERN_SOURCE_DIR "/protocol/samples"

/* What the plain functions cannot say, and concern_publish_json can. */
static const char *const json_only[] = { "unknown-type.json", "declared-before-raise.json" };

static struct concern *open_handle(struct concern_settings settings)
{
    struct concern *concern = NULL;

    if (concern_open(&settings, &concern) != CONCERN_OK)
        fail_msg("%s", concern_open_error());
    return concern;
}

static const char *text(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    if (json_is_boolean(value))
        return json_is_true(value) ? "yes" : "no";
    return json_string_value(value);
}

/* Rows of a party's people, in a pool that lives for one call. */
static struct concern_person people_pool[64];
static size_t people_used;

static struct concern_party party_of(const json_t *party)
{
    const json_t *people = json_object_get(party, "people");
    struct concern_party made = { .agency = text(party, "agency"),
                                  .people = people_pool + people_used };
    const char *role;
    json_t *who;

    json_object_foreach((json_t *)people, role, who)
    {
        people_pool[people_used++] = (struct concern_person){ .role = role,
                                                              .person = json_string_value(who),
                                                              .email = text(who, "email") };
        made.people_count++;
    }
    return made;
}

static int raise_of(struct concern *concern, const struct concern_about *about, const json_t *data)
{
    struct concern_party challenged[8];
    struct concern_fact facts[24];
    struct concern_disagreement raised = { .procedure = text(data, "procedure"),
                                           .board = text(data, "board"),
                                           .case_reference = text(data, "case"),
                                           .category = text(data, "category"),
                                           .challenged = challenged,
                                           .facts = facts,
                                           .stage = text(data, "stage"),
                                           .link = text(data, "link") };
    json_t *value;
    const char *name;
    size_t i;

    people_used = 0;
    raised.challenging = party_of(json_object_get(data, "challenging"));
    json_array_foreach(json_object_get(data, "challenged"), i, value)
        challenged[raised.challenged_count++] = party_of(value);
    json_object_foreach(json_object_get(data, "facts"), name, value) facts[raised.fact_count++] =
        (struct concern_fact){ name, text(json_object_get(data, "facts"), name) };
    return concern_raise(concern, about, &raised);
}

static int joined_of(struct concern *concern, const struct concern_about *about, const json_t *data)
{
    struct concern_party party;

    people_used = 0;
    party = party_of(data);
    return concern_tell_agency_joined(concern, about, &party, text(data, "side"),
                                      text(data, "reason"));
}

static int contact_of(struct concern *concern, const struct concern_about *about,
                      const json_t *data)
{
    const struct concern_person contact = { text(data, "role"), text(data, "person"),
                                            text(data, "email") };

    return concern_tell_contact_changed(concern, about, text(data, "agency"), &contact);
}

static int correction_of(struct concern *concern, const struct concern_about *about,
                         const json_t *data)
{
    const json_t *event = json_object_get(data, "event");
    char *json = json_is_object(event) ? json_dumps(event, 0) : NULL;
    int answer = concern_tell_correction(concern, about, text(data, "supersedes"), json);

    free(json);
    return answer;
}

static int acknowledged_of(struct concern *concern, const struct concern_about *about,
                           const json_t *data)
{
    return json_object_get(data, "token")
               ? concern_tell_acknowledged_link(concern, about, text(data, "token"))
               : concern_tell_acknowledged(concern, about, text(data, "notification"));
}

/* The functions whose arguments are members of the data, in their order. */
typedef int tell_0(struct concern *, const struct concern_about *);
typedef int tell_1(struct concern *, const struct concern_about *, const char *);
typedef int tell_2(struct concern *, const struct concern_about *, const char *, const char *);
typedef int tell_3(struct concern *, const struct concern_about *, const char *, const char *,
                   const char *);
typedef int tell_4(struct concern *, const struct concern_about *, const char *, const char *,
                   const char *, const char *);
typedef int tell_data(struct concern *, const struct concern_about *, const json_t *);

/* clang-format off */
static const struct {
    const char *type;
    tell_0 *tell_0; tell_1 *tell_1; tell_2 *tell_2; tell_3 *tell_3; tell_4 *tell_4;
    tell_data *tell_data;
    const char *members[4];
} rows[] = {
    { "disagreement.raised",   .tell_data = raise_of },
    { "agency.joined",         .tell_data = joined_of },
    { "contact.changed",       .tell_data = contact_of },
    { "correction",            .tell_data = correction_of },
    { "acknowledged",          .tell_data = acknowledged_of },
    { "discussion.held",       .tell_1 = concern_tell_discussion_held, .members = { "stage" } },
    { "stage.unresolved",      .tell_2 = concern_tell_stage_unresolved, .members = { "stage", "reason" } },
    { "stage.set",             .tell_2 = concern_tell_stage_set, .members = { "stage", "reason" } },
    { "escalation.intended",   .tell_0 = concern_tell_escalation_intended },
    { "deadline.set",          .tell_2 = concern_tell_deadline_set, .members = { "deadline", "due" } },
    { "deadline.extended",     .tell_3 = concern_tell_deadline_extended, .members = { "deadline", "due", "reason" } },
    { "manager.unresponsive",  .tell_2 = concern_tell_manager_unresponsive, .members = { "agency", "role" } },
    { "risk.changed",          .tell_1 = concern_tell_risk_changed, .members = { "risk" } },
    { "position.changed",      .tell_2 = concern_tell_position_changed, .members = { "agency", "non_involvement" } },
    { "flag.changed",          .tell_2 = concern_tell_flag_changed, .members = { "flag", "value" } },
    { "question.answered",     .tell_3 = concern_tell_question_answered, .members = { "question", "answer", "reason" } },
    { "advice.requested",      .tell_1 = concern_tell_advice_requested, .members = { "reference" } },
    { "liaison.requested",     .tell_1 = concern_tell_liaison_requested, .members = { "reference" } },
    { "case_review.referred",  .tell_1 = concern_tell_case_review_referred, .members = { "reference" } },
    { "external.referred",     .tell_1 = concern_tell_external_referred, .members = { "reference" } },
    { "complaint.raised",      .tell_1 = concern_tell_complaint_raised, .members = { "reference" } },
    { "learning.identified",   .tell_1 = concern_tell_learning_identified, .members = { "reference" } },
    { "case.closure_proposed", .tell_1 = concern_tell_case_closure_proposed, .members = { "reference" } },
    { "case.deescalated",      .tell_1 = concern_tell_case_deescalated, .members = { "reference" } },
    { "resolution.proposed",   .tell_4 = concern_tell_resolution_proposed, .members = { "outcome", "review", "wishes_considered", "reference" } },
    { "resolution.agreed",     .tell_0 = concern_tell_resolution_agreed },
    { "withdrawn",             .tell_1 = concern_tell_withdrawn, .members = { "reason" } },
    { "reopened",              .tell_1 = concern_tell_reopened, .members = { "reason" } },
    { "hold",                  .tell_2 = concern_tell_hold, .members = { "reason", "until" } },
    { "release",               .tell_1 = concern_tell_release, .members = { "reason" } },
    { "followup.done",         .tell_1 = concern_tell_followup_done, .members = { "deadline" } },
};
/* clang-format on */

static int tell(struct concern *concern, const struct concern_about *about, const char *type,
                const json_t *data)
{
    const char *values[4] = { NULL };
    size_t i = 0;

    while (i < COUNT_OF(rows) && strcmp(rows[i].type, event_short_type(type)) != 0)
        i++;
    if (i == COUNT_OF(rows))
        return concern_tell_declared(concern, about, type, text(data, "date"));
    for (size_t j = 0; j < COUNT_OF(values) && rows[i].members[j]; j++)
        values[j] = text(data, rows[i].members[j]);
    if (rows[i].tell_data)
        return rows[i].tell_data(concern, about, data);
    if (rows[i].tell_0)
        return rows[i].tell_0(concern, about);
    if (rows[i].tell_1)
        return rows[i].tell_1(concern, about, values[0]);
    if (rows[i].tell_2)
        return rows[i].tell_2(concern, about, values[0], values[1]);
    if (rows[i].tell_3)
        return rows[i].tell_3(concern, about, values[0], values[1], values[2]);
    return rows[i].tell_4(concern, about, values[0], values[1], values[2], values[3]);
}

/* What the daemon reads from both, but for the numbers, which are the outbox' own. */
static void assert_same_event(const char *name, const struct outbox_event *kept,
                              const json_t *sample)
{
    static struct event ours, theirs;
    struct event_reading reading;
    char *json = json_dumps(sample, 0);
    json_t *whole = json_loadb(kept->bytes, kept->size, 0, NULL);

    assert_int_equal(cloudevent_read(kept->bytes, kept->size, &ours, &reading), CLOUDEVENT_OK);
    assert_int_equal(cloudevent_read(json, strlen(json), &theirs, &reading), CLOUDEVENT_OK);
    assert_true(ours.has_sequence);
    ours.has_sequence = theirs.has_sequence = false;
    ours.sequence = theirs.sequence = 0;
    theirs.received = ours.received; /* for simulations only */
    memset(ours.seqepoch, 0, sizeof ours.seqepoch);
    memset(theirs.seqepoch, 0, sizeof theirs.seqepoch);
    if (memcmp(&ours, &theirs, sizeof ours) != 0)
        fail_msg("%s: %.*s", name, (int)kept->size, kept->bytes);
    if (ours.kind == EVENT_CORRECTION)
        assert_true(json_equal(json_object_get(json_object_get(whole, "data"), "event"),
                               json_object_get(json_object_get(sample, "data"), "event")));
    free(json);
    json_decref(whole);
}

static void says_a_sample(const char *name)
{
    struct concern *concern;
    struct concern_settings settings = fixture_settings();
    const struct outbox_settings outbox_settings = { .directory = fixture_outbox };
    struct outbox_repair repair;
    struct outbox_event event;
    struct outbox *outbox;
    char path[PATH_MAX], why[OUTBOX_WHY_SIZE];
    const json_t *data, *by;
    json_t *sample;

    snprintf(path, sizeof path, SAMPLES "/%s", name);
    sample = json_load_file(path, 0, NULL);
    data = json_object_get(sample, "data");
    by = json_object_get(data, "by");
    const struct concern_about about = { .subject = text(sample, "subject"),
                                         .time = text(sample, "time"),
                                         .id = text(sample, "id"),
                                         .source = text(sample, "source"),
                                         .board = text(sample, "board"),
                                         .by_agency = text(by ? by : sample, "agency"),
                                         .by_board = text(by, "board"),
                                         .by_role = text(by, "role"),
                                         .by_person = text(by, "person") };
    fixture_empty();
    concern = open_handle(settings);
    if (tell(concern, &about, text(sample, "type"), data) != CONCERN_OK)
        fail_msg("%s: %s", name, concern_error(concern));
    assert_string_equal(concern_last_id(concern), about.id);
    concern_close(&concern);
    assert_int_equal(outbox_open(&outbox_settings, &repair, why, &outbox), OUTBOX_OK);
    assert_int_equal(outbox_read(outbox, false, 0, &event), OUTBOX_OK);
    assert_same_event(name, &event, sample);
    outbox_close(&outbox);
    json_decref(sample);
}

static void says_what_the_samples_say(void **unused)
{
    DIR *folder = opendir(SAMPLES);
    struct dirent *entry;
    size_t count = 0;

    (void)unused;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        const char *end = strrchr(entry->d_name, '.');
        bool skip = !end || strcmp(end, ".json") != 0;

        for (size_t i = 0; i < COUNT_OF(json_only); i++)
            skip |= !strcmp(entry->d_name, json_only[i]);
        if (skip)
            continue;
        says_a_sample(entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= SAMPLES_LEAST);
}

/* Each names the member and what would be right, and keeps nothing. */
static void names_what_is_wrong(void **unused)
{
    static const struct {
        const char *subject, *time, *id, *by_agency;
        const char *reason;
        const char *words;
    } wrong[] = {
        { NULL, NULL, NULL, "a", "r", "subject is missing" },
        { "D 1", NULL, NULL, "a", "r", "subject is not as it must be" },
        { "D-1", "yesterday", NULL, "a", "r", "time is not as it must be (RFC 3339" },
        { "D-1", "2026-12-18T16:59:00", NULL, "a", "r", "time is not as it must be" },
        { "D-1", NULL, "an id", "a", "r", "id is not as it must be (1 to 64 of" },
        { "D-1", NULL, NULL, "an agency", "r", "data.by.agency" },
        { "D-1", NULL, NULL, "a", NULL, "data.reason is missing" },
        { "D-1", NULL, NULL, "a", "two\nlines", "data.reason" },
        { "D-1", NULL, NULL, "a", "no UTF-8 \xff", "data.reason" },
    };
    struct concern *concern;
    struct concern_counts counts;

    (void)unused;
    fixture_empty();
    concern = open_handle(fixture_settings());
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        const struct concern_about about = { .subject = wrong[i].subject,
                                             .time = wrong[i].time,
                                             .id = wrong[i].id,
                                             .by_agency = wrong[i].by_agency };

        assert_int_equal(concern_tell_withdrawn(concern, &about, wrong[i].reason), CONCERN_INVALID);
        if (!strstr(concern_error(concern), wrong[i].words))
            fail_msg("%s: %s", wrong[i].words, concern_error(concern));
    }
    concern_counts(concern, &counts);
    assert_int_equal(counts.waiting, 0);
    concern_close(&concern);
}

static void names_a_wrong_setting(void **unused)
{
    struct concern_settings good = fixture_settings();
    struct concern *concern = NULL;
    struct {
        struct concern_settings settings;
        const char *words;
    } wrong[] = { { good, "outbox is missing" },
                  { good, "endpoint is missing" },
                  { good, "endpoint: " },
                  { good, "key is missing" },
                  { good, "key: the file has no sec" },
                  { good, "server_key: /nonexistent" },
                  { good, "source is no source" },
                  { good, "client holds a letter" },
                  { good, "outbox: /nonexistent" } };

    (void)unused;
    fixture_empty();
    wrong[0].settings.outbox = NULL;
    wrong[1].settings.endpoint = "";
    wrong[2].settings.endpoint = "nonsense";
    wrong[3].settings.key = NULL;
    wrong[4].settings.key = good.server_key;
    wrong[5].settings.server_key = "/nonexistent";
    wrong[6].settings.source = "a source";
    wrong[7].settings.client = "\"";
    wrong[8].settings.outbox = "/nonexistent/outbox";
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_not_equal(concern_open(&wrong[i].settings, &concern), CONCERN_OK);
        assert_null(concern);
        if (!strstr(concern_open_error(), wrong[i].words))
            fail_msg("%s: %s", wrong[i].words, concern_open_error());
    }
    /* A program that was built when there were fewer settings. */
    assert_int_equal(concern_open_sized(&good, offsetof(struct concern_settings, client), &concern),
                     CONCERN_OK);
    assert_string_equal(concern_open_error(), "");
    concern_close(&concern);
    concern_close(&concern);
}

/* An event of 65,536 bytes is one too long once it has its number. */
static void is_not_larger_than_the_wire(void **unused)
{
    static char json[70000];
    struct concern *concern;
    char start[1024];
    size_t length;

    (void)unused;
    fixture_empty();
    concern = open_handle(fixture_settings());
    fixture_event(1, start);
    length = strlen(start) - 1;
    memset(json, ' ', sizeof json);
    memcpy(json, start, length);
    /* Blanks go when it is numbered: only what stands for itself is counted. */
    json[65535] = '}';
    assert_int_equal(concern_publish_json(concern, json, 65536), CONCERN_OK);
    json[65535] = ' ';
    json[65536] = '}';
    assert_int_equal(concern_publish_json(concern, json, 65537), CONCERN_INVALID);
    fixture_event(2, start);
    snprintf(json, sizeof json, "%.*s,\"extra\":\"", (int)strlen(start) - 1, start);
    length = strlen(json);
    memset(json + length, 'x', 65536 - length - 2);
    snprintf(json + 65534, 3, "\"}");
    assert_int_equal(concern_publish_json(concern, json, 65536), CONCERN_INVALID);
    assert_non_null(strstr(concern_error(concern), "with its sequence number"));
    concern_close(&concern);
}

/* Between begin and commit: all or, when it is not committed, nothing. */
static void many_are_all_or_nothing(void **unused)
{
    struct concern_settings settings = fixture_settings();
    struct concern_counts counts;
    struct concern *concern;

    (void)unused;
    fixture_empty();
    settings.events_max = 20;
    concern = open_handle(settings);
    assert_int_equal(concern_begin(concern), CONCERN_OK);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(fixture_publish(concern, i), CONCERN_OK);
    assert_int_equal(concern_wait(concern, 0), -EBUSY);
    concern_close(&concern);
    concern = open_handle(settings);
    concern_counts(concern, &counts);
    assert_int_equal(counts.waiting, 0);

    assert_int_equal(concern_begin(concern), CONCERN_OK);
    for (unsigned i = 0; i < 25; i++)
        assert_int_equal(fixture_publish(concern, i), i < 20 ? CONCERN_OK : CONCERN_FULL);
    assert_int_equal(concern_commit(concern), CONCERN_OK);
    concern_close(&concern);
    concern = open_handle(settings);
    concern_counts(concern, &counts);
    assert_int_equal(counts.waiting, 20);
    assert_int_equal(concern_flush(concern, 1), CONCERN_TIME_OUT);
    concern_close(&concern);
}

/* Handles share nothing: each thread has its own, and opens and closes it as it likes. */
static void *keep_in_a_thread(void *context)
{
    struct concern_settings settings = fixture_settings();
    struct concern_counts counts;
    intptr_t result = 0;

    settings.outbox = context;
    for (unsigned i = 0; i < EACH; i++) {
        struct concern *concern = NULL;

        if (i % 10 == 0 && concern_open(&settings, &concern) != CONCERN_OK)
            return (void *)1;
        for (; concern && i % 10 < 9; i++)
            result |= fixture_publish(concern, i) != CONCERN_OK;
        if (!concern)
            continue;
        result |= fixture_publish(concern, i) != CONCERN_OK;
        concern_wait(concern, 1);
        concern_counts(concern, &counts);
        result |= counts.waiting != i + 1;
        concern_close(&concern);
    }
    return (void *)result;
}

static void handles_are_independent(void **unused)
{
    char places[THREADS][160];
    pthread_t threads[THREADS];
    void *result;

    (void)unused;
    fixture_empty();
    assert_int_equal(mkdir(fixture_outbox, 0700), 0);
    fixture_settings(); /* its buffers are shared, and filled with the same */
    for (size_t i = 0; i < THREADS; i++) {
        snprintf(places[i], sizeof places[i], "%s/%zu", fixture_outbox, i);
        assert_int_equal(pthread_create(&threads[i], NULL, keep_in_a_thread, places[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        char path[200];

        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_null(result);
        snprintf(path, sizeof path, "%s/" OUTBOX_DATABASE, places[i]);
        unlink(path);
        rmdir(places[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_samples_say), cmocka_unit_test(names_what_is_wrong),
        cmocka_unit_test(names_a_wrong_setting),     cmocka_unit_test(is_not_larger_than_the_wire),
        cmocka_unit_test(many_are_all_or_nothing),   cmocka_unit_test(handles_are_independent),
    };

    return cmocka_run_group_tests(tests, fixture_make, fixture_remove);
}
