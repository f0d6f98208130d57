/* SPDX-License-Identifier: MIT */
/*
 * store/schema: the tables and views as SQL, and the ladder of versions. spotify-history.db(5) tells the same to
 * those who read the file; the comments below are kept in the file itself (sqlite3 history.db .schema).
 *
 * Times are INTEGER milliseconds since 1970-01-01 UTC, durations INTEGER milliseconds, unless the name says otherwise.
 */
#include "store/store_private.h"

/* -- who is recorded --------------------------------------------------------------------------- */

static const char users[] =
    "CREATE TABLE users (\n"
    "  user_id          INTEGER PRIMARY KEY,   -- number of the user in this file\n"
    "  spotify_id       TEXT NOT NULL UNIQUE,  -- name of the account at Spotify\n"
    "  account_id       TEXT UNIQUE,           -- stable id of the account, NULL: not told\n"
    "  display_name     TEXT,                  -- as the person calls themselves, NULL: not told\n"
    "  state            TEXT NOT NULL DEFAULT 'active'\n"
    "                   CHECK (state IN ('active', 'needs_login', 'paused')), -- is this user recorded?\n"
    "  state_reason     TEXT,                  -- why not, for people\n"
    "  state_since      INTEGER NOT NULL,      -- when the state was entered\n"
    "  added_at         INTEGER NOT NULL,      -- when the user was added\n"
    "  authorized_at    INTEGER,               -- last sign-in; it is good for six months\n"
    "  last_success_at  INTEGER,               -- when Spotify last answered for this user\n"
    "  first_sweep_at   INTEGER,               -- first look at all that Spotify shows; NULL: none yet\n"
    "  anchor_played_at INTEGER                -- the record is joined to what came before up to here\n"
    ") STRICT";

static const char tokens[] =
    "CREATE TABLE tokens (\n"
    "  user_id    INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, -- whose it is\n"
    "  type       TEXT NOT NULL CHECK (type IN ('access', 'refresh')), -- which of the two\n"
    "  sealed     BLOB NOT NULL,    -- the token, encrypted with a key that is not in this file\n"
    "  scope      TEXT,             -- what it allows, as Spotify said\n"
    "  expires_at INTEGER,          -- when it ends, NULL: not told\n"
    "  updated_at INTEGER NOT NULL, -- when it was stored\n"
    "  PRIMARY KEY (user_id, type)\n"
    ") STRICT, WITHOUT ROWID";

static const char refreshes[] =
    "CREATE TABLE refreshes (\n"
    "  user_id     INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE, -- whose token\n"
    "  started_at  INTEGER NOT NULL, -- when the last refresh began; stored before Spotify is asked\n"
    "  finished_at INTEGER,          -- when it ended, NULL: under way, or cut off by a crash\n"
    "  outcome     TEXT              -- 'ok' or a short word, NULL like finished_at\n"
    ") STRICT";

/* -- what was played: never lost, never changed by us but for marks ------------------------------ */

/* The rows are kept in the primary key itself (WITHOUT ROWID): one B-tree. UNIQUE says in words what the key does
 * and makes no second one. */
static const char played_tracks[] =
    "CREATE TABLE played_tracks (\n"
    "  user_id       INTEGER NOT NULL REFERENCES users, -- who\n"
    "  played_at     INTEGER NOT NULL,           -- when the play ended, plus nudge_ms\n"
    "  track_id      INTEGER NOT NULL REFERENCES tracks, -- what\n"
    "  context_uri   TEXT,                       -- playlist, album ... it was played from\n"
    "  source        TEXT NOT NULL\n"
    "                CHECK (source IN ('api', 'extended', 'account')), -- who told: API or which export\n"
    "  first_seen_at INTEGER NOT NULL,           -- when it was stored\n"
    "  ms_played     INTEGER,                    -- how long it was heard, NULL: the API does not tell\n"
    "  nudge_ms      INTEGER NOT NULL DEFAULT 0, -- moved by this to a free ms; reported: played_at - nudge_ms\n"
    "  import_id     INTEGER REFERENCES imports, -- import that brought or completed it\n"
    "  deleted_at    INTEGER,                    -- when it was marked as deleted, NULL: it is not\n"
    "  PRIMARY KEY (user_id, played_at),\n"
    "  UNIQUE (user_id, played_at)               -- the same index as the line above\n"
    ") STRICT, WITHOUT ROWID";

