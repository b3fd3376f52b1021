/* test_feed.c - a subscribed feed hears its publisher, and nobody else. */
#include "wire_bench.h"

#include "io/feed.h"

/* A publisher in a context of its own, as curve server; no names but invented ones. */
struct station {
    void *context; /* of the daemon */
    void *outside;
    void *publisher;
    char endpoint[256];
    struct bench_key server;
    struct bench_key daemon;
    struct feed *feed;
};

static const char *const sources[] = { "urn:northtown:las", "urn:northtown:edt" };
static const char *const boards[] = { "plcsab" };

#define EPOCH "8d6a0000-0000-4000-8000-000000000001"

static void station_open(struct station *station)
{
    size_t size = sizeof station->endpoint;
    int one = 1;
    int zero = 0;

    memset(station, 0, sizeof *station);
    assert_int_equal(zmq_curve_keypair(station->server.public, station->server.secret), 0);
    assert_int_equal(zmq_curve_keypair(station->daemon.public, station->daemon.secret), 0);
    station->context = zmq_ctx_new();
    station->outside = zmq_ctx_new();
    station->publisher = zmq_socket(station->outside, ZMQ_XPUB);
    zmq_setsockopt(station->publisher, ZMQ_CURVE_SERVER, &one, sizeof one);
    zmq_setsockopt(station->publisher, ZMQ_CURVE_SECRETKEY, station->server.secret, WIRE_KEY_TEXT);
    zmq_setsockopt(station->publisher, ZMQ_LINGER, &zero, sizeof zero);
    assert_int_equal(zmq_bind(station->publisher, "tcp://127.0.0.1:*"), 0);
    assert_int_equal(
        zmq_getsockopt(station->publisher, ZMQ_LAST_ENDPOINT, station->endpoint, &size), 0);
}

static struct feed_settings station_settings(struct station *station)
{
    struct feed_settings settings = {
        .name = "northtown",
        .endpoint = station->endpoint,
        .server_key = station->server.public,
        .secret_key = station->daemon.secret,
        .sources = sources,
        .source_count = COUNT_OF(sources),
        .boards = boards,
        .board_count = COUNT_OF(boards),
        .tell = bench_tell,
    };

    return settings;
}

/* Waits for a subscription; true when one came. */
static bool subscribed(struct station *station, int wait_ms)
{
    zmq_pollitem_t item = { .socket = station->publisher, .events = ZMQ_POLLIN };
    char frame[256];

    if (zmq_poll(&item, 1, wait_ms) != 1)
        return false;
    return zmq_recv(station->publisher, frame, sizeof frame, 0) > 0;
}

static void station_listen(struct station *station)
{
    struct feed_settings settings = station_settings(station);

    assert_int_equal(feed_open(station->context, &settings, 3, bench_now, &station->feed), 0);
    assert_true(subscribed(station, BENCH_WAIT_MS));
    assert_true(subscribed(station, BENCH_WAIT_MS));
}

static void station_close(struct station *station)
{
    feed_close(&station->feed);
    feed_close(&station->feed);
    zmq_close(station->publisher);
    zmq_ctx_term(station->outside);
    zmq_ctx_term(station->context);
}

static void publish(struct station *station, const char *topic, const char *magic, const char *body)
{
    zmq_send(station->publisher, topic, strlen(topic), ZMQ_SNDMORE);
    zmq_send(station->publisher, magic, strlen(magic), ZMQ_SNDMORE);
    zmq_send(station->publisher, body, strlen(body), 0);
}

static int take(struct station *station, int wait_ms, struct feed_message **message)
{
    int64_t end = bench_ms() + wait_ms;
    int answer = 0;

    for (int64_t left = wait_ms; left >= 0 && answer == 0; left = end - bench_ms()) {
        zmq_pollitem_t item = { .socket = feed_socket(station->feed), .events = ZMQ_POLLIN };

        zmq_poll(&item, 1, left < 50 ? left : 50);
        answer = feed_take(station->feed, (struct instant){ bench_now.us + SECOND_US }, message);
    }
    return answer;
}

