/* play.c - plays stories: play FILE..., each in every mode; 0 when all that was expected came.
 *
 * The notation is in README.md beside this file.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/answer.h"
#include "story.h"

struct play {
    const char *file;
    struct world *world;
    struct cast cast;
    char title[STORY_LINE_MAX];
    char procedure[ID_MAX + 1];
    struct story_line line;
    struct instant at;
    bool opened;
    unsigned expectations;
};

static const char *const mode_names[] = { "as written", "restarted after every turn",
                                          "every event twice" };

static int fail(const struct play *self, const char *what)
{
    fprintf(stderr, "%s:%u: (%s) %s: %s\n", self->file, self->line.number,
            mode_names[self->world->mode], what, self->line.text);
    return 1;
}

static const char *word(const struct play *self, size_t index)
{
    return index < self->line.count ? self->line.words[index] : "";
}

static size_t find_word(const struct play *self, const char *wanted)
{
    for (size_t i = 0; i < self->line.count; i++)
        if (strcmp(self->line.words[i], wanted) == 0)
            return i;
    return self->line.count;
}

/* --- the first lines */

static void add_agency(struct play *self)
{
    size_t index = self->cast.agency_count++;
    size_t without = find_word(self, "without");

    snprintf(self->cast.agencies[index].id, ID_MAX + 1, "%s", word(self, 1));
    snprintf(self->cast.agencies[index].kind, ID_MAX + 1, "%s",
             strcmp(word(self, 2), "kind") == 0 ? word(self, 3) : "statutory");
    for (size_t i = without + 1; i < self->line.count; i++)
        snprintf(self->cast.agencies[index].without[self->cast.agencies[index].without_count++],
                 ID_MAX + 1, "%s", self->line.words[i]);
}

/* board without ROLE ... */
static void set_board(struct play *self)
{
    for (size_t i = 2; i < self->line.count && self->cast.board_without_count < 16; i++)
        snprintf(self->cast.board_without[self->cast.board_without_count++], ID_MAX + 1, "%s",
                 self->line.words[i]);
}

/* holder PERSON is ROLE of AGENCY */
static void add_holder(struct play *self)
{
    size_t index = self->cast.holder_count++;

    snprintf(self->cast.holders[index].person, ID_MAX + 1, "%s", word(self, 1));
    snprintf(self->cast.holders[index].role, ID_MAX + 1, "%s", word(self, 3));
    snprintf(self->cast.holders[index].agency, ID_MAX + 1, "%s", word(self, 5));
}

/* deputy PERSON is ROLE of AGENCY */
static void add_deputy(struct play *self)
{
    size_t index = self->cast.deputy_count++;

    snprintf(self->cast.deputies[index].person, ID_MAX + 1, "%s", word(self, 1));
    snprintf(self->cast.deputies[index].role, ID_MAX + 1, "%s", word(self, 3));
    snprintf(self->cast.deputies[index].agency, ID_MAX + 1, "%s", word(self, 5));
}

/* The line after its first `count` words. */
static const char *rest_of_line(const struct play *self, size_t count)
{
    const char *at = self->line.text;

    for (size_t i = 0; i <= count; i++) {
        at += strspn(at, " \t");
        if (i < count)
            at += strcspn(at, " \t");
    }
    return at;
}

/* person PERSON KEY: VALUE */
static void add_trait(struct play *self)
{
    size_t index = self->cast.trait_count++;

    snprintf(self->cast.traits[index].person, sizeof self->cast.traits[index].person, "%s",
             word(self, 1));
    snprintf(self->cast.traits[index].line, STORY_LINE_MAX, "%s", rest_of_line(self, 2));
}

/* procedure NAME from FILE; calendar NAME from FILE: a file of tests/stories stands in. */
static void add_file(struct play *self)
{
    size_t index = self->cast.file_count++;

    snprintf(self->cast.files[index].folder, sizeof self->cast.files[index].folder, "%.12ss",
             word(self, 0));
    snprintf(self->cast.files[index].name, ID_MAX + 1, "%s", word(self, 1));
    snprintf(self->cast.files[index].from, ID_MAX + 1, "%s", word(self, 3));
}

