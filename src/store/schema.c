/* SPDX-License-Identifier: MIT */
/*
 * store/schema: the tables and views as SQL, and the ladder of versions. spotify-history.db(5)
 * tells the same to those who read the file; the comments of the columns are kept in the file.
 *
 * Times are INTEGER milliseconds since 1970-01-01 UTC, durations INTEGER milliseconds, unless the
 * name says otherwise.
 */
#include "store/store_private.h"

/* The texts are laid out as SQL. */
/* clang-format off */

/* -- who is recorded ------------------------------------------------------------------------- */

static const char users[] =
    "CREATE TABLE users (\n"
    "  user_id          INTEGER PRIMARY KEY,   -- number of the user in this file\n"
    "  spotify_id       TEXT NOT NULL UNIQUE,  -- name of the account at Spotify\n"
    "  account_id       TEXT UNIQUE,           -- stable id of the account, NULL: not told\n"
    "  display_name     TEXT,                  -- as the person calls themselves, NULL: not told\n"
    "  state            TEXT NOT NULL          -- is this user recorded?\n"
    "                   DEFAULT 'active' CHECK (state IN ('active', 'needs_login', 'paused')),\n"
    "  state_reason     TEXT,                  -- why not, for people\n"
    "  state_since      INTEGER NOT NULL,      -- when the state was entered\n"
    "  added_at         INTEGER NOT NULL,      -- when the user was added\n"
    "  authorized_at    INTEGER,               -- last sign-in; it is good for six months\n"
    "  last_success_at  INTEGER,               -- when Spotify last answered for this user\n"
    "  first_sweep_at   INTEGER,               -- first look at all Spotify shows, NULL: none yet\n"
    "  anchor_played_at INTEGER                -- the record is joined up to here, NULL: nowhere\n"
    ") STRICT";

static const char tokens[] =
    "CREATE TABLE tokens (\n"
    "  user_id    INTEGER NOT NULL      -- whose it is\n"
    "             REFERENCES users ON DELETE CASCADE,\n"
    "  type       TEXT NOT NULL         -- which of the two\n"
    "             CHECK (type IN ('access', 'refresh')),\n"
    "  sealed     BLOB NOT NULL,        -- the token, encrypted; the key is not in this file\n"
    "  scope      TEXT,                 -- what it allows, as Spotify said\n"
    "  expires_at INTEGER,              -- when it ends, NULL: not told\n"
    "  updated_at INTEGER NOT NULL,     -- when it was stored\n"
    "  PRIMARY KEY (user_id, type)\n"
    ") STRICT, WITHOUT ROWID";

static const char refreshes[] =
    "CREATE TABLE refreshes (\n"
    "  user_id     INTEGER PRIMARY KEY  -- whose token\n"
    "              REFERENCES users ON DELETE CASCADE,\n"
    "  started_at  INTEGER NOT NULL,    -- when the last refresh began, stored before it\n"
    "  finished_at INTEGER,             -- when it ended, NULL: under way, or cut off by a crash\n"
    "  outcome     TEXT                 -- 'ok' or a short word, NULL: as above\n"
    ") STRICT";

/* -- what was played: never lost, and nothing in it changes but marks ------------------------ */

/* The rows are kept in the primary key itself (WITHOUT ROWID): one B-tree. UNIQUE says in words
 * what the key does, and makes no second one. */
static const char played_tracks[] =
    "CREATE TABLE played_tracks (\n"
    "  user_id       INTEGER NOT NULL   -- who\n"
    "                REFERENCES users,\n"
    "  played_at     INTEGER NOT NULL,  -- reported end of the play, plus nudge_ms\n"
    "  track_id      INTEGER NOT NULL   -- what\n"
    "                REFERENCES tracks,\n"
    "  context_uri   TEXT,              -- playlist, album ... it was played from, NULL: not told\n"
    "  source        TEXT NOT NULL      -- who told first: the API, or which kind of export\n"
    "                CHECK (source IN ('api', 'extended', 'account')),\n"
    "  first_seen_at INTEGER NOT NULL,  -- when it was stored\n"
    "  ms_played     INTEGER,           -- how long it was heard, NULL: the API does not tell\n"
    "  nudge_ms      INTEGER NOT NULL   -- moved so far to a free ms, see played_at\n"
    "                DEFAULT 0,\n"
    "  import_id     INTEGER            -- import that brought or completed it, NULL: none\n"
    "                REFERENCES imports,\n"
    "  deleted_at    INTEGER,           -- when it was marked as deleted, NULL: it is not\n"
    "  PRIMARY KEY (user_id, played_at),\n"
    "  UNIQUE (user_id, played_at)\n"
    ") STRICT, WITHOUT ROWID";