static void hears_events_and_heartbeats(void **state)
{
    struct station station;
    struct feed_message *message = NULL;

    (void)state;
    station_open(&station);
    station_listen(&station);
    assert_string_equal(feed_name(station.feed), "northtown");
    assert_int_equal(feed_last_heard(station.feed).us, bench_now.us);
    publish(&station, "con.plcsab.1", "CON1", "{\"id\":\"1\"}");
    assert_int_equal(take(&station, BENCH_WAIT_MS, &message), 1);
    assert_int_equal(message->feed, 3);
    assert_int_equal(message->saying, FEED_EVENT);
    assert_string_equal(message->topic, "con.plcsab.1");
    assert_string_equal(message->body, "{\"id\":\"1\"}");
    assert_int_equal(message->size, 10);
    assert_int_equal(message->received.us, bench_now.us + SECOND_US);
    feed_message_close(&message);
    assert_int_equal(feed_last_heard(station.feed).us, bench_now.us + SECOND_US);
    publish(&station, "hb.northtown", "CON1",
            "{\"source\":\"urn:northtown:las\",\"seqepoch\":\"" EPOCH "\","
            "\"last_sequence\":\"00000000000000000042\",\"time\":\"2026-12-18T16:59:00Z\"}");
    publish(&station, "hb.northtown", "CON1",
            "{\"source\":\"urn:northtown:edt/a\",\"seqepoch\":\"" EPOCH "\",\"last_sequence\":7}");
    assert_int_equal(take(&station, BENCH_WAIT_MS, &message), 1);
    assert_int_equal(message->saying, FEED_HEARTBEAT);
    assert_string_equal(message->source, "urn:northtown:las");
    assert_string_equal(message->seqepoch, EPOCH);
    assert_int_equal(message->last_sequence, 42);
    feed_message_close(&message);
    assert_int_equal(take(&station, BENCH_WAIT_MS, &message), 1);
    assert_int_equal(message->last_sequence, 7);
    feed_message_close(&message);
    assert_int_equal(feed_counts(station.feed).taken, 1);
    assert_int_equal(feed_counts(station.feed).heartbeats, 2);
    station_close(&station);
}

