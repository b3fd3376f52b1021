/* dispatch_loop.h - the dispatcher's thread: takes deliveries, runs transfers, tells outcomes. */
#ifndef CONCERN_IO_DISPATCH_LOOP_H
#define CONCERN_IO_DISPATCH_LOOP_H

#include <czmq.h>

/** The first frame of what the engine sends; "$TERM" is czmq's. */
#define DISPATCH_SETTINGS "SETTINGS" /* mail settings, patience, endpoints: a frame each */
#define DISPATCH_DELIVERY "DELIVERY" /* as parcel_write() writes it */
#define DISPATCH_ECHO "ECHO"         /* to be sent back as it is: the thread turns */

/**
 * The actor.  Signals once that it runs, and once whether it is ready (0) or not; then answers
 * every delivery with one outcome, until it is told to end.  A signal later than that means that
 * it broke off.
 */
void dispatch_loop_run(zsock_t *pipe, void *unused);

#endif
