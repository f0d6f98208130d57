/* SPDX-License-Identifier: MIT */
#include "faulty/memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define OTHER_OWNER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define OTHER_OWNER
#endif

#ifdef OTHER_OWNER

bool fault_memory_works(void)
{
    return false;
}

void fault_memory_order(long k, bool for_ever)
{
    (void)k;
    (void)for_ever;
}

void fault_memory_pause(void)
{
}

void fault_memory_go_on(void)
{
}

bool fault_memory_fired(void)
{
    return false;
}

long fault_memory_count(void)
{
    return 0;
}

void fault_memory_watch(void)
{
}

void fault_memory_write_places(FILE *out)
{
    (void)out;
}

void fault_memory_write_leftovers(FILE *out)
{
    (void)out;
}

#else

#define BLOCKS_MAX (1U << 17) /* in use at once; a power of two */
#define PLACES_MAX 65536U     /* the same for chains of callers */
#define GROUPS_MAX 512
#define DEPTH 12        /* callers that make a place */
#define DEPTH_OF_OURS 3 /* of these, the innermost are this file's */
#define NEW_BYTE 0x5a
#define FREED_BYTE 0xa5

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

struct block {
    void *at; /* NULL: free; TAKEN_AWAY: was in use */
    const void *caller;
    size_t size;
};

#define TAKEN_AWAY ((void *)1)

static struct {
    pthread_mutex_t lock;
    bool counting, fired, for_ever, watching;
    long at, count;
    struct block blocks[BLOCKS_MAX];
    uint64_t places[PLACES_MAX]; /* hashes of chains of callers; 0: free */
    long numbers[PLACES_MAX];    /* of the first allocation of each, in order */
    size_t place_count;
} memory = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* This thread is inside: what it allocates meanwhile is not counted. */
static _Thread_local bool inside;

/* -- blocks in use ----------------------------------------------------------------------------- */