static int play_repeated_heading(struct play *self)
{
    const char *what = word(self, 0);

    if (strcmp(what, "board") == 0)
        set_board(self);
    else if (strcmp(what, "deputy") == 0 && self->cast.deputy_count < STORY_LINES_MAX)
        add_deputy(self);
    else if (strcmp(what, "person") == 0 && self->cast.trait_count < STORY_LINES_MAX)
        add_trait(self);
    else if (strcmp(what, "calendar") == 0 && self->cast.file_count < STORY_LINES_MAX)
        add_file(self);
    else if (strcmp(what, "setting") == 0 && self->cast.setting_count < STORY_LINES_MAX)
        snprintf(self->cast.settings[self->cast.setting_count++], STORY_LINE_MAX, "%s",
                 rest_of_line(self, 1));
    else
        return fail(self, "no heading (title, procedure, calendar, setting, agency, holder, "
                          "deputy, person)");
    return 0;
}

static int play_heading(struct play *self)
{
    if (strcmp(word(self, 0), "procedure") == 0 && strcmp(word(self, 2), "from") == 0)
        add_file(self);
    if (strcmp(word(self, 0), "title") == 0)
        snprintf(self->title, sizeof self->title, "%s", self->line.text + strlen("title "));
    else if (strcmp(word(self, 0), "procedure") == 0)
        snprintf(self->procedure, sizeof self->procedure, "%s", word(self, 1));
    else if (strcmp(word(self, 0), "agency") == 0 && self->cast.agency_count < STORY_AGENCIES_MAX)
        add_agency(self);
    else if (strcmp(word(self, 0), "holder") == 0 && self->cast.holder_count < 16)
        add_holder(self);
    else
        return play_repeated_heading(self);
    return 0;
}

/* --- events */

static json_t *json_word(const char *text)
{
    if (strcmp(text, "true") == 0)
        return json_true();
    if (strcmp(text, "false") == 0)
        return json_false();
    return json_string(text);
}

/* "due=2027-01-06T17:00+00:00", "fact.risk=immediate", "person.practitioner@A=…" into data. */
static void set_member(json_t *data, const char *assignment)
{
    const char *equals = strchr(assignment, '=');
    char name[ID_MAX + 1];
    json_t *facts;

    snprintf(name, sizeof name, "%.*s", (int)(equals - assignment), assignment);
    if (strncmp(name, "fact.", 5) != 0) {
        json_object_set_new(data, name, json_word(equals + 1));
        return;
    }
    facts = json_object_get(data, "facts");
    if (!facts) {
        facts = json_object();
        json_object_set_new(data, "facts", facts);
    }
    json_object_set_new(facts, name + 5, json_word(equals + 1));
}

/* A person of the directory, or an address. */
static json_t *json_person(const char *text)
{
    return strchr(text, '@') ? json_pack("{s:s}", "email", text) : json_string(text);
}

/* "person.practitioner@A=jo@A.example" names who holds a role of an agency: it goes into `party`
 * where that is the agency. */
static void name_person(const char *assignment, json_t *party)
{
    char role[2 * ID_MAX + 2];
    char *at;

    snprintf(role, sizeof role, "%.*s", (int)strcspn(assignment, "="), assignment);
    at = strchr(role, '@');
    if (!at || strcmp(at + 1, json_string_value(json_object_get(party, "agency"))) != 0)
        return;
    *at = '\0';
    if (!json_object_get(party, "people"))
        json_object_set_new(party, "people", json_object());
    json_object_set_new(json_object_get(party, "people"), role + strlen("person."),
                        json_person(strchr(assignment, '=') + 1));
}

/* "by board" is the board's own system; "by B" that of an agency. */
static json_t *json_speaker(const char *who)
{
    return json_pack("{s:s}", strcmp(who, "board") == 0 ? "board" : "agency", who);
}

static void set_members(const struct play *self, json_t *data, size_t from)
{
    for (size_t i = from; i < self->line.count; i++) {
        const char *text = self->line.words[i];

        if (strcmp(text, "by") == 0 && i + 1 < self->line.count)
            json_object_set_new(data, "by", json_speaker(self->line.words[++i]));
        else if (strncmp(text, "person.", 7) == 0 && json_object_get(data, "agency"))
            name_person(text, data);
        else if (strchr(text, '=') && strncmp(text, "person.", 7) != 0 &&
                 strncmp(text, "happened=", 9) != 0)
            set_member(data, text);
    }
}

/* "happened=2027-01-05T10:00:00Z": it took place earlier than it arrives. */
static void write_happened(const struct play *self, char time[ZONE_TIME_SIZE])
{
    instant_write_utc(self->at, time);
    for (size_t i = 0; i < self->line.count; i++)
        if (strncmp(self->line.words[i], "happened=", 9) == 0)
            snprintf(time, ZONE_TIME_SIZE, "%s", self->line.words[i] + 9);
}

