/* test_directory_read.c - people, agencies, boards, routes; every fault at its place. */
#include "policy/directory_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/zone.h"

/* A sound directory (invented) in lines, one of which each row below replaces. */
static const char *const sound[] = {
    "agencies:",                                              /* 1 */
    "  housing:",                                             /* 2 */
    "    name: Northtown Housing",                            /* 3 */
    "    kind: statutory",                                    /* 4 */
    "    domains: [housing.northtown.example]",               /* 5 */
    "    roles:",                                             /* 6 */
    "      line_manager: {holder: j.brown, deputy: k.singh}", /* 7 */
    "    systems: [las]",                                     /* 8 */
    "boards:",                                                /* 9 */
    "  plcsab: {name: Northtown SAB, procedures: [plcsab-adults], roles: {}, systems: [las]}", /* 10
                                                                                                */
    "people:",                                                                        /* 11 */
    "  j.brown:",                                                                     /* 12 */
    "    name: J Brown",                                                              /* 13 */
    "    routes: [\"email:j.brown@housing.northtown.example\", \"webhook:las\"]",     /* 14 */
    "    out_of_hours: [\"email:duty@housing.northtown.example\"]",                   /* 15 */
    "    away: {until: 2027-01-04}",                                                  /* 16 */
    "  k.singh: {name: K Singh, shareable: yes, routes: [\"email:k@a.example\"]}",    /* 17 */
    "endpoints:",                                                                     /* 18 */
    "  las: {kind: webhook, url: \"https://las.northtown.example/in\", secret: las}", /* 19 */
    "operator: [\"email:ops@northtown.example\"]",                                    /* 20 */
    "# end",                                                                          /* 21 */
};

#define TEMPLATE "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"

static int read_sound(size_t line, const char *instead, struct faults *faults,
                      struct directory_file **file)
{
    char text[16384];
    size_t used = 0;

    for (size_t i = 0; i < COUNT_OF(sound); i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n",
                                 i + 1 == line ? instead : sound[i]);
    return directory_read_text("d.yaml", text, used, faults, file);
}

static void a_directory_is_read(void **state)
{
    CLEANUP(directory_close) struct directory_file *file = NULL;
    const struct directory *directory;
    const struct endpoint_setting *endpoints;
    const struct agency *housing;
    const struct person *brown, *singh;
    struct faults faults = { 0 };
    unsigned line, column;
    size_t count;

    (void)state;
    assert_int_equal(read_sound(0, NULL, &faults, &file), DIRECTORY_OK);
    assert_int_equal(faults.count, 0);
    directory = directory_of(file);
    housing = directory_agency(directory, "housing");
    brown = directory_person(directory, "j.brown");
    singh = directory_person(directory, "k.singh");
    assert_string_equal(housing->kind, "statutory");
    assert_true(directory_owns_address(housing, "someone@HOUSING.northtown.example"));
    assert_ptr_equal(directory_holding(housing, "line_manager")->holder, brown);
    assert_ptr_equal(directory_holding(housing, "line_manager")->deputy, singh);
    assert_null(directory_holding(housing, "head_of_service"));
    assert_string_equal(housing->systems[0], "las");
    assert_string_equal(directory_board_of(directory, "plcsab-adults")->id, "plcsab");
    assert_null(directory_board(directory, "plcsab")->kind);
    assert_int_equal(directory_board(directory, "plcsab")->system_count, 1);
    assert_string_equal(directory_board(directory, "plcsab")->systems[0], "las");
    assert_int_equal(brown->route_count, 2);
    assert_int_equal(brown->routes[0].kind, ROUTE_EMAIL);
    assert_string_equal(brown->routes[0].to, "j.brown@housing.northtown.example");
    assert_int_equal(brown->routes[1].kind, ROUTE_WEBHOOK);
    assert_string_equal(brown->routes[1].to, "las");
    assert_int_equal(brown->out_of_hours_count, 1);
    assert_false(brown->shareable);
    assert_true(brown->is_away);
    assert_int_equal(brown->away_until.day, date_of(2027, 1, 4).day);
    assert_true(singh->shareable);
    assert_false(singh->is_away);
    assert_string_equal(singh->language, "en");
    assert_int_equal(singh->out_of_hours_count, 0);
    assert_int_equal(directory->operator_route_count, 1);
    endpoints = directory_endpoints(file, &count);
    assert_int_equal(count, 1);
    assert_string_equal(endpoints[0].url, "https://las.northtown.example/in");
    assert_null(endpoints[0].ca);
    directory_place_of_agency(file, "housing", &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 3);
    directory_place_of_board(file, "plcsab", &line, &column);
    assert_int_equal(line, 10);
    directory_place_of_board(file, "nobody", &line, &column);
    assert_int_equal(line, 0);
}

