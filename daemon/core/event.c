/* event.c - the names of what case systems may say. */
#include "core/event.h"

#include <string.h>

/* clang-format off */
static const char *const names[EVENT_KIND_COUNT] = {
    [EVENT_UNKNOWN]               = "",
    [EVENT_DISAGREEMENT_RAISED]   = "disagreement.raised",
    [EVENT_ACKNOWLEDGED]          = "acknowledged",
    [EVENT_DISCUSSION_HELD]       = "discussion.held",
    [EVENT_STAGE_UNRESOLVED]      = "stage.unresolved",
    [EVENT_STAGE_SET]             = "stage.set",
    [EVENT_ESCALATION_INTENDED]   = "escalation.intended",
    [EVENT_DEADLINE_SET]          = "deadline.set",
    [EVENT_DEADLINE_EXTENDED]     = "deadline.extended",
    [EVENT_MANAGER_UNRESPONSIVE]  = "manager.unresponsive",
    [EVENT_RISK_CHANGED]          = "risk.changed",
    [EVENT_POSITION_CHANGED]      = "position.changed",
    [EVENT_FLAG_CHANGED]          = "flag.changed",
    [EVENT_QUESTION_ANSWERED]     = "question.answered",
    [EVENT_AGENCY_JOINED]         = "agency.joined",
    [EVENT_ADVICE_REQUESTED]      = "advice.requested",
    [EVENT_LIAISON_REQUESTED]     = "liaison.requested",
    [EVENT_CASE_REVIEW_REFERRED]  = "case_review.referred",
    [EVENT_EXTERNAL_REFERRED]     = "external.referred",
    [EVENT_COMPLAINT_RAISED]      = "complaint.raised",
    [EVENT_LEARNING_IDENTIFIED]   = "learning.identified",
    [EVENT_CASE_CLOSURE_PROPOSED] = "case.closure_proposed",
    [EVENT_CASE_DEESCALATED]      = "case.deescalated",
    [EVENT_RESOLUTION_PROPOSED]   = "resolution.proposed",
    [EVENT_RESOLUTION_AGREED]     = "resolution.agreed",
    [EVENT_WITHDRAWN]             = "withdrawn",
    [EVENT_REOPENED]              = "reopened",
    [EVENT_HOLD]                  = "hold",
    [EVENT_RELEASE]               = "release",
    [EVENT_FOLLOWUP_DONE]         = "followup.done",
    [EVENT_CONTACT_CHANGED]       = "contact.changed",
    [EVENT_CORRECTION]            = "correction",
};
/* clang-format on */

enum event_kind event_kind_of(const char *type)
{
    const char *name = event_short_type(type);

    if (name == type)
        return EVENT_UNKNOWN;
    for (int kind = EVENT_UNKNOWN + 1; kind < EVENT_KIND_COUNT; kind++)
        if (!strcmp(names[kind], name))
            return (enum event_kind)kind;
    return EVENT_UNKNOWN;
}

const char *event_name(enum event_kind kind)
{
    return (unsigned)kind < EVENT_KIND_COUNT ? names[kind] : "";
}

const char *event_short_type(const char *type)
{
    size_t length = strlen(EVENT_PREFIX);

    return strncmp(type, EVENT_PREFIX, length) ? type : type + length;
}

bool event_is_closing(enum event_kind kind)
{
    return kind == EVENT_RESOLUTION_PROPOSED || kind == EVENT_RESOLUTION_AGREED ||
           kind == EVENT_WITHDRAWN || kind == EVENT_HOLD;
}
