#include "concernctl/simulate.h"
int simulate_print_text(const struct simulation *simulation)
{
    (void)simulation;
    return 0;
}
int simulate_print_html(const struct simulation *simulation, const char *path)
{
    (void)simulation;
    (void)path;
    return 0;
}
