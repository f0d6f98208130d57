/* SPDX-License-Identifier: MIT */
#include "web/status.h"

#include <config.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static json_t *json_time(int64_t ms)
{
    char text[TEXT_TIME_SIZE];

    return ms == STORE_NO_TIME ? json_null() : json_string(text_time_format(ms, text));
}

/* Text that may be absent; what is not valid UTF-8 becomes an excerpt of it, not a failure. */
static json_t *json_text(const char *text)
{
    json_t *json;
    char excerpt[1024];

    if (!text || !text[0])
        return json_null();
    json = json_string(text);
    return json ? json : json_string(text_line(text, strlen(text), excerpt, sizeof(excerpt)));
}

/* Takes the value over. False and the object unchanged without memory. */
static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new_nocheck(object, key, value) == 0;
}

static json_t *last_poll_json(const struct account *account)
{
    json_t *poll;

    if (!account->live || !account->last_outcome[0])
        return json_null();
    poll = json_object();
    if (!put(poll, "outcome", json_text(account->last_outcome)) ||
        !put(poll, "added", json_integer(account->last_added)) ||
        !put(poll, "detail", json_text(account->last_detail))) {
        json_decref(poll);
        return NULL;
    }
    return poll;
}

static bool put_person(json_t *json, const struct store_user *user)
{
    return put(json, "user", json_integer(user->user_id)) &&
           put(json, "spotify_id", json_text(user->spotify_id)) &&
           put(json, "account_id", json_text(user->account_id)) &&
           put(json, "name", json_text(user->display_name)) &&
           put(json, "state", json_string(store_user_state_name(user->state))) &&
           put(json, "reason", json_text(user->state_reason)) &&
           put(json, "state_since", json_time(user->state_since)) &&
           put(json, "added_at", json_time(user->added_at)) &&
           put(json, "signed_in_at", json_time(user->authorized_at));
}

static bool put_standing(json_t *json, const struct account *account)
{
    bool days = account->days_left != COUNTDOWN_UNKNOWN;

    return put(json, "sign_in_ends_at", json_time(account->ends_at)) &&
           put(json, "days_left", days ? json_integer(account->days_left) : json_null()) &&
           put(json, "must_act", json_boolean(account->must_act)) &&
           put(json, "todo", json_text(account->todo)) &&
           put(json, "signed_out", json_boolean(account->signed_out)) &&
           put(json, "suspicious", json_boolean(account->suspicious)) &&
           put(json, "last_success_at", json_time(account->user.last_success_at)) &&
           put(json, "plays_today", json_integer(account->plays_today));
}

/* What only a running recorder knows. */
static bool put_live(json_t *json, const struct account *account)
{
    bool live = account->live;

    return put(json, "next_poll_at", json_time(live ? account->next_poll_at : STORE_NO_TIME)) &&
           put(json, "retry_at", json_time(live ? account->retry_at : STORE_NO_TIME)) &&
           put(json, "doing", json_text(live ? account->doing : NULL)) &&
           put(json, "failures", live ? json_integer(account->failures) : json_null()) &&
           put(json, "polls", live ? json_integer(account->polls) : json_null()) &&
           put(json, "last_poll", last_poll_json(account));
}

json_t *web_account_json(const struct account *account)
{
    json_t *json = json_object();

    if (put_person(json, &account->user) && put_standing(json, account) && put_live(json, account))
        return json;
    json_decref(json);
    return NULL;
}

/* -- the whole --------------------------------------------------------------------------------- */

