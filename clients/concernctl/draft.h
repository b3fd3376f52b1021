/* draft.h - an event a person makes on the command line: its envelope, and its sending. */
#ifndef CONCERN_CONCERNCTL_DRAFT_H
#define CONCERN_CONCERNCTL_DRAFT_H

#include "concernctl/reach.h"

enum draft_option {
    DRAFT_TIME = 1100,
    DRAFT_ID,
    DRAFT_BOARD,
    DRAFT_PRINT,
    DRAFT_JSON,
};

#define DRAFT_OPTIONS                                                                              \
    { "source", required_argument, NULL, REACH_SOURCE },                                           \
        { "time", required_argument, NULL, DRAFT_TIME },                                           \
        { "id", required_argument, NULL, DRAFT_ID },                                               \
        { "board", required_argument, NULL, DRAFT_BOARD },                                         \
        { "print", no_argument, NULL, DRAFT_PRINT },                                               \
    {                                                                                              \
        "json", no_argument, NULL, DRAFT_JSON                                                      \
    }

#define DRAFT_USAGE                                                                                \
    "  --source SOURCE       as whom: a source our key speaks for\n"                               \
    "  --board BOARD         whose procedure it is\n"                                              \
    "  --time TIME           when it happened (default now): RFC 3339, or civil time in London\n"  \
    "  --id ID               the event's id (default a new one); give one to be able to repeat\n"  \
    "  --print               print the event and send nothing\n"                                   \
    "  --json                print the answer as one JSON object\n" REACH_USAGE

/** `struct draft draft = { .command = argv[0] };` is an empty one. */
struct draft {
    const char *command;
    struct reach reach;
    const char *time;
    const char *id;
    const char *board;
    bool print;
    bool json;
};

/** Takes an option of DRAFT_OPTIONS or REACH_OPTIONS.  EXIT_DONE or EXIT_USAGE, told. */
int draft_option(struct draft *draft, int option, const char *value);

/** Fills what no option gave; after the last option, before `reach` is read.  As above. */
int draft_complete(struct draft *draft);

/**
 * Makes the event of `type` (with or without "concernd.") about `reference` with `data`,
 * which it takes over, sends it and tells what became of it: EXIT_DONE, EXIT_NO or
 * EXIT_USAGE, told.
 */
int draft_send(struct draft *draft, const char *type, const char *reference, json_t *data);

/** Puts `by` into the data: an agency, or "board:ID".  NULL and "" put nothing. */
void draft_by(json_t *data, const char *by);

/** "yes", "no", "true", "false" become JSON's; anything else is text. */
json_t *draft_value(const char *text);

/** An id no other event has, in the order of time: a ULID, 26 letters. */
void draft_make_ulid(char ulid[27]);

#endif
