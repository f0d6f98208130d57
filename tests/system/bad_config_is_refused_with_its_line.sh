#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A configuration that is wrong: "file:line: reason", exit 78, nothing started, nothing made.
set -eu

daemon=$TEST_BUILDDIR/spotify-historyd
ctl=$TEST_BUILDDIR/spotify-historyctl
failed=0

fail() {
    echo "FAILED: $*"
    sed 's/^/    /' err
    failed=$((failed + 1))
}

# refused NAME PATTERN: the configuration on standard input must be refused by all that read it, with a
# line that fits the pattern.
refused() {
    rm -rf state
    mkdir state
    cat >bad.conf
    for program in "$daemon -c bad.conf" "$daemon -c bad.conf --once" "$daemon -c bad.conf --check-config" \
        "$daemon -c bad.conf --print-config" "$ctl -c bad.conf login --token-stdin"; do
        status=0
        # shellcheck disable=SC2086  # a command with its arguments
        echo token | timeout 20 $program >out 2>err || status=$?
        [ "$status" -eq 78 ] || fail "$1: $program: exit $status instead of 78"
        grep -Eq "$2" err || fail "$1: $program: no line like: $2"
    done
    [ -z "$(ls -A state)" ] || fail "$1: something was made: $(ls -A state)"
}

store="store { database = \"$PWD/state/h.db\" key_file = \"$PWD/state/k\" }"

refused 'unknown option' '(^|error: )bad.conf:2: .*interval' <<END
$store
capture { poll_interva = "10m" }
END
refused 'unknown section' '(^|error: )bad.conf:2: ' <<END
$store
captur { }
END
refused 'wrong type' '(^|error: )bad.conf:3: ' <<END
$store
capture {
  daily_call_budget = "many"
}
END
refused 'a duration that is none' '(^|error: )bad.conf:2: ' <<END
$store
capture { poll_interval = "15 minutes" }
END
refused 'out of range' '(^|error: )bad.conf:2: .*10s' <<END
$store
capture { poll_interval = "1s" }
END
refused 'negative' '(^|error: )bad.conf:2: ' <<END
$store
capture { max_in_flight = -1 }
END
refused 'unclosed section' '(^|error: )bad.conf:[23]: ' <<END
$store
capture { poll_interval = "10m"
END
refused 'unclosed text' '(^|error: )bad.conf:[0-9]+: ' <<END
$store
capture { poll_interval = "10m }
END
refused 'given twice' '(^|error: )bad.conf:3: ' <<END
$store
capture { poll_interval = "10m"
  poll_interval = "11m" }
END
refused 'plain http to another machine' '(^|error: )bad.conf:2: ' <<END
$store
spotify { api_url = "http://api.spotify.com" }
END
refused 'two mistakes are both told' '(^|error: )bad.conf:3: ' <<END
$store
capture { poll_interval = "never" }
log { level = "loud" }
END
grep -Eq '(^|error: )bad.conf:2: ' err || fail 'two mistakes: the first is not told'
touch secret
chmod 644 secret
refused 'a secret that others can read' '(^|error: )bad.conf:2: .*secret' <<END
$store
spotify { client_secret_file = "$PWD/secret" }
END

# What is no readable file at all.
for file in missing.conf /; do
    status=0
    timeout 20 "$daemon" -c "$file" >out 2>err || status=$?
    [ "$status" -eq 78 ] || fail "$file: exit $status instead of 78"
    grep -qF "$file" err || fail "$file: is not named"
done
if [ "$(id -u)" -ne 0 ]; then
    : >unreadable.conf
    chmod 000 unreadable.conf
    status=0
    timeout 20 "$daemon" -c unreadable.conf >out 2>err || status=$?
    [ "$status" -eq 78 ] || fail "unreadable file: exit $status instead of 78"
fi

# Wrong command lines are another matter.
for arguments in --no-such-option extra-argument; do
    status=0
    timeout 20 "$daemon" "$arguments" >out 2>err || status=$?
    [ "$status" -eq 64 ] || fail "$arguments: exit $status instead of 64"
done
[ "$failed" -eq 0 ]
