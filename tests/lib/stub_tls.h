/* SPDX-License-Identifier: MIT */
/*
 * lib/stub_tls: makes a stub_server speak TLS, with a certificate made on the spot by an authority
 * made on the spot.
 */
#ifndef TESTS_LIB_STUB_TLS_H
#define TESTS_LIB_STUB_TLS_H

#include "lib/stub_server.h"

#include <stdbool.h>

struct stub_tls;

struct stub_tls_options {
    const char *host; /* in the certificate: NULL = 127.0.0.1, else a DNS name */
    int from_days;    /* valid from so many days from now (mostly negative) ... */
    int to_days;      /* ... to so many */
    bool self_signed; /* by itself, not by the authority */
    bool sha1;        /* signed in a way that nobody should take any more */
    bool old;         /* TLS 1.1 at most */
    bool http2;       /* agrees to "h2" */
};

/* Makes keys and certificates and dresses the server; NULL when OpenSSL fails. */
struct stub_tls *stub_tls_new(struct stub_server *server, const struct stub_tls_options *options);

/* After the server is freed. Removes the file. */
void stub_tls_free(struct stub_tls *tls);

/* A PEM file that holds the authority's certificate. */
const char *stub_tls_ca_file(const struct stub_tls *tls);

#endif
