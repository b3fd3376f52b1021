/* email.c - one mail to one recipient: sends it, and judges how it ended by the reply codes. */
#include "io/email.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mailbox.h"
#include "io/parcel.h"
#include "io/transfer.h"
#include "protocol/mail.h"

enum {
    QUIT_MS = 2000, /* how long a server that has taken the mail may take to say goodbye */
    LINE_SIZE = 512
};

struct email {
    const struct email_job *job;
    struct patience patience;
    CURL *curl;
    struct curl_slist *recipients;
    char sender[ADDRESS_MAX + 1]; /* of the envelope */
    char trouble[CURL_ERROR_SIZE];
    size_t read; /* of the delivery's bytes */
    struct email_end end;
    char line[LINE_SIZE];         /* the server's last one */
    bool needs_utf8, offers_utf8; /* SMTPUTF8 (RFC 6531) */
    bool lacks_utf8;              /* so it was given up before the recipient was named */
    bool asked, answered;         /* for our certificate; and said anything after that */
    bool over;                    /* the mail has its last reply; what follows answers QUIT */
    int64_t started_ms, sent_ms, over_ms;
};

static int64_t elapsed_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
        abort(); /* Linux always has this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- judging ---- */

/* Authentication wanted, refused, too weak: RFC 4954. */
static bool is_about_login(int code)
{
    return code == 530 || code == 534 || code == 535 || code == 538;
}

/* A refusal is the recipient's only if it answers what was said of the recipient or the text.
 * A refusal of us, our sender or our password says nothing of this mail: it would go through as
 * soon as somebody mends the settings. */
static bool is_about_us(const struct email_end *end)
{
    if (is_about_login(end->code) || end->policy)
        return true;
    return end->stage < EMAIL_RECIPIENT && end->code != 552; /* 552: this mail is too large */
}

static void judge_refusal(const struct email_end *end, struct outcome *outcome)
{
    if (!is_about_us(end)) {
        outcome->outcome = DELIVERY_REFUSED;
        return;
    }
    outcome->outcome = DELIVERY_LATER;
    outcome->needs_operator = true;
    outcome->retry_after_s = 3600; /* more often would get an account locked */
}

void email_judge(const struct email_end *end, struct outcome *outcome)
{
    int kind = end->code / 100;

    outcome->outcome = DELIVERY_LATER;
    outcome->code = end->all_sent || kind >= 4 ? end->code : 0;
    if (end->all_sent && kind == 2) {
        outcome->outcome = DELIVERY_DONE; /* however the goodbye went */
        return;
    }
    if (kind == 5) {
        judge_refusal(end, outcome);
        return;
    }
    outcome->ambiguous = end->all_sent && end->code == 0;
    outcome->needs_operator =
        kind != 4 &&
        (transfer_was_untrusted(end->curl) || end->distrusted || end->curl == CURLE_LOGIN_DENIED ||
         end->curl == CURLE_UNSUPPORTED_PROTOCOL || end->curl == CURLE_URL_MALFORMAT);
}

/* ---- the dialogue ---- */

static size_t give_bytes(char *buffer, size_t size, size_t count, void *context)
{
    struct email *email = context;
    const struct delivery *delivery = email->job->delivery;
    size_t left = delivery->size - email->read, room = size * count;
    size_t given = left < room ? left : room;

    memcpy(buffer, delivery->bytes + email->read, given);
    email->read += given;
    if (email->read == delivery->size && !email->end.all_sent) {
        email->end.all_sent = true;
        email->end.code = 0; /* the 354 said nothing of the mail */
        email->sent_ms = elapsed_ms();
    }
    return given;
}

static void end_dialogue(struct email *email)
{
    if (!email->over)
        email->over_ms = elapsed_ms();
    email->over = true;
}

