#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_idle.sh [BUILD-DIRECTORY]: the daemon with one user who was polled a moment ago, its page and its control
# socket open, and nothing to do for ten minutes: its memory, beside a minimal HTTP server in Node; how often it
# wakes up; and how long it takes from its start until it says READY=1, with the database there already.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=bench/lib.sh
. "$here/lib.sh"
bench_begin bench_idle "${1:-.}"
rounds=${ROUNDS:-5}
need sqlite3
start_fake --accounts 1 --pace 3600 --backlog 60
write_config "web { listen = \"127.0.0.1:$((15000 + $$ % 15000))\" }"
cut -f 2 tokens | "$build/spotify-historyctl" -c bench.conf login --token-stdin >login.log 2>&1 || fail "$(cat login.log)"

memory() { # PID FIELD, in KiB
    awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/smaps_rollup"
}
switches() { cat "/proc/$1"/task/*/status | awk '/ctxt_switches/ { sum += $2 } END { print sum }'; }
polls=0
polled() { [ "$(sqlite3 -readonly history.db "SELECT count(*) FROM polls WHERE outcome IN ('ok', 'unchanged')")" -gt "$polls" ]; }

for _ in $(seq "$rounds"); do
    polls=$(sqlite3 -readonly history.db 'SELECT count(*) FROM polls')
    "$build/spotify-historyd" -c bench.conf 2>daemon.log &
    daemon=$!
    started="$started $daemon"
    wait_for 20 polled
    sleep 3 # what follows a poll: its group is committed, its words are indexed
    before=$(switches "$daemon")
    sleep 5
    echo $(($(switches "$daemon") - before)) >>wakeups
    memory "$daemon" Private_Dirty >>dirty
    memory "$daemon" Rss >>rss
    kill "$daemon"
    wait "$daemon" || fail "the daemon ended with $?"
    measure ready "$build/spotify-historyd" -c bench.conf
    if command -v node >/dev/null; then
        node "$here/peers/idle.mjs" >node.port &
        node=$!
        started="$started $node"
        wait_for 20 grep -q . node.port
        sleep 1
        memory "$node" Rss >>rss.node
        memory "$node" Private_Dirty >>dirty.node
        kill "$node"
        wait "$node" 2>/dev/null || :
        rm node.port
    fi
done

mib() { awk -v kib="$(median "$1")" 'BEGIN { printf "%.2f", kib / 1024 }'; }
line 'idle, private dirty memory' MiB "$(mib dirty)" promised 3 '<=1'
[ ! -e rss.node ] || line 'idle, resident memory' MiB "$(mib rss)" 'Node http server' "$(mib rss.node)" '<=0.35'
line 'wake-ups in 5 s between timers' '' "$(awk '{ sum += $1 } END { print sum }' wakeups)" promised 0 '=0'
line 'start to READY' ms "$(awk -v s="$(median cost.ready 4)" 'BEGIN { print s * 1000 }')" promised 50 '<=1'
