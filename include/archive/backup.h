/* SPDX-License-Identifier: MIT */
/*
 * archive/backup: a copy of the database under a name of its own, made while the daemon records.
 *
 * Offers: a copy that is complete, verified and durable, or nothing.
 * Never: takes more than about half of the time, so that disk and processor are left to the daemon;
 * replaces an older copy by one that is not good.
 */
#ifndef ARCHIVE_BACKUP_H
#define ARCHIVE_BACKUP_H

#include <signal.h>

#include "store/store.h"

#define BACKUP_STEP_PAGES 256 /* copied between two pauses: 1 MiB */

struct backup_request {
    const char *name;                         /* of the copy */
    void (*pause)(void *context, int64_t us); /* NULL: sleeps so long */
    void *context;
    const volatile sig_atomic_t *stop; /* gives up when it is not 0; NULL: does not */
};

enum backup_result {
    BACKUP_OK,
    BACKUP_STORE_FAILED, /* result says how, store_message() what: of the database or of the copy */
    BACKUP_FILE_FAILED,  /* error says why: the copy could not be made, synced or named */
    BACKUP_STOPPED
};

struct backup_outcome {
    enum store_result result;
    int error;     /* errno */
    int64_t plays; /* rows of played_tracks, deleted ones too */
    int64_t size;  /* bytes */
};

/* Makes it. No transaction of store may be open. */
enum backup_result backup_run(struct store *store, const struct backup_request *request,
                              struct backup_outcome *outcome);

#endif
