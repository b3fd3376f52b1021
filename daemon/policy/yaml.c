/* yaml.c - YAML bytes become a tree with places. */
#include "policy/yaml.h"

#include <errno.h>
#include <inttypes.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/plain.h"

/* A node on its way into its list or map. */
struct link {
    struct link *next;
    struct yaml_pair pair; /* of a list only the value */
};

/* A list or map that is still open. */
struct frame {
    struct yaml_node node;
    struct link *first, *last;
    bool has_key; /* of a map: the key is read, its value is next */
    struct yaml_node key;
};

struct builder {
    const struct yaml_source *source;
    struct frame frames[YAML_DEPTH_MAX];
    size_t depth;
    size_t nodes;
    size_t documents;
    bool faulty;
    bool stopped; /* what follows cannot be understood */
    struct yaml_node *root;
};

static void parse_events(struct builder *builder, struct fy_parser *parser);
static void take_event(struct builder *builder, struct fy_event *event);
static void take_scalar(struct builder *builder, const struct fy_event *event);
static void take_start(struct builder *builder, struct fy_token *token, enum yaml_node_kind kind);
static void take_end(struct builder *builder);
static void place_node(struct builder *builder, const struct yaml_node *node);
static void take_parser_error(struct fy_diag *diag, void *user, const char *text, size_t length);
static bool tabs_are_few(const struct yaml_source *source, const char *bytes, size_t length);

enum { TABS_MAX = 8 }; /* in a line */

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void free_bytes(char **bytes)
{
    free(*bytes);
}

int yaml_read_bytes(const struct yaml_source *source, char **bytes, size_t *length)
{
    CLEANUP(close_file) FILE *file = fopen(source->file, "re");
    CLEANUP(free_bytes) char *text = NULL;
    size_t got;

    if (!file) {
        faults_add(source->faults, source->file, 0, 0, "cannot be opened: %s", strerror(errno));
        return YAML_FAULTY;
    }
    text = malloc(YAML_FILE_MAX + 1);
    if (!text)
        return -ENOMEM;
    errno = 0;
    got = fread(text, 1, YAML_FILE_MAX + 1, file);
    if (ferror(file)) {
        faults_add(source->faults, source->file, 0, 0, "cannot be read: %s", strerror(errno));
        return YAML_FAULTY;
    }
    *bytes = arena_text(source->arena, text, got);
    *length = got;
    return *bytes ? YAML_READ : -ENOMEM;
}

static void close_diag(struct fy_diag **diag)
{
    if (*diag)
        fy_diag_destroy(*diag);
}

static void close_parser(struct fy_parser **parser)
{
    fy_parser_destroy(*parser);
}

int yaml_parse(const struct yaml_source *source, const char *bytes, size_t length,
               const struct yaml_node **root)
{
    struct builder builder = { .source = source };
    struct fy_diag_cfg diag_cfg;

    if (length > YAML_FILE_MAX) {
        faults_add(source->faults, source->file, 0, 0, "is too long (at most %d bytes)",
                   YAML_FILE_MAX);
        return YAML_FAULTY;
    }
    if (!yaml_check_text(source, bytes, length) || !tabs_are_few(source, bytes, length))
        return YAML_FAULTY;

    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = take_parser_error;
    diag_cfg.user = &builder;
    diag_cfg.colorize = false;
    CLEANUP(close_diag) struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag)
        return -ENOMEM;

    struct fy_parse_cfg parse_cfg = { .flags = FYPCF_QUIET | FYPCF_JSON_NONE, .diag = diag };
    CLEANUP(close_parser) struct fy_parser *parser = fy_parser_create(&parse_cfg);
    if (!parser || fy_parser_set_string(parser, bytes, length))
        return -ENOMEM;

    parse_events(&builder, parser);
    if (fy_diag_got_error(diag) && !builder.faulty) {
        faults_add(source->faults, source->file, 0, 0, "is not YAML");
        builder.faulty = true;
    }
    if (arena_failed(source->arena))
        return -ENOMEM;
    if (!builder.root && !builder.faulty) {
        faults_add(source->faults, source->file, 0, 0, "is empty");
        builder.faulty = true;
    }
    if (builder.faulty)
        return YAML_FAULTY;
    *root = builder.root;
    return YAML_READ;
}

