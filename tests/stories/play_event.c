/* play_event.c - what happens in a story: events, as a case system would send them. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sequence.h"
#include "play.h"

static json_t *json_word(const char *text)
{
    if (strcmp(text, "true") == 0)
        return json_true();
    if (strcmp(text, "false") == 0)
        return json_false();
    return json_string(text);
}

/* "due=2027-01-06T17:00+00:00", "fact.risk=immediate", "person.practitioner@A=…" into data;
 * "notification=of:line_manager@A" is the id of what its holder was sent last. */
static void set_member(const struct play *self, json_t *data, const char *assignment)
{
    const char *equals = strchr(assignment, '=');
    char name[ID_MAX + 1], answer[ID_MAX + 1];
    json_t *facts;

    snprintf(name, sizeof name, "%.*s", (int)(equals - assignment), assignment);
    if (strncmp(equals, "=of:", 4) == 0) {
        (void)world_advance(self->world, (struct instant){ self->at.us - 1 });
        json_object_set_new(data, name,
                            json_string(sent_answer(self->world, equals + 4, name, answer)));
        return;
    }
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
                 strncmp(text, "happened=", 9) != 0 && strncmp(text, "number=", 7) != 0)
            set_member(self, data, text);
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

/* "number=3": the sender counts its events, and this is the third; one before it may be missing. */
static void set_number(const struct play *self, json_t *event)
{
    for (size_t i = 0; i < self->line.count; i++)
        if (strncmp(self->line.words[i], "number=", 7) == 0) {
            char sequence[SEQUENCE_DIGITS + 1];

            sequence_write(strtoull(self->line.words[i] + 7, NULL, 10), sequence);
            json_object_set_new(event, "sequence", json_string(sequence));
            json_object_set_new(event, "seqepoch",
                                json_string("8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"));
        }
}

/* Who sent it, and about what: only events of different senders have no order. */
static const char *sender_of(json_t *data, const char *reference)
{
    static char sender[ID_MAX + 1];
    const char *agency = json_string_value(json_object_get(json_object_get(data, "by"), "agency"));

    snprintf(sender, sizeof sender, "%.31s %.31s", agency ? agency : "", reference);
    return sender;
}

/* Whoever answers has heard the question: an answer overtakes nothing but answers of its kind. */
static bool may_overtake(const char *waiting, const char *type)
{
    static const char *const answers[] = { "resolution.agreed", "question.answered", "release",
                                           "reopened", "correction" };

    for (size_t i = 0; waiting && i < COUNT_OF(answers); i++)
        if (strcmp(type, answers[i]) == 0)
            return strstr(waiting, type) != NULL;
    return true;
}

static json_t *make_event(const char *id, const char *type, const char *reference, const char *time,
                          json_t *data)
{
    char whole[EVENT_TYPE_MAX + 1];

    snprintf(whole, sizeof whole, EVENT_PREFIX "%s", type);
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "specversion", "1.0", "id", id, "source",
                     "urn:invented:story", "type", whole, "subject", reference, "time", time,
                     "datacontenttype", "application/json", "data", data);
}

static int give(struct play *self, const char *type, const char *reference, const char *time,
                json_t *data)
{
    char id[32];
    char *text;
    json_t *event;
    int error;

    snprintf(id, sizeof id, "e%u", ++self->world->event_number);
    event = make_event(id, type, reference, time, data);
    set_number(self, event);
    text = json_dumps(event, JSON_COMPACT);
    snprintf(self->world->last_reference, ID_MAX + 1, "%s", reference);
    error = may_overtake(self->world->waiting, type) ? 0 : world_flush(self->world);
    if (error == 0 && self->world->mode == STORY_SHUFFLED &&
        strcmp(type, "disagreement.raised") != 0)
        error = world_give_shuffled(self->world, text, sender_of(data, reference), self->at);
    else if (error == 0)
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
    json_object_set_new(data, "challenging", json_party(self, play_word(self, 3)));
    for (size_t i = 4; i + 1 < self->line.count && strcmp(play_word(self, i), "and") == 0; i += 2)
        json_array_append_new(challenged, json_party(self, play_word(self, i + 1)));
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

/* "correct e1 EVENT ..." is the first event as it should have been; "correct e1 null D1 by A" says
 * that it should not have been.  Takes "correct e1" off the line. */
static void take_correction(struct play *self, char supersedes[ID_MAX + 1])
{
    snprintf(supersedes, ID_MAX + 1, "%s", play_word(self, 1));
    self->line.count -= 2;
    memmove(self->line.words, self->line.words + 2, self->line.count * sizeof self->line.words[0]);
}

static int give_correction(struct play *self, const char *supersedes, const char *type,
                           const char *happened, json_t *data)
{
    char now[ZONE_TIME_SIZE];
    const char *agency =
        json_string_value(json_object_get(json_object_get(data, "challenging"), "agency"));
    json_t *by = json_object_get(data, "by") ? json_deep_copy(json_object_get(data, "by"))
                                             : json_speaker(agency ? agency : "A");
    json_t *outer = json_pack("{s:s,s:o}", "supersedes", supersedes, "by", by);

    instant_write_utc(self->at, now);
    if (strcmp(type, "null") == 0) {
        json_object_set_new(outer, "event", json_null());
        json_decref(data);
    } else {
        json_object_set_new(outer, "event",
                            make_event(supersedes, type, play_word(self, 1), happened, data));
    }
    return give(self, "correction", play_word(self, 1), now, outer);
}

int play_event(struct play *self)
{
    bool corrects = strcmp(play_word(self, 0), "correct") == 0;
    char time[ZONE_TIME_SIZE], supersedes[ID_MAX + 1];
    json_t *data = json_object();
    const char *type;

    if (corrects)
        take_correction(self, supersedes);
    type = strcmp(play_word(self, 0), "raise") == 0 ? "disagreement.raised" : play_word(self, 0);
    if (strcmp(play_word(self, 2), "between") == 0)
        set_parties(self, data);
    set_members(self, data, 2);
    seed_private(type, data);
    write_happened(self, time);
    if (corrects)
        return give_correction(self, supersedes, type, time, data);
    return give(self, type, play_word(self, 1), time, data);
}
