/* SPDX-License-Identifier: MIT */
/* The control interface's sign-ins: begun, handed back as an address, looked at. */
#include "web/control.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "capture/login.h"
#include "spotify/callback.h"
#include "web/status.h"

static json_t *text_or_null(const char *text)
{
    char line[512];

    return text && text[0] ? json_string(text_line(text, strlen(text), line, sizeof(line)))
                           : json_null();
}

/* The user as they are stored now; if they cannot be read, as the sign-in stored them. */
static json_t *signed_in_json(struct web *web, const struct signin_report *report)
{
    struct account account;

    if (report->result != SIGNIN_OK)
        return json_null();
    if (recorder_account(web->recorder, report->user.user_id, &account) != STORE_OK)
        account = (struct account){.user = report->user,
                                   .ends_at = countdown_end(report->user.authorized_at),
                                   .days_left = COUNTDOWN_UNKNOWN,
                                   .next_poll_at = STORE_NO_TIME,
                                   .retry_at = STORE_NO_TIME};
    return web_account_json(&account);
}

/* A login at a stage. report: LOGIN_DONE. address: of one just begun, which is not kept. ends_at:
 * LOGIN_WAITING. */
static json_t *login_json(struct web *web, const char *id, enum login_stage stage,
                          const struct signin_report *report, const char *address, int64_t ends_at)
{
    static const char *const names[] = {
        [LOGIN_WAITING] = "waiting", [LOGIN_WORKING] = "working", [LOGIN_DONE] = "done"};
    bool done = stage == LOGIN_DONE;
    bool ok = done && report->result == SIGNIN_OK;
    bool failed = done && !ok;
    char time[TEXT_TIME_SIZE];

    return json_pack("{s:s,s:s,s:s?,s:s,s:s?,s:s?,s:s?,s:o,s:s?,s:o,s:o}", //
                     "login", id,                                          //
                     "stage", names[stage],                                //
                     "address", address,                                   //
                     "redirect_uri", login_redirect_uri(web->login),       //
                     "expires_at", stage == LOGIN_WAITING ? text_time_format(ends_at, time) : NULL,
                     "result", done ? signin_result_name(report->result) : NULL,     //
                     "title", failed ? signin_result_title(report->result) : NULL,   //
                     "message", text_or_null(done ? report->message : NULL),         //
                     "advice", failed ? signin_result_advice(report->result) : NULL, //
                     "added", ok ? json_boolean(report->added) : json_null(),        //
                     "user", done ? signed_in_json(web, report) : json_null());
}

static void answer_login(struct web_request *request, struct web *web, int status, const char *id)
{
    struct signin_report report = {.result = SIGNIN_OK};
    int64_t ends_at = STORE_NO_TIME;
    enum login_stage stage = login_look(web->login, id, &ends_at, &report);

    if (stage == LOGIN_UNKNOWN)
        control_refuse(request, 404, NULL, "there is no such login, or not any more");
    else
        control_answer(request, status, login_json(web, id, stage, &report, NULL, ends_at));
}

/* -- begin ------------------------------------------------------------------------------------- */

static void begin(struct web_request *request, struct web *web, int64_t user_id)
{
    struct buf address = {.limit = WEB_HTTP_BODY_MAX};
    char id[ATTEMPT_TEXT_SIZE] = "";
    char location[sizeof("/v1/login/") + ATTEMPT_TEXT_SIZE];
    struct account account;
    enum signin_result result;

    if (user_id > 0 && !control_get_account(request, web, user_id, &account))
        return;
    result = login_begin(web->login, NULL, user_id, &address, id);
    if (result == SIGNIN_NO_CLIENT) {
        control_refuse(request, 409, "conflict",
                       "no client id is configured; the status says what to do");
    } else if (result != SIGNIN_OK || address.failed || !address.data) {
        control_refuse(request, 500, NULL, "%s", signin_result_title(SIGNIN_STORE));
    } else {
        if (user_id > 0)
            control_log(request, "begins a sign-in of user %lld", (long long)user_id);
        else
            control_log(request, "begins a sign-in");
        snprintf(location, sizeof(location), "/v1/login/%s", id);
        web_request_add_header(request, "Location", location);
        control_answer(request, 201,
                       login_json(web, id, LOGIN_WAITING, NULL, address.data,
                                  clock_wall_ms() + ATTEMPTS_LIFE_MS));
    }
    buf_free(&address, true);
}

