#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The daemon against an OAuth server that we did not write (oidc-provider): sign-in, rotation, and 50
# times kill -9 around a refresh. See tests/oauth/run.mjs.
set -eu

status=0
"$TEST_SRCDIR/build-aux/npm-deps" "$TEST_SRCDIR/tests/oauth" "$TEST_BUILDDIR" >npm-deps.log || status=$?
if [ "$status" -ne 0 ]; then
    cat npm-deps.log
    exit "$status"
fi
NODE_DEPS=$(tail -n 1 npm-deps.log)
export NODE_DEPS

echo 'the server alone:'
node "$TEST_SRCDIR/tests/oauth/check_server.mjs"
echo 'the daemon with it:'
node "$TEST_SRCDIR/tests/oauth/run.mjs"
