/* SPDX-License-Identifier: MIT */
/* Clocks that jump, and a machine that sleeps: the daemon's clocks are moved from outside, by what
 * tests/preload/clocks.c puts before the C library. */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define YEAR (365 * DAY)

static struct {
    int64_t wall_ms, boot_ms;
} * clocks;

static char preload[HARNESS_PATH_SIZE], clocks_file[HARNESS_PATH_SIZE + 16], asan[256];

/* From here on the daemon has these clocks. */
static void take_clocks(void)
{
    char path[HARNESS_PATH_SIZE];
    const char *options = getenv("ASAN_OPTIONS");
    int fd;

    snprintf(path, sizeof(path), "%s/clocks", harness.folder);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, sizeof(*clocks)), 0);
    clocks = mmap(NULL, sizeof(*clocks), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ck_assert_ptr_ne(clocks, MAP_FAILED);
    close(fd);
    snprintf(preload, sizeof(preload), "LD_PRELOAD=%s/obj/preload/clocks.so", TEST_BUILDDIR);
    snprintf(clocks_file, sizeof(clocks_file), "CLOCKS_FILE=%s", path);
    /* else it insists on being the first library */
    snprintf(asan, sizeof(asan), "ASAN_OPTIONS=%s:verify_asan_link_order=0",
             options != NULL ? options : "");
    harness.environment[0] = preload;
    harness.environment[1] = clocks_file;
    harness.environment[2] = asan;
}

static void jump(int64_t wall_ms, int64_t boot_ms)
{
    clocks->wall_ms += wall_ms;
    clocks->boot_ms += boot_ms;
    hd_signal(SIGWINCH); /* what is due now is noticed now */
}

/* The world goes on while the machine sleeps, or while nothing else happens. */
static void let_pass(int64_t ms)
{
    fake_do("clock", "{'advance_ms':%lld}", (long long)ms);
    jump(ms, ms);
}

/* The fake Spotify's, which has seen hours pass that nobody waited for. */
static int64_t refused_answers(void)
{
    json_t *answer = fake_ask("requests", NULL), *request;
    int64_t count = 0;
    size_t i;

    json_array_foreach (json_object_get(answer, "requests"), i, request) {
        if (json_integer_value(json_object_get(request, "status")) == 401)
            count++;
    }
    json_decref(answer);
    return count;
}

static int64_t moments_outside(int64_t from, int64_t to)
{
    return db_int("SELECT count(*) FROM played_tracks WHERE played_at NOT BETWEEN %lld AND %lld",
                  (long long)from, (long long)to);
}

