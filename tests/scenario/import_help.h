/* SPDX-License-Identifier: MIT */
/* Packed rows, and the way of an import over the control interface, as the command goes it. */
#ifndef SCENARIO_IMPORT_HELP_H
#define SCENARIO_IMPORT_HELP_H

#include "archive/record.h"
#include "harness.h"

#define IMPORT_T0 INT64_C(1400000000000) /* 2014-05-13: long before anybody is polled */
#define IMPORT_PIECE 262144

/* Records one after another; free(). */
struct import_rows {
    uint8_t *data;
    size_t len, cap;
};

/* Adds a row of a track (number 1, 2 ...) that ended then, and a rejected row. */
void import_add(struct import_rows *rows, int64_t ended_at, int track);
void import_add_rejected(struct import_rows *rows, int64_t row_no, enum archive_reject reason);

/* count rows from a moment on, step ms apart, of 50 tracks in turn. */
struct import_rows import_many(int count, int64_t from, int64_t step);

/* Opens one for an account ("export.json"); hash: 32 digits, NULL: some. Its id, until the next
 * call. */
const char *import_open(int account, const char *hash);

/* "/v1/imports/ID" and what follows; until the next four calls. */
const char *import_path(const char *id, const char *action);

/* Sends bytes; asserts a status; the answer. */
json_t *import_send(const char *id, const void *bytes, size_t len, long expected);

/* Sends all of it in pieces. */
void import_send_all(const char *id, const struct import_rows *rows);

/* Starts it. */
void import_start(const char *id);

/* How it stands: a text ("" for null) or number of it. */
const char *import_text(const char *id, const char *key); /* until the next call */
int64_t import_number(const char *id, const char *key);

/* Waits until it is done; asserts how it ended. */
void import_expect_end(const char *id, const char *end);

/* Opens, sends and starts it; the id as of import_open(). Frees the rows. */
const char *import_begin(int account, const char *hash, struct import_rows rows);

/* The code of a refusal, which it takes; until the next call. */
const char *import_code(json_t *refusal);

#endif
