#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every scenario has a test or a reason, and the check that says so is awake: it passes on the tree, and
# names each gap that is planted in a small one. The table calls nothing passed that did not run.
set -eu

scenarios=$TEST_SRCDIR/build-aux/scenarios
failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}

"$scenarios" check "$TEST_SRCDIR" || fail 'the tree itself has gaps'

# fresh: a tree with two scenarios, of which one has a test and the other a reason.
fresh() {
    rm -rf tree build
    mkdir -p tree/doc tree/tests/unit tree/tests/system tree/tests/long build/obj/results
    cat >tree/doc/scenarios.md <<'EOF'
| id | what happens | what the recorder does |
|---|---|---|
| A1 | nothing | nothing |
| A2 | something | something |
| P3 | anything | the same |

## Without a test

- **A2**: it cannot be.
EOF
    printf 'START_TEST(A1_P3_nothing_is_nothing)\n{\n' >tree/tests/unit/test_small.c
    : >build/check-unit
    : >build/spotify-historyd
    touch -d '1 hour ago' build/check-unit build/spotify-historyd
}

# seen NAME PATTERN: the check fails and says so.
seen() {
    if "$scenarios" check tree >out 2>&1; then
        fail "$1: not seen"
    fi
    grep -Eq "$2" out || fail "$1: no line like $2: $(cat out)"
}

# told NAME STATUS PATTERN: the table ends so and has such a line.
told() {
    status=0
    "$scenarios" table tree "$PWD/build" >out 2>&1 || status=$?
    [ "$status" -eq "$2" ] || fail "$1: exit $status instead of $2"
    grep -Eq "$3" out || fail "$1: no line like $3: $(cat out)"
}

fresh
"$scenarios" check tree || fail 'a tree without gaps is refused'
told 'nothing has run' 0 '^ +not run +test_small A1_P3_nothing_is_nothing$'
told 'nothing has run' 0 '0 passed, 0 failed, 0 in part skipped, 2 not run, 1 without'

sed -i '/^- /d' tree/doc/scenarios.md
seen 'neither test nor reason' '^doc/scenarios.md:4: A2 has neither'
told 'neither test nor reason' 1 'NO TEST AND NO REASON'

fresh
echo 'START_TEST(A1_A3_nobody_knows)' >>tree/tests/unit/test_small.c
seen 'a test of an unknown scenario' '^tests/unit/test_small.c:3: there is no scenario A3'

fresh
: >tree/tests/system/C7_by_a_script.sh
seen 'a script of an unknown scenario' '^tests/system/C7_by_a_script.sh:1: there is no scenario C7'

fresh
echo '- **A9**: it is not.' >>tree/doc/scenarios.md
seen 'a reason for an unknown scenario' 'there is no scenario A9'

fresh
echo '| A1 | again | again |' >>tree/doc/scenarios.md
seen 'a row that is there twice' 'A1 is there twice'

fresh
echo "ok 1 - $PWD/test_small.c:core:A1_P3_nothing_is_nothing: Passed" >build/obj/results/check-unit.small.all.tap
told 'it passed' 0 '^ +passed +test_small A1_P3'
touch build/check-unit
touch -d '1 minute ago' build/obj/results/check-unit.small.all.tap
told 'it passed before the program was built' 0 '^ +not run +test_small A1_P3'

fresh
cat >build/obj/results/check-unit.small.all.tap <<'EOF'
ok 1 - ./test_small.c:core:A1_P3_nothing_is_nothing: Passed
not ok 2 - ./test_small.c:core:A1_P3_nothing_is_nothing: Assertion 'x' failed
ok 3 - ./test_small.c:core:A1_P3_nothing_is_nothing: Passed
EOF
told 'a loop failed once' 1 '^ +FAILED +test_small A1_P3'

fresh
echo '#!/bin/sh' >tree/tests/system/A2_by_a_script.sh
touch -d '1 hour ago' tree/tests/system/A2_by_a_script.sh
echo skipped >build/obj/results/A2_by_a_script.sh
told 'a script was skipped' 0 '^ +skipped +system A2_by_a_script$'
[ "$failed" -eq 0 ]
