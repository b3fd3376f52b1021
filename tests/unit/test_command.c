/* test_command.c - requests, lines and ends of the control socket. */
#include "protocol/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *line;
    struct command command;
} good[] = {
    { "{\"command\":\"status\"}\n", { .kind = COMMAND_STATUS } },
    { "{\"command\":\"list\"}\n", { .kind = COMMAND_LIST } },
    { "{\"command\":\"list\",\"all\":true}\n", { .kind = COMMAND_LIST, .all = true } },
    { "{\"command\":\"list\",\"board\":\"plcsab\"}\n",
      { .kind = COMMAND_LIST, .board = "plcsab" } },
    { "{\"command\":\"show\",\"reference\":\"D-1\"}\n",
      { .kind = COMMAND_SHOW, .reference = "D-1" } },
    { "{\"command\":\"show\",\"reference\":\"D-1\",\"board\":\"plcsab\"}\n",
      { .kind = COMMAND_SHOW, .reference = "D-1", .board = "plcsab" } },
    { "{\"command\":\"explain\",\"reference\":\"D-1\",\"board\":\"b-1\"}\n",
      { .kind = COMMAND_EXPLAIN, .reference = "D-1", .board = "b-1" } },
    { "{\"command\":\"history\",\"reference\":\"D-1\"}\n",
      { .kind = COMMAND_HISTORY, .reference = "D-1" } },
    { "{\"command\":\"outbox\"}\n", { .kind = COMMAND_OUTBOX } },
    { "{\"command\":\"outbox\",\"state\":\"stuck\"}\n",
      { .kind = COMMAND_OUTBOX, .state = "stuck" } },
    { "{\"command\":\"keys\"}\n", { .kind = COMMAND_KEYS } },
    { "{\"command\":\"reload\"}\n", { .kind = COMMAND_RELOAD } },
    { "{\"command\":\"sources\"}\n", { .kind = COMMAND_SOURCES } },
    { "{\"command\":\"redrive\",\"reference\":\"D-1\"}\n",
      { .kind = COMMAND_REDRIVE, .reference = "D-1" } },
    { "{\"command\":\"redrive\",\"all\":true}\n", { .kind = COMMAND_REDRIVE, .all = true } },
    { "{\"command\":\"report\",\"from\":\"2026-10-01T00:00:00Z\",\"to\":"
      "\"2027-01-01T00:00:00Z\",\"board\":\"b\",\"after\":\"120\"}\n",
      { .kind = COMMAND_REPORT,
        .from = "2026-10-01T00:00:00Z",
        .to = "2027-01-01T00:00:00Z",
        .board = "b",
        .after = "120" } },
    { "{\"command\":\"outbox\",\"id\":\"01JD2Q7B3N\"}\n",
      { .kind = COMMAND_OUTBOX, .id = "01JD2Q7B3N" } },
    { "{\"command\":\"test\",\"role\":\"line_manager\",\"agency\":\"northtown-asc\"}\n",
      { .kind = COMMAND_TEST, .role = "line_manager", .agency = "northtown-asc" } },
    { "{\"command\":\"silence\",\"scope\":\"endpoint\",\"target\":\"las\",\"until\":\"2026-12-"
      "18T16:59:00Z\","
      "\"reason\":\"the LAS is updated\"}\n",
      { .kind = COMMAND_SILENCE,
        .scope = "endpoint",
        .target = "las",
        .until = "2026-12-18T16:59:00Z",
        .reason = "the LAS is updated" } },
    { "{\"command\":\"silences\"}\n", { .kind = COMMAND_SILENCES } },
    { "{\"command\":\"unsilence\",\"id\":\"3\"}\n", { .kind = COMMAND_UNSILENCE, .id = "3" } },
    { "{\"command\":\"move\",\"reference\":\"D-1\"}\n",
      { .kind = COMMAND_MOVE, .reference = "D-1" } },
    { "{\"command\":\"move\",\"reference\":\"D-1\",\"board\":\"b\",\"version\":\"2023-04\","
      "\"yes\":true}\n",
      { .kind = COMMAND_MOVE,
        .reference = "D-1",
        .board = "b",
        .version = "2023-04",
        .yes = true } },
    { "{\"command\":\"bounce\",\"delivery\":\"01J8Z3K5Q7R9S1T3V5W7X9Y1Z3\",\"action\":\"failed\"}"
      "\n",
      { .kind = COMMAND_BOUNCE,
        .bounced = { .delivery = "01J8Z3K5Q7R9S1T3V5W7X9Y1Z3" },
        .action = "failed" } },
    { "{\"command\":\"bounce\",\"delivery\":\"01J8Z3K5Q7R9S1T3V5W7X9Y1Z3\",\"signature\":"
      "\"mfrggzdfmztwq2lk\",\"action\":\"failed\",\"status\":\"5.1.1\",\"diagnostic\":"
      "\"smtp; 550 \\\"no\\\" such user\"}\n",
      { .kind = COMMAND_BOUNCE,
        .bounced = { "01J8Z3K5Q7R9S1T3V5W7X9Y1Z3", "mfrggzdfmztwq2lk" },
        .action = "failed",
        .status = "5.1.1",
        .diagnostic = "smtp; 550 \"no\" such user" } },
};

