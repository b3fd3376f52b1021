/* transfer.c - what every transfer of ours sets on its curl handle. */
#include "io/transfer.h"

#include <string.h>

#include <openssl/ssl.h>

struct patience patience_or_default(const struct patience *patience)
{
    return (struct patience){
        .connect_ms = patience->connect_ms > 0 ? patience->connect_ms : 5000,
        .webhook_ms = patience->webhook_ms > 0 ? patience->webhook_ms : 20000,
        .mail_ms = patience->mail_ms > 0 ? patience->mail_ms : 120000,
        .answer_ms = patience->answer_ms > 0 ? patience->answer_ms : 600000,
    };
}

/* A connection that is never used twice cannot be taken over by a transfer that asked for other
 * TLS settings, credentials or addresses: libcurl 7.88 compares those only in part.  QUICK_EXIT
 * keeps a resolver that hangs from holding up the thread that gives a transfer up. */
bool transfer_prepare(CURL *curl, const char *url, const char *protocols, const char *ca_file,
                      const struct client_certificate *own)
{
    bool ok =
        curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, protocols) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;

    /* Without the second line the system's certificates would be believed beside the file's. */
    if (ok && ca_file[0])
        ok = curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
    if (ok && own->certificate[0])
        ok = curl_easy_setopt(curl, CURLOPT_SSLCERT, own->certificate) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_SSLCERTTYPE, "PEM") == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_SSLKEY, own->key) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_SSLKEYTYPE, "PEM") == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L) == CURLE_OK;
    return ok;
}

bool transfer_was_untrusted(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED ||
           code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR ||
           code == CURLE_SSL_INVALIDCERTSTATUS || code == CURLE_SSL_CERTPROBLEM;
}

static int note_asked(SSL *ssl, void *asked)
{
    (void)ssl;
    *(bool *)asked = true;
    return 1; /* with what is set, or without */
}

static CURLcode set_certificate_callback(CURL *curl, void *context, void *asked)
{
    (void)curl;
    SSL_CTX_set_cert_cb(context, note_asked, asked);
    return CURLE_OK;
}

bool transfer_watch_certificate(CURL *curl, bool *asked)
{
    return curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, set_certificate_callback) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, asked) == CURLE_OK;
}

/* OpenSSL's names of the alerts that RFC 8446 6.2 and RFC 5246 7.2.2 have for it. */
bool transfer_was_distrusted(CURLcode code, const char *trouble, bool asked_only)
{
    static const char *const alerts[] = { "alert certificate ", "alert bad certificate",
                                          "alert unsupported certificate", "alert unknown ca",
                                          "alert access denied" };

    for (size_t i = 0; code != CURLE_OK && i < COUNT_OF(alerts); i++)
        if (strstr(trouble, alerts[i]))
            return true;
    return asked_only && (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SEND_ERROR ||
                          code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING ||
                          code == CURLE_WEIRD_SERVER_REPLY);
}
