#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The picture of the house says who knows whom, and nothing else than build-aux/check-architecture does;
# the states in the picture of an account are those of the code; and each picture was drawn from its source.
set -eu

cd "$TEST_SRCDIR"
here=$OLDPWD

# What follows from the arrows: whoever knows a room may know the rooms that it knows.
house_of() {
    awk '
        $2 == "->" { edge[$1, $3] = 1; room[$1] = room[$3] = 1 }
        END {
            for (c in room) for (a in room) for (b in room)
                if ((a, c) in edge && (c, b) in edge) edge[a, b] = 1
            for (pair in edge) { split(pair, part, SUBSEP); print part[1], part[2] }
        }' "$1" | LC_ALL=C sort
}
awk '$1 == "room" && $2 ~ /:$/ { sub(/:$/, "", $2); for (i = 3; i <= NF; i++) print $2, $i }' \
    build-aux/check-architecture | LC_ALL=C sort >"$here/table"
house_of doc/house.dot >"$here/picture"
[ -s "$here/table" ] || { echo "no rooms in build-aux/check-architecture"; exit 1; }
diff -u "$here/table" "$here/picture" || { echo "doc/house.dot is another house"; exit 1; }
# An arrow that is missing is noticed.
sed '/capture -> archive/d' doc/house.dot >"$here/planted.dot"
house_of "$here/planted.dot" >"$here/planted"
! cmp -s "$here/table" "$here/planted" || { echo "a missing arrow was not noticed"; exit 1; }

for state in $(sed -n "/CREATE TABLE users/,/STRICT/s/.*state IN (\([^)]*\)).*/\1/p" src/store/sql.c src/store/schema*.c |
    head -n 1 | tr -d "',"); do
    grep -q "label=\"$state\\\\n" doc/account.dot || { echo "doc/account.dot lacks the state $state"; exit 1; }
    echo "$state" >>"$here/states"
done
[ "$(wc -l <"$here/states")" -ge 3 ] || { echo "the states of a user were not found"; exit 1; }

for source in doc/*.dot; do
    tail -n 1 "${source%.dot}.svg" | grep -qF "$(cksum <"$source")" ||
        { echo "${source%.dot}.svg is older than its source: make doc draws it"; exit 1; }
done
