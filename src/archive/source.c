/* SPDX-License-Identifier: MIT */
/*
 * archive/source: what a path leads to, and one file after another from there.
 */
#include "archive/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/source_private.h"
#include "archive/tempfile.h"
#include "base/text.h"

struct archive_source {
    struct archive_limits limits;
    char name[ARCHIVE_NAME_SIZE]; /* of what was opened */
    struct archive_folder *folder;
    struct archive_zip *zip;
    int64_t all_bytes;

    int fd;      /* a plain file or stream: the one to come, or the one under way */
    bool waits;  /* it is the one to come */
    bool in_zip; /* the file under way is a member */
    char head[ARCHIVE_MAGIC_SIZE]; /* its first bytes, which were looked at */
    size_t head_len, head_given;

    struct archive_found found;
    bool failed, complete;
    struct vault_digest_stream stream;
    uint8_t digest[VAULT_DIGEST_SIZE];
};

bool archive_magic_is_zip(const void *data, size_t len)
{
    return len >= ARCHIVE_MAGIC_SIZE &&
           (memcmp(data, "PK\3\4", 4) == 0 || memcmp(data, "PK\5\6", 4) == 0);
}

/* Reads size bytes, or up to the end. */
static ssize_t read_fully(int fd, void *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(fd, (char *)data + done, size - done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static bool write_fully(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, data, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        data += put;
        size -= (size_t)put;
    }
    return true;
}

/* A file without a name. */
static int temporary_file(void)
{
    const char *folder = getenv("TMPDIR");

    if (folder == NULL || folder[0] != '/')
        folder = "/var/tmp"; /* /tmp may be memory, and a zip large */
    return tempfile_open(folder);
}

/* Copies the rest of a stream behind its head; false with an error text. */
static bool spool_into(const struct archive_source *source, int from, int into,
                       char error[ARCHIVE_ERROR_SIZE])
{
    char block[16384];
    int64_t size = (int64_t)source->head_len;
    bool ok = write_fully(into, source->head, source->head_len);

    while (ok) {
        ssize_t got = read_fully(from, block, sizeof(block));

        if (got == 0)
            return true;
        ok = got > 0 && write_fully(into, block, (size_t)got);
        size += got;
        if (ok && size > source->limits.all_bytes) {
            snprintf(error, ARCHIVE_ERROR_SIZE, "too large: more than %" PRId64 " bytes",
                     source->limits.all_bytes);
            return false;
        }
    }
    snprintf(error, ARCHIVE_ERROR_SIZE, "cannot be copied to a temporary file: %s",
             strerror(errno));
    return false;
}

/* A zip can only be read from a file: its list of members stands at its end. Takes fd. Returns
 * another one, or -1. */
static int spool(const struct archive_source *source, int fd, char error[ARCHIVE_ERROR_SIZE])
{
    int into = temporary_file();

    if (into < 0) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "no temporary file for it: %s", strerror(errno));
    } else if (!spool_into(source, fd, into, error)) {
        close(into);
        into = -1;
    }
    close(fd);
    return into;
}

/* Looks at the first bytes of fd, which is taken, and makes it the zip under way or the file to
 * come. */
static bool begin(struct archive_source *source, int fd, const char *name,
                  char error[ARCHIVE_ERROR_SIZE])
{
    struct stat info;
    ssize_t got;
    bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);

    source->head_len = source->head_given = 0;
    got = read_fully(fd, source->head, sizeof(source->head));
    if (got < 0) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "cannot be read: %s", strerror(errno));
        close(fd);
        return false;
    }
    source->head_len = (size_t)got;
    if (!archive_magic_is_zip(source->head, source->head_len)) {
        source->fd = fd;
        source->waits = true;
        snprintf(source->found.name, sizeof(source->found.name), "%s", name);
        source->found.size = regular ? info.st_size : -1;
        return true;
    }
    if (!regular)
        fd = spool(source, fd, error);
    if (fd < 0)
        return false;
    source->zip = archive_zip_open(fd, name, &source->limits, &source->all_bytes, error);
    return source->zip != NULL;
}

static struct archive_source *source_new(const char *name, const struct archive_limits *limits)
{
    static const struct archive_limits usual = ARCHIVE_LIMITS_DEFAULT;
    struct archive_source *source = aligned_alloc(_Alignof(struct archive_source), sizeof(*source));

    if (source == NULL)
        return NULL;
    memset(source, 0, sizeof(*source));
    source->fd = -1;
    source->limits = limits != NULL ? *limits : usual;
    text_line(name, strlen(name), source->name, sizeof(source->name));
    return source;
}

