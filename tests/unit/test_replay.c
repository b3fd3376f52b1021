/* test_replay.c - what is asked of a feed's publisher, and which answers are believed. */
#include "wire_bench.h"

#include <jansson.h>

#include "io/replay.h"

#define SOURCE "urn:northtown:las"
#define EPOCH "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"
#define OTHER "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b11"

/* --- bytes */

static const struct replay_request numbers = {
    .source = SOURCE, .seqepoch = EPOCH, .range = { 41, 57 }, .max = 200
};

/* Every sample is read, and written again as the same. */
static int written_again(const char *name, const char *bytes, size_t size, char **json)
{
    struct replay_request request;
    struct replay_end end;
    struct replay_gone gone;
    struct replay_snap snap;
    int answer;

    if (!strcmp(name, "replay") || !strcmp(name, "snapshot")) {
        answer = replay_read_request(bytes, size, *name == 's', &request);
        return answer ? answer : replay_write_request(&request, json);
    }
    if (!strcmp(name, "end")) {
        answer = replay_read_end(bytes, size, &end);
        return answer ? answer : replay_write_end(&end, json);
    }
    if (!strncmp(name, "gone", 4)) {
        answer = replay_read_gone(bytes, size, &gone);
        return answer ? answer : replay_write_gone(&gone, json);
    }
    answer = replay_read_snap(bytes, size, &snap);
    return answer ? answer : replay_write_snap(&snap, json);
}

static void the_samples_come_back(void **state)
{
    static const char *const names[] = {
        "replay", "snapshot", "end", "gone", "gone-nothing", "snap"
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[1024], *bytes, *json = NULL;
        json_t *sample, *again;

        snprintf(path, sizeof path, CONCERN_SOURCE_DIR "/protocol/samples/answers/%s.json",
                 names[i]);
        sample = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(sample);
        bytes = json_dumps(sample, 0);
        assert_int_equal(written_again(names[i], bytes, strlen(bytes), &json), 0);
        again = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
        assert_true(json_equal(sample, again));
        json_decref(sample);
        json_decref(again);
        free(bytes);
        free(json);
    }
}

#define N1 "00000000000000000001"
#define N9 "00000000000000000009"

static const char *const bad_requests[] = {
    "",
    "[]",
    "{}",
    "{\"source\":\"a b\",\"seqepoch\":\"" EPOCH "\",\"from\":\"" N1 "\",\"to\":\"" N9
    "\",\"max\":1}",
    "{\"source\":\"u\",\"seqepoch\":\"x\",\"from\":\"" N1 "\",\"to\":\"" N9 "\",\"max\":1}",
    "{\"source\":\"u\",\"seqepoch\":\"" EPOCH "\",\"from\":1,\"to\":\"" N9 "\",\"max\":1}",
    "{\"source\":\"u\",\"seqepoch\":\"" EPOCH "\",\"from\":\"" N9 "\",\"to\":\"" N1 "\",\"max\":1}",
    "{\"source\":\"u\",\"seqepoch\":\"" EPOCH "\",\"from\":\"" N1 "\",\"to\":\"" N9 "\",\"max\":0}",
    "{\"source\":\"u\",\"seqepoch\":\"" EPOCH "\",\"from\":\"" N1 "\",\"to\":\"" N9
    "\",\"max\":1001}",
};

static void refuses_what_cannot_be_read(void **state)
{
    struct replay_request request;
    struct replay_end end;
    struct replay_gone gone;
    struct replay_snap snap;
    struct replay_place place;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad_requests); i++) {
        const char *bad = bad_requests[i];

        assert_int_equal(replay_read_request(bad, strlen(bad), false, &request), REPLAY_UNREADABLE);
        assert_int_equal(replay_read_end(bad, strlen(bad), &end), REPLAY_UNREADABLE);
        assert_int_equal(replay_read_gone(bad, strlen(bad), &gone), REPLAY_UNREADABLE);
        assert_int_equal(replay_read_snap(bad, strlen(bad), &snap), REPLAY_UNREADABLE);
    }
    assert_int_equal(replay_read_end("{\"count\":-1}", 12, &end), REPLAY_UNREADABLE);
    assert_int_equal(replay_read_place("{\"source\":\"u\",\"sequence\":\"" N1 "\"}", 46, &place),
                     REPLAY_UNREADABLE);
    assert_int_equal(replay_read_place("{\"source\":\"u\"}", 14, &place), REPLAY_OK);
    assert_string_equal(place.seqepoch, "");
}

