/* fuzz_entry.c - a deadline as an entry of a calendar: either it is refused, or libical reads the
 * object back with the properties it always has and no other, and each says what went in.
 *
 * The first two bytes say what is so; then, each behind a zero: title, reference, id of the
 * deadline, board, organizer.
 */
#include "fuzz.h"

#include <libical/ical.h>

#include "core/plain.h"
#include "io/icalendar.h"
#include "protocol/alphabet.h"
#include "protocol/mail.h"

enum {
    IS_CANCELLED = 1,
    IS_PROVISIONAL = 2,
    IS_MIXED = 4,
    LINE_MOST = 75,
    TITLE_BYTES = 200,
    EVENTS = 2
};

static const char *const of_event[] = { "UID",     "DTSTAMP",  "ORGANIZER", "DTSTART",
                                        "SUMMARY", "SEQUENCE", "STATUS",    "TRANSP" };

/* Lines of at most 75 octets ended by CRLF, no control character, no character cut in two; how
 * many there are once they are unfolded. */
static size_t lines_of(const char *bytes)
{
    size_t unfolded = 0;

    while (*bytes) {
        size_t length = strcspn(bytes, "\r");

        HOLDS(length > 0 && length <= LINE_MOST && bytes[length + 1] == '\n');
        unfolded += bytes[0] != ' ';
        for (size_t i = 0, step; i < length; i += step) {
            uint32_t character;

            step = plain_character(bytes + i, length - i, &character);
            HOLDS(step > 0 && plain_is_shown(character));
        }
        bytes += length + 2;
    }
    return unfolded;
}

static void check_event(icalcomponent *event, const struct icalendar_object *object,
                        const struct icalendar_entry *entry)
{
    char organizer[ADDRESS_MAX + 8];
    const char *at = strchr(icalcomponent_get_uid(event), '@');

    HOLDS(icalcomponent_count_properties(event, ICAL_ANY_PROPERTY) == (int)COUNT_OF(of_event));
    for (size_t i = 0; i < COUNT_OF(of_event); i++) {
        icalproperty_kind kind = icalproperty_string_to_kind(of_event[i]);

        HOLDS(icalcomponent_count_properties(event, kind) == 1);
        HOLDS(!icalproperty_get_first_parameter(icalcomponent_get_first_property(event, kind),
                                                ICAL_ANY_PARAMETER));
    }
    HOLDS(strcmp(icalcomponent_get_summary(event), entry->title) == 0);
    HOLDS(at && strcmp(at + 1, object->domain) == 0);
    (void)snprintf(organizer, sizeof organizer, "mailto:%s", object->organizer);
    HOLDS(strcmp(icalproperty_get_organizer(
                     icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY)),
                 organizer) == 0);
    HOLDS(icaltime_as_timet(icalcomponent_get_dtstart(event)) == entry->due.us / SECOND_US);
    HOLDS(icalcomponent_get_sequence(event) == (int)entry->sequence);
    HOLDS(icalcomponent_get_status(event) == (entry->cancelled     ? ICAL_STATUS_CANCELLED
                                              : entry->provisional ? ICAL_STATUS_TENTATIVE
                                                                   : ICAL_STATUS_CONFIRMED));
}

static void check(const struct icalendar_object *object, const char *bytes, size_t size)
{
    icalcomponent *whole = icalparser_parse_string(bytes), *event;
    size_t count = 0;

    HOLDS(size == strlen(bytes) && whole);
    HOLDS(icalcomponent_isa(whole) == ICAL_VCALENDAR_COMPONENT);
    HOLDS(icalcomponent_count_properties(whole, ICAL_ANY_PROPERTY) == 3);
    HOLDS(icalcomponent_get_method(whole) ==
          (object->cancelled ? ICAL_METHOD_CANCEL : ICAL_METHOD_PUBLISH));
    for (event = icalcomponent_get_first_component(whole, ICAL_ANY_COMPONENT); event; count++) {
        HOLDS(icalcomponent_isa(event) == ICAL_VEVENT_COMPONENT && count < object->count);
        check_event(event, object, object->entries[count]);
        event = icalcomponent_get_next_component(whole, ICAL_ANY_COMPONENT);
    }
    HOLDS(count == object->count);
    HOLDS(lines_of(bytes) == 5 + count * (COUNT_OF(of_event) + 2));
    icalcomponent_free(whole);
}

/* What stands in the title of an entry that is composed; the wording's length is bounded here. */
static void check_title(const char *title, const char *wording, const char *reference)
{
    if (alphabet_is_id(reference) && strlen(wording) <= TITLE_BYTES)
        HOLDS(strstr(title, reference));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct disagreement disagreement;
    static const struct notification notification;
    uint8_t flags = size > 0 ? bytes[0] : 0, changes = size > 1 ? bytes[1] : 0;
    size_t head = size > 1 ? 2 : size;
    char *title, *reference, *id, *board, *organizer, *written = NULL;
    struct icalendar_entry entry = { .start = 1, .sequence = changes }, other;
    const struct icalendar_entry *const entries[EVENTS] = { &entry, &other };
    size_t written_size = 0;
    int answer;

    bytes += head;
    size -= head;
    title = fuzz_part(&bytes, &size);
    reference = fuzz_part(&bytes, &size);
    id = fuzz_part(&bytes, &size);
    board = fuzz_part(&bytes, &size);
    organizer = fuzz_part(&bytes, &size);

    struct deadline deadline = { .id = id, .title = title };
    struct procedure procedure = { .deadlines = &deadline, .deadline_count = 1 };
    struct policy_view view = { .procedure = &procedure };
    struct composition composition = { .view = &view,
                                       .disagreement = &disagreement,
                                       .notification = &notification };
    struct icalendar_object object = { .entries = entries,
                                       .count = flags & IS_MIXED ? EVENTS : 1,
                                       .organizer = organizer,
                                       .domain =
                                           strchr(organizer, '@') ? strchr(organizer, '@') + 1 : "",
                                       .cancelled = flags & IS_CANCELLED,
                                       .sent = { INT64_C(1798131540000000) } };

    (void)snprintf(disagreement.reference, sizeof disagreement.reference, "%s", reference);
    answer = compose_calendar_entry(&composition, 0, entry.title);
    check_title(entry.title, title, disagreement.reference);
    (void)snprintf(entry.board, sizeof entry.board, "%s", board);
    (void)snprintf(entry.reference, sizeof entry.reference, "%s", reference);
    (void)snprintf(entry.deadline, sizeof entry.deadline, "%s", id);
    entry.due = (struct instant){ INT64_C(1798563600000000) };
    entry.cancelled = flags & IS_CANCELLED;
    entry.provisional = flags & IS_PROVISIONAL;
    other = entry;
    other.start++;
    other.cancelled = !other.cancelled;
    if (icalendar_write(&object, &written, &written_size) == 0 && written)
        check(&object, written, written_size);
    else
        HOLDS(!written && (!mail_address_is_safe(organizer) || answer != TEMPLATE_OK ||
                           !plain_is_line(entry.title, sizeof entry.title)));
    free(written);
    free(title);
    free(reference);
    free(id);
    free(board);
    free(organizer);
    return 0;
}
