/* SPDX-License-Identifier: MIT */
/*
 * archive/source_zip: the members of a zip. Sizes in a zip are claims: what is limited is what is
 * really unpacked.
 */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "archive/source_private.h"
#include "base/text.h"

/* Parts of a zip, APPNOTE.TXT 4.3.14 to 4.3.16. */
#define END_SIZE 22
#define END_COMMENT_MAX 65535
#define END64_SIZE 56
#define LOCATOR_SIZE 20

struct archive_zip {
    zip_t *zip;
    zip_file_t *file; /* the member under way */
    char name[ARCHIVE_NAME_SIZE];
    struct archive_limits limits;
    int64_t *all_bytes;
    int64_t next, count;
    int64_t packed, unpacked; /* of the member under way */
};

static uint16_t get16(const unsigned char *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof(value));
    return le16toh(value);
}

static uint64_t get64(const unsigned char *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof(value));
    return le64toh(value);
}

/* The number of members that the large end record says, to which the 20 bytes before a plain end
 * record point; 0 if there is none. */
static uint64_t count_large(int fd, const unsigned char *locator)
{
    unsigned char end[END64_SIZE];
    uint64_t at;

    if (memcmp(locator, "PK\6\7", 4) != 0)
        return 0;
    at = get64(locator + 8);
    if (at > INT64_MAX || pread(fd, end, sizeof(end), (off_t)at) != END64_SIZE ||
        memcmp(end, "PK\6\6", 4) != 0)
        return 0;
    return get64(end + 24) > get64(end + 32) ? get64(end + 24) : get64(end + 32);
}

/* The largest number of members that any end record in the last bytes of the file claims. libzip
 * makes room for as many before it looks at them, so they are counted before it is called. */
static uint64_t count_claimed(int fd, off_t size)
{
    size_t want = LOCATOR_SIZE + END_SIZE + END_COMMENT_MAX;
    unsigned char *tail;
    uint64_t most = 0;
    ssize_t got;

    if (size < (off_t)want)
        want = (size_t)size;
    tail = malloc(want + 1);
    if (tail == NULL)
        return UINT64_MAX;
    got = pread(fd, tail, want, size - (off_t)want);
    for (ssize_t i = 0; i + END_SIZE <= got; i++) {
        uint64_t count;

        if (memcmp(tail + i, "PK\5\6", 4) != 0)
            continue;
        count = get16(tail + i + 10);
        if (i >= LOCATOR_SIZE && count_large(fd, tail + i - LOCATOR_SIZE) > count)
            count = count_large(fd, tail + i - LOCATOR_SIZE);
        most = count > most ? count : most;
    }
    free(tail);
    return most;
}

static const char *reason_of(const zip_error_t *reason)
{
    switch (zip_error_code_zip(reason)) {
    case ZIP_ER_NOZIP:
        return "not a zip, or cut off: its list of members is missing";
    case ZIP_ER_INCONS:
        return "broken: its list of members contradicts itself";
    case ZIP_ER_CRC:
        return "damaged: the check sum of its content is wrong";
    case ZIP_ER_ZLIB:
    case ZIP_ER_COMPRESSED_DATA:
        return "damaged: what is packed cannot be unpacked";
    case ZIP_ER_EOF:
    case ZIP_ER_READ:
        return "cut off, or it cannot be read";
    case ZIP_ER_COMPNOTSUPP:
        return "packed by a method that is not known";
    case ZIP_ER_ENCRNOTSUPP:
    case ZIP_ER_NOPASSWD:
    case ZIP_ER_WRONGPASSWD:
        return "encrypted: unpack it with its password and import the files";
    case ZIP_ER_MEMORY:
        return "out of memory";
    default:
        return "a zip that cannot be read";
    }
}

static bool open_checked(struct archive_zip *zip, int fd, char error[ARCHIVE_ERROR_SIZE])
{
    zip_error_t reason;
    struct stat info;
    int code = 0;

    if (fstat(fd, &info) != 0) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "cannot be read: %s", strerror(errno));
        return false;
    }
    if (count_claimed(fd, info.st_size) > (uint64_t)zip->limits.entries) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "has more than %" PRId64 " members",
                 zip->limits.entries);
        return false;
    }
    zip->zip = zip_fdopen(fd, 0, &code);
    if (zip->zip == NULL) {
        zip_error_init_with_code(&reason, code);
        snprintf(error, ARCHIVE_ERROR_SIZE, "%s", reason_of(&reason));
        zip_error_fini(&reason);
        return false;
    }
    zip->count = zip_get_num_entries(zip->zip, 0);
    return true;
}

