/* SPDX-License-Identifier: MIT */
/* The text that Prometheus reads: the writer, the table, and what is said of it in doc/. */
#include "web/metrics.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/turns.h"
#include "config_help.h"
#include "lib/metrics_text.h"

#define NOW INT64_C(1795284000000)
#define PREFIX "spotify_historyd_"

static struct buf buf;

static void setup(void)
{
    buf = (struct buf){.data = NULL};
}

static void teardown(void)
{
    buf_free(&buf, false);
}

/* -- the writer -------------------------------------------------------------------------------- */

static void write_one(const char *help, const char *label, int64_t value, int64_t per)
{
    struct prometheus family = prometheus_begin(&buf, "a_metric", PROMETHEUS_GAUGE, help);
    const struct prometheus_label labels[] = {{"one", label}};

    prometheus_sample(&family, "", labels, 1, value, per);
}

START_TEST(a_family_is_a_help_a_type_and_its_samples)
{
    struct prometheus family = prometheus_begin(&buf, "a_total", PROMETHEUS_COUNTER, "Some help.");
    const struct prometheus_label labels[] = {{"one", "x"}, {"two", "y z"}};

    prometheus_sample(&family, "", labels, 2, 17, 1);
    prometheus_sample(&family, "", NULL, 0, 0, 1);
    ck_assert_str_eq(buf.data, "# HELP a_total Some help.\n# TYPE a_total counter\n"
                               "a_total{one=\"x\",two=\"y z\"} 17\na_total 0\n");
}
END_TEST

