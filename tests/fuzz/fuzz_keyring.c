/* fuzz_keyring.c - the keyring's file: what is accepted says only what it may. */
#include "fuzz.h"

#include "io/keyring.h"
#include "protocol/alphabet.h"

static void is_sound(const struct principal *principal)
{
    HOLDS(strlen(principal->key) == WIRE_KEY_TEXT);
    HOLDS(!principal->agency[0] != !principal->board[0]);
    HOLDS(principal->sources.count >= 1 && principal->sources.count <= KEYRING_LIST_MAX);
    HOLDS(principal->boards.count <= KEYRING_LIST_MAX);
    HOLDS(principal->rights != 0 && principal->rate >= 1 && principal->burst >= 1);
    for (size_t i = 0; i < principal->sources.count; i++)
        HOLDS(alphabet_is_source(principal->sources.items[i]));
    HOLDS(!keyring_check_source(principal, ""));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct keyring *keyring = NULL;
    const struct instant now = { INT64_C(1798131540000000) };
    const char *code = NULL;
    char path[32];
    int file = fuzz_file(bytes, size, path);
    int answer = keyring_read(path, NULL, &keyring);

    close(file);
    HOLDS(answer == KEYRING_OK || answer == KEYRING_WRONG);
    HOLDS((answer == KEYRING_OK) == (keyring != NULL));
    for (size_t i = 0; keyring && i < keyring_count(keyring); i++) {
        const struct principal *principal = keyring_at(keyring, i);

        is_sound(principal);
        HOLDS(keyring_find(keyring, principal->key) == principal);
        keyring_may(keyring, principal->key, principal->sources.items[0], NULL,
                    "concernd.disagreement.raised", now, &code);
    }
    keyring_close(&keyring);
    return 0;
}
