#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_import_peers.sh [BUILD-DIRECTORY [PLAYS]]: the long form of a privacy export into a database, beside a
# script in Node, one in Python, and sqlite3's own .import of the same rows as CSV; and the same rows once
# more, in files of another digest, so that each of them has to be looked at.  Processor time, the median of
# ROUNDS (5), in turn.
#
# The scripts keep what we keep of a play, but not what makes its totals and its searching fast; .import keeps
# the text of each row as it is, without a key.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=bench/lib.sh
. "$here/lib.sh"
bench_begin bench_import_peers "${1:-.}"
plays=${2:-${PLAYS:-100000}}
rounds=${ROUNDS:-5}
need sqlite3 python3
node_peers

mkdir new again
awk -v plays="$plays" -v into=new -f "$here/peers/names.awk" -f "$here/peers/long_form.awk"
# In the order of their numbers, as Spotify's files are.
files=$(cd new && find . -name '*.json' | sed 's,^\./,,' | sort -t _ -k 4 -n)
for file in $files; do { cat "new/$file" && echo; } >"again/$file"; done
# shellcheck disable=SC2086  # one by one
new=$(printf 'new/%s ' $files) again=$(printf 'again/%s ' $files)

count() { # DATABASE TABLE
    rows=$(sqlite3 "$1" "SELECT count(*) FROM $2")
    [ "$rows" -eq "$plays" ] || fail "$rows rows in place of $plays in $1"
}

write_config 'web { listen = "" }'
for _ in $(seq "$rounds"); do
    rm -f ./*.db*
    "$build/spotify-historyd" -c bench.conf --once 2>/dev/null || :
    sqlite3 history.db "INSERT INTO users (spotify_id, state_since, added_at) VALUES ('ann', 0, 0)"
    # shellcheck disable=SC2086  # lists of files
    {
        measure node node "$here/peers/import.mjs" node.db $new
        measure python python3 "$here/peers/import.py" python.db $new
        measure csv sqlite3 csv.db '.import --csv new/rows.csv plays' 'SELECT 1'
        measure ours "$build/spotify-historyctl" -c bench.conf import $new
        measure again "$build/spotify-historyctl" -c bench.conf import $again
    }
    count node.db plays
    count python.db plays
    count history.db 'played_tracks JOIN play_details USING (user_id, played_at)'
    [ "$(sqlite3 history.db 'SELECT sum(duplicate) FROM imports')" -eq "$plays" ] ||
        fail 'the rows were not all found to be there'
    # The first line is taken for the head.
    [ "$(sqlite3 csv.db 'SELECT count(*) FROM plays')" -eq $((plays - 1)) ] || fail 'csv.db lacks rows'
done

speed() { awk -v plays="$plays" -v took="$(median "cost.$1")" 'BEGIN { printf "%.2f", plays / took / 1000 }'; }
most() { sort -g -k 3,3 "cost.$1" | awk 'END { printf "%.1f", $3 / 1024 }'; }

line 'import, long form, beside Node' krows/s "$(speed ours)" 'JSON.parse+SQL' "$(speed node)" '>=2'
line 'import, beside Python' krows/s "$(speed ours)" 'json, sqlite3' "$(speed python)" '>=3'
line 'import, beside sqlite3' krows/s "$(speed ours)" '.import of CSV' "$(speed csv)" '>=0.8'
line 'import of what is there' krows/s "$(speed again)" 'new' "$(speed ours)" '>=1'
line 'import, most memory' MiB "$(most ours)" promised 64 '<=1'
line 'import of what is there, memory' MiB "$(most again)" promised 64 '<=1'
