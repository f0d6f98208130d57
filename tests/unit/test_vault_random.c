/* SPDX-License-Identifier: MIT */
/* Random texts, PKCE, comparing, keyed digests. */
#include "vault/vault.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

START_TEST(a_random_text_is_base64url_without_padding_of_the_promised_length)
{
    for (size_t size = 0; size <= 64; size++) {
        size_t len = (4 * size + 2) / 3;
        char *text = malloc(len + 1); /* a byte behind it would be seen */
        vault_random_text(text, size);
        ck_assert_uint_eq(strlen(text), len);
        ck_assert_uint_eq(strspn(text, BASE64URL), len);
        free(text);
    }
}
END_TEST

START_TEST(no_random_text_comes_twice)
{
    enum { TEXTS = 500 };
    static char texts[TEXTS][44];
    for (size_t i = 0; i < TEXTS; i++) {
        vault_random_text(texts[i], 32);
        for (size_t k = 0; k < i; k++) {
            ck_assert_str_ne(texts[k], texts[i]);
        }
    }
}
END_TEST

START_TEST(every_place_of_a_random_text_takes_every_letter)
{
    static unsigned char seen[42][256];
    char text[44];
    for (int i = 0; i < 3000; i++) { /* one of the 2688 pairs is missing once in 10^17 runs */
        vault_random_text(text, 32);
        for (size_t k = 0; k < 42; k++) { /* the last one holds four bits only */
            seen[k][(unsigned char)text[k]] = 1;
        }
    }
    for (size_t k = 0; k < 42; k++) {
        for (const char *c = BASE64URL; *c != '\0'; c++) {
            ck_assert_msg(seen[k][(unsigned char)*c], "no %c in place %zu", *c, k);
        }
    }
}
END_TEST

START_TEST(the_challenge_is_that_of_rfc_7636_appendix_b)
{
    char challenge[VAULT_CHALLENGE_SIZE];
    vault_pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge);
    ck_assert_str_eq(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}
END_TEST

START_TEST(texts_are_equal_only_if_every_byte_and_the_length_are)
{
    static const char text[] = "0123456789abcdef";
    char other[sizeof text];
    ck_assert(vault_equal(text, "0123456789abcdef"));
    ck_assert(vault_equal("", ""));
    ck_assert(!vault_equal(text, ""));
    ck_assert(!vault_equal("", text));
    ck_assert(!vault_equal(text, "0123456789abcde"));
    ck_assert(!vault_equal("0123456789abcde", text));
    for (size_t i = 0; i < sizeof text - 1; i++) {
        memcpy(other, text, sizeof text);
        other[i] ^= 1;
        ck_assert(!vault_equal(text, other));
        other[i] = (char)(text[i] ^ 0x80);
        ck_assert(!vault_equal(text, other));
    }
}
END_TEST

static const char *mac_of(const char *purpose, const char *text)
{
    static char macs[4][VAULT_MAC_SIZE];
    static size_t next;
    char *mac = macs[next++ % 4];
    vault_mac(purpose, text, mac);
    ck_assert_uint_eq(strlen(mac), VAULT_MAC_SIZE - 1);
    ck_assert_uint_eq(strspn(mac, BASE64URL), VAULT_MAC_SIZE - 1);
    return mac;
}

START_TEST(a_mac_is_the_same_for_the_same_text_and_purpose_only)
{
    ck_assert_str_eq(mac_of("form", "browser"), mac_of("form", "browser"));
    ck_assert_str_ne(mac_of("form", "browser"), mac_of("form", "browsers"));
    ck_assert_str_ne(mac_of("form", "browser"), mac_of("cookie", "browser"));
    ck_assert_str_ne(mac_of("form", ""), mac_of("", "form"));
    ck_assert_str_ne(mac_of("ab", "c"), mac_of("a", "bc"));
    ck_assert_str_eq(mac_of("", ""), mac_of("", ""));
}
END_TEST

/* What a process of its own says. */
static void mac_elsewhere(char mac[static VAULT_MAC_SIZE])
{
    int ends[2];
    int status = 1;
    ck_assert_int_eq(pipe(ends), 0);
    if (fork() == 0) {
        vault_mac("form", "browser", mac);
        _exit(write(ends[1], mac, VAULT_MAC_SIZE) == VAULT_MAC_SIZE ? 0 : 1);
    }
    ck_assert_int_eq(read(ends[0], mac, VAULT_MAC_SIZE), VAULT_MAC_SIZE);
    wait(&status);
    ck_assert_int_eq(status, 0);
    close(ends[0]);
    close(ends[1]);
}

START_TEST(another_process_has_another_key)
{
    char first[VAULT_MAC_SIZE];
    char second[VAULT_MAC_SIZE];
    mac_elsewhere(first);
    mac_elsewhere(second);
    ck_assert_str_ne(first, second);
    ck_assert_str_ne(first, mac_of("form", "browser"));
}
END_TEST

Suite *vault_random_suite(void)
{
    Suite *suite = suite_create("vault_random");
    TCase *tcase = tcase_create("random");
    tcase_add_test(tcase, a_random_text_is_base64url_without_padding_of_the_promised_length);
    tcase_add_test(tcase, no_random_text_comes_twice);
    tcase_add_test(tcase, every_place_of_a_random_text_takes_every_letter);
    tcase_add_test(tcase, the_challenge_is_that_of_rfc_7636_appendix_b);
    tcase_add_test(tcase, texts_are_equal_only_if_every_byte_and_the_length_are);
    tcase_add_test(tcase, a_mac_is_the_same_for_the_same_text_and_purpose_only);
    tcase_add_test(tcase, another_process_has_another_key);
    suite_add_tcase(suite, tcase);
    return suite;
}
