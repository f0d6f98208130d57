/* SPDX-License-Identifier: MIT */
/*
 * web/control: what the files of the control interface share: strict bodies in, JSON or a
 * refusal out, and a line in the log for what changes something.
 */
#ifndef WEB_CONTROL_H
#define WEB_CONTROL_H

#include <jansson.h>

#include "capture/accounts.h"
#include "web/web_private.h"

#define CONTROL_ROWS_MAX 262144 /* bytes of packed rows in one request; JSON: WEB_HTTP_BODY_MAX */

/* Answers with a refusal. code NULL: the one that goes with the status. */
void control_refuse(struct web_request *request, int status, const char *code, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));
void control_refuse_store(struct web_request *request, struct web *web, enum store_result result);

/* Answers with a value, which it takes over; NULL (no memory) becomes a 500. */
void control_answer(struct web_request *request, int status, json_t *json);

/* True if the request has this method; else it is answered with 405. */
bool control_method(struct web_request *request, enum web_method method);

/* The body: an object with no other keys than these (ends with NULL); a new reference. NULL: it is
 * answered. */
json_t *control_body(struct web_request *request, const char *const *keys);

/* Its "user", 0: none. False: it is answered. */
bool control_body_user(struct web_request *request, const json_t *body, int64_t *user_id);

/* One user. False: it is answered. */
bool control_get_account(struct web_request *request, struct web *web, int64_t user_id,
                         struct account *account);

/* Deletes a play of a user or brings it back; rest of the address: KEY/delete, KEY/restore. */
void control_handle_play(struct web_request *request, struct web *web, int64_t user_id,
                         const char *rest);

/* Says at notice what somebody changes, with their user number and process. Nothing secret. */
void control_log(const struct web_request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

web_handler control_get_users;
web_handler control_handle_user;
web_handler control_post_login;
web_handler control_handle_login;
web_handler control_post_imports;
web_handler control_handle_import;
web_handler control_post_undo;
web_handler control_handle_rebuild;

#endif
