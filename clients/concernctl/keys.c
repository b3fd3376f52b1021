/* keys.c - makes CURVE keys, and lists who publishes. */
#include "concernctl/ask.h"
#include "concernctl/table.h"
#include "libconcern/keyfile.h"
#include "policy/yaml.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

const char keys_usage[] =
    "make NAME [--directory DIR] [--agency ID] [--board ID] [--source SOURCE]…\n"
    "       concernctl keys make --server [--directory DIR]\n"
    "       concernctl keys list [--keyring FILE] [OPTION…]\n"
    "Makes a pair of keys, NAME.key and NAME.key_secret, and prints what to add to the\n"
    "daemon's keyring; or lists the keys the daemon knows.\n\n"
    "  --directory DIR       where to put the files (default here)\n"
    "  --server              the daemon's own pair, server.key and server.key_secret\n"
    "  --agency ID           for whom it speaks\n"
    "  --board ID            the board it speaks to; without --agency, for whom it speaks\n"
    "  --source SOURCE       as which source it publishes; may be repeated\n"
    "  --keyring FILE        read this file instead of asking the daemon\n" ASK_USAGE;

enum keys_option {
    KEYS_DIRECTORY = 1,
    KEYS_SERVER,
    KEYS_AGENCY,
    KEYS_BOARD,
    KEYS_SOURCE,
    KEYS_FILE
};

enum { SOURCES_MAX = 16, COLUMNS = 8 };

struct keys {
    struct ask ask;
    const char *directory;
    bool server;
    const char *agency;
    const char *board;
    const char *sources[SOURCES_MAX];
    size_t source_count;
    const char *keyring;
};

static const char *const heads[COLUMNS] = { "KEY",    "AGENCY", "BOARDS", "SOURCES",
                                            "RIGHTS", "FROM",   "UNTIL",  "LIVE" };

static int take_option(struct keys *keys, int option, const char *value);
static int make(const struct keys *keys, const char *name);
static bool is_name(const char *name);
static void print_stanza(const struct keys *keys, const char *name, const char *public_key);
static int list(const struct keys *keys);
static int list_file(const struct keys *keys, struct table *table);
static void add_entry(struct table *table, const struct yaml_node *entry, bool json);
static void print_entry_json(const char *const *cells);
static void add_row(void *context, const json_t *row);
static const char *node_text(const struct yaml_node *node, char cell[ASK_CELL_SIZE]);

int keys_command(int argc, char **argv)
{
    static const struct option options[] = {
        { "directory", required_argument, NULL, KEYS_DIRECTORY },
        { "server", no_argument, NULL, KEYS_SERVER },
        { "agency", required_argument, NULL, KEYS_AGENCY },
        { "board", required_argument, NULL, KEYS_BOARD },
        { "source", required_argument, NULL, KEYS_SOURCE },
        { "keyring", required_argument, NULL, KEYS_FILE },
        ASK_OPTIONS,
        { 0 },
    };
    struct keys keys = { .ask = { .command = argv[0] }, .directory = "." };
    const char *name;
    int option;

    while ((option = usage_next_option(argc, argv, options)) != -1)
        if (take_option(&keys, option, optarg))
            return EXIT_USAGE;
    if (optind == argc)
        return usage_wrong(argv[0], "make or list?");
    name = optind + 1 < argc ? argv[optind + 1] : keys.server ? "server" : NULL;
    if (!strcmp(argv[optind], "list"))
        return argc - optind == 1 ? list(&keys) : usage_wrong(argv[0], "list takes no argument");
    if (strcmp(argv[optind], "make") != 0)
        return usage_wrong(argv[0], "%s: it is make or list", argv[optind]);
    if (!name || argc - optind > 2)
        return usage_wrong(argv[0], "make takes one NAME");
    return make(&keys, name);
}

static int take_option(struct keys *keys, int option, const char *value)
{
    switch (option) {
    case KEYS_DIRECTORY:
        keys->directory = value;
        return EXIT_DONE;
    case KEYS_SERVER:
        keys->server = true;
        return EXIT_DONE;
    case KEYS_AGENCY:
        keys->agency = value;
        return EXIT_DONE;
    case KEYS_BOARD:
        keys->board = value;
        return EXIT_DONE;
    case KEYS_SOURCE:
        if (keys->source_count == SOURCES_MAX)
            return usage_wrong(keys->ask.command, "more than %d sources", SOURCES_MAX);
        keys->sources[keys->source_count++] = value;
        return EXIT_DONE;
    case KEYS_FILE:
        keys->keyring = value;
        return EXIT_DONE;
    default:
        return ask_option(&keys->ask, option, value);
    }
}

static int make(const struct keys *keys, const char *name)
{
    CLEANUP(key_pair_wipe) struct key_pair pair = { 0 };
    char path[PATH_MAX];

    if (!is_name(name))
        return usage_wrong(keys->ask.command, "a NAME is letters, digits, - _ and .");
    if ((size_t)snprintf(path, sizeof path, "%s/%s.key", keys->directory, name) >= sizeof path)
        return usage_wrong(keys->ask.command, "--directory is too long a path");
    if (keyfile_make(path, name, stderr, &pair))
        return EXIT_NO;
    fprintf(stderr, "%s         public: give it to whoever is to be spoken to\n", path);
    fprintf(stderr, "%s_secret  secret: stays with %s alone\n", path,
            keys->server ? "the daemon" : name);
    if (keys->server)
        printf("%s\n", pair.public_key);
    else
        print_stanza(keys, name, pair.public_key);
    return EXIT_DONE;
}

