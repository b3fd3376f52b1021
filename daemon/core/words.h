/* words.h - the words of a language that the program itself puts into texts.
 *
 * Weekdays, months, the order of a date, "2 hours", "Stage 2 (Managers)", a side's name: each
 * language has them in a file of its own (config/templates/words.yaml and cy/words.yaml), read
 * by policy/words_read.h.  Those that hold something are small templates (template.h) with the
 * fields named here and no sections.  The English ones stand in the program too, as a last resort.
 */
#ifndef CONCERN_CORE_WORDS_H
#define CONCERN_CORE_WORDS_H

#include "core/template.h"

#define LANGUAGE_DEFAULT "en"

enum { LANGUAGE_SIZE = 3 }; /* bytes of a language's two letters and a zero */

/** What a word may hold. */
enum word_field {
    FIELD_TIME,
    FIELD_HOUR,
    FIELD_MINUTE,
    FIELD_OFFSET,
    FIELD_WEEKDAY,
    FIELD_DAY,
    FIELD_MONTH,
    FIELD_YEAR,
    FIELD_COUNT,
    FIELD_HOURS,
    FIELD_MINUTES,
    FIELD_NUMBER,
    FIELD_TITLE,
    FIELD_ROLE,
    FIELD_AGENCY,
    FIELD_AGENCIES,
    FIELD_NAME,
    FIELD_WHEN,
    FIELD_WHO,
    FIELD_STAGE,
    FIELD_LIMIT,
    FIELD_RULE,
    FIELD_VERSION,
    FIELD_EVENT,
    FIELD_DEADLINE,
    FIELD_REFERENCE,
    WORD_FIELDS /* how many */
};

enum word {
    WORD_TIME,
    WORD_TIME_TWICE,
    WORD_DATE_TIME,
    WORD_DATE_TIME_BRIEF,
    WORD_MIDNIGHT,
    WORD_MIDNIGHT_BRIEF,
    WORD_HOURS_MINUTES,
    WORD_MOMENT,
    WORD_STAGE,
    WORD_STAGE_ITSELF,
    WORD_THE_BOARD,
    WORD_AGENCY_UNLISTED,
    WORD_ROLE_OF,
    WORD_ROLE_AT,
    WORD_OPPOSITE,
    WORD_OPPOSITE_NAMED,
    WORD_BETWEEN_AGENCIES,
    WORD_BETWEEN_ROLES,
    WORD_TOLD_NEXT,
    WORD_TOLD_UNRESOLVED,
    WORD_SIDE_CHALLENGING,
    WORD_SIDE_CHALLENGED,
    WORD_SIDE_BOARD,
    WORD_TAG_ACTION,
    WORD_TAG_INFORMATION,
    WORD_TAG_URGENT,
    WORD_TAG_IMMEDIATE,
    WORD_STAND_IN_FOR_KIND,
    WORD_STAND_IN_VIA,
    WORD_STAND_IN_OR_ELSE,
    WORD_STAND_IN_DEPUTY,
    WORD_STAND_IN_SAFEGUARDING_LEAD,
    WORD_STAND_IN_OPERATOR,
    WORD_CAUSE_STAGE,
    WORD_CAUSE_DEADLINE,
    WORD_CAUSE_RULE,
    WORD_CAUSE_VERSION,
    WORD_CAUSE_EVENT,
    WORD_CAUSE_UNKNOWN_EVENT,
    WORD_CALENDAR_ENTRY,
    WORD_CALENDAR_CHANGED,
    WORD_SINCE_RESOLVED,
    WORD_SINCE_WITHDRAWN,
    WORD_SINCE_LAPSED,
    WORD_SINCE_ENDED,
    WORD_SINCE_PASSED,
    WORD_SINCE_MOVED,
    WORD_CARD_REFERENCE,
    WORD_CARD_BOARD,
    WORD_CARD_AGENCY,
    WORD_CARD_PRIORITY,
    WORD_CARD_OPEN,
    WORD_CARD_SEEN,
    WORD_CARD_CUT,
    WORD_PRIORITY_NORMAL,
    WORD_PRIORITY_URGENT,
    WORD_PRIORITY_IMMEDIATE,
    WORD_PAGE_REFERENCE,
    WORD_PAGE_STAGE,
    WORD_PAGE_TOLD,
    WORD_PAGE_WHEN,
    WORD_PAGE_MESSAGE,
    WORD_COUNT /* how many */
};

/** What is counted in words of its own for some numbers: "1 day", "2 days". */
enum word_unit { UNIT_DAY, UNIT_HOUR, UNIT_MINUTE, WORD_UNITS };

enum { WORD_FORMS_MAX = 60 }; /* numbers that may have a form of their own: 0 to 59 */

struct word_forms {
    const char *of[WORD_FORMS_MAX]; /* NULL: `other` */
    const char *other;
};

/** Of one language; owned by who read them.  Nothing is NULL but forms and `language`. */
struct words {
    const char *language; /* NULL: LANGUAGE_DEFAULT */
    const char *weekdays[7], *weekdays_brief[7];
    const char *months[12];
    const char *of[WORD_COUNT];
    struct word_forms units[WORD_UNITS];
};

/** What the fields of one word are worth; NULL: nothing. */
struct word_values {
    const char *of[WORD_FIELDS];
};

/** English, as config/templates/words.yaml has it: what stands where no file was read. */
extern const struct words words_builtin;

/** The name a word has in its file: "date_time". */
const char *word_name(enum word word);

/** The name of a unit there: "day". */
const char *word_unit_name(enum word_unit unit);

/** Whether `text` can stand for the word: its fields are known, and those it cannot do without are
 *  there.  TEMPLATE_OK, or TEMPLATE_FAULT with `why` set (its line and column are not the file's).
 */
int word_check(enum word word, const char *text, struct template_fault *fault);

/** The same for a form of a unit; `exact`: of one number, which need not be written. */
int word_form_check(const char *text, bool exact, struct template_fault *fault);

/** Adds a word; `values` may be NULL where it holds nothing. */
void words_write(const struct words *words, enum word word, const struct word_values *values,
                 struct text *text);

/** Adds a count of something: "2 hours"; `count` is not negative. */
void words_write_count(const struct words *words, enum word_unit unit, int64_t count,
                       struct text *text);

#endif
