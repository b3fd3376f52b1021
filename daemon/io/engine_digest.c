/* engine_digest.c - one message for several notifications: queued, and sent by another way. */
#include "io/engine_digest.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_gather.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/render_digest.h"
#include "io/ulid.h"

/* "digest:ID 2/3": which of the parts it is, and that it is one, is in its key. */
#define KEY_START "digest:"

enum { DIGEST_KEY_SIZE = sizeof KEY_START + ULID_SIZE + 2 * 12 };

struct engine_digest {
    struct engine *engine;
    struct gathering_list list; /* what is in it; empty where it is made from rows of a turn */
    const struct gathering_row *const *rows;
    const struct gathering_row **own_rows;
    size_t count;
    uint32_t part, parts;
};

/* --- a delivery of it */

struct sending {
    const struct engine_digest *digest;
    const char *id, *notification_id, *key, *who;
    const struct person *person;
    struct route route;
    uint32_t position;
    bool operator, stand_in;
    struct engine_entries *entries; /* what it brings to his calendar */
};

static const char *board_name(const struct engine *engine, const char *board)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct agency *of = directory ? directory_board(directory, board) : NULL;

    return of ? of->name : board;
}

/* One notification is there twice where it was on its way to him by two routes. */
static bool is_again(const struct engine_digest *digest, size_t index)
{
    const struct gathering_row *row = digest->rows[index];
    const struct gathering_row *before = index ? digest->rows[index - 1] : NULL;

    return before && before->at.us == row->at.us && strcmp(before->gist, row->gist) == 0 &&
           strcmp(before->reference, row->reference) == 0;
}

static int fill_entries(const struct sending *self, struct digest_entry *entries,
                        char (*since)[SINCE_SIZE], size_t *count)
{
    const struct engine_digest *digest = self->digest;
    const char *language = self->person ? self->person->language : NULL;
    int answer = 0;

    *count = 0;
    for (size_t i = 0; answer == 0 && i < digest->count; i++) {
        if (is_again(digest, i))
            continue;
        answer = engine_since(digest->engine, digest->rows[i], language, since[*count]);
        entries[*count] = (struct digest_entry){ .reference = digest->rows[i]->reference,
                                                 .gist = digest->rows[i]->gist,
                                                 .since = since[*count] };
        (*count)++;
    }
    return answer;
}

/* --- the links of its entries */

/* As has_link() of engine_link.c has it. */
static bool may_link(const struct sending *self, const struct gathering_row *row)
{
    return row->holdings[0] && !engine_is_of_entries(row) &&
           !self->operator&& !row->is_over && !row->is_acknowledged;
}

static int sign_link(const struct sending *self, const struct gathering_row *row,
                     char link[ENGINE_LINK_SIZE])
{
    char agency[ID_MAX + 1];
    const char *at = row->holdings + strcspn(row->holdings, " ;");
    const struct engine_link_to to = {
        .notification_id = row->id,
        .agency = agency,
        .language = self->person ? self->person->language : NULL,
        .is_told_first = !self->stand_in && row->position == 0,
    };

    at += *at == ' ';
    snprintf(agency, sizeof agency, "%.*s", (int)strcspn(at, ";"), at);
    return engine_sign_link(self->digest->engine, &to, link);
}

/* Each entry that could be acknowledged by itself has its link, where the list has room for them:
 * one is enough to know that there should be some. */
static int add_links(const struct sending *self, struct digest *of, struct digest_entry *entries,
                     char (*links)[ENGINE_LINK_SIZE])
{
    const struct engine_digest *digest = self->digest;
    bool has_room = gather_can_link(self->route.kind) && of->count <= DIGEST_LINKS_MAX;
    size_t entry = 0;
    int answer = 0;

    for (size_t i = 0; answer == 0 && i < digest->count; i++) {
        size_t place = is_again(digest, i) ? entry - 1 : entry++;
        char *link = links[has_room ? place : 0];

        if (!may_link(self, digest->rows[i]))
            continue;
        answer = sign_link(self, digest->rows[i], link);
        if (answer || !*link)
            continue;
        of->links = has_room ? DIGEST_LINKS_LISTED : DIGEST_LINKS_LEFT_OUT;
        if (!has_room)
            break;
        entries[place].link = link;
    }
    return answer;
}

