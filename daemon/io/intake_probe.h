/* intake_probe.h - the proof that the door is shut: a key that nobody knows is not let in. */
#ifndef CONCERN_IO_INTAKE_PROBE_H
#define CONCERN_IO_INTAKE_PROBE_H

#include "protocol/wire.h"

struct intake_probe;

enum probe_answer {
    PROBE_REFUSED,    /* a key nobody knows was refused by the ZAP handler */
    PROBE_GOT_IN,     /* it was let in: the socket is open to everybody */
    PROBE_UNANSWERED, /* neither: nobody answers handshakes, or nothing listens there */
    PROBE_WAITING     /* of probe_look: not decided yet */
};

/** A key pair in Z85, made for this purpose and wiped by probe_end(). */
struct probe_key {
    char public_key[WIRE_KEY_TEXT + 1];
    char secret_key[WIRE_KEY_TEXT + 1];
};

/** Makes a pair to throw away.  0, or negative. */
int probe_make_key(struct probe_key *key);

/** Begins to knock at `endpoint`, whose server has `server_key`; waits for nothing.  0 sets
 *  `*probe`, ended with probe_end; or negative errno. */
int probe_begin(void *context, const char *endpoint, const char *server_key,
                const struct probe_key *key, int wait_ms, struct intake_probe **probe);

/** How it went; PROBE_WAITING until it is decided or `wait_ms` have passed. */
enum probe_answer probe_look(struct intake_probe *probe);

/** NULL is fine; sets NULL. */
void probe_end(struct intake_probe **probe);

/** Knocks with a key made and thrown away, and waits at most `wait_ms` for the answer. */
enum probe_answer probe_knock(void *context, const char *endpoint, const char *server_key,
                              int wait_ms);

#endif
