/* happening.h - what comes about in a rehearsal, and in which order it is told.
 *
 * By time; and at one instant: passed, stopped, stage, deadline, notification (challenging,
 * challenged by agency, board; then role), closed.  What is equal in all of this keeps the
 * order in which it came about.
 */
#ifndef CONCERN_REHEARSAL_HAPPENING_H
#define CONCERN_REHEARSAL_HAPPENING_H

#include "core/plan.h"

/** In the order of one instant. */
enum happening_kind {
    HAPPENING_PASSED,       /* a limit passed */
    HAPPENING_STOPPED,      /* a deadline was stopped */
    HAPPENING_STAGE,        /* a stage was entered */
    HAPPENING_DEADLINE,     /* a deadline was started, or its due instant moved */
    HAPPENING_NOTIFICATION, /* somebody was told */
    HAPPENING_CLOSED,       /* the disagreement ended */
    HAPPENING_KIND_COUNT
};

struct happening_role {
    const char *role;     /* the one he holds */
    const char *for_role; /* the one he was told for; the same unless he stands in */
    const char *side;     /* "challenging", "challenged", "board" */
    const char *agency;   /* NULL: the board's own */
};

struct happening_say {
    const char *message;
    const char *stage; /* NULL: none */
    const char *cause; /* "stage ID", "deadline ID", "rule ID", "event TYPE" */
    const char *words; /* the procedure's sentence; NULL: none */
    struct instant due;
};

/** One thing that came about.  Texts live as long as the rehearsal and its policy. */
struct happening {
    enum happening_kind kind;
    struct instant at;   /* when it came about */
    struct instant told; /* when the daemon knew: later only where an event arrived late */
    const char *disagreement;
    const char *stage;         /* NULL: none */
    const char *deadline;      /* of PASSED, STOPPED, DEADLINE */
    struct instant due;        /* of DEADLINE; INSTANT_NONE: it has none */
    struct instant due_before; /* of DEADLINE: what it moved from, where `moved` */
    bool moved;
    bool provisional;
    bool by_event; /* of STOPPED, STAGE: `because` is an event's whole type */
    const char *because;
    enum disagreement_state closed_as; /* of CLOSED */

    /* of NOTIFICATION */
    const char *person;
    const struct happening_role *roles; /* the first is the one he is addressed in */
    size_t role_count;
    const struct happening_say *says;
    size_t say_count;
    enum priority priority;

    int rank[3];     /* of NOTIFICATION: operator last, party, role */
    size_t sequence; /* in which they came about */
};

struct happenings {
    const struct happening *const *list;
    size_t count;
};

/** "passed", "stopped", "stage", "deadline", "notification", "closed". */
const char *happening_name(enum happening_kind kind);

/* ---- for the rehearsal alone ------------------------------------------------------------ */

struct happening_keeper;

/** NULL for lack of memory. */
struct happening_keeper *happening_keeper_open(void);
void happening_keeper_close(struct happening_keeper **keeper);

/** Keeps what a decision brought about; `now` is the turn's.  A lack of memory is remembered. */
void happening_keep(struct happening_keeper *keeper, const struct policy_view *view,
                    const struct decision *decision, struct instant now);

/** Keeps who is told of a disagreement; likewise. */
void happening_keep_told(struct happening_keeper *keeper, const struct policy_view *view,
                         const struct disagreement *after, const struct plan *plan,
                         struct instant now);

/** All that was kept, in order; negative where memory ran out at any time. */
int happening_sort(struct happening_keeper *keeper, struct happenings *happenings);

#endif
