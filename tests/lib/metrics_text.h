/* SPDX-License-Identifier: MIT */
/*
 * A strict reader of the text format that Prometheus reads, version 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats), and of what promtool complains about
 * beyond it. Stricter than the format: HELP and TYPE stand once before each family, and nothing
 * else does.
 */
#ifndef TESTS_LIB_METRICS_TEXT_H
#define TESTS_LIB_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* NULL: all is well. Else the first that is not, valid until the next call. */
const char *metrics_text_problem(const char *text);

/* The value of a series as it is written, labels in order ("x_total{a=\"b\"}"). NULL: it is not
 * there. Valid until the next call. */
const char *metrics_text_value(const char *text, const char *series);

/* The same as a number; a series that is not there ends the test. */
double metrics_text_number(const char *text, const char *series);

/* How many samples have a family's name (suffixes of histograms are other names). */
size_t metrics_text_count(const char *text, const char *name);

/* True if a name may be that of a metric: [a-zA-Z_][a-zA-Z0-9_]* of len bytes (no colon: that is
 * for rules). */
bool metrics_text_is_name(const char *name, size_t len);

#endif
