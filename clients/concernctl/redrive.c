/* redrive.c - sends again what nobody accepted. */
#include "concernctl/ask.h"

#include <stdio.h>

const char redrive_usage[] =
    "ID|REF|--all [OPTION…]\n"
    "Sends again what was refused or given up, and what is undelivered though it is tried\n"
    "still: one delivery (its ID is in outbox), or what nobody has accepted of one\n"
    "disagreement, or of all.  Correct the directory first: what is\n"
    "refused again goes on by the routes that it names then.  The record keeps who did.\n\n"
    "  --all                 of all disagreements, and messages about none\n"
    "  --board BOARD         where two boards have the same reference\n" ASK_USAGE;

static void take_count(void *context, const json_t *row);

int redrive_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "all", no_argument, NULL, 'a' },
                                             { "board", required_argument, NULL, 'b' },
                                             { 0 } };
    struct ask ask = { .command = argv[0] };
    struct command command = { .kind = COMMAND_REDRIVE };
    int option, wrong = EXIT_DONE;

    while (!wrong && (option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'a')
            command.all = true;
        else if (option == 'b')
            wrong = ask_id(&ask, optarg, command.board);
        else
            wrong = ask_option(&ask, option, optarg);
    }
    if (wrong)
        return EXIT_USAGE;
    if (argc - optind != (command.all ? 0 : 1))
        return usage_wrong(argv[0], "which? (one ID or REF, or --all)");
    if (!command.all && ask_id(&ask, argv[optind], command.reference))
        return EXIT_USAGE;
    return ask_daemon(&ask, &command, take_count, NULL);
}

static void take_count(void *context, const json_t *row)
{
    (void)context;
    printf("%lld sent again; see outbox\n",
           (long long)json_integer_value(json_object_get(row, "sent_again")));
}
