/* SPDX-License-Identifier: MIT */
/*
 * archive/row_rules: which values a row may have, for all that makes rows: from JSON
 * (archive/decode) and from packed ones (archive/record).
 */
#ifndef ARCHIVE_ROW_RULES_H
#define ARCHIVE_ROW_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/row.h"

/* The latest moment that is taken, in ms: a play may be a little ahead of our clock. */
int64_t row_latest(int64_t now_ms);

/* From ARCHIVE_EARLIEST to latest; CLOCK_NO_TIME is not. */
bool row_moment_possible(int64_t at, int64_t latest);

/* True if len bytes are a uri that a row may have. They are valid UTF-8 without NUL then, and fit
 * into ARCHIVE_URI_MAX bytes with the NUL behind them. */
bool row_uri_possible(const char *text, size_t len);

/* What the uri of a row says was played; a track unless it says otherwise. */
enum archive_kind row_kind_of_uri(const char *uri);

#endif
