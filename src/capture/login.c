/* SPDX-License-Identifier: MIT */
#include "capture/login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "capture/poller.h"
#include "spotify/request.h"
#include "vault/vault.h"

/* One that was begun at the control socket, or came back: what is known of it. */
struct login_return {
    TAILQ_ENTRY(login_return) link;
    struct login *login;
    char id[ATTEMPT_TEXT_SIZE]; /* "": nobody will ask for it */
    enum login_stage stage;
    int64_t ends_at;       /* boot ms: LOGIN_WAITING until then, else remembered until then */
    struct signin *signin; /* under way */
    struct signin_report report;
    signin_function *done; /* NULL: nobody waits */
    void *context;
};

TAILQ_HEAD(login_list, login_return);

struct login {
    struct recorder *recorder;
    char *redirect_uri, *client_id; /* for which the attempts were made */
    struct attempts *attempts;
    struct login_list known; /* oldest first */
    size_t count;
};

struct login *login_new(struct recorder *recorder, const char *redirect_uri)
{
    struct login *login = calloc(1, sizeof(*login));

    if (!login)
        return NULL;
    TAILQ_INIT(&login->known);
    login->recorder = recorder;
    login->attempts = attempts_new();
    login->redirect_uri = strdup(redirect_uri);
    login->client_id = strdup(recorder->config.client_id);
    if (login->attempts && login->redirect_uri && login->client_id)
        return login;
    login_free(login);
    return NULL;
}

static void end_now(struct login_return *known, enum signin_result result, int64_t wanted,
                    const char *message);

/* Sign-ins that were begun lead back to an address, and belong to an app, that count no more. */
static void end_waiting(struct login *login)
{
    struct login_return *known;

    TAILQ_FOREACH (known, &login->known, link)
        if (known->stage == LOGIN_WAITING)
            end_now(known, SIGNIN_NO_STATE, 0, "the configuration was changed meanwhile");
}

bool login_reload(struct login *login, const char *redirect_uri)
{
    const char *client_id = login->recorder->config.client_id;
    struct attempts *attempts;
    char *uri, *client;

    if (strcmp(login->redirect_uri, redirect_uri) == 0 && strcmp(login->client_id, client_id) == 0)
        return true;
    uri = strdup(redirect_uri);
    client = strdup(client_id);
    attempts = attempts_new();
    if (!uri || !client || !attempts) {
        free(uri);
        free(client);
        attempts_free(attempts);
        return false;
    }
    end_waiting(login);
    attempts_free(login->attempts);
    free(login->redirect_uri);
    free(login->client_id);
    login->attempts = attempts;
    login->redirect_uri = uri;
    login->client_id = client;
    return true;
}

const char *login_redirect_uri(const struct login *login)
{
    return login->redirect_uri;
}

static void drop(struct login_return *known)
{
    TAILQ_REMOVE(&known->login->known, known, link);
    known->login->count--;
    signin_cancel(known->signin);
    free(known);
}

void login_free(struct login *login)
{
    if (!login)
        return;
    while (!TAILQ_EMPTY(&login->known))
        drop(TAILQ_FIRST(&login->known));
    attempts_free(login->attempts);
    free(login->redirect_uri);
    free(login->client_id);
    free(login);
}

/* -- what is remembered ------------------------------------------------------------------------ */

/* Forgets what is old, and the oldest of those above a number; never one that is under way. */
static void tidy(struct login *login, int64_t now, size_t most)
{
    struct login_return *known = TAILQ_FIRST(&login->known), *next;

    for (; known; known = next) {
        next = TAILQ_NEXT(known, link);
        if (known->stage == LOGIN_WORKING)
            continue;
        if (known->ends_at + ATTEMPTS_REMEMBER_MS < now || login->count > most)
            drop(known);
    }
}

static struct login_return *remember(struct login *login, const char *id, enum login_stage stage)
{
    struct login_return *known = calloc(1, sizeof(*known));
    int64_t now = clock_boot_ms();

    if (!known)
        return NULL;
    tidy(login, now, ATTEMPTS_MAX - 1); /* room for one */
    known->login = login;
    known->stage = stage;
    known->ends_at = now + ATTEMPTS_LIFE_MS;
    snprintf(known->id, sizeof(known->id), "%s", id);
    TAILQ_INSERT_TAIL(&login->known, known, link);
    login->count++;
    return known;
}

// NOLINTBEGIN(clang-analyzer-unix.Malloc): the analyzer does not follow how TAILQ_REMOVE mends a
// list
static struct login_return *find(const struct login *login, const char *id)
{
    struct login_return *known;

    TAILQ_FOREACH (known, &login->known, link)
        if (id[0] && vault_equal(known->id, id))
            return known;
    return NULL;
}
// NOLINTEND(clang-analyzer-unix.Malloc)

/* -- beginning --------------------------------------------------------------------------------- */

enum signin_result login_begin(struct login *login, const uint8_t *browser, int64_t user_id,
                               struct buf *address, char *id)
{
    struct attempt attempt = {.user_id = user_id, .has_browser = browser != NULL};
    const struct recorder *recorder = login->recorder;
    struct spotify_client client = {recorder->config.client_id, recorder->config.client_secret};
    char challenge[VAULT_CHALLENGE_SIZE];
    enum signin_result result = SIGNIN_STORE;

