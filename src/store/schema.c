/* SPDX-License-Identifier: MIT */
/*
 * store/schema: the tables and views as SQL, and the ladder of versions. What
 * version 1 had is in schema_v1.c. spotify-history.db(5)
 * tells the same to those who read the file; the comments of the columns are kept in the file.
 *
 * Times are INTEGER milliseconds since 1970-01-01 UTC, durations INTEGER milliseconds, unless the
 * name says otherwise.
 */
#include "store/store_private.h"

/* The texts are laid out as SQL. */
/* clang-format off */

/* -- version 2: what became of a sign-in ------------------------------------------------------ */

/* SQLite keeps the definition of a new column as it is written here, up to its last word: a comment
 * to the end of the line would swallow what follows. */
static const char users_refused_at[] =
    "ALTER TABLE users ADD COLUMN refused_at INTEGER"
    " /* when Spotify refused the sign-in, NULL: it did not */";

static const char users_retries[] =
    "ALTER TABLE users ADD COLUMN retries INTEGER NOT NULL DEFAULT 0"
    " /* times it is still to be tried again, because the refusal looks false */";

static const char users_countdown[] =
    "ALTER TABLE users ADD COLUMN countdown INTEGER CHECK (countdown IN (30, 7, 1))"
    " /* last warning of the end of the sign-in, in days before it, NULL: none */";

static const char users_client_id[] =
    "ALTER TABLE users ADD COLUMN client_id TEXT"
    " /* client id of the app that the sign-in belongs to, NULL: not told */";

/* -- version 3: what each source tells of a play ---------------------------------------------- */

/* A play remembers every telling of it, so that it can be taken apart again (doc/matching.md). That
 * of the API is in played_tracks. The table is made anew, because a column that is added takes the
 * comment of the one before it. */
static const char details_aside[] = "ALTER TABLE play_details RENAME TO play_details_2";
static const char details_anew[] =
    "CREATE TABLE play_details (\n"
    "  user_id      INTEGER NOT NULL,   -- with the next: which row of played_tracks\n"
    "  played_at    INTEGER NOT NULL,   -- its key there\n"
    "  reason_start TEXT,               -- why it began, in Spotify's words: clickrow ...\n"
    "  reason_end   TEXT,               -- why it ended: trackdone ...\n"
    "  shuffle      INTEGER             -- was shuffle on\n"
    "               CHECK (shuffle IN (0, 1)),\n"
    "  skipped      INTEGER             -- was it skipped\n"
    "               CHECK (skipped IN (0, 1)),\n"
    "  offline      INTEGER             -- was the device offline\n"
    "               CHECK (offline IN (0, 1)),\n"
    "  incognito    INTEGER             -- was it a private session\n"
    "               CHECK (incognito IN (0, 1)),\n"
    "  platform     TEXT,               -- device, as Spotify describes it\n"
    "  country      TEXT,               -- two letters\n"
    "  long_at      INTEGER,            -- moment in the long form, NULL: it is in none\n"
    "  offline_at   INTEGER,            -- when an offline play began, by the device's clock\n"
    "  long_track_id   INTEGER          -- track that the long form names, NULL: the play's\n"
    "                  REFERENCES tracks,\n"
    "  long_nudge_ms   INTEGER,         -- nudge_ms while the long form stood for the play\n"
    "  short_at        INTEGER,         -- minute in the short form, beside another source\n"
    "  short_ms_played INTEGER,         -- ms_played in the short form, NULL: the play's\n"
    "  short_track_id  INTEGER          -- track that the short form names, NULL: the play's\n"
    "                  REFERENCES tracks,\n"
    "  short_nudge_ms  INTEGER,         -- nudge_ms while the short form stood for the play\n"
    "  short_import_id INTEGER          -- import of the short form, NULL: the play's\n"
    "                  REFERENCES imports,\n"
    "  PRIMARY KEY (user_id, played_at),\n"
    "  FOREIGN KEY (user_id, played_at) REFERENCES played_tracks ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID";
static const char details_back[] =
    "INSERT INTO play_details (user_id, played_at, reason_start, reason_end, shuffle, skipped,"
    " offline, incognito, platform, country) SELECT user_id, played_at, reason_start, reason_end,"
    " shuffle, skipped, offline, incognito, platform, country FROM play_details_2";
