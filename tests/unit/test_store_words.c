/* SPDX-License-Identifier: MIT */
/* The index of words: what is in it, what it does not have yet, and words that nobody means well.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/prune.h"
#include "store/search.h"
#include "store_help.h"

static struct store *store;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

static void assert_ok(enum store_result result)
{
    ck_assert_msg(result == STORE_OK, "%s: %s", store_result_name(result), store_message(store));
}

static void do_sql(const char *sql)
{
    store_help_exec(store_help_db(), sql);
}

static int64_t refresh(int64_t ms)
{
    int64_t left = -1;

    store_help_begin(store, STORE_RELAXED);
    assert_ok(store_words_refresh(store, ms, &left));
    store_help_commit(store);
    return left;
}

/* The tracks of 1 to 9 that have the words: "1 3 ". */
static const char *found(const char *words)
{
    static char text[32];
    struct store_tracks *tracks;
    size_t len = 0;

    assert_ok(store_begin_read(store));
    assert_ok(store_tracks_search(store, words, &tracks));
    text[0] = '\0';
    for (int id = 1; id <= 9; id++)
        if (store_tracks_have(tracks, id))
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%d ", id);
    store_tracks_free(tracks);
    store_rollback(store);
    return text;
}

static void check_index(void)
{
    do_sql("INSERT INTO track_words (track_words) VALUES ('integrity-check')");
}

/* -- what is in it ----------------------------------------------------------------------------- */

/* What makes a track stale: SQL, words that find the tracks then, and words that find none. */
static const struct {
    const char *sql, *words, *tracks, *gone;
} changes[] = {
    {"UPDATE tracks SET name = 'Nightingale' WHERE track_id = 2", "nighting", "2 ", "Track 2"},
    {"UPDATE artists SET name = 'Motörhead'", "motorhead 3", "3 ", "artist"},
    {"UPDATE albums SET name = 'Overkill'", "over track", "1 2 3 ", "album"},
    {"UPDATE tracks SET album_id = NULL WHERE track_id = 1", "album", "2 3 ", "album track 1"},
    {"DELETE FROM track_artists WHERE track_id = 3", "artist", "1 2 ", "artist track 3"},
    {"INSERT INTO artists VALUES (9, 'x', 'Guest', 0);"
     "INSERT INTO track_artists VALUES (2, 1, 9)",
     "guest artist", "2 ", "guest track 1"},
    {"INSERT INTO artists VALUES (9, 'x', 'Other', 0);"
     "UPDATE track_artists SET artist_id = 9 WHERE track_id = 2",
     "other", "2 ", "artist track 2"},
    {"INSERT INTO tracks (track_id, uri, kind, name, updated_at)"
     " VALUES (7, 'y', 'track', 'New one', 0)",
     "new", "7 ", "new album"},
    {"DELETE FROM tracks WHERE track_id = 1", "track", "2 3 ", "track 1"},
    {"PRAGMA foreign_keys = OFF;"
     "INSERT OR REPLACE INTO tracks (track_id, uri, kind, name, updated_at)"
     " VALUES (2, 'z', 'track', 'Replaced', 0)",
     "replaced artist", "2 ", "track 2"},
    {"PRAGMA foreign_keys = OFF; UPDATE tracks SET track_id = 8 WHERE track_id = 1", "track",
     "2 3 8 ", "track 1 artist"},
    {"UPDATE OR REPLACE tracks SET name = 'Nightingale' WHERE track_id = 2", "nighting", "2 ",
     "track 2"},
    /* Marked twice by a statement with a rule of its own for what is there already. */
    {"UPDATE OR ABORT tracks SET name = name || '!', album_id = NULL; UPDATE OR ROLLBACK tracks SET"
     " name = 'Twice ' || name",
     "twice", "1 2 3 ", "album"},
};

#define CHANGES (sizeof(changes) / sizeof(changes[0]))

START_TEST(what_changes_is_found_at_once_and_after_the_refresh)
{
    ck_assert_int_eq(refresh(1000), 0);
    do_sql(changes[_i].sql);
    for (int i = 0; i < 2; i++) {
        ck_assert_str_eq(found(changes[_i].words), changes[_i].tracks);
        ck_assert_str_eq(found(changes[_i].gone), "");
        ck_assert_int_eq(refresh(1000), 0);
    }
    check_index();
    ck_assert_str_eq(store_help_query(store_help_db(), "SELECT count(*) FROM track_words"),
                     store_help_query(store_help_db(), "SELECT count(*) FROM tracks"));
}
END_TEST

