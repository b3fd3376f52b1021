/* rehearsal.c - plays disagreements on a simulated clock, with the daemon's engine and store. */
#include "rehearsal/rehearsal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/engine.h"
#include "io/journal.h"
#include "io/record.h"

enum { DIRECTORY_SIZE = 512, CARRIED_MAX = 64 };

struct rehearsal {
    struct rehearsal_settings settings;
    char directory[DIRECTORY_SIZE]; /* "": there is none to remove */
    struct store *store;
    struct engine *engine;
    struct instant now;
    bool in_turn; /* events of `now` were taken, and more of it may come */
    struct happening_keeper *keeper;
    size_t delivered;
    bool doomed; /* the turn will be lost: what it decides is never heard of */
};

static int make_directory(struct rehearsal *self);
static void remove_directory(struct rehearsal *self);
static int start(struct rehearsal *self);
static int end_turn(struct rehearsal *self);

int rehearsal_open(const struct rehearsal_settings *settings, struct rehearsal **rehearsal)
{
    CLEANUP(rehearsal_close) struct rehearsal *self = calloc(1, sizeof *self);
    int error;

    if (!self || !(self->keeper = happening_keeper_open()))
        return journal_fail(-ENOMEM, "no memory for a rehearsal");
    self->settings = *settings;
    self->now = settings->start;
    if ((error = make_directory(self)) < 0 || (error = start(self)) < 0)
        return error;
    *rehearsal = self;
    self = NULL;
    return 0;
}

static void stop(struct rehearsal *self)
{
    engine_close(&self->engine);
    store_close(&self->store);
}

void rehearsal_end(struct rehearsal *self)
{
    stop(self);
    remove_directory(self);
}

void rehearsal_close(struct rehearsal **rehearsal)
{
    struct rehearsal *self = *rehearsal;

    if (!self)
        return;
    rehearsal_end(self);
    happening_keeper_close(&self->keeper);
    free(self);
    *rehearsal = NULL;
}

/* --- the store's directory */

static int make_directory(struct rehearsal *self)
{
    const char *place = getenv("TMPDIR");
    char name[DIRECTORY_SIZE];

    if (!place || place[0] != '/' || strlen(place) > DIRECTORY_SIZE / 2)
        place = "/tmp";
    snprintf(name, sizeof name, "%s/concern-rehearsal.XXXXXX", place);
    if (!mkdtemp(name))
        return journal_fail(-errno, "cannot make a directory in %s: %m", place);
    memcpy(self->directory, name, sizeof name);
    return 0;
}

