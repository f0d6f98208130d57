/* SPDX-License-Identifier: MIT */
/* ctl/print_table: tables, drawn by libsmartcols, and what standard output is. */
#include <langinfo.h>
#include <libsmartcols/libsmartcols.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/print.h"

#define WIDTH_MOST 10000 /* columns; whoever claims more has none that wide */
#define WIDTH_USUAL 80   /* of a terminal that does not tell */
#define STYLE_END "\x1b[0m"

/* -- standard output --------------------------------------------------------------------------- */

static size_t terminal_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    int64_t width = 0;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (columns)
        (void)text_int_parse(columns, strlen(columns), &width);
    return width > 0 && width <= WIDTH_MOST ? (size_t)width : WIDTH_USUAL;
}

struct print_look print_look_now(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    struct print_look look = {0};

    if (isatty(STDOUT_FILENO) != 1)
        return look;
    look.colours = !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0);
    look.width = terminal_width();
    return look;
}

static const char *style_begin(enum print_style style)
{
    static const char *const begin[] = {
        [PRINT_PLAIN] = NULL,      [PRINT_BOLD] = "\x1b[1m",     [PRINT_DIM] = "\x1b[2m",
        [PRINT_GOOD] = "\x1b[32m", [PRINT_WARNING] = "\x1b[33m", [PRINT_BAD] = "\x1b[31m",
    };

    return begin[style];
}

bool print_styled(struct buf *out, struct print_look look, enum print_style style, const char *text)
{
    const char *begin = look.colours ? style_begin(style) : NULL;

    if (begin)
        buf_add_text(out, begin);
    print_text(out, text);
    if (begin)
        buf_add_text(out, STYLE_END);
    return !out->failed;
}

/* -- cells ------------------------------------------------------------------------------------- */

void print_table_begin(struct print_table *table, const char *const *headings, size_t columns,
                       unsigned right)
{
    *table = (struct print_table){.headings = headings,
                                  .columns = columns,
                                  .right = right,
                                  .cut = ~right,
                                  .look = print_look_now()};
}

static bool is_in(unsigned set, size_t column)
{
    return set >> column & 1;
}

void print_table_add(struct print_table *table, const char *const *cells)
{
    const char plain = (char)PRINT_PLAIN;
    char cell[PRINT_CELL_SIZE];

    table->last_row = table->cells.len;
    for (size_t i = 0; i < table->columns; i++) {
        buf_add(&table->cells, &plain, 1);
        if (is_in(table->whole, i)) {
            print_text(&table->cells, cells[i]);
        } else {
            text_line(cells[i], strlen(cells[i]), cell, sizeof(cell));
            buf_add_text(&table->cells, cell);
        }
        buf_add(&table->cells, "", 1);
    }
    table->rows++;
}

/* The cell behind one that begins at a place. */
static size_t next_cell(const struct print_table *table, size_t at)
{
    return at + 1 + strlen(table->cells.data + at + 1) + 1;
}

void print_table_style(struct print_table *table, size_t column, enum print_style style)
{
    size_t at = table->last_row;

    if (table->cells.failed || table->rows == 0)
        return;
    while (column-- > 0)
        at = next_cell(table, at);
    table->cells.data[at] = (char)style;
}

/* -- drawing ----------------------------------------------------------------------------------- */

/* libsmartcols takes widths from the locale, and in one of single bytes it never comes to an end
 * over a byte that is no ASCII. What we print is UTF-8 in any case, so a locale of UTF-8 is put
 * before it; where a system has none, only ASCII is given to it. */
static bool is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void make_ascii(struct buf *cells)
{
    for (size_t i = 0; i < cells->len; i++)
        if ((unsigned char)cells->data[i] >= 0x80)
            cells->data[i] = '?';
}

static bool add_columns(const struct print_table *table, struct libscols_table *drawn)
{
    for (size_t i = 0; i < table->columns; i++) {
        int flags = 0;
        struct libscols_column *column;

        if (is_in(table->right, i))
            flags |= SCOLS_FL_RIGHT;
        if (is_in(table->whole, i) && table->look.width > 0)
            flags |= SCOLS_FL_WRAP;
        else if (is_in(table->cut, i) && table->look.width > 0)
            flags |= SCOLS_FL_TRUNC;
        column = scols_table_new_column(drawn, table->headings[i], 0, flags);
        if (!column ||
            scols_cell_set_color(scols_column_get_header(column), style_begin(PRINT_BOLD)) != 0 ||
            (is_in(table->dim, i) && scols_column_set_color(column, style_begin(PRINT_DIM)) != 0))
            return false;
    }
    return true;
}

static bool add_rows(const struct print_table *table, struct libscols_table *drawn)
{
    size_t at = 0;

    for (size_t row = 0; row < table->rows; row++) {
        struct libscols_line *line = scols_table_new_line(drawn, NULL);

        for (size_t i = 0; i < table->columns; i++, at = next_cell(table, at)) {
            const char *text = table->cells.data + at + 1;
            const char *style = style_begin((enum print_style)table->cells.data[at]);

            if (!line || scols_line_set_data(line, i, text) != 0 ||
                (style && scols_cell_set_color(scols_line_get_cell(line, i), style) != 0))
                return false;
        }
    }
    return true;
}

/* Lines without the blanks at their end, which empty cells leave. */
static void add_lines(const char *text, struct buf *out)
{
    while (*text) {
        size_t line = strcspn(text, "\n"), len = line;

        while (len > 0 && text[len - 1] == ' ')
            len--;
        buf_add(out, text, len);
        buf_add_text(out, "\n");
        text += line + (text[line] == '\n');
    }
}

static bool draw(const struct print_table *table, struct buf *out)
{
    struct libscols_table *drawn = scols_new_table();
    size_t width = table->look.width;
    char *text = NULL;
    bool done = drawn && scols_table_set_column_separator(drawn, "  ") == 0 &&
                scols_table_enable_noencoding(drawn, 1) == 0 && /* it is escaped already */
                scols_table_set_termforce(drawn, width > 0 ? SCOLS_TERMFORCE_ALWAYS
                                                           : SCOLS_TERMFORCE_NEVER) == 0 &&
                (width == 0 || scols_table_set_termwidth(drawn, width) == 0) &&
                scols_table_enable_colors(drawn, table->look.colours) == 0 &&
                add_columns(table, drawn) && add_rows(table, drawn) &&
                scols_print_table_to_string(drawn, &text) == 0 && text;

    if (done)
        add_lines(text, out);
    free(text);
    scols_unref_table(drawn);
    return done;
}

bool print_table_end(struct print_table *table, struct buf *out)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    bool done = !table->cells.failed;

    if (!is_utf8())
        make_ascii(&table->cells);
    done = done && draw(table, out);
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    buf_free(&table->cells, false);
    return done && !out->failed;
}
