/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lib/stub_tls.h"

#ifdef HAVE_OPENSSL

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_S 86400L

struct stub_tls {
    SSL_CTX *context;
    X509 *authority;
    EVP_PKEY *authority_key;
    bool http2;
    char ca_file[32];
};

static bool add_extension(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return ok;
}

/* A certificate without its signature. */
static X509 *certificate_new(const char *name, EVP_PKEY *key, int from_days, int to_days)
{
    X509 *certificate = X509_new();
    X509_NAME *subject;
    static long serial = 1;

    if (certificate == NULL)
        return NULL;
    subject = X509_get_subject_name(certificate);
    if (X509_set_version(certificate, 2) == 1 &&
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++) == 1 &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), from_days * DAY_S) != NULL &&
        X509_gmtime_adj(X509_getm_notAfter(certificate), to_days * DAY_S) != NULL &&
        X509_set_pubkey(certificate, key) == 1 &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1,
                                   0) == 1)
        return certificate;
    X509_free(certificate);
    return NULL;
}

/* Each has a name of its own: a chain is found by names before it is proven by keys. */
static bool authority_make(struct stub_tls *tls)
{
    static unsigned count;
    char name[32];

    snprintf(name, sizeof(name), "stub authority %u", ++count);
    tls->authority_key = EVP_EC_gen("P-256");
    if (tls->authority_key == NULL)
        return false;
    tls->authority = certificate_new(name, tls->authority_key, -400, 400);
    return tls->authority != NULL &&
           X509_set_issuer_name(tls->authority, X509_get_subject_name(tls->authority)) == 1 &&
           add_extension(tls->authority, NID_basic_constraints, "critical,CA:TRUE") &&
           X509_sign(tls->authority, tls->authority_key, EVP_sha256()) > 0;
}

static bool authority_write(struct stub_tls *tls)
{
    int fd;
    FILE *file;
    bool ok;

    strcpy(tls->ca_file, "/tmp/stub-tls-XXXXXX");
    fd = mkstemp(tls->ca_file);
    if (fd < 0)
        return false;
    file = fdopen(fd, "w");
    if (file == NULL) {
        close(fd);
        return false;
    }
    ok = PEM_write_X509(file, tls->authority) == 1;
    return fclose(file) == 0 && ok;
}

static X509 *leaf_new(struct stub_tls *tls, EVP_PKEY *key, const struct stub_tls_options *options)
{
    const char *host = options->host != NULL ? options->host : "127.0.0.1";
    X509 *leaf = certificate_new(host, key, options->from_days, options->to_days);
    X509 *issuer = options->self_signed ? leaf : tls->authority;
    EVP_PKEY *signer = options->self_signed ? key : tls->authority_key;
    char names[256];

    snprintf(names, sizeof(names), "%s:%s", options->host != NULL ? "DNS" : "IP", host);
    if (leaf != NULL && X509_set_issuer_name(leaf, X509_get_subject_name(issuer)) == 1 &&
        add_extension(leaf, NID_subject_alt_name, names) &&
        X509_sign(leaf, signer, options->sha1 ? EVP_sha1() : EVP_sha256()) > 0)
        return leaf;
    X509_free(leaf);
    return NULL;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *context)
{
    static const unsigned char h2[] = {2, 'h', '2'};
    struct stub_tls *tls = context;

    (void)ssl;
    if (!tls->http2 || SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, h2,
                                             sizeof(h2), in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    return SSL_TLSEXT_ERR_OK;
}

static bool context_make(struct stub_tls *tls, const struct stub_tls_options *options)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *leaf = key != NULL ? leaf_new(tls, key, options) : NULL;
    bool ok = false;

    tls->http2 = options->http2;
    tls->context = SSL_CTX_new(TLS_server_method());
    if (leaf == NULL || tls->context == NULL)
        goto out;
    SSL_CTX_set_security_level(tls->context, 0);
    SSL_CTX_set_alpn_select_cb(tls->context, choose_protocol, tls);
    ok = SSL_CTX_use_certificate(tls->context, leaf) == 1 &&
         SSL_CTX_use_PrivateKey(tls->context, key) == 1 &&
         SSL_CTX_set_min_proto_version(tls->context, TLS1_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(tls->context, options->old ? TLS1_1_VERSION : 0) == 1;

out:
    X509_free(leaf);
    EVP_PKEY_free(key);
    return ok;
}

static struct bufferevent *tls_wrap(struct event_base *base, intptr_t fd, void *context)
{
    struct stub_tls *tls = context;
    SSL *ssl = SSL_new(tls->context);

    if (ssl == NULL)
        return NULL;
    return bufferevent_openssl_socket_new(base, (evutil_socket_t)fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                          BEV_OPT_CLOSE_ON_FREE);
}

struct stub_tls *stub_tls_new(struct stub_server *server, const struct stub_tls_options *options)
{
    struct stub_tls *tls = calloc(1, sizeof(*tls));

    if (tls == NULL)
        return NULL;
    if (!authority_make(tls) || !authority_write(tls) || !context_make(tls, options)) {
        ERR_print_errors_fp(stderr);
        stub_tls_free(tls);
        return NULL;
    }
    stub_server_wrap(server, tls_wrap, tls);
    return tls;
}

void stub_tls_free(struct stub_tls *tls)
{
    if (tls == NULL)
        return;
    if (tls->ca_file[0] != '\0')
        unlink(tls->ca_file);
    SSL_CTX_free(tls->context);
    X509_free(tls->authority);
    EVP_PKEY_free(tls->authority_key);
    free(tls);
}

const char *stub_tls_ca_file(const struct stub_tls *tls)
{
    return tls->ca_file;
}

#endif
