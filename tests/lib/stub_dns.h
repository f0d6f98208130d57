/* SPDX-License-Identifier: MIT */
/*
 * lib/stub_dns: a network and a name server of the test's own. The calling process (check's child)
 * moves into a network and mount namespace that has nothing but a loopback interface, and its
 * resolver asks a socket on 127.0.0.9 that does what the test says.
 */
#ifndef TESTS_LIB_STUB_DNS_H
#define TESTS_LIB_STUB_DNS_H

struct event_base;
struct stub_dns;

enum stub_dns_answer {
    STUB_DNS_SWALLOW,  /* never answers */
    STUB_DNS_NXDOMAIN, /* there is no such name */
    STUB_DNS_SERVFAIL,
    STUB_DNS_LOOPBACK, /* A: 127.0.0.1, and no AAAA */
    STUB_DNS_BOTH      /* A: 127.0.0.1, AAAA: 100::1, which nothing routes to */
};

/* Moves into the private network. NULL when that worked, else why it cannot (no privilege): the
 * test should print it and return. */
const char *private_network_enter(void);

/* A name server on base, in the private network; ends with the process. */
struct stub_dns *stub_dns_new(struct event_base *base, enum stub_dns_answer answer);
void stub_dns_free(struct stub_dns *dns);

/* Questions that came. */
unsigned stub_dns_questions(const struct stub_dns *dns);

#endif
