/* test_compose.c - what a notification reads like, by the templates that are shipped. */
#include "compose_bench.h"

static void every_template_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < templates.count; i++) {
        struct template_fault fault;

        if (template_check(&list[i], &fault) != TEMPLATE_OK)
            fail_msg("%s:%u:%u: %s", list[i].id, fault.line, fault.column, fault.why);
    }
}

/* --- the important moments */

static void a_stage_begins(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = notification_to("2026-12-29 17:00", ROLE_HEAD, 0);
    struct mail mail;

    (void)state;
    tell(&notification,
         say_of(MESSAGE_STAGE_ENTERED, DEADLINE_TWO, STAGE_TWO, -1, "2027-01-06 17:00"));
    mail = mail_of(&disagreement, &notification);
    assert_string_equal(mail.subject, "[Action] Stage 2 begins - ref D-2026-0192 - "
                                      "answer by 17:00 Wed 6 January 2027");
    assert_is_well_made(&mail);
    assert_says(&mail, "Stage 2 of 3 began at 17:00 on Tuesday 29 December 2026.");
    assert_says(&mail, "BY WHEN: 17:00 on Wednesday 6 January 2027.");
    assert_says(&mail, "\"Each stage should be completed within 5 working days\"");
    /* The other agency has no head of service: its officer stands in, and may be named. */
    assert_says(&mail, "Your opposite number: Designated safeguarding officer, Cliffside Care "
                       "(Cora Cliffside).");
    assert_says(&mail, "- 17:00 on Wednesday 6 January 2027: Strategic Head of Service or Director "
                       "(Harbour Housing, Cliffside Care)");
    assert_says(&mail, "- 17:00 on Wednesday 13 January 2027: Board Team");
    assert_says(&mail, "You receive this as Head of Service or equivalent of Harbour Housing "
                       "(challenging side).");
    assert_says(&mail, "Reference D-2026-0192, case 7F3K-0192");
    assert_says(&mail, "message N7Q2");
    assert_says(&mail, "Do not reply with personal details.");
    assert_does_not_say(&mail, "You have");
    assert_true(lines_in(&mail) <= 26);
}

static void those_before_know_it_left_them(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_MANAGER);
    struct mail mail = mail_of(&disagreement, &notification);

    (void)state;
    assert_string_equal(mail.subject, "[Information] Stage 1: limit passed - ref D-2026-0192");
    assert_is_well_made(&mail);
    assert_says(&mail, "The limit of Stage 1 passed at 17:00 on Tuesday 29 December 2026");
    assert_says(&mail, "It is now with: Head of Service or equivalent (Harbour Housing); "
                       "Designated safeguarding officer (Cliffside Care).");
    assert_says(&mail, "It is due by 17:00 on Wednesday 6 January 2027.");
    assert_says(&mail, "Nothing is asked of you");
    assert_does_not_say(&mail, "WHAT TO DO");
    assert_does_not_say(&mail, "BY WHEN");
}

static void one_person_may_hold_both(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_MANAGER);
    struct mail mail;

    (void)state;
    notification.roles[notification.role_count++] =
        (struct recipient_role){ .role = ROLE_HEAD, .for_role = ROLE_HEAD, .party = 0 };
    mail = mail_of(&disagreement, &notification);
    assert_is_well_made(&mail);
    assert_true(strncmp(mail.subject, "[Action] Stage 2 begins", 23) == 0);
    assert_says(&mail, "Also as: Head of Service or equivalent.");
    /* What ended stands before what begins. */
    assert_true(strstr(mail.body, "The limit of Stage 1") <
                strstr(mail.body, "Stage 2 of 3 began"));
}

