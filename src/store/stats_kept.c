/* SPDX-License-Identifier: MIT */
/*
 * store/stats: what many statistics ask for, kept by a reader as long as nothing in the file
 * changes: the sums of all that was played, and which artists and which album tracks have. Who
 * looks at one page after the other waits for it once.
 */
#include "stats_read.h"

#include <stdlib.h>

struct stats_kept {
    uint32_t version; /* of the file when it was read */
    struct stats_all all;
    bool has_all;
    struct stats_ties ties[2]; /* of albums, of artists */
    bool has_ties[2];
};

static void kept_empty(struct stats_kept *kept)
{
    store_sums_free(&kept->all.tracks);
    store_sums_free(&kept->all.firsts);
    free(kept->ties[0].items);
    free(kept->ties[1].items);
    *kept = (struct stats_kept){0};
}

void stats_kept_free(struct stats_kept *kept)
{
    if (kept != NULL) {
        kept_empty(kept);
        free(kept);
    }
}

/* Changes with every commit, whoever makes it, as this connection sees them. */
static uint32_t data_version(struct store *store)
{
    uint32_t version = 0;
    sqlite3_file_control(store->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

/* What a writer has changed and not committed is in no version. */
enum store_result stats_kept_begin(struct store *store, const char *what)
{
    uint32_t version = data_version(store);
    if (store->kept == NULL) {
        store->kept = calloc(1, sizeof *store->kept);
    }
    if (store->kept == NULL) {
        return stats_no_memory(store, what);
    }
    if (store->mode != STORE_READER || store->kept->version != version) {
        kept_empty(store->kept);
    }
    store->kept->version = version;
    return STORE_OK;
}

/* -- all that was played ----------------------------------------------------------------------- */

struct pass {
    struct store *store;
    const char *what;
    struct stats_all *all;
};

static enum store_result track_add(struct pass *pass, int64_t id, int64_t plays,
                                   int64_t listened_ms, int64_t first_at)
{
    struct stats_all *all = pass->all;
    struct store_sum *first = store_sums_at(&all->firsts, id);
    if (first == NULL || !store_sums_add(&all->tracks, id, plays, listened_ms)) {
        return stats_no_memory(pass->store, pass->what);
    }
    all->plays = store_sum_wrap(all->plays, plays);
    all->listened_ms = store_sum_wrap(all->listened_ms, listened_ms);
    if (first->plays == 0 || first_at < first->first_at) {
        *first = (struct store_sum){.plays = 1, .first_at = first_at};
    }
    return STORE_OK;
}

/* Of moment, track_id, listened_ms. */
static enum store_result play_visit(void *context, const int64_t *row)
{
    return track_add(context, row[1], 1, row[2], row[0]);
}

static enum store_result row_add(struct pass *pass, struct stats_walk *walk)
{
    int64_t begin = store_block_begin(walk->block, STORE_BLOCK_MS);
    enum store_result result = STORE_OK;
    struct store_packed track;
    while (result == STORE_OK && store_unpack_next(&walk->entries, &track)) {
        result = track_add(pass, track.id, track.plays, track.listened_ms,
                           store_sum_wrap(begin, track.first));
    }
    return result;
}

static enum store_result blocks_add(struct pass *pass, int64_t user_id,
                                    const struct store_plan_piece *piece)
{
    struct stats_walk walk;
    stats_walk_begin(&walk, pass->store, STORE_SQL_STATS_BLOCKS, user_id, piece, pass->what);
    while (stats_walk_next(&walk, STORE_PACK_TRACK)) {
        walk.query.result = row_add(pass, &walk);
    }
    return stats_walk_end(&walk);
}

/* Of each block its sums; of stale ones all plays. */
static enum store_result user_add(struct pass *pass, int64_t user_id)
{
    struct store_plan plan;
    struct store_plan_piece piece;
    struct stats_numbers stale;
    enum store_result result = stats_stale_read(pass->store, user_id, pass->what, &stale);
    store_plan_open(&plan, STORE_PLAN_BEGIN, STORE_PLAN_END, STORE_BLOCK_MS, STORE_BLOCK_MS,
                    stale.items, stale.count);
    while (result == STORE_OK && store_plan_next(&plan, &piece)) {
        result = piece.source == STORE_PLAN_SUMS
                     ? blocks_add(pass, user_id, &piece)
                     : stats_plays_feed(pass->store, user_id, &piece, pass->what, play_visit, pass);
    }
    stats_numbers_free(&stale);
    return result;
}

static enum store_result all_make(struct store *store, int64_t user_id, const char *what,
                                  struct stats_all *all)
{
    struct pass pass = {.store = store, .what = what, .all = all};
    struct stats_numbers users;
    enum store_result result = stats_users_read(store, user_id, what, &users);
    for (size_t i = 0; result == STORE_OK && i < users.count; i++) {
        result = user_add(&pass, users.items[i]);
    }
    all->user_id = user_id;
    stats_numbers_free(&users);
    return result;
}

enum store_result stats_all_read(struct store *store, int64_t user_id, const char *what,
                                 const struct stats_all **all)
{
    struct stats_kept *kept = store->kept;
    enum store_result result = STORE_OK;
    *all = &kept->all;
    if (!kept->has_all || kept->all.user_id != user_id) {
        store_sums_free(&kept->all.tracks);
        store_sums_free(&kept->all.firsts);
        kept->all = (struct stats_all){0};
        result = all_make(store, user_id, what, &kept->all);
        kept->has_all = result == STORE_OK;
    }
    return result;
}

/* -- what tracks belong to --------------------------------------------------------------------- */

struct filling {
    struct stats_ties *ties;
    size_t cap;
};

/* Of the other's number, track_id. */
static enum store_result tie_add(void *context, const int64_t *row)
{
    struct filling *filling = context;
    struct stats_ties *ties = filling->ties;
    if (ties->count == filling->cap) {
        size_t cap = filling->cap > 0 ? 2 * filling->cap : 1024;
        struct stats_tie *grown = reallocarray(ties->items, cap, sizeof *grown);
        if (grown == NULL) {
            return STORE_NOMEM;
        }
        ties->items = grown;
        filling->cap = cap;
    }
    ties->items[ties->count++] = (struct stats_tie){row[1], row[0]};
    return STORE_OK;
}

enum store_result stats_ties_read(struct store *store, enum store_kind kind, const char *what,
                                  const struct stats_ties **ties)
{
    bool artists = kind == STORE_KIND_ARTIST;
    struct filling filling = {.ties = &store->kept->ties[artists]};
    struct store_query query;
    *ties = filling.ties;
    if (store->kept->has_ties[artists]) {
        return STORE_OK;
    }
    free(filling.ties->items);
    *filling.ties = (struct stats_ties){0};
    store_query_begin(&query, store, artists ? STORE_SQL_STATS_ARTISTS : STORE_SQL_STATS_ALBUMS,
                      what);
    enum store_result result = store_query_feed(&query, tie_add, &filling);
    store->kept->has_ties[artists] = result == STORE_OK;
    return result == STORE_NOMEM ? stats_no_memory(store, what) : result;
}
