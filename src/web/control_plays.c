/* SPDX-License-Identifier: MIT */
/* A play at the control interface: it is deleted, or brought back. */
#include <string.h>

#include "base/text.h"
#include "store/store.h"
#include "web/control.h"

static void refuse(struct web_request *request, struct web *web, int64_t key,
                   enum store_result result, bool deleted)
{
    if (result == STORE_NOT_FOUND)
        control_refuse(request, 404, NULL, "there is no such play%s: %lld",
                       deleted ? "" : " that is deleted", (long long)key);
    else if (result == STORE_BUSY) /* not the database's own words: they may be of something else */
        control_refuse(request, 503, NULL,
                       "nothing was changed: somebody is being removed, an import is under way, or "
                       "the database takes no writes for now; try again in a moment");
    else
        control_refuse_store(request, web, result);
}

static void mark(struct web_request *request, struct web *web, int64_t user_id, int64_t key,
                 bool deleted)
{
    static const char *const keys[] = {NULL};
    json_t *body = control_body(request, keys);
    enum store_result result;

    if (!body)
        return;
    json_decref(body);
    result = deleted ? recorder_play_delete(web->recorder, user_id, key)
                     : recorder_play_restore(web->recorder, user_id, key);
    if (result != STORE_OK) {
        refuse(request, web, key, result, deleted);
        return;
    }
    control_log(request, "a play of user %lld is %s", (long long)user_id,
                deleted ? "deleted" : "brought back");
    control_answer(request, 200,
                   json_pack("{s:I,s:I,s:b}", "user", (json_int_t)user_id, "play_key",
                             (json_int_t)key, "deleted", deleted));
}

/* rest: KEY/delete or KEY/restore */
void control_handle_play(struct web_request *request, struct web *web, int64_t user_id,
                         const char *rest)
{
    size_t len = strcspn(rest, "/");
    bool deleted = strcmp(rest + len, "/delete") == 0;
    int64_t key;

    if (!text_int_parse(rest, len, &key) || (!deleted && strcmp(rest + len, "/restore") != 0))
        control_refuse(request, 404, NULL, "there is no such play or address");
    else if (control_method(request, WEB_POST))
        mark(request, web, user_id, key, deleted);
}
