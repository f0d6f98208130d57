/* SPDX-License-Identifier: MIT */
/*
 * archive/import inside: the steps of both kinds of work (import.c), those of an import
 * (import_rows.c), those of its undoing (import_undo.c).
 */
#ifndef ARCHIVE_IMPORT_PRIVATE_H
#define ARCHIVE_IMPORT_PRIVATE_H

#include "archive/import.h"
#include "archive/settle.h"

#define IMPORT_STEP_ROWS 256   /* read in one step */
#define IMPORT_STEP_STORED 768 /* stored plays read in one step */
#define IMPORT_STEP_PLAYS 128  /* written in one step */
#define IMPORT_STEP_ROWS_PRUNED 256
#define IMPORT_BLOCK_BYTES (8u << 20) /* of rows that are matched at once */

/* One step; *over: the next stage follows. */
typedef enum store_result import_stage(struct archive_import *import, bool *over);

/* A gap of the user, and whether the file has the plays at both of its ends. */
struct import_gap {
    struct store_open_gap gap;
    bool after, before;
};

struct archive_import {
    struct store *store;
    struct trackbook *book, *own_book; /* the second: NULL if the book is somebody else's */
    struct settle *settle;
    import_stage *const *stages; /* ends with NULL: the commit */
    size_t stage, repeat;        /* after the last stage of a block that of number repeat follows */
    size_t block_end;
    bool last_block;
    struct archive_import_counts counts;
    int64_t import_id, user_id, now;
    size_t block_rows;
    bool ready, known;
    bool is_open; /* its change of the store is */
    enum store_result result;
    char error[300];

    /* of an import */
    struct archive_supply supply;
    char file[512];
    char hash[129];
    enum archive_form form;
    struct archive_record record;
    const uint8_t *waiting; /* a record that belongs to the next block */
    size_t waiting_len;
    int64_t fence; /* rows behind it belong to the next block */
    struct import_gap *gaps;
    size_t gap_count;

    /* of an undoing */
    int64_t *keys;
    int64_t after; /* key of the last play that was looked at */
    bool found;    /* some, on this walk through the plays */
    struct store_prune prune;
};

/* Opens its change of the store, and hands it out; else frees it. */
enum store_result import_begin(struct archive_import *made, struct archive_import **import);

/* Says what went wrong, for a failure that is not the store's. */
void import_fail(struct archive_import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A new one without its stages; book NULL: it makes its own. NULL without memory. */
struct archive_import *import_new(struct store *store, int64_t user_id, int64_t now,
                                  size_t block_rows, struct trackbook *book);

/* A block that begins at this moment is not to reach beyond *fence: where many plays are stored it
 * is shorter, so that those around it fit into memory. */
enum store_result import_find_fence(struct archive_import *import, int64_t at, int64_t *fence);

/* Stages that both have. */
enum store_result import_solve(struct archive_import *import, bool *over);
enum store_result import_write(struct archive_import *import, bool *over);

#endif
