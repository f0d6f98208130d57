/* SPDX-License-Identifier: MIT */
/* Sorting beside qsort(), in so little memory that the file is needed, and with a file that fails.
 */
#include "archive/sort.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/chance.h"
#include "store_help.h"

#define LEAST ((size_t)65536) /* bytes of memory */
#define RECORD_MAX 65535

/* What goes in: key and number of arrival, from which len bytes follow. */
struct item {
    int64_t key;
    uint32_t number;
    uint32_t len;
};

/* The content of a record: its item, and bytes that belong to its number. */
static void fill(uint8_t *record, const struct item *item)
{
    struct chance chance = chance_from(item->number);
    uint64_t pattern = chance_next(&chance);

    for (size_t at = 0; at < item->len; at++)
        record[at] = (uint8_t)(pattern >> at % 8 * 8);
    memcpy(record, &item->number, item->len < 4 ? item->len : 4);
}

static int compare(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static void assert_ok(const struct archive_sort *sort)
{
    const char *error = archive_sort_error(sort);

    if (error != NULL)
        ck_abort_msg("%s", error);
}

static void add_all(struct archive_sort *sort, const struct item *items, size_t count)
{
    static uint8_t record[RECORD_MAX];

    for (size_t i = 0; i < count; i++) {
        fill(record, &items[i]);
        (void)archive_sort_add(sort, items[i].key, record, items[i].len);
        assert_ok(sort);
    }
}

/* Reads count items, which are sorted. An assertion for each would cost more than the sorting. */
static void assert_next(struct archive_sort *sort, const struct item *items, size_t count)
{
    static uint8_t wanted[RECORD_MAX];

    for (size_t i = 0; i < count; i++) {
        size_t len = 0;
        const uint8_t *got = archive_sort_next(sort, &len);

        assert_ok(sort);
        if (got == NULL || len != items[i].len)
            ck_abort_msg("%s at %zu of %zu", got == NULL ? "nothing" : "a wrong length", i, count);
        fill(wanted, &items[i]);
        if (memcmp(got, wanted, len) != 0)
            ck_abort_msg("another record at %zu of %zu", i, count);
    }
}

static void assert_all(struct archive_sort *sort, const struct item *items, size_t count)
{
    size_t len;

    ck_assert(archive_sort_rewind(sort));
    assert_next(sort, items, count);
    ck_assert_ptr_null(archive_sort_next(sort, &len));
    ck_assert_ptr_null(archive_sort_next(sort, &len));
    assert_ok(sort);
}

/* --- what is in the folder and open -------------------------------------------------------- */

static int entries_of(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    int count = 0;

    ck_assert_ptr_nonnull(directory);
    while ((entry = readdir(directory)) != NULL)
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(directory);
    return count;
}

static int open_files(void)
{
    return entries_of("/proc/self/fd");
}

/* Descriptor of the file that is sorted in; -1: there is none. */
static int file_of_sort(void)
{
    for (int fd = 3; fd < 256; fd++) {
        char link[64];
        char target[512];
        ssize_t len;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        len = readlink(link, target, sizeof(target) - 1);
        if (len < 0)
            continue;
        target[len] = '\0';
        if (strncmp(target, store_help_folder(), strlen(store_help_folder())) == 0)
            return fd;
    }
    return -1;
}

/* --- orders -------------------------------------------------------------------------------- */

static int64_t any_key(struct chance *chance, size_t i)
{
    (void)i;
    return (int64_t)chance_next(chance);
}
static int64_t few_keys(struct chance *chance, size_t i)
{
    (void)i;
    return (int64_t)chance_below(chance, 3) - 1;
}
static int64_t up(struct chance *chance, size_t i)
{
    (void)chance;
    return (int64_t)i;
}
static int64_t down(struct chance *chance, size_t i)
{
    (void)chance;
    return -(int64_t)i;
}
static int64_t nearly_up(struct chance *chance, size_t i)
{
    return (int64_t)i + (int64_t)chance_below(chance, 20);
}
static int64_t saw(struct chance *chance, size_t i)
{
    (void)chance;
    return (int64_t)(i % 97) - (int64_t)(i / 97 % 2) * 1000;
}
static int64_t outermost(struct chance *chance, size_t i)
{
    (void)i;
    return chance_below(chance, 2) == 0 ? INT64_MIN : INT64_MAX;
}

typedef int64_t key_function(struct chance *chance, size_t i);
static key_function *const orders[] = {any_key, few_keys, up, down, nearly_up, saw, outermost};

#define ORDERS ((int)(sizeof(orders) / sizeof(orders[0])))

/* Items, and the same sorted behind them. */
static struct item *make_items(struct chance *chance, key_function *key, size_t count,
                               uint32_t longest)
{
    struct item *items = malloc(2 * count * sizeof(*items));

    for (size_t i = 0; i < count; i++) {
        items[i] = (struct item){.key = key(chance, i),
                                 .number = (uint32_t)i,
                                 .len = (uint32_t)chance_below(chance, longest) + 1};
    }
    memcpy(items + count, items, count * sizeof(*items));
    qsort(items + count, count, sizeof(*items), compare);
    return items;
}

static void sort_and_compare(struct chance *chance, key_function *key, size_t memory, size_t count,
                             uint32_t longest)
{
    struct archive_sort *sort = archive_sort_new(memory, store_help_folder());
    struct item *items = make_items(chance, key, count, longest);

    add_all(sort, items, count);
    assert_all(sort, items + count, count);
    archive_sort_free(sort);
    free(items);
}

START_TEST(in_memory_it_is_the_order_of_qsort_and_of_arrival)
{
    struct chance chance = chance_open("in_memory_it_is_the_order_of_qsort_and_of_arrival");

    for (size_t count = 1; count < 70; count++)
        sort_and_compare(&chance, orders[_i], 16U << 20, count, 40);
    sort_and_compare(&chance, orders[_i], 16U << 20, 20000, 100);
}
END_TEST

START_TEST(in_runs_it_is_the_order_of_qsort_and_of_arrival)
{
    struct chance chance = chance_open("in_runs_it_is_the_order_of_qsort_and_of_arrival");

    sort_and_compare(&chance, orders[_i], LEAST, 5000, 200);
}
END_TEST

/* 64 KiB are read by 15 at once: some 250 runs take two passes before the last. */
START_TEST(more_runs_than_can_be_read_at_once_are_merged_in_passes)
{
    struct chance chance = chance_open("more_runs_than_can_be_read_at_once_are_merged_in_passes");

    sort_and_compare(&chance, orders[_i], LEAST, 60000, 480);
}
END_TEST

START_TEST(records_may_be_as_long_as_all_of_the_memory)
{
    struct chance chance = chance_open("records_may_be_as_long_as_all_of_the_memory");
    struct archive_sort *sort = archive_sort_new(0, store_help_folder());
    struct item *items = make_items(&chance, any_key, 200, RECORD_MAX);

    for (size_t i = 0; i < 200; i += 3)
        items[i].len = RECORD_MAX;
    memcpy(items + 200, items, 200 * sizeof(*items));
    qsort(items + 200, 200, sizeof(*items), compare);
    add_all(sort, items, 200);
    assert_all(sort, items + 200, 200);
    archive_sort_free(sort);
    free(items);
}
END_TEST

START_TEST(nothing_is_sorted_into_nothing)
{
    struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());

    assert_all(sort, NULL, 0);
    assert_all(sort, NULL, 0);
    archive_sort_free(sort);
}
END_TEST

