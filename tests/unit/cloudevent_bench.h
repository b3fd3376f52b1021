/* cloudevent_bench.h - events of any type and data: read, written, and read again. */
#ifndef CONCERN_TESTS_CLOUDEVENT_BENCH_H
#define CONCERN_TESTS_CLOUDEVENT_BENCH_H

#include "protocol/cloudevent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/zone.h"

#define BY "\"by\":{\"agency\":\"a\"}"

static struct event event, again;
static struct event_reading reading;

/* Writes what `event` and, in a correction, `corrected` hold, and reads it again. */
static inline void comes_back(const struct event *corrected)
{
    char *json = NULL;

    assert_int_equal(cloudevent_write(&event, corrected, &json), 0);
    assert_int_equal(cloudevent_read(json, strlen(json), &again, &reading), CLOUDEVENT_OK);
    assert_memory_equal(&again, &event, sizeof event);
    assert_int_equal(reading.has_corrected, corrected != NULL);
    if (corrected) {
        assert_int_equal(cloudevent_read_corrected(json, strlen(json), &again, &reading),
                         CLOUDEVENT_OK);
        assert_memory_equal(&again, corrected, sizeof again);
    }
    free(json);
}

/* An event of `type` with `attributes` (with their commas) and `data`. */
static inline int read_made(const char *type, const char *attributes, const char *data)
{
    static char bytes[70000];

    snprintf(bytes, sizeof bytes,
             "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"urn:x\",\"type\":\"%s\","
             "\"subject\":\"D-1\",\"time\":\"2027-01-06T17:00:00Z\","
             "\"datacontenttype\":\"application/json\",%s\"data\":%s}",
             type, attributes, data);
    return cloudevent_read(bytes, strlen(bytes), &event, &reading);
}

#endif