START_TEST(what_does_not_change_words_marks_nothing)
{
    ck_assert_int_eq(refresh(1000), 0);
    do_sql("UPDATE tracks SET name = name, album_id = album_id, updated_at = 5, duration_ms = 7;"
           "UPDATE artists SET name = name, updated_at = 5; UPDATE albums SET name = name,"
           " cover_url = 'x'");
    ck_assert_str_eq(store_help_query(store_help_db(), "SELECT count(*) FROM stale_words"), "0");
}
END_TEST

START_TEST(all_tracks_of_an_older_database_are_stale)
{
    ck_assert_str_eq(store_help_query(store_help_db(), "SELECT count(*) FROM stale_words"), "3");
    ck_assert_str_eq(store_help_query(store_help_db(), "SELECT count(*) FROM track_words"), "0");
    ck_assert_str_eq(found("track artist album"), "1 2 3 ");
}
END_TEST

START_TEST(a_refresh_goes_on_where_the_last_one_ended)
{
    int64_t before, left, steps = 0;

    store_help_begin(store, STORE_RELAXED);
    for (int n = 4; n <= 1000; n++)
        store_help_track(store, n);
    store_help_commit(store);
    for (before = 1000; before > 0; before = left, steps++) {
        left = refresh(0);
        ck_assert_int_lt(left, before);
        ck_assert_str_eq(found("track 7 album"), "7 ");
    }
    ck_assert_int_ge(steps, 5);
    ck_assert_int_eq(refresh(0), 0);
    check_index();
}
END_TEST

START_TEST(an_index_made_anew_finds_the_same)
{
    ck_assert_int_eq(refresh(1000), 0);
    for (int i = 0; i < 2; i++) {
        store_help_begin(store, STORE_DURABLE);
        assert_ok(store_words_reset(store));
        store_help_commit(store);
        ck_assert_str_eq(found("track 2"), "2 ");
        ck_assert_int_eq(refresh(1000), 0);
        ck_assert_str_eq(found("track 2"), "2 ");
        check_index();
    }
}
END_TEST

/* Nothing is kept of what a transaction took back. */
START_TEST(what_is_no_utf8_is_no_error_of_a_search)
{
    static const char *const texts[] = {
        "\x8d\x11\xf0\xf0\xce\x8di\x11\xf0\x80\xf0\xee\x80\x80\xee\x80\x80\x80\x80\xce\x80'",
        "\xff", "\xf0\x80\x80\xce", "\xc3"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct store_tracks *tracks = NULL;

        assert_ok(store_tracks_search(store, texts[i], &tracks));
        store_tracks_free(tracks);
    }
}
END_TEST

START_TEST(a_reset_that_is_taken_back_has_changed_nothing)
{
    ck_assert_int_eq(refresh(1000), 0);
    store_help_begin(store, STORE_DURABLE);
    assert_ok(store_words_reset(store));
    store_rollback(store);
    ck_assert_str_eq(store_help_query(store_help_db(), "SELECT count(*) FROM stale_words"), "0");
    ck_assert_str_eq(found("track 2"), "2 ");
    check_index();
}
END_TEST

START_TEST(of_a_track_that_goes_no_word_stays)
{
    struct store_prune prune = {0};
    bool done = false;

    ck_assert_int_eq(refresh(1000), 0);
    store_help_exec(store_help_db(), "DELETE FROM played_tracks WHERE track_id = 2");
    ck_assert(store_ids_add(&prune.rows[STORE_PRUNE_TRACKS], 2));
    store_help_begin(store, STORE_DURABLE);
    assert_ok(store_prune_step(store, &prune, 100, &done));
    store_help_commit(store);
    ck_assert(done);
    ck_assert_str_eq(found("track"), "1 3 ");
    ck_assert_int_eq(refresh(1000), 0);
    ck_assert_str_eq(store_help_query(store_help_db(),
                                      "SELECT count(*) FROM track_words WHERE words LIKE '%2%'"),
                     "0");
    store_prune_free(&prune);
}
END_TEST

