/* test_cloudevent.c - every sample, good and bad, and where what an event says goes. */
#include "cloudevent_bench.h"

#include <dirent.h>
#include <errno.h>

#define SAMPLES CONCERN_SOURCE_DIR "/protocol/samples"

static char *read_file(const char *folder, const char *name, size_t *size)
{
    char path[1024];
    FILE *file;
    char *bytes = malloc(100000);

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 100000, file);
    fclose(file);
    return bytes;
}

static struct instant instant(const char *text)
{
    struct instant at = INSTANT_NONE;

    assert_int_equal(instant_read(text, NULL, &at), INSTANT_OK);
    return at;
}

static bool is_sample(const char *name)
{
    size_t length = strlen(name);

    return length > 5 && !strcmp(name + length - 5, ".json");
}

static void reads_every_good_sample(void **state)
{
    static struct event corrected;
    bool seen[EVENT_KIND_COUNT] = { false };
    DIR *folder = opendir(SAMPLES);
    struct dirent *entry;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        size_t size;
        char *bytes;
        bool inside;

        if (!is_sample(entry->d_name))
            continue;
        print_message("  %s\n", entry->d_name);
        bytes = read_file(SAMPLES, entry->d_name, &size);
        if (cloudevent_read(bytes, size, &event, &reading) != CLOUDEVENT_OK)
            fail_msg("%s: %s %s", entry->d_name, reading.code, reading.why);
        seen[event.kind] = true;
        if (event.kind != EVENT_UNKNOWN)
            assert_int_equal(
                strncmp(entry->d_name, event_name(event.kind), strlen(event_name(event.kind))), 0);
        assert_int_equal(reading.ignored_type, event.kind == EVENT_UNKNOWN);
        assert_int_equal(reading.dropped_total, 0);
        inside = reading.has_corrected;
        if (inside)
            assert_int_equal(cloudevent_read_corrected(bytes, size, &corrected, &reading),
                             CLOUDEVENT_OK);
        comes_back(inside ? &corrected : NULL);
        free(bytes);
    }
    closedir(folder);
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
        if (!seen[kind])
            fail_msg("no sample of %s", event_name((enum event_kind)kind));
}

static void refuses_every_bad_sample(void **state)
{
    DIR *folder = opendir(SAMPLES "/bad");
    struct dirent *entry;
    int count = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        size_t size;
        char *bytes;
        char code[6];

        if (!is_sample(entry->d_name))
            continue;
        count++;
        snprintf(code, sizeof code, "%.5s", entry->d_name);
        bytes = read_file(SAMPLES "/bad", entry->d_name, &size);
        if (cloudevent_read(bytes, size, &event, &reading) != CLOUDEVENT_REFUSED)
            fail_msg("%s is let in", entry->d_name);
        print_message("  %s: %s %s\n", entry->d_name, reading.code, reading.why);
        assert_string_equal(reading.code, code);
        assert_true(strlen(reading.why) > 10);
        for (const char *at = reading.why; *at; at++)
            if (*at < ' ')
                fail_msg("%s: the reason holds a control character", entry->d_name);
        free(bytes);
    }
    closedir(folder);
    assert_true(count > 100);
}