static int render(const struct sending *self, struct digest *of, struct digest_entry *entries,
                  char **bytes, size_t *size)
{
    struct engine *engine = self->digest->engine;
    const struct engine_rows rows = { .list = self->digest->rows,
                                      .count = self->digest->count,
                                      .recipient = self->route.to,
                                      .person = self->who };
    char domain[STORE_META_SIZE];
    struct digest_rendering rendering = {
        .digest = of,
        .directory = policy_directory(engine->settings.policy),
        .board = self->digest->rows[0]->board,
        .mail_from = engine->settings.mail_from,
        .domain = domain,
        .delivery_id = self->id,
        .sent = engine->now,
        .bounce_key = engine->settings.bounce_key,
    };
    char(*links)[ENGINE_LINK_SIZE] = calloc(DIGEST_LINKS_MAX, sizeof *links);
    int answer = links ? add_links(self, of, entries, links)
                       : journal_fail(-ENOMEM, "no memory for a digest");

    if (answer == 0)
        answer = engine_find_domain(engine, domain);
    if (answer == 0 && self->route.kind == ROUTE_EMAIL)
        answer = engine_entries_of_rows(engine, &rows, self->entries);
    rendering.entries = self->entries->list;
    rendering.entry_count = self->entries->count;
    if (answer == 0)
        answer = render_digest(&rendering, self->route.kind, self->route.to, bytes, size);
    free(links);
    return answer;
}

static int write_bytes(const struct sending *self, char **bytes, size_t *size)
{
    const struct engine_digest *digest = self->digest;
    struct engine *engine = digest->engine;
    struct digest_entry *entries = calloc(digest->count, sizeof *entries);
    char(*since)[SINCE_SIZE] = calloc(digest->count, sizeof *since);
    struct digest of = {
        .board = board_name(engine, digest->rows[0]->board),
        .entries = entries,
        .part = digest->part,
        .parts = digest->parts,
        .notification = self->notification_id,
        .stand_in = self->stand_in,
        .operator= self->operator,
        .is_other_way = self->position> 0,
        .templates = policy_templates(engine->settings.policy),
        .language = self->person ? self->person->language : NULL,
    };
    int answer = entries && since ? fill_entries(self, entries, since, &of.count)
                                  : journal_fail(-ENOMEM, "no memory for a digest");

    if (answer == 0)
        answer = render(self, &of, entries, bytes, size);
    free(entries);
    free(since);
    return answer;
}

/* --- the rest of a delivery */

/* Whose role all of it is told in, for silences: as silencing_agency() has it. */
static const char *agency_of(const struct engine_digest *digest)
{
    const char *agency = digest->rows[0]->agency;

    for (size_t i = 0; agency && i < digest->count; i++) {
        const char *other = digest->rows[i]->agency;

        if (!other)
            return NULL;
        if (strcmp(other, agency) != 0)
            agency = "";
    }
    return agency;
}

