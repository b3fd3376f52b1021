/* http_exchange.c - one request and its answer. */
#include "io/http_private.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What has come of a request. */
struct exchange {
    char target[HTTP_TARGET_MAX + 1]; /* the path; the query is behind its zero */
    const char *query_text;
    bool is_too_long;
    bool has_head; /* it was looked at */
    struct http_form query, form;
    char body[HTTP_BODY_MAX];
    size_t body_used;
    bool body_is_too_long;
};

static const char path_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-/";
static const char form_type[] = "application/x-www-form-urlencoded";

static unsigned check_head(const struct http *self, struct MHD_Connection *connection,
                           const char *method, struct exchange *exchange);
static enum MHD_Result refuse(const struct http *self, struct MHD_Connection *connection,
                              unsigned status, const char *allow);
static enum MHD_Result answer(const struct http *self, struct MHD_Connection *connection,
                              const char *method, struct exchange *exchange);
static enum MHD_Result answer_other(const struct http *self, struct MHD_Connection *connection,
                                    struct exchange *exchange);

void *http_exchange_begin(void *context, const char *target, struct MHD_Connection *connection)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    size_t length = strlen(target);
    char *question;

    (void)context;
    (void)connection;
    if (!exchange)
        return NULL;
    exchange->query_text = "";
    exchange->is_too_long = length > HTTP_TARGET_MAX;
    if (exchange->is_too_long)
        return exchange;
    memcpy(exchange->target, target, length + 1);
    question = strchr(exchange->target, '?');
    if (question) {
        *question = '\0';
        exchange->query_text = question + 1;
    }
    return exchange;
}

void http_exchange_end(void *context, struct MHD_Connection *connection, void **exchange,
                       enum MHD_RequestTerminationCode why)
{
    (void)context;
    (void)connection;
    (void)why;
    free(*exchange);
    *exchange = NULL;
}

static void take_body(struct exchange *exchange, const char *bytes, size_t size)
{
    if (size > sizeof exchange->body - exchange->body_used) {
        exchange->body_is_too_long = true;
        return;
    }
    memcpy(exchange->body + exchange->body_used, bytes, size);
    exchange->body_used += size;
}

/* Called with the head, then with each piece of a body, then without one; and again where it was
 * put off.  Its parameters are the library's: NOLINTNEXTLINE(readability-function-size) */
enum MHD_Result http_exchange_go_on(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *bytes, size_t *size, void **exchange)
{
    struct http *self = context;
    struct exchange *known = *exchange;
    unsigned status;

    (void)url;
    (void)version;
    if (!known)
        return MHD_NO;
    if (!known->has_head) {
        known->has_head = true;
        status = check_head(self, connection, method, known);
        return status == MHD_HTTP_METHOD_NOT_ALLOWED ? answer_other(self, connection, known)
               : status                              ? refuse(self, connection, status, NULL)
                                                     : MHD_YES;
    }
    if (*size > 0) {
        take_body(known, bytes, *size);
        *size = 0;
        return MHD_YES;
    }
    if (http_put_off(self, connection))
        return MHD_YES;
    return answer(self, connection, method, known);
}

/* --- what is taken at all */

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* An address in figures, with or without a port and brackets. */
static bool is_in_figures(const char *host, size_t length)
{
    char text[HTTP_HOST_MAX + 1];
    struct in6_addr in;
    bool bracketed = length > 2 && host[0] == '[' && host[length - 1] == ']';

    host += bracketed;
    length -= 2 * bracketed;
    if (length == 0 || length > HTTP_HOST_MAX)
        return false;
    memcpy(text, host, length);
    text[length] = '\0';
    return inet_pton(bracketed ? AF_INET6 : AF_INET, text, &in) == 1;
}

bool http_is_our_host(const char *hosts, const char *host)
{
    static const char local[] = "localhost";
    const char *end = *host == '[' ? strchr(host, ']') : NULL;
    size_t length = end ? (size_t)(end + 1 - host) : strcspn(host, ":");
    const char *port = host + length;

    if (*port == ':')
        port += 1 + strspn(port + 1, "0123456789");
    if (*port)
        return false;
    if (is_in_figures(host, length) ||
        (length == strlen(local) && strncasecmp(host, local, length) == 0))
        return true;
    while (*(hosts += strspn(hosts, " "))) {
        size_t ours = strcspn(hosts, " ");

        if (length == ours && strncasecmp(host, hosts, length) == 0)
            return true;
        hosts += ours;
    }
    return false;
}

