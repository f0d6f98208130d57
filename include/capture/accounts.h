/* SPDX-License-Identifier: MIT */
/*
 * capture/accounts: how the recorder and each of its users stand, as plain values for the page, the
 * command and the metrics; read from the store, and from the recorder while it runs.
 */
#ifndef CAPTURE_ACCOUNTS_H
#define CAPTURE_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/countdown.h"
#include "store/users.h"

struct recorder;

/* One user. Times are wall ms, STORE_NO_TIME where there is none. */
struct account {
    struct store_user user;
    int64_t ends_at;     /* end of the sign-in */
    int32_t days_left;   /* COUNTDOWN_UNKNOWN */
    int64_t plays_today; /* since midnight, local time of the process */
    bool signed_out;     /* a person removed the tokens on purpose */
    bool must_act;       /* a person must sign in: now, or before days_left are over */
    char todo[500];      /* must_act: what and why, one sentence; else "" */
    /* of the recorder; zero without one */
    bool live;
    int64_t next_poll_at;
    int64_t retry_at;  /* needs_login: when the refused sign-in is tried once more */
    bool suspicious;   /* refused for everybody at once: it looks like Spotify's fault */
    const char *doing; /* static: "idle", "waiting for its turn", "asking", "storing" */
    bool under_way;    /* a poll is */
    unsigned failures; /* in a row */
    int64_t polls;     /* ended since start */
    char
        last_outcome[32]; /* of the newest poll since start, "" = none: ok, unchanged, empty, ... */
    char last_detail[200];
    int64_t last_added;
};

/* All users in order of user_id into a malloc'ed array, as the database alone tells it. client_id:
 * of the configured app, "": none. */
enum store_result accounts_load(struct store *store, const char *client_id,
                                struct account **accounts, size_t *count);

/* The same with what the recorder knows; one user (STORE_NOT_FOUND). */
enum store_result recorder_accounts(const struct recorder *recorder, struct account **accounts,
                                    size_t *count);
enum store_result recorder_account(const struct recorder *recorder, int64_t user_id,
                                   struct account *account);

/* True if a sign-in, made with the app of a client id, belongs to another than the configured one;
 * "" on either side is not known. */
bool account_is_foreign(const char *client_id, const char *configured);

/* The recorder as a whole. */
struct recorder_status {
    bool has_client;  /* a client id is configured */
    int64_t opens_at; /* Spotify asked to wait until then (wall ms); STORE_NO_TIME: it did not */
    char gate_reason[200];
    bool app_trouble; /* it is closed for trouble of the app itself: a person must act */
    int64_t calls_hour, calls_day; /* requests in this hour; in the last 24 hours */
    int64_t budget;                /* a day; 0: none */
    size_t in_flight;
    bool database_held; /* the database takes no writes for now */
};
void recorder_status(const struct recorder *recorder, struct recorder_status *status);

/* Polls one user now (as recorder_poll_now() does all). False if they cannot be polled: no such
 * user, or they need to sign in. */
bool recorder_poll_user(struct recorder *recorder, int64_t user_id);

/* How it ended; removed is for STORE_OK. */
typedef void recorder_forget_function(enum store_result result,
                                      const struct store_holdings *removed, void *context);

/* Removes a user with tokens, plays, ledger, and what of the catalogue only they needed: a token
 * request under way is awaited and stored (the removal may still be given up), other requests are
 * dropped, all goes in one transaction, in steps between which the loop goes on and
 * others are polled; what their polls bring is stored behind it. done is called once, from the
 * loop; nothing has changed unless it says STORE_OK. Returns STORE_OK when that began;
 * STORE_NOT_FOUND; STORE_BUSY: another is being removed, an import is at work, or the database
 * takes no writes. */
enum store_result recorder_forget(struct recorder *recorder, int64_t user_id,
                                  recorder_forget_function *done, void *context);

/* done is not called any more; the removal goes on. */
void recorder_forget_detach(struct recorder *recorder, const void *context);

/* Removes a user's tokens only: they stay, signed out. STORE_NOT_FOUND. */
enum store_result recorder_sign_out(struct recorder *recorder, int64_t user_id);

/* Marks a play as deleted, or takes the mark away: it is out of every list and sum, and stays out,
 * since neither a poll nor an import stores it again. STORE_NOT_FOUND: no such play, or it is so
 * already. STORE_BUSY: a long change is at work, or the database takes no writes. */
enum store_result recorder_play_delete(struct recorder *recorder, int64_t user_id, int64_t key);
enum store_result recorder_play_restore(struct recorder *recorder, int64_t user_id, int64_t key);

/* The reason shown of a user whose sign-in belongs to another app than the configured one; nothing
 * is stored of that. */
#define ACCOUNT_OTHER_APP \
    "other_app: the sign-in belongs to another client id than the configured one"

/* What a user_id signed out with keep_plays has as reason. */
#define ACCOUNT_SIGNED_OUT "signed_out: removed by a person; what is recorded stays"

#endif
