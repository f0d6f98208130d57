/* SPDX-License-Identifier: MIT */
#include "witness.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/vault.h"

static struct vault *vault;

/* What the test knows of an account; index 0 is account 1. */
static struct {
    int64_t user_id;
    bool lost; /* the answer that held the valid token came to nobody */
} known[WITNESS_ACCOUNTS];

static struct witness_tally tally;

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

void witness_sign_in(int account)
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

void witness_mend(int account)
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

void witness_plays(void)
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

/* -- all of it --------------------------------------------------------------------------------- */

void witness_begin(int accounts)
{
    ck_assert_int_le(accounts, WITNESS_ACCOUNTS);
    for (int account = 1; account <= accounts; account++)
        known[account - 1].user_id = db_user(account);
    open_vault();
    open_memory();
}

void witness_end(void)
{
    sqlite3_close(memory);
    vault_close(vault);
}

bool witness_lost(int account)
{
    return known[account - 1].lost;
}

struct witness_tally witness_counts(void)
{
    return tally;
}
