/* example.c - raises a disagreement and waits until it is on the daemon's disk.
 * cc example.c -o example $(pkg-config --cflags --libs concern) */
#include <concern.h>
#include <stdio.h>

static void kept(void *context, const struct concern_acknowledgement *told)
{
    (void)context;
    printf("acknowledged %s, record %lld, next limit %s\n", told->subject, (long long)told->record,
           told->next_due);
}

int main(int argc, char **argv)
{
    struct concern_settings settings = { .source = "urn:northtown:housing" };
    struct concern_about about = { .subject = argc > 5 ? argv[5] : "" };
    struct concern_party asc = { .agency = "northtown-asc" };
    struct concern_disagreement disagreement = { .procedure = "plcsab-adults" };
    struct concern *concern;

    if (argc != 6)
        return fprintf(stderr, "usage: example ENDPOINT SERVER_KEY KEY OUTBOX REFERENCE\n"), 2;
    settings.endpoint = argv[1], settings.server_key = argv[2], settings.key = argv[3];
    settings.outbox = argv[4], settings.on_acknowledged = kept;
    disagreement.challenging.agency = "northtown-housing";
    disagreement.challenged = &asc, disagreement.challenged_count = 1;

    if (concern_open(&settings, &concern) != CONCERN_OK)
        return fprintf(stderr, "example: %s\n", concern_open_error()), 1;
    if (concern_raise(concern, &about, &disagreement) != CONCERN_OK)
        fprintf(stderr, "example: %s\n", concern_error(concern));
    else if (concern_flush(concern, 10000) != CONCERN_OK) /* the outbox has it in any case */
        fprintf(stderr, "example: not yet: %s\n", concern_connection(concern));
    concern_close(&concern);
    return 0;
}
