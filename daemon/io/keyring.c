/* keyring.c - CURVE keys and what each of them may say. */
#include "io/keyring.h"
#include "io/keyring_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What an event costs: a minute, in microseconds, so that a rate in events a
 * minute fills the level by `rate` for every microsecond that passes. */
#define EVENT_COST MINUTE_US

struct rate {
    int64_t level; /* at most burst * EVENT_COST */
    struct instant filled;
};

struct keyring {
    struct principals principals;
    struct rate *rates; /* one per principal */
    struct keyring_hearing *hearings;
    size_t *by_key; /* positions, ascending by key */
};

static int index_keys(struct keyring *keyring);
static bool position_of(const struct keyring *keyring, const char *key, size_t *position);
static const char *first_no(const struct principal *principal, const char *source,
                            const char *board, const char *type);
static int64_t price(const struct principal *principal, unsigned events);
static int64_t level_at(const struct principal *principal, const struct rate *rate,
                        struct instant now);
static bool is_live(const struct principal *principal, struct instant now);
static bool holds(const struct keyring_list *list, const char *text);
static const char *without_prefix(const char *type);

int keyring_read(const char *path, FILE *complaints, struct keyring **keyring_p)
{
    CLEANUP(keyring_close) struct keyring *keyring = calloc(1, sizeof *keyring);
    int answer;

    if (!keyring)
        return -ENOMEM;
    answer = keyring_file_read(path, complaints, &keyring->principals);
    if (answer == KEYRING_OK)
        answer = index_keys(keyring);
    if (answer != KEYRING_OK)
        return answer;
    *keyring_p = keyring;
    keyring = NULL;
    return KEYRING_OK;
}

void keyring_close(struct keyring **keyring_p)
{
    struct keyring *keyring = *keyring_p;

    if (!keyring)
        return;
    principals_close(&keyring->principals);
    free(keyring->rates);
    free(keyring->hearings);
    free(keyring->by_key);
    free(keyring);
    *keyring_p = NULL;
}

static int by_key_order(const void *a, const void *b, void *items)
{
    const struct principal *principals = items;

    return strcmp(principals[*(const size_t *)a].key, principals[*(const size_t *)b].key);
}

static int index_keys(struct keyring *keyring)
{
    const struct principals *all = &keyring->principals;

    keyring->by_key = calloc(all->count + 1, sizeof *keyring->by_key);
    keyring->rates = calloc(all->count + 1, sizeof *keyring->rates);
    keyring->hearings = calloc(all->count + 1, sizeof *keyring->hearings);
    if (!keyring->by_key || !keyring->rates || !keyring->hearings)
        return -ENOMEM;
    for (size_t i = 0; i < all->count; i++) {
        keyring->by_key[i] = i;
        keyring->rates[i].level = all->items[i].burst * EVENT_COST;
        keyring->rates[i].filled = INSTANT_NONE;
        keyring->hearings[i].heard = INSTANT_NONE;
    }
    qsort_r(keyring->by_key, all->count, sizeof *keyring->by_key, by_key_order, all->items);
    return KEYRING_OK;
}

size_t keyring_count(const struct keyring *keyring)
{
    return keyring->principals.count;
}

const struct principal *keyring_at(const struct keyring *keyring, size_t index)
{
    return &keyring->principals.items[index];
}

const struct principal *keyring_find(const struct keyring *keyring, const char *key)
{
    size_t position;

    return position_of(keyring, key, &position) ? &keyring->principals.items[position] : NULL;
}

const struct principal *keyring_live(const struct keyring *keyring, const char *key,
                                     struct instant now)
{
    const struct principal *principal = keyring_find(keyring, key);

    return principal && is_live(principal, now) ? principal : NULL;
}

struct instant keyring_next_change(const struct keyring *keyring, struct instant now)
{
    struct instant next = INSTANT_NONE;

    for (size_t i = 0; i < keyring->principals.count; i++) {
        const struct principal *principal = &keyring->principals.items[i];
        struct instant edges[] = { principal->not_before, principal->not_after };

        for (size_t e = 0; e < COUNT_OF(edges); e++)
            if (edges[e].us > now.us && (instant_is_none(next) || edges[e].us < next.us))
                next = edges[e];
    }
    return next;
}

bool keyring_check_source(const struct principal *principal, const char *source)
{
    for (size_t i = 0; i < principal->sources.count; i++)
        if (wire_source_is_within(principal->sources.items[i], source))
            return true;
    return false;
}

bool keyring_check_board(const struct principal *principal, const char *board)
{
    if (principal->board[0] && !strcmp(principal->board, board))
        return true;
    return holds(&principal->boards, board);
}

bool keyring_check_type(const struct principal *principal, const char *type)
{
    const char *name = without_prefix(type);

    for (size_t i = 0; i < principal->types.count; i++)
        if (!strcmp(without_prefix(principal->types.items[i]), name))
            return true;
    return principal->types.count == 0;
}

/* Silencing is the dangerous direction: what can end or pause a disagreement
 * asks for more than what can raise one. */