START_TEST(D1_a_clock_ten_years_ahead_asks_for_one_token_each_and_nothing_more)
{
    int64_t now = harness_now(), tokens, polls;

    take_clocks();
    harness_run_by_hand(3);
    tokens = fake_count("token", 0);
    polls = fake_count("recent", 0);
    jump(10 * YEAR, 0);
    harness_stays(fake_count("recent", 0) == polls && fake_count("token", 0) == tokens, 700);
    fake_plays(1, 5, 1, now - HOUR, MINUTE);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_le(fake_count("token", 0), tokens + 3);
    jump(-10 * YEAR, 0);
    hd_poll_and_wait();
    hd_poll_and_wait();
    for (int account = 1; account <= 3; account++) {
        ck_assert_str_eq(db_state(account), "active");
        harness_assert_truth(account);
    }
    ck_assert_int_le(fake_count("token", 0), tokens + 6);
    ck_assert_int_eq(refused_answers(), 0);
    ck_assert_int_eq(moments_outside(now - DAY, now), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(D1_a_start_ten_years_ahead_is_no_harm_once_the_clock_is_right)
{
    int64_t now = harness_now();

    take_clocks();
    clocks->wall_ms = 10 * YEAR;
    harness_run_by_hand(1);
    fake_plays(1, 5, 1, now - HOUR, MINUTE);
    hd_poll_and_wait();
    jump(-10 * YEAR, 0);
    hd_poll_and_wait();
    fake_plays(1, 5, 10, now - 30 * MINUTE, MINUTE);
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    hd_start();
    hd_poll_and_wait();
    harness_assert_truth(1);
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_int_eq(db_plays(1), 10);
}
END_TEST

START_TEST(D2_a_clock_set_back_a_day_delays_no_poll_and_no_refresh)
{
    int64_t now = harness_now(), polls, tokens;

    take_clocks();
    harness_run_by_hand(1);
    jump(-DAY, 0);
    for (int hour = 1; hour <= 3; hour++) {
        polls = fake_count("recent", 1);
        tokens = fake_count("token", 1);
        fake_play(1, hour, now - 10 * MINUTE + hour * MINUTE);
        let_pass(90 * MINUTE); /* the next slot is at most a third of an interval later */
        harness_wait_until(fake_count("recent", 1) > polls);
        harness_wait_for_truth(1);
        ck_assert_int_eq(fake_count("token", 1), tokens + 1);
    }
    ck_assert_int_eq(refused_answers(), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(D2_a_restart_after_the_clock_was_set_back_does_not_believe_an_old_token)
{
    take_clocks();
    harness_run_by_hand(1);
    hd_stop(SIGTERM);
    fake_do("clock", "{'advance_ms':%lld}", (long long)(2 * HOUR));
    clocks->wall_ms = -DAY;
    clocks->boot_ms = 2 * HOUR;
    hd_start();
    harness_wait_until(fake_count("recent", 1) >= 2);
    hd_poll_and_wait();
    ck_assert_int_eq(refused_answers(), 0);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(D3_after_eight_hours_of_sleep_everybody_is_polled_once_and_few_at_a_time)
{
    enum { PEOPLE = 20, AT_ONCE = 3 };
    int64_t now = harness_now(), before[PEOPLE + 1], all;
    json_t *answer;

    harness.config.max_in_flight = "3";
    take_clocks();
    harness_run_by_hand(PEOPLE);
    fake_plays(7, 30, 1, now - HOUR, MINUTE);
    for (int account = 1; account <= PEOPLE; account++)
        before[account] = fake_count("recent", account);
    fake_fault("{'kind':'recent','delay_ms':30,'count':0}");
    all = fake_count("recent", 0);
    let_pass(8 * HOUR);
    harness_wait_until(fake_count("recent", 0) >= all + PEOPLE);
    harness_stays(fake_count("recent", 0) == all + PEOPLE, 500);
    for (int account = 1; account <= PEOPLE; account++)
        ck_assert_int_eq(fake_count("recent", account), before[account] + 1);
    answer = fake_ask("requests", NULL);
    ck_assert_int_le(json_integer_value(json_object_get(answer, "max_in_flight")), AT_ONCE);
    json_decref(answer);
    harness_wait_for_truth(7);
    ck_assert_int_eq(refused_answers(), 0);
}
END_TEST

START_TEST(D4_a_machine_that_starts_in_1970_records_and_is_well_once_its_clock_is_set)
{
    int64_t now = harness_now();

    take_clocks();
    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - 2 * HOUR, MINUTE);
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    clocks->wall_ms = MINUTE - now;
    fake_plays(1, 10, 20, now - HOUR, MINUTE);
    hd_start();
    harness_wait_for_truth(1);
    jump(now - MINUTE, 0);
    fake_plays(1, 10, 40, now - 30 * MINUTE, MINUTE);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 30);
    ck_assert_int_eq(moments_outside(now - DAY, now), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
    ck_assert_str_eq(db_state(1), "active");
    hd_stop(SIGTERM);
    hd_start();
    hd_poll_and_wait();
    harness_assert_truth(1);
}
END_TEST

START_TEST(D4_a_sign_in_in_1970_lasts_when_the_clock_is_set)
{
    int64_t now = harness_now();

    take_clocks();
    clocks->wall_ms = MINUTE - now;
    fake_start("--accounts", "1");
    ctl_login(1); /* before the daemon starts, and with the right clock */
    hd_start();
    harness_wait_until(fake_count("recent", 1) > 0);
    jump(now - MINUTE, 0);
    hd_poll_and_wait();
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_int_eq(refused_answers(), 0);
}
END_TEST

START_TEST(C8_three_days_without_a_network_are_few_tries_few_lines_and_a_gap)
{
    enum { PIECES = 24 }; /* of three hours */
    int64_t now = harness_now(), tries;

    take_clocks();
    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - DAY, MINUTE);
    hd_poll_and_wait();
    fake_fault("{'reset':true,'count':0}");
    tries = fake_hits();
    hd_log_mark();
    for (int i = 0; i < PIECES; i++) {
        int64_t polls = db_int("SELECT count(*) FROM polls");

        let_pass(3 * HOUR); /* only when the last one's pause has begun */
        harness_wait_until(db_int("SELECT count(*) FROM polls") > polls);
    }
    /* a GET on a kept connection is repeated once; a jump is one moment that is due */
    ck_assert_int_le(fake_hits() - tries, 3 * PIECES);
    ck_assert_int_le(hd_log_count("transient"), 1 + PIECES);
    ck_assert_int_eq(db_plays(1), 10);
    fake_forget_faults();
    fake_plays(1, 75, 100, now, 10000);
    let_pass(HOUR);
    harness_wait_until(db_plays(1) == 60);
    harness_assert_truth(1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 1);
    ck_assert_int_eq(db_int("SELECT after_played_at FROM gaps"), now - DAY + 9 * MINUTE);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

Suite *clocks_suite(void)
{
    Suite *suite = suite_create("clocks");
    TCase *jumps = harness_case(suite, "jumps");

    tcase_add_test(jumps, D1_a_clock_ten_years_ahead_asks_for_one_token_each_and_nothing_more);
    tcase_add_test(jumps, D1_a_start_ten_years_ahead_is_no_harm_once_the_clock_is_right);
    tcase_add_test(jumps, D2_a_clock_set_back_a_day_delays_no_poll_and_no_refresh);
    tcase_add_test(jumps, D2_a_restart_after_the_clock_was_set_back_does_not_believe_an_old_token);
    tcase_add_test(jumps, D3_after_eight_hours_of_sleep_everybody_is_polled_once_and_few_at_a_time);
    tcase_add_test(jumps,
                   D4_a_machine_that_starts_in_1970_records_and_is_well_once_its_clock_is_set);
    tcase_add_test(jumps, D4_a_sign_in_in_1970_lasts_when_the_clock_is_set);
    tcase_add_test(jumps, C8_three_days_without_a_network_are_few_tries_few_lines_and_a_gap);
    return suite;
}
