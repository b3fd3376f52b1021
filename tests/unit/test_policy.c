/* test_policy.c - everything is loaded together, checked together, and refused together. */
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A folder of our own with a space in its name, as a person may have. */
struct home {
    char folder[64];
};

static void write_file(const struct home *home, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", home->folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(const struct home *home, const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", home->folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static const char directory_text[] =
    "agencies:\n"
    "  northtown-housing:\n"
    "    name: Northtown Housing\n"
    "    kind: statutory\n"
    "    roles:\n"
    "      line_manager: {holder: j.brown}\n"
    "      head_of_service: {holder: j.brown}\n"
    "      strategic_head: {holder: j.brown}\n"
    "boards:\n"
    "  plcsab:\n"
    "    name: Northtown SAB\n"
    "    procedures: [plcsab-adults]\n"
    "    references: [\"D-####-####\"]\n"
    "    roles:\n"
    "      board_team: {holder: unit}\n"
    "people:\n"
    "  j.brown: {name: J Brown, routes: [\"email:j.brown@housing.northtown.example\"]}\n"
    "  unit: {name: Unit, routes: [\"email:unit@plcsab.example\"]}\n"
    "operator: [\"email:ops@northtown.example\"]\n";

static int open_place(void **state)
{
    struct home *home = calloc(1, sizeof *home);
    char settings[512];

    assert_non_null(home);
    snprintf(home->folder, sizeof home->folder, "/tmp/concern policy XXXXXX");
    assert_non_null(mkdtemp(home->folder));
    make_folder(home, "procedures");
    make_folder(home, "templates");
    snprintf(settings, sizeof settings, "data: \"%s/config\"\n", CONCERN_SOURCE_DIR);
    write_file(home, "concernd.yaml", settings);
    write_file(home, "directory.yaml", directory_text);
    *state = home;
    return 0;
}

static int close_place(void **state)
{
    static const char *const files[] = { "procedures/plcsab-adults.yaml",
                                         "procedures/other.yaml",
                                         "templates/stage_entered.txt",
                                         "templates/own_message.txt",
                                         "templates/cy",
                                         "templates",
                                         "procedures",
                                         "directory.yaml",
                                         "concernd.yaml" };
    struct home *home = *state;
    char path[256];

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", home->folder, files[i]);
        (void)remove(path);
    }
    assert_int_equal(rmdir(home->folder), 0);
    free(home);
    return 0;
}

static int load(const struct home *home, struct faults *faults, struct policy **policy)
{
    CLEANUP(settings_close) struct settings_file *settings = NULL;
    char path[256];

    snprintf(path, sizeof path, "%s/concernd.yaml", home->folder);
    assert_int_equal(settings_read(path, faults, &settings), SETTINGS_OK);
    return policy_load(settings_of(settings), faults, policy);
}

static bool is_told(const struct faults *faults, const char *part)
{
    char line[FAULT_LINE_SIZE];
    bool told = false;

    for (size_t i = 0; i < faults->count; i++) {
        fault_write(&faults->list[i], line);
        told = told || strstr(line, part);
    }
    for (size_t i = 0; !told && i < faults->count; i++) {
        fault_write(&faults->list[i], line);
        print_message("    %s\n", line);
    }
    return told;
}

