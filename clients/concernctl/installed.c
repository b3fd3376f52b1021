/* installed.c - finds what came with us, beside this program. */
#include "concernctl/installed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "/usr/bin/concernctl" -> "/usr/share/concernd" */
static int beside(char path[PATH_MAX])
{
    static const char place[] = "/../share/concernd";
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - sizeof place);
    char *slash;

    if (length <= 0)
        return -1;
    path[length] = '\0';
    slash = strrchr(path, '/');
    if (!slash)
        return -1;
    memcpy(slash, place, sizeof place);
    return access(path, R_OK | X_OK);
}

const char *installed_data(void)
{
    static char path[PATH_MAX];
    const char *chosen = getenv("CONCERN_DATA");

    if (chosen && *chosen)
        return chosen;
    return beside(path) == 0 ? path : CONCERN_DATADIR;
}

bool installed_sibling_calendars(const char *procedure, char path[PATH_MAX])
{
    const char *slash = strrchr(procedure, '/');
    struct stat status;

    snprintf(path, PATH_MAX, "%.*s/../calendars", slash ? (int)(slash - procedure) : 1,
             slash ? procedure : ".");
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}
