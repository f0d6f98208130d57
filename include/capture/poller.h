/* SPDX-License-Identifier: MIT */
/*
 * capture/poller: one user's poll from due to stored: token, request, answer, commit, next due
 * time.
 *
 * Owns: the user's policy state, the access token in use, the request under way.
 * Offers: begin a poll when the recorder lets it; everything else it does by itself.
 * Never: decides when (capture/policy does) or whether the client may ask (capture/gate does).
 *
 * The recorder and its pollers share this header; nobody else includes it.
 */
#ifndef CAPTURE_POLLER_H
#define CAPTURE_POLLER_H

#include <sys/queue.h>

#include "base/log.h"
#include "capture/commit.h"
#include "capture/counters.h"
#include "capture/gate.h"
#include "capture/policy.h"
#include "capture/recorder.h"
#include "capture/schedule.h"
#include "capture/tokens.h"
#include "store/users.h"

enum poller_stage {
    POLLER_IDLE,       /* in the schedule, or waiting for a person */
    POLLER_WAITING,    /* due, in the line for a transfer */
    POLLER_REFRESHING, /* a token request is under way, or its answer is being stored */
    POLLER_ASKING,     /* a request for history is under way */
    POLLER_STORING     /* its outcome waits to be committed */
};

struct importing;
struct leaving;
struct upkeep;

/* Numbers of client ids and of secrets. */
struct recorder_apps {
    uint32_t clients, secrets;
};

struct poller {
    struct schedule_entry entry; /* first: the schedule knows pollers by it */
    STAILQ_ENTRY(poller) line;
    struct recorder *recorder;
    int64_t user_id;
    char name[64]; /* for people: display name or id, escaped */
    struct policy policy;
    enum poller_stage stage;
    struct token_access access;
    struct token_refresh *refresh;
    struct net_request *request;
    struct policy_action action;
    int64_t started_wall, started_boot;
    int64_t failing_since; /* boot ms: when the first of policy.failures in a row began */
    bool refreshed;        /* this poll has refreshed already */
    bool repeated;         /* this poll has repeated its request on a fresh connection already */
    bool again;            /* somebody asked for a poll while one was under way */
    bool renew;            /* the next poll begins with a token request */
    bool postponed;        /* due again in a moment: a long change has to end first */
    bool polled_once;      /* a poll has come to its end since start */
    bool once_success;
    bool unchanged; /* the answer that is being stored is the last page of its kind once more */
    uint8_t digest[2][16]; /* last page by kind; see known_page */
    bool known_page[2];
    bool known_witness[2];
    int64_t known_cursor[2]; /* the cursor when that page was stored */
    bool blocked;            /* since the last success our database did not let us ask */
    bool odd_said;           /* odd items have been logged */
    struct log_episode trouble;
    char state_reason[200];
    int64_t last_success_wall;      /* STORE_NO_TIME */
    char client_id[129];            /* of the app that the sign-in belongs to, "": not known */
    bool foreign;                   /* that is not the configured one: not polled */
    int64_t authorized_at;          /* the sign-in in use; STORE_NO_TIME: not known */
    int64_t countdown;              /* last step of its end that was said */
    struct recorder_apps asked_for; /* what the recorder had when the request under way was made */
    int64_t refused_at;             /* when Spotify refused it; STORE_NO_TIME */
    int64_t retries;          /* times it is still tried again, because the refusal looks false */
    bool suspicious;          /* so it looks, or looked */
    int64_t polls;            /* ended since start */
    const char *last_outcome; /* of the newest; static, NULL: none yet */
    char last_detail[200];
    int64_t last_added;
};

STAILQ_HEAD(poller_line, poller);
LIST_HEAD(signin_list, signin);

struct recorder {
    struct event_base *base;
    struct store *store;
    struct vault *vault;
    struct net *net;
    struct commit *commit;
    struct alarm *alarm;
    struct gate gate;
    struct schedule schedule;
    struct poller_line line; /* due, waiting for a transfer, first come first served */
    struct poller **pollers;
    size_t count, cap;
    struct signin_list signins;        /* under way */
    int64_t signin_hour, signin_calls; /* requests of sign-ins in an hour (wall) */
    struct leaving *leaving;           /* a user is being removed; NULL: nobody is */
    struct importing *importing;       /* NULL: none, for some time */
    struct upkeep *upkeep;
    char *database; /* its path */
    struct policy_config policy;
    struct {
        char *client_id, *client_secret, *api_url, *accounts_url;
        int64_t poll_interval_ms, sweep_interval_ms, daily_call_budget, request_timeout_ms;
    } config;
    struct recorder_events events;
    struct counters counters;
    struct turns *turns; /* of the loop; NULL: nobody counts them */
    struct log_episode gate_trouble, budget_trouble, clock_trouble, store_trouble;
    struct recorder_apps apps; /* that were configured so far */
    int64_t prune_at;          /* boot ms */
    int64_t countdown_at;      /* boot ms: when the ends of sign-ins are looked at next */
    int64_t unstored_calls;    /* that the store did not count yet */
    int64_t stored_calls;      /* that it counted since the start */
    bool running, stopping, stopped, failed;
    bool once_told;
    bool gate_by_app;       /* it was closed for trouble of the app itself */
    bool gate_unstored;     /* a closing that the store did not take yet */
    bool suspects_unstored; /* the tries of refused sign-ins: see refused.c */
};

/* A new poller for a stored user; NULL without memory. */
struct poller *poller_new(struct recorder *recorder, const struct store_user *user, size_t index,
                          size_t count);
