#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tree keeps to its architecture, and the check that says so is awake: it passes on a copy of the
# sources, and names file and line of each wrong include planted there.
set -eu

check=$TEST_SRCDIR/build-aux/check-architecture
tree=$PWD/tree
mkdir "$tree"
cp -R "$TEST_SRCDIR/src" "$TEST_SRCDIR/include" "$tree/"
# The source may be read-only (an unpacked release is, while it is tested).
chmod -R u+w "$tree"

if ! "$check" "$tree"; then
    echo "the sources themselves break the rules above"
    exit 1
fi

bad=0
seen=0

# plant FILE LINE EXPECTED: LINE becomes the second line of FILE (made, where there is none); the check
# must fail, say "FILE:2:" and EXPECTED, and be content again when the plant is gone.
plant() {
    file=$1 line=$2 expected=$3
    keep=$PWD/keep
    rm -f "$keep"
    mkdir -p "$tree/$(dirname "$file")"
    [ ! -e "$tree/$file" ] || cp "$tree/$file" "$keep"
    {
        echo "/* planted */"
        printf '%s\n' "$line"
        [ ! -e "$keep" ] || cat "$keep"
    } >"$tree/$file.new"
    mv "$tree/$file.new" "$tree/$file"

    if "$check" "$tree" >out 2>&1; then
        echo "NOT SEEN: $line in $file"
        bad=1
    elif ! grep -F "$file:2: " out | grep -qF "$expected"; then
        echo "seen, but not said as expected ($file:2: ... $expected): $line"
        cat out
        bad=1
    else
        seen=$((seen + 1))
    fi

    rm "$tree/$file"
    [ ! -e "$keep" ] || mv "$keep" "$tree/$file"
    if ! "$check" "$tree" >out 2>&1; then
        echo "not content after $line was taken out of $file:"
        cat out
        bad=1
    fi
}

# Libraries outside their rooms.
plant src/capture/planted.c '#include <sqlite3.h>' 'must not include sqlite3.h'
plant src/store/planted.c '#include <curl/curl.h>' 'must not include curl/curl.h'
plant src/daemon/planted.c '# include <sodium.h>' 'must not include sodium.h'
plant src/net/planted.c '#include <event2/http.h>' 'must not include event2/http.h'
plant src/net/planted.c '#include <jansson.h>' 'must not include jansson.h'
plant src/store/planted.c '#include <event2/event.h>' 'must not include event2/event.h'
plant src/ctl/planted.c '#include <confuse.h>' 'must not include confuse.h'
plant include/web/planted.h '#include <sqlite3.h>' 'must not include sqlite3.h'
plant src/base/planted.c '#include <openssl/ssl.h>' 'neither ours'
plant src/base/planted.c '#include "nowhere.h"' 'neither ours'

# Arrows that point up.
plant src/base/planted.c '#include "store/store.h"' 'must not know room store'
plant src/store/planted.c '#include "capture/policy.h"' 'must not know room capture'
plant src/archive/planted.c '#include "capture/policy.h"' 'must not know room capture'
plant include/spotify/planted.h '#include "net/net.h"' 'must not know room net'
plant src/capture/planted.c '#include "daemon/config.h"' 'must not know room daemon'
plant src/daemon/planted.c '#include "ctl/commands.h"' 'must not know room ctl'

# Ways around the table.
plant src/capture/planted.c '#include "../daemon/config.h"' 'climbs out'
plant src/capture/planted.c '#include <daemon/config.h>' 'must not know room daemon'
plant src/store/planted.c '#include HEADER' 'cannot read'

# Pure files.
plant src/capture/policy.c '#include <time.h>' 'is pure'
plant src/capture/policy.c '#include "store/plays.h"' 'is pure'
plant src/capture/reconcile.c '    now = clock_wall_ms();' 'calls clock_wall_ms()'
plant include/capture/policy.h '#include <unistd.h>' 'is pure'

# A room that nobody agreed on.
mkdir "$tree/src/attic"
echo '#include <stdio.h>' >"$tree/src/attic/planted.c"
if "$check" "$tree" >out || ! grep -q '^src/attic/planted.c:1: .* is no room' out; then
    echo "NOT SEEN: a room that is not in the table"
    bad=1
fi
rm -r "$tree/src/attic"

# And what is allowed is allowed: no false alarm.
cat >"$tree/src/capture/planted.c" <<'END'
#include "config.h"
#include "base/log.h"
#include "capture/policy.h"
#include "store/plays.h"
#include <event2/event.h>
#include <sys/stat.h>
END
if ! "$check" "$tree"; then
    echo "a false alarm"
    bad=1
fi

echo "$seen planted includes seen"
exit "$bad"
