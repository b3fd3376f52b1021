/* daemon_report.c - concernctl report: what there is of disagreements in a period, page by page.
 *
 * A line for each disagreement: agencies, theme, stays in stages, limits, its end; and one for
 * each of its notifications that was refused, given up or undelivered: role, agency, what was
 * tried, how it stands.  A page takes a bounded part of a turn.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/escalation.h"
#include "core/register.h"
#include "io/daemon_answering.h"
#include "io/record.h"
#include "io/store_acknowledge.h"

enum {
    LOOKED_AT_MAX = 500, /* disagreements, in or out of the period */
    PAGE_MAX = 50,       /* of them in it */
    PAGE_MS = 20,
    TROUBLES_MAX = 200 /* notifications of one disagreement */
};

/* Notifications of one that has ended may be tried for a month, and given up after. */
#define AFTERMATH_US (40 * DAY_US)

/* A notification that somebody did not accept. */
struct trouble {
    char id[DELIVERY_ID_SIZE];     /* of its first delivery */
    char digest[DELIVERY_ID_SIZE]; /* of that of the digest it went in; "": it went alone */
    struct instant since, undelivered;
};

struct report_page {
    struct answering *answering;
    struct instant from, to;
    int64_t until_ms;
    size_t looked_at, in_it;
    int64_t last; /* number of the last one looked at */
    bool is_over; /* it stopped before the end */

    /* of the disagreement that is being told */
    const struct disagreement_row *row;
    struct register_stay stays[REGISTER_STAYS_MAX];
    size_t stay_count;
    char left_stage[ID_MAX + 1]; /* when it was closed */
    struct trouble troubles[TROUBLES_MAX];
    size_t trouble_count;
};

/* --- what the record says of one */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static struct instant instant_of(const json_t *object, const char *name, struct instant otherwise)
{
    struct instant at;

    return instant_read(text_of(object, name), NULL, &at) == INSTANT_OK ? at : otherwise;
}

static void leave_stage(struct report_page *page, struct instant at)
{
    if (page->stay_count > 0 && instant_is_none(page->stays[page->stay_count - 1].to))
        page->stays[page->stay_count - 1].to = at;
}

static void enter_stage(struct report_page *page, const char *stage, struct instant at)
{
    struct register_stay *stay;

    leave_stage(page, at);
    if (page->stay_count == REGISTER_STAYS_MAX || !*stage)
        return;
    stay = &page->stays[page->stay_count++];
    snprintf(stay->stage, sizeof stay->stage, "%s", stage);
    stay->from = at;
    stay->to = INSTANT_NONE;
}

static void note_end(struct report_page *page, struct instant at)
{
    page->left_stage[0] = '\0';
    if (page->stay_count > 0)
        snprintf(page->left_stage, sizeof page->left_stage, "%s",
                 page->stays[page->stay_count - 1].stage);
    leave_stage(page, at);
}

struct first_row {
    char id[DELIVERY_ID_SIZE];
};

static bool take_first(void *context, const struct outbox_row *row)
{
    struct first_row *first = context;

    memcpy(first->id, row->id, sizeof first->id);
    return false;
}

/* The trouble of the notification whose first delivery is `id`; NULL: there are too many. */
static struct trouble *trouble_of(struct report_page *page, const char *id, struct instant since)
{
    struct trouble *trouble = page->troubles;

    while (trouble < page->troubles + page->trouble_count && strcmp(trouble->id, id) != 0)
        trouble++;
    if (trouble == page->troubles + TROUBLES_MAX)
        return NULL;
    if (trouble == page->troubles + page->trouble_count) {
        page->trouble_count++;
        *trouble = (struct trouble){ .since = since, .undelivered = INSTANT_NONE };
        snprintf(trouble->id, sizeof trouble->id, "%s", id);
    }
    return trouble;
}

static void note_trouble(struct report_page *page, const char *delivery, struct instant at,
                         bool is_undelivered)
{
    struct first_row first = { "" };
    struct trouble *trouble = NULL;

    if (store_list_routes(page->answering->daemon->store, delivery, take_first, &first) ==
            STORE_OK &&
        first.id[0])
        trouble = trouble_of(page, first.id, at);
    if (trouble && is_undelivered)
        trouble->undelivered = at;
}

