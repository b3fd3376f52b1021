/* transfer.h - what every transfer of ours sets on its curl handle. */
#ifndef CONCERN_IO_TRANSFER_H
#define CONCERN_IO_TRANSFER_H

#include <curl/curl.h>

#include "io/dispatcher.h"

/** `patience` with its zeros replaced by the defaults. */
struct patience patience_or_default(const struct patience *patience);

/**
 * Sets what holds for every transfer: TLS 1.2 or newer, verified, against `ca_file` alone unless
 * it is empty; only `protocols`; nothing from the environment (no proxy, no .netrc), no redirects,
 * and a connection of its own that nobody uses again (webhook.c lets go of that).  False without
 * memory.
 */
bool transfer_prepare(CURL *curl, const char *url, const char *protocols, const char *ca_file);

/** Whether a transfer ended because the other side could not prove who it is. */
bool transfer_was_untrusted(CURLcode code);

#endif
