/* bounced_status.c - the fields of a delivery status: RFC 3464, already decoded. */
#include "concernctl/bounced_status.h"

#include "protocol/told.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The worst last. */
static const char *const actions[] = { "expanded", "relayed", "delivered", "delayed", "failed" };

/* --- fields */

static size_t line_length(const char *line)
{
    return strcspn(line, "\n");
}

/* Where the next line begins; the end where there is none. */
static const char *next_line(const char *line)
{
    size_t length = line_length(line);

    return line + length + (line[length] == '\n');
}

static bool is_empty(const char *line)
{
    return line[strspn(line, "\r")] == '\n' || !line[strspn(line, "\r")];
}

static bool is_folded(const char *line)
{
    return *line == ' ' || *line == '\t';
}

static size_t add(char *value, size_t used, const char *from, size_t length)
{
    while (length > 0 && strchr(" \t\r", from[length - 1]))
        length--;
    for (; length > 0 && used < BOUNCED_FIELD_SIZE - 1; from++, length--)
        value[used++] = *from;
    value[used] = '\0';
    return used;
}

bool bounced_field(const char *group, const char *name, char value[BOUNCED_FIELD_SIZE])
{
    size_t length = strlen(name), used;

    for (const char *line = group; *line && !is_empty(line); line = next_line(line)) {
        if (strncasecmp(line, name, length) != 0 || line[length] != ':')
            continue;
        line += length + 1;
        line += strspn(line, " \t");
        used = add(value, 0, line, line_length(line));
        for (line = next_line(line); is_folded(line) && !is_empty(line); line = next_line(line))
            used = add(value, used, line, line_length(line));
        return true;
    }
    return false;
}

/* --- one recipient */

static int find_action(const char *value)
{
    size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (length == strlen(actions[i]) && strncasecmp(value, actions[i], length) == 0)
            return (int)i;
    return -1;
}

/* Some leave the action out; the class of the status says the same. */
static int action_of_class(char class)
{
    const char *name = class == '5' ? "failed" : class == '4' ? "delayed" : "delivered";

    return class == '5' || class == '4' || class == '2' ? find_action(name) : -1;
}

/* "5.1.1 (bad destination mailbox address)" is 5.1.1; what is none is "". */
static void read_status(const char *value, char status[COMMAND_ACTION_MAX + 1])
{
    unsigned class, subject, detail;
    int length = 0;

    status[0] = '\0';
    if (sscanf(value, "%1u.%3u.%3u%n", &class, &subject, &detail, &length) == 3 &&
        (class == 2 || class == 4 || class == 5) && !strchr("0123456789.", value[length] ?: ' '))
        (void)snprintf(status, COMMAND_ACTION_MAX + 1, "%u.%u.%u", class, subject, detail);
}

static void read_diagnostic(const char *group, char diagnostic[COMMAND_DIAGNOSTIC_MAX + 1])
{
    char value[BOUNCED_FIELD_SIZE];

    diagnostic[0] = '\0';
    if (bounced_field(group, "Diagnostic-Code", value))
        told_words(value, diagnostic, COMMAND_DIAGNOSTIC_MAX + 1);
}

/* Where it is worse than `worst`: takes it, and answers how bad it is. */
static int read_group(const char *group, int worst, struct command *command)
{
    char value[BOUNCED_FIELD_SIZE], status[COMMAND_ACTION_MAX + 1] = "";
    int action = -1;

    if (bounced_field(group, "Status", value))
        read_status(value, status);
    if (bounced_field(group, "Action", value))
        action = find_action(value);
    else if (status[0])
        action = action_of_class(status[0]);
    if (action <= worst)
        return worst;
    (void)snprintf(command->action, sizeof command->action, "%s", actions[action]);
    memcpy(command->status, status, sizeof command->status);
    read_diagnostic(group, command->diagnostic);
    return action;
}

/* --- all of them */

void bounced_status_read(const char *text, struct command *command)
{
    const char *group = text;
    int worst = -1;

    while (*group) {
        while (*group && is_empty(group))
            group = next_line(group);
        worst = read_group(group, worst, command);
        while (*group && !is_empty(group))
            group = next_line(group);
    }
}
