/* SPDX-License-Identifier: MIT */
/* Hashes of passwords. */
#include "vault/vault.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* "correct horse", with the least that argon2id takes: made elsewhere, and cheap to verify. */
#define ELSEWHERE \
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$fGboIvzlkt1eU7JnWpaFoCiFdQqj41xKJW/x6HC4Hu4"

START_TEST(a_password_is_known_again_by_its_hash_and_another_is_not)
{
    char hash[VAULT_PASSWORD_HASH_SIZE];
    ck_assert(vault_password_hash("correct horse", hash));
    ck_assert(vault_password_verify("correct horse", hash));
    ck_assert(!vault_password_verify("correct hors", hash));
    ck_assert(!vault_password_verify("correct horse ", hash));
    ck_assert(!vault_password_verify("Correct horse", hash));
    ck_assert(!vault_password_verify("", hash));
}
END_TEST

START_TEST(a_hash_is_one_line_of_printable_ascii_and_says_nothing_of_the_password)
{
    char hash[VAULT_PASSWORD_HASH_SIZE];
    memset(hash, 'x', sizeof hash);
    ck_assert(vault_password_hash("correct", hash));
    ck_assert_ptr_nonnull(memchr(hash, '\0', sizeof hash));
    for (const char *c = hash; *c != '\0'; c++) {
        ck_assert(*c > ' ' && *c <= '~');
    }
    ck_assert_ptr_null(strstr(hash, "correct"));
    ck_assert_int_eq(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
}
END_TEST

START_TEST(the_same_password_is_never_hashed_alike)
{
    char first[VAULT_PASSWORD_HASH_SIZE];
    char second[VAULT_PASSWORD_HASH_SIZE];
    ck_assert(vault_password_hash("p", first));
    ck_assert(vault_password_hash("p", second));
    ck_assert_str_ne(first, second);
}
END_TEST

START_TEST(any_bytes_and_any_length_make_a_password)
{
    char hash[VAULT_PASSWORD_HASH_SIZE];
    char password[5000];
    for (size_t i = 0; i < sizeof password - 1; i++) {
        password[i] = (char)(1 + i % 255);
    }
    password[sizeof password - 1] = '\0';
    ck_assert(vault_password_hash(password, hash));
    ck_assert(vault_password_verify(password, hash));
    password[sizeof password - 2] ^= 1; /* the last one counts as well */
    ck_assert(!vault_password_verify(password, hash));
}
END_TEST

START_TEST(a_hash_made_elsewhere_with_other_limits_is_one_too)
{
    ck_assert(vault_password_is_hash(ELSEWHERE));
    ck_assert(vault_password_verify("correct horse", ELSEWHERE));
    ck_assert(!vault_password_verify("correct house", ELSEWHERE));
}
END_TEST

START_TEST(what_is_no_hash_is_told_and_verifies_nothing)
{
    static const char *const texts[] = {
        "",
        "hunter2",
        "$",
        "$argon2id$",
        "$argon2i$v=19$m=8,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$UWVRZ4PkZYBVrEwGgoTUN7YRtWSGTcJiPAIa9R4H"
        "9rk",
        "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
        " " ELSEWHERE,
        ELSEWHERE "\n",
        ELSEWHERE "x y",
    };
    char longer[VAULT_PASSWORD_HASH_SIZE + 1] = ELSEWHERE;
    memset(longer + strlen(longer), 'A', sizeof longer - 1 - strlen(longer));
    ck_assert(!vault_password_is_hash(longer));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_msg(!vault_password_is_hash(texts[i]), "%s", texts[i]);
        ck_assert_msg(!vault_password_verify("correct horse", texts[i]), "%s", texts[i]);
        ck_assert_msg(!vault_password_verify("", texts[i]), "%s", texts[i]);
        ck_assert_msg(!vault_password_verify(texts[i], texts[i]), "%s", texts[i]);
    }
}
END_TEST

START_TEST(a_hash_cut_anywhere_verifies_nothing)
{
    for (size_t len = 0; len < strlen(ELSEWHERE); len++) {
        char *cut = strndup(ELSEWHERE, len);
        ck_assert_msg(!vault_password_verify("correct horse", cut), "%s", cut);
        free(cut);
    }
}
END_TEST

Suite *vault_password_suite(void)
{
    Suite *suite = suite_create("vault_password");
    TCase *tcase = tcase_create("password");
    tcase_set_timeout(tcase, 20);
    tcase_add_test(tcase, a_password_is_known_again_by_its_hash_and_another_is_not);
    tcase_add_test(tcase, a_hash_is_one_line_of_printable_ascii_and_says_nothing_of_the_password);
    tcase_add_test(tcase, the_same_password_is_never_hashed_alike);
    tcase_add_test(tcase, any_bytes_and_any_length_make_a_password);
    tcase_add_test(tcase, a_hash_made_elsewhere_with_other_limits_is_one_too);
    tcase_add_test(tcase, what_is_no_hash_is_told_and_verifies_nothing);
    tcase_add_test(tcase, a_hash_cut_anywhere_verifies_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
