/* control.c - a local command socket. */
#include "io/control.h"
#include "io/clock.h"
#include "io/descriptors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/journal.h"

/* What waits to be written to one peer. */
struct control_answer {
    char *bytes;
    size_t used, sent, size;
    bool failed;
    uid_t user; /* of the peer */
};

struct peer {
    int descriptor; /* -1: this place is free */
    char *input;    /* COMMAND_LINE_MAX bytes */
    size_t used;
    int64_t heard_ms; /* when it last said or took something */
    struct control_answer answer;
};

struct control {
    int descriptor;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    control_handler *handler;
    void *context;
    struct peer peers[CONTROL_PEERS_MAX];
    size_t first; /* whose turn it is to be answered */
};

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (descriptor < 0)
        return -errno;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0) {
        close(descriptor);
        return -EADDRINUSE;
    }
    if (errno == ECONNREFUSED)
        unlink(path);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0 ||
        chmod(path, 0660) < 0 || listen(descriptor, CONTROL_PEERS_MAX) < 0) {
        int error = -errno;

        close(descriptor);
        return error;
    }
    return descriptor;
}

int control_open(const char *path, control_handler *handler, void *context,
                 struct control **control)
{
    struct control *fresh;
    int descriptor;

    if (strlen(path) >= sizeof fresh->path)
        return journal_fail(-ENAMETOOLONG, "socket %s: the path is too long (at most %zu)", path,
                            sizeof fresh->path - 1);
    descriptor = listen_at(path);
    if (descriptor == -EADDRINUSE)
        return journal_fail(descriptor, "socket %s: another concernd answers there", path);
    if (descriptor < 0)
        return journal_fail(descriptor, "cannot listen at %s: %s", path, strerror(-descriptor));

    fresh = calloc(1, sizeof *fresh);
    if (!fresh) {
        close(descriptor);
        return journal_fail(-ENOMEM, "cannot allocate the socket %s", path);
    }
    fresh->descriptor = descriptor;
    snprintf(fresh->path, sizeof fresh->path, "%s", path);
    fresh->handler = handler;
    fresh->context = context;
    for (size_t i = 0; i < CONTROL_PEERS_MAX; i++)
        fresh->peers[i].descriptor = -1;
    *control = fresh;
    return 0;
}

const char *control_path(const struct control *control)
{
    return control->path;
}

static void drop_peer(struct peer *peer)
{
    close(peer->descriptor);
    free(peer->input);
    free(peer->answer.bytes);
    *peer = (struct peer){ .descriptor = -1 };
}

void control_close(struct control **control)
{
    if (!*control)
        return;
    for (size_t i = 0; i < CONTROL_PEERS_MAX; i++)
        if ((*control)->peers[i].descriptor >= 0)
            drop_peer(&(*control)->peers[i]);
    close((*control)->descriptor);
    unlink((*control)->path);
    free(*control);
    *control = NULL;
}

/* A whole request lies there, or one that is too long. */
static bool has_request(const struct peer *peer)
{
    size_t size;

    return command_line(peer->input, peer->used, &size) != COMMAND_MORE;
}

/* A place for one more: a free one, or that of the peer who has been silent longest and long
 * enough.  NULL: none. */
static struct peer *find_place(struct control *control)
{
    struct peer *place = &control->peers[0];

    for (size_t i = 0; i < CONTROL_PEERS_MAX; i++) {
        struct peer *peer = &control->peers[i];

        if (peer->descriptor < 0)
            return peer;
        if (peer->heard_ms < place->heard_ms)
            place = peer;
    }
    return clock_monotonic_ms() - place->heard_ms >= CONTROL_SILENCE_MS ? place : NULL;
}

/* Who cannot be let in yet is not waited for either: the loop would turn for nothing. */
size_t control_watch(struct control *control, struct pollfd *places)
{
    size_t count = 0;

    if (find_place(control))
        places[count++] = (struct pollfd){ .fd = control->descriptor, .events = POLLIN };
    for (size_t i = 0; i < CONTROL_PEERS_MAX; i++) {
        const struct peer *peer = &control->peers[i];
        bool writes = peer->answer.used > peer->answer.sent;

        /* A request that has come is answered at the next turn, which writing is ready for. */
        writes = writes || (peer->descriptor >= 0 && has_request(peer));
        if (peer->descriptor >= 0)
            places[count++] = (struct pollfd){ .fd = peer->descriptor,
                                               .events = (short)(writes ? POLLOUT : POLLIN) };
    }
    return count;
}

/* --- answers */

