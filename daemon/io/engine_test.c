/* engine_test.c - somebody tries whether notifications reach whoever holds a role, or an agency's
 * case systems. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/record.h"
#include "io/ulid.h"
#include "protocol/test_body.h"

/* Begins the key of a test's deliveries, which are about no disagreement; the keys of other
 * messages begin with a day or with what they tell of. */
#define TEST_KEY "test "

struct testing {
    struct engine *engine;
    struct engine_test *test;
    const struct agency *agency;
    struct route routes[ENGINE_TEST_ROUTES_MAX];
    size_t route_count;
    char key[sizeof TEST_KEY + ULID_SIZE];
};

bool engine_is_test(const struct outbox_row *row)
{
    return !row->reference[0] && strncmp(row->key, TEST_KEY, strlen(TEST_KEY)) == 0;
}

/* --- to whom */

/* "did you mean x? there are x, y, z": the texts that begin `count` records of `stride` bytes. */
static void add_ids(struct text *text, const void *first, size_t count, size_t stride)
{
    for (size_t i = 0; i < count; i++) {
        const char *id = *(const char *const *)((const char *)first + i * stride);

        if (text->used + strlen(id) + strlen(", ...)") >= text->size) {
            text_add(text, ", ...");
            return;
        }
        text_addf(text, "%s%s", text->at[text->used - 1] == ' ' ? "" : ", ", id);
    }
}

static void add_near(struct text *text, const char *near)
{
    if (near)
        text_addf(text, " (did you mean %s? there are ", near);
    else
        text_add(text, " (there are ");
}

static int refuse_agency(struct engine_test *test, const struct directory *directory)
{
    struct text why = text_over(test->why, sizeof test->why);
    const char *near = nearest_id(test->agency, directory->agencies, directory->agency_count,
                                  sizeof(struct agency));

    if (!near)
        near = nearest_id(test->agency, directory->boards, directory->board_count,
                          sizeof(struct agency));
    text_addf(&why, "no agency or board %s", test->agency);
    add_near(&why, near);
    add_ids(&why, directory->agencies, directory->agency_count, sizeof(struct agency));
    add_ids(&why, directory->boards, directory->board_count, sizeof(struct agency));
    text_add(&why, ")");
    return ENGINE_TEST_REFUSED;
}

static int refuse_role(struct engine_test *test, const struct agency *agency)
{
    struct text why = text_over(test->why, sizeof test->why);

    static const char *const systems[] = { ENGINE_TEST_SYSTEMS };
    size_t system_count = agency->system_count > 0; /* the one word for all of them */
    const char *near =
        nearest_id(test->role, agency->roles, agency->role_count, sizeof *agency->roles);

    if (!near)
        near = nearest_id(test->role, systems, system_count, sizeof *systems);
    text_addf(&why, "nobody holds %s in %s", test->role, test->agency);
    add_near(&why, near);
    add_ids(&why, agency->roles, agency->role_count, sizeof *agency->roles);
    add_ids(&why, systems, system_count, sizeof *systems);
    text_add(&why, ")");
    return ENGINE_TEST_REFUSED;
}

static int refuse_systems(struct engine_test *test, const struct directory *directory)
{
    char others[ENGINE_WHY_SIZE] = " ";
    struct text why = text_over(test->why, sizeof test->why);
    struct text list = text_over(others, sizeof others / 2);

    text_add(&list, " ");
    for (size_t i = 0; i < directory->agency_count; i++)
        if (directory->agencies[i].system_count > 0)
            add_ids(&list, &directory->agencies[i], 1, sizeof *directory->agencies);
    text_addf(&why, "the directory gives no systems for %s (%s%s)", test->agency,
              others[1] ? "there are those of" : "nor for any other", others[1] ? others : "");
    return ENGINE_TEST_REFUSED;
}

/* Roles are filled for all procedures alike: the day is that of the first one's zone. */
static struct date today_of(const struct engine *engine)
{
    const struct procedure *procedure = policy_procedure(engine->settings.policy, 0);
    struct policy_view view;

