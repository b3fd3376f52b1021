/* library_driver.c - a program with an event loop of its own that publishes through libconcern.so.
 *
 * usage: library_driver ENDPOINT SERVER_KEY KEY OUTBOX [SETTING=VALUE...]
 *
 * Each line of standard input is a command; what happens is told on standard output, one line each:
 *
 *     {...}              publishes the CloudEvent        kept ID | refused here: WHY
 *     raise REF | risk REF RISK | withdraw REF REASON    the same, by the plain functions
 *     begin | commit     around many                     begun | committed | not committed: WHY
 *     counts                                             counts WAITING UNDER_WAY REFUSED ACKED
 *     refused                                            aside ID CODE ...
 *     retry ID | forget ID                               done | WHY
 *     flush MS                                           flushed | not flushed
 *     end                closes and leaves
 *
 * and, when they come: "acknowledged ID RECORD DUPLICATE DUE", "refused ID CODE REASON",
 * "trouble NUMBER WORDS".
 */
#include <concern.h>

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 70000 };

static struct concern *concern;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

static void acknowledged(void *context, const struct concern_acknowledgement *told)
{
    (void)context;
    say("acknowledged %s %lld %d %s", told->id, (long long)told->record, told->duplicate,
        told->next_due);
}

static void refused(void *context, const struct concern_refusal *told)
{
    (void)context;
    say("refused %s %s %s", told->id, told->code, told->reason);
}

static void trouble(void *context, enum concern_trouble kind, const char *words)
{
    (void)context;
    say("trouble %d %s", (int)kind, words);
}

static int aside(void *context, const struct concern_refusal *told)
{
    (void)context;
    say("aside %s %s %s", told->id, told->code, told->subject);
    return 0;
}

static void tell(int answer, const char *done)
{
    if (answer == CONCERN_OK)
        say("%s%s", done, strcmp(done, "kept ") ? "" : concern_last_id(concern));
    else
        say("refused here %d: %s", answer, concern_error(concern));
}

static int raise_one(const char *reference)
{
    const struct concern_about about = { .subject = reference };
    const struct concern_party challenged = { .agency = "northtown-asc" };
    const struct concern_fact fact = { "relates_to", "individual" };
    const struct concern_disagreement disagreement = {
        .procedure = "plcsab-adults",
        .board = "plcsab",
        .challenging = { .agency = "northtown-housing" },
        .challenged = &challenged,
        .challenged_count = 1,
        .facts = &fact,
        .fact_count = 1,
    };

    return concern_raise(concern, &about, &disagreement);
}

static void obey(char *line)
{
    char *first = strchr(line, ' '), *second;
    struct concern_about about = { 0 };
    struct concern_counts counts;

    if (line[0] == '{') {
        tell(concern_publish_json(concern, line, strlen(line)), "kept ");
        return;
    }
    if (first)
        *first++ = '\0';
    about.subject = first;
    second = first ? strchr(first, ' ') : NULL;
    if (second)
        *second++ = '\0';
    if (!strcmp(line, "raise")) {
        tell(raise_one(first), "kept ");
    } else if (!strcmp(line, "risk")) {
        tell(concern_tell_risk_changed(concern, &about, second), "kept ");
    } else if (!strcmp(line, "withdraw")) {
        about.by_agency = "northtown-housing";
        tell(concern_tell_withdrawn(concern, &about, second), "kept ");
    } else if (!strcmp(line, "begin")) {
        tell(concern_begin(concern), "begun");
    } else if (!strcmp(line, "commit")) {
        tell(concern_commit(concern), "committed");
    } else if (!strcmp(line, "counts")) {
        concern_counts(concern, &counts);
        say("counts %llu %llu %llu %llu", (unsigned long long)counts.waiting,
            (unsigned long long)counts.under_way, (unsigned long long)counts.refused,
            (unsigned long long)counts.acknowledged);
    } else if (!strcmp(line, "refused")) {
        tell(concern_refused_list(concern, aside, NULL), "listed");
    } else if (!strcmp(line, "retry")) {
        tell(concern_refused_retry(concern, "urn:northtown:housing", first), "done");
    } else if (!strcmp(line, "forget")) {
        tell(concern_refused_forget(concern, "urn:northtown:housing", first), "done");
    } else if (!strcmp(line, "flush")) {
        say(concern_flush(concern, (unsigned)strtoul(first, NULL, 10)) == CONCERN_OK
                ? "flushed"
                : "not flushed");
    }
}

/* Reads what there is and obeys whole lines; false at the end. */
static int take_lines(void)
{
    static char bytes[LINE_MAX_SIZE];
    static size_t used;
    ssize_t size = read(STDIN_FILENO, bytes + used, sizeof bytes - 1 - used);
    char *end;

    if (size <= 0)
        return 0;
    used += (size_t)size;
    while ((end = memchr(bytes, '\n', used))) {
        *end++ = '\0';
        if (!strcmp(bytes, "end"))
            return 0;
        obey(bytes);
        used -= (size_t)(end - bytes);
        memmove(bytes, end, used);
    }
    return 1;
}

static void set(struct concern_settings *settings, const char *option)
{
    const char *value = strchr(option, '=');

    if (value && !strncmp(option, "alarm_ms", 8))
        settings->alarm_ms = (unsigned)strtoul(value + 1, NULL, 10);
    if (value && !strncmp(option, "events_max", 10))
        settings->events_max = strtoul(value + 1, NULL, 10);
}

int main(int argc, char **argv)
{
    struct concern_settings settings = { .source = "urn:northtown:housing",
                                         .on_acknowledged = acknowledged,
                                         .on_refused = refused,
                                         .on_trouble = trouble };
    int answer;

    if (argc < 5)
        return 2;
    settings.endpoint = argv[1];
    settings.server_key = argv[2];
    settings.key = argv[3];
    settings.outbox = argv[4];
    for (int i = 5; i < argc; i++)
        set(&settings, argv[i]);
    if ((answer = concern_open(&settings, &concern)) != CONCERN_OK) {
        say("not opened %d: %s", answer, concern_open_error());
        return 1;
    }
    say("open");
    for (;;) {
        struct pollfd descriptors[] = {
            { .fd = STDIN_FILENO, .events = POLLIN },
            { .fd = concern_descriptor(concern), .events = POLLIN },
        };

        if (poll(descriptors, 2, -1) < 0)
            break;
        if (descriptors[0].revents && !take_lines())
            break;
        /* Between begin and commit it says that it is not to be called. */
        if (descriptors[1].revents)
            concern_turn(concern);
    }
    concern_close(&concern);
    return 0;
}
