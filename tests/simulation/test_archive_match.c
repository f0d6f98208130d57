/* SPDX-License-Identifier: MIT */
/*
 * The matcher against generated years of which the truth is known (doc/matching.md has the
 * figures).
 *
 *   SIM_SEED=N    other years
 *   SIM_PLAYS=N   plays of the largest test
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulation/shelf.h"

#define SEED UINT64_C(20261122)
#define PLAYS 100000

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static struct tellings make_with(const struct tellings_options *options)
{
    struct tellings tellings;

    printf("archive_match: %zu plays, SIM_SEED=%" PRIu64 "\n", options->plays, options->seed);
    ck_assert(tellings_make(options, &tellings));
    return tellings;
}

static struct tellings make(size_t plays)
{
    struct tellings_options options = tellings_measured(number_from("SIM_SEED", SEED), plays);

    return make_with(&options);
}

/* Everything that is odd now and then is so most of the time. */
static struct tellings make_wild(size_t plays)
{
    struct tellings_options options = tellings_measured(number_from("SIM_SEED", SEED), plays);

    options.sessions_on_repeat = 0.4;
    options.sessions_offline = 0.2;
    options.displaced = options.twice = 0.05;
    options.echo = options.twin = options.left_out = 0.05;
    options.market = options.renamed = 0.2;
    return make_with(&options);
}

static void add(struct shelf *shelf, const struct telling *tellings, size_t count)
{
    const char *why = NULL;

    if (!shelf_add(shelf, tellings, count, &why))
        ck_abort_msg("%s", why);
}

/* A source's tellings in blocks of this many at most, as pages and files come. */
static void add_source(struct shelf *shelf, const struct tellings *tellings,
                       enum match_source source, size_t block)
{
    size_t count = tellings->counts[source];

    for (size_t done = 0; done < count; done += block)
        add(shelf, tellings->told[source] + done, count - done < block ? count - done : block);
}

#define API (1u << MATCH_API)
#define LONG (1u << MATCH_LONG)
#define SHORT (1u << MATCH_SHORT)

static struct shelf_score judge(const struct shelf *shelf, const struct tellings *tellings,
                                unsigned sources, const char *name)
{
    struct shelf_score score;

    ck_assert(shelf_judge(shelf, tellings, sources, &score));
    printf("%s: %zu plays told, %zu rows; lost %zu, doubled %zu (%zu of them told over a minute "
           "apart), echoes %zu\n",
           name, score.told, shelf->count, score.lost, score.doubled, score.doubled_displaced,
           score.echoes);
    if (score.joined > 0)
        printf("%s: API plays with their long row: precision %.4f %%, recall %.4f %%\n", name,
               100.0 * (double)score.rightly / (double)score.joined,
               100.0 * (double)score.rightly / (double)score.could);
    return score;
}

static void expect_equal(const struct shelf *one, const struct shelf *other)
{
    size_t different;

    if (!shelf_equal(one, other, &different))
        ck_abort_msg("%zu rows differ of %zu and %zu", different, one->count, other->count);
}

/* Of rows that repeat each other the one that came first stays: its moment may be some seconds
 * another. */
static void expect_nearly_equal(const struct shelf *one, const struct shelf *other)
{
    size_t different;

    shelf_equal(one, other, &different);
    printf("split at random: %zu of %zu rows have another moment\n", different, one->count);
    ck_assert_uint_eq(one->count, other->count);
    ck_assert_uint_le(different * 200, one->count);
}

/* ---- truth ---- */

/* What no rule can tell apart (doc/matching.md): one play that only the API knows beside one of the
 * same song that only the export knows. */
static void expect_hardly_any_lost(const struct shelf_score *score)
{
    ck_assert_uint_le(score->lost * 5000, score->told);
    ck_assert_uint_ge(score->rightly * 10000, score->joined * 9995);
}

START_TEST(I4_of_plays_told_by_api_and_long_form_hardly_any_is_lost_and_few_are_doubled)
{
    struct tellings tellings = make(number_from("SIM_PLAYS", PLAYS));
    struct shelf shelf = {0};
    struct shelf_score score;

    add_source(&shelf, &tellings, MATCH_API, SIZE_MAX);
    add_source(&shelf, &tellings, MATCH_LONG, SIZE_MAX);
    score = judge(&shelf, &tellings, API | LONG, "API and long form");
    expect_hardly_any_lost(&score);
    ck_assert_uint_ge(score.rightly * 1000, score.could * 994);
    ck_assert_uint_le(score.doubled * 200, score.told);
    ck_assert_uint_le((score.doubled - score.doubled_displaced) * 2000, score.told);
    shelf_close(&shelf);
    tellings_free(&tellings);
}
END_TEST