bool keyring_check_right(const struct principal *principal, const char *type)
{
    static const char *const closing[] = { "resolution.proposed", "resolution.agreed", "withdrawn",
                                           "hold" };
    unsigned needed = KEYRING_PUBLISH;

    for (size_t i = 0; i < COUNT_OF(closing); i++)
        if (!strcmp(without_prefix(type), closing[i]))
            needed |= KEYRING_CLOSE;
    return (principal->rights & needed) == needed;
}

int keyring_may(const struct keyring *keyring, const char *key, const char *source,
                const char *board, const char *type, struct instant now, const char **code)
{
    const struct principal *principal = keyring_live(keyring, key, now);
    const char *no = principal ? first_no(principal, source, board, type) : WIRE_CODE_NO_PRINCIPAL;

    if (!no)
        return KEYRING_OK;
    *code = no;
    return KEYRING_REFUSED;
}

int keyring_may_ask(const struct keyring *keyring, const char *key, const char *source,
                    struct instant now, const char **code)
{
    const struct principal *principal = keyring_live(keyring, key, now);
    const char *no = NULL;

    if (!principal)
        no = WIRE_CODE_NO_PRINCIPAL;
    else if (!keyring_check_source(principal, source))
        no = WIRE_CODE_SOURCE;
    if (!no)
        return KEYRING_OK;
    *code = no;
    return KEYRING_REFUSED;
}

/* What must be there for so many: no more than ever is. */
static int64_t price(const struct principal *principal, unsigned events)
{
    return (events < principal->burst ? events : principal->burst) * EVENT_COST;
}

bool keyring_spend(struct keyring *keyring, const char *key, unsigned events, struct instant now)
{
    const struct principal *principal;
    size_t position;
    struct rate *rate;

    if (!position_of(keyring, key, &position))
        return false;
    principal = &keyring->principals.items[position];
    rate = &keyring->rates[position];
    rate->level = level_at(principal, rate, now);
    rate->filled = now;
    if (rate->level < price(principal, events))
        return false;
    rate->level -= events * EVENT_COST;
    return true;
}

unsigned keyring_wait_ms(const struct keyring *keyring, const char *key, unsigned events,
                         struct instant now)
{
    size_t position;
    int64_t missing;
    const struct principal *principal;

    if (!position_of(keyring, key, &position))
        return 0;
    principal = &keyring->principals.items[position];
    missing = price(principal, events) - level_at(principal, &keyring->rates[position], now);
    return missing <= 0 ? 0 : (unsigned)(missing / principal->rate / 1000 + 1);
}

void keyring_inherit(struct keyring *keyring, const struct keyring *before)
{
    for (size_t i = 0; i < keyring->principals.count; i++) {
        const struct principal *principal = &keyring->principals.items[i];
        int64_t most = principal->burst * EVENT_COST;
        size_t position;

        if (!position_of(before, principal->key, &position))
            continue;
        keyring->rates[i] = before->rates[position];
        keyring->hearings[i] = before->hearings[position];
        if (keyring->rates[i].level > most)
            keyring->rates[i].level = most;
    }
}

void keyring_note_heard(struct keyring *keyring, const char *key, struct instant now)
{
    size_t position;

    if (position_of(keyring, key, &position))
        keyring->hearings[position].heard = now;
}

void keyring_set_back(struct keyring *keyring, struct instant now)
{
    for (size_t i = 0; i < keyring->principals.count; i++)
        if (keyring->hearings[i].heard.us > now.us)
            keyring->hearings[i].heard = now;
}

struct keyring_hearing *keyring_hearing(const struct keyring *keyring, size_t index)
{
    return &keyring->hearings[index];
}

static bool position_of(const struct keyring *keyring, const char *key, size_t *position)
{
    size_t low = 0;
    size_t high = keyring->principals.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t candidate = keyring->by_key[middle];
        int order = strcmp(key, keyring->principals.items[candidate].key);

        if (order == 0) {
            *position = candidate;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* The order is the wire's, so that a publisher is told of the first thing first. */
static const char *first_no(const struct principal *principal, const char *source,
                            const char *board, const char *type)
{
    if (!keyring_check_source(principal, source))
        return WIRE_CODE_SOURCE;
    if (board && board[0] && !keyring_check_board(principal, board))
        return WIRE_CODE_BOARD;
    if (!keyring_check_type(principal, type) || !keyring_check_right(principal, type))
        return WIRE_CODE_RIGHT;
    return NULL;
}

/* A clock that was set back fills nothing; it never empties. */
static int64_t level_at(const struct principal *principal, const struct rate *rate,
                        struct instant now)
{
    int64_t most = principal->burst * EVENT_COST;
    int64_t passed;

    if (instant_is_none(rate->filled) || now.us <= rate->filled.us)
        return rate->level;
    passed = now.us - rate->filled.us;
    if (passed >= (most - rate->level) / principal->rate + 1)
        return most;
    return rate->level + passed * principal->rate;
}

static bool is_live(const struct principal *principal, struct instant now)
{
    if (!instant_is_none(principal->not_before) && now.us < principal->not_before.us)
        return false;
    return instant_is_none(principal->not_after) || now.us < principal->not_after.us;
}

static bool holds(const struct keyring_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->items[i], text))
            return true;
    return false;
}

static const char *without_prefix(const char *type)
{
    static const char prefix[] = "concernd.";

    return strncmp(type, prefix, sizeof prefix - 1) ? type : type + sizeof prefix - 1;
}
