/* sender.h - sends the rows of one file, in their order, until each is told.
 *
 * An event goes out when no earlier one about the same disagreement is unanswered: what is said
 * of one disagreement arrives in the order of the file, whatever the daemon puts off.
 */
#ifndef CONCERN_SPOOL_SENDER_H
#define CONCERN_SPOOL_SENDER_H

#include "libconcern/publisher.h"
#include "spool/rows.h"

struct sender;

/** All borrowed, for as long as the sender lives. */
struct sender_settings {
    const char *endpoint;
    const char *server_key; /* Z85 */
    const struct key_pair *pair;
    unsigned wait_ms; /* how long nothing may be answered; 0: for ever */
    bool (*is_stopped)(void);
};

enum sender_answer {
    SENDER_TOLD,    /* each row is acknowledged or refused */
    SENDER_STOPPED, /* is_stopped() said so */
    SENDER_GAVE_UP  /* nothing was answered for wait_ms, or nothing ever will be; told */
};

/** 0, or negative: -EINVAL for an endpoint or key that cannot be. */
int sender_open(const struct sender_settings *settings, struct sender **sender);

/**
 * Sends what of `rows` still waits; `name` is the file's, for what is told.  Rows that are told
 * stay told, so that a second call goes on.  SENDER_TOLD, _STOPPED, _GAVE_UP or negative, told.
 */
int sender_send(struct sender *sender, const char *name, struct rows *rows);

/** How many of the last file's events had been kept before. */
size_t sender_repeated(const struct sender *sender);

/** Reads what the connection has told meanwhile; to be called now and then while nothing is
 *  sent.  Why the daemon cannot be reached, or NULL. */
const char *sender_look(struct sender *sender);

/** NULL is fine; sets NULL. */
void sender_close(struct sender **sender);

#endif
