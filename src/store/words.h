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

#define WORDS_MAX 16 /* of what is searched for; more are passed over */

struct words_cutter; /* the tokenizer of the database's FTS5 */

/* NULL on failure, with a message in the store. */
struct words_cutter *words_cutter_open(struct store *store);
void words_cutter_close(struct words_cutter *cutter);

/* What is searched for, cut. */
struct words {
    struct buf text;      /* the words, each with its NUL */
    size_t at[WORDS_MAX]; /* where each begins in text */
    size_t count;
};

/* False without memory. */
bool words_cut(struct words_cutter *cutter, const char *text, struct words *words);
void words_free(struct words *words);

/* True if each of the words begins a word of the text. */
bool words_are_in(struct words_cutter *cutter, const struct words *words, const char *text);

#endif
