/* raise.c - raises a disagreement from the command line. */
#include "concernctl/draft.h"

#include "core/event.h"
#include "policy/faults.h"

#include <stdio.h>
#include <string.h>

const char raise_usage[] =
    "--reference REF --challenging AGENCY --challenged AGENCY[,AGENCY…] [OPTION…]\n"
    "Raises a disagreement and waits until the daemon has acknowledged it.\n\n"
    "  --reference REF       what it is called from now on, unique for the board\n"
    "  --procedure ID        the board's procedure\n"
    "  --challenging AGENCY  who disagrees\n"
    "  --challenged AGENCY   with whom; several with commas, or the option again\n"
    "  --person ROLE@AGENCY=WHO  who holds a role in this one: a person's id or an address\n"
    "  --fact NAME[=VALUE]   a fact: risk=significant, urgent=yes; alone it is yes\n"
    "  --case REF            the agencies' own reference of the case\n"
    "  --category WORD       what kind of disagreement\n"
    "  --stage STAGE         at which stage it begins (default the first)\n"
    "  --link URL            where the case system shows it\n"
    "\n" DRAFT_USAGE;

enum raise_option {
    RAISE_REFERENCE = 1,
    RAISE_PROCEDURE,
    RAISE_CHALLENGING,
    RAISE_CHALLENGED,
    RAISE_PERSON,
    RAISE_FACT,
    RAISE_CASE,
    RAISE_CATEGORY,
    RAISE_STAGE,
    RAISE_LINK,
};

enum { PEOPLE_MAX = EVENT_PEOPLE_MAX };

/* What the options gave; people wait until the agencies are known. */
struct raise {
    struct draft draft;
    const char *reference;
    const char *people[PEOPLE_MAX];
    size_t people_count;
    json_t *data;
};

static void raise_close(struct raise *raise);
static int take_option(struct raise *raise, int option, const char *value);
static int add_challenged(struct raise *raise, const char *list);
static int add_fact(struct raise *raise, const char *text);
static int add_person(struct raise *raise, const char *text);
static json_t *find_agency(const struct raise *raise, const char *agency, size_t length);
static int complete(struct raise *raise);

int raise_command(int argc, char **argv)
{
    static const struct option options[] = {
        { "reference", required_argument, NULL, RAISE_REFERENCE },
        { "procedure", required_argument, NULL, RAISE_PROCEDURE },
        { "challenging", required_argument, NULL, RAISE_CHALLENGING },
        { "challenged", required_argument, NULL, RAISE_CHALLENGED },
        { "person", required_argument, NULL, RAISE_PERSON },
        { "fact", required_argument, NULL, RAISE_FACT },
        { "case", required_argument, NULL, RAISE_CASE },
        { "category", required_argument, NULL, RAISE_CATEGORY },
        { "stage", required_argument, NULL, RAISE_STAGE },
        { "link", required_argument, NULL, RAISE_LINK },
        DRAFT_OPTIONS,
        REACH_OPTIONS,
        { 0 },
    };
    CLEANUP(raise_close) struct raise raise = { .draft = { .command = argv[0] } };
    int option, error;
    json_t *data;

    raise.data = json_object();
    while ((option = usage_next_option(argc, argv, options)) != -1)
        if ((error = take_option(&raise, option, optarg)))
            return error;
    if (optind < argc)
        return usage_wrong(argv[0], "%s: an option is missing before it", argv[optind]);
    if ((error = complete(&raise)))
        return error;
    data = raise.data;
    raise.data = NULL;
    return draft_send(&raise.draft, event_name(EVENT_DISAGREEMENT_RAISED), raise.reference, data);
}

static void raise_close(struct raise *raise)
{
    json_decref(raise->data);
}

static int take_option(struct raise *raise, int option, const char *value)
{
    static const char *const members[] = {
        [RAISE_PROCEDURE] = "procedure", [RAISE_CASE] = "case", [RAISE_CATEGORY] = "category",
        [RAISE_STAGE] = "stage",         [RAISE_LINK] = "link",
    };

    switch (option) {
    case RAISE_REFERENCE:
        raise->reference = value;
        return EXIT_DONE;
    case RAISE_CHALLENGING:
        json_object_set_new(raise->data, "challenging", json_pack("{s:s}", "agency", value));
        return EXIT_DONE;
    case RAISE_CHALLENGED:
        return add_challenged(raise, value);
    case RAISE_FACT:
        return add_fact(raise, value);
    case RAISE_PERSON:
        if (raise->people_count == PEOPLE_MAX)
            return usage_wrong(raise->draft.command, "more than %d people", PEOPLE_MAX);
        raise->people[raise->people_count++] = value;
        return EXIT_DONE;
    case RAISE_PROCEDURE:
    case RAISE_CASE:
    case RAISE_CATEGORY:
    case RAISE_STAGE:
    case RAISE_LINK:
        json_object_set_new(raise->data, members[option], json_string(value));
        return EXIT_DONE;
    default:
        return draft_option(&raise->draft, option, value);
    }
}