static void reads_what_a_raise_says(void **state)
{
    size_t size;
    char *bytes = read_file(SAMPLES, "disagreement.raised.json", &size);

    (void)state;
    assert_int_equal(cloudevent_read(bytes, size, &event, &reading), CLOUDEVENT_OK);
    free(bytes);
    assert_int_equal(event.kind, EVENT_DISAGREEMENT_RAISED);
    assert_string_equal(event.source, "urn:northtown:las");
    assert_string_equal(event.subject, "D-2026-0192");
    assert_string_equal(event.board, "plcsab");
    assert_string_equal(event.procedure, "plcsab-adults");
    assert_string_equal(event.case_reference, "7F3K-0192");
    assert_string_equal(event.category, "threshold");
    assert_string_equal(event.link, "https://las.northtown.example/r/7F3K-0192");
    assert_string_equal(event.stage, "stage-1");
    assert_true(event.time.us ==
                INT64_C(1797613140) * SECOND_US); /* date -d 2026-12-18T16:59Z +%s */
    assert_true(instant_is_none(event.received));
    assert_true(event.has_sequence);
    assert_int_equal(event.sequence, 42);
    assert_string_equal(event.seqepoch, "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10");
    assert_string_equal(event.by.agency, "northtown-housing");
    assert_string_equal(event.by.person, "a.khan");
    assert_string_equal(event.challenging, "northtown-housing");
    assert_int_equal(event.challenged_count, 1);
    assert_string_equal(event.challenged[0], "northtown-asc");
    assert_int_equal(event.people_count, 2);
    assert_string_equal(event.people[0].agency, "northtown-asc");
    assert_string_equal(event.people[0].role, "practitioner");
    assert_string_equal(event.people[0].email, "duty.desk@asc.northtown.example");
    assert_string_equal(event.people[0].person, "");
    assert_string_equal(event.people[1].agency, "northtown-housing");
    assert_string_equal(event.people[1].person, "a.khan");
    assert_int_equal(event.fact_count, 3);
    assert_string_equal(event.facts[0].name, "relates_to");
    assert_string_equal(event.facts[0].value, "individual");
    assert_string_equal(event.facts[1].name, "risk");
    assert_string_equal(event.facts[1].value, "significant");
    assert_string_equal(event.facts[2].name, "urgent");
    assert_string_equal(event.facts[2].value, "no");
}

