/* keyring_file.c - the keyring's file: text to principals, every finding with its place. */
#include "io/keyring_file.h"
#include "core/event.h"
#include "core/zone.h"
#include "policy/yaml.h"
#include "protocol/alphabet.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { RATE_DEFAULT = 60, BURST_DEFAULT = 120, RATE_MOST = 60000, BURST_MOST = 100000 };

/* A key as it is written. */
struct row {
    const char *key;
    const char *agency;
    const char *board;
    struct yaml_texts boards;
    struct yaml_texts sources;
    struct yaml_texts procedures;
    struct yaml_texts types;
    struct yaml_texts rights;
    const char *not_before;
    const char *not_after;
    int64_t rate;
    int64_t burst;
    const char *contact;
    int64_t max_silence_us;
};

#define LIST YAML_KEY_TEXTS
#define AT(field) offsetof(struct row, field)

/* clang-format off */
static const struct yaml_key row_keys[] = {
    { "key",        YAML_KEY_TEXT,   AT(key),        true,  1, 100,              NULL },
    { "agency",     YAML_KEY_ID,     AT(agency),     false, 0, 0,                NULL },
    { "board",      YAML_KEY_ID,     AT(board),      false, 0, 0,                NULL },
    { "boards",     LIST,            AT(boards),     false, 1, KEYRING_LIST_MAX, NULL },
    { "sources",    LIST,            AT(sources),    false, 1, KEYRING_LIST_MAX, NULL },
    { "procedures", LIST,            AT(procedures), false, 1, KEYRING_LIST_MAX, NULL },
    { "types",      LIST,            AT(types),      true,  1, KEYRING_LIST_MAX, NULL },
    { "rights",     LIST,            AT(rights),     true,  1, KEYRING_LIST_MAX, NULL },
    { "not_before", YAML_KEY_TEXT,   AT(not_before), false, 1, 40,               NULL },
    { "not_after",  YAML_KEY_TEXT,   AT(not_after),  false, 1, 40,               NULL },
    { "rate",       YAML_KEY_NUMBER, AT(rate),       false, 1, RATE_MOST,        NULL },
    { "burst",      YAML_KEY_NUMBER, AT(burst),      false, 1, BURST_MOST,       NULL },
    { "contact",    YAML_KEY_ID,     AT(contact),    false, 0, 0,                NULL },
    { "max_silence", YAML_KEY_DURATION, AT(max_silence_us), false, SECOND_US, 30 * DAY_US, NULL },
};
/* clang-format on */

static const char *const right_names[] = { "publish", "close", "read", "replay", "admin" };
static const enum keyring_right right_bits[] = { KEYRING_PUBLISH, KEYRING_CLOSE, KEYRING_READ,
                                                 KEYRING_REPLAY, KEYRING_ADMIN };

static int read_file(const struct yaml_source *source, char **text, size_t *length);
static void check_file(const struct yaml_source *source, const struct stat *facts);
static int read_all(const struct yaml_source *source, int file, size_t expected, char **text,
                    size_t *length);
static int read_keys(const struct yaml_source *source, const struct yaml_node *root,
                     struct principals *principals);
static int read_key(const struct yaml_source *source, const struct yaml_node *node,
                    struct principal *principal);
static void take_key(const struct yaml_source *source, const struct yaml_node *node,
                     const char *text, struct principal *principal);
static void take_list(const struct yaml_source *source, const struct yaml_node *node,
                      const struct yaml_texts *texts, struct keyring_list *list);
static void check_sources(const struct yaml_source *source, const struct yaml_node *node);
static void take_types(const struct yaml_source *source, const struct yaml_node *node,
                       const struct yaml_texts *texts, struct keyring_list *types);
static unsigned take_rights(const struct yaml_source *source, const struct yaml_node *node);
static void take_instant(const struct yaml_source *source, const struct yaml_node *node,
                         const char *text, struct instant *instant);
