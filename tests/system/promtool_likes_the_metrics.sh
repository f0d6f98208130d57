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
# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"

start_fake --accounts 2 --pace 3600 --backlog 30
page=127.0.0.1:$port
configure "$page"
start_daemon daemon.conf

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
sign_in
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
