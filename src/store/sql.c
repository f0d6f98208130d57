/* SPDX-License-Identifier: MIT */
/*
 * store/sql: the texts of the statements (those on what is derived of the plays are in
 * sql_derived.c). Parameters are named; what is written is compared first,
 * so that a row that would stay as it is costs no page in the log.
 */
#include "store/store_private.h"

/* The texts are laid out as SQL. */
/* clang-format off */

/* As user_read() in users.c reads them. */
#define USER_COLUMNS \
    "user_id, spotify_id, account_id, display_name, state, state_reason, state_since, added_at," \
    " authorized_at, last_success_at, first_sweep_at, anchor_played_at, refused_at, retries," \
    " countdown, client_id"

/* What is not known (NULL, or an empty text) never replaces what is. */
#define NEWER(column) "coalesce(:" column ", " column ")"
#define NEWER_TEXT(column) "coalesce(nullif(:" column ", ''), " column ")"
#define SET(column) column " = " NEWER(column)
#define SET_TEXT(column) column " = " NEWER_TEXT(column)
#define DIFFERS(column) NEWER(column) " IS NOT " column
#define DIFFERS_TEXT(column) NEWER_TEXT(column) " IS NOT " column

/* An album with a made-up uri only takes an empty place. */
#define NEWER_ALBUM \
    "iif(:made_up, coalesce(album_id, :album_id), coalesce(:album_id, album_id))"

/* Track t is named by an export beside the track of the play. */
#define NAMED_BESIDE(track) \
    "EXISTS (SELECT 1 FROM play_tellings AS d WHERE d.long_track_id = " track ")" \
    " OR EXISTS (SELECT 1 FROM play_tellings AS d WHERE d.short_track_id = " track ")"

#define NEEDED_TRACK(track) \
    "EXISTS (SELECT 1 FROM played_tracks AS p WHERE p.track_id = " track ") OR " \
    NAMED_BESIDE(track)
#define NEEDED_ALBUM(album) "EXISTS (SELECT 1 FROM tracks AS t WHERE t.album_id = " album ")"
#define NEEDED_ARTIST(artist) \
    "EXISTS (SELECT 1 FROM track_artists AS x WHERE x.artist_id = " artist ")" \
    " OR EXISTS (SELECT 1 FROM album_artists AS x WHERE x.artist_id = " artist ")"

/* Plays of a user in [:since, :until). */
#define STATS_RANGE \
    " WHERE p.user_id = :user_id AND p.played_at >= :since AND p.played_at <= :until_key" \
    " AND p.played_at - p.nudge_ms >= :since AND p.played_at - p.nudge_ms < :until" \
    " AND p.deleted_at IS NULL"

/* A walk in search of plays of the API ends there, not at the beginning of years of imports. */
#define API_SINCE "(SELECT api_since FROM users WHERE user_id = :user_id)"

/* Of a play p. A join might be turned round, or be done by walking along a table of a few rows. */
#define CONTEXT "(SELECT c.uri FROM contexts AS c WHERE c.context_id = p.context_id)"

#define USER_IMPORTS "SELECT import_id FROM imports WHERE user_id = :user_id"

/* As title_read() in tellings.c reads them. */
#define TITLE \
    "SELECT t.track_id, t.uri, t.isrc, t.name," \
    " (SELECT a.name FROM album_artists AS x JOIN artists AS a USING (artist_id)" \
    " WHERE x.album_id = t.album_id ORDER BY x.position LIMIT 1)," \
    " (SELECT a.name FROM track_artists AS x JOIN artists AS a USING (artist_id)" \
    " WHERE x.track_id = t.track_id ORDER BY x.position LIMIT 1) FROM tracks AS t"

/* As import_read() in imports.c reads them. */
#define IMPORTS \
    "SELECT import_id, user_id, file, hash, source, started_at, finished_at, first_at, last_at," \
    " row_count, added, matched, duplicate, rejected FROM imports"

#define TELLING \
    "INTO play_tellings (user_id, played_at, long_at, long_track_id, long_nudge_ms, short_at," \
    " short_ms_played, short_track_id, short_nudge_ms, short_import_id) VALUES (:user_id," \
    " :played_at, :long_at, :long_track_id, :long_nudge_ms, :short_at, :short_ms_played," \
    " :short_track_id, :short_nudge_ms, :short_import_id)"

/* Of track t. Two ranges of an index and not "<>": a track that one user played a thousand times costs
 * two looks. */
#define PLAYED_BY_OTHERS \
    "(EXISTS (SELECT 1 FROM played_tracks AS p WHERE p.track_id = t.track_id" \
    " AND p.user_id < :user_id)" \
    " OR EXISTS (SELECT 1 FROM played_tracks AS p WHERE p.track_id = t.track_id" \
    " AND p.user_id > :user_id) OR EXISTS (SELECT 1 FROM play_tellings AS d" \
    " WHERE d.long_track_id = t.track_id AND d.user_id <> :user_id)" \
    " OR EXISTS (SELECT 1 FROM play_tellings AS d" \
    " WHERE d.short_track_id = t.track_id AND d.user_id <> :user_id))"

