/* preview_load.c - finds the texts and procedures of a preview. */
#include "concernctl/preview.h"

#include "concernctl/installed.h"
#include "concernctl/subcommand.h"
#include "policy/folder.h"
#include "policy/yaml.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int tell_faults(const struct faults *faults, int answer)
{
    char line[FAULT_LINE_SIZE];

    for (size_t i = 0; i < faults->count; i++) {
        fault_write(&faults->list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    if (answer < 0)
        fprintf(stderr, "concernctl preview: %s\n", strerror(-answer));
    return answer ? EXIT_NO : EXIT_DONE;
}

/* --- the file that is being worded */

static bool is_file(const char *message)
{
    size_t length = strlen(message);

    return strchr(message, '/') || (length > 4 && !strcmp(message + length - 4, ".txt"));
}

/* The name of the folder a file lies in, where that is a language's. */
static void find_language(struct preview *preview, const char *path)
{
    char whole[PATH_MAX];
    const char *slash;

    if (!realpath(path, whole))
        return;
    *strrchr(whole, '/') = '\0';
    slash = strrchr(whole, '/');
    if (slash && strlen(slash) == 3 && strspn(slash + 1, "abcdefghijklmnopqrstuvwxyz") == 2 &&
        strcmp(slash + 1, LANGUAGE_DEFAULT) != 0)
        memcpy(preview->folder, slash + 1, 3);
}

static int check_file(const struct preview *preview)
{
    struct template_text text = { .id = preview->id,
                                  .file = preview->message,
                                  .text = preview->text };
    struct template_fault fault;

    if (template_check(&text, &fault) == TEMPLATE_OK)
        return EXIT_DONE;
    fprintf(stderr, "%s:%u:%u: %s\n", preview->message, fault.line, fault.column, fault.why);
    return EXIT_NO;
}

static int read_file(struct preview *preview)
{
    CLEANUP(arena_close) struct arena *arena = arena_open();
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct yaml_source source = { preview->message, arena, &faults };
    const char *slash = strrchr(preview->message, '/');
    const char *name = slash ? slash + 1 : preview->message;
    size_t length = strlen(name), size = 0;
    char *bytes = NULL;
    int answer = arena ? yaml_read_bytes(&source, &bytes, &size) : -1;

    if (answer == YAML_READ && !yaml_check_text(&source, bytes, size))
        answer = YAML_FAULTY;
    if (answer != YAML_READ)
        return tell_faults(&faults, YAML_FAULTY);
    if (length <= 4 || strcmp(name + length - 4, ".txt") != 0) {
        fprintf(stderr, "%s: no text of a notification (a file that ends in .txt)\n",
                preview->message);
        return EXIT_NO;
    }
    snprintf(preview->id, sizeof preview->id, "%.*s", (int)(length - 4), name);
    find_language(preview, preview->message);
    preview->text = strdup(bytes);
    return preview->text ? check_file(preview) : EXIT_NO;
}

/* --- texts */

/* The file stands where the text of its name in its language stood, or comes to them. */
static void put_file(struct preview *preview)
{
    const char *language = preview->folder[0] ? preview->folder : NULL;
    struct template_text text = {
        .id = preview->id, .file = preview->message, .text = preview->text, .language = language
    };
    size_t place = 0;

    for (; place < preview->templates.count; place++) {
        const char *its = preview->list[place].language;

        if (!strcmp(preview->list[place].id, preview->id) &&
            !strcmp(its ? its : "", language ? language : ""))
            break;
    }
    preview->list[place] = text;
    if (place == preview->templates.count)
        preview->templates.count++;
}

static int load_texts(struct preview *preview, const struct settings *settings)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    char installed[PATH_MAX];
    const char *folders[] = { settings->templates, installed };
    int answer;

    snprintf(installed, sizeof installed, "%s/templates", settings->data);
    answer = templates_read(folders, COUNT_OF(folders), &faults, &preview->read);
    if (answer != TEMPLATES_OK)
        return tell_faults(&faults, answer);
    preview->templates = *templates_of(preview->read);
    memcpy(preview->list, preview->templates.list,
           preview->templates.count * sizeof *preview->list);
    preview->templates.list = preview->list;
    if (preview->text)
        put_file(preview);
    return EXIT_DONE;
}

static int check_language(const struct preview *preview)
{
    if (!preview->language || templates_speak(&preview->templates, preview->language))
        return EXIT_DONE;
    fprintf(stderr, "concernctl preview: no texts in %s (there are en", preview->language);
    for (size_t i = 0; i < preview->templates.words_count; i++)
        if (preview->templates.words[i].language)
            fprintf(stderr, ", %s", preview->templates.words[i].language);
    fputs(")\n", stderr);
    return EXIT_NO;
}

/* --- procedures */

static int load_procedure(struct preview *preview, const struct settings *as_read, const char *path)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    struct settings settings = *as_read;
    struct policy **policy = &preview->policies[preview->procedure_count];
    char calendars[PATH_MAX];
    int answer;

    if (installed_sibling_calendars(path, calendars))
        settings.calendars = calendars;
    answer = policy_load_alone(&settings, path, NULL, &faults, policy);
    if (answer != POLICY_OK)
        return tell_faults(&faults, answer);
    policy_view(*policy, policy_procedure(*policy, 0)->id,
                &preview->views[preview->procedure_count++]);
    return EXIT_DONE;
}

