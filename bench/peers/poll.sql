-- SPDX-License-Identifier: MIT
-- What the peers record into.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS tracks (
  uri         TEXT PRIMARY KEY,
  name        TEXT,
  artists     TEXT,
  album       TEXT,
  duration_ms INTEGER,
  isrc        TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS plays (
  user      INTEGER NOT NULL,
  played_at TEXT NOT NULL,
  track     TEXT NOT NULL REFERENCES tracks,
  context   TEXT,
  PRIMARY KEY (user, played_at, track)
) WITHOUT ROWID;
