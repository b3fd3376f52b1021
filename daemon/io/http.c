/* http.c - the daemon's own small HTTP server: its connections and its share of a turn. */
#include "io/http_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/journal.h"

enum { LOOK_MS = 100 /* how often it is looked who takes too long */ };

static void note_connection(void *context, struct MHD_Connection *connection, void **place,
                            enum MHD_ConnectionNotificationCode code);
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text);

static struct MHD_Daemon *start_server(struct http *self, int listener)
{
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
                            http_exchange_go_on, self, MHD_OPTION_LISTEN_SOCKET,
                            (MHD_socket)listener,                                               /**/
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,        /**/
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)HTTP_PER_ADDRESS_MAX, /**/
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(HTTP_TIMEOUT_MS / 1000),  /**/
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEADERS_MAX,       /**/
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,                                    /**/
                            MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,                               /**/
                            MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin, self,             /**/
                            MHD_OPTION_NOTIFY_COMPLETED, http_exchange_end, self,               /**/
                            MHD_OPTION_NOTIFY_CONNECTION, note_connection, self,                /**/
                            MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, self, MHD_OPTION_END);
}

static int open_server(struct http *self, const struct http_address *address)
{
    const union MHD_DaemonInfo *info;
    int listener = http_listen(address, self->address);

    if (listener < 0)
        return listener;
    memcpy(self->socket_path, address->path, sizeof self->socket_path);
    self->server = start_server(self, listener);
    if (!self->server) {
        close(listener);
        return journal_fail(-EIO, "pages: the HTTP server at %s does not start", self->address);
    }
    info = MHD_get_daemon_info(self->server, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info)
        return journal_fail(-EIO, "pages: the HTTP server at %s cannot be polled", self->address);
    self->descriptor = info->epoll_fd;
    return 0;
}

int http_open(const struct http_settings *settings, struct http **http)
{
    struct http_address address;
    struct http *self;
    int error;

    if (!http_address_read(settings->address, &address) || address.kind == HTTP_NOWHERE)
        return journal_fail(-EINVAL, "pages: %s is no address (127.0.0.1:9570, unix:/PATH or none)",
                            settings->address);
    self = calloc(1, sizeof *self);
    if (!self)
        return journal_fail(-ENOMEM, "pages: no memory");
    self->settings = *settings;
    self->hosts = strdup(settings->hosts);
    if (!self->hosts || !http_write_policy(self->policy))
        error = journal_fail(-ENOMEM, "pages: no memory");
    else
        error = open_server(self, &address);
    if (error < 0)
        http_close(&self);
    else
        *http = self;
    return error;
}

static void resume_all(struct http *self)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (!self->places[i].is_put_off)
            continue;
        self->places[i].is_put_off = false;
        MHD_resume_connection(self->places[i].connection);
    }
}

void http_close(struct http **http)
{
    struct http *self = *http;

    if (!self)
        return;
    if (self->server) {
        resume_all(self);
        MHD_stop_daemon(self->server);
    }
    if (self->server && self->socket_path[0])
        unlink(self->socket_path);
    free(self->hosts);
    free(self);
    *http = NULL;
}

const char *http_address(const struct http *http)
{
    return http->address;
}

int http_descriptor(const struct http *http)
{
    return http->descriptor;
}

/* --- connections */

static void note_connection(void *context, struct MHD_Connection *connection, void **place,
                            enum MHD_ConnectionNotificationCode code)
{
    struct http *self = context;
    struct http_place *known = *place;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (known) {
            *known = (struct http_place){ .connection = NULL };
            self->place_count--;
        }
        return;
    }
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (self->places[i].connection)
            continue;
        self->places[i] =
            (struct http_place){ .connection = connection, .began_ms = clock_monotonic_ms() };
        self->place_count++;
        *place = &self->places[i];
        return;
    }
}

/* Paths are taken as they are sent, and a query is read by http_form.c. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* Its end is seen as if the other side had closed it. */
static void end_connection(struct http_place *place)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(place->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    place->is_ended = true;
    if (info)
        shutdown(info->connect_fd, SHUT_RDWR);
}

/* The server's own time-out begins anew with each byte: who sends one now and then would stay. */
static void end_slow_ones(struct http *self)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t most_ms = self->place_count >= HTTP_CROWDED ? HTTP_HURRY_MS : HTTP_TIMEOUT_MS;

    for (size_t i = 0; self->place_count > 0 && i < HTTP_CONNECTIONS_MAX; i++) {
        struct http_place *place = &self->places[i];

        if (place->connection && !place->is_ended && !place->is_put_off &&
            now_ms - place->began_ms >= most_ms)
            end_connection(place);
    }
}

/* --- a turn */

bool http_put_off(struct http *self, struct MHD_Connection *connection)
{
    if (!self->has_answered || clock_monotonic_ms() < self->until_ms) {
        self->has_answered = true;
        return false;
    }
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (self->places[i].connection != connection)
            continue;
        self->places[i].is_put_off = true;
        MHD_suspend_connection(connection);
        return true;
    }
    return false;
}

static bool has_put_off(const struct http *self)
{
    for (size_t i = 0; self->place_count > 0 && i < HTTP_CONNECTIONS_MAX; i++)
        if (self->places[i].is_put_off)
            return true;
    return false;
}

int http_wait_ms(struct http *self)
{
    MHD_UNSIGNED_LONG_LONG server_ms;
    int wait_ms = self->place_count > 0 ? LOOK_MS : -1;

    if (has_put_off(self))
        return 0;
    if (MHD_get_timeout(self->server, &server_ms) == MHD_YES &&
        (wait_ms < 0 || server_ms < (MHD_UNSIGNED_LONG_LONG)wait_ms))
        wait_ms = server_ms < LOOK_MS ? (int)server_ms : LOOK_MS;
    return wait_ms;
}

void http_serve(struct http *self)
{
    self->until_ms = clock_monotonic_ms() + HTTP_TURN_MS;
    self->has_answered = false;
    resume_all(self);
    end_slow_ones(self);
    MHD_run(self->server);
}
