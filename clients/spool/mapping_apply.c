/* mapping_apply.c - a row becomes an event. */
#include "spool/mapping_parts.h"

#include "core/event.h"
#include "core/text.h"
#include "protocol/json_guard.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 8192 };

/* What one row is made with. */
struct making {
    const struct mapping *mapping;
    const struct mapping_header *header;
    const struct csv_row *row;
    json_t *event;
    struct mapping_fault *fault;
};

static int check_section(const struct mapping_section *section, const struct mapping_header *header,
                         struct mapping_fault *fault);
static int check_columns(const struct yaml_texts *columns, const struct mapping_header *header,
                         struct mapping_fault *fault);
static int apply_section(struct making *making, const struct mapping_section *section);
static int member_text(struct making *making, const struct mapping_member *member, char *text);
static void gather(struct making *making, const struct mapping_member *member, struct text *all);
static int translate(struct making *making, const struct mapping_member *member, struct text *all);
static int write_time(struct making *making, const struct mapping_member *member, char *text);
static bool put(json_t *container, const struct mapping_step *steps, size_t count, json_t *value);
static json_t *step_down(json_t *container, const struct mapping_step *step, bool object);
static json_t *child_of(json_t *container, const struct mapping_step *step);
static bool set_child(json_t *container, const struct mapping_step *step, json_t *value);
static void drop_nulls(json_t *container);
static json_t *identity_of(const struct making *making);
static const char *cell_text(const struct making *making, const char *column);
static unsigned cell_place(const struct making *making, const struct mapping_member *member);
static int faulty(struct making *making, const struct mapping_member *member, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

int mapping_check_header(const struct mapping *mapping, const struct mapping_header *header,
                         struct mapping_fault *fault)
{
    int answer = check_section(&mapping->every, header, fault);

    for (size_t i = 0; !answer && i < mapping->section_count; i++)
        answer = check_section(&mapping->sections[i], header, fault);
    return answer ? answer : check_columns(&mapping->identity, header, fault);
}

static int check_section(const struct mapping_section *section, const struct mapping_header *header,
                         struct mapping_fault *fault)
{
    int answer = MAPPING_OK;

    for (size_t i = 0; !answer && i < section->count; i++)
        answer = check_columns(&section->members[i].columns, header, fault);
    return answer;
}

static int check_columns(const struct yaml_texts *columns, const struct mapping_header *header,
                         struct mapping_fault *fault)
{
    for (size_t c = 0; c < columns->count; c++) {
        const char *name = columns->list[c];
        const char *near = nearest_word(name, header->names, header->count);
        size_t found = 0;

        for (size_t i = 0; i < header->count; i++)
            found += !strcmp(header->names[i], name);
        if (found == 1)
            continue;
        fault->column = 0;
        if (found)
            snprintf(fault->text, sizeof fault->text,
                     "the column \"%.100s\" is there twice (each name once)", name);
        else
            snprintf(fault->text, sizeof fault->text,
                     "no column \"%.100s\" in this first row, but the mapping reads it%s%.100s%s",
                     name, near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
        return MAPPING_FAULTY;
    }
    return MAPPING_OK;
}

int mapping_apply(const struct mapping *mapping, const struct mapping_header *header,
                  const struct csv_row *row, json_t **event, json_t **identity,
                  struct mapping_fault *fault)
{
    CLEANUP(json_release) json_t *made = json_object();
    struct making making = {
        .mapping = mapping, .header = header, .row = row, .event = made, .fault = fault
    };
    const char *type;
    int answer = made ? apply_section(&making, &mapping->every) : -ENOMEM;

    if (answer)
        return answer;
    type = json_string_value(json_object_get(made, "type"));
    for (size_t i = 0; !answer && i < mapping->section_count; i++)
        if (type && !strcmp(mapping->sections[i].type, type))
            answer = apply_section(&making, &mapping->sections[i]);
    if (answer)
        return answer;
    drop_nulls(made);
    *identity = NULL;
    if (mapping->identity.count && !(*identity = identity_of(&making)))
        return -ENOMEM;
    *event = made;
    made = NULL;
    return MAPPING_OK;
}

static int apply_section(struct making *making, const struct mapping_section *section)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct mapping_member *member = &section->members[i];
        char text[TEXT_SIZE];
        int answer = member_text(making, member, text);

        if (answer)
            return answer;
        if (*text && !put(making->event, member->steps, member->step_count, json_string(text)))
            return faulty(making, member,
                          "cannot stand beside another member (one is inside the other)");
    }
    return MAPPING_OK;
}

/* "" where there is none. */
static int member_text(struct making *making, const struct mapping_member *member, char *text)
{
    struct text all = text_over(text, TEXT_SIZE);
    char whole[EVENT_TYPE_MAX + 1];
    int answer;

    gather(making, member, &all);
    if (all.used > 0 && (answer = translate(making, member, &all)))
        return answer;
    if (all.used == 0 && member->empty)
        text_add(&all, member->empty);
    if (text_was_cut(&all))
        return faulty(making, member, "is longer than 8,191 bytes");
    if (!*text)
        return member->required ? faulty(making, member, "is empty (every row needs it)")
                                : MAPPING_OK;
    if (member->is_time)
        return write_time(making, member, text);
    if (strcmp(member->path, "type") != 0)
        return MAPPING_OK;
    if (!mapping_whole_type(text, whole, sizeof whole))
        return faulty(making, member, "is too long for a type of event (80 letters)");
    memcpy(text, whole, sizeof whole);
    return MAPPING_OK;
}

