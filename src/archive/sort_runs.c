/* SPDX-License-Identifier: MIT */
/*
 * archive/sort_runs: the file is one run after another, and a run one record after another: two
 * bytes of length, eight of the key, the record. Numbers are as this machine has them.
 */
#include "sort_runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/outfile.h"
#include "archive/tempfile.h"
#include "base/text.h"

#define HEAD 10                          /* bytes before a record */
#define CARRY (HEAD + SORT_RECORD_MAX)   /* bytes that are written at once */
#define BUFFER_LEAST 4096                /* bytes of a run that are read at once */
#define PLACE sizeof(void *)             /* of a run in the heap */
#define BUFFER_MOST ((size_t)256 * 1024) /* more does not make it faster */

_Static_assert(BUFFER_LEAST >= HEAD, "the head of a record fits into the buffer of its run");

struct sort_run {
    int64_t begin, end; /* in the file */

    /* While it is read: */
    int64_t at; /* what of the file comes next into the buffer */
    uint8_t *buffer;
    size_t buffer_size, used, have; /* bytes of the buffer that are spent, and that there are */
    int64_t key;                    /* of the record to come */
    size_t len;                     /* its bytes, all behind the spent ones; 0: there is none */
};

static bool fail(struct sort_runs *runs, const char *what, int error)
{
    char folder[128];

    text_line(runs->directory, strlen(runs->directory), folder, sizeof(folder));
    snprintf(runs->error, sizeof(runs->error), "%s a temporary file in %s: %s", what, folder,
             strerror(error));
    return false;
}

static bool fail_memory(struct sort_runs *runs)
{
    snprintf(runs->error, sizeof(runs->error), "out of memory");
    return false;
}

void sort_runs_clear(struct sort_runs *runs)
{
    if (runs->fd >= 0)
        close(runs->fd);
    free(runs->run);
    free(runs->carry);
    runs->fd = -1;
    runs->end = 0;
    runs->run = NULL;
    runs->carry = NULL;
    runs->heap = NULL;
    runs->count = runs->room = runs->carried = runs->heap_count = 0;
}

/* --- writing ------------------------------------------------------------------------------- */

static bool flush(struct sort_runs *runs)
{
    int error = outfile_write(runs->fd, runs->carry, runs->carried);

    if (error != 0)
        return fail(runs, "cannot write", error);
    runs->end += (int64_t)runs->carried;
    runs->carried = 0;
    return true;
}

/* Adds the head of a record and returns where the record itself is to be put; NULL on failure. */
static uint8_t *carry(struct sort_runs *runs, int64_t key, size_t len)
{
    uint16_t short_len = (uint16_t)len;
    uint8_t *at;

    if (CARRY - runs->carried < HEAD + len && !flush(runs))
        return NULL;
    at = runs->carry + runs->carried;
    memcpy(at, &short_len, 2);
    memcpy(at + 2, &key, 8);
    runs->carried += HEAD + len;
    return at + HEAD;
}

/* The file, the block to write from, and room for another run. */
static bool make_ready(struct sort_runs *runs)
{
    if (runs->carry == NULL && (runs->carry = malloc(CARRY)) == NULL)
        return fail_memory(runs);
    if (runs->fd < 0 && (runs->fd = tempfile_open(runs->directory)) < 0)
        return fail(runs, "cannot make", errno);
    if (runs->count == runs->room) {
        size_t room = runs->room > 0 ? 2 * runs->room : 16;
        struct sort_run *run = realloc(runs->run, room * sizeof(*run));

        if (run == NULL)
            return fail_memory(runs);
        runs->run = run;
        runs->room = room;
    }
    return true;
}

bool sort_runs_begin(struct sort_runs *runs)
{
    if (!make_ready(runs))
        return false;
    runs->run[runs->count++] = (struct sort_run){.begin = runs->end};
    return true;
}

bool sort_runs_add(struct sort_runs *runs, int64_t key, const void *record, size_t len)
{
    uint8_t *into = carry(runs, key, len);

    if (into == NULL)
        return false;
    memcpy(into, record, len);
    return true;
}

bool sort_runs_end(struct sort_runs *runs)
{
    if (!flush(runs))
        return false;
    runs->run[runs->count - 1].end = runs->end;
    return true;
}

/* --- reading ------------------------------------------------------------------------------- */

/* Reads on behind what is left in the buffer of a run, which has room. */
static bool refill(struct sort_runs *runs, struct sort_run *run)
{
    size_t left = run->have - run->used;
    size_t more = run->buffer_size - left;
    ssize_t got;

    memmove(run->buffer, run->buffer + run->used, left);
    run->used = 0;
    run->have = left;
    if ((int64_t)more > run->end - run->at)
        more = (size_t)(run->end - run->at);
    do
        got = pread(runs->fd, run->buffer + left, more, run->at);
    while (got < 0 && errno == EINTR);
    if (got <= 0) /* the run goes on, but the file does not */
        return fail(runs, "cannot read", got < 0 ? errno : EIO);
    run->at += got;
    run->have += (size_t)got;
    return true;
}