static json_t *todo_json(const struct web_status *status)
{
    json_t *list = json_array();
    char text[300];
    bool ok = list != NULL;

    if (!status->has_client)
        ok = ok && json_array_append_new(list, json_string("No client id is configured: nothing "
                                                           "is recorded.")) == 0;
    else if (status->count == 0)
        ok = ok && json_array_append_new(
                       list, json_string("Nobody has signed in yet: nothing is recorded. Open the "
                                         "page /spotify, or run spotify-historyctl login.")) == 0;
    if (status->recorder && status->recorder->app_trouble) {
        snprintf(text, sizeof(text), "Spotify refuses the app itself: %s",
                 status->recorder->gate_reason);
        ok = ok && json_array_append_new(list, json_text(text)) == 0;
    }
    if (status->recorder && status->recorder->database_held)
        ok = ok && json_array_append_new(list, json_string("The database takes no writes.")) == 0;
    for (size_t i = 0; i < status->count; i++) {
        if (status->accounts[i].must_act)
            ok = ok && json_array_append_new(list, json_text(status->accounts[i].todo)) == 0;
    }
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *setup_json(const struct web_status *status)
{
    char step[1024];
    json_t *list;

    if (status->has_client)
        return json_null();
    list = json_array();
    for (int i = 0; i < 3; i++) {
        web_setup_step(i, status->config_file, status->redirect_uri, step, sizeof(step));
        if (json_array_append_new(list, json_text(step)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *spotify_json(const struct recorder_status *recorder)
{
    json_t *json;

    if (!recorder)
        return json_null();
    json = json_object();
    if (put(json, "opens_at", json_time(recorder->opens_at)) &&
        put(json, "reason", json_text(recorder->gate_reason)) &&
        put(json, "app_trouble", json_boolean(recorder->app_trouble)) &&
        put(json, "calls_this_hour", json_integer(recorder->calls_hour)) &&
        put(json, "calls_last_24_hours", json_integer(recorder->calls_day)) &&
        put(json, "daily_call_budget",
            recorder->budget > 0 ? json_integer(recorder->budget) : json_null()) &&
        put(json, "in_flight", json_integer((json_int_t)recorder->in_flight)))
        return json;
    json_decref(json);
    return NULL;
}

static json_t *database_json(const struct web_status *status)
{
    json_t *json = json_object();

    if (put(json, "path", json_text(status->database)) &&
        put(json, "takes_writes",
            status->recorder ? json_boolean(!status->recorder->database_held) : json_null()))
        return json;
    json_decref(json);
    return NULL;
}

static json_t *users_json(const struct web_status *status)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < status->count; i++) {
        if (json_array_append_new(list, web_account_json(&status->accounts[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

json_t *web_status_json(const struct web_status *status)
{
    json_t *json = json_object();
    json_t *todo = todo_json(status);
    bool must_act = json_array_size(todo) > 0;

    if (put(json, "running", json_boolean(status->running)) &&
        put(json, "version", json_string(PACKAGE_VERSION)) &&
        put(json, "started_at", json_time(status->started_at)) &&
        put(json, "now", json_time(status->now)) && put(json, "must_act", json_boolean(must_act)) &&
        put(json, "todo", json_incref(todo)) && put(json, "setup", setup_json(status)) &&
        put(json, "page", json_text(status->page)) &&
        put(json, "page_problem", json_text(status->page_problem)) &&
        put(json, "redirect_uri", json_text(status->redirect_uri)) &&
        put(json, "database", database_json(status)) &&
        put(json, "spotify", spotify_json(status->recorder)) &&
        put(json, "users", users_json(status))) {
        json_decref(todo);
        return json;
    }
    json_decref(todo);
    json_decref(json);
    return NULL;
}

void web_setup_step(int index, const char *config_file, const char *redirect_uri, char *text,
                    size_t size)
{
    switch (index) {
    case 0:
        snprintf(text, size,
                 "Create an app at https://developer.spotify.com/dashboard: its owner needs "
                 "Spotify Premium, any name will do, and the API it asks for is the Web API.");
        break;
    case 1:
        snprintf(text, size,
                 "Register exactly this redirect URI there: %s (Spotify refuses localhost), and "
                 "add each person who will be recorded under User Management.",
                 redirect_uri);
        break;
    case 2:
        snprintf(text, size,
                 "Add the line spotify { client_id = \"...\" } with the app's client id to %s and "
                 "reload: systemctl reload spotify-historyd, or send the daemon a HUP.",
                 config_file);
        break;
    default:
        snprintf(text, size, "%s", "");
        break;
    }
}
