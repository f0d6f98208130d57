#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Completions and the lists in the man pages are what the programs' own tables make of them, so that
# nobody reads about an option that is gone; and the configurations in the man page are taken.
set -eu

"$TEST_BUILDDIR/obj/tables" >tables.tsv
[ -s tables.tsv ] || { echo "obj/tables printed nothing"; exit 1; }

# A setting without its place in the manual is noticed.
printf 'setting\tweb.planted\ttext\t\t""\tno\tPlanted.\n' | cat tables.tsv - >planted.tsv
if "$TEST_SRCDIR/build-aux/gen-texts" planted.tsv "$TEST_SRCDIR" planted 2>said; then
    echo "a setting that no page describes was not noticed"
    exit 1
fi
grep -q 'web.planted stands 0 times' said

"$TEST_SRCDIR/build-aux/gen-texts" tables.tsv "$TEST_SRCDIR" now

# The two examples of the manual are valid.
awk '/^\.Bd -literal/ { inside = 1; count++; next } /^\.Ed/ { inside = 0 }
     inside && !/^\$/ { print >("example" count ".conf") }' "$TEST_SRCDIR/man/spotify-historyd.conf.5"
tried=0
for example in example*.conf; do
    # The file of the example's password is not here.
    sed -i '/password_file/d' "$example"
    "$TEST_BUILDDIR/spotify-historyd" -c "$example" --check-config
    tried=$((tried + 1))
done
[ "$tried" -ge 4 ] || { echo "only $tried examples were found in the manual"; exit 1; }

# The tree holds the texts of a standard system. A build for other folders makes others.
for define in 'HD_SYSCONFDIR "/etc"' 'HD_LOCALSTATEDIR "/var"' 'HD_RUNSTATEDIR "/run"'; do
    if ! grep -qxF "#define $define" "$TEST_BUILDDIR/config.h"; then
        echo "built for other folders than /etc, /var and /run: the texts differ by right"
        exit 77
    fi
done
for folder in completions man; do
    if ! diff -ru "$TEST_SRCDIR/$folder" "now/$folder"; then
        echo "$folder/ is not current: make texts writes it"
        exit 1
    fi
done
