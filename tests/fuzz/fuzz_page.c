/* fuzz_page.c - the page beside a mail's text: whatever stands in the text, no markup but ours.
 *
 * Two parts: the subject up to a zero, and the text.
 */
#include "fuzz.h"

#include "core/base.h"
#include "protocol/mail.h"
#include "protocol/mail_private.h"

static const char *const begins[] = {
    "<!DOCTYPE html>",
    "<html lang=\"en\">",
    "<head>",
    "<title>",
    "<meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    "<body style=\"",
    "<p style=\"margin:",
    "<ul style=\"margin:",
    "<li>",
    "<strong>",
    "<a href=\"https://",
};
static const char *const ends[] = { "</html>", "</head>",   "</title>", "</body>", "</p>",
                                    "</ul>",   "</strong>", "</li>",    "</a>" };

static bool begins_as(const char *at, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strncmp(at, words[i], strlen(words[i])))
            return true;
    return false;
}

/* Over a tag, which is one of ours; what it opens or closes. */
static const char *over_tag(const char *at, int *depth)
{
    size_t quotes = 0;
    bool closes = at[1] == '/';

    HOLDS(begins_as(at, closes ? ends : begins, closes ? COUNT_OF(ends) : COUNT_OF(begins)));
    *depth += closes ? -1 : strncmp(at, "<meta", 5) && strncmp(at, "<!", 2) ? 1 : 0;
    HOLDS(*depth >= 0 && *depth <= 6);
    for (at++; *at != '>'; at++) {
        HOLDS(*at && *at != '<' && *at != '\'');
        quotes += *at == '"';
    }
    HOLDS(quotes % 2 == 0);
    return at + 1;
}

static void is_ours(const char *page)
{
    int depth = 0;

    while (*page) {
        HOLDS((unsigned char)*page >= ' ' || *page == '\n');
        HOLDS(*page != '>' && *page != '"' && *page != '\'');
        page = *page == '<' ? over_tag(page, &depth) : page + 1;
    }
    HOLDS(depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *subject = fuzz_part(&bytes, &size);
    char *body = fuzz_text(bytes, size);
    struct mail mail = { .subject = subject, .body = body, .language = "en" };
    struct mail_buffer buffer = { .bytes = NULL };

    mail_put_page(&buffer, &mail);
    mail_put_bytes(&buffer, "", 1);
    HOLDS(!buffer.failed);
    is_ours(buffer.bytes);
    mail_buffer_free(&buffer);
    free(subject);
    free(body);
    return 0;
}
