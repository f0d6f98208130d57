#!/bin/sh
# SPDX-License-Identifier: MIT
#
# One user, the default interval of ten minutes: between polls the daemon does not run at all. Prints its memory.
set -eu

# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"

start_fake --accounts 1 --pace 3600 --backlog 30
configure "127.0.0.1:$port"
sign_in
start_daemon daemon.conf
polled() {
    [ "$(sqlite3 -readonly history.db "SELECT count(*) FROM polls WHERE outcome = 'ok'")" -ge 1 ]
}
wait_for 20 polled
# Words of few tracks wait for those of other polls.
indexed() {
    [ "$(sqlite3 -readonly history.db 'SELECT count(*) FROM stale_words')" -eq 0 ]
}
wait_for 20 indexed
sleep 0.5 # what follows a poll: its group is committed, its connection is put away

switches() {
    awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$daemon_pid/status"
}
before=$(switches)
sleep 3
after=$(switches)
awk '/^Private_Dirty/ { dirty = $2 } /^Rss/ { rss = $2 } END {
    printf "idle with one user: resident %.1f MiB, of that private and dirty %.1f MiB\n", rss / 1024, dirty / 1024
}' "/proc/$daemon_pid/smaps_rollup"
echo "wake-ups in 3 s between polls: $((after - before))"
[ "$after" -eq "$before" ]