static int give(struct play *self, const char *type, const char *reference, json_t *data)
{
    char id[32], time[ZONE_TIME_SIZE], whole[EVENT_TYPE_MAX + 1];
    char *text;
    json_t *event;
    int error;

    snprintf(id, sizeof id, "e%u", ++self->world->event_number);
    snprintf(whole, sizeof whole, EVENT_PREFIX "%s", type);
    write_happened(self, time);
    event = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "specversion", "1.0", "id", id, "source",
                      "urn:invented:story", "type", whole, "subject", reference, "time", time,
                      "datacontenttype", "application/json", "data", data);
    text = json_dumps(event, JSON_COMPACT);
    snprintf(self->world->last_reference, ID_MAX + 1, "%s", reference);
    error = world_give(self->world, text, self->at);
    free(text);
    json_decref(event);
    return error;
}

static json_t *json_party(const struct play *self, const char *agency)
{
    json_t *party = json_pack("{s:s}", "agency", agency);

    for (size_t i = 4; i < self->line.count; i++)
        if (strncmp(self->line.words[i], "person.", 7) == 0)
            name_person(self->line.words[i], party);
    return party;
}

/* "... D1 between A and B [and C ...]": procedure and agencies, as a raise and what a procedure
 * declares may carry them. */
static void set_parties(const struct play *self, json_t *data)
{
    json_t *challenged = json_array();

    json_object_set_new(data, "procedure", json_string(self->procedure));
    json_object_set_new(data, "challenging", json_party(self, word(self, 3)));
    for (size_t i = 4; i + 1 < self->line.count && strcmp(word(self, i), "and") == 0; i += 2)
        json_array_append_new(challenged, json_party(self, word(self, i + 1)));
    json_object_set_new(data, "challenged", challenged);
}

/* Every event says who it is about, where no event may, and where a reason may be written: no
 * mail carries it on (sent.c). */
static void seed_private(const char *type, json_t *data)
{
    static const char *const with_reason[] = { "stage.unresolved", "stage.set", "hold",
                                               "release",          "withdrawn", "reopened",
                                               "deadline.extended" };
    const char *reason = json_string_value(json_object_get(data, "reason"));
    bool may = reason != NULL;

    for (size_t i = 0; i < COUNT_OF(with_reason); i++)
        may = may || strcmp(type, with_reason[i]) == 0;
    json_object_set_new(data, "name", json_string("Annabel " STORY_PRIVATE));
    if (may)
        json_object_set_new(data, "reason",
                            json_sprintf("%s, says Annabel " STORY_PRIVATE " of 1 Invented Street",
                                         reason ? reason : "none"));
}

static int play_event(struct play *self)
{
    const char *type = strcmp(word(self, 0), "raise") == 0 ? "disagreement.raised" : word(self, 0);
    json_t *data = json_object();

    if (strcmp(word(self, 2), "between") == 0)
        set_parties(self, data);
    set_members(self, data, 2);
    seed_private(type, data);
    return give(self, type, word(self, 1), data);
}

/* --- expectations */

static const struct running *running_of(const struct play *self, const char *id)
{
    int deadline = procedure_deadline(self->world->view.procedure, id);

    return deadline < 0 ? NULL : &self->world->latest.running[deadline];
}

/* expect deadline ID not started | running | provisional | firm: 0, 1, or -1 for another word */
static int expect_state(struct play *self, const struct running *running)
{
    const char *what = word(self, 3);

    if (strcmp(what, "not") == 0)
        return running->state == RUNNING_NOT ? 0 : fail(self, "it was started");
    if (strcmp(what, "running") == 0)
        return running->state == RUNNING_ON ? 0 : fail(self, "it is not running");
    if (strcmp(what, "provisional") == 0)
        return running->provisional ? 0 : fail(self, "it is no provisional instant");
    if (strcmp(what, "firm") == 0)
        return !running->provisional ? 0 : fail(self, "its instant is provisional");
    return -1;
}

