/* preview.c - concernctl preview: a notification as it will read, from files, with invented data.
 */
#include "concernctl/preview.h"

#include "concernctl/subcommand.h"
#include "core/compose_acknowledge.h"
#include "core/compose_digest.h"
#include "core/compose_examine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char preview_usage[] =
    "MESSAGE or FILE [OPTION…]\n"
    "\n"
    "Shows a notification as it will read, made of the files with invented agencies, people and\n"
    "times.  Nobody is reached, and no daemon is needed.  A MESSAGE is the name of a text\n"
    "(stage_entered), a rule's id or a name under `message` in a procedure; a FILE is a text\n"
    "that is being worded (cy/hold.txt), which stands in for the one of its name.\n"
    "\n"
    "  --procedure ID or FILE  whose stages, roles and sentences (default: the first\n"
    "                        installed one that says the message)\n"
    "  --role ROLE           who reads it (default: whoever is to act)\n"
    "  --language LANGUAGE   the reader's: cy (default: en, or that of FILE's folder)\n"
    "  --route ROUTE         email (default), notify-text, teams, webhook: what goes that way\n"
    "  --html FILE           write the page that a mail carries beside its text\n"
    "  --reference REFERENCE the disagreement's (default: an invented one)\n"
    "  --all                 in every shape: overdue, on hold, for a stand-in, …; each\n"
    "                        text once\n"
    "  --config FILE         settings that say where texts and procedures are\n"
    "                        (" CONCERN_SYSCONFDIR "/concernd.yaml where that is there)\n";

static const char *const routes[] = { "email", "notify-text", "teams", "webhook" };

static int read_options(int argc, char **argv, struct preview *preview)
{
    static const struct option options[] = {
        { "procedure", required_argument, NULL, 'p' },
        { "role", required_argument, NULL, 'r' },
        { "language", required_argument, NULL, 'l' },
        { "route", required_argument, NULL, 'o' },
        { "html", required_argument, NULL, 'h' },
        { "reference", required_argument, NULL, 'f' },
        { "config", required_argument, NULL, 'c' },
        { "all", no_argument, NULL, 'a' },
        { NULL, 0, NULL, 0 },
    };
    struct {
        int option;
        const char **word;
    } rows[] = {
        { 'p', &preview->procedure }, { 'r', &preview->role }, { 'l', &preview->language },
        { 'o', &preview->route },     { 'h', &preview->html }, { 'f', &preview->reference },
        { 'c', &preview->config },
    };
    int option;

    while ((option = usage_next_option(argc, argv, options)) != -1) {
        if (option == '?')
            return EXIT_USAGE;
        preview->all = preview->all || option == 'a';
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            if (rows[i].option == option)
                *rows[i].word = optarg;
    }
    if (optind + 1 != argc)
        return usage_wrong(argv[0], optind == argc
                                        ? "a message is missing (stage_entered, or a file)"
                                        : "one message at a time");
    preview->message = argv[optind];
    return EXIT_DONE;
}

static int check_options(const struct preview *preview)
{
    const char *near;

    for (size_t i = 0; preview->route && i < COUNT_OF(routes); i++)
        if (!strcmp(routes[i], preview->route))
            return EXIT_DONE;
    if (!preview->route && preview->html && preview->all)
        return usage_wrong("preview", "--html or --all, one at a time");
    if (!preview->route)
        return EXIT_DONE;
    near = nearest_word(preview->route, routes, COUNT_OF(routes));
    return usage_wrong("preview", "--route: \"%s\" is no route (%s%s)", preview->route,
                       near ? "did you mean " : "email, notify-text, teams, webhook",
                       near ? near : "");
}

/* --- what is shown */

/* What a message of a procedure is called: its text's name, its rule's, or a name of its own. */
static bool is_called(const struct procedure *procedure, const struct statement *statement,
                      const char *name)
{
    const struct rule *rule = statement->rule >= 0 ? &procedure->rules[statement->rule] : NULL;
    const struct deadline *deadline =
        statement->deadline >= 0 ? &procedure->deadlines[statement->deadline] : NULL;

    /* A frame is seen around any of them. */
    if (!strcmp(name, "mail") || !strcmp(name, "subject") || !strcmp(name, "text"))
        return statement->message == MESSAGE_STAGE_ENTERED;
    if (rule && statement->message == MESSAGE_RULE &&
        (!strcmp(rule->id, name) || (rule->message && !strcmp(rule->message, name))))
        return true;
    if (deadline && deadline->message && !strcmp(deadline->message, name) &&
        statement->message != MESSAGE_OPERATOR_NOTIFICATION)
        return true;
    return !strcmp(message_id(statement->message), name);
}

static void choose(struct preview *preview, const struct procedure *procedure)
{
    size_t count = statements_of(procedure, preview->statements), chosen = 0;

    for (size_t i = 0; i < count; i++)
        if (is_called(procedure, &preview->statements[i], preview->id))
            preview->statements[chosen++] = preview->statements[i];
    preview->statement_count = chosen;
}