static void copy_id(char id[ID_MAX + 1], const char *text);
static void check_whole(const struct yaml_source *source, const struct yaml_node *node,
                        const struct principal *principal);
static void check_twice(const struct yaml_source *source, const struct yaml_node *node,
                        const struct principals *principals);
static void tell_faults(struct faults *faults, FILE *complaints);

int keyring_file_read(const char *path, FILE *complaints, struct principals *principals)
{
    struct faults faults = { 0 };
    struct principals found = { .arena = arena_open() };
    struct yaml_source source = { .file = path, .arena = found.arena, .faults = &faults };
    const struct yaml_node *root = NULL;
    char *text = NULL;
    size_t length = 0;
    int answer = found.arena ? read_file(&source, &text, &length) : -ENOMEM;

    if (answer == 0)
        answer = yaml_parse(&source, text, length, &root);
    if (answer == YAML_READ)
        answer = read_keys(&source, root, &found);
    if (found.arena && arena_failed(found.arena))
        answer = -ENOMEM;
    else if (answer >= 0)
        answer = faults.errors ? KEYRING_WRONG : KEYRING_OK;
    tell_faults(&faults, complaints);
    faults_close(&faults);
    if (answer != KEYRING_OK) {
        principals_close(&found);
        return answer;
    }
    *principals = found;
    return KEYRING_OK;
}

void principals_close(struct principals *principals)
{
    arena_close(&principals->arena);
    *principals = (struct principals){ 0 };
}

/* Who can write this file decides who is heard; so it is looked at through the
 * open descriptor, where nobody can exchange it any more. */
