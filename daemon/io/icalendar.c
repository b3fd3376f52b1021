/* icalendar.c - a deadline as an object for a reader's calendar. */
#include "io/icalendar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libical/ical.h>

#include "core/plain.h"
#include "core/zone.h"
#include "io/digest.h"
#include "protocol/mail.h"

enum { LINE_OCTETS = 75, UID_SIZE = DIGEST_NAME_SIZE + ADDRESS_MAX + 2 };

static void component_free(icalcomponent **component)
{
    if (*component)
        icalcomponent_free(*component);
}

/* UTC, so that no program has to know our zone: one that lacks a VTIMEZONE reads local time. */
static struct icaltimetype utc_of(struct instant at)
{
    int64_t seconds = at.us / SECOND_US - (at.us % SECOND_US < 0);
    int64_t day = seconds / 86400 - (seconds % 86400 < 0);
    int second = (int)(seconds - day * 86400);
    struct date date = { (int32_t)day };
    struct icaltimetype time = icaltime_null_time();

    date_parts(date, &time.year, &time.month, &time.day);
    time.hour = second / 3600;
    time.minute = second / 60 % 60;
    time.second = second % 60;
    time.zone = icaltimezone_get_utc_timezone();
    return time;
}

/* The same for every message about this start of the deadline, and for no other's. */
static int write_uid(const struct icalendar_object *object, const struct icalendar_entry *entry,
                     char uid[UID_SIZE])
{
    char of[3 * ID_MAX + 32], name[DIGEST_NAME_SIZE];

    (void)snprintf(of, sizeof of, "%s\n%s\n%s\n%u", entry->board, entry->reference, entry->deadline,
                   entry->start);
    if (digest_name(of, name) < 0)
        return -EIO;
    (void)snprintf(uid, UID_SIZE, "%s@%s", name, object->domain);
    return 0;
}

static enum icalproperty_status status_of(const struct icalendar_entry *entry)
{
    if (entry->cancelled)
        return ICAL_STATUS_CANCELLED;
    return entry->provisional ? ICAL_STATUS_TENTATIVE : ICAL_STATUS_CONFIRMED;
}

/* The component takes the properties over.  TRANSPARENT: a limit keeps nobody busy. */
static int add_event(const struct icalendar_object *object, const struct icalendar_entry *entry,
                     icalcomponent *calendar)
{
    char uid[UID_SIZE], organizer[ADDRESS_MAX + 8];
    icalcomponent *event;

    snprintf(organizer, sizeof organizer, "mailto:%s", object->organizer);
    if (!plain_is_line(entry->title, sizeof entry->title))
        return -EINVAL;
    if (write_uid(object, entry, uid) < 0)
        return -EIO;
    event = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    if (!event)
        return -ENOMEM;
    icalcomponent_add_component(calendar, event);
    icalcomponent_add_property(event, icalproperty_new_uid(uid));
    icalcomponent_add_property(event, icalproperty_new_dtstamp(utc_of(object->sent)));
    icalcomponent_add_property(event, icalproperty_new_organizer(organizer));
    icalcomponent_add_property(event, icalproperty_new_dtstart(utc_of(entry->due)));
    icalcomponent_add_property(event, icalproperty_new_summary(entry->title));
    icalcomponent_add_property(event, icalproperty_new_sequence((int)entry->sequence));
    icalcomponent_add_property(event, icalproperty_new_status(status_of(entry)));
    icalcomponent_add_property(event, icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
    return 0;
}

static void unfold(char *text)
{
    char *to = text;

    while (*text)
        if (strncmp(text, "\r\n ", 3) == 0)
            text += 3;
        else
            *to++ = *text++;
    *to = '\0';
}

/* libical would fold a line of 74 octets between its CR and its LF: its folds are taken out, and
 * lines broken anew at 75 octets, never within a character (RFC 5545 3.1). */
static int write_folded(icalcomponent *calendar, char **bytes, size_t *size)
{
    char *plain = icalcomponent_as_ical_string_r(calendar), *to;
    size_t column = 0;

    to = *bytes = plain ? malloc(2 * strlen(plain) + 1) : NULL;
    if (to)
        unfold(plain);
    for (const char *from = plain; to && *from;) {
        uint32_t character;
        size_t step = plain_character(from, SIZE_MAX, &character);
        bool ends = strncmp(from, "\r\n", 2) == 0;

        step = ends ? 2 : step > 0 ? step : 1;
        if (!ends && column + step > LINE_OCTETS) {
            memcpy(to, "\r\n ", 3);
            to += 3;
            column = 1;
        }
        memcpy(to, from, step);
        to += step;
        column = ends ? 0 : column + step;
        from += step;
    }
    free(plain);
    if (!to)
        return -ENOMEM;
    *to = '\0';
    *size = (size_t)(to - *bytes);
    return 0;
}

int icalendar_write(const struct icalendar_object *object, char **bytes, size_t *size)
{
    CLEANUP(component_free) icalcomponent *calendar = NULL;
    char address[sizeof "c@" + ADDRESS_MAX];
    int error = 0;

    *bytes = NULL;
    *size = 0;
    icalerror_set_errors_are_fatal(false); /* of the library: it would abort the daemon */
    (void)snprintf(address, sizeof address, "c@%s", object->domain);
    if (!mail_address_is_safe(object->organizer) || !mail_address_is_safe(address))
        return -EINVAL;
    calendar = icalcomponent_new(ICAL_VCALENDAR_COMPONENT);
    if (!calendar)
        return -ENOMEM;
    icalcomponent_add_property(calendar, icalproperty_new_prodid("-//concernd//concernd//EN"));
    icalcomponent_add_property(calendar, icalproperty_new_version("2.0"));
    icalcomponent_add_property(
        calendar,
        icalproperty_new_method(object->cancelled ? ICAL_METHOD_CANCEL : ICAL_METHOD_PUBLISH));
    for (size_t i = 0; error == 0 && i < object->count; i++)
        error = add_event(object, object->entries[i], calendar);
    if (error || object->count == 0)
        return error;
    return write_folded(calendar, bytes, size);
}
