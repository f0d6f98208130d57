/* SPDX-License-Identifier: MIT */
/*
 * archive/source: the files that a person points at: a zip, a folder, a single file, or standard
 * input; told apart by their first bytes, never by their name.
 *
 * Owns: the open files, a walk through folders, libzip, limits against hostile zips.
 * Offers: one file after another, its bytes, and a digest by which the same file is known again.
 * Never: writes (but for a zip on a pipe, which is kept in an unlinked temporary file), follows a
 * link inside a folder, uses a name from inside a zip as a path, lets the error of one file stop
 * the others.
 *
 * Which files are given: every member of a zip, and every regular file of a folder, whose name ends
 * in ".json" in any case; a zip inside a folder is walked as well. Whether a file is a history is
 * told by its content (archive/decode). "._NAME" files, which some systems put beside NAME, are
 * not.
 */
#ifndef ARCHIVE_SOURCE_H
#define ARCHIVE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/vault.h"

#define ARCHIVE_NAME_SIZE 512 /* bytes of a name that is shown, with NUL */

/* A file of ten million rows is 8 GB, and histories are packed to about a fifteenth. */
struct archive_limits {
    int64_t entries;    /* members of a zip; entries of a folder with all below it */
    int64_t file_bytes; /* of one member, unpacked */
    int64_t all_bytes;  /* of all members, unpacked; also of a zip on a pipe, as it is */
    int64_t ratio;      /* bytes unpacked for one packed, beyond the first free_bytes of a member */
    int64_t free_bytes;
    int depth; /* folders inside folders */
};
#define ARCHIVE_LIMITS_DEFAULT                                                             \
    {                                                                                      \
        .entries = 10000, .file_bytes = INT64_C(16) << 30, .all_bytes = INT64_C(64) << 30, \
        .ratio = 250, .free_bytes = INT64_C(16) << 20, .depth = 16                         \
    }

enum archive_source_step {
    ARCHIVE_SOURCE_END,
    ARCHIVE_SOURCE_FILE,   /* read it with archive_source_read(), or go on */
    ARCHIVE_SOURCE_PROBLEM /* archive_source_name() cannot be had, archive_source_error() says why
                            */
};

struct archive_source;

/* Opens path; "-" is standard input. limits: NULL for the default. NULL on failure, with a text for
 * people in error (of size bytes). */
struct archive_source *archive_source_open(const char *path, const struct archive_limits *limits,
                                           char *error, size_t size);

/* The same for a file, folder or pipe that is open already; takes fd in any case. name is shown. */
struct archive_source *archive_source_open_fd(int fd, const char *name,
                                              const struct archive_limits *limits, char *error,
                                              size_t size);
void archive_source_close(struct archive_source *source);

/* Goes to the next file. */
enum archive_source_step archive_source_next(struct archive_source *source);

/* Its name, printable; of a member "ZIP: NAME". */
const char *archive_source_name(const struct archive_source *source);

/* Its size in bytes, -1 if nobody knows. Of a member it is what the zip claims: for a progress bar.
 */
int64_t archive_source_size(const struct archive_source *source);

/* Reads up to size bytes of it. 0 at its end, -1 on an error (archive_source_error()); the files
 * behind it can be had all the same. */
int64_t archive_source_read(struct archive_source *source, void *data, size_t size);

/* BLAKE2b-128 of its content; false if it was not read to its end. */
bool archive_source_digest(const struct archive_source *source,
                           uint8_t digest[static VAULT_DIGEST_SIZE]);

/* After a problem, or a read that failed: one sentence without the name. */
const char *archive_source_error(const struct archive_source *source);

#endif
