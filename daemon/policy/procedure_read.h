/* procedure_read.h - a board's file becomes a struct procedure.
 *
 * It understands the whole notation and checks it whole; what it does not know it refuses with
 * its place and the nearest known word.  Nothing that is written is ever ignored.
 *
 * What the defaults "written under" become in the value:
 *   - a stage: from stage_entered, owners its handlers, when_passed advance (alert on the last);
 *   - a stage's deadline: from stage_entered, owners stage.handlers, alert;
 *   - under `deadlines`: from raised, owners stage.handlers, alert; with `when` and without
 *     `from` it is a duty and from_count is 0: it starts when `when` comes to hold;
 *   - under `after_resolution`: from_count is 0 (the resolution), owners stage.handlers (of the
 *     last stage that is not the board's), done_by each, alert; a `from` written there is kept.
 * `remind`, `chase` and `counting` hold what goes: the deadline's own, else the procedure's,
 * else the given defaults.  Deadlines and rules stand in the order of the file.
 */
#ifndef CONCERN_POLICY_PROCEDURE_READ_H
#define CONCERN_POLICY_PROCEDURE_READ_H

#include "core/procedure.h"
#include "policy/faults.h"

/** A procedure with its texts and lists, and the bytes it was read from. */
struct procedure_file;

/** What holds where neither a deadline nor its procedure says it (the settings do). */
struct procedure_defaults {
    struct remind remind;
    struct chase chase;
};

enum procedure_answer {
    PROCEDURE_OK,
    PROCEDURE_FAULTY, /* told to the faults, all of them */
};

/** "1 working day before" and "every 5 working days": what the settings hold as shipped. */
struct procedure_defaults procedure_defaults_shipped(void);

/** Reads `path`.  PROCEDURE_OK sets `*file`, closed with procedure_close; PROCEDURE_FAULTY (a
 *  file that cannot be read too); -ENOMEM. */
int procedure_read(const char *path, const struct procedure_defaults *defaults,
                   struct faults *faults, struct procedure_file **file);

/** The same from bytes; `name` stands for the file in the faults.  The bytes are copied. */
int procedure_read_text(const char *name, const char *bytes, size_t length,
                        const struct procedure_defaults *defaults, struct faults *faults,
                        struct procedure_file **file);

/** The value; it lives as long as the file. */
const struct procedure *procedure_of(const struct procedure_file *file);

/** The bytes it was read from, whose SHA-256 is procedure_of(file)->hash. */
const char *procedure_text(const struct procedure_file *file, size_t *length);

/** Where it was read from: the path, or the given name. */
const char *procedure_name(const struct procedure_file *file);

/** Where a key at the top of the file stands, `line` 0 if it is not written. */
void procedure_place(const struct procedure_file *file, const char *key, unsigned *line,
                     unsigned *column);

/** Where `key` of the stage, deadline or rule that begins in `item_line` stands; 0: nowhere. */
void procedure_place_in(const struct procedure_file *file, unsigned item_line, const char *key,
                        unsigned *line, unsigned *column);

/**
 * Finds what was read without a fault and can never come about: a stage nobody can reach, a
 * deadline that can never start, pass or be owned, a rule that can never fire or tells nobody.
 * Answers whether there is none; each is told as an error.  A version that disagreements keep is
 * not checked so: it was accepted once, and they must go on.
 */
bool procedure_check(const struct procedure_file *file, struct faults *faults);

/** Frees it; NULL is fine; sets NULL. */
void procedure_close(struct procedure_file **file);

#endif
