/* shipped_templates.h - the templates of config/templates, read for a test. */
#ifndef CONCERN_TESTS_SHIPPED_TEMPLATES_H
#define CONCERN_TESTS_SHIPPED_TEMPLATES_H

#include <stdio.h>
#include <string.h>

#include "core/compose.h"

enum { IDS_MAX = 32, TEXT_MAX = 8000 };

static char texts[IDS_MAX][TEXT_MAX];
static struct template_text list[IDS_MAX];
static struct templates templates = { .list = list };

static const char *const rule_templates[] = {
    "rule",
    "protocol_invoked",
    "board_senior_involved",
    "immediate_action",
    "board_life_threatening",
    "heads_up_next_level",
};

static inline void read_template(const char *id)
{
    size_t i = templates.count++;
    char path[1000];
    FILE *file;
    size_t length;

    snprintf(path, sizeof path, "%s/config/templates/%s.txt", CONCERN_SOURCE_DIR, id);
    file = fopen(path, "rb");
    if (!file)
        fail_msg("no %s", path);
    length = fread(texts[i], 1, TEXT_MAX - 1, file);
    assert_true(length < TEXT_MAX - 1);
    texts[i][length] = '\0';
    fclose(file);
    list[i] = (struct template_text){ .id = id, .file = id, .text = texts[i] };
}

static inline void read_shipped_templates(void)
{
    for (size_t i = 0; template_required(i); i++)
        if (strcmp(template_required(i), "rule") != 0)
            read_template(template_required(i));
    for (size_t i = 0; i < COUNT_OF(rule_templates); i++)
        read_template(rule_templates[i]);
}

#endif
