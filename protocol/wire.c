/* wire.c - the tables of the wire: commands, codes, how sources nest. */
#include "protocol/wire.h"

#include <string.h>

static const struct {
    const char *text;
    bool request;
} commands[WIRE_COMMAND_COUNT] = {
    [WIRE_HELLO] = { "HELLO", true },      [WIRE_EVENT] = { "EVENT", true },
    [WIRE_BATCH] = { "BATCH", true },      [WIRE_LAST] = { "LAST", true },
    [WIRE_STAT] = { "STAT", true },        [WIRE_PING] = { "PING", true },
    [WIRE_WELCOME] = { "WELCOME", false }, [WIRE_ACK] = { "ACK", false },
    [WIRE_NACK] = { "NACK", false },       [WIRE_BUSY] = { "BUSY", false },
    [WIRE_PONG] = { "PONG", false },       [WIRE_REPLAY] = { "REPLAY", false },
    [WIRE_END] = { "END", false },         [WIRE_GONE] = { "GONE", false },
    [WIRE_SNAP] = { "SNAP", false },
};

/* clang-format off */
static const struct wire_code codes[] = {
    { WIRE_CODE_FRAMES,        "the message has not the four frames of the wire",   WIRE_FIX },
    { WIRE_CODE_JSON,          "the body is not JSON within the limits",            WIRE_FIX },
    { WIRE_CODE_CLOUDEVENT,    "the body is not a CloudEvent as it must be here",   WIRE_FIX },
    { WIRE_CODE_SCHEMA,        "the event's data is not what its type asks for",    WIRE_FIX },
    { WIRE_CODE_NO_PRINCIPAL,  "the key is not in the keyring, or not live now",    WIRE_STOP },
    { WIRE_CODE_SOURCE,        "the key may not speak for this source",             WIRE_STOP },
    { WIRE_CODE_BOARD,         "the key may not speak to this board",               WIRE_STOP },
    { WIRE_CODE_RIGHT,         "the key may not send this type of event",           WIRE_STOP },
    { WIRE_CODE_NO_PART,       "the agency has no part in this disagreement",       WIRE_STOP },
    { WIRE_CODE_UNKNOWN,       "the disagreement is not known here",                WIRE_RAISE_FIRST },
    { WIRE_CODE_ID_REUSED,     "the event's id was used for something else",        WIRE_FIX },
    { WIRE_CODE_TOO_LARGE,     "the body is longer than 65,536 bytes",              WIRE_FIX },
    { WIRE_CODE_TRANSITION,    "the disagreement does not allow this event now",    WIRE_FIX },
    { WIRE_CODE_VERSION,       "this version of the wire is not spoken here",       WIRE_FIX },
    { WIRE_CODE_RATE,          "the key sends more than its rate allows",           WIRE_KEEP },
    { WIRE_CODE_STORE,         "the store is full or cannot be written",            WIRE_KEEP },
    { WIRE_CODE_SHUTTING_DOWN, "the daemon is stopping",                            WIRE_KEEP },
    { WIRE_CODE_STANDBY,       "this daemon is the standby",                        WIRE_KEEP },
};
/* clang-format on */

enum wire_command wire_command_read(const void *bytes, size_t size)
{
    for (size_t i = 0; i < WIRE_COMMAND_COUNT; i++)
        if (strlen(commands[i].text) == size && !memcmp(commands[i].text, bytes, size))
            return (enum wire_command)i;
    return WIRE_COMMAND_UNKNOWN;
}

const char *wire_command_text(enum wire_command command)
{
    return command < WIRE_COMMAND_COUNT ? commands[command].text : "?";
}

bool wire_command_is_request(enum wire_command command)
{
    return command < WIRE_COMMAND_COUNT && commands[command].request;
}

const struct wire_code *wire_code_find(const char *code)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (!strcmp(codes[i].code, code))
            return &codes[i];
    return NULL;
}

const struct wire_code *wire_codes(size_t *count)
{
    *count = sizeof codes / sizeof codes[0];
    return codes;
}

bool wire_code_is_retryable(const char *code)
{
    const struct wire_code *row = wire_code_find(code);

    return row && row->remedy == WIRE_KEEP;
}

bool wire_source_is_within(const char *prefix, const char *source)
{
    size_t length = strlen(prefix);

    if (length == 0 || strncmp(prefix, source, length) != 0)
        return false;
    return source[length] == '\0' || source[length] == ':' || source[length] == '/';
}
