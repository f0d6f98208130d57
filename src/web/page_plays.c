/* SPDX-License-Identifier: MIT */
/* The forms of /plays: a play is deleted, or brought back. */
#include "web/web_private.h"

#include <string.h>

#include "base/log.h"
#include "capture/accounts.h"
#include "store/store.h"
#include "web/view_selection.h"

#define PLAYS_PATH "/plays"

/* Back to the selection that the form was on, with one more field. Without another notice: that
 * one belonged to what was done before. */
static void go_back(struct web_request *request, const char *name, const char *place)
{
    const char *next = web_request_form(request, "next");
    struct buf location = {.limit = WEB_HTTP_TARGET_MAX};

    if (!next || !guard_next_is_ours(next) || strncmp(next, PLAYS_PATH, strlen(PLAYS_PATH)) != 0)
        next = PLAYS_PATH;
    buf_add_text(&location, next);
    buf_add_text(&location, strchr(next, '?') ? "&" : "?");
    buf_add_text(&location, name);
    buf_add_text(&location, "=");
    buf_add_form(&location, place, strlen(place));
    web_page_see_other(request, location.failed ? PLAYS_PATH : location.data);
    buf_free(&location, false);
}

static void answer_failure(struct web_request *request, struct web *web, enum store_result result)
{
    if (result == STORE_NOT_FOUND) {
        web_page_error(request, web, 404, "This play is not here any more.");
    } else if (result == STORE_BUSY) {
        web_page_error(request, web, 503, "Something large is being written just now.");
    } else {
        log_warning("page: a play cannot be marked: %s", store_message(web->store));
        web_page_error(request, web, store_result_is_temporary(result) ? 503 : 500,
                       "The database takes no writes now.");
    }
}

static void mark(struct web_request *request, struct web *web,
                 enum store_result (*change)(struct recorder *, int64_t, int64_t),
                 const char *notice)
{
    const char *text = web_request_form(request, "play");
    struct store_place place;
    enum store_result result;

    if (!web_page_check_form(web, request))
        return;
    if (!text || !view_place_parse(text, &place)) {
        web_page_error(request, web, 400, "This is no play.");
        return;
    }
    result = change(web->recorder, place.user_id, place.key);
    if (result == STORE_OK)
        go_back(request, notice, text);
    else
        answer_failure(request, web, result);
}

void web_post_play_delete(struct web_request *request, void *context)
{
    mark(request, context, recorder_play_delete, "deleted");
}

void web_post_play_restore(struct web_request *request, void *context)
{
    mark(request, context, recorder_play_restore, "restored");
}