/* --- a publisher of its own */

struct station {
    void *context, *outside, *server;
    char endpoint[256];
    struct bench_key key, ours;
    struct replay *replay;
    char peer[64], correlation[64];
    size_t peer_size, correlation_size;
};

static void station_open(struct station *station)
{
    struct replay_settings settings = { .feed = 5, .name = "northtown", .tell = bench_tell };
    size_t size = sizeof station->endpoint;
    int one = 1, zero = 0;

    memset(station, 0, sizeof *station);
    zmq_curve_keypair(station->key.public, station->key.secret);
    zmq_curve_keypair(station->ours.public, station->ours.secret);
    station->context = zmq_ctx_new();
    station->outside = zmq_ctx_new();
    station->server = zmq_socket(station->outside, ZMQ_ROUTER);
    zmq_setsockopt(station->server, ZMQ_CURVE_SERVER, &one, sizeof one);
    zmq_setsockopt(station->server, ZMQ_CURVE_SECRETKEY, station->key.secret, WIRE_KEY_TEXT);
    zmq_setsockopt(station->server, ZMQ_LINGER, &zero, sizeof zero);
    assert_int_equal(zmq_bind(station->server, "tcp://127.0.0.1:*"), 0);
    zmq_getsockopt(station->server, ZMQ_LAST_ENDPOINT, station->endpoint, &size);
    settings.endpoint = station->endpoint;
    settings.server_key = station->key.public;
    settings.secret_key = station->ours.secret;
    assert_int_equal(replay_open(station->context, &settings, &station->replay), 0);
}

static void station_close(struct station *station)
{
    replay_close(&station->replay);
    replay_close(&station->replay);
    zmq_close(station->server);
    zmq_ctx_term(station->outside);
    zmq_ctx_term(station->context);
}

/* Asks until the connection is there; the server then holds the request. */
static void ask(struct station *station, const struct replay_request *request, int64_t now_ms)
{
    zmq_pollitem_t item = { .socket = station->server, .events = ZMQ_POLLIN };
    int64_t end = bench_ms() + BENCH_WAIT_MS;
    char frame[5000];
    int size;

    while (replay_ask(station->replay, request, now_ms) == 1)
        assert_true(bench_ms() < end && zmq_poll(&item, 1, 5) == 0);
    assert_true(replay_is_busy(station->replay));
    assert_false(replay_is_ready(station->replay, now_ms + 3600000));
    assert_int_equal(zmq_poll(&item, 1, BENCH_WAIT_MS), 1);
    station->peer_size = (size_t)zmq_recv(station->server, station->peer, 64, 0);
    assert_int_equal(zmq_recv(station->server, frame, sizeof frame, 0), 4);
    assert_memory_equal(frame, "CON1", 4);
    size = zmq_recv(station->server, frame, sizeof frame, 0);
    assert_int_equal(size, request->snapshot ? 4 : 6);
    assert_memory_equal(frame, request->snapshot ? "SNAP" : "REPLAY", (size_t)size);
    station->correlation_size = (size_t)zmq_recv(station->server, station->correlation, 64, 0);
    size = zmq_recv(station->server, frame, sizeof frame, 0);
    assert_true(size > 0);
}

