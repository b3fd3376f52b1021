/* test_http.c - the HTTP server, asked over real sockets from the loop that serves it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/http.h"
#include "io/http_private.h"
#include "io/journal.h"

enum { PATIENCE_MS = 30000, ANSWER_SIZE = 65536 };

static int slow_answers; /* how many were given */

static void say_path(void *context, const struct http_request *request,
                     struct http_response *response)
{
    assert_string_equal(context, "the context");
    http_sayf(response, "path %s rest %s", request->path, request->rest);
    if (http_form_value(request->query, "q"))
        http_sayf(response, " q %s", http_form_value(request->query, "q"));
}

static void take_form(void *context, const struct http_request *request,
                      struct http_response *response)
{
    const char *name = http_form_value(request->form, "name");

    (void)context;
    http_status(response, 303);
    http_header(response, "Location", "/after");
    http_sayf(response, "%zu fields", request->form->count);
    if (name)
        http_sayf(response, ", name %s", name);
}

static void say_page(void *context, const struct http_request *request,
                     struct http_response *response)
{
    (void)context;
    (void)request;
    http_status(response, 404);
    http_page_begin(response, "cy", "A & \"B\" <c>");
    http_say(response, "<p>");
    http_say_text(response, "it's <b>\n\x1b\xff w\xc5\xb5\xe2\x80\xaeyl");
    http_say(response, "</p>\n");
    http_page_end(response);
}

static void say_too_much(void *context, const struct http_request *request,
                         struct http_response *response)
{
    (void)context;
    (void)request;
    for (int i = 0; i < 70; i++)
        http_sayf(response, "%65536d", i);
}

static void say_bad_header(void *context, const struct http_request *request,
                           struct http_response *response)
{
    (void)context;
    (void)request;
    http_header(response, "Location", "/a\r\nSet-Cookie: a=b");
    http_say(response, "said");
}

static void say_nothing(void *context, const struct http_request *request,
                        struct http_response *response)
{
    (void)context;
    (void)request;
    (void)response;
}

/* Takes longer than a turn gives to pages. */
static void say_slowly(void *context, const struct http_request *request,
                       struct http_response *response)
{
    int64_t until = clock_monotonic_ms() + HTTP_TURN_MS + 1;

    (void)context;
    (void)request;
    while (clock_monotonic_ms() < until)
        ;
    slow_answers++;
    http_say(response, "slow");
}

static const struct http_route routes[] = {
    { HTTP_GET, "/", say_path },           { HTTP_GET, "/page", say_page },
    { HTTP_GET, "/some/*", say_path },     { HTTP_POST, "/form", take_form },
    { HTTP_GET, "/much", say_too_much },   { HTTP_GET, "/header", say_bad_header },
    { HTTP_GET, "/nothing", say_nothing }, { HTTP_GET, "/slow", say_slowly },
    { HTTP_OTHER, "/some/*", say_path },
};

static struct http *open_server(const char *address)
{
    struct http_settings settings = {
        .address = address,
        .hosts = " concern.board.example  pages.board.example ",
        .routes = routes,
        .route_count = COUNT_OF(routes),
        .context = "the context",
    };
    struct http *http = NULL;

    assert_int_equal(http_open(&settings, &http), 0);
    return http;
}

/* --- a client in the same loop */

static int connect_to(const struct http *http)
{
    struct sockaddr_in place = { .sin_family = AF_INET };
    const char *port = strrchr(http_address(http), ':') + 1;
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    assert_true(client >= 0);
    place.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(connect(client, (struct sockaddr *)&place, sizeof place) == 0 ||
                errno == EINPROGRESS);
    return client;
}

/* A turn of the loop, as the engine takes it. */
static void turn(struct http *http, int client)
{
    struct pollfd places[] = { { .fd = http_descriptor(http), .events = POLLIN },
                               { .fd = client, .events = POLLIN } };
    int wait_ms = http_wait_ms(http);

    poll(places, COUNT_OF(places), wait_ms >= 0 && wait_ms < 100 ? wait_ms : 100);
    http_serve(http);
}

/* Sends all of it as the server takes it. */
static void send_all(struct http *http, int client, const char *bytes, size_t size)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    for (size_t sent = 0; sent < size;) {
        ssize_t now = send(client, bytes + sent, size - sent, MSG_NOSIGNAL);

        if (now > 0)
            sent += (size_t)now;
        else if (now < 0 && errno != EAGAIN && errno != ENOTCONN)
            return; /* it has heard enough */
        turn(http, client);
        assert_true(clock_monotonic_ms() < until);
    }
}

