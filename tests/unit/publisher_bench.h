/* publisher_bench.h - case systems with keys of their own, over the bench of an engine.
 *
 * Two agencies and a third without a part, a board; every name is invented.
 */
#ifndef CONCERN_TESTS_PUBLISHER_BENCH_H
#define CONCERN_TESTS_PUBLISHER_BENCH_H

#include "engine_bench.h"

/* Housing's system may close, care's may too, health's has no part; the board speaks to all. */
#define KEY_HOUSING "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define KEY_CARE "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define KEY_HEALTH "0123456789abcdefghijABCDEFGHIJ.-:+=^!/*?"
#define KEY_BOARD "JIHGFEDCBA0123456789jihgfedcba.-:+=^!/*?"

#define OF_HOUSING "urn:invented:housing"
#define OF_CARE "urn:invented:care"
#define OF_HEALTH "urn:invented:health"
#define OF_BOARD "urn:invented:board"

static const char bench_directory[] =
    "agencies:\n"
    "  housing:\n"
    "    name: Invented Housing\n    kind: statutory\n"
    "    roles: {line_manager: {holder: h.manager}, head_of_service: {holder: h.head},\n"
    "      strategic_head: {holder: h.head}, practitioner: {holder: h.worker}}\n"
    "  care:\n"
    "    name: Invented Care\n    kind: statutory\n"
    "    roles: {line_manager: {holder: c.manager}, head_of_service: {holder: c.head},\n"
    "      strategic_head: {holder: c.head}, practitioner: {holder: c.worker}}\n"
    "  health:\n"
    "    name: Invented Health\n    kind: statutory\n"
    "    roles: {line_manager: {holder: n.manager}, head_of_service: {holder: n.manager},\n"
    "      strategic_head: {holder: n.manager}, practitioner: {holder: n.manager}}\n"
    "boards:\n"
    "  board:\n"
    "    name: Invented Board\n"
    "    procedures: [plcsab-adults]\n"
    "    roles: {board_team: {holder: unit}}\n"
    "people:\n"
    "  h.manager: {name: H, routes: [\"email:h.manager@housing.example\"]}\n"
    "  h.head: {name: H, routes: [\"email:h.head@housing.example\"]}\n"
    "  h.worker: {name: H, routes: [\"email:h.worker@housing.example\"]}\n"
    "  c.manager: {name: C, routes: [\"email:c.manager@care.example\"]}\n"
    "  c.head: {name: C, routes: [\"email:c.head@care.example\"]}\n"
    "  c.worker: {name: C, routes: [\"email:c.worker@care.example\"]}\n"
    "  n.manager: {name: N, routes: [\"email:n.manager@health.example\"]}\n"
    "  unit: {name: U, routes: [\"email:unit@board.example\"]}\n"
    "operator: [\"email:operator@board.example\"]\n";

#define BENCH_KEYS                                                                                 \
    "keys:\n"                                                                                      \
    "  - {key: \"" KEY_HOUSING "\", agency: housing, boards: [board], sources: [\"" OF_HOUSING     \
    "\"], types: [all], rights: [publish, close]}\n"                                               \
    "  - {key: \"" KEY_CARE "\", agency: care, boards: [board], sources: [\"" OF_CARE              \
    "\"], types: [all], rights: [publish, close]}\n"                                               \
    "  - {key: \"" KEY_HEALTH "\", agency: health, boards: [board], sources: [\"" OF_HEALTH        \
    "\"], types: [all], rights: [publish, close]}\n"                                               \
    "  - {key: \"" KEY_BOARD "\", board: board, sources: [\"" OF_BOARD                             \
    "\"], types: [all], rights: [publish, close]}\n"

#define RAISE                                                                                      \
    "{\"procedure\":\"plcsab-adults\",\"challenging\":{\"agency\":\"housing\"},"                   \
    "\"challenged\":[{\"agency\":\"care\"}]}"

/** The keyring that a text is; in place of the one before, whose rates it takes over. */
static inline void bench_keys(struct bench *bench, const char *text)
{
    struct keyring *before = bench->keyring;
    char path[256];

    bench->keyring = NULL;
    bench_write(bench, "keyring.yaml", text);
    snprintf(path, sizeof path, "%s/keyring.yaml", bench->folder);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(keyring_read(path, stderr, &bench->keyring), KEYRING_OK);
    if (before)
        keyring_inherit(bench->keyring, before);
    if (bench->engine)
        engine_set_keyring(bench->engine, bench->keyring);
    keyring_close(&before);
}

/** What a case system sends. */
struct sending {
    const char *key, *source, *id, *type, *subject;
    const char *data;     /* NULL: {} */
    uint64_t sequence;    /* 0: none */
    const char *seqepoch; /* NULL: BENCH_EPOCH */
    const char *time;     /* NULL: now */
    const char *feed;     /* NULL: on the acknowledged plane */
    const char *board;    /* NULL: not named */
    bool of_snapshot;     /* of a feed: a value of a snapshot */
};

#define BENCH_EPOCH "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"

static inline int sending_write(const struct bench *bench, const struct sending *sending,
                                char *json, size_t size)
{
    char now[ZONE_TIME_SIZE], sequence[120] = "", number[SEQUENCE_DIGITS + 1], board[100] = "";

    instant_write_utc(bench->now, now);
    sequence_write(sending->sequence, number);
    if (sending->sequence)
        snprintf(sequence, sizeof sequence, "\"sequence\":\"%s\",\"seqepoch\":\"%s\",", number,
                 sending->seqepoch ? sending->seqepoch : BENCH_EPOCH);
    if (sending->board)
        snprintf(board, sizeof board, "\"board\":\"%s\",", sending->board);
    return snprintf(json, size,
                    "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":"
                    "\"concernd.%s\",\"subject\":\"%s\",\"time\":\"%s\",%s%s\"datacontenttype\":"
                    "\"application/json\",\"data\":%s}",
                    sending->id, sending->source, sending->type, sending->subject,
                    sending->time ? sending->time : now, sequence, board,
                    sending->data ? sending->data : "{}");
}

/** Takes it within a turn that is open. */
static inline int sending_take(struct bench *bench, const struct sending *sending)
{
    char json[4096];
    struct engine_input input = { .bytes = json,
                                  .key = sending->key,
                                  .feed = sending->feed,
                                  .is_replayed = sending->of_snapshot,
                                  .of_snapshot = sending->of_snapshot,
                                  .received = bench->now };

    input.size = (size_t)sending_write(bench, sending, json, sizeof json);
    return engine_take(bench->engine, &input, &bench->reply);
}

/** In a turn of its own. */
static inline int bench_send(struct bench *bench, const struct sending *sending)
{
    int answer;

    assert_int_equal(engine_begin(bench->engine, bench->now), 0);
    answer = sending_take(bench, sending);
    assert_true(answer >= 0 && answer != ENGINE_STORE_FULL);
    assert_int_equal(engine_commit(bench->engine), 0);
    bench_hand_out(bench);
    return answer;
}

/** The board's disagreement as it is kept. */
static inline const struct disagreement *bench_kept(struct bench *bench, const char *reference)
{
    static struct disagreement kept;

    assert_int_equal(store_load_disagreement(bench->store, "board", reference, &kept), STORE_OK);
    return &kept;
}

#endif