static const char play_details[] =
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
    "  PRIMARY KEY (user_id, played_at),\n"
    "  FOREIGN KEY (user_id, played_at) REFERENCES played_tracks ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID";

/* -- the catalogue: what the plays are of ---------------------------------------------------- */

static const char albums[] =
    "CREATE TABLE albums (\n"
    "  album_id     INTEGER PRIMARY KEY,  -- number of the album in this file\n"
    "  uri          TEXT NOT NULL UNIQUE, -- spotify:album:ID, spotify:show:ID; else historyd:...\n"
    "  name         TEXT NOT NULL,        -- title, empty: not told\n"
    "  album_type   TEXT,                 -- album, single, compilation ...\n"
    "  release_date TEXT,                 -- YYYY, YYYY-MM or YYYY-MM-DD\n"
    "  cover_url    TEXT,                 -- address of the cover picture\n"
    "  total_tracks INTEGER,              -- how many tracks it has\n"
    "  updated_at   INTEGER NOT NULL      -- when this row last changed\n"
    ") STRICT";

static const char artists[] =
    "CREATE TABLE artists (\n"
    "  artist_id  INTEGER PRIMARY KEY,  -- number of the artist in this file\n"
    "  uri        TEXT NOT NULL UNIQUE, -- spotify:artist:ID; else historyd:artist:NAME\n"
    "  name       TEXT NOT NULL,        -- empty: not told\n"
    "  updated_at INTEGER NOT NULL      -- when this row last changed\n"
    ") STRICT";

static const char tracks[] =
    "CREATE TABLE tracks (\n"
    "  track_id     INTEGER PRIMARY KEY,  -- number of the track in this file\n"
    "  uri          TEXT NOT NULL UNIQUE, -- spotify:track:ID, spotify:local:...\n"
    "  kind         TEXT NOT NULL         -- what it is\n"
    "               CHECK (kind IN ('track', 'episode', 'chapter', 'local')),\n"
    "  name         TEXT NOT NULL,        -- title, empty: not told\n"
    "  isrc         TEXT,                 -- International Standard Recording Code\n"
    "  duration_ms  INTEGER,              -- length of the whole track\n"
    "  track_number INTEGER,              -- place on its disc, from 1\n"
    "  disc_number  INTEGER,              -- disc of the album, from 1\n"
    "  explicit     INTEGER               -- marked as having explicit lyrics\n"
    "               CHECK (explicit IN (0, 1)),\n"
    "  album_id     INTEGER               -- album or show, NULL: none known\n"
    "               REFERENCES albums,\n"
    "  updated_at   INTEGER NOT NULL      -- when this row last changed\n"
    ") STRICT";

static const char track_artists[] =
    "CREATE TABLE track_artists (\n"
    "  track_id  INTEGER NOT NULL   -- which track\n"
    "            REFERENCES tracks ON DELETE CASCADE,\n"
    "  position  INTEGER NOT NULL,  -- order in which they are named, from 0\n"
    "  artist_id INTEGER NOT NULL   -- who\n"
    "            REFERENCES artists,\n"
    "  PRIMARY KEY (track_id, position),\n"
    "  UNIQUE (artist_id, track_id)\n"
    ") STRICT, WITHOUT ROWID";

static const char album_artists[] =
    "CREATE TABLE album_artists (\n"
    "  album_id  INTEGER NOT NULL   -- which album\n"
    "            REFERENCES albums ON DELETE CASCADE,\n"
    "  position  INTEGER NOT NULL,  -- order in which they are named, from 0\n"
    "  artist_id INTEGER NOT NULL   -- who\n"
    "            REFERENCES artists,\n"
    "  PRIMARY KEY (album_id, position),\n"
    "  UNIQUE (artist_id, album_id)\n"
    ") STRICT, WITHOUT ROWID";

/* -- the ledger: what the recorder did ------------------------------------------------------- */

static const char polls[] =
    "CREATE TABLE polls (\n"
    "  poll_id     INTEGER PRIMARY KEY, -- ascending with time\n"
    "  user_id     INTEGER NOT NULL     -- for whom\n"
    "              REFERENCES users ON DELETE CASCADE,\n"
    "  started_at  INTEGER NOT NULL,    -- when the request was sent\n"
    "  kind        TEXT NOT NULL        -- what follows the newest play, or all that is shown\n"
    "              CHECK (kind IN ('tail', 'sweep')),\n"
    "  cursor      INTEGER,             -- the after parameter, NULL: none\n"
    "  outcome     TEXT NOT NULL,       -- ok, unchanged, empty, or the name of a failure\n"
    "  http_status INTEGER,             -- status of the answer, NULL: there was none\n"
    "  detail      TEXT,                -- what went wrong, for people\n"
    "  items       INTEGER NOT NULL,    -- plays in the answer\n"
    "  added       INTEGER NOT NULL,    -- of these, stored as new\n"
    "  late        INTEGER NOT NULL,    -- of the new, older than one already stored\n"
    "  odd         INTEGER NOT NULL,    -- items that could not be taken\n"
    "  duration_ms INTEGER NOT NULL     -- from request to answer\n"
    ") STRICT";

