/* email.h - one mail to one recipient: sends it, and judges how it ended by the reply codes. */
#ifndef CONCERN_IO_EMAIL_H
#define CONCERN_IO_EMAIL_H

#include <curl/curl.h>

#include "io/dispatcher.h"

struct email_job {
    const struct mail_settings *mail;
    const struct patience *patience;
    const struct delivery *delivery;
    bool (*is_unwanted)(void *context); /* asked about every second: shall the job be given up? */
    void *context;
};

/**
 * Sends one mail and waits for its end, minutes at worst: libcurl's SMTP waits for the answer to
 * the final dot and to QUIT inside the call, also under its multi interface [measured with
 * 7.88.1], so this needs a thread that has nothing else to do (carrier.h).  Always sets `*outcome`.
 */
void email_carry(const struct email_job *job, struct outcome *outcome);

/** How far the dialogue with the server has come. */
enum email_stage {
    EMAIL_CONNECTING,
    EMAIL_GREETING, /* EHLO, STARTTLS */
    EMAIL_LOGIN,
    EMAIL_SENDER,
    EMAIL_RECIPIENT,
    EMAIL_TEXT,
};

/** What is known at the end of one transfer. */
struct email_end {
    enum email_stage stage;
    bool all_sent;  /* up to the final dot, as far as can be told */
    int code;       /* of the server's last reply; after all_sent only of one that came after it */
    bool policy;    /* that reply said 5.7.x */
    bool cut_short; /* we gave it up: too slow, or unwanted */
    CURLcode curl;
    bool distrusted; /* our certificate, or that we showed none */
};

/** Judges an end: sets outcome, code, ambiguous, needs_operator and retry_after_s. */
void email_judge(const struct email_end *end, struct outcome *outcome);

#endif
