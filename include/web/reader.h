/* SPDX-License-Identifier: MIT */
/*
 * web/reader: a thread with a reading connection of its own, on which pages are put together, so
 * that a slow page never holds the loop.
 *
 * Owns: the thread and its connection (both made for the first job and let go when nobody asked for
 * READER_REST_MS), the queue of jobs, their time budget.
 * Offers: a piece of work inside of one read transaction, and word of its end on the loop.
 * Never: runs two jobs at once, lets one go on past its budget (reads fail with STORE_LATE), calls
 * back from the thread, logs from the thread, starts a job whose client has left.
 */
#ifndef WEB_READER_H
#define WEB_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct event_base;
struct turns;
struct reader;
struct reader_job;

#define READER_REST_MS 60000
#define READER_NAME "reader" /* of the thread */

struct reader_config {
    const char *database; /* its path; copied */
    int64_t budget_ms;    /* of one job */
    size_t queue;         /* jobs that may wait */
    int64_t rest_ms;      /* 0: READER_REST_MS (tests are in a hurry) */
    struct turns *turns;  /* where it marks what it does in the loop; NULL: nowhere */
};

/* NULL without memory. No thread runs yet. SQLite readies itself with the first connection of the
 * process, which is better not opened by the thread: the daemon has opened its own by then. */
struct reader *reader_new(struct event_base *base, const struct reader_config *config);

/* Ends it: what runs is stopped and waited for; all that is left is dropped (done is not called,
 * drop is). Not to be called by done or drop. */
void reader_free(struct reader *reader);

struct reader_work {
    /* On the thread, inside of a read transaction of store (of STORE_READER). What it returns is
     * handed to done; it may fail, and keeps what it made in context. */
    enum store_result (*run)(struct store *store, void *context);
    /* On the loop, after run. result is that of run, or why it could not be called; why: in words,
     * valid until it returns. After STORE_GONE and STORE_CORRUPT the next job has a new connection.
     */
    void (*done)(enum store_result result, const char *why, void *context);
    /* Frees context. Always the last of all calls, on the loop. */
    void (*drop)(void *context);
};

/* Queues a job; context is the reader's from here on, also when it fails: NULL when too many wait
 * or without memory (then drop was called). The job is valid until done or drop. Jobs are run in
 * order. */
struct reader_job *reader_do(struct reader *reader, const struct reader_work *work, void *context);

/* Nobody waits for it any more: done will not be called. If it has not begun, drop is called at
 * once; if it runs, it is stopped, and dropped when it has ended. Not to be called by done. */
void reader_cancel(struct reader_job *job);

/* Jobs that wait or run. */
size_t reader_load(const struct reader *reader);

#endif
