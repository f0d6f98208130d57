#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Chromium goes through signing in, and through all that can go wrong with it. See tests/browser/run.mjs;
# the pictures are in the build directory's browser/run/.
set -eu

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
    { echo 'no browser is here: chromium is not installed'; exit 77; }
status=0
"$TEST_SRCDIR/build-aux/npm-deps" "$TEST_SRCDIR/tests/browser" "$TEST_BUILDDIR" >npm-deps.log || status=$?
if [ "$status" -ne 0 ]; then
    cat npm-deps.log
    exit "$status"
fi
NODE_DEPS=$(tail -n 1 npm-deps.log)
export NODE_DEPS
# What a browser leaves behind goes away with this folder.
HOME=$PWD
export HOME

node "$TEST_SRCDIR/tests/browser/run.mjs" --chromium "$chromium"
