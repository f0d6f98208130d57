/* SPDX-License-Identifier: MIT */
/* The virtual listener, its quirks, and the invented catalogue. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define T0 INT64_C(1780000000000)
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

Suite *world_listener_suite(void);

/* ---- help ---- */

static struct world *world_quiet(void)
{
    struct world_account_options options = world_account_options_default(T0);
    struct world *w = world_new(5);

    options.listener.listens = false;
    ck_assert_ptr_nonnull(w);
    ck_assert_int_eq(world_account_add(w, &options, NULL), 0);
    return w;
}

static struct world *world_with(const struct world_quirks *quirks, uint64_t seed)
{
    struct world_account_options options = world_account_options_default(T0);
    struct world *w = world_new(seed);

    options.listener.quirks = *quirks;
    ck_assert_ptr_nonnull(w);
    ck_assert_int_eq(world_account_add(w, &options, NULL), 0);
    return w;
}

static size_t sweep(const struct world *w, struct world_play *out[WORLD_LIST_MAX])
{
    struct world_query query = {.limit = WORLD_LIST_MAX};

    return world_list(w, 0, &query, out);
}

/* ---- the listener ---- */

START_TEST(the_same_seed_gives_the_same_plays_in_steps_of_any_size)
{
    struct world_quirks quirks = world_quirks_measured();
    struct world *a = world_with(&quirks, 11), *b = world_with(&quirks, 11);
    struct world_play *const *plays_a, *const *plays_b;
    size_t count;

    world_advance(a, T0 + 100 * DAY);
    for (int64_t t = T0; t <= T0 + 100 * DAY; t += 17 * 60 * 1000 + 3)
        world_advance(b, t);
    world_advance(b, T0 + 100 * DAY);
    count = world_plays(a, 0, &plays_a);
    ck_assert_uint_gt(count, 2000);
    ck_assert_uint_eq(world_plays(b, 0, &plays_b), count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(plays_a[i]->played_at, plays_b[i]->played_at);
        ck_assert_int_eq(plays_a[i]->visible_at, plays_b[i]->visible_at);
        ck_assert_uint_eq(plays_a[i]->track, plays_b[i]->track);
    }
    world_free(a);
    world_free(b);
}
END_TEST

START_TEST(another_seed_gives_other_plays)
{
    struct world_quirks none = {0};
    struct world *a = world_with(&none, 1), *b = world_with(&none, 2);
    struct world_play *const *plays_a, *const *plays_b;

    world_advance(a, T0 + 10 * DAY);
    world_advance(b, T0 + 10 * DAY);
    ck_assert_uint_gt(world_plays(a, 0, &plays_a), 0);
    ck_assert_uint_gt(world_plays(b, 0, &plays_b), 0);
    ck_assert_int_ne(plays_a[0]->played_at, plays_b[0]->played_at);
    world_free(a);
    world_free(b);
}
END_TEST

START_TEST(a_steady_pace_is_kept_day_and_night)
{
    struct world_account_options options = world_account_options_default(T0);
    struct world *w = world_new(1);
    struct world_play *const *truth;

    options.listener.pace_ms = 2000;
    options.backlog = 60;
    ck_assert_int_eq(world_account_add(w, &options, NULL), 0);
    ck_assert_uint_eq(world_plays(w, 0, &truth), 60);
    ck_assert_int_lt(truth[59]->played_at, T0);
    world_advance(w, T0 + HOUR);
    ck_assert_uint_ge(world_plays(w, 0, &truth), 60 + 1700);
    ck_assert_uint_le(world_plays(w, 0, &truth), 60 + 1900);
    world_free(w);
}
END_TEST

START_TEST(a_listener_can_stop_and_begin_again)
{
    struct world_quirks none = {0};
    struct world *w = world_with(&none, 4);
    struct world_listener listener = *world_account_listener(w, 0);
    struct world_play *const *truth;
    size_t before;

    world_advance(w, T0 + 5 * DAY);
    before = world_plays(w, 0, &truth);
    listener.listens = false;
    world_account_listen(w, 0, &listener);
    ck_assert_int_eq(world_account_next(w, 0), WORLD_NEVER);
    world_advance(w, T0 + 9 * DAY);
    ck_assert_uint_eq(world_plays(w, 0, &truth), before);
    listener.listens = true;
    world_account_listen(w, 0, &listener);
    ck_assert_int_gt(world_account_next(w, 0), T0 + 9 * DAY);
    world_advance(w, T0 + 12 * DAY);
    ck_assert_uint_gt(world_plays(w, 0, &truth), before);
    world_free(w);
}
END_TEST

