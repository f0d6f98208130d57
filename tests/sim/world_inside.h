/* SPDX-License-Identifier: MIT */
/* What the files of the world share and nobody else may know. */
#ifndef SIM_WORLD_INSIDE_H
#define SIM_WORLD_INSIDE_H

#include "world.h"

#define WORLD_SECOND INT64_C(1000)
#define WORLD_MINUTE (60 * WORLD_SECOND)
#define WORLD_HOUR (60 * WORLD_MINUTE)
#define WORLD_DAY (24 * WORLD_HOUR)

/* splitmix64: small, fast, and good enough for inventing plays. */
struct world_random {
    uint64_t state;
};

static inline uint64_t world_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline uint64_t world_random_next(struct world_random *r)
{
    r->state += 0x9e3779b97f4a7c15u;
    return world_mix(r->state);
}

/* 0 <= result < 1 */
static inline double world_random_unit(struct world_random *r)
{
    return (double)(world_random_next(r) >> 11) * 0x1.0p-53;
}

/* low <= result <= high */
static inline int64_t world_random_range(struct world_random *r, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)(high - low) + 1;

    return low + (int64_t)(world_random_next(r) % span);
}

static inline bool world_random_chance(struct world_random *r, double chance)
{
    return chance > 0 && world_random_unit(r) < chance;
}

/* Stretches of time in which something is odd; in order of `from`, never overlapping. */
struct world_window {
    int64_t from, until;
    uint32_t n; /* how many are hidden or kept */
};

struct world_windows {
    struct world_window *list;
    size_t count, room;
    int64_t next; /* where the next one to be drawn begins; WORLD_NEVER: none will be */
    struct world_random random;
};

enum world_window_kind {
    WORLD_STALL,
    WORLD_LONG_STALL,
    WORLD_SHORT,
    WORLD_BACK,
    WORLD_WINDOW_KINDS
};

#define WORLD_CHUNK 128 /* plays that are allocated at once */

struct world_chunk {
    struct world_chunk *older;
    size_t used;
    struct world_play plays[WORLD_CHUNK];
};

/* What the listener is doing. */
struct world_session {
    uint32_t left;       /* plays still to come in this session, the next one included */
    uint32_t number;     /* plays so far */
    uint32_t burst_left; /* of the plays to come so many follow within one second */
    int64_t binge_step;  /* mean ms between plays of a binge; 0: an ordinary session */
    bool repeat;         /* always the same track */
    uint32_t late_left;  /* so many of the next plays belong to a late batch ... */
    int64_t late_at;     /* ... which is listed at this moment */
    int64_t end;         /* when the next play of the session ends */
    uint32_t track;      /* what that play is */
};

struct world_account {
    uint64_t seed;
    struct world_random random; /* what is played, and when */
    struct world_random fate;   /* what becomes of it */
    struct world_listener listener;
    struct world_session session;
    int64_t now;               /* the present moment of the list */
    int64_t played_until;      /* the listener has lived until here; never goes back */
    int64_t last_visible;      /* normal plays become visible in order */
    int64_t next_end;          /* end of the next play, or WORLD_NEVER */
    struct world_play **order; /* by played_at, oldest first */
    size_t count, room;
    struct world_chunk *chunk; /* newest first */
    struct world_windows windows[WORLD_WINDOW_KINDS];
    uint32_t hide, keep;
    bool frozen, is_private;
    int64_t frozen_at;
};

/* A track that somebody described. NULL: as invented for `base`. */
struct world_own_track {
    char *uri, *name, *artist, *album, *isrc;
    uint32_t duration_ms, base, version;
};

struct world {
    uint64_t seed;
    struct world_account **accounts;
    size_t account_count, account_room;
    struct world_own_track *own;
    size_t own_count, own_room;
};

#define WORLD_OWN_TRACK 0x80000000u /* this bit marks the number of a track somebody described */
#define WORLD_CATALOGUE 20000       /* tracks that listeners choose from */

/*
 * Makes room for one more element of `size` bytes in an array. Returns the array, perhaps
 * elsewhere, or NULL when memory ran out (then the old one is still good).
 */
void *world_room(void *list, size_t count, size_t *room, size_t size);

/*
 * Adds a play to the truth, in order; when the same one is there already (*existed) that one is
 * returned and nothing changes. NULL when memory ran out.
 */
struct world_play *world_account_insert(struct world_account *a, const struct world_play *play,
                                        bool *existed);

/* The stretch that holds moment t, or NULL. */
const struct world_window *world_windows_at(const struct world_windows *s, int64_t t);

/* Starts the listener anew at a->played_until, with what a->listener says. */
int world_listener_start(struct world_account *a);

/* The listener plays, up to and including `now`. */
int world_listener_play(struct world_account *a, int64_t now);

/* Plays that ended before `begins_at`, listed at once. */
int world_listener_backlog(struct world_account *a, int64_t begins_at, uint32_t count);

#endif
