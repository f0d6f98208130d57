#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make check-live, with a fake Spotify in the place of the real one: it says what is missing, finds no
# difference where there is none, tells the keys of an account of the older form, asks each thing once, and
# prints no secret.
set -eu

# shellcheck source=tests/lib/daemon.sh
. "$TEST_SRCDIR/tests/lib/daemon.sh"
for program in curl sqlite3; do
    command -v "$program" >/dev/null || { echo "$program is not here"; exit 77; }
done
live=$TEST_SRCDIR/build-aux/check-live
mkdir -p build/obj
ln -s "$TEST_BUILDDIR/fake-spotify" build/
ln -s "$TEST_BUILDDIR/obj/tapped" build/obj/
unset SPOTIFY_CLIENT_ID SPOTIFY_CLIENT_SECRET SPOTIFY_REFRESH_TOKEN_ITS SPOTIFY_REFRESH_TOKEN_SCOPES_ITS

# run_live STATUS TEXT: in the build directory, as make does; the text must be in what it says.
run_live() {
    status=0
    (cd build && "$live") >said 2>&1 || status=$?
    if [ "$status" -ne "$1" ] || ! grep -q "$2" said; then
        cat said
        echo "ended with $status, expected $1 and '$2'"
        exit 1
    fi
}

run_live 77 'not set: SPOTIFY_CLIENT_ID SPOTIFY_CLIENT_SECRET SPOTIFY_REFRESH_TOKEN_ITS SPOTIFY_REFRESH_TOKEN_SCOPES_ITS'

start_fake --client-secret CANARY-secret --backlog 200
export CHECK_LIVE_URL="$url" SPOTIFY_CLIENT_ID=sim-client-id SPOTIFY_CLIENT_SECRET=CANARY-secret
SPOTIFY_REFRESH_TOKEN_ITS=$(head -n 1 tokens | cut -f 2)
export SPOTIFY_REFRESH_TOKEN_ITS
export SPOTIFY_REFRESH_TOKEN_SCOPES_ITS='user-top-read'
run_live 77 'lacks user-read-recently-played'

export SPOTIFY_REFRESH_TOKEN_SCOPES_ITS='user-top-read user-read-recently-played'
run_live 0 'check-live: 0 differences in shape'
grep -q 'stored 50 plays; Spotify listed 50' said
curl -sS "$url/_sim/requests" >requests
if ! grep -q '^{"counts":{"authorize":0,"token":1,"me":1,"recent":1,"other":0}' requests; then
    cat requests
    echo "each of the three was to be asked once"
    exit 1
fi
! grep -q CANARY said || { echo "a secret was printed"; exit 1; }

curl -sS -d '{"shape":"old","backlog":30}' "$url/_sim/accounts" >account
SPOTIFY_REFRESH_TOKEN_ITS=$(sed -n 's/.*"refresh_token": *"\([^"]*\)".*/\1/p' account)
run_live 0 'me, only the real one: country text'

SPOTIFY_CLIENT_SECRET=wrong
run_live 1 'answered 400: Invalid client secret'
! grep -q CANARY said || { echo "a secret was printed"; exit 1; }
[ ! -e build/check-live.token ] || { echo "a token was left behind"; exit 1; }

# A token that dies with its first use: the one in its place is the person's, and is kept for them.
kill "$fake_pid"
start_fake --client-secret CANARY-secret --backlog 200 --rotate new
CHECK_LIVE_URL=$url SPOTIFY_CLIENT_SECRET=CANARY-secret
SPOTIFY_REFRESH_TOKEN_ITS=$(head -n 1 tokens | cut -f 2)
run_live 0 'token, only the real one: refresh_token text'
grep -q CANARY build/check-live.token
[ "$(stat -c %a build/check-live.token)" = 600 ] || { echo "others can read the token"; exit 1; }
! grep -q CANARY said || { echo "a secret was printed"; exit 1; }
