#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_syncs.sh [BUILD-DIRECTORY]: how often the daemon waits for the disk (fsync, fdatasync) for a poll that brings
# plays, and for one that brings none: of ROUNDS (5) polls of one user each, ten seconds apart, the most common
# number.  Checkpoints of the log come on top now and then: all that was seen goes to standard error.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=bench/lib.sh
. "$here/lib.sh"
bench_begin bench_syncs "${1:-.}"
rounds=${ROUNDS:-5}
need sqlite3 strace curl
strace -o trace true 2>/dev/null || skip 'no right to trace a process'

start_fake --accounts 1 --pace 0.8333 --backlog 60
write_config 'web { listen = "" }' 'capture { poll_interval = "10s" sweep_interval = "10s" daily_call_budget = 0 }'
cut -f 2 tokens | "$build/spotify-historyctl" -c bench.conf login --token-stdin >login.log 2>&1 || fail "$(cat login.log)"
# -D: the tracer is the grandchild, so that the signal at the end reaches the daemon.
strace -D -f -ttt -e trace=fsync,fdatasync -o trace "$build/spotify-historyd" -c bench.conf 2>daemon.log &
started="$started $!"

done_polls() { sqlite3 -readonly history.db "SELECT count(*) FROM polls WHERE outcome $1"; }
enough() { [ "$(done_polls "$1")" -ge "$2" ]; }
# The first poll follows the start, and is not counted.
wait_for $((rounds * 12 + 30)) enough "= 'ok'" $((rounds + 2))
curl -s -o listener.json -d '{"listener":false}' "$url/_sim/listener"
wait_for $((rounds * 12 + 30)) enough "= 'unchanged'" $((rounds + 1))
sleep 1

# Each sync belongs to the last poll that had begun.
sqlite3 -readonly -separator ' ' history.db \
    "SELECT 'poll', outcome, started_at, added FROM polls WHERE poll_id > 1 ORDER BY poll_id" >polls
awk '$1 == "poll" { n++; outcome[n] = $2; at[n] = $3 / 1000; next }
    $2 > at[1] { for (i = n; at[i] > $2; i--); syncs[i]++ }
    END { for (i = 1; i < n; i++) print outcome[i], syncs[i] + 0 }' polls trace >syncs
echo "syncs of each poll: $(tr '\n' ',' <syncs)" >&2

most_common() { grep "^$1 " syncs | sort | uniq -c | sort -rn | awk 'NR == 1 { print $3 }'; }
line 'syncs of a poll with new plays' '' "$(most_common ok)" promised 1 '=1'
line 'syncs of a poll without' '' "$(most_common unchanged)" promised 0 '=0'
