#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Completions in fish, asked with its own `complete -C`.
set -eu

command -v fish >/dev/null || { echo "fish is not here"; exit 77; }
HOME=$PWD XDG_CONFIG_HOME=$PWD XDG_DATA_HOME=$PWD
export HOME XDG_CONFIG_HOME XDG_DATA_HOME

mkdir bin
printf '#!/bin/sh\necho "$*" >>called\necho '\''{"users": [\n    "spotify_id": "ann01"\n  "spotify_id": "x y"'\''\n' \
    >bin/spotify-historyctl
printf '#!/bin/sh\n' >bin/spotify-historyd
chmod +x bin/*
PATH=$PWD/bin:$PATH
export PATH
: >plays.zip

# offers EXPECTED LINE: the words that are offered at the end of the line.
offers() {
    # shellcheck disable=SC2016  # for fish to read
    found=$(fish --no-config -c 'source $argv[1]/completions/spotify-historyctl.fish
        source $argv[1]/completions/spotify-historyd.fish
        complete -C $argv[2]' "$TEST_SRCDIR" "$2" | cut -f 1 | tr '\n' ' ')
    if [ "${found% }" != "$1" ]; then
        echo "$2: ${found% }, expected $1"
        exit 1
    fi
}

offers 'stats status' 'spotify-historyctl sta'
offers 'stats status' 'spotify-historyctl -c x.conf sta'
offers '--format' 'spotify-historyctl export --fo'
offers 'csv extended json jsonl listenbrainz' 'spotify-historyctl export --format '
offers '--format=json --format=jsonl' 'spotify-historyctl export --format=js'
offers 'albums artists tracks' 'spotify-historyctl top '
offers 'plays time' 'spotify-historyctl top --by '
offers 'plays.zip' 'spotify-historyctl import pla'
offers '' 'spotify-historyctl status '
offers 'ann01' 'spotify-historyctl -c x.conf recent --user '
grep -qx -- '-c x.conf users --json' called
offers '--check-config --config' 'spotify-historyd --c'
