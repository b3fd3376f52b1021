/* descriptors.h - keeps descriptors free for what must go on, however many connections come.
 *
 * libzmq accepts connections from whoever can reach the port, before it knows them, until the
 * process has no descriptor left; then no mail, no webhook and no file can be opened either.
 * It takes them by accept4(), and this file is the program's accept4(): a connection that
 * would be given one of the last descriptors is ended at once, as one that broke off.  Who is
 * connected stays so; the others try again, and find a place when the flood's handshakes have
 * run out of time.
 */
#ifndef CONCERN_IO_DESCRIPTORS_H
#define CONCERN_IO_DESCRIPTORS_H

#include <stdint.h>

enum {
    DESCRIPTORS_KEPT = 256 /* kept free of connections; of a small limit, a quarter of it */
};

/** Accepts a connection that goes before: for the control socket.  As accept4() does. */
int descriptors_accept(int listener, int flags);

/** How many connections were ended so far. */
uint64_t descriptors_turned_away(void);

#endif
