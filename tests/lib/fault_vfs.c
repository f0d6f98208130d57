/* SPDX-License-Identifier: MIT */
#include "lib/fault_vfs.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512
#define FILES_MAX 16

/* What becomes of a write that was not synced. */
enum loss { LOSS_ALL, LOSS_SECTORS, LOSS_TORN, LOSSES };

/* A change that was not synced yet. data NULL: a truncation to offset. */
struct change {
    sqlite3_int64 offset;
    int len;
    unsigned char *data;
    struct change *next;
};

/* A file as the disk knows it: what was synced, and the changes since. */
struct disk_file {
    char path[256];
    unsigned char *data;
    sqlite3_int64 size;
    bool exists;       /* its name is on the disk */
    bool delete_asked; /* removed, but the directory was not synced */
    struct change *changes;
};

struct faulty_file {
    sqlite3_file base;
    struct disk_file *disk; /* NULL: not followed (temporary files) */
    sqlite3_file *real;
};

static struct {
    enum fault_vfs_kind kind;
    long at;       /* the operation that it happens at, counted from the order */
    bool for_ever; /* and at all that follow */
    long changes, reads;
    bool fired;
    bool following; /* what the disk knows is kept */
    char folder[256];
    unsigned seed;
    enum loss loss;
    sqlite3_vfs *real;
    sqlite3_vfs vfs;
    struct disk_file files[FILES_MAX];
} faults;

/* -- the disk --------------------------------------------------------------------------------- */

static void disk_resize(struct disk_file *file, sqlite3_int64 size)
{
    unsigned char *grown = realloc(file->data, (size_t)(size > 0 ? size : 1));
    if (grown == NULL) {
        abort();
    }
    if (size > file->size) {
        memset(grown + file->size, 0, (size_t)(size - file->size));
    }
    file->data = grown;
    file->size = size;
}

static void disk_apply(struct disk_file *file, const struct change *change, int from, int len)
{
    sqlite3_int64 end = change->offset + from + len;
    if (end > file->size) {
        disk_resize(file, end);
    }
    memcpy(file->data + change->offset + from, change->data + from, (size_t)len);
}

static void changes_free(struct disk_file *file)
{
    while (file->changes != NULL) {
        struct change *next = file->changes->next;
        free(file->changes->data);
        free(file->changes);
        file->changes = next;
    }
}

static void disk_sync(struct disk_file *file)
{
    for (const struct change *change = file->changes; change != NULL; change = change->next) {
        if (change->data == NULL) {
            disk_resize(file, change->offset);
        } else {
            disk_apply(file, change, 0, change->len);
        }
    }
    changes_free(file);
    file->exists = true;
    file->delete_asked = false;
}

static void disk_note(struct disk_file *file, sqlite3_int64 offset, const void *data, int len)
{
    struct change **last = &file->changes;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = calloc(1, sizeof **last);
    (*last)->offset = offset;
    (*last)->len = len;
    if (data != NULL) {
        (*last)->data = malloc((size_t)len);
        memcpy((*last)->data, data, (size_t)len);
    }
}

static struct disk_file *disk_find(const char *path)
{
    struct disk_file *file = faults.files;
    while (file->path[0] != '\0' && strcmp(file->path, path) != 0) {
        file++;
        if (file == faults.files + FILES_MAX) {
            abort();
        }
    }
    return file;
}

/* What is there when it is first opened was synced long ago. */
static struct disk_file *disk_open(const char *path)
{
    struct disk_file *file = disk_find(path);
    if (file->path[0] != '\0') {
        return file;
    }
    snprintf(file->path, sizeof file->path, "%s", path);
    FILE *in = fopen(path, "rb");
    if (in != NULL) {
        fseek(in, 0, SEEK_END);
        disk_resize(file, ftell(in));
        rewind(in);
        file->exists = fread(file->data, 1, (size_t)file->size, in) == (size_t)file->size;
        fclose(in);
    }
    return file;
}

static unsigned chance_bits(void)
{
    faults.seed = faults.seed * 1103515245U + 12345U;
    return faults.seed >> 16;
}

static bool chance(void)
{
    return (chance_bits() & 1U) != 0;
}

/* How much of the next part of a write reached the disk at once, and whether it did: a sector, or,
 * when writes may be torn, any number of bytes of it. */
