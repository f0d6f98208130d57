/* SPDX-License-Identifier: MIT */
/* Sums as bytes: what was packed comes out again, and bytes of others do no harm. */
#include <check.h>
#include <stdlib.h>

#include "lib/chance.h"
#include "store/pack.h"

#define MOST 40

static struct buf packed;

static void teardown(void)
{
    buf_free(&packed, false);
}

static void pack(int numbers, const struct store_packed *entries, size_t count)
{
    int64_t before = 0;

    buf_clear(&packed, false);
    for (size_t i = 0; i < count; i++)
        store_pack(&packed, numbers, &before, &entries[i]);
    ck_assert(!packed.failed);
}

/* Bytes that nothing stands behind, so that reading beyond them is found. */
static size_t unpack(size_t len, int numbers, struct store_packed entries[MOST], bool *bad)
{
    void *copy = malloc(len > 0 ? len : 1);
    struct store_unpack unpack;
    size_t count = 0;

    ck_assert_ptr_nonnull(copy);
    if (len > 0)
        memcpy(copy, packed.data, len);
    unpack = store_unpack_open(copy, len, numbers);
    while (count < MOST && store_unpack_next(&unpack, &entries[count]))
        count++;
    *bad = unpack.bad;
    free(copy);
    return count;
}

static void assert_same(const struct store_packed *one, const struct store_packed *other,
                        int numbers)
{
    ck_assert_int_eq(one->id, other->id);
    ck_assert_int_eq(one->plays, other->plays);
    ck_assert_int_eq(one->listened_ms, other->listened_ms);
    ck_assert_int_eq(one->first, numbers == STORE_PACK_TRACK ? other->first : 0);
}

START_TEST(an_entry_is_as_long_as_its_numbers)
{
    struct store_packed entry = {7, 1, 300, 70000};
    static const unsigned char bytes[] = {0x90, 7, 1, 0x2c, 0x01, 0x70, 0x11, 0x01, 0x00};

    pack(STORE_PACK_TRACK, &entry, 1);
    ck_assert_uint_eq(packed.len, sizeof(bytes));
    ck_assert_mem_eq(packed.data, bytes, sizeof(bytes));
}
END_TEST

START_TEST(lengths_change_at_the_largest_number_that_fits)
{
    static const struct {
        int64_t plays;
        size_t len;
    } entries[] = {{0, 4},          {255, 4},         {256, 5},        {65535, 5},     {65536, 7},
                   {4294967295, 7}, {4294967296, 11}, {INT64_MAX, 11}, {INT64_MIN, 11}};

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        struct store_packed entry = {1, entries[i].plays, 1, 0}, again[MOST];
        bool bad;

        pack(STORE_PACK_QUARTER, &entry, 1);
        ck_assert_uint_eq(packed.len, entries[i].len);
        ck_assert_uint_eq(unpack(packed.len, STORE_PACK_QUARTER, again, &bad), 1);
        ck_assert_int_eq(again[0].plays, entries[i].plays);
    }
}
END_TEST

START_TEST(no_bytes_are_no_entries)
{
    struct store_unpack unpack = store_unpack_open(NULL, 0, STORE_PACK_TRACK);
    struct store_packed entry;

    ck_assert(!store_unpack_next(&unpack, &entry));
    ck_assert(!unpack.bad);
}
END_TEST

static int64_t some_number(struct chance *chance)
{
    uint64_t bits = chance_below(chance, 65);
    return (int64_t)(bits == 0 ? 0 : chance_next(chance) >> (64 - bits));
}

static size_t some_entries(struct chance *chance, struct store_packed entries[MOST])
{
    size_t count = chance_below(chance, MOST);

    for (size_t i = 0; i < count; i++)
        entries[i] = (struct store_packed){some_number(chance), some_number(chance),
                                           some_number(chance), some_number(chance)};
    return count;
}

