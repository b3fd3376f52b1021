/* test_compose_text.c - a text message that has no room for all that is to be said. */
#include "compose_bench.h"

#define LINK                                                                                       \
    "https://concern.board.example/acknowledge/"                                                   \
    "AaIC3cFx5P-8sQ4NEBaeRAAAAGsVPSH8iA7RT0jEdxQCj6NkusG-ClVeq-IpWLAB"
#define BY_WHEN "17:00 Tue 29 December 2026"
#define FIFTY "An invented office for housing, care and repairs, "
#define LONG_NAME FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY "and the caf\xc3\xa9"

/* A text of the board's own in the place of the shipped one; NULL: that one. */
static int write_text(const char *own, const char *name, char message[TEXT_MESSAGE_SIZE])
{
    struct agency agencies[COUNT_OF(fixture_agencies)];
    struct directory directory = fixture_directory;
    struct policy_view view = fixture_view();
    struct disagreement disagreement = fixture_disagreement(STAGE_ONE);
    struct notification notification = notification_to("2026-12-18 16:59", ROLE_MANAGER, 0);
    struct template_text texts_here[IDS_MAX];
    struct templates here = { .list = texts_here, .count = templates.count };
    struct composition composition = { .view = &view,
                                       .directory = &directory,
                                       .templates = &here,
                                       .disagreement = &disagreement,
                                       .notification = &notification,
                                       .notification_id = "N7Q2",
                                       .acknowledge = LINK,
                                       .sent = notification.at };

    memcpy(texts_here, list, templates.count * sizeof *list);
    for (size_t i = 0; own && i < here.count; i++)
        if (strcmp(texts_here[i].id, "text") == 0)
            texts_here[i].text = own;
    memcpy(agencies, fixture_agencies, sizeof agencies);
    for (size_t i = 0; name && i < COUNT_OF(agencies); i++)
        agencies[i].name = name;
    directory.agencies = agencies;
    tell(&notification,
         say_of(MESSAGE_STAGE_ENTERED, DEADLINE_ONE, STAGE_ONE, -1, "2026-12-29 17:00"));
    return compose_text_message(&composition, message);
}

static void what_has_room_is_whole(void **state)
{
    char message[TEXT_MESSAGE_SIZE];

    (void)state;
    assert_int_equal(write_text(NULL, NULL, message), TEMPLATE_OK);
    assert_non_null(strstr(message, " - ref D-2026-0192."));
    assert_non_null(strstr(message, "Answer by " BY_WHEN "."));
    assert_non_null(strstr(message, LINK));
    assert_null(strstr(message, "..."));
}

static void a_long_name_is_cut_after_a_whole_word(void **state)
{
    char message[TEXT_MESSAGE_SIZE];
    const char *role;

    (void)state;
    assert_int_equal(write_text(NULL, LONG_NAME LONG_NAME, message), TEMPLATE_CUT);
    assert_in_range(strlen(message), 600, 612);
    assert_non_null(strstr(message, " - ref D-2026-0192."));
    assert_non_null(strstr(message, "Answer by " BY_WHEN "."));
    assert_non_null(strstr(message, LINK " "));
    role = strstr(message, " of An invented office");
    assert_non_null(role);
    /* What follows is the name's beginning, up to a blank of it. */
    role += strlen(" of ");
    assert_memory_equal(role, LONG_NAME, strlen(role) - 3);
    assert_true(LONG_NAME[strlen(role) - 3] == ' ');
    assert_string_equal(message + strlen(message) - 3, "...");
}

/* Whatever a board's own text puts before them. */
static void what_must_not_be_missing_stands_first(void **state)
{
    static const char *const own[] = {
        "{{agency}} {{agency}}: {{headline}}, {{reference}}, {{answer_by_brief}}, {{acknowledge}}",
        "{{answer_by_brief}} {{acknowledge}} {{agency}} {{agency}} {{headline}} {{reference}}",
        "{{reference}} {{acknowledge}} {{agency}} {{agency}} {{headline}} {{answer_by_brief}}",
        "{{reference}} {{answer_by_brief}} {{agency}} {{agency}} {{headline}} {{acknowledge}}",
    };
    char message[TEXT_MESSAGE_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        assert_int_equal(write_text(own[i], LONG_NAME, message), TEMPLATE_CUT);
        assert_string_equal(message, "[Action] ref D-2026-0192 - " BY_WHEN " - " LINK
                                     " - Stage 1 begins...");
    }
    /* What the board does not say by text message is not said there now. */
    assert_int_equal(write_text("{{reference}}: {{agency}} {{agency}}", LONG_NAME, message),
                     TEMPLATE_CUT);
    assert_memory_equal(message, "D-2026-0192: An invented office", 31);
}

static void a_letter_more_is_one_too_many(void **state)
{
    char own[700], message[TEXT_MESSAGE_SIZE];

    (void)state;
    for (size_t over = 0; over < 2; over++) {
        size_t length = 612 - strlen("D-2026-0192") + over;

        memset(own, 'x', length);
        own[length / 2] = ' ';
        snprintf(own + length, sizeof own - length, "{{reference}}");
        own[length - 1] = ' ';
        assert_int_equal(write_text(own, NULL, message), over ? TEMPLATE_CUT : TEMPLATE_OK);
        assert_non_null(strstr(message, "D-2026-0192"));
        assert_int_equal(strstr(message, "...") != NULL, over);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_room_is_whole),
        cmocka_unit_test(a_long_name_is_cut_after_a_whole_word),
        cmocka_unit_test(what_must_not_be_missing_stands_first),
        cmocka_unit_test(a_letter_more_is_one_too_many),
    };

    return cmocka_run_group_tests_name("compose_text", tests, set_up, NULL);
}
