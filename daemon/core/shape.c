/* shape.c - invented notifications of every shape a procedure can give one. */
#include "core/shape.h"

#include <string.h>

#include "core/audience.h"
#include "core/zone.h"

enum {
    READER_CHALLENGING, /* to act, at the challenging side */
    READER_CHALLENGED,
    READER_OTHER, /* told, and not to act */
    READER_BOARD,
};
enum { DUE_AHEAD, DUE_NONE, DUE_SOON, DUE_CLOSED, DUE_MIDNIGHT, DUE_PROVISIONAL, DUE_PAST };
enum { STATE_OPEN, STATE_HELD, STATE_HELD_UNTIL, STATE_CHALLENGE };
enum { BESIDE_NOTHING, BESIDE_BEFORE, BESIDE_AGAIN, BESIDE_BEGINS };
enum { SENT_ON_TIME, SENT_LATE, SENT_OTHER_WAY, SENT_BOTH };
enum { PARTIES_TWO, PARTIES_THREE, PARTIES_SAME };

/* 2027-01-05 14:30 UTC, a Tuesday. */
static const struct instant told_at = { INT64_C(1799159400) * SECOND_US };

static const char *const party_ids[] = { "northtown-housing", "northtown-social-care",
                                         "seaview-care" };
static const char board_id[] = "invented-board";

/* --- what can be said */

struct statements {
    struct statement *list;
    size_t count;
};

static void add(struct statements *all, enum message message, int deadline, int stage, int rule)
{
    if (all->count < STATEMENTS_MAX)
        all->list[all->count++] = (struct statement){ message, deadline, stage, rule };
}

static void add_deadline(struct statements *all, const struct deadline *deadline, int index)
{
    int stage = deadline->stage >= 0 ? deadline->stage : 0;

    add(all, MESSAGE_LIMIT_PASSED, index, stage, -1);
    add(all, MESSAGE_DUE_MOVED, index, stage, -1);
    add(all, MESSAGE_REMINDER, index, stage, -1);
    add(all, MESSAGE_CHASE, index, stage, -1);
    if (deadline->under != UNDER_STAGES)
        add(all, MESSAGE_DEADLINE_STARTED, index, stage, -1);
    if (deadline->when_passed == PASSED_CLOSE)
        add(all, MESSAGE_LAPSED, index, stage, -1);
}

static void add_stage(struct statements *all, const struct procedure *procedure, int stage)
{
    static const enum message messages[] = {
        MESSAGE_STAGE_PASSED_OVER,
        MESSAGE_REOPENED,
        MESSAGE_RESOLUTION_PROPOSED,
        MESSAGE_RESOLVED,
        MESSAGE_WITHDRAWN,
        MESSAGE_LAPSED,
        MESSAGE_HOLD,
        MESSAGE_RELEASE,
        MESSAGE_OPERATOR_NOTIFICATION,
    };
    int deadline = procedure->stages[stage].deadline;

    add(all, MESSAGE_STAGE_ENTERED, deadline, stage, -1);
    add(all, MESSAGE_QUESTION, deadline, stage, -1);
    add(all, MESSAGE_OPERATOR_NOTIFICATION, deadline, stage, -1);
    if (stage > 0)
        add(all, MESSAGE_INTENTION_TO_ESCALATE, -1, stage, -1);
    for (size_t i = 0; i < COUNT_OF(messages); i++)
        add(all, messages[i], -1, stage, -1);
}

size_t statements_of(const struct procedure *procedure, struct statement statements[STATEMENTS_MAX])
{
    struct statements all = { .list = statements };

    for (size_t i = 0; i < procedure->deadline_count; i++)
        add_deadline(&all, &procedure->deadlines[i], (int)i);
    for (size_t stage = 0; stage < procedure->stage_count; stage++) {
        add_stage(&all, procedure, (int)stage);
        for (size_t rule = 0; rule < procedure->rule_count; rule++) {
            add(&all, MESSAGE_RULE, -1, (int)stage, (int)rule);
            if (procedure->rules[rule].confirm_by.count > 0)
                add(&all, MESSAGE_QUESTION, -1, (int)stage, (int)rule);
        }
    }
    return all.count;
}

