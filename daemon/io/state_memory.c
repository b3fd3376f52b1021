/* state_memory.c - what a disagreement remembers: events seen, who was heard, what was asked. */
#include "io/state_memory.h"

#include <string.h>

static int set_instant(json_t *object, const char *key, struct instant at)
{
    return instant_is_none(at) ? 0 : json_object_set_new(object, key, json_integer(at.us));
}

/* --- writing */

static const char *bit_name(const struct procedure *procedure, int bit)
{
    if (bit < EVENT_KIND_COUNT)
        return event_name((enum event_kind)bit);
    return bit >= 40 && (size_t)bit < 40 + procedure->events.count
               ? procedure->events.list[bit - 40]
               : "";
}

/* {"risk.changed":true, "resolution.proposed":1798…}: seen, and the date it carried if any. */
static int write_seen(json_t *root, const struct procedure *procedure,
                      const struct disagreement *disagreement)
{
    json_t *seen = json_object();
    int failed = json_object_set_new(root, "seen", seen);

    for (int bit = 0; bit < EVENT_BITS; bit++) {
        const char *name = bit_name(procedure, bit);

        if (!*name || !(disagreement->seen >> bit & 1))
            continue;
        failed |= json_object_set_new(seen, name,
                                      instant_is_none(disagreement->dates[bit])
                                          ? json_true()
                                          : json_integer(disagreement->dates[bit].us));
    }
    return failed;
}

/* [[notified, heard], ...] by party; null where there is no instant. */
static int write_silence(json_t *root, const struct disagreement *disagreement)
{
    json_t *list = json_array();
    int failed = json_object_set_new(root, "silence", list);

    for (size_t i = 0; i < disagreement->party_count; i++) {
        struct instant told = disagreement->notified[i], heard = disagreement->heard[i];
        json_t *pair = json_array();

        failed |= json_array_append_new(pair, instant_is_none(told) ? json_null()
                                                                    : json_integer(told.us));
        failed |= json_array_append_new(pair, instant_is_none(heard) ? json_null()
                                                                     : json_integer(heard.us));
        failed |= json_array_append_new(list, pair);
    }
    return failed;
}

/* [null, instant, ...] by party: agreements that wait for a proposal. */
static int write_ahead(json_t *root, const struct disagreement *disagreement)
{
    json_t *list = json_array();
    bool some = false;
    int failed = list ? 0 : -1;

    for (size_t i = 0; i < disagreement->party_count; i++) {
        struct instant given = disagreement->agreed_ahead[i];

        some = some || !instant_is_none(given);
        failed |= json_array_append_new(list, instant_is_none(given) ? json_null()
                                                                     : json_integer(given.us));
    }
    if (some)
        return failed | json_object_set_new(root, "agreed_ahead", list);
    json_decref(list);
    return failed;
}

static int write_asked(json_t *root, const struct procedure *procedure,
                       const struct disagreement *disagreement)
{
    json_t *pending = json_array(), *answers = json_object(), *duties = json_array();
    int failed = json_object_set_new(root, "pending", pending) |
                 json_object_set_new(root, "answers", answers) |
                 json_object_set_new(root, "duties", duties);

    for (size_t i = 0; i < procedure->rule_count; i++)
        if (disagreement->rule_pending[i])
            failed |= json_array_append_new(pending, json_string(procedure->rules[i].id));
    for (size_t i = 0; i < procedure->deadline_count; i++) {
        if (disagreement->duty_held[i])
            failed |= json_array_append_new(duties, json_string(procedure->deadlines[i].id));
        if (disagreement->answers[i] != ANSWER_NOT_GIVEN)
            failed |= json_object_set_new(
                answers, procedure->deadlines[i].id,
                json_string(disagreement->answers[i] == ANSWER_YES ? "yes" : "no"));
    }
    return failed;
}

static json_t *write_frozen(const struct procedure *procedure,
                            const struct disagreement *disagreement)
{
    json_t *frozen = json_array();

    for (size_t i = 0; i < procedure->deadline_count; i++)
        if (disagreement->frozen >> i & 1)
            json_array_append_new(frozen, json_string(procedure->deadlines[i].id));
    return frozen;
}

