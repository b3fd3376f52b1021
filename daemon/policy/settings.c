/* settings.c - concernd.yaml: every setting is one row here. */
#include "policy/settings.h"

#include "policy/directory_read.h"
#include "policy/http_address.h"
#include "policy/settings_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 64, ROWS_MAX = 32, SECTIONS = 5 };

/* The settings as they are written, before phrases and paths are understood. */
struct raw_settings {
    const char *listen, *control, *bounce_socket, *http, *http_hosts, *state, *keyring, *server_key,
        *secrets;
    const char *data, *procedures, *calendars, *templates, *directory;
    const char *mail_url, *mail_user, *mail_password_file, *mail_ca, *mail_from, *mail_bounces;
    const char *mail_certificate, *mail_key_file;
    const struct yaml_node *feeds;
    const char *remind, *chase, *acknowledge_url;
    int64_t memory_limit, turn_events, turn_us, retry_us, acknowledge_within_us;
    int64_t escalate_after_us, escalate_urgent_us, escalate_told_us, gap_operator_us, gap_board_us;
    const struct yaml_node *sections[SECTIONS]; /* the maps of dotted names */
};

#define AT(field) offsetof(struct raw_settings, field)

struct row {
    struct setting_row shown;
    enum yaml_key_kind kind;
    size_t offset;
    int64_t least, most;
};

