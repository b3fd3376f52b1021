/* mail_page.c - a mail's text as a page: the same words, with headings, lists and links.
 *
 * Made from the text, so that both always say the same and there is one template to word.  Every
 * character of the text goes through put_escaped(): none can become markup.
 */
#include "protocol/mail_private.h"

#include <errno.h>
#include <string.h>

#include "core/plain.h"

/* Where in the text the page is, and what is open. */
struct page {
    struct mail_buffer *buffer;
    bool in_paragraph, in_list, in_item;
};

/* Styles stand in the elements: many mail programs drop a style sheet. */
static const char head_of_page[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "</head>\n"
    "<body style=\"margin:1em;max-width:42em;font:16px/1.5 Arial,Helvetica,sans-serif;"
    "color:#0b0c0c;background:#ffffff\">\n";

static void put_escaped(struct mail_buffer *buffer, const char *text, size_t size)
{
    static const struct {
        uint32_t character;
        const char *entity;
    } entities[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" }
    };

    for (size_t at = 0, step; at < size; at += step) {
        const char *entity = NULL;
        uint32_t character;

        step = plain_character(text + at, size - at, &character);
        if (step == 0)
            return;
        for (size_t i = 0; i < COUNT_OF(entities); i++)
            if (entities[i].character == character)
                entity = entities[i].entity;
        if (entity)
            mail_put(buffer, entity);
        else if (!plain_is_shown(character))
            mail_put(buffer, " ");
        else
            mail_put_bytes(buffer, text + at, step);
    }
}

/* How long the https address at `text` is, without the point that ends a sentence; or 0. */
static size_t link_length(const char *text, size_t size)
{
    static const char scheme[] = "https://";
    size_t length = 0;

    if (size < sizeof scheme || strncmp(text, scheme, sizeof scheme - 1) != 0)
        return 0;
    while (length < size && text[length] > ' ' && !strchr("\"'<>\\`{}|^", text[length]) &&
           (unsigned char)text[length] < 0x7f)
        length++;
    while (length > 0 && strchr(".,;:!?)", text[length - 1]))
        length--;
    return length > sizeof scheme - 1 ? length : 0;
}

static void put_words_of_line(struct mail_buffer *buffer, const char *line, size_t size)
{
    size_t from = 0;

    for (size_t at = 0; at < size; at++) {
        size_t length = link_length(line + at, size - at);

        if (length == 0)
            continue;
        put_escaped(buffer, line + from, at - from);
        mail_put(buffer, "<a href=\"");
        put_escaped(buffer, line + at, length);
        mail_put(buffer, "\" style=\"color:#1d70b8\">");
        put_escaped(buffer, line + at, length);
        mail_put(buffer, "</a>");
        from = at + length;
        at = from - 1;
    }
    put_escaped(buffer, line + from, size - from);
}

/* Latin, Greek and Cyrillic: in Latin Extended-A capitals and small letters take turns. */
static bool is_capital(uint32_t character)
{
    return (character >= 'A' && character <= 'Z') ||
           (character >= 0xc0 && character <= 0xde && character != 0xd7) ||
           (character >= 0x100 && character <= 0x137 && character % 2 == 0) ||
           (character >= 0x139 && character <= 0x148 && character % 2 == 1) ||
           (character >= 0x14a && character <= 0x177 && character % 2 == 0) ||
           (character >= 0x391 && character <= 0x3a9) || (character >= 0x400 && character <= 0x42f);
}

/* "BY WHEN:": a first word in capitals, and all up to the colon; its length, or 0. */
static size_t heading_length(const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);
    size_t at = 0, capitals = 0;

    while (at < size) {
        uint32_t character;
        size_t step = plain_character(line + at, size - at, &character);

        if (step == 0 || !is_capital(character))
            break;
        capitals++;
        at += step;
    }
    if (!colon || capitals < 2 || at >= size || line[at] != ' ')
        return 0;
    return (size_t)(colon - line) + 1;
}

static void close_item(struct page *page)
{
    if (page->in_item)
        mail_put(page->buffer, "</li>\n");
    page->in_item = false;
}

static void close_block(struct page *page)
{
    close_item(page);
    if (page->in_list)
        mail_put(page->buffer, "</ul>\n");
    if (page->in_paragraph)
        mail_put(page->buffer, "</p>\n");
    page->in_list = page->in_paragraph = false;
}

