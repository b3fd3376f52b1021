/* example.c - raises a disagreement and waits until it is on the daemon's disk. */
#include <concern.h>
#include <stdio.h>

static void kept(void *context, const struct concern_acknowledgement *told)
{
    (void)context;
    printf("acknowledged %s, record %lld, next limit %s\n", told->subject, (long long)told->record,
           told->next_due);
}

int main(int argc, char **argv) /* ENDPOINT SERVER_KEY KEY OUTBOX REFERENCE */
{
    struct concern_settings settings = { .source = "urn:northtown:housing",
                                         .on_acknowledged = kept };
    struct concern_party asc = { .agency = "northtown-asc" };
    struct concern_disagreement disagreement = { .procedure = "plcsab-adults",
                                                 .challenging = { .agency = "northtown-housing" },
                                                 .challenged = &asc,
                                                 .challenged_count = 1 };
    struct concern_about about = { .subject = argv[argc - 1] };
    struct concern *concern;

    if (argc != 6)
        return 2;
    settings.endpoint = argv[1], settings.server_key = argv[2];
    settings.key = argv[3], settings.outbox = argv[4];
    if (concern_open(&settings, &concern) != CONCERN_OK)
        return fprintf(stderr, "%s\n", concern_open_error()), 1;
    if (concern_raise(concern, &about, &disagreement) != CONCERN_OK) /* on disk here? */
        fprintf(stderr, "%s\n", concern_error(concern));
    else if (concern_flush(concern, 10000) != CONCERN_OK) /* and there? */
        fprintf(stderr, "not yet: %s\n", concern_connection(concern));
    concern_close(&concern); /* what waits is sent the next time */
    return 0;
}
