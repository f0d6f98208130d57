/* SPDX-License-Identifier: MIT */
/* store/users: the people whose plays are recorded, and their sealed tokens. */
#ifndef STORE_USERS_H
#define STORE_USERS_H

#include "base/clock.h"
#include "store/store.h"

#define STORE_NO_TIME CLOCK_NO_TIME /* a time column that is NULL */

enum store_user_state { STORE_USER_ACTIVE, STORE_USER_NEEDS_LOGIN, STORE_USER_PAUSED };

struct store_user {
    int64_t user_id; /* 0: not stored yet */
    char spotify_id[256];
    char account_id[256];   /* "" = NULL */
    char display_name[512]; /* "" = NULL */
    enum store_user_state state;
    char state_reason[200]; /* "" = NULL */
    int64_t state_since;    /* ms; when the state was entered */
    int64_t added_at;
    int64_t authorized_at;   /* STORE_NO_TIME if not known */
    int64_t last_success_at; /* STORE_NO_TIME */
    int64_t first_sweep_at; /* the first successful sweep; STORE_NO_TIME: none yet, so no gap can be
                               seen */
    int64_t anchor_played_at; /* newest play up to which the record is joined to what came before;
                                 STORE_NO_TIME */
    int64_t refused_at;       /* when Spotify refused the sign-in (invalid_grant); STORE_NO_TIME */
    int64_t retries;     /* times it is still to be tried again, because the refusal looks false */
    char client_id[129]; /* of the app that the sign-in belongs to; "" = NULL: not told */
    int64_t countdown;   /* last step of the countdown that was said: 30, 7 or 1 (days); 0: none */
};

/* All users in order of user_id into a malloc'ed array (*users, *count); the caller frees it. */
enum store_result store_users_load(struct store *store, struct store_user **users, size_t *count);

/* One by id; by account_id when given, else by spotify_id (also for a given account_id, if the row
 * of that spotify_id has none yet). STORE_NOT_FOUND. */
enum store_result store_user_get(struct store *store, int64_t user_id, struct store_user *user);
enum store_result store_user_find(struct store *store, const char *spotify_id,
                                  const char *account_id, struct store_user *user);

/* Adds one (sets user->user_id; STORE_EXISTS: spotify_id or account_id is taken), or writes names,
 * state and times of one that exists (by user_id). */
enum store_result store_user_add(struct store *store, struct store_user *user);
enum store_result store_user_update(struct store *store, const struct store_user *user);

/* Enters a state. reason "" = NULL. */
enum store_result store_user_set_state(struct store *store, int64_t user_id,
                                       enum store_user_state state, const char *reason,
                                       int64_t now);

/* Notes the outcome of a page: last_success_at, and the marks that move with its rows.
 * STORE_NO_TIME leaves what is there. */
enum store_result store_user_set_progress(struct store *store, int64_t user_id,
                                          int64_t last_success_at, int64_t first_sweep_at,
                                          int64_t anchor_played_at);

/* Notes a refusal of the sign-in, and how often it is still to be tried again; STORE_NO_TIME: none.
 */
enum store_result store_user_set_refused(struct store *store, int64_t user_id, int64_t refused_at,
                                         int64_t retries);

/* Notes the step of the countdown that was said. */
enum store_result store_user_set_countdown(struct store *store, int64_t user_id, int64_t days);

/* Plays of a user from a moment on (reported, ms), without deleted ones. */
enum store_result store_user_plays_since(struct store *store, int64_t user_id, int64_t since,
                                         int64_t *plays);

/* What is kept of a user, or was removed with them: rows. tracks, albums, artists: those that no
 * other user's plays need. */
struct store_holdings {
    int64_t plays, deleted_plays, gaps, polls, imports, rejects;
    int64_t tracks, albums, artists;
};

/* Counts it: exactly what store_forget_step() would remove now. Reads all the user's rows: not for
 * the loop. STORE_NOT_FOUND. */
enum store_result store_user_holdings(struct store *store, int64_t user_id,
                                      struct store_holdings *holdings);

/* Removes the user, their tokens, plays, ledger, imports, and the catalogue rows that nobody needs
 * any more, in small steps, because years of plays are more than one turn of the loop has time for.
 * All steps are one transaction of its own (store_long_begin()). Follow its end with
 * store_checkpoint(), so that nothing of a token stays in the WAL. STORE_NOT_FOUND: nothing was
 * begun. */
struct store_forget {
    struct store *store;
    int64_t user_id;
    size_t stage;
    int64_t next, last; /* of a table that is gone through by its numbers; next 0: not begun */
    struct store_holdings removed; /* so far */
};
enum store_result store_forget_begin(struct store_forget *forget, struct store *store,
                                     int64_t user_id);

/* One step of about so many rows. *done: all is removed and committed. On a failure everything is
 * as it was. */
enum store_result store_forget_step(struct store_forget *forget, int64_t rows, bool *done);

/* Gives it up: everything is as it was. */
void store_forget_drop(struct store_forget *forget);

/* Inside a transaction: removes the tokens only and enters needs_login with a reason.
 * STORE_NOT_FOUND. */
enum store_result store_user_sign_out(struct store *store, int64_t user_id, const char *reason,
                                      int64_t now);

/* "active", "needs_login", "paused" */
const char *store_user_state_name(enum store_user_state state);

/* -- tokens ---------------------------------------------------------------------------------- */

enum store_token_type { STORE_TOKEN_ACCESS, STORE_TOKEN_REFRESH };

struct store_token {
    void *sealed; /* malloc'ed by store_token_get(); free() it */
    size_t sealed_len;
    char scope[1024];   /* "" = NULL */
    int64_t expires_at; /* ms wall; STORE_NO_TIME */
    int64_t updated_at;
};

const char *store_token_type_name(enum store_token_type type); /* "access", "refresh" */

enum store_result store_token_get(struct store *store, int64_t user_id, enum store_token_type type,
                                  struct store_token *token);
enum store_result store_token_put(struct store *store, int64_t user_id, enum store_token_type type,
                                  const struct store_token *token);

/* True in *any if there is a row in tokens (a key must exist then). */
enum store_result store_tokens_exist(struct store *store, bool *any);

/* A refresh that is under way, so that one cut off by a crash is known (table refreshes, one row a
 * user). */
struct store_refresh {
    int64_t started_at;
    int64_t finished_at; /* STORE_NO_TIME: under way, or cut off */
    char outcome[64];    /* "" = NULL; "ok" or a short word */
};
enum store_result store_refresh_begin(struct store *store, int64_t user_id, int64_t now);
enum store_result store_refresh_end(struct store *store, int64_t user_id, int64_t now,
                                    const char *outcome);
enum store_result store_refresh_get(struct store *store, int64_t user_id,
                                    struct store_refresh *refresh);

#endif
