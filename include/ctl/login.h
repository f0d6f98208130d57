/* SPDX-License-Identifier: MIT */
/*
 * ctl/login: the two ways in which the command login signs somebody in: through the running daemon,
 * or by itself in the daemon's place.
 */
#ifndef CTL_LOGIN_H
#define CTL_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ctl/ctl.h"
#include "daemon/config.h"

/* What was asked for on the command line. */
struct login_wish {
    const struct ctl_call *call;
    const struct config *config;
    const char *user;  /* whom to renew, as given; NULL: whoever it turns out to be */
    const char *token; /* a refresh token from elsewhere; NULL: through a browser */
    bool no_browser;
};

/* Each returns an exit status; what there is to say was said. absent: nobody answers, and nothing
 * was said or done yet. */
int login_by_daemon(const struct login_wish *wish, bool *absent);
int login_alone(const struct login_wish *wish);

/* What a person is to do with an address. Pure. alone: no daemon is there for the browser to come
 * back to. */
void login_add_instructions(const char *address, const char *redirect_uri, bool alone,
                            struct buf *out);

/* Writes these instructions, and starts a browser at the address where there is a screen for it.
 * Returns an exit status. */
int login_show(const struct login_wish *wish, const char *address, const char *redirect_uri,
               bool alone);

/* Whether a browser may be started here, by the environment and the user. Pure. */
bool login_has_screen(const char *display, const char *wayland, const char *ssh, bool root);

/* True if text is an http or https address without anything odd in it. Pure. */
bool login_address_is_plain(const char *address);

#endif
