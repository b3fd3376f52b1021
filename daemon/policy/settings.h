/* settings.h - concernd.yaml.
 *
 * Every setting is one row of a table (settings.c): name, kind, default, bounds, what it is
 * for.  The shipped file holds every row commented out at its default; a test compares them.
 * Paths in the file are relative to the file's own directory and absolute in the value.
 */
#ifndef CONCERN_POLICY_SETTINGS_H
#define CONCERN_POLICY_SETTINGS_H

#include "core/escalation.h"
#include "core/limit.h"
#include "policy/faults.h"
#include "policy/procedure_read.h"

enum { SETTINGS_FEEDS_MAX = 64 };

enum settings_answer {
    SETTINGS_OK,
    SETTINGS_FAULTY, /* told to the faults, all of them */
};

/** A case system that only publishes, and that we subscribe to. */
struct feed_setting {
    const char *name;
    const char *endpoint;        /* "tcp://host:port" */
    const char *server_key;      /* the publisher's public key, Z85, pinned */
    const char *secret_key_file; /* ours; a path */
    const char *const *sources;  /* at least 1 */
    size_t source_count;
    const char *const *boards; /* empty: every board its events name */
    size_t board_count;
    const char *topic;           /* "con." where not given */
    const char *replay_endpoint; /* where it can be asked for what is missing; "": nowhere */
    int64_t max_silence_us;      /* 0 where not given: 30 seconds, for ever if best_effort */
    bool best_effort;            /* assurance: best-effort - neither numbers nor heartbeats */
};

struct settings {
    const char *file; /* the path it was read from; "" for the defaults alone */
    const char *base; /* the directory that relative paths of the file are relative to */

    const char *listen;        /* a ZeroMQ endpoint; "none": no acknowledged plane */
    const char *control;       /* path of the control socket */
    const char *bounce_socket; /* path of the one that answers `bounce` alone; "": none */
    const char *http;       /* where pages are, as http_address_read() takes it; "none": nowhere */
    const char *http_hosts; /* names they are asked by, between blanks; "" for none more */
    const char *state;      /* directory of the store */

    const char *keyring;    /* path: who may publish */
    const char *server_key; /* path: our CURVE secret key */
    const char *secrets;    /* directory of webhook secrets, a file each */

    const char *data;       /* directory with procedures/, calendars/, templates/ as installed */
    const char *procedures; /* directories whose files win over those of the same name there */
    const char *calendars;
    const char *templates;
    const char *directory; /* path */

    struct {
        const char *url;           /* "smtp://host:587", "smtps://host:465"; "": no mail */
        const char *user;          /* "": no authentication */
        const char *password_file; /* path; "": the secret `mail-password`, where there is a user */
        const char *ca;            /* path; "": the system's */
        const char *certificate;   /* path: what we show; "": nothing */
        const char *key_file;      /* path; "": the secret `mail-key` */
        const char *from;          /* address; "" where there is none */
        const char *bounces;       /* address whose subaddresses bounces come to; "": none */
    } mail;

    const struct feed_setting *feeds;
    size_t feed_count;

    struct remind remind; /* where neither deadline nor procedure says */
    struct chase chase;

    int64_t memory_limit; /* MiB of resident memory at which the intake's fuse acts */
    int64_t turn_events;  /* the most events of one turn */
    int64_t turn_us;      /* the longest a turn gathers events, µs */
    int64_t retry_us;     /* how long a delivery is tried, µs */
    struct escalation_waits escalation;

    struct {
        const char *url;   /* "https://concern.board.example/acknowledge"; "": no links */
        int64_t within_us; /* how long a link is good */
    } acknowledge;

    int64_t gap_operator_us; /* events missing so long: the operator is told, µs */
    int64_t gap_board_us;    /* and so long: the board's team, µs */
};

struct settings_file;

/**
 * Reads `path`, or, where it is NULL, gives the defaults.  $STATE_DIRECTORY and
 * $RUNTIME_DIRECTORY (of systemd) stand for `state` and for the directory of `control` where
 * the file does not say.  SETTINGS_OK sets `*file`, closed with settings_close;
 * SETTINGS_FAULTY (a file that cannot be read too); -ENOMEM.
 */
int settings_read(const char *path, struct faults *faults, struct settings_file **file);

/** The same from bytes; `name` stands for the file, and its directory is the base of paths. */
int settings_read_text(const char *name, const char *bytes, size_t length, struct faults *faults,
                       struct settings_file **file);

/** The value; it lives as long as the file. */
const struct settings *settings_of(const struct settings_file *file);

/** Where a setting is written ("mail", "password_file"; `section` NULL: one of no section), or its
 *  section, or 0: nowhere. */
void settings_place(const struct settings_file *file, const char *section, const char *key,
                    unsigned *line, unsigned *column);

/** The same of the feed at `index` of `feeds`, less than `feed_count`. */
void settings_place_of_feed(const struct settings_file *file, size_t index, const char *key,
                            unsigned *line, unsigned *column);

/** Frees it; NULL is fine; sets NULL. */
void settings_close(struct settings_file **file);

/**
 * Where the secret `name` lies: $CREDENTIALS_DIRECTORY/name where that is a file, else the
 * settings' `secrets` directory.  Writes the path, and answers whether it could be: false for a
 * name that would leave the directory, or a path that does not fit.
 */
bool settings_secret_path(const struct settings *settings, const char *name, char *path,
                          size_t size);

/** What procedures take where they are silent. */
struct procedure_defaults settings_defaults(const struct settings *settings);

/** One row of the table, for the manual page and the test of the shipped file. */
struct setting_row {
    const char *name;          /* "listen"; "mail.url" */
    const char *default_value; /* as the file would say it; "" for none */
    const char *what;          /* one line */
};

/** The rows in the order of the shipped file; `index` from 0, NULL past the last. */
const struct setting_row *settings_row(size_t index);

#endif
