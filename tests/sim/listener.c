/* SPDX-License-Identifier: MIT */
/* The virtual listener: what is played and when, and what becomes of each play on its way into the
 * list. */
#include <math.h>
#include <stdlib.h>

#include "world.h"
#include "world_inside.h"

#define SESSION_MEAN 11 /* plays in an ordinary session */
#define FAVOURITES 400  /* tracks that a listener comes back to */
#define BURST 13        /* plays that a phone reports within one second */
#define BATCH 21        /* plays in a late batch, at most */

/* How keen people are to listen, by hour of their day; the mean is 1. */
static const double keenness[24] = {0.5, 0.25, 0.1, 0.05, 0.05, 0.15, 0.6, 1.1, 1.2, 1.1, 1.1, 1.1,
                                    1.2, 1.2,  1.2, 1.3,  1.4,  1.6,  1.7, 1.7, 1.6, 1.4, 1.1, 0.8};
#define KEENEST 1.7

struct world_quirks world_quirks_measured(void)
{
    struct world_quirks quirks = {
        .delay_s = 45,
        .late_batch = 0.021,
        .stalls_per_day = 0.19,
        .long_stalls_per_day = 0.002,
        .twin = 0.00015,
        .twice = 0.00008,
        .echo = 0.001,
        .burst = 0.004,
        .binge = 0.006,
        .repeat = 0.01,
        .whole_second = 0,
        .vanish = 0.0043,
        .short_per_day = 0.13,
        .back_per_day = 0.04,
    };

    return quirks;
}

/* Exponentially distributed, at least 1. */
static int64_t random_wait(struct world_random *r, double mean)
{
    double wait = -log(1 - world_random_unit(r)) * mean;

    return wait < 1 ? 1 : wait > 1e15 ? (int64_t)1e15 : (int64_t)wait;
}

/* ---- stretches in which the pipeline or the list is odd ---- */

struct window_shape {
    int64_t shortest, longest;
    uint32_t n_low, n_high;
};

static const struct window_shape window_shapes[WORLD_WINDOW_KINDS] = {
    [WORLD_STALL] = {2 * WORLD_HOUR, 10 * WORLD_HOUR, 0, 0},
    [WORLD_LONG_STALL] = {WORLD_DAY, 3 * WORLD_DAY, 0, 0},
    [WORLD_SHORT] = {2 * WORLD_HOUR, 12 * WORLD_HOUR, 2, 49},
    [WORLD_BACK] = {20 * WORLD_MINUTE, 70 * WORLD_MINUTE, 22, 25},
};

static double window_rate(const struct world_quirks *quirks, int kind)
{
    switch (kind) {
    case WORLD_STALL:
        return quirks->stalls_per_day;
    case WORLD_LONG_STALL:
        return quirks->long_stalls_per_day;
    case WORLD_SHORT:
        return quirks->short_per_day;
    default:
        return quirks->back_per_day;
    }
}

static void window_plan(struct world_account *a, int kind, int64_t from)
{
    struct world_windows *s = &a->windows[kind];
    double rate = window_rate(&a->listener.quirks, kind);

    if (s->count > 0 && s->list[s->count - 1].until > from)
        from = s->list[s->count - 1].until;
    s->next = rate > 0 ? from + random_wait(&s->random, (double)WORLD_DAY / rate) : WORLD_NEVER;
}

/* Draws all stretches that begin up to t. */
static int windows_draw(struct world_account *a, int kind, int64_t t)
{
    struct world_windows *s = &a->windows[kind];
    const struct window_shape *shape = &window_shapes[kind];

    while (s->next <= t) {
        struct world_window *larger = world_room(s->list, s->count, &s->room, sizeof(*larger));
        struct world_window *fresh;

        if (larger == NULL)
            return -1;
        s->list = larger;
        fresh = &s->list[s->count++];
        fresh->from = s->next;
        fresh->until = s->next + world_random_range(&s->random, shape->shortest, shape->longest);
        fresh->n = (uint32_t)world_random_range(&s->random, shape->n_low, shape->n_high);
        window_plan(a, kind, fresh->until);
    }
    return 0;
}

/* A play that would be listed within a stall is listed at its end; the other kind of stall may then
 * hold it again. */
