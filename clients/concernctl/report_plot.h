/* report_plot.h - the plots of the register: bars, inside the page, with their numbers in words. */
#ifndef CONCERN_CONCERNCTL_REPORT_PLOT_H
#define CONCERN_CONCERNCTL_REPORT_PLOT_H

#include "concernctl/report.h"

/** Text, escaped (report_html.c). */
void report_add_text(FILE *file, const char *text);

/** Months, themes, agencies, stages and limits; those without a row are left out. */
void report_plot(const struct report *report, FILE *file);

#endif