/* What an agency states goes before what its board does, each for itself. */
static void references_are_the_agencys_or_its_boards(void **state)
{
    static const char text[] =
        "agencies:\n"
        "  housing: {name: H, kind: statutory, roles: {}, references: [\"H-#\", \"#+\"],\n"
        "    links: [\"http://las.northtown.example/case?id=\", \"https://h.example/#/r/\"]}\n"
        "  asc: {name: A, kind: statutory, roles: {}}\n"
        "  health: {name: N, kind: statutory, roles: {}, references: [\"N-#\"]}\n"
        "boards:\n"
        "  sab: {name: S, procedures: [p], roles: {}, references: [\"S-#\"], links:\n"
        "    [\"https://s.example/\"], categories: [threshold, information-sharing]}\n"
        "  scp: {name: S, procedures: [p], roles: {}}\n"
        "people: {}\n"
        "operator: [\"email:ops@northtown.example\"]\n";
    static const struct {
        const char *agency, *board, *form, *link;
    } wanted[] = {
        { "housing", "sab", "H-#", "http://las.northtown.example/case?id=" },
        { "asc", "sab", "S-#", "https://s.example/" },
        { "health", "sab", "N-#", "https://s.example/" },
        { "health", "scp", "N-#", NULL },
        { "asc", "scp", NULL, NULL },
        { "nobody", "sab", "S-#", "https://s.example/" },
        { "", "", NULL, NULL },
    };
    CLEANUP(directory_close) struct directory_file *file = NULL;
    struct faults faults = { 0 };
    const struct directory *directory;

    (void)state;
    assert_int_equal(directory_read_text("d.yaml", text, strlen(text), &faults, &file),
                     DIRECTORY_OK);
    directory = directory_of(file);
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        struct reference_rules rules =
            directory_references(directory, wanted[i].agency, wanted[i].board);

        assert_int_equal(rules.form_count > 0, wanted[i].form != NULL);
        assert_int_equal(rules.link_count > 0, wanted[i].link != NULL);
        if (wanted[i].form)
            assert_string_equal(rules.forms[0], wanted[i].form);
        if (wanted[i].link)
            assert_string_equal(rules.links[0], wanted[i].link);
    }
    assert_true(directory_lists_category(directory, "sab", "threshold"));
    assert_false(directory_lists_category(directory, "sab", "thresholds"));
    assert_false(directory_lists_category(directory, "scp", "threshold"));
}

