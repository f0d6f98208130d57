/* SPDX-License-Identifier: MIT */
/* What the scenarios of signing in with the command share. */
#ifndef SCENARIO_CTL_LOGIN_HELP_H
#define SCENARIO_CTL_LOGIN_HELP_H

#include "harness.h"

extern struct browser *browser;

/* The fake with so many accounts and nobody signed in; the daemon too, or not. */
void begin(int accounts, int way);

/* Pastes an address and frees it. */
void paste(char *address);

/* Starts the command, agrees as an account (0: says no), and pastes the address. */
void login_as(int account);

int64_t users(void);
int64_t tokens(void);

#endif