static int part_len(sqlite3_int64 offset, int left)
{
    int len = SECTOR - (int)(offset % SECTOR);

    if (faults.loss == LOSS_TORN) {
        len = 1 + (int)(chance_bits() % (unsigned)len);
    }
    return len < left ? len : left;
}

static void write_by_chance(struct disk_file *file, const struct change *change)
{
    for (int at = 0; at < change->len;) {
        int len = part_len(change->offset + at, change->len - at);

        if (chance()) {
            disk_apply(file, change, at, len);
        }
        at += len;
    }
}

/* Some of what was not synced reached the disk, or nothing. */
static void disk_by_chance(struct disk_file *file)
{
    for (const struct change *change = file->changes; change != NULL && faults.loss != LOSS_ALL;
         change = change->next) {
        if (change->data != NULL) {
            write_by_chance(file, change);
        } else if (chance()) {
            disk_resize(file, change->offset);
        }
    }
    if (!file->exists || file->delete_asked) {
        file->exists = chance();
    }
}

void fault_vfs_cut(void)
{
    for (struct disk_file *file = faults.files;
         file < faults.files + FILES_MAX && file->path[0] != '\0'; file++) {
        char path[600];
        const char *slash = strrchr(file->path, '/');
        disk_by_chance(file);
        snprintf(path, sizeof path, "%s%s%s", faults.folder, slash, file->exists ? "" : ".gone");
        FILE *out = fopen(path, "wb");
        if (out != NULL) {
            if (file->exists && file->size > 0) /* an empty one has no bytes to point to */
                fwrite(file->data, 1, (size_t)file->size, out);
            fclose(out);
        }
    }
}

/* -- operations ------------------------------------------------------------------------------- */

static void die(void)
{
    kill(getpid(), SIGKILL);
    pause();
}

/* Is it this operation's turn? Returns the code it fails with, or SQLITE_OK. */
static int turn(int io_code, bool takes_room)
{
    bool reads = io_code == SQLITE_IOERR_READ;
    long number = reads ? ++faults.reads : ++faults.changes;
    bool hit = number == faults.at || (faults.for_ever && number > faults.at);

    if (faults.kind == FAULT_VFS_NONE || reads != (faults.kind == FAULT_VFS_READ) || !hit) {
        return SQLITE_OK;
    }
    faults.fired = true;
    if (faults.kind == FAULT_VFS_POWER) {
        fault_vfs_cut();
    }
    if (faults.kind == FAULT_VFS_POWER || faults.kind == FAULT_VFS_KILL) {
        die();
    }
    bool full = (faults.kind == FAULT_VFS_FULL || faults.kind == FAULT_VFS_SHORT) && takes_room;
    errno = full ? ENOSPC : EIO;
    return full && io_code == SQLITE_IOERR_WRITE ? SQLITE_FULL : io_code;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct faulty_file *)file)->real;
}

static struct disk_file *disk_of(sqlite3_file *file)
{
    return ((struct faulty_file *)file)->disk;
}

static int faulty_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int faulty_read(sqlite3_file *file, void *data, int len, sqlite3_int64 offset)
{
    int code = turn(SQLITE_IOERR_READ, false);
    return code == SQLITE_OK ? real_of(file)->pMethods->xRead(real_of(file), data, len, offset)
                             : code;
}

static int faulty_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
    int code = turn(SQLITE_IOERR_WRITE, true);
    bool half = code != SQLITE_OK && faults.kind == FAULT_VFS_SHORT;
    int taken = half ? len / 2 : len;
    if (code == SQLITE_OK || (half && taken > 0)) {
        int written = real_of(file)->pMethods->xWrite(real_of(file), data, taken, offset);
        code = half ? code : written;
        if (written == SQLITE_OK && disk_of(file) != NULL) {
            disk_note(disk_of(file), offset, data, taken);
        }
    }
    return code;
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = turn(SQLITE_IOERR_TRUNCATE, false);
    if (code == SQLITE_OK) {
        code = real_of(file)->pMethods->xTruncate(real_of(file), size);
    }
    if (code == SQLITE_OK && disk_of(file) != NULL) {
        disk_note(disk_of(file), size, NULL, 0);
    }
    return code;
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    int code = turn(SQLITE_IOERR_FSYNC, false);
    if (code == SQLITE_OK) {
        code = real_of(file)->pMethods->xSync(real_of(file), flags);
    }
    if (code == SQLITE_OK && disk_of(file) != NULL) {
        disk_sync(disk_of(file));
    }
    return code;
}

