/* shape_cover.c - few shapes in which every two things come together. */
#include <string.h>

#include "core/shape.h"

enum { WAYS_MAX = 8 };

static const uint8_t ways[SHAPE_SIDES] = {
    [SHAPE_READER] = 4,  [SHAPE_DUE] = 7,   [SHAPE_STAND_IN] = 7, [SHAPE_STATE] = 4,
    [SHAPE_BESIDE] = 4,  [SHAPE_SENT] = 4,  [SHAPE_PRIORITY] = 3, [SHAPE_PARTIES] = 3,
    [SHAPE_DETAILS] = 2, [SHAPE_WORDS] = 2,
};

size_t shape_ways(enum shape_side side)
{
    return ways[side];
}

/* Which two ways have come together; one before the other by their sides. */
struct pairs {
    bool met[SHAPE_SIDES][WAYS_MAX][SHAPE_SIDES][WAYS_MAX];
};

static void meet(struct pairs *pairs, const struct shape *shape)
{
    for (size_t i = 0; i < SHAPE_SIDES; i++)
        for (size_t j = i + 1; j < SHAPE_SIDES; j++)
            pairs->met[i][shape->of[i]][j][shape->of[j]] = true;
}

static bool have_met(const struct pairs *pairs, size_t one, uint8_t way, size_t other,
                     uint8_t other_way)
{
    return one < other ? pairs->met[one][way][other][other_way]
                       : pairs->met[other][other_way][one][way];
}

/* A pair that has not met; false where all have. */
static bool find_strangers(const struct pairs *pairs, struct shape *shape, bool set[SHAPE_SIDES])
{
    for (size_t i = 0; i < SHAPE_SIDES; i++)
        for (size_t j = i + 1; j < SHAPE_SIDES; j++)
            for (uint8_t one = 0; one < ways[i]; one++)
                for (uint8_t other = 0; other < ways[j]; other++) {
                    if (pairs->met[i][one][j][other])
                        continue;
                    shape->of[i] = one;
                    shape->of[j] = other;
                    set[i] = set[j] = true;
                    return true;
                }
    return false;
}

/* The way of a side that meets most of what is set already for the first time. */
static uint8_t most_new(const struct pairs *pairs, const struct shape *shape,
                        const bool set[SHAPE_SIDES], size_t side)
{
    unsigned most = 0;
    uint8_t best = 0;

    for (uint8_t way = 0; way < ways[side]; way++) {
        unsigned fresh = 0;

        for (size_t other = 0; other < SHAPE_SIDES; other++)
            fresh += set[other] && !have_met(pairs, side, way, other, shape->of[other]);
        if (fresh > most) {
            most = fresh;
            best = way;
        }
    }
    return best;
}

size_t shapes_cover(struct shape shapes[SHAPES_MAX])
{
    struct pairs pairs;
    size_t count = 0;

    memset(&pairs, 0, sizeof pairs);
    shapes[count] = (struct shape){ .of = { 0 } };
    meet(&pairs, &shapes[count++]);
    while (count < SHAPES_MAX) {
        struct shape shape = { .of = { 0 } };
        bool set[SHAPE_SIDES] = { false };

        if (!find_strangers(&pairs, &shape, set))
            break;
        for (size_t side = 0; side < SHAPE_SIDES; side++) {
            if (!set[side])
                shape.of[side] = most_new(&pairs, &shape, set, side);
            set[side] = true;
        }
        meet(&pairs, &shape);
        shapes[count++] = shape;
    }
    return count;
}
