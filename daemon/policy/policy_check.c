/* policy_check.c - the parts of a policy held against each other. */
#include "policy/policy_loaded.h"

#include <string.h>

/* The roles of a procedure that somebody has to hold, by their places. */
struct needed {
    bool roles[PROCEDURE_ROLES_MAX];
};

static bool check_messages(const struct policy *policy, struct faults *faults);
static bool check_boards(const struct policy *policy, struct faults *faults);
static void check_agencies(const struct policy *policy, struct faults *faults);
static void check_role_names(const struct policy *policy, struct faults *faults);
static void check_languages(const struct policy *policy, struct faults *faults);
static void check_references(const struct policy *policy, struct faults *faults);

bool policy_check(const struct policy *policy, struct faults *faults)
{
    bool fine = check_messages(policy, faults);

    for (size_t i = 0; i < policy->version_count; i++)
        fine = procedure_check(policy->versions[i].file, faults) && fine;
    fine = check_boards(policy, faults) && fine;
    check_agencies(policy, faults);
    check_role_names(policy, faults);
    check_languages(policy, faults);
    check_references(policy, faults);
    return fine;
}

/* Messages: what a procedure names has to be there; so have the notation's own. */

static bool check_message(const struct policy *policy, const struct version *version, int line,
                          const char *message, struct faults *faults)
{
    const struct templates *templates = policy_templates(policy);
    const char *nearest;
    unsigned at_line, at_column;

    if (!message || templates_have(templates, message))
        return true;
    nearest = nearest_id(message, templates->list, templates->count, sizeof *templates->list);
    procedure_place_in(version->file, (unsigned)line, "message", &at_line, &at_column);
    faults_add(faults, procedure_name(version->file), at_line, at_column,
               "there is no message `%s` (%s%s%s)", message, nearest ? "did you mean `" : "write ",
               nearest ? nearest : message, nearest ? "`?" : ".txt among the templates");
    return false;
}

static bool check_messages(const struct policy *policy, struct faults *faults)
{
    const char *required;
    bool fine = true;

    for (size_t i = 0; i < policy->version_count; i++) {
        const struct version *version = &policy->versions[i];
        const struct procedure *procedure = procedure_of(version->file);

        for (size_t d = 0; d < procedure->deadline_count; d++)
            fine = check_message(policy, version, procedure->deadlines[d].line,
                                 procedure->deadlines[d].message, faults) &&
                   fine;
        for (size_t r = 0; r < procedure->rule_count; r++)
            fine = check_message(policy, version, procedure->rules[r].line,
                                 procedure->rules[r].message, faults) &&
                   fine;
    }
    for (size_t i = 0; (required = template_required(i)) != NULL; i++) {
        if (templates_have(policy_templates(policy), required))
            continue;
        faults_add(faults, policy->template_folder, 0, 0, "`%s.txt` is missing", required);
        fine = false;
    }
    return fine;
}

/* Roles: which of a procedure have to be held by somebody. */

static void need_selected(const struct selectors *selectors, struct needed *needed)
{
    for (size_t i = 0; i < selectors->count; i++) {
        if (selectors->list[i].kind == SELECT_ROLE)
            needed->roles[selectors->list[i].role] = true;
    }
}

/* What goes via another role needs that one; what is optional, or named by the events, none. */
static struct needed roles_needed(const struct procedure *procedure)
{
    struct needed needed = { 0 };

    for (size_t i = 0; i < procedure->deadline_count; i++) {
        need_selected(&procedure->deadlines[i].owners, &needed);
        need_selected(&procedure->deadlines[i].copy, &needed);
        need_selected(&procedure->deadlines[i].tell, &needed);
    }
    for (size_t i = 0; i < procedure->rule_count; i++) {
        need_selected(&procedure->rules[i].tell, &needed);
        need_selected(&procedure->rules[i].confirm_by, &needed);
    }
    for (size_t i = 0; i < procedure->role_count; i++) {
        const struct role *role = &procedure->roles[i];

        if (needed.roles[i] && role->via >= 0)
            needed.roles[role->via] = true;
    }
    for (size_t i = 0; i < procedure->role_count; i++) {
        const struct role *role = &procedure->roles[i];

        if (role->via >= 0 || role->optional || !strcmp(role->id, "practitioner"))
            needed.roles[i] = false;
    }
    return needed;
}

