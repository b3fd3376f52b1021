/* daemon_acknowledge.c - the page behind the link of a notification: says what it is about, and
 * takes that it was seen.
 *
 * To get it changes nothing, for programs that look through mail get every link.  Only the form
 * on it acts, and it sends the token once more, so that a bare POST to the address does not.
 * Its words are files (core/compose_acknowledge.h), in the language of the notification; of what
 * is no link of ours nobody knows the reader, and all languages there are say it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/compose_acknowledge.h"
#include "io/daemon_private.h"
#include "io/engine_acknowledge.h"

enum { OK = 200, NOT_FOUND = 404, CONFLICT = 409, GONE = 410, UNAVAILABLE = 503 };

/* --- words */

static const struct templates *templates_in_force(const struct daemon *self)
{
    return policy_templates(self->policy);
}

/* Where in a text the page is. */
enum block { BLOCK_NONE, BLOCK_PARAGRAPH, BLOCK_LIST };

static enum block begin_block(struct http_response *response, enum block open, enum block next)
{
    static const char *const begins[] = { "", "<p>", "<ul>\n<li>" };
    static const char *const ends[] = { "", "</p>\n", "</li>\n</ul>\n" };

    http_say(response, ends[open]);
    http_say(response, begins[next]);
    return next;
}

static enum block say_line(struct http_response *response, enum block open, const char *line)
{
    bool is_item = strncmp(line, "- ", 2) == 0;

    if (!*line)
        return begin_block(response, open, BLOCK_NONE);
    if (is_item && open == BLOCK_LIST)
        http_say(response, "</li>\n<li>");
    else if (is_item)
        open = begin_block(response, open, BLOCK_LIST);
    else if (open == BLOCK_NONE)
        open = begin_block(response, open, BLOCK_PARAGRAPH);
    else
        http_say(response, "\n");
    http_say_text(response, line + (is_item ? 2 : 0));
    return open;
}

/* Empty lines part paragraphs, and "- " begins an item. */
static void say_lines(struct http_response *response, const char *text)
{
    enum block open = BLOCK_NONE;

    while (*text) {
        size_t length = strcspn(text, "\n");
        char line[ACKNOWLEDGE_TEXT_SIZE];

        (void)snprintf(line, sizeof line, "%.*s", (int)length, text);
        open = say_line(response, open, line);
        text += length + (text[length] == '\n');
    }
    begin_block(response, open, BLOCK_NONE);
}

static void say_row(struct http_response *response, const char *head, const char *text)
{
    if (!*text)
        return;
    http_say(response, "<tr><th scope=\"row\">");
    http_say_text(response, head);
    http_say(response, "</th><td>");
    http_say_text(response, text);
    http_say(response, "</td></tr>\n");
}

static void say_what(struct http_response *response, const struct words *words,
                     const struct engine_link *link)
{
    http_say(response, "<table>\n");
    say_row(response, words->of[WORD_PAGE_REFERENCE], link->reference);
    say_row(response, words->of[WORD_PAGE_STAGE], link->stage);
    say_row(response, words->of[WORD_PAGE_TOLD], link->whom);
    say_row(response, words->of[WORD_PAGE_WHEN], link->told_at);
    say_row(response, words->of[WORD_PAGE_MESSAGE], link->subject);
    http_say(response, "</table>\n");
}

static void say_button(struct http_response *response, const struct engine_link *link,
                       const char *button)
{
    http_say(response, "<form method=\"post\"><input type=\"hidden\" name=\"token\" value=\"");
    http_say_text(response, link->token);
    http_say(response, "\"><button>");
    http_say_text(response, button);
    http_say(response, "</button></form>\n");
}

/* --- pages */

/* A page about a notification. */
static void say_page(const struct daemon *self, struct http_response *response,
                     enum acknowledge_state state, const struct engine_link *link)
{
    const struct templates *templates = templates_in_force(self);
    const char *language = compose_acknowledge_language(templates, link->language);
    struct acknowledge_page page = { .state = state,
                                     .seen_at = link->acknowledged_at,
                                     .templates = templates,
                                     .language = language };
    struct acknowledge_words words;

    compose_acknowledge(&page, &words);
    http_page_begin(response, language, words.title);
    say_lines(response, words.text);
    say_what(response, templates_words(templates, language), link);
    if (state == ACKNOWLEDGE_ASKS)
        say_button(response, link, words.button);
    http_page_end(response);
}