/* `at` is the word at which the fault stands: its column is looked up in the line. */
static const struct {
    size_t line;
    const char *instead;
    const char *at;
    const char *fault;
} rows[] = {
    { 4, "    kind: statuary", "statuary", "`kind` is \"statuary\" (did you mean statutory?)" },
    { 5, "    domains: [northtown]", "northtown",
      "\"northtown\" is no domain (housing.northtown.example)" },
    { 5, "    domain: [northtown.example]", "domain",
      "unknown key `domain` (did you mean "
      "`domains`?)" },
    { 7, "      line_manager: {holder: j.bron}", "j.bron",
      "unknown person `j.bron` (did you mean `j.brown`?)" },
    { 7, "      line_manager: {deputy: somebody_else}", "somebody_else",
      "unknown person `somebody_else` (write it under `people`)" },
    { 7, "      line_manager: {holder: j.brown, deputy: j.brown}", "j.brown}",
      "`j.brown` stands in for itself (another person)" },
    { 7, "      line_manager: {}", "{}",
      "nobody holds `line_manager` (`holder: PERSON`, or leave the role out)" },
    { 7, "      line manager: {holder: j.brown}", "line manager",
      "\"line manager\" is no id (1 to 64 letters A-Z a-z, digits and . _ : / -)" },
    { 7, "      line_manager: j.brown", "j.brown", "a text where a map of keys is expected" },
    { 8, "    systems: [lsa]", "lsa", "unknown endpoint `lsa` (did you mean `las`?)" },
    { 10, "  plcsab: {name: B, roles: {}}", "{name", "`procedures` is missing" },
    { 10, "  plcsab: {name: B, kind: vcf, procedures: [p], roles: {}}", "kind",
      "unknown key `kind` (there are: name, procedures, roles, systems, references, links, "
      "categories)" },
    { 8, "    references: [\"D-2026\"]", "\"D-2026",
      "\"D-2026\" is no form of references (a place for a digit in it: # ? % {uuid} or {ulid})" },
    { 8, "    references: [\"D-####\", \"+#\"]", "\"+#\"",
      "\"+#\" is no form of references (\"+\" stands behind one of # @ ? % (#+: one or more "
      "digits))" },
    { 8, "    links: [\"https://las.northtown.example/r\"]", "\"https",
      "\"https://las.northtown.example/r\" is not what links begin with (https://HOST/PATH/ or "
      "https://HOST/PATH?NAME=, without %, to 220 characters; the reference follows)" },
    { 8, "    links: [\"https://las.northtown.example/%41/\"]", "\"https",
      "\"https://las.northtown.example/%41/\" is not what links begin with (https://HOST/PATH/ or "
      "https://HOST/PATH?NAME=, without %, to 220 characters; the reference follows)" },
    { 8, "    categories: [threshold]", "categories",
      "unknown key `categories` (there are: name, kind, domains, roles, systems, acknowledge, "
      "references, links)" },
    { 10, "  plcsab: {name: B, procedures: [p], roles: {}, categories: [a b]}", "a b",
      "\"a b\" is no category (1 to 64 letters A-Z a-z, digits and . _ : / -, as events have it)" },
    { 10, "  plcsab: {name: B, procedures: [p], roles: {}, systems: [lsa]}", "lsa",
      "unknown endpoint `lsa` (did you mean `las`?)" },
    { 14, "    routes: []", "[]", "`routes` is empty (at least 1)" },
    { 14, "    routes: [\"e-mail:a@b.example\"]", "\"e-mail",
      "unknown kind of route `e-mail` (did you mean email)" },
    { 14, "    routes: [\"fax:0123\"]", "\"fax",
      "unknown kind of route `fax` (email, webhook, teams, "
      "notify-email or notify-text)" },
    { 14, "    routes: [\"notify-text:+447700900123\"]", "\"notify-text",
      "no endpoint of kind govuk-notify has a `text_template` (write one under `endpoints`)" },
    { 14, "    routes: [\"notify-email:a@b.example\"]", "\"notify-email",
      "no endpoint of kind govuk-notify has an `email_template` (write one under `endpoints`)" },
    { 14, "    routes: [\"teams:las\"]", "\"teams", "endpoint `las` is of another kind (teams)" },
    { 14, "    routes: [\"webhook:nowhere-at-all\"]", "\"webhook",
      "unknown endpoint `nowhere-at-all` (write it under `endpoints`)" },
    { 14, "    routes: [j.brown]", "j.brown",
      "j.brown is no route (email:ADDRESS, webhook:ENDPOINT, teams:ENDPOINT, "
      "notify-email:ADDRESS or notify-text:NUMBER)" },
    { 14, "    routes: [\"email:j.brown\"]", "\"email",
      "\"j.brown\" is no mail address (an address has one @)" },
    { 14, "    routes: [\"email:a@b@c.example\"]", "\"email",
      "\"a@b@c.example\" is no mail address (an address has one @)" },
    { 14, "    routes: [\"email:a..b@c.example\"]", "\"email",
      "\"a..b@c.example\" is no mail address (two dots in a row before the @)" },
    { 14, "    routes: [\"email:a b@c.example\"]", "\"email",
      "\"a b@c.example\" is no mail address (a space, a bracket or a letter that cannot be seen "
      "before the @)" },
    { 14,
      "    routes: [\"email:a\xe2\x80\x8b"
      "b@c.example\"]",
      "\"email",
      "\"a\xe2\x80\x8b"
      "b@c.example\" is no mail address (a space, a bracket or a letter that cannot be seen "
      "before the @)" },
    { 14, "    routes: [\"email:a@m\xc3\xbcnchen\"]", "\"email",
      "\"a@xn--mnchen-3ya\" is no mail address (the domain is none, such as "
      "housing.northtown.example)" },
    { 14, "    routes: [\"email:a@c.example> RCPT TO:<b\"]", "\"email",
      "\"a@c.example> RCPT TO:<b\" is no mail address (the domain is none, such as "
      "housing.northtown.example)" },
    { 15, "    language: eng", "eng", "`language` is too long, 3 bytes (at most 2)" },
    { 15, "    ordinary: weekly", "weekly",
      "`ordinary` is \"weekly\" (at once, or a time of day: daily 09:00)" },
    { 15, "    ordinary: daily", "daily",
      "`ordinary` is \"daily\" (at once, or a time of day: daily 09:00)" },
    { 15, "    ordinary: daily 9:00", "daily",
      "`ordinary` is \"daily 9:00\" (at once, or a time of day: daily 09:00)" },
    { 15, "    ordinary: daily 24:00", "daily",
      "`ordinary` is \"daily 24:00\" (at once, or a time of day: daily 09:00)" },
    { 15, "    ordinary: daily 09:60", "daily",
      "`ordinary` is \"daily 09:60\" (at once, or a time of day: daily 09:00)" },
    { 15, "    ordinary: daily 09-00", "daily",
      "`ordinary` is \"daily 09-00\" (at once, or a time of day: daily 09:00)" },
    { 15, "    shareable: maybe", "maybe", "`shareable` is \"maybe\" (yes or no)" },
    { 16, "    away: {until: 2027-02-29}", "2027", "\"2027-02-29\" is no date (2027-01-04)" },
    { 16, "    away: {till: 2027-02-28}", "{till", "`until` is missing" },
    { 17, "  j.brown: {name: K Singh, routes: [\"email:k@a.example\"]}", "j.brown",
      "`j.brown` is written twice (first in line 12)" },
    { 18, "endpoints:\n  t: {kind: teams, url: \"https://a.example/\", secret: t}", "\"https",
      "the address of a Teams workflow is a secret itself (put it into the file that `secret` "
      "names, and leave `url` out)" },
    { 18, "endpoints:\n  n: {kind: govuk-notify, secret: n}", "{kind",
      "GOV.UK Notify without a template (`email_template`, `text_template` or both: the ids that "
      "Notify shows)" },
    { 18, "endpoints:\n  n: {kind: govuk-notify, secret: n, text_template: 9d751e0e}", "9d751e0e",
      "\"9d751e0e\" is no id of a template (36 characters, as Notify shows it)" },
    { 18,
      "endpoints:\n"
      "  n: {kind: govuk-notify, secret: n, text_template: " TEMPLATE "}\n"
      "  m: {kind: govuk-notify, secret: n, text_template: " TEMPLATE "}",
      "{kind", "a second endpoint of GOV.UK Notify (one serves all routes)" },
    { 18, "endpoints:\n  t: {kind: teams, secret: t, text_template: " TEMPLATE "}", "{kind",
      "only GOV.UK Notify has templates of its own" },
    { 18, "endpoints:\n  t: {kind: teams, secret: t, previous_secret: old}", "old",
      "only a webhook is signed, and so has a previous secret" },
    { 18, "endpoints:\n  t: {kind: teams, secret: t, certificate: own.crt}", "{kind",
      "`certificate` and `key` go together (a file, and the name of the secret that is its key)" },
    { 18, "endpoints:\n  t: {kind: teams, secret: t, key: own}", "{kind",
      "`certificate` and `key` go together (a file, and the name of the secret that is its key)" },
    { 18, "endpoints:\n  t: {kind: teams, secret: t, certificate: own.crt, key: .own}", ".own",
      "\".own\" is no name of a secret (a file's name, no path)" },
    { 18, "endpoints:\n  w: {kind: webhook, secret: w}", "{kind",
      "a webhook without `url` (https://HOST/…)" },
    { 8, "    systems: [las, t]", "t]", "unknown endpoint `t` (write it under `endpoints`)" },
    { 19, "  las: {kind: email, url: \"https://a.example/\", secret: las}", "email",
      "unknown kind of endpoint `email` (webhook, teams or govuk-notify)" },
    { 19, "  las: {kind: webhook, url: \"http://a.example/\", secret: las}", "\"http",
      "\"http://a.example/\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://u:p@a.example/\", secret: las}", "\"http",
      "\"https://u:p@a.example/\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://a.example:99999/\", secret: las}", "\"http",
      "\"https://a.example:99999/\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://a.example:0/\", secret: las}", "\"http",
      "\"https://a.example:0/\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://a.example:/\", secret: las}", "\"http",
      "\"https://a.example:/\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://[::1/x\", secret: las}", "\"http",
      "\"https://[::1/x\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://[::g]/x\", secret: las}", "\"http",
      "\"https://[::g]/x\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://a%2fb/x\", secret: las}", "\"http",
      "\"https://a%2fb/x\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://?x\", secret: las}", "\"http",
      "\"https://?x\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://a.example/ b\", secret: las}", "\"http",
      "\"https://a.example/ b\" cannot be posted to (https://HOST[:PORT]/…, no user in it)" },
    { 19, "  las: {kind: webhook, url: \"https://a.example/\", secret: ../las}", "../las",
      "\"../las\" is no name of a secret (a file's name, no path)" },
    { 19, "  las: {kind: webhook, url: \"https://a.example/\", secret: las, allow: [10.1.2.3/8]}",
      "10.1",
      "\"10.1.2.3/8\" is no range of addresses (127.0.0.0/8, with no bit set behind the "
      "prefix)" },
    { 19,
      "  las: {kind: webhook, url: \"https://a.example/\", secret: las, allow: [\"fd00::1/64\"]}",
      "\"fd00",
      "\"fd00::1/64\" is no range of addresses (127.0.0.0/8, with no bit set behind the "
      "prefix)" },
    { 19, "  las: {kind: webhook, url: \"https://a.example/\"}", "{kind", "`secret` is missing" },
    { 19, "  las: {kind: webhook, url: \"https://a.example/\", secret: las, allow: [127.0.0.1]}",
      "127",
      "\"127.0.0.1\" is no range of addresses (127.0.0.0/8, with no bit set behind the "
      "prefix)" },
    { 19,
      "  las: {kind: webhook, url: \"https://a.example/\", secret: las, allow: [\"127.0.0.0/33\"]}",
      "\"127",
      "\"127.0.0.0/33\" is no range of addresses (127.0.0.0/8, with no bit set behind the "
      "prefix)" },
    { 20, "operator: []", "[]", "`operator` is empty (at least 1)" },
    { 20, "# no operator", NULL, "`operator` is missing" },
    { 21, "operators: []", "operators", "unknown key `operators` (did you mean `operator`?)" },
};

