/* environment.c - what the libraries would do that somebody's environment tells them. */
#include "io/environment.h"

#include <stdlib.h>

#include "core/base.h"

void environment_clear(void)
{
    static const char *const names[] = {
        /* libcurl, and the proxies it would take */
        "SSLKEYLOGFILE",
        "CURL_SSL_BACKEND",
        "NETRC",
        "http_proxy",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "no_proxy",
        "NO_PROXY",
        /* OpenSSL: openssl-env(7) */
        "OPENSSL_CONF",
        "OPENSSL_CONF_INCLUDE",
        "OPENSSL_ENGINES",
        "OPENSSL_MODULES",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "CTLOG_FILE",
        "RANDFILE",
        /* GnuTLS, which libcurl's LDAP brings along */
        "GNUTLS_SYSTEM_PRIORITY_FILE",
        "GNUTLS_SYSTEM_PRIORITY_FAIL_ON_INVALID",
        "GNUTLS_DEBUG_LEVEL",
        "GNUTLS_CPUID_OVERRIDE",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)unsetenv(names[i]);
}
