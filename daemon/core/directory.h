/* directory.h - who holds which role in which agency, and who stands in.
 *
 * A value made by policy/directory_read.h, which owns every text and list.
 */
#ifndef CONCERN_CORE_DIRECTORY_H
#define CONCERN_CORE_DIRECTORY_H

#include "core/base.h"
#include "core/delivery.h"
#include "core/reference.h"

struct route {
    enum route_kind kind;
    const char *to; /* an address, a telephone number, or an endpoint's id */
};

struct person {
    const char *id;
    const char *name;
    bool shareable; /* the name may be shown to the other side */
    const struct route *routes;
    size_t route_count;
    const struct route *out_of_hours;
    size_t out_of_hours_count;
    const char *language; /* "en" */
    bool has_digest;      /* his ordinary notifications are gathered (gather.h) ... */
    int32_t digest_s;     /* ... until this second of the civil day */
    bool is_away;
    struct date away_until; /* the first day back; deputies stand in before it */
};

struct role_holding {
    const char *role;
    const struct person *holder; /* NULL: none */
    const struct person *deputy; /* NULL: none */
};

/** An agency, or a board (whose kind is NULL). */
struct agency {
    const char *id;
    const char *name;
    const char *kind; /* statutory, vcf, care_provider, sole_proprietor, self_employed */
    const char *const *domains;
    size_t domain_count;
    const struct role_holding *roles;
    size_t role_count;
    const char *const *systems; /* endpoints told of all that its roles are told, and the outcome */
    size_t system_count;
    const char *acknowledge; /* where its people acknowledge; NULL: at the daemon's own page */
    struct reference_rules references; /* what its references and links look like */
    const char *const *procedures;     /* of a board */
    size_t procedure_count;
    const char *const *categories; /* of a board: what its disagreements are about */
    size_t category_count;
};

struct directory {
    const struct agency *agencies;
    size_t agency_count;
    const struct agency *boards;
    size_t board_count;
    const struct person *people;
    size_t person_count;
    const struct route *operator_routes;
    size_t operator_route_count;
    const char *notify_email_template; /* of GOV.UK Notify; NULL: none */
    const char *notify_text_template;
};

const struct agency *directory_agency(const struct directory *directory, const char *id);
const struct agency *directory_board(const struct directory *directory, const char *id);
const struct person *directory_person(const struct directory *directory, const char *id);

/** Whose mail goes to `address` (without case); NULL if that is nobody or more than one person. */
const struct person *directory_person_at(const struct directory *directory, const char *address);

/** Whether a route is one of those, or one of the person's of any hour. */
bool route_is_one_of(const struct route *route, const struct route *routes, size_t count);
bool person_has_route(const struct person *person, const struct route *route);

/** The board whose list names the procedure; NULL if none or more than one does. */
const struct agency *directory_board_of(const struct directory *directory, const char *procedure);

/** What references and links of an agency look like at a board: as it states itself, and where it
 *  does not, or the directory does not list it, as the board states. */
struct reference_rules directory_references(const struct directory *directory, const char *agency,
                                            const char *board);

/** Whether the board lists the category, so that its register may name it. */
bool directory_lists_category(const struct directory *directory, const char *board,
                              const char *category);

/** Who holds `role` in `agency`; NULL if nobody is named. */
const struct role_holding *directory_holding(const struct agency *agency, const char *role);

bool person_is_away(const struct person *person, struct date today);

/** Who of a role is there on the day `today`: the holder, else the deputy; NULL: neither is.
 *  `holding` as directory_holding() answers it, not NULL. */
const struct person *role_present(const struct role_holding *holding, struct date today);

/** Who answers to the role: whoever is there; where nobody is, the holder all the same, or the
 *  deputy where there is no holder. */
const struct person *role_holder(const struct role_holding *holding, struct date today);

/** Whether `address` is in one of the agency's domains (compared without case, whole). */
bool directory_owns_address(const struct agency *agency, const char *address);

#endif
