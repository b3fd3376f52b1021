/* control.h - a local command socket: what concernctl asks, answered in lines.
 *
 * A UNIX stream socket; who may open it is the file's mode (0660, the daemon's group, or that of
 * a folder with the set-group-id bit), and what may be asked there is the handler's to say.
 * Reading and writing never block the engine: a peer that does not read its answer is cut
 * off when CONTROL_ANSWER_MAX bytes wait for it.
 */
#ifndef CONCERN_IO_CONTROL_H
#define CONCERN_IO_CONTROL_H

#include <poll.h>

#include "core/base.h"
#include "protocol/command.h"

struct control;
struct control_answer;

enum {
    CONTROL_PEERS_MAX = 16,
    CONTROL_ANSWER_MAX = 64 * 1024 * 1024,
    CONTROL_SILENCE_MS = 1000 /* a peer silent for so long makes room where all places are taken */
};

/** Adds one line (without its "\n") to the answer; false: the peer has had enough. */
bool control_say(struct control_answer *answer, const char *line);

/** Who asks: the user id of the process at the other end, as the kernel gives it. */
unsigned control_user(const struct control_answer *answer);

/**
 * Answers one command by control_say(); returns NULL where all went well, else what is wrong,
 * which the peer is told in the end line (the text is copied).
 */
typedef const char *control_handler(void *context, const struct command *command,
                                    struct control_answer *answer);

/**
 * Binds `path`; a socket file a daemon left that is gone is replaced, one that answers is not
 * (-EADDRINUSE).  The directory must be there.
 */
int control_open(const char *path, control_handler *handler, void *context,
                 struct control **control);

/** Where it is; lives as long as it. */
const char *control_path(const struct control *control);

/** Fills at most CONTROL_PEERS_MAX + 1 places with what to poll; answers how many. */
size_t control_watch(struct control *control, struct pollfd *places);

/** Serves everything that can be served without waiting. */
void control_serve(struct control *control);

/** Closes it and removes the socket file; NULL is fine; sets NULL. */
void control_close(struct control **control);

#endif
