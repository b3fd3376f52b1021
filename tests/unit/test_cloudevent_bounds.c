/* test_cloudevent_bounds.c - the bounds of what an event and a batch may be. */
#include "cloudevent_bench.h"

/* `text`, `count` times. */
static const char *times(const char *text, size_t count)
{
    static char buffer[2][4096];
    static int turn;
    char *place = buffer[turn = !turn];

    place[0] = '\0';
    for (size_t i = 0; i < count; i++)
        memcpy(place + i * strlen(text), text, strlen(text) + 1);
    return place;
}

static void holds_every_length(void **state)
{
    /* Each row: the greatest that is let in, and how many more are refused. */
    static const struct {
        const char *name, *type, *attributes, *data; /* %s: where it stands */
        const char *piece;
        size_t most;
        const char *code;
    } rows[] = {
        { "reason in characters", "withdrawn", "", "{\"reason\":\"%s\"," BY "}", "a", 200,
          "400.4" },
        { "reason of three bytes each", "withdrawn", "", "{\"reason\":\"%s\"," BY "}",
          "\xe2\x82\xac", 200, "400.4" },
        { "reason of four bytes each", "withdrawn", "", "{\"reason\":\"%s\"," BY "}",
          "\xf0\x9f\x98\x80", 200, "400.4" },
        { "an id in data", "stage.set", "", "{\"stage\":\"%s\",\"reason\":\"r\"}", "s", 64,
          "400.4" },
        { "a fact's value", "flag.changed", "", "{\"flag\":\"f\",\"value\":\"%s\"}", "v", 64,
          "400.4" },
        { "a fact's name", "flag.changed", "", "{\"flag\":\"%s\",\"value\":true}", "f", 64,
          "400.4" },
        { "a role", "agency.joined", "",
          "{\"agency\":\"b\",\"side\":\"challenged\",\"reason\":\"r\",\"people\":{\"%s\":\"p\"}}",
          "m", 64, "400.4" },
        { "a board", "release", "\"board\":\"%s\",", "{\"reason\":\"r\"}", "b", 64, "400.3" },
        { "an agency", "release", "\"agency\":\"%s\",", "{\"reason\":\"r\"}", "b", 64, "400.3" },
        { "an attribute's name", "release", "\"%s\":1,", "{\"reason\":\"r\"}", "x", 64, "400.3" },
    };
    char format[600], attributes[5000], data[5000], type[100];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t more = 0; more < 2; more++) {
            const char *text = times(rows[i].piece, rows[i].most + more);
            const char *at = strstr(rows[i].data, "%s");

            snprintf(type, sizeof type, "concernd.%s", rows[i].type);
            if (at) {
                snprintf(data, sizeof data, "%.*s%s%s", (int)(at - rows[i].data), rows[i].data,
                         text, at + 2);
                attributes[0] = '\0';
            } else {
                at = strstr(rows[i].attributes, "%s");
                snprintf(attributes, sizeof attributes, "%.*s%s%s", (int)(at - rows[i].attributes),
                         rows[i].attributes, text, at + 2);
                snprintf(data, sizeof data, "%s", rows[i].data);
            }
            snprintf(format, sizeof format, "%s, %zu more", rows[i].name, more);
            print_message("  %s\n", format);
            if (read_made(type, attributes, data) != (more ? CLOUDEVENT_REFUSED : CLOUDEVENT_OK))
                fail_msg("%s: %s", format, reading.why);
            if (more)
                assert_string_equal(reading.code, rows[i].code);
            else
                comes_back(NULL);
        }
}