/* What is said in one more language, if it is worded in that. */
static void say_too(struct http_response *response, struct acknowledge_page *page,
                    const char *language)
{
    struct acknowledge_words words;

    if (strcmp(compose_acknowledge_language(page->templates, language), language) != 0)
        return;
    page->language = language;
    compose_acknowledge(page, &words);
    http_say(response, "<section lang=\"");
    http_say_text(response, language);
    http_say(response, "\">\n<h2>");
    http_say_text(response, words.title);
    http_say(response, "</h2>\n");
    say_lines(response, words.text);
    http_say(response, "</section>\n");
}

/* A page about nothing known; `language` "": of nobody known either. */
static void say_bare_page(const struct daemon *self, struct http_response *response,
                          enum acknowledge_state state, const char *language)
{
    const struct templates *templates = templates_in_force(self);
    struct acknowledge_page page = { .state = state, .seen_at = "", .templates = templates };
    struct acknowledge_words words;

    page.language =
        compose_acknowledge_language(templates, *language ? language : LANGUAGE_DEFAULT);
    compose_acknowledge(&page, &words);
    http_page_begin(response, page.language, words.title);
    say_lines(response, words.text);
    for (size_t i = 0; !*language && templates && i < templates->words_count; i++)
        if (templates->words[i].language)
            say_too(response, &page, templates->words[i].language);
    http_page_end(response);
}

static void say_answer(const struct daemon *self, struct http_response *response, int answer,
                       bool is_post, const struct engine_link *link)
{
    switch (answer) {
    case ENGINE_LINK_GOOD:
        http_status(response, OK);
        say_page(self, response, is_post ? ACKNOWLEDGE_THANKS : ACKNOWLEDGE_ASKS, link);
        return;
    case ENGINE_LINK_USED:
        http_status(response, is_post ? CONFLICT : GONE);
        say_page(self, response, ACKNOWLEDGE_USED, link);
        return;
    case ENGINE_LINK_OVER:
        http_status(response, GONE);
        say_page(self, response, ACKNOWLEDGE_ENDED, link);
        return;
    case ENGINE_LINK_OLD:
        http_status(response, GONE);
        say_page(self, response, ACKNOWLEDGE_OLD, link);
        return;
    case ENGINE_LINK_UNKNOWN:
        http_status(response, NOT_FOUND);
        say_bare_page(self, response, ACKNOWLEDGE_UNKNOWN, link->language);
        return;
    default:
        http_status(response, UNAVAILABLE);
        say_bare_page(self, response, ACKNOWLEDGE_LATER, link ? link->language : "");
    }
}

static struct engine_link *link_of(const struct http_request *request)
{
    struct engine_link *link = calloc(1, sizeof *link);

    if (link) {
        link->token = request->rest;
        link->asked = http_form_value(request->query, "lang");
    }
    return link;
}

void daemon_show_link(void *context, const struct http_request *request,
                      struct http_response *response)
{
    struct daemon *self = context;
    struct engine_link *link = link_of(request);
    int answer = link ? engine_look_at_link(self->engine, clock_now(self->clock), link) : -1;

    say_answer(self, response, answer, false, link);
    free(link);
}

/* A turn of its own: nothing is said to be confirmed that is not on the disk. */
static int acknowledge_in_turn(struct daemon *self, struct engine_link *link)
{
    int answer = engine_begin(self->engine, clock_now(self->clock));

    if (answer)
        return answer;
    answer = engine_acknowledge(self->engine, link);
    if (answer == ENGINE_LINK_GOOD)
        return engine_commit(self->engine);
    engine_roll_back(self->engine);
    return answer;
}

static int take_link(struct daemon *self, const char *again, struct engine_link *link)
{
    if (again && strcmp(again, link->token) == 0)
        return acknowledge_in_turn(self, link);
    engine_read_link_language(self->engine, link);
    return ENGINE_LINK_UNKNOWN;
}

void daemon_take_link(void *context, const struct http_request *request,
                      struct http_response *response)
{
    const char *again = http_form_value(request->form, "token");
    struct engine_link *link = link_of(request);
    int answer = link ? take_link(context, again, link) : -1;

    say_answer(context, response, answer, true, link);
    free(link);
}

void daemon_tell_of_links(void *context, const struct http_request *request,
                          struct http_response *response)
{
    (void)request;
    say_bare_page(context, response, ACKNOWLEDGE_WRONG, "");
}
