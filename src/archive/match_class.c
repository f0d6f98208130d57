/* SPDX-License-Identifier: MIT */
#include "match_class.h"

#include <stdlib.h>

struct known {
    uint64_t key;
    uint32_t piece;
};

enum match_sameness match_same(const struct match_keys *a, const struct match_keys *b)
{
    bool isrc = a->isrc != 0 && b->isrc != 0;

    if (a->uri != 0 && a->uri == b->uri)
        return MATCH_SAME_URI;
    if (isrc && a->isrc == b->isrc)
        return MATCH_SAME_ISRC;
    for (int i = 0; i < 4; i++)
        if (a->names[i / 2] != 0 && a->names[i / 2] == b->names[i % 2])
            return isrc ? MATCH_SAME_TITLE : MATCH_SAME_NAME;
    return MATCH_OTHER;
}

static uint32_t root(uint32_t *parents, uint32_t piece)
{
    while (parents[piece] != piece) {
        parents[piece] = parents[parents[piece]];
        piece = parents[piece];
    }
    return piece;
}

static void join(uint32_t *parents, uint32_t a, uint32_t b)
{
    a = root(parents, a);
    b = root(parents, b);
    if (a < b)
        parents[b] = a;
    else
        parents[a] = b;
}

static int by_key(const void *one, const void *other)
{
    const struct known *a = one, *b = other;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->piece < b->piece ? -1 : a->piece > b->piece;
}

static void join_equal(uint32_t *parents, struct known *known, size_t count)
{
    if (count < 2)
        return;
    qsort(known, count, sizeof(*known), by_key);
    for (size_t i = 1; i < count; i++)
        if (known[i].key == known[i - 1].key)
            join(parents, known[i - 1].piece, known[i].piece);
}

static size_t add_known(struct known *known, size_t count, uint64_t key, size_t piece)
{
    if (key != 0)
        known[count++] = (struct known){key, (uint32_t)piece};
    return count;
}

enum kind { KIND_URI, KIND_ISRC, KIND_NAME, KINDS };

static void join_kind(const struct match_piece *pieces, size_t count, enum kind kind,
                      uint32_t *parents, struct known *known)
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        const struct match_keys *keys = &pieces[i].keys;

        if (pieces[i].gone)
            continue;
        if (kind == KIND_NAME) {
            used = add_known(known, used, keys->names[0], i);
            used = add_known(known, used, keys->names[1], i);
        } else {
            used = add_known(known, used, kind == KIND_URI ? keys->uri : keys->isrc, i);
        }
    }
    join_equal(parents, known, used);
}

bool match_classes(const struct match_piece *pieces, size_t count, struct arena *arena,
                   uint32_t **classes)
{
    struct known *known = arena_alloc(arena, (2 * count + 1) * sizeof(*known));
    uint32_t *parents = arena_alloc(arena, (count + 1) * sizeof(*parents));

    if (!known || !parents)
        return false;
    for (size_t i = 0; i < count; i++)
        parents[i] = (uint32_t)i;
    for (int kind = 0; kind < KINDS; kind++)
        join_kind(pieces, count, (enum kind)kind, parents, known);
    for (size_t i = 0; i < count; i++)
        parents[i] = root(parents, (uint32_t)i);
    *classes = parents;
    return true;
}
