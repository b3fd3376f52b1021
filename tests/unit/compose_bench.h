/* compose_bench.h - notifications made by hand, and the mails that the shipped templates make of
 * them.
 */
#ifndef CONCERN_TESTS_COMPOSE_BENCH_H
#define CONCERN_TESTS_COMPOSE_BENCH_H

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

static inline int set_up(void **state)
{
    (void)state;
    fixture_make_calendar();
    read_shipped_templates();
    return 0;
}

/* --- notifications, by hand */

static inline struct say say_of(enum message message, int deadline, int stage, int rule,
                                const char *due)
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

static inline void tell(struct notification *notification, struct say say)
{
    notification->says[notification->say_count++] = say;
}

static inline struct notification notification_to(const char *at, int role, int party)
{
    return (struct notification){ .at = fixture_at(at),
                                  .roles = { { .role = role, .for_role = role, .party = party } },
                                  .role_count = 1 };
}

struct mail {
    char subject[SUBJECT_SIZE];
    char body[BODY_SIZE];
};

static inline int compose_at(const struct disagreement *disagreement,
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

static inline struct mail mail_of(const struct disagreement *disagreement,
                                  const struct notification *notification)
{
    struct mail mail;

    assert_int_equal(compose_at(disagreement, notification, notification->at, &mail), TEMPLATE_OK);
    return mail;
}

/* The same text in one line, so that a phrase is found wherever its line was broken. */
static inline void assert_says(const struct mail *mail, const char *phrase)
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

static inline void assert_does_not_say(const struct mail *mail, const char *phrase)
{
    if (strstr(mail->body, phrase) || strstr(mail->subject, phrase))
        fail_msg("\"%s\" in:\n%.100s\n%.800s", phrase, mail->subject, mail->body);
}

/* What is true of every mail: short lines, nothing left unfilled, no empty lines in a row. */
static inline void assert_is_well_made(const struct mail *mail)
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

static inline unsigned lines_in(const struct mail *mail)
{
    unsigned count = 0;

    for (const char *c = mail->body; *c; c++)
        count += *c == '\n';
    return count;
}

static inline struct notification second_stage(int role)
{
    struct notification notification = notification_to("2026-12-29 17:00", role, 0);

    tell(&notification,
         say_of(MESSAGE_LIMIT_PASSED, DEADLINE_ONE, STAGE_ONE, -1, "2026-12-29 17:00"));
    tell(&notification,
         say_of(MESSAGE_STAGE_ENTERED, DEADLINE_TWO, STAGE_TWO, -1, "2027-01-06 17:00"));
    return notification;
}

#endif