static void the_shipped_files_load_together(void **state)
{
    static const char *const ids[] = { "lscb-children", "plcsab-adults", "rochdale-adults",
                                       "somerset-adults", "worcestershire-annex-c" };
    CLEANUP(policy_close) struct policy *policy = NULL;
    struct faults faults = { 0 };
    struct policy_view view;

    assert_int_equal(load(*state, &faults, &policy), POLICY_OK);
    assert_int_equal(faults.errors, 0);
    assert_int_equal(faults.warnings, 0);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        assert_string_equal(policy_procedure(policy, i)->id, ids[i]);
        assert_int_equal(policy_view(policy, ids[i], &view), POLICY_OK);
        assert_ptr_equal(view.procedure, policy_procedure(policy, i));
        assert_string_equal(view.time.calendar->id, "england-and-wales");
        assert_string_equal(view.time.zone->name, "Europe/London");
        assert_int_equal(view.time.opens_s, 9 * 3600);
        assert_int_equal(view.time.closes_s, 17 * 3600);
    }
    assert_null(policy_procedure(policy, COUNT_OF(ids)));
    assert_int_equal(policy_view(policy, "nobodys", &view), POLICY_UNKNOWN);
    assert_string_equal(policy_board_of(policy, "plcsab-adults")->id, "plcsab");
    assert_null(policy_board_of(policy, "lscb-children"));
    assert_non_null(policy_calendar(policy, "scotland"));
    faults_close(&faults);
}

static const char small_procedure[] = "procedure: plcsab-adults\n"
                                      "version: \"2\"\n"
                                      "title: A smaller one (invented)\n"
                                      "calendar: scotland\n"
                                      "roles: [{role: line_manager}]\n"
                                      "stages: [{id: only, handlers: [line_manager]}]\n";

static void an_own_file_wins_over_the_installed_one(void **state)
{
    CLEANUP(policy_close) struct policy *policy = NULL;
    struct faults faults = { 0 };
    struct policy_view view;

    write_file(*state, "procedures/plcsab-adults.yaml", small_procedure);
    assert_int_equal(load(*state, &faults, &policy), POLICY_OK);
    assert_int_equal(policy_view(policy, "plcsab-adults", &view), POLICY_OK);
    assert_string_equal(view.procedure->version, "2");
    assert_string_equal(view.time.calendar->id, "scotland");
    faults_close(&faults);
}

static void an_old_version_is_remembered_by_its_hash(void **state)
{
    CLEANUP(policy_close) struct policy *policy = NULL;
    CLEANUP(policy_close) struct policy *later = NULL;
    const struct procedure *old;
    struct faults faults = { 0 };
    struct policy_view view;
    const char *text;
    size_t length;

    assert_int_equal(load(*state, &faults, &policy), POLICY_OK);
    old = policy_procedure(policy, 1);
    text = policy_text_of_hash(policy, old->hash, &length);
    assert_non_null(text);
    write_file(*state, "procedures/plcsab-adults.yaml", small_procedure);
    assert_int_equal(load(*state, &faults, &later), POLICY_OK);
    assert_null(policy_procedure_by_hash(later, old->hash));
    assert_int_equal(policy_view_of_hash(later, old->hash, &view), POLICY_UNKNOWN);
    for (int twice = 0; twice < 2; twice++)
        assert_int_equal(policy_remember(later, "plcsab-adults 1", text, length, &faults),
                         POLICY_OK);
    assert_int_equal(policy_view_of_hash(later, old->hash, &view), POLICY_OK);
    assert_int_equal(view.procedure->stage_count, 3);
    assert_string_equal(view.time.calendar->id, "england-and-wales");
    assert_int_equal(policy_view(later, "plcsab-adults", &view), POLICY_OK);
    assert_int_equal(view.procedure->stage_count, 1); /* the one in force is the new one */
    assert_null(policy_procedure(later, 5));
    faults_close(&faults);
}

