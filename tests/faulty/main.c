/* SPDX-License-Identifier: MIT */
/*
 * faulty: the daemon or the command (FAULT_PROGRAM=daemon, ctl), with a fault on order; or, with
 * --make-old VERSION FILE, who makes an empty database of an older version.
 *
 *   FAULT_KIND     none, memory, io, read, full, short, kill, power (lib/fault_vfs.h, memory.h)
 *   FAULT_AT       at which allocation or file operation, 1 is the first
 *   FAULT_FOREVER  set: and at all that follow
 *   FAULT_FOLDER   with power: where to write what is left
 *   FAULT_SEED     what chance begins with
 *   FAULT_PLACES   set: the report names the first allocation of each place
 *   FAULT_REPORT   a file, written when the program's main returns: "fired 0|1", "memory N",
 *                  "changes N" and "reads N" (how many there were), "place N", "left ..."
 *
 * Only tests run it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "daemon/daemon.h"
#include "faulty/memory.h"
#include "lib/fault_vfs.h"
#include "store/store_private.h"

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    return value != NULL ? value : "";
}

static long number(const char *name)
{
    return strtol(setting(name), NULL, 10);
}

static void order(const char *kind)
{
    static const struct {
        const char *name;
        enum fault_vfs_kind kind;
    } kinds[] = {{"io", FAULT_VFS_IO},       {"read", FAULT_VFS_READ}, {"full", FAULT_VFS_FULL},
                 {"short", FAULT_VFS_SHORT}, {"kill", FAULT_VFS_KILL}, {"power", FAULT_VFS_POWER}};
    bool for_ever = getenv("FAULT_FOREVER") != NULL;
    long at = number("FAULT_AT");

    if (strcmp(kind, "power") == 0)
        fault_vfs_power(setting("FAULT_FOLDER"), (unsigned)number("FAULT_SEED"));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kind, kinds[i].name) == 0)
            (for_ever ? fault_vfs_order_for_ever : fault_vfs_order)(kinds[i].kind, at);
    if (getenv("FAULT_PLACES") != NULL)
        fault_memory_watch();
    fault_memory_order(strcmp(kind, "memory") == 0 ? at : 0, for_ever);
}

static void report(FILE *out)
{
    /* A power cut that did not come, as there was less to do this time. */
    fault_vfs_forget();
    fault_memory_write_leftovers(out);
    fprintf(out, "fired %d\nmemory %ld\nchanges %ld\nreads %ld\n",
            fault_memory_fired() || fault_vfs_fired(), fault_memory_count(), fault_vfs_changes(),
            fault_vfs_reads());
    fault_memory_write_places(out);
}

static int make_old(long version, const char *path)
{
    struct store_ladder ladder = {store_schema.steps, (size_t)version};
    struct store *store = NULL;
    char why[512] = "there is no such version";
    bool known = version >= 1 && (size_t)version <= store_schema.count;

    if (!known ||
        store_open_ladder(path, STORE_WRITER, &ladder, &store, why, sizeof(why)) != STORE_OK) {
        fprintf(stderr, "faulty: %s\n", why);
        return 1;
    }
    store_close(store);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--make-old") == 0)
        return make_old(strtol(argv[2], NULL, 10), argv[3]);

    const char *kind = setting("FAULT_KIND");
    bool is_ctl = strcmp(setting("FAULT_PROGRAM"), "ctl") == 0;
    FILE *out = fopen(setting("FAULT_REPORT"), "we");
    int status;

    if (out == NULL || (strcmp(kind, "memory") == 0 && !fault_memory_works()))
        return 127;
    fault_vfs_install();
    order(kind);
    status = is_ctl ? ctl_main(argc, argv) : daemon_main(argc, argv);
    report(out);
    return fclose(out) == 0 ? status : 127;
}
