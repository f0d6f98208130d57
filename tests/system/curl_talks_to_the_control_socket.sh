#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The examples of doc/control.md, with nothing but curl: the status is JSON, a request that changes something
# is taken, one that is wrong gets the documented error.
set -eu

command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }
# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"

configure ''
start_daemon daemon.conf
socket=$PWD/c
wait_for 10 test -S "$socket"

# expect STATUS PATTERN CURL-ARGUMENT...
expect() {
    status=$1 pattern=$2
    shift 2
    got=$(curl --silent --show-error --noproxy '*' --max-time 20 --unix-socket "$socket" \
        --write-out '%{http_code}' --output answer "$@")
    [ "$got" = "$status" ] && grep -q "$pattern" answer && return
    echo "FAILED: curl $*: $got instead of $status:"
    cat answer
    exit 1
}

expect 200 '"running":true' http://localhost/v1/status
expect 200 '"users":\[\]' http://localhost/v1/users
expect 202 '"users":\[\]' --json '{}' http://localhost/v1/sync
expect 201 '"stage":"waiting"' --json '{}' http://localhost/v1/login
expect 404 '"code":"not_found"' http://localhost/v1/users/7
expect 405 '"code":"method_not_allowed"' http://localhost/v1/sync
expect 413 '' --data-binary "@$TEST_BUILDDIR/spotify-historyd" --header 'Expect:' http://localhost/v1/sync
expect 400 '"code":"bad_request"' --json '[]' http://localhost/v1/sync
expect 200 '"running":true' http://localhost/v1/status
grep -q 'control: user .* (pid .*): polls everybody now' daemon.log
