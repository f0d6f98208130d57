#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The soak of tests/scenario/test_soak.c for LONG_SECONDS (half an hour), with SEED (a new one). Growth and
# the turns of the loop are held to their limits; leave the machine alone meanwhile.
set -eu

: "${LONG_SECONDS:=1800}" "${SEED:=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}"
export LONG_SECONDS SEED
echo "soak: SEED=$SEED LONG_SECONDS=$LONG_SECONDS"
cd "${TEST_BUILDDIR:-.}"
CK_RUN_SUITE=soak CK_RUN_CASE=everything CK_TIMEOUT_MULTIPLIER="${CK_TIMEOUT_MULTIPLIER:-1}" exec ./check-scenario