static void answer(struct station *station, const char *command, const char *body)
{
    zmq_send(station->server, station->peer, station->peer_size, ZMQ_SNDMORE);
    zmq_send(station->server, "CON1", 4, ZMQ_SNDMORE);
    zmq_send(station->server, command, strlen(command), ZMQ_SNDMORE);
    zmq_send(station->server, station->correlation, station->correlation_size, ZMQ_SNDMORE);
    zmq_send(station->server, body, strlen(body), 0);
}

static void answer_event(struct station *station, const char *source, const char *epoch,
                         unsigned number)
{
    char body[300];

    snprintf(body, sizeof body, "{\"source\":\"%s\",\"seqepoch\":\"%s\",\"sequence\":\"%020u\"}",
             source, epoch, number);
    answer(station, "EVENT", body);
}

static int take(struct station *station, struct feed_message **message)
{
    int64_t end = bench_ms() + BENCH_WAIT_MS;
    int taken = 0;

    while (taken == 0 && replay_is_busy(station->replay) && bench_ms() < end) {
        zmq_pollitem_t item = { .socket = replay_socket(station->replay), .events = ZMQ_POLLIN };

        zmq_poll(&item, 1, 50);
        taken = replay_take(station->replay, bench_now, 1000, message);
    }
    return taken;
}

static void takes_what_it_asked_for(void **state)
{
    struct station station;
    struct feed_message *message = NULL;

    (void)state;
    station_open(&station);
    ask(&station, &numbers, 1000);
    answer_event(&station, SOURCE, EPOCH, 41);
    answer_event(&station, SOURCE, EPOCH, 57);
    answer(&station, "END", "{\"count\":2}");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(take(&station, &message), 1);
        assert_int_equal(message->saying, FEED_REPLAYED);
        assert_int_equal(message->feed, 5);
        assert_string_equal(message->asked.source, SOURCE);
        assert_non_null(strstr(message->body, i ? "57" : "41"));
        feed_message_close(&message);
    }
    assert_int_equal(take(&station, &message), 0);
    assert_false(replay_is_busy(station.replay));
    assert_true(replay_is_ready(station.replay, 1000));
    assert_int_equal(replay_counts(station.replay).events, 2);
    assert_int_equal(replay_counts(station.replay).refused, 0);
    station_close(&station);
}

