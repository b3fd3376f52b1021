/* keyring.h - CURVE keys and what each of them may say.
 *
 * A keyring is read from its file whole or not at all, and never changes
 * afterwards, but for the counts of its rates: a reload reads a second one and
 * swaps the pointers.  The ZAP handler (zap.h) admits connections by the same
 * keyring, and every message is checked against it again, because revoking a
 * key does not end a connection.
 *
 *     keys:
 *       - key: "<40 letters of Z85>"          the public key
 *         agency: northtown-housing           or board: northtown-sab; one of the two
 *         boards: [northtown-sab]             whom it may speak to
 *         sources: ["urn:northtown:las"]      each allows itself and what lies beneath
 *         procedures: [northtown-adults]      optional; the first is the default
 *         types: [all]                        or names as on the wire, "concernd." left out
 *         rights: [publish, close]            publish, close, read, replay, admin
 *         not_before: 2026-01-01T00:00:00Z    optional
 *         not_after: 2027-01-01T00:00:00Z     optional; from that instant on it is dead
 *         rate: 60                            events a minute, default 60
 *         burst: 120                          at once, default 120
 *         contact: board-team                 a role or reference, never a person's name
 *         max_silence: 10 minutes             optional: after it the operator is told
 */
#ifndef CONCERN_IO_KEYRING_H
#define CONCERN_IO_KEYRING_H

#include "core/base.h"
#include "protocol/wire.h"

#include <stdio.h>

struct keyring;

enum { KEYRING_KEYS_MAX = 4096, KEYRING_LIST_MAX = 64, KEYRING_FILE_MAX = 4 * 1024 * 1024 };

enum keyring_right {
    KEYRING_PUBLISH = 1,
    KEYRING_CLOSE = 2,
    KEYRING_READ = 4,
    KEYRING_REPLAY = 8,
    KEYRING_ADMIN = 16
};

/** A list of texts, in the order of the file. */
struct keyring_list {
    const char *const *items;
    size_t count;
};

/** Who holds a key.  Everything belongs to the keyring. */
struct principal {
    char key[WIRE_KEY_TEXT + 1];   /* Z85 */
    char name[ID_MAX + 1 + 8 + 1]; /* for logs: "northtown-housing/Yne@$w-v" */
    char agency[ID_MAX + 1];       /* "" when it speaks for a board */
    char board[ID_MAX + 1];        /* "" when it speaks for an agency */
    struct keyring_list boards;    /* a board's own key may always speak to its board */
    struct keyring_list sources;
    struct keyring_list procedures; /* the first is the default; may be empty */
    struct keyring_list types;      /* empty: all */
    unsigned rights;                /* enum keyring_right */
    struct instant not_before;      /* INSTANT_NONE: always was */
    struct instant not_after;       /* INSTANT_NONE: for ever */
    unsigned rate;                  /* events a minute */
    unsigned burst;
    char contact[ID_MAX + 1];
    int64_t max_silence_us; /* it promises to be heard so often; 0: it promises nothing */
};

enum keyring_answer {
    KEYRING_OK,
    KEYRING_WRONG,  /* the file can be read but not used; told to `complaints` */
    KEYRING_REFUSED /* keyring_may: no, `*code` says why */
};

/**
 * Reads the keyring in `path`.
 *
 * Refuses a file that a group or others can write, that belongs to somebody
 * else than root or the user who runs us, or that is no regular file.  Every
 * finding is one line on `complaints`, "file:line:column: what is wrong (what
 * would be right)"; NULL keeps them unsaid.
 *
 * KEYRING_OK sets `*keyring`, closed with keyring_close; KEYRING_WRONG and
 * negative (-ENOENT, -EACCES, -ENOMEM) leave it as it was, so that a failed
 * reload changes nothing.  The negative ones are told to `complaints` as well.
 */
int keyring_read(const char *path, FILE *complaints, struct keyring **keyring);

/** Frees it; NULL is fine; sets NULL. */
void keyring_close(struct keyring **keyring);

/** How many keys are in it. */
size_t keyring_count(const struct keyring *keyring);

/** The key at `index`, in the file's order. */
const struct principal *keyring_at(const struct keyring *keyring, size_t index);

/** Who holds this key (40 letters of Z85), live or not; NULL when nobody does. */
const struct principal *keyring_find(const struct keyring *keyring, const char *key);

/** The same, but NULL when the key is not live at `now`. */
const struct principal *keyring_live(const struct keyring *keyring, const char *key,
                                     struct instant now);

/** The next instant after `now` at which a key begins or ends to live, or INSTANT_NONE. */
struct instant keyring_next_change(const struct keyring *keyring, struct instant now);

/** May the principal speak for this source?  Segments match whole. */
bool keyring_check_source(const struct principal *principal, const char *source);

/** May it speak to this board? */
bool keyring_check_board(const struct principal *principal, const char *board);

/** May it send this type ("concernd.disagreement.raised", the prefix may be left out)? */
bool keyring_check_type(const struct principal *principal, const char *type);

/** Has it the right this type asks for: publish for all, close for what can silence? */
bool keyring_check_right(const struct principal *principal, const char *type);

/**
 * May this key send an event of `type`, as `source`, to `board`, at `now`?
 *
 * In the order of the wire: key live (401.1), source (403.1), board (403.2),
 * type and right (403.3).  Whether its agency has a part in the disagreement
 * (403.4) is the engine's to ask, and the rate comes last of all:
 * keyring_spend.  `board` NULL or "" leaves the board unasked: the event does
 * not name one and its disagreement will; ask keyring_check_board then.
 *
 * KEYRING_REFUSED sets `*code` to a WIRE_CODE_….
 */
int keyring_may(const struct keyring *keyring, const char *key, const char *source,
                const char *board, const char *type, struct instant now, const char **code);

/** The same for LAST and STAT, which ask about a source: key, source. */
int keyring_may_ask(const struct keyring *keyring, const char *key, const char *source,
                    struct instant now, const char **code);

/**
 * Takes `events` from the key's rate: true where that many are free, or the
 * whole burst where that is less, so that a batch larger than its burst gets
 * in, and is paid for afterwards.  False has taken nothing.
 */
bool keyring_spend(struct keyring *keyring, const char *key, unsigned events, struct instant now);

/** Milliseconds until keyring_spend of that many says yes; for BUSY. */
unsigned keyring_wait_ms(const struct keyring *keyring, const char *key, unsigned events,
                         struct instant now);

/** When a key was last heard, and what of its silence was told (whoever watches it knows). */
struct keyring_hearing {
    struct instant heard; /* with any message, a PING too; INSTANT_NONE: not yet */
    unsigned told;        /* 0 at first */
};

/** Notes that a message of this key has come; a key that is not there is passed over. */
void keyring_note_heard(struct keyring *keyring, const char *key, struct instant now);

/** The clock may have been set back to `now`: no key was heard later than that. */
void keyring_set_back(struct keyring *keyring, struct instant now);

/** Of the key at `index`, in the file's order; it goes on over a reload (keyring_inherit). */
struct keyring_hearing *keyring_hearing(const struct keyring *keyring, size_t index);

/** Takes over the counts of the rates of keys that are in both: a reload is no new burst. */
void keyring_inherit(struct keyring *keyring, const struct keyring *before);

#endif
