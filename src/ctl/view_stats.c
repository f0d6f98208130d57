/* SPDX-License-Identifier: MIT */
/* ctl/view_plays: what stats tells. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ctl/draw.h"
#include "ctl/fields.h"
#include "ctl/view_plays.h"

#define HOURS 24

/* -- totals ------------------------------------------------------------------------------------ */

/* "+12 %" against the stretch before, in the column after. */
static const char *change_cell(const json_t *range, const char *key,
                               char text[static DRAW_TIME_SIZE])
{
    const json_t *before = json_object_get(range, "before");

    if (!json_is_object(before))
        return "";
    return draw_change(field_number(range, key, 0), field_number(before, key, 0), text);
}

static enum print_style change_style(const char *cell)
{
    if (cell[0] == '-')
        return PRINT_WARNING;
    return cell[0] == '+' ? PRINT_GOOD : PRINT_DIM;
}

static void add_range(struct print_table *table, const json_t *range)
{
    static const char *const keys[] = {"plays", "tracks", "artists", "albums"};
    char number[4][24], time[DRAW_TIME_SIZE], plays[DRAW_TIME_SIZE], listened[DRAW_TIME_SIZE];
    const char *cells[8];

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        snprintf(number[i], sizeof(number[i]), "%" PRId64, field_number(range, keys[i], 0));
    cells[0] = field_text(range, "range", "?");
    cells[1] = number[0];
    cells[2] = change_cell(range, "plays", plays);
    cells[3] = draw_listened(field_number(range, "listened_ms", 0), time);
    cells[4] = change_cell(range, "listened_ms", listened);
    cells[5] = number[1];
    cells[6] = number[2];
    cells[7] = number[3];
    print_table_add(table, cells);
    print_table_style(table, 2, change_style(cells[2]));
    print_table_style(table, 4, change_style(cells[4]));
}

static void add_ranges(const json_t *ranges, struct view_look look, struct buf *out)
{
    static const char *const headings[] = {"RANGE", "PLAYS",  "",        "TIME",
                                           "",      "TRACKS", "ARTISTS", "ALBUMS"};
    struct print_table table;
    const json_t *range;
    size_t at;

    print_table_begin(&table, headings, sizeof(headings) / sizeof(headings[0]), 0xfeU);
    table.look = look.print;
    json_array_foreach (ranges, at, range)
        add_range(&table, range);
    if (!print_table_end(&table, out))
        out->failed = true;
}

/* -- when -------------------------------------------------------------------------------------- */

static void add_days(const json_t *days, struct view_look look, struct buf *out)
{
    int64_t plays[366], most = 0;
    const json_t *day;
    size_t at, count = 0;

    json_array_foreach (days, at, day) {
        if (count == sizeof(plays) / sizeof(plays[0]))
            break;
        plays[count] = field_number(day, "plays", 0);
        if (plays[count] > most)
            most = plays[count];
        count++;
    }
    if (count == 0)
        return;
    buf_add_text(out, "\n");
    draw_sparkline(out, plays, count, look.blocks);
    buf_add_text(out, "  plays a day, ");
    print_text(out, field_text(json_array_get(days, 0), "day", "?"));
    buf_add_text(out, " to ");
    print_text(out, field_text(json_array_get(days, count - 1), "day", "?"));
    buf_addf(out, ", at most %" PRId64 "\n", most);
}

/* All weekdays together. */
static void add_clock(const json_t *clock, struct view_look look, struct buf *out)
{
    int64_t plays[HOURS] = {0};
    const json_t *hours;
    size_t at;

    json_array_foreach (clock, at, hours)
        for (size_t hour = 0; hour < HOURS; hour++)
            plays[hour] += json_integer_value(json_array_get(hours, hour));
    draw_sparkline(out, plays, HOURS, look.blocks);
    buf_add_text(out, "        plays by hour, from 0 to 23\n");
}

/* -- what -------------------------------------------------------------------------------------- */

/* Escaped, and cut as a cell of a table is. */
static void add_name(const char *name, struct buf *out)
{
    char text[PRINT_CELL_SIZE];

    buf_add_text(out, text_line(name, strlen(name), text, sizeof(text)));
}

static void add_title(const json_t *item, struct buf *out)
{
    const char *artists = field_text(item, "artists", NULL);

    add_name(field_text(item, "name", "?"), out);
    if (artists) {
        buf_add_text(out, " (");
        add_name(artists, out);
        buf_add_text(out, ")");
    }
}

