#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Whatever system call fails in a refresh with a new token, an import and a migration, and wherever
# kill -9 comes: what was acknowledged is there, the database is whole, the next start does the rest.
# LONG_SECONDS (600) and SEED from the environment; INJECT_COUNT: no more than so many of each.
set -eu

# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"
# shellcheck source=tests/lib/inject.sh
. "$TEST_SRCDIR/tests/lib/inject.sh"

sql() { sqlite3 -readonly history.db "$1"; }

# expect WHAT IT IS: says what is not so.
expect() {
    [ "$2" = "$3" ] && return 0
    echo "$1: $2, not $3"
    return 1
}

is_whole() { expect integrity "$(sql 'PRAGMA integrity_check')" ok; }

plays() { sql 'SELECT count(*) FROM played_tracks'; }

# -- a refresh: the answer brings a new token, and the old one dies --------------------------------

fresh_world() {
    rm -f history.db* token.key fake.log tokens
    [ -z "$fake_pid" ] || { kill "$fake_pid"; wait "$fake_pid" || :; }
    start_fake --accounts 1 --rotate new --backlog 20 --pace 0.3 --seed "$seed"
    configure ''
    # the hourly budget of requests follows from the interval
    echo 'capture { poll_interval = "1s" sweep_interval = "1m" }' >>daemon.conf
    sign_in >/dev/null && "$daemon" -c daemon.conf --once 2>/dev/null
}

refresh_before() {
    sqlite3 history.db "DELETE FROM tokens WHERE type = 'access'"
    stored=$(plays)
}

refresh_run() { "$@" "$daemon" -c daemon.conf --once; }

# A token that was lost is lost by the rules: a refresh was cut off, its end was not stored, and the
# daemon says so.
refresh_after() {
    is_whole || return 1
    [ "$(plays)" -ge "$stored" ] || { echo "$stored plays, then $(plays)"; return 1; }
    outcome=$(sql "SELECT coalesce(outcome, 'cut off') FROM refreshes")
    status=0
    "$daemon" -c daemon.conf --once 2>>refresh.log || status=$?
    if [ "$status" -eq 77 ] && [ "$outcome" != ok ] && sql 'SELECT state_reason FROM users' | grep -q ambiguous_refresh; then
        lost=$((lost + 1))
        fresh_world
        return
    fi
    expect 'the next start' "$status" 0 && is_whole
}

# -- an import: all of the file, or nothing --------------------------------------------------------

import_before() {
    rm -f history.db*
    cp kept.db history.db
}

import_run() { "$@" "$ctl" -c daemon.conf import export.json; }

import_after() {
    is_whole || return 1
    case $(plays) in
    "$without") [ "$inject_status" -ne 0 ] || { echo 'it said 0 and stored nothing'; return 1; } ;;
    "$with") ;;
    *) echo "$(plays) plays are neither $without nor $with"; return 1 ;;
    esac
    "$ctl" -c daemon.conf import export.json >>import.log 2>&1 || { echo 'the second import failed'; return 1; }
    expect plays "$(plays)" "$with" && is_whole
}

import_prepare() {
    sqlite3 history.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    cp history.db kept.db
    awk 'BEGIN {
        for (i = 0; i < 50; i++)
            printf "%s{\"ts\":\"2015-03-01T10:%02d:00Z\",\"ms_played\":61000,\"spotify_track_uri\":" \
                "\"spotify:track:%022d\",\"master_metadata_track_name\":\"T%d\"," \
                "\"master_metadata_album_artist_name\":\"A%d\",\"master_metadata_album_album_name\":\"B\"}", \
                i ? "," : "[", i, i % 7, i % 7, i % 3
        print "]"
    }' >export.json
    without=$(plays)
    with=$((without + 50))
}

# -- a migration: the old version, a version on the way, or the new one ----------------------------

migration_before() {
    rm -f history.db*
    cp old.db history.db
}

migration_run() { "$@" "$daemon" -c daemon.conf --once; }

migration_after() {
    is_whole || return 1
    expect plays "$(plays)" 300 || return 1
    status=0
    "$daemon" -c daemon.conf --once 2>>migration.log || status=$?
    expect 'the next start' "$status" 77 || return 1 # nobody is signed in
    expect version "$(sql 'PRAGMA user_version')" "$newest" && expect plays "$(plays)" 300 && is_whole
}

migration_prepare() {
    newest=$(sql 'PRAGMA user_version')
    rm -f history.db* old.db
    "$TEST_BUILDDIR/faulty" --make-old 1 "$PWD/history.db"
    sqlite3 history.db "
        INSERT INTO users VALUES (1, 'ann', 'acc', 'Ann', 'needs_login', 'invalid_grant', 1, 2, 3, 4, 5, 6);
        INSERT INTO tracks (track_id, uri, kind, name, duration_ms, updated_at)
            VALUES (1, 'spotify:track:a', 'track', 'One', 200000, 1);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
            INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)
            SELECT 1, 1767225600000 + i * 86400000, 1, 'api', 1 FROM n;
        PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
    cp history.db old.db
}

inject_start
seconds=$((${LONG_SECONDS:-600} / 3)) count=${INJECT_COUNT:-100000} lost=0
fresh_world
inject_all refresh "$seconds" "$count"
import_prepare
inject_all import "$seconds" "$count"
migration_prepare
inject_all migration "$seconds" "$count"
echo "$inject_runs runs, $inject_fired with a fault; $lost sign-ins were cut off and made anew"
[ "$inject_fired" -gt 0 ]
