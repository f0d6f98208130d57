/* SPDX-License-Identifier: MIT */
/* The users at the control interface: who they are, and removing them. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "store/store.h"
#include "web/control.h"
#include "web/status.h"

void control_get_users(struct web_request *request, void *context)
{
    struct web *web = context;
    struct account *accounts = NULL;
    size_t count = 0;
    enum store_result result = recorder_accounts(web->recorder, &accounts, &count);
    json_t *list = json_array();

    if (result != STORE_OK) {
        json_decref(list);
        control_refuse_store(request, web, result);
        return;
    }
    for (size_t i = 0; list && i < count; i++) {
        if (json_array_append_new(list, web_account_json(&accounts[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    free(accounts);
    control_answer(request, 200, list ? json_pack("{s:o}", "users", list) : NULL);
}

bool control_get_account(struct web_request *request, struct web *web, int64_t user_id,
                         struct account *account)
{
    enum store_result result = recorder_account(web->recorder, user_id, account);

    if (result == STORE_NOT_FOUND)
        control_refuse(request, 404, NULL, "there is no user %lld", (long long)user_id);
    else if (result != STORE_OK)
        control_refuse_store(request, web, result);
    return result == STORE_OK;
}

static void get_user(struct web_request *request, struct web *web, int64_t user_id)
{
    struct account account;

    if (control_get_account(request, web, user_id, &account))
        control_answer(request, 200, web_account_json(&account));
}

/* -- removing ---------------------------------------------------------------------------------- */

static json_t *holdings_json(const struct store_holdings *holds)
{
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",           //
                     "plays", (json_int_t)holds->plays,                 //
                     "deleted_plays", (json_int_t)holds->deleted_plays, //
                     "gaps", (json_int_t)holds->gaps,                   //
                     "polls", (json_int_t)holds->polls,                 //
                     "imports", (json_int_t)holds->imports,             //
                     "rejects", (json_int_t)holds->rejects,             //
                     "tracks", (json_int_t)holds->tracks,               //
                     "albums", (json_int_t)holds->albums,               //
                     "artists", (json_int_t)holds->artists);
}

static void refuse(struct web_request *request, struct web *web, int64_t user_id,
                   enum store_result result)
{
    if (result == STORE_NOT_FOUND)
        control_refuse(request, 404, NULL, "there is no user %lld", (long long)user_id);
    else if (result == STORE_BUSY) /* not the database's own words: they may be of something else */
        control_refuse(request, 503, NULL,
                       "nothing was removed: somebody else is being removed, an import is under "
                       "way, the database takes no writes for now, or the daemon stops; try again "
                       "in a moment");
    else
        control_refuse_store(request, web, result);
}

/* A removal under way, and who waits for it. */
struct removal {
    struct web *web;
    struct web_request *request;
    int64_t user_id;
};

static void removed(enum store_result result, const struct store_holdings *holds, void *context)
{
    struct removal *removal = context;

    if (result == STORE_OK) {
        control_log(removal->request, "user %lld is removed with %lld plays",
                    (long long)removal->user_id, (long long)holds->plays);
        control_answer(removal->request, 200, json_pack("{s:o}", "removed", holdings_json(holds)));
    } else {
        refuse(removal->request, removal->web, removal->user_id, result);
    }
    free(removal);
}

/* Whoever asked has left; what they asked for goes on. */
static void left(void *context)
{
    struct removal *removal = context;

    recorder_forget_detach(removal->web->recorder, removal);
    free(removal);
}

static void forget(struct web_request *request, struct web *web, int64_t user_id)
{
    struct removal *removal = calloc(1, sizeof(*removal));
    enum store_result result = STORE_NOMEM;

    if (removal) {
        *removal = (struct removal){web, request, user_id};
        result = recorder_forget(web->recorder, user_id, removed, removal);
    }
    if (result == STORE_OK) {
        web_request_later(request, left, removal);
        return;
    }
    free(removal);
    refuse(request, web, user_id, result);
}

static void sign_out(struct web_request *request, struct web *web, int64_t user_id)
{
    static const struct store_holdings nothing = {0};
    enum store_result result = recorder_sign_out(web->recorder, user_id);

    if (result != STORE_OK) {
        refuse(request, web, user_id, result);
        return;
    }
    control_log(request, "user %lld is signed out", (long long)user_id);
    control_answer(request, 200, json_pack("{s:o}", "removed", holdings_json(&nothing)));
}

static void post_forget(struct web_request *request, struct web *web, int64_t user_id)
{
    static const char *const keys[] = {"keep_plays", NULL};
    json_t *body = control_body(request, keys);
    const json_t *keep_plays = json_object_get(body, "keep_plays");

    if (!body)
        return;
    /* What removes for good says so in so many words. */
    if (!json_is_boolean(keep_plays))
        control_refuse(request, 400, NULL, "keep_plays must be true or false");
    else if (json_is_true(keep_plays))
        sign_out(request, web, user_id);
    else
        forget(request, web, user_id);
    json_decref(body);
}

/* /v1/users/N, /v1/users/N/forget and /v1/users/N/plays/... */
void control_handle_user(struct web_request *request, void *context)
{
    static const char plays[] = "/plays/";
    struct web *web = context;
    const char *rest = web_request_rest(request);
    size_t len = strcspn(rest, "/");
    bool forget = strcmp(rest + len, "/forget") == 0;
    bool play = strncmp(rest + len, plays, sizeof(plays) - 1) == 0;
    int64_t user_id;

    if (!text_int_parse(rest, len, &user_id) || user_id <= 0 || (rest[len] && !forget && !play)) {
        control_refuse(request, 404, NULL, "there is no such user or address");
        return;
    }
    if (play) {
        control_handle_play(request, web, user_id, rest + len + sizeof(plays) - 1);
        return;
    }
    if (!control_method(request, forget ? WEB_POST : WEB_GET))
        return;
    if (forget)
        post_forget(request, web, user_id);
    else
        get_user(request, web, user_id);
}
