/* SPDX-License-Identifier: MIT */
#include "archive/match.h"

#include <stdlib.h>

#include "archive/match_class.h"
#include "archive/match_line.h"
#include "archive/match_rows.h"

/* doc/matching.md has the figures behind these. */
#define TWICE (10 * CLOCK_SECOND) /* the same row again, a little later: one play */
#define SHOWN (30 * CLOCK_SECOND) /* the API lists few plays that were shorter */
#define SHORTER_COSTS 1000        /* ms of distance that a shorter one has to be nearer */
#define LESS_SURE_COSTS 200       /* and one whose track is less sure, a step */
#define SAME_MS CLOCK_SECOND      /* ms_played of one play, told by both forms */

/* Where on the line a telling stands. */
enum place {
    PLACE_END,    /* its own moment */
    PLACE_OFFLINE /* of a long one: where it ended by the clock of an offline device */
};

/* One way to find partners, for those that have none yet. */
struct tier {
    bool only; /* match_line_only(), else match_line_order() */
    enum place place;
    int64_t radius;
    int64_t shortest; /* ms_played must be this at least */
    bool offline;     /* rows that say so, only */
    enum match_sameness same;
};

/* What is surer goes first; the further away, the more is asked. */
static const struct tier api_and_long[] = {
    {false, PLACE_END, 2 * CLOCK_SECOND, 0, false, MATCH_SAME_TITLE},
    {false, PLACE_END, 15 * CLOCK_SECOND, 0, false, MATCH_SAME_NAME},
    {false, PLACE_OFFLINE, 15 * CLOCK_SECOND, 0, false, MATCH_SAME_NAME},
    {true, PLACE_END, 10 * CLOCK_MINUTE, SHOWN, false, MATCH_SAME_NAME},
    {true, PLACE_END, 24 * CLOCK_HOUR, SHOWN, true, MATCH_SAME_NAME},
};

static const struct tier long_and_short[] = {
    {false, PLACE_END, CLOCK_SECOND, 0, false, MATCH_SAME_TITLE},
    {false, PLACE_END, CLOCK_MINUTE, 0, false, MATCH_SAME_TITLE},
};

