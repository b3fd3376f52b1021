/* store_source.c - how far sources were heard, and what of them is missing. */
#include "io/store_private.h"

#include <string.h>

/* ---- sources ------------------------------------------------------------------------------ */

static void take_progress(struct statement *statement, struct source_progress *progress)
{
    progress->mark.known = take_number(statement) != 0;
    take_copy(statement, progress->mark.seqepoch, sizeof progress->mark.seqepoch);
    progress->mark.high = (uint64_t)take_number(statement);
    progress->last_heard = take_instant(statement);
    take_copy(statement, progress->key, sizeof progress->key);
    take_copy(statement, progress->feed, sizeof progress->feed);
    progress->best_effort = take_number(statement) != 0;
    progress->duplicates = (uint64_t)take_number(statement);
    progress->resync = take_instant(statement);
}

int store_get_source(struct store *store, const char *source, struct source_progress *progress)
{
    struct statement get = statement_of(store, SQL_SOURCE_GET);
    bool row;
    int answer;

    *progress = (struct source_progress){ .last_heard = INSTANT_NONE, .resync = INSTANT_NONE };
    put_text(&get, source);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row)
        take_progress(&get, progress);
    return statement_answer(&get, row ? STORE_OK : STORE_NONE);
}

static void put_text_or_null(struct statement *statement, const char *text)
{
    if (text && *text)
        put_text(statement, text);
    else
        put_null(statement);
}

int store_put_source(struct store *store, const char *source,
                     const struct source_progress *progress)
{
    struct statement put = statement_of(store, SQL_SOURCE_PUT);

    put_text(&put, source);
    put_text_or_null(&put, progress->mark.known ? progress->mark.seqepoch : NULL);
    put_number(&put, progress->mark.known ? (int64_t)progress->mark.high : 0);
    put_instant(&put, progress->last_heard);
    put_text_or_null(&put, progress->key);
    put_text_or_null(&put, progress->feed);
    put_number(&put, progress->best_effort);
    put_number(&put, (int64_t)progress->duplicates);
    put_instant(&put, progress->resync);
    return statement_run(&put);
}

int store_note_repeat(struct store *store, const char *source, struct instant at)
{
    struct statement note = statement_of(store, SQL_SOURCE_REPEAT);

    put_text(&note, source);
    put_instant(&note, at);
    return statement_run(&note);
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
        source.gaps = (uint64_t)take_number(&list);
        source.oldest = take_instant(&list);
        source.gone = (uint64_t)take_number(&list);
        on = say(context, &source);
    }
    return statement_end(&list);
}

