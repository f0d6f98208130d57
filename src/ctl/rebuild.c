/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <poll.h>

#include "base/clock.h"
#include "base/exit.h"
#include "capture/upkeep.h"
#include "ctl/fields.h"
#include "ctl/local.h"
#include "ctl/print.h"

#define LOOK_EVERY_MS 100
#define TARGET "/v1/rebuild"

const struct ctl_option ctl_rebuild_options[] = {
    {NULL, NULL, NULL, 0},
};

static int report(int64_t plays, int64_t took_ms)
{
    struct buf out = {0};

    buf_addf(&out, "%" PRId64 " play%s summed up anew, in %" PRId64 ".%" PRId64 " s\n", plays,
             plays == 1 ? " is" : "s are", took_ms / 1000, took_ms % 1000 / 100);
    return print_out(&out);
}

/* -- By the daemon ------------------------------------------------------------------------------- */

/* Takes the answer's word. True: it is over, with *status. */
static bool is_over(const struct ctl_call *call, const struct client_answer *answer, int *status)
{
    const char *problem;

    if (answer->result != CLIENT_OK) {
        print_error(call->command, "%s", answer->message);
        *status = client_exit_status(answer);
        return true;
    }
    if (!field_flag(answer->json, "done"))
        return false;
    problem = field_text(answer->json, "error", NULL);
    if (problem) {
        print_error(call->command, "it was given up: %s", problem);
        *status = EXIT_STATUS_IO;
    } else {
        *status = report(field_number(answer->json, "plays", 0),
                         field_number(answer->json, "took_ms", 0));
    }
    return true;
}

/* The first answer is there; it goes on also when nobody asks any more. */
static int wait_for_daemon(const struct ctl_call *call, const struct config *config,
                           struct client_answer *answer)
{
    int status = EXIT_STATUS_OK;

    while (!is_over(call, answer, &status)) {
        (void)poll(NULL, 0, LOOK_EVERY_MS);
        client_answer_free(answer);
        local_ask(config, TARGET, NULL, answer);
    }
    return status;
}

/* -- In its place -------------------------------------------------------------------------------- */

static int rebuild_here(const struct ctl_call *call, struct store *store)
{
    int64_t plays = 0, began = clock_boot_ms();
    enum store_result result = upkeep_rebuild(store, &plays);

    if (result == STORE_OK)
        return report(plays, clock_boot_ms() - began);
    print_error(call->command, "%s", store_message(store));
    return open_status(result);
}

static int rebuild_alone(const struct ctl_call *call, const struct config *config)
{
    struct local local;
    int status;

    if (local_is_new(config)) { /* and taking its place would make one */
        print_error(call->command, "there is no database yet");
        return EXIT_STATUS_USAGE;
    }
    status = local_take(call, config, &local);
    if (status != EXIT_STATUS_OK)
        return status;
    status = rebuild_here(call, local.open.store);
    local_give_back(&local);
    return status;
}

int ctl_rebuild(const struct ctl_call *call)
{
    struct config *config = local_config(call);
    struct client_answer answer;
    int status;

    if (!config)
        return EXIT_STATUS_CONFIG;
    local_ask(config, TARGET, "{}", &answer);
    status = answer.result == CLIENT_ABSENT ? rebuild_alone(call, config)
                                            : wait_for_daemon(call, config, &answer);
    client_answer_free(&answer);
    config_free(config);
    return status;
}