START_TEST(a_family_without_a_sample_is_not_there)
{
    (void)prometheus_begin(&buf, "a_total", PROMETHEUS_COUNTER, "Some help.");
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

static const struct {
    const char *text, *label, *help;
} escapes[] = {
    {"a\\b", "a\\\\b", "a\\\\b"},
    {"a\nb", "a\\nb", "a\\nb"},
    {"a\"b", "a\\\"b", "a\"b"},
    {"\\\"\n", "\\\\\\\"\\n", "\\\\\"\\n"},
    {"\"} 1\nevil 2\n", "\\\"} 1\\nevil 2\\n", "\"} 1\\nevil 2\\n"},
    {"Bj\xc3\xb6rk \xe2\x82\xac \xf0\x9f\x8e\xb5", "Bj\xc3\xb6rk \xe2\x82\xac \xf0\x9f\x8e\xb5",
     "Bj\xc3\xb6rk \xe2\x82\xac \xf0\x9f\x8e\xb5"},
    {"a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd", "a\xef\xbf\xbd\xef\xbf\xbd"},
    {"", "", ""},
};

START_TEST(no_text_ends_its_line_or_its_quotes)
{
    char expected[400];

    write_one(escapes[_i].text, escapes[_i].text, 1, 1);
    snprintf(expected, sizeof(expected),
             "# HELP a_metric %s\n# TYPE a_metric gauge\na_metric{one=\"%s\"} 1\n",
             escapes[_i].help, escapes[_i].label);
    ck_assert_str_eq(buf.data, expected);
}
END_TEST

static const struct {
    int64_t value, per;
    const char *text;
} values[] = {
    {0, 1, " 0\n"},
    {-1, 1, " -1\n"},
    {INT64_MAX, 1, " 9223372036854775807\n"},
    {INT64_MIN, 1, " -9223372036854775808\n"},
    {1207, 1000, " 1.207\n"},
    {-1207, 1000, " -1.207\n"},
    {7, 1000, " 0.007\n"},
    {-7, 1000, " -0.007\n"},
    {60000, 1000, " 60\n"},
    {1, 1000000, " 0.000001\n"},
    {1500000, 1000000, " 1.500000\n"},
};

START_TEST(numbers_are_exact_decimals)
{
    write_one("help", "x", values[_i].value, values[_i].per);
    ck_assert_ptr_nonnull(strstr(buf.data, values[_i].text));
}
END_TEST

/* -- the strict reader, or nothing else here could fail ---------------------------------------- */

static const char *const wrong[] = {
    "",
    "# HELP a b\n# TYPE a gauge\na 1",
    "a 1\n",
    "# HELP a b\na 1\n",
    "# TYPE a gauge\na 1\n",
    "# HELP a b\n# TYPE a gauge\n",
    "# HELP a b\n# TYPE a gauge\n\na 1\n",
    "# HELP a b\n# TYPE a thing\na 1\n",
    "# HELP a b\n# TYPE a counter\na 1\n",
    "# HELP a_total b\n# TYPE a_total gauge\na_total 1\n",
    "# HELP a_total b\n# TYPE a_total counter\na_total -1\n",
    "# HELP 1a b\n# TYPE 1a gauge\n1a 1\n",
    "# HELP a b\n# TYPE a gauge\na 1\na 1\n",
    "# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1\n",
    "# HELP a b\n# TYPE a gauge\na one\n",
    "# HELP a b\n# TYPE a gauge\na{x=\"y} 1\n",
    "# HELP a b\n# TYPE a gauge\na{x=\"y\\\"} 1\n",
    "# HELP a b\n# TYPE a gauge\na{x=\"\\t\"} 1\n",
    "# HELP a b\n# TYPE a gauge\na{x-y=\"y\"} 1\n",
    "# HELP a b\n# TYPE a gauge\nab 1\n",
    "# HELP a b\\t\n# TYPE a gauge\na 1\n",
    "# HELP a \xff\n# TYPE a gauge\na 1\n",
    "# HELP h b\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
    "# HELP h b\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
    "# HELP h b\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
    "# HELP h b\n# TYPE h histogram\nh_bucket{x=\"y\",le=\"+Inf\"} 1\nh_count{x=\"y\"} 1\n",
};

START_TEST(the_reader_of_these_tests_refuses_what_is_wrong)
{
    ck_assert_msg(metrics_text_problem(wrong[_i]) != NULL, "taken:\n%s", wrong[_i]);
}
END_TEST

/* -- the table --------------------------------------------------------------------------------- */

static struct counters counters;
static struct turns turns;
static struct measures_user users[3];
static struct measures measures;
static struct metrics_sources sources;

static void fill_sources(void)
{
    counters = (struct counters){.polls = {7, 3}, .plays = 41, .late = 2, .odd = 1};
    counters_answer(&counters, COUNTERS_HISTORY, 30000);
    counters_answer(&counters, COUNTERS_HISTORY, 400000);
    counters_answer(&counters, COUNTERS_HISTORY, 90000000);
    turns = (struct turns){.base = NULL};
    turns_mark_at(&turns, "poll", 1000);
    turns_end_at(&turns, 1300);
    turns_mark_at(&turns, "page", 2000);
    turns_mark_at(&turns, "commit", 2100);
    turns_end_at(&turns, 40000);
    users[0] = (struct measures_user){.user_id = 1,
                                      .last_success_at = NOW - 61500,
                                      .ends_at = NOW + 2 * CLOCK_DAY,
                                      .failures = 4};
    users[1] = (struct measures_user){.user_id = 2,
                                      .state = MEASURES_NEEDS_LOGIN,
                                      .last_success_at = CLOCK_NO_TIME,
                                      .ends_at = CLOCK_NO_TIME};
    users[2] = (struct measures_user){
        .user_id = 4, .state = MEASURES_PAUSED, .last_success_at = NOW + 5, .ends_at = NOW - 2500};
    measures = (struct measures){.running = true,
                                 .has_client = true,
                                 .takes_writes = true,
                                 .opens_in_ms = 1500,
                                 .asked_to_wait = true,
                                 .calls_hour = 6,
                                 .budget = 1000,
                                 .in_flight = 2,
                                 .patience_ms = CLOCK_HOUR,
                                 .counters = &counters,
                                 .turns = &turns,
                                 .users = users,
                                 .count = 3};
    sources = (struct metrics_sources){.now = NOW,
                                       .started_at = NOW - CLOCK_HOUR - 1,
                                       .uptime_ms = CLOCK_HOUR,
                                       .version = "1.2.3",
                                       .recorder = &measures,
                                       .calls_day = 150,
                                       .has_rows = true,
                                       .rows = {3, 9, {100, 20, 5, 1}},
                                       .has_sizes = true,
                                       .sizes = {40960, 4152, 1},
                                       .process = {2000000, 9000000, 1234567, 12, 1024}};
}

static void write_all(void)
{
    metrics_write(&buf, &sources);
    ck_assert(!buf.failed);
}

static const struct {
    const char *series, *value;
} samples[] = {
    {PREFIX "build_info{version=\"1.2.3\"}", "1"},
    {PREFIX "uptime_seconds", "3600"},
    {PREFIX "healthy", "1"},
    {PREFIX "polls_total{outcome=\"ok\"}", "7"},
    {PREFIX "polls_total{outcome=\"unchanged\"}", "3"},
    {PREFIX "polls_total{outcome=\"timeout\"}", "0"},
    {PREFIX "plays_recorded_total", "41"},
    {PREFIX "late_plays_total", "2"},
    {PREFIX "odd_items_total", "1"},
    {PREFIX "open_gaps{certainty=\"likely\"}", "3"},
    {PREFIX "open_gaps{certainty=\"possible\"}", "9"},
    {PREFIX "imported_rows{result=\"added\"}", "100"},
    {PREFIX "imported_rows{result=\"matched\"}", "20"},
    {PREFIX "imported_rows{result=\"duplicate\"}", "5"},
    {PREFIX "imported_rows{result=\"rejected\"}", "1"},
    {PREFIX "user_state{user=\"1\",state=\"active\"}", "1"},
    {PREFIX "user_state{user=\"1\",state=\"paused\"}", "0"},
    {PREFIX "user_state{user=\"2\",state=\"needs_login\"}", "1"},
    {PREFIX "user_state{user=\"4\",state=\"paused\"}", "1"},
    {PREFIX "user_state{user=\"4\",state=\"signed_out\"}", "0"},
    {PREFIX "user_last_success_age_seconds{user=\"1\"}", "61.500"},
    {PREFIX "user_last_success_age_seconds{user=\"4\"}", "0"}, /* the clock was set back */
    {PREFIX "user_failed_polls{user=\"1\"}", "4"},
    {PREFIX "user_sign_in_left_seconds{user=\"1\"}", "172800"},
    {PREFIX "user_sign_in_left_seconds{user=\"2\"}", "0"},
    {PREFIX "user_sign_in_left_seconds{user=\"4\"}", "-2.500"},
    {PREFIX "gate_open", "0"},
    {PREFIX "gate_opens_in_seconds", "1.500"},
    {PREFIX "gate_app_trouble", "0"},
    {PREFIX "requests_in_flight", "2"},
    {PREFIX "requests_this_hour", "6"},
    {PREFIX "requests_last_day", "150"},
    {PREFIX "daily_request_budget", "1000"},
    {PREFIX "daily_request_budget_left", "850"},
    {PREFIX "request_duration_seconds_bucket{request=\"history\",le=\"0.025\"}", "0"},
    {PREFIX "request_duration_seconds_bucket{request=\"history\",le=\"0.050\"}", "1"},
    {PREFIX "request_duration_seconds_bucket{request=\"history\",le=\"0.500\"}", "2"},
    {PREFIX "request_duration_seconds_bucket{request=\"history\",le=\"30\"}", "2"},
    {PREFIX "request_duration_seconds_bucket{request=\"history\",le=\"+Inf\"}", "3"},
    {PREFIX "request_duration_seconds_sum{request=\"history\"}", "90.430000"},
    {PREFIX "request_duration_seconds_count{request=\"history\"}", "3"},
    {PREFIX "request_duration_seconds_count{request=\"token\"}", "0"},
    {PREFIX "loop_turn_seconds_bucket{le=\"0.000250\"}", "0"},
    {PREFIX "loop_turn_seconds_bucket{le=\"0.000500\"}", "1"},
    {PREFIX "loop_turn_seconds_bucket{le=\"0.020\"}", "1"},
    {PREFIX "loop_turn_seconds_bucket{le=\"0.050\"}", "2"},
    {PREFIX "loop_turn_seconds_bucket{le=\"1\"}", "2"},
    {PREFIX "loop_turn_seconds_bucket{le=\"+Inf\"}", "2"},
    {PREFIX "loop_turn_seconds_sum", "0.038300"},
    {PREFIX "loop_turn_seconds_count", "2"},
    {PREFIX "loop_longest_turn_seconds{work=\"commit\"}", "0.038000"},
    {PREFIX "database_takes_writes", "1"},
    {PREFIX "database_size_bytes", "40960"},
    {PREFIX "database_log_bytes", "4152"},
    {PREFIX "database_log_pages", "1"},
    {"process_start_time_seconds", "1795280399.999"},
    {"process_cpu_seconds_total", "1.234567"},
    {"process_resident_memory_bytes", "2000000"},
    {"process_virtual_memory_bytes", "9000000"},
    {"process_open_fds", "12"},
    {"process_max_fds", "1024"},
};

START_TEST(each_metric_says_what_it_is_given)
{
    const char *value;

    fill_sources();
    write_all();
    value = metrics_text_value(buf.data, samples[_i].series);
    ck_assert_msg(value != NULL, "no %s in\n%s", samples[_i].series, buf.data);
    ck_assert_str_eq(value, samples[_i].value);
}
END_TEST

START_TEST(all_of_it_is_as_the_format_wants_it)
{
    const char *problem;

    fill_sources();
    write_all();
    problem = metrics_text_problem(buf.data);
    ck_assert_msg(problem == NULL, "%s", problem);
}
END_TEST

START_TEST(each_metric_of_the_table_is_looked_at_here)
{
    for (size_t i = 0; i < metrics_count; i++) {
        const char *name = metrics_table[i].name;
        bool found = false;

        for (size_t k = 0; k < sizeof(samples) / sizeof(samples[0]); k++)
            found = found || strncmp(samples[k].series, name, strlen(name)) == 0;
        ck_assert_msg(found, "%s", name);
    }
}
END_TEST

/* What is told of a user, or of a moment, that nobody knows. */
static const char *const unknown[] = {
    PREFIX "user_last_success_age_seconds{user=\"2\"}",
    PREFIX "user_sign_in_left_seconds{user=\"1\"}",
    PREFIX "open_gaps{certainty=\"likely\"}",
    PREFIX "imported_rows{result=\"added\"}",
    PREFIX "requests_last_day",
    PREFIX "daily_request_budget_left",
    PREFIX "database_size_bytes",
    "process_open_fds",
};

START_TEST(what_is_not_known_is_left_out)
{
    fill_sources();
    users[0].ends_at = CLOCK_NO_TIME;
    sources.has_rows = sources.has_sizes = false;
    sources.calls_day = -1;
    sources.process.open_fds = PROCESS_UNKNOWN;
    write_all();
    ck_assert_ptr_null(metrics_text_problem(buf.data));
    ck_assert_ptr_null(metrics_text_value(buf.data, unknown[_i]));
}
END_TEST

START_TEST(without_a_budget_there_is_none_and_none_is_left)
{
    fill_sources();
    measures.budget = 0;
    write_all();
    ck_assert_ptr_null(metrics_text_value(buf.data, PREFIX "daily_request_budget"));
    ck_assert_ptr_null(metrics_text_value(buf.data, PREFIX "daily_request_budget_left"));
}
END_TEST

START_TEST(less_than_nothing_is_never_left_of_the_budget)
{
    fill_sources();
    sources.calls_day = 1001;
    write_all();
    ck_assert_str_eq(metrics_text_value(buf.data, PREFIX "daily_request_budget_left"), "0");
}
END_TEST

START_TEST(without_users_it_is_still_right)
{
    fill_sources();
    measures.count = 0;
    write_all();
    ck_assert_ptr_null(metrics_text_problem(buf.data));
    ck_assert_ptr_null(strstr(buf.data, "user_state"));
}
END_TEST

START_TEST(before_the_first_turn_there_is_no_longest_one)
{
    fill_sources();
    turns = (struct turns){.base = NULL};
    write_all();
    ck_assert_ptr_null(metrics_text_problem(buf.data));
    ck_assert_ptr_null(strstr(buf.data, "loop_longest_turn_seconds"));
}
END_TEST

START_TEST(where_nobody_counts_the_turns_there_are_none)
{
    fill_sources();
    measures.turns = NULL;
    write_all();
    ck_assert_ptr_null(metrics_text_problem(buf.data));
    ck_assert_ptr_null(strstr(buf.data, "loop_"));
}
END_TEST

/* -- what doc/ says ---------------------------------------------------------------------------- */

static bool is_metric(const char *name, size_t len)
{
    for (size_t i = 0; i < metrics_count; i++)
        if (strlen(metrics_table[i].name) == len && strncmp(metrics_table[i].name, name, len) == 0)
            return true;
    return false;
}

START_TEST(the_document_has_a_row_for_each_metric_with_its_kind)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    char *text = config_help_read(TEST_SRCDIR "/doc/metrics.md");

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < metrics_count; i++) {
        const char *name = metrics_table[i].name, *row, *kind = kinds[metrics_table[i].type];
        char begin[120];

        if (strncmp(name, PREFIX, strlen(PREFIX)) == 0)
            name += strlen(PREFIX);
        snprintf(begin, sizeof(begin), "\n| `%s` | ", name);
        row = strstr(text, begin);
        ck_assert_msg(row != NULL, "no row of %s", name);
        row += strlen(begin);
        ck_assert_msg(strncmp(row, kind, strlen(kind)) == 0, "%s is no %.20s", name, row);
    }
    free(text);
}
END_TEST

