/* play.c - plays stories: play FILE..., each in every mode; 0 when all that was expected came.
 *
 * The notation is in README.md beside this file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

static const char *const mode_names[] = { "as written", "restarted after every turn",
                                          "every event twice",
                                          "power cut before and after every commit",
                                          "out of order" };

int play_fail(const struct play *self, const char *what)
{
    fprintf(stderr, "%s:%u: (%s) %s: %s\n", self->file, self->line.number,
            mode_names[self->world->mode], what, self->line.text);
    return 1;
}

const char *play_word(const struct play *self, size_t index)
{
    return index < self->line.count ? self->line.words[index] : "";
}

size_t play_find_word(const struct play *self, const char *wanted)
{
    for (size_t i = 0; i < self->line.count; i++)
        if (strcmp(self->line.words[i], wanted) == 0)
            return i;
    return self->line.count;
}

/* The line after its first `count` words. */
const char *play_rest_of_line(const struct play *self, size_t count)
{
    const char *at = self->line.text;

    for (size_t i = 0; i <= count; i++) {
        at += strspn(at, " \t");
        if (i < count)
            at += strcspn(at, " \t");
    }
    return at;
}

/* --- lines */

/* reload procedure NAME from FILE; reload calendar NAME from FILE: the file is another now. */
static int play_reload(struct play *self)
{
    char folder[16];

    snprintf(folder, sizeof folder, "%.12ss", play_word(self, 1));
    if (world_put_file(self->world, folder, play_word(self, 2), play_word(self, 4)) ||
        world_reload(self->world, self->at))
        return play_fail(self, "the policy cannot be loaded");
    return 0;
}

/* move D1: concernctl moves it to the version in force. */
static int play_move(struct play *self)
{
    int error = world_flush(self->world);

    return error ? error : world_move(self->world, play_word(self, 1), self->at);
}

/* unreachable ADDRESS until TIME, refuses ADDRESS until TIME: deliveries to it fail. */
static int play_trouble(struct play *self)
{
    struct trouble trouble = { .from = self->at,
                               .refuses = strcmp(play_word(self, 0), "refuses") == 0 };
    char time[64];

    snprintf(trouble.recipient, sizeof trouble.recipient, "%s", play_word(self, 1));
    snprintf(time, sizeof time, "%s %s", play_word(self, 3), play_word(self, 4));
    if (instant_read(time, self->world->view.time.zone, &trouble.until) != INSTANT_OK)
        return play_fail(self, "the time cannot be read");
    return world_trouble(self->world, &trouble) ? play_fail(self, "too much trouble") : 0;
}

/* silence WHAT until TIME: ordinary notifications to it wait. */
static int play_silence(struct play *self)
{
    struct instant until;
    char time[64];

    snprintf(time, sizeof time, "%s %s", play_word(self, 3), play_word(self, 4));
    if (instant_read(time, self->world->view.time.zone, &until) != INSTANT_OK)
        return play_fail(self, "the time cannot be read");
    return world_silence(self->world, play_word(self, 1), self->at, until)
               ? play_fail(self, "that is nothing to silence")
               : 0;
}

/* outage until TIME: the daemon is down, and what was due comes late. */
static int play_outage(struct play *self)
{
    struct instant until;
    char time[64];

    snprintf(time, sizeof time, "%s %s", play_word(self, 2), play_word(self, 3));
    if (instant_read(time, self->world->view.time.zone, &until) != INSTANT_OK)
        return play_fail(self, "the time cannot be read");
    if (world_advance(self->world, self->at))
        return play_fail(self, "time does not go on");
    world_sleep(self->world, until);
    return 0;
}

static int play_step(struct play *self)
{
    const char *what = play_word(self, 0);

    if (strcmp(what, "expect") == 0)
        return play_expectation(self);
    if (self->world->refused[0])
        return play_fail(self, "the event before was refused, and nobody expected it");
    if (strcmp(what, "restart") == 0)
        return world_restart(self->world);
    if (strcmp(what, "outage") == 0)
        return play_outage(self);
    if (strcmp(what, "silence") == 0)
        return play_silence(self);
    if (strcmp(what, "unreachable") == 0 || strcmp(what, "refuses") == 0)
        return play_trouble(self);
    if (strcmp(what, "reload") == 0)
        return play_reload(self);
    if (strcmp(what, "move") == 0)
        return play_move(self);
    return strchr(what, '.') || self->line.count >= 2 ? play_event(self)
                                                      : play_fail(self, "no such step");
}

