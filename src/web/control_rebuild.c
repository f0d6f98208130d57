/* SPDX-License-Identifier: MIT */
/* The tables that are derived from the plays, at the control interface: made anew. */
#include "capture/upkeep.h"

#include <string.h>

#include "base/text.h"
#include "web/control.h"

static json_t *problem_json(const struct upkeep_rebuild *rebuild)
{
    char line[sizeof(rebuild->problem) * 4];

    return rebuild->problem[0] ? json_string(text_line(rebuild->problem, strlen(rebuild->problem),
                                                       line, sizeof(line)))
                               : json_null();
}

static void answer(struct web_request *request, struct web *web, int status)
{
    struct upkeep_rebuild rebuild;
    bool counted;

    recorder_rebuild_status(web->recorder, &rebuild);
    if (!rebuild.begun) {
        control_refuse(request, 404, NULL, "nothing was rebuilt since the daemon started");
        return;
    }
    counted = rebuild.done && rebuild.plays >= 0;
    control_answer(request, status,
                   json_pack("{s:b,s:I,s:o,s:I,s:o}",                                      //
                             "done", rebuild.done,                                         //
                             "left", (json_int_t)rebuild.left,                             //
                             "plays", counted ? json_integer(rebuild.plays) : json_null(), //
                             "took_ms", (json_int_t)rebuild.took_ms,                       //
                             "error", problem_json(&rebuild)));
}

static void post_rebuild(struct web_request *request, struct web *web)
{
    static const char *const keys[] = {NULL};
    json_t *body = control_body(request, keys);
    enum store_result result;

    if (!body)
        return;
    json_decref(body);
    result = recorder_rebuild(web->recorder);
    if (result == STORE_BUSY) {
        control_refuse(request, 409, "busy",
                       "a rebuilding, an import or a removal is under way, or another program "
                       "writes to the database; try again in a moment");
        return;
    }
    if (result != STORE_OK) {
        control_refuse_store(request, web, result);
        return;
    }
    control_log(request, "rebuilds what is derived from the plays");
    answer(request, web, 202);
}

void control_handle_rebuild(struct web_request *request, void *context)
{
    struct web *web = context;

    if (web_request_method(request) == WEB_POST)
        post_rebuild(request, web);
    else
        answer(request, web, 200);
}
