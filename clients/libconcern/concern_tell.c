/* concern_tell.c - one plain function for every type of event. */
#include "libconcern/concern_private.h"

#include "core/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tell(struct concern *concern, const struct concern_about *about, enum event_kind kind,
                json_t *data);
static int tell_type(struct concern *concern, const struct concern_about *about, const char *type,
                     json_t *data);
static void put(json_t *data, const char *name, const char *value);
static void put_value(json_t *data, const char *name, const char *value);
static void put_object(json_t *data, const char *name, json_t *value);
static json_t *party_of(const struct concern_party *party);
static json_t *people_of(const struct concern_party *party);

int concern_raise(struct concern *concern, const struct concern_about *about,
                  const struct concern_disagreement *disagreement)
{
    json_t *data = json_object(), *challenged = json_array(), *facts = json_object();

    put(data, "procedure", disagreement->procedure);
    put(data, "board", disagreement->board);
    put(data, "case", disagreement->case_reference);
    put(data, "category", disagreement->category);
    put(data, "stage", disagreement->stage);
    put(data, "link", disagreement->link);
    json_object_set_new(data, "challenging", party_of(&disagreement->challenging));
    for (size_t i = 0; i < disagreement->challenged_count; i++)
        json_array_append_new(challenged, party_of(&disagreement->challenged[i]));
    json_object_set_new(data, "challenged", challenged);
    for (size_t i = 0; i < disagreement->fact_count; i++)
        put_value(facts, disagreement->facts[i].name, disagreement->facts[i].value);
    put_object(data, "facts", facts);
    return tell(concern, about, EVENT_DISAGREEMENT_RAISED, data);
}

int concern_tell_acknowledged(struct concern *concern, const struct concern_about *about,
                              const char *notification)
{
    json_t *data = json_object();

    put(data, "notification", notification);
    return tell(concern, about, EVENT_ACKNOWLEDGED, data);
}

int concern_tell_acknowledged_link(struct concern *concern, const struct concern_about *about,
                                   const char *token)
{
    json_t *data = json_object();

    put(data, "token", token);
    return tell(concern, about, EVENT_ACKNOWLEDGED, data);
}

int concern_tell_discussion_held(struct concern *concern, const struct concern_about *about,
                                 const char *stage)
{
    json_t *data = json_object();

    put(data, "stage", stage);
    return tell(concern, about, EVENT_DISCUSSION_HELD, data);
}

int concern_tell_stage_unresolved(struct concern *concern, const struct concern_about *about,
                                  const char *stage, const char *reason)
{
    json_t *data = json_object();

    put(data, "stage", stage);
    put(data, "reason", reason);
    return tell(concern, about, EVENT_STAGE_UNRESOLVED, data);
}

int concern_tell_stage_set(struct concern *concern, const struct concern_about *about,
                           const char *stage, const char *reason)
{
    json_t *data = json_object();

    put(data, "stage", stage);
    put(data, "reason", reason);
    return tell(concern, about, EVENT_STAGE_SET, data);
}

int concern_tell_escalation_intended(struct concern *concern, const struct concern_about *about)
{
    return tell(concern, about, EVENT_ESCALATION_INTENDED, json_object());
}

int concern_tell_deadline_set(struct concern *concern, const struct concern_about *about,
                              const char *deadline, const char *due)
{
    json_t *data = json_object();

    put(data, "deadline", deadline);
    put(data, "due", due);
    return tell(concern, about, EVENT_DEADLINE_SET, data);
}

int concern_tell_deadline_extended(struct concern *concern, const struct concern_about *about,
                                   const char *deadline, const char *due, const char *reason)
{
    json_t *data = json_object();

    put(data, "deadline", deadline);
    put(data, "due", due);
    put(data, "reason", reason);
    return tell(concern, about, EVENT_DEADLINE_EXTENDED, data);
}

int concern_tell_manager_unresponsive(struct concern *concern, const struct concern_about *about,
                                      const char *agency, const char *role)
{
    json_t *data = json_object();

    put(data, "agency", agency);
    put(data, "role", role);
    return tell(concern, about, EVENT_MANAGER_UNRESPONSIVE, data);
}

int concern_tell_risk_changed(struct concern *concern, const struct concern_about *about,
                              const char *risk)
{
    json_t *data = json_object();

    put(data, "risk", risk);
    return tell(concern, about, EVENT_RISK_CHANGED, data);
}

int concern_tell_position_changed(struct concern *concern, const struct concern_about *about,
                                  const char *agency, const char *non_involvement)
{
    json_t *data = json_object();

    put(data, "agency", agency);
    put_value(data, "non_involvement", non_involvement);
    return tell(concern, about, EVENT_POSITION_CHANGED, data);
}