static const char play_details[] =
    "CREATE TABLE play_details (\n"
    "  user_id      INTEGER NOT NULL, -- with the next: which row of played_tracks\n"
    "  played_at    INTEGER NOT NULL, -- its key there\n"
    "  reason_start TEXT,             -- why it began, in Spotify's words: clickrow, trackdone ...\n"
    "  reason_end   TEXT,             -- why it ended: trackdone, fwdbtn ...\n"
    "  shuffle      INTEGER CHECK (shuffle IN (0, 1)),   -- was shuffle on\n"
    "  skipped      INTEGER CHECK (skipped IN (0, 1)),   -- was it skipped\n"
    "  offline      INTEGER CHECK (offline IN (0, 1)),   -- was the device offline\n"
    "  incognito    INTEGER CHECK (incognito IN (0, 1)), -- was it a private session\n"
    "  platform     TEXT,             -- device, as Spotify describes it\n"
    "  country      TEXT,             -- two letters\n"
    "  PRIMARY KEY (user_id, played_at),\n"
    "  FOREIGN KEY (user_id, played_at) REFERENCES played_tracks ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID";

/* -- the catalogue: what the plays are of ------------------------------------------------------- */

static const char albums[] =
    "CREATE TABLE albums (\n"
    "  album_id     INTEGER PRIMARY KEY,  -- number of the album in this file\n"
    "  uri          TEXT NOT NULL UNIQUE, -- spotify:album:..., spotify:show:...\n"
    "  name         TEXT NOT NULL,        -- title, empty: not told\n"
    "  album_type   TEXT,                 -- album, single, compilation ...\n"
    "  release_date TEXT,                 -- YYYY, YYYY-MM or YYYY-MM-DD\n"
    "  cover_url    TEXT,                 -- address of the largest picture\n"
    "  total_tracks INTEGER,              -- how many tracks it has\n"
    "  updated_at   INTEGER NOT NULL      -- when this row last changed\n"
    ") STRICT";

static const char artists[] =
    "CREATE TABLE artists (\n"
    "  artist_id  INTEGER PRIMARY KEY,  -- number of the artist in this file\n"
    "  uri        TEXT NOT NULL UNIQUE, -- spotify:artist:..., historyd:artist:NAME if only the name is known\n"
    "  name       TEXT NOT NULL,        -- empty: not told\n"
    "  updated_at INTEGER NOT NULL      -- when this row last changed\n"
    ") STRICT";

static const char tracks[] =
    "CREATE TABLE tracks (\n"
    "  track_id     INTEGER PRIMARY KEY,  -- number of the track in this file\n"
    "  uri          TEXT NOT NULL UNIQUE, -- spotify:track:..., spotify:episode:..., spotify:local:...\n"
    "  kind         TEXT NOT NULL\n"
    "               CHECK (kind IN ('track', 'episode', 'chapter', 'local')), -- what it is\n"
    "  name         TEXT NOT NULL,        -- title, empty: not told\n"
    "  isrc         TEXT,                 -- International Standard Recording Code\n"
    "  duration_ms  INTEGER,              -- length of the whole track\n"
    "  track_number INTEGER,              -- place on its disc, from 1\n"
    "  disc_number  INTEGER,              -- disc of the album, from 1\n"
    "  explicit     INTEGER CHECK (explicit IN (0, 1)), -- marked as having explicit lyrics\n"
    "  album_id     INTEGER REFERENCES albums, -- album or show, NULL: none known\n"
    "  updated_at   INTEGER NOT NULL      -- when this row last changed\n"
    ") STRICT";

static const char track_artists[] =
    "CREATE TABLE track_artists (\n"
    "  track_id  INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE, -- which track\n"
    "  position  INTEGER NOT NULL, -- order in which they are named, from 0\n"
    "  artist_id INTEGER NOT NULL REFERENCES artists, -- who\n"
    "  PRIMARY KEY (track_id, position),\n"
    "  UNIQUE (artist_id, track_id)\n"
    ") STRICT, WITHOUT ROWID";