static void refuses_what_is_malformed(void **state)
{
    static const struct {
        const char *name, *topic, *magic, *body;
        bool wrong_source;
    } rows[] = {
        { "another version", "con.a", "CON2", "{}", false },
        { "no magic", "con.a", "", "{}", false },
        { "a heartbeat of no JSON", "hb.a", "CON1", "{", false },
        { "a heartbeat of a list", "hb.a", "CON1", "[]", false },
        { "a heartbeat without a source", "hb.a", "CON1",
          "{\"seqepoch\":\"" EPOCH "\",\"last_sequence\":1}", false },
        { "a heartbeat without an epoch", "hb.a", "CON1",
          "{\"source\":\"urn:northtown:las\",\"last_sequence\":1}", false },
        { "an epoch without end", "hb.a", "CON1",
          "{\"source\":\"urn:northtown:las\",\"seqepoch\":\"" EPOCH EPOCH "\",\"last_sequence\":1}",
          false },
        { "a negative sequence", "hb.a", "CON1",
          "{\"source\":\"urn:northtown:las\",\"seqepoch\":\"" EPOCH "\",\"last_sequence\":-1}",
          false },
        { "a sequence of three digits", "hb.a", "CON1",
          "{\"source\":\"urn:northtown:las\",\"seqepoch\":\"" EPOCH "\",\"last_sequence\":\"042\"}",
          false },
        { "a source twice", "hb.a", "CON1",
          "{\"source\":\"urn:x\",\"source\":\"urn:northtown:las\",\"seqepoch\":\"" EPOCH
          "\",\"last_sequence\":1}",
          false },
        { "a line break in the source", "hb.a", "CON1",
          "{\"source\":\"urn:northtown:las/\\nBcc:x\",\"seqepoch\":\"" EPOCH
          "\",\"last_sequence\":1}",
          false },
        { "an epoch that is no UUID", "hb.a", "CON1",
          "{\"source\":\"urn:northtown:las\",\"seqepoch\":\"a\\nb\",\"last_sequence\":1}", false },
        { "deeper than a heartbeat is", "hb.a", "CON1",
          "{\"source\":\"urn:northtown:las\",\"seqepoch\":\"" EPOCH
          "\",\"last_sequence\":1,\"x\":[[[[1]]]]}",
          false },
        { "a heartbeat for somebody else", "hb.a", "CON1",
          "{\"source\":\"urn:northtown:las2\",\"seqepoch\":\"" EPOCH "\",\"last_sequence\":1}",
          true },
    };
    struct station station;
    struct feed_message *message = NULL;
    uint64_t malformed = 0, wrong = 0;
    char *bytes = calloc(1, 100000);

    (void)state;
    station_open(&station);
    station_listen(&station);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("  %s\n", rows[i].name);
        publish(&station, rows[i].topic, rows[i].magic, rows[i].body);
        publish(&station, "con.good", "CON1", "{}");
        assert_int_equal(take(&station, BENCH_WAIT_MS, &message), 1);
        assert_string_equal(message->topic, "con.good");
        feed_message_close(&message);
        rows[i].wrong_source ? wrong++ : malformed++;
        assert_int_equal(feed_counts(station.feed).malformed, malformed);
        assert_int_equal(feed_counts(station.feed).wrong_source, wrong);
    }
    /* Two frames, four frames, a topic of 201 bytes, a body of one byte too many. */
    memset(bytes, 'x', 100000);
    memcpy(bytes, "con.", 4);
    zmq_send(station.publisher, "con.a", 5, ZMQ_SNDMORE);
    zmq_send(station.publisher, "CON1", 4, 0);
    zmq_send(station.publisher, "con.a", 5, ZMQ_SNDMORE);
    zmq_send(station.publisher, "CON1", 4, ZMQ_SNDMORE);
    zmq_send(station.publisher, "{}", 2, ZMQ_SNDMORE);
    zmq_send(station.publisher, "{}", 2, 0);
    zmq_send(station.publisher, bytes, WIRE_TOPIC_MAX + 1, ZMQ_SNDMORE);
    zmq_send(station.publisher, "CON1", 4, ZMQ_SNDMORE);
    zmq_send(station.publisher, "{}", 2, 0);
    zmq_send(station.publisher, "con.a", 5, ZMQ_SNDMORE);
    zmq_send(station.publisher, "CON1", 4, ZMQ_SNDMORE);
    zmq_send(station.publisher, bytes, WIRE_BODY_MAX + 1, 0);
    /* And the greatest that are allowed. */
    zmq_send(station.publisher, bytes, WIRE_TOPIC_MAX, ZMQ_SNDMORE);
    zmq_send(station.publisher, "CON1", 4, ZMQ_SNDMORE);
    zmq_send(station.publisher, bytes, WIRE_BODY_MAX, 0);
    assert_int_equal(take(&station, BENCH_WAIT_MS, &message), 1);
    assert_int_equal(strlen(message->topic), WIRE_TOPIC_MAX);
    assert_int_equal(message->size, WIRE_BODY_MAX);
    feed_message_close(&message);
    assert_int_equal(feed_counts(station.feed).malformed, malformed + 4);
    free(bytes);
    station_close(&station);
}

static void may_speak_for_its_sources_and_boards(void **state)
{
    static const struct {
        const char *source, *board, *code;
    } rows[] = {
        { "urn:northtown:las", "plcsab", NULL }, { "urn:northtown:edt:night", NULL, NULL },
        { "urn:northtown:edt", "", NULL },       { "urn:northtown:las2", "plcsab", "403.1" },
        { "urn:northtown", "plcsab", "403.1" },  { "urn:northtown:las", "another", "403.2" },
        { "urn:another", "another", "403.1" },
    };
    struct station station;
    struct feed_settings settings;

    (void)state;
    station_open(&station);
    settings = station_settings(&station);
    assert_int_equal(feed_open(station.context, &settings, 0, bench_now, &station.feed), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *code = NULL;

        print_message("  %s to %s\n", rows[i].source, rows[i].board ? rows[i].board : "-");
        assert_int_equal(feed_may(station.feed, rows[i].source, rows[i].board, &code),
                         !rows[i].code);
        if (rows[i].code)
            assert_string_equal(code, rows[i].code);
    }
    assert_int_equal(feed_counts(station.feed).wrong_source, 4);
    station_close(&station);
}

