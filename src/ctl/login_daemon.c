/* SPDX-License-Identifier: MIT */
/* A sign-in through the running daemon: it begins it, and this looks how it stands, once a second,
 * and hands in what is pasted meanwhile. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "capture/signin.h"
#include "ctl/client.h"
#include "ctl/fields.h"
#include "ctl/local.h"
#include "ctl/login.h"
#include "ctl/paste.h"
#include "ctl/print.h"
#include "ctl/user.h"
#include "ctl/view.h"

#define LOOK_EVERY_MS 1000
#define LOOK_SOON_MS 200            /* while the daemon works on it */
#define WAIT_MS (15 * CLOCK_MINUTE) /* the daemon itself ends it after ten */
#define ID_MAX 64

struct wait {
    const struct login_wish *wish;
    char target[ID_MAX + 16];    /* "/v1/login/ID" */
    struct client_answer answer; /* the newest */
    struct paste paste;
    char line[PASTE_LINE_MAX];
};

static bool ask(struct wait *wait, const char *target, const char *body)
{
    client_answer_free(&wait->answer);
    local_ask(wait->wish->config, target, body, &wait->answer);
    return wait->answer.result == CLIENT_OK;
}

/* A call failed; says it. A daemon that was restarted has forgotten what was under way. */
static int failed(const struct wait *wait)
{
    int status = view_login_exit(wait->answer.code);

    print_error("login", "%s", wait->answer.message);
    if (!wait->target[0] && strcmp(wait->answer.code, "conflict") == 0) { /* no client id */
        print_error("login", "%s", signin_result_advice(SIGNIN_NO_CLIENT));
        return EXIT_STATUS_CONFIG;
    }
    if (wait->target[0] &&
        (wait->answer.result == CLIENT_ABSENT || strcmp(wait->answer.code, "not_found") == 0)) {
        print_error("login", "the daemon was stopped or restarted meanwhile: begin anew");
        return EXIT_STATUS_TEMPFAIL;
    }
    return status != EXIT_STATUS_SOFTWARE ? status : client_exit_status(&wait->answer);
}

/* -- Beginning --------------------------------------------------------------------------------- */

/* The number of the user to renew; 0: nobody was named. */
static int find_user(struct wait *wait, int64_t *number)
{
    struct buf why = {0};
    const json_t *user;

    *number = 0;
    if (!wait->wish->user)
        return EXIT_STATUS_OK;
    if (!ask(wait, "/v1/users", NULL))
        return failed(wait);
    user = user_find(json_object_get(wait->answer.json, "users"), wait->wish->user, &why);
    if (user)
        *number = user_number(user);
    else
        print_error("login", "%s", why.data ? why.data : "out of memory");
    buf_free(&why, false);
    return user ? EXIT_STATUS_OK : EXIT_STATUS_USAGE;
}

/* The id becomes part of an address, so it must be what ours are. */
static bool take_id(struct wait *wait)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *id = field_text(wait->answer.json, "login", "");

    if (!*id || strlen(id) > ID_MAX || id[strspn(id, letters)])
        return false;
    snprintf(wait->target, sizeof(wait->target), "/v1/login/%s", id);
    return true;
}

static int begin(struct wait *wait)
{
    struct buf body = {0};
    int64_t number = 0;
    int status = find_user(wait, &number);
    bool begun;

    if (status != EXIT_STATUS_OK)
        return status;
    if (wait->wish->token)
        client_secret_body(&body, "refresh_token", wait->wish->token);
    else if (number > 0)
        buf_addf(&body, "{\"user\": %" PRId64 "}", number);
    else
        buf_add_text(&body, "{}");
    begun = !body.failed && ask(wait, "/v1/login", body.data);
    buf_free(&body, true);
    if (!begun)
        return failed(wait);
    if (!take_id(wait)) {
        print_error("login", "the daemon's answer names no sign-in");
        return EXIT_STATUS_SOFTWARE;
    }
    return EXIT_STATUS_OK;
}

/* -- Waiting ----------------------------------------------------------------------------------- */

/* Hands in what was pasted. False when there is no use in going on. */
static bool hand_in(struct wait *wait)
{
    struct buf body = {0};
    bool good;

    if (wait->line[strspn(wait->line, " \t")] == '\0')
        return true; /* Enter, and nothing else */
    good = client_secret_body(&body, "address", wait->line) && ask(wait, wait->target, body.data);
    if (body.len == 0) {
        fputs("That is no address. Paste the whole address of the page:\n", stderr);
        good = true;
    } else if (!good && (strcmp(wait->answer.code, "bad_address") == 0 ||
                         strcmp(wait->answer.code, "conflict") == 0)) { /* another sign-in's */
        fprintf(stderr, "%s\nPaste the whole address of the page:\n", wait->answer.message);
        good = true;
    }
    buf_free(&body, true);
    buf_wipe(wait->line, sizeof(wait->line));
    return good;
}

