/* sent.c - what the deliveries of a story carried, as a reader sees it; and the record. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/record.h"
#include "story.h"

static int hex(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

/* Takes quoted-printable back: "=3D", and the line breaks that are not the writer's. */
static size_t decode(char *text, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '=' && i + 2 < size && text[i + 1] == '\r' && text[i + 2] == '\n') {
            i += 2;
        } else if (text[i] == '=' && i + 2 < size && hex(text[i + 1]) >= 0 &&
                   hex(text[i + 2]) >= 0) {
            text[length++] = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            text[length++] = text[i];
        }
    }
    return length;
}

static void fold_blanks(char *text, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < size; i++) {
        bool blank = isspace((unsigned char)text[i]);

        if (!blank)
            text[length++] = text[i];
        else if (length > 0 && text[length - 1] != ' ')
            text[length++] = ' ';
    }
    text[length] = '\0';
}

static bool contains(const char *text, const char *wanted)
{
    for (; *text; text++)
        if (strncasecmp(text, wanted, strlen(wanted)) == 0)
            return true;
    return *wanted == '\0';
}

void sent_keep(struct world *world, const struct delivery *delivery, struct instant now)
{
    struct sent *sent = &world->sent[world->sent_count];
    char *text = malloc(delivery->size + 1);

    if (!text || world->sent_count == STORY_SENT_MAX)
        abort(); /* a story is short */
    memcpy(text, delivery->bytes, delivery->size);
    fold_blanks(text, decode(text, delivery->size));
    sent->at = delivery->due;
    sent->taken = now;
    sent->text = text;
    snprintf(sent->recipient, sizeof sent->recipient, "%s", delivery->recipient);
    world->sent_count++;
    if (contains(text, STORY_PRIVATE)) {
        fprintf(stderr, "  a mail to %s names somebody:\n%s\n", sent->recipient, text);
        world->told_private = true;
    }
}

/* A person's addresses are his own, and one for the night. */
static bool is_of(const char *recipient, const char *person)
{
    size_t length = strlen(person);

    if (strcmp(recipient, person) == 0)
        return true;
    return strncmp(recipient, person, length) == 0 &&
           (recipient[length] == '@' || strncmp(recipient + length, ".night@", 7) == 0);
}

const struct sent *sent_for(const struct world *world, const struct told *told)
{
    for (size_t i = 0; i < world->sent_count; i++)
        if (world->sent[i].at.us == told->at.us && is_of(world->sent[i].recipient, told->person))
            return &world->sent[i];
    return NULL;
}

const char *sent_answer(const struct world *world, const char *role_at, const char *member,
                        char answer[ID_MAX + 1])
{
    const char *before = strcmp(member, "token") == 0 ? "/acknowledge/" : ", message ";
    char person[2 * ID_MAX + 2];

    answer[0] = '\0';
    snprintf(person, sizeof person, "%s", role_at);
    person[strcspn(person, "@")] = '.';
    for (size_t i = world->sent_count; i > 0; i--) {
        const char *at = strstr(world->sent[i - 1].text, before);

        if (!at || !is_of(world->sent[i - 1].recipient, person))
            continue;
        at += strlen(before);
        snprintf(answer, ID_MAX + 1, "%.*s", (int)strcspn(at, " "), at);
        return answer;
    }
    return answer;
}

bool world_was_sent(const struct world *world, const char *recipient, struct instant at,
                    const char *text)
{
    for (size_t i = 0; i < world->sent_count; i++)
        if (world->sent[i].at.us == at.us && strcmp(world->sent[i].recipient, recipient) == 0 &&
            sent_contains(&world->sent[i], text))
            return true;
    return false;
}

bool world_accepted(const struct world *world, const char *recipient, struct instant since,
                    struct instant until, const char *text)
{
    for (size_t i = 0; i < world->sent_count; i++)
        if (world->sent[i].taken.us > since.us && world->sent[i].taken.us <= until.us &&
            strcmp(world->sent[i].recipient, recipient) == 0 &&
            sent_contains(&world->sent[i], text))
            return true;
    return false;
}

bool sent_contains(const struct sent *sent, const char *text)
{
    char wanted[STORY_LINE_MAX];

    snprintf(wanted, sizeof wanted, "%s", text + strspn(text, " \t"));
    fold_blanks(wanted, strlen(wanted));
    if (*wanted && wanted[strlen(wanted) - 1] == ' ')
        wanted[strlen(wanted) - 1] = '\0';
    return contains(sent->text, wanted);
}

void sent_close(struct world *world)
{
    for (size_t i = 0; i < world->sent_count; i++)
        free(world->sent[i].text);
    world->sent_count = 0;
}

/* --- the record */

struct search {
    const char *type;
    const char *text;
    bool found;
};

static bool look_at(void *context, const struct record_line *line)
{
    struct search *search = context;

    if (strcmp(line->type, search->type) == 0 && line->payload &&
        contains(line->payload, search->text))
        search->found = true;
    return !search->found;
}

bool world_record_contains(struct world *world, const char *type, const char *text)
{
    struct search search = { .type = type, .text = text };

    return rehearsal_history(world->rehearsal, "board", world->last_reference, look_at, &search) ==
               0 &&
           search.found;
}