static bool append(struct control_answer *answer, const char *bytes, size_t size)
{
    if (answer->failed || answer->used + size > CONTROL_ANSWER_MAX) {
        answer->failed = true;
        return false;
    }
    if (answer->used + size > answer->size) {
        size_t wanted = 2 * (answer->used + size);
        char *grown = realloc(answer->bytes, wanted);

        if (!grown) {
            answer->failed = true;
            return false;
        }
        answer->bytes = grown;
        answer->size = wanted;
    }
    memcpy(answer->bytes + answer->used, bytes, size);
    answer->used += size;
    return true;
}

bool control_say(struct control_answer *answer, const char *line)
{
    return append(answer, line, strlen(line)) && append(answer, "\n", 1);
}

unsigned control_user(const struct control_answer *answer)
{
    return answer->user;
}

static void end_answer(struct control_answer *answer, const char *error)
{
    char *line = NULL;

    if (command_write_end(error, &line) < 0)
        answer->failed = true;
    else
        append(answer, line, strlen(line));
    free(line);
}

static void serve_line(struct control *control, struct peer *peer, size_t size)
{
    struct command command;
    char why[COMMAND_WHY_SIZE] = "";
    int answer = command_read(peer->input, size, &command, why);

    if (answer == COMMAND_OK)
        end_answer(&peer->answer, control->handler(control->context, &command, &peer->answer));
    else
        end_answer(&peer->answer, answer == COMMAND_REFUSED ? why : "there is no memory");
    memmove(peer->input, peer->input + size, peer->used - size);
    peer->used -= size;
}

/* --- peers */

/* Answers false where the peer is gone. */
static bool write_answer(struct peer *peer)
{
    struct control_answer *answer = &peer->answer;

    while (answer->sent < answer->used) {
        ssize_t sent = send(peer->descriptor, answer->bytes + answer->sent,
                            answer->used - answer->sent, MSG_NOSIGNAL);

        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        answer->sent += (size_t)sent;
        peer->heard_ms = clock_monotonic_ms();
    }
    answer->used = answer->sent = 0;
    return !answer->failed;
}

/* Takes what has come; false where the peer is gone. */
static bool take_bytes(struct peer *peer)
{
    ssize_t got =
        recv(peer->descriptor, peer->input + peer->used, COMMAND_LINE_MAX - peer->used, 0);

    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return false;
    peer->used += (size_t)got;
    peer->heard_ms = clock_monotonic_ms();
    return true;
}

/* A request that lies there is answered before more is taken. */
static bool serve_peer(struct control *control, struct peer *peer, bool *served)
{
    size_t size;

    if (peer->answer.used > peer->answer.sent)
        return write_answer(peer);
    if (!has_request(peer) && !take_bytes(peer))
        return false;
    if (*served || !has_request(peer))
        return true;
    *served = true;
    if (command_line(peer->input, peer->used, &size) == COMMAND_OK) {
        serve_line(control, peer, size);
    } else {
        end_answer(&peer->answer, "the request is too long (at most 65536 bytes in a line)");
        peer->answer.failed = true;
    }
    return write_answer(peer);
}

static bool find_user(int descriptor, uid_t *user)
{
    struct ucred who;
    socklen_t size = sizeof who;

    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
        return false;
    *user = who.uid;
    return true;
}

/* At most as many as there are places: whoever was let in is heard before the next has to go. */
static void accept_peers(struct control *control)
{
    struct peer *peer;

    for (size_t i = 0; i < CONTROL_PEERS_MAX && (peer = find_place(control)); i++) {
        int descriptor = descriptors_accept(control->descriptor, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (descriptor < 0)
            return;
        if (peer->descriptor >= 0)
            drop_peer(peer);
        peer->descriptor = descriptor;
        peer->heard_ms = clock_monotonic_ms();
        peer->input = malloc(COMMAND_LINE_MAX);
        if (!peer->input || !find_user(peer->descriptor, &peer->answer.user))
            drop_peer(peer);
    }
}

/* One request in a turn, of all peers together, each peer in its turn: what they ask may take a
 * while, and deadlines do not wait. */
void control_serve(struct control *control)
{
    bool served = false;
    size_t next = control->first;

    accept_peers(control);
    for (size_t i = 0; i < CONTROL_PEERS_MAX; i++) {
        size_t place = (control->first + i) % CONTROL_PEERS_MAX;
        struct peer *peer = &control->peers[place];
        bool before = served;

        if (peer->descriptor >= 0 && !serve_peer(control, peer, &served))
            drop_peer(peer);
        if (served && !before)
            next = place + 1;
    }
    control->first = next;
}
