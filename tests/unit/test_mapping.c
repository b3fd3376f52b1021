/* test_mapping.c - what a mapping may say, what is wrong in one, and what rows become by it. */
#include "spool/mapping.h"
#include "spool/spool_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEAST "members:\n  type: advice.requested\n  subject: {column: Ref}\n"

/* Each file has one fault, at this line and column, of which this is a part. */
static const struct {
    const char *yaml, *fault;
} wrong[] = {
    { "zone: Europe/London\n", "1:1: `members` is missing" },
    { "members: {type: a}\n", "`members` has no `subject`" },
    { "members: {subject: a}\n", "`members` has no `type`" },
    { LEAST "colour: red\n", "4:1: unknown key `colour`" },
    { LEAST "member_of: {}\n", "did you mean `members_of`?" },
    { LEAST "  data.x: {colum: a}\n", "4:12: unknown key `colum` (did you mean `column`?)" },
    { LEAST "  data.x: {values: {a: b}}\n", "needs one of `column` and `columns`" },
    { LEAST "  data.x: {column: a, columns: [b]}\n", "needs one of `column` and `columns`" },
    { LEAST "  data.x: {column: a, otherwise: b}\n", "`otherwise` says nothing" },
    { LEAST "  data.x: {column: a, values: {b: [c]}}\n", "`b` is given no text" },
    { LEAST "  data.x: [a]\n", "4:11: `data.x` is neither a text nor a map" },
    { LEAST "  data.x:\n", "`data.x` is neither" },
    { LEAST "  data..x: a\n", "4:3: `data..x` is no member's path" },
    { LEAST "  data.: a\n", "no member's path" },
    { LEAST "  data[8]: a\n", "no member's path" },
    { LEAST "  data[0]x: a\n", "no member's path" },
    { LEAST "  a.b.c.d.e.f.g: a\n", "no member's path" },
    { LEAST "separator: ab\n", "4:12: `separator` is none of" },
    { LEAST "zone: Europe/Nowhere\n", "4:7: `zone`: " },
    { LEAST "times: [YYYY-MM-DD, '%d']\n", "4:21: `times`: \"%d\" has a letter" },
    { LEAST "members_of: {risk.changed: a}\n", "4:14: `members_of` holds maps" },
    { LEAST "members_of: {risk.changed: {type: a}}\n", "`type` is said twice" },
};

static struct mapping *read_mapping(const char *yaml, struct faults *faults)
{
    struct mapping *mapping = NULL;
    int answer = mapping_read("m.yaml", yaml, strlen(yaml), faults, &mapping);

    assert_int_equal(answer == MAPPING_OK, mapping != NULL);
    return mapping;
}

static void names_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        CLEANUP(faults_close) struct faults faults = { 0 };
        char line[FAULT_LINE_SIZE];

        print_message("  %s\n", wrong[i].fault);
        assert_null(read_mapping(wrong[i].yaml, &faults));
        assert_int_equal(faults.errors, 1);
        for (size_t f = 0; f < faults.count; f++)
            if (faults.list[f].severity == FAULT_ERROR)
                fault_write(&faults.list[f], line);
        if (!strstr(line, wrong[i].fault))
            fail_msg("%s", line);
    }
}

static void warns_of_types(void **state)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(mapping_close)
    struct mapping *mapping = read_mapping("members:\n"
                                           "  type:\n"
                                           "    column: What\n"
                                           "    values: {A: risk.changd, B: concernd.hold}\n"
                                           "  subject: {column: Ref}\n",
                                           &faults);

    (void)state;
    assert_non_null(mapping);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.warnings, 1);
    assert_int_equal(faults.list[0].line, 4);
    assert_non_null(strstr(faults.list[0].text, "did you mean `risk.changed`?"));
}

/* By one mapping, each row becomes this event, or this fault. */
static const char rich[] =
    "zone: Europe/London\n"
    "times: [DD/MM/YYYY hh:mm, DD/MM/YYYY]\n"
    "members:\n"
    "  id: {column: Id}\n"
    "  type:\n"
    "    column: What\n"
    "    values: {Raised: disagreement.raised, Risk: risk.changed, Hold: concernd.hold}\n"
    "  subject: {column: Ref, before: D-}\n"
    "  time: {columns: [Date, Time]}\n"
    "  source: urn:northtown:las\n"
    "  data.by.agency: northtown-housing\n"
    "members_of:\n"
    "  disagreement.raised:\n"
    "    data.challenged[0].agency: {column: One, values: {ASC: northtown-asc, NHS: nhs}}\n"
    "    data.challenged[1].agency: {column: Two}\n"
    "    data.facts.urgent: {column: Urgent, values: {Y: \"yes\"}, otherwise: \"no\", empty: "
    "\"no\"}\n"
    "  risk.changed:\n"
    "    data.risk: {column: One, required: yes}\n"
    "  hold:\n"
    "    data.until: {column: One}\n";

