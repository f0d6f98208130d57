/* SPDX-License-Identifier: MIT */
/*
 * store/file: the file itself, before SQLite may write to it and beside SQLite while it does.
 *
 * Never: opens the database file with open(2). POSIX drops all locks of a process on a file when
 * any of its descriptors is closed, also those that SQLite holds in another connection; SQLite's
 * own VFS knows and takes care.
 */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_SIZE 100 /* of every SQLite file; see "The Database Header" of its file format */
#define HEADER_VERSION 60
#define HEADER_APPLICATION 68

static uint32_t header_number(const unsigned char *header, int offset)
{
    const unsigned char *p = header + offset;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The directory of path, without its last '/' (but "/" and "."). malloc'ed. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

int store_file_sync_directory(const char *path)
{
    char *directory = directory_of(path);
    if (directory == NULL) {
        return ENOMEM;
    }
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(directory);
    if (fd < 0) {
        return errno;
    }
    int error =
        fsync(fd) != 0 && errno != EINVAL ? errno : 0; /* EINVAL: a file system without it */
    close(fd);
    return error;
}

static enum store_result names_make(struct store *store)
{
    if (asprintf(&store->wal_path, "%s-wal", store->path) < 0) {
        store->wal_path = NULL;
    }
    if (asprintf(&store->shm_path, "%s-shm", store->path) < 0) {
        store->shm_path = NULL;
    }
    if (store->wal_path == NULL || store->shm_path == NULL) {
        return store_fail(store, STORE_NOMEM, "opening the database: out of memory");
    }
    return STORE_OK;
}

/* Resolves the directory of a file that is still to be made. */
static enum store_result find_directory(struct store *store, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    if (base[0] == '\0') {
        return store_fail(store, STORE_CANTOPEN, "%s: not the name of a file", path);
    }
    char *directory = directory_of(path);
    char *resolved = directory != NULL ? realpath(directory, NULL) : NULL;
    int error = errno;
    enum store_result result = STORE_OK;
    if (resolved == NULL) {
        result = store_fail_errno(store, error, directory != NULL ? directory : path);
    } else if (asprintf(&store->path, "%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved, base) <
               0) {
        store->path = NULL;
        result = store_fail(store, STORE_NOMEM, "%s: out of memory", path);
    }
    free(resolved);
    free(directory);
    return result;
}

enum store_result store_file_find(struct store *store, const char *path)
{
    struct stat status;
    store->path = realpath(path, NULL);
    if (store->path != NULL) {
        return names_make(store);
    }
    if (errno != ENOENT) {
        return store_fail_errno(store, errno, path);
    }
    if (lstat(path, &status) == 0) {
        return store_fail(store, STORE_CANTOPEN, "%s: a symbolic link that leads nowhere", path);
    }
    enum store_result result = find_directory(store, path);
    if (result == STORE_OK) {
        result = names_make(store);
    }
    return result == STORE_OK ? STORE_NOT_FOUND : result;
}

/* Reads the header by way of SQLite's VFS. *size gets the size of the file. */
static int header_read(const char *path, unsigned char header[static HEADER_SIZE],
                       sqlite3_int64 *size)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_file *file = vfs != NULL ? calloc(1, (size_t)vfs->szOsFile) : NULL;
    sqlite3_filename name = sqlite3_create_filename(path, "", "", 0, NULL);
    int code = SQLITE_NOMEM;
    if (file == NULL || name == NULL) {
        goto out;
    }
    code = vfs->xOpen(vfs, name, file, SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK) {
        code = file->pMethods->xFileSize(file, size);
    }
    if (code == SQLITE_OK && *size >= HEADER_SIZE) {
        code = file->pMethods->xRead(file, header, HEADER_SIZE, 0);
    }
    if (file->pMethods != NULL) {
        file->pMethods->xClose(file);
    }
out:
    sqlite3_free_filename(name);
    free(file);
    return code;
}

static enum store_result header_judge(struct store *store, const unsigned char *header,
                                      sqlite3_int64 size, int version)
{
    if (size == 0) {
        return store_fail(store, STORE_CORRUPT, "%s is empty: it is not a database of this program",
                          store->path);
    }
    if (size < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0) {
        return store_fail(store, STORE_CORRUPT, "%s is not a SQLite database", store->path);
    }
    if (header_number(header, HEADER_APPLICATION) != STORE_APPLICATION_ID) {
        return store_fail(store, STORE_NOT_OURS, "%s is a database of another program",
                          store->path);
    }
    uint32_t found = header_number(header, HEADER_VERSION);
    if (found > (uint32_t)version) {
        return store_fail(
            store, STORE_NEWER,
            "%s was made by a newer version of this program (its layout is %u, known up to %d)",
            store->path, found, version);
    }
    return STORE_OK;
}

enum store_result store_file_inspect(struct store *store, int version)
{
    struct stat status;
    unsigned char header[HEADER_SIZE] = {0};
    sqlite3_int64 size = 0;
    if (stat(store->path, &status) != 0) {
        return store_fail_errno(store, errno, store->path);
    }
    if (!S_ISREG(status.st_mode)) {
        return store_fail(store, STORE_CANTOPEN, "%s is not a file", store->path);
    }
    if (status.st_nlink != 1) {
        /* Under its other name SQLite would not find the WAL of this one. */
        return store_fail(store, STORE_CANTOPEN,
                          "%s has %lu hard links: a database must have one name only", store->path,
                          (unsigned long)status.st_nlink);
    }
    int code = header_read(store->path, header, &size);
    if (code != SQLITE_OK) {
        return store_fail_sqlite(store, NULL, code, store->path);
    }
    return header_judge(store, header, size, version);
}

static int write_all(int fd, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? errno : EIO;
        }
        data += written;
        size -= (size_t)written;
    }
    return 0;
}

