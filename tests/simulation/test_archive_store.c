/* SPDX-License-Identifier: MIT */
/*
 * Imports with a real database: years of listening, told by pages of the API and by files of
 * exports, in any order, in blocks of any size; and taken out again. What belongs together is
 * tested in test_archive_match.c; here that the rows say what was decided, also in pieces.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/import.h"
#include "archive/settle.h"
#include "lib/chance.h"
#include "simulation/tellings.h"
#include "store/totals.h"
#include "unit/store_help.h"

#define SEED 20261122
#define PAGE 50
#define NOW (STORE_HELP_T0 + 4000 * CLOCK_DAY)

static struct tellings tellings;

static uint64_t seed(void)
{
    const char *text = getenv("SIM_SEED");

    return text ? strtoull(text, NULL, 10) : SEED;
}

static void setup(void)
{
    struct tellings_options options = tellings_measured(seed(), 4000);

    printf("archive_store: SIM_SEED=%" PRIu64 "\n", seed());
    store_help_setup();
    store_help_make();
    ck_assert(tellings_make(&options, &tellings));
}

static void teardown(void)
{
    tellings_free(&tellings);
    store_help_teardown();
}

/* -- texts that stand for numbers -------------------------------------------------------------- */

/* All songs have one title: the artist tells them apart, as the numbers do. */
static void write_artist(char *text, size_t size, uint64_t number)
{
    snprintf(text, size, "Artist %016" PRIx64, number);
}

static void write_uri(char *text, size_t size, uint64_t number)
{
    snprintf(text, size, "spotify:track:%022" PRIu64, number);
}

/* -- the API ----------------------------------------------------------------------------------- */

static int64_t put_track(struct store *store, const struct match_keys *keys)
{
    char uri[64], isrc[32], names[2][64];
    struct store_artist album_artist = {NULL, names[0]}, artist = {NULL, names[1]};
    struct store_track track = {
        .uri = uri,
        .kind = "track",
        .name = "Song",
        .isrc = keys->isrc ? isrc : NULL,
        .duration_ms = -1,
        .track_number = -1,
        .disc_number = -1,
        .explicit_lyrics = -1,
        .artists = &artist,
        .artist_count = 1,
        .album_uri = uri,
        .album_name = "Album",
        .album_total_tracks = -1,
        .album_artists = &album_artist,
        .album_artist_count = 1,
    };
    int64_t track_id;

    write_uri(uri, sizeof(uri), keys->uri);
    snprintf(isrc, sizeof(isrc), "I%" PRIu64, keys->isrc);
    write_artist(names[0], sizeof(names[0]), keys->names[0]);
    write_artist(names[1], sizeof(names[1]), keys->names[1] ? keys->names[1] : keys->names[0]);
    ck_assert_int_eq(store_track_put(store, &track, STORE_HELP_T0, &track_id), STORE_OK);
    return track_id;
}

static bool is_stored(struct store *store, int64_t at, int64_t track_id)
{
    struct store_play_mark *marks = NULL;
    size_t count, cap = 0;
    bool found = false;

    ck_assert_int_eq(store_plays_between(store, 1, at, at + 50, &marks, &count, &cap), STORE_OK);
    for (size_t i = 0; i < count; i++)
        found = found || (marks[i].source == STORE_SOURCE_API && marks[i].track_id == track_id &&
                          marks[i].played_at - marks[i].nudge_ms == at);
    free(marks);
    return found;
}

/* What a page is held against: as the recorder does, or all that is near. */
static void read_around(struct settle *settle, bool all)
{
    bool done = !all;

    if (!all)
        ck_assert_int_eq(settle_read_kin(settle), STORE_OK);
    while (!done)
        ck_assert_int_eq(settle_read(settle, 11, NULL, &done), STORE_OK);
}

static void add_page(struct store *store, struct trackbook *book, const struct telling *told,
                     size_t count, bool all)
{
    struct settle *settle = settle_new(store, book, 1, NOW);
    int64_t tracks[PAGE];

    store_help_begin(store, STORE_RELAXED);
    for (size_t i = 0; i < count; i++) {
        tracks[i] = put_track(store, &told[i].piece.keys);
        trackbook_drop(book, tracks[i]);
    }
    ck_assert_int_eq(trackbook_look(book), STORE_OK);
    settle_begin(settle);
    for (size_t i = 0; i < count; i++) {
        struct settle_api api = {told[i].piece.at, tracks[i], NULL};

        if (!is_stored(store, api.reported_at, api.track_id))
            ck_assert_int_eq(settle_add_api(settle, &api), STORE_OK);
    }
    read_around(settle, all);
    ck_assert_int_eq(settle_solve(settle), STORE_OK);
    for (bool done = false; !done;)
        ck_assert_int_eq(settle_write(settle, 7, &done), STORE_OK);
    store_help_commit(store);
    settle_free(settle);
}