static void reads_and_writes_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct command command;
        char why[COMMAND_WHY_SIZE];
        char *line = NULL;

        print_message("  %s", good[i].line);
        assert_int_equal(command_read(good[i].line, strlen(good[i].line), &command, why),
                         COMMAND_OK);
        assert_int_equal(command.kind, good[i].command.kind);
        assert_string_equal(command.reference, good[i].command.reference);
        assert_string_equal(command.board, good[i].command.board);
        assert_string_equal(command.state, good[i].command.state);
        assert_int_equal(command.all, good[i].command.all);
        assert_string_equal(command.version, good[i].command.version);
        assert_int_equal(command.yes, good[i].command.yes);
        assert_string_equal(command.id, good[i].command.id);
        assert_string_equal(command.role, good[i].command.role);
        assert_string_equal(command.agency, good[i].command.agency);
        assert_string_equal(command.bounced.delivery, good[i].command.bounced.delivery);
        assert_string_equal(command.bounced.signature, good[i].command.bounced.signature);
        assert_string_equal(command.action, good[i].command.action);
        assert_string_equal(command.status, good[i].command.status);
        assert_string_equal(command.diagnostic, good[i].command.diagnostic);
        assert_string_equal(command.scope, good[i].command.scope);
        assert_string_equal(command.target, good[i].command.target);
        assert_string_equal(command.until, good[i].command.until);
        assert_string_equal(command.reason, good[i].command.reason);
        assert_int_equal(command_write(&good[i].command, &line), 0);
        assert_string_equal(line, good[i].line);
        free(line);
    }
}

static const struct {
    const char *line, *why;
} bad[] = {
    { "", "the request ends too early, at byte 0" },
    { "[]", "there is no such command (status, list, show, explain, history, outbox, keys, reload, "
            "move, sources, redrive, test, bounce, silence, silences, unsilence, report)" },
    { "{\"command\":5}",
      "there is no such command (status, list, show, explain, history, outbox, keys, reload, "
      "move, sources, redrive, test, bounce, silence, silences, unsilence, report)" },
    { "{\"command\":\"drop\"}",
      "there is no such command (status, list, show, explain, history, outbox, keys, reload, "
      "move, sources, redrive, test, bounce, silence, silences, unsilence, report)" },
    { "{\"command\":\"show\"}", "show needs a reference" },
    { "{\"command\":\"report\",\"from\":\"2026\"}", "report needs a to" },
    { "{\"command\":\"report\",\"from\":\"2026-10-01 00:00\",\"to\":\"2027\"}",
      "from is no id (1 to 64 of A-Z a-z 0-9 . _ : / -)" },
    { "{\"command\":\"test\",\"role\":\"line_manager\"}", "test needs an agency" },
    { "{\"command\":\"show\",\"reference\":5}",
      "reference is no id (1 to 64 of A-Z a-z 0-9 . _ : / -)" },
    { "{\"command\":\"show\",\"reference\":\"\"}",
      "reference is no id (1 to 64 of A-Z a-z 0-9 . _ : / -)" },
    { "{\"command\":\"show\",\"reference\":\"a b\"}",
      "reference is no id (1 to 64 of A-Z a-z 0-9 . _ : / -)" },
    { "{\"command\":\"outbox\",\"state\":\"12345678901234567\"}",
      "state is no id (1 to 16 of A-Z a-z 0-9 . _ : / -)" },
    { "{\"command\":\"bounce\",\"action\":\"failed\"}", "bounce needs a delivery" },
    { "{\"command\":\"bounce\",\"delivery\":\"01J8Z3K5Q7R9S1T3V5W7X9Y1Z3\"}",
      "bounce needs an action" },
    { "{\"command\":\"bounce\",\"delivery\":\"01J8Z3K5Q7R9S1T3V5W7X9Y1Z3X\"}",
      "delivery is no id (1 to 26 of A-Z a-z 0-9 . _ : / -)" },
    { "{\"command\":\"bounce\",\"diagnostic\":\"two\\nlines\"}",
      "diagnostic is no text (at most 300 characters of printable ASCII)" },
    { "{\"command\":\"bounce\",\"diagnostic\":5}",
      "diagnostic is no text (at most 300 characters of printable ASCII)" },
    { "{\"command\":\"silence\",\"scope\":\"person\",\"target\":\"x\",\"until\":\"u\",\"reason\":"
      "\"a\\nb\"}",
      "reason is no line of words (1 to 200 bytes, no control characters)" },
    { "{\"command\":\"silence\",\"scope\":\"person\",\"target\":\"x\",\"until\":\"u\",\"reason\":"
      "\"\"}",
      "reason is no line of words (1 to 200 bytes, no control characters)" },
    { "{\"command\":\"silence\",\"scope\":\"person\",\"target\":\"x\",\"until\":\"u\"}",
      "silence needs a reason" },
    { "{\"command\":\"list\",\"all\":\"yes\"}", "all is neither true nor false" },
    { "{\"command\":\"list\",\"reference\":\"D-1\"}", "list takes no reference" },
    { "{\"command\":\"list\",\"a b\":1}", "list takes no such argument" },
    { "{\"command\":\"keys\",\"command\":\"list\"}", "the request has a member twice, at byte 27" },
};

