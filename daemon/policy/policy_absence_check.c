/* policy_absence_check.c - whether somebody of each role is there. */
#include "policy/policy_loaded.h"

static void check_roles(const struct policy *policy, const struct agency *agency, unsigned line,
                        unsigned column, struct date today, struct faults *faults)
{
    for (size_t i = 0; i < agency->role_count; i++) {
        const struct role_holding *holding = &agency->roles[i];

        if (!holding->holder || role_present(holding, today))
            continue;
        faults_warn(faults, directory_name(policy->directory), line, column,
                    "nobody of the role `%s` of `%s` is there: `%s` is away, and %s (a deputy who "
                    "is there; until then whoever comes behind them is told)",
                    holding->role, agency->id, holding->holder->id,
                    holding->deputy ? "so is the deputy" : "has no deputy");
    }
}

void policy_check_absence(const struct policy *policy, struct instant today, struct faults *faults)
{
    const struct directory *directory = policy_directory(policy);
    struct date day = { (int32_t)(today.us / DAY_US) };
    unsigned line, column;

    for (size_t i = 0; i < directory->agency_count; i++) {
        directory_place_of_agency(policy->directory, directory->agencies[i].id, &line, &column);
        check_roles(policy, &directory->agencies[i], line, column, day, faults);
    }
    for (size_t i = 0; i < directory->board_count; i++) {
        directory_place_of_board(policy->directory, directory->boards[i].id, &line, &column);
        check_roles(policy, &directory->boards[i], line, column, day, faults);
    }
}
