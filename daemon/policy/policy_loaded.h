/* policy_loaded.h - the inside of a policy; only policy.c and policy_check.c include it. */
#ifndef CONCERN_POLICY_POLICY_LOADED_H
#define CONCERN_POLICY_POLICY_LOADED_H

#include "policy/calendar_read.h"
#include "policy/folder.h"
#include "policy/policy.h"
#include "policy/templates.h"
#include "policy/zoneinfo.h"

enum { SEARCHED = 2 }; /* folders: the operator's own, and the installed one */

/** A version of a procedure with the calendar and zone it counts in. */
struct version {
    struct procedure_file *file;
    const struct calendar *calendar;
    const struct zone *zone;
    bool in_force; /* else remembered */
};

struct policy {
    struct arena *arena; /* the texts and lists here */
    struct procedure_defaults defaults;
    const char *calendar_folders[SEARCHED];

    struct version *versions; /* those in force first, by id; grows as versions are remembered */
    size_t version_count, version_capacity;

    struct named_calendar {
        char *phrase;
        struct loaded_calendar *loaded;
    } * calendars;
    size_t calendar_count, calendar_capacity;

    struct zone **zones;
    size_t zone_count, zone_capacity;

    struct directory_file *directory;
    struct templates_file *templates;
    const char *template_folder; /* the installed one */
};

/** Checks the loaded parts against each other; false where there are errors. */
bool policy_check(const struct policy *policy, struct faults *faults);

/**
 * Warns of what lies among the board's own templates (`folder`; NULL or missing: none) and is sent
 * to nobody: a text whose name is no message's, of those the notation always has and those that a
 * procedure in force names, and whatever is neither a text, nor the words, nor a README, *.md, or
 * what editors and packages leave beside a file.  POLICY_OK, POLICY_FAULTY where the folder cannot
 * be read, or -ENOMEM.
 */
int policy_check_text_names(const struct policy *policy, const char *folder, struct faults *faults);

#endif
