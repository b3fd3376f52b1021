/* engine_entry_right.c - entries in calendars that no other message puts right.
 *
 * A deputy who stood in once, or whoever is told nothing when a deadline of his is stopped, still
 * has it in his calendar: he is sent a short message with the file that moves it or takes it out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "io/engine_gather.h"
#include "io/journal.h"
#include "io/store_calendar.h"

/* --- of all that goes in one mail */

static int compare_disagreements(const void *left, const void *right)
{
    const struct gathering_row *a = *(const struct gathering_row *const *)left;
    const struct gathering_row *b = *(const struct gathering_row *const *)right;
    int order = strcmp(a->reference, b->reference);

    if (order == 0)
        order = strcmp(a->board, b->board);
    return order ? order : strcmp(a->recipient, b->recipient);
}

static int add_row(struct engine *engine, const struct engine_rows *rows,
                   const struct gathering_row *row, bool is_last, struct engine_entries *entries)
{
    int answer = 0;

    if (strcmp(row->recipient, rows->recipient) != 0)
        answer = engine_store_answer(store_pass_calendar(engine->settings.store, row->board,
                                                         row->reference, row->recipient,
                                                         rows->recipient, rows->person));
    return answer || !is_last
               ? answer
               : engine_entries_wrong(engine, row->board, row->reference, rows->recipient, entries);
}

int engine_entries_of_rows(struct engine *engine, const struct engine_rows *rows,
                           struct engine_entries *entries)
{
    const struct gathering_row **sorted = calloc(rows->count + 1, sizeof *sorted);
    int answer = sorted ? 0 : journal_fail(-ENOMEM, "no memory for a digest");

    for (size_t i = 0; sorted && i < rows->count; i++)
        sorted[i] = rows->list[i];
    if (sorted)
        qsort(sorted, rows->count, sizeof *sorted, compare_disagreements);
    for (size_t i = 0; answer == 0 && i < rows->count; i++) {
        const struct gathering_row *next = sorted[i + 1];
        bool is_last = !next || strcmp(next->reference, sorted[i]->reference) != 0 ||
                       strcmp(next->board, sorted[i]->board) != 0;

        if (sorted[i]->disagreement != 0)
            answer = add_row(engine, rows, sorted[i], is_last, entries);
    }
    free(sorted);
    return answer;
}

/* --- that nothing else puts right */

/* A mailbox, and what is not right in it. */
struct wrong_mailbox {
    char recipient[ADDRESS_MAX + 1], person[ADDRESS_MAX + 1], role[ID_MAX + 1];
    int64_t number;
    struct instant act_by; /* the earliest instant that is shown wrong, or not at all */
    char dates[ENGINE_DATES_SIZE];
    size_t used;
};

struct putting_right {
    struct engine *engine;
    struct wrong_mailbox *list; /* by recipient */
    size_t count;
    bool failed;
};

static struct wrong_mailbox *mailbox_of(struct putting_right *self, const struct calendar_row *row)
{
    struct wrong_mailbox *last = self->count > 0 ? &self->list[self->count - 1] : NULL, *grown;

    if (last && strcmp(last->recipient, row->recipient) == 0)
        return last;
    grown = reallocarray(self->list, self->count + 1, sizeof *grown);
    self->failed = !grown;
    if (!grown)
        return NULL;
    self->list = grown;
    last = &grown[self->count++];
    *last = (struct wrong_mailbox){ .number = row->number, .act_by = INSTANT_NONE };
    snprintf(last->recipient, sizeof last->recipient, "%s", row->recipient);
    snprintf(last->person, sizeof last->person, "%s", row->person);
    snprintf(last->role, sizeof last->role, "%s", row->role);
    memcpy(last->dates, "*\n", sizeof "*\n");
    last->used = 2;
    return last;
}

