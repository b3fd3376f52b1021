/* usage.c - says what is wrong with a command line, and what would be right. */
#include "concernctl/subcommand.h"

#include "policy/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 64 };

static void unknown_option(const char *command, const char *word, const struct option *options);

int usage_wrong(const char *command, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "concernctl %s: ", command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nconcernctl help %s tells more\n", command);
    return EXIT_USAGE;
}

/* The leading ':' has getopt_long tell a missing value apart, and tell it to us alone. */
int usage_next_option(int argc, char **argv, const struct option *options)
{
    int option;

    opterr = 0;
    option = getopt_long(argc, argv, ":", options, NULL);
    if (option == ':')
        usage_wrong(argv[0], "%s wants a value", argv[optind - 1]);
    else if (option == '?' && optopt > 0)
        usage_wrong(argv[0], "%s: no such option, or it takes no value", argv[optind - 1]);
    else if (option == '?')
        unknown_option(argv[0], argv[optind - 1], options);
    return option == ':' ? '?' : option;
}

static void unknown_option(const char *command, const char *word, const struct option *options)
{
    const char *names[OPTIONS_MAX];
    const char *bare = word + strspn(word, "-");
    const char *near;
    size_t count = 0;

    for (; options[count].name && count < OPTIONS_MAX; count++)
        names[count] = options[count].name;
    near = nearest_word(bare, names, count);
    if (near)
        usage_wrong(command, "no option %s (did you mean --%s?)", word, near);
    else
        usage_wrong(command, "no option %s", word);
}