/* clang-format off */
static const struct row rows[] = {
    { { "listen", "tcp://*:5570", "where case systems connect (ZeroMQ with CURVE); none: nowhere" },
      YAML_KEY_TEXT, AT(listen), 1, 200 },
    { { "control", "/run/concernd/control", "the socket concernctl speaks to" },
      YAML_KEY_TEXT, AT(control), 1, 100 },
    { { "bounce_socket", "beside control", "the socket a mail system's `concernctl bounce` speaks to, which answers nothing else; none: none" },
      YAML_KEY_TEXT, AT(bounce_socket), 1, 100 },
    { { "http", "127.0.0.1:9570", "where health, metrics and pages are asked for: an address, unix:/PATH, or none" },
      YAML_KEY_TEXT, AT(http), 1, 120 },
    { { "http_hosts", "", "names that pages are asked by, between blanks, beside localhost and addresses" },
      YAML_KEY_TEXT, AT(http_hosts), 0, 1000 },
    { { "state", "/var/lib/concernd", "the directory of the store" },
      YAML_KEY_TEXT, AT(state), 1, SETTINGS_PATH_SIZE },
    { { "keyring", "keyring.yaml", "who may publish: public keys and what each may say" },
      YAML_KEY_TEXT, AT(keyring), 1, SETTINGS_PATH_SIZE },
    { { "server_key", "server.key_secret", "our own CURVE secret key, as `concernctl keys make --server` writes it" },
      YAML_KEY_TEXT, AT(server_key), 1, SETTINGS_PATH_SIZE },
    { { "secrets", "secrets", "a directory of secrets, one file each; systemd credentials go before it" },
      YAML_KEY_TEXT, AT(secrets), 1, SETTINGS_PATH_SIZE },
    { { "data", "installed", "the directory with procedures/, calendars/ and templates/ that came with the program" },
      YAML_KEY_TEXT, AT(data), 1, SETTINGS_PATH_SIZE },
    { { "procedures", "procedures", "a directory whose files win over those of the same name in data" },
      YAML_KEY_TEXT, AT(procedures), 1, SETTINGS_PATH_SIZE },
    { { "calendars", "calendars", "the same for calendars" },
      YAML_KEY_TEXT, AT(calendars), 1, SETTINGS_PATH_SIZE },
    { { "templates", "templates", "the same for the texts of notifications" },
      YAML_KEY_TEXT, AT(templates), 1, SETTINGS_PATH_SIZE },
    { { "directory", "directory.yaml", "people, agencies, boards and where they are reached" },
      YAML_KEY_TEXT, AT(directory), 1, SETTINGS_PATH_SIZE },
    { { "mail.url", "", "smtp://HOST:587 (STARTTLS, always) or smtps://HOST:465; without it no mail is sent" },
      YAML_KEY_TEXT, AT(mail_url), 0, 500 },
    { { "mail.user", "", "the user's name at the mail server; without it no authentication" },
      YAML_KEY_TEXT, AT(mail_user), 0, 255 },
    { { "mail.password_file", "", "a file with the password; without it the secret mail-password" },
      YAML_KEY_TEXT, AT(mail_password_file), 0, SETTINGS_PATH_SIZE },
    { { "mail.ca", "", "a file of certificates to trust; without it the system's" },
      YAML_KEY_TEXT, AT(mail_ca), 0, SETTINGS_PATH_SIZE },
    { { "mail.certificate", "", "a file with the certificate to show to a mail server that asks for one" },
      YAML_KEY_TEXT, AT(mail_certificate), 0, SETTINGS_PATH_SIZE },
    { { "mail.key_file", "", "a file with the key of that certificate; without it the secret mail-key" },
      YAML_KEY_TEXT, AT(mail_key_file), 0, SETTINGS_PATH_SIZE },
    { { "mail.from", "", "the sender's address" },
      YAML_KEY_TEXT, AT(mail_from), 0, ADDRESS_MAX },
    { { "mail.bounces", "", "an address whose mail is piped to `concernctl bounce`; each mail is sent with one under it, bounces+ID@..." },
      YAML_KEY_TEXT, AT(mail_bounces), 0, ADDRESS_MAX },
    { { "feeds", "", "case systems that only publish: {name, endpoint, server_key, secret_key, sources, boards, topic, replay_endpoint, max_silence, assurance}" },
      YAML_KEY_LIST, AT(feeds), 0, SETTINGS_FEEDS_MAX },
    { { "gap.operator", "5 minutes", "how long events of a case system are missing before the operator is told" },
      YAML_KEY_DURATION, AT(gap_operator_us), SECOND_US, DAY_US },
    { { "gap.board", "30 minutes", "and before the board's team is told" },
      YAML_KEY_DURATION, AT(gap_board_us), SECOND_US, DAY_US },
    { { "remind", "1 working day before", "reminders, where neither deadline nor procedure says" },
      YAML_KEY_TEXT, AT(remind), 1, 200 },
    { { "chase", "every 5 working days", "chases, where neither deadline nor procedure says" },
      YAML_KEY_TEXT, AT(chase), 1, 200 },
    { { "memory_limit", "256", "MiB of memory at which the intake drops its connections and begins anew" },
      YAML_KEY_NUMBER, AT(memory_limit), 32, 65536 },
    { { "turn.events", "256", "the most events that are kept in one transaction" },
      YAML_KEY_NUMBER, AT(turn_events), 1, 10000 },
    { { "turn.longest", "20 ms", "the longest that events are gathered for one" },
      YAML_KEY_DURATION, AT(turn_us), SECOND_US / 1000, SECOND_US },
    { { "retry", "5 days", "how long a delivery is tried before it is given up, loudly" },
      YAML_KEY_DURATION, AT(retry_us), HOUR_US, 30 * DAY_US },
    { { "escalate.after", "10 minutes", "how long nobody accepts a delivery before the next route is taken as well" },
      YAML_KEY_DURATION, AT(escalate_after_us), SECOND_US, 365 * DAY_US },
    { { "escalate.urgent", "2 minutes", "the same of an urgent or immediate one" },
      YAML_KEY_DURATION, AT(escalate_urgent_us), SECOND_US, 365 * DAY_US },
    { { "escalate.told", "30 minutes", "how long until the board's team and the operator are told of it" },
      YAML_KEY_DURATION, AT(escalate_told_us), SECOND_US, 365 * DAY_US },
    { { "acknowledge.url", "", "where people say that they have seen a notification, as they reach it; without it no links are written" },
      YAML_KEY_TEXT, AT(acknowledge_url), 0, LINK_BASE_MAX },
    { { "acknowledge.within", "14 days", "how long such a link is good, unless the disagreement ends before" },
      YAML_KEY_DURATION, AT(acknowledge_within_us), MINUTE_US, 14 * DAY_US },
};
/* clang-format on */

