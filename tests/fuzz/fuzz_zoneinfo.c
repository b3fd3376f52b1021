/* fuzz_zoneinfo.c - a time zone's file: a table that ascends, and civil times that lead back. */
#include "fuzz.h"

#include "core/text.h"
#include "core/zone.h"
#include "policy/zoneinfo.h"

/* A civil time that is ordinary has one instant. */
static void leads_back(const struct zone *zone, int64_t at_s)
{
    struct instant at = { at_s * SECOND_US }, back;
    struct civil civil = zone_civil(zone, at);

    HOLDS(civil.second >= 0 && civil.second < 86400);
    if (zone_instant(zone, civil, &back) == ZONE_OK)
        HOLDS(back.us == at.us);
}

static void is_sound(const struct zone *zone)
{
    static const int64_t times[] = { 0, 1798131540, 1806195600, 4102444799 };

    HOLDS(zone->change_count <= ZONEINFO_CHANGES_MAX);
    for (size_t i = 1; i < zone->change_count; i++)
        HOLDS(zone->changes[i - 1].at_s < zone->changes[i].at_s);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        leads_back(zone, times[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char why[200];
    struct text error = text_over(why, sizeof why);
    struct zone *zone = NULL;
    int answer = zoneinfo_read("Fuzz/Zone", bytes, size, &zone, &error);

    HOLDS(answer == ZONEINFO_OK || (answer == ZONEINFO_UNREADABLE && why[0]));
    HOLDS((answer == ZONEINFO_OK) == (zone != NULL));
    if (zone)
        is_sound(zone);
    zoneinfo_free(&zone);
    return 0;
}
