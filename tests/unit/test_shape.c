/* test_shape.c - every message in every shape: none is read wrongly, in any language. */
#include "core/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/compose_digest.h"
#include "core/compose_examine.h"
#include "fixture.h"
#include "policy/templates.h"

static struct shape shapes[SHAPES_MAX];
static size_t shape_count;
static struct statement statements[STATEMENTS_MAX];
static size_t statement_count;
static struct invention invention;
static struct policy_view view;

static struct faults faults;
static struct templates_file *file;
static const struct templates *shipped;

static int set_up(void **state)
{
    static const char *const folders[] = { CONCERN_SOURCE_DIR "/config/templates" };

    (void)state;
    fixture_make_calendar();
    view = fixture_view();
    shape_count = shapes_cover(shapes);
    statement_count = statements_of(view.procedure, statements);
    assert_int_equal(templates_read(folders, 1, &faults, &file), TEMPLATES_OK);
    shipped = templates_of(file);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    templates_close(&file);
    faults_close(&faults);
    return 0;
}

/* --- what is covered */

static bool come_together(size_t one, size_t way, size_t other, size_t other_way)
{
    for (size_t i = 0; i < shape_count; i++)
        if (shapes[i].of[one] == way && shapes[i].of[other] == other_way)
            return true;
    return false;
}

static void every_two_ways_come_together(void **state)
{
    (void)state;
    assert_in_range(shape_count, 49, 80);
    for (size_t side = 0; side < SHAPE_SIDES; side++)
        assert_int_equal(shapes[0].of[side], 0);
    for (size_t one = 0; one < SHAPE_SIDES; one++)
        for (size_t other = one + 1; other < SHAPE_SIDES; other++)
            for (size_t way = 0; way < shape_ways((enum shape_side)one); way++)
                for (size_t other_way = 0; other_way < shape_ways((enum shape_side)other);
                     other_way++)
                    assert_true(come_together(one, way, other, other_way));
}

static void every_message_is_said(void **state)
{
    bool said[MESSAGE_COUNT] = { false };

    (void)state;
    for (size_t i = 0; i < statement_count; i++)
        said[statements[i].message] = true;
    for (size_t i = 0; i < MESSAGE_COUNT; i++)
        assert_true(said[i]);
}

/* --- what is found */

struct found {
    char file[200];
    unsigned line;
    char why[240];
};

/* The first fault of a message in all shapes, or of every message, each with a third of them;
 * false where there is none. */
static bool look(const struct templates *templates, const char *language, const char *only,
                 struct found *found)
{
    struct shape_source source = { .view = &view, .templates = templates, .language = language };

    for (size_t i = 0; i < statement_count; i++)
        for (size_t j = 0; j < shape_count; j++) {
            struct compose_fault fault;

            if (only ? strcmp(message_id(statements[i].message), only) != 0 : (i + j) % 3 != 0)
                continue;
            assert_true(invent(&source, &statements[i], &shapes[j], &invention));
            if (compose_examine(&invention.composition, &fault) == TEMPLATE_OK)
                continue;
            snprintf(found->file, sizeof found->file, "%s", fault.template->file);
            found->line = fault.line;
            snprintf(found->why, sizeof found->why, "%s", fault.why);
            return true;
        }
    return false;
}

static void the_shipped_texts_are_sound(void **state)
{
    static const char *const languages[] = { NULL, "cy" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        struct found found;

        if (look(shipped, languages[i], NULL, &found))
            fail_msg("%s:%u: %s", found.file, found.line, found.why);
    }
}

/* Letters of a text message, which may have 612. */
#define A_HUNDRED                                                                                  \
    " twenty letters and.. twenty letters and.. twenty letters and.. twenty letters and.. twenty " \
    "letters an"
#define HAPPENED(words) "{{#headline}}Words{{/headline}}\n{{#happened}}\n" words "\n{{/happened}}\n"

