/* SPDX-License-Identifier: MIT */
/*
 * GET /authorize: the page on which a person picks their account and agrees. Which redirect
 * addresses are good: https, or http on a loopback literal; never "localhost"; an exact match with
 * a registered one, except that a loopback address registered without a port takes any port.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define ACCOUNTS_SHOWN 100

static const char *authorize_get(const struct sim_request *r, const char *key)
{
    const char *value = sim_form(r, key);

    return value != NULL ? value : sim_query(r, key);
}

void sim_authorize_identify(struct sim_request *r)
{
    const char *number = authorize_get(r, "sim_account");
    unsigned long n = number != NULL ? strtoul(number, NULL, 10) : 0;

    if (n >= 1 && n <= r->sim->account_count)
        r->account = n - 1;
}

/* ---- redirect addresses ---- */

static size_t loopback_length(const char *uri)
{
    static const char *const starts[] = {"http://127.0.0.1", "http://[::1]"};

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
        if (strncmp(uri, starts[i], strlen(starts[i])) == 0)
            return strlen(starts[i]);
    return 0;
}

/* Leaves out ":PORT" behind a loopback host. */
static bool without_port_equal(const char *registered, const char *uri)
{
    size_t host = loopback_length(uri);
    const char *rest = uri + host;

    if (host == 0 || loopback_length(registered) != host || registered[host] == ':')
        return false;
    if (strncmp(registered, uri, host) != 0 || *rest != ':')
        return false;
    rest++;
    if (*rest < '0' || *rest > '9')
        return false;
    rest += strspn(rest, "0123456789");
    return strcmp(registered + host, rest) == 0;
}

static bool redirect_is_secure(const char *uri)
{
    size_t host = loopback_length(uri);

    return strncmp(uri, "https://", 8) == 0 ||
           (host > 0 && (uri[host] == ':' || uri[host] == '/' || uri[host] == '\0'));
}

static bool redirect_is_registered(const struct sim_options *options, const char *uri)
{
    for (size_t i = 0; i < options->redirect_count; i++)
        if (strcmp(options->redirects[i], uri) == 0 ||
            without_port_equal(options->redirects[i], uri))
            return true;
    return false;
}

/* ---- the checks ---- */

/* What is wrong so badly that the person must not be sent back; NULL: nothing. */
static const char *authorize_refusal(const struct sim_request *r)
{
    const struct sim_options *options = &r->sim->options;
    const char *client = authorize_get(r, "client_id"),
               *redirect = authorize_get(r, "redirect_uri"),
               *type = authorize_get(r, "response_type"), *state = authorize_get(r, "state");

    if (client == NULL || strcmp(client, options->client_id) != 0)
        return "INVALID_CLIENT: Invalid client";
    if (redirect == NULL || *redirect == '\0')
        return "redirect_uri: must be supplied";
    if (!redirect_is_secure(redirect))
        return "INVALID_CLIENT: Insecure redirect URI";
    if (!redirect_is_registered(options, redirect))
        return "INVALID_CLIENT: Invalid redirect URI";
    if (type == NULL || strcmp(type, "code") != 0)
        return "response_type must be code";
    if (state == NULL || *state == '\0')
        return "state must be supplied";
    return NULL;
}

