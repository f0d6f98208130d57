/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST 64 /* bytes of a first allocation */

/* arena blocks double from the first size to the last, so that a page costs a handful of them */
#define ARENA_BLOCK_FIRST 8192
#define ARENA_BLOCK_LAST 262144

void buf_wipe(void *data, size_t len)
{
    if (data != NULL && len > 0)
        explicit_bzero(data, len);
}

static bool buf_fits(const struct buf *buf, size_t more)
{
    size_t limit = buf->limit > 0 && buf->limit < SIZE_MAX / 2 ? buf->limit : SIZE_MAX / 2;

    return !buf->failed && buf->len <= limit && more <= limit - buf->len;
}

/* To a place of cap bytes; what stood at the old one is overwritten. */
static bool buf_move(struct buf *buf, size_t cap)
{
    char *data = malloc(cap);

    if (data == NULL)
        return false;
    if (buf->data != NULL) {
        memcpy(data, buf->data, buf->len);
        buf_wipe(buf->data, buf->cap);
        free(buf->data);
    }
    data[buf->len] = '\0';
    buf->data = data;
    buf->cap = cap;
    return true;
}

/* Makes room for more bytes and a NUL. The old memory is wiped instead of being left to realloc(3):
 * a buffer may hold a token, and a copy must not stay behind. */
static bool buf_reserve(struct buf *buf, size_t more)
{
    size_t cap = buf->cap > 0 ? buf->cap : BUF_FIRST;

    if (buf_fits(buf, more)) {
        if (buf->data != NULL && buf->cap > buf->len + more)
            return true;
        while (cap <= buf->len + more)
            cap *= 2;
        if (buf_move(buf, cap))
            return true;
    }
    buf->failed = true;
    return false;
}

bool buf_room(struct buf *buf, size_t more)
{
    if (buf->data == NULL && buf_fits(buf, more) && buf_move(buf, buf->len + more + 1))
        return true;
    return buf_reserve(buf, more);
}

bool buf_add(struct buf *buf, const void *data, size_t len)
{
    if (!buf_reserve(buf, len))
        return false;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return true;
}

bool buf_add_text(struct buf *buf, const char *text)
{
    return buf_add(buf, text, strlen(text));
}

bool buf_addf(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_list again;
    size_t room;
    int len;
    bool ok = false;

    va_start(arguments, format);
    va_copy(again, arguments);
    if (!buf_reserve(buf, 0))
        goto out;
    room = buf->cap - buf->len;
    len = vsnprintf(buf->data + buf->len, room, format, arguments);
    if (len >= 0 && (size_t)len >= room && buf_reserve(buf, (size_t)len))
        len = vsnprintf(buf->data + buf->len, buf->cap - buf->len, format, again);
    ok = len >= 0 && buf_reserve(buf, (size_t)len);
    if (ok)
        buf->len += (size_t)len;
    else
        buf->failed = true;
    buf->data[buf->len] = '\0';

out:
    va_end(again);
    va_end(arguments);
    return ok;
}

static bool form_keeps(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

bool buf_add_form(struct buf *buf, const char *text, size_t len)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t need = len;
    char *out;

    for (size_t i = 0; i < len; i++)
        need += form_keeps((unsigned char)text[i]) ? 0 : 2;
    if (len > SIZE_MAX / 4 || !buf_reserve(buf, need)) {
        buf->failed = true;
        return false;
    }
    out = buf->data + buf->len;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (form_keeps(byte)) {
            *out++ = (char)byte;
        } else {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        }
    }
    *out = '\0';
    buf->len += need;
    return true;
}

void buf_clear(struct buf *buf, bool wipe)
{
    if (wipe)
        buf_wipe(buf->data, buf->cap);
    if (buf->data != NULL)
        buf->data[0] = '\0';
    buf->len = 0;
    buf->failed = false;
}

void buf_free(struct buf *buf, bool wipe)
{
    if (wipe)
        buf_wipe(buf->data, buf->cap);
    free(buf->data);
    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
    buf->failed = false;
}

/* Aligned things grow from the front of a block, texts from its back: neither pays for the other.
 */
struct arena_block {
    struct arena_block *next;
    size_t low;  /* first free byte */
    size_t high; /* first byte that is taken at the back */
    size_t cap;  /* bytes of data */
    max_align_t data[];
};

static struct arena_block *arena_grow(struct arena *arena, size_t need)
{
    size_t cap = arena->blocks != NULL ? arena->blocks->cap * 2 : ARENA_BLOCK_FIRST;
    struct arena_block *block;

    if (need > SIZE_MAX / 4)
        return NULL;
    if (cap > ARENA_BLOCK_LAST)
        cap = ARENA_BLOCK_LAST;
    if (cap < need)
        cap = need;
    block = calloc(1, sizeof(*block) + cap);
    if (block == NULL)
        return NULL;
    block->cap = cap;
    block->high = cap;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->total += sizeof(*block) + cap;
    return block;
}

/* The newest block if need bytes fit into it, else a new one. */
static struct arena_block *arena_find(struct arena *arena, size_t need)
{
    struct arena_block *block = arena->blocks;

    if (block != NULL && block->high - block->low >= need)
        return block;
    return arena_grow(arena, need);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t align = _Alignof(max_align_t);
    struct arena_block *block;
    void *result;

    if (size > SIZE_MAX / 4)
        return NULL;
    size = size == 0 ? align : (size + align - 1) / align * align;
    block = arena_find(arena, size);
    if (block == NULL)
        return NULL;
    result = (char *)block->data + block->low;
    block->low += size;
    return result;
}

char *arena_copy(struct arena *arena, const char *text, size_t len)
{
    struct arena_block *block;
    char *result;

    if (len > SIZE_MAX / 4)
        return NULL;
    block = arena_find(arena, len + 1);
    if (block == NULL)
        return NULL;
    block->high -= len + 1;
    result = (char *)block->data + block->high;
    if (len > 0)
        memcpy(result, text, len);
    return result;
}

void arena_free(struct arena *arena)
{
    struct arena_block *next;

    for (struct arena_block *block = arena->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    arena->blocks = NULL;
    arena->total = 0;
}
