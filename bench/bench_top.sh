#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_top.sh [BUILD-DIRECTORY [PLAYS]]: how fast recent, top and stats answer where years of plays
# are stored, beside sqlite3 with a query that says the same (for stats: the least of what it tells):
# the median of five rounds each, taken in turn.  What comes out of top is compared.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-.}" && pwd)
plays=${2:-1000000}
command -v sqlite3 >/dev/null || { echo 'sqlite3 is not installed'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"
LC_ALL=C.UTF-8 TZ=UTC
export LC_ALL TZ

# shellcheck source=bench/history.sh
. "$here/history.sh"
make_history "$build" "$plays"
ctl() { "$build/spotify-historyctl" -c bench.conf "$@"; }
week=$((now - 7 * 86400))

ours() {
    case $1 in
    recent) ctl recent -n 20 ;;
    top) ctl top tracks --json ;;
    week) ctl top tracks --since 7d ;;
    stats) ctl stats ;;
    esac
}

top_of() {
    echo "SELECT t.name || '|' || count(*) AS line, count(*) AS plays,
        sum(coalesce(p.ms_played, t.duration_ms, 0)) AS heard, t.track_id FROM played_tracks AS p
        JOIN tracks AS t USING (track_id) WHERE p.user_id = 1 AND p.played_at >= $1
        AND p.deleted_at IS NULL GROUP BY p.track_id ORDER BY plays DESC, heard DESC, t.track_id LIMIT 10"
}
theirs() {
    case $1 in
    recent) sqlite3 history.db "SELECT * FROM plays WHERE user_id = 1 ORDER BY play_key DESC LIMIT 20" ;;
    top) sqlite3 history.db "SELECT line FROM ($(top_of 0))" ;;
    week) sqlite3 history.db "SELECT line FROM ($(top_of "${week}000"))" ;;
    stats) sqlite3 history.db "SELECT line FROM ($(top_of 0))" \
        "SELECT artist, plays FROM artist_totals WHERE user_id = 1 ORDER BY plays DESC LIMIT 3" \
        "SELECT album, plays FROM album_totals WHERE user_id = 1 ORDER BY plays DESC LIMIT 3" \
        "SELECT * FROM plays_by_day WHERE user_id = 1 ORDER BY day DESC LIMIT 30" \
        "SELECT * FROM plays_by_hour WHERE user_id = 1" ;;
    esac
}

# Adds the hundredths of a second that ten calls took (one, where all plays are read), of their own
# time: what else runs on the machine counts less.
measure() {
    case $2 in recent | week) calls='1 2 3 4 5 6 7 8 9 10' ;; *) calls=1 ;; esac
    times >before
    for _ in $calls; do "$1" "$2" >/dev/null; done
    times >after
    sed 's/m/ /g; s/s//g' before after | awk '
        NR % 2 == 0 { used[NR] = 6000 * ($1 + $3) + 100 * ($2 + $4) }
        END { used[4] -= used[2]; print (used[4] > 0 ? used[4] : 1) }' >>"time.$1.$2"
}
median() { sort -n "$1" | sed -n 3p; }

ours top | awk -F '"' '/"name":/ { name = $4 } /"plays":/ && name != "" {
    gsub(/[^0-9]/, "", $3); print name "|" $3; name = "" }' >ours.top
theirs top >theirs.top
cmp ours.top theirs.top

for what in recent week top stats; do
    for _ in 1 2 3 4 5; do
        measure theirs $what
        measure ours $what
    done
    case $what in
    recent) name='recent, 10 calls' limit='<=4' ;;
    week) name='top of a week, 10 calls' limit='<=4' ;;
    top) name='top of ten years' limit='<=1' ;;
    *) name='stats' limit='<=0.8' ;;
    esac
    awk -v name="$name" -v limit="$limit" -v ours="$(median "time.ours.$what")" \
        -v theirs="$(median "time.theirs.$what")" 'BEGIN {
        printf "%s\ts\t%.2f\tsqlite3\t%.2f\t%s\n", name, ours / 100, theirs / 100, limit }'
done