static const struct {
    const char *name;
    const char *file;
    const char *text;
    const char *told;
} wrong[] = {
    { "a calendar there is not", "procedures/other.yaml",
      "procedure: other\nversion: \"1\"\ntitle: T\ncalendar: england-and-whales\n"
      "roles: [{role: line_manager}]\nstages: [{id: only, handlers: [line_manager]}]\n",
      "other.yaml:4:11: " },
    { "a time zone there is not", "procedures/other.yaml",
      "procedure: other\nversion: \"1\"\ntitle: T\ncalendar: scotland\ntime_zone: Europe/Londres\n"
      "roles: [{role: line_manager}]\nstages: [{id: only, handlers: [line_manager]}]\n",
      "other.yaml:5:12: " },
    { "a message there is not", "procedures/other.yaml",
      "procedure: other\nversion: \"1\"\ntitle: T\ncalendar: scotland\n"
      "roles: [{role: line_manager}]\n"
      "stages: [{id: only, handlers: [line_manager], message: stage_enterd}]\n",
      "other.yaml:6:56: there is no message `stage_enterd` (did you mean `stage_entered`?)" },
    { "a procedure twice", "procedures/other.yaml",
      "procedure: plcsab-adults\nversion: \"1\"\ntitle: T\ncalendar: scotland\n"
      "roles: [{role: line_manager}]\nstages: [{id: only, handlers: [line_manager]}]\n",
      "the procedure `plcsab-adults` is in " },
    { "a word of the notation that is none", "procedures/other.yaml",
      "procedure: other\nversion: \"1\"\ntitle: T\ncalendar: scotland\nskipping: markd\n"
      "roles: [{role: line_manager}]\nstages: [{id: only, handlers: [line_manager]}]\n",
      "other.yaml:5:11: " },
    { "a template that cannot be filled", "templates/stage_entered.txt", "{{no_such_field}}\n",
      "stage_entered.txt:1:" },
    { "a board with a procedure there is not", "directory.yaml",
      "agencies: {}\nboards:\n  plcsab: {name: B, procedures: [plcsab-adult], roles: {}}\n"
      "people: {}\noperator: [\"email:ops@northtown.example\"]\n",
      "directory.yaml:3:3: `plcsab` has the procedure `plcsab-adult`, which there is not (did you "
      "mean `plcsab-adults`?)" },
};

static void every_part_can_refuse_the_whole(void **state)
{
    struct home *home = *state;

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        CLEANUP(policy_close) struct policy *policy = NULL;
        struct faults faults = { 0 };
        char path[256];

        print_message("  %s\n", wrong[i].name);
        write_file(home, wrong[i].file, wrong[i].text);
        assert_int_equal(load(home, &faults, &policy), POLICY_FAULTY);
        assert_null(policy);
        assert_true(is_told(&faults, wrong[i].told));
        snprintf(path, sizeof path, "%s/%s", home->folder, wrong[i].file);
        assert_int_equal(remove(path), 0);
        write_file(home, "directory.yaml", directory_text);
        faults_close(&faults);
    }
}

static void roles_nobody_fills_are_warned_of(void **state)
{
    static const char text[] =
        "agencies:\n"
        "  northtown-housing:\n"
        "    name: Northtown Housing\n"
        "    kind: statutory\n"
        "    roles:\n"
        "      line_manger: {holder: j.brown}\n"
        "      head_of_service: {holder: j.brown}\n"
        "boards:\n"
        "  plcsab: {name: Northtown SAB, procedures: [plcsab-adults], roles: {},\n"
        "    references: [\"#+\"]}\n"
        "people:\n"
        "  j.brown: {name: J Brown, routes: [\"email:j.brown@housing.northtown.example\"]}\n"
        "operator: [\"email:ops@northtown.example\"]\n";
    CLEANUP(policy_close) struct policy *policy = NULL;
    struct faults faults = { 0 };

    write_file(*state, "directory.yaml", text);
    assert_int_equal(load(*state, &faults, &policy), POLICY_OK);
    assert_int_equal(faults.errors, 0);
    assert_true(is_told(&faults, "directory.yaml:9:3: warning: nobody holds `board_team`"));
    assert_true(is_told(&faults, "directory.yaml:2:3: warning: nobody holds `line_manager`"));
    assert_true(is_told(&faults, "directory.yaml:2:3: warning: nobody holds `strategic_head`"));
    assert_true(is_told(&faults, "directory.yaml:2:3: warning: `northtown-housing` has the role "
                                 "`line_manger`, which no procedure has (did you mean "
                                 "`line_manager`?)"));
    assert_int_equal(faults.warnings, 4);
    faults_close(&faults);
}

