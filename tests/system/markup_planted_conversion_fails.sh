#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The pages write markup by the typed writers only, and the check that says so is awake: it passes on a
# copy of the sources, and names file and line of each way around them that is planted there.
set -eu

check=$TEST_SRCDIR/build-aux/check-markup
tree=$PWD/tree
mkdir -p "$tree/src"
cp -R "$TEST_SRCDIR/src/web" "$tree/src/"
# The source may be read-only (an unpacked release is, while it is tested).
chmod -R u+w "$tree"

if ! "$check" "$tree"; then
    echo "the sources themselves break the rules above"
    exit 1
fi

bad=0
seen=0

# plant FILE:LINE EXPECTED: standard input becomes FILE, after one line of its own; the check must fail,
# and say "FILE:LINE:" and EXPECTED.
plant() {
    file=src/web/${1%:*} line=${1#*:} expected=$2
    { echo "/* planted */"; cat; } >"$tree/$file"
    if "$check" "$tree" >out 2>&1; then
        echo "NOT SEEN:"
        cat "$tree/$file"
        bad=1
    elif ! grep -F "$file:$line: " out | grep -qF "$expected"; then
        echo "seen, but not said as expected ($file:$line: ... $expected):"
        cat "$tree/$file" out
        bad=1
    else
        seen=$((seen + 1))
    fi
    rm "$tree/$file"
}

# Text that a conversion puts into markup.
plant planted.c:2 'puts text into markup' <<'END_OF_PLANT'
    buf_addf(buf, "<b>%s</b>", name);
END_OF_PLANT
plant planted.c:2 'puts text into markup' <<'END_OF_PLANT'
    snprintf(text, sizeof(text), "<b>%.*s</b>", (int)len, name);
END_OF_PLANT
plant planted.c:2 'puts text into markup' <<'END_OF_PLANT'
    buf_addf(
        buf,
        "<b>%-8c"
        "</b>", letter);
END_OF_PLANT
plant planted.c:2 'puts text into markup' <<'END_OF_PLANT'
    if (first(a, ')', "(")) buf_addf(buf, "%" PRId64 " <b>%ls", number, name);
END_OF_PLANT
plant planted.c:3 'puts text into markup' <<'END_OF_PLANT'
#define ADD_BOLD(buf, text) \
    buf_addf(buf, "<b>%s</b>", text)
END_OF_PLANT
plant planted.c:2 'hides a part' <<'END_OF_PLANT'
    buf_addf(buf, "<b>" CONVERSION "</b>", name);
END_OF_PLANT
plant page_planted.c:2 'puts text into markup' <<'END_OF_PLANT'
    snprintf(text, size, " title=\"%s\"", name);
END_OF_PLANT
plant view_planted.c:2 'puts text into markup' <<'END_OF_PLANT'
    buf_addf(&page->buf, "%s", name);
END_OF_PLANT
plant chart_planted.c:2 'puts text into markup' <<'END_OF_PLANT'
    buf_addf(buf, "%d %%%5s", 1, name);
END_OF_PLANT
plant html_planted.c:2 'puts text into markup' <<'END_OF_PLANT'
    buf_addf(buf, "%s", name);
END_OF_PLANT
plant site_planted.c:2 'no literal' <<'END_OF_PLANT'
    buf_addf(buf, format, name);
END_OF_PLANT

# What is no literal, as markup.
plant planted.c:2 'takes literals' <<'END_OF_PLANT'
    html_add(buf, "" + offset);
END_OF_PLANT
plant planted.c:2 'takes literals' <<'END_OF_PLANT'
    html_add(buf, "<b>" == NULL ? "" : name);
END_OF_PLANT
plant planted.c:2 'takes literals' <<'END_OF_PLANT'
    html_add_either(buf, name, "<b>", name);
END_OF_PLANT
plant view_planted.c:2 'puts bytes into a page' <<'END_OF_PLANT'
    buf_add_text(buf, name);
END_OF_PLANT
plant page_planted.c:2 'puts bytes into a page' <<'END_OF_PLANT'
    buf_add(&answer->body, name, strlen(name));
END_OF_PLANT
plant planted.c:3 'puts bytes into a page' <<'END_OF_PLANT'
#include "web/html.h"
    buf_add_text(page->buf, name);
END_OF_PLANT

# Script and style.
plant planted.c:2 'script or style' <<'END_OF_PLANT'
    html_add(buf, "<p style=\"color: red\">");
END_OF_PLANT
plant planted.c:3 'script or style' <<'END_OF_PLANT'
    html_add(buf, "<a href=\"/\""
             "OnClick = \"x()\">");
END_OF_PLANT
plant planted.c:2 'script or style' <<'END_OF_PLANT'
#define WAY "<a href=\"javascript:x()\">"
END_OF_PLANT
plant planted.c:2 'script or style' <<'END_OF_PLANT'
    html_add(buf, "<script>");
END_OF_PLANT
plant planted.c:2 'script or style' <<'END_OF_PLANT'
    html_add(buf, "<style>");
END_OF_PLANT

# And what is allowed is allowed: no false alarm.
cat >"$tree/src/web/page_planted.c" <<'END'
#include "web/html.h"
/* buf_addf(buf, "<b>%s</b>", name) is what a comment may say; style="" too */
    buf_addf(buf, "<b>%" PRId64 "s %d %5.2f 100%% sure</b>", number, 1, 2.0); // "<b>%s"
    html_add(buf, "<p class=\"a\">" NARROW_BLANK
                  "</p>");
    html_add_either(buf, first(a, b), "one;{}", "other");
    snprintf(path, sizeof(path), "/year/%s", name);
    buf_add_text(&next, "?");
    html_add_text(buf, "a; b \" c" ? name : "%s");
    html_add(buf, "location=\"reason=\"'\"'");
END
cat >"$tree/src/web/planted.c" <<'END'
    buf_addf(buf, "{\"word\": \"%s\"}", word);
    buf_add_text(buf, word);
END
if ! "$check" "$tree"; then
    echo "a false alarm"
    bad=1
fi

echo "$seen planted ways around seen"
exit "$bad"