#define E10 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
#define HEAD "Id,What,Ref,Date,Time,One,Two,Urgent\n"
#define BEGIN "{\"id\":\"E1\",\"type\":\"concernd."
#define ENVELOPE                                                                                   \
    "\",\"source\":\"urn:northtown:las\",\"data\":{\"by\":{\"agency\":\"northtown-housing\"}"
#define END "},\"specversion\":\"1.0\",\"datacontenttype\":\"application/json\"}"

static const struct {
    const char *name, *row, *event, *fault;
} rows[] = {
    { "summer time, two columns joined", "E1,Raised,7,01/07/2026,09:30,ASC,,Y",
      BEGIN "disagreement.raised\",\"subject\":\"D-7\",\"time\":\"2026-07-01T08:30:00Z" ENVELOPE
            ",\"challenged\":[{\"agency\":\"northtown-asc\"}],\"facts\":{\"urgent\":\"yes\"}" END,
      NULL },
    { "a list has no holes", "E1,Raised,7,01/12/2026,,,x,",
      BEGIN "disagreement.raised\",\"subject\":\"D-7\",\"time\":\"2026-12-01T00:00:00Z" ENVELOPE
            ",\"challenged\":[{\"agency\":\"x\"}],\"facts\":{\"urgent\":\"no\"}" END,
      NULL },
    { "blanks around a text", "E1, Risk ,\t7,01/12/2026,09:30, none ,,",
      BEGIN "risk.changed\",\"subject\":\"D-7\",\"time\":\"2026-12-01T09:30:00Z" ENVELOPE
            ",\"risk\":\"none\"" END,
      NULL },
    { "a time in the data", "E1,Hold,7,01/12/2026,09:30,24/12/2026,,",
      BEGIN "hold\",\"subject\":\"D-7\",\"time\":\"2026-12-01T09:30:00Z" ENVELOPE
            ",\"until\":\"2026-12-24T00:00:00Z\"" END,
      NULL },
    { "no such value", "E1,Risen,7,01/12/2026,,,,", NULL,
      "2:4: the column \"What\", which becomes type, is none of the texts" },
    { "nothing where something must be", "E1,Raised,,01/12/2026,,,,", NULL,
      "2:11: the column \"Ref\", which becomes subject, is empty" },
    { "no time where there must be one", "E1,Raised,7,,,,,", NULL, "which becomes time, is empty" },
    { "a type's own need", "E1,Risk,7,01/12/2026,,,,", NULL, "which becomes data.risk, is empty" },
    { "no time", "E1,Raised,7,2026,,,,", NULL,
      "2:13: the column \"Date\", which becomes time, is no time (DD/MM/YYYY hh:mm, or" },
    { "too few cells", "E1,Raised,7", NULL, "2:0: 3 cells (8, as the first row)" },
    { "too many cells", "E1,Raised,7,01/12/2026,,,,,", NULL, "2:0: 9 cells" },
};

static void read_csv(const char *yaml, const char *text, struct rows *read)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(mapping_close) struct mapping *mapping = read_mapping(yaml, &faults);
    struct spool_input input = { .name = "a.csv",
                                 .bytes = text,
                                 .size = strlen(text),
                                 .mapping = mapping,
                                 .time = { 1797613140 * SECOND_US } };

    assert_non_null(mapping);
    assert_int_equal(spool_read(&input, read), 0);
}

static void makes_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CLEANUP(rows_close) struct rows read = { 0 };
        char text[400], said[600];

        print_message("  %s\n", rows[i].name);
        snprintf(text, sizeof text, HEAD "%s\n", rows[i].row);
        read_csv(rich, text, &read);
        assert_int_equal(read.count, 1);
        assert_int_equal(read.list[0].line, 2);
        if (rows[i].event) {
            assert_null(read.list[0].fault);
            assert_string_equal(read.list[0].event, rows[i].event);
            continue;
        }
        assert_null(read.list[0].event);
        snprintf(said, sizeof said, "%lu:%u: %s", read.list[0].line, read.list[0].column,
                 read.list[0].fault);
        if (!strstr(said, rows[i].fault))
            fail_msg("%s", said);
        /* What stands in a cell may be about a person: it is not said. */
        assert_null(strstr(said, "Risen"));
    }
}