START_TEST(the_document_has_no_metric_that_there_is_not)
{
    char *text = config_help_read(TEST_SRCDIR "/doc/metrics.md"), name[200];
    const char *row = text;
    size_t rows = 0;

    ck_assert_ptr_nonnull(text);
    while ((row = strstr(row, "\n| `")) != NULL) {
        size_t len = strcspn(row += 4, "`");

        if (strncmp(row + len, "` | counter", 11) != 0 && strncmp(row + len, "` | gauge", 9) != 0 &&
            strncmp(row + len, "` | histogram", 13) != 0)
            continue;
        snprintf(name, sizeof(name), "%s%.*s", strncmp(row, "process_", 8) == 0 ? "" : PREFIX,
                 (int)len, row);
        ck_assert_msg(is_metric(name, strlen(name)), "%s", name);
        rows++;
    }
    ck_assert_uint_eq(rows, metrics_count);
    free(text);
}
END_TEST

/* -- the dashboard ----------------------------------------------------------------------------- */

static json_t *read_dashboard(void)
{
    json_error_t error;
    json_t *json = json_load_file(TEST_SRCDIR "/doc/grafana.json", JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(json != NULL, "line %d: %s", error.line, error.text);
    return json;
}

/* Without the part of a histogram that is asked for. */
static size_t family_length(const char *name, size_t len)
{
    static const char *const parts[] = {"_bucket", "_sum", "_count"};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t part = strlen(parts[i]);

        if (len > part && strncmp(name + len - part, parts[i], part) == 0 &&
            is_metric(name, len - part))
            return len - part;
    }
    return len;
}

