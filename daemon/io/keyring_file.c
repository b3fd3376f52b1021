/* keyring_file.c - the keyring's file: text to principals, every finding with its place. */
#include "io/keyring_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum {
    RATE_DEFAULT = 60,
    BURST_DEFAULT = 120,
    RATE_MOST = 60000,
    BURST_MOST = 100000,
    NAME_MOST = 32 /* letters of a member or right that are compared */
};

/* What one reading has at hand.  `wrong` latches: one finding refuses the file,
 * but the reading goes on, so that all of them are told at once. */
struct reading {
    const char *path;
    FILE *complaints;
    bool wrong;
    unsigned told;
    struct fy_diag *diag;
};

struct member {
    const char *name;
    int (*read)(struct reading *, struct fy_node *, struct principal *);
    bool needed;
};

static int open_checked(struct reading *reading, int *file);
static int read_all(struct reading *reading, int file, char **text, size_t *size);
static int read_document(struct reading *reading, const char *text, size_t size,
                         struct principals *principals);
static int read_keys(struct reading *reading, struct fy_node *root, struct principals *principals);
static int read_principal(struct reading *reading, struct fy_node *node,
                          struct principal *principal);
static int read_member(struct reading *reading, struct fy_node_pair *pair,
                       struct principal *principal, unsigned *seen);
static void check_whole(struct reading *reading, struct fy_node *node, struct principal *principal,
                        unsigned seen);
static void check_twice(struct reading *reading, struct fy_node *node,
                        const struct principals *principals);
static int read_list(struct reading *reading, struct fy_node *node, struct keyring_list *list,
                     void (*check)(struct reading *, struct fy_node *, const char *));
