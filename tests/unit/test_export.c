/* SPDX-License-Identifier: MIT */
/* Exports: each format letter by letter, which plays, in which order. */
#include <check.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config_help.h"
#include "export_help.h"

static const char *const formats[] = {"csv", "json", "jsonl", "extended", "listenbrainz"};

static struct buf export_all(const char *format, int64_t user_id)
{
    struct export_outcome outcome;

    return export_help_run(format, user_id, STORE_NO_TIME, STORE_NO_TIME, &outcome);
}

/* tests/data/export/FORMAT holds what is right; looked through by hand, line by line. */
START_TEST(a_format_is_written_as_it_was)
{
    const char *format = formats[_i];
    struct buf out;
    char path[200], *expected;

    export_help_make();
    out = export_all(format, export_format_find(format)->one_user ? 1 : 0);
    snprintf(path, sizeof(path), "%s/tests/data/export/odd.%s", TEST_SRCDIR, format);
    expected = config_help_read(path);
    ck_assert_msg(expected != NULL, "no %s; it would be:\n%s", path, out.data);
    ck_assert_str_eq(out.data, expected);
    free(expected);
    buf_free(&out, false);
}
END_TEST

START_TEST(every_format_is_found_by_its_name_and_no_other)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        ck_assert_str_eq(export_format_find(formats[i])->name, formats[i]);
    ck_assert_ptr_null(export_format_find("xml"));
    ck_assert_ptr_null(export_format_find(""));
}
END_TEST

START_TEST(without_a_play_every_format_is_still_whole)
{
    static const char *const empty[] = {NULL, "[]\n", "", "[]\n", "[]\n"};
    struct export_outcome outcome;
    struct buf out;

    export_help_make();
    out = export_help_run(formats[_i], 2, 0, 1, &outcome);
    if (empty[_i])
        ck_assert_str_eq(out.data ? out.data : "", empty[_i]);
    else
        ck_assert_ptr_eq(strchr(out.data, '\n'), out.data + out.len - 1);
    buf_free(&out, false);
}
END_TEST

/* What the listing shows, as "user:moment " each. */
static const char *listed(int64_t user_id, int64_t since, int64_t until)
{
    static char text[2000];
    struct store_listing_filter filter = {user_id, since, until};
    struct store *store = store_help_open(STORE_READER);
    struct store_listing *listing;
    struct store_listed row;
    size_t len = 0;

    text[0] = '\0';
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_listing_begin(store, &filter, &listing), STORE_OK);
    while (store_listing_next(listing, &row))
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%lld:%lld ",
                                (long long)row.user->user_id,
                                (long long)(row.played_at - STORE_HELP_T0));
    ck_assert_int_eq(store_listing_end(listing), STORE_OK);
    store_close(store);
    return text;
}

START_TEST(plays_come_by_key_then_by_user_and_deleted_ones_not_at_all)
{
    export_help_make();
    ck_assert_str_eq(listed(0, STORE_NO_TIME, STORE_NO_TIME),
                     "1:207 1:1000 2:1000 1:1000 1:3000 1:4000 1:5000 1:6000 1:7000 1:8000 ");
    ck_assert_str_eq(listed(2, STORE_NO_TIME, STORE_NO_TIME), "2:1000 ");
}
END_TEST

START_TEST(a_stretch_of_time_is_half_open_and_of_reported_moments)
{
    export_help_make();
    ck_assert_str_eq(listed(1, STORE_HELP_T0 + 1000, STORE_HELP_T0 + 3000), "1:1000 1:1000 ");
    ck_assert_str_eq(listed(1, STORE_HELP_T0 + 1001, STORE_HELP_T0 + 3001), "1:3000 ");
    ck_assert_str_eq(listed(1, STORE_HELP_T0, STORE_HELP_T0 + 1000), "1:207 ");
    ck_assert_str_eq(listed(1, STORE_HELP_T0 + 3000, STORE_HELP_T0 + 3000), "");
}
END_TEST

START_TEST(of_a_user_that_is_none_nothing_is_listed)
{
    struct store_listing_filter filter = {7, STORE_NO_TIME, STORE_NO_TIME};
    struct store_listing *listing;
    struct store *store;

    export_help_make();
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_listing_begin(store, &filter, &listing), STORE_NOT_FOUND);
    ck_assert_ptr_null(listing);
    store_close(store);
}
END_TEST

START_TEST(a_listing_outside_of_a_transaction_is_refused)
{
    struct store_listing_filter filter = {0, STORE_NO_TIME, STORE_NO_TIME};
    struct store_listing *listing;
    struct store *store;

    export_help_make();
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(store_listing_begin(store, &filter, &listing), STORE_MISUSE);
    store_close(store);
}
END_TEST

START_TEST(a_listing_shows_one_moment_while_the_writer_commits)
{
    struct store_listing_filter filter = {0, STORE_NO_TIME, STORE_NO_TIME};
    struct store_listing *listing;
    struct store_listed row;
    struct store *writer, *reader;
    int rows = 1;

    export_help_make();
    writer = store_help_open(STORE_WRITER);
    reader = store_help_open(STORE_READER);
    ck_assert_int_eq(store_begin_read(reader), STORE_OK);
    ck_assert_int_eq(store_listing_begin(reader, &filter, &listing), STORE_OK);
    ck_assert(store_listing_next(listing, &row));
    store_help_begin(writer, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(writer, 1, STORE_HELP_T0 + 99000, 1), STORE_OK);
    store_help_commit(writer);
    while (store_listing_next(listing, &row))
        rows++;
    ck_assert_int_eq(rows, 10);
    ck_assert_int_eq(store_listing_end(listing), STORE_OK);
    store_close(reader);
    store_close(writer);
}
END_TEST

