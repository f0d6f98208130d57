/* SPDX-License-Identifier: MIT */
/* ctl/health_files: files, the key and the disk. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ctl/health.h"
#include "vault/vault.h"

/* Where systemd puts a key that it hands over (LoadCredential=); only the daemon may look in. */
#define CREDENTIAL "/run/credentials/spotify-historyd.service/token.key"

/* -- permissions ------------------------------------------------------------------------------- */

/* What is not there has nothing wrong with it: whoever needs it tells. */
static void look_at(struct health_tour *tour, struct health_file *file)
{
    struct health_verdict verdict = {0};
    struct stat status;

    if (stat(file->path, &status) == 0) {
        file->mode = status.st_mode;
        file->uid = status.st_uid;
        file->owner = tour->owner;
        health_judge_file(file, &verdict);
    } else if (errno == ENOENT || errno == ENOTDIR) {
        return;
    } else if (errno == EACCES) {
        health_say(&verdict, HEALTH_UNCHECKED, "no permission to look at %s", file->path);
    } else {
        health_say(&verdict, HEALTH_FAILURE, "%s %s: %s", file->what, file->path, strerror(errno));
        health_advise(&verdict, "see what is wrong with that disk");
    }
    health_found(tour, &verdict);
}

/* The files that SQLite and the lock put beside it lie where it really is. */
static void look_beside(struct health_tour *tour, const char *database)
{
    static const struct {
        const char *what, *suffix;
        mode_t most, grave;
    } files[] = {
        {"database", "", 0640, 0022},
        {"log", "-wal", 0640, 0022},
        {"index", "-shm", 0640, 0022},
        {"lock", ".lock", 0600, 0},
    };
    char path[PATH_MAX + 16];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct health_file file = {.what = files[i].what,
                                   .path = path,
                                   .type = S_IFREG,
                                   .most = files[i].most,
                                   .least = 0600,
                                   .grave = files[i].grave};

        snprintf(path, sizeof(path), "%.4096s%s", database, files[i].suffix);
        look_at(tour, &file);
    }
}

static void look_at_directory(struct health_tour *tour, const char *database)
{
    char path[PATH_MAX];
    struct health_file file = {.what = "directory",
                               .path = path,
                               .type = S_IFDIR,
                               .most = 0750,
                               .least = 0700,
                               .grave = 0022};
    char *slash;

    snprintf(path, sizeof(path), "%s", database);
    slash = strrchr(path, '/');
    if (!slash)
        return;
    slash[slash == path ? 1 : 0] = '\0';
    look_at(tour, &file);
}

void health_permissions(struct health_tour *tour)
{
    const struct config *config = tour->config;
    char *real = realpath(config->store.database, NULL);
    const char *database = real ? real : config->store.database;
    struct health_file others[] = {
        {.what = "key",
         .path = config->store.key_file,
         .type = S_IFREG,
         .most = 0600,
         .least = 0400,
         .grave = 0777},
        {.what = "client secret",
         .path = config->spotify.client_secret_file,
         .type = S_IFREG,
         .most = 0640,
         .grave = 0027,
         .of_root = true},
        {.what = "password",
         .path = config->web.password_file,
         .type = S_IFREG,
         .most = 0640,
         .grave = 0027,
         .of_root = true},
        {.what = "control socket",
         .path = config->control.socket,
         .type = S_IFSOCK,
         .most = 0660,
         .least = 0600},
    };

    look_at_directory(tour, database);
    look_beside(tour, database);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (others[i].path[0])
            look_at(tour, &others[i]);
    free(real);
}

/* -- the key ----------------------------------------------------------------------------------- */

/* vault takes a key of its caller only: root looks at it as the one whose it is. */
static enum vault_result open_key(struct health_tour *tour, struct vault **vault, char *source,
                                  size_t size)
{
    struct stat status;
    bool become = geteuid() == 0 && tour->owner != (uid_t)-1 && tour->owner != 0 &&
                  stat(tour->config->store.key_file, &status) == 0 &&
                  status.st_uid == tour->owner && seteuid(tour->owner) == 0;
    enum vault_result result = vault_open(tour->config->store.key_file, false, vault, source, size);
    int error = errno;

    if (become)
        (void)!seteuid(0); /* the rest can be done as the other, too */
    errno = error;
    return result;
}

/* Tries the key on one token. False, with the verdict, when it does not fit. */
static bool try_token(struct health_tour *tour, const struct vault *vault,
                      const struct store_user *user, enum store_token_type type,
                      struct health_verdict *verdict)
{
    struct store_token row;
    char *plain = NULL;
    size_t len = 0;
    enum vault_result opened = VAULT_OK;
    enum store_result result = store_token_get(tour->store, user->user_id, type, &row);