static const char gaps[] =
    "CREATE TABLE gaps (\n"
    "  gap_id           INTEGER PRIMARY KEY, -- number of the gap\n"
    "  user_id          INTEGER NOT NULL     -- whose record has it\n"
    "                   REFERENCES users ON DELETE CASCADE,\n"
    "  after_played_at  INTEGER NOT NULL,    -- newest stored play before it\n"
    "  before_played_at INTEGER NOT NULL,    -- oldest known play after it\n"
    "  certainty        TEXT NOT NULL        -- was something lost\n"
    "                   CHECK (certainty IN ('likely', 'possible')),\n"
    "  cause            TEXT NOT NULL        -- why\n"
    "                   CHECK (cause IN ('listened_faster', 'late_batch', 'daemon_down',\n"
    "                                    'needs_login', 'rate_limit', 'spotify_failing',\n"
    "                                    'database_full', 'unknown')),\n"
    "  detected_at      INTEGER NOT NULL,    -- when it was noticed\n"
    "  filled_by        INTEGER              -- import that spans it, NULL: it is open\n"
    "                   REFERENCES imports,\n"
    "  UNIQUE (user_id, after_played_at, before_played_at)\n"
    ") STRICT";

static const char runs[] =
    "CREATE TABLE runs (\n"
    "  run_id     INTEGER PRIMARY KEY, -- ascending with time\n"
    "  started_at INTEGER NOT NULL,    -- when the daemon started\n"
    "  alive_at   INTEGER NOT NULL,    -- its last sign of life\n"
    "  stopped_at INTEGER,             -- when it stopped in order, NULL: it runs, or was cut off\n"
    "  version    TEXT NOT NULL        -- of the program\n"
    ") STRICT";

static const char gate[] =
    "CREATE TABLE gate (\n"
    "  client_id  TEXT PRIMARY KEY, -- client id of the Spotify app\n"
    "  not_before INTEGER,          -- no call before this moment, NULL: open\n"
    "  set_at     INTEGER NOT NULL, -- when that was said\n"
    "  reason     TEXT              -- why, for people\n"
    ") STRICT, WITHOUT ROWID";

static const char gate_calls[] =
    "CREATE TABLE gate_calls (\n"
    "  client_id TEXT NOT NULL,    -- client id of the Spotify app\n"
    "  hour      INTEGER NOT NULL, -- hours since 1970-01-01 UTC\n"
    "  calls     INTEGER NOT NULL, -- requests sent in that hour\n"
    "  PRIMARY KEY (client_id, hour)\n"
    ") STRICT, WITHOUT ROWID";

/* -- privacy exports that were read in ------------------------------------------------------- */

static const char imports[] =
    "CREATE TABLE imports (\n"
    "  import_id   INTEGER PRIMARY KEY, -- number of the import\n"
    "  user_id     INTEGER NOT NULL     -- whose plays\n"
    "              REFERENCES users,\n"
    "  file        TEXT NOT NULL,       -- name of the file that was given\n"
    "  hash        TEXT NOT NULL,       -- digest of its content, hexadecimal\n"
    "  source      TEXT NOT NULL        -- long or short form\n"
    "              CHECK (source IN ('extended', 'account')),\n"
    "  started_at  INTEGER NOT NULL,    -- when it began\n"
    "  finished_at INTEGER,             -- when it ended, NULL: under way, or cut off\n"
    "  undone_at   INTEGER,             -- when it was undone, NULL: it is not\n"
    "  row_count   INTEGER NOT NULL,    -- rows read, the sum of the four below\n"
    "  added       INTEGER NOT NULL,    -- stored as new plays\n"
    "  matched     INTEGER NOT NULL,    -- were known from the API, and completed\n"
    "  duplicate   INTEGER NOT NULL,    -- were known already\n"
    "  rejected    INTEGER NOT NULL     -- not taken, see import_rejects\n"
    ") STRICT";

