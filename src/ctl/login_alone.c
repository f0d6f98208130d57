/* SPDX-License-Identifier: MIT */
/* A sign-in in the daemon's place, while none runs: the same parts, and the address is pasted,
 * because nobody listens where the browser ends. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "capture/login.h"
#include "capture/signin.h"
#include "ctl/local.h"
#include "ctl/login.h"
#include "ctl/paste.h"
#include "ctl/print.h"
#include "ctl/user.h"
#include "ctl/view.h"
#include "spotify/callback.h"

#define LOOK_EVERY_MS 1000

static const int held[] = {SIGINT, SIGTERM, SIGHUP};

#define HELD_COUNT (sizeof(held) / sizeof(held[0]))

struct alone {
    const struct login_wish *wish;
    struct local local;
    struct login *login;
    char id[ATTEMPT_TEXT_SIZE];
    struct signin_report report;
    bool done;
    sighandler_t before[HELD_COUNT]; /* what the signals did */
};

static int fail_memory(void)
{
    print_error("login", "out of memory");
    return EXIT_STATUS_SOFTWARE;
}

/* -- The end ----------------------------------------------------------------------------------- */

static int report_success(const struct signin_report *report)
{
    const struct store_user *user = &report->user;
    struct buf out = {0};

    print_text(&out, user->display_name[0] ? user->display_name : user->spotify_id);
    if (user->display_name[0]) {
        buf_add_text(&out, " (");
        print_text(&out, user->spotify_id);
        buf_add_text(&out, ")");
    }
    buf_add_text(&out, report->added ? " is signed in; recording begins when the daemon starts\n"
                                     : " is signed in again\n");
    return print_out(&out);
}

static int report(const struct signin_report *report)
{
    struct buf why = {0};

    if (report->result == SIGNIN_OK)
        return report_success(report);
    view_login_failure(signin_result_title(report->result), report->message,
                       signin_result_advice(report->result), &why);
    fputs(why.data ? why.data : "spotify-historyctl: login: it failed\n", stderr);
    buf_free(&why, false);
    return view_login_exit(signin_result_name(report->result));
}

/* From the request on Spotify may have replaced a token or used up the code: what it answers must
 * be stored before we end. That takes a minute or two at the worst. */
static void hold_signals(struct alone *alone)
{
    for (size_t i = 0; i < HELD_COUNT; i++)
        alone->before[i] = signal(held[i], SIG_IGN);
}

static void release_signals(const struct alone *alone)
{
    for (size_t i = 0; i < HELD_COUNT; i++)
        signal(held[i], alone->before[i]);
}

static enum login_stage look(struct alone *alone)
{
    int64_t ends_at;

    return login_look(alone->login, alone->id, &ends_at, &alone->report);
}

/* -- A token ----------------------------------------------------------------------------------- */

static int with_token(struct alone *alone)
{
    hold_signals(alone);
    if (!login_with_token(alone->login, alone->wish->token, alone->id))
        return fail_memory();
    while (look(alone) != LOGIN_DONE)
        if (event_base_loop(alone->local.base, EVLOOP_ONCE) != 0)
            return fail_memory();
    return report(&alone->report);
}

/* -- A browser --------------------------------------------------------------------------------- */

static void came_back(const struct signin_report *result, void *context)
{
    struct alone *alone = context;

    alone->report = *result;
    alone->done = true;
}

/* The address was of another sign-in, an earlier one say: ours is still open. */
static bool ask_again(const struct alone *alone, int *status)
{
    fprintf(stderr, "%s.\nPaste the address that this sign-in ended on:\n",
            signin_result_title(alone->report.result));
    *status = view_login_exit(signin_result_name(alone->report.result));
    return false;
}

/* Hands in what was pasted and waits for what becomes of it. False: it was none, another is needed.
 */
