/* digest.c - a name of fixed length for texts that may hold what a name may not. */
#include "io/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

int digest_name(const char *text, char name[DIGEST_NAME_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    if (!EVP_Digest(text, strlen(text), digest, &size, EVP_sha256(), NULL))
        return -EIO;
    for (int i = 0; i < (DIGEST_NAME_SIZE - 1) / 2; i++)
        (void)snprintf(name + 2 * (size_t)i, 3, "%02x", digest[i]);
    return 0;
}

void digest_brief(const char *text, char brief[DIGEST_BRIEF_SIZE])
{
    char name[DIGEST_NAME_SIZE] = "";

    if (*text && digest_name(text, name) < 0)
        name[0] = '\0';
    (void)snprintf(brief, DIGEST_BRIEF_SIZE, "%.*s", DIGEST_BRIEF_SIZE - 1, name);
}