int store_list_resyncs(struct store *store, bool (*say)(void *, const char *source), void *context)
{
    struct statement list = statement_of(store, SQL_RESYNCS);
    bool row, on = true;
    int answer;

    while (on) {
        if ((answer = statement_fetch(&list, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        on = say(context, take_text(&list));
    }
    return statement_end(&list);
}

int store_get_former_epoch(struct store *store, const char *source, const char *seqepoch,
                           uint64_t *high)
{
    struct statement get = statement_of(store, SQL_FORMER_GET);
    bool row;
    int answer;

    put_text(&get, source);
    put_text(&get, seqepoch);
    if ((answer = statement_fetch(&get, &row)) != STORE_OK)
        return answer;
    if (row)
        *high = (uint64_t)take_number(&get);
    return statement_answer(&get, row ? STORE_OK : STORE_NONE);
}

int store_put_former_epoch(struct store *store, const char *source, const char *seqepoch,
                           uint64_t high)
{
    struct statement put = statement_of(store, SQL_FORMER_PUT);

    put_text(&put, source);
    put_text(&put, seqepoch);
    put_number(&put, (int64_t)high);
    return statement_run(&put);
}

/* ---- gaps --------------------------------------------------------------------------------- */

static const char *const how_names[] = {
    [GAP_BY_EVENT] = "event", [GAP_BY_HEARTBEAT] = "heartbeat"
};
static const char *const state_names[] = {
    [GAP_OPEN] = "open", [GAP_FILLED] = "filled", [GAP_GONE] = "gone"
};

const char *gap_how_name(enum gap_how how)
{
    return how_names[how];
}

const char *gap_state_name(enum gap_state state)
{
    return state_names[state];
}

static enum gap_state gap_state_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(state_names); i++)
        if (strcmp(state_names[i], name) == 0)
            return (enum gap_state)i;
    return GAP_OPEN;
}

int store_put_gap(struct store *store, const struct gap_row *gap)
{
    struct statement put = statement_of(store, SQL_GAP_PUT);
    int answer;

    put_text(&put, gap->source);
    put_text(&put, gap->seqepoch);
    put_number(&put, (int64_t)gap->from);
    put_number(&put, (int64_t)gap->to);
    put_instant(&put, gap->found);
    put_text(&put, gap_how_name(gap->how));
    put_instant(&put, gap->tell_operator);
    put_instant(&put, gap->tell_board);
    answer = statement_run(&put);
    if (answer == STORE_OK && sqlite3_changes(store->db) == 0)
        return STORE_DUPLICATE;
    return answer;
}

/* An open gap as it lies in the table. */
struct open_gap {
    int64_t number;
    struct sequence_range range;
};

static int trim_gap(struct store *store, int64_t number, struct sequence_range range)
{
    struct statement trim = statement_of(store, SQL_GAP_TRIM);

    put_number(&trim, number);
    put_number(&trim, (int64_t)range.from);
    put_number(&trim, (int64_t)range.to);
    return statement_run(&trim);
}

/* Another row like this one, for a piece of it. */
static int split_gap(struct store *store, int64_t number, struct sequence_range range,
                     enum gap_state state, struct instant closed)
{
    struct statement split = statement_of(store, SQL_GAP_SPLIT);

    put_number(&split, number);
    put_number(&split, (int64_t)range.from);
    put_number(&split, (int64_t)range.to);
    put_text(&split, gap_state_name(state));
    put_instant(&split, closed);
    return statement_run(&split);
}

static int close_gap(struct store *store, int64_t number, enum gap_state state, struct instant at)
{
    struct statement close = statement_of(store, SQL_GAP_CLOSE);

    put_number(&close, number);
    put_text(&close, gap_state_name(state));
    put_instant(&close, at);
    return statement_run(&close);
}

static int find_gap(struct store *store, const char *source, const char *seqepoch,
                    struct sequence_range touching, struct open_gap *gap)
{
    struct statement find = statement_of(store, SQL_GAP_OF);
    bool row;
    int answer;

    put_text(&find, source);
    put_text(&find, seqepoch);
    put_number(&find, (int64_t)touching.from);
    put_number(&find, (int64_t)touching.to);
    if ((answer = statement_fetch(&find, &row)) != STORE_OK)
        return answer;
    if (row) {
        gap->number = take_number(&find);
        gap->range.from = (uint64_t)take_number(&find);
        gap->range.to = (uint64_t)take_number(&find);
    }
    return statement_answer(&find, row && gap->range.to >= touching.from ? STORE_OK : STORE_NONE);
}

/* Takes `gone` out of an open gap.  Where a row of an older store begins just where the rest of
 * this one would, that one has the rest. */
static int cut_gap(struct store *store, const struct open_gap *gap, struct sequence_range gone,
                   enum gap_state state, struct instant at)
{
    struct sequence_range left[2];
    size_t count = sequence_cut(gap->range, gone, left);
    struct sequence_range taken = { gone.from > gap->range.from ? gone.from : gap->range.from,
                                    gone.to < gap->range.to ? gone.to : gap->range.to };
    int answer;

    if (count == 0)
        return close_gap(store, gap->number, state, at);
    if (state == GAP_GONE && (answer = split_gap(store, gap->number, taken, state, at)) != STORE_OK)
        return answer;
    answer = trim_gap(store, gap->number, left[0]);
    if (answer == STORE_DUPLICATE)
        return close_gap(store, gap->number, GAP_FILLED, at);
    if (answer != STORE_OK || count == 1)
        return answer;
    answer = split_gap(store, gap->number, left[1], GAP_OPEN, INSTANT_NONE);
    return answer == STORE_DUPLICATE ? STORE_OK : answer;
}

int store_fill_gap(struct store *store, const char *source, const char *seqepoch, uint64_t sequence,
                   struct instant at)
{
    struct sequence_range came = { sequence, sequence };
    struct open_gap gap;
    int answer = find_gap(store, source, seqepoch, came, &gap);

    return answer == STORE_OK ? cut_gap(store, &gap, came, GAP_FILLED, at) : answer;
}

int store_give_up_gaps(struct store *store, const char *source, const char *seqepoch,
                       struct sequence_range range, struct instant at, uint64_t *count)
{
    struct open_gap gap;
    int answer;

    *count = 0;
    while ((answer = find_gap(store, source, seqepoch, range, &gap)) == STORE_OK) {
        uint64_t from = gap.range.from > range.from ? gap.range.from : range.from;
        uint64_t to = gap.range.to < range.to ? gap.range.to : range.to;

        if ((answer = cut_gap(store, &gap, range, GAP_GONE, at)) != STORE_OK)
            return answer;
        *count += to - from + 1;
    }
    return answer == STORE_NONE ? STORE_OK : answer;
}

int store_find_other_epoch(struct store *store, const char *source, const char *seqepoch,
                           char other[SEQUENCE_EPOCH_MAX + 1])
{
    struct statement find = statement_of(store, SQL_GAP_OTHER_EPOCH);
    bool row;
    int answer;

    put_text(&find, source);
    put_text(&find, seqepoch);
    if ((answer = statement_fetch(&find, &row)) != STORE_OK)
        return answer;
    if (row)
        take_copy(&find, other, SEQUENCE_EPOCH_MAX + 1);
    return statement_answer(&find, row ? STORE_OK : STORE_NONE);
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

    put_text_or_null(&list, source);
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
        gap.how = strcmp(take_text(&list), "heartbeat") == 0 ? GAP_BY_HEARTBEAT : GAP_BY_EVENT;
        gap.state = gap_state_of(take_text(&list));
        gap.tell_operator = take_instant(&list);
        gap.tell_board = take_instant(&list);
        gap.number = take_number(&list);
        on = say(context, &gap);
    }
    return statement_end(&list);
}

