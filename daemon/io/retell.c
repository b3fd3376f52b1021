/* retell.c - what the record says of a notification: written, and read to tell it again. */
#include "io/retell.h"

#include <stdio.h>
#include <string.h>

#include "io/render.h"

static const char *const stand_in_names[] = {
    [STAND_IN_NONE] = "",
    [STAND_IN_FOR_KIND] = "for_kind",
    [STAND_IN_VIA] = "via",
    [STAND_IN_OR_ELSE] = "or_else",
    [STAND_IN_DEPUTY] = "deputy",
    [STAND_IN_SAFEGUARDING_LEAD] = "safeguarding_lead",
    [STAND_IN_OPERATOR] = "operator",
};

static const char address_person[] = "named in the event";

/* --- writing */

static json_t *write_instant(struct instant at)
{
    char text[ZONE_TIME_SIZE];

    if (instant_is_none(at))
        return json_null();
    instant_write_utc(at, text);
    return json_string(text);
}

static json_t *write_roles(const struct retelling *of, const struct notification *notification)
{
    const struct procedure *procedure = of->view->procedure;
    json_t *roles = json_array();

    for (size_t i = 0; i < notification->role_count; i++) {
        const struct recipient_role *role = &notification->roles[i];
        json_t *item = json_object();

        json_object_set_new(item, "role", json_string(procedure->roles[role->role].id));
        json_object_set_new(item, "side", json_string(party_side(role->party)));
        if (role->party != PARTY_BOARD)
            json_object_set_new(item, "agency",
                                json_string(of->disagreement->parties[role->party]));
        if (role->for_role != role->role)
            json_object_set_new(item, "for", json_string(procedure->roles[role->for_role].id));
        if (role->stand_in != STAND_IN_NONE)
            json_object_set_new(item, "stand_in", json_string(stand_in_names[role->stand_in]));
        json_array_append_new(roles, item);
    }
    return roles;
}

static json_t *write_say(const struct retelling *of, const struct say *say)
{
    const struct procedure *procedure = of->view->procedure;
    char because[EVENT_TYPE_MAX + 16];
    json_t *item = json_object();

    because_write(of->view, &say->because, because, sizeof because);
    json_object_set_new(item, "message", json_string(say_message(of->view, say)));
    json_object_set_new(item, "cause", json_string(because));
    if (say->words)
        json_object_set_new(item, "words", json_string(say->words));
    if (say->message == MESSAGE_RULE) /* whose message has a name of its own */
        json_object_set_new(item, "kind", json_string(message_id(MESSAGE_RULE)));
    if (say->stage >= 0)
        json_object_set_new(item, "stage", json_string(procedure_stage_id(procedure, say->stage)));
    if (say->deadline >= 0)
        json_object_set_new(item, "deadline", json_string(procedure->deadlines[say->deadline].id));
    if (say->rule >= 0)
        json_object_set_new(item, "rule", json_string(procedure->rules[say->rule].id));
    if (!instant_is_none(say->due))
        json_object_set_new(item, "due", write_instant(say->due));
    if (say->provisional)
        json_object_set_new(item, "provisional", json_true());
    return item;
}

/* Which rule or deadline, which sentence, which versions caused it (19 of the meanings). */
json_t *retell_write(const struct retelling *of, const struct notification *notification,
                     const char *id)
{
    char person[ADDRESS_MAX + 2 * ID_MAX + 2];
    const struct procedure *procedure = of->view->procedure;
    json_t *payload = json_object(), *says = json_array();

    for (size_t i = 0; i < notification->say_count; i++)
        json_array_append_new(says, write_say(of, &notification->says[i]));
    json_object_set_new(payload, "id", json_string(id));
    json_object_set_new(payload, "at", write_instant(notification->at));
    /* An address is the outbox's matter; the record says in which role somebody was told. */
    json_object_set_new(
        payload, "person",
        json_string(notification->address[0]
                        ? address_person
                        : notification_person(of->view, of->disagreement, notification, person)));
    json_object_set_new(payload, "roles", write_roles(of, notification));
    json_object_set_new(payload, "says", says);
    json_object_set_new(payload, "priority", json_string(priority_name(notification->priority)));
    json_object_set_new(payload, "procedure_version", json_string(procedure->version));
    json_object_set_new(payload, "procedure_hash", json_string(procedure->hash));
    json_object_set_new(payload, "calendar_version", json_string(of->view->time.calendar->version));
    return payload;
}

/* --- reading */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static bool read_instant(const char *text, struct instant *at)
{
    *at = INSTANT_NONE;
    return !*text || instant_read(text, NULL, at) == INSTANT_OK;
}

