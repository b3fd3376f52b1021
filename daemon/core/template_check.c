/* template_check.c - finds what is wrong with a template before anybody is to be told. */
#include <string.h>

#include "core/plain.h"
#include "core/template_private.h"

/* What examining keeps: the sections that are open, and the first fault. */
struct examining {
    const char *template;
    const struct template_field *fields;
    size_t field_count;
    struct template_fault *fault;
    struct token open[TEMPLATE_NESTING_MAX];
    unsigned depth;
};

static int examine_tag(struct examining *self, const struct token *token);
static const char *find_no_text(const char *at, size_t length);
static const char *nearest(const struct examining *self, const struct token *token);

/* Writes where the fault is; `why` is already written. */
static int fault_at(struct examining *self, const char *at)
{
    struct template_fault *fault = self->fault;

    fault->line = fault->column = 1;
    for (const char *c = self->template; c < at; c++) {
        if (*c == '\n') {
            fault->line++;
            fault->column = 1;
        } else if (((unsigned char)*c & 0xc0) != 0x80) {
            fault->column++;
        }
    }
    return TEMPLATE_FAULT;
}

/* The tag's own first byte: its token may begin with the blanks before it. */
static const char *tag_of(const struct token *token)
{
    return template_tag(token->at);
}

static int examine_text(struct examining *self, const struct token *token)
{
    const char *wrong = find_no_text(token->at, token->length);
    struct text why = text_over(self->fault->why, sizeof self->fault->why);

    if (!wrong)
        return TEMPLATE_OK;
    text_add(&why, "a byte that is no plain text (UTF-8 without control characters)");
    return fault_at(self, wrong);
}

int template_examine(const char *template, const struct template_field *fields, size_t field_count,
                     struct template_fault *fault)
{
    struct examining self = {
        .template = template, .fields = fields, .field_count = field_count, .fault = fault
    };
    struct text why = text_over(fault->why, sizeof fault->why);

    for (const char *at = template;;) {
        struct token token = template_token(template, at);
        int answer = TEMPLATE_OK;

        if (token.kind == TOKEN_END)
            break;
        if (token.kind == TOKEN_TEXT)
            answer = examine_text(&self, &token);
        else if (token.kind != TOKEN_REMARK)
            answer = examine_tag(&self, &token);
        if (answer != TEMPLATE_OK)
            return answer;
        at = token.next;
    }
    if (self.depth == 0)
        return TEMPLATE_OK;
    text_addf(&why, "{{#%.*s}} is never closed (add {{/%.*s}})",
              (int)self.open[self.depth - 1].name_length, self.open[self.depth - 1].name,
              (int)self.open[self.depth - 1].name_length, self.open[self.depth - 1].name);
    return fault_at(&self, tag_of(&self.open[self.depth - 1]));
}

static bool is_one_of(const struct token *token, const char *const *sections, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(sections[i]) == token->name_length &&
            !memcmp(sections[i], token->name, token->name_length))
            return true;
    return false;
}

static bool has_words(const struct token *token)
{
    size_t blanks = token->kind == TOKEN_TEXT ? strspn(token->at, " \t\r\n") : 0;

    return token->kind == TOKEN_VALUE || (token->kind == TOKEN_TEXT && blanks < token->length);
}

int template_examine_outside(const char *template, const char *const *sections, size_t count,
                             struct template_fault *fault)
{
    struct examining self = { .template = template, .fault = fault };
    struct text why = text_over(fault->why, sizeof fault->why);
    unsigned within = 0, depth = 0; /* `within`: the depth of the section we are in; 0: none */

    for (const char *at = template;;) {
        struct token token = template_token(template, at);

        if (token.kind == TOKEN_END)
            return TEMPLATE_OK;
        if (token.kind == TOKEN_OPEN || token.kind == TOKEN_OPEN_NOT) {
            depth++;
            if (!within && token.kind == TOKEN_OPEN && is_one_of(&token, sections, count))
                within = depth;
        } else if (token.kind == TOKEN_CLOSE) {
            within = within == depth ? 0 : within;
            depth--;
        } else if (!within && has_words(&token)) {
            text_add(&why, "words outside of");
            for (size_t i = 0; i < count; i++)
                text_addf(&why, "%s {{#%s}}",
                          i == 0          ? ""
                          : i + 1 < count ? ","
                                          : " and",
                          sections[i]);
            text_add(&why, " (put them into one of these)");
            return fault_at(
                &self, token.at + (token.kind == TOKEN_TEXT ? strspn(token.at, " \t\r\n") : 0));
        }
        at = token.next;
    }
}