/* Marks each metric that an expression asks for; one that there is not ends the test. */
static void check_expression(const char *expression, bool *used)
{
    static const char *const begins[] = {PREFIX, "process_"};

    for (size_t b = 0; b < sizeof(begins) / sizeof(begins[0]); b++) {
        const char *name = expression;

        while ((name = strstr(name, begins[b])) != NULL) {
            size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");

            len = family_length(name, len);
            ck_assert_msg(is_metric(name, len), "%.*s in %s", (int)len, name, expression);
            for (size_t i = 0; i < metrics_count; i++)
                if (strlen(metrics_table[i].name) == len &&
                    strncmp(metrics_table[i].name, name, len) == 0)
                    used[i] = true;
            name += len;
        }
    }
}

/* All texts under a key, at any depth. */
static size_t walk(json_t *json, const char *wanted, void (*look)(const char *, bool *), bool *used)
{
    size_t count = 0, i;
    json_t *value;
    const char *key;

    if (json_is_array(json)) {
        json_array_foreach (json, i, value)
            count += walk(value, wanted, look, used);
    } else if (json_is_object(json)) {
        json_object_foreach (json, key, value) {
            if (strcmp(key, wanted) == 0 && json_is_string(value)) {
                look(json_string_value(value), used);
                count++;
            }
            count += walk(value, wanted, look, used);
        }
    }
    return count;
}

