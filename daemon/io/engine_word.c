/* engine_word.c - what people must know of deliveries that failed: the first at once, and what
 * follows within half a minute in one list.
 *
 * A word is kept in the turn in which it is said, and is told in one message only, in the turn that
 * notes that it was: a crash neither loses nor doubles it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/escalation.h"
#include "core/text.h"
#include "io/engine_gather.h"
#include "io/engine_private.h"
#include "io/journal.h"
#include "io/message_ids.h"
#include "io/store_word.h"

#define WORD_SPAN_US (30 * SECOND_US)

/* What one message says at most, in bytes: as much as a card carries, and one text message (GOV.UK
 * Notify refuses those of more than 918 letters, its template's among them). */
enum { LIST_SIZE = 10 * 1024, SHORT_LIST_SIZE = 760 };

static const char operator_[] = "operator", board_start[] = "board:";

static const struct {
    const char *name, *one, *many; /* subjects */
    const char *head, *tail;       /* around a list */
    bool is_urgent;
} kinds[WORD_KIND_COUNT] = {
    [WORD_REFUSED] = { .name = "refused",
                       .one = "A notification is not delivered",
                       .many = "Notifications are not delivered",
                       .head = "These notifications cannot be delivered by one of their routes; "
                               "behind each\nstands what the other side said:\n\n",
                       .tail = "\nEach goes on by the person's next route or to a deputy, where "
                               "the directory has\none. `concernctl outbox --state refused` shows "
                               "them. Correct the directory.\n" },
    [WORD_RETURNED] = { .name = "returned",
                        .one = "A notification came back",
                        .many = "Notifications came back",
                        .head = "Mail servers had accepted these notifications; others behind "
                                "them could not\ndeliver them, and said:\n\n",
                        .tail = "\nEach goes on by the person's next route or to a deputy, where "
                                "the directory has\none. `concernctl outbox --state refused` shows "
                                "them. Correct the directory.\n" },
    [WORD_NOWHERE] = { .name = "nowhere",
                       .one = "A notification has nowhere to go",
                       .many = "Notifications have nowhere to go",
                       .head = "The directory gives no route for whoever is to be told of "
                               "these:\n\n",
                       .tail = "\nTell them another way, and put the directory right.\n" },
    [WORD_UNDELIVERED] = { .name = "undelivered",
                           .one = "Nobody accepted a notification: tell them another way",
                           .many = "Nobody accepted a notification: tell them another way",
                           .head = "Nobody has accepted these notifications, by any route that "
                                   "can be taken now.\nSomebody must be told another way:\n\n",
                           .tail = "\nWhat was not refused is tried on. `concernctl outbox` shows "
                                   "what the other side said,\nand `concernctl status` how many "
                                   "there are.\n",
                           .is_urgent = true },
};

int engine_say_word(struct engine *engine, const struct engine_word *word)
{
    char listener[WORD_LISTENER_SIZE];
    struct word_row row = { .listener = listener,
                            .kind = kinds[word->kind].name,
                            .about = word->about,
                            .line = word->line,
                            .text = word->text };

    if (engine->settings.undelivered)
        return 0;
    snprintf(listener, sizeof listener, "%s%s", word->board ? board_start : operator_,
             word->board ? word->board : "");
    return engine_store_answer(store_put_word(engine->settings.store, &row, engine->now));
}

/* --- one message */

/* What waits of a group; as many as one message has room for stand in it. */
struct telling {
    struct engine *engine;
    const struct word_group *group;
    enum engine_word_kind kind;
    size_t limit; /* of a message, in bytes */
    size_t count; /* in the message that is being written */
    char about[160];
    char alone[DELIVERY_DETAIL_SIZE + 700];
    int64_t last; /* of them */
    struct text list;
    char room[LIST_SIZE + 1024];
};

static int send_to_operator(struct telling *self, const char *key, const char *subject,
                            const char *text)
{
    struct engine_message message = { .key = key,
                                      .person = operator_,
                                      .role = operator_,
                                      .subject = subject,
                                      .text = text,
                                      .language = LANGUAGE_DEFAULT,
                                      .priority = PRIORITY_URGENT };
    struct engine_routes routes;

    if (!kinds[self->kind].is_urgent)
        return engine_tell_operator(self->engine, key, subject, text);
    /* Who is told this must not wait for the next route. */
    engine_routes_to(self->engine, operator_, NULL, &routes);
    return engine_send_message_by_all(self->engine, &message, &routes);
}

static const struct person *team_of(struct engine *engine, const char *board)
{
    const struct directory *directory = policy_directory(engine->settings.policy);

    return directory ? escalation_board_person(directory, board, engine_today_of(engine, board))
                     : NULL;
}

static int send_to_board(struct telling *self, const char *board, const char *key,
                         const char *subject, const char *text)
{
    struct engine *engine = self->engine;
    const struct person *person = team_of(engine, board);
    struct engine_message message = { .key = key,
                                      .role = "board's team",
                                      .subject = subject,
                                      .text = text,
                                      .language = LANGUAGE_DEFAULT,
                                      .priority = PRIORITY_URGENT };
    struct engine_routes routes;

    if (!person) {
        journal_error(
            JOURNAL({ "MESSAGE_ID", MESSAGE_ID_OPERATOR_UNREACHABLE }, { "BOARD", board }),
            "the directory names nobody for the board, who would be told that a "
            "notification is undelivered");
        return 0;
    }
    message.person = person->id;
    engine_routes_to(engine, message.person, board, &routes);
    return engine_send_message_by_all(engine, &message, &routes);
}

