/* bounced.c - one mail that came to the address for bounces, as GMime reads it. */
#include "concernctl/bounced.h"

#include "concernctl/bounced_status.h"

#include <gmime/gmime.h>
#include <string.h>
#include <strings.h>

enum {
    DEPTH_MAX = 4,                /* of the parts that a report is looked for in */
    STATUS_BYTES_MAX = 128 * 1024 /* of a delivery-status; many recipients, or a flood */
};

/* What is found on the way through the parts; borrowed from the mail. */
struct finding {
    GMimeObject *status;   /* message/delivery-status */
    GMimeObject *returned; /* the mail that came back, or its headers */
};

static void object_unref(void *at)
{
    GObject **object = at;

    if (*object)
        g_object_unref(*object);
    *object = NULL;
}

/* --- bounds */

static bool is_within_bounds(const char *bytes, size_t size)
{
    static const char content_type[] = "content-type";
    const char *at = bytes, *end = bytes + size;
    unsigned lines = 0, parts = 0;

    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);

        parts += length > sizeof content_type - 1 &&
                 strncasecmp(at, content_type, sizeof content_type - 1) == 0;
        if (++lines > BOUNCED_LINES_MAX || parts > BOUNCED_PARTS_MAX)
            return false;
        at += length + 1;
    }
    return true;
}

/* --- parts */

static bool is_type(GMimeObject *part, const char *type, const char *const *subtypes)
{
    GMimeContentType *of = g_mime_object_get_content_type(part);

    for (size_t i = 0; of && subtypes[i]; i++)
        if (g_mime_content_type_is_type(of, type, subtypes[i]))
            return true;
    return false;
}

static void look_at(struct finding *finding, GMimeObject *part, int depth)
{
    static const char *const statuses[] = { "delivery-status", "global-delivery-status", NULL };
    static const char *const messages[] = { "rfc822", "global", "global-headers", NULL };
    static const char *const headers[] = { "rfc822-headers", NULL };
    int count;

    if (!part || depth > DEPTH_MAX)
        return;
    if (is_type(part, "message", statuses)) {
        if (!finding->status)
            finding->status = part;
    } else if (is_type(part, "message", messages) || is_type(part, "text", headers)) {
        if (!finding->returned)
            finding->returned = part;
    } else if (GMIME_IS_MULTIPART(part)) {
        count = g_mime_multipart_get_count(GMIME_MULTIPART(part));
        for (int i = 0; i < count; i++)
            look_at(finding, g_mime_multipart_get_part(GMIME_MULTIPART(part), i), depth + 1);
    }
}

/* The decoded content; the caller's to g_free(). */
static char *content_of(GMimeObject *part)
{
    CLEANUP(object_unref) GMimeStream *stream = g_mime_stream_mem_new();
    GMimeDataWrapper *content =
        GMIME_IS_PART(part) ? g_mime_part_get_content(GMIME_PART(part)) : NULL;
    const GByteArray *array;

    if (content)
        (void)g_mime_data_wrapper_write_to_stream(content, stream);
    array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    return g_strndup(array->data ? (const char *)array->data : "",
                     array->len < STATUS_BYTES_MAX ? array->len : STATUS_BYTES_MAX);
}

/* --- which delivery */

static bool find_recipient(GMimeObject *mail, struct return_path *path)
{
    static const char *const names[] = { "Delivered-To", "X-Original-To",
                                         "Envelope-To",  "X-Envelope-To",
                                         "X-RCPT-TO",    "X-Forwarded-To",
                                         "Resent-To",    "To",
                                         "Cc",           "X-Delivered-To" };
    GMimeHeaderList *list = g_mime_object_get_header_list(mail);
    int count = g_mime_header_list_get_count(list);

    for (size_t name = 0; name < COUNT_OF(names); name++)
        for (int i = 0; i < count; i++) {
            GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
            const char *value = g_mime_header_get_value(header);

            if (value && strcasecmp(g_mime_header_get_name(header), names[name]) == 0 &&
                return_path_read(value, path))
                return true;
        }
    return false;
}

