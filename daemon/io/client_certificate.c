/* client_certificate.c - what the daemon shows to servers that ask who it is. */
#include "io/client_certificate.h"

#include <errno.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "io/journal.h"
#include "io/secret.h"

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

int client_certificate_check(const struct client_certificate *pair)
{
    CLEANUP(file_close) FILE *certificate_file = fopen(pair->certificate, "re");
    CLEANUP(file_close) FILE *key_file = NULL;
    CLEANUP(certificate_free) X509 *certificate = NULL;
    CLEANUP(key_free) EVP_PKEY *key = NULL;
    int error;

    if (!certificate_file)
        return journal_fail(-errno, "cannot open the certificate %s: %m", pair->certificate);
    if ((error = secret_check(pair->key)) < 0)
        return error;
    key_file = fopen(pair->key, "re");
    if (!key_file)
        return journal_fail(-errno, "cannot open the key %s: %m", pair->key);
    certificate = PEM_read_X509(certificate_file, NULL, no_passphrase, NULL);
    key = PEM_read_PrivateKey(key_file, NULL, no_passphrase, NULL);
    ERR_clear_error();
    if (!certificate)
        return journal_fail(-EINVAL, "%s holds no certificate (PEM)", pair->certificate);
    if (!key)
        return journal_fail(-EINVAL, "%s holds no key (PEM, without a passphrase)", pair->key);
    if (X509_check_private_key(certificate, key) == 1)
        return 0;
    ERR_clear_error();
    return journal_fail(-EINVAL, "the key %s is not that of the certificate %s", pair->key,
                        pair->certificate);
}
