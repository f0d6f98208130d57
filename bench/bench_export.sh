#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_export.sh [BUILD-DIRECTORY [PLAYS]]: how fast plays are exported as csv and json, beside
# sqlite3 -csv and -json with a query of the same columns, on the same database: the median of five
# rounds each, taken in turn.  What comes out is compared: a bench that writes nothing is fast.
set -eu

build=$(cd "${1:-.}" && pwd)
plays=${2:-${PLAYS:-1000000}}
command -v sqlite3 >/dev/null || { echo 'sqlite3 is not installed'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"

cat >bench.conf <<END
spotify { client_id = "0123456789abcdef0123456789abcdef" }
store { database = "$work/history.db" key_file = "$work/token.key" }
control { socket = "$work/control.sock" }
web { listen = "" }
END
"$build/spotify-historyd" -c bench.conf --once 2>/dev/null || :

# 20,000 tracks of 3,000 artists, every fourth by two of them; some are played far more than others.
sqlite3 history.db <<END
BEGIN;
INSERT INTO users (user_id, spotify_id, display_name, state_since, added_at) VALUES (1, 'ann01', 'Ann', 0, 0);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO artists SELECT i, printf('spotify:artist:%022d', i), 'Artist ' || i || ' Name', 0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
INSERT INTO albums (album_id, uri, name, updated_at)
SELECT i, printf('spotify:album:%022d', i), 'Album ' || i || ' of Songs', 0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO tracks (track_id, uri, kind, name, isrc, duration_ms, album_id, updated_at)
SELECT i, printf('spotify:track:%022d', i), 'track', 'Track ' || i || ' Title',
  printf('SEABC%07d', i), 180000 + i, 1 + i % 6000, 0 FROM n;
INSERT INTO track_artists SELECT track_id, 0, 1 + track_id % 3000 FROM tracks;
INSERT INTO track_artists SELECT track_id, 1, 1 + (track_id + 7) % 3000 FROM tracks WHERE track_id % 4 = 0;
INSERT INTO contexts VALUES (1, 1, 'spotify:playlist:37i9dQZF1DXcBWIGoYBM5M');
INSERT INTO details (detail_id, reason_start, reason_end, shuffle, skipped, offline, incognito, platform, country)
VALUES (1, 'trackdone', 'trackdone', 1, 0, 0, 0, 'android', 'SE');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $plays)
INSERT INTO played_tracks (user_id, played_at, track_id, context_id, source, first_seen_at, ms_played, detail_id)
SELECT 1, 1400000000207 + i * 1000000,
  1 + (i * 7919 % 20011) * (i * 104729 % 20011) % 20000 * (i * 31 % 1009) / 1009,
  1, 'extended', 1700000000000, 170000 + i % 9999, iif(i % 2, 1, NULL) FROM n;
COMMIT;
END

artists() {
    echo "(SELECT group_concat($1, '$2') FROM (SELECT a.$1 FROM track_artists AS x JOIN artists AS a
        USING (artist_id) WHERE x.track_id = t.track_id ORDER BY x.position))"
}
time="strftime('%Y-%m-%dT%H:%M:%fZ', (p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')"
seen="strftime('%Y-%m-%dT%H:%M:%fZ', p.first_seen_at / 1000.0, 'unixepoch')"
query="SELECT $time AS played_at, p.user_id, u.spotify_id AS user, t.name AS track,
    $(artists name ', ') AS artists, b.name AS album, t.kind, t.duration_ms, p.ms_played, p.source,
    c.uri AS context_uri, t.uri AS track_uri, b.uri AS album_uri, $(artists uri ' ') AS artist_uris, t.isrc,
    $seen AS first_seen_at, p.nudge_ms, d.reason_start, d.reason_end, d.shuffle, d.skipped, d.offline,
    d.incognito, d.platform, d.country FROM played_tracks AS p
    LEFT JOIN users AS u ON u.user_id = p.user_id LEFT JOIN tracks AS t ON t.track_id = p.track_id
    LEFT JOIN albums AS b ON b.album_id = t.album_id
    LEFT JOIN contexts AS c ON c.context_id = p.context_id
    LEFT JOIN details AS d ON d.detail_id = p.detail_id
    WHERE p.deleted_at IS NULL ORDER BY p.played_at, p.user_id"

ours() { "$build/spotify-historyctl" -c bench.conf export --format "$1"; }
theirs() { sqlite3 -readonly "-$1" -header history.db "$query"; }

# Adds the hundredths of a second that a command took, of its own time: what else runs on the machine
# counts less.
measure() {
    times >before
    "$1" "$2" >/dev/null
    times >after
    sed 's/m/ /g; s/s//g' before after | awk '
        NR % 2 == 0 { used[NR] = 6000 * ($1 + $3) + 100 * ($2 + $4) }
        END { print used[4] - used[2] }' >>"time.$1.$2"
}
median() { sort -n "$1" | sed -n 3p; }

# Both write the same, but sqlite3 puts quotes around blanks as well, and ends lines with LF.
ours csv | tr -d '"\r' >ours.csv
theirs csv | tr -d '"\r' >theirs.csv
cmp ours.csv theirs.csv
rows=$(($(wc -l <ours.csv) - 1))
[ "$rows" -eq "$plays" ] || { echo "bench_export: $rows rows in place of $plays" >&2; exit 1; }

for format in csv json; do
    for _ in 1 2 3 4 5; do
        measure theirs $format
        measure ours $format
    done
    awk -v format=$format -v plays="$plays" -v ours="$(median time.ours.$format)" \
        -v theirs="$(median time.theirs.$format)" 'BEGIN {
        printf "export as %s\trows/s\t%.0f\tsqlite3 -%s\t%.0f\t>=1\n",
            format, plays / ours * 100, format, plays / theirs * 100 }'
done
