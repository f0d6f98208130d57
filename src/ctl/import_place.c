/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/exit.h"
#include "capture/upkeep.h"
#include "ctl/import.h"
#include "ctl/local.h"
#include "ctl/print.h"
#include "ctl/reader.h"
#include "ctl/user.h"

#define TRY_EVERY_MS 500

/* -- Whose --------------------------------------------------------------------------------------- */

const json_t *import_place_user(const struct ctl_call *call, const struct import_place *place,
                                const char *wish)
{
    const json_t *user = NULL;
    struct buf why = {0};

    if (!wish && json_array_size(place->users) == 1)
        return json_array_get(place->users, 0);
    user = user_find(place->users, wish ? wish : "", &why);
    if (!user && !wish && json_array_size(place->users) > 0) {
        buf_clear(&why, false);
        buf_add_text(&why, "say whose history it is, with --user; there are: ");
        user_add_names(&why, place->users);
    }
    if (!user)
        print_error(call->command, "%s", why.data && !why.failed ? why.data : "out of memory");
    buf_free(&why, false);
    return user;
}

/* -- Where --------------------------------------------------------------------------------------- */

static int load_users(struct import_watch *watch, struct import_place *place)
{
    place->users = reader_users(place->store);
    if (place->users)
        return EXIT_STATUS_OK;
    import_watch_say(watch, "reading the database failed: %s", store_message(place->store));
    return EXIT_STATUS_IO;
}

/* A copy that vanishes. */
static int find_scratch(struct import_watch *watch, struct import_place *place)
{
    char why[1200];
    enum store_result result =
        store_open_scratch(place->config->store.database, &place->store, why, sizeof(why));

    place->way = IMPORT_SCRATCH;
    if (result == STORE_OK)
        return load_users(watch, place);
    import_watch_say(watch, "%s", why);
    return open_status(result);
}

static int say_new(struct import_watch *watch)
{
    import_watch_say(watch,
                     "there is no database yet; first somebody signs in: spotify-historyctl login");
    return EXIT_STATUS_USAGE;
}

/* Who has it may be a daemon that is starting: then it is asked. */
static bool ask_daemon(struct import_watch *watch, struct import_place *place, int *status)
{
    struct client_answer answer;
    bool absent;

    local_ask(place->config, "/v1/users", NULL, &answer);
    *status = client_exit_status(&answer);
    absent = answer.result == CLIENT_ABSENT;
    if (answer.result == CLIENT_OK) {
        place->way = IMPORT_BY_DAEMON;
        place->users = json_incref(json_object_get(answer.json, "users"));
    } else if (!absent) {
        import_watch_say(watch, "%s", answer.message);
    }
    client_answer_free(&answer);
    return !absent;
}

/* True with its exit status; false: somebody else has it. */
static bool take_place(struct import_watch *watch, struct import_place *place, int *status)
{
    char why[1200];

    *status = open_all(place->config, &place->open, why, sizeof(why));
    if (*status == EXIT_STATUS_UNAVAILABLE) {
        import_watch_wait(watch, why, TRY_EVERY_MS);
        return false;
    }
    if (why[0])
        import_watch_say(watch, "%s%s", *status == EXIT_STATUS_OK ? "warning: " : "", why);
    if (*status == EXIT_STATUS_OK) {
        place->way = IMPORT_ALONE;
        place->store = place->open.store;
        *status = load_users(watch, place);
    }
    return true;
}

static int find_daemon_or_place(struct import_watch *watch, struct import_place *place)
{
    int status;

    for (;;) {
        if (ask_daemon(watch, place, &status))
            return status;
        if (local_is_new(place->config)) /* and taking its place would make one */
            return say_new(watch);
        if (take_place(watch, place, &status))
            return status;
    }
}

int import_place_find(struct import_watch *watch, const struct config *config, bool dry_run,
                      struct import_place *place)
{
    int status;

    *place = (struct import_place){.config = config, .open = {.lock_fd = -1}};
    open_harden_process();
    if (dry_run)
        status = local_is_new(config) ? say_new(watch) : find_scratch(watch, place);
    else
        status = find_daemon_or_place(watch, place);
    if (status != EXIT_STATUS_OK)
        import_place_leave(place);
    return status;
}

void import_place_leave(struct import_place *place)
{
    json_decref(place->users);
    trackbook_free(place->book);
    if (place->way == IMPORT_ALONE && place->store)
        (void)upkeep_finish(place->store, INT64_MAX); /* what stays behind is the next one's */
    if (place->way == IMPORT_SCRATCH)
        store_close(place->store);
    open_close(&place->open);
    *place = (struct import_place){.open = {.lock_fd = -1}};
}
