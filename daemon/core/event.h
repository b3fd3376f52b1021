/* event.h - what case systems may say.
 *
 * A value: protocol/cloudevent.h makes one from bytes.  Every text is bounded by
 * what the protocol admits.
 */
#ifndef CONCERN_CORE_EVENT_H
#define CONCERN_CORE_EVENT_H

#include "core/base.h"

/** In the order of the table in wire.md; the names are in event.c. */
enum event_kind {
    EVENT_UNKNOWN, /* a type nobody here knows: kept, recorded, changes nothing; or a declared one
                    */
    EVENT_DISAGREEMENT_RAISED,
    EVENT_ACKNOWLEDGED,
    EVENT_DISCUSSION_HELD,
    EVENT_STAGE_UNRESOLVED,
    EVENT_STAGE_SET,
    EVENT_ESCALATION_INTENDED,
    EVENT_DEADLINE_SET,
    EVENT_DEADLINE_EXTENDED,
    EVENT_MANAGER_UNRESPONSIVE,
    EVENT_RISK_CHANGED,
    EVENT_POSITION_CHANGED,
    EVENT_FLAG_CHANGED,
    EVENT_QUESTION_ANSWERED,
    EVENT_AGENCY_JOINED,
    EVENT_ADVICE_REQUESTED,
    EVENT_LIAISON_REQUESTED,
    EVENT_CASE_REVIEW_REFERRED,
    EVENT_EXTERNAL_REFERRED,
    EVENT_COMPLAINT_RAISED,
    EVENT_LEARNING_IDENTIFIED,
    EVENT_CASE_CLOSURE_PROPOSED,
    EVENT_CASE_DEESCALATED,
    EVENT_RESOLUTION_PROPOSED,
    EVENT_RESOLUTION_AGREED,
    EVENT_WITHDRAWN,
    EVENT_REOPENED,
    EVENT_HOLD,
    EVENT_RELEASE,
    EVENT_FOLLOWUP_DONE,
    EVENT_CONTACT_CHANGED,
    EVENT_CORRECTION,
    EVENT_KIND_COUNT
};

#define EVENT_PREFIX "concernd."

enum {
    EVENT_SOURCE_MAX = 200,
    EVENT_TYPE_MAX = 80, /* prefix included */
    EVENT_LINK_MAX = 300,
    EVENT_CHALLENGED_MAX = 8,
    EVENT_PEOPLE_MAX = 24,
    EVENT_FACTS_MAX = 24
};

/** Who holds a role for this disagreement: a person of the directory, or an address. */
struct event_person {
    char agency[ID_MAX + 1];
    char role[ID_MAX + 1];
    char person[ID_MAX + 1];     /* "" where an address is given */
    char email[ADDRESS_MAX + 1]; /* "" where a person is given */
};

struct event_fact {
    char name[ID_MAX + 1];
    char value[ID_MAX + 1]; /* "yes" and "no" for true and false */
};

struct event {
    /* the envelope */
    char id[ID_MAX + 1];
    char source[EVENT_SOURCE_MAX + 1];
    char type[EVENT_TYPE_MAX + 1]; /* whole, as it came */
    char subject[ID_MAX + 1];      /* the disagreement's reference */
    char board[ID_MAX + 1];        /* extension; "" where not given */
    struct instant time;           /* when it happened */
    struct instant received;       /* when it arrived; set by who takes it */
    bool has_sequence;
    uint64_t sequence;
    char seqepoch[37];
    enum event_kind kind;

    /* the data, each "" or INSTANT_NONE or 0 where not given */
    struct {
        char agency[ID_MAX + 1];
        char board[ID_MAX + 1];
        char role[ID_MAX + 1];
        char person[ID_MAX + 1];
    } by;
    char procedure[ID_MAX + 1];
    char case_reference[ID_MAX + 1];
    char category[ID_MAX + 1];
    char link[EVENT_LINK_MAX + 1];
    char challenging[ID_MAX + 1]; /* agency */
    char challenged[EVENT_CHALLENGED_MAX][ID_MAX + 1];
    uint8_t challenged_count;
    struct event_person people[EVENT_PEOPLE_MAX]; /* contact.changed gives one too */
    uint8_t people_count;
    struct event_fact facts[EVENT_FACTS_MAX]; /* of risk., position. and flag.changed too */
    uint8_t fact_count;
    char stage[ID_MAX + 1];
    char deadline[ID_MAX + 1];
    char question[ID_MAX + 1];
    char answer[ID_MAX + 1];
    char agency[ID_MAX + 1];
    char side[ID_MAX + 1];
    char role[ID_MAX + 1];
    char outcome[ID_MAX + 1];
    char notification[ID_MAX + 1];
    char token[ID_MAX + 1]; /* of a link to acknowledge by (protocol/acknowledgement.h) */
    char reference[ID_MAX + 1];
    char supersedes[ID_MAX + 1];
    char wishes_considered[4];
    char reason[FREE_TEXT_MAX + 1];
    struct instant due;
    struct instant until;
    struct instant date; /* review, date: what "date in event" reads */
};

/** The kind of a whole type, "concernd.risk.changed"; EVENT_UNKNOWN for any other. */
enum event_kind event_kind_of(const char *type);

/** The type of a kind without its prefix, "risk.changed"; "" for EVENT_UNKNOWN. */
const char *event_name(enum event_kind kind);

/** An event's type without its prefix, where it has it; else whole. */
const char *event_short_type(const char *type);

/**
 * Whether this kind can silence a disagreement, and so needs the right `close`:
 * resolution.proposed, resolution.agreed, withdrawn, hold (wire.md, "Silencing").
 */
bool event_is_closing(enum event_kind kind);

#endif
