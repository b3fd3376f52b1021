/* concern.c - opens and closes a handle; small things that its other files share. */
#include "libconcern/concern_private.h"

#include "protocol/alphabet.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static __thread char open_error[CONCERN_ERROR_SIZE];

static int take_settings(struct concern *concern);
static int take_text(struct concern *concern, const char *name, const char *value, char *text,
                     size_t size);
static int take_keys(struct concern *concern);
static int read_key(struct concern *concern, const char *name, const char *path,
                    struct key_pair *pair);
static int open_outbox(struct concern *concern);
static void note_sources(struct concern *concern);
static int open_timer(struct concern *concern);

int concern_open_sized(const struct concern_settings *settings, size_t size,
                       struct concern **concern_p)
{
    CLEANUP(concern_close) struct concern *concern = calloc(1, sizeof *concern);
    int answer;

    open_error[0] = '\0';
    if (!concern)
        return -ENOMEM;
    concern->descriptor = concern->timer = -1;
    memcpy(&concern->settings, settings, size < sizeof *settings ? size : sizeof *settings);
    if ((answer = take_settings(concern)) || (answer = take_keys(concern)) ||
        (answer = open_timer(concern)) || (answer = open_outbox(concern)) ||
        (answer = concern_dial(concern)) || (answer = concern_feed(concern))) {
        snprintf(open_error, sizeof open_error, "%s", concern->error);
        return answer == -EINVAL ? CONCERN_INVALID : answer;
    }
    concern->opened_ms = concern_now_ms();
    *concern_p = concern;
    concern = NULL;
    concern_call_troubles(*concern_p);
    return CONCERN_OK;
}

const char *concern_open_error(void)
{
    return open_error;
}

const char *concern_version(void)
{
    return CONCERN_VERSION;
}

static int take_settings(struct concern *concern)
{
    const struct concern_settings *given = &concern->settings;
    int answer;

    if (!given->outbox || !*given->outbox)
        return concern_fail(concern, CONCERN_INVALID,
                            "outbox is missing (a directory for the events not yet acknowledged)");
    if ((answer = take_text(concern, "endpoint", given->endpoint ? given->endpoint : "",
                            concern->endpoint, sizeof concern->endpoint)) ||
        (answer = take_text(concern, "source", given->source ? given->source : "", concern->source,
                            sizeof concern->source)) ||
        (answer = take_text(concern, "client",
                            given->client ? given->client : "libconcern/" CONCERN_VERSION,
                            concern->client, sizeof concern->client)))
        return answer;
    if (!*concern->endpoint)
        return concern_fail(concern, CONCERN_INVALID,
                            "endpoint is missing (where the daemon listens: tcp://host:5570)");
    if (*concern->source && !alphabet_is_source(concern->source))
        return concern_fail(concern, CONCERN_INVALID,
                            "source is no source (a URI reference: urn:northtown:las)");
    /* It is put into a text of JSON as it is. */
    for (const char *at = concern->client; *at; at++)
        if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
            return concern_fail(concern, CONCERN_INVALID,
                                "client holds a letter it cannot (\"las/4.2\", ASCII)");
    if (!concern->settings.alarm_ms)
        concern->settings.alarm_ms = 5 * 60 * 1000;
    return 0;
}

static int take_text(struct concern *concern, const char *name, const char *value, char *text,
                     size_t size)
{
    if ((size_t)snprintf(text, size, "%s", value) < size)
        return 0;
    return concern_fail(concern, CONCERN_INVALID, "%s is too long (%zu letters at most)", name,
                        size - 1);
}

static int take_keys(struct concern *concern)
{
    const char *server = concern->settings.server_key;
    struct key_pair pair = { 0 };
    int answer = 0;

    if (server && key_is_z85(server))
        snprintf(concern->server_key, sizeof concern->server_key, "%s", server);
    else if ((answer = read_key(concern, "server_key", server, &pair)) == 0)
        snprintf(concern->server_key, sizeof concern->server_key, "%s", pair.public_key);
    key_pair_wipe(&pair);
    if (answer || (answer = read_key(concern, "key", concern->settings.key, &concern->pair)))
        return answer;
    if (!concern->pair.secret_key[0])
        return concern_fail(concern, CONCERN_INVALID,
                            "key: the file has no secret (the one that ends in .key_secret)");
    return 0;
}

static int read_key(struct concern *concern, const char *name, const char *path,
                    struct key_pair *pair)
{
    char words[CONCERN_ERROR_SIZE - 100] = "";
    FILE *complaints;
    int answer;

    if (!path || !*path)
        return concern_fail(concern, CONCERN_INVALID,
                            "%s is missing (a key file, as `concernctl keys make` makes it)", name);
    complaints = fmemopen(words, sizeof words, "w");
    if (!complaints)
        return concern_fail(concern, -ENOMEM, "no memory");
    answer = keyfile_read(path, complaints, pair);
    fclose(complaints);
    words[sizeof words - 1] = '\0';
    words[strcspn(words, "\n")] = '\0';
    return answer ? concern_fail(concern, CONCERN_INVALID, "%s: %s", name, words) : 0;
}