/* expect stage ID [due TIME | without due]; expect deadline ID due TIME | passed | stopped */
static int expect_deadline(struct play *self)
{
    const struct running *running = running_of(self, word(self, 2));
    int deadline = procedure_deadline(self->world->view.procedure, word(self, 2));
    struct instant due;
    char time[64], have[ZONE_TIME_SIZE];
    int answer;

    if (!running)
        return fail(self, "the procedure has no such stage or deadline");
    if (strcmp(word(self, 1), "stage") == 0 &&
        (self->world->latest.stage < 0 ||
         strcmp(procedure_stage_id(self->world->view.procedure, self->world->latest.stage),
                word(self, 2)) != 0))
        return fail(self, "another stage is the current one");
    if ((answer = expect_state(self, running)) >= 0)
        return answer;
    if (strcmp(word(self, 3), "passed") == 0)
        return self->world->passed_at[deadline].us == self->at.us ? 0 : fail(self, "did not pass");
    if (strcmp(word(self, 3), "stopped") == 0)
        return self->world->stopped_at[deadline].us == self->at.us ? 0
                                                                   : fail(self, "was not stopped");
    if (strcmp(word(self, 3), "without") == 0)
        return instant_is_none(running->due) ? 0 : fail(self, "it has a due instant");
    if (strcmp(word(self, 3), "due") != 0)
        return self->line.count == 3 ? 0 : fail(self, "no such expectation");
    snprintf(time, sizeof time, "%s %s", word(self, 4), word(self, 5));
    if (instant_read(time, self->world->view.time.zone, &due) != INSTANT_OK)
        return fail(self, "the time cannot be read");
    if (instant_is_none(running->due))
        return fail(self, "it has no due instant");
    instant_write_local(self->world->view.time.zone, running->due, have);
    if (running->due.us != due.us)
        fprintf(stderr, "  it is due %s\n", have);
    return running->due.us == due.us ? 0 : fail(self, "another due instant");
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

/* expect mail to ROLE@AGENCY contains TEXT | lacks TEXT | at ADDRESS */
static int expect_mail(struct play *self)
{
    const char *role_at = strcmp(word(self, 3), "operator") == 0 ? "operator@" : word(self, 3);
    const struct told *told = find_told(self, role_at, NULL);
    const struct sent *sent = told ? sent_for(self->world, told) : NULL;
    bool right;

    if (!sent)
        return fail(self, told ? "no mail went out" : "was not told");
    if (strcmp(word(self, 4), "at") == 0)
        return strcmp(sent->recipient, word(self, 5)) == 0 ? 0 : fail(self, sent->recipient);
    if (strcmp(word(self, 4), "contains") != 0 && strcmp(word(self, 4), "lacks") != 0)
        return fail(self, "a mail contains TEXT, lacks TEXT, or is at ADDRESS");
    right = sent_contains(sent, rest_of_line(self, 5)) == (strcmp(word(self, 4), "contains") == 0);
    if (!right)
        fprintf(stderr, "  %s\n", sent->text);
    return right ? 0 : fail(self, "the mail says otherwise");
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
    return fail(self, told ? "was told something else" : "was not told");
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
            return fail(self, "say ROLE@AGENCY, ROLE@both or ROLE@board");
        *at = '\0';
        error = expect_one_role(self, word(self, 1), role, at + 1);
    }
    return error;
}

/* expect MESSAGE[,MESSAGE...] to operator */
static int expect_operator(struct play *self)
{
    for (size_t i = 0; i < self->world->told_count; i++) {
        struct told *told = &self->world->told[i];

        if (told->at.us == self->at.us && strcmp(told->person, "operator") == 0 &&
            says_exactly(told, word(self, 1))) {
            told->expected = true;
            return 0;
        }
    }
    print_told(self);
    return fail(self, "the operator was not told");
}

/* expect priority urgent to ROLE@AGENCY: of what was told at this instant */
static int expect_priority(struct play *self)
{
    static const char *const names[] = { "normal", "urgent", "immediate" };

    for (size_t i = 4; i < self->line.count; i++) {
        const struct told *told = find_told(self, word(self, i), NULL);

        if (!told || strcmp(names[told->priority], word(self, 2)) != 0)
            return fail(self, told ? "another priority" : "was not told");
    }
    return self->line.count > 4 ? 0 : fail(self, "say who was told");
}

static int expect_nobody_else(struct play *self)
{
    for (size_t i = 0; i < self->world->told_count; i++)
        if (self->world->told[i].at.us == self->at.us && !self->world->told[i].expected) {
            print_told(self);
            return fail(self, "somebody else was told");
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
        return fail(self, "it was not silent");
    }
    return 0;
}

static int expect_closed(struct play *self)
{
    const struct disagreement *latest = &self->world->latest;

    if (latest->state == DISAGREEMENT_OPEN)
        return fail(self, "it is open");
    if (strcmp(answer_state_text(latest->state), word(self, 3)) != 0)
        return fail(self, "it ended otherwise");
    return latest->closed.us == self->at.us ? 0 : fail(self, "it ended at another instant");
}

