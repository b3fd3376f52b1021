/* render_driver.c - a policy's deliveries on standard output, for test_hostile_names.py.
 *
 * usage: render_driver SETTINGS MAIL_FROM
 *
 * Reads one JSON object a line, {"at": instant, "event": a CloudEvent or null}, plays it by the
 * daemon's engine and store on a simulated clock (daemon/rehearsal), and writes each delivery as
 * {"route": …, "to": …, "bytes": …}.  Ends with 1 where the policy is refused, after its faults.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/zone.h"
#include "policy/faults.h"
#include "policy/policy.h"
#include "rehearsal/rehearsal.h"

static void take(void *context, const struct delivery *delivery, struct instant now,
                 struct outcome *outcome)
{
    json_t *line = json_pack("{s:s,s:s,s:s%}", "route", route_name(delivery->route), "to",
                             delivery->recipient, "bytes", delivery->bytes, delivery->size);

    (void)context;
    (void)now;
    (void)outcome;
    if (!line || json_dumpf(line, stdout, JSON_COMPACT) < 0)
        exit(3); /* no UTF-8 */
    (void)puts("");
    json_decref(line);
}

static int tell(const struct faults *faults)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < faults->count; i++) {
        fault_write(&faults->list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    return 1;
}

static void play(struct rehearsal *rehearsal, const json_t *line)
{
    const char *time = json_string_value(json_object_get(line, "at"));
    const json_t *event = json_object_get(line, "event");
    struct answer_nack refusal;
    struct instant at;
    char *text;

    if (!time || instant_read(time, NULL, &at) != INSTANT_OK ||
        rehearsal_advance(rehearsal, at) < 0)
        exit(4);
    if (!json_is_object(event))
        return;
    text = json_dumps(event, JSON_COMPACT);
    if (rehearsal_give(rehearsal, text, strlen(text), at, &refusal) != REHEARSED) {
        fprintf(stderr, "%s\n%s\n", text, refusal.why);
        exit(5);
    }
    free(text);
}

int main(int count, char **words)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(settings_close) struct settings_file *file = NULL;
    CLEANUP(policy_close) struct policy *policy = NULL;
    CLEANUP(rehearsal_close) struct rehearsal *rehearsal = NULL;
    struct rehearsal_settings settings = { .deliver = true, .take = take };
    json_t *line;

    if (count != 3)
        return 2;
    if (settings_read(words[1], &faults, &file) != SETTINGS_OK ||
        policy_load(settings_of(file), &faults, &policy) != POLICY_OK)
        return tell(&faults);
    settings.policy = policy;
    settings.mail_from = words[2];
    if (instant_read("2026-12-01T09:00:00Z", NULL, &settings.start) != INSTANT_OK ||
        rehearsal_open(&settings, &rehearsal) < 0)
        return 3;
    while ((line = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL))) {
        play(rehearsal, line);
        json_decref(line);
    }
    return 0;
}
