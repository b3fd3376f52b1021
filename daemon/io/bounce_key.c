/* bounce_key.c - what the return paths of a store's deliveries are signed with. */
#include "io/bounce_key.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "io/journal.h"
#include "io/store_private.h"

static const char name[] = "bounce_key";

static int make(struct store *store, struct return_path_key *key)
{
    char text[STORE_META_SIZE];
    int answer;

    if (getrandom(key->bytes, sizeof key->bytes, 0) != (ssize_t)sizeof key->bytes)
        return journal_fail(-errno, "no random numbers: %m");
    hex_write(key->bytes, sizeof key->bytes, text);
    answer = store_begin(store);
    if (answer == STORE_OK && (answer = store_put_meta(store, name, text)) == STORE_OK)
        answer = store_commit(store);
    if (answer != STORE_OK)
        store_roll_back(store);
    explicit_bzero(text, sizeof text);
    key->is_set = answer == STORE_OK;
    if (answer == STORE_FULL)
        journal_warn(NULL, "no room to keep the key of return paths: mail that is written now "
                           "comes back without being heard");
    return answer == STORE_OK || answer == STORE_FULL ? 0 : answer;
}

int bounce_key_open(struct store *store, struct return_path_key *key)
{
    char text[STORE_META_SIZE];
    int answer = store_get_meta(store, name, text);

    *key = (struct return_path_key){ .is_set = false };
    if (answer == STORE_NONE)
        return make(store, key);
    if (answer != STORE_OK)
        return answer < 0 ? answer : -EIO;
    key->is_set = hex_read(text, key->bytes, sizeof key->bytes);
    explicit_bzero(text, sizeof text);
    return key->is_set ? 0 : journal_fail(-EINVAL, "the store's key of return paths is damaged");
}
