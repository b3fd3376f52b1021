/* engine_operator.c - messages of plain words to people: the operator, a board's team. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/ulid.h"
#include "protocol/mail.h"

int engine_queue_message(struct engine *engine, const struct engine_message *message)
{
    const struct return_path_key *bounce_key = engine->settings.bounce_key;
    char message_id[MAIL_MESSAGE_ID_SIZE], id[ULID_SIZE], bounce[RETURN_PATH_TOKEN_SIZE];
    char *bytes = NULL;
    struct mail mail = { .from = engine->settings.mail_from,
                         .to = message->to,
                         .subject = message->subject,
                         .delivery = id,
                         .message_id = message_id,
                         .date = engine->now,
                         .important = message->priority != PRIORITY_NORMAL,
                         .body = message->text };
    struct outbox_row row = { .board = "",
                              .reference = "",
                              .key = message->key,
                              .position = message->number,
                              .person = message->person,
                              .role = message->role,
                              .route = ROUTE_EMAIL,
                              .recipient = message->to,
                              .priority = message->priority,
                              .at = engine->now,
                              .queued = engine->now,
                              .escalate = INSTANT_NONE,
                              .next_try = engine->now };
    int answer;

    if (ulid_make(engine->now, id) < 0)
        return -EIO;
    if (bounce_key && return_path_token(bounce_key, id, bounce) == 0)
        mail.bounce = bounce;
    if (mail_message_id(id, engine->settings.mail_from, message_id) != MAIL_OK ||
        mail_write(&mail, &bytes, &row.size) != MAIL_OK) {
        journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_OPERATOR_UNREACHABLE }),
                      "the %s cannot be told by mail: %s (set mail.from)", message->role,
                      message->subject);
        return 0;
    }
    snprintf(row.id, sizeof row.id, "%s", id);
    row.bytes = bytes;
    if (message->number == 0) /* nobody is behind them: at its end, `status` has it */
        row.escalate.us = engine->now.us + engine->settings.escalation.told_us;
    answer = store_put_outbox(engine->settings.store, &row);
    free(bytes);
    engine->outbox_changed = true;
    return answer == STORE_DUPLICATE ? 0 : engine_store_answer(answer);
}

/* --- the operator */

static int say_unreachable(const char *subject)
{
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_OPERATOR_UNREACHABLE }),
                 "the operator has no mail route (operator: in the directory): %s", subject);
    return 0;
}

int engine_tell_operator(struct engine *engine, const char *key, const char *subject,
                         const char *text)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    char daily_key[512];
    struct engine_message message = {
        .key = daily_key, .person = "operator", .role = "operator", .subject = subject, .text = text
    };

    if (engine->settings.undelivered)
        return 0;
    if (!directory || directory->operator_route_count == 0 ||
        directory->operator_routes[0].kind != ROUTE_EMAIL)
        return say_unreachable(subject);
    /* Once a day for each thing there is to say. */
    snprintf(daily_key, sizeof daily_key, "%lld %s", (long long)(engine->now.us / DAY_US), key);
    message.to = directory->operator_routes[0].to;
    return engine_queue_message(engine, &message);
}

/* --- what nobody accepted */

/* By every mail route at once: who is told this must not wait for the next one. */
static int tell_by_all(struct engine *engine, struct engine_message *message,
                       const struct route *routes, size_t count)
{
    int error = 0;

    message->number = 0;
    for (size_t i = 0; i < count && error == 0; i++) {
        if (routes[i].kind != ROUTE_EMAIL)
            continue;
        message->to = routes[i].to;
        error = engine_queue_message(engine, message);
        message->number++;
    }
    if (message->number == 0)
        journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_OPERATOR_UNREACHABLE }),
                      "the %s has no mail route: %s", message->role, message->subject);
    return error;
}

static bool is_for(const struct undelivered *one, const char *board)
{
    return board ? strcmp(one->board, board) == 0 : !one->operator_knows;
}

/* The lines of a board; NULL: all that the operator does not know yet.  How many there are. */
static size_t write_lines(const struct engine *engine, const char *board, struct text *text)
{
    size_t count = 0;

    for (size_t i = 0; i < engine->undelivered_count; i++) {
        const struct undelivered *one = &engine->undelivered[i];

        if (!is_for(one, board))
            continue;
        text_addf(text, "- %s, to the role %s (%s)\n", one->reference, one->role, one->id);
        count++;
    }
    return count;
}

static int tell_list(struct engine *engine, const char *board, struct engine_message *message,
                     const struct route *routes, size_t route_count)
{
    char words[ENGINE_UNDELIVERED_MAX * (2 * ID_MAX + DELIVERY_ID_SIZE + 32) + 512];
    char key[2 * ID_MAX + 64];
    struct text text = text_over(words, sizeof words);

    text_add(&text, "Nobody has accepted these notifications, by any route that the directory "
                    "gives.\nSomebody must be told another way:\n\n");
    if (write_lines(engine, board, &text) == 0)
        return 0;
    text_add(&text, "\nWhat was not refused is tried on. `concernctl outbox` shows what the other "
                    "side said,\nand `concernctl status` how many there are.\n");
    snprintf(key, sizeof key, "undelivered %s %lld %s", message->person, (long long)engine->now.us,
             engine->undelivered[0].id);
    message->key = key;
    message->text = words;
    message->subject = "Nobody accepted a notification: tell them another way";
    message->priority = PRIORITY_URGENT;
    return tell_by_all(engine, message, routes, route_count);
}

static int tell_board(struct engine *engine, const char *board)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    struct date today = { (int32_t)(engine->now.us / DAY_US) };
    const struct person *person = escalation_board_person(directory, board, today);
    struct engine_message message = { .role = "board's team" };

    if (!person) {
        journal_error(
            JOURNAL({ "MESSAGE_ID", MESSAGE_ID_OPERATOR_UNREACHABLE }, { "BOARD", board }),
            "the directory names nobody for the board, who would be told that a "
            "notification is undelivered");
        return 0;
    }
    message.person = person->id;
    return tell_list(engine, board, &message, person->routes, person->route_count);
}

static bool is_first_of_board(const struct engine *engine, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(engine->undelivered[i].board, engine->undelivered[index].board) == 0)
            return false;
    return engine->undelivered[index].board[0] != '\0';
}

int engine_tell_undelivered(struct engine *engine)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    struct engine_message message = { .person = "operator", .role = "operator" };
    int error = 0;

    if (engine->undelivered_count == 0)
        return 0;
    for (size_t i = 0; directory && i < engine->undelivered_count && error == 0; i++)
        if (is_first_of_board(engine, i))
            error = tell_board(engine, engine->undelivered[i].board);
    if (directory && error == 0)
        error = tell_list(engine, NULL, &message, directory->operator_routes,
                          directory->operator_route_count);
    engine->undelivered_count = 0;
    return error;
}
