/* fuzz_command.c - the control socket: lines out of a stream, requests and answers out of lines. */
#include "fuzz.h"

#include "protocol/command.h"

static void read_request(const char *line, size_t size)
{
    struct command command, again;
    char why[COMMAND_WHY_SIZE] = "";
    char *written = NULL;
    int answer = command_read(line, size, &command, why);

    HOLDS(answer == COMMAND_OK || answer == COMMAND_REFUSED);
    if (answer == COMMAND_REFUSED) {
        HOLDS(why[0] && !strchr(why, '\n'));
        return;
    }
    HOLDS(command_write(&command, &written) == 0);
    HOLDS(command_read(written, strlen(written), &again, why) == COMMAND_OK);
    HOLDS(memcmp(&again, &command, sizeof command) == 0);
    free(written);
}

static void read_answer(const char *line, size_t size)
{
    struct command_end end;
    int answer = command_read_answer(line, size, &end);

    HOLDS(answer == COMMAND_OK || answer == COMMAND_END || answer == COMMAND_REFUSED);
    HOLDS(answer != COMMAND_END || memchr(end.error, '\0', sizeof end.error));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *text = (const char *)bytes;
    size_t line = 0;

    while (size > 0 && command_line(text, size, &line) == COMMAND_OK) {
        HOLDS(line >= 1 && line <= size && line <= COMMAND_LINE_MAX && text[line - 1] == '\n');
        read_request(text, line);
        read_answer(text, line);
        text += line;
        size -= line;
    }
    read_request(text, size);
    return 0;
}