/* Only a page of ours may send a form; browsers say whose page it was. */
static bool is_from_elsewhere(struct MHD_Connection *connection)
{
    const char *site = header(connection, "Sec-Fetch-Site");

    return site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static unsigned check_length(const char *length)
{
    size_t digits = length ? strspn(length, "0123456789") : 0;
    unsigned value = 0;

    if (digits == 0 || length[digits])
        return MHD_HTTP_LENGTH_REQUIRED;
    for (size_t i = 0; i < digits && value <= HTTP_BODY_MAX; i++)
        value = value * 10 + (unsigned)(length[i] - '0');
    return value > HTTP_BODY_MAX ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
}

/* A length is said ahead: what is too long is not even read. */
static unsigned check_form(struct MHD_Connection *connection)
{
    const char *type = header(connection, MHD_HTTP_HEADER_CONTENT_TYPE);
    unsigned status = check_length(header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH));

    if (header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING))
        return MHD_HTTP_LENGTH_REQUIRED;
    if (status)
        return status;
    if (is_from_elsewhere(connection))
        return MHD_HTTP_FORBIDDEN;
    if (!type || strncasecmp(type, form_type, strlen(form_type)) != 0 ||
        !strchr("; ", type[strlen(form_type)]))
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    return 0;
}

static bool has_body(struct MHD_Connection *connection)
{
    const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) ||
           (length && strcmp(length, "0") != 0);
}