static int stall_push(struct world_account *a, int64_t *visible_at)
{
    for (int round = 0; round < 2; round++)
        for (int kind = WORLD_STALL; kind <= WORLD_LONG_STALL; kind++) {
            const struct world_window *stall;

            if (windows_draw(a, kind, *visible_at) != 0)
                return -1;
            stall = world_windows_at(&a->windows[kind], *visible_at);
            if (stall != NULL)
                *visible_at = stall->until;
        }
    return 0;
}

/* ---- sessions ---- */

/* When the next ordinary session begins: random, but seldom at night. */
static int64_t session_wait(struct world_account *a, int64_t t)
{
    double plays_per_day = a->listener.plays_per_day > 0 ? a->listener.plays_per_day : 40;
    double mean = (double)WORLD_DAY * SESSION_MEAN / plays_per_day / KEENEST;

    for (;;) {
        int64_t local, hour;

        t += random_wait(&a->random, mean);
        local = t + a->listener.zone_min * WORLD_MINUTE;
        hour = ((local % WORLD_DAY + WORLD_DAY) % WORLD_DAY) / WORLD_HOUR;
        if (world_random_unit(&a->random) * KEENEST < keenness[hour])
            return t;
    }
}

static void session_begin(struct world_account *a, int64_t t)
{
    const struct world_quirks *quirks = &a->listener.quirks;
    struct world_session *s = &a->session;
    bool steady = a->listener.pace_ms > 0;

    *s = (struct world_session){.end = steady ? t : session_wait(a, t)};
    s->left = (uint32_t)random_wait(&a->random, SESSION_MEAN);
    s->left = s->left > 200 ? 200 : s->left;
    if (world_random_chance(&a->fate, quirks->binge)) {
        s->left = (uint32_t)world_random_range(&a->fate, 46, 76);
        s->binge_step = steady ? (a->listener.pace_ms + 1) / 2 : 2 * WORLD_HOUR / s->left;
    }
    s->repeat = world_random_chance(&a->fate, quirks->repeat);
    if (world_random_chance(&a->fate, quirks->burst)) {
        s->burst_left = BURST - 1;
        s->left = s->left < BURST ? BURST : s->left;
    }
    if (world_random_chance(&a->fate, quirks->late_batch)) {
        s->late_left = BATCH;
        s->late_at = s->end + world_random_range(&a->fate, 8 * WORLD_HOUR, 46 * WORLD_HOUR);
    }
}

static uint32_t track_choose(struct world_account *a)
{
    double u = world_random_unit(&a->random);
    uint64_t favourite;

    if (a->session.number > 0 && (a->session.repeat || world_random_chance(&a->random, 0.02)))
        return a->session.track;
    if (world_random_chance(&a->random, 0.15))
        return (uint32_t)(world_random_next(&a->random) % WORLD_CATALOGUE);
    favourite = (uint64_t)(u * u * u * FAVOURITES);
    return (uint32_t)(world_mix(a->seed + 1000 + favourite) % WORLD_CATALOGUE);
}

/* From the end of one play to the end of the next: most are heard out, some are skipped, and now
 * and then a pause. */
static int64_t play_length(struct world_account *a)
{
    double u = world_random_unit(&a->random);
    int64_t full = world_random_range(&a->random, 110 * WORLD_SECOND, 330 * WORLD_SECOND);

    if (a->session.binge_step > 0)
        return (int64_t)((double)a->session.binge_step * (0.2 + 1.5 * u)) + 1;
    if (a->listener.pace_ms > 0)
        return (int64_t)((double)a->listener.pace_ms * (0.5 + u)) + 1;
    if (u < 0.70)
        return full;
    if (u < 0.88)
        return (int64_t)((double)full * world_random_unit(&a->random)) + 2 * WORLD_SECOND;
    if (u < 0.97)
        return world_random_range(&a->random, 2 * WORLD_SECOND, 30 * WORLD_SECOND);
    return full + world_random_range(&a->random, WORLD_MINUTE, 20 * WORLD_MINUTE);
}