static void cut_words(struct story_line *line)
{
    static char copy[STORY_LINE_MAX];
    char *rest = NULL;

    snprintf(copy, sizeof copy, "%s", line->text);
    line->count = 0;
    for (char *word = strtok_r(copy, " \t", &rest); word && line->count < STORY_WORDS_MAX;
         word = strtok_r(NULL, " \t", &rest))
        line->words[line->count++] = word;
}

/* Takes the time off the line's front, and lets time go on to it. */
static int play_time(struct play *self)
{
    char time[64];
    size_t length = strlen("2026-04-01 15:20");
    const struct zone *zone;

    if (!self->opened) {
        /* Before the first instant nothing has happened: the world opens a day earlier. */
        struct instant start;

        snprintf(time, sizeof time, "%.10sT00:00:00Z", self->line.text);
        if (instant_read(time, NULL, &start) != INSTANT_OK)
            return play_fail(self, "a time is YYYY-MM-DD HH:MM");
        start.us -= DAY_US;
        if (world_open(self->world, &self->cast, self->procedure, start))
            return play_fail(self, "the world cannot be opened");
        self->opened = true;
    }
    zone = self->world->view.time.zone;
    snprintf(time, sizeof time, "%.*s", (int)length, self->line.text);
    if (self->line.text[length] == ':') /* seconds, or an offset, are written where they matter */
        length += 3;
    snprintf(time, sizeof time, "%.*s", (int)length, self->line.text);
    self->world->quiet_since = self->at;
    if (instant_read(time, zone, &self->at) != INSTANT_OK)
        return play_fail(self, "a time is YYYY-MM-DD HH:MM");
    memmove(self->line.text, self->line.text + length, strlen(self->line.text + length) + 1);
    cut_words(&self->line);
    /* An event of this instant comes before what is due at it; an expectation after. */
    return strcmp(play_word(self, 0), "expect") == 0 ? world_advance(self->world, self->at) : 0;
}

static int play_line(struct play *self)
{
    char *end = self->line.text + strcspn(self->line.text, "#\r\n");
    bool is_timed = self->line.text[0] >= '0' && self->line.text[0] <= '9';
    int error = 0;

    *end = '\0';
    cut_words(&self->line);
    if (self->line.count == 0)
        return 0;
    if (is_timed || strcmp(play_word(self, 0), "expect") == 0)
        error = world_flush(self->world);
    if (error)
        return error;
    if (is_timed) {
        error = play_time(self);

        return error ? error : play_step(self);
    }
    if (!self->opened)
        return play_heading(self);
    /* What is due at this very instant comes about before what is expected of it. */
    if (strcmp(play_word(self, 0), "expect") == 0 && world_advance(self->world, self->at))
        return play_fail(self, "time does not go on");
    return play_step(self);
}

/* --- the same in every mode */

/* What was told as written, and how it ended: every other mode must give the same. */
struct outcome_of_play {
    struct told *told;
    size_t told_count, sent_count;
    struct disagreement latest;
};

static int in_order_of_told(const void *a, const void *b)
{
    const struct told *one = a, *other = b;

    if (one->at.us != other->at.us)
        return one->at.us < other->at.us ? -1 : 1;
    if (strcmp(one->person, other->person) != 0)
        return strcmp(one->person, other->person);
    return memcmp(one->says, other->says, sizeof one->says);
}

static bool is_same_told(const struct told *one, const struct told *other)
{
    return one->at.us == other->at.us && strcmp(one->person, other->person) == 0 &&
           one->role_count == other->role_count &&
           memcmp(one->roles, other->roles, sizeof one->roles) == 0 &&
           one->say_count == other->say_count &&
           memcmp(one->says, other->says, sizeof one->says) == 0 &&
           one->priority == other->priority;
}

