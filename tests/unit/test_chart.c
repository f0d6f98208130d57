/* SPDX-License-Identifier: MIT */
/* web/chart: each picture is whole, says in words what it shows, and agrees with its table. */
#include "web/chart_private.h"

#include "base/text.h"
#include "base/zone.h"
#include "chart_sample.h"
#include "lib/chance.h"
#include "web/html.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THURSDAY INT64_C(20454) /* 2026-01-01 */
#define NARROW "\xe2\x80\xaf"

/* U+202E, which turns the order of letters. In numbers: as a literal it would turn this line, too.
 */
static const char right_to_left[] = {'\xe2', '\x80', '\xae', '\0'};

static struct buf out;
static struct chart_day days[400];
static struct chart_point points[500];
static char labels[500][16];
static int64_t hours[7 * 24];

static void setup(void)
{
    out = (struct buf){.limit = 1 << 20};
    buf_add(&out, "", 0);
    memset(days, 0, sizeof(days));
    memset(points, 0, sizeof(points));
    memset(hours, 0, sizeof(hours));
    for (size_t i = 0; i < 500; i++) {
        snprintf(labels[i], sizeof(labels[i]), "%04zu-%02zu", 2000 + i / 12, i % 12 + 1);
        points[i].label = labels[i];
    }
}

static void teardown(void)
{
    buf_free(&out, false);
}

/* -- drawing ----------------------------------------------------------------------------------- */

static void draw_days(size_t count)
{
    buf_clear(&out, false);
    chart_calendar(&out, &(struct chart_days){.id = "days",
                                              .title = "Days",
                                              .unit = "plays",
                                              .first_day = THURSDAY,
                                              .days = days,
                                              .count = count});
}

static void draw_columns(size_t count)
{
    buf_clear(&out, false);
    chart_columns(
        &out,
        &(struct chart_line){
            .id = "columns", .title = "Months", .unit = "plays", .points = points, .count = count});
}

static void draw_clock(void)
{
    buf_clear(&out, false);
    chart_clock(&out, "hours", "Hours", "plays", hours);
}

static void day_address(struct buf *buf, int64_t day, void *context)
{
    char text[ZONE_DATE_SIZE];

    (void)context;
    html_add(buf, "/plays?from=");
    html_add_text(buf, zone_date_format(day, text));
}

/* -- reading what was drawn -------------------------------------------------------------------- */

static bool has(const char *text)
{
    return strstr(out.data, text) != NULL;
}

static void expect(const char *text)
{
    ck_assert_msg(has(text), "\"%s\" is not in\n%s", text, out.data);
}

static void refuse(const char *text)
{
    ck_assert_msg(!has(text), "\"%s\" is in\n%s", text, out.data);
}

static size_t count_in(const char *begin, const char *end, const char *text)
{
    size_t count = 0;

    for (const char *at = begin; (at = strstr(at, text)) != NULL && at < end; at += strlen(text))
        count++;
    return count;
}

static size_t count_of(const char *text)
{
    return count_in(out.data, out.data + out.len, text);
}

/* So many subpaths has the path of that class. */
static size_t shapes(const char *style)
{
    char begin[64];
    const char *at;

    snprintf(begin, sizeof(begin), "<path class=\"%s\" d=\"", style);
    at = strstr(out.data, begin);
    if (at == NULL)
        return 0;
    at += strlen(begin);
    return count_in(at, at + strcspn(at, "\""), "M");
}

/* The number at *at, with its thousands apart; moves *at behind it. */
static int64_t read_count(const char **at)
{
    uint64_t value = 0;

    for (;;) {
        if (**at >= '0' && **at <= '9')
            value = value * 10 + (uint64_t)(*(*at)++ - '0');
        else if (strncmp(*at, NARROW, strlen(NARROW)) == 0)
            *at += strlen(NARROW);
        else
            return (int64_t)value;
    }
}