struct archive_zip *archive_zip_open(int fd, const char *name, const struct archive_limits *limits,
                                     int64_t *all_bytes, char error[ARCHIVE_ERROR_SIZE])
{
    struct archive_zip *zip = calloc(1, sizeof(*zip));

    if (zip == NULL) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "out of memory");
    } else {
        zip->limits = *limits;
        zip->all_bytes = all_bytes;
        snprintf(zip->name, sizeof(zip->name), "%s", name);
        if (open_checked(zip, fd, error))
            return zip;
    }
    free(zip);
    close(fd);
    return NULL;
}

static void close_member(struct archive_zip *zip)
{
    if (zip->file != NULL)
        zip_fclose(zip->file);
    zip->file = NULL;
}

void archive_zip_close(struct archive_zip *zip)
{
    if (zip == NULL)
        return;
    close_member(zip);
    zip_discard(zip->zip);
    free(zip);
}

static enum archive_source_step problem(struct archive_found *found, const char *error)
{
    snprintf(found->error, sizeof(found->error), "%s", error);
    return ARCHIVE_SOURCE_PROBLEM;
}

/* "ZIP: NAME", with the name as its bytes can be shown. */
static void show_name(const struct archive_zip *zip, const char *name, struct archive_found *found)
{
    size_t len = (size_t)snprintf(found->name, sizeof(found->name), "%s: ", zip->name);

    if (len < sizeof(found->name))
        text_excerpt(name, strlen(name), found->name + len, sizeof(found->name) - len);
}

static enum archive_source_step open_member(struct archive_zip *zip, const zip_stat_t *info,
                                            struct archive_found *found)
{
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    char text[ARCHIVE_ERROR_SIZE];

    if ((info->valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && info->encryption_method != ZIP_EM_NONE)
        return problem(found, "encrypted: unpack it with its password and import the files");
    if ((info->valid & needed) != needed || info->size > INT64_MAX || info->comp_size > INT64_MAX)
        return problem(found, "broken: the zip does not say its size");
    if ((int64_t)info->size > zip->limits.file_bytes) {
        snprintf(text, sizeof(text), "too large: more than %" PRId64 " bytes unpacked",
                 zip->limits.file_bytes);
        return problem(found, text);
    }
    zip->file = zip_fopen_index(zip->zip, info->index, 0);
    if (zip->file == NULL)
        return problem(found, reason_of(zip_get_error(zip->zip)));
    zip->packed = (int64_t)info->comp_size;
    zip->unpacked = 0;
    found->size = (int64_t)info->size;
    return ARCHIVE_SOURCE_FILE;
}

enum archive_source_step archive_zip_next(struct archive_zip *zip, struct archive_found *found)
{
    close_member(zip);
    while (zip->next < zip->count) {
        zip_stat_t info;
        const char *name;

        zip_stat_init(&info);
        if (zip_stat_index(zip->zip, (zip_uint64_t)zip->next++, 0, &info) != 0 ||
            (info.valid & ZIP_STAT_NAME) == 0)
            continue;
        name = info.name;
        found->size = -1;
        if (archive_name_is(name, ".zip")) {
            show_name(zip, name, found);
            return problem(found, "a zip inside a zip is not read: unpack the outer one");
        }
        if (!archive_name_is(name, ".json"))
            continue;
        show_name(zip, name, found);
        return open_member(zip, &info, found);
    }
    return ARCHIVE_SOURCE_END;
}

/* Whether what was unpacked is still within the limits. */
static bool within_limits(struct archive_zip *zip, char error[ARCHIVE_ERROR_SIZE])
{
    const struct archive_limits *limits = &zip->limits;

    if (zip->unpacked > limits->file_bytes) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "too large: more than %" PRId64 " bytes unpacked",
                 limits->file_bytes);
    } else if (zip->unpacked > limits->free_bytes &&
               (zip->unpacked - limits->free_bytes) / limits->ratio > zip->packed) {
        snprintf(error, ARCHIVE_ERROR_SIZE,
                 "unpacks to more than %" PRId64 " times its size: no history does", limits->ratio);
    } else if (*zip->all_bytes > limits->all_bytes) {
        snprintf(error, ARCHIVE_ERROR_SIZE,
                 "too much: more than %" PRId64 " bytes unpacked in all; the rest is not read",
                 limits->all_bytes);
        zip->next = zip->count;
    } else {
        return true;
    }
    return false;
}

int64_t archive_zip_read(struct archive_zip *zip, void *data, size_t size,
                         char error[ARCHIVE_ERROR_SIZE])
{
    zip_int64_t got = zip_fread(zip->file, data, size);

    if (got < 0) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "%s", reason_of(zip_file_get_error(zip->file)));
        return -1;
    }
    if (zip->unpacked == 0 && archive_magic_is_zip(data, (size_t)got)) {
        snprintf(error, ARCHIVE_ERROR_SIZE, "a zip inside a zip is not read: unpack the outer one");
        return -1;
    }
    zip->unpacked += got;
    *zip->all_bytes += got;
    return within_limits(zip, error) ? got : -1;
}
