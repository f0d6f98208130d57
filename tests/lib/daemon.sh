# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# For the system tests that start the daemon, each in a folder of its own: . tests/lib/daemon.sh gives
# them the fake Spotify, a configuration, and time. What was started ends with the test.

# shellcheck disable=SC2034  # for those who read this
daemon=$TEST_BUILDDIR/spotify-historyd ctl=$TEST_BUILDDIR/spotify-historyctl
# shellcheck disable=SC2034
port=$((20000 + $$ % 12000)) # for a page: free, as far as anybody knows
url=http://127.0.0.1:9       # of Spotify: nobody answers there
fake_pid='' daemon_pid=''

# shellcheck disable=SC2317,SC2329  # called by the trap
clean_up() {
    [ -z "$daemon_pid" ] || kill "$daemon_pid" 2>/dev/null || :
    [ -z "$fake_pid" ] || kill "$fake_pid" 2>/dev/null || :
}
trap clean_up EXIT

# wait_for SECONDS COMMAND...: until it succeeds; fails when it does not.
wait_for() {
    tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ]; then
            [ ! -e daemon.log ] || cat daemon.log
            echo "waited in vain for: $*"
            return 1
        fi
        sleep 0.05
    done
}

# start_fake ARGUMENT...: the fake Spotify, at $url from then on; the accounts' tokens are in the file tokens.
start_fake() {
    "$TEST_BUILDDIR/fake-spotify" --port 0 --token-file tokens --quiet --die-with-parent "$@" >fake.log 2>&1 &
    fake_pid=$!
    wait_for 20 grep -q 'listening on' fake.log
    url=$(sed -n '1s/.*listening on //p' fake.log)
}

# configure ADDRESS: writes daemon.conf for Spotify at $url, with everything in this folder, and with a
# page at the address ('': without one).
configure() {
    cat >daemon.conf <<END
spotify { client_id = "sim-client-id" api_url = "$url" accounts_url = "$url" }
store { database = "$PWD/history.db" key_file = "$PWD/token.key" }
web { listen = "$1" }
control { socket = "$PWD/c" }
END
}

# start_daemon CONFIGURATION: in the background; it writes daemon.log.
start_daemon() {
    "$daemon" -c "$1" 2>daemon.log &
    daemon_pid=$!
}

# sign_in: the first account of the fake Spotify.
sign_in() {
    head -n 1 tokens | cut -f 2 | "$ctl" -c daemon.conf login --token-stdin
}
