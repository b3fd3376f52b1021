/* carrier.c - a thread that carries one mail at a time, for the dispatcher. */
#include "io/carrier.h"

#include <errno.h>
#include <string.h>

#include "io/email.h"
#include "io/parcel.h"

struct errand {
    struct mail_settings mail;
    struct patience patience;
};

/* While a mail is under way only the end of it all can come. */
static bool is_unwanted(void *pipe)
{
    return (zsock_events(pipe) & ZMQ_POLLIN) != 0;
}

static int carry(zsock_t *pipe, zmsg_t *message)
{
    CLEANUP(zframe_destroy) zframe_t *frame = zmsg_pop(message);
    CLEANUP(parcel_close) struct parcel *parcel = parcel_read(message);
    struct errand errand;
    struct email_job job = { .mail = &errand.mail, .patience = &errand.patience };
    struct outcome outcome;

    if (!frame || !parcel || zframe_size(frame) != sizeof errand)
        return -EIO;
    memcpy(&errand, zframe_data(frame), sizeof errand);
    explicit_bzero(zframe_data(frame), zframe_size(frame)); /* there is a password in it */
    job.delivery = &parcel->delivery;
    job.is_unwanted = is_unwanted;
    job.context = pipe;

    email_carry(&job, &outcome);
    explicit_bzero(&errand, sizeof errand);
    return outcome_send(pipe, &outcome);
}

static void run(zsock_t *pipe, void *unused)
{
    int answer = 0;

    (void)unused;
    (void)zsock_signal(pipe, 0);
    while (answer == 0) {
        CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(pipe);

        if (!message || zframe_streq(zmsg_first(message), "$TERM"))
            break;
        answer = carry(pipe, message);
    }
}

zactor_t *carrier_open(void)
{
    zactor_t *carrier = zactor_new(run, NULL);

    if (carrier)
        zsock_set_sndtimeo(carrier, 0); /* one that has ended takes nothing: do not wait for it */
    return carrier;
}

int carrier_send(zactor_t *carrier, const struct mail_settings *mail,
                 const struct patience *patience, const struct delivery *delivery)
{
    CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_new();
    struct errand errand = { *mail, *patience };
    int added = message ? zmsg_addmem(message, &errand, sizeof errand) : -1;

    explicit_bzero(&errand, sizeof errand);
    if (added != 0 || parcel_write(message, delivery) < 0 || zmsg_send(&message, carrier) != 0)
        return -EIO;
    return 0;
}
