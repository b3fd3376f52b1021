/* reference.h - what a reference may look like, so that it says nothing of a person.
 *
 * References and links go out in every message, and whoever chose them chose their words.  The
 * directory says for each agency of which forms its references are.  A form is written out, one
 * character for one character, and is met by the whole reference:
 *
 *     #  a digit              @  an upper-case letter      ?  one of both
 *     %  a hexadecimal digit, of either case               +  behind one of these: one or more
 *     {uuid}  a UUID          {ulid}  a ULID               any other character: itself
 *
 * "D-####-####" is met by D-2026-0192.  Of an agency without forms a reference is to be numbers and
 * initials (reference_fault()).  No reference holds an NHS number, a calendar date or a postcode,
 * whatever its form, unless the form itself spells one (reference_form_room()).
 */
#ifndef CONCERN_CORE_REFERENCE_H
#define CONCERN_CORE_REFERENCE_H

#include "core/base.h"

/** What an agency's references look like; the texts are the directory's. */
struct reference_rules {
    const char *const *forms; /* none: numbers and initials */
    size_t form_count;
    const char *const *links; /* what links begin with; none: no link is passed on */
    size_t link_count;
};

/** Why a reference is not passed on. */
enum reference_fault {
    REFERENCE_FINE,
    REFERENCE_OTHER_FORM, /* of none of the forms that are stated */
    REFERENCE_NO_DIGIT,   /* these of a reference without forms: no digit in it, */
    REFERENCE_WORDS,      /* more than four letters in a row or eight in all, or a character that
                             references are not made of */
    REFERENCE_NHS_NUMBER, /* ten digits whose last is the check digit of the others */
    REFERENCE_DATE,       /* a day of 1900 to 2100 */
    REFERENCE_POSTCODE,   /* of the United Kingdom, by its form */
    REFERENCE_FAULT_COUNT
};

/**
 * Whether a reference may be passed on.  Where no forms are stated it has at least a digit, at most
 * four letters in a row and eight in all; parts that are a machine's ids count for nothing: a UUID
 * or a ULID between "/", ":" and the ends, and twelve or more hexadecimal digits, three of them
 * letters and three not, between any separators.
 *
 * An NHS number is ten digits, or 3, 3 and 4 with one character between that is neither letter nor
 * digit, the last of them the check digit by modulus 11 (NHS Data Model and Dictionary, NHS
 * NUMBER).  A date is YYYYMMDD, DDMMYYYY or MMDDYYYY, also with one such character between the
 * parts (where the year is last, day and month may be of one digit), or a day, three letters of a
 * month and a year.  A postcode is A9 9AA, A99 9AA, AA9 9AA, AA99 9AA, A9A 9AA or AA9A 9AA in
 * letters of either case, with one such character or none between, and no letter or digit around
 * it; the last two letters are none of C I K M O V (Royal Mail, Programmers' Guide to PAF).
 */
enum reference_fault reference_fault(const struct reference_rules *rules, const char *reference);

/** Whether a link may be passed on: it begins with one of those stated, and goes on with a UUID, a
 *  ULID or a reference that may be, to its end. */
bool reference_link_is_fine(const struct reference_rules *rules, const char *link);

/** What the fault is, in words that follow "it": "holds a date". */
const char *reference_fault_text(enum reference_fault fault);

/** What is wrong with a form, and what would be right; NULL: nothing. */
const char *reference_form_fault(const char *form);

/** Whether the whole reference is of a form, which has no fault. */
bool reference_has_form(const char *form, const char *reference);

/** What a form has room for by itself: nothing tells such a reference from one. */
enum reference_room {
    ROOM_FOR_NAME = 1,       /* more than four letters in a row or eight in all */
    ROOM_FOR_NHS_NUMBER = 2, /* ten digits */
    ROOM_FOR_DATE = 4,
    ROOM_FOR_POSTCODE = 8
};

unsigned reference_form_room(const char *form);

#endif
