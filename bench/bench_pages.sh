#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_pages.sh [BUILD-DIRECTORY [PLAYS]]: how fast the daemon draws its pages where ten years of plays
# are stored, while each second something changes, beside the time they may take, and sqlite3 with the views that say the same.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-.}" && pwd)
plays=${2:-1000000}
rounds=${ROUNDS:-60}
command -v sqlite3 >/dev/null || { echo 'sqlite3 is not installed'; exit 77; }
command -v curl >/dev/null || { echo 'curl is not installed'; exit 77; }
work=$(mktemp -d)
daemon=
writer=
# shellcheck disable=SC2317  # called by the trap
clean_up() {
    [ -z "$writer" ] || kill "$writer" 2>/dev/null || :
    [ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon"; } || :
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cd "$work"
LC_ALL=C.UTF-8 TZ=UTC
export LC_ALL TZ

# A port that nobody has now; another one is tried when somebody takes it meanwhile.
PORT=$((15000 + $$ % 15000))
# shellcheck source=bench/history.sh
. "$here/history.sh"
make_history "$build" "$plays"
"$build/spotify-historyctl" -c bench.conf rebuild >rebuild.log
"$build/spotify-historyd" -c bench.conf 2>daemon.log &
daemon=$!
page=http://127.0.0.1:$PORT
for _ in $(seq 100); do
    curl -s -o page.html "$page/" && break
    sleep 0.1
done

# Something changes: a second long the newest play is there, a second long it is not.  After each change
# all that was known of the file may be other than it was, as after a poll with new plays.
sqlite3 history.db "SELECT max(played_at) FROM played_tracks" >newest.txt
read -r newest <newest.txt
(
    while :; do
        for change in delete restore; do
            curl -sf -o /dev/null --unix-socket control.sock -d '{}' -H 'Content-Type: application/json' \
                "http://localhost/v1/users/1/plays/$newest/$change" || exit
            sleep 1
        done
    done
) &
writer=$!

year=$(($(date -u +%Y) - 1))
sqlite3 history.db "SELECT track_id FROM played_tracks GROUP BY 1 ORDER BY count(*) DESC LIMIT 1" >most.txt
read -r track <most.txt

# One request a line on one connection, each timed: first byte and all of it, in ms.
time_all() {
    for _ in $(seq "$rounds"); do echo "url = \"$page$1\""; echo 'output = "/dev/null"'; done >urls
    curl -s -K urls -w '%{http_code} %{time_starttransfer} %{time_total}\n' |
        awk '$1 != 200 { exit 1 } { print 1000 * $2, 1000 * $3 }'
}

of() { sort -n -k "$2" "$1" | awk -v at="$3" -v field="$2" '{ x[NR] = $field } END { i = int(NR * at + 0.999); if (i < 1) i = 1; print x[i] }'; }

failed=0
# against FIGURE UNIT OURS BAR: a bar that is a number and no rival.
against() {
    printf '%s\t%s\t%s\tbar\t%s\t<=1\n' "$1" "$2" "$3" "$4"
}

say() { # figure, path, bar of the median in ms, bar of the 99th percentile
    time_all "$2" >times.txt || { echo "$2 failed" >&2; failed=1; return; }
    median=$(of times.txt 2 0.5)
    against "$1, median" ms "$median" "$3"
    against "$1, 99th percentile" ms "$(of times.txt 2 0.99)" "$4"
}

# What it takes sqlite3 to say the same from the plays.
plain() {
    for _ in 1 2 3; do
        begin=$(date +%s%N)
        sqlite3 -readonly history.db "$@" >/dev/null
        echo "$((($(date +%s%N) - begin) / 1000)) 0"
    done >plain.txt
    of plain.txt 1 0.5
}

row() { # figure, path, SQL ...
    figure=$1 path=$2
    shift 2
    say "$figure" "$path" "$bar" "$bar_99"
    theirs=$(plain "$@")
    printf '%s\tms\t%s\tsqlite3, views\t%s\t<=%s\n' "$figure" "$median" "$(awk -v us="$theirs" 'BEGIN { print us / 1000 }')" 0.1
}

# A million plays; more of them have more time.
bar=50 bar_99=150
[ "$plays" -le 1000000 ] || { bar=200 bar_99=600; }
tops="SELECT track, plays FROM track_totals ORDER BY plays DESC LIMIT 10;
SELECT artist, plays FROM artist_totals ORDER BY plays DESC LIMIT 10;
SELECT album, plays FROM album_totals ORDER BY plays DESC LIMIT 10;"
row 'page: home, all time' '/?period=all' "$tops SELECT * FROM plays_by_day ORDER BY day DESC LIMIT 366; SELECT * FROM plays_by_hour;"
row 'page: a year' "/year/$year" "$tops SELECT * FROM plays_by_day ORDER BY day DESC LIMIT 366;"
row 'page: a track' "/track/$track" "SELECT rank FROM (SELECT track_id, rank() OVER (ORDER BY plays DESC) AS rank FROM track_totals)
    WHERE track_id = $track; SELECT substr(played_at_utc, 1, 7), count(*) FROM plays WHERE track_id = $track GROUP BY 1;"
for period in day week month year; do
    say "page: home, $period" "/?period=$period" "$bar" "$bar_99"
done
for path in "/?period=year&by=time" /artist/1 /album/1 /plays "/plays?q=ba" "/plays?q=the" "/plays?q=the%20mor" \
    "/plays?from=$year-06-01&to=$year-06-30" "/plays?before=$(date +%s)000.1" \
    "/plays?before=$(($(date +%s) - 300000000))000.1" /coverage /choices; do
    say "page: $path" "$path" "$bar" "$bar_99"
done
kill -0 "$writer" 2>/dev/null || { echo 'nothing changed any more' >&2; failed=1; }
time_all /plays >times.txt
against 'page: plays, first byte' ms "$(of times.txt 1 0.5)" 10
for period in day all; do
    against "page: home, $period" KiB "$(curl -s "$page/?period=$period" | wc -c | awk '{ print $1 / 1024 }')" 64
done
exit "$failed"
