/* http_page.c - what an answer says, and how its pages look. */
#include "io/http_private.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/plain.h"

/* The only one there is: its hash is in the Content-Security-Policy.  Readable at any width,
 * printed too, and by who has set dark colours. */
static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0}"
    "th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #8888;"
    "vertical-align:top}"
    "td.n,th.n{text-align:right}"
    ".good{border-left:.4rem solid #00703c;padding-left:.8rem}"
    ".bad{border-left:.4rem solid #d4351c;padding-left:.8rem;font-weight:bold}"
    "button{font:inherit;padding:.6rem 1.2rem;margin:.5rem .5rem .5rem 0}"
    "label{display:block;margin:.5rem 0}"
    "input,textarea,select{font:inherit;max-width:100%}"
    "a:focus,button:focus,input:focus{outline:3px solid #fd0;outline-offset:2px}"
    "@media print{body{max-width:none;padding:0}}";

bool http_write_policy(char policy[HTTP_POLICY_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char base64[2 * EVP_MAX_MD_SIZE];
    unsigned length = 0;

    if (EVP_Digest(style, strlen(style), digest, &length, EVP_sha256(), NULL) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)base64, digest, (int)length);
    snprintf(policy, HTTP_POLICY_SIZE,
             "default-src 'none'; style-src 'sha256-%s'; form-action 'self'; base-uri 'none'; "
             "frame-ancestors 'none'",
             base64);
    return true;
}

void http_status(struct http_response *response, unsigned status)
{
    response->status = status;
}

void http_type(struct http_response *response, const char *type)
{
    response->type = type;
}

void http_header(struct http_response *response, const char *name, const char *value)
{
    size_t at = response->header_count;

    if (at == HTTP_HEADERS_MORE_MAX || strlen(name) >= HTTP_HEADER_NAME_SIZE ||
        strlen(value) >= HTTP_HEADER_VALUE_SIZE || strpbrk(value, "\r\n")) {
        response->failed = true;
        return;
    }
    memcpy(response->headers[at].name, name, strlen(name) + 1);
    memcpy(response->headers[at].value, value, strlen(value) + 1);
    response->header_count++;
}

/* Room for `more` bytes and a zero. */
static bool make_room(struct http_response *response, size_t more)
{
    size_t wanted = response->used + more + 1;
    char *grown;

    if (response->failed || wanted > HTTP_ANSWER_MAX) {
        response->failed = true;
        return false;
    }
    if (wanted <= response->size)
        return true;
    grown = realloc(response->bytes, 2 * wanted);
    if (!grown) {
        response->failed = true;
        return false;
    }
    response->bytes = grown;
    response->size = 2 * wanted;
    return true;
}

void http_say(struct http_response *response, const char *text)
{
    size_t length = strlen(text);

    if (!make_room(response, length))
        return;
    memcpy(response->bytes + response->used, text, length + 1);
    response->used += length;
}

void http_sayf(struct http_response *response, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !make_room(response, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(response->bytes + response->used, (size_t)length + 1, format, arguments);
    va_end(arguments);
    response->used += (size_t)length;
}

const char *http_said(const struct http_response *response)
{
    return response->failed ? NULL : response->bytes;
}

static void say_bytes(struct http_response *response, const char *bytes, size_t size)
{
    if (!make_room(response, size))
        return;
    memcpy(response->bytes + response->used, bytes, size);
    response->used += size;
    response->bytes[response->used] = '\0';
}

static const char *entity_of(uint32_t character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void http_say_text(struct http_response *response, const char *text)
{
    while (*text) {
        uint32_t character = 0;
        size_t step = plain_character(text, SIZE_MAX, &character);
        const char *entity = entity_of(character);

        if (entity)
            http_say(response, entity);
        else if (step == 0 || !plain_is_shown(character))
            http_say(response, " ");
        else
            say_bytes(response, text, step);
        text += step + (step == 0);
    }
}

void http_page_begin(struct http_response *response, const char *language, const char *title)
{
    http_type(response, "text/html; charset=utf-8");
    http_say(response, "<!DOCTYPE html>\n<html lang=\"");
    http_say_text(response, language);
    http_say(response, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    http_say_text(response, title);
    http_sayf(response, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
    http_say_text(response, title);
    http_say(response, "</h1>\n");
}

void http_page_end(struct http_response *response)
{
    http_say(response, "</main>\n</body>\n</html>\n");
}
