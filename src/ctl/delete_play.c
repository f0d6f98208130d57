/* SPDX-License-Identifier: MIT */
/* The commands delete-play and restore-play: by the daemon, or in its place while none runs. */
#include <inttypes.h>
#include <stdio.h>

#include "base/exit.h"
#include "base/text.h"
#include "capture/accounts.h"
#include "capture/upkeep.h"
#include "ctl/fields.h"
#include "ctl/key.h"
#include "ctl/local.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/user.h"
#include "store/search.h"

enum { OPTION_USER, OPTION_JSON };

#define OPTIONS                                                                 \
    {                                                                           \
        [OPTION_USER] = {"user", "USER", "a play of this user", 0},             \
        [OPTION_JSON] = {"json", NULL, "print JSON", 0}, {NULL, NULL, NULL, 0}, \
    }

const struct ctl_option ctl_delete_play_options[] = OPTIONS;
const struct ctl_option ctl_restore_play_options[] = OPTIONS;

struct marking {
    const struct ctl_call *call;
    const struct config *config;
    bool deleted;             /* it is to be */
    struct store_place place; /* which */
};

/* -- Whose ----------------------------------------------------------------------------------------- */

static int say_which(const struct ctl_call *call, const json_t *users)
{
    struct buf names = {0};

    user_add_names(&names, users);
    print_error(call->command,
                json_array_size(users) == 0
                    ? "nobody has signed in yet"
                    : "whose play? Say it with --user, or give the key " KEY_HELP ": %s",
                names.data ? names.data : "");
    buf_free(&names, false);
    return EXIT_STATUS_USAGE;
}

/* Fills in whose play it is: who is named by the key or the option, or the only one there is. */
static int find_user(struct marking *marking, const json_t *users)
{
    const char *wish = marking->call->option[OPTION_USER];
    char number[24];
    struct buf why = {0};
    const json_t *user;

    if (!wish && marking->place.user_id == 0) {
        if (json_array_size(users) != 1)
            return say_which(marking->call, users);
        marking->place.user_id = user_number(json_array_get(users, 0));
        return EXIT_STATUS_OK;
    }
    snprintf(number, sizeof(number), "%" PRId64, marking->place.user_id);
    user = user_find(users, wish ? wish : number, &why);
    if (!user)
        print_error(marking->call->command, "%s", why.data ? why.data : "out of memory");
    buf_free(&why, false);
    if (user && marking->place.user_id != 0 && marking->place.user_id != user_number(user)) {
        print_error(marking->call->command, "%s is a play of another user",
                    marking->call->operands[0]);
        user = NULL;
    }
    if (!user)
        return EXIT_STATUS_USAGE;
    marking->place.user_id = user_number(user);
    return EXIT_STATUS_OK;
}

/* -- What was done --------------------------------------------------------------------------------- */

static void add_title(struct buf *out, const struct store_shown *play)
{
    char time[TEXT_TIME_SIZE], shown[PRINT_TIME_SIZE];
    const struct store_links *artists = &play->title.artists;

    buf_addf(out, "%s  ", print_time(text_time_format(play->played_at, time), "?", shown));
    print_text(out, play->title.self.name ? play->title.self.name : "?");
    for (size_t i = 0; i < artists->count; i++) {
        buf_add_text(out, i == 0 ? " (" : ", ");
        print_text(out, artists->items[i].name ? artists->items[i].name : "?");
    }
    buf_add_text(out, artists->count > 0 ? ")" : "");
}

/* When and what it was; nothing for somebody who may not read the database. */
static void add_play(const struct marking *marking, struct buf *out)
{
    const struct store_search search = {.user_id = marking->place.user_id,
                                        .since = STORE_NO_TIME,
                                        .until = STORE_NO_TIME,
                                        .deleted = marking->deleted};
    struct store_place next = marking->place; /* the one that is found is older than this */
    struct store_plays_page page = {0};
    struct store *store = NULL;
    char why[1200];

    if (next.key == INT64_MAX || store_open(marking->config->store.database, STORE_READER, &store,
                                            why, sizeof(why)) != STORE_OK)
        return;
    next.key++;
    if (store_begin_read(store) == STORE_OK) {
        if (store_plays_find(store, &search, next, false, 1, &page) == STORE_OK && page.count > 0 &&
            page.items[0].place.key == marking->place.key) {
            buf_add_text(out, ": ");
            add_title(out, &page.items[0]);
        }
        store_plays_free(&page);
        store_rollback(store);
    }
    store_close(store);
}

