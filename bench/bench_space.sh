#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_space.sh [BUILD-DIRECTORY [PLAYS]]: how large the database is with a million plays (PLAYS), a tenth as many
# tracks, names as long as real ones, totals and words all made: once with plays as the API tells them, once from
# the long form of an export.  What the bytes are spent on goes to standard error.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=bench/lib.sh
. "$here/lib.sh"
bench_begin bench_space "${1:-.}"
plays=${2:-${PLAYS:-1000000}}
need sqlite3
sqlite3 :memory: 'SELECT 1 FROM dbstat' >/dev/null 2>&1 || skip 'sqlite3 was built without dbstat'

empty() {
    rm -f ./*.db*
    write_config 'web { listen = "" }'
    "$build/spotify-historyd" -c bench.conf --once 2>/dev/null || :
    sqlite3 history.db "INSERT INTO users (user_id, spotify_id, state_since, added_at) VALUES (1, 'ann01', 0, 0)"
}

# say WHICH: prints the line, and what each table and index takes.
say() {
    "$build/spotify-historyctl" -c bench.conf rebuild >rebuild.log 2>&1 || fail "$(cat rebuild.log)"
    sqlite3 history.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    rows=$(sqlite3 history.db 'SELECT count(*) FROM played_tracks')
    [ "$rows" -eq "$plays" ] || fail "$rows plays in place of $plays"
    {
        echo "bytes a play, $1: table or index, bytes a play, of that not used"
        sqlite3 -separator '  ' history.db "SELECT printf('%-32s', name), printf('%6.1f', sum(pgsize) * 1.0 / $plays),
            printf('%5.1f', sum(unused) * 1.0 / $plays) FROM dbstat GROUP BY name HAVING sum(pgsize) * 20 > $plays
            ORDER BY sum(pgsize) DESC; SELECT 'free pages: ' || freelist_count FROM pragma_freelist_count"
    } >&2
    line "bytes a play, $1" B "$(stat -c %s history.db | awk -v plays="$plays" '{ printf "%.2f", $1 / plays }')" \
        promised 60 '<=1'
}

empty
{ echo 'BEGIN;' && awk -v plays="$plays" -f "$here/peers/names.awk" -f "$here/peers/api_plays.awk" && echo 'COMMIT;'; } |
    sqlite3 history.db
say 'of the API'

empty
mkdir new
awk -v plays="$plays" -v into=new -f "$here/peers/names.awk" -f "$here/peers/long_form.awk"
rm new/rows.csv
# shellcheck disable=SC2046
"$build/spotify-historyctl" -c bench.conf import $(printf 'new/%s ' $(cd new && find . -name '*.json' | sort -t _ -k 4 -n)) \
    >import.log 2>&1 || fail "$(cat import.log)"
say 'of an export'
