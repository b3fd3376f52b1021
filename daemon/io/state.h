/* state.h - the part of a disagreement that the store keeps as one JSON text.
 *
 * Everything but what store.h keeps in columns (board, reference, procedure and its hash,
 * state, raised, closed) and the running deadlines, which are rows.  Stages, rules and roles
 * are named by their ids, never by their place; masks of parties count in the text's own list
 * of parties.  What is at its default is left out.
 *
 *   {"parties":["A","B"],"case":"C-1","category":"…","link":"…","people":[{"agency":"B",
 *    "role":"line_manager","person":"j.brown","email":"…"}],"facts":[["formal_challenge","yes"]],
 *    "non_involved":2,"stage":"stage-2","previous":"stage-1","entry":2,"stage_entered":1798563600000000,
 *    "intention_entry":1,"agreed":3,"proposed":true,"held":true,"held_until":…,
 *    "rules":{"unresponsive":{"held":true,"told":1}},"told":{"line_manager":3}}
 */
#ifndef CONCERN_IO_STATE_H
#define CONCERN_IO_STATE_H

#include "core/disagreement.h"
#include "core/procedure.h"

enum state_answer {
    STATE_OK,
    STATE_UNREADABLE, /* no such text, too much of something, or an id its procedure has not */
};

/** Writes it; STATE_OK sets `*text`, which the caller frees; or -ENOMEM. */
int state_write(const struct procedure *procedure, const struct disagreement *disagreement,
                char **text);

/** Reads it into the fields that state_write() writes, and leaves all others alone. */
int state_read(const struct procedure *procedure, const char *text,
               struct disagreement *disagreement);

#endif
