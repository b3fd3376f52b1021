/* transfer.h - what every transfer of ours sets on its curl handle. */
#ifndef CONCERN_IO_TRANSFER_H
#define CONCERN_IO_TRANSFER_H

#include <curl/curl.h>

#include "io/client_certificate.h"
#include "io/dispatcher.h"

/** `patience` with its zeros replaced by the defaults. */
struct patience patience_or_default(const struct patience *patience);

/**
 * Sets what holds for every transfer: TLS 1.2 or newer, verified, against `ca_file` alone unless
 * it is empty; `own` is shown where the server asks for it; only `protocols`; nothing from the
 * environment (no proxy, no .netrc), no redirects, and a connection of its own that nobody uses
 * again (webhook.c lets go of that, within one endpoint).  False without memory.
 */
bool transfer_prepare(CURL *curl, const char *url, const char *protocols, const char *ca_file,
                      const struct client_certificate *own);

/** Whether a transfer ended because the other side could not prove who it is. */
bool transfer_was_untrusted(CURLcode code);

/** Sets `*asked` whenever the server asks for a certificate of ours, for as long as the handle
 *  lives; false without memory. */
bool transfer_watch_certificate(CURL *curl, bool *asked);

/**
 * Whether the server ended it because of the certificate that we showed, or did not: a TLS alert
 * in `trouble`, curl's text, says so; or it asked for one and then never said a word.  With TLS 1.3
 * it judges ours when we believe the handshake is over, and its alert is easily lost.
 */
bool transfer_was_distrusted(CURLcode code, const char *trouble, bool asked_only);

/** What an operator can do about it, before curl's own words. */
#define TRANSFER_DISTRUSTED "the server wants another certificate of us (set certificate and key): "

#endif
