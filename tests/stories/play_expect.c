/* play_expect.c - what a story expects. */
#include <stdio.h>
#include <string.h>

#include "play.h"
#include "protocol/answer.h"

static const struct running *running_of(const struct play *self, const char *id)
{
    int deadline = procedure_deadline(self->world->view.procedure, id);

    return deadline < 0 ? NULL : &self->world->latest.running[deadline];
}

/* expect deadline ID not started | running | provisional | firm: 0, 1, or -1 for another word */
static int expect_state(struct play *self, const struct running *running)
{
    const char *what = play_word(self, 3);

    if (strcmp(what, "not") == 0)
        return running->state == RUNNING_NOT ? 0 : play_fail(self, "it was started");
    if (strcmp(what, "running") == 0)
        return running->state == RUNNING_ON ? 0 : play_fail(self, "it is not running");
    if (strcmp(what, "provisional") == 0)
        return running->provisional ? 0 : play_fail(self, "it is no provisional instant");
    if (strcmp(what, "firm") == 0)
        return !running->provisional ? 0 : play_fail(self, "its instant is provisional");
    return -1;
}

/* expect stage ID [due TIME | without due]; expect deadline ID due TIME | passed | stopped */
static int expect_deadline(struct play *self)
{
    const struct running *running = running_of(self, play_word(self, 2));
    int deadline = procedure_deadline(self->world->view.procedure, play_word(self, 2));
    struct instant due;
    char time[64], have[ZONE_TIME_SIZE];
    int answer;

    if (!running)
        return play_fail(self, "the procedure has no such stage or deadline");
    if (strcmp(play_word(self, 1), "stage") == 0 &&
        (self->world->latest.stage < 0 ||
         strcmp(procedure_stage_id(self->world->view.procedure, self->world->latest.stage),
                play_word(self, 2)) != 0))
        return play_fail(self, "another stage is the current one");
    if ((answer = expect_state(self, running)) >= 0)
        return answer;
    if (strcmp(play_word(self, 3), "passed") == 0)
        return self->world->passed_at[deadline].us == self->at.us ? 0
                                                                  : play_fail(self, "did not pass");
    if (strcmp(play_word(self, 3), "stopped") == 0)
        return self->world->stopped_at[deadline].us == self->at.us
                   ? 0
                   : play_fail(self, "was not stopped");
    if (strcmp(play_word(self, 3), "without") == 0)
        return instant_is_none(running->due) ? 0 : play_fail(self, "it has a due instant");
    if (strcmp(play_word(self, 3), "due") != 0)
        return self->line.count == 3 ? 0 : play_fail(self, "no such expectation");
    snprintf(time, sizeof time, "%s %s", play_word(self, 4), play_word(self, 5));
    if (instant_read(time, self->world->view.time.zone, &due) != INSTANT_OK)
        return play_fail(self, "the time cannot be read");
    if (instant_is_none(running->due))
        return play_fail(self, "it has no due instant");
    instant_write_local(self->world->view.time.zone, running->due, have);
    if (running->due.us != due.us)
        fprintf(stderr, "  it is due %s\n", have);
    return running->due.us == due.us ? 0 : play_fail(self, "another due instant");
}

static struct told *find_told(struct play *self, const char *role_at, const char *message)
{
    for (size_t i = 0; i < self->world->told_count; i++) {
        struct told *told = &self->world->told[i];

        if (told->at.us == self->at.us && told_in_role(told, role_at) &&
            (!message || told_says(told, message)))
            return told;
    }
    return NULL;
}

static void print_told(const struct play *self)
{
    for (size_t i = 0; i < self->world->told_count; i++) {
        const struct told *told = &self->world->told[i];

        if (told->at.us != self->at.us)
            continue;
        fprintf(stderr, "  %s was told%s:", told->person, told->expected ? " (expected)" : "");
        for (size_t j = 0; j < told->say_count; j++)
            fprintf(stderr, " %s", told->says[j]);
        fputc('\n', stderr);
    }
}

