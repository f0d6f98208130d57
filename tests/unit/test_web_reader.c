/* SPDX-License-Identifier: MIT */
/* web/reader: jobs on a thread, and their ends on the loop. */
#include "web/reader.h"

#include <check.h>
#include <dirent.h>
#include <event2/event.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/users.h"
#include "store_help.h"

#define JOBS 8

/* A job that waits on the thread until it is let go. */
struct job {
    int number;
    bool holds;  /* begun is told and go awaited */
    bool reads;  /* it reads until that fails */
    bool locked; /* all signals are blocked where it ran */
    pthread_t ran_on;
    int64_t users_before, users; /* in the database, before it held and after */
    enum store_result result;
    char why[200];
    struct reader_job *handle;
};

static struct event_base *base;
static struct reader *reader;
static struct job jobs[JOBS];
static sem_t begun, go;
static int ran[JOBS], ran_count; /* by the thread; looked at when it is done */
static int done_order[JOBS], done_count, drop_count;
static pthread_t loop_thread;

/* -- on the thread ----------------------------------------------------------------------------- */

static enum store_result read_until_late(struct store *store)
{
    enum store_result result = STORE_OK;
    struct store_user user;

    while (result == STORE_OK)
        result = store_user_get(store, 1, &user);
    return result;
}

static enum store_result count_users(struct store *store, int64_t *number)
{
    struct store_user *users = NULL;
    size_t count = 0;
    enum store_result result = store_users_load(store, &users, &count);

    *number = (int64_t)count;
    free(users);
    return result;
}

static enum store_result run(struct store *store, void *context)
{
    struct job *job = context;
    sigset_t blocked;

    ran[ran_count++] = job->number;
    job->ran_on = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    job->locked = sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGHUP);
    (void)count_users(store, &job->users_before);
    if (job->holds) {
        sem_post(&begun);
        sem_wait(&go);
    }
    if (job->reads) {
        sem_post(&begun);
        return read_until_late(store);
    }
    return count_users(store, &job->users);
}

/* -- on the loop ------------------------------------------------------------------------------- */

static void done(enum store_result result, const char *why, void *context)
{
    struct job *job = context;

    ck_assert(pthread_equal(pthread_self(), loop_thread));
    job->result = result;
    snprintf(job->why, sizeof(job->why), "%s", why);
    done_order[done_count++] = job->number;
}

static void drop(void *context)
{
    (void)context;
    ck_assert(pthread_equal(pthread_self(), loop_thread));
    drop_count++;
}

static const struct reader_work work = {run, done, drop};

static struct reader_job *put(int number)
{
    jobs[number].number = number;
    jobs[number].handle = reader_do(reader, &work, &jobs[number]);
    return jobs[number].handle;
}

static void run_until_dropped(int count)
{
    while (drop_count < count)
        event_base_loop(base, EVLOOP_ONCE);
}

/* A job that holds the thread from here on, until go. */
static void hold(int number)
{
    jobs[number].holds = true;
    ck_assert_ptr_nonnull(put(number));
    sem_wait(&begun);
}

static void make_reader(int64_t budget_ms, size_t queue, int64_t rest_ms)
{
    const struct reader_config config = {store_help_db(), budget_ms, queue, rest_ms, NULL};

    reader_free(reader);
    reader = reader_new(base, &config);
    ck_assert_ptr_nonnull(reader);
}

static void setup(void)
{
    store_help_setup();
    store_help_make();
    loop_thread = pthread_self();
    ck_assert_int_eq(sem_init(&begun, 0, 0), 0);
    ck_assert_int_eq(sem_init(&go, 0, 0), 0);
    base = event_base_new();
    ck_assert_ptr_nonnull(base);
    make_reader(0, JOBS, 0);
}

static void teardown(void)
{
    reader_free(reader);
    event_base_free(base);
    store_help_teardown();
}

static bool is_reader(const char *task)
{
    char path[64], name[32] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%.20s/comm", task);
    file = fopen(path, "re");
    if (!file)
        return false; /* it has just gone */
    (void)!fgets(name, sizeof(name), file);
    fclose(file);
    return strcmp(name, READER_NAME "\n") == 0;
}