static void knows_where_each_member_goes(void **state)
{
    static const struct {
        const char *type, *data;
        size_t offset; /* of a text */
        const char *expected;
    } rows[] = {
        { "acknowledged", "{\"notification\":\"n-1\"," BY "}", offsetof(struct event, notification),
          "n-1" },
        { "acknowledged", "{\"token\":\"A-_1\"," BY "}", offsetof(struct event, token), "A-_1" },
        { "discussion.held", "{\"stage\":\"s\"}", offsetof(struct event, stage), "s" },
        { "stage.set", "{\"stage\":\"s\",\"reason\":\"r\"}", offsetof(struct event, stage), "s" },
        { "stage.set", "{\"stage\":\"s\",\"reason\":\"r\"}", offsetof(struct event, reason), "r" },
        { "deadline.extended", "{\"deadline\":\"d\",\"reason\":\"r\"}",
          offsetof(struct event, deadline), "d" },
        { "followup.done", "{\"deadline\":\"d\"," BY "}", offsetof(struct event, deadline), "d" },
        { "manager.unresponsive", "{\"agency\":\"b\",\"role\":\"m\"}",
          offsetof(struct event, agency), "b" },
        { "manager.unresponsive", "{\"agency\":\"b\",\"role\":\"m\"}", offsetof(struct event, role),
          "m" },
        { "risk.changed", "{\"risk\":\"none\"}", offsetof(struct event, facts[0].name), "risk" },
        { "risk.changed", "{\"risk\":\"none\"}", offsetof(struct event, facts[0].value), "none" },
        { "position.changed", "{\"agency\":\"b\",\"non_involvement\":false}",
          offsetof(struct event, facts[0].name), "non_involvement" },
        { "position.changed", "{\"agency\":\"b\",\"non_involvement\":false}",
          offsetof(struct event, facts[0].value), "no" },
        { "flag.changed", "{\"flag\":\"urgent\",\"value\":\"yes\"}",
          offsetof(struct event, facts[0].value), "yes" },
        { "flag.changed", "{\"value\":true,\"flag\":\"own_fact\"}",
          offsetof(struct event, facts[0].name), "own_fact" },
        { "question.answered", "{\"question\":\"q\",\"answer\":true," BY "}",
          offsetof(struct event, question), "q" },
        { "question.answered", "{\"question\":\"q\",\"answer\":true," BY "}",
          offsetof(struct event, answer), "yes" },
        { "agency.joined", "{\"agency\":\"c\",\"side\":\"challenging\",\"reason\":\"r\"}",
          offsetof(struct event, side), "challenging" },
        { "agency.joined",
          "{\"people\":{\"m\":\"p\"},\"agency\":\"c\",\"side\":\"challenged\",\"reason\":\"r\"}",
          offsetof(struct event, people[0].agency), "c" },
        { "advice.requested", "{\"reference\":\"R-1\"}", offsetof(struct event, reference), "R-1" },
        { "resolution.proposed", "{\"outcome\":\"o\",\"wishes_considered\":false," BY "}",
          offsetof(struct event, outcome), "o" },
        { "resolution.proposed", "{\"outcome\":\"o\",\"wishes_considered\":false," BY "}",
          offsetof(struct event, wishes_considered), "no" },
        { "resolution.agreed", "{" BY "}", offsetof(struct event, by.agency), "a" },
        { "contact.changed", "{\"agency\":\"b\",\"role\":\"m\",\"email\":\"m@b.example\"}",
          offsetof(struct event, people[0].email), "m@b.example" },
        { "contact.changed",
          "{\"agency\":\"b\",\"role\":\"m\",\"email\":\"si\xc3\xa2n@b.example\"}",
          offsetof(struct event, people[0].email), "si\xc3\xa2n@b.example" },
        { "contact.changed", "{\"agency\":\"b\",\"role\":\"m\",\"person\":\"p\"}",
          offsetof(struct event, people[0].role), "m" },
        { "correction", "{\"supersedes\":\"e0\",\"event\":null}",
          offsetof(struct event, supersedes), "e0" },
        { "own.event", "{\"procedure\":\"p\"}", offsetof(struct event, procedure), "p" },
        { "own.event", "{\"challenging\":{\"agency\":\"b\"}}", offsetof(struct event, challenging),
          "b" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char type[100];

        snprintf(type, sizeof type, "concernd.%s", rows[i].type);
        if (read_made(type, "", rows[i].data) != CLOUDEVENT_OK)
            fail_msg("%s %s: %s", rows[i].type, rows[i].data, reading.why);
        assert_string_equal((char *)&event + rows[i].offset, rows[i].expected);
        comes_back(NULL);
    }
}

static void reads_times_in_data(void **state)
{
    (void)state;
    assert_int_equal(
        read_made("concernd.deadline.set", "", "{\"due\":\"2027-07-06T17:00:00+01:00\"}"),
        CLOUDEVENT_OK);
    assert_true(event.due.us == instant("2027-07-06T16:00:00Z").us);
    assert_int_equal(
        read_made("concernd.hold", "", "{\"reason\":\"r\",\"until\":\"2027-01-08T09:00:00.5Z\"}"),
        CLOUDEVENT_OK);
    assert_true(event.until.us == instant("2027-01-08T09:00:00.500Z").us);
    comes_back(NULL);
    assert_int_equal(read_made("concernd.resolution.proposed", "",
                               "{\"outcome\":\"o\",\"review\":\"2027-02-01T09:00:00Z\"," BY "}"),
                     CLOUDEVENT_OK);
    assert_true(event.date.us == instant("2027-02-01T09:00:00Z").us);
    assert_int_equal(read_made("concernd.visit.planned", "", "{\"date\":\"2027-02-02T00:00:00Z\"}"),
                     CLOUDEVENT_OK);
    assert_true(event.date.us == instant("2027-02-02T00:00:00Z").us);
    assert_true(instant_is_none(event.due));
    assert_int_equal(
        read_made("concernd.deadline.set", "", "{\"due\":\"2099-12-31T23:59:59.999999Z\"}"),
        CLOUDEVENT_OK);
    comes_back(NULL);
    assert_int_equal(read_made("concernd.deadline.set", "", "{\"due\":\"2000-01-01T00:00:00Z\"}"),
                     CLOUDEVENT_OK);
    comes_back(NULL);
}

static void names_what_it_drops(void **state)
{
    (void)state;
    assert_int_equal(read_made("concernd.risk.changed", "\"shade\":\"blue\",",
                               "{\"risk\":\"none\",\"colour\":\"blue\",\"by\":{\"agency\":\"a\","
                               "\"name\":\"x\"},\"nested\":{\"a\":1}}"),
                     CLOUDEVENT_OK);
    assert_int_equal(reading.dropped_total, 3);
    assert_int_equal(reading.dropped_count, 3);
    assert_string_equal(reading.dropped[0], "by.name");
    assert_string_equal(reading.dropped[1], "colour");
    assert_string_equal(reading.dropped[2], "nested");

    assert_int_equal(
        read_made("concernd.disagreement.raised", "",
                  "{\"challenging\":{\"agency\":\"a\"},\"challenged\":[{\"agency\":\"b\","
                  "\"team\":1,\"people\":{\"m\":{\"email\":\"m@b.example\",\"tel\":1}}}]}"),
        CLOUDEVENT_OK);
    assert_int_equal(reading.dropped_total, 2);
    assert_string_equal(reading.dropped[0], "challenged[0].team");
    assert_string_equal(reading.dropped[1], "challenged[0].people[0].tel");
}

static void settles_who_did_it(void **state)
{
    static const struct {
        const char *name, *attributes, *data;
        struct event_sender sender;
        const char *agency, *board; /* NULL: refused */
    } rows[] = {
        { "the data", "", "{" BY "}", { "s", NULL }, "a", "" },
        { "the data before the extension",
          "\"agency\":\"x\",",
          "{" BY "}",
          { "s", NULL },
          "a",
          "" },
        { "the extension", "\"agency\":\"x\",", "{}", { "s", NULL }, "x", "" },
        { "the only agency of the key", "", "{}", { "s", NULL }, "s", "" },
        { "the board of the key", "", "{}", { NULL, "b" }, "", "b" },
        { "nobody", "", "{}", { NULL, NULL }, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char bytes[1000];
        int answer;

        print_message("  %s\n", rows[i].name);
        snprintf(
            bytes, sizeof bytes,
            "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"u\",\"type\":"
            "\"concernd.resolution.agreed\",\"subject\":\"D\",\"time\":\"2027-01-06T17:00:00Z\","
            "\"datacontenttype\":\"application/json\",%s\"data\":%s}",
            rows[i].attributes, rows[i].data);
        answer = cloudevent_read_from(bytes, strlen(bytes), &rows[i].sender, &event, &reading);
        assert_int_equal(answer, rows[i].agency ? CLOUDEVENT_OK : CLOUDEVENT_REFUSED);
        if (!rows[i].agency)
            continue;
        assert_string_equal(event.by.agency, rows[i].agency);
        assert_string_equal(event.by.board, rows[i].board);
    }
}

static void hashes_what_is_said(void **state)
{
    static const char base[] =
        "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"u\",\"type\":\"t\","
        "\"subject\":\"D\",\"time\":\"2027-01-06T17:00:00Z\","
        "\"datacontenttype\":\"application/json\",\"data\":{\"a\":1,\"b\":\"\\u0041\"}}";
    static const char other[] =
        " {\"data\" : {\"b\":\"A\", \"a\":1},\n\"datacontenttype\":\"application/json\","
        "\"id\":\"e\",\"source\":\"u\",\"specversion\":\"1.0\",\"subject\":\"D\","
        "\"time\":\"2027-01-06T17:00:00Z\",\"type\":\"t\"}\n";
    char first[65];

    (void)state;
    assert_int_equal(cloudevent_read(base, strlen(base), &event, &reading), CLOUDEVENT_OK);
    /* printf '%s' '{"data":{"a":1,"b":"A"},"datacontenttype":"application/json","id":"e",
     * "source":"u","specversion":"1.0","subject":"D","time":"2027-01-06T17:00:00Z","type":"t"}'
     * | sha256sum */
    assert_string_equal(reading.canonical_sha256,
                        "7d0ce7b7ebe5e229676cab2e3feb8c85faeda78cb0198208792e425ee798aaff");
    memcpy(first, reading.canonical_sha256, sizeof first);
    assert_int_equal(cloudevent_read(other, strlen(other), &event, &reading), CLOUDEVENT_OK);
    assert_string_equal(reading.canonical_sha256, first);
}

static void keeps_what_it_does_not_know(void **state)
{
    (void)state;
    /* A type without the prefix is not looked into; one with it may be a declared one. */
    assert_int_equal(read_made("org.example.thing", "", "{\"date\":5,\"by\":\"x\"}"),
                     CLOUDEVENT_OK);
    assert_true(reading.ignored_type);
    assert_int_equal(event.kind, EVENT_UNKNOWN);
    assert_int_equal(read_made("concernd.thing", "", "{\"date\":5}"), CLOUDEVENT_REFUSED);
    assert_int_equal(read_made("concernd.thing", "\"ext1\":true,\"ext2\":5,\"ext3\":null,", "{}"),
                     CLOUDEVENT_OK);
    assert_int_equal(read_made("concernd.thing", "\"traceparent\":\"nonsense\",", "{}"),
                     CLOUDEVENT_OK);
    assert_string_equal(reading.traceparent, "");
    assert_int_equal(read_made("concernd.thing",
                               "\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-"
                               "00f067aa0ba902b7-01\",",
                               "{}"),
                     CLOUDEVENT_OK);
    assert_string_equal(reading.traceparent,
                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

static void names_a_refused_event(void **state)
{
    (void)state;
    assert_int_equal(read_made("concernd.risk.changed", "", "{\"risk\":\"high\"}"),
                     CLOUDEVENT_REFUSED);
    assert_string_equal(reading.id, "e1");
    assert_string_equal(reading.source, "urn:x");
    assert_string_equal(reading.code, "400.4");
    assert_string_equal(reading.why,
                        "data.risk is none of none, significant, immediate, life_threatening");
}

static void refuses_to_write_what_cannot_be_read(void **state)
{
    char *json = NULL;

    (void)state;
    assert_int_equal(read_made("concernd.stage.set", "", "{\"stage\":\"s\",\"reason\":\"r\"}"),
                     CLOUDEVENT_OK);
    event.stage[0] = '\0';
    assert_int_equal(cloudevent_write(&event, NULL, &json), -EINVAL);
    snprintf(event.stage, sizeof event.stage, "two words");
    assert_int_equal(cloudevent_write(&event, NULL, &json), -EINVAL);
    snprintf(event.stage, sizeof event.stage, "\xff");
    assert_int_equal(cloudevent_write(&event, NULL, &json), -EINVAL);
    snprintf(event.stage, sizeof event.stage, "s");
    event.people_count = 1; /* whom stage.set has no place for */
    assert_int_equal(cloudevent_write(&event, NULL, &json), -EINVAL);
    event.people_count = 0;
    assert_int_equal(cloudevent_write(&event, NULL, &json), 0);
    free(json);
}

static void splits_batches(void **state)
{
    static const struct {
        const char *bytes;
        size_t count; /* 0: refused */
        const char *second;
    } rows[] = {
        { "[{}]", 1, NULL },
        { " [ {} , {\"a\":[{\"b\":\"]},\\\"\"}]} ] ", 2, "{\"a\":[{\"b\":\"]},\\\"\"}]}" },
        { "[]", 0, NULL },
        { "[{},]", 0, NULL },
        { "[,{}]", 0, NULL },
        { "[{}", 0, NULL },
        { "[{}]x", 0, NULL },
        { "[{}{}]", 0, NULL },
        { "{}", 0, NULL },
        { "", 0, NULL },
        { "[1]", 0, NULL },
        { "[{\"a]", 0, NULL },
        { "[{\"a\\", 0, NULL },
        { "[[{}]]", 0, NULL },
    };
    struct batch_item items[CLOUDEVENT_BATCH_MAX];
    size_t count;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t size = strlen(rows[i].bytes);
        char *bytes = malloc(size + 1); /* exactly as long, for the sanitizer */
        int answer;

        bytes = realloc(bytes, size ? size : 1);
        memcpy(bytes, rows[i].bytes, size);
        print_message("  %s\n", rows[i].bytes);
        answer = cloudevent_batch_split(bytes, size, items, &count, &reading);
        assert_int_equal(answer, rows[i].count ? CLOUDEVENT_OK : CLOUDEVENT_REFUSED);
        if (!rows[i].count)
            assert_string_equal(reading.code, "400.2");
        else
            assert_int_equal(count, rows[i].count);
        if (rows[i].second) {
            assert_int_equal(items[1].size, strlen(rows[i].second));
            assert_memory_equal(bytes + items[1].offset, rows[i].second, items[1].size);
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_good_sample),
        cmocka_unit_test(refuses_every_bad_sample),
        cmocka_unit_test(reads_what_a_raise_says),
        cmocka_unit_test(knows_where_each_member_goes),
        cmocka_unit_test(reads_times_in_data),
        cmocka_unit_test(names_what_it_drops),
        cmocka_unit_test(settles_who_did_it),
        cmocka_unit_test(hashes_what_is_said),
        cmocka_unit_test(keeps_what_it_does_not_know),
        cmocka_unit_test(names_a_refused_event),
        cmocka_unit_test(refuses_to_write_what_cannot_be_read),
        cmocka_unit_test(splits_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