static void add_api(void)
{
    struct store *store = store_help_open(STORE_WRITER);
    struct trackbook *book = trackbook_new(store, TRACKBOOK_PLACES);
    size_t count = tellings.counts[MATCH_API];

    for (size_t i = 0; i < count; i += PAGE)
        add_page(store, book, tellings.told[MATCH_API] + i, count - i < PAGE ? count - i : PAGE,
                 false);
    trackbook_free(book);
    store_close(store);
}

/* -- files ------------------------------------------------------------------------------------- */

struct rows {
    const struct telling **told;
    size_t count, next;
    uint8_t record[ARCHIVE_RECORD_MAX];
    struct archive_row row;
};

static void write_row(struct archive_row *row, const struct match_piece *piece)
{
    bool is_short = piece->source == MATCH_SHORT;

    *row = (struct archive_row){
        .form = is_short ? ARCHIVE_FORM_SHORT : ARCHIVE_FORM_LONG,
        .row_no = 1,
        .ended_at = piece->at,
        .ms_played = piece->ms_played,
        .kind = ARCHIVE_TRACK,
        .name = "Song",
        .album = "Album",
        .shuffle = ARCHIVE_NOT_TOLD,
        .skipped = ARCHIVE_NOT_TOLD,
        .offline = is_short         ? ARCHIVE_NOT_TOLD
                   : piece->offline ? ARCHIVE_YES
                                    : ARCHIVE_NO,
        .incognito = ARCHIVE_NOT_TOLD,
        .offline_at = piece->offline_at,
    };
    write_artist(row->artist, sizeof(row->artist), piece->keys.names[0]);
    if (is_short) {
        row->album[0] = '\0';
        return;
    }
    write_uri(row->uri, sizeof(row->uri), piece->keys.uri);
    snprintf(row->reason_end, sizeof(row->reason_end), "end %" PRId64, piece->at % 97);
}

static int by_moment(const void *one, const void *other)
{
    const struct telling *a = *(const struct telling *const *)one;
    const struct telling *b = *(const struct telling *const *)other;

    return a->piece.at < b->piece.at ? -1 : a->piece.at > b->piece.at ? 1 : a < b ? -1 : a > b;
}

static const uint8_t *next_row(void *context, size_t *len, bool *failed)
{
    struct rows *rows = context;

    (void)failed;
    if (rows->next == rows->count)
        return NULL;
    write_row(&rows->row, &rows->told[rows->next++]->piece);
    *len = archive_record_put_row(rows->record, &rows->row);
    return rows->record;
}

static enum archive_import_end finish(struct store *store, struct archive_import *import,
                                      int64_t *import_id)
{
    enum archive_import_end end;

    do
        end = archive_import_step(import);
    while (end == ARCHIVE_IMPORT_MORE);
    if (end == ARCHIVE_IMPORT_FAILED)
        printf("failed: %s\n", archive_import_error(import));
    *import_id = archive_import_id(import);
    archive_import_free(import);
    store_close(store);
    return end;
}

/* One file: what a source tells, from one to another in the order of time. */
static enum archive_import_end add_slice(enum match_source source, size_t from, size_t to,
                                         size_t block_rows, int64_t *import_id)
{
    size_t count = tellings.counts[source];
    struct rows *rows = calloc(1, sizeof(*rows));
    struct archive_supply supply = {next_row, rows};
    char hash[40];
    struct archive_import_options options = {
        .user_id = 1,
        .file = "file",
        .hash = hash,
        .form = source == MATCH_SHORT ? ARCHIVE_FORM_SHORT : ARCHIVE_FORM_LONG,
        .now = NOW,
        .block_rows = block_rows,
    };
    struct store *store = store_help_open(STORE_WRITER);
    struct archive_import *import;
    enum archive_import_end end;

    snprintf(hash, sizeof(hash), "%08x%08zx%08zx", (unsigned)source, from, to);
    rows->told = malloc((count + 1) * sizeof(const struct telling *));
    for (size_t i = 0; i < count; i++)
        rows->told[i] = &tellings.told[source][i];
    qsort(rows->told, count, sizeof(const struct telling *), by_moment);
    rows->next = from;
    rows->count = to;
    ck_assert_int_eq(archive_import_begin(store, &options, &supply, &import), STORE_OK);
    end = finish(store, import, import_id);
    free(rows->told);
    free(rows);
    return end;
}

