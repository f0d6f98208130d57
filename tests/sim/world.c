/* SPDX-License-Identifier: MIT */
/* Accounts, the truth about their plays, and the list that Spotify makes of it. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "world_inside.h"

void *world_room(void *list, size_t count, size_t *room, size_t size)
{
    size_t wanted;
    void *larger;

    if (count < *room)
        return list;
    if (*room > SIZE_MAX / 2 / size)
        return NULL;
    wanted = *room == 0 ? 8 : *room * 2;
    larger = realloc(list, wanted * size);
    if (larger != NULL)
        *room = wanted;
    return larger;
}

struct world *world_new(uint64_t seed)
{
    struct world *w = calloc(1, sizeof(*w));

    if (w != NULL)
        w->seed = seed;
    return w;
}

static void account_free(struct world_account *a)
{
    if (a == NULL)
        return;
    while (a->chunk != NULL) {
        struct world_chunk *older = a->chunk->older;

        free(a->chunk);
        a->chunk = older;
    }
    for (int kind = 0; kind < WORLD_WINDOW_KINDS; kind++)
        free(a->windows[kind].list);
    free(a->order);
    free(a);
}

void world_free(struct world *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->account_count; i++)
        account_free(w->accounts[i]);
    for (size_t i = 0; i < w->own_count; i++) {
        free(w->own[i].uri);
        free(w->own[i].name);
        free(w->own[i].artist);
        free(w->own[i].album);
        free(w->own[i].isrc);
    }
    free(w->own);
    free(w->accounts);
    free(w);
}

uint64_t world_hash(const struct world *w, uint64_t what, uint64_t number)
{
    return world_mix(world_mix(w->seed + what * 0x9e3779b97f4a7c15u) ^ world_mix(number + 1));
}

/* ---- accounts ---- */

struct world_account_options world_account_options_default(int64_t begins_at)
{
    struct world_account_options options = {0};

    options.begins_at = begins_at;
    options.listener.listens = true;
    options.listener.plays_per_day = 40;
    return options;
}

static struct world_account *account_get(const struct world *w, size_t account)
{
    return account < w->account_count ? w->accounts[account] : NULL;
}

size_t world_account_count(const struct world *w)
{
    return w->account_count;
}

int world_account_add(struct world *w, const struct world_account_options *options, size_t *account)
{
    struct world_account **larger;
    struct world_account *a;
    uint64_t seed = options->seed != 0 ? options->seed : w->account_count + 1;

    larger =
        world_room(w->accounts, w->account_count, &w->account_room, sizeof(struct world_account *));
    if (larger == NULL)
        return -1;
    w->accounts = larger;
    a = calloc(1, sizeof(*a));
    if (a == NULL)
        return -1;
    a->seed = world_hash(w, 'A', seed);
    a->random.state = world_mix(a->seed + 1);
    a->fate.state = world_mix(a->seed + 2);
    for (uint64_t kind = 0; kind < WORLD_WINDOW_KINDS; kind++)
        a->windows[kind].random.state = world_mix(a->seed + 3 + kind);
    a->listener = options->listener;
    a->now = a->played_until = options->begins_at;
    a->last_visible = INT64_MIN;
    if (world_listener_backlog(a, options->begins_at, options->backlog) != 0 ||
        world_listener_start(a) != 0) {
        account_free(a);
        return -1;
    }
    if (account != NULL)
        *account = w->account_count;
    w->accounts[w->account_count++] = a;
    return 0;
}

int world_account_listen(struct world *w, size_t account, const struct world_listener *listener)
{
    struct world_account *a = account_get(w, account);

    if (a == NULL)
        return -1;
    a->listener = *listener;
    return world_listener_start(a);
}

const struct world_listener *world_account_listener(const struct world *w, size_t account)
{
    struct world_account *a = account_get(w, account);

    return a != NULL ? &a->listener : NULL;
}

