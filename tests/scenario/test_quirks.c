/* SPDX-License-Identifier: MIT */
/* What the list of plays is like in the wild, and what must be stored of it: everything shown, each
 * play once. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A moment so long ago, at a whole second. */
static int64_t whole_second_ago(int64_t ms)
{
    int64_t at = harness_now() - ms;

    return at - at % 1000;
}

/* A play of a kind of its own; `more` is further JSON ("" for none). */
static void play_oddly(int track, int64_t played_at, const char *more)
{
    fake_do("plays", "[{'track':%d,'played_at':%lld%s%s}]", track, (long long)played_at,
            more[0] ? "," : "", more);
}

/* -- times ------------------------------------------------------------------------------------- */

START_TEST(fact_7_a_moment_without_fraction_is_stored_to_the_millisecond)
{
    int64_t second = whole_second_ago(HOUR);

    harness_run(1);
    fake_play(1, 1, second);
    fake_play(1, 2, second + 1);
    fake_play(1, 3, second + 999);
    fake_play(1, 4, second + 1000);
    fake_play(1, 5, second + 1100);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks WHERE nudge_ms != 0"), 0);
}
END_TEST

START_TEST(fact_8_nobody_claims_to_know_how_long_a_play_was_heard)
{
    harness_run(1);
    fake_plays(1, 4, 1, harness_now() - HOUR, MINUTE);
    harness_wait_for_truth(1);
    ck_assert_int_eq(
        db_int("SELECT count(*) FROM played_tracks WHERE ms_played IS NOT NULL OR source != 'api'"),
        0);
}
END_TEST

START_TEST(fact_9_drifting_metadata_makes_no_second_play)
{
    harness_run_by_hand(1);
    fake_do("listing", "{'old_fields':true}");
    fake_plays(1, 20, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    fake_do("clock", "{'advance_ms':%d}", 3 * 86400000);
    hd_poll_and_wait();
    ck_assert_int_eq(db_outcomes("unchanged"), 0); /* the bytes were others */
    ck_assert_int_eq(db_plays(1), 20);
    harness_assert_truth(1);
}
END_TEST

/* -- who is who -------------------------------------------------------------------------------- */

START_TEST(A4_two_tracks_of_one_millisecond_on_one_page_are_both_stored)
{
    int64_t at = harness_now() - HOUR;

    harness_run(1);
    fake_plays(1, 2, 1, at, 0);
    fake_plays(1, 3, 5, at + MINUTE, 0);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 5);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks WHERE nudge_ms > 0"), 3);
    ck_assert_int_eq(db_int("SELECT max(nudge_ms) FROM played_tracks"), 2);
}
END_TEST

static const int orders[][2] = {{1, 2}, {2, 1}};

START_TEST(A4_the_second_track_of_a_millisecond_may_come_on_a_later_page)
{
    int64_t at = harness_now() - HOUR;

    harness_run_by_hand(1);
    fake_play(1, orders[_i][0], at);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    fake_play(1, orders[_i][1], at);
    fake_play(1, 3, at + 1); /* where the second would be put is taken at the same time */
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 3);
    hd_poll_and_wait();
    harness_assert_truth(1);
}
END_TEST

START_TEST(fact_10_an_item_that_is_listed_twice_is_one_play)
{
    int64_t at = harness_now() - HOUR;

    harness_run_by_hand(1);
    play_oddly(1, at, "'twice_ms':-1");
    fake_play(1, 2, at + MINUTE);
    hd_poll_and_wait();
    fake_play(1, 2, at + MINUTE); /* listed twice from now on */
    hd_poll_and_wait();
    fake_play(1, 3, at + 2 * MINUTE);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 3);
    ck_assert_int_eq(db_int("SELECT items FROM polls ORDER BY poll_id DESC LIMIT 1"), 5);
}
END_TEST

START_TEST(fact_10_an_echo_of_a_play_is_a_row_of_its_own)
{
    int64_t at = harness_now() - HOUR;

    harness_run(1);
    fake_play(1, 1, at);
    fake_play(1, 1, at + 30);
    fake_play(1, 1, at + 600);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 3);
}
END_TEST

/* Nothing tells it from the same track played twice, so nothing is taken away: the earlier row
 * stays as it was told first. */
