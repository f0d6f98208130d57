/* SPDX-License-Identifier: MIT */
/* kill -9 at random moments, while plays arrive and refresh tokens change hands: one database lives
 * through all of it. */
#include "harness.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vault/vault.h"

#define KILLS 200
#define ACCOUNTS 2

static uint64_t random_state;
static struct vault *vault;

/* What the test knows of an account; index 0 is account 1. */
static struct {
    int64_t user_id;
    bool lost; /* the answer that held the valid token came to nobody */
} known[ACCOUNTS];

static struct {
    int lost, unknown; /* tokens lost; sign-ins found dead */
} tally;

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

/* -- the refresh token that is stored ---------------------------------------------------------- */

static void open_vault(void)
{
    char source[HARNESS_PATH_SIZE];

    ck_assert_int_eq(vault_open(harness.key_file, false, &vault, source, sizeof(source)), VAULT_OK);
}

static size_t from_hex(const char *text, unsigned char *bytes, size_t size)
{
    size_t len = 0;
    unsigned byte;

    for (; len < size && sscanf(text, "%2x", &byte) == 1; text += 2)
        bytes[len++] = (unsigned char)byte;
    return len;
}

/* To be freed with vault_wipe_free(). */
static char *stored_token(int64_t user_id)
{
    unsigned char sealed[900];
    size_t len;
    char *plain = NULL;

    len =
        from_hex(db_text("SELECT hex(sealed) FROM tokens WHERE type = 'refresh' AND user_id = %lld",
                         (long long)user_id),
                 sealed, sizeof(sealed));
    ck_assert_int_eq(vault_unseal(vault, user_id, "refresh", sealed, len, &plain, &len), VAULT_OK);
    return plain;
}

/* The sign-in survives whenever the answer was committed; if not, the ledger shows that a refresh
 * was cut off. */
static void check_sign_in(int account)
{
    int64_t user_id = known[account - 1].user_id;
    char *stored = stored_token(user_id);
    bool valid = strcmp(stored, fake_token(account)) == 0;
    const char *outcome =
        db_text("SELECT coalesce(outcome, 'cut off') FROM refreshes WHERE user_id = %lld",
                (long long)user_id);

    vault_wipe_free(stored);
    if (strcmp(outcome, "ok") == 0)
        ck_assert_msg(valid,
                      "account %d: the ledger says ok, and the stored token is not the valid one",
                      account);
    if (valid)
        ck_assert_str_eq(db_state(account), "active");
    else
        ck_assert_str_ne(outcome, "ok");
    tally.lost += !valid && !known[account - 1].lost;
    known[account - 1].lost = !valid;
}

/* A token that was legitimately lost: the daemon has said so, and the person signs in again. */
static void mend_sign_in(int account)
{
    if (strcmp(db_state(account), "needs_login") != 0)
        return;
    ck_assert(known[account - 1].lost);
    ck_assert_ptr_nonnull(strstr(db_text("SELECT state_reason FROM users WHERE user_id = %lld",
                                         (long long)known[account - 1].user_id),
                                 "ambiguous_refresh"));
    ctl_login(account);
    known[account - 1].lost = false;
    tally.unknown++;
}

/* -- what was committed ------------------------------------------------------------------------ */

static sqlite3 *memory; /* every play that was ever seen in the database */

static void remember(const char *sql)
{
    char *error = NULL;

    sqlite3_exec(memory, sql, NULL, NULL, &error);
    ck_assert_msg(error == NULL, "%s: %s", sql, error);
}

static void open_memory(void)
{
    ck_assert_int_eq(
        sqlite3_open_v2(":memory:", &memory, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL),
        SQLITE_OK);
    remember(
        "CREATE TABLE seen (user_id, played_at, nudge_ms, uri, PRIMARY KEY (user_id, played_at))");
}

static int64_t forgotten(void)
{
    sqlite3_stmt *statement = NULL;
    int64_t count;

    ck_assert_int_eq(
        sqlite3_prepare_v2(
            memory,
            "SELECT count(*) FROM (SELECT * FROM seen EXCEPT SELECT user_id, played_at,"
            " nudge_ms, uri FROM h.played_tracks JOIN h.tracks USING (track_id))",
            -1, &statement, NULL),
        SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

/* Everything that was there after an earlier kill is still there; what is new is remembered. */
static void check_plays(void)
{
    char sql[HARNESS_PATH_SIZE + 60];

    snprintf(sql, sizeof(sql), "ATTACH 'file:%s?mode=ro' AS h", harness.database);
    remember(sql);
    ck_assert_int_eq(forgotten(), 0);
    remember(
        "INSERT OR IGNORE INTO seen SELECT user_id, played_at, nudge_ms, uri FROM h.played_tracks"
        " JOIN h.tracks USING (track_id)");
    remember("DETACH h");
}

/* -- the test ---------------------------------------------------------------------------------- */

static void begin(void)
{
    seed_chance();
    harness.config.poll_interval = "20ms";
    harness.config.sweep_interval = "100ms";
    fake_start("--accounts", "2", "--rotate", "new");
    for (int account = 1; account <= ACCOUNTS; account++) {
        ctl_login(account);
        known[account - 1].user_id = db_user(account);
    }
    /* No access token is ever good enough, so every start refreshes, and so does every poll. */
    fake_do("tokens", "{'expires_in':60,'expire_access':true}");
    fake_fault("[{'kind':'token','count':0,'chance':0.3,'delay_ms':15,'after':true},"
               "{'kind':'recent','count':0,'chance':0.3,"
               "'delay_ms':15}]");
    fake_do("listener",
            "{'listener':true,'pace_s':0.8,'quirks':{'twin':0.1,'twice':0.1,'echo':0.1}}");
    open_vault();
    open_memory();
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
    check_plays();
    for (int account = 1; account <= ACCOUNTS; account++) {
        check_sign_in(account);
        mend_sign_in(account);
    }
}

static void catch_up(void)
{
    fake_do("listener", "{'listener':false}");
    fake_forget_faults();
    for (int round = 0; round < 2; round++) {
        hd_once();
        for (int account = 1; account <= ACCOUNTS; account++)
            mend_sign_in(account);
    }
    ck_assert_int_eq(hd_once(), 0);
    check_plays();
}

START_TEST(E14_B2_P10_two_hundred_kills_lose_no_play_and_no_sign_in_that_was_stored)
{
    begin();
    printf("kill: seed %u\n", harness.seed);
    fflush(stdout);
    for (int i = 0; i < KILLS; i++)
        live_and_die();
    catch_up();
    for (int account = 1; account <= ACCOUNTS; account++) {
        ck_assert_int_gt(db_plays(account), 10);
        harness_assert_truth(account);
    }
    printf("kill: %d kills, %d runs that stored plays, %d plays; %d tokens were lost on the way, "
           "%d sign-ins anew\n",
           KILLS, (int)db_int("SELECT count(*) FROM polls WHERE added > 0"),
           (int)db_int("SELECT count(*) FROM played_tracks"), tally.lost, tally.unknown);
    fflush(stdout);
    sqlite3_close(memory);
    vault_close(vault);
}
END_TEST

Suite *kill_suite(void)
{
    Suite *suite = suite_create("kill");
    TCase *tcase = harness_case(suite, "kill");

    tcase_set_timeout(tcase, 240);
    tcase_add_test(tcase, E14_B2_P10_two_hundred_kills_lose_no_play_and_no_sign_in_that_was_stored);
    return suite;
}
