/* resolve.c - proposes a resolution of a disagreement, or agrees to one. */
#include "concernctl/draft.h"

#include "core/event.h"

#include <string.h>

const char resolve_usage[] =
    "REF [--by AGENCY] [--agree] [OPTION…]\n"
    "Proposes a resolution of the disagreement REF, or agrees to the one proposed.\n"
    "It is resolved when every agency has proposed or agreed.\n\n"
    "  --by AGENCY           which agency says so; board:ID for a board\n"
    "  --agree               agree to what another proposed\n"
    "  --outcome CODE        what was agreed, in one word (proposing; default resolved)\n"
    "  --review DATE         when it is to be looked at again (proposing)\n"
    "  --wishes-considered yes|no  whether the person's wishes were (proposing)\n"
    "  --outcome-reference REF  where it is written down (proposing)\n"
    "\n" DRAFT_USAGE;

enum resolve_option {
    RESOLVE_BY = 1,
    RESOLVE_AGREE,
    RESOLVE_OUTCOME,
    RESOLVE_REVIEW,
    RESOLVE_WISHES,
    RESOLVE_REFERENCE,
};

struct resolve {
    struct draft draft;
    const char *by;
    bool agree;
    const char *members[RESOLVE_REFERENCE + 1];
};

static int take_option(struct resolve *resolve, int option, const char *value);
static json_t *make_data(const struct resolve *resolve);

int resolve_command(int argc, char **argv)
{
    static const struct option options[] = {
        { "by", required_argument, NULL, RESOLVE_BY },
        { "agree", no_argument, NULL, RESOLVE_AGREE },
        { "outcome", required_argument, NULL, RESOLVE_OUTCOME },
        { "review", required_argument, NULL, RESOLVE_REVIEW },
        { "wishes-considered", required_argument, NULL, RESOLVE_WISHES },
        { "outcome-reference", required_argument, NULL, RESOLVE_REFERENCE },
        DRAFT_OPTIONS,
        REACH_OPTIONS,
        { 0 },
    };
    struct resolve resolve = { .draft = { .command = argv[0] } };
    int option, error;

    while ((option = usage_next_option(argc, argv, options)) != -1)
        if ((error = take_option(&resolve, option, optarg)))
            return error;
    if (argc - optind != 1)
        return usage_wrong(argv[0], "which disagreement? (one REF)");
    if ((error = draft_complete(&resolve.draft)))
        return error;
    return draft_send(
        &resolve.draft,
        event_name(resolve.agree ? EVENT_RESOLUTION_AGREED : EVENT_RESOLUTION_PROPOSED),
        argv[optind], make_data(&resolve));
}

static int take_option(struct resolve *resolve, int option, const char *value)
{
    switch (option) {
    case RESOLVE_BY:
        resolve->by = value;
        return EXIT_DONE;
    case RESOLVE_AGREE:
        resolve->agree = true;
        return EXIT_DONE;
    case RESOLVE_OUTCOME:
    case RESOLVE_REVIEW:
    case RESOLVE_WISHES:
    case RESOLVE_REFERENCE:
        resolve->members[option] = value;
        return EXIT_DONE;
    default:
        return draft_option(&resolve->draft, option, value);
    }
}

static json_t *make_data(const struct resolve *resolve)
{
    static const char *const names[] = {
        [RESOLVE_OUTCOME] = "outcome",
        [RESOLVE_REVIEW] = "review",
        [RESOLVE_WISHES] = "wishes_considered",
        [RESOLVE_REFERENCE] = "reference",
    };
    json_t *data = json_object();

    for (int i = RESOLVE_OUTCOME; i <= RESOLVE_REFERENCE; i++)
        if (resolve->members[i])
            json_object_set_new(data, names[i], draft_value(resolve->members[i]));
    if (!resolve->agree && !resolve->members[RESOLVE_OUTCOME])
        json_object_set_new(data, "outcome", json_string("resolved"));
    draft_by(data, resolve->by ? resolve->by : resolve->draft.reach.agency);
    return data;
}
