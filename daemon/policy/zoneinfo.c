/* zoneinfo.c - makes a zone from the system's tzdata (TZif, RFC 8536). */
#include "policy/zoneinfo.h"

#include "policy/zoneinfo_rule.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEADER_SIZE = 44,
    TYPE_SIZE = 6,
    RULE_SIZE = 128,
    OFFSET_MOST_S = 25 * 3600 + 3599 /* RFC 8536, 3.2 */
};

/* The six counts of a header, in its order, and what they count. */
struct counts {
    uint32_t ut_flags, standard_flags, leaps, changes, types, letters;
};

/* A file being read: everything from `at` to `end` is still to come. */
struct input {
    const unsigned char *at, *end;
};

static bool is_name_safe(const char *name);
static int read_file(const char *name, unsigned char *bytes, size_t *size, struct text *error);
static bool read_header(struct input *input, struct counts *counts);
static bool skip(struct input *input, size_t size);
static bool read_table(struct input *input, const struct counts *counts, struct zone_change *table,
                       struct zone *zone);
static bool read_rule(struct input *input, char rule[RULE_SIZE]);
static bool follow_rule(const char *text, struct zone_change *table, struct zone *zone);

int zoneinfo_load(const char *name, struct zone **zone, struct text *error)
{
    unsigned char *bytes;
    size_t size = 0;
    int answer;

    if (!is_name_safe(name)) {
        text_addf(error, "\"%s\" is no name of a time zone (one like Europe/London)", name);
        return ZONEINFO_UNKNOWN;
    }
    bytes = malloc(ZONEINFO_FILE_MAX);
    if (!bytes)
        return -ENOMEM;
    answer = read_file(name, bytes, &size, error);
    if (answer == ZONEINFO_OK)
        answer = zoneinfo_read(name, bytes, size, zone, error);
    free(bytes);
    return answer;
}

/* Gives back the room that the table did not need. */
static struct zone *shrink(struct zone *zone)
{
    struct zone *smaller = realloc(zone, sizeof *zone + zone->change_count * sizeof *zone->changes);

    if (!smaller)
        return zone;
    smaller->changes = (const struct zone_change *)(smaller + 1);
    return smaller;
}

/* One block holds the zone and its table behind it, so that freeing is one step. */
int zoneinfo_read(const char *name, const unsigned char *bytes, size_t size, struct zone **zone,
                  struct text *error)
{
    struct input input = { bytes, bytes + size };
    struct counts old, counts;
    char rule[RULE_SIZE];
    struct zone_change *table;
    struct zone *made;
    size_t room = ZONEINFO_CHANGES_MAX + 2 * (ZONEINFO_LAST_YEAR - 1900);

    made = calloc(1, sizeof *made + room * sizeof *table);
    if (!made)
        return -ENOMEM;
    table = (struct zone_change *)(made + 1);
    made->changes = table;

    /* The first data block is a copy of 32 bits for old readers; the second is read. */
    if (strlen(name) > ID_MAX || !read_header(&input, &old) || size < 5 || bytes[4] < '2' ||
        !skip(&input, old.changes * 5u + old.types * (size_t)TYPE_SIZE + old.letters +
                          old.leaps * 8u + old.standard_flags + old.ut_flags) ||
        !read_header(&input, &counts) || !read_table(&input, &counts, table, made) ||
        !read_rule(&input, rule) || !follow_rule(rule, table, made)) {
        text_addf(error, "%s is no time zone file that can be read (TZif, version 2 or later)",
                  name);
        free(made);
        return ZONEINFO_UNREADABLE;
    }
    memcpy(made->name, name, strlen(name) + 1);
    *zone = shrink(made);
    return ZONEINFO_OK;
}

void zoneinfo_free(struct zone **zone)
{
    if (!zone)
        return;
    free(*zone);
    *zone = NULL;
}

/* Names are paths below one folder and may not leave it. */
static bool is_name_safe(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_+-/";
    size_t length = strlen(name);

    return length > 0 && length <= ID_MAX && name[0] != '/' && name[0] != '-' &&
           strspn(name, allowed) == length;
}

static int read_whole(int file, unsigned char *bytes, size_t *size)
{
    ssize_t got = 1;

    *size = 0;
    while (got > 0 && *size < ZONEINFO_FILE_MAX) {
        got = read(file, bytes + *size, ZONEINFO_FILE_MAX - *size);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            *size += (size_t)got;
    }
    return got < 0 ? -1 : 0;
}

static int read_file(const char *name, unsigned char *bytes, size_t *size, struct text *error)
{
    const char *folder = getenv("TZDIR");
    char path[PATH_MAX];
    struct text text = text_over(path, sizeof path);
    struct stat about;
    int file, answer = ZONEINFO_OK;

    text_addf(&text, "%s/%s", folder && folder[0] == '/' ? folder : "/usr/share/zoneinfo", name);
    file = text_was_cut(&text) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        text_addf(error, "there is no time zone \"%s\" (no file %s; is tzdata installed?)", name,
                  path);
        return ZONEINFO_UNKNOWN;
    }
    if (fstat(file, &about) < 0 || !S_ISREG(about.st_mode)) {
        text_addf(error, "\"%s\" is no time zone: %s is no file", name, path);
        answer = ZONEINFO_UNKNOWN;
    } else if (about.st_size > ZONEINFO_FILE_MAX || read_whole(file, bytes, size) < 0) {
        text_addf(error, "%s cannot be read, or is no time zone file", path);
        answer = ZONEINFO_UNREADABLE;
    }
    close(file);
    return answer;
}

