#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Two releases of one tree are equal to the last byte, whatever the umask, the zone, the language and the
# times of the files; a release made from an unpacked release, too.
set -eu

[ -e "$TEST_SRCDIR/.git" ] || [ -f "$TEST_SRCDIR/MANIFEST" ] ||
    { echo 'neither a git checkout nor an unpacked release'; exit 77; }
[ -f "$TEST_SRCDIR/configure" ] || { echo 'configure is not made'; exit 77; }
if [ -e "$TEST_SRCDIR/.git" ] && ! git -C "$TEST_SRCDIR" ls-files >files 2>/dev/null; then
    echo 'git does not answer for this tree'
    exit 77
fi
pack=$TEST_SRCDIR/build-aux/make-dist
name=spotify-historyd-$("$TEST_BUILDDIR/spotify-historyd" --version | sed 's/.* //')

(umask 022 && TZ=UTC LC_ALL=C "$pack" "$TEST_SRCDIR" "$name" "$PWD/one.tar.gz")
(umask 077 && TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 "$pack" "$TEST_SRCDIR" "$name" "$PWD/two.tar.gz")
cmp one.tar.gz two.tar.gz

tar -xzf one.tar.gz
find "$name" -name '*.c' -exec touch {} +
(umask 027 && "$PWD/$name/build-aux/make-dist" "$PWD/$name" "$name" "$PWD/three.tar.gz")
cmp one.tar.gz three.tar.gz
echo "$(tar -tzf one.tar.gz | wc -l) files, $(wc -c <one.tar.gz) bytes, three times the same"
