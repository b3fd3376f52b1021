/* certificate_check.c - whether a certificate and a key can be shown together. */
#include "policy/certificate_check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static void file_close(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

static void certificate_free(X509 **certificate)
{
    X509_free(*certificate);
}

static void key_free(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

/* Nobody sits there to be asked for a passphrase. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static const char *say(char why[CERTIFICATE_FAULT_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *say(char why[CERTIFICATE_FAULT_SIZE], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, CERTIFICATE_FAULT_SIZE, format, arguments);
    va_end(arguments);
    return why;
}

const char *certificate_fault(const char *certificate_path, const char *key_path,
                              char why[CERTIFICATE_FAULT_SIZE])
{
    CLEANUP(file_close) FILE *certificate_file = fopen(certificate_path, "re");
    CLEANUP(file_close) FILE *key_file = NULL;
    CLEANUP(certificate_free) X509 *certificate = NULL;
    CLEANUP(key_free) EVP_PKEY *key = NULL;

    if (!certificate_file)
        return say(why, "cannot open the certificate %s: %s", certificate_path, strerror(errno));
    key_file = fopen(key_path, "re");
    if (!key_file)
        return say(why, "cannot open the key %s: %s", key_path, strerror(errno));
    certificate = PEM_read_X509(certificate_file, NULL, no_passphrase, NULL);
    key = PEM_read_PrivateKey(key_file, NULL, no_passphrase, NULL);
    ERR_clear_error();
    if (!certificate)
        return say(why, "%s holds no certificate (PEM)", certificate_path);
    if (!key)
        return say(why, "%s holds no key (PEM, without a passphrase)", key_path);
    if (X509_check_private_key(certificate, key) == 1)
        return NULL;
    ERR_clear_error();
    return say(why, "the key %s is not that of the certificate %s", key_path, certificate_path);
}
