/* SPDX-License-Identifier: MIT */
/* The growing buffer, and the arena. */
#include "base/buf.h"

#include <check.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chance.h"

START_TEST(an_empty_buffer_has_no_memory)
{
    struct buf buf = {0};

    ck_assert_ptr_null(buf.data);
    buf_clear(&buf, true);
    buf_free(&buf, true);
}
END_TEST

START_TEST(what_is_appended_follows_what_is_there)
{
    struct buf buf = {0};

    ck_assert(buf_add(&buf, "ab", 2));
    ck_assert(buf_add_text(&buf, "cd"));
    ck_assert(buf_addf(&buf, "%d-%s", 12, "ef"));
    ck_assert_str_eq(buf.data, "abcd12-ef");
    ck_assert_uint_eq(buf.len, 9);
    buf_free(&buf, false);
}
END_TEST

START_TEST(appending_nothing_gives_an_empty_text)
{
    struct buf buf = {0};

    ck_assert(buf_add(&buf, NULL, 0));
    ck_assert_str_eq(buf.data, "");
    buf_free(&buf, false);
}
END_TEST

START_TEST(room_that_was_made_is_filled_in_place)
{
    struct buf buf = {0};

    ck_assert(buf_room(&buf, 1000));
    const char *data = buf.data;
    ck_assert_uint_eq(buf.cap, 1001);
    for (int i = 0; i < 100; i++)
        ck_assert(buf_add(&buf, "0123456789", 10));
    ck_assert_ptr_eq(buf.data, data);
    ck_assert(buf_room(&buf, 5000));
    ck_assert_uint_eq(strlen(buf.data), 1000);
    buf_free(&buf, false);
}
END_TEST

START_TEST(room_beyond_the_limit_is_refused)
{
    struct buf buf = {.limit = 10};

    ck_assert(!buf_room(&buf, 11));
    ck_assert(buf.failed);
    buf_free(&buf, false);
}
END_TEST

START_TEST(nul_bytes_are_kept)
{
    struct buf buf = {0};

    ck_assert(buf_add(&buf, "a\0b", 3));
    ck_assert_mem_eq(buf.data, "a\0b", 4);
    buf_free(&buf, false);
}
END_TEST

START_TEST(a_long_format_is_written_in_full)
{
    struct buf buf = {0};
    char *text = malloc(100001);

    memset(text, 'x', 100000);
    text[100000] = '\0';
    ck_assert(buf_addf(&buf, "<%s>", text));
    ck_assert_uint_eq(buf.len, 100002);
    ck_assert_int_eq(buf.data[0], '<');
    ck_assert_int_eq(buf.data[100001], '>');
    buf_free(&buf, false);
    free(text);
}
END_TEST

START_TEST(a_buffer_is_full_at_its_limit_and_not_before)
{
    struct buf buf = {.limit = 5};

    ck_assert(buf_add_text(&buf, "12345"));
    ck_assert(!buf.failed);
    ck_assert(!buf_add_text(&buf, "6"));
    ck_assert(buf.failed);
    ck_assert_str_eq(buf.data, "12345");
    buf_free(&buf, false);
}
END_TEST

static bool add_plain(struct buf *buf)
{
    return buf_add(buf, "123456", 6);
}

static bool add_format(struct buf *buf)
{
    return buf_addf(buf, "%06d", 1);
}

static bool add_form(struct buf *buf)
{
    return buf_add_form(buf, "1 2 ", 4);
}

static bool (*const adders[])(struct buf *buf) = {add_plain, add_format, add_form};

START_TEST(what_does_not_fit_changes_nothing)
{
    struct buf buf = {.limit = 8};

    ck_assert(buf_add_text(&buf, "abc"));
    ck_assert(!adders[_i](&buf));
    ck_assert(buf.failed);
    ck_assert_str_eq(buf.data, "abc");
    ck_assert_uint_eq(buf.len, 3);
    buf_free(&buf, false);
}
END_TEST

START_TEST(a_failure_stays_so_that_one_look_at_the_end_is_enough)
{
    struct buf buf = {.limit = 4};

    ck_assert(!buf_add_text(&buf, "12345"));
    ck_assert(!buf_add_text(&buf, "1"));
    buf_clear(&buf, false);
    ck_assert(!buf.failed);
    ck_assert(buf_add_text(&buf, "1"));
    buf_free(&buf, false);
}
END_TEST

START_TEST(a_length_that_cannot_be_is_refused)
{
    struct buf buf = {0};

    ck_assert(buf_add_text(&buf, "a"));
    ck_assert(!buf_add(&buf, "b", SIZE_MAX));
    ck_assert_str_eq(buf.data, "a");
    buf_free(&buf, false);
}
END_TEST

START_TEST(clearing_keeps_the_memory_and_can_wipe_it)
{
    struct buf buf = {0};
    size_t cap;

    ck_assert(buf_add_text(&buf, "secret"));
    cap = buf.cap;
    buf_clear(&buf, true);
    ck_assert_uint_eq(buf.cap, cap);
    ck_assert_uint_eq(buf.len, 0);
    for (size_t i = 0; i < cap; i++)
        ck_assert_int_eq(buf.data[i], 0);
    buf_free(&buf, false);
}
END_TEST