static void hands_up_what_is_gone(void **state)
{
    static const struct {
        const char *body;
        uint64_t to;
    } rows[] = { { "{\"oldest\":\"00000000000000000050\"}", 49 },
                 { "{\"oldest\":\"00000000000000000099\"}", 57 },
                 { "{\"oldest\":null}", 57 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct station station;
        struct feed_message *message = NULL;

        station_open(&station);
        ask(&station, &numbers, 1000);
        answer(&station, "GONE", rows[i].body);
        assert_int_equal(take(&station, &message), 1);
        assert_int_equal(message->saying, FEED_GONE);
        assert_int_equal(message->asked.range.from, 41);
        assert_int_equal(message->asked.range.to, rows[i].to);
        assert_false(replay_is_busy(station.replay));
        feed_message_close(&message);
        station_close(&station);
    }
}

static void takes_a_snapshot(void **state)
{
    static const struct replay_request snapshot = { .snapshot = true, .source = SOURCE };
    struct station station;
    struct feed_message *message = NULL;

    (void)state;
    station_open(&station);
    ask(&station, &snapshot, 1000);
    answer(&station, "EVENT", "{}");
    answer(&station, "BATCH", "[{},{}]");
    answer(&station, "SNAP",
           "{\"source\":\"" SOURCE "\",\"seqepoch\":\"" EPOCH "\",\"sequence\":\"" N9
           "\",\"values\":2}");
    assert_int_equal(take(&station, &message), 1);
    assert_int_equal(message->saying, FEED_VALUE);
    assert_false(message->is_list);
    feed_message_close(&message);
    assert_int_equal(take(&station, &message), 1);
    assert_true(message->is_list);
    feed_message_close(&message);
    assert_int_equal(take(&station, &message), 1);
    assert_int_equal(message->saying, FEED_SNAP);
    assert_int_equal(message->snap.sequence, 9);
    assert_string_equal(message->snap.seqepoch, EPOCH);
    feed_message_close(&message);
    assert_false(replay_is_busy(station.replay));
    station_close(&station);
}

/* What a liar says, as one answer; a number stands for an event of the source asked about. */
static const struct {
    const char *name;
    bool snapshot;
    const char *source, *epoch;
    unsigned events[3]; /* up to a 0 */
    const char *command, *body;
} lies[] = {
    { "another source", false, "urn:northtown:las2", EPOCH, { 41 }, NULL, NULL },
    { "another counter", false, SOURCE, OTHER, { 41 }, NULL, NULL },
    { "below what was asked", false, SOURCE, EPOCH, { 40 }, NULL, NULL },
    { "above it", false, SOURCE, EPOCH, { 58 }, NULL, NULL },
    { "one twice", false, SOURCE, EPOCH, { 41, 41 }, NULL, NULL },
    { "backwards", false, SOURCE, EPOCH, { 42, 41 }, NULL, NULL },
    { "a wrong count", false, SOURCE, EPOCH, { 41 }, "END", "{\"count\":2}" },
    { "no count", false, NULL, NULL, { 0 }, "END", "{}" },
    { "no event", false, NULL, NULL, { 0 }, "EVENT", "[]" },
    { "a number without a counter",
      false,
      NULL,
      NULL,
      { 0 },
      "EVENT",
      "{\"source\":\"" SOURCE "\",\"sequence\":\"00000000000000000041\"}" },
    { "no number", false, NULL, NULL, { 0 }, "EVENT", "{\"source\":\"" SOURCE "\"}" },
    { "gone what is there",
      false,
      NULL,
      NULL,
      { 0 },
      "GONE",
      "{\"oldest\":\"00000000000000000041\"}" },
    { "gone after all", false, SOURCE, EPOCH, { 41 }, "GONE", "{\"oldest\":null}" },
    { "a list of events", false, NULL, NULL, { 0 }, "BATCH", "[{}]" },
    { "a snapshot instead", false, NULL, NULL, { 0 }, "SNAP", "{}" },
    { "a command of nobody", false, NULL, NULL, { 0 }, "EVIL", "{}" },
    { "one of the other plane", false, NULL, NULL, { 0 }, "ACK", "{}" },
    { "a snapshot of another",
      true,
      NULL,
      NULL,
      { 0 },
      "SNAP",
      "{\"source\":\"urn:x\",\"seqepoch\":\"" EPOCH "\",\"sequence\":\"" N9 "\",\"values\":0}" },
    { "a snapshot of another size",
      true,
      NULL,
      NULL,
      { 0 },
      "SNAP",
      "{\"source\":\"" SOURCE "\",\"seqepoch\":\"" EPOCH "\",\"sequence\":\"" N9
      "\",\"values\":1}" },
    { "an end of a snapshot", true, NULL, NULL, { 0 }, "END", "{\"count\":0}" },
};

static void cuts_off_whoever_lies(void **state)
{
    static const struct replay_request snapshot = { .snapshot = true, .source = SOURCE };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct station station;
        struct feed_message *message = NULL;

        print_message("  %s\n", lies[i].name);
        station_open(&station);
        ask(&station, lies[i].snapshot ? &snapshot : &numbers, 1000);
        for (size_t j = 0; j < COUNT_OF(lies[i].events) && lies[i].events[j]; j++)
            answer_event(&station, lies[i].source, lies[i].epoch, lies[i].events[j]);
        if (lies[i].command)
            answer(&station, lies[i].command, lies[i].body);
        while (take(&station, &message) == 1)
            feed_message_close(&message);
        assert_false(replay_is_busy(station.replay));
        assert_int_equal(replay_counts(station.replay).refused, 1);
        assert_int_equal(replay_counts(station.replay).failed, 1);
        assert_false(replay_is_ready(station.replay, 1000));
        assert_true(replay_is_ready(station.replay, 2000));
        station_close(&station);
    }
}