/* 0, or the status of a refusal. */
static unsigned check_head(const struct http *self, struct MHD_Connection *connection,
                           const char *method, struct exchange *exchange)
{
    bool is_post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    const char *host = header(connection, MHD_HTTP_HEADER_HOST);

    if (!is_post && strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    if (exchange->is_too_long)
        return MHD_HTTP_URI_TOO_LONG;
    if (host && !http_is_our_host(self->hosts, host))
        return MHD_HTTP_MISDIRECTED_REQUEST;
    if (exchange->target[0] != '/' || exchange->target[strspn(exchange->target, path_letters)] ||
        !http_form_read(exchange->query_text, strlen(exchange->query_text), &exchange->query))
        return MHD_HTTP_BAD_REQUEST;
    if (is_post)
        return check_form(connection);
    return has_body(connection) ? MHD_HTTP_BAD_REQUEST : 0;
}

/* --- answers */

static bool add_headers(const struct http *self, const struct http_response *response,
                        struct MHD_Response *sent)
{
    const char *const always[][2] = {
        { "Content-Type", response->type },
        { "Content-Security-Policy", self->policy },
        { "X-Content-Type-Options", "nosniff" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Referrer-Policy", "no-referrer" },
        { "Cache-Control", "no-store" },
        { "Connection", "close" },
    };
    enum MHD_Result added = MHD_YES;

    for (size_t i = 0; i < COUNT_OF(always) && added == MHD_YES; i++)
        added = MHD_add_response_header(sent, always[i][0], always[i][1]);
    for (size_t i = 0; i < response->header_count && added == MHD_YES; i++)
        added =
            MHD_add_response_header(sent, response->headers[i].name, response->headers[i].value);
    return added == MHD_YES;
}

/* Takes the bytes of the response over. */
static enum MHD_Result send_response(const struct http *self, struct MHD_Connection *connection,
                                     struct http_response *response)
{
    static char nothing[] = "";
    bool is_empty = !response->bytes;
    struct MHD_Response *sent =
        MHD_create_response_from_buffer(response->used, is_empty ? nothing : response->bytes,
                                        is_empty ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result = MHD_NO;

    if (!sent) {
        free(response->bytes);
        return MHD_NO;
    }
    if (add_headers(self, response, sent))
        result = MHD_queue_response(connection, response->status, sent);
    MHD_destroy_response(sent);
    return result;
}

static void begin_response(struct http_response *response, unsigned status)
{
    memset(response, 0, sizeof *response);
    response->status = status;
    response->type = "text/plain; charset=utf-8";
}

/* `allow`: the methods that would be right, where that is what is wrong. */
static enum MHD_Result refuse(const struct http *self, struct MHD_Connection *connection,
                              unsigned status, const char *allow)
{
    static const struct {
        unsigned status;
        const char *text;
    } texts[] = {
        { MHD_HTTP_BAD_REQUEST, "This cannot be read as a request for a page.\n" },
        { MHD_HTTP_FORBIDDEN, "This form was sent for the page of another site.\n" },
        { MHD_HTTP_NOT_FOUND, "There is no such page.\n" },
        { MHD_HTTP_METHOD_NOT_ALLOWED, "A page is got, or a form of it is sent.\n" },
        { MHD_HTTP_LENGTH_REQUIRED, "The length of the form is missing.\n" },
        { MHD_HTTP_CONTENT_TOO_LARGE, "A form has at most 4096 bytes.\n" },
        { MHD_HTTP_URI_TOO_LONG, "An address has at most 2048 bytes.\n" },
        { MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
          "A form is sent as application/x-www-form-urlencoded.\n" },
        { MHD_HTTP_MISDIRECTED_REQUEST,
          "Nobody asks concernd by this name (setting http_hosts).\n" },
        { MHD_HTTP_INTERNAL_SERVER_ERROR, "The page could not be made.\n" },
    };
    struct http_response response;

    begin_response(&response, status);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        http_header(&response, "Allow", allow);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i].status == status)
            http_say(&response, texts[i].text);
    return send_response(self, connection, &response);
}

static bool path_fits(const char *path, const char *asked, const char **rest)
{
    size_t length = strlen(path);

    *rest = "";
    if (path[length - 1] != '*')
        return strcmp(path, asked) == 0;
    *rest = asked + length - 1;
    return strncmp(path, asked, length - 1) == 0 && **rest;
}

/* NULL and the status why. */
static const struct http_route *find_route(const struct http *self, struct http_request *request,
                                           unsigned *status)
{
    *status = MHD_HTTP_NOT_FOUND;
    for (size_t i = 0; i < self->settings.route_count; i++) {
        const struct http_route *route = &self->settings.routes[i];

        if (!path_fits(route->path, request->path, &request->rest))
            continue;
        if (route->method == request->method)
            return route;
        *status = MHD_HTTP_METHOD_NOT_ALLOWED;
    }
    return NULL;
}

/* What the route says, as it is begun. */
static enum MHD_Result say(const struct http *self, struct MHD_Connection *connection,
                           const struct http_route *route, const struct http_request *request,
                           struct http_response *response)
{
    route->handler(self->settings.context, request, response);
    if (response->failed) {
        free(response->bytes);
        return refuse(self, connection, MHD_HTTP_INTERNAL_SERVER_ERROR, NULL);
    }
    return send_response(self, connection, response);
}

static const char methods[] = "GET, HEAD, POST";

static enum MHD_Result answer_other(const struct http *self, struct MHD_Connection *connection,
                                    struct exchange *exchange)
{
    struct http_request request = { .method = HTTP_OTHER,
                                    .path = exchange->target,
                                    .query = &exchange->query,
                                    .form = &exchange->form };
    struct http_response response;
    unsigned status;
    const struct http_route *route = find_route(self, &request, &status);

    if (!route)
        return refuse(self, connection, MHD_HTTP_METHOD_NOT_ALLOWED, methods);
    begin_response(&response, MHD_HTTP_METHOD_NOT_ALLOWED);
    http_header(&response, "Allow", methods);
    return say(self, connection, route, &request, &response);
}

static enum MHD_Result answer(const struct http *self, struct MHD_Connection *connection,
                              const char *method, struct exchange *exchange)
{
    struct http_request request = { .path = exchange->target,
                                    .query = &exchange->query,
                                    .form = &exchange->form };
    struct http_response response;
    const struct http_route *route;
    unsigned status;

    if (strcmp(method, MHD_HTTP_METHOD_POST) == 0)
        request.method = HTTP_POST;
    if (exchange->body_is_too_long)
        return refuse(self, connection, MHD_HTTP_CONTENT_TOO_LARGE, NULL);
    if (!http_form_read(exchange->body, exchange->body_used, &exchange->form))
        return refuse(self, connection, MHD_HTTP_BAD_REQUEST, NULL);
    route = find_route(self, &request, &status);
    if (!route)
        return refuse(self, connection, status, request.method == HTTP_POST ? "GET, HEAD" : "POST");
    begin_response(&response, MHD_HTTP_OK);
    return say(self, connection, route, &request, &response);
}
