/* compose_digest.c - one message that stands for several ordinary notifications to one person. */
#include "core/compose_digest.h"

#include <string.h>

#include "core/compose_examine.h"
#include "core/compose_private.h"
#include "core/gather.h"

enum digest_part { DIGEST_SUBJECT, DIGEST_OPENING, DIGEST_CLOSING, DIGEST_BRIEF, DIGEST_PARTS };

struct filling {
    const struct digest *of;
    enum digest_part part;
};

static bool board_value(const struct filling *self, struct text *value)
{
    text_add(value, self->of->board);
    return self->of->board[0] != '\0';
}

static bool count_value(const struct filling *self, struct text *value)
{
    text_addf(value, "%zu", self->of->count);
    return true;
}

static bool one_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->count == 1;
}

static bool first_value(const struct filling *self, struct text *value)
{
    text_add(value, self->of->count > 0 ? self->of->entries[0].reference : "");
    return self->of->count > 0;
}

/* All of them, where a text message has room: elsewhere the list was sent already. */
static bool references_value(const struct filling *self, struct text *value)
{
    size_t size = 0;

    for (size_t i = 0; i < self->of->count; i++)
        size += strlen(self->of->entries[i].reference) + 2;
    if (size > gather_room(ROUTE_NOTIFY_TEXT))
        return false;
    for (size_t i = 0; i < self->of->count; i++)
        text_addf(value, "%s%s", i > 0 ? ", " : "", self->of->entries[i].reference);
    return self->of->count > 0;
}

static bool part_value(const struct filling *self, struct text *value)
{
    text_addf(value, "%u", self->of->part);
    return true;
}

/* A value only where there are several, so that {{#parts}} says so. */
static bool parts_value(const struct filling *self, struct text *value)
{
    text_addf(value, "%u", self->of->parts);
    return self->of->parts > 1;
}

static bool stand_in_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->stand_in;
}

static bool operator_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->operator;
}

static bool other_way_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->is_other_way;
}

static bool links_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->links == DIGEST_LINKS_LISTED;
}

static bool links_left_out_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->links == DIGEST_LINKS_LEFT_OUT;
}

static bool is_overtaken(const struct digest *digest)
{
    for (size_t i = 0; i < digest->count; i++)
        if (digest->entries[i].since && *digest->entries[i].since)
            return true;
    return false;
}

static bool overtaken_value(const struct filling *self, struct text *value)
{
    (void)value;
    return !self->of->since_left_out && is_overtaken(self->of);
}

static bool overtaken_left_out_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->since_left_out && is_overtaken(self->of);
}

static bool calendar_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->of->has_calendar;
}

static bool calendar_left_out_value(const struct filling *self, struct text *value)
{
    text_addf(value, "%zu", self->of->calendar_left_out);
    return self->of->calendar_left_out > 0;
}

static bool notification_value(const struct filling *self, struct text *value)
{
    text_add(value, self->of->notification);
    return self->of->notification[0] != '\0';
}

static bool subject_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->part == DIGEST_SUBJECT;
}

static bool opening_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->part == DIGEST_OPENING;
}

static bool closing_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->part == DIGEST_CLOSING;
}

static bool brief_value(const struct filling *self, struct text *value)
{
    (void)value;
    return self->part == DIGEST_BRIEF;
}

enum { VALUE = TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION, FLAG = TEMPLATE_AS_SECTION };

static const struct {
    struct template_field field;
    bool (*value)(const struct filling *, struct text *);
} all[] = {
    { { "board", VALUE }, board_value },
    { { "count", VALUE }, count_value },
    { { "one", FLAG }, one_value },
    { { "first", VALUE }, first_value },
    { { "references", VALUE }, references_value },
    { { "part", VALUE }, part_value },
    { { "parts", VALUE }, parts_value },
    { { "stand_in", FLAG }, stand_in_value },
    { { "operator", FLAG }, operator_value },
    { { "other_way", FLAG }, other_way_value },
    { { "links", FLAG }, links_value },
    { { "links_left_out", FLAG }, links_left_out_value },
    { { "overtaken", FLAG }, overtaken_value },
    { { "overtaken_left_out", FLAG }, overtaken_left_out_value },
    { { "calendar", FLAG }, calendar_value },
    { { "calendar_left_out", VALUE }, calendar_left_out_value },
    { { "notification", VALUE }, notification_value },
    { { "subject", FLAG }, subject_value },
    { { "opening", FLAG }, opening_value },
    { { "closing", FLAG }, closing_value },
    { { "brief", FLAG }, brief_value },
};

