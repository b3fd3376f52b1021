/* govuk_notify.c - what GOV.UK Notify takes and answers. */
#include "protocol/govuk_notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/contact.h"
#include "core/plain.h"
#include "protocol/json_field.h"
#include "protocol/json_guard.h"

enum { UUID_LENGTH = CONTACT_UUID_LENGTH, DIGEST_SIZE = 32, CLAIMS_SIZE = 120 };

/* ---- the key ---- */

bool govuk_key_read(const char *text, struct govuk_key *key)
{
    static const char blanks[] = " \t\r\n";
    size_t length;
    const char *secret, *service;

    text += strspn(text, blanks);
    length = strlen(text);
    while (length > 0 && strchr(blanks, text[length - 1]))
        length--;
    if (length < 2 * (size_t)UUID_LENGTH + 1)
        return false;
    secret = text + length - UUID_LENGTH;
    service = secret - 1 - UUID_LENGTH;
    if (!contact_begins_with_uuid(secret) || secret[-1] != '-' ||
        !contact_begins_with_uuid(service))
        return false;
    memcpy(key->service, service, UUID_LENGTH);
    key->service[UUID_LENGTH] = '\0';
    memcpy(key->secret.bytes, secret, UUID_LENGTH);
    key->secret.size = UUID_LENGTH;
    return true;
}

/* ---- the token: RFC 7515 and 7519 ---- */

/* base64url without padding; `text` has room for 4/3 of `size` and a zero. */
static void put_base64url(const void *bytes, size_t size, char *text)
{
    int length = EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);

    while (length > 0 && text[length - 1] == '=')
        text[--length] = '\0';
    for (char *at = text; *at; at++)
        *at = *at == '+' ? '-' : (char)(*at == '/' ? '_' : *at);
}

int govuk_token_write(const struct govuk_key *key, int64_t now_s, char token[GOVUK_TOKEN_SIZE])
{
    static const char header[] = "{\"typ\":\"JWT\",\"alg\":\"HS256\"}";
    char claims[CLAIMS_SIZE];
    unsigned char digest[DIGEST_SIZE];
    size_t used, digest_size = 0;

    (void)snprintf(claims, sizeof claims, "{\"iss\":\"%s\",\"iat\":%" PRId64 "}", key->service,
                   now_s);
    put_base64url(header, strlen(header), token);
    used = strlen(token);
    token[used++] = '.';
    put_base64url(claims, strlen(claims), token + used);
    used += strlen(token + used);
    if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key->secret.bytes, key->secret.size,
                   (const unsigned char *)token, used, digest, sizeof digest, &digest_size))
        return -EIO;
    token[used++] = '.';
    put_base64url(digest, digest_size, token + used);
    OPENSSL_cleanse(digest, sizeof digest);
    return 0;
}

/* ---- the body ---- */

/* Whether a link goes on at, or begins: in a link brackets are written as in any URL. */
static bool is_in_link(const char *at, bool before)
{
    return before ? *at > ' ' && *at != '<'
                  : strncmp(at, "https://", 8) == 0 || strncmp(at, "http://", 7) == 0;
}

/* An item of a list of ours, "- words": not a rule, "- - -", nor the bar below a heading. */
static bool is_own_item(const char *at)
{
    const char *words = at + 1 + strspn(at + 1, " ");

    return *at == '-' && at[1] == ' ' && *words && !strchr("-_*|:=\n", *words);
}

/* What makes a heading, an inset, a rule, a list, a table or a block of a line that begins so: most
 * need no blank behind them. */
static bool is_mark(const char *at)
{
    static const char bullet[] = "\xe2\x80\xa2";

    return strchr("#*+-^=_>~`|:", *at) != NULL || strncmp(at, bullet, strlen(bullet)) == 0;
}