/* Readers' threads of this process. */
static int threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += is_reader(entry->d_name) ? 1 : 0;
    closedir(folder);
    return count;
}

/* A thread that was joined may stand there for a moment. */
static void expect_threads(int count)
{
    int64_t until = clock_boot_ms() + 3000;

    while (threads() != count && clock_boot_ms() < until)
        usleep(1000);
    ck_assert_int_eq(threads(), count);
}

/* -- jobs -------------------------------------------------------------------------------------- */

START_TEST(a_job_reads_on_another_thread_and_its_end_is_told_on_the_loop)
{
    ck_assert_ptr_nonnull(put(0));
    ck_assert_int_eq(done_count, 0);
    run_until_dropped(1);
    ck_assert_int_eq(done_count, 1);
    ck_assert_int_eq(jobs[0].result, STORE_OK);
    ck_assert_int_eq(jobs[0].users, 1);
    ck_assert(!pthread_equal(jobs[0].ran_on, loop_thread));
    ck_assert_uint_eq(reader_load(reader), 0);
}
END_TEST

START_TEST(signals_are_left_to_the_loop)
{
    sigset_t before, after;

    pthread_sigmask(SIG_SETMASK, NULL, &before);
    put(0);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    run_until_dropped(1);
    ck_assert(jobs[0].locked);
    ck_assert_int_eq(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}
END_TEST

START_TEST(jobs_run_and_end_in_order)
{
    for (int i = 0; i < JOBS; i++)
        ck_assert_ptr_nonnull(put(i));
    run_until_dropped(JOBS);
    ck_assert_int_eq(done_count, JOBS);
    for (int i = 0; i < JOBS; i++) {
        ck_assert_int_eq(ran[i], i);
        ck_assert_int_eq(done_order[i], i);
        ck_assert(pthread_equal(jobs[i].ran_on, jobs[0].ran_on));
    }
}
END_TEST

START_TEST(one_too_many_is_refused_and_dropped_at_once)
{
    make_reader(0, 2, 0);
    hold(0);
    ck_assert_ptr_nonnull(put(1));
    ck_assert_ptr_nonnull(put(2));
    ck_assert_uint_eq(reader_load(reader), 3);
    ck_assert_int_eq(drop_count, 0);
    ck_assert_ptr_null(put(3));
    ck_assert_int_eq(drop_count, 1);
    sem_post(&go);
    run_until_dropped(4);
    ck_assert_int_eq(done_count, 3);
    ck_assert_ptr_nonnull(put(4)); /* there is room again */
    run_until_dropped(5);
}
END_TEST

START_TEST(a_job_sees_one_moment_and_the_next_job_a_later_one)
{
    struct store *writer = store_help_open(STORE_WRITER);

    hold(0);
    store_help_begin(writer, STORE_DURABLE);
    (void)store_help_user(writer, "second");
    store_help_commit(writer);
    sem_post(&go);
    run_until_dropped(1);
    ck_assert_int_eq(jobs[0].users_before, 1);
    ck_assert_int_eq(jobs[0].users, 1);
    put(1);
    run_until_dropped(2);
    ck_assert_int_eq(jobs[1].users, 2);
    store_close(writer);
}
END_TEST

/* -- budget ------------------------------------------------------------------------------------ */

START_TEST(a_job_past_its_budget_is_late_and_the_next_has_its_own)
{
    int64_t began = clock_boot_ms();

    make_reader(30, JOBS, 0);
    jobs[0].reads = true;
    put(0);
    put(1);
    run_until_dropped(2);
    ck_assert_int_eq(jobs[0].result, STORE_LATE);
    ck_assert_ptr_nonnull(strstr(jobs[0].why, "took longer than 30 ms"));
    ck_assert_int_ge(clock_boot_ms() - began, 30);
    ck_assert_int_eq(jobs[1].result, STORE_OK);
}
END_TEST

/* -- cancel ------------------------------------------------------------------------------------ */

START_TEST(a_job_that_waits_is_cancelled_at_once_and_never_runs)
{
    hold(0);
    put(1);
    put(2);
    reader_cancel(jobs[1].handle);
    ck_assert_int_eq(drop_count, 1);
    ck_assert_uint_eq(reader_load(reader), 2);
    sem_post(&go);
    run_until_dropped(3);
    ck_assert_int_eq(ran_count, 2);
    ck_assert_int_eq(ran[1], 2);
    ck_assert_int_eq(done_count, 2);
}
END_TEST

/* Without a budget: nothing else would end it. */
START_TEST(a_job_that_runs_is_stopped_and_its_end_is_not_told)
{
    jobs[0].reads = true;
    put(0);
    sem_wait(&begun);
    reader_cancel(jobs[0].handle);
    ck_assert_int_eq(drop_count, 0);
    put(1);
    run_until_dropped(2);
    ck_assert_int_eq(done_count, 1);
    ck_assert_int_eq(done_order[0], 1);
    ck_assert_int_eq(jobs[1].result, STORE_OK);
}
END_TEST

START_TEST(a_job_that_has_ended_can_be_cancelled_before_that_is_told)
{
    put(0);
    while (reader_load(reader) > 0)
        usleep(1000);
    reader_cancel(jobs[0].handle);
    ck_assert_int_eq(drop_count, 0);
    run_until_dropped(1);
    ck_assert_int_eq(done_count, 0);
}
END_TEST

/* -- the thread's life ------------------------------------------------------------------------- */

START_TEST(no_thread_is_there_before_the_first_job)
{
    ck_assert_int_eq(threads(), 0);
}
END_TEST

START_TEST(a_thread_without_jobs_goes_and_comes_back)
{
    make_reader(0, JOBS, 20);
    put(0);
    run_until_dropped(1);
    ck_assert_int_eq(threads(), 1);
    event_base_loop(base, EVLOOP_ONCE); /* the rest is over */
    expect_threads(0);
    put(1);
    run_until_dropped(2);
    ck_assert_int_eq(jobs[1].result, STORE_OK);
    ck_assert_int_eq(jobs[1].users, 1);
}
END_TEST

START_TEST(a_thread_with_a_job_does_not_rest)
{
    make_reader(0, JOBS, 20);
    put(0);
    run_until_dropped(1);
    hold(1);
    event_base_loopexit(base, &(struct timeval){.tv_usec = 60000});
    event_base_dispatch(base);
    ck_assert_int_eq(threads(), 1);
    ck_assert_int_eq(drop_count, 1);
    sem_post(&go);
    run_until_dropped(2);
}
END_TEST

/* Nothing but the descriptor is waited for: no timer is set. */
START_TEST(without_a_thread_no_timer_runs)
{
    ck_assert_int_eq(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 1);
    make_reader(0, JOBS, 20);
    put(0);
    run_until_dropped(1);
    ck_assert_int_eq(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 2);
    event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 1);
}
END_TEST

