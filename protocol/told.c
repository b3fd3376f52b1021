/* told.c - what another system said, made fit for journals, records and people. */
#include "protocol/told.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "protocol/told_words.h"

enum {
    CODE_LENGTH = 3,
    STATUS_SIZE = 10,    /* "5.999.999" and a zero */
    COUNT_DIGITS_MAX = 4 /* of seconds, minutes, hours */
};

static const char blanks[] = " \t\r\n", digits[] = "0123456789", left_out[] = "...";

/* The next word at `*line`, which it goes past; 0 at the end. */
static size_t next_word(const char **line, const char **word)
{
    size_t length;

    *line += strspn(*line, blanks);
    *word = *line;
    length = strcspn(*line, blanks);
    *line += length;
    return length;
}

static void add_word(struct text *text, const char *word, size_t length)
{
    text_add(text, text->used > 0 ? " " : "");
    text_add_bytes(text, word, length);
}

/* --- our words, and a library's */

static bool holds(const char *word, size_t length, const char *part)
{
    size_t size = strlen(part);

    for (; length >= size; word++, length--)
        if (strncasecmp(word, part, size) == 0)
            return true;
    return false;
}

static bool is_address(const char *word, size_t length)
{
    return holds(word, length, "@") || holds(word, length, "%40") || holds(word, length, "/cn=") ||
           holds(word, length, "IMCEAEX-");
}

static bool is_host(const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)at[i]) && !strchr(".-_:*[]", at[i]))
            return false;
    return length > 0;
}

/* What stands between the quotes that `line` begins with, both counted; 0: none, or a host. */
static size_t quoted_other(const char *line)
{
    const char *end = *line == '\'' ? strchr(line + 1, '\'') : NULL;

    return end && !is_host(line + 1, (size_t)(end - line - 1)) ? (size_t)(end - line + 1) : 0;
}

void told_clean(const char *line, char *told, size_t size)
{
    struct text text = text_over(told, size);

    while (line += strspn(line, blanks), *line) {
        const char *word;
        size_t length = quoted_other(line);

        if (length > 0) {
            add_word(&text, left_out, strlen(left_out));
            line += length;
            continue;
        }
        length = next_word(&line, &word);
        if (is_address(word, length))
            add_word(&text, "(address)", strlen("(address)"));
        else
            add_word(&text, word, length);
    }
    for (char *at = told; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
}

/* --- a server's */

struct reply {
    char code[CODE_LENGTH + 1]; /* "": none */
    char status[STATUS_SIZE];   /* "": none */
    const char *words;
};

/* "550", and no more digits; 0: none. */
static size_t code_length(const char *at)
{
    return *at >= '2' && *at <= '5' && strspn(at, digits) == CODE_LENGTH ? CODE_LENGTH : 0;
}

/* "5.1.1": a class of RFC 3463, and two numbers of up to three digits; 0: none. */
static size_t status_length(const char *at)
{
    size_t length = 1;

    if (!*at || !strchr("245", *at))
        return 0;
    for (int i = 0; i < 2; i++) {
        size_t count = at[length] == '.' ? strspn(at + length + 1, digits) : 0;

        if (count < 1 || count > 3)
            return 0;
        length += 1 + count;
    }
    return at[length] == '.' ? 0 : length;
}

/* "smtp;", "X-Postfix;": says nothing. */
static const char *past_kind(const char *line)
{
    size_t length = 0;

    line += strspn(line, blanks);
    while (isalnum((unsigned char)line[length]) || line[length] == '-')
        length++;
    if (!isalpha((unsigned char)*line) || line[length] != ';')
        return line;
    return line + length + 1;
}

static struct reply read_reply(const char *line)
{
    struct reply reply = { .words = line + strspn(line, blanks) };
    size_t length = code_length(reply.words);

    if (length > 0 && (!reply.words[length] || strchr(" \t\r\n-", reply.words[length]))) {
        memcpy(reply.code, reply.words, length);
        reply.words += length + (reply.words[length] == '-');
        reply.words += strspn(reply.words, blanks);
    }
    length = status_length(reply.words);
    memcpy(reply.status, reply.words, length);
    reply.words += length;
    return reply;
}

/* Lines of one reply each begin with its code, and mostly with its status. */
static bool is_repeated(const struct reply *reply, const char *word, size_t length)
{
    struct reply again = read_reply(word);

    return again.words >= word + length && (again.code[0] || again.status[0]) &&
           (!again.code[0] || strcmp(again.code, reply->code) == 0) &&
           (!again.status[0] || strcmp(again.status, reply->status) == 0);
}

static bool is_count(const char *word, size_t length, const char *rest)
{
    static const char *const units[] = {
        "second", "seconds", "minute", "minutes", "hour", "hours"
    };
    const char *unit;
    size_t size;

    if (length == 0 || length > COUNT_DIGITS_MAX || strspn(word, digits) != length)
        return false;
    size = next_word(&rest, &unit);
    while (size > 0 && strchr(".,;:!)", unit[size - 1]))
        size--;
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (strlen(units[i]) == size && strncasecmp(unit, units[i], size) == 0)
            return true;
    return false;
}

/* Takes off the punctuation around a word, but for what divides a sentence behind it; false where
 * there is nothing else, "..." not counted, which stands for words. */
static bool trim(const char **word, size_t *length, bool *divides)
{
    bool dots = *length >= 3 && strncmp(*word, left_out, 3) == 0;

    *divides = false;
    while (*length > 0 && ispunct((unsigned char)**word)) {
        ++*word;
        --*length;
    }
    while (*length > 0 && ispunct((unsigned char)(*word)[*length - 1]))
        --*length;
    *divides = *length > 0 && (*word)[*length] && strchr(".,:", (*word)[*length]);
    return *length > 0 || dots;
}

static void add_words(struct text *text, const struct reply *reply)
{
    const char *rest = reply->words, *word;
    bool was_left_out = false, divides;
    size_t length;

    while ((length = next_word(&rest, &word)) > 0) {
        if (is_repeated(reply, word, length) || !trim(&word, &length, &divides))
            continue;
        if (told_is_word(word, length) || is_count(word, length, rest)) {
            add_word(text, word, length + divides);
            was_left_out = false;
        } else if (!was_left_out) {
            add_word(text, left_out, strlen(left_out));
            was_left_out = true;
        }
    }
}

static void write_reply(const struct reply *reply, const char *meaning, char *told, size_t size)
{
    struct text text = text_over(told, size);

    if (reply->code[0])
        add_word(&text, reply->code, strlen(reply->code));
    if (reply->status[0])
        add_word(&text, reply->status, strlen(reply->status));
    if (*meaning)
        text_addf(&text, "%s(%s)", text.used > 0 ? " " : "", meaning);
    add_words(&text, reply);
}

void told_words(const char *reply, char *told, size_t size)
{
    const struct reply parts = read_reply(past_kind(reply));

    write_reply(&parts, "", told, size);
}

void told_reply(const char *reply, const char *status, char *told, size_t size)
{
    struct reply parts = read_reply(past_kind(reply));

    if (!parts.status[0] && strlen(status) < sizeof parts.status)
        memcpy(parts.status, status, strlen(status) + 1);
    write_reply(&parts, told_meaning(parts.status), told, size);
}
