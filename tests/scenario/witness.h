/* SPDX-License-Identifier: MIT */
/*
 * What must be true after every end of the daemon, however sudden: plays that were stored are still
 * there, and so is every sign-in whose answer was stored.
 */
#ifndef SCENARIO_WITNESS_H
#define SCENARIO_WITNESS_H

#include "harness.h"

#define WITNESS_ACCOUNTS 2

struct witness_tally {
    int lost, unknown; /* tokens lost; sign-ins found dead */
};

/* Begins with the accounts 1 to so many, who are signed in. */
void witness_begin(int accounts);
void witness_end(void);

/* Everything that was there at an earlier look is still there; what is new is remembered. */
void witness_plays(void);

/* The sign-in survives whenever the answer was committed; if not, the ledger shows that a refresh
 * was cut off. */
void witness_sign_in(int account);

/* A token that was legitimately lost: once the daemon has said so, the person signs in again. */
void witness_mend(int account);

/* The token that is stored is not the one that Spotify has: an answer came to nobody. */
bool witness_lost(int account);

struct witness_tally witness_counts(void);

#endif
