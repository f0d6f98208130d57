#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The systemd units, as they are installed: `systemd-analyze verify` has nothing to say, and the services'
# sandbox scores 1.2 or better. The programs are those of this build.
set -eu

command -v systemd-analyze >/dev/null || { echo 'systemd-analyze is not here'; exit 77; }
failed=0
# A manager of a user looks for its folder, also to check a file.
XDG_RUNTIME_DIR=$PWD
export XDG_RUNTIME_DIR

# fill_in DIRECTORY: the units of this folder below systemd/, in this one.
fill_in() {
    mkdir -p "$1"
    for unit in "$TEST_SRCDIR/systemd/$1"/*.in; do
        name=${unit##*/}
        sed -e "s,@s*bindir@,$TEST_BUILDDIR,g" -e 's,@sysconfdir@,/etc,g' -e 's,@localstatedir@,/var,g' \
            -e 's,@runstatedir@,/run,g' -e 's,@docdir@,/usr/share/doc/spotify-historyd,g' "$unit" >"$1/${name%.in}"
        if grep -n '@[a-z]*@' "$1/${name%.in}"; then
            echo "FAILED: $1/$name: a word that the Makefile does not fill in"
            failed=1
        fi
    done
}

# quiet COMMAND...: it succeeds and says nothing.
quiet() {
    said=0
    "$@" >said.txt 2>&1 || said=$?
    [ "$said" -eq 0 ] && [ ! -s said.txt ] && return
    echo "FAILED (exit $said): $*"
    cat said.txt
    failed=1
}

fill_in .
fill_in user
for unit in ./*.service ./*.socket ./*.timer; do
    # Not the manual pages: this machine need not have them.
    quiet systemd-analyze verify --man=no "$unit"
done
for unit in user/*.service; do
    quiet systemd-analyze --user verify --man=no "$unit"
done

# The same table, in the words of the version that is here.
for unit in ./*.service; do
    if ! systemd-analyze security --no-pager --offline=true --threshold=12 "$unit" >table 2>&1; then
        grep -q 'unrecognized option' table && { cat table; echo 'this systemd-analyze is too old'; exit 77; }
        echo "FAILED: $unit"
        cat table
        failed=1
    fi
    tail -n 1 table
done
[ "$failed" -eq 0 ]