/* Everything up to the end of the connection; closes the client. */
static void receive_all(struct http *http, int client, char answer[ANSWER_SIZE])
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;
    size_t used = 0;
    ssize_t got;

    while ((got = recv(client, answer + used, ANSWER_SIZE - 1 - used, 0)) != 0) {
        if (got < 0 && errno != EAGAIN && errno != ENOTCONN)
            break;
        used += got > 0 ? (size_t)got : 0;
        turn(http, client);
        assert_true(clock_monotonic_ms() < until);
    }
    answer[used] = '\0';
    close(client);
}

static void ask(struct http *http, const char *request, char answer[ANSWER_SIZE])
{
    int client = connect_to(http);

    send_all(http, client, request, strlen(request));
    receive_all(http, client, answer);
}

/* --- requests and their answers */

#define H " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

static const struct row {
    const char *request;
    unsigned status;
    const char *says; /* somewhere in the answer; NULL: anything */
} rows[] = {
    { "GET /" H "\r\n", 200, "\r\n\r\npath / rest " },
    { "GET /some/th.i_n~g-1" H "\r\n", 200, "path /some/th.i_n~g-1 rest th.i_n~g-1" },
    { "GET /some/a/b" H "\r\n", 200, "rest a/b" },
    { "GET /?q=a+b%26&r" H "\r\n", 200, "path / rest  q a b&" },
    { "GET /nothing" H "\r\n", 200, "Content-Length: 0" },
    { "HEAD /" H "\r\n", 200, "Content-Length: 12" },
    { "GET / HTTP/1.0\r\n\r\n", 200, "path /" },
    /* hosts */
    { "GET / HTTP/1.1\r\nHost: localhost:9570\r\n\r\n", 200, NULL },
    { "GET / HTTP/1.1\r\nHost: LOCALHOST\r\n\r\n", 200, NULL },
    { "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200, NULL },
    { "GET / HTTP/1.1\r\nHost: concern.board.example\r\n\r\n", 200, NULL },
    { "GET / HTTP/1.1\r\nHost: Pages.Board.Example:8443\r\n\r\n", 200, NULL },
    { "GET / HTTP/1.1\r\nHost: board.example\r\n\r\n", 421, "http_hosts" },
    { "GET / HTTP/1.1\r\nHost: concern.board.example.evil.example\r\n\r\n", 421, NULL },
    { "GET / HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", 421, NULL },
    { "GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", 421, NULL },
    { "GET / HTTP/1.1\r\nHost: 127.0.0.1:80:90\r\n\r\n", 421, NULL },
    { "GET / HTTP/1.1\r\nHost: 127.0.0.1:x\r\n\r\n", 421, NULL },
    { "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 421, NULL },
    { "GET / HTTP/1.1\r\nHost: \r\n\r\n", 421, NULL },
    { "GET / HTTP/1.1\r\n\r\n", 400, NULL },
    /* what is no page */
    { "GET /other" H "\r\n", 404, "There is no such page" },
    { "GET /some/" H "\r\n", 404, NULL },
    { "GET /../etc/passwd" H "\r\n", 404, NULL },
    { "GET /some/../../../etc/passwd" H "\r\n", 200, "rest ../../../etc/passwd" },
    { "GET /%2e%2e/etc/passwd" H "\r\n", 400, NULL },
    { "GET /%00" H "\r\n", 400, NULL },
    { "GET /some/<script>" H "\r\n", 400, NULL },
    { "GET http://127.0.0.1/" H "\r\n", 400, NULL },
    { "GET *" H "\r\n", 400, NULL },
    { "GET /?a=%ff" H "\r\n", 400, NULL },
    { "GET /?a=1&a=2" H "\r\n", 400, NULL },
    { "GET /form" H "\r\n", 405, "Allow: POST" },
    /* methods */
    { "POST /" H FORM "Content-Length: 0\r\n\r\n", 405, "Allow: GET, HEAD" },
    { "PUT /" H "\r\n", 405, "Allow: GET, HEAD, POST" },
    { "DELETE /" H "\r\n", 405, NULL },
    { "OPTIONS *" H "\r\n", 405, NULL },
    { "TRACE /" H "\r\n", 405, NULL },
    { "CONNECT a:1" H "\r\n", 405, NULL },
    { "BREW /" H "\r\n", 405, NULL },
    { "get /" H "\r\n", 405, NULL },
    /* bodies */
    { "POST /form" H FORM "Content-Length: 12\r\n\r\nname=An+Name", 303, "1 fields, name An Name" },
    { "POST /form" H "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
      "Content-Length: 0\r\n\r\n",
      303, "Location: /after" },
    { "POST /form" H FORM "Content-Length: 3\r\n\r\na=%", 400, NULL },
    { "POST /form" H FORM "Content-Length: 4097\r\n\r\na=", 413, "at most 4096" },
    { "POST /form" H FORM "Content-Length: 99999999999999999999\r\n\r\na=", 413, NULL },
    { "POST /form" H FORM "Content-Length: -1\r\n\r\n", 400, NULL },
    { "POST /form" H FORM "\r\n", 411, NULL },
    { "POST /form" H FORM "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, NULL },
    { "POST /form" H "Content-Length: 0\r\n\r\n", 415, NULL },
    { "POST /form" H "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\na", 415, NULL },
    { "POST /form" H FORM "Sec-Fetch-Site: cross-site\r\nContent-Length: 1\r\n\r\na", 403, NULL },
    { "POST /form" H FORM "Sec-Fetch-Site: same-site\r\nContent-Length: 1\r\n\r\na", 403, NULL },
    { "POST /form" H FORM "Sec-Fetch-Site: same-origin\r\nContent-Length: 1\r\n\r\na", 303, NULL },
    { "GET /" H "Sec-Fetch-Site: cross-site\r\n\r\n", 200, NULL },
    { "GET /" H "Content-Length: 5\r\n\r\nhello", 400, NULL },
    { "GET /" H "Content-Length: 0\r\n\r\n", 200, NULL },
    { "GET /" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, NULL },
    /* answers that cannot be given */
    { "GET /much" H "\r\n", 500, "could not be made" },
    { "GET /header" H "\r\n", 500, "could not be made" },
    /* pages */
    { "GET /page" H "\r\n", 404,
      "<h1>A &amp; &quot;B&quot; &lt;c&gt;</h1>\n<p>it&#39;s &lt;b&gt;    w\xc5\xb5 yl</p>" },
    { "GET /page" H "\r\n", 404, "<!DOCTYPE html>\n<html lang=\"cy\">\n" },
    { "BREW /some/tea" H "\r\n", 405, "path /some/tea rest tea" },
    { "PUT /some/tea" H "Content-Length: 5\r\n\r\nhello", 405, "Allow: GET, HEAD, POST" },
    { "PUT /other" H "\r\n", 405, "A page is got" },
};

static void requests_are_answered(void **state)
{
    static char answer[ANSWER_SIZE];
    struct http *http = open_server("127.0.0.1:0");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char status[32];

        print_message("  %.*s\n", (int)strcspn(rows[i].request, "\r"), rows[i].request);
        ask(http, rows[i].request, answer);
        snprintf(status, sizeof status, "HTTP/1.1 %u ", rows[i].status);
        if (strncmp(answer, "HTTP/1.0", 8) == 0)
            answer[7] = '1';
        if (strncmp(answer, status, strlen(status)) != 0 ||
            (rows[i].says && !strstr(answer, rows[i].says)))
            fail_msg("answered: %s", answer);
    }
    http_close(&http);
    assert_null(http);
}

/* Whatever it is, and whether there is such a page. */
static void every_answer_is_locked_down(void **state)
{
    static const char *const requests[] = { "GET /page" H "\r\n", "GET /other" H "\r\n",
                                            "BREW /" H "\r\n",
                                            "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n" };
    static const char *const headers[] = {
        "\r\nContent-Security-Policy: default-src 'none'; style-src 'sha256-",
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n",
        "\r\nX-Content-Type-Options: nosniff\r\n",
        "\r\nReferrer-Policy: no-referrer\r\n",
        "\r\nCache-Control: no-store\r\n",
        "\r\nConnection: close\r\n",
    };
    static char answer[ANSWER_SIZE];
    struct http *http = open_server("127.0.0.1:0");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        ask(http, requests[i], answer);
        for (size_t j = 0; j < COUNT_OF(headers); j++)
            assert_non_null(strstr(answer, headers[j]));
        assert_null(strstr(answer, "Server:"));
    }
    http_close(&http);
}

/* What libmicrohttpd cannot read it refuses itself, without asking us: not in our form, but with
 * nothing of the request in it, nothing that could be kept or run, and the connection ends. */
static void what_is_no_request_is_refused_without_a_word_of_it(void **state)
{
    static const char *const requests[] = {
        "GET /<b>planted</b> HTTP/1.1\r\n\r\n",
        "GET /<b>planted</b> HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        "<b>planted</b>\r\n\r\n",
        "GET /" H "<b>planted</b>\r\n\r\n",
        "GET /" H " <b>planted</b>: first\r\n\r\n",
        "POST /form" H FORM "Content-Length: <b>planted</b>\r\n\r\n",
        "POST /form" H FORM "Content-Length: -1\r\n\r\n<b>planted</b>",
        NULL, /* a head that is too large */
    };
    static char large[2 * HTTP_HEADERS_MAX], answer[ANSWER_SIZE];
    struct http *http = open_server("127.0.0.1:0");

    (void)state;
    snprintf(large, sizeof large, "GET /" H "<b>planted</b>: %0*d\r\n\r\n", HTTP_HEADERS_MAX, 0);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        ask(http, requests[i] ? requests[i] : large, answer);
        assert_null(strstr(answer, "planted"));
        assert_true(!*answer || strstr(answer, "\r\nConnection: close\r\n"));
        assert_true(!*answer || answer[9] == '4' || answer[9] == '5');
        assert_null(strstr(answer, "<script"));
        assert_null(strstr(answer, "Set-Cookie"));
    }
    ask(http, "GET /" H "\r\n", answer); /* and the next is answered */
    assert_int_equal(strncmp(answer, "HTTP/1.1 200 ", 13), 0);
    http_close(&http);
}