static void begin_with_token(struct web_request *request, struct web *web, const char *token)
{
    char id[ATTEMPT_TEXT_SIZE] = "";

    if (!login_with_token(web->login, token, id)) {
        control_refuse(request, 500, NULL, "no memory");
        return;
    }
    control_log(request, "signs in with a token from elsewhere");
    answer_login(request, web, 202, id);
}

/* Overwrites a text in a tree that nobody else holds: it was a secret. */
static void wipe_string(json_t *json)
{
    if (json_is_string(json))
        buf_wipe((char *)json_string_value(json), json_string_length(json));
}

void control_post_login(struct web_request *request, void *context)
{
    static const char *const keys[] = {"user", "refresh_token", NULL};
    struct web *web = context;
    json_t *body = control_body(request, keys);
    json_t *token = json_object_get(body, "refresh_token");
    int64_t user_id;

    if (!body)
        return;
    if (!token) {
        if (control_body_user(request, body, &user_id))
            begin(request, web, user_id);
    } else if (json_object_get(body, "user")) {
        control_refuse(request, 400, NULL,
                       "user and refresh_token do not go together: Spotify says whose token it is");
    } else if (!json_is_string(token) || json_string_length(token) == 0) {
        control_refuse(request, 400, NULL, "refresh_token must be a text, and not empty");
    } else {
        begin_with_token(request, web, json_string_value(token));
    }
    wipe_string(token);
    json_decref(body);
}

/* -- hand in the address ----------------------------------------------------------------------- */

/* Keeps a report that comes before login_come_back() returns. */
struct early {
    bool is_there;
    struct signin_report report;
};

static void keep_report(const struct signin_report *report, void *context)
{
    struct early *early = context;

    early->is_there = true;
    early->report = *report;
}

static void refuse_address(struct web_request *request, const struct signin_report *report)
{
    if (report->message[0])
        control_refuse(request, 400, "bad_address", "%s: %s", signin_result_title(report->result),
                       report->message);
    else
        control_refuse(request, 400, "bad_address", "%s. %s", signin_result_title(report->result),
                       signin_result_advice(report->result));
}

static void hand_in(struct web_request *request, struct web *web, const char *id,
                    struct spotify_callback *callback)
{
    struct early early = {.is_there = false};
    struct signin_report report;
    int64_t ends_at;

    /* What becomes of it is asked for with GET. */
    login_forget(login_come_back(web->login, callback, NULL, keep_report, &early));
    if (login_look(web->login, id, &ends_at, &report) != LOGIN_WAITING) {
        control_log(request, "hands in the address of a sign-in");
        answer_login(request, web, 202, id);
    } else if (early.is_there && early.report.result != SIGNIN_OK) {
        refuse_address(request, &early.report);
    } else {
        control_log(request, "hands in the address of another sign-in");
        control_refuse(request, 409, NULL,
                       "this address belongs to another sign-in, which goes on with it");
    }
}

/* An address for a login that waits; else the login is shown as it stands. */
static void take_address(struct web_request *request, struct web *web, const char *id,
                         const json_t *address)
{
    struct spotify_callback callback = {.code = ""};
    struct signin_report report;
    const char *problem = "";
    int64_t ends_at;

    if (login_look(web->login, id, &ends_at, &report) != LOGIN_WAITING)
        answer_login(request, web, 202, id);
    else if (!spotify_callback_parse_paste(json_string_value(address), json_string_length(address),
                                           login_redirect_uri(web->login), &callback, &problem))
        control_refuse(request, 400, "bad_address", "%s", problem);
    else
        hand_in(request, web, id, &callback);
    spotify_callback_wipe(&callback);
}

static void post_address(struct web_request *request, struct web *web, const char *id)
{
    static const char *const keys[] = {"address", NULL};
    json_t *body = control_body(request, keys);
    json_t *address = json_object_get(body, "address");

    if (!body)
        return;
    if (json_is_string(address))
        take_address(request, web, id, address);
    else
        control_refuse(request, 400, NULL, "address must be a text");
    wipe_string(address);
    json_decref(body);
}

void control_handle_login(struct web_request *request, void *context)
{
    struct web *web = context;
    const char *id = web_request_rest(request);

    if (web_request_method(request) == WEB_POST)
        post_address(request, web, id);
    else
        answer_login(request, web, 200, id);
}
