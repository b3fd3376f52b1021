/* installed.h - where the procedures, calendars and templates that came with us are. */
#ifndef CONCERN_CONCERNCTL_INSTALLED_H
#define CONCERN_CONCERNCTL_INSTALLED_H

/**
 * The directory that holds procedures/, calendars/ and templates/: $CONCERN_DATA; or else
 * ../share/concernd from this program, so that a copied tree, or the build's own, works where
 * it stands; or else where it was to be installed.  It lives as long as the program.
 */
const char *installed_data(void);

#endif
