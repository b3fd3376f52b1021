/* test_compose_shapes.c - whatever is told and by whatever template, a notification is a whole
 * text. */
#include "compose_bench.h"

/* --- every message in every shape */

/* One bit each, so that all of their combinations are tried. */
enum {
    WITH_DUE = 1,
    PAST_DUE = 2,
    PROVISIONAL = 4,
    WITH_WORDS = 8,
    LATE = 16,
    CHALLENGE = 32,
    COALESCED = 64,
    TO_OPERATOR = 128,
    NO_STAGE = 256,
    SHAPES = 512
};

static const char canary[] = "Xanthippe";

/* Everything an event's free text could have been put into. */
static void plant(struct disagreement *disagreement, struct notification *notification)
{
    for (size_t i = 0; i < notification->say_count; i++)
        snprintf(notification->says[i].because.event, sizeof notification->says[i].because.event,
                 "concernd.%s", canary);
    snprintf(disagreement->category, sizeof disagreement->category, "%s", canary);
    snprintf(notification->address, sizeof notification->address, "%s@housing.example", canary);
    disagreement_set_fact(disagreement, "risk", canary);
    disagreement_set_fact(disagreement, canary, "yes");
    for (unsigned i = 0; i < 2; i++) {
        struct event_person *named = &disagreement->people[disagreement->people_count++];

        snprintf(named->agency, sizeof named->agency, "%s", fixture_agencies[i].id);
        snprintf(named->role, sizeof named->role, "%s", i ? "head_of_service" : "line_manager");
        snprintf(named->email, sizeof named->email, "%s@housing.example", canary);
    }
}

static struct notification shaped(enum message message, unsigned shape)
{
    bool past = shape & PAST_DUE;
    struct notification notification =
        notification_to("2027-01-06 17:00", ROLE_HEAD, (int)(shape & 1));
    const char *due = shape & WITH_DUE ? past ? "2027-01-06 17:00" : "2027-01-13 17:00" : NULL;
    bool rule = message == MESSAGE_RULE;
    struct say say = say_of(message, rule ? -1 : DEADLINE_TWO, shape & NO_STAGE ? -1 : STAGE_TWO,
                            rule ? (int)(shape % COUNT_OF(fixture_rules)) : -1, due);

    say.provisional = shape & PROVISIONAL;
    if (!(shape & WITH_WORDS))
        say.words = NULL;
    if (shape & COALESCED && message > MESSAGE_LIMIT_PASSED)
        tell(&notification,
             say_of(MESSAGE_LIMIT_PASSED, DEADLINE_ONE, STAGE_ONE, -1, "2027-01-06 17:00"));
    tell(&notification, say);
    if (shape & COALESCED && message < MESSAGE_RULE)
        tell(&notification, say_of(MESSAGE_RULE, -1, STAGE_TWO, RULE_ACTION, NULL));
    notification.to_operator = shape & TO_OPERATOR;
    if (notification.to_operator)
        notification.roles[0].stand_in = STAND_IN_OPERATOR;
    return notification;
}

static void every_message_in_every_shape(void **state)
{
    (void)state;
    for (int message = 0; message < MESSAGE_COUNT; message++)
        for (unsigned shape = 0; shape < SHAPES; shape++) {
            struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
            struct notification notification = shaped((enum message)message, shape);
            struct instant sent = notification.at;
            struct mail mail;

            plant(&disagreement, &notification);
            if (message <= MESSAGE_LAPSED && message != MESSAGE_LIMIT_PASSED)
                disagreement.state = DISAGREEMENT_RESOLVED;
            if (shape & CHALLENGE)
                disagreement_set_fact(&disagreement, "formal_challenge", "yes");
            if (shape & LATE)
                sent.us += 3 * HOUR_US;
            assert_int_equal(compose_at(&disagreement, &notification, sent, &mail), TEMPLATE_OK);
            assert_is_well_made(&mail);
            assert_does_not_say(&mail, canary);
            assert_does_not_say(&mail, "Hester");
            assert_says(&mail, "D-2026-0192");
        }
}

