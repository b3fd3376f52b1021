/* render.c - a notification becomes the bytes that one route carries. */
#include "io/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/calendar_files.h"
#include "io/digest.h"
#include "io/journal.h"
#include "protocol/card.h"
#include "protocol/govuk_notify.h"
#include "protocol/mail.h"
#include "protocol/outgoing.h"

struct text_of_it {
    char subject[SUBJECT_SIZE];
    char body[BODY_SIZE];
};

static int refuse(const struct rendering *rendering, const char *why)
{
    journal_error(JOURNAL({ "DISAGREEMENT", rendering->composition->disagreement->reference },
                          { "NOTIFICATION", rendering->composition->notification_id }),
                  "a notification cannot be written: %s", why);
    return RENDER_REFUSED;
}

static const char *domain_of(const struct rendering *rendering)
{
    const char *at = strrchr(rendering->mail_from, '@');

    if (rendering->domain && rendering->domain[0])
        return rendering->domain;
    return at ? at + 1 : "";
}

/* All mails of a disagreement answer one that was never sent, and so stand together in every
 * reader's folder, whichever of them he got first.  A digest, because a reference may hold what a
 * Message-ID may not. */
static int write_root(const struct disagreement *disagreement, const char *domain,
                      char id[MAIL_MESSAGE_ID_SIZE])
{
    char of[2 * ID_MAX + 2], root[DIGEST_NAME_SIZE], from[sizeof "c@" + ADDRESS_MAX];

    (void)snprintf(of, sizeof of, "%s\n%s", disagreement->board, disagreement->reference);
    (void)snprintf(from, sizeof from, "c@%s", domain);
    if (digest_name(of, root) < 0)
        return -EIO;
    return mail_message_id(root, from, id);
}

static int render_mail(const struct rendering *rendering, const char *to,
                       const struct text_of_it *text, char **bytes, size_t *size)
{
    const struct composition *composition = rendering->composition;
    CLEANUP(calendar_files_free) struct calendar_files calendar = { .count = 0 };
    const struct calendar_source source = { .entries = rendering->entries,
                                            .count = rendering->entry_count,
                                            .organizer = rendering->mail_from,
                                            .domain = domain_of(rendering),
                                            .sent = composition->sent };
    const char *delivery =
        rendering->delivery_id ? rendering->delivery_id : composition->notification_id;
    char message_id[MAIL_MESSAGE_ID_SIZE], root[MAIL_MESSAGE_ID_SIZE];
    char bounce[RETURN_PATH_TOKEN_SIZE];
    struct mail mail = {
        .from = rendering->mail_from,
        .to = to,
        .subject = text->subject,
        .delivery = delivery,
        .message_id = message_id,
        .reference = composition->disagreement->reference,
        .date = composition->sent,
        .important = composition->notification->priority != PRIORITY_NORMAL,
        .body = text->body,
        .page = true,
        .language = compose_language(composition),
        .button = composition->acknowledge,
    };
    int answer;

    if (mail_message_id(delivery, rendering->mail_from, message_id) != MAIL_OK)
        return refuse(rendering, "the sender's address is not safe (set mail.from)");
    if (rendering->bounce_key && return_path_token(rendering->bounce_key, delivery, bounce) == 0)
        mail.bounce = bounce;
    if (write_root(composition->disagreement, domain_of(rendering), root) == MAIL_OK)
        mail.in_reply_to = root;
    /* Nobody misses a notification because its calendar entry could not be made. */
    if (calendar_files_write(&source, &calendar) == 0) {
        mail.attachments = calendar.files;
        mail.attachment_count = calendar.count;
    } else {
        journal_error(JOURNAL({ "NOTIFICATION", composition->notification_id }),
                      "a calendar entry could not be written; the notification goes without it");
    }
    answer = mail_write(&mail, bytes, size);
    if (answer == MAIL_UNSAFE)
        return refuse(rendering, "its address or subject does not pass the gate");
    if (answer == MAIL_TOO_LONG)
        return refuse(rendering, "its text is too long");
    return answer;
}

static int write_notify(const struct rendering *rendering, const struct outgoing *outgoing,
                        enum route_kind kind, const char *to, char **bytes)
{
    const struct directory *directory = rendering->composition->directory;
    /* Notify is asked for the delivery before it is sent again. */
    struct outgoing delivery = *outgoing;
    struct govuk_message message = {
        .outgoing = &delivery,
        .to = to,
        .is_text = kind == ROUTE_NOTIFY_TEXT,
        .template_id = !directory                  ? NULL
                       : kind == ROUTE_NOTIFY_TEXT ? directory->notify_text_template
                                                   : directory->notify_email_template,
    };

    if (rendering->delivery_id)
        delivery.id = rendering->delivery_id;
    return message.template_id ? govuk_body_write(&message, bytes) : -EINVAL;
}

static int render_body(const struct rendering *rendering, enum route_kind kind, const char *to,
                       const struct text_of_it *text, char **bytes, size_t *size)
{
    struct outgoing_room room;
    struct outgoing outgoing =
        outgoing_of(rendering->composition, text->subject, text->body, &room);
    int error;

    switch (kind) {
    case ROUTE_TEAMS:
        error = card_write(&outgoing, bytes);
        break;
    case ROUTE_NOTIFY_EMAIL:
    case ROUTE_NOTIFY_TEXT:
        error = write_notify(rendering, &outgoing, kind, to, bytes);
        break;
    case ROUTE_WEBHOOK:
    case ROUTE_EMAIL:
    case ROUTE_COUNT:
    default:
        error = notification_body_write(&outgoing, bytes);
    }
    if (error < 0)
        return refuse(rendering, "its body is no UTF-8, lacks a reference or has no template");
    *size = strlen(*bytes);
    return RENDERED;
}

int render_delivery(const struct rendering *rendering, enum route_kind kind, const char *to,
                    char **bytes, size_t *size)
{
    struct text_of_it *text = malloc(sizeof *text);
    struct composition words = *rendering->composition;
    int answer;

    if (!text)
        return journal_fail(-ENOMEM, "cannot allocate a notification's text");
    if (kind == ROUTE_TEAMS)
        words.acknowledge = NULL; /* a card has a button for it */
    /* A text that was cut is still whole to its reader: the reference is in the subject. */
    compose_subject(&words, text->subject);
    if (kind == ROUTE_NOTIFY_TEXT)
        compose_text_message(&words, text->body);
    else
        compose_body(&words, text->body, sizeof text->body);
    answer = kind == ROUTE_EMAIL ? render_mail(rendering, to, text, bytes, size)
                                 : render_body(rendering, kind, to, text, bytes, size);
    free(text);
    return answer;
}
