/* words_builtin.c - the English words of last resort: nobody goes untold because a file is missing.
 * A test holds them against config/templates/words.yaml. */
#include "core/words.h"

/* clang-format off */
const struct words words_builtin = {
    .weekdays = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" },
    .weekdays_brief = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" },
    .months = { "January", "February", "March", "April", "May", "June", "July", "August",
                "September", "October", "November", "December" },
    .of = {
        [WORD_TIME] = "{{hour}}:{{minute}}",
        [WORD_TIME_TWICE] = "{{time}} (UTC{{offset}})",
        [WORD_DATE_TIME] = "{{time}} on {{weekday}} {{day}} {{month}} {{year}}",
        [WORD_DATE_TIME_BRIEF] = "{{time}} {{weekday}} {{day}} {{month}} {{year}}",
        [WORD_MIDNIGHT] = "midnight at the end of {{weekday}} {{day}} {{month}} {{year}}",
        [WORD_MIDNIGHT_BRIEF] = "midnight at the end of {{weekday}} {{day}} {{month}} {{year}}",
        [WORD_HOURS_MINUTES] = "{{hours}} {{minutes}}",
        [WORD_MOMENT] = "less than 1 minute",
        [WORD_STAGE] = "Stage {{number}} ({{title}})",
        [WORD_STAGE_ITSELF] = "Stage",
        [WORD_THE_BOARD] = "the board",
        [WORD_ROLE_OF] = "{{role}} of {{agency}}",
        [WORD_ROLE_AT] = "{{role}} ({{agencies}})",
        [WORD_OPPOSITE] = "{{role}}, {{agency}}",
        [WORD_OPPOSITE_NAMED] = "{{role}}, {{agency}} ({{name}})",
        [WORD_BETWEEN_AGENCIES] = ", ",
        [WORD_BETWEEN_ROLES] = "; ",
        [WORD_TOLD_NEXT] = "{{when}}: {{who}}",
        [WORD_TOLD_UNRESOLVED] = "at once, when the stage is reported unresolved: {{who}}",
        [WORD_SIDE_CHALLENGING] = "challenging side",
        [WORD_SIDE_CHALLENGED] = "challenged side",
        [WORD_SIDE_BOARD] = "board",
        [WORD_TAG_ACTION] = "Action",
        [WORD_TAG_INFORMATION] = "Information",
        [WORD_TAG_URGENT] = "Urgent",
        [WORD_TAG_IMMEDIATE] = "Immediate",
        [WORD_STAND_IN_FOR_KIND] = "the procedure names this role for agencies of your kind",
        [WORD_STAND_IN_VIA] = "it reaches that role through yours",
        [WORD_STAND_IN_OR_ELSE] = "your agency names nobody for that role",
        [WORD_STAND_IN_DEPUTY] = "you are the deputy for it",
        [WORD_STAND_IN_SAFEGUARDING_LEAD] =
            "nobody is named for that role, and you are the safeguarding lead",
        [WORD_STAND_IN_OPERATOR] = "nobody is named for that role",
        [WORD_CAUSE_STAGE] = "{{stage}} began",
        [WORD_CAUSE_DEADLINE] = "of the limit \"{{limit}}\"",
        [WORD_CAUSE_RULE] = "of the rule \"{{rule}}\"",
        [WORD_CAUSE_VERSION] = "it was moved to version {{version}} of the procedure",
        [WORD_CAUSE_EVENT] = "a case system reported \"{{event}}\"",
        [WORD_CAUSE_UNKNOWN_EVENT] = "a case system reported it",
        [WORD_CALENDAR_ENTRY] = "{{deadline}} - ref {{reference}}",
    },
    .units = {
        [UNIT_DAY] = { .of[1] = "{{count}} day", .other = "{{count}} days" },
        [UNIT_HOUR] = { .of[1] = "{{count}} hour", .other = "{{count}} hours" },
        [UNIT_MINUTE] = { .of[1] = "{{count}} minute", .other = "{{count}} minutes" },
    },
};
/* clang-format on */
