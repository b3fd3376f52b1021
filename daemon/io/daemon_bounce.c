/* daemon_bounce.c - concernctl bounce: what a mail system says of a mail that was accepted.
 *
 * Whoever may open the control socket hands in what anybody may have mailed: nothing is believed
 * that is not signed, and nothing is an error of the mail system, which would only send it again.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/daemon_answering.h"
#include "io/journal.h"
#include "protocol/told.h"

/* A flood of forged ones, or of what else is asked, is one line in the journal now and then. */
enum { TOLD_EVERY = 1000 };

static const char *say_result(struct answering *self, const char *result)
{
    answering_say(self, json_pack("{s:s,s:s,s:s,s:s}", "delivery", self->command->bounced.delivery,
                                  "action", self->command->action, "status", self->command->status,
                                  "result", result));
    return NULL;
}

static bool find_action(const char *name, enum bounce_action *action)
{
    for (int i = 0; i < BOUNCE_ACTION_COUNT; i++)
        if (strcmp(bounce_action_name((enum bounce_action)i), name) == 0) {
            *action = (enum bounce_action)i;
            return true;
        }
    return false;
}

/* "5.1.1": a class of RFC 3463, and two numbers of up to three digits. */
static bool is_status(const char *text)
{
    if (!*text)
        return true;
    if (!strchr("245", text[0]) || text[1] != '.')
        return false;
    text += 2;
    for (int i = 0; i < 2; i++) {
        size_t digits = strspn(text, "0123456789");

        if (digits < 1 || digits > 3 || text[digits] != (i == 0 ? '.' : '\0'))
            return false;
        text += digits + 1;
    }
    return true;
}

/* The reply that "smtp; 550 5.1.1 no such user" tells of; 0: none. */
static int code_of(const char *diagnostic)
{
    const char *at = strncasecmp(diagnostic, "smtp;", 5) == 0 ? diagnostic + 5 : diagnostic;

    at += strspn(at, " ");
    if (strspn(at, "0123456789") != 3 || (at[0] != '4' && at[0] != '5'))
        return 0;
    return (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
}

static int bounce_in_turn(struct engine *engine, struct instant now, const struct outbox_row *row,
                          struct engine_bounce *bounce)
{
    int answer = engine_begin(engine, now);

    if (answer == 0)
        answer = engine_bounce(engine, row, bounce);
    if (answer == 0)
        answer = engine_commit(engine);
    else
        engine_roll_back(engine);
    return answer;
}

static const char *bounce_row(struct answering *self, const struct outbox_row *row,
                              enum bounce_action action)
{
    static const char *const results[] = {
        [BOUNCE_ACTED] = "refused", [BOUNCE_NOTED] = "noted", [BOUNCE_KNOWN] = "known"
    };
    const struct command *command = self->command;
    char detail[DELIVERY_DETAIL_SIZE];
    struct engine_bounce bounce = { .action = action,
                                    .status = command->status,
                                    .code = code_of(command->diagnostic),
                                    .detail = detail };
    int answer;

    told_reply(command->diagnostic, command->status, detail, sizeof detail);
    answer = bounce_in_turn(self->daemon->engine, clock_now(self->daemon->clock), row, &bounce);
    if (answer)
        return answer == ENGINE_STORE_FULL ? "the disk is full: nothing was kept"
                                           : "the store has failed: nothing was kept";
    return say_result(self, results[bounce.result]);
}

static const char *say_forged(struct answering *self)
{
    static uint64_t forged;

    if (forged++ % TOLD_EVERY == 0)
        journal_warn(NULL, "a bounce is not signed by this store and is not believed (%llu so far)",
                     (unsigned long long)forged);
    return say_result(self, "unsigned");
}

const char *answering_bounce(struct answering *self)
{
    CLEANUP(outbox_row_close) struct outbox_row *row = NULL;
    enum bounce_action action;
    int answer;

    if (!find_action(self->command->action, &action) || !is_status(self->command->status))
        return "no such action or status (failed, delayed, delivered, relayed, expanded or "
               "answered; and as 5.1.1)";
    if (!return_path_is_signed(&self->daemon->bounce_key, &self->command->bounced))
        return say_forged(self);
    answer = store_get_outbox(self->daemon->store, self->command->bounced.delivery, &row);
    if (answer != STORE_OK && answer != STORE_NONE)
        return "the outbox cannot be read";
    if (answer == STORE_NONE || row->route != ROUTE_EMAIL)
        return say_result(self, "unknown");
    return bounce_row(self, row, action);
}

/* --- the socket of the mail system */

/* Whoever runs a mail system's pipe is asked nothing but this: all else there is, and all that
 * will be, is refused. */
static const char *answer_mail_system(void *context, const struct command *command,
                                      struct control_answer *answer)
{
    static uint64_t others;

    if (command->kind == COMMAND_BOUNCE)
        return daemon_answer(context, command, answer);
    if (others++ % TOLD_EVERY == 0)
        journal_warn(NULL,
                     "something else than a bounce is asked at the socket for bounces, and "
                     "is refused (%llu so far)",
                     (unsigned long long)others);
    return "nothing but bounce is answered at this socket; the control socket answers the rest";
}

static void free_text(char **text)
{
    free(*text);
}

static bool has_folder(const char *path)
{
    CLEANUP(free_text) char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
    struct stat found;

    return folder && stat(folder, &found) == 0;
}

void daemon_open_bounces(struct daemon *self)
{
    const char *path = self->settings->bounce_socket;

    if (!*path || (!has_folder(path) && !*self->settings->mail.bounces))
        return; /* nobody has asked for it */
    if (control_open(path, answer_mail_system, self, &self->bounces) < 0)
        journal_warn(NULL, "mail that comes back is taken at the control socket only, which a mail "
                           "system's user should not reach (concernctl(1), BOUNCES)");
}
