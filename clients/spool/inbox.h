/* inbox.h - the folder: what lies in it is taken, kept while it is sent, and laid aside.
 *
 *     FOLDER/NAME           dropped by the case system, by renaming it into the folder
 *     FOLDER/work/NAME      taken; one at a time
 *     FOLDER/work/.rows     what it has become, written before the first event is sent
 *     FOLDER/done/NAME      every event of it is acknowledged
 *     FOLDER/error/NAME     not every one; NAME.reason.txt beside it says which and why
 *
 * Each step is one rename that is on disk before the next begins, so that after any end the file
 * is in one of these places and the next start goes on from there.  Taking is a rename too: what
 * is dropped under the same name meanwhile is another file, never written over.
 */
#ifndef CONCERN_SPOOL_INBOX_H
#define CONCERN_SPOOL_INBOX_H

#include "spool/rows.h"

struct inbox;

enum {
    INBOX_NAME_MAX = 200, /* bytes of a file's name: room for what is put behind it */
    INBOX_LOOK_MAX = 100, /* files taken between two looks at the whole folder */
};

enum inbox_answer {
    INBOX_OK,
    INBOX_NOTHING, /* no file to take */
    INBOX_LATER,   /* a file is there that may still be written */
    INBOX_UNFIT    /* the file cannot be read as it is; `why` says what would be right */
};

/** What was read of the file that is taken. */
struct inbox_content {
    char *bytes; /* the caller's to free */
    size_t size;
    struct instant written;    /* when the file was written last, in whole seconds */
    char hash[ROWS_HASH_SIZE]; /* of name, time and bytes: whose rows are kept */
};

/**
 * Opens the folder, makes what is missing beneath it, and locks it: one concern-spool works on
 * it.  0, or negative, told.
 */
int inbox_open(const char *path, struct inbox **inbox);

/** A descriptor to poll for what is dropped; -1 where the kernel tells nothing, or of NULL. */
int inbox_descriptor(const struct inbox *inbox);

/** Takes note of what the descriptor told; NULL is fine. */
void inbox_heard(struct inbox *inbox);

/**
 * Takes the next file: one that was taken before and not laid aside, else the first by name of
 * those that were not written for `settle_s` seconds.  INBOX_OK sets `*name`, which lives until
 * the next call; INBOX_NOTHING; INBOX_LATER; negative, told: after that the folder is best opened
 * anew, for another may have its name now (-ESTALE).
 */
int inbox_take(struct inbox *inbox, int64_t settle_s, const char **name);

/** How many files wait, as of the last look at the folder; of NULL none. */
size_t inbox_waiting(const struct inbox *inbox);

/** Reads the file that is taken.  INBOX_OK sets `*content`; INBOX_UNFIT sets `*why`;
 *  INBOX_LATER while it is being written; negative, told. */
int inbox_read(struct inbox *inbox, const char *name, struct inbox_content *content,
               const char **why);

/** The rows kept for content with this hash: INBOX_OK, INBOX_NOTHING or negative, told. */
int inbox_kept(struct inbox *inbox, const char hash[ROWS_HASH_SIZE], struct rows *rows);

/** Keeps them, on disk when it returns.  0 or negative, told. */
int inbox_keep(struct inbox *inbox, const char hash[ROWS_HASH_SIZE], const struct rows *rows);

/** Writes the text that belongs to a file laid aside: a reason in error/, a note in done/. */
typedef int inbox_write(void *context, const char *name, FILE *file);

/**
 * Lays the file aside, in error/ or done/, with the text that `writer` (NULL: none) makes, under
 * NAME.reason.txt or NAME.note.txt.  Never over another: a name that is taken becomes
 * "name.2.csv".  0 sets `*place`, "done/export.csv", until the next call; or negative, told.
 */
int inbox_lay_aside(struct inbox *inbox, const char *name, bool error, inbox_write *writer,
                    void *context, const char **place);

/** NULL is fine; sets NULL. */
void inbox_close(struct inbox **inbox);

#endif