static int tell_no_procedure(const struct preview *preview, const struct folder_files *files)
{
    const char *names[FOLDER_FILES_MAX], *near;

    for (size_t i = 0; i < files->count; i++)
        names[i] = files->list[i].name;
    near = nearest_word(preview->procedure, names, files->count);
    fprintf(stderr, "concernctl preview: no procedure %s (%s%s)\n", preview->procedure,
            near ? "did you mean " : "an id, or a file that ends in .yaml", near ? near : "");
    return EXIT_NO;
}

static int load_procedures(struct preview *preview, const struct settings *settings)
{
    CLEANUP(arena_close) struct arena *arena = arena_open();
    CLEANUP(faults_close) struct faults faults = { 0 };
    char installed[PATH_MAX];
    const char *folders[] = { settings->procedures, installed };
    struct folder_files files = { 0 };
    int answer = EXIT_DONE;

    if (preview->procedure && strstr(preview->procedure, ".yaml"))
        return load_procedure(preview, settings, preview->procedure);
    snprintf(installed, sizeof installed, "%s/procedures", settings->data);
    if (!arena || folder_list(folders, COUNT_OF(folders), ".yaml", arena, &faults, &files))
        return tell_faults(&faults, 1);
    for (size_t i = 0; i < files.count && answer == EXIT_DONE; i++)
        if (preview->procedure_count < PREVIEW_PROCEDURES_MAX &&
            (!preview->procedure || !strcmp(files.list[i].name, preview->procedure)))
            answer = load_procedure(preview, settings, files.list[i].path);
    if (answer == EXIT_DONE && preview->procedure_count == 0)
        return preview->procedure ? tell_no_procedure(preview, &files)
                                  : (fputs("concernctl preview: no procedure is installed "
                                           "(--procedure FILE)\n",
                                           stderr),
                                     EXIT_NO);
    return answer;
}

int preview_load(struct preview *preview)
{
    static const char usual[] = CONCERN_SYSCONFDIR "/concernd.yaml";
    CLEANUP(faults_close) struct faults faults = { 0 };
    const char *config = preview->config            ? preview->config
                         : access(usual, R_OK) == 0 ? usual
                                                    : NULL;
    struct settings settings;
    int answer = settings_read(config, &faults, &preview->settings);

    if (answer != SETTINGS_OK)
        return tell_faults(&faults, answer);
    settings = *settings_of(preview->settings);
    if (!strcmp(settings.data, CONCERN_DATADIR))
        settings.data = installed_data();
    snprintf(preview->id, sizeof preview->id, "%s", preview->message);
    if (is_file(preview->message) && (answer = read_file(preview)) != EXIT_DONE)
        return answer;
    if (!preview->language && preview->folder[0])
        preview->language = preview->folder;
    if ((answer = load_texts(preview, &settings)) != EXIT_DONE ||
        (answer = check_language(preview)) != EXIT_DONE)
        return answer;
    return load_procedures(preview, &settings);
}

void preview_unload(struct preview *preview)
{
    for (size_t i = 0; i < preview->procedure_count; i++)
        policy_close(&preview->policies[i]);
    templates_close(&preview->read);
    settings_close(&preview->settings);
    free(preview->text);
}

int preview_tell_unknown(const struct preview *preview)
{
    const char *near =
        nearest_id(preview->id, preview->list, preview->templates.count, sizeof *preview->list);

    if (near && !strcmp(near, preview->id))
        fprintf(stderr,
                "concernctl preview: no procedure here says %s (--procedure ID, or name it under "
                "`message` in one)\n",
                preview->id);
    else
        fprintf(stderr, "concernctl preview: there is no message %s (%s%s%s)\n", preview->id,
                near ? "did you mean " : "the name of a text, of a rule, or a file",
                near ? near : "", near ? "?" : "");
    return EXIT_NO;
}
