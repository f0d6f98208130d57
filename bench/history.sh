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

    # Ten years of 16 hours a day: 100,000 tracks on 10,000 albums of 4,000 artists. A few are played
    # often and most now and then, and the longer it goes on the more there are to choose from. Names
    # are made of 2,000 words; every eighth has a "the" in it.
    now=$(date +%s)
    day=$(($2 / 3652))
    sqlite3 history.db <<END
BEGIN;
INSERT INTO users (user_id, spotify_id, display_name, state_since, added_at) VALUES (1, 'ann01', 'Ann', 0, 0);
CREATE TEMP TABLE syllables (n INTEGER PRIMARY KEY, text);
INSERT INTO syllables (text) VALUES ('ba'), ('cor'), ('da'), ('el'), ('fi'), ('gan'), ('ha'), ('ir'), ('jo'), ('ka'),
  ('lu'), ('ma'), ('ne'), ('or'), ('pa'), ('qui'), ('ra'), ('sel'), ('ta'), ('un'), ('va'), ('we'), ('xi'), ('yo'),
  ('zu'), ('bre'), ('cha'), ('dri'), ('eau'), ('fro'), ('gli'), ('hun'), ('ist'), ('jar'), ('kno'), ('lyn'), ('mor'),
  ('nox'), ('ost'), ('phi');
CREATE TEMP TABLE words (n INTEGER PRIMARY KEY, text);
INSERT INTO words (text) SELECT a.text || b.text || iif((a.n + b.n) % 3, '', 'n')
  FROM syllables AS a, syllables AS b ORDER BY a.n * 7919 % 41, b.n * 104729 % 43;
CREATE TEMP VIEW named AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
  SELECT i, iif(i % 8, '', 'The ') || upper(substr(a.text, 1, 1)) || substr(a.text, 2) || ' ' || b.text ||
    iif(i % 3, '', ' ' || c.text) AS name FROM n
  JOIN words AS a ON a.n = 1 + i * 7919 % 1600 JOIN words AS b ON b.n = 1 + i / 3 * 104729 % 1600
  JOIN words AS c ON c.n = 1 + i / 7 * 1299709 % 1600;
INSERT INTO artists SELECT i, printf('spotify:artist:%022d', i), name, 0 FROM named WHERE i <= 4000;
INSERT INTO albums (album_id, uri, name, updated_at)
SELECT i, printf('spotify:album:%022d', i), name, 0 FROM named WHERE i <= 10000;
INSERT INTO tracks (track_id, uri, kind, name, duration_ms, album_id, updated_at)
SELECT i, printf('spotify:track:%022d', i), 'track', name, 120000 + i * 7919 % 200000, 1 + i * 31 / 10 % 10000, 0
FROM named;
INSERT INTO track_artists SELECT track_id, 0, 1 + album_id % 4000 FROM tracks;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $2 - 1),
  u(i, u) AS (SELECT i, (i * 2654435761 % 4294967296) / 4294967296.0 FROM n)
INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at, ms_played)
SELECT 1, ${now}000 - 315532800000 + i / $day * 86400000 + i % $day * (57600000 / $day),
  1 + CAST(u * u * (10000 + 90000 * (i * 1.0 / $2)) AS INTEGER), 'api', ${now}000,
  iif(i % 2, NULL, 100000 + i % 99999) FROM u WHERE i / $day <= 3652;
COMMIT;
END
}
