/* SPDX-License-Identifier: MIT */
/* The command forget: through the daemon, and in its place while none runs. */
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/exit.h"

static char name[200]; /* of account 1 */

/* Two who played: account 1 the tracks 1 to 5, account 2 the tracks 4 to 6. */
static void begin(int way)
{
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    harness_begin(2);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE);
    fake_plays(2, 3, 4, harness_now() - HOUR, MINUTE);
    hd_start();
    harness_wait_for_truth(1);
    harness_wait_for_truth(2);
    if (way == ALONE)
        hd_stop(SIGTERM);
    snprintf(name, sizeof(name), "%s",
             db_text("SELECT display_name FROM users WHERE user_id = %d", (int)db_user(1)));
}

static void assert_nothing_is_removed(void)
{
    ck_assert_int_eq(db_plays(1), 5);
    ck_assert_int_eq(db_plays(2), 3);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 4);
    ck_assert_str_eq(db_state(1), "active");
}

static void assert_the_other_is_whole(void)
{
    ck_assert_int_eq(db_plays(2), 3);
    ck_assert_str_eq(db_state(2), "active");
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens WHERE user_id = %d", (int)db_user(2)), 2);
}

/* -- removing ----------------------------------------------------------------------------------- */

START_TEST(with_yes_a_user_is_removed_and_the_other_stays_whole)
{
    begin(_i);
    ctl_expect(EXIT_STATUS_OK, "removed: the sign-in, 5 plays, ", "forget", "--yes", fake_id(1));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, ": these will be removed for good:\n"));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "3 tracks that nobody else needs"));
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tracks"), 3);
    assert_the_other_is_whole();
}
END_TEST

START_TEST(G6_with_keep_plays_the_sign_in_goes_and_what_is_recorded_stays)
{
    begin(_i);
    ctl_expect(EXIT_STATUS_OK, " is signed out; what is recorded stays\n", "forget", "--yes",
               "--keep-plays", fake_id(1));
    ck_assert_int_eq(db_plays(1), 5);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 2);
    assert_the_other_is_whole();
    ctl_expect(EXIT_STATUS_OK, " signed out ", "users");
}
END_TEST

/* The bytes of a user's sealed tokens, in hexadecimal. */
static char *sealed(int account, const char *type)
{
    return strdup(db_text("SELECT hex(sealed) FROM tokens WHERE user_id = %d AND type = '%s'",
                          (int)db_user(account), type));
}

/* A file of the database, whole; the caller frees it. NULL: not there. */
static char *read_file(const char *suffix, size_t *len)
{
    char path[HARNESS_PATH_SIZE + 8], *bytes;
    FILE *file, *out;

    snprintf(path, sizeof(path), "%s%s", harness.database, suffix);
    file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    out = open_memstream(&bytes, len);
    for (int byte; (byte = getc(file)) != EOF;)
        putc(byte, out);
    fclose(out);
    fclose(file);
    return bytes;
}

/* Whether 16 bytes out of the middle of them stand in the database's files. */
static bool stands_in_files(const char *hex)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    unsigned char wanted[16];
    bool found = false;

    ck_assert_uint_ge(strlen(hex), 96);
    for (size_t i = 0; i < sizeof(wanted); i++)
        ck_assert_int_eq(sscanf(hex + 64 + 2 * i, "%2hhx", &wanted[i]), 1);
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        size_t len = 0;
        char *bytes = read_file(suffixes[i], &len);

        found = found || (bytes != NULL && memmem(bytes, len, wanted, sizeof(wanted)) != NULL);
        free(bytes);
    }
    return found;
}

/* Counts through both ways, without and with --keep-plays. */
START_TEST(no_byte_of_the_sealed_tokens_is_left_in_the_files)
{
    char *refresh, *access, *other;

    begin(_i % WAYS);
    refresh = sealed(1, "refresh");
    access = sealed(1, "access");
    other = sealed(2, "refresh");
    ck_assert(stands_in_files(refresh));
    ctl_expect(EXIT_STATUS_OK, "", "forget", "--yes", fake_id(1),
               _i / WAYS ? "--keep-plays" : NULL);
    ck_assert(!stands_in_files(refresh));
    ck_assert(!stands_in_files(access));
    ck_assert(stands_in_files(other));
    free(refresh);
    free(access);
    free(other);
}
END_TEST

