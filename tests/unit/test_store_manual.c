/* SPDX-License-Identifier: MIT */
/* The manual page of the database says what is there: each table, view and column, and queries that
 * run. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"
#include "store_help.h"

static char *manual;
static struct store *store;

static void setup(void)
{
    static const char path[] = TEST_SRCDIR "/man/spotify-history.db.5";
    size_t len = 0;
    manual = store_help_read(path, &len);
    ck_assert_msg(manual != NULL, "%s is missing", path);
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
    free(manual);
}

/* Names that a section lists as ".It Va one , two", each as ",name,"; from malloc. */
static char *names_of_section(const char *section)
{
    char *names = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&names, &size);
    const char *line = section;
    putc(',', out);
    while ((line = strchr(line, '\n')) != NULL && strncmp(line, "\n.Ss", 4) != 0 &&
           strncmp(line, "\n.Sh", 4) != 0) {
        line++;
        if (strncmp(line, ".It Va ", 7) == 0) {
            for (const char *c = line + 7; *c != '\n'; c++) {
                if (*c != ' ') {
                    putc(*c, out);
                }
            }
            putc(',', out);
        }
    }
    fclose(out);
    return names;
}

static void check_section(const char *table)
{
    char text[512];
    snprintf(text, sizeof text, "\n.Ss %s\n", table);
    const char *section = strstr(manual, text);
    ck_assert_msg(section != NULL, "%s is not in the manual", table);
    char *names = names_of_section(section + 1);
    size_t listed = 0;
    for (const char *c = names + 1; *c != '\0'; c++) {
        listed += *c == ',';
    }
    snprintf(text, sizeof text, "SELECT name FROM pragma_table_xinfo('%s') WHERE hidden <> 1",
             table);
    char *columns = strdup(store_help_ask(text));
    size_t count = 0;
    char *rest = columns;
    for (char *column; (column = strsep(&rest, "\n")) != NULL; count++) {
        snprintf(text, sizeof text, ",%s,", column);
        ck_assert_msg(strstr(names, text) != NULL, "%s.%s is not in the manual", table, column);
    }
    ck_assert_msg(listed == count, "of %s the manual lists %zu columns, not %zu: %s", table, listed,
                  count, names);
    free(columns);
    free(names);
}

START_TEST(each_table_view_and_column_is_in_the_manual)
{
    char *tables = strdup(store_help_ask("SELECT name FROM sqlite_schema WHERE type IN"
                                         " ('table', 'view') AND name NOT LIKE 'sqlite_%'"
                                         " AND name NOT LIKE 'track_words_%'"));
    char *rest = tables;
    size_t count = 0;
    for (char *table; (table = strsep(&rest, "\n")) != NULL; count++) {
        check_section(table);
    }
    ck_assert_uint_eq(count, 23 + 8);
    free(tables);
}
END_TEST

START_TEST(the_manual_tells_the_version)
{
    char text[64];
    snprintf(text, sizeof text, "tells the version of the file: %d.\n",
             store_ladder_version(&store_schema));
    ck_assert_ptr_nonnull(strstr(manual, text));
}
END_TEST

/* The next query of the examples as it is meant to be typed, NULL after the last. */
static char *next_query(const char **at)
{
    static char query[2048];
    static const char display[] = "\n.Bd -literal -offset indent\n";
    const char *start = strstr(*at, display);
    while (start != NULL && strncmp(start += strlen(display), "SELECT", 6) != 0 &&
           strncmp(start, "WITH", 4) != 0) {
        start = strstr(start, display);
    }
    if (start == NULL) {
        return NULL;
    }
    const char *end = strstr(start, "\n.Ed");
    char *out = query;
    for (const char *c = start; c < end; c++) {
        if (strncmp(c, "\\(aq", 4) == 0) {
            *out++ = '\'';
            c += 3;
        } else if (*c != '\\') {
            /* These would not come out of a terminal as they were typed in. */
            ck_assert(*c != '\'' && *c != '`' && (*c != '-' || c[-1] == '\\'));
            *out++ = *c;
        }
    }
    *out = '\0';
    *at = end;
    return query;
}

/* Some days of listening, of which each query has something to say. */
static void listen(void)
{
    static const char today[] =
        "UPDATE users SET authorized_at = 1767225600000,"
        "  first_sweep_at = strftime('%s', 'now', '-3 days') * 1000,"
        "  last_success_at = strftime('%s', 'now') * 1000;"
        "UPDATE albums SET total_tracks = 5;"
        "INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause,"
        "  detected_at) VALUES (1, strftime('%s', 'now', '-2 days') * 1000,"
        "  strftime('%s', 'now', '-1 day') * 1000, 'likely', 'daemon_down', 1);"
        "INSERT INTO polls (user_id, started_at, kind, outcome, items, added, late, odd,"
        "  duration_ms) VALUES (1, strftime('%s', 'now') * 1000, 'tail', 'ok', 1, 1, 0, 0, 5);"
        "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
        "  SELECT 1, strftime('%s', 'now', '-' || value || ' minutes') * 1000, 1 + value / 2 % 5,"
        "  'api', strftime('%s', 'now', '+1 day') * 1000 FROM generate;"
        "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
        "  VALUES (1, 1767312000000, 1, 'api', 1767312000000),"
        "  (1, strftime('%s', 'now', '-4 years') * 1000, 1, 'api', 1767312000000);"
        /* And a track that nobody hears any more. */
        "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
        "  SELECT 1, strftime('%s', 'now', '-3 years', '-' || value || ' hours') * 1000,"
        "  (SELECT max(track_id) FROM tracks), 'api', 1767312000000 FROM generate LIMIT 3";
    store_help_begin(store, STORE_DURABLE);
    store_help_track(store, 4);
    store_help_track(store, 40);
    store_help_track(store, 400);
    store_help_commit(store);
    char sql[4096];
    snprintf(sql, sizeof sql,
             "CREATE TEMP TABLE generate AS WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL"
             " SELECT value + 1 FROM n WHERE value < 40) SELECT value FROM n; %s",
             today);
    store_help_exec(store_help_db(), sql);
    store_help_exec(store_help_db(), "UPDATE tracks SET album_id = 1");
}

START_TEST(each_query_of_the_manual_runs_and_finds_something)
{
    const char *at = manual;
    int count = 0;
    listen();
    for (char *query; (query = next_query(&at)) != NULL; count++) {
        const char *rows = store_help_ask(query);
        ck_assert_msg(rows[0] != '\0', "finds nothing: %s", query);
    }
    ck_assert_int_ge(count, 20);
}
END_TEST

Suite *store_manual_suite(void)
{
    Suite *suite = suite_create("store_manual");
    TCase *tcase = tcase_create("manual");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, each_table_view_and_column_is_in_the_manual);
    tcase_add_test(tcase, the_manual_tells_the_version);
    tcase_add_test(tcase, each_query_of_the_manual_runs_and_finds_something);
    suite_add_tcase(suite, tcase);
    return suite;
}