/* More events than were asked for cannot even be named; more values are counted. */
static void ends_what_would_not_end(void **state)
{
    static const struct replay_request snapshot = { .snapshot = true, .source = SOURCE };
    struct station station;
    struct feed_message *message = NULL;
    unsigned taken = 0;

    (void)state;
    station_open(&station);
    ask(&station, &snapshot, 1000);
    for (unsigned i = 0; i <= REPLAY_VALUES_MOST && replay_is_busy(station.replay); i++) {
        answer(&station, "EVENT", "{}");
        if (take(&station, &message) == 1)
            taken++;
        feed_message_close(&message);
    }
    assert_int_equal(taken, REPLAY_VALUES_MOST);
    assert_int_equal(replay_counts(station.replay).refused, 1);
    station_close(&station);
}

static void what_came_too_late_is_nothing(void **state)
{
    struct station station;
    struct feed_message *message = NULL;

    (void)state;
    station_open(&station);
    ask(&station, &numbers, 1000);
    station.correlation[0] = 'q';
    answer_event(&station, "urn:whoever", OTHER, 1);
    station.correlation[0] = 'r';
    answer(&station, "END", "{\"count\":0}");
    assert_int_equal(take(&station, &message), 0);
    assert_false(replay_is_busy(station.replay));
    assert_int_equal(replay_counts(station.replay).refused, 0);
    station_close(&station);
}

static void loses_patience_and_waits_longer_each_time(void **state)
{
    static const int64_t waits_ms[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };
    struct station station;
    struct feed_message *message = NULL;
    int64_t now_ms = 1000;

    (void)state;
    station_open(&station);
    for (size_t i = 0; i < COUNT_OF(waits_ms); i++) {
        ask(&station, &numbers, now_ms);
        now_ms += REPLAY_PATIENCE_MS;
        assert_int_equal(replay_take(station.replay, bench_now, now_ms, &message), 0);
        assert_true(replay_is_busy(station.replay));
        now_ms++;
        assert_int_equal(replay_take(station.replay, bench_now, now_ms, &message), 0);
        assert_false(replay_is_busy(station.replay));
        assert_false(replay_is_ready(station.replay, now_ms + waits_ms[i] - 1));
        assert_true(replay_is_ready(station.replay, now_ms + waits_ms[i]));
        now_ms += waits_ms[i];
    }
    replay_note_progress(station.replay, true, now_ms);
    replay_note_progress(station.replay, false, now_ms);
    assert_true(replay_is_ready(station.replay, now_ms + 1000));
    station_close(&station);
}

/* A publisher that is not there is asked as soon as it is, not with all that was meanwhile. */
static void keeps_no_request_for_whoever_is_away(void **state)
{
    struct station station;
    struct replay_settings settings = { .name = "away", .tell = bench_tell };

    (void)state;
    station_open(&station);
    replay_close(&station.replay);
    settings.endpoint = "tcp://127.0.0.1:1";
    settings.server_key = station.key.public;
    settings.secret_key = station.ours.secret;
    assert_int_equal(replay_open(station.context, &settings, &station.replay), 0);
    assert_int_equal(replay_ask(station.replay, &numbers, 1000), 1);
    assert_false(replay_is_busy(station.replay));
    assert_true(replay_is_ready(station.replay, 1000 + REPLAY_CONNECTING_MS));
    station_close(&station);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_samples_come_back),
        cmocka_unit_test(refuses_what_cannot_be_read),
        cmocka_unit_test(takes_what_it_asked_for),
        cmocka_unit_test(hands_up_what_is_gone),
        cmocka_unit_test(takes_a_snapshot),
        cmocka_unit_test(cuts_off_whoever_lies),
        cmocka_unit_test(ends_what_would_not_end),
        cmocka_unit_test(what_came_too_late_is_nothing),
        cmocka_unit_test(loses_patience_and_waits_longer_each_time),
        cmocka_unit_test(keeps_no_request_for_whoever_is_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