static void heads_are_bounded(void **state)
{
    static char request[2 * HTTP_HEADERS_MAX], answer[ANSWER_SIZE];
    struct http *http = open_server("127.0.0.1:0");
    int length;

    (void)state;
    length = snprintf(request, sizeof request, "GET /?%0*d" H "\r\n", HTTP_TARGET_MAX, 0);
    ask(http, request, answer);
    assert_int_equal(strncmp(answer, "HTTP/1.1 414 ", 13), 0);
    assert_true(length > HTTP_TARGET_MAX);
    snprintf(request, sizeof request, "GET /" H "X: %0*d\r\n\r\n", HTTP_HEADERS_MAX, 0);
    ask(http, request, answer);
    assert_int_equal(strncmp(answer, "HTTP/1.1 431 ", 13), 0);
    snprintf(request, sizeof request, "GET /" H "X: %0*d\r\n\r\n", HTTP_HEADERS_MAX / 2, 0);
    ask(http, request, answer);
    assert_int_equal(strncmp(answer, "HTTP/1.1 200 ", 13), 0);
    http_close(&http);
}

/* A form in as many pieces as it has bytes. */
static void a_form_may_come_in_pieces(void **state)
{
    static const char request[] = "POST /form" H FORM "Content-Length: 9\r\n\r\nname=b%21";
    static char answer[ANSWER_SIZE];
    struct http *http = open_server("127.0.0.1:0");
    int client = connect_to(http);

    (void)state;
    for (size_t i = 0; i < strlen(request); i++)
        send_all(http, client, request + i, 1);
    receive_all(http, client, answer);
    assert_non_null(strstr(answer, "1 fields, name b!"));
    http_close(&http);
}

