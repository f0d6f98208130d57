/* SPDX-License-Identifier: MIT */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/text.h"
#include "capture/signin.h"
#include "config.h"
#include "ctl/ctl.h"
#include "daemon/config.h"
#include "daemon/open.h"
#include "net/net.h"
#include "spotify/oauth.h"

struct login {
    struct config *config;
    struct open_state open;
    struct event_base *base;
    struct net *net;
    int status;
};

/* The first line of standard input, without blanks at its end. Wipe it. False, with a message said,
 * if it cannot be a token. */
static bool read_token(char *token, size_t size)
{
    size_t len;

    if (!fgets(token, (int)size, stdin)) {
        fputs("spotify-historyctl: login: no token on standard input\n", stderr);
        return false;
    }
    len = strcspn(token, "\r\n");
    if (len == size - 1) {
        fputs("spotify-historyctl: login: what stands on standard input is too long for a token\n",
              stderr);
        return false;
    }
    while (len > 0 && token[len - 1] == ' ')
        len--;
    token[len] = '\0';
    for (size_t i = 0; i < len; i++)
        if (token[i] <= ' ' || token[i] > '~')
            len = 0;
    if (len == 0)
        fputs("spotify-historyctl: login: what stands on standard input is no token\n", stderr);
    return len > 0;
}

static int status_of(enum signin_result result)
{
    switch (result) {
    case SIGNIN_OK:
        return EXIT_STATUS_OK;
    case SIGNIN_REFUSED:
        return EXIT_STATUS_NOPERM;
    case SIGNIN_FAILED:
        return EXIT_STATUS_TEMPFAIL;
    case SIGNIN_STORE:
        break;
    }
    return EXIT_STATUS_IO;
}

static void signed_in(const struct signin_report *report, void *context)
{
    struct login *login = context;
    char name[200];

    login->status = status_of(report->result);
    if (report->result == SIGNIN_OK)
        printf("%s (%s) is signed in%s\n",
               text_excerpt(report->user.display_name, strlen(report->user.display_name), name,
                            sizeof(name)),
               report->user.spotify_id,
               report->added ? "; recording begins when the daemon starts" : " again");
    else
        fprintf(stderr, "spotify-historyctl: login: %s\n", report->message);
    event_base_loopbreak(login->base);
}

static int sign_in(struct login *login, const char *token)
{
    struct net_options options = {.user_agent = "spotify-historyctl/" PACKAGE_VERSION,
                                  .max_connections = 1};
    struct recorder_config config = open_recorder_config(login->config);

    login->base = event_base_new();
    login->net = login->base ? net_new(login->base, &options) : NULL;
    if (!login->net || !signin_start(login->base, login->net, login->open.store, login->open.vault,
                                     &config, token, signed_in, login)) {
        fputs("spotify-historyctl: login: out of memory\n", stderr);
        return EXIT_STATUS_SOFTWARE;
    }
    /* From here on Spotify may have replaced the token: what it answers must be stored before we
     * end. That takes a minute or two at the worst. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    event_base_dispatch(login->base);
    return login->status;
}

static int with_config(struct login *login, const char *token)
{
    char why[1200];
    int status;

    if (!login->config->spotify.client_id[0]) {
        fputs(
            "spotify-historyctl: login: no spotify.client_id is configured: a token belongs to the app it was made "
            "for\n",
            stderr);
        return EXIT_STATUS_CONFIG;
    }
    status = open_all(login->config, &login->open, why, sizeof(why));
    if (status == EXIT_STATUS_UNAVAILABLE)
        fprintf(stderr,
                "spotify-historyctl: login: %s: stop the daemon, sign in, and start it again\n",
                why);
    else if (status != EXIT_STATUS_OK)
        fprintf(stderr, "spotify-historyctl: login: %s\n", why);
    if (status != EXIT_STATUS_OK)
        return status;
    if (why[0])
        fprintf(stderr, "spotify-historyctl: login: warning: %s\n", why);
    return sign_in(login, token);
}

static int login_with_token(const char *config_file, const char *token)
{
    struct login login = {.open = {.lock_fd = -1}};
    struct buf problems = {0};
    int status = EXIT_STATUS_CONFIG;

    login.config = config_load(config_file, &problems);
    if (login.config)
        status = with_config(&login, token);
    else
        fputs(problems.data ? problems.data : "configuration: out of memory\n", stderr);
    net_free(login.net);
    if (login.base)
        event_base_free(login.base);
    open_close(&login.open);
    config_free(login.config);
    buf_free(&problems, false);
    return status;
}

int ctl_login(const struct ctl_call *call)
{
    static const struct option options[] = {{"token-stdin", no_argument, NULL, 't'},
                                            {NULL, 0, NULL, 0}};
    char token[SPOTIFY_TOKEN_MAX + 2];
    bool from_stdin = false;
    int option, status = EXIT_STATUS_USAGE;

    optind = 0; /* a new scan, of the command's own arguments */
    while ((option = getopt_long(call->argc, call->argv, "", options, NULL)) != -1) {
        if (option != 't')
            return EXIT_STATUS_USAGE;
        from_stdin = true;
    }
    if (!from_stdin || optind < call->argc) {
        fputs("Usage: spotify-historyctl login --token-stdin <FILE-WITH-A-REFRESH-TOKEN\n", stderr);
        return EXIT_STATUS_USAGE;
    }
    open_harden_process();
    if (read_token(token, sizeof(token)))
        status = login_with_token(call->config_file, token);
    buf_wipe(token, sizeof(token));
    return status;
}
