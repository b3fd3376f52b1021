/* test_templates.c - texts of several languages, from several folders. */
#include "policy/templates.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SHIPPED CONCERN_SOURCE_DIR "/config/templates"

static char own[] = "/tmp/concern templates XXXXXX";

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    return remove(path);
}

static int open_folder(void **state)
{
    (void)state;
    memcpy(own + strlen(own) - 6, "XXXXXX", 6);
    assert_non_null(mkdtemp(own));
    return 0;
}

static int close_folder(void **state)
{
    (void)state;
    return nftw(own, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void make_folder(const char *name)
{
    char path[200];

    snprintf(path, sizeof path, "%s/%s", own, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void write_file(const char *name, const char *text)
{
    char path[200];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", own, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

struct read {
    struct templates_file *file;
    struct faults faults;
    int answer;
};

static struct read read_folders(void)
{
    const char *folders[] = { own, SHIPPED };
    struct read read = { .file = NULL };

    read.answer = templates_read(folders, COUNT_OF(folders), &read.faults, &read.file);
    return read;
}

static void end(struct read *read)
{
    templates_close(&read->file);
    faults_close(&read->faults);
}

static const char *text_of(const struct read *read, const char *language, const char *id)
{
    const struct template_text *text = templates_find(templates_of(read->file), language, id);

    assert_non_null(text);
    return text->text;
}

static void assert_told(const struct read *read, const char *words)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < read->faults.count; i++) {
        fault_write(&read->faults.list[i], line);
        if (strstr(line, words))
            return;
    }
    fail_msg("not told: %s (of %zu)", words, read->faults.count);
}

static void what_is_shipped_is_whole_in_both_languages(void **state)
{
    struct read read = read_folders();

    (void)state;
    assert_int_equal(read.answer, TEMPLATES_OK);
    assert_int_equal(read.faults.count, 0);
    assert_true(templates_speak(templates_of(read.file), "en"));
    assert_true(templates_speak(templates_of(read.file), "cy"));
    assert_false(templates_speak(templates_of(read.file), "fr"));
    for (size_t i = 0; template_required(i); i++) {
        assert_true(templates_have(templates_of(read.file), template_required(i)));
        assert_string_not_equal(text_of(&read, "cy", template_required(i)),
                                text_of(&read, NULL, template_required(i)));
    }
    end(&read);
}

static void own_texts_and_words_go_first_in_their_language(void **state)
{
    struct read read;

    (void)state;
    make_folder("cy");
    write_file("resolved.txt", "{{#happened}}Ours.{{/happened}}\n");
    write_file("cy/resolved.txt", "{{#happened}}Ein geiriau.{{/happened}}\n");
    write_file("cy/words.yaml", "side_board: ein bwrdd\n");
    read = read_folders();
    assert_int_equal(read.answer, TEMPLATES_OK);
    assert_non_null(strstr(text_of(&read, "en", "resolved"), "Ours."));
    assert_non_null(strstr(text_of(&read, "cy", "resolved"), "Ein geiriau."));
    assert_non_null(strstr(text_of(&read, "cy", "withdrawn"), "tynnu"));
    assert_string_equal(templates_words(templates_of(read.file), "cy")->of[WORD_SIDE_BOARD],
                        "ein bwrdd");
    assert_string_equal(templates_words(templates_of(read.file), "cy")->of[WORD_STAGE_ITSELF],
                        "Cam");
    assert_string_equal(templates_words(templates_of(read.file), "en")->of[WORD_SIDE_BOARD],
                        "board");
    /* A language that nobody has worded is English. */
    assert_non_null(strstr(text_of(&read, "fr", "resolved"), "Ours."));
    assert_string_equal(templates_words(templates_of(read.file), "fr")->of[WORD_SIDE_BOARD],
                        "board");
    end(&read);
}

static void what_a_language_lacks_is_told_and_english_stands(void **state)
{
    struct read read;

    (void)state;
    write_file("own_rule.txt", "{{#happened}}A rule of ours.{{/happened}}\n");
    read = read_folders();
    assert_int_equal(read.answer, TEMPLATES_OK);
    assert_int_equal(read.faults.warnings, 1);
    assert_told(&read, "/cy: warning: `own_rule.txt` is missing");
    assert_non_null(strstr(text_of(&read, "cy", "own_rule"), "A rule of ours."));
    end(&read);
}

static void a_language_without_words_is_refused(void **state)
{
    struct read read;

    (void)state;
    make_folder("fr");
    write_file("fr/mail.txt", "{{#says}}{{happened}}{{/says}}\n");
    read = read_folders();
    assert_int_equal(read.answer, TEMPLATES_FAULTY);
    assert_told(&read, "/fr/words.yaml: `weekdays` is missing (weekdays: [Monday, ");
    end(&read);
}

static void a_faulty_text_of_another_language_is_told_with_its_place(void **state)
{
    struct read read;

    (void)state;
    make_folder("cy");
    write_file("cy/hold.txt", "{{#happened}}\n{{pwy}}{{/happened}}\n");
    write_file("cy/words.yaml", "tag_action: ''\n");
    read = read_folders();
    assert_int_equal(read.answer, TEMPLATES_FAULTY);
    assert_told(&read, "/cy/hold.txt:2:1: no field \"pwy\" here");
    assert_told(&read, "/cy/words.yaml:1:");
    end(&read);
}

/* Some editors begin a file with a byte order mark. */
static void a_mark_at_the_beginning_is_no_word(void **state)
{
    const struct template_text *text;
    struct read read;

    (void)state;
    write_file("hold.txt", "\xef\xbb\xbf{{#happened}}Held.{{/happened}}\n");
    read = read_folders();
    assert_int_equal(read.answer, TEMPLATES_OK);
    text = templates_find(templates_of(read.file), "en", "hold");
    assert_string_equal(text->text, "{{#happened}}Held.{{/happened}}\n");
    end(&read);
}

static void words_outside_of_the_parts_are_told_with_their_place(void **state)
{
    static const struct {
        const char *text, *told;
    } rows[] = {
        { "Hold it.\n{{#happened}}Held.{{/happened}}\n", "/hold.txt:1:1: words outside of" },
        { "{{#happened}}Held.{{/happened}}\n\n  Hold it.\n", "/hold.txt:3:3: words outside of" },
        { "{{#happened}}Held.{{/happened}}\n{{reference}}\n", "/hold.txt:2:1: words outside of" },
        { "{{#held}}\n{{#happened}}Held.{{/happened}}\nMore.{{/held}}\n",
          "/hold.txt:3:1: words outside of {{#headline}}, {{#happened}} and {{#to_do}} (put them" },
        { "{{^happened}}None.{{/happened}}\n", "/hold.txt:1:14: words outside of" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct read read;

        write_file("hold.txt", rows[i].text);
        read = read_folders();
        assert_int_equal(read.answer, TEMPLATES_FAULTY);
        assert_told(&read, rows[i].told);
        end(&read);
    }
}

static void folders_of_no_language_are_told(void **state)
{
    struct read read;

    (void)state;
    make_folder("en");
    make_folder("welsh");
    make_folder(".git");
    read = read_folders();
    assert_int_equal(read.answer, TEMPLATES_OK);
    assert_int_equal(read.faults.warnings, 2);
    assert_told(&read, "/en: warning: is not read (the English texts stand in the folder above)");
    assert_told(&read, "/welsh: warning: is not read (a language's folder is named by its two");
    end(&read);
}

static void sixteen_languages_and_no_more(void **state)
{
    struct read read;
    char name[] = "a?";

    (void)state;
    for (char letter = 'a'; letter < 'a' + LANGUAGES_MAX; letter++) {
        name[1] = letter;
        make_folder(name);
    }
    read = read_folders();
    assert_int_equal(read.answer, TEMPLATES_FAULTY);
    assert_told(&read, "is one language too many (at most 16)");
    end(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_shipped_is_whole_in_both_languages, open_folder,
                                        close_folder),
        cmocka_unit_test_setup_teardown(own_texts_and_words_go_first_in_their_language, open_folder,
                                        close_folder),
        cmocka_unit_test_setup_teardown(what_a_language_lacks_is_told_and_english_stands,
                                        open_folder, close_folder),
        cmocka_unit_test_setup_teardown(a_language_without_words_is_refused, open_folder,
                                        close_folder),
        cmocka_unit_test_setup_teardown(a_faulty_text_of_another_language_is_told_with_its_place,
                                        open_folder, close_folder),
        cmocka_unit_test_setup_teardown(a_mark_at_the_beginning_is_no_word, open_folder,
                                        close_folder),
        cmocka_unit_test_setup_teardown(words_outside_of_the_parts_are_told_with_their_place,
                                        open_folder, close_folder),
        cmocka_unit_test_setup_teardown(folders_of_no_language_are_told, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(sixteen_languages_and_no_more, open_folder, close_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
