/* outbox_fixture.h - a temporary directory with keys, and events by number, for the outbox' tests.
 */
#ifndef CONCERN_TESTS_OUTBOX_FIXTURE_H
#define CONCERN_TESTS_OUTBOX_FIXTURE_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "libconcern/concern.h"
#include "libconcern/keyfile.h"
#include "libconcern/outbox.h"

#define FIXTURE_SOURCE "urn:northtown-test:las"
/* Nobody listens there: what is kept stays kept. */
#define FIXTURE_NOWHERE "tcp://127.0.0.1:9"

static char fixture_directory[64];
static char fixture_outbox[80];

static inline const char *fixture_path(const char *name)
{
    static char path[160];

    snprintf(path, sizeof path, "%s/%s", fixture_directory, name);
    return path;
}

/* Removes the outbox, whatever is in it. */
static inline void fixture_empty(void)
{
    char path[400];
    struct dirent *entry;
    DIR *directory = opendir(fixture_outbox);

    while (directory && (entry = readdir(directory))) {
        snprintf(path, sizeof path, "%s/%s", fixture_outbox, entry->d_name);
        unlink(path);
    }
    if (directory)
        closedir(directory);
    rmdir(fixture_outbox);
}

static inline int fixture_make(void **state)
{
    struct key_pair_paths {
        const char *name;
    } keys[] = { { "las.key" }, { "server.key" } };

    (void)state;
    /* In memory where there is such a place: what a flush costs is not what is tested here. */
    snprintf(fixture_directory, sizeof fixture_directory, "%s/concern outbox XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    assert_non_null(mkdtemp(fixture_directory));
    snprintf(fixture_outbox, sizeof fixture_outbox, "%s/outbox", fixture_directory);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct key_pair pair;

        assert_int_equal(keyfile_make(fixture_path(keys[i].name), "test", stderr, &pair), 0);
        key_pair_wipe(&pair);
    }
    return 0;
}

static inline int fixture_remove(void **state)
{
    static const char *const names[] = { "las.key", "las.key_secret", "server.key",
                                         "server.key_secret" };

    (void)state;
    fixture_empty();
    for (size_t i = 0; i < COUNT_OF(names); i++)
        unlink(fixture_path(names[i]));
    return rmdir(fixture_directory);
}

static inline struct concern_settings fixture_settings(void)
{
    static char key[160], server[160];

    snprintf(key, sizeof key, "%s/las.key_secret", fixture_directory);
    snprintf(server, sizeof server, "%s/server.key", fixture_directory);
    return (struct concern_settings){ .endpoint = FIXTURE_NOWHERE,
                                      .server_key = server,
                                      .key = key,
                                      .outbox = fixture_outbox,
                                      .source = FIXTURE_SOURCE };
}

/* Event `number`, with texts that differ; as JSON it has what a daemon would take. */
static inline void fixture_event(unsigned number, char json[1024])
{
    snprintf(json, 1024,
             "{\"specversion\":\"1.0\",\"id\":\"E-%u\",\"source\":\"" FIXTURE_SOURCE
             "\",\"type\":\"concernd.discussion.held\",\"subject\":\"D-%u\","
             "\"time\":\"2026-12-18T16:59:00Z\",\"datacontenttype\":\"application/json\","
             "\"data\":{\"stage\":\"stage-%u\"}}",
             number, number % 7, number % 3);
}

/* Publishes event `number`; what concern_publish_json answers. */
static inline int fixture_publish(struct concern *concern, unsigned number)
{
    char json[1024];

    fixture_event(number, json);
    return concern_publish_json(concern, json, strlen(json));
}

#endif
