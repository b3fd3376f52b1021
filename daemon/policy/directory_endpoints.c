/* directory_endpoints.c - the endpoints of a directory, and the ways out there are. */
#include "policy/directory_reader.h"

#include <arpa/inet.h>
#include <string.h>

struct raw_endpoint {
    const char *kind, *url, *secret, *ca;
    struct yaml_texts allow;
};

/* clang-format off */
static const struct yaml_key endpoint_keys[] = {
    { "kind",   YAML_KEY_TEXT,  offsetof(struct raw_endpoint, kind),   true,  1, ID_MAX, NULL },
    { "url",    YAML_KEY_TEXT,  offsetof(struct raw_endpoint, url),    true,  1, 500,    NULL },
    { "secret", YAML_KEY_ID,    offsetof(struct raw_endpoint, secret), true,  0, 0,      NULL },
    { "ca",     YAML_KEY_TEXT,  offsetof(struct raw_endpoint, ca),     false, 1, 1000,   NULL },
    { "allow",  YAML_KEY_TEXTS, offsetof(struct raw_endpoint, allow),  false, 1, 8,      NULL },
};
/* clang-format on */

/* Ways out by their names; those that are not made to work yet are refused by name. */
static const struct way ways[] = {
    { "email", true, false, ROUTE_EMAIL },          { "webhook", true, true, ROUTE_WEBHOOK },
    { "teams", false, true, ROUTE_WEBHOOK },        { "govuk-notify", false, true, ROUTE_WEBHOOK },
    { "notify-text", false, false, ROUTE_WEBHOOK }, { "notify-email", false, false, ROUTE_WEBHOOK },
};

const struct way *find_way(struct directory_reader *reader, const struct yaml_node *at,
                           const char *name, bool is_endpoint)
{
    const char *right = is_endpoint ? "webhook" : "email or webhook";
    const char *names[COUNT_OF(ways)] = { NULL };
    const char *nearest;

    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        names[i] = ways[i].is_endpoint || !is_endpoint ? ways[i].name : NULL;
        if (!names[i] || strcmp(names[i], name) != 0)
            continue;
        if (ways[i].is_made)
            return &ways[i];
        directory_fault(reader, at, "`%s` is known but not made to work in this version (%s)", name,
                        right);
        return NULL;
    }
    nearest = nearest_word(name, names, COUNT_OF(ways));
    directory_fault(reader, at, "unknown %s `%s` (%s%s)",
                    is_endpoint ? "kind of endpoint" : "kind of route", name,
                    nearest ? "did you mean " : "", nearest ? nearest : right);
    return NULL;
}

static bool is_range(const char *text)
{
    char address[INET6_ADDRSTRLEN + 1];
    unsigned char bytes[16];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : 0;
    unsigned bits = 0;
    bool is_six;

    if (!slash || length >= sizeof address || !slash[1] || strlen(slash + 1) > 3)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    is_six = strchr(address, ':') != NULL;
    for (const char *digit = slash + 1; *digit; digit++) {
        if (*digit < '0' || *digit > '9')
            return false;
        bits = bits * 10 + (unsigned)(*digit - '0');
    }
    return inet_pton(is_six ? AF_INET6 : AF_INET, address, bytes) == 1 &&
           bits <= (is_six ? 128 : 32);
}

static bool url_is_sound(const char *url)
{
    static const char scheme[] = "https://";
    const char *host = url + strlen(scheme);

    if (strncmp(url, scheme, strlen(scheme)) != 0 || !*host || *host == '/' || *host == ':')
        return false;
    for (const char *letter = url; *letter; letter++) {
        if (*letter <= ' ' || *letter > '~' || strchr("\"<>\\^`{|}", *letter))
            return false;
    }
    return strcspn(host, "@") >= strcspn(host, "/"); /* no user and password in it */
}

static const char *beside(struct directory_reader *reader, const char *name)
{
    const char *slash = strrchr(reader->source.file, '/');
    size_t length = slash ? (size_t)(slash - reader->source.file) + 1 : 0;
    char *path;

    if (*name == '/' || !length)
        return name;
    path = arena_take(reader->source.arena, length + strlen(name) + 1);
    if (path) {
        memcpy(path, reader->source.file, length);
        memcpy(path + length, name, strlen(name));
    }
    return path;
}

static void read_endpoint(struct directory_reader *reader, const struct yaml_pair *pair,
                          struct endpoint_setting *endpoint)
{
    const struct yaml_node *at = &pair->value, *allow = yaml_get(at, "allow");
    struct raw_endpoint raw = { 0 };

    directory_record(reader, at, endpoint_keys, COUNT_OF(endpoint_keys), &raw);
    *endpoint = (struct endpoint_setting){ .id = directory_id(reader, &pair->key),
                                           .url = raw.url,
                                           .secret = raw.secret,
                                           .ca = raw.ca ? beside(reader, raw.ca) : NULL,
                                           .allow = raw.allow.list,
                                           .allow_count = raw.allow.count };
    if (raw.kind)
        find_way(reader, yaml_get(at, "kind"), raw.kind, true);
    if (raw.url && !url_is_sound(raw.url))
        directory_fault(reader, yaml_get(at, "url"),
                        "\"%s\" cannot be posted to (https://HOST/…, no user in it)", raw.url);
    if (raw.secret && (strchr(raw.secret, '/') || *raw.secret == '.'))
        directory_fault(reader, yaml_get(at, "secret"),
                        "\"%s\" is no name of a secret (a file's name, no path)", raw.secret);
    for (size_t i = 0; i < raw.allow.count; i++) {
        if (!is_range(raw.allow.list[i]))
            directory_fault(reader, &allow->items[i],
                            "\"%s\" is no range of addresses (127.0.0.0/8)", raw.allow.list[i]);
    }
}

void read_endpoints(struct directory_reader *reader, const struct yaml_node *map)
{
    struct directory_file *file = reader->file;

    if (!map)
        return;
    file->endpoints = arena_take(file->arena, map->count * sizeof *file->endpoints);
    if (!file->endpoints)
        return;
    file->endpoint_count = map->count;
    for (size_t i = 0; i < map->count; i++)
        read_endpoint(reader, &map->pairs[i], &file->endpoints[i]);
}

void check_endpoint(struct directory_reader *reader, const struct yaml_node *at, const char *id)
{
    const struct directory_file *file = reader->file;
    const char *nearest;

    for (size_t i = 0; i < file->endpoint_count; i++) {
        if (!strcmp(file->endpoints[i].id, id))
            return;
    }
    nearest = nearest_id(id, file->endpoints, file->endpoint_count, sizeof *file->endpoints);
    directory_fault(reader, at, "unknown endpoint `%s` (%s%s%s)", id,
                    nearest ? "did you mean `" : "write it under `",
                    nearest ? nearest : "endpoints", nearest ? "`?" : "`");
}
