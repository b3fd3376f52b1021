/* engine_move.c - a running disagreement is moved to the version of its procedure in force. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "io/record.h"

static int refuse(struct engine_move *move, const char *why)
{
    snprintf(move->why, sizeof move->why, "%s", why);
    return ENGINE_MOVE_REFUSED;
}

static int load(struct engine *engine, struct engine_move *move)
{
    int answer = store_load_disagreement(engine->settings.store, move->board, move->reference,
                                         &engine->before);

    if (answer == STORE_NONE)
        return refuse(move, "nobody raised a disagreement of this reference on this board");
    if (answer == STORE_NO_PROCEDURE || answer == STORE_DAMAGED)
        return refuse(move, "the version it keeps cannot be read here (the journal says why)");
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    answer = engine_view_of_hash(engine, engine->before.procedure_hash, &move->from);
    return answer < 0 ? answer : answer ? -EIO : ENGINE_MOVED;
}

static int find_version(struct engine *engine, struct engine_move *move)
{
    const char *id = engine->before.procedure;

    if (policy_view(engine->settings.policy, id, &move->to) != POLICY_OK)
        return refuse(move, "its procedure is not in force here (concernctl check lists those "
                            "that are)");
    if (move->version[0] && strcmp(move->to.procedure->version, move->version) != 0) {
        snprintf(move->why, sizeof move->why,
                 "the version in force is %.64s (reload the daemon, or name that one)",
                 move->to.procedure->version);
        return ENGINE_MOVE_REFUSED;
    }
    if (strcmp(move->to.procedure->hash, engine->before.procedure_hash) == 0)
        return refuse(move, "it keeps the version in force already (a change of the file takes a "
                            "reload of the daemon)");
    return ENGINE_MOVED;
}

/* An administrative act: the record says who, and from which text to which. */
static int record_move(struct engine *engine, const struct engine_move *move)
{
    const struct procedure *from = move->from.procedure, *to = move->to.procedure;
    json_t *payload =
        json_pack("{s:s,s:s,s:s,s:s,s:s}", "from_version", from->version, "to_version", to->version,
                  "by", move->by, "from_hash", from->hash, "to_hash", to->hash);
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int answer =
        text ? engine_store_answer(record_append(engine->settings.store, engine->now, "version",
                                                 move->board, move->reference, text, NULL))
             : journal_fail(-ENOMEM, "cannot allocate a line of the record");

    json_decref(payload);
    free(text);
    return answer;
}

static int keep(struct engine *engine, const struct engine_move *move)
{
    size_t length;
    const char *text =
        policy_text_of_hash(engine->settings.policy, move->to.procedure->hash, &length);
    int answer =
        engine_store_answer(store_put_procedure(engine->settings.store, move->to.procedure, text));

    if (answer == 0)
        answer = record_move(engine, move);
    if (answer == 0)
        answer = engine_store_answer(store_leave_version(engine->settings.store, move->board,
                                                         move->reference, move->from.procedure,
                                                         move->to.procedure));
    return answer ? answer : engine_keep(engine, &move->to, NULL);
}

static void show(const struct engine *engine, const struct engine_move *move)
{
    if (move->show)
        move->show(move->context, move, &engine->decision);
}

/* What by the new text is past already comes about in the same turn: one instant is one message
 * to one person. */
static int pass_at_once(struct engine *engine, const struct engine_move *move)
{
    int answer = 0;

    engine->before = engine->decision.after;
    while (answer == 0) {
        struct instant wake = disagreement_wake(&engine->before);

        if (instant_is_none(wake) || wake.us > engine->now.us)
            return 0;
        answer = engine_act(engine, &move->to, wake);
        show(engine, move);
    }
    return answer;
}

int engine_move(struct engine *engine, struct engine_move *move)
{
    struct cause cause = { .kind = CAUSE_VERSION, .at = engine->now };
    int answer = load(engine, move);

    if (answer == ENGINE_MOVED)
        answer = find_version(engine, move);
    /* What is due by now comes about under the version that it was due under. */
    if (answer == ENGINE_MOVED)
        answer = engine_catch_up(engine, &move->from, (struct instant){ engine->now.us + 1 });
    if (answer != ENGINE_MOVED)
        return answer;
    cause.left = move->from.procedure;
    if (decide(&move->to, &engine->before, &cause, &engine->decision) != DECIDED)
        return refuse(move, engine->decision.why);
    show(engine, move);
    answer = keep(engine, move);
    return answer ? answer : pass_at_once(engine, move);
}
