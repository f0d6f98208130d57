/* SPDX-License-Identifier: MIT */
/*
 * base/buf: a growing byte buffer with a limit, and an arena for many small strings that die
 * together. Never: grows past its limit, leaves a half-written state after a failed call.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* always NUL-terminated when not NULL */
    size_t len;
    size_t cap;
    size_t limit; /* most bytes len may reach; 0 = SIZE_MAX / 2 */
    bool failed;  /* an append did not fit or memory ran out; stays until buf_clear() */
};

/* Appends len bytes. False (and buf->failed, content unchanged) past the limit or without memory.
 */
bool buf_add(struct buf *buf, const void *data, size_t len);
bool buf_add_text(struct buf *buf, const char *text);
bool buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for so many bytes more, where that is known or guessed beforehand; an empty buffer
 * gets just as much. False as buf_add(). */
bool buf_room(struct buf *buf, size_t more);

/* Appends text percent-encoded for application/x-www-form-urlencoded (RFC 3986 unreserved kept). */
bool buf_add_form(struct buf *buf, const char *text, size_t len);

/* Empties it and keeps the memory; frees it. Both overwrite the content first when wipe is true. */
void buf_clear(struct buf *buf, bool wipe);
void buf_free(struct buf *buf, bool wipe);

/* Overwrites len bytes in a way the compiler may not drop. */
void buf_wipe(void *data, size_t len);

/* Many allocations, one free. Zero-initialised: empty. */
struct arena {
    struct arena_block *blocks;
    size_t total; /* bytes held from malloc */
};

/* size bytes, aligned for any type, zeroed; NULL without memory. Valid until arena_free(). */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy of len bytes; NULL without memory. */
char *arena_copy(struct arena *arena, const char *text, size_t len);
void arena_free(struct arena *arena);

#endif
