/* policy_text_names.c - what lies among a board's own texts and is sent to nobody. */
#include "policy/policy_loaded.h"

#include "policy/words_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { STEM_SIZE = 65 };

/* The ids that a text can have: what is always said, and what the procedures name. */
struct known {
    const char **ids;
    size_t count;
};

static int gather(const struct policy *policy, struct known *known)
{
    size_t most = 0;

    while (template_required(most))
        most++;
    for (size_t i = 0; i < policy->version_count; i++) {
        const struct procedure *procedure = procedure_of(policy->versions[i].file);

        most += procedure->deadline_count + 2 * procedure->rule_count;
    }
    known->ids = arena_take(policy->arena, most * sizeof *known->ids);
    if (!known->ids)
        return -ENOMEM;
    while (template_required(known->count)) {
        known->ids[known->count] = template_required(known->count);
        known->count++;
    }
    for (size_t i = 0; i < policy->version_count; i++) {
        const struct procedure *procedure = procedure_of(policy->versions[i].file);

        for (size_t d = 0; d < procedure->deadline_count; d++)
            known->ids[known->count++] = procedure->deadlines[d].message;
        for (size_t r = 0; r < procedure->rule_count; r++) {
            known->ids[known->count++] = procedure->rules[r].message;
            known->ids[known->count++] = procedure->rules[r].id;
        }
    }
    return 0;
}

static bool is_known(const struct known *known, const char *id)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->ids[i] && !strcmp(known->ids[i], id))
            return true;
    return false;
}

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);

    return length >= tail && !strcmp(name + length - tail, ending);
}

/* Notes beside the texts, and what editors and package managers leave. */
static bool may_lie_there(const char *name)
{
    static const char *const endings[] = { ".md",       "~",          ".bak",
                                           ".orig",     ".dpkg-dist", ".dpkg-new",
                                           ".dpkg-old", ".rpmnew",    ".rpmsave" };

    if (!strncmp(name, "README", strlen("README")) || !strcmp(name, WORDS_FILE))
        return true;
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (ends_in(name, endings[i]))
            return true;
    return false;
}

/* What stands before the first dot: of "hold.htm" and "hold.txt.txt" it is "hold". */
static void stem_of(const char *name, char stem[STEM_SIZE])
{
    (void)snprintf(stem, STEM_SIZE, "%.*s", (int)strcspn(name, "."), name);
}

static void tell_other(const struct known *known, const struct folder_file *found,
                       struct faults *faults)
{
    char stem[STEM_SIZE];
    const char *nearest;

    stem_of(found->name, stem);
    nearest = nearest_word(stem, known->ids, known->count);
    if (!strcmp(stem, "words"))
        faults_warn(faults, found->path, 0, 0, "is not read (did you mean `" WORDS_FILE "`?)");
    else if (nearest)
        faults_warn(faults, found->path, 0, 0, "is not read (did you mean `%s.txt`?)", nearest);
    else
        faults_warn(faults, found->path, 0, 0,
                    "is not read (texts are ID.txt; notes beside them README or NAME.md)");
}

static void tell_unnamed(const struct known *known, const struct folder_file *found, const char *id,
                         struct faults *faults)
{
    const char *nearest = nearest_word(id, known->ids, known->count);

    if (nearest)
        faults_warn(faults, found->path, 0, 0,
                    "there is no message `%s`, so nobody is sent it (did you mean `%s.txt`?)", id,
                    nearest);
    else
        faults_warn(faults, found->path, 0, 0,
                    "there is no message `%s`, so nobody is sent it (name it under `message` in a "
                    "procedure; one that is only in an older version may stay)",
                    id);
}

static void look_at(const struct known *known, const struct folder_file *found, bool in_language,
                    struct faults *faults)
{
    char id[STEM_SIZE];
    struct stat status;

    if (stat(found->path, &status) == 0 && S_ISDIR(status.st_mode)) {
        if (in_language) /* of others it is told where the languages are found */
            faults_warn(faults, found->path, 0, 0,
                        "is not read (a language's folder lies beside the English texts)");
        return;
    }
    if (!ends_in(found->name, ".txt") && may_lie_there(found->name))
        return;
    if (!ends_in(found->name, ".txt") || strlen(found->name) >= STEM_SIZE) {
        tell_other(known, found, faults);
        return;
    }
    (void)snprintf(id, sizeof id, "%.*s", (int)(strlen(found->name) - strlen(".txt")), found->name);
    if (!is_known(known, id))
        tell_unnamed(known, found, id, faults);
}

/* 0, 1 where it cannot be read, or -ENOMEM. */
static int look_in(const struct policy *policy, const struct known *known, const char *folder,
                   bool in_language, struct faults *faults)
{
    struct folder_files found = { 0 };
    int answer = folder_list(&folder, 1, "", policy->arena, faults, &found);

    for (size_t i = 0; answer == 0 && i < found.count; i++)
        look_at(known, &found.list[i], in_language, faults);
    return answer;
}

int policy_check_text_names(const struct policy *policy, const char *folder, struct faults *faults)
{
    struct known known = { 0 };
    struct folder_files languages = { 0 };
    int answer = gather(policy, &known);

    if (answer == 0)
        answer = look_in(policy, &known, folder, false, faults);
    if (answer == 0)
        answer = folder_list_folders(folder, policy->arena, faults, &languages);
    for (size_t i = 0; answer == 0 && i < languages.count; i++)
        if (templates_speak(policy_templates(policy), languages.list[i].name))
            answer = look_in(policy, &known, languages.list[i].path, true, faults);
    if (answer > 0)
        return POLICY_FAULTY;
    return answer;
}