/* --- again --------------------------------------------------------------------------------- */

/* _i: 0 in memory, 1 with a file, 2 with passes. */
static size_t count_of(int how)
{
    static const size_t counts[] = {300, 3000, 30000};

    return counts[how];
}

START_TEST(it_can_be_read_again_from_the_start)
{
    struct chance chance = chance_open("it_can_be_read_again_from_the_start");
    size_t count = count_of(_i);
    struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());
    struct item *items = make_items(&chance, few_keys, count, 200);

    add_all(sort, items, count);
    assert_all(sort, items + count, count);
    assert_all(sort, items + count, count);
    ck_assert(archive_sort_rewind(sort));
    assert_next(sort, items + count, count / 2);
    assert_all(sort, items + count, count);
    archive_sort_free(sort);
    free(items);
}
END_TEST

START_TEST(after_a_reset_another_file_is_sorted)
{
    struct chance chance = chance_open("after_a_reset_another_file_is_sorted");
    struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());

    for (int round = 0; round < 6; round++) {
        size_t count = count_of((_i + round) % 3);
        struct item *items = make_items(&chance, any_key, count, 200);

        add_all(sort, items, count);
        if (round % 2 == 0)
            assert_all(sort, items + count, count);
        archive_sort_reset(sort);
        assert_all(sort, NULL, 0);
        archive_sort_reset(sort);
        ck_assert_int_eq(file_of_sort(), -1);
        free(items);
    }
    archive_sort_free(sort);
}
END_TEST

/* --- the file ------------------------------------------------------------------------------ */

START_TEST(what_fits_into_the_memory_needs_no_file)
{
    struct chance chance = chance_from(1);
    int before = open_files();
    struct archive_sort *sort = archive_sort_new(LEAST, "/nowhere");
    struct item *items = make_items(&chance, any_key, 300, 150);

    add_all(sort, items, 300);
    assert_all(sort, items + 300, 300);
    ck_assert_int_eq(open_files(), before);
    archive_sort_free(sort);
    free(items);
}
END_TEST

