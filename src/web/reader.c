/* SPDX-License-Identifier: MIT */
/*
 * A job goes from the queue to the thread and from there to the list of those that ended, of which
 * a turn of the loop tells. What the two share is behind the mutex; all else is the loop's, and the
 * connection the thread's.
 */
#include "web/reader.h"

#include <config.h>
#include <event2/event.h>
#ifdef HAVE_MALLOC_TRIM
#include <malloc.h>
#endif
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/turns.h"

#define KEPT_KIB 16384 /* of the database, until it rests: what a year of plays takes */
#define WHY_SIZE 1024

struct reader_job {
    TAILQ_ENTRY(reader_job) link;
    struct reader *reader;
    struct reader_work work;
    void *context;
    bool waits;     /* of the loop's view of it: not begun */
    bool cancelled; /* done is not called */
    enum store_result result;
    char why[WHY_SIZE];
};

TAILQ_HEAD(reader_jobs, reader_job);

struct reader {
    struct event_base *base;
    char *database;
    int64_t budget_ms, rest_ms;
    size_t queue;
    struct turns *turns;
    int fd; /* an eventfd that the thread adds to: a job has ended */
    struct event *ended_event;
    struct event *rest; /* added while the thread has nothing to do */
    bool has_thread;
    pthread_t thread;

    pthread_mutex_t mutex;
    pthread_cond_t wake; /* for the thread: a job, or leave */
    struct reader_jobs waiting, ended;
    size_t load;                /* jobs that wait or run */
    struct reader_job *running; /* NULL: none */
    struct store *in_use;       /* of the running job, while it may be stopped */
    bool leave;
};

/* -- on the thread ----------------------------------------------------------------------------- */

/* After these another look at the same connection is of no use. */
static bool is_spoiled(enum store_result result)
{
    return result == STORE_GONE || result == STORE_CORRUPT || result == STORE_IO;
}

/* Inside of a read transaction. */
static enum store_result job_run(struct reader_job *job, struct store *store)
{
    enum store_result result = store_begin_read(store);

    if (result == STORE_OK)
        result = job->work.run(store, job->context);
    if (result != STORE_OK)
        snprintf(job->why, sizeof(job->why), "%s", store_message(store));
    store_rollback(store);
    return result;
}

/* From here on the job can be stopped; its time begins. False: nobody waits for it any more. */
static bool job_begin(struct reader *reader, struct reader_job *job, struct store *store)
{
    bool wanted;

    pthread_mutex_lock(&reader->mutex);
    wanted = !job->cancelled;
    store_set_budget(store, reader->budget_ms);
    reader->in_use = store;
    pthread_mutex_unlock(&reader->mutex);
    return wanted;
}

static void job_end(struct reader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    reader->in_use = NULL;
    pthread_mutex_unlock(&reader->mutex);
}

static void job_do(struct reader *reader, struct reader_job *job, struct store **store)
{
    job->result = STORE_OK;
    if (!*store) {
        job->result = store_open(reader->database, STORE_READER, store, job->why, sizeof(job->why));
        if (job->result == STORE_OK)
            store_keep_pages(*store, KEPT_KIB);
    }
    if (job->result == STORE_OK) {
        if (job_begin(reader, job, *store))
            job->result = job_run(job, *store);
        job_end(reader);
    }
    if (*store && is_spoiled(job->result)) {
        store_close(*store);
        *store = NULL;
    }
}

/* The next job, NULL: the thread is to leave. */
static struct reader_job *job_take(struct reader *reader)
{
    struct reader_job *job = NULL;

    pthread_mutex_lock(&reader->mutex);
    while (!reader->leave && TAILQ_EMPTY(&reader->waiting))
        pthread_cond_wait(&reader->wake, &reader->mutex);
    if (!reader->leave) {
        job = TAILQ_FIRST(&reader->waiting);
        TAILQ_REMOVE(&reader->waiting, job, link);
        job->waits = false;
        reader->running = job;
    }
    pthread_mutex_unlock(&reader->mutex);
    return job;
}

static void job_hand_back(struct reader *reader, struct reader_job *job)
{
    uint64_t one = 1;

    pthread_mutex_lock(&reader->mutex);
    TAILQ_INSERT_TAIL(&reader->ended, job, link);
    reader->running = NULL;
    reader->load--;
    pthread_mutex_unlock(&reader->mutex);
    /* It fails when 2^64 - 2 jobs have ended unseen. */
    if (write(reader->fd, &one, sizeof(one)) < 0)
        abort();
}

static void *thread_main(void *context)
{
    struct reader *reader = context;
    struct store *store = NULL;
    struct reader_job *job;

    (void)prctl(PR_SET_NAME, READER_NAME); /* for those who look at the process */
    while ((job = job_take(reader))) {
        job_do(reader, job, &store);
        job_hand_back(reader, job);
    }
    store_close(store);
    return NULL;
}

/* -- the thread's life ------------------------------------------------------------------------- */

