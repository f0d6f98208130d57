/* SPDX-License-Identifier: MIT */
#include "archive/match.h"

#include <stdlib.h>

#include "match_class.h"
#include "match_line.h"
#include "match_rows.h"

/* doc/matching.md has the figures behind these. */
#define TWICE (10 * CLOCK_SECOND) /* the same row again, a little later: one play */
#define SHOWN (30 * CLOCK_SECOND) /* the API lists few plays that were shorter */
#define ERROR (3 * CLOCK_SECOND)  /* of a moment in the long form, for nearly all */
#define LOOK_BACK 64 /* rows of equal length that may stand between a row and its repetition */
#define TIME_MAX (INT64_C(1) << 60)
#define SAME_MS CLOCK_SECOND /* ms_played of one play, told by both forms */
#define SHORTER_COSTS 1000   /* ms of distance by which a shorter play has to be nearer */
#define LESS_SURE_COSTS 200  /* and one whose track is less sure, a step */

/* Where on the line a telling stands. */
enum place {
    PLACE_END,    /* its own moment */
    PLACE_OFFLINE /* of a long one: where it ended by the clock of an offline device */
};

/* One way to find partners, for those that have none yet. */
struct tier {
    int64_t radius;
    int64_t shortest; /* ms_played of the row must be this at least */
    enum match_sameness same;
    enum place place;
    bool only;    /* match_line_only(), else match_line_order() */
    bool alone;   /* with `only`: those that have a partner count as near, too */
    bool one;     /* two plays of this length would not have fit between the two ends */
    bool offline; /* the row says so */
};

/* What is surer goes first; the further away, the more is asked. */
static const struct tier api_and_long[] = {
    {.radius = 2 * CLOCK_SECOND, .same = MATCH_SAME_TITLE, .shortest = SHOWN},
    {.radius = 2 * CLOCK_SECOND, .same = MATCH_SAME_TITLE},
    {.radius = 15 * CLOCK_SECOND, .same = MATCH_SAME_NAME, .one = true},
    {.radius = 15 * CLOCK_SECOND, .same = MATCH_SAME_NAME, .one = true, .place = PLACE_OFFLINE},
    {.radius = 10 * CLOCK_MINUTE,
     .same = MATCH_SAME_NAME,
     .shortest = SHOWN,
     .one = true,
     .only = true},
    {.radius = 30 * CLOCK_MINUTE,
     .same = MATCH_SAME_NAME,
     .shortest = SHOWN,
     .only = true,
     .alone = true},
    {.radius = MATCH_FAR,
     .same = MATCH_SAME_NAME,
     .shortest = SHOWN,
     .only = true,
     .alone = true,
     .offline = true},
};

static const struct tier long_and_short[] = {
    {.radius = CLOCK_SECOND, .same = MATCH_SAME_TITLE},
    {.radius = CLOCK_MINUTE, .same = MATCH_SAME_TITLE},
};

