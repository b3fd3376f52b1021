/* times.c - times by forms. */
#include "spool/times.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum field { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, AFTERNOON, FIELD_COUNT };

/* The longest first: MMM before MM before M. */
static const struct token {
    const char *letters;
    enum field field;
    unsigned least, most; /* digits; 0: a word */
} tokens[] = {
    { "YYYY", YEAR, 4, 4 }, { "MMM", MONTH, 0, 0 }, { "MM", MONTH, 2, 2 },     { "M", MONTH, 1, 2 },
    { "DD", DAY, 2, 2 },    { "D", DAY, 1, 2 },     { "hh", HOUR, 2, 2 },      { "h", HOUR, 1, 2 },
    { "mm", MINUTE, 2, 2 }, { "ss", SECOND, 2, 2 }, { "am", AFTERNOON, 0, 0 },
};

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static const struct token *token_at(const char *form);
static bool read_by(const char *form, const char *text, int values[FIELD_COUNT]);
static bool read_token(const struct token *token, const char **text, int *value);
static bool read_word(const struct token *token, const char **text, int *value);
static bool make_instant(const struct zone *zone, const int values[FIELD_COUNT],
                         struct instant *at);

const char *times_form_fault(const char *form)
{
    unsigned seen[FIELD_COUNT] = { 0 };

    if (strlen(form) > TIMES_FORM_MAX)
        return "is longer than 40 letters";
    while (*form) {
        const struct token *token = token_at(form);

        if (token && seen[token->field]++)
            return "says one thing twice (each of year, month, day, hour … once)";
        if (!token && isalpha((unsigned char)*form) && *form != 'T')
            return "has a letter that stands for nothing (YYYY MM M MMM DD D hh h mm ss am)";
        form += token ? strlen(token->letters) : 1;
    }
    if (!seen[YEAR] || !seen[MONTH] || !seen[DAY])
        return "does not say year, month and day (YYYY, MM and DD)";
    if (seen[HOUR] != seen[MINUTE] || (seen[SECOND] && !seen[HOUR]) ||
        (seen[AFTERNOON] && !seen[HOUR]))
        return "says a part of the time of day only (hh:mm, hh:mm:ss or h:mm am)";
    return NULL;
}

static const struct token *token_at(const char *form)
{
    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        if (!strncmp(form, tokens[i].letters, strlen(tokens[i].letters)))
            return &tokens[i];
    return NULL;
}

int times_read(const struct times *times, const char *text, struct instant *at)
{
    if (instant_read(text, NULL, at) == INSTANT_OK)
        return INSTANT_OK;
    for (size_t i = 0; i < times->form_count; i++) {
        int values[FIELD_COUNT] = { [AFTERNOON] = -1 };

        if (read_by(times->forms[i], text, values) && make_instant(times->zone, values, at))
            return INSTANT_OK;
    }
    return times->form_count ? INSTANT_UNREADABLE : instant_read(text, times->zone, at);
}

static bool read_by(const char *form, const char *text, int values[FIELD_COUNT])
{
    while (*form) {
        const struct token *token = token_at(form);

        if (token ? !read_token(token, &text, &values[token->field]) : *text++ != *form)
            return false;
        form += token ? strlen(token->letters) : 1;
    }
    return !*text;
}

static bool read_token(const struct token *token, const char **text, int *value)
{
    unsigned digits = 0;

    if (token->most == 0)
        return read_word(token, text, value);
    for (*value = 0; digits < token->most && isdigit((unsigned char)**text); digits++)
        *value = *value * 10 + (*(*text)++ - '0');
    return digits >= token->least;
}

static bool read_word(const struct token *token, const char **text, int *value)
{
    static const char *const halves[] = { "am", "pm" };
    bool month = token->field == MONTH;
    const char *const *words = month ? months : halves;

    for (size_t i = 0; i < (month ? COUNT_OF(months) : COUNT_OF(halves)); i++) {
        size_t length = strlen(words[i]);

        if (strncasecmp(*text, words[i], length) != 0)
            continue;
        *value = (int)i + month;
        *text += length;
        return true;
    }
    return false;
}

static bool make_instant(const struct zone *zone, const int values[FIELD_COUNT], struct instant *at)
{
    int hour = values[HOUR];
    struct civil civil;

    if (values[AFTERNOON] >= 0) {
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + 12 * values[AFTERNOON];
    }
    if (values[YEAR] < 1970 || !date_is_real(values[YEAR], values[MONTH], values[DAY]) ||
        hour > 23 || values[MINUTE] > 59 || values[SECOND] > 59)
        return false;
    civil = (struct civil){ .date = date_of(values[YEAR], values[MONTH], values[DAY]),
                            .second = hour * 3600 + values[MINUTE] * 60 + values[SECOND] };
    zone_instant(zone, civil, at);
    return true;
}
