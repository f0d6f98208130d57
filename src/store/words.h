/* SPDX-License-Identifier: MIT */
/*
 * store/words: text cut into words as FTS5 cuts it, so that what a person types, what the index has
 * and what it does not have yet are compared by one rule.
 */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "base/buf.h"
#include "store/search.h"
#include "store/store_private.h"

struct words_cutter; /* the tokenizer of the database's FTS5 */

/* NULL on failure, with *result and a message in the store. */
struct words_cutter *words_cutter_open(struct store *store, enum store_result *result);
void words_cutter_close(struct words_cutter *cutter);

/* What is searched for, cut. No word begins another: who has the longer one has both. */
struct words {
    struct buf text; /* the words, each with its NUL */
    size_t *at;      /* where each begins in text */
    size_t count;
};

/* Of the first STORE_SEARCH_WORDS_MAX bytes. False without memory. words_free() in any case. */
bool words_cut(struct words_cutter *cutter, const char *text, struct words *words);
void words_free(struct words *words);

/* True if each of the words begins a word of the text; there is at least one. */
bool words_are_in(struct words_cutter *cutter, const struct words *words, const char *text);

struct store_tracks {
    bool all; /* there was no word */
    struct store_ids ids;
};

#endif