/* What became of a digest is in no disagreement's record: its deliveries are asked. */
struct digest_look {
    struct store *store;
    struct instant last_try, since, undelivered;
};

static void note_since(struct digest_look *look, struct instant at)
{
    if (instant_is_none(look->since) || at.us < look->since.us)
        look->since = at;
}

static bool take_try(void *context, const struct attempt_row *attempt)
{
    struct digest_look *look = context;

    look->last_try = attempt->at;
    if (attempt->outcome == DELIVERY_REFUSED)
        note_since(look, attempt->at);
    return true;
}

static bool take_digest(void *context, const struct outbox_row *row)
{
    struct digest_look *look = context;

    look->last_try = row->at;
    store_list_attempts(look->store, row->id, take_try, look);
    if (row->state == OUTBOX_EXHAUSTED)
        note_since(look, look->last_try);
    if (!instant_is_none(row->undelivered)) {
        look->undelivered = row->undelivered;
        note_since(look, row->undelivered);
    }
    return true;
}

static void note_gathered(struct report_page *page, const char *id, const char *digest)
{
    struct digest_look look = { .store = page->answering->daemon->store,
                                .since = INSTANT_NONE,
                                .undelivered = INSTANT_NONE };
    struct trouble *trouble;

    store_list_routes(look.store, digest, take_digest, &look);
    trouble = instant_is_none(look.since) ? NULL : trouble_of(page, id, look.since);
    if (!trouble)
        return;
    trouble->undelivered = look.undelivered;
    snprintf(trouble->digest, sizeof trouble->digest, "%s", digest);
}

/* The record says when the daemon acted; `at` in the line for which instant it did. */
static bool take_line(void *context, const struct record_line *line)
{
    struct report_page *page = context;
    static const char *const read[] = { "stage",    "closed", "reopened", "undelivered",
                                        "delivery", "bounce", "gathered" };
    bool is_read = false;
    json_t *said;

    for (size_t i = 0; i < COUNT_OF(read); i++)
        is_read = is_read || strcmp(line->type, read[i]) == 0;
    said = is_read && line->payload ? json_loads(line->payload, 0, NULL) : NULL;
    if (!said)
        return true;
    if (strcmp(line->type, "stage") == 0)
        enter_stage(page, text_of(said, "stage"), instant_of(said, "at", line->at));
    else if (strcmp(line->type, "closed") == 0)
        note_end(page, instant_of(said, "at", line->at));
    else if (strcmp(line->type, "reopened") == 0)
        enter_stage(page, page->left_stage, instant_of(said, "at", line->at));
    else if (strcmp(line->type, "undelivered") == 0)
        note_trouble(page, text_of(said, "id"), line->at, true);
    else if (strcmp(line->type, "gathered") == 0)
        note_gathered(page, text_of(said, "id"), text_of(said, "in"));
    else if (strcmp(line->type, "bounce") == 0 ? strcmp(text_of(said, "action"), "failed") == 0
                                               : strcmp(text_of(said, "state"), "accepted") != 0)
        note_trouble(page, text_of(said, "id"), line->at, false);
    json_decref(said);
    return true;
}

/* --- the line of a disagreement */

static json_t *json_stays(const struct report_page *page)
{
    json_t *list = json_array();

    for (size_t i = 0; i < page->stay_count; i++) {
        const struct register_stay *stay = &page->stays[i];

        /* Two stages at one instant: nobody was in the first. */
        if (instant_is_none(stay->to) || stay->to.us > stay->from.us)
            json_array_append_new(list, json_pack("{s:s,s:o,s:o}", "stage", stay->stage, "from",
                                                  answering_instant(stay->from), "to",
                                                  answering_instant(stay->to)));
    }
    return list;
}

static bool add_limit(void *context, const struct deadline_row *row)
{
    json_t *list = context;

    if (instant_is_none(row->due) || json_array_size(list) == REGISTER_LIMITS_MAX)
        return true;
    json_array_append_new(list, json_pack("{s:s,s:o,s:s}", "deadline", row->deadline, "due",
                                          answering_instant(row->due), "end",
                                          strcmp(row->state, "passed") == 0    ? "passed"
                                          : strcmp(row->state, "stopped") == 0 ? "met"
                                                                               : "running"));
    return true;
}

