/* engine_since.c - what has overtaken a notification while it waited to be told with others. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/since.h"
#include "io/engine_gather.h"

enum {
    DATES_MAX = 8, /* of one notification */
    TITLE_SIZE = 120
};

/* --- kept beside it */

/* The deadline that a thing said speaks of; -1: none. */
static int deadline_of(const struct procedure *procedure, const struct say *say)
{
    if (say->deadline >= 0)
        return say->deadline;
    return say->message == MESSAGE_STAGE_ENTERED && say->stage >= 0
               ? procedure->stages[say->stage].deadline
               : -1;
}

/* One line; what is longer is known by its beginning. */
static void add_title(const char *title, struct text *text)
{
    char buffer[TITLE_SIZE];
    struct text line = text_over(buffer, sizeof buffer);

    text_add(&line, title ? title : "");
    for (char *c = buffer; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    text_addf(text, "%s\n", buffer);
}

void engine_write_date(const char *deadline, uint32_t entry, struct instant due, const char *title,
                       struct text *text)
{
    text_addf(text, "%s %" PRIu32, deadline, entry);
    if (instant_is_none(due))
        text_add(text, " - ");
    else
        text_addf(text, " %" PRId64 " ", due.us);
    add_title(title, text);
}

bool engine_is_of_entries(const struct gathering_row *row)
{
    return strncmp(row->dates, "*\n", 2) == 0;
}

void engine_write_dates(const struct engine_outgoing *out, struct text *text)
{
    const struct procedure *procedure = out->view->procedure;
    const struct running *running = out->disagreement->running;
    uint64_t done = 0;
    size_t count = 0;

    for (size_t i = 0; i < out->notification->say_count && count < DATES_MAX; i++) {
        const struct say *say = &out->notification->says[i];
        int deadline = deadline_of(procedure, say);

        if (deadline < 0 || done >> deadline & 1)
            continue;
        if (instant_is_none(say->due) && !instant_is_none(running[deadline].due))
            continue; /* it says nothing of when */
        done |= UINT64_C(1) << deadline;
        count++;
        engine_write_date(procedure->deadlines[deadline].id, running[deadline].entry, say->due,
                          procedure->deadlines[deadline].title, text);
    }
}

/* --- read again */

struct date_told {
    char id[ID_MAX + 1];
    int64_t entry;
    struct instant due;
    char title[TITLE_SIZE];
};

/* One that begins with `at`; NULL past the last. */
static const char *next_date(const char *at, struct date_told *date)
{
    size_t length = strcspn(at, " \n"), rest;
    char *end = NULL;

    if (at[length] != ' ' || length > ID_MAX)
        return NULL;
    snprintf(date->id, sizeof date->id, "%.*s", (int)length, at);
    date->entry = strtoll(at + length, &end, 10);
    date->due = INSTANT_NONE;
    if (strncmp(end, " - ", 3) == 0)
        end += 2;
    else
        date->due.us = strtoll(end, &end, 10);
    if (*end != ' ')
        return NULL;
    rest = strcspn(++end, "\n");
    snprintf(date->title, sizeof date->title, "%.*s", (int)rest, end);
    return end[rest] ? end + rest + 1 : NULL;
}

static int look_up(struct engine *engine, const struct gathering_row *row, const char *at,
                   struct date_told dates[DATES_MAX], struct since_deadline deadlines[DATES_MAX],
                   size_t *count)
{
    for (*count = 0; *count < DATES_MAX && (at = next_date(at, &dates[*count])); (*count)++) {
        const struct date_told *date = &dates[*count];
        struct running running = { .state = RUNNING_NOT,
                                   .due = INSTANT_NONE,
                                   .acted_until = INSTANT_NONE };
        bool is_anew = true; /* a correction took it back */
        int answer = store_get_running(engine->settings.store, row->disagreement, date->id,
                                       date->entry, &running, &is_anew);

        if (answer != STORE_OK && answer != STORE_NONE)
            return engine_store_answer(answer);
        deadlines[*count] = (struct since_deadline){ .told = date->due,
                                                     .state = running.state,
                                                     .due = running.due,
                                                     .acted_until = running.acted_until,
                                                     .is_anew = is_anew,
                                                     .title = date->title };
    }
    return 0;
}

int engine_since(struct engine *engine, const struct gathering_row *row, const char *language,
                 char text[SINCE_SIZE])
{
    struct date_told dates[DATES_MAX];
    struct since_deadline deadlines[DATES_MAX];
    bool is_entry = engine_is_of_entries(row);
    struct since_question question = { .at = is_entry ? (struct instant){ 0 } : row->at,
                                       .now = engine->now,
                                       .state = row->state,
                                       .closed = row->closed,
                                       .deadlines = deadlines };
    struct policy_view view;
    const struct timekeeping *time = engine_time_of_board(engine, row->board, &view);
    int answer = 0;

    *text = '\0';
    if (row->disagreement == 0 || !time)
        return 0;
    answer = look_up(engine, row, is_entry ? row->dates + 2 : row->dates, dates, deadlines,
                     &question.count);
    if (answer == 0)
        since_write(&question, templates_words(policy_templates(engine->settings.policy), language),
                    time, text);
    return answer;
}
