/* SPDX-License-Identifier: MIT */
/* A page of all parts that the style sheet knows, filled with invented music: to look at. */
#ifndef TESTS_UNIT_CHART_SAMPLE_H
#define TESTS_UNIT_CHART_SAMPLE_H

#include "base/buf.h"

/* style: path of the style sheet. */
void chart_sample(struct buf *buf, const char *style);

#endif
