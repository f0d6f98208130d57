/* SPDX-License-Identifier: MIT */
/* Sealing and unsealing, and the key file. */
#include "vault/vault.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/users.h"
#include "store_help.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define KEY_B "100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define CANARY "BQD-canary-token-7f3a9c2e51d84b06-which-nobody-may-ever-see"

static const char *key_path(void)
{
    return store_help_path("token.key");
}

static struct vault *open_text(const char *text)
{
    struct vault *vault = NULL;
    char source[256];
    unlink(key_path());
    store_help_write(key_path(), text, strlen(text), 0600);
    ck_assert_int_eq(vault_open(key_path(), false, &vault, source, sizeof source), VAULT_OK);
    ck_assert_str_eq(source, key_path());
    return vault;
}

/* What opening path without making a key says; a vault that was opened is closed again. */
static enum vault_result try_open(const char *path, bool create)
{
    struct vault *vault = NULL;
    char source[256];
    enum vault_result result = vault_open(path, create, &vault, source, sizeof source);
    ck_assert_int_eq(vault != NULL, result == VAULT_OK);
    ck_assert_str_eq(source, path);
    vault_close(vault);
    return result;
}

static enum vault_result try_text(const char *text, size_t len)
{
    unlink(key_path());
    store_help_write(key_path(), text, len, 0600);
    return try_open(key_path(), true);
}

/* -- the key file ---------------------------------------------------------------------------- */

