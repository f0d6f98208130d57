#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A sample of the long run's tests/long/syscalls_fail_on_purpose.sh.
set -eu

LONG_SECONDS=${LONG_SECONDS:-60} INJECT_COUNT=${INJECT_COUNT:-6}
export LONG_SECONDS INJECT_COUNT
exec "$TEST_SRCDIR/tests/long/syscalls_fail_on_purpose.sh"
