/* test_compose.c - what a notification reads like, by the templates that are shipped. */
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

static int set_up(void **state)
{
    (void)state;
    fixture_make_calendar();
    read_shipped_templates();
    return 0;
}

static void every_template_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < templates.count; i++) {
        struct template_fault fault;

        if (template_check(&list[i], &fault) != TEMPLATE_OK)
            fail_msg("%s:%u:%u: %s", list[i].id, fault.line, fault.column, fault.why);
    }
}

/* --- notifications, by hand */

static struct say say_of(enum message message, int deadline, int stage, int rule, const char *due)
{
    struct say say = { .message = message,
                       .deadline = deadline,
                       .stage = stage,
                       .rule = rule,
                       .due = due ? fixture_at(due) : INSTANT_NONE,
                       .because = { .kind = BECAUSE_EVENT,
                                    .event = "concernd.disagreement.raised" } };

    if (rule >= 0)
        say.words = fixture_rules[rule].words;
    else if (deadline >= 0)
        say.words = fixture_deadlines[deadline].words;
    return say;
}

static void tell(struct notification *notification, struct say say)
{
    notification->says[notification->say_count++] = say;
}

static struct notification notification_to(const char *at, int role, int party)
{
    return (struct notification){ .at = fixture_at(at),
                                  .roles = { { .role = role, .for_role = role, .party = party } },
                                  .role_count = 1 };
}

struct mail {
    char subject[SUBJECT_SIZE];
    char body[BODY_SIZE];
};

static int compose_at(const struct disagreement *disagreement,
                      const struct notification *notification, struct instant sent,
                      struct mail *mail)
{
    struct policy_view view = fixture_view();
    struct composition composition = { .view = &view,
                                       .directory = &fixture_directory,
                                       .templates = &templates,
                                       .disagreement = disagreement,
                                       .notification = notification,
                                       .notification_id = "N7Q2",
                                       .sent = sent };
    int answer = compose_subject(&composition, mail->subject);

    assert_int_equal(answer, TEMPLATE_OK);
    return compose_body(&composition, mail->body, sizeof mail->body);
}

static struct mail mail_of(const struct disagreement *disagreement,
                           const struct notification *notification)
{
    struct mail mail;

    assert_int_equal(compose_at(disagreement, notification, notification->at, &mail), TEMPLATE_OK);
    return mail;
}

/* The same text in one line, so that a phrase is found wherever its line was broken. */
static void assert_says(const struct mail *mail, const char *phrase)
{
    static char flat[BODY_SIZE];
    size_t used = 0;

    for (const char *c = mail->body; *c; c++)
        if (!(*c == '\n' || *c == ' ') || (used > 0 && flat[used - 1] != ' '))
            flat[used++] = *c == '\n' ? ' ' : *c;
    flat[used] = '\0';
    if (!strstr(flat, phrase))
        fail_msg("no \"%s\" in:\n%s", phrase, mail->body);
}

static void assert_does_not_say(const struct mail *mail, const char *phrase)
{
    if (strstr(mail->body, phrase) || strstr(mail->subject, phrase))
        fail_msg("\"%s\" in:\n%.100s\n%.800s", phrase, mail->subject, mail->body);
}

/* What is true of every mail: short lines, nothing left unfilled, no empty lines in a row. */
static void assert_is_well_made(const struct mail *mail)
{
    static const char *const left_over[] = { "{{", "}}", "\n\n\n", " .", " ,", "..", "()", "\"\"" };
    const char *line = mail->body;

    assert_null(strstr(mail->subject, "\n"));
    for (size_t i = 0; i < COUNT_OF(left_over); i++)
        assert_does_not_say(mail, left_over[i]);
    assert_true(mail->body[0] != '\n' && strlen(mail->body) > 200);
    while (*line) {
        size_t length = strcspn(line, "\n");

        if (length > 78 && memchr(line, ' ', length))
            fail_msg("a line of %zu: %.*s", length, (int)length, line);
        assert_true(length == 0 || line[length - 1] != ' ');
        assert_true(line[length] == '\n');
        line += length + 1;
    }
}

static unsigned lines_in(const struct mail *mail)
{
    unsigned count = 0;

    for (const char *c = mail->body; *c; c++)
        count += *c == '\n';
    return count;
}

/* --- the important moments */

static struct notification second_stage(int role)
{
    struct notification notification = notification_to("2026-12-29 17:00", role, 0);

    tell(&notification,
         say_of(MESSAGE_LIMIT_PASSED, DEADLINE_ONE, STAGE_ONE, -1, "2026-12-29 17:00"));
    tell(&notification,
         say_of(MESSAGE_STAGE_ENTERED, DEADLINE_TWO, STAGE_TWO, -1, "2027-01-06 17:00"));
    return notification;
}

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
      "equivalent: your agency names nobody for that role." },
    { "lead",
      { ROLE_LEAD, ROLE_HEAD, 1, STAND_IN_SAFEGUARDING_LEAD },
      "as Safeguarding lead of Cliffside Care (challenged side), for Head of Service or "
      "equivalent: "
      "nobody is named for that role, and you are the safeguarding lead." },
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
        cmocka_unit_test(rules_have_their_words),
        cmocka_unit_test(a_stand_in_knows_for_whom),
        cmocka_unit_test(nobody_there_goes_to_the_operator),
        cmocka_unit_test(a_provisional_date_and_a_challenge_are_said),
        cmocka_unit_test(every_message_in_every_shape),
        cmocka_unit_test(works_without_templates),
        cmocka_unit_test(a_procedures_own_words_go_first),
        cmocka_unit_test(a_cut_text_is_said_to_be_cut),
        cmocka_unit_test(a_value_cannot_break_a_line),
        cmocka_unit_test(works_without_a_directory),
        cmocka_unit_test(any_template_is_survived),
        cmocka_unit_test(the_page_lists_every_field),
        cmocka_unit_test(looks_good),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