static int play_expectation(struct play *self)
{
    const char *what = word(self, 1);

    self->expectations++;
    if (strcmp(what, "refused") == 0) {
        bool right = strcmp(self->world->refused, word(self, 2)) == 0;

        self->world->refused[0] = '\0';
        return right ? 0 : fail(self, "another answer");
    }
    if (strcmp(what, "silence") == 0)
        return expect_silence(self);
    if (strcmp(what, "nobody") == 0)
        return expect_nobody_else(self);
    if (strcmp(what, "closed") == 0)
        return expect_closed(self);
    if (strcmp(what, "mail") == 0)
        return expect_mail(self);
    if (strcmp(what, "record") == 0) /* expect record TYPE contains TEXT */
        return world_record_contains(self->world, word(self, 2), rest_of_line(self, 4))
                   ? 0
                   : fail(self, "the record says no such thing");
    if (strcmp(what, "stage") == 0 || strcmp(what, "deadline") == 0)
        return expect_deadline(self);
    if (strcmp(what, "priority") == 0)
        return expect_priority(self);
    if (strcmp(word(self, 2), "to") == 0 && strcmp(word(self, 3), "operator") == 0)
        return expect_operator(self);
    if (strcmp(word(self, 2), "to") == 0)
        return expect_told(self);
    return fail(self, "no such expectation");
}

/* --- lines */

/* reload procedure NAME from FILE; reload calendar NAME from FILE: the file is another now. */
static int play_reload(struct play *self)
{
    char folder[16];

    snprintf(folder, sizeof folder, "%.12ss", word(self, 1));
    if (world_put_file(self->world, folder, word(self, 2), word(self, 4)) ||
        world_reload(self->world, self->at))
        return fail(self, "the policy cannot be loaded");
    return 0;
}

static int play_step(struct play *self)
{
    const char *what = word(self, 0);

    if (strcmp(what, "expect") == 0)
        return play_expectation(self);
    if (self->world->refused[0])
        return fail(self, "the event before was refused, and nobody expected it");
    if (strcmp(what, "restart") == 0)
        return world_restart(self->world);
    if (strcmp(what, "reload") == 0)
        return play_reload(self);
    return strchr(what, '.') || self->line.count >= 2 ? play_event(self)
                                                      : fail(self, "no such step");
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
            return fail(self, "a time is YYYY-MM-DD HH:MM");
        start.us -= DAY_US;
        if (world_open(self->world, &self->cast, self->procedure, start))
            return fail(self, "the world cannot be opened");
        self->opened = true;
    }
    zone = self->world->view.time.zone;
    snprintf(time, sizeof time, "%.*s", (int)length, self->line.text);
    if (self->line.text[length] == ':') /* seconds, or an offset, are written where they matter */
        length += 3;
    snprintf(time, sizeof time, "%.*s", (int)length, self->line.text);
    self->world->quiet_since = self->at;
    if (instant_read(time, zone, &self->at) != INSTANT_OK)
        return fail(self, "a time is YYYY-MM-DD HH:MM");
    memmove(self->line.text, self->line.text + length, strlen(self->line.text + length) + 1);
    cut_words(&self->line);
    /* An event of this instant comes before what is due at it; an expectation after. */
    return strcmp(word(self, 0), "expect") == 0 ? world_advance(self->world, self->at) : 0;
}

static int play_line(struct play *self)
{
    char *end = self->line.text + strcspn(self->line.text, "#\r\n");

    *end = '\0';
    cut_words(&self->line);
    if (self->line.count == 0)
        return 0;
    if (self->line.text[0] >= '0' && self->line.text[0] <= '9') {
        int error = play_time(self);

        return error ? error : play_step(self);
    }
    if (!self->opened)
        return play_heading(self);
    /* What is due at this very instant comes about before what is expected of it. */
    if (strcmp(word(self, 0), "expect") == 0 && world_advance(self->world, self->at))
        return fail(self, "time does not go on");
    return play_step(self);
}

static int play_file(const char *path, enum story_mode mode)
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
            error = fail(&self, "the engine failed");
    }
    if (error == 0 && self.world->refused[0])
        error = fail(&self, "the last event was refused, and nobody expected it");
    if (error == 0 && self.world->told_private)
        error = fail(&self, "a mail carried a name or a free text");
    if (error == 0 && self.expectations == 0)
        error = fail(&self, "the story expects nothing");
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

    for (int i = 1; i < argc; i++)
        for (int mode = 0; mode < STORY_MODE_COUNT; mode++)
            failed += play_file(argv[i], (enum story_mode)mode);
    return failed ? 1 : 0;
}
