/* engine_message.c - messages of plain words, about no disagreement, by whichever route. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/store_message.h"
#include "io/ulid.h"
#include "protocol/alarm_body.h"
#include "protocol/card.h"
#include "protocol/govuk_notify.h"
#include "protocol/mail.h"

/* --- what a route carries */

/* In the same two forms as the mail of a notification: what lets one through lets the other. */
static int write_mail(const struct engine *engine, const struct outgoing *outgoing, const char *to,
                      char **bytes, size_t *size)
{
    const struct return_path_key *bounce_key = engine->settings.bounce_key;
    char message_id[MAIL_MESSAGE_ID_SIZE], bounce[RETURN_PATH_TOKEN_SIZE];
    struct mail mail = { .from = engine->settings.mail_from,
                         .to = to,
                         .subject = outgoing->subject,
                         .delivery = outgoing->id,
                         .message_id = message_id,
                         .date = engine->now,
                         .important = strcmp(outgoing->priority, "normal") != 0,
                         .body = outgoing->text,
                         .page = true };

    if (outgoing->words)
        mail.language = outgoing->words->language ? outgoing->words->language : LANGUAGE_DEFAULT;
    if (mail_message_id(outgoing->id, engine->settings.mail_from, message_id) != MAIL_OK)
        return -EINVAL;
    if (bounce_key && return_path_token(bounce_key, outgoing->id, bounce) == 0)
        mail.bounce = bounce;
    return mail_write(&mail, bytes, size) == MAIL_OK ? 0 : -EINVAL;
}

int engine_write_words(const struct engine *engine, const struct outgoing *outgoing,
                       const struct route *route,
                       int (*write_body)(const struct outgoing *outgoing, char **json),
                       char **bytes, size_t *size)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    bool is_text = route->kind == ROUTE_NOTIFY_TEXT;
    struct govuk_message message = { .outgoing = outgoing, .to = route->to, .is_text = is_text };
    int error;

    if (directory)
        message.template_id =
            is_text ? directory->notify_text_template : directory->notify_email_template;
    switch (route->kind) {
    case ROUTE_EMAIL:
        return write_mail(engine, outgoing, route->to, bytes, size);
    case ROUTE_TEAMS:
        error = card_write(outgoing, bytes);
        break;
    case ROUTE_NOTIFY_EMAIL:
    case ROUTE_NOTIFY_TEXT:
        error = message.template_id ? govuk_body_write(&message, bytes) : -EINVAL;
        break;
    case ROUTE_WEBHOOK:
    case ROUTE_COUNT:
    default:
        error = write_body(outgoing, bytes);
    }
    if (error == 0)
        *size = strlen(*bytes);
    return error;
}

/* An endpoint hears the id of the message, the same by every route; a mail and GOV.UK Notify, which
 * is asked for it, that of the delivery. */
static int write_bytes(const struct engine *engine, const struct engine_message *message,
                       const struct route *route, const char *id, char **bytes, size_t *size)
{
    const struct outgoing outgoing = {
        .id = route_is_to_endpoint(route->kind) && message->first ? message->first : id,
        .board = "concernd",
        .reference = "alarm",
        .person = message->person,
        .role = message->role,
        .at = engine->now,
        .sent = engine->now,
        .priority = priority_name(message->priority),
        .subject = message->subject,
        .text = message->text,
        .words = message->language
                     ? templates_words(policy_templates(engine->settings.policy), message->language)
                     : NULL,
    };

    return engine_write_words(engine, &outgoing, route, alarm_body_write, bytes, size);
}

/* --- into the outbox */

static int put_row(struct engine *engine, const struct engine_message *message,
                   const struct route *route, const char *id, const char *bytes, size_t size)
{
    struct outbox_row row = { .board = "",
                              .reference = "",
                              .key = message->key,
                              .position = message->number,
                              .person = message->person,
                              .role = message->role,
                              .route = route->kind,
                              .recipient = route->to,
                              .priority = message->priority,
                              .at = engine->now,
                              .queued = engine->now,
                              .escalate = INSTANT_NONE,
                              .next_try = engine->now,
                              .bytes = bytes,
                              .size = size };
    int answer;

    snprintf(row.id, sizeof row.id, "%s", id);
    if (message->number == 0)
        row.escalate.us = engine->now.us + engine_escalation_wait(engine, message->priority);
    answer = store_put_outbox(engine->settings.store, &row);
    engine->outbox_changed = true;
    if (answer == STORE_DUPLICATE)
        return 0;
    if (answer == STORE_OK && message->number == 0)
        answer = store_put_message(engine->settings.store, id, message->subject, message->text);
    return engine_store_answer(answer);
}

int engine_queue_message(struct engine *engine, const struct engine_message *message,
                         const struct route *route, char id[DELIVERY_ID_SIZE])
{
    char *bytes = NULL;
    size_t size = 0;
    int answer;

    if (ulid_make(engine->now, id) < 0)
        return -EIO;
    answer = write_bytes(engine, message, route, id, &bytes, &size);
    if (answer == -ENOMEM)
        return answer;
    if (answer) {
        journal_error(
            JOURNAL({ "MESSAGE_ID", MESSAGE_ID_OPERATOR_UNREACHABLE }),
            "the %s cannot be told by the route %s: %s (it needs mail.from, or a template "
            "of GOV.UK Notify)",
            message->role, route_name(route->kind), message->subject);
        return ENGINE_NO_ROUTE;
    }
    answer = put_row(engine, message, route, id, bytes, size);
    free(bytes);
    return answer;
}

static int say_unreachable(const struct engine_message *message)
{
    journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_OPERATOR_UNREACHABLE }),
                  "the %s has no route that can be taken: %s", message->role, message->subject);
    return 0;
}

int engine_send_message(struct engine *engine, const struct engine_message *message,
                        const struct engine_routes *routes)
{
    char id[DELIVERY_ID_SIZE];
    int answer = ENGINE_NO_ROUTE;

    for (size_t i = 0; i < routes->count && answer == ENGINE_NO_ROUTE; i++)
        if (!engine_route_has_ended(engine, &routes->list[i]))
            answer = engine_queue_message(engine, message, &routes->list[i], id);
    return answer == ENGINE_NO_ROUTE ? say_unreachable(message) : answer;
}

int engine_send_message_by_all(struct engine *engine, struct engine_message *message,
                               const struct engine_routes *routes)
{
    char first[DELIVERY_ID_SIZE], id[DELIVERY_ID_SIZE];
    int answer = 0;

    message->number = 0;
    for (size_t i = 0; i < routes->count; i++) {
        if (i >= routes->of_hour && message->number > 0)
            break;
        if (engine_route_has_ended(engine, &routes->list[i]))
            continue;
        answer = engine_queue_message(engine, message, &routes->list[i], id);
        if (answer == ENGINE_NO_ROUTE)
            continue;
        if (answer)
            return answer;
        if (message->number++ == 0)
            memcpy(first, id, sizeof first);
        message->first = first;
    }
    message->first = NULL; /* of this call */
    return message->number == 0 ? say_unreachable(message) : 0;
}
