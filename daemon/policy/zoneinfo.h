/* zoneinfo.h - makes a zone from the system's tzdata, so that a change of the law of time needs
 * a system update and a reload, not a new build.
 */
#ifndef CONCERN_POLICY_ZONEINFO_H
#define CONCERN_POLICY_ZONEINFO_H

#include "core/text.h"
#include "core/zone.h"

enum {
    ZONEINFO_FILE_MAX = 64 * 1024, /* bytes; the largest of tzdata has under 4 KiB */
    ZONEINFO_CHANGES_MAX = 4096,
    ZONEINFO_LAST_YEAR = 2099 /* the rule at a file's end is followed to the end of this year */
};

enum zoneinfo_answer {
    ZONEINFO_OK,
    ZONEINFO_UNKNOWN,    /* no such zone, or a name that leaves the folder of zones */
    ZONEINFO_UNREADABLE, /* the file is no time zone we can read */
};

/**
 * Loads the zone `name` ("Europe/London") from $TZDIR, or else /usr/share/zoneinfo.
 *
 * Sets `*zone`, freed with zoneinfo_free, on ZONEINFO_OK alone; -ENOMEM for lack of memory.  On
 * all other answers `error` (not NULL) says what is wrong, in one line without its end.
 */
int zoneinfo_load(const char *name, struct zone **zone, struct text *error);

/** The same from the `size` bytes of a file (TZif, version 2 or later). */
int zoneinfo_read(const char *name, const unsigned char *bytes, size_t size, struct zone **zone,
                  struct text *error);

/** Frees a zone with its table; NULL is fine; sets NULL. */
void zoneinfo_free(struct zone **zone);

#endif
