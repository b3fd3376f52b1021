/* told.c - what another system said, made fit for journals, records and people. */
#include "protocol/told.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

enum {
    LOCAL_PART_TOLD_MIN = 3 /* a shorter one would take out half of all words */
};

static bool holds(const char *word, const char *part, size_t length)
{
    for (; *word; word++)
        if (strncasecmp(word, part, length) == 0)
            return true;
    return false;
}

/* Whether a word names a person: an address, written plainly or as in a URL, a name of Exchange's
 * directory ("/o=…/cn=…", "IMCEAEX-_O=…"), or the part of `recipient` before the "@". */
static bool names_somebody(const char *word, const char *recipient)
{
    size_t local = strcspn(recipient, "@");

    if (strchr(word, '@') || strstr(word, "%40") || holds(word, "/cn=", 4) ||
        holds(word, "IMCEAEX-", 8))
        return true;
    return recipient[local] && local >= LOCAL_PART_TOLD_MIN && holds(word, recipient, local);
}

static const char *printable(char *word)
{
    for (char *at = word; *at; at++)
        if (*at <= ' ' || *at > '~')
            *at = '?';
    return word;
}

void told_clean(const char *line, const char *recipient, char *told, size_t size)
{
    struct text text = text_over(told, size);
    char word[512];

    while (*line) {
        size_t blanks = strspn(line, " \t\r\n"), length = strcspn(line + blanks, " \t\r\n");

        line += blanks;
        (void)snprintf(word, sizeof word, "%.*s",
                       (int)(length < sizeof word ? length : sizeof word - 1), line);
        text_add(&text, length > 0 && text.used > 0 ? " " : "");
        text_add(&text, names_somebody(word, recipient) ? "(address)" : printable(word));
        line += length;
    }
}