/* One line of the server: "250-SIZE", "550 5.7.1 no". */
static size_t take_line(char *bytes, size_t size, size_t count, void *context)
{
    struct email *email = context;
    size_t length = size * count;
    size_t kept = length < LINE_SIZE ? length : LINE_SIZE - 1;

    email->answered = email->answered || email->asked;
    if (email->over || length < 3)
        return length;
    memcpy(email->line, bytes, kept);
    email->line[kept] = '\0';
    if (strspn(email->line, "0123456789") != 3)
        return length;
    email->end.code =
        (email->line[0] - '0') * 100 + (email->line[1] - '0') * 10 + (email->line[2] - '0');
    if (email->end.stage == EMAIL_GREETING && kept > 4 &&
        strncasecmp(email->line + 4, "SMTPUTF8", 8) == 0)
        email->offers_utf8 = true;
    email->lacks_utf8 = email->end.stage == EMAIL_SENDER && email->end.code / 100 == 2 &&
                        email->needs_utf8 && !email->offers_utf8;
    if (email->lacks_utf8)
        return 0; /* curl would name it all the same, and a server might guess whom it means */
    email->end.policy = kept > 4 && strncmp(email->line + 4, "5.7.", 4) == 0;
    if (email->end.all_sent && email->line[3] != '-')
        end_dialogue(email);
    return length;
}

/* Which command a reply answers tells what it is about; the codes alone do not. */
static int follow_stage(CURL *curl, curl_infotype type, char *bytes, size_t size, void *context)
{
    static const struct {
        const char *command;
        enum email_stage stage;
    } stages[] = {
        { "EHLO", EMAIL_GREETING }, { "HELO", EMAIL_GREETING },     { "STARTTLS", EMAIL_GREETING },
        { "AUTH", EMAIL_LOGIN },    { "MAIL FROM:", EMAIL_SENDER }, { "RCPT TO:", EMAIL_RECIPIENT },
        { "DATA", EMAIL_TEXT },
    };
    struct email *email = context;

    (void)curl;
    for (size_t i = 0; type == CURLINFO_HEADER_OUT && i < COUNT_OF(stages); i++) {
        size_t length = strlen(stages[i].command);

        if (size >= length && memcmp(bytes, stages[i].command, length) == 0)
            email->end.stage = stages[i].stage;
        if (size >= 4 && memcmp(bytes, "EHLO", 4) == 0)
            email->offers_utf8 = false; /* what was said before STARTTLS does not count */
    }
    if (type == CURLINFO_HEADER_OUT && size >= 4 && memcmp(bytes, "QUIT", 4) == 0)
        end_dialogue(email); /* curl gives up; the goodbye is no verdict */
    return 0;
}

/* Whether the phase the transfer is in has lasted too long.  curl's own limits do not fit: its
 * CONNECTTIMEOUT covers greeting and login too, and servers are slow at both on purpose. */
static bool is_too_slow(struct email *email)
{
    int64_t now_ms = elapsed_ms();
    curl_off_t connected_us = 0;

    if (email->over)
        return now_ms - email->over_ms > QUIT_MS;
    if (email->end.all_sent)
        return now_ms - email->sent_ms > email->patience.answer_ms;
    if (now_ms - email->started_ms > email->patience.mail_ms)
        return true;
    (void)curl_easy_getinfo(email->curl, CURLINFO_CONNECT_TIME_T, &connected_us);
    return connected_us == 0 && now_ms - email->started_ms > email->patience.connect_ms;
}

static int watch(void *context, curl_off_t total_down, curl_off_t down, curl_off_t total_up,
                 curl_off_t up)
{
    struct email *email = context;

    (void)total_down, (void)down, (void)total_up, (void)up;
    email->end.cut_short =
        email->end.cut_short || is_too_slow(email) || email->job->is_unwanted(email->job->context);
    return email->end.cut_short;
}

/* ---- one transfer ---- */

static void email_close(struct email *email)
{
    curl_easy_cleanup(email->curl);
    curl_slist_free_all(email->recipients);
}

/* Where a bounce would not find its way the mail goes as it would without the setting: it is for a
 * person, and waits for nobody's key. */
static void set_sender(struct email *email)
{
    const struct mail_settings *mail = email->job->mail;

    if (!mail->bounces[0] || return_path_write(&mail->bounce_key, mail->bounces,
                                               email->job->delivery->id, email->sender) < 0)
        memcpy(email->sender, mail->from, sizeof email->sender);
}

