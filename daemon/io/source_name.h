/* source_name.h - what a source is called in journals and messages.
 *
 * A source may lie beneath one that the keyring lists ("urn:northtown:las/east" beneath
 * "urn:northtown:las"), and whatever lies there is the case system's own choice of words.  Nobody
 * outside is told more of it than a digest; `concernctl sources` shows it whole.
 */
#ifndef CONCERN_IO_SOURCE_NAME_H
#define CONCERN_IO_SOURCE_NAME_H

#include "core/event.h"
#include "io/digest.h"
#include "io/keyring.h"

enum { SOURCE_NAME_SIZE = EVENT_SOURCE_MAX + 1 + DIGEST_BRIEF_SIZE };

/**
 * Writes the source as the keyring lists it; of one beneath the longest that it lies beneath, "#"
 * and the digest (digest_brief()) of the whole: "urn:northtown:las#3f2a9c01d2e4"; of any other "#"
 * and the digest; "" for "".  Without a keyring (NULL: a rehearsal) the source itself.
 */
void source_name(const struct keyring *keyring, const char *source, char name[SOURCE_NAME_SIZE]);

#endif
