/* SPDX-License-Identifier: MIT */
/*
 * Many users, against the fake Spotify on the other core: how much of its own core the daemon takes
 * for 1,000 who are polled every ten minutes, and whether 100,000 at a quarter of an hour would be
 * polled on time: as many polls a second as theirs, and more.
 *
 * All of it is sped up. Users are polled every few seconds instead, and the polls a second say how
 * many users that are at the real interval. BENCH_USERS, BENCH_INTERVAL (s) and BENCH_TIMES (of the
 * interval that are measured) make the second part larger: 100,000 150 2, say, takes a quarter of
 * an hour.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "measure.h"
#include "store/users.h"
#include "vault/vault.h"

#define SMALL_USERS 1000
#define SMALL_INTERVAL 20 /* s, instead of SMALL_REAL */
#define SMALL_REAL 600.0
#define LARGE_REAL 900.0
#define PATIENCE_S 600

static char builds[400], folder[64], url[80];
static pid_t fake, daemon_pid;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_users: %s: %s\n", what, why);
    exit(1);
}

/* -- processes --------------------------------------------------------------------------------- */

/* On a core of its own, where there are two. */
static pid_t start(int core, const char *const *arguments, const char *log)
{
    pid_t parent = getpid(), child = fork();
    char path[500];
    cpu_set_t cores;
    int out;

    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(126);
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    (void)sched_setaffinity(0, sizeof(cores), &cores);
    out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    snprintf(path, sizeof(path), "%s/%s", builds, arguments[0]);
    execv(path, (char *const *)arguments);
    _exit(127);
}

static int end(pid_t *child, int number)
{
    int status = 0;

    if (*child <= 0)
        return 0;
    kill(*child, number);
    waitpid(*child, &status, 0);
    *child = 0;
    return status;
}

static void remove_all(void)
{
    static const char *const files[] = {
        "history.db", "history.db-wal", "history.db-shm", "history.db.lock", "token.key",
        "tokens",     "bench.conf",     "fake.log",       "daemon.log",      "c"};

    end(&daemon_pid, SIGTERM);
    end(&fake, SIGTERM);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        (void)unlink(files[i]);
    if (chdir("/") != 0 || rmdir(folder) != 0)
        perror(folder);
}

static void nap(double s)
{
    struct timespec time = {(time_t)s, (long)((s - (double)(time_t)s) * 1e9)};

    nanosleep(&time, NULL);
}

/* Time that it has run, in s (the first number of schedstat). */
static double cpu_s(void)
{
    char path[64], text[100] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)daemon_pid);
    file = fopen(path, "re");
    if (!file || !fgets(text, sizeof(text), file))
        fail(path, "cannot be read");
    fclose(file);
    return strtod(text, NULL) / 1e9;
}

/* -- the stage --------------------------------------------------------------------------------- */

static void start_fake(int users, int speed)
{
    char accounts[16], times[16], line[200];
    const char *arguments[] = {"fake-spotify", "--quiet", "--die-with-parent",
                               "--accounts",   accounts,  "--token-file",
                               "tokens",       "--speed", times,
                               "--backlog",    "20",      NULL};
    FILE *file = NULL;

    snprintf(accounts, sizeof(accounts), "%d", users);
    snprintf(times, sizeof(times), "%d", speed);
    fake = start(1, arguments, "fake.log");
    for (int i = 0; i < PATIENCE_S * 10; i++) {
        file = fopen("fake.log", "re");
        if (file && fgets(line, sizeof(line), file) && strchr(line, '\n'))
            break;
        if (file)
            fclose(file);
        file = NULL;
        nap(0.1);
    }
    if (!file || sscanf(line, "fake-spotify: listening on %79s", url) != 1)
        fail("fake-spotify", "did not start");
    fclose(file);
}

static void write_config(int interval)
{
    FILE *file = fopen("bench.conf", "we");

    fprintf(file,
            "spotify { client_id = \"sim-client-id\" api_url = \"%s\" accounts_url = \"%s\" }\n"
            "capture { poll_interval = \"%ds\" sweep_interval = \"%ds\" max_in_flight = 64 "
            "daily_call_budget = 0 }\n"
            "store { database = \"%s/history.db\" key_file = \"%s/token.key\" }\n"
            "web { listen = \"\" }\ncontrol { socket = \"%s/c\" }\nlog { level = \"warning\" }\n",
            url, url, interval, 6 * interval, folder, folder, folder);
    fclose(file);
}

