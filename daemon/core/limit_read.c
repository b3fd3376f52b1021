/* limit_read.c - phrases to limits and back: the grammar at the top of limit.h. */
#include "core/limit.h"

#include "core/text.h"

#include <string.h>

static const struct {
    const char *words;
    enum length_unit unit;
} units[] = {
    { "working hour", LENGTH_WORKING_HOURS },
    { "working day", LENGTH_WORKING_DAYS },
    { "hour", LENGTH_HOURS },
    { "day", LENGTH_DAYS },
    { "week", LENGTH_WEEKS },
    { "month", LENGTH_MONTHS },
};

static bool read_limit(const char **at, unsigned depth, struct limit *limit);

static void skip_blanks(const char **at)
{
    while (**at == ' ' || **at == '\t')
        (*at)++;
}

static bool is_word_end(char c)
{
    return c == '\0' || c == ' ' || c == '\t';
}

/* Takes `words` where the phrase goes on with them, any blanks between them; else nothing. */
static bool take(const char **at, const char *words)
{
    const char *here = *at;

    skip_blanks(&here);
    for (; *words != '\0'; words++) {
        if (*words == ' ') {
            if (!is_word_end(*here))
                return false;
            skip_blanks(&here);
        } else if (*here++ != *words) {
            return false;
        }
    }
    if (!is_word_end(*here))
        return false;
    *at = here;
    return true;
}

static bool is_end(const char *at)
{
    skip_blanks(&at);
    return *at == '\0';
}

/* A number begins with no zero: "010" has been read as eight before. */
static bool read_count(const char **at, uint32_t *count)
{
    const char *here = *at;

    skip_blanks(&here);
    if (*here < '1' || *here > '9')
        return false;
    *count = 0;
    while (*here >= '0' && *here <= '9') {
        *count = *count * 10 + (uint32_t)(*here++ - '0');
        if (*count > LENGTH_COUNT_MAX)
            return false;
    }
    if (!is_word_end(*here))
        return false;
    *at = here;
    return true;
}

static bool read_length(const char **at, struct length *length)
{
    const char *here = *at;

    if (!read_count(&here, &length->count))
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        char plural[16];
        struct text text = text_over(plural, sizeof plural);

        text_addf(&text, "%ss", units[i].words);
        if (take(&here, plural) || take(&here, units[i].words)) {
            length->unit = units[i].unit;
            *at = here;
            return true;
        }
    }
    return false;
}

int length_read(const char *text, struct length *length)
{
    struct length read = { 0 };

    if (!read_length(&text, &read) || !is_end(text))
        return LIMIT_UNREADABLE;
    *length = read;
    return LIMIT_DUE;
}

static bool add_term(struct limit *limit, struct limit_term term)
{
    if (limit->count == LIMIT_TERMS_MAX)
        return false;
    limit->terms[limit->count++] = term;
    return true;
}

static bool read_term(const char **at, struct limit_term *term)
{
    *term = (struct limit_term){ .kind = LIMIT_NONE };
    if (take(at, "none"))
        return true;
    if (take(at, "same working day")) {
        term->kind = LIMIT_SAME_WORKING_DAY;
        return true;
    }
    if (take(at, "set by the case")) {
        term->kind = LIMIT_SET_BY_THE_CASE;
        return true;
    }
    term->kind = LIMIT_LENGTH;
    if (!read_length(at, &term->length))
        return false;
    term->before = take(at, "before");
    return true;
}

/* "earlier of A and B", where A and B may be such again; each brings a term, so depth is bounded
 * by their number. */
static bool read_limit(const char **at, unsigned depth, struct limit *limit)
{
    struct limit_term term;

    if (take(at, "earlier of"))
        return depth < LIMIT_TERMS_MAX && read_limit(at, depth + 1, limit) && take(at, "and") &&
               read_limit(at, depth + 1, limit);
    return read_term(at, &term) && add_term(limit, term);
}

int limit_read(const char *text, struct limit *limit)
{
    struct limit read = { .count = 0 };

    if (!read_limit(&text, 0, &read) || !is_end(text))
        return LIMIT_UNREADABLE;
    if (read.count == 1 && read.terms[0].kind == LIMIT_NONE)
        read = (struct limit){ .count = 0 };
    *limit = read;
    return LIMIT_DUE;
}

