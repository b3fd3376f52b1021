/* test_settings.c - the shipped file says the table's defaults; every fault at its place. */
#include "policy/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/yaml.h"

static const char shipped[] = CONCERN_SOURCE_DIR "/config/concernd.yaml";

static int forget_systemd(void **state)
{
    (void)state;
    unsetenv("STATE_DIRECTORY");
    unsetenv("RUNTIME_DIRECTORY");
    unsetenv("CREDENTIALS_DIRECTORY");
    return 0;
}

static void read_text(const char *text, struct faults *faults, struct settings_file **file)
{
    assert_int_equal(
        settings_read_text("/etc/concernd/concernd.yaml", text, strlen(text), faults, file),
        SETTINGS_OK);
    assert_int_equal(faults->count, 0);
}

static void the_shipped_file_works_as_it_is(void **state)
{
    CLEANUP(settings_close) struct settings_file *file = NULL;
    CLEANUP(settings_close) struct settings_file *none = NULL;
    struct faults faults = { 0 };
    const struct settings *settings;

    (void)state;
    assert_int_equal(settings_read(shipped, &faults, &file), SETTINGS_OK);
    assert_int_equal(faults.count, 0);
    settings = settings_of(file);
    assert_string_equal(settings->listen, "tcp://*:5570");
    assert_string_equal(settings->control, "/run/concernd/control");
    assert_string_equal(settings->bounce_socket, "/run/concernd-bounce/socket");
    assert_string_equal(settings->state, "/var/lib/concernd");
    assert_string_equal(settings->data, CONCERN_DATADIR);
    assert_string_equal(settings->directory, CONCERN_SOURCE_DIR "/config/directory.yaml");
    assert_string_equal(settings->keyring, CONCERN_SOURCE_DIR "/config/keyring.yaml");
    assert_string_equal(settings->mail.url, "");
    assert_int_equal(settings->feed_count, 0);
    assert_int_equal(settings->remind.count, 1);
    assert_int_equal(settings->remind.before[0].unit, LENGTH_WORKING_DAYS);
    assert_int_equal(settings->chase.every.count, 5);
    assert_int_equal(settings->retry_us, 5 * DAY_US);
    assert_int_equal(settings->escalation.after_us, 10 * MINUTE_US);
    assert_int_equal(settings->escalation.urgent_us, 2 * MINUTE_US);
    assert_int_equal(settings->escalation.told_us, 30 * MINUTE_US);
    assert_int_equal(settings_read(NULL, &faults, &none), SETTINGS_OK);
    assert_string_equal(settings_of(none)->directory, CONCERN_SYSCONFDIR "/directory.yaml");
}

/* Takes "# " away before every line of the shipped file that begins with a setting's name. */
static void uncomment(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    char line[512];
    size_t used = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        size_t name = strncmp(line, "# ", 2) ? 0 : strcspn(line + 2, " :\n");

        if (!name || line[2 + name] != ':' || line[2] < 'a' || line[2] > 'z')
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s", line + 2);
    }
    fclose(file);
}

static const struct yaml_node *node_of(const struct yaml_node *root, const char *name)
{
    const char *dot = strchr(name, '.');
    const struct yaml_node *section;
    char first[64];

    if (!dot)
        return yaml_get(root, name);
    snprintf(first, sizeof first, "%.*s", (int)(dot - name), name);
    section = yaml_get(root, first);
    return section ? yaml_get(section, dot + 1) : NULL;
}

static size_t count_settings(const struct yaml_node *root)
{
    size_t count = 0;

    for (size_t i = 0; i < root->count; i++)
        count += root->pairs[i].value.kind == YAML_MAP ? root->pairs[i].value.count : 1;
    return count;
}