/* The sum of the first number of all cells. */
static int64_t table_sum(void)
{
    int64_t sum = 0;

    for (const char *at = out.data; (at = strstr(at, "<td>")) != NULL;) {
        at += 4;
        if (strncmp(at, "<a ", 3) == 0)
            at = strchr(at, '>') + 1;
        sum += read_count(&at);
    }
    return sum;
}

static bool is_one_of(const char *name, const char *names)
{
    char padded[40];

    snprintf(padded, sizeof(padded), " %s ", name);
    return strstr(names, padded) != NULL;
}

/* Walks over all tags with a stack: the end tags of cells and rows may be left out, others not. */
static void check_balance(void)
{
    char stack[32][24];
    size_t depth = 0;

    for (const char *at = out.data; (at = strchr(at, '<')) != NULL; at++) {
        bool end = at[1] == '/';
        const char *name = at + (end ? 2 : 1);
        size_t len = strcspn(name, " >/");
        const char *close = strchr(at, '>');
        char tag[24];

        ck_assert_ptr_nonnull(close);
        if (at[1] == '!')
            continue;
        ck_assert_msg(count_in(at, close, "\"") % 2 == 0, "%.80s", at);
        ck_assert_uint_lt(len, sizeof(tag));
        memcpy(tag, name, len);
        tag[len] = '\0';
        while (depth > 0 &&
               ((is_one_of(stack[depth - 1], " td th ") &&
                 is_one_of(tag, " td th tr tbody thead table ")) ||
                (is_one_of(stack[depth - 1], " tr ") &&
                 ((!end && is_one_of(tag, " tr ")) || is_one_of(tag, " tbody thead table ")))) &&
               !(end && strcmp(stack[depth - 1], tag) == 0))
            depth--;
        if (end) {
            ck_assert_msg(depth > 0 && strcmp(stack[depth - 1], tag) == 0, "</%s> at %.60s", tag,
                          at);
            depth--;
        } else if (close[-1] != '/' && !is_one_of(tag, " img input link meta br ")) {
            ck_assert_uint_lt(depth, 32);
            snprintf(stack[depth++], sizeof(stack[0]), "%s", tag);
        }
    }
    ck_assert_msg(depth == 0, "<%s> is left open", depth > 0 ? stack[depth - 1] : "");
}

/* Each id is there once, and what is referred to is there. */
static void check_ids(void)
{
    char id[80];

    for (const char *at = out.data; (at = strstr(at, " id=\"")) != NULL; at++) {
        snprintf(id, sizeof(id), "%.*s", (int)strcspn(at + 5, "\"") + 6, at);
        ck_assert_msg(count_of(id) == 1, "%s", id);
    }
    for (const char *at = out.data; (at = strstr(at, "href=\"#")) != NULL; at++) {
        snprintf(id, sizeof(id), " id=\"%.*s", (int)strcspn(at + 7, "\"") + 1, at + 7);
        ck_assert_msg(count_of(id) == 1, "%s", id);
    }
    for (const char *at = out.data; (at = strstr(at, "aria-labelledby=\"")) != NULL;) {
        at += strlen("aria-labelledby=\"");
        while (*at != '"' && *at != '\0') {
            size_t len = strcspn(at, " \"");

            snprintf(id, sizeof(id), " id=\"%.*s\"", (int)len, at);
            ck_assert_msg(count_of(id) == 1, "%s", id);
            at += len + (at[len] == ' ' ? 1 : 0);
        }
    }
}

/* What holds for every figure. */
static void check_figure(void)
{
    ck_assert(!out.failed);
    ck_assert(text_utf8_valid(out.data, out.len));
    check_balance();
    check_ids();
    expect(" role=\"img\" aria-labelledby=\"");
    expect("viewBox=\"0 0 ");
    refuse(" style=");
    refuse("<script");
    refuse(" onclick=\"x");
    refuse("nan");
    refuse("<b");
    ck_assert_uint_eq(count_of("<figure"), count_of("<figcaption"));
    ck_assert_uint_eq(count_of("class=\"scroll\""), count_of("role=\"region\" tabindex=\"0\""));
}

