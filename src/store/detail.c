/* SPDX-License-Identifier: MIT */
/*
 * store/detail: what was played of one track, artist or album: the plays of its tracks, by an index
 * that has all that is asked of them. Only the rank is taken from a tally.
 */
#include "store/detail.h"

#include "stats_read.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

static const char what[] = "reading what was played of it";

/* A track of it. */
struct part {
    int64_t track_id, album_id; /* 0: of none */
    int64_t duration_ms;        /* 0: not known */
};

struct pass {
    struct store *store;
    struct store_detail *detail;
    const struct zone *zone;
    int64_t user_id;
    struct part *parts;
    size_t part_count, part_cap;
    const struct part *part; /* whose plays are read */
    struct store_sums tracks, albums, months;
    struct store_sums days; /* UTC days: the month that all of it is in, in any zone; or NO_MONTH */
    size_t user_cap;
};

#define NO_MONTH INT64_MIN

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* -- months ------------------------------------------------------------------------------------ */

static int64_t month_of(int64_t day)
{
    struct zone_date date = zone_date_of(day);
    date.day = 1;
    return zone_day_of(date);
}

/* The first day of the local month of a moment. Local time is less than a day from UTC: only near
 * the ends of a month the zone has to be asked. False: no memory. */
static bool month_at(struct pass *pass, int64_t moment, int64_t *month)
{
    int32_t second = 0;
    int64_t day = floor_div(moment, DAY_MS);
    struct store_sum *known = store_sums_at(&pass->days, day);
    if (known == NULL) {
        return false;
    }
    if (known->plays == 0) {
        known->plays = 1;
        known->id = month_of(day - 1) == month_of(day + 1) ? month_of(day) : NO_MONTH;
    }
    *month = known->id != NO_MONTH ? known->id : month_of(zone_day(pass->zone, moment, &second));
    return true;
}

/* -- plays ------------------------------------------------------------------------------------- */

/* What a user heard of it, made if it is not there; NULL without memory. */
static struct store_heard *heard_of(struct pass *pass, int64_t user_id)
{
    struct store_detail *detail = pass->detail;
    for (size_t i = 0; i < detail->user_count; i++) {
        if (detail->by_user[i].user_id == user_id) {
            return &detail->by_user[i];
        }
    }
    if (detail->user_count == pass->user_cap) {
        size_t cap = pass->user_cap > 0 ? 2 * pass->user_cap : 4;
        struct store_heard *grown = reallocarray(detail->by_user, cap, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        detail->by_user = grown;
        pass->user_cap = cap;
    }
    detail->by_user[detail->user_count] = (struct store_heard){
        .user_id = user_id, .first_at = STORE_NO_TIME, .last_at = STORE_NO_TIME};
    return &detail->by_user[detail->user_count++];
}

static void heard_add(struct store_heard *heard, const struct store_heard *more)
{
    heard->plays = store_sum_wrap(heard->plays, more->plays);
    heard->listened_ms = store_sum_wrap(heard->listened_ms, more->listened_ms);
    if (heard->first_at == STORE_NO_TIME || more->first_at < heard->first_at) {
        heard->first_at = more->first_at;
    }
    if (heard->last_at == STORE_NO_TIME || more->last_at > heard->last_at) {
        heard->last_at = more->last_at;
    }
}

static bool sums_add(struct pass *pass, int64_t moment, int64_t listened_ms)
{
    int64_t month = 0;
    return month_at(pass, moment, &month) && store_sums_add(&pass->months, month, 1, listened_ms) &&
           store_sums_add(&pass->tracks, pass->part->track_id, 1, listened_ms) &&
           (pass->part->album_id == 0 ||
            store_sums_add(&pass->albums, pass->part->album_id, 1, listened_ms));
}

/* Of user_id, moment, ms_played. */
static enum store_result play_visit(void *context, const int64_t *row)
{
    struct pass *pass = context;
    int64_t listened_ms = row[2] != STORE_NO_TIME ? row[2] : pass->part->duration_ms;
    struct store_heard play = {row[0], 1, listened_ms, row[1], row[1]};
    struct store_heard *heard = heard_of(pass, row[0]);
    if (heard == NULL) {
        return stats_no_memory(pass->store, what);
    }
    heard_add(heard, &play);
    if (pass->user_id != 0 && pass->user_id != row[0]) {
        return STORE_OK;
    }
    return sums_add(pass, row[1], listened_ms) ? STORE_OK : stats_no_memory(pass->store, what);
}

/* -- its tracks -------------------------------------------------------------------------------- */

static bool part_add(struct pass *pass, const struct part *part)
{
    if (pass->part_count == pass->part_cap) {
        size_t cap = pass->part_cap > 0 ? 2 * pass->part_cap : 16;
        struct part *grown = reallocarray(pass->parts, cap, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        pass->parts = grown;
        pass->part_cap = cap;
    }
    pass->parts[pass->part_count++] = *part;
    return true;
}

static enum store_result parts_read(struct pass *pass, enum store_kind kind, int64_t id)
{
    static const enum store_sql ids[STORE_KINDS] = {
        [STORE_KIND_TRACK] = STORE_SQL_DETAIL_TRACKS_OF_TRACK,
        [STORE_KIND_ARTIST] = STORE_SQL_DETAIL_TRACKS_OF_ARTIST,
        [STORE_KIND_ALBUM] = STORE_SQL_DETAIL_TRACKS_OF_ALBUM,
    };
    struct store_query query;
    store_query_begin(&query, pass->store, ids[kind], what);
    store_query_int(&query, ":id", id);
    while (store_query_row(&query)) {
        struct part part = {store_query_get_int(&query, 0, 0), store_query_get_int(&query, 1, 0),
                            store_query_get_int(&query, 2, 0)};
        if (!part_add(pass, &part)) {
            query.result = stats_no_memory(pass->store, what);
        }
    }
    return store_query_end(&query);
}

static enum store_result plays_read(struct pass *pass)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < pass->part_count; i++) {
        struct store_query query;
        pass->part = &pass->parts[i];
        store_query_begin(&query, pass->store, STORE_SQL_DETAIL_PLAYS, what);
        store_query_int(&query, ":id", pass->part->track_id);
        result = store_query_feed(&query, play_visit, pass);
    }
    return result;
}

