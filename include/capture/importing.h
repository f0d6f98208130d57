/* SPDX-License-Identifier: MIT */
/*
 * capture/importing: imports beside the recorder: the rows come from outside piece by piece and
 * wait in a file without a name (capture/rowfile); when all are there, they go into the database in
 * steps between which the loop goes on.
 *
 * Owns: the one import (or undoing) that can be under way, its file, its pace.
 * Offers: open, rows, start, cancel, undo, and how it stands.
 * Never: holds the database open while it waits for somebody; has more than one at a time, or one
 *        beside a user's removal; lets a step take longer than some ms.
 */
#ifndef CAPTURE_IMPORTING_H
#define CAPTURE_IMPORTING_H

#include "archive/import.h"
#include "base/clock.h"
#include "vault/vault.h"

#define IMPORTING_ID_SIZE 23                   /* 16 random bytes as base64url, and NUL */
#define IMPORTING_IDLE_MS CLOCK_MINUTE         /* without a piece or start for so long: given up */
#define IMPORTING_BYTES_MAX (INT64_C(8) << 30) /* of the rows of one file */

struct recorder;

enum importing_result {
    IMPORTING_OK,
    IMPORTING_BUSY,      /* another one is under way, or the recorder stops: try again */
    IMPORTING_NO_USER,   /* no such user */
    IMPORTING_NO_IMPORT, /* no import of that number; no transfer of that id (any more) */
    IMPORTING_TOO_LATE,  /* it was started already, or given up */
    IMPORTING_UNSOUND,   /* these bytes are no whole records, or not in order */
    IMPORTING_TOO_LARGE, /* more than IMPORTING_BYTES_MAX in all */
    IMPORTING_NO_SPACE,  /* the rows cannot be kept: it is given up, and its error says why */
    IMPORTING_NO_MEMORY
};

enum importing_stage {
    IMPORTING_RECEIVING,
    IMPORTING_WAITING, /* for a token request that must be stored first, or for the database */
    IMPORTING_WORKING,
    IMPORTING_DONE
};

struct importing_status {
    enum importing_stage stage;
    bool undoing;
    int64_t user_id;
    const char *file;                    /* its name; as long as the import is remembered */
    int64_t rows_received;               /* records */
    struct archive_import_counts counts; /* so far */
    /* IMPORTING_DONE: */
    enum archive_import_end end;
    int64_t import_id;
    enum store_result result; /* of ARCHIVE_IMPORT_FAILED */
    char error[300];          /* "" but for ARCHIVE_IMPORT_FAILED */
};

/* Opens one; id names it from then on. options->block_rows does not matter. */
enum importing_result recorder_import_open(struct recorder *recorder,
                                           const struct archive_import_options *options,
                                           char id[static IMPORTING_ID_SIZE]);

/* Takes the next records, whole ones, in the order of their keys. On anything but IMPORTING_OK
 * nothing of them is taken. */
enum importing_result recorder_import_rows(struct recorder *recorder, const char *id,
                                           const void *data, size_t len);

/* All rows are there: it begins. IMPORTING_NO_USER: the user was removed meanwhile; it is given up.
 */
enum importing_result recorder_import_start(struct recorder *recorder, const char *id);

/* Begins to undo an import. */
enum importing_result recorder_import_undo(struct recorder *recorder, int64_t import_id,
                                           char id[static IMPORTING_ID_SIZE]);

/* How it stands. One that is done is remembered until the next is opened, and ten minutes at most.
 * None is opened (IMPORTING_BUSY) before the end of the last was told by this, or given up, or ten
 * seconds have passed. */
enum importing_result recorder_import_status(const struct recorder *recorder, const char *id,
                                             struct importing_status *status);

/* Gives it up; what it did is undone, and it is done (ARCHIVE_IMPORT_FAILED). Fine for one that is
 * done already. */
enum importing_result recorder_import_cancel(struct recorder *recorder, const char *id);

/* A user was removed, and their number may be somebody else's soon: an import for them that has not
 * begun ends. */
void recorder_import_of_removed(struct recorder *recorder, int64_t user_id);

/* For the recorder: ends it, without a commit. */
void recorder_import_drop(struct recorder *recorder);

#endif
