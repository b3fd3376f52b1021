/* faults.c - what is wrong in files, collected with its place. */
#include "policy/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORD_MAX = 64 };

static void add(struct faults *faults, struct fault fault, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

void faults_add(struct faults *faults, const char *file, unsigned line, unsigned column,
                const char *format, ...)
{
    struct fault fault = { (char *)(uintptr_t)file, line, column, FAULT_ERROR, NULL };
    va_list arguments;

    va_start(arguments, format);
    add(faults, fault, format, arguments);
    va_end(arguments);
}

void faults_warn(struct faults *faults, const char *file, unsigned line, unsigned column,
                 const char *format, ...)
{
    struct fault fault = { (char *)(uintptr_t)file, line, column, FAULT_WARNING, NULL };
    va_list arguments;

    va_start(arguments, format);
    add(faults, fault, format, arguments);
    va_end(arguments);
}

/* How many of the last ones are about the same file: its share of the collector. */
static size_t share_of(const struct faults *faults, const char *file)
{
    size_t n = 0;

    while (n < faults->count && !strcmp(faults->list[faults->count - 1 - n].file, file))
        n++;
    return n;
}

static bool make_room(struct faults *faults)
{
    size_t capacity = faults->capacity ? 2 * faults->capacity : 16;
    struct fault *list;

    if (faults->count < faults->capacity)
        return true;
    list = realloc(faults->list, capacity * sizeof *list);
    if (!list)
        return false;
    faults->list = list;
    faults->capacity = capacity;
    return true;
}

static void add(struct faults *faults, struct fault fault, const char *format, va_list arguments)
{
    char text[FAULT_TEXT_SIZE];
    int length = vsnprintf(text, sizeof text, format, arguments);

    /* A fault is one line, whatever stands in the file that it quotes. */
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    if (fault.severity == FAULT_ERROR)
        faults->errors++;
    else
        faults->warnings++;
    if (length < 0 || faults->count >= FAULTS_MAX ||
        share_of(faults, fault.file) >= FAULTS_PER_FILE_MAX || !make_room(faults)) {
        faults->left_out++;
        return;
    }
    fault.file = strdup(fault.file);
    fault.text = strdup(text);
    if (!fault.file || !fault.text) {
        free(fault.file);
        free(fault.text);
        faults->left_out++;
        return;
    }
    faults->list[faults->count++] = fault;
}

static bool comes_before(const struct fault *a, const struct fault *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

/* By insertion: a hundred at most, and equal ones keep their order. */
void faults_sort(struct faults *faults, size_t first)
{
    for (size_t i = first + 1; i < faults->count; i++) {
        struct fault moved = faults->list[i];
        size_t at = i;

        for (; at > first && comes_before(&moved, &faults->list[at - 1]); at--)
            faults->list[at] = faults->list[at - 1];
        faults->list[at] = moved;
    }
}

void fault_write(const struct fault *fault, char line[FAULT_LINE_SIZE])
{
    const char *warning = fault->severity == FAULT_WARNING ? "warning: " : "";

    if (fault->line && fault->column)
        snprintf(line, FAULT_LINE_SIZE, "%s:%u:%u: %s%s", fault->file, fault->line, fault->column,
                 warning, fault->text);
    else if (fault->line)
        snprintf(line, FAULT_LINE_SIZE, "%s:%u: %s%s", fault->file, fault->line, warning,
                 fault->text);
    else
        snprintf(line, FAULT_LINE_SIZE, "%s: %s%s", fault->file, warning, fault->text);
}

void faults_close(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        free(faults->list[i].file);
        free(faults->list[i].text);
    }
    free(faults->list);
    *faults = (struct faults){ 0 };
}

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return c < least ? c : least;
}

static bool same_letter(char a, char b)
{
    return !strncasecmp(&a, &b, 1);
}

/* Edits that make `a` into `b`; two neighbours exchanged are one.  Both at most WORD_MAX long. */
static size_t edits(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1];

    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            now[j] = least_of(above[j] + 1, now[j - 1] + 1,
                              above[j - 1] + !same_letter(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]) && higher[j - 2] + 1 < now[j])
                now[j] = higher[j - 2] + 1;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *nearest_word(const char *word, const char *const *words, size_t count)
{
    return nearest_id(word, words, count, sizeof *words);
}

const char *nearest_id(const char *word, const void *first, size_t count, size_t stride)
{
    size_t length = strlen(word), best = SIZE_MAX;
    size_t allowed = length / 3 ? length / 3 : 1;
    const char *nearest = NULL;

    if (!length || length > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *known;
        size_t other, distance;

        memcpy(&known, (const char *)first + i * stride, sizeof known);
        other = known ? strlen(known) : 0;
        if (!other || other > WORD_MAX)
            continue;
        distance = edits(word, length, known, other);
        if (distance < best && distance <= allowed) {
            best = distance;
            nearest = known;
        }
    }
    return nearest;
}
