/* queue.c - which delivery goes next: fair between endpoints, urgent before ordinary. */
#include "io/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/breaker.h"
#include "io/dispatcher.h"

/* Lives as long as something waits in it or is under way from it, or its last transfer failed:
 * there are as many such as there are endpoints. */
struct lane {
    struct lane *next;
    enum route_kind route;
    char endpoint[ADDRESS_MAX + 1]; /* empty for mail and for GOV.UK Notify */
    size_t waiting, under_way;
    uint64_t served; /* the turn in which it was last served */
    struct breaker breaker;
};

struct waiting {
    struct parcel *parcel;
    struct lane *lane;
    uint64_t arrived;
};

struct queue {
    struct lane *lanes;
    struct waiting *waiting;
    size_t count, capacity;
    size_t mails, posts; /* under way */
    uint64_t arrivals, turns;
    int64_t first_wait_ms;
};

int queue_open(struct queue **queue)
{
    *queue = calloc(1, sizeof **queue);
    return *queue ? 0 : -ENOMEM;
}

void queue_close(struct queue **queue_p)
{
    struct queue *queue = *queue_p;

    if (!queue)
        return;
    for (size_t i = 0; i < queue->count; i++)
        parcel_close(&queue->waiting[i].parcel);
    while (queue->lanes) {
        struct lane *lane = queue->lanes;

        queue->lanes = lane->next;
        free(lane);
    }
    free(queue->waiting);
    free(queue);
    *queue_p = NULL;
}

static const char *endpoint_of(const struct delivery *delivery)
{
    return route_is_to_endpoint(delivery->route) ? delivery->recipient : "";
}

/* The place of the pointer to the lane of a delivery; it points to NULL if there is none. */
static struct lane **find_lane(struct queue *queue, const struct delivery *delivery)
{
    struct lane **at = &queue->lanes;

    while (*at &&
           ((*at)->route != delivery->route || strcmp((*at)->endpoint, endpoint_of(delivery)) != 0))
        at = &(*at)->next;
    return at;
}

static struct lane *open_lane(struct queue *queue, const struct delivery *delivery)
{
    struct lane **at = find_lane(queue, delivery);

    if (*at)
        return *at;
    *at = calloc(1, sizeof **at);
    if (*at) {
        (*at)->route = delivery->route;
        memcpy((*at)->endpoint, endpoint_of(delivery), strlen(endpoint_of(delivery)) + 1);
    }
    return *at;
}

static void close_lane_if_idle(struct lane **at)
{
    struct lane *lane = *at;

    if (lane->waiting > 0 || lane->under_way > 0 || lane->breaker.failures > 0)
        return;
    *at = lane->next;
    free(lane);
}

static int make_room(struct queue *queue)
{
    size_t capacity = queue->capacity ? queue->capacity * 2 : 64;
    struct waiting *grown;

    if (queue->count < queue->capacity)
        return 0;
    grown = reallocarray(queue->waiting, capacity, sizeof *grown);
    if (!grown)
        return -ENOMEM;
    queue->waiting = grown;
    queue->capacity = capacity;
    return 0;
}

int queue_add(struct queue *queue, struct parcel *parcel)
{
    struct lane *lane;

    if (make_room(queue) < 0 || !(lane = open_lane(queue, &parcel->delivery)))
        return -ENOMEM;
    lane->waiting++;
    queue->waiting[queue->count++] = (struct waiting){ parcel, lane, queue->arrivals++ };
    return 0;
}

void queue_configure(struct queue *queue, int64_t first_wait_ms)
{
    struct lane **at = &queue->lanes;

    queue->first_wait_ms = first_wait_ms;
    while (*at) {
        struct lane *lane = *at;

        lane->breaker = (struct breaker){ 0 };
        close_lane_if_idle(at);
        if (*at == lane)
            at = &lane->next;
    }
}

static size_t *under_way(struct queue *queue, const struct lane *lane)
{
    return lane->route == ROUTE_EMAIL ? &queue->mails : &queue->posts;
}

