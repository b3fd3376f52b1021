/* fuzz_mail.c - the gate of addresses and header values, and the mail behind it: whatever goes
 * in, there are the headers we write, in their order, and no other; and the body comes out whole.
 *
 * The first byte says what is there; then, each behind a zero: from, from_name, to, subject,
 * delivery, message_id, in_reply_to, reference, and the body.
 */
#include "fuzz.h"

#include "policy/directory_read.h"
#include "protocol/alphabet.h"
#include "protocol/mail.h"

enum {
    HAS_NAME = 1,
    HAS_REPLY = 2,
    HAS_REFERENCE = 4,
    IS_IMPORTANT = 8,
    HAS_BOUNCE = 16,
    LINE_MOST = 78
};

/* Every gate of an address in the tree is at least as narrow as the last one. */
static void gates_agree(const char *address)
{
    char why[ADDRESS_FAULT_SIZE];

    if (alphabet_is_address(address))
        HOLDS(mail_address_is_safe(address));
    if (!mail_address_fault(address, why))
        HOLDS(mail_address_is_safe(address));
    if (mail_address_is_safe(address))
        HOLDS(!strpbrk(address, "\r\n\t <>,;\"()") && strlen(address) <= ADDRESS_MAX);
}

/* The line at `at` of a mail, CRLF behind it; moves `*at` to the next. */
static size_t next_line(const char **at, const char *end)
{
    const char *line = *at, *stop = line;

    while (stop < end && *stop != '\r' && *stop != '\n')
        stop++;
    HOLDS(stop + 1 < end && stop[0] == '\r' && stop[1] == '\n');
    HOLDS(!memchr(line, '\0', (size_t)(stop - line)));
    *at = stop + 2;
    return (size_t)(stop - line);
}

/* Answers where the body begins. */
static const char *check_headers(const char *at, const char *end, uint8_t flags)
{
    static const struct {
        const char *name;
        uint8_t if_flag;
    } names[] = {
        { "Date", 0 },
        { "From", 0 },
        { "To", 0 },
        { "Subject", 0 },
        { "Message-ID", 0 },
        { "In-Reply-To", HAS_REPLY },
        { "References", HAS_REPLY },
        { "Auto-Submitted", 0 },
        { "X-Auto-Response-Suppress", 0 },
        { "X-Concernd-Delivery", 0 },
        { "X-Concernd-Bounce", HAS_BOUNCE },
        { "X-Concernd-Reference", HAS_REFERENCE },
        { "Importance", IS_IMPORTANT },
        { "X-Priority", IS_IMPORTANT },
        { "MIME-Version", 0 },
        { "Content-Type", 0 },
        { "Content-Transfer-Encoding", 0 },
    };
    size_t expected = 0, count = sizeof names / sizeof names[0];
    bool in_to = false;

    for (;;) {
        const char *line = at;
        size_t length = next_line(&at, end);

        if (length == 0)
            break;
        in_to = line[0] == ' ' ? in_to : strncmp(line, "To:", 3) == 0;
        /* Only the one it goes to may need more than ASCII (RFC 6532). */
        for (size_t i = 0; i < length; i++)
            HOLDS((unsigned char)line[i] >= 0x20 && line[i] != 0x7f &&
                  ((unsigned char)line[i] < 0x80 || in_to));
        HOLDS(length <= LINE_MOST || memchr(line, '@', length));
        if (line[0] == ' ')
            continue;
        while (expected < count && (names[expected].if_flag & ~flags) != 0)
            expected++;
        HOLDS(expected < count &&
              strncmp(line, names[expected].name, strlen(names[expected].name)) == 0);
        HOLDS(line[strlen(names[expected].name)] == ':');
        expected++;
    }
    HOLDS(expected == count);
    return at;
}

static int hex(char digit)
{
    const char *at = digit ? strchr("0123456789ABCDEF", digit) : NULL;

    HOLDS(at);
    return (int)(at - "0123456789ABCDEF");
}

