/* fuzz_outgoing.c - what goes out as JSON (a webhook, a card, a message by GOV.UK Notify): either
 * the gate refuses it, or it parses, has the members it always has and no other, and says in each
 * what went in.
 *
 * The first byte says how many things are told; then, each behind a zero, the texts of PART.
 */
#include "fuzz.h"

#include <jansson.h>

#include "core/plain.h"
#include "protocol/alphabet.h"
#include "protocol/card.h"
#include "protocol/govuk_notify.h"

enum { ID, BOARD, REFERENCE, PERSON, ROLE, AGENCY, LINK, SUBJECT, WORDS, CAUSE, TO, TEXT, PARTS };

static const struct outgoing_say no_say = { .due = { INT64_MIN } };

/* What can be told of it without the writers. */
static bool is_plain_all(char *const parts[PARTS])
{
    static const int lines[] = {
        ID, BOARD, REFERENCE, PERSON, ROLE, AGENCY, SUBJECT, WORDS, CAUSE
    };

    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (*parts[lines[i]] && !plain_is_line(parts[lines[i]], OUTGOING_LINE_MAX))
            return false;
    return plain_is_text(parts[TEXT], OUTGOING_TEXT_MAX) &&
           (!*parts[LINK] || alphabet_is_link(parts[LINK]));
}

static json_t *load(const char *json)
{
    json_t *whole = json_loads(json, JSON_REJECT_DUPLICATES, NULL);

    HOLDS(whole);
    for (const char *at = json; *at; at++)
        HOLDS((unsigned char)*at >= 0x20 && *at != 0x7f);
    return whole;
}

/* The object's members are exactly the names, but for those that may be missing ("?name"). */
static void has_only(const json_t *object, const char *const *names, size_t count)
{
    size_t found = 0;

    HOLDS(json_is_object(object));
    for (size_t i = 0; i < count; i++) {
        bool may_miss = names[i][0] == '?';
        bool is_there = json_object_get(object, names[i] + may_miss) != NULL;

        HOLDS(is_there || may_miss);
        found += is_there;
    }
    HOLDS(found == json_object_size(object));
}
#define HAS_ONLY(object, ...)                                                                      \
    has_only((object), (const char *const[]){ __VA_ARGS__ },                                       \
             COUNT_OF(((const char *const[]){ __VA_ARGS__ })))

static void says(const json_t *object, const char *name, const char *text)
{
    const char *said = json_string_value(json_object_get(object, name));

    HOLDS(*text ? said && strcmp(said, text) == 0 : !said || !*said);
}

/* ---- a webhook */

static void check_webhook(const struct outgoing *outgoing, char *const parts[PARTS], bool plain)
{
    char *json = NULL;
    json_t *whole;
    const json_t *data, *to, *say;
    size_t i;

    if (notification_body_write(outgoing, &json) != 0) {
        HOLDS(!plain || !alphabet_is_id(parts[BOARD]) || !*parts[ID] || !*parts[REFERENCE]);
        return;
    }
    HOLDS(plain);
    whole = load(json);
    HAS_ONLY(whole, "specversion", "id", "source", "type", "subject", "time", "datacontenttype",
             "dataschema", "board", "data");
    says(whole, "id", parts[ID]);
    says(whole, "subject", parts[REFERENCE]);
    data = json_object_get(whole, "data");
    HAS_ONLY(data, "notification", "board", "reference", "to", "at", "priority", "late_by_s",
             "?link", "?subject", "?text", "says");
    says(data, "reference", parts[REFERENCE]);
    says(data, "link", parts[LINK]);
    says(data, "subject", parts[SUBJECT]);
    says(data, "text", parts[TEXT]);
    to = json_object_get(data, "to");
    HAS_ONLY(to, "?role", "?agency", "?person");
    says(to, "role", parts[ROLE]);
    says(to, "agency", parts[AGENCY]);
    says(to, "person", parts[PERSON]);
    HOLDS(json_array_size(json_object_get(data, "says")) == outgoing->say_count);
    json_array_foreach(json_object_get(data, "says"), i, say)
    {
        HAS_ONLY(say, "?message", "due", "provisional", "?cause", "?words");
        says(say, "words", parts[WORDS]);
        says(say, "cause", parts[CAUSE]);
    }
    json_decref(whole);
    free(json);
}

/* ---- a card */

/* The runs of a paragraph, one after the other; how many there are. */
static size_t runs_of(const json_t *block, char *text, size_t size)
{
    const json_t *inlines = json_object_get(block, "inlines"), *run;
    size_t i, used = 0;

    HAS_ONLY(block, "type", "inlines", "?spacing");
    says(block, "type", "RichTextBlock");
    HOLDS(json_array_size(inlines) > 0);
    json_array_foreach(inlines, i, run)
    {
        const char *words = json_string_value(json_object_get(run, "text"));

        HAS_ONLY(run, "type", "text", "?weight", "?size");
        says(run, "type", "TextRun");
        HOLDS(words && used + strlen(words) < size);
        memcpy(text + used, words, strlen(words) + 1);
        used += strlen(words);
    }
    return i;
}

