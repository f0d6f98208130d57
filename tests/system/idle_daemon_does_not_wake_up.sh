#!/bin/sh
# SPDX-License-Identifier: MIT
#
# One user, the default interval of ten minutes: between polls the daemon does not run at all. Prints its memory.
set -eu

daemon=$TEST_BUILDDIR/spotify-historyd
fake_pid='' daemon_pid=''
# shellcheck disable=SC2317,SC2329  # called by the trap
clean_up() {
    [ -z "$daemon_pid" ] || kill "$daemon_pid" 2>/dev/null || :
    [ -z "$fake_pid" ] || kill "$fake_pid" 2>/dev/null || :
}
trap clean_up EXIT

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "waited in vain for: $*"; cat daemon.log; exit 1; }
        sleep 0.05
    done
}

"$TEST_BUILDDIR/fake-spotify" --port 0 --accounts 1 --pace 3600 --backlog 30 --token-file tokens --quiet \
    --die-with-parent >fake.log 2>&1 &
fake_pid=$!
wait_for 20 grep -q 'listening on' fake.log
url=$(sed -n '1s/.*listening on //p' fake.log)
cat >idle.conf <<END
spotify { client_id = "sim-client-id" api_url = "$url" accounts_url = "$url" }
store { database = "$PWD/history.db" key_file = "$PWD/token.key" }
web { listen = "127.0.0.1:$((20000 + $$ % 12000))" }
control { socket = "$PWD/c" }
END
cut -f 2 tokens | "$TEST_BUILDDIR/spotify-historyctl" -c idle.conf login --token-stdin
"$daemon" -c idle.conf 2>daemon.log &
daemon_pid=$!
polled() {
    [ "$(sqlite3 -readonly history.db "SELECT count(*) FROM polls WHERE outcome = 'ok'")" -ge 1 ]
}
wait_for 20 polled
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
