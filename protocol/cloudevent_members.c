/* cloudevent_members.c - which members the data of each type of event has. */
#include "protocol/cloudevent_data.h"

#include <string.h>

#define AT(field) offsetof(struct event, field)
/* What every event may carry, and the end of a row. */
#define MAY_BY                                                                                     \
    { "by", MEMBER_BY, false, 0 },                                                                 \
    {                                                                                              \
        NULL, MEMBER_ID, false, 0                                                                  \
    }
/* For the events whose meaning is who did it. */
#define MUST_BY                                                                                    \
    { "by", MEMBER_BY, true, 0 },                                                                  \
    {                                                                                              \
        NULL, MEMBER_ID, false, 0                                                                  \
    }

enum { ROW_MAX = 12 };

/* clang-format off */
static const struct member members[EVENT_KIND_COUNT][ROW_MAX + 1] = {
    [EVENT_UNKNOWN] = { /* what a procedure's own events may carry */
        { "date",              MEMBER_INSTANT, false, AT(date) },
        { "board",             MEMBER_ID,      false, AT(board) },
        { "procedure",         MEMBER_ID,      false, AT(procedure) },
        { "challenging",       MEMBER_PARTY,   false, 0 },
        { "challenged",        MEMBER_PARTIES, false, 0 }, MAY_BY },
    [EVENT_DISAGREEMENT_RAISED] = {
        { "procedure",         MEMBER_ID,      false, AT(procedure) },
        { "board",             MEMBER_ID,      false, AT(board) },
        { "case",              MEMBER_ID,      false, AT(case_reference) },
        { "category",          MEMBER_ID,      false, AT(category) },
        { "challenging",       MEMBER_PARTY,   true,  0 },
        { "challenged",        MEMBER_PARTIES, true,  0 },
        { "facts",             MEMBER_FACTS,   false, 0 },
        { "stage",             MEMBER_ID,      false, AT(stage) },
        { "link",              MEMBER_LINK,    false, AT(link) }, MAY_BY },
    [EVENT_ACKNOWLEDGED] = {
        { "notification",      MEMBER_ID,      false, AT(notification) },
        { "token",             MEMBER_ID,      false, AT(token) }, MUST_BY },
    [EVENT_DISCUSSION_HELD] = {
        { "stage",             MEMBER_ID,      false, AT(stage) }, MAY_BY },
    [EVENT_STAGE_UNRESOLVED] = {
        { "stage",             MEMBER_ID,      false, AT(stage) },
        { "reason",            MEMBER_TEXT,    false, AT(reason) }, MAY_BY },
    [EVENT_STAGE_SET] = {
        { "stage",             MEMBER_ID,      true,  AT(stage) },
        { "reason",            MEMBER_TEXT,    true,  AT(reason) }, MAY_BY },
    [EVENT_ESCALATION_INTENDED] = { MAY_BY },
    [EVENT_DEADLINE_SET] = {
        { "deadline",          MEMBER_ID,      false, AT(deadline) },
        { "due",               MEMBER_INSTANT, true,  AT(due) }, MAY_BY },
    [EVENT_DEADLINE_EXTENDED] = {
        { "deadline",          MEMBER_ID,      false, AT(deadline) },
        { "due",               MEMBER_INSTANT, false, AT(due) },
        { "reason",            MEMBER_TEXT,    true,  AT(reason) }, MAY_BY },
    [EVENT_MANAGER_UNRESPONSIVE] = {
        { "agency",            MEMBER_ID,      true,  AT(agency) },
        { "role",              MEMBER_ID,      true,  AT(role) }, MAY_BY },
    [EVENT_RISK_CHANGED] = {
        { "risk",              MEMBER_FACT,    true,  0 }, MAY_BY },
    [EVENT_POSITION_CHANGED] = {
        { "agency",            MEMBER_ID,      true,  AT(agency) },
        { "non_involvement",   MEMBER_FACT,    true,  0 }, MAY_BY },
    [EVENT_FLAG_CHANGED] = {
        { "flag",              MEMBER_FLAG,    true,  0 },
        { "value",             MEMBER_VALUE,   true,  0 }, MAY_BY },
    [EVENT_QUESTION_ANSWERED] = {
        { "question",          MEMBER_ID,      true,  AT(question) },
        { "answer",            MEMBER_YES_NO,  true,  AT(answer) },
        { "reason",            MEMBER_TEXT,    false, AT(reason) }, MUST_BY },
    [EVENT_AGENCY_JOINED] = {
        { "agency",            MEMBER_ID,      true,  AT(agency) },
        { "side",              MEMBER_SIDE,    true,  AT(side) },
        { "people",            MEMBER_PEOPLE,  false, AT(agency) },
        { "reason",            MEMBER_TEXT,    true,  AT(reason) }, MAY_BY },
    [EVENT_ADVICE_REQUESTED]      = { { "reference", MEMBER_ID, false, AT(reference) }, MAY_BY },
    [EVENT_LIAISON_REQUESTED]     = { { "reference", MEMBER_ID, false, AT(reference) }, MAY_BY },
    [EVENT_CASE_REVIEW_REFERRED]  = { { "reference", MEMBER_ID, false, AT(reference) }, MAY_BY },
    [EVENT_EXTERNAL_REFERRED]     = { { "reference", MEMBER_ID, false, AT(reference) }, MAY_BY },
    [EVENT_COMPLAINT_RAISED]      = { { "reference", MEMBER_ID, false, AT(reference) }, MAY_BY },
    [EVENT_LEARNING_IDENTIFIED]   = { { "reference", MEMBER_ID, false, AT(reference) }, MAY_BY },
    [EVENT_CASE_CLOSURE_PROPOSED] = { { "reference", MEMBER_ID, false, AT(reference) }, MAY_BY },
    [EVENT_CASE_DEESCALATED]      = { { "reference", MEMBER_ID, false, AT(reference) }, MAY_BY },
    [EVENT_RESOLUTION_PROPOSED] = {
        { "outcome",           MEMBER_ID,      true,  AT(outcome) },
        { "review",            MEMBER_INSTANT, false, AT(date) },
        { "wishes_considered", MEMBER_YES_NO,  false, AT(wishes_considered) },
        { "reference",         MEMBER_ID,      false, AT(reference) }, MUST_BY },
    [EVENT_RESOLUTION_AGREED] = { MUST_BY },
    [EVENT_WITHDRAWN] = {
        { "reason",            MEMBER_TEXT,    true,  AT(reason) }, MUST_BY },
    [EVENT_REOPENED] = {
        { "reason",            MEMBER_TEXT,    true,  AT(reason) }, MUST_BY },
    [EVENT_HOLD] = {
        { "reason",            MEMBER_TEXT,    true,  AT(reason) },
        { "until",             MEMBER_INSTANT, true,  AT(until) }, MAY_BY },
    [EVENT_RELEASE] = {
        { "reason",            MEMBER_TEXT,    true,  AT(reason) }, MAY_BY },
    [EVENT_FOLLOWUP_DONE] = {
        { "deadline",          MEMBER_ID,      true,  AT(deadline) }, MUST_BY },
    [EVENT_CONTACT_CHANGED] = { /* and one of person and email */
        { "agency",            MEMBER_ID,      true,  AT(agency) },
        { "role",              MEMBER_ID,      true,  AT(role) },
        { "person",            MEMBER_PERSON,  false, 0 },
        { "email",             MEMBER_EMAIL,   false, 0 }, MAY_BY },
    [EVENT_CORRECTION] = {
        { "supersedes",        MEMBER_ID,      true,  AT(supersedes) },
        { "event",             MEMBER_EVENT,   true,  0 }, MAY_BY },
};
/* clang-format on */

const struct member *cloudevent_members(enum event_kind kind)
{
    return members[(unsigned)kind < EVENT_KIND_COUNT ? kind : EVENT_UNKNOWN];
}

const char *member_kind_text(enum member_kind kind)
{
    static const char *const texts[MEMBER_KIND_COUNT] = {
        [MEMBER_ID] = "id",           [MEMBER_TEXT] = "text",     [MEMBER_LINK] = "link",
        [MEMBER_INSTANT] = "instant", [MEMBER_YES_NO] = "yes_no", [MEMBER_SIDE] = "side",
        [MEMBER_BY] = "by",           [MEMBER_PARTY] = "party",   [MEMBER_PARTIES] = "parties",
        [MEMBER_PEOPLE] = "people",   [MEMBER_FACTS] = "facts",   [MEMBER_FACT] = "fact",
        [MEMBER_FLAG] = "flag",       [MEMBER_VALUE] = "value",   [MEMBER_PERSON] = "person",
        [MEMBER_EMAIL] = "email",     [MEMBER_EVENT] = "event",
    };

    return texts[kind];
}