/* Another key at the same address is another publisher, and is not heard. */
static void pins_the_key_of_its_publisher(void **state)
{
    struct station station;
    struct feed_settings settings;
    struct feed_message *message = NULL;
    struct bench_key other;

    (void)state;
    station_open(&station);
    assert_int_equal(zmq_curve_keypair(other.public, other.secret), 0);
    settings = station_settings(&station);
    settings.server_key = other.public;
    assert_int_equal(feed_open(station.context, &settings, 0, bench_now, &station.feed), 0);
    assert_false(subscribed(&station, 300));
    publish(&station, "con.a", "CON1", "{}");
    assert_int_equal(take(&station, 100, &message), 0);
    station_close(&station);
}

static void tells_silence(void **state)
{
    struct station station;
    struct feed_settings settings;

    (void)state;
    station_open(&station);
    settings = station_settings(&station);
    settings.max_silence_s = 15;
    assert_int_equal(feed_open(station.context, &settings, 0, bench_now, &station.feed), 0);
    assert_false(feed_is_silent(station.feed, bench_now));
    assert_false(feed_is_silent(station.feed, (struct instant){ bench_now.us + 15 * SECOND_US }));
    assert_true(
        feed_is_silent(station.feed, (struct instant){ bench_now.us + 15 * SECOND_US + 1 }));
    /* A clock that is set back does not let it be silent for so much longer. */
    feed_set_back(station.feed, (struct instant){ bench_now.us + 1 });
    assert_int_equal(feed_last_heard(station.feed).us, bench_now.us);
    feed_set_back(station.feed, (struct instant){ bench_now.us - DAY_US });
    assert_false(
        feed_is_silent(station.feed, (struct instant){ bench_now.us - DAY_US + 15 * SECOND_US }));
    assert_true(feed_is_silent(station.feed,
                               (struct instant){ bench_now.us - DAY_US + 15 * SECOND_US + 1 }));
    station_close(&station);
}

static void hears_again_after_a_reset(void **state)
{
    struct station station;
    struct feed_message *message = NULL;

    (void)state;
    station_open(&station);
    station_listen(&station);
    assert_int_equal(feed_reset(station.feed), 0);
    /* XPUB tells the new subscriptions once the old ones are gone; publishing until one is
     * heard asks for neither order. */
    for (unsigned i = 0; i < 100 && !message; i++) {
        publish(&station, "con.a", "CON1", "{}");
        take(&station, 50, &message);
    }
    assert_non_null(message);
    feed_message_close(&message);
    station_close(&station);
}

static void refuses_settings_that_cannot_be_used(void **state)
{
    struct station station;
    struct feed_settings good;
    char topic[WIRE_TOPIC_MAX + 2];

    (void)state;
    memset(topic, 'x', sizeof topic);
    topic[WIRE_TOPIC_MAX + 1] = '\0';
    station_open(&station);
    good = station_settings(&station);
    for (unsigned i = 0; i < 7; i++) {
        struct feed_settings settings = good;

        if (i == 0)
            settings.endpoint = "inproc://x";
        else if (i == 1)
            settings.server_key = NULL;
        else if (i == 2)
            settings.server_key = "short";
        else if (i == 3)
            settings.secret_key = "";
        else if (i == 4)
            settings.source_count = 0;
        else if (i == 5)
            settings.topic = topic;
        else
            settings.endpoint = "tcp://";
        assert_int_equal(feed_open(station.context, &settings, 0, bench_now, &station.feed),
                         -EINVAL);
        assert_null(station.feed);
    }
    station_close(&station);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_events_and_heartbeats),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(may_speak_for_its_sources_and_boards),
        cmocka_unit_test(pins_the_key_of_its_publisher),
        cmocka_unit_test(tells_silence),
        cmocka_unit_test(hears_again_after_a_reset),
        cmocka_unit_test(refuses_settings_that_cannot_be_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