int world_account_advance(struct world *w, size_t account, int64_t now)
{
    struct world_account *a = account_get(w, account);

    if (a == NULL)
        return -1;
    a->now = now;
    if (now <= a->played_until)
        return 0;
    return world_listener_play(a, now);
}

int world_advance(struct world *w, int64_t now)
{
    for (size_t i = 0; i < w->account_count; i++)
        if (world_account_advance(w, i, now) != 0)
            return -1;
    return 0;
}

int64_t world_account_next(const struct world *w, size_t account)
{
    struct world_account *a = account_get(w, account);

    return a != NULL ? a->next_end : WORLD_NEVER;
}

int world_account_hide(struct world *w, size_t account, uint32_t n)
{
    struct world_account *a = account_get(w, account);

    if (a == NULL)
        return -1;
    a->hide = n;
    return 0;
}

int world_account_keep(struct world *w, size_t account, uint32_t k)
{
    struct world_account *a = account_get(w, account);

    if (a == NULL)
        return -1;
    a->keep = k;
    return 0;
}

/* What the frozen list held back is listed now: the truth must say so. */
static void account_thaw(struct world_account *a)
{
    for (size_t i = 0; i < a->count; i++) {
        struct world_play *play = a->order[i];

        if (play->visible_at > a->frozen_at && play->visible_at < a->now)
            play->visible_at = a->now;
    }
}

int world_account_freeze(struct world *w, size_t account, bool on)
{
    struct world_account *a = account_get(w, account);

    if (a == NULL)
        return -1;
    if (on && !a->frozen)
        a->frozen_at = a->now;
    if (!on && a->frozen)
        account_thaw(a);
    a->frozen = on;
    return 0;
}

bool world_account_is_frozen(const struct world *w, size_t account)
{
    struct world_account *a = account_get(w, account);

    return a != NULL && a->frozen;
}

int world_account_private(struct world *w, size_t account, bool on)
{
    struct world_account *a = account_get(w, account);

    if (a == NULL)
        return -1;
    a->is_private = on;
    return 0;
}

bool world_account_is_private(const struct world *w, size_t account)
{
    struct world_account *a = account_get(w, account);

    return a != NULL && a->is_private;
}

/* ---- plays ---- */

static struct world_play *account_store(struct world_account *a)
{
    struct world_chunk *chunk = a->chunk;

    if (chunk == NULL || chunk->used == WORLD_CHUNK) {
        chunk = malloc(sizeof(*chunk));
        if (chunk == NULL)
            return NULL;
        chunk->older = a->chunk;
        chunk->used = 0;
        a->chunk = chunk;
    }
    return &chunk->plays[chunk->used++];
}

/* The place behind all plays that ended at t or before. */
static size_t account_place(const struct world_account *a, int64_t t)
{
    size_t low = 0, high = a->count;

    if (high == 0 || a->order[high - 1]->played_at <= t)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (a->order[middle]->played_at <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct world_play *world_account_insert(struct world_account *a, const struct world_play *play,
                                        bool *existed)
{
    size_t place = account_place(a, play->played_at);
    struct world_play **larger, *stored;

    *existed = true;
    for (size_t i = place; i > 0 && a->order[i - 1]->played_at == play->played_at; i--)
        if (a->order[i - 1]->track == play->track && a->order[i - 1]->kind == play->kind)
            return a->order[i - 1];
    *existed = false;
    larger = world_room(a->order, a->count, &a->room, sizeof(struct world_play *));
    if (larger == NULL)
        return NULL;
    a->order = larger;
    stored = account_store(a);
    if (stored == NULL)
        return NULL;
    *stored = *play;
    memmove(a->order + place + 1, a->order + place,
            (a->count - place) * sizeof(struct world_play *));
    a->order[place] = stored;
    a->count++;
    return stored;
}

struct world_play world_play_plain(int64_t played_at, uint32_t track)
{
    struct world_play play = {.played_at = played_at,
                              .visible_at = played_at,
                              .vanishes_at = WORLD_NEVER,
                              .track = track};

    return play;
}

struct world_play *world_play_add(struct world *w, size_t account, const struct world_play *play)
{
    struct world_account *a = account_get(w, account);
    struct world_play fresh = *play, *stored;
    bool existed;

    if (a == NULL || play->kind >= WORLD_KINDS || play->context >= WORLD_CONTEXTS)
        return NULL;
    if ((play->track & WORLD_OWN_TRACK) != 0 && (play->track & ~WORLD_OWN_TRACK) >= w->own_count)
        return NULL;
    fresh.first_shown_at = 0;
    fresh.times_shown = 0;
    fresh.late = fresh.mark = 0;
    fresh.user = 0;
    stored = world_account_insert(a, &fresh, &existed);
    if (stored != NULL && existed)
        stored->twice_until = WORLD_NEVER;
    return stored;
}

size_t world_plays(const struct world *w, size_t account, struct world_play *const **plays)
{
    struct world_account *a = account_get(w, account);

    *plays = a != NULL ? a->order : NULL;
    return a != NULL ? a->count : 0;
}

bool world_play_is_listed(const struct world_play *play, int64_t now)
{
    return play->visible_at <= now && now < play->vanishes_at;
}

void world_mark_shown(struct world_play *const *plays, size_t count, int64_t now)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && plays[i] == plays[i - 1])
            continue;
        if (plays[i]->times_shown++ == 0)
            plays[i]->first_shown_at = now;
    }
}