static const char album_artists[] =
    "CREATE TABLE album_artists (\n"
    "  album_id  INTEGER NOT NULL REFERENCES albums ON DELETE CASCADE, -- which album\n"
    "  position  INTEGER NOT NULL, -- order in which they are named, from 0\n"
    "  artist_id INTEGER NOT NULL REFERENCES artists, -- who\n"
    "  PRIMARY KEY (album_id, position),\n"
    "  UNIQUE (artist_id, album_id)\n"
    ") STRICT, WITHOUT ROWID";

/* -- the ledger: what the recorder did ---------------------------------------------------------- */

static const char polls[] =
    "CREATE TABLE polls (\n"
    "  poll_id     INTEGER PRIMARY KEY, -- ascending with time\n"
    "  user_id     INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, -- for whom\n"
    "  started_at  INTEGER NOT NULL,    -- when the request was sent\n"
    "  kind        TEXT NOT NULL CHECK (kind IN ('tail', 'sweep')), -- what follows the newest, or all\n"
    "  cursor      INTEGER,             -- the after parameter, NULL: none\n"
    "  outcome     TEXT NOT NULL,       -- ok, unchanged, empty, or the name of a failure\n"
    "  http_status INTEGER,             -- status of the answer, NULL: there was none\n"
    "  detail      TEXT,                -- what went wrong, for people\n"
    "  items       INTEGER NOT NULL,    -- plays in the answer\n"
    "  added       INTEGER NOT NULL,    -- of these stored as new\n"
    "  late        INTEGER NOT NULL,    -- of the new: older than one already stored\n"
    "  odd         INTEGER NOT NULL,    -- items that could not be taken\n"
    "  duration_ms INTEGER NOT NULL     -- from request to commit\n"
    ") STRICT";

static const char gaps[] =
    "CREATE TABLE gaps (\n"
    "  gap_id           INTEGER PRIMARY KEY, -- number of the gap\n"
    "  user_id          INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, -- whose record has it\n"
    "  after_played_at  INTEGER NOT NULL, -- newest stored play before it\n"
    "  before_played_at INTEGER NOT NULL, -- oldest known play after it\n"
    "  certainty        TEXT NOT NULL CHECK (certainty IN ('likely', 'possible')), -- was something lost\n"
    "  cause            TEXT NOT NULL CHECK (cause IN ('listened_faster', 'daemon_down', 'needs_login',\n"
    "                   'rate_limit', 'spotify_failing', 'database_full', 'late_batch', 'unknown')), -- why\n"
    "  detected_at      INTEGER NOT NULL, -- when it was noticed\n"
    "  filled_by        INTEGER REFERENCES imports, -- import that spans it, NULL: open\n"
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

/* -- privacy exports that were read in ---------------------------------------------------------- */

static const char imports[] =
    "CREATE TABLE imports (\n"
    "  import_id   INTEGER PRIMARY KEY, -- number of the import\n"
    "  user_id     INTEGER NOT NULL REFERENCES users, -- whose plays\n"
    "  file        TEXT NOT NULL,       -- name of the file that was given\n"
    "  hash        TEXT NOT NULL,       -- digest of its content, hexadecimal\n"
    "  source      TEXT NOT NULL CHECK (source IN ('extended', 'account')), -- long or short form\n"
    "  started_at  INTEGER NOT NULL,    -- when it began\n"
    "  finished_at INTEGER,             -- when it ended, NULL: under way, or cut off\n"
    "  undone_at   INTEGER,             -- when it was undone, NULL: it is not\n"
    "  row_count   INTEGER NOT NULL DEFAULT 0, -- rows read: the sum of the four below\n"
    "  added       INTEGER NOT NULL DEFAULT 0, -- stored as new plays\n"
    "  matched     INTEGER NOT NULL DEFAULT 0, -- were known from the API and completed\n"
    "  duplicate   INTEGER NOT NULL DEFAULT 0, -- were known already\n"
    "  rejected    INTEGER NOT NULL DEFAULT 0  -- not taken, see import_rejects\n"
    ") STRICT";

static const char import_rejects[] =
    "CREATE TABLE import_rejects (\n"
    "  import_id INTEGER NOT NULL REFERENCES imports ON DELETE CASCADE, -- which import\n"
    "  row_no    INTEGER NOT NULL, -- which row of it, counted from 1\n"
    "  reason    TEXT NOT NULL,    -- short word: why it was not taken\n"
    "  excerpt   TEXT,             -- beginning of the row\n"
    "  PRIMARY KEY (import_id, row_no)\n"
    ") STRICT, WITHOUT ROWID";

