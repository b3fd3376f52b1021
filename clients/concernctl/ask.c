/* ask.c - the client side of the control socket: a line out, lines back until the end. */
#include "concernctl/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* How long the daemon may take for its next line; it answers between two turns. */
enum { ANSWER_MOST_S = 30, PATH_SIZE = sizeof((struct sockaddr_un *)0)->sun_path + 1 };

struct reading {
    int socket;
    size_t used;
    char bytes[COMMAND_LINE_MAX];
};

static int connect_daemon(const struct ask *ask);
static int connect_to(const char *path);
static const char *given_path(const struct ask *ask);
static void find_path(const struct ask *ask, const char *behind, char *path, size_t size);
static int send_line(int socket, const struct command *command);
static int read_answer(const struct ask *ask, struct reading *reading, ask_take *take,
                       void *context);
static int fill(struct reading *reading);
static void close_socket(int *socket);

int ask_option(struct ask *ask, int option, const char *value)
{
    if (option == ASK_CONTROL)
        ask->control = value;
    else if (option == ASK_JSON)
        ask->json = true;
    else
        return EXIT_USAGE;
    return EXIT_DONE;
}

int ask_id(const struct ask *ask, const char *argument, char id[ID_MAX + 1])
{
    if (!*argument || strlen(argument) > ID_MAX)
        return usage_wrong(ask->command, "a reference has 1 to %d letters", ID_MAX);
    snprintf(id, ID_MAX + 1, "%s", argument);
    return EXIT_DONE;
}

int ask_daemon(const struct ask *ask, const struct command *command, ask_take *take, void *context)
{
    CLEANUP(close_socket) int socket = connect_daemon(ask);
    struct reading *reading;
    int code;

    if (socket < 0)
        return EXIT_NO;
    reading = calloc(1, sizeof *reading);
    if (!reading || send_line(socket, command) < 0) {
        fprintf(stderr, "concernctl: cannot ask concernd: %m\n");
        free(reading);
        return EXIT_NO;
    }
    reading->socket = socket;
    code = read_answer(ask, reading, take, context);
    free(reading);
    return code;
}

/* A mail system's pipe has a socket that answers it alone.  Where there is none for it (the pipe
 * was set up before there was, or an operator hands a mail in) the control socket is asked.  What
 * keeps it from both is told. */
static int connect_daemon(const struct ask *ask)
{
    char bounces[PATH_SIZE] = "", path[PATH_SIZE];
    int before = -1, socket;

    if (ask->is_bounce && !given_path(ask)) {
        find_path(ask, "-bounce/socket", bounces, sizeof bounces);
        before = connect_to(bounces);
        if (before >= 0)
            return before;
    }
    find_path(ask, "/control", path, sizeof path);
    socket = connect_to(path);
    if (socket < 0 && *bounces)
        fprintf(stderr, "concernctl: cannot reach concernd at %s: %s\n", bounces,
                strerror(-before));
    if (socket < 0)
        fprintf(stderr,
                "concernctl: cannot reach concernd at %s: %s (is it running? systemctl status "
                "concernd)\n",
                path, strerror(-socket));
    return socket;
}

/* NULL: none is. */
static const char *given_path(const struct ask *ask)
{
    const char *given = ask->control ? ask->control : getenv("CONCERN_CONTROL");

    return given && *given ? given : NULL;
}

static void find_path(const struct ask *ask, const char *behind, char *path, size_t size)
{
    const char *given = given_path(ask), *directory = getenv("RUNTIME_DIRECTORY");

    if (given)
        snprintf(path, size, "%s", given);
    else
        snprintf(path, size, "%s%s", directory && *directory ? directory : "/run/concernd", behind);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval most = { .tv_sec = ANSWER_MOST_S };
    int file, error;

    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path));
    file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0)
        return -errno;
    if (setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) < 0 ||
        setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) < 0 ||
        connect(file, (struct sockaddr *)&address, sizeof address) < 0) {
        error = errno;
        close(file);
        return -error;
    }
    return file;
}

static int send_line(int socket, const struct command *command)
{
    char *line = NULL;
    ssize_t sent = -1;

    if (command_write(command, &line) == 0)
        sent = send(socket, line, strlen(line), MSG_NOSIGNAL);
    free(line);
    return sent < 0 ? -1 : 0;
}

/* Every answer has an end; a connection that closes without one is a failure, so that
 * half a list is never taken for all of it. */
static int read_answer(const struct ask *ask, struct reading *reading, ask_take *take,
                       void *context)
{
    struct command_end end = { 0 };
    json_t *row;
    size_t size;
    int answer;

    for (;;) {
        answer = command_line(reading->bytes, reading->used, &size);
        if (answer == COMMAND_MORE) {
            if (fill(reading) < 0)
                return EXIT_NO;
            continue;
        }
        if (answer == COMMAND_OK)
            answer = command_read_answer(reading->bytes, size, &end);
        if (answer == COMMAND_END)
            break;
        if (answer != COMMAND_OK) {
            fprintf(stderr, "concernctl: concernd's answer cannot be read\n");
            return EXIT_NO;
        }
        row = ask->json ? NULL : json_loadb(reading->bytes, size, 0, NULL);
        if (ask->json)
            fwrite(reading->bytes, 1, size, stdout);
        else
            take(context, row);
        json_decref(row);
        memmove(reading->bytes, reading->bytes + size, reading->used - size);
        reading->used -= size;
    }
    if (!end.ok)
        fprintf(stderr, "concernctl %s: %s\n", ask->command, end.error);
    return end.ok ? EXIT_DONE : EXIT_NO;
}

static int fill(struct reading *reading)
{
    ssize_t got;

    do
        got = recv(reading->socket, reading->bytes + reading->used,
                   sizeof reading->bytes - reading->used, 0);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        reading->used += (size_t)got;
        return 0;
    }
    fprintf(stderr, "concernctl: concernd did not answer to the end: %s\n",
            got == 0 ? "it closed the connection" : strerror(errno == EAGAIN ? ETIMEDOUT : errno));
    return -1;
}

static void close_socket(int *socket)
{
    if (*socket >= 0)
        close(*socket);
}

const char *ask_cell(const json_t *row, const char *path, char cell[ASK_CELL_SIZE])
{
    const json_t *value = row;
    const json_t *item;
    size_t i, used = 0;

    while (value && *path) {
        size_t length = strcspn(path, ".");
        char name[64];

        snprintf(name, sizeof name, "%.*s", (int)length, path);
        value = json_object_get(value, name);
        path += length + (path[length] == '.');
    }
    cell[0] = '\0';
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        snprintf(cell, ASK_CELL_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(cell, ASK_CELL_SIZE, "%s", json_is_true(value) ? "yes" : "no");
    json_array_foreach(value, i, item)
    {
        const char *text = json_string_value(item);

        if (text && used < ASK_CELL_SIZE)
            used +=
                (size_t)snprintf(cell + used, ASK_CELL_SIZE - used, "%s%s", i ? ", " : "", text);
    }
    return cell;
}