static const char import_rejects[] =
    "CREATE TABLE import_rejects (\n"
    "  import_id INTEGER NOT NULL  -- which import\n"
    "            REFERENCES imports ON DELETE CASCADE,\n"
    "  row_no    INTEGER NOT NULL, -- which row of it, counted from 1\n"
    "  reason    TEXT NOT NULL,    -- short word: why it was not taken\n"
    "  excerpt   TEXT,             -- beginning of the row\n"
    "  PRIMARY KEY (import_id, row_no)\n"
    ") STRICT, WITHOUT ROWID";

/* -- indexes: for the plays of one track or album, and for what refers to a row that is removed */

static const char plays_of_track[] =
    "CREATE INDEX played_tracks_track ON played_tracks (track_id)";

static const char tracks_of_album[] =
    "CREATE INDEX tracks_album ON tracks (album_id)";

/* Plays from the API are not in it, so it costs nothing until somebody imports. */
static const char plays_of_import[] =
    "CREATE INDEX played_tracks_import ON played_tracks (import_id) WHERE import_id IS NOT NULL";

/* -- views: what people query ---------------------------------------------------------------- */

/* Where nobody told how long a play was heard, the length of the track stands for it. */
#define LISTENED "  sum(coalesce(p.ms_played, t.duration_ms, 0)) AS listened_ms"

#define FIRST_AND_LAST                                                                     \
    "  strftime('%Y-%m-%dT%H:%M:%fZ', min(p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')\n" \
    "    AS first_played_utc,\n"                                                           \
    "  strftime('%Y-%m-%dT%H:%M:%fZ', max(p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')\n" \
    "    AS last_played_utc\n"

#define TRACK_ARTISTS                                                            \
    "  (SELECT group_concat(name, ', ') FROM\n"                                  \
    "    (SELECT a.name FROM track_artists AS x JOIN artists AS a USING (artist_id)\n" \
    "     WHERE x.track_id = t.track_id ORDER BY x.position)) AS artists,\n"

/* LEFT though there always is a user and a track: so the plays stay the outermost loop, in the
 * order of their key, unless somebody asks for a certain track; and what is not asked for is not
 * looked up. */
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
    TRACK_ARTISTS
    "  b.name AS album,\n"
    "  t.kind,\n"
    "  t.duration_ms,\n"
    "  p.ms_played,\n"
    "  p.source,\n"
    "  (p.first_seen_at - (p.played_at - p.nudge_ms)) / 1000 AS late_s,\n"
    "  p.context_uri,\n"
    "  t.uri AS track_uri,\n"
    "  p.track_id,\n"
    "  t.album_id,\n"
    "  p.played_at AS play_key\n"
    "FROM played_tracks AS p\n"
    "LEFT JOIN users AS u ON u.user_id = p.user_id\n"
    "LEFT JOIN tracks AS t ON t.track_id = p.track_id\n"
    "LEFT JOIN albums AS b ON b.album_id = t.album_id\n"
    "WHERE p.deleted_at IS NULL";

static const char view_plays_by_day[] =
    "CREATE VIEW plays_by_day AS\n"
    "SELECT p.user_id,\n"
    "  date((p.played_at - p.nudge_ms) / 1000, 'unixepoch', 'localtime') AS day,\n"
    "  count(*) AS plays,\n"
    "  count(DISTINCT p.track_id) AS tracks,\n"
    LISTENED "\n"
    "FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id\n"
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, day";

static const char view_plays_by_hour[] =
    "CREATE VIEW plays_by_hour AS\n"
    "SELECT p.user_id,\n"
    "  CAST(strftime('%H', (p.played_at - p.nudge_ms) / 1000, 'unixepoch', 'localtime')\n"
    "    AS INTEGER) AS hour,\n"
    "  count(*) AS plays,\n"
    LISTENED "\n"
    "FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id\n"
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, hour";

static const char view_artist_totals[] =
    "CREATE VIEW artist_totals AS\n"
    "SELECT p.user_id,\n"
    "  a.artist_id,\n"
    "  a.name AS artist,\n"
    "  a.uri AS artist_uri,\n"
    "  count(*) AS plays,\n"
    "  count(DISTINCT p.track_id) AS tracks,\n"
    LISTENED ",\n"
    FIRST_AND_LAST
    "FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id\n"
    "JOIN track_artists AS x ON x.track_id = p.track_id\n"
    "JOIN artists AS a ON a.artist_id = x.artist_id\n"
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, a.artist_id";

static const char view_track_totals[] =
    "CREATE VIEW track_totals AS\n"
    "SELECT p.user_id,\n"
    "  t.track_id,\n"
    "  t.name AS track,\n"
    TRACK_ARTISTS
    "  b.name AS album,\n"
    "  t.uri AS track_uri,\n"
    "  count(*) AS plays,\n"
    LISTENED ",\n"
    FIRST_AND_LAST
    "FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id\n"
    "LEFT JOIN albums AS b ON b.album_id = t.album_id\n"
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, t.track_id";

