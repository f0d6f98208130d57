/* SPDX-License-Identifier: MIT */
#include "ctl/look.h"

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
static int add_piece(const char *text, size_t len, void *context)
{
    struct buf *out = context;

    while (len > 0) {
        const char *del = memchr(text, '\x7f', len);
        size_t plain = del ? (size_t)(del - text) : len;

        buf_add(out, text, plain);
        if (del)
            buf_add_text(out, "\\u007f");
        text += plain + (del ? 1 : 0);
        len -= plain + (del ? 1 : 0);
    }
    return out->failed ? -1 : 0;
}

/* Piece by piece into our buffer, which remembers that one did not fit: json_dumps() leaves out a
 * key that it has no memory for, and goes on. */
void look_add_json(const json_t *json, struct buf *out)
{
    if (json_dump_callback(json, add_piece, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) < 0)
        out->failed = true;
    buf_add_text(out, "\n");
}