/* Reads the head of the record to come; its length is 0 at the end of the run. */
static bool read_head(struct sort_runs *runs, struct sort_run *run)
{
    uint16_t len;

    run->len = 0;
    if (run->used == run->have && run->at == run->end)
        return true;
    while (run->have - run->used < HEAD)
        if (!refill(runs, run))
            return false;
    memcpy(&len, run->buffer + run->used, 2);
    memcpy(&run->key, run->buffer + run->used + 2, 8);
    run->used += HEAD;
    run->len = len;
    return len > 0 || fail(runs, "cannot read", EIO);
}

/* Moves the record to come out of the run. */
static bool take(struct sort_runs *runs, struct sort_run *run, uint8_t *into)
{
    for (size_t left = run->len; left > 0;) {
        size_t part = run->have - run->used;

        if (part == 0) {
            if (!refill(runs, run))
                return false;
            continue;
        }
        if (part > left)
            part = left;
        memcpy(into, run->buffer + run->used, part);
        run->used += part;
        into += part;
        left -= part;
    }
    return read_head(runs, run);
}

/* --- the heap ------------------------------------------------------------------------------ */

/* Runs stand in the list in the order in which their records came. */
static bool is_before(const struct sort_run *one, const struct sort_run *other)
{
    return one->key != other->key ? one->key < other->key : one < other;
}

static void sink(struct sort_run **heap, size_t count, size_t at)
{
    struct sort_run *run = heap[at];

    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && is_before(heap[child + 1], heap[child]))
            child++;
        if (is_before(run, heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = run;
}

/* Takes the least record of all out of its run. */
static bool take_least(struct sort_runs *runs, uint8_t *into)
{
    struct sort_run **heap = runs->heap;

    if (!take(runs, heap[0], into))
        return false;
    if (heap[0]->len == 0)
        heap[0] = heap[--runs->heap_count];
    if (runs->heap_count > 0)
        sink(heap, runs->heap_count, 0);
    return true;
}

/* Goes to the beginning of some runs, each with its part of the memory: first the heap, then the
 * buffers. */
static bool open_runs(struct sort_runs *runs, size_t first, size_t count, void *memory, size_t size)
{
    uint8_t *buffers = (uint8_t *)memory + count * PLACE;
    size_t each = count > 0 ? (size - count * PLACE) / count : 0;

    if (each > BUFFER_MOST)
        each = BUFFER_MOST;
    runs->heap = memory;
    runs->heap_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct sort_run *run = &runs->run[first + i];

        run->at = run->begin;
        run->used = run->have = 0;
        run->buffer = buffers + i * each;
        run->buffer_size = each;
        if (!read_head(runs, run))
            return false;
        if (run->len > 0)
            runs->heap[runs->heap_count++] = run;
    }
    for (size_t i = runs->heap_count / 2; i-- > 0;)
        sink(runs->heap, runs->heap_count, i);
    return true;
}

/* --- merging ------------------------------------------------------------------------------- */

/* Makes one run of count runs that follow one another. It stands at the end of the file, and in the
 * list at their place. */
static bool merge(struct sort_runs *runs, size_t first, size_t count, void *memory, size_t size)
{
    struct sort_run merged = {.begin = runs->end};

    if (!open_runs(runs, first, count, memory, size))
        return false;
    while (runs->heap_count > 0) {
        uint8_t *into = carry(runs, runs->heap[0]->key, runs->heap[0]->len);

        if (into == NULL || !take_least(runs, into))
            return false;
    }
    if (!flush(runs))
        return false;
    merged.end = runs->end;
    for (size_t i = first; i < first + count; i++) /* what is read no more need not be kept */
        (void)fallocate(runs->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, runs->run[i].begin,
                        runs->run[i].end - runs->run[i].begin);
    runs->run[first] = merged;
    memmove(&runs->run[first + 1], &runs->run[first + count],
            (runs->count - first - count) * sizeof(merged));
    runs->count -= count - 1;
    return true;
}

/* Merges neighbours until most runs are left at most: all of them once before one a second time. */
static bool make_fewer(struct sort_runs *runs, size_t most, void *memory, size_t size)
{
    for (size_t first = 0; runs->count > most; first++) {
        size_t count = runs->count - most + 1;

        if (first + 1 >= runs->count)
            first = 0;
        if (count > most)
            count = most;
        if (count > runs->count - first)
            count = runs->count - first;
        if (!merge(runs, first, count, memory, size))
            return false;
    }
    return true;
}

bool sort_runs_rewind(struct sort_runs *runs, void *memory, size_t size)
{
    size_t most = size / (BUFFER_LEAST + PLACE);

    return make_fewer(runs, most, memory, size) && open_runs(runs, 0, runs->count, memory, size);
}

const void *sort_runs_next(struct sort_runs *runs, size_t *len)
{
    if (runs->heap_count == 0)
        return NULL;
    *len = runs->heap[0]->len;
    if (take_least(runs, runs->carry))
        return runs->carry;
    runs->heap_count = 0;
    return NULL;
}
