/* SPDX-License-Identifier: MIT */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/text.h"
#include "capture/accounts.h"
#include "capture/upkeep.h"
#include "ctl/ctl.h"
#include "ctl/fields.h"
#include "ctl/local.h"
#include "ctl/paste.h"
#include "ctl/print.h"
#include "ctl/user.h"
#include "ctl/view.h"
#include "store/store.h"

#define FORGET_TIMEOUT_MS 300000 /* years of plays are many rows */

enum { OPTION_KEEP_PLAYS, OPTION_YES };

const struct ctl_option ctl_forget_options[] = {
    [OPTION_KEEP_PLAYS] = {"keep-plays", NULL, "remove the sign-in only; what is recorded stays",
                           0},
    [OPTION_YES] = {"yes", NULL, "do not ask", 0},
    {NULL, NULL, NULL, 0},
};

static bool keeps_plays(const struct ctl_call *call)
{
    return call->option[OPTION_KEEP_PLAYS] != NULL;
}

/* -- Asking ------------------------------------------------------------------------------------ */

/* Says what goes. */
static int show(const struct ctl_call *call, const json_t *user, const json_t *holds)
{
    struct buf out = {0};

    user_add_name(&out, user);
    if (keeps_plays(call)) {
        buf_add_text(&out, ": the sign-in will be removed; what is recorded stays:\n  ");
    } else {
        buf_add_text(&out, ": these will be removed for good:\n  the sign-in, ");
    }
    if (holds)
        view_holds(holds, &out);
    else
        buf_add_text(&out, "all plays and everything else that is recorded");
    buf_add_text(&out, "\n");
    return print_out(&out);
}

/* What has to be typed: the name that was shown, or its owner's id where there is no name that can
 * be typed. */
static const char *word_of(const json_t *user)
{
    const char *name = field_text(user, "name", "");
    bool typed = *name && text_printable(name, strlen(name));
    const char *shown = typed ? name : field_text(user, "spotify_id", "");

    return *shown ? shown : "yes";
}

static bool is_yes(const struct ctl_call *call, const json_t *user, const char *answer)
{
    if (keeps_plays(call))
        return strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0 || strcmp(answer, "yes") == 0;
    return strcmp(answer, word_of(user)) == 0 ||
           strcmp(answer, field_text(user, "spotify_id", "")) == 0;
}

static int ask(const struct ctl_call *call, const json_t *user)
{
    struct paste paste = {.fd = STDIN_FILENO};
    char line[PASTE_LINE_MAX];
    struct buf question = {0};
    size_t len;

    if (keeps_plays(call)) {
        buf_add_text(&question, "Remove the sign-in? [y/N] ");
    } else {
        buf_add_text(&question, "Type the name ");
        print_text(&question, word_of(user));
        buf_add_text(&question, " to remove all this: ");
    }
    fputs(question.data ? question.data : "", stderr);
    buf_free(&question, false);
    if (paste_read(&paste, -1, line) != PASTE_LINE) {
        fputs("\n", stderr);
        line[0] = '\0';
    }
    len = strlen(line);
    while (len > 0 && line[len - 1] == ' ')
        line[--len] = '\0';
    if (len > 0 && is_yes(call, user, line))
        return EXIT_STATUS_OK;
    print_error(call->command, "nothing was removed");
    return EXIT_STATUS_USAGE;
}

/* Whether to go on: shows what goes, and asks unless told not to. */
static int confirm(const struct ctl_call *call, const json_t *user, const json_t *holds)
{
    int status = show(call, user, holds);

    if (status != EXIT_STATUS_OK || call->option[OPTION_YES])
        return status;
    if (isatty(STDIN_FILENO))
        return ask(call, user);
    print_error(call->command,
                "there is no terminal to ask on: nothing was removed (--yes removes unasked)");
    return EXIT_STATUS_USAGE;
}

static int report(const struct ctl_call *call, const json_t *user, const json_t *removed)
{
    struct buf out = {0};

    user_add_name(&out, user);
    if (keeps_plays(call)) {
        buf_add_text(&out, " is signed out; what is recorded stays\n");
    } else {
        buf_add_text(&out, " is forgotten; removed: the sign-in, ");
        view_holds(removed, &out);
        buf_add_text(&out, "\n");
    }
    return print_out(&out);
}

static const json_t *find(const struct ctl_call *call, const json_t *users, int *status)
{
    struct buf why = {0};
    const json_t *user = user_find(users, call->operands[0], &why);

    if (!user) {
        print_error(call->command, "%s", why.data ? why.data : "out of memory");
        *status = EXIT_STATUS_USAGE;
    }
    buf_free(&why, false);
    return user;
}

/* -- By the daemon ----------------------------------------------------------------------------- */

static int ask_daemon(const struct ctl_call *call, const struct config *config, const char *target,
                      const char *body, struct client_answer *answer)
{
    struct client_request request = {.socket = config->control.socket,
                                     .target = target,
                                     .body = body,
                                     .timeout_ms = FORGET_TIMEOUT_MS};

    client_call(&request, answer);
    if (answer->result != CLIENT_OK)
        print_error(call->command, "%s", answer->message);
    return client_exit_status(answer);
}

