/* words_read.h - reads the words of a language from their files (core/words.h).
 *
 * A folder's words.yaml may have only some of them: what an earlier file has goes before a later
 * one's, so that who changes three words writes those three.
 */
#ifndef CONCERN_POLICY_WORDS_READ_H
#define CONCERN_POLICY_WORDS_READ_H

#include "core/words.h"
#include "policy/arena.h"
#include "policy/faults.h"

#define WORDS_FILE "words.yaml"

enum words_answer {
    WORDS_READ,
    WORDS_FAULTY, /* told to the faults, all of them */
};

/** Puts the words of `path` where there is none yet; the texts are in the arena.  WORDS_READ,
 *  WORDS_FAULTY, or -ENOMEM. */
int words_read(const char *path, struct arena *arena, struct faults *faults, struct words *words);

/** Tells of every word that no file had, at `path`; WORDS_READ or WORDS_FAULTY. */
int words_complete(const struct words *words, const char *path, struct faults *faults);

#endif