size_t yaml_mark_length(const char *bytes, size_t length)
{
    static const char mark[] = { '\xef', '\xbb', '\xbf' };

    return length >= sizeof mark && !memcmp(bytes, mark, sizeof mark) ? sizeof mark : 0;
}

/* The length of the character at `at`, which has `left` bytes; 0: it is none, or one that no text
 * of ours may hold. */
static size_t character_length(const char *at, size_t left)
{
    uint32_t character;
    size_t length = plain_character(at, left, &character);

    if (!length || plain_is_shown(character))
        return length;
    return *at == '\n' || *at == '\r' || *at == '\t' ? 1 : 0;
}

static void add_no_text(const struct yaml_source *source, unsigned line, unsigned column,
                        const char *at, size_t left)
{
    uint32_t character;

    if (plain_character(at, left, &character) > 2)
        faults_add(source->faults, source->file, line, column,
                   "a character that does not show and changes what stands around it, U+%04" PRIX32
                   " (leave it out)",
                   character);
    else
        faults_add(source->faults, source->file, line, column,
                   "a byte that is no text, 0x%02x (files are UTF-8 without control characters)",
                   (unsigned)(unsigned char)*at);
}

bool yaml_check_text(const struct yaml_source *source, const char *bytes, size_t length)
{
    unsigned line = 1, column = 1;

    for (size_t i = yaml_mark_length(bytes, length); i < length;) {
        size_t step = character_length(bytes + i, length - i);

        if (!step) {
            add_no_text(source, line, column, bytes + i, length - i);
            return false;
        }
        if (bytes[i] == '\n') {
            line++;
            column = 1;
        } else {
            column++;
        }
        i += step;
    }
    return true;
}

/* libfyaml 0.7.12 shows a faulty line to whoever asks or not, and reads outside of it where it has
 * very many tabs. */
static bool tabs_are_few(const struct yaml_source *source, const char *bytes, size_t length)
{
    unsigned line = 1, tabs = 0;

    for (size_t i = 0; i < length; i++) {
        tabs = bytes[i] == '\n' ? 0 : tabs + (bytes[i] == '\t');
        line += bytes[i] == '\n';
        if (tabs > TABS_MAX) {
            faults_add(source->faults, source->file, line, 0,
                       "more than %d tabs in a line (write blanks)", TABS_MAX);
            return false;
        }
    }
    return true;
}

static void parse_events(struct builder *builder, struct fy_parser *parser)
{
    struct fy_event *event;

    while (!builder->stopped && (event = fy_parser_parse(parser)) != NULL) {
        take_event(builder, event);
        fy_parser_event_free(parser, event);
        if (arena_failed(builder->source->arena))
            builder->stopped = true;
    }
}

static void tell(struct builder *builder, struct fy_token *at, const char *what)
{
    const struct fy_mark *mark = at ? fy_token_start_mark(at) : NULL;

    faults_add(builder->source->faults, builder->source->file, mark ? (unsigned)mark->line + 1 : 0,
               mark ? (unsigned)mark->column + 1 : 0, "%s", what);
    builder->faulty = true;
}

static void stop(struct builder *builder, struct fy_token *at, const char *what)
{
    tell(builder, at, what);
    builder->stopped = true;
}

static void refuse_marks(struct builder *builder, struct fy_token *anchor, struct fy_token *tag)
{
    if (anchor)
        tell(builder, anchor, "an anchor (write the value where it is used)");
    if (tag)
        tell(builder, tag, "a tag (write the value alone, quoted where it must be)");
}

static void take_event(struct builder *builder, struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (builder->documents++)
            stop(builder, event->document_start.document_start,
                 "a second document (one file holds one)");
        break;
    case FYET_ALIAS:
        tell(builder, event->alias.anchor, "an alias (write the value where it is used)");
        take_scalar(builder, NULL);
        break;
    case FYET_SCALAR:
        refuse_marks(builder, event->scalar.anchor, event->scalar.tag);
        take_scalar(builder, event);
        break;
    case FYET_SEQUENCE_START:
        refuse_marks(builder, event->sequence_start.anchor, event->sequence_start.tag);
        take_start(builder, event->sequence_start.sequence_start, YAML_LIST);
        break;
    case FYET_MAPPING_START:
        refuse_marks(builder, event->mapping_start.anchor, event->mapping_start.tag);
        take_start(builder, event->mapping_start.mapping_start, YAML_MAP);
        break;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        take_end(builder);
        break;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        break;
    }
}

