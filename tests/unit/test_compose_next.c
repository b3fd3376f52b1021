/* test_compose_next.c - who is told next is said whole, or seen to be cut. */
#include "core/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "shipped_templates.h"

enum { NAME_BYTES = 200 }; /* as long as a directory may have it */
enum { LONG_NAME = 60 };   /* "Lancashire and South Cumbria NHS Foundation Trust" has 49 */

static char names[PARTIES_MAX][NAME_BYTES + 1], ids[PARTIES_MAX][ID_MAX + 1];
static struct agency agencies[PARTIES_MAX];
static struct directory directory;
static char filler[NAME_BYTES + 1];

static int set_up(void **state)
{
    (void)state;
    fixture_make_calendar();
    read_shipped_templates();
    memset(filler, 'x', NAME_BYTES);
    return 0;
}

/* Invented agencies, the words at both ends of each name its own. */
static void name_agencies(size_t length)
{
    directory = fixture_directory;
    directory.agencies = agencies;
    directory.agency_count = PARTIES_MAX;
    for (size_t i = 0; i < PARTIES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "First%zu %.*s Last%zu", i, (int)length - 13, filler,
                 i);
        snprintf(ids[i], sizeof ids[i], "agency-%zu", i);
        agencies[i] = fixture_agencies[0];
        agencies[i].id = ids[i];
        agencies[i].name = names[i];
    }
}

/* What the line manager of the challenging agency reads while the first stage runs. */
static const char *told_next(uint8_t parties)
{
    static char body[BODY_SIZE];
    struct policy_view view = fixture_view();
    struct disagreement disagreement = fixture_disagreement(STAGE_ONE);
    struct notification notification = { .at = fixture_at("2026-12-18 16:59"),
                                         .roles = { { .role = ROLE_MANAGER,
                                                      .for_role = ROLE_MANAGER } },
                                         .role_count = 1,
                                         .says = { { .message = MESSAGE_STAGE_ENTERED,
                                                     .deadline = DEADLINE_ONE,
                                                     .stage = STAGE_ONE,
                                                     .rule = -1,
                                                     .due = fixture_at("2026-12-29 17:00") } },
                                         .say_count = 1 };
    struct composition composition = { .view = &view,
                                       .directory = &directory,
                                       .templates = &templates,
                                       .disagreement = &disagreement,
                                       .notification = &notification,
                                       .notification_id = "N7Q2",
                                       .sent = notification.at };
    const char *found;

    disagreement.party_count = parties;
    for (uint8_t i = 0; i < parties; i++)
        snprintf(disagreement.parties[i], ID_MAX + 1, "%s", ids[i]);
    assert_int_equal(compose_body(&composition, body, sizeof body), TEMPLATE_OK);
    found = strstr(body, "WHO IS TOLD NEXT");
    assert_non_null(found);
    return found;
}

static bool names_all(const char *next, uint8_t parties)
{
    const char *end = strstr(next, "You receive this");

    assert_non_null(end);
    for (uint8_t i = 0; i < parties; i++) {
        char first[20], last[20];

        snprintf(first, sizeof first, "First%d", i);
        snprintf(last, sizeof last, "Last%d", i);
        if (!strstr(next, first) || strstr(next, first) > end || !strstr(next, last) ||
            strstr(next, last) > end)
            return false;
    }
    return true;
}

static void names_every_agency(void **state)
{
    (void)state;
    name_agencies(LONG_NAME);
    for (uint8_t parties = 2; parties <= PARTIES_MAX; parties++) {
        const char *next = told_next(parties);

        assert_true(names_all(next, parties));
        assert_null(strstr(next, "…"));
    }
}

/* Nobody takes the beginning of a list for all of it: two roles of nine such agencies are too much.
 */
static void shows_where_it_is_cut(void **state)
{
    (void)state;
    name_agencies(NAME_BYTES);
    assert_non_null(strstr(told_next(PARTIES_MAX), "…"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_agency),
        cmocka_unit_test(shows_where_it_is_cut),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
