/* SPDX-License-Identifier: MIT */
/* Exports of many plays: memory, order; and the long form read back. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "archive/decode.h"
#include "base/text.h"
#include "export_help.h"

#define MANY 300000
/* AddressSanitizer keeps what was freed, to see it used. */
#ifdef __SANITIZE_ADDRESS__
#define GROWTH_KIB 524288
#else
#define GROWTH_KIB 16384
#endif

/* Resident memory now, KiB. */
static long resident(void)
{
    long pages = 0, all = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%ld %ld", &all, &pages), 2);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

struct watch {
    long most;
    int64_t bytes, newlines;
};

static int look(void *context, const void *data, size_t len)
{
    struct watch *watch = context;
    const char *at = data, *end = at + len;
    long now = resident();

    if (now > watch->most)
        watch->most = now;
    watch->bytes += (int64_t)len;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        watch->newlines++;
    }
    return 0;
}

START_TEST(many_plays_are_exported_in_flat_memory)
{
    struct watch watch = {0};
    struct export_request request = {.format = export_format_find("jsonl"),
                                     .filter = {0, STORE_NO_TIME, STORE_NO_TIME},
                                     .write = look,
                                     .context = &watch};
    struct export_outcome outcome;
    struct store *store;
    long before;

    export_help_make_long(MANY);
    store = store_help_open(STORE_READER);
    before = resident();
    ck_assert_int_eq(export_run(store, &request, &outcome), EXPORT_OK);
    store_close(store);
    fprintf(stderr, "%d plays, %lld bytes: %ld KiB more than before\n", MANY,
            (long long)watch.bytes, watch.most - before);
    ck_assert_int_eq(watch.newlines, MANY);
    ck_assert_int_lt(watch.most - before, GROWTH_KIB);
}
END_TEST

START_TEST(many_plays_come_in_the_order_of_time_and_user)
{
    struct store_listing_filter filter = {0, STORE_NO_TIME, STORE_NO_TIME};
    struct store_listing *listing;
    struct store_listed row;
    int64_t last_at = 0, last_user = 0, rows = 0;
    char uri[40];
    struct store *store;

    export_help_make_long(20000);
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_listing_begin(store, &filter, &listing), STORE_OK);
    while (store_listing_next(listing, &row)) {
        ck_assert(row.played_at > last_at ||
                  (row.played_at == last_at && row.user->user_id > last_user));
        last_at = row.played_at;
        last_user = row.user->user_id;
        /* More tracks than are remembered: each is still the right one. */
        snprintf(uri, sizeof(uri), "spotify:track:n%lld", (long long)row.track->track_id - 100);
        ck_assert_str_eq(row.track->uri, uri);
        ck_assert_uint_eq(row.track->artist_count, 1);
        rows++;
    }
    ck_assert_int_eq(store_listing_end(listing), STORE_OK);
    ck_assert_int_eq(rows, 20000);
    store_close(store);
}
END_TEST

/* -- the long form read back ----------------------------------------------------------------------- */

static const char *text_of(const json_t *row, const char *key)
{
    ck_assert_msg(json_object_get(row, key) != NULL, "no %s", key);
    return json_string_value(json_object_get(row, key));
}

static int flag_of(const json_t *row, const char *key)
{
    const json_t *flag = json_object_get(row, key);

    ck_assert(json_is_boolean(flag) || json_is_null(flag));
    return json_is_null(flag) ? -1 : json_is_true(flag);
}

/* Adds "|value", as store_help_query() writes rows. */
static void add(struct buf *line, const char *value)
{
    buf_addf(line, "|%s", value ? value : "NULL");
}

static void add_flag(struct buf *line, int flag)
{
    add(line, flag < 0 ? NULL : flag ? "1" : "0");
}

/* The one of three keys that is not null. */
static const char *one_of(const json_t *row, const char *track, const char *episode,
                          const char *chapter)
{
    const char *values[] = {text_of(row, track), text_of(row, episode), text_of(row, chapter)};
    const char *found = NULL;

    for (size_t i = 0; i < 3; i++) {
        if (values[i]) {
            ck_assert_ptr_null(found);
            found = values[i];
        }
    }
    return found;
}