static void references_that_nobody_has_described_are_warned_of(void **state)
{
    static const char text[] =
        "agencies:\n"
        "  housing: {name: H, kind: statutory, roles: {}, references: [\"D-#\"]}\n"
        "  asc: {name: A, kind: statutory, roles: {}}\n"
        "  health: {name: N, kind: statutory, roles: {},\n"
        "    references: [\"@@@@@#\", \"##########\", \"####-##-##\"]}\n"
        "boards:\n"
        "  sab: {name: S, procedures: [plcsab-adults], roles: {}, references: [\"????????\"]}\n"
        "  scp: {name: S, procedures: [rochdale-adults], roles: {}}\n"
        "people: {}\n"
        "operator: [\"email:ops@northtown.example\"]\n";
    static const char *const told[] = {
        "directory.yaml:3:3: warning: nobody has said what references of `asc` look like",
        "directory.yaml:4:3: warning: `health` has references of the form @@@@@#, which has room "
        "for a name",
        "directory.yaml:4:3: warning: `health` has references of the form ##########, which has "
        "room for an NHS number",
        "directory.yaml:4:3: warning: `health` has references of the form ####-##-##, which has "
        "room for a date",
        "directory.yaml:7:3: warning: `sab` has references of the form ????????, which has room "
        "for a name",
    };
    CLEANUP(policy_close) struct policy *policy = NULL;
    struct faults faults = { 0 };

    write_file(*state, "directory.yaml", text);
    assert_int_equal(load(*state, &faults, &policy), POLICY_OK);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (!is_told(&faults, told[i]))
            fail_msg("not told: %s", told[i]);
    assert_false(is_told(&faults, "references of `housing`"));
    faults_close(&faults);
}

static void a_procedure_in_which_no_agency_takes_part_is_warned_of(void **state)
{
    static const char text[] =
        "agencies:\n"
        "  northtown-housing:\n"
        "    name: Northtown Housing\n"
        "    kind: statutory\n"
        "    roles:\n"
        "      head_of_hut: {holder: j.brown}\n"
        "boards:\n"
        "  plcsab: {name: Northtown SAB, procedures: [plcsab-adults], roles: {board_team: {holder: "
        "j.brown}}}\n"
        "people:\n"
        "  j.brown: {name: J Brown, routes: [\"email:j.brown@housing.northtown.example\"]}\n"
        "operator: [\"email:ops@northtown.example\"]\n";
    CLEANUP(policy_close) struct policy *policy = NULL;
    struct faults faults = { 0 };

    write_file(*state, "directory.yaml", text);
    assert_int_equal(load(*state, &faults, &policy), POLICY_OK);
    assert_int_equal(faults.errors, 0);
    assert_true(is_told(&faults, "directory.yaml:8:3: warning: nobody holds `line_manager` of any "
                                 "agency, which plcsab-adults of `plcsab` tells"));
    assert_true(is_told(&faults, "directory.yaml:8:3: warning: nobody holds `strategic_head` of "
                                 "any agency"));
    assert_false(is_told(&faults, "`practitioner`"));
    faults_close(&faults);
}

static const char invented_text[] = "{{#headline}}Invented{{/headline}}\n"
                                    "{{#happened}}An invented text.{{/happened}}\n";