static const char *const sections[SECTIONS] = { "mail", "turn", "escalate", "gap", "acknowledge" };

struct settings_file {
    struct arena *arena;
    const struct yaml_node *root; /* what is written; NULL: nothing */
    struct settings settings;
};

static int read_into(struct settings_file *file, const char *name, const char *bytes, size_t length,
                     struct faults *faults);

const struct setting_row *settings_row(size_t index)
{
    return index < COUNT_OF(rows) ? &rows[index].shown : NULL;
}

static struct settings_file *open_file(void)
{
    struct settings_file *file = calloc(1, sizeof *file);

    if (!file)
        return NULL;
    file->arena = arena_open();
    if (!file->arena)
        settings_close(&file);
    return file;
}

int settings_read(const char *path, struct faults *faults, struct settings_file **file_p)
{
    CLEANUP(settings_close) struct settings_file *file = open_file();
    char *bytes = NULL;
    size_t length = 0;
    int answer;

    if (!file)
        return -ENOMEM;
    if (path) {
        struct yaml_source source = { path, file->arena, faults };

        answer = yaml_read_bytes(&source, &bytes, &length);
        if (answer)
            return answer < 0 ? answer : SETTINGS_FAULTY;
    }
    answer = read_into(file, path ? path : "", bytes, length, faults);
    if (answer != SETTINGS_OK)
        return answer;
    *file_p = file;
    file = NULL;
    return SETTINGS_OK;
}

int settings_read_text(const char *name, const char *bytes, size_t length, struct faults *faults,
                       struct settings_file **file_p)
{
    CLEANUP(settings_close) struct settings_file *file = open_file();
    int answer;

    if (!file)
        return -ENOMEM;
    answer = read_into(file, name, bytes, length, faults);
    if (answer != SETTINGS_OK)
        return answer;
    *file_p = file;
    file = NULL;
    return SETTINGS_OK;
}

void settings_fault(struct settings_reader *reader, const struct yaml_node *at, const char *what,
                    const char *value, const char *right)
{
    if (at)
        yaml_fault(&reader->source, at, "%s: \"%s\" (%s)", what, value, right);
    else
        faults_add(reader->source.faults, reader->source.file, 0, 0, "%s: \"%s\" (%s)", what, value,
                   right);
    reader->faulty = true;
}

/* The part of a row's name that is its key in its map: "url" of "mail.url". */
static const char *key_of(const struct row *row)
{
    const char *dot = strchr(row->shown.name, '.');

    return dot ? dot + 1 : row->shown.name;
}

static bool is_in_section(const struct row *row, const char *section)
{
    const char *dot = strchr(row->shown.name, '.');

    if (!section)
        return !dot;
    return dot && (size_t)(dot - row->shown.name) == strlen(section) &&
           !strncmp(row->shown.name, section, strlen(section));
}

static size_t keys_of(const char *section, struct yaml_key *keys)
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (is_in_section(&rows[i], section))
            keys[count++] = (struct yaml_key){ .name = key_of(&rows[i]),
                                               .kind = rows[i].kind,
                                               .offset = rows[i].offset,
                                               .least = rows[i].least,
                                               .most = rows[i].most };
    }
    return count;
}

/* Defaults are read from the table by the same code as a file's values. */
static void read_defaults(struct settings_reader *reader, struct raw_settings *raw)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct yaml_key key = { .name = rows[i].shown.name,
                                .kind = rows[i].kind,
                                .offset = rows[i].offset };
        struct yaml_node node = { .kind = YAML_SCALAR, .text = rows[i].shown.default_value };

        if (rows[i].kind != YAML_KEY_LIST && yaml_value(&reader->source, &node, &key, raw))
            reader->faulty = true;
    }
}

static void read_section(struct settings_reader *reader, const struct yaml_node *map,
                         const char *section, struct raw_settings *raw)
{
    struct yaml_key keys[ROWS_MAX + SECTIONS];
    size_t count = keys_of(section, keys);

    for (size_t i = 0; !section && i < SECTIONS; i++)
        keys[count++] = (struct yaml_key){ .name = sections[i],
                                           .kind = YAML_KEY_MAP,
                                           .offset = AT(sections) + i * sizeof map };
    if (yaml_record(&reader->source, map, keys, count, raw))
        reader->faulty = true;
}

