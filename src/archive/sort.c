/* SPDX-License-Identifier: MIT */
/*
 * archive/sort: one block of memory. Records fill it from the front, in the order in which they
 * come; from its end grows a list of them, and before the list as much room is kept free, in which
 * the list is sorted. When the block is full it is written as a run (archive/sort_runs) and filled
 * anew.
 */
#include "archive/sort.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sort_runs.h"

#define MEMORY_LEAST ((size_t)64 * 1024)
#define MEMORY_MOST ((size_t)UINT32_MAX / 2)

struct entry {
    int64_t key;
    uint32_t at, len; /* of the record, in the block */
};

/* Two for each record: one in the list, and one to sort it in. */
#define ENTRIES_EACH (2 * sizeof(struct entry))

struct archive_sort {
    uint8_t *block;
    size_t size; /* of the block, a multiple of an entry's */
    size_t used; /* bytes of it that are records */
    size_t count;
    bool in_order; /* no record came with a key below the one before */
    int64_t last_key;

    bool reading;            /* no record can be added any more */
    const struct entry *got; /* the sorted list, when all fits into the block */
    size_t given;            /* entries of it that were given */

    char *directory;
    struct sort_runs runs; /* and whatever error there is */
};

struct archive_sort *archive_sort_new(size_t memory, const char *directory)
{
    struct archive_sort *sort = calloc(1, sizeof(*sort));

    if (sort == NULL)
        return NULL;
    if (memory < MEMORY_LEAST)
        memory = MEMORY_LEAST;
    if (memory > MEMORY_MOST)
        memory = MEMORY_MOST;
    /* the longest record fits into the smallest block, with what belongs to it */
    sort->size = memory - memory % sizeof(struct entry) + ENTRIES_EACH;
    sort->block = malloc(sort->size);
    sort->directory = strdup(directory);
    sort->runs.directory = sort->directory;
    sort->runs.fd = -1;
    archive_sort_reset(sort);
    if (sort->block == NULL || sort->directory == NULL) {
        archive_sort_free(sort);
        return NULL;
    }
    return sort;
}

void archive_sort_free(struct archive_sort *sort)
{
    if (sort == NULL)
        return;
    sort_runs_clear(&sort->runs);
    free(sort->directory);
    free(sort->block);
    free(sort);
}

static void empty_block(struct archive_sort *sort)
{
    sort->used = sort->count = 0;
    sort->in_order = true;
    sort->last_key = INT64_MIN;
}

void archive_sort_reset(struct archive_sort *sort)
{
    sort_runs_clear(&sort->runs);
    sort->runs.error[0] = '\0';
    sort->reading = false;
    sort->got = NULL;
    sort->given = 0;
    empty_block(sort);
}

const char *archive_sort_error(const struct archive_sort *sort)
{
    return sort->runs.error[0] != '\0' ? sort->runs.error : NULL;
}

/* The caller does not keep to the order of calls: better told than half of the records. */
static bool fail_order(struct archive_sort *sort, const char *what)
{
    snprintf(sort->runs.error, sizeof(sort->runs.error), "%s", what);
    return false;
}

/* --- the list ------------------------------------------------------------------------------ */

static struct entry *list_end(const struct archive_sort *sort)
{
    return (struct entry *)(void *)(sort->block + sort->size);
}

/* Merges two neighbours, one of left and one of right entries, into a list. Of equal keys the left
 * one is first. */
static void merge(const struct entry *from, size_t left, size_t right, struct entry *into)
{
    const struct entry *one = from;
    const struct entry *other = from + left;
    const struct entry *one_end = other;
    const struct entry *other_end = other + right;

    if (right == 0 || one_end[-1].key <= other->key) { /* as mostly in an export */
        memcpy(into, from, (left + right) * sizeof(*into));
        return;
    }
    while (one < one_end && other < other_end)
        *into++ = other->key < one->key ? *other++ : *one++;
    memcpy(into, one, (size_t)(one_end - one) * sizeof(*into));
    memcpy(into + (one_end - one), other, (size_t)(other_end - other) * sizeof(*into));
}

static size_t at_most(size_t value, size_t most)
{
    return value < most ? value : most;
}

/* Sorts a list, with room for another one; returns which of the two it is in then. In any order
 * that somebody may think of this takes count log count. */
static struct entry *sort_list(struct entry *list, struct entry *room, size_t count)
{
    for (size_t width = 1; width < count; width *= 2) {
        struct entry *other = room;

        for (size_t at = 0; at < count; at += 2 * width) {
            size_t left = at_most(width, count - at);

            merge(list + at, left, at_most(width, count - at - left), room + at);
        }
        room = list;
        list = other;
    }
    return list;
}

/* The list of what is in the block, sorted. */
static const struct entry *sorted(struct archive_sort *sort)
{
    struct entry *list = list_end(sort) - sort->count;

    for (size_t i = 0; i < sort->count / 2; i++) { /* it grew towards the front */
        struct entry entry = list[i];

        list[i] = list[sort->count - 1 - i];
        list[sort->count - 1 - i] = entry;
    }
    return sort->in_order ? list : sort_list(list, list - sort->count, sort->count);
}

/* --- records ------------------------------------------------------------------------------- */

/* Writes what is in the block as a run, and empties it. */
static bool spill(struct archive_sort *sort)
{
    const struct entry *list = sorted(sort);
    bool ok = sort_runs_begin(&sort->runs);

    for (size_t i = 0; ok && i < sort->count; i++)
        ok = sort_runs_add(&sort->runs, list[i].key, sort->block + list[i].at, list[i].len);
    empty_block(sort);
    return ok && sort_runs_end(&sort->runs);
}

static bool fits(const struct archive_sort *sort, size_t len)
{
    return len + ENTRIES_EACH <= sort->size - sort->used - sort->count * ENTRIES_EACH;
}

bool archive_sort_add(struct archive_sort *sort, int64_t key, const void *record, size_t len)
{
    if (archive_sort_error(sort) != NULL)
        return false;
    if (sort->reading)
        return fail_order(sort, "a record came after the first was read");
    if (len == 0 || len > SORT_RECORD_MAX)
        return fail_order(sort, "a record is empty or too long");
    if (!fits(sort, len) && !spill(sort))
        return false;
    memcpy(sort->block + sort->used, record, len);
    sort->count++;
    list_end(sort)[-(ptrdiff_t)sort->count] =
        (struct entry){.key = key, .at = (uint32_t)sort->used, .len = (uint32_t)len};
    sort->used += len;
    sort->in_order = sort->in_order && key >= sort->last_key;
    sort->last_key = key;
    return true;
}

bool archive_sort_rewind(struct archive_sort *sort)
{
    if (archive_sort_error(sort) != NULL)
        return false;
    if (!sort->reading && sort->runs.count == 0)
        sort->got = sorted(sort);
    else if (sort->count > 0 && sort->got == NULL && !spill(sort))
        return false;
    sort->reading = true;
    sort->given = 0;
    return sort->got != NULL || sort_runs_rewind(&sort->runs, sort->block, sort->size);
}

const void *archive_sort_next(struct archive_sort *sort, size_t *len)
{
    const struct entry *entry;

    if (archive_sort_error(sort) != NULL)
        return NULL;
    if (!sort->reading) {
        (void)fail_order(sort, "a record is read before all are sorted");
        return NULL;
    }
    if (sort->got == NULL)
        return sort_runs_next(&sort->runs, len);
    if (sort->given == sort->count)
        return NULL;
    entry = &sort->got[sort->given++];
    *len = entry->len;
    return sort->block + entry->at;
}
