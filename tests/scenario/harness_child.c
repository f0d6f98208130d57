/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTES_SIZE 65536

/* -- children ---------------------------------------------------------------------------------- */

static void set_stream(int fd, int stream)
{
    int from = fd >= 0 ? fd : open("/dev/null", O_RDWR);

    if (from < 0 || dup2(from, stream) < 0)
        _exit(126);
}

static void set_environment(const struct child_plan *plan)
{
    static const char *const unwanted[] = {
        "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET",
        "WATCHDOG_USEC",     "WATCHDOG_PID",          "JOURNAL_STREAM",        "DISPLAY",
        "WAYLAND_DISPLAY",   "SSH_CONNECTION"};

    for (size_t i = 0; i < COUNT_OF(unwanted); i++)
        unsetenv(unwanted[i]);
    for (const char *const *pair = plan->environment; pair != NULL && *pair != NULL; pair++)
        putenv(strdup(*pair));
}

/* Where a program that was built for coverage writes what it went through, when it ends: others
 * may do so neither in the build directory nor beside the counts of who runs the tests, and gcov
 * would complain into what the test reads. */
static void set_coverage(void)
{
    char path[HARNESS_PATH_SIZE];

    snprintf(path, sizeof(path), "%.60s/coverage", harness.folder);
    if ((mkdir(path, 0777) == 0 || errno == EEXIST) && chmod(path, 0777) == 0)
        setenv("GCOV_PREFIX", path, 1);
}

static void set_identity(const struct child_identity *who)
{
    if (who != NULL)
        set_coverage();
    if (who != NULL && (setgroups(0, NULL) != 0 || setgid(who->gid) != 0 || setuid(who->uid) != 0))
        _exit(126);
}

/* What whoever started the tests had set to be ignored (a background command's SIGINT and SIGQUIT,
 * nohup's SIGHUP) would be handed down. */
static void set_signals(void)
{
    static const int ours[] = {SIGTERM, SIGINT, SIGPIPE, SIGQUIT, SIGHUP};

    for (size_t i = 0; i < COUNT_OF(ours); i++)
        signal(ours[i], SIG_DFL);
}

/* In the child. It dies with the test, however that ends. The program is opened as who runs the
 * test: others may not come into the build directory. */
static void become(const struct child_plan *plan, pid_t parent)
{
    char path[512];
    char *arguments[HARNESS_ARGUMENTS + 2] = {path};
    int program;

    snprintf(path, sizeof(path), "%s/%s", TEST_BUILDDIR, plan->program);
    /* out of the way of what prepare() puts at 3 and up */
    program = fcntl(open(path, O_PATH | O_CLOEXEC), F_DUPFD_CLOEXEC, 40);
    set_identity(plan->identity); /* before the next line, which it would undo */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(126);
    set_stream(plan->in, STDIN_FILENO);
    set_stream(plan->out, STDOUT_FILENO);
    set_stream(plan->err, STDERR_FILENO);
    set_signals();
    set_environment(plan);
    if (plan->prepare != NULL)
        plan->prepare();
    for (size_t i = 0; i < HARNESS_ARGUMENTS && plan->arguments[i] != NULL; i++)
        arguments[i + 1] = strdup(plan->arguments[i]);
    fexecve(program, arguments, environ);
    dprintf(STDERR_FILENO, "%s: %s\n", path, strerror(errno));
    _exit(127);
}

void child_start(struct child *child, const struct child_plan *plan)
{
    pid_t parent = getpid();

    ck_assert_int_eq(child->pid, 0);
    *child = (struct child){0};
    fflush(NULL);
    child->pid = fork();
    ck_assert_int_ge(child->pid, 0);
    if (child->pid == 0)
        become(plan, parent);
}

bool child_is_over(struct child *child)
{
    int status;

    if (child->is_over)
        return true;
    if (waitpid(child->pid, &status, WNOHANG) != child->pid)
        return false;
    child->is_over = true;
    child->ended_ms = harness_boot();
    child->status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    return true;
}