/* A row of the file as a row of the query below. */
static void add_row(struct buf *line, const json_t *row)
{
    const char *at = text_of(row, "historyd_played_at");
    const json_t *heard = json_object_get(row, "ms_played");
    int64_t ms, second;

    buf_add_text(line, line->len > 0 ? "\n" : "");
    ck_assert(text_time_parse(at, strlen(at), &ms));
    ck_assert(text_time_parse(text_of(row, "ts"), strlen(text_of(row, "ts")), &second));
    ck_assert_int_eq(second, ms - ms % 1000);
    ck_assert(json_is_null(json_object_get(row, "ip_addr")));
    buf_addf(line, "%lld", (long long)ms);
    add(line, one_of(row, "spotify_track_uri", "spotify_episode_uri", "audiobook_chapter_uri"));
    add(line, one_of(row, "master_metadata_track_name", "episode_name", "audiobook_chapter_title"));
    add(line,
        one_of(row, "master_metadata_album_album_name", "episode_show_name", "audiobook_title"));
    if (json_is_null(heard))
        add(line, NULL);
    else
        buf_addf(line, "|%lld", (long long)json_integer_value(heard));
    add(line, text_of(row, "reason_start"));
    add(line, text_of(row, "reason_end"));
    add_flag(line, flag_of(row, "shuffle"));
    add_flag(line, flag_of(row, "skipped"));
    add_flag(line, flag_of(row, "offline"));
    add_flag(line, flag_of(row, "incognito_mode"));
    add(line, text_of(row, "platform"));
    add(line, text_of(row, "conn_country"));
}

START_TEST(the_long_form_read_back_has_all_that_it_can_hold)
{
    static const char query[] =
        "SELECT p.played_at - p.nudge_ms, iif(t.uri LIKE 'spotify:%', t.uri, NULL), nullif(t.name, ''), b.name,"
        " p.ms_played, d.reason_start, d.reason_end, d.shuffle, d.skipped, d.offline, d.incognito,"
        " nullif(d.platform, ''), d.country FROM played_tracks AS p JOIN tracks AS t USING (track_id)"
        " LEFT JOIN albums AS b USING (album_id) LEFT JOIN play_details AS d"
        " ON d.user_id = p.user_id AND d.played_at = p.played_at"
        " WHERE p.user_id = 1 AND p.deleted_at IS NULL ORDER BY p.played_at";
    struct buf read = {0}, out;
    struct export_outcome outcome;
    json_t *rows, *row;
    size_t at;

    export_help_make();
    out = export_help_run("extended", 1, STORE_NO_TIME, STORE_NO_TIME, &outcome);
    rows = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_uint_eq(json_array_size(rows), 9);
    json_array_foreach (rows, at, row) {
        ck_assert_uint_eq(json_object_size(row), 24);
        add_row(&read, row);
    }
    ck_assert_str_eq(read.data, store_help_ask(query));
    json_decref(rows);
    buf_free(&read, false);
    buf_free(&out, false);
}
END_TEST

/* What import makes of it: every row, to the millisecond. */
START_TEST(the_long_form_is_taken_by_the_decoder_of_imports)
{
    static const char query[] =
        "SELECT group_concat(at, ' ') FROM (SELECT played_at - nudge_ms AS at FROM played_tracks"
        " WHERE user_id = 1 AND deleted_at IS NULL ORDER BY played_at)";
    struct archive_decoder *decoder = archive_decoder_new(STORE_HELP_T0 + CLOCK_DAY);
    struct buf times = {0}, out;
    struct export_outcome outcome;
    enum archive_step step;

    export_help_make();
    out = export_help_run("extended", 1, STORE_NO_TIME, STORE_NO_TIME, &outcome);
    archive_decoder_feed(decoder, out.data, out.len, true);
    while ((step = archive_decoder_next(decoder)) == ARCHIVE_STEP_ROW)
        buf_addf(&times, "%s%lld", times.len > 0 ? " " : "",
                 (long long)archive_decoder_row(decoder)->ended_at);
    ck_assert_int_eq(step, ARCHIVE_STEP_END);
    ck_assert_str_eq(times.data, store_help_ask(query));
    archive_decoder_free(decoder);
    buf_free(&times, false);
    buf_free(&out, false);
}
END_TEST

Suite *export_long_suite(void)
{
    Suite *suite = suite_create("export_long");
    TCase *test = tcase_create("many");

    tcase_set_timeout(test, 30);
    tcase_add_checked_fixture(test, store_help_setup, store_help_teardown);
    tcase_add_test(test, many_plays_are_exported_in_flat_memory);
    tcase_add_test(test, many_plays_come_in_the_order_of_time_and_user);
    tcase_add_test(test, the_long_form_read_back_has_all_that_it_can_hold);
    tcase_add_test(test, the_long_form_is_taken_by_the_decoder_of_imports);
    suite_add_tcase(suite, test);
    return suite;
}