static const char details_gone[] = "DROP TABLE play_details_2";

static const char imports_first_at[] =
    "ALTER TABLE imports ADD COLUMN first_at INTEGER"
    " /* moment of its oldest row that was taken, NULL: there is none */";

static const char imports_last_at[] =
    "ALTER TABLE imports ADD COLUMN last_at INTEGER"
    " /* moment of its newest row that was taken */";

/* An import that is undone leaves nothing behind. */
static const char imports_undone_at[] =
    "ALTER TABLE imports DROP COLUMN undone_at";

/* Of the plays that the API told: years of imports must not stand in the way to the newest. */
static const char plays_of_api[] =
    "CREATE INDEX played_tracks_api ON played_tracks (user_id, played_at) WHERE source = 'api'";

static const char details_of_import[] =
    "CREATE INDEX play_details_import ON play_details (short_import_id)"
    " WHERE short_import_id IS NOT NULL";

static const char details_of_long_track[] =
    "CREATE INDEX play_details_long_track ON play_details (long_track_id)"
    " WHERE long_track_id IS NOT NULL";

static const char gaps_of_import[] =
    "CREATE INDEX gaps_import ON gaps (filled_by) WHERE filled_by IS NOT NULL";

static const char details_of_short_track[] =
    "CREATE INDEX play_details_short_track ON play_details (short_track_id)"
    " WHERE short_track_id IS NOT NULL";

/* -- version 4: sums over the plays ----------------------------------------------------------- */

/* Derived tables (store/totals.h). Nothing refers from them, so that a user or a track goes without
 * asking them. */
static const char play_quarters[] =
    "CREATE TABLE play_quarters (\n"
    "  user_id     INTEGER NOT NULL,  -- who\n"
    "  quarter     INTEGER NOT NULL,  -- quarters of an hour since 1970-01-01 UTC\n"
    "  plays       INTEGER NOT NULL,  -- plays that ended in it\n"
    "  listened_ms INTEGER NOT NULL,  -- how long they were heard in all\n"
    "  PRIMARY KEY (user_id, quarter)\n"
    ") STRICT, WITHOUT ROWID";

static const char play_blocks[] =
    "CREATE TABLE play_blocks (\n"
    "  user_id     INTEGER NOT NULL,  -- who\n"
    "  block       INTEGER NOT NULL,  -- blocks of 28 days since 1970-01-01 UTC\n"
    "  track_id    INTEGER NOT NULL,  -- what\n"
    "  plays       INTEGER NOT NULL,  -- plays of it that ended in the block\n"
    "  listened_ms INTEGER NOT NULL,  -- how long they were heard in all\n"
    "  PRIMARY KEY (user_id, block, track_id)\n"
    ") STRICT, WITHOUT ROWID";

static const char play_totals[] =
    "CREATE TABLE play_totals (\n"
    "  user_id     INTEGER NOT NULL,  -- who\n"
    "  track_id    INTEGER NOT NULL,  -- what\n"
    "  plays       INTEGER NOT NULL,  -- plays of it, the sum of play_blocks\n"
    "  listened_ms INTEGER NOT NULL,  -- how long they were heard in all\n"
    "  first_at    INTEGER NOT NULL,  -- reported end of the first\n"
    "  last_at     INTEGER NOT NULL,  -- reported end of the last\n"
    "  PRIMARY KEY (user_id, track_id)\n"
    ") STRICT, WITHOUT ROWID";

static const char stale_blocks[] =
    "CREATE TABLE stale_blocks (\n"
    "  user_id INTEGER NOT NULL,  -- whose plays changed\n"
    "  block   INTEGER NOT NULL,  -- in which block of 28 days: the three tables are behind there\n"
    "  PRIMARY KEY (user_id, block)\n"
    ") STRICT, WITHOUT ROWID";

/* Divided down also before 1970, where SQLite divides towards zero. */
#define BLOCK(moment) "(" moment ") / 2419200000 - ((" moment ") % 2419200000 < 0)"
#define BLOCK_OF(row) BLOCK(row ".played_at - " row ".nudge_ms")

