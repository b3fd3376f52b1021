/* fuzz_settings.c - the settings: faults with their places, or values within their bounds. */
#include "fuzz.h"

#include "policy/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct settings_file *file = NULL;
    struct faults faults = { .count = 0 };
    int answer =
        settings_read_text("/fuzz/concernd.yaml", (const char *)bytes, size, &faults, &file);

    HOLDS(answer == SETTINGS_OK || (answer == SETTINGS_FAULTY && faults.errors > 0));
    HOLDS((answer == SETTINGS_OK) == (file != NULL));
    if (file) {
        const struct settings *settings = settings_of(file);
        char path[300];

        HOLDS(settings->listen && settings->state && settings->directory);
        HOLDS(settings->feed_count <= SETTINGS_FEEDS_MAX);
        HOLDS(settings->memory_limit > 0 && settings->turn_events > 0 && settings->retry_us > 0);
        HOLDS(!settings_secret_path(settings, "../shadow", path, sizeof path));
    }
    settings_close(&file);
    faults_close(&faults);
    return 0;
}