/* Where a setting is written, for faults; NULL where it is not. */
static const struct yaml_node *node_of(const struct settings_reader *reader, const char *section,
                                       const char *key)
{
    const struct yaml_node *map = reader->root;

    if (map && section)
        map = yaml_get(map, section);
    return map ? yaml_get(map, key) : NULL;
}

static const char *join(struct settings_reader *reader, const char *directory, const char *name)
{
    char path[2 * SETTINGS_PATH_SIZE];
    size_t length = (size_t)snprintf(path, sizeof path, "%s/%s", directory, name);

    return length < sizeof path ? arena_text(reader->source.arena, path, length) : "";
}

const char *settings_path(struct settings_reader *reader, const char *text)
{
    if (!*text || *text == '/')
        return text;
    return join(reader, reader->settings->base, text);
}

static void free_text(char **text)
{
    free(*text);
}

/* The directory of the file, absolute; where the file has none, that of the system. */
static const char *base_of(struct settings_reader *reader, const char *name)
{
    const char *slash = strrchr(name, '/');
    char directory[SETTINGS_PATH_SIZE] = ".";

    if (!*name)
        return CONCERN_SYSCONFDIR;
    if (slash == name)
        return "";
    if (slash)
        snprintf(directory, sizeof directory, "%.*s", (int)(slash - name), name);
    CLEANUP(free_text) char *whole = realpath(directory, NULL);
    return arena_text(reader->source.arena, whole ? whole : directory,
                      strlen(whole ? whole : directory));
}

static void read_phrases(struct settings_reader *reader, const struct raw_settings *raw)
{
    if (remind_read(raw->remind, &reader->settings->remind) != LIMIT_DUE)
        settings_fault(reader, node_of(reader, NULL, "remind"), "no reminder", raw->remind,
                       "none, or \"1 working day before\", joined by \"and\"");
    if (chase_read(raw->chase, &reader->settings->chase) != LIMIT_DUE)
        settings_fault(reader, node_of(reader, NULL, "chase"), "no chase", raw->chase,
                       "none, or \"every 5 working days\"");
}

bool settings_begins_with(const char *text, const char *beginning)
{
    return !strncmp(text, beginning, strlen(beginning)) && text[strlen(beginning)];
}

static void check_mail(struct settings_reader *reader)
{
    const struct settings *settings = reader->settings;
    char why[ADDRESS_FAULT_SIZE];
    const char *of_bounces =
        *settings->mail.bounces ? mail_bounces_fault(settings->mail.bounces, why) : NULL;

    if (*settings->mail.key_file && !*settings->mail.certificate)
        settings_fault(reader, node_of(reader, "mail", "key_file"), "a key without a certificate",
                       settings->mail.key_file,
                       "give `certificate` the file that it is the key of");
    if (of_bounces)
        settings_fault(reader, node_of(reader, "mail", "bounces"), "no address for bounces",
                       settings->mail.bounces, of_bounces);
    if (*settings->mail.url && !mail_server_is_sound(settings->mail.url))
        settings_fault(reader, node_of(reader, "mail", "url"), "no mail server", settings->mail.url,
                       "smtp://HOST:587 or smtps://HOST:465, no user in it");
    if (*settings->mail.url && *settings->mail.password_file && !*settings->mail.user)
        settings_fault(reader, node_of(reader, "mail", "password_file"), "a password of nobody",
                       settings->mail.password_file, "give `user` the name that it is of");
    if (*settings->mail.from && mail_address_fault(settings->mail.from, why))
        settings_fault(reader, node_of(reader, "mail", "from"), "no mail address",
                       settings->mail.from, why);
    else if (*settings->mail.from && mail_sender_fault(settings->mail.from))
        settings_fault(reader, node_of(reader, "mail", "from"), "no address to send from",
                       settings->mail.from, mail_sender_fault(settings->mail.from));
    if (*settings->mail.url && !*settings->mail.from)
        settings_fault(reader, node_of(reader, NULL, "mail"), "mail without a sender",
                       settings->mail.url, "give `from` an address");
}