static bool holds(const struct agency *agency, const char *role)
{
    const struct role_holding *holding = agency ? directory_holding(agency, role) : NULL;

    return holding && (holding->holder || holding->deputy);
}

static bool has_kind(const struct for_kind *row, const char *kind)
{
    for (size_t i = 0; kind && i < row->kind_count; i++) {
        if (!strcmp(row->kinds[i], kind))
            return true;
    }
    return false;
}

/* Whether somebody is told for the role in this agency: its holder, or who the procedure names
 * instead. */
static bool is_filled(const struct procedure *procedure, const struct role *role,
                      const struct agency *agency, const struct agency *board)
{
    if (holds(agency, role->id))
        return true;
    for (size_t i = 0; i < role->for_kind_count; i++) {
        const struct for_kind *row = &role->for_kind[i];

        for (size_t u = 0; has_kind(row, agency->kind) && u < row->use_count; u++) {
            const struct role *use = &procedure->roles[row->uses[u]];

            if (holds(use->side == SIDE_BOARD ? board : agency, use->id))
                return true;
        }
    }
    for (size_t i = 0; i < role->or_else_count; i++) {
        if (holds(agency, procedure->roles[role->or_else[i]].id))
            return true;
    }
    return false;
}

/* The version in force of a board's procedure; NULL and an error if there is none. */
static const struct version *version_of(const struct policy *policy, const char *id)
{
    for (size_t i = 0; i < policy->version_count; i++) {
        if (!strcmp(procedure_of(policy->versions[i].file)->id, id))
            return &policy->versions[i];
    }
    return NULL;
}

static void tell_unknown_procedure(const struct policy *policy, const struct agency *board,
                                   const char *id, struct faults *faults)
{
    const char *ids[FOLDER_FILES_MAX];
    const char *nearest;
    size_t count = 0;
    unsigned line, column;

    for (; count < FOLDER_FILES_MAX && policy_procedure(policy, count); count++)
        ids[count] = policy_procedure(policy, count)->id;
    nearest = nearest_word(id, ids, count);
    directory_place_of_board(policy->directory, board->id, &line, &column);
    faults_add(faults, directory_name(policy->directory), line, column,
               "`%s` has the procedure `%s`, which there is not (%s%s%s)", board->id, id,
               nearest ? "did you mean `" : "write ", nearest ? nearest : id,
               nearest ? "`?" : ".yaml among the procedures");
}

static void check_board(const struct policy *policy, const struct agency *board,
                        const struct procedure *procedure, struct faults *faults)
{
    struct needed needed = roles_needed(procedure);
    unsigned line, column;

    directory_place_of_board(policy->directory, board->id, &line, &column);
    for (size_t i = 0; i < procedure->role_count; i++) {
        const struct role *role = &procedure->roles[i];

        if (!needed.roles[i] || role->side != SIDE_BOARD ||
            is_filled(procedure, role, board, board))
            continue;
        faults_warn(faults, directory_name(policy->directory), line, column,
                    "nobody holds `%s` of `%s`, which %s tells (%s: {holder: PERSON}; until then "
                    "the operator is told)",
                    role->id, board->id, procedure->id, role->id);
    }
}

static bool check_boards(const struct policy *policy, struct faults *faults)
{
    const struct directory *directory = policy_directory(policy);
    bool fine = true;

    for (size_t b = 0; b < directory->board_count; b++) {
        const struct agency *board = &directory->boards[b];

        for (size_t p = 0; p < board->procedure_count; p++) {
            const struct version *version = version_of(policy, board->procedures[p]);

            if (version) {
                check_board(policy, board, procedure_of(version->file), faults);
            } else {
                tell_unknown_procedure(policy, board, board->procedures[p], faults);
                fine = false;
            }
        }
    }
    return fine;
}