/* Renames, but never over a file that is there. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return errno;
    }
    struct stat status;
    if (lstat(to, &status) == 0) {
        return EEXIST;
    }
    return rename(from, to) != 0 ? errno : 0;
}

/* The name is ours alone, so what is left there is of a start that was cut off. */
static int create_exclusively(const char *path)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(path, flags, STORE_FILE_MODE);
    if (fd < 0 && errno == EEXIST && unlink(path) == 0) {
        fd = open(path, flags, STORE_FILE_MODE);
    }
    return fd;
}

static int write_and_name(const char *made, const char *name, const void *content, size_t size)
{
    int fd = create_exclusively(made);
    if (fd < 0) {
        return errno;
    }
    int error = fchmod(fd, STORE_FILE_MODE) != 0 ? errno : write_all(fd, content, size);
    if (error == 0 && fsync(fd) != 0) {
        error = errno;
    }
    close(fd);
    if (error == 0) {
        error = rename_new(made, name);
    }
    if (error != 0) {
        unlink(made);
        return error;
    }
    return store_file_sync_directory(name);
}

/* A log without its database: SQLite would play it into the new file and spoil both. It may hold
 * the last plays of a file that was moved away, so it is not removed either. */
static enum store_result check_no_log(struct store *store, const char *suffix)
{
    struct stat status;
    char *path = NULL;
    if (asprintf(&path, "%s%s", store->path, suffix) < 0) {
        return store_fail(store, STORE_NOMEM, "making the database: out of memory");
    }
    enum store_result result = STORE_OK;
    if (lstat(path, &status) == 0 && status.st_size > 0) {
        result =
            store_fail(store, STORE_CANTOPEN,
                       "%s is there without its database: put %s back beside it, or move it away",
                       path, store->path);
    }
    free(path);
    return result;
}

enum store_result store_file_create(struct store *store, const void *content, size_t size)
{
    enum store_result checked = check_no_log(store, "-wal");
    if (checked == STORE_OK) {
        checked = check_no_log(store, "-journal");
    }
    if (checked != STORE_OK) {
        return checked;
    }

    char *made = NULL;
    if (asprintf(&made, "%s.new", store->path) < 0) {
        return store_fail(store, STORE_NOMEM, "making the database: out of memory");
    }
    int error = write_and_name(made, store->path, content, size);
    free(made);
    if (error == 0) {
        return STORE_OK;
    }
    enum store_result result = store_fail_errno(store, error, "making the database");
    return error == EEXIST ? STORE_EXISTS : result;
}

/* A mode that gives less than ours is somebody's wish and stays. */
static enum store_result protect_one(struct store *store, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return errno == ENOENT ? STORE_OK : store_fail_errno(store, errno, path);
    }
    mode_t mode = status.st_mode & 07777;
    if ((mode & ~(mode_t)STORE_FILE_MODE) == 0) {
        return STORE_OK;
    }
    if (chmod(path, mode & STORE_FILE_MODE) != 0) {
        return store_fail(store, STORE_CANTOPEN, "%s has mode %04o, which cannot be changed: %s",
                          path, (unsigned)mode, strerror(errno));
    }
    store_fail(store, STORE_OK, "%s had mode %04o, now it has %04o", path, (unsigned)mode,
               (unsigned)(mode & STORE_FILE_MODE));
    return STORE_OK;
}

enum store_result store_file_protect(struct store *store)
{
    enum store_result result = protect_one(store, store->path);
    if (result == STORE_OK) {
        result = protect_one(store, store->wal_path);
    }
    if (result == STORE_OK) {
        result = protect_one(store, store->shm_path);
    }
    return result;
}

static void note_one(struct store_file_id *id, const char *path)
{
    struct stat status;
    *id = (struct store_file_id){0};
    if (stat(path, &status) == 0) {
        *id = (struct store_file_id){.known = true, .dev = status.st_dev, .ino = status.st_ino};
    }
}

enum store_result store_file_note(struct store *store)
{
    note_one(&store->file, store->path);
    if (!store->file.known) {
        return store_fail(store, STORE_GONE, "%s was removed", store->path);
    }
    if (store->mode == STORE_WRITER) {
        note_one(&store->wal, store->wal_path);
        note_one(&store->shm, store->shm_path);
    }
    return STORE_OK;
}

static enum store_result check_one(struct store *store, const struct store_file_id *id,
                                   const char *path)
{
    struct stat status;
    if (!id->known) {
        return STORE_OK;
    }
    if (stat(path, &status) != 0) {
        return errno == ENOENT ? store_fail(store, STORE_GONE, "%s was removed", path)
                               : store_fail_errno(store, errno, path);
    }
    if (status.st_dev != id->dev || status.st_ino != id->ino || status.st_nlink == 0) {
        return store_fail(store, STORE_GONE, "%s was replaced by another file", path);
    }
    return STORE_OK;
}

enum store_result store_file_check(struct store *store)
{
    enum store_result result = check_one(store, &store->file, store->path);
    if (result == STORE_OK) {
        result = check_one(store, &store->wal, store->wal_path);
    }
    if (result == STORE_OK) {
        result = check_one(store, &store->shm, store->shm_path);
    }
    return result;
}
