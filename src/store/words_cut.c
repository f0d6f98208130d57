/* SPDX-License-Identifier: MIT */
/* The tokenizer of FTS5, called by its own interface (sqlite.org/fts5.html, section 7.1). */
#include "words.h"

#include <stdlib.h>
#include <string.h>

struct words_cutter {
    fts5_tokenizer methods;
    Fts5Tokenizer *tokenizer;
};

static const char what[] = "reading words";

static fts5_api *api_of(sqlite3 *db)
{
    fts5_api *api = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", NULL);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

struct words_cutter *words_cutter_open(struct store *store)
{
    /* As in the table track_words (schema.c). */
    static const char *arguments[] = {"remove_diacritics", "2"};
    struct words_cutter *cutter = calloc(1, sizeof *cutter);
    fts5_api *api = api_of(store->db);
    void *context = NULL;
    if (cutter == NULL) {
        store_fail(store, STORE_NOMEM, "%s: out of memory", what);
        return NULL;
    }
    if (api == NULL ||
        api->xFindTokenizer(api, "unicode61", &context, &cutter->methods) != SQLITE_OK ||
        cutter->methods.xCreate(context, arguments, 2, &cutter->tokenizer) != SQLITE_OK) {
        store_fail(store, STORE_MISUSE, "%s: this SQLite has no FTS5", what);
        free(cutter);
        return NULL;
    }
    return cutter;
}

void words_cutter_close(struct words_cutter *cutter)
{
    if (cutter != NULL) {
        cutter->methods.xDelete(cutter->tokenizer);
        free(cutter);
    }
}

static bool cut(struct words_cutter *cutter, const char *text, void *context, int flags,
                int (*take)(void *, int, const char *, int, int, int))
{
    size_t len = strlen(text);
    if (len > INT32_MAX / 4) {
        return false;
    }
    int code = cutter->methods.xTokenize(cutter->tokenizer, context, flags, text, (int)len, take);
    return code == SQLITE_OK || code == SQLITE_DONE;
}

static int take_wanted(void *context, int flags, const char *token, int len, int from, int to)
{
    struct words *words = context;
    (void)flags, (void)from, (void)to;
    if (words->count == WORDS_MAX) {
        return SQLITE_DONE;
    }
    words->at[words->count] = words->text.len;
    if (!buf_add(&words->text, token, (size_t)len) || !buf_add(&words->text, "", 1)) {
        return SQLITE_NOMEM;
    }
    words->count++;
    return SQLITE_OK;
}

bool words_cut(struct words_cutter *cutter, const char *text, struct words *words)
{
    *words = (struct words){0};
    return cut(cutter, text, words, FTS5_TOKENIZE_QUERY, take_wanted);
}

void words_free(struct words *words)
{
    buf_free(&words->text, false);
    *words = (struct words){0};
}

struct search_in {
    const struct words *words;
    bool found[WORDS_MAX];
    size_t left;
};

static int take_found(void *context, int flags, const char *token, int len, int from, int to)
{
    struct search_in *in = context;
    (void)flags, (void)from, (void)to;
    for (size_t i = 0; i < in->words->count; i++) {
        const char *word = in->words->text.data + in->words->at[i];
        size_t size = strlen(word);
        if (!in->found[i] && size <= (size_t)len && memcmp(token, word, size) == 0) {
            in->found[i] = true;
            in->left--;
        }
    }
    return in->left == 0 ? SQLITE_DONE : SQLITE_OK;
}

bool words_are_in(struct words_cutter *cutter, const struct words *words, const char *text)
{
    struct search_in in = {.words = words, .left = words->count};
    return (words->count == 0 || cut(cutter, text, &in, FTS5_TOKENIZE_DOCUMENT, take_found)) &&
           in.left == 0;
}
