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

enum store_prune_kind {
    STORE_PRUNE_TRACKS,
    STORE_PRUNE_ALBUMS,
    STORE_PRUNE_ARTISTS,
    STORE_PRUNE_KINDS,
};

/* Rows that nobody may need any more. The caller adds tracks to the list of these, before the first
 * step; their albums, and the artists of both, are added on the way. Zero-initialised: nothing to
 * prune. Free with store_prune_free(). */
struct store_prune {
    struct store_ids rows[STORE_PRUNE_KINDS];
    int kind;    /* of the row that is looked at next */
    size_t next; /* its place in the list */
};

/* Looks at so many rows at most, and removes those that nobody needs; *done: none is left. Within a
 * transaction of the caller's. STORE_NOMEM, or what the database says. */
enum store_result store_prune_step(struct store *store, struct store_prune *prune, size_t rows,
                                   bool *done);
void store_prune_free(struct store_prune *prune);

/* Removes an album with its artists, or such artists, as far as they are made up ("historyd:...")
 * and nobody needs them. */
enum store_result store_prune_made_up_album(struct store *store, int64_t album_id);
enum store_result store_prune_made_up_artists(struct store *store, const struct store_ids *artists);

#endif
