/* engine_bench.h - an engine over a real store in a directory of its own, driven by hand.
 *
 * Everybody in it is invented; the domains are of those that exist for examples only.
 */
#ifndef CONCERN_TESTS_ENGINE_BENCH_H
#define CONCERN_TESTS_ENGINE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/engine.h"

enum { BENCH_SENT_MAX = 64 };

/** A delivery as it was handed out. */
struct bench_sent {
    char id[DELIVERY_ID_SIZE];
    enum route_kind route;
    char recipient[ADDRESS_MAX + 1];
    enum priority priority;
    char subject[256]; /* of a mail: as written */
};

struct bench {
    char folder[64];
    uint64_t reserve_bytes;
    struct acknowledge_setting acknowledge; /* where links lead; none at first */
    const char *vfs; /* of a test that breaks the disk: commits wait for it then */
    struct settings_file *settings;
    struct policy *policy;
    struct keyring *keyring;
    struct store *store;
    struct engine *engine;
    struct instant now;
    struct engine_reply reply; /* to the last event */
    unsigned number;           /* of the last event: its id is "e<number>" */
    struct bench_sent sent[BENCH_SENT_MAX];
    size_t sent_count;
    struct disagreement after; /* of the last decision */
    struct policy_view view;
    struct {
        enum message message;
        struct instant at, due;
    } says[256]; /* told so far, one for each notification and say */
    size_t say_count;
    bool deaf; /* who is told what is not noted: a flood would be too much */
    bool mute; /* nothing goes out to anybody */
};

static struct instant bench_at(const char *text)
{
    struct instant at;

    if (instant_read(text, NULL, &at) != INSTANT_OK)
        fail_msg("no time: %s", text);
    return at;
}

static void bench_write(const struct bench *bench, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", bench->folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void bench_watch(void *context, const struct policy_view *view,
                        const struct decision *decision)
{
    struct bench *bench = context;

    bench->after = decision->after;
    bench->view = *view;
}

static void bench_note_told(void *context, const struct policy_view *view,
                            const struct disagreement *after, const struct plan *plan)
{
    struct bench *bench = context;

    (void)view;
    (void)after;
    for (size_t i = 0; i < plan->count; i++)
        for (size_t j = 0; j < plan->notifications[i].say_count; j++) {
            const struct say *say = &plan->notifications[i].says[j];

            assert_true(bench->say_count < COUNT_OF(bench->says));
            bench->says[bench->say_count].message = say->message;
            bench->says[bench->say_count].at = plan->notifications[i].at;
            bench->says[bench->say_count++].due = say->due;
        }
}

static struct policy *bench_load(struct bench *bench)
{
    struct faults faults = { 0 };
    struct policy *policy = NULL;
    char path[256], line[FAULT_LINE_SIZE];

    settings_close(&bench->settings);
    snprintf(path, sizeof path, "%s/concernd.yaml", bench->folder);
    if (settings_read(path, &faults, &bench->settings) != SETTINGS_OK ||
        policy_load(settings_of(bench->settings), &faults, &policy) != POLICY_OK) {
        fault_write(&faults.list[0], line);
        fail_msg("%s", line);
    }
    faults_close(&faults);
    return policy;
}

/** Opens store and engine over what the directory holds, as after a stop or a crash; an answer of
 *  store_open. */
static int bench_start(struct bench *bench)
{
    struct store_settings store = { .trial = true,
                                    .fleeting = !bench->vfs,
                                    .vfs = bench->vfs,
                                    .now = bench->now,
                                    .reserve_bytes = bench->reserve_bytes };
    struct engine_settings engine = { .mail_from = "concernd@board.example",
                                      .acknowledge = bench->acknowledge,
                                      .watch = bench_watch,
                                      .told = bench->deaf ? NULL : bench_note_told,
                                      .undelivered = bench->mute,
                                      .watch_context = bench };
    char path[256];
    int answer;

    snprintf(path, sizeof path, "%s/state", bench->folder);
    store.directory = path;
    answer = store_open(&store, &bench->store);
    if (answer != STORE_OK)
        return answer;
    engine.store = bench->store;
    engine.policy = bench->policy;
    engine.keyring = bench->keyring;
    return engine_open(&engine, &bench->engine);
}

static inline void bench_stop(struct bench *bench)
{
    engine_close(&bench->engine);
    store_close(&bench->store);
}

/** Loads the policy alone; `directory` is the directory's text, more files may have been written
 *  before. */
static void bench_prepare(struct bench *bench, const char *directory)
{
    char text[512];

    snprintf(text, sizeof text, "data: \"%s/config\"\n", CONCERN_SOURCE_DIR);
    bench_write(bench, "concernd.yaml", text);
    bench_write(bench, "directory.yaml", directory);
    bench->policy = bench_load(bench);
}

/** The same, and opens store and engine at `now`. */
static inline void bench_open(struct bench *bench, const char *directory, const char *now)
{
    bench->now = bench_at(now);
    bench_prepare(bench, directory);
    assert_int_equal(bench_start(bench), STORE_OK);
}

static int bench_begin(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    char path[256];

    assert_non_null(bench);
    snprintf(bench->folder, sizeof bench->folder, "/tmp/concern engine XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    snprintf(path, sizeof path, "%s/procedures", bench->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/calendars", bench->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    *state = bench;
    return 0;
}

/** Removes what the store has kept; it is stopped. */
static inline void bench_forget(struct bench *bench)
{
    static const char *const names[] = { "concernd.db", "concernd.db-wal", "concernd.db-shm",
                                         "record.head", "reserve" };
    char path[256];

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/state/%s", bench->folder, names[i]);
        (void)remove(path);
    }
}

