/* render_digest.c - a digest becomes the bytes that one route carries. */
#include "io/render_digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/gather.h"
#include "io/calendar_files.h"
#include "io/journal.h"
#include "protocol/card.h"
#include "protocol/govuk_notify.h"
#include "protocol/mail.h"

/* A longer list is plain text alone: as a page as well it could be more than a delivery holds. */
enum { PAGE_TEXT_MAX = 24 * 1024 };

struct text_of_it {
    char subject[SUBJECT_SIZE];
    char body[DIGEST_BODY_SIZE];
};

static int refuse(const struct digest_rendering *rendering, const char *why)
{
    journal_error(JOURNAL({ "NOTIFICATION", rendering->digest->notification }),
                  "a digest cannot be written: %s", why);
    return RENDER_REFUSED;
}

static int render_mail(const struct digest_rendering *rendering, const char *to,
                       const struct text_of_it *text, const struct calendar_files *calendar,
                       char **bytes, size_t *size)
{
    char message_id[MAIL_MESSAGE_ID_SIZE], bounce[RETURN_PATH_TOKEN_SIZE];
    struct mail mail = {
        .from = rendering->mail_from,
        .to = to,
        .subject = text->subject,
        .delivery = rendering->delivery_id,
        .message_id = message_id,
        .date = rendering->sent,
        .body = text->body,
        .page = strlen(text->body) <= PAGE_TEXT_MAX,
        .language = compose_digest_language(rendering->digest),
        .attachments = calendar->files,
        .attachment_count = calendar->count,
    };
    int answer;

    if (mail_message_id(rendering->delivery_id, rendering->mail_from, message_id) != MAIL_OK)
        return refuse(rendering, "the sender's address is not safe (set mail.from)");
    if (rendering->bounce_key &&
        return_path_token(rendering->bounce_key, rendering->delivery_id, bounce) == 0)
        mail.bounce = bounce;
    answer = mail_write(&mail, bytes, size);
    if (answer == MAIL_UNSAFE || answer == MAIL_TOO_LONG)
        return refuse(rendering, "its address, subject or text does not pass the gate");
    return answer;
}

/* In the place of a reference: the first one, and how many more. */
static void write_reference(const struct digest *digest, char text[ID_MAX + 16])
{
    const char *first = digest->count > 0 ? digest->entries[0].reference : "";

    if (digest->count > 1)
        (void)snprintf(text, ID_MAX + 16, "%s +%zu", first, digest->count - 1);
    else
        (void)snprintf(text, ID_MAX + 16, "%s", first);
}

static int render_body(const struct digest_rendering *rendering, enum route_kind kind,
                       const char *to, const struct text_of_it *text, char **bytes, size_t *size)
{
    char reference[ID_MAX + 16];
    const struct directory *directory = rendering->directory;
    /* Notify is asked for the delivery before it is sent again. */
    struct outgoing outgoing = {
        .id = kind == ROUTE_TEAMS ? rendering->digest->notification : rendering->delivery_id,
        .board = rendering->board,
        .reference = reference,
        .at = rendering->sent,
        .sent = rendering->sent,
        .priority = priority_name(PRIORITY_NORMAL),
        .subject = text->subject,
        .text = text->body,
    };
    struct govuk_message message = {
        .outgoing = &outgoing,
        .to = to,
        .is_text = kind == ROUTE_NOTIFY_TEXT,
        .template_id = !directory                  ? NULL
                       : kind == ROUTE_NOTIFY_TEXT ? directory->notify_text_template
                                                   : directory->notify_email_template,
    };
    int error = -EINVAL;

    write_reference(rendering->digest, reference);
    if (kind == ROUTE_TEAMS)
        error = card_write(&outgoing, bytes);
    else if (message.template_id)
        error = govuk_body_write(&message, bytes);
    if (error < 0)
        return refuse(rendering, "its body is no UTF-8, is too long or has no template");
    *size = strlen(*bytes);
    return RENDERED;
}

/* A list that would be too long with its links has none, and says so. */
static void compose(struct digest *digest, enum route_kind kind, struct text_of_it *text)
{
    bool brief = !gather_can_carry_list(kind);
    int answer = compose_digest(digest, brief, text->subject, text->body, sizeof text->body);

    if (digest->links == DIGEST_LINKS_LISTED &&
        (answer != TEMPLATE_OK || strlen(text->body) > PAGE_TEXT_MAX)) {
        digest->links = DIGEST_LINKS_LEFT_OUT;
        answer = compose_digest(digest, brief, text->subject, text->body, sizeof text->body);
    }
    /* Its references are in it whatever else is not. */
    if (answer != TEMPLATE_OK) {
        digest->since_left_out = true;
        answer = compose_digest(digest, brief, text->subject, text->body, sizeof text->body);
    }
    if (answer != TEMPLATE_OK)
        journal_error(JOURNAL({ "NOTIFICATION", digest->notification }),
                      "the words of a digest are too long, and were cut (template digest)");
}

/* Nobody misses a notification because of its calendar entries: what is not in the files is said to
 * be missing. */
static void write_calendar(const struct digest_rendering *rendering, enum route_kind kind,
                           struct digest *digest, struct calendar_files *calendar)
{
    const struct calendar_source source = { .entries = rendering->entries,
                                            .count =
                                                kind == ROUTE_EMAIL ? rendering->entry_count : 0,
                                            .organizer = rendering->mail_from,
                                            .domain = rendering->domain,
                                            .sent = rendering->sent };

    if (calendar_files_write(&source, calendar) < 0)
        journal_error(JOURNAL({ "NOTIFICATION", digest->notification }),
                      "calendar entries could not be written; the digest goes without them");
    digest->has_calendar = calendar->count > 0;
    digest->calendar_left_out = calendar->left_out;
}

static void leave_calendar_out(const struct digest_rendering *rendering, struct digest *digest,
                               struct calendar_files *calendar)
{
    calendar_files_free(calendar);
    for (size_t i = 0; i < rendering->entry_count; i++)
        rendering->entries[i].left_out = true;
    digest->has_calendar = false;
    digest->calendar_left_out = rendering->entry_count;
}

int render_digest(const struct digest_rendering *rendering, enum route_kind kind, const char *to,
                  char **bytes, size_t *size)
{
    CLEANUP(calendar_files_free) struct calendar_files calendar = { .count = 0 };
    struct text_of_it *text = malloc(sizeof *text);
    struct digest digest = *rendering->digest;
    int answer;

    if (!text)
        return journal_fail(-ENOMEM, "cannot allocate a digest's text");
    write_calendar(rendering, kind, &digest, &calendar);
    compose(&digest, kind, text);
    answer = kind == ROUTE_EMAIL ? render_mail(rendering, to, text, &calendar, bytes, size)
                                 : render_body(rendering, kind, to, text, bytes, size);
    if (answer == RENDERED && kind == ROUTE_EMAIL && calendar.count > 0 &&
        *size > DELIVERY_BYTES_MAX) {
        free(*bytes);
        leave_calendar_out(rendering, &digest, &calendar);
        compose(&digest, kind, text);
        answer = render_mail(rendering, to, text, &calendar, bytes, size);
    }
    free(text);
    return answer;
}
