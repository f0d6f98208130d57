/* SPDX-License-Identifier: MIT */
/*
 * web/prometheus: a typed writer of the text format 0.0.4 that Prometheus and its relatives read
 * (prometheus.io/docs/instrumenting/exposition_formats).
 *
 * Never: writes a family without a sample, lets a text end its line or its quotes, writes bytes that
 * are not UTF-8 (they become U+FFFD), writes a number in another notation than plain decimals.
 */
#ifndef WEB_PROMETHEUS_H
#define WEB_PROMETHEUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum prometheus_type { PROMETHEUS_COUNTER, PROMETHEUS_GAUGE, PROMETHEUS_HISTOGRAM };

struct prometheus_label {
    const char *name, *value;
};

/* One family: what goes before its first sample is written with that. */
struct prometheus {
    struct buf *buf;
    const char *name, *help;
    enum prometheus_type type;
    bool begun;
};

/* name: as the format wants it, a literal. help: one line for people. */
struct prometheus prometheus_begin(struct buf *buf, const char *name, enum prometheus_type type,
                                   const char *help);

/* A sample: value / per, where per is 1, 1000 or 1000000. suffix: "" or, of a histogram, "_bucket",
 * "_sum", "_count". */
void prometheus_sample(struct prometheus *family, const char *suffix,
                       const struct prometheus_label *labels, size_t count, int64_t value,
                       int64_t per);

#endif
