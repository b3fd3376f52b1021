/* template_wrap.c - breaks a filled template into lines of mail. */
#include <string.h>

#include "core/plain.h"
#include "core/template.h"

/* The line that is being written. */
struct wrapping {
    struct text *result;
    unsigned width;
    unsigned column; /* characters on the line so far */
    unsigned hang;   /* blanks before each further line of this paragraph */
    unsigned owed;   /* blanks before the next word */
    bool has_word;   /* the line holds more than its indent */
    bool between;    /* an empty line is owed before the next paragraph */
};

static void add_line(struct wrapping *self, const char *line, size_t length);

void template_wrap(const char *raw, unsigned width, struct text *result)
{
    struct wrapping self = { .result = result, .width = width };

    for (const char *line = raw; *line;) {
        size_t length = strcspn(line, "\n");

        add_line(&self, line, length);
        line += length + (line[length] == '\n');
    }
    if (self.column > 0)
        text_add(result, "\n");
}

static void end_line(struct wrapping *self)
{
    if (self->column > 0)
        text_add(self->result, "\n");
    self->column = 0;
    self->owed = 0;
    self->has_word = false;
}

static void add_blanks(struct wrapping *self, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        text_add(self->result, " ");
    self->column += count;
}

/* The length of what stands at `at`, and whether it is shown; what is not is at best unreadable. */
static size_t step_over(const char *at, size_t left, bool *shown)
{
    uint32_t character;
    size_t length = plain_character(at, left, &character);

    *shown = length > 0 && plain_is_shown(character);
    return length > 0 ? length : 1;
}

static unsigned characters_in(const char *word, size_t length)
{
    unsigned count = 0;

    for (size_t i = 0; i < length;) {
        bool shown;

        i += step_over(word + i, length - i, &shown);
        count += shown;
    }
    return count;
}

/* `needs`: characters that must stand on the same line, the word's own among them. */
static void add_word(struct wrapping *self, const char *word, size_t length, unsigned needs)
{
    unsigned count = characters_in(word, length);

    if (count == 0)
        return;
    if (self->has_word && self->column + self->owed + needs > self->width) {
        end_line(self);
        add_blanks(self, self->hang);
    } else {
        add_blanks(self, self->owed);
    }
    self->owed = 0;
    for (size_t i = 0, step; i < length; i += step) {
        bool shown;

        step = step_over(word + i, length - i, &shown);
        if (shown)
            text_add_bytes(self->result, word + i, step);
    }
    self->column += count;
    self->has_word = true;
}

/* A dash stays behind its word: at the beginning of a line it would be read as an item's. */
static bool begins_with_dash(const char *rest, size_t length)
{
    size_t blanks = 0;

    while (blanks < length && strchr(" \t\r", rest[blanks]))
        blanks++;
    return blanks < length && rest[blanks] == '-' &&
           (blanks + 1 == length || strchr(" \t\r", rest[blanks + 1]));
}

/* Adds the words of a line; `kept`: the blanks between them stay as many as they are. */
static void add_words(struct wrapping *self, const char *line, size_t length, bool kept)
{
    size_t i = 0;

    while (i < length) {
        size_t blanks = 0, word = 0;
        unsigned needs;

        while (i + blanks < length && strchr(" \t\r", line[i + blanks]))
            blanks++;
        i += blanks;
        while (i + word < length && !strchr(" \t\r", line[i + word]))
            word++;
        if (blanks > 0 && self->has_word)
            self->owed = kept ? (unsigned)blanks : 1;
        needs = characters_in(line + i, word);
        if (begins_with_dash(line + i + word, length - i - word))
            needs += 2;
        add_word(self, line + i, word, needs);
        i += word;
    }
}

static bool is_empty(const char *line, size_t length)
{
    return characters_in(line, length) == 0 || strspn(line, " \t\r") >= length;
}

static void add_line(struct wrapping *self, const char *line, size_t length)
{
    size_t indent = strspn(line, " ");
    bool item = length > 2 && line[0] == '-' && line[1] == ' ';

    if (is_empty(line, length)) {
        end_line(self);
        self->hang = 0;
        self->between = self->result->used > 0;
        return;
    }
    if (indent > 0 || item)
        end_line(self);
    else if (self->column > 0)
        self->owed = 1;
    if (self->column == 0) {
        if (self->between)
            text_add(self->result, "\n");
        self->between = false;
        self->hang = 0;
        if (indent > self->width / 2)
            indent = self->width / 2;
        add_blanks(self, (unsigned)indent);
        self->hang = item ? 2 : (unsigned)indent;
    }
    add_words(self, line, length, indent > 0);
}
