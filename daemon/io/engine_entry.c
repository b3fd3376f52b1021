/* engine_entry.c - the deadlines in readers' calendars.
 *
 * An entry's UID must stay what it was, or nothing moves or cancels it any more; so what is in it
 * is the store's own, and not a setting's.
 */
#include <stdio.h>
#include <string.h>

#include "io/engine_private.h"

static const char domain_name[] = "calendar_domain";

int engine_find_domain(struct engine *engine, char domain[STORE_META_SIZE])
{
    const char *at = strrchr(engine->settings.mail_from, '@');
    int answer = store_get_meta(engine->settings.store, domain_name, domain);

    if (answer != STORE_NONE)
        return engine_store_answer(answer);
    (void)snprintf(domain, STORE_META_SIZE, "%s", at ? at + 1 : "");
    return *domain
               ? engine_store_answer(store_put_meta(engine->settings.store, domain_name, domain))
               : 0;
}
