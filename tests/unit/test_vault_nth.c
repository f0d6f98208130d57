/* SPDX-License-Identifier: MIT */
/* A key is made, read and used while each call of the C library fails in turn. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/nth_call.h"
#include "store_help.h"
#include "vault/vault.h"

#define SECRET "what a token says"

static const struct {
    enum nth_call_kind kind;
    int failures; /* at least so many */
    bool mends;   /* the call is made again: nothing fails */
} kinds[] = {
    {NTH_CALL_MEMORY, 4, false}, {NTH_CALL_FILE, 6, false},    {NTH_CALL_GONE, 4, false},
    {NTH_CALL_BROKEN, 0, true},  {NTH_CALL_LIBRARY, 1, false},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Seals and unseals. Asserts nothing: that asks for memory as well. */
static bool use(const struct vault *vault)
{
    void *sealed = NULL;
    char *plain = NULL;
    size_t sealed_len, len;
    bool right = false;

    if (vault_seal(vault, 7, "access", SECRET, strlen(SECRET), &sealed, &sealed_len) == VAULT_OK &&
        vault_unseal(vault, 7, "access", sealed, sealed_len, &plain, &len) == VAULT_OK)
        right = len == strlen(SECRET) && strcmp(plain, SECRET) == 0;
    free(sealed);
    vault_wipe_free(plain);
    return right;
}

static bool open_and_use(bool create)
{
    struct vault *vault = NULL;
    char source[300];
    bool right = vault_open(store_help_path("token.key"), create, &vault, source, sizeof(source)) ==
                     VAULT_OK &&
                 use(vault);

    vault_close(vault);
    return right;
}

static int count(const char *folder)
{
    DIR *directory = opendir(folder);
    int files = 0;

    ck_assert_ptr_nonnull(directory);
    while (readdir(directory))
        files++;
    closedir(directory);
    return files;
}

START_TEST(a_key_that_was_made_while_a_call_failed_is_whole_or_not_there)
{
    bool fired = true;
    int failures = 0, open = count("/proc/self/fd"), empty = count(store_help_folder());

    for (long k = 1; fired; k++) {
        bool right, is_there;

        nth_call_order(kinds[_i].kind, k);
        right = open_and_use(true);
        fired = nth_call_end();
        ck_assert_int_eq(count("/proc/self/fd"), open);
        is_there = access(store_help_path("token.key"), F_OK) == 0;
        ck_assert_msg(right || fired, "call %ld", k);
        ck_assert(is_there || !right);
        /* A temporary file that could not be removed is all that may be left. */
        ck_assert_int_le(count(store_help_folder()), empty + is_there + (kinds[_i].failures > 0));
        ck_assert_msg(open_and_use(true), "call %ld: no key after it", k);
        ck_assert_int_eq(unlink(store_help_path("token.key")), 0);
        failures += !right;
    }
    ck_assert_int_ge(failures, kinds[_i].failures);
}
END_TEST

START_TEST(a_key_that_is_there_is_read_as_it_is_or_not_at_all)
{
    bool fired = true;
    char *before, *after;
    size_t size, now;

    ck_assert(open_and_use(true));
    before = store_help_read(store_help_path("token.key"), &size);
    for (long k = 1; fired; k++) {
        bool right;

        nth_call_order(kinds[_i].kind, k);
        right = open_and_use(true);
        fired = nth_call_end();
        ck_assert_msg(right || (fired && !kinds[_i].mends), "call %ld", k);
        after = store_help_read(store_help_path("token.key"), &now);
        ck_assert_uint_eq(now, size);
        ck_assert_mem_eq(after, before, size);
        free(after);
    }
    free(before);
}
END_TEST

/* With memory again it is the key that systemd hands over, never ours. */
START_TEST(without_memory_for_its_path_a_credential_is_not_passed_over)
{
    ck_assert(open_and_use(true));
    setenv("CREDENTIALS_DIRECTORY", store_help_folder(), 1);
    for (int k = 1; k <= 3; k++) { /* one of them is for the path */
        nth_call_order(NTH_CALL_MEMORY, k);
        ck_assert(!open_and_use(true));
        ck_assert(nth_call_end());
        ck_assert(open_and_use(false));
    }
    unsetenv("CREDENTIALS_DIRECTORY");
}
END_TEST

START_TEST(passwords_are_neither_made_nor_accepted_without_the_library)
{
    char hash[VAULT_PASSWORD_HASH_SIZE];

    ck_assert(vault_password_hash("right", hash));
    nth_call_order(NTH_CALL_LIBRARY, 1);
    ck_assert(!vault_password_verify("right", hash));
    ck_assert(nth_call_end());
    ck_assert(vault_password_verify("right", hash));
    nth_call_order(NTH_CALL_LIBRARY, 1);
    ck_assert(!vault_password_hash("right", hash));
    ck_assert(nth_call_end());
}
END_TEST

Suite *vault_nth_suite(void);

Suite *vault_nth_suite(void)
{
    Suite *suite = suite_create("vault_nth");
    TCase *tcase = tcase_create("calls");

    tcase_add_checked_fixture(tcase, store_help_setup, store_help_teardown);
    tcase_set_timeout(tcase, 20);
    tcase_add_loop_test(tcase, a_key_that_was_made_while_a_call_failed_is_whole_or_not_there, 0,
                        KINDS);
    tcase_add_loop_test(tcase, a_key_that_is_there_is_read_as_it_is_or_not_at_all, 0, KINDS);
    tcase_add_test(tcase, without_memory_for_its_path_a_credential_is_not_passed_over);
    tcase_add_test(tcase, passwords_are_neither_made_nor_accepted_without_the_library);
    suite_add_tcase(suite, tcase);
    return suite;
}