static void add_list(const char *title, const json_t *items, struct view_look look, struct buf *out)
{
    const json_t *item;
    size_t at;

    if (json_array_size(items) == 0)
        return;
    buf_add_text(out, "\n");
    print_styled(out, look.print, PRINT_BOLD, title);
    buf_add_text(out, "\n");
    json_array_foreach (items, at, item) {
        int64_t plays = field_number(item, "plays", 0);

        buf_addf(out, "  %zu. ", at + 1);
        add_title(item, out);
        buf_addf(out, ", %" PRId64 " %s\n", plays, plays == 1 ? "play" : "plays");
    }
}

static void add_discoveries(const json_t *items, struct view_look look, struct buf *out)
{
    char time[PRINT_TIME_SIZE];
    const json_t *item;
    size_t at;

    if (json_array_size(items) == 0)
        return;
    buf_add_text(out, "\n");
    print_styled(out, look.print, PRINT_BOLD, "Heard for the first time");
    buf_add_text(out, "\n");
    json_array_foreach (items, at, item) {
        buf_addf(out, "  %s  ", print_time(field_text(item, "first_at", NULL), "?", time));
        add_title(item, out);
        buf_add_text(out, "\n");
    }
}

static void add_streak(const json_t *user, struct buf *out)
{
    const json_t *streak = json_object_get(user, "streak");
    int64_t days = field_number(streak, "days", 0);
    char time[PRINT_TIME_SIZE];

    buf_add_text(out, "\n");
    if (field_text(user, "first_at", NULL))
        buf_addf(out, "First play: %s.\n",
                 print_time(field_text(user, "first_at", NULL), "?", time));
    if (days < 1)
        return;
    buf_addf(out, "Longest streak: %" PRId64 " %s", days, days == 1 ? "day, " : "days, ");
    print_text(out, field_text(streak, "first_day", "?"));
    if (days > 1) {
        buf_add_text(out, " to ");
        print_text(out, field_text(streak, "last_day", "?"));
    }
    buf_add_text(out, ".\n");
}

/* -- what is missing --------------------------------------------------------------------------- */

static void add_gaps(int64_t likely, int64_t possible, struct buf *out)
{
    if (likely + possible == 0) {
        buf_add_text(out, " Nothing is known to be missing.");
        return;
    }
    buf_addf(out, " %" PRId64 " %s open: ", likely + possible,
             likely + possible == 1 ? "gap is" : "gaps are");
    if (likely > 0)
        buf_addf(out, "in %" PRId64 " plays were likely lost", likely);
    if (likely > 0 && possible > 0)
        buf_add_text(out, ", ");
    if (possible > 0)
        buf_addf(out, "in %" PRId64 " plays may have been lost", possible);
    buf_add_text(out, " (spotify-historyctl gaps).");
}

void view_stats_coverage(const json_t *coverage, struct buf *out)
{
    const char *since = field_text(coverage, "recorded_since", NULL);
    char first[PRINT_TIME_SIZE], last[PRINT_TIME_SIZE];

    if (!since) {
        buf_add_text(out, "Coverage: nothing was recorded yet; what is here was imported.\n");
        return;
    }
    buf_addf(out, "Coverage: recorded since %s, up to %s.", print_time(since, "?", first),
             print_time(field_text(coverage, "last_success_at", NULL), "?", last));
    add_gaps(field_number(coverage, "likely", 0), field_number(coverage, "possible", 0), out);
    buf_add_text(out, " Older plays are there only as far as they were imported.\n");
}

/* -- all of it --------------------------------------------------------------------------------- */

static void add_user(const json_t *user, bool named, struct view_look look, struct buf *out)
{
    const json_t *top = json_object_get(user, "top");

    if (named) {
        print_styled(out, look.print, PRINT_BOLD, field_text(user, "user_name", "?"));
        buf_add_text(out, "\n");
    }
    add_ranges(json_object_get(user, "ranges"), look, out);
    add_days(json_object_get(user, "days"), look, out);
    add_clock(json_object_get(user, "clock"), look, out);
    add_list("Top artists", json_object_get(top, "artists"), look, out);
    add_list("Top tracks", json_object_get(top, "tracks"), look, out);
    add_list("Top albums", json_object_get(top, "albums"), look, out);
    add_discoveries(json_object_get(user, "discoveries"), look, out);
    add_streak(user, out);
    view_stats_coverage(json_object_get(user, "coverage"), out);
}

void view_stats(const json_t *stats, struct view_look look, struct buf *out)
{
    const json_t *users = json_object_get(stats, "users"), *user;
    size_t at;

    if (json_array_size(users) == 0)
        buf_add_text(out, "Nobody has signed in yet: spotify-historyctl login\n");
    json_array_foreach (users, at, user) {
        if (at > 0)
            buf_add_text(out, "\n");
        add_user(user, json_array_size(users) > 1, look, out);
    }
}