/* The token goes behind it as one more part of the path. */
static void check_acknowledge(struct settings_reader *reader)
{
    const char *url = reader->settings->acknowledge.url;

    if (*url && (!link_base_is_sound(url) || strchr(url, '?') || url[strlen(url) - 1] == '/'))
        settings_fault(reader, node_of(reader, "acknowledge", "url"),
                       "no address to acknowledge at", url,
                       "https://HOST/acknowledge, with no / at its end");
}

/* In a folder of its own, for another group: /run/concernd-bounce/socket. */
static const char *find_bounce_socket(struct settings_reader *reader, const char *raw)
{
    const char *control = reader->settings->control;
    const char *slash = control ? strrchr(control, '/') : NULL;
    char path[2 * SETTINGS_PATH_SIZE];
    size_t length;

    if (strcmp(raw, "none") == 0)
        return "";
    if (strcmp(raw, "beside control") != 0)
        return settings_path(reader, raw);
    if (!slash)
        return "";
    length =
        (size_t)snprintf(path, sizeof path, "%.*s-bounce/socket", (int)(slash - control), control);
    return length < sizeof path ? arena_text(reader->source.arena, path, length) : "";
}

/* What systemd made for us goes before the defaults, and what is written before both. */
static void read_places(struct settings_reader *reader, const struct raw_settings *raw)
{
    struct settings *settings = reader->settings;
    const char *state = getenv("STATE_DIRECTORY"), *runtime = getenv("RUNTIME_DIRECTORY");

    settings->state = settings_path(reader, raw->state);
    settings->control = settings_path(reader, raw->control);
    if (state && *state == '/' && !node_of(reader, NULL, "state"))
        settings->state = arena_text(reader->source.arena, state, strcspn(state, ":"));
    if (runtime && *runtime == '/' && !node_of(reader, NULL, "control")) {
        char *first = arena_text(reader->source.arena, runtime, strcspn(runtime, ":"));

        settings->control = first ? join(reader, first, "control") : "";
    }
    settings->bounce_socket = find_bounce_socket(reader, raw->bounce_socket);
    settings->data =
        strcmp(raw->data, "installed") != 0 ? settings_path(reader, raw->data) : CONCERN_DATADIR;
}

static void fill(struct settings_reader *reader, const struct raw_settings *raw)
{
    struct settings *settings = reader->settings;
    struct http_address address;

    read_places(reader, raw);
    settings->listen = raw->listen;
    settings->http = raw->http;
    settings->http_hosts = raw->http_hosts;
    settings->keyring = settings_path(reader, raw->keyring);
    settings->server_key = settings_path(reader, raw->server_key);
    settings->secrets = settings_path(reader, raw->secrets);
    settings->procedures = settings_path(reader, raw->procedures);
    settings->calendars = settings_path(reader, raw->calendars);
    settings->templates = settings_path(reader, raw->templates);
    settings->directory = settings_path(reader, raw->directory);
    settings->mail.url = raw->mail_url;
    settings->mail.user = raw->mail_user;
    settings->mail.password_file = settings_path(reader, raw->mail_password_file);
    settings->mail.ca = settings_path(reader, raw->mail_ca);
    settings->mail.certificate = settings_path(reader, raw->mail_certificate);
    settings->mail.key_file = settings_path(reader, raw->mail_key_file);
    settings->mail.from = raw->mail_from;
    settings->mail.bounces = raw->mail_bounces;
    settings->memory_limit = raw->memory_limit;
    settings->turn_events = raw->turn_events;
    settings->turn_us = raw->turn_us;
    settings->retry_us = raw->retry_us;
    settings->escalation =
        (struct escalation_waits){ raw->escalate_after_us, raw->escalate_urgent_us,
                                   raw->escalate_told_us };
    settings->acknowledge.url = raw->acknowledge_url;
    settings->acknowledge.within_us = raw->acknowledge_within_us;
    settings->gap_operator_us = raw->gap_operator_us;
    settings->gap_board_us = raw->gap_board_us;
    if (strcmp(settings->listen, "none") != 0 &&
        !settings_begins_with(settings->listen, "tcp://") &&
        !settings_begins_with(settings->listen, "ipc://"))
        settings_fault(reader, node_of(reader, NULL, "listen"), "no endpoint", settings->listen,
                       "tcp://*:5570, or none");
    if (!http_address_read(settings->http, &address))
        settings_fault(reader, node_of(reader, NULL, "http"), "no address for pages",
                       settings->http, "127.0.0.1:9570, unix:/run/concernd/http, or none");
}

