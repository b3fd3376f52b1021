/* since.c - what has come about since a notification was to be told. */
#include "core/since.h"

#include "core/compose_private.h"

static const enum since_kind ends[DISAGREEMENT_STATE_COUNT] = {
    [DISAGREEMENT_OPEN] = SINCE_NOTHING,
    [DISAGREEMENT_RESOLVED] = SINCE_RESOLVED,
    [DISAGREEMENT_WITHDRAWN] = SINCE_WITHDRAWN,
    [DISAGREEMENT_LAPSED] = SINCE_LAPSED,
};

struct since since_of_end(const struct since_question *question)
{
    struct since since = { ends[question->state], INSTANT_NONE };

    /* What is told of the end itself, or of what is still to do after it, is not overtaken by it.
     */
    if (!instant_is_none(question->closed) && question->closed.us <= question->at.us)
        since.kind = SINCE_NOTHING;
    return since;
}

struct since since_of_deadline(const struct since_question *question, size_t index)
{
    const struct since_deadline *deadline = &question->deadlines[index];
    struct since since = { SINCE_NOTHING, INSTANT_NONE };
    bool was_to_come = !instant_is_none(deadline->told) && deadline->told.us > question->at.us;

    if (deadline->is_anew || deadline->state == RUNNING_NOT ||
        (deadline->state == RUNNING_STOPPED && deadline->acted_until.us > question->at.us))
        since.kind = SINCE_ENDED;
    else if (deadline->state == RUNNING_STOPPED)
        return since;
    else if (!instant_is_none(deadline->due) && deadline->due.us != deadline->told.us)
        since = (struct since){ SINCE_MOVED, deadline->due };
    else if (was_to_come && deadline->told.us <= question->now.us)
        since.kind = SINCE_PASSED;
    return since;
}

static void write_one(const struct words *words, const struct timekeeping *time, struct since since,
                      struct text *text)
{
    static const enum word of[] = {
        [SINCE_RESOLVED] = WORD_SINCE_RESOLVED, [SINCE_WITHDRAWN] = WORD_SINCE_WITHDRAWN,
        [SINCE_LAPSED] = WORD_SINCE_LAPSED,     [SINCE_ENDED] = WORD_SINCE_ENDED,
        [SINCE_PASSED] = WORD_SINCE_PASSED,     [SINCE_MOVED] = WORD_SINCE_MOVED,
    };
    char when[SINCE_SIZE];
    struct text to_when = text_over(when, sizeof when);
    struct word_values values = { .of[FIELD_WHEN] = when };

    if (since.kind == SINCE_MOVED)
        write_instant(words, time, since.due, true, &to_when);
    words_write(words, of[since.kind], &values, text);
}

void since_write(const struct since_question *question, const struct words *words,
                 const struct timekeeping *time, char text[SINCE_SIZE])
{
    struct text all = text_over(text, SINCE_SIZE);
    struct since end = since_of_end(question);

    if (end.kind != SINCE_NOTHING) {
        write_one(words, time, end, &all);
        return;
    }
    for (size_t i = 0; i < question->count; i++) {
        struct since since = since_of_deadline(question, i);

        if (since.kind == SINCE_NOTHING)
            continue;
        if (*text)
            text_add(&all, "; ");
        if (question->count > 1)
            text_addf(&all, "%s: ", question->deadlines[i].title);
        write_one(words, time, since, &all);
    }
}
