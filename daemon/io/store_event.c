/* store_event.c - which events are known, how far sources were heard, what is missing. */
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

/* ---- sources ------------------------------------------------------------------------------ */

static void take_progress(struct statement *statement, struct source_progress *progress)
{
    progress->mark.known = take_number(statement) != 0;
    take_copy(statement, progress->mark.seqepoch, sizeof progress->mark.seqepoch);
    progress->mark.high = (uint64_t)take_number(statement);
    progress->last_heard = take_instant(statement);
}

int store_get_source(struct store *store, const char *source, struct source_progress *progress)
{
    struct statement get = statement_of(store, SQL_SOURCE_GET);
    bool row;
    int answer;

    *progress = (struct source_progress){ .last_heard = INSTANT_NONE };
    put_text(&get, source);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row)
        take_progress(&get, progress);
    return statement_answer(&get, row ? STORE_OK : STORE_NONE);
}

int store_put_source(struct store *store, const char *source,
                     const struct source_progress *progress)
{
    struct statement put = statement_of(store, SQL_SOURCE_PUT);

    put_text(&put, source);
    if (progress->mark.known)
        put_text(&put, progress->mark.seqepoch);
    else
        put_null(&put);
    put_number(&put, progress->mark.known ? (int64_t)progress->mark.high : 0);
    put_instant(&put, progress->last_heard);
    return statement_run(&put);
}

int store_list_sources(struct store *store, bool (*say)(void *, const struct source_row *),
                       void *context)
{
    struct statement list = statement_of(store, SQL_SOURCES);
    struct source_row source;
    bool row, on = true;
    int answer;

    while (on) {
        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        source = (struct source_row){ .source = take_text(&list) };
        take_progress(&list, &source.progress);
        source.missing = (uint64_t)take_number(&list);
        on = say(context, &source);
    }
    return statement_end(&list);
}

/* ---- gaps --------------------------------------------------------------------------------- */

int store_put_gap(struct store *store, const char *source, const char *seqepoch, uint64_t from,
                  uint64_t to, struct instant found)
{
    struct statement put = statement_of(store, SQL_GAP_PUT);
    int answer;

    put_text(&put, source);
    put_text(&put, seqepoch);
    put_number(&put, (int64_t)from);
    put_number(&put, (int64_t)to);
    put_instant(&put, found);
    answer = statement_run(&put);
    if (answer == STORE_OK && sqlite3_changes(store->db) == 0)
        return STORE_DUPLICATE;
    return answer;
}

static int trim_gap(struct store *store, int64_t number, uint64_t first, uint64_t last)
{
    struct statement trim = statement_of(store, SQL_GAP_TRIM);

    put_number(&trim, number);
    put_number(&trim, (int64_t)first);
    put_number(&trim, (int64_t)last);
    return statement_run(&trim);
}

static int close_gap(struct store *store, int64_t number, struct instant at)
{
    struct statement close = statement_of(store, SQL_GAP_CLOSE);

    put_number(&close, number);
    put_instant(&close, at);
    return statement_run(&close);
}

int store_fill_gap(struct store *store, const char *source, const char *seqepoch, uint64_t sequence,
                   struct instant at)
{
    struct statement find = statement_of(store, SQL_GAP_OF);
    uint64_t first = 1, last = 0;
    struct instant found = INSTANT_NONE;
    int64_t number = 0;
    bool row;
    int answer;

    put_text(&find, source);
    put_text(&find, seqepoch);
    put_number(&find, (int64_t)sequence);
    if ((answer = statement_fetch(&find, &row)) != STORE_OK)
        return answer;
    if (row) {
        number = take_number(&find);
        first = (uint64_t)take_number(&find);
        last = (uint64_t)take_number(&find);
        found = take_instant(&find);
    }
    if ((answer = statement_end(&find)) != STORE_OK)
        return answer;
    if (sequence < first || sequence > last)
        return STORE_NONE;
    if (first == last)
        return close_gap(store, number, at);
    if (sequence == first) {
        answer = trim_gap(store, number, first + 1, last);
        if (answer != STORE_DUPLICATE)
            return answer;
        /* Another open gap begins just there: it takes over what is left of this one. */
        answer = store_put_gap(store, source, seqepoch, first + 1, last, found);
        return answer == STORE_OK || answer == STORE_DUPLICATE ? close_gap(store, number, at)
                                                               : answer;
    }
    if ((answer = trim_gap(store, number, first, sequence - 1)) != STORE_OK || sequence == last)
        return answer;
    answer = store_put_gap(store, source, seqepoch, sequence + 1, last, found);
    return answer == STORE_DUPLICATE ? STORE_OK : answer;
}

int store_close_gaps(struct store *store, const char *source, const char *seqepoch,
                     struct instant at)
{
    struct statement close = statement_of(store, SQL_GAPS_CLOSE);

    put_text(&close, source);
    put_text(&close, seqepoch);
    put_instant(&close, at);
    return statement_run(&close);
}

int store_list_gaps(struct store *store, const char *source, bool closed_too,
                    bool (*say)(void *, const struct gap_row *), void *context)
{
    struct statement list = statement_of(store, SQL_GAPS);
    struct gap_row gap;
    bool row, on = true;
    int answer;

    if (source)
        put_text(&list, source);
    else
        put_null(&list);
    put_number(&list, closed_too);
    while (on) {
        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        gap.source = take_text(&list);
        gap.seqepoch = take_text(&list);
        gap.from = (uint64_t)take_number(&list);
        gap.to = (uint64_t)take_number(&list);
        gap.found = take_instant(&list);
        gap.closed = take_instant(&list);
        on = say(context, &gap);
    }
    return statement_end(&list);
}
