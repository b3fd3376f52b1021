/* fuzz_template.c - a template: checked, filled, wrapped; what was never checked is filled too. */
#include "fuzz.h"

#include "core/compose.h"
#include "core/template.h"
#include "core/text.h"

enum { NAME, EMPTY, FLAG, ITEMS, LINES, FIELDS };
enum { ITEMS_COUNT = 3 };

static const struct template_field fields[FIELDS] = {
    [NAME] = { "holder", TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION },
    [EMPTY] = { "link", TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION },
    [FLAG] = { "happened", TEMPLATE_AS_SECTION },
    [ITEMS] = { "says", TEMPLATE_AS_VALUE | TEMPLATE_AS_SECTION | TEMPLATE_LIST },
    [LINES] = { "to_do", TEMPLATE_AS_VALUE | TEMPLATE_LINES },
};

/* Values that would do harm if they were read as a template. */
static bool value_of(void *context, size_t field, struct text *value)
{
    static const char *const values[FIELDS] = {
        [NAME] = "A {{#says}}\nB {{holder}}\r\n\r\nC",
        [EMPTY] = "",
        [FLAG] = "",
        [ITEMS] = "{{/says}}",
        [LINES] = "- one\n- {{to_do}}\x1b[31m",
    };

    (void)context;
    HOLDS(field < FIELDS);
    text_add(value, values[field]);
    return field != EMPTY;
}

static bool item_of(void *context, size_t field, size_t item)
{
    (void)context;
    HOLDS(field == ITEMS && item <= ITEMS_COUNT);
    return item < ITEMS_COUNT;
}

static void is_whole(const struct text *text)
{
    HOLDS(text->used < text->size && text->at[text->used] == '\0');
    HOLDS(strlen(text->at) == text->used);
}

static void fill_and_wrap(const char *template, size_t room)
{
    static char raw[16384], wrapped[65536];
    struct template_source source = { fields, FIELDS, NULL, value_of, item_of, NULL };
    struct text result = text_over(raw, room);
    struct text lines = text_over(wrapped, sizeof wrapped);

    template_fill(template, &source, &result);
    is_whole(&result);
    template_wrap(raw, 78, &lines);
    is_whole(&lines);
    for (const char *at = wrapped; *at; at++)
        HOLDS((unsigned char)*at >= 0x20 || *at == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *template = fuzz_text(bytes, size);
    struct template_text text = { .id = "stage_entered", .file = "fuzz", .text = template };
    struct template_fault fault = { .line = 0 };
    int answer = template_examine(template, fields, FIELDS, &fault);

    HOLDS(answer == TEMPLATE_OK || (answer == TEMPLATE_FAULT && fault.line >= 1 && fault.why[0]));
    template_check(&text, &fault);
    fill_and_wrap(template, 16384);
    fill_and_wrap(template, 100);
    free(template);
    return 0;
}
