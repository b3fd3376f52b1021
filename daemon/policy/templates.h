/* templates.h - the texts of notifications, read from a folder and checked.
 *
 * One file per template, "<id>.txt" in UTF-8.  What a template may say is core/compose.h's
 * matter; here its text is found, and template_check()'s findings get their file.
 */
#ifndef CONCERN_POLICY_TEMPLATES_H
#define CONCERN_POLICY_TEMPLATES_H

#include "core/compose.h"
#include "policy/faults.h"

struct templates_file;

enum {
    TEMPLATES_MAX = 256,
    TEMPLATE_TEXT_MAX = 64 * 1024 /* bytes */
};

enum templates_answer {
    TEMPLATES_OK,
    TEMPLATES_FAULTY, /* told to the faults, all of them */
};

/** Reads every *.txt of `folders` (`count` of them, those that do not exist passed over); of
 *  two of the same name the earlier folder's is taken.  TEMPLATES_OK sets `*file`;
 *  TEMPLATES_FAULTY; -ENOMEM. */
int templates_read(const char *const *folders, size_t count, struct faults *faults,
                   struct templates_file **file);

/** The value; it lives as long as the file. */
const struct templates *templates_of(const struct templates_file *file);

/** Whether there is a template of that id. */
bool templates_have(const struct templates *templates, const char *id);

/** Frees it; NULL is fine; sets NULL. */
void templates_close(struct templates_file **file);

#endif
