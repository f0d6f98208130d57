/* SPDX-License-Identifier: MIT */
#include "capture/schedule.h"

#include <stdlib.h>

bool schedule_reserve(struct schedule *schedule, size_t count)
{
    struct schedule_entry **heap;

    if (count <= schedule->cap)
        return true;
    heap = reallocarray(schedule->heap, count, sizeof(struct schedule_entry *));
    if (!heap)
        return false;
    schedule->heap = heap;
    schedule->cap = count;
    return true;
}

void schedule_free(struct schedule *schedule)
{
    free(schedule->heap);
    *schedule = (struct schedule){0};
}

static void place(struct schedule *schedule, struct schedule_entry *entry, size_t index)
{
    schedule->heap[index] = entry;
    entry->index = index;
}

static void sift_up(struct schedule *schedule, struct schedule_entry *entry)
{
    size_t index = entry->index;

    for (; index > 0 && schedule->heap[(index - 1) / 2]->due > entry->due; index = (index - 1) / 2)
        place(schedule, schedule->heap[(index - 1) / 2], index);
    place(schedule, entry, index);
}

static void sift_down(struct schedule *schedule, struct schedule_entry *entry)
{
    size_t index = entry->index;

    for (;;) {
        size_t child = 2 * index + 1;

        if (child + 1 < schedule->count &&
            schedule->heap[child + 1]->due < schedule->heap[child]->due)
            child++;
        if (child >= schedule->count || schedule->heap[child]->due >= entry->due)
            break;
        place(schedule, schedule->heap[child], index);
        index = child;
    }
    place(schedule, entry, index);
}

void schedule_set(struct schedule *schedule, struct schedule_entry *entry, int64_t due)
{
    if (entry->index == SCHEDULE_OUT)
        place(schedule, entry, schedule->count++);
    entry->due = due;
    sift_up(schedule, entry);
    sift_down(schedule, entry);
}

void schedule_remove(struct schedule *schedule, struct schedule_entry *entry)
{
    struct schedule_entry *moved;
    size_t hole = entry->index;

    if (hole == SCHEDULE_OUT)
        return;
    entry->index = SCHEDULE_OUT;
    moved = schedule->heap[--schedule->count];
    if (moved == entry)
        return;
    place(schedule, moved, hole);
    sift_up(schedule, moved);
    sift_down(schedule, moved);
}

struct schedule_entry *schedule_first(const struct schedule *schedule)
{
    return schedule->count > 0 ? schedule->heap[0] : NULL;
}