/* ON CONFLICT holds whatever the statement outside says; OR IGNORE would give way to its OR. */
#define MARK(row) \
    "  INSERT INTO stale_blocks (user_id, block)\n" \
    "    VALUES (" row ".user_id, " BLOCK_OF(row) ")\n" \
    "    ON CONFLICT (user_id, block) DO NOTHING;\n"

/* A row that an OR REPLACE outside threw away tells no trigger. It had this key, and a nudge of less
 * than an hour: at most it was in the block before. */
#define MARK_BEFORE \
    "  INSERT INTO stale_blocks (user_id, block)\n" \
    "    SELECT NEW.user_id, " BLOCK("NEW.played_at - 3600000") "\n" \
    "    WHERE NEW.played_at % 2419200000 BETWEEN 0 AND 3600000\n" \
    "    ON CONFLICT (user_id, block) DO NOTHING;\n"

static const char play_added[] =
    "CREATE TRIGGER play_added AFTER INSERT ON played_tracks BEGIN\n"
    MARK("NEW") MARK_BEFORE
    "END";

static const char play_removed[] =
    "CREATE TRIGGER play_removed AFTER DELETE ON played_tracks BEGIN\n"
    MARK("OLD")
    "END";

static const char play_changed[] =
    "CREATE TRIGGER play_changed\n"
    "AFTER UPDATE OF user_id, played_at, nudge_ms, track_id, ms_played, deleted_at\n"
    "ON played_tracks\n"
    "WHEN OLD.user_id <> NEW.user_id OR OLD.played_at <> NEW.played_at\n"
    "  OR OLD.nudge_ms <> NEW.nudge_ms OR OLD.track_id <> NEW.track_id\n"
    "  OR OLD.ms_played IS NOT NEW.ms_played OR OLD.deleted_at IS NOT NEW.deleted_at\n"
    "BEGIN\n"
    MARK("OLD") MARK("NEW") MARK_BEFORE
    "END";

/* Plays that nobody told the length of take that of the track. */
#define MARK_PLAYS \
    "  INSERT INTO stale_blocks (user_id, block)\n" \
    "    SELECT DISTINCT p.user_id, " BLOCK_OF("p") " FROM played_tracks AS p\n" \
    "    WHERE p.track_id = NEW.track_id AND p.ms_played IS NULL\n" \
    "    ON CONFLICT (user_id, block) DO NOTHING;\n"

static const char track_length_changed[] =
    "CREATE TRIGGER track_length_changed AFTER UPDATE OF duration_ms ON tracks\n"
    "WHEN OLD.duration_ms IS NOT NEW.duration_ms BEGIN\n"
    MARK_PLAYS
    "END";

/* By an OR REPLACE of a track that has plays. */
static const char track_replaced[] =
    "CREATE TRIGGER track_replaced AFTER INSERT ON tracks BEGIN\n"
    MARK_PLAYS
    "END";

/* Whoever removes a user with much in them empties them before, in steps (forget.c). */
static const char user_removed[] =
    "CREATE TRIGGER user_removed AFTER DELETE ON users BEGIN\n"
    "  DELETE FROM play_quarters WHERE user_id = OLD.user_id;\n"
    "  DELETE FROM play_blocks WHERE user_id = OLD.user_id;\n"
    "  DELETE FROM play_totals WHERE user_id = OLD.user_id;\n"
    "  DELETE FROM stale_blocks WHERE user_id = OLD.user_id;\n"
    "END";

/* With all that is asked of the plays of one track, artist or album: their rows lie far apart, in
 * the order of time. */
static const char plays_of_track_bare[] = "DROP INDEX played_tracks_track";
static const char plays_of_track_whole[] =
    "CREATE INDEX played_tracks_track\n"
    "ON played_tracks (track_id, user_id, played_at, nudge_ms, ms_played, deleted_at)";

static const char all_stale[] =
    "INSERT INTO stale_blocks (user_id, block)"
    " SELECT DISTINCT p.user_id, " BLOCK_OF("p") " FROM played_tracks AS p";

/* -- version 5: words to search for ----------------------------------------------------------- */

/* Which tracks have a word is all that is asked: no places in the text, no ranks. */
static const char track_words[] = STORE_WORDS_TABLE;