/* -- indexes: for the pages of one track, album or artist, and for what refers to a row that is deleted --- */

static const char plays_of_track[] = "CREATE INDEX played_tracks_track ON played_tracks (track_id)";
static const char tracks_of_album[] = "CREATE INDEX tracks_album ON tracks (album_id)";
/* Plays from the API are not in it, so it costs nothing until somebody imports. */
static const char plays_of_import[] =
    "CREATE INDEX played_tracks_import ON played_tracks (import_id) WHERE import_id IS NOT NULL";

/* -- views: what people query ------------------------------------------------------------------- */

#define REPORTED "(p.played_at - p.nudge_ms)"
#define UTC_TEXT(ms) \
    "strftime('%Y-%m-%dT%H:%M:%S', " ms " / 1000, 'unixepoch') || printf('.%03dZ', " ms " % 1000)"
#define LOCAL_TEXT(ms) \
    "strftime('%Y-%m-%d %H:%M:%S', " ms " / 1000, 'unixepoch', 'localtime') || printf('.%03d', " ms " % 1000)"
/* Where nobody told how long it was heard, the length of the track stands for it. */
#define LISTENED "sum(coalesce(p.ms_played, t.duration_ms, 0))"
#define ARTISTS_OF(table, key, value) \
    "(SELECT group_concat(name, ', ') FROM (SELECT a.name FROM " table " AS x" \
    " JOIN artists AS a ON a.artist_id = x.artist_id WHERE x." key " = " value " ORDER BY x.position))"

/* LEFT though there always is a user and a track: so the plays stay the outermost loop, in the order of their key, unless
 * somebody asks for a certain track; and what is not asked for is not looked up. */
static const char view_plays[] =
    "CREATE VIEW plays AS\n"
    "SELECT p.user_id,\n"
    "  coalesce(u.display_name, u.spotify_id) AS user,\n"
    "  " REPORTED " AS played_at,\n"
    "  " UTC_TEXT(REPORTED) " AS played_at_utc,\n"
    "  " LOCAL_TEXT(REPORTED) " AS played_at_local,\n"
    "  t.name AS track,\n"
    "  " ARTISTS_OF("track_artists", "track_id", "t.track_id") " AS artists,\n"
    "  b.name AS album,\n"
    "  t.kind,\n"
    "  t.duration_ms,\n"
    "  p.ms_played,\n"
    "  p.source,\n"
    "  (p.first_seen_at - " REPORTED ") / 1000 AS late_s,\n"
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

#define FROM_PLAYS \
    "FROM played_tracks AS p\n" \
    "JOIN tracks AS t ON t.track_id = p.track_id\n"

static const char view_plays_by_day[] =
    "CREATE VIEW plays_by_day AS\n"
    "SELECT p.user_id,\n"
    "  date(" REPORTED " / 1000, 'unixepoch', 'localtime') AS day,\n"
    "  count(*) AS plays,\n"
    "  count(DISTINCT p.track_id) AS tracks,\n"
    "  " LISTENED " AS listened_ms\n"
    FROM_PLAYS
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, day";

static const char view_plays_by_hour[] =
    "CREATE VIEW plays_by_hour AS\n"
    "SELECT p.user_id,\n"
    "  CAST(strftime('%H', " REPORTED " / 1000, 'unixepoch', 'localtime') AS INTEGER) AS hour,\n"
    "  count(*) AS plays,\n"
    "  " LISTENED " AS listened_ms\n"
    FROM_PLAYS
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, hour";

#define FIRST_AND_LAST \
    "  " UTC_TEXT("min" REPORTED) " AS first_played_utc,\n" \
    "  " UTC_TEXT("max" REPORTED) " AS last_played_utc\n"

static const char view_artist_totals[] =
    "CREATE VIEW artist_totals AS\n"
    "SELECT p.user_id,\n"
    "  a.artist_id,\n"
    "  a.name AS artist,\n"
    "  a.uri AS artist_uri,\n"
    "  count(*) AS plays,\n"
    "  count(DISTINCT p.track_id) AS tracks,\n"
    "  " LISTENED " AS listened_ms,\n"
    FIRST_AND_LAST
    FROM_PLAYS
    "JOIN track_artists AS x ON x.track_id = p.track_id\n"
    "JOIN artists AS a ON a.artist_id = x.artist_id\n"
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, a.artist_id";

