/* SPDX-License-Identifier: MIT */
/*
 * The stage on which a scenario plays: a fresh folder, the fake Spotify on a port of its own, the
 * real daemon and the real command beside it, and the means to look at all three.
 *
 * Owns: every child process of a test, its folder, and the only nap there is (harness_nap).
 * Offers: one set of names: harness_ for the stage, fake_ for the fake Spotify, hd_ for the daemon,
 * ctl_ for the command, db_ for the database. Whatever fails ends the test with a line that says
 * what.
 * Never: touches anything outside its folder, ends a process that it did not start, asks for a
 * fixed port.
 *
 * One test is one process with one stage, so the state is global. harness_setup() and
 * harness_teardown() are the checked fixture of every scenario; the teardown holds what is true
 * after every test (see there).
 */
#ifndef SCENARIO_HARNESS_H
#define SCENARIO_HARNESS_H

#include <check.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HARNESS_PATIENCE_MS 20000 /* how long anything may take on a loaded machine */
#define HARNESS_TIMEOUT_S 90      /* how long one test may take, see harness_case() */
#define HARNESS_CANARY "CANARY"   /* part of every token and code that the fake Spotify makes */
#define HARNESS_PATH_SIZE 160
#define HARNESS_ARGUMENTS 32

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTE INT64_C(60000) /* ms */
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* What the command does, the daemon does or, where none runs, the command by itself: most of its
 * tests take both ways, check counts through them. */
enum way { BY_DAEMON, ALONE, WAYS };

/* What stands in the configuration; the words as they are written there. NULL: the option is left
 * out. */
struct harness_config {
    const char *poll_interval, *sweep_interval, *request_timeout;
    const char *max_in_flight, *daily_call_budget;
    const char *client_id, *secret_file;
    const char *api_url, *accounts_url; /* NULL: the fake Spotify */
    const char *listen;                 /* NULL: a free port */
    const char *redirect_uri;           /* NULL: of the page */
    const char *password_file;
    const char *allowed_hosts; /* a list */
    const char *level;
    const char *more; /* lines added at the end */
};

struct child {
    pid_t pid;    /* 0: none */
    bool may_end; /* it was told to: its end is no surprise */
    bool is_over;
    int status; /* exit status; minus the signal that killed it */
    int64_t ended_ms;
};

struct harness {
    char folder[64];
    char state[HARNESS_PATH_SIZE]; /* folder of the database and the key */
    char database[HARNESS_PATH_SIZE], key_file[HARNESS_PATH_SIZE];
    char config_file[HARNESS_PATH_SIZE];
    char log_file[HARNESS_PATH_SIZE];      /* standard error of all daemons of the test */
    char fake_log_file[HARNESS_PATH_SIZE]; /* the only file in which a token may stand */
    char notify_path[HARNESS_PATH_SIZE];
    char password_file[HARNESS_PATH_SIZE]; /* which ctl_set_password() writes */
    char url[64];                          /* of the fake Spotify */
    char page[64];                   /* address of the daemon's page, "http://127.0.0.1:PORT" */
    char control[HARNESS_PATH_SIZE]; /* its control socket */
    struct harness_config config;
    struct child fake, daemon;
    const char *program;        /* what runs as the daemon, NULL: spotify-historyd */
    const char *ctl_program;    /* and as the command */
    bool keep_notify;           /* listen to the daemon's notes after READY as well */
    const char *environment[8]; /* more of the daemon's, "NAME=VALUE" */
    void (*prepare)(void);      /* called in the daemon's process before it becomes the daemon */
    int err_fd;       /* where its standard error goes instead of the log file; 0: the log file */
    bool no_database; /* the test leaves none behind that could be looked at */
    char ctl_output[65536];         /* what the command said last, both streams */
    int ctl_in;                     /* its standard input; 0: a pipe, which ctl_type() writes to */
    int ctl_out;                    /* where its standard output goes instead; 0: into ctl_output */
    const char *ctl_environment[8]; /* more of its environment, "NAME=VALUE" */
    const struct child_identity *ctl_as; /* who runs it; NULL: who runs the test */
    unsigned seed;
};

extern struct harness harness;

/* -- the stage (harness.c) --------------------------------------------------------------------- */

void harness_setup(void);

