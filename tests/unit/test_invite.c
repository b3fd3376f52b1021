/* test_invite.c - what is to be sent so that an entry in a calendar is right: row by row. */
#include "core/invite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/zone.h"

#define NOW "2027-02-12T09:00:00Z"
#define DUE "2027-02-16T17:00:00Z"
#define LATER "2027-03-01T17:00:00Z"
#define GONE "2027-02-11T17:00:00Z"

static struct instant at(const char *text)
{
    struct instant instant = INSTANT_NONE;

    if (text)
        assert_int_equal(instant_read(text, NULL, &instant), INSTANT_OK);
    return instant;
}

static void puts_right_what_is_wrong(void **state)
{
    static const struct {
        const char *name;
        int64_t sent;
        const char *sent_due;
        bool cancelled;
        enum running_state running;
        const char *due;
        int64_t changes;
        bool is_anew;
        enum invite_answer answer;
        uint32_t sequence;
    } rows[] = {
        { "right", 0, DUE, false, RUNNING_ON, DUE, 0, false, INVITE_RIGHT, 0 },
        { "owed", -1, NULL, false, RUNNING_ON, DUE, 0, false, INVITE_SHOW, 0 },
        { "owed, and moved before it was sent", -1, NULL, false, RUNNING_ON, LATER, 2, false,
          INVITE_SHOW, 2 },
        { "owed, and stopped before it was sent", -1, NULL, false, RUNNING_STOPPED, DUE, 1, false,
          INVITE_RIGHT, 0 },
        { "owed, and passed before it was sent", -1, NULL, false, RUNNING_PASSED, GONE, 0, false,
          INVITE_RIGHT, 0 },
        { "moved", 0, DUE, false, RUNNING_ON, LATER, 1, false, INVITE_SHOW, 1 },
        { "moved there and back", 0, DUE, false, RUNNING_ON, DUE, 2, false, INVITE_RIGHT, 0 },
        { "moved, with a count that a correction made smaller", 3, DUE, false, RUNNING_ON, LATER, 1,
          false, INVITE_SHOW, 4 },
        { "moved to what has passed", 0, DUE, false, RUNNING_PASSED, GONE, 1, false, INVITE_SHOW,
          1 },
        { "passed at its time", 0, GONE, false, RUNNING_PASSED, GONE, 0, false, INVITE_RIGHT, 0 },
        { "stopped", 1, DUE, false, RUNNING_STOPPED, DUE, 2, false, INVITE_CANCEL, 2 },
        { "stopped after its time had come", 0, GONE, false, RUNNING_STOPPED, GONE, 1, false,
          INVITE_RIGHT, 0 },
        { "stopped, and told so", 2, DUE, true, RUNNING_STOPPED, DUE, 2, false, INVITE_RIGHT, 0 },
        { "running on after it was told to be stopped", 2, DUE, true, RUNNING_ON, DUE, 3, false,
          INVITE_RIGHT, 0 },
        { "running on, and told so", 2, NULL, false, RUNNING_ON, DUE, 3, false, INVITE_SHOW, 3 },
        { "started anew", 0, DUE, false, RUNNING_STOPPED, DUE, 0, true, INVITE_CANCEL, 1 },
        { "taken back by a correction", 0, DUE, false, RUNNING_NOT, NULL, 0, false, INVITE_CANCEL,
          1 },
        { "without a date any more", 1, DUE, false, RUNNING_ON, NULL, 2, false, INVITE_CANCEL, 2 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct invite_sent sent = { rows[i].sent, at(rows[i].sent_due), rows[i].cancelled };
        const struct invite_now now = { .state = rows[i].running,
                                        .due = at(rows[i].due),
                                        .changes = rows[i].changes,
                                        .is_anew = rows[i].is_anew };
        uint32_t sequence = 0;
        enum invite_answer answer = invite_judge(&sent, &now, at(NOW), &sequence);

        print_message("  %s\n", rows[i].name);
        assert_int_equal(answer, rows[i].answer);
        if (answer != INVITE_RIGHT)
            assert_int_equal(sequence, rows[i].sequence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_right_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