static struct frame *top(struct builder *builder)
{
    return builder->depth ? &builder->frames[builder->depth - 1] : NULL;
}

static bool is_quoted(struct fy_token *token)
{
    enum fy_scalar_style style = fy_token_scalar_style(token);

    return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

static void set_place(struct builder *builder, struct yaml_node *node, struct fy_token *token)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    const struct frame *frame = top(builder);

    if (mark) {
        node->line = (unsigned)mark->line + 1;
        node->column = (unsigned)mark->column + 1;
        if (node->kind == YAML_SCALAR && is_quoted(token) && node->column > 1)
            node->column--; /* libfyaml's mark stands behind the quote */
    } else if (frame) {
        /* A value nobody wrote is found where its key is. */
        node->line = frame->has_key ? frame->key.line : frame->node.line;
        node->column = frame->has_key ? frame->key.column : frame->node.column;
    } else {
        node->line = node->column = 1;
    }
}

/* Control characters come in by escapes; a text block's last line end is not meant. */
static bool text_is_clean(const char *text, size_t *length)
{
    while (*length && text[*length - 1] == '\n')
        (*length)--;
    for (size_t i = 0; i < *length;) {
        size_t step = character_length(text + i, *length - i);

        if (!step || text[i] == '\r' || text[i] == '\t')
            return false;
        i += step;
    }
    return true;
}

static void take_scalar(struct builder *builder, const struct fy_event *event)
{
    struct yaml_node node = { .kind = YAML_SCALAR };
    struct fy_token *token = event ? event->scalar.value : NULL;
    size_t length = 0;
    const char *text = token ? fy_token_get_text(token, &length) : "";

    set_place(builder, &node, token);
    if (!text) {
        text = "";
        length = 0;
    }
    if (!text_is_clean(text, &length)) {
        faults_add(builder->source->faults, builder->source->file, node.line, node.column,
                   "a control character in a text (write it in plain letters)");
        builder->faulty = true;
        length = 0;
    }
    node.empty = !length && (!token || fy_token_scalar_style(token) == FYSS_PLAIN);
    node.text = arena_text(builder->source->arena, text, length);
    place_node(builder, &node);
}

static void take_start(struct builder *builder, struct fy_token *token, enum yaml_node_kind kind)
{
    struct yaml_node node = { .kind = kind };
    struct frame *frame = top(builder);

    if (frame && frame->node.kind == YAML_MAP && !frame->has_key) {
        stop(builder, token, "a key that is no text (a list or a map cannot be a key)");
        return;
    }
    set_place(builder, &node, token);
    if (builder->depth == YAML_DEPTH_MAX) {
        faults_add(builder->source->faults, builder->source->file, node.line, node.column,
                   "is nested too deep (at most %d)", YAML_DEPTH_MAX);
        builder->faulty = builder->stopped = true;
        return;
    }
    builder->frames[builder->depth++] = (struct frame){ .node = node };
}

static int compare_keys(const void *a, const void *b)
{
    const struct yaml_pair *const *left = a, *const *right = b;
    int order = strcmp((*left)->key.text, (*right)->key.text);

    if (order)
        return order;
    return *left < *right ? -1 : *left > *right;
}

static void refuse_duplicates(struct builder *builder, const struct yaml_node *map)
{
    const struct yaml_pair **sorted = calloc(map->count + 1, sizeof *sorted);

    if (!sorted) {
        builder->faulty = builder->stopped = true;
        faults_add(builder->source->faults, builder->source->file, 0, 0, "cannot be checked: %s",
                   strerror(ENOMEM));
        return;
    }
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->pairs[i];
    qsort(sorted, map->count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < map->count; i++) {
        const struct yaml_node *key = &sorted[i]->key, *first = &sorted[i - 1]->key;

        if (strcmp(key->text, first->text) != 0)
            continue;
        faults_add(builder->source->faults, builder->source->file, key->line, key->column,
                   "`%s` is written twice (first in line %u)", key->text, first->line);
        builder->faulty = true;
    }
    free(sorted);
}