/* --- who there is */

static void copy_id(char id[ID_MAX + 1], const char *from)
{
    struct text text = text_over(id, ID_MAX + 1);

    text_add(&text, from);
}

static void invent_directory(const struct procedure *procedure, const struct shape *shape,
                             struct invention *self)
{
    static const char *const names[] = { "Northtown Housing", "Northtown Social Care",
                                         "Seaview Care", "Northtown Safeguarding Board" };

    self->colleague = (struct person){ .id = "colleague",
                                       .name = "Alex Example",
                                       .shareable = shape->of[SHAPE_DETAILS],
                                       .language = LANGUAGE_DEFAULT };
    for (size_t i = 0; i < procedure->role_count; i++)
        self->holdings[i] =
            (struct role_holding){ .role = procedure->roles[i].id, .holder = &self->colleague };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        self->agencies[i] = (struct agency){ .id = i < 3 ? party_ids[i] : board_id,
                                             .name = names[i],
                                             .kind = i < 3 ? "statutory" : NULL,
                                             .roles = self->holdings,
                                             .role_count = procedure->role_count };
    self->directory = (struct directory){ .agencies = self->agencies,
                                          .agency_count = 3,
                                          .boards = &self->agencies[3],
                                          .board_count = 1,
                                          .people = &self->colleague,
                                          .person_count = 1 };
}

static void invent_disagreement(const struct shape_source *source,
                                const struct statement *statement, const struct shape *shape,
                                struct disagreement *self)
{
    const struct procedure *procedure = source->view->procedure;
    bool three = shape->of[SHAPE_PARTIES] != PARTIES_TWO;

    disagreement_clear(self);
    copy_id(self->board, board_id);
    copy_id(self->reference, source->reference ? source->reference : "D-2027-0042");
    copy_id(self->procedure, procedure->id);
    self->raised = (struct instant){ told_at.us - 6 * DAY_US };
    self->party_count = three ? 3 : 2;
    for (uint8_t i = 0; i < self->party_count; i++)
        copy_id(self->parties[i],
                party_ids[i == 2 && shape->of[SHAPE_PARTIES] == PARTIES_SAME ? 0 : i]);
    self->stage = (int16_t)(statement->stage >= 0 ? statement->stage : 0);
    /* Nobody has gone to the stage yet that is intended. */
    if (statement->message == MESSAGE_INTENTION_TO_ESCALATE && self->stage > 0)
        self->stage--;
    self->previous = (int16_t)(self->stage - 1);
    self->entry = 1;
    self->held = shape->of[SHAPE_STATE] == STATE_HELD || shape->of[SHAPE_STATE] == STATE_HELD_UNTIL;
    if (shape->of[SHAPE_STATE] == STATE_HELD_UNTIL)
        self->held_until = (struct instant){ told_at.us + 3 * DAY_US };
    if (shape->of[SHAPE_STATE] == STATE_CHALLENGE)
        disagreement_set_fact(self, "formal_challenge", "yes");
    if (shape->of[SHAPE_DETAILS]) {
        struct text link = text_over(self->link, sizeof self->link);

        copy_id(self->case_reference, "7F3K-0192");
        text_add(&link, "https://records.example/7F3K-0192");
    }
    for (size_t i = 0; i < procedure->deadline_count; i++)
        if (procedure->deadlines[i].stage == self->stage)
            self->running[i] = (struct running){ .state = RUNNING_ON,
                                                 .entry = 1,
                                                 .start = self->raised,
                                                 .due = { told_at.us + 5 * DAY_US } };
    if (statement->message == MESSAGE_RESOLVED)
        self->state = DISAGREEMENT_RESOLVED;
    else if (statement->message == MESSAGE_WITHDRAWN)
        self->state = DISAGREEMENT_WITHDRAWN;
    else if (statement->message == MESSAGE_LAPSED)
        self->state = DISAGREEMENT_LAPSED;
}