    if (result == STORE_OK) {
        opened = vault_unseal(vault, user->user_id, store_token_type_name(type), row.sealed,
                              row.sealed_len, &plain, &len);
        vault_wipe_free(plain);
        free(row.sealed);
    }
    if (result != STORE_OK && result != STORE_NOT_FOUND) {
        health_say(verdict, HEALTH_FAILURE, "reading a token failed: %s",
                   store_message(tour->store));
        health_advise(verdict, "see the check of the database");
    } else if (opened != VAULT_OK) {
        health_say(verdict, HEALTH_FAILURE, "the %s token of %s cannot be unsealed: %s",
                   store_token_type_name(type), user->spotify_id, vault_result_name(opened));
        health_advise(
            verdict, "%s%s",
            opened == VAULT_WRONG_KEY ? "bring back the key file that it was sealed with, or " : "",
            "sign in again: spotify-historyctl login");
    }
    return verdict->state == HEALTH_OK;
}

static void try_tokens(struct health_tour *tour, const struct vault *vault,
                       struct health_verdict *verdict)
{
    struct store_user *users = NULL;
    size_t count = 0, good = 0;

    if (store_users_load(tour->store, &users, &count) != STORE_OK) {
        health_say(verdict, HEALTH_FAILURE, "reading the users failed: %s",
                   store_message(tour->store));
        health_advise(verdict, "see the check of the database");
        return;
    }
    while (good < count && try_token(tour, vault, &users[good], STORE_TOKEN_REFRESH, verdict) &&
           try_token(tour, vault, &users[good], STORE_TOKEN_ACCESS, verdict))
        good++;
    if (good == count)
        health_say(verdict, HEALTH_OK, "it opens every token that is stored");
    free(users);
}

static void tell_key(struct health_tour *tour, enum vault_result result, const char *source,
                     int error, struct health_verdict *verdict)
{
    struct stat status;
    bool tokens = false, handed_over = stat(CREDENTIAL, &status) == 0 || errno == EACCES;

    if (result == VAULT_IO && error == EACCES) {
        health_say(verdict, HEALTH_UNCHECKED, "no permission to read %s", source);
    } else if (result == VAULT_MISSING && handed_over) {
        health_say(verdict, HEALTH_UNCHECKED, "systemd hands it to the daemon alone");
    } else if (result == VAULT_MISSING &&
               (!health_store(tour) ||
                (store_tokens_exist(tour->store, &tokens) == STORE_OK && !tokens))) {
        health_say(verdict, HEALTH_UNCHECKED, "there is none yet at %s, and nothing known to open",
                   source);
    } else if (result == VAULT_MISSING) {
        health_say(verdict, HEALTH_FAILURE,
                   "%s is missing: the tokens in the database cannot be opened after a restart",
                   source);
        health_advise(verdict,
                      "bring it back from a backup before the daemon is restarted, or sign "
                      "every user in anew");
    } else {
        health_say(verdict, HEALTH_FAILURE, "%s: %s%s%s", source, vault_result_name(result),
                   result == VAULT_IO ? ": " : "", result == VAULT_IO ? strerror(error) : "");
        health_advise(verdict,
                      result == VAULT_EXPOSED
                          ? "chmod 0600 it, owned by the daemon's user; if somebody may have "
                            "read it, sign every user in anew"
                          : "bring the right file back from a backup");
    }
}

void health_key(struct health_tour *tour)
{
    struct health_verdict verdict = {0};
    struct vault *vault = NULL;
    char source[512];
    enum vault_result result;

    errno = 0;
    result = open_key(tour, &vault, source, sizeof(source));
    if (result != VAULT_OK)
        tell_key(tour, result, source, errno, &verdict);
    else if (health_store(tour))
        try_tokens(tour, vault, &verdict);
    else
        health_say(&verdict, HEALTH_OK, "it can be read; there is no database to try it on");
    vault_close(vault);
    health_found(tour, &verdict);
}

/* -- the disk ---------------------------------------------------------------------------------- */

void health_disk(struct health_tour *tour)
{
    char path[PATH_MAX], *slash;
    struct health_verdict verdict = {0};
    struct statvfs system;
    struct stat status;
    struct health_disk disk = {0};

    snprintf(path, sizeof(path), "%s", tour->config->store.database);
    if (stat(path, &status) == 0) {
        disk.database_bytes = status.st_size;
    } else {
        slash = strrchr(path, '/');
        if (slash)
            slash[slash == path ? 1 : 0] = '\0';
    }
    if (statvfs(path, &system) == 0) {
        disk.free_bytes = (int64_t)(system.f_bavail * system.f_frsize);
        disk.inodes = (int64_t)system.f_files;
        disk.free_inodes = (int64_t)system.f_favail;
        disk.read_only = (system.f_flag & ST_RDONLY) != 0;
        health_judge_disk(&disk, &verdict);
    } else if (errno == EACCES) {
        health_say(&verdict, HEALTH_UNCHECKED, "no permission to look at %s", path);
    } else {
        health_say(&verdict, HEALTH_FAILURE, "%s: %s", path, strerror(errno));
        health_advise(&verdict, "make the directory, or correct store.database");
    }
    health_found(tour, &verdict);
}
