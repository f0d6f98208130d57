/* SPDX-License-Identifier: MIT */
/*
 * ctl/health: what the command check finds. The judging is pure: plain values in, a verdict out;
 * the table of checks and what they look at are in src/ctl/check.c and health_*.c.
 *
 * Never: changes anything, holds a secret longer than it takes to see that it can be unsealed.
 */
#ifndef CTL_HEALTH_H
#define CTL_HEALTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "daemon/config.h"
#include "store/store.h"
#include "store/users.h"

#define HEALTH_TEXT_SIZE 640 /* bytes of a sentence, NUL included; longer ones are cut */

enum health_state { HEALTH_OK, HEALTH_UNCHECKED, HEALTH_WARNING, HEALTH_FAILURE };

struct health_verdict {
    enum health_state state;
    char text[HEALTH_TEXT_SIZE]; /* what was found */
    char todo[HEALTH_TEXT_SIZE]; /* what to do; "": nothing */
};

void health_say(struct health_verdict *verdict, enum health_state state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void health_advise(struct health_verdict *verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "ok", "not checked", "warning", "failure"; static. */
const char *health_state_name(enum health_state state);

/* -- verdicts (health_judge.c, pure) ------------------------------------------------------------ */

/* A file as it is, and as it should be. */
struct health_file {
    const char *what, *path;
    mode_t type;  /* S_IFREG, S_IFDIR, S_IFSOCK */
    mode_t most;  /* rights it may have */
    mode_t least; /* rights that its owner needs */
    mode_t grave; /* rights beyond most that are a failure, not a warning */
    bool of_root; /* it may be root's instead */
    mode_t mode;
    uid_t uid, owner; /* whose it is; whose it should be, (uid_t)-1: nobody knows */
};
void health_judge_file(const struct health_file *file, struct health_verdict *verdict);

struct health_disk {
    int64_t free_bytes, database_bytes;
    int64_t inodes, free_inodes; /* inodes 0: the file system does not count them */
    bool read_only;
};
void health_judge_disk(const struct health_disk *disk, struct health_verdict *verdict);

/* The wall clock, and (0: nobody told) Spotify's at the same moment. */
void health_judge_clock(int64_t now, int64_t theirs, struct health_verdict *verdict);

struct health_sign_in {
    const char *name, *reason;
    enum store_user_state state;
    bool signed_out;     /* on purpose */
    int32_t days_left;   /* COUNTDOWN_UNKNOWN */
    int64_t silent_ms;   /* since the last success, or the daemon's start if that was later; 0: no
                            daemon runs */
    int64_t patience_ms; /* silence that is no trouble */
};
void health_judge_sign_in(const struct health_sign_in *sign_in, struct health_verdict *verdict);

/* What the running daemon says of a user (its status; borrowed texts) goes before what is stored:
 * some trouble it only knows, such as a sign-in that belongs to another app. */
void health_believe_daemon(const json_t *status, int64_t user_id, struct health_sign_in *sign_in);

struct health_gate {
    int64_t opens_at, now; /* STORE_NO_TIME: open */
    bool app_trouble;
    const char *reason;
};
void health_judge_gate(const struct health_gate *gate, struct health_verdict *verdict);

/* The daemon's answer to GET /v1/status, and how long it took. */
void health_judge_daemon(const struct client_answer *answer, int64_t took_ms,
                         const struct config *config, struct health_verdict *verdict);

/* Values that are valid and yet not what anybody wants; users: how many share the budget. */
void health_judge_config(const struct config *config, size_t users, struct health_verdict *verdict);

/* False if a browser that Spotify sends to this address of this machine would not find the page. */
bool health_leads_to_page(const char *redirect_uri, const char *listen);

/* -- the list of what was found (health_report.c) ----------------------------------------------- */

struct health_finding {
    const char *check; /* name of the check, static */
    struct health_verdict verdict;
};

/* Zero-initialised: empty. */
struct health_list {
    struct health_finding *items;
    size_t count;
    bool failed; /* no memory for one */
};

void health_list_add(struct health_list *list, const char *check,
                     const struct health_verdict *verdict);
void health_list_free(struct health_list *list);

/* 0: all ok or not checked, 1: warnings, 2: failures. */
int health_exit_status(const struct health_list *list);

/* A table of three columns; what is to be done stands below its row. */
void health_print(const struct health_list *list, struct print_look look, struct buf *out);

/* {"result", "exit_status", "checks": [{"check", "result", "text", "todo"}]}; a new reference. */
json_t *health_json(const struct health_list *list);

/* -- what the checks share (check.c) ----------------------------------------------------------- */

struct health_tour {
    const struct config *config;
    bool offline;
    int64_t now;       /* wall ms */
    const char *check; /* name of the one that runs */
    struct health_list *list;
    uid_t owner;     /* the database's, (uid_t)-1: not known */
    bool is_new;     /* there is no database yet */
    bool was_opened; /* it was tried: see health_store() */
    struct store *store;
    enum health_state store_state;
    char store_why[HEALTH_TEXT_SIZE];
    struct client_answer daemon;
    int64_t daemon_ms;  /* how long its answer took */
    int64_t their_time; /* Spotify's clock less ours + now, 0: not known */
};

/* Adds a verdict under the name of the check that runs. */
void health_found(struct health_tour *tour, const struct health_verdict *verdict);

/* Adds "not checked" with why. */
void health_skip(struct health_tour *tour, const char *why);

/* The database, opened for reading when it is first asked for; NULL: store_state and store_why say
 * why not. */
struct store *health_store(struct health_tour *tour);

/* True with the store; else says "not checked" and is false. */
bool health_has_store(struct health_tour *tour);

/* The checks, each a row of the table in check.c. */
void health_config(struct health_tour *tour);
void health_permissions(struct health_tour *tour);
void health_key(struct health_tour *tour);
void health_database(struct health_tour *tour);
void health_references(struct health_tour *tour);
void health_rules(struct health_tour *tour);
void health_totals(struct health_tour *tour);
void health_disk(struct health_tour *tour);
void health_daemon(struct health_tour *tour);
void health_sign_ins(struct health_tour *tour);
void health_gate(struct health_tour *tour);
void health_network(struct health_tour *tour);
void health_clock(struct health_tour *tour);

#endif
