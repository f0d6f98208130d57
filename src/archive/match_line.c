/* SPDX-License-Identifier: MIT */
#include "match_line.h"

/* A table of this many cells is filled for a crowd of points; 64 cells a point at most, so that the
 * time stays in proportion to the number of points. */
#define CELLS 16384

/* One pair more is worth more than any sum of distances in a table. */
#define PAIR_WORTH (INT64_C(1) << 44)

enum step { STEP_NONE, STEP_LEFT, STEP_RIGHT, STEP_PAIR };

struct match_table {
    int64_t rows[2][CELLS + 1];
    uint8_t steps[CELLS];
};

/* Points from here on that no other point is near to. */
struct crowd {
    const struct match_point *left, *right;
    size_t left_count, right_count;
};

struct match_table *match_table_new(struct arena *arena)
{
    return arena_alloc(arena, sizeof(struct match_table));
}

static int64_t distance(const struct match_point *a, const struct match_point *b)
{
    if (a->low > b->high)
        return a->low - b->high;
    return b->low > a->high ? b->low - a->high : 0;
}

/* Distance and what else speaks against it; MATCH_LINE_NEVER. */
static int64_t cost(const struct match_line *line, const struct match_point *left,
                    const struct match_point *right)
{
    int64_t apart = distance(left, right), against;

    if (apart > line->radius)
        return MATCH_LINE_NEVER;
    against = line->against(line->context, left->piece, right->piece, apart);
    return against == MATCH_LINE_NEVER ? MATCH_LINE_NEVER : apart + against;
}

/* Fills the table: the best that the first i left and j right points can make. */
static void fill(const struct match_line *line, const struct crowd *crowd)
{
    size_t width = crowd->right_count;
    int64_t *before = line->table->rows[0], *now = line->table->rows[1];

    for (size_t j = 0; j <= width; j++)
        before[j] = 0;
    for (size_t i = 0; i < crowd->left_count; i++) {
        int64_t *swap = before;

        now[0] = 0;
        for (size_t j = 0; j < width; j++) {
            int64_t price = cost(line, &crowd->left[i], &crowd->right[j]);
            enum step step = before[j + 1] >= now[j] ? STEP_LEFT : STEP_RIGHT;
            int64_t best = step == STEP_LEFT ? before[j + 1] : now[j];

            if (price != MATCH_LINE_NEVER && before[j] + PAIR_WORTH - price > best) {
                best = before[j] + PAIR_WORTH - price;
                step = STEP_PAIR;
            }
            now[j + 1] = best;
            line->table->steps[i * width + j] = (uint8_t)step;
        }
        before = now;
        now = swap;
    }
}

static void pair_best(const struct match_line *line, const struct crowd *crowd)
{
    size_t i = crowd->left_count, j = crowd->right_count;

    fill(line, crowd);
    while (i > 0 && j > 0) {
        enum step step = line->table->steps[(i - 1) * crowd->right_count + j - 1];

        if (step == STEP_PAIR)
            line->pair(line->context, crowd->left[i - 1].piece, crowd->right[j - 1].piece);
        i -= step != STEP_RIGHT;
        j -= step != STEP_LEFT;
    }
}

/* Of two points that cannot be partners the one that ends first finds none any more. */
static void pair_first(const struct match_line *line, const struct crowd *crowd)
{
    size_t i = 0, j = 0;

    while (i < crowd->left_count && j < crowd->right_count) {
        const struct match_point *left = &crowd->left[i], *right = &crowd->right[j];
        bool fits = cost(line, left, right) != MATCH_LINE_NEVER;
        bool is_left = left->low + left->high <= right->low + right->high;

        if (fits)
            line->pair(line->context, left->piece, right->piece);
        i += fits || is_left;
        j += fits || !is_left;
    }
}

static void pair_crowd(const struct match_line *line, const struct crowd *crowd)
{
    if (crowd->left_count == 0 || crowd->right_count == 0)
        return;
    if (crowd->left_count <= CELLS / crowd->right_count)
        pair_best(line, crowd);
    else
        pair_first(line, crowd);
}

/* The earlier of the next points of both lines; NULL behind the last. */
static const struct match_point *next_point(const struct match_line *line,
                                            const struct crowd *crowd, bool *is_left)
{
    const struct match_point *left = crowd->left + crowd->left_count;
    const struct match_point *right = crowd->right + crowd->right_count;
    bool any_left = left < line->left.at + line->left.count;
    bool any_right = right < line->right.at + line->right.count;

    *is_left = any_left && (!any_right || left->low <= right->low);
    if (*is_left)
        return left;
    return any_right ? right : NULL;
}

void match_line_order(const struct match_line *line)
{
    struct crowd crowd = {.left = line->left.at, .right = line->right.at};
    const struct match_point *point;
    int64_t high = INT64_MAX;
    bool is_left;

    if (line->left.count == 0 || line->right.count == 0)
        return;
    while ((point = next_point(line, &crowd, &is_left))) {
        if (high != INT64_MAX && point->low - high > line->radius) {
            pair_crowd(line, &crowd);
            crowd = (struct crowd){.left = crowd.left + crowd.left_count,
                                   .right = crowd.right + crowd.right_count};
            high = INT64_MAX;
        }
        if (high == INT64_MAX || point->high > high)
            high = point->high;
        crowd.left_count += is_left;
        crowd.right_count += !is_left;
    }
    pair_crowd(line, &crowd);
}

/* How many points of a line are within the radius, and the first of them. */
static size_t count_near(const struct match_points *points, const struct match_point *point,
                         int64_t radius, size_t *first)
{
    size_t low = 0, high = points->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (points->at[middle].high < point->low - radius)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    for (high = low; high < points->count && high < low + 2; high++)
        if (points->at[high].low - point->high > radius)
            break;
    return high - low;
}

void match_line_only(const struct match_line *line)
{
    for (size_t i = 0; i < line->left.count; i++) {
        const struct match_point *left = &line->left.at[i], *right;
        size_t first;

        if (count_near(&line->right, left, line->radius, &first) != 1)
            continue;
        right = &line->right.at[first];
        if (count_near(&line->left, right, line->radius, &first) == 1 &&
            cost(line, left, right) != MATCH_LINE_NEVER)
            line->pair(line->context, left->piece, right->piece);
    }
}
