/* template.c - finds the tags of a template and fills them. */
#include <string.h>

#include "core/template_private.h"

/* What filling needs on its way down. */
struct filling {
    const struct template_source *source;
    struct text *result;
    bool in_list[TEMPLATE_FIELDS_MAX]; /* lists whose section surrounds this place */
};

static struct token read_tag(const char *tag);
static void mark(const struct filling *self, const char *from, bool is_value);
static const char *fill(struct filling *self, const char *template, const char *at, unsigned depth);

void template_fill(const char *template, const struct template_source *source, struct text *result)
{
    struct filling self = { .source = source, .result = result };
    const char *at = template;

    /* A close that closes nothing ends a pass; the next one goes on behind it. */
    while (*at)
        at = fill(&self, template, at, 0);
}

size_t template_field_of(const struct template_field *fields, size_t count,
                         const struct token *token)
{
    for (size_t i = 0; i < count && token->name_length > 0; i++)
        if (fields[i].name[0] == token->name[0] &&
            !strncmp(fields[i].name, token->name, token->name_length) &&
            !fields[i].name[token->name_length])
            return i;
    return count;
}

/* strchr reads no further than the brace; strstr may read to the end, at each tag once more. */
const char *template_tag(const char *at)
{
    while ((at = strchr(at, '{')) && at[1] != '{')
        at++;
    return at;
}

/* The place behind the close of the section whose inside begins at `at`.  Only tags are looked
 * at: most sections of a mail are not shown. */
static const char *skip(const char *template, const char *at)
{
    unsigned open = 1;
    const char *tag;

    while ((tag = template_tag(at))) {
        struct token token = read_tag(tag);

        if (token.kind == TOKEN_OPEN || token.kind == TOKEN_OPEN_NOT)
            open++;
        if (token.kind == TOKEN_CLOSE && --open == 0)
            return template_token(template, tag).next;
        at = token.next;
    }
    return at + strlen(at);
}

/* A value is one line: a line's end within it would let it look like the template's own words. */
static void add_value(struct text *result, const char *value, bool lines)
{
    while (*value) {
        size_t length = 0;

        while ((unsigned char)value[length] >= ' ' || (lines && value[length] == '\n'))
            length++;
        text_add_bytes(result, value, length);
        value += length;
        if (*value) {
            text_add(result, " ");
            value++;
        }
    }
}

/* What is added next comes from there. */
static void mark(const struct filling *self, const char *from, bool is_value)
{
    struct template_trace *trace = self->source->trace;

    if (trace && trace->count < TEMPLATE_MARKS_MAX)
        trace->marks[trace->count++] = (struct template_mark){ self->result->used, from, is_value };
}

static bool has_value(struct filling *self, size_t field, bool add)
{
    char buffer[TEMPLATE_VALUE_MAX + 1];
    struct text value = text_over(buffer, sizeof buffer);

    if (!self->source->value(self->source->context, field, &value))
        return false;
    if (add)
        add_value(self->result, buffer, self->source->fields[field].uses & TEMPLATE_LINES);
    return true;
}

static const char *fill_list(struct filling *self, const char *template, const char *inside,
                             size_t field, unsigned depth)
{
    const char *behind = NULL;

    self->in_list[field] = true;
    for (size_t i = 0; self->source->item(self->source->context, field, i); i++)
        if (!text_was_cut(self->result))
            behind = fill(self, template, inside, depth + 1);
    self->in_list[field] = false;
    return behind ? behind : skip(template, inside);
}

static const char *fill_section(struct filling *self, const char *template,
                                const struct token *open, unsigned depth)
{
    const struct template_source *source = self->source;
    size_t field = template_field_of(source->fields, source->field_count, open);
    bool shown = open->kind == TOKEN_OPEN;

    if (field == source->field_count || depth >= TEMPLATE_NESTING_MAX)
        return skip(template, open->next);
    if (shown && (source->fields[field].uses & TEMPLATE_LIST) && !self->in_list[field])
        return fill_list(self, template, open->next, field, depth);
    if (has_value(self, field, false) != shown)
        return skip(template, open->next);
    return fill(self, template, open->next, depth + 1);
}

