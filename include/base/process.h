/* SPDX-License-Identifier: MIT */
/*
 * base/process: what this process takes of the machine, as the kernel tells it.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdint.h>

#define PROCESS_UNKNOWN INT64_C(-1)

/* PROCESS_UNKNOWN where the system does not tell. */
struct process_measures {
    int64_t resident_bytes, virtual_bytes;
    int64_t cpu_us; /* user and system time since the start */
    int64_t open_fds;
    int64_t max_fds; /* the soft limit */
};

/* Reads /proc (proc(5)) and asks getrusage(2) and getrlimit(2). */
void process_measure(struct process_measures *measures);

#endif
