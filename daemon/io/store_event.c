/* store_event.c - which events are known. */
#include "io/store_private.h"

#include "io/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static char *payload_of(const struct event_row *row);

int store_find_event(struct store *store, const char *source, const char *id,
                     struct kept_event *kept)
{
    struct statement find = statement_of(store, SQL_EVENT_FIND);
    const void *hash;
    size_t size;
    bool row;
    int answer;

    put_text(&find, source);
    put_text(&find, id);
    if ((answer = statement_fetch(&find, &row)) != STORE_OK)
        return answer;
    if (!row)
        return statement_answer(&find, STORE_NONE);
    *kept = (struct kept_event){ .record = (uint64_t)take_number(&find) };
    kept->received = take_instant(&find);
    hash = take_blob(&find, &size);
    if (hash && size == RECORD_DIGEST_SIZE)
        hex_write(hash, size, kept->sha256);
    kept->flags = (uint32_t)take_number(&find);
    return statement_end(&find);
}

/* The row goes first: where it is there already, no line was appended. */
int store_put_event(struct store *store, const struct event_row *row, uint64_t *record)
{
    const struct event *event = row->event;
    unsigned char hash[RECORD_DIGEST_SIZE];
    struct statement put;
    bool about = *row->board && *event->subject;
    char *payload;
    int answer;

    if (!hex_read(row->sha256, hash, sizeof hash) || row->sha256[2 * sizeof hash])
        return journal_fail(-EINVAL, "an event's hash is no SHA-256 in hex");
    put = statement_of(store, SQL_EVENT_PUT);
    put_text(&put, event->source);
    put_text(&put, event->id);
    put_number(&put, (int64_t)store->line.number + 1);
    put_number(&put, event->received.us);
    put_blob(&put, hash, sizeof hash);
    put_number(&put, row->flags);
    if ((answer = statement_run(&put)) != STORE_OK)
        return answer;

    payload = payload_of(row);
    if (!payload)
        return store_fail_turn(store, journal_fail(-ENOMEM, "no memory for an event's line"));
    answer = record_append(store, event->received, "event", about ? row->board : "",
                           about ? event->subject : "", payload, record);
    free(payload);
    if (answer == STORE_OK)
        store->new_events++;
    return answer;
}

/* The event goes in as it came, byte for byte. */
static char *payload_of(const struct event_row *row)
{
    CLEANUP(json_decrefp) json_t *name = json_string(row->key_name);
    char *key = name ? json_dumps(name, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    char *payload = NULL;

    if (key && asprintf(&payload, "{\"flags\":%u,\"key\":%s,\"event\":%s}", (unsigned)row->flags,
                        key, row->json) < 0)
        payload = NULL;
    free(key);
    return payload;
}

/* ---- refusals ----------------------------------------------------------------------------- */

int store_put_refusal(struct store *store, const struct refusal *row)
{
    struct statement put = statement_of(store, SQL_REFUSAL_PUT);

    put_text(&put, row->key);
    put_text(&put, row->code);
    put_number(&put, (int64_t)row->count);
    put_number(&put, (int64_t)row->told);
    put_instant(&put, row->last);
    return statement_run(&put);
}

int store_load_refusals(struct store *store, struct instant since, struct refusals *refusals)
{
    struct statement list = statement_of(store, SQL_REFUSALS);
    bool row;
    int answer;

    put_instant(&list, since);
    put_number(&list, REFUSALS_MAX);
    while ((answer = statement_fetch(&list, &row)) == STORE_OK && row) {
        struct refusal refusal = { .count = 0 };

        take_copy(&list, refusal.key, sizeof refusal.key);
        take_copy(&list, refusal.code, sizeof refusal.code);
        refusal.count = refusal.kept = (uint64_t)take_number(&list);
        refusal.told = (uint64_t)take_number(&list);
        refusal.last = take_instant(&list);
        refusals_restore(refusals, &refusal);
    }
    return answer == STORE_OK ? statement_end(&list) : answer;
}