static void holds_the_envelopes_lengths(void **state)
{
    static const struct {
        const char *name, *before, *piece;
        size_t most;
    } rows[] = {
        { "id", "", "x", 64 },
        { "subject", "", "x", 64 },
        { "source", "urn:", "x", 196 },
        { "type", "concernd.", "x", 71 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t more = 0; more < 2; more++) {
            char bytes[2000], value[400];

            snprintf(value, sizeof value, "%s%s", rows[i].before,
                     times(rows[i].piece, rows[i].most + more));
            snprintf(bytes, sizeof bytes,
                     "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"%s\","
                     "\"subject\":\"%s\",\"time\":\"2027-01-06T17:00:00Z\","
                     "\"datacontenttype\":\"application/json; charset=utf-8\",\"data\":{}}",
                     i == 0 ? value : "e", i == 2 ? value : "urn:x",
                     i == 3 ? value : "concernd.escalation.intended", i == 1 ? value : "D");
            print_message("  %s, %zu more\n", rows[i].name, more);
            assert_int_equal(cloudevent_read(bytes, strlen(bytes), &event, &reading),
                             more ? CLOUDEVENT_REFUSED : CLOUDEVENT_OK);
            if (more)
                assert_string_equal(reading.code, "400.3");
        }
}

/* Every list filled to its end, and to one more. */
static void holds_every_count(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        int wanted = more ? CLOUDEVENT_REFUSED : CLOUDEVENT_OK;
        char data[6000], list[5000] = "";
        size_t used = 0;

        for (int i = 0; i < EVENT_CHALLENGED_MAX + more; i++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s{\"agency\":\"a%d\"}",
                                     i ? "," : "", i);
        snprintf(data, sizeof data, "{\"challenging\":{\"agency\":\"a0\"},\"challenged\":[%s]}",
                 list);
        assert_int_equal(read_made("concernd.disagreement.raised", "", data), wanted);
        assert_true(more || event.challenged_count == EVENT_CHALLENGED_MAX);

        used = 0;
        for (int i = 0; i < EVENT_PEOPLE_MAX + more; i++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s\"r%d\":\"p\"",
                                     i ? "," : "", i);
        snprintf(data, sizeof data,
                 "{\"challenging\":{\"agency\":\"a\"},\"challenged\":[{\"agency\":\"b\","
                 "\"people\":{%s}}]}",
                 list);
        assert_int_equal(read_made("concernd.disagreement.raised", "", data), wanted);
        assert_true(more || event.people_count == EVENT_PEOPLE_MAX);

        used = 0;
        for (int i = 0; i < EVENT_FACTS_MAX + more; i++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s\"f%d\":true",
                                     i ? "," : "", i);
        snprintf(data, sizeof data,
                 "{\"challenging\":{\"agency\":\"a\"},\"challenged\":[{\"agency\":\"b\"}],"
                 "\"facts\":{%s}}",
                 list);
        assert_int_equal(read_made("concernd.disagreement.raised", "", data), wanted);
        assert_true(more || event.fact_count == EVENT_FACTS_MAX);
        if (!more)
            comes_back(NULL);
    }
}

static void bounds_what_it_drops(void **state)
{
    char data[6000] = "{\"risk\":\"none\"", name[200];
    size_t used = strlen(data);

    (void)state;
    for (int i = 0; i < CLOUDEVENT_DROPPED_MAX + 3; i++)
        used += (size_t)snprintf(data + used, sizeof data - used, ",\"m%d\":0", i);
    snprintf(data + used, sizeof data - used, "}");
    assert_int_equal(read_made("concernd.risk.changed", "", data), CLOUDEVENT_OK);
    assert_int_equal(reading.dropped_count, CLOUDEVENT_DROPPED_MAX);
    assert_int_equal(reading.dropped_total, CLOUDEVENT_DROPPED_MAX + 3);

    /* 63 letters and a character of three bytes: cut before it, not inside. */
    snprintf(name, sizeof name, "%s\xe2\x82\xac", times("n", 63));
    snprintf(data, sizeof data, "{\"risk\":\"none\",\"%s\":0}", name);
    assert_int_equal(read_made("concernd.risk.changed", "", data), CLOUDEVENT_OK);
    assert_string_equal(reading.dropped[0], times("n", 63));
}

static void reads_the_greatest_size(void **state)
{
    static const char text[] =
        "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"u\",\"type\":\"t\","
        "\"subject\":\"D\",\"time\":\"2027-01-06T17:00:00Z\","
        "\"datacontenttype\":\"application/json\",\"data\":{}}";
    size_t size = 65536;
    char *bytes = malloc(size + 1);

    (void)state;
    memset(bytes, ' ', size + 1);
    memcpy(bytes + 10, text, strlen(text));
    assert_int_equal(cloudevent_read(bytes, size, &event, &reading), CLOUDEVENT_OK);
    assert_int_equal(cloudevent_read(bytes, size + 1, &event, &reading), CLOUDEVENT_REFUSED);
    assert_string_equal(reading.code, "413.1");
    free(bytes);
}

static void bounds_batches(void **state)
{
    struct batch_item items[CLOUDEVENT_BATCH_MAX];
    char bytes[400] = "[";
    size_t count, used = 1;

    (void)state;
    for (int i = 0; i < CLOUDEVENT_BATCH_MAX; i++)
        used += (size_t)snprintf(bytes + used, sizeof bytes - used, "%s{}", i ? "," : "");
    bytes[used] = ']';
    assert_int_equal(cloudevent_batch_split(bytes, used + 1, items, &count, &reading),
                     CLOUDEVENT_OK);
    assert_int_equal(count, CLOUDEVENT_BATCH_MAX);
    memcpy(bytes + used, ",{}]", 5);
    assert_int_equal(cloudevent_batch_split(bytes, used + 4, items, &count, &reading),
                     CLOUDEVENT_REFUSED);
    assert_int_equal(cloudevent_batch_split(bytes, 65537, items, &count, &reading),
                     CLOUDEVENT_REFUSED); /* reads none of them */
    assert_string_equal(reading.code, "413.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_every_length),      cmocka_unit_test(holds_the_envelopes_lengths),
        cmocka_unit_test(holds_every_count),       cmocka_unit_test(bounds_what_it_drops),
        cmocka_unit_test(reads_the_greatest_size), cmocka_unit_test(bounds_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