/* --- what must work without its templates, or without room */

static void works_without_templates(void **state)
{
    static const struct template_text empty[] = {
        { .id = "stage_entered",
          .file = "stage_entered.txt",
          .text = "{{#happened}}{{/happened}}" },
    };
    struct templates few = { .list = empty, .count = COUNT_OF(empty) }, kept = templates;
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct mail mail;

    (void)state;
    templates = few;
    mail = mail_of(&disagreement, &notification);
    templates = kept;
    assert_is_well_made(&mail);
    assert_says(&mail, "D-2026-0192");
    assert_says(&mail, "due 17:00 on Wednesday 6 January 2027");
    assert_does_not_say(&mail, "{{");
}

static void a_procedures_own_words_go_first(void **state)
{
    static const struct template_text own[] = {
        { .id = "mail", .file = "mail.txt", .text = "{{#says}}{{happened}}\n\n{{/says}}" },
        { .id = "share_learning", .file = "", .text = "{{#happened}}Own words.{{/happened}}" },
        { .id = "rule", .file = "", .text = "{{#happened}}General words.{{/happened}}" },
        { .id = "stage_entered", .file = "", .text = "{{#happened}}General stage.{{/happened}}" },
        { .id = "limit_passed", .file = "", .text = "{{#happened}}General limit.{{/happened}}" },
        { .id = "own_stage",
          .file = "",
          .text = "{{#happened}}{{#stage_entered}}Own stage.{{/stage_entered}}{{/happened}}" },
    };
    struct templates few = { .list = own, .count = COUNT_OF(own) }, kept = templates;
    struct deadline deadlines[COUNT_OF(fixture_deadlines)];
    struct procedure procedure = fixture_procedure;
    struct policy_view view = fixture_view();
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct composition composition = { .view = &view,
                                       .templates = &few,
                                       .disagreement = &disagreement,
                                       .notification = &notification,
                                       .sent = INSTANT_NONE };
    char body[1000];

    (void)state;
    (void)kept;
    memcpy(deadlines, fixture_deadlines, sizeof deadlines);
    deadlines[DEADLINE_ONE].message = deadlines[DEADLINE_TWO].message = "own_stage";
    procedure.deadlines = deadlines;
    view.procedure = &procedure;
    tell(&notification, say_of(MESSAGE_RULE, -1, STAGE_TWO, RULE_OWN, NULL));
    tell(&notification, say_of(MESSAGE_RULE, -1, STAGE_TWO, RULE_SENIOR, NULL));
    assert_int_equal(compose_body(&composition, body, sizeof body), TEMPLATE_OK);
    assert_string_equal(body, "General limit.\n\nOwn stage.\n\nOwn words.\n\nGeneral words.\n");
}

static void a_cut_text_is_said_to_be_cut(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct policy_view view = fixture_view();
    struct procedure procedure = fixture_procedure;
    struct deadline deadlines[COUNT_OF(fixture_deadlines)];
    struct composition composition = { .view = &view,
                                       .templates = &templates,
                                       .disagreement = &disagreement,
                                       .notification = &notification,
                                       .sent = INSTANT_NONE };
    char title[600], subject[SUBJECT_SIZE], body[300];

    (void)state;
    assert_int_equal(compose_body(&composition, body, sizeof body), TEMPLATE_CUT);
    assert_int_equal(strlen(body), sizeof body - 1);
    memset(title, 'x', sizeof title);
    title[sizeof title - 1] = '\0';
    memcpy(deadlines, fixture_deadlines, sizeof deadlines);
    deadlines[DEADLINE_TWO].title = title;
    procedure.deadlines = deadlines;
    view.procedure = &procedure;
    assert_int_equal(compose_subject(&composition, subject), TEMPLATE_CUT);
    assert_int_equal(strlen(subject), SUBJECT_SIZE - 1);
}

