/* test_since.c - what has overtaken a notification that waited: row by row, and in words. */
#include "core/since.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/zone.h"
#include "policy/zoneinfo.h"

#define TOLD_AT "2027-02-09T10:00:00Z"
#define NOW "2027-02-12T09:00:00Z"
#define DUE "2027-02-16T17:00:00Z"
#define BEFORE_NOW "2027-02-11T17:00:00Z"

static struct instant at(const char *text)
{
    struct instant instant = INSTANT_NONE;

    if (text)
        assert_int_equal(instant_read(text, NULL, &instant), INSTANT_OK);
    return instant;
}

static void says_what_came_about(void **state)
{
    static const struct {
        const char *name;
        enum disagreement_state over;
        const char *closed, *told;
        enum running_state running;
        const char *due, *acted;
        bool is_anew;
        enum since_kind kind;
        const char *now_due;
    } rows[] = {
        { "as it was", DISAGREEMENT_OPEN, NULL, DUE, RUNNING_ON, DUE, NULL, false, SINCE_NOTHING,
          NULL },
        { "reminded since", DISAGREEMENT_OPEN, NULL, DUE, RUNNING_ON, DUE, BEFORE_NOW, false,
          SINCE_NOTHING, NULL },
        { "moved", DISAGREEMENT_OPEN, NULL, DUE, RUNNING_ON, "2027-03-01T17:00:00Z", NULL, false,
          SINCE_MOVED, "2027-03-01T17:00:00Z" },
        { "a date where there was none", DISAGREEMENT_OPEN, NULL, NULL, RUNNING_ON, DUE, NULL,
          false, SINCE_MOVED, DUE },
        { "no date, as before", DISAGREEMENT_OPEN, NULL, NULL, RUNNING_ON, NULL, NULL, false,
          SINCE_NOTHING, NULL },
        { "stopped since", DISAGREEMENT_OPEN, NULL, DUE, RUNNING_STOPPED, DUE, BEFORE_NOW, false,
          SINCE_ENDED, NULL },
        { "stopped at that very instant", DISAGREEMENT_OPEN, NULL, DUE, RUNNING_STOPPED, DUE,
          TOLD_AT, false, SINCE_NOTHING, NULL },
        { "started anew", DISAGREEMENT_OPEN, NULL, DUE, RUNNING_STOPPED, DUE, TOLD_AT, true,
          SINCE_ENDED, NULL },
        { "taken back", DISAGREEMENT_OPEN, NULL, DUE, RUNNING_NOT, NULL, NULL, true, SINCE_ENDED,
          NULL },
        { "passed since", DISAGREEMENT_OPEN, NULL, BEFORE_NOW, RUNNING_PASSED, BEFORE_NOW, NULL,
          false, SINCE_PASSED, NULL },
        { "told that it passed", DISAGREEMENT_OPEN, NULL, TOLD_AT, RUNNING_PASSED, TOLD_AT, NULL,
          false, SINCE_NOTHING, NULL },
        { "withdrawn", DISAGREEMENT_WITHDRAWN, BEFORE_NOW, DUE, RUNNING_STOPPED, DUE, BEFORE_NOW,
          false, SINCE_WITHDRAWN, NULL },
        { "resolved", DISAGREEMENT_RESOLVED, BEFORE_NOW, DUE, RUNNING_STOPPED, DUE, BEFORE_NOW,
          false, SINCE_RESOLVED, NULL },
        { "lapsed", DISAGREEMENT_LAPSED, BEFORE_NOW, DUE, RUNNING_PASSED, DUE, BEFORE_NOW, false,
          SINCE_LAPSED, NULL },
        { "told of the end itself", DISAGREEMENT_RESOLVED, TOLD_AT, DUE, RUNNING_ON, DUE, NULL,
          false, SINCE_NOTHING, NULL },
        { "a follow-up of the end is done", DISAGREEMENT_RESOLVED, TOLD_AT, DUE, RUNNING_STOPPED,
          DUE, BEFORE_NOW, false, SINCE_ENDED, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct since_deadline deadline = { .told = at(rows[i].told),
                                                 .state = rows[i].running,
                                                 .due = at(rows[i].due),
                                                 .acted_until = at(rows[i].acted),
                                                 .is_anew = rows[i].is_anew };
        const struct since_question question = { .at = at(TOLD_AT),
                                                 .now = at(NOW),
                                                 .state = rows[i].over,
                                                 .closed = at(rows[i].closed),
                                                 .deadlines = &deadline,
                                                 .count = 1 };
        struct since since = since_of_end(&question);

        if (since.kind == SINCE_NOTHING)
            since = since_of_deadline(&question, 0);

        print_message("  %s\n", rows[i].name);
        assert_int_equal(since.kind, rows[i].kind);
        assert_int_equal(since.due.us, at(rows[i].now_due).us);
    }
}

static void is_put_in_words(void **state)
{
    struct zone *london = NULL;
    char buffer[200], words[SINCE_SIZE];
    struct text error = text_over(buffer, sizeof buffer);
    struct timekeeping time = { 0 };
    struct since_deadline deadlines[] = {
        { .told = at(DUE),
          .state = RUNNING_ON,
          .due = at("2027-04-01T16:00:00Z"),
          .acted_until = INSTANT_NONE,
          .title = "Stage 1" },
        { .told = at(DUE),
          .state = RUNNING_STOPPED,
          .due = at(DUE),
          .acted_until = at(NOW),
          .title = "The whole" },
        { .told = at(DUE),
          .state = RUNNING_ON,
          .due = at(DUE),
          .acted_until = INSTANT_NONE,
          .title = "Not changed" },
    };
    struct since_question question = { .at = at(TOLD_AT),
                                       .now = at(NOW),
                                       .closed = INSTANT_NONE,
                                       .deadlines = deadlines,
                                       .count = 1 };

    (void)state;
    assert_int_equal(zoneinfo_load("Europe/London", &london, &error), ZONEINFO_OK);
    time.zone = london;
    since_write(&question, &words_builtin, &time, words);
    assert_string_equal(words, "now by 17:00 Thu 1 April 2027");
    question.count = 3; /* which one is meant has to be said */
    since_write(&question, &words_builtin, &time, words);
    assert_string_equal(words,
                        "Stage 1: now by 17:00 Thu 1 April 2027; The whole: no longer running");
    question.state = DISAGREEMENT_WITHDRAWN;
    question.closed = at(NOW);
    since_write(&question, &words_builtin, &time, words);
    assert_string_equal(words, "withdrawn since");
    question.state = DISAGREEMENT_OPEN;
    question.count = 0;
    since_write(&question, &words_builtin, &time, words);
    assert_string_equal(words, "");
    zoneinfo_free(&london);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_came_about),
        cmocka_unit_test(is_put_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