/* Whether an expectation names exactly what this person was told: "limit_passed,stage_entered". */
static bool says_exactly(const struct told *told, const char *list)
{
    char copy[STORY_LINE_MAX];
    char *rest = NULL;
    size_t count = 0;

    snprintf(copy, sizeof copy, "%s", list);
    for (char *message = strtok_r(copy, ",", &rest); message;
         message = strtok_r(NULL, ",", &rest)) {
        count++;
        if (!told_says(told, message))
            return false;
    }
    return count == told->say_count;
}

static int expect_sent_to(struct play *self, const char *recipient)
{
    size_t verb = play_find_word(self, "contains") < self->line.count
                      ? play_find_word(self, "contains")
                      : play_find_word(self, "lacks");
    bool has = world_was_sent(self->world, recipient, self->at, play_rest_of_line(self, verb + 1));

    if (strcmp(play_word(self, verb), "contains") == 0)
        return has ? 0 : play_fail(self, "it was sent no such thing");
    if (strcmp(play_word(self, verb), "lacks") == 0)
        return has ? play_fail(self, "it was sent that") : 0;
    return play_fail(self, "say contains TEXT, or lacks TEXT");
}

/* expect mail to ROLE@AGENCY contains TEXT | lacks TEXT | at ADDRESS */
static int expect_mail(struct play *self)
{
    const struct told *told = find_told(self, play_word(self, 3), NULL);
    const struct sent *sent = told ? sent_for(self->world, told) : NULL;
    bool right;

    if (!sent)
        return play_fail(self, told ? "no mail went out" : "was not told");
    if (strcmp(play_word(self, 4), "at") == 0)
        return strcmp(sent->recipient, play_word(self, 5)) == 0 ? 0
                                                                : play_fail(self, sent->recipient);
    if (strcmp(play_word(self, 4), "contains") != 0 && strcmp(play_word(self, 4), "lacks") != 0)
        return play_fail(self, "a mail contains TEXT, lacks TEXT, or is at ADDRESS");
    right = sent_contains(sent, play_rest_of_line(self, 5)) ==
            (strcmp(play_word(self, 4), "contains") == 0);
    if (!right)
        fprintf(stderr, "  %s\n", sent->text);
    return right ? 0 : play_fail(self, "the mail says otherwise");
}

/* "both" is every agency of the cast. */
static int expect_one_role(struct play *self, const char *list, const char *role, const char *where)
{
    char role_at[2 * ID_MAX + 2];
    struct told *told;
    int error = 0;

    if (strcmp(where, "both") == 0) {
        for (unsigned i = 0; i < self->world->latest.party_count && error == 0; i++)
            error = expect_one_role(self, list, role, self->world->latest.parties[i]);
        return error;
    }
    snprintf(role_at, sizeof role_at, "%s@%s", role, where);
    told = find_told(self, role_at, NULL);
    if (told && says_exactly(told, list)) {
        told->expected = true;
        return 0;
    }
    fprintf(stderr, "  %s:\n", role_at);
    print_told(self);
    return play_fail(self, told ? "was told something else" : "was not told");
}

/* expect MESSAGE[,MESSAGE...] to ROLE@AGENCY ROLE@both ROLE@board ... */
static int expect_told(struct play *self)
{
    int error = 0;

    for (size_t i = 3; i < self->line.count && error == 0; i++) {
        char role[2 * ID_MAX + 2];
        char *at;

        snprintf(role, sizeof role, "%s", self->line.words[i]);
        at = strchr(role, '@');
        if (!at)
            return play_fail(self, "say ROLE@AGENCY, ROLE@both or ROLE@board");
        *at = '\0';
        error = expect_one_role(self, play_word(self, 1), role, at + 1);
    }
    return error;
}

/* expect MESSAGE[,MESSAGE...] to operator */
static int expect_operator(struct play *self)
{
    for (size_t i = 0; i < self->world->told_count; i++) {
        struct told *told = &self->world->told[i];

        if (told->at.us == self->at.us && strcmp(told->person, "operator") == 0 &&
            says_exactly(told, play_word(self, 1))) {
            told->expected = true;
            return 0;
        }
    }
    print_told(self);
    return play_fail(self, "the operator was not told");
}