static void a_value_cannot_break_a_line(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct mail mail;

    (void)state;
    snprintf(disagreement.reference, sizeof disagreement.reference,
             "D1\r\nBcc: all@housing.example");
    mail = mail_of(&disagreement, &notification);
    assert_null(strchr(mail.subject, '\n'));
    assert_null(strchr(mail.subject, '\r'));
    assert_null(strstr(mail.body, "\nBcc"));
}

static void works_without_a_directory(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct policy_view view = fixture_view();
    struct composition composition = { .view = &view,
                                       .templates = &templates,
                                       .disagreement = &disagreement,
                                       .notification = &notification,
                                       .sent = INSTANT_NONE };
    struct mail mail;

    (void)state;
    assert_int_equal(compose_body(&composition, mail.body, sizeof mail.body), TEMPLATE_OK);
    compose_subject(&composition, mail.subject);
    assert_says(&mail, "Your opposite number: Head of Service or equivalent, care.");
}

/* --- any template at all, over the real fields */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void random_template(uint32_t *seed, char *template, size_t size)
{
    static const char *const marks[] = { "", "#", "^", "/" };
    struct text text = text_over(template, size);
    unsigned count = next_random(seed) % 30, fields = 0;

    while (template_field_name(fields))
        fields++;
    for (unsigned i = 0; i < count; i++)
        text_addf(&text, "{{%s%s}} a\n", marks[next_random(seed) % COUNT_OF(marks)],
                  template_field_name(next_random(seed) % fields));
}

static void any_template_is_survived(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct policy_view view = fixture_view();
    char frame[2000], message[2000], part[2100];
    struct template_text random[] = { { .id = "mail", .file = "", .text = frame },
                                      { .id = "subject", .file = "", .text = message },
                                      { .id = "stage_entered", .file = "", .text = part } };
    struct templates few = { .list = random, .count = COUNT_OF(random) };
    struct composition composition = { .view = &view,
                                       .directory = &fixture_directory,
                                       .templates = &few,
                                       .disagreement = &disagreement,
                                       .notification = &notification,
                                       .sent = INSTANT_NONE };
    uint32_t seed = 17;

    (void)state;
    plant(&disagreement, &notification);
    for (unsigned round = 0; round < 2000; round++) {
        char subject[SUBJECT_SIZE], body[3000];

        random_template(&seed, frame, sizeof frame);
        random_template(&seed, message, sizeof message);
        snprintf(part, sizeof part, "{{#happened}}%s{{/happened}}", message);
        compose_subject(&composition, subject);
        compose_body(&composition, body, 1 + next_random(&seed) % (sizeof body - 1));
        assert_null(strstr(subject, canary));
        assert_null(strstr(body, canary));
        assert_null(strchr(subject, '\n'));
    }
}

/* --- the page for whoever words a template */

static void the_page_lists_every_field(void **state)
{
    static char page[40000];
    FILE *file = fopen(CONCERN_SOURCE_DIR "/config/templates/README.md", "rb");
    size_t length, rows = 0, fields = 0;
    char *others;

    (void)state;
    assert_non_null(file);
    length = fread(page, 1, sizeof page - 1, file);
    page[length] = '\0';
    fclose(file);
    others = strstr(page, "### of `events_missing.txt`"); /* has fields of its own */
    assert_non_null(others);
    *others = '\0';
    for (; template_field_name(fields); fields++) {
        char row[100];

        snprintf(row, sizeof row, "\n| `%s` |", template_field_name(fields));
        if (!strstr(page, row))
            fail_msg("no row for %s", template_field_name(fields));
    }
    for (const char *row = strstr(page, "\n| `"); row; row = strstr(row + 1, "\n| `"))
        rows++;
    assert_int_equal(rows, fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_in_every_shape),
        cmocka_unit_test(works_without_templates),
        cmocka_unit_test(a_procedures_own_words_go_first),
        cmocka_unit_test(a_cut_text_is_said_to_be_cut),
        cmocka_unit_test(a_value_cannot_break_a_line),
        cmocka_unit_test(works_without_a_directory),
        cmocka_unit_test(any_template_is_survived),
        cmocka_unit_test(the_page_lists_every_field),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
