/* SPDX-License-Identifier: MIT */
/* store/search: plays in the order of time. The plays of a user lie in the order of their key: they
 * are read some at a time, and those of all users merged. */
#include "search_pass.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN 16 /* plays of a user that are read at once: twice as many each time */
#define CHUNK_MAX 1024

static const char what[] = "looking for plays";

struct row {
    struct search_hit hit;
    bool fits;
};

/* The plays of one user. */
struct line {
    int64_t user_id;
    int64_t low, high; /* keys that are not read yet */
    struct row *rows;  /* what was read last */
    size_t at, count, size;
    bool ended; /* nothing is left to be read */
};

/* -- one user ---------------------------------------------------------------------------------- */

static void line_add(struct search_pass *pass, struct line *line, struct store_query *query)
{
    struct row *row = &line->rows[line->count++];
    char source[16] = "";
    int64_t moment = store_query_get_int(query, 1, 0);
    row->hit.place.key = store_query_get_int(query, 0, 0);
    row->hit.place.user_id = line->user_id;
    row->hit.track_id = store_query_get_int(query, 2, 0);
    if (pass->search->source != NULL) {
        store_query_get_text(query, 3, source, sizeof source);
    }
    row->fits = search_fits(pass, moment, row->hit.track_id, source);
}

/* What comes after a key that was read. */
static void line_shorten(const struct search_pass *pass, struct line *line, int64_t key)
{
    if (key == (pass->back ? line->high : line->low)) {
        line->ended = true;
    } else if (pass->back) {
        line->low = key + 1;
    } else {
        line->high = key - 1;
    }
}

/* Reads some more. With words each play is handed over, so that they can be counted: looking for
 * the tracks one by one may be faster. */
static enum store_result line_read(struct search_pass *pass, struct line *line)
{
    struct store_query query;
    store_query_begin(&query, pass->store,
                      pass->back ? STORE_SQL_SEARCH_NEWER : STORE_SQL_SEARCH_OLDER, what);
    store_query_int(&query, ":user_id", line->user_id);
    store_query_int(&query, ":low", line->low);
    store_query_int(&query, ":high", line->high);
    store_query_int(&query, ":since", pass->tracks == NULL ? pass->since : INT64_MIN);
    store_query_int(&query, ":last", pass->tracks == NULL ? pass->until - 1 : INT64_MAX);
    store_query_text(&query, ":source", pass->tracks == NULL ? pass->search->source : NULL);
    store_query_int(&query, ":limit", (int64_t)line->size);
    line->at = line->count = 0;
    while (line->count < line->size && store_query_row(&query)) {
        line_add(pass, line, &query);
    }
    enum store_result result = store_query_end(&query);
    if (line->count < line->size) {
        line->ended = true;
    } else {
        line_shorten(pass, line, line->rows[line->count - 1].hit.place.key);
    }
    return result;
}

static enum store_result line_fill(struct search_pass *pass, struct line *line)
{
    if (line->at < line->count || line->ended) {
        return STORE_OK;
    }
    if (line->size < CHUNK_MAX) {
        size_t size = line->size == 0 ? CHUNK_MIN : 2 * line->size;
        struct row *rows = reallocarray(line->rows, size, sizeof *rows);
        if (rows == NULL) {
            return stats_no_memory(pass->store, what);
        }
        line->rows = rows;
        line->size = size;
    }
    return line_read(pass, line);
}

/* -- all of them ------------------------------------------------------------------------------- */

/* The line whose next play is the nearest; NULL: there are no more. */
static enum store_result nearest(struct search_pass *pass, struct line *lines, struct line **found)
{
    *found = NULL;
    for (size_t i = 0; i < pass->users.count; i++) {
        struct line *line = &lines[i];
        enum store_result result = line_fill(pass, line);
        if (result != STORE_OK) {
            return result;
        }
        if (line->at < line->count &&
            (*found == NULL || search_is_farther(pass, (*found)->rows[(*found)->at].hit.place,
                                                 line->rows[line->at].hit.place))) {
            *found = line;
        }
    }
    return STORE_OK;
}

static void lines_open(const struct search_pass *pass, struct line *lines)
{
    for (size_t i = 0; i < pass->users.count; i++) {
        lines[i].user_id = pass->users.items[i];
        search_bounds(pass, lines[i].user_id, &lines[i].low, &lines[i].high);
        lines[i].ended = lines[i].low > lines[i].high;
    }
}

static void lines_close(const struct search_pass *pass, struct line *lines)
{
    for (size_t i = 0; i < pass->users.count; i++) {
        free(lines[i].rows);
    }
    free(lines);
}

enum store_result search_walk(struct search_pass *pass, size_t most, bool *ended)
{
    struct line *lines = calloc(pass->users.count + 1, sizeof *lines), *line = NULL;
    enum store_result result = STORE_OK;
    if (lines == NULL) {
        return stats_no_memory(pass->store, what);
    }
    lines_open(pass, lines);
    *ended = false;
    for (size_t i = 0; i < most && pass->count < pass->wanted; i++) {
        result = nearest(pass, lines, &line);
        *ended = result == STORE_OK && line == NULL;
        if (line == NULL) {
            break;
        }
        const struct row *row = &line->rows[line->at++];
        pass->from = row->hit.place;
        if (row->fits) {
            pass->hits[pass->count++] = row->hit;
        }
    }
    lines_close(pass, lines);
    return result;
}
