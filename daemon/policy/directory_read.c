/* directory_read.c - the directory file becomes a struct directory and a table of endpoints. */
#include "policy/directory_read.h"

#include "core/contact.h"
#include "core/gather.h"
#include "core/mailbox.h"
#include "core/zone.h"
#include "policy/directory_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct raw_directory {
    const struct yaml_node *agencies, *boards, *people, *endpoints, *operator;
};

/* clang-format off */
static const struct yaml_key top_keys[] = {
    { "agencies",  YAML_KEY_MAP,  offsetof(struct raw_directory, agencies),  true,  0, DIRECTORY_ENTRIES_MAX, NULL },
    { "boards",    YAML_KEY_MAP,  offsetof(struct raw_directory, boards),    true,  0, DIRECTORY_ENTRIES_MAX, NULL },
    { "people",    YAML_KEY_MAP,  offsetof(struct raw_directory, people),    true,  0, DIRECTORY_ENTRIES_MAX, NULL },
    { "endpoints", YAML_KEY_MAP,  offsetof(struct raw_directory, endpoints), false, 0, ENDPOINTS_MAX, NULL },
    { "operator",  YAML_KEY_LIST, offsetof(struct raw_directory, operator),  true,  1, DIRECTORY_ROUTES_MAX,  NULL },
};
/* clang-format on */

static int read_into(struct directory_file *file, const char *bytes, size_t length,
                     struct faults *faults);
static void read_people(struct directory_reader *reader, const struct yaml_node *map);
static void read_routes(struct directory_reader *reader, const struct yaml_node *list,
                        const struct route **routes, size_t *count);
static struct agency *read_agencies(struct directory_reader *reader, const struct yaml_node *map,
                                    bool are_boards);

static struct directory_file *open_file(const char *name)
{
    struct directory_file *file = calloc(1, sizeof *file);

    if (!file)
        return NULL;
    file->arena = arena_open();
    if (file->arena)
        file->name = arena_text(file->arena, name, strlen(name));
    if (!file->name)
        directory_close(&file);
    return file;
}

int directory_read(const char *path, struct faults *faults, struct directory_file **file_p)
{
    CLEANUP(directory_close) struct directory_file *file = open_file(path);
    char *bytes;
    size_t length;
    int answer;

    if (!file)
        return -ENOMEM;
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        faults_add(faults, file->name, 0, 0,
                   "there is no such file (write it after directory.example.yaml: who holds which "
                   "role)");
        return DIRECTORY_FAULTY;
    }
    answer =
        yaml_read_bytes(&(struct yaml_source){ file->name, file->arena, faults }, &bytes, &length);
    if (!answer)
        answer = read_into(file, bytes, length, faults);
    if (answer)
        return answer < 0 ? answer : DIRECTORY_FAULTY;
    *file_p = file;
    file = NULL;
    return DIRECTORY_OK;
}

int directory_read_text(const char *name, const char *bytes, size_t length, struct faults *faults,
                        struct directory_file **file_p)
{
    CLEANUP(directory_close) struct directory_file *file = open_file(name);
    int answer;

    if (!file)
        return -ENOMEM;
    answer = read_into(file, bytes, length, faults);
    if (answer)
        return answer < 0 ? answer : DIRECTORY_FAULTY;
    *file_p = file;
    file = NULL;
    return DIRECTORY_OK;
}

static int read_into(struct directory_file *file, const char *bytes, size_t length,
                     struct faults *faults)
{
    struct directory_reader reader = { .source = { file->name, file->arena, faults },
                                       .file = file };
    struct directory *directory = &file->directory;
    struct raw_directory raw = { 0 };
    const struct yaml_node *root;
    size_t first = faults->count;
    int answer = yaml_parse(&reader.source, bytes, length, &root);

