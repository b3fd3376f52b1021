/* receiver.c - a webhook receiver that is no bottleneck, and that counts honestly.
 *
 *     receiver CERTIFICATE KEY SECRET_FILE PORT_FILE
 *
 * HTTPS on loopback, a thread a connection.  Every POST's signature is checked (401 where it is
 * wrong) and its webhook-id kept.  GET / answers {"posts"}; GET /again answers {"posts",
 * "distinct", "wrong", "first_ns", "last_ns"}, in the machine's monotonic time, and begins anew.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "protocol/signature.h"

enum { IDS_MAX = 1 << 20, ID_SIZE = 48, REQUEST_SIZE = 65536 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char (*ids)[ID_SIZE];
static size_t id_count, wrong_count;
static int64_t first_ns, last_ns;
static struct signature_secret secret;

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "receiver: %s\n", what);
    exit(1);
}

static int compare(const void *one, const void *other)
{
    return strcmp(one, other);
}

static size_t distinct(void)
{
    size_t count = id_count > 0;

    qsort(ids, id_count, ID_SIZE, compare);
    for (size_t i = 1; i < id_count; i++)
        count += strcmp(ids[i - 1], ids[i]) != 0;
    return count;
}

static void tell_all(char *body, size_t size)
{
    snprintf(body, size,
             "{\"posts\":%zu,\"distinct\":%zu,\"wrong\":%zu,\"first_ns\":%" PRId64
             ",\"last_ns\":%" PRId64 "}",
             id_count, distinct(), wrong_count, first_ns, last_ns);
}

static void tell(bool begin_anew, char *answer, size_t size)
{
    char body[256];

    pthread_mutex_lock(&lock);
    snprintf(body, sizeof body, "{\"posts\":%zu}", id_count);
    if (begin_anew) {
        tell_all(body, sizeof body);
        id_count = wrong_count = 0;
    }
    pthread_mutex_unlock(&lock);
    snprintf(answer, size, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}
static void header(const char *head, const char *name, char *value, size_t size)
{
    const char *at = strcasestr(head, name);
    size_t length = 0;

    if (at) {
        at += strlen(name);
        length = strcspn(at, "\r");
        length = length < size ? length : size - 1;
        memcpy(value, at, length);
    }
    value[length] = '\0';
}

static int64_t number_of(const char *text)
{
    int64_t number = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (*text - '0');
    return number;
}

static bool is_signed(const char *head, const char *id, const char *body, size_t size)
{
    char stamp[32], signatures[512];
    struct signed_message message = { .id = id, .body = body, .size = size };

    header(head, "\r\nwebhook-timestamp: ", stamp, sizeof stamp);
    header(head, "\r\nwebhook-signature: ", signatures, sizeof signatures);
    message.timestamp_s = number_of(stamp);
    return signature_verify(&secret, &message, signatures, (int64_t)time(NULL), 300) ==
           SIGNATURE_OK;
}

/* "limit-" is libcurl alone, measured beside: it signs nothing. */
static void judge(const char *head, const char *body, size_t size, char *answer, size_t room)
{
    char id[ID_SIZE];
    bool right;

    header(head, "\r\nwebhook-id: ", id, sizeof id);
    right = strncmp(id, "limit-", 6) == 0 || is_signed(head, id, body, size);
    pthread_mutex_lock(&lock);
    last_ns = now_ns();
    if (id_count == 0)
        first_ns = last_ns;
    if (right && id_count < IDS_MAX)
        memcpy(ids[id_count++], id, sizeof id);
    wrong_count += !right;
    pthread_mutex_unlock(&lock);
    snprintf(answer, room, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n",
             right ? "204 No Content" : "401 Unauthorized");
}

/* One request after another; false ends the connection. */
static bool serve_one(SSL *tls, char *bytes, size_t *have)
{
    char answer[512], length[16], *end;
    size_t head, body;

    while (!(end = strstr(bytes, "\r\n\r\n"))) {
        int got = SSL_read(tls, bytes + *have, (int)(REQUEST_SIZE - 1 - *have));

        if (got <= 0)
            return false;
        *have += (size_t)got;
        bytes[*have] = '\0';
    }
    head = (size_t)(end - bytes) + 4;
    end[2] = '\0';
    header(bytes, "\r\nContent-Length: ", length, sizeof length);
    body = (size_t)number_of(length);
    while (*have < head + body && head + body < REQUEST_SIZE) {
        int got = SSL_read(tls, bytes + *have, (int)(REQUEST_SIZE - 1 - *have));

        if (got <= 0)
            return false;
        *have += (size_t)got;
    }
    if (strncmp(bytes, "GET", 3) == 0)
        tell(strncmp(bytes, "GET /again", 10) == 0, answer, sizeof answer);
    else
        judge(bytes, bytes + head, body, answer, sizeof answer);
    *have -= head + body;
    memmove(bytes, bytes + head + body, *have);
    bytes[*have] = '\0';
    return SSL_write(tls, answer, (int)strlen(answer)) > 0;
}

static void *serve(void *context)
{
    SSL *tls = context;
    char *bytes = calloc(1, REQUEST_SIZE);
    size_t have = 0;

    if (bytes && SSL_accept(tls) > 0)
        while (serve_one(tls, bytes, &have))
            ;
    close(SSL_get_fd(tls));
    SSL_free(tls);
    free(bytes);
    return NULL;
}

static int listen_on(const char *port_file)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *file = fopen(port_file, "w");

    if (listener < 0 || !file || bind(listener, (struct sockaddr *)&address, size) ||
        listen(listener, 256) || getsockname(listener, (struct sockaddr *)&address, &size))
        fail("cannot listen");
    fprintf(file, "%u\n", ntohs(address.sin_port));
    fclose(file);
    return listener;
}

static void read_secret(const char *path)
{
    char text[256] = "";
    FILE *file = fopen(path, "r");

    if (!file || !fgets(text, sizeof text, file) ||
        signature_secret_read(text, &secret) != SIGNATURE_OK)
        fail("cannot read the secret");
    fclose(file);
}

int main(int argc, char **argv)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    int listener, yes = 1;

    if (argc != 5)
        fail("usage: receiver CERTIFICATE KEY SECRET_FILE PORT_FILE");
    ids = calloc(IDS_MAX, ID_SIZE);
    if (!ids || !tls || SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1)
        fail("cannot use the certificate");
    read_secret(argv[3]);
    listener = listen_on(argv[4]);
    for (;;) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        SSL *session = SSL_new(tls);
        pthread_t thread;

        if (connection < 0 || !session ||
            setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) ||
            !SSL_set_fd(session, connection) || pthread_create(&thread, NULL, serve, session))
            fail("cannot serve");
        pthread_detach(thread);
    }
}