int concern_tell_flag_changed(struct concern *concern, const struct concern_about *about,
                              const char *flag, const char *value)
{
    json_t *data = json_object();

    put(data, "flag", flag);
    put_value(data, "value", value);
    return tell(concern, about, EVENT_FLAG_CHANGED, data);
}

int concern_tell_question_answered(struct concern *concern, const struct concern_about *about,
                                   const char *question, const char *answer, const char *reason)
{
    json_t *data = json_object();

    put(data, "question", question);
    put_value(data, "answer", answer);
    put(data, "reason", reason);
    return tell(concern, about, EVENT_QUESTION_ANSWERED, data);
}

int concern_tell_advice_requested(struct concern *concern, const struct concern_about *about,
                                  const char *reference)
{
    json_t *data = json_object();

    put(data, "reference", reference);
    return tell(concern, about, EVENT_ADVICE_REQUESTED, data);
}

int concern_tell_liaison_requested(struct concern *concern, const struct concern_about *about,
                                   const char *reference)
{
    json_t *data = json_object();

    put(data, "reference", reference);
    return tell(concern, about, EVENT_LIAISON_REQUESTED, data);
}

int concern_tell_case_review_referred(struct concern *concern, const struct concern_about *about,
                                      const char *reference)
{
    json_t *data = json_object();

    put(data, "reference", reference);
    return tell(concern, about, EVENT_CASE_REVIEW_REFERRED, data);
}

int concern_tell_external_referred(struct concern *concern, const struct concern_about *about,
                                   const char *reference)
{
    json_t *data = json_object();

    put(data, "reference", reference);
    return tell(concern, about, EVENT_EXTERNAL_REFERRED, data);
}

int concern_tell_complaint_raised(struct concern *concern, const struct concern_about *about,
                                  const char *reference)
{
    json_t *data = json_object();

    put(data, "reference", reference);
    return tell(concern, about, EVENT_COMPLAINT_RAISED, data);
}

int concern_tell_learning_identified(struct concern *concern, const struct concern_about *about,
                                     const char *reference)
{
    json_t *data = json_object();

    put(data, "reference", reference);
    return tell(concern, about, EVENT_LEARNING_IDENTIFIED, data);
}

int concern_tell_case_closure_proposed(struct concern *concern, const struct concern_about *about,
                                       const char *reference)
{
    json_t *data = json_object();

    put(data, "reference", reference);
    return tell(concern, about, EVENT_CASE_CLOSURE_PROPOSED, data);
}

int concern_tell_case_deescalated(struct concern *concern, const struct concern_about *about,
                                  const char *reference)
{
    json_t *data = json_object();

    put(data, "reference", reference);
    return tell(concern, about, EVENT_CASE_DEESCALATED, data);
}

int concern_tell_resolution_proposed(struct concern *concern, const struct concern_about *about,
                                     const char *outcome, const char *review,
                                     const char *wishes_considered, const char *reference)
{
    json_t *data = json_object();

    put(data, "outcome", outcome);
    put(data, "review", review);
    put_value(data, "wishes_considered", wishes_considered);
    put(data, "reference", reference);
    return tell(concern, about, EVENT_RESOLUTION_PROPOSED, data);
}

int concern_tell_resolution_agreed(struct concern *concern, const struct concern_about *about)
{
    return tell(concern, about, EVENT_RESOLUTION_AGREED, json_object());
}

int concern_tell_withdrawn(struct concern *concern, const struct concern_about *about,
                           const char *reason)
{
    json_t *data = json_object();

    put(data, "reason", reason);
    return tell(concern, about, EVENT_WITHDRAWN, data);
}

int concern_tell_reopened(struct concern *concern, const struct concern_about *about,
                          const char *reason)
{
    json_t *data = json_object();

    put(data, "reason", reason);
    return tell(concern, about, EVENT_REOPENED, data);
}

int concern_tell_hold(struct concern *concern, const struct concern_about *about,
                      const char *reason, const char *until)
{
    json_t *data = json_object();

    put(data, "reason", reason);
    put(data, "until", until);
    return tell(concern, about, EVENT_HOLD, data);
}

int concern_tell_release(struct concern *concern, const struct concern_about *about,
                         const char *reason)
{
    json_t *data = json_object();

    put(data, "reason", reason);
    return tell(concern, about, EVENT_RELEASE, data);
}

