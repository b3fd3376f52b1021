/* engine_bounce.c - what a mail system further on says of a mail that was accepted. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_digest.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/record.h"
#include "io/store_bounce.h"

static const char *const action_names[BOUNCE_ACTION_COUNT] = {
    [BOUNCE_FAILED] = "failed",   [BOUNCE_DELAYED] = "delayed",   [BOUNCE_DELIVERED] = "delivered",
    [BOUNCE_RELAYED] = "relayed", [BOUNCE_EXPANDED] = "expanded", [BOUNCE_ANSWERED] = "answered",
};

const char *bounce_action_name(enum bounce_action action)
{
    return action_names[action];
}

static int record_bounce(struct engine *engine, const struct outbox_row *row,
                         const struct engine_bounce *bounce)
{
    json_t *payload =
        json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", row->id, "role", row->role, "action",
                  action_names[bounce->action], "status", bounce->status, "detail", bounce->detail);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer =
        text ? engine_store_answer(record_append(engine->settings.store, engine->now, "bounce",
                                                 row->board, row->reference, text, NULL))
             : -ENOMEM;

    free(text);
    json_decref(payload);
    return answer;
}

/* STORE_DUPLICATE: it was said before, word for word, or too much was. */
static int note_bounce(struct engine *engine, const struct outbox_row *row,
                       const struct engine_bounce *bounce)
{
    return store_note_bounce(engine->settings.store, row->id, action_names[bounce->action],
                             bounce->status, engine->now);
}

/* --- it will not arrive */

static int tell_bounced(struct engine *engine, const struct outbox_row *row,
                        const struct engine_bounce *bounce)
{
    char line[DELIVERY_DETAIL_SIZE + 300], text[DELIVERY_DETAIL_SIZE + 700];
    const struct engine_word word = {
        .kind = WORD_RETURNED, .about = row->id, .line = line, .text = text
    };
    const char *said = *bounce->detail ? bounce->detail : "nothing";

    journal_error(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_NOTIFICATION_BOUNCED },
                          { "DISAGREEMENT", row->reference }, { "NOTIFICATION", row->id },
                          { "STATUS", bounce->status }),
                  "a notification came back though a mail server had accepted it: %s",
                  bounce->detail);
    if (!row->reference[0] && strcmp(row->role, "operator") == 0)
        return 0; /* to the operator himself */
    snprintf(line, sizeof line, "%s, to the role %s (%s): %s",
             row->reference[0]       ? row->reference
             : engine_is_digest(row) ? "several in one message"
                                     : "about no disagreement",
             row->role, row->id, said);
    snprintf(text, sizeof text,
             "A notification %s%s to the role %s came back.\n"
             "A mail server had accepted it; another one behind it could not deliver it.\n"
             "It said: %s\n"
             "It goes on by the person's next route or to a deputy, where the directory has one.\n"
             "`concernctl outbox --state refused` shows it as %s. Correct the directory.\n",
             row->reference[0]       ? "of the disagreement "
             : engine_is_digest(row) ? "that gathers several"
                                     : "about no disagreement",
             row->reference, row->role, said, row->id);
    return engine_say_word(engine, &word);
}

static int take_failed(struct engine *engine, const struct outbox_row *row,
                       struct engine_bounce *bounce)
{
    char detail[DELIVERY_DETAIL_SIZE];
    struct attempt_row attempt = {
        .id = row->id, .at = engine->now, .code = bounce->code, .detail = detail
    };
    int answer;

    snprintf(detail, sizeof detail, "came back: %s", bounce->detail);
    answer = store_put_bounced(engine->settings.store, &attempt);
    if (answer == STORE_NONE)
        return 0; /* its end is known */
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    bounce->result = BOUNCE_ACTED;
    engine->counting.bounced++;
    answer = note_bounce(engine, row, bounce);
    if (answer && answer != STORE_DUPLICATE)
        return engine_store_answer(answer);
    answer = record_bounce(engine, row, bounce);
    if (answer || engine_is_test(row))
        return answer; /* whoever asked for it looks at the outbox */
    answer = tell_bounced(engine, row, bounce);
    return answer ? answer : engine_escalate_row(engine, row, OUTBOX_REFUSED, false);
}

/* --- it is late, or has arrived */

/* Nobody is told at once: mail systems try for hours and mostly succeed.  But a limit is running,
 * so that after the usual time it goes by another route as well. */
static int take_delayed(struct engine *engine, const struct outbox_row *row)
{
    struct instant look = { engine->now.us + engine_escalation_wait(engine, row->priority) };
    int answer;

    if (engine_is_test(row))
        return 0;
    answer = store_put_delayed(engine->settings.store, row->id, engine->now, look);
    if (answer == STORE_NONE)
        return 0; /* not accepted: it waits for us, and its times run already */
    journal_warn(JOURNAL({ "DISAGREEMENT", row->reference }, { "NOTIFICATION", row->id }),
                 "a notification that was accepted is delayed further on");
    return engine_store_answer(answer);
}

static int take_arrived(struct engine *engine, const struct outbox_row *row)
{
    int answer;

    if (row->state != OUTBOX_ACCEPTED || instant_is_none(row->delayed))
        return 0;
    answer = store_put_arrived(engine->settings.store, row->id);
    if (answer != STORE_OK || row->position > 0)
        return answer == STORE_OK ? engine_escalate_row(engine, row, OUTBOX_ACCEPTED, false)
                                  : engine_store_answer(answer);
    return engine_store_answer(store_settle_escalation(engine->settings.store, row->id));
}

static int take_news(struct engine *engine, const struct outbox_row *row,
                     const struct engine_bounce *bounce)
{
    switch (bounce->action) {
    case BOUNCE_DELAYED:
        return take_delayed(engine, row);
    case BOUNCE_DELIVERED:
    case BOUNCE_RELAYED:
    case BOUNCE_EXPANDED:
        return take_arrived(engine, row);
    case BOUNCE_FAILED:
    case BOUNCE_ANSWERED:
    case BOUNCE_ACTION_COUNT:
    default:
        return 0; /* an answering machine has the mail; a person may not */
    }
}

int engine_bounce(struct engine *engine, const struct outbox_row *row, struct engine_bounce *bounce)
{
    int answer;

    bounce->result = BOUNCE_KNOWN;
    if (bounce->action == BOUNCE_FAILED) {
        answer = take_failed(engine, row, bounce);
        if (answer || bounce->result == BOUNCE_ACTED)
            return answer;
    }
    answer = note_bounce(engine, row, bounce);
    if (answer == STORE_DUPLICATE)
        return 0;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    bounce->result = BOUNCE_NOTED;
    answer = record_bounce(engine, row, bounce);
    return answer ? answer : take_news(engine, row, bounce);
}