static void the_last_stage_and_the_cap_pass_at_once(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_THREE);
    struct notification notification = notification_to("2027-01-13 17:00", ROLE_DIRECTOR, 1);
    struct mail mail;

    (void)state;
    disagreement.running[DEADLINE_THREE].state = RUNNING_PASSED;
    disagreement.running[DEADLINE_OVERALL].state = RUNNING_PASSED;
    tell(&notification,
         say_of(MESSAGE_LIMIT_PASSED, DEADLINE_THREE, STAGE_THREE, -1, "2027-01-13 17:00"));
    tell(&notification,
         say_of(MESSAGE_LIMIT_PASSED, DEADLINE_OVERALL, STAGE_THREE, -1, "2027-01-13 17:00"));
    mail = mail_of(&disagreement, &notification);
    assert_is_well_made(&mail);
    assert_string_equal(mail.subject, "[Action] Stage 3: limit passed - ref D-2026-0192");
    assert_says(&mail, "The limit of Stage 3 passed at 17:00 on Wednesday 13 January 2027, and no "
                       "outcome is recorded.");
    assert_says(&mail, "The limit \"Overall limit\" passed at the same time.");
    assert_says(&mail, "nobody further: this is the last stage of the procedure.");
    assert_says(&mail,
                "Your opposite number: Strategic Head of Service or Director, Harbour Housing.");
    assert_does_not_say(&mail, "Hester"); /* not shareable */
}

static const struct {
    const char *name, *at, *due, *phrase;
} spans[] = {
    { "one minute", "2027-02-12 16:59", "2027-02-12 17:00", "You have 1 minute." },
    { "two minutes", "2027-02-12 16:58", "2027-02-12 17:00", "You have 2 minutes." },
    { "seconds", "2027-02-12 16:59:30", "2027-02-12 17:00", "You have less than 1 minute." },
    { "hours", "2027-02-12 13:40", "2027-02-12 17:00", "You have 3 hours 20 minutes." },
    { "a day", "2027-02-12 16:00", "2027-02-13 16:00",
      "You have 24 hours. That is outside office" },
    { "in the night", "2027-02-10 23:30", "2027-02-11 01:30", "outside office hours" },
    { "at the close", "2027-02-10 16:00", "2027-02-10 17:00", "BY WHEN: 17:00 on" },
    { "midnight", "2027-02-10 16:00", "2027-02-11 00:00",
      "BY WHEN: midnight at the end of Wednesday 10 February 2027. You have 8 hours." },
    { "a leap of the clock", "2027-03-27 13:30", "2027-03-28 14:30",
      "BY WHEN: 14:30 on Sunday 28 March 2027. You have 24 hours." },
    { "the hour that comes twice", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z",
      "BY WHEN: 01:30 (UTC+00:00) on Sunday 31 October 2027. You have 1 hour." },
};

static void says_how_long_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        struct disagreement disagreement = fixture_disagreement(STAGE_ONE);
        struct notification notification = notification_to(spans[i].at, ROLE_MANAGER, 0);
        struct mail mail;

        print_message("  %s\n", spans[i].name);
        tell(&notification,
             say_of(MESSAGE_STAGE_ENTERED, DEADLINE_ONE, STAGE_ONE, -1, spans[i].due));
        mail = mail_of(&disagreement, &notification);
        assert_is_well_made(&mail);
        assert_says(&mail, spans[i].phrase);
    }
}

static void a_late_one_says_both_times(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct mail mail;

    (void)state;
    compose_at(&disagreement, &notification, fixture_at("2026-12-29 17:01"), &mail);
    assert_does_not_say(&mail, "LATE");
    compose_at(&disagreement, &notification, fixture_at("2026-12-30 08:15"), &mail);
    assert_is_well_made(&mail);
    assert_says(&mail,
                "THIS MESSAGE IS LATE. It was due at 17:00 on Tuesday 29 December 2026 and was "
                "sent at 08:15 on Wednesday 30 December 2026.");
    compose_at(&disagreement, &notification, INSTANT_NONE, &mail);
    assert_is_well_made(&mail);
    assert_does_not_say(&mail, "LATE");
}