    if (!recorder->config.client_id[0])
        return SIGNIN_NO_CLIENT;
    if (browser)
        memcpy(attempt.browser, browser, sizeof(attempt.browser));
    attempts_begin(login->attempts, clock_boot_ms(), &attempt);
    vault_pkce_challenge(attempt.verifier, challenge);
    if (spotify_request_authorize(address, recorder->config.accounts_url, &client,
                                  login->redirect_uri, attempt.state, challenge) &&
        (browser || remember(login, attempt.id, LOGIN_WAITING)))
        result = SIGNIN_OK;
    if (id)
        memcpy(id, attempt.id, ATTEMPT_TEXT_SIZE);
    attempt_wipe(&attempt);
    return result;
}

/* -- coming back ------------------------------------------------------------------------------- */

static void ended(const struct signin_report *report, void *context)
{
    struct login_return *known = context;
    signin_function *done = known->done;

    known->signin = NULL;
    known->done = NULL;
    known->report = *report;
    known->stage = LOGIN_DONE;
    known->ends_at = clock_boot_ms();
    if (done)
        done(report, known->context);
}

static void end_now(struct login_return *known, enum signin_result result, int64_t wanted,
                    const char *message)
{
    struct signin_report report = {.result = result, .wanted = wanted};

    snprintf(report.message, sizeof(report.message), "%s", message);
    ended(&report, known);
}

static void start(struct login_return *known, const struct signin_grant *grant)
{
    known->stage = LOGIN_WORKING;
    known->signin = signin_start(known->login->recorder, grant, ended, known);
    if (!known->signin)
        end_now(known, SIGNIN_STORE, grant->user_id, "there is no memory for it");
}

static enum signin_result result_of(enum attempt_result result)
{
    static const enum signin_result results[] = {
        [ATTEMPT_OK] = SIGNIN_OK,           [ATTEMPT_UNKNOWN] = SIGNIN_NO_STATE,
        [ATTEMPT_EXPIRED] = SIGNIN_EXPIRED, [ATTEMPT_USED] = SIGNIN_USED,
        [ATTEMPT_FOREIGN] = SIGNIN_FOREIGN,
    };

    return results[result];
}

/* The attempt is used up: what Spotify said, or the code to be turned into tokens. */
static void go_on(struct login_return *known, const struct spotify_callback *callback,
                  const struct attempt *attempt)
{
    struct signin_grant grant = {
        .code = callback->code,
        .verifier = attempt->verifier,
        .redirect_uri = known->login->redirect_uri,
        .user_id = attempt->user_id,
    };
    char message[120];

    if (strcmp(callback->error, "access_denied") == 0) {
        end_now(known, SIGNIN_DENIED, attempt->user_id, "no was said at Spotify");
    } else if (callback->error[0]) {
        snprintf(message, sizeof(message), "Spotify said: %s", callback->error);
        end_now(known, SIGNIN_SPOTIFY_ERROR, attempt->user_id, message);
    } else {
        start(known, &grant);
    }
}

struct login_return *login_come_back(struct login *login, struct spotify_callback *callback,
                                     const uint8_t *browser, signin_function *done, void *context)
{
    struct attempt attempt = {0};
    enum attempt_result taken = ATTEMPT_UNKNOWN;
    struct signin_report report = {0};
    struct login_return *known = NULL;

    if (callback->state[0])
        taken = attempts_take(login->attempts, clock_boot_ms(), callback->state, browser, &attempt);
    if (taken == ATTEMPT_OK) {
        known = find(login, attempt.id);
        if (!known)
            known = remember(login, attempt.id, LOGIN_WORKING);
    }
    if (known) {
        known->done = done;
        known->context = context;
        go_on(known, callback, &attempt);
    } else {
        report.result = taken == ATTEMPT_OK ? SIGNIN_STORE : result_of(taken);
        done(&report, context);
    }
    attempt_wipe(&attempt);
    spotify_callback_wipe(callback);
    return known && known->done ? known : NULL;
}

void login_forget(struct login_return *came_back)
{
    if (came_back)
        came_back->done = NULL;
}

bool login_with_token(struct login *login, const char *refresh_token,
                      char id[static ATTEMPT_TEXT_SIZE])
{
    struct signin_grant grant = {.refresh_token = refresh_token};
    struct login_return *known;

    vault_random_text(id, 32);
    known = remember(login, id, LOGIN_WORKING);
    if (!known)
        return false;
    start(known, &grant);
    return true;
}

enum login_stage login_look(struct login *login, const char *id, int64_t *ends_at,
                            struct signin_report *report)
{
    int64_t now = clock_boot_ms();
    struct login_return *known;

    tidy(login, now, ATTEMPTS_MAX);
    known = find(login, id);
    if (!known)
        return LOGIN_UNKNOWN;
    if (known->stage == LOGIN_WAITING && known->ends_at <= now)
        end_now(known, SIGNIN_EXPIRED, 0, "nobody came back within ten minutes");
    if (known->stage == LOGIN_DONE)
        *report = known->report;
    *ends_at = clock_wall_ms() + known->ends_at - now;
    return known->stage;
}
