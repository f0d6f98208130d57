/* SPDX-License-Identifier: MIT */
/* The sockets: whose they are and who may use them. */
#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define PATIENCE_MS 15000

/* A daemon with one user that polls only when told to. */
static void begin(void)
{
    harness_run_by_hand(1);
}

static void expect_controlled(void)
{
    json_decref(control_expect(200, "GET", "/v1/status", NULL));
}

/* -- the file ---------------------------------------------------------------------------------- */

START_TEST(the_control_socket_is_for_its_owner_and_group_only)
{
    struct stat status;

    begin();
    ck_assert_int_eq(stat(harness.control, &status), 0);
    ck_assert(S_ISSOCK(status.st_mode));
    ck_assert_int_eq(status.st_mode & 07777, 0660);
    ck_assert_int_eq(status.st_uid, geteuid());
    ck_assert_int_eq(status.st_gid, getegid());
}
END_TEST

START_TEST(a_clean_stop_removes_it)
{
    begin();
    hd_stop(SIGTERM);
    ck_assert_int_ne(access(harness.control, F_OK), 0);
}
END_TEST

START_TEST(what_a_killed_daemon_left_is_replaced)
{
    begin();
    hd_signal(SIGKILL);
    hd_wait();
    ck_assert_int_eq(access(harness.control, F_OK), 0);
    hd_start();
    expect_controlled();
    ck_assert(!hd_logged("the control interface:"));
}
END_TEST

/* Another daemon with a database of its own at the same control socket; it polls all the time. */
static struct child other;

static void start_other(void)
{
    struct harness saved = harness;
    struct child_plan plan = {.program = "spotify-historyd", .in = -1, .out = -1};
    static char config_file[HARNESS_PATH_SIZE + 16];

    snprintf(harness.config_file, sizeof(harness.config_file), "%.120s/other.conf", saved.folder);
    snprintf(harness.database, sizeof(harness.database), "%.120s/other.db", saved.state);
    snprintf(harness.key_file, sizeof(harness.key_file), "%.120s/other.key", saved.state);
    snprintf(config_file, sizeof(config_file), "%s", harness.config_file);
    harness.config.poll_interval = "100ms";
    harness.config.sweep_interval = "500ms";
    harness.config.listen = "";
    harness.config.redirect_uri = "http://127.0.0.1:1/spotify/callback";
    harness.daemon.pid = 0; /* the command goes to the database */
    ctl_login(2);
    plan.arguments[0] = "-c";
    plan.arguments[1] = config_file;
    plan.err = open(saved.log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ck_assert_int_ge(plan.err, 0);
    child_start(&other, &plan);
    close(plan.err);
    harness = saved;
}

static void stop_other(void)
{
    child_signal(&other, SIGTERM);
    ck_assert_int_eq(child_wait(&other), 0);
}

/* What the other one has recorded. */
static int64_t plays_of_other(void)
{
    char saved[HARNESS_PATH_SIZE];
    int64_t plays;

    memcpy(saved, harness.database, sizeof(saved));
    snprintf(harness.database, sizeof(harness.database), "%.120s/other.db", harness.state);
    plays = db_int("SELECT count(*) FROM played_tracks");
    memcpy(harness.database, saved, sizeof(saved));
    return plays;
}

START_TEST(the_socket_of_another_daemon_is_not_taken_and_both_record)
{
    json_t *status;

    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", "2");
    ctl_login(1);
    start_other();
    harness_wait_until(access(harness.control, F_OK) == 0);
    hd_log_mark();
    hd_start();
    harness_wait_until(hd_logged("another process listens on"));
    fake_play(1, 1, harness_now() - 1000);
    fake_play(2, 2, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(1);
    harness_wait_until(plays_of_other() == 1);
    status = control_expect(200, "GET", "/v1/status", NULL);
    ck_assert_ptr_nonnull(strstr(
        json_string_value(json_object_get(json_object_get(status, "database"), "path")), "other"));
    json_decref(status);
    hd_stop(SIGTERM);
    expect_controlled(); /* and it did not remove it either */
    stop_other();
}
END_TEST

START_TEST(F11_a_reload_takes_the_socket_once_it_is_free)
{
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", "2");
    ctl_login(1);
    start_other();
    harness_wait_until(access(harness.control, F_OK) == 0);
    hd_start();
    harness_wait_until(hd_logged("another process listens on"));
    stop_other();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("the control interface is there"));
    expect_controlled();
}
END_TEST

START_TEST(a_socket_that_somebody_put_in_its_place_is_not_removed)
{
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", "2");
    ctl_login(1);
    hd_start();
    ck_assert_int_eq(unlink(harness.control), 0);
    start_other();
    harness_wait_until(access(harness.control, F_OK) == 0);
    hd_stop(SIGTERM);
    expect_controlled();
    stop_other();
}
END_TEST

static void put_file(const char *path)
{
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    fputs("precious", file);
    ck_assert_int_eq(fclose(file), 0);
}

static void expect_precious(const char *path)
{
    char text[16] = "";
    FILE *file = fopen(path, "re");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fread(text, 1, sizeof(text) - 1, file), 8);
    fclose(file);
    ck_assert_str_eq(text, "precious");
}