static void an_overtaken_date_is_not_called_ahead(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_ONE);
    struct notification notification = notification_to("2027-02-12 16:59", ROLE_MANAGER, 0);
    struct mail mail;

    (void)state;
    tell(&notification,
         say_of(MESSAGE_STAGE_ENTERED, DEADLINE_ONE, STAGE_ONE, -1, "2027-02-12 17:00"));
    compose_at(&disagreement, &notification, fixture_at("2027-02-12 17:10"), &mail);
    assert_is_well_made(&mail);
    assert_says(&mail, "THIS MESSAGE IS LATE.");
    assert_says(&mail, "That time has passed already");
    assert_does_not_say(&mail, "You have");
}

static void the_board_is_only_informed(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_THREE);
    struct notification notification = notification_to("2027-01-06 17:00", ROLE_TEAM, PARTY_BOARD);
    struct mail mail;

    (void)state;
    tell(&notification, say_of(MESSAGE_RULE, -1, STAGE_THREE, RULE_SENIOR, NULL));
    mail = mail_of(&disagreement, &notification);
    assert_is_well_made(&mail);
    assert_string_equal(mail.subject,
                        "[Information] Senior officers are involved (Stage 3) - ref D-2026-0192");
    assert_says(&mail, "\"the Board Team must be made aware of this\"");
    assert_says(&mail, "Nothing is asked of you");
    assert_says(&mail, "You receive this as Board Team of Coast Safeguarding Board (board).");
    assert_does_not_say(&mail, "WHAT TO DO");
    assert_does_not_say(&mail, "Clive");
}

/* Whoever raises may call an agency anything: what the directory does not list is not repeated. */
static void an_unlisted_agency_is_not_called_by_its_id(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_ONE);
    struct notification notification = notification_to("2026-12-18 16:59", ROLE_MANAGER, 0);
    struct mail mail;

    (void)state;
    snprintf(disagreement.parties[1], sizeof disagreement.parties[1], "Zebedee.Quillfeather");
    tell(&notification,
         say_of(MESSAGE_STAGE_ENTERED, DEADLINE_ONE, STAGE_ONE, -1, "2026-12-29 17:00"));
    mail = mail_of(&disagreement, &notification);
    assert_is_well_made(&mail);
    assert_says(&mail, "an agency that the directory does not list");
    assert_does_not_say(&mail, "Zebedee");
    snprintf(disagreement.board, sizeof disagreement.board, "Quillfeather");
    notification.roles[0].party = PARTY_BOARD;
    notification.roles[0].role = notification.roles[0].for_role = ROLE_TEAM;
    mail = mail_of(&disagreement, &notification);
    assert_does_not_say(&mail, "Quillfeather");
}

static const struct {
    const char *name;
    int rule, role, party;
    const char *subject, *phrases[4];
} rule_rows[] = {
    { "invoked",
      RULE_INVOKED,
      ROLE_LEAD,
      1,
      "[Action] The protocol has been invoked",
      { "Harbour Housing has invoked the procedure for resolving professional disagreements with "
        "Cliffside Care",
        "formally communicate that this protocol" } },
    { "immediate",
      RULE_ACTION,
      ROLE_PRACTITIONER,
      0,
      "[Immediate] Life threatening risk - act now",
      { "IMMEDIATE: Life threatening risk - act now. A LIFE THREATENING RISK has been recorded",
        "Act now, with every agency concerned, to reduce the risk of harm",
        "The stage does not change", "immediate action to reduce the risk of harm" } },
    { "board, life threatening",
      RULE_BOARD_LIFE,
      ROLE_TEAM,
      PARTY_BOARD,
      "[Immediate] Life threatening risk, an agency is not involved",
      { "maintains that it will not be involved", "at the earliest opportunity" } },
    { "fast track, its three statements",
      RULE_HEADS_UP,
      ROLE_HEAD,
      1,
      "[Urgent] A speedy response is needed at Stage 1",
      { "There is a disagreement between", "A speedy response from them is required to safeguard",
        "you will be contacted to help progress the disagreement further" } },
    { "a rule of its own",
      RULE_OWN,
      ROLE_LEAD,
      0,
      "[Information] Share learning",
      { "\"learning points should be referred to the Board\"", "It says:" } },
};