/* NULL: the operator listens. */
static const char *board_of(const struct word_group *group)
{
    bool is_board = strncmp(group->listener, board_start, strlen(board_start)) == 0;

    return is_board ? group->listener + strlen(board_start) : NULL;
}

/* It may go by any of his routes in the end, and by each must arrive whole. */
static size_t limit_of(struct engine *engine, const struct word_group *group)
{
    const char *board = board_of(group);
    const struct person *person = board ? team_of(engine, board) : NULL;
    struct engine_routes routes;

    if (board && !person)
        return LIST_SIZE;
    engine_routes_to(engine, person ? person->id : operator_, board, &routes);
    for (size_t i = 0; i < routes.count; i++)
        if (routes.list[i].kind == ROUTE_NOTIFY_TEXT)
            return SHORT_LIST_SIZE;
    return LIST_SIZE;
}

static int finish(struct telling *self)
{
    bool is_alone = self->count == 1 && *self->alone;
    const char *subject = self->count == 1 ? kinds[self->kind].one : kinds[self->kind].many;
    const char *text = is_alone ? self->alone : self->room;
    const char *board = board_of(self->group);
    char key[256];

    text_add(&self->list, kinds[self->kind].tail);
    /* The board's id is the second word: by it the message goes on to a deputy. */
    snprintf(key, sizeof key, "%s %s %lld %s", kinds[self->kind].name, board ? board : operator_,
             (long long)self->engine->now.us, self->about);
    return board ? send_to_board(self, board, key, subject, text)
                 : send_to_operator(self, key, subject, text);
}

static bool add_word(void *context, const struct word_row *row)
{
    struct telling *self = context;

    if (self->list.used + strlen(row->line) + 3 + strlen(kinds[self->kind].tail) > self->limit &&
        self->count > 0)
        return false;
    if (self->count++ == 0) {
        snprintf(self->about, sizeof self->about, "%s", row->about);
        snprintf(self->alone, sizeof self->alone, "%s", row->text);
    }
    text_addf(&self->list, "- %s\n", row->line);
    self->last = row->number;
    return true;
}

/* --- a group */

/* All of it, in as many messages as it takes. */
static int tell_group(struct engine *engine, const struct word_group *group)
{
    struct store *store = engine->settings.store;
    struct telling *self = calloc(1, sizeof *self);
    int answer = self ? 0 : journal_fail(-ENOMEM, "no memory for what people must know");

    for (bool more = true; answer == 0 && more;) {
        *self =
            (struct telling){ .engine = engine, .group = group, .limit = limit_of(engine, group) };
        while (self->kind + 1 < WORD_KIND_COUNT && strcmp(kinds[self->kind].name, group->kind))
            self->kind++;
        self->list = text_over(self->room, sizeof self->room);
        text_add(&self->list, kinds[self->kind].head);
        answer = engine_store_answer(store_list_words(store, group, add_word, self));
        more = self->count > 0;
        if (answer == 0 && more)
            answer = finish(self);
        if (answer == 0 && more)
            answer = engine_store_answer(store_tell_words(store, group, self->last, engine->now));
    }
    free(self);
    return answer;
}

/* When what waits of a group may be told: at once, or once half a minute is over since the last. */
static int due_of(struct engine *engine, const struct word_group *group, struct instant *due)
{
    int answer = engine_store_answer(store_words_told(engine->settings.store, group, due));

    if (answer == 0 && instant_is_none(*due))
        due->us = 0;
    else if (answer == 0)
        due->us += WORD_SPAN_US;
    return answer;
}

/* The clock may have been set back since the last. */
static bool is_due(const struct engine *engine, struct instant due)
{
    return due.us <= engine->now.us || due.us - engine->now.us > WORD_SPAN_US;
}

int engine_tell_words(struct engine *engine)
{
    struct word_group group, *after = NULL;
    int answer;

    if (engine->settings.undelivered)
        return 0;
    for (;;) {
        struct instant due;

        answer = store_next_words(engine->settings.store, after, &group);
        if (answer != STORE_OK)
            return answer == STORE_NONE ? 0 : engine_store_answer(answer);
        answer = due_of(engine, &group, &due);
        if (answer == 0 && is_due(engine, due))
            answer = tell_group(engine, &group);
        if (answer)
            return answer;
        after = &group;
    }
}

int engine_words_wake(struct engine *engine, struct instant *wake)
{
    struct word_group group, *after = NULL;
    int answer;

    *wake = INSTANT_NONE;
    if (engine->settings.undelivered)
        return 0;
    while ((answer = store_next_words(engine->settings.store, after, &group)) == STORE_OK) {
        struct instant due;

        answer = due_of(engine, &group, &due);
        if (answer)
            return answer;
        if (engine->now.us > 0 && is_due(engine, due)) /* there was a turn since the start */
            due = engine->now;
        if (instant_is_none(*wake) || due.us < wake->us)
            *wake = due;
        after = &group;
    }
    return answer == STORE_NONE ? 0 : engine_store_answer(answer);
}