START_TEST(a_short_form_beside_both_adds_next_to_nothing)
{
    struct tellings tellings = make(number_from("SIM_PLAYS", PLAYS));
    struct shelf shelf = {0};
    struct shelf_score before, score;

    add_source(&shelf, &tellings, MATCH_API, SIZE_MAX);
    add_source(&shelf, &tellings, MATCH_LONG, SIZE_MAX);
    before = judge(&shelf, &tellings, API | LONG, "API and long form");
    add_source(&shelf, &tellings, MATCH_SHORT, SIZE_MAX);
    score = judge(&shelf, &tellings, API | LONG | SHORT, "API, long and short form");
    expect_hardly_any_lost(&score);
    ck_assert_uint_le((score.doubled - before.doubled) * 1000, score.told);
    shelf_close(&shelf);
    tellings_free(&tellings);
}
END_TEST

START_TEST(of_plays_told_by_both_forms_only_equal_ones_in_one_minute_are_lost)
{
    struct tellings tellings = make(number_from("SIM_PLAYS", PLAYS));
    struct shelf shelf = {0};
    struct shelf_score score;

    add_source(&shelf, &tellings, MATCH_SHORT, SIZE_MAX);
    add_source(&shelf, &tellings, MATCH_LONG, SIZE_MAX);
    score = judge(&shelf, &tellings, LONG | SHORT, "long and short form");
    ck_assert_uint_le(score.lost * 2000, score.told);
    ck_assert_uint_le(score.doubled * 2000, score.told);
    shelf_close(&shelf);
    tellings_free(&tellings);
}
END_TEST

START_TEST(of_plays_told_by_api_and_short_form_those_over_a_minute_apart_are_doubled)
{
    struct tellings tellings = make(number_from("SIM_PLAYS", PLAYS));
    struct shelf shelf = {0};
    struct shelf_score score;

    add_source(&shelf, &tellings, MATCH_SHORT, SIZE_MAX);
    add_source(&shelf, &tellings, MATCH_API, SIZE_MAX);
    score = judge(&shelf, &tellings, API | SHORT, "API and short form");
    ck_assert_uint_le(score.lost * 1000, score.told);
    ck_assert_uint_le((score.doubled - score.doubled_displaced) * 1000, score.told);
    shelf_close(&shelf);
    tellings_free(&tellings);
}
END_TEST

/* ---- order ---- */

static void shuffle(struct chance *chance, struct telling *tellings, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = chance_below(chance, i);
        struct telling swap = tellings[i - 1];

        tellings[i - 1] = tellings[other];
        tellings[other] = swap;
    }
}

/* Everything in blocks of any size, of one source or another; no file is in order of time. */
static void add_at_random(struct shelf *shelf, struct tellings *tellings, struct chance *chance,
                          size_t largest)
{
    size_t done[MATCH_SOURCES] = {0};

    for (int source = 0; source < MATCH_SOURCES; source++)
        shuffle(chance, tellings->told[source], tellings->counts[source]);
    while (done[0] + done[1] + done[2] <
           tellings->counts[0] + tellings->counts[1] + tellings->counts[2]) {
        enum match_source source = (enum match_source)chance_below(chance, MATCH_SOURCES);
        size_t left = tellings->counts[source] - done[source];
        size_t block = 1 + chance_below(chance, largest);

        block = block < left ? block : left;
        add(shelf, tellings->told[source] + done[source], block);
        done[source] += block;
    }
}

static struct shelf all_at_once(const struct tellings *tellings)
{
    size_t total = tellings->counts[0] + tellings->counts[1] + tellings->counts[2], count = 0;
    struct telling *all = malloc(total * sizeof(*all));
    struct shelf shelf = {0};

    ck_assert_ptr_nonnull(all);
    for (int source = 0; source < MATCH_SOURCES; source++) {
        memcpy(all + count, tellings->told[source], tellings->counts[source] * sizeof(*all));
        count += tellings->counts[source];
    }
    add(&shelf, all, count);
    free(all);
    return shelf;
}

START_TEST(sources_in_any_order_end_in_the_same_rows)
{
    static const enum match_source orders[][MATCH_SOURCES] = {
        {MATCH_API, MATCH_LONG, MATCH_SHORT}, {MATCH_API, MATCH_SHORT, MATCH_LONG},
        {MATCH_LONG, MATCH_API, MATCH_SHORT}, {MATCH_LONG, MATCH_SHORT, MATCH_API},
        {MATCH_SHORT, MATCH_API, MATCH_LONG}, {MATCH_SHORT, MATCH_LONG, MATCH_API}};
    static const size_t block[MATCH_SOURCES] = {50, 4000, 3000};
    struct tellings tellings = make(20000);
    struct shelf whole = all_at_once(&tellings);

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct shelf shelf = {0};

        for (int j = 0; j < MATCH_SOURCES; j++)
            add_source(&shelf, &tellings, orders[i][j], block[orders[i][j]]);
        expect_equal(&shelf, &whole);
        shelf_close(&shelf);
    }
    shelf_close(&whole);
    tellings_free(&tellings);
}
END_TEST

