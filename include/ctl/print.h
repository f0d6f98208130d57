/* SPDX-License-Identifier: MIT */
/*
 * ctl/print: what the commands print: lines and tables in a buf, written out at once.
 *
 * Never: lets a control character of a name, a title or a message through to the terminal.
 */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define PRINT_COLUMNS_MAX 12
#define PRINT_CELL_SIZE 100 /* bytes of a cell, NUL included; longer ones are cut */
#define PRINT_TIME_SIZE 40

/* Appends text; control and bidi characters and what is not UTF-8 become \xNN. NULL is nothing. */
bool print_text(struct buf *out, const char *text);

/* An RFC 3339 time as local time, "2026-11-22 18:00"; NULL: absent. What is no time is absent, too.
 */
const char *print_time(const char *time, const char *absent, char text[static PRINT_TIME_SIZE]);

/* -- how standard output may look (print_table.c) ----------------------------------------------- */

/* Zero-initialised: a file or a pipe. */
struct print_look {
    bool colours; /* a terminal, NO_COLOR is unset or empty and TERM is not "dumb" */
    size_t width; /* columns of the terminal; 0: there is none, lines are as long as they are */
};

/* What standard output is now. */
struct print_look print_look_now(void);

enum print_style {
    PRINT_PLAIN,
    PRINT_BOLD,
    PRINT_DIM,
    PRINT_GOOD,    /* green */
    PRINT_WARNING, /* yellow */
    PRINT_BAD      /* red */
};

/* Appends text as print_text() does, in a style where there are colours. */
bool print_styled(struct buf *out, struct print_look look, enum print_style style,
                  const char *text);

/* -- tables (print_table.c) --------------------------------------------------------------------- */

/* A row a line, two blanks between columns as wide as their widest cell, none at the end of a line.
 * Headings are bold. What does not fit a terminal is cut or wrapped. Bit n of a set: column n. */
struct print_table {
    size_t columns, rows;
    const char *const *headings;
    unsigned right; /* stand to the right */
    unsigned cut;   /* may be cut where the terminal is narrow; begins as all that are not right */
    unsigned whole; /* no cell is cut, of whatever length: on a terminal they go on in more lines */
    unsigned dim;   /* of less interest */
    struct print_look look; /* begins as print_look_now() */
    struct buf cells;       /* of each its style (a byte) and its text, NUL-terminated */
    size_t last_row;        /* where it begins in cells */
};

/* headings: columns of them, static. The other sets may be changed before the first row. */
void print_table_begin(struct print_table *table, const char *const *headings, size_t columns,
                       unsigned right);
void print_table_add(struct print_table *table, const char *const *cells);

/* Gives a cell of the row that was added last a style. */
void print_table_style(struct print_table *table, size_t column, enum print_style style);

/* Appends it to out and frees what it holds. False without memory. */
bool print_table_end(struct print_table *table, struct buf *out);

/* -- out ---------------------------------------------------------------------------------------- */

/* Writes out to standard output and frees it. Returns the exit status: OK, IO if it could not be
 * written, SOFTWARE if it did not fit into memory. */
int print_out(struct buf *out);

/* A line on standard error, "spotify-historyctl: COMMAND: ...", escaped as by print_text(). */
void print_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