static const struct tier api_and_short[] = {
    {false, PLACE_END, 2 * CLOCK_SECOND, 0, false, MATCH_SAME_TITLE},
    {false, PLACE_END, 15 * CLOCK_SECOND, 0, false, MATCH_SAME_NAME},
    {true, PLACE_END, 10 * CLOCK_MINUTE, SHOWN, false, MATCH_SAME_NAME},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A piece with what it is sorted by. */
struct sorted {
    uint32_t class, piece;
    int64_t at, ms;
    enum match_source source;
    bool fresh; /* of two equal ones the stored one stands for both */
};

/* All pieces of one source that may be of one track. */
struct slice {
    struct sorted *at;
    size_t count;
};

struct solver {
    const struct match_piece *pieces;
    struct match_links links;
    struct sorted *sorted;
    struct match_line line;
    const struct tier *tier;
};

/* ---- in which order ---- */

static int compare(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_moment(const void *one, const void *other)
{
    const struct sorted *a = one, *b = other;
    int order = compare(a->class, b->class);

    order = order ? order : compare(a->source, b->source);
    order = order ? order : compare(a->at, b->at);
    order = order ? order : compare(a->ms, b->ms);
    order = order ? order : compare(a->fresh, b->fresh);
    return order ? order : compare(a->piece, b->piece);
}

static int by_length(const void *one, const void *other)
{
    const struct sorted *a = one, *b = other;
    int order = compare(a->ms, b->ms);

    order = order ? order : compare(a->at, b->at);
    order = order ? order : compare(a->fresh, b->fresh);
    return order ? order : compare(a->piece, b->piece);
}

static void sort_pieces(struct solver *solver, size_t count, const uint32_t *classes)
{
    for (size_t i = 0; i < count; i++) {
        const struct match_piece *piece = &solver->pieces[i];

        solver->sorted[i] = (struct sorted){classes[i],       (uint32_t)i,
                                            piece->at,        piece->ms_played,
                                            piece->source,    piece->play == MATCH_NONE};
    }
    qsort(solver->sorted, count, sizeof(*solver->sorted), by_moment);
}

/* ---- duplicates ---- */

/* Two rows that tell of the same milliseconds of listening. What took longer than the time between
 * the two ends cannot have been listened to twice. */
static bool is_twice(const struct solver *solver, const struct sorted *first,
                     const struct sorted *again)
{
    int64_t apart = again->at - first->at;
    enum match_sameness same =
        match_same(&solver->pieces[first->piece].keys, &solver->pieces[again->piece].keys);

    if (again->ms != first->ms)
        return false;
    if (apart == 0)
        return same >= MATCH_SAME_TITLE;
    return again->source == MATCH_LONG && apart <= TWICE && apart < again->ms &&
           same >= MATCH_SAME_NAME;
}

/* Takes the repetitions out of the slice. The earliest row stands for the others. */
static void fold_twice(struct solver *solver, struct slice *slice)
{
    size_t kept = 0;

    if (slice->count < 2)
        return;
    qsort(slice->at, slice->count, sizeof(*slice->at), by_length);
    for (size_t i = 0; i < slice->count; i++) {
        const struct sorted *row = &slice->at[i];

        if (kept > 0 && is_twice(solver, &slice->at[kept - 1], row))
            solver->links.fold[row->piece] = slice->at[kept - 1].piece;
        else
            slice->at[kept++] = *row;
    }
    slice->count = kept;
    qsort(slice->at, kept, sizeof(*slice->at), by_moment);
}

/* ---- partners ---- */

static int64_t against(const void *context, uint32_t left, uint32_t right)
{
    const struct solver *solver = context;
    const struct match_piece *a = &solver->pieces[left], *b = &solver->pieces[right];
    enum match_sameness same = match_same(&a->keys, &b->keys);
    int64_t sum = (MATCH_SAME_URI - same) * LESS_SURE_COSTS;

    if (same < solver->tier->same)
        return MATCH_LINE_NEVER;
    if (a->source == MATCH_API)
        return b->ms_played < SHOWN ? sum + SHORTER_COSTS : sum;
    if (a->ms_played >= 0 && b->ms_played >= 0 && llabs(a->ms_played - b->ms_played) > SAME_MS)
        return MATCH_LINE_NEVER;
    return sum + llabs(a->ms_played - b->ms_played);
}

static void pair(void *context, uint32_t left, uint32_t right)
{
    struct solver *solver = context;
    const struct match_piece *pieces = solver->pieces;

    if (pieces[right].source == MATCH_LONG) {
        solver->links.mate[left] = right;
        solver->links.mate[right] = left;
    } else {
        solver->links.told[left] = right;
        solver->links.told[right] = left;
    }
}

/* False if the piece has no such place. */
static bool find_place(const struct match_piece *piece, enum place place, struct match_point *point)
{
    static const int64_t length[MATCH_SOURCES] = {0, CLOCK_SECOND - 1, CLOCK_MINUTE - 1};
    int64_t low = piece->at;

    if (place == PLACE_OFFLINE && piece->source == MATCH_LONG) {
        if (piece->ms_played < 0 || piece->offline_at < piece->at - 2 * MATCH_FAR ||
            piece->offline_at > piece->at + 2 * MATCH_FAR)
            return false;
        low = piece->offline_at + piece->ms_played;
        if (low < piece->at - MATCH_FAR || low > piece->at + MATCH_FAR)
            return false;
    }
    point->low = low;
    point->high = low + length[piece->source];
    return true;
}

static int by_low(const void *one, const void *other)
{
    const struct match_point *a = one, *b = other;
    int order = compare(a->low, b->low);

    return order ? order : compare(a->piece, b->piece);
}

/* The pieces of a slice that have no partner yet and are what the tier asks for. taken: partners of
 * the source in question; other: ones that also make a piece unfit. */
static void lay_out(const struct solver *solver, const struct slice *slice, const uint32_t *taken,
                    const uint32_t *other, struct match_points *points)
{
    const struct tier *tier = solver->tier;

    points->count = 0;
    for (size_t i = 0; i < slice->count; i++) {
        uint32_t index = slice->at[i].piece;
        const struct match_piece *piece = &solver->pieces[index];
        struct match_point point = {.piece = index};

        if (taken[index] != MATCH_NONE || (other && other[index] != MATCH_NONE))
            continue;
        if (piece->source != MATCH_API && ((tier->shortest && piece->ms_played < tier->shortest) ||
                                           (tier->offline && !piece->offline)))
            continue;
        if (find_place(piece, tier->place, &point))
            points->at[points->count++] = point;
    }
    if (tier->place == PLACE_OFFLINE && points->count > 1)
        qsort(points->at, points->count, sizeof(*points->at), by_low);
}

/* Pairs what two slices have left. other: see lay_out(), for the left slice. */
static void pair_slices(struct solver *solver, const struct tier *tiers, size_t count,
                        const struct slice *left, const struct slice *right, uint32_t *taken,
                        const uint32_t *other)
{
    struct match_line *line = &solver->line;

    if (left->count == 0 || right->count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        solver->tier = &tiers[i];
        line->radius = tiers[i].radius;
        lay_out(solver, left, taken, other, &line->left);
        lay_out(solver, right, taken, NULL, &line->right);
        if (tiers[i].only)
            match_line_only(line);
        else
            match_line_order(line);
    }
}

static void solve_class(struct solver *solver, struct sorted *sorted, size_t count)
{
    struct slice slices[MATCH_SOURCES] = {{NULL, 0}};
    struct match_links *links = &solver->links;

    for (size_t i = 0; i < count; i++) {
        struct slice *slice = &slices[sorted[i].source];

        if (slice->count++ == 0)
            slice->at = &sorted[i];
    }
    fold_twice(solver, &slices[MATCH_LONG]);
    fold_twice(solver, &slices[MATCH_SHORT]);
    pair_slices(solver, api_and_long, COUNT(api_and_long), &slices[MATCH_API], &slices[MATCH_LONG],
                links->mate, NULL);
    pair_slices(solver, long_and_short, COUNT(long_and_short), &slices[MATCH_LONG],
                &slices[MATCH_SHORT], links->told, NULL);
    /* An API play whose long row is known has its short row there. */
    pair_slices(solver, api_and_short, COUNT(api_and_short), &slices[MATCH_API],
                &slices[MATCH_SHORT], links->told, links->mate);
}

static void solve_classes(struct solver *solver, size_t count)
{
    size_t first = 0;

    for (size_t i = 1; i <= count; i++) {
        if (i < count && solver->sorted[i].class == solver->sorted[first].class)
            continue;
        if (i - first > 1)
            solve_class(solver, solver->sorted + first, i - first);
        first = i;
    }
}

static bool prepare(struct solver *solver, size_t count, struct arena *arena)
{
    struct match_line *line = &solver->line;

    solver->sorted = arena_alloc(arena, (count + 1) * sizeof(*solver->sorted));
    line->left.at = arena_alloc(arena, (count + 1) * sizeof(*line->left.at));
    line->right.at = arena_alloc(arena, (count + 1) * sizeof(*line->right.at));
    line->table = match_table_new(arena);
    line->against = against;
    line->pair = pair;
    line->context = solver;
    return solver->sorted && line->left.at && line->right.at && line->table &&
           match_links_new(&solver->links, count, arena);
}

static bool is_sound(const struct match_input *input)
{
    if (input->count >= UINT32_MAX / 2 || input->stored >= UINT32_MAX / 2)
        return false;
    for (size_t i = 0; i < input->count; i++)
        if (input->pieces[i].source >= MATCH_SOURCES ||
            (input->pieces[i].play != MATCH_NONE && input->pieces[i].play >= input->stored))
            return false;
    return true;
}

bool match_solve(const struct match_input *input, struct arena *arena, struct match_result *result)
{
    struct solver solver = {.pieces = input->pieces};
    uint32_t *classes;

    if (!is_sound(input) || !prepare(&solver, input->count, arena) ||
        !match_classes(input->pieces, input->count, arena, &classes))
        return false;
    sort_pieces(&solver, input->count, classes);
    solve_classes(&solver, input->count);
    return match_rows(input, &solver.links, arena, result);
}