static bool is_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_.";

    return *name && *name != '.' && strlen(name) <= ID_MAX && strspn(name, letters) == strlen(name);
}

/* To standard output alone, so that `keys make … >> keyring.yaml` adds it. */
static void print_stanza(const struct keys *keys, const char *name, const char *public_key)
{
    printf("  - key: \"%s\"\n", public_key);
    if (keys->agency || !keys->board)
        printf("    agency: %s\n", keys->agency ? keys->agency : name);
    if (keys->board && !keys->agency)
        printf("    board: %s\n", keys->board);
    if (!keys->board)
        puts("    boards: []  # the boards it may speak to");
    else if (keys->agency)
        printf("    boards: [%s]\n", keys->board);
    printf("    sources: [");
    for (size_t i = 0; i < keys->source_count; i++)
        printf("%s\"%s\"", i ? ", " : "", keys->sources[i]);
    if (keys->source_count == 0)
        printf("\"urn:%s\"", name);
    puts("]\n"
         "    types: [all]\n"
         "    rights: [publish]  # and close: what ends a disagreement or holds it");
}

static int list(const struct keys *keys)
{
    CLEANUP(table_close) struct table *table = table_open(heads, COLUMNS);
    struct command command = { .kind = COMMAND_KEYS };
    int code;

    if (!table)
        return EXIT_NO;
    code =
        keys->keyring ? list_file(keys, table) : ask_daemon(&keys->ask, &command, add_row, table);
    table_print(table);
    return code;
}

static void add_row(void *context, const json_t *row)
{
    static const char *const paths[COLUMNS] = { "key",    "agency",     "boards",    "sources",
                                                "rights", "not_before", "not_after", "live" };
    char cells[COLUMNS][ASK_CELL_SIZE];
    const char *texts[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = ask_cell(row, paths[i], cells[i]);
    if (!*texts[1] && !*texts[2])
        texts[2] = ask_cell(row, "board", cells[2]);
    table_add(context, texts);
}

/* A plain look at the file: whether the daemon would take it, `check` and its journal say. */
static int list_file(const struct keys *keys, struct table *table)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(arena_close) struct arena *arena = arena_open();
    struct yaml_source source = { .file = keys->keyring, .arena = arena, .faults = &faults };
    const struct yaml_node *root = NULL, *entries;
    char *bytes, line[FAULT_LINE_SIZE];
    size_t length;
    int answer = arena ? yaml_read_bytes(&source, &bytes, &length) : -ENOMEM;

    if (!answer)
        answer = yaml_parse(&source, bytes, length, &root);
    for (size_t i = 0; i < faults.count; i++) {
        fault_write(&faults.list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    if (answer)
        return EXIT_NO;
    entries = root->kind == YAML_MAP ? yaml_get(root, "keys") : NULL;
    if (!entries || entries->kind != YAML_LIST) {
        fprintf(stderr, "%s:%u:%u: no list of keys (keys: - key: …)\n", keys->keyring, root->line,
                root->column);
        return EXIT_NO;
    }
    for (size_t i = 0; i < entries->count; i++)
        add_entry(table, &entries->items[i], keys->ask.json);
    return EXIT_DONE;
}

static void add_entry(struct table *table, const struct yaml_node *entry, bool json)
{
    static const char *const names[COLUMNS] = { "key",    "agency",     "boards",    "sources",
                                                "rights", "not_before", "not_after", "live" };
    char cells[COLUMNS][ASK_CELL_SIZE];
    const char *texts[COLUMNS];

    if (entry->kind != YAML_MAP)
        return;
    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = node_text(yaml_get(entry, names[i]), cells[i]);
    if (!*texts[2])
        texts[2] = node_text(yaml_get(entry, "board"), cells[2]);
    if (json)
        print_entry_json(texts);
    else
        table_add(table, texts);
}

static void print_entry_json(const char *const *cells)
{
    static const char *const names[COLUMNS] = { "key",    "agency",     "boards",    "sources",
                                                "rights", "not_before", "not_after", "live" };
    json_t *row = json_object();

    for (size_t i = 0; i < COLUMNS; i++)
        if (*cells[i])
            json_object_set_new(row, names[i], json_string(cells[i]));
    json_dumpf(row, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(row);
}

static const char *node_text(const struct yaml_node *node, char cell[ASK_CELL_SIZE])
{
    size_t used = 0;

    cell[0] = '\0';
    if (node && node->kind == YAML_SCALAR && node->text)
        return node->text;
    for (size_t i = 0; node && node->kind == YAML_LIST && i < node->count; i++)
        if (node->items[i].kind == YAML_SCALAR && node->items[i].text && used < ASK_CELL_SIZE)
            used += (size_t)snprintf(cell + used, ASK_CELL_SIZE - used, "%s%s", i ? ", " : "",
                                     node->items[i].text);
    return cell;
}
