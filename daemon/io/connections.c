/* connections.c - the connections that endpoints leave open: each endpoint's are its own.
 *
 * A share object of libcurl's with CURL_LOCK_DATA_CONNECT has a connection cache of its own, which
 * the easy handles that share it use in place of their multi handle's (curl_multi_add_handle()).
 * One thread uses it, so it needs no locks.  To clean it up closes its connections; libcurl refuses
 * that while a handle has it.
 */
#include "io/connections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void close_one(struct connections_of *one)
{
    if (one->kept && curl_share_cleanup(one->kept) != CURLSHE_OK)
        abort(); /* a handle of ours has it still: our mistake */
    *one = (struct connections_of){ .kept = NULL };
}

static struct connections_of *find(struct connections *self, const char *endpoint)
{
    for (size_t i = 0; i < CONNECTIONS_ENDPOINTS_MAX; i++) {
        struct connections_of *one = &self->of[i];

        if (one->kept && !one->is_forgotten && strcmp(one->endpoint, endpoint) == 0)
            return one;
    }
    return NULL;
}

/* An empty place; else that of the one idle longest, which is closed.  There is one: fewer are
 * under way than there are places. */
static struct connections_of *make_place(struct connections *self)
{
    struct connections_of *oldest = NULL;

    for (size_t i = 0; i < CONNECTIONS_ENDPOINTS_MAX; i++) {
        struct connections_of *one = &self->of[i];

        if (!one->kept)
            return one;
        if (one->under_way == 0 && (!oldest || one->used_ms < oldest->used_ms))
            oldest = one;
    }
    if (!oldest)
        abort();
    close_one(oldest);
    return oldest;
}

CURLSH *connections_take(struct connections *self, const char *endpoint)
{
    struct connections_of *one = find(self, endpoint);
    CURLSH *kept;

    if (!one) {
        kept = curl_share_init();
        if (!kept ||
            curl_share_setopt(kept, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK) {
            if (kept)
                (void)curl_share_cleanup(kept);
            return NULL;
        }
        one = make_place(self);
        one->kept = kept;
        snprintf(one->endpoint, sizeof one->endpoint, "%s", endpoint);
    }
    one->under_way++;
    return one->kept;
}

void connections_done(struct connections *self, CURLSH *kept, int64_t now_ms)
{
    for (size_t i = 0; kept && i < CONNECTIONS_ENDPOINTS_MAX; i++) {
        struct connections_of *one = &self->of[i];

        if (one->kept != kept)
            continue;
        one->under_way--;
        one->used_ms = now_ms;
        if (one->under_way == 0 && one->is_forgotten)
            close_one(one);
        return;
    }
}

void connections_forget(struct connections *self)
{
    for (size_t i = 0; i < CONNECTIONS_ENDPOINTS_MAX; i++) {
        self->of[i].is_forgotten = true;
        if (self->of[i].under_way == 0)
            close_one(&self->of[i]);
    }
}

void connections_tend(struct connections *self, int64_t now_ms)
{
    for (size_t i = 0; i < CONNECTIONS_ENDPOINTS_MAX; i++) {
        struct connections_of *one = &self->of[i];

        if (one->kept && one->under_way == 0 && now_ms - one->used_ms > CONNECTIONS_IDLE_MS)
            close_one(one);
    }
}

size_t connections_count(const struct connections *self)
{
    size_t count = 0;

    for (size_t i = 0; i < CONNECTIONS_ENDPOINTS_MAX; i++)
        count += self->of[i].kept != NULL;
    return count;
}

void connections_close(struct connections *self)
{
    for (size_t i = 0; i < CONNECTIONS_ENDPOINTS_MAX; i++)
        close_one(&self->of[i]);
}
