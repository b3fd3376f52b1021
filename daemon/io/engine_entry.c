/* engine_entry.c - what mails bring to their readers' calendars, and what these were sent.
 *
 * An entry's UID must stay what it was, or nothing moves or cancels it any more; so what is in it
 * is the store's own, and not a setting's.
 */
#include "io/engine_entry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "io/journal.h"
#include "io/store_calendar.h"

static const char domain_name[] = "calendar_domain";

int engine_find_domain(struct engine *engine, char domain[STORE_META_SIZE])
{
    const char *at = strrchr(engine->settings.mail_from, '@');
    int answer = store_get_meta(engine->settings.store, domain_name, domain);

    if (answer != STORE_NONE)
        return engine_store_answer(answer);
    (void)snprintf(domain, STORE_META_SIZE, "%s", at ? at + 1 : "");
    return *domain
               ? engine_store_answer(store_put_meta(engine->settings.store, domain_name, domain))
               : 0;
}

/* --- a list */

void engine_entries_close(struct engine_entries *entries)
{
    free(entries->list);
    *entries = (struct engine_entries){ 0 };
}

/* A new one, zeroed; NULL where there is no memory. */
static struct icalendar_entry *add(struct engine_entries *entries)
{
    if (entries->count == entries->capacity) {
        size_t capacity = entries->capacity ? 2 * entries->capacity : 16;
        struct icalendar_entry *grown = reallocarray(entries->list, capacity, sizeof *grown);

        entries->failed = entries->failed || !grown;
        if (!grown)
            return NULL;
        entries->list = grown;
        entries->capacity = capacity;
    }
    entries->list[entries->count] = (struct icalendar_entry){ .start = 0 };
    return &entries->list[entries->count++];
}

static struct icalendar_entry *find(const struct engine_entries *entries,
                                    const struct calendar_row *row)
{
    for (size_t i = 0; i < entries->count; i++) {
        struct icalendar_entry *entry = &entries->list[i];

        if (entry->start == row->entry && strcmp(entry->deadline, row->deadline) == 0 &&
            strcmp(entry->reference, row->reference) == 0 && strcmp(entry->board, row->board) == 0)
            return entry;
    }
    return NULL;
}

static int answer_of(const struct engine_entries *entries, int answer)
{
    if (entries->failed)
        return journal_fail(-ENOMEM, "no memory for entries of calendars");
    return engine_store_answer(answer);
}

/* --- what is not right */

struct looking {
    const struct engine *engine;
    struct engine_entries *entries;
    size_t told; /* so many are of the notification itself */
    bool owed_too;
};

static void add_wrong(struct looking *self, const struct calendar_row *row)
{
    uint32_t sequence;
    enum invite_answer answer = invite_judge(&row->sent, &row->now, self->engine->now, &sequence);
    struct icalendar_entry *entry;

    if (answer == INVITE_RIGHT || (row->sent.sequence < 0 && !self->owed_too))
        return;
    entry = add(self->entries);
    if (!entry)
        return;
    snprintf(entry->board, sizeof entry->board, "%s", row->board);
    snprintf(entry->reference, sizeof entry->reference, "%s", row->reference);
    snprintf(entry->deadline, sizeof entry->deadline, "%s", row->deadline);
    snprintf(entry->title, sizeof entry->title, "%s", row->title);
    entry->start = (uint32_t)row->entry;
    entry->sequence = sequence;
    entry->due = answer == INVITE_SHOW ? row->now.due : row->sent.due;
    entry->provisional = row->now.provisional;
    entry->cancelled = answer == INVITE_CANCEL;
    entry->was_sent = row->sent.sequence >= 0;
}

/* SEQUENCE never goes back, whatever a correction made of the deadline's own count. */
static bool look(void *context, const struct calendar_row *row)
{
    struct looking *self = context;
    struct icalendar_entry *entry = self->told > 0 ? find(self->entries, row) : NULL;
    bool is_same;

    if (!entry) {
        add_wrong(self, row);
        return !self->entries->failed;
    }
    is_same = row->sent.due.us == entry->due.us && row->sent.cancelled == entry->cancelled;
    entry->was_sent = row->sent.sequence >= 0;
    entry->is_known = true;
    if (row->sent.sequence >= (int64_t)entry->sequence)
        entry->sequence = (uint32_t)row->sent.sequence + !is_same;
    return true;
}

int engine_entries_wrong(struct engine *engine, const char *board, const char *reference,
                         const char *recipient, struct engine_entries *entries)
{
    struct looking self = { .engine = engine, .entries = entries, .owed_too = true };

    return answer_of(entries, store_list_calendar(engine->settings.store, board, reference,
                                                  recipient, look, &self));
}

int engine_entries_of(struct engine *engine, const struct engine_outgoing *out,
                      const struct composition *composition, struct engine_entries *entries)
{
    const struct disagreement *of = out->disagreement;
    struct looking self = { .engine = engine, .entries = entries };
    struct invite invites[INVITES_MAX];

    if (out->kind != ROUTE_EMAIL)
        return 0;
    self.told = invites_of(out->view, of, out->notification, invites);
    for (size_t i = 0; i < self.told; i++) {
        const struct running *running = &of->running[invites[i].deadline];
        struct icalendar_entry *entry = add(entries);

        if (!entry)
            break;
        snprintf(entry->board, sizeof entry->board, "%s", of->board);
        snprintf(entry->reference, sizeof entry->reference, "%s", of->reference);
        snprintf(entry->deadline, sizeof entry->deadline, "%s",
                 out->view->procedure->deadlines[invites[i].deadline].id);
        compose_calendar_entry(composition, invites[i].deadline, entry->title);
        entry->start = running->entry;
        entry->sequence = running->changes;
        entry->due = running->due;
        entry->provisional = running->provisional;
        entry->cancelled = invites[i].cancelled;
        entry->was_sent = running->changes > 0;
    }
    return answer_of(entries, store_list_calendar(engine->settings.store, of->board, of->reference,
                                                  out->to, look, &self));
}

