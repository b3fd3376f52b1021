/* table.h - rows of text in aligned columns. */
#ifndef CONCERN_CONCERNCTL_TABLE_H
#define CONCERN_CONCERNCTL_TABLE_H

#include "core/base.h"

enum { TABLE_COLUMNS_MAX = 12, TABLE_CELL_MAX = 200 };

struct table;

/** A table with these column heads, kept; NULL for lack of memory. */
struct table *table_open(const char *const *heads, size_t columns);

/** Adds a row of `columns` texts, copied; a control character becomes a '?', so that
 *  nothing kept by the daemon can speak to a terminal. */
void table_add(struct table *table, const char *const *cells);

/** Prints heads and rows on standard output; without rows nothing.  A column without a single
 *  text is left out.  Heads are bold on a terminal. */
void table_print(const struct table *table);

size_t table_rows(const struct table *table);

/** NULL is fine; sets NULL. */
void table_close(struct table **table);

#endif