/* 0; 1 where it cannot be written, which the operator is told. */
static int put_delivery(struct sending *self)
{
    struct engine *engine = self->digest->engine;
    CLEANUP(engine_entries_close) struct engine_entries entries = { 0 };
    const struct engine_mailbox mailbox = { self->route.to, self->who,
                                            self->digest->rows[0]->role };
    struct outbox_row row = { .board = "",
                              .reference = "",
                              .key = self->key,
                              .position = self->position,
                              .person = self->who,
                              .role = self->digest->rows[0]->role,
                              .route = self->route.kind,
                              .recipient = self->route.to,
                              .priority = PRIORITY_NORMAL,
                              .at = engine->now,
                              .queued = engine->now,
                              .escalate = INSTANT_NONE,
                              .agency = agency_of(self->digest),
                              .next_try = engine->now };
    char *bytes = NULL;
    int answer;

    self->entries = &entries;
    answer = write_bytes(self, &bytes, &row.size);

    if (answer == RENDER_REFUSED) {
        answer = engine_tell_operator(engine, self->key, "A digest could not be written",
                                      "A message that gathers notifications could not be written; "
                                      "the journal says which and why.\n");
        return answer ? answer : 1;
    }
    if (answer)
        return answer;
    if (self->position == 0)
        row.escalate.us = engine->now.us + engine_escalation_wait(engine, PRIORITY_NORMAL);
    snprintf(row.id, sizeof row.id, "%s", self->id);
    row.bytes = bytes;
    answer = engine_store_answer(store_put_outbox(engine->settings.store, &row));
    free(bytes);
    engine->outbox_changed = true;
    return answer ? answer : engine_entries_sent(engine, &mailbox, &entries);
}

/* --- of entries in a calendar alone */

static int put_of_entries(struct sending *self, const struct gathering_row *row)
{
    struct engine *engine = self->digest->engine;
    CLEANUP(engine_entries_close) struct engine_entries entries = { 0 };
    struct outbox_row put = { .board = row->board,
                              .reference = row->reference,
                              .key = self->key,
                              .person = self->who,
                              .role = row->role,
                              .route = row->route,
                              .recipient = row->recipient,
                              .priority = PRIORITY_NORMAL,
                              .at = engine->now,
                              .queued = engine->now,
                              .escalate = INSTANT_NONE,
                              .next_try = INSTANT_NONE };
    char shown[ENGINE_ENTRIES_SIZE];
    struct text text = text_over(shown, sizeof shown);
    struct gathering_row waits = *row;
    char *bytes = NULL;
    int answer;

    self->entries = &entries;
    answer = write_bytes(self, &bytes, &put.size);
    if (answer)
        return answer == RENDER_REFUSED ? 0 : answer; /* the journal was told */
    snprintf(put.id, sizeof put.id, "%s", self->id);
    put.bytes = bytes;
    answer = engine_store_answer(store_put_outbox(engine->settings.store, &put));
    free(bytes);
    engine_entries_write(&entries, &text);
    waits.entries = shown;
    engine->gathers = engine->outbox_changed = true;
    return answer
               ? answer
               : engine_store_answer(store_put_gathering(engine->settings.store, self->id, &waits));
}

int engine_queue_of_entries(struct engine *engine, const struct gathering_row *row)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    struct engine_digest digest = {
        .engine = engine, .rows = &row, .count = 1, .part = 1, .parts = 1
    };
    char id[ULID_SIZE], key[sizeof "calendar " + ULID_SIZE];
    struct sending sending = { .digest = &digest,
                               .id = id,
                               .notification_id = id,
                               .key = key,
                               .who = row->person,
                               .person =
                                   directory ? directory_person(directory, row->person) : NULL,
                               .route = { row->route, row->recipient },
                               .operator= strcmp(row->person, "operator") == 0 };

    if (ulid_make(engine->now, id) < 0)
        return journal_fail(-EIO, "the kernel gives no random numbers");
    snprintf(key, sizeof key, "calendar %s", id);
    return put_of_entries(&sending, row);
}

/* --- a new one */

static int record(struct engine *engine, const char *type, const char *board, const char *reference,
                  json_t *payload)
{
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text ? engine_store_answer(record_append(engine->settings.store, engine->now, type,
                                                          board, reference, text, NULL))
                      : -ENOMEM;

    json_decref(payload);
    free(text);
    return answer;
}

