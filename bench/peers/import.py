#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""import.py DATABASE FILE...: the long form of a privacy export into SQLite, as a script does it."""

import json
import sqlite3
import sys
from datetime import datetime
from pathlib import Path


def main():
    db = sqlite3.connect(sys.argv[1], isolation_level=None)
    db.executescript(Path(__file__).with_name("schema.sql").read_text())
    db.execute("BEGIN")
    tracks = dict(db.execute("SELECT uri, track_id FROM tracks"))
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            rows = json.load(file)
        plays = []
        for row in rows:
            uri = row["spotify_track_uri"]
            if uri is None:
                continue
            track_id = tracks.get(uri)
            if track_id is None:
                track_id = db.execute(
                    "INSERT INTO tracks (uri, name, artist, album) VALUES (?, ?, ?, ?)",
                    (
                        uri,
                        row["master_metadata_track_name"],
                        row["master_metadata_album_artist_name"],
                        row["master_metadata_album_album_name"],
                    ),
                ).lastrowid
                tracks[uri] = track_id
            plays.append(
                (
                    "ann",
                    int(datetime.fromisoformat(row["ts"]).timestamp()),
                    track_id,
                    row["ms_played"],
                    row["reason_start"],
                    row["reason_end"],
                    row["shuffle"],
                    row["skipped"],
                    row["offline"],
                    row["incognito_mode"],
                    row["platform"],
                    row["conn_country"],
                )
            )
        db.executemany(
            "INSERT OR IGNORE INTO plays VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", plays
        )
    db.execute("COMMIT")
    db.close()


main()
