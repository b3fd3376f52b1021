/* events_in.c - cuts a stream into JSON objects by their braces. */
#include "concernctl/events_in.h"

#include "protocol/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest piece that is looked at: longer than an event may be, so that its being
 * too long is found out and told as such. */
enum { BUFFER_SIZE = 2 * WIRE_BODY_MAX + 4096 };

struct events_in {
    int file;
    int64_t length; /* of the file, or -1 */
    int64_t taken;
    bool ended;
    unsigned long line;
    size_t at;   /* where the unread part of the buffer begins */
    size_t used; /* and ends */
    char buffer[BUFFER_SIZE];
};

/* How far the brace that closes an object is. */
enum cut { CUT_WHOLE, CUT_OPEN };

static int fill(struct events_in *in, bool may_wait);
static void skip_blank(struct events_in *in);
static enum cut cut_object(const char *bytes, size_t size, size_t *length);
static int skip_rubbish(struct events_in *in, struct events_in_piece *piece);
static int give(struct events_in *in, size_t length, struct events_in_piece *piece);
static void consume(struct events_in *in, size_t length);

int events_in_open(const char *path, struct events_in **in_p)
{
    struct events_in *in = calloc(1, sizeof *in);
    struct stat status;

    if (!in)
        return -ENOMEM;
    in->file = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (in->file < 0 || fstat(in->file, &status) < 0 || S_ISDIR(status.st_mode)) {
        int error = in->file < 0 || !S_ISDIR(status.st_mode) ? errno : EISDIR;

        events_in_close(&in);
        return -error;
    }
    in->length = S_ISREG(status.st_mode) ? status.st_size : -1;
    in->line = 1;
    *in_p = in;
    return 0;
}

int events_in_next(struct events_in *in, bool may_wait, struct events_in_piece *piece)
{
    size_t length;

    for (;;) {
        int answer;

        skip_blank(in);
        if (in->at < in->used) {
            if (in->buffer[in->at] != '{')
                return skip_rubbish(in, piece);
            if (cut_object(in->buffer + in->at, in->used - in->at, &length) == CUT_WHOLE)
                return give(in, length, piece);
            if (in->ended || in->used - in->at == BUFFER_SIZE)
                return skip_rubbish(in, piece);
        }
        if (in->ended)
            return EVENTS_IN_END;
        if ((answer = fill(in, may_wait)))
            return answer;
    }
}

/* 0: there is more, or the end was met. */
static int fill(struct events_in *in, bool may_wait)
{
    struct pollfd input = { .fd = in->file, .events = POLLIN };
    ssize_t got;

    if (!may_wait && poll(&input, 1, 0) == 0)
        return EVENTS_IN_LATER;
    memmove(in->buffer, in->buffer + in->at, in->used - in->at);
    in->used -= in->at;
    in->at = 0;
    do
        got = read(in->file, in->buffer + in->used, BUFFER_SIZE - in->used);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    in->ended = got == 0;
    in->used += (size_t)got;
    in->taken += got;
    return 0;
}

/* Between events: blanks, and the brackets and commas of an array of them. */
static void skip_blank(struct events_in *in)
{
    while (in->at < in->used && in->buffer[in->at] && strchr(" \t\r\n[],", in->buffer[in->at]))
        consume(in, 1);
}

static enum cut cut_object(const char *bytes, size_t size, size_t *length)
{
    size_t depth = 0;
    bool in_text = false;

    for (size_t i = 0; i < size; i++) {
        char letter = bytes[i];

        if (in_text && letter == '\\')
            i++;
        else if (letter == '"')
            in_text = !in_text;
        else if (!in_text && letter == '{')
            depth++;
        else if (!in_text && letter == '}' && --depth == 0) {
            *length = i + 1;
            return CUT_WHOLE;
        }
    }
    return CUT_OPEN;
}

/* What is no object is passed over to the end of its line, and told once. */
static int skip_rubbish(struct events_in *in, struct events_in_piece *piece)
{
    const char *end = memchr(in->buffer + in->at, '\n', in->used - in->at);
    bool object = in->buffer[in->at] == '{';

    *piece = (struct events_in_piece){ .line = in->line };
    if (!object)
        piece->fault = "not a JSON object (a CloudEvent per line, or one document)";
    else if (in->ended)
        piece->fault = "the JSON object is not closed";
    else
        piece->fault = "longer than an event may be (65,536 bytes)";
    consume(in, end ? (size_t)(end - in->buffer) + 1 - in->at : in->used - in->at);
    return EVENTS_IN_FAULT;
}

static int give(struct events_in *in, size_t length, struct events_in_piece *piece)
{
    *piece =
        (struct events_in_piece){ .bytes = in->buffer + in->at, .size = length, .line = in->line };
    consume(in, length);
    return EVENTS_IN_EVENT;
}

static void consume(struct events_in *in, size_t length)
{
    for (size_t i = 0; i < length; i++)
        in->line += in->buffer[in->at + i] == '\n';
    in->at += length;
}

int events_in_percent(const struct events_in *in)
{
    int64_t done = in->taken - (int64_t)(in->used - in->at);

    return in->length > 0 && done <= in->length ? (int)(done * 100 / in->length) : -1;
}

void events_in_close(struct events_in **in_p)
{
    struct events_in *in = *in_p;

    if (in && in->file > STDIN_FILENO)
        close(in->file);
    free(in);
    *in_p = NULL;
}