/* How many of a lane may be under way for one of this priority to start. */
static size_t most_of_lane(const struct lane *lane, enum priority priority)
{
    size_t most =
        priority == PRIORITY_NORMAL ? DISPATCH_ENDPOINT_ORDINARY : DISPATCH_PER_ENDPOINT_MAX;

    if (lane->route == ROUTE_EMAIL)
        most = DISPATCH_MAILS_ORDINARY + DISPATCH_MAILS_STEP * (size_t)priority;
    if (breaker_wants_probe(&lane->breaker) && most > 1 + (size_t)priority)
        most = 1 + (size_t)priority;
    return most;
}

/* How long its endpoint is still left alone. */
static int64_t wait_of(const struct queue *queue, const struct waiting *one, int64_t now_ms)
{
    const struct breaker *breaker = &one->lane->breaker;

    return one->parcel->delivery.priority == PRIORITY_NORMAL
               ? breaker_wait_ms(breaker, now_ms)
               : breaker_urgent_wait_ms(breaker, now_ms, queue->first_wait_ms);
}

static bool may_start(const struct queue *queue, const struct waiting *one, int64_t now_ms)
{
    const struct lane *lane = one->lane;
    enum priority priority = one->parcel->delivery.priority;
    size_t most = DISPATCH_TRANSFERS_MAX - (priority == PRIORITY_NORMAL ? DISPATCH_RESERVED : 0);

    if (wait_of(queue, one, now_ms) > 0 || lane->under_way >= most_of_lane(lane, priority))
        return false;
    return lane->route == ROUTE_EMAIL || queue->posts < most;
}

static bool goes_before(const struct waiting *one, const struct waiting *other)
{
    const struct delivery *a = &one->parcel->delivery, *b = &other->parcel->delivery;

    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (one->lane->served != other->lane->served)
        return one->lane->served < other->lane->served;
    if (a->due.us != b->due.us)
        return a->due.us < b->due.us;
    return one->arrived < other->arrived;
}

struct parcel *queue_next(struct queue *queue, int64_t now_ms)
{
    struct waiting *best = NULL;
    struct parcel *parcel;

    for (size_t i = 0; i < queue->count; i++) {
        struct waiting *one = &queue->waiting[i];

        if (may_start(queue, one, now_ms) && (!best || goes_before(one, best)))
            best = one;
    }
    if (!best)
        return NULL;

    parcel = best->parcel;
    best->lane->waiting--;
    best->lane->under_way++;
    best->lane->served = ++queue->turns;
    (*under_way(queue, best->lane))++;
    *best = queue->waiting[--queue->count];
    return parcel;
}

struct parcel *queue_put_off(struct queue *queue, int64_t now_ms, int64_t *wait_ms)
{
    for (size_t i = 0; i < queue->count; i++) {
        struct waiting *one = &queue->waiting[i];
        struct parcel *parcel = one->parcel;

        *wait_ms = wait_of(queue, one, now_ms);
        if (*wait_ms == 0)
            continue;
        one->lane->waiting--;
        *one = queue->waiting[--queue->count];
        return parcel;
    }
    return NULL;
}

void queue_done(struct queue *queue, const struct parcel *parcel, enum queue_end end,
                int64_t now_ms)
{
    struct lane **lane = find_lane(queue, &parcel->delivery);

    if (!*lane || (*lane)->under_way == 0)
        abort(); /* never given out: our mistake */
    (*lane)->under_way--;
    (*under_way(queue, *lane))--;
    if (end != QUEUE_END_UNKNOWN)
        breaker_note(&(*lane)->breaker, end == QUEUE_END_FAILED, now_ms, queue->first_wait_ms);
    close_lane_if_idle(lane);
}

size_t queue_waiting(const struct queue *queue)
{
    return queue->count;
}

size_t queue_under_way(const struct queue *queue)
{
    return queue->mails + queue->posts;
}