START_TEST(an_end_while_it_is_busy_drops_everything_and_tells_nothing)
{
    jobs[0].reads = true;
    put(0);
    sem_wait(&begun);
    put(1);
    put(2);
    reader_free(reader);
    reader = NULL;
    ck_assert_int_eq(drop_count, 3);
    ck_assert_int_eq(done_count, 0);
    ck_assert_int_eq(ran_count, 1);
    expect_threads(0);
}
END_TEST

START_TEST(an_end_before_the_first_job_is_an_end)
{
    reader_free(reader);
    reader = NULL;
    ck_assert_int_eq(drop_count, 0);
}
END_TEST

START_TEST(descriptors_are_not_handed_to_other_programs)
{
    DIR *folder = opendir("/proc/self/fdinfo");
    int seen = 0;

    hold(0);
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char path[64], link[200] = "", target[64];

        snprintf(target, sizeof(target), "/proc/self/fd/%.20s", entry->d_name);
        if (readlink(target, link, sizeof(link) - 1) < 0 ||
            (!strstr(link, "history.db") && !strstr(link, "eventfd")))
            continue;
        snprintf(path, sizeof(path), "/proc/self/fdinfo/%.20s", entry->d_name);
        FILE *info = fopen(path, "re");
        unsigned flags = 0;
        char line[100];

        ck_assert_ptr_nonnull(info);
        while (fgets(line, sizeof(line), info))
            (void)sscanf(line, "flags: %o", &flags); /* NOLINT(cert-err34-c): 0 fails below */
        fclose(info);
        ck_assert_msg((flags & 02000000) != 0, "%s is inherited", link);
        seen++;
    }
    closedir(folder);
    ck_assert_int_ge(seen, 2);
    sem_post(&go);
    run_until_dropped(1);
}
END_TEST