/* An agency is held against the procedures of which it fills at least one role. */
static bool takes_part(const struct agency *agency, const struct procedure *procedure)
{
    for (size_t i = 0; i < procedure->role_count; i++) {
        if (procedure->roles[i].side != SIDE_BOARD && holds(agency, procedure->roles[i].id))
            return true;
    }
    return false;
}

static void check_agency(const struct policy *policy, const struct agency *agency,
                         const struct agency *board, const struct procedure *procedure,
                         struct faults *faults)
{
    struct needed needed = roles_needed(procedure);
    unsigned line, column;

    directory_place_of_agency(policy->directory, agency->id, &line, &column);
    for (size_t i = 0; i < procedure->role_count; i++) {
        const struct role *role = &procedure->roles[i];

        if (!needed.roles[i] || role->side == SIDE_BOARD ||
            is_filled(procedure, role, agency, board))
            continue;
        faults_warn(faults, directory_name(policy->directory), line, column,
                    "nobody holds `%s` of `%s`, which %s tells (%s: {holder: PERSON})", role->id,
                    agency->id, procedure->id, role->id);
    }
}

static void tell_nobody_takes_part(const struct policy *policy, const struct agency *board,
                                   const struct procedure *procedure, struct faults *faults)
{
    struct needed needed = roles_needed(procedure);
    unsigned line, column;

    directory_place_of_board(policy->directory, board->id, &line, &column);
    for (size_t i = 0; i < procedure->role_count; i++) {
        if (!needed.roles[i] || procedure->roles[i].side == SIDE_BOARD)
            continue;
        faults_warn(faults, directory_name(policy->directory), line, column,
                    "nobody holds `%s` of any agency, which %s of `%s` tells (%s: {holder: "
                    "PERSON}, in each agency)",
                    procedure->roles[i].id, procedure->id, board->id, procedure->roles[i].id);
    }
}

/* Where no agency fills a role at all, each of them is missing: a procedure with names of its own
 * for them is put in force before the directory knows one. */
static void check_parties(const struct policy *policy, const struct agency *board,
                          const struct procedure *procedure, struct faults *faults)
{
    const struct directory *directory = policy_directory(policy);
    size_t parties = 0;

    for (size_t a = 0; a < directory->agency_count; a++) {
        if (!takes_part(&directory->agencies[a], procedure))
            continue;
        check_agency(policy, &directory->agencies[a], board, procedure, faults);
        parties++;
    }
    if (parties == 0)
        tell_nobody_takes_part(policy, board, procedure, faults);
}

static void check_agencies(const struct policy *policy, struct faults *faults)
{
    const struct directory *directory = policy_directory(policy);

    for (size_t b = 0; b < directory->board_count; b++) {
        const struct agency *board = &directory->boards[b];

        for (size_t p = 0; p < board->procedure_count; p++) {
            const struct version *version = version_of(policy, board->procedures[p]);

            if (version)
                check_parties(policy, board, procedure_of(version->file), faults);
        }
    }
}

/* A role of the directory that no procedure has is a misspelt one, or one of a board to come. */

static bool is_role(const struct policy *policy, const char *id, const char **nearest)
{
    *nearest = NULL;
    for (size_t i = 0; i < policy->version_count; i++) {
        const struct procedure *procedure = procedure_of(policy->versions[i].file);

        if (procedure_role(procedure, id) >= 0)
            return true;
        if (!*nearest)
            *nearest =
                nearest_id(id, procedure->roles, procedure->role_count, sizeof *procedure->roles);
    }
    return !strcmp(id, "safeguarding_lead") || !strcmp(id, "practitioner");
}

