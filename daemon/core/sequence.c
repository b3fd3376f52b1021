/* sequence.c - what an event's sequence number says about the ones before it. */
#include "core/sequence.h"

#include <string.h>

static bool same_epoch(const struct sequence_mark *mark, const char *seqepoch);
static struct sequence_decision with_missing(enum sequence_answer answer, uint64_t high,
                                             uint64_t from, uint64_t to);

int sequence_read(const char *text, size_t length, uint64_t *sequence)
{
    uint64_t value = 0;

    if (length != SEQUENCE_DIGITS)
        return SEQUENCE_MALFORMED;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return SEQUENCE_MALFORMED;
        /* 19 digits always fit; the twentieth may not. */
        if (value > (SEQUENCE_MAX - (uint64_t)(text[i] - '0')) / 10)
            return SEQUENCE_MALFORMED;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *sequence = value;
    return SEQUENCE_READ;
}

void sequence_write(uint64_t sequence, char text[SEQUENCE_DIGITS + 1])
{
    text[SEQUENCE_DIGITS] = '\0';
    for (size_t i = SEQUENCE_DIGITS; i > 0; i--) {
        text[i - 1] = (char)('0' + sequence % 10);
        sequence /= 10;
    }
}

struct sequence_decision sequence_decide(const struct sequence_mark *mark, const char *seqepoch,
                                         uint64_t sequence)
{
    if (!seqepoch || !seqepoch[0])
        return with_missing(SEQUENCE_UNSEQUENCED, mark->known ? mark->high : 0, 1, 0);
    if (!same_epoch(mark, seqepoch))
        return with_missing(SEQUENCE_NEW_EPOCH, sequence, 1, sequence ? sequence - 1 : 0);
    if (sequence <= mark->high)
        return with_missing(SEQUENCE_DUPLICATE, mark->high, 1, 0);
    if (sequence == mark->high + 1)
        return with_missing(SEQUENCE_NEXT, sequence, 1, 0);
    return with_missing(SEQUENCE_GAP, sequence, mark->high + 1, sequence - 1);
}

struct sequence_decision sequence_heartbeat(const struct sequence_mark *mark, const char *seqepoch,
                                            uint64_t last)
{
    if (!seqepoch || !seqepoch[0])
        return with_missing(SEQUENCE_UNSEQUENCED, mark->known ? mark->high : 0, 1, 0);
    if (!same_epoch(mark, seqepoch))
        return with_missing(SEQUENCE_NEW_EPOCH, last, 1, last);
    if (last <= mark->high)
        return with_missing(SEQUENCE_NEXT, mark->high, 1, 0);
    return with_missing(SEQUENCE_GAP, last, mark->high + 1, last);
}

void sequence_keep(struct sequence_mark *mark, const char *seqepoch,
                   const struct sequence_decision *decision)
{
    size_t length;

    if (decision->answer == SEQUENCE_UNSEQUENCED)
        return;
    length = strnlen(seqepoch, SEQUENCE_EPOCH_MAX);
    memcpy(mark->seqepoch, seqepoch, length);
    mark->seqepoch[length] = '\0';
    mark->high = decision->high;
    mark->known = true;
}

size_t sequence_cut(struct sequence_range gap, struct sequence_range gone,
                    struct sequence_range left[2])
{
    size_t count = 0;

    if (gap.from > gap.to)
        return 0;
    if (gone.from > gone.to || gone.to < gap.from || gone.from > gap.to) {
        left[0] = gap;
        return 1;
    }
    if (gone.from > gap.from)
        left[count++] = (struct sequence_range){ gap.from, gone.from - 1 };
    if (gone.to < gap.to)
        left[count++] = (struct sequence_range){ gone.to + 1, gap.to };
    return count;
}

static bool same_epoch(const struct sequence_mark *mark, const char *seqepoch)
{
    return mark->known && !strcmp(mark->seqepoch, seqepoch);
}

static struct sequence_decision with_missing(enum sequence_answer answer, uint64_t high,
                                             uint64_t from, uint64_t to)
{
    struct sequence_decision decision = { .answer = answer, .high = high, .from = from, .to = to };

    return decision;
}