static const char stale_words[] =
    "CREATE TABLE stale_words (\n"
    "  track_id INTEGER PRIMARY KEY  -- track whose words are not in track_words as they are now\n"
    ") STRICT";

/* FTS5 is not touched by triggers: SQLite may refuse that, and it would be slow. */
#define MARK_WORDS(rows) \
    "  INSERT INTO stale_words (track_id) " rows "\n" \
    "    ON CONFLICT (track_id) DO NOTHING;\n"

static const char words_of_added[] =
    "CREATE TRIGGER words_of_added AFTER INSERT ON tracks BEGIN\n"
    MARK_WORDS("VALUES (NEW.track_id)")
    "END";

static const char words_of_removed[] =
    "CREATE TRIGGER words_of_removed AFTER DELETE ON tracks BEGIN\n"
    MARK_WORDS("VALUES (OLD.track_id)")
    "END";

static const char words_of_changed[] =
    "CREATE TRIGGER words_of_changed AFTER UPDATE OF track_id, name, album_id ON tracks\n"
    "WHEN OLD.name <> NEW.name OR OLD.album_id IS NOT NEW.album_id\n"
    "  OR OLD.track_id <> NEW.track_id\n"
    "BEGIN\n"
    MARK_WORDS("VALUES (OLD.track_id)") MARK_WORDS("VALUES (NEW.track_id)")
    "END";

static const char words_of_album[] =
    "CREATE TRIGGER words_of_album AFTER UPDATE OF name ON albums\n"
    "WHEN OLD.name <> NEW.name BEGIN\n"
    MARK_WORDS("SELECT track_id FROM tracks WHERE album_id = NEW.album_id")
    "END";

static const char words_of_artist[] =
    "CREATE TRIGGER words_of_artist AFTER UPDATE OF name ON artists\n"
    "WHEN OLD.name <> NEW.name BEGIN\n"
    MARK_WORDS("SELECT track_id FROM track_artists WHERE artist_id = NEW.artist_id")
    "END";

static const char words_of_tie[] =
    "CREATE TRIGGER words_of_tie AFTER INSERT ON track_artists BEGIN\n"
    MARK_WORDS("VALUES (NEW.track_id)")
    "END";

static const char words_of_retie[] =
    "CREATE TRIGGER words_of_retie AFTER UPDATE OF track_id, artist_id ON track_artists BEGIN\n"
    MARK_WORDS("VALUES (OLD.track_id)") MARK_WORDS("VALUES (NEW.track_id)")
    "END";

static const char words_of_untie[] =
    "CREATE TRIGGER words_of_untie AFTER DELETE ON track_artists BEGIN\n"
    MARK_WORDS("VALUES (OLD.track_id)")
    "END";

static const char all_words_stale[] =
    "INSERT INTO stale_words (track_id) SELECT track_id FROM tracks";

/* Few are: they are found without looking at the others. */
static const char plays_deleted[] =
    "CREATE INDEX played_tracks_deleted ON played_tracks (deleted_at)\n"
    "WHERE deleted_at IS NOT NULL";

/* -- version 6: the sums in one table ---------------------------------------------------------- */

/* What version 4 had in a row for each sum lies in the bytes of a few (store/pack.h): read several
 * times as fast, and half as large. */
static const char quarters_gone[] = "DROP TABLE IF EXISTS play_quarters";
static const char blocks_gone[] = "DROP TABLE IF EXISTS play_blocks";
static const char totals_gone[] = "DROP TABLE IF EXISTS play_totals";
static const char user_removed_gone[] = "DROP TRIGGER IF EXISTS user_removed";

static const char play_sums[] =
    "CREATE TABLE play_sums (\n"
    "  user_id     INTEGER NOT NULL,  -- who\n"
    "  block       INTEGER NOT NULL,  -- blocks of 28 days since 1970-01-01 UTC\n"
    "  plays       INTEGER NOT NULL,  -- plays that ended in it\n"
    "  listened_ms INTEGER NOT NULL,  -- how long they were heard in all\n"
    "  quarters    BLOB NOT NULL,     -- both of each quarter of an hour, packed\n"
    "  tracks      BLOB NOT NULL,     -- both of each track and its first play in it, packed\n"
    "  PRIMARY KEY (user_id, block)\n"
    ") STRICT";

