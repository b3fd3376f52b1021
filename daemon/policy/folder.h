/* folder.h - the files of a kind in several folders, of which the earlier ones win. */
#ifndef CONCERN_POLICY_FOLDER_H
#define CONCERN_POLICY_FOLDER_H

#include "policy/arena.h"
#include "policy/faults.h"

enum { FOLDER_FILES_MAX = 512 };

struct folder_file {
    const char *name; /* without its ending */
    const char *path;
};

struct folder_files {
    struct folder_file *list; /* by name; in the arena */
    size_t count;
};

/**
 * Lists the files whose names end in `ending` (".yaml") and do not begin with a dot, of all
 * `folders` (`count` of them; NULL ones and those that do not exist are passed over).  Of two of
 * the same name only the earlier folder's is listed.  0; 1 where a folder cannot be read or holds
 * more than FOLDER_FILES_MAX, told to the faults; -ENOMEM.
 */
int folder_list(const char *const *folders, size_t count, const char *ending, struct arena *arena,
                struct faults *faults, struct folder_files *files);

/** Lists the folders within `folder` whose names do not begin with a dot; the same answers, and
 *  none where it is NULL or does not exist. */
int folder_list_folders(const char *folder, struct arena *arena, struct faults *faults,
                        struct folder_files *files);

#endif