/* The part-th of so many equal parts of what a source tells. */
static enum archive_import_end add_file(enum match_source source, size_t part, size_t parts,
                                        size_t block_rows)
{
    size_t count = tellings.counts[source];
    int64_t import_id;

    return add_slice(source, count * part / parts, count * (part + 1) / parts, block_rows,
                     &import_id);
}

static void add_files(enum match_source source, size_t parts, size_t block_rows)
{
    for (size_t part = 0; part < parts; part++)
        ck_assert_int_eq(add_file(source, part, parts, block_rows), ARCHIVE_IMPORT_STORED);
}

static void undo(int64_t import_id, size_t block_rows)
{
    struct store *store = store_help_open(STORE_WRITER);
    struct archive_import *import;

    ck_assert_int_eq(archive_undo_begin(store, import_id, NOW, block_rows, &import), STORE_OK);
    ck_assert_int_eq(finish(store, import, &import_id), ARCHIVE_IMPORT_STORED);
}

/* Everything that is stored, the sums brought up to date first. */
static char *dump(void)
{
    store_help_sum_up();
    return store_help_dump(store_help_db());
}

/* -- what is stored ---------------------------------------------------------------------------- */

/* What does not depend on the order: all but numbers, and when a row was first seen. */
static char *plays(void)
{
    store_help_exec(store_help_db(),
                    "CREATE TABLE looks AS SELECT p.played_at - p.nudge_ms AS at, t.uri, p.source,"
                    " p.ms_played, d.long_at, d.offline_at, l.uri AS long_uri, d.reason_end,"
                    " d.short_at, s.uri AS short_uri FROM played_tracks AS p"
                    " JOIN tracks AS t ON t.track_id = p.track_id"
                    " LEFT JOIN play_details AS d ON d.user_id = p.user_id AND"
                    " d.played_at = p.played_at"
                    " LEFT JOIN tracks AS l ON l.track_id = d.long_track_id"
                    " LEFT JOIN tracks AS s ON s.track_id = d.short_track_id"
                    " ORDER BY 1, 2, 4, 5");
    char *text = store_help_dump_table(store_help_db(), "looks");

    store_help_exec(store_help_db(), "DROP TABLE looks");
    return text;
}

static void start_anew(void)
{
    store_help_teardown();
    store_help_setup();
    store_help_make();
}

START_TEST(API_first_and_export_first_end_in_the_same_rows)
{
    char *one, *other;

    add_api();
    add_files(MATCH_LONG, 3, 500);
    one = plays();
    start_anew();
    add_files(MATCH_LONG, 3, 0);
    add_api();
    other = plays();
    store_help_expect_equal(one, other);
}
END_TEST

START_TEST(I3_three_sources_in_any_order_end_in_the_same_rows)
{
    char *one, *other;

    add_api();
    add_files(MATCH_SHORT, 1, 0);
    add_files(MATCH_LONG, 2, 300);
    one = plays();
    start_anew();
    add_files(MATCH_LONG, 2, 0);
    add_files(MATCH_SHORT, 1, 700);
    add_api();
    other = plays();
    store_help_expect_equal(one, other);
}
END_TEST

START_TEST(undoing_an_import_leaves_a_dump_as_it_was)
{
    char *before;

    add_api();
    add_files(MATCH_SHORT, 2, 0);
    before = dump();
    add_files(MATCH_LONG, 1, 0);
    undo(3, 400);
    store_help_expect_equal(before, dump());
}
END_TEST

START_TEST(undoing_all_imports_one_after_the_other_leaves_a_dump_as_it_was)
{
    char *before;

    add_api();
    before = dump();
    add_files(MATCH_LONG, 2, 0);
    add_files(MATCH_SHORT, 1, 0);
    for (int import_id = 3; import_id > 0; import_id--)
        undo(import_id, 1000);
    store_help_expect_equal(before, dump());
}
END_TEST