/* Each disagreement's history says where its notification went. */
static int end_waiting(struct engine *engine, const struct gathering_row *row, const char *id)
{
    int answer = engine_store_answer(store_end_gathering(engine->settings.store, row, id));

    return answer ? answer
                  : record(engine, "gathered", row->board, row->reference,
                           json_pack("{s:s,s:s}", "id", row->id, "in", id));
}

/* It could not be written: what was to be in it goes as it is. */
static int let_all_go(struct engine *engine, const struct engine_digest_rows *rows)
{
    struct instant escalate = { engine->now.us + engine_escalation_wait(engine, PRIORITY_NORMAL) };
    int answer = 0;

    for (size_t i = 0; answer == 0 && i < rows->count; i++)
        answer = engine_store_answer(store_release_gathering(
            engine->settings.store, rows->rows[i]->number, engine->now, engine->now, escalate));
    return answer;
}

int engine_queue_digest(struct engine *engine, const struct addressee *to,
                        const struct engine_digest_rows *rows)
{
    struct engine_digest digest = { .engine = engine,
                                    .rows = rows->rows,
                                    .count = rows->count,
                                    .part = rows->part,
                                    .parts = rows->parts };
    char id[ULID_SIZE], key[DIGEST_KEY_SIZE];
    struct sending sending = { .digest = &digest,
                               .id = id,
                               .notification_id = id,
                               .key = key,
                               .who = to->who,
                               .person = to->person,
                               .route = to->route,
                               .operator= strcmp(to->who, "operator") == 0,
                               .stand_in = to->stand_in };
    int answer;

    if (ulid_make(engine->now, id) < 0)
        return journal_fail(-EIO, "the kernel gives no random numbers");
    snprintf(key, sizeof key, KEY_START "%s %u/%u", id, rows->part, rows->parts);
    answer = put_delivery(&sending);
    if (answer == 1)
        return let_all_go(engine, rows);
    if (answer == 0)
        answer = record(engine, "digest", "", "",
                        json_pack("{s:s,s:s,s:s,s:i,s:i,s:i}", "id", id, "person",
                                  strchr(to->who, '@') ? "named in the event" : to->who, "board",
                                  rows->rows[0]->board, "count", (int)rows->count, "part",
                                  (int)rows->part, "parts", (int)rows->parts));
    for (size_t i = 0; answer == 0 && i < rows->count; i++)
        answer = end_waiting(engine, rows->rows[i], id);
    return answer;
}

/* --- nobody accepted it */

bool engine_is_digest(const struct outbox_row *row)
{
    return !row->reference[0] && strncmp(row->key, KEY_START, strlen(KEY_START)) == 0;
}

static void read_key(const char *key, struct engine_digest *digest)
{
    const char *blank = strchr(key, ' ');
    char *end = NULL;

    digest->part = digest->parts = 1;
    if (!blank)
        return;
    digest->part = (uint32_t)strtoul(blank + 1, &end, 10);
    if (*end == '/')
        digest->parts = (uint32_t)strtoul(end + 1, NULL, 10);
}

int engine_digest_open(struct engine *engine, const struct outbox_row *first,
                       struct engine_digest **digest_p)
{
    CLEANUP(engine_digest_close) struct engine_digest *digest = calloc(1, sizeof *digest);
    int answer;

    if (!digest)
        return journal_fail(-ENOMEM, "no memory for a digest");
    digest->engine = engine;
    read_key(first->key, digest);
    answer = engine_store_answer(
        store_list_gathered(engine->settings.store, first->id, gathering_list_add, &digest->list));
    if (answer)
        return answer;
    digest->count = digest->list.count;
    digest->own_rows = calloc(digest->count + 1, sizeof *digest->own_rows);
    if (digest->list.failed || !digest->own_rows)
        return journal_fail(-ENOMEM, "no memory for a digest");
    for (size_t i = 0; i < digest->count; i++)
        digest->own_rows[i] = &digest->list.rows[i];
    digest->rows = digest->own_rows;
    if (digest->count == 0)
        return 0; /* nothing is in it that could be told again */
    *digest_p = digest;
    digest = NULL;
    return 0;
}