static const int64_t extremes[] = {0, 1, 2, 3, 5, 16, 17, 1000, INT64_MAX / 3, INT64_MAX};
#define EXTREMES (int)(sizeof(extremes) / sizeof(extremes[0]))

/* -- bars -------------------------------------------------------------------------------------- */

static const struct {
    int per_mille;
    const char *drawn;
} bars[] = {
    {0, "M0 0h0v1"},       {1, "M0 0h12v1"}, {500, "M0 0h500v1"},   {1000, "M0 0h1000v1"},
    {1001, "M0 0h1000v1"}, {-1, "M0 0h0v1"}, {INT32_MAX, "h1000v"}, {INT32_MIN, "M0 0h0v1"},
};

START_TEST(a_bar_is_as_long_as_its_share)
{
    chart_bar(&out, bars[_i].per_mille);
    expect(bars[_i].drawn);
    expect(" aria-hidden=\"true\"");
    check_balance();
}
END_TEST

/* -- levels ------------------------------------------------------------------------------------ */

START_TEST(levels_rise_with_the_value)
{
    struct chance chance = chance_open("levels_rise_with_the_value");

    for (int round = 0; round < 2000; round++) {
        int64_t most = (int64_t)(chance_next(&chance) >> (1 + chance_below(&chance, 62)));
        struct chart_scale scale = chart_scale_of(most);
        int64_t a = most > 0 ? (int64_t)(chance_next(&chance) >> 1) % most : 0;
        int64_t b = most > 0 ? (int64_t)(chance_next(&chance) >> 1) % most : 0;

        ck_assert_int_eq(chart_level(&scale, 0), 0);
        ck_assert_int_eq(chart_level(&scale, -5), 0);
        ck_assert_int_eq(chart_level(&scale, most), most > 0 ? 4 : 0);
        ck_assert_int_eq(a > 0, chart_level(&scale, a) > 0);
        ck_assert(a > b || chart_level(&scale, a) <= chart_level(&scale, b));
    }
}
END_TEST

START_TEST(a_legend_names_each_number_once)
{
    struct chart_scale scale = chart_scale_of(16);

    chart_begin_legend(&out, &scale, "plays");
    expect("heat1\"></span> 1<");
    expect("heat2\"></span> 2 to 4<");
    expect("heat3\"></span> 5 to 9<");
    expect("heat4\"></span> 10 to 16<");
}
END_TEST

START_TEST(a_legend_of_small_numbers_is_short)
{
    struct chart_scale scale = chart_scale_of(1);

    chart_begin_legend(&out, &scale, "plays");
    ck_assert_uint_eq(count_of("<li>"), 3); /* what is counted, none, 1 */
    expect("heat4\"></span> 1<");
}
END_TEST

/* -- the calendar ------------------------------------------------------------------------------ */

static size_t shown_days(void)
{
    return shapes("heat0") + shapes("heat1") + shapes("heat2") + shapes("heat3") + shapes("heat4");
}

static void random_days(struct chance *chance, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        days[i].value = (int64_t)chance_below(chance, chance_below(chance, 2) ? 4000 : 9);
        days[i].missing = (uint8_t)(chance_below(chance, 10) == 0 ? chance_below(chance, 3) : 0);
    }
}

START_TEST(a_calendar_of_any_length_is_whole)
{
    struct chance chance = chance_open("a_calendar_of_any_length_is_whole");

    for (size_t count = 1; count <= 372; count += 1 + chance_below(&chance, 30)) {
        random_days(&chance, count);
        draw_days(count);
        check_figure();
        ck_assert_uint_eq(shown_days(), count);
    }
}
END_TEST

START_TEST(the_table_of_days_holds_what_was_given)
{
    struct chance chance = chance_open("the_table_of_days_holds_what_was_given");
    int64_t sum = 0;

    random_days(&chance, 371);
    for (size_t i = 0; i < 371; i++)
        sum += days[i].value;
    draw_days(371);
    ck_assert_int_eq(table_sum(), sum);
}
END_TEST

