/* subcommand.h - what concernctl can do, and how each command speaks of wrong usage.
 *
 * A command is a function like main(): argv[0] is its name, argv[1] … its options and
 * arguments.  It answers the program's exit code.
 */
#ifndef CONCERN_CONCERNCTL_SUBCOMMAND_H
#define CONCERN_CONCERNCTL_SUBCOMMAND_H

#include "core/base.h"

#include <getopt.h>

enum subcommand_exit {
    EXIT_DONE = 0,
    EXIT_NO = 1,    /* the answer is no, or something is wrong */
    EXIT_USAGE = 2, /* wrong usage */
    EXIT_AGAIN = 75 /* EX_TEMPFAIL of sysexits.h: a mail system keeps the mail and tries again */
};

int bounce_command(int argc, char **argv);
int check_command(int argc, char **argv);
int due_command(int argc, char **argv);
int event_command(int argc, char **argv);
int explain_command(int argc, char **argv);
int history_command(int argc, char **argv);
int keys_command(int argc, char **argv);
int list_command(int argc, char **argv);
int move_command(int argc, char **argv);
int redrive_command(int argc, char **argv);
int report_command(int argc, char **argv);
int outbox_command(int argc, char **argv);
int preview_command(int argc, char **argv);
int publish_command(int argc, char **argv);
int raise_command(int argc, char **argv);
int resolve_command(int argc, char **argv);
int show_command(int argc, char **argv);
int silence_command(int argc, char **argv);
int simulate_command(int argc, char **argv);
int sources_command(int argc, char **argv);
int status_command(int argc, char **argv);
int test_command(int argc, char **argv);

/** What `help NAME` prints, beside each command's code. */
extern const char bounce_usage[];
extern const char check_usage[];
extern const char due_usage[];
extern const char event_usage[];
extern const char explain_usage[];
extern const char history_usage[];
extern const char keys_usage[];
extern const char list_usage[];
extern const char move_usage[];
extern const char redrive_usage[];
extern const char report_usage[];
extern const char outbox_usage[];
extern const char preview_usage[];
extern const char publish_usage[];
extern const char raise_usage[];
extern const char resolve_usage[];
extern const char show_usage[];
extern const char silence_usage[];
extern const char simulate_usage[];
extern const char sources_usage[];
extern const char status_usage[];
extern const char test_usage[];

/** Says on standard error what is wrong and how to ask for help.  Always EXIT_USAGE. */
int usage_wrong(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * getopt_long for a command, which says itself what is wrong with an option, nearest
 * name included.  -1 at the end, '?' when something was wrong (and was told).
 */
int usage_next_option(int argc, char **argv, const struct option *options);

#endif
