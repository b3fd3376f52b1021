/* fuzz_procedure.c - a board's file: faults with their places, or a whole procedure. */
#include "fuzz.h"

#include "policy/procedure_read.h"

static void is_whole(const struct procedure_file *file)
{
    const struct procedure *procedure = procedure_of(file);
    size_t length;

    HOLDS(procedure->id && procedure->id[0]);
    HOLDS(procedure->deadline_count <= PROCEDURE_DEADLINES_MAX);
    HOLDS(procedure->stage_count <= PROCEDURE_STAGES_MAX);
    for (size_t i = 0; i < procedure->deadline_count; i++)
        HOLDS(procedure->deadlines[i].id && procedure->deadlines[i].title);
    HOLDS(procedure_text(file, &length));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct procedure_defaults defaults = procedure_defaults_shipped();
    struct procedure_file *file = NULL;
    struct faults faults = { .count = 0 };
    int answer = procedure_read_text("fuzz", (const char *)bytes, size, &defaults, &faults, &file);

    HOLDS(answer == PROCEDURE_OK || (answer == PROCEDURE_FAULTY && faults.errors > 0));
    HOLDS((answer == PROCEDURE_OK) == (file != NULL));
    for (size_t i = 0; i < faults.count; i++)
        HOLDS(faults.list[i].text[0] && !strchr(faults.list[i].text, '\n'));
    if (file) {
        size_t errors = faults.errors;

        is_whole(file);
        HOLDS(procedure_check(file, &faults) == (faults.errors == errors));
    }
    procedure_close(&file);
    faults_close(&faults);
    return 0;
}