static void put_user(struct store *store, const struct vault *vault, char *line)
{
    struct store_user user = {.state_since = clock_wall_ms(),
                              .added_at = clock_wall_ms(),
                              .authorized_at = clock_wall_ms(),
                              .last_success_at = STORE_NO_TIME,
                              .first_sweep_at = STORE_NO_TIME,
                              .anchor_played_at = STORE_NO_TIME,
                              .refused_at = STORE_NO_TIME};
    struct store_token row = {.expires_at = STORE_NO_TIME, .updated_at = clock_wall_ms()};
    char *token = strchr(line, '\t');

    if (!token)
        fail("tokens", line);
    *token++ = '\0';
    token[strcspn(token, "\n")] = '\0';
    snprintf(user.spotify_id, sizeof(user.spotify_id), "%s", line);
    if (store_user_add(store, &user) != STORE_OK ||
        vault_seal(vault, user.user_id, store_token_type_name(STORE_TOKEN_REFRESH), token,
                   strlen(token), &row.sealed, &row.sealed_len) != VAULT_OK ||
        store_token_put(store, user.user_id, STORE_TOKEN_REFRESH, &row) != STORE_OK)
        fail("a user", store_message(store));
    free(row.sealed);
}

/* Everybody signs in, by the library. */
static void sign_in_all(void)
{
    const char *arguments[] = {"spotify-historyd", "-c", "bench.conf", "--once", NULL};
    char why[400] = "", source[400], *line = NULL;
    struct store *store;
    struct vault *vault;
    size_t size = 0;
    FILE *tokens = fopen("tokens", "re");

    daemon_pid = start(0, arguments, "daemon.log"); /* makes the database and the key */
    waitpid(daemon_pid, NULL, 0);
    daemon_pid = 0;
    if (!tokens || store_open("history.db", STORE_WRITER, &store, why, sizeof(why)) != STORE_OK ||
        vault_open("token.key", false, &vault, source, sizeof(source)) != VAULT_OK ||
        store_begin(store, STORE_DURABLE) != STORE_OK)
        fail("history.db", why);
    while (getline(&line, &size, tokens) > 0)
        put_user(store, vault, line);
    if (store_commit(store) != STORE_OK)
        fail("history.db", store_message(store));
    free(line);
    fclose(tokens);
    store_close(store);
    vault_close(vault);
}

/* -- the database ------------------------------------------------------------------------------ */