static const char *const texts[STORE_SQL_DERIVED] = {
    [STORE_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_SQL_BEGIN_READ] = "BEGIN",
    [STORE_SQL_COMMIT] = "COMMIT",
    [STORE_SQL_ROLLBACK] = "ROLLBACK",
    [STORE_SQL_MARK] = "SAVEPOINT mark",
    [STORE_SQL_MARK_KEEP] = "RELEASE mark",
    [STORE_SQL_MARK_UNDO] = "ROLLBACK TO mark",

    /* -- users */
    [STORE_SQL_USERS_LOAD] =
        "SELECT " USER_COLUMNS " FROM users ORDER BY user_id",
    [STORE_SQL_USER_GET] =
        "SELECT " USER_COLUMNS " FROM users WHERE user_id = :user_id",
    [STORE_SQL_USER_BY_ACCOUNT] =
        "SELECT " USER_COLUMNS " FROM users WHERE account_id = :account_id",
    [STORE_SQL_USER_BY_NAME] =
        "SELECT " USER_COLUMNS " FROM users WHERE spotify_id = :spotify_id"
        " AND (:account_id IS NULL OR account_id IS NULL)",
    [STORE_SQL_USER_ADD] =
        "INSERT INTO users (spotify_id, account_id, display_name, state, state_reason, state_since,"
        " added_at, authorized_at, last_success_at, first_sweep_at, anchor_played_at, refused_at,"
        " retries, countdown, client_id)"
        " VALUES (:spotify_id, :account_id, :display_name, :state, :state_reason, :state_since,"
        " :added_at, :authorized_at, :last_success_at, :first_sweep_at, :anchor_played_at,"
        " :refused_at, :retries, :countdown, :client_id)",
    [STORE_SQL_USER_UPDATE] =
        "UPDATE users SET spotify_id = :spotify_id, account_id = :account_id,"
        " display_name = :display_name, state = :state, state_reason = :state_reason,"
        " state_since = :state_since, added_at = :added_at, authorized_at = :authorized_at,"
        " last_success_at = :last_success_at, first_sweep_at = :first_sweep_at,"
        " anchor_played_at = :anchor_played_at, refused_at = :refused_at, retries = :retries,"
        " countdown = :countdown, client_id = :client_id WHERE user_id = :user_id",
    [STORE_SQL_USER_STATE] =
        "UPDATE users SET state = :state, state_reason = :state_reason,"
        " state_since = :state_since WHERE user_id = :user_id",
    [STORE_SQL_USER_PROGRESS] =
        "UPDATE users SET " SET("last_success_at") ", " SET("first_sweep_at") ", "
        SET("anchor_played_at") " WHERE user_id = :user_id",
    [STORE_SQL_USER_REFUSED] =
        "UPDATE users SET refused_at = :refused_at, retries = :retries WHERE user_id = :user_id",
    [STORE_SQL_USER_COUNTDOWN] =
        "UPDATE users SET countdown = :countdown WHERE user_id = :user_id",

    /* -- tokens */
    [STORE_SQL_TOKEN_GET] =
        "SELECT sealed, scope, expires_at, updated_at FROM tokens"
        " WHERE user_id = :user_id AND type = :type",
    [STORE_SQL_TOKEN_PUT] =
        "INSERT INTO tokens (user_id, type, sealed, scope, expires_at, updated_at)"
        " VALUES (:user_id, :type, :sealed, :scope, :expires_at, :updated_at)"
        " ON CONFLICT (user_id, type) DO UPDATE SET sealed = excluded.sealed,"
        " scope = excluded.scope, expires_at = excluded.expires_at,"
        " updated_at = excluded.updated_at",
    [STORE_SQL_TOKENS_EXIST] =
        "SELECT EXISTS (SELECT 1 FROM tokens)",
    [STORE_SQL_REFRESH_BEGIN] =
        "INSERT INTO refreshes (user_id, started_at) VALUES (:user_id, :started_at)"
        " ON CONFLICT (user_id) DO UPDATE SET started_at = excluded.started_at,"
        " finished_at = NULL, outcome = NULL",
    [STORE_SQL_REFRESH_END] =
        "UPDATE refreshes SET finished_at = :finished_at, outcome = :outcome"
        " WHERE user_id = :user_id",
    [STORE_SQL_REFRESH_GET] =
        "SELECT started_at, finished_at, outcome FROM refreshes WHERE user_id = :user_id",

    /* -- catalogue */
    [STORE_SQL_TRACK_FIND] =
        "SELECT track_id FROM tracks WHERE uri = :uri",
    [STORE_SQL_TRACK_ADD] =
        "INSERT INTO tracks (uri, kind, name, isrc, duration_ms, track_number, disc_number,"
        " explicit, album_id, updated_at) VALUES (:uri, coalesce(:kind, 'track'),"
        " coalesce(:name, ''), :isrc, :duration_ms, :track_number, :disc_number, :explicit,"
        " :album_id, :now)",
    [STORE_SQL_TRACK_CHANGE] =
        "UPDATE tracks SET " SET("kind") ", " SET_TEXT("name") ", " SET_TEXT("isrc") ", "
        SET("duration_ms") ", " SET("track_number") ", " SET("disc_number") ", " SET("explicit")
        ", album_id = " NEWER_ALBUM ", updated_at = :now WHERE track_id = :id AND ("
        DIFFERS("kind") " OR " DIFFERS_TEXT("name") " OR " DIFFERS_TEXT("isrc") " OR "
        DIFFERS("duration_ms") " OR " DIFFERS("track_number") " OR " DIFFERS("disc_number") " OR "
        DIFFERS("explicit") " OR " NEWER_ALBUM " IS NOT album_id)",
    [STORE_SQL_ALBUM_FIND] =
        "SELECT album_id FROM albums WHERE uri = :uri",
    [STORE_SQL_ALBUM_ADD] =
        "INSERT INTO albums (uri, name, album_type, release_date, cover_url, total_tracks,"
        " updated_at) VALUES (:uri, coalesce(:name, ''), nullif(:album_type, ''),"
        " nullif(:release_date, ''), nullif(:cover_url, ''), :total_tracks, :now)",
    [STORE_SQL_ALBUM_CHANGE] =
        "UPDATE albums SET " SET_TEXT("name") ", " SET_TEXT("album_type") ", "
        SET_TEXT("release_date") ", " SET_TEXT("cover_url") ", " SET("total_tracks")
        ", updated_at = :now WHERE album_id = :id AND (" DIFFERS_TEXT("name") " OR "
        DIFFERS_TEXT("album_type") " OR " DIFFERS_TEXT("release_date") " OR "
        DIFFERS_TEXT("cover_url") " OR " DIFFERS("total_tracks") ")",
    [STORE_SQL_ARTIST_FIND] =
        "SELECT artist_id, coalesce(nullif(:name, ''), name) IS name FROM artists"
        " WHERE uri = :uri",
    [STORE_SQL_ARTIST_ADD] =
        "INSERT INTO artists (uri, name, updated_at) VALUES (:uri, coalesce(:name, ''), :now)",
    [STORE_SQL_ARTIST_CHANGE] =
        "UPDATE artists SET " SET_TEXT("name") ", updated_at = :now"
        " WHERE artist_id = :id AND " DIFFERS_TEXT("name"),
    [STORE_SQL_TRACK_ARTISTS] =
        "SELECT artist_id FROM track_artists WHERE track_id = :id ORDER BY position",
    [STORE_SQL_TRACK_ARTISTS_CLEAR] =
        "DELETE FROM track_artists WHERE track_id = :id",
    [STORE_SQL_TRACK_ARTISTS_ADD] =
        "INSERT INTO track_artists (track_id, position, artist_id)"
        " VALUES (:id, :position, :artist_id)",
    [STORE_SQL_ALBUM_ARTISTS] =
        "SELECT artist_id FROM album_artists WHERE album_id = :id ORDER BY position",
    [STORE_SQL_ALBUM_ARTISTS_CLEAR] =
        "DELETE FROM album_artists WHERE album_id = :id",
    [STORE_SQL_ALBUM_ARTISTS_ADD] =
        "INSERT INTO album_artists (album_id, position, artist_id)"
        " VALUES (:id, :position, :artist_id)",

    /* -- plays */
    [STORE_SQL_PLAYS_BETWEEN] =
        "SELECT played_at, nudge_ms, track_id, source, deleted_at IS NOT NULL FROM played_tracks"
        " WHERE user_id = :user_id AND played_at BETWEEN :from AND :to ORDER BY played_at",
    [STORE_SQL_PLAY_BEFORE] =
        "SELECT played_at FROM played_tracks WHERE user_id = :user_id AND played_at < :ms"
        " AND played_at >= " API_SINCE " AND source = 'api' ORDER BY played_at DESC LIMIT 1",
    [STORE_SQL_PLAY_AFTER] =
        "SELECT played_at FROM played_tracks WHERE user_id = :user_id AND played_at > :ms"
        " AND played_at >= " API_SINCE " AND source = 'api' ORDER BY played_at LIMIT 1",
    /* The key runs ahead of the reported moment by nudge_ms, which is a few ms: 1000 are looked at.
     * Among nudged rows the greatest key need not have the greatest moment, so the second look is
     * at all rows from that moment on. */
    [STORE_SQL_PLAY_NEWEST_API] =
        "SELECT max(played_at - nudge_ms) FROM played_tracks WHERE user_id = :user_id"
        " AND source = 'api' AND played_at - nudge_ms <= :latest"
        " AND played_at <= :latest + 1000 AND played_at >= ("
        "SELECT played_at - nudge_ms FROM played_tracks WHERE user_id = :user_id"
        " AND played_at >= " API_SINCE " AND source = 'api' AND played_at - nudge_ms <= :latest"
        " AND played_at <= :latest + 1000 ORDER BY played_at DESC LIMIT 1)",
    [STORE_SQL_PLAY_INSERT] =
        "INSERT INTO played_tracks (user_id, played_at, track_id, context_id, source,"
        " first_seen_at, ms_played, nudge_ms, import_id, detail_id, offline_ms, deleted_at)"
        " VALUES (:user_id, :played_at, :track_id, :context_id, :source, :first_seen_at,"
        " :ms_played, :nudge_ms, :import_id, :detail_id, :offline_ms, :deleted_at)"
        " ON CONFLICT (user_id, played_at) DO NOTHING",
    [STORE_SQL_API_SINCE] =
        "UPDATE users SET api_since = :played_at WHERE user_id = :user_id"
        " AND (api_since IS NULL OR api_since > :played_at)",
    [STORE_SQL_CONTEXT_FIND] =
        "SELECT context_id FROM contexts WHERE user_id = :user_id AND uri = :uri",
    [STORE_SQL_CONTEXT_ADD] =
        "INSERT INTO contexts (user_id, uri) VALUES (:user_id, :uri)",
    [STORE_SQL_PLAY_COUNT] =
        "SELECT count(*) FROM played_tracks WHERE user_id = :user_id AND deleted_at IS NULL",
    [STORE_SQL_PLAY_COUNT_ALL] =
        "SELECT count(*) FROM played_tracks WHERE deleted_at IS NULL",
    /* The key is never before the reported moment. */
    [STORE_SQL_PLAY_COUNT_SINCE] =
        "SELECT count(*) FROM played_tracks WHERE user_id = :user_id AND played_at >= :since"
        " AND played_at - nudge_ms >= :since AND deleted_at IS NULL",

    /* -- tellings */
    [STORE_SQL_TOLD_BETWEEN] =
        "SELECT p.played_at, p.nudge_ms, p.track_id, p.source, p.ms_played, p.import_id,"
        " d.long_at, p.played_at - p.offline_ms, d.long_track_id, d.long_nudge_ms,"
        " x.offline, d.short_at, d.short_ms_played, d.short_track_id, d.short_nudge_ms,"
        " d.short_import_id FROM played_tracks AS p LEFT JOIN play_tellings AS d"
        " ON d.user_id = p.user_id AND d.played_at = p.played_at"
        " LEFT JOIN details AS x ON x.detail_id = p.detail_id"
        " WHERE p.user_id = :user_id AND p.played_at BETWEEN :from AND :to ORDER BY p.played_at"
        " LIMIT :rows",
    [STORE_SQL_TOLD_TRACKS] =
        "SELECT played_at, track_id, import_id IS NOT NULL FROM played_tracks"
        " WHERE user_id = :user_id AND played_at BETWEEN :from AND :to ORDER BY played_at",
    [STORE_SQL_TOLD_OTHER_TRACKS] =
        "SELECT played_at, long_track_id, short_track_id FROM play_tellings"
        " WHERE user_id = :user_id AND played_at BETWEEN :from AND :to"
        " AND (long_track_id IS NOT NULL OR short_track_id IS NOT NULL) ORDER BY played_at",
    [STORE_SQL_TOLD_FENCE] =
        "SELECT played_at FROM played_tracks WHERE user_id = :user_id AND played_at >= :from"
        " ORDER BY played_at LIMIT 1 OFFSET :plays",
    [STORE_SQL_TOLD_BY_IMPORT] =
        "SELECT p.played_at, p.import_id IS :import_id OR d.short_import_id IS :import_id"
        " FROM played_tracks AS p LEFT JOIN play_tellings AS d"
        " ON d.user_id = p.user_id AND d.played_at = p.played_at"
        " WHERE p.user_id = :user_id AND p.played_at > :after ORDER BY p.played_at LIMIT :rows",
    [STORE_SQL_DETAILS_GET] =
        "SELECT x.reason_start, x.reason_end, x.platform, x.country, x.shuffle, x.skipped,"
        " x.offline, x.incognito FROM played_tracks AS p"
        " JOIN details AS x ON x.detail_id = p.detail_id"
        " WHERE p.user_id = :user_id AND p.played_at = :played_at",
    [STORE_SQL_DETAILS_FIND] =
        "SELECT detail_id FROM details WHERE import_id IS :import_id AND platform IS :platform"
        " AND reason_start IS :reason_start AND reason_end IS :reason_end AND country IS :country"
        " AND shuffle IS :shuffle AND skipped IS :skipped AND offline IS :offline"
        " AND incognito IS :incognito",
    [STORE_SQL_DETAILS_ADD] =
        "INSERT INTO details (import_id, reason_start, reason_end, platform, country, shuffle,"
        " skipped, offline, incognito) VALUES (:import_id, :reason_start, :reason_end, :platform,"
        " :country, :shuffle, :skipped, :offline, :incognito)",
    [STORE_SQL_TELLING_ADD] = "INSERT " TELLING,
    [STORE_SQL_TELLING_PUT] = "INSERT OR REPLACE " TELLING,
    [STORE_SQL_TELLING_DROP] =
        "DELETE FROM play_tellings WHERE user_id = :user_id AND played_at = :played_at",
    [STORE_SQL_PLAY_MARKS] =
        "SELECT first_seen_at, deleted_at FROM played_tracks"
        " WHERE user_id = :user_id AND played_at = :played_at",
    [STORE_SQL_PLAY_CHANGE] =
        "UPDATE played_tracks SET track_id = :track_id, source = :source, ms_played = :ms_played,"
        " import_id = :import_id, context_id = coalesce(:context_id, context_id),"
        " detail_id = :detail_id, offline_ms = :offline_ms"
        " WHERE user_id = :user_id AND played_at = :played_at",
    [STORE_SQL_PLAY_REMOVE] =
        "DELETE FROM played_tracks WHERE user_id = :user_id AND played_at = :played_at",
    [STORE_SQL_PLAY_FREE] =
        "SELECT played_at FROM played_tracks WHERE user_id = :user_id AND played_at >= :ms"
        " ORDER BY played_at",
    [STORE_SQL_PLAY_IMPORTED_BETWEEN] =
        "SELECT 1 FROM played_tracks WHERE user_id = :user_id AND played_at BETWEEN :from AND :to"
        " AND +import_id IS NOT NULL LIMIT 1",
    [STORE_SQL_NAMES_VERSION] =
        "PRAGMA data_version",
    [STORE_SQL_TRACK_TITLE] = TITLE " WHERE t.track_id = :track_id",
    [STORE_SQL_TRACK_TITLE_BY_URI] = TITLE " WHERE t.uri = :uri",

    /* -- imports */
    [STORE_SQL_IMPORT_ADD] =
        "INSERT INTO imports (user_id, file, hash, source, started_at, row_count, added, matched,"
        " duplicate, rejected) VALUES (:user_id, :file, :hash, :source, :started_at, 0, 0, 0, 0,"
        " 0)",
    [STORE_SQL_IMPORT_FINISH] =
        "UPDATE imports SET finished_at = :finished_at, row_count = :row_count, added = :added,"
        " matched = :matched, duplicate = :duplicate, rejected = :rejected, first_at = :first_at,"
        " last_at = :last_at WHERE import_id = :import_id",
    [STORE_SQL_IMPORT_GET] =
        "SELECT user_id, started_at, row_count, file, source FROM imports"
        " WHERE import_id = :import_id",
    [STORE_SQL_IMPORT_SAME] =
        "SELECT max(import_id) FROM imports WHERE user_id = :user_id AND hash = :hash"
        " AND finished_at IS NOT NULL AND import_id <> :import_id",
    [STORE_SQL_IMPORT_REMOVE] =
        "DELETE FROM imports WHERE import_id = :import_id",
    [STORE_SQL_REJECT_ADD] =
        "INSERT OR IGNORE INTO import_rejects (import_id, row_no, reason, excerpt)"
        " VALUES (:import_id, :row_no, :reason, :excerpt)",
    [STORE_SQL_GAPS_OPEN] =
        "SELECT gap_id, after_played_at, before_played_at FROM gaps"
        " WHERE user_id = :user_id AND filled_by IS NULL",
    [STORE_SQL_GAP_FILL] =
        "UPDATE gaps SET filled_by = :import_id WHERE gap_id = :gap_id",
    [STORE_SQL_GAPS_REOPEN] =
        "UPDATE gaps SET filled_by = NULL WHERE filled_by = :import_id",

    /* -- for people to look at, now and then */
    [STORE_SQL_IMPORTS_LIST] = IMPORTS " ORDER BY import_id",
    [STORE_SQL_IMPORTS_ONE] = IMPORTS " WHERE import_id = :import_id",
    [STORE_SQL_REJECTS_LIST] =
        "SELECT row_no, reason, excerpt FROM import_rejects WHERE import_id = :import_id"
        " ORDER BY row_no",
    [STORE_SQL_GAPS_LIST] =
        "SELECT * FROM (SELECT g.gap_id, g.user_id, g.after_played_at, g.before_played_at,"
        " g.certainty, g.cause, g.detected_at, g.filled_by, i.file"
        " FROM gaps AS g LEFT JOIN imports AS i ON i.import_id = g.filled_by"
        " WHERE :user_id = 0 OR g.user_id = :user_id"
        " ORDER BY g.after_played_at DESC, g.gap_id DESC LIMIT :last)"
        " ORDER BY after_played_at, gap_id",

    /* -- what of the catalogue nobody needs any more, one row each */
    [STORE_SQL_PRUNE_TRACK_OF] =
        "SELECT album_id FROM tracks WHERE track_id = :id",
    [STORE_SQL_PRUNE_TRACK_ARTISTS] =
        "SELECT artist_id FROM track_artists WHERE track_id = :id",
    [STORE_SQL_PRUNE_TRACK] =
        "DELETE FROM tracks WHERE track_id = :id AND NOT (" NEEDED_TRACK(":id") ")",
    [STORE_SQL_PRUNE_ALBUM_ARTISTS] =
        "SELECT artist_id FROM album_artists WHERE album_id = :id",
    [STORE_SQL_PRUNE_ALBUM] =
        "DELETE FROM albums WHERE album_id = :id AND NOT " NEEDED_ALBUM(":id"),
    [STORE_SQL_PRUNE_MADE_UP_ALBUM] =
        "DELETE FROM albums WHERE album_id = :id AND uri GLOB 'historyd:*' AND NOT "
        NEEDED_ALBUM(":id"),
    [STORE_SQL_PRUNE_MADE_UP_ARTIST] =
        "DELETE FROM artists WHERE artist_id = :id AND uri GLOB 'historyd:*' AND NOT ("
        NEEDED_ARTIST(":id") ")",
    [STORE_SQL_PRUNE_ARTIST] =
        "DELETE FROM artists WHERE artist_id = :id AND NOT (" NEEDED_ARTIST(":id") ")",

    /* -- listing: columns as play_read() and track_make() in listing.c read them. The key is never
     * before the reported moment, and runs ahead of it by a few ms: an hour is plenty. LEFT keeps the
     * plays outermost, in the order of their key. */
    [STORE_SQL_LISTING_PLAYS] =
        "SELECT p.played_at, p.nudge_ms, p.track_id, p.source, p.first_seen_at, p.ms_played,"
        " " CONTEXT ", d.reason_start, d.reason_end, d.platform, d.country, d.shuffle, d.skipped,"
        " d.offline, d.incognito, p.played_at - p.offline_ms FROM played_tracks AS p"
        " LEFT JOIN details AS d ON d.detail_id = p.detail_id"
        " WHERE p.user_id = :user_id AND p.played_at >= :since AND p.played_at <= :until_key"
        " AND p.played_at - p.nudge_ms >= :since AND p.played_at - p.nudge_ms < :until"
        " AND p.deleted_at IS NULL ORDER BY p.played_at",
    [STORE_SQL_LISTING_TRACK] =
        "SELECT t.uri, t.kind, nullif(t.name, ''), t.isrc, t.duration_ms, nullif(b.name, ''), b.uri,"
        " (SELECT nullif(a.name, '') FROM album_artists AS x JOIN artists AS a USING (artist_id)"
        " WHERE x.album_id = t.album_id ORDER BY x.position LIMIT 1)"
        " FROM tracks AS t LEFT JOIN albums AS b ON b.album_id = t.album_id"
        " WHERE t.track_id = :track_id",
    [STORE_SQL_LISTING_ARTISTS] =
        "SELECT a.uri, nullif(a.name, '') FROM track_artists AS x JOIN artists AS a"
        " USING (artist_id) WHERE x.track_id = :track_id ORDER BY x.position",

    /* -- statistics: columns as stats.c, stats_names.c and stats_recent.c read them. Bounds as in
     * the listing. */
    /* feed() hands each row to us, see feed.c. */
    [STORE_SQL_STATS_STALE] =
        "SELECT block FROM stale_blocks WHERE user_id = :user_id ORDER BY block",
    [STORE_SQL_STATS_FIRST] =
        "SELECT p.played_at, p.played_at - p.nudge_ms FROM played_tracks AS p" STATS_RANGE
        " ORDER BY p.played_at",
    [STORE_SQL_STATS_LAST] =
        "SELECT p.played_at, p.played_at - p.nudge_ms FROM played_tracks AS p" STATS_RANGE
        " ORDER BY p.played_at DESC",
    [STORE_SQL_STATS_PLAYS] =
        "SELECT feed(p.played_at - p.nudge_ms, p.track_id, " STORE_LISTENED ") FROM played_tracks AS p"
        STATS_RANGE,
    [STORE_SQL_STATS_QUARTERS] =
        "SELECT block, quarters FROM play_sums WHERE user_id = :user_id"
        " AND block BETWEEN :first AND :last ORDER BY block",
    [STORE_SQL_STATS_BLOCKS] =
        "SELECT block, tracks FROM play_sums WHERE user_id = :user_id"
        " AND block BETWEEN :first AND :last ORDER BY block",
    [STORE_SQL_STATS_FIRST_OF_TRACK] =
        "SELECT p.played_at, p.played_at - p.nudge_ms FROM played_tracks AS p" STATS_RANGE
        " AND p.track_id = :id ORDER BY p.played_at",
    [STORE_SQL_STATS_ARTISTS_OF] =
        "SELECT feed(artist_id, track_id) FROM track_artists WHERE track_id = :id",
    /* The bound, which is none, has it read in the order of tracks: their sums lie so too, and
     * artists are fewer. */
    [STORE_SQL_STATS_ARTISTS] =
        "SELECT feed(artist_id, track_id) FROM track_artists"
        " WHERE track_id >= -9223372036854775808",
    [STORE_SQL_STATS_ALBUM_OF] =
        "SELECT feed(album_id, track_id) FROM tracks WHERE track_id = :id AND album_id IS NOT NULL",
    [STORE_SQL_STATS_ALBUMS] =
        "SELECT feed(album_id, track_id) FROM tracks WHERE album_id IS NOT NULL",
    [STORE_SQL_STATS_TRACKS_OF_ARTIST] =
        "SELECT feed(artist_id, track_id) FROM track_artists WHERE artist_id = :id",
    [STORE_SQL_STATS_TRACKS_OF_ALBUM] =
        "SELECT feed(album_id, track_id) FROM tracks WHERE album_id = :id",
    [STORE_SQL_DETAIL_TRACK] =
        "SELECT t.uri, t.name, t.kind, t.duration_ms, b.cover_url, b.release_date, b.album_id,"
        " b.uri, b.name FROM tracks AS t LEFT JOIN albums AS b ON b.album_id = t.album_id"
        " WHERE t.track_id = :id",
    [STORE_SQL_DETAIL_ARTIST] =
        "SELECT uri, name FROM artists WHERE artist_id = :id",
    [STORE_SQL_DETAIL_ALBUM] =
        "SELECT uri, name, NULL, NULL, cover_url, release_date FROM albums WHERE album_id = :id",
    [STORE_SQL_DETAIL_TRACK_ARTISTS] =
        "SELECT a.artist_id, a.uri, a.name FROM track_artists AS x"
        " JOIN artists AS a ON a.artist_id = x.artist_id WHERE x.track_id = :id"
        " ORDER BY x.position",
    [STORE_SQL_DETAIL_ALBUM_ARTISTS] =
        "SELECT a.artist_id, a.uri, a.name FROM album_artists AS x"
        " JOIN artists AS a ON a.artist_id = x.artist_id WHERE x.album_id = :id"
        " ORDER BY x.position",
    [STORE_SQL_DETAIL_TRACKS_OF_TRACK] =
        "SELECT track_id, album_id, duration_ms FROM tracks WHERE track_id = :id",
    [STORE_SQL_DETAIL_TRACKS_OF_ARTIST] =
        "SELECT t.track_id, t.album_id, t.duration_ms FROM track_artists AS x"
        " JOIN tracks AS t ON t.track_id = x.track_id WHERE x.artist_id = :id",
    [STORE_SQL_DETAIL_TRACKS_OF_ALBUM] =
        "SELECT track_id, album_id, duration_ms FROM tracks INDEXED BY tracks_album"
        " WHERE album_id = :id",
    [STORE_SQL_DETAIL_PLAYS] =
        "SELECT feed(user_id, played_at - nudge_ms, ms_played) FROM played_tracks"
        " WHERE track_id = :id AND deleted_at IS NULL",

    [STORE_SQL_COVERAGE_GAPS] =
        "SELECT gap_id, after_played_at, before_played_at, certainty = 'likely' FROM gaps"
        " WHERE user_id = :user_id AND filled_by IS NULL ORDER BY certainty, gap_id",
    [STORE_SQL_COVERAGE_RUNS] =
        "SELECT started_at, coalesce(stopped_at, alive_at) FROM runs"
        " WHERE coalesce(stopped_at, alive_at) >= :since",

    [STORE_SQL_STATS_NAME_TRACK] =
        "SELECT t.uri, t.name, (SELECT group_concat(name, ', ') FROM (SELECT a.name"
        " FROM track_artists AS x JOIN artists AS a USING (artist_id) WHERE x.track_id = t.track_id"
        " ORDER BY x.position)), b.name, t.duration_ms FROM tracks AS t"
        " LEFT JOIN albums AS b ON b.album_id = t.album_id WHERE t.track_id = :id",
    [STORE_SQL_STATS_NAME_ARTIST] =
        "SELECT uri, name, NULL, NULL, NULL FROM artists WHERE artist_id = :id",
    [STORE_SQL_STATS_NAME_ALBUM] =
        "SELECT b.uri, b.name, (SELECT group_concat(name, ', ') FROM (SELECT a.name"
        " FROM album_artists AS x JOIN artists AS a USING (artist_id) WHERE x.album_id = b.album_id"
        " ORDER BY x.position)), NULL, NULL FROM albums AS b WHERE b.album_id = :id",
    [STORE_SQL_STATS_RECENT] =
        "SELECT p.played_at, p.nudge_ms, p.track_id, p.ms_played, p.source, p.first_seen_at,"
        " " CONTEXT
        " FROM played_tracks AS p" STATS_RANGE " ORDER BY p.played_at DESC"
        " LIMIT :limit",
    [STORE_SQL_STATS_GAPS] =
        "SELECT count(*), sum(certainty = 'likely'), min(after_played_at), max(before_played_at)"
        " FROM gaps WHERE user_id = :user_id AND filled_by IS NULL AND after_played_at < :until"
        " AND before_played_at > :since",

    /* -- ledger */
    [STORE_SQL_POLL_ADD] =
        "INSERT INTO polls (user_id, started_at, kind, cursor, outcome, http_status, detail,"
        " items, added, late, odd, duration_ms) VALUES (:user_id, :started_at, :kind, :cursor,"
        " :outcome, :http_status, :detail, :items, :added, :late, :odd, :duration_ms)",
    /* Ids ascend with time: the oldest are the lowest, and no index is needed. */
    [STORE_SQL_POLLS_PRUNE] =
        "DELETE FROM polls WHERE poll_id IN (SELECT poll_id FROM (SELECT poll_id, started_at"
        " FROM polls ORDER BY poll_id LIMIT :rows) WHERE started_at < :before)",
    [STORE_SQL_POLLS_WALK] =
        "SELECT user_id, started_at, outcome FROM polls ORDER BY poll_id DESC",
    /* The newest run that has not stopped is the one that asks: it is alive now. */
    [STORE_SQL_RUNS_WALK] =
        "SELECT started_at, end_at FROM (SELECT started_at, coalesce(stopped_at, iif(run_id ="
        " (SELECT max(run_id) FROM runs), :until, alive_at)) AS end_at FROM runs)"
        " WHERE end_at > :since AND started_at < :until ORDER BY started_at",
    [STORE_SQL_GAP_ADD] =
        "INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause,"
        " detected_at) VALUES (:user_id, :after, :before, :certainty, :cause, :detected_at)"
        " ON CONFLICT (user_id, after_played_at, before_played_at) DO NOTHING",
    /* By an import that told of the plays at both ends. */
    [STORE_SQL_GAP_SETTLE] =
        "UPDATE gaps SET filled_by = (SELECT a.import_id FROM played_tracks AS a"
        " JOIN played_tracks AS b ON b.user_id = a.user_id AND b.played_at = :before"
        " AND b.import_id = a.import_id WHERE a.user_id = :user_id AND a.played_at = :after)"
        " WHERE user_id = :user_id AND after_played_at = :after AND before_played_at = :before"
        " AND filled_by IS NULL",
    [STORE_SQL_RUN_BEGIN] =
        "INSERT INTO runs (started_at, alive_at, version) VALUES (:now, :now, :version)",
    [STORE_SQL_RUN_ALIVE] =
        "UPDATE runs SET alive_at = :now WHERE run_id = :run_id",
    [STORE_SQL_RUN_END] =
        "UPDATE runs SET alive_at = :now, stopped_at = :now WHERE run_id = :run_id",
    [STORE_SQL_GATE_GET] =
        "SELECT not_before, set_at, reason FROM gate WHERE client_id = :client_id",
    [STORE_SQL_GATE_PUT] =
        "INSERT INTO gate (client_id, not_before, set_at, reason)"
        " VALUES (:client_id, :not_before, :set_at, :reason)"
        " ON CONFLICT (client_id) DO UPDATE SET not_before = excluded.not_before,"
        " set_at = excluded.set_at, reason = excluded.reason",
    [STORE_SQL_GATE_SPEND] =
        "UPDATE gate_calls SET calls = calls + :calls"
        " WHERE client_id = :client_id AND hour = :hour",
    [STORE_SQL_GATE_HOUR] =
        "INSERT INTO gate_calls (client_id, hour, calls) VALUES (:client_id, :hour, :calls)",
    [STORE_SQL_GATE_FORGET] =
        "DELETE FROM gate_calls WHERE client_id = :client_id AND hour < :hour",
    [STORE_SQL_GATE_SPENT] =
        "SELECT coalesce(sum(calls), 0) FROM gate_calls"
        " WHERE client_id = :client_id AND hour BETWEEN :from AND :to",

    /* -- for those who watch: small tables, read as they are */
    [STORE_SQL_MEASURE_GAPS] =
        "SELECT count(*) FILTER (WHERE certainty = 'likely'), count(*) FILTER (WHERE certainty ="
        " 'possible') FROM gaps WHERE filled_by IS NULL",
    [STORE_SQL_MEASURE_IMPORTS] =
        "SELECT sum(added), sum(matched), sum(duplicate), sum(rejected) FROM imports"
        " WHERE finished_at IS NOT NULL",

    /* -- what is kept of a user: counted */
    [STORE_SQL_HOLD_PLAYS] =
        "SELECT count(*) FILTER (WHERE deleted_at IS NULL), count(deleted_at) FROM played_tracks"
        " WHERE user_id = :user_id",
    [STORE_SQL_HOLD_LEDGER] =
        "SELECT (SELECT count(*) FROM gaps WHERE user_id = :user_id),"
        " (SELECT count(*) FROM polls WHERE user_id = :user_id),"
        " (SELECT count(*) FROM imports WHERE user_id = :user_id),"
        " (SELECT count(*) FROM import_rejects WHERE import_id IN (" USER_IMPORTS "))",
    [STORE_SQL_HOLD_TRACKS] =
        "SELECT count(*) FROM tracks AS t WHERE NOT " PLAYED_BY_OTHERS,
    [STORE_SQL_HOLD_ALBUMS] =
        "SELECT count(*) FROM albums AS b WHERE NOT EXISTS"
        " (SELECT 1 FROM tracks AS t WHERE t.album_id = b.album_id AND " PLAYED_BY_OTHERS ")",
    [STORE_SQL_HOLD_ARTISTS] =
        "SELECT count(*) FROM artists AS a WHERE NOT EXISTS"
        " (SELECT 1 FROM track_artists AS x JOIN tracks AS t USING (track_id)"
        " WHERE x.artist_id = a.artist_id AND " PLAYED_BY_OTHERS ") AND NOT EXISTS"
        " (SELECT 1 FROM album_artists AS y JOIN tracks AS t USING (album_id)"
        " WHERE y.artist_id = a.artist_id AND " PLAYED_BY_OTHERS ")",

    /* -- and removed, in this order */
    [STORE_SQL_FORGET_TOKENS] =
        "DELETE FROM tokens WHERE user_id = :user_id",
    [STORE_SQL_FORGET_REFRESHES] =
        "DELETE FROM refreshes WHERE user_id = :user_id",
    /* The rows of a few steps back and forth: up to this play. Details go with their play. */
    [STORE_SQL_FORGET_PLAYS_UP_TO] =
        "SELECT max(played_at) FROM (SELECT played_at FROM played_tracks"
        " WHERE user_id = :user_id ORDER BY played_at LIMIT :rows)",
    [STORE_SQL_FORGET_DELETED_PLAYS] =
        "DELETE FROM played_tracks WHERE user_id = :user_id AND played_at <= :to"
        " AND deleted_at IS NOT NULL",
    [STORE_SQL_FORGET_PLAYS] =
        "DELETE FROM played_tracks WHERE user_id = :user_id AND played_at <= :to",
    /* The next few of what was summed up. */
    [STORE_SQL_FORGET_SUMS] =
        "DELETE FROM play_sums WHERE user_id = :user_id AND block <= (SELECT max(block)"
        " FROM (SELECT block FROM play_sums WHERE user_id = :user_id ORDER BY block"
        " LIMIT 1 + :rows / 256))",
    [STORE_SQL_FORGET_GAPS] =
        "DELETE FROM gaps WHERE user_id = :user_id",
    [STORE_SQL_FORGET_POLLS] =
        "DELETE FROM polls WHERE poll_id BETWEEN :from AND :to AND user_id = :user_id",
    [STORE_SQL_FORGET_REJECTS] =
        "DELETE FROM import_rejects WHERE import_id IN (" USER_IMPORTS ")",
    /* Imports are of one user's plays, but no rule of the file says so: what refers to one of
     * these all the same is another's, and stays. */
    [STORE_SQL_FORGET_FILLINGS] =
        "UPDATE gaps SET filled_by = NULL WHERE filled_by IN (" USER_IMPORTS ")",
    [STORE_SQL_FORGET_CONTEXTS] =
        "DELETE FROM contexts WHERE user_id = :user_id",
    [STORE_SQL_FORGET_IMPORTS] =
        "DELETE FROM imports WHERE user_id = :user_id",
    [STORE_SQL_FORGET_USER] =
        "DELETE FROM users WHERE user_id = :user_id",
    [STORE_SQL_FORGET_LAST_POLL] =
        "SELECT max(poll_id) FROM polls",
    [STORE_SQL_FORGET_LAST_TRACK] =
        "SELECT max(track_id) FROM tracks",
    [STORE_SQL_FORGET_LAST_ALBUM] =
        "SELECT max(album_id) FROM albums",
    [STORE_SQL_FORGET_LAST_ARTIST] =
        "SELECT max(artist_id) FROM artists",
    [STORE_SQL_FORGET_TRACKS] =
        "DELETE FROM tracks WHERE track_id BETWEEN :from AND :to AND NOT ("
        NEEDED_TRACK("tracks.track_id") ")",
    [STORE_SQL_FORGET_ALBUMS] =
        "DELETE FROM albums WHERE album_id BETWEEN :from AND :to AND NOT "
        NEEDED_ALBUM("albums.album_id"),
    [STORE_SQL_FORGET_ARTISTS] =
        "DELETE FROM artists WHERE artist_id BETWEEN :from AND :to AND NOT ("
        NEEDED_ARTIST("artists.artist_id") ")",
};
/* clang-format on */

const char *store_sql_text(enum store_sql id)
{
    return id < STORE_SQL_DERIVED ? texts[id] : store_sql_text_derived(id);
}