static void rules_have_their_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rule_rows); i++) {
        struct disagreement disagreement = fixture_disagreement(STAGE_ONE);
        struct notification notification =
            notification_to("2026-12-21 22:00", rule_rows[i].role, rule_rows[i].party);
        struct mail mail;

        print_message("  %s\n", rule_rows[i].name);
        notification.priority = fixture_rules[rule_rows[i].rule].priority;
        tell(&notification, say_of(MESSAGE_RULE, -1, STAGE_ONE, rule_rows[i].rule, NULL));
        mail = mail_of(&disagreement, &notification);
        assert_is_well_made(&mail);
        if (strncmp(mail.subject, rule_rows[i].subject, strlen(rule_rows[i].subject)) != 0)
            fail_msg("%s", mail.subject);
        for (size_t j = 0; j < 4 && rule_rows[i].phrases[j]; j++)
            assert_says(&mail, rule_rows[i].phrases[j]);
    }
}

static const struct {
    const char *name;
    struct recipient_role role;
    const char *phrase;
} stand_ins[] = {
    { "deputy",
      { ROLE_HEAD, ROLE_HEAD, 0, STAND_IN_DEPUTY },
      "for Head of Service or equivalent: you are the deputy for it." },
    { "or else",
      { ROLE_OFFICER, ROLE_HEAD, 1, STAND_IN_OR_ELSE },
      "as Designated safeguarding officer of Cliffside Care (challenged side), for Head of Service "
      "or "
      "equivalent: your agency has nobody there for that role." },
    { "lead",
      { ROLE_LEAD, ROLE_HEAD, 1, STAND_IN_SAFEGUARDING_LEAD },
      "as Safeguarding lead of Cliffside Care (challenged side), for Head of Service or "
      "equivalent: "
      "nobody is there for that role, and you are the safeguarding lead." },
    { "via",
      { ROLE_TEAM, ROLE_CHAIR, PARTY_BOARD, STAND_IN_VIA },
      "For the attention of: Board Chair." },
    { "for its kind",
      { ROLE_LEAD, ROLE_HEAD, 1, STAND_IN_FOR_KIND },
      "the procedure names this role for agencies of your kind." },
};

static void a_stand_in_knows_for_whom(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stand_ins); i++) {
        struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
        struct notification notification = second_stage(ROLE_HEAD);
        struct mail mail;

        print_message("  %s\n", stand_ins[i].name);
        notification.roles[0] = stand_ins[i].role;
        mail = mail_of(&disagreement, &notification);
        assert_is_well_made(&mail);
        assert_says(&mail, stand_ins[i].phrase);
    }
}

static void nobody_there_goes_to_the_operator(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct mail mail;

    (void)state;
    notification.to_operator = true;
    notification.roles[0] = (struct recipient_role){ ROLE_HEAD, ROLE_HEAD, 1, STAND_IN_OPERATOR };
    mail = mail_of(&disagreement, &notification);
    assert_is_well_made(&mail);
    assert_says(&mail,
                "Nobody is named in the directory for the role Head of Service or equivalent of "
                "Cliffside Care");
    assert_does_not_say(&mail, "Your opposite number");
    assert_does_not_say(&mail, "You receive this as");
}

static void a_provisional_date_and_a_challenge_are_said(void **state)
{
    struct disagreement disagreement = fixture_disagreement(STAGE_TWO);
    struct notification notification = second_stage(ROLE_HEAD);
    struct mail mail;

    (void)state;
    notification.says[1].provisional = true;
    disagreement_set_fact(&disagreement, "formal_challenge", "yes");
    snprintf(disagreement.link, sizeof disagreement.link,
             "https://records.housing.example/r/7F3K-0192");
    mail = mail_of(&disagreement, &notification);
    assert_is_well_made(&mail);
    assert_says(&mail, "(provisional: bank holidays for that time are not published yet)");
    assert_says(&mail, "A formal challenge has been lodged");
    assert_says(&mail, "The record: https://records.housing.example/r/7F3K-0192");
    disagreement_set_fact(&disagreement, "formal_challenge", "no");
    mail = mail_of(&disagreement, &notification);
    assert_does_not_say(&mail, "formal challenge");
}

