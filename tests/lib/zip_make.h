/* SPDX-License-Identifier: MIT */
/* Zips made in memory, for tests that read them. */
#ifndef TESTS_LIB_ZIP_MAKE_H
#define TESTS_LIB_ZIP_MAKE_H

#include <stdbool.h>
#include <stddef.h>

struct zip_entry {
    const char *name; /* ends in "/": a folder */
    const char *data;
    size_t len;
    bool encrypted, stored;
};

/* A zip of count members in a block of its own (free it); *len gets its size. */
char *zip_make(const struct zip_entry *entries, size_t count, size_t *len);

/* An unlinked file that holds len bytes, open at its beginning. */
int zip_file(const char *data, size_t len);

#endif