START_TEST(importing_again_leaves_a_dump_as_it_was)
{
    char *before;

    add_api();
    add_files(MATCH_LONG, 2, 0);
    add_files(MATCH_SHORT, 1, 0);
    before = dump();
    for (size_t part = 0; part < 2; part++)
        ck_assert_int_eq(add_file(MATCH_LONG, part, 2, 600), ARCHIVE_IMPORT_KNOWN);
    ck_assert_int_eq(add_file(MATCH_SHORT, 0, 1, 0), ARCHIVE_IMPORT_KNOWN);
    store_help_expect_equal(before, dump());
}
END_TEST

/* -- anything at any time ---------------------------------------------------------------------- */

#define STEPS 30

struct slice {
    int64_t import_id;
    enum match_source source;
    size_t from, to;
};

struct anything {
    struct chance chance;
    struct slice slices[STEPS]; /* imports that are there */
    size_t count;
    size_t api; /* told by pages so far */
    int64_t deleted;
};

static void expect_none(const char *sql)
{
    const char *found = store_help_ask(sql);

    ck_assert_msg(strcmp(found, "0") == 0 || strcmp(found, "") == 0, "%s: %s", sql, found);
}

#define WITH_DETAILS                                       \
    " FROM played_tracks AS p LEFT JOIN play_details AS d" \
    " ON p.user_id = d.user_id AND p.played_at = d.played_at"

/* What holds whatever came and went. */
static void check_rows(const struct anything *any)
{
    char sql[200];

    ck_assert_str_eq(store_help_ask("PRAGMA integrity_check"), "ok");
    expect_none("PRAGMA foreign_key_check");
    expect_none("SELECT count(*) FROM imports"
                " WHERE row_count <> added + matched + duplicate + rejected");
    /* each telling is in one play */
    expect_none("SELECT count(*) FROM (SELECT 1" WITH_DETAILS " WHERE long_at IS NOT NULL"
                " GROUP BY long_at, coalesce(long_track_id, track_id), ms_played, offline_at"
                " HAVING count(*) > 1)");
    expect_none("SELECT count(*) FROM (SELECT 1 FROM (SELECT short_at AS at,"
                " coalesce(short_track_id, track_id) AS track,"
                " coalesce(short_ms_played, ms_played) AS ms" WITH_DETAILS
                " WHERE short_at IS NOT NULL"
                " UNION ALL SELECT played_at - nudge_ms, track_id, ms_played FROM played_tracks"
                " WHERE source = 'account') GROUP BY at, track, ms HAVING count(*) > 1)");
    /* what the API told stays, once */
    expect_none("SELECT count(*) FROM (SELECT 1 FROM played_tracks WHERE source = 'api'"
                " GROUP BY played_at - nudge_ms, track_id HAVING count(*) > 1)");
    snprintf(sql, sizeof(sql),
             "SELECT count(deleted_at) <> %" PRId64 " FROM played_tracks WHERE source = 'api'",
             any->deleted);
    expect_none(sql);
    /* what is of an import has a telling of it */
    expect_none("SELECT count(*)" WITH_DETAILS
                " WHERE (source = 'extended' AND long_at IS NULL) OR (source <> 'api'"
                " AND import_id IS NULL) OR (source = 'api' AND (import_id IS NULL) <>"
                " (long_at IS NULL AND short_at IS NULL))");
}

/* What is behind is marked as such, whoever made it so; now and then all is brought up to date. */
static void check_sums(struct anything *any)
{
    struct store *store;
    int64_t differences = -1;

    if (chance_below(&any->chance, 3) == 0)
        store_help_sum_up();
    store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(store_totals_verify(store, &differences), STORE_OK);
    ck_assert_int_eq(differences, 0);
    store_close(store);
}

static size_t any_block(struct anything *any)
{
    static const size_t blocks[] = {0, 11, 37, 400};

    return CHANCE_PICK(&any->chance, blocks);
}

static void some_page(struct anything *any)
{
    struct store *store = store_help_open(STORE_WRITER);
    struct trackbook *book = trackbook_new(store, TRACKBOOK_PLACES);
    size_t left = tellings.counts[MATCH_API] - any->api;
    size_t count = left < PAGE ? left : PAGE;

    add_page(store, book, tellings.told[MATCH_API] + any->api, count,
             chance_below(&any->chance, 2) == 0);
    any->api += count;
    trackbook_free(book);
    store_close(store);
}

