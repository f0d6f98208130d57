/* SPDX-License-Identifier: MIT */
#include "ctl_login_help.h"

#include <stdio.h>
#include <stdlib.h>

struct browser *browser;

void begin(int accounts, int way)
{
    char count[12];

    snprintf(count, sizeof(count), "%d", accounts);
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", count);
    if (way == BY_DAEMON)
        hd_start();
    browser = browser_open();
}

void paste(char *address)
{
    ctl_type(address);
    free(address);
}

void login_as(int account)
{
    ctl_start("login");
    paste(ctl_agree(browser, account));
}

int64_t users(void)
{
    return db_int("SELECT count(*) FROM users");
}

int64_t tokens(void)
{
    return db_int("SELECT count(*) FROM tokens");
}
