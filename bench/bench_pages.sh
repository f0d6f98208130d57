#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_pages.sh [BUILD-DIRECTORY [PLAYS]]: how fast the daemon draws its pages where ten years of plays
# are stored, while it polls, beside sqlite3 with the views that say the same.  The medians and 99th
# percentiles of each page go to standard error, in ms.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-.}" && pwd)
plays=${2:-1000000}
rounds=${ROUNDS:-60}
command -v sqlite3 >/dev/null || { echo 'sqlite3 is not installed'; exit 77; }
command -v curl >/dev/null || { echo 'curl is not installed'; exit 77; }
work=$(mktemp -d)
daemon=
# shellcheck disable=SC2317  # called by the trap
clean_up() {
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
say() {
    time_all "$2" >times.txt || { echo "$2 failed" >&2; failed=1; return; }
    median=$(of times.txt 2 0.5)
    printf '%-28s median %6.1f ms   99th percentile %6.1f ms   first byte %6.1f ms   %7d bytes\n' "$1" "$median" \
        "$(of times.txt 2 0.99)" "$(of times.txt 1 0.5)" "$(curl -s "$page$2" | wc -c)" >&2
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
    say "$figure" "$path"
    theirs=$(plain "$@")
    printf '%s\tms\t%s\tsqlite3, views\t%s\t<=%s\n' "$figure" "$median" "$(awk -v us="$theirs" 'BEGIN { print us / 1000 }')" 0.5
}

tops="SELECT track, plays FROM track_totals ORDER BY plays DESC LIMIT 10;
SELECT artist, plays FROM artist_totals ORDER BY plays DESC LIMIT 10;
SELECT album, plays FROM album_totals ORDER BY plays DESC LIMIT 10;"
row 'page: home, all time' '/?period=all' "$tops SELECT * FROM plays_by_day ORDER BY day DESC LIMIT 366; SELECT * FROM plays_by_hour;"
row 'page: a year' "/year/$year" "$tops SELECT * FROM plays_by_day ORDER BY day DESC LIMIT 366;"
row 'page: a track' "/track/$track" "SELECT rank FROM (SELECT track_id, rank() OVER (ORDER BY plays DESC) AS rank FROM track_totals)
    WHERE track_id = $track; SELECT substr(played_at_utc, 1, 7), count(*) FROM plays WHERE track_id = $track GROUP BY 1;"
for path in /?period=day /?period=week /?period=month /?period=year "/?period=year&by=time" /artist/1 /album/1 /plays \
    "/plays?q=track%2042" "/plays?q=artist" "/plays?from=$year-06-01&to=$year-06-30" "/plays?before=$(date +%s)000.1" \
    "/plays?before=$(($(date +%s) - 300000000))000.1" /coverage /choices; do
    say "$path" "$path"
done
exit "$failed"
