#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The kernel says that a sync failed (strace answers in its place): nothing more is written through that
# connection, the daemon ends with status 74 and one error, and the next start has everything.
set -eu

# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"

if ! strace -f -o probe -e trace=none true 2>/dev/null; then
    echo 'strace is not here, or may not trace'
    exit 77
fi
if ! command -v curl >/dev/null; then
    echo 'curl is not here'
    exit 77
fi
fail() {
    cat daemon.log
    echo "FAILED: $*"
    exit 1
}
plays() { sqlite3 -readonly history.db 'SELECT count(*) FROM plays'; }
polled() { [ "$(plays)" -ge "$1" ]; }
# play FIRST COUNT: tracks that ended a moment ago each.
play() {
    now=$(($(date +%s) * 1000))
    list=''
    i=0
    while [ "$i" -lt "$2" ]; do
        list="$list${list:+,}{\"account\":1,\"track\":$(($1 + i)),\"played_at\":$((now - 60000 + 1000 * i))}"
        i=$((i + 1))
    done
    curl -sS --noproxy '*' -d "[$list]" "$url/_sim/plays" >out
}

start_fake --accounts 1 --no-listener
play 1 10
configure ''
sign_in
start_daemon daemon.conf
wait_for 20 polled 10
wait_for 20 grep -q recorded daemon.log # said when that commit was through, with its sync

strace -f -o trace -p "$daemon_pid" -e trace=fdatasync,fsync,pwrite64 -e inject=fdatasync,fsync:error=EIO 2>attached &
tracer=$!
wait_for 20 grep -q attached attached
play 100 10
kill -USR1 "$daemon_pid"
status=0
wait "$daemon_pid" || status=$?
daemon_pid=''
wait "$tracer" || :
[ "$status" -eq 74 ] || fail "exit $status instead of 74"
[ "$(grep -c 'error: ' daemon.log)" -eq 1 ] || fail 'not one error'
grep -q 'INJECTED' trace || fail 'no sync was made to fail'
# Behind the sync that failed not a byte goes into the database or its log.
[ "$(grep -c 'INJECTED' trace)" -eq 1 ] || fail 'another sync was tried'
if sed '1,/INJECTED/d' trace | grep pwrite64; then
    fail 'it wrote on'
fi

rm daemon.log # the last one's word is not this one's
start_daemon daemon.conf
wait_for 20 grep -q started daemon.log
wait_for 20 polled 20
kill "$daemon_pid"
wait "$daemon_pid" || fail 'the next start did not end well'
daemon_pid=''
[ "$(sqlite3 -readonly history.db 'PRAGMA integrity_check')" = ok ] || fail 'integrity'
[ "$(plays)" -eq 20 ] || fail "$(plays) plays"
