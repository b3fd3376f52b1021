/* engine_reference.c - what could say something of a person is not taken.
 *
 * A reference goes out in every message.  Which an agency may use, the directory says; an event
 * that begins a disagreement under another is refused, and what is a help only, the reference of
 * the case and the link to the record, is left out of one that is taken: nobody must go untold
 * because of it.  A disagreement that runs keeps the reference it was raised under.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "io/engine_taking.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/source_name.h"

/* Whose reference it is: of the agency that challenges, else of who says it. */
static const char *agency_of(const struct event *event)
{
    return event->challenging[0] ? event->challenging : event->by.agency;
}

/* --- what is left out */

void engine_leave_out(const struct engine *engine, const char *board, struct event *event,
                      const char *prefix, struct event_reading *reading)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    struct reference_rules rules;

    if (!directory || (!event->case_reference[0] && !event->link[0]))
        return;
    rules = directory_references(directory, agency_of(event), board);
    if (event->case_reference[0] &&
        reference_fault(&rules, event->case_reference) != REFERENCE_FINE) {
        memset(event->case_reference, 0, sizeof event->case_reference);
        cloudevent_drop(reading, prefix, "case");
    }
    if (event->link[0] && !reference_link_is_fine(&rules, event->link)) {
        memset(event->link, 0, sizeof event->link);
        cloudevent_drop(reading, prefix, "link");
    }
}

void taking_leave_out(struct taking *self, struct event *event, const char *prefix)
{
    struct event_reading *reading = &self->engine->reading;
    unsigned before = reading->dropped_total;

    engine_leave_out(self->engine, self->event->board, event, prefix, reading);
    self->left_out = self->left_out || reading->dropped_total > before;
}

/* The agency as the directory has it; its key where it has none: an id may be anything. */
static const char *name_of_agency(const struct taking *self, const char *id)
{
    const struct directory *directory = policy_directory(self->engine->settings.policy);
    const struct agency *agency = directory_agency(directory, id);

    return agency ? agency->id : self->principal ? self->principal->name : "an agency";
}

int taking_tell_left_out(struct taking *self)
{
    const struct event *event =
        self->event->kind == EVENT_CORRECTION ? &self->engine->corrected : self->event;
    const char *agency = name_of_agency(self, agency_of(event));
    char source[SOURCE_NAME_SIZE], id[DIGEST_BRIEF_SIZE], key[2 * ID_MAX], text[2 * ID_MAX + 700];

    source_name(self->engine->settings.keyring, self->event->source, source);
    digest_brief(self->event->id, id);
    journal_warn(JOURNAL({ "MESSAGE_ID", MESSAGE_ID_LEFT_OUT }, { "SOURCE", source },
                         { "KEY", self->principal ? self->principal->name : NULL },
                         { "EVENT", id }),
                 "a case's reference or a link of %s is not as the directory has them, and was "
                 "left out",
                 agency);
    snprintf(key, sizeof key, "left out %s", agency);
    snprintf(
        text, sizeof text,
        "The case system of %s sends the reference of a case, or a link to a record, that is\n"
        "not of the form that the directory states for it: it could say something of a\n"
        "person. Its events are taken, people are told, and what is not of the form is left\n"
        "out of messages and of the record.\n"
        "Say in the directory what its references look like (`references`) and what its links\n"
        "begin with (`links`), or have its case system send others.\n",
        agency);
    return engine_tell_operator(self->engine, key, "Something of events is left out", text);
}

/* --- what is refused */

static void add_forms(const struct reference_rules *rules, struct text *text)
{
    if (rules->form_count == 0)
        text_add(text, "at least a digit, no more than four letters in a row or eight in all, no "
                       "NHS number, no date, no postcode");
    for (size_t i = 0; i < rules->form_count; i++)
        text_addf(text, "%s%s", i > 0 ? " or " : "as ", rules->forms[i]);
}

/* A raise that is refused may be a missed one: a person is told at once. */
static int tell_refused(struct taking *self, const char *why)
{
    const char *agency = name_of_agency(self, agency_of(self->event));
    char source[SOURCE_NAME_SIZE], id[DIGEST_BRIEF_SIZE], key[2 * ID_MAX];
    char text[SOURCE_NAME_SIZE + 2 * ID_MAX + ANSWER_WHY_SIZE + 700];

    source_name(self->engine->settings.keyring, self->event->source, source);
    digest_brief(self->event->id, id);
    snprintf(key, sizeof key, "reference %s", agency);
    snprintf(
        text, sizeof text,
        "The case system of %s began a disagreement that was not taken: %s.\n"
        "Nobody is told of it. The event is %s of the source %s (the first 12\n"
        "letters of the SHA-256 of its id); its case system has been told, unless it is a\n"
        "feed, which nobody can tell. Have it raised again under another reference, or say in\n"
        "the directory what the agency's references look like (`references`) and have it\n"
        "sent again.\n",
        agency, why, id, source);
    return engine_tell_operator(self->engine, key, "A disagreement was not taken", text);
}

int taking_check_reference(struct taking *self)
{
    const struct event *event = self->event;
    const struct directory *directory = policy_directory(self->engine->settings.policy);
    char why[ANSWER_WHY_SIZE];
    struct text text = text_over(why, sizeof why);
    struct reference_rules rules;
    enum reference_fault fault;
    int answer;

    if (!directory || self->is_raised)
        return ENGINE_TAKEN;
    rules = directory_references(directory, agency_of(event), event->board);
    fault = reference_fault(&rules, event->subject);
    if (fault == REFERENCE_FINE)
        return ENGINE_TAKEN;
    text_addf(&text, "subject %s (", reference_fault_text(fault));
    add_forms(&rules, &text);
    text_add(&text, ")");
    taking_refuse(self, WIRE_CODE_SCHEMA, why);
    answer = tell_refused(self, why);
    return answer ? answer : ENGINE_REFUSED;
}