static const struct tier api_and_short[] = {
    {.radius = 2 * CLOCK_SECOND, .same = MATCH_SAME_TITLE, .shortest = SHOWN},
    {.radius = 2 * CLOCK_SECOND, .same = MATCH_SAME_TITLE},
    {.radius = 15 * CLOCK_SECOND, .same = MATCH_SAME_NAME, .one = true},
    {.radius = 10 * CLOCK_MINUTE,
     .same = MATCH_SAME_NAME,
     .shortest = SHOWN,
     .one = true,
     .only = true},
    {.radius = 30 * CLOCK_MINUTE,
     .same = MATCH_SAME_NAME,
     .shortest = SHOWN,
     .only = true,
     .alone = true},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A piece with what it is sorted by. */
struct sorted {
    uint32_t class, piece;
    int64_t at, ms, offline_at;
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
    bool with_short; /* the right ones are short rows */
};

/* ---- in which order ---- */

static int compare(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_rest(const struct sorted *a, const struct sorted *b)
{
    int order = compare(a->offline_at, b->offline_at);

    order = order ? order : compare(a->fresh, b->fresh);
    return order ? order : compare(a->piece, b->piece);
}

static int by_moment(const void *one, const void *other)
{
    const struct sorted *a = one, *b = other;
    int order = compare(a->class, b->class);

    order = order ? order : compare(a->source, b->source);
    order = order ? order : compare(a->at, b->at);
    order = order ? order : compare(a->ms, b->ms);
    return order ? order : by_rest(a, b);
}

static int by_length(const void *one, const void *other)
{
    const struct sorted *a = one, *b = other;
    int order = compare(a->ms, b->ms);

    order = order ? order : compare(a->at, b->at);
    return order ? order : by_rest(a, b);
}

/* Returns how many there are: what is gone takes no part. */
static size_t sort_pieces(struct solver *solver, size_t count, const uint32_t *classes)
{
    size_t sorted = 0;

    for (size_t i = 0; i < count; i++) {
        const struct match_piece *piece = &solver->pieces[i];

        if (piece->gone)
            continue;
        solver->sorted[sorted++] = (struct sorted){
            .class = classes[i],
            .piece = (uint32_t)i,
            .at = piece->at,
            .ms = piece->ms_played,
            .offline_at = piece->offline_at,
            .source = piece->source,
            .fresh = piece->play == MATCH_NONE,
        };
    }
    if (sorted > 1)
        qsort(solver->sorted, sorted, sizeof(*solver->sorted), by_moment);
    return sorted;
}

/* ---- duplicates ---- */

/* By the clock of the device one began long before the other. What an offline device uploads may
 * all bear the moment of the upload; without that clock such rows are taken for different plays. */
static bool began_apart(const struct match_piece *first, const struct match_piece *again)
{
    int64_t least = again->ms_played - ERROR;

    if (first->offline || again->offline || least < TWICE)
        least = TWICE;
    if (first->offline_at != CLOCK_NO_TIME && again->offline_at != CLOCK_NO_TIME)
        return again->offline_at - least >= first->offline_at ||
               first->offline_at - least >= again->offline_at;
    return first->offline_at != again->offline_at && (first->offline || again->offline);
}

/* Spotify's own rows have whole seconds. Those with ms are of an export of ours, in which each play
 * stands once. */
static bool is_exact(const struct match_piece *piece)
{
    return piece->source == MATCH_LONG && piece->at % CLOCK_SECOND != 0;
}

/* Two rows that tell of as many milliseconds of listening, within TWICE. What took longer than the
 * time between the two ends cannot have been listened to twice. */
static bool is_twice(const struct solver *solver, const struct sorted *first,
                     const struct sorted *again)
{
    const struct match_piece *a = &solver->pieces[first->piece];
    const struct match_piece *b = &solver->pieces[again->piece];
    int64_t apart = b->at - a->at;

    if (began_apart(a, b))
        return false;
    if (a->ms_played < 0 && a->keys.uri != b->keys.uri)
        return false;
    if (apart == 0)
        return match_same(&a->keys, &b->keys) >= MATCH_SAME_TITLE;
    return a->source == MATCH_LONG && apart < b->ms_played && !(is_exact(a) && is_exact(b)) &&
           match_same(&a->keys, &b->keys) >= MATCH_SAME_NAME;
}

/* The first row that this one repeats, among the last ones kept; NULL. */
static struct sorted *find_twice(const struct solver *solver, struct sorted *kept, size_t count,
                                 const struct sorted *row)
{
    struct sorted *found = NULL;

    for (size_t back = 1; back <= count && back <= LOOK_BACK; back++) {
        struct sorted *first = &kept[count - back];

        if (first->ms != row->ms || row->at - first->at > TWICE)
            break;
        if (is_twice(solver, first, row))
            found = first;
    }
    return found;
}

/* Takes the repetitions out of the slice. The earliest row stands for the others; but a stored one
 * never gives way to one that comes, because nothing is remembered of a repetition, and what comes
 * may be taken out again. */
static void fold_twice(struct solver *solver, struct slice *slice)
{
    size_t kept = 0;

    if (slice->count < 2)
        return;
    qsort(slice->at, slice->count, sizeof(*slice->at), by_length);
    for (size_t i = 0; i < slice->count; i++) {
        const struct sorted row = slice->at[i];
        struct sorted *first = find_twice(solver, slice->at, kept, &row);

        if (!first) {
            slice->at[kept++] = row;
        } else if (first->fresh && !row.fresh) {
            solver->links.fold[first->piece] = row.piece;
            *first = row;
        } else {
            solver->links.fold[row.piece] = first->piece;
        }
    }
    slice->count = kept;
    qsort(slice->at, kept, sizeof(*slice->at), by_moment);
}

/* What repeats a row that gave way to a stored one, repeats that one. */
static void unfold(const struct solver *solver, size_t count)
{
    uint32_t *fold = solver->links.fold;

    for (size_t i = 0; i < count; i++)
        fold[i] = fold[fold[i]];
}

/* ---- partners ---- */

/* A short row tells of a long one, whether or not that has its API play, and else of an API play.
 */
static bool is_free(const struct solver *solver, uint32_t index)
{
    const struct match_links *links = &solver->links;

    return links->told[index] == MATCH_NONE &&
           (links->mate[index] == MATCH_NONE ||
            (solver->with_short && solver->pieces[index].source == MATCH_LONG));
}

static bool is_fit(const struct solver *solver, uint32_t index)
{
    const struct tier *tier = solver->tier;
    const struct match_piece *piece = &solver->pieces[index];

    if (!is_free(solver, index))
        return false;
    if (piece->source == MATCH_API)
        return true;
    return (tier->shortest == 0 || piece->ms_played >= tier->shortest) &&
           (!tier->offline || piece->offline);
}

static int64_t against(const void *context, uint32_t left, uint32_t right, int64_t apart)
{
    const struct solver *solver = context;
    const struct match_piece *a = &solver->pieces[left], *b = &solver->pieces[right];
    enum match_sameness same = match_same(&a->keys, &b->keys);
    int64_t unsure = (MATCH_SAME_URI - same) * LESS_SURE_COSTS;

    if (same < solver->tier->same || !is_fit(solver, left) || !is_fit(solver, right))
        return MATCH_LINE_NEVER;
    if (solver->tier->one && apart + ERROR >= b->ms_played)
        return MATCH_LINE_NEVER;
    if (a->source == MATCH_API)
        return b->ms_played < SHOWN ? unsure + SHORTER_COSTS : unsure;
    if (a->ms_played < 0 || b->ms_played < 0)
        return unsure + SAME_MS;
    if (llabs(a->ms_played - b->ms_played) > SAME_MS)
        return MATCH_LINE_NEVER;
    return unsure + llabs(a->ms_played - b->ms_played);
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

/* The pieces of a slice that the tier looks at. */
static void lay_out(const struct solver *solver, const struct slice *slice,
                    struct match_points *points)
{
    const struct tier *tier = solver->tier;

    points->count = 0;
    for (size_t i = 0; i < slice->count; i++) {
        struct match_point point = {.piece = slice->at[i].piece};

        if ((tier->alone || is_fit(solver, point.piece)) &&
            find_place(&solver->pieces[point.piece], tier->place, &point))
            points->at[points->count++] = point;
    }
    if (tier->place == PLACE_OFFLINE && points->count > 1)
        qsort(points->at, points->count, sizeof(*points->at), by_low);
}

static void pair_slices(struct solver *solver, const struct tier *tiers, size_t count,
                        const struct slice *left, const struct slice *right)
{
    struct match_line *line = &solver->line;

    if (left->count == 0 || right->count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        solver->tier = &tiers[i];
        line->radius = tiers[i].radius;
        lay_out(solver, left, &line->left);
        lay_out(solver, right, &line->right);
        if (tiers[i].only)
            match_line_only(line);
        else
            match_line_order(line);
    }
}

static void solve_class(struct solver *solver, struct sorted *sorted, size_t count)
{
    struct slice slices[MATCH_SOURCES] = {{NULL, 0}};
    const struct slice *api = &slices[MATCH_API];
    struct slice *lng = &slices[MATCH_LONG], *shrt = &slices[MATCH_SHORT];

    for (size_t i = 0; i < count; i++) {
        struct slice *slice = &slices[sorted[i].source];

        if (slice->count++ == 0)
            slice->at = &sorted[i];
    }
    fold_twice(solver, lng);
    fold_twice(solver, shrt);
    solver->with_short = false;
    pair_slices(solver, api_and_long, COUNT(api_and_long), api, lng);
    solver->with_short = true;
    pair_slices(solver, long_and_short, COUNT(long_and_short), lng, shrt);
    pair_slices(solver, api_and_short, COUNT(api_and_short), api, shrt);
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

/* Far enough from the ends of the type for every sum that is made here. */
static bool is_time(int64_t ms)
{
    return ms > -TIME_MAX && ms < TIME_MAX;
}

static bool is_sound_piece(const struct match_piece *piece, size_t stored)
{
    if (piece->source >= MATCH_SOURCES || !is_time(piece->at))
        return false;
    if (piece->offline_at != CLOCK_NO_TIME && !is_time(piece->offline_at))
        return false;
    if (piece->ms_played < -1 || !is_time(piece->ms_played))
        return false;
    return piece->play == MATCH_NONE ? !piece->gone : piece->play < stored;
}

static bool is_sound(const struct match_input *input)
{
    if (input->count >= UINT32_MAX / 2 || input->stored >= UINT32_MAX / 2)
        return false;
    for (size_t i = 0; i < input->count; i++)
        if (!is_sound_piece(&input->pieces[i], input->stored))
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
    solve_classes(&solver, sort_pieces(&solver, input->count, classes));
    unfold(&solver, input->count);
    return match_rows(input, &solver.links, arena, result);
}
