/* limits.c - what the machine itself can do, measured beside the daemon in the same minute.
 *
 *     limits fdatasync FOLDER SECONDS      700-byte appends, each on the disk before the next
 *     limits sqlite FOLDER SECONDS         one-row commits, WAL and synchronous=FULL as the store
 *     limits curve SECONDS IN_FLIGHT       libzmq DEALER and ROUTER over TCP with CURVE, echoed
 *     limits post URL CA COUNT CONNECTIONS libcurl's multi interface, one thread, the same POST
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { SAMPLES_MAX = 4 << 20, POST_SIZE = 700 };

static int64_t samples[SAMPLES_MAX];
static size_t sample_count;

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "limits: %s\n", what);
    exit(1);
}

static long number_of(const char *text)
{
    long number = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (*text - '0');
    if (*text || number == 0)
        fail("not a number");
    return number;
}

static void note(int64_t began)
{
    if (sample_count < SAMPLES_MAX)
        samples[sample_count++] = now_ns() - began;
}

static int compare(const void *one, const void *other)
{
    int64_t a, b;

    memcpy(&a, one, sizeof a);
    memcpy(&b, other, sizeof b);
    return (a > b) - (a < b);
}

static int say(int64_t began)
{
    double seconds = (double)(now_ns() - began) / 1e9;

    if (sample_count == 0)
        fail("nothing was measured");
    qsort(samples, sample_count, sizeof *samples, compare);
    printf("{\"count\":%zu,\"rate\":%.1f,\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n", sample_count,
           (double)sample_count / seconds, (double)samples[sample_count / 2] / 1e6,
           (double)samples[sample_count * 99 / 100] / 1e6);
    return 0;
}

/* --- the disk */

static int measure_fdatasync(const char *folder, long seconds)
{
    char path[512], bytes[POST_SIZE];
    int64_t began, end;
    int file;

    snprintf(path, sizeof path, "%s/fdatasync", folder);
    file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0)
        fail("cannot make the file");
    memset(bytes, 'x', sizeof bytes);
    began = now_ns();
    end = began + seconds * 1000000000;
    while (now_ns() < end) {
        int64_t start = now_ns();

        if (write(file, bytes, sizeof bytes) != (ssize_t)sizeof bytes || fdatasync(file))
            fail("cannot write");
        note(start);
    }
    close(file);
    unlink(path);
    return say(began);
}

static int measure_sqlite(const char *folder, long seconds)
{
    char path[512], text[POST_SIZE + 1];
    sqlite3 *db;
    sqlite3_stmt *put;
    int64_t began, end;

    snprintf(path, sizeof path, "%s/limit.db", folder);
    memset(text, 'x', POST_SIZE);
    text[POST_SIZE] = '\0';
    if (sqlite3_open(path, &db) ||
        sqlite3_exec(db,
                     "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                     "PRAGMA synchronous = FULL;"
                     "CREATE TABLE line (number INTEGER PRIMARY KEY, payload TEXT) STRICT;",
                     NULL, NULL, NULL) ||
        sqlite3_prepare_v2(db, "INSERT INTO line (payload) VALUES (?1)", -1, &put, NULL))
        fail(sqlite3_errmsg(db));
    began = now_ns();
    end = began + seconds * 1000000000;
    while (now_ns() < end) {
        int64_t start = now_ns();

        sqlite3_bind_text(put, 1, text, POST_SIZE, SQLITE_STATIC);
        if (sqlite3_step(put) != SQLITE_DONE)
            fail(sqlite3_errmsg(db));
        sqlite3_reset(put);
        note(start);
    }
    sqlite3_finalize(put);
    sqlite3_close(db);
    unlink(path);
    return say(began);
}

/* --- libzmq */

struct echo {
    void *context;
    char secret[41];
    char endpoint[64];
    pthread_barrier_t bound;
};

static void *echo(void *context)
{
    struct echo *self = context;
    void *router = zmq_socket(self->context, ZMQ_ROUTER);
    int yes = 1, none = 0;
    size_t size = sizeof self->endpoint;

    if (zmq_setsockopt(router, ZMQ_CURVE_SERVER, &yes, sizeof yes) ||
        zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, self->secret, sizeof self->secret) ||
        zmq_setsockopt(router, ZMQ_LINGER, &none, sizeof none) ||
        zmq_bind(router, "tcp://127.0.0.1:*") ||
        zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, self->endpoint, &size))
        fail("cannot bind");
    pthread_barrier_wait(&self->bound);
    for (;;) {
        zmq_msg_t who, what;

        zmq_msg_init(&who);
        zmq_msg_init(&what);
        if (zmq_msg_recv(&who, router, 0) < 0 || zmq_msg_recv(&what, router, 0) < 0)
            break;
        zmq_msg_send(&who, router, ZMQ_SNDMORE);
        zmq_msg_send(&what, router, 0);
    }
    zmq_close(router);
    return NULL;
}