/* Fills up to the close of the section around it, or to the end; answers where it stopped. */
static const char *fill(struct filling *self, const char *template, const char *at, unsigned depth)
{
    for (;;) {
        struct token token = template_token(template, at);
        size_t field;

        switch (token.kind) {
        case TOKEN_END:
            return token.at;
        case TOKEN_CLOSE:
            return token.next;
        case TOKEN_TEXT:
            mark(self, token.at, false);
            text_add_bytes(self->result, token.at, token.length);
            break;
        case TOKEN_VALUE:
            field = template_field_of(self->source->fields, self->source->field_count, &token);
            mark(self, token.at, true);
            if (field < self->source->field_count)
                has_value(self, field, true);
            break;
        case TOKEN_OPEN:
        case TOKEN_OPEN_NOT:
            token.next = fill_section(self, template, &token, depth);
            break;
        case TOKEN_REMARK:
        case TOKEN_BROKEN:
        default:
            break;
        }
        at = token.next;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Whether nothing else is on the line of a tag; then where that line begins and the next does. */
static bool stands_alone(const char *template, const char *tag, const char *behind,
                         const char **line, const char **next_line)
{
    const char *start = tag, *end = behind;

    while (start > template && is_blank(start[-1]))
        start--;
    while (is_blank(*end))
        end++;
    if ((start > template && start[-1] != '\n') || (*end && *end != '\n'))
        return false;
    *line = start;
    *next_line = *end ? end + 1 : end;
    return true;
}

/* The close of the tag that opens at `tag`, on its line; NULL if there is none. */
static const char *close_of(const char *tag)
{
    for (const char *c = tag + 2; *c && *c != '\n'; c++)
        if (c[0] == '}' && c[1] == '}')
            return c;
    return NULL;
}

static void read_name(struct token *token, const char *from, const char *to)
{
    while (from < to && is_blank(*from))
        from++;
    while (to > from && is_blank(to[-1]))
        to--;
    token->name = from;
    token->name_length = (size_t)(to - from);
    if (token->name_length == 0)
        token->kind = TOKEN_BROKEN;
}

static struct token read_tag(const char *tag)
{
    static const struct {
        char mark;
        enum token_kind kind;
    } marks[] = {
        { '#', TOKEN_OPEN },
        { '^', TOKEN_OPEN_NOT },
        { '/', TOKEN_CLOSE },
        { '!', TOKEN_REMARK },
    };
    struct token token = { .kind = TOKEN_BROKEN, .at = tag, .next = tag + 2 };
    const char *close = close_of(tag), *name = tag + 2;

    if (!close)
        return token;
    token.kind = TOKEN_VALUE;
    token.next = close + 2;
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (*name != marks[i].mark)
            continue;
        token.kind = marks[i].kind;
        name++;
        break;
    }
    if (token.kind != TOKEN_REMARK)
        read_name(&token, name, close);
    return token;
}

struct token template_token(const char *template, const char *at)
{
    const char *tag = template_tag(at), *line, *next_line;
    struct token token;

    if (!*at)
        return (struct token){ .kind = TOKEN_END, .at = at, .next = at };
    if (!tag) {
        size_t length = strlen(at);

        return (
            struct token){ .kind = TOKEN_TEXT, .at = at, .length = length, .next = at + length };
    }
    token = read_tag(tag);
    if (token.kind != TOKEN_VALUE && token.kind != TOKEN_BROKEN &&
        stands_alone(template, tag, token.next, &line, &next_line)) {
        tag = line > at ? line : at;
        token.next = next_line;
    }
    if (tag > at)
        return (struct token){
            .kind = TOKEN_TEXT, .at = at, .length = (size_t)(tag - at), .next = tag
        };
    return token;
}
