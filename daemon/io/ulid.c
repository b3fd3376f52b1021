/* ulid.c - ids that sort by the time they were made. */
#include "io/ulid.h"

#include "io/journal.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { TIME_LETTERS = 10, RANDOM_LETTERS = 16 };

int ulid_make(struct instant now, char text[ULID_SIZE])
{
    uint64_t ms = now.us > 0 ? (uint64_t)now.us / 1000 : 0;
    unsigned char random[RANDOM_LETTERS];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return journal_fail(-errno, "no random numbers: %m");

    for (int i = TIME_LETTERS - 1; i >= 0; i--, ms >>= 5)
        text[i] = letters[ms & 31];
    for (int i = 0; i < RANDOM_LETTERS; i++)
        text[TIME_LETTERS + i] = letters[random[i] & 31];
    text[ULID_LENGTH] = '\0';
    return 0;
}

bool ulid_is_well_formed(const char *text)
{
    /* 48 bits fill nine letters and three bits of the first, so it is at most '7'. */
    return strlen(text) == ULID_LENGTH && strspn(text, letters) == ULID_LENGTH && text[0] <= '7';
}