START_TEST(without_quirks_every_play_is_shown_to_a_frequent_poller)
{
    struct world_quirks none = {0};
    struct world *w = world_with(&none, 8);
    struct world_play *out[WORLD_LIST_MAX], *const *truth;
    size_t count;

    for (int64_t t = T0; t <= T0 + 60 * DAY; t += HOUR / 6) {
        size_t n;

        world_advance(w, t);
        n = sweep(w, out);
        world_mark_shown(out, n, t);
    }
    count = world_plays(w, 0, &truth);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_gt(truth[i]->times_shown, 0);
    world_free(w);
}
END_TEST

START_TEST(every_page_is_newest_first_whatever_the_quirks)
{
    struct world_quirks quirks = world_quirks_measured();
    struct world *w;

    quirks.twin = quirks.twice = quirks.echo = quirks.vanish = 0.05;
    quirks.burst = quirks.late_batch = 0.2;
    quirks.short_per_day = quirks.back_per_day = 1;
    w = world_with(&quirks, 21);
    for (int64_t t = T0; t < T0 + 60 * DAY; t += HOUR) {
        struct world_play *out[WORLD_LIST_MAX];
        size_t n;

        world_advance(w, t);
        n = sweep(w, out);
        for (size_t i = 0; i < n; i++) {
            ck_assert(world_play_is_listed(out[i], t));
            ck_assert(i == 0 || out[i]->played_at <= out[i - 1]->played_at);
        }
    }
    world_free(w);
}
END_TEST

/* What a year looks like. */
struct year {
    size_t plays, late, two_hours, a_day, vanished, twins, echoes, most_in_second,
        most_in_two_hours, whole;
};

static void year_count(const struct world *w, struct year *year)
{
    struct world_play *const *p;
    size_t second = 0, hours = 0;

    year->plays = world_plays(w, 0, &p);
    for (size_t i = 0; i < year->plays; i++) {
        int64_t delay = p[i]->visible_at - p[i]->played_at;

        year->late += p[i]->late;
        year->two_hours += delay > 2 * HOUR;
        year->a_day += delay > DAY;
        year->vanished += p[i]->vanishes_at != WORLD_NEVER;
        year->whole += p[i]->played_at % 1000 == 0;
        year->twins += i > 0 && p[i]->played_at == p[i - 1]->played_at;
        year->echoes +=
            i > 0 && p[i]->track == p[i - 1]->track && p[i]->played_at - p[i - 1]->played_at <= 600;
        while (p[i]->played_at - p[second]->played_at > 1000)
            second++;
        while (p[i]->played_at - p[hours]->played_at > 2 * HOUR)
            hours++;
        year->most_in_second =
            i - second + 1 > year->most_in_second ? i - second + 1 : year->most_in_second;
        year->most_in_two_hours =
            i - hours + 1 > year->most_in_two_hours ? i - hours + 1 : year->most_in_two_hours;
    }
}

START_TEST(the_measured_quirks_come_at_the_measured_rates)
{
    struct world_quirks quirks = world_quirks_measured();
    struct year sum = {0};

    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct world *w = world_with(&quirks, seed);
        struct year year = {0};

        world_advance(w, T0 + 365 * DAY);
        year_count(w, &year);
        sum.plays += year.plays;
        sum.late += year.late;
        sum.two_hours += year.two_hours;
        sum.a_day += year.a_day;
        sum.vanished += year.vanished;
        world_free(w);
    }
    ck_assert_uint_gt(sum.plays, 20 * 365 * 25);
    ck_assert_uint_lt(sum.plays, 20 * 365 * 55);
    ck_assert_double_le_tol((double)sum.late / (double)sum.plays, 0.025, 0);
    ck_assert_double_ge_tol((double)sum.late / (double)sum.plays, 0.010, 0);
    ck_assert_double_le_tol((double)sum.two_hours / (double)sum.plays, 0.07, 0);
    ck_assert_double_ge_tol((double)sum.two_hours / (double)sum.plays, 0.03, 0);
    ck_assert_double_le_tol((double)sum.a_day / (double)sum.plays, 0.02, 0);
    ck_assert_double_ge_tol((double)sum.a_day / (double)sum.plays, 0.005, 0);
    ck_assert_double_le_tol((double)sum.vanished / (double)sum.plays, 0.006, 0);
    ck_assert_double_ge_tol((double)sum.vanished / (double)sum.plays, 0.003, 0);
}
END_TEST

