#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Completions in bash, as readline calls them: the function that complete has registered, with the words of
# the line cut where bash cuts them.
set -eu

# The daemon is asked who is there; what is no plain id must not reach the shell.
mkdir bin
cat >bin/spotify-historyctl <<'END'
#!/bin/sh
echo "$*" >>called
cat <<'JSON'
{
  "users": [
    {
      "spotify_id": "ann01"
    },
    {
      "spotify_id": "$(touch owned)",
      "name": "Anna"
    },
    {
      "spotify_id": "anton.02",
      "name": "x"
    }
  ]
}
JSON
END
chmod +x bin/spotify-historyctl
PATH=$PWD/bin:$PATH
# shellcheck source=/dev/null
. "$TEST_SRCDIR/completions/spotify-historyctl.bash"
# shellcheck source=/dev/null
. "$TEST_SRCDIR/completions/spotify-historyd.bash"

# Outside of readline there is nothing to tell it.
# shellcheck disable=SC2317,SC2329
compopt() { :; }

# offers EXPECTED WORD...: what is offered for the last word.
offers() {
    local expected=$1 function
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    function=$(complete -p "$1" | sed 's/.*-F \([^ ]*\) .*/\1/')
    "$function" "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
    if [ "${COMPREPLY[*]}" != "$expected" ]; then
        echo "$*: ${COMPREPLY[*]}, expected $expected"
        exit 1
    fi
}

: >'plays of ann.zip'
: >plays.csv

offers 'status stats' spotify-historyctl sta
offers 'status stats' spotify-historyctl -c plays.csv sta
offers 'status stats' spotify-historyctl --config = plays.csv sta
offers '--config --version --help' spotify-historyctl --
offers '--format' spotify-historyctl export --f
offers '--user --dry-run --json --help' spotify-historyctl import --
offers 'csv json jsonl extended listenbrainz' spotify-historyctl export --format ''
offers 'json jsonl' spotify-historyctl export --format = js
offers 'csv json jsonl extended listenbrainz' spotify-historyctl export --format =
offers 'plays time' spotify-historyctl top --by ''
offers 'tracks artists albums' spotify-historyctl top ''
offers '' spotify-historyctl top tracks ''
offers 'last-week last-month last-year' spotify-historyctl stats --since last
offers 'plays of ann.zip' spotify-historyctl import 'plays o'
offers 'plays.csv' spotify-historyctl import 'plays of ann.zip' plays.
offers 'plays.csv' spotify-historyctl export -o plays.
offers '' spotify-historyctl recent -n ''
offers '' spotify-historyctl status ''
offers 'ann01 anton.02' spotify-historyctl recent --user ''
offers 'anton.02' spotify-historyctl -c other.conf sync ant
offers '' spotify-historyctl sync ann01 an
offers '--config --check-config' spotify-historyd --c
offers '--once' spotify-historyd -c plays.csv --o
offers 'plays.csv' spotify-historyd -c plays.

[ ! -e owned ] || { echo "a user's id was run as a command"; exit 1; }
grep -qx -- '-c other.conf users --json' called
