# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# For tests that need a system of their own: commands in a tree (. tests/lib/machine.sh), and a tree booted
# with its own systemd, in namespaces of its own. Only root can, and not everywhere.

machine_cgroup=''

# machine_missing: fails with a reason where this machine cannot do it.
machine_missing() {
    if [ "$(id -u)" -ne 0 ]; then
        echo 'only root may make a system of its own'
    elif ! command -v unshare >/dev/null; then
        echo 'unshare is not here'
    elif ! unshare --mount --uts --ipc --net --pid --cgroup --fork --mount-proc true 2>/dev/null; then
        echo 'this machine lets nobody make namespaces'
    elif [ -z "$(machine_hierarchy)" ]; then
        echo 'no cgroup2 on this machine: systemd cannot boot'
    else
        return 0
    fi
    return 1
}

machine_hierarchy() {
    awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
}

# At the end of the test.
machine_clean_up() {
    [ -z "$machine_cgroup" ] || find "$machine_cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || :
    machine_cgroup=''
}

# in_tree TREE COMMAND...: as root in it, with the network of this machine; what it starts ends with it.
in_tree() {
    tree=$1
    shift
    # shellcheck disable=SC2016  # the inner shell's words
    unshare --mount --pid --fork --kill-child=KILL sh -eu -c '
        tree=$1
        shift
        mount -t proc proc "$tree/proc"
        mount --rbind /dev "$tree/dev"
        exec chroot "$tree" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' sh "$tree" "$@" </dev/null
}

# boot_tree TREE LOG: boots it, without a network, and waits until it ends; its exit status. What systemd
# itself prints goes to LOG.
boot_tree() {
    # A group of processes of its own, so that this systemd does not take that of the machine for its own.
    machine_cgroup=$(machine_hierarchy)/historyd-test.$$
    mkdir "$machine_cgroup" || return
    # shellcheck disable=SC2016  # the inner shells' words
    sh -euc '
        echo $$ >"$2/cgroup.procs"
        exec unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child=KILL sh -euc '\''
            tree=$1
            mount --bind "$tree" "$tree"
            cd "$tree"
            mount -t proc proc proc
            mount -t sysfs -o ro sysfs sys
            mount -t cgroup2 cgroup2 sys/fs/cgroup
            mount -t tmpfs -o mode=755 tmpfs dev
            for node in null zero full random urandom tty; do
                touch dev/$node
                mount --bind /dev/$node dev/$node
            done
            mkdir dev/pts dev/shm
            mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
            ln -s pts/ptmx dev/ptmx
            ln -s /proc/self/fd dev/fd
            mount -t tmpfs -o mode=755 tmpfs run
            hostname recorder-test
            mkdir -p .old
            pivot_root . .old
            umount -l /.old
            # As whoever starts a container does: credentials are mounted by a child of systemd.
            mount --make-rshared /
            exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd \
                systemd.show_status=no
        '\'' sh "$1"' sh "$1" "$machine_cgroup" >"$2" 2>&1 </dev/null
}