START_TEST(the_file_has_no_name_and_no_heirs_and_ends_with_the_sorter)
{
    struct chance chance = chance_from(1);
    int before = open_files();
    struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());
    struct item *items = make_items(&chance, any_key, 3000, 150);
    struct stat status;

    add_all(sort, items, 3000);
    ck_assert_int_eq(open_files(), before + 1);
    ck_assert_int_eq(entries_of(store_help_folder()), 0);
    ck_assert_int_eq(fstat(file_of_sort(), &status), 0);
    ck_assert_uint_eq(status.st_nlink, 0);
    ck_assert_int_eq(status.st_mode & 07777, 0600);
    ck_assert_int_ne(fcntl(file_of_sort(), F_GETFD) & FD_CLOEXEC, 0);
    assert_all(sort, items + 3000, 3000);
    ck_assert_int_eq(entries_of(store_help_folder()), 0);
    archive_sort_free(sort);
    ck_assert_int_eq(open_files(), before);
    free(items);
}
END_TEST

/* mallinfo2() knows nothing under the sanitizers; then there is nothing to compare. */
static size_t bytes_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

START_TEST(I1_memory_stays_what_it_was_told_and_a_little)
{
    uint8_t record[200] = {0};
    size_t before = bytes_in_use();
    struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());
    size_t len;

    for (int64_t i = 0; i < 100000; i++)
        (void)archive_sort_add(sort, i * 7919 % 100003, record, sizeof(record));
    ck_assert(archive_sort_rewind(sort));
    for (int i = 0; i < 50000; i++)
        (void)archive_sort_next(sort, &len);
    assert_ok(sort);
    /* 350 runs of some 80 bytes, and a block to write from */
    ck_assert_uint_lt(bytes_in_use() - before, LEAST + 65536 + 512 * 128 + 4096);
    archive_sort_free(sort);
}
END_TEST

/* --- failures ------------------------------------------------------------------------------ */

static void assert_failed(struct archive_sort *sort, const char *with)
{
    const char *error = archive_sort_error(sort);
    char text[400];
    size_t len;

    ck_assert_ptr_nonnull(error);
    snprintf(text, sizeof(text), "%s", error);
    ck_assert_msg(strstr(error, with) != NULL && strchr(error, '\n') == NULL, "%s", error);
    ck_assert(!archive_sort_add(sort, 1, "a", 1));
    ck_assert(!archive_sort_rewind(sort));
    ck_assert_ptr_null(archive_sort_next(sort, &len));
    ck_assert_str_eq(archive_sort_error(sort), text);
}

/* After a failure a reset makes everything good. */
static void assert_usable_again(struct archive_sort *sort)
{
    struct item item = {.key = 1, .number = 1, .len = 10};

    archive_sort_reset(sort);
    assert_ok(sort);
    add_all(sort, &item, 1);
    assert_all(sort, &item, 1);
}

/* Adds until it fails, 100 MB at most. */
static void add_until_failure(struct archive_sort *sort)
{
    static const uint8_t record[1000] = {1};
    int added = 0;

    while (added < 100000 && archive_sort_add(sort, added, record, sizeof(record)))
        added++;
    ck_assert_int_lt(added, 100000);
}

START_TEST(a_folder_that_is_not_there_is_named)
{
    struct archive_sort *sort = archive_sort_new(LEAST, "/nowhere\n");

    add_until_failure(sort);
    assert_failed(sort, "cannot make a temporary file in /nowhere\\x0a: No such file");
    assert_usable_again(sort);
    archive_sort_free(sort);
}
END_TEST

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A limit within a block that is written: first less is written than was asked for, then nothing.
 */
START_TEST(a_file_that_cannot_grow_is_told)
{
    int before = open_files();
    struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());

    limit_files(300001);
    add_until_failure(sort);
    assert_failed(sort, "cannot write a temporary file in ");
    assert_usable_again(sort);
    archive_sort_free(sort);
    ck_assert_int_eq(open_files(), before);
}
END_TEST

START_TEST(a_pass_that_cannot_be_written_is_told)
{
    struct chance chance = chance_from(2);
    struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());
    struct item *items = make_items(&chance, any_key, 10000, 300);
    struct stat status;

    add_all(sort, items, 10000);
    ck_assert_int_eq(fstat(file_of_sort(), &status), 0);
    limit_files((rlim_t)status.st_size + 100000);
    ck_assert(!archive_sort_rewind(sort));
    assert_failed(sort, "cannot write a temporary file in ");
    assert_usable_again(sort);
    archive_sort_free(sort);
    free(items);
}
END_TEST

