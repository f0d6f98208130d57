/* SPDX-License-Identifier: MIT */
/*
 * archive/zipped: a zip with one file in it, written as its bytes come (PKWARE's APPNOTE.TXT,
 * sections 4.3.7, 4.3.12 and 4.3.16), not compressed. The size is known at the end only and is put
 * into its place then: the descriptor must be of a file, at its beginning. Less than 4 GiB.
 */
#ifndef ARCHIVE_ZIPPED_H
#define ARCHIVE_ZIPPED_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct zipped {
    int fd;
    const char *name; /* of the file in it; kept by the caller */
    uint32_t crc;
    uint64_t size;
    uint16_t date, time; /* as MS-DOS has them */
};

/* Each returns 0 or errno; EFBIG: too large. */
int zipped_begin(struct zipped *zip, int fd, const char *name, const struct tm *time);
int zipped_write(struct zipped *zip, const void *data, size_t len);
int zipped_end(struct zipped *zip);

#endif
