#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A database or key file that will not do: one clear line, the right exit status, and the file as it was.
set -eu

# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"
failed=0

fail() {
    echo "FAILED: $*"
    sed 's/^/    /' err
    failed=$((failed + 1))
}

config() {
    cat >state.conf <<END
spotify { client_id = "client" api_url = "http://127.0.0.1:1" accounts_url = "http://127.0.0.1:1" }
store { database = "$PWD/state/h.db" key_file = "$PWD/state/k" }
web { listen = "" }
control { socket = "$PWD/c" }
END
}

fresh() {
    rm -rf state
    mkdir state
    config
}

picture() {
    # Content, mode and time of everything but the lock, which stands beside the database. A database of our own
    # is opened before its key is looked for: then SQLite's index beside it (-shm, -wal) may be written anew.
    (cd state && find . -type f ! -name '*.lock' ! -name "${index:-none}" -exec sha256sum {} + \
        -exec stat -c '%n %a %Y %s' {} + | sort)
}

# refused NAME STATUS PATTERN: both programs refuse what lies in state/, with one line, and change nothing.
refused() {
    picture >before
    for program in "$daemon -c state.conf" "$daemon -c state.conf --once" "$ctl -c state.conf login --token-stdin"; do
        status=0
        # shellcheck disable=SC2086  # a command with its arguments
        echo token | timeout 20 $program >out 2>err || status=$?
        [ "$status" -eq "$2" ] || fail "$1: $program: exit $status instead of $2"
        grep -Eq "$3" err || fail "$1: $program: no line like: $3"
        [ "$(wc -l <err)" -eq 1 ] || fail "$1: $program: more than one line"
    done
    picture >after
    cmp -s before after || fail "$1: something was changed: $(diff before after)"
}

# A database of our own to begin with.
good() {
    fresh
    timeout 20 "$daemon" -c state.conf --once >out 2>err || fail 'an empty start'
}

fresh
echo 'this is a letter, not a database' >state/h.db
refused 'a text file' 74 'h\.db'

fresh
: >state/h.db
refused 'an empty file that was there before' 74 'h\.db'

fresh
sqlite3 state/h.db 'CREATE TABLE songs (name); PRAGMA user_version = 3;'
refused 'a database of another program' 78 'h\.db'

good
sqlite3 state/h.db 'PRAGMA user_version = 4711;' >out
refused 'a database of a newer version' 78 'newer|version'

fresh
rmdir state
config
status=0
timeout 20 "$daemon" -c state.conf >out 2>err || status=$?
[ "$status" -eq 73 ] || fail "directory missing: exit $status instead of 73"
[ ! -e state ] || fail 'directory missing: it was made'

index='h.db-*'
# The key: made once, never over one that is lost, never used when others can read it.
good
[ "$(stat -c %a state/k)" = 600 ] || fail "the key file has mode $(stat -c %a state/k)"
chmod 644 state/k
refused 'a key that others can read' 78 'state/k'
good
echo 'no key' >state/k
chmod 600 state/k
refused 'a key file with something else in it' 78 'state/k'
good
sqlite3 state/h.db "INSERT INTO users (spotify_id, state_since, added_at) VALUES ('ann', 0, 0);
    INSERT INTO tokens (user_id, type, sealed, updated_at) VALUES (1, 'refresh', x'00', 0)"
rm state/k
refused 'the key missing while tokens exist' 78 'state/k.*missing'
[ ! -e state/k ] || fail 'a new key was made over a lost one'

# A second instance: the first goes on.
good
start_daemon state.conf
wait_for 20 grep -q started daemon.log
status=0
timeout 20 "$daemon" -c state.conf >out 2>err || status=$?
[ "$status" -eq 69 ] || fail "second instance: exit $status instead of 69"
kill -0 "$daemon_pid" || fail 'second instance: the first one is gone'
kill "$daemon_pid"
wait "$daemon_pid" || fail 'the first instance did not end well'
daemon_pid=''
[ "$failed" -eq 0 ]