static void check_names_of(const struct policy *policy, const struct agency *agency, unsigned line,
                           unsigned column, struct faults *faults)
{
    for (size_t i = 0; i < agency->role_count; i++) {
        const char *nearest;

        if (is_role(policy, agency->roles[i].role, &nearest))
            continue;
        faults_warn(faults, directory_name(policy->directory), line, column,
                    "`%s` has the role `%s`, which no procedure has%s%s%s", agency->id,
                    agency->roles[i].role, nearest ? " (did you mean `" : "",
                    nearest ? nearest : "", nearest ? "`?)" : "");
    }
}

static void check_role_names(const struct policy *policy, struct faults *faults)
{
    const struct directory *directory = policy_directory(policy);
    unsigned line, column;

    for (size_t i = 0; i < directory->agency_count; i++) {
        directory_place_of_agency(policy->directory, directory->agencies[i].id, &line, &column);
        check_names_of(policy, &directory->agencies[i], line, column, faults);
    }
    for (size_t i = 0; i < directory->board_count; i++) {
        directory_place_of_board(policy->directory, directory->boards[i].id, &line, &column);
        check_names_of(policy, &directory->boards[i], line, column, faults);
    }
}

/* Whoever reads a language that nobody has worded gets English. */
static void check_languages(const struct policy *policy, struct faults *faults)
{
    const struct directory *directory = policy_directory(policy);

    for (size_t i = 0; i < directory->person_count; i++) {
        const struct person *person = &directory->people[i];
        unsigned line, column;

        if (templates_speak(policy_templates(policy), person->language))
            continue;
        directory_place_of_person(policy->directory, person->id, &line, &column);
        faults_warn(faults, directory_name(policy->directory), line, column,
                    "`%s` reads `%s`, of which there are no texts (%s/%s/ with *.txt and "
                    "words.yaml; until then English is sent)",
                    person->id, person->language, policy->template_folder, person->language);
    }
}

/* References: nothing tells a name from them where nobody has said what they look like. */

static void check_forms(const struct policy *policy, const struct agency *agency, unsigned line,
                        unsigned column, struct faults *faults)
{
    static const struct {
        enum reference_room room;
        const char *what;
    } rows[] = {
        { ROOM_FOR_NAME, "a name: more than four letters in a row, or eight in all" },
        { ROOM_FOR_NHS_NUMBER, "an NHS number: ten digits" },
        { ROOM_FOR_DATE, "a date" },
        { ROOM_FOR_POSTCODE, "a postcode" },
    };

    for (size_t i = 0; i < agency->references.form_count; i++)
        for (size_t j = 0; j < COUNT_OF(rows); j++)
            if (reference_form_room(agency->references.forms[i]) & rows[j].room)
                faults_warn(faults, directory_name(policy->directory), line, column,
                            "`%s` has references of the form %s, which has room for %s (agree "
                            "with the agency that none of them is one)",
                            agency->id, agency->references.forms[i], rows[j].what);
}

static bool all_boards_state_references(const struct directory *directory)
{
    for (size_t i = 0; i < directory->board_count; i++)
        if (directory->boards[i].references.form_count == 0)
            return false;
    return true;
}

static void check_references(const struct policy *policy, struct faults *faults)
{
    const struct directory *directory = policy_directory(policy);
    bool stated = all_boards_state_references(directory);
    unsigned line, column;

    for (size_t i = 0; i < directory->agency_count; i++) {
        const struct agency *agency = &directory->agencies[i];

        directory_place_of_agency(policy->directory, agency->id, &line, &column);
        check_forms(policy, agency, line, column, faults);
        if (agency->references.form_count == 0 && !stated)
            faults_warn(faults, directory_name(policy->directory), line, column,
                        "nobody has said what references of `%s` look like (references: "
                        "[\"D-####-####\"]; until then only numbers and initials are taken)",
                        agency->id);
    }
    for (size_t i = 0; i < directory->board_count; i++) {
        directory_place_of_board(policy->directory, directory->boards[i].id, &line, &column);
        check_forms(policy, &directory->boards[i], line, column, faults);
    }
}
