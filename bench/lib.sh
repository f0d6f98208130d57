# SPDX-License-Identifier: MIT
#
# lib.sh: sourced by the benches that are scripts, which set $here, their own folder.  Call bench_begin NAME
# BUILD first: it makes a folder to work in, goes there, and removes it at the end.
# shellcheck shell=sh

bench_begin() {
    name=$1
    build=$(cd "$2" && pwd)
    cost=$build/obj/bench/cost
    [ -x "$cost" ] || { echo "$name: $cost is not built" >&2; exit 1; }
    # Not on a file system in memory, if that can be helped: a sync is to cost something.
    work=$(mktemp -d /var/tmp/bench.XXXXXX)
    started=
    trap bench_end EXIT
    trap 'exit 130' INT TERM
    cd "$work" || exit 1
    LC_ALL=C.UTF-8 TZ=UTC
    export LC_ALL TZ
    # All that is measured runs on one processor, the last one, and what it talks to on another.
    # shellcheck disable=SC2034  # for those who read this
    pin='' pin_other=''
    cores=$(nproc 2>/dev/null || echo 1)
    if [ "$cores" -gt 1 ] && taskset -c $((cores - 1)) true 2>/dev/null; then
        pin="taskset -c $((cores - 1))"
        # shellcheck disable=SC2034
        pin_other='taskset -c 0'
    fi
}

# shellcheck disable=SC2317,SC2329  # called by the trap
bench_end() {
    for pid in $started; do
        kill "$pid" 2>/dev/null || :
        wait "$pid" 2>/dev/null || :
    done
    rm -rf "$work"
}

fail() {
    echo "$name: $*" >&2
    exit 1
}

skip() {
    echo "$*"
    exit 77
}

need() {
    for command; do
        command -v "$command" >/dev/null 2>&1 || skip "$command is not installed"
    done
}

# median FILE [FIELD]: of a column of numbers.
median() {
    sort -g -k "${2:-1},${2:-1}" "$1" | awk -v field="${2:-1}" '{ x[NR] = $field }
        END { print NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2 }'
}

# line FIGURE UNIT OURS ALTERNATIVE THEIRS LIMIT: for bench/table.
line() {
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@"
}

# measure WHAT COMMAND...: on one processor; what it took goes to cost.WHAT, a line a round.
measure() {
    what=$1
    shift
    # shellcheck disable=SC2086  # pin is a command with its arguments, or nothing
    $pin "$cost" "cost.$what" "$@" >"$what.out" 2>"$what.err" || {
        status=$?
        [ "$status" -ne 77 ] || skip "$(tail -n 1 "$what.out")"
        cat "$what.out" "$what.err" >&2
        fail "$what failed (exit $status)"
    }
}

# node_peers: makes $NODE_PEERS what bench/peers/sqlite.mjs needs; skips the bench where that cannot be had.
node_peers() {
    need node
    NODE_PEERS=
    if ! node -e 'require("node:sqlite")' 2>/dev/null; then
        # shellcheck disable=SC2154
        folder=$("$here/../build-aux/npm-deps" "$here/peers" "$build") || {
            status=$?
            [ "$status" -eq 77 ] || fail 'npm-deps failed'
            skip "$(printf '%s\n' "$folder" | tail -n 1)"
        }
        NODE_PEERS=${folder%/node_modules}
        # npm-deps runs no package's scripts; this one has to be compiled, unless it comes ready made.
        [ -e "$folder/better-sqlite3/build/Release/better_sqlite3.node" ] ||
            (cd "$folder/better-sqlite3" && PATH="$folder/.bin:$PATH" npm run install) >npm.log 2>&1 ||
            skip "better-sqlite3 could not be built: $(tail -n 1 npm.log)"
    fi
    export NODE_PEERS
}

# write_config [LINE...]: bench.conf with everything in this folder, and the lines.
write_config() {
    [ -n "${url-}" ] || url=http://127.0.0.1:9 # where nobody answers
    cat >bench.conf <<END_OF_CONFIG
spotify { client_id = "sim-client-id" api_url = "$url" accounts_url = "$url" }
store { database = "$PWD/history.db" key_file = "$PWD/token.key" }
control { socket = "$PWD/c" }
END_OF_CONFIG
    printf '%s\n' "$@" >>bench.conf
}

# start_fake ARGUMENT...: the fake Spotify of the tests, at $url from then on; its accounts' refresh tokens are in
# the file tokens, a line each.
start_fake() {
    # shellcheck disable=SC2086
    $pin_other "$build/fake-spotify" --port 0 --token-file tokens --quiet "$@" >fake.log 2>&1 &
    started="$started $!"
    wait_for 20 grep -q 'listening on' fake.log
    url=$(sed -n '1s/.*listening on //p' fake.log)
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "waited in vain for: $*"
        sleep 0.05
    done
}

# used PID: processor time of the process so far, all its threads, in hundredths of a second or what the system
# counts in.
used() { sed 's/.*) //' "/proc/$1/stat" | awk -v hz="$(getconf CLK_TCK)" '{ print ($12 + $13) * 100 / hz }'; }
