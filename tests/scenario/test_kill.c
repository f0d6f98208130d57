/* SPDX-License-Identifier: MIT */
/* kill -9 at random moments, while plays arrive and refresh tokens change hands: one database lives
 * through all of it. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "witness.h"

#define KILLS 200 /* KILLS in the environment says otherwise */
#define ACCOUNTS 2

static uint64_t random_state;
/* -- chance ------------------------------------------------------------------------------------ */

static void seed_chance(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (getenv("HARNESS_SEED") == NULL)
        harness.seed = (unsigned)(now.tv_nsec / 1000) ^ (unsigned)now.tv_sec;
    random_state = harness.seed;
}

static int64_t chance_below(int64_t range)
{
    uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (int64_t)((z ^ (z >> 31)) % (uint64_t)range);
}

/* How many there are: the long run has more. */
static int kills(void)
{
    const char *count = getenv("KILLS");

    return count != NULL && atoi(count) > 0 ? atoi(count) : KILLS;
}

/* -- the test ---------------------------------------------------------------------------------- */

static void begin(void)
{
    seed_chance();
    harness.config.poll_interval = "20ms";
    harness.config.sweep_interval = "100ms";
    fake_start("--accounts", "2", "--rotate", "new");
    for (int account = 1; account <= ACCOUNTS; account++)
        ctl_login(account);
    /* No access token is ever good enough, so every start refreshes, and so does every poll. */
    fake_do("tokens", "{'expires_in':60,'expire_access':true}");
    fake_fault("[{'kind':'token','count':0,'chance':0.3,'delay_ms':15,'after':true},"
               "{'kind':'recent','count':0,'chance':0.3,"
               "'delay_ms':15}]");
    fake_do("listener",
            "{'listener':true,'pace_s':0.8,'quirks':{'twin':0.1,'twice':0.1,'echo':0.1}}");
    witness_begin(ACCOUNTS);
}

/* Waits until one more request of a kind has come (in vain, if nobody is signed in any more), then
 * for a moment of chance. */
static void live_past(const char *kind, int64_t before, int64_t least, int64_t range)
{
    struct harness_wait moment = harness_wait_begin(500);

    while (kind != NULL && fake_count(kind, 0) <= before && harness_nap(&moment)) {
    }
    moment = harness_wait_begin(least + chance_below(range));
    while (harness_nap(&moment)) {
    }
}

/* The end comes at any moment; or around the answer to a refresh; or around the commit of a page,
 * which waits 100 ms for others: however fast the machine is. */
static void live(void)
{
    int64_t refreshes = fake_count("token", 0), pages = fake_count("recent", 0);

    hd_spawn(NULL);
    switch (chance_below(3)) {
    case 0:
        live_past("token", refreshes, 0, 30);
        break;
    case 1:
        live_past("recent", pages, 80, 80);
        break;
    default:
        live_past(NULL, 0, 0, 180);
    }
}

static void live_and_die(void)
{
    live();
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    harness_wait_until(fake_in_flight() ==
                       0); /* what the fake does with a question that nobody waits for */
    db_assert_integrity();
    witness_plays();
    for (int account = 1; account <= ACCOUNTS; account++) {
        witness_sign_in(account);
        witness_mend(account);
    }
}

static void catch_up(void)
{
    fake_do("listener", "{'listener':false}");
    fake_forget_faults();
    for (int round = 0; round < 2; round++) {
        hd_once();
        for (int account = 1; account <= ACCOUNTS; account++)
            witness_mend(account);
    }
    ck_assert_int_eq(hd_once(), 0);
    witness_plays();
}

START_TEST(E14_B2_P1_P10_hundreds_of_kills_lose_no_play_and_no_sign_in_that_was_stored)
{
    begin();
    printf("kill: seed %u\n", harness.seed);
    fflush(stdout);
    for (int i = 0; i < kills(); i++)
        live_and_die();
    catch_up();
    for (int account = 1; account <= ACCOUNTS; account++) {
        ck_assert_int_gt(db_plays(account), 10);
        harness_assert_truth(account);
    }
    printf("kill: %d kills, %d runs that stored plays, %d plays; %d tokens were lost on the way, "
           "%d sign-ins anew\n",
           kills(), (int)db_int("SELECT count(*) FROM polls WHERE added > 0"),
           (int)db_int("SELECT count(*) FROM played_tracks"), witness_counts().lost,
           witness_counts().unknown);
    fflush(stdout);
    witness_end();
}
END_TEST

Suite *kill_suite(void)
{
    Suite *suite = suite_create("kill");
    TCase *tcase = harness_case(suite, "kill");

    tcase_set_timeout(tcase, 240.0 * kills() / KILLS);
    tcase_add_test(tcase,
                   E14_B2_P1_P10_hundreds_of_kills_lose_no_play_and_no_sign_in_that_was_stored);
    return suite;
}