static const char user_removed_sums[] =
    "CREATE TRIGGER user_removed AFTER DELETE ON users BEGIN\n"
    "  DELETE FROM play_sums WHERE user_id = OLD.user_id;\n"
    "  DELETE FROM stale_blocks WHERE user_id = OLD.user_id;\n"
    "END";

static const char all_stale_again[] =
    "INSERT INTO stale_blocks (user_id, block)"
    " SELECT DISTINCT p.user_id, " BLOCK_OF("p") " FROM played_tracks AS p WHERE 1"
    " ON CONFLICT (user_id, block) DO NOTHING";

/* -- version 7: the same in half the room ------------------------------------------------------ */

/* Most plays share their context with many others, and what an export tells of them with thousands:
 * each such text is kept once, and the play has its number. There is no REFERENCES on these, nor on
 * the import: only a whole user, or a whole import, takes such rows away, and to look for plays that
 * name them would need an index as large as what is saved. check looks for numbers that lead
 * nowhere. */
static const char contexts[] =
    "CREATE TABLE contexts (\n"
    "  context_id INTEGER PRIMARY KEY,  -- number of the context in this file\n"
    "  user_id    INTEGER NOT NULL      -- who played from it\n"
    "             REFERENCES users ON DELETE CASCADE,\n"
    "  uri        TEXT NOT NULL,        -- playlist, album, artist ... spotify:playlist:ID\n"
    "  UNIQUE (user_id, uri)\n"
    ") STRICT";

static const char details[] =
    "CREATE TABLE details (\n"
    "  detail_id    INTEGER PRIMARY KEY,  -- number of this combination in this file\n"
    "  import_id    INTEGER               -- import that told it\n"
    "               REFERENCES imports ON DELETE CASCADE,\n"
    "  reason_start TEXT,                 -- why a play began, in Spotify's words: clickrow ...\n"
    "  reason_end   TEXT,                 -- why it ended: trackdone ...\n"
    "  shuffle      INTEGER               -- was shuffle on\n"
    "               CHECK (shuffle IN (0, 1)),\n"
    "  skipped      INTEGER               -- was it skipped\n"
    "               CHECK (skipped IN (0, 1)),\n"
    "  offline      INTEGER               -- was the device offline\n"
    "               CHECK (offline IN (0, 1)),\n"
    "  incognito    INTEGER               -- was it a private session\n"
    "               CHECK (incognito IN (0, 1)),\n"
    "  platform     TEXT,                 -- device, as Spotify describes it\n"
    "  country      TEXT,                 -- two letters\n"
    "  UNIQUE (import_id, platform, reason_start, reason_end, country, shuffle, skipped, offline,\n"
    "    incognito)\n"
    ") STRICT";

/* Not "source IN (...)": for more than two values SQLite makes a table in memory a row. */
static const char played_tracks_lean[] =
    "CREATE TABLE played_tracks (\n"
    "  user_id       INTEGER NOT NULL   -- who\n"
    "                REFERENCES users,\n"
    "  played_at     INTEGER NOT NULL,  -- reported end of the play, plus nudge_ms\n"
    "  track_id      INTEGER NOT NULL   -- what\n"
    "                REFERENCES tracks,\n"
    "  context_id    INTEGER,           -- where it was played from (contexts), NULL: not told\n"
    "  source        TEXT NOT NULL      -- who told first: the API, or which kind of export\n"
    "                CHECK (source = 'api' OR source = 'extended' OR source = 'account'),\n"
    "  first_seen_at INTEGER NOT NULL,  -- when it was stored\n"
    "  ms_played     INTEGER,           -- how long it was heard, NULL: the API does not tell\n"
    "  nudge_ms      INTEGER NOT NULL   -- moved so far to a free ms, see played_at\n"
    "                DEFAULT 0,\n"
    "  import_id     INTEGER,           -- import that brought or completed it, NULL: none\n"
    "  detail_id     INTEGER,           -- what the long form tells (details), NULL: it is in none\n"
    "  offline_ms    INTEGER,           -- played_at less when an offline play began, NULL: not told\n"
    "  deleted_at    INTEGER,           -- when it was marked as deleted, NULL: it is not\n"
    "  PRIMARY KEY (user_id, played_at),\n"
    "  UNIQUE (user_id, played_at)\n"
    ") STRICT, WITHOUT ROWID";

