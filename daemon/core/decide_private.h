/* decide_private.h - what the files of decide share: the decision being made. */
#ifndef CONCERN_CORE_DECIDE_PRIVATE_H
#define CONCERN_CORE_DECIDE_PRIVATE_H

#include "core/audience.h"
#include "core/decide.h"
#include "core/rule.h"

struct deciding {
    const struct policy_view *view;
    const struct procedure *procedure;
    struct decision *decision;
    struct disagreement *after; /* &decision->after */
    const struct event *event;  /* NULL unless an event is the cause */
    struct instant at;          /* the instant of what comes about */
    party_mask sender;
    const struct event *superseded, *corrected; /* of a correction, as in struct cause */
    const struct procedure *left;               /* of CAUSE_VERSION, else NULL */
    const struct acknowledged *acknowledged;    /* as in struct cause */
};

/* --- effects (decide.c) */

/** A new effect of this instant with nothing else set. */
struct effect *effect_add(struct deciding *self, enum effect_kind kind, struct because because);

struct because because_stage(int stage);
struct because because_deadline(int deadline);
struct because because_rule(int rule);
struct because because_event(const struct event *event);

/** The place to read selectors from: the stage of the moment. */
struct audience_place place_now(const struct deciding *self);

/**
 * Tells an audience, and remembers whom; nothing where the audience is empty.  Returns the
 * effect, to add to it, or NULL.
 */
struct effect *tell(struct deciding *self, enum message message, const struct audience *audience,
                    struct because because);

/** What conditions are read against now, with the event being decided or without it. */
struct rule_view view_now(const struct deciding *self, const struct event *event);

/** Notes that each of the parties was heard by the event: none is silent. */
void note_heard(struct deciding *self, party_mask parties);

/* --- rules and duties (decide_rule.c) */

/** Evaluates every rule and every duty; called after every event and every passing. */
void evaluate_rules(struct deciding *self);

/** Whether a rule may still tell: `once` limits it. */
bool rule_may_tell(const struct deciding *self, size_t rule);

/** After a move to another version: whom a rule waits to ask no longer, it tells. */
void tell_what_needs_no_answer(struct deciding *self);

/** Takes the answer of somebody who was asked; an enum decide_answer. */
int take_answer(struct deciding *self);

/* --- stages (decide_stage.c) */

/** Enters a stage afresh, whether or not its `when` holds. */
void stage_enter(struct deciding *self, int stage, struct because because);

/** The first stage from `stage` on whose `when` holds; -1 where there is none. */
int stage_first_open(const struct deciding *self, int stage);

/** The stage an advance from the current one would enter; -1: none. */
int stage_next(const struct deciding *self);

/** Leaves the current stage for the next one; does nothing at the last. */
void stage_advance(struct deciding *self, struct because because);

/** Tells the challenged side that it is intended to escalate to a senior stage. */
void stage_tell_intention(struct deciding *self, int next, struct because because);

/** Asks the challenging side's handlers whether to advance. */
void stage_ask(struct deciding *self, int stage);

/** Does what the passing of a deadline does: advances, or closes; a hold freezes it. */
void deadline_let_pass(struct deciding *self, int deadline, struct because because);

/** A hold has ended: what it froze comes about now. */
void let_frozen_pass(struct deciding *self);

/** Ends the disagreement: every deadline stops but the duties; a resolution starts its own. */
void disagreement_close(struct deciding *self, enum disagreement_state as, struct because because);

/* --- deadlines (decide_deadline.c) */

/** Starts a deadline at `from` if its `when` holds then; tells its owners unless it is a stage's.
 */
void deadline_start(struct deciding *self, int deadline, struct instant from,
                    struct because because);

/** Starts the deadlines of a procedure that start in this way. */
void deadlines_start(struct deciding *self, enum start_kind kind, const char *event, int passed,
                     struct instant from, struct because because);

/** After a move to another version: starts what, under its text, would have started so far and
 *  under that of `self->left` has not. */
void deadlines_start_missed(struct deciding *self, const struct disagreement *before,
                            struct because because);

/** Stops a deadline that runs or has passed; nothing else. */
void deadline_stop(struct deciding *self, int deadline, struct because because);

/** Computes due and wake anew; tells where the due instant moved. */
void deadline_recompute(struct deciding *self, int deadline, struct because because);

/** All that comes about at the instant self->at: passings, reminders and chases. */
void deadlines_act(struct deciding *self);

/** Tells the owners of a deadline that have not done it. */
void deadline_tell_owners(struct deciding *self, int deadline, enum message message,
                          struct because because);

/** Starts what runs after a resolution. */
void deadlines_start_after_resolution(struct deciding *self, struct because because);

/** One agency, or the board, has done it; stops it where that is all it takes. */
void deadline_done(struct deciding *self, int deadline, party_mask by, struct because because);

/** Whether a deadline is a duty: started by its `when` alone, stopped only when done. */
bool deadline_is_duty(const struct deadline *deadline);

/** Whether it is the current stage's own deadline. */
bool deadline_is_own_of_stage(const struct deciding *self, int deadline);

/** Sets the wake of a deadline from its state. */
void deadline_set_wake(struct deciding *self, int deadline);

/* --- events (decide_event.c) */

/** Applies an event to a disagreement that was raised; an enum decide_answer. */
int event_apply(struct deciding *self);

/** Whether a rule on an event of this kind tells once the disagreement is over: of the event that
 *  ended it, of one that asks somebody for something, and of what is no step of it. */
bool event_is_heard_after_the_end(enum event_kind kind);

/** What an event's kind does by itself, without what the procedure makes of it; an enum
 *  decide_answer. */
int event_apply_kind(struct deciding *self);

/** Ends it as withdrawn; only the challenging agency may.  An enum decide_answer. */
int event_withdraw(struct deciding *self);

/** Lets what is held go on; an enum decide_answer. */
int event_release(struct deciding *self);

/** Adds an agency to the challenged side and tells it where things stand; an enum
 *  decide_answer. */
int event_join(struct deciding *self, const char *agency);

/** Names who holds roles in this disagreement. */
void event_name_people(struct deciding *self, const struct event *event);

/* --- another version (decide_move.c) */

/** Moves `before`, kept under self->left, to self->procedure; an enum decide_answer. */
int disagreement_move(struct deciding *self, const struct disagreement *before);

/* --- corrections (decide_correct.c) */

/** Puts right what an event said; an enum decide_answer. */
int event_correct(struct deciding *self);

/* --- events, the procedure's part (decide_event.c) */

/** What the procedure itself makes of an event: it stops, starts and advances what it names. */
void event_apply_procedure(struct deciding *self, const char *name);

/** Whatever was agreed is agreed no more. */
void forget_agreements(struct disagreement *after);

/** Tells those who still have to agree to what was proposed. */
void tell_still_to_agree(struct deciding *self);

/** Refuses with a reason; answers `answer`. */
int decide_refuse(struct deciding *self, int answer, const char *why);

#endif