static int faulty_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int faulty_lock(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int faulty_unlock(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int faulty_reserved(sqlite3_file *file, int *reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}

static int faulty_control(sqlite3_file *file, int op, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int faulty_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int faulty_device(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int faulty_shm_map(sqlite3_file *file, int region, int size, int extend,
                          void volatile **data)
{
    int code = extend != 0 ? turn(SQLITE_IOERR_SHMSIZE, true) : SQLITE_OK;
    return code == SQLITE_OK
               ? real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, data)
               : code;
}

static int faulty_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void faulty_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int faulty_shm_unmap(sqlite3_file *file, int delete_it)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete_it);
}

/* Version 2: without xFetch, so that every page goes through xRead. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = faulty_close,
    .xRead = faulty_read,
    .xWrite = faulty_write,
    .xTruncate = faulty_truncate,
    .xSync = faulty_sync,
    .xFileSize = faulty_size,
    .xLock = faulty_lock,
    .xUnlock = faulty_unlock,
    .xCheckReservedLock = faulty_reserved,
    .xFileControl = faulty_control,
    .xSectorSize = faulty_sector,
    .xDeviceCharacteristics = faulty_device,
    .xShmMap = faulty_shm_map,
    .xShmLock = faulty_shm_lock,
    .xShmBarrier = faulty_shm_barrier,
    .xShmUnmap = faulty_shm_unmap,
};

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                       int *out_flags)
{
    struct faulty_file *faulty = (struct faulty_file *)file;
    (void)vfs;
    memset(faulty, 0, sizeof *faulty);
    faulty->real = (sqlite3_file *)(faulty + 1);
    int code = turn(SQLITE_CANTOPEN, false);
    if (code != SQLITE_OK) {
        return code;
    }
    faulty->disk = faults.following && name != NULL ? disk_open(name) : NULL;
    code = faults.real->xOpen(faults.real, name, faulty->real, flags, out_flags);
    if (faulty->real->pMethods != NULL) {
        faulty->base.pMethods = &methods;
    }
    return code;
}

static int faulty_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    (void)vfs;
    int code = turn(SQLITE_IOERR_DELETE, false);
    if (code == SQLITE_OK) {
        code = faults.real->xDelete(faults.real, name, sync_directory);
    }
    if (code == SQLITE_OK && faults.following) {
        struct disk_file *file = disk_find(name);
        file->delete_asked = true;
        file->exists = file->exists && sync_directory == 0;
    }
    return code;
}

/* -- orders ----------------------------------------------------------------------------------- */

void fault_vfs_install(void)
{
    faults.real = sqlite3_vfs_find(NULL);
    faults.vfs = *faults.real;
    faults.vfs.zName = "faults";
    faults.vfs.szOsFile = (int)sizeof(struct faulty_file) + faults.real->szOsFile;
    faults.vfs.xOpen = faulty_open;
    faults.vfs.xDelete = faulty_delete;
    sqlite3_vfs_register(&faults.vfs, 1);
}

static void order(enum fault_vfs_kind kind, long k, bool for_ever)
{
    faults.kind = kind;
    faults.at = k;
    faults.for_ever = for_ever;
    faults.changes = 0;
    faults.reads = 0;
    faults.fired = false;
}

void fault_vfs_order(enum fault_vfs_kind kind, long k)
{
    order(kind, k, false);
}

void fault_vfs_order_for_ever(enum fault_vfs_kind kind, long k)
{
    order(kind, k, true);
}

long fault_vfs_changes(void)
{
    return faults.changes;
}

long fault_vfs_reads(void)
{
    return faults.reads;
}

void fault_vfs_power(const char *folder, unsigned seed)
{
    faults.following = true;
    snprintf(faults.folder, sizeof faults.folder, "%s", folder);
    faults.seed = seed * 2654435761U + 1;
    faults.loss = (enum loss)(seed % LOSSES);
}

void fault_vfs_forget(void)
{
    faults.following = false;
    for (size_t i = 0; i < FILES_MAX; i++) {
        changes_free(&faults.files[i]);
        free(faults.files[i].data);
    }
    memset(faults.files, 0, sizeof(faults.files));
}

bool fault_vfs_fired(void)
{
    return faults.fired;
}
