/* command.c - what concernctl may ask of concernd, over the control socket. */
#include "protocol/command.h"

#include "protocol/alphabet.h"
#include "protocol/json_field.h"
#include "protocol/json_guard.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct json_limits limits = { COMMAND_LINE_MAX, COMMAND_DEPTH_MAX,
                                           COMMAND_TOKENS_MAX };

/* How a text is written. */
enum argument_form { AS_ID, AS_ASCII /* printable, may be empty */, AS_LINE /* of UTF-8 */ };

/* One argument of a command: a text in `struct command`, or a yes or no. */
struct argument {
    const char *name;
    size_t offset;
    size_t size; /* of the text, its closing zero included; 0: a bool */
    bool required;
    enum argument_form form;
};

enum { ARGUMENTS_MAX = 6 }; /* the NULL at the end included */

#define TEXT(name, required)                                                                       \
    {                                                                                              \
#name, offsetof(struct command, name), sizeof((struct command *)0)->name, required, AS_ID  \
    }
#define TRUTH(name)                                                                                \
    {                                                                                              \
#name, offsetof(struct command, name), 0, false, AS_ID                                     \
    }

#define NAMED(name, member, required, form)                                                        \
    {                                                                                              \
        name, offsetof(struct command, member), sizeof((struct command *)0)->member, required,     \
            form                                                                                   \
    }
#define NOTHING                                                                                    \
    {                                                                                              \
        NULL, 0, 0, false, AS_ID                                                                   \
    }

/* clang-format off */
static const struct {
    const char *name;
    struct argument arguments[ARGUMENTS_MAX]; /* ended by a NULL name */
} commands[COMMAND_KIND_COUNT] = {
    [COMMAND_STATUS]  = { "status",  { NOTHING } },
    [COMMAND_LIST]    = { "list",    { TRUTH(all), TEXT(board, false) } },
    [COMMAND_SHOW]    = { "show",    { TEXT(reference, true), TEXT(board, false) } },
    [COMMAND_EXPLAIN] = { "explain", { TEXT(reference, true), TEXT(board, false) } },
    [COMMAND_HISTORY] = { "history", { TEXT(reference, true), TEXT(board, false) } },
    [COMMAND_OUTBOX]  = { "outbox",  { TEXT(state, false), TEXT(id, false) } },
    [COMMAND_KEYS]    = { "keys",    { NOTHING } },
    [COMMAND_RELOAD]  = { "reload",  { NOTHING } },
    [COMMAND_MOVE]    = { "move",    { TEXT(reference, true), TEXT(board, false),
                                       TEXT(version, false), TRUTH(yes) } },
    [COMMAND_SOURCES] = { "sources", { NOTHING } },
    [COMMAND_REDRIVE] = { "redrive", { TEXT(reference, false), TEXT(board, false), TRUTH(all) } },
    [COMMAND_TEST]    = { "test",    { TEXT(role, true), TEXT(agency, true) } },
    [COMMAND_BOUNCE]  = { "bounce",  { NAMED("delivery", bounced.delivery, true, AS_ID),
                                       NAMED("signature", bounced.signature, false, AS_ID),
                                       NAMED("action", action, true, AS_ID),
                                       NAMED("status", status, false, AS_ID),
                                       NAMED("diagnostic", diagnostic, false, AS_ASCII) } },
    [COMMAND_SILENCE] = { "silence", { TEXT(scope, true), TEXT(target, true), TEXT(until, true),
                                       NAMED("reason", reason, true, AS_LINE) } },
    [COMMAND_SILENCES]  = { "silences",  { NOTHING } },
    [COMMAND_UNSILENCE] = { "unsilence", { TEXT(id, true) } },
    [COMMAND_REPORT]  = { "report",  { TEXT(from, true), TEXT(to, true), TEXT(board, false),
                                       TEXT(after, false) } },
};
/* clang-format on */

static int read_arguments(json_t *object, struct command *command, char why[COMMAND_WHY_SIZE]);
static int finish_line(json_t *object, bool made, char **line);

const char *command_name(enum command_kind kind)
{
    return (unsigned)kind < COMMAND_KIND_COUNT ? commands[kind].name : "";
}

static int __attribute__((format(printf, 2, 3)))
refuse(char why[COMMAND_WHY_SIZE], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, COMMAND_WHY_SIZE, format, arguments);
    va_end(arguments);
    return COMMAND_REFUSED;
}

int command_read(const char *bytes, size_t size, struct command *command,
                 char why[COMMAND_WHY_SIZE])
{
    CLEANUP(json_release) json_t *object = NULL;
    struct json_fault fault;
    const char *name;
    int answer = json_guard_load(bytes, size, &limits, &object, &fault);

    if (answer < 0)
        return answer;
    if (answer != JSON_GUARD_OK)
        return refuse(why, "the request %s, at byte %zu", fault.why, fault.at);
    name = json_string_value(json_object_get(object, "command"));
    memset(command, 0, sizeof *command);
    for (int kind = 0; name && kind < COMMAND_KIND_COUNT; kind++) {
        if (strcmp(commands[kind].name, name) != 0)
            continue;
        command->kind = (enum command_kind)kind;
        return read_arguments(object, command, why);
    }
    return refuse(why, "there is no such command (status, list, show, explain, history, outbox, "
                       "keys, reload, move, sources, redrive, test, bounce, silence, silences, "
                       "unsilence, report)");
}