static bool set_mail(struct email *email)
{
    const struct mail_settings *mail = email->job->mail;
    const struct delivery *delivery = email->job->delivery;
    CURL *curl = email->curl;
    bool ok;

    set_sender(email);
    email->recipients = curl_slist_append(NULL, delivery->recipient);
    ok = email->recipients &&
         transfer_prepare(curl, mail->url, "smtp,smtps", mail->ca_file, &mail->own) &&
         curl_easy_setopt(curl, CURLOPT_MAIL_FROM, email->sender) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, email->recipients) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)delivery->size) == CURLE_OK;
    if (ok && mail->user[0]) /* only what a password under TLS needs; no Digest, no Negotiate */
        ok = curl_easy_setopt(curl, CURLOPT_USERNAME, mail->user) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_PASSWORD, mail->password) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN") == CURLE_OK;
    return ok;
}

static bool set_callbacks(struct email *email)
{
    CURL *curl = email->curl;

    return curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, email->trouble) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READDATA, email) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, email) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, follow_stage) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_DEBUGDATA, email) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, email) == CURLE_OK &&
           transfer_watch_certificate(curl, &email->asked);
}

/* The last resort behind watch(): nothing of curl's may end a phase earlier than we do. */
static bool set_patience(struct email *email)
{
    const struct patience *patience = &email->patience;
    long most_ms = (long)patience->connect_ms + patience->mail_ms + patience->answer_ms + QUIT_MS;

    return curl_easy_setopt(email->curl, CURLOPT_CONNECTTIMEOUT_MS, most_ms) == CURLE_OK &&
           curl_easy_setopt(email->curl, CURLOPT_TIMEOUT_MS, most_ms) == CURLE_OK &&
           curl_easy_setopt(email->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, most_ms / 1000 + 1) ==
               CURLE_OK;
}

/* Why there is no reply that decided. */
static const char *reason_of(const struct email *email, const struct outcome *outcome)
{
    if (email->end.cut_short && outcome->ambiguous)
        return "no answer to the final dot in time";
    if (email->end.cut_short)
        return email->end.stage == EMAIL_CONNECTING ? "no connection in time" : "too slow";
    return email->trouble[0] ? email->trouble : curl_easy_strerror(email->end.curl);
}

static void tell_reason(const struct email *email, struct outcome *outcome)
{
    char reason[sizeof TRANSFER_DISTRUSTED + CURL_ERROR_SIZE];

    (void)snprintf(reason, sizeof reason, "%s%s", email->end.distrusted ? TRANSFER_DISTRUSTED : "",
                   reason_of(email, outcome));
    outcome_tell(outcome, reason);
}

/* What can be told without asking the server; false: nothing. */
static bool is_hopeless(const struct email_job *job, struct outcome *outcome)
{
    if (!mail_address_is_safe(job->delivery->recipient)) {
        outcome->outcome = DELIVERY_REFUSED;
        outcome->needs_operator = true;
        outcome_tell(outcome, "the recipient's address does not pass the gate");
        return true;
    }
    if (!job->mail->url[0]) {
        outcome->needs_operator = true;
        outcome_tell(outcome, "no mail server is configured");
        return true;
    }
    return false;
}

void email_carry(const struct email_job *job, struct outcome *outcome)
{
    CLEANUP(email_close)
    struct email email = {
        .job = job,
        .patience = patience_or_default(job->patience),
        .needs_utf8 = !mailbox_is_ascii(job->delivery->recipient),
        .started_ms = elapsed_ms(),
    };

    *outcome = outcome_of(job->delivery);
    if (is_hopeless(job, outcome))
        return;
    email.curl = curl_easy_init();
    if (!email.curl || !set_mail(&email) || !set_callbacks(&email) || !set_patience(&email)) {
        outcome_tell(outcome, "cannot set up the transfer");
        return;
    }
    email.end.curl = curl_easy_perform(email.curl);
    email.end.distrusted =
        transfer_was_distrusted(email.end.curl, email.trouble, email.asked && !email.answered);
    email_judge(&email.end, outcome);
    if (email.lacks_utf8) {
        outcome->outcome = DELIVERY_REFUSED;
        outcome_tell(outcome, "the mail server has no SMTPUTF8, which an address that is not "
                              "plain ASCII needs");
        return;
    }
    if (outcome->code > 0)
        outcome_tell_reply(outcome, email.line);
    else
        tell_reason(&email, outcome);
}