/* Line ends part paragraphs, and are not looked at. */
static bool is_same_but_for_line_ends(const char *shown, const char **text)
{
    for (;; shown++, (*text)++) {
        shown += strspn(shown, "\n");
        if (!*shown)
            return true;
        *text += strspn(*text, "\n");
        if (*shown != **text)
            return false;
    }
}

static void check_body(const json_t *body, char *const parts[PARTS])
{
    static char text[OUTGOING_TEXT_MAX + 64], fact[OUTGOING_TEXT_MAX + 64];
    static const struct {
        const char *title;
        int part;
    } facts[] = { { "Reference: ", REFERENCE }, { "Board: ", BOARD }, { "Agency: ", AGENCY } };
    const char *at = parts[TEXT];
    size_t next = 1, last = json_array_size(body);
    bool cut = false;

    HOLDS(runs_of(json_array_get(body, 0), text, sizeof text) == 1);
    HOLDS(strcmp(text, parts[SUBJECT]) == 0);
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        if (!*parts[facts[i].part])
            continue;
        HOLDS(runs_of(json_array_get(body, next++), text, sizeof text) == 2);
        (void)snprintf(fact, sizeof fact, "%s%s", facts[i].title, parts[facts[i].part]);
        HOLDS(strcmp(text, fact) == 0);
    }
    HOLDS(runs_of(json_array_get(body, next++), text, sizeof text) == 2); /* priority */
    for (; next < last; next++) {
        HOLDS(!cut && runs_of(json_array_get(body, next), text, sizeof text) == 1);
        cut = !is_same_but_for_line_ends(text, &at);
        HOLDS(!cut || strncmp(text, "[The rest is in", 15) == 0);
    }
}

static void check_card(const struct outgoing *outgoing, char *const parts[PARTS], bool plain)
{
    const json_t *envelope, *card, *action;
    char *json = NULL;
    json_t *whole;

    if (card_write(outgoing, &json) != 0) {
        HOLDS(!plain || !*parts[REFERENCE] || !*parts[SUBJECT] ||
              strlen(parts[SUBJECT]) + strlen(parts[AGENCY]) + strlen(parts[BOARD]) > 1000 ||
              strlen(parts[TEXT]) > 1000);
        return;
    }
    HOLDS(plain && strlen(json) <= CARD_MAX);
    whole = load(json);
    HAS_ONLY(whole, "type", "attachments");
    HOLDS(json_array_size(json_object_get(whole, "attachments")) == 1);
    envelope = json_array_get(json_object_get(whole, "attachments"), 0);
    HAS_ONLY(envelope, "contentType", "contentUrl", "content");
    card = json_object_get(envelope, "content");
    HAS_ONLY(card, "body", "$schema", "type", "version", "?actions");
    check_body(json_object_get(card, "body"), parts);
    action = json_array_get(json_object_get(card, "actions"), 0);
    HOLDS(!action == (strncmp(parts[LINK], "https://", 8) != 0));
    HOLDS(json_array_size(json_object_get(card, "actions")) == (action ? 1 : 0));
    if (action) {
        HAS_ONLY(action, "type", "title", "url");
        says(action, "type", "Action.OpenUrl");
        says(action, "url", parts[LINK]);
    }
    json_decref(whole);
    free(json);
}

/* ---- GOV.UK Notify */

/* Whether a line is more than words to Notify:
 * https://www.notifications.service.gov.uk/using-notify/ formatting has "# " and "## ", "* " and
 * "1. ", "^ ", "---" and "[words](link)"; blanks may stand before them, and need not behind.  A
 * list of hyphens is what we write ourselves. */
static bool is_formatted(const char *line, size_t size)
{
    size_t at = 0, marks = 0, others = 0, digits = 0;

    for (size_t i = 0; i < size; i++) {
        marks += line[i] == '-' || line[i] == '*' || line[i] == '_';
        others += !strchr("-*_ \t\r", line[i]);
        if ((line[i] == '[' || line[i] == ']') && (i == 0 || line[i - 1] != '\\'))
            return true;
    }
    if (others == 0 && marks >= 3)
        return true;
    while (at < size && strchr(" \t\r", line[at]))
        at++;
    if (at + 1 < size && line[at] == '-' && line[at + 1] == ' ')
        for (at++; at < size && strchr(" \t\r", line[at]);)
            at++;
    while (at + digits < size && line[at + digits] >= '0' && line[at + digits] <= '9')
        digits++;
    if (digits > 0 && at + digits < size && line[at + digits] == '.')
        return true;
    return at < size && (line[at] == '#' || line[at] == '*' || line[at] == '^');
}

