/* sound_procedure.h - a sound file of a procedure, each line of which a test may replace. */
#ifndef CONCERN_TESTS_SOUND_PROCEDURE_H
#define CONCERN_TESTS_SOUND_PROCEDURE_H

#include "policy/procedure_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static inline void print_faults(const struct faults *faults)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < faults->count; i++) {
        fault_write(&faults->list[i], line);
        print_message("    %s\n", line);
    }
}

/* A sound file in lines, one of which each row below replaces. */
static const char *const sound[] = {
    "procedure: northtown-adults",                                        /* 1 */
    "version: \"1\"",                                                     /* 2 */
    "title: Invented",                                                    /* 3 */
    "calendar: england-and-wales",                                        /* 4 */
    "roles:",                                                             /* 5 */
    "  - {role: practitioner}",                                           /* 6 */
    "  - {role: line_manager}",                                           /* 7 */
    "  - {role: board_team, side: board}",                                /* 8 */
    "stages:",                                                            /* 9 */
    "  - {id: stage-1, handlers: [line_manager], limit: 5 working days}", /* 10 */
    "  - {id: stage-2, handlers: [line_manager], senior: true}",          /* 11 */
    "deadlines:",                                                         /* 12 */
    "  - {id: overall, limit: 15 working days}",                          /* 13 */
    "rules:",                                                             /* 14 */
    "  - {id: aware, when: [stage.senior], tell: [board_team]}",          /* 15 */
    "# end",                                                              /* 16 */
};

enum { TEXT_SIZE = 65536 };

static inline void write_sound(size_t line, const char *instead, char *text)
{
    size_t used = 0;

    for (size_t i = 0; i < COUNT_OF(sound); i++)
        used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%s\n",
                                 i + 1 == line ? instead : sound[i]);
}

static inline int read_sound(size_t line, const char *instead, struct faults *faults,
                             struct procedure_file **file)
{
    struct procedure_defaults defaults = procedure_defaults_shipped();
    char text[TEXT_SIZE];

    write_sound(line, instead, text);
    return procedure_read_text("p.yaml", text, strlen(text), &defaults, faults, file);
}

#endif