void child_signal(struct child *child, int number)
{
    ck_assert_int_gt(child->pid, 0);
    if (!child->is_over)
        kill(child->pid, number);
}

int child_wait(struct child *child)
{
    ck_assert_int_gt(child->pid, 0);
    child->may_end = true;
    harness_wait_until(child_is_over(child));
    child->pid = 0;
    return child->status;
}

/* -- the configuration ------------------------------------------------------------------------- */

/* A port for the page, below those that the system gives out by itself, so that nobody comes in
 * between before the daemon takes it. */
static void choose_port(char listen[static 32])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned port = 20000 + (unsigned)getpid() * 7 % 12000;
    bool is_free = false;

    for (int tries = 0; !is_free && tries < 1000; tries++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_int_ge(fd, 0);
        port = port < 31999 ? port + 1 : 20000;
        address.sin_port = htons((uint16_t)port);
        is_free = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
        close(fd);
    }
    ck_assert(is_free);
    snprintf(listen, 32, "127.0.0.1:%u", port);
}

static void write_option(FILE *file, const char *name, const char *value)
{
    if (value != NULL)
        fprintf(file, "    %s = \"%s\"\n", name, value);
}

static void write_number(FILE *file, const char *name, const char *value)
{
    if (value != NULL)
        fprintf(file, "    %s = %s\n", name, value);
}

void hd_write_config(void)
{
    static char free_port[32];
    const char *listen;
    char redirect[128];
    const struct harness_config *config = &harness.config;
    FILE *file = fopen(harness.config_file, "we");

    ck_assert_ptr_nonnull(file);
    if (free_port[0] == '\0')
        choose_port(free_port);
    listen = config->listen ? config->listen : free_port;
    snprintf(harness.page, sizeof(harness.page), "http://%s", listen);
    snprintf(harness.control, sizeof(harness.control), "%s/control", harness.folder);
    snprintf(redirect, sizeof(redirect), "%s/spotify/callback", harness.page);
    fprintf(file, "spotify {\n");
    write_option(file, "client_id", config->client_id);
    write_option(file, "client_secret_file", config->secret_file);
    write_option(file, "redirect_uri", config->redirect_uri ? config->redirect_uri : redirect);
    write_option(file, "api_url", config->api_url ? config->api_url : harness.url);
    write_option(file, "accounts_url", config->accounts_url ? config->accounts_url : harness.url);
    fprintf(file, "}\ncapture {\n");
    write_option(file, "poll_interval", config->poll_interval);
    write_option(file, "sweep_interval", config->sweep_interval);
    write_option(file, "request_timeout", config->request_timeout);
    write_number(file, "max_in_flight", config->max_in_flight);
    write_number(file, "daily_call_budget", config->daily_call_budget);
    fprintf(file, "}\nstore {\n");
    write_option(file, "database", harness.database);
    write_option(file, "key_file", harness.key_file);
    fprintf(file, "}\nweb {\n");
    write_option(file, "listen", listen);
    write_option(file, "password_file", config->password_file);
    write_number(file, "allowed_hosts", config->allowed_hosts);
    fprintf(file, "}\ncontrol { socket = \"%s\" }\n", harness.control);
    fprintf(file, "log { level = \"%s\" }\n%s\n", config->level, config->more ? config->more : "");
    ck_assert_int_eq(fclose(file), 0);
}

/* -- notes over NOTIFY_SOCKET ------------------------------------------------------------------ */

static int notify_fd = -1;
static char notes[NOTES_SIZE];
static size_t notes_len;