START_TEST(what_was_packed_comes_out_again_whatever_the_numbers_are)
{
    struct chance chance = chance_open("what_was_packed_comes_out_again");

    for (int round = 0; round < 2000; round++) {
        struct store_packed entries[MOST], again[MOST];
        int numbers = round % 2 == 0 ? STORE_PACK_TRACK : STORE_PACK_QUARTER;
        size_t count = some_entries(&chance, entries);
        bool bad = true;

        pack(numbers, entries, count);
        ck_assert_uint_eq(unpack(packed.len, numbers, again, &bad), count);
        ck_assert(!bad);
        for (size_t i = 0; i < count; i++)
            assert_same(&again[i], &entries[i], numbers);
    }
}
END_TEST

START_TEST(bytes_that_end_early_give_the_whole_entries_before)
{
    struct chance chance = chance_open("bytes_that_end_early");
    struct store_packed entries[MOST], again[MOST];
    size_t count = some_entries(&chance, entries), whole = 0, ends[MOST + 1] = {0};
    int64_t before = 0;

    buf_clear(&packed, false);
    for (size_t i = 0; i < count; i++) {
        store_pack(&packed, STORE_PACK_TRACK, &before, &entries[i]);
        ends[i + 1] = packed.len;
    }
    for (size_t len = 0; len <= packed.len; len++) {
        bool bad = false;

        while (whole < count && ends[whole + 1] <= len)
            whole++;
        ck_assert_uint_eq(unpack(len, STORE_PACK_TRACK, again, &bad), whole);
        ck_assert_int_eq(bad, ends[whole] != len);
    }
}
END_TEST

START_TEST(after_bad_bytes_nothing_is_read)
{
    struct store_packed entries[MOST] = {{1, 1, 1, 0}}, entry;
    struct store_unpack unpack;

    pack(STORE_PACK_QUARTER, entries, MOST);
    packed.data[0] = (char)(packed.data[0] | 0x40);
    unpack = store_unpack_open(packed.data, packed.len, STORE_PACK_QUARTER);
    for (int i = 0; i < 3; i++) {
        ck_assert(!store_unpack_next(&unpack, &entry));
        ck_assert(unpack.bad);
    }
}
END_TEST

START_TEST(an_entry_that_tells_of_a_fourth_number_is_no_quarter)
{
    struct store_packed entry = {1, 1, 1, 0}, again[MOST];
    bool bad = false;

    pack(STORE_PACK_QUARTER, &entry, 1);
    packed.data[0] = (char)(packed.data[0] | 0x40);
    ck_assert_uint_eq(unpack(packed.len, STORE_PACK_QUARTER, again, &bad), 0);
    ck_assert(bad);
}
END_TEST

START_TEST(any_bytes_are_read_to_their_end_or_called_bad)
{
    struct chance chance = chance_open("any_bytes_are_read_to_their_end");

    for (int round = 0; round < 5000; round++) {
        struct store_packed again[MOST];
        size_t len = chance_below(&chance, 200);
        bool bad;

        buf_clear(&packed, false);
        for (size_t i = 0; i < len; i++)
            buf_add(&packed, &(char){(char)chance_next(&chance)}, 1);
        ck_assert_uint_le(unpack(len, round % 2 ? 3 : 4, again, &bad), len / 4 + 1);
    }
}
END_TEST

Suite *store_pack_suite(void)
{
    Suite *suite = suite_create("store_pack");
    TCase *test = tcase_create("pack");

    tcase_add_checked_fixture(test, NULL, teardown);
    tcase_add_test(test, an_entry_is_as_long_as_its_numbers);
    tcase_add_test(test, lengths_change_at_the_largest_number_that_fits);
    tcase_add_test(test, no_bytes_are_no_entries);
    tcase_add_test(test, what_was_packed_comes_out_again_whatever_the_numbers_are);
    tcase_add_test(test, bytes_that_end_early_give_the_whole_entries_before);
    tcase_add_test(test, after_bad_bytes_nothing_is_read);
    tcase_add_test(test, an_entry_that_tells_of_a_fourth_number_is_no_quarter);
    tcase_add_test(test, any_bytes_are_read_to_their_end_or_called_bad);
    suite_add_tcase(suite, test);
    return suite;
}
