/* fuzz_bounced.c - a mail that came to the address for bounces: whatever stands in it, what goes
 * to the daemon is a command that it takes, and names nobody.
 */
#include "fuzz.h"

#include "concernctl/bounced.h"
#include "concernctl/bounced_status.h"
#include "protocol/told.h"

/* No number but a reply's, a status's, a time's; and whatever is said again is the same. */
static void is_told(const char *diagnostic)
{
    char again[COMMAND_DIAGNOSTIC_MAX + 1];

    HOLDS(!strpbrk(diagnostic, "@%;()<>[]{}=") && !strcasestr(diagnostic, "zebedee"));
    for (const char *at = diagnostic; *at; at += strspn(at, "0123456789") ?: 1)
        HOLDS(strspn(at, "0123456789") <= 4);
    told_words(diagnostic, again, sizeof again);
    HOLDS(strlen(diagnostic) == COMMAND_DIAGNOSTIC_MAX || strcmp(again, diagnostic) == 0);
}

static void is_fit(const struct command *command)
{
    struct command read;
    char why[COMMAND_WHY_SIZE], *line = NULL;

    is_told(command->diagnostic);
    HOLDS(command_write(command, &line) == 0);
    HOLDS(command_read(line, strlen(line), &read, why) == COMMAND_OK);
    HOLDS(read.kind == COMMAND_BOUNCE && strcmp(read.action, command->action) == 0 &&
          strcmp(read.status, command->status) == 0 &&
          strcmp(read.bounced.delivery, command->bounced.delivery) == 0 &&
          strcmp(read.bounced.signature, command->bounced.signature) == 0 &&
          strcmp(read.diagnostic, command->diagnostic) == 0);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct command command = { .kind = COMMAND_BOUNCE }, of_status = { .kind = COMMAND_BOUNCE };
    int answer = bounced_read((const char *)bytes, size, NULL, &command);
    char *text = fuzz_text(bytes, size);

    HOLDS(answer == BOUNCED_OK || answer == BOUNCED_TOO_MUCH || answer == BOUNCED_NOT_OURS);
    if (answer == BOUNCED_OK) {
        HOLDS(command.action[0] && strlen(command.bounced.delivery) == DELIVERY_ID_SIZE - 1);
        is_fit(&command);
    }
    /* The same without the way through MIME. */
    bounced_status_read(text, &of_status);
    if (of_status.action[0]) {
        memcpy(of_status.bounced.delivery, "01J8Z3K5Q7R9S1T3V5W7X9Y1Z3", DELIVERY_ID_SIZE);
        is_fit(&of_status);
    }
    free(text);
    return 0;
}
