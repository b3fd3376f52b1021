/* directory_endpoints.c - the endpoints of a directory, and the ways out there are. */
#include "policy/directory_reader.h"

#include <string.h>

#include "core/contact.h"
#include "policy/address_range.h"

struct raw_endpoint {
    const char *kind, *url, *secret, *previous_secret, *ca, *certificate, *key;
    const char *email_template, *text_template;
    struct yaml_texts allow;
};

/* clang-format off */
static const struct yaml_key endpoint_keys[] = {
    { "kind",   YAML_KEY_TEXT,  offsetof(struct raw_endpoint, kind),   true,  1, ID_MAX, NULL },
    { "url",    YAML_KEY_TEXT,  offsetof(struct raw_endpoint, url),    false, 1, 500,    NULL },
    { "secret", YAML_KEY_ID,    offsetof(struct raw_endpoint, secret), true,  0, 0,      NULL },
    { "previous_secret", YAML_KEY_ID, offsetof(struct raw_endpoint, previous_secret), false, 0, 0, NULL },
    { "ca",     YAML_KEY_TEXT,  offsetof(struct raw_endpoint, ca),     false, 1, 1000,   NULL },
    { "certificate", YAML_KEY_TEXT, offsetof(struct raw_endpoint, certificate), false, 1, 500, NULL },
    { "key",    YAML_KEY_ID,    offsetof(struct raw_endpoint, key),    false, 0, 0,      NULL },
    { "allow",  YAML_KEY_TEXTS, offsetof(struct raw_endpoint, allow),  false, 1, 8,      NULL },
    { "email_template", YAML_KEY_TEXT, offsetof(struct raw_endpoint, email_template), false, 1, 36, NULL },
    { "text_template",  YAML_KEY_TEXT, offsetof(struct raw_endpoint, text_template),  false, 1, 36, NULL },
};
/* clang-format on */

static const struct endpoint_name {
    const char *name;
    enum endpoint_kind kind;
} endpoint_kinds[] = { { "webhook", ENDPOINT_WEBHOOK },
                       { "teams", ENDPOINT_TEAMS },
                       { "govuk-notify", ENDPOINT_GOVUK_NOTIFY } };

static const char govuk_url[] = "https://api.notifications.service.gov.uk";

bool find_route_kind(struct directory_reader *reader, const struct yaml_node *at, const char *name,
                     enum route_kind *kind)
{
    const char *names[ROUTE_COUNT], *nearest;

    for (int i = 0; i < ROUTE_COUNT; i++) {
        names[i] = route_name((enum route_kind)i);
        if (strcmp(names[i], name) != 0)
            continue;
        *kind = (enum route_kind)i;
        return true;
    }
    nearest = nearest_word(name, names, ROUTE_COUNT);
    directory_fault(reader, at, "unknown kind of route `%s` (%s%s)", name,
                    nearest ? "did you mean " : "",
                    nearest ? nearest : "email, webhook, teams, notify-email or notify-text");
    return false;
}