static void every_kind_of_route_is_read(void **state)
{
    static const struct route wanted[] = { { ROUTE_TEAMS, "t" },
                                           { ROUTE_NOTIFY_EMAIL, "a@b.example" },
                                           { ROUTE_NOTIFY_TEXT, "+447700900123" } };
    static const char text[] =
        "agencies: {a: {name: A, kind: statutory, domains: [a.example], roles: {}}}\n"
        "boards: {b: {name: B, procedures: [p], roles: {}}}\n"
        "people:\n"
        "  x: {name: X, routes: [\"teams:t\", \"notify-email:a@b.example\", "
        "\"notify-text:+447700900123\"]}\n"
        "endpoints:\n"
        "  t: {kind: teams, secret: t}\n"
        "  w: {kind: webhook, url: \"https://w.example/\", secret: new, previous_secret: old}\n"
        "  n: {kind: govuk-notify, secret: n, email_template: " TEMPLATE
        ", text_template: " TEMPLATE "}\n"
        "operator: [\"email:o@b.example\"]\n";
    CLEANUP(directory_close) struct directory_file *file = NULL;
    const struct endpoint_setting *endpoints;
    const struct directory *directory;
    struct faults faults = { 0 };
    size_t count;

    (void)state;
    assert_int_equal(directory_read_text("d.yaml", text, strlen(text), &faults, &file),
                     DIRECTORY_OK);
    faults_close(&faults);
    directory = directory_of(file);
    assert_int_equal(directory->people[0].route_count, COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_int_equal(directory->people[0].routes[i].kind, wanted[i].kind);
        assert_string_equal(directory->people[0].routes[i].to, wanted[i].to);
    }
    assert_string_equal(directory->notify_email_template, TEMPLATE);
    assert_string_equal(directory->notify_text_template, TEMPLATE);
    endpoints = directory_endpoints(file, &count);
    assert_int_equal(count, 3);
    assert_int_equal(endpoints[0].kind, ENDPOINT_TEAMS);
    assert_null(endpoints[0].url);
    assert_string_equal(endpoints[1].previous_secret, "old");
    assert_int_equal(endpoints[2].kind, ENDPOINT_GOVUK_NOTIFY);
    assert_string_equal(endpoints[2].url, "https://api.notifications.service.gov.uk");
}