static int open_outbox(struct concern *concern)
{
    const struct outbox_settings settings = { .directory = concern->settings.outbox,
                                              .events_max = concern->settings.events_max,
                                              .bytes_max = concern->settings.bytes_max };
    struct outbox_repair repair;
    char why[OUTBOX_WHY_SIZE];
    int answer = outbox_open(&settings, &repair, why, &concern->outbox);

    if (answer == OUTBOX_OK && repair.repaired)
        concern_note_trouble(concern, CONCERN_TROUBLE_REPAIRED,
                             "the outbox was damaged: %llu events were whole and are sent, %llu "
                             "or more are lost; the damaged file is %s/%s",
                             (unsigned long long)repair.salvaged, (unsigned long long)repair.lost,
                             concern->settings.outbox, repair.aside);
    if (answer == OUTBOX_OK) {
        note_sources(concern);
        return CONCERN_OK;
    }
    concern_fail(concern, 0, "outbox: %s", why);
    return answer == OUTBOX_IN_USE ? CONCERN_IN_USE
           : answer == OUTBOX_FULL ? CONCERN_FULL
           : answer > 0            ? CONCERN_INVALID
                                   : answer;
}

static void note_sources(struct concern *concern)
{
    struct outbox_source source;
    char name[EVENT_SOURCE_MAX + 1] = "";

    for (size_t i = 0; i < CONCERN_SOURCES; i++) {
        if (outbox_next_source(concern->outbox, name, name) != OUTBOX_OK ||
            outbox_source(concern->outbox, name, &source) != OUTBOX_OK)
            return;
        snprintf(concern->opened[i].name, sizeof concern->opened[i].name, "%s", name);
        concern->opened[i].last = source.last;
    }
}

static int open_timer(struct concern *concern)
{
    struct epoll_event interest = { .events = EPOLLIN };

    concern->descriptor = epoll_create1(EPOLL_CLOEXEC);
    concern->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (concern->descriptor < 0 || concern->timer < 0 ||
        epoll_ctl(concern->descriptor, EPOLL_CTL_ADD, concern->timer, &interest))
        return concern_fail(concern, -errno, "no descriptor: %s", strerror(errno));
    return 0;
}

void concern_close(struct concern **concern_p)
{
    struct concern *concern = *concern_p;

    if (!concern)
        return;
    concern_hang_up(concern);
    for (size_t i = 0; i < concern->answered_count; i++) {
        json_decref(concern->answered[i].event);
        json_decref(concern->answered[i].answer);
    }
    outbox_close(&concern->outbox);
    if (concern->descriptor >= 0)
        close(concern->descriptor);
    if (concern->timer >= 0)
        close(concern->timer);
    key_pair_wipe(&concern->pair);
    free(concern);
    *concern_p = NULL;
}

const char *concern_error(const struct concern *concern)
{
    return concern->error;
}

int concern_fail(struct concern *concern, int answer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(concern->error, sizeof concern->error, format, arguments);
    va_end(arguments);
    return answer;
}

int concern_fail_outbox(struct concern *concern, int answer)
{
    if (answer == OUTBOX_OK)
        return CONCERN_OK;
    concern_fail(concern, 0, "%s", outbox_fault(concern->outbox));
    if (answer < 0 && answer != -ENOMEM && !concern->outbox_told) {
        concern->outbox_told = true;
        concern_note_trouble(concern, CONCERN_TROUBLE_OUTBOX, "%s", outbox_fault(concern->outbox));
    }
    if (answer == OUTBOX_NONE)
        return CONCERN_NONE;
    return answer < 0 ? answer : CONCERN_FULL;
}

void concern_note_trouble(struct concern *concern, enum concern_trouble trouble, const char *format,
                          ...)
{
    va_list arguments;
    char *words;

    if (concern->trouble_count == CONCERN_TROUBLES)
        return;
    concern->troubles[concern->trouble_count].trouble = trouble;
    words = concern->troubles[concern->trouble_count++].words;
    va_start(arguments, format);
    vsnprintf(words, CONCERN_ERROR_SIZE, format, arguments);
    va_end(arguments);
}

void concern_call_troubles(struct concern *concern)
{
    const struct concern_settings *settings = &concern->settings;

    if (concern->calling)
        return;
    concern->calling = true;
    for (size_t i = 0; i < concern->trouble_count; i++)
        if (settings->on_trouble)
            settings->on_trouble(settings->context, concern->troubles[i].trouble,
                                 concern->troubles[i].words);
    concern->calling = false;
    concern->trouble_count = 0;
}

int64_t concern_now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct instant concern_wall_clock(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (struct instant){ (int64_t)time.tv_sec * SECOND_US + time.tv_nsec / 1000 };
}

static void take_chance(uint8_t *bytes, size_t size)
{
    if (getrandom(bytes, size, 0) != (ssize_t)size)
        abort(); /* the kernel gives so few bytes whole, always, once it has booted */
}

/* 48 bits of milliseconds and 80 of chance, five bits to a letter of Crockford's. */
void concern_make_id(char id[27])
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t ms = (uint64_t)(concern_wall_clock().us / 1000);
    uint8_t chance[16];

    take_chance(chance, sizeof chance);
    for (int i = 9; i >= 0; i--, ms >>= 5)
        id[i] = letters[ms & 31];
    for (size_t i = 0; i < sizeof chance; i++)
        id[10 + i] = letters[chance[i] & 31];
    id[26] = '\0';
}

void concern_make_epoch(char epoch[SEQUENCE_EPOCH_MAX + 1])
{
    uint8_t chance[16];
    size_t at = 0;

    take_chance(chance, sizeof chance);
    chance[6] = (uint8_t)((chance[6] & 0x0f) | 0x40);
    chance[8] = (uint8_t)((chance[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof chance; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            epoch[at++] = '-';
        snprintf(epoch + at, 3, "%02x", chance[i]);
        at += 2;
    }
}
