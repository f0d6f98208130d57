/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAP_MS 4
#define LOG_SHOWN 6000 /* bytes of the daemon's log that a failed test shows */

struct harness harness;

static int cleaner_pipe = -1;
static pid_t cleaner;

/* -- time -------------------------------------------------------------------------------------- */

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t harness_now(void)
{
    return clock_ms(CLOCK_REALTIME);
}

int64_t harness_boot(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

/* Sanitizers and valgrind make everything slower; check's own multiplier says how much. */
static int64_t patience(int64_t ms)
{
    const char *factor = getenv("CK_TIMEOUT_MULTIPLIER");

    return ms < HARNESS_PATIENCE_MS || factor == NULL ? ms
                                                      : ms * (atoi(factor) > 0 ? atoi(factor) : 1);
}

struct harness_wait harness_wait_begin(int64_t ms)
{
    return (struct harness_wait){harness_boot() + patience(ms)};
}

bool harness_nap(const struct harness_wait *wait)
{
    struct child *daemon = &harness.daemon;
    int64_t left;

    hd_hear_notes();
    if (daemon->pid != 0 && !daemon->may_end && child_is_over(daemon))
        ck_abort_msg("the daemon ended by itself, status %d", daemon->status);
    left = wait->until - harness_boot();
    if (left <= 0)
        return false;
    poll(NULL, 0, left < NAP_MS ? (int)left : NAP_MS);
    return true;
}

/* -- files ------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path) != 0 && errno != ENOENT ? -1 : 0;
}

void harness_remove_folder(const char *path)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 && errno != ENOENT)
        perror(path);
}

static const char *wanted;
static char found[HARNESS_PATH_SIZE];

static int look_into(const char *path, const struct stat *status, int type, struct FTW *place)
{
    char *bytes;
    ssize_t len;
    int fd;

    (void)place;
    if (type != FTW_F || !S_ISREG(status->st_mode) || strcmp(path, harness.fake_log_file) == 0)
        return 0;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    bytes = malloc((size_t)status->st_size + 1);
    ck_assert_ptr_nonnull(bytes);
    len = read(fd, bytes, (size_t)status->st_size);
    close(fd);
    if (len > 0 && memmem(bytes, (size_t)len, wanted, strlen(wanted)) != NULL)
        snprintf(found, sizeof(found), "%s", path);
    free(bytes);
    return found[0] != '\0';
}

const char *harness_find_in_files(const char *text)
{
    wanted = text;
    found[0] = '\0';
    nftw(harness.folder, look_into, 16, FTW_PHYS);
    return found[0] != '\0' ? found : NULL;
}

/* -- cleaning up after a test that failed ------------------------------------------------------ */

static void show_log(void)
{
    char text[LOG_SHOWN];
    int fd = open(harness.log_file, O_RDONLY | O_CLOEXEC);
    ssize_t len;

    if (fd < 0)
        return;
    if (lseek(fd, -LOG_SHOWN, SEEK_END) < 0)
        lseek(fd, 0, SEEK_SET);
    len = read(fd, text, sizeof(text));
    close(fd);
    dprintf(STDERR_FILENO, "--- log of the daemon (%s):\n%.*s---\n", harness.folder,
            (int)(len > 0 ? len : 0), text);
}

/* The daemon is killed with the test; until it is dead it holds its lock. */
static void wait_for_daemon(void)
{
    char path[HARNESS_PATH_SIZE + 8];
    int fd;

    snprintf(path, sizeof(path), "%s.lock", harness.database);
    fd = open(path, O_RDWR | O_CLOEXEC);
    alarm(10);
    if (fd >= 0) {
        flock(fd, LOCK_EX);
        close(fd);
    }
    alarm(0);
}

/* A process of its own, since a test that fails (or is killed) does nothing more. A byte means that
 * all is well. */
static void clean(int fd)
{
    char byte;

    setsid(); /* check kills the test's group */
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    if (read(fd, &byte, 1) == 1)
        _exit(0);
    wait_for_daemon();
    show_log();
    if (getenv("HARNESS_KEEP") == NULL)
        harness_remove_folder(harness.folder);
    _exit(0);
}

static void start_cleaner(void)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    fflush(NULL);
    cleaner = fork();
    ck_assert_int_ge(cleaner, 0);
    if (cleaner == 0) {
        close(ends[1]);
        clean(ends[0]);
    }
    close(ends[0]);
    cleaner_pipe = ends[1];
}

