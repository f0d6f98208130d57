/* SPDX-License-Identifier: MIT */
/*
 * store/prune: what of the catalogue nobody needs any more, row by row: after an import was undone,
 * or when the API brought what an export had made up. (A user who leaves is store/users' business:
 * all tables are gone through then.)
 */
#ifndef STORE_PRUNE_H
#define STORE_PRUNE_H

#include "store/store.h"

/* Numbers of rows, each once or more. Zero-initialised: empty. Free with store_ids_free(). */
struct store_ids {
    int64_t *at;
    size_t count, cap;
};
bool store_ids_add(struct store_ids *ids, int64_t id); /* false without memory */
void store_ids_settle(struct store_ids *ids);          /* sorts, and each is left once */
void store_ids_free(struct store_ids *ids);

/* Each removes one row if nobody needs it any more. Of a track that goes, its album and artists are
 * added to the lists; of an album, its artists. */
enum store_result store_prune_track(struct store *store, int64_t track_id, struct store_ids *albums,
                                    struct store_ids *artists);
enum store_result store_prune_album(struct store *store, int64_t album_id,
                                    struct store_ids *artists);
enum store_result store_prune_artist(struct store *store, int64_t artist_id);

/* Removes an album with its artists, or such artists, as far as they are made up ("historyd:...")
 * and nobody needs them. */
enum store_result store_prune_made_up_album(struct store *store, int64_t album_id);
enum store_result store_prune_made_up_artists(struct store *store, const struct store_ids *artists);

#endif
