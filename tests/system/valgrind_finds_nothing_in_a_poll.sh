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
fake_pid=''
# shellcheck disable=SC2317,SC2329  # called by the trap
clean_up() {
    [ -z "$fake_pid" ] || kill "$fake_pid" 2>/dev/null || :
}
trap clean_up EXIT

"$TEST_BUILDDIR/fake-spotify" --port 0 --accounts 2 --pace 1 --backlog 60 --token-file tokens --quiet \
    --die-with-parent >fake.log 2>&1 &
fake_pid=$!
tries=400
until grep -q 'listening on' fake.log; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat fake.log; exit 1; }
    sleep 0.05
done
url=$(sed -n '1s/.*listening on //p' fake.log)
cat >v.conf <<END
spotify { client_id = "sim-client-id" api_url = "$url" accounts_url = "$url" }
store { database = "$PWD/history.db" key_file = "$PWD/token.key" }
web { listen = "" }
control { socket = "$PWD/c" }
END
check() {
    timeout 300 valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99 "$@"
}
while read -r _ token; do
    echo "$token" | check "$TEST_BUILDDIR/spotify-historyctl" -c v.conf login --token-stdin
done <tokens
check "$TEST_BUILDDIR/spotify-historyd" -c v.conf --once
check "$TEST_BUILDDIR/spotify-historyd" -c v.conf --once
plays=$(sqlite3 -readonly history.db 'SELECT count(*) FROM played_tracks')
echo "plays recorded under valgrind: $plays"
[ "$plays" -ge 100 ]