/* expect priority urgent to ROLE@AGENCY: of what was told at this instant */
static int expect_priority(struct play *self)
{
    static const char *const names[] = { "normal", "urgent", "immediate" };

    for (size_t i = 4; i < self->line.count; i++) {
        const struct told *told = find_told(self, play_word(self, i), NULL);

        if (!told || strcmp(names[told->priority], play_word(self, 2)) != 0)
            return play_fail(self, told ? "another priority" : "was not told");
    }
    return self->line.count > 4 ? 0 : play_fail(self, "say who was told");
}

static int expect_nobody_else(struct play *self)
{
    for (size_t i = 0; i < self->world->told_count; i++)
        if (self->world->told[i].at.us == self->at.us && !self->world->told[i].expected) {
            print_told(self);
            return play_fail(self, "somebody else was told");
        }
    return 0;
}

static int expect_silence(struct play *self)
{
    for (size_t i = 0; i < self->world->told_count; i++) {
        const struct told *told = &self->world->told[i];
        char at[ZONE_TIME_SIZE];

        if (told->at.us <= self->world->quiet_since.us || told->at.us > self->at.us)
            continue;
        instant_write_local(self->world->view.time.zone, told->at, at);
        fprintf(stderr, "  %s was told %s at %s\n", told->person, told->says[0], at);
        return play_fail(self, "it was not silent");
    }
    return 0;
}

static int expect_closed(struct play *self)
{
    const struct disagreement *latest = &self->world->latest;

    if (latest->state == DISAGREEMENT_OPEN)
        return play_fail(self, "it is open");
    if (strcmp(answer_state_text(latest->state), play_word(self, 3)) != 0)
        return play_fail(self, "it ended otherwise");
    return latest->closed.us == self->at.us ? 0 : play_fail(self, "it ended at another instant");
}

/* expect accepted by ADDRESS TEXT; expect nothing accepted by ADDRESS: since the time above */
static int expect_accepted(struct play *self, bool wanted)
{
    size_t recipient = wanted ? 3 : 4;
    bool has = world_accepted(self->world, play_word(self, recipient), self->world->quiet_since,
                              self->at, play_rest_of_line(self, recipient + 1));

    if (has == wanted)
        return 0;
    return play_fail(self, wanted ? "it accepted no such thing" : "it accepted something");
}

int play_expectation(struct play *self)
{
    const char *what = play_word(self, 1);

    self->expectations++;
    if (strcmp(what, "refused") == 0) {
        bool right = strcmp(self->world->refused, play_word(self, 2)) == 0;

        self->world->refused[0] = '\0';
        return right ? 0 : play_fail(self, "another answer");
    }
    if (strcmp(what, "silence") == 0)
        return expect_silence(self);
    if (strcmp(what, "accepted") == 0)
        return expect_accepted(self, true);
    if (strcmp(what, "nothing") == 0)
        return expect_accepted(self, false);
    if (strcmp(what, "nobody") == 0)
        return expect_nobody_else(self);
    if (strcmp(what, "closed") == 0)
        return expect_closed(self);
    if (strcmp(what, "mail") == 0)
        return strcmp(play_word(self, 3), "operator") == 0
                   ? expect_sent_to(self, "operator@mail.example")
                   : expect_mail(self);
    if (strcmp(what, "system") == 0) /* expect system NAME contains TEXT, or lacks */
        return expect_sent_to(self, play_word(self, 2));
    if (strcmp(what, "record") == 0) /* expect record TYPE contains TEXT */
        return world_record_contains(self->world, play_word(self, 2), play_rest_of_line(self, 4))
                   ? 0
                   : play_fail(self, "the record says no such thing");
    if (strcmp(what, "stage") == 0 || strcmp(what, "deadline") == 0)
        return expect_deadline(self);
    if (strcmp(what, "priority") == 0)
        return expect_priority(self);
    if (strcmp(play_word(self, 2), "to") == 0 && strcmp(play_word(self, 3), "operator") == 0)
        return expect_operator(self);
    if (strcmp(play_word(self, 2), "to") == 0)
        return expect_told(self);
    return play_fail(self, "no such expectation");
}