static struct year year_of(const struct world_quirks *quirks)
{
    struct world *w = world_with(quirks, 77);
    struct year year = {0};

    world_advance(w, T0 + 365 * DAY);
    year_count(w, &year);
    world_free(w);
    return year;
}

START_TEST(each_quirk_is_off_unless_asked_for)
{
    struct world_quirks none = {0};
    struct year year = year_of(&none);

    ck_assert_uint_eq(year.late + year.two_hours + year.vanished + year.twins, 0);
    ck_assert_uint_lt(year.most_in_second, 3);
    ck_assert_uint_lt(year.most_in_two_hours, 60);
}
END_TEST

START_TEST(each_quirk_does_what_it_says)
{
    struct world_quirks none = {0}, quirks;

    quirks = none;
    quirks.twin = 0.1;
    ck_assert_uint_gt(year_of(&quirks).twins, 500);
    quirks = none;
    quirks.echo = 0.1;
    ck_assert_uint_gt(year_of(&quirks).echoes, 500);
    quirks = none;
    quirks.burst = 0.2;
    ck_assert_uint_ge(year_of(&quirks).most_in_second, 13);
    quirks = none;
    quirks.binge = 0.3;
    ck_assert_uint_ge(year_of(&quirks).most_in_two_hours, 60);
    quirks = none;
    quirks.whole_second = 0.5;
    ck_assert_uint_gt(year_of(&quirks).whole, 3000);
    quirks = none;
    quirks.late_batch = 0.1;
    ck_assert_uint_gt(year_of(&quirks).late, 400);
    quirks = none;
    quirks.long_stalls_per_day = 0.1;
    ck_assert_uint_gt(year_of(&quirks).a_day, 200);
}
END_TEST

START_TEST(late_batches_come_at_once_six_hours_to_two_days_later)
{
    struct world_quirks quirks = {.late_batch = 0.1};
    struct world *w = world_with(&quirks, 31);
    struct world_play *const *p;
    size_t count, batch = 0, largest = 0;

    world_advance(w, T0 + 365 * DAY);
    count = world_plays(w, 0, &p);
    for (size_t i = 0; i < count; i++) {
        if (!p[i]->late) {
            ck_assert_int_ge(p[i]->visible_at, p[i]->played_at);
            continue;
        }
        ck_assert_int_ge(p[i]->visible_at - p[i]->played_at, 4 * HOUR);
        ck_assert_int_le(p[i]->visible_at - p[i]->played_at, 2 * DAY);
        batch = i > 0 && p[i - 1]->visible_at == p[i]->visible_at ? batch + 1 : 1;
        largest = batch > largest ? batch : largest;
    }
    ck_assert_uint_le(largest, 21);
    ck_assert_uint_ge(largest, 10);
    world_free(w);
}
END_TEST

/* ---- the catalogue ---- */

/* Sound UTF-8, without an end within. */
static bool utf8_is_sound(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;

    while (*c != 0) {
        int more = *c < 0x80                 ? 0
                   : *c >= 0xc2 && *c < 0xe0 ? 1
                   : *c >= 0xe0 && *c < 0xf0 ? 2
                   : *c >= 0xf0 && *c < 0xf5 ? 3
                                             : -1;

        if (more < 0)
            return false;
        for (c++; more > 0; more--, c++)
            if ((*c & 0xc0) != 0x80)
                return false;
    }
    return true;
}

