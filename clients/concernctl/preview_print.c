/* preview_print.c - prints an invented notification as its route carries it. */
#include "concernctl/preview.h"

#include "concernctl/subcommand.h"
#include "core/compose_acknowledge.h"
#include "core/compose_digest.h"
#include "core/compose_examine.h"
#include "protocol/card.h"
#include "protocol/govuk_notify.h"
#include "protocol/mail.h"
#include "protocol/outgoing.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, int error)
{
    fprintf(stderr, "concernctl preview: %s: %s\n", what, strerror(-error));
    return EXIT_NO;
}

static int print_page(const struct preview *preview)
{
    struct mail mail = { .subject = preview->subject,
                         .body = preview->body,
                         .language = compose_language(&preview->invention.composition) };
    char *page = NULL;
    FILE *file = fopen(preview->html, "we");
    int error = file ? mail_page_write(&mail, &page) : -errno;

    if (error == 0 && fputs(page, file) < 0)
        error = -EIO;
    free(page);
    if (file && fclose(file) != 0 && error == 0)
        error = -errno;
    return error ? fail(preview->html, error) : EXIT_DONE;
}

/* Indented, for people; the same members in the same order. */
static int print_json(const char *bytes)
{
    json_t *whole = json_loads(bytes, 0, NULL);

    if (!whole)
        return fail("the body", -EINVAL);
    json_dumpf(whole, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(whole);
    return EXIT_DONE;
}

static int print_body(const struct preview *preview)
{
    struct outgoing_room room;
    struct outgoing outgoing =
        outgoing_of(&preview->invention.composition, preview->subject, preview->body, &room);
    struct govuk_message message = { .outgoing = &outgoing,
                                     .to = "+447700900123",
                                     .is_text = true,
                                     .template_id = "the directory's text_template" };
    char *bytes = NULL, text[TEXT_MESSAGE_SIZE];
    int error, answer;

    if (!strcmp(preview->route, "teams"))
        error = card_write(&outgoing, &bytes);
    else if (!strcmp(preview->route, "notify-text")) {
        compose_text_message(&preview->invention.composition, text);
        outgoing.text = text;
        error = govuk_body_write(&message, &bytes);
    } else
        error = notification_body_write(&outgoing, &bytes);
    answer = error ? fail(preview->route, error) : print_json(bytes);
    free(bytes);
    return answer;
}

int preview_print(struct preview *preview)
{
    if (preview->html)
        return print_page(preview);
    if (preview->route && strcmp(preview->route, "email") != 0)
        return print_body(preview);
    printf("Subject: %s\n\n%s", preview->subject, preview->body);
    return EXIT_DONE;
}

int preview_missing(struct preview *preview)
{
    struct compose_fault fault;
    struct missing_events missing = {
        .source = "urn:invented:case-system",
        .board = "Northtown Safeguarding Board",
        .role = "Board team",
        .count = 3,
        .since = { INT64_C(1799152200) * SECOND_US }, /* 2027-01-05 12:30 UTC */
        .best_effort = true,
        .time = &preview->views[0].time,
        .templates = &preview->templates,
        .language = preview->language,
    };

    compose_missing(&missing, preview->subject, preview->body, sizeof preview->body);
    printf("Subject: %s\n\n%s", preview->subject, preview->body);
    if (compose_missing_examine(&preview->templates, preview->language, missing.time, &fault) ==
        TEMPLATE_OK)
        return EXIT_DONE;
    fprintf(stderr, "%s:%u: %s\n", fault.template->file, fault.line, fault.why);
    return EXIT_NO;
}

/* What a statement of the first procedure comes to in a digest. */
static void gist_of(struct preview *preview, size_t statement, char gist[GIST_SIZE])
{
    struct shape_source source = { .view = &preview->views[0],
                                   .templates = &preview->templates,
                                   .language = preview->language };
    struct shape plain = { { 0 } };

    invent(&source, &preview->statements[statement], &plain, &preview->invention);
    compose_gist(&preview->invention.composition, gist);
}

int preview_digest(struct preview *preview)
{
    const struct procedure *procedure = preview->views[0].procedure;
    size_t last = statements_of(procedure, preview->statements) - 1;
    char gists[2][GIST_SIZE];
    static const char link[] = "https://board.example/acknowledge/INVENTED";
    const struct words *words = templates_words(&preview->templates, preview->language);
    const char *since = words->of[WORD_SINCE_WITHDRAWN];
    const struct digest_entry entries[] = { { "D-2027-0192", gists[0], link, NULL },
                                            { "D-2027-0195", gists[0], link, since },
                                            { "D-2027-0201", gists[1], link, NULL } };
    struct digest digest = {
        .board = "Northtown Safeguarding Board",
        .entries = entries,
        .count = COUNT_OF(entries),
        .part = 1,
        .parts = 1,
        .links = DIGEST_LINKS_LISTED,
        .notification = "01K0INVENTED",
        .templates = &preview->templates,
        .language = preview->language,
    };
    bool brief = preview->route && !strcmp(preview->route, "notify-text");
    struct compose_fault fault;

    gist_of(preview, 0, gists[0]);
    gist_of(preview, last, gists[1]);
    compose_digest(&digest, brief, preview->subject, preview->body, sizeof preview->body);
    printf("Subject: %s\n\n%s", preview->subject, preview->body);
    if (compose_examine(&preview->invention.composition, &fault) == TEMPLATE_OK &&
        compose_digest_examine(&preview->templates, preview->language, &fault) == TEMPLATE_OK)
        return EXIT_DONE;
    fprintf(stderr, "%s:%u: %s\n", fault.template->file, fault.line, fault.why);
    return EXIT_NO;
}

/* A time as the page has it. */
static void invented_time(struct preview *preview, char at[SUBJECT_SIZE])
{
    struct shape_source source = { .view = &preview->views[0],
                                   .templates = &preview->templates,
                                   .language = preview->language };
    struct shape plain = { { 0 } };

    statements_of(preview->views[0].procedure, preview->statements);
    invent(&source, &preview->statements[0], &plain, &preview->invention);
    compose_phrase(&preview->invention.composition,
                   compose_acknowledge_language(&preview->templates, preview->language),
                   "{{told_at}}", at);
}

static void print_state(struct preview *preview, enum acknowledge_state state)
{
    struct acknowledge_page page = {
        .state = state,
        .seen_at = "",
        .templates = &preview->templates,
        .language = preview->language,
    };
    struct acknowledge_words words;
    char at[SUBJECT_SIZE];

    if (state == ACKNOWLEDGE_USED) {
        invented_time(preview, at);
        page.seen_at = at;
    }
    compose_acknowledge(&page, &words);
    if (preview->all)
        printf("%s=== %s\n\n", state == 0 ? "" : "\n", acknowledge_state_name(state));
    printf("Title: %s\n\n%s", words.title, words.text);
    if (words.button[0])
        printf("\n[%s]\n", words.button);
}

int preview_acknowledge(struct preview *preview)
{
    struct compose_fault fault;

    for (int state = 0; state < (preview->all ? ACKNOWLEDGE_STATES : 1); state++)
        print_state(preview, (enum acknowledge_state)state);
    if (compose_acknowledge_examine(&preview->templates, preview->language, &fault) == TEMPLATE_OK)
        return EXIT_DONE;
    fprintf(stderr, "%s:%u: %s\n", fault.template->file, fault.line, fault.why);
    return EXIT_NO;
}