static void end_cleaner(void)
{
    ck_assert_int_eq(write(cleaner_pipe, "k", 1), 1);
    close(cleaner_pipe);
    ck_assert_int_eq(waitpid(cleaner, NULL, 0), cleaner);
}

/* -- the stage --------------------------------------------------------------------------------- */

static void set_path(char path[HARNESS_PATH_SIZE], const char *name)
{
    ck_assert_int_lt(snprintf(path, HARNESS_PATH_SIZE, "%.60s/%s", harness.folder, name),
                     HARNESS_PATH_SIZE);
}

void harness_write_secret(char path[static HARNESS_PATH_SIZE], const char *name, const char *text)
{
    int fd;

    set_path(path, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void make_folder(void)
{
    const char *base = getenv("TMPDIR");

    if (base == NULL || strlen(base) > 30)
        base = "/tmp";
    snprintf(harness.folder, sizeof(harness.folder), "%s/historyd-scene-XXXXXX", base);
    ck_assert_msg(mkdtemp(harness.folder) != NULL, "%s: %s", harness.folder, strerror(errno));
    set_path(harness.state, "state");
    set_path(harness.database, "state/history.db");
    set_path(harness.key_file, "state/token.key");
    set_path(harness.config_file, "historyd.conf");
    set_path(harness.log_file, "daemon.log");
    set_path(harness.fake_log_file, "fake.log");
    set_path(harness.notify_path, "notify");
    ck_assert_int_eq(mkdir(harness.state, 0700), 0);
}

void harness_setup(void)
{
    const char *seed = getenv("HARNESS_SEED");

    memset(&harness, 0, sizeof(harness));
    harness.seed = seed != NULL ? (unsigned)strtoul(seed, NULL, 10) : 1;
    harness.config = (struct harness_config){.poll_interval = "100ms",
                                             .sweep_interval = "500ms",
                                             .request_timeout = "5s",
                                             .max_in_flight = "8",
                                             .daily_call_budget = "0",
                                             .client_id = "sim-client-id",
                                             .level = "info"};
    make_folder();
    start_cleaner();
}

static void check_files(void)
{
    const char *leak = harness_find_in_files(HARNESS_CANARY);

    ck_assert_msg(leak == NULL, "a token stands in %s", leak);
    if (!harness.no_database)
        db_assert_integrity();
}

void harness_teardown(void)
{
    if (harness.daemon.pid != 0)
        hd_stop(SIGTERM);
    check_files();
    if (harness.fake.pid != 0)
        fake_stop();
    hd_notify_close();
    if (getenv("HARNESS_KEEP") == NULL)
        harness_remove_folder(harness.folder);
    end_cleaner();
}

TCase *harness_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, harness_setup, harness_teardown);
    tcase_set_timeout(tcase, HARNESS_TIMEOUT_S);
    suite_add_tcase(suite, tcase);
    return tcase;
}

void harness_begin(int accounts)
{
    char count[16];

    snprintf(count, sizeof(count), "%d", accounts);
    fake_start("--accounts", count);
    for (int account = 1; account <= accounts; account++)
        ctl_login(account);
}

void harness_run(int accounts)
{
    harness_begin(accounts);
    hd_start();
}

void harness_begin_way(int accounts, int way)
{
    harness_begin(accounts);
    if (way != BY_DAEMON)
        return;
    hd_start();
    hd_wait_for_polls(accounts);
}

void harness_run_by_hand(int accounts)
{
    harness.config.poll_interval = "1h";
    harness.config.sweep_interval = "1h";
    harness_begin_way(accounts, BY_DAEMON);
}
