/* SPDX-License-Identifier: MIT */
/*
 * lib/net_world: what every test of the HTTP client needs: a loop, a client, a stub server, and a
 * place where answers are kept. One world a test (tests run in forked processes).
 */
#ifndef TESTS_LIB_NET_WORLD_H
#define TESTS_LIB_NET_WORLD_H

#include <check.h>

#include "lib/stub_server.h"
#include "net/net.h"

struct net_world {
    struct event_base *base;
    struct net *net;
    struct stub_server *server;
};

/* An answer, kept beyond its callback. */
struct kept_answer {
    int calls; /* how often the callback came */
    struct net_answer answer;
    char body[4096]; /* its beginning */
};

extern struct net_world world;

/* For tcase_add_checked_fixture(). */
void net_world_open(void);
void net_world_close(void);

/* A test case with both as its fixture. */
TCase *net_world_case(const char *name);

/* A client with other options in place of the one there is. */
void net_world_options(const struct net_options *options);

/* net_function that fills a struct kept_answer. */
void keep_answer(const struct net_answer *answer, void *context);

/* Runs the loop until the answer is there, n answers are there (as sum of *calls), or for ms. */
void run_until(const struct kept_answer *kept);
void run_until_count(const int *calls, int n);
void run_for(int ms);

/* GET of the server's url with a timeout of 20 s, which no test is to reach. */
struct net_call call_of(const char *url);

/* One script for every connection, one GET of "/", and what came of it. */
const struct kept_answer *get_scripted(const struct stub_step *steps);

/* The same with a call of the test's own. */
const struct kept_answer *get_call(const struct net_call *call);

#endif