static void refuses_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct command command;
        char why[COMMAND_WHY_SIZE];

        print_message("  %s\n", bad[i].line);
        assert_int_equal(command_read(bad[i].line, strlen(bad[i].line), &command, why),
                         COMMAND_REFUSED);
        assert_string_equal(why, bad[i].why);
    }
}

static void bounds_requests(void **state)
{
    static char bytes[COMMAND_LINE_MAX + 1];
    struct command command;
    char why[COMMAND_WHY_SIZE];

    (void)state;
    memset(bytes, ' ', sizeof bytes);
    memcpy(bytes, "{\"command\":\"keys\"}", 18);
    assert_int_equal(command_read(bytes, COMMAND_LINE_MAX, &command, why), COMMAND_OK);
    assert_int_equal(command_read(bytes, COMMAND_LINE_MAX + 1, &command, why), COMMAND_REFUSED);
    assert_string_equal(why, "the request is longer than 65536 bytes, at byte 65536");
}

static void writes_and_reads_ends(void **state)
{
    struct command_end end = { .ok = false };
    char *line = NULL;

    (void)state;
    assert_int_equal(command_write_end(NULL, &line), 0);
    assert_string_equal(line, "{\"end\":true,\"ok\":true}\n");
    assert_int_equal(command_read_answer(line, strlen(line), &end), COMMAND_END);
    assert_true(end.ok);
    assert_string_equal(end.error, "");
    free(line);

    assert_int_equal(command_write_end("nobody raised D-1", &line), 0);
    assert_string_equal(line, "{\"end\":true,\"ok\":false,\"error\":\"nobody raised D-1\"}\n");
    assert_int_equal(command_read_answer(line, strlen(line), &end), COMMAND_END);
    assert_false(end.ok);
    assert_string_equal(end.error, "nobody raised D-1");
    free(line);
}

static void tells_lines_from_ends(void **state)
{
    static const struct {
        const char *line;
        int answer;
    } rows[] = {
        { "{\"type\":\"disagreement\"}\n", COMMAND_OK },
        { "{}\n", COMMAND_OK },
        { "{\"end\":false}\n", COMMAND_OK },
        { "{\"end\":true,\"ok\":true}\n", COMMAND_END },
        { "{\"end\":true,\"ok\":5}\n", COMMAND_REFUSED },
        { "[]\n", COMMAND_REFUSED },
        { "{\n", COMMAND_REFUSED },
        { "", COMMAND_REFUSED },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct command_end end;

        assert_int_equal(command_read_answer(rows[i].line, strlen(rows[i].line), &end),
                         rows[i].answer);
    }
}

static void finds_lines(void **state)
{
    static char bytes[COMMAND_LINE_MAX + 1];
    size_t size;

    (void)state;
    assert_int_equal(command_line("{}\n{}", 5, &size), COMMAND_OK);
    assert_int_equal(size, 3);
    assert_int_equal(command_line("{}", 2, &size), COMMAND_MORE);
    assert_int_equal(command_line("", 0, &size), COMMAND_MORE);
    memset(bytes, ' ', sizeof bytes);
    assert_int_equal(command_line(bytes, COMMAND_LINE_MAX - 1, &size), COMMAND_MORE);
    assert_int_equal(command_line(bytes, COMMAND_LINE_MAX, &size), COMMAND_REFUSED);
    bytes[COMMAND_LINE_MAX - 1] = '\n';
    assert_int_equal(command_line(bytes, COMMAND_LINE_MAX, &size), COMMAND_OK);
    assert_int_equal(size, COMMAND_LINE_MAX);
    bytes[COMMAND_LINE_MAX - 1] = ' ';
    bytes[COMMAND_LINE_MAX] = '\n';
    assert_int_equal(command_line(bytes, COMMAND_LINE_MAX + 1, &size), COMMAND_REFUSED);
}

static void names_its_commands(void **state)
{
    (void)state;
    assert_string_equal(command_name(COMMAND_OUTBOX), "outbox");
    assert_string_equal(command_name(COMMAND_KIND_COUNT), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_requests), cmocka_unit_test(refuses_requests),
        cmocka_unit_test(bounds_requests),           cmocka_unit_test(writes_and_reads_ends),
        cmocka_unit_test(tells_lines_from_ends),     cmocka_unit_test(finds_lines),
        cmocka_unit_test(names_its_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
