/* SPDX-License-Identifier: MIT */
/* Who is asking: the bearer token, and GET /v1/me in its new and its old shape. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim.h"

/* The token behind "Bearer ", or NULL. */
static const char *bearer_text(const struct sim_request *r)
{
    const char *header = sim_request_header(r, "Authorization");

    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
        return NULL;
    header += 7;
    while (*header == ' ')
        header++;
    return *header != '\0' ? header : NULL;
}

void sim_bearer_identify(struct sim_request *r)
{
    const char *text = bearer_text(r);
    const struct sim_token *token = text != NULL ? sim_token_find(r->sim, SIM_ACCESS, text) : NULL;

    if (token != NULL)
        r->account = token->account;
}

static void answer_forbidden(struct sim_request *r, int wording)
{
    static const char *const plain = "User not registered in the Developer Dashboard";
    static const char *const newer =
        "Check settings on developer.spotify.com/dashboard, the user may not be registered.";
    static const char *const newest =
        "The user is not registered for this application. Please check your "
        "settings on https://developer.spotify.com/dashboard.";

    if (wording == 1)
        sim_answer_text(r, 403, "text/plain; charset=utf-8", plain);
    else if (wording == 2)
        sim_answer_text(r, 403, "text/plain; charset=utf-8", newer);
    else
        sim_answer_error(r, 403, newest);
}

struct sim_account *sim_bearer_check(struct sim_request *r, const char *scope)
{
    const char *header = sim_request_header(r, "Authorization"), *text = bearer_text(r);
    const struct sim_token *token;
    struct sim_account *account;

    if (evhttp_request_get_command(r->http) == EVHTTP_REQ_POST) {
        sim_answer_error(r, 405, "Method not allowed");
    } else if (header == NULL) {
        sim_answer_error(r, 401, "No token provided");
    } else if (text == NULL) {
        sim_answer_error(r, 400, "Only valid bearer authentication supported");
    } else if ((token = sim_token_find(r->sim, SIM_ACCESS, text)) == NULL) {
        sim_answer_error(r, 401, "Invalid access token");
    } else if (token->ends_at <= sim_clock_now(&r->sim->clock)) {
        sim_answer_error(r, 401, "The access token expired");
    } else {
        account = r->sim->accounts[token->account];
        if (!account->registered) {
            answer_forbidden(r, account->forbidden);
        } else if (scope != NULL && !sim_token_has_scope(token, scope)) {
            sim_answer_error(r, 403, "Insufficient client scope");
        } else if (sim_account_advance(r->sim, account) == 0) {
            return account;
        } else {
            sim_answer_text(r, 500, "text/plain", "out of memory");
        }
    }
    return NULL;
}

static void add_old_shape(json_t *json, const struct sim_account *account)
{
    json_object_set_new(json, "country", json_string("SE"));
    json_object_set_new(json, "email", json_sprintf("%s@example.invalid", account->id));
    json_object_set_new(json, "explicit_content",
                        json_pack("{s:b,s:b}", "filter_enabled", 0, "filter_locked", 0));
    json_object_set_new(json, "followers", json_pack("{s:n,s:i}", "href", "total", 3));
    json_object_set_new(json, "product", json_string("premium"));
}

void sim_me_handle(struct sim_request *r)
{
    const struct sim_account *account = sim_bearer_check(r, NULL);
    json_t *json;

    if (account == NULL)
        return;
    json = json_object();
    json_object_set_new(json, "display_name",
                        account->display_name != NULL ? json_string(account->display_name)
                                                      : json_null());
    json_object_set_new(json, "external_urls",
                        json_pack("{s:o}", "spotify",
                                  json_sprintf("https://open.spotify.com/user/%s", account->id)));
    json_object_set_new(json, "href", json_sprintf(SIM_API_HOST "/v1/users/%s", account->id));
    json_object_set_new(json, "id", json_string(account->id));
    json_object_set_new(json, "images", json_array());
    json_object_set_new(json, "type", json_string("user"));
    json_object_set_new(json, "uri", json_sprintf("spotify:user:%s", account->id));
    if (account->account_id != NULL)
        json_object_set_new(json, "account_id", json_string(account->account_id));
    if (account->old_shape)
        add_old_shape(json, account);
    sim_answer_json(r, 200,
                    sim_json_shuffle(json, world_hash(r->sim->world, 'm', account->number)));
}
