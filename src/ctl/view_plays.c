/* SPDX-License-Identifier: MIT */
/* ctl/view_plays: the lists of recent and top. */
#include "ctl/view_plays.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ctl/draw.h"
#include "ctl/fields.h"
#include "ctl/key.h"

#define BAR_LEAST 6
#define BAR_MOST 24

/* Headings and cells are gathered one by one: some columns are only there at times. */
struct line {
    const char *cells[PRINT_COLUMNS_MAX];
    size_t count;
};

static void add(struct line *line, const char *cell)
{
    line->cells[line->count++] = cell;
}

/* "USER" only where there is more than one. */
static void add_if(struct line *line, bool wanted, const char *cell)
{
    if (wanted)
        add(line, cell);
}

/* -- recent ------------------------------------------------------------------------------------ */

/* "~3:25": nobody told how long it was heard, and the track is as long as that. */
static const char *heard_cell(const json_t *play, char text[static DRAW_TIME_SIZE + 1])
{
    int64_t heard = field_number(play, "ms_played", -1);
    int64_t duration = field_number(play, "duration_ms", -1);

    if (heard >= 0)
        return draw_length(heard, text);
    if (duration < 0)
        return "?";
    text[0] = '~';
    draw_length(duration, text + 1);
    return text;
}

/* What an import brought came when somebody imported it. */
static const char *late_cell(const json_t *play, char text[static TEXT_DURATION_SIZE])
{
    int64_t late = field_number(play, "late_s", 0);

    if (strcmp(field_text(play, "source", ""), "api") != 0)
        return "";
    return text_duration_human(late > 0 ? late * 1000 : 0, text);
}

/* What names a play; whose it is need not be said where there is one user only. */
static const char *key_cell(const json_t *play, bool many, char text[static KEY_SIZE])
{
    const struct store_place place = {.key = field_number(play, "play_key", 0),
                                      .user_id = many ? field_number(play, "user", 0) : 0};

    return key_format(place, text);
}

static void add_play(struct print_table *table, const json_t *play, bool many, bool keys)
{
    char key[KEY_SIZE];
    char time[PRINT_TIME_SIZE], heard[DRAW_TIME_SIZE + 1], late[TEXT_DURATION_SIZE];
    struct line line = {0};

    add(&line, print_time(field_text(play, "played_at", NULL), "?", time));
    add_if(&line, many, field_text(play, "user_name", "?"));
    add(&line, field_text(play, "track", "?"));
    add(&line, field_text(play, "artists", ""));
    add(&line, field_text(play, "album", ""));
    add(&line, heard_cell(play, heard));
    add(&line, field_text(play, "source", "?"));
    add(&line, late_cell(play, late));
    add_if(&line, keys, key_cell(play, many, key));
    print_table_add(table, line.cells);
}

/* How to go on, for who may want to. */
static void add_older(const json_t *recent, struct view_look look, struct buf *out)
{
    const json_t *plays = json_object_get(recent, "plays");
    const json_t *last = json_array_get(plays, json_array_size(plays) - 1);
    char key[KEY_SIZE], text[KEY_SIZE + 40];

    if (!field_text(recent, "older", NULL) || (look.print.width == 0 && !look.keys))
        return;
    snprintf(text, sizeof(text), "Older ones: the same with --before %s",
             key_cell(last, field_flag(recent, "many_users"), key));
    print_styled(out, look.print, PRINT_DIM, text);
    buf_add_text(out, "\n");
}

void view_recent(const json_t *recent, struct view_look look, struct buf *out)
{
    const json_t *plays = json_object_get(recent, "plays"), *play;
    bool many = field_flag(recent, "many_users");
    size_t at, first = many ? 2 : 1; /* column of the track */
    struct line headings = {0};
    struct print_table table;

    if (json_array_size(plays) == 0) {
        buf_add_text(out, "No plays.\n");
        return;
    }
    add(&headings, "WHEN");
    add_if(&headings, many, "USER");
    add(&headings, "TRACK");
    add(&headings, "ARTISTS");
    add(&headings, "ALBUM");
    add(&headings, "HEARD");
    add(&headings, "SOURCE");
    add(&headings, "LATE");
    add_if(&headings, look.keys, "KEY");
    print_table_begin(&table, headings.cells, headings.count, 1U << (first + 3));
    table.look = look.print;
    table.cut = 7U << first;
    table.dim = 1U << (first + 2) | 1U << (first + 4) | 1U << (first + 5);
    json_array_foreach (plays, at, play)
        add_play(&table, play, many, look.keys);
    if (!print_table_end(&table, out))
        out->failed = true;
    add_older(recent, look, out);
}

