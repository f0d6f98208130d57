/* SPDX-License-Identifier: MIT */
#include "simulation/shelf.h"

#include <stdlib.h>
#include <string.h>

/* One look-up: the rows from first on, and everything that is handed to the matcher. */
struct look {
    size_t first, count;
    struct telling *tellings;
    struct match_piece *pieces;
    size_t piece_count;
    struct match_result result;
};

void shelf_close(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++)
        free(shelf->rows[i]);
    free(shelf->rows);
    *shelf = (struct shelf){0};
}

static bool tells(const struct telling *telling)
{
    return telling->piece.at != CLOCK_NO_TIME;
}

/* The first source that tells of it gives the moment. */
static int64_t moment(const struct shelf_row *row)
{
    for (int source = 0; source < MATCH_SOURCES; source++)
        if (tells(&row->told[source]))
            return row->told[source].piece.at;
    return CLOCK_NO_TIME;
}

static int compare(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_moment(const void *one, const void *other)
{
    const struct shelf_row *a = *(struct shelf_row *const *)one;
    const struct shelf_row *b = *(struct shelf_row *const *)other;
    int order = compare(moment(a), moment(b));

    for (int source = 0; source < MATCH_SOURCES && order == 0; source++) {
        const struct match_piece *x = &a->told[source].piece, *y = &b->told[source].piece;

        order = compare(x->at, y->at);
        order = order ? order : compare(x->ms_played, y->ms_played);
        order = order ? order : compare((int64_t)x->keys.uri, (int64_t)y->keys.uri);
        order = order ? order : compare((int64_t)x->keys.names[0], (int64_t)y->keys.names[0]);
    }
    return order;
}

static size_t row_from(const struct shelf *shelf, int64_t ms)
{
    size_t low = 0, high = shelf->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (moment(shelf->rows[middle]) < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool look_up(const struct shelf *shelf, int64_t from, int64_t to, size_t more,
                    struct look *look)
{
    size_t room;

    look->first = row_from(shelf, from - MATCH_REACH);
    look->count = row_from(shelf, to + MATCH_REACH + 1) - look->first;
    room = look->count * MATCH_SOURCES + more + 1;
    look->piece_count = 0;
    look->tellings = malloc(room * sizeof(*look->tellings));
    look->pieces = malloc(room * sizeof(*look->pieces));
    if (look->tellings && look->pieces)
        return true;
    free(look->tellings);
    free(look->pieces);
    return false;
}

static void hand_in(struct look *look, const struct telling *telling, uint32_t play)
{
    look->tellings[look->piece_count] = *telling;
    look->tellings[look->piece_count].piece.play = play;
    look->pieces[look->piece_count] = look->tellings[look->piece_count].piece;
    look->piece_count++;
}

/* Every telling that came is in one play, or repeats one that is. */
static const char *find_fault(const struct look *look)
{
    size_t standing = 0;

    for (size_t i = 0; i < look->result.play_count; i++) {
        const struct match_play *play = &look->result.plays[i];
        size_t any = 0;

        for (int source = 0; source < MATCH_SOURCES; source++) {
            uint32_t piece = play->piece[source];

            if (piece == MATCH_NONE)
                continue;
            any++;
            if (piece >= look->piece_count || (int)look->pieces[piece].source != source ||
                look->result.play_of[piece] != i)
                return "a play has a telling that is not its own";
        }
        if (any == 0)
            return "a play without a telling";
        standing += any;
    }
    for (size_t i = 0; i < look->piece_count; i++) {
        const struct match_play *play;

        if (look->pieces[i].gone) {
            standing++;
            continue;
        }
        play = &look->result.plays[look->result.play_of[i]];
        standing += play->piece[look->pieces[i].source] != i;
        if (look->pieces[i].source == MATCH_API && play->piece[MATCH_API] != i)
            return "an API play was taken for the repetition of another";
    }
    return standing == look->piece_count ? NULL : "a telling is lost";
}

/* Puts these rows in the place of those that were looked up. */
static bool splice(struct shelf *shelf, const struct look *look, struct shelf_row **rows,
                   size_t count)
{
    size_t behind = shelf->count - look->first - look->count;
    struct shelf_row **larger;

    if (shelf->count + count > shelf->room) {
        larger = realloc(shelf->rows, (shelf->count + count) * 2 * sizeof(struct shelf_row *));
        if (!larger)
            return false;
        shelf->rows = larger;
        shelf->room = (shelf->count + count) * 2;
    }
    if (behind > 0)
        memmove(shelf->rows + look->first + count, shelf->rows + look->first + look->count,
                behind * sizeof(struct shelf_row *));
    if (count > 0)
        memcpy(shelf->rows + look->first, rows, count * sizeof(struct shelf_row *));
    shelf->count = look->first + count + behind;
    return true;
}

static void write_play(const struct look *look, const struct match_play *play,
                       struct shelf_row *row)
{
    for (int source = 0; source < MATCH_SOURCES; source++) {
        uint32_t piece = play->piece[source];

        if (piece != MATCH_NONE)
            row->told[source] = look->tellings[piece];
        else
            row->told[source] = (struct telling){.piece.at = CLOCK_NO_TIME};
    }
}

static bool write_all(struct shelf *shelf, const struct look *look)
{
    const struct match_result *result = &look->result;
    struct shelf_row **rows = malloc((result->play_count + 1) * sizeof(struct shelf_row *));
    bool done = rows != NULL;

    shelf->changes = 0;
    for (size_t i = 0; done && i < look->count; i++)
        shelf->changes += result->continued[i] == MATCH_NONE;
    for (size_t i = 0; done && i < result->play_count; i++) {
        const struct match_play *play = &result->plays[i];

        if (play->continues != MATCH_NONE)
            rows[i] = shelf->rows[look->first + play->continues];
        else
            done = (rows[i] = malloc(sizeof(struct shelf_row)));
        if (!done)
            break;
        shelf->changes += play->changed;
        if (play->changed)
            write_play(look, play, rows[i]);
    }
    for (size_t i = 0; done && i < look->count; i++)
        if (result->continued[i] == MATCH_NONE)
            free(shelf->rows[look->first + i]);
    if (done)
        qsort(rows, result->play_count, sizeof(struct shelf_row *), by_moment);
    done = done && splice(shelf, look, rows, result->play_count);
    free(rows);
    return done;
}

static bool solve(struct shelf *shelf, struct look *look, const char **why)
{
    struct match_input input = {look->pieces, look->piece_count, look->count};
    struct arena arena = {0};
    bool done = match_solve(&input, &arena, &look->result);

    *why = done ? find_fault(look) : "no memory";
    memset(shelf->outcomes, 0, sizeof(shelf->outcomes));
    for (size_t i = 0; done && i < look->piece_count; i++)
        shelf->outcomes[look->result.outcomes[i]]++;
    if (!*why && !write_all(shelf, look))
        *why = "no memory";
    arena_free(&arena);
    free(look->tellings);
    free(look->pieces);
    return !*why;
}

bool shelf_add(struct shelf *shelf, const struct telling *tellings, size_t count, const char **why)
{
    int64_t from = INT64_MAX, to = INT64_MIN;
    struct look look;

    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        from = tellings[i].piece.at < from ? tellings[i].piece.at : from;
        to = tellings[i].piece.at > to ? tellings[i].piece.at : to;
    }
    *why = "no memory";
    if (!look_up(shelf, from, to, count, &look))
        return false;
    for (size_t i = 0; i < look.count; i++)
        for (int source = 0; source < MATCH_SOURCES; source++)
            if (tells(&shelf->rows[look.first + i]->told[source]))
                hand_in(&look, &shelf->rows[look.first + i]->told[source], (uint32_t)i);
    for (size_t i = 0; i < count; i++)
        hand_in(&look, &tellings[i], MATCH_NONE);
    return solve(shelf, &look, why);
}

bool shelf_take_out(struct shelf *shelf, enum match_source source, int64_t from, int64_t to,
                    const char **why)
{
    struct look look;

    *why = "no memory";
    if (!look_up(shelf, from, to, 0, &look))
        return false;
    for (size_t i = 0; i < look.count; i++) {
        const struct telling *told = shelf->rows[look.first + i]->told;

        for (int other = 0; other < MATCH_SOURCES; other++)
            if (tells(&told[other])) {
                hand_in(&look, &told[other], (uint32_t)i);
                look.pieces[look.piece_count - 1].gone = other == (int)source &&
                                                         told[other].piece.at >= from &&
                                                         told[other].piece.at <= to;
            }
    }
    return solve(shelf, &look, why);
}

/* ---- the judge ---- */

static void count_told(const struct tellings *tellings, unsigned sources, uint8_t *told,
                       size_t *api)
{
    for (int source = 0; source < MATCH_SOURCES; source++)
        for (size_t i = 0; i < tellings->counts[source] && (sources & 1u << source); i++) {
            uint32_t truth = tellings->told[source][i].truth;

            told[truth] |= (uint8_t)(1 << source);
            if (source == MATCH_API)
                api[truth]++;
        }
}

/* A row of two plays was counted for the first; if that has another, this one is the other's. */
static void settle_swaps(const struct shelf *shelf, size_t *rows)
{
    for (size_t i = 0; i < shelf->count; i++) {
        const struct telling *told = shelf->rows[i]->told;
        const struct telling *best = &told[0];

        while (!tells(best))
            best++;
        for (int source = 0; source < MATCH_SOURCES; source++)
            if (tells(&told[source]) && rows[told[source].truth] == 0 && rows[best->truth] > 1) {
                rows[told[source].truth]++;
                rows[best->truth]--;
                break;
            }
    }
}

static void count_rows(const struct shelf *shelf, size_t *rows, struct shelf_score *score)
{
    for (size_t i = 0; i < shelf->count; i++) {
        const struct telling *told = shelf->rows[i]->told;
        const struct telling *best = &told[0];

        while (!tells(best))
            best++;
        rows[best->truth]++;
        if (tells(&told[MATCH_API]) && tells(&told[MATCH_LONG])) {
            score->joined++;
            score->rightly += told[MATCH_API].truth == told[MATCH_LONG].truth;
        }
    }
}

bool shelf_judge(const struct shelf *shelf, const struct tellings *tellings, unsigned sources,
                 struct shelf_score *score)
{
    uint8_t *told = calloc(tellings->truth_count + 1, 1);
    size_t *api = calloc(tellings->truth_count + 1, sizeof(*api));
    size_t *rows = calloc(tellings->truth_count + 1, sizeof(*rows));
    bool done = told && api && rows;

    *score = (struct shelf_score){0};
    if (done) {
        count_told(tellings, sources, told, api);
        count_rows(shelf, rows, score);
        settle_swaps(shelf, rows);
    }
    for (size_t i = 0; done && i < tellings->truth_count; i++) {
        size_t echoes = api[i] > 1 ? api[i] - 1 : 0;

        score->told += told[i] != 0;
        score->lost += told[i] != 0 && rows[i] == 0;
        score->could += (told[i] & 3) == 3;
        if (rows[i] < 2)
            continue;
        echoes = rows[i] - 1 < echoes ? rows[i] - 1 : echoes;
        score->echoes += echoes;
        score->doubled += rows[i] - 1 - echoes;
        score->doubled_displaced += tellings->truths[i].displaced ? rows[i] - 1 - echoes : 0;
    }
    free(told);
    free(api);
    free(rows);
    return done;
}

bool shelf_equal(const struct shelf *one, const struct shelf *other, size_t *different)
{
    size_t i = 0, j = 0;

    *different = 0;
    while (i < one->count && j < other->count) {
        int order = by_moment(&one->rows[i], &other->rows[j]);

        *different += order != 0;
        i += order <= 0;
        j += order >= 0;
    }
    *different += one->count - i + other->count - j;
    return *different == 0;
}
