/* directory_references.c - what an agency's references and links look like. */
#include "policy/directory_reader.h"

#include <stdio.h>
#include <string.h>

enum { LINK_BEGIN_MAX = 220 }; /* a reference follows it, and a link has 300 at most */

/* A case system of an agency's own network may be asked without TLS: it is its people's browsers
 * that go there, not the daemon. */
static bool is_begin_of_link(const char *text)
{
    char secure[LINK_BEGIN_MAX + 2];
    size_t length = strlen(text);

    if (length < 1 || length > LINK_BEGIN_MAX || !strchr("/=", text[length - 1]) ||
        strchr(text, '%'))
        return false;
    if (strncmp(text, "http://", 7) != 0)
        return url_is_sound(text);
    (void)snprintf(secure, sizeof secure, "https://%s", text + 7);
    return url_is_sound(secure);
}

struct reference_rules read_references(struct directory_reader *reader, const struct yaml_node *at,
                                       const struct yaml_texts *forms,
                                       const struct yaml_texts *links)
{
    const struct yaml_node *form_nodes = yaml_get(at, "references");
    const struct yaml_node *link_nodes = yaml_get(at, "links");

    for (size_t i = 0; i < forms->count; i++) {
        const char *fault = reference_form_fault(forms->list[i]);

        if (fault)
            directory_fault(reader, &form_nodes->items[i], "\"%s\" is no form of references (%s)",
                            forms->list[i], fault);
    }
    for (size_t i = 0; i < links->count; i++)
        if (!is_begin_of_link(links->list[i]))
            directory_fault(reader, &link_nodes->items[i],
                            "\"%s\" is not what links begin with (https://HOST/PATH/ or "
                            "https://HOST/PATH?NAME=, without %%, to 220 characters; the reference "
                            "follows)",
                            links->list[i]);
    return (struct reference_rules){ forms->list, forms->count, links->list, links->count };
}

void check_categories(struct directory_reader *reader, const struct yaml_node *at,
                      const struct yaml_texts *categories)
{
    const struct yaml_node *nodes = yaml_get(at, "categories");

    for (size_t i = 0; i < categories->count; i++)
        if (!yaml_is_id(categories->list[i]))
            directory_fault(reader, &nodes->items[i],
                            "\"%s\" is no category (1 to %d letters A-Z a-z, digits and . _ : / "
                            "-, as events have it)",
                            categories->list[i], ID_MAX);
}