/* The register goes to a board: an id that the directory does not list may be anything. */
static json_t *json_agency(const struct report_page *page, const char *agency, size_t length)
{
    const struct directory *directory = policy_directory(page->answering->daemon->policy);
    char id[ID_MAX + 1];

    snprintf(id, sizeof id, "%.*s", (int)length, agency);
    return json_string(!*id || (directory && directory_agency(directory, id)) ? id : "unlisted");
}

static const char *category_of(const struct report_page *page, const struct disagreement_row *row)
{
    const struct directory *directory = policy_directory(page->answering->daemon->policy);
    bool listed = directory && directory_lists_category(directory, row->board, row->category);

    return !row->category[0] || listed ? row->category : "unlisted";
}

static bool say_entry(struct report_page *page)
{
    const struct disagreement_row *row = page->row;
    json_t *agencies = json_array(), *limits = json_array();

    json_array_append_new(agencies, json_agency(page, row->challenging, strlen(row->challenging)));
    for (const char *at = row->challenged; *at; at += strspn(at, " ")) {
        json_array_append_new(agencies, json_agency(page, at, strcspn(at, " ")));
        at += strcspn(at, " ");
    }
    store_list_deadlines(page->answering->daemon->store, row->board, row->reference, add_limit,
                         limits);
    return answering_say(page->answering,
                         json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:s,s:o,s:o,s:o}", "report",
                                   "disagreement", "board", row->board, "reference", row->reference,
                                   "procedure", row->procedure, "theme", category_of(page, row),
                                   "agencies", agencies, "raised", answering_instant(row->raised),
                                   "outcome", row->state, "ended", answering_instant(row->closed),
                                   "stages", json_stays(page), "limits", limits));
}

/* --- the line of a notification */

struct tries {
    struct store *store;
    json_t *list; /* of routes */
    char role[ID_MAX + 1];
    uint64_t record;
    struct instant accepted; /* by any of them; INSTANT_NONE */
    bool is_on_its_way, is_superseded;
};

static bool take_last_try(void *context, const struct attempt_row *attempt)
{
    *(struct instant *)context = attempt->at;
    return true;
}

static bool take_route(void *context, const struct outbox_row *row)
{
    struct tries *tries = context;
    struct instant last = INSTANT_NONE;

    if (row->position == 0) {
        snprintf(tries->role, sizeof tries->role, "%s", row->role);
        tries->record = row->record;
    }
    if (row->state == OUTBOX_GATHERED)
        return true; /* its digest was tried */
    tries->is_superseded = tries->is_superseded || row->state == OUTBOX_SUPERSEDED;
    json_array_append_new(tries->list,
                          json_pack("{s:s,s:i,s:s,s:i}", "route", route_name(row->route),
                                    "attempts", (int)row->attempts, "state",
                                    outbox_state_name(row->state), "code", row->last_code));
    tries->is_on_its_way = tries->is_on_its_way || row->state == OUTBOX_QUEUED;
    if (row->state == OUTBOX_ACCEPTED && instant_is_none(tries->accepted)) {
        store_list_attempts(tries->store, row->id, take_last_try, &last);
        tries->accepted = last;
    }
    return true;
}

struct addressed {
    char side[16], agency[ID_MAX + 1];
};

static bool take_addressed(void *context, const struct record_line *line)
{
    struct addressed *addressed = context;
    json_t *said = line->payload && strcmp(line->type, "notification") == 0
                       ? json_loads(line->payload, 0, NULL)
                       : NULL;
    const json_t *role = json_array_get(json_object_get(said, "roles"), 0);

    snprintf(addressed->side, sizeof addressed->side, "%s", text_of(role, "side"));
    snprintf(addressed->agency, sizeof addressed->agency, "%s", text_of(role, "agency"));
    json_decref(said);
    return false;
}