/* --- three whole mails, to be looked at */

static void show(const char *what, const struct mail *mail)
{
    print_message("\n===== %s\nSubject: %s\n\n", what, mail->subject);
    /* cmocka cuts what is long. */
    for (const char *line = mail->body; *line; line += strcspn(line, "\n") + 1)
        print_message("%.*s\n", (int)strcspn(line, "\n"), line);
}

static void looks_good(void **state)
{
    struct disagreement two = fixture_disagreement(STAGE_TWO),
                        three = fixture_disagreement(STAGE_THREE);
    struct disagreement one = fixture_disagreement(STAGE_ONE);
    struct notification head = second_stage(ROLE_HEAD);
    struct notification raised = notification_to("2026-12-18 16:59", ROLE_MANAGER, 1);
    struct notification directors = notification_to("2027-01-06 17:00", ROLE_DIRECTOR, 1);
    struct notification last = notification_to("2027-01-13 17:00", ROLE_DIRECTOR, 0);
    struct notification board = notification_to("2027-01-06 17:00", ROLE_TEAM, PARTY_BOARD);
    struct mail mail;

    (void)state;
    mail = mail_of(&two, &head);
    show("stage 1 passed, stage 2 begins: to its handler", &mail);
    tell(&raised, say_of(MESSAGE_STAGE_ENTERED, DEADLINE_ONE, STAGE_ONE, -1, "2026-12-29 17:00"));
    tell(&raised,
         say_of(MESSAGE_DEADLINE_STARTED, DEADLINE_OVERALL, STAGE_ONE, -1, "2027-01-13 17:00"));
    mail = mail_of(&one, &raised);
    show("raised: to the challenged line manager", &mail);
    tell(&directors, say_of(MESSAGE_INTENTION_TO_ESCALATE, -1, STAGE_THREE, -1, NULL));
    tell(&directors,
         say_of(MESSAGE_STAGE_ENTERED, DEADLINE_THREE, STAGE_THREE, -1, "2027-01-13 17:00"));
    mail = mail_of(&three, &directors);
    show("the intention and the senior stage at once: to the challenged director", &mail);
    three.running[DEADLINE_THREE].state = three.running[DEADLINE_OVERALL].state = RUNNING_PASSED;
    tell(&last, say_of(MESSAGE_LIMIT_PASSED, DEADLINE_THREE, STAGE_THREE, -1, "2027-01-13 17:00"));
    tell(&last,
         say_of(MESSAGE_LIMIT_PASSED, DEADLINE_OVERALL, STAGE_THREE, -1, "2027-01-13 17:00"));
    mail = mail_of(&three, &last);
    show("the last stage and the overall limit at once", &mail);
    three = fixture_disagreement(STAGE_THREE);
    tell(&board, say_of(MESSAGE_RULE, -1, STAGE_THREE, RULE_SENIOR, NULL));
    mail = mail_of(&three, &board);
    show("the board is made aware", &mail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_template_is_sound),
        cmocka_unit_test(a_stage_begins),
        cmocka_unit_test(those_before_know_it_left_them),
        cmocka_unit_test(one_person_may_hold_both),
        cmocka_unit_test(the_last_stage_and_the_cap_pass_at_once),
        cmocka_unit_test(says_how_long_is_left),
        cmocka_unit_test(a_late_one_says_both_times),
        cmocka_unit_test(an_overtaken_date_is_not_called_ahead),
        cmocka_unit_test(the_board_is_only_informed),
        cmocka_unit_test(an_unlisted_agency_is_not_called_by_its_id),
        cmocka_unit_test(rules_have_their_words),
        cmocka_unit_test(a_stand_in_knows_for_whom),
        cmocka_unit_test(nobody_there_goes_to_the_operator),
        cmocka_unit_test(a_provisional_date_and_a_challenge_are_said),
        cmocka_unit_test(looks_good),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