static const struct {
    const char *id, *text;
    unsigned line;
    const char *why;
} wrong[] = {
    { "hold", HAPPENED("It is on hold until {{held_until}} ."), 3, "a blank before a mark" },
    { "hold", HAPPENED("Held.\n\n{{held_until}}, it ends."), 5, "a paragraph that begins with" },
    { "hold", HAPPENED("It is held ({{held_until}})."), 3, "an empty bracket" },
    { "hold", HAPPENED("It is held ( {{reference}} )."), 3, "a blank in a bracket" },
    { "hold", HAPPENED("It is held: \"{{held_until}}\" it is."), 3,
      "nothing between quotation marks" },
    { "hold", HAPPENED("It is held,{{held_until}}, and so on."), 3, "two marks beside each other" },
    { "hold", HAPPENED("It is held.{{held_until}}."), 3, "two marks beside each other" },
    { "hold", HAPPENED("It is held }} so."), 3, "a tag left over" },
    { "hold",
      HAPPENED("Held.\n\n"
               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
      5, "a word longer than a line" },
    { "hold", HAPPENED("Held:\n  until  {{held_until}}"), 4, "two blanks in a line that is kept" },
    { "hold", HAPPENED("{{held_until}}"), 2, "says nothing of what happened" },
    { "hold", "{{#happened}}It is held.{{/happened}}\n", 1, "no words for the subject" },
    { "hold",
      "{{#headline}}{{#held}}Held{{/held}}{{/headline}}\n{{#happened}}It is "
      "held.{{/happened}}",
      1, "no words for the subject" },
    { "hold",
      "\n{{#headline}}Words that go on and on and on and on and on and on and on and on and on and "
      "on and on and on and on and on and on and on and on and on and on and on and on and on and "
      "on and on and on.{{/headline}}\n{{#happened}}It is held.{{/happened}}",
      2, "a subject that is too long" },
    { "subject", "{{#urgent}}[{{tag}}] {{headline}}{{/urgent}}\n", 1, "gives an empty text" },
    { "subject", "[{{tag}}] {{headline}} - answer by {{answer_by_brief}} .\n", 1,
      "a blank before a mark" },
    { "mail",
      "{{! The frame. }}\n{{#says}}\n{{happened}}\n{{/says}}\n\nBy {{answer_by}}.\n\n"
      "{{reference}}\n",
      6, "a blank before a mark" },
    { "mail",
      "{{#answer_by}}By {{answer_by}}.{{/answer_by}}\n\n{{#says}}{{to_do}}{{/says}}\n\n"
      "{{reference}}\n",
      1, "leaves out what happened" },
    { "mail",
      "{{#says}}{{happened}}\n\n{{/says}}{{#answer_by}}By {{answer_by}}.{{/answer_by}}\n\n"
      "{{reference}}\n",
      1, "leaves out what is to be done" },
    { "mail",
      "{{#says}}{{happened}}\n\n{{/says}}{{#answer_by}}By {{answer_by}}.{{/answer_by}}\n\n"
      "{{#says}}{{to_do}}{{/says}}\n",
      1, "leaves out the reference" },
    { "mail", "{{#says}}{{happened}}\n\n{{/says}}{{#says}}{{to_do}}{{/says}}\n\n{{reference}}\n", 1,
      "leaves out by when" },
    { "text", "{{headline}} - ref {{reference}} .\n", 1, "a blank before a mark" },
    { "text", "{{reference}}" A_HUNDRED A_HUNDRED A_HUNDRED A_HUNDRED A_HUNDRED A_HUNDRED, 1,
      "the whole text is too long" },
    { "stage_entered", HAPPENED("It began{{#due}}, due {{due}}{{/due}}{{#overdue}}.{{/overdue}}."),
      3, "two marks beside each other" },
    { "rule", HAPPENED("{{rule}} says{{#words}} \"{{words}}\"{{/words}} ."), 3,
      "a blank before a mark" },
};

/* The shipped templates with one of them exchanged. */
static struct templates exchanged(const char *id, const char *text, struct template_text list[])
{
    struct templates templates = *shipped;

    memcpy(list, shipped->list, shipped->count * sizeof *list);
    for (size_t i = 0; i < shipped->count; i++)
        if (!strcmp(list[i].id, id)) {
            list[i].text = text;
            list[i].file = "exchanged.txt";
        }
    templates.list = list;
    return templates;
}

/* A frame is looked at in every message. */
static const char *only_of(const char *id)
{
    return strcmp(id, "mail") != 0 && strcmp(id, "subject") != 0 && strcmp(id, "text") != 0 ? id
                                                                                            : NULL;
}

static void what_is_read_wrongly_is_found_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct template_text list[TEMPLATES_MAX];
        struct templates templates = exchanged(wrong[i].id, wrong[i].text, list);
        struct found found;

        if (!look(&templates, NULL, only_of(wrong[i].id), &found))
            fail_msg("%zu: not found: %s", i, wrong[i].why);
        if (strcmp(found.file, "exchanged.txt") != 0 || found.line != wrong[i].line ||
            !strstr(found.why, wrong[i].why))
            fail_msg("%zu: %s:%u: %s", i, found.file, found.line, found.why);
    }
}

