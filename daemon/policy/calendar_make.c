/* calendar_make.c - from dates to a prepared calendar: order, version, tables. */
#include "policy/calendar_make.h"

#include "core/text.h"
#include "core/zone.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct loaded_calendar *calendar_make_open(void)
{
    struct arena *arena = arena_open();
    struct loaded_calendar *loaded = arena ? arena_take(arena, sizeof *loaded) : NULL;

    if (!loaded) {
        arena_close(&arena);
        return NULL;
    }
    loaded->arena = arena;
    return loaded;
}

void loaded_calendar_close(struct loaded_calendar **loaded)
{
    struct arena *arena;

    if (!loaded || !*loaded)
        return;
    arena = (*loaded)->arena;
    *loaded = NULL;
    arena_close(&arena);
}

/* Insertion keeps equal dates in their order, and files are written in order of date. */
void calendar_make_closures(struct calendar *calendar, struct closure *closures, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct closure closure = closures[i];
        size_t place = kept;

        while (place > 0 && closures[place - 1].date.day > closure.date.day)
            place--;
        if (place > 0 && closures[place - 1].date.day == closure.date.day)
            continue;
        memmove(closures + place + 1, closures + place, (kept - place) * sizeof *closures);
        closures[place] = closure;
        kept++;
    }
    calendar->closures = closures;
    calendar->closure_count = kept;
}

static bool add_line(EVP_MD_CTX *hash, const char *word, const char *value)
{
    return EVP_DigestUpdate(hash, word, strlen(word)) && EVP_DigestUpdate(hash, " ", 1) &&
           EVP_DigestUpdate(hash, value, strlen(value)) && EVP_DigestUpdate(hash, "\n", 1);
}

static bool add_date(EVP_MD_CTX *hash, struct date date, const char *value)
{
    char day[DATE_SIZE];

    date_write(date, day);
    return add_line(hash, day, value);
}

/* What decides about a day, and nothing else: a calendar with another title or source, or with
 * its file in another order, is the same. */
static bool add_content(EVP_MD_CTX *hash, const struct calendar *calendar)
{
    char weekend[8];
    struct text text = text_over(weekend, sizeof weekend);
    bool added;

    text_addf(&text, "%02x", calendar->weekend);
    added = add_line(hash, "weekend", weekend) &&
            add_date(hash, calendar->known_from, "known from") &&
            add_date(hash, calendar->known_until, "known until");
    for (size_t i = 0; added && i < calendar->closure_count; i++)
        added = add_date(hash, calendar->closures[i].date, calendar->closures[i].reason);
    return added;
}

static int make_version(struct calendar *calendar)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct text text = text_over(calendar->version, sizeof calendar->version);
    bool made = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) &&
                add_content(hash, calendar) && EVP_DigestFinal_ex(hash, digest, NULL);

    EVP_MD_CTX_free(hash);
    for (size_t i = 0; made && i < 8; i++)
        text_addf(&text, "%02x", digest[i]);
    return made ? 0 : -ENOMEM;
}

int calendar_make_ready(struct loaded_calendar *loaded)
{
    size_t size = CALENDAR_DAYS_MAX * sizeof(int32_t);
    int32_t *ordinal = arena_take(loaded->arena, size);
    int32_t *nth = arena_take(loaded->arena, size);

    if (!ordinal || !nth || arena_failed(loaded->arena))
        return -ENOMEM;
    calendar_prepare(&loaded->calendar, ordinal, nth);
    return make_version(&loaded->calendar);
}
