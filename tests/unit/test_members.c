/* test_members.c - the table of what each type's data holds; `--print` writes it for lint/schema.
 */
#include "protocol/cloudevent_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void every_type_may_say_who(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const struct member *member = cloudevent_members((enum event_kind)kind);
        int count = 0;

        for (; member->name; member++)
            count += member->kind == MEMBER_BY && !strcmp(member->name, "by");
        assert_int_equal(count, 1);
    }
}

static void no_member_is_there_twice(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
        for (const struct member *member = cloudevent_members((enum event_kind)kind); member->name;
             member++)
            for (const struct member *other = member + 1; other->name; other++)
                assert_string_not_equal(member->name, other->name);
}

static void closing_events_say_who(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const struct member *member = cloudevent_members((enum event_kind)kind);

        while (member->kind != MEMBER_BY)
            member++;
        /* A hold by nobody in particular is the key's own: its agency is filled in. */
        if (event_is_closing((enum event_kind)kind) && kind != EVENT_HOLD)
            assert_true(member->required);
    }
}

static void print_table(void)
{
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
        for (const struct member *member = cloudevent_members((enum event_kind)kind); member->name;
             member++)
            printf("%s\t%s\t%s\t%d\n", kind ? event_name((enum event_kind)kind) : "declared",
                   member->name, member_kind_text(member->kind), member->required);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_may_say_who),
        cmocka_unit_test(no_member_is_there_twice),
        cmocka_unit_test(closing_events_say_who),
    };

    if (count > 1 && !strcmp(arguments[1], "--print")) {
        print_table();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