/* Of the few plays that more than one source tells of. */
static const char play_tellings[] =
    "CREATE TABLE play_tellings (\n"
    "  user_id         INTEGER NOT NULL,  -- with the next: which row of played_tracks\n"
    "  played_at       INTEGER NOT NULL,  -- its key there\n"
    "  long_at         INTEGER,           -- moment in the long form, NULL: the play's, or none\n"
    "  long_track_id   INTEGER            -- track that the long form names, NULL: the play's\n"
    "                  REFERENCES tracks,\n"
    "  long_nudge_ms   INTEGER,           -- nudge_ms while the long form stood for the play\n"
    "  short_at        INTEGER,           -- minute in the short form, beside another source\n"
    "  short_ms_played INTEGER,           -- ms_played in the short form, NULL: the play's\n"
    "  short_track_id  INTEGER            -- track that the short form names, NULL: the play's\n"
    "                  REFERENCES tracks,\n"
    "  short_nudge_ms  INTEGER,           -- nudge_ms while the short form stood for the play\n"
    "  short_import_id INTEGER            -- import of the short form, NULL: the play's\n"
    "                  REFERENCES imports,\n"
    "  PRIMARY KEY (user_id, played_at),\n"
    "  FOREIGN KEY (user_id, played_at) REFERENCES played_tracks ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID";

/* So that years of imports need not be walked through in search of a play of the API. */
static const char users_api_since[] =
    "ALTER TABLE users ADD COLUMN api_since INTEGER"
    " /* no play of the API is before this one's key, NULL: there is none */";

/* So that views, triggers and foreign keys go on naming the new table when the old one steps aside. */
static const char names_stay[] = "PRAGMA legacy_alter_table = ON";
static const char names_follow[] = "PRAGMA legacy_alter_table = OFF";
static const char plays_aside[] = "ALTER TABLE played_tracks RENAME TO played_tracks_6";

static const char contexts_filled[] =
    "INSERT INTO contexts (user_id, uri) SELECT user_id, context_uri FROM played_tracks_6"
    " WHERE context_uri IS NOT NULL GROUP BY user_id, context_uri";

#define LONG_FORM "(p.source = 'extended' OR d.long_at IS NOT NULL)"
#define BY_KEY "d.user_id = p.user_id AND d.played_at = p.played_at"

static const char details_filled[] =
    "INSERT INTO details (import_id, reason_start, reason_end, shuffle, skipped, offline,"
    " incognito, platform, country)"
    " SELECT DISTINCT p.import_id, d.reason_start, d.reason_end, d.shuffle, d.skipped, d.offline,"
    " d.incognito, d.platform, d.country"
    " FROM played_tracks_6 AS p LEFT JOIN play_details AS d ON " BY_KEY " WHERE " LONG_FORM;

static const char plays_back[] =
    "INSERT INTO played_tracks (user_id, played_at, track_id, context_id, source, first_seen_at,"
    " ms_played, nudge_ms, import_id, detail_id, offline_ms, deleted_at)"
    " SELECT p.user_id, p.played_at, p.track_id, c.context_id, p.source, p.first_seen_at,"
    " p.ms_played, p.nudge_ms, p.import_id,"
    " iif(" LONG_FORM ", (SELECT x.detail_id FROM details AS x WHERE x.import_id IS p.import_id"
    " AND x.platform IS d.platform AND x.reason_start IS d.reason_start"
    " AND x.reason_end IS d.reason_end AND x.country IS d.country AND x.shuffle IS d.shuffle"
    " AND x.skipped IS d.skipped AND x.offline IS d.offline AND x.incognito IS d.incognito), NULL),"
    " p.played_at - d.offline_at, p.deleted_at FROM played_tracks_6 AS p"
    " LEFT JOIN contexts AS c ON c.user_id = p.user_id AND c.uri = p.context_uri"
    " LEFT JOIN play_details AS d ON " BY_KEY " ORDER BY p.user_id, p.played_at";

