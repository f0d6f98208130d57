/* SPDX-License-Identifier: MIT */
#include "ctl/login.h"

#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "ctl/local.h"
#include "ctl/print.h"
#include "daemon/open.h"
#include "spotify/oauth.h"

enum { OPTION_USER, OPTION_NO_BROWSER, OPTION_TOKEN_STDIN };

const struct ctl_option ctl_login_options[] = {
    [OPTION_USER] = {"user", "USER", "renew the sign-in of this user", 0},
    [OPTION_NO_BROWSER] = {"no-browser", NULL, "only print the address", 0},
    [OPTION_TOKEN_STDIN] = {"token-stdin", NULL,
                            "store a refresh token from elsewhere (read from standard input)", 0},
    {NULL, NULL, NULL, 0},
};

/* -- A token from elsewhere -------------------------------------------------------------------- */

/* The first line of standard input, without blanks at its end. Wipe it. False, with a message said,
 * if it cannot be a token. */
static bool read_token(char *token, size_t size)
{
    size_t len;

    if (!fgets(token, (int)size, stdin)) {
        print_error("login", "no token on standard input");
        return false;
    }
    len = strcspn(token, "\r\n");
    if (len == size - 1) {
        print_error("login", "what stands on standard input is too long for a token");
        return false;
    }
    while (len > 0 && token[len - 1] == ' ')
        len--;
    token[len] = '\0';
    for (size_t i = 0; i < len; i++)
        if (token[i] <= ' ' || token[i] > '~')
            len = 0;
    if (len == 0)
        print_error("login", "what stands on standard input is no token");
    return len > 0;
}

static int sign_in(const struct login_wish *wish)
{
    bool absent = false;
    int status = login_by_daemon(wish, &absent);

    return absent ? login_alone(wish) : status;
}

int ctl_login(const struct ctl_call *call)
{
    char token[SPOTIFY_TOKEN_MAX + 2] = "";
    struct login_wish wish = {.call = call,
                              .user = call->option[OPTION_USER],
                              .no_browser = call->option[OPTION_NO_BROWSER] != NULL};
    struct config *config = NULL;
    int status = EXIT_STATUS_USAGE;

    if (wish.user && call->option[OPTION_TOKEN_STDIN]) {
        print_error("login",
                    "--user and --token-stdin do not go together: a token says itself whose "
                    "it is");
        return status;
    }
    open_harden_process();
    if (call->option[OPTION_TOKEN_STDIN]) {
        setvbuf(stdin, NULL, _IONBF, 0); /* no copy of it stays in a buffer of the C library */
        if (!read_token(token, sizeof(token)))
            goto out;
        wish.token = token;
    }
    config = local_config(call);
    wish.config = config;
    status = config ? sign_in(&wish) : EXIT_STATUS_CONFIG;

out:
    config_free(config);
    buf_wipe(token, sizeof(token));
    return status;
}
