/* SPDX-License-Identifier: MIT */
/* For the tests of imports: rows by hand, files of them, and a dump of all tables. */
#ifndef TESTS_UNIT_IMPORT_HELP_H
#define TESTS_UNIT_IMPORT_HELP_H

#include "archive/import.h"
#include "store_help.h"

#define T0 STORE_HELP_T0
#define SONG 200000 /* ms of a song played to its end */

/* Digests of two files. */
#define HASH "0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffff"

/* The rows of one file, packed; sorted when they are handed in. */
struct import_file {
    struct {
        int64_t key;
        size_t at, len;
    } * records;
    uint8_t *bytes;
    size_t count, cap, len, size;
    enum archive_form form;
    size_t next;
};

void import_file_free(struct import_file *file);

/* The two files of a test, for itself to fill; each test has a process of its own. */
extern struct import_file import_file, import_later;

/* A checked fixture: store_help_make() in a new folder; frees the two files, too. */
void import_setup(void);
void import_teardown(void);

/* Adds a row: of track n ("Song n" by "Artist n", uri as store_help_track() has it), that ended at
 * T0 + ms. Returned to be changed further; it is packed by the next call of anything here. */
struct archive_row *import_row(struct import_file *file, int n, int64_t ended_at,
                               int64_t ms_played);
/* The same in the short form: no uri, whole minutes. */
struct archive_row *import_short_row(struct import_file *file, int n, int64_t ended_at,
                                     int64_t ms_played);
void import_rejected(struct import_file *file, int64_t row_no, enum archive_reject reason);

/* Its rows in the order of their keys. */
void import_supply(struct import_file *file, struct archive_supply *supply);

/* Steps on to the end, or for so long that there seems to be none (ARCHIVE_IMPORT_MORE). */
enum archive_import_end import_end_of(struct archive_import *import);
/* The same, and all of it must be stored. */
void import_must_be_stored(struct archive_import *import);

/* Imports it for user 1 under this hash, blocks of so many rows (0: the default); returns how it
 * ended, and the counts. */
enum archive_import_end import_run(struct import_file *file, const char *hash, size_t block_rows,
                                   struct archive_import_counts *counts, int64_t *import_id);

/* Imports it, which must be stored; returns its number. */
int64_t import_all(struct import_file *file, const char *hash);

/* Undoes it, which must succeed. */
void import_undo(int64_t import_id, size_t block_rows);

/* A play of track n by the API, for user 1. */
void import_api(int n, int64_t played_at);

#endif