/* Headers of ours as they came back: signed, or at least the id. */
static bool read_ours(const char *bounce, const char *delivery, const char *message_id,
                      struct return_path *path)
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const char *id = delivery ? delivery : message_id;

    if (bounce && return_path_read_token(bounce, path))
        return true;
    if (!id)
        return false;
    id += strspn(id, " <");
    if (strspn(id, letters) != DELIVERY_ID_SIZE - 1)
        return false;
    *path = (struct return_path){ .signature = "" };
    memcpy(path->delivery, id, DELIVERY_ID_SIZE - 1);
    return true;
}

static bool find_returned(GMimeObject *part, struct return_path *path)
{
    char bounce[BOUNCED_FIELD_SIZE], delivery[BOUNCED_FIELD_SIZE], id[BOUNCED_FIELD_SIZE];
    GMimeObject *mail = NULL;
    char *headers;
    bool found;

    if (part && GMIME_IS_MESSAGE_PART(part))
        mail = GMIME_OBJECT(g_mime_message_part_get_message(GMIME_MESSAGE_PART(part)));
    if (mail)
        return read_ours(g_mime_object_get_header(mail, "X-Concernd-Bounce"),
                         g_mime_object_get_header(mail, "X-Concernd-Delivery"),
                         g_mime_object_get_header(mail, "Message-ID"), path);
    if (!part)
        return false;
    headers = content_of(part);
    found = read_ours(bounced_field(headers, "X-Concernd-Bounce", bounce) ? bounce : NULL,
                      bounced_field(headers, "X-Concernd-Delivery", delivery) ? delivery : NULL,
                      bounced_field(headers, "Message-ID", id) ? id : NULL, path);
    g_free(headers);
    return found;
}

/* --- the mail */

static void read_status(GMimeObject *part, struct command *command)
{
    char *text = content_of(part);

    bounced_status_read(text, command);
    g_free(text);
}

/* `mail` is NULL where GMime finds none in the bytes: then only the recipient says anything. */
static int read_mail(GMimeMessage *mail, const char *recipient, struct command *command)
{
    struct finding finding = { .status = NULL };
    bool found = false;

    if (mail)
        look_at(&finding, g_mime_message_get_mime_part(mail), 0);
    if (recipient)
        found = return_path_read(recipient, &command->bounced);
    else if (mail)
        found = find_recipient(GMIME_OBJECT(mail), &command->bounced);
    if (!found && !find_returned(finding.returned, &command->bounced))
        return BOUNCED_NOT_OURS;
    if (finding.status)
        read_status(finding.status, command);
    if (!command->action[0])
        memcpy(command->action, "answered", sizeof "answered");
    return BOUNCED_OK;
}

int bounced_read(const char *bytes, size_t size, const char *recipient, struct command *command)
{
    CLEANUP(object_unref) GMimeStream *stream = NULL;
    CLEANUP(object_unref) GMimeParser *parser = NULL;
    CLEANUP(object_unref) GMimeMessage *mail = NULL;
    const char *line_end =
        size > 5 && memcmp(bytes, "From ", 5) == 0 ? memchr(bytes, '\n', size) : NULL;

    if (line_end) { /* postfix's local(8) and many others write an mbox's first line */
        size -= (size_t)(line_end + 1 - bytes);
        bytes = line_end + 1;
    }
    if (size > BOUNCED_BYTES_MAX)
        size = BOUNCED_BYTES_MAX;
    if (!is_within_bounds(bytes, size))
        return BOUNCED_TOO_MUCH;
    g_mime_init();
    stream = g_mime_stream_mem_new_with_buffer(bytes, size);
    parser = g_mime_parser_new_with_stream(stream);
    mail = g_mime_parser_construct_message(parser, NULL);
    return read_mail(mail, recipient, command);
}