START_TEST(a_file_in_its_place_is_left_alone)
{
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", "1");
    ctl_login(1);
    put_file(harness.control);
    hd_start();
    harness_wait_until(hd_logged("is there and is no socket"));
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(1);
    hd_stop(SIGTERM);
    expect_precious(harness.control);
}
END_TEST

START_TEST(a_link_in_its_place_is_not_followed)
{
    char path[HARNESS_PATH_SIZE + 16];

    fake_start("--accounts", "1");
    hd_write_config();
    snprintf(path, sizeof(path), "%s/precious", harness.folder);
    put_file(path);
    ck_assert_int_eq(symlink(path, harness.control), 0);
    hd_start();
    harness_wait_until(hd_logged("is there and is no socket"));
    hd_stop(SIGTERM);
    expect_precious(path);
}
END_TEST

/* -- who may ----------------------------------------------------------------------------------- */

/* What another user hears at the control socket: a status, or minus errno of connect(). */
static long ask_as_nobody(const char *request, pid_t *pid)
{
    int ends[2];
    long result = 0;

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    fflush(NULL);
    *pid = fork();
    ck_assert_int_ge(*pid, 0);
    if (*pid == 0) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        struct raw_answer answer;
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        snprintf(address.sun_path, sizeof(address.sun_path), "%.107s", harness.control);
        if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) != 0)
            _exit(1);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
            result = -errno;
        } else {
            answer = raw_ask_on(fd, request, strlen(request), PATIENCE_MS);
            result = answer.status;
        }
        _exit(write(ends[1], &result, sizeof(result)) == sizeof(result) ? 0 : 1);
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &result, sizeof(result)), sizeof(result));
    close(ends[0]);
    ck_assert_int_eq(waitpid(*pid, NULL, 0), *pid);
    return result;
}

#define STATUS "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
#define SYNC                                                                             \
    "POST /v1/sync HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " \
    "2\r\n\r\n{}"

/* The folder is open to all, only the socket's own mode counts. False: we cannot be another user.
 */
static bool begin_among_others(void)
{
    if (geteuid() != 0) {
        harness.no_database = true;
        return false;
    }
    ck_assert_int_eq(chmod(harness.folder, 0755), 0);
    begin();
    return true;
}

START_TEST(another_user_is_kept_out_by_the_files_mode)
{
    pid_t pid;

    if (!begin_among_others())
        return;
    ck_assert_int_eq(ask_as_nobody(STATUS, &pid), -EACCES);
}
END_TEST

/* Somebody was generous with chmod(1): the kernel lets them in, the daemon does not. */
START_TEST(another_user_is_refused_whatever_the_files_mode)
{
    pid_t pid;
    char who[80];

    if (!begin_among_others())
        return;
    ck_assert_int_eq(chmod(harness.control, 0666), 0);
    ck_assert_int_eq(ask_as_nobody(STATUS, &pid), 403);
    ck_assert_int_eq(ask_as_nobody(SYNC, &pid), 403);
    snprintf(who, sizeof(who), "control: user %d (pid %d) is refused", NOBODY, (int)pid);
    ck_assert(hd_logged(who));
    ck_assert(!hd_logged("polls everybody"));
}
END_TEST