static sqlite3 *open_database(void)
{
    sqlite3 *db = NULL;

    if (sqlite3_open_v2("history.db", &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        fail("history.db", sqlite3_errmsg(db));
    sqlite3_busy_timeout(db, 5000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return db;
}

static int64_t number(const char *sql)
{
    sqlite3 *db = open_database();
    sqlite3_stmt *row = NULL;
    int64_t value;

    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK || sqlite3_step(row) != SQLITE_ROW)
        fail(sql, sqlite3_errmsg(db));
    value = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return value;
}

static int compare(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

    return (a > b) - (a < b);
}

/* The pauses between two polls of a user that began after a moment, in ms: of them all, the one
 * that such a part is not longer than. */
static double pause_at(int64_t from, double part)
{
    sqlite3 *db = open_database();
    sqlite3_stmt *rows = NULL;
    int64_t *pauses = NULL, user = 0, last = 0;
    size_t count = 0, cap = 0;
    double found;

    if (sqlite3_prepare_v2(db,
                           "SELECT user_id, started_at FROM polls WHERE started_at >= ? "
                           "ORDER BY user_id, started_at",
                           -1, &rows, NULL) != SQLITE_OK)
        fail("polls", sqlite3_errmsg(db));
    sqlite3_bind_int64(rows, 1, from);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        int64_t at = sqlite3_column_int64(rows, 1);

        if (count == cap) {
            int64_t *grown = reallocarray(pauses, cap = cap * 2 + 1000, sizeof(*pauses));

            if (!grown)
                fail("polls", "no memory");
            pauses = grown;
        }
        if (sqlite3_column_int64(rows, 0) == user)
            pauses[count++] = at - last;
        user = sqlite3_column_int64(rows, 0);
        last = at;
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    if (count == 0)
        fail("polls", "nobody was polled twice");
    qsort(pauses, count, sizeof(*pauses), compare);
    found = (double)pauses[(size_t)((double)(count - 1) * part)];
    free(pauses);
    return found;
}

/* -- the measures ------------------------------------------------------------------------------ */

struct run {
    double started_s;  /* until everybody had been polled once */
    double polls_s;    /* a second */
    double cpu_ms;     /* a poll */
    double cpu;        /* of its core */
    double late_ms[3]; /* pauses: median, 99th percentile, longest */
};

/* So many users, polled so often for so many times after the first. */
static struct run run(int users, int interval, int times, double real)
{
    const char *arguments[] = {"spotify-historyd", "-c", "bench.conf", NULL};
    static const double parts[] = {0.5, 0.99, 1};
    int64_t began, from, polls;
    struct run result;
    double cpu;

    start_fake(users, (int)(real / interval));
    write_config(interval);
    sign_in_all();
    began = clock_boot_ms();
    daemon_pid = start(0, arguments, "daemon.log");
    while (nap(0.5), number("SELECT count(*) FROM users WHERE last_success_at IS NULL") > 0)
        if (clock_boot_ms() - began > PATIENCE_S * CLOCK_SECOND)
            fail("the start", "not everybody was polled in ten minutes");
    result.started_s = (double)(clock_boot_ms() - began) / 1000;
    from = clock_wall_ms();
    began = clock_boot_ms();
    cpu = cpu_s();
    polls = number("SELECT max(poll_id) FROM polls");
    nap(interval * times);
    cpu = cpu_s() - cpu;
    polls = number("SELECT max(poll_id) FROM polls") - polls;
    result.polls_s = (double)polls * 1000 / (double)(clock_boot_ms() - began);
    result.cpu_ms = 1000 * cpu / (double)polls;
    result.cpu = cpu * 1000 / (double)(clock_boot_ms() - began);
    end(&daemon_pid, SIGTERM);
    end(&fake, SIGTERM);
    for (size_t i = 0; i < 3; i++)
        result.late_ms[i] = pause_at(from, parts[i]);
    fprintf(
        stderr,
        "%d users every %d s: all polled once after %.1f s; then %.0f polls/s, as of %.0f users every "
        "%.0f min, %.3f ms of a core each, %.1f %% of it; pauses: median %.2f, 99th percentile %.2f, "
        "longest %.2f of the interval; %lld polls failed\n",
        users, interval, result.started_s, result.polls_s, result.polls_s * real, real / 60,
        result.cpu_ms, 100 * result.cpu, result.late_ms[0] / 1000 / interval,
        result.late_ms[1] / 1000 / interval, result.late_ms[2] / 1000 / interval,
        (long long)number(
            "SELECT count(*) FROM polls WHERE outcome NOT IN ('ok', 'unchanged', 'empty')"));
    if (unlink("history.db") != 0 || unlink("fake.log") != 0)
        fail(folder, "files are missing");
    (void)unlink("history.db-wal");
    (void)unlink("history.db-shm");
    return result;
}

static int from_environment(const char *name, int otherwise)
{
    const char *text = getenv(name);

    return text ? (int)strtol(text, NULL, 10) : otherwise;
}

int main(void)
{
    int users = from_environment("BENCH_USERS", 2000);
    int interval = from_environment("BENCH_INTERVAL", 15);
    int times = from_environment("BENCH_TIMES", 2);
    const char *base = getenv("TMPDIR");
    struct run small, large;

    snprintf(folder, sizeof(folder), "%.40s/bench-users-XXXXXX", base ? base : "/tmp");
    if (!getcwd(builds, sizeof(builds)) || !mkdtemp(folder) || chdir(folder) != 0)
        fail(folder, "cannot be made");
    atexit(remove_all);
    small = run(SMALL_USERS, SMALL_INTERVAL, 2, SMALL_REAL);
    measure_print("1,000 users, 10 min", "% of a core",
                  100 * small.cpu_ms / 1000 * SMALL_USERS / SMALL_REAL, "limit", 1, "<=1");
    large = run(users, interval, times, LARGE_REAL);
    measure_print("users at 15 min held", "users", large.polls_s * LARGE_REAL, "limit", 100000,
                  ">=1");
    measure_print("on time: 99th percentile", "s", large.late_ms[1] / 1000, "interval", interval,
                  "<=1.1");
    return 0;
}