/* --- what is said */

/* The instant of a civil time, so many days after the notification. */
static struct instant civil_after(const struct policy_view *view, int days, int32_t second)
{
    struct civil civil = zone_civil(view->time.zone, told_at);
    struct instant at;

    civil.date.day += days;
    civil.second = second;
    civil.us = 0;
    zone_instant(view->time.zone, civil, &at);
    return at;
}

static struct instant due_of(const struct policy_view *view, const struct shape *shape)
{
    switch (shape->of[SHAPE_DUE]) {
    case DUE_NONE:
        return INSTANT_NONE;
    case DUE_SOON:
        return (struct instant){ told_at.us + 2 * HOUR_US + 20 * MINUTE_US };
    case DUE_CLOSED:
        return civil_after(view, 4, 11 * 3600 + 5 * 60); /* a Saturday */
    case DUE_MIDNIGHT:
        return civil_after(view, 6, 0);
    case DUE_PAST:
        return civil_after(view, -1, view->time.closes_s);
    case DUE_AHEAD:
    case DUE_PROVISIONAL:
    default:
        return civil_after(view, 8, view->time.closes_s);
    }
}

static struct say say_of(const struct policy_view *view, const struct statement *statement,
                         const struct shape *shape)
{
    const struct procedure *procedure = view->procedure;
    struct say say = { .message = statement->message,
                       .deadline = statement->deadline,
                       .stage = statement->stage,
                       .rule = statement->rule,
                       .due = INSTANT_NONE,
                       .because = { .kind = BECAUSE_EVENT,
                                    .event = "concernd.disagreement.raised" } };

    if (statement->deadline >= 0)
        say.due = due_of(view, shape);
    if (statement->message == MESSAGE_LIMIT_PASSED || statement->message == MESSAGE_LAPSED)
        say.due = statement->deadline >= 0 ? told_at : INSTANT_NONE;
    say.provisional = shape->of[SHAPE_DUE] == DUE_PROVISIONAL;
    if (shape->of[SHAPE_WORDS] == 0 && statement->rule >= 0)
        say.words = procedure->rules[statement->rule].words;
    else if (shape->of[SHAPE_WORDS] == 0 && statement->deadline >= 0)
        say.words = procedure->deadlines[statement->deadline].words;
    return say;
}

/* In the order in which a notification says things. */
static void add_say(struct notification *notification, struct say say)
{
    size_t place = notification->say_count++;

    for (; place > 0 && notification->says[place - 1].message > say.message; place--)
        notification->says[place] = notification->says[place - 1];
    notification->says[place] = say;
}

static void add_beside(const struct policy_view *view, const struct statement *statement,
                       const struct shape *shape, struct notification *notification)
{
    const struct procedure *procedure = view->procedure;
    struct statement other = { MESSAGE_LIMIT_PASSED, 0, 0, -1 };

    switch (shape->of[SHAPE_BESIDE]) {
    case BESIDE_BEFORE:
        if (statement->message != MESSAGE_LIMIT_PASSED)
            add_say(notification, say_of(view, &other, shape));
        break;
    case BESIDE_AGAIN:
        other = *statement;
        if (other.deadline >= 0)
            other.deadline = (int)(((size_t)other.deadline + 1) % procedure->deadline_count);
        if (other.rule < 0 || procedure->rule_count > 1)
            add_say(notification, say_of(view, &other, shape));
        break;
    case BESIDE_BEGINS:
        if (statement->message == MESSAGE_STAGE_ENTERED || statement->stage < 0)
            break;
        other =
            (struct statement){ MESSAGE_STAGE_ENTERED, procedure->stages[statement->stage].deadline,
                                statement->stage, -1 };
        add_say(notification, say_of(view, &other, shape));
        break;
    case BESIDE_NOTHING:
    default:
        break;
    }
}

/* --- who reads it */