START_TEST(A6_a_play_whose_moment_is_told_anew_is_a_second_row_and_no_gap)
{
    int64_t at = harness_now() - HOUR;

    harness_run(1);
    fake_play(1, 1, at - 10 * MINUTE);
    fake_play(1, 2, at);
    harness_wait_for_truth(1);
    fake_do("listing", "{'account':1,'vanish':[{'played_at':%lld}]}", (long long)at);
    fake_play(1, 2, at + 3000);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 3);
    ck_assert_int_eq(db_int("SELECT count(*) FROM plays WHERE played_at = %lld", (long long)at), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(fact_10_a_burst_of_plays_within_a_second_is_kept_to_the_millisecond)
{
    int64_t at = whole_second_ago(HOUR);

    harness_run(1);
    fake_plays(1, 13, 1, at, 71);
    fake_plays(1, 13, 1, at + 10, 71); /* the same tracks, a moment later */
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 26);
}
END_TEST

/* -- odd items --------------------------------------------------------------------------------- */

#define BARE_ITEM "{'played_at':'2026-01-02T03:04:%02d%s','track':{'uri':'spotify:track:%022d'}}"

START_TEST(A3_items_in_any_order_are_the_same_rows)
{
    harness_begin(1);
    fake_fault_body("{'kind':'recent'}",
                    "{'items':[" BARE_ITEM "," BARE_ITEM "," BARE_ITEM "," BARE_ITEM "]}", 2, ".5Z",
                    2, 3, "Z", 3, 1, ".000Z", 1, 2, ".500Z", 2);
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 3);
    ck_assert_str_eq(
        db_text("SELECT group_concat(substr(track_uri, -1)) FROM (SELECT track_uri FROM plays"
                " ORDER BY played_at)"),
        "1,2,3");
}
END_TEST

START_TEST(A10_unknown_fields_are_passed_over_and_missing_ones_do_no_harm)
{
    harness_begin(1);
    fake_fault_body(
        "{'kind':'recent'}",
        "{'total':1,'later':{'a':[1,{'b':null}]},'items':[" BARE_ITEM
        ",{'new':true,'context':null,'played_at':'2026-01-02T03:04:06.007Z','track':{'id':'%022d',"
        "'type':'track','is_playable':null,'album':null,'artists':null,'external_ids':{},'x':[[]]}}],"
        "'next':null}",
        5, "Z", 5, 6);
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 2);
    ck_assert_int_eq(db_int("SELECT odd FROM polls"), 0);
}
END_TEST

START_TEST(fact_17_optional_fields_of_a_track_may_be_missing)
{
    int64_t at = harness_now() - HOUR;

    harness_run(1);
    play_oddly(1, at, "'isrc':null");
    play_oddly(2, at + MINUTE, "'isrc':'XXABC1900001','name':'Morning'");
    fake_plays(1, 30, 3, at + 2 * MINUTE,
               1000); /* of these some have no preview, no isrc, no explicit ... */
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tracks WHERE isrc IS NULL") > 0, 1);
    ck_assert_str_eq(db_text("SELECT isrc FROM tracks WHERE name = 'Morning'"), "XXABC1900001");
}
END_TEST

static const struct {
    const char *name;
    const char *stored; /* its beginning, "": none */
} contexts[] = {
    {"null", ""},
    {"playlist", "spotify:playlist:"},
    {"old-playlist", "spotify:user:"},
    {"album", "spotify:album:"},
    {"artist", "spotify:artist:"},
    {"collection", "spotify:user:"},
    {"show", "spotify:show:"},
    {"odd-href", "spotify:album:"},
    {"wrong-type", ""},
};

START_TEST(fact_16_any_context_is_taken_for_what_it_is)
{
    char more[60], stored[400];

    harness_run(1);
    snprintf(more, sizeof(more), "'context':'%s'", contexts[_i].name);
    play_oddly(1, harness_now() - HOUR, more);
    harness_wait_for_truth(1);
    snprintf(stored, sizeof(stored), "%s", db_text("SELECT context_uri FROM plays"));
    ck_assert_msg(strncmp(stored, contexts[_i].stored, strlen(contexts[_i].stored)) == 0, "%s",
                  stored);
    ck_assert_int_eq(contexts[_i].stored[0] == '\0', stored[0] == '\0');
}
END_TEST

static const struct {
    const char *kind;
    const char *stored; /* tracks.kind, NULL: it cannot be stored */
} kinds[] = {
    {"local", "local"},   {"episode", "episode"}, {"null-id", "local"},    {"wrong-types", "track"},
    {"null-track", NULL}, {"no-played-at", NULL}, {"bad-played-at", NULL}, {"not-an-object", NULL},
};

