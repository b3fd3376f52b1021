/* fuzz_form.c - what a browser sends as a query or a form; and where pages may be. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "io/http_form.h"
#include "policy/http_address.h"

static void holds_address(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    struct http_address address;

    if (!text)
        return;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (http_address_read(text, &address))
        HOLDS(strlen(address.host) <= HTTP_HOST_MAX &&
              strlen(address.path) <= HTTP_SOCKET_PATH_MAX);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct http_form form;
    size_t total = 0;

    holds_address(bytes, size);
    if (!http_form_read((const char *)bytes, size, &form)) {
        HOLDS(form.count == 0);
        return 0;
    }
    HOLDS(size <= HTTP_FORM_MAX && form.count <= HTTP_FIELDS_MAX);
    for (size_t i = 0; i < form.count; i++) {
        HOLDS(form.fields[i].name[0]);
        HOLDS(http_form_value(&form, form.fields[i].name) == form.fields[i].value);
        total += strlen(form.fields[i].name) + strlen(form.fields[i].value);
    }
    HOLDS(total <= size);
    return 0;
}
