/* SPDX-License-Identifier: MIT */
/*
 * archive/record: rows of an export packed into bytes: for sorting, and for the way from the
 * command to the daemon.
 *
 * Owns: the layout. It is of one version of the program (ARCHIVE_RECORD_VERSION), never stored for
 *       longer than an import takes.
 * Offers: packing, and unpacking of what may be hostile: what it gives holds to the same rules as
 *         what archive/decode gives.
 * Never: reads past what it is given, trusts a length in it.
 */
#ifndef ARCHIVE_RECORD_H
#define ARCHIVE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "archive/decode.h"

#define ARCHIVE_RECORD_VERSION 1
#define ARCHIVE_RECORD_MAX 8192 /* bytes of a packed one, its length in front included */

/* What a record is of. */
enum archive_record_kind { ARCHIVE_RECORD_ROW, ARCHIVE_RECORD_REJECTED };

struct archive_record {
    enum archive_record_kind kind;
    struct archive_row row;           /* of ARCHIVE_RECORD_ROW */
    struct archive_rejected rejected; /* of ARCHIVE_RECORD_REJECTED */
};

/* Packs into out and returns the length in bytes, never 0. The first two bytes are that length
 * (little endian), so that records can stand one after another. Takes what archive/decode gave. */
size_t archive_record_put_row(uint8_t out[static ARCHIVE_RECORD_MAX],
                              const struct archive_row *row);
size_t archive_record_put_rejected(uint8_t out[static ARCHIVE_RECORD_MAX],
                                   const struct archive_rejected *rejected);

/* The key that sorts records of a file: rejected ones first, then rows by their moment. */
int64_t archive_record_key_of_row(const struct archive_row *row);
int64_t archive_record_key_of_rejected(const struct archive_rejected *rejected);

/* The latest moment of a row, in ms, that a decoder of this now_ms (wall time) takes. */
int64_t archive_record_latest(int64_t now_ms);

/* Unpacks the first record of len bytes. Returns its length; 0 if it is not whole or not sound:
 * lengths, enumerations, UTF-8, NUL bytes inside, moments (from ARCHIVE_EARLIEST to latest),
 * ms_played, a uri that is none, a row without title and uri. latest: archive_record_latest().
 * Sets kind and what it is of; of the texts only the bytes up to the NUL. Undefined after 0. */
size_t archive_record_get(const uint8_t *data, size_t len, int64_t latest,
                          struct archive_record *record);

/* The length that the first record claims, 0: fewer than two bytes, or no length that can be. The
 * record may be cut off by the end of data. */
size_t archive_record_length(const uint8_t *data, size_t len);

#endif