static void the_shipped_comments_are_the_table(void **state)
{
    struct arena *arena = arena_open();
    struct faults faults = { 0 };
    struct yaml_source source = { shipped, arena, &faults };
    const struct yaml_node *root = NULL;
    const struct setting_row *row;
    char text[16384] = "";
    size_t rows = 0;

    (void)state;
    uncomment(shipped, text, sizeof text);
    assert_int_equal(yaml_parse(&source, text, strlen(text), &root), YAML_READ);
    for (; (row = settings_row(rows)) != NULL; rows++) {
        const struct yaml_node *node = node_of(root, row->name);

        print_message("  %s\n", row->name);
        assert_non_null(node);
        assert_true(strlen(row->what) > 0);
        if (node->kind == YAML_SCALAR)
            assert_string_equal(node->text, row->default_value);
        else
            assert_int_equal(node->count, 0);
    }
    assert_int_equal(count_settings(root), rows);
    arena_close(&arena);

    CLEANUP(settings_close) struct settings_file *file = NULL;
    read_text(text, &faults, &file); /* and all of it can be taken out of its comments */
}

static void settings_are_read(void **state)
{
    static const char text[] =
        "listen: none\n"
        "control: run/control\n"
        "state: /srv/concern\n"
        "data: \"here and there\"\n"
        "mail: {url: \"smtp://mail.northtown.example:587\", user: concern, password_file: mail.pw,"
        " from: concern@northtown.example}\n"
        "remind: none\n"
        "chase: every 2 working days\n"
        "memory_limit: 64\n"
        "turn: {events: 10, longest: 5 ms}\n"
        "retry: 72 hours\n"
        "escalate: {after: 5 minutes, urgent: 90 seconds, told: 1 hour}\n"
        "feeds:\n"
        "  - {name: las, endpoint: \"tcp://las.northtown.example:5571\","
        " server_key: \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\", secret_key: las.key,"
        " sources: [\"urn:northtown:las\"], boards: [plcsab], max_silence: 2 minutes,"
        " assurance: best-effort}\n";
    CLEANUP(settings_close) struct settings_file *file = NULL;
    struct faults faults = { 0 };
    const struct settings *settings;
    const struct feed_setting *feed;

    (void)state;
    read_text(text, &faults, &file);
    settings = settings_of(file);
    assert_string_equal(settings->base, "/etc/concernd");
    assert_string_equal(settings->listen, "none");
    assert_string_equal(settings->control, "/etc/concernd/run/control");
    assert_string_equal(settings->bounce_socket, "/etc/concernd/run-bounce/socket");
    assert_string_equal(settings->state, "/srv/concern");
    assert_string_equal(settings->data, "/etc/concernd/here and there");
    assert_string_equal(settings->mail.password_file, "/etc/concernd/mail.pw");
    assert_string_equal(settings->mail.ca, "");
    assert_int_equal(settings_defaults(settings).remind.count, 0);
    assert_int_equal(settings_defaults(settings).chase.every.count, 2);
    assert_int_equal(settings->memory_limit, 64);
    assert_int_equal(settings->turn_events, 10);
    assert_int_equal(settings->turn_us, 5000);
    assert_int_equal(settings->retry_us, 3 * DAY_US);
    assert_int_equal(settings->escalation.after_us, 5 * MINUTE_US);
    assert_int_equal(settings->escalation.urgent_us, 90 * SECOND_US);
    assert_int_equal(settings->escalation.told_us, HOUR_US);
    assert_int_equal(settings->feed_count, 1);
    feed = &settings->feeds[0];
    assert_string_equal(feed->secret_key_file, "/etc/concernd/las.key");
    assert_string_equal(feed->topic, "con.");
    assert_int_equal(feed->source_count, 1);
    assert_string_equal(feed->boards[0], "plcsab");
    assert_int_equal(feed->max_silence_us, 2 * MINUTE_US);
    assert_true(feed->best_effort);
}

#define FEED_LINE                                                                                  \
    "feeds: [{name: l, endpoint: \"tcp://a:1\", server_key: "                                      \
    "\"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\", secret_key: k, sources: [s], "
