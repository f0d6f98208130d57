/* SPDX-License-Identifier: MIT */
/*
 * Failing on purpose: one piece of work of the daemon or the command is done again and again, each
 * time with something else that goes wrong in it (tests/faulty), and looked at afterwards.
 *
 * From the environment: FAULTS_SECONDS (how long a piece of work may take: everything is tried in
 * random order until then; absent: a small sample), HARNESS_SEED.
 */
#ifndef SCENARIO_FAULTS_HELP_H
#define SCENARIO_FAULTS_HELP_H

#include "harness.h"

enum faults_kind {
    FAULTS_MEMORY, /* an allocation fails */
    FAULTS_IO,     /* see lib/fault_vfs.h */
    FAULTS_READ,
    FAULTS_FULL,
    FAULTS_SHORT,
    FAULTS_KILL,
    FAULTS_POWER,
    FAULTS_KINDS
};

struct faults_run {
    enum faults_kind kind;
    long at; /* 0: nothing goes wrong */
    bool for_ever;
    int status; /* how it ended, see struct child */
    bool fired; /* for KILL and POWER too */
};

struct faults_work {
    const char *name;
    bool is_ctl;          /* the command's work, else the daemon's */
    void (*before)(void); /* prepares the work */
    int (*work)(void);    /* does it; its exit status */
    /* Looks at what came of it, does the rest without a fault, and looks again. */
    void (*after)(const struct faults_run *run);
};

/* The loop. What is true after every run is looked at here: it ended by itself with a status that
 * programs end with, nothing it had allocated is left, and the database, where there is one, is
 * whole. */
void faults_try_all(const struct faults_work *work);

/* What fails now goes on failing and is waited out, as a full disk is: a token that cannot be
 * stored is kept and tried again. After a second or two the work may end the program with SIGKILL.
 */
bool faults_may_wait(void);

/* The folder of the state as it is now is kept, and is put back as it was. */
void faults_keep_state(void);
void faults_put_state_back(void);

/* A timeout for tests that call faults_try_all(). */
double faults_timeout(void);

#endif
