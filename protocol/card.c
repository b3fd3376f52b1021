/* card.c - what a Teams channel receives: an Adaptive Card in the envelope of a Workflow. */
#include "protocol/card.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json_field.h"
#include "protocol/json_guard.h"

enum { PARAGRAPHS_MAX = 200 };

static const char content_type[] = "application/vnd.microsoft.card.adaptive";
static const char cut_short[] = "[The rest is in the mail and in the history of the disagreement.]";

/* One paragraph, shown as it is written. */
static json_t *paragraph_of(const char *text, size_t length, bool title)
{
    json_t *block = json_object(), *inlines = json_array(), *run = json_object();
    bool made = field_set_text(run, "type", "TextRun") &&
                field_set(run, "text", json_stringn(text, length)) &&
                (!title || (field_set_text(run, "weight", "Bolder") &&
                            field_set_text(run, "size", "Medium")));

    made = json_array_append_new(inlines, run) == 0 && made;
    made = field_set_text(block, "type", "RichTextBlock") && made;
    made = field_set(block, "inlines", inlines) && made;
    if (made)
        return block;
    json_decref(block);
    return NULL;
}

static bool add_fact(json_t *facts, const char *title, const char *value)
{
    json_t *fact;

    if (!value || !*value)
        return true;
    fact = json_object();
    if (field_set_text(fact, "title", title) && field_set_text(fact, "value", value))
        return json_array_append_new(facts, fact) == 0;
    json_decref(fact);
    return false;
}

/* A FactSet reads Markdown; what stands here are ids of our alphabet, which has no mark of it
 * but "_", and words of our own. */
static bool add_facts(json_t *body, const struct outgoing *outgoing)
{
    json_t *set = json_object(), *facts = json_array();
    bool made = field_set_text(set, "type", "FactSet") &&
                add_fact(facts, "Reference", outgoing->reference) &&
                add_fact(facts, "Board", outgoing->board) &&
                add_fact(facts, "Agency", outgoing->agency) &&
                add_fact(facts, "Priority", outgoing->priority);

    made = field_set(set, "facts", facts) && made;
    return json_array_append_new(body, set) == 0 && made;
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

static bool add_button(json_t *card, const char *link)
{
    json_t *actions, *action;
    bool made;

    if (!link || strncmp(link, "https://", 8) != 0)
        return true;
    actions = json_array();
    action = json_object();
    made = field_set_text(action, "type", "Action.OpenUrl") &&
           field_set_text(action, "title", "Open the record") &&
           field_set_text(action, "url", link);
    made = json_array_append_new(actions, action) == 0 && made;
    return field_set(card, "actions", actions) && made;
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
           add_button(card, outgoing->link);
}

/* Takes paragraphs off the end until it fits, and says so in place of the last. */
static bool cut(const json_t *whole, json_t *body, size_t paragraphs, char **json)
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

    if (!outgoing->reference || !outgoing->subject || !*outgoing->subject || !outgoing->text)
        return -EINVAL;
    if (!field_set_text(whole, "type", "message") || !add_card(whole, outgoing, &body, &paragraphs))
        return -EINVAL;
    text = json_dumps(whole, JSON_COMPACT);
    if (!text)
        return -ENOMEM;
    if (!cut(whole, body, paragraphs, &text)) {
        free(text);
        return -EINVAL;
    }
    *json = text;
    return 0;
}
