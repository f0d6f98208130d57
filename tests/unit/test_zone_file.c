/* SPDX-License-Identifier: MIT */
/* base/zone, its files: what TZif (RFC 9636) means, and that no bytes do harm. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/zone.h"
#include "lib/chance.h"
#include "lib/count.h"

struct type {
    int32_t offset;
    uint8_t summer, index;
};

/* A data block; NULL and 0 are fine but for types and chars. */
struct block {
    const int64_t *times;
    const uint8_t *to;
    uint32_t time_count;
    const struct type *types;
    uint32_t type_count;
    const char *chars;
    uint32_t char_count;
    uint32_t leap_count, isstd_count, isut_count;
};

static const int64_t times[] = {-1000000000, 0, 1000000000};
static const uint8_t to[] = {1, 2, 1};
static const struct type types[] = {{-3208, 0, 0}, {3600, 0, 4}, {7200, 1, 8}};
static const char chars[] = "LMT\0CET\0CEST";

/* Local mean time, then winter, summer, and winter time. */
static const struct block plain = {times, to, 3, types, 3, chars, sizeof(chars), 0, 0, 0};

static struct buf file;

static void put(uint64_t value, int bytes)
{
    while (bytes-- > 0) {
        uint8_t byte = (uint8_t)(value >> (8 * bytes));

        buf_add(&file, &byte, 1);
    }
}

static void put_block(const struct block *block, char version, int width)
{
    static const char none[15];

    buf_add(&file, "TZif", 4);
    buf_add(&file, &version, 1);
    buf_add(&file, none, sizeof(none));
    put(block->isut_count, 4);
    put(block->isstd_count, 4);
    put(block->leap_count, 4);
    put(block->time_count, 4);
    put(block->type_count, 4);
    put(block->char_count, 4);
    for (uint32_t i = 0; i < block->time_count; i++)
        put((uint64_t)block->times[i], width);
    for (uint32_t i = 0; i < block->time_count; i++)
        put(block->to[i], 1);
    for (uint32_t i = 0; i < block->type_count; i++) {
        put((uint64_t)block->types[i].offset, 4);
        put(block->types[i].summer, 1);
        put(block->types[i].index, 1);
    }
    buf_add(&file, block->chars, block->char_count);
    for (uint32_t i = 0; i < block->leap_count; i++) {
        put(78796800, width);
        put(1, 4);
    }
    put(0, (int)(block->isstd_count + block->isut_count));
}

/* A file of version 2 and later: the block twice, and a footer. */
static void put_file(const struct block *block, char version, const char *footer)
{
    put_block(&plain, version, 4);
    put_block(block, version, 8);
    buf_add_text(&file, footer);
}

/* From a block of exactly its size, so that a byte read behind it is seen. */
static struct zone *read_bytes(const char *data, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    struct zone *zone;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, data, size);
    zone = zone_of_file("Test/Zone", copy, size);
    free(copy);
    return zone;
}

static struct zone *read_file(void)
{
    return read_bytes(file.data, file.len);
}

static void tidy_up(void)
{
    buf_free(&file, false);
}

static void assert_local(const struct zone *zone, int64_t seconds, int32_t offset,
                         const char *abbreviation)
{
    ck_assert_int_eq(zone_offset(zone, seconds * 1000), offset);
    ck_assert_str_eq(zone_abbreviation(zone, seconds * 1000), abbreviation);
}

/* -- meaning ----------------------------------------------------------------------------------- */

static void assert_plain_until_the_last(const struct zone *zone)
{
    ck_assert_str_eq(zone_name(zone), "Test/Zone");
    assert_local(zone, -1000000001, -3208, "LMT");
    assert_local(zone, -1000000000, 3600, "CET");
    assert_local(zone, -1, 3600, "CET");
    assert_local(zone, 0, 7200, "CEST");
    assert_local(zone, 999999999, 7200, "CEST");
    assert_local(zone, 1000000000, 3600, "CET");
}

START_TEST(version_1_has_one_block_and_ends_with_its_last_change)
{
    struct zone *zone;

    put_block(&plain, '\0', 4);
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_plain_until_the_last(zone);
    assert_local(zone, INT64_C(9000000000), 3600, "CET");
    zone_free(zone);
}
END_TEST

static const char versions[] = {'2', '3', '4', '5'};