struct fields {
    struct template_field list[COUNT_OF(all)];
};

static struct fields all_fields(void)
{
    struct fields fields;

    for (size_t i = 0; i < COUNT_OF(all); i++)
        fields.list[i] = all[i].field;
    return fields;
}

static bool value_of(void *context, size_t field, struct text *value)
{
    return all[field].value(context, value);
}

static bool item_of(void *context, size_t field, size_t item)
{
    (void)context;
    (void)field;
    (void)item;
    return false;
}

const char *compose_digest_field(size_t index)
{
    return index < COUNT_OF(all) ? all[index].field.name : NULL;
}

int compose_digest_check(const struct template_text *text, struct template_fault *fault)
{
    static const char *const parts[] = { "{{#subject}}", "{{#opening}}", "{{#brief}}" };
    struct fields fields = all_fields();
    int answer = template_examine(text->text, fields.list, COUNT_OF(all), fault);

    for (size_t i = 0; answer == TEMPLATE_OK && i < COUNT_OF(parts); i++) {
        if (strstr(text->text, parts[i]))
            continue;
        *fault = (struct template_fault){ .line = 1,
                                          .column = 1,
                                          .why = "a text without one of its parts (write "
                                                 "{{#subject}}, {{#opening}} and {{#brief}}, and "
                                                 "{{#closing}} where there is more to say)" };
        answer = TEMPLATE_FAULT;
    }
    return answer;
}

/* What stands for a template that is missing, which the loader would have refused. */
static const char builtin[] =
    "{{#subject}}{{count}} notifications of {{board}}{{#parts}} ({{part}}/{{parts}}){{/parts}}"
    "{{/subject}}{{#opening}}{{count}} notifications of {{board}}:{{/opening}}"
    "{{#brief}}{{count}} notifications of {{board}}: "
    "{{#references}}{{references}}{{/references}}{{^references}}see your "
    "mail{{/references}}.{{/brief}}";

static const struct template_text last_resort = { .id = TEMPLATE_DIGEST,
                                                  .file = "",
                                                  .text = builtin };

const char *compose_digest_language(const struct digest *digest)
{
    const struct template_text *template =
        templates_find(digest->templates, digest->language, TEMPLATE_DIGEST);

    return template && template->language ? template->language : LANGUAGE_DEFAULT;
}

/* --- writing */

/* Answers the template it was made of. */
static const struct template_text *fill(const struct digest *digest, enum digest_part part,
                                        struct template_trace *trace, struct text *result)
{
    const struct template_text *template =
        templates_find(digest->templates, digest->language, TEMPLATE_DIGEST);
    struct filling filling = { .of = digest, .part = part };
    struct fields fields = all_fields();
    struct template_source source = { .fields = fields.list,
                                      .field_count = COUNT_OF(all),
                                      .context = &filling,
                                      .value = value_of,
                                      .item = item_of,
                                      .trace = trace };

    template = template ? template : &last_resort;
    template_fill(template->text, &source, result);
    return template;
}

static bool add_part(const struct digest *digest, enum digest_part part, struct text *body)
{
    char buffer[TEMPLATE_VALUE_MAX];
    struct text raw = text_over(buffer, sizeof buffer);

    fill(digest, part, NULL, &raw);
    if (buffer[strspn(buffer, " \t\r\n")])
        template_wrap(buffer, LINE_WIDTH, body);
    return !text_was_cut(&raw);
}

