/* run.h - looks after the folder, until it is stopped. */
#ifndef CONCERN_SPOOL_RUN_H
#define CONCERN_SPOOL_RUN_H

#include "spool/options.h"

/** Takes files, sends them, lays them aside; an exit code, all told. */
int run(const struct options *options);

#endif