/* FTS5 would keep the words of what is gone for as long as it sees fit. */
START_TEST(of_a_track_that_goes_no_byte_stays_in_the_file)
{
    static const char secret[] = "zyxwvuts";

    do_sql("UPDATE tracks SET name = 'Zyxwvutsrq' WHERE track_id = 2");
    do_sql("DELETE FROM played_tracks WHERE track_id = 2");
    ck_assert_int_eq(refresh(1000), 0);
    assert_ok(store_checkpoint(store));
    ck_assert(store_help_holds(store_help_db(), secret, strlen(secret)));
    store_help_begin(store, STORE_DURABLE);
    struct store_prune prune = {0};
    bool done = false;
    ck_assert(store_ids_add(&prune.rows[STORE_PRUNE_TRACKS], 2));
    assert_ok(store_prune_step(store, &prune, 100, &done));
    store_prune_free(&prune);
    ck_assert(done);
    store_help_commit(store);
    ck_assert_int_eq(refresh(_i), 0);
    for (int i = 0; i < 20; i++)
        refresh(_i);
    assert_ok(store_checkpoint(store));
    ck_assert(!store_help_holds(store_help_db(), secret, strlen(secret)));
    ck_assert_str_eq(found("track 3"), "3 ");
    check_index();
}
END_TEST

START_TEST(words_are_brought_up_to_date_in_a_transaction_only)
{
    int64_t left;

    ck_assert_int_eq(store_words_refresh(store, 10, &left), STORE_MISUSE);
    ck_assert_int_eq(store_words_reset(store), STORE_MISUSE);
}
END_TEST

/* -- what is searched for ---------------------------------------------------------------------- */

#define EVERY "1 2 3 4 5 6 7 8 9 " /* there is no word to look for */

START_TEST(accents_case_and_signs_do_not_matter)
{
    static const struct {
        const char *words, *tracks;
    } searches[] = {
        {"bjork", "1 "},
        {"BJÖRK", "1 "},
        {"bjo\u0308rk", "1 "},
        {"jork", ""},
        {"hunt", "1 "},
        {"hunter bj", "1 "},
        {"hunter, bj!", "1 "},
        {"\"hunter", "1 "},
        {"hunter OR nothing", ""},
        {"hunter*", "1 "},
        {"words:hunter", ""},
        {"NOT hunter", ""},
        {"don't", "2 "},
        {"dont", ""},
        {"t don", "2 "},
        {"МОСК", "3 "},
        {"שלום", "3 "},
        {"", EVERY},
        {"!? \t-", EVERY},
        {"😀", EVERY},
        {"😀 hunter", "1 "},
        {"\xff\xfe hunter", "1 "},
        {"hunter hunt h", "1 "},
    };

    do_sql("UPDATE tracks SET name = 'Hunter' WHERE track_id = 1; UPDATE artists SET name = '';"
           "UPDATE albums SET name = ''; UPDATE tracks SET name = 'Don''t stop' WHERE track_id = 2;"
           "UPDATE tracks SET name = 'москва 😀 שלום' WHERE track_id = 3;"
           "INSERT INTO albums (album_id, uri, name, updated_at) VALUES (9, 'b', 'Björk', 0);"
           "UPDATE tracks SET album_id = 9 WHERE track_id = 1");
    if (_i)
        ck_assert_int_eq(refresh(1000), 0);
    for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++)
        ck_assert_msg(strcmp(found(searches[i].words), searches[i].tracks) == 0, "%s: %s",
                      searches[i].words, found(searches[i].words));
}
END_TEST

