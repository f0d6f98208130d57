/* SPDX-License-Identifier: MIT */
/* The control interface: who may use it, the shape of its answers, users and status. What it takes
 * and gives is described in doc/control.md. */
#include "web/control.h"

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "capture/login.h"
#include "capture/recorder.h"
#include "store/store.h"
#include "web/status.h"

#define JSON "application/json"
#define GROUPS_MAX 65536 /* as many as a process can be in (NGROUPS_MAX) */

/* -- answers ----------------------------------------------------------------------------------- */

static const char *error_code(int status)
{
    switch (status) {
    case 403:
        return "forbidden";
    case 404:
        return "not_found";
    case 405:
        return "method_not_allowed";
    case 409:
        return "conflict";
    case 413:
        return "too_large";
    case 415:
        return "unsupported_media_type";
    case 503:
        return "unavailable";
    default:
        return status >= 500 ? "internal" : "bad_request";
    }
}

static int add_chunk(const char *text, size_t len, void *context)
{
    return buf_add(context, text, len) ? 0 : -1;
}

/* {"error": ...} into body. */
static void add_error(struct buf *body, const char *code, const char *message)
{
    char excerpt[512];
    json_t *json = json_pack("{s:{s:s,s:s}}", "error", "code", code, "message",
                             text_line(message, strlen(message), excerpt, sizeof(excerpt)));

    if (!json || json_dump_callback(json, add_chunk, body, JSON_COMPACT) != 0)
        body->failed = true;
    buf_add_text(body, "\n");
    json_decref(json);
}

void web_control_explain(int status, const char *reason, struct buf *body, const char **type,
                         void *context)
{
    (void)context;
    *type = JSON;
    add_error(body, error_code(status), reason && reason[0] ? reason : web_status_text(status));
}