START_TEST(the_dashboard_asks_for_metrics_that_there_are)
{
    bool used[64] = {false};
    json_t *json = read_dashboard();

    ck_assert_uint_gt(walk(json, "expr", check_expression, used), 10);
    walk(json, "query", check_expression, used);
    json_decref(json);
}
END_TEST

/* These say nothing over time that another one does not say. */
static const char *const undrawn[] = {PREFIX "imported_rows", "process_virtual_memory_bytes",
                                      "process_max_fds", "process_start_time_seconds",
                                      PREFIX "odd_items_total"};

START_TEST(the_dashboard_draws_each_metric_but_these)
{
    bool used[64] = {false};
    json_t *json = read_dashboard();

    ck_assert_uint_le(metrics_count, sizeof(used) / sizeof(used[0]));
    walk(json, "expr", check_expression, used);
    for (size_t i = 0; i < metrics_count; i++) {
        bool left_out = false;

        for (size_t k = 0; k < sizeof(undrawn) / sizeof(undrawn[0]); k++)
            left_out = left_out || strcmp(undrawn[k], metrics_table[i].name) == 0;
        ck_assert_msg(used[i] != left_out, "%s", metrics_table[i].name);
    }
    json_decref(json);
}
END_TEST

START_TEST(each_panel_has_an_id_a_title_a_place_and_the_chosen_datasource)
{
    json_t *json = read_dashboard(), *panel;
    json_t *panels = json_object_get(json, "panels");
    bool ids[200] = {false}, taken[200][24] = {{false}};
    size_t i;

    ck_assert(json_is_array(panels));
    json_array_foreach (panels, i, panel) {
        int64_t id, x, y, w, h;
        const char *title, *type, *source = "";

        ck_assert_int_eq(json_unpack(panel, "{s:I, s:s, s:s, s:{s:I, s:I, s:I, s:I}}", "id", &id,
                                     "title", &title, "type", &type, "gridPos", "x", &x, "y", &y,
                                     "w", &w, "h", &h),
                         0);
        ck_assert(id > 0 && id < 200 && !ids[id]);
        ids[id] = true;
        ck_assert_msg(x >= 0 && w > 0 && x + w <= 24 && y >= 0 && h > 0 && y + h <= 200, "%s",
                      title);
        for (int64_t row = y; row < y + h; row++) {
            for (int64_t column = x; column < x + w; column++) {
                ck_assert_msg(!taken[row][column], "%s lies over another", title);
                taken[row][column] = true;
            }
        }
        if (strcmp(type, "row") != 0)
            ck_assert_int_eq(json_unpack(panel, "{s:{s:s}}", "datasource", "uid", &source), 0);
        ck_assert_msg(strcmp(type, "row") == 0 || strcmp(source, "${datasource}") == 0, "%s",
                      title);
    }
    json_decref(json);
}
END_TEST

