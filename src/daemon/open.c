/* SPDX-License-Identifier: MIT */
#include "daemon/open.h"

#include <config.h>
#include <errno.h>
#ifdef HAVE_MALLOPT
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/exit.h"
#include "daemon/lock.h"
#include "store/users.h"

int open_status(enum store_result result)
{
    switch (result) {
    case STORE_NOT_OURS:
    case STORE_NEWER:
        return EXIT_STATUS_CONFIG;
    case STORE_CANTOPEN:
    case STORE_READONLY:
        return EXIT_STATUS_CANTCREAT;
    case STORE_BUSY:
        return EXIT_STATUS_TEMPFAIL;
    case STORE_NOMEM:
    case STORE_MISUSE:
        return EXIT_STATUS_SOFTWARE;
    default:
        return EXIT_STATUS_IO;
    }
}

/* Where the database really lies, through all symbolic links: two names of one file must meet at
 * one lock. A file that is not there yet is looked for by its directory. NULL without memory, or
 * without that directory. */
static char *real_path(const char *path)
{
    char *real = realpath(path, NULL), *directory, *joined = NULL;
    const char *name = strrchr(path, '/');

    if (real || !name)
        return real;
    directory = strndup(path, name > path ? (size_t)(name - path) : 1);
    real = directory ? realpath(directory, NULL) : NULL;
    if (real && asprintf(&joined, "%s%s", strcmp(real, "/") == 0 ? "" : real, name) < 0)
        joined = NULL;
    free(directory);
    free(real);
    return joined;
}

static int take_lock(const char *database, struct open_state *state, char *why, size_t size)
{
    switch (lock_take(database, &state->lock_fd, why, size)) {
    case LOCK_OK:
        return EXIT_STATUS_OK;
    case LOCK_TAKEN:
        return EXIT_STATUS_UNAVAILABLE;
    case LOCK_FAILED:
        break;
    }
    return EXIT_STATUS_CANTCREAT;
}

/* A key is made only while nothing is sealed: a new one beside old tokens would hide that the old
 * one is lost. */
static int open_vault(const struct config *config, struct open_state *state, char *why, size_t size)
{
    char source[4096] = "";
    bool tokens = false;
    enum vault_result result;

    if (store_tokens_exist(state->store, &tokens) != STORE_OK) {
        snprintf(why, size, "%s: reading the database failed: %s", config->store.database,
                 store_message(state->store));
        return EXIT_STATUS_IO;
    }
    errno = 0;
    result = vault_open(config->store.key_file, !tokens, &state->vault, source, sizeof(source));
    if (result == VAULT_OK)
        return EXIT_STATUS_OK;
    if (result == VAULT_MISSING)
        snprintf(
            why, size,
            "%.1000s: the key file is missing, and the database holds tokens sealed with it: bring it "
            "back, or sign every user in anew with the database's tokens removed",
            source);
    else
        snprintf(why, size, "%.1000s: %s%s%s", source, vault_result_name(result),
                 result == VAULT_IO ? ": " : "", result == VAULT_IO ? strerror(errno) : "");
    return result == VAULT_IO ? EXIT_STATUS_CANTCREAT : EXIT_STATUS_CONFIG;
}

int open_all(const struct config *config, struct open_state *state, char *why, size_t size)
{
    char *real = real_path(config->store.database);
    const char *database = real ? real : config->store.database;
    int status;

    *state = (struct open_state){.lock_fd = -1};
    why[0] = '\0';
    status = take_lock(database, state, why, size);
    if (status == EXIT_STATUS_OK) {
        enum store_result result = store_open(database, STORE_WRITER, &state->store, why, size);

        status = result == STORE_OK ? EXIT_STATUS_OK : open_status(result);
    }
    if (status == EXIT_STATUS_OK)
        status = open_vault(config, state, why, size);
    if (status != EXIT_STATUS_OK)
        open_close(state);
    free(real);
    return status;
}

void open_close(struct open_state *state)
{
    vault_close(state->vault);
    store_close(state->store);
    if (state->lock_fd >= 0)
        lock_release(state->lock_fd);
    *state = (struct open_state){.lock_fd = -1};
}

struct recorder_config open_recorder_config(const struct config *config)
{
    return (struct recorder_config){
        .database = config->store.database,
        .client_id = config->spotify.client_id,
        .client_secret = config->spotify.client_secret,
        .api_url = config->spotify.api_url,
        .accounts_url = config->spotify.accounts_url,
        .poll_interval_ms = config->capture.poll_interval_ms,
        .sweep_interval_ms = config->capture.sweep_interval_ms,
        .daily_call_budget = config->capture.daily_call_budget,
        .request_timeout_ms = config->capture.request_timeout_ms,
        .max_in_flight = (size_t)config->capture.max_in_flight,
    };
}

/* glibc takes one large block that was freed as a sign that more will come: from then on, blocks of
 * that size come from the heap, which keeps what it has. One answer of several MiB, which is
 * refused, would stay for the rest of our life. A threshold that is set stays as it is
 * (mallopt(3)). */
static void keep_little_memory(void)
{
#ifdef HAVE_MALLOPT
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

void open_harden_process(void)
{
    struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk to us */
    umask(027);
    /* Names a file into which TLS libraries write the keys of every connection. */
    (void)unsetenv("SSLKEYLOGFILE");
    keep_little_memory();
}