START_TEST(files_split_at_random_end_in_the_same_plays)
{
    struct tellings tellings = make(20000);
    struct chance chance = chance_from(number_from("SIM_SEED", SEED) + 1);
    struct shelf whole = all_at_once(&tellings);

    for (int round = 0; round < 3; round++) {
        struct shelf shelf = {0};

        add_at_random(&shelf, &tellings, &chance, 6000);
        expect_nearly_equal(&shelf, &whole);
        shelf_close(&shelf);
    }
    shelf_close(&whole);
    tellings_free(&tellings);
}
END_TEST

/* Years full of repetitions, of which the first that comes stays. */
START_TEST(in_wild_years_order_hardly_matters)
{
    struct tellings tellings = make_wild(10000);
    struct chance chance = chance_from(number_from("SIM_SEED", SEED) + 2);
    struct shelf whole = all_at_once(&tellings);
    size_t different, most = 0;

    for (int round = 0; round < 3; round++) {
        struct shelf shelf = {0};

        add_at_random(&shelf, &tellings, &chance, 3000);
        shelf_equal(&shelf, &whole, &different);
        most = different > most ? different : most;
        shelf_close(&shelf);
    }
    printf("wild years: %zu of %zu rows depend on the order at most\n", most, whole.count);
    ck_assert_uint_le(most * 25, whole.count);
    shelf_close(&whole);
    tellings_free(&tellings);
}
END_TEST

START_TEST(importing_again_changes_nothing)
{
    struct tellings tellings = make(20000);
    struct shelf shelf = all_at_once(&tellings);

    for (enum match_source source = MATCH_LONG; source <= MATCH_SHORT; source++) {
        size_t count = tellings.counts[source];

        for (size_t i = 0; i < count; i += 5000) {
            size_t block = count - i < 5000 ? count - i : 5000;

            add(&shelf, tellings.told[source] + i, block);
            ck_assert_uint_eq(shelf.changes, 0);
            ck_assert_uint_eq(shelf.outcomes[MATCH_DUPLICATE], block);
        }
    }
    shelf_close(&shelf);
    tellings_free(&tellings);
}
END_TEST

START_TEST(taking_an_import_out_brings_back_the_rows_before_it)
{
    struct tellings tellings = make(20000);

    for (enum match_source source = MATCH_LONG; source <= MATCH_SHORT; source++) {
        enum match_source other = source == MATCH_LONG ? MATCH_SHORT : MATCH_LONG;
        const char *why = NULL;
        struct shelf shelf = {0}, before = {0};

        add_source(&before, &tellings, MATCH_API, 1000);
        add_source(&before, &tellings, other, 5000);
        add_source(&shelf, &tellings, MATCH_API, 1000);
        add_source(&shelf, &tellings, other, 5000);
        add_source(&shelf, &tellings, source, 5000);
        if (!shelf_take_out(&shelf, source, tellings.truths[0].started - CLOCK_DAY,
                            tellings.truths[tellings.truth_count - 1].ended + 3 * CLOCK_DAY, &why))
            ck_abort_msg("%s", why);
        expect_equal(&shelf, &before);
        shelf_close(&shelf);
        shelf_close(&before);
    }
    tellings_free(&tellings);
}
END_TEST

static void add_case(Suite *suite, const char *name, const TTest *const *tests, size_t count)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 600);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
}

Suite *archive_match_suite(void)
{
    const TTest *const truth[] = {
        I4_of_plays_told_by_api_and_long_form_hardly_any_is_lost_and_few_are_doubled,
        a_short_form_beside_both_adds_next_to_nothing,
        of_plays_told_by_both_forms_only_equal_ones_in_one_minute_are_lost,
        of_plays_told_by_api_and_short_form_those_over_a_minute_apart_are_doubled,
    };
    const TTest *const order[] = {
        sources_in_any_order_end_in_the_same_rows,
        files_split_at_random_end_in_the_same_plays,
        in_wild_years_order_hardly_matters,
        importing_again_changes_nothing,
        taking_an_import_out_brings_back_the_rows_before_it,
    };
    Suite *suite = suite_create("archive_match");

    add_case(suite, "truth", truth, sizeof(truth) / sizeof(truth[0]));
    add_case(suite, "order", order, sizeof(order) / sizeof(order[0]));
    return suite;
}