static int compare_told(const struct play *self, const struct outcome_of_play *plain)
{
    const struct world *world = self->world;

    for (size_t i = 0; i < plain->told_count && i < world->told_count; i++)
        if (!is_same_told(&plain->told[i], &world->told[i])) {
            fprintf(stderr, "  as written, %s was told %s; now %s was told %s\n",
                    plain->told[i].person, plain->told[i].says[0], world->told[i].person,
                    world->told[i].says[0]);
            return play_fail(self, "somebody was told otherwise than as written");
        }
    return plain->told_count == world->told_count && plain->sent_count == world->sent_count
               ? 0
               : play_fail(self, "more or fewer were told than as written");
}

static int compare_state(const struct play *self, const struct disagreement *plain)
{
    const struct disagreement *now = &self->world->latest;
    bool same = plain->state == now->state && plain->stage == now->stage &&
                plain->entry == now->entry && plain->closed.us == now->closed.us &&
                plain->held == now->held && plain->agreed == now->agreed &&
                plain->party_count == now->party_count && plain->fact_count == now->fact_count &&
                memcmp(plain->told, now->told, sizeof plain->told) == 0;

    for (size_t i = 0; same && i < self->world->view.procedure->deadline_count; i++)
        same = plain->running[i].state == now->running[i].state &&
               plain->running[i].entry == now->running[i].entry &&
               (plain->running[i].state == RUNNING_NOT ||
                plain->running[i].due.us == now->running[i].due.us) &&
               plain->running[i].done == now->running[i].done;
    return same ? 0 : play_fail(self, "it stands otherwise than as written");
}

/* One world's list is sorted as the other is: within an instant, order is not told. */
static int compare(struct play *self, struct outcome_of_play *plain)
{
    struct world *world = self->world;
    int error;

    if (world->told_count)
        qsort(world->told, world->told_count, sizeof *world->told, in_order_of_told);
    if (world->mode != STORY_PLAIN) {
        error = compare_told(self, plain);
        return error ? error : compare_state(self, &plain->latest);
    }
    plain->told = malloc((world->told_count + 1) * sizeof *plain->told);
    if (!plain->told)
        return 1;
    memcpy(plain->told, world->told, world->told_count * sizeof *plain->told);
    plain->told_count = world->told_count;
    plain->sent_count = world->sent_count;
    plain->latest = world->latest;
    return 0;
}

static int play_file(const char *path, enum story_mode mode, struct outcome_of_play *plain)
{
    struct play self = { .file = path, .world = calloc(1, sizeof(struct world)) };
    FILE *file = fopen(path, "r");
    int error = file && self.world ? 0 : 1;

    if (error)
        fprintf(stderr, "%s: cannot be opened\n", path);
    else
        self.world->mode = mode;
    while (error == 0 && fgets(self.line.text, sizeof self.line.text, file)) {
        self.line.number++;
        error = play_line(&self);
        if (error < 0)
            error = play_fail(&self, "the engine failed");
    }
    if (error == 0 && self.opened)
        error = world_flush(self.world);
    if (error == 0 && self.world->refused[0])
        error = play_fail(&self, "the last event was refused, and nobody expected it");
    if (error == 0 && self.world->told_private)
        error = play_fail(&self, "a mail carried a name or a free text");
    if (error == 0 && self.expectations == 0)
        error = play_fail(&self, "the story expects nothing");
    if (error == 0)
        error = compare(&self, plain);
    if (error == 0)
        printf("  %-58.58s %u expectations, %zu told, %s\n", self.title, self.expectations,
               self.world->told_count, mode_names[mode]);
    if (self.world)
        world_close(self.world);
    free(self.world);
    if (file)
        fclose(file);
    return error != 0;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++) {
        struct outcome_of_play plain = { 0 };

        for (int mode = 0; mode < STORY_MODE_COUNT && (mode == 0 || plain.told); mode++)
            failed += play_file(argv[i], (enum story_mode)mode, &plain);
        free(plain.told);
    }
    return failed ? 1 : 0;
}