START_TEST(later_versions_have_a_rule_for_what_comes_after_the_last_change)
{
    struct zone *zone;

    put_file(&plain, versions[_i], "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_local(zone, 999999999, 7200, "CEST");
    assert_local(zone, 1004230799, 7200, "CEST"); /* 2001-10-28T01:00:00Z */
    assert_local(zone, 1004230800, 3600, "CET");
    assert_local(zone, INT64_C(4118000000), 7200, "CEST"); /* June 2100 */
    zone_free(zone);
}
END_TEST

START_TEST(the_second_block_is_the_one_that_counts)
{
    static const int64_t far[] = {-INT64_C(100000000000)};
    struct block block = plain;
    struct zone *zone;

    block.times = far;
    block.time_count = 1;
    put_file(&block, '2', "\n\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_local(zone, -INT64_C(100000000001), -3208, "LMT");
    assert_local(zone, 0, 3600, "CET");
    zone_free(zone);
}
END_TEST

START_TEST(a_first_block_that_is_only_skipped_may_be_empty)
{
    struct block empty = {.chars = ""};
    struct zone *zone;

    put_block(&empty, '2', 4);
    put_block(&plain, '2', 8);
    buf_add_text(&file, "\n\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_plain_until_the_last(zone);
    zone_free(zone);
}
END_TEST

START_TEST(an_empty_footer_leaves_the_last_change_in_force)
{
    struct zone *zone;

    put_file(&plain, '2', "\n\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_plain_until_the_last(zone);
    assert_local(zone, INT64_C(9000000000), 3600, "CET");
    zone_free(zone);
}
END_TEST

START_TEST(without_changes_the_rule_is_all_there_is)
{
    struct block block = plain;
    struct zone *zone;

    block.time_count = 0;
    put_file(&block, '3', "\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_local(zone, -INT64_C(2019686400), -7200, "-02"); /* January 1906 */
    assert_local(zone, 1795366800, -7200, "-02");           /* November 2026 */
    assert_local(zone, 1782864000, -3600, "-01");           /* July */
    zone_free(zone);
}
END_TEST

START_TEST(without_changes_and_rule_the_first_type_holds)
{
    struct block block = plain;
    struct zone *zone;

    block.time_count = 0;
    put_file(&block, '2', "\n\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_local(zone, 0, -3208, "LMT");
    zone_free(zone);
}
END_TEST

/* zic of 2014 began each file with the Big Bang, as it called it. */
START_TEST(changes_may_be_as_far_away_as_64_bits_reach)
{
    static const int64_t far[] = {INT64_MIN, -(INT64_C(1) << 59), INT64_C(1) << 62};
    struct block block = plain;
    struct zone *zone;

    block.times = far;
    put_file(&block, '2', "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_local(zone, 0, 7200, "CEST");
    zone_free(zone);
    buf_clear(&file, false);
    block.time_count = 1;
    put_file(&block, '2', "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    assert_local(zone, 1795366800, 3600, "CET");
    assert_local(zone, 1782864000, 7200, "CEST");
    zone_free(zone);
}
END_TEST

/* -- what is refused --------------------------------------------------------------------------- */

static const int64_t same_times[] = {0, 0, 1}, falling_times[] = {5, 4, 6};
static const uint8_t to_nowhere[] = {1, 3, 1};
static const struct type none_here[] = {{0, 0, 12}}, far_east[] = {{26 * 3600, 0, 0}},
                         far_west[] = {{-25 * 3600, 0, 0}}, half_summer[] = {{0, 2, 0}},
                         empty_text[] = {{0, 0, 3}}, odd_end[] = {{0, 0, 0}};

static const struct {
    const char *what;
    struct block block;
    const char *footer;
} refused[] = {
    {"a change to no type", {times, to_nowhere, 3, types, 3, chars, 13, 0, 0, 0}, "\n\n"},
    {"two changes at once", {same_times, to, 3, types, 3, chars, 13, 0, 0, 0}, "\n\n"},
    {"changes out of order", {falling_times, to, 3, types, 3, chars, 13, 0, 0, 0}, "\n\n"},
    {"no type", {NULL, NULL, 0, NULL, 0, chars, 13, 0, 0, 0}, "\n\n"},
    {"no letters", {NULL, NULL, 0, types, 1, chars, 0, 0, 0, 0}, "\n\n"},
    {"an index behind the letters", {NULL, NULL, 0, none_here, 1, chars, 12, 0, 0, 0}, "\n\n"},
    {"too far in the east", {NULL, NULL, 0, far_east, 1, chars, 13, 0, 0, 0}, "\n\n"},
    {"too far in the west", {NULL, NULL, 0, far_west, 1, chars, 13, 0, 0, 0}, "\n\n"},
    {"neither summer nor not", {NULL, NULL, 0, half_summer, 1, chars, 13, 0, 0, 0}, "\n\n"},
    {"an empty abbreviation", {NULL, NULL, 0, empty_text, 1, chars, 13, 0, 0, 0}, "\n\n"},
    {"letters without an end", {NULL, NULL, 0, odd_end, 1, "ABC", 3, 0, 0, 0}, "\n\n"},
    {"an escape", {NULL, NULL, 0, odd_end, 1, "A\033C", 4, 0, 0, 0}, "\n\n"},
    {"markup", {NULL, NULL, 0, odd_end, 1, "<b>", 4, 0, 0, 0}, "\n\n"},
    {"too many letters", {NULL, NULL, 0, odd_end, 1, "ABCDEFGHIJKLMNOP", 17, 0, 0, 0}, "\n\n"},
    {"leap seconds", {times, to, 3, types, 3, chars, 13, 1, 0, 0}, "\n\n"},
    {"too few marks of standard time", {times, to, 3, types, 3, chars, 13, 0, 2, 0}, "\n\n"},
    {"too many marks of UT", {times, to, 3, types, 3, chars, 13, 0, 0, 4}, "\n\n"},
    {"no footer", {times, to, 3, types, 3, chars, 13, 0, 0, 0}, ""},
    {"half a footer", {times, to, 3, types, 3, chars, 13, 0, 0, 0}, "\n"},
    {"a footer without an end", {times, to, 3, types, 3, chars, 13, 0, 0, 0}, "\nUTC0"},
    {"a footer without a beginning", {times, to, 3, types, 3, chars, 13, 0, 0, 0}, "UTC0\n"},
    {"a footer that is no rule", {times, to, 3, types, 3, chars, 13, 0, 0, 0}, "\nBerlin\n"},
};

START_TEST(what_breaks_the_rules_of_the_format_is_refused)
{
    struct zone *zone;

    put_file(&refused[_i].block, '2', refused[_i].footer);
    zone = read_file();
    ck_assert_msg(zone == NULL, "%s", refused[_i].what);
}
END_TEST

static const struct {
    const char *what;
    size_t at;
    const char *bytes;
    size_t len;
} changed[] = {
    {"another mark", 0, "TZiF", 4},
    {"a version that there never was", 4, "1", 1},
    {"a first block that is too long", 32, "\0\0\1\0", 4},
    {"four billion marks", 20, "\xff\xff\xff\xff", 4},
    {"four billion leap seconds", 28, "\xff\xff\xff\xff", 4},
    {"four billion changes", 32, "\xff\xff\xff\xff", 4},
    {"four billion types", 36, "\xff\xff\xff\xff", 4},
    {"four billion letters", 40, "\xff\xff\xff\xff", 4},
    {"more types than a byte can tell", 36, "\0\0\1\1", 4},
    {"a second block of another mark", 44 + 15 + 18 + 13, "XZif", 4},
};

START_TEST(a_header_that_lies_is_refused)
{
    struct zone *zone;

    put_file(&plain, '2', "\n\n");
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    zone_free(zone);
    memcpy(file.data + changed[_i].at, changed[_i].bytes, changed[_i].len);
    zone = read_file();
    ck_assert_msg(zone == NULL, "%s", changed[_i].what);
}
END_TEST

START_TEST(nothing_and_no_zone_file_are_refused)
{
    ck_assert_ptr_null(zone_of_file("x", NULL, 0));
    ck_assert_ptr_null(zone_of_file("x", "TZif", 4));
    ck_assert_ptr_null(zone_of_file("x", "# tzdb timezone descriptions, and much more text", 48));
}
END_TEST

/* -- no bytes do harm -------------------------------------------------------------------------- */

static const char *const places[] = {"Europe/Berlin", "Pacific/Apia", "Africa/Casablanca",
                                     "Asia/Gaza", "Etc/GMT+5"};

static void load(const char *place)
{
    char path[128], block[4096];
    FILE *stream;
    size_t got;

    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", place);
    stream = fopen(path, "re");
    ck_assert_msg(stream != NULL, "no %s: tzdata is missing", path);
    while ((got = fread(block, 1, sizeof(block), stream)) > 0)
        buf_add(&file, block, got);
    fclose(stream);
}

START_TEST(a_file_cut_at_any_byte_is_refused)
{
    struct zone *zone;

    load(places[_i]);
    for (size_t len = 0; len < file.len; len++) {
        zone = read_bytes(file.data, len);
        if (zone)
            ck_abort_msg("%zu of %zu bytes of %s are taken", len, file.len, places[_i]);
    }
    zone = read_file();
    ck_assert_ptr_nonnull(zone);
    zone_free(zone);
}
END_TEST

static void hold(bool holds, const char *what, const struct zone *zone, int64_t at)
{
    if (!holds)
        ck_abort_msg("%s: %s at %lld", zone_name(zone), what, (long long)at);
}

/* What zone.h promises of any zone. */
static void use(const struct zone *zone, struct chance *chance)
{
    int64_t day = (int64_t)chance_below(chance, 100000) - 20000;
    int64_t begins = zone_day_begins(zone, day), ms = (int64_t)chance_next(chance);
    int32_t offset = zone_offset(zone, ms);

    hold(begins <= zone_day_begins(zone, day + 1), "days fall", zone, day);
    hold(zone_day(zone, begins, NULL) >= day, "begins before", zone, day);
    hold(zone_day(zone, begins - 1, NULL) < day, "begins later", zone, day);
    hold(offset > -25 * 3600 && offset < 26 * 3600, "offset", zone, ms);
    hold(zone_abbreviation(zone, ms)[0] != '\0', "abbreviation", zone, ms);
}

START_TEST(a_file_with_wrong_bytes_is_refused_or_is_a_zone)
{
    struct chance chance = chance_open("a_file_with_wrong_bytes");
    int taken = 0;

    load(places[_i]);
    for (int i = 0; i < 3000; i++) {
        char old[4];
        size_t at[4];
        struct zone *zone;

        for (int k = 0; k < 4; k++) {
            at[k] = chance_below(&chance, chance_below(&chance, 2) ? 128 : file.len) % file.len;
            old[k] = file.data[at[k]];
            file.data[at[k]] = (char)chance_next(&chance);
        }
        zone = read_file();
        if (zone) {
            use(zone, &chance);
            taken++;
        }
        zone_free(zone);
        for (int k = 3; k >= 0; k--)
            file.data[at[k]] = old[k];
    }
    ck_assert_int_gt(taken, 0); /* else the test shows little */
}
END_TEST

/* -- where files lie --------------------------------------------------------------------------- */

START_TEST(a_folder_of_the_name_or_a_name_too_long_is_no_zone)
{
    char folder[600];

    ck_assert_int_eq(setenv("TZDIR", "/", 1), 0);
    ck_assert_ptr_null(zone_open("proc")); /* a folder */
    ck_assert(!zone_exists("proc"));
    memset(folder, 'x', sizeof(folder) - 1);
    folder[0] = '/';
    folder[sizeof(folder) - 1] = '\0';
    ck_assert_int_eq(setenv("TZDIR", folder, 1), 0);
    ck_assert_ptr_null(zone_open("UTC"));
}
END_TEST

START_TEST(an_empty_tzdir_is_none)
{
    struct zone *zone;

    ck_assert_int_eq(setenv("TZDIR", "", 1), 0);
    zone = zone_open("UTC");
    ck_assert_ptr_nonnull(zone);
    zone_free(zone);
}
END_TEST

Suite *zone_file_suite(void);
Suite *zone_file_suite(void)
{
    Suite *suite = suite_create("zone_file");
    TCase *files = tcase_create("files");

    tcase_add_checked_fixture(files, NULL, tidy_up);
    tcase_add_test(files, version_1_has_one_block_and_ends_with_its_last_change);
    tcase_add_loop_test(files, later_versions_have_a_rule_for_what_comes_after_the_last_change, 0,
                        COUNT(versions));
    tcase_add_test(files, the_second_block_is_the_one_that_counts);
    tcase_add_test(files, a_first_block_that_is_only_skipped_may_be_empty);
    tcase_add_test(files, an_empty_footer_leaves_the_last_change_in_force);
    tcase_add_test(files, without_changes_the_rule_is_all_there_is);
    tcase_add_test(files, without_changes_and_rule_the_first_type_holds);
    tcase_add_test(files, changes_may_be_as_far_away_as_64_bits_reach);
    tcase_add_loop_test(files, what_breaks_the_rules_of_the_format_is_refused, 0, COUNT(refused));
    tcase_add_loop_test(files, a_header_that_lies_is_refused, 0, COUNT(changed));
    tcase_add_test(files, nothing_and_no_zone_file_are_refused);
    tcase_add_test(files, a_folder_of_the_name_or_a_name_too_long_is_no_zone);
    tcase_add_test(files, an_empty_tzdir_is_none);
    tcase_add_loop_test(files, a_file_cut_at_any_byte_is_refused, 0, COUNT(places));
    tcase_add_loop_test(files, a_file_with_wrong_bytes_is_refused_or_is_a_zone, 0, COUNT(places));
    suite_add_tcase(suite, files);
    return suite;
}
