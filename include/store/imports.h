/* SPDX-License-Identifier: MIT */
/*
 * store/imports: which files were imported, what of them was not taken, which gaps they filled, and
 * what of the catalogue nobody needs once an import is undone.
 */
#ifndef STORE_IMPORTS_H
#define STORE_IMPORTS_H

#include "store/tellings.h"

/* An import as it is begun. */
struct store_import_start {
    int64_t user_id;
    const char *file, *hash;
    enum store_source source; /* STORE_SOURCE_EXTENDED or STORE_SOURCE_ACCOUNT */
    int64_t started_at;
};
enum store_result store_import_add(struct store *store, const struct store_import_start *start,
                                   int64_t *import_id);

struct store_import_end {
    int64_t finished_at;
    int64_t rows, added, matched, duplicate, rejected;
    int64_t first_at, last_at; /* STORE_NO_TIME */
};
enum store_result store_import_finish(struct store *store, int64_t import_id,
                                      const struct store_import_end *end);

/* What undoing needs. STORE_NOT_FOUND. */
struct store_import_brief {
    int64_t user_id, started_at, rows;
    char file[512];
    enum store_source source;
};
enum store_result store_import_get(struct store *store, int64_t import_id,
                                   struct store_import_brief *brief);

/* The newest finished import of the same content by the same user, but for import_id.
 * STORE_NOT_FOUND. */
enum store_result store_import_same(struct store *store, int64_t user_id, const char *hash,
                                    int64_t import_id, int64_t *same);

/* Removes it with its rejected rows. No play may refer to it any more, nor a gap. */
enum store_result store_import_remove(struct store *store, int64_t import_id);

/* A row that was not taken. STORE_EXISTS never: a row_no that is there already is passed over. */
enum store_result store_reject_add(struct store *store, int64_t import_id, int64_t row_no,
                                   const char *reason, const char *excerpt);

/* -- gaps ------------------------------------------------------------------------------------- */

struct store_open_gap {
    int64_t gap_id, after_played_at, before_played_at;
};

/* The gaps of a user that no import has filled, into a malloc'ed array. */
enum store_result store_gaps_open(struct store *store, int64_t user_id,
                                  struct store_open_gap **gaps, size_t *count);
enum store_result store_gap_fill(struct store *store, int64_t gap_id, int64_t import_id);
enum store_result store_gaps_reopen(struct store *store, int64_t import_id);

/* -- the catalogue ---------------------------------------------------------------------------- */

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

#endif
