/* policy.h - procedures, calendars, directory, templates: loaded together, checked together.
 *
 * A policy never changes once it is loaded, but for the old versions of procedures that
 * are remembered in it: a reload loads a second one, and whoever holds the pointer
 * exchanges it, so that a bad file leaves the old policy in force.
 */
#ifndef CONCERN_POLICY_POLICY_H
#define CONCERN_POLICY_POLICY_H

#include "core/compose.h"
#include "core/decide.h"
#include "core/directory.h"
#include "policy/directory_read.h"
#include "policy/settings.h"

struct policy;

enum policy_answer {
    POLICY_OK,
    POLICY_FAULTY,  /* told to the faults, all of them */
    POLICY_UNKNOWN, /* no such procedure or version */
};

/**
 * Loads everything the settings name.  POLICY_OK (warnings may have been told) sets `*policy`,
 * closed with policy_close; POLICY_FAULTY; -ENOMEM.  The settings are not kept.
 */
int policy_load(const struct settings *settings, struct faults *faults, struct policy **policy);

/**
 * Loads one procedure alone, the file `procedure`, with the calendars the settings name: what
 * `concernctl simulate` plays.  `directory` is a directory's file, or NULL: then nobody is
 * listed and policy_directory() answers NULL.  There are no templates, so nothing can be
 * rendered under it.  Answers as policy_load(), and POLICY_FAULTY where it stays open which of
 * the directory's boards has the procedure.
 */
int policy_load_alone(const struct settings *settings, const char *procedure, const char *directory,
                      struct faults *faults, struct policy **policy);

/**
 * Warns of every procedure in force whose calendar ends before a deadline of it may: a
 * disagreement raised at `today`, with every stage run to its limit.
 */
void policy_check_calendars(const struct policy *policy, struct instant today,
                            struct faults *faults);

/** Warns of every role of the directory that has a holder and nobody who is there at `today` (a
 *  day in UTC): until one of them is back it goes on as if nobody held it. */
void policy_check_absence(const struct policy *policy, struct instant today, struct faults *faults);

/**
 * Renders every message of every procedure in force in every language, in invented shapes
 * (core/shape.h), and tells of each line of a template that would be read wrongly.  Loading does so
 * with few shapes; `all` takes every one.  POLICY_OK, POLICY_FAULTY, -ENOMEM.
 */
int policy_check_texts(const struct policy *policy, bool all, struct faults *faults);

/** Frees it with every version remembered; NULL is fine; sets NULL. */
void policy_close(struct policy **policy);

/** What decide() needs for the version of procedure `id` in force.  POLICY_OK or POLICY_UNKNOWN.
 *  The view borrows from the policy. */
int policy_view(const struct policy *policy, const char *id, struct policy_view *view);

/** The same for one version, in force or remembered, by its hash. */
int policy_view_of_hash(const struct policy *policy, const char *hash, struct policy_view *view);

/**
 * Remembers an old version of a procedure from its text, as the store keeps it, with the
 * calendar and zone it names.  A version that is already known is POLICY_OK too.  POLICY_FAULTY
 * where it can no longer be read or its calendar is gone; -ENOMEM.
 */
int policy_remember(struct policy *policy, const char *name, const char *text, size_t length,
                    struct faults *faults);

/** A version of a procedure, in force or remembered; NULL if it is not known. */
const struct procedure *policy_procedure_by_hash(const struct policy *policy, const char *hash);

/** The text of a version, for the store; NULL if it is not known. */
const char *policy_text_of_hash(const struct policy *policy, const char *hash, size_t *length);

/** The procedures in force, in order of their ids; NULL past the last. */
const struct procedure *policy_procedure(const struct policy *policy, size_t index);

/** The board whose procedure it is; NULL if none or more than one. */
const struct agency *policy_board_of(const struct policy *policy, const char *procedure);

/** NULL where a policy was loaded alone, without one. */
const struct directory *policy_directory(const struct policy *policy);
const struct templates *policy_templates(const struct policy *policy);
const struct endpoint_setting *policy_endpoints(const struct policy *policy, size_t *count);

/** A calendar by its id, or of a union by its parts ("a + b") where a procedure names it; NULL
 *  if there is none. */
const struct calendar *policy_calendar(const struct policy *policy, const char *id);

#endif
