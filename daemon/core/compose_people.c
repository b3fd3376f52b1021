/* compose_people.c - roles, agencies and stages in words; who is one's opposite number. */
#include <string.h>
#include <strings.h>

#include "core/compose_private.h"
#include "core/recipient.h"

static const party_mask board_bit = (party_mask)(1u << PARTY_BOARD);

void write_title(const char *title, const char *id, struct text *text)
{
    if (strcmp(title, id) != 0) {
        text_add(text, title);
        return;
    }
    for (const char *c = id; *c; c++) {
        char letter = *c == '_' || *c == '-' ? ' ' : *c;

        if (c == id && letter >= 'a' && letter <= 'z')
            letter = (char)(letter - 'a' + 'A');
        text_add_bytes(text, &letter, 1);
    }
}

static bool begins_with(const char *title, const char *word)
{
    size_t length = strlen(word);

    return length > 0 && strncasecmp(title, word, length) == 0 &&
           strchr(" \t0123456789:.,-", title[length]);
}

/* "Stage 2" says itself that it is one; in whichever language the procedure's file is. */
static bool is_stage_itself(const struct telling *self, const char *title)
{
    const struct templates *templates = self->of->templates;

    if (begins_with(title, self->words->of[WORD_STAGE_ITSELF]) ||
        begins_with(title, words_builtin.of[WORD_STAGE_ITSELF]))
        return true;
    for (size_t i = 0; templates && i < templates->words_count; i++)
        if (begins_with(title, templates->words[i].of[WORD_STAGE_ITSELF]))
            return true;
    return false;
}

void write_stage(const struct telling *self, int stage, struct text *text)
{
    char number[24], title[TEMPLATE_VALUE_MAX];
    struct text to_number = text_over(number, sizeof number);
    struct text to_title = text_over(title, sizeof title);
    const struct deadline *deadline;

    if (stage < 0 || (size_t)stage >= self->procedure->stage_count)
        return;
    deadline = procedure_stage_deadline(self->procedure, stage);
    write_title(deadline->title, deadline->id, &to_title);
    if (is_stage_itself(self, deadline->title)) {
        text_add(text, title);
        return;
    }
    text_addf(&to_number, "%d", stage + 1);
    words_write(self->words, WORD_STAGE,
                &(struct word_values){ .of[FIELD_NUMBER] = number, .of[FIELD_TITLE] = title },
                text);
}

static const struct agency *agency_of(const struct telling *self, int party)
{
    if (!self->of->directory)
        return NULL;
    if (party == PARTY_BOARD)
        return directory_board(self->of->directory, self->disagreement->board);
    return directory_agency(self->of->directory, self->disagreement->parties[party]);
}

void write_agency(const struct telling *self, int party, struct text *text)
{
    const struct agency *agency = agency_of(self, party);
    const char *id =
        party == PARTY_BOARD ? self->disagreement->board : self->disagreement->parties[party];

    if (agency)
        text_add(text, agency->name);
    else if (!self->of->directory && id[0])
        text_add(text, id);
    else /* an id that nobody here wrote may be anything */
        text_add(text,
                 self->words->of[party == PARTY_BOARD ? WORD_THE_BOARD : WORD_AGENCY_UNLISTED]);
}

static bool find(const struct telling *self, int role, int party, struct recipient *recipient)
{
    struct recipient_search search = {
        .procedure = self->procedure,
        .disagreement = self->disagreement,
        .directory = self->of->directory,
        .today = zone_civil(self->of->view->time.zone, self->notification->at).date,
    };

    return recipient_find(&search, role, party, recipient);
}

/* The role that acts for `role` at a party: another one for agencies of its kind, and so on. */
static int acting_role(const struct telling *self, int role, int party)
{
    struct recipient recipient;

    if (self->procedure->roles[role].via >= 0 || !find(self, role, party, &recipient) ||
        recipient.is_operator || recipient.role.stand_in == STAND_IN_SAFEGUARDING_LEAD)
        return role;
    return recipient.role.role;
}

/* One agency may stand on both sides; it is named once. */
static bool is_named_before(const struct telling *self, int party, int acting,
                            const int acting_roles[PARTIES_MAX])
{
    for (int before = 0; before < party; before++)
        if (acting_roles[before] == acting &&
            !strcmp(self->disagreement->parties[before], self->disagreement->parties[party]))
            return true;
    return false;
}

static void write_role_of(const struct telling *self, int acting,
                          const int acting_roles[PARTIES_MAX], struct text *text)
{
    const struct role *role = &self->procedure->roles[acting];
    char title[TEMPLATE_VALUE_MAX], agencies[TEMPLATE_VALUE_MAX];
    struct text to_title = text_over(title, sizeof title);
    struct text to_agencies = text_over(agencies, sizeof agencies);

    if (text->used > 0)
        words_write(self->words, WORD_BETWEEN_ROLES, NULL, text);
    write_title(role->title, role->id, &to_title);
    for (int party = 0; party < self->disagreement->party_count; party++) {
        if (acting_roles[party] != acting || is_named_before(self, party, acting, acting_roles))
            continue;
        if (to_agencies.used > 0)
            words_write(self->words, WORD_BETWEEN_AGENCIES, NULL, &to_agencies);
        write_agency(self, party, &to_agencies);
    }
    if (to_agencies.used == 0)
        text_add(text, title);
    else
        words_write(
            self->words, WORD_ROLE_AT,
            &(struct word_values){ .of[FIELD_ROLE] = title, .of[FIELD_AGENCIES] = agencies }, text);
}

