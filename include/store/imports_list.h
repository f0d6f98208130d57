/* SPDX-License-Identifier: MIT */
/* store/imports_list: the imports that there are, and their rejected rows, for people to look at.
 * Reads only. */
#ifndef STORE_IMPORTS_LIST_H
#define STORE_IMPORTS_LIST_H

#include "store/users.h"

struct store_import {
    int64_t import_id, user_id;
    char file[512];
    char hash[80];
    char source[16]; /* "extended", "account" */
    int64_t started_at;
    int64_t finished_at;       /* STORE_NO_TIME */
    int64_t first_at, last_at; /* moments of the rows that were taken; STORE_NO_TIME */
    int64_t row_count, added, matched, duplicate, rejected;
};

/* All of them in order of import_id, into a malloc'ed array; the caller frees it. */
enum store_result store_imports_load(struct store *store, struct store_import **imports,
                                     size_t *count);

/* One of them. STORE_NOT_FOUND. */
enum store_result store_import_load(struct store *store, int64_t import_id,
                                    struct store_import *import);

/* A row that was not taken. Texts are valid until the function it is handed to returns. */
struct store_import_reject {
    int64_t row_no;      /* place in its file, from 1 */
    const char *reason;  /* a short word, see archive/row.h */
    const char *excerpt; /* "": none */
};
typedef void store_import_reject_take(const struct store_import_reject *reject, void *context);

/* Hands each of an import to take, in order. An import without any, or that is not there, has none.
 */
enum store_result store_import_rejects(struct store *store, int64_t import_id,
                                       store_import_reject_take *take, void *context);

#endif
