/* daemon_test.c - concernctl test: is whoever holds a role reached, by each of his routes, or an
 * agency's case system? */
#include <jansson.h>
#include <stdio.h>

#include "io/daemon_answering.h"

static void say_routes(struct answering *self, const struct engine_test *test)
{
    for (size_t i = 0; i < test->route_count; i++) {
        const struct engine_test_route *route = &test->routes[i];
        json_t *line =
            json_pack("{s:s,s:s,s:s?,s:b,s:s,s:i,s:i}", "role", test->role, "agency", test->agency,
                      "person", test->person, "deputy", (int)test->is_deputy, "route",
                      route_name(route->kind), "way", (int)i + 1, "of", (int)test->route_count);

        if (route->endpoint)
            json_object_set_new(line, "endpoint", json_string(route->endpoint));
        json_object_set_new(line, "id", route->id[0] ? json_string(route->id) : json_null());
        if (!answering_say(self, line))
            return;
    }
}

/* A turn of its own: what is answered is on the disk, and goes out next. */
const char *answering_test(struct answering *self)
{
    static struct engine_test test; /* `why` is read after this returns */
    struct engine *engine = self->daemon->engine;
    char by[24];
    int answer;

    snprintf(by, sizeof by, "uid %u", control_user(self->answer));
    test = (struct engine_test){ .role = self->command->role,
                                 .agency = self->command->agency,
                                 .by = by };
    answer = engine_begin(engine, clock_now(self->daemon->clock));
    if (answer == 0)
        answer = engine_test(engine, &test);
    if (answer == ENGINE_TESTED)
        answer = engine_commit(engine);
    else
        engine_roll_back(engine);
    if (answer == ENGINE_TEST_REFUSED)
        return test.why;
    if (answer)
        return answer == ENGINE_STORE_FULL ? "the disk is full: nothing was sent"
                                           : "the store has failed: nothing was sent";
    say_routes(self, &test);
    return NULL;
}
