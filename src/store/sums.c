/* SPDX-License-Identifier: MIT */
#include "store/sums.h"

#include <stdlib.h>
#include <string.h>

#define NEAR_FIRST 64
#define NEAR_MOST 65536 /* pages: 4 million numbers */
#define BITS_FIRST 6
#define BITS_MOST 31
#define PAGES_MOST ((size_t)1 << 30)
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

/* Where the index of a low page stands, which nearly all are: a number that nobody made up. */
static uint32_t *near_slot(const struct store_sums *sums, uint64_t number)
{
    return number < sums->near_count ? &sums->near[number] : NULL;
}

static size_t far_slot(const struct store_sums *sums, uint64_t number)
{
    size_t mask = ((size_t)1 << sums->bits) - 1;
    size_t slot = (size_t)(number * MIX >> (64 - sums->bits));
    while (sums->far[slot] != 0 && sums->pages[sums->far[slot] - 1].number != number) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Index of the page plus 1; 0: there is none. */
static uint32_t page_find(const struct store_sums *sums, uint64_t number)
{
    if (number < NEAR_MOST) {
        const uint32_t *slot = near_slot(sums, number);
        return slot != NULL ? *slot : 0;
    }
    return sums->far != NULL ? sums->far[far_slot(sums, number)] : 0;
}

static bool near_grow(struct store_sums *sums, uint64_t number)
{
    size_t count = sums->near_count > 0 ? sums->near_count : NEAR_FIRST;
    while (count <= number) {
        count *= 2;
    }
    uint32_t *near = reallocarray(sums->near, count, sizeof *near);
    if (near == NULL) {
        return false;
    }
    memset(near + sums->near_count, 0, (count - sums->near_count) * sizeof *near);
    sums->near = near;
    sums->near_count = count;
    return true;
}

static bool far_grow(struct store_sums *sums)
{
    unsigned bits = sums->far != NULL ? sums->bits + 1 : BITS_FIRST;
    uint32_t *far = bits <= BITS_MOST ? calloc((size_t)1 << bits, sizeof *far) : NULL;
    if (far == NULL) {
        return false;
    }
    free(sums->far);
    sums->far = far;
    sums->bits = bits;
    for (size_t i = 0; i < sums->count; i++) {
        if (sums->pages[i].number >= NEAR_MOST) {
            far[far_slot(sums, sums->pages[i].number)] = (uint32_t)i + 1;
        }
    }
    return true;
}

static bool pages_grow(struct store_sums *sums)
{
    size_t cap = sums->cap > 0 ? 2 * sums->cap : 4;
    struct store_sums_page *pages =
        cap <= PAGES_MOST ? reallocarray(sums->pages, cap, sizeof *pages) : NULL;
    if (pages == NULL) {
        return false;
    }
    sums->pages = pages;
    sums->cap = cap;
    return true;
}

/* The slot of a page that is to be made; NULL without memory. */
static uint32_t *slot_make(struct store_sums *sums, uint64_t number)
{
    if (number < NEAR_MOST) {
        return number < sums->near_count || near_grow(sums, number) ? near_slot(sums, number)
                                                                    : NULL;
    }
    bool full = sums->far == NULL || 2 * (sums->count + 1) > (size_t)1 << sums->bits;
    return !full || far_grow(sums) ? &sums->far[far_slot(sums, number)] : NULL;
}

static struct store_sums_page *page_make(struct store_sums *sums, uint64_t number)
{
    if (sums->count == sums->cap && !pages_grow(sums)) {
        return NULL;
    }
    uint32_t *slot = slot_make(sums, number);
    if (slot == NULL) {
        return NULL;
    }
    struct store_sums_page *page = &sums->pages[sums->count];
    memset(page, 0, sizeof *page);
    page->number = number;
    *slot = (uint32_t)++sums->count;
    return page;
}

struct store_sum *store_sums_at(struct store_sums *sums, int64_t id)
{
    uint64_t number = (uint64_t)id / STORE_SUMS_PAGE;
    uint32_t known = page_find(sums, number);
    struct store_sums_page *page = known != 0 ? &sums->pages[known - 1] : page_make(sums, number);
    return page != NULL ? &page->items[(uint64_t)id % STORE_SUMS_PAGE] : NULL;
}

const struct store_sum *store_sums_find(const struct store_sums *sums, int64_t id)
{
    uint32_t known = page_find(sums, (uint64_t)id / STORE_SUMS_PAGE);
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

struct place {
    int64_t first; /* id */
    const struct store_sums_page *page;
};

static int by_first(const void *one, const void *other)
{
    const struct place *a = one, *b = other;
    return (a->first > b->first) - (a->first < b->first);
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
    struct place *places = calloc(sums->count + 1, sizeof *places);
    *counts = (struct store_counts){.items = calloc(count_items(sums) + 1, sizeof *counts->items)};
    if (places == NULL || counts->items == NULL) {
        free(places);
        free(counts->items);
        counts->items = NULL;
        return false;
    }
    for (size_t i = 0; i < sums->count; i++) {
        places[i] = (struct place){first_id(&sums->pages[i]), &sums->pages[i]};
    }
    qsort(places, sums->count, sizeof *places, by_first);
    for (size_t i = 0; i < sums->count; i++) {
        page_list(places[i].page, counts);
    }
    free(places);
    return true;
}

void store_sums_free(struct store_sums *sums)
{
    free(sums->pages);
    free(sums->near);
    free(sums->far);
    *sums = (struct store_sums){0};
}