    if (answer)
        return answer;
    answer = yaml_record(&reader.source, root, top_keys, COUNT_OF(top_keys), &raw);
    reader.faulty = answer != YAML_READ;
    file->agencies = raw.agencies;
    file->boards = raw.boards;
    file->people = raw.people;
    file->at_endpoints = raw.endpoints;
    read_endpoints(&reader, raw.endpoints);
    read_people(&reader, raw.people);
    directory->agencies = read_agencies(&reader, raw.agencies, false);
    directory->agency_count = directory->agencies ? raw.agencies->count : 0;
    directory->boards = read_agencies(&reader, raw.boards, true);
    directory->board_count = directory->boards ? raw.boards->count : 0;
    read_routes(&reader, raw.operator, & directory->operator_routes,
                &directory->operator_route_count);
    faults_sort(faults, first);
    if (arena_failed(file->arena))
        return -ENOMEM;
    return reader.faulty ? DIRECTORY_FAULTY : DIRECTORY_OK;
}

void directory_fault(struct directory_reader *reader, const struct yaml_node *at,
                     const char *format, ...)
{
    char text[FAULT_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    yaml_fault(&reader->source, at, "%s", text);
    reader->faulty = true;
}

void directory_record(struct directory_reader *reader, const struct yaml_node *map,
                      const struct yaml_key *keys, size_t count, void *record)
{
    if (yaml_record(&reader->source, map, keys, count, record) != YAML_READ)
        reader->faulty = true;
}

const char *directory_id(struct directory_reader *reader, const struct yaml_node *key)
{
    if (!yaml_is_id(key->text))
        directory_fault(reader, key,
                        "\"%s\" is no id (1 to %d letters A-Z a-z, digits and . _ : / -)",
                        key->text, ID_MAX);
    return key->text;
}

/* People and their routes. */

static void check_notify(struct directory_reader *reader, const struct yaml_node *at,
                         enum route_kind kind)
{
    const struct directory *directory = &reader->file->directory;
    bool text = kind == ROUTE_NOTIFY_TEXT;

    if ((text && !directory->notify_text_template) ||
        (kind == ROUTE_NOTIFY_EMAIL && !directory->notify_email_template))
        directory_fault(reader, at,
                        "no endpoint of kind govuk-notify has %s (write one under `endpoints`)",
                        text ? "a `text_template`" : "an `email_template`");
}

static void read_address(struct directory_reader *reader, const struct yaml_node *at,
                         struct route *route)
{
    char why[ADDRESS_FAULT_SIZE];

    route->to = mail_address_as_sent(reader->source.arena, route->to);
    if (mail_address_fault(route->to, why))
        directory_fault(reader, at, "\"%s\" is no mail address (%s)", route->to, why);
    else if (route->kind == ROUTE_NOTIFY_EMAIL && !mailbox_is_ascii(route->to))
        directory_fault(reader, at,
                        "\"%s\" cannot be reached by GOV.UK Notify (plain ASCII alone; "
                        "`email:` takes it)",
                        route->to);
}

/* "email:j.brown@housing.northtown.example", "webhook:northtown-las" */
static void read_route(struct directory_reader *reader, const struct yaml_node *at,
                       struct route *route)
{
    const char *colon = at->kind == YAML_SCALAR ? strchr(at->text, ':') : NULL;
    char kind[ID_MAX + 1];
    size_t length = colon ? (size_t)(colon - at->text) : 0;

    *route = (struct route){ ROUTE_EMAIL, "" };
    if (!length || length > ID_MAX) {
        directory_fault(reader, at,
                        "%s is no route (email:ADDRESS, webhook:ENDPOINT, teams:ENDPOINT, "
                        "notify-email:ADDRESS or notify-text:NUMBER)",
                        at->kind == YAML_SCALAR ? at->text : yaml_kind_name(at));
        return;
    }
    memcpy(kind, at->text, length);
    kind[length] = '\0';
    if (!find_route_kind(reader, at, kind, &route->kind))
        return;
    route->to = colon + 1;
    if (route_is_to_endpoint(route->kind))
        check_endpoint(reader, at, route->to,
                       route->kind == ROUTE_TEAMS ? ENDPOINT_TEAMS : ENDPOINT_WEBHOOK);
    else if (route->kind == ROUTE_NOTIFY_TEXT && !contact_is_phone(route->to))
        directory_fault(reader, at, "\"%s\" is no telephone number (+447700900123)", route->to);
    else if (route->kind != ROUTE_NOTIFY_TEXT)
        read_address(reader, at, route);
    check_notify(reader, at, route->kind);
}

static void read_routes(struct directory_reader *reader, const struct yaml_node *list,
                        const struct route **routes, size_t *count)
{
    struct route *found =
        list ? arena_take(reader->source.arena, list->count * sizeof *found) : NULL;

    for (size_t i = 0; found && i < list->count; i++)
        read_route(reader, &list->items[i], &found[i]);
    *routes = found;
    *count = found ? list->count : 0;
}

struct raw_person {
    const char *name, *language, *ordinary;
    bool shareable;
    const struct yaml_node *routes, *out_of_hours, *away;
};

#define PERSON(field) offsetof(struct raw_person, field)

/* clang-format off */
static const struct yaml_key person_keys[] = {
    { "name",         YAML_KEY_TEXT, PERSON(name),         true,  1, 200, NULL },
    { "shareable",    YAML_KEY_YES,  PERSON(shareable),    false, 0, 0,   NULL },
    { "routes",       YAML_KEY_LIST, PERSON(routes),       true,  1, DIRECTORY_ROUTES_MAX, NULL },
    { "out_of_hours", YAML_KEY_LIST, PERSON(out_of_hours), false, 1, DIRECTORY_ROUTES_MAX, NULL },
    { "language",     YAML_KEY_TEXT, PERSON(language),     false, 2, 2,   NULL },
    { "ordinary",     YAML_KEY_TEXT, PERSON(ordinary),     false, 1, 40,  NULL },
    { "away",         YAML_KEY_MAP,  PERSON(away),         false, 1, 1,   NULL },
};
/* clang-format on */

struct raw_away {
    const char *until;
};

static const struct yaml_key away_keys[] = {
    { "until", YAML_KEY_TEXT, offsetof(struct raw_away, until), true, 1, 40, NULL },
};

static bool read_date(const char *text, struct date *date)
{
    int parts[3] = { 0 }, year, month, day;
    size_t part = 0;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (size_t i = 0; i < 10; i++) {
        if (i == 4 || i == 7) {
            part++;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return false;
        parts[part] = parts[part] * 10 + (text[i] - '0');
    }
    if (parts[1] < 1 || parts[1] > 12 || parts[2] < 1 || parts[2] > 31)
        return false;
    *date = date_of(parts[0], parts[1], parts[2]);
    date_parts(*date, &year, &month, &day);
    return month == parts[1] && day == parts[2];
}

static void read_away(struct directory_reader *reader, const struct yaml_node *map,
                      struct person *person)
{
    struct raw_away raw = { 0 };

    directory_record(reader, map, away_keys, COUNT_OF(away_keys), &raw);
    if (!raw.until)
        return;
    person->is_away = true;
    if (!read_date(raw.until, &person->away_until))
        directory_fault(reader, yaml_get(map, "until"), "\"%s\" is no date (2027-01-04)",
                        raw.until);
}

/* "daily 09:00" */
static bool read_daily(const char *text, int32_t *second)
{
    static const char shape[] = "daily 00:00";
    int32_t hours, minutes;

    if (strlen(text) != sizeof shape - 1 || strncmp(text, shape, strlen("daily ")) != 0)
        return false;
    for (size_t i = strlen("daily "); shape[i]; i++)
        if (shape[i] == ':' ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return false;
    hours = (text[6] - '0') * 10 + (text[7] - '0');
    minutes = (text[9] - '0') * 10 + (text[10] - '0');
    *second = (hours * 60 + minutes) * 60;
    return hours < 24 && minutes < 60;
}

static bool can_carry(const struct route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gather_can_carry_list(routes[i].kind))
            return true;
    return false;
}

static void read_ordinary(struct directory_reader *reader, const struct yaml_node *at,
                          const char *ordinary, struct person *person)
{
    if (!ordinary || !strcmp(ordinary, "at once"))
        return;
    person->has_digest = read_daily(ordinary, &person->digest_s);
    if (!person->has_digest)
        directory_fault(reader, at, "`ordinary` is \"%s\" (at once, or a time of day: daily 09:00)",
                        ordinary);
    else if (!can_carry(person->routes, person->route_count))
        directory_fault(reader, at,
                        "a list cannot go by any of the routes (add an email, teams or "
                        "notify-email route, or write at once)");
}

static void read_person(struct directory_reader *reader, const struct yaml_pair *pair,
                        struct person *person)
{
    const struct yaml_node *at = &pair->value;
    struct raw_person raw = { .name = "", .language = "en" };

    directory_record(reader, at, person_keys, COUNT_OF(person_keys), &raw);
    person->id = directory_id(reader, &pair->key);
    person->name = raw.name;
    person->shareable = raw.shareable;
    person->language = raw.language;
    if (strspn(raw.language, "abcdefghijklmnopqrstuvwxyz") != strlen(raw.language))
        directory_fault(reader, yaml_get(at, "language"), "\"%s\" is no language (en)",
                        raw.language);
    read_routes(reader, raw.routes, &person->routes, &person->route_count);
    read_ordinary(reader, yaml_get(at, "ordinary"), raw.ordinary, person);
    read_routes(reader, raw.out_of_hours, &person->out_of_hours, &person->out_of_hours_count);
    if (raw.away)
        read_away(reader, raw.away, person);
}

static void read_people(struct directory_reader *reader, const struct yaml_node *map)
{
    struct person *people =
        map ? arena_take(reader->source.arena, map->count * sizeof *people) : NULL;

    for (size_t i = 0; people && i < map->count; i++)
        read_person(reader, &map->pairs[i], &people[i]);
    reader->file->directory.people = people;
    reader->file->directory.person_count = people ? map->count : 0;
}

/* Agencies and boards. */

struct raw_agency {
    const char *name, *acknowledge;
    int kind; /* -1: not written */
    struct yaml_texts domains, systems, procedures, references, links, categories;
    const struct yaml_node *roles;
};

static const char *const agency_kinds[] = { "statutory",       "vcf",           "care_provider",
                                            "sole_proprietor", "self_employed", NULL };

#define AGENCY(field) offsetof(struct raw_agency, field)

/* clang-format off */
static const struct yaml_key agency_keys[] = {
    { "name",    YAML_KEY_TEXT,   AGENCY(name),    true,  1, 200, NULL },
    { "kind",    YAML_KEY_CHOICE, AGENCY(kind),    true,  0, 0,   agency_kinds },
    { "domains", YAML_KEY_TEXTS,  AGENCY(domains), false, 0, DIRECTORY_LIST_MAX,  NULL },
    { "roles",   YAML_KEY_MAP,    AGENCY(roles),   true,  0, DIRECTORY_ROLES_MAX, NULL },
    { "systems", YAML_KEY_TEXTS,  AGENCY(systems), false, 0, DIRECTORY_LIST_MAX,  NULL },
    { "acknowledge", YAML_KEY_TEXT, AGENCY(acknowledge), false, 1, LINK_BASE_MAX, NULL },
    { "references", YAML_KEY_TEXTS, AGENCY(references), false, 1, DIRECTORY_FORMS_MAX, NULL },
    { "links",   YAML_KEY_TEXTS,  AGENCY(links),   false, 1, DIRECTORY_FORMS_MAX, NULL },
};
static const struct yaml_key board_keys[] = {
    { "name",       YAML_KEY_TEXT,  AGENCY(name),       true,  1, 200, NULL },
    { "procedures", YAML_KEY_TEXTS, AGENCY(procedures), true,  1, DIRECTORY_LIST_MAX,  NULL },
    { "roles",      YAML_KEY_MAP,   AGENCY(roles),      true,  0, DIRECTORY_ROLES_MAX, NULL },
    { "systems",    YAML_KEY_TEXTS, AGENCY(systems),    false, 0, DIRECTORY_LIST_MAX,  NULL },
    { "references", YAML_KEY_TEXTS, AGENCY(references), false, 1, DIRECTORY_FORMS_MAX, NULL },
    { "links",      YAML_KEY_TEXTS, AGENCY(links),      false, 1, DIRECTORY_FORMS_MAX, NULL },
    { "categories", YAML_KEY_TEXTS, AGENCY(categories), false, 1, DIRECTORY_LIST_MAX,  NULL },
};
/* clang-format on */

struct raw_holding {
    const char *holder, *deputy;
};

static const struct yaml_key holding_keys[] = {
    { "holder", YAML_KEY_ID, offsetof(struct raw_holding, holder), false, 0, 0, NULL },
    { "deputy", YAML_KEY_ID, offsetof(struct raw_holding, deputy), false, 0, 0, NULL },
};

static const struct person *find_person(struct directory_reader *reader, const struct yaml_node *at,
                                        const char *id)
{
    const struct directory *directory = &reader->file->directory;
    const char *nearest;

    if (!id)
        return NULL;
    for (size_t i = 0; i < directory->person_count; i++) {
        if (!strcmp(directory->people[i].id, id))
            return &directory->people[i];
    }
    nearest = nearest_id(id, directory->people, directory->person_count, sizeof *directory->people);
    directory_fault(reader, at, "unknown person `%s` (%s%s%s)", id,
                    nearest ? "did you mean `" : "write it under `", nearest ? nearest : "people",
                    nearest ? "`?" : "`");
    return NULL;
}

static void read_holding(struct directory_reader *reader, const struct yaml_pair *pair,
                         struct role_holding *holding)
{
    const struct yaml_node *at = &pair->value;
    struct raw_holding raw = { 0 };

    directory_record(reader, at, holding_keys, COUNT_OF(holding_keys), &raw);
    holding->role = directory_id(reader, &pair->key);
    holding->holder = find_person(reader, yaml_get(at, "holder"), raw.holder);
    holding->deputy = find_person(reader, yaml_get(at, "deputy"), raw.deputy);
    if (at->kind == YAML_MAP && !at->count)
        directory_fault(reader, at, "nobody holds `%s` (`holder: PERSON`, or leave the role out)",
                        holding->role);
    if (holding->holder && holding->holder == holding->deputy)
        directory_fault(reader, yaml_get(at, "deputy"),
                        "`%s` stands in for itself (another person)", raw.deputy);
}

/* An event names the domain as it is sent. */
static const char *const *domains_as_sent(struct directory_reader *reader,
                                          const struct yaml_texts *domains)
{
    const char **sent = arena_take(reader->source.arena, domains->count * sizeof *sent);

    for (size_t i = 0; sent && i < domains->count; i++)
        sent[i] = mail_domain_as_sent(reader->source.arena, domains->list[i]);
    return sent;
}

static void check_texts(struct directory_reader *reader, const struct yaml_node *at,
                        const struct raw_agency *raw)
{
    const struct yaml_node *domains = yaml_get(at, "domains"), *systems = yaml_get(at, "systems");
    const struct yaml_node *procedures = yaml_get(at, "procedures");

    for (size_t i = 0; i < raw->domains.count; i++) {
        if (!mail_domain_is_sound(raw->domains.list[i]))
            directory_fault(reader, &domains->items[i],
                            "\"%s\" is no domain (housing.northtown.example)",
                            raw->domains.list[i]);
    }
    for (size_t i = 0; i < raw->systems.count; i++)
        check_endpoint(reader, &systems->items[i], raw->systems.list[i], ENDPOINT_WEBHOOK);
    for (size_t i = 0; i < raw->procedures.count; i++) {
        if (!yaml_is_id(raw->procedures.list[i]))
            directory_fault(reader, &procedures->items[i], "\"%s\" is no id of a procedure",
                            raw->procedures.list[i]);
    }
}

static void read_agency(struct directory_reader *reader, const struct yaml_pair *pair,
                        bool is_board, struct agency *agency)
{
    const struct yaml_node *at = &pair->value;
    struct raw_agency raw = { .name = "", .kind = -1 };
    struct role_holding *roles;

    directory_record(reader, at, is_board ? board_keys : agency_keys,
                     is_board ? COUNT_OF(board_keys) : COUNT_OF(agency_keys), &raw);
    raw.domains.list = domains_as_sent(reader, &raw.domains);
    if (!raw.domains.list)
        return;
    check_texts(reader, at, &raw);
    if (raw.acknowledge && !link_base_is_sound(raw.acknowledge))
        directory_fault(reader, yaml_get(at, "acknowledge"),
                        "\"%s\" is no address to acknowledge at (https://HOST/PATH)",
                        raw.acknowledge);
    agency->id = directory_id(reader, &pair->key);
    agency->name = raw.name;
    agency->kind = raw.kind >= 0 ? agency_kinds[raw.kind] : NULL;
    agency->domains = raw.domains.list;
    agency->domain_count = raw.domains.count;
    agency->systems = raw.systems.list;
    agency->system_count = raw.systems.count;
    agency->acknowledge = raw.acknowledge;
    agency->references = read_references(reader, at, &raw.references, &raw.links);
    agency->procedures = raw.procedures.list;
    agency->procedure_count = raw.procedures.count;
    check_categories(reader, at, &raw.categories);
    agency->categories = raw.categories.list;
    agency->category_count = raw.categories.count;
    roles = raw.roles ? arena_take(reader->source.arena, raw.roles->count * sizeof *roles) : NULL;
    for (size_t i = 0; roles && i < raw.roles->count; i++)
        read_holding(reader, &raw.roles->pairs[i], &roles[i]);
    agency->roles = roles;
    agency->role_count = roles ? raw.roles->count : 0;
}

static struct agency *read_agencies(struct directory_reader *reader, const struct yaml_node *map,
                                    bool are_boards)
{
    struct agency *list = map ? arena_take(reader->source.arena, map->count * sizeof *list) : NULL;

    for (size_t i = 0; list && i < map->count; i++)
        read_agency(reader, &map->pairs[i], are_boards, &list[i]);
    return list;
}

const struct directory *directory_of(const struct directory_file *file)
{
    return &file->directory;
}

const struct endpoint_setting *directory_endpoints(const struct directory_file *file, size_t *count)
{
    *count = file->endpoint_count;
    return file->endpoints;
}

const char *directory_name(const struct directory_file *file)
{
    return file->name;
}

static void place_of(const struct yaml_node *map, const char *id, unsigned *line, unsigned *column)
{
    *line = *column = 0;
    for (size_t i = 0; map && i < map->count; i++) {
        if (strcmp(map->pairs[i].key.text, id) != 0)
            continue;
        *line = map->pairs[i].key.line;
        *column = map->pairs[i].key.column;
    }
}

void directory_place_of_agency(const struct directory_file *file, const char *id, unsigned *line,
                               unsigned *column)
{
    place_of(file->agencies, id, line, column);
}

void directory_place_of_board(const struct directory_file *file, const char *id, unsigned *line,
                              unsigned *column)
{
    place_of(file->boards, id, line, column);
}

void directory_place_of_person(const struct directory_file *file, const char *id, unsigned *line,
                               unsigned *column)
{
    place_of(file->people, id, line, column);
}

void directory_place_of_endpoint(const struct directory_file *file, const char *id, const char *key,
                                 unsigned *line, unsigned *column)
{
    const struct yaml_node *endpoint = file->at_endpoints ? yaml_get(file->at_endpoints, id) : NULL;
    const struct yaml_node *at = endpoint ? yaml_get(endpoint, key) : NULL;

    at = at ? at : endpoint;
    *line = at ? at->line : 0;
    *column = at ? at->column : 0;
}

void directory_close(struct directory_file **file)
{
    if (*file)
        arena_close(&(*file)->arena);
    free(*file);
    *file = NULL;
}
