/* SPDX-License-Identifier: MIT */
#include "ctl/local.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/loop.h"
#include "capture/accounts.h"
#include "capture/recorder.h"
#include "ctl/print.h"
#include "ctl/reader.h"
#include "web/status.h"

struct config *local_config(const struct ctl_call *call)
{
    struct buf problems = {0};
    struct config *config = config_load_public(call->config_file, &problems);

    if (!config)
        fputs(problems.data ? problems.data : "configuration: out of memory\n", stderr);
    buf_free(&problems, false);
    return config;
}

void local_ask(const struct config *config, const char *target, const char *body,
               struct client_answer *answer)
{
    struct client_request request = {
        .socket = config->control.socket, .target = target, .body = body};

    client_call(&request, answer);
}

/* -- Reading ----------------------------------------------------------------------------------- */

bool local_is_new(const struct config *config)
{
    return access(config->store.database, F_OK) < 0 && errno == ENOENT;
}

static int read_accounts(const struct ctl_call *call, const struct config *config,
                         struct account **accounts, size_t *count)
{
    struct store *store = NULL;
    enum store_result result;
    int status;

    if (local_is_new(config))
        return EXIT_STATUS_OK;
    status = reader_open(call, config, &store);
    if (status != EXIT_STATUS_OK)
        return status;
    result = accounts_load(store, config->spotify.client_id, accounts, count);
    if (result != STORE_OK)
        status = reader_failed(call, config, store, result);
    store_close(store);
    return status;
}

int local_status(const struct ctl_call *call, const struct config *config, json_t **status)
{
    struct account *accounts = NULL;
    size_t count = 0;
    int result = read_accounts(call, config, &accounts, &count);
    struct web_status values = {
        .running = false,
        .started_at = STORE_NO_TIME,
        .now = clock_wall_ms(),
        .has_client = config->spotify.client_id[0] != '\0',
        .config_file = call->config_file ? call->config_file : CONFIG_DEFAULT_FILE,
        .redirect_uri = config->spotify.redirect_uri,
        .database = config->store.database,
        .page_problem = "the daemon is not running",
        .accounts = accounts,
        .count = count,
    };

    *status = result == EXIT_STATUS_OK ? web_status_json(&values) : NULL;
    free(accounts);
    if (result == EXIT_STATUS_OK && !*status) {
        print_error(call->command, "out of memory");
        result = EXIT_STATUS_SOFTWARE;
    }
    return result;
}

/* -- The daemon's place ------------------------------------------------------------------------ */

static void failed_for_good(enum store_result result, const char *message, void *context)
{
    const struct ctl_call *call = context;

    print_error(call->command, "the database failed (%s): %s", store_result_name(result), message);
}

static void stopped(void *context)
{
    (void)context; /* the recorder was never started */
}

static int make_recorder(const struct ctl_call *call, const struct config *config,
                         struct local *local)
{
    struct recorder_config recorder = open_recorder_config(config);
    struct recorder_events events = {
        .fatal = failed_for_good, .stopped = stopped, .context = (void *)call};
    char why[400] = "out of memory";

    local->base = loop_new();
    if (local->base)
        local->recorder = recorder_new(local->base, local->open.store, local->open.vault, 0,
                                       &recorder, &events, why, sizeof(why));
    if (local->recorder)
        return EXIT_STATUS_OK;
    print_error(call->command, "%s", why);
    return EXIT_STATUS_SOFTWARE;
}

int local_take(const struct ctl_call *call, const struct config *config, struct local *local)
{
    char why[1200];
    int status;

    *local = (struct local){.open = {.lock_fd = -1}};
    open_harden_process();
    status = open_all(config, &local->open, why, sizeof(why));
    if (status == EXIT_STATUS_UNAVAILABLE)
        print_error(
            call->command,
            "%s; but nobody answers at %s: is that the socket of the daemon that runs? Or is "
            "it starting?",
            why, config->control.socket);
    else if (status != EXIT_STATUS_OK)
        print_error(call->command, "%s", why);
    else if (why[0])
        print_error(call->command, "warning: %s", why);
    if (status == EXIT_STATUS_OK)
        status = make_recorder(call, config, local);
    if (status != EXIT_STATUS_OK)
        local_give_back(local);
    return status;
}

void local_give_back(struct local *local)
{
    recorder_free(local->recorder);
    if (local->base)
        event_base_free(local->base);
    open_close(&local->open);
    *local = (struct local){.open = {.lock_fd = -1}};
}

json_t *local_users(const struct ctl_call *call, struct local *local)
{
    struct account *accounts = NULL;
    size_t count = 0;
    json_t *users = NULL;

    if (recorder_accounts(local->recorder, &accounts, &count) != STORE_OK) {
        print_error(call->command, "reading the database failed: %s",
                    store_message(local->open.store));
        return NULL;
    }
    users = json_array();
    for (size_t i = 0; users && i < count; i++) {
        if (json_array_append_new(users, web_account_json(&accounts[i])) < 0) {
            json_decref(users);
            users = NULL;
        }
    }
    free(accounts);
    if (!users)
        print_error(call->command, "out of memory");
    return users;
}
