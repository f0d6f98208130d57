/* SPDX-License-Identifier: MIT */
/*
 * ctl/import_view: what the command import tells: a table, its words, and how far it is. Pure.
 */
#ifndef CTL_IMPORT_VIEW_H
#define CTL_IMPORT_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/import.h"
#include "archive/intake.h"
#include "base/buf.h"
#include "ctl/print.h"

/* What became of a file. */
enum import_outcome {
    IMPORT_STORED,
    IMPORT_KNOWN,       /* imported before, and nothing of it is new */
    IMPORT_NOT_HISTORY, /* something else that Spotify puts into its zips */
    IMPORT_BROKEN,      /* not understood: why */
    IMPORT_FAILED,      /* understood, but the database took nothing of it: why */
    IMPORT_LOST         /* the daemon had all of it, and did not say any more how it ended */
};

struct import_line {
    enum import_outcome outcome;
    char file[ARCHIVE_NAME_SIZE];
    enum archive_form form;
    struct archive_import_counts counts;
    int64_t import_id; /* 0: none */
    int64_t records;   /* rows that were handed in; counts must say the same */
    int64_t repaired;  /* characters */
    char why[ARCHIVE_INTAKE_ERROR_SIZE];
};

/* Zero-initialised: empty. */
struct import_list {
    struct import_line *items;
    size_t count, cap;
};

/* Adds one; NULL without memory. Valid until the next. */
struct import_line *import_list_add(struct import_list *list);
void import_list_free(struct import_list *list);

/* True if each row ended in one way, and none is missing. */
bool import_line_adds_up(const struct import_line *line);

/* Whether any file was a history that was understood. */
bool import_list_has_history(const struct import_list *list);

/* A row a file and a total, and below it rejected rows in words, what was repaired, which gaps are
 * filled, what was not understood. */
void import_view_table(const struct import_list *list, bool dry_run, struct buf *out);

/* One line about one file. */
void import_view_line(const struct import_line *line, bool dry_run, struct buf *out);

/* The same as the table; a new reference, NULL without memory. */
json_t *import_view_json(const struct import_list *list, int64_t user_id, bool dry_run);

/* Counts as a JSON object {"read", "new", ...}; a new reference. */
json_t *import_counts_json(const struct archive_import_counts *counts);

/* What is wrong with a rejected row: "neither a title nor an address (...)". By its word, as in the
 * table import_rejects; a word that is not known is given back. */
const char *import_reject_words(const char *word);

/* A name for a cell of a table: of one that is too long the end, which tells more. */
const char *import_name_cell(const char *name, char cell[static PRINT_CELL_SIZE]);

/* "long", "short" */
const char *import_form_name(enum archive_form form);

/* -- how far it is ----------------------------------------------------------------------------- */

struct import_meter {
    int64_t total;        /* bytes of all files, -1: nobody knows */
    int64_t read, stored; /* bytes of files that were read, that went into the database */
    int64_t rows;         /* that did */
    int64_t elapsed_ms;
};

/* How much of it is done, in thousandths; -1: nobody knows. Storing takes longer than reading. */
int import_meter_share(const struct import_meter *meter);

/* Appends a line of less than columns: a bar, rows, rows a second, time left. */
void import_meter_add(const struct import_meter *meter, size_t columns, struct buf *out);

#endif