static int read_party(const struct retelling *of, const json_t *role)
{
    if (strcmp(text_of(role, "side"), party_side(PARTY_BOARD)) == 0)
        return PARTY_BOARD;
    for (unsigned i = 0; i < of->disagreement->party_count; i++)
        if (strcmp(of->disagreement->parties[i], text_of(role, "agency")) == 0)
            return (int)i;
    return -1;
}

static bool read_role(const struct retelling *of, const json_t *item, struct recipient_role *role)
{
    const struct procedure *procedure = of->view->procedure;
    const char *for_role = text_of(item, "for");

    role->role = procedure_role(procedure, text_of(item, "role"));
    role->for_role = *for_role ? procedure_role(procedure, for_role) : role->role;
    role->party = read_party(of, item);
    for (size_t i = 0; i < COUNT_OF(stand_in_names); i++)
        if (strcmp(stand_in_names[i], text_of(item, "stand_in")) == 0)
            role->stand_in = (enum stand_in)i;
    return role->role >= 0 && role->for_role >= 0 && role->party >= 0;
}

static bool read_because(const struct procedure *procedure, const char *text,
                         struct because *because)
{
    static const struct {
        const char *word;
        enum because_kind kind;
        int (*find)(const struct procedure *procedure, const char *id);
    } kinds[] = {
        { "stage ", BECAUSE_STAGE, procedure_stage },
        { "deadline ", BECAUSE_DEADLINE, procedure_deadline },
        { "rule ", BECAUSE_RULE, procedure_rule },
    };

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        size_t length = strlen(kinds[i].word);

        if (strncmp(text, kinds[i].word, length) != 0)
            continue;
        because->kind = kinds[i].kind;
        because->index = kinds[i].find(procedure, text + length);
        return because->index >= 0;
    }
    if (strncmp(text, "event ", 6) != 0)
        return false;
    because->kind = BECAUSE_EVENT;
    snprintf(because->event, sizeof because->event, "%s", text + 6);
    because->index = (int)event_kind_of(because->event);
    return true;
}

/* The place of an id; -1 for "", as where there is none. */
static int find(const struct procedure *procedure, const char *id,
                int (*place)(const struct procedure *procedure, const char *id))
{
    return *id ? place(procedure, id) : -1;
}

static bool read_say(const struct retelling *of, const json_t *item, struct say *say)
{
    const struct procedure *procedure = of->view->procedure;
    const char *kind = text_of(item, *text_of(item, "kind") ? "kind" : "message");
    int message = 0;

    while (message < MESSAGE_COUNT && strcmp(message_id((enum message)message), kind) != 0)
        message++;
    say->message = (enum message)message;
    say->stage = find(procedure, text_of(item, "stage"), procedure_stage);
    say->deadline = find(procedure, text_of(item, "deadline"), procedure_deadline);
    say->rule = find(procedure, text_of(item, "rule"), procedure_rule);
    say->provisional = json_is_true(json_object_get(item, "provisional"));
    say->words = json_string_value(json_object_get(item, "words"));
    return message < MESSAGE_COUNT && (message != MESSAGE_RULE || say->rule >= 0) &&
           read_instant(text_of(item, "due"), &say->due) &&
           read_because(procedure, text_of(item, "cause"), &say->because);
}

static bool read_lists(const struct retelling *of, const json_t *payload,
                       struct notification *notification)
{
    const json_t *roles = json_object_get(payload, "roles");
    const json_t *says = json_object_get(payload, "says");
    bool good = json_array_size(roles) > 0 && json_array_size(roles) <= RECIPIENT_ROLES_MAX &&
                json_array_size(says) > 0 && json_array_size(says) <= SAYS_MAX;

    for (size_t i = 0; good && i < json_array_size(roles); i++)
        good = read_role(of, json_array_get(roles, i), &notification->roles[i]);
    for (size_t i = 0; good && i < json_array_size(says); i++)
        good = read_say(of, json_array_get(says, i), &notification->says[i]);
    notification->role_count = good ? json_array_size(roles) : 0;
    notification->say_count = good ? json_array_size(says) : 0;
    return good;
}

bool retell_read(const struct retelling *of, const json_t *payload,
                 struct notification *notification)
{
    const char *person = text_of(payload, "person");
    const char *priority = text_of(payload, "priority");

    memset(notification, 0, sizeof *notification);
    notification->to_operator = strcmp(person, "operator") == 0;
    if (!notification->to_operator && of->directory)
        notification->person = directory_person(of->directory, person);
    for (int i = 0; i < PRIORITY_COUNT; i++)
        if (strcmp(priority_name((enum priority)i), priority) == 0)
            notification->priority = (enum priority)i;
    return read_instant(text_of(payload, "at"), &notification->at) &&
           !instant_is_none(notification->at) && read_lists(of, payload, notification);
}
