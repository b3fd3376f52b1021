/* fuzz_acknowledgement.c - the token of a link: what is read is what is written, letter for
 * letter, and nothing is read that was not signed. */
#include "fuzz.h"

#include "protocol/acknowledgement.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const int64_t now_s = 1798131540;
    static const struct acknowledgement_key key = { "an invented key of 32 bytes ...." };
    static const struct acknowledgement_key other = { "another of 32 bytes, invented..." };
    struct acknowledgement read;
    char token[ACKNOWLEDGEMENT_SIZE], *text = fuzz_text(bytes, size);
    int answer = acknowledgement_read(&key, text, now_s, &read);

    HOLDS(answer == ACKNOWLEDGEMENT_OK || answer == ACKNOWLEDGEMENT_OLD ||
          answer == ACKNOWLEDGEMENT_ALTERED);
    if (answer != ACKNOWLEDGEMENT_ALTERED) {
        HOLDS((answer == ACKNOWLEDGEMENT_OLD) == (now_s >= read.expires_s));
        HOLDS(acknowledgement_write(&key, &read, token) == 0 && strcmp(token, text) == 0);
        HOLDS(acknowledgement_read(&other, text, now_s, &read) == ACKNOWLEDGEMENT_ALTERED);
    }
    free(text);
    return 0;
}
