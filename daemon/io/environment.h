/* environment.h - what the libraries would do that somebody's environment tells them.
 *
 * libcurl would write the secrets of its TLS sessions to a file, OpenSSL take other settings,
 * modules or certificates to trust: who starts the daemon by hand, or adds a line to its unit,
 * may not know that a variable of his does so.  The system's own files hold, and ours.
 */
#ifndef CONCERN_IO_ENVIRONMENT_H
#define CONCERN_IO_ENVIRONMENT_H

/** Takes those variables out of the environment, before any library is asked anything, and while
 *  there is one thread. */
void environment_clear(void);

#endif