static void wants_its_columns(void **state)
{
    static const struct {
        const char *head, *fault;
    } heads[] = {
        { "Id,What,Ref,Date,Time,One,Two\n", "no column \"Urgent\"" },
        { "Id,What,Ref,Date,Time,One,Two,Urgnt\n", "did you mean \"Urgnt\"?" },
        { "Id,What,Ref,Date,Time,One,Two,Urgent,Ref\n", "\"Ref\" is there twice" },
        { "Id,\"What\n", "must name the columns" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        CLEANUP(rows_close) struct rows read = { 0 };
        char text[400];

        snprintf(text, sizeof text, "%sE1,Raised,7,01/12/2026,,,,\n", heads[i].head);
        read_csv(rich, text, &read);
        assert_int_equal(read.count, 1);
        assert_int_equal(read.list[0].line, 1);
        if (!strstr(read.list[0].fault, heads[i].fault))
            fail_msg("%s", read.list[0].fault);
    }
}

/* One member cannot be a text and hold others. */
static void refuses_members_inside_texts(void **state)
{
    static const char *const pairs[] = { "  data.x: a\n  data.x.y: b\n",
                                         "  data.x: a\n  data.x[0]: b\n",
                                         "  data.x.y: b\n  data.x[0]: a\n",
                                         "  data.x[0]: a\n  data.x.y: b\n" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        CLEANUP(rows_close) struct rows read = { 0 };
        char yaml[200];

        snprintf(yaml, sizeof yaml, LEAST "%s", pairs[i]);
        read_csv(yaml, "Ref\nD-1\n", &read);
        assert_int_equal(read.count, 1);
        assert_non_null(read.list[0].fault);
        assert_non_null(strstr(read.list[0].fault, "one is inside the other"));
    }
}

/* A fault is one line of UTF-8 and comes back from the disk, whatever the columns are called. */
static void tells_in_one_line(void **state)
{
    static const char yaml[] = "members:\n  type: advice.requested\n  subject:\n    column: "
                               "\"" E10 E10 E10 E10 E10 E10 "\"\n";
    static const char hash[ROWS_HASH_SIZE] = "0";
    static const char *const heads[] = { "a\n", "\"x" E10 E10 E10 E10 E10 E10 "\n\"\n" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        CLEANUP(rows_close) struct rows read = { 0 }, again = { 0 };
        char *kept = NULL;
        size_t size;
        FILE *file = open_memstream(&kept, &size);

        read_csv(yaml, heads[i], &read);
        assert_int_equal(read.count, 1);
        assert_null(strchr(read.list[0].fault, '\n'));
        assert_int_equal(rows_write(&read, hash, file), 0);
        fclose(file);
        file = fmemopen(kept, size, "r");
        assert_int_equal(rows_read(file, hash, &again), ROWS_OK);
        assert_string_equal(again.list[0].fault, read.list[0].fault);
        fclose(file);
        free(kept);
    }
}

/* The identity columns alone make the id; equal ones in one file are told apart. */
static void identifies_rows(void **state)
{
    static const char yaml[] = "identity: [Ref, When]\n" LEAST "  source: urn:x\n"
                               "  data.reference: {column: Other}\n";
    CLEANUP(rows_close) struct rows one = { 0 }, other = { 0 };

    (void)state;
    read_csv(yaml, "Ref,When,Other\nD-1,1,a\nD-1,1,a\nD-1,2,a\n", &one);
    read_csv(yaml, "Other,When,Ref\r\nb,2,D-1\r\nc,1,D-1\r\n", &other);
    assert_int_equal(one.count, 3);
    assert_int_equal(other.count, 2);
    assert_string_equal(one.list[0].id, other.list[1].id);
    assert_string_equal(one.list[2].id, other.list[0].id);
    assert_string_not_equal(one.list[0].id, one.list[2].id);
    assert_memory_equal(one.list[0].id, one.list[1].id, strlen(one.list[0].id));
    assert_string_equal(one.list[1].id + strlen(one.list[0].id), "-2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_faults),
        cmocka_unit_test(warns_of_types),
        cmocka_unit_test(makes_events),
        cmocka_unit_test(wants_its_columns),
        cmocka_unit_test(refuses_members_inside_texts),
        cmocka_unit_test(tells_in_one_line),
        cmocka_unit_test(identifies_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
