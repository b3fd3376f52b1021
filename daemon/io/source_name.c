/* source_name.c - what a source is called in journals and messages. */
#include "io/source_name.h"

#include <stdio.h>
#include <string.h>

/* The longest source of any key at or above it; "": none. */
static const char *listed_above(const struct keyring *keyring, const char *source)
{
    const char *longest = "";

    for (size_t i = 0; i < keyring_count(keyring); i++) {
        const struct keyring_list *sources = &keyring_at(keyring, i)->sources;

        for (size_t j = 0; j < sources->count; j++)
            if (wire_source_is_within(sources->items[j], source) &&
                strlen(sources->items[j]) > strlen(longest))
                longest = sources->items[j];
    }
    return longest;
}

void source_name(const struct keyring *keyring, const char *source, char name[SOURCE_NAME_SIZE])
{
    const char *listed = keyring ? listed_above(keyring, source) : source;
    char brief[DIGEST_BRIEF_SIZE];

    digest_brief(source, brief);
    (void)snprintf(name, SOURCE_NAME_SIZE, "%s%s%s", listed, strcmp(listed, source) ? "#" : "",
                   strcmp(listed, source) ? brief : "");
}
