/* carrier.h - a thread that carries one mail at a time, for the dispatcher.
 *
 * libcurl's SMTP waits inside its calls for answers, so that one slow mail server would hold up
 * every webhook if mail shared the dispatcher's loop.  As many carriers as mails may be under
 * way; each is an actor of the dispatcher, sharing no memory with it.
 */
#ifndef CONCERN_IO_CARRIER_H
#define CONCERN_IO_CARRIER_H

#include <czmq.h>

#include "io/dispatcher.h"

/** Starts a carrier; NULL if that fails.  zactor_destroy() ends it, within a second or two. */
zactor_t *carrier_open(void);

/** Hands a carrier its next mail; it must be idle.  It answers with one outcome; 0 or -EIO. */
int carrier_send(zactor_t *carrier, const struct mail_settings *mail,
                 const struct patience *patience, const struct delivery *delivery);

#endif