static const struct {
    const char *id, *text;
} right[] = {
    { "hold", HAPPENED("It is held ... so to say, \"quoted\"; and etc., e.g., so: (yes).") },
    { "hold", HAPPENED("It is held.\n\n  12 three\n- An item.\n- Another.") },
    { "hold", HAPPENED("See https://records.example/{{reference}}.") },
};

static void what_is_right_is_not_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(right); i++) {
        struct template_text list[TEMPLATES_MAX];
        struct templates templates = exchanged(right[i].id, right[i].text, list);
        struct found found;

        if (look(&templates, NULL, right[i].id, &found))
            fail_msg("%zu: %s:%u: %s", i, found.file, found.line, found.why);
    }
}

/* --- a third language */

/* Everything outside of tags in letters that no English word has: "Stage {{number}}" becomes
 * "\u0436\u0436\u0436\u0436\u0436 {{number}}". */
static char *mark(const char *text)
{
    char *marked = malloc(2 * strlen(text) + 1), *to = marked;
    const char *end;

    assert_non_null(marked);
    while (*text) {
        if (!strncmp(text, "{{", 2) && (end = strstr(text, "}}"))) {
            memcpy(to, text, (size_t)(end + 2 - text));
            to += end + 2 - text;
            text = end + 2;
        } else if ((*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z')) {
            memcpy(to, "\xd0\xb6", 2);
            to += 2;
            text++;
        } else {
            *to++ = *text++;
        }
    }
    *to = '\0';
    return marked;
}

static void mark_all(const char **words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] = words[i] ? mark(words[i]) : NULL;
}

static void free_all(const char **words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)words[i]);
}

static void for_all_words(struct words *words, void (*call)(const char **, size_t))
{
    call(words->weekdays, 7);
    call(words->weekdays_brief, 7);
    call(words->months, 12);
    call(words->of, WORD_COUNT);
    for (size_t i = 0; i < WORD_UNITS; i++) {
        call(words->units[i].of, WORD_FORMS_MAX);
        call(&words->units[i].other, 1);
    }
}

/* Takes every occurrence of a value out of a text; a title stands for its id, made readable. */
static void take_out(char *text, const char *value)
{
    size_t length = value ? strlen(value) : 0;
    char *at = text;

    if (length < 2)
        return;
    while ((at = strstr(at, value)))
        memmove(at, at + length, strlen(at + length) + 1);
}

static void take_out_title(char *text, const char *title, const char *id)
{
    char readable[ID_MAX + 1];

    take_out(text, title);
    snprintf(readable, sizeof readable, "%s", id);
    for (char *c = readable; *c; c++)
        *c = *c == '_' || *c == '-' ? ' ' : *c;
    readable[0] = (char)(readable[0] >= 'a' && readable[0] <= 'z' ? readable[0] - 32 : readable[0]);
    take_out(text, readable);
}

/* What is not the program's: the procedure's, the directory's, the event's own. */
static void take_out_sentences(char *text)
{
    const struct procedure *procedure = view.procedure;
    char words[PROCEDURE_WORDS_MAX + 1];

    for (size_t i = 0; i < procedure->deadline_count + procedure->rule_count; i++) {
        const char *sentence = i < procedure->deadline_count
                                   ? procedure->deadlines[i].words
                                   : procedure->rules[i - procedure->deadline_count].words;
        size_t length;

        snprintf(words, sizeof words, "%s", sentence ? sentence : "");
        length = strlen(words);
        if (length > 0 && words[length - 1] == '.')
            words[length - 1] = '\0';
        take_out(text, words);
    }
}

static void take_out_values(char *text)
{
    static const char *const others[] = { "https://records.example/7F3K-0192",
                                          "https://board.example/acknowledge/INVENTED",
                                          "7F3K-0192",
                                          "Alex Example",
                                          "D-2027-0042",
                                          "01K0INVENTED" };
    const struct procedure *procedure = view.procedure;

    take_out_sentences(text);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        take_out(text, others[i]);
    for (size_t i = 0; i < COUNT_OF(invention.agencies); i++)
        take_out(text, invention.agencies[i].name);
    take_out(text, procedure->title);
    for (size_t i = 0; i < procedure->role_count; i++)
        take_out_title(text, procedure->roles[i].title, procedure->roles[i].id);
    for (size_t i = 0; i < procedure->deadline_count; i++)
        take_out_title(text, procedure->deadlines[i].title, procedure->deadlines[i].id);
    for (size_t i = 0; i < procedure->rule_count; i++)
        take_out_title(text, procedure->rules[i].id, procedure->rules[i].id);
}

