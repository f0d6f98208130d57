/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/exit.h"
#include "ctl/ctl.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/view.h"

enum { OPTION_JSON };

const struct ctl_option ctl_status_options[] = {
    [OPTION_JSON] = {"json", NULL, "print what the daemon answers, as JSON", 0},
    {NULL, NULL, NULL, 0},
};

int ctl_status(const struct ctl_call *call)
{
    struct buf out = {0};
    json_t *json = NULL;
    bool running = true;
    int status = look_up(call, "/v1/status", &json, &running), stands;

    if (status != EXIT_STATUS_OK)
        return status;
    if (call->option[OPTION_JSON])
        look_add_json(json, &out);
    else
        view_status(json, print_look_now(), &out);
    stands = view_status_exit(json);
    json_decref(json);
    status = print_out(&out);
    return status == EXIT_STATUS_OK ? stands : status;
}
