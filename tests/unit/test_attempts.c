/* SPDX-License-Identifier: MIT */
/* Sign-ins that were begun and are awaited back. */
#include "capture/attempts.h"

#include <check.h>
#include <malloc.h>
#include <string.h>

#define NOW INT64_C(5000000000)
#define LIFE ATTEMPTS_LIFE_MS
#define HOUR ATTEMPTS_REMEMBER_MS

static const uint8_t firefox[ATTEMPT_BROWSER_SIZE] = "firefox.firefox";
static const uint8_t other[ATTEMPT_BROWSER_SIZE] = "firefox.firefoy";

static struct attempts *attempts;

static void setup(void)
{
    attempts = attempts_new();
    ck_assert_ptr_nonnull(attempts);
}

static void teardown(void)
{
    attempts_free(attempts);
}

/* Begins one in a browser (NULL: at the control socket). */
static struct attempt begin(int64_t now, const uint8_t *browser, int64_t user_id)
{
    struct attempt attempt = {.has_browser = browser != NULL, .user_id = user_id};

    if (browser != NULL)
        memcpy(attempt.browser, browser, sizeof(attempt.browser));
    attempts_begin(attempts, now, &attempt);
    return attempt;
}

static enum attempt_result take(int64_t now, const struct attempt *attempt, const uint8_t *browser)
{
    struct attempt taken;

    return attempts_take(attempts, now, attempt->state, browser, &taken);
}

/* ---- beginning ---- */

START_TEST(what_is_begun_has_an_id_a_state_and_a_verifier_of_its_own)
{
    struct attempt one = begin(NOW, firefox, 7);
    struct attempt two = begin(NOW, firefox, 7);
    const char *texts[] = {one.id, one.state, one.verifier, two.id, two.state, two.verifier};

    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(strlen(texts[i]), 43);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(texts[i], texts[k]);
    }
    ck_assert_int_eq(one.ends_at, NOW + LIFE);
    ck_assert_int_eq(one.user_id, 7);
    ck_assert(one.has_browser);
    ck_assert_mem_eq(one.browser, firefox, sizeof(firefox));
}
END_TEST

/* ---- coming back ---- */

START_TEST(what_comes_back_is_what_was_begun)
{
    struct attempt begun = begin(NOW, firefox, 7);
    struct attempt taken;

    memset(&taken, 0xff, sizeof(taken));
    ck_assert_int_eq(attempts_take(attempts, NOW + 1, begun.state, firefox, &taken), ATTEMPT_OK);
    ck_assert_str_eq(taken.id, begun.id);
    ck_assert_str_eq(taken.state, begun.state);
    ck_assert_str_eq(taken.verifier, begun.verifier);
    ck_assert_mem_eq(taken.browser, firefox, sizeof(firefox));
    ck_assert(taken.has_browser);
    ck_assert_int_eq(taken.user_id, 7);
    ck_assert_int_eq(taken.ends_at, begun.ends_at);
}
END_TEST

START_TEST(B16_a_state_works_once)
{
    struct attempt begun = begin(NOW, firefox, 0);
    struct attempt taken = {.user_id = 99};

    ck_assert_int_eq(take(NOW, &begun, firefox), ATTEMPT_OK);
    ck_assert_int_eq(attempts_take(attempts, NOW, begun.state, firefox, &taken), ATTEMPT_USED);
    ck_assert_int_eq(take(NOW, &begun, NULL), ATTEMPT_USED);
    ck_assert_int_eq(take(NOW, &begun, other), ATTEMPT_USED);
    ck_assert_int_eq(taken.user_id, 99); /* nothing was given out */
    ck_assert_str_eq(taken.verifier, "");
}
END_TEST

START_TEST(B14_a_state_that_nobody_began_here_is_unknown)
{
    struct attempt begun = begin(NOW, firefox, 0);
    struct attempt stranger = begun;

    stranger.state[42] = stranger.state[42] == 'A' ? 'B' : 'A';
    ck_assert_int_eq(take(NOW, &stranger, firefox), ATTEMPT_UNKNOWN);
    stranger.state[42] = '\0';
    ck_assert_int_eq(take(NOW, &stranger, firefox), ATTEMPT_UNKNOWN);
    stranger.state[0] = '\0';
    ck_assert_int_eq(take(NOW, &stranger, firefox), ATTEMPT_UNKNOWN);
    memcpy(stranger.state, begun.id, sizeof(stranger.state)); /* an id is no state */
    ck_assert_int_eq(take(NOW, &stranger, firefox), ATTEMPT_UNKNOWN);
    ck_assert_int_eq(take(NOW, &begun, firefox), ATTEMPT_OK);
}
END_TEST

START_TEST(before_anything_is_begun_no_state_is_known)
{
    struct attempt none = {.state = ""};

    ck_assert_int_eq(take(NOW, &none, firefox), ATTEMPT_UNKNOWN);
    ck_assert_int_eq(take(0, &none, NULL), ATTEMPT_UNKNOWN);
}
END_TEST