static void copy_links(const struct frame *frame, struct yaml_node *items, struct yaml_pair *pairs)
{
    size_t i = 0;

    for (const struct link *link = frame->first; link; link = link->next, i++) {
        if (items)
            items[i] = link->pair.value;
        if (pairs)
            pairs[i] = link->pair;
    }
}

static void take_end(struct builder *builder)
{
    struct frame frame = builder->frames[--builder->depth];
    bool is_list = frame.node.kind == YAML_LIST;
    struct yaml_node *items = NULL;
    struct yaml_pair *pairs = NULL;

    if (is_list)
        items = arena_take(builder->source->arena, frame.node.count * sizeof *items);
    else
        pairs = arena_take(builder->source->arena, frame.node.count * sizeof *pairs);
    if (arena_failed(builder->source->arena))
        return;
    copy_links(&frame, items, pairs);
    frame.node.items = items;
    frame.node.pairs = pairs;
    if (!is_list)
        refuse_duplicates(builder, &frame.node);
    place_node(builder, &frame.node);
}

/* Puts a finished node where it belongs: the root, a list's next item, a key or its value. */
static void place_node(struct builder *builder, const struct yaml_node *node)
{
    struct frame *frame = top(builder);
    struct link *link;

    if (frame && frame->node.kind == YAML_MAP && !frame->has_key) {
        frame->key = *node;
        frame->has_key = true;
        return;
    }
    if (++builder->nodes > YAML_NODES_MAX) {
        faults_add(builder->source->faults, builder->source->file, node->line, node->column,
                   "holds too much (at most %d values in a file)", YAML_NODES_MAX);
        builder->faulty = builder->stopped = true;
        return;
    }
    if (!frame) {
        builder->root = arena_copy(builder->source->arena, node, 1, sizeof *node);
        return;
    }
    link = arena_take(builder->source->arena, sizeof *link);
    if (!link)
        return;
    link->pair.key = frame->key;
    link->pair.value = *node;
    if (frame->last)
        frame->last->next = link;
    else
        frame->first = link;
    frame->last = link;
    frame->node.count++;
    frame->has_key = false;
}

/* Reads digits at `*at` and moves past them. */
static unsigned number_at(const char **at)
{
    unsigned number = 0;

    for (; **at >= '0' && **at <= '9' && number < YAML_FILE_MAX; (*at)++)
        number = number * 10 + (unsigned)(**at - '0');
    return number;
}

/* libfyaml tells an error as "<memory-@…>:3:1: error: what is wrong", then the line itself and
 * a caret, each in a call of its own; only the first is kept.  (Collecting the errors instead,
 * fy_diag_set_collect_errors, leaks them in 0.7.12 and hands none out.) */
static void take_parser_error(struct fy_diag *diag, void *user, const char *text, size_t length)
{
    static const char mark[] = ": error: ";
    struct builder *builder = user;
    char line[FAULT_TEXT_SIZE];
    const char *place, *what;
    unsigned at_line, at_column;

    (void)diag;
    snprintf(line, sizeof line, "%.*s", (int)(length < sizeof line ? length : sizeof line), text);
    line[strcspn(line, "\n")] = '\0';
    what = strstr(line, mark);
    place = strstr(line, ">:");
    if (!what || !place || builder->faulty)
        return;
    place += 2;
    at_line = number_at(&place);
    place += *place == ':';
    at_column = number_at(&place);
    faults_add(builder->source->faults, builder->source->file, at_line, at_column, "%s",
               what + strlen(mark));
    builder->faulty = true;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    for (size_t i = 0; map->kind == YAML_MAP && i < map->count; i++) {
        if (!strcmp(map->pairs[i].key.text, key))
            return &map->pairs[i].value;
    }
    return NULL;
}

void yaml_fault(const struct yaml_source *source, const struct yaml_node *at, const char *format,
                ...)
{
    char text[FAULT_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    faults_add(source->faults, source->file, at->line, at->column, "%s", text);
}

const char *yaml_kind_name(const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_LIST:
        return "a list";
    case YAML_MAP:
        return "a map";
    case YAML_SCALAR:
        break;
    }
    return node->empty ? "nothing" : "a text";
}