static void send_stamp(void *dealer)
{
    char bytes[POST_SIZE] = { 0 };
    int64_t stamp = now_ns();

    memcpy(bytes, &stamp, sizeof stamp);
    if (zmq_send(dealer, bytes, sizeof bytes, 0) < 0)
        fail("cannot send");
}

static void take_stamp(void *dealer)
{
    char bytes[POST_SIZE];
    int64_t stamp;

    if (zmq_recv(dealer, bytes, sizeof bytes, 0) != POST_SIZE)
        fail("no echo");
    memcpy(&stamp, bytes, sizeof stamp);
    note(stamp);
}

static int measure_curve(long seconds, long in_flight)
{
    struct echo server = { .context = zmq_ctx_new() };
    char server_public[41], public[41], secret[41];
    void *outside = zmq_ctx_new(), *dealer = zmq_socket(outside, ZMQ_DEALER);
    int none = 0;
    pthread_t thread;
    int64_t began, end;

    zmq_curve_keypair(server_public, server.secret);
    zmq_curve_keypair(public, secret);
    pthread_barrier_init(&server.bound, NULL, 2);
    pthread_create(&thread, NULL, echo, &server);
    pthread_barrier_wait(&server.bound);
    if (zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, server_public, sizeof server_public) ||
        zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, public, sizeof public) ||
        zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, secret, sizeof secret) ||
        zmq_setsockopt(dealer, ZMQ_LINGER, &none, sizeof none) ||
        zmq_connect(dealer, server.endpoint))
        fail("cannot connect");
    send_stamp(dealer);
    take_stamp(dealer);
    sample_count = 0;
    began = now_ns();
    end = began + seconds * 1000000000;
    for (long i = 0; i < in_flight; i++)
        send_stamp(dealer);
    while (now_ns() < end) {
        take_stamp(dealer);
        send_stamp(dealer);
    }
    none = say(began);
    zmq_close(dealer);
    zmq_ctx_term(outside);
    zmq_ctx_shutdown(server.context);
    pthread_join(thread, NULL);
    zmq_ctx_term(server.context);
    return none;
}

/* --- libcurl */

static size_t forget(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static char post_bytes[POST_SIZE + 1];

/* The headers that concernd sends too; the id alone tells one POST from another. */
static struct curl_slist *headers_of(long number)
{
    struct curl_slist *headers =
        curl_slist_append(NULL, "Content-Type: application/cloudevents+json");
    char id[64];

    snprintf(id, sizeof id, "webhook-id: limit-%ld", number);
    headers = curl_slist_append(headers, "Expect:");
    headers = curl_slist_append(headers, id);
    headers = curl_slist_append(headers, "webhook-timestamp: 0");
    return curl_slist_append(headers, "webhook-signature: v1,none");
}

static void start_post(CURLM *multi, CURL *handle, long number)
{
    struct curl_slist *before = NULL, *headers = headers_of(number);

    curl_easy_getinfo(handle, CURLINFO_PRIVATE, (char **)&before);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, headers);
    curl_slist_free_all(before);
    curl_multi_add_handle(multi, handle);
}

static CURL *post_handle(const char *url, const char *ca)
{
    CURL *handle = curl_easy_init();

    memset(post_bytes, 'x', POST_SIZE);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_CAINFO, ca);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, post_bytes);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)POST_SIZE);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, forget);
    return handle;
}

static int measure_post(const char *url, const char *ca, long count, long connections)
{
    CURLM *multi = curl_multi_init();
    long started = 0, done = 0;
    int running, left;
    int64_t began = now_ns();
    CURLMsg *message;

    for (; started < connections && started < count; started++)
        start_post(multi, post_handle(url, ca), started);
    while (done < count) {
        curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *handle = message->easy_handle;

            if (message->data.result != CURLE_OK)
                fail(curl_easy_strerror(message->data.result));
            done++;
            curl_multi_remove_handle(multi, handle);
            if (started < count)
                start_post(multi, handle, started++);
        }
        if (done < count)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("{\"count\":%ld,\"rate\":%.1f}\n", done,
           (double)done / ((double)(now_ns() - began) / 1e9));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "fdatasync") == 0)
        return measure_fdatasync(argv[2], number_of(argv[3]));
    if (argc == 4 && strcmp(argv[1], "sqlite") == 0)
        return measure_sqlite(argv[2], number_of(argv[3]));
    if (argc == 4 && strcmp(argv[1], "curve") == 0)
        return measure_curve(number_of(argv[2]), number_of(argv[3]));
    if (argc == 6 && strcmp(argv[1], "post") == 0)
        return measure_post(argv[2], argv[3], number_of(argv[4]), number_of(argv[5]));
    fputs("usage: limits fdatasync|sqlite FOLDER SECONDS | curve SECONDS IN_FLIGHT | "
          "post URL CA COUNT CONNECTIONS\n",
          stderr);
    return 2;
}