int remind_read(const char *text, struct remind *remind)
{
    struct remind read = { .count = 0 };

    if (take(&text, "none") && is_end(text)) {
        *remind = read;
        return LIMIT_DUE;
    }
    do {
        if (read.count == REMIND_MAX || !read_length(&text, &read.before[read.count]) ||
            !take(&text, "before"))
            return LIMIT_UNREADABLE;
        read.count++;
    } while (take(&text, "and"));
    if (!is_end(text))
        return LIMIT_UNREADABLE;
    *remind = read;
    return LIMIT_DUE;
}

int chase_read(const char *text, struct chase *chase)
{
    struct chase read = { .none = false };

    if (take(&text, "none"))
        read.none = true;
    else if (!take(&text, "every") || !read_length(&text, &read.every))
        return LIMIT_UNREADABLE;
    if (!is_end(text))
        return LIMIT_UNREADABLE;
    *chase = read;
    return LIMIT_DUE;
}

static void set_first_day(struct counting *counting, int to)
{
    counting->first_day = (enum first_day)to;
}

static void set_late(struct counting *counting, int to)
{
    counting->late = (enum late)to;
}

static void set_ends(struct counting *counting, int to)
{
    counting->ends = (enum ends)to;
}

static void set_roll(struct counting *counting, int to)
{
    counting->roll = (enum roll)to;
}

static void set_hours(struct counting *counting, int to)
{
    counting->hours = (enum hours)to;
}

/* One row per convention and value. */
static const struct {
    const char *key, *value;
    void (*set)(struct counting *counting, int to);
    int to;
} conventions[] = {
    { "first_day", "excluded", set_first_day, FIRST_DAY_EXCLUDED },
    { "first_day", "included", set_first_day, FIRST_DAY_INCLUDED },
    { "late", "as dated", set_late, LATE_AS_DATED },
    { "late", "next working day", set_late, LATE_NEXT_WORKING_DAY },
    { "ends", "close of business", set_ends, ENDS_CLOSE_OF_BUSINESS },
    { "ends", "start of business", set_ends, ENDS_START_OF_BUSINESS },
    { "ends", "midnight", set_ends, ENDS_MIDNIGHT },
    { "ends", "same time", set_ends, ENDS_SAME_TIME },
    { "roll", "none", set_roll, ROLL_NONE },
    { "roll", "next working day", set_roll, ROLL_NEXT_WORKING_DAY },
    { "hours", "elapsed", set_hours, HOURS_ELAPSED },
    { "hours", "clock", set_hours, HOURS_CLOCK },
};

int counting_read(const char *key, const char *value, struct counting *counting)
{
    for (size_t i = 0; i < COUNT_OF(conventions); i++) {
        const char *rest = value;

        if (strcmp(conventions[i].key, key) == 0 && take(&rest, conventions[i].value) &&
            is_end(rest)) {
            conventions[i].set(counting, conventions[i].to);
            return LIMIT_DUE;
        }
    }
    return LIMIT_UNREADABLE;
}

static void add_length(struct text *text, const struct length *length)
{
    const char *words = "day";

    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (units[i].unit == length->unit)
            words = units[i].words;
    text_addf(text, "%u %s%s", length->count, words, length->count == 1 ? "" : "s");
}

void length_write(const struct length *length, char buffer[LIMIT_TEXT_SIZE])
{
    struct text text = text_over(buffer, LIMIT_TEXT_SIZE);

    add_length(&text, length);
}

static void add_term_text(struct text *text, const struct limit_term *term)
{
    switch (term->kind) {
    case LIMIT_NONE:
        text_add(text, "none");
        break;
    case LIMIT_SAME_WORKING_DAY:
        text_add(text, "same working day");
        break;
    case LIMIT_SET_BY_THE_CASE:
        text_add(text, "set by the case");
        break;
    case LIMIT_LENGTH:
        add_length(text, &term->length);
        text_add(text, term->before ? " before" : "");
        break;
    }
}

void limit_write(const struct limit *limit, char buffer[LIMIT_TEXT_SIZE])
{
    struct text text = text_over(buffer, LIMIT_TEXT_SIZE);

    if (limit->count == 0)
        text_add(&text, "none");
    for (size_t i = 0; i < limit->count; i++) {
        if (i + 1 < limit->count)
            text_add(&text, "earlier of ");
        add_term_text(&text, &limit->terms[i]);
        if (i + 1 < limit->count)
            text_add(&text, " and ");
    }
}