/* Plans the next play: what it is and when it ends. */
static void play_plan(struct world_account *a)
{
    struct world_session *s = &a->session;
    int64_t previous;

    if (s->left == 0)
        session_begin(a, a->played_until);
    previous = s->end;
    if (s->burst_left > 0 && s->number > 0) {
        s->burst_left--;
        s->end += world_random_range(&a->random, 3, 70);
    } else {
        s->end += play_length(a);
        if (world_random_chance(&a->fate, a->listener.quirks.whole_second))
            s->end += WORLD_SECOND - (s->end % WORLD_SECOND + WORLD_SECOND) % WORLD_SECOND;
    }
    if (s->end <= previous)
        s->end = previous + 1;
    s->track = track_choose(a);
    a->next_end = s->end;
}

int world_listener_start(struct world_account *a)
{
    if (a->played_until < a->now)
        a->played_until = a->now;
    for (int kind = 0; kind < WORLD_WINDOW_KINDS; kind++)
        window_plan(a, kind, a->played_until);
    a->session.left = 0;
    a->next_end = WORLD_NEVER;
    if (a->listener.listens)
        play_plan(a);
    return 0;
}

/* ---- what becomes of a play ---- */

static int play_place(struct world_account *a, struct world_play *play)
{
    const struct world_quirks *quirks = &a->listener.quirks;

    play->visible_at = play->played_at;
    if (quirks->delay_s > 0)
        play->visible_at += random_wait(&a->fate, quirks->delay_s * (double)WORLD_SECOND);
    play->late = a->session.late_left > 0;
    if (play->late && play->visible_at < a->session.late_at)
        play->visible_at = a->session.late_at;
    if (stall_push(a, &play->visible_at) != 0)
        return -1;
    if (!play->late) {
        /* only late batches overtake each other; without this each short delay would look like one
         */
        if (play->visible_at < a->last_visible)
            play->visible_at = a->last_visible;
        a->last_visible = play->visible_at;
    }
    if (world_random_chance(&a->fate, quirks->vanish))
        play->vanishes_at =
            play->visible_at + world_random_range(&a->fate, WORLD_HOUR, 12 * WORLD_HOUR);
    if (world_random_chance(&a->fate, quirks->twice))
        play->twice_until =
            play->visible_at + world_random_range(&a->fate, WORLD_HOUR, 8 * WORLD_HOUR);
    if (a->is_private)
        play->visible_at = WORLD_NEVER;
    return 0;
}

/* Puts one play into the world, with all that fate adds to it. */
static int play_happen(struct world_account *a, int64_t played_at, uint32_t track)
{
    struct world_play play = world_play_plain(played_at, track);
    bool existed;

    if (play_place(a, &play) != 0)
        return -1;
    return world_account_insert(a, &play, &existed) != NULL ? 0 : -1;
}

static int play_now(struct world_account *a)
{
    const struct world_quirks *quirks = &a->listener.quirks;
    struct world_session *s = &a->session;
    int64_t end = s->end;

    if (play_happen(a, end, s->track) != 0)
        return -1;
    if (world_random_chance(&a->fate, quirks->twin) &&
        play_happen(a, end, (s->track + 1) % WORLD_CATALOGUE) != 0)
        return -1;
    if (world_random_chance(&a->fate, quirks->echo)) {
        s->end += world_random_range(&a->fate, 30, 600);
        if (play_happen(a, s->end, s->track) != 0)
            return -1;
    }
    if (s->late_left > 0)
        s->late_left--;
    s->number++;
    s->left--;
    return 0;
}

int world_listener_play(struct world_account *a, int64_t now)
{
    while (a->next_end <= now) {
        if (play_now(a) != 0)
            return -1;
        a->played_until = a->session.end;
        play_plan(a);
    }
    a->played_until = a->played_until > now ? a->played_until : now;
    if (windows_draw(a, WORLD_SHORT, now) != 0)
        return -1;
    return windows_draw(a, WORLD_BACK, now);
}

int world_listener_backlog(struct world_account *a, int64_t begins_at, uint32_t count)
{
    struct world_random before = a->random;
    int64_t total = 0;

    for (uint32_t i = 0; i < count; i++)
        total += play_length(a);
    a->random = before; /* the same lengths once more, now that it is known where to begin */
    for (uint32_t i = 0; i < count; i++) {
        struct world_play play = world_play_plain(begins_at - total, 0);
        bool existed;

        total -= play_length(a);
        play.track = (uint32_t)(world_mix(a->seed + 1000 + i % FAVOURITES) % WORLD_CATALOGUE);
        if (world_account_insert(a, &play, &existed) == NULL)
            return -1;
    }
    return 0;
}