START_TEST(a_member_of_its_group_is_served_and_named_in_the_log)
{
    pid_t pid;
    char who[80];

    if (!begin_among_others())
        return;
    ck_assert_int_eq(chown(harness.control, (uid_t)-1, NOBODY), 0);
    ck_assert_int_eq(ask_as_nobody(STATUS, &pid), 200);
    ck_assert_int_eq(ask_as_nobody(SYNC, &pid), 202);
    snprintf(who, sizeof(who), "control: user %d (pid %d): polls everybody now", NOBODY, (int)pid);
    harness_wait_until(hd_logged(who));
}
END_TEST

/* -- a port that was taken --------------------------------------------------------------------- */

START_TEST(F11_a_reload_takes_the_port_once_it_is_free)
{
    struct browser *browser;
    struct page page;
    int fd;

    fake_start("--accounts", "1");
    hd_write_config();
    fd = raw_listen();
    hd_start();
    harness_wait_until(hd_logged("the page: cannot listen on"));
    close(fd);
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("the page is there"));
    browser = browser_open();
    page = browser_get(browser, "/spotify");
    ck_assert_int_eq(page.status, 200);
    page_free(&page);
    browser_close(browser);
}
END_TEST

/* -- handed over by systemd -------------------------------------------------------------------- */

static int handed[2]; /* -1: none */
static const char *handed_names;

/* In the daemon's process: descriptors 3 and up, and who they are for (sd_listen_fds(3)). */
static void hand_over(void)
{
    int count = 0, copies[2];
    char text[24];

    for (int i = 0; i < 2; i++)
        copies[i] = handed[i] >= 0 ? fcntl(handed[i], F_DUPFD_CLOEXEC, 20) : -1;
    for (int i = 0; i < 2; i++) {
        if (copies[i] >= 0 && dup2(copies[i], 3 + count++) < 0)
            _exit(126);
    }
    snprintf(text, sizeof(text), "%d", (int)getpid());
    setenv("LISTEN_PID", text, 1);
    snprintf(text, sizeof(text), "%d", count);
    setenv("LISTEN_FDS", text, 1);
    if (handed_names)
        setenv("LISTEN_FDNAMES", handed_names, 1);
}

static int listen_on(const char *ip, char page[64])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    inet_pton(AF_INET, ip, &address.sin_addr);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(page, 64, "http://127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%.107s", path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    return fd;
}

static char inherited_page[64], inherited_control[HARNESS_PATH_SIZE];

/* Starts the daemon with these sockets; the configuration names others. Ours are closed: the daemon
 * has its own copies. */
static void start_with(bool page, bool control, const char *names)
{
    handed[0] = page ? listen_on("127.0.0.1", inherited_page) : -1;
    snprintf(inherited_control, sizeof(inherited_control), "%s/inherited", harness.folder);
    handed[1] = control ? listen_at(inherited_control) : -1;
    handed_names = names;
    harness.prepare = hand_over;
    fake_start("--accounts", "1");
    hd_start();
    for (int i = 0; i < 2; i++) {
        if (handed[i] >= 0)
            close(handed[i]);
    }
}

static bool page_answers(const char *page)
{
    char address[100];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct browser *browser;
    struct page answer;
    bool connected;

    to.sin_port = htons((uint16_t)atoi(strrchr(page, ':') + 1));
    connected = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
    close(fd);
    if (!connected)
        return false;
    browser = browser_open();
    snprintf(address, sizeof(address), "%s/spotify", page);
    answer = browser_get(browser, address);
    ck_assert_msg(answer.status == 200, "%s: %ld: %s", page, answer.status, answer.body);
    page_free(&answer);
    browser_close(browser);
    return true;
}

static bool control_answers(const char *path)
{
    char saved[HARNESS_PATH_SIZE];

    if (access(path, F_OK) != 0)
        return false;
    memcpy(saved, harness.control, sizeof(saved));
    memmove(harness.control, path, strlen(path) + 1);
    expect_controlled();
    memcpy(harness.control, saved, sizeof(saved));
    return true;
}

static const char *const name_lists[] = {"web:control", NULL, "unknown:unknown"};