static const char tellings_filled[] =
    "INSERT INTO play_tellings (user_id, played_at, long_at, long_track_id, long_nudge_ms,"
    " short_at, short_ms_played, short_track_id, short_nudge_ms, short_import_id)"
    " SELECT d.user_id, d.played_at, iif(p.source = 'extended', NULL, d.long_at), d.long_track_id,"
    " d.long_nudge_ms, d.short_at, d.short_ms_played, d.short_track_id, d.short_nudge_ms,"
    " d.short_import_id FROM play_details AS d JOIN played_tracks_6 AS p ON " BY_KEY
    " WHERE (d.long_at IS NOT NULL AND p.source <> 'extended') OR d.long_track_id IS NOT NULL"
    " OR d.long_nudge_ms IS NOT NULL OR d.short_at IS NOT NULL OR d.short_ms_played IS NOT NULL"
    " OR d.short_track_id IS NOT NULL OR d.short_nudge_ms IS NOT NULL"
    " OR d.short_import_id IS NOT NULL";

static const char details_of_old_gone[] = "DROP TABLE play_details";
static const char plays_of_old_gone[] = "DROP TABLE played_tracks_6";

static const char api_since_filled[] =
    "UPDATE users SET api_since = (SELECT min(p.played_at) FROM played_tracks AS p"
    " WHERE p.user_id = users.user_id AND p.source = 'api')";

static const char tellings_of_import[] =
    "CREATE INDEX play_tellings_import ON play_tellings (short_import_id)"
    " WHERE short_import_id IS NOT NULL";
static const char tellings_of_long_track[] =
    "CREATE INDEX play_tellings_long_track ON play_tellings (long_track_id)"
    " WHERE long_track_id IS NOT NULL";
static const char tellings_of_short_track[] =
    "CREATE INDEX play_tellings_short_track ON play_tellings (short_track_id)"
    " WHERE short_track_id IS NOT NULL";

#define KEEP_API_SINCE \
    "  UPDATE users SET api_since = NEW.played_at WHERE user_id = NEW.user_id\n" \
    "    AND (api_since IS NULL OR api_since > NEW.played_at);\n"

static const char play_of_api_added[] =
    "CREATE TRIGGER play_of_api_added AFTER INSERT ON played_tracks\n"
    "WHEN NEW.source = 'api' BEGIN\n"
    KEEP_API_SINCE
    "END";

static const char play_of_api_changed[] =
    "CREATE TRIGGER play_of_api_changed AFTER UPDATE OF user_id, played_at, source\n"
    "ON played_tracks WHEN NEW.source = 'api' BEGIN\n"
    KEEP_API_SINCE
    "END";

/* LEFT for the reasons of version 1. */
static const char view_plays_gone[] = "DROP VIEW plays";
static const char view_plays[] =
    "CREATE VIEW plays AS\n"
    "SELECT p.user_id,\n"
    "  coalesce(u.display_name, u.spotify_id) AS user,\n"
    "  p.played_at - p.nudge_ms AS played_at,\n"
    "  strftime('%Y-%m-%dT%H:%M:%fZ', (p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')\n"
    "    AS played_at_utc,\n"
    "  strftime('%Y-%m-%d %H:%M:%f', (p.played_at - p.nudge_ms) / 1000.0, 'unixepoch',\n"
    "    'localtime') AS played_at_local,\n"
    "  t.name AS track,\n"
    "  (SELECT group_concat(name, ', ') FROM\n"
    "    (SELECT a.name FROM track_artists AS x JOIN artists AS a USING (artist_id)\n"
    "     WHERE x.track_id = t.track_id ORDER BY x.position)) AS artists,\n"
    "  b.name AS album,\n"
    "  t.kind,\n"
    "  t.duration_ms,\n"
    "  p.ms_played,\n"
    "  p.source,\n"
    "  (p.first_seen_at - (p.played_at - p.nudge_ms)) / 1000 AS late_s,\n"
    "  (SELECT c.uri FROM contexts AS c WHERE c.context_id = p.context_id) AS context_uri,\n"
    "  t.uri AS track_uri,\n"
    "  p.track_id,\n"
    "  t.album_id,\n"
    "  p.played_at AS play_key\n"
    "FROM played_tracks AS p\n"
    "LEFT JOIN users AS u ON u.user_id = p.user_id\n"
    "LEFT JOIN tracks AS t ON t.track_id = p.track_id\n"
    "LEFT JOIN albums AS b ON b.album_id = t.album_id\n"
    "WHERE p.deleted_at IS NULL";