static void put_item(struct page *page, const char *line, size_t size)
{
    close_item(page);
    if (!page->in_list) {
        close_block(page);
        mail_put(page->buffer, "<ul style=\"margin:0 0 1em 0;padding-left:1.4em\">\n");
    }
    mail_put(page->buffer, "<li>");
    put_words_of_line(page->buffer, line + 2, size - 2);
    page->in_list = page->in_item = true;
}

static void put_paragraph_line(struct page *page, const char *line, size_t size)
{
    size_t heading;

    if (!page->in_paragraph) {
        heading = heading_length(line, size);
        mail_put(page->buffer, "<p style=\"margin:0 0 0.6em 0\">");
        if (heading > 0) {
            mail_put(page->buffer, "<strong>");
            put_escaped(page->buffer, line, heading);
            mail_put(page->buffer, "</strong>");
        }
        put_words_of_line(page->buffer, line + heading, size - heading);
    } else {
        mail_put(page->buffer, "\n");
        put_words_of_line(page->buffer, line, size);
    }
    page->in_paragraph = true;
}

static void put_line(struct page *page, const char *line, size_t size)
{
    size_t blank = 0;

    while (blank < size && line[blank] == ' ')
        blank++;
    if (blank == size) {
        close_block(page);
    } else if (size > 2 && line[0] == '-' && line[1] == ' ') {
        put_item(page, line, size);
    } else if (page->in_item && blank >= 2) {
        mail_put(page->buffer, "\n");
        put_words_of_line(page->buffer, line + blank, size - blank);
    } else {
        if (page->in_list)
            close_block(page);
        put_paragraph_line(page, line + blank, size - blank);
    }
}

/* How long the paragraph at `text` is, and in `*words` how long what stands before `button` in it,
 * without the colon and blanks between; 0 where it does not end with the button. */
static size_t button_paragraph(const char *text, const char *button, size_t *words)
{
    const char *end = strstr(text, "\n\n"), *at = strstr(text, button);
    size_t size = end ? (size_t)(end - text) + 1 : strlen(text), length = strlen(button);

    if (!at || (size_t)(at - text) + length > size ||
        strspn(at + length, "\n") < size - (size_t)(at - text) - length)
        return 0;
    *words = (size_t)(at - text);
    while (*words > 0 && strchr(" \n:", text[*words - 1]))
        (*words)--;
    return *words > 0 ? size : 0;
}

static void put_button(struct mail_buffer *buffer, const char *button, const char *words,
                       size_t size)
{
    mail_put(buffer, "<p style=\"margin:1em 0\"><a href=\"");
    put_escaped(buffer, button, strlen(button));
    mail_put(buffer, "\" style=\"display:inline-block;padding:0.6em 1em;color:#ffffff;"
                     "background:#00703c;text-decoration:none;font-weight:bold\">");
    put_escaped(buffer, words, size);
    mail_put(buffer, "</a></p>\n");
}

/* The size of what was put of the text at `line`: a button's paragraph, or the line. */
static size_t put_some(struct page *page, const struct mail *mail, const char *line)
{
    size_t size = strcspn(line, "\n"), words = 0;
    bool carriage_return = size > 0 && line[size - 1] == '\r';

    if (mail->button && *mail->button && !page->in_paragraph && !page->in_list) {
        size_t whole = button_paragraph(line, mail->button, &words);

        if (whole > 0) {
            put_button(page->buffer, mail->button, line, words);
            return whole;
        }
    }
    put_line(page, line, carriage_return ? size - 1 : size);
    return size + (line[size] == '\n');
}

void mail_put_page(struct mail_buffer *buffer, const struct mail *mail)
{
    struct page page = { .buffer = buffer };

    mail_put(buffer, "<!DOCTYPE html>\n<html");
    if (mail->language) {
        mail_put(buffer, " lang=\"");
        put_escaped(buffer, mail->language, strlen(mail->language));
        mail_put(buffer, "\"");
    }
    mail_put(buffer, ">\n<head>\n<title>");
    put_escaped(buffer, mail->subject, strlen(mail->subject));
    mail_put(buffer, "</title>\n");
    mail_put(buffer, head_of_page);
    for (const char *line = mail->body; *line;)
        line += put_some(&page, mail, line);
    close_block(&page);
    mail_put(buffer, "</body>\n</html>\n");
}

int mail_page_write(const struct mail *mail, char **page)
{
    CLEANUP(mail_buffer_free) struct mail_buffer buffer = { .bytes = NULL };

    mail_put_page(&buffer, mail);
    mail_put_bytes(&buffer, "", 1);
    if (buffer.failed)
        return -ENOMEM;
    *page = buffer.bytes;
    buffer.bytes = NULL;
    return 0;
}
