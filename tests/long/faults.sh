#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every allocation and file operation fails, once and for ever, the process is killed there, or the power
# goes: in a poll, a refresh, a sign-in, an import, the migrations and a backup, two at a time, in random
# order until LONG_SECONDS (600) are over. SEED repeats it.
set -eu

cd "$TEST_BUILDDIR"
HARNESS_SEED=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
export HARNESS_SEED CK_RUN_SUITE=faults
echo "seed: $HARNESS_SEED (SEED=$HARNESS_SEED repeats it)"
# nine pieces of work: four of them are migrations
share=$((${LONG_SECONDS:-600} * 2 / 9))
[ "$share" -gt 0 ] || share=1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/faults.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# work CASE...: one after the other
work() {
    for case; do
        FAULTS_SECONDS=$share CK_RUN_CASE=$case ./check-scenario >"$scratch/$case" 2>&1 || : >"$scratch/failed.$case"
    done
}
work poll refresh sign-in import backup &
work migration
wait
grep -h '^faults:' "$scratch"/* || :
for failed in "$scratch"/failed.*; do
    [ -e "$failed" ] || break
    cat "$scratch/${failed##*/failed.}"
done
[ ! -e "$failed" ]
