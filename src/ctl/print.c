/* SPDX-License-Identifier: MIT */
#include "ctl/print.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "base/exit.h"
#include "base/text.h"
#include "ctl/utf8.h"

#define ERROR_SIZE 2048

bool print_text(struct buf *out, const char *text)
{
    char piece[17];

    /* One sequence at a time: a name may be of any length. */
    while (text && *text) {
        size_t step = text_utf8_length(text, strlen(text));

        if (step == 0)
            step = 1;
        text_line(text, step, piece, sizeof(piece));
        if (!buf_add_text(out, piece))
            return false;
        text += step;
    }
    return !out->failed;
}

size_t print_width(const char *text)
{
    size_t width = 0;

    while (*text) {
        int columns = wcwidth((wchar_t)utf8_next(&text));

        width += columns < 0 ? 1 : (size_t)columns;
    }
    return width;
}

const char *print_time(const char *time, const char *absent, char text[static PRINT_TIME_SIZE])
{
    struct tm parts;
    int64_t ms;
    time_t seconds;

    if (!time || !text_time_parse(time, strlen(time), &ms))
        return absent;
    seconds = (time_t)(ms / 1000);
    if (!localtime_r(&seconds, &parts) ||
        strftime(text, PRINT_TIME_SIZE, "%Y-%m-%d %H:%M", &parts) == 0)
        return absent;
    return text;
}

void print_table_begin(struct print_table *table, const char *const *headings, size_t columns,
                       unsigned right)
{
    *table = (struct print_table){.headings = headings, .columns = columns, .right = right};
}

void print_table_add(struct print_table *table, const char *const *cells)
{
    char cell[PRINT_CELL_SIZE];

    for (size_t i = 0; i < table->columns; i++) {
        memset(cell, 0, sizeof(cell));
        text_line(cells[i], strlen(cells[i]), cell, sizeof(cell));
        buf_add(&table->cells, cell, sizeof(cell));
    }
    table->rows++;
}

static const char *cell_at(const struct print_table *table, size_t row, size_t column)
{
    return table->cells.data + (row * table->columns + column) * PRINT_CELL_SIZE;
}

static void add_blanks(struct buf *out, size_t count)
{
    while (count-- > 0)
        buf_add(out, " ", 1);
}

/* Nothing shows behind the last cell that is not empty. */
static void end_row(struct buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    buf_add_text(out, "\n");
}

static void add_cell(const struct print_table *table, size_t column, size_t width, const char *cell,
                     struct buf *out)
{
    size_t blanks = width - print_width(cell);
    bool right = table->right >> column & 1;

    if (column > 0)
        add_blanks(out, 2);
    if (right)
        add_blanks(out, blanks);
    buf_add_text(out, cell);
    if (column + 1 == table->columns)
        end_row(out);
    else if (!right)
        add_blanks(out, blanks);
}

bool print_table_end(struct print_table *table, struct buf *out)
{
    size_t width[PRINT_COLUMNS_MAX] = {0};
    bool fits = !table->cells.failed;

    for (size_t column = 0; fits && column < table->columns; column++) {
        width[column] = print_width(table->headings[column]);
        for (size_t row = 0; row < table->rows; row++) {
            size_t here = print_width(cell_at(table, row, column));

            if (here > width[column])
                width[column] = here;
        }
    }
    for (size_t column = 0; fits && column < table->columns; column++)
        add_cell(table, column, width[column], table->headings[column], out);
    for (size_t row = 0; fits && row < table->rows; row++)
        for (size_t column = 0; column < table->columns; column++)
            add_cell(table, column, width[column], cell_at(table, row, column), out);
    buf_free(&table->cells, false);
    return fits && !out->failed;
}

int print_out(struct buf *out)
{
    int status = EXIT_STATUS_OK;

    if (out->failed)
        status = EXIT_STATUS_SOFTWARE;
    else if ((out->len > 0 && fwrite(out->data, 1, out->len, stdout) != out->len) ||
             fflush(stdout) != 0)
        status = EXIT_STATUS_IO;
    if (status == EXIT_STATUS_IO)
        perror("spotify-historyctl: standard output");
    else if (status == EXIT_STATUS_SOFTWARE)
        fputs("spotify-historyctl: out of memory\n", stderr);
    buf_free(out, false);
    return status;
}

void print_error(const char *command, const char *format, ...)
{
    char message[ERROR_SIZE], line[ERROR_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    text_line(message, strlen(message), line, sizeof(line));
    fprintf(stderr, "spotify-historyctl: %s%s%s\n", command ? command : "", command ? ": " : "",
            line);
}
