/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit.h"
#include "ctl/ctl.h"
#include "ctl/fields.h"
#include "ctl/local.h"
#include "ctl/print.h"
#include "ctl/user.h"
#include "ctl/view.h"

#define WATCH_MS (60 * CLOCK_SECOND)
#define LOOK_EVERY_MS 250

const struct ctl_option ctl_sync_options[] = {
    {NULL, NULL, NULL, 0},
};

struct sync {
    const struct ctl_call *call;
    const struct config *config;
    json_t *asked; /* the "users" of the answer to POST /v1/sync */
    json_t *users; /* as they stand now */
};

static const json_t *user_now(const struct sync *sync, const json_t *before)
{
    const json_t *user;
    size_t at;

    json_array_foreach (sync->users, at, user)
        if (user_number(user) == user_number(before))
            return user;
    return NULL;
}

/* Nothing more is to be waited for. A user who is gone or has to sign in, perhaps since a poll that
 * was under way, is not polled any more. */
static bool is_done(const json_t *before, const json_t *now)
{
    return !field_flag(before, "polled") || !now ||
           strcmp(field_text(now, "state", ""), "needs_login") == 0 ||
           field_number(now, "polls", 0) > field_number(before, "polls", 0);
}

static bool all_done(const struct sync *sync)
{
    const json_t *before;
    size_t at;

    json_array_foreach (sync->asked, at, before)
        if (!is_done(before, user_now(sync, before)))
            return false;
    return true;
}

/* Asks for something with an array "users" and puts that into *users. */
static int ask_users(const struct sync *sync, const char *target, const char *body, json_t **users)
{
    struct client_answer answer;
    int status;

    local_ask(sync->config, target, body, &answer);
    status = client_exit_status(&answer);
    if (answer.result == CLIENT_ABSENT)
        print_error("sync",
                    "%s; start it, and it asks Spotify at once (systemctl start spotify-historyd)",
                    answer.message);
    else if (answer.result != CLIENT_OK)
        print_error("sync", "%s", answer.message);
    if (status == EXIT_STATUS_OK) {
        json_decref(*users);
        *users = json_incref(json_object_get(answer.json, "users"));
        if (!json_is_array(*users)) {
            print_error("sync", "the daemon's answer names no users");
            status = EXIT_STATUS_SOFTWARE;
        }
    }
    client_answer_free(&answer);
    return status;
}

static int begin(struct sync *sync)
{
    char body[64] = "{}";
    struct buf why = {0};
    const json_t *user;
    int status = ask_users(sync, "/v1/users", NULL, &sync->users);

    if (status != EXIT_STATUS_OK)
        return status;
    if (sync->call->operand_count > 0) {
        user = user_find(sync->users, sync->call->operands[0], &why);
        if (!user) {
            print_error("sync", "%s", why.data ? why.data : "out of memory");
            buf_free(&why, false);
            return EXIT_STATUS_USAGE;
        }
        snprintf(body, sizeof(body), "{\"user\": %" PRId64 "}", user_number(user));
    }
    return ask_users(sync, "/v1/sync", body, &sync->asked);
}

static int report(const struct sync *sync)
{
    int worst = EXIT_STATUS_OK, written;
    struct buf out = {0};
    const json_t *before;
    size_t at;

    if (json_array_size(sync->asked) == 0)
        buf_add_text(&out, "Nobody has signed in yet: spotify-historyctl login\n");
    json_array_foreach (sync->asked, at, before) {
        const json_t *now = user_now(sync, before);
        bool done = is_done(before, now);
        int status = view_synced_exit(before, now, done);

        view_synced(before, now, done, &out);
        if (sync->call->operand_count > 0 && !field_flag(before, "polled") &&
            status == EXIT_STATUS_OK)
            status = EXIT_STATUS_NOPERM; /* signed out, and asked for by name */
        if (status > worst)              /* NOPERM is above TEMPFAIL */
            worst = status;
    }
    written = print_out(&out);
    return written == EXIT_STATUS_OK ? worst : written;
}

static int watch(struct sync *sync)
{
    int64_t until = clock_boot_ms() + WATCH_MS;
    int status;

    for (;;) {
        status = ask_users(sync, "/v1/users", NULL, &sync->users);
        if (status != EXIT_STATUS_OK)
            return status;
        if (all_done(sync) || clock_boot_ms() >= until)
            return report(sync);
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
}

int ctl_sync(const struct ctl_call *call)
{
    struct sync sync = {.call = call, .config = local_config(call)};
    int status = EXIT_STATUS_CONFIG;

    if (sync.config)
        status = begin(&sync);
    if (sync.config && status == EXIT_STATUS_OK)
        status = watch(&sync);
    json_decref(sync.asked);
    json_decref(sync.users);
    config_free((struct config *)sync.config);
    return status;
}
