/* test_event.c - the names of events, one by one, against the table of the wire. */
#include "core/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* In the order of wire.md's table; copied from there, not from event.c. */
static const struct {
    enum event_kind kind;
    const char *name;
    bool closing;
} rows[] = {
    { EVENT_DISAGREEMENT_RAISED, "disagreement.raised", false },
    { EVENT_ACKNOWLEDGED, "acknowledged", false },
    { EVENT_DISCUSSION_HELD, "discussion.held", false },
    { EVENT_STAGE_UNRESOLVED, "stage.unresolved", false },
    { EVENT_STAGE_SET, "stage.set", false },
    { EVENT_ESCALATION_INTENDED, "escalation.intended", false },
    { EVENT_DEADLINE_SET, "deadline.set", false },
    { EVENT_DEADLINE_EXTENDED, "deadline.extended", false },
    { EVENT_MANAGER_UNRESPONSIVE, "manager.unresponsive", false },
    { EVENT_RISK_CHANGED, "risk.changed", false },
    { EVENT_POSITION_CHANGED, "position.changed", false },
    { EVENT_FLAG_CHANGED, "flag.changed", false },
    { EVENT_QUESTION_ANSWERED, "question.answered", false },
    { EVENT_AGENCY_JOINED, "agency.joined", false },
    { EVENT_ADVICE_REQUESTED, "advice.requested", false },
    { EVENT_LIAISON_REQUESTED, "liaison.requested", false },
    { EVENT_CASE_REVIEW_REFERRED, "case_review.referred", false },
    { EVENT_EXTERNAL_REFERRED, "external.referred", false },
    { EVENT_COMPLAINT_RAISED, "complaint.raised", false },
    { EVENT_LEARNING_IDENTIFIED, "learning.identified", false },
    { EVENT_CASE_CLOSURE_PROPOSED, "case.closure_proposed", false },
    { EVENT_CASE_DEESCALATED, "case.deescalated", false },
    { EVENT_RESOLUTION_PROPOSED, "resolution.proposed", true },
    { EVENT_RESOLUTION_AGREED, "resolution.agreed", true },
    { EVENT_WITHDRAWN, "withdrawn", true },
    { EVENT_REOPENED, "reopened", false },
    { EVENT_HOLD, "hold", true },
    { EVENT_RELEASE, "release", false },
    { EVENT_FOLLOWUP_DONE, "followup.done", false },
    { EVENT_CONTACT_CHANGED, "contact.changed", false },
    { EVENT_CORRECTION, "correction", false },
};

static void knows_every_type(void **state)
{
    (void)state;
    assert_int_equal(COUNT_OF(rows), EVENT_KIND_COUNT - 1);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char type[EVENT_TYPE_MAX + 1];

        snprintf(type, sizeof type, "concernd.%s", rows[i].name);
        print_message("  %s\n", type);
        assert_int_equal(event_kind_of(type), rows[i].kind);
        assert_string_equal(event_name(rows[i].kind), rows[i].name);
        assert_string_equal(event_short_type(type), rows[i].name);
        assert_int_equal(event_is_closing(rows[i].kind), rows[i].closing);
    }
}

static void knows_no_other(void **state)
{
    static const char *const types[] = {
        "",
        "concernd.",
        "concernd",
        "risk.changed",
        "concernd.risk",
        "concernd.risk.changed.",
        "concernd.risk.changedX",
        "concernd.Risk.changed",
        "Concernd.risk.changed",
        "concernd.concernd.risk.changed",
        " concernd.risk.changed",
        "concernd.visit.planned",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        assert_int_equal(event_kind_of(types[i]), EVENT_UNKNOWN);
    assert_string_equal(event_name(EVENT_UNKNOWN), "");
    assert_string_equal(event_name(EVENT_KIND_COUNT), "");
    assert_string_equal(event_short_type("concernd.visit.planned"), "visit.planned");
    assert_string_equal(event_short_type("org.example.visit"), "org.example.visit");
    assert_false(event_is_closing(EVENT_UNKNOWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_type),
        cmocka_unit_test(knows_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