static bool read_text(struct reading *reading, struct fy_node *node, char *text, size_t room);
static void complain(struct reading *reading, struct fy_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void complain_of_file(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void tell_findings(struct reading *reading);
static const char *nearest(const char *word, const char *const *words, size_t count);
static bool instant_of_text(const char *text, struct instant *instant);
static bool is_reference(const char *text);

static int read_key(struct reading *, struct fy_node *, struct principal *);
static int read_agency(struct reading *, struct fy_node *, struct principal *);
static int read_board(struct reading *, struct fy_node *, struct principal *);
static int read_boards(struct reading *, struct fy_node *, struct principal *);
static int read_sources(struct reading *, struct fy_node *, struct principal *);
static int read_procedures(struct reading *, struct fy_node *, struct principal *);
static int read_types(struct reading *, struct fy_node *, struct principal *);
static int read_rights(struct reading *, struct fy_node *, struct principal *);
static int read_not_before(struct reading *, struct fy_node *, struct principal *);
static int read_not_after(struct reading *, struct fy_node *, struct principal *);
static int read_rate(struct reading *, struct fy_node *, struct principal *);
static int read_burst(struct reading *, struct fy_node *, struct principal *);
static int read_contact(struct reading *, struct fy_node *, struct principal *);

/* What a key may have; the order is that of the header's example. */
static const struct member members[] = {
    { "key", read_key, true },
    { "agency", read_agency, false },
    { "board", read_board, false },
    { "boards", read_boards, false },
    { "sources", read_sources, false },
    { "procedures", read_procedures, false },
    { "types", read_types, true },
    { "rights", read_rights, true },
    { "not_before", read_not_before, false },
    { "not_after", read_not_after, false },
    { "rate", read_rate, false },
    { "burst", read_burst, false },
    { "contact", read_contact, false },
};

static const struct {
    const char *name;
    enum keyring_right right;
} rights[] = {
    { "publish", KEYRING_PUBLISH }, { "close", KEYRING_CLOSE }, { "read", KEYRING_READ },
    { "replay", KEYRING_REPLAY },   { "admin", KEYRING_ADMIN },
};

int keyring_file_read(const char *path, FILE *complaints, struct principals *principals)
{
    struct reading reading = { .path = path, .complaints = complaints };
    struct principals found = { 0 };
    char *text = NULL;
    size_t size = 0;
    int file = -1;
    int answer = open_checked(&reading, &file);

    if (answer == KEYRING_OK)
        answer = read_all(&reading, file, &text, &size);
    if (file >= 0)
        close(file);
    if (answer == KEYRING_OK)
        answer = read_document(&reading, text, size, &found);
    free(text);
    if (answer == KEYRING_OK && reading.wrong)
        answer = KEYRING_WRONG;
    if (answer == KEYRING_WRONG && reading.told == 0)
        complain_of_file(&reading, "is no keyring (keys: and a list of them)");
    if (answer != KEYRING_OK) {
        principals_close(&found);
        return answer;
    }
    *principals = found;
    return KEYRING_OK;
}

void principals_close(struct principals *principals)
{
    for (size_t i = 0; i < principals->count; i++) {
        struct principal *principal = &principals->items[i];
        struct keyring_list *lists[] = { &principal->boards, &principal->sources,
                                         &principal->procedures, &principal->types };

        for (size_t l = 0; l < COUNT_OF(lists); l++) {
            for (size_t t = 0; t < lists[l]->count; t++)
                free(lists[l]->items[t]);
            free(lists[l]->items);
        }
    }
    free(principals->items);
    *principals = (struct principals){ 0 };
}

/* Who can write this file decides who is heard; so it is looked at through the
 * open descriptor, where nobody can exchange it any more. */
static int open_checked(struct reading *reading, int *file)
{
    struct stat facts;

    *file = open(reading->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*file < 0 || fstat(*file, &facts) < 0) {
        int error = errno;

        complain_of_file(reading, "cannot be opened: %s", strerror(error));
        return -error;
    }
    if (!S_ISREG(facts.st_mode))
        complain_of_file(reading, "is no regular file");
    if (facts.st_mode & (S_IWGRP | S_IWOTH))
        complain_of_file(reading, "can be written by others (chmod go-w)");
    if (facts.st_uid != 0 && facts.st_uid != geteuid())
        complain_of_file(reading, "belongs to user %lu (root, or the user of the daemon)",
                         (unsigned long)facts.st_uid);
    if (facts.st_size > KEYRING_FILE_MAX)
        complain_of_file(reading, "is longer than %d bytes", KEYRING_FILE_MAX);
    return reading->wrong ? KEYRING_WRONG : KEYRING_OK;
}

static int read_all(struct reading *reading, int file, char **text_p, size_t *size)
{
    char *text = malloc(KEYRING_FILE_MAX + 1);
    size_t length = 0;
    ssize_t got = 0;

    if (!text)
        return -ENOMEM;
    while (length <= KEYRING_FILE_MAX) {
        got = read(file, text + length, KEYRING_FILE_MAX + 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    if (got < 0) {
        int error = errno;

        complain_of_file(reading, "cannot be read: %s", strerror(error));
        free(text);
        return -error;
    }
    if (length > KEYRING_FILE_MAX)
        complain_of_file(reading, "is longer than %d bytes", KEYRING_FILE_MAX);
    *text_p = text;
    *size = length;
    return reading->wrong ? KEYRING_WRONG : KEYRING_OK;
}

static int read_document(struct reading *reading, const char *text, size_t size,
                         struct principals *principals)
{
    struct fy_diag_cfg diag_settings;
    struct fy_parse_cfg settings = { .flags = FYPCF_DEFAULT_DOC };
    struct fy_parser *parser = NULL;
    struct fy_document *document = NULL;
    struct fy_document *second = NULL;
    int answer = -ENOMEM;

    fy_diag_cfg_default(&diag_settings);
    diag_settings.fp = NULL;
    reading->diag = fy_diag_create(&diag_settings);
    settings.diag = reading->diag;
    if (reading->diag) {
        fy_diag_set_collect_errors(reading->diag, true);
        parser = fy_parser_create(&settings);
    }
    if (parser && fy_parser_set_string(parser, text, size) == 0) {
        document = fy_parse_load_document(parser);
        answer =
            document ? read_keys(reading, fy_document_root(document), principals) : KEYRING_WRONG;
        second = document ? fy_parse_load_document(parser) : NULL;
        if (second)
            complain(reading, fy_document_root(second), "a second document begins here (one)");
        tell_findings(reading);
    }
    /* In the order of who looks into whom. */
    if (second)
        fy_parse_document_destroy(parser, second);
    if (document)
        fy_parse_document_destroy(parser, document);
    if (parser)
        fy_parser_destroy(parser);
    if (reading->diag)
        fy_diag_destroy(reading->diag);
    return answer;
}

static int read_keys(struct reading *reading, struct fy_node *root, struct principals *principals)
{
    struct fy_node *list = root && fy_node_is_mapping(root)
                               ? fy_node_mapping_lookup_by_string(root, "keys", FY_NT)
                               : NULL;
    void *at = NULL;
    struct fy_node *node;
    int count;

    if (!root)
        return KEYRING_WRONG;
    if (!list || fy_node_is_alias(list) || !fy_node_is_sequence(list) ||
        fy_node_mapping_item_count(root) != 1) {
        complain(reading, root, "not a keyring (keys: and a list of keys, nothing else)");
        return KEYRING_OK;
    }
    count = fy_node_sequence_item_count(list);
    if (count > KEYRING_KEYS_MAX) {
        complain(reading, list, "more than %d keys", KEYRING_KEYS_MAX);
        return KEYRING_OK;
    }
    principals->items = calloc((size_t)count + 1, sizeof *principals->items);
    if (!principals->items)
        return -ENOMEM;
    while ((node = fy_node_sequence_iterate(list, &at))) {
        int answer = read_principal(reading, node, &principals->items[principals->count++]);

        if (answer < 0)
            return answer;
        check_twice(reading, node, principals);
    }
    return KEYRING_OK;
}

static int read_principal(struct reading *reading, struct fy_node *node,
                          struct principal *principal)
{
    unsigned seen = 0;
    void *at = NULL;
    struct fy_node_pair *pair;

    principal->not_before = INSTANT_NONE;
    principal->not_after = INSTANT_NONE;
    principal->rate = RATE_DEFAULT;
    principal->burst = BURST_DEFAULT;
    if (!fy_node_is_mapping(node)) {
        complain(reading, node, "not a key (key:, agency: or board:, types:, rights:)");
        return 0;
    }
    while ((pair = fy_node_mapping_iterate(node, &at))) {
        int answer = read_member(reading, pair, principal, &seen);

        if (answer < 0)
            return answer;
    }
    check_whole(reading, node, principal, seen);
    return 0;
}

static int read_member(struct reading *reading, struct fy_node_pair *pair,
                       struct principal *principal, unsigned *seen)
{
    const char *names[COUNT_OF(members)];
    struct fy_node *key = fy_node_pair_key(pair);
    struct fy_node *value = fy_node_pair_value(pair);
    char name[NAME_MOST + 1];

    if (!read_text(reading, key, name, sizeof name))
        return 0;
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        names[i] = members[i].name;
        if (strcmp(name, names[i]) != 0)
            continue;
        *seen |= 1U << i;
        if (!value || fy_node_is_null(value)) {
            complain(reading, key, "\"%s\" is empty (leave it out, or say what it is)", name);
            return 0;
        }
        return members[i].read(reading, value, principal);
    }
    complain(reading, key, "unknown member \"%s\" (did you mean \"%s\"?)", name,
             nearest(name, names, COUNT_OF(names)));
    return 0;
}

static void check_whole(struct reading *reading, struct fy_node *node, struct principal *principal,
                        unsigned seen)
{
    for (size_t i = 0; i < COUNT_OF(members); i++)
        if (members[i].needed && !(seen & 1U << i))
            complain(reading, node, "\"%s\" is missing", members[i].name);
    if (!principal->agency[0] == !principal->board[0])
        complain(reading, node, "whose key this is must be one (agency: or board:)");
    if ((principal->rights & (KEYRING_PUBLISH | KEYRING_CLOSE)) && principal->sources.count == 0)
        complain(reading, node, "may publish, but as nobody (sources: and a list)");
    if ((principal->rights & KEYRING_PUBLISH) && !principal->board[0] &&
        principal->boards.count == 0)
        complain(reading, node, "may publish, but to no board (boards: and a list)");
    if ((principal->rights & KEYRING_CLOSE) && !(principal->rights & KEYRING_PUBLISH))
        complain(reading, node, "right close without publish (rights: [publish, close])");
    if (!instant_is_none(principal->not_before) && !instant_is_none(principal->not_after) &&
        principal->not_after.us <= principal->not_before.us)
        complain(reading, node, "not_after is not later than not_before");
    snprintf(principal->name, sizeof principal->name, "%s/%.8s",
             principal->agency[0] ? principal->agency : principal->board, principal->key);
}

static void check_twice(struct reading *reading, struct fy_node *node,
                        const struct principals *principals)
{
    const struct principal *last = &principals->items[principals->count - 1];

    for (size_t i = 0; last->key[0] && i + 1 < principals->count; i++)
        if (!strcmp(principals->items[i].key, last->key))
            complain(reading, node, "the same key as entry %zu (one entry for each key)", i + 1);
}

static int read_key(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    char text[WIRE_KEY_TEXT + 1] = "";
    uint8_t bytes[WIRE_KEY_SIZE];
    char again[WIRE_KEY_TEXT + 1] = "";

    if (!read_text(reading, node, text, sizeof text))
        return 0;
    /* Read and written again: only one text stands for a key. */
    if (strlen(text) != WIRE_KEY_TEXT || !zmq_z85_decode(bytes, text) ||
        !zmq_z85_encode(again, bytes, sizeof bytes) || strcmp(text, again) != 0) {
        complain(reading, node, "not a public key (%d letters of Z85)", WIRE_KEY_TEXT);
        return 0;
    }
    memcpy(principal->key, text, sizeof text);
    return 0;
}

static void read_reference(struct reading *reading, struct fy_node *node, char *text)
{
    if (!read_text(reading, node, text, ID_MAX + 1))
        return;
    if (!is_reference(text)) {
        complain(reading, node, "\"%.64s\" is no reference (1 to 64 of A-Z a-z 0-9 . _ : / -)",
                 text);
        text[0] = '\0';
    }
}

static int read_agency(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    read_reference(reading, node, principal->agency);
    return 0;
}

static int read_board(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    read_reference(reading, node, principal->board);
    return 0;
}

static int read_contact(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    read_reference(reading, node, principal->contact);
    return 0;
}

static void check_reference(struct reading *reading, struct fy_node *node, const char *text)
{
    if (strlen(text) > ID_MAX || !is_reference(text))
        complain(reading, node, "\"%.64s\" is no reference (1 to 64 of A-Z a-z 0-9 . _ : / -)",
                 text);
}

/* A source that ends in a separator would allow nothing that exists. */
static void check_source(struct reading *reading, struct fy_node *node, const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f) {
            complain(reading, node, "not a source (a URI: ASCII without spaces)");
            return;
        }
    if (length == 0 || text[length - 1] == ':' || text[length - 1] == '/')
        complain(reading, node,
                 "a source ends in a segment (\"urn:northtown:las\", without the "
                 "last ':' or '/'; what lies beneath is allowed too)");
}

static int read_boards(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    return read_list(reading, node, &principal->boards, check_reference);
}

static int read_sources(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    return read_list(reading, node, &principal->sources, check_source);
}

static int read_procedures(struct reading *reading, struct fy_node *node,
                           struct principal *principal)
{
    return read_list(reading, node, &principal->procedures, check_reference);
}

static int read_types(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    int answer = read_list(reading, node, &principal->types, check_reference);
    struct keyring_list *types = &principal->types;

    if (answer < 0)
        return answer;
    if (types->count == 0)
        complain(reading, node, "no type ([all], or a list)");
    for (size_t i = 0; i < types->count; i++)
        if (!strcmp(types->items[i], "all") && types->count > 1)
            complain(reading, node, "\"all\" and others ([all], or a list without it)");
    if (types->count == 1 && !strcmp(types->items[0], "all")) {
        free(types->items[0]);
        types->count = 0; /* an empty list is all */
    }
    return 0;
}

static int read_rights(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    const char *names[COUNT_OF(rights)];
    void *at = NULL;
    struct fy_node *item;

    for (size_t i = 0; i < COUNT_OF(rights); i++)
        names[i] = rights[i].name;
    if (!fy_node_is_sequence(node)) {
        complain(reading, node, "not a list ([publish, close])");
        return 0;
    }
    while ((item = fy_node_sequence_iterate(node, &at))) {
        char name[NAME_MOST + 1];
        size_t i = 0;

        if (!read_text(reading, item, name, sizeof name))
            continue;
        while (i < COUNT_OF(rights) && strcmp(names[i], name) != 0)
            i++;
        if (i < COUNT_OF(rights))
            principal->rights |= rights[i].right;
        else
            complain(reading, item, "unknown right \"%s\" (did you mean \"%s\"?)", name,
                     nearest(name, names, COUNT_OF(names)));
    }
    if (principal->rights == 0)
        complain(reading, node, "no right (publish, close, read, replay, admin)");
    return 0;
}

static int read_instant(struct reading *reading, struct fy_node *node, struct instant *instant)
{
    char text[40];

    if (read_text(reading, node, text, sizeof text) && !instant_of_text(text, instant))
        complain(reading, node, "\"%s\" is no instant (2027-01-01T00:00:00Z, with the offset)",
                 text);
    return 0;
}

static int read_not_before(struct reading *reading, struct fy_node *node,
                           struct principal *principal)
{
    return read_instant(reading, node, &principal->not_before);
}

static int read_not_after(struct reading *reading, struct fy_node *node,
                          struct principal *principal)
{
    return read_instant(reading, node, &principal->not_after);
}

static int read_number(struct reading *reading, struct fy_node *node, unsigned most,
                       unsigned *number)
{
    char text[12];
    unsigned value = 0;

    if (!read_text(reading, node, text, sizeof text))
        return 0;
    for (size_t i = 0; text[i] && value <= most; i++)
        value =
            text[i] >= '0' && text[i] <= '9' ? value * 10 + (unsigned)(text[i] - '0') : most + 1;
    if (value < 1 || value > most || !text[0])
        complain(reading, node, "\"%s\" is no number of events (1 to %u)", text, most);
    else
        *number = value;
    return 0;
}

static int read_rate(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    return read_number(reading, node, RATE_MOST, &principal->rate);
}

static int read_burst(struct reading *reading, struct fy_node *node, struct principal *principal)
{
    return read_number(reading, node, BURST_MOST, &principal->burst);
}

static int read_list(struct reading *reading, struct fy_node *node, struct keyring_list *list,
                     void (*check)(struct reading *, struct fy_node *, const char *))
{
    void *at = NULL;
    struct fy_node *item;
    char text[WIRE_SOURCE_MAX + 1];

    if (!fy_node_is_sequence(node) || fy_node_sequence_item_count(node) > KEYRING_LIST_MAX) {
        complain(reading, node, "not a list of at most %d ([a, b])", KEYRING_LIST_MAX);
        return 0;
    }
    list->items = calloc((size_t)fy_node_sequence_item_count(node) + 1, sizeof *list->items);
    if (!list->items)
        return -ENOMEM;
    while ((item = fy_node_sequence_iterate(node, &at))) {
        if (!read_text(reading, item, text, sizeof text))
            continue;
        check(reading, item, text);
        list->items[list->count] = strdup(text);
        if (!list->items[list->count])
            return -ENOMEM;
        list->count++;
    }
    return 0;
}

/* The text of a plain or quoted scalar; false (and told) for anything else. */
static bool read_text(struct reading *reading, struct fy_node *node, char *text, size_t room)
{
    size_t length = 0;
    const char *scalar;

    if (!node || fy_node_is_alias(node) || !fy_node_is_scalar(node)) {
        complain(reading, node, "not a text (neither list, mapping nor alias)");
        return false;
    }
    scalar = fy_node_get_scalar(node, &length);
    if (length >= room || (length > 0 && memchr(scalar, '\0', length))) {
        complain(reading, node, "too long (at most %zu letters)", room - 1);
        return false;
    }
    if (length > 0)
        memcpy(text, scalar, length);
    text[length] = '\0';
    return true;
}

/* libfyaml knows the place; it keeps findings of ours with its own, in order. */
static void complain(struct reading *reading, struct fy_node *node, const char *format, ...)
{
    va_list arguments;

    reading->wrong = true;
    va_start(arguments, format);
    if (node)
        fy_node_vreport(node, FYET_ERROR, format, arguments);
    va_end(arguments);
}

static void complain_of_file(struct reading *reading, const char *format, ...)
{
    va_list arguments;

    reading->wrong = true;
    reading->told++;
    if (!reading->complaints)
        return;
    va_start(arguments, format);
    fprintf(reading->complaints, "%s: ", reading->path);
    vfprintf(reading->complaints, format, arguments);
    fputc('\n', reading->complaints);
    va_end(arguments);
}

static void tell_findings(struct reading *reading)
{
    void *at = NULL;
    struct fy_diag_error *finding;

    while ((finding = fy_diag_errors_iterate(reading->diag, &at))) {
        reading->wrong = true;
        reading->told++;
        if (reading->complaints)
            fprintf(reading->complaints, "%s:%d:%d: %s\n", reading->path, finding->line,
                    finding->column, finding->msg);
    }
}

/* How many letters must change, by one row of the usual table. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MOST + 2];
    size_t width = strnlen(b, NAME_MOST);

    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 0; a[i] && i < NAME_MOST; i++) {
        size_t corner = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            size_t changed = corner + (a[i] != b[j]);
            size_t least = row[j] < row[j + 1] ? row[j] + 1 : row[j + 1] + 1;

            corner = row[j + 1];
            row[j + 1] = changed < least ? changed : least;
        }
    }
    return row[width];
}

static const char *nearest(const char *word, const char *const *words, size_t count)
{
    size_t best = 0;

    for (size_t i = 1; i < count; i++)
        if (distance(word, words[i]) < distance(word, words[best]))
            best = i;
    return words[best];
}

static bool is_reference(const char *text)
{
    for (size_t i = 0; text[i]; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("._:/-", text[i]))
            return false;
    return text[0] != '\0';
}

/* Days since 1970-01-01 of a civil date, by eras of 400 years. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Does the text have this shape?  '0' stands for any digit, others for themselves. */
static bool is_shaped(const char *text, const char *shape)
{
    for (; *shape; text++, shape++)
        if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape)
            return false;
    return true;
}

static int number_at(const char *digits, size_t count)
{
    int value = 0;

    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

/* RFC 3339, seconds whole: what a person writes into a file. */
static bool instant_of_text(const char *text, struct instant *instant)
{
    static const unsigned char month_days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool utc = strlen(text) == 20 && text[19] == 'Z';
    bool offset = strlen(text) == 25 && strchr("+-", text[19]) && is_shaped(text + 20, "00:00");
    int year, month, day;
    int64_t clock_s, ahead_s;

    if (!(utc || offset) || !is_shaped(text, "0000-00-00T00:00:00"))
        return false;
    year = number_at(text, 4);
    month = number_at(text + 5, 2);
    day = number_at(text + 8, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > month_days[month - 1] ||
        (month == 2 && day == 29 && (year % 4 || (year % 100 == 0 && year % 400))))
        return false;
    if (number_at(text + 11, 2) > 23 || number_at(text + 14, 2) > 59 ||
        number_at(text + 17, 2) > 59 ||
        (offset && (number_at(text + 20, 2) > 23 || number_at(text + 23, 2) > 59)))
        return false;
    clock_s =
        number_at(text + 11, 2) * 3600 + number_at(text + 14, 2) * 60 + number_at(text + 17, 2);
    ahead_s = offset ? number_at(text + 20, 2) * 3600 + number_at(text + 23, 2) * 60 : 0;
    if (offset && text[19] == '-')
        ahead_s = -ahead_s;
    instant->us = days_of(year, month, day) * DAY_US + (clock_s - ahead_s) * SECOND_US;
    return true;
}