/* What stands for a letter that means something anywhere; NULL: itself. */
static const char *instead_of(const char *at, bool link)
{
    bool names = at[1] == '#' || (at[1] >= 'a' && at[1] <= 'z') || (at[1] >= 'A' && at[1] <= 'Z');

    switch (*at) {
    case '[':
        return link ? "%5B" : "\\[";
    case ']':
        return link ? "%5D" : "\\]";
    case '\\':
        return "\\\\";
    case '&':
        return names ? "&amp;" : NULL; /* "&#91;" is read as a bracket before the Markdown is */
    default:
        return NULL;
    }
}

/* Notify reads Markdown in a mail's personalisation, as its guidance on formatting says and, beyond
 * that, as the reader does that it is made of: brackets could give a link another's words, a mark
 * at the beginning of a line make something else of it, or of the line above.  Only our own lists
 * are meant. */
static char *without_markdown(const char *text)
{
    char *plain = malloc(strlen("&amp;") * strlen(text) + 1), *to = plain;
    bool leads = true, link = false, number = false;

    if (!plain)
        return NULL;
    for (; *text; text++) {
        bool own = leads && is_own_item(text);
        const char *written;

        link = is_in_link(text, link);
        if ((leads && !own && is_mark(text)) || (number && *text == '.'))
            *to++ = '\\';
        number = (leads || number) && *text >= '0' && *text <= '9';
        written = instead_of(text, link);
        if (written)
            to = stpcpy(to, written);
        else
            *to++ = *text;
        leads = own || *text == '\n' || (leads && strchr(" \t\r", *text));
    }
    *to = '\0';
    return plain;
}

/* "&#91;", "&lbrack;": what is read as another letter. */
static bool is_entity(const char *at)
{
    size_t length = 1;

    if (*at != '&')
        return false;
    while ((at[length] >= 'a' && at[length] <= 'z') || (at[length] >= 'A' && at[length] <= 'Z') ||
           (at[length] >= '0' && at[length] <= '9'))
        length++;
    return at[1] == '#' || (length > 1 && at[length] == ';');
}

/* A subject stands in the line that mail has for it, where a backslash would be seen, and wherever
 * else a board's template has ((subject)), where Markdown is read.  A blank where a link would
 * begin is right in both. */
static char *without_links(const char *subject)
{
    char *plain = malloc(2 * strlen(subject) + 1), *to = plain;

    if (!plain)
        return NULL;
    for (; *subject; subject++) {
        *to++ = *subject;
        if ((*subject == ']' && subject[1] && strchr("([:", subject[1])) || is_entity(subject))
            *to++ = ' ';
    }
    *to = '\0';
    return plain;
}

int govuk_body_write(const struct govuk_message *message, char **json)
{
    CLEANUP(json_release) json_t *whole = json_object();
    const struct outgoing *outgoing = message->outgoing;
    json_t *personalisation = json_object();
    char *text, *subject;
    bool made, is_room;

    made = field_set(whole, "personalisation", personalisation);
    if (!made || !outgoing->id || !*outgoing->id || !outgoing->reference || !*outgoing->reference ||
        !outgoing->board || !*outgoing->board || !outgoing->subject || !*outgoing->subject ||
        !outgoing->text || !outgoing_is_plain(outgoing) ||
        !plain_is_line(message->to, OUTGOING_LINE_MAX))
        return -EINVAL;
    text = message->is_text ? strdup(outgoing->text) : without_markdown(outgoing->text);
    subject = message->is_text ? strdup(outgoing->subject) : without_links(outgoing->subject);
    made =
        text && subject && field_set_text(personalisation, "subject", subject) &&
        field_set_text(personalisation, "text", text) &&
        field_set_text(personalisation, "reference", outgoing->reference) &&
        field_set_text(personalisation, "board", outgoing->board) &&
        field_set_text(personalisation, "acknowledge",
                       outgoing->acknowledge ? outgoing->acknowledge : "") &&
        field_set_text(whole, message->is_text ? "phone_number" : "email_address", message->to) &&
        field_set_text(whole, "template_id", message->template_id) &&
        field_set_text(whole, "reference", outgoing->id);
    is_room = text && subject;
    free(text);
    free(subject);
    if (!made)
        return is_room ? -EINVAL : -ENOMEM;
    *json = json_dumps(whole, JSON_COMPACT);
    return *json ? 0 : -ENOMEM;
}

