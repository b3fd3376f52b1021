/* daemon_watch.c - what the operator is told about the ways in. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/daemon_private.h"
#include "io/descriptors.h"
#include "io/journal.h"
#include "io/message_ids.h"

enum {
    REFUSALS_LOOK_MS = 1000, /* how often refusals are looked at for a person to be told */
    REFUSALS_TOLD = 3,       /* of one kind from one key: a person is told */
    FLOOD_LOOK_MS = 60000    /* how often it is said that connections are turned away */
};

/* --- refusals */

static int tell_refusal(struct turn *turn, const struct intake_refusal *row)
{
    const struct wire_code *code = wire_code_find(row->code);
    char key[128], text[500];
    int error = daemon_begin(turn);

    snprintf(key, sizeof key, "refusals %.*s %.*s", WIRE_KEY_TEXT, row->key, INTAKE_CODE_MAX,
             row->code);
    snprintf(text, sizeof text,
             "Events of %s have been refused %" PRIu64 " times with code %s (%s).\n"
             "Nothing of them was kept. Their case system holds them; see what it says, "
             "and what `concernctl status` counts.\n",
             daemon_name_of_key(turn->daemon, row->key), row->count, row->code,
             code ? code->meaning : "");
    return error
               ? error
               : engine_tell_operator(turn->daemon->engine, key, "Events are being refused", text);
}

/* A rejected safeguarding event is itself an incident: after three of a kind from one key a
 * person is told, and again on a later day only if there are more. */
static int watch_refusals(struct turn *turn)
{
    struct daemon *self = turn->daemon;
    struct intake_refusal rows[INTAKE_REFUSALS_MAX];
    int64_t now_ms = clock_monotonic_ms();
    size_t count;

    if (!self->intake || now_ms - self->refusals_looked_ms < REFUSALS_LOOK_MS)
        return 0;
    self->refusals_looked_ms = now_ms;
    count = intake_refusals(self->intake, rows, INTAKE_REFUSALS_MAX);
    for (size_t i = 0; i < count; i++) {
        int error;

        if (rows[i].count < REFUSALS_TOLD || rows[i].count == self->refusals_told[i])
            continue;
        error = tell_refusal(turn, &rows[i]);
        if (error)
            return error;
        self->refusals_told[i] = rows[i].count;
    }
    return 0;
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
    memset(self->refusals_told, 0, sizeof self->refusals_told);
    self->turned_away_ms = 0;
    self->turned_away_told = 0;
}
