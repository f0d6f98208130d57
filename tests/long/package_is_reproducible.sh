#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The package is built twice, in directories of different names, at different times, in different zones and
# languages and with another umask: the packages are equal to the last byte.
set -eu
# shellcheck source=tests/lib/source.sh
. "$TEST_SRCDIR/tests/lib/source.sh"

for command in dpkg-buildpackage dh; do
    command -v "$command" >/dev/null || { echo "$command is not here"; exit 77; }
done
(cd "$TEST_SRCDIR" && dpkg-checkbuilddeps -Pnocheck 2>&1) || { echo 'not all that the package is built with is here'; exit 77; }

unset MAKEFLAGS MFLAGS MAKELEVEL SOURCE_DATE_EPOCH CFLAGS
work=$(mktemp -d "${TMPDIR:-/tmp}/package.XXXXXX")
trap 'rm -rf "$work"' EXIT

# build DIRECTORY UMASK ENVIRONMENT...
build() {
    (
        umask "$2"
        cd "$1/tree"
        shift 2
        env "$@" DEB_BUILD_OPTIONS="nocheck parallel=2" dpkg-buildpackage -us -uc -b >../log 2>&1 ||
            { tail -n 30 ../log; exit 1; }
    )
}

# Both first: somebody may be working on the source.
copy_source "$work/one/tree"
mkdir -p "$work/another/further-down"
cp -a "$work/one/tree" "$work/another/further-down/tree"
build "$work/one" 022 TZ=UTC LC_ALL=C
find "$work/one" -name '*.deb' | grep -q . || { echo 'no package was built'; exit 1; }
build "$work/another/further-down" 027 TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 HOME=/nonexistent
for package in "$work"/one/*.deb; do
    other=$work/another/further-down/${package##*/}
    if ! cmp "$package" "$other"; then
        mkdir "$work/a" "$work/b"
        dpkg-deb -R "$package" "$work/a" && dpkg-deb -R "$other" "$work/b"
        diff -rq "$work/a" "$work/b" || :
        exit 1
    fi
    echo "${package##*/}: $(wc -c <"$package") bytes, twice the same"
done