void control_refuse(struct web_request *request, int status, const char *code, const char *format,
                    ...)
{
    struct buf body = {.data = NULL};
    char message[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    add_error(&body, code ? code : error_code(status), message);
    web_answer(request, status, JSON, &body);
}

void control_refuse_store(struct web_request *request, struct web *web, enum store_result result)
{
    if (store_result_is_temporary(result))
        control_refuse(request, 503, NULL, "the database takes no writes for now: %s",
                       store_message(web->store));
    else
        control_refuse(request, 500, NULL, "%s", store_message(web->store));
}

void control_answer(struct web_request *request, int status, json_t *json)
{
    struct buf body = {.data = NULL};

    if (!json || json_dump_callback(json, add_chunk, &body, JSON_COMPACT) != 0)
        body.failed = true;
    buf_add_text(&body, "\n");
    json_decref(json);
    web_answer(request, status, JSON, &body);
}

bool control_method(struct web_request *request, enum web_method method)
{
    if (web_request_method(request) == method)
        return true;
    web_request_add_header(request, "Allow", method == WEB_POST ? "POST" : "GET, HEAD");
    control_refuse(request, 405, NULL, "this address takes %s only",
                   method == WEB_POST ? "POST" : "GET");
    return false;
}

/* -- bodies ------------------------------------------------------------------------------------ */

static bool is_json_type(const char *type)
{
    size_t len = strlen(JSON);

    return !type || (strncasecmp(type, JSON, len) == 0 && strchr("; \t", type[len]));
}

static bool is_key(const char *key, const char *const *keys)
{
    while (*keys && strcmp(key, *keys) != 0)
        keys++;
    return *keys;
}

json_t *control_body(struct web_request *request, const char *const *keys)
{
    size_t len;
    const char *body = web_request_body(request, &len);
    json_error_t error;
    json_t *json, *value;
    const char *key;
    char excerpt[64];

    if (len > WEB_HTTP_BODY_MAX) {
        control_refuse(request, 413, NULL, "the body has %zu bytes, %d are allowed", len,
                       WEB_HTTP_BODY_MAX);
        return NULL;
    }
    if (!is_json_type(web_request_header(request, "Content-Type"))) {
        control_refuse(request, 415, NULL, "the body must be " JSON);
        return NULL;
    }
    json = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
    if (!json || !json_is_object(json)) {
        /* jansson's own words may quote the body, and with it a token. */
        control_refuse(request, 400, NULL, "the body must be a JSON object%s",
                       json ? "" : ": it is no valid JSON, or has a key twice");
        json_decref(json);
        return NULL;
    }
    json_object_foreach (json, key, value) {
        if (is_key(key, keys))
            continue;
        control_refuse(request, 400, NULL, "the body has a key that is not known here: %s",
                       text_excerpt(key, strlen(key), excerpt, sizeof(excerpt)));
        json_decref(json);
        return NULL;
    }
    return json;
}

bool control_body_user(struct web_request *request, const json_t *body, int64_t *user_id)
{
    const json_t *value = json_object_get(body, "user");

    *user_id = 0;
    if (!value)
        return true;
    if (json_is_integer(value) && json_integer_value(value) > 0) {
        *user_id = json_integer_value(value);
        return true;
    }
    control_refuse(request, 400, NULL, "user must be the number of a user");
    return false;
}

/* -- who asks ---------------------------------------------------------------------------------- */

/* True if the process at the other end is in the group, by its supplementary groups. */
static bool peer_is_member(int fd, gid_t group)
{
    gid_t few[64], *groups = few;
    socklen_t size = sizeof(few);
    bool found = false;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
        if (errno != ERANGE || size > GROUPS_MAX * sizeof(gid_t))
            return false;
        groups = malloc(size);
        if (!groups || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
            goto out;
    }
    for (size_t i = 0; i < size / sizeof(gid_t); i++)
        found = found || groups[i] == group;

out:
    if (groups != few)
        free(groups);
    return found;
}

/* The file's group is looked up each time: chgrp(1) works at once. */
bool web_control_admit(struct web_request *request, void *context)
{
    const struct web *web = context;
    struct web_peer peer;
    struct stat file;

    if (web_request_peer(request, &peer)) {
        if (peer.uid == 0 || peer.uid == geteuid())
            return true;
        if (web->control_path[0] && stat(web->control_path, &file) == 0 &&
            (peer.gid == file.st_gid || peer_is_member(peer.fd, file.st_gid)))
            return true;
        log_warning("control: user %lld (pid %lld) is refused: not in the socket's group",
                    (long long)peer.uid, (long long)peer.pid);
    }
    control_refuse(request, 403, NULL,
                   "only root, the daemon's own user and members of the socket's group may ask");
    return false;
}

void control_log(const struct web_request *request, const char *format, ...)
{
    struct web_peer peer = {.pid = -1};
    char what[200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    if (web_request_peer(request, &peer))
        log_notice("control: user %lld (pid %lld): %s", (long long)peer.uid, (long long)peer.pid,
                   what);
    else
        log_notice("control: %s", what);
}

/* -- status and users -------------------------------------------------------------------------- */

static void get_status(struct web_request *request, void *context)
{
    struct web *web = context;
    struct recorder_status recorder;
    struct web_status status;
    struct account *accounts = NULL;
    size_t count = 0;
    enum store_result result = recorder_accounts(web->recorder, &accounts, &count);

    if (result != STORE_OK) {
        control_refuse_store(request, web, result);
        return;
    }
    recorder_status(web->recorder, &recorder);
    status = (struct web_status){
        .running = true,
        .started_at = web->started_at,
        .now = clock_wall_ms(),
        .recorder = &recorder,
        .has_client = recorder.has_client,
        .config_file = web->texts.config_file,
        .redirect_uri = login_redirect_uri(web->login),
        .database = web->texts.database,
        .page = web->address,
        .page_problem = web->address_problem,
        .accounts = accounts,
        .count = count,
    };
    control_answer(request, 200, web_status_json(&status));
    free(accounts);
}

/* -- polling now ------------------------------------------------------------------------------- */

/* Why a user cannot be polled now, NULL: they can. */
static const char *why_not(const struct account *account, const struct recorder_status *recorder)
{
    if (account->signed_out)
        return "signed_out";
    if (account->user.state == STORE_USER_NEEDS_LOGIN)
        return "needs_login";
    if (!recorder->has_client)
        return "no_client";
    if (recorder->opens_at != STORE_NO_TIME)
        return "wait";
    return NULL;
}

/* The poll that was asked for is the one after those that are under way. */
static json_t *polled_json(const struct account *account, const char *why)
{
    return json_pack("{s:I,s:I,s:b,s:s?}", "user", (json_int_t)account->user.user_id, "polls",
                     (json_int_t)account->polls + (account->under_way ? 1 : 0), "polled",
                     why == NULL, "why", why);
}

static void sync_one(struct web_request *request, struct web *web, int64_t user_id)
{
    struct recorder_status status;
    struct account account;
    const char *why;

    if (!control_get_account(request, web, user_id, &account))
        return;
    recorder_status(web->recorder, &status);
    why = why_not(&account, &status);
    if (!recorder_poll_user(web->recorder, user_id) && !why)
        why = "refused";
    control_log(request, "polls user %lld now", (long long)user_id);
    control_answer(request, 202, json_pack("{s:[o]}", "users", polled_json(&account, why)));
}

static void sync_all(struct web_request *request, struct web *web)
{
    struct recorder_status status;
    struct account *accounts = NULL;
    size_t count = 0;
    enum store_result result = recorder_accounts(web->recorder, &accounts, &count);
    json_t *list;

    if (result != STORE_OK) {
        control_refuse_store(request, web, result);
        return;
    }
    recorder_status(web->recorder, &status);
    recorder_poll_now(web->recorder);
    control_log(request, "polls everybody now");
    list = json_array();
    for (size_t i = 0; list && i < count; i++) {
        if (json_array_append_new(list,
                                  polled_json(&accounts[i], why_not(&accounts[i], &status)))) {
            json_decref(list);
            list = NULL;
        }
    }
    free(accounts);
    control_answer(request, 202, list ? json_pack("{s:o}", "users", list) : NULL);
}

static void post_sync(struct web_request *request, void *context)
{
    static const char *const keys[] = {"user", NULL};
    struct web *web = context;
    json_t *body = control_body(request, keys);
    int64_t user_id = 0;
    bool ok = body && control_body_user(request, body, &user_id);

    json_decref(body);
    if (!ok)
        return;
    if (user_id > 0)
        sync_one(request, web, user_id);
    else
        sync_all(request, web);
}

const struct web_route web_control_routes[] = {
    {"/v1/status", WEB_GET, get_status},
    {"/v1/users", WEB_GET, control_get_users},
    {"/v1/users/*", WEB_GET | WEB_POST, control_handle_user},
    {"/v1/sync", WEB_POST, post_sync},
    {"/v1/login", WEB_POST, control_post_login},
    {"/v1/login/*", WEB_GET | WEB_POST, control_handle_login},
    {"/v1/imports", WEB_POST, control_post_imports},
    {"/v1/imports/*", WEB_GET | WEB_POST, control_handle_import},
    {"/v1/undo-import", WEB_POST, control_post_undo},
    {"/v1/rebuild", WEB_GET | WEB_POST, control_handle_rebuild},
    {NULL, 0, NULL},
};