START_TEST(a_calendar_says_its_sum_and_its_largest_day)
{
    days[0].value = 1;
    days[44].value = 1234; /* 2026-02-14 */
    days[45].value = 7;
    draw_days(60);
    expect("plays: 1" NARROW "242 in all, at most 1" NARROW "234 on 2026-02-14.</desc>");
}
END_TEST

/* 2026-01-01 is a Thursday: the fourth of its week, which the table begins on Monday. */
START_TEST(weeks_are_columns_and_begin_on_monday)
{
    days[0].value = 5;
    draw_days(5);
    expect("<path class=\"heat4\" d=\"M0 3h.8\"/>");
    expect("<path class=\"heat0\" d=\"M0 4h.8M0 5h.8M0 6h.8M1 0h.8\"/>");
    expect("<th scope=\"row\">2025-12-29<td><td><td><td>5<td>0<td>0<td>0\n");
    expect("<th scope=\"row\">2026-01-05<td>0<td><td><td><td><td><td>\n");
}
END_TEST

START_TEST(every_day_of_a_leap_year_has_its_place)
{
    struct chart_days chart = {
        .id = "d", .title = "D", .unit = "plays", .days = days, .count = 366};

    chart.first_day = zone_day_of((struct zone_date){2028, 1, 1});
    for (size_t i = 0; i < 366; i++)
        days[i].value = 1;
    chart_calendar(&out, &chart);
    ck_assert_uint_eq(shapes("heat4"), 366);
    ck_assert_int_eq(table_sum(), 366);
    expect("2028-02-28");
    expect(">2028-12-25<"); /* the last Monday */
}
END_TEST

START_TEST(days_before_1970_have_their_place)
{
    struct chart_days chart = {.id = "d", .title = "D", .unit = "plays", .days = days, .count = 9};

    chart.first_day = -5; /* 1969-12-27, a Saturday */
    days[0].value = 1;
    chart_calendar(&out, &chart);
    expect("<path class=\"heat4\" d=\"M0 5h.8\"/>");
    expect(">1969-12-22<");
}
END_TEST

START_TEST(a_day_to_come_is_drawn_as_nothing)
{
    for (size_t i = 0; i < 10; i++) {
        days[i].value = 3;
        days[i].missing = 2;
        days[i].future = i >= 4;
    }
    draw_days(10);
    ck_assert_uint_eq(shown_days(), 4);
    ck_assert_uint_eq(shapes("framed-lost"), 4);
    ck_assert_int_eq(table_sum(), 12);
}
END_TEST

START_TEST(days_with_gaps_stand_in_a_frame_and_are_marked)
{
    days[3].missing = 1;
    days[5].missing = 2;
    days[6].missing = 200; /* whatever else it may be, it is not nothing */
    draw_days(10);
    ck_assert_uint_eq(shapes("framed-possible"), 1);
    ck_assert_uint_eq(shapes("framed-lost"), 2);
    ck_assert_uint_eq(count_of("<td>0?"), 1);
    ck_assert_uint_eq(count_of("<td>0!"), 2);
    expect("some may be missing</li>");
    expect("some were lost</li>");
    expect("Days on which plays were lost: 2.");
}
END_TEST

START_TEST(a_record_without_gaps_does_not_speak_of_them)
{
    draw_days(10);
    refuse("framed");
    refuse("missing");
    refuse("lost");
}
END_TEST

START_TEST(a_year_of_days_with_links_is_small)
{
    struct chart_days chart = {.id = "days",
                               .title = "Days of 2026",
                               .unit = "plays",
                               .first_day = THURSDAY,
                               .days = days,
                               .count = 371,
                               .address = day_address};

    for (size_t i = 0; i < 371; i++)
        days[i].value = (int64_t)(i * 7919 % 900);
    chart_calendar(&out, &chart);
    check_figure();
    ck_assert_uint_eq(count_of("<a href=\"/plays?from="), 371);
    expect("<a href=\"/plays?from=2026-01-02\">719</a>");
    ck_assert_uint_lt(out.len, 24 * 1024);
}
END_TEST