/* What stands behind the first 200 bytes is passed over, and no letter is cut in two. */
START_TEST(of_a_long_search_the_beginning_counts)
{
    char text[10001], longer[STORE_SEARCH_WORDS_MAX + 40];

    ck_assert_int_eq(refresh(1000), 0);
    memset(text, ' ', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memcpy(text, "track 2", 7);
    memcpy(text + 5000, "nosuchword", 10);
    ck_assert_str_eq(found(text), "2 ");
    for (size_t i = 0; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, i % 4 ? "\xc3\xa9" : "t ", 2);
    ck_assert_str_eq(found(text), "");
    for (size_t pad = 0; pad < 8; pad++) {
        snprintf(longer, sizeof(longer), "track%*s%s", (int)(STORE_SEARCH_WORDS_MAX - 5 - pad), "",
                 "\xf0\x90\x90\x80\xf0\x90\x90\x80");
        ck_assert_str_eq(found(longer), pad < 4 ? "1 2 3 " : "");
    }
}
END_TEST

static void put_utf8(char *text, unsigned code)
{
    size_t len = strlen(text);

    if (code < 0x80) {
        text[len++] = (char)code;
    } else if (code < 0x800) {
        text[len++] = (char)(0xc0 | code >> 6);
        text[len++] = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        text[len++] = (char)(0xe0 | code >> 12);
        text[len++] = (char)(0x80 | (code >> 6 & 0x3f));
        text[len++] = (char)(0x80 | (code & 0x3f));
    } else {
        text[len++] = (char)(0xf0 | code >> 18);
        text[len++] = (char)(0x80 | (code >> 12 & 0x3f));
        text[len++] = (char)(0x80 | (code >> 6 & 0x3f));
        text[len++] = (char)(0x80 | (code & 0x3f));
    }
    text[len] = '\0';
}

/* A word that FTS5 made of a letter is a word to FTS5: else it would take it for a phrase, of which
 * this index knows nothing, and fail. */
START_TEST(every_letter_there_is_can_be_searched_for)
{
    struct store_tracks *tracks;

    ck_assert_int_eq(refresh(1000), 0);
    assert_ok(store_begin_read(store));
    for (unsigned code = 1; code < 0x20000;) {
        char text[STORE_SEARCH_WORDS_MAX + 8] = "";

        for (; strlen(text) < STORE_SEARCH_WORDS_MAX - 10 && code < 0x20000; code++) {
            put_utf8(text, code);
            put_utf8(text, code % 3 == 0 ? 'a' : code % 3 == 1 ? ' ' : 0x301);
            put_utf8(text, ' ');
        }
        assert_ok(store_tracks_search(store, text, &tracks));
        store_tracks_free(tracks);
    }
    store_rollback(store);
}
END_TEST

/* A letter is found by itself, whether its track is in the index or not yet. */
START_TEST(stale_or_not_the_same_letters_are_found)
{
    static const char *const names[] = {"İstanbul", "ıI", "ŒUVRE", "ﬁne", "Ǆ", "ß", "ẞ", "ά", "Ά"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char sql[200];

        snprintf(sql, sizeof(sql), "UPDATE tracks SET name = '%s' WHERE track_id = 1", names[i]);
        do_sql(sql);
        ck_assert_msg(strncmp(found(names[i]), "1 ", 2) == 0, "%s is not found", names[i]);
        ck_assert_int_eq(refresh(1000), 0);
        ck_assert_msg(strncmp(found(names[i]), "1 ", 2) == 0, "%s is not found later", names[i]);
    }
}
END_TEST

/* An edited file may have any number. */
START_TEST(numbers_of_tracks_may_be_any)
{
    struct store_tracks *tracks;

    do_sql("INSERT INTO tracks (track_id, uri, kind, name, updated_at) VALUES"
           " (9223372036854775807, 'p', 'track', 'Far', 0), (-9223372036854775807, 'q', 'track',"
           " 'Far below', 0)");
    for (int i = 0; i < 2; i++) {
        assert_ok(store_begin_read(store));
        assert_ok(store_tracks_search(store, "far", &tracks));
        ck_assert(store_tracks_have(tracks, INT64_MAX));
        ck_assert(store_tracks_have(tracks, -INT64_MAX));
        ck_assert(!store_tracks_have(tracks, 1));
        store_tracks_free(tracks);
        store_rollback(store);
        ck_assert_int_eq(refresh(1000), 0);
    }
}
END_TEST

Suite *store_words_suite(void)
{
    Suite *suite = suite_create("store_words");
    TCase *index = tcase_create("index"), *words = tcase_create("words");

    tcase_add_checked_fixture(index, setup, teardown);
    tcase_add_loop_test(index, what_changes_is_found_at_once_and_after_the_refresh, 0, CHANGES);
    tcase_add_test(index, what_does_not_change_words_marks_nothing);
    tcase_add_test(index, all_tracks_of_an_older_database_are_stale);
    tcase_add_test(index, a_refresh_goes_on_where_the_last_one_ended);
    tcase_add_test(index, an_index_made_anew_finds_the_same);
    tcase_add_test(index, a_reset_that_is_taken_back_has_changed_nothing);
    tcase_add_test(index, what_is_no_utf8_is_no_error_of_a_search);
    tcase_add_test(index, of_a_track_that_goes_no_word_stays);
    tcase_add_loop_test(index, of_a_track_that_goes_no_byte_stays_in_the_file, 0, 2);
    tcase_add_test(index, words_are_brought_up_to_date_in_a_transaction_only);
    suite_add_tcase(suite, index);

    tcase_add_checked_fixture(words, setup, teardown);
    tcase_set_timeout(words, 60);
    tcase_add_loop_test(words, accents_case_and_signs_do_not_matter, 0, 2);
    tcase_add_test(words, of_a_long_search_the_beginning_counts);
    tcase_add_test(words, every_letter_there_is_can_be_searched_for);
    tcase_add_test(words, stale_or_not_the_same_letters_are_found);
    tcase_add_test(words, numbers_of_tracks_may_be_any);
    suite_add_tcase(suite, words);
    return suite;
}
