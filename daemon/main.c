/* main.c - arguments, settings, run, exit code. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "io/daemon.h"

static const char usage[] =
    "Usage: concernd [--config FILE] [--check] [--clock START[xSPEED]] [--state DIR]\n"
    "\n"
    "Hears events from case systems, runs the deadlines of boards' procedures, and\n"
    "tells the people whom the procedures name.\n"
    "\n"
    "  --config FILE          settings (default " CONCERN_SYSCONFDIR "/concernd.yaml)\n"
    "  --check                read and check every file the settings name, then stop\n"
    "  --clock START[xSPEED]  a time-lapse clock, for demonstrations and drills; only on a\n"
    "                         trial store, which it makes in an empty state directory\n"
    "  --state DIR            where disagreements are kept (default as the settings say)\n"
    "  --help, --version\n"
    "\n"
    "Signals: SIGHUP reads every file again, SIGTERM stops.  Exit codes: 0 stopped, 1 the\n"
    "files or the store cannot be used, 2 wrong usage, 69 who may connect cannot be checked,\n"
    "74 the store failed while running.\n";

static const struct option options[] = {
    { "config", required_argument, NULL, 'c' },
    { "check", no_argument, NULL, 'k' },
    { "clock", required_argument, NULL, 't' },
    { "state", required_argument, NULL, 's' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'v' },
    { NULL, 0, NULL, 0 },
};

enum { EXIT_USAGE = 2 };

static int wrong_usage(void)
{
    fputs("try 'concernd --help'\n", stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct daemon_options run = { 0 };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            run.config = optarg;
            break;
        case 'k':
            run.check = true;
            break;
        case 't':
            run.clock = optarg;
            break;
        case 's':
            run.state = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            return 0;
        case 'v':
            puts("concernd " CONCERN_VERSION);
            return 0;
        default:
            return wrong_usage();
        }
    }
    if (optind < argc) {
        fprintf(stderr, "concernd: unexpected argument '%s' (every setting is an option)\n",
                argv[optind]);
        return wrong_usage();
    }
    return daemon_run(&run);
}
