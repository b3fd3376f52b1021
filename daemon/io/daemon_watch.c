/* daemon_watch.c - what the operator is told about the ways in. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/daemon_private.h"
#include "io/descriptors.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"

enum {
    REFUSALS_LOOK_MS = 1000, /* how often refusals are looked at for a person to be told */
    REFUSALS_TOLD = 3,       /* of one kind from one key: a person is told */
    PUT_OFF_TOLD = 500,      /* messages of one key */
    FLOOD_LOOK_MS = 60000    /* how often it is said that connections are turned away */
};

/* --- refusals */

static int tell_put_off(struct turn *turn, const struct refusal *row)
{
    char key[128], text[600];

    snprintf(key, sizeof key, "refusals %s %s", row->key, row->code);
    snprintf(text, sizeof text,
             "Messages of %s have been put off %" PRIu64 " times: more come than its rate or its\n"
             "window allows. Nothing is lost, its case system sends each again; but what it says\n"
             "comes late. See whether it does what it should; if so, give its key a greater rate\n"
             "in the keyring. `concernctl status` counts them.\n",
             daemon_name_of_key(turn->daemon, row->key), row->count);
    return engine_tell_operator(turn->daemon->engine, key, "Events are being put off", text);
}

static int tell_refusal(struct turn *turn, const struct refusal *row)
{
    const struct wire_code *code = wire_code_find(row->code);
    char key[128], text[500];

    if (strcmp(row->code, WIRE_CODE_RATE) == 0)
        return tell_put_off(turn, row);
    snprintf(key, sizeof key, "refusals %s %s", row->key, row->code);
    snprintf(text, sizeof text,
             "Events of %s have been refused %" PRIu64 " times with code %s (%s).\n"
             "Nothing of them was kept. Their case system holds them; see what it says, "
             "and what `concernctl status` counts.\n",
             daemon_name_of_key(turn->daemon, row->key), row->count, row->code,
             code ? code->meaning : "");
    return engine_tell_operator(turn->daemon->engine, key, "Events are being refused", text);
}

/* A refused safeguarding event is itself an incident: after three of a kind from one key a person
 * is told, and again on a later day only if there are more.  What is put off is not lost: of that
 * he hears where it goes on. */
static int watch_refusal(struct turn *turn, struct refusal *row)
{
    uint64_t enough = strcmp(row->code, WIRE_CODE_RATE) == 0 ? PUT_OFF_TOLD : REFUSALS_TOLD;
    int error;

    if (row->count == row->kept)
        return 0;
    error = daemon_begin(turn);
    if (error == 0 && row->count >= enough && row->count != row->told) {
        error = tell_refusal(turn, row);
        row->told = row->count;
    }
    if (error == 0)
        error = engine_store_answer(store_put_refusal(turn->daemon->store, row));
    row->kept = row->count;
    return error;
}

/* Not for each one: who floods must not have a flush for each either. */
static int watch_refusals(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    int64_t now_ms = clock_monotonic_ms();
    int error = 0;

    if (now_ms - self->refusals_looked_ms < REFUSALS_LOOK_MS && !self->stopping)
        return 0;
    /* On a full disk events go first: so small a thing may find room where none of them does, and
     * would have it look as if there were some. */
    if (self->is_full)
        return 0;
    self->refusals_looked_ms = now_ms;
    for (size_t i = 0; error == 0 && i < self->refusals.count; i++)
        error = watch_refusal(turn, &self->refusals.rows[i]);
    return error;
}

/* --- connections that found no place */

static int watch_connections(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    uint64_t count = descriptors_turned_away();
    int64_t now_ms = clock_monotonic_ms();
    int error;

    if (count == self->turned_away_told || now_ms - self->turned_away_ms < FLOOD_LOOK_MS)
        return 0;
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_TURNED_AWAY }),
                 "%" PRIu64 " connections turned away so far: too many at a time", count);
    error = daemon_begin(turn);
    if (error == 0)
        error = engine_tell_operator(
            self->engine, "connections turned away", "Connections are being turned away",
            "More connections come in than there are places for; it may be an attack.\n"
            "Who is connected is served, and deadlines and notifications go on; a case system\n"
            "that connects now may have to try for a while.\n"
            "See who connects (ss -tn), and let only the case systems reach the port.\n");
    if (error == 0) {
        self->turned_away_told = count;
        self->turned_away_ms = now_ms;
    }
    return error;
}

int daemon_watch(struct turn *turn)
{
    int error = daemon_watch_silence(turn);

    if (error == 0)
        error = watch_refusals(turn);
    return error ? error : watch_connections(turn);
}

void daemon_watch_again(struct daemon *self)
{
    daemon_forget_silence(self);
    self->feeds_recorded = false;
    for (size_t i = 0; i < self->refusals.count; i++)
        self->refusals.rows[i].told = self->refusals.rows[i].kept = 0;
    self->turned_away_ms = 0;
    self->turned_away_told = 0;
}