static void audience_of(const struct shape_source *source, const struct statement *statement,
                        const struct disagreement *disagreement, struct audience *audience)
{
    const struct procedure *procedure = source->view->procedure;
    struct audience_place place = { .procedure = procedure,
                                    .disagreement = disagreement,
                                    .stage = statement->stage,
                                    .previous = statement->stage - 1,
                                    .next = -1 };

    if ((size_t)(statement->stage + 1) < procedure->stage_count)
        place.next = statement->stage + 1;
    if (statement->deadline >= 0)
        audience_add(audience, &place, &procedure->deadlines[statement->deadline].owners);
    else
        audience_add_handlers(audience, &place, statement->stage, EVERY_PARTY);
}

static bool suits(const struct procedure *procedure, const struct audience *audience, int reader,
                  int role, int party)
{
    bool acts = audience->to[role] & 1u << party;
    bool of_board = procedure->roles[role].side == SIDE_BOARD;

    if (of_board != (party == PARTY_BOARD) || procedure->roles[role].via >= 0)
        return false;
    switch (reader) {
    case READER_CHALLENGING:
        return acts && party == 0;
    case READER_CHALLENGED:
        return acts && party > 0 && party != PARTY_BOARD;
    case READER_BOARD:
        return of_board;
    case READER_OTHER:
    default:
        return !acts && !of_board;
    }
}

/* The first role that suits; where none does, any role of that side. */
static struct recipient_role role_for(const struct procedure *procedure,
                                      const struct audience *audience, int reader)
{
    static const int parties[] = { 0, 1, PARTY_BOARD };

    for (int wanted = reader; wanted >= 0; wanted = wanted == READER_OTHER ? -1 : READER_OTHER)
        for (size_t role = 0; role < procedure->role_count; role++)
            for (size_t i = 0; i < COUNT_OF(parties); i++)
                if (suits(procedure, audience, wanted, (int)role, parties[i]))
                    return (struct recipient_role){ (int)role, (int)role, parties[i],
                                                    STAND_IN_NONE };
    return (struct recipient_role){ 0, 0, reader == READER_BOARD ? PARTY_BOARD : 0, STAND_IN_NONE };
}

/* A role that is reached through another, where the procedure has one. */
static void stand_in_via(const struct procedure *procedure, struct notification *notification)
{
    for (size_t role = 0; role < procedure->role_count; role++) {
        int via = procedure->roles[role].via;

        if (via < 0)
            continue;
        notification->roles[0] = (struct recipient_role){
            via, (int)role, procedure->roles[via].side == SIDE_BOARD ? PARTY_BOARD : 0, STAND_IN_VIA
        };
        return;
    }
}

static void stand_in(const struct procedure *procedure, const struct shape *shape,
                     struct notification *notification)
{
    struct recipient_role *to = &notification->roles[0];
    enum stand_in how = (enum stand_in)shape->of[SHAPE_STAND_IN];

    if (how == STAND_IN_VIA) {
        stand_in_via(procedure, notification);
        return;
    }
    to->stand_in = how;
    if (how == STAND_IN_OPERATOR)
        notification->to_operator = true;
    else if (how != STAND_IN_NONE && how != STAND_IN_DEPUTY)
        to->role = (to->role + 1) % (int)procedure->role_count;
}

static void add_reader(const struct shape_source *source, const struct statement *statement,
                       const struct shape *shape, struct invention *self)
{
    const struct procedure *procedure = source->view->procedure;
    struct notification *notification = &self->notification;
    struct audience audience = { .to = { 0 } };
    int role = source->role ? procedure_role(procedure, source->role) : -1;

    audience_of(source, statement, &self->disagreement, &audience);
    notification->roles[0] = role_for(procedure, &audience, shape->of[SHAPE_READER]);
    notification->role_count = 1;
    if (role >= 0) {
        int party = shape->of[SHAPE_READER] == READER_CHALLENGED;

        if (procedure->roles[role].side == SIDE_BOARD)
            party = PARTY_BOARD;
        notification->roles[0] = (struct recipient_role){ role, role, party, STAND_IN_NONE };
    }
    stand_in(procedure, shape, notification);
    if (statement->message == MESSAGE_OPERATOR_NOTIFICATION)
        notification->to_operator = true;
    if (shape->of[SHAPE_DETAILS])
        notification->roles[notification->role_count++] =
            role_for(procedure, &audience, READER_OTHER);
    self->reader =
        (struct person){ .id = "reader",
                         .name = "Sam Example",
                         .language = source->language ? source->language : LANGUAGE_DEFAULT };
    notification->person = &self->reader;
}

