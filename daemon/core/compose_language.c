/* compose_language.c - finds the texts and words of a reader's language. */
#include <string.h>

#include "core/compose.h"

static bool is_language(const char *one, const char *other)
{
    return strcmp(one ? one : LANGUAGE_DEFAULT, other ? other : LANGUAGE_DEFAULT) == 0;
}

const struct template_text *templates_find(const struct templates *templates, const char *language,
                                           const char *id)
{
    const struct template_text *english = NULL;

    for (size_t i = 0; templates && i < templates->count; i++) {
        const struct template_text *text = &templates->list[i];

        if (strcmp(text->id, id) != 0)
            continue;
        if (is_language(text->language, language))
            return text;
        if (is_language(text->language, NULL))
            english = text;
    }
    return english;
}

const struct words *templates_words(const struct templates *templates, const char *language)
{
    const struct words *english = &words_builtin;

    for (size_t i = 0; templates && i < templates->words_count; i++) {
        if (is_language(templates->words[i].language, language))
            return &templates->words[i];
        if (is_language(templates->words[i].language, NULL))
            english = &templates->words[i];
    }
    return english;
}
