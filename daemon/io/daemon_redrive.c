/* daemon_redrive.c - concernctl redrive: what nobody accepted is sent again. */
#include <jansson.h>
#include <stdio.h>

#include "io/daemon_answering.h"

/* A turn of its own: nothing is said to be done that is not on the disk. */
static const char *redrive_in_turn(struct answering *self, struct engine_redrive *redrive)
{
    struct engine *engine = self->daemon->engine;
    int answer = engine_begin(engine, clock_now(self->daemon->clock));

    if (answer == 0)
        answer = engine_redrive(engine, redrive);
    if (answer == 0)
        answer = engine_commit(engine);
    else
        engine_roll_back(engine);
    if (answer)
        return answer == ENGINE_STORE_FULL ? "the disk is full: nothing was changed"
                                           : "the store has failed: nothing was changed";
    if (redrive->count == 0)
        return "nothing there is undelivered, or was refused or given up and not accepted since";
    answering_say(self, json_pack("{s:I}", "sent_again", (json_int_t)redrive->count));
    return NULL;
}

static const char *redrive_one(struct answering *self, struct engine_redrive *redrive)
{
    char board[ID_MAX + 1];
    struct outbox_row *row = NULL;
    const char *error;
    int answer = store_get_outbox(self->daemon->store, self->command->reference, &row);

    if (answer != STORE_OK && answer != STORE_NONE)
        return "the outbox cannot be read";
    if (answer == STORE_OK) {
        redrive->id = row->id;
        redrive->board = row->board;
        redrive->reference = *row->reference ? row->reference : NULL;
        error = redrive_in_turn(self, redrive);
        outbox_row_close(&row);
        return error;
    }
    error = answering_find_board(self, board);
    redrive->board = board;
    redrive->reference = self->command->reference;
    return error ? error : redrive_in_turn(self, redrive);
}

const char *answering_redrive(struct answering *self)
{
    char by[24];
    struct engine_redrive redrive = { .by = by };
    bool one = self->command->reference[0] != '\0';

    snprintf(by, sizeof by, "uid %u", control_user(self->answer));
    if (one == self->command->all)
        return "which? (a delivery's id, a disagreement's reference, or all)";
    return one ? redrive_one(self, &redrive) : redrive_in_turn(self, &redrive);
}