bool invent(const struct shape_source *source, const struct statement *statement,
            const struct shape *shape, struct invention *self)
{
    bool late = shape->of[SHAPE_SENT] == SENT_LATE || shape->of[SHAPE_SENT] == SENT_BOTH;

    if (source->role && procedure_role(source->view->procedure, source->role) < 0)
        return false;
    invent_directory(source->view->procedure, shape, self);
    invent_disagreement(source, statement, shape, &self->disagreement);
    memset(&self->notification, 0, sizeof self->notification);
    self->notification.at = told_at;
    self->notification.priority = (enum priority)shape->of[SHAPE_PRIORITY];
    add_reader(source, statement, shape, self);
    add_say(&self->notification, say_of(source->view, statement, shape));
    add_beside(source->view, statement, shape, &self->notification);
    self->composition = (struct composition){
        .view = source->view,
        .directory = &self->directory,
        .templates = source->templates,
        .disagreement = &self->disagreement,
        .notification = &self->notification,
        .notification_id = "01K0INVENTED",
        .sent = { told_at.us + (late ? 3 * HOUR_US : 0) },
        .is_other_way = shape->of[SHAPE_SENT] >= SENT_OTHER_WAY,
        .acknowledge =
            shape->of[SHAPE_DETAILS] ? "https://board.example/acknowledge/INVENTED" : NULL,
    };
    return true;
}

/* --- in words */

void invention_describe(const struct invention *self, const struct statement *statement,
                        const struct shape *shape, struct text *text)
{
    /* The plain ones are not said, but who reads it. */
    static const char *const words[SHAPE_SIDES][8] = {
        [SHAPE_READER] = { "to who is to act, at the challenging side",
                           "to who is to act, at the challenged side", "to who is only told",
                           "to the board" },
        [SHAPE_DUE] = { NULL, "no date", "due within the day", "due out of hours",
                        "due at midnight", "a provisional date", "overdue" },
        [SHAPE_STAND_IN] = { NULL, "a stand-in for its kind of agency", "through another role",
                             "a stand-in where nobody is named", "a deputy",
                             "the safeguarding lead stands in", "the operator, nobody is named" },
        [SHAPE_STATE] = { NULL, "on hold", "on hold until a date", "a formal challenge" },
        [SHAPE_BESIDE] = { NULL, "a limit passed before it", "the same said twice",
                           "a stage begins beside it" },
        [SHAPE_SENT] = { NULL, "late", "sent by another way too", "late, by another way too" },
        [SHAPE_PRIORITY] = { NULL, "urgent", "immediate" },
        [SHAPE_PARTIES] = { NULL, "three agencies", "one agency on both sides" },
        [SHAPE_DETAILS] = { NULL, "with a link, a case, names and another role" },
        [SHAPE_WORDS] = { NULL, "no sentence of the procedure" },
    };
    const struct procedure *procedure = self->composition.view->procedure;

    text_add(text, message_id(statement->message));
    if (statement->rule >= 0)
        text_addf(text, " `%s`", procedure->rules[statement->rule].id);
    if (statement->deadline >= 0)
        text_addf(text, " of `%s`", procedure->deadlines[statement->deadline].id);
    else if (statement->stage >= 0)
        text_addf(text, " at `%s`", procedure_stage_id(procedure, statement->stage));
    text_addf(text, " of %s", procedure->id);
    for (size_t side = 0; side < SHAPE_SIDES; side++)
        if (words[side][shape->of[side]])
            text_addf(text, "; %s", words[side][shape->of[side]]);
}
