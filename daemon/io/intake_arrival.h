/* intake_arrival.h - one message as it lies in the ROUTER: who sent it, and its frames. */
#ifndef CONCERN_IO_INTAKE_ARRIVAL_H
#define CONCERN_IO_INTAKE_ARRIVAL_H

#include "io/intake.h"

#include <zmq.h>

struct arrival {
    unsigned char routing[INTAKE_ROUTING_SIZE];
    bool routing_is_ours;          /* of the form libzmq gives; a peer can forge it */
    char key[WIRE_KEY_TEXT + 1];   /* "": nobody vouches for the peer */
    zmq_msg_t frames[WIRE_FRAMES]; /* the first ones behind the routing id */
    size_t count;                  /* how many there were; those past WIRE_FRAMES are dropped */
    struct instant now;
};

/** Reads the next whole message.  1; or negative: -EAGAIN when nothing waits.  Close it always. */
int arrival_read(void *socket, struct instant now, struct arrival *arrival);

/** Frees its frames; twice is fine. */
void arrival_close(struct arrival *arrival);

/** The code of what is wrong with its frames, or NULL. */
const char *arrival_fault(struct arrival *arrival);

/** Its command; only where arrival_fault finds nothing. */
enum wire_command arrival_command(struct arrival *arrival);

/** The correlation to echo and its size, 0 when there is none that can be. */
const void *arrival_correlation(struct arrival *arrival, size_t *size);

/** The body and its size; only where arrival_fault finds nothing. */
const void *arrival_body(struct arrival *arrival, size_t *size);

#endif
