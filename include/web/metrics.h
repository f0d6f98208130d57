/* SPDX-License-Identifier: MIT */
/*
 * web/metrics: the metrics of /metrics, as one table: name, kind, what it is, where it is read.
 * doc/metrics.md is for those who use them, doc/grafana.json draws them.
 *
 * Never: has a track, an artist or a name of a person in it; reads a clock or the database.
 */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/process.h"
#include "capture/measures.h"
#include "store/measure.h"
#include "web/prometheus.h"

/* All that is known at the moment of the question. What is not known is left out. */
struct metrics_sources {
    int64_t now, started_at; /* wall ms */
    int64_t uptime_ms;
    const char *version;
    const struct measures *recorder;
    int64_t calls_day; /* requests in the last 24 hours; negative: not known */
    bool has_rows;     /* the database could be read */
    struct store_measures rows;
    bool has_sizes;
    struct store_sizes sizes;
    struct process_measures process;
};

struct metric {
    const char *name;
    enum prometheus_type type;
    int64_t per; /* values are in so many to one of the unit: 1000 for ms in seconds */
    const char *help;
    /* One of the three. False: not known. */
    bool (*read)(const struct metrics_sources *from, int64_t *value);
    bool (*of_user)(const struct metrics_sources *from, const struct measures_user *user,
                    int64_t *value);
    void (*write)(struct prometheus *family, const struct metrics_sources *from);
};

extern const struct metric metrics_table[];
extern const size_t metrics_count;

/* Appends all of them. */
void metrics_write(struct buf *buf, const struct metrics_sources *from);

#endif