START_TEST(a_file_that_was_cut_is_told_and_no_record_made_up)
{
    struct chance chance = chance_from(3);
    struct item *items = make_items(&chance, any_key, 3000, 150);
    struct stat status;
    size_t given = 0;
    size_t len;

    for (int cut = 1; cut < 40; cut++) {
        struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());

        add_all(sort, items, 3000);
        ck_assert(archive_sort_rewind(sort));
        ck_assert_int_eq(fstat(file_of_sort(), &status), 0);
        ck_assert_int_eq(ftruncate(file_of_sort(), status.st_size * cut / 40), 0);
        if (archive_sort_rewind(sort)) {
            for (given = 0; archive_sort_next(sort, &len) != NULL; given++) {
            }
            ck_assert_uint_lt(given, 3000);
        }
        assert_failed(sort, "cannot read a temporary file in ");
        archive_sort_free(sort);
    }
    free(items);
}
END_TEST

START_TEST(a_file_that_was_written_over_does_no_harm)
{
    struct chance chance = chance_open("a_file_that_was_written_over_does_no_harm");
    struct item *items = make_items(&chance, any_key, 3000, 150);
    struct stat status;
    size_t len;

    for (int round = 0; round < 100; round++) {
        struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());
        size_t given = 0;

        add_all(sort, items, 3000);
        ck_assert(archive_sort_rewind(sort));
        ck_assert_int_eq(fstat(file_of_sort(), &status), 0);
        for (uint64_t count = chance_below(&chance, 50) + 1; count > 0; count--) {
            uint8_t byte = (uint8_t)chance_next(&chance);
            off_t at = (off_t)chance_below(&chance, (uint64_t)status.st_size);

            ck_assert_int_eq(pwrite(file_of_sort(), &byte, 1, at), 1);
        }
        if (archive_sort_rewind(sort)) {
            while (archive_sort_next(sort, &len) != NULL && len > 0)
                given++;
        }
        ck_assert_uint_lt(given, 30000 + 1); /* it comes to an end */
        archive_sort_free(sort);
    }
    free(items);
}
END_TEST

START_TEST(calls_out_of_order_are_told)
{
    struct archive_sort *sort = archive_sort_new(LEAST, store_help_folder());
    size_t len;

    ck_assert_ptr_null(archive_sort_next(sort, &len));
    assert_failed(sort, "before all are sorted");
    archive_sort_reset(sort);
    ck_assert(archive_sort_rewind(sort));
    ck_assert(!archive_sort_add(sort, 1, "a", 1));
    assert_failed(sort, "after the first was read");
    archive_sort_reset(sort);
    ck_assert(!archive_sort_add(sort, 1, "a", 0));
    assert_failed(sort, "empty");
    assert_usable_again(sort);
    archive_sort_free(sort);
}
END_TEST

Suite *archive_sort_suite(void)
{
    Suite *suite = suite_create("archive_sort");
    TCase *order = tcase_create("order");
    TCase *again = tcase_create("again");
    TCase *file = tcase_create("file");
    TCase *failures = tcase_create("failures");

    tcase_add_checked_fixture(order, store_help_setup, store_help_teardown);
    tcase_add_loop_test(order, in_memory_it_is_the_order_of_qsort_and_of_arrival, 0, ORDERS);
    tcase_add_loop_test(order, in_runs_it_is_the_order_of_qsort_and_of_arrival, 0, ORDERS);
    tcase_add_loop_test(order, more_runs_than_can_be_read_at_once_are_merged_in_passes, 0, 3);
    tcase_add_test(order, records_may_be_as_long_as_all_of_the_memory);
    tcase_add_test(order, nothing_is_sorted_into_nothing);
    suite_add_tcase(suite, order);
    tcase_add_checked_fixture(again, store_help_setup, store_help_teardown);
    tcase_add_loop_test(again, it_can_be_read_again_from_the_start, 0, 3);
    tcase_add_loop_test(again, after_a_reset_another_file_is_sorted, 0, 3);
    suite_add_tcase(suite, again);
    tcase_add_checked_fixture(file, store_help_setup, store_help_teardown);
    tcase_add_test(file, what_fits_into_the_memory_needs_no_file);
    tcase_add_test(file, the_file_has_no_name_and_no_heirs_and_ends_with_the_sorter);
    tcase_add_test(file, I1_memory_stays_what_it_was_told_and_a_little);
    suite_add_tcase(suite, file);
    tcase_add_checked_fixture(failures, store_help_setup, store_help_teardown);
    tcase_add_test(failures, a_folder_that_is_not_there_is_named);
    tcase_add_test(failures, a_file_that_cannot_grow_is_told);
    tcase_add_test(failures, a_pass_that_cannot_be_written_is_told);
    tcase_add_test(failures, a_file_that_was_cut_is_told_and_no_record_made_up);
    tcase_add_test(failures, a_file_that_was_written_over_does_no_harm);
    tcase_add_test(failures, calls_out_of_order_are_told);
    suite_add_tcase(suite, failures);
    return suite;
}