void poller_free(struct poller *poller);

/* Makes the poll now: the recorder has given it a transfer. */
void poller_begin(struct poller *poller);

/* Looks whether the sign-in belongs to the configured app; if not, the user is not polled until it
 * does again, or somebody signs in. */
void poller_judge_app(struct poller *poller);

/* Somebody asks for a poll now: at once, or after the one under way. */
void poller_request(struct poller *poller);

/* True if the user is polled within ms, and has no access token that is good for then. */
bool poller_needs_token(struct poller *poller, int64_t ms);

/* Polls now, with a new token. */
void poller_renew(struct poller *poller);

/* Drops a request for history; a token request goes on. */
void poller_drop_request(struct poller *poller);

/* Stops what it is doing and takes it out of line and schedule: idle, and due never until it is
 * scheduled again. A token request is dropped too. */
void poller_halt(struct poller *poller);

/* A person removed the tokens: not polled any more. */
void poller_signed_out(struct poller *poller);

/* A person signed in: what is known of older tokens and troubles is forgotten. */
void poller_signed_in(struct poller *poller, const struct store_user *user);

/* -- what pollers and sign-ins ask of the recorder (recorder.c) -------------------------------------------- */

/* The poll's transfer is over: the next in line may begin. */
void recorder_release(struct recorder *recorder);

/* A poll's outcome waits to be stored: at once, unless another poll may soon be stored with it. */
void recorder_store_soon(struct recorder *recorder);

/* The poller is idle again and due at policy.due. */
void recorder_rest(struct poller *poller);

/* Closes the gate for wait_ms, says so and stores it. by_app: for trouble of the app itself, see
 * GATE_APP_REASON. */
void recorder_close_gate(struct recorder *recorder, int64_t wait_ms, const char *reason,
                         bool by_app);

/* Brings back what is stored of the client id: a closing, and the calls of this hour. */
void recorder_restore_gate(struct recorder *recorder);

/* Stores a closing that could not be stored yet. */
void recorder_store_gate(struct recorder *recorder);

/* Counts a call to Spotify, in memory and in the store. A result but STORE_OK may be ignored: it is
 * counted in memory, and a database that takes no writes is said elsewhere. */
enum store_result recorder_count_call(struct recorder *recorder, enum store_durability durability);
/* The same for one that a commit follows, where it is stored if it can wait: a daemon that dies
 * again and again stores at least every other one, so that no more than twice the limit of an hour
 * is asked. */
void recorder_count_poll(struct recorder *recorder);
/* Those that wait are stored with every commit from now on; or at once. */
void recorder_calls_along(struct recorder *recorder);
void recorder_calls_flush(struct recorder *recorder);
/* The same for a call of a sign-in, which has a limit of its own. */
enum store_result recorder_count_signin(struct recorder *recorder,
                                        enum store_durability durability);

/* Spotify's clock (Date header, 0: none) far from ours is said once. */
void recorder_compare_clocks(struct recorder *recorder, int64_t date_wall_ms);

/* What a refresh works with now. */
struct token_tools recorder_token_tools(struct recorder *recorder);

/* True while polls may be made: it runs, does not stop, and a client id is configured. */
bool recorder_may_poll(const struct recorder *recorder);

/* Sets the alarm to the next thing to do: an opening gate, or the user due first. */
void recorder_set_alarm(struct recorder *recorder);

/* Due times may have moved: idle users are put at them anew. */
void recorder_reschedule(struct recorder *recorder);

/* What follows from the configuration and the number of users. */
void recorder_apply_limits(struct recorder *recorder);

/* -- its users (people.c) ----------------------------------------------------------------------- */

/* Makes a poller of each stored user. pollers are in order of user_id. */
enum store_result recorder_load(struct recorder *recorder);

/* The poller of a user; NULL: none. */
struct poller *recorder_poller(const struct recorder *recorder, int64_t user_id);

/* Takes one out, and frees it. */
void recorder_remove_poller(struct recorder *recorder, struct poller *poller);

/* Ends a removal that is under way: nothing has changed. */
void recorder_give_up_leaving(struct recorder *recorder);

/* A sign-in is stored: its user is polled from now on. False without memory (they are at the next
 * start). */
bool recorder_take_up(struct recorder *recorder, const struct store_user *user);

/* A sign-in ended: a stop may have waited for it. */
void recorder_signin_ended(struct recorder *recorder);

/* True while a token request of this user is under way, or its answer is being stored. */
bool recorder_is_refreshing(const struct recorder *recorder, int64_t user_id);

/* How many answers with tokens are awaited, or being stored: of refreshes and of sign-ins. */
size_t recorder_tokens_awaited(const struct recorder *recorder);

/* -- refusals that look false (refused.c) ------------------------------------------------------- */

/* Spotify refused this user's sign-in (code: of spotify/errors): decides whether it is tried again,
 * and when. True if refused_at and retries changed: they are to be stored with the poll's outcome.
 */
bool recorder_on_refused(struct poller *poller, const char *code);

/* After such an outcome was stored: stores what was decided about others too. As good as it goes: a
 * note that is lost costs the tries after a restart, no more. */
void recorder_store_suspects(struct recorder *recorder);

/* A user whose sign-in was refused before: takes up the tries that are owed. */
void recorder_restore_refused(struct poller *poller);

/* -- sign-ins that end soon (reminders.c) ------------------------------------------------------- */

/* Says once a step which sign-ins end soon. */
void recorder_count_down(struct recorder *recorder, int64_t boot_now);

#endif
