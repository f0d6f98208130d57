/* SPDX-License-Identifier: MIT */
/*
 * The HTTP server around the world: what its files share. Everything hangs on one struct sim, there
 * is no global state, one thread does it all. Accounts are numbered from 0 in here and from 1
 * outside. Functions that return int return 0, or -1 when memory ran out unless they say otherwise.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

#define SIM_NO_ACCOUNT SIZE_MAX
#define SIM_SCOPE "user-read-recently-played"
#define SIM_API_HOST "https://api.spotify.com" /* what the links in answers name */
#define SIM_LOG_KEPT 1000
#define SIM_REDIRECTS_MAX 16

/* ---- clock.c ---- */

struct sim_clock {
    int64_t base_virtual; /* virtual ms at base_real */
    int64_t base_real;    /* monotonic ms */
    double speed;
};

int64_t sim_clock_real(void); /* monotonic ms */
int64_t sim_clock_now(const struct sim_clock *clock);
void sim_clock_set(struct sim_clock *clock, int64_t now);
void sim_clock_speed(struct sim_clock *clock, double speed);

/* "2026-03-01T12:00:00[.mmm]Z" to ms; false when it is not that. */
bool sim_time_parse(const char *text, int64_t *ms);

/* ms to the form that Spotify uses: no fraction when the ms are 000. Returns the length. */
#define SIM_TIME_MAX 40
size_t sim_time_print(char out[SIM_TIME_MAX], int64_t ms);

/* Six calendar months later. */
int64_t sim_time_half_year(int64_t ms);

/* ---- options (main.c) ---- */

enum sim_answer {
    SIM_ANSWER_NEW,
    SIM_ANSWER_ABSENT,
    SIM_ANSWER_NULL,
    SIM_ANSWER_EMPTY,
    SIM_ANSWERS
};

struct sim_options {
    uint16_t port;
    uint64_t seed;
    uint32_t accounts;
    double pace_s;
    bool listener;
    uint32_t backlog;
    int64_t start; /* -1: now */
    double speed;
    const char *client_id;
    const char *client_secret; /* NULL: none */
    const char *redirects[SIM_REDIRECTS_MAX];
    size_t redirect_count;
    enum sim_answer answer;
    bool measured;
    const char *faults_file, *token_file; /* NULL: none */
    bool die_with_parent, quiet, gzip;
};

/* ---- accounts.c ---- */

enum sim_kind {
    SIM_AUTHORIZE,
    SIM_TOKEN,
    SIM_ME,
    SIM_RECENT,
    SIM_OTHER,
    SIM_KINDS,
    SIM_ADMIN = SIM_KINDS
};
enum sim_scope_answer { SIM_SCOPE_NORMAL, SIM_SCOPE_ABSENT, SIM_SCOPE_EMPTY, SIM_SCOPE_ANSWERS };

enum sim_token_type { SIM_ACCESS, SIM_REFRESH, SIM_CODE, SIM_TOKEN_TYPES };

struct sim_token;

/* The newest tokens of one kind of one account, oldest first. */
struct sim_token_list {
    struct sim_token **list;
    size_t count, room;
};

struct sim_account {
    size_t number; /* as in the world */
    char *id;
    char *display_name; /* NULL: null */
    char *account_id;   /* NULL: absent */
    bool old_shape;
    bool registered;
    int forbidden; /* 1 ... 3: wording of the 403 */
    enum sim_answer answer;
    bool kill_old, kill_family;
    int64_t expires_in_s;
    enum sim_scope_answer scope_answer;
    bool limit_from_cursor;
    struct sim_token_list tokens[SIM_TOKEN_TYPES];
    uint64_t requests[SIM_KINDS];
    unsigned tokens_in_flight, max_tokens_in_flight;
};

struct sim_account_spec {
    const char *id, *display_name, *account_id; /* NULL: invented */
    bool display_name_null, account_id_absent;
    bool old_shape, unregistered;
    struct world_account_options options;
};

struct sim;

/* Options for one more account as the command line wants them; begins now. */
struct sim_account_spec sim_account_spec_default(const struct sim *sim);