/* -- what comes of it -------------------------------------------------------------------------- */

static int by_plays(const void *one, const void *other)
{
    const struct store_heard *a = one, *b = other;
    int order = (a->plays < b->plays) - (a->plays > b->plays);
    if (order == 0) {
        order = (a->listened_ms < b->listened_ms) - (a->listened_ms > b->listened_ms);
    }
    return order != 0 ? order : (a->user_id > b->user_id) - (a->user_id < b->user_id);
}

static void users_sum(struct pass *pass)
{
    struct store_detail *detail = pass->detail;
    detail->heard = (struct store_heard){
        .user_id = pass->user_id, .first_at = STORE_NO_TIME, .last_at = STORE_NO_TIME};
    for (size_t i = 0; i < detail->user_count; i++) {
        if (pass->user_id == 0 || detail->by_user[i].user_id == pass->user_id) {
            heard_add(&detail->heard, &detail->by_user[i]);
        }
    }
    if (detail->user_count > 0) {
        qsort(detail->by_user, detail->user_count, sizeof *detail->by_user, by_plays);
    }
}

static enum store_result related(struct pass *pass, const struct store_sums *sums,
                                 struct store_counts *first, int64_t *count)
{
    struct store_counts all = {0};
    if (!store_sums_list(sums, &all)) {
        return stats_no_memory(pass->store, what);
    }
    *count = (int64_t)all.count;
    enum store_result result =
        stats_first_of(pass->store, &all, stats_by_plays, STORE_DETAIL_RELATED, first);
    free(all.items);
    return result;
}

static enum store_result lists_make(struct pass *pass, enum store_kind kind)
{
    struct store_detail *detail = pass->detail;
    enum store_result result = STORE_OK;
    if (!store_sums_list(&pass->months, &detail->months)) {
        return stats_no_memory(pass->store, what);
    }
    if (kind != STORE_KIND_TRACK) {
        result = related(pass, &pass->tracks, &detail->tracks, &detail->track_count);
    }
    if (result == STORE_OK && kind == STORE_KIND_ARTIST) {
        result = related(pass, &pass->albums, &detail->albums, &detail->album_count);
    }
    return result;
}

static enum store_result rank_read(struct pass *pass, enum store_kind kind, int64_t id)
{
    struct store_stats_filter filter = {pass->user_id, STORE_NO_TIME, STORE_NO_TIME};
    struct store_tally *tally = NULL;
    if (pass->detail->heard.plays == 0) {
        return STORE_OK;
    }
    enum store_result result = stats_tally_read(pass->store, &filter, kind == STORE_KIND_ARTIST,
                                                kind == STORE_KIND_ALBUM, &tally);
    if (result == STORE_OK) {
        pass->detail->rank = store_tally_rank(tally, kind, id);
        pass->detail->ranked = (int64_t)tally->kind[kind].count;
    }
    store_tally_free(tally);
    return result;
}

static void pass_end(struct pass *pass)
{
    free(pass->parts);
    store_sums_free(&pass->tracks);
    store_sums_free(&pass->albums);
    store_sums_free(&pass->months);
    store_sums_free(&pass->days);
}

enum store_result store_detail_get(struct store *store, enum store_kind kind, int64_t id,
                                   int64_t user_id, const struct zone *zone,
                                   struct store_detail *detail)
{
    struct pass pass = {.store = store, .detail = detail, .zone = zone, .user_id = user_id};
    struct stats_numbers users;
    *detail = (struct store_detail){.title = {.kind = kind, .duration_ms = -1}};
    enum store_result result = stats_users_read(store, user_id, what, &users);
    stats_numbers_free(&users);
    if (result == STORE_OK) {
        result = store_title_get(store, kind, id, &detail->title);
    }
    if (result == STORE_OK) {
        result = parts_read(&pass, kind, id);
    }
    if (result == STORE_OK) {
        result = plays_read(&pass);
    }
    if (result == STORE_OK) {
        users_sum(&pass);
        result = lists_make(&pass, kind);
    }
    if (result == STORE_OK) {
        result = rank_read(&pass, kind, id);
    }
    pass_end(&pass);
    return result;
}

void store_detail_free(struct store_detail *detail)
{
    store_title_free(&detail->title);
    free(detail->months.items);
    free(detail->by_user);
    free(detail->tracks.items);
    free(detail->albums.items);
    *detail = (struct store_detail){.title = {.duration_ms = -1}};
}