/* --- what a mailbox was sent */

static struct calendar_row row_of(const struct engine_mailbox *mailbox,
                                  const struct icalendar_entry *entry)
{
    return (struct calendar_row){
        .board = entry->board,
        .reference = entry->reference,
        .recipient = mailbox->recipient,
        .deadline = entry->deadline,
        .entry = entry->start,
        .person = mailbox->person,
        .role = mailbox->role,
        .title = entry->title,
        .sent = { .sequence = entry->sequence, .due = entry->due, .cancelled = entry->cancelled },
    };
}

int engine_entries_sent(struct engine *engine, const struct engine_mailbox *mailbox,
                        const struct engine_entries *entries)
{
    int answer = 0;

    for (size_t i = 0; answer == 0 && i < entries->count; i++) {
        struct calendar_row row = row_of(mailbox, &entries->list[i]);

        if (!entries->list[i].left_out)
            answer = engine_store_answer(store_put_calendar(engine->settings.store, &row));
    }
    return answer;
}

/* One that nobody here knows was sent by an older version, up to the change that is told now. */
int engine_entries_owe(struct engine *engine, const struct engine_mailbox *mailbox,
                       const struct engine_entries *entries)
{
    int answer = 0;

    for (size_t i = 0; answer == 0 && i < entries->count; i++) {
        const struct icalendar_entry *entry = &entries->list[i];
        struct calendar_row row = row_of(mailbox, entry);

        row.sent.sequence--;
        row.sent.cancelled = false;
        if (!entry->cancelled)
            row.sent.due = INSTANT_NONE;
        if (!entry->cancelled || !entry->is_known)
            answer = engine_store_answer(store_owe_calendar(engine->settings.store, &row));
    }
    return answer;
}

/* --- in a mail that waits */

void engine_entries_write(const struct engine_entries *entries, struct text *text)
{
    for (size_t i = 0; i < entries->count; i++)
        if (!entries->list[i].left_out)
            text_addf(text, "%s %" PRIu32 " %" PRIu32 " %" PRId64 " %d\n",
                      entries->list[i].deadline, entries->list[i].start, entries->list[i].sequence,
                      entries->list[i].due.us, entries->list[i].cancelled);
}

/* What the line for an entry says of it, if there is one. */
static bool read_line(const char *lines, const struct calendar_row *row, struct invite_sent *sent)
{
    size_t length = strlen(row->deadline);

    for (const char *at = lines; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        char *end;

        if (strncmp(at, row->deadline, length) != 0 || at[length] != ' ' ||
            strtoll(at + length, &end, 10) != row->entry)
            continue;
        sent->sequence = strtoll(end, &end, 10);
        sent->due.us = strtoll(end, &end, 10);
        sent->cancelled = strtoll(end, &end, 10) != 0;
        return *end == '\n';
    }
    return false;
}

struct waiting {
    struct engine *engine;
    const struct gathering_row *row;
    struct engine_entries sent; /* of released ones */
    bool is_stale;
};

static bool note_released(void *context, const struct calendar_row *row)
{
    struct waiting *self = context;
    struct invite_sent sent;
    struct icalendar_entry *entry;

    if (!read_line(self->row->entries, row, &sent) || sent.sequence < row->sent.sequence)
        return true;
    entry = add(&self->sent);
    if (!entry)
        return false;
    snprintf(entry->board, sizeof entry->board, "%s", row->board);
    snprintf(entry->reference, sizeof entry->reference, "%s", row->reference);
    snprintf(entry->deadline, sizeof entry->deadline, "%s", row->deadline);
    snprintf(entry->title, sizeof entry->title, "%s", row->title);
    entry->start = (uint32_t)row->entry;
    entry->sequence = (uint32_t)sent.sequence;
    entry->due = sent.due;
    entry->cancelled = sent.cancelled;
    return true;
}

int engine_entries_released(struct engine *engine, const struct gathering_row *row)
{
    struct waiting self = { .engine = engine, .row = row };
    const struct engine_mailbox mailbox = { row->recipient, row->person, row->role };
    int answer;

    if (!row->entries[0])
        return 0;
    answer = answer_of(&self.sent,
                       store_list_calendar(engine->settings.store, row->board, row->reference,
                                           row->recipient, note_released, &self));
    if (answer == 0)
        answer = engine_entries_sent(engine, &mailbox, &self.sent);
    engine_entries_close(&self.sent);
    return answer;
}

static bool note_stale(void *context, const struct calendar_row *row)
{
    struct waiting *self = context;
    struct invite_sent sent = row->sent;
    bool is_in = read_line(self->row->entries, row, &sent);
    uint32_t sequence;

    self->is_stale = (is_in || sent.sequence >= 0) &&
                     invite_judge(&sent, &row->now, self->engine->now, &sequence) != INVITE_RIGHT;
    return !self->is_stale;
}

int engine_entries_stale(struct engine *engine, const struct gathering_row *row, bool *is_stale)
{
    struct waiting self = { .engine = engine, .row = row };
    int answer = 0;

    if (row->route == ROUTE_EMAIL && row->disagreement != 0)
        answer = engine_store_answer(store_list_calendar(
            engine->settings.store, row->board, row->reference, row->recipient, note_stale, &self));
    *is_stale = self.is_stale;
    return answer;
}
