#!/bin/sh
# SPDX-License-Identifier: MIT
#
# etc/spotify-historyd.conf is what `spotify-historyd --sample-config` prints, so that nobody reads about
# an option that is gone; and the daemon takes it as it stands.
set -eu

daemon=$TEST_BUILDDIR/spotify-historyd
sample=$TEST_SRCDIR/etc/spotify-historyd.conf

"$daemon" --sample-config >now.conf
[ -s now.conf ] || { echo "--sample-config printed nothing"; exit 1; }
"$daemon" -c now.conf --check-config

# The tree holds the sample of a standard system. A build for other folders prints other folders.
for define in 'HD_SYSCONFDIR "/etc"' 'HD_LOCALSTATEDIR "/var"' 'HD_RUNSTATEDIR "/run"'; do
    if ! grep -qxF "#define $define" "$TEST_BUILDDIR/config.h"; then
        echo "built for other folders than /etc, /var and /run: the sample differs by right"
        exit 77
    fi
done

if ! diff -u "$sample" now.conf; then
    echo "etc/spotify-historyd.conf is not current: make sample-config writes it"
    exit 1
fi
