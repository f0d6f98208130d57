/* SPDX-License-Identifier: MIT */
#include "ctl/look.h"

#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "ctl/local.h"
#include "ctl/print.h"

static int look_up_in(const struct ctl_call *call, const struct config *config, const char *target,
                      json_t **json, bool *running)
{
    struct client_answer answer;
    int status;

    local_ask(config, target, NULL, &answer);
    status = client_exit_status(&answer);
    if (answer.result == CLIENT_ABSENT) {
        *running = false;
        status = local_status(call, config, json);
    } else if (answer.result == CLIENT_OK) {
        *json = json_incref(answer.json);
    } else {
        print_error(call->command, "%s", answer.message);
    }
    client_answer_free(&answer);
    return status;
}

int look_up(const struct ctl_call *call, const char *target, json_t **json, bool *running)
{
    struct config *config = local_config(call);
    int status = config ? look_up_in(call, config, target, json, running) : EXIT_STATUS_CONFIG;

    config_free(config);
    return status;
}

/* jansson takes DEL for a letter. */
void look_add_json(const json_t *json, struct buf *out)
{
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_ENSURE_ASCII);

    if (!text)
        out->failed = true;
    for (const char *at = text; at && *at;) {
        size_t len = strcspn(at, "\x7f");

        buf_add(out, at, len);
        at += len;
        if (*at) {
            buf_add_text(out, "\\u007f");
            at++;
        }
    }
    buf_add_text(out, "\n");
    free(text);
}