/* What mkdtemp made is ours alone, and holds files only. */
static void remove_directory(struct rehearsal *self)
{
    DIR *list = self->directory[0] ? opendir(self->directory) : NULL;
    const struct dirent *entry;

    while (list && (entry = readdir(list)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(list), entry->d_name, 0);
    if (list)
        closedir(list);
    if (self->directory[0] && rmdir(self->directory) < 0)
        journal_warn(NULL, "%s is left behind: %m", self->directory);
    self->directory[0] = '\0';
}

/* --- starting */

static void watch(void *context, const struct policy_view *view, const struct decision *decision)
{
    struct rehearsal *self = context;

    if (self->doomed)
        return;
    happening_keep(self->keeper, view, decision, self->now);
    if (self->settings.watch)
        self->settings.watch(self->settings.watch_context, view, decision);
}

static void note_told(void *context, const struct policy_view *view,
                      const struct disagreement *after, const struct plan *plan)
{
    struct rehearsal *self = context;

    if (self->doomed)
        return;
    happening_keep_told(self->keeper, view, after, plan, self->now);
    if (self->settings.told)
        self->settings.told(self->settings.watch_context, view, after, plan);
}

static int start(struct rehearsal *self)
{
    struct store_settings store = {
        .directory = self->directory, .trial = true, .fleeting = true, .now = self->now
    };
    struct engine_settings engine = { .policy = self->settings.policy,
                                      .mail_from = self->settings.mail_from,
                                      .acknowledge = { self->settings.acknowledge_url,
                                                       self->settings.acknowledge_within_us },
                                      .undelivered = !self->settings.deliver,
                                      .watch = watch,
                                      .told = note_told,
                                      .watch_context = self };
    int answer = store_open(&store, &self->store);

    if (answer < 0)
        return answer;
    if (answer != STORE_OK)
        return journal_fail(-EIO, "cannot rehearse: %s", store_answer_text(answer));
    engine.store = self->store;
    return engine_open(&engine, &self->engine);
}

/* Engine and store alone: at the end of a turn. */
static int start_again(struct rehearsal *self)
{
    stop(self);
    return start(self);
}

/* --- deliveries */

struct carried {
    const struct rehearsal_settings *settings;
    struct instant now;
    struct outcome outcomes[CARRIED_MAX];
    size_t count;
};

static bool carry(void *context, const struct delivery *delivery)
{
    struct carried *carried = context;
    struct outcome *outcome;

    if (carried->count == CARRIED_MAX)
        return false;
    outcome = &carried->outcomes[carried->count++];
    *outcome = (struct outcome){ .attempt = delivery->attempt,
                                 .route = delivery->route,
                                 .outcome = DELIVERY_DONE,
                                 .code = 250 };
    snprintf(outcome->id, sizeof outcome->id, "%s", delivery->id);
    if (carried->settings->take)
        carried->settings->take(carried->settings->watch_context, delivery, carried->now, outcome);
    return true;
}

static int note(struct rehearsal *self, const struct carried *carried)
{
    int error = engine_begin(self->engine, self->now);

    for (size_t i = 0; error == 0 && i < carried->count; i++)
        error = engine_note(self->engine, &carried->outcomes[i]);
    return error ? error : engine_commit(self->engine);
}

/* Everything that can be carried is carried, and what became of it written down. */
static int deliver(struct rehearsal *self)
{
    struct carried *carried = malloc(sizeof *carried);
    int error = carried ? 0 : -ENOMEM;

    while (error == 0) {
        carried->count = 0;
        carried->settings = &self->settings;
        carried->now = self->now;
        error = engine_hand_out(self->engine, self->now, carry, carried);
        if (error || carried->count == 0)
            break;
        error = note(self, carried);
        self->delivered += carried->count;
    }
    free(carried);
    return error;
}

size_t rehearsal_delivered(const struct rehearsal *self)
{
    return self->delivered;
}

/* --- turns */

/* A rehearsal's disk is never full for anybody else's sake: it is the world's failure. */
static int world(int answer)
{
    return answer == ENGINE_STORE_FULL ? journal_fail(-ENOSPC, "the disk is full") : answer;
}

/* --- power cuts */

static bool copy_file(int from, int to)
{
    char bytes[16384];
    ssize_t size;

    while ((size = read(from, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, (size_t)size) != size)
            return false;
    return size == 0;
}

static bool copy_entry(int from_directory, int to_directory, const char *name)
{
    int from = openat(from_directory, name, O_RDONLY | O_CLOEXEC);
    int to = openat(to_directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool copied = from >= 0 && to >= 0 && copy_file(from, to);

    if (from >= 0)
        close(from);
    return (to < 0 || close(to) == 0) && copied;
}

/* The files as they are while the store is open: what a machine finds when power is back.  The
 * index of the log that processes share in memory is not among them. */
static int copy_directory(const char *from, const char *to)
{
    DIR *list = opendir(from), *copy = opendir(to);
    const struct dirent *entry;
    bool copied = list && copy;

    while (copied && (entry = readdir(list)))
        if (entry->d_name[0] != '.' && !strstr(entry->d_name, "-shm"))
            copied = copy_entry(dirfd(list), dirfd(copy), entry->d_name);
    if (list)
        closedir(list);
    if (copy)
        closedir(copy);
    return copied ? 0 : journal_fail(-EIO, "cannot copy %s", from);
}

/* A power cut leaves the files as they are while the store is open; a backup has those of one that
 * was closed. */
static int go_on_from_copy(struct rehearsal *self, bool of_closed)
{
    char before[DIRECTORY_SIZE], after[DIRECTORY_SIZE];
    int error;

    memcpy(before, self->directory, sizeof before);
    if ((error = make_directory(self)) < 0)
        return error;
    memcpy(after, self->directory, sizeof after);
    if (of_closed)
        stop(self);
    error = copy_directory(before, after);
    stop(self);
    memcpy(self->directory, before, sizeof before);
    remove_directory(self);
    memcpy(self->directory, after, sizeof after);
    return error ? error : start(self);
}

/* Takes a turn that is lost before its commit: nobody hears of it, and it must leave nothing.
 * What came earlier in the same turn was lost and taken before. */
static int lose_turn(struct rehearsal *self, const struct engine_input *input, bool recompute)
{
    struct engine_reply reply;
    bool more;
    int answer;

    if (!self->settings.power_cut || self->in_turn)
        return 0;
    self->doomed = true;
    answer = world(engine_begin(self->engine, self->now));
    if (answer == 0 && input)
        answer = engine_take(self->engine, input, &reply);
    else if (answer == 0 && recompute)
        answer = engine_recompute(self->engine);
    if (answer >= 0 && !recompute)
        answer = world(engine_pass(self->engine, &more));
    self->doomed = false;
    return answer < 0 ? answer : start_again(self);
}

static int begin_turn(struct rehearsal *self)
{
    int error = self->in_turn ? 0 : world(engine_begin(self->engine, self->now));

    self->in_turn = error == 0;
    return error;
}

static int commit(struct rehearsal *self)
{
    int error = world(engine_commit(self->engine));

    self->in_turn = false;
    if (error == 0 && self->settings.power_cut)
        error = go_on_from_copy(self, false);
    if (error == 0 && self->settings.deliver)
        error = world(deliver(self));
    if (error == 0)
        error = store_tend(self->store);
    if (error == 0 && self->settings.restart)
        error = start_again(self);
    if (error == 0 && self->settings.restore)
        error = go_on_from_copy(self, true);
    return error;
}

/* The events of an instant come first, then what is due at it, all in one turn. */
static int end_turn(struct rehearsal *self)
{
    bool more = true;
    int error = 0;

    while (error == 0 && more)
        error = world(engine_pass(self->engine, &more));
    return error ? error : commit(self);
}

int rehearsal_restart(struct rehearsal *self)
{
    int error = self->in_turn ? end_turn(self) : 0;

    return error ? error : start_again(self);
}

/* An engine that was started again knows when deliveries are due once it has handed some out. */
static int next_wake(struct rehearsal *self, struct instant *wake)
{
    int error = self->settings.deliver ? world(deliver(self)) : 0;

    return error ? error : engine_next_wake(self->engine, wake);
}

int rehearsal_advance(struct rehearsal *self, struct instant until)
{
    struct instant wake;
    int error = 0;

    if (self->in_turn && until.us < self->now.us)
        return 0; /* more of this instant may come */
    if (self->in_turn)
        error = end_turn(self);
    while (error == 0 && (error = next_wake(self, &wake)) == 0 && !instant_is_none(wake) &&
           wake.us <= until.us) {
        if (wake.us > self->now.us)
            self->now = wake;
        if ((error = lose_turn(self, NULL, false)) == 0 && (error = begin_turn(self)) == 0)
            error = end_turn(self);
    }
    if (error == 0 && until.us > self->now.us)
        self->now = until;
    return error;
}

void rehearsal_sleep(struct rehearsal *self, struct instant until)
{
    if (until.us > self->now.us)
        self->now = until;
}

int rehearsal_give(struct rehearsal *self, const char *bytes, size_t size, struct instant received,
                   struct answer_nack *refusal)
{
    struct engine_input input = { .bytes = bytes, .size = size };
    struct engine_reply reply = { 0 };
    int error = rehearsal_advance(self, (struct instant){ received.us - 1 });
    int answer;

    if (error)
        return error;
    if (received.us > self->now.us)
        self->now = received;
    input.received = self->now;
    if ((error = lose_turn(self, &input, false)) || (error = begin_turn(self)))
        return error;
    answer = engine_take(self->engine, &input, &reply);
    if (answer == ENGINE_BUSY)
        answer = ENGINE_REFUSED;
    if (answer != ENGINE_TAKEN && answer != ENGINE_REFUSED) {
        engine_roll_back(self->engine);
        self->in_turn = false;
        return world(answer);
    }
    if (answer == ENGINE_REFUSED)
        *refusal = reply.nack;
    return answer == ENGINE_REFUSED ? REHEARSAL_REFUSED
           : reply.ack.duplicate    ? REHEARSAL_DUPLICATE
                                    : REHEARSED;
}

int rehearsal_set_policy(struct rehearsal *self, struct policy *policy, struct instant at)
{
    int error = rehearsal_advance(self, (struct instant){ at.us - 1 });

    if (error)
        return error;
    if (at.us > self->now.us)
        self->now = at;
    self->settings.policy = policy;
    engine_set_policy(self->engine, policy);
    if ((error = lose_turn(self, NULL, true)) || (error = begin_turn(self)) ||
        (error = world(engine_recompute(self->engine))))
        return error;
    return commit(self);
}

static int take_move(struct rehearsal *self, struct engine_move *move)
{
    int answer = world(engine_begin(self->engine, self->now));

    return answer ? answer : world(engine_move(self->engine, move));
}

int rehearsal_move(struct rehearsal *self, const char *board, const char *reference,
                   struct instant at, char why[REHEARSAL_WHY_SIZE])
{
    struct engine_move move = {
        .board = board, .reference = reference, .version = "", .by = "a rehearsal"
    };
    int answer = rehearsal_advance(self, at);

    if (answer == 0 && self->settings.power_cut) {
        self->doomed = true;
        answer = take_move(self, &move);
        self->doomed = false;
        answer = answer < 0 ? answer : start_again(self);
    }
    if (answer == 0)
        answer = take_move(self, &move);
    if (answer == ENGINE_MOVED)
        return commit(self);
    engine_roll_back(self->engine);
    if (answer != ENGINE_MOVE_REFUSED)
        return answer;
    snprintf(why, REHEARSAL_WHY_SIZE, "%s", move.why);
    return REHEARSAL_REFUSED;
}

int rehearsal_silence(struct rehearsal *self, const char *what, struct instant at,
                      struct instant until)
{
    struct silence_row row = { .reason = "a rehearsal", .by = "a rehearsal" };
    int error = silencing_read(what, &row.silencing) ? rehearsal_advance(self, at) : -EINVAL;

    row.silencing.until = until;
    if (error == 0)
        error = begin_turn(self);
    if (error == 0)
        error = world(engine_add_silence(self->engine, &row));
    return error ? error : commit(self);
}

int rehearsal_history(struct rehearsal *self, const char *board, const char *reference,
                      bool (*say)(void *, const struct record_line *), void *context)
{
    int answer = record_history(self->store, board, reference, say, context);

    return answer < 0 ? answer : 0;
}

int rehearsal_report(struct rehearsal *self, struct happenings *happenings)
{
    return happening_sort(self->keeper, happenings);
}