START_TEST(a_calendar_of_extremes_is_whole)
{
    for (size_t i = 0; i < 371; i++)
        days[i].value = extremes[_i];
    draw_days(371);
    check_figure();
    ck_assert_uint_eq(shapes(extremes[_i] > 0 ? "heat4" : "heat0"), 371);
}
END_TEST

START_TEST(a_calendar_of_negative_values_is_empty)
{
    days[0].value = INT64_MIN;
    days[1].value = -1;
    draw_days(2);
    check_figure();
    ck_assert_uint_eq(shapes("heat0"), 2);
}
END_TEST

START_TEST(a_calendar_of_no_days_is_nothing)
{
    draw_days(0);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(months_are_named_and_a_january_by_its_year)
{
    draw_days(365);
    ck_assert_uint_eq(count_of(">2026</text>"), 1);
    expect(">Feb</text>");
    expect(">Dec</text>");
    refuse(">Jan</text>");
}
END_TEST

START_TEST(a_part_of_a_month_that_is_too_short_has_no_name)
{
    struct chart_days chart = {.id = "d", .title = "D", .unit = "plays", .days = days, .count = 40};

    chart.first_day = THURSDAY + 26; /* 2026-01-27 */
    chart_calendar(&out, &chart);
    refuse(">2026</text>");
    expect(">Feb</text>");
}
END_TEST

/* -- the clock --------------------------------------------------------------------------------- */

START_TEST(the_clock_shows_every_hour)
{
    struct chance chance = chance_open("the_clock_shows_every_hour");
    int64_t sum = 0;

    for (int i = 0; i < 7 * 24; i++) {
        hours[i] = (int64_t)chance_below(&chance, 5000);
        sum += hours[i];
    }
    draw_clock();
    check_figure();
    ck_assert_uint_eq(shown_days(), 7 * 24);
    ck_assert_int_eq(table_sum(), sum);
}
END_TEST

START_TEST(the_clock_says_when_most_was_heard)
{
    hours[2 * 24 + 18] = 12;
    draw_clock();
    expect("plays: 12 in all, at most 12 on Wednesday from 18:00 on.");
    expect("<path class=\"heat4\" d=\"M18 2h.9\"/>");
    expect("<th scope=\"row\">18:00<td>0<td>0<td>12<td>");
}
END_TEST

START_TEST(the_clock_names_four_hours_and_all_days)
{
    static const char *const names[] = {">0<", ">6<", ">12<", ">18<", ">Mon<", ">Sun<"};

    draw_clock();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        expect(names[i]);
    expect("<th scope=\"col\">Thursday</th>");
}
END_TEST

START_TEST(a_clock_of_extremes_is_whole)
{
    for (int i = 0; i < 7 * 24; i++)
        hours[i] = extremes[_i];
    draw_clock();
    check_figure();
}
END_TEST

/* -- columns ----------------------------------------------------------------------------------- */

START_TEST(columns_of_any_number_are_whole)
{
    struct chance chance = chance_open("columns_of_any_number_are_whole");

    for (size_t count = 1; count <= 400; count += 1 + chance_below(&chance, 40)) {
        for (size_t i = 0; i < count; i++) {
            points[i].value = 1 + (int64_t)chance_below(&chance, 100000);
            points[i].missing = (uint8_t)chance_below(&chance, 3);
            points[i].part = i + 1 == count;
        }
        draw_columns(count);
        check_figure();
        ck_assert_uint_eq(shapes("column") + shapes("part"), count);
    }
}
END_TEST

START_TEST(the_table_of_columns_holds_what_was_given)
{
    int64_t sum = 0;

    for (size_t i = 0; i < 130; i++) {
        points[i].value = (int64_t)(i * 7919 % 5000);
        sum += points[i].value;
    }
    draw_columns(130);
    ck_assert_int_eq(table_sum(), sum);
    ck_assert_uint_lt(out.len, 24 * 1024);
}
END_TEST

START_TEST(of_too_many_columns_there_is_no_table)
{
    draw_columns(131);
    check_figure();
    refuse("<table");
    expect("class=\"scroll\"");
}
END_TEST

START_TEST(more_columns_than_there_may_be_are_left_out)
{
    for (size_t i = 0; i < 500; i++)
        points[i].value = 1;
    draw_columns(500);
    ck_assert_uint_eq(shapes("column"), 400);
}
END_TEST

/* The numbers beside the columns: how many, and the largest. */
static size_t read_ticks(int64_t *last)
{
    size_t count = 0;

    for (const char *at = out.data; (at = strstr(at, "<text x=\"-8\"")) != NULL; count++) {
        at = strchr(at, '>') + 1;
        *last = read_count(&at);
    }
    return count;
}

START_TEST(two_to_four_round_numbers_stand_beside)
{
    struct chance chance = chance_open("two_to_four_round_numbers_stand_beside");

    for (int round = 0; round < 300; round++) {
        int64_t last = -1;
        size_t ticks;

        points[0].value = (int64_t)(chance_next(&chance) >> (3 + chance_below(&chance, 58)));
        draw_columns(2);
        ticks = read_ticks(&last);
        ck_assert_msg(ticks >= 2 && ticks <= 4, "%zu for %" PRId64, ticks, points[0].value);
        ck_assert_int_ge(last, points[0].value);
        ck_assert(last / 4 <= points[0].value); /* not much higher than what is drawn */
        while (last % 10 == 0)
            last /= 10;
        ck_assert_int_le(last, 15);
    }
}
END_TEST

START_TEST(columns_of_extremes_are_whole)
{
    int64_t last;

    for (size_t i = 0; i < 12; i++)
        points[i].value = extremes[_i];
    draw_columns(12);
    check_figure();
    ck_assert_uint_eq(shapes("column"), extremes[_i] > 0 ? 12 : 0);
    ck_assert_uint_ge(read_ticks(&last), 2);
}
END_TEST

static const char *as_minutes(int64_t ms, char *text, size_t size)
{
    snprintf(text, size, "%" PRId64 " <min>", ms / 60000);
    return text;
}

static const struct {
    int64_t most;
    const char *tick;
} times[] = {
    {1, ">1" NARROW "min<"},
    {70 * INT64_C(60000), ">30" NARROW "min<"},
    {100 * INT64_C(60000), ">2" NARROW "h<"},
    {5 * INT64_C(3600000), ">2" NARROW "h<"},
    {INT64_C(3000) * 3600000, ">1" NARROW "000" NARROW "h<"},
};

START_TEST(times_are_measured_in_round_hours)
{
    points[0].value = times[_i].most;
    chart_columns(&out, &(struct chart_line){.id = "columns",
                                             .title = "Months",
                                             .unit = "time",
                                             .points = points,
                                             .count = 1,
                                             .format = as_minutes});
    expect(times[_i].tick);
    refuse("<min>");
    check_figure();
}
END_TEST

START_TEST(a_column_is_as_high_as_its_share)
{
    points[0].value = 100;
    points[1].value = 50;
    points[2].value = 0;
    points[3].value = -7;
    points[4].value = 1;
    draw_columns(5);
    expect("<path class=\"column\" d=\"M2 0h6v160h-6zM12 80h6v80h-6zM42 158h6v2h-6z\"/>");
}
END_TEST

START_TEST(a_gap_is_shaded_also_where_nothing_was_heard)
{
    points[1].missing = 1;
    points[2].missing = 1;
    points[4].missing = 2;
    points[5].missing = 1;
    draw_columns(10);
    expect("<path class=\"gap-possible\" d=\"M10 0h20v160h-20zM50 0h10v160h-10z\"/>");
    expect("<path class=\"gap-lost\" d=\"M40 0h10v160h-10z\"/>");
    expect("<path class=\"edge-lost\" d=\"M40 0h10v5h-10z\"/>");
    expect("some were lost</li>");
    ck_assert_uint_eq(count_of("<td>some were lost\n"), 1);
    ck_assert_uint_eq(count_of("<td>some may be missing\n"), 3);
}
END_TEST

START_TEST(columns_without_gaps_do_not_speak_of_them)
{
    points[0].value = 3;
    draw_columns(10);
    refuse("gap-");
    refuse("edge-");
    refuse("legend");
    refuse("missing");
}
END_TEST

START_TEST(what_is_not_over_is_drawn_apart)
{
    points[0].value = points[1].value = 3;
    points[1].part = 1;
    draw_columns(2);
    expect("<path class=\"part\" d=\"M12 0h6v160h-6z\"/>");
    expect("not over yet</li>");
    expect("2000-02 (not over yet)");
}
END_TEST

static size_t label_count(const char *label)
{
    char text[32];

    snprintf(text, sizeof(text), ">%s</text>", label);
    return count_of(text);
}

START_TEST(the_first_and_the_last_column_are_named)
{
    static const size_t counts[] = {1, 3, 12, 53, 130, 400};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        draw_columns(counts[i]);
        ck_assert_uint_eq(label_count(labels[0]), 1);
        if (counts[i] > 2) /* two stand too close together on a phone */
            ck_assert_uint_eq(label_count(labels[counts[i] - 1]), 1);
        ck_assert_uint_le(count_of("</text>"), 4 + 6);
    }
}
END_TEST

