/* daemon_move.c - answers `move`: what another version of its procedure makes of a disagreement,
 * and makes it so.
 */
#include <stdio.h>
#include <string.h>

#include "io/daemon_answering.h"
#include "io/engine_private.h"

static const char *const effect_names[EFFECT_KIND_COUNT] = {
    [EFFECT_PASSED] = "passed",    [EFFECT_STOPPED] = "stopped", [EFFECT_STAGE] = "stage",
    [EFFECT_DEADLINE] = "started", [EFFECT_MOVED] = "moved",     [EFFECT_TELL] = "told",
};

/* What is to be said, once it is known whether it was done. */
struct moving {
    struct engine_move move;
    json_t *lines; /* an array */
    char board[ID_MAX + 1], by[32];
};

static json_t *json_whom(const struct engine_move *move, const struct disagreement *after,
                         const struct effect *effect)
{
    const struct procedure *procedure = move->to.procedure;
    json_t *list = json_array();
    char whom[2 * ID_MAX + 2];

    for (size_t role = 0; role < procedure->role_count; role++)
        for (int party = 0; party <= PARTY_BOARD; party++) {
            if (!(effect->to[role] >> party & 1))
                continue;
            snprintf(whom, sizeof whom, "%s@%s", procedure->roles[role].id,
                     party == PARTY_BOARD ? "board" : after->parties[party]);
            json_array_append_new(list, json_string(whom));
        }
    return list;
}

static json_t *json_effect(const struct engine_move *move, const struct disagreement *after,
                           const struct effect *effect)
{
    const struct procedure *procedure = move->to.procedure;
    json_t *object = json_pack("{s:s}", "what", effect_names[effect->kind]);

    if (effect->deadline >= 0)
        json_object_set_new(object, "deadline",
                            json_string(procedure->deadlines[effect->deadline].id));
    if (effect->rule >= 0)
        json_object_set_new(object, "rule", json_string(procedure->rules[effect->rule].id));
    if (effect->kind == EFFECT_MOVED)
        json_object_set_new(object, "due_before", answering_instant(effect->due_before));
    json_object_set_new(object, "due", answering_instant(effect->due));
    if (effect->kind == EFFECT_TELL) {
        json_object_set_new(object, "message", json_string(message_id(effect->message)));
        json_object_set_new(object, "to", json_whom(move, after, effect));
    }
    return object;
}

static void note_decision(void *context, const struct engine_move *move,
                          const struct decision *decision)
{
    struct moving *self = context;

    for (size_t i = 0; i < decision->effect_count; i++)
        if (effect_names[decision->effects[i].kind])
            json_array_append_new(self->lines,
                                  json_effect(move, &decision->after, &decision->effects[i]));
}

static void say_move(struct answering *self, const struct moving *moving)
{
    const struct procedure *from = moving->move.from.procedure, *to = moving->move.to.procedure;
    json_t *line;
    size_t i;

    answering_say(self,
                  json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "reference",
                            self->command->reference, "board", moving->board, "procedure", to->id,
                            "from_version", from->version, "from_hash", from->hash, "to_version",
                            to->version, "to_hash", to->hash, "done", self->command->yes));
    json_array_foreach(moving->lines, i, line)
    {
        if (!answering_say(self, json_incref(line)))
            break;
    }
}

/* A turn of its own: nothing is said to be done that is not on the disk. */
static const char *move_in_turn(struct answering *self, struct moving *moving)
{
    struct engine *engine = self->daemon->engine;
    int answer = engine_begin(engine, clock_now(self->daemon->clock));

    if (answer == 0)
        answer = engine_move(engine, &moving->move);
    if (answer == ENGINE_MOVED && self->command->yes)
        answer = engine_commit(engine);
    else
        engine_roll_back(engine);
    if (answer == ENGINE_MOVE_REFUSED)
        return moving->move.why;
    if (answer != ENGINE_MOVED)
        return answer == ENGINE_STORE_FULL ? "the disk is full: nothing was changed"
                                           : "the store has failed: nothing was changed";
    say_move(self, moving);
    return NULL;
}

const char *answering_move(struct answering *self)
{
    static struct moving moving; /* `why` is read after this returns */
    const char *error = answering_find_board(self, moving.board);

    if (error)
        return error;
    snprintf(moving.by, sizeof moving.by, "uid %u", control_user(self->answer));
    moving.lines = json_array();
    moving.move = (struct engine_move){ .board = moving.board,
                                        .reference = self->command->reference,
                                        .version = self->command->version,
                                        .by = moving.by,
                                        .show = note_decision,
                                        .context = &moving };
    error = move_in_turn(self, &moving);
    json_decref(moving.lines);
    return error;
}