int concern_tell_followup_done(struct concern *concern, const struct concern_about *about,
                               const char *deadline)
{
    json_t *data = json_object();

    put(data, "deadline", deadline);
    return tell(concern, about, EVENT_FOLLOWUP_DONE, data);
}

int concern_tell_agency_joined(struct concern *concern, const struct concern_about *about,
                               const struct concern_party *party, const char *side,
                               const char *reason)
{
    json_t *data = json_object();

    put(data, "agency", party->agency);
    put(data, "side", side);
    put(data, "reason", reason);
    put_object(data, "people", people_of(party));
    return tell(concern, about, EVENT_AGENCY_JOINED, data);
}

int concern_tell_contact_changed(struct concern *concern, const struct concern_about *about,
                                 const char *agency, const struct concern_person *contact)
{
    json_t *data = json_object();

    put(data, "agency", agency);
    put(data, "role", contact->role);
    put(data, "person", contact->person);
    put(data, "email", contact->email);
    return tell(concern, about, EVENT_CONTACT_CHANGED, data);
}

int concern_tell_declared(struct concern *concern, const struct concern_about *about,
                          const char *type, const char *date)
{
    json_t *data = json_object();

    put(data, "date", date);
    return tell_type(concern, about, type ? type : "", data);
}

int concern_tell_correction(struct concern *concern, const struct concern_about *about,
                            const char *supersedes, const char *event_json)
{
    json_t *data = json_object();
    json_t *event = event_json ? json_loads(event_json, JSON_REJECT_DUPLICATES, NULL) : json_null();

    if (!event) {
        json_decref(data);
        return concern_fail(concern, CONCERN_INVALID,
                            "data.event is not JSON (the whole CloudEvent as it should have been)");
    }
    put(data, "supersedes", supersedes);
    json_object_set_new(data, "event", event);
    return tell(concern, about, EVENT_CORRECTION, data);
}

static int tell(struct concern *concern, const struct concern_about *about, enum event_kind kind,
                json_t *data)
{
    return tell_type(concern, about, event_name(kind), data);
}

/* What is wrong with a value is for the reader to say: here it is only put where it belongs. */
static int tell_type(struct concern *concern, const struct concern_about *about, const char *type,
                     json_t *data)
{
    json_t *event = json_object(), *by = json_object();
    char whole_type[EVENT_TYPE_MAX + 20], now[ZONE_TIME_SIZE], id[27];

    concern_make_id(id);
    instant_write_utc(concern_wall_clock(), now);
    snprintf(whole_type, sizeof whole_type, "%s%s", EVENT_PREFIX, event_short_type(type));
    put(event, "specversion", "1.0");
    put(event, "id", about->id ? about->id : id);
    put(event, "source", about->source || !*concern->source ? about->source : concern->source);
    put(event, "type", whole_type);
    put(event, "subject", about->subject);
    put(event, "time", about->time ? about->time : now);
    put(event, "datacontenttype", "application/json");
    put(event, "board", about->board);
    put(by, "agency", about->by_agency);
    put(by, "board", about->by_board);
    put(by, "role", about->by_role);
    put(by, "person", about->by_person);
    put_object(data, "by", by);
    json_object_set_new(event, "data", data);
    return concern_keep_object(concern, event);
}

/* One that is no UTF-8 becomes null, and is told as missing or wrong. */
static void put(json_t *data, const char *name, const char *value)
{
    json_t *text;

    if (!value)
        return;
    text = json_string(value);
    json_object_set_new(data, name, text ? text : json_null());
}

/* Yes and no as JSON has them. */
static void put_value(json_t *data, const char *name, const char *value)
{
    bool yes = value && !strcmp(value, "yes"), no = value && !strcmp(value, "no");

    if (yes || no)
        json_object_set_new(data, name, json_boolean(yes));
    else if (name)
        put(data, name, value);
}

/* One without members is as if it were not there. */
static void put_object(json_t *data, const char *name, json_t *value)
{
    if (json_object_size(value) > 0)
        json_object_set_new(data, name, value);
    else
        json_decref(value);
}

static json_t *party_of(const struct concern_party *party)
{
    json_t *object = json_object();

    put(object, "agency", party->agency);
    put_object(object, "people", people_of(party));
    return object;
}

static json_t *people_of(const struct concern_party *party)
{
    json_t *people = json_object();

    for (size_t i = 0; i < party->people_count; i++) {
        const struct concern_person *person = &party->people[i];

        if (!person->role)
            continue;
        if (person->email)
            json_object_set_new(people, person->role, json_pack("{s:s}", "email", person->email));
        else
            put(people, person->role, person->person);
    }
    return people;
}
