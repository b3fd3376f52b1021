/* base.c - nothing but a check that the value types are what the formats need. */
#include "core/base.h"

_Static_assert(sizeof(struct instant) == 8, "an instant is eight bytes");
_Static_assert(sizeof(struct date) == 4, "a date is four bytes");
