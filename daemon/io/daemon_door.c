/* daemon_door.c - watches that nobody gets in whom the keyring does not know.
 *
 * Once a minute, and after every reload, the handler of handshakes is asked whether it lives, and
 * then a key that was made to be thrown away knocks at the intake as a stranger would.  Nothing
 * of this waits: what comes of it is looked at in later turns.
 */
#include <stdio.h>
#include <string.h>

#include "io/daemon_private.h"
#include "io/journal.h"
#include "io/message_ids.h"

enum {
    DOOR_LOOK_MS = 60000,
    DOOR_AGAIN_MS = 5000,  /* where the handler did not answer */
    DOOR_WAIT_MS = 500,    /* for the handler, which answers at once or not at all */
    DOOR_PROBE_MS = 10000, /* for the handshake, which the other end gives up after five seconds */
    DOOR_SILENT_MOST = 2   /* a busy machine may let it miss one */
};

/* The socket is closed, loudly; and the process ends, for the next one proves its door before it
 * opens.  libzmq refuses every new connection where its handler is gone, but whoever is connected
 * could still speak, and nobody new could. */
static void give_up(struct daemon *self, const char *why)
{
    journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_DOOR_FAILED }),
                  "not listening any more, and ending to be started anew: %s", why);
    service_status(self->service, "not listening: who may connect cannot be checked");
    intake_close(&self->intake);
    self->door.failed = self->stopping = true;
}

static void begin_probe(struct daemon *self)
{
    struct probe_key key;

    if (probe_make_key(&key) < 0)
        return;
    if (zap_expect(self->zap, key.public_key, DOOR_WAIT_MS)) {
        self->door.silent = 0;
        if (probe_begin(self->zmq, intake_endpoint(self->intake), intake_public_key(self->intake),
                        &key, DOOR_PROBE_MS, &self->door.probe) < 0)
            self->door.probe = NULL; /* no descriptors: at the next look */
    } else if (++self->door.silent >= DOOR_SILENT_MOST) {
        give_up(self, "the handler of handshakes has died");
    } else {
        self->door.looked_ms += DOOR_AGAIN_MS - DOOR_LOOK_MS;
    }
    explicit_bzero(&key, sizeof key);
}

/* That nothing came of it is said and no more: the handler lives, so it is the way to it, as in a
 * flood of connections; ending would throw out those who are in. */
static void end_probe(struct daemon *self)
{
    enum probe_answer answer = probe_look(self->door.probe);

    if (answer == PROBE_WAITING)
        return;
    probe_end(&self->door.probe);
    if (answer == PROBE_GOT_IN)
        give_up(self, "a key that nobody knows was let in");
    else if (answer == PROBE_UNANSWERED && !self->door.is_blocked)
        journal_warn(NULL, "a new connection to %s gets no answer", intake_endpoint(self->intake));
    self->door.is_blocked = answer == PROBE_UNANSWERED;
}

void daemon_watch_door(struct daemon *self)
{
    int64_t now_ms = clock_monotonic_ms();

    if (self->intake && self->door.probe)
        end_probe(self);
    if (!self->intake || self->door.probe ||
        (self->door.looked_ms && now_ms - self->door.looked_ms < DOOR_LOOK_MS))
        return;
    self->door.looked_ms = now_ms;
    begin_probe(self);
}

void daemon_look_at_door(struct daemon *self)
{
    self->door.looked_ms = 0;
}