static bool skip(struct input *input, size_t size)
{
    if (size > (size_t)(input->end - input->at))
        return false;
    input->at += size;
    return true;
}

static uint32_t number_32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t number_64(const unsigned char *at)
{
    return (int64_t)((uint64_t)number_32(at) << 32 | number_32(at + 4));
}

static bool read_header(struct input *input, struct counts *counts)
{
    const unsigned char *at = input->at;

    if (!skip(input, HEADER_SIZE) || memcmp(at, "TZif", 4) != 0)
        return false;
    *counts = (struct counts){ .ut_flags = number_32(at + 20),
                               .standard_flags = number_32(at + 24),
                               .leaps = number_32(at + 28),
                               .changes = number_32(at + 32),
                               .types = number_32(at + 36),
                               .letters = number_32(at + 40) };
    return counts->types >= 1 && counts->types <= 256 && counts->changes <= ZONEINFO_CHANGES_MAX &&
           counts->letters <= ZONEINFO_FILE_MAX && counts->leaps <= ZONEINFO_FILE_MAX &&
           counts->standard_flags <= counts->types && counts->ut_flags <= counts->types;
}

static bool read_type(const unsigned char *types, const struct counts *counts, uint32_t type,
                      int32_t *offset_s)
{
    if (type >= counts->types)
        return false;
    *offset_s = (int32_t)number_32(types + type * TYPE_SIZE);
    return *offset_s >= -OFFSET_MOST_S && *offset_s <= OFFSET_MOST_S;
}

/* A change of the name or of the summer flag alone is none to us. */
static bool add_change(struct zone *zone, struct zone_change *table, struct zone_change change)
{
    size_t count = zone->change_count;
    int32_t now_s = count == 0 ? zone->first_offset_s : table[count - 1].offset_s;

    if (count > 0 && change.at_s <= table[count - 1].at_s)
        return false;
    if (change.offset_s != now_s)
        table[zone->change_count++] = change;
    return true;
}

static bool read_table(struct input *input, const struct counts *counts, struct zone_change *table,
                       struct zone *zone)
{
    const unsigned char *times = input->at;
    const unsigned char *kinds = times + counts->changes * 8u;
    const unsigned char *types = kinds + counts->changes;

    if (!skip(input, counts->changes * 9u + counts->types * (size_t)TYPE_SIZE + counts->letters +
                         counts->leaps * 12u + counts->standard_flags + counts->ut_flags) ||
        !read_type(types, counts, 0, &zone->first_offset_s))
        return false;
    for (uint32_t i = 0; i < counts->changes; i++) {
        struct zone_change change = { .at_s = number_64(times + i * 8u) };

        if (!read_type(types, counts, kinds[i], &change.offset_s) ||
            !add_change(zone, table, change))
            return false;
    }
    return true;
}

/* The rule stands between two line ends; an empty one says that nobody knows the future. */
static bool read_rule(struct input *input, char rule[RULE_SIZE])
{
    const unsigned char *end;
    size_t length;

    if (!skip(input, 1) || input->at[-1] != '\n')
        return false;
    end = memchr(input->at, '\n', (size_t)(input->end - input->at));
    length = end ? (size_t)(end - input->at) : RULE_SIZE;
    if (length >= RULE_SIZE)
        return false;
    memcpy(rule, input->at, length);
    rule[length] = '\0';
    return true;
}

/* A rule for summer all year ends it in the moment in which it begins again: the later wins. */
static void replace_from(struct zone *zone, struct zone_change *table, struct zone_change change)
{
    while (zone->change_count > 0 && table[zone->change_count - 1].at_s >= change.at_s)
        zone->change_count--;
    (void)add_change(zone, table, change);
}

static bool follow_rule(const char *text, struct zone_change *table, struct zone *zone)
{
    struct zoneinfo_rule rule;
    int64_t last_s = zone->change_count > 0 ? table[zone->change_count - 1].at_s : INT64_MIN;

    if (text[0] == '\0')
        return true;
    if (!zoneinfo_rule_read(text, &rule))
        return false;
    if (!rule.has_summer)
        return true; /* what the last change, or the first offset, says already */
    for (int year = 1970; year <= ZONEINFO_LAST_YEAR; year++) {
        struct zone_change changes[2];

        zoneinfo_rule_changes(&rule, year, changes);
        for (size_t i = 0; i < COUNT_OF(changes); i++)
            if (changes[i].at_s > last_s)
                replace_from(zone, table, changes[i]);
    }
    return true;
}