/* ---- who is to be told of them ----------------------------------------------------------------
 */

int store_gaps_wake(struct store *store, struct instant *wake)
{
    struct statement ask = statement_of(store, SQL_GAP_WAKE);
    bool row;
    int answer = statement_fetch(&ask, &row);

    if (answer != STORE_OK)
        return answer;
    *wake = row ? take_instant(&ask) : INSTANT_NONE;
    return statement_answer(&ask, instant_is_none(*wake) ? STORE_NONE : STORE_OK);
}

int store_list_missing(struct store *store, enum gap_listener listener, struct instant now,
                       struct missing_row *rows, size_t room, size_t *count)
{
    struct statement list =
        statement_of(store, listener == GAP_TELL_BOARD ? SQL_MISSING_BOARD : SQL_MISSING_OPERATOR);
    bool row;
    int answer;

    *count = 0;
    put_instant(&list, now);
    put_number(&list, (int64_t)room);
    while ((answer = statement_fetch(&list, &row)) == STORE_OK && row) {
        struct missing_row *missing = &rows[(*count)++];

        take_copy(&list, missing->source, sizeof missing->source);
        take_copy(&list, missing->key, sizeof missing->key);
        take_copy(&list, missing->feed, sizeof missing->feed);
        missing->best_effort = take_number(&list) != 0;
        missing->count = (uint64_t)take_number(&list);
        missing->since = take_instant(&list);
    }
    return answer == STORE_OK ? statement_end(&list) : answer;
}

int store_note_missing_told(struct store *store, enum gap_listener listener, const char *source,
                            struct instant now)
{
    struct statement note = statement_of(store, listener == GAP_TELL_BOARD ? SQL_GAP_TOLD_BOARD
                                                                           : SQL_GAP_TOLD_OPERATOR);

    put_text(&note, source);
    put_instant(&note, now);
    return statement_run(&note);
}
