/* fuzz_directory.c - the directory: no address passes that the gate of mails would not let pass. */
#include "fuzz.h"

#include "policy/directory_read.h"
#include "protocol/mail.h"

static void are_safe(const struct route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HOLDS(routes[i].to && routes[i].to[0]);
        HOLDS(routes[i].kind != ROUTE_EMAIL || mail_address_is_safe(routes[i].to));
    }
}

static void is_sound(const struct directory *directory)
{
    are_safe(directory->operator_routes, directory->operator_route_count);
    for (size_t i = 0; i < directory->person_count; i++) {
        const struct person *person = &directory->people[i];

        are_safe(person->routes, person->route_count);
        are_safe(person->out_of_hours, person->out_of_hours_count);
        HOLDS(directory_person(directory, person->id) == person);
    }
    for (size_t i = 0; i < directory->agency_count; i++) {
        const struct agency *agency = &directory->agencies[i];

        HOLDS(directory_agency(directory, agency->id) == agency);
        HOLDS(!directory_owns_address(agency, "x@"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct directory_file *file = NULL;
    struct faults faults = { .count = 0 };
    int answer = directory_read_text("fuzz", (const char *)bytes, size, &faults, &file);

    HOLDS(answer == DIRECTORY_OK || (answer == DIRECTORY_FAULTY && faults.errors > 0));
    HOLDS((answer == DIRECTORY_OK) == (file != NULL));
    if (file)
        is_sound(directory_of(file));
    directory_close(&file);
    faults_close(&faults);
    return 0;
}
