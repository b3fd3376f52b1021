/* procedure_support.c - what the notation has and this version does not do yet.
 *
 * Whatever makes one of these work deletes its row, and nothing else here.
 */
#include "policy/procedure_reader.h"

/* clang-format off */
static const struct {
    enum feature feature;
    const char *name;
    const char *instead;
} not_yet[] = {
    { FEATURE_STAGE_WHEN,       "`when` on a stage",        "write the stage without it" },
    { FEATURE_DEADLINE_WHEN,    "`when` on a deadline",     "keep the deadline as a comment" },
    { FEATURE_STAGE_DEADLINES,  "a stage's own `deadlines`", "keep them as a comment" },
    { FEATURE_ASK,              "`when_passed: ask`",       "write advance or alert" },
    { FEATURE_CONFIRM_BY,       "`confirm_by`",             "keep the rule as a comment" },
    { FEATURE_SILENCE,          "`silence of …`",           "keep the rule as a comment" },
    { FEATURE_AFTER_RESOLUTION, "`after_resolution`",       "keep it as a comment" },
    { FEATURE_EVENTS,           "declaring `events`",       "keep it and what uses it as a comment" },
    { FEATURE_FACTS,            "declaring `facts`",        "keep it and what uses it as a comment" },
    { FEATURE_FROM_EVENT,       "`from: event …`",          "keep the deadline as a comment" },
    { FEATURE_FROM_DATE,        "`from: date in event …`",  "keep the deadline as a comment" },
    { FEATURE_EXTENDED,         "`extended`",               "an event deadline.extended that brings a date" },
    { FEATURE_DONE_BY_EACH,     "`done_by: each`",          "write the deadline without it" },
    { FEATURE_SKIPPING_MARKED,  "`skipping: marked`",       "leave it out" },
};
/* clang-format on */

static void refuse(const struct procedure_file *file, struct faults *faults,
                   const struct note *note, size_t row)
{
    faults_add(faults, file->name, note->line, note->column,
               "%s is known but not made to work in this version (%s)", not_yet[row].name,
               not_yet[row].instead);
}

int procedure_supported(const struct procedure_file *file, struct faults *faults)
{
    size_t first = faults->count;
    int answer = PROCEDURE_OK;

    for (size_t i = 0; i < file->note_count; i++) {
        for (size_t row = 0; row < COUNT_OF(not_yet); row++) {
            if (not_yet[row].feature != file->notes[i].feature)
                continue;
            refuse(file, faults, &file->notes[i], row);
            answer = PROCEDURE_FAULTY;
        }
    }
    faults_sort(faults, first);
    return answer;
}
