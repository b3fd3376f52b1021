/* simulate_html.c - a play drawn as a page. */
#include "concernctl/simulate.h"

#include <errno.h>

int simulate_print_html(const struct simulation *simulation, const char *path)
{
    (void)simulation;
    (void)path;
    return -ENOTSUP;
}
