#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Prometheus's own checker on what the daemon says before and after a poll, and on the rules in doc/metrics.md.
# Debian has it in the package prometheus, which also starts a server: nobody installs that for a test.
# PROMTOOL names one from elsewhere.
set -eu

promtool=${PROMTOOL:-promtool}
command -v "$promtool" >/dev/null || {
    echo 'promtool (package prometheus) is not installed: the metrics are read by our own checker only'
    exit 77
}
command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }
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

"$TEST_BUILDDIR/fake-spotify" --port 0 --accounts 2 --pace 3600 --backlog 30 --token-file tokens --quiet \
    --die-with-parent >fake.log 2>&1 &
fake_pid=$!
wait_for 20 grep -q 'listening on' fake.log
url=$(sed -n '1s/.*listening on //p' fake.log)
page=127.0.0.1:$((20000 + $$ % 12000))
cat >watch.conf <<END
spotify { client_id = "sim-client-id" api_url = "$url" accounts_url = "$url" }
store { database = "$PWD/history.db" key_file = "$PWD/token.key" }
web { listen = "$page" }
control { socket = "$PWD/c" }
END
"$TEST_BUILDDIR/spotify-historyd" -c watch.conf 2>daemon.log &
daemon_pid=$!

scrape() {
    curl --silent --show-error --fail --noproxy '*' --max-time 20 "http://$page/metrics" >scraped
}
check() {
    scrape
    "$promtool" check metrics <scraped && return
    echo "FAILED: promtool on the metrics $1:"
    cat scraped
    exit 1
}

wait_for 20 scrape
check 'before the first poll'
head -n 1 tokens | cut -f 2 | "$TEST_BUILDDIR/spotify-historyctl" -c watch.conf login --token-stdin
polled() {
    scrape
    grep -q '^spotify_historyd_plays_recorded_total [1-9]' scraped
}
wait_for 20 polled
check 'after polls'

# The rules: the block of the document that begins with "groups:".
awk '/^    groups:/ { inside = 1 } inside && !/^    / { exit } inside { print substr($0, 5) }' \
    "$TEST_SRCDIR/doc/metrics.md" >rules.yml
"$promtool" check rules rules.yml
