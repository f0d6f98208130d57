#!/bin/sh
# SPDX-License-Identifier: MIT
#
# From nothing: a minimal Debian 12 is unpacked. In one copy of it the README's first command is tried
# (with LONG_SECONDS of 1800 or more the second one, too) and the package is built; in a fresh copy the
# package is installed, with what it depends on, and that copy is booted with its own systemd, in
# namespaces of its own without a network, where debian/tests/recorder runs.
#
# Wants root, debootstrap, a Debian mirror (DEBIAN_MIRROR) and ten minutes, which make check does not have:
# without LONG_SECONDS, which make check-long sets, it is skipped. DEBIAN_TREE names a tree that
# debootstrap made before, to copy instead.
set -eu

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
seconds=${LONG_SECONDS:-0}
# shellcheck source=tests/lib/machine.sh
. "$TEST_SRCDIR/tests/lib/machine.sh"
# shellcheck source=tests/lib/source.sh
. "$TEST_SRCDIR/tests/lib/source.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/debian.XXXXXX")

skip() {
    echo "$*"
    exit 77
}

# shellcheck disable=SC2317,SC2329  # called by the trap
clean_up() {
    rm -rf --one-file-system "$work"
    machine_clean_up
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

[ -n "${LONG_SECONDS-}" ] || skip 'it takes ten minutes and a Debian mirror: make check-long runs it'
why=$(machine_missing) || skip "$why"
[ -n "${DEBIAN_TREE-}" ] || command -v debootstrap >/dev/null || skip 'debootstrap is not here'

say() {
    echo "== $*"
}

# -- a minimal Debian 12 -------------------------------------------------------------------------

say 'a minimal Debian 12'
if [ -n "${DEBIAN_TREE-}" ]; then
    cp -a "$DEBIAN_TREE" "$work/build"
elif ! debootstrap --variant=minbase bookworm "$work/build" "$mirror" >"$work/debootstrap.log" 2>&1; then
    tail -n 3 "$work/debootstrap.log"
    skip "no Debian from $mirror"
fi
cp -L /etc/resolv.conf "$work/build/etc/resolv.conf"
cp -a "$work/build" "$work/fresh"
copy_source "$work/build/src/spotify-historyd"

# -- the README's commands, from nothing ---------------------------------------------------------

say 'make run'
in_tree "$work/build" sh -euc 'apt-get update -q && apt-get install -qy --no-install-recommends make' \
    >"$work/apt.log" 2>&1 || { tail "$work/apt.log"; exit 1; }
in_tree "$work/build" env RUN_SECONDS=12 RUN_PORT=$((20000 + $$ % 12000)) make -C /src/spotify-historyd run \
    >"$work/run.log" 2>&1 || { tail -n 40 "$work/run.log"; exit 1; }
grep 'install-deps: missing' "$work/run.log"
tail -n 5 "$work/run.log"
grep -Eq 'run: recorded [1-9][0-9]* plays' "$work/run.log"
if [ "$seconds" -ge 1800 ]; then
    say 'make check'
    in_tree "$work/build" make -C /src/spotify-historyd check >"$work/check.log" 2>&1 ||
        { tail -n 60 "$work/check.log"; exit 1; }
    tail -n 3 "$work/check.log"
fi

# -- the package ---------------------------------------------------------------------------------

say 'the package'
rm -rf "$work/build/src/spotify-historyd"
copy_source "$work/build/src/spotify-historyd"
in_tree "$work/build" sh -euc 'cd /src/spotify-historyd
    apt-get install -qy --no-install-recommends build-essential
    apt-get build-dep -qy --no-install-recommends -P nocheck ./
    DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc -b' >"$work/package.log" 2>&1 ||
    { tail -n 40 "$work/package.log"; exit 1; }
ls -l "$work"/build/src/*.deb
mkdir "$work/fresh/src"
cp "$work"/build/src/spotify-historyd_*.deb "$work/fresh/src/"
in_tree "$work/fresh" sh -euc 'apt-get update -q
    apt-get install -qy --no-install-recommends /src/*.deb
    apt-get install -qy --no-install-recommends sqlite3 dbus-user-session libpam-systemd' >"$work/install.log" 2>&1 ||
    { tail -n 40 "$work/install.log"; exit 1; }
grep 'Creating .*spotify-historyd' "$work/install.log" || { tail -n 40 "$work/install.log"; exit 1; }

# -- booted --------------------------------------------------------------------------------------

copy_source "$work/fresh/src/spotify-historyd"
cp "$work/build/src/spotify-historyd/debian/build/fake-spotify" "$work/fresh/src/"
cat >"$work/fresh/etc/systemd/system/recorder-test.service" <<'UNIT'
[Unit]
After=multi-user.target
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
Environment=FAKE_SPOTIFY=/src/fake-spotify
ExecStart=/src/spotify-historyd/debian/tests/recorder
StandardOutput=file:/src/log
StandardError=inherit
TimeoutStartSec=10min
[Install]
WantedBy=default.target
UNIT
in_tree "$work/fresh" sh -euc 'systemctl enable -q recorder-test.service; systemctl set-default -q multi-user.target
    systemctl mask -q getty@.service console-getty.service apt-daily.timer apt-daily-upgrade.timer'

say 'booted with its own systemd'
booted=0
boot_tree "$work/fresh" "$work/boot.log" || booted=$?
if [ ! -e "$work/fresh/src/log" ]; then
    tail -n 20 "$work/boot.log"
    skip "systemd does not boot here (exit $booted)"
fi
cat "$work/fresh/src/log"
[ "$booted" -eq 0 ]
tail -n 1 "$work/fresh/src/log" | grep -q 'all is well'
