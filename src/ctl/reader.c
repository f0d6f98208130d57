/* SPDX-License-Identifier: MIT */
#include "ctl/reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/exit.h"
#include "ctl/print.h"
#include "daemon/open.h"
#include "store/users.h"

int reader_open(const struct ctl_call *call, const struct config *config, struct store **store)
{
    char why[1200];
    enum store_result result =
        store_open(config->store.database, STORE_READER, store, why, sizeof(why));

    if (result == STORE_OK)
        return EXIT_STATUS_OK;
    print_error(call->command, "%s", why);
    return open_status(result);
}

int reader_failed(const struct ctl_call *call, const struct config *config,
                  const struct store *store, enum store_result result)
{
    print_error(call->command, "%s: %s", config->store.database, store_message(store));
    return open_status(result);
}

json_t *reader_users(struct store *store)
{
    struct store_user *users = NULL;
    size_t count = 0;
    json_t *list = store_users_load(store, &users, &count) == STORE_OK ? json_array() : NULL;

    for (size_t i = 0; list && i < count; i++) {
        json_t *user = json_pack("{s:I,s:s,s:s}", "user", (json_int_t)users[i].user_id,
                                 "spotify_id", users[i].spotify_id, "name", users[i].display_name);

        if (!user || json_array_append_new(list, user) < 0) {
            json_decref(list);
            list = NULL;
        }
    }
    free(users);
    return list;
}

/* -- Files that must not be replaced ----------------------------------------------------------- */

static bool is_same(const struct stat *file, const char *path, const char *suffix)
{
    char name[PATH_MAX];
    struct stat other;

    if (snprintf(name, sizeof(name), "%s%s", path, suffix) >= (int)sizeof(name))
        return false;
    return stat(name, &other) == 0 && file->st_dev == other.st_dev && file->st_ino == other.st_ino;
}

bool reader_is_in_use(const struct ctl_call *call, const struct config *config, const char *path)
{
    static const char *const beside[] = {"", "-wal", "-shm", "-journal", ".lock"};
    struct stat file;
    bool same;

    if (stat(path, &file) != 0)
        return false;
    same = is_same(&file, config->store.key_file, "");
    for (size_t i = 0; !same && i < sizeof(beside) / sizeof(beside[0]); i++)
        same = is_same(&file, config->store.database, beside[i]);
    if (same)
        print_error(call->command, "%s is a file that the daemon needs: give another name", path);
    return same;
}

/* -- Being stopped ----------------------------------------------------------------------------- */

volatile sig_atomic_t reader_stop;

static void note(int number)
{
    reader_stop = number;
}

void reader_catch_stop(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) /* nohup */
            (void)sigaction(numbers[i], &action, NULL);
}

void reader_die(void)
{
    int number = reader_stop;

    if (number != 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
}