/* Ends the daemon (SIGTERM, exit 0 within a second or, with a token request under way, when it has
 * its answer) if it still runs, and asserts what must be true after every test: no token in any
 * file, PRAGMA integrity_check, no child left. */
void harness_teardown(void);

/* A test case with the fixture and the timeout; added to the suite. */
TCase *harness_case(Suite *suite, const char *name);

/* fake_start() for so many accounts whom nobody plays for, and all of them signed in. */
void harness_begin(int accounts);

/* The same, and the daemon is started. */
void harness_run(int accounts);

/* The same with intervals of an hour, so that only hd_poll_and_wait() polls; the first polls are
 * awaited. */
void harness_run_by_hand(int accounts);

/* harness_begin(); BY_DAEMON: the daemon is started, and its first polls are awaited. */
void harness_begin_way(int accounts, int way);

int64_t harness_now(void);  /* wall ms */
int64_t harness_boot(void); /* ms that no clock change touches */

struct harness_wait {
    int64_t until;
};

struct harness_wait harness_wait_begin(int64_t ms);

/* The only nap: a few ms. False when the time is over. Ends the test if the daemon has died
 * meanwhile. */
bool harness_nap(const struct harness_wait *wait);

#define harness_wait_until(condition)                                        \
    do {                                                                     \
        struct harness_wait wait_ = harness_wait_begin(HARNESS_PATIENCE_MS); \
        while (!(condition)) {                                               \
            if (!harness_nap(&wait_))                                        \
                ck_abort_msg("waited in vain for: %s", #condition);          \
        }                                                                    \
    } while (0)

/* Holds for so many ms: for what must not happen. */
#define harness_stays(condition, ms)                                     \
    do {                                                                 \
        struct harness_wait wait_ = harness_wait_begin(ms);              \
        do                                                               \
            ck_assert_msg(condition, "did not stay so: %s", #condition); \
        while (harness_nap(&wait_));                                     \
    } while (0)

/* Every file in the folder but the fake's log is searched for a text; the path of the first that
 * has it, or NULL. */
const char *harness_find_in_files(const char *text);

/* Writes a file that only its owner reads, of this name in the folder. */
void harness_write_secret(char path[static HARNESS_PATH_SIZE], const char *name, const char *text);

/* Removes a folder and everything in it. */
void harness_remove_folder(const char *path);

/* -- children (harness_child.c) ---------------------------------------------------------------- */

/* Another user, and the one group that they are in. Only root can become one. */
struct child_identity {
    uid_t uid;
    gid_t gid;
};

struct child_plan {
    const char *program;                      /* in the build directory */
    const char *arguments[HARNESS_ARGUMENTS]; /* after the program's name, up to NULL */
    int in, out, err;                         /* descriptors; -1: /dev/null */
    const char *const *environment;           /* "NAME=VALUE", up to NULL; NULL: nothing */
    void (*prepare)(void);                    /* called in the child at last; NULL: nothing */
    const struct child_identity *identity;    /* NULL: who runs the test */
};

void child_start(struct child *child, const struct child_plan *plan);
bool child_is_over(struct child *child);
void child_signal(struct child *child, int number);
int child_wait(struct child *child); /* its exit status, or minus the signal */

/* -- the daemon (harness_child.c) -------------------------------------------------------------- */

void hd_write_config(void);

/* Writes the configuration, starts the daemon, waits until it says READY. */
void hd_start(void);

/* Starts it with one more argument (NULL: none) and does not wait. */
void hd_spawn(const char *argument);

void hd_signal(int number);
int hd_wait(void);                     /* its exit status */
int64_t hd_stop(int number);           /* signal, asserts exit 0; how many ms it took */
int hd_once(void);                     /* runs --once; its exit status */
void hd_poll_now(void);                /* SIGUSR1 */
void hd_wait_for_polls(int64_t count); /* until the ledger has so many */
void hd_poll_and_wait(
    void); /* polls every user who may be polled once, and waits until that is stored */

bool hd_notified(
    const char *text); /* it has sent this over NOTIFY_SOCKET since the last hd_forget_notes() */
void hd_forget_notes(void);
int hd_note_count(const char *text);
void hd_hear_notes(void); /* reads what lies there; harness_nap() does so too */
void hd_notify_open(void);
void hd_notify_close(void);

int hd_log_count(const char *text); /* lines of its log with this text */
bool hd_logged(const char *text);
void hd_log_mark(void); /* count from here on only */

/* -- the command (harness_ctl.c) --------------------------------------------------------------- */

/* Runs the command with a text on standard input and these arguments; its exit status, and
 * harness.ctl_output. */
int ctl_run_with(const char *text, const char *const *arguments);
#define ctl_run(...) ctl_run_with("", (const char *const[]){__VA_ARGS__, NULL})

/* The same as a child that goes on beside the test, one at a time. Its end is awaited before that
 * of the test. */
void ctl_start_with(const char *const *arguments);
#define ctl_start(...) ctl_start_with((const char *const[]){__VA_ARGS__, NULL})
/* Sends it a line (the line end is added). */
void ctl_type(const char *line);
void ctl_type_bytes(const char *bytes, size_t len);
/* Ends its standard input. */
void ctl_type_end(void);
/* Whether it has said this so far; harness.ctl_output is up to date then. */
bool ctl_said(const char *text);
void ctl_signal(int number);
bool ctl_is_over(void);
/* Its exit status, and harness.ctl_output, which is ctl_assert_plain(). */
int ctl_wait(void);

/* ctl_wait(), asserting a status and that it said a text. */
void ctl_expect_end(int status, const char *text);

/* The same for one that is run. */
#define ctl_expect(status, text, ...) \
    (ctl_start(__VA_ARGS__), ctl_type_end(), ctl_expect_end(status, text))

/* The address that login printed, once it waits for one; the caller frees it. */
char *ctl_printed_address(void);

/* Goes there as an account (0: says no) and answers the address that the browser ends on; the
 * caller frees it. */
struct browser;
char *ctl_agree(struct browser *browser, int account);

/* Holds what is true of all that it says: valid UTF-8, and nothing that a terminal would do
 * something else with than showing it. */
void ctl_assert_plain(const char *text);

/* login --token-stdin with this text on standard input; its exit status, and harness.ctl_output. */
int ctl_login_with(const char *text);

/* Signs an account in with its newest token; must work. */
void ctl_login(int account);

/* The page wants this password as soon as the configuration is written (anew): hashed by the
 * command, as a person would. */
void ctl_set_password(const char *password);

/* -- the fake Spotify (harness_fake.c) --------------------------------------------------------- */

/* Started with a seed, no listener, quietly, and these arguments (up to NULL). */
void fake_start_with(const char *const *arguments);
#define fake_start(...) fake_start_with((const char *const[]){__VA_ARGS__, NULL})
void fake_stop(void);

/* POST to /_sim/PATH (GET when format is NULL). In the text ' stands for ", so that JSON can be
 * read here. */
json_t *fake_ask(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fake_do(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One rule of the fault script. */
#define fake_fault(...) fake_do("faults", __VA_ARGS__)
/* The same with a body, in which ' stands for " as well: fake_fault_body("{'kind':'recent'}",
 * "{'items':[]}"). */
void fake_fault_body(const char *rule, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void fake_forget_faults(void);

/* A play that is listed at once. */
void fake_play(int account, int track, int64_t played_at);
/* count plays of the tracks first, first + 1 ... from a moment on, step ms apart. */
void fake_plays(int account, int count, int first, int64_t from, int64_t step);
/* The same, listed from another moment on. */
void fake_late_plays(int account, int count, int first, int64_t from, int64_t step,
                     int64_t visible_at);
int64_t fake_now(void); /* its clock */

/* Newest live refresh token; the text is good until the next call. */
const char *fake_token(int account);
const char *fake_id(int account);
int64_t fake_count(const char *kind, int account); /* requests that came; account 0: of all */
int64_t fake_shown(int account);                   /* plays that stood in a good answer */
int64_t fake_in_flight(void);
int64_t fake_hits(void);                    /* of all rules of the fault script */
int64_t fake_last_status(const char *kind); /* of the newest request of a kind; -1: none */
char *fake_last_query(const char *kind);    /* to be freed; NULL: none */

/* -- the database (harness_database.c) --------------------------------------------------------- */

/* One number or text (NULL as "") of a query, read-only. */
int64_t db_int(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *db_text(const char *format, ...)
    __attribute__((format(printf, 1, 2))); /* until the next call */
/* Writes, while no daemon runs. */
void db_do(const char *format, ...) __attribute__((format(printf, 1, 2)));
int64_t db_user(int account);
int64_t db_plays(int account);
const char *db_state(int account);
int64_t db_outcomes(const char *outcome); /* polls that ended so */
void db_assert_integrity(void);
/* Everything that it holds, but for the signs of life in runs and the derived tables, which follow
 * in a moment, as text; to be freed. */
char *db_dump(void);
/* The derived tables, as soon as nothing is stale; to be freed. */
char *db_sums(void);
/* Nothing is stale, and the sums are those of the plays. */
void db_assert_sums(void);

/* What the fake has shown and what is stored, compared; why: what is wrong. */
bool harness_truth_is_stored(int account, char *why, size_t size);
void harness_assert_truth(int account);
/* Waits until everything that is listed now has been shown, and the database has it. */
void harness_wait_for_truth(int account);

/* -- the page and the control interface (harness_web.c) ---------------------------------------- */

/* An answer; free it with page_free(). */
struct page {
    long status;
    char *body;    /* NUL-terminated */
    char *headers; /* all lines */
    size_t len;
};

void page_free(struct page *page);
bool page_has(const struct page *page, const char *text);
/* A header's value, or the value="" of the first <input name="...">; NULL: none. Until the next
 * call. */
const char *page_header(const struct page *page, const char *name);
const char *page_field(const struct page *page, const char *name);

/* A browser: it keeps cookies, sends Origin with a POST, and follows no redirect by itself. The
 * test process frees what it leaves. address is whole, or a path of the page. */
struct browser;
struct browser *browser_open(void);
void browser_close(struct browser *browser);
struct page browser_get(struct browser *browser, const char *address);
/* form: "a=b&c=d" already encoded. */
struct page browser_post(struct browser *browser, const char *address, const char *form);
/* The same with one more header line (NULL: none). */
struct page browser_send(struct browser *browser, const char *address, const char *form,
                         const char *header);

/* Sends a GET and does not wait; the answer's status, 0 for none, comes with browser_end(). address
 * is whole. */
int browser_start(struct browser *browser, const char *address);
long browser_end(int fd);

/* Opens /spotify, presses "connect" (user 0: the main button), and answers the address at Spotify
 * that it leads to; the caller frees it. */
char *browser_begin_login(struct browser *browser, int64_t user);
/* Goes to that address as an account (0: says no) and answers the callback address; the caller
 * frees it. */
char *browser_at_spotify(struct browser *browser, const char *address, int account);
/* All of it, asserting that the account is signed in. */
void browser_login(struct browser *browser, int account);

/* A connection to the page's port; what is sent and what comes back until it is closed or nothing
 * more comes for ms. */
int raw_connect(void);
/* Takes the page's port before the daemon does. */
int raw_listen(void);
size_t raw_exchange(const char *send, size_t len, char *answer, size_t size, int64_t ms);

/* What came back for bytes that were sent as they are; free it with raw_free(). */
struct raw_answer {
    long status;    /* of the first answer; 0: none */
    bool is_closed; /* the daemon ended the connection; false: it was waited for in vain */
    char *text;     /* all that came, NUL-terminated */
    size_t len;
};

/* Sends the bytes and reads until the daemon closes, or for ms. */
struct raw_answer raw_ask(const char *bytes, size_t len, int64_t ms);
/* The same on a connection, which it closes. */
struct raw_answer raw_ask_on(int fd, const char *bytes, size_t len, int64_t ms);
void raw_free(struct raw_answer *answer);
/* A copy of a text with {host} (of the page, with its port) and {port} filled in; *len, which may
 * be NULL, is the length of both. To be freed. */
char *raw_fill(const char *text, size_t *len);
int raw_connect_control(void);

/* The control interface: JSON (or NULL) back, *status (may be NULL). In body ' stands for ". */
json_t *control_ask(long *status, const char *method, const char *path, const char *body, ...)
    __attribute__((format(printf, 4, 5)));
/* POSTs bytes of a content type. */
json_t *control_send(long *status, const char *path, const char *type, const void *bytes,
                     size_t len);
/* The same as control_ask(), asserting a status. */
json_t *control_expect(long status, const char *method, const char *path, const char *body, ...)
    __attribute__((format(printf, 4, 5)));

#endif