static int choose_procedure(struct preview *preview)
{
    for (size_t i = 0; i < preview->procedure_count; i++) {
        preview->view = preview->views[i];
        choose(preview, preview->view.procedure);
        if (preview->statement_count > 0)
            return EXIT_DONE;
    }
    return EXIT_NO;
}

static int tell_unknown_role(const struct preview *preview)
{
    const struct procedure *procedure = preview->view.procedure;
    const char *near = nearest_id(preview->role, procedure->roles, procedure->role_count,
                                  sizeof *procedure->roles);

    fprintf(stderr, "concernctl preview: %s has no role %s", procedure->id, preview->role);
    if (near)
        fprintf(stderr, " (did you mean %s?)\n", near);
    else
        for (size_t i = 0; i < procedure->role_count; i++)
            fprintf(stderr, "%s%s%s", i ? ", " : " (there are ", procedure->roles[i].id,
                    i + 1 < procedure->role_count ? "" : ")\n");
    return EXIT_NO;
}

/* The words of one notification, seen once or not yet. */
struct seen {
    char **texts;
    size_t count;
};

static void seen_free(struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++)
        free(seen->texts[i]);
    free(seen->texts);
}

static bool is_new(struct seen *seen, const char *text)
{
    char **grown;

    for (size_t i = 0; i < seen->count; i++)
        if (!strcmp(seen->texts[i], text))
            return false;
    grown = realloc(seen->texts, (seen->count + 1) * sizeof *grown);
    if (!grown)
        return true;
    seen->texts = grown;
    seen->texts[seen->count] = strdup(text);
    seen->count += seen->texts[seen->count] != NULL;
    return true;
}

static void tell_fault(struct preview *preview, const struct compose_fault *fault)
{
    fprintf(stderr, "%s:%u: %s\n", fault->template->file, fault->line, fault->why);
    preview->faulty = true;
}

static void show(struct preview *preview, const struct statement *statement,
                 const struct shape *shape, struct seen *seen)
{
    struct shape_source source = { .view = &preview->view,
                                   .templates = &preview->templates,
                                   .language = preview->language,
                                   .role = preview->role,
                                   .reference = preview->reference };
    struct compose_fault fault;
    char words[FAULT_TEXT_SIZE];
    struct text text = text_over(words, sizeof words);

    invent(&source, statement, shape, &preview->invention);
    compose_subject(&preview->invention.composition, preview->subject);
    compose_body(&preview->invention.composition, preview->body, sizeof preview->body);
    if (!is_new(seen, preview->body))
        return;
    if (preview->all) {
        invention_describe(&preview->invention, statement, shape, &text);
        printf("%s=== %s\n\n", seen->count > 1 ? "\n" : "", words);
    }
    if (preview_print(preview) != EXIT_DONE)
        preview->faulty = true;
    if (compose_examine(&preview->invention.composition, &fault) == TEMPLATE_FAULT)
        tell_fault(preview, &fault);
}

static void show_all(struct preview *preview)
{
    CLEANUP(seen_free) struct seen seen = { .count = 0 };
    struct shape shapes[SHAPES_MAX];
    size_t count = shapes_cover(shapes);
    size_t turns = !preview->all                      ? 1
                   : preview->statement_count > count ? preview->statement_count
                                                      : count;

    for (size_t i = 0; i < turns; i++)
        show(preview, &preview->statements[i % preview->statement_count], &shapes[i % count],
             &seen);
}

static void preview_free(struct preview **preview_p)
{
    struct preview *preview = *preview_p;

    if (!preview)
        return;
    preview_unload(preview);
    free(preview);
}

int preview_command(int argc, char **argv)
{
    CLEANUP(preview_free) struct preview *preview = calloc(1, sizeof *preview);
    int answer;

    if (!preview)
        return fputs("concernctl preview: no memory\n", stderr), EXIT_NO;
    if ((answer = read_options(argc, argv, preview)) != EXIT_DONE ||
        (answer = check_options(preview)) != EXIT_DONE ||
        (answer = preview_load(preview)) != EXIT_DONE)
        return answer;
    if (!strcmp(preview->id, TEMPLATE_EVENTS_MISSING))
        return preview_missing(preview);
    if (!strcmp(preview->id, TEMPLATE_DIGEST) || !strcmp(preview->id, "digest_entry"))
        return preview_digest(preview);
    if (!strcmp(preview->id, TEMPLATE_ACKNOWLEDGE))
        return preview_acknowledge(preview);
    if (choose_procedure(preview) != EXIT_DONE)
        return preview_tell_unknown(preview);
    if (preview->role && procedure_role(preview->view.procedure, preview->role) < 0)
        return tell_unknown_role(preview);
    show_all(preview);
    return preview->faulty ? EXIT_NO : EXIT_DONE;
}
