/* transfer.c - what every transfer of ours sets on its curl handle. */
#include "io/transfer.h"

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
bool transfer_prepare(CURL *curl, const char *url, const char *protocols, const char *ca_file)
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
    return ok;
}

bool transfer_was_untrusted(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED ||
           code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR ||
           code == CURLE_SSL_INVALIDCERTSTATUS || code == CURLE_SSL_CERTPROBLEM;
}