START_TEST(every_track_is_complete_and_always_the_same)
{
    struct world *w = world_quiet(), *other = world_quiet();
    struct world_track a, b;
    size_t hard = 0, longest = 0;

    for (uint32_t i = 0; i < 5000; i++) {
        world_track_describe(w, i, &a);
        world_track_describe(other, i, &b);
        ck_assert_str_eq(a.uri, b.uri);
        ck_assert_str_eq(a.name, b.name);
        ck_assert_uint_eq(strlen(a.id), WORLD_ID_LENGTH);
        ck_assert(a.name[0] != '\0' && a.album_name[0] != '\0' && a.artists[0].name[0] != '\0');
        ck_assert(utf8_is_sound(a.name) && utf8_is_sound(a.album_name) &&
                  utf8_is_sound(a.artists[0].name));
        ck_assert(a.artist_count >= 1 && a.artist_count <= WORLD_ARTISTS_MAX);
        ck_assert(a.duration_ms >= 60000);
        hard += strpbrk(a.name, "<\"\xd9\xf0") != NULL;
        longest = strlen(a.name) > longest ? strlen(a.name) : longest;
    }
    ck_assert_uint_gt(hard, 20);
    ck_assert_uint_gt(longest, 250);
    world_free(w);
    world_free(other);
}
END_TEST

START_TEST(a_described_track_keeps_its_uri_and_takes_new_fields)
{
    struct world *w = world_quiet();
    struct world_custom custom = {.uri = "spotify:track:3cD4eF5gH6iJ7kL8mN9oP0", .name = "One"};
    struct world_track track;
    uint32_t first, second;

    ck_assert_int_eq(world_track_custom(w, &custom, &first), 0);
    custom.name = "Two";
    ck_assert_int_eq(world_track_custom(w, &custom, &second), 0);
    ck_assert_uint_eq(first, second);
    world_track_describe(w, first, &track);
    ck_assert_str_eq(track.id, "3cD4eF5gH6iJ7kL8mN9oP0");
    ck_assert_str_eq(track.name, "Two");
    ck_assert_uint_eq(track.version, 2);
    world_free(w);
}
END_TEST

START_TEST(the_uri_follows_the_kind)
{
    struct world *w = world_quiet();
    struct world_play play = world_play_plain(T0, 3);
    char uri[WORLD_URI_MAX];

    world_play_uri(w, &play, uri);
    ck_assert_int_eq(strncmp(uri, "spotify:track:", 14), 0);
    play.kind = WORLD_LOCAL;
    world_play_uri(w, &play, uri);
    ck_assert_int_eq(strncmp(uri, "spotify:local:", 14), 0);
    play.kind = WORLD_EPISODE;
    world_play_uri(w, &play, uri);
    ck_assert_int_eq(strncmp(uri, "spotify:episode:", 16), 0);
    play.kind = WORLD_NULL_TRACK;
    world_play_uri(w, &play, uri);
    ck_assert_str_eq(uri, "");
    world_free(w);
}
END_TEST

Suite *world_listener_suite(void)
{
    Suite *suite = suite_create("world_listener");
    TCase *listener = tcase_create("listener"), *names = tcase_create("catalogue");

    tcase_add_test(listener, the_same_seed_gives_the_same_plays_in_steps_of_any_size);
    tcase_add_test(listener, another_seed_gives_other_plays);
    tcase_add_test(listener, a_steady_pace_is_kept_day_and_night);
    tcase_add_test(listener, a_listener_can_stop_and_begin_again);
    tcase_add_test(listener, without_quirks_every_play_is_shown_to_a_frequent_poller);
    tcase_add_test(listener, every_page_is_newest_first_whatever_the_quirks);
    tcase_add_test(listener, the_measured_quirks_come_at_the_measured_rates);
    tcase_add_test(listener, each_quirk_is_off_unless_asked_for);
    tcase_add_test(listener, each_quirk_does_what_it_says);
    tcase_add_test(listener, late_batches_come_at_once_six_hours_to_two_days_later);
    tcase_add_test(names, every_track_is_complete_and_always_the_same);
    tcase_add_test(names, a_described_track_keeps_its_uri_and_takes_new_fields);
    tcase_add_test(names, the_uri_follows_the_kind);
    tcase_set_timeout(listener, 60);
    suite_add_tcase(suite, listener);
    suite_add_tcase(suite, names);
    return suite;
}