static bool thread_begin(struct reader *reader)
{
    sigset_t all, before;

    if (reader->has_thread)
        return true;
    reader->leave = false;
    /* The signals are the loop's: the thread begins with what is blocked here. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    reader->has_thread = pthread_create(&reader->thread, NULL, thread_main, reader) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return reader->has_thread;
}

/* What runs is stopped and waited for. */
static void thread_end(struct reader *reader)
{
    if (!reader->has_thread)
        return;
    pthread_mutex_lock(&reader->mutex);
    reader->leave = true;
    if (reader->running)
        reader->running->cancelled = true;
    if (reader->in_use)
        store_stop(reader->in_use);
    pthread_cond_signal(&reader->wake);
    pthread_mutex_unlock(&reader->mutex);
    pthread_join(reader->thread, NULL);
    reader->has_thread = false;
}

static void rested(evutil_socket_t fd, short what, void *context)
{
    struct reader *reader = context;

    (void)fd;
    (void)what;
    turns_mark(reader->turns, "page");
    thread_end(reader);
#ifdef HAVE_MALLOC_TRIM
    malloc_trim(0);
#endif
}

static void rest_begin(struct reader *reader)
{
    struct timeval delay = {
        .tv_sec = (time_t)(reader->rest_ms / 1000),
        .tv_usec = (suseconds_t)(reader->rest_ms % 1000 * 1000),
    };

    if (reader->has_thread && reader_load(reader) == 0)
        (void)evtimer_add(reader->rest, &delay);
}

/* -- on the loop ------------------------------------------------------------------------------- */

static void job_drop(struct reader_job *job)
{
    job->work.drop(job->context);
    free(job);
}

/* The next that ended, NULL: none. */
static struct reader_job *job_ended(struct reader *reader)
{
    struct reader_job *job;

    pthread_mutex_lock(&reader->mutex);
    job = TAILQ_FIRST(&reader->ended);
    if (job)
        TAILQ_REMOVE(&reader->ended, job, link);
    pthread_mutex_unlock(&reader->mutex);
    return job;
}

static void jobs_ended(evutil_socket_t fd, short what, void *context)
{
    struct reader *reader = context;
    struct reader_job *job;
    uint64_t count;

    (void)what;
    turns_mark(reader->turns, "page");
    if (read(fd, &count, sizeof(count)) < 0)
        return; /* they were told of before */
    while ((job = job_ended(reader))) {
        if (!job->cancelled)
            job->work.done(job->result, job->why, job->context);
        job_drop(job);
    }
    rest_begin(reader);
}

static bool make_events(struct reader *reader)
{
    reader->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (reader->fd < 0)
        return false;
    reader->ended_event =
        event_new(reader->base, reader->fd, EV_READ | EV_PERSIST, jobs_ended, reader);
    reader->rest = evtimer_new(reader->base, rested, reader);
    return reader->ended_event && reader->rest && event_add(reader->ended_event, NULL) == 0;
}

struct reader *reader_new(struct event_base *base, const struct reader_config *config)
{
    struct reader *reader = calloc(1, sizeof(*reader));

    if (!reader)
        return NULL;
    *reader = (struct reader){
        .base = base,
        .database = strdup(config->database),
        .budget_ms = config->budget_ms,
        .rest_ms = config->rest_ms > 0 ? config->rest_ms : READER_REST_MS,
        .queue = config->queue,
        .turns = config->turns,
        .fd = -1,
    };
    pthread_mutex_init(&reader->mutex, NULL);
    pthread_cond_init(&reader->wake, NULL);
    TAILQ_INIT(&reader->waiting);
    TAILQ_INIT(&reader->ended);
    if (reader->database && make_events(reader))
        return reader;
    reader_free(reader);
    return NULL;
}

static void jobs_drop(struct reader_jobs *jobs)
{
    struct reader_job *job;

    while ((job = TAILQ_FIRST(jobs))) {
        TAILQ_REMOVE(jobs, job, link);
        job_drop(job);
    }
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    thread_end(reader);
    jobs_drop(&reader->ended);
    jobs_drop(&reader->waiting);
    if (reader->ended_event)
        event_free(reader->ended_event);
    if (reader->rest)
        event_free(reader->rest);
    if (reader->fd >= 0)
        close(reader->fd);
    pthread_cond_destroy(&reader->wake);
    pthread_mutex_destroy(&reader->mutex);
    free(reader->database);
    free(reader);
}

/* False: too many are there. */
static bool job_queue(struct reader *reader, struct reader_job *job)
{
    bool fits;

    pthread_mutex_lock(&reader->mutex);
    fits = reader->load <= reader->queue; /* one runs, or will at once */
    if (fits) {
        TAILQ_INSERT_TAIL(&reader->waiting, job, link);
        reader->load++;
        pthread_cond_signal(&reader->wake);
    }
    pthread_mutex_unlock(&reader->mutex);
    return fits;
}

struct reader_job *reader_do(struct reader *reader, const struct reader_work *work, void *context)
{
    struct reader_job *job = calloc(1, sizeof(*job));

    if (job) {
        job->reader = reader;
        job->work = *work;
        job->context = context;
        job->waits = true;
        if (thread_begin(reader) && job_queue(reader, job)) {
            (void)event_remove_timer(reader->rest);
            return job;
        }
        free(job);
    }
    work->drop(context);
    return NULL;
}

void reader_cancel(struct reader_job *job)
{
    struct reader *reader = job->reader;
    bool waits;

    pthread_mutex_lock(&reader->mutex);
    waits = job->waits;
    job->cancelled = true;
    if (waits) {
        TAILQ_REMOVE(&reader->waiting, job, link);
        reader->load--;
    } else if (reader->running == job && reader->in_use) {
        store_stop(reader->in_use);
    }
    pthread_mutex_unlock(&reader->mutex);
    if (waits) {
        job_drop(job);
        rest_begin(reader);
    }
}

size_t reader_load(const struct reader *reader)
{
    pthread_mutex_t *mutex = (pthread_mutex_t *)&reader->mutex;
    size_t load;

    pthread_mutex_lock(mutex);
    load = reader->load;
    pthread_mutex_unlock(mutex);
    return load;
}
