/* http_private.h - what the files of the HTTP server share. */
#ifndef CONCERN_IO_HTTP_PRIVATE_H
#define CONCERN_IO_HTTP_PRIVATE_H

#include <microhttpd.h>

#include "io/http.h"
#include "policy/http_address.h"

enum {
    HTTP_HEADERS_MORE_MAX = 8,
    HTTP_HEADER_NAME_SIZE = 32,
    HTTP_HEADER_VALUE_SIZE = 512,
    HTTP_POLICY_SIZE = 256 /* of the Content-Security-Policy */
};

/** One connection. */
struct http_place {
    struct MHD_Connection *connection; /* NULL: the place is free */
    int64_t began_ms;
    bool is_put_off; /* suspended until the next turn */
    bool is_ended;   /* shut down; its end has not been seen yet */
};

struct http {
    struct MHD_Daemon *server;
    int descriptor;
    struct http_settings settings;
    char *hosts;
    struct http_place places[HTTP_CONNECTIONS_MAX];
    size_t place_count;
    int64_t until_ms;  /* the end of the pages' share of this turn */
    bool has_answered; /* somebody in it */
    char address[HTTP_ADDRESS_TEXT_SIZE];
    char socket_path[HTTP_SOCKET_PATH_MAX + 1]; /* "" without */
    char policy[HTTP_POLICY_SIZE];
};

/** What an answer is made of. */
struct http_response {
    unsigned status;
    const char *type;
    char *bytes;
    size_t used, size;
    struct {
        char name[HTTP_HEADER_NAME_SIZE];
        char value[HTTP_HEADER_VALUE_SIZE];
    } headers[HTTP_HEADERS_MORE_MAX];
    size_t header_count;
    bool failed; /* too long, or no memory */
};

/* --- http_listen.c */

/** A socket that listens at `address`, or negative; told.  Writes where it is. */
int http_listen(const struct http_address *address, char text[HTTP_ADDRESS_TEXT_SIZE]);

/* --- http_exchange.c: one request and its answer */

/** MHD_OPTION_URI_LOG_CALLBACK, MHD_AccessHandlerCallback, MHD_RequestCompletedCallback; the
 *  context is the server. */
void *http_exchange_begin(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result http_exchange_go_on(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *bytes, size_t *size, void **exchange);
void http_exchange_end(void *context, struct MHD_Connection *connection, void **exchange,
                       enum MHD_RequestTerminationCode why);

/** Whether `host`, of a Host header, is one the server is asked by. */
bool http_is_our_host(const char *hosts, const char *host);

/** Whether this turn's share is used up; then the connection is put off to the next. */
bool http_put_off(struct http *http, struct MHD_Connection *connection);

/* --- http_page.c */

/** Writes the Content-Security-Policy that allows the style sheet of http_page_begin(). */
bool http_write_policy(char policy[HTTP_POLICY_SIZE]);

#endif
