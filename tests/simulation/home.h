/* SPDX-License-Identifier: MIT */
/*
 * One household for a year: its listeners, Spotify, everything that goes wrong in between, and a
 * daemon that consists of the real capture/policy, capture/reconcile and capture/gate, and of the
 * least that must stand around them (home_life.c, home_poll.c follow capture/recorder and
 * capture/poller in what they do, in virtual time and over a book in place of the database).
 *
 * All times are true ms since 1970 unless they say boot (the machine's) or wall (its clock, which
 * may be wrong). The same options give the same year.
 */
#ifndef SIMULATION_HOME_H
#define SIMULATION_HOME_H

#include "capture/gate.h"
#include "capture/policy.h"
#include "sim/world.h"
#include "simulation/book.h"
#include "simulation/trouble.h"

#define HOME_USERS_MAX 10

/* Bits in world_play.mark. */
#define MARK_STORED 1       /* it was in an answer that is committed */
#define MARK_NAIVE 2        /* a poller that asks after=<newest> each interval has seen it */
#define MARK_NAIVE_HOURLY 4 /* the same once an hour */

struct home_options {
    uint64_t seed;
    size_t users; /* at most HOME_USERS_MAX */
    int64_t days;
    int64_t poll_interval_ms, sweep_interval_ms;
    struct world_listener listener; /* plays_per_day 0: differs by user */
    double faults;                  /* how often things go wrong: 0 never, 1 as in a bad year */
    bool naive;                     /* a naive poller runs beside */
};

/* Counts of a year, or of many. */
struct home_tally {
    int64_t homes, users, user_days;
    int64_t calls, tails, sweeps, failures, restarts, kills, logins, held, unchanged;
    int64_t most_calls_a_day;             /* of one user */
    int64_t stored, stored_late;          /* plays */
    int64_t likely, possible;             /* gaps */
    int64_t empty_likely, empty_possible; /* of these: nothing was lost in them */
    int64_t covered;     /* of all gaps: a later page showed all that Spotify has from end to end */
    int64_t empty_open;  /* of the empty ones: none did */
    int64_t lost;        /* plays that came in order, and were pushed out unseen */
    int64_t lost_listed; /* of these: the list showed it for a time (counted without faults) */
    int64_t lost_covered;     /* of these: in a gap that a later page covered */
    int64_t lost_late;        /* plays that came behind newer ones, and were pushed out unseen */
    int64_t lost_late_in_gap; /* of these: a gap says so */
    int64_t lost_late_listed; /* of these: the list showed it for a time */
    int64_t before_record;    /* these: see is_before_record() */
    int64_t vanished;         /* taken out of the list by Spotify before anybody asked */
    int64_t naive_missed, naive_hourly_missed; /* of those listed */
    int64_t listed;                            /* plays that were in the list at some time */
};

/* A page on its way into the book. */
struct home_page {
    size_t member;
    enum policy_kind kind;
    int64_t at, latest; /* as book.h has them */
    struct world_play *const *plays;
    size_t count;
};

/* A page in memory that the database does not take. */
struct home_held {
    struct home_page page;
    struct world_play *plays[WORLD_LIST_MAX];
};

struct home_member {
    struct policy policy;
    struct book book;
    size_t account; /* in the world */
    enum policy_state stored_state;
    struct trouble revoked, refused, private_session;
    bool is_private;
    int64_t first_sweep; /* true; NEVER: none yet */
    bool began_short;    /* the first page with plays, if the first sweep was empty, was not full */
    int64_t login_at;    /* when a person will sign in again; NEVER */
    int64_t wait_until;  /* the gate is closed or the machine asleep until then */
    /* the last page of each kind, as the poller keeps it */
    struct world_play *last[2][WORLD_LIST_MAX];
    size_t last_count[2];
    bool known_page[2], known_witness[2];
    /* what the rules are held against */
    int64_t last_call; /* when the last call was over */
    int64_t pause;     /* the next one may come so much later; 0: at once */
    bool may_chain;    /* or at once, as one of a chain */
    unsigned chain;
    int64_t cursor;
    int64_t day, day_calls;
    int64_t naive_cursor, naive_hourly_cursor, naive_hourly_at;
};

struct home {
    const struct home_options *options;
    struct policy_config config;
    struct chance chance;
    struct world *world;
    struct home_member members[HOME_USERS_MAX];
    size_t count;
    struct gate gate;
    struct {                                /* what the database keeps of the gate */
        int64_t not_before, set_at, offset; /* offset: of the clock when it was stored */
        int64_t hour, calls;
        bool closed;
    } ledger;
    int64_t now, begins, ends;
    int64_t boot_at; /* the machine's clock since boot was 0 */
    int64_t offset;  /* wall = true + offset */
    bool running;
    int64_t start_at;     /* when it is not running */
    int64_t banned_until; /* Spotify said not before */
    int64_t request_at;   /* somebody asks for a poll */
    struct trouble storm, limit, app, disk, down, asleep, clock;
    struct home_held *held;
    size_t held_count;
    int64_t flush_at;
    struct home_tally tally;
    char why[256]; /* the first rule that was broken, "": none */
};

/* Lives through it. False: a rule was broken or memory ran out, and why says what. */
bool home_live(const struct home_options *options, struct home_tally *sum, char *why, size_t size);

/* -- shared by the files of the home ---------------------------------------------------------- */

void home_fail(struct home *home, const struct home_member *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int64_t home_boot(const struct home *home);
int64_t home_wall(const struct home *home);

/* The daemon stops: cleanly, or from one instruction to the next. */
void home_stop(struct home *home, bool cleanly, bool reboot, int64_t start_at);

/* The member is due and the gate is open. */
void home_poll(struct home *home, struct home_member *member);

/* Stores the pages that wait. */
void home_flush(struct home *home);

/* After the year: holds what is stored against what was listed. */
void home_judge(struct home *home);

#endif
