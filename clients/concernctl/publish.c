/* publish.c - sends the events of a file or stream and waits for each to be acknowledged. */
#include "concernctl/answers.h"
#include "concernctl/events_in.h"
#include "concernctl/reach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char publish_usage[] =
    "[OPTION…] [FILE or -]\n"
    "Sends the CloudEvents in FILE (standard input), one per line or one JSON document, and\n"
    "prints for each that it was acknowledged, or why it was not.\n\n" REACH_USAGE
    "  --json                print each answer as one JSON object\n";

/* Between looks at the input while answers are outstanding. */
enum { LOOK_MS = 50, WHERE_SIZE = 300 };

static int publish_all(struct publisher *publisher, struct events_in *in, const char *name,
                       struct answers *answers);
static int take_piece(struct publisher *publisher, const struct events_in_piece *piece,
                      const char *name, struct answers *answers);
static int wait_for_answers(struct publisher *publisher, unsigned wait_ms, struct answers *answers);

int publish_command(int argc, char **argv)
{
    static const struct option options[] = { REACH_OPTIONS,
                                             { "json", no_argument, NULL, 'j' },
                                             { 0 } };
    struct reach reach = { 0 };
    CLEANUP(publisher_close) struct publisher *publisher = NULL;
    CLEANUP(events_in_close) struct events_in *in = NULL;
    struct answers answers = { .percent = -1 };
    const char *name;
    int option, error;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == 'j')
            answers.json = true;
        else if (option == '?' || reach_option(&reach, argv[0], option, optarg))
            return EXIT_USAGE;
    }
    if (argc - optind > 1)
        return usage_wrong(argv[0], "one FILE, not %d", argc - optind);
    name = optind < argc ? argv[optind] : "-";
    if ((error = reach_complete(&reach)))
        return error;
    if ((error = events_in_open(name, &in))) {
        fprintf(stderr, "%s: %s\n", name, strerror(-error));
        return EXIT_NO;
    }
    if ((error = reach_open(&reach, argv[0], &publisher)))
        return error;
    answers.publisher = publisher;
    answers.endpoint = reach.endpoint;
    answers.bar = isatty(STDERR_FILENO) && !answers.json;
    error = publish_all(publisher, in, strcmp(name, "-") ? name : "standard input", &answers);
    publisher_give_up(publisher, answers_tell, &answers);
    return answers_end(&answers) || error ? EXIT_NO : EXIT_DONE;
}

/* Reads ahead of the answers as far as the window allows, and never waits for input
 * while an event is under way: it may have to be sent again meanwhile. */
static int publish_all(struct publisher *publisher, struct events_in *in, const char *name,
                       struct answers *answers)
{
    struct events_in_piece piece = { .line = 1 };
    int answer = EVENTS_IN_LATER;

    while (answer != EVENTS_IN_END) {
        int error = 0;

        answer = events_in_next(in, publisher_under_way(publisher) == 0, &piece);
        answers->percent = events_in_percent(in);
        if (answer < 0) {
            fprintf(stderr, "%s: %s\n", name, strerror(-answer));
            return answer;
        }
        if (answer == EVENTS_IN_LATER)
            error = wait_for_answers(publisher, LOOK_MS, answers);
        else if (answer != EVENTS_IN_END)
            error = take_piece(publisher, &piece, name, answers);
        if (error) {
            fprintf(stderr, "%s:%lu: stopped here; nothing behind it was sent\n", name, piece.line);
            return error;
        }
    }
    while (publisher_under_way(publisher) > 0) {
        int error = wait_for_answers(publisher, UINT16_MAX, answers);

        if (error)
            return error;
    }
    return 0;
}

static int take_piece(struct publisher *publisher, const struct events_in_piece *piece,
                      const char *name, struct answers *answers)
{
    char where[WHERE_SIZE];
    int answer, error;

    snprintf(where, sizeof where, "%s:%lu", name, piece->line);
    if (piece->fault) {
        answers_fault(answers, where, piece->fault);
        return 0;
    }
    while ((answer = publisher_send(publisher, piece->bytes, piece->size, NULL)) == PUBLISHER_FULL)
        if ((error = wait_for_answers(publisher, UINT16_MAX, answers)))
            return error;
    if (answer == PUBLISHER_TOO_LARGE)
        answers_fault(answers, where, "longer than an event may be (65,536 bytes)");
    else if (answer == PUBLISHER_NO_EVENT)
        answers_fault(answers, where, "not a CloudEvent: JSON with the texts \"source\", \"id\"");
    else if (answer < 0)
        return answer;
    return wait_for_answers(publisher, 0, answers);
}

static int wait_for_answers(struct publisher *publisher, unsigned wait_ms, struct answers *answers)
{
    int answer = publisher_wait(publisher, wait_ms, answers_tell, answers);

    if (answer == PUBLISHER_HOPELESS) {
        fprintf(stderr, "concernctl: %s: %s\n", answers->endpoint, publisher_trouble(publisher));
        return -ECONNREFUSED;
    }
    return answer < 0 && answer != -EINTR ? answer : 0;
}