static bool row_holds(size_t i)
{
    CLEANUP(directory_close) struct directory_file *file = NULL;
    struct faults faults = { 0 };
    char line[FAULT_LINE_SIZE] = "nothing", wanted[FAULT_LINE_SIZE];
    const char *at = rows[i].at ? strstr(rows[i].instead, rows[i].at) : NULL;
    int answer = read_sound(rows[i].line, rows[i].instead, &faults, &file);
    const char *begin = rows[i].instead; /* of the line that `at` stands in */
    size_t number = rows[i].line;

    /* The last occurrence is meant where a word stands twice. */
    for (const char *next = at; next; next = strstr(next + 1, rows[i].at))
        at = next;
    for (const char *before = rows[i].instead; at && before < at; before++)
        if (*before == '\n') {
            number++;
            begin = before + 1;
        }
    snprintf(wanted, sizeof wanted, "d.yaml:%zu:%zu: %s", at ? number : 1,
             at ? (size_t)(at - begin) + 1 : 1, rows[i].fault);
    if (faults.count)
        fault_write(&faults.list[0], line);
    faults_close(&faults);
    if (answer == DIRECTORY_FAULTY && !strcmp(line, wanted))
        return true;
    print_message("  %s\n    told   %s\n    wanted %s\n", rows[i].instead, line, wanted);
    return false;
}

