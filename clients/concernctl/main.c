/* main.c - the operator's tool: finds the subcommand and runs it. */
#include "concernctl/subcommand.h"

#include "policy/faults.h"

#include <stdio.h>
#include <string.h>

static const struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *line;
    const char *usage; /* after "usage: concernctl NAME "; ends with a newline */
} subcommands[] = {
    { "check", check_command, "validate settings, procedures, calendars, directory, templates",
      check_usage },
    { "due", due_command, "when a limit ends, and why, day by day", due_usage },
    { "simulate", simulate_command, "play a disagreement: who would be told what, and when",
      simulate_usage },
    { "preview", preview_command, "how a notification will read", preview_usage },
    { "publish", publish_command, "send events and wait until each is acknowledged",
      publish_usage },
    { "raise", raise_command, "raise a disagreement", raise_usage },
    { "resolve", resolve_command, "propose a resolution, or agree to one", resolve_usage },
    { "event", event_command, "send any other event about a disagreement", event_usage },
    { "list", list_command, "open disagreements, and what is due next in each", list_usage },
    { "show", show_command, "one disagreement: agencies, facts, deadlines", show_usage },
    { "explain", explain_command, "why each deadline of a disagreement is when it is",
      explain_usage },
    { "history", history_command, "everything that happened to a disagreement", history_usage },
    { "move", move_command, "move a disagreement to the version of its procedure in force",
      move_usage },
    { "outbox", outbox_command, "notifications on their way, sent or stuck", outbox_usage },
    { "redrive", redrive_command, "send again what was refused or given up", redrive_usage },
    { "report", report_command, "a board's register of a period, with plots", report_usage },
    { "test", test_command, "send a test notification to whoever holds a role, or to systems",
      test_usage },
    { "bounce", bounce_command, "take a mail that came back from the mail system", bounce_usage },
    { "silence", silence_command,
      "hold ordinary notifications while something is under maintenance", silence_usage },
    { "sources", sources_command, "who publishes: last heard, what is missing, what was refused",
      sources_usage },
    { "status", status_command, "how the daemon is", status_usage },
    { "keys", keys_command, "make and list the keys of publishers", keys_usage },
};

static const struct subcommand *find(const char *name);
static int print_help(void);
static int print_usage(const struct subcommand *subcommand);
static int unknown(const char *name);
static bool asks_for_help(int argc, char **argv);
static int flush_output(int code);

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const struct subcommand *subcommand;

    if (argc < 2)
        return fputs("concernctl: no command; concernctl --help lists them\n", stderr), EXIT_USAGE;
    if (!strcmp(name, "--version")) {
        puts("concernctl " CONCERN_VERSION);
        return flush_output(EXIT_DONE);
    }
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || (!strcmp(name, "help") && argc == 2))
        return flush_output(print_help());
    if (!strcmp(name, "help"))
        return (subcommand = find(argv[2])) ? flush_output(print_usage(subcommand))
                                            : unknown(argv[2]);

    subcommand = find(name);
    if (!subcommand)
        return unknown(name);
    if (asks_for_help(argc - 2, argv + 2))
        return flush_output(print_usage(subcommand));
    return flush_output(subcommand->run(argc - 1, argv + 1));
}

static const struct subcommand *find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(subcommands); i++)
        if (!strcmp(subcommands[i].name, name))
            return &subcommands[i];
    return NULL;
}

static int print_help(void)
{
    puts("usage: concernctl COMMAND [OPTION…] [ARGUMENT…]\n"
         "       concernctl help COMMAND\n"
         "       concernctl --version\n");
    for (size_t i = 0; i < COUNT_OF(subcommands); i++)
        printf("  %-10s %s\n", subcommands[i].name, subcommands[i].line);
    puts("\nIt exits with 0: done, 1: the answer is no or something is wrong, 2: wrong usage.\n"
         "concernctl(1) tells everything.");
    return EXIT_DONE;
}

static int print_usage(const struct subcommand *subcommand)
{
    printf("usage: concernctl %s %s", subcommand->name, subcommand->usage);
    return EXIT_DONE;
}

static int unknown(const char *name)
{
    const char *names[COUNT_OF(subcommands)];
    const char *near;

    for (size_t i = 0; i < COUNT_OF(subcommands); i++)
        names[i] = subcommands[i].name;
    near = nearest_word(name, names, COUNT_OF(subcommands));
    if (near)
        fprintf(stderr, "concernctl: no command %s (did you mean %s?)\n", name, near);
    else
        fprintf(stderr, "concernctl: no command %s; concernctl --help lists them\n", name);
    return EXIT_USAGE;
}

/* What stands behind "--" is an argument, whatever it looks like. */
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--help"))
            return true;
    return false;
}

/* A full disk or a closed pipe behind standard output is a failure, not a silence. */
static int flush_output(int code)
{
    if (fflush(stdout) || ferror(stdout)) {
        perror("concernctl: standard output");
        return code ? code : EXIT_NO;
    }
    return code;
}
