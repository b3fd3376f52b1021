/* zoneinfo_rule.h - the rule at the end of a time zone file: "GMT0BST,M3.5.0/1,M10.5.0". */
#ifndef CONCERN_POLICY_ZONEINFO_RULE_H
#define CONCERN_POLICY_ZONEINFO_RULE_H

#include "core/zone.h"

enum rule_day_kind {
    RULE_JULIAN,     /* Jn: 1 to 365, 29 February never counted */
    RULE_DAY,        /* n: 0 to 365 */
    RULE_MONTH_WEEK, /* Mm.w.d: the w-th (5: last) weekday d (0 Sunday) of month m */
};

struct rule_moment {
    enum rule_day_kind kind;
    int month, week, day;
    int32_t second; /* after midnight, on the clock before the change; -167 to 167 hours */
};

struct zoneinfo_rule {
    int32_t standard_s; /* offsets, positive east */
    int32_t summer_s;
    bool has_summer;
    struct rule_moment begins, ends; /* of the summer time */
};

/** Reads a POSIX TZ rule with the extension of RFC 8536; false if it is none. */
bool zoneinfo_rule_read(const char *text, struct zoneinfo_rule *rule);

/** The two changes the rule makes in `year`, the earlier one first. */
void zoneinfo_rule_changes(const struct zoneinfo_rule *rule, int year,
                           struct zone_change changes[2]);

#endif