static void every_fault_is_told_at_its_place(void **state)
{
    bool fine = true;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        fine = row_holds(i) && fine;
    assert_true(fine);
}

/* As many as the dispatcher takes, and no more: the reader says so, not a reload. */
static void endpoints_have_a_most(void **state)
{
    static char text[(ENDPOINTS_MAX + 2) * 80];
    char line[FAULT_LINE_SIZE];

    (void)state;
    for (size_t count = ENDPOINTS_MAX; count <= ENDPOINTS_MAX + 1; count++) {
        CLEANUP(directory_close) struct directory_file *file = NULL;
        struct faults faults = { 0 };
        size_t length = (size_t)snprintf(text, sizeof text,
                                         "operator: [\"email:o@b.example\"]\nagencies: {}\n"
                                         "boards: {}\npeople: {}\nendpoints:\n");

        for (size_t i = 0; i < count; i++)
            length += (size_t)snprintf(text + length, sizeof text - length,
                                       "  e%zu: {kind: webhook, url: \"https://a.example/\", "
                                       "secret: s}\n",
                                       i);
        assert_int_equal(directory_read_text("d.yaml", text, length, &faults, &file),
                         count > ENDPOINTS_MAX ? DIRECTORY_FAULTY : DIRECTORY_OK);
        if (count > ENDPOINTS_MAX) {
            fault_write(&faults.list[0], line);
            assert_string_equal(line,
                                "d.yaml:262:3: `endpoints` holds too much, 257 (at most 256)");
        }
        faults_close(&faults);
    }
}

