#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench_poll.sh [BUILD-DIRECTORY]: processor time of a poll: a page of 50 plays over TLS and gzip, 12 of them new,
# committed with a sync; and of one with nothing new.  The daemon, a script in Python and one in Node record the
# same USERS (100) accounts of the fake Spotify at the same time, each account once in ten seconds, which is the
# fastest that the daemon can be told to.  All three ask for all 50 plays every time.  The median of ROUNDS (5)
# stretches of ten seconds.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=bench/lib.sh
. "$here/lib.sh"
bench_begin bench_poll "${1:-.}"
users=${USERS:-100}
rounds=${ROUNDS:-5}
need sqlite3 python3 openssl curl unshare
python3 -c 'import requests' 2>/dev/null || skip 'the module requests of Python is not installed'
node_peers
authorities=/etc/ssl/certs/ca-certificates.crt
[ -r "$authorities" ] || skip "$authorities is not there"
# The daemon trusts the system's authorities only: it gets to see a copy of them with one more.
inside='mount --bind authorities.pem '$authorities' && exec "$@"'
own=-m
unshare $own sh -c "cp $authorities authorities.pem; $inside" sh true 2>/dev/null || own=-rm
unshare $own sh -c "cp $authorities authorities.pem; $inside" sh true 2>/dev/null ||
    skip 'no right to a mount namespace, in which the daemon would trust a certificate made for this'

# Some 12 plays in ten seconds, an account.
start_fake --accounts "$users" --pace 0.8333 --backlog 60
plain=$url
write_config 'web { listen = "" }'
while read -r _ token; do
    echo "$token" | "$build/spotify-historyctl" -c bench.conf login --token-stdin >login.log 2>&1 || { cat login.log >&2; fail "no login"; }
done <tokens

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench -keyout key.pem \
    -out cert.pem -addext subjectAltName=IP:127.0.0.1 2>openssl.log || fail 'no certificate'
cat "$authorities" cert.pem >authorities.pem
$pin_other python3 "$here/peers/front.py" "${plain##*:}" cert.pem key.pem >front.port &
started="$started $!"
wait_for 10 grep -q . front.port
read -r port <front.port
url=https://127.0.0.1:$port
write_config 'web { listen = "" }' \
    'capture { poll_interval = "10s" sweep_interval = "10s" daily_call_budget = 0 max_in_flight = 1 }'

$pin unshare $own sh -c "$inside" sh "$build/spotify-historyd" -c bench.conf 2>daemon.log &
ours=$!
REQUESTS_CA_BUNDLE=$work/authorities.pem $pin python3 "$here/peers/poll.py" "$url" tokens python.db 10 2>python.log &
python=$!
NODE_EXTRA_CA_CERTS=$work/cert.pem $pin node "$here/peers/poll.mjs" "$url" tokens node.db 10 2>node.log &
node=$!
started="$started $ours $python $node"

# Lines of a client: processor time so far, connections, polls.
look() {
    curl -sk "$url/_front" >front.now || fail 'no answer from the front'
    for who in ours python node; do
        eval "pid=\$$who"
        case $who in ours) agent=spotify-historyd ;; *) agent=$who-peer ;; esac
        [ -e "/proc/$pid/stat" ] || { cat daemon.log python.log node.log >&2; fail "$who ended"; }
        echo "$(used "$pid") $(sed -n "s/^$agent //p" front.now)" >>"look.$who"
    done
}

# milliseconds FILE: of each poll, the median of the stretches.
milliseconds() {
    awk 'NR > 1 { print $3 - polls ? ($1 - cpu) * 10 / ($3 - polls) : 0 } { cpu = $1; polls = $3 }' "$1" >stretches
    median stretches
}

# stretches: looks as often as there are rounds, and once more.
stretches() {
    rm -f look.*
    look
    for _ in $(seq "$rounds"); do
        sleep 10
        look
    done
}
seconds_of() { sqlite3 -readonly history.db "$1"; }

# Tokens, handshakes, the first pages, which are spread over the first interval; Node's compiler.
settled() { [ "$(seconds_of 'SELECT count(*) FROM (SELECT 1 FROM polls GROUP BY user_id HAVING count(*) > 2)')" -eq "$users" ]; }
sleep 22
wait_for 60 settled
sleep 10
from=$(seconds_of 'SELECT max(poll_id) FROM polls')
stretches
seconds_of "SELECT count(*), round(avg(items), 1), round(avg(added), 1) FROM polls WHERE poll_id > $from" >polls.new
echo "polls with new plays (count|items|new): $(cat polls.new)" >&2
new_ours=$(milliseconds look.ours) new_python=$(milliseconds look.python) new_node=$(milliseconds look.node)
awk -F '|' '{ exit !($1 > 0 && $2 > 49 && $3 > 11 && $3 < 13) }' polls.new || fail 'these are not the polls it should have been'
again=$(tail -n 1 look.ours | cut -d ' ' -f 2)

curl -s -o listener.json -d '{"listener":false}' "$plain/_sim/listener"
sleep 12
from=$(seconds_of 'SELECT max(poll_id) FROM polls')
stretches
seconds_of "SELECT outcome, count(*) FROM polls WHERE poll_id > $from GROUP BY 1" >polls.same
echo "polls without: $(tr '\n' ' ' <polls.same)" >&2
same_ours=$(milliseconds look.ours) same_python=$(milliseconds look.python) same_node=$(milliseconds look.node)
echo "ms a poll without new plays: ours $same_ours, Python $same_python, Node $same_node" >&2

for table in python node; do
    theirs=$(sqlite3 $table.db 'SELECT count(*) FROM plays')
    [ "$theirs" -gt $((users * 60)) ] || fail "$table stored $theirs plays"
done
line 'a poll with 12 new plays, Python' ms "$new_ours" 'requests, sqlite3' "$new_python" '<=0.35'
line 'a poll with 12 new plays, Node' ms "$new_ours" 'fetch' "$new_node" '<=0.3'
line 'a poll of an unchanged page' ms "$same_ours" promised 0.25 '<=1'
line 'connections for all polls' '' "$again" promised 1 '=1'