START_TEST(A9_an_odd_item_is_stored_as_far_as_it_can_be_and_never_spoils_its_page)
{
    int64_t at = harness_now() - HOUR;
    char more[60];

    harness_run_by_hand(1);
    snprintf(more, sizeof(more), "'kind':'%s'", kinds[_i].kind);
    fake_play(1, 1, at);
    play_oddly(2, at + MINUTE, more);
    fake_play(1, 3, at + 2 * MINUTE);
    for (int poll = 0; poll < 3; poll++)
        hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), kinds[_i].stored ? 3 : 2);
    ck_assert_int_eq(db_int("SELECT max(odd) FROM polls"), kinds[_i].stored ? 0 : 1);
    if (kinds[_i].stored)
        ck_assert_int_eq(db_int("SELECT count(*) FROM tracks WHERE kind = '%s'", kinds[_i].stored),
                         strcmp(kinds[_i].stored, "track") == 0 ? 3 : 1);
    else
        ck_assert_int_eq(hd_log_count("not understood"), 1); /* said once, counted in each poll */
}
END_TEST

START_TEST(A9_an_odd_item_opens_no_gap)
{
    int64_t at = harness_now() - HOUR;

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, at, MINUTE);
    hd_poll_and_wait();
    play_oddly(20, at + 11 * MINUTE, "'kind':'null-track'");
    play_oddly(21, at + 12 * MINUTE, "'kind':'not-an-object'");
    hd_poll_and_wait();
    hd_poll_and_wait();
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
    ck_assert_int_eq(db_plays(1), 10);
}
END_TEST

static const struct {
    const char *time;
    int stored;
} moments[] = {
    {"2026-01-02T03:04:05Z", 1},
    {"2026-01-02T03:04:05.1Z", 1},
    {"2026-01-02T03:04:05.123456Z", 1},
    {"2026-01-02T05:04:05+02:00", 1},
    {"1970-01-01T00:00:00Z", 0},
    {"2099-01-01T00:00:00Z", 0},
    {"2026-02-30T00:00:00Z", 0},
    {"2026-01-02", 0},
    {"", 0},
};

START_TEST(A12_a_moment_that_cannot_be_is_refused_and_the_others_are_stored)
{
    harness_begin(1);
    fake_fault_body("{'kind':'recent'}",
                    "{'items':[{'played_at':'%s','track':{'uri':'spotify:track:%022d'}}," BARE_ITEM
                    "]}",
                    moments[_i].time, 1, 6, "Z", 2);
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 1 + moments[_i].stored);
    ck_assert_int_eq(db_int("SELECT odd FROM polls"), 1 - moments[_i].stored);
}
END_TEST

/* -- pages ------------------------------------------------------------------------------------- */