/* Adds an account to the world and here. NULL when memory ran out. Owned by the sim. */
struct sim_account *sim_account_add(struct sim *sim, const struct sim_account_spec *spec);
void sim_accounts_free(struct sim *sim);

/* Lets the account's world move to the present. */
int sim_account_advance(struct sim *sim, struct sim_account *account);

/* ---- tokens.c ---- */

enum sim_token_state { SIM_LIVE, SIM_REVOKED, SIM_USED };

struct sim_token {
    struct sim_token *next; /* in its hash bucket */
    char *text;
    enum sim_token_type type;
    enum sim_token_state state;
    size_t account;
    uint64_t family; /* number of the authorisation it comes from */
    int64_t authorized_at;
    int64_t ends_at;
    bool pkce;
    char *scope;
    char *challenge, *redirect_uri; /* of codes; NULL else */
};

struct sim_tokens {
    struct sim_token **buckets;
    size_t bucket_count, count;
    uint64_t made, families;
};

/* A token of this type. `like` gives family, authorised_at, scope and pkce; with NULL it is an
 * authorisation of its own. */
struct sim_token *sim_token_make(struct sim *sim, struct sim_account *account,
                                 enum sim_token_type type, const struct sim_token *like,
                                 const char *scope);
struct sim_token *sim_token_find(const struct sim *sim, enum sim_token_type type, const char *text);
/* The newest refresh token that still works, or NULL. */
struct sim_token *sim_token_newest(const struct sim *sim, const struct sim_account *account);
void sim_token_revoke_family(struct sim_account *account, uint64_t family);
bool sim_token_has_scope(const struct sim_token *token, const char *scope);
void sim_tokens_free(struct sim *sim);

/* ---- faults.c, fault_bodies.c ---- */

enum sim_body {
    SIM_BODY_NONE,
    SIM_BODY_TEXT,
    SIM_BODY_PLAIN,
    SIM_BODY_HTML,
    SIM_BODY_EMPTY,
    SIM_BODY_JSON_ERROR,
    SIM_BODY_TRUNCATED,
    SIM_BODY_BIG,
    SIM_BODY_BAD_UTF8,
    SIM_BODY_WRONG_TYPES,
    SIM_BODY_DEEP,
    SIM_BODY_GZIP_BOMB,
    SIM_BODY_NOT_JSON,
    SIM_BODY_HALF_JSON,
    SIM_BODIES
};

struct sim_header {
    char *name, *value;
};

struct sim_fault {
    struct sim_fault *next;
    unsigned users; /* requests that still need it, and the list */
    unsigned number;
    int kind;       /* enum sim_kind, or -1: any */
    size_t account; /* SIM_NO_ACCOUNT: any */
    uint64_t from, every, count;
    double chance;
    int status; /* 0: untouched */
    struct sim_header *headers;
    size_t header_count;
    enum sim_body body;
    char *text; /* of SIM_BODY_TEXT */
    char *type; /* Content-Type; NULL: guessed */
    int64_t delay_ms;
    bool hang, reset, close, after;
    uint64_t seen, hits;
};

struct sim_faults {
    struct sim_fault *list;
    unsigned made;
    uint64_t random;
};

/* Adds the rules of an array or object. On a mistake nothing is added and `error` says why (-1). */
int sim_faults_add(struct sim *sim, const json_t *rules, json_t *added, char *error, size_t size);
void sim_faults_clear(struct sim *sim, unsigned number); /* 0: all */
json_t *sim_faults_describe(const struct sim *sim);
/* The rule that hits this request, held for the caller, or NULL. */
struct sim_fault *sim_faults_match(struct sim *sim, enum sim_kind kind, size_t account);
void sim_fault_release(struct sim_fault *fault);
/* Whether the true answer is not what the client gets. */
bool sim_fault_replaces(const struct sim_fault *fault);

struct sim_request;
/* Puts the rule's status, headers and body in the place of the answer. */
int sim_fault_apply(struct sim_request *r, const struct sim_fault *fault);

/* ---- requests.c: the log ---- */

struct sim_log_line {
    uint64_t number; /* from 1; 0: empty */
    int64_t at, real_ms;
    enum sim_kind kind;
    size_t account;
    char method[8];
    char query[300];
    int status;
    unsigned fault;
    int items;
};

