#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The style sheet names nothing that no page writes, and the check that says so is awake: it passes on a
# copy of the sources, and names the line of each selector and colour that is planted there.
set -eu

check=$TEST_SRCDIR/build-aux/check-style
tree=$PWD/tree
mkdir -p "$tree/src"
cp -R "$TEST_SRCDIR/src/web" "$tree/src/"
chmod -R u+w "$tree"
sheet=$tree/src/web/style.css
lines=$(wc -l <"$sheet")

if ! "$check" "$tree"; then
    echo "the sources themselves break the rule"
    exit 1
fi

bad=0

# plant RULE EXPECTED: RULE becomes the last line; the check must fail there and say EXPECTED.
plant() {
    { head -n "$lines" "$TEST_SRCDIR/src/web/style.css"; printf '%s\n' "$1"; } >"$sheet"
    if "$check" "$tree" >out 2>&1; then
        echo "NOT SEEN: $1"
        bad=1
    elif ! grep -F "style.css:$((lines + 1)): " out | grep -qF -e "$2"; then
        echo "seen, but not said as expected ($2): $1"
        cat out
        bad=1
    fi
}

plant '.planted { color: red; }' 'no page writes .planted'
plant '.card .planted:hover { color: red; }' 'no page writes .planted'
plant '.card, .planted,' 'no page writes .planted'
plant '@media print { a.planted { color: red; } }' 'no page writes .planted'
plant '.covered-planted > a { color: red; }' 'no page writes .covered-planted'
plant '#planted { color: red; }' 'no page writes #planted'
plant '.Nothing { color: red; }' 'no page writes .Nothing'
plant '    --planted: #123456;' '--planted is not used'

# And what is written is allowed, a number with a point in it is no class, nor is what a comment says.
{
    head -n "$lines" "$TEST_SRCDIR/src/web/style.css"
    cat <<'END'
/* .planted { } #planted */
.covered-lost > .swatch, #content { margin: .5rem; background: #fff; }
END
} >"$sheet"
if ! "$check" "$tree"; then
    echo "a false alarm"
    bad=1
fi
exit "$bad"
