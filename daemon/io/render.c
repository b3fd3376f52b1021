/* render.c - a notification becomes the bytes that one route carries. */
#include "io/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/digest.h"
#include "io/icalendar.h"
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

/* What the reader's calendar is to show, in one file, and to drop, in a file for each entry: all
 * that one CANCEL holds must have the same UID (RFC 5546 3.2.5). */
enum { CALENDAR_FILES_MAX = 1 + INVITES_MAX };
_Static_assert((int)CALENDAR_FILES_MAX <= (int)MAIL_ATTACHMENTS_MAX, "a mail takes them all");

struct calendar_files {
    struct mail_attachment files[CALENDAR_FILES_MAX];
    char *bytes[CALENDAR_FILES_MAX];
    char names[CALENDAR_FILES_MAX][24];
    size_t count, stopped;
};

static void calendar_files_free(struct calendar_files *self)
{
    for (size_t i = 0; i < COUNT_OF(self->bytes); i++)
        free(self->bytes[i]);
}

/* Adds the file of an object, if it has anything to show or to drop. */
static int add_calendar_file(const struct icalendar_object *object, struct calendar_files *self)
{
    char *name = self->names[self->count];
    size_t size = 0;
    int error = icalendar_write(object, &self->bytes[self->count], &size);

    if (error || size == 0)
        return error;
    if (!object->cancelled)
        (void)snprintf(name, sizeof self->names[0], "deadline.ics");
    else if (self->stopped++ == 0)
        (void)snprintf(name, sizeof self->names[0], "stopped.ics");
    else
        (void)snprintf(name, sizeof self->names[0], "stopped-%zu.ics", self->stopped);
    self->files[self->count] = (struct mail_attachment){
        object->cancelled ? "text/calendar; method=CANCEL; charset=utf-8; component=VEVENT"
                          : "text/calendar; method=PUBLISH; charset=utf-8; component=VEVENT",
        name, self->bytes[self->count], size
    };
    self->count++;
    return 0;
}

static int write_calendar_files(const struct rendering *rendering, struct calendar_files *self)
{
    const struct composition *composition = rendering->composition;
    struct invite invites[INVITES_MAX];
    struct icalendar_object object = {
        .composition = composition,
        .organizer = rendering->mail_from,
        .domain = domain_of(rendering),
        .invites = invites,
        .count = invites_of(composition->view, composition->disagreement, composition->notification,
                            invites),
    };
    size_t count = object.count;
    int error = add_calendar_file(&object, self);

    object.cancelled = true;
    object.count = 1;
    for (size_t i = 0; i < count && error == 0; i++) {
        object.invites = &invites[i];
        error = add_calendar_file(&object, self);
    }
    return error;
}

static int render_mail(const struct rendering *rendering, const char *to,
                       const struct text_of_it *text, char **bytes, size_t *size)
{
    const struct composition *composition = rendering->composition;
    CLEANUP(calendar_files_free) struct calendar_files calendar = { .count = 0 };
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
    if (write_calendar_files(rendering, &calendar) == 0) {
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