/* `file` among the templates, and what is told of it, if anything. */
static const struct {
    const char *file, *told;
} beside[] = {
    { "holdd.txt", "there is no message `holdd`, so nobody is sent it (did you mean `hold.txt`?)" },
    { "HOLD.txt", "there is no message `HOLD`, so nobody is sent it (did you mean `hold.txt`?)" },
    { "our_own_thing.txt", "there is no message `our_own_thing`, so nobody is sent it (name it "
                           "under `message` in a procedure; " },
    { "hold.htm", "is not read (did you mean `hold.txt`?)" },
    { "hold.TXT", "is not read (did you mean `hold.txt`?)" },
    { "reminder", "is not read (did you mean `reminder.txt`?)" },
    { "words.yml", "is not read (did you mean `words.yaml`?)" },
    { "minutes.doc", "is not read (texts are ID.txt; notes beside them README or NAME.md)" },
    { "README.txt", "there is no message `README`, so nobody is sent it" },
    { "cy/resolvd.txt", "there is no message `resolvd`, so nobody is sent it (did you mean "
                        "`resolved.txt`?)" },
    { "cy/mail.html", "is not read (did you mean `mail.txt`?)" },

    { "hold.txt", NULL },
    { "cy/hold.txt", NULL },
    { "chase.txt", NULL },
    { "own_rule.txt", NULL }, /* as the procedure below has it */
    { "README", NULL },
    { "README.en", NULL },
    { "how we word it.md", NULL },
    { "hold.txt~", NULL },
    { "hold.txt.bak", NULL },
    { "hold.txt.dpkg-old", NULL },
    { ".hold.txt.swp", NULL },
};

static void a_text_that_nobody_is_sent_is_warned_of(void **state)
{
    struct home *home = *state;

    make_folder(home, "templates/cy");
    write_file(home, "procedures/other.yaml",
               "procedure: other\nversion: \"1\"\ntitle: T\ncalendar: scotland\n"
               "roles: [{role: line_manager}]\n"
               "stages: [{id: only, handlers: [line_manager], message: own_message}]\n"
               "rules: [{id: own_rule, when: [urgent], tell: [line_manager]}]\n");
    write_file(home, "templates/own_message.txt", invented_text);
    for (size_t i = 0; i < COUNT_OF(beside); i++) {
        CLEANUP(policy_close) struct policy *policy = NULL;
        struct faults faults = { 0 };
        char name[128], told[300];

        snprintf(name, sizeof name, "templates/%s", beside[i].file);
        write_file(home, name, invented_text);
        assert_int_equal(load(home, &faults, &policy), POLICY_OK);
        snprintf(told, sizeof told, "%s/%s: warning: %s", home->folder, name,
                 beside[i].told ? beside[i].told : "");
        if (is_told(&faults, told) != !!beside[i].told)
            fail_msg("%s", beside[i].file);
        for (size_t j = 0; j < faults.count; j++)
            assert_null(strstr(faults.list[j].file, "own_message"));
        faults_close(&faults);
        snprintf(told, sizeof told, "%s/%s", home->folder, name);
        assert_int_equal(remove(told), 0);
    }
}

static void nothing_at_all_is_told(void **state)
{
    CLEANUP(policy_close) struct policy *policy = NULL;
    struct faults faults = { 0 };

    write_file(*state, "concernd.yaml", "data: nowhere\n");
    assert_int_equal(load(*state, &faults, &policy), POLICY_FAULTY);
    assert_true(is_told(&faults, "no procedure here nor in "));
    faults_close(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_shipped_files_load_together, open_place, close_place),
        cmocka_unit_test_setup_teardown(an_own_file_wins_over_the_installed_one, open_place,
                                        close_place),
        cmocka_unit_test_setup_teardown(an_old_version_is_remembered_by_its_hash, open_place,
                                        close_place),
        cmocka_unit_test_setup_teardown(every_part_can_refuse_the_whole, open_place, close_place),
        cmocka_unit_test_setup_teardown(roles_nobody_fills_are_warned_of, open_place, close_place),
        cmocka_unit_test_setup_teardown(references_that_nobody_has_described_are_warned_of,
                                        open_place, close_place),
        cmocka_unit_test_setup_teardown(a_procedure_in_which_no_agency_takes_part_is_warned_of,
                                        open_place, close_place),
        cmocka_unit_test_setup_teardown(a_text_that_nobody_is_sent_is_warned_of, open_place,
                                        close_place),
        cmocka_unit_test_setup_teardown(nothing_at_all_is_told, open_place, close_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