START_TEST(only_unreserved_bytes_are_kept_in_a_form)
{
    struct buf buf = {0};

    ck_assert(buf_add_form(&buf, "AZaz09-._~", 10));
    ck_assert(buf_add_form(&buf, " &=+/%\xc3\xbc\n\0", 10));
    ck_assert_str_eq(buf.data, "AZaz09-._~%20%26%3D%2B%2F%25%C3%BC%0A%00");
    buf_free(&buf, false);
}
END_TEST

START_TEST(wiping_overwrites_every_byte)
{
    char secret[] = "AQCmadeupRefresh0123456789";
    char zeros[sizeof(secret)] = {0};

    buf_wipe(secret, sizeof(secret));
    ck_assert_mem_eq(secret, zeros, sizeof(secret));
    buf_wipe(NULL, 0);
}
END_TEST

START_TEST(arena_memory_is_zeroed_aligned_and_apart)
{
    struct chance chance = chance_open("arena");
    struct arena arena = {0};
    char *text[300];
    uint64_t *numbers[300];

    for (size_t i = 0; i < 300; i++) {
        size_t len = chance_below(&chance, 900);
        char filled[900];

        memset(filled, (int)(i % 255) + 1, sizeof(filled));
        text[i] = arena_copy(&arena, filled, len);
        numbers[i] = arena_alloc(&arena, sizeof(uint64_t) * 3);
        ck_assert_uint_eq(strlen(text[i]), len);
        ck_assert_uint_eq((uintptr_t)numbers[i] % alignof(max_align_t), 0);
        ck_assert(numbers[i][0] == 0 && numbers[i][1] == 0 && numbers[i][2] == 0);
        numbers[i][0] = numbers[i][1] = numbers[i][2] = i;
    }
    for (size_t i = 0; i < 300; i++) {
        ck_assert(numbers[i][0] == i && numbers[i][1] == i && numbers[i][2] == i);
        for (size_t j = 0; j < strlen(text[i]); j++)
            ck_assert_int_eq((unsigned char)text[i][j], (int)(i % 255) + 1);
    }
    arena_free(&arena);
    ck_assert_uint_eq(arena.total, 0);
}
END_TEST

START_TEST(an_arena_takes_what_is_larger_than_its_blocks)
{
    struct arena arena = {0};
    char *large = arena_alloc(&arena, 1000000);

    ck_assert_ptr_nonnull(large);
    large[0] = large[999999] = 'x';
    ck_assert_uint_ge(arena.total, 1000000);
    ck_assert_ptr_nonnull(arena_copy(&arena, "next", 4));
    arena_free(&arena);
}
END_TEST

START_TEST(an_arena_refuses_a_size_that_cannot_be)
{
    struct arena arena = {0};

    ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX - 7));
    ck_assert_ptr_null(arena_copy(&arena, "", SIZE_MAX));
    arena_free(&arena);
}
END_TEST

START_TEST(an_arena_holds_little_more_than_was_asked_of_it)
{
    struct arena arena = {0};
    size_t asked = 0;

    for (int i = 0; i < 10000; i++) {
        asked += 22 + 1;
        ck_assert_ptr_nonnull(arena_copy(&arena, "3cD4eF5gH6iJ7kL8mN9oP0", 22));
    }
    ck_assert_uint_lt(arena.total, asked * 5 / 2);
    arena_free(&arena);
}
END_TEST

Suite *buf_suite(void)
{
    Suite *suite = suite_create("buf");
    TCase *tcase = tcase_create("buf");
    TCase *arena = tcase_create("arena");

    tcase_add_test(tcase, an_empty_buffer_has_no_memory);
    tcase_add_test(tcase, what_is_appended_follows_what_is_there);
    tcase_add_test(tcase, appending_nothing_gives_an_empty_text);
    tcase_add_test(tcase, room_that_was_made_is_filled_in_place);
    tcase_add_test(tcase, room_beyond_the_limit_is_refused);
    tcase_add_test(tcase, nul_bytes_are_kept);
    tcase_add_test(tcase, a_long_format_is_written_in_full);
    tcase_add_test(tcase, a_buffer_is_full_at_its_limit_and_not_before);
    tcase_add_loop_test(tcase, what_does_not_fit_changes_nothing, 0, 3);
    tcase_add_test(tcase, a_failure_stays_so_that_one_look_at_the_end_is_enough);
    tcase_add_test(tcase, a_length_that_cannot_be_is_refused);
    tcase_add_test(tcase, clearing_keeps_the_memory_and_can_wipe_it);
    tcase_add_test(tcase, only_unreserved_bytes_are_kept_in_a_form);
    tcase_add_test(tcase, wiping_overwrites_every_byte);
    suite_add_tcase(suite, tcase);
    tcase_add_test(arena, arena_memory_is_zeroed_aligned_and_apart);
    tcase_add_test(arena, an_arena_takes_what_is_larger_than_its_blocks);
    tcase_add_test(arena, an_arena_refuses_a_size_that_cannot_be);
    tcase_add_test(arena, an_arena_holds_little_more_than_was_asked_of_it);
    suite_add_tcase(suite, arena);
    return suite;
}