struct sim_log {
    struct sim_log_line *lines; /* SIM_LOG_KEPT, a ring */
    uint64_t made;
    uint64_t counts[SIM_KINDS];
    unsigned in_flight, max_in_flight;
};

const char *sim_kind_name(enum sim_kind kind);
void sim_log_begin(struct sim *sim, struct sim_request *r);
void sim_log_end(struct sim *sim, struct sim_request *r);
void sim_log_clear(struct sim *sim);
json_t *sim_log_describe(const struct sim *sim, uint64_t last);

/* ---- items.c: the JSON of tracks, kept ---- */

struct sim_item {
    uint64_t key;
    uint64_t variant;
    char *text;
    size_t length;
};

struct sim_items {
    struct sim_item *slots;
    size_t slot_count, count;
};

/* The JSON text of a play's track. Good until the next call. NULL when memory ran out. */
const char *sim_item_track(struct sim *sim, const struct world_play *play, size_t *length);
void sim_items_free(struct sim *sim);

/* ---- server.c ---- */

struct sim {
    struct sim_options options;
    struct event_base *base;
    struct evhttp *http;
    struct event *on_int, *on_term;
    struct sim_clock clock;
    int64_t started_real;
    struct world *world;
    struct sim_account **accounts;
    size_t account_count, account_room;
    struct sim_tokens tokens;
    struct sim_faults faults;
    struct sim_log log;
    struct sim_items items;
    bool old_fields;              /* an app from before 2026 */
    struct sim_request *requests; /* all that are not answered completely */
};

/* One request from its arrival to the last byte of its answer. */
struct sim_request {
    struct sim_request *previous, *next;
    struct sim *sim;
    struct evhttp_request *http;
    enum sim_kind kind;
    bool head;        /* HEAD: no body goes out */
    const char *path; /* decoded; owned by the request */
    char *path_text;
    struct evkeyvalq query; /* of the address */
    struct evkeyvalq form;  /* of the body of a token request */
    size_t account;
    uint64_t log_number;
    struct sim_fault *fault;
    struct event *timer, *closed;
    bool sent;
    /* the answer */
    int status;
    struct evbuffer *body;
    bool spoiled;    /* a fault took the place of the true answer */
    size_t declared; /* Content-Length to claim; 0: the true one */
    struct world_play *shown[WORLD_LIST_MAX];
    size_t shown_count;
};

int sim_server_start(struct sim *sim, uint16_t *port);
void sim_server_stop(struct sim *sim);

/* Makes the answer: status, body (borrowed or stolen), type. */
void sim_answer_text(struct sim_request *r, int status, const char *type, const char *text);
void sim_answer_json(struct sim_request *r, int status, json_t *json); /* takes the reference */
void sim_answer_error(struct sim_request *r, int status, const char *message); /* Spotify's form */
void sim_answer_header(struct sim_request *r, const char *name, const char *value);
const char *sim_query(const struct sim_request *r, const char *key); /* NULL: not there */
const char *sim_form(const struct sim_request *r, const char *key);
const char *sim_request_header(const struct sim_request *r, const char *name);
const char *sim_status_phrase(int status);

/* The key order of an object, and of those in it, changed by `salt`. Takes the reference, gives one
 * back. */
json_t *sim_json_shuffle(json_t *json, uint64_t salt);

/* ---- the rooms that answer ---- */

void sim_authorize_handle(struct sim_request *r); /* oauth.c */
void sim_authorize_identify(struct sim_request *r);
void sim_token_handle(struct sim_request *r); /* token.c */
void sim_token_identify(struct sim_request *r);
/* Checks the bearer token. NULL: the answer is made. Else the account, moved to the present. */
struct sim_account *sim_bearer_check(struct sim_request *r, const char *scope); /* profile.c */
void sim_bearer_identify(struct sim_request *r);
void sim_me_handle(struct sim_request *r);     /* profile.c */
void sim_recent_handle(struct sim_request *r); /* history.c */
void sim_admin_handle(struct sim_request *r);  /* admin.c */

#endif
