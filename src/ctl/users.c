/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/exit.h"
#include "ctl/ctl.h"
#include "ctl/local.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/view.h"

enum { OPTION_JSON };

const struct ctl_option ctl_users_options[] = {
    [OPTION_JSON] = {"json", NULL, "print what the daemon answers, as JSON", 0},
    {NULL, NULL, NULL, 0},
};

/* The list as the daemon would send it, out of the whole status. */
static json_t *users_of(const json_t *status)
{
    return json_pack("{s:O}", "users", json_object_get(status, "users"));
}

int ctl_users(const struct ctl_call *call)
{
    struct buf out = {0};
    json_t *json = NULL;
    bool running = true;
    int status = look_up(call, "/v1/users", &json, &running);

    if (status != EXIT_STATUS_OK)
        return status;
    if (!running) {
        json_t *users = users_of(json);

        json_decref(json);
        json = users;
    }
    if (!json) {
        out.failed = true;
    } else if (call->option[OPTION_JSON]) {
        look_add_json(json, &out);
    } else {
        if (!running)
            buf_add_text(&out, LOOK_NOT_RUNNING);
        view_users(json_object_get(json, "users"), &out);
    }
    json_decref(json);
    return print_out(&out);
}
