/* main.c - concern-bridge: a case system that only publishes becomes one that is acknowledged. */
#include "bridge/bridge.h"

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_WRONG_USAGE = 2, EXIT_DISK = 74 };

int main(int argc, char **argv)
{
    static const int exits[] = {
        [BRIDGE_DONE] = EXIT_DONE, [BRIDGE_CANNOT] = EXIT_WRONG, [BRIDGE_DISK_FAILED] = EXIT_DISK
    };
    struct bridge_settings settings = { 0 };

    switch (bridge_settings_read(argc, argv, &settings)) {
    case SETTINGS_OK:
        return exits[bridge_run(&settings)];
    case SETTINGS_SHOWN:
        return EXIT_DONE;
    case SETTINGS_USAGE:
        return EXIT_WRONG_USAGE;
    case SETTINGS_WRONG:
    default:
        return EXIT_WRONG;
    }
}