static void some_import(struct anything *any)
{
    struct slice *slice = &any->slices[any->count];
    enum match_source source = chance_below(&any->chance, 3) ? MATCH_LONG : MATCH_SHORT;
    size_t length = tellings.counts[source] / 3;
    size_t from = chance_below(&any->chance, 2 * length);
    enum archive_import_end end;
    char *before;
    int64_t again;

    *slice = (struct slice){0, source, from, from + 1 + chance_below(&any->chance, length)};
    end = add_slice(source, slice->from, slice->to, any_block(any), &slice->import_id);
    if (end == ARCHIVE_IMPORT_STORED)
        any->count++;
    else
        ck_assert_int_eq(end, ARCHIVE_IMPORT_KNOWN);
    before = dump();
    ck_assert_int_eq(add_slice(source, slice->from, slice->to, any_block(any), &again),
                     ARCHIVE_IMPORT_KNOWN);
    store_help_expect_equal(before, dump());
}

static void some_undo(struct anything *any)
{
    size_t which = chance_below(&any->chance, any->count);

    undo(any->slices[which].import_id, any_block(any));
    any->slices[which] = any->slices[--any->count];
}

/* An import that is undone at once leaves all as it was. */
static void import_and_undo(struct anything *any)
{
    char *before = dump();
    enum match_source source = chance_below(&any->chance, 3) ? MATCH_LONG : MATCH_SHORT;
    size_t count = tellings.counts[source], from = chance_below(&any->chance, count / 2);
    int64_t import_id;

    if (add_slice(source, from, from + count / 4, any_block(any), &import_id) ==
        ARCHIVE_IMPORT_STORED)
        undo(import_id, any_block(any));
    store_help_expect_equal(before, dump());
}

static void some_deletion(struct anything *any)
{
    store_help_exec(store_help_db(),
                    "UPDATE played_tracks SET deleted_at = 1 WHERE played_at = (SELECT played_at"
                    " FROM played_tracks WHERE source = 'api' AND deleted_at IS NULL"
                    " ORDER BY played_at % 1009 LIMIT 1)");
    any->deleted = atoll(store_help_ask("SELECT count(deleted_at) FROM played_tracks"));
}

static void do_anything(struct anything *any)
{
    switch (chance_below(&any->chance, 9)) {
    case 0:
    case 1:
    case 2:
        some_page(any);
        break;
    case 3:
    case 4:
        some_import(any);
        break;
    case 5:
        if (any->count > 0)
            some_undo(any);
        break;
    case 6:
    case 7:
        import_and_undo(any);
        break;
    default:
        some_deletion(any);
    }
}

START_TEST(whatever_comes_and_goes_undoing_all_imports_leaves_what_the_API_told)
{
    struct anything any = {.chance = chance_from(seed())};
    char *here;

    for (int i = 0; i < STEPS; i++) {
        do_anything(&any);
        check_rows(&any);
        check_sums(&any);
    }
    while (any.count > 0)
        some_undo(&any);
    check_rows(&any);
    while (any.api < tellings.counts[MATCH_API])
        some_page(&any);
    expect_none("SELECT count(*) FROM imports");
    expect_none("SELECT count(*) FROM play_tellings");
    expect_none("SELECT count(*) FROM details");
    expect_none("SELECT count(*) FROM tracks AS t WHERE NOT EXISTS (SELECT 1"
                " FROM played_tracks AS p WHERE p.track_id = t.track_id) AND track_id > 3");
    expect_none("SELECT count(*) FROM played_tracks WHERE import_id IS NOT NULL");
    here = plays();
    start_anew();
    add_api();
    store_help_expect_equal(here, plays());
}
END_TEST

Suite *archive_store_suite(void);

Suite *archive_store_suite(void)
{
    const TTest *const tests[] = {
        API_first_and_export_first_end_in_the_same_rows,
        I3_three_sources_in_any_order_end_in_the_same_rows,
        undoing_an_import_leaves_a_dump_as_it_was,
        undoing_all_imports_one_after_the_other_leaves_a_dump_as_it_was,
        importing_again_leaves_a_dump_as_it_was,
        whatever_comes_and_goes_undoing_all_imports_leaves_what_the_API_told,
    };
    Suite *suite = suite_create("archive_store");
    TCase *tcase = tcase_create("imports");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return suite;
}