/* ---- the list ---- */

const struct world_window *world_windows_at(const struct world_windows *s, int64_t t)
{
    size_t i = s->count;

    while (i > 0 && s->list[i - 1].from > t)
        i--;
    return i > 0 && t < s->list[i - 1].until ? &s->list[i - 1] : NULL;
}

static uint32_t list_kept(const struct world_account *a, int64_t t)
{
    const struct world_window *few = world_windows_at(&a->windows[WORLD_SHORT], t);
    uint32_t kept = WORLD_LIST_MAX;

    if (few != NULL && few->n < kept)
        kept = few->n;
    if (a->keep > 0 && a->keep < kept)
        kept = a->keep;
    return kept;
}

static uint32_t list_hidden(const struct world_account *a, int64_t t)
{
    const struct world_window *back = world_windows_at(&a->windows[WORLD_BACK], t);

    return back != NULL && back->n > a->hide ? back->n : a->hide;
}

/* Walks from the newest play back; each one that exists for the API is taken or not by the query.
 */
static size_t list_walk(const struct world_account *a, int64_t t, const struct world_query *query,
                        uint32_t limit, struct world_play **out)
{
    uint32_t left = list_kept(a, t), hidden = list_hidden(a, t);
    size_t n = 0;

    for (size_t i = a->count; i > 0; i--) {
        struct world_play *play = a->order[i - 1];
        int copies = play->twice_until > t ? 2 : 1;

        if (!world_play_is_listed(play, t))
            continue;
        if (query->has_after && play->played_at <= query->after)
            return n;
        while (copies-- > 0) {
            if (hidden > 0) {
                hidden--;
                continue;
            }
            if (left-- == 0 || n == limit)
                return n;
            if (!query->has_before || play->played_at < query->before)
                out[n++] = play;
        }
    }
    return n;
}

size_t world_list(const struct world *w, size_t account, const struct world_query *query,
                  struct world_play *out[WORLD_LIST_MAX])
{
    const struct world_account *a = account_get(w, account);
    uint32_t limit = query->limit < WORLD_LIST_MAX ? query->limit : WORLD_LIST_MAX;
    bool from_cursor = query->from_cursor && query->has_after;
    size_t n;
    int64_t t;

    if (a == NULL)
        return 0;
    t = a->frozen && a->frozen_at < a->now ? a->frozen_at : a->now;
    n = list_walk(a, t, query, from_cursor ? WORLD_LIST_MAX : limit, out);
    if (n > limit) {
        memmove(out, out + (n - limit), limit * sizeof(struct world_play *));
        n = limit;
    }
    return n;
}