struct archive_source *archive_source_open_fd(int fd, const char *name,
                                              const struct archive_limits *limits, char *error,
                                              size_t size)
{
    struct archive_source *source = source_new(name, limits);
    char text[ARCHIVE_ERROR_SIZE] = "out of memory";
    struct stat info;
    bool ok = source != NULL;

    if (!ok) {
        close(fd);
    } else if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        source->folder = archive_folder_open(fd, source->name, &source->limits, text);
        ok = source->folder != NULL;
    } else {
        ok = begin(source, fd, source->name, text);
    }
    if (ok)
        return source;
    snprintf(error, size, "%s", text);
    archive_source_close(source);
    return NULL;
}

struct archive_source *archive_source_open(const char *path, const struct archive_limits *limits,
                                           char *error, size_t size)
{
    bool is_input = strcmp(path, "-") == 0;
    int fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                      : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        snprintf(error, size, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    return archive_source_open_fd(fd, is_input ? "standard input" : path, limits, error, size);
}

void archive_source_close(struct archive_source *source)
{
    if (source == NULL)
        return;
    archive_zip_close(source->zip);
    archive_folder_close(source->folder);
    if (source->fd >= 0)
        close(source->fd);
    free(source);
}

static enum archive_source_step file_begins(struct archive_source *source, bool in_zip)
{
    source->in_zip = in_zip;
    source->failed = source->complete = false;
    vault_digest_begin(&source->stream);
    return ARCHIVE_SOURCE_FILE;
}

/* The next file of a folder becomes the zip under way or the file to come. */
static enum archive_source_step next_of_folder(struct archive_source *source)
{
    int fd = -1;
    enum archive_source_step step = archive_folder_next(source->folder, &source->found, &fd);
    char name[ARCHIVE_NAME_SIZE];

    if (step != ARCHIVE_SOURCE_FILE)
        return step;
    memcpy(name, source->found.name, sizeof(name));
    if (!begin(source, fd, name, source->found.error))
        return ARCHIVE_SOURCE_PROBLEM;
    if (source->waits && archive_name_is(name, ".zip")) {
        snprintf(source->found.error, sizeof(source->found.error),
                 "not a zip, in spite of its name");
        source->waits = false;
        return ARCHIVE_SOURCE_PROBLEM;
    }
    return ARCHIVE_SOURCE_FILE;
}

enum archive_source_step archive_source_next(struct archive_source *source)
{
    enum archive_source_step step;

    source->failed = source->complete = false;
    for (;;) {
        if (source->waits) {
            source->waits = false;
            return file_begins(source, false);
        }
        if (source->fd >= 0)
            close(source->fd);
        source->fd = -1;
        if (source->zip != NULL) {
            step = archive_zip_next(source->zip, &source->found);
            if (step == ARCHIVE_SOURCE_FILE)
                return file_begins(source, true);
            source->failed = true;
            if (step == ARCHIVE_SOURCE_PROBLEM)
                return step;
            archive_zip_close(source->zip);
            source->zip = NULL;
        }
        source->failed = true; /* nothing to read until a file begins */
        if (source->folder == NULL)
            return ARCHIVE_SOURCE_END;
        step = next_of_folder(source);
        if (step != ARCHIVE_SOURCE_FILE)
            return step;
    }
}

const char *archive_source_name(const struct archive_source *source)
{
    return source->found.name;
}

int64_t archive_source_size(const struct archive_source *source)
{
    return source->found.size;
}

const char *archive_source_error(const struct archive_source *source)
{
    return source->found.error;
}

static int64_t read_plain(struct archive_source *source, void *data, size_t size)
{
    size_t head = source->head_len - source->head_given;
    ssize_t got;

    if (head > 0) {
        head = head < size ? head : size;
        memcpy(data, source->head + source->head_given, head);
        source->head_given += head;
    }
    do
        got = read(source->fd, (char *)data + head, size - head);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        snprintf(source->found.error, sizeof(source->found.error), "cannot be read: %s",
                 strerror(errno));
    return got < 0 ? -1 : (int64_t)head + got;
}

int64_t archive_source_read(struct archive_source *source, void *data, size_t size)
{
    int64_t got;

    if (source->failed)
        return -1;
    if (source->complete || size == 0)
        return 0;
    got = source->in_zip ? archive_zip_read(source->zip, data, size, source->found.error)
                         : read_plain(source, data, size);
    if (got > 0) {
        vault_digest_add(&source->stream, data, (size_t)got);
    } else if (got == 0) {
        source->complete = true;
        vault_digest_end(&source->stream, source->digest);
    } else {
        source->failed = true;
    }
    return got;
}

bool archive_source_digest(const struct archive_source *source,
                           uint8_t digest[static VAULT_DIGEST_SIZE])
{
    if (source->complete)
        memcpy(digest, source->digest, VAULT_DIGEST_SIZE);
    return source->complete;
}