static bool same_name(const struct token *one, const struct token *other)
{
    return one->name_length == other->name_length &&
           !memcmp(one->name, other->name, one->name_length);
}

static int examine_close(struct examining *self, const struct token *token, struct text *why)
{
    const struct token *open = self->depth > 0 ? &self->open[self->depth - 1] : NULL;

    if (open && same_name(open, token)) {
        self->depth--;
        return TEMPLATE_OK;
    }
    text_addf(why, "{{/%.*s}} closes nothing", (int)token->name_length, token->name);
    if (open)
        text_addf(why, " ({{/%.*s}} comes first)", (int)open->name_length, open->name);
    return fault_at(self, tag_of(token));
}

static bool is_within(const struct examining *self, const struct token *token)
{
    for (unsigned i = 0; i < self->depth; i++)
        if (self->open[i].kind == TOKEN_OPEN && same_name(&self->open[i], token))
            return true;
    return false;
}

static int examine_open(struct examining *self, const struct token *token, unsigned uses,
                        struct text *why)
{
    if (!(uses & TEMPLATE_AS_SECTION))
        text_addf(why, "\"%.*s\" makes no section here (write {{%.*s}})", (int)token->name_length,
                  token->name, (int)token->name_length, token->name);
    else if (self->depth == TEMPLATE_NESTING_MAX)
        text_addf(why, "a section too deep in others (at most %d)", TEMPLATE_NESTING_MAX);
    else if ((uses & TEMPLATE_LIST) && token->kind == TOKEN_OPEN && is_within(self, token))
        text_addf(why, "the list \"%.*s\" within itself", (int)token->name_length, token->name);
    else {
        self->open[self->depth++] = *token;
        return TEMPLATE_OK;
    }
    return fault_at(self, tag_of(token));
}

static int examine_tag(struct examining *self, const struct token *token)
{
    size_t field = template_field_of(self->fields, self->field_count, token);
    struct text why = text_over(self->fault->why, sizeof self->fault->why);
    unsigned uses;

    if (token->kind == TOKEN_BROKEN) {
        text_add(&why, "\"{{\" without a name and \"}}\" on its line (write {{name}})");
        return fault_at(self, tag_of(token));
    }
    if (token->kind == TOKEN_CLOSE)
        return examine_close(self, token, &why);
    uses = field < self->field_count ? self->fields[field].uses : 0;
    if (uses == 0) {
        text_addf(&why, "no field \"%.*s\" here (nearest: \"%s\")",
                  token->name_length > 60 ? 60 : (int)token->name_length, token->name,
                  nearest(self, token));
        return fault_at(self, tag_of(token));
    }
    if (token->kind != TOKEN_VALUE)
        return examine_open(self, token, uses, &why);
    if (uses & TEMPLATE_AS_VALUE)
        return TEMPLATE_OK;
    text_addf(&why, "\"%.*s\" has no words of its own (write {{#%.*s}} ... {{/%.*s}})",
              (int)token->name_length, token->name, (int)token->name_length, token->name,
              (int)token->name_length, token->name);
    return fault_at(self, tag_of(token));
}

/* How many letters must be put in, left out or exchanged to make one word of the other. */
static size_t distance(const char *one, size_t one_length, const char *other)
{
    size_t row[ID_MAX + 1], length = strlen(other);

    if (length > ID_MAX)
        length = ID_MAX;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; i <= one_length; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t least = diagonal + (one[i - 1] != other[j - 1]);

            diagonal = row[j];
            least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
            row[j] = row[j] + 1 < least ? row[j] + 1 : least;
        }
    }
    return row[length];
}

static const char *nearest(const struct examining *self, const struct token *token)
{
    size_t length = token->name_length < ID_MAX ? token->name_length : ID_MAX;
    size_t least = (size_t)-1;
    const char *word = "";

    for (size_t i = 0; i < self->field_count; i++) {
        size_t far = distance(token->name, length, self->fields[i].name);

        if (self->fields[i].uses == 0 || far >= least)
            continue;
        least = far;
        word = self->fields[i].name;
    }
    return word;
}

/* The first byte that is no plain text; NULL if all is. */
static const char *find_no_text(const char *at, size_t length)
{
    size_t step;

    for (size_t i = 0; i < length; i += step) {
        uint32_t character;

        step = plain_character(at + i, length - i, &character);
        if (step == 0 ||
            !(at[i] == '\n' || at[i] == '\t' || at[i] == '\r' || plain_is_shown(character)))
            return at + i;
    }
    return NULL;
}
