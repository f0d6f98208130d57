# SPDX-License-Identifier: MIT
#
# history.sh: sourced by benches that want years of plays: make_history BUILD PLAYS writes bench.conf and
# history.db into the current directory.  PORT (optional): where the page is to listen.
# shellcheck shell=sh

make_history() {
    cat >bench.conf <<END
spotify { client_id = "0123456789abcdef0123456789abcdef" }
store { database = "$PWD/history.db" key_file = "$PWD/token.key" }
control { socket = "$PWD/control.sock" }
web { listen = "${PORT:+127.0.0.1:$PORT}" }
END
    "$1/spotify-historyd" -c bench.conf --once 2>/dev/null || :

    # Ten years; 100,000 tracks of 10,000 artists, some of them played far more than others.
    now=$(date +%s)
    step=$((10 * 31557600000 / $2))
    sqlite3 history.db <<END
BEGIN;
INSERT INTO users (user_id, spotify_id, display_name, state_since, added_at) VALUES (1, 'ann01', 'Ann', 0, 0);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO artists SELECT i, printf('spotify:artist:%022d', i), 'Artist ' || i, 0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
INSERT INTO albums (album_id, uri, name, updated_at)
SELECT i, printf('spotify:album:%022d', i), 'Album ' || i, 0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
INSERT INTO tracks (track_id, uri, kind, name, duration_ms, album_id, updated_at)
SELECT i, printf('spotify:track:%022d', i), 'track', 'Track ' || i, 180000 + i, 1 + i % 12000, 0 FROM n;
INSERT INTO track_artists SELECT track_id, 0, 1 + track_id % 10000 FROM tracks;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at, ms_played)
SELECT 1, ${now}000 - ($2 - i) * $step,
  1 + (i * 7919 % 20011) * (i * 104729 % 20011) % 100000 * (i * 31 % 1009) / 1009,
  'api', ${now}000, iif(i % 2, NULL, 100000 + i % 99999) FROM n;
COMMIT;
END
}