static bool say_trouble(struct report_page *page, const struct trouble *trouble)
{
    struct store *store = page->answering->daemon->store;
    struct tries tries = { .store = store, .list = json_array(), .accepted = INSTANT_NONE };
    struct addressed addressed = { "", "" };

    if (trouble->digest[0])
        store_list_routes(store, trouble->digest, take_route, &tries);
    store_list_routes(store, trouble->id, take_route, &tries); /* whose role and agency it says */
    /* Whoever says that he has seen what came back has it. */
    if (instant_is_none(tries.accepted))
        store_get_acknowledged(store, trouble->id, &tries.accepted);
    /* What was told in its place has a line of its own where that met trouble. */
    if (trouble->since.us >= page->to.us || tries.is_superseded ||
        (!instant_is_none(tries.accepted) && tries.accepted.us < page->from.us)) {
        json_decref(tries.list);
        return true;
    }
    if (tries.record > 0)
        record_list(store, tries.record, 1, take_addressed, &addressed);
    return answering_say(
        page->answering,
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:s,s:o}", "report", "notification",
                  "board", page->row->board, "reference", page->row->reference, "id", trouble->id,
                  "role", tries.role, "side", addressed.side, "agency",
                  json_agency(page, addressed.agency, strlen(addressed.agency)), "since",
                  answering_instant(trouble->since), "undelivered",
                  answering_instant(trouble->undelivered), "tried", tries.list, "now",
                  !instant_is_none(tries.accepted) ? "delivered"
                  : tries.is_on_its_way            ? "on its way"
                                                   : "not delivered",
                  "delivered", answering_instant(tries.accepted)));
}

/* --- a page */

static bool say_all(struct report_page *page)
{
    const struct disagreement_row *row = page->row;
    bool is_in = instant_is_none(row->closed) || row->closed.us >= page->from.us;
    bool going;

    page->in_it++;
    page->stay_count = page->trouble_count = 0;
    page->left_stage[0] = '\0';
    record_history(page->answering->daemon->store, row->board, row->reference, take_line, page);
    going = !is_in || say_entry(page);
    for (size_t i = 0; going && i < page->trouble_count; i++)
        going = say_trouble(page, &page->troubles[i]);
    return going;
}

static bool take_disagreement(void *context, const struct disagreement_row *row)
{
    struct report_page *page = context;
    bool going = true;

    page->looked_at++;
    page->last = row->number;
    page->row = row;
    if (row->raised.us < page->to.us &&
        (instant_is_none(row->closed) || row->closed.us >= page->from.us - AFTERMATH_US))
        going = say_all(page);
    page->is_over = page->looked_at == LOOKED_AT_MAX || page->in_it == PAGE_MAX ||
                    clock_monotonic_ms() >= page->until_ms;
    return going && !page->is_over;
}

static bool read_number(const char *text, int64_t *number)
{
    *number = 0;
    for (; *text >= '0' && *text <= '9' && *number < INT64_MAX / 10 - 9; text++)
        *number = *number * 10 + (*text - '0');
    return *text == '\0';
}

static const char *say_page(struct answering *self, struct report_page *page)
{
    struct disagreement_query query = { .closed_too = true,
                                        .board =
                                            self->command->board[0] ? self->command->board : NULL };

    if (instant_read(self->command->from, NULL, &page->from) != INSTANT_OK ||
        instant_read(self->command->to, NULL, &page->to) != INSTANT_OK ||
        page->from.us >= page->to.us || !read_number(self->command->after, &query.after))
        return "from and to are instants in UTC, the earlier first";
    page->answering = self;
    page->until_ms = clock_monotonic_ms() + PAGE_MS;
    answering_say(self, json_pack("{s:s,s:o}", "report", "now", "now",
                                  answering_instant(clock_now(self->daemon->clock))));
    if (store_list_disagreements(self->daemon->store, &query, take_disagreement, page) < 0)
        return "the store cannot be read";
    if (page->is_over)
        answering_say(self,
                      json_pack("{s:s,s:I}", "report", "more", "after", (json_int_t)page->last));
    return NULL;
}

const char *answering_report(struct answering *self)
{
    struct report_page *page = calloc(1, sizeof *page);
    const char *error = page ? say_page(self, page) : "there is no memory";

    free(page);
    return error;
}
