/* engine_link.c - the link by which whoever was told acknowledges, and the key it is signed with.
 *
 * The key is made when the first link is written, in that link's own transaction, and kept in the
 * store: a backup that is restored knows the links that went out before it was taken, and there is
 * no file more to lose.  It signs nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "io/engine_private.h"
#include "io/journal.h"
#include "policy/templates.h"

static const char key_name[] = "acknowledgement_key";

enum { QUERY_SIZE = sizeof "?lang=" + LANGUAGE_SIZE };

/* 0; 1 where there is none; negative. */
static int find_key(struct engine *engine, struct acknowledgement_key *key)
{
    char text[STORE_META_SIZE];
    int answer = store_get_meta(engine->settings.store, key_name, text);

    if (answer == STORE_NONE)
        return 1;
    if (answer != STORE_OK)
        return engine_store_answer(answer);
    answer = acknowledgement_key_read(text, key)
                 ? 0
                 : journal_fail(-EIO, "the key of links in the store is damaged");
    explicit_bzero(text, sizeof text);
    return answer;
}

static int make_key(struct engine *engine, struct acknowledgement_key *key)
{
    char text[ACKNOWLEDGEMENT_KEY_TEXT_SIZE];
    int answer;

    if (getrandom(key->bytes, sizeof key->bytes, 0) != (ssize_t)sizeof key->bytes)
        return journal_fail(-errno, "no random numbers: %m");
    acknowledgement_key_write(key, text);
    answer = engine_store_answer(store_put_meta(engine->settings.store, key_name, text));
    explicit_bzero(text, sizeof text);
    return answer;
}

/* An agency whose own case system asks its people has its address in the directory. */
static const char *place_of(const struct engine *engine, const char *agency)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    const struct agency *of = directory && *agency ? directory_agency(directory, agency) : NULL;

    return of ? of->acknowledge : NULL;
}

/* What the page behind it is to speak: "?lang=cy".  "" where the page knows: it reads in the record
 * who was told first, and English is what it speaks where nothing else is said. */
static void write_language(const struct engine *engine, const struct engine_link_to *to,
                           const char *url, char query[QUERY_SIZE])
{
    const char *language = to->language ? to->language : LANGUAGE_DEFAULT;
    const struct templates *templates = policy_templates(engine->settings.policy);
    bool is_known = to->is_told_first && strcmp(language, LANGUAGE_DEFAULT) == 0;

    query[0] = '\0';
    if (!is_known && templates->words_count > 1 && templates_speak(templates, language))
        snprintf(query, QUERY_SIZE, "%clang=%s", strchr(url, '?') ? '&' : '?', language);
}

static int sign(struct engine *engine, const char *notification_id,
                char token[ACKNOWLEDGEMENT_SIZE])
{
    const struct acknowledge_setting *setting = &engine->settings.acknowledge;
    int64_t within = setting->within_us ? setting->within_us : ACKNOWLEDGE_WITHIN_US;
    struct acknowledgement acknowledgement = { .expires_s = (engine->now.us + within) / SECOND_US };
    CLEANUP(acknowledgement_key_wipe) struct acknowledgement_key key;
    int answer = find_key(engine, &key);

    if (answer > 0)
        answer = make_key(engine, &key);
    if (answer)
        return answer;
    snprintf(acknowledgement.notification, sizeof acknowledgement.notification, "%s",
             notification_id);
    answer = acknowledgement_write(&key, &acknowledgement, token);
    return answer ? journal_fail(answer, "a link to acknowledge by cannot be signed") : 0;
}

int engine_sign_link(struct engine *engine, const struct engine_link_to *to,
                     char link[ENGINE_LINK_SIZE])
{
    const char *own = place_of(engine, to->agency), *url = engine->settings.acknowledge.url;
    char token[ACKNOWLEDGEMENT_SIZE], query[QUERY_SIZE];
    int answer;

    link[0] = '\0';
    if (!own && (!url || !*url))
        return 0;
    answer = sign(engine, to->notification_id, token);
    if (answer)
        return answer;
    if (own) {
        snprintf(link, ENGINE_LINK_SIZE, "%s%stoken=%s", own, strchr(own, '?') ? "&" : "?", token);
        return 0;
    }
    write_language(engine, to, url, query);
    snprintf(link, ENGINE_LINK_SIZE, "%s/%s%s", url, token, query);
    return 0;
}

/* The link says for which agency its reader answers: one that the directory lists, for an id that
 * nobody here wrote may be anything. */
static bool is_listed(const struct engine *engine, const struct engine_outgoing *out)
{
    const struct directory *directory = policy_directory(engine->settings.policy);
    int party = out->notification->roles[0].party;

    return !directory || party == PARTY_BOARD ||
           directory_agency(directory, out->disagreement->parties[party]);
}

/* Nothing to answer, or nobody whose answer would be his agency's: case systems answer by events,
 * an operator was told only because nobody else could be. */
static bool has_link(const struct engine *engine, const struct engine_outgoing *out)
{
    return out->notification->role_count > 0 && is_listed(engine, out) &&
           !out->notification->to_operator && strcmp(out->person, "operator") != 0 &&
           strncmp(out->person, ENGINE_SYSTEM, strlen(ENGINE_SYSTEM)) != 0 &&
           !disagreement_is_over(out->disagreement);
}

int engine_write_link(struct engine *engine, const struct engine_outgoing *out,
                      char link[ENGINE_LINK_SIZE])
{
    const struct notification *notification = out->notification;
    const struct recipient_role *role = &notification->roles[0];
    const struct engine_link_to to = {
        .notification_id = out->notification_id,
        .agency = role->party == PARTY_BOARD ? "" : out->disagreement->parties[role->party],
        .language = notification->person ? notification->person->language : NULL,
        .is_told_first = out->position == 0,
    };

    link[0] = '\0';
    return has_link(engine, out) ? engine_sign_link(engine, &to, link) : 0;
}

int engine_read_token(struct engine *engine, const char *token, struct instant now,
                      struct acknowledgement *acknowledgement)
{
    CLEANUP(acknowledgement_key_wipe) struct acknowledgement_key key;
    int answer = find_key(engine, &key);

    if (answer < 0)
        return answer;
    /* No link was ever written: whatever this is, it is none. */
    return answer > 0 ? ACKNOWLEDGEMENT_ALTERED
                      : acknowledgement_read(&key, token, now.us / SECOND_US, acknowledgement);
}
