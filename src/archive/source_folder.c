/* SPDX-License-Identifier: MIT */
/*
 * archive/source_folder: a walk through a folder and all below it, in the order of names. Links are
 * not followed, and what is opened is looked at before it is read: a pipe that somebody put there
 * would wait for ever.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/source_private.h"
#include "base/text.h"

#define LEVELS_MAX 64

/* One folder: its names, sorted. */
struct level {
    int fd;
    char **names;
    size_t count, next;
    char shown[ARCHIVE_NAME_SIZE];
};

struct archive_folder {
    struct archive_limits limits;
    struct level levels[LEVELS_MAX];
    int depth;       /* levels in use */
    int64_t entries; /* of all folders so far */
    bool too_many;   /* told once */
};

bool archive_name_is(const char *name, const char *ending)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash != NULL ? slash + 1 : name;
    size_t len = strlen(base);

    return len >= strlen(ending) && strcasecmp(base + len - strlen(ending), ending) == 0 &&
           strncmp(base, "._", 2) != 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void level_free(struct level *level)
{
    for (size_t i = 0; i < level->count; i++)
        free(level->names[i]);
    free(level->names);
    if (level->fd >= 0)
        close(level->fd);
    *level = (struct level){.fd = -1};
}

static bool add_name(struct level *level, const char *name)
{
    char **names = level->names;

    if ((level->count & (level->count - 1)) == 0) {
        size_t room = level->count > 0 ? 2 * level->count : 1;

        names = realloc(level->names, room * sizeof(*names));
        if (names == NULL)
            return false;
        level->names = names;
    }
    names[level->count] = strdup(name);
    return names[level->count] != NULL && ++level->count > 0;
}

/* Reads the names of a folder, at most as many as are left. False: errno says why. */
static bool level_read(struct archive_folder *folder, struct level *level)
{
    int copy = fcntl(level->fd, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    bool ok = true;

    if (dir == NULL) {
        if (copy >= 0)
            close(copy);
        return false;
    }
    while (ok && (errno = 0, entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (folder->entries == folder->limits.entries) {
            folder->too_many = true;
            break;
        }
        folder->entries++;
        ok = add_name(level, entry->d_name);
    }
    ok = ok && (entry != NULL || errno == 0);
    closedir(dir);
    if (level->count > 0)
        qsort(level->names, level->count, sizeof(level->names[0]), compare_names);
    return ok;
}

/* Goes into the folder in fd, which is taken. */
static bool enter(struct archive_folder *folder, int fd, const char *shown)
{
    struct level *level = &folder->levels[folder->depth];

    *level = (struct level){.fd = fd};
    snprintf(level->shown, sizeof(level->shown), "%s", shown);
    if (!level_read(folder, level)) {
        int reason = errno;

        level_free(level);
        errno = reason;
        return false;
    }
    folder->depth++;
    return true;
}

/* Without the slashes that a shell puts behind a folder. */
static size_t name_len(const char *name)
{
    size_t len = strlen(name);

    while (len > 0 && name[len - 1] == '/')
        len--;
    return len;
}

struct archive_folder *archive_folder_open(int fd, const char *name,
                                           const struct archive_limits *limits,
                                           char error[ARCHIVE_ERROR_SIZE])
{
    struct archive_folder *folder = calloc(1, sizeof(*folder));
    char shown[ARCHIVE_NAME_SIZE];

    if (folder == NULL) {
        close(fd);
        snprintf(error, ARCHIVE_ERROR_SIZE, "out of memory");
        return NULL;
    }
    text_line(name, name_len(name), shown, sizeof(shown));
    folder->limits = *limits;
    if (folder->limits.depth > LEVELS_MAX - 1)
        folder->limits.depth = LEVELS_MAX - 1;
    if (!enter(folder, fd, shown)) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "cannot be read: %s", strerror(errno));
        free(folder);
        return NULL;
    }
    return folder;
}

void archive_folder_close(struct archive_folder *folder)
{
    if (folder == NULL)
        return;
    while (folder->depth > 0)
        level_free(&folder->levels[--folder->depth]);
    free(folder);
}

static enum archive_source_step problem(struct archive_found *found, const char *what,
                                        const char *why)
{
    snprintf(found->error, sizeof(found->error), "%s%s", what, why);
    return ARCHIVE_SOURCE_PROBLEM;
}

static void show_name(const struct level *level, const char *name, struct archive_found *found)
{
    size_t len = (size_t)snprintf(found->name, sizeof(found->name), "%s/", level->shown);

    if (len < sizeof(found->name))
        text_excerpt(name, strlen(name), found->name + len, sizeof(found->name) - len);
}

/* Opens an entry if it is one of ours, a folder or a file; END: it is not. */
static enum archive_source_step open_entry(struct archive_folder *folder, const struct level *level,
                                           const char *name, struct archive_found *found, int *fd)
{
    struct stat info;
    bool is_folder;

    if (fstatat(level->fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return ARCHIVE_SOURCE_END; /* gone meanwhile */
    is_folder = S_ISDIR(info.st_mode);
    if (!is_folder && (!S_ISREG(info.st_mode) ||
                       (!archive_name_is(name, ".json") && !archive_name_is(name, ".zip"))))
        return ARCHIVE_SOURCE_END;
    show_name(level, name, found);
    if (is_folder && folder->depth > folder->limits.depth)
        return problem(found, "folders too deep inside of each other: not looked into", "");
    *fd = openat(level->fd, name,
                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (is_folder ? O_DIRECTORY : 0));
    if (*fd < 0)
        return problem(found, "cannot be opened: ", strerror(errno));
    if (is_folder) {
        if (!enter(folder, *fd, found->name))
            return problem(found, "cannot be read: ", strerror(errno));
        return ARCHIVE_SOURCE_END;
    }
    if (fstat(*fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(*fd);
        return ARCHIVE_SOURCE_END; /* another one took its place */
    }
    found->size = info.st_size;
    return ARCHIVE_SOURCE_FILE;
}

enum archive_source_step archive_folder_next(struct archive_folder *folder,
                                             struct archive_found *found, int *fd)
{
    while (folder->depth > 0) {
        struct level *level = &folder->levels[folder->depth - 1];
        enum archive_source_step step;

        if (folder->too_many) {
            char text[64];

            folder->too_many = false;
            snprintf(found->name, sizeof(found->name), "%s", level->shown);
            snprintf(text, sizeof(text), "more than %" PRId64, folder->limits.entries);
            return problem(found, text, " files and folders: the rest is not read");
        }
        if (level->next == level->count) {
            level_free(level);
            folder->depth--;
            continue;
        }
        found->size = -1;
        step = open_entry(folder, level, level->names[level->next++], found, fd);
        if (step != ARCHIVE_SOURCE_END)
            return step;
    }
    return ARCHIVE_SOURCE_END;
}
