# SPDX-License-Identifier: MIT
#
# names.awk: names that are invented and as long as real ones, and what else awk's scripts here draw.  The same
# ones in every run.

# From 0 up to below n.
function draw(n) {
    seed = seed * 16807 % 2147483647 # Park and Miller's: exact in the numbers that awk has
    return int((seed - 1) / 2147483646 * n)
}

function word(    text, parts) {
    text = substr(capitals, 1 + draw(26), 1) syllables[1 + draw(syllable_count)]
    for (parts = draw(3); parts > 0; parts--)
        text = text syllables[1 + draw(syllable_count)]
    return text
}

# One to n words.
function name(n,    text) {
    text = word()
    for (n = draw(n); n > 0; n--)
        text = text " " (draw(4) == 0 ? small[1 + draw(small_count)] : word())
    return text
}

function id(    text, i) {
    for (i = 0; i < 22; i++)
        text = text substr(digits, 1 + draw(62), 1)
    return text
}

BEGIN {
    seed = 20261121
    capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    digits = "0123456789abcdefghijklmnopqrstuvwxyz" capitals
    syllable_count = split("ea on ar in our el ing er and o ight ove ain ose y ay ille un ast ert", syllables, " ")
    small_count = split("of the in a to and my you", small, " ")
}
