/* SPDX-License-Identifier: MIT */
/* The tokenizer of FTS5, called by its own interface (sqlite.org/fts5.html, section 7.1). */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define WORDS_MAX STORE_SEARCH_WORDS_MAX /* a word is a byte at least */

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

struct words_cutter *words_cutter_open(struct store *store, enum store_result *result)
{
    /* As in the table track_words (STORE_WORDS_TABLE). */
    static const char *arguments[] = {"remove_diacritics", "2"};
    struct words_cutter *cutter = calloc(1, sizeof *cutter);
    fts5_api *api = api_of(store->db);
    void *context = NULL;
    *result = STORE_OK;
    if (cutter == NULL) {
        *result = store_fail(store, STORE_NOMEM, "%s: out of memory", what);
        return NULL;
    }
    if (api == NULL ||
        api->xFindTokenizer(api, "unicode61", &context, &cutter->methods) != SQLITE_OK ||
        cutter->methods.xCreate(context, arguments, 2, &cutter->tokenizer) != SQLITE_OK) {
        *result = store_fail(store, STORE_MISUSE, "%s: this SQLite has no FTS5", what);
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

static bool cut(struct words_cutter *cutter, const char *text, size_t len, void *context, int flags,
                int (*take)(void *, int, const char *, int, int, int))
{
    if (len > INT32_MAX / 4) {
        return false;
    }
    int code = cutter->methods.xTokenize(cutter->tokenizer, context, flags, text, (int)len, take);
    return code == SQLITE_OK || code == SQLITE_DONE;
}

/* -- what is searched for ---------------------------------------------------------------------- */

static const char *word_at(const struct words *words, size_t i)
{
    return words->text.data + words->at[i];
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

/* Of two equal ones the first is kept. */
static bool is_implied(const struct words *words, size_t i)
{
    size_t len = strlen(word_at(words, i));
    for (size_t j = 0; j < words->count; j++) {
        if (j != i && strncmp(word_at(words, i), word_at(words, j), len) == 0 &&
            (j < i || word_at(words, j)[len] != '\0')) {
            return true;
        }
    }
    return false;
}

static void drop_implied(struct words *words)
{
    for (size_t i = words->count; i-- > 0;) {
        if (is_implied(words, i)) {
            words->count--;
            memmove(&words->at[i], &words->at[i + 1], (words->count - i) * sizeof *words->at);
        }
    }
}

/* So much of a text, and no part of a letter at its end. A blank takes the place of each byte that
 * is no UTF-8: what FTS5 makes of such bytes it cuts in another way when it reads it again. */
static size_t copy_wanted(const char *text, char wanted[static STORE_SEARCH_WORDS_MAX])
{
    size_t size = strnlen(text, STORE_SEARCH_WORDS_MAX + 4);
    size_t len = 0;
    while (len < size) {
        size_t step = text_utf8_length(text + len, size - len);
        if (len + (step > 0 ? step : 1) > STORE_SEARCH_WORDS_MAX) {
            break;
        }
        memcpy(wanted + len, step > 0 ? text + len : " ", step > 0 ? step : 1);
        len += step > 0 ? step : 1;
    }
    return len;
}

bool words_cut(struct words_cutter *cutter, const char *text, struct words *words)
{
    char wanted[STORE_SEARCH_WORDS_MAX];
    *words = (struct words){0};
    words->at = calloc(WORDS_MAX, sizeof *words->at);
    if (words->at == NULL ||
        !cut(cutter, wanted, copy_wanted(text, wanted), words, FTS5_TOKENIZE_QUERY, take_wanted)) {
        return false;
    }
    drop_implied(words);
    return true;
}

void words_free(struct words *words)
{
    buf_free(&words->text, false);
    free(words->at);
    *words = (struct words){0};
}

/* -- a text that may have them ----------------------------------------------------------------- */

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
        const char *word = word_at(in->words, i);
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
    return cut(cutter, text, strlen(text), &in, FTS5_TOKENIZE_DOCUMENT, take_found) && in.left == 0;
}
