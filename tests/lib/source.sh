# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# For tests that build the tree elsewhere: . tests/lib/source.sh

# copy_source DIRECTORY: what belongs to the source, and nothing that was built.
copy_source() {
    mkdir -p "$1"
    (
        cd "$TEST_SRCDIR" || exit
        if [ -e .git ] && git ls-files >/dev/null 2>&1; then
            git ls-files -z
        else
            tr '\n' '\0' <MANIFEST
        fi | tar --null -T - --ignore-failed-read -cf -
    ) | tar -xf - -C "$1"
}
