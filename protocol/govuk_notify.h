/* govuk_notify.h - what GOV.UK Notify takes and answers: docs.notifications.service.gov.uk, v2.
 *
 * The wording lives there, in a template of the board's own account; what we send are its
 * personalisation (subject, text, reference, board, acknowledge) and our notification's id as
 * `reference`, by which a message of unknown fate is found again.
 */
#ifndef CONCERN_PROTOCOL_GOVUK_NOTIFY_H
#define CONCERN_PROTOCOL_GOVUK_NOTIFY_H

#include "protocol/notification_body.h"
#include "protocol/signature.h"

enum {
    GOVUK_UUID_SIZE = 37,
    GOVUK_TOKEN_SIZE = 400,
    GOVUK_ANSWER_MAX = 16 * 1024 /* bytes of an answer that are read */
};

/** An API key, taken apart. */
struct govuk_key {
    char service[GOVUK_UUID_SIZE];
    struct signature_secret secret; /* the 36 characters of the second UUID; wiped by its owner */
};

/** Reads "NAME-SERVICE-SECRET", white space around it left out; false: not such a key. */
bool govuk_key_read(const char *text, struct govuk_key *key);

/**
 * Writes the bearer token of one attempt: a JWT by HS256 over {"iss":service,"iat":now_s}.  Good
 * for 30 seconds either way, so never kept.  0, or -EIO where OpenSSL failed.
 */
int govuk_token_write(const struct govuk_key *key, int64_t now_s, char token[GOVUK_TOKEN_SIZE]);

/** One message; texts borrowed, none NULL. */
struct govuk_message {
    const struct outgoing *outgoing;
    const char *to; /* an address or a telephone number */
    bool is_text;   /* a text message: phone_number, else email_address */
    const char *template_id;
};

/**
 * Writes the body of the POST.  Notify reads Markdown in a mail: what is none of ours in `text` is
 * escaped ("- " lists are ours), and brackets in a link are written as a URL has them.  A board's
 * template may have the subject there too: a blank keeps its brackets from making a link.  What
 * reference and board are made of (alphabet_is_id) makes none.
 *
 * 0 sets `*json` (the caller frees); -EINVAL for texts that are missing or not plain; -ENOMEM.
 */
int govuk_body_write(const struct govuk_message *message, char **json);

/** What an answer means. */
enum govuk_verdict {
    GOVUK_TAKEN,    /* 201, or found by its reference */
    GOVUK_UNKNOWN,  /* looked up: Notify never had it, or did not send it (technical-failure) */
    GOVUK_LATER,    /* 429 RateLimitError, 5xx, or unreadable */
    GOVUK_TOMORROW, /* 429 TooManyRequestsError: the day's limit; another route meanwhile */
    GOVUK_SETTINGS, /* the key, the clock, the template, the service's own settings: 400
                     * BadRequestError or none that is known, 401, 403, 404; tell the operator */
    GOVUK_REFUSED,  /* 400 ValidationError: the address; or it was not delivered for good */
};

struct govuk_judgement {
    enum govuk_verdict verdict;
    const char *name; /* of the error, or of what became of the message: one that Notify documents,
                       * or "" */
};

/** Judges the answer to the POST by status and the errors' names, never by their words. */
struct govuk_judgement govuk_judge(int status, const char *body, size_t size);

/**
 * Judges the answer to GET /v2/notifications?reference=ID.  Where there are several of that
 * reference, one that was not delivered counts only where none is on its way.
 */
struct govuk_judgement govuk_judge_lookup(int status, const char *body, size_t size,
                                          const char *reference);

#endif
