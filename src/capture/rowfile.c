/* SPDX-License-Identifier: MIT */
#include "capture/rowfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/tempfile.h"

#define READ_SIZE (8 * ARCHIVE_RECORD_MAX) /* bytes that are read at once */

struct rowfile {
    char *database;
    int fd; /* -1: none yet */
    int64_t latest, bytes_max;
    int64_t size, count;
    int64_t last_key;
    struct archive_record record; /* the one that is looked at: too large for the stack */
    char error[200];
    /* reading */
    int64_t read;     /* bytes of the file that have been read */
    size_t at, ready; /* in buffer: the next record, the end */
    uint8_t buffer[READ_SIZE];
};

struct rowfile *rowfile_new(const char *database, int64_t latest, int64_t bytes_max)
{
    struct rowfile *rows = calloc(1, sizeof(*rows));

    if (!rows)
        return NULL;
    rows->fd = -1;
    rows->latest = latest;
    rows->bytes_max = bytes_max;
    rows->last_key = INT64_MIN;
    rows->database = strdup(database);
    if (rows->database)
        return rows;
    free(rows);
    return NULL;
}

void rowfile_free(struct rowfile *rows)
{
    if (!rows)
        return;
    if (rows->fd >= 0)
        close(rows->fd);
    free(rows->database);
    free(rows);
}

int64_t rowfile_count(const struct rowfile *rows)
{
    return rows->count;
}

const char *rowfile_error(const struct rowfile *rows)
{
    return rows->error;
}

/* -- adding ------------------------------------------------------------------------------------ */

/* The directory in which the database really lies, through all links: there we may write.
 * Malloc'ed; NULL with errno. */
static char *directory_of(const char *database)
{
    char *path = realpath(database, NULL);
    char *slash = path ? strrchr(path, '/') : NULL;

    if (slash)
        slash[slash == path ? 1 : 0] = '\0';
    return path;
}

static int open_file(const char *database)
{
    char *directory = directory_of(database);
    int fd = directory ? tempfile_open(directory) : -1;

    free(directory);
    return fd;
}

static enum rowfile_result fail(struct rowfile *rows, const char *what)
{
    snprintf(rows->error, sizeof(rows->error), "%s: %s", what, strerror(errno));
    return ROWFILE_FAILED;
}

/* True if the bytes are whole records in order; counts them, and finds the key of the last. */
static bool check(struct rowfile *rows, const uint8_t *data, size_t len, int64_t *count,
                  int64_t *last_key)
{
    *count = 0;
    *last_key = rows->last_key;
    for (size_t at = 0; at < len; (*count)++) {
        size_t length = archive_record_get(data + at, len - at, rows->latest, &rows->record);
        int64_t key;

        if (length == 0)
            return false;
        key = rows->record.kind == ARCHIVE_RECORD_ROW
                  ? archive_record_key_of_row(&rows->record.row)
                  : archive_record_key_of_rejected(&rows->record.rejected);
        if (key < *last_key)
            return false;
        *last_key = key;
        at += length;
    }
    return true;
}

static bool write_at(int fd, const uint8_t *data, size_t len, int64_t offset)
{
    while (len > 0) {
        ssize_t written = pwrite(fd, data, len, (off_t)offset);

        if (written < 0 && errno == EINTR)
            continue;
        if (written == 0)
            errno = ENOSPC;
        if (written <= 0)
            return false;
        data += written;
        offset += written;
        len -= (size_t)written;
    }
    return true;
}

enum rowfile_result rowfile_add(struct rowfile *rows, const void *data, size_t len)
{
    int64_t count, last_key;

    if ((int64_t)len > rows->bytes_max - rows->size)
        return ROWFILE_TOO_LARGE;
    if (!check(rows, data, len, &count, &last_key))
        return ROWFILE_UNSOUND;
    if (len > 0 && rows->fd < 0)
        rows->fd = open_file(rows->database);
    if (len > 0 && rows->fd < 0)
        return fail(rows, "making a file beside the database failed");
    if (!write_at(rows->fd, data, len, rows->size))
        return fail(rows, "writing to a file beside the database failed");
    rows->size += (int64_t)len;
    rows->count += count;
    rows->last_key = last_key;
    return ROWFILE_OK;
}

/* -- reading ----------------------------------------------------------------------------------- */

/* Fills the buffer up behind what of it is not used yet. */
static bool read_on(struct rowfile *rows)
{
    rows->ready -= rows->at;
    memmove(rows->buffer, rows->buffer + rows->at, rows->ready);
    rows->at = 0;
    while (rows->ready < READ_SIZE && rows->read < rows->size) {
        ssize_t got =
            pread(rows->fd, rows->buffer + rows->ready, READ_SIZE - rows->ready, (off_t)rows->read);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        rows->ready += (size_t)got;
        rows->read += got;
    }
    return true;
}

/* The length of the record at the front of the buffer; 0: it is not there in full. */
static size_t length_at_hand(const struct rowfile *rows)
{
    size_t left = rows->ready - rows->at;
    size_t length = archive_record_length(rows->buffer + rows->at, left);

    return length <= left ? length : 0;
}

static const uint8_t *next(void *context, size_t *len, bool *failed)
{
    struct rowfile *rows = context;
    const uint8_t *record = rows->buffer + rows->at;

    *failed = false;
    *len = length_at_hand(rows);
    if (*len == 0) {
        *failed = !read_on(rows);
        if (*failed || rows->ready == 0)
            return NULL;
        record = rows->buffer;
        *len = length_at_hand(rows);
        *failed = *len == 0;
    }
    rows->at += *len;
    return *failed ? NULL : record;
}

struct archive_supply rowfile_supply(struct rowfile *rows)
{
    rows->read = 0;
    rows->at = rows->ready = 0;
    return (struct archive_supply){.next = next, .context = rows};
}