/* Waits a moment, or for a line. */
static bool wait_a_moment(struct wait *wait, bool working)
{
    int ms = working ? LOOK_SOON_MS : LOOK_EVERY_MS;

    if (working || wait->wish->token || wait->paste.ended) {
        (void)poll(NULL, 0, ms);
        return true;
    }
    if (paste_read(&wait->paste, ms, wait->line) == PASTE_LINE)
        return hand_in(wait);
    return true;
}

/* How it stands. A daemon that stops may cut a connection: the second try tells whether it did. */
static bool look(struct wait *wait)
{
    return ask(wait, wait->target, NULL) ||
           (wait->answer.result == CLIENT_LOST && ask(wait, wait->target, NULL));
}

/* Until it is done. */
static int wait_for_end(struct wait *wait)
{
    int64_t until = clock_boot_ms() + WAIT_MS;

    while (clock_boot_ms() < until) {
        const char *stage = field_text(wait->answer.json, "stage", "");

        if (strcmp(stage, "done") == 0)
            return EXIT_STATUS_OK;
        if (!wait_a_moment(wait, strcmp(stage, "working") == 0) || !look(wait))
            return failed(wait);
    }
    print_error("login", "nobody came back from Spotify in time");
    return EXIT_STATUS_TEMPFAIL;
}

/* -- The end ----------------------------------------------------------------------------------- */

/* The user of a login that is done, an object of its own or a number to be looked up; NULL: not
 * known. To be released. */
static json_t *user_of(struct wait *wait, const json_t *login)
{
    json_t *user = json_object_get(login, "user"), *found = NULL, *each;
    int64_t number = json_is_integer(user) ? (int64_t)json_integer_value(user) : 0;
    size_t at;

    if (json_is_object(user))
        return json_incref(user);
    if (number == 0 || !ask(wait, "/v1/users", NULL))
        return NULL;
    json_array_foreach (json_object_get(wait->answer.json, "users"), at, each)
        if (user_number(each) == number)
            found = each;
    return json_incref(found);
}

static int report_success(struct wait *wait, const json_t *login)
{
    json_t *user = user_of(wait, login);
    struct buf out = {0};

    if (user)
        user_add_name(&out, user);
    else
        buf_add_text(&out, "The account");
    buf_add_text(&out, field_flag(login, "added") ? " is signed in; recording has begun\n"
                                                  : " is signed in again\n");
    json_decref(user);
    return print_out(&out);
}

static int report(struct wait *wait)
{
    json_t *login = json_incref(wait->answer.json);
    const char *result = field_text(login, "result", "");
    struct buf why = {0};
    int status = view_login_exit(result);

    if (strcmp(result, "ok") == 0) {
        status = report_success(wait, login);
    } else {
        view_login_failure(field_text(login, "title", NULL), field_text(login, "message", NULL),
                           field_text(login, "advice", NULL), &why);
        fputs(why.data ? why.data : "spotify-historyctl: login: it failed\n", stderr);
        buf_free(&why, false);
    }
    json_decref(login);
    return status;
}

static int sign_in(struct wait *wait, bool *absent)
{
    int status;

    *absent = !ask(wait, "/v1/status", NULL) && wait->answer.result == CLIENT_ABSENT;
    if (wait->answer.result != CLIENT_OK)
        return *absent ? EXIT_STATUS_UNAVAILABLE : failed(wait);
    status = begin(wait);
    if (status == EXIT_STATUS_OK &&
        strcmp(field_text(wait->answer.json, "stage", ""), "waiting") == 0 && !wait->wish->token)
        status = login_show(wait->wish, field_text(wait->answer.json, "address", ""),
                            field_text(wait->answer.json, "redirect_uri", ""), false);
    if (status == EXIT_STATUS_OK)
        status = wait_for_end(wait);
    return status == EXIT_STATUS_OK ? report(wait) : status;
}

int login_by_daemon(const struct login_wish *wish, bool *absent)
{
    struct wait wait = {.wish = wish, .paste = {.fd = STDIN_FILENO}};
    int status = sign_in(&wait, absent);

    client_answer_free(&wait.answer);
    paste_wipe(&wait.paste);
    buf_wipe(wait.line, sizeof(wait.line));
    return status;
}
