#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Completions in zsh, in a terminal of zsh's own making: zsh has no way to ask for them on the command line.
set -eu

command -v zsh >/dev/null || { echo "zsh is not here"; exit 77; }
zsh -fc 'zmodload zsh/zpty' 2>/dev/null || { echo "this zsh makes no terminals"; exit 77; }

mkdir bin
printf '#!/bin/sh\necho "$*" >>called\necho '\''{"users": [\n    "spotify_id": "ann01"\n  "spotify_id": "x y"'\''\n' \
    >bin/spotify-historyctl
printf '#!/bin/sh\n' >bin/spotify-historyd
chmod +x bin/*
PATH=$PWD/bin:$PATH
export PATH
: >plays.zip

# What the shell in the terminal reads first: every match that is offered goes into a file.
cat >first.zsh <<'END'
fpath=($TEST_SRCDIR/completions $fpath)
autoload -Uz compinit
compinit -u -D
compadd() {
    local -a found
    builtin compadd -O found "$@"
    print -rl -- $found >>offered
    builtin compadd "$@"
}
complete-once() { zle complete-word; : >tried; }
zle -N complete-once
bindkey '^I' complete-once
setopt no_beep
: >ready
END

# ask.zsh LINE: types the line and a tab, then rubs it out and asks for another file.
cat >ask.zsh <<'END'
zmodload zsh/zpty
wait_for() {
    repeat 400; do
        while zpty -r -t shell answer; do :; done
        [[ -e $1 ]] && return
        sleep 0.05
    done
    exit 1
}
zpty -b shell TERM=dumb zsh -f -i
zpty -w shell 'source ./first.zsh'
wait_for ready
zpty -n -w shell "$1"$'\t'
wait_for tried
zpty -n -w shell $'\x15: >over\n'
wait_for over
zpty -d shell
END

# offers EXPECTED LINE
offers() {
    rm -f offered ready tried over
    : >offered
    timeout 30 zsh -f ask.zsh "$2" >zsh.log 2>&1 || { cat zsh.log; echo "zsh did not answer: $2"; exit 1; }
    found=$(grep . offered | LC_ALL=C sort -u | tr '\n' ' ') || :
    if [ "${found% }" != "$1" ]; then
        echo "$2: ${found% }, expected $1"
        exit 1
    fi
}

offers 'stats status' 'spotify-historyctl sta'
offers 'csv extended json jsonl listenbrainz' 'spotify-historyctl export --format '
offers 'albums artists tracks' 'spotify-historyctl top '
offers 'plays time' 'spotify-historyctl top --by '
offers 'ann01' 'spotify-historyctl -c x.conf recent --user '
grep -qx -- '-c x.conf users --json' called
offers 'plays.zip' 'spotify-historyctl import pla'