/* A file of comments alone says that every default holds. */
static bool holds_nothing(const char *bytes, size_t length)
{
    bool in_comment = false;

    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n')
            in_comment = false;
        else if (bytes[i] == '#')
            in_comment = true;
        else if (!in_comment && bytes[i] != ' ' && bytes[i] != '\r')
            return false;
    }
    return true;
}

static int read_into(struct settings_file *file, const char *name, const char *bytes, size_t length,
                     struct faults *faults)
{
    struct settings_reader reader = { .source = { name, file->arena, faults },
                                      .settings = &file->settings };
    struct raw_settings raw = { 0 };
    size_t first = faults->count;

    file->settings.file = arena_text(file->arena, name, strlen(name));
    file->settings.base = base_of(&reader, name);
    read_defaults(&reader, &raw);
    if (!holds_nothing(bytes, length)) {
        int answer = yaml_parse(&reader.source, bytes, length, &reader.root);

        if (answer)
            return answer < 0 ? answer : SETTINGS_FAULTY;
        file->root = reader.root;
        read_section(&reader, reader.root, NULL, &raw);
        for (size_t i = 0; i < SECTIONS; i++) {
            if (raw.sections[i])
                read_section(&reader, raw.sections[i], sections[i], &raw);
        }
    }
    if (arena_failed(file->arena))
        return -ENOMEM;
    fill(&reader, &raw);
    read_phrases(&reader, &raw);
    check_mail(&reader);
    check_acknowledge(&reader);
    if (raw.feeds)
        settings_read_feeds(&reader, raw.feeds);
    faults_sort(faults, first);
    if (arena_failed(file->arena))
        return -ENOMEM;
    return reader.faulty ? SETTINGS_FAULTY : SETTINGS_OK;
}

const struct settings *settings_of(const struct settings_file *file)
{
    return &file->settings;
}

/* The place of `key` in a map, or of the map. */
static void place_in(const struct yaml_node *map, const char *key, unsigned *line, unsigned *column)
{
    const struct yaml_node *at = map ? yaml_get(map, key) : NULL;

    at = at ? at : map;
    *line = at ? at->line : 0;
    *column = at ? at->column : 0;
}

void settings_place(const struct settings_file *file, const char *section, const char *key,
                    unsigned *line, unsigned *column)
{
    const struct yaml_node *map = file->root && section ? yaml_get(file->root, section) : NULL;

    if (!section && file->root && yaml_get(file->root, key))
        map = file->root;
    place_in(map, key, line, column);
}

void settings_place_of_feed(const struct settings_file *file, size_t index, const char *key,
                            unsigned *line, unsigned *column)
{
    const struct yaml_node *feeds = file->root ? yaml_get(file->root, "feeds") : NULL;

    place_in(feeds && index < feeds->count ? &feeds->items[index] : NULL, key, line, column);
}

void settings_close(struct settings_file **file)
{
    if (*file)
        arena_close(&(*file)->arena);
    free(*file);
    *file = NULL;
}

bool settings_secret_path(const struct settings *settings, const char *name, char *path,
                          size_t size)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    int length;

    if (!*name || *name == '.' || strchr(name, '/'))
        return false;
    if (credentials && *credentials == '/') {
        length = snprintf(path, size, "%s/%s", credentials, name);
        if (length > 0 && (size_t)length < size && !access(path, F_OK))
            return true;
    }
    length = snprintf(path, size, "%s/%s", settings->secrets, name);
    return length > 0 && (size_t)length < size;
}

struct procedure_defaults settings_defaults(const struct settings *settings)
{
    return (struct procedure_defaults){ .remind = settings->remind, .chase = settings->chase };
}
