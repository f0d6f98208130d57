/* SPDX-License-Identifier: MIT */
/* capture/schedule: who is due next: a binary heap of deadlines. Never looks at a clock. */
#ifndef CAPTURE_SCHEDULE_H
#define CAPTURE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_OUT SIZE_MAX

/* To be embedded; index is SCHEDULE_OUT while it is in no heap. */
struct schedule_entry {
    int64_t due;
    size_t index;
};

struct schedule {
    struct schedule_entry **heap;
    size_t count, cap;
};

/* Room for count entries, so that schedule_set() cannot fail. False without memory. */
bool schedule_reserve(struct schedule *schedule, size_t count);
void schedule_free(struct schedule *schedule);

/* Puts an entry at a due time, or moves it there. */
void schedule_set(struct schedule *schedule, struct schedule_entry *entry, int64_t due);

/* Takes it out; fine when it is not in. */
void schedule_remove(struct schedule *schedule, struct schedule_entry *entry);

/* The entry due first, or NULL. */
struct schedule_entry *schedule_first(const struct schedule *schedule);

#endif