START_TEST(sockets_of_systemd_are_used_instead_of_our_own)
{
    start_with(true, true, name_lists[_i]);
    ck_assert(page_answers(inherited_page));
    ck_assert(control_answers(inherited_control));
    ck_assert(!page_answers(harness.page));
    ck_assert(!control_answers(harness.control));
}
END_TEST

START_TEST(the_status_says_where_the_page_of_systemd_is)
{
    json_t *status;

    start_with(true, false, "web");
    status = control_expect(200, "GET", "/v1/status", NULL);
    ck_assert_str_eq(json_string_value(json_object_get(status, "page")), inherited_page);
    json_decref(status);
}
END_TEST

START_TEST(the_sockets_of_systemd_outlive_the_daemon)
{
    start_with(false, true, "control");
    hd_stop(SIGTERM);
    ck_assert_int_eq(access(inherited_control, F_OK), 0);
}
END_TEST

START_TEST(only_the_page_may_be_handed_over)
{
    start_with(true, false, "web");
    ck_assert(page_answers(inherited_page));
    ck_assert(!page_answers(harness.page));
    ck_assert(control_answers(harness.control));
}
END_TEST

START_TEST(only_the_control_socket_may_be_handed_over)
{
    start_with(false, true, "control");
    ck_assert(control_answers(inherited_control));
    ck_assert(!control_answers(harness.control));
    ck_assert(page_answers(harness.page));
}
END_TEST

START_TEST(a_reload_keeps_the_sockets_of_systemd)
{
    start_with(true, true, "web:control");
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    ck_assert(page_answers(inherited_page));
    ck_assert(control_answers(inherited_control));
    ck_assert(!page_answers(harness.page));
}
END_TEST

/* In a network of the test's own. */
START_TEST(a_socket_of_systemd_for_other_machines_is_not_used_without_a_password)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd;

    harness.no_database = true;
    if (unshare(CLONE_NEWNET) != 0)
        return;
    harness.no_database = false;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
    handed[0] = listen_on("0.0.0.0", inherited_page);
    handed[1] = -1;
    handed_names = "web";
    harness.prepare = hand_over;
    fake_start("--accounts", "1");
    hd_start();
    close(handed[0]);
    ck_assert(hd_logged("can be reached by other machines"));
    ck_assert(!page_answers(inherited_page));
    ck_assert(page_answers(harness.page));
}
END_TEST

Suite *sockets_suite(void)
{
    Suite *suite = suite_create("sockets");
    TCase *file = harness_case(suite, "the file");
    TCase *who = harness_case(suite, "who may");
    TCase *taken = harness_case(suite, "a port that was taken");
    TCase *inherited = harness_case(suite, "handed over");

    tcase_add_test(file, the_control_socket_is_for_its_owner_and_group_only);
    tcase_add_test(file, a_clean_stop_removes_it);
    tcase_add_test(file, what_a_killed_daemon_left_is_replaced);
    tcase_add_test(file, the_socket_of_another_daemon_is_not_taken_and_both_record);
    tcase_add_test(file, F11_a_reload_takes_the_socket_once_it_is_free);
    tcase_add_test(file, a_socket_that_somebody_put_in_its_place_is_not_removed);
    tcase_add_test(file, a_file_in_its_place_is_left_alone);
    tcase_add_test(file, a_link_in_its_place_is_not_followed);
    tcase_add_test(who, another_user_is_kept_out_by_the_files_mode);
    tcase_add_test(who, another_user_is_refused_whatever_the_files_mode);
    tcase_add_test(who, a_member_of_its_group_is_served_and_named_in_the_log);
    tcase_add_test(taken, F11_a_reload_takes_the_port_once_it_is_free);
    tcase_add_loop_test(inherited, sockets_of_systemd_are_used_instead_of_our_own, 0,
                        (int)COUNT_OF(name_lists));
    tcase_add_test(inherited, the_status_says_where_the_page_of_systemd_is);
    tcase_add_test(inherited, the_sockets_of_systemd_outlive_the_daemon);
    tcase_add_test(inherited, only_the_page_may_be_handed_over);
    tcase_add_test(inherited, only_the_control_socket_may_be_handed_over);
    tcase_add_test(inherited, a_reload_keeps_the_sockets_of_systemd);
    tcase_add_test(inherited,
                   a_socket_of_systemd_for_other_machines_is_not_used_without_a_password);
    return suite;
}
