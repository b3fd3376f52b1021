/* bounce.c - takes one mail that came back, from the mail system or from a file. */
#include "concernctl/ask.h"
#include "concernctl/bounced.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char bounce_usage[] =
    "[FILE|-] [OPTION…]\n"
    "Takes one mail that came to the address for bounces (mail.bounces) and tells the daemon what\n"
    "became of its delivery: what was accepted and came back goes on by the next route at once.\n"
    "For a mail system's pipe: it exits with 75 where the mail is to be kept and brought again,\n"
    "else with 0, also for what is forged, unknown or no report: no mail is sent because of it.\n"
    "Without --control it asks $RUNTIME_DIRECTORY-bounce/socket, or /run/concernd-bounce/socket,\n"
    "before the control socket.\n\n"
    "  --recipient ADDRESS   the address it came to; else its headers are asked\n" ASK_USAGE;

struct mail {
    char *bytes; /* the first BOUNCED_BYTES_MAX */
    size_t size;
};

static int read_mail(const char *path, struct mail *mail);
static int tell_daemon(struct ask *ask, const struct mail *mail, const char *recipient);

static void mail_free(struct mail *mail)
{
    free(mail->bytes);
}

int bounce_command(int argc, char **argv)
{
    static const struct option options[] = { ASK_OPTIONS,
                                             { "recipient", required_argument, NULL, 'r' },
                                             { 0 } };
    CLEANUP(mail_free) struct mail mail = { .bytes = NULL };
    struct ask ask = { .command = argv[0], .is_bounce = true };
    const char *recipient = NULL;
    int option, wrong = EXIT_DONE;

    while (!wrong && (option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'r')
            recipient = optarg;
        else
            wrong = ask_option(&ask, option, optarg);
    }
    if (wrong)
        return EXIT_USAGE;
    if (argc - optind > 1)
        return usage_wrong(argv[0], "which mail? (one FILE, or - for standard input)");
    wrong = read_mail(optind < argc ? argv[optind] : "-", &mail);
    return wrong ? wrong : tell_daemon(&ask, &mail, recipient);
}

/* All of it is read, for a mail system takes a pipe that closes early for a failure; a report
 * stands in its beginning. */
static int read_mail(const char *path, struct mail *mail)
{
    FILE *file = strcmp(path, "-") != 0 ? fopen(path, "re") : stdin;
    char rest[4096];
    bool failed = !file;

    if (file)
        mail->bytes = malloc(BOUNCED_BYTES_MAX);
    if (mail->bytes) {
        mail->size = fread(mail->bytes, 1, BOUNCED_BYTES_MAX, file);
        while (fread(rest, 1, sizeof rest, file) > 0)
            ;
        failed = ferror(file);
    }
    if (failed || !mail->bytes)
        fprintf(stderr, "concernctl bounce: cannot read %s: %m\n", path);
    if (file && file != stdin)
        fclose(file);
    if (!failed && mail->bytes)
        return EXIT_DONE;
    return strcmp(path, "-") == 0 ? EXIT_AGAIN : EXIT_NO;
}

static void take_result(void *context, const json_t *row)
{
    static const struct {
        const char *result, *words;
    } results[] = {
        { "refused", "came back: it is refused now, and goes on by the next route" },
        { "noted", "noted" },
        { "known", "known already: nothing was done" },
        { "unsigned", "is not signed by this store (forged, or very old): nothing was done" },
        { "unknown", "is not in the outbox: nothing was done" },
    };
    char delivery[ASK_CELL_SIZE], action[ASK_CELL_SIZE], result[ASK_CELL_SIZE];
    const char *is = ask_cell(row, "result", result), *words = is;

    (void)context;
    for (size_t i = 0; i < COUNT_OF(results); i++)
        if (strcmp(is, results[i].result) == 0)
            words = results[i].words;
    fprintf(strcmp(is, "refused") == 0 || strcmp(is, "noted") == 0 ? stdout : stderr,
            "delivery %s, %s: %s\n", ask_cell(row, "delivery", delivery),
            ask_cell(row, "action", action), words);
}

static int tell_daemon(struct ask *ask, const struct mail *mail, const char *recipient)
{
    struct command command = { .kind = COMMAND_BOUNCE };

    switch (bounced_read(mail->bytes, mail->size, recipient, &command)) {
    case BOUNCED_OK:
        /* Whatever keeps the daemon from answering passes: what it refuses it says in a row. */
        return ask_daemon(ask, &command, take_result, NULL) == EXIT_DONE ? EXIT_DONE : EXIT_AGAIN;
    case BOUNCED_TOO_MUCH:
        fprintf(stderr, "concernctl bounce: more than %d lines or %d parts: not read\n",
                BOUNCED_LINES_MAX, BOUNCED_PARTS_MAX);
        return EXIT_DONE;
    case BOUNCED_NOT_OURS:
    default:
        fprintf(stderr, "concernctl bounce: it names no delivery (its recipient is not "
                        "bounces+ID-SIGNATURE@..., and no mail of ours is in it)\n");
        return EXIT_DONE;
    }
}
