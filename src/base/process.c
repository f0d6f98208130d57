/* SPDX-License-Identifier: MIT */
#include "base/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void read_memory(struct process_measures *measures)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long page = sysconf(_SC_PAGESIZE);
    char line[128], *rest;
    intmax_t whole, resident;

    if (!file)
        return;
    if (page > 0 && fgets(line, sizeof(line), file)) {
        whole = strtoimax(line, &rest, 10);
        resident = rest > line ? strtoimax(rest, NULL, 10) : 0;
        if (whole > 0 && resident > 0) {
            measures->virtual_bytes = (int64_t)whole * page;
            measures->resident_bytes = (int64_t)resident * page;
        }
    }
    fclose(file);
}

static void count_descriptors(struct process_measures *measures)
{
    DIR *folder = opendir("/proc/self/fd");
    int64_t count = 0;

    if (!folder)
        return;
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    measures->open_fds = count - 1; /* without the one just closed */
}

void process_measure(struct process_measures *measures)
{
    struct rusage usage;
    struct rlimit limit;

    *measures = (struct process_measures){PROCESS_UNKNOWN, PROCESS_UNKNOWN, PROCESS_UNKNOWN,
                                          PROCESS_UNKNOWN, PROCESS_UNKNOWN};
    read_memory(measures);
    count_descriptors(measures);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        measures->cpu_us =
            ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
            usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        measures->max_fds = (int64_t)limit.rlim_cur;
}
