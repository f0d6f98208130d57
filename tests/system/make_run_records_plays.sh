#!/bin/sh
# SPDX-License-Identifier: MIT
#
# `make run` without a client id: within 5 seconds of the daemon's start plays stand in the terminal and
# in the database, an interrupt ends the daemon and the fake Spotify with status 0, and a second start
# begins anew.
set -eu
# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"

unset SPOTIFY_CLIENT_ID
cd "$TEST_BUILDDIR"
state=$TMPDIR/run
RUN_PORT=$port
export RUN_PORT

# The programs that this run started: each names the folder of this run in its arguments.  The brackets
# keep grep from finding its own.
ours() {
    grep -ls -- "$TMPDIR/[r]un/" /proc/[0-9]*/cmdline || :
}

started() { grep -q 'Ctrl-C ends' "$TMPDIR/out"; }
recorded() { grep -q ': recorded 20' "$TMPDIR/out"; }
ended() { ! kill -0 "$daemon_pid" 2>/dev/null; }

for round in 1 2; do
    # Here, and not by the command below: what that starts late must not be mistaken for this round's.
    : >"$TMPDIR/out"
    "$TEST_SRCDIR/build-aux/run" "$TEST_SRCDIR" "$state" >"$TMPDIR/out" 2>&1 &
    daemon_pid=$! # and its family: it ends them
    wait_for 60 started || { cat "$TMPDIR/out"; echo "round $round: it does not start"; exit 1; }
    if ! wait_for 5 recorded; then
        cat "$TMPDIR/out"
        echo "round $round: no play after 5 seconds"
        exit 1
    fi
    # The first polls bring all that the fake Spotify remembers, 30 plays for each of two accounts.
    [ "$(sqlite3 -readonly "$state/history.db" 'SELECT count(DISTINCT user_id) FROM played_tracks')" -ge 1 ]

    kill -TERM "$daemon_pid"
    wait_for 10 ended || { echo "round $round: it does not end"; kill -KILL "$daemon_pid"; exit 1; }
    status=0
    wait "$daemon_pid" || status=$?
    daemon_pid=''
    [ "$status" -eq 0 ] || { cat "$TMPDIR/out"; echo "round $round: exit $status"; exit 1; }
    [ -z "$(ours)" ] || { echo "round $round: left running: $(ours)"; exit 1; }
    [ "$(sqlite3 "$state/history.db" 'PRAGMA integrity_check')" = ok ]
done

# A token is in the token file and in nothing that anyone reads.
cut -f 2 "$state/tokens" >"$TMPDIR/tokens.only"
if grep -qFf "$TMPDIR/tokens.only" "$TMPDIR/out" "$state/fake-spotify.log"; then
    echo "a refresh token was printed"
    exit 1
fi
tail -n 6 "$TMPDIR/out"
