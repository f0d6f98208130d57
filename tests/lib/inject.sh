# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# System calls that fail on order: strace(1) injects errors and kills. For scripts that have read
# tests/lib/daemon.sh: . tests/lib/inject.sh, inject_start, then inject_all for each piece of work.
#
# A piece of work NAME is three functions: NAME_before, NAME_run (with "$@" put before the program), and
# NAME_after, which looks at what came of it, does the rest without a fault, and looks again; it finds
# the exit status in $inject_status. Each returns 1 after it said what is wrong.

# Not fcntl: SQLite takes a lock that can be neither had nor given back for one that another holds, and
# waits for it, ten seconds each time.
inject_calls='pwrite64 fdatasync fsync ftruncate openat read pread64 write sendto recvfrom connect
    rename renameat2 unlink fchmod flock'
inject_kills='pwrite64 fdatasync fsync ftruncate write sendto recvfrom rename renameat2 unlink close'
inject_runs=0 inject_fired=0 inject_status=0

# skip with 77 where strace may not be used.
inject_start() {
    command -v strace >/dev/null 2>&1 || { echo 'strace is not installed'; exit 77; }
    strace -qq -o /dev/null -e trace=none true 2>/dev/null || { echo 'strace may not trace here'; exit 77; }
    if nm "$TEST_BUILDDIR/spotify-historyd" 2>/dev/null | grep -q __asan_init; then
        echo 'built with sanitizers, which do not go together with strace'
        exit 77
    fi
    seed=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
    echo "seed: $seed (SEED=$seed repeats it)"
}

# inject_points NAME: lines "CALL FAULT WHEN", all there are, in random order.
inject_points() {
    "$1_before" || return 1
    "$1_run" strace -f -qq -o strace.log >"$1.log" 2>&1 || :
    "$1_after" >&2 || return 1
    awk -v seed="$seed" -v calls="$inject_calls" -v kills="$inject_kills" '
        BEGIN {
            srand(seed)
            split(calls, list)
            for (i in list) fails[list[i]] = 1
            split(kills, list)
            for (i in list) dies[list[i]] = 1
        }
        # "123 pwrite64(7, ...": of the process that does most, which is the first
        NR == 1 { first = $1 }
        $1 != first { next }
        {
            name = $2
            if (!sub(/\(.*/, "", name)) next
            count[name]++
            if (name in fails) {
                print rand(), name, "error=EIO", count[name]
                print rand(), name, "error=ENOSPC", count[name]
                print rand(), name, "error=EIO", count[name] "+"
            }
            if (name in dies) print rand(), name, "signal=KILL", count[name]
        }' strace.log | sort -n | cut -d ' ' -f 2-
}

# The program ended as programs end: by itself with a status of its own, killed where that was the
# fault, or by the loader before main.
inject_check_status() {
    case $inject_status in
    0 | 6[4-9] | 7[0-8]) return 0 ;;
    127) ! grep -q 'error while loading shared libraries' "$1" || return 0 ;;
    137) [ "$2" != signal=KILL ] || return 0 ;;
    esac
    echo "it ended with $inject_status"
    return 1
}

# inject_one NAME CALL FAULT WHEN
inject_one() {
    "$1_before" || return 1
    inject_status=0
    # The shell's own word on a killed child is noise.
    { "$1_run" timeout -s KILL 20 strace -qq -o strace.log -e "trace=$2" -e "inject=$2:$3:when=$4" \
        >"$1.log" 2>&1; } 2>/dev/null || inject_status=$?
    inject_runs=$((inject_runs + 1))
    ! grep -q 'INJECTED\|killed by SIGKILL' strace.log || inject_fired=$((inject_fired + 1))
    inject_check_status "$1.log" "$3" && "$1_after"
}

# inject_all NAME SECONDS COUNT: everything in random order, for so long, or so many.
inject_all() {
    inject_points "$1" >points
    inject_end=$(($(date +%s) + $2))
    inject_tried=0
    while read -r call fault when <&3 && [ "$inject_tried" -lt "$3" ] && [ "$(date +%s)" -lt "$inject_end" ]; do
        inject_tried=$((inject_tried + 1))
        inject_one "$1" "$call" "$fault" "$when" 3<&- && continue
        echo "$1: $call $fault when=$when (SEED=$seed)"
        tail -n 20 "$1.log"
        return 1
    done 3<points
    echo "$1: $inject_tried of $(wc -l <points) tried"
}