static int report(const struct marking *marking)
{
    struct buf out = {0};
    char key[KEY_SIZE];

    if (marking->call->option[OPTION_JSON]) {
        json_t *json =
            json_pack("{s:I,s:I,s:b}", "user", (json_int_t)marking->place.user_id, "play_key",
                      (json_int_t)marking->place.key, "deleted", marking->deleted);

        if (json)
            look_add_json(json, &out);
        else
            out.failed = true;
        json_decref(json);
        return print_out(&out);
    }
    buf_add_text(&out, marking->deleted ? "deleted" : "brought back");
    add_play(marking, &out);
    buf_add_text(&out, "\n");
    if (marking->deleted)
        buf_addf(&out, "spotify-historyctl restore-play %s brings it back\n",
                 key_format(marking->place, key));
    return print_out(&out);
}

/* -- By the daemon --------------------------------------------------------------------------------- */

static int mark_by_daemon(struct marking *marking, const json_t *users)
{
    struct client_answer answer = {0};
    char target[120];
    int status = find_user(marking, users);

    if (status != EXIT_STATUS_OK)
        return status;
    snprintf(target, sizeof(target), "/v1/users/%" PRId64 "/plays/%" PRId64 "/%s",
             marking->place.user_id, marking->place.key, marking->deleted ? "delete" : "restore");
    local_ask(marking->config, target, "{}", &answer);
    status = client_exit_status(&answer);
    if (answer.result == CLIENT_ABSENT)
        status = EXIT_STATUS_TEMPFAIL; /* it has just ended */
    if (status == EXIT_STATUS_OK)
        status = report(marking);
    else
        print_error(marking->call->command, "%s", answer.message);
    client_answer_free(&answer);
    return status;
}

/* -- In its place ---------------------------------------------------------------------------------- */

static int mark_here(struct marking *marking, struct local *local, const json_t *users)
{
    const struct store_place *place = &marking->place;
    enum store_result result;
    int status = find_user(marking, users);

    if (status != EXIT_STATUS_OK)
        return status;
    result = marking->deleted ? recorder_play_delete(local->recorder, place->user_id, place->key)
                              : recorder_play_restore(local->recorder, place->user_id, place->key);
    if (result == STORE_OK)
        return report(marking);
    if (result == STORE_NOT_FOUND) {
        print_error(marking->call->command, "there is no such play%s: %" PRId64,
                    marking->deleted ? "" : " that is deleted", place->key);
        return EXIT_STATUS_USAGE;
    }
    print_error(marking->call->command, "nothing was changed: %s: %s", store_result_name(result),
                store_message(local->open.store));
    return open_status(result);
}

static int mark_alone(struct marking *marking)
{
    struct local local;
    json_t *users;
    int status;

    if (local_is_new(marking->config)) { /* and taking its place would make one */
        print_error(marking->call->command, "there is no database yet");
        return EXIT_STATUS_USAGE;
    }
    status = local_take(marking->call, marking->config, &local);
    if (status != EXIT_STATUS_OK)
        return status;
    users = local_users(marking->call, &local);
    status = users ? mark_here(marking, &local, users) : EXIT_STATUS_IO;
    if (status == EXIT_STATUS_OK)
        (void)upkeep_finish(local.open.store, INT64_MAX); /* sums; the next one's if it fails */
    json_decref(users);
    local_give_back(&local);
    return status;
}

/* -- The commands ---------------------------------------------------------------------------------- */

static int run(const struct ctl_call *call, bool deleted)
{
    struct marking marking = {.call = call, .deleted = deleted};
    struct client_answer answer;
    struct config *config;
    int status;

    if (!key_parse(call->operands[0], &marking.place)) {
        print_error(call->command, "%s is not the key of a play, " KEY_HELP, call->operands[0]);
        return EXIT_STATUS_USAGE;
    }
    config = local_config(call);
    if (!config)
        return EXIT_STATUS_CONFIG;
    marking.config = config;
    local_ask(config, "/v1/users", NULL, &answer);
    status = client_exit_status(&answer);
    if (answer.result == CLIENT_OK)
        status = mark_by_daemon(&marking, json_object_get(answer.json, "users"));
    else if (answer.result == CLIENT_ABSENT)
        status = mark_alone(&marking);
    else
        print_error(call->command, "%s", answer.message);
    client_answer_free(&answer);
    config_free(config);
    return status;
}

int ctl_delete_play(const struct ctl_call *call)
{
    return run(call, true);
}

int ctl_restore_play(const struct ctl_call *call)
{
    return run(call, false);
}
