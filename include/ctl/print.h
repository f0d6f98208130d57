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

/* Columns that text takes on a terminal, by wcwidth(3); what the locale does not know counts one.
 */
size_t print_width(const char *text);

/* An RFC 3339 time as local time, "2026-11-22 18:00"; NULL: absent. What is no time is absent, too.
 */
const char *print_time(const char *time, const char *absent, char text[static PRINT_TIME_SIZE]);

/* A table, a row a line, two blanks between columns as wide as their widest cell. */
struct print_table {
    size_t columns, rows;
    const char *const *headings;
    unsigned right;   /* bit n: column n stands to the right */
    struct buf cells; /* PRINT_CELL_SIZE bytes each */
};

/* headings: columns of them, static. */
void print_table_begin(struct print_table *table, const char *const *headings, size_t columns,
                       unsigned right);
void print_table_add(struct print_table *table, const char *const *cells);

/* Appends it to out and frees what it holds. False without memory. */
bool print_table_end(struct print_table *table, struct buf *out);

/* Writes out to standard output and frees it. Returns the exit status: OK, IO if it could not be
 * written, SOFTWARE if it did not fit into memory. */
int print_out(struct buf *out);

/* A line on standard error, "spotify-historyctl: COMMAND: ...", escaped as by print_text(). */
void print_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
