/* SPDX-License-Identifier: MIT */
/*
 * store/pack: the sums of a block as bytes, and read again. Pure. Only src/store and its tests
 * include it.
 *
 * An entry is a byte, and three numbers (of a quarter of an hour) or four (of a track). The byte
 * tells how long each is, two bits for the first, the next two for the second and so on: 1, 2, 4 or
 * 8 bytes. Numbers are unsigned, the low byte first, and as short as they can be, so that the same
 * sums always are the same bytes: how much the number of the entry is more than that of the one
 * before (the first: than zero), plays, listened_ms, and of a track when it was first played, in ms
 * since the block began; all modulo 2^64, so that any number of a file can be packed.
 *
 * Pages read millions of them: lengths that are told beforehand are read without a branch.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

#define STORE_PACK_QUARTER 3 /* numbers of an entry */
#define STORE_PACK_TRACK 4
#define STORE_PACK_LONGEST 33 /* bytes of an entry */

struct store_packed {
    int64_t id; /* of the track; of the quarter, counted from the first of the block */
    int64_t plays, listened_ms;
    int64_t first; /* of a track */
};

/* Appends an entry. *before: the number of the last one, 0 in the beginning. A failure is the
 * buffer's. */
void store_pack(struct buf *buf, int numbers, int64_t *before, const struct store_packed *entry);

/* Where a block begins, counted in units: block * units, modulo 2^64. */
int64_t store_block_begin(int64_t block, int64_t units);

/* Bytes that are read: of others, which may hold anything. */
struct store_unpack {
    const uint8_t *at, *end;
    uint64_t before; /* number of the last entry */
    int numbers;
    bool bad; /* they end within an entry, or its first byte tells of more numbers */
};
struct store_unpack store_unpack_open(const void *data, size_t len, int numbers);

/* The next entry; false at the end, and where bytes are bad. */
bool store_unpack_last(struct store_unpack *unpack, struct store_packed *entry); /* near the end */
static inline bool store_unpack_next(struct store_unpack *unpack, struct store_packed *entry)
{
    static const uint64_t masks[4] = {0xff, 0xffff, 0xffffffff, UINT64_MAX};
    uint64_t values[STORE_PACK_TRACK] = {0};
    const uint8_t *at = unpack->at;
    if (unpack->end - at < STORE_PACK_LONGEST) {
        return store_unpack_last(unpack, entry);
    }
    unsigned lengths = *at++;
    for (int i = 0; i < unpack->numbers; i++) {
        memcpy(&values[i], at, sizeof values[i]);
        values[i] = le64toh(values[i]) & masks[lengths & 3];
        at += 1U << (lengths & 3);
        lengths >>= 2;
    }
    unpack->at = at;
    unpack->before += values[0];
    if (lengths != 0) {
        unpack->bad = true;
        unpack->at = unpack->end;
    }
    *entry = (struct store_packed){(int64_t)unpack->before, (int64_t)values[1], (int64_t)values[2],
                                   (int64_t)values[3]};
    return !unpack->bad;
}

#endif
