#!/bin/sh
# SPDX-License-Identifier: MIT
#
# kill -9 at 1,000 random moments (KILLS), while plays arrive and tokens change hands. SEED repeats it.
# It takes what it takes, some five minutes, whatever LONG_SECONDS says.
set -eu

cd "$TEST_BUILDDIR"
HARNESS_SEED=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')} KILLS=${KILLS:-1000}
export HARNESS_SEED KILLS CK_RUN_SUITE=kill
echo "seed: $HARNESS_SEED (SEED=$HARNESS_SEED repeats it)"
exec ./check-scenario
