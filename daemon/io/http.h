/* http.h - the daemon's own small HTTP server, inside the engine's loop.
 *
 * It has no thread: http_descriptor() is polled with everything else, and http_serve() does what
 * can be done without waiting, for HTTP_TURN_MS at most; what is left over is served in the next
 * turn.  Everything from outside is bounded: connections, in all and of one address; headers and
 * body; the time from the first byte to the last.  Where places run short, who is slow goes.
 * A connection is closed after its answer.
 *
 * Only GET, HEAD (as GET, without the body) and POST of a form are taken.  The Host asked for
 * must be an address in figures, localhost or one of the settings' names: a page elsewhere
 * whose name turns into a loopback address (DNS rebinding) is answered 421.  A POST that a
 * browser sends for another site's page is answered 403.
 *
 * Every answer of ours says: nothing may be loaded but the page itself (Content-Security-
 * Policy), not sniffed, not framed, no referrer, not kept.  Nothing is logged of who asks.
 *
 * What libmicrohttpd cannot read as a request it refuses before we are asked (400, 431, 505): in
 * its own words, of which none is the request's, and without those headers, for it has no option
 * to add them (0.9.75); 0.9.75 sends some of these heads twice.  The connection ends.
 */
#ifndef CONCERN_IO_HTTP_H
#define CONCERN_IO_HTTP_H

#include "core/base.h"
#include "io/http_form.h"

struct http;
struct http_response;

enum {
    HTTP_CONNECTIONS_MAX = 64,
    HTTP_PER_ADDRESS_MAX = 32,
    HTTP_CROWDED = 24,             /* with so many, who has not finished in HTTP_HURRY_MS goes */
    HTTP_HURRY_MS = 300,           /* from the first byte to the last, where it is crowded */
    HTTP_TIMEOUT_MS = 10000,       /* and where it is not */
    HTTP_HEADERS_MAX = 16384,      /* bytes of memory for the headers of a request */
    HTTP_TARGET_MAX = 2048,        /* bytes of path and query */
    HTTP_BODY_MAX = HTTP_FORM_MAX, /* bytes of a request's body */
    HTTP_ANSWER_MAX = 4 * 1024 * 1024, /* bytes of an answer; more is answered 500 */
    HTTP_TURN_MS = 10, /* a turn of the engine gives to pages, and one answer more */
    HTTP_ADDRESS_TEXT_SIZE = 128
};

/** HTTP_OTHER: none of those that are taken; of a route, what such a request to it is told, with
 *  405.  Of the request nothing is known then but its path, which may be any text. */
enum http_method { HTTP_GET, HTTP_POST, HTTP_OTHER };

/** A request, checked and whole.  All of it is borrowed for the length of the call. */
struct http_request {
    enum http_method method;
    const char *path; /* "/answer/abc": of A-Z a-z 0-9 . _ ~ - and '/' alone */
    const char *rest; /* what stands in the place of a route's "*"; "" without one */
    const struct http_form *query;
    const struct http_form *form; /* empty but of a POST */
};

/** Answers a request; where it says nothing the answer is an empty 200 of plain text. */
typedef void http_handler(void *context, const struct http_request *request,
                          struct http_response *response);

/** One page.  A path that ends in "/" and "*" stands for everything that begins so, with at least
 *  one character more.  The first of the table that fits is taken. */
struct http_route {
    enum http_method method;
    const char *path;
    http_handler *handler;
};

struct http_settings {
    const char *address;             /* as the setting `http`, not "none" */
    const char *hosts;               /* names it is asked by, between blanks; may be "" */
    const struct http_route *routes; /* borrowed until it is closed */
    size_t route_count;
    void *context; /* of the handlers */
};

/**
 * Binds the address.  -EINVAL: it is none; -EADDRINUSE and others of bind(); -ENOMEM.  Faults
 * are told to the journal with the remedy.  A socket file that a daemon left is replaced.
 */
int http_open(const struct http_settings *settings, struct http **http);

/** Where it is, with the port that was found: "http://127.0.0.1:9570" or "unix:/run/…". */
const char *http_address(const struct http *http);

/** To be polled for reading. */
int http_descriptor(const struct http *http);

/** The longest to wait for the descriptor until http_serve() is to be called, in ms; -1: as long
 *  as it takes. */
int http_wait_ms(struct http *self);

/** Serves everything that can be served without waiting, in its share of the turn. */
void http_serve(struct http *self);

/** Ends all connections and takes a socket file away; NULL is fine; sets NULL. */
void http_close(struct http **http);

/* --- answers */

/** 200 where it is never called. */
void http_status(struct http_response *response, unsigned status);

/** "text/plain; charset=utf-8" where it is never called.  The text must stay. */
void http_type(struct http_response *response, const char *type);

/** One header more (Location, Retry-After); the texts are copied.  Up to eight, whose values
 *  have up to 511 bytes; a value with a line end in it makes the answer a 500. */
void http_header(struct http_response *response, const char *name, const char *value);

/** Adds to the body, as it is. */
void http_say(struct http_response *response, const char *text);
void http_sayf(struct http_response *response, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** What was said so far; NULL: nothing, or it has failed. */
const char *http_said(const struct http_response *response);

/** Adds to the body what is to be read as text inside HTML, in an attribute too: UTF-8, of which
 *  what does not show (core/plain.h) becomes a blank. */
void http_say_text(struct http_response *response, const char *text);

/** Begins an HTML page in a language ("en") up to and with its <h1>, and ends it; the one style
 *  sheet that the Content-Security-Policy allows is in it.  `title` is text. */
void http_page_begin(struct http_response *response, const char *language, const char *title);
void http_page_end(struct http_response *response);

#endif