static const struct {
    const char *address;
    bool is_sound;
} addresses[] = {
    { "a@b.example", true },
    { "first.last+tag@sub.b-c.example", true },
    { "o'neil@b.example", true },
    { "", false },
    { "@b.example", false },
    { "a@", false },
    { "a@b", false },
    { ".a@b.example", false },
    { "a.@b.example", false },
    { "a@-b.example", false },
    { "a@b-.example", false },
    { "a@b..example", false },
    { "a@.b.example", false },
    { "a@b.example.", false },
    { "a@[127.0.0.1]", false },
    { "\"a b\"@b.example", false },
    { "a\r\n@b.example", false },
    { "a@b.example\r\nBcc: c@d.example", false },
    { "<a@b.example>", false },
    { "a,c@b.example", false },
    { "\xc3\xa9@b.example", true },
    { "\xe9@b.example", false },
    { "a\xc2\x85@b.example", false },
    { "a\xe2\x80\xa8@b.example", false },
    { "a@\xc3\xa9.example", false },
};

static void addresses_are_narrow(void **state)
{
    char long_local[80], why[ADDRESS_FAULT_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        print_message("  %s\n", addresses[i].address);
        assert_int_equal(!mail_address_fault(addresses[i].address, why), addresses[i].is_sound);
    }
    memset(long_local, 'a', 65);
    snprintf(long_local + 65, sizeof long_local - 65, "@b.example");
    assert_non_null(mail_address_fault(long_local, why));
    assert_null(mail_address_fault(long_local + 1, why));
}

static void the_example_can_be_used(void **state)
{
    CLEANUP(directory_close) struct directory_file *file = NULL;
    struct faults faults = { 0 };

    (void)state;
    assert_int_equal(
        directory_read(CONCERN_SOURCE_DIR "/config/directory.example.yaml", &faults, &file),
        DIRECTORY_OK);
    assert_int_equal(faults.count, 0);
    assert_int_equal(directory_of(file)->agency_count, 2);
}

static void addresses_are_kept_as_they_are_sent(void **state)
{
    static const struct {
        const char *written, *sent;
    } forms[] = {
        { "a@b.example", "a@b.example" },
        { "nobody", "nobody" },
        { "si\xc3\xa2n@gofal.example", "si\xc3\xa2n@gofal.example" },
        { "sia\xcc\x82n@gofal.example", "si\xc3\xa2n@gofal.example" }, /* a, and a circumflex */
        { "a@m\xc3\xbcnchen.example", "a@xn--mnchen-3ya.example" },
        { "a@M\xc3\x9cnchen.example", "a@xn--mnchen-3ya.example" },
        { "a@mu\xcc\x88nchen.example", "a@xn--mnchen-3ya.example" },
        { "\xc3\xa9@stra\xc3\x9f"
          "e.example",
          "\xc3\xa9@xn--strae-oqa.example" },
        { "a@\xe2\x80\x8b.example", "a@.example" },     /* what cannot be seen is no letter */
        { "a@\xcc\x82.example", "a@\xcc\x82.example" }, /* no such name */
        { "a@\xff.example", "a@\xff.example" },
    };
    struct arena *arena = arena_open();
    char why[ADDRESS_FAULT_SIZE];

    (void)state;
    assert_non_null(arena);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        print_message("  %s\n", forms[i].written);
        assert_string_equal(mail_address_as_sent(arena, forms[i].written), forms[i].sent);
    }
    assert_null(mail_address_fault("si\xc3\xa2n@gofal.example", why));
    assert_non_null(mail_address_fault("a@m\xc3\xbcnchen.example", why));
    assert_non_null(mail_sender_fault("si\xc3\xa2n@gofal.example"));
    assert_string_equal(mail_domain_as_sent(arena, "gofal.cymr\xc5\xb7.example"),
                        "gofal.xn--cymr-o9a.example");
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_is_read),
        cmocka_unit_test(references_are_the_agencys_or_its_boards),
        cmocka_unit_test(every_kind_of_route_is_read),
        cmocka_unit_test(every_fault_is_told_at_its_place),
        cmocka_unit_test(endpoints_have_a_most),
        cmocka_unit_test(addresses_are_narrow),
        cmocka_unit_test(addresses_are_kept_as_they_are_sent),
        cmocka_unit_test(the_example_can_be_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
