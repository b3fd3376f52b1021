/* templates.h - the texts of notifications and the words in them, read from folders and checked.
 *
 * One file per template, "<id>.txt" in UTF-8, and the words of the program, "words.yaml": the
 * English ones in a folder itself, those of another language in a folder within it that is named
 * by its two letters ("cy").  What a template may say is core/compose.h's matter, what a word may,
 * core/words.h's; here they are found, and the findings get their file.
 */
#ifndef CONCERN_POLICY_TEMPLATES_H
#define CONCERN_POLICY_TEMPLATES_H

#include "core/compose.h"
#include "policy/faults.h"

struct templates_file;

enum {
    TEMPLATES_MAX = 256, /* of one language */
    LANGUAGES_MAX = 16,
    TEMPLATE_TEXT_MAX = 64 * 1024 /* bytes */
};

enum templates_answer {
    TEMPLATES_OK,
    TEMPLATES_FAULTY, /* told to the faults, all of them */
};

/**
 * Reads every *.txt and words.yaml of `folders` (`count` of them, those that do not exist passed
 * over) and of the languages within them; of two of the same name the earlier folder's is taken,
 * and of words each by itself.  Warns of what a language lacks.
 * TEMPLATES_OK sets `*file`; TEMPLATES_FAULTY; -ENOMEM.
 */
int templates_read(const char *const *folders, size_t count, struct faults *faults,
                   struct templates_file **file);

/** The value; it lives as long as the file. */
const struct templates *templates_of(const struct templates_file *file);

/** Whether there is a template of that id in English, which stands where another language has none.
 */
bool templates_have(const struct templates *templates, const char *id);

/** Whether there are words of that language. */
bool templates_speak(const struct templates *templates, const char *language);

/** Frees it; NULL is fine; sets NULL. */
void templates_close(struct templates_file **file);

#endif