static bool find_endpoint_kind(struct directory_reader *reader, const struct yaml_node *at,
                               const char *name, enum endpoint_kind *kind)
{
    const char *names[COUNT_OF(endpoint_kinds)], *nearest;

    for (size_t i = 0; i < COUNT_OF(endpoint_kinds); i++) {
        names[i] = endpoint_kinds[i].name;
        if (strcmp(names[i], name) != 0)
            continue;
        *kind = endpoint_kinds[i].kind;
        return true;
    }
    nearest = nearest_word(name, names, COUNT_OF(endpoint_kinds));
    directory_fault(reader, at, "unknown kind of endpoint `%s` (%s%s)", name,
                    nearest ? "did you mean " : "",
                    nearest ? nearest : "webhook, teams or govuk-notify");
    return false;
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

static void check_secret(struct directory_reader *reader, const struct yaml_node *at,
                         const char *key, const char *name)
{
    if (name && (strchr(name, '/') || *name == '.'))
        directory_fault(reader, yaml_get(at, key),
                        "\"%s\" is no name of a secret (a file's name, no path)", name);
}

static void check_template(struct directory_reader *reader, const struct yaml_node *at,
                           const char *key, const char *id)
{
    if (id && !contact_is_uuid(id))
        directory_fault(reader, yaml_get(at, key),
                        "\"%s\" is no id of a template (36 characters, as Notify shows it)", id);
}

/* What a kind needs, and what it has no use for. */
static void check_kind(struct directory_reader *reader, const struct yaml_node *at,
                       const struct raw_endpoint *raw, enum endpoint_kind kind)
{
    bool has_template = raw->email_template || raw->text_template;

    if (kind == ENDPOINT_WEBHOOK && !raw->url)
        directory_fault(reader, at, "a webhook without `url` (https://HOST/…)");
    if (kind == ENDPOINT_TEAMS && raw->url)
        directory_fault(reader, yaml_get(at, "url"),
                        "the address of a Teams workflow is a secret itself (put it into the "
                        "file that `secret` names, and leave `url` out)");
    if (kind == ENDPOINT_GOVUK_NOTIFY && !has_template)
        directory_fault(reader, at,
                        "GOV.UK Notify without a template (`email_template`, "
                        "`text_template` or both: the ids that Notify shows)");
    if (kind != ENDPOINT_GOVUK_NOTIFY && has_template)
        directory_fault(reader, at, "only GOV.UK Notify has templates of its own");
    if (kind != ENDPOINT_WEBHOOK && raw->previous_secret)
        directory_fault(reader, yaml_get(at, "previous_secret"),
                        "only a webhook is signed, and so has a previous secret");
    if (raw->url && !url_is_sound(raw->url))
        directory_fault(reader, yaml_get(at, "url"),
                        "\"%s\" cannot be posted to (https://HOST[:PORT]/…, no user in it)",
                        raw->url);
    check_secret(reader, at, "secret", raw->secret);
    check_secret(reader, at, "previous_secret", raw->previous_secret);
    check_secret(reader, at, "key", raw->key);
    if (!raw->certificate != !raw->key)
        directory_fault(reader, at,
                        "`certificate` and `key` go together (a file, and the name of the secret "
                        "that is its key)");
    check_template(reader, at, "email_template", raw->email_template);
    check_template(reader, at, "text_template", raw->text_template);
}

/* One account serves every route to Notify: a route names whom, not by whom. */
static void take_templates(struct directory_reader *reader, const struct yaml_node *at,
                           const struct raw_endpoint *raw)
{
    struct directory *directory = &reader->file->directory;

    if (directory->notify_email_template || directory->notify_text_template)
        directory_fault(reader, at, "a second endpoint of GOV.UK Notify (one serves all routes)");
    directory->notify_email_template = raw->email_template;
    directory->notify_text_template = raw->text_template;
}

static void read_endpoint(struct directory_reader *reader, const struct yaml_pair *pair,
                          struct endpoint_setting *endpoint)
{
    const struct yaml_node *at = &pair->value, *allow = yaml_get(at, "allow");
    struct raw_endpoint raw = { 0 };

    directory_record(reader, at, endpoint_keys, COUNT_OF(endpoint_keys), &raw);
    *endpoint =
        (struct endpoint_setting){ .id = directory_id(reader, &pair->key),
                                   .url = raw.url,
                                   .secret = raw.secret,
                                   .previous_secret = raw.previous_secret,
                                   .ca = raw.ca ? beside(reader, raw.ca) : NULL,
                                   .certificate =
                                       raw.certificate ? beside(reader, raw.certificate) : NULL,
                                   .key = raw.key,
                                   .allow = raw.allow.list,
                                   .allow_count = raw.allow.count };
    if (raw.kind && find_endpoint_kind(reader, yaml_get(at, "kind"), raw.kind, &endpoint->kind))
        check_kind(reader, at, &raw, endpoint->kind);
    if (endpoint->kind == ENDPOINT_GOVUK_NOTIFY) {
        endpoint->url = raw.url ? raw.url : govuk_url;
        take_templates(reader, at, &raw);
    }
    for (size_t i = 0; i < raw.allow.count; i++) {
        struct address_range range;

        if (!strchr(raw.allow.list[i], '/') ||
            address_range_read(raw.allow.list[i], &range) != ADDRESS_OK)
            directory_fault(reader, &allow->items[i],
                            "\"%s\" is no range of addresses (127.0.0.0/8, with no bit set behind "
                            "the prefix)",
                            raw.allow.list[i]);
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

void check_endpoint(struct directory_reader *reader, const struct yaml_node *at, const char *id,
                    enum endpoint_kind kind)
{
    const struct directory_file *file = reader->file;
    const char *nearest;

    for (size_t i = 0; i < file->endpoint_count; i++) {
        if (!file->endpoints[i].id || strcmp(file->endpoints[i].id, id) != 0)
            continue;
        if (file->endpoints[i].kind != kind)
            directory_fault(reader, at, "endpoint `%s` is of another kind (%s)", id,
                            endpoint_kinds[kind].name);
        return;
    }
    nearest = nearest_id(id, file->endpoints, file->endpoint_count, sizeof *file->endpoints);
    directory_fault(reader, at, "unknown endpoint `%s` (%s%s%s)", id,
                    nearest ? "did you mean `" : "write it under `",
                    nearest ? nearest : "endpoints", nearest ? "`?" : "`");
}