static int add_challenged(struct raise *raise, const char *list)
{
    json_t *challenged = json_object_get(raise->data, "challenged");

    if (!challenged) {
        challenged = json_array();
        json_object_set_new(raise->data, "challenged", challenged);
    }
    while (*list) {
        size_t length = strcspn(list, ",");

        if (length)
            json_array_append_new(challenged, json_pack("{s:s%}", "agency", list, length));
        list += length + (list[length] == ',');
    }
    return EXIT_DONE;
}

static int add_fact(struct raise *raise, const char *text)
{
    const char *equals = strchr(text, '=');
    json_t *facts = json_object_get(raise->data, "facts");
    char name[ID_MAX + 1];
    size_t length = equals ? (size_t)(equals - text) : strlen(text);

    if (length == 0 || length > ID_MAX)
        return usage_wrong(raise->draft.command, "--fact %s is no NAME=VALUE", text);
    if (!facts) {
        facts = json_object();
        json_object_set_new(raise->data, "facts", facts);
    }
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    json_object_set_new(facts, name, draft_value(equals ? equals + 1 : "yes"));
    return EXIT_DONE;
}

static int complete(struct raise *raise)
{
    const char *command = raise->draft.command;
    int error = draft_complete(&raise->draft);

    if (error)
        return error;
    if (!raise->reference)
        return usage_wrong(command, "what is it to be called? (--reference)");
    if (!json_object_get(raise->data, "challenging") && *raise->draft.reach.agency)
        take_option(raise, RAISE_CHALLENGING, raise->draft.reach.agency);
    if (!json_object_get(raise->data, "procedure") && *raise->draft.reach.procedure)
        take_option(raise, RAISE_PROCEDURE, raise->draft.reach.procedure);
    if (!json_object_get(raise->data, "challenging"))
        return usage_wrong(command, "who disagrees? (--challenging AGENCY)");
    if (!json_array_size(json_object_get(raise->data, "challenged")))
        return usage_wrong(command, "with whom? (--challenged AGENCY)");
    if (raise->draft.board)
        json_object_set_new(raise->data, "board", json_string(raise->draft.board));
    for (size_t i = 0; i < raise->people_count; i++)
        if ((error = add_person(raise, raise->people[i])))
            return error;
    return EXIT_DONE;
}

/* ROLE@AGENCY=WHO; an address has an @ too, but behind the equals sign. */
static int add_person(struct raise *raise, const char *text)
{
    const char *equals = strchr(text, '=');
    const char *at = strchr(text, '@');
    json_t *agency, *people;
    char role[ID_MAX + 1];

    if (!equals || !at || at > equals || at == text || at - text > ID_MAX || !equals[1])
        return usage_wrong(raise->draft.command, "--person %s is no ROLE@AGENCY=WHO", text);
    agency = find_agency(raise, at + 1, (size_t)(equals - at - 1));
    if (!agency)
        return usage_wrong(raise->draft.command, "--person %s: that agency is on neither side",
                           text);
    people = json_object_get(agency, "people");
    if (!people) {
        people = json_object();
        json_object_set_new(agency, "people", people);
    }
    snprintf(role, sizeof role, "%.*s", (int)(at - text), text);
    json_object_set_new(people, role,
                        strchr(equals, '@') ? json_pack("{s:s}", "email", equals + 1)
                                            : json_string(equals + 1));
    return EXIT_DONE;
}

static json_t *find_agency(const struct raise *raise, const char *agency, size_t length)
{
    json_t *side = json_object_get(raise->data, "challenging");
    json_t *challenged = json_object_get(raise->data, "challenged");

    for (size_t i = 0; i <= json_array_size(challenged); i++) {
        const char *id = json_string_value(json_object_get(side, "agency"));

        if (id && strlen(id) == length && !strncmp(id, agency, length))
            return side;
        side = json_array_get(challenged, i);
    }
    return NULL;
}