/* What exports tell of plays, as version 6 had it. */
static const char view_play_details[] =
    "CREATE VIEW play_details AS\n"
    "SELECT p.user_id,\n"
    "  p.played_at,\n"
    "  d.reason_start,\n"
    "  d.reason_end,\n"
    "  d.shuffle,\n"
    "  d.skipped,\n"
    "  d.offline,\n"
    "  d.incognito,\n"
    "  d.platform,\n"
    "  d.country,\n"
    "  iif(p.source = 'extended', p.played_at - p.nudge_ms, t.long_at) AS long_at,\n"
    "  p.played_at - p.offline_ms AS offline_at,\n"
    "  t.long_track_id,\n"
    "  t.long_nudge_ms,\n"
    "  t.short_at,\n"
    "  t.short_ms_played,\n"
    "  t.short_track_id,\n"
    "  t.short_nudge_ms,\n"
    "  t.short_import_id\n"
    "FROM played_tracks AS p\n"
    "LEFT JOIN details AS d ON d.detail_id = p.detail_id\n"
    "LEFT JOIN play_tellings AS t ON t.user_id = p.user_id AND t.played_at = p.played_at\n"
    "WHERE p.detail_id IS NOT NULL OR t.user_id IS NOT NULL";

/* -- the ladder ------------------------------------------------------------------------------ */

static const char *const version_2[] = {
    users_refused_at, users_retries, users_countdown, users_client_id,
    NULL,
};

static const char *const version_3[] = {
    details_aside, details_anew, details_back, details_gone,
    imports_first_at, imports_last_at, imports_undone_at,
    plays_of_api, details_of_import, gaps_of_import, details_of_long_track, details_of_short_track,
    NULL,
};

static const char *const version_4[] = {
    play_quarters, play_blocks, play_totals, stale_blocks,
    play_added, play_removed, play_changed, track_length_changed, track_replaced, user_removed,
    plays_of_track_bare, plays_of_track_whole, all_stale,
    NULL,
};

static const char *const version_5[] = {
    track_words, stale_words,
    words_of_added, words_of_removed, words_of_changed, words_of_album, words_of_artist,
    words_of_tie, words_of_retie, words_of_untie,
    all_words_stale, plays_deleted,
    NULL,
};

static const char *const version_6[] = {
    user_removed_gone, quarters_gone, blocks_gone, totals_gone,
    play_sums, user_removed_sums, all_stale_again,
    NULL,
};
static const char *const version_7[] = {
    names_stay, plays_aside, contexts, details, played_tracks_lean,
    contexts_filled, details_filled, plays_back,
    play_tellings, tellings_filled, details_of_old_gone, plays_of_old_gone,
    names_follow, users_api_since, api_since_filled,
    plays_of_track_whole, plays_deleted,
    tellings_of_import, tellings_of_long_track, tellings_of_short_track,
    play_added, play_removed, play_changed, play_of_api_added, play_of_api_changed,
    view_plays_gone, view_plays, view_play_details,
    NULL,
};
/* clang-format on */

/* A step that was released is never changed again: what it did is in people's files. */
static const struct store_step steps[] = {
    {.version = 1, .description = "tables and views of the first version", .sql = store_schema_1},
    {.version = 2, .description = "refused sign-ins and the countdown", .sql = version_2},
    {.version = 3, .description = "what each source tells of a play", .sql = version_3},
    {.version = 4, .description = "sums over the plays", .sql = version_4},
    {.version = 5, .description = "words to search for", .sql = version_5},
    {.version = 6, .description = "the sums in one table", .sql = version_6},
    {.version = 7,
     .description = "the same in half the room",
     .destructive = true,
     .sql = version_7},
};

const struct store_ladder store_schema = {steps, sizeof steps / sizeof steps[0]};