#define LETTERS_50 "con.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *text;
    const char *fault;
} rows[] = {
    { "lisen: none\n", "s.yaml:1:1: unknown key `lisen` (did you mean `listen`?)" },
    { "listen: udp://*:5570\n",
      "s.yaml:1:9: no endpoint: \"udp://*:5570\" (tcp://*:5570, or none)" },
    { "memory_limit: lots\n", "s.yaml:1:15: `memory_limit` is no number: \"lots\" (digits alone)" },
    { "memory_limit: 8\n", "s.yaml:1:15: `memory_limit` is 8 (at least 32, at most 65536)" },
    { "retry: 5 minutes\n", "s.yaml:1:8: `retry` is too short: \"5 minutes\"" },
    { "remind: 1 day\n",
      "s.yaml:1:9: no reminder: \"1 day\" (none, or \"1 working day before\", joined by \"and\")" },
    { "chase: daily\n", "s.yaml:1:8: no chase: \"daily\" (none, or \"every 5 working days\")" },
    { "mail: smtp://a\n", "s.yaml:1:7: `mail` is a text (it should be a map)" },
    { "mail: {url: \"http://a.example\", from: a@b.example}\n",
      "s.yaml:1:13: no mail server: \"http://a.example\" (smtp://HOST:587 or smtps://HOST:465, no "
      "user in it)" },
    { "mail: {url: \"smtp://a.example:99999\", from: a@b.example}\n",
      "s.yaml:1:13: no mail server: \"smtp://a.example:99999\" (smtp://HOST:587 or "
      "smtps://HOST:465, no user in it)" },
    { "mail: {url: \"smtp://u:p@a.example:587\", from: a@b.example}\n",
      "s.yaml:1:13: no mail server: \"smtp://u:p@a.example:587\" (smtp://HOST:587 or "
      "smtps://HOST:465, no user in it)" },
    { "mail: {url: \"smtps://[::1/\", from: a@b.example}\n",
      "s.yaml:1:13: no mail server: \"smtps://[::1/\" (smtp://HOST:587 or smtps://HOST:465, no "
      "user in it)" },
    { "mail: {url: \"smtp://a.example:587\", from: a@b.example, password_file: /pw}\n",
      "s.yaml:1:71: a password of nobody: \"/pw\" (give `user` the name that it is of)" },
    { "mail: {url: \"smtp://a.example:587\"}\n",
      "s.yaml:1:7: mail without a sender: \"smtp://a.example:587\" (give `from` an address)" },
    { "mail: {url: \"smtp://a.example:587\", from: ops}\n",
      "s.yaml:1:43: no mail address: \"ops\" (an address has one @)" },
    { "mail: {bounces: somewhere}\n",
      "s.yaml:1:17: no address for bounces: \"somewhere\" (an address has one @)" },
    { "mail: {bounces: bounces-of-the-board1@a.example}\n",
      "s.yaml:1:17: no address for bounces: \"bounces-of-the-board1@a.example\" (at most 20 "
      "letters "
      "before the @)" },
    { "mail: {bounces: bounces+x@a.example}\n",
      "s.yaml:1:17: no address for bounces: \"bounces+x@a.example\" (no + before the @: what is "
      "behind it is put there for each mail)" },
    { "mail: {url: \"smtp://a.example:587\", from: \"si\xc3\xa2n@a.example\"}\n",
      "s.yaml:1:43: no address to send from: \"si\xc3\xa2n@a.example\" (plain ASCII: it is in "
      "every "
      "mail, and not all servers take others)" },
    { "mail: {key_file: /own.key}\n",
      "s.yaml:1:18: a key without a certificate: \"/own.key\" (give `certificate` the file that it "
      "is the key of)" },
    { "mail: {usr: a}\n", "s.yaml:1:8: unknown key `usr` (did you mean `user`?)" },
    { "turn: {event: 1}\n", "s.yaml:1:8: unknown key `event` (did you mean `events`?)" },
    { "turn: {longest: 5}\n", "s.yaml:1:17: `longest` is no length of time: \"5\" (a number and "
                              "ms, seconds, minutes, hours "
                              "or days)" },
    { "feeds: [{name: las}]\n", "s.yaml:1:9: `endpoint` is missing" },
    { "feeds: [{name: l, endpoint: \"tcp://a:1\", server_key: short, secret_key: k, sources: "
      "[s]}]\n",
      "s.yaml:1:54: no public key: \"short\" (40 letters of Z85)" },
    { FEED_LINE "replay_endpoint: \"udp://a:1\"}]\n",
      "s.yaml:1:144: no endpoint: \"udp://a:1\" (tcp://HOST:PORT)" },
    { FEED_LINE "assurance: best-effort, replay_endpoint: \"tcp://a:1\"}]\n",
      "s.yaml:1:168: a replay of a best-effort feed: \"tcp://a:1\" (without numbers nothing can be "
      "asked for; leave one out)" },
    { FEED_LINE "topic: " LETTERS_50 LETTERS_50 LETTERS_50 LETTERS_50 "x}]\n",
      "s.yaml:1:134: `topic` is too long, 201 bytes (at most 200)" },
    { "gap: {operator: now}\n",
      "s.yaml:1:17: `operator` is no length of time: \"now\" (a number and "
      "ms, seconds, minutes, hours or days)" },
    { "- listen\n", "s.yaml:1:1: a list where a map of keys is expected" },
    { "state: [\n", "s.yaml:2:1: flow sequence without a closing bracket" },
};

