/* mailbox.c - what may stand before the "@" of a mail address. */
#include "core/mailbox.h"

#include <string.h>

#include "core/plain.h"

/* Beyond what is not plain: blanks, joiners and marks, for they cannot be seen where they stand
 * alone, and what is private.  The schema of events has the rest. */
static const struct {
    uint32_t first, last;
} unseen[] = {
    { 0x80, 0xa0 },     { 0xad, 0xad },        { 0x61c, 0x61c },   { 0x1680, 0x1680 },
    { 0x180e, 0x180e }, { 0x2000, 0x200f },    { 0x2028, 0x202f }, { 0x205f, 0x206f },
    { 0x3000, 0x3000 }, { 0xd800, 0xf8ff },    { 0xfdd0, 0xfdef }, { 0xfeff, 0xfeff },
    { 0xfff0, 0xffff }, { 0xe0000, 0x10ffff },
};

static bool is_atom_character(uint32_t character)
{
    if (character < 0x80)
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
               (character >= '0' && character <= '9') ||
               (character && strchr("!#$%&'*+-/=?^_`{|}~", (int)character));
    if (!plain_is_shown(character))
        return false;
    for (size_t i = 0; i < COUNT_OF(unseen); i++)
        if (character >= unseen[i].first && character <= unseen[i].last)
            return false;
    return true;
}

bool mailbox_is_local_part(const char *text, size_t length)
{
    if (length == 0 || length > MAILBOX_LOCAL_MAX || text[0] == '.' || text[length - 1] == '.')
        return false;
    for (size_t at = 0, step; at < length; at += step) {
        uint32_t character;

        step = plain_character(text + at, length - at, &character);
        if (step == 0)
            return false;
        if (character == '.' ? text[at - 1] == '.' : !is_atom_character(character))
            return false;
    }
    return true;
}

bool mailbox_is_ascii(const char *address)
{
    for (; *address; address++)
        if ((unsigned char)*address >= 0x80)
            return false;
    return true;
}
