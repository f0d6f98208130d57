/* SPDX-License-Identifier: MIT */
#include "store/sums.h"

#include <stdlib.h>
#include <string.h>

#define BITS_FIRST 6
#define BITS_MOST 31
#define MIX                                                                              \
    UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden ratio: spreads what lies in a row \
                                  */

struct store_sums_page {
    uint64_t number; /* id / STORE_SUMS_PAGE of all that are in it, as of an unsigned one */
    struct store_sum items[STORE_SUMS_PAGE];
};

int64_t store_sum_wrap(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* -- pages by their number --------------------------------------------------------------------- */

static size_t slot_of(const struct store_sums *sums, uint64_t number)
{
    size_t mask = ((size_t)1 << sums->bits) - 1;
    size_t slot = (size_t)(number * MIX >> (64 - sums->bits));
    while (sums->slots[slot] != 0 && sums->pages[sums->slots[slot] - 1].number != number) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static bool slots_grow(struct store_sums *sums)
{
    unsigned bits = sums->slots != NULL ? sums->bits + 1 : BITS_FIRST;
    uint32_t *slots = bits <= BITS_MOST ? calloc((size_t)1 << bits, sizeof *slots) : NULL;
    if (slots == NULL) {
        return false;
    }
    free(sums->slots);
    sums->slots = slots;
    sums->bits = bits;
    for (size_t i = 0; i < sums->count; i++) {
        slots[slot_of(sums, sums->pages[i].number)] = (uint32_t)i + 1;
    }
    return true;
}

static bool pages_grow(struct store_sums *sums)
{
    size_t cap = sums->cap > 0 ? 2 * sums->cap : 4;
    struct store_sums_page *pages = reallocarray(sums->pages, cap, sizeof *pages);
    if (pages == NULL) {
        return false;
    }
    sums->pages = pages;
    sums->cap = cap;
    return true;
}

static struct store_sums_page *page_make(struct store_sums *sums, uint64_t number)
{
    if (sums->slots == NULL || 2 * (sums->count + 1) > (size_t)1 << sums->bits) {
        if (!slots_grow(sums)) {
            return NULL;
        }
    }
    if (sums->count == sums->cap && !pages_grow(sums)) {
        return NULL;
    }
    struct store_sums_page *page = &sums->pages[sums->count];
    memset(page, 0, sizeof *page);
    page->number = number;
    sums->slots[slot_of(sums, number)] = (uint32_t)++sums->count;
    return page;
}

struct store_sum *store_sums_at(struct store_sums *sums, int64_t id)
{
    uint64_t number = (uint64_t)id / STORE_SUMS_PAGE;
    size_t at = (uint64_t)id % STORE_SUMS_PAGE;
    if (sums->last < sums->count && sums->pages[sums->last].number == number) {
        return &sums->pages[sums->last].items[at];
    }
    uint32_t known = sums->slots != NULL ? sums->slots[slot_of(sums, number)] : 0;
    struct store_sums_page *page = known != 0 ? &sums->pages[known - 1] : page_make(sums, number);
    if (page == NULL) {
        return NULL;
    }
    sums->last = (size_t)(page - sums->pages);
    return &page->items[at];
}

const struct store_sum *store_sums_find(const struct store_sums *sums, int64_t id)
{
    if (sums->slots == NULL) {
        return NULL;
    }
    uint32_t known = sums->slots[slot_of(sums, (uint64_t)id / STORE_SUMS_PAGE)];
    if (known == 0) {
        return NULL;
    }
    const struct store_sum *sum = &sums->pages[known - 1].items[(uint64_t)id % STORE_SUMS_PAGE];
    return sum->plays != 0 ? sum : NULL;
}

bool store_sums_add(struct store_sums *sums, int64_t id, int64_t plays, int64_t listened_ms)
{
    struct store_sum *sum = store_sums_at(sums, id);
    if (sum == NULL) {
        return false;
    }
    sum->plays = store_sum_wrap(sum->plays, plays);
    sum->listened_ms = store_sum_wrap(sum->listened_ms, listened_ms);
    return true;
}

/* -- all of them in order ---------------------------------------------------------------------- */

static int64_t first_id(const struct store_sums_page *page)
{
    return (int64_t)(page->number * STORE_SUMS_PAGE);
}

static int by_number(const void *one, const void *other)
{
    int64_t a = first_id(*(const struct store_sums_page *const *)one);
    int64_t b = first_id(*(const struct store_sums_page *const *)other);
    return (a > b) - (a < b);
}

static size_t count_items(const struct store_sums *sums)
{
    size_t count = 0;
    for (size_t i = 0; i < sums->count; i++) {
        for (size_t j = 0; j < STORE_SUMS_PAGE; j++) {
            count += sums->pages[i].items[j].plays != 0;
        }
    }
    return count;
}

static void page_list(const struct store_sums_page *page, struct store_counts *counts)
{
    for (size_t j = 0; j < STORE_SUMS_PAGE; j++) {
        const struct store_sum *sum = &page->items[j];
        if (sum->plays != 0) {
            counts->items[counts->count++] = (struct store_count){
                .id = first_id(page) + (int64_t)j,
                .plays = sum->plays,
                .listened_ms = sum->listened_ms,
            };
        }
    }
}

bool store_sums_list(const struct store_sums *sums, struct store_counts *counts)
{
    const struct store_sums_page **pages = calloc(sums->count + 1, sizeof *pages);
    *counts = (struct store_counts){.items = calloc(count_items(sums) + 1, sizeof *counts->items)};
    if (pages == NULL || counts->items == NULL) {
        free(pages);
        free(counts->items);
        counts->items = NULL;
        return false;
    }
    for (size_t i = 0; i < sums->count; i++) {
        pages[i] = &sums->pages[i];
    }
    qsort(pages, sums->count, sizeof(struct store_sums_page *), by_number);
    for (size_t i = 0; i < sums->count; i++) {
        page_list(pages[i], counts);
    }
    free(pages);
    return true;
}

void store_sums_free(struct store_sums *sums)
{
    free(sums->pages);
    free(sums->slots);
    *sums = (struct store_sums){0};
}
