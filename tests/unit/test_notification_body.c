/* test_notification_body.c - the webhook's body is the sample, byte for byte the same each time. */
#include "protocol/alarm_body.h"
#include "protocol/notification_body.h"
#include "protocol/test_body.h"

#include "core/zone.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define SAMPLE CONCERN_SOURCE_DIR "/protocol/samples/answers/notification.json"
#define ALARM_SAMPLE CONCERN_SOURCE_DIR "/protocol/samples/answers/alarm.json"
#define TEST_SAMPLE CONCERN_SOURCE_DIR "/protocol/samples/answers/test.json"

static struct instant instant(const char *text)
{
    struct instant at = INSTANT_NONE;

    assert_int_equal(instant_read(text, NULL, &at), INSTANT_OK);
    return at;
}

static struct outgoing_say says[3];
static const char *const also[] = { "safeguarding_lead" };

static struct outgoing sample(void)
{
    says[0] = (struct outgoing_say){ .message = "limit_passed",
                                     .stage = "stage-1",
                                     .deadline = "stage-1",
                                     .cause = "deadline stage-1",
                                     .due = instant("2026-12-29T17:00:00Z") };
    says[1] = (struct outgoing_say){
        .message = "stage_entered",
        .stage = "stage-2",
        .deadline = "stage-2",
        .cause = "stage stage-2",
        .words = "Each stage (1, 2 or 3) should be completed within 5 working days",
        .due = instant("2027-01-06T17:00:00Z")
    };
    says[2] = (struct outgoing_say){ .message = "board_senior_involved",
                                     .rule = "board_senior_involved",
                                     .cause = "rule board_senior_involved",
                                     .due = INSTANT_NONE };
    return (struct outgoing){
        .id = "01JD2Q7B3N",
        .board = "plcsab",
        .reference = "D-2026-0192",
        .procedure = "plcsab-adults",
        .procedure_version = "1",
        .calendar_version = "5f0c2a9e1b7d3c46",
        .person = "r.lindqvist",
        .role = "head_of_service",
        .side = "challenged",
        .agency = "northtown-asc",
        .also = also,
        .also_count = 1,
        .at = instant("2026-12-29T17:00:00Z"),
        .sent = instant("2026-12-29T17:00:01Z"),
        .priority = "normal",
        .link = "https://las.northtown.example/r/7F3K-0192",
        .subject = "[Action] Stage 2 begins - ref D-2026-0192 - answer by 17:00 Wed 6 January 2027",
        .text = "Stage 2 begins.\n",
        .says = says,
        .say_count = 3,
    };
}

static void writes_the_sample(void **state)
{
    struct outgoing outgoing = sample();
    json_t *expected = json_load_file(SAMPLE, 0, NULL), *written;
    char *json = NULL, *again = NULL;

    (void)state;
    assert_non_null(expected);
    assert_int_equal(notification_body_write(&outgoing, &json), 0);
    written = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_equal(written, expected));
    assert_null(strchr(json, '\n'));
    assert_int_equal(notification_body_write(&outgoing, &again), 0);
    assert_string_equal(json, again);
    json_decref(expected);
    json_decref(written);
    free(json);
    free(again);
}

static void writes_little_where_there_is_little(void **state)
{
    struct outgoing outgoing = { .id = "n-1",
                                 .board = "plcsab",
                                 .reference = "D-1",
                                 .at = instant("2026-12-29T17:00:00Z"),
                                 .sent = INSTANT_NONE,
                                 .priority = "urgent",
                                 .late_by_s = 7200 };
    char *json = NULL;

    (void)state;
    assert_int_equal(notification_body_write(&outgoing, &json), 0);
    assert_string_equal(
        json, "{\"specversion\":\"1.0\",\"id\":\"n-1\",\"source\":\"urn:concernd:plcsab\","
              "\"type\":\"concernd.notification\",\"subject\":\"D-1\","
              "\"time\":\"2026-12-29T17:00:00Z\",\"datacontenttype\":\"application/json\","
              "\"dataschema\":\"urn:concernd:notification:1\",\"board\":\"plcsab\","
              "\"data\":{\"notification\":\"n-1\",\"board\":\"plcsab\",\"reference\":\"D-1\","
              "\"to\":{},\"at\":\"2026-12-29T17:00:00Z\",\"priority\":\"urgent\","
              "\"late_by_s\":7200,\"says\":[]}}");
    free(json);
}

static void refuses_what_is_missing_or_no_text(void **state)
{
    struct outgoing outgoing;
    char *json = NULL;

    (void)state;
    outgoing = sample();
    outgoing.id = NULL;
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    outgoing.reference = NULL;
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    outgoing.board = "two words";
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    outgoing.at = INSTANT_NONE;
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    outgoing.text = "\xff";
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    outgoing.subject = "a\nb";
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    outgoing.agency = "\xe2\x80\xae";
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    outgoing.link = "javascript:alert(1)";
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    says[1].words = "\xc3";
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
    outgoing = sample();
    outgoing.say_count = OUTGOING_SAYS_MAX + 1;
    assert_int_equal(notification_body_write(&outgoing, &json), -EINVAL);
}

static void writes_a_test_as_the_sample(void **state)
{
    struct outgoing test = { .id = "01JD2Q7B3N",
                             .agency = "northtown-asc",
                             .role = "head_of_service",
                             .person = "r.lindqvist",
                             .at = instant("2026-12-29T17:00:00Z"),
                             .subject = "[Test] Nothing to do: does this reach head_of_service of "
                                        "northtown-asc?",
                             .text = "This is a test.\n" };
    json_t *expected = json_load_file(TEST_SAMPLE, 0, NULL), *written;
    char *json = NULL;

    (void)state;
    assert_non_null(expected);
    assert_int_equal(test_body_write(&test, &json), 0);
    written = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_equal(written, expected));
    json_decref(written);
    free(json);
    /* A case system is tried for itself, and for nobody. */
    test.person = NULL;
    assert_int_equal(
        json_object_del(json_object_get(json_object_get(expected, "data"), "to"), "person"), 0);
    assert_int_equal(test_body_write(&test, &json), 0);
    written = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_equal(written, expected));
    json_decref(expected);
    json_decref(written);
    free(json);
    test.text = "\xff";
    assert_int_equal(test_body_write(&test, &json), -EINVAL);
    test.text = NULL;
    assert_int_equal(test_body_write(&test, &json), -EINVAL);
}

static void writes_an_alarm_as_the_sample(void **state)
{
    struct outgoing alarm = { .id = "01JD2Q7B3N",
                              .role = "operator",
                              .person = "operator",
                              .at = instant("2026-12-29T17:00:00Z"),
                              .priority = "normal",
                              .subject = "An endpoint is gone",
                              .text = "The endpoint teams-asc answers that it is gone for good "
                                      "(410).\n" };
    json_t *expected = json_load_file(ALARM_SAMPLE, 0, NULL), *written;
    char *json = NULL;

    (void)state;
    assert_non_null(expected);
    assert_int_equal(alarm_body_write(&alarm, &json), 0);
    written = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_equal(written, expected));
    json_decref(expected);
    json_decref(written);
    free(json);
    alarm.text = "\xff";
    assert_int_equal(alarm_body_write(&alarm, &json), -EINVAL);
    alarm.text = NULL;
    assert_int_equal(alarm_body_write(&alarm, &json), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_sample),
        cmocka_unit_test(writes_little_where_there_is_little),
        cmocka_unit_test(refuses_what_is_missing_or_no_text),
        cmocka_unit_test(writes_a_test_as_the_sample),
        cmocka_unit_test(writes_an_alarm_as_the_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