static int read_file(const struct yaml_source *source, char **text, size_t *length)
{
    int file = open(source->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat facts;
    int answer = file < 0 || fstat(file, &facts) < 0 ? -errno : 0;

    if (answer < 0) {
        faults_add(source->faults, source->file, 0, 0, "cannot be opened: %s", strerror(-answer));
    } else {
        check_file(source, &facts);
        answer = source->faults->errors
                     ? (int)YAML_FAULTY
                     : read_all(source, file, (size_t)facts.st_size, text, length);
    }
    if (file >= 0)
        close(file);
    return answer;
}

static void check_file(const struct yaml_source *source, const struct stat *facts)
{
    const char *path = source->file;

    if (!S_ISREG(facts->st_mode)) {
        faults_add(source->faults, path, 0, 0, "is no regular file");
        return;
    }
    if (facts->st_mode & (S_IWGRP | S_IWOTH))
        faults_add(source->faults, path, 0, 0, "can be written by others (chmod go-w)");
    if (facts->st_uid != 0 && facts->st_uid != geteuid())
        faults_add(source->faults, path, 0, 0, "belongs to user %lu (root, or the daemon's user)",
                   (unsigned long)facts->st_uid);
    if (facts->st_size > KEYRING_FILE_MAX)
        faults_add(source->faults, path, 0, 0, "is longer than %d bytes", KEYRING_FILE_MAX);
}

/* One byte more than there should be, so that a file somebody is writing is seen. */
static int read_all(const struct yaml_source *source, int file, size_t expected, char **text_p,
                    size_t *length)
{
    char *text = arena_take(source->arena, expected + 1);
    size_t size = 0;
    ssize_t got = 1;

    if (!text)
        return -ENOMEM;
    while (got > 0 && size <= expected) {
        got = TEMP_FAILURE_RETRY(read(file, text + size, expected + 1 - size));
        size += got > 0 ? (size_t)got : 0;
    }
    if (got < 0) {
        int error = errno;

        faults_add(source->faults, source->file, 0, 0, "cannot be read: %s", strerror(error));
        return -error;
    }
    if (size != expected) {
        faults_add(source->faults, source->file, 0, 0, "changed while it was read (try again)");
        return YAML_FAULTY;
    }
    *text_p = text;
    *length = size;
    return 0;
}

static int read_keys(const struct yaml_source *source, const struct yaml_node *root,
                     struct principals *principals)
{
    struct top {
        const struct yaml_node *keys;
    } top = { 0 };
    static const struct yaml_key keys[] = {
        { "keys", YAML_KEY_LIST, 0, true, 0, KEYRING_KEYS_MAX, NULL },
    };
    int answer = yaml_record(source, root, keys, COUNT_OF(keys), &top);

    if (answer != YAML_READ)
        return answer;
    principals->items =
        arena_take(source->arena, (top.keys->count + 1) * sizeof *principals->items);
    if (!principals->items)
        return -ENOMEM;
    for (size_t i = 0; i < top.keys->count; i++) {
        answer = read_key(source, &top.keys->items[i], &principals->items[i]);
        if (answer < 0)
            return answer;
        principals->count = i + 1;
        check_twice(source, &top.keys->items[i], principals);
    }
    return 0;
}

static int read_key(const struct yaml_source *source, const struct yaml_node *node,
                    struct principal *principal)
{
    struct row row = { .rate = RATE_DEFAULT, .burst = BURST_DEFAULT };
    int answer = yaml_record(source, node, row_keys, COUNT_OF(row_keys), &row);

    *principal = (struct principal){ .not_before = INSTANT_NONE, .not_after = INSTANT_NONE };
    if (answer != YAML_READ)
        return answer;
    take_key(source, yaml_get(node, "key"), row.key, principal);
    copy_id(principal->agency, row.agency);
    copy_id(principal->board, row.board);
    copy_id(principal->contact, row.contact);
    principal->rate = (unsigned)row.rate;
    principal->burst = (unsigned)row.burst;
    principal->max_silence_us = row.max_silence_us;
    take_list(source, yaml_get(node, "boards"), &row.boards, &principal->boards);
    take_list(source, yaml_get(node, "procedures"), &row.procedures, &principal->procedures);
    principal->sources = (struct keyring_list){ row.sources.list, row.sources.count };
    check_sources(source, yaml_get(node, "sources"));
    take_types(source, yaml_get(node, "types"), &row.types, &principal->types);
    principal->rights = take_rights(source, yaml_get(node, "rights"));
    take_instant(source, yaml_get(node, "not_before"), row.not_before, &principal->not_before);
    take_instant(source, yaml_get(node, "not_after"), row.not_after, &principal->not_after);
    check_whole(source, node, principal);
    snprintf(principal->name, sizeof principal->name, "%s/%.8s",
             principal->agency[0] ? principal->agency : principal->board, principal->key);
    return 0;
}

/* Read and written again: only one text stands for a key. */
static void take_key(const struct yaml_source *source, const struct yaml_node *node,
                     const char *text, struct principal *principal)
{
    uint8_t bytes[WIRE_KEY_SIZE];
    char again[WIRE_KEY_TEXT + 1];

    if (strlen(text) != WIRE_KEY_TEXT || !zmq_z85_decode(bytes, text) ||
        !zmq_z85_encode(again, bytes, sizeof bytes) || strcmp(text, again) != 0)
        yaml_fault(source, node, "not a public key (%d letters of Z85)", WIRE_KEY_TEXT);
    else
        memcpy(principal->key, again, sizeof again);
}

static void copy_id(char id[ID_MAX + 1], const char *text)
{
    if (text)
        memcpy(id, text, strlen(text) + 1);
}

static void take_list(const struct yaml_source *source, const struct yaml_node *node,
                      const struct yaml_texts *texts, struct keyring_list *list)
{
    for (size_t i = 0; i < texts->count; i++)
        if (!yaml_is_id(texts->list[i]))
            yaml_fault(source, &node->items[i],
                       "\"%s\" is no reference (1 to %d of A-Z a-z 0-9 . _ : / -)", texts->list[i],
                       ID_MAX);
    *list = (struct keyring_list){ texts->list, texts->count };
}

/* A source that ends in a separator would allow nothing that exists. */
static void check_sources(const struct yaml_source *source, const struct yaml_node *node)
{
    for (size_t i = 0; node && i < node->count; i++) {
        const char *text = node->items[i].text;
        size_t length = strlen(text);

        if (!alphabet_is_source(text))
            yaml_fault(source, &node->items[i],
                       "not a source (a URI reference of 1 to %d characters)", EVENT_SOURCE_MAX);
        else if (text[length - 1] == ':' || text[length - 1] == '/')
            yaml_fault(source, &node->items[i],
                       "a source ends in a segment (leave out the last \"%c\": what lies beneath "
                       "is allowed too)",
                       text[length - 1]);
    }
}

static void take_types(const struct yaml_source *source, const struct yaml_node *node,
                       const struct yaml_texts *texts, struct keyring_list *types)
{
    take_list(source, node, texts, types);
    for (size_t i = 0; i < types->count; i++) {
        if (strcmp(types->items[i], "all") != 0)
            continue;
        if (types->count > 1)
            yaml_fault(source, &node->items[i], "\"all\" and others ([all], or a list without it)");
        types->count = 0; /* an empty list is all */
    }
}

static unsigned take_rights(const struct yaml_source *source, const struct yaml_node *node)
{
    unsigned rights = 0;

    for (size_t i = 0; i < node->count; i++) {
        const char *name = node->items[i].text;
        const char *near = nearest_word(name, right_names, COUNT_OF(right_names));
        size_t r = 0;

        while (r < COUNT_OF(right_names) && strcmp(right_names[r], name) != 0)
            r++;
        if (r < COUNT_OF(right_names))
            rights |= right_bits[r];
        else if (near)
            yaml_fault(source, &node->items[i], "unknown right \"%s\" (did you mean \"%s\"?)", name,
                       near);
        else
            yaml_fault(source, &node->items[i],
                       "unknown right \"%s\" (publish, close, read, replay, admin)", name);
    }
    return rights;
}

static void take_instant(const struct yaml_source *source, const struct yaml_node *node,
                         const char *text, struct instant *instant)
{
    if (text && instant_read(text, NULL, instant) != INSTANT_OK)
        yaml_fault(source, node, "\"%s\" is no instant (2027-01-01T00:00:00Z, with the offset)",
                   text);
}

static void check_whole(const struct yaml_source *source, const struct yaml_node *node,
                        const struct principal *principal)
{
    unsigned speaks = principal->rights & (KEYRING_PUBLISH | KEYRING_CLOSE);

    if (!principal->agency[0] == !principal->board[0])
        yaml_fault(source, node, "it must be said whose key this is (agency: or board:, one)");
    if (speaks && principal->sources.count == 0)
        yaml_fault(source, node, "may publish, but as nobody (sources: and a list)");
    if (speaks && !principal->board[0] && principal->boards.count == 0)
        yaml_fault(source, node, "may publish, but to no board (boards: and a list)");
    if (speaks == KEYRING_CLOSE)
        yaml_fault(source, node, "right close without publish (rights: [publish, close])");
    if (!instant_is_none(principal->not_before) && !instant_is_none(principal->not_after) &&
        principal->not_after.us <= principal->not_before.us)
        yaml_fault(source, node, "not_after is not later than not_before");
}

static void check_twice(const struct yaml_source *source, const struct yaml_node *node,
                        const struct principals *principals)
{
    const struct principal *last = &principals->items[principals->count - 1];

    for (size_t i = 0; last->key[0] && i + 1 < principals->count; i++)
        if (!strcmp(principals->items[i].key, last->key))
            yaml_fault(source, node, "the same key as entry %zu (one entry for each key)", i + 1);
}

static void tell_faults(struct faults *faults, FILE *complaints)
{
    faults_sort(faults, 0);
    for (size_t i = 0; complaints && i < faults->count; i++) {
        char line[FAULT_LINE_SIZE];

        fault_write(&faults->list[i], line);
        fprintf(complaints, "%s\n", line);
    }
}
