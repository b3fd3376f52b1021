/* json_cut.c - finds objects by their braces; an object longer than an event is none. */
#include "spool/json_cut.h"

#include "protocol/wire.h"

#include <string.h>

/* Longer than an event may be, so that this is found out and told. */
enum { VALUE_MAX = WIRE_BODY_MAX + 1 };

#define SKIPPED "; nothing up to the next line that begins with a brace is read"

static void skip_blank(struct json_cut *cut);
static bool take(struct json_cut *cut, char letter);
static enum json_cut_answer cut_object(struct json_cut *cut, struct json_piece *piece);
static enum json_cut_answer refuse_value(struct json_cut *cut, struct json_piece *piece);
static size_t value_length(const char *at, const char *end);
static enum json_cut_answer refuse(struct json_piece *piece, const char *code, const char *fault);
static void skip_lines(struct json_cut *cut);

struct json_cut json_cut_over(const char *bytes, size_t size)
{
    struct json_cut cut = {
        .at = bytes, .end = bytes + size, .counted = bytes, .line = 1, .column = 1
    };

    skip_blank(&cut);
    cut.list = take(&cut, '[');
    return cut;
}

enum json_cut_answer json_cut_next(struct json_cut *cut, struct json_piece *piece)
{
    bool ended;

    *piece = (struct json_piece){ 0 };
    skip_blank(cut);
    ended = cut->list && take(cut, ']');
    if (ended) {
        cut->list = false;
        skip_blank(cut);
    }
    json_cut_place(cut, cut->at, &piece->line, &piece->column);
    if (cut->at == cut->end && cut->list) {
        cut->list = false;
        return refuse(piece, WIRE_CODE_JSON,
                      "the list is not closed: the file may have been cut off (a bracket)");
    }
    if (cut->at == cut->end)
        return JSON_CUT_END;
    if (ended) {
        skip_lines(cut);
        return refuse(piece, WIRE_CODE_JSON,
                      "something behind the end of the list (one list)" SKIPPED);
    }
    return *cut->at == '{' ? cut_object(cut, piece) : refuse_value(cut, piece);
}

static enum json_cut_answer cut_object(struct json_cut *cut, struct json_piece *piece)
{
    size_t length = value_length(cut->at, cut->end);

    if (length > 0 && length < VALUE_MAX) {
        piece->bytes = cut->at;
        piece->size = length;
        cut->at += length;
        return JSON_CUT_OBJECT;
    }
    skip_lines(cut);
    if (length)
        return refuse(piece, WIRE_CODE_TOO_LARGE,
                      "longer than an event may be (65,536 bytes)" SKIPPED);
    return refuse(piece, WIRE_CODE_JSON,
                  "the object is not closed: the file may have been cut off (a brace)" SKIPPED);
}

/* In a list the next value may stand on the same line. */
static enum json_cut_answer refuse_value(struct json_cut *cut, struct json_piece *piece)
{
    size_t length = cut->list ? value_length(cut->at, cut->end) : 0;

    if (length > 0 && length < VALUE_MAX) {
        cut->at += length;
        return refuse(piece, WIRE_CODE_JSON, "not a JSON object (a CloudEvent)");
    }
    skip_lines(cut);
    return refuse(
        piece, WIRE_CODE_JSON,
        "not a JSON object (a CloudEvent per line, one document, or a list of them)" SKIPPED);
}

/* Of an object, up to its brace; of another value in a list, up to the comma or bracket behind
 * it.  0: there is no end; VALUE_MAX: not within that. */
static size_t value_length(const char *at, const char *end)
{
    bool object = *at == '{', in_text = false;
    size_t depth = 0, i;

    for (i = 0; i < (size_t)(end - at) && i < VALUE_MAX; i++) {
        if (in_text && at[i] == '\\')
            i++;
        else if (at[i] == '"')
            in_text = !in_text;
        else if (in_text)
            continue;
        else if (!object && depth == 0 && (at[i] == ',' || at[i] == ']'))
            return i > 0 ? i : 1;
        else if (at[i] == '{' || at[i] == '[')
            depth++;
        else if ((at[i] == '}' || at[i] == ']') && depth > 0 && --depth == 0 && object)
            return i + 1;
    }
    return i < VALUE_MAX ? 0 : VALUE_MAX;
}

static enum json_cut_answer refuse(struct json_piece *piece, const char *code, const char *fault)
{
    piece->code = code;
    piece->fault = fault;
    return JSON_CUT_FAULT;
}

void json_cut_retry(struct json_cut *cut, const struct json_piece *piece)
{
    const char *behind = cut->at;

    cut->at = piece->bytes;
    skip_lines(cut);
    if (cut->at > behind)
        cut->at = behind;
    cut->counted = piece->bytes;
    cut->line = piece->line;
    cut->column = piece->column;
}

/* To the next line that begins with a brace. */
static void skip_lines(struct json_cut *cut)
{
    do {
        const char *newline = memchr(cut->at, '\n', (size_t)(cut->end - cut->at));

        cut->at = newline ? newline + 1 : cut->end;
    } while (cut->at < cut->end && *cut->at != '{');
}

/* Between objects; in a list the commas too. */
static void skip_blank(struct json_cut *cut)
{
    const char *blank = cut->list ? " \t\r\n," : " \t\r\n";

    while (cut->at < cut->end && *cut->at && strchr(blank, *cut->at))
        cut->at++;
}

static bool take(struct json_cut *cut, char letter)
{
    if (cut->at == cut->end || *cut->at != letter)
        return false;
    cut->at++;
    return true;
}

void json_cut_place(struct json_cut *cut, const char *at, unsigned long *line, unsigned *column)
{
    for (; cut->counted < at; cut->counted++) {
        if (*cut->counted == '\n') {
            cut->line++;
            cut->column = 1;
        } else if (((unsigned char)*cut->counted & 0xc0) != 0x80) {
            cut->column++;
        }
    }
    *line = cut->line;
    *column = cut->column;
}
