/* daemon_acknowledge.c - the page behind the link of a notification: says what it is about, and
 * takes that it was seen.
 *
 * To get it changes nothing, for programs that look through mail get every link.  Only the form
 * on it acts, and it sends the token once more, so that a bare POST to the address does not.
 */
#include <stdlib.h>
#include <string.h>

#include "io/daemon_private.h"
#include "io/engine_acknowledge.h"

enum { GONE = 410, CONFLICT = 409, NOT_FOUND = 404, UNAVAILABLE = 503 };

static void say_row(struct http_response *response, const char *head, const char *text)
{
    if (!*text)
        return;
    http_sayf(response, "<tr><th scope=\"row\">%s</th><td>", head);
    http_say_text(response, text);
    http_say(response, "</td></tr>\n");
}

static void say_what(struct http_response *response, const struct engine_link *link)
{
    http_say(response, "<table>\n");
    say_row(response, "Reference", link->reference);
    say_row(response, "Stage", link->stage);
    say_row(response, "Told", link->whom);
    say_row(response, "When", link->told_at);
    say_row(response, "Message", link->subject);
    http_say(response, "</table>\n");
}

static void say_form(struct http_response *response, const struct engine_link *link)
{
    http_page_begin(response, "Have you seen this message?");
    say_what(response, link);
    http_say(response,
             "<p>With the button you confirm that you have seen it. Your agency then no longer "
             "counts as silent. You agree to nothing by it: what the message asks of you, you "
             "still do in your own case system.</p>\n"
             "<form method=\"post\"><input type=\"hidden\" name=\"token\" value=\"");
    http_say_text(response, link->token);
    http_say(response, "\"><button>I have seen it</button></form>\n");
    http_page_end(response);
}

static void say_end(struct http_response *response, unsigned status, const char *title,
                    const struct engine_link *link, const char *text)
{
    http_status(response, status);
    http_page_begin(response, title);
    http_say(response, "<p>");
    http_say_text(response, text);
    http_say(response, "</p>\n");
    say_what(response, link);
    http_page_end(response);
}

static void say_used(struct http_response *response, unsigned status,
                     const struct engine_link *link)
{
    char text[SUBJECT_SIZE + 100];

    (void)snprintf(text, sizeof text,
                   "This message was confirmed as seen at %s. A link counts once.",
                   link->acknowledged_at);
    say_end(response, status, "Already confirmed", link, text);
}

/* Every answer but that it is good. */
static void say_why_not(struct http_response *response, int answer, bool is_post,
                        const struct engine_link *link)
{
    switch (answer) {
    case ENGINE_LINK_USED:
        say_used(response, is_post ? CONFLICT : GONE, link);
        return;
    case ENGINE_LINK_OVER:
        say_end(response, GONE, "Nothing to confirm any more", link,
                "This disagreement has ended, and its links with it.");
        return;
    case ENGINE_LINK_OLD:
        say_end(response, GONE, "This link is too old", link,
                "Please confirm in your own case system that you have seen the message.");
        return;
    case ENGINE_LINK_UNKNOWN:
        http_page(response, NOT_FOUND, "There is nothing here",
                  "This is no link of ours. Please use the one in your message, whole.");
        return;
    default:
        http_page(response, UNAVAILABLE, "Not now",
                  "Nothing was confirmed: it cannot be kept just now. Please try again later.");
    }
}

void daemon_show_link(void *context, const struct http_request *request,
                      struct http_response *response)
{
    struct daemon *self = context;
    struct engine_link *link = calloc(1, sizeof *link);
    int answer = -1;

    if (link) {
        link->token = request->rest;
        answer = engine_look_at_link(self->engine, clock_now(self->clock), link);
    }
    if (answer == ENGINE_LINK_GOOD)
        say_form(response, link);
    else
        say_why_not(response, answer, false, link);
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

void daemon_take_link(void *context, const struct http_request *request,
                      struct http_response *response)
{
    const char *again = http_form_value(request->form, "token");
    struct engine_link *link = calloc(1, sizeof *link);
    int answer = -1;

    if (link) {
        link->token = request->rest;
        answer = again && strcmp(again, request->rest) == 0 ? acknowledge_in_turn(context, link)
                                                            : ENGINE_LINK_UNKNOWN;
    }
    if (answer == ENGINE_LINK_GOOD)
        say_end(response, 200, "Thank you", link,
                "It is recorded that you have seen this message.");
    else
        say_why_not(response, answer, true, link);
    free(link);
}