static bool challenge_is_sound(const char *challenge)
{
    static const char allowed[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

    return strlen(challenge) == 43 && strspn(challenge, allowed) == 43;
}

/* What is told to the application by way of the redirect; NULL: nothing is wrong. */
static const char *authorize_error(const struct sim_request *r)
{
    const char *method = authorize_get(r, "code_challenge_method"),
               *challenge = authorize_get(r, "code_challenge"), *scope = authorize_get(r, "scope");
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz- ";

    if (challenge == NULL && r->sim->options.client_secret == NULL)
        return "invalid_request";
    if (challenge != NULL &&
        (method == NULL || strcmp(method, "S256") != 0 || !challenge_is_sound(challenge)))
        return "invalid_request";
    if (scope != NULL && strspn(scope, allowed) != strlen(scope))
        return "invalid_scope";
    return NULL;
}

/* ---- the way back ---- */

static void redirect_back(struct sim_request *r, const char *key, const char *value)
{
    const char *redirect = authorize_get(r, "redirect_uri");
    char *state = evhttp_encode_uri(authorize_get(r, "state"));
    struct evbuffer *location = evbuffer_new();

    if (state != NULL && location != NULL) {
        evbuffer_add_printf(location, "%s%s%s=%s&state=%s", redirect,
                            strchr(redirect, '?') != NULL ? "&" : "?", key, value, state);
        evbuffer_add(location, "", 1);
        sim_answer_text(r, 302, NULL, "");
        sim_answer_header(r, "Location", (const char *)evbuffer_pullup(location, -1));
    }
    if (location != NULL)
        evbuffer_free(location);
    free(state);
}

static char *copy_or_null(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

static void authorize_grant(struct sim_request *r)
{
    const char *scope = authorize_get(r, "scope"), *challenge = authorize_get(r, "code_challenge");
    struct sim_token *code = sim_token_make(r->sim, r->sim->accounts[r->account], SIM_CODE, NULL,
                                            scope != NULL ? scope : "");

    if (code == NULL) {
        sim_answer_text(r, 500, "text/plain", "out of memory");
        return;
    }
    code->pkce = challenge != NULL;
    code->challenge = copy_or_null(challenge);
    code->redirect_uri = copy_or_null(authorize_get(r, "redirect_uri"));
    if (code->redirect_uri == NULL || (challenge != NULL && code->challenge == NULL)) {
        code->state = SIM_USED;
        sim_answer_text(r, 500, "text/plain", "out of memory");
        return;
    }
    redirect_back(r, "code", code->text);
}

/* ---- the page ---- */

static void page_link(struct sim_request *r, const char *choice, const char *text)
{
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(r->http));
    char *safe_query = evhttp_htmlescape(query != NULL ? query : ""),
         *safe_text = evhttp_htmlescape(text);

    if (safe_query != NULL && safe_text != NULL)
        evbuffer_add_printf(r->body, "<li><a href=\"/authorize?%s&amp;%s\">%s</a></li>\n",
                            safe_query, choice, safe_text);
    free(safe_query);
    free(safe_text);
}

static void authorize_page(struct sim_request *r)
{
    char choice[40], text[700];

    sim_answer_text(r, 200, "text/html; charset=utf-8",
                    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                    "<title>Fake Spotify: sign in</title></head>\n<body><h1>Fake Spotify</h1>\n"
                    "<p>An application asks to see what you played. Sign in as:</p>\n<ul>\n");
    for (size_t i = 0; i < r->sim->account_count && i < ACCOUNTS_SHOWN; i++) {
        const struct sim_account *account = r->sim->accounts[i];

        snprintf(choice, sizeof(choice), "sim_account=%zu\" id=\"account-%zu", i + 1, i + 1);
        snprintf(text, sizeof(text), "%s (%s)",
                 account->display_name != NULL ? account->display_name : "nameless", account->id);
        page_link(r, choice, text);
    }
    page_link(r, "sim_deny=1\" id=\"deny", "Cancel");
    evbuffer_add_printf(r->body, "</ul></body></html>\n");
}

void sim_authorize_handle(struct sim_request *r)
{
    const char *refusal = authorize_refusal(r), *error;

    if (refusal != NULL) {
        sim_answer_text(r, 400, "text/plain; charset=utf-8", refusal);
        return;
    }
    error = authorize_error(r);
    if (error != NULL)
        redirect_back(r, "error", error);
    else if (authorize_get(r, "sim_deny") != NULL)
        redirect_back(r, "error", "access_denied");
    else if (r->account != SIM_NO_ACCOUNT)
        authorize_grant(r);
    else if (authorize_get(r, "sim_account") != NULL)
        sim_answer_text(r, 400, "text/plain; charset=utf-8",
                        "sim_account: there is no such account");
    else
        authorize_page(r);
}
