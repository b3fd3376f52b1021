/* policy_texts.c - every text of a policy rendered in every shape, before anybody is told. */
#include "policy/policy_loaded.h"

#include "core/compose_acknowledge.h"
#include "core/compose_digest.h"
#include "core/compose_missing.h"
#include "core/shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Statements that the same templates speak for are a group.  Each group meets every shape in each
 * procedure, its statements taking turns.  At a load it meets few, the next ones in each procedure:
 * the daemon's start must not wait for all of them. */
enum {
    SHAPES_AT_LOAD = 10,
    SHAPES_AT_LOAD_LEAST = 2
}; /* of a group; fewer of several procedures */

struct texts_check {
    const struct policy *policy;
    struct faults *faults;
    bool all;
    struct shape shapes[SHAPES_MAX];
    size_t shape_count;
    size_t next; /* the shape that comes next */
    struct statement statements[STATEMENTS_MAX];
    size_t statement_count;
    struct invention invention;
    bool faulty;
};

static bool is_told(const struct texts_check *check, const struct compose_fault *fault)
{
    for (size_t i = 0; i < check->faults->count; i++)
        if (check->faults->list[i].line == fault->line &&
            !strcmp(check->faults->list[i].file, fault->template->file))
            return true;
    return false;
}

static void tell(struct texts_check *check, const struct compose_fault *fault,
                 const struct statement *statement, const struct shape *shape)
{
    char words[FAULT_TEXT_SIZE];
    struct text text = text_over(words, sizeof words);

    check->faulty = true;
    if (is_told(check, fault))
        return;
    invention_describe(&check->invention, statement, shape, &text);
    faults_add(check->faults, fault->template->file, fault->line, 0, "%s (%s)", fault->why, words);
}

static void check_statement(struct texts_check *check, const struct shape_source *source,
                            const struct statement *statement, const struct shape *shape)
{
    struct compose_fault fault;

    if (invent(source, statement, shape, &check->invention) &&
        compose_examine(&check->invention.composition, &fault) == TEMPLATE_FAULT)
        tell(check, &fault, statement, shape);
}

/* The message of its own that a statement's deadline has; NULL if none. */
static const char *own_message(const struct procedure *procedure, const struct statement *statement)
{
    return statement->deadline >= 0 ? procedure->deadlines[statement->deadline].message : NULL;
}

static bool is_of_group(const struct procedure *procedure, const struct statement *one,
                        const struct statement *other)
{
    const char *own = own_message(procedure, one), *its = own_message(procedure, other);

    return one->message == other->message && one->rule == other->rule &&
           (own == its || (own && its && !strcmp(own, its)));
}

/* The group's statement number `turn`, around and around; the first one stands at `first`. */
static const struct statement *taking_turns(const struct texts_check *check,
                                            const struct procedure *procedure, size_t first,
                                            size_t turn)
{
    const struct statement *found = &check->statements[first];
    size_t members = 0;

    for (size_t i = first; i < check->statement_count; i++)
        members += is_of_group(procedure, found, &check->statements[i]);
    turn %= members;
    for (size_t i = first; i < check->statement_count; i++)
        if (is_of_group(procedure, found, &check->statements[i]) && turn-- == 0)
            return &check->statements[i];
    return found;
}

static void check_group(struct texts_check *check, const struct shape_source *source, size_t first)
{
    const struct procedure *procedure = source->view->procedure;
    size_t versions = check->policy->version_count, count = check->shape_count;

    for (size_t i = 0; i < first; i++)
        if (is_of_group(procedure, &check->statements[i], &check->statements[first]))
            return;
    if (!check->all)
        count = SHAPES_AT_LOAD / versions > SHAPES_AT_LOAD_LEAST ? SHAPES_AT_LOAD / versions
                                                                 : SHAPES_AT_LOAD_LEAST;
    for (size_t i = 0; i < count; i++) {
        size_t place = check->all ? i : check->next++ % check->shape_count;

        check_statement(check, source, taking_turns(check, procedure, first, place),
                        &check->shapes[place]);
    }
}

static void tell_plainly(struct texts_check *check, const struct compose_fault *fault)
{
    check->faulty = true;
    if (!is_told(check, fault))
        faults_add(check->faults, fault->template->file, fault->line, 0, "%s", fault->why);
}

/* What is about no disagreement, what is about many, and the page behind a link. */
static void check_others(struct texts_check *check, const char *language,
                         const struct timekeeping *time)
{
    const struct templates *templates = policy_templates(check->policy);
    struct compose_fault fault;

    if (compose_missing_examine(templates, language, time, &fault) == TEMPLATE_FAULT)
        tell_plainly(check, &fault);
    if (compose_digest_examine(templates, language, &fault) == TEMPLATE_FAULT)
        tell_plainly(check, &fault);
    if (compose_acknowledge_examine(templates, language, &fault) == TEMPLATE_FAULT)
        tell_plainly(check, &fault);
}

static void check_language(struct texts_check *check, const char *language)
{
    check->next = 0;
    for (size_t i = 0; i < check->policy->version_count; i++) {
        const struct version *version = &check->policy->versions[i];
        const struct procedure *procedure = procedure_of(version->file);
        struct policy_view view = { .procedure = procedure,
                                    .time = { .calendar = version->calendar,
                                              .zone = version->zone,
                                              .opens_s = procedure->opens_s,
                                              .closes_s = procedure->closes_s } };
        struct shape_source source = { .view = &view,
                                       .templates = policy_templates(check->policy),
                                       .language = language };

        if (i == 0)
            check_others(check, language, &view.time);
        check->statement_count = statements_of(procedure, check->statements);
        for (size_t j = 0; j < check->statement_count; j++)
            check_group(check, &source, j);
    }
}

int policy_check_texts(const struct policy *policy, bool all, struct faults *faults)
{
    const struct templates *templates = policy_templates(policy);
    struct texts_check *check = calloc(1, sizeof *check);
    size_t first = faults->count;
    bool faulty;

    if (!check)
        return -ENOMEM;
    check->policy = policy;
    check->faults = faults;
    check->shape_count = shapes_cover(check->shapes);
    check->all = all;
    for (size_t i = 0; i < templates->words_count; i++)
        check_language(check, templates->words[i].language);
    faults_sort(faults, first);
    faulty = check->faulty;
    free(check);
    return faulty ? POLICY_FAULTY : POLICY_OK;
}
