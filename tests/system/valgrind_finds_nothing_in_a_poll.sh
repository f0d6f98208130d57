#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A sign-in and two rounds of polls under valgrind: no error, no leak.
set -eu

command -v valgrind >/dev/null 2>&1 || { echo 'valgrind is not installed'; exit 77; }
if nm "$TEST_BUILDDIR/spotify-historyd" 2>/dev/null | grep -q __asan_init; then
    echo 'built with sanitizers, which do not go together with valgrind'
    exit 77
fi
# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"

start_fake --accounts 2 --pace 1 --backlog 60
configure ''
check() {
    timeout 300 valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99 "$@"
}
while read -r _ token; do
    echo "$token" | check "$ctl" -c daemon.conf login --token-stdin
done <tokens
check "$daemon" -c daemon.conf --once
check "$daemon" -c daemon.conf --once
plays=$(sqlite3 -readonly history.db 'SELECT count(*) FROM played_tracks')
echo "plays recorded under valgrind: $plays"
[ "$plays" -ge 100 ]
