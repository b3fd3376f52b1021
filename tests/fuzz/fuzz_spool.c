/* fuzz_spool.c - a case system's file becomes rows: the same ones every time, and on disk too.
 *
 * The first byte says how the rest is to be read: as JSON, as CSV under a mapping of ours, or as
 * a mapping up to a zero and CSV behind it.
 */
#include "fuzz.h"

#include "core/base.h"
#include "protocol/wire.h"
#include "spool/mapping.h"
#include "spool/spool_read.h"

enum { AS_JSON, AS_CSV, AS_BOTH, WAYS };

static const char hash[ROWS_HASH_SIZE] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void are_the_same(const struct rows *first, const struct rows *second)
{
    HOLDS(first->count == second->count);
    for (size_t i = 0; i < first->count; i++) {
        const struct row *a = &first->list[i], *b = &second->list[i];

        HOLDS(a->line == b->line && a->column == b->column);
        HOLDS(!a->event == !b->event && !a->fault == !b->fault);
        HOLDS(!a->event || (a->size == b->size && !memcmp(a->event, b->event, a->size)));
        HOLDS(!a->fault || !strcmp(a->fault, b->fault));
        HOLDS(!strcmp(a->id, b->id) && !strcmp(a->code, b->code));
    }
}

static void is_sound(const struct row *row)
{
    HOLDS(row->event || row->fault);
    HOLDS(!row->fault || (row->fault[0] && !strchr(row->fault, '\n')));
    HOLDS(!row->code[0] || wire_code_find(row->code));
}

static void survive_the_disk(const struct rows *rows)
{
    CLEANUP(rows_close) struct rows again = { 0 };
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);

    HOLDS(file && rows_write(rows, hash, file) == 0 && fclose(file) == 0);
    file = fmemopen(bytes, size, "r");
    HOLDS(file && rows_read(file, hash, &again) == ROWS_OK);
    fclose(file);
    free(bytes);
    are_the_same(rows, &again);
}

static void read_twice(const char *name, const uint8_t *bytes, size_t size,
                       const struct mapping *mapping)
{
    CLEANUP(rows_close) struct rows first = { 0 };
    CLEANUP(rows_close) struct rows second = { 0 };
    struct spool_input input = { .name = name,
                                 .bytes = (const char *)bytes,
                                 .size = size,
                                 .mapping = mapping,
                                 .source = "urn:northtown:las",
                                 .time = { INT64_C(1797613140000000) } };

    HOLDS(spool_read(&input, &first) == 0 && spool_read(&input, &second) == 0);
    are_the_same(&first, &second);
    for (size_t i = 0; i < first.count; i++)
        is_sound(&first.list[i]);
    survive_the_disk(&first);
}

static void read_mapping(const char *text, size_t size, struct mapping **mapping)
{
    struct faults faults = { .count = 0 };
    int answer = mapping_read("fuzz", text, size, &faults, mapping);

    HOLDS(answer == MAPPING_OK || (answer == MAPPING_FAULTY && faults.errors > 0));
    HOLDS((answer == MAPPING_OK) == (*mapping != NULL));
    faults_close(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char ours[] = "members:\n  type: {column: Kind}\n  subject: {column: Reference}\n";
    CLEANUP(mapping_close) struct mapping *mapping = NULL;
    uint8_t way = size > 0 ? bytes[0] % WAYS : AS_JSON;

    bytes += size > 0;
    size -= size > 0;
    if (way == AS_BOTH) {
        char *text = fuzz_part(&bytes, &size);

        read_mapping(text, strlen(text), &mapping);
        free(text);
    } else if (way == AS_CSV) {
        read_mapping(ours, sizeof ours - 1, &mapping);
    }
    read_twice(way == AS_JSON ? "a.jsonl" : "a.csv", bytes, size, mapping);
    return 0;
}