START_TEST(A1_an_empty_list_is_a_success_without_a_word)
{
    harness_run_by_hand(1);
    hd_log_mark();
    hd_poll_and_wait();
    ck_assert_int_eq(db_outcomes("empty") + db_outcomes("unchanged"), 2);
    ck_assert_int_gt(db_int("SELECT last_success_at FROM users"), 0);
    ck_assert_int_eq(hd_log_count("recorded") + hd_log_count("warning") + hd_log_count("error"), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(fact_4_the_next_of_a_short_page_is_not_followed)
{
    harness_begin(1);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE);
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(fake_count("recent", 1), 1);
    ck_assert_int_eq(db_plays(1), 5);
}
END_TEST

START_TEST(a_tail_asks_for_the_newest_play_once_more_as_its_witness)
{
    char *query, expected[100];
    int64_t at = harness_now() - HOUR;

    harness.config.sweep_interval = "1h";
    harness_begin(1);
    fake_plays(1, 5, 1, at, MINUTE);
    hd_start();
    harness_wait_until(db_int("SELECT count(*) FROM polls WHERE kind = 'tail'") > 1);
    hd_stop(SIGTERM);
    query = fake_last_query("recent");
    snprintf(expected, sizeof(expected), "limit=50&after=%lld", (long long)(at + 4 * MINUTE - 1));
    ck_assert_ptr_nonnull(query);
    ck_assert_str_eq(query, expected);
    ck_assert_int_eq(db_int("SELECT items FROM polls WHERE kind = 'tail' ORDER BY poll_id LIMIT 1"),
                     1);
    free(query);
}
END_TEST

START_TEST(a_page_of_the_same_bytes_is_not_read_again)
{
    harness_run_by_hand(1);
    fake_plays(1, 30, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    hd_poll_and_wait();
    hd_poll_and_wait();
    ck_assert_int_eq(db_outcomes("unchanged"), 2);
    harness_assert_truth(1);
    fake_play(1, 50, harness_now() - 1000);
    hd_poll_and_wait();
    ck_assert_int_eq(db_outcomes("unchanged"), 2);
    harness_assert_truth(1);
}
END_TEST

START_TEST(A22_a_private_session_is_nothing_new)
{
    int64_t at = harness_now() - HOUR;

    harness_run_by_hand(1);
    fake_plays(1, 5, 1, at, MINUTE);
    hd_poll_and_wait();
    fake_do("listing", "{'private':true}");
    fake_play(1, 10, harness_now());
    hd_poll_and_wait();
    ck_assert_int_eq(
        db_int("SELECT count(*) FROM polls WHERE http_status = 204 AND outcome = 'empty'"), 1);
    fake_do("listing", "{'private':false}");
    fake_play(1, 11, harness_now() - 1);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(A22_a_sweep_that_is_answered_without_a_page_is_still_owed)
{
    int64_t polls;

    harness_run_by_hand(1);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    polls = db_int("SELECT max(poll_id) FROM polls");
    harness.config.poll_interval = "200ms";
    fake_fault("{'kind':'recent','status':204,'body':'','count':1}");
    hd_start();
    harness_wait_until(db_int("SELECT max(poll_id) FROM polls") >= polls + 2);
    ck_assert_str_eq(db_text("SELECT group_concat(kind || ' ' || http_status, ', ') FROM (SELECT *"
                             " FROM polls WHERE poll_id > %lld ORDER BY poll_id LIMIT 2)",
                             (long long)polls),
                     "sweep 204, sweep 200");
}
END_TEST

START_TEST(A22_not_modified_is_nothing_new)
{
    harness_run_by_hand(1);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_fault("{'kind':'recent','status':304,'generate':'empty'}");
    hd_poll_and_wait();
    ck_assert_int_eq(db_outcomes("empty"), 2); /* the first look, and this */
    hd_poll_and_wait();
    harness_assert_truth(1);
}
END_TEST

Suite *quirks_suite(void)
{
    Suite *suite = suite_create("quirks");
    TCase *times = harness_case(suite, "times"), *identity = harness_case(suite, "identity");
    TCase *items = harness_case(suite, "items"), *pages = harness_case(suite, "pages");

    tcase_add_test(times, fact_7_a_moment_without_fraction_is_stored_to_the_millisecond);
    tcase_add_test(times, fact_8_nobody_claims_to_know_how_long_a_play_was_heard);
    tcase_add_test(times, fact_9_drifting_metadata_makes_no_second_play);
    tcase_add_loop_test(times, A12_a_moment_that_cannot_be_is_refused_and_the_others_are_stored, 0,
                        COUNT_OF(moments));
    tcase_add_test(identity, A4_two_tracks_of_one_millisecond_on_one_page_are_both_stored);
    tcase_add_loop_test(identity, A4_the_second_track_of_a_millisecond_may_come_on_a_later_page, 0,
                        2);
    tcase_add_test(identity, fact_10_an_item_that_is_listed_twice_is_one_play);
    tcase_add_test(identity, fact_10_an_echo_of_a_play_is_a_row_of_its_own);
    tcase_add_test(identity, A6_a_play_whose_moment_is_told_anew_is_a_second_row_and_no_gap);
    tcase_add_test(identity, fact_10_a_burst_of_plays_within_a_second_is_kept_to_the_millisecond);
    tcase_add_test(identity, A3_items_in_any_order_are_the_same_rows);
    tcase_add_test(items, A10_unknown_fields_are_passed_over_and_missing_ones_do_no_harm);
    tcase_add_test(items, fact_17_optional_fields_of_a_track_may_be_missing);
    tcase_add_loop_test(items, fact_16_any_context_is_taken_for_what_it_is, 0, COUNT_OF(contexts));
    tcase_add_loop_test(items,
                        A9_an_odd_item_is_stored_as_far_as_it_can_be_and_never_spoils_its_page, 0,
                        COUNT_OF(kinds));
    tcase_add_test(items, A9_an_odd_item_opens_no_gap);
    tcase_add_test(pages, A1_an_empty_list_is_a_success_without_a_word);
    tcase_add_test(pages, fact_4_the_next_of_a_short_page_is_not_followed);
    tcase_add_test(pages, a_tail_asks_for_the_newest_play_once_more_as_its_witness);
    tcase_add_test(pages, a_page_of_the_same_bytes_is_not_read_again);
    tcase_add_test(pages, A22_a_private_session_is_nothing_new);
    tcase_add_test(pages, A22_a_sweep_that_is_answered_without_a_page_is_still_owed);
    tcase_add_test(pages, A22_not_modified_is_nothing_new);
    return suite;
}