/* In one line, for values are broken where lines end. */
static void flatten(char *text)
{
    char *to = text;

    for (const char *c = text; *c; c++)
        if (*c != '\n' && (*c != ' ' || (to > text && to[-1] != ' ')))
            *to++ = *c;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    *to = '\0';
}

static void assert_no_english(char *text)
{
    char kept[BODY_SIZE];

    flatten(text);
    snprintf(kept, sizeof kept, "%s", text);
    take_out_values(text);
    for (const char *c = text; *c; c++)
        if ((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z'))
            fail_msg("a word of the program's own: \"%.40s\" of\n%s", c, kept);
}

/* A digest is of many, and has shapes of its own. */
static void a_digest_is_looked_over_too(void **state)
{
    struct template_text draft = { .id = "digest",
                                   .file = "digest.txt",
                                   .text = "{{#subject}}News{{/subject}}\n"
                                           "{{#opening}}News{{#parts}} ,{{/parts}}{{/opening}}\n"
                                           "{{#brief}}News{{/brief}}\n" };
    struct templates templates = *shipped;
    struct compose_fault fault;

    (void)state;
    assert_int_equal(compose_digest_examine(shipped, NULL, &fault), TEMPLATE_OK);
    assert_int_equal(compose_digest_examine(shipped, "cy", &fault), TEMPLATE_OK);
    templates.list = &draft;
    templates.count = 1;
    assert_int_equal(compose_digest_examine(&templates, NULL, &fault), TEMPLATE_FAULT);
    assert_ptr_equal(fault.template, &draft);
    assert_int_equal(fault.line, 2);
    draft.text = "{{#subject}}{{#parts}}News{{/parts}}{{/subject}}\n"
                 "{{#opening}}News{{/opening}}\n{{#brief}}News{{/brief}}\n";
    assert_int_equal(compose_digest_examine(&templates, NULL, &fault), TEMPLATE_FAULT);
    assert_non_null(strstr(fault.why, "empty"));
}

static void a_third_language_needs_no_code(void **state)
{
    struct template_text list[TEMPLATES_MAX];
    struct words words = *templates_words(shipped, NULL);
    struct templates third = { .list = list, .words = &words, .words_count = 1 };
    struct shape_source source = { .view = &view, .templates = &third, .language = "xx" };
    char subject[SUBJECT_SIZE], body[BODY_SIZE], entry[ENTRY_SIZE];

    (void)state;
    for (size_t i = 0; i < shipped->count; i++)
        if (!shipped->list[i].language) {
            list[third.count] = shipped->list[i];
            list[third.count].language = "xx";
            list[third.count++].text = mark(shipped->list[i].text);
        }
    words.language = "xx";
    for_all_words(&words, mark_all);
    for (size_t i = 0; i < statement_count; i++)
        for (size_t j = i % 3; j < shape_count; j += 3) {
            assert_true(invent(&source, &statements[i], &shapes[j], &invention));
            compose_subject(&invention.composition, subject);
            assert_int_equal(compose_body(&invention.composition, body, sizeof body), TEMPLATE_OK);
            assert_int_equal(compose_calendar_entry(&invention.composition, 0, entry), TEMPLATE_OK);
            assert_string_equal(compose_language(&invention.composition), "xx");
            assert_no_english(body);
            assert_no_english(entry);
            if (strlen(subject) < SUBJECT_SIZE - 3)
                assert_no_english(subject);
        }
    for_all_words(&words, free_all);
    for (size_t i = 0; i < third.count; i++)
        free((char *)list[i].text);
}

static void a_role_is_chosen_and_an_unknown_one_refused(void **state)
{
    struct shape_source source = { .view = &view, .templates = shipped, .role = "board_team" };

    (void)state;
    assert_true(invent(&source, &statements[0], &shapes[0], &invention));
    assert_int_equal(invention.notification.roles[0].role, ROLE_TEAM);
    assert_int_equal(invention.notification.roles[0].party, PARTY_BOARD);
    source.role = "nobody";
    assert_false(invent(&source, &statements[0], &shapes[0], &invention));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_two_ways_come_together),
        cmocka_unit_test(every_message_is_said),
        cmocka_unit_test(the_shipped_texts_are_sound),
        cmocka_unit_test(what_is_read_wrongly_is_found_with_its_line),
        cmocka_unit_test(what_is_right_is_not_found),
        cmocka_unit_test(a_digest_is_looked_over_too),
        cmocka_unit_test(a_third_language_needs_no_code),
        cmocka_unit_test(a_role_is_chosen_and_an_unknown_one_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
