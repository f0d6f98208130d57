/* SPDX-License-Identifier: MIT */
/*
 * ctl/check: what the command check finds. The judging is pure: plain values in, a verdict out;
 * the table of checks and what they look at are in src/ctl/check.c and check_*.c.
 *
 * Never: changes anything, holds a secret longer than it takes to see that it can be unsealed.
 */
#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "daemon/config.h"
#include "store/store.h"
#include "store/users.h"

#define CHECK_TEXT_SIZE 640 /* bytes of a sentence, NUL included; longer ones are cut */

enum check_state { CHECK_OK, CHECK_UNCHECKED, CHECK_WARNING, CHECK_FAILURE };

struct check_verdict {
    enum check_state state;
    char text[CHECK_TEXT_SIZE]; /* what was found */
    char todo[CHECK_TEXT_SIZE]; /* what to do; "": nothing */
};

void check_say(struct check_verdict *verdict, enum check_state state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_advise(struct check_verdict *verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "ok", "not checked", "warning", "failure"; static. */
const char *check_state_name(enum check_state state);

/* -- verdicts (check_judge.c, pure) ------------------------------------------------------------ */

/* A file as it is, and as it should be. */
struct check_file {
    const char *what, *path;
    mode_t type;  /* S_IFREG, S_IFDIR, S_IFSOCK */
    mode_t most;  /* rights it may have */
    mode_t least; /* rights that its owner needs */
    mode_t grave; /* rights beyond most that are a failure, not a warning */
    bool of_root; /* it may be root's instead */
    mode_t mode;
    uid_t uid, owner; /* whose it is; whose it should be, (uid_t)-1: nobody knows */
};
void check_judge_file(const struct check_file *file, struct check_verdict *verdict);

struct check_disk {
    int64_t free_bytes, database_bytes;
    int64_t inodes, free_inodes; /* inodes 0: the file system does not count them */
    bool read_only;
};
void check_judge_disk(const struct check_disk *disk, struct check_verdict *verdict);

/* The wall clock, and (0: nobody told) Spotify's at the same moment. */
void check_judge_clock(int64_t now, int64_t theirs, struct check_verdict *verdict);

struct check_sign_in {
    const char *name, *reason;
    enum store_user_state state;
    bool signed_out;     /* on purpose */
    int32_t days_left;   /* COUNTDOWN_UNKNOWN */
    int64_t silent_ms;   /* since the last success, or the daemon's start if that was later; 0: no
                            daemon runs */
    int64_t patience_ms; /* silence that is no trouble */
};
void check_judge_sign_in(const struct check_sign_in *sign_in, struct check_verdict *verdict);

struct check_gate {
    int64_t opens_at, now; /* STORE_NO_TIME: open */
    bool app_trouble;
    const char *reason;
};
void check_judge_gate(const struct check_gate *gate, struct check_verdict *verdict);

/* The daemon's answer to GET /v1/status, and how long it took. */
void check_judge_daemon(const struct client_answer *answer, int64_t took_ms,
                        const struct config *config, struct check_verdict *verdict);

/* Values that are valid and yet not what anybody wants; users: how many share the budget. */
void check_judge_config(const struct config *config, size_t users, struct check_verdict *verdict);

/* False if a browser that Spotify sends to this address of this machine would not find the page. */
bool check_leads_to_page(const char *redirect_uri, const char *listen);

/* -- the list of what was found (check_report.c) ----------------------------------------------- */

struct check_finding {
    const char *check; /* name of the check, static */
    struct check_verdict verdict;
};

/* Zero-initialised: empty. */
struct check_list {
    struct check_finding *items;
    size_t count;
    bool failed; /* no memory for one */
};

void check_list_add(struct check_list *list, const char *check,
                    const struct check_verdict *verdict);
void check_list_free(struct check_list *list);

/* 0: all ok or not checked, 1: warnings, 2: failures. */
int check_exit_status(const struct check_list *list);

/* A table of three columns; what is to be done stands below its row. */
void check_print(const struct check_list *list, struct buf *out);

/* {"result", "exit_status", "checks": [{"check", "result", "text", "todo"}]}; a new reference. */
json_t *check_json(const struct check_list *list);

/* -- what the checks share (check.c) ----------------------------------------------------------- */

struct check_tour {
    const struct config *config;
    bool offline;
    int64_t now;       /* wall ms */
    const char *check; /* name of the one that runs */
    struct check_list *list;
    uid_t owner;         /* the database's, (uid_t)-1: not known */
    bool is_new;         /* there is no database yet */
    struct store *store; /* NULL: store_why says why not */
    enum check_state store_state;
    char store_why[CHECK_TEXT_SIZE];
    struct client_answer daemon;
    int64_t daemon_ms;  /* how long its answer took */
    int64_t their_time; /* Spotify's clock less ours + now, 0: not known */
};

/* Adds a verdict under the name of the check that runs. */
void check_found(struct check_tour *tour, const struct check_verdict *verdict);

/* Adds "not checked" with why. */
void check_skip(struct check_tour *tour, const char *why);

/* True with the store; else says "not checked" and is false. */
bool check_has_store(struct check_tour *tour);

/* The checks, each a row of the table in check.c. */
void check_config(struct check_tour *tour);
void check_permissions(struct check_tour *tour);
void check_key(struct check_tour *tour);
void check_database(struct check_tour *tour);
void check_references(struct check_tour *tour);
void check_rules(struct check_tour *tour);
void check_disk(struct check_tour *tour);
void check_daemon(struct check_tour *tour);
void check_sign_ins(struct check_tour *tour);
void check_gate(struct check_tour *tour);
void check_network(struct check_tour *tour);
void check_clock(struct check_tour *tour);

#endif
