/* SPDX-License-Identifier: MIT */
/* store: the statements on what is derived of the plays: sums, words to search for; and those that
 * look for plays. The others are in sql.c. */
#include "store/store_private.h"

/* The texts are laid out as SQL. */
/* clang-format off */

/* What a track can be found by. */
#define TRACK_WORDS \
    "t.name || ' ' || coalesce((SELECT group_concat(a.name, ' ') FROM track_artists AS x" \
    " JOIN artists AS a USING (artist_id) WHERE x.track_id = t.track_id), '')" \
    " || ' ' || coalesce(b.name, '')"

#define SEARCH_PLAYS \
    "SELECT played_at, played_at - nudge_ms, track_id, source FROM played_tracks" \
    " WHERE user_id = :user_id AND played_at BETWEEN :low AND :high" \
    " AND played_at - nudge_ms BETWEEN :since AND :last" \
    " AND (:source IS NULL OR source = :source) AND deleted_at IS NULL"
#define SEARCH_TRACK \
    "SELECT played_at, nudge_ms FROM played_tracks INDEXED BY played_tracks_track" \
    " WHERE track_id = :track_id AND user_id = :user_id AND played_at BETWEEN :low AND :high" \
    " AND deleted_at IS NULL"

static const char *const texts[STORE_SQL_COUNT - STORE_SQL_DERIVED] = {
    /* -- derived sums (totals.c) */
    [STORE_SQL_STALE_COUNT - STORE_SQL_DERIVED] =
        "SELECT count(*) FROM stale_blocks",
    [STORE_SQL_STALE_NEWEST - STORE_SQL_DERIVED] =
        "SELECT user_id, max(block) FROM stale_blocks",
    [STORE_SQL_STALE_HAS - STORE_SQL_DERIVED] =
        "SELECT 1 FROM stale_blocks WHERE user_id = :user_id AND block = :block",
    [STORE_SQL_STALE_ADD - STORE_SQL_DERIVED] =
        "INSERT INTO stale_blocks (user_id, block) VALUES (:user_id, :block)"
        " ON CONFLICT (user_id, block) DO NOTHING",
    [STORE_SQL_STALE_DROP - STORE_SQL_DERIVED] =
        "DELETE FROM stale_blocks WHERE user_id = :user_id AND block = :block",
    [STORE_SQL_TOTALS_PLAYS - STORE_SQL_DERIVED] =
        "SELECT feed(p.track_id, p.played_at - p.nudge_ms, " STORE_LISTENED ")"
        " FROM played_tracks AS p WHERE p.user_id = :user_id AND p.played_at BETWEEN :from AND :to"
        " AND p.deleted_at IS NULL",
    [STORE_SQL_TOTALS_LENGTH - STORE_SQL_DERIVED] =
        "SELECT duration_ms FROM tracks WHERE track_id = :track_id",
    [STORE_SQL_TOTALS_GET - STORE_SQL_DERIVED] =
        "SELECT plays, listened_ms, quarters, tracks FROM play_sums"
        " WHERE user_id = :user_id AND block = :block",
    [STORE_SQL_TOTALS_PUT - STORE_SQL_DERIVED] =
        "INSERT INTO play_sums (user_id, block, plays, listened_ms, quarters, tracks)"
        " VALUES (:user_id, :block, :plays, :listened_ms, :quarters, :tracks)"
        " ON CONFLICT (user_id, block) DO UPDATE SET plays = excluded.plays,"
        " listened_ms = excluded.listened_ms, quarters = excluded.quarters,"
        " tracks = excluded.tracks",
    [STORE_SQL_TOTALS_DROP - STORE_SQL_DERIVED] =
        "DELETE FROM play_sums WHERE user_id = :user_id AND block = :block",
    [STORE_SQL_TOTALS_SUM - STORE_SQL_DERIVED] =
        "SELECT coalesce(sum(plays), 0) FROM play_sums",
    [STORE_SQL_TOTALS_NEXT_USER - STORE_SQL_DERIVED] =
        "SELECT min(id) FROM (SELECT min(user_id) AS id FROM users WHERE user_id > :after"
        " UNION ALL SELECT min(user_id) FROM played_tracks WHERE user_id > :after"
        " UNION ALL SELECT min(user_id) FROM play_sums WHERE user_id > :after)",
    [STORE_SQL_TOTALS_NEXT_BLOCK - STORE_SQL_DERIVED] =
        "SELECT (SELECT min(played_at) FROM played_tracks"
        " WHERE user_id = :user_id AND played_at >= :key),"
        " (SELECT min(block) FROM play_sums WHERE user_id = :user_id AND block > :block)",
    [STORE_SQL_TOTALS_EMPTY - STORE_SQL_DERIVED] =
        "DELETE FROM play_sums",

    /* -- words and search */
    [STORE_SQL_WORDS_MATCH - STORE_SQL_DERIVED] =
        "SELECT rowid FROM track_words WHERE track_words MATCH :words",
    /* Of every stale track, the removed ones too: NULL. */
    [STORE_SQL_WORDS_STALE - STORE_SQL_DERIVED] =
        "SELECT s.track_id, " TRACK_WORDS " FROM stale_words AS s"
        " LEFT JOIN tracks AS t ON t.track_id = s.track_id"
        " LEFT JOIN albums AS b ON b.album_id = t.album_id",
    /* In ascending order: FTS5 writes out what it has gathered whenever a number is not higher. */
    [STORE_SQL_WORDS_SOME - STORE_SQL_DERIVED] =
        "SELECT max(track_id) FROM"
        " (SELECT track_id FROM stale_words ORDER BY track_id LIMIT :rows)",
    [STORE_SQL_WORDS_DROP - STORE_SQL_DERIVED] =
        "DELETE FROM track_words WHERE rowid IN (SELECT track_id FROM stale_words AS s"
        " WHERE s.track_id <= :last AND NOT EXISTS"
        " (SELECT 1 FROM tracks AS t WHERE t.track_id = s.track_id))",
    [STORE_SQL_WORDS_PUT - STORE_SQL_DERIVED] =
        "INSERT OR REPLACE INTO track_words (rowid, words) SELECT t.track_id, " TRACK_WORDS
        " FROM stale_words AS s CROSS JOIN tracks AS t ON t.track_id = s.track_id"
        " LEFT JOIN albums AS b ON b.album_id = t.album_id"
        " WHERE s.track_id <= :last ORDER BY s.track_id",
    [STORE_SQL_WORDS_DONE - STORE_SQL_DERIVED] =
        "DELETE FROM stale_words WHERE track_id <= :last",
    [STORE_SQL_WORDS_LEFT - STORE_SQL_DERIVED] =
        "SELECT count(*) FROM (SELECT 1 FROM stale_words LIMIT 1000)",
    [STORE_SQL_WORDS_MARK - STORE_SQL_DERIVED] =
        "INSERT INTO stale_words (track_id) VALUES (:track_id)"
        " ON CONFLICT (track_id) DO NOTHING",
    [STORE_SQL_WORDS_MERGE - STORE_SQL_DERIVED] =
        "INSERT INTO track_words (track_words, rank) VALUES ('merge', :pages)",
    [STORE_SQL_WORDS_REMOVE - STORE_SQL_DERIVED] =
        "DROP TABLE track_words",
    [STORE_SQL_WORDS_MAKE - STORE_SQL_DERIVED] = STORE_WORDS_TABLE,
    [STORE_SQL_WORDS_ALL_STALE - STORE_SQL_DERIVED] =
        "INSERT OR IGNORE INTO stale_words (track_id) SELECT track_id FROM tracks",
    [STORE_SQL_WORDS_PLAYS_OF - STORE_SQL_DERIVED] =
        "SELECT count(*) FROM played_tracks WHERE track_id = :id"
        " AND (:user_id = 0 OR user_id = :user_id) AND deleted_at IS NULL",
    [STORE_SQL_WORDS_ALBUM_OF - STORE_SQL_DERIVED] =
        "SELECT album_id FROM tracks WHERE track_id = :id AND album_id IS NOT NULL",
    [STORE_SQL_WORDS_ARTISTS_OF - STORE_SQL_DERIVED] =
        "SELECT artist_id FROM track_artists WHERE track_id = :id",
    [STORE_SQL_WORDS_NAME_TRACK - STORE_SQL_DERIVED] =
        "SELECT name FROM tracks WHERE track_id = :id",
    [STORE_SQL_WORDS_NAME_ARTIST - STORE_SQL_DERIVED] =
        "SELECT name FROM artists WHERE artist_id = :id",
    [STORE_SQL_WORDS_NAME_ALBUM - STORE_SQL_DERIVED] =
        "SELECT name FROM albums WHERE album_id = :id",
    [STORE_SQL_SEARCH_OLDER - STORE_SQL_DERIVED] = SEARCH_PLAYS " ORDER BY played_at DESC LIMIT :limit",
    [STORE_SQL_SEARCH_NEWER - STORE_SQL_DERIVED] = SEARCH_PLAYS " ORDER BY played_at LIMIT :limit",
    [STORE_SQL_SEARCH_TRACK_OLDER - STORE_SQL_DERIVED] = SEARCH_TRACK " ORDER BY played_at DESC",
    [STORE_SQL_SEARCH_TRACK_NEWER - STORE_SQL_DERIVED] = SEARCH_TRACK " ORDER BY played_at",
    [STORE_SQL_SEARCH_PLAY - STORE_SQL_DERIVED] =
        "SELECT played_at - nudge_ms, track_id, source, ms_played, first_seen_at, deleted_at,"
        " (SELECT c.uri FROM contexts AS c WHERE c.context_id = p.context_id) FROM played_tracks AS p"
        " WHERE user_id = :user_id AND played_at = :played_at",
    [STORE_SQL_SEARCH_DELETED - STORE_SQL_DERIVED] =
        "SELECT user_id, played_at, played_at - nudge_ms, track_id, source"
        " FROM played_tracks INDEXED BY played_tracks_deleted WHERE deleted_at IS NOT NULL",
    [STORE_SQL_PLAY_DELETE - STORE_SQL_DERIVED] =
        "UPDATE played_tracks SET deleted_at = :now"
        " WHERE user_id = :user_id AND played_at = :played_at AND deleted_at IS NULL",
    [STORE_SQL_PLAY_RESTORE - STORE_SQL_DERIVED] =
        "UPDATE played_tracks SET deleted_at = NULL"
        " WHERE user_id = :user_id AND played_at = :played_at AND deleted_at IS NOT NULL",
};
/* clang-format on */

const char *store_sql_text_derived(enum store_sql id)
{
    return texts[id - STORE_SQL_DERIVED];
}