START_TEST(who_was_forgotten_beside_the_daemon_is_not_polled_any_more)
{
    int64_t asked;

    begin(BY_DAEMON);
    ctl_expect(EXIT_STATUS_OK, "", "forget", "--yes", fake_id(1));
    asked = fake_count("recent", 1);
    fake_play(2, 9, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(2);
    ck_assert_int_eq(fake_count("recent", 1), asked);
}
END_TEST

/* -- asking ------------------------------------------------------------------------------------- */

/* A terminal for the command; what is typed goes into the answered descriptor. */
static int open_terminal(void)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(grantpt(fd), 0);
    ck_assert_int_eq(unlockpt(fd), 0);
    harness.ctl_in = open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_int_ge(harness.ctl_in, 0);
    return fd;
}

/* Answers the question of forget with a line. */
static void answer(const char *question, const char *line, const char *option)
{
    int fd = open_terminal();

    ctl_start("forget", fake_id(1), option);
    harness_wait_until(ctl_said(question));
    ck_assert_int_eq(dprintf(fd, "%s\n", line), (int)strlen(line) + 1);
}

START_TEST(the_name_that_is_typed_confirms)
{
    char question[300];

    begin(_i);
    snprintf(question, sizeof(question), "Type the name %s to remove all this: ", name);
    answer(question, name, NULL);
    ctl_expect_end(EXIT_STATUS_OK, " is forgotten; removed: ");
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
    assert_the_other_is_whole();
}
END_TEST

static const char *const wrong_names[] = {"", "y", "yes", "somebody else"};

/* Counts through both ways and all names. */
START_TEST(another_answer_removes_nothing)
{
    begin(_i % WAYS);
    answer("to remove all this: ", wrong_names[_i / WAYS], NULL);
    ctl_expect_end(EXIT_STATUS_USAGE, "nothing was removed");
    assert_nothing_is_removed();
}
END_TEST

START_TEST(y_confirms_that_the_sign_in_goes)
{
    begin(_i);
    answer("Remove the sign-in? [y/N] ", "y", "--keep-plays");
    ctl_expect_end(EXIT_STATUS_OK, " is signed out;");
    ck_assert_int_eq(db_plays(1), 5);
}
END_TEST

START_TEST(without_an_answer_the_sign_in_stays)
{
    begin(_i);
    answer("Remove the sign-in? [y/N] ", "", "--keep-plays");
    ctl_expect_end(EXIT_STATUS_USAGE, "nothing was removed");
    assert_nothing_is_removed();
}
END_TEST

START_TEST(without_a_terminal_and_without_yes_nothing_is_removed)
{
    begin(_i);
    ctl_start("forget", fake_id(1));
    ctl_type(name);
    ctl_type_end();
    ctl_expect_end(EXIT_STATUS_USAGE, "there is no terminal to ask on: nothing was removed");
    assert_nothing_is_removed();
}
END_TEST

START_TEST(a_user_who_is_not_there_is_told)
{
    begin(_i);
    ctl_expect(EXIT_STATUS_USAGE, "there is no user \"nobody\"; there are: ", "forget", "--yes",
               "nobody");
    assert_nothing_is_removed();
}
END_TEST

START_TEST(before_the_first_sign_in_no_database_is_made)
{
    harness_begin(0);
    harness.no_database = true;
    ctl_expect(EXIT_STATUS_USAGE, "nobody has signed in yet", "forget", "--yes", "1");
    ck_assert_int_ne(access(harness.database, F_OK), 0);
}
END_TEST

Suite *ctl_forget_suite(void)
{
    Suite *suite = suite_create("ctl_forget");
    TCase *removing = harness_case(suite, "removing");
    TCase *asking = harness_case(suite, "asking");

    tcase_add_loop_test(removing, with_yes_a_user_is_removed_and_the_other_stays_whole, 0, WAYS);
    tcase_add_loop_test(removing, G6_with_keep_plays_the_sign_in_goes_and_what_is_recorded_stays, 0,
                        WAYS);
    tcase_add_loop_test(removing, no_byte_of_the_sealed_tokens_is_left_in_the_files, 0, 2 * WAYS);
    tcase_add_test(removing, who_was_forgotten_beside_the_daemon_is_not_polled_any_more);
    tcase_add_loop_test(asking, the_name_that_is_typed_confirms, 0, WAYS);
    tcase_add_loop_test(asking, another_answer_removes_nothing, 0, 4 * WAYS);
    tcase_add_loop_test(asking, y_confirms_that_the_sign_in_goes, 0, WAYS);
    tcase_add_loop_test(asking, without_an_answer_the_sign_in_stays, 0, WAYS);
    tcase_add_loop_test(asking, without_a_terminal_and_without_yes_nothing_is_removed, 0, WAYS);
    tcase_add_loop_test(asking, a_user_who_is_not_there_is_told, 0, WAYS);
    tcase_add_test(asking, before_the_first_sign_in_no_database_is_made);
    return suite;
}