START_TEST(short_labels_all_stand_below)
{
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri"};

    for (size_t i = 0; i < 5; i++)
        points[i].label = weekdays[i];
    draw_columns(5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(label_count(weekdays[i]), 1);
    expect("<text x=\"7.14%\" y=\"187\" text-anchor=\"middle\">Mon</text>");
}
END_TEST

START_TEST(no_columns_are_nothing)
{
    draw_columns(0);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* -- all of them ------------------------------------------------------------------------------- */

static void draw_all(const char *text)
{
    days[2].missing = points[2].missing = 2;
    points[0].label = text;
    points[1].label = NULL;
    chart_calendar(&out, &(struct chart_days){
                             .id = "a", .title = text, .unit = text, .days = days, .count = 100});
    chart_clock(&out, "b", text, text, hours);
    chart_columns(&out, &(struct chart_line){
                            .id = "c", .title = text, .unit = text, .points = points, .count = 9});
}

START_TEST(H3_hostile_words_stay_words)
{
    char text[80];

    snprintf(text, sizeof(text), "<b onclick=\"x()\">'&\xff\x1b%s</title></svg>", right_to_left);
    draw_all(text);
    check_figure();
    refuse(right_to_left);
    refuse("\x1b");
}
END_TEST

START_TEST(ten_thousand_letters_break_nothing)
{
    static char text[10001];

    memset(text, '<', 10000);
    draw_all(text);
    check_figure();
}
END_TEST

START_TEST(three_pictures_on_a_page_have_ids_of_their_own)
{
    draw_all("x");
    check_figure();
    ck_assert_uint_eq(count_of(" id=\""), 9); /* caption and description; parts that stretch */
    ck_assert_uint_eq(count_of("<title>x</title>"), 3);
}
END_TEST

START_TEST(a_picture_that_does_not_fit_says_so)
{
    out.limit = 1000;
    draw_all("x");
    ck_assert(out.failed);
    ck_assert_uint_le(out.len, 1000);
}
END_TEST

/* To look at: all parts that the style sheet knows. */
START_TEST(a_page_of_all_parts_is_whole)
{
    FILE *file = fopen(TEST_BUILDDIR "/obj/chart-sample.html", "w");

    chart_sample(&out, TEST_SRCDIR "/src/web/style.css");
    check_balance();
    check_ids();
    if (file != NULL) {
        ck_assert_uint_eq(fwrite(out.data, 1, out.len, file), out.len);
        fclose(file);
    }
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof((list)[0]))

static TCase *case_of(const char *name)
{
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, setup, teardown);
    return tests;
}

static TCase *calendar_case(void)
{
    TCase *tests = case_of("calendar");

    tcase_add_test(tests, a_calendar_of_any_length_is_whole);
    tcase_add_test(tests, the_table_of_days_holds_what_was_given);
    tcase_add_test(tests, a_calendar_says_its_sum_and_its_largest_day);
    tcase_add_test(tests, weeks_are_columns_and_begin_on_monday);
    tcase_add_test(tests, every_day_of_a_leap_year_has_its_place);
    tcase_add_test(tests, days_before_1970_have_their_place);
    tcase_add_test(tests, a_day_to_come_is_drawn_as_nothing);
    tcase_add_test(tests, days_with_gaps_stand_in_a_frame_and_are_marked);
    tcase_add_test(tests, a_record_without_gaps_does_not_speak_of_them);
    tcase_add_test(tests, a_year_of_days_with_links_is_small);
    tcase_add_loop_test(tests, a_calendar_of_extremes_is_whole, 0, EXTREMES);
    tcase_add_test(tests, a_calendar_of_negative_values_is_empty);
    tcase_add_test(tests, a_calendar_of_no_days_is_nothing);
    tcase_add_test(tests, months_are_named_and_a_january_by_its_year);
    tcase_add_test(tests, a_part_of_a_month_that_is_too_short_has_no_name);
    return tests;
}

static TCase *columns_case(void)
{
    TCase *tests = case_of("columns");

    tcase_add_test(tests, columns_of_any_number_are_whole);
    tcase_add_test(tests, the_table_of_columns_holds_what_was_given);
    tcase_add_test(tests, of_too_many_columns_there_is_no_table);
    tcase_add_test(tests, more_columns_than_there_may_be_are_left_out);
    tcase_add_test(tests, two_to_four_round_numbers_stand_beside);
    tcase_add_loop_test(tests, columns_of_extremes_are_whole, 0, EXTREMES);
    tcase_add_loop_test(tests, times_are_measured_in_round_hours, 0, COUNT(times));
    tcase_add_test(tests, a_column_is_as_high_as_its_share);
    tcase_add_test(tests, a_gap_is_shaded_also_where_nothing_was_heard);
    tcase_add_test(tests, columns_without_gaps_do_not_speak_of_them);
    tcase_add_test(tests, what_is_not_over_is_drawn_apart);
    tcase_add_test(tests, the_first_and_the_last_column_are_named);
    tcase_add_test(tests, short_labels_all_stand_below);
    tcase_add_test(tests, no_columns_are_nothing);
    return tests;
}

static TCase *other_case(void)
{
    TCase *tests = case_of("others");

    tcase_add_loop_test(tests, a_bar_is_as_long_as_its_share, 0, COUNT(bars));
    tcase_add_test(tests, levels_rise_with_the_value);
    tcase_add_test(tests, a_legend_names_each_number_once);
    tcase_add_test(tests, a_legend_of_small_numbers_is_short);
    tcase_add_test(tests, the_clock_shows_every_hour);
    tcase_add_test(tests, the_clock_says_when_most_was_heard);
    tcase_add_test(tests, the_clock_names_four_hours_and_all_days);
    tcase_add_loop_test(tests, a_clock_of_extremes_is_whole, 0, EXTREMES);
    tcase_add_test(tests, H3_hostile_words_stay_words);
    tcase_add_test(tests, ten_thousand_letters_break_nothing);
    tcase_add_test(tests, three_pictures_on_a_page_have_ids_of_their_own);
    tcase_add_test(tests, a_picture_that_does_not_fit_says_so);
    tcase_add_test(tests, a_page_of_all_parts_is_whole);
    return tests;
}

Suite *chart_suite(void);
Suite *chart_suite(void)
{
    Suite *suite = suite_create("chart");

    suite_add_tcase(suite, calendar_case());
    suite_add_tcase(suite, columns_case());
    suite_add_tcase(suite, other_case());
    return suite;
}
