/* installed.h - where the procedures, calendars and templates that came with us are. */
#ifndef CONCERN_CONCERNCTL_INSTALLED_H
#define CONCERN_CONCERNCTL_INSTALLED_H

#include <limits.h>
#include <stdbool.h>

/**
 * The directory that holds procedures/, calendars/ and templates/: $CONCERN_DATA; or else
 * ../share/concernd from this program, so that a copied tree, or the build's own, works where
 * it stands; or else where it was to be installed.  It lives as long as the program.
 */
const char *installed_data(void);

/** Procedures and calendars lie beside each other, wherever that is: for config/procedures/x.yaml
 *  "config/procedures/../calendars"; false where there is no such directory. */
bool installed_sibling_calendars(const char *procedure, char path[PATH_MAX]);

#endif