    if (procedure && policy_view(engine->settings.policy, procedure->id, &view) == POLICY_OK)
        return zone_civil(view.time.zone, engine->now).date;
    return (struct date){ (int32_t)(engine->now.us / DAY_US) };
}

static void add_systems(struct testing *self)
{
    for (size_t i = 0; i < self->agency->system_count && i < ENGINE_TEST_ROUTES_MAX; i++)
        self->routes[self->route_count++] =
            (struct route){ ROUTE_WEBHOOK, self->agency->systems[i] };
}

/* `*person` stays NULL where it goes to case systems. */
static int find_whom(struct testing *self, const struct person **person)
{
    const struct directory *directory = policy_directory(self->engine->settings.policy);
    struct engine_test *test = self->test;
    const struct role_holding *holding;

    if (!directory)
        return refuse_agency(test, &(struct directory){ 0 });
    self->agency = directory_agency(directory, test->agency);
    if (!self->agency)
        self->agency = directory_board(directory, test->agency);
    if (!self->agency)
        return refuse_agency(test, directory);
    holding = directory_holding(self->agency, test->role);
    if (!holding && strcmp(test->role, ENGINE_TEST_SYSTEMS) == 0) {
        add_systems(self);
        return self->route_count > 0 ? ENGINE_TESTED : refuse_systems(test, directory);
    }
    if (!holding)
        return refuse_role(test, self->agency);
    *person = role_holder(holding, today_of(self->engine));
    test->person = (*person)->id;
    test->is_deputy = *person != holding->holder;
    return ENGINE_TESTED;
}

static void add_routes(struct testing *self, const struct route *routes, size_t count)
{
    for (size_t i = 0; i < count && self->route_count < ENGINE_TEST_ROUTES_MAX; i++) {
        bool known = false;

        for (size_t j = 0; j < self->route_count; j++)
            known = known || (self->routes[j].kind == routes[i].kind &&
                              strcmp(self->routes[j].to, routes[i].to) == 0);
        if (!known)
            self->routes[self->route_count++] = routes[i];
    }
}

/* --- what it says */

static void write_to_system(const struct testing *self, size_t way, struct text *text)
{
    text_addf(text,
              "THIS IS A TEST of the notifications of concernd. There is no disagreement\n"
              "behind it, nothing to do and nobody to answer.\n\n"
              "It was sent to %s, which is %zu of the %zu case systems of\n"
              "%s. It shows that notifications of disagreements would reach it.\n",
              self->routes[way - 1].to, way, self->route_count, self->agency->name);
}

static void write_to_person(const struct testing *self, size_t way, struct text *text)
{
    const struct engine_test *test = self->test;

    text_addf(text,
              "THIS IS A TEST of the notifications of concernd. There is no disagreement\n"
              "behind it, nothing to do and nobody to answer.\n\n"
              "It was sent to you%s for the role %s of %s,\n"
              "by way %zu of the %zu that the directory has for you. It shows that notifications\n"
              "of disagreements would reach you here.\n\n"
              "If that role is not yours, tell whoever looks after concernd at your board.\n",
              test->is_deputy ? " as the deputy" : "", test->role, self->agency->name, way,
              self->route_count);
}

/* --- the outbox */

static int put_row(const struct testing *self, const struct engine_test_route *to, size_t way,
                   const char *bytes, size_t size)
{
    struct engine *engine = self->engine;
    char system[sizeof ENGINE_SYSTEM + ID_MAX];
    struct outbox_row row = { .board = "",
                              .reference = "",
                              .key = self->key,
                              .position = (uint32_t)(way - 1),
                              .person = self->test->person ? self->test->person : system,
                              .role = self->test->role,
                              .route = to->kind,
                              .recipient = self->routes[way - 1].to,
                              .priority = PRIORITY_NORMAL,
                              .at = engine->now,
                              .queued = engine->now,
                              .escalate = INSTANT_NONE, /* it goes to nobody else */
                              .next_try = engine->now,
                              .bytes = bytes,
                              .size = size };

    snprintf(system, sizeof system, ENGINE_SYSTEM "%s", row.recipient);
    snprintf(row.id, sizeof row.id, "%s", to->id);
    engine->outbox_changed = true;
    return engine_store_answer(store_put_outbox(engine->settings.store, &row));
}