static void add_reference(const struct digest_entry *entry, bool since_left_out, struct text *body)
{
    char buffer[TEMPLATE_VALUE_MAX];
    struct text item = text_over(buffer, sizeof buffer);

    if (since_left_out || !entry->since || !*entry->since) {
        text_addf(body, "- %s\n", entry->reference);
        return;
    }
    text_addf(&item, "- %s (%s)\n", entry->reference, entry->since);
    template_wrap(buffer, LINE_WIDTH, body);
}

/* What happened, once, and below it every reference it happened in.  A link stands in a line of its
 * own, which is its item's. */
static void add_list(const struct digest *digest, struct text *body)
{
    bool has_links = digest->links == DIGEST_LINKS_LISTED;
    const char *before = NULL;

    for (size_t i = 0; i < digest->count; i++) {
        const struct digest_entry *entry = &digest->entries[i];

        if (!before || strcmp(before, entry->gist) != 0) {
            text_add(body, "\n");
            template_wrap(entry->gist, LINE_WIDTH, body);
        }
        add_reference(entry, digest->since_left_out, body);
        if (has_links && entry->link && *entry->link)
            text_addf(body, "  %s\n", entry->link);
        before = entry->gist;
    }
}

int compose_digest(const struct digest *digest, bool brief, char subject[SUBJECT_SIZE], char *body,
                   size_t size)
{
    struct text line = text_over(subject, SUBJECT_SIZE), text = text_over(body, size);
    char buffer[TEMPLATE_VALUE_MAX];
    struct text raw = text_over(buffer, sizeof buffer);
    bool whole;

    fill(digest, DIGEST_SUBJECT, NULL, &raw);
    whole = !text_was_cut(&raw);
    compose_add_line(buffer, &line);
    if (brief) {
        whole = add_part(digest, DIGEST_BRIEF, &text) && whole;
    } else {
        whole = add_part(digest, DIGEST_OPENING, &text) && whole;
        add_list(digest, &text);
        text_add(&text, "\n");
        whole = add_part(digest, DIGEST_CLOSING, &text) && whole;
    }
    return whole && !text_was_cut(&line) && !text_was_cut(&text) ? TEMPLATE_OK : TEMPLATE_CUT;
}

/* --- every shape of it */

static int examine_part(const struct digest *digest, enum digest_part part,
                        struct compose_fault *fault)
{
    char buffer[TEMPLATE_VALUE_MAX];
    struct text raw = text_over(buffer, sizeof buffer);
    struct template_trace trace = { .count = 0 };
    const struct template_text *template = fill(digest, part, &trace, &raw);

    /* Nobody need write a closing. */
    if (part == DIGEST_CLOSING && !buffer[strspn(buffer, " \t\r\n")])
        return TEMPLATE_OK;
    return compose_proof(template, buffer, &trace, fault);
}

int compose_digest_examine(const struct templates *templates, const char *language,
                           struct compose_fault *fault)
{
    static const char link[] = "https://board.example/acknowledge/INVENTED";
    int answer = TEMPLATE_OK;

    for (unsigned shape = 0; shape < 32 * 3 * 3 && answer == TEMPLATE_OK; shape++) {
        const char *since = shape / 96 ? "withdrawn since" : NULL;
        const struct digest_entry entries[] = {
            { "D-2027-0001", "Stage 2 begins.", link, since },
            { "D-2027-0002", "Stage 2 begins.", link, since },
        };
        struct digest digest = {
            .board = "Northtown Safeguarding Board",
            .entries = entries,
            .count = shape & 1 ? COUNT_OF(entries) : 1,
            .part = shape & 2 ? 2 : 1,
            .parts = shape & 2 ? 3 : 1,
            .notification = "01K0INVENTED",
            .stand_in = shape & 4,
            .operator= shape & 8,
            .is_other_way = shape & 16,
            .links = (enum digest_links)(shape / 32 % 3),
            .since_left_out = shape / 96 == 2,
            .has_calendar = shape & 1,
            .calendar_left_out = shape & 2 ? 12 : 0,
            .templates = templates,
            .language = language,
        };

        for (int part = 0; part < DIGEST_PARTS && answer == TEMPLATE_OK; part++)
            answer = examine_part(&digest, (enum digest_part)part, fault);
    }
    return answer;
}