static const char slow[] = "GET /slow" H "\r\n";

/* One answer is given whatever it takes, the others wait for the next turns. */
static void a_turn_gives_pages_their_share_and_no_more(void **state)
{
    enum { ASKED = 6 };
    static char answer[ANSWER_SIZE];
    struct http *http = open_server("127.0.0.1:0");
    int clients[ASKED], before, turns = 0;

    (void)state;
    slow_answers = 0;
    for (int i = 0; i < ASKED; i++) {
        clients[i] = connect_to(http);
        assert_int_equal(send(clients[i], slow, strlen(slow), 0), strlen(slow));
    }
    while (slow_answers < ASKED && turns < 1000) {
        before = slow_answers;
        turn(http, clients[0]);
        assert_in_range(slow_answers - before, 0, 1);
        turns++;
    }
    for (int i = 0; i < ASKED; i++) {
        receive_all(http, clients[i], answer);
        assert_non_null(strstr(answer, "\r\n\r\nslow"));
    }
    assert_int_equal(slow_answers, ASKED);
    http_close(&http);
}

/* Requests that wait for their turn, and half of one, when the daemon stops. */
static void it_closes_whatever_is_open(void **state)
{
    struct http *http = open_server("127.0.0.1:0");
    int clients[3];

    (void)state;
    slow_answers = 0;
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        size_t size = i ? strlen(slow) : strlen(slow) / 2;

        clients[i] = connect_to(http);
        assert_int_equal(send(clients[i], slow, size, 0), size);
    }
    while (slow_answers == 0)
        turn(http, clients[0]);
    http_close(&http);
    assert_null(http);
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        close(clients[i]);
}