static int queue_route(struct testing *self, size_t way)
{
    const struct route *route = &self->routes[way - 1];
    struct engine_test_route *to = &self->test->routes[self->test->route_count++];
    char subject[2 * ID_MAX + 80], words[1200], id[ULID_SIZE];
    struct text text = text_over(words, sizeof words);
    struct outgoing outgoing = { .id = id,
                                 .board = self->agency->id,
                                 .reference = "test",
                                 .person = self->test->person,
                                 .role = self->test->role,
                                 .agency = self->agency->id,
                                 .at = self->engine->now,
                                 .sent = self->engine->now,
                                 .priority = "normal",
                                 .subject = subject,
                                 .text = words,
                                 .words = templates_words(
                                     policy_templates(self->engine->settings.policy), NULL) };
    char *bytes = NULL;
    size_t size = 0;
    int error;

    *to = (struct engine_test_route){ .kind = route->kind };
    to->endpoint = route_is_to_endpoint(route->kind) ? route->to : NULL;
    if (ulid_make(self->engine->now, id) < 0)
        return -EIO;
    snprintf(subject, sizeof subject, "[Test] Nothing to do: does this reach %s of %s?",
             self->test->role, self->agency->id);
    if (self->test->person)
        write_to_person(self, way, &text);
    else
        write_to_system(self, way, &text);
    error = engine_write_words(self->engine, &outgoing, route, test_body_write, &bytes, &size);
    if (error == -ENOMEM)
        return error;
    if (error) {
        journal_error(NULL, "a test cannot be written for the route %s", route_name(route->kind));
        return 0;
    }
    memcpy(to->id, id, sizeof id);
    error = put_row(self, to, way, bytes, size);
    free(bytes);
    return error;
}

static int record_test(const struct testing *self)
{
    json_t *payload =
        json_pack("{s:s,s:s,s:s,s:i}", "role", self->test->role, "agency", self->test->agency, "by",
                  self->test->by, "routes", (int)self->test->route_count);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer = text ? engine_record(self->engine, "test", text) : -ENOMEM;

    json_decref(payload);
    free(text);
    return answer;
}

/* A clock that was set back makes none of them recent. */
static bool are_too_many(const struct engine *engine)
{
    size_t recent = 0;

    for (size_t i = 0; i < ENGINE_TESTS_PER_MINUTE && i < engine->test_count; i++) {
        int64_t since_us = engine->now.us - engine->tested[i].us;

        recent += since_us >= 0 && since_us < MINUTE_US;
    }
    return recent == ENGINE_TESTS_PER_MINUTE;
}

int engine_test(struct engine *engine, struct engine_test *test)
{
    struct testing self = { .engine = engine, .test = test };
    const struct person *person = NULL;
    char id[ULID_SIZE];
    int answer = find_whom(&self, &person);

    if (answer != ENGINE_TESTED)
        return answer;
    if (are_too_many(engine)) {
        snprintf(test->why, sizeof test->why, "%d tests were sent in the last minute: wait",
                 ENGINE_TESTS_PER_MINUTE);
        return ENGINE_TEST_REFUSED;
    }
    engine->tested[engine->test_count++ % ENGINE_TESTS_PER_MINUTE] = engine->now;
    if (ulid_make(engine->now, id) < 0)
        return -EIO;
    snprintf(self.key, sizeof self.key, TEST_KEY "%s", id);
    if (person) {
        add_routes(&self, person->routes, person->route_count);
        add_routes(&self, person->out_of_hours, person->out_of_hours_count);
    }
    for (size_t way = 1; way <= self.route_count && answer == 0; way++)
        answer = queue_route(&self, way);
    return answer ? answer : record_test(&self);
}
