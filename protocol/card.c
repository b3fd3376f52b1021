/* card.c - what a Teams channel receives: an Adaptive Card in the envelope of a Workflow. */
#include "protocol/card.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json_field.h"
#include "protocol/json_guard.h"

enum { PARAGRAPHS_MAX = 200 };

static const char content_type[] = "application/vnd.microsoft.card.adaptive";

/* Text that is shown as it is written. */
static bool add_run(json_t *inlines, const char *text, size_t length, const char *size, bool bold)
{
    json_t *run = json_object();
    bool made = field_set_text(run, "type", "TextRun") &&
                field_set(run, "text", json_stringn(text, length)) &&
                (!bold || field_set_text(run, "weight", "Bolder")) &&
                (!size || field_set_text(run, "size", size));

    return json_array_append_new(inlines, run) == 0 && made;
}

/* A paragraph without runs; `*inlines` is where they go, and the paragraph's. */
static json_t *block_of(json_t **inlines)
{
    json_t *block = json_object();

    *inlines = json_array();
    if (field_set_text(block, "type", "RichTextBlock") && field_set(block, "inlines", *inlines))
        return block;
    json_decref(block);
    return NULL;
}

static json_t *paragraph_of(const char *text, size_t length, bool title)
{
    json_t *inlines, *block = block_of(&inlines);

    if (block && add_run(inlines, text, length, title ? "Medium" : NULL, title))
        return block;
    json_decref(block);
    return NULL;
}

/* A line of its own, close to the one before it. */
static bool add_fact(json_t *body, const char *title, const char *value)
{
    json_t *inlines, *block;

    if (!value || !*value)
        return true;
    block = block_of(&inlines);
    if (block && add_run(inlines, title, strlen(title), NULL, true) &&
        add_run(inlines, value, strlen(value), NULL, false) &&
        field_set_text(block, "spacing", "None"))
        return json_array_append_new(body, block) == 0;
    json_decref(block);
    return false;
}

static const char *word_of(const struct outgoing *outgoing, enum word word)
{
    return (outgoing->words ? outgoing->words : &words_builtin)->of[word];
}

static const char *priority_of(const struct outgoing *outgoing)
{
    if (!outgoing->priority)
        return NULL;
    if (strcmp(outgoing->priority, "immediate") == 0)
        return word_of(outgoing, WORD_PRIORITY_IMMEDIATE);
    if (strcmp(outgoing->priority, "urgent") == 0)
        return word_of(outgoing, WORD_PRIORITY_URGENT);
    return strcmp(outgoing->priority, "normal") == 0 ? word_of(outgoing, WORD_PRIORITY_NORMAL)
                                                     : outgoing->priority;
}

/* No FactSet: it reads Markdown, and a reference may be "_D_". */
static bool add_facts(json_t *body, const struct outgoing *outgoing)
{
    return add_fact(body, word_of(outgoing, WORD_CARD_REFERENCE), outgoing->reference) &&
           add_fact(body, word_of(outgoing, WORD_CARD_BOARD), outgoing->board) &&
           add_fact(body, word_of(outgoing, WORD_CARD_AGENCY), outgoing->agency) &&
           add_fact(body, word_of(outgoing, WORD_CARD_PRIORITY), priority_of(outgoing));
}

/* The text's paragraphs, the last first, so that a card that is too long loses its end. */
static bool add_text(json_t *body, const char *text, size_t *added)
{
    const char *at = text;

    for (*added = 0; *at && *added < PARAGRAPHS_MAX;) {
        const char *end = strstr(at, "\n\n");
        size_t length = end ? (size_t)(end - at) : strlen(at);
        json_t *paragraph;

        while (length > 0 && at[length - 1] == '\n')
            length--;
        paragraph = length > 0 ? paragraph_of(at, length, false) : NULL;
        if (length > 0 && (!paragraph || json_array_append_new(body, paragraph) != 0))
            return false;
        *added += length > 0;
        at = end ? end + 2 : at + strlen(at);
    }
    return true;
}

static bool add_button(json_t *actions, const char *title, const char *link)
{
    json_t *action;
    bool made;

    if (!link || strncmp(link, "https://", 8) != 0)
        return true;
    action = json_object();
    made = field_set_text(action, "type", "Action.OpenUrl") &&
           field_set_text(action, "title", title) && field_set_text(action, "url", link);
    return json_array_append_new(actions, action) == 0 && made;
}

static bool add_buttons(json_t *card, const struct outgoing *outgoing)
{
    json_t *actions = json_array();
    bool made = add_button(actions, word_of(outgoing, WORD_CARD_SEEN), outgoing->acknowledge) &&
                add_button(actions, word_of(outgoing, WORD_CARD_OPEN), outgoing->link);

    if (made && json_array_size(actions) > 0)
        return field_set(card, "actions", actions);
    json_decref(actions);
    return made;
}

static bool add_card(json_t *whole, const struct outgoing *outgoing, json_t **body,
                     size_t *paragraphs)
{
    json_t *attachments = json_array(), *attachment = json_object(), *card = json_object();
    json_t *title;
    bool made = field_set(whole, "attachments", attachments);

    made = json_array_append_new(attachments, attachment) == 0 && made;
    made = field_set_text(attachment, "contentType", content_type) &&
           field_set(attachment, "contentUrl", json_null()) && made;
    made = field_set(attachment, "content", card) && made;
    if (!made || !(*body = json_array()))
        return false;
    made = field_set(card, "body", *body);
    title = paragraph_of(outgoing->subject, strlen(outgoing->subject), true);
    return made && title && json_array_append_new(*body, title) == 0 &&
           field_set_text(card, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json") &&
           field_set_text(card, "type", "AdaptiveCard") && field_set_text(card, "version", "1.4") &&
           add_facts(*body, outgoing) && add_text(*body, outgoing->text, paragraphs) &&
           add_buttons(card, outgoing);
}

/* Takes paragraphs off the end until it fits, and says so in place of the last. */
static bool cut(const json_t *whole, json_t *body, size_t paragraphs, const char *cut_short,
                char **json)
{
    bool marked = false;

    while (strlen(*json) > CARD_MAX && paragraphs > 0) {
        json_t *mark = paragraph_of(cut_short, strlen(cut_short), false);
        size_t last = json_array_size(body) - 1;

        if (marked && json_array_remove(body, last--) != 0) {
            json_decref(mark);
            return false;
        }
        if (!mark || json_array_set_new(body, last, mark) != 0)
            return false;
        marked = true;
        paragraphs--;
        free(*json);
        *json = json_dumps(whole, JSON_COMPACT);
        if (!*json)
            return false;
    }
    return strlen(*json) <= CARD_MAX;
}

int card_write(const struct outgoing *outgoing, char **json)
{
    CLEANUP(json_release) json_t *whole = json_object();
    json_t *body = NULL;
    size_t paragraphs = 0;
    char *text;

    if (!outgoing->reference || !outgoing->subject || !*outgoing->subject || !outgoing->text ||
        !outgoing_is_plain(outgoing))
        return -EINVAL;
    if (!field_set_text(whole, "type", "message") || !add_card(whole, outgoing, &body, &paragraphs))
        return -EINVAL;
    text = json_dumps(whole, JSON_COMPACT);
    if (!text)
        return -ENOMEM;
    if (!cut(whole, body, paragraphs, word_of(outgoing, WORD_CARD_CUT), &text)) {
        free(text);
        return -EINVAL;
    }
    *json = text;
    return 0;
}