static const char view_track_totals[] =
    "CREATE VIEW track_totals AS\n"
    "SELECT p.user_id,\n"
    "  t.track_id,\n"
    "  t.name AS track,\n"
    "  " ARTISTS_OF("track_artists", "track_id", "t.track_id") " AS artists,\n"
    "  b.name AS album,\n"
    "  t.uri AS track_uri,\n"
    "  count(*) AS plays,\n"
    "  " LISTENED " AS listened_ms,\n"
    FIRST_AND_LAST
    FROM_PLAYS
    "LEFT JOIN albums AS b ON b.album_id = t.album_id\n"
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, t.track_id";

static const char view_album_totals[] =
    "CREATE VIEW album_totals AS\n"
    "SELECT p.user_id,\n"
    "  b.album_id,\n"
    "  b.name AS album,\n"
    "  " ARTISTS_OF("album_artists", "album_id", "b.album_id") " AS artists,\n"
    "  b.uri AS album_uri,\n"
    "  count(*) AS plays,\n"
    "  count(DISTINCT p.track_id) AS tracks,\n"
    "  " LISTENED " AS listened_ms,\n"
    FIRST_AND_LAST
    FROM_PLAYS
    "JOIN albums AS b ON b.album_id = t.album_id\n"
    "WHERE p.deleted_at IS NULL\n"
    "GROUP BY p.user_id, b.album_id";

#define DAY_MS "86400000"
#define OPEN_GAP \
    "FROM gaps AS g WHERE g.user_id = d.user_id AND g.filled_by IS NULL" \
    " AND g.after_played_at < d.day_ms + " DAY_MS " AND g.before_played_at > d.day_ms"

/* Up to the last success a day without an open gap is proven complete: every page since then overlapped with the one
 * before. Of later days nothing is known yet. */
static const char view_coverage_by_day[] =
    "CREATE VIEW coverage_by_day AS\n"
    "WITH RECURSIVE days (user_id, day_ms, known_ms) AS (\n"
    "  SELECT user_id, first_sweep_at - first_sweep_at % " DAY_MS ", coalesce(last_success_at, first_sweep_at)\n"
    "  FROM users WHERE first_sweep_at IS NOT NULL\n"
    "  UNION ALL\n"
    "  SELECT user_id, day_ms + " DAY_MS ", known_ms FROM days\n"
    "  WHERE day_ms + " DAY_MS " <= max(known_ms, strftime('%s', 'now') * 1000)\n"
    ")\n"
    "SELECT d.user_id,\n"
    "  date(d.day_ms / 1000, 'unixepoch') AS day,\n"
    "  CASE\n"
    "    WHEN EXISTS (SELECT 1 " OPEN_GAP " AND g.certainty = 'likely') THEN 'lost'\n"
    "    WHEN EXISTS (SELECT 1 " OPEN_GAP ") THEN 'possible'\n"
    "    WHEN d.day_ms <= d.known_ms THEN 'complete'\n"
    "    WHEN EXISTS (SELECT 1 FROM runs AS r WHERE r.started_at < d.day_ms + " DAY_MS "\n"
    "                 AND coalesce(r.stopped_at, r.alive_at) >= d.day_ms) THEN 'possible'\n"
    "    ELSE 'not_running'\n"
    "  END AS coverage,\n"
    "  (SELECT g.cause " OPEN_GAP " ORDER BY g.certainty, g.gap_id LIMIT 1) AS cause\n"
    "FROM days AS d";

/* -- the ladder --------------------------------------------------------------------------------- */

static const char *const version_1[] = {
    users,          tokens,          refreshes,          albums,             artists,
    tracks,         track_artists,   album_artists,      imports,            import_rejects,
    played_tracks,  play_details,    polls,              gaps,               runs,
    gate,           gate_calls,      plays_of_track,     tracks_of_album,    plays_of_import,
    view_plays,     view_plays_by_day, view_plays_by_hour, view_artist_totals, view_track_totals,
    view_album_totals, view_coverage_by_day, NULL,
};

/* A step that was released is never changed again: what it did is in people's files. */
static const struct store_step steps[] = {
    {.version = 1, .description = "tables and views of the first version", .sql = version_1},
};

const struct store_ladder store_schema = {steps, sizeof steps / sizeof steps[0]};