START_TEST(B14_another_browser_does_not_get_it_and_it_stays_open_for_the_right_one)
{
    struct attempt begun = begin(NOW, firefox, 0);

    ck_assert_int_eq(take(NOW, &begun, other), ATTEMPT_FOREIGN);
    ck_assert_int_eq(take(NOW + LIFE - 1, &begun, other), ATTEMPT_FOREIGN);
    ck_assert_int_eq(take(NOW + LIFE - 1, &begun, firefox), ATTEMPT_OK);
}
END_TEST

START_TEST(every_byte_of_the_browser_counts)
{
    struct attempt begun = begin(NOW, firefox, 0);
    uint8_t browser[ATTEMPT_BROWSER_SIZE];

    for (size_t i = 0; i < sizeof(browser); i++) {
        memcpy(browser, firefox, sizeof(browser));
        browser[i] ^= 0x80;
        ck_assert_int_eq(take(NOW, &begun, browser), ATTEMPT_FOREIGN);
    }
}
END_TEST

START_TEST(what_was_pasted_at_the_control_socket_may_come_from_any_browser)
{
    struct attempt begun = begin(NOW, firefox, 0);

    ck_assert_int_eq(take(NOW, &begun, NULL), ATTEMPT_OK);
}
END_TEST

START_TEST(what_was_begun_at_the_control_socket_may_come_back_in_any_browser)
{
    struct attempt one = begin(NOW, NULL, 0);
    struct attempt two = begin(NOW, NULL, 0);

    ck_assert_int_eq(take(NOW, &one, firefox), ATTEMPT_OK);
    ck_assert_int_eq(take(NOW, &two, NULL), ATTEMPT_OK);
}
END_TEST

/* ---- too late ---- */

START_TEST(B14_after_ten_minutes_it_has_expired)
{
    struct attempt one = begin(NOW, firefox, 0);
    struct attempt two = begin(NOW, firefox, 0);

    ck_assert_int_eq(take(NOW + LIFE - 1, &one, firefox), ATTEMPT_OK);
    ck_assert_int_eq(take(NOW + LIFE, &two, firefox), ATTEMPT_EXPIRED);
    ck_assert_int_eq(take(NOW + LIFE, &two, other), ATTEMPT_EXPIRED);
    ck_assert_int_eq(take(NOW + LIFE, &two, NULL), ATTEMPT_EXPIRED);
}
END_TEST

START_TEST(what_expired_is_told_from_the_unknown_for_an_hour)
{
    struct attempt one = begin(NOW, firefox, 0);
    struct attempt two = begin(NOW, firefox, 0);

    /* Counted from its end, although nobody looked before. */
    ck_assert_int_eq(take(NOW + LIFE + HOUR - 1, &one, firefox), ATTEMPT_EXPIRED);
    ck_assert_int_eq(take(NOW + LIFE + HOUR, &one, firefox), ATTEMPT_UNKNOWN);
    ck_assert_int_eq(take(NOW + LIFE + HOUR, &two, firefox), ATTEMPT_UNKNOWN);
}
END_TEST

START_TEST(what_was_used_is_told_from_the_unknown_for_an_hour)
{
    struct attempt begun = begin(NOW, firefox, 0);

    ck_assert_int_eq(take(NOW + 5, &begun, firefox), ATTEMPT_OK);
    ck_assert_int_eq(take(NOW + 5 + HOUR - 1, &begun, firefox), ATTEMPT_USED);
    ck_assert_int_eq(take(NOW + 5 + HOUR, &begun, firefox), ATTEMPT_UNKNOWN);
}
END_TEST

/* ---- many ---- */

START_TEST(one_too_many_pushes_the_oldest_out_and_no_other)
{
    struct attempt begun[ATTEMPTS_MAX + 1];

    for (size_t i = 0; i <= ATTEMPTS_MAX; i++)
        begun[i] = begin(NOW, firefox, (int64_t)i); /* all at the same moment */
    ck_assert_int_eq(take(NOW, &begun[0], firefox), ATTEMPT_EXPIRED);
    for (size_t i = 1; i <= ATTEMPTS_MAX; i++)
        ck_assert_int_eq(take(NOW, &begun[i], firefox), ATTEMPT_OK);
}
END_TEST

START_TEST(what_was_pushed_out_is_remembered_for_an_hour)
{
    struct attempt begun = begin(NOW, firefox, 0);

    for (size_t i = 0; i < ATTEMPTS_MAX; i++)
        begin(NOW + 10, firefox, 0);
    ck_assert_int_eq(take(NOW + 10 + HOUR - 1, &begun, firefox), ATTEMPT_EXPIRED);
    ck_assert_int_eq(take(NOW + 10 + HOUR, &begun, firefox), ATTEMPT_UNKNOWN);
}
END_TEST

