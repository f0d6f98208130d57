/* SPDX-License-Identifier: MIT */
#include "store/pack.h"

/* Two bits that tell the length. */
static unsigned length_of(uint64_t value)
{
    return value > UINT32_MAX ? 3 : value > UINT16_MAX ? 2 : value > UINT8_MAX ? 1 : 0;
}

void store_pack(struct buf *buf, int numbers, int64_t *before, const struct store_packed *entry)
{
    const uint64_t values[STORE_PACK_TRACK] = {
        (uint64_t)entry->id - (uint64_t)*before,
        (uint64_t)entry->plays,
        (uint64_t)entry->listened_ms,
        (uint64_t)entry->first,
    };
    uint8_t bytes[STORE_PACK_LONGEST] = {0};
    size_t len = 1;
    for (int i = 0; i < numbers; i++) {
        unsigned length = length_of(values[i]);
        uint64_t little = htole64(values[i]);
        bytes[0] |= (uint8_t)(length << (2 * i));
        memcpy(bytes + len, &little, (size_t)1 << length);
        len += (size_t)1 << length;
    }
    buf_add(buf, bytes, len);
    *before = entry->id;
}

int64_t store_block_begin(int64_t block, int64_t units)
{
    return (int64_t)((uint64_t)block * (uint64_t)units);
}

struct store_unpack store_unpack_open(const void *data, size_t len, int numbers)
{
    const uint8_t *at = data;
    return (struct store_unpack){.at = at, .end = len > 0 ? at + len : at, .numbers = numbers};
}

/* As if the bytes went on. */
bool store_unpack_last(struct store_unpack *unpack, struct store_packed *entry)
{
    uint8_t bytes[2 * STORE_PACK_LONGEST] = {0};
    size_t left = (size_t)(unpack->end - unpack->at);
    struct store_unpack longer = {
        .at = bytes,
        .end = bytes + sizeof bytes,
        .before = unpack->before,
        .numbers = unpack->numbers,
    };
    if (left == 0 || unpack->bad) {
        return false;
    }
    memcpy(bytes, unpack->at, left);
    bool good = store_unpack_next(&longer, entry);
    size_t used = (size_t)(longer.at - bytes);
    unpack->bad = !good || used > left;
    unpack->at += used < left ? used : left;
    unpack->before = longer.before;
    return !unpack->bad;
}
