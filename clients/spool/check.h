/* check.h - tells what is wrong in a mapping, and what files would become; sends nothing. */
#ifndef CONCERN_SPOOL_CHECK_H
#define CONCERN_SPOOL_CHECK_H

#include "spool/options.h"

/** Prints the events on standard output and all faults on standard error; an exit code. */
int check_run(const struct options *options);

#endif