static bool is_closed(int client)
{
    char bytes[ANSWER_SIZE];
    ssize_t got;

    while ((got = recv(client, bytes, sizeof bytes, 0)) > 0)
        ;
    return got == 0 || (errno != EAGAIN && errno != ENOTCONN);
}

/* All places are held by connections that send a byte now and then: a whole request is answered
 * all the same, for where it is crowded the slow ones go. */
static void slow_ones_make_room(void **state)
{
    static char answer[ANSWER_SIZE];
    struct http *http = open_server("127.0.0.1:0");
    int clients[HTTP_PER_ADDRESS_MAX + 8];
    int64_t began = clock_monotonic_ms();
    size_t closed = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        clients[i] = connect_to(http);
    while (closed < COUNT_OF(clients) - HTTP_CROWDED + 1) {
        turn(http, -1);
        assert_true(clock_monotonic_ms() < began + PATIENCE_MS);
        closed = 0;
        for (size_t i = 0; i < COUNT_OF(clients); i++) {
            send(clients[i], "G", 1, MSG_NOSIGNAL);
            closed += is_closed(clients[i]);
        }
    }
    ask(http, "GET /" H "\r\n", answer);
    assert_non_null(strstr(answer, "path /"));
    assert_true(clock_monotonic_ms() < began + HTTP_TIMEOUT_MS);
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        close(clients[i]);
    http_close(&http);
}

/* A lone one that sends a byte now and then has its time, and no more. */
static void a_lone_slow_one_has_its_time(void **state)
{
    struct http *http = open_server("127.0.0.1:0");
    int64_t began = clock_monotonic_ms(), took;
    int client = connect_to(http), sent = 0;

    (void)state;
    while (!is_closed(client)) {
        if (clock_monotonic_ms() - began > sent * 100) {
            send(client, "G", 1, MSG_NOSIGNAL);
            sent++;
        }
        turn(http, -1);
        assert_true(clock_monotonic_ms() < began + PATIENCE_MS);
    }
    took = clock_monotonic_ms() - began;
    close(client);
    http_close(&http);
    assert_in_range(took, HTTP_TIMEOUT_MS - 1000, HTTP_TIMEOUT_MS + 5000);
}

static void a_place_that_is_taken_is_told(void **state)
{
    struct http *first = open_server("127.0.0.1:0"), *second = NULL;
    struct http_settings settings = { .address = strstr(http_address(first), "127"), .hosts = "" };

    (void)state;
    assert_int_equal(http_open(&settings, &second), -EADDRINUSE);
    assert_null(second);
    settings.address = "192.0.2.1:9570"; /* nobody's */
    assert_int_equal(http_open(&settings, &second), -EADDRNOTAVAIL);
    settings.address = "none";
    assert_int_equal(http_open(&settings, &second), -EINVAL);
    http_close(&first);
    http_close(&first);
}

static void a_socket_file_is_replaced_and_taken_away(void **state)
{
    char folder[] = "/tmp/concern http XXXXXX";
    char address[128];
    struct http_settings settings = { .address = address, .hosts = "" };
    struct sockaddr_un place = { .sun_family = AF_UNIX };
    struct http *http = NULL, *second = NULL;
    struct stat seen;
    int left = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(place.sun_path, sizeof place.sun_path, "%s/http", folder);
    snprintf(address, sizeof address, "unix:%s", place.sun_path);
    assert_int_equal(bind(left, (struct sockaddr *)&place, sizeof place), 0);
    close(left); /* a daemon was here, and is gone */
    assert_int_equal(http_open(&settings, &http), 0);
    assert_string_equal(http_address(http), address);
    assert_int_equal(stat(place.sun_path, &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0660);
    assert_int_equal(http_open(&settings, &second), -EADDRINUSE);
    http_close(&http);
    assert_int_equal(stat(place.sun_path, &seen), -1);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_answered),
        cmocka_unit_test(every_answer_is_locked_down),
        cmocka_unit_test(what_is_no_request_is_refused_without_a_word_of_it),
        cmocka_unit_test(heads_are_bounded),
        cmocka_unit_test(a_form_may_come_in_pieces),
        cmocka_unit_test(a_turn_gives_pages_their_share_and_no_more),
        cmocka_unit_test(it_closes_whatever_is_open),
        cmocka_unit_test(slow_ones_make_room),
        cmocka_unit_test(a_lone_slow_one_has_its_time),
        cmocka_unit_test(a_place_that_is_taken_is_told),
        cmocka_unit_test(a_socket_file_is_replaced_and_taken_away),
    };

    journal_set_least(JOURNAL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