/* What a reader sees: a mark behind a backslash, an entity as what it stands for, as a page has it;
 * of a link the address it leads to. */
static size_t seen(const char *shown, char *letter)
{
    static const struct {
        const char *written;
        char letter;
    } forms[] = { { "&amp;", '&' }, { "%5B", '[' }, { "%5D", ']' } };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strncmp(shown, forms[i].written, strlen(forms[i].written)) == 0) {
            *letter = forms[i].letter;
            return strlen(forms[i].written);
        }
    *letter = shown[*shown == '\\'];
    return *shown == '\\' ? 2 : 1;
}

static void check_markdown(const char *shown, const char *text)
{
    for (const char *line = shown; *line;) {
        size_t size = strcspn(line, "\n");

        HOLDS(!is_formatted(line, size));
        line += size + (line[size] == '\n');
    }
    while (*text) {
        char letter;
        size_t size = seen(shown, &letter);

        /* What was written as in a URL already stays so. */
        if (letter != *text && *shown == '%' && *text == '%') {
            letter = '%';
            size = 1;
        }
        HOLDS(*shown && letter == *text);
        shown += size;
        text++;
    }
    HOLDS(!*shown);
}

/* As it went in but for blanks, and no link in Markdown. */
static void check_subject(const char *shown, const char *subject)
{
    HOLDS(!strstr(shown, "](") && !strstr(shown, "][") && !strstr(shown, "]:") &&
          !strstr(shown, "&#"));
    while (*shown || *subject) {
        shown += strspn(shown, " ");
        subject += strspn(subject, " ");
        HOLDS(*shown == *subject);
        shown += *shown != '\0';
        subject += *subject != '\0';
    }
}

static void check_notify(const struct outgoing *outgoing, char *const parts[PARTS], bool plain,
                         bool is_text)
{
    struct govuk_message message = { outgoing, parts[TO], is_text,
                                     "9d751e0e-f929-4891-82a1-a3e1c3c18ee3" };
    const json_t *said;
    char *json = NULL;
    json_t *whole;

    if (govuk_body_write(&message, &json) != 0) {
        HOLDS(!plain || !plain_is_line(parts[TO], OUTGOING_LINE_MAX) || !*parts[ID] ||
              !*parts[BOARD] || !*parts[REFERENCE] || !*parts[SUBJECT]);
        return;
    }
    HOLDS(plain);
    whole = load(json);
    HAS_ONLY(whole, "personalisation", is_text ? "phone_number" : "email_address", "template_id",
             "reference");
    says(whole, is_text ? "phone_number" : "email_address", parts[TO]);
    says(whole, "reference", parts[ID]);
    said = json_object_get(whole, "personalisation");
    HAS_ONLY(said, "subject", "text", "reference", "board", "acknowledge");
    says(said, "acknowledge", ""); /* Notify refuses where a field of the template is missing */
    if (is_text)
        says(said, "subject", parts[SUBJECT]);
    else
        check_subject(json_string_value(json_object_get(said, "subject")), parts[SUBJECT]);
    says(said, "reference", parts[REFERENCE]);
    says(said, "board", parts[BOARD]);
    if (is_text)
        says(said, "text", parts[TEXT]);
    else
        check_markdown(json_string_value(json_object_get(said, "text")), parts[TEXT]);
    json_decref(whole);
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct outgoing_say all[OUTGOING_SAYS_MAX];
    size_t count = size > 0 ? bytes[0] % (OUTGOING_SAYS_MAX + 1) : 0;
    char *parts[PARTS];
    bool plain;

    bytes += size > 0;
    size -= size > 0;
    for (int i = 0; i < PARTS; i++)
        parts[i] = fuzz_part(&bytes, &size);
    for (size_t i = 0; i < count; i++) {
        all[i] = no_say;
        all[i].words = parts[WORDS];
        all[i].cause = parts[CAUSE];
    }
    struct outgoing outgoing = {
        .id = parts[ID],
        .board = parts[BOARD],
        .reference = parts[REFERENCE],
        .person = parts[PERSON],
        .role = parts[ROLE],
        .agency = parts[AGENCY],
        .at = { INT64_C(1798131540000000) },
        .sent = INSTANT_NONE,
        .priority = "normal",
        .link = parts[LINK],
        .subject = parts[SUBJECT],
        .text = parts[TEXT],
        .says = all,
        .say_count = count,
    };
    plain = is_plain_all(parts);
    if (count == 0) /* then nobody sees them */
        plain = (*parts[WORDS] = *parts[CAUSE] = '\0', is_plain_all(parts));
    check_webhook(&outgoing, parts, plain);
    check_card(&outgoing, parts, plain);
    check_notify(&outgoing, parts, plain, false);
    check_notify(&outgoing, parts, plain, true);
    for (int i = 0; i < PARTS; i++)
        free(parts[i]);
    return 0;
}