static size_t slot_of(const void *at)
{
    return (size_t)(((uintptr_t)at >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (BLOCKS_MAX - 1);
}

static void block_add(void *at, size_t size, const void *caller)
{
    size_t slot = slot_of(at), tries = 0;

    while (memory.blocks[slot].at != NULL && memory.blocks[slot].at != TAKEN_AWAY) {
        slot = (slot + 1) & (BLOCKS_MAX - 1);
        if (++tries == BLOCKS_MAX) {
            abort();
        }
    }
    memory.blocks[slot] = (struct block){at, caller, size};
}

static void block_take_away(const void *at)
{
    size_t slot = slot_of(at);

    for (size_t tries = 0; tries < BLOCKS_MAX && memory.blocks[slot].at != NULL; tries++) {
        if (memory.blocks[slot].at == at) {
            memory.blocks[slot].at = TAKEN_AWAY;
            return;
        }
        slot = (slot + 1) & (BLOCKS_MAX - 1);
    }
}

/* -- places ------------------------------------------------------------------------------------ */

static void place_note(void)
{
    void *callers[DEPTH] = {NULL};
    int depth = backtrace(callers, DEPTH);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (int i = DEPTH_OF_OURS; i < depth; i++) {
        hash = (hash ^ (uintptr_t)callers[i]) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    size_t slot = (size_t)hash & (PLACES_MAX - 1);
    for (size_t tries = 0; memory.places[slot] != 0; tries++) {
        if (memory.places[slot] == hash || tries == PLACES_MAX) {
            return;
        }
        slot = (slot + 1) & (PLACES_MAX - 1);
    }
    memory.places[slot] = hash;
    memory.numbers[memory.place_count++] = memory.count;
}

/* -- allocating -------------------------------------------------------------------------------- */

/* Counts an allocation; false: it is to fail. */
static bool may_have(void)
{
    if (!memory.counting || inside) {
        return true;
    }
    inside = true;
    pthread_mutex_lock(&memory.lock);
    memory.count++;
    if (memory.watching) {
        place_note();
    }
    bool hit = memory.at != 0 &&
               (memory.count == memory.at || (memory.for_ever && memory.count > memory.at));
    memory.fired = memory.fired || hit;
    pthread_mutex_unlock(&memory.lock);
    inside = false;
    if (hit) {
        errno = ENOMEM;
    }
    return !hit;
}

static void *have(void *at, size_t size, const void *caller, bool fresh)
{
    if (at == NULL || !memory.counting || inside) {
        return at;
    }
    if (fresh) {
        memset(at, NEW_BYTE, size);
    }
    pthread_mutex_lock(&memory.lock);
    block_add(at, size, caller);
    pthread_mutex_unlock(&memory.lock);
    return at;
}

static void give_back(void *at)
{
    if (at == NULL || !memory.counting || inside) {
        return;
    }
    pthread_mutex_lock(&memory.lock);
    block_take_away(at);
    pthread_mutex_unlock(&memory.lock);
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t size)
{
    return may_have() ? have(__libc_malloc(size), size, CALLER, true) : NULL;
}

void *calloc(size_t count, size_t size)
{
    return may_have() ? have(__libc_calloc(count, size), count * size, CALLER, false) : NULL;
}

/* Always moves, so that a pointer kept to the old place is seen. */
void *realloc(void *block, size_t size)
{
    if (block == NULL) {
        return may_have() ? have(__libc_malloc(size), size, CALLER, true) : NULL;
    }
    if (size == 0) {
        free(block);
        return NULL;
    }
    if (!may_have()) {
        return NULL;
    }
    size_t old = malloc_usable_size(block);
    void *moved = have(__libc_malloc(size), size, CALLER, true);
    if (moved != NULL) {
        memcpy(moved, block, old < size ? old : size);
        free(block);
    }
    return moved;
}

void free(void *block)
{
    int error = errno;

    give_back(block);
    if (block != NULL && memory.counting && !inside) {
        memset(block, FREED_BYTE, malloc_usable_size(block));
    }
    __libc_free(block);
    errno = error;
}

static void *aligned(size_t alignment, size_t size, const void *caller)
{
    return may_have() ? have(__libc_memalign(alignment, size), size, caller, true) : NULL;
}

void *memalign(size_t alignment, size_t size)
{
    return aligned(alignment, size, CALLER);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return aligned(alignment, size, CALLER);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *at = aligned(alignment, size, CALLER);

    if (at == NULL) {
        return ENOMEM;
    }
    *block = at;
    return 0;
}

/* -- orders ------------------------------------------------------------------------------------ */

bool fault_memory_works(void)
{
    return true;
}

void fault_memory_order(long k, bool for_ever)
{
    memory.at = k;
    memory.for_ever = for_ever;
    memory.count = 0;
    memory.fired = false;
    memory.counting = true;
}

void fault_memory_pause(void)
{
    inside = true;
}

void fault_memory_go_on(void)
{
    inside = false;
}

bool fault_memory_fired(void)
{
    return memory.fired;
}

long fault_memory_count(void)
{
    return memory.count;
}

void fault_memory_watch(void)
{
    void *callers[DEPTH];

    (void)backtrace(callers, DEPTH); /* the first call allocates */
    memset(memory.places, 0, sizeof(memory.places));
    memory.place_count = 0;
    memory.watching = true;
}

void fault_memory_write_places(FILE *out)
{
    memory.watching = false;
    inside = true;
    for (size_t i = 0; i < memory.place_count; i++) {
        fprintf(out, "place %ld\n", memory.numbers[i]);
    }
    inside = false;
}

/* -- what is left ------------------------------------------------------------------------------ */

struct group {
    const void *caller;
    size_t count, bytes;
};

static size_t group_blocks(struct group *groups)
{
    size_t count = 0;

    for (size_t i = 0; i < BLOCKS_MAX; i++) {
        const struct block *block = &memory.blocks[i];
        size_t at = 0;

        if (block->at == NULL || block->at == TAKEN_AWAY) {
            continue;
        }
        while (at < count && groups[at].caller != block->caller) {
            at++;
        }
        if (at == GROUPS_MAX) {
            continue;
        }
        if (at == count) {
            groups[count++] = (struct group){.caller = block->caller};
        }
        groups[at].count++;
        groups[at].bytes += block->size;
    }
    return count;
}

static bool keeps_memory(const char *object)
{
    static const char *const names[] = {"libcrypto", "libssl",  "libgcrypt",  "libgnutls",
                                        "ld-linux",  "libldap", "libp11-kit", "libgssapi",
                                        "libkrb5",   "libk5",   "libidn",     "libunistring"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strstr(object, names[i]) != NULL) {
            return true;
        }
    }
    return false;
}

void fault_memory_write_leftovers(FILE *out)
{
    static struct group groups[GROUPS_MAX];

    memory.counting = false;
    size_t count = group_blocks(groups);
    for (size_t i = 0; i < count; i++) {
        Dl_info where;
        const char *object = "?";
        uintptr_t offset = (uintptr_t)groups[i].caller;

        if (dladdr(groups[i].caller, &where) != 0 && where.dli_fname != NULL) {
            const char *slash = strrchr(where.dli_fname, '/');
            object = slash != NULL ? slash + 1 : where.dli_fname;
            offset -= (uintptr_t)where.dli_fbase;
        }
        if (!keeps_memory(object)) {
            fprintf(out, "left %zu %zu %s+%#zx\n", groups[i].count, groups[i].bytes, object,
                    (size_t)offset);
        }
    }
    memset(memory.blocks, 0, sizeof(memory.blocks));
}

#endif
