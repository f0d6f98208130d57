/* SPDX-License-Identifier: MIT */
#include "archive/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "archive/outfile.h"
#include "base/clock.h"
#include "store/backup.h"

#define PAUSE_LEAST_US 1000
#define PAUSE_MOST_US 250000
#define MICROSECONDS 1000000

static void sleep_us(void *context, int64_t us)
{
    struct timespec time = {.tv_sec = (time_t)(us / MICROSECONDS),
                            .tv_nsec = (long)(us % MICROSECONDS) * 1000};

    (void)context;
    nanosleep(&time, NULL); /* a signal may shorten it */
}

/* As long as the step took: a slow disk gets long pauses. */
static void rest(const struct backup_request *request, int64_t took_us)
{
    int64_t us = took_us < PAUSE_LEAST_US ? PAUSE_LEAST_US : took_us;

    if (us > PAUSE_MOST_US)
        us = PAUSE_MOST_US;
    if (request->pause)
        request->pause(request->context, us);
    else
        sleep_us(NULL, us);
}

/* What was written goes to the disk bit by bit, so that the sync at the end is no wall of writes
 * that a commit of the daemon has to wait behind. It is a wish only. */
static void write_back(int fd)
{
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static enum backup_result copy(struct store_backup *backup, const struct backup_request *request,
                               int fd, struct backup_outcome *outcome)
{
    bool done = false;

    while (!done) {
        int64_t began = clock_boot_us();

        if (request->stop && *request->stop != 0)
            return BACKUP_STOPPED;
        outcome->result = store_backup_step(backup, BACKUP_STEP_PAGES, &done);
        if (outcome->result != STORE_OK)
            return BACKUP_STORE_FAILED;
        write_back(fd);
        if (!done)
            rest(request, clock_boot_us() - began);
    }
    outcome->result = store_backup_verify(backup);
    outcome->plays = store_backup_plays(backup);
    return outcome->result == STORE_OK ? BACKUP_OK : BACKUP_STORE_FAILED;
}

static enum backup_result fill(struct store *store, const struct backup_request *request,
                               const struct outfile *file, struct backup_outcome *outcome)
{
    struct store_backup *backup;
    struct stat status;
    enum backup_result result;

    outcome->result = store_backup_begin(store, file->made, &backup);
    if (outcome->result != STORE_OK)
        return BACKUP_STORE_FAILED;
    result = copy(backup, request, file->fd, outcome);
    store_backup_end(backup);
    if (result == BACKUP_OK && fstat(file->fd, &status) == 0)
        outcome->size = status.st_size;
    return result;
}

enum backup_result backup_run(struct store *store, const struct backup_request *request,
                              struct backup_outcome *outcome)
{
    struct outfile file;
    enum backup_result result;

    *outcome = (struct backup_outcome){0};
    outcome->error = outfile_begin(&file, request->name);
    if (outcome->error != 0)
        return BACKUP_FILE_FAILED;
    result = fill(store, request, &file, outcome);
    if (result != BACKUP_OK) {
        outfile_drop(&file);
        return result;
    }
    outcome->error = outfile_commit(&file);
    return outcome->error == 0 ? BACKUP_OK : BACKUP_FILE_FAILED;
}
