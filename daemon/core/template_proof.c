/* template_proof.c - looks a filled text over, as a proofreader would. */
#include <string.h>

#include "core/template.h"

enum { AROUND = 24 }; /* bytes shown on either side of a finding */

/* The text as it will be wrapped, character by character. */
struct proof_reader {
    const char *text;
    const struct template_trace *trace;
    unsigned width;
    struct template_proof *proof;
    char before;      /* the character before: ' ' between words, '\n' between paragraphs */
    size_t before_at; /* where it stands */
    unsigned letters; /* of the word so far */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static size_t mark_of(const struct template_trace *trace, size_t at)
{
    size_t found = 0;

    for (size_t i = 0; i < trace->count && trace->marks[i].at <= at; i++)
        found = i;
    return found;
}

unsigned template_line(const char *template, const struct template_trace *trace, size_t at)
{
    const struct template_mark *mark;
    const char *from;
    unsigned line = 1;

    if (trace->count == 0)
        return 1;
    mark = &trace->marks[mark_of(trace, at)];
    from = mark->is_value || at < mark->at ? mark->from : mark->from + (at - mark->at);
    for (const char *c = template; c < from && *c; c++)
        line += *c == '\n';
    return line;
}

/* What one value has within itself was written by nobody who words templates. */
static bool is_of_one_value(const struct proof_reader *self, size_t one, size_t other)
{
    size_t mark = mark_of(self->trace, one);

    return self->trace->count > 0 && self->trace->marks[mark].is_value &&
           mark == mark_of(self->trace, other);
}

/* Some words on either side, in one line, without half a character at its ends. */
static void add_around(const struct proof_reader *self, size_t at, struct text *why)
{
    size_t length = strlen(self->text), from = at > AROUND ? at - AROUND : 0;
    size_t to = at + AROUND < length ? at + AROUND : length;
    bool owed = false;

    while (from < at && ((unsigned char)self->text[from] & 0xc0) == 0x80)
        from++;
    while (to > at && ((unsigned char)self->text[to] & 0xc0) == 0x80)
        to--;
    for (size_t i = from; i < to; i++) {
        bool blank = (unsigned char)self->text[i] <= ' ';

        if (!blank && owed)
            text_add(why, " ");
        if (!blank)
            text_add_bytes(why, &self->text[i], 1);
        owed = blank;
    }
}

static int find(struct proof_reader *self, size_t at, const char *what)
{
    struct text why = text_over(self->proof->why, sizeof self->proof->why);

    self->proof->at = at;
    text_addf(&why, "%s in \"...", what);
    add_around(self, at, &why);
    text_add(&why, "...\"");
    return TEMPLATE_FAULT;
}

/* What is wrong with two characters beside each other; NULL if nothing.  Called for every letter.
 */
static const char *wrong_pair(char before, char c)
{
    switch (c) {
    case '.':
    case ',':
        if (before == ',' || before == '.')
            return before == '.' && c == ',' ? NULL : "two marks beside each other"; /* "etc.," */
        /* fall through */
    case ')':
        if (before == ' ')
            return "a blank before a mark";
        if (before == '(')
            return "an empty bracket";
        /* fall through */
    case ';':
    case ':':
        if (before == '\n')
            return "a paragraph that begins with a mark";
        return before == ';' || before == ':' ? "two marks beside each other" : NULL;
    case ' ':
        return before == '(' ? "a blank in a bracket" : NULL;
    case '"':
        return before == '"' ? "nothing between quotation marks" : NULL;
    case '{':
    case '}':
        return before == c ? "a tag left over" : NULL;
    default:
        return NULL;
    }
}

/* Three points are one mark, which may stand alone. */
static bool is_ellipsis(const char *text, size_t at)
{
    size_t first = at;

    while (first > 0 && text[first - 1] == '.' && text[at] == '.')
        first--;
    return strncmp(text + first, "...", 3) == 0 && text[first + 3] != '.';
}

static int read_character(struct proof_reader *self, char c, size_t at)
{
    const char *what = self->before ? wrong_pair(self->before, c) : NULL;

    if (what && !is_of_one_value(self, self->before_at, at) && !is_ellipsis(self->text, at))
        return find(self, at, what);
    self->letters = c == ' ' || c == '\n' ? 0 : self->letters + (((unsigned char)c & 0xc0) != 0x80);
    if (self->letters > self->width && !is_of_one_value(self, at - 1, at))
        return find(self, at, "a word longer than a line");
    self->before = c;
    self->before_at = at;
    return TEMPLATE_OK;
}

static void end_paragraph(struct proof_reader *self, size_t at)
{
    if (self->before)
        self->before = '\n';
    self->before_at = at;
    self->letters = 0;
}

/* One line; `kept`: the blanks between its words are seen. */
static int read_line(struct proof_reader *self, const char *line, size_t length, bool kept)
{
    size_t start = (size_t)(line - self->text), i = strspn(line, " \t\r");
    int answer = TEMPLATE_OK;

    for (bool first = true; i < length && answer == TEMPLATE_OK; first = false) {
        size_t blanks = 0;

        while (i + blanks < length && is_blank(line[i + blanks]))
            blanks++;
        if (i + blanks == length)
            break;
        if (kept && !first && blanks > 1 && !is_of_one_value(self, start + i, start + i + 1))
            return find(self, start + i, "two blanks in a line that is kept");
        if (blanks > 0 || (first && self->before && self->before != '\n'))
            answer = read_character(self, ' ', start + i);
        i += blanks;
        if (answer == TEMPLATE_OK)
            answer = read_character(self, line[i], start + i);
        i++;
    }
    return answer;
}

int template_proof(const char *filled, const struct template_trace *trace, unsigned width,
                   struct template_proof *proof)
{
    struct proof_reader self = { .text = filled, .trace = trace, .width = width, .proof = proof };
    int answer = TEMPLATE_OK;
    bool empty = false;

    for (const char *line = filled; *line && answer == TEMPLATE_OK;) {
        size_t length = strcspn(line, "\n");
        bool item = length > 2 && line[0] == '-' && line[1] == ' ', kept = line[0] == ' ';

        if (strspn(line, " \t\r") >= length) {
            empty = true;
        } else {
            if (empty || item || kept)
                end_paragraph(&self, (size_t)(line - filled));
            answer = read_line(&self, line, length, kept);
            empty = false;
        }
        line += length + (line[length] == '\n');
    }
    return answer;
}