int state_write_memory(json_t *root, const struct procedure *procedure,
                       const struct disagreement *disagreement)
{
    int failed = write_seen(root, procedure, disagreement);

    failed |= write_silence(root, disagreement);
    failed |= write_asked(root, procedure, disagreement);
    failed |= set_instant(root, "proposed_at", disagreement->proposed_at);
    failed |= write_ahead(root, disagreement);
    if (disagreement->held_by_answer)
        failed |= json_object_set_new(root, "held_by_answer", json_true());
    if (disagreement->frozen)
        failed |= json_object_set_new(root, "frozen", write_frozen(procedure, disagreement));
    if (disagreement->before_raise)
        failed |= json_object_set_new(root, "before_raise", json_true());
    return failed;
}

/* --- reading */

static bool read_seen(json_t *seen, const struct procedure *procedure,
                      struct disagreement *disagreement)
{
    const char *name;
    json_t *value;

    disagreement->seen = 0;
    for (int bit = 0; bit < EVENT_BITS; bit++)
        disagreement->dates[bit] = INSTANT_NONE;
    json_object_foreach(seen, name, value)
    {
        int bit = event_bit(procedure, name);

        if (bit < 0)
            return false;
        disagreement->seen |= UINT64_C(1) << bit;
        if (json_is_integer(value))
            disagreement->dates[bit] = (struct instant){ json_integer_value(value) };
    }
    return true;
}

static struct instant instant_of(const json_t *value)
{
    return json_is_integer(value) ? (struct instant){ json_integer_value(value) } : INSTANT_NONE;
}

static bool read_silence(const json_t *list, struct disagreement *disagreement)
{
    for (size_t i = 0; i < PARTIES_MAX; i++) {
        const json_t *pair = json_array_get(list, i);

        disagreement->notified[i] = instant_of(json_array_get(pair, 0));
        disagreement->heard[i] = instant_of(json_array_get(pair, 1));
    }
    return json_array_size(list) <= PARTIES_MAX;
}

static void read_ahead(const json_t *list, struct disagreement *disagreement)
{
    for (size_t i = 0; i < PARTIES_MAX; i++)
        disagreement->agreed_ahead[i] = instant_of(json_array_get(list, i));
}

static bool read_places(const json_t *list, const struct procedure *procedure,
                        int (*find)(const struct procedure *, const char *), bool *flags)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        int place = id ? find(procedure, id) : -1;

        if (place < 0)
            return false;
        flags[place] = true;
    }
    return true;
}

static bool read_answers(json_t *answers, const struct procedure *procedure,
                         struct disagreement *disagreement)
{
    const char *id;
    json_t *value;

    memset(disagreement->answers, 0, sizeof disagreement->answers);
    json_object_foreach(answers, id, value)
    {
        int place = procedure_deadline(procedure, id);
        const char *answer = json_string_value(value);

        if (place < 0 || !answer)
            return false;
        disagreement->answers[place] = strcmp(answer, "yes") == 0 ? ANSWER_YES : ANSWER_NO;
    }
    return true;
}

static bool read_frozen(const json_t *list, const struct procedure *procedure,
                        struct disagreement *disagreement)
{
    bool flags[PROCEDURE_DEADLINES_MAX] = { false };

    if (!read_places(list, procedure, procedure_deadline, flags))
        return false;
    disagreement->frozen = 0;
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        disagreement->frozen |= flags[i] ? UINT64_C(1) << i : 0;
    return true;
}

bool state_read_memory(json_t *root, const struct procedure *procedure,
                       struct disagreement *disagreement)
{
    memset(disagreement->rule_pending, 0, sizeof disagreement->rule_pending);
    memset(disagreement->duty_held, 0, sizeof disagreement->duty_held);
    disagreement->proposed_at = instant_of(json_object_get(root, "proposed_at"));
    read_ahead(json_object_get(root, "agreed_ahead"), disagreement);
    disagreement->held_by_answer = json_is_true(json_object_get(root, "held_by_answer"));
    disagreement->before_raise = json_is_true(json_object_get(root, "before_raise"));
    return read_seen(json_object_get(root, "seen"), procedure, disagreement) &&
           read_silence(json_object_get(root, "silence"), disagreement) &&
           read_places(json_object_get(root, "pending"), procedure, procedure_rule,
                       disagreement->rule_pending) &&
           read_places(json_object_get(root, "duties"), procedure, procedure_deadline,
                       disagreement->duty_held) &&
           read_frozen(json_object_get(root, "frozen"), procedure, disagreement) &&
           read_answers(json_object_get(root, "answers"), procedure, disagreement);
}