START_TEST(text_that_is_no_utf8_becomes_replacement_characters)
{
    struct buf out;

    export_help_make();
    store_help_exec(store_help_db(),
                    "UPDATE tracks SET name = CAST(x'41ff42c3' AS TEXT) WHERE track_id = 1");
    out = export_all(formats[_i], 1);
    ck_assert(text_utf8_valid(out.data, out.len));
    ck_assert_ptr_nonnull(strstr(out.data, "A\xef\xbf\xbd"
                                           "B\xef\xbf\xbd"));
    buf_free(&out, false);
}
END_TEST

/* -- listenbrainz -------------------------------------------------------------------------------- */

START_TEST(what_is_no_listen_is_left_out_and_counted)
{
    struct export_outcome outcome;
    struct buf out;

    export_help_make();
    out = export_help_run("listenbrainz", 1, STORE_NO_TIME, STORE_NO_TIME, &outcome);
    ck_assert_int_eq(outcome.count[EXPORT_WRITTEN], 4);
    ck_assert_int_eq(outcome.count[EXPORT_PODCAST], 2);
    ck_assert_int_eq(outcome.count[EXPORT_PRIVATE], 1);
    ck_assert_int_eq(outcome.count[EXPORT_SHORT], 1);
    ck_assert_int_eq(outcome.count[EXPORT_NAMELESS], 1);
    buf_free(&out, false);
}
END_TEST

START_TEST(no_listen_begins_in_the_future)
{
    struct export_outcome outcome;
    json_t *listens, *listen;
    struct buf out;
    size_t at;

    export_help_make();
    store_help_exec(store_help_db(), "UPDATE played_tracks SET played_at = played_at + 864000000");
    out = export_help_run("listenbrainz", 1, STORE_NO_TIME, STORE_NO_TIME, &outcome);
    listens = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_uint_gt(json_array_size(listens), 0);
    json_array_foreach (listens, at, listen)
        ck_assert_int_le(json_integer_value(json_object_get(listen, "listened_at")),
                         (STORE_HELP_T0 + CLOCK_DAY) / 1000);
    json_decref(listens);
    buf_free(&out, false);
}
END_TEST

/* -- failures -------------------------------------------------------------------------------------- */

static int refuse(void *context, const void *data, size_t len)
{
    (void)context, (void)data, (void)len;
    return ENOSPC;
}

START_TEST(a_write_that_fails_ends_the_run_with_its_reason)
{
    struct export_request request = {.format = export_format_find("csv"),
                                     .filter = {0, STORE_NO_TIME, STORE_NO_TIME},
                                     .write = refuse};
    struct export_outcome outcome;
    struct store *store;

    export_help_make();
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(export_run(store, &request, &outcome), EXPORT_WRITE_FAILED);
    ck_assert_int_eq(outcome.error, ENOSPC);
    store_close(store);
}
END_TEST

START_TEST(a_run_that_is_stopped_says_so)
{
    static const volatile sig_atomic_t stop = 15;
    struct export_request request = {.format = export_format_find("csv"),
                                     .filter = {0, STORE_NO_TIME, STORE_NO_TIME},
                                     .write = refuse,
                                     .stop = &stop};
    struct export_outcome outcome;
    struct store *store;

    export_help_make();
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(export_run(store, &request, &outcome), EXPORT_STOPPED);
    store_close(store);
}
END_TEST

Suite *export_suite(void)
{
    Suite *suite = suite_create("export");
    TCase *test = tcase_create("export");
    int count = sizeof(formats) / sizeof(formats[0]);

    tcase_add_checked_fixture(test, store_help_setup, store_help_teardown);
    tcase_add_loop_test(test, a_format_is_written_as_it_was, 0, count);
    tcase_add_test(test, every_format_is_found_by_its_name_and_no_other);
    tcase_add_loop_test(test, without_a_play_every_format_is_still_whole, 0, count);
    tcase_add_test(test, plays_come_by_key_then_by_user_and_deleted_ones_not_at_all);
    tcase_add_test(test, a_stretch_of_time_is_half_open_and_of_reported_moments);
    tcase_add_test(test, of_a_user_that_is_none_nothing_is_listed);
    tcase_add_test(test, a_listing_outside_of_a_transaction_is_refused);
    tcase_add_test(test, a_listing_shows_one_moment_while_the_writer_commits);
    tcase_add_loop_test(test, text_that_is_no_utf8_becomes_replacement_characters, 0, count);
    tcase_add_test(test, what_is_no_listen_is_left_out_and_counted);
    tcase_add_test(test, no_listen_begins_in_the_future);
    tcase_add_test(test, a_write_that_fails_ends_the_run_with_its_reason);
    tcase_add_test(test, a_run_that_is_stopped_says_so);
    suite_add_tcase(suite, test);
    return suite;
}
