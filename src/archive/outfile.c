/* SPDX-License-Identifier: MIT */
#include "archive/outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MADE_MARK ".part-" /* between the name and mkstemp()'s six characters */
#define MADE_RANDOM 6
#define SUFFIX_MAX 8

/* Behind the name of a database that SQLite was writing: what it may leave beside it. */
static const char *const suffixes[] = {"-journal", "-wal", "-shm"};

enum { SUFFIXES = sizeof(suffixes) / sizeof(suffixes[0]) };

/* "/d" of "/d/name"; malloc'ed. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Only what rename(2) may replace. */
static int check_name(const char *name)
{
    const char *last = last_part(name);
    struct stat status;

    if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return EISDIR;
    if (lstat(name, &status) != 0)
        return errno == ENOENT ? 0 : errno;
    if (S_ISDIR(status.st_mode))
        return EISDIR;
    return S_ISREG(status.st_mode) ? 0 : EEXIST; /* a device, a pipe, a link */
}

/* Both names, in the directory as it is called without links. */
static int names_make(struct outfile *file, const char *name)
{
    char *directory = directory_of(name);
    char *resolved = directory ? realpath(directory, NULL) : NULL;
    int error = directory ? errno : ENOMEM;

    free(directory);
    if (!resolved)
        return error;
    error = 0;
    if (asprintf(&file->name, "%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved,
                 last_part(name)) < 0) {
        file->name = NULL;
        error = ENOMEM;
    }
    if (error == 0 && asprintf(&file->made, "%s/.%s" MADE_MARK "XXXXXX",
                               strcmp(resolved, "/") == 0 ? "" : resolved, last_part(name)) < 0) {
        file->made = NULL;
        error = ENOMEM;
    }
    free(resolved);
    return error;
}

static bool remove_if_unlocked(int directory, const char *name)
{
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    bool removed;

    if (fd < 0)
        return errno == ENOENT;
    removed = flock(fd, LOCK_EX | LOCK_NB) == 0 && unlinkat(directory, name, 0) == 0;
    close(fd);
    return removed;
}

/* What SQLite has beside a file. */
static void remove_beside(int directory, const char *made)
{
    char beside[PATH_MAX + SUFFIX_MAX + 1];

    for (size_t i = 0; i < SUFFIXES; i++)
        if (snprintf(beside, sizeof(beside), "%s%s", made, suffixes[i]) < (int)sizeof(beside))
            (void)unlinkat(directory, beside, 0);
}

/* A file of the same call that was killed, and what SQLite had beside it; whoever lives holds a
 * lock on theirs. */
static void remove_if_left(int directory, const char *name, size_t len)
{
    char made[NAME_MAX + 1];

    if (len > NAME_MAX)
        return;
    snprintf(made, sizeof(made), "%.*s", (int)len, name);
    if (remove_if_unlocked(directory, made))
        remove_beside(directory, made);
}

static bool is_suffix(const char *rest)
{
    bool found = *rest == '\0';

    for (size_t i = 0; i < SUFFIXES; i++)
        found = found || strcmp(rest, suffixes[i]) == 0;
    return found;
}

static void remove_left(const char *made)
{
    const char *prefix = last_part(made);
    size_t len = strlen(prefix) - MADE_RANDOM;
    char *path = directory_of(made);
    DIR *directory = path ? opendir(path) : NULL;
    struct dirent *entry;

    while (directory && (entry = readdir(directory)) != NULL) {
        const char *name = entry->d_name, *rest = name + len + MADE_RANDOM;

        if (strncmp(name, prefix, len) == 0 && strlen(name) >= len + MADE_RANDOM && is_suffix(rest))
            remove_if_left(dirfd(directory), name, len + MADE_RANDOM);
    }
    if (directory)
        closedir(directory);
    free(path);
}

int outfile_begin(struct outfile *file, const char *name)
{
    int error;

    *file = (struct outfile){.fd = -1};
    error = check_name(name);
    if (error == 0)
        error = names_make(file, name);
    if (error == 0) {
        remove_left(file->made);
        file->fd = mkostemp(file->made, O_CLOEXEC); /* 0600 */
        error = file->fd < 0 ? errno : 0;
    }
    if (error == 0)
        (void)flock(file->fd, LOCK_EX | LOCK_NB);
    else
        outfile_drop(file);
    return error;
}

/* The name itself is durable only when its directory is synced. */
static int sync_directory(const char *name)
{
    char *directory = directory_of(name);
    int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int error = fd < 0 ? errno : 0;

    free(directory);
    if (fd < 0)
        return error == EACCES ? 0 : error; /* may write there, but not look */
    if (fsync(fd) != 0 && errno != EINVAL)
        error = errno;
    close(fd);
    return error;
}

int outfile_commit(struct outfile *file)
{
    int error = fsync(file->fd) != 0 ? errno : 0;

    if (error == 0 && rename(file->made, file->name) != 0)
        error = errno;
    if (error == 0) {
        remove_beside(AT_FDCWD, file->made);
        free(file->made);
        file->made = NULL;
        error = sync_directory(file->name);
    }
    outfile_drop(file);
    return error;
}

void outfile_drop(struct outfile *file)
{
    if (file->made && file->fd >= 0) {
        (void)unlink(file->made);
        /* SQLite does so itself, unless the disk does not let it. */
        remove_beside(AT_FDCWD, file->made);
    }
    if (file->fd >= 0)
        close(file->fd);
    free(file->name);
    free(file->made);
    *file = (struct outfile){.fd = -1};
}

int outfile_write(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t written = write(fd, at, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? errno : EIO;
        at += written;
        len -= (size_t)written;
    }
    return 0;
}