START_TEST(one_that_came_back_makes_room_so_that_none_is_pushed_out)
{
    struct attempt begun[ATTEMPTS_MAX];

    for (size_t i = 0; i < ATTEMPTS_MAX; i++)
        begun[i] = begin(NOW, firefox, 0);
    ck_assert_int_eq(take(NOW, &begun[10], firefox), ATTEMPT_OK);
    begin(NOW, firefox, 0);
    for (size_t i = 0; i < ATTEMPTS_MAX; i++)
        ck_assert_int_eq(take(NOW, &begun[i], firefox), i == 10 ? ATTEMPT_USED : ATTEMPT_OK);
}
END_TEST

START_TEST(expired_ones_make_room_so_that_none_is_pushed_out)
{
    struct attempt late;

    for (size_t i = 0; i < ATTEMPTS_MAX - 1; i++)
        begin(NOW, firefox, 0);
    late = begin(NOW + 1, firefox, 0);
    for (size_t i = 0; i < ATTEMPTS_MAX - 1; i++)
        begin(NOW + LIFE, firefox, 0);
    ck_assert_int_eq(take(NOW + LIFE, &late, firefox), ATTEMPT_OK);
}
END_TEST

START_TEST(a_flood_of_them_takes_no_more_memory_and_the_newest_still_work)
{
    struct attempt begun = {0};

    for (int i = 0; i < 5000; i++)
        begun = begin(NOW + i, firefox, i);
    ck_assert_int_eq(take(NOW + 5000, &begun, firefox), ATTEMPT_OK);
    ck_assert_int_eq(take(NOW + 5000, &begun, firefox), ATTEMPT_USED);
}
END_TEST

/* ---- wiping ---- */

/* True if the table holds a text. It is one block of memory. */
static bool table_holds(const char *text)
{
    return memmem(attempts, malloc_usable_size(attempts), text, strlen(text)) != NULL;
}

START_TEST(a_state_or_verifier_that_is_over_is_kept_nowhere)
{
    struct attempt used = begin(NOW, firefox, 0);
    struct attempt late = begin(NOW + 1, firefox, 0);
    struct attempt open = begin(NOW + 2, firefox, 0);

    ck_assert(table_holds(used.verifier) && table_holds(used.state));
    ck_assert_int_eq(take(NOW + 3, &used, firefox), ATTEMPT_OK);
    ck_assert(!table_holds(used.verifier));
    ck_assert(!table_holds(used.state));
    ck_assert_int_eq(take(NOW + 1 + LIFE, &late, firefox), ATTEMPT_EXPIRED);
    ck_assert(!table_holds(late.verifier));
    ck_assert(!table_holds(late.state));
    ck_assert(table_holds(open.verifier));
}
END_TEST

START_TEST(one_that_was_pushed_out_is_wiped)
{
    struct attempt begun = begin(NOW, firefox, 0);

    for (size_t i = 0; i < ATTEMPTS_MAX; i++)
        begin(NOW, firefox, 0);
    ck_assert(!table_holds(begun.verifier));
    ck_assert(!table_holds(begun.state));
}
END_TEST

START_TEST(a_wiped_attempt_holds_nothing)
{
    struct attempt begun = begin(NOW, firefox, 7);
    static const struct attempt empty;

    attempt_wipe(&begun);
    ck_assert_mem_eq(&begun, &empty, sizeof(begun));
}
END_TEST

Suite *attempts_suite(void)
{
    Suite *suite = suite_create("attempts");
    TCase *tcase = tcase_create("attempts");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_begun_has_an_id_a_state_and_a_verifier_of_its_own);
    tcase_add_test(tcase, what_comes_back_is_what_was_begun);
    tcase_add_test(tcase, B16_a_state_works_once);
    tcase_add_test(tcase, B14_a_state_that_nobody_began_here_is_unknown);
    tcase_add_test(tcase, before_anything_is_begun_no_state_is_known);
    tcase_add_test(tcase, B14_another_browser_does_not_get_it_and_it_stays_open_for_the_right_one);
    tcase_add_test(tcase, every_byte_of_the_browser_counts);
    tcase_add_test(tcase, what_was_pasted_at_the_control_socket_may_come_from_any_browser);
    tcase_add_test(tcase, what_was_begun_at_the_control_socket_may_come_back_in_any_browser);
    tcase_add_test(tcase, B14_after_ten_minutes_it_has_expired);
    tcase_add_test(tcase, what_expired_is_told_from_the_unknown_for_an_hour);
    tcase_add_test(tcase, what_was_used_is_told_from_the_unknown_for_an_hour);
    tcase_add_test(tcase, one_too_many_pushes_the_oldest_out_and_no_other);
    tcase_add_test(tcase, what_was_pushed_out_is_remembered_for_an_hour);
    tcase_add_test(tcase, one_that_came_back_makes_room_so_that_none_is_pushed_out);
    tcase_add_test(tcase, expired_ones_make_room_so_that_none_is_pushed_out);
    tcase_add_test(tcase, a_flood_of_them_takes_no_more_memory_and_the_newest_still_work);
    tcase_add_test(tcase, a_state_or_verifier_that_is_over_is_kept_nowhere);
    tcase_add_test(tcase, one_that_was_pushed_out_is_wiped);
    tcase_add_test(tcase, a_wiped_attempt_holds_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
