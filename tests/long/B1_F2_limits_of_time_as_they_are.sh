#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The limits of time as they are, not shortened: a token request that is never answered is given up after 30 s,
# and a stop waits for it no longer than 35 s.  Nothing is lost by either.
set -eu

# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"

if ! command -v curl >/dev/null; then
    echo 'curl is not here'
    exit 77
fi
admin() { # PATH JSON
    curl -sS --noproxy '*' -X POST -H 'Content-Type: application/json' -d "$2" "$url/_sim/$1" >/dev/null
}
count() { # KIND
    curl -sS --noproxy '*' "$url/_sim/requests?last=1" | grep -o "\"counts\":{[^}]*" | grep -o "\"$1\":[0-9]*" | cut -d : -f 2
}
# more KIND N: there were more requests of a kind than N.
more() { [ "$(count "$1")" -gt "$2" ]; }
seconds_since() { echo $(($(date +%s) - $1)); }
fail() {
    cat daemon.log
    echo "FAILED: $*"
    exit 1
}

start_fake --accounts 1 --pace 3600 --backlog 30 --rotate new
configure ''
sign_in
admin faults '{"kind":"token","hang":true,"count":0}'
admin tokens '{"expire_access":true}'
asked=$(count token)
start_daemon daemon.conf
wait_for 20 more token "$asked"
began=$(date +%s)
wait_for 40 grep -q 'Bextor.*trying again\|timed out\|timeout' daemon.log
took=$(seconds_since "$began")
echo "a token request without an answer was given up after $took s"
case $took in
29 | 30 | 31 | 32) ;;
*) fail "given up after $took s instead of 30" ;;
esac

# The next try is under way when the stop comes.
asked=$(count token)
wait_for 60 more token "$asked"
began=$(date +%s)
kill "$daemon_pid"
sleep 3
kill -0 "$daemon_pid" 2>/dev/null || fail 'it did not wait for the token request'
status=0
wait "$daemon_pid" || status=$?
daemon_pid=''
took=$(seconds_since "$began")
echo "a stop beside a token request without an answer took $took s"
[ "$status" -eq 0 ] || fail "exit $status"
[ "$took" -le 35 ] || fail "the stop took $took s"

# What was rotated meanwhile is not lost: the sign-in works.
admin faults '{"clear":true}'
start_daemon daemon.conf
polled() {
    [ "$(sqlite3 -readonly history.db "SELECT count(*) FROM polls WHERE outcome = 'ok'")" -ge 1 ]
}
wait_for 30 polled
kill "$daemon_pid"
wait "$daemon_pid" || fail 'the last end'
daemon_pid=''
[ "$(sqlite3 -readonly history.db "SELECT state FROM users")" = active ] || fail 'not active'