/* The cells without the blanks around them, one between two. */
static void gather(struct making *making, const struct mapping_member *member, struct text *all)
{
    if (member->constant)
        text_add(all, member->constant);
    for (size_t i = 0; i < member->columns.count; i++) {
        const char *cell = cell_text(making, member->columns.list[i]);
        size_t begin = strspn(cell, " \t"), length = strlen(cell);

        while (length > begin && strchr(" \t", cell[length - 1]))
            length--;
        if (all->used > 0 && length > begin)
            text_add(all, " ");
        text_add_bytes(all, cell + begin, length - begin);
    }
}

static int translate(struct making *making, const struct mapping_member *member, struct text *all)
{
    const struct yaml_node *value = member->values ? yaml_get(member->values, all->at) : NULL;
    const char *given = value ? value->text : member->otherwise;
    char own[TEXT_SIZE];

    if (member->values && !given)
        return faulty(making, member,
                      "is none of the texts that the mapping's `values` lists (one of them)");
    if (!member->values && !member->before)
        return MAPPING_OK;
    snprintf(own, sizeof own, "%s", all->at);
    *all = text_over(all->at, all->size);
    text_add(all, member->before ? member->before : "");
    text_add(all, member->values ? given : own);
    return MAPPING_OK;
}

static int write_time(struct making *making, const struct mapping_member *member, char *text)
{
    const struct times *times = &making->mapping->times;
    struct instant at;

    if (times_read(times, text, &at) != INSTANT_OK)
        return faulty(making, member, "is no time (%s, or 2026-12-18T16:59:00+00:00)",
                      times->form_count ? times->forms[0] : "2026-12-18 16:59");
    instant_write_utc(at, text);
    return MAPPING_OK;
}

/* Takes the value over.  False where a member stands in the way. */
static bool put(json_t *container, const struct mapping_step *steps, size_t count, json_t *value)
{
    for (size_t i = 0; container && i + 1 < count; i++)
        container = step_down(container, &steps[i], steps[i + 1].name != NULL);
    if (container)
        return set_child(container, &steps[count - 1], value);
    json_decref(value);
    return false;
}

/* What is there, or is made: an object, or a list. */
static json_t *step_down(json_t *container, const struct mapping_step *step, bool object)
{
    json_t *child = child_of(container, step);

    if (child && !json_is_null(child))
        return child;
    child = object ? json_object() : json_array();
    return set_child(container, step, child) ? child : NULL;
}

static json_t *child_of(json_t *container, const struct mapping_step *step)
{
    return step->name ? json_object_get(container, step->name)
                      : json_array_get(container, step->place);
}

/* Places of a list that nothing was put in are null until the end. */
static bool set_child(json_t *container, const struct mapping_step *step, json_t *value)
{
    if (step->name)
        return json_object_set_new(container, step->name, value) == 0;
    while (json_is_array(container) && json_array_size(container) <= step->place)
        if (json_array_append_new(container, json_null()))
            break;
    return json_array_set_new(container, step->place, value) == 0;
}

/* A list has no holes: who is second where nobody is first, is first. */
static void drop_nulls(json_t *container)
{
    const char *name;
    json_t *value;

    json_object_foreach(container, name, value) drop_nulls(value);
    for (size_t i = json_array_size(container); i-- > 0;) {
        if (json_is_null(json_array_get(container, i)))
            json_array_remove(container, i);
        else
            drop_nulls(json_array_get(container, i));
    }
}

static json_t *identity_of(const struct making *making)
{
    const struct yaml_texts *names = &making->mapping->identity;
    json_t *texts = json_array();

    for (size_t i = 0; i < names->count; i++)
        if (json_array_append_new(texts, json_string(cell_text(making, names->list[i])))) {
            json_decref(texts);
            return NULL;
        }
    return texts;
}

/* The header was checked: the column is there. */
static const char *cell_text(const struct making *making, const char *column)
{
    for (size_t i = 0; i < making->header->count && i < making->row->count; i++)
        if (!strcmp(making->header->names[i], column))
            return making->row->cells[i].text;
    return "";
}

static unsigned cell_place(const struct making *making, const struct mapping_member *member)
{
    for (size_t i = 0; member->columns.count && i < making->header->count; i++)
        if (!strcmp(making->header->names[i], member->columns.list[0]))
            return making->row->cells[i].column;
    return 0;
}

/* Names the column, never what stands in it: it may be about a person. */
static int faulty(struct making *making, const struct mapping_member *member, const char *format,
                  ...)
{
    struct text text = text_over(making->fault->text, sizeof making->fault->text);
    char why[MAPPING_FAULT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    making->fault->column = cell_place(making, member);
    if (member->columns.count)
        text_addf(&text, "the column \"%.100s\", which becomes %s, %s", member->columns.list[0],
                  member->path, why);
    else
        text_addf(&text, "%s %s", member->path, why);
    return MAPPING_FAULTY;
}