START_TEST(the_dashboard_can_be_imported)
{
    json_t *json = read_dashboard();
    const char *uid, *title, *name, *type, *query;
    json_t *id;
    int version;

    /* A dashboard with an id would take the place of another one. */
    ck_assert_int_eq(json_unpack(json, "{s:o, s:s, s:s, s:i, s:{s:[{s:s, s:s, s:s}]}}", "id", &id,
                                 "uid", &uid, "title", &title, "schemaVersion", &version,
                                 "templating", "list", "name", &name, "type", &type, "query",
                                 &query),
                     0);
    ck_assert(json_is_null(id));
    ck_assert_uint_le(strlen(uid), 40);
    ck_assert_int_ge(version, 39);
    ck_assert_str_eq(name, "datasource");
    ck_assert_str_eq(type, "datasource");
    ck_assert_str_eq(query, "prometheus");
    json_decref(json);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

Suite *web_metrics_suite(void)
{
    Suite *suite = suite_create("web_metrics");
    TCase *writer = tcase_create("writer");
    TCase *table = tcase_create("table");
    TCase *doc = tcase_create("doc");

    tcase_add_checked_fixture(writer, setup, teardown);
    tcase_add_test(writer, a_family_is_a_help_a_type_and_its_samples);
    tcase_add_test(writer, a_family_without_a_sample_is_not_there);
    tcase_add_loop_test(writer, no_text_ends_its_line_or_its_quotes, 0, COUNT(escapes));
    tcase_add_loop_test(writer, numbers_are_exact_decimals, 0, COUNT(values));
    tcase_add_loop_test(writer, the_reader_of_these_tests_refuses_what_is_wrong, 0, COUNT(wrong));
    suite_add_tcase(suite, writer);

    tcase_add_checked_fixture(table, setup, teardown);
    tcase_add_loop_test(table, each_metric_says_what_it_is_given, 0, COUNT(samples));
    tcase_add_test(table, all_of_it_is_as_the_format_wants_it);
    tcase_add_test(table, each_metric_of_the_table_is_looked_at_here);
    tcase_add_loop_test(table, what_is_not_known_is_left_out, 0, COUNT(unknown));
    tcase_add_test(table, without_a_budget_there_is_none_and_none_is_left);
    tcase_add_test(table, less_than_nothing_is_never_left_of_the_budget);
    tcase_add_test(table, without_users_it_is_still_right);
    tcase_add_test(table, before_the_first_turn_there_is_no_longest_one);
    tcase_add_test(table, where_nobody_counts_the_turns_there_are_none);
    suite_add_tcase(suite, table);

    tcase_add_test(doc, the_document_has_a_row_for_each_metric_with_its_kind);
    tcase_add_test(doc, the_document_has_no_metric_that_there_is_not);
    tcase_add_test(doc, the_dashboard_asks_for_metrics_that_there_are);
    tcase_add_test(doc, the_dashboard_draws_each_metric_but_these);
    tcase_add_test(doc, each_panel_has_an_id_a_title_a_place_and_the_chosen_datasource);
    tcase_add_test(doc, the_dashboard_can_be_imported);
    suite_add_tcase(suite, doc);
    return suite;
}