static int bench_end(void **state)
{
    struct bench *bench = *state;
    char path[256];
    static const char *const names[] = { "state",          "procedures/own.yaml",
                                         "procedures",     "calendars/own.yaml",
                                         "calendars",      "keyring.yaml",
                                         "directory.yaml", "concernd.yaml" };

    bench_stop(bench);
    policy_close(&bench->policy);
    settings_close(&bench->settings);
    keyring_close(&bench->keyring);
    bench_forget(bench);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", bench->folder, names[i]);
        (void)remove(path);
    }
    assert_int_equal(rmdir(bench->folder), 0);
    free(bench);
    return 0;
}

static bool bench_carry(void *context, const struct delivery *delivery)
{
    struct bench *bench = context;
    struct bench_sent *sent = &bench->sent[bench->sent_count++];
    const char *subject;

    assert_true(bench->sent_count <= BENCH_SENT_MAX);
    memset(sent, 0, sizeof *sent);
    memcpy(sent->id, delivery->id, sizeof sent->id);
    sent->route = delivery->route;
    sent->priority = delivery->priority;
    snprintf(sent->recipient, sizeof sent->recipient, "%s", delivery->recipient);
    subject = memmem(delivery->bytes, delivery->size, "\nSubject: ", 10);
    if (subject)
        snprintf(sent->subject, sizeof sent->subject, "%.*s", (int)strcspn(subject + 10, "\r\n"),
                 subject + 10);
    return true;
}

/* Everybody accepts what is carried. */
static inline void bench_hand_out(struct bench *bench)
{
    size_t noted = 0;

    bench->sent_count = 0;
    do {
        if (noted < bench->sent_count)
            assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        for (; noted < bench->sent_count; noted++) {
            struct outcome done = { .attempt = 1, .outcome = DELIVERY_DONE, .code = 250 };

            memcpy(done.id, bench->sent[noted].id, sizeof done.id);
            assert_int_equal(engine_note(bench->engine, &done), 0);
            if (noted + 1 == bench->sent_count)
                assert_int_equal(engine_commit(bench->engine), 0);
        }
        assert_int_equal(engine_hand_out(bench->engine, bench->now, bench_carry, bench), 0);
    } while (noted < bench->sent_count);
}

/** Lets time go on: everything due comes about at its instant, and is carried. */
static inline void bench_advance(struct bench *bench, const char *until)
{
    struct instant wake;
    bool more;

    for (;;) {
        assert_int_equal(engine_next_wake(bench->engine, &wake), 0);
        if (instant_is_none(wake) || wake.us > bench_at(until).us)
            break;
        if (wake.us > bench->now.us)
            bench->now = wake;
        assert_int_equal(engine_begin(bench->engine, bench->now), 0);
        assert_int_equal(engine_pass(bench->engine, &more), 0);
        assert_int_equal(engine_commit(bench->engine), 0);
        bench_hand_out(bench);
    }
    bench->now = bench_at(until);
}

/** The clock is set back, and the engine told so in a turn of its own. */
static inline void bench_set_back(struct bench *bench, const char *now)
{
    bench->now = bench_at(now);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    assert_int_equal(engine_set_back(bench->engine), 0);
    assert_int_equal(engine_commit(bench->engine), 0);
}

/** Gives an event that happens now: its type and data; `key` NULL: nobody is asked. */
static inline int bench_give(struct bench *bench, const char *key, const char *type,
                             const char *subject, const char *data)
{
    char json[4096], time[ZONE_TIME_SIZE];
    struct engine_input input = { .bytes = json, .key = key, .received = bench->now };
    int answer;

    instant_write_utc(bench->now, time);
    snprintf(json, sizeof json,
             "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"urn:invented:las\",\"type\":"
             "\"concernd.%s\",\"subject\":\"%s\",\"time\":\"%s\",\"datacontenttype\":"
             "\"application/json\",\"data\":%s}",
             ++bench->number, type, subject, time, data);
    input.size = strlen(json);
    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    answer = engine_take(bench->engine, &input, &bench->reply);
    assert_true(answer == ENGINE_TAKEN || answer == ENGINE_REFUSED);
    assert_int_equal(engine_commit(bench->engine), 0);
    if (answer == ENGINE_REFUSED)
        print_message("    refused %s: %s\n", bench->reply.nack.code, bench->reply.nack.why);
    bench_hand_out(bench);
    return answer;
}

/** Whether a mail to `address` was handed out at the last step. */
static inline const struct bench_sent *bench_sent_to(const struct bench *bench, const char *address)
{
    for (size_t i = 0; i < bench->sent_count; i++)
        if (strcmp(bench->sent[i].recipient, address) == 0)
            return &bench->sent[i];
    return NULL;
}

/** How many times a message was told since `from` of says. */
static inline size_t bench_told(const struct bench *bench, enum message message, size_t from)
{
    size_t count = 0;

    for (size_t i = from; i < bench->say_count; i++)
        count += bench->says[i].message == message;
    return count;
}

static inline const struct running *bench_running(const struct bench *bench, const char *deadline)
{
    int place = procedure_deadline(bench->view.procedure, deadline);

    assert_true(place >= 0);
    return &bench->after.running[place];
}

#endif
