/* SPDX-License-Identifier: MIT */
/*
 * libcurl copies the Authorization header, the form and the answer into buffers of its own and
 * frees them as they are. Tokens would stay in the heap, and in a core file, until something else
 * is written there. So libcurl gets an allocator that wipes on free.
 */
#include "net/net_private.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void *wiping_malloc(size_t size)
{
    return malloc(size);
}

static void wiping_free(void *memory)
{
    if (memory == NULL)
        return;
    buf_wipe(memory, malloc_usable_size(memory));
    free(memory);
}

/* Never realloc(3): it may move the block and leave the old one as it is. */
static void *wiping_realloc(void *memory, size_t size)
{
    size_t old = memory != NULL ? malloc_usable_size(memory) : 0;
    void *moved = malloc(size);

    if (moved == NULL)
        return NULL;
    if (memory != NULL)
        memcpy(moved, memory, old < size ? old : size);
    wiping_free(memory);
    return moved;
}

static char *wiping_strdup(const char *text)
{
    return strdup(text);
}

static void *wiping_calloc(size_t count, size_t size)
{
    return calloc(count, size);
}

bool net_memory_start(void)
{
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wiping_free, wiping_realloc,
                                wiping_strdup, wiping_calloc) == CURLE_OK;
}
