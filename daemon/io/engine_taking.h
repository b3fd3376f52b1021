/* engine_taking.h - one event while it is taken: what the steps of it share. */
#ifndef CONCERN_IO_ENGINE_TAKING_H
#define CONCERN_IO_ENGINE_TAKING_H

#include "io/engine_private.h"

/* What is being taken: the event, who brings it, and where it goes. */
struct taking {
    struct engine *engine;
    const struct engine_input *input;
    const struct principal *principal; /* NULL: a rehearsal */
    struct engine_reply *reply;
    struct event *event;
    struct policy_view view;
    bool is_read;   /* `event` is whole */
    bool is_raised; /* engine->before holds the disagreement */
    bool left_out;  /* a member that the directory does not admit was left out */
    bool is_paid;   /* the key's rate has room for it */
    struct kept_event kept;
    const struct parked_row *parked; /* it was kept before, and had to wait; NULL: it arrives */
    struct instant at;               /* when its key must have been live */
};

/* The steps answer an enum engine_answer, or negative; ENGINE_TAKEN is 0, so that they read as one:
 * each goes on where the one before took. */

/* --- engine_may.c */

/** Sets the reply's NACK; answers ENGINE_REFUSED. */
int taking_refuse(struct taking *self, const char *code, const char *why);

/** Reads the event; `why` of a refusal is the reader's. */
int taking_read(struct taking *self);

/** Key live, source, board, type and right, and that it speaks for whom it names; finds the board
 *  and the procedure that it leaves to its key. */
int taking_authorise(struct taking *self);

/** The part in the disagreement. */
int taking_check_part(struct taking *self);

/** The rate, last of all: ENGINE_BUSY where it is over. */
int taking_pay(struct taking *self);

/** The addresses and contacts `event` names are its agencies' own. */
int taking_check_people(struct taking *self, const struct event *event);

/* --- engine_reference.c */

/** Leaves out what engine_leave_out() does, for the record, the messages and the answer. */
void taking_leave_out(struct taking *self, struct event *event, const char *prefix);

/** Of an event that begins a disagreement: its reference is one that the directory admits.  Where
 *  it is none the operator is told. */
int taking_check_reference(struct taking *self);

/** Tells journal and operator where something was left out of an event that is kept. */
int taking_tell_left_out(struct taking *self);

/* --- engine_acknowledge.c */

/** Finds the notification that an acknowledgement names, into engine->acknowledging; a token is
 *  checked. */
int taking_check_acknowledgement(struct taking *self);

/* --- engine_park.c: what must wait */

/** Whether it must wait until what is missing before it has come: 1 and until when at the latest,
 *  0 or negative. */
int taking_must_wait(struct taking *self, struct instant *until);

/** The same of one that the disagreement does not allow now: what is missing may be what would
 *  allow it. */
int taking_may_wait(struct taking *self, struct instant *until);

/** Keeps it without effect until then. */
int taking_park(struct taking *self, struct instant until);

/* --- engine_event.c */

/** Puts it into the record and among the known events, with these flags beside its own. */
int taking_put_event(struct taking *self, uint32_t flags);

/** What the answer says of an event that is kept. */
void taking_acknowledge(struct taking *self, bool duplicate);

/** An event that waited has its effect now; `reply` says what became of it. */
int engine_take_parked(struct engine *engine, const struct engine_input *input,
                       const struct parked_row *parked, struct engine_reply *reply);

#endif
