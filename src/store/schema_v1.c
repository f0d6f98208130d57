/* SPDX-License-Identifier: MIT */
/*
 * store/schema: the tables and views of version 1. What was added since is in schema.c. The
 * comments of the columns are kept in the file.
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

/* What refers comes after what it refers to. */
const char *const store_schema_1[] = {
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
/* clang-format on */