/* -- a database in trouble --------------------------------------------------------------------- */

START_TEST(without_a_database_a_job_says_so_and_a_later_one_finds_it)
{
    char away[300], there[300];

    snprintf(there, sizeof(there), "%s", store_help_db());
    snprintf(away, sizeof(away), "%s", store_help_path("away.db"));
    ck_assert_int_eq(rename(there, away), 0);
    put(0);
    run_until_dropped(1);
    ck_assert_int_eq(jobs[0].result, STORE_CANTOPEN);
    ck_assert_ptr_nonnull(strstr(jobs[0].why, "there is no database"));
    ck_assert_int_eq(ran_count, 0);
    ck_assert_int_eq(rename(away, there), 0);
    put(1);
    run_until_dropped(2);
    ck_assert_int_eq(jobs[1].result, STORE_OK);
}
END_TEST

START_TEST(a_database_that_was_replaced_is_opened_anew_for_the_next_job)
{
    char there[300];
    struct store *writer;

    put(0);
    run_until_dropped(1);
    ck_assert_int_eq(jobs[0].users, 1);
    snprintf(there, sizeof(there), "%s", store_help_db());
    ck_assert_int_eq(rename(there, store_help_path("old.db")), 0);
    store_help_make();
    writer = store_help_open(STORE_WRITER);
    store_help_begin(writer, STORE_DURABLE);
    (void)store_help_user(writer, "second");
    store_help_commit(writer);
    put(1);
    run_until_dropped(2);
    ck_assert_int_eq(jobs[1].result, STORE_GONE);
    ck_assert_ptr_nonnull(strstr(jobs[1].why, "replaced"));
    put(2);
    run_until_dropped(3);
    ck_assert_int_eq(jobs[2].result, STORE_OK);
    ck_assert_int_eq(jobs[2].users, 2);
    store_close(writer);
}
END_TEST

static void add_jobs(Suite *suite)
{
    TCase *all = tcase_create("jobs");

    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, a_job_reads_on_another_thread_and_its_end_is_told_on_the_loop);
    tcase_add_test(all, signals_are_left_to_the_loop);
    tcase_add_test(all, jobs_run_and_end_in_order);
    tcase_add_test(all, one_too_many_is_refused_and_dropped_at_once);
    tcase_add_test(all, a_job_sees_one_moment_and_the_next_job_a_later_one);
    tcase_add_test(all, a_job_past_its_budget_is_late_and_the_next_has_its_own);
    tcase_add_test(all, a_job_that_waits_is_cancelled_at_once_and_never_runs);
    tcase_add_test(all, a_job_that_runs_is_stopped_and_its_end_is_not_told);
    tcase_add_test(all, a_job_that_has_ended_can_be_cancelled_before_that_is_told);
    suite_add_tcase(suite, all);
}

Suite *web_reader_suite(void)
{
    Suite *suite = suite_create("web_reader");
    TCase *life = tcase_create("life");

    add_jobs(suite);
    tcase_add_checked_fixture(life, setup, teardown);
    tcase_add_test(life, no_thread_is_there_before_the_first_job);
    tcase_add_test(life, a_thread_without_jobs_goes_and_comes_back);
    tcase_add_test(life, a_thread_with_a_job_does_not_rest);
    tcase_add_test(life, without_a_thread_no_timer_runs);
    tcase_add_test(life, an_end_while_it_is_busy_drops_everything_and_tells_nothing);
    tcase_add_test(life, an_end_before_the_first_job_is_an_end);
    tcase_add_test(life, descriptors_are_not_handed_to_other_programs);
    tcase_add_test(life, without_a_database_a_job_says_so_and_a_later_one_finds_it);
    tcase_add_test(life, a_database_that_was_replaced_is_opened_anew_for_the_next_job);
    suite_add_tcase(suite, life);
    return suite;
}
