/* SPDX-License-Identifier: MIT */
/*
 * store/imports: which files were imported, and what of them was not taken.
 */
#ifndef STORE_IMPORTS_H
#define STORE_IMPORTS_H

#include "store/tellings.h"

/* An import as it is begun. */
struct store_import_start {
    int64_t user_id;
    const char *file, *hash;
    enum store_source source; /* STORE_SOURCE_EXTENDED or STORE_SOURCE_ACCOUNT */
    int64_t started_at;
};
enum store_result store_import_add(struct store *store, const struct store_import_start *start,
                                   int64_t *import_id);

struct store_import_end {
    int64_t finished_at;
    int64_t rows, added, matched, duplicate, rejected;
    int64_t first_at, last_at; /* STORE_NO_TIME */
};
enum store_result store_import_finish(struct store *store, int64_t import_id,
                                      const struct store_import_end *end);

/* What undoing needs. STORE_NOT_FOUND. */
struct store_import_brief {
    int64_t user_id, started_at, rows;
    char file[512];
    enum store_source source;
};
enum store_result store_import_get(struct store *store, int64_t import_id,
                                   struct store_import_brief *brief);

/* The newest finished import of the same content by the same user, but for import_id.
 * STORE_NOT_FOUND. */
enum store_result store_import_same(struct store *store, int64_t user_id, const char *hash,
                                    int64_t import_id, int64_t *same);

/* Removes it with its rejected rows. No play may refer to it any more, nor a gap. */
enum store_result store_import_remove(struct store *store, int64_t import_id);

/* A row that was not taken. STORE_EXISTS never: a row_no that is there already is passed over. */
enum store_result store_reject_add(struct store *store, int64_t import_id, int64_t row_no,
                                   const char *reason, const char *excerpt);

/* -- for people to look at --------------------------------------------------------------------- */

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