void hd_notify_open(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    hd_notify_close();
    notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ck_assert_int_ge(notify_fd, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", harness.notify_path);
    ck_assert_int_eq(bind(notify_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    hd_forget_notes();
}

void hd_notify_close(void)
{
    if (notify_fd < 0)
        return;
    close(notify_fd);
    unlink(harness.notify_path);
    notify_fd = -1;
}

void hd_forget_notes(void)
{
    hd_hear_notes();
    notes_len = 0;
    notes[0] = '\0';
}

/* The oldest notes go when there is no more room. */
void hd_hear_notes(void)
{
    ssize_t len;

    while (notify_fd >= 0) {
        if (notes_len > NOTES_SIZE - 4096) {
            memmove(notes, notes + NOTES_SIZE / 2, notes_len - NOTES_SIZE / 2);
            notes_len -= NOTES_SIZE / 2;
        }
        len = recv(notify_fd, notes + notes_len, 4000, 0);
        if (len < 0)
            return;
        notes_len += (size_t)len;
        notes[notes_len++] = '\n';
        notes[notes_len] = '\0';
    }
}

int hd_note_count(const char *text)
{
    int count = 0;

    hd_hear_notes();
    for (const char *place = strstr(notes, text); place != NULL; place = strstr(place + 1, text))
        count++;
    return count;
}

bool hd_notified(const char *text)
{
    return hd_note_count(text) > 0;
}

/* -- the daemon -------------------------------------------------------------------------------- */

static int open_log(void)
{
    int fd = open(harness.log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    return fd;
}

void hd_spawn(const char *argument)
{
    char notify[HARNESS_PATH_SIZE + 16];
    const char *environment[10] = {NULL};
    size_t count = 0;
    int log = open_log();
    const char *program = harness.program != NULL ? harness.program : "spotify-historyd";
    struct child_plan plan = {.program = program,
                              .arguments = {"-c", harness.config_file, argument},
                              .in = -1,
                              .out = -1,
                              .err = harness.err_fd > 0 ? harness.err_fd : log,
                              .environment = environment,
                              .prepare = harness.prepare};

    for (; harness.environment[count] != NULL; count++)
        environment[count] = harness.environment[count];
    if (notify_fd >= 0) {
        snprintf(notify, sizeof(notify), "NOTIFY_SOCKET=%s", harness.notify_path);
        environment[count] = notify;
    }
    hd_write_config();
    child_start(&harness.daemon, &plan);
    close(log);
}

void hd_start(void)
{
    hd_notify_open();
    hd_spawn(NULL);
    harness_wait_until(hd_notified("READY=1"));
    if (!harness.keep_notify)
        hd_notify_close();
}

void hd_signal(int number)
{
    if (number == SIGTERM || number == SIGINT || number == SIGKILL)
        harness.daemon.may_end = true;
    child_signal(&harness.daemon, number);
}

int hd_wait(void)
{
    return child_wait(&harness.daemon);
}

int64_t hd_stop(int number)
{
    int64_t began = harness_boot();

    hd_signal(number);
    ck_assert_int_eq(hd_wait(), 0);
    return harness.daemon.ended_ms - began;
}

int hd_once(void)
{
    hd_spawn("--once");
    return hd_wait();
}

void hd_poll_now(void)
{
    hd_signal(SIGUSR1);
}

void hd_wait_for_polls(int64_t count)
{
    harness_wait_until(db_int("SELECT count(*) FROM polls") >= count);
}

void hd_poll_and_wait(void)
{
    int64_t before = db_int("SELECT count(*) FROM polls");
    int64_t users = db_int("SELECT count(*) FROM users WHERE state != 'needs_login'");

    hd_poll_now();
    hd_wait_for_polls(before + users);
}

/* -- its log ----------------------------------------------------------------------------------- */

static long log_mark;

static char *read_log(void)
{
    FILE *file = fopen(harness.log_file, "re");
    char *text = NULL;
    size_t size = 0;

    if (file == NULL)
        return strdup("");
    fseek(file, log_mark, SEEK_SET);
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    fclose(file);
    return text;
}

void hd_log_mark(void)
{
    FILE *file = fopen(harness.log_file, "re");

    log_mark = 0;
    if (file == NULL)
        return;
    fseek(file, 0, SEEK_END);
    log_mark = ftell(file);
    fclose(file);
}

int hd_log_count(const char *text)
{
    char *log = read_log(), *rest;
    int count = 0;

    for (char *line = strtok_r(log, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        count += strstr(line, text) != NULL;
    free(log);
    return count;
}

bool hd_logged(const char *text)
{
    return hd_log_count(text) > 0;
}
