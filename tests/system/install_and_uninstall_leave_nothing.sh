#!/bin/sh
# SPDX-License-Identifier: MIT
#
# `make install` into an empty place, with every directory variable somewhere else: each file is where its
# variable says, nothing is outside of them, and `make uninstall` leaves nothing but directories. A
# configuration that was changed stays.
set -eu

unset MAKEFLAGS MFLAGS MAKELEVEL
make=${TEST_MAKE:-make}
root=$PWD/root
if ! grep -q 'mandir = @mandir@' "$TEST_SRCDIR/config.mk.in"; then
    echo 'config.mk.in has no mandir?'
    exit 1
fi

run() {
    (cd "$TEST_BUILDDIR" && "$make" --no-print-directory -f "$TEST_SRCDIR/Makefile" "$@" DESTDIR="$root" \
        bindir=/at/bin sbindir=/at/sbin sysconfdir=/at/etc localstatedir=/at/var runstatedir=/at/run \
        mandir=/at/man docdir=/at/doc systemdsystemunitdir=/at/units systemduserunitdir=/at/user-units \
        sysusersdir=/at/users bashcompletiondir=/at/bash zshcompletiondir=/at/zsh fishcompletiondir=/at/fish) \
        >make.log 2>&1 || { cat make.log; exit 1; }
}

umask 022
run install
find root -type f | sort >installed
for file in at/bin/spotify-historyctl at/sbin/spotify-historyd at/etc/spotify-historyd/spotify-historyd.conf \
    at/man/man8/spotify-historyd.8 at/doc/README.md at/units/spotify-historyd.service \
    at/units/spotify-historyd-backup.timer at/user-units/spotify-historyd.service at/users/spotify-historyd.conf; do
    grep -qx "root/$file" installed || { cat installed; echo "not installed: $file"; exit 1; }
done
outside=$(grep -v '^root/at/' installed || :)
[ -z "$outside" ] || { echo "outside of all variables: $outside"; exit 1; }
find root -type f -perm /111 | sort | tr '\n' ' ' >programs
[ "$(cat programs)" = 'root/at/bin/spotify-historyctl root/at/sbin/spotify-historyd ' ] ||
    { cat programs; echo 'other files can be run'; exit 1; }
find root -type f ! -perm 644 ! -perm 755 | grep . && exit 1
[ "$(root/at/sbin/spotify-historyd --version)" = "$("$TEST_BUILDDIR/spotify-historyd" --version)" ]

# A second time over the first: nothing changes, and the configuration is kept.
echo '# mine' >>root/at/etc/spotify-historyd/spotify-historyd.conf
run install
grep -q '^# mine' root/at/etc/spotify-historyd/spotify-historyd.conf

run uninstall
left=$(find root -type f)
[ "$left" = root/at/etc/spotify-historyd/spotify-historyd.conf ] || { echo "left: $left"; exit 1; }
rm "$left"
run install
run uninstall
left=$(find root ! -type d)
[ -z "$left" ] || { echo "left: $left"; exit 1; }
left=$(find root -name '*spotify*' -o -name examples)
[ -z "$left" ] || { echo "directories left: $left"; exit 1; }
echo "$(wc -l <installed) files came and went"