/* -- top --------------------------------------------------------------------------------------- */

struct ranking {
    bool many, has_artists, by_time;
    struct view_look look;
    size_t bar;
    int64_t most; /* of the user's first */
};

static void add_item(struct print_table *table, const struct ranking *ranking, const json_t *user,
                     const json_t *item)
{
    int64_t listened = field_number(item, "listened_ms", 0), plays = field_number(item, "plays", 0);
    char rank[24], count[24], time[DRAW_TIME_SIZE], share[32];
    struct buf bar = {0};
    struct line line = {0};

    snprintf(rank, sizeof(rank), "%" PRId64, field_number(item, "rank", 0));
    snprintf(count, sizeof(count), "%" PRId64, plays);
    snprintf(share, sizeof(share), "%.1f %%",
             json_number_value(json_object_get(item, "share")) * 100);
    draw_bar(&bar, ranking->by_time ? listened : plays, ranking->most, ranking->bar,
             ranking->look.blocks);
    add(&line, rank);
    add_if(&line, ranking->many, field_text(user, "user_name", "?"));
    add(&line, field_text(item, "name", "?"));
    add_if(&line, ranking->has_artists, field_text(item, "artists", ""));
    add(&line, count);
    add(&line, draw_listened(listened, time));
    add(&line, share);
    add(&line, bar.data ? bar.data : "");
    print_table_add(table, line.cells);
    table->cells.failed = table->cells.failed || bar.failed;
    buf_free(&bar, false);
}

static void add_ranking(struct print_table *table, struct ranking *ranking, const json_t *user)
{
    const json_t *items = json_object_get(user, "items"), *item;
    size_t at;

    ranking->most =
        field_number(json_array_get(items, 0), ranking->by_time ? "listened_ms" : "plays", 0);
    json_array_foreach (items, at, item)
        add_item(table, ranking, user, item);
}

static size_t bar_width(struct print_look look)
{
    size_t width = (look.width > 0 ? look.width : 80) / 6;

    if (width < BAR_LEAST)
        return BAR_LEAST;
    return width < BAR_MOST ? width : BAR_MOST;
}

static void add_headings(struct line *headings, const struct ranking *ranking, const char *kind)
{
    add(headings, "RANK");
    add_if(headings, ranking->many, "USER");
    add(headings, strcmp(kind, "tracks") == 0    ? "TRACK"
                  : strcmp(kind, "artists") == 0 ? "ARTIST"
                                                 : "ALBUM");
    add_if(headings, ranking->has_artists, "ARTISTS");
    add(headings, "PLAYS");
    add(headings, "TIME");
    add(headings, "SHARE");
    add(headings, "");
}

void view_top(const json_t *top, struct view_look look, struct buf *out)
{
    const json_t *users = json_object_get(top, "users"), *user;
    const char *kind = field_text(top, "kind", "");
    struct ranking ranking = {
        .many = json_array_size(users) > 1,
        .has_artists = strcmp(kind, "artists") != 0,
        .by_time = strcmp(field_text(top, "by", ""), "time") == 0,
        .look = look,
        .bar = bar_width(look.print),
    };
    struct line headings = {0};
    struct print_table table;
    size_t at, name = ranking.many ? 2 : 1, plays = name + 1 + ranking.has_artists;

    add_headings(&headings, &ranking, kind);
    print_table_begin(&table, headings.cells, headings.count, 1U | 7U << plays);
    table.look = look.print;
    table.cut = (ranking.has_artists ? 3U : 1U) << name;
    table.dim = 1U;
    json_array_foreach (users, at, user)
        add_ranking(&table, &ranking, user);
    if (table.rows == 0)
        buf_add_text(out, "No plays.\n");
    if (!print_table_end(&table, out))
        out->failed = true;
}