static bool note_wrong(void *context, const struct calendar_row *row)
{
    struct putting_right *self = context;
    struct wrong_mailbox *mailbox;
    struct instant due = row->sent.due;
    struct text text;
    uint32_t sequence;
    enum invite_answer answer = invite_judge(&row->sent, &row->now, self->engine->now, &sequence);

    if (answer == INVITE_RIGHT || row->sent.sequence < 0 || row->waits)
        return true;
    mailbox = mailbox_of(self, row);
    if (!mailbox)
        return false;
    if (answer == INVITE_SHOW && (instant_is_none(due) || row->now.due.us < due.us))
        due = row->now.due;
    if (instant_is_none(mailbox->act_by) || due.us < mailbox->act_by.us)
        mailbox->act_by = due;
    text = text_over(mailbox->dates + mailbox->used, sizeof mailbox->dates - mailbox->used);
    engine_write_date(row->deadline, (uint32_t)row->entry, row->sent.due, row->title, &text);
    if (text_was_cut(&text))
        mailbox->dates[mailbox->used] = '\0'; /* the file says it */
    else
        mailbox->used += text.used;
    return true;
}

static bool is_among(const struct route *routes, size_t count, const char *recipient)
{
    for (size_t i = 0; i < count; i++)
        if (routes[i].kind == ROUTE_EMAIL && strcmp(routes[i].to, recipient) == 0)
            return true;
    return false;
}

/* Nothing goes to an address that the directory has no more; one that an event named stays. */
static bool is_known(const struct directory *directory, const struct wrong_mailbox *mailbox)
{
    const struct person *person;

    if (strchr(mailbox->person, '@'))
        return true;
    if (strcmp(mailbox->person, "operator") == 0)
        return is_among(directory->operator_routes, directory->operator_route_count,
                        mailbox->recipient);
    person = directory_person(directory, mailbox->person);
    return person &&
           (is_among(person->routes, person->route_count, mailbox->recipient) ||
            is_among(person->out_of_hours, person->out_of_hours_count, mailbox->recipient));
}

/* With the person's digest, unless the calendar would show a wrong instant by then. */
static struct instant waits_until(const struct engine *engine, const struct person *person,
                                  const struct timekeeping *time, struct instant act_by)
{
    const struct gather_question question = {
        .zone = time->zone,
        .second = person && person->has_digest ? person->digest_s : -1,
        .priority = PRIORITY_NORMAL,
        .at = engine->now,
        .act_by = act_by,
    };
    struct instant until = gather_until(&question);

    return instant_is_none(until) || until.us <= engine->now.us ? GATHERING_UNDECIDED : until;
}

static int put_right(struct engine *engine, const struct wrong_mailbox *mailbox)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct disagreement *of = &engine->told_of;
    const struct person *person = directory ? directory_person(directory, mailbox->person) : NULL;
    const struct words *words = templates_words(policy_templates(engine->settings.policy),
                                                person ? person->language : NULL);
    const struct gathering_row row = {
        .board = of->board,
        .reference = of->reference,
        .person = mailbox->person,
        .role = mailbox->role,
        .route = ROUTE_EMAIL,
        .recipient = mailbox->recipient,
        .at = engine->now,
        .until = waits_until(engine, person, &engine->told_under.time, mailbox->act_by),
        .act_by = mailbox->act_by,
        .gist = words->of[WORD_CALENDAR_CHANGED],
        .holdings = "",
        .dates = mailbox->dates,
        .entries = "",
        .disagreement = mailbox->number,
        .state = of->state,
        .closed = of->closed,
        .is_over = disagreement_is_over(of),
    };

    return !directory || is_known(directory, mailbox) ? engine_queue_of_entries(engine, &row) : 0;
}

int engine_put_entries_right(struct engine *engine)
{
    const struct disagreement *of = &engine->told_of;
    struct putting_right self = { .engine = engine };
    int answer = engine_store_answer(store_list_calendar(engine->settings.store, of->board,
                                                         of->reference, NULL, note_wrong, &self));

    if (answer == 0 && self.failed)
        answer = journal_fail(-ENOMEM, "no memory for entries of calendars");
    for (size_t i = 0; answer == 0 && i < self.count; i++)
        answer = put_right(engine, &self.list[i]);
    free(self.list);
    return answer;
}
