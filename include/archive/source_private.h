/* SPDX-License-Identifier: MIT */
/*
 * archive/source_private: the two walks that archive/source puts together: through a zip
 * (source_zip.c) and through a folder (source_folder.c).
 */
#ifndef ARCHIVE_SOURCE_PRIVATE_H
#define ARCHIVE_SOURCE_PRIVATE_H

#include "archive/source.h"

#define ARCHIVE_ERROR_SIZE 256

/* What a walk has come to. */
struct archive_found {
    char name[ARCHIVE_NAME_SIZE]; /* printable */
    char error[ARCHIVE_ERROR_SIZE];
    int64_t size; /* -1: unknown */
};

struct archive_zip;

/* Opens the zip in fd, a regular file; takes fd in any case. all_bytes counts what was unpacked,
 * over all zips of a source. NULL, and error, on failure. */
struct archive_zip *archive_zip_open(int fd, const char *name, const struct archive_limits *limits,
                                     int64_t *all_bytes, char error[ARCHIVE_ERROR_SIZE]);
void archive_zip_close(struct archive_zip *zip);
enum archive_source_step archive_zip_next(struct archive_zip *zip, struct archive_found *found);
int64_t archive_zip_read(struct archive_zip *zip, void *data, size_t size,
                         char error[ARCHIVE_ERROR_SIZE]);

struct archive_folder;

/* Walks the folder in fd, which it takes in any case; entries in the order of their names. */
struct archive_folder *archive_folder_open(int fd, const char *name,
                                           const struct archive_limits *limits,
                                           char error[ARCHIVE_ERROR_SIZE]);
void archive_folder_close(struct archive_folder *folder);

/* The next file whose name ends in .json or .zip: *fd is the caller's. */
enum archive_source_step archive_folder_next(struct archive_folder *folder,
                                             struct archive_found *found, int *fd);

/* True if a name ends in ".json" (".zip") in any case, and is no "._NAME". */
bool archive_name_is(const char *name, const char *ending);

/* True if bytes begin as a zip does. */
#define ARCHIVE_MAGIC_SIZE 4
bool archive_magic_is_zip(const void *data, size_t len);

#endif