/* ---- the answers ---- */

/* NULL where it cannot be read, or goes past the limits. */
static json_t *read_answer(const char *body, size_t size)
{
    static const struct json_limits limits = { GOVUK_ANSWER_MAX, 8, 2048 };
    struct json_fault fault;
    json_t *answer = NULL;

    return json_guard_load(body, size, &limits, &answer, &fault) == JSON_GUARD_OK ? answer : NULL;
}

/* The first error that is among those documented: what it is called never changes, what it says
 * may, and may hold an address. */
static const char *error_name(const json_t *answer)
{
    static const char *const names[] = { "BadRequestError", "ValidationError",      "AuthError",
                                         "RateLimitError",  "TooManyRequestsError", "NoResultFound",
                                         "Exception" };
    const json_t *errors = json_object_get(answer, "errors"), *error;
    size_t i;

    json_array_foreach(errors, i, error)
    {
        const char *said = json_string_value(json_object_get(error, "error"));

        for (size_t j = 0; said && j < COUNT_OF(names); j++)
            if (strcmp(said, names[j]) == 0)
                return names[j];
    }
    return "";
}

static enum govuk_verdict verdict_of(int status, const char *name)
{
    if (status == 201)
        return GOVUK_TAKEN;
    if (status == 429)
        return strcmp(name, "TooManyRequestsError") == 0 ? GOVUK_TOMORROW : GOVUK_LATER;
    if (status == 400 && strcmp(name, "ValidationError") == 0)
        return GOVUK_REFUSED;
    if (status == 408 || status < 300 || status >= 500)
        return GOVUK_LATER;
    return GOVUK_SETTINGS;
}

struct govuk_judgement govuk_judge(int status, const char *body, size_t size)
{
    CLEANUP(json_release) json_t *answer = status >= 300 ? read_answer(body, size) : NULL;
    const char *name = error_name(answer);

    return (struct govuk_judgement){ verdict_of(status, name), name };
}

/* What became of a message.  What the provider could not deliver goes by another route: it was
 * tried for three days, or the number is wrong.  What was never sent is to be sent again. */
static struct govuk_judgement judge_state(const char *state)
{
    static const struct govuk_judgement ends[] = {
        { GOVUK_REFUSED, "permanent-failure" },
        { GOVUK_REFUSED, "temporary-failure" },
        { GOVUK_UNKNOWN, "technical-failure" },
    };

    for (size_t i = 0; state && i < COUNT_OF(ends); i++)
        if (strcmp(state, ends[i].name) == 0)
            return ends[i];
    return (struct govuk_judgement){ GOVUK_TAKEN, "" };
}

struct govuk_judgement govuk_judge_lookup(int status, const char *body, size_t size,
                                          const char *reference)
{
    CLEANUP(json_release) json_t *answer = NULL;
    struct govuk_judgement found = { GOVUK_UNKNOWN, "" };
    const json_t *list, *one;
    size_t i;

    if (status != 200) {
        struct govuk_judgement judgement = govuk_judge(status, body, size);

        /* Of a question that was not answered nothing is known of the message. */
        if (judgement.verdict == GOVUK_REFUSED || judgement.verdict == GOVUK_TAKEN)
            judgement.verdict = GOVUK_LATER;
        return judgement;
    }
    answer = read_answer(body, size);
    list = json_object_get(answer, "notifications");
    if (!json_is_array(list))
        return (struct govuk_judgement){ GOVUK_LATER, "" };
    json_array_foreach(list, i, one)
    {
        const char *its = json_string_value(json_object_get(one, "reference"));
        struct govuk_judgement judgement;

        if (!its || strcmp(its, reference) != 0)
            continue;
        judgement = judge_state(json_string_value(json_object_get(one, "status")));
        if (judgement.verdict == GOVUK_TAKEN)
            return judgement;
        if (found.verdict != GOVUK_REFUSED)
            found = judgement;
    }
    return found;
}