static const char view_album_totals[] =
    "CREATE VIEW album_totals AS\n"
    "SELECT p.user_id,\n"
    "  b.album_id,\n"
    "  b.name AS album,\n"
    "  (SELECT group_concat(name, ', ') FROM\n"
    "    (SELECT a.name FROM album_artists AS x JOIN artists AS a USING (artist_id)\n"
    "     WHERE x.album_id = b.album_id ORDER BY x.position)) AS artists,\n"
    "  b.uri AS album_uri,\n"
    "  count(*) AS plays,\n"
    "  count(DISTINCT p.track_id) AS tracks,\n"
    LISTENED ",\n"
    FIRST_AND_LAST
    "FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id\n"
    "JOIN albums AS b ON b.album_id = t.album_id\n"
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, b.album_id";

/* An open gap that has a moment in common with day d. */
#define OPEN_GAP                                                  \
    "FROM gaps AS g WHERE g.user_id = d.user_id AND g.filled_by IS NULL\n" \
    "      AND g.after_played_at < d.day_ms + 86400000 AND g.before_played_at > d.day_ms"

/* Up to the last success a day without an open gap is proven complete: every page since then
 * overlapped with the one before. Of later days nothing is known yet. */
static const char view_coverage_by_day[] =
    "CREATE VIEW coverage_by_day AS\n"
    "WITH RECURSIVE days (user_id, day_ms, known_ms) AS (\n"
    "  SELECT user_id, first_sweep_at - first_sweep_at % 86400000,\n"
    "    coalesce(last_success_at, first_sweep_at)\n"
    "  FROM users WHERE first_sweep_at IS NOT NULL\n"
    "  UNION ALL\n"
    "  SELECT user_id, day_ms + 86400000, known_ms FROM days\n"
    "  WHERE day_ms + 86400000 <= max(known_ms, strftime('%s', 'now') * 1000)\n"
    ")\n"
    "SELECT d.user_id,\n"
    "  date(d.day_ms / 1000, 'unixepoch') AS day,\n"
    "  CASE\n"
    "    WHEN EXISTS (SELECT 1 " OPEN_GAP " AND g.certainty = 'likely') THEN 'lost'\n"
    "    WHEN EXISTS (SELECT 1 " OPEN_GAP ") THEN 'possible'\n"
    "    WHEN d.day_ms <= d.known_ms THEN 'complete'\n"
    "    WHEN EXISTS (SELECT 1 FROM runs AS r WHERE r.started_at < d.day_ms + 86400000\n"
    "      AND coalesce(r.stopped_at, r.alive_at) >= d.day_ms) THEN 'possible'\n"
    "    ELSE 'not_running'\n"
    "  END AS coverage,\n"
    "  (SELECT g.cause " OPEN_GAP "\n"
    "   ORDER BY g.certainty, g.gap_id LIMIT 1) AS cause\n"
    "FROM days AS d";

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
static const char quarters_gone[] = "DROP TABLE play_quarters";
static const char blocks_gone[] = "DROP TABLE play_blocks";
static const char totals_gone[] = "DROP TABLE play_totals";
static const char user_removed_gone[] = "DROP TRIGGER user_removed";

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

/* -- the ladder ------------------------------------------------------------------------------ */

/* What refers comes after what it refers to. */
static const char *const version_1[] = {
    users, tokens, refreshes,
    albums, artists, tracks, track_artists, album_artists,
    imports, import_rejects,
    played_tracks, play_details,
    polls, gaps, runs, gate, gate_calls,
    plays_of_track, tracks_of_album, plays_of_import,
    view_plays, view_plays_by_day, view_plays_by_hour,
    view_artist_totals, view_track_totals, view_album_totals,
    view_coverage_by_day,
    NULL,
};

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
/* clang-format on */

/* A step that was released is never changed again: what it did is in people's files. */
static const struct store_step steps[] = {
    {.version = 1, .description = "tables and views of the first version", .sql = version_1},
    {.version = 2, .description = "refused sign-ins and the countdown", .sql = version_2},
    {.version = 3, .description = "what each source tells of a play", .sql = version_3},
    {.version = 4, .description = "sums over the plays", .sql = version_4},
    {.version = 5, .description = "words to search for", .sql = version_5},
    {.version = 6, .description = "the sums in one table", .sql = version_6},
};

const struct store_ladder store_schema = {steps, sizeof steps / sizeof steps[0]};