static const struct argument *find_argument(const struct argument *arguments, const char *name)
{
    for (size_t i = 0; i < COUNT_OF(commands[0].arguments) && arguments[i].name; i++)
        if (!strcmp(arguments[i].name, name))
            return &arguments[i];
    return NULL;
}

static bool is_line(const char *text)
{
    return *text && alphabet_is_clean(text);
}

static bool is_ascii(const char *text)
{
    for (size_t i = 0; text[i]; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

static int read_argument(json_t *value, const struct argument *argument, struct command *command,
                         char why[COMMAND_WHY_SIZE])
{
    char *place = (char *)command + argument->offset;
    const char *text = json_string_value(value);

    if (argument->size == 0) {
        if (!json_is_boolean(value))
            return refuse(why, "%s is neither true nor false", argument->name);
        *(bool *)place = json_is_true(value);
        return COMMAND_OK;
    }
    if (argument->form != AS_ID) {
        bool sound = text && strlen(text) < argument->size &&
                     (argument->form == AS_ASCII ? is_ascii(text) : is_line(text));

        if (!sound && argument->form == AS_ASCII)
            return refuse(why, "%s is no text (at most %zu characters of printable ASCII)",
                          argument->name, argument->size - 1);
        if (!sound)
            return refuse(why, "%s is no line of words (1 to %zu bytes, no control characters)",
                          argument->name, argument->size - 1);
        memcpy(place, text, strlen(text) + 1);
        return COMMAND_OK;
    }
    if (!text || !alphabet_is_id(text) || strlen(text) >= argument->size)
        return refuse(why, "%s is no id (1 to %zu of A-Z a-z 0-9 . _ : / -)", argument->name,
                      argument->size - 1);
    memcpy(place, text, strlen(text) + 1);
    return COMMAND_OK;
}

static int read_arguments(json_t *object, struct command *command, char why[COMMAND_WHY_SIZE])
{
    const struct argument *arguments = commands[command->kind].arguments;
    const char *command_is = commands[command->kind].name;
    const char *name;
    json_t *value;
    int answer;

    json_object_foreach(object, name, value)
    {
        const struct argument *argument = find_argument(arguments, name);

        if (!strcmp(name, "command"))
            continue;
        if (!argument)
            return refuse(why, "%s takes no %s", command_is,
                          alphabet_is_id(name) ? name : "such argument");
        if ((answer = read_argument(value, argument, command, why)) != COMMAND_OK)
            return answer;
    }
    for (size_t i = 0; i < COUNT_OF(commands[0].arguments) && arguments[i].name; i++)
        if (arguments[i].required && !json_object_get(object, arguments[i].name))
            return refuse(why, "%s needs %s %s", command_is,
                          strchr("aeiou", arguments[i].name[0]) ? "an" : "a", arguments[i].name);
    return COMMAND_OK;
}

int command_write(const struct command *command, char **line)
{
    json_t *object = json_object();
    const struct argument *arguments = commands[command->kind].arguments;
    bool made = object && field_set_text(object, "command", commands[command->kind].name);

    for (size_t i = 0; made && i < COUNT_OF(commands[0].arguments) && arguments[i].name; i++) {
        const char *place = (const char *)command + arguments[i].offset;

        if (arguments[i].size > 0)
            made = field_set_some(object, arguments[i].name, place);
        else if (*(const bool *)place)
            made = field_set(object, arguments[i].name, json_true());
    }
    return finish_line(object, made, line);
}

int command_write_end(const char *error, char **line)
{
    json_t *object = json_object();
    bool made = object && field_set(object, "end", json_true()) &&
                field_set(object, "ok", json_boolean(!error)) &&
                (!error || field_set_text(object, "error", error));

    return finish_line(object, made, line);
}

/* Writes `object` in one line with its "\n", and lets go of it. */
static int finish_line(json_t *object, bool made, char **line)
{
    size_t size = made ? json_dumpb(object, NULL, 0, JSON_COMPACT) : 0;
    char *text = size ? malloc(size + 2) : NULL;

    if (text) {
        json_dumpb(object, text, size, JSON_COMPACT);
        memcpy(text + size, "\n", 2);
        *line = text;
    }
    json_decref(object);
    return text ? 0 : -ENOMEM;
}

int command_read_answer(const char *bytes, size_t size, struct command_end *end)
{
    CLEANUP(json_release) json_t *object = NULL;
    struct json_fault fault;
    int answer = json_guard_load(bytes, size, &limits, &object, &fault);
    struct command_end read;

    if (answer < 0)
        return answer;
    if (answer != JSON_GUARD_OK || !json_is_object(object))
        return COMMAND_REFUSED;
    if (!json_is_true(json_object_get(object, "end")))
        return COMMAND_OK;
    if (!field_truth(object, "ok", &read.ok) ||
        !field_text(object, "error", read.error, sizeof read.error))
        return COMMAND_REFUSED;
    *end = read;
    return COMMAND_END;
}

int command_line(const char *bytes, size_t used, size_t *size)
{
    const char *end = memchr(bytes, '\n', used < COMMAND_LINE_MAX ? used : COMMAND_LINE_MAX);

    if (end) {
        *size = (size_t)(end - bytes) + 1;
        return COMMAND_OK;
    }
    return used < COMMAND_LINE_MAX ? COMMAND_MORE : COMMAND_REFUSED;
}