void engine_digest_close(struct engine_digest **digest)
{
    if (!*digest)
        return;
    gathering_list_close(&(*digest)->list);
    free((*digest)->own_rows);
    free(*digest);
    *digest = NULL;
}

size_t engine_digest_count(const struct engine_digest *digest)
{
    return digest->count;
}

const char *engine_digest_board(const struct engine_digest *digest)
{
    return digest->rows[0]->board;
}

struct used_routes {
    const struct route *list;
    size_t count;
};

/* A list, or that there is one, goes by any route but to a program. */
static bool find_in(const struct used_routes *used, const struct route *routes, size_t count,
                    const struct person *person, struct escalation_route *found)
{
    for (size_t i = 0; i < count; i++) {
        bool is_used = routes[i].kind == ROUTE_WEBHOOK;

        for (size_t j = 0; j < used->count && !is_used; j++)
            is_used =
                used->list[j].kind == routes[i].kind && strcmp(used->list[j].to, routes[i].to) == 0;
        if (is_used)
            continue;
        *found = (struct escalation_route){ .kind = routes[i].kind,
                                            .to = routes[i].to,
                                            .person = person };
        return true;
    }
    return false;
}

static bool find_of_person(const struct used_routes *used, const struct person *person,
                           bool office_hours, struct escalation_route *found)
{
    bool night = !office_hours && person->out_of_hours_count > 0;

    return find_in(used, night ? person->out_of_hours : person->routes,
                   night ? person->out_of_hours_count : person->route_count, person, found) ||
           find_in(used, night ? person->routes : person->out_of_hours,
                   night ? person->route_count : person->out_of_hours_count, person, found);
}

/* Whoever deputises in all of it; NULL where it is not one person. */
static const struct person *common_deputy(struct engine *engine, const struct engine_digest *digest,
                                          const char *who)
{
    const struct person *deputy = NULL;

    for (size_t i = 0; i < digest->count; i++) {
        struct gathering_row row = *digest->rows[i];
        struct addressee to;

        row.person = who;
        to = engine_addressee(engine, &row);
        if (!to.deputy || (deputy && to.deputy != deputy))
            return NULL;
        deputy = to.deputy;
    }
    return deputy;
}

bool engine_digest_route(const struct engine_digest *digest, const char *who,
                         const struct route *used, size_t used_count,
                         struct escalation_route *found)
{
    struct engine *engine = digest->engine;
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct used_routes not_again = { used, used_count };
    const struct person *person = directory ? directory_person(directory, who) : NULL, *deputy;
    struct policy_view view;
    const struct timekeeping *time =
        engine_time_of_board(engine, engine_digest_board(digest), &view);
    bool office_hours = !time || engine_is_office_hours(time, engine->now);

    if (!directory)
        return false;
    if (strcmp(who, "operator") == 0)
        return find_in(&not_again, directory->operator_routes, directory->operator_route_count,
                       NULL, found);
    if (person && find_of_person(&not_again, person, office_hours, found))
        return true;
    deputy = common_deputy(engine, digest, who);
    if (!deputy || deputy == person || !find_of_person(&not_again, deputy, office_hours, found))
        return false;
    found->is_deputy = true;
    return true;
}

int engine_digest_queue(const struct engine_digest *digest, const struct engine_outgoing *out,
                        const struct escalation_route *next)
{
    struct sending sending = { .digest = digest,
                               .id = out->id,
                               .notification_id = out->notification_id,
                               .key = out->key,
                               .who = out->person,
                               .person = next->person,
                               .route = { out->kind, out->to },
                               .position = out->position,
                               .operator= !next->person,
                               .stand_in = next->is_deputy };
    int answer = put_delivery(&sending);

    return answer == 1 ? 0 : answer;
}