static json_t *holds_json(const struct store_holdings *holds)
{
    return json_pack("{sI sI sI sI sI sI sI sI sI}", "plays", (json_int_t)holds->plays,
                     "deleted_plays", (json_int_t)holds->deleted_plays, "gaps",
                     (json_int_t)holds->gaps, "polls", (json_int_t)holds->polls, "imports",
                     (json_int_t)holds->imports, "rejects", (json_int_t)holds->rejects, "tracks",
                     (json_int_t)holds->tracks, "albums", (json_int_t)holds->albums, "artists",
                     (json_int_t)holds->artists);
}

/* What is kept of a user, read from the database; NULL for somebody who may not read it. */
static json_t *read_holds(const struct config *config, int64_t user_id)
{
    struct store_holdings holds;
    struct store *store = NULL;
    char why[1200];
    json_t *json = NULL;

    if (store_open(config->store.database, STORE_READER, &store, why, sizeof(why)) == STORE_OK &&
        store_user_holdings(store, user_id, &holds) == STORE_OK)
        json = holds_json(&holds);
    store_close(store);
    return json;
}

static int forget_by_daemon(const struct ctl_call *call, const struct config *config,
                            const json_t *users)
{
    struct client_answer done = {0};
    char target[80];
    int status = EXIT_STATUS_OK;
    const json_t *user = find(call, users, &status);
    json_t *holds;

    if (!user)
        return status;
    holds = read_holds(config, user_number(user));
    snprintf(target, sizeof(target), "/v1/users/%" PRId64 "/forget", user_number(user));
    status = confirm(call, user, holds);
    if (status == EXIT_STATUS_OK)
        status = ask_daemon(
            call, config, target,
            keeps_plays(call) ? "{\"keep_plays\": true}" : "{\"keep_plays\": false}", &done);
    if (status == EXIT_STATUS_OK)
        status = report(call, user, json_object_get(done.json, "removed"));
    json_decref(holds);
    client_answer_free(&done);
    return status;
}

/* -- In its place ------------------------------------------------------------------------------ */

static int store_failed(const struct ctl_call *call, const struct local *local,
                        enum store_result result)
{
    print_error(call->command, "nothing was removed: %s: %s", store_result_name(result),
                store_message(local->open.store));
    return store_result_is_temporary(result) ? EXIT_STATUS_TEMPFAIL : EXIT_STATUS_IO;
}

struct removal {
    struct event_base *base;
    enum store_result result;
    struct store_holdings *removed;
};

static void removed(enum store_result result, const struct store_holdings *holds, void *context)
{
    struct removal *removal = context;

    removal->result = result;
    if (result == STORE_OK)
        *removal->removed = *holds;
    event_base_loopbreak(removal->base);
}

static enum store_result remove_user(struct local *local, int64_t user_id,
                                     struct store_holdings *holds)
{
    struct removal removal = {local->base, STORE_BUSY, holds};
    enum store_result result = recorder_forget(local->recorder, user_id, removed, &removal);

    if (result != STORE_OK)
        return result;
    event_base_dispatch(local->base);
    return removal.result;
}

static int forget_user(const struct ctl_call *call, struct local *local, const json_t *user)
{
    struct store_holdings holds = {0};
    json_t *json = NULL;
    int status;
    enum store_result result = store_user_holdings(local->open.store, user_number(user), &holds);

    if (result != STORE_OK)
        return store_failed(call, local, result);
    json = holds_json(&holds);
    status = confirm(call, user, json);
    if (status == EXIT_STATUS_OK) {
        result = keeps_plays(call) ? recorder_sign_out(local->recorder, user_number(user))
                                   : remove_user(local, user_number(user), &holds);
        if (result != STORE_OK)
            status = store_failed(call, local, result);
    }
    json_decref(json);
    if (status != EXIT_STATUS_OK)
        return status;
    json = holds_json(&holds);
    status = report(call, user, json);
    json_decref(json);
    return status;
}

static int forget_alone(const struct ctl_call *call, const struct config *config)
{
    struct local local;
    json_t *users = NULL;
    const json_t *user = NULL;
    int status = EXIT_STATUS_OK;

    if (local_is_new(config)) { /* and taking its place would make one */
        (void)find(call, NULL, &status);
        return status;
    }
    status = local_take(call, config, &local);
    if (status != EXIT_STATUS_OK)
        return status;
    users = local_users(call, &local);
    status = EXIT_STATUS_IO;
    if (users)
        user = find(call, users, &status);
    if (user)
        status = forget_user(call, &local, user);
    if (status == EXIT_STATUS_OK)
        (void)upkeep_finish(local.open.store, INT64_MAX); /* what stays behind is the next one's */
    json_decref(users);
    local_give_back(&local);
    return status;
}

int ctl_forget(const struct ctl_call *call)
{
    struct config *config = local_config(call);
    struct client_answer answer;
    int status;

    if (!config)
        return EXIT_STATUS_CONFIG;
    local_ask(config, "/v1/users", NULL, &answer);
    status = client_exit_status(&answer);
    if (answer.result == CLIENT_OK)
        status = forget_by_daemon(call, config, json_object_get(answer.json, "users"));
    else if (answer.result == CLIENT_ABSENT)
        status = forget_alone(call, config);
    else
        print_error(call->command, "%s", answer.message);
    client_answer_free(&answer);
    config_free(config);
    return status;
}
