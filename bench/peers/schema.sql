-- SPDX-License-Identifier: MIT
-- What the peers import into: a table of plays that can be asked, that does not take the same play twice, and
-- that does not repeat every name a million times.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS tracks (
  track_id INTEGER PRIMARY KEY,
  uri      TEXT NOT NULL UNIQUE,
  name     TEXT,
  artist   TEXT,
  album    TEXT
);
CREATE TABLE IF NOT EXISTS plays (
  user         TEXT NOT NULL,
  played_at    INTEGER NOT NULL,
  track_id     INTEGER NOT NULL REFERENCES tracks,
  ms_played    INTEGER NOT NULL,
  reason_start TEXT,
  reason_end   TEXT,
  shuffle      INTEGER,
  skipped      INTEGER,
  offline      INTEGER,
  incognito    INTEGER,
  platform     TEXT,
  country      TEXT,
  PRIMARY KEY (user, played_at, track_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS plays_track ON plays (track_id, played_at);