static void every_fault_is_told_at_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CLEANUP(settings_close) struct settings_file *file = NULL;
        struct faults faults = { 0 };
        char line[FAULT_LINE_SIZE];

        print_message("  %s", rows[i].text);
        assert_int_equal(
            settings_read_text("s.yaml", rows[i].text, strlen(rows[i].text), &faults, &file),
            SETTINGS_FAULTY);
        assert_null(file);
        fault_write(&faults.list[0], line);
        assert_string_equal(line, rows[i].fault);
        faults_close(&faults);
    }
}

static void systemd_goes_before_the_defaults_alone(void **state)
{
    CLEANUP(settings_close) struct settings_file *silent = NULL;
    CLEANUP(settings_close) struct settings_file *written = NULL;
    CLEANUP(settings_close) struct settings_file *without = NULL;
    struct faults faults = { 0 };

    (void)state;
    setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1);
    setenv("RUNTIME_DIRECTORY", "/run/one", 1);
    read_text("listen: none\n", &faults, &silent);
    assert_string_equal(settings_of(silent)->state, "/var/lib/one");
    assert_string_equal(settings_of(silent)->control, "/run/one/control");
    assert_string_equal(settings_of(silent)->bounce_socket, "/run/one-bounce/socket");
    read_text("state: /srv/s\ncontrol: /srv/c\nbounce_socket: b/socket\n", &faults, &written);
    assert_string_equal(settings_of(written)->state, "/srv/s");
    assert_string_equal(settings_of(written)->control, "/srv/c");
    assert_string_equal(settings_of(written)->bounce_socket, "/etc/concernd/b/socket");
    read_text("bounce_socket: none\n", &faults, &without);
    assert_string_equal(settings_of(without)->bounce_socket, "");
}

static void secrets_are_found_in_credentials_first(void **state)
{
    CLEANUP(settings_close) struct settings_file *file = NULL;
    struct faults faults = { 0 };
    char folder[] = "/tmp/concern secrets XXXXXX", name[64], path[256];
    FILE *secret;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/las", folder);
    secret = fopen(name, "we");
    assert_non_null(secret);
    fclose(secret);
    read_text("secrets: keys\n", &faults, &file);
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    assert_true(settings_secret_path(settings_of(file), "las", path, sizeof path));
    assert_string_equal(path, name);
    assert_true(settings_secret_path(settings_of(file), "other", path, sizeof path));
    assert_string_equal(path, "/etc/concernd/keys/other");
    assert_false(settings_secret_path(settings_of(file), "../las", path, sizeof path));
    assert_false(settings_secret_path(settings_of(file), "", path, sizeof path));
    assert_false(settings_secret_path(settings_of(file), "other", path, 8));
    remove(name);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_shipped_file_works_as_it_is, forget_systemd),
        cmocka_unit_test_setup(the_shipped_comments_are_the_table, forget_systemd),
        cmocka_unit_test_setup(settings_are_read, forget_systemd),
        cmocka_unit_test_setup(every_fault_is_told_at_its_place, forget_systemd),
        cmocka_unit_test_setup(systemd_goes_before_the_defaults_alone, forget_systemd),
        cmocka_unit_test_setup(secrets_are_found_in_credentials_first, forget_systemd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