/* Quoted-printable back to text, lines ended by "\n" alone. */
static char *decode(const char *at, const char *end)
{
    char *text = malloc((size_t)(end - at) + 1), *to = text;

    HOLDS(text);
    while (at < end) {
        const char *line = at;
        size_t length = next_line(&at, end);
        bool soft = length > 0 && line[length - 1] == '=';

        HOLDS(length <= LINE_MOST);
        HOLDS(soft || length == 0 || (line[length - 1] != ' ' && line[length - 1] != '\t'));
        for (size_t i = 0; i < length - soft; i++) {
            if (line[i] == '=') {
                HOLDS(i + 2 < length);
                *to++ = (char)(hex(line[i + 1]) << 4 | hex(line[i + 2]));
                i += 2;
            } else {
                *to++ = line[i];
            }
        }
        if (!soft)
            *to++ = '\n';
    }
    *to = '\0';
    return text;
}

/* The body as it should come out: "\r\n" is "\n", and the last line has an end. */
static char *expected_body(const char *body)
{
    size_t length = strlen(body);
    char *text = malloc(length + 2), *to = text;

    HOLDS(text);
    for (size_t i = 0; i < length; i++)
        if (body[i] != '\r' || body[i + 1] != '\n')
            *to++ = body[i];
    if (to > text && to[-1] != '\n')
        *to++ = '\n';
    *to = '\0';
    return text;
}

/* From and To, folded or not, hold one mailbox each, and it is the one that was given: what stands
 * in a command to the server is that text too. */
static void check_mailbox(const char *bytes, const char *header, const char *address)
{
    const char *at = strstr(bytes, header), *end;

    HOLDS(at && !strstr(at + 1, header));
    at = strchr(at, '<');
    HOLDS(at && strncmp(at + 1, address, strlen(address)) == 0);
    end = at + 1 + strlen(address);
    HOLDS(strncmp(end, ">\r\n", 3) == 0 && end[3] != ' ');
}

static void check_mail(const struct mail *mail, uint8_t flags, const char *bytes, size_t size)
{
    char *wanted = expected_body(mail->body);
    const char *body = check_headers(bytes, bytes + size, flags);
    char *got = decode(body, bytes + size),
         *headers = fuzz_text((const uint8_t *)bytes, (size_t)(body - bytes));

    check_mailbox(headers, "\r\nFrom:", mail->from);
    check_mailbox(headers, "\r\nTo:", mail->to);
    free(headers);

    HOLDS(strcmp(wanted, got) == 0);
    free(wanted);
    free(got);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { FROM, NAME, TO, SUBJECT, DELIVERY, MESSAGE, REPLY, REFERENCE, BODY, PARTS };
    char *parts[PARTS], *written = NULL;
    uint8_t flags = size > 0 ? bytes[0] : 0;
    size_t written_size = 0;
    struct mail mail;

    bytes += size > 0;
    size -= size > 0;
    for (int i = 0; i < PARTS; i++)
        parts[i] = fuzz_part(&bytes, &size);
    mail = (struct mail){
        .from = parts[FROM],
        .from_name = flags & HAS_NAME ? parts[NAME] : NULL,
        .to = parts[TO],
        .subject = parts[SUBJECT],
        .delivery = parts[DELIVERY],
        .bounce = flags & HAS_BOUNCE ? parts[DELIVERY] : NULL,
        .message_id = parts[MESSAGE],
        .in_reply_to = flags & HAS_REPLY ? parts[REPLY] : NULL,
        .reference = flags & HAS_REFERENCE ? parts[REFERENCE] : NULL,
        .date = { INT64_C(1798131540000000) },
        .important = flags & IS_IMPORTANT,
        .body = parts[BODY],
    };
    gates_agree(mail.from);
    gates_agree(mail.to);
    if (mail_write(&mail, &written, &written_size) == MAIL_OK) {
        HOLDS(mail_header_is_safe(mail.subject) && mail_address_is_safe(mail.to));
        check_mail(&mail, flags, written, written_size);
    }
    free(written);
    for (int i = 0; i < PARTS; i++)
        free(parts[i]);
    return 0;
}