START_TEST(a_key_is_made_once_and_found_again)
{
    struct stat status;
    size_t len = 0;
    ck_assert_int_eq(try_open(key_path(), false), VAULT_MISSING);
    ck_assert_int_eq(try_open(key_path(), true), VAULT_OK);
    ck_assert_int_eq(stat(key_path(), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0600);
    ck_assert_uint_eq(status.st_nlink, 1);
    char *first = store_help_read(key_path(), &len);
    ck_assert_uint_eq(len, 65);
    ck_assert_uint_eq(strspn(first, "0123456789abcdef"), 64);
    ck_assert_int_eq(first[64], '\n');
    ck_assert_int_eq(try_open(key_path(), true), VAULT_OK);
    char *second = store_help_read(key_path(), &len);
    ck_assert_mem_eq(first, second, 65);
    free(first);
    free(second);
    char *folder = store_help_snapshot(false);
    ck_assert_ptr_null(strstr(folder, ".new")); /* no second copy of the secret lies around */
    free(folder);
}
END_TEST

START_TEST(two_keys_are_different)
{
    size_t len = 0;
    ck_assert_int_eq(try_open(store_help_path("a.key"), true), VAULT_OK);
    ck_assert_int_eq(try_open(store_help_path("b.key"), true), VAULT_OK);
    char *a = store_help_read(store_help_path("a.key"), &len);
    char *b = store_help_read(store_help_path("b.key"), &len);
    ck_assert_int_ne(memcmp(a, b, 64), 0);
    free(a);
    free(b);
}
END_TEST

START_TEST(a_key_made_under_any_umask_is_for_its_owner_alone)
{
    struct stat status;
    umask(0);
    ck_assert_int_eq(try_open(store_help_path("a.key"), true), VAULT_OK);
    umask(0777);
    ck_assert_int_eq(try_open(store_help_path("b.key"), true), VAULT_OK);
    umask(022);
    ck_assert_int_eq(stat(store_help_path("a.key"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0600);
    ck_assert_int_eq(stat(store_help_path("b.key"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0600);
}
END_TEST

START_TEST(starters_at_once_end_with_one_key)
{
    enum { STARTERS = 8 };
    struct vault *mine = NULL;
    char source[256];
    int ends[2];
    int go[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(pipe(go), 0);
    for (int i = 0; i < STARTERS; i++) {
        if (fork() == 0) {
            struct vault *vault = NULL;
            void *sealed = NULL;
            size_t len = 0;
            char c;
            close(go[1]);
            if (read(go[0], &c, 1) != 0 || /* until all can start */
                vault_open(key_path(), true, &vault, source, sizeof source) != VAULT_OK ||
                vault_seal(vault, i, "access", "x", 1, &sealed, &len) != VAULT_OK ||
                write(ends[1], sealed, len) != (ssize_t)len) {
                _exit(1);
            }
            _exit(0);
        }
    }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < STARTERS; i++) {
        int status = 1;
        wait(&status);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(vault_open(key_path(), true, &mine, source, sizeof source), VAULT_OK);
    for (int i = 0; i < STARTERS; i++) {
        char sealed[50];
        char *plain = NULL;
        size_t len = 0;
        ck_assert_int_eq(read(ends[0], sealed, sizeof sealed), sizeof sealed);
        bool opened = false;
        for (int user = 0; user < STARTERS && !opened; user++) {
            opened =
                vault_unseal(mine, user, "access", sealed, sizeof sealed, &plain, &len) == VAULT_OK;
        }
        ck_assert(opened);
        vault_wipe_free(plain);
    }
    vault_close(mine);
}
END_TEST

START_TEST(B19_a_key_cut_at_any_length_is_no_key)
{
    for (size_t len = 0; len < 64; len++) {
        ck_assert_int_eq(try_text(KEY_A, len), VAULT_BAD_KEY);
    }
    ck_assert_int_eq(try_text(KEY_A, 64), VAULT_OK); /* an editor may leave the last newline away */
    ck_assert_int_eq(try_text(KEY_A, 65), VAULT_OK);
}
END_TEST

START_TEST(B19_a_key_file_with_anything_else_in_it_is_no_key)
{
    char text[80];
    for (size_t i = 0; i < 64; i++) {
        memcpy(text, KEY_A, 65);
        text[i] = 'g';
        ck_assert_int_eq(try_text(text, 65), VAULT_BAD_KEY);
        text[i] = '\0';
        ck_assert_int_eq(try_text(text, 65), VAULT_BAD_KEY);
    }
    memcpy(text, KEY_A "\n", 66);
    ck_assert_int_eq(try_text(text, 66), VAULT_BAD_KEY);
    memcpy(text + 64, "\r\n", 2);
    ck_assert_int_eq(try_text(text, 66), VAULT_OK);
    memcpy(text + 64, "0000", 4);
    ck_assert_int_eq(try_text(text, 65), VAULT_BAD_KEY);
    ck_assert_int_eq(try_text(text, 66), VAULT_BAD_KEY);
    ck_assert_int_eq(try_text(text, 68), VAULT_BAD_KEY);
    char *kept = store_help_snapshot(true);
    ck_assert_int_eq(try_open(key_path(), true), VAULT_BAD_KEY);
    char *after = store_help_snapshot(true);
    ck_assert_str_eq(kept, after); /* nothing new is made over it */
    free(kept);
    free(after);
}
END_TEST

START_TEST(capital_digits_are_the_same_key)
{
    void *sealed = NULL;
    char *plain = NULL;
    size_t len = 0;
    struct vault *vault = open_text(KEY_A);
    ck_assert_int_eq(vault_seal(vault, 1, "access", "x", 1, &sealed, &len), VAULT_OK);
    vault_close(vault);
    vault = open_text("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
    ck_assert_int_eq(vault_unseal(vault, 1, "access", sealed, len, &plain, &len), VAULT_OK);
    vault_wipe_free(plain);
    free(sealed);
    vault_close(vault);
}
END_TEST

START_TEST(E9_a_key_that_others_can_read_or_write_is_refused)
{
    open_text(KEY_A);
    for (mode_t bit = 1; bit <= 0400; bit = bit << 1) {
        ck_assert_int_eq(chmod(key_path(), 0600 | bit), 0);
        bool exposed = (bit & 077) != 0;
        ck_assert_int_eq(try_open(key_path(), true), exposed ? VAULT_EXPOSED : VAULT_OK);
    }
    ck_assert_int_eq(chmod(key_path(), 0400), 0);
    ck_assert_int_eq(try_open(key_path(), true), VAULT_OK);
    if (geteuid() == 0) {
        ck_assert_int_eq(chown(key_path(), 12345, 0), 0); /* a stranger's */
        ck_assert_int_eq(try_open(key_path(), true), VAULT_EXPOSED);
    }
}
END_TEST

static void make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

START_TEST(a_key_that_is_not_a_plain_file_is_refused_and_a_link_is_followed)
{
    ck_assert_int_eq(mkfifo(key_path(), 0600), 0);
    ck_assert_int_eq(try_open(key_path(), true), VAULT_BAD_KEY);
    unlink(key_path());
    ck_assert_int_eq(mkdir(key_path(), 0700), 0);
    ck_assert_int_eq(try_open(key_path(), true), VAULT_BAD_KEY);
    rmdir(key_path());
    make_socket(key_path());
    ck_assert_int_eq(try_open(key_path(), true), VAULT_BAD_KEY);
    unlink(key_path());
    store_help_write(store_help_path("real"), KEY_A, 65, 0600);
    ck_assert_int_eq(symlink("real", key_path()), 0);
    ck_assert_int_eq(try_open(key_path(), true), VAULT_OK);
    ck_assert_int_eq(chmod(store_help_path("real"), 0644), 0);
    ck_assert_int_eq(try_open(key_path(), true), VAULT_EXPOSED);
    unlink(store_help_path("real"));
    ck_assert_int_eq(try_open(key_path(), false), VAULT_MISSING);
    /* A link that leads nowhere is not made to lead to a new key. */
    ck_assert_int_eq(try_open(key_path(), true), VAULT_MISSING);
    ck_assert_int_ne(access(store_help_path("real"), F_OK), 0);
}
END_TEST

START_TEST(a_key_cannot_be_made_where_there_is_no_folder)
{
    errno = 0;
    ck_assert_int_eq(try_open(store_help_path("no/token.key"), true), VAULT_IO);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(try_open(store_help_path("no/token.key"), false), VAULT_MISSING);
}
END_TEST

START_TEST(the_key_that_systemd_hands_over_comes_first)
{
    struct vault *vault = NULL;
    char source[256];
    char credential[192];
    store_help_write(key_path(), KEY_A, 65, 0600);
    ck_assert_int_eq(mkdir(store_help_path("credentials"), 0700), 0);
    setenv("CREDENTIALS_DIRECTORY", store_help_path("credentials"), 1);
    ck_assert_int_eq(try_open(key_path(), false), VAULT_OK); /* there is none: ours */
    snprintf(credential, sizeof credential, "%s", store_help_path("credentials/token.key"));
    static const struct {
        mode_t mode;
        enum vault_result result;
    } modes[] = {
        {0400, VAULT_OK},      {0440, VAULT_OK},      {0600, VAULT_OK},
        {0460, VAULT_EXPOSED}, {0404, VAULT_EXPOSED}, {0402, VAULT_EXPOSED},
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        unlink(credential);
        store_help_write(credential, KEY_B, 65, modes[i].mode);
        ck_assert_int_eq(vault_open(key_path(), true, &vault, source, sizeof source),
                         modes[i].result);
        ck_assert_str_eq(source, credential);
        vault_close(vault);
    }
    unlink(credential);
    store_help_write(credential, "short", 5, 0400); /* a bad one is not passed over */
    ck_assert_int_eq(vault_open(key_path(), true, &vault, source, sizeof source), VAULT_BAD_KEY);
    ck_assert_str_eq(source, credential);
    setenv("CREDENTIALS_DIRECTORY", "", 1);
    ck_assert_int_eq(try_open(key_path(), false), VAULT_OK);
    unsetenv("CREDENTIALS_DIRECTORY");
}
END_TEST

/* -- sealing --------------------------------------------------------------------------------- */

START_TEST(what_was_sealed_comes_back)
{
    struct vault *vault = open_text(KEY_A);
    char text[600];
    for (size_t len = 0; len < sizeof text; len += 1 + len / 4) {
        void *sealed = NULL;
        size_t sealed_len = 0;
        char *plain = NULL;
        size_t plain_len = 0;
        memset(text, (int)len, sizeof text);
        ck_assert_int_eq(vault_seal(vault, 7, "refresh", text, len, &sealed, &sealed_len),
                         VAULT_OK);
        ck_assert_uint_eq(sealed_len, 1 + 8 + 24 + len + 16);
        ck_assert_int_eq(((unsigned char *)sealed)[0], 1);
        ck_assert_int_eq(vault_unseal(vault, 7, "refresh", sealed, sealed_len, &plain, &plain_len),
                         VAULT_OK);
        ck_assert_uint_eq(plain_len, len);
        ck_assert_mem_eq(plain, text, len);
        ck_assert_int_eq(plain[len], '\0');
        vault_wipe_free(plain);
        free(sealed);
    }
    vault_wipe_free(NULL);
    vault_close(vault);
    vault_close(NULL);
}
END_TEST

START_TEST(the_same_text_is_never_sealed_alike)
{
    struct vault *vault = open_text(KEY_A);
    void *first = NULL;
    void *second = NULL;
    size_t len = 0;
    ck_assert_int_eq(vault_seal(vault, 1, "access", CANARY, strlen(CANARY), &first, &len),
                     VAULT_OK);
    ck_assert_int_eq(vault_seal(vault, 1, "access", CANARY, strlen(CANARY), &second, &len),
                     VAULT_OK);
    ck_assert_int_eq(memcmp(first, second, 9), 0); /* version and key */
    ck_assert_int_ne(memcmp((char *)first + 9, (char *)second + 9, 24), 0);
    ck_assert_int_ne(memcmp((char *)first + 33, (char *)second + 33, len - 33), 0);
    ck_assert_ptr_null(memmem(first, len, "canary", 6));
    free(first);
    free(second);
    vault_close(vault);
}
END_TEST

static void check_fails(const struct vault *vault, int64_t user_id, const char *type,
                        const void *sealed, size_t len, enum vault_result expected)
{
    char before = 0;
    char *plain = &before;
    size_t plain_len = 1;
    ck_assert_int_eq(vault_unseal(vault, user_id, type, sealed, len, &plain, &plain_len), expected);
    ck_assert_ptr_null(plain);
    ck_assert_uint_eq(plain_len, 0);
}

START_TEST(B19_a_flipped_bit_in_any_byte_is_noticed)
{
    struct vault *vault = open_text(KEY_A);
    void *sealed = NULL;
    size_t len = 0;
    ck_assert_int_eq(vault_seal(vault, 1, "access", CANARY, strlen(CANARY), &sealed, &len),
                     VAULT_OK);
    for (size_t i = 0; i < len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bool in_key_id = i >= 1 && i < 9;
            ((unsigned char *)sealed)[i] ^= (unsigned char)(1 << bit);
            check_fails(vault, 1, "access", sealed, len,
                        in_key_id ? VAULT_WRONG_KEY : VAULT_TAMPERED);
            ((unsigned char *)sealed)[i] ^= (unsigned char)(1 << bit);
        }
    }
    free(sealed);
    vault_close(vault);
}
END_TEST

START_TEST(B19_a_cut_or_longer_text_is_noticed)
{
    struct vault *vault = open_text(KEY_A);
    void *sealed = NULL;
    size_t len = 0;
    ck_assert_int_eq(vault_seal(vault, 1, "access", CANARY, strlen(CANARY), &sealed, &len),
                     VAULT_OK);
    for (size_t cut = 0; cut < len; cut++) {
        void *copy = malloc(cut > 0 ? cut : 1); /* so that reading behind it would be seen */
        memcpy(copy, sealed, cut);
        check_fails(vault, 1, "access", copy, cut, VAULT_TAMPERED);
        free(copy);
    }
    char *longer = calloc(1, len + 1);
    memcpy(longer, sealed, len);
    check_fails(vault, 1, "access", longer, len + 1, VAULT_TAMPERED);
    free(longer);
    free(sealed);
    vault_close(vault);
}
END_TEST

START_TEST(B19_a_token_of_another_user_or_type_does_not_open)
{
    struct vault *vault = open_text(KEY_A);
    void *sealed = NULL;
    size_t len = 0;
    ck_assert_int_eq(vault_seal(vault, 1, "access", CANARY, strlen(CANARY), &sealed, &len),
                     VAULT_OK);
    check_fails(vault, 2, "access", sealed, len, VAULT_TAMPERED);
    check_fails(vault, INT64_C(1) << 32 | 1, "access", sealed, len, VAULT_TAMPERED);
    check_fails(vault, -1, "access", sealed, len, VAULT_TAMPERED);
    check_fails(vault, 1, "refresh", sealed, len, VAULT_TAMPERED);
    check_fails(vault, 1, "acces", sealed, len, VAULT_TAMPERED);
    check_fails(vault, 1, "", sealed, len, VAULT_TAMPERED);
    check_fails(vault, 1, "a type that is much longer than any that there is", sealed, len,
                VAULT_TAMPERED);
    free(sealed);
    vault_close(vault);
}
END_TEST

START_TEST(what_has_no_place_in_a_sealed_text_is_refused)
{
    struct vault *vault = open_text(KEY_A);
    void *sealed = NULL;
    size_t len = 1;
    ck_assert_int_eq(vault_seal(vault, 1, "a type that is much longer than any that there is", "x",
                                1, &sealed, &len),
                     VAULT_TAMPERED);
    ck_assert_ptr_null(sealed);
    ck_assert_uint_eq(len, 0);
    ck_assert_int_eq(vault_seal(vault, 1, "access", "x", SIZE_MAX, &sealed, &len), VAULT_TAMPERED);
    ck_assert_ptr_null(sealed);
    vault_close(vault);
}
END_TEST

START_TEST(B19_another_key_is_told_from_a_changed_text)
{
    struct vault *vault = open_text(KEY_A);
    void *sealed = NULL;
    size_t len = 0;
    ck_assert_int_eq(vault_seal(vault, 1, "access", CANARY, strlen(CANARY), &sealed, &len),
                     VAULT_OK);
    vault_close(vault);
    vault = open_text(KEY_B);
    check_fails(vault, 1, "access", sealed, len, VAULT_WRONG_KEY);
    free(sealed);
    vault_close(vault);
}
END_TEST

/* -- digests and names ----------------------------------------------------------------------- */

START_TEST(a_digest_is_blake2b_of_128_bits)
{
    static const uint8_t empty[] = {0xca, 0xe6, 0x69, 0x41, 0xd9, 0xef, 0xbd, 0x40,
                                    0x4e, 0x4d, 0x88, 0x75, 0x8e, 0xa6, 0x76, 0x70};
    static const uint8_t abc[] = {0xcf, 0x4a, 0xb7, 0x91, 0xc6, 0x2b, 0x8d, 0x2b,
                                  0x21, 0x09, 0xc9, 0x02, 0x75, 0x28, 0x78, 0x16};
    uint8_t digest[VAULT_DIGEST_SIZE];
    vault_digest("", 0, digest);
    ck_assert_mem_eq(digest, empty, sizeof empty);
    vault_digest("abc", 3, digest);
    ck_assert_mem_eq(digest, abc, sizeof abc);
}
END_TEST

START_TEST(a_digest_of_pieces_is_that_of_the_whole)
{
    char data[1000];
    uint8_t whole[VAULT_DIGEST_SIZE];
    uint8_t pieces[VAULT_DIGEST_SIZE];
    static struct vault_digest_stream stream; /* gcc's fake stack (ASan) aligns to 32 bytes only */
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (char)(i * 7);
    }
    vault_digest(data, sizeof data, whole);
    vault_digest_begin(&stream);
    for (size_t at = 0, step = 0; at < sizeof data; at += step) {
        step = at % 200 + 1;
        step = step < sizeof data - at ? step : sizeof data - at;
        vault_digest_add(&stream, data + at, step);
    }
    vault_digest_end(&stream, pieces);
    ck_assert_mem_eq(pieces, whole, sizeof whole);
}
END_TEST

START_TEST(random_bytes_differ)
{
    uint64_t numbers[64];
    vault_random(numbers, sizeof numbers);
    for (size_t i = 0; i < 64; i++) {
        for (size_t k = 0; k < i; k++) {
            ck_assert(numbers[i] != numbers[k]);
        }
    }
}
END_TEST

START_TEST(every_vault_result_has_a_name)
{
    for (int i = VAULT_OK; i <= VAULT_NOMEM; i++) {
        ck_assert_str_ne(vault_result_name((enum vault_result)i), "unknown");
    }
    ck_assert_str_eq(vault_result_name((enum vault_result)99), "unknown");
}
END_TEST

/* -- with the store -------------------------------------------------------------------------- */

static bool in_any_file(const void *text, size_t len)
{
    return store_help_holds(store_help_path("history.db"), text, len) ||
           store_help_holds(store_help_path("history.db-wal"), text, len) ||
           store_help_holds(store_help_path("history.db-shm"), text, len);
}

START_TEST(B21_a_token_is_never_in_the_database_files_in_the_clear)
{
    struct vault *vault = open_text(KEY_A);
    struct store_token token = {.expires_at = STORE_NO_TIME};
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(
        vault_seal(vault, 1, "refresh", CANARY, strlen(CANARY), &token.sealed, &token.sealed_len),
        VAULT_OK);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_token_put(store, 1, STORE_TOKEN_REFRESH, &token), STORE_OK);
    store_help_commit(store);
    ck_assert(!in_any_file(CANARY, strlen(CANARY)));
    ck_assert(in_any_file(token.sealed, token.sealed_len));
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    ck_assert(!in_any_file(CANARY, strlen(CANARY)));

    struct store_token read;
    char *plain = NULL;
    size_t len = 0;
    ck_assert_int_eq(store_token_get(store, 1, STORE_TOKEN_REFRESH, &read), STORE_OK);
    ck_assert_int_eq(vault_unseal(vault, 1, "refresh", read.sealed, read.sealed_len, &plain, &len),
                     VAULT_OK);
    ck_assert_str_eq(plain, CANARY);
    vault_wipe_free(plain);
    free(read.sealed);
    store_close(store);
    free(token.sealed);
    vault_close(vault);
}
END_TEST

START_TEST(J3_a_removed_token_is_gone_from_all_files_after_a_checkpoint)
{
    struct store_token token = {.sealed = (void *)(uintptr_t)CANARY, .sealed_len = strlen(CANARY)};
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_token_put(store, 1, STORE_TOKEN_REFRESH, &token), STORE_OK);
    store_help_commit(store);
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_user_sign_out(store, 1, "signed out", 1), STORE_OK);
    store_help_commit(store);
    ck_assert(in_any_file(CANARY, strlen(CANARY)));
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    ck_assert(!in_any_file(CANARY, strlen(CANARY)));
    store_close(store);
}
END_TEST

Suite *vault_suite(void)
{
    Suite *suite = suite_create("vault");
    TCase *key = tcase_create("key");
    tcase_add_checked_fixture(key, store_help_setup, store_help_teardown);
    tcase_add_test(key, a_key_is_made_once_and_found_again);
    tcase_add_test(key, two_keys_are_different);
    tcase_add_test(key, a_key_made_under_any_umask_is_for_its_owner_alone);
    tcase_add_test(key, starters_at_once_end_with_one_key);
    tcase_add_test(key, B19_a_key_cut_at_any_length_is_no_key);
    tcase_add_test(key, B19_a_key_file_with_anything_else_in_it_is_no_key);
    tcase_add_test(key, capital_digits_are_the_same_key);
    tcase_add_test(key, E9_a_key_that_others_can_read_or_write_is_refused);
    tcase_add_test(key, a_key_that_is_not_a_plain_file_is_refused_and_a_link_is_followed);
    tcase_add_test(key, a_key_cannot_be_made_where_there_is_no_folder);
    tcase_add_test(key, the_key_that_systemd_hands_over_comes_first);
    suite_add_tcase(suite, key);

    TCase *seal = tcase_create("seal");
    tcase_add_checked_fixture(seal, store_help_setup, store_help_teardown);
    tcase_add_test(seal, what_was_sealed_comes_back);
    tcase_add_test(seal, the_same_text_is_never_sealed_alike);
    tcase_add_test(seal, B19_a_flipped_bit_in_any_byte_is_noticed);
    tcase_add_test(seal, B19_a_cut_or_longer_text_is_noticed);
    tcase_add_test(seal, B19_a_token_of_another_user_or_type_does_not_open);
    tcase_add_test(seal, what_has_no_place_in_a_sealed_text_is_refused);
    tcase_add_test(seal, B19_another_key_is_told_from_a_changed_text);
    tcase_add_test(seal, a_digest_is_blake2b_of_128_bits);
    tcase_add_test(seal, a_digest_of_pieces_is_that_of_the_whole);
    tcase_add_test(seal, random_bytes_differ);
    tcase_add_test(seal, every_vault_result_has_a_name);
    tcase_add_test(seal, B21_a_token_is_never_in_the_database_files_in_the_clear);
    tcase_add_test(seal, J3_a_removed_token_is_gone_from_all_files_after_a_checkpoint);
    suite_add_tcase(suite, seal);
    return suite;
}