static bool hand_in(struct alone *alone, const char *line, int *status)
{
    struct spotify_callback callback;
    const char *problem = NULL;

    if (line[strspn(line, " \t")] == '\0')
        return false; /* Enter, and nothing else */
    if (!spotify_callback_parse_paste(line, strlen(line), alone->wish->config->spotify.redirect_uri,
                                      &callback, &problem)) {
        fprintf(stderr, "%s\nPaste the whole address of the page:\n", problem);
        return false;
    }
    hold_signals(alone);
    alone->done = false;
    login_come_back(alone->login, &callback, NULL, came_back, alone);
    while (!alone->done && event_base_loop(alone->local.base, EVLOOP_ONCE) == 0)
        ;
    release_signals(alone);
    spotify_callback_wipe(&callback);
    if (!alone->done)
        *status = fail_memory();
    else if (alone->report.result != SIGNIN_OK && look(alone) == LOGIN_WAITING)
        return ask_again(alone, status);
    else
        *status = report(&alone->report);
    return true;
}

static int wait_for_paste(struct alone *alone)
{
    struct paste paste = {.fd = STDIN_FILENO};
    char line[PASTE_LINE_MAX];
    bool over = false;
    int status = EXIT_STATUS_USAGE;

    while (!over) {
        switch (paste_read(&paste, LOOK_EVERY_MS, line)) {
        case PASTE_LINE:
            over = hand_in(alone, line, &status);
            buf_wipe(line, sizeof(line));
            break;
        case PASTE_NOTHING:
            over = look(alone) == LOGIN_DONE;
            if (over) /* nobody came back in time */
                status = report(&alone->report);
            break;
        case PASTE_END:
            over = true;
            print_error("login", "no address was pasted: nobody was signed in");
        }
    }
    paste_wipe(&paste);
    return status;
}

/* The number of the user to renew; 0: nobody was named. */
static int find_user(struct alone *alone, int64_t *number)
{
    struct buf why = {0};
    json_t *users = NULL;
    const json_t *user = NULL;

    *number = 0;
    if (!alone->wish->user)
        return EXIT_STATUS_OK;
    users = local_users(alone->wish->call, &alone->local);
    if (!users)
        return EXIT_STATUS_IO;
    user = user_find(users, alone->wish->user, &why);
    if (user)
        *number = user_number(user);
    else
        print_error("login", "%s", why.data ? why.data : "out of memory");
    json_decref(users);
    buf_free(&why, false);
    return *number > 0 ? EXIT_STATUS_OK : EXIT_STATUS_USAGE;
}

static int with_browser(struct alone *alone)
{
    struct buf address = {0};
    int64_t number = 0;
    int status = find_user(alone, &number);

    if (status != EXIT_STATUS_OK)
        return status;
    alone->report.result = login_begin(alone->login, NULL, number, &address, alone->id);
    if (alone->report.result != SIGNIN_OK)
        status = report(&alone->report);
    else
        status = login_show(alone->wish, address.data, login_redirect_uri(alone->login), true);
    buf_free(&address, true);
    return status == EXIT_STATUS_OK ? wait_for_paste(alone) : status;
}

/* The daemon's secret may be kept from who runs a command; without it Spotify would refuse us. */
static bool lacks_secret(const struct config *config)
{
    return config->spotify.client_secret_file[0] && !config->spotify.client_secret[0];
}

int login_alone(const struct login_wish *wish)
{
    struct alone alone = {.wish = wish};
    int status;

    if (!wish->config->spotify.client_id[0]) {
        alone.report.result = SIGNIN_NO_CLIENT;
        return report(&alone.report);
    }
    if (lacks_secret(wish->config)) {
        print_error("login",
                    "no permission to read the client secret in %s, which a sign-in needs while "
                    "the daemon is not running",
                    wish->config->spotify.client_secret_file);
        return EXIT_STATUS_CONFIG;
    }
    status = local_take(wish->call, wish->config, &alone.local);
    if (status != EXIT_STATUS_OK)
        return status;
    alone.login = login_new(alone.local.recorder, wish->config->spotify.redirect_uri);
    if (!alone.login)
        status = fail_memory();
    else
        status = wish->token ? with_token(&alone) : with_browser(&alone);
    login_free(alone.login);
    local_give_back(&alone.local);
    return status;
}