void write_audience(const struct telling *self, const struct audience *audience, struct text *text)
{
    for (size_t role = 0; role < self->procedure->role_count; role++) {
        int acting_roles[PARTIES_MAX];

        for (int party = 0; party < PARTIES_MAX; party++) {
            bool meant =
                party < self->disagreement->party_count && audience->to[role] & 1u << party;

            acting_roles[party] = meant ? acting_role(self, (int)role, party) : -1;
        }
        for (int party = 0; party < PARTIES_MAX; party++) {
            bool written = false;

            for (int before = 0; before < party; before++)
                written = written || acting_roles[before] == acting_roles[party];
            if (acting_roles[party] >= 0 && !written)
                write_role_of(self, acting_roles[party], acting_roles, text);
        }
        for (int party = 0; party < PARTIES_MAX; party++)
            acting_roles[party] = -1;
        if (audience->to[role] & board_bit)
            write_role_of(self, (int)role, acting_roles, text);
    }
}

struct audience_place place_at(const struct telling *self, int stage)
{
    return (struct audience_place){ .procedure = self->procedure,
                                    .disagreement = self->disagreement,
                                    .stage = stage,
                                    .previous = self->disagreement->previous,
                                    .next = stage_after(self, stage) };
}

bool is_handler(const struct telling *self, const struct say *say)
{
    int stage = say->stage >= 0 ? say->stage : self->stage;
    struct audience_place place = place_at(self, stage);
    struct audience audience = { 0 };

    if (say->deadline >= 0)
        audience_add(&audience, &place, &self->procedure->deadlines[say->deadline].owners);
    else
        audience_add_handlers(&audience, &place, stage, EVERY_PARTY);
    for (size_t i = 0; i < self->notification->role_count; i++) {
        const struct recipient_role *role = &self->notification->roles[i];

        if (audience.to[role->for_role] & 1u << role->party)
            return true;
    }
    return false;
}

bool list_has_room(struct lines *lines)
{
    struct text item;

    if (lines->count < LIST_ITEMS_MAX)
        return true;
    if (lines->count == LIST_ITEMS_MAX) {
        item = text_over(lines->items[lines->count++], LIST_ITEM_SIZE);
        text_add(&item, "…");
    }
    return false;
}

static struct text next_item(struct lines *lines)
{
    return text_over(lines->items[lines->count], LIST_ITEM_SIZE);
}

/* "Line manager"; of another party than the one he is addressed for, with its name. */
static void write_also(const struct telling *self, const struct recipient_role *also,
                       const struct role *role, struct text *item)
{
    char title[LIST_ITEM_SIZE], agency[LIST_ITEM_SIZE];
    struct text to_title = text_over(title, sizeof title);
    struct text to_agency = text_over(agency, sizeof agency);

    write_title(role->title, role->id, &to_title);
    write_agency(self, also->party, &to_agency);
    if (also->party == self->to->party)
        text_add(item, title);
    else
        words_write(self->words, WORD_ROLE_OF,
                    &(struct word_values){ .of[FIELD_ROLE] = title, .of[FIELD_AGENCY] = agency },
                    item);
}

void list_also_roles(struct telling *self)
{
    for (size_t i = 0; i < self->notification->role_count; i++) {
        const struct recipient_role *also = &self->notification->roles[i];
        const struct role *role = &self->procedure->roles[also->for_role];
        struct text item;

        if (also == self->to)
            continue;
        if (role->via >= 0)
            continue; /* he passes it on (attention) */
        if (!list_has_room(&self->also_roles))
            return;
        item = next_item(&self->also_roles);
        write_also(self, also, role, &item);
        text_show_cut(&item);
        self->also_roles.count++;
    }
}

static bool is_listed(const struct lines *lines, const char *item)
{
    for (size_t i = 0; i < lines->count; i++)
        if (!strcmp(lines->items[i], item))
            return true;
    return false;
}

static void add_opposite(struct telling *self, int role, int party)
{
    struct lines *lines = &self->opposite;
    char title[LIST_ITEM_SIZE], agency[LIST_ITEM_SIZE], buffer[LIST_ITEM_SIZE];
    struct text to_title = text_over(title, sizeof title);
    struct text to_agency = text_over(agency, sizeof agency);
    struct text to_item = text_over(buffer, sizeof buffer), item;
    struct word_values values = { .of[FIELD_ROLE] = title, .of[FIELD_AGENCY] = agency };
    struct recipient recipient;

    if (!find(self, role, party, &recipient))
        return;
    role = acting_role(self, role, party);
    write_title(self->procedure->roles[role].title, self->procedure->roles[role].id, &to_title);
    write_agency(self, party, &to_agency);
    if (recipient.person && recipient.person->shareable)
        values.of[FIELD_NAME] = recipient.person->name;
    words_write(self->words, values.of[FIELD_NAME] ? WORD_OPPOSITE_NAMED : WORD_OPPOSITE, &values,
                &to_item);
    text_show_cut(&to_item);
    if (is_listed(lines, buffer) || !list_has_room(lines))
        return;
    item = next_item(lines);
    text_add(&item, buffer);
    lines->count++;
}

void list_opposite(struct telling *self)
{
    struct audience_place place = place_at(self, self->stage);
    struct audience audience = { 0 };
    party_mask other;

    /* Each challenged agency talks with the challenging one; that one with all of them. */
    if (self->notification->to_operator || self->to->party == PARTY_BOARD)
        return;
    other =
        self->to->party == 0 ? (party_mask)(disagreement_agencies(self->disagreement) & ~1u) : 1;
    audience_add_handlers(&audience, &place, self->stage, other);
    for (size_t role = 0; role < self->procedure->role_count; role++)
        for (int party = 0; party < self->disagreement->party_count; party++)
            if (audience.to[role] & 1u << party)
                add_opposite(self, (int)role, party);
}
