/* main.c - concern-spool: a folder becomes acknowledged events. */
#include "spool/check.h"
#include "spool/run.h"

int main(int argc, char **argv)
{
    static struct options options;
    int code;

    if (options_read(argc, argv, &options, &code) == OPTIONS_RUN)
        code = options.check ? check_run(&options) : run(&options);
    options_close(&options);
    return code;
}
