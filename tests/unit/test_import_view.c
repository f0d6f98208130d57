/* SPDX-License-Identifier: MIT */
/* What import tells: its table, its words, its JSON, and how far it is. */
#include "ctl/import_view.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "ctl/import.h"

static struct import_list list;
static struct buf out;

static void teardown(void)
{
    import_list_free(&list);
    buf_free(&out, false);
}

static struct import_line *add(enum import_outcome outcome, const char *file)
{
    struct import_line *line = import_list_add(&list);

    ck_assert_ptr_nonnull(line);
    line->outcome = outcome;
    snprintf(line->file, sizeof(line->file), "%s", file);
    return line;
}

/* A history whose rows ended so. */
static struct import_line *add_history(const char *file, int64_t import_id, int64_t added,
                                       int64_t matched, int64_t duplicate, int64_t no_title)
{
    struct import_line *line = add(IMPORT_STORED, file);

    line->form = ARCHIVE_FORM_LONG;
    line->import_id = import_id;
    line->records = added + matched + duplicate + no_title;
    line->counts.rows = line->records;
    line->counts.added = added;
    line->counts.matched = matched;
    line->counts.duplicate = duplicate;
    line->counts.rejected = line->counts.by_reason[ARCHIVE_NO_TITLE] = no_title;
    return line;
}

static const char *table(bool dry_run)
{
    import_view_table(&list, dry_run, &out);
    ck_assert(!out.failed);
    return out.data;
}

/* -- The table --------------------------------------------------------------------------------- */

START_TEST(the_table_has_a_row_a_file_and_a_total)
{
    add_history("d.zip: a/one.json", 3, 10, 20, 5, 0);
    add_history("d.zip: a/two.json", 4, 1, 2, 3, 0);
    add(IMPORT_NOT_HISTORY, "d.zip: a/Playlist1.json");
    ck_assert_str_eq(table(false),
                     "FILE            READ  NEW  MATCHED  DUPLICATE  REJECTED  IMPORT\n"
                     "one.json          35   10       20          5         0  3\n"
                     "two.json           6    1        2          3         0  4\n"
                     "Playlist1.json                                           not a history\n"
                     "total             41   11       22          8         0\n");
}
END_TEST

START_TEST(a_file_that_was_imported_before_says_with_which_import)
{
    add_history("one.json", 3, 0, 0, 35, 0)->outcome = IMPORT_KNOWN;
    ck_assert_ptr_nonnull(strstr(table(false), "         0  again 3\n"));
}
END_TEST

START_TEST(files_of_one_name_are_told_apart_by_their_whole_names)
{
    add_history("a.zip: one.json", 3, 1, 0, 0, 0);
    add_history("a.zip: x/one.json", 4, 1, 0, 0, 0);
    add_history("a.zip: x/two.json", 5, 1, 0, 0, 0);
    ck_assert_ptr_nonnull(strstr(table(false), "\na.zip: x/one.json "));
    ck_assert_ptr_nonnull(strstr(out.data, "\ntwo.json "));
}
END_TEST

START_TEST(of_a_name_that_is_too_long_the_end_is_shown)
{
    char name[300], cell[PRINT_CELL_SIZE];

    memset(name, 'a', sizeof(name));
    memcpy(name + 250, "_2020.json", sizeof("_2020.json"));
    ck_assert_uint_eq(strlen(import_name_cell(name, cell)), PRINT_CELL_SIZE - 1);
    ck_assert_int_eq(strncmp(cell, "...aaa", 6), 0);
    ck_assert_ptr_nonnull(strstr(cell, "_2020.json"));
}
END_TEST

START_TEST(a_cut_name_begins_with_a_whole_character)
{
    char name[301], cell[PRINT_CELL_SIZE];

    for (size_t i = 0; i < 300; i += 2)
        memcpy(name + i, "\xc3\xa9", 2);
    name[300] = '\0';
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(strncmp(import_name_cell(name + i, cell), "...\xc3", 4), 0);
}
END_TEST

START_TEST(a_dry_run_gives_no_numbers_and_says_that_nothing_was_changed)
{
    add_history("one.json", 77, 10, 0, 0, 0);
    ck_assert_ptr_null(strstr(table(true), "77"));
    ck_assert_ptr_nonnull(strstr(out.data, "\nNothing was changed: this was a dry run.\n"));
}
END_TEST

START_TEST(a_broken_file_is_named_below_with_the_reason_and_counts_nothing)
{
    struct import_line *line = add(IMPORT_BROKEN, "b.zip: x/one.json");

    line->records = 12;
    snprintf(line->why, sizeof(line->why), "at byte 17: cut\x1b");
    ck_assert_ptr_nonnull(strstr(table(false), "\ntotal        0    0 "));
    ck_assert_ptr_nonnull(strstr(out.data, " not understood\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\nb.zip: x/one.json: not understood: at byte 17: "
                                           "cut\\x1b; nothing of it was imported\n"));
}
END_TEST

START_TEST(a_file_of_which_nobody_knows_whether_it_went_in_is_not_said_to_be_out)
{
    add(IMPORT_UNKNOWN, "one.json");
    ck_assert_ptr_nonnull(strstr(table(false), " not known\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\none.json: the daemon did not tell whether"));
    ck_assert_ptr_null(strstr(out.data, "nothing of it"));
}
END_TEST

START_TEST(one_row_and_more_are_told_in_words)
{
    struct import_line *line = add_history("one.json", 3, 0, 0, 0, 3);

    line->counts.by_reason[ARCHIVE_NO_TIME] = 1;
    line->repaired = 1;
    line->counts.gaps_filled = 2;
    ck_assert_ptr_nonnull(strstr(table(false), "\n3 rows have neither a title nor an address: "
                                               "withdrawn items or videos\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\n1 row has no time\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\n1 character was not readable and replaced\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\n2 gaps in the record are filled\n"));
}
END_TEST

START_TEST(every_reason_has_words_of_its_own)
{
    const char *word = archive_reject_name((enum archive_reject)_i);

    ck_assert_str_ne(import_reject_words(word), word);
    for (int i = ARCHIVE_ACCEPTED + 1; i < _i; i++)
        ck_assert_str_ne(import_reject_words(word),
                         import_reject_words(archive_reject_name((enum archive_reject)i)));
}
END_TEST

START_TEST(a_reason_of_another_version_is_shown_as_it_is)
{
    ck_assert_str_eq(import_reject_words("too_loud"), "too_loud");
}
END_TEST

/* -- One line a file --------------------------------------------------------------------------- */

static const char *line_text(const struct import_line *line, bool dry_run)
{
    import_view_line(line, dry_run, &out);
    return out.data;
}

START_TEST(a_history_is_one_line)
{
    ck_assert_str_eq(line_text(add_history("a.zip: one.json", 3, 10, 20, 5, 1), false),
                     "a.zip: one.json: 36 rows: 10 new, 20 matched, 5 duplicate, 1 rejected; "
                     "import 3\n");
}
END_TEST

START_TEST(a_line_of_a_dry_run_has_no_number)
{
    ck_assert_str_eq(line_text(add_history("one.json", 3, 1, 0, 0, 0), true),
                     "one.json: 1 row: 1 new, 0 matched, 0 duplicate, 0 rejected\n");
}
END_TEST

START_TEST(what_is_no_history_is_one_line)
{
    ck_assert_str_eq(line_text(add(IMPORT_NOT_HISTORY, "Playlist1.json"), false),
                     "Playlist1.json: not a history\n");
}
END_TEST

/* -- Adding up --------------------------------------------------------------------------------- */

START_TEST(counts_that_add_up_do)
{
    ck_assert(import_line_adds_up(add_history("one.json", 3, 10, 20, 5, 1)));
}
END_TEST

static const size_t each_count[] = {
    offsetof(struct import_line, records),
    offsetof(struct import_line, counts.rows),
    offsetof(struct import_line, counts.added),
    offsetof(struct import_line, counts.matched),
    offsetof(struct import_line, counts.duplicate),
    offsetof(struct import_line, counts.rejected),
    offsetof(struct import_line, counts.by_reason[ARCHIVE_BAD_MS]),
};

START_TEST(one_row_that_is_missing_anywhere_is_seen)
{
    struct import_line *line = add_history("one.json", 3, 10, 20, 5, 1);

    ++*(int64_t *)(void *)((char *)line + each_count[_i]);
    ck_assert(!import_line_adds_up(line));
}
END_TEST

START_TEST(without_a_history_that_was_understood_there_is_none)
{
    ck_assert(!import_list_has_history(&list));
    add(IMPORT_NOT_HISTORY, "a");
    add(IMPORT_BROKEN, "b");
    ck_assert(!import_list_has_history(&list));
    add(IMPORT_KNOWN, "c");
    ck_assert(import_list_has_history(&list));
}
END_TEST

/* -- JSON -------------------------------------------------------------------------------------- */

static int64_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    ck_assert_msg(json_is_integer(value), "%s", key);
    return json_integer_value(value);
}

START_TEST(json_has_each_file_and_the_total)
{
    struct import_line *line = add_history("one.json", 3, 10, 20, 5, 2);
    json_t *json;
    const json_t *file, *total;

    line->counts.first_at = 0;
    line->repaired = 9;
    add_history("two.json", 4, 1, 0, 0, 0);
    json = import_view_json(&list, 7, false);
    ck_assert_ptr_nonnull(json);
    file = json_array_get(json_object_get(json, "files"), 0);
    total = json_object_get(json, "total");
    ck_assert_int_eq(number(json, "user"), 7);
    ck_assert_str_eq(json_string_value(json_object_get(file, "result")), "stored");
    ck_assert_str_eq(json_string_value(json_object_get(file, "form")), "long");
    ck_assert_str_eq(json_string_value(json_object_get(file, "first_at")),
                     "1970-01-01T00:00:00.000Z");
    ck_assert(json_is_null(json_object_get(file, "last_at")));
    ck_assert_int_eq(number(file, "import"), 3);
    ck_assert_int_eq(number(file, "read"), 37);
    ck_assert_int_eq(number(json_object_get(file, "reasons"), "no_title"), 2);
    ck_assert_int_eq(number(total, "read"), 38);
    ck_assert_int_eq(number(total, "new"), 11);
    ck_assert_int_eq(number(total, "repaired"), 9);
    json_decref(json);
}
END_TEST

START_TEST(json_of_a_file_that_was_not_taken_says_why)
{
    json_t *json;
    const json_t *file;

    snprintf(add(IMPORT_BROKEN, "one.json")->why, 20, "at byte 7: x");
    json = import_view_json(&list, 7, true);
    file = json_array_get(json_object_get(json, "files"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(file, "result")), "not_understood");
    ck_assert_str_eq(json_string_value(json_object_get(file, "why")), "at byte 7: x");
    ck_assert_ptr_null(json_object_get(file, "read"));
    ck_assert(json_is_true(json_object_get(json, "dry_run")));
    json_decref(json);
}
END_TEST

START_TEST(json_of_a_dry_run_has_no_number_of_an_import_to_come)
{
    json_t *json;

    add_history("one.json", 3, 1, 0, 0, 0);
    json = import_view_json(&list, 7, true);
    ck_assert(
        json_is_null(json_object_get(json_array_get(json_object_get(json, "files"), 0), "import")));
    json_decref(json);
}
END_TEST

/* -- The daemon's word ------------------------------------------------------------------------- */

static bool read_word(const char *text, struct import_end *end)
{
    json_t *json = json_loads(text, 0, NULL);
    bool done;

    ck_assert_ptr_nonnull(json);
    done = import_daemon_read(json, end);
    json_decref(json);
    return done;
}

START_TEST(an_import_that_works_is_not_done)
{
    struct import_end end;

    ck_assert(!read_word("{\"stage\":\"working\",\"rows\":16,\"end\":null}", &end));
    ck_assert_int_eq(end.counts.rows, 16);
}
END_TEST

START_TEST(an_import_that_is_stored_has_all_its_counts)
{
    struct import_end end;

    ck_assert(read_word("{\"stage\":\"done\",\"end\":\"stored\",\"import\":9,\"rows\":15,"
                        "\"added\":1,\"matched\":2,\"duplicate\":4,\"rejected\":8,"
                        "\"reasons\":{\"no_title\":5,\"bad_ms\":3,\"of_tomorrow\":1},"
                        "\"gaps_filled\":6,\"first_at\":\"1970-01-01T00:00:01.000Z\","
                        "\"last_at\":null}",
                        &end));
    ck_assert_int_eq(end.end, ARCHIVE_IMPORT_STORED);
    ck_assert_int_eq(end.import_id, 9);
    ck_assert_int_eq(end.counts.added, 1);
    ck_assert_int_eq(end.counts.matched, 2);
    ck_assert_int_eq(end.counts.duplicate, 4);
    ck_assert_int_eq(end.counts.rejected, 8);
    ck_assert_int_eq(end.counts.by_reason[ARCHIVE_NO_TITLE], 5);
    ck_assert_int_eq(end.counts.by_reason[ARCHIVE_BAD_MS], 3);
    ck_assert_int_eq(end.counts.gaps_filled, 6);
    ck_assert_int_eq(end.counts.first_at, 1000);
    ck_assert(end.counts.last_at == CLOCK_NO_TIME);
}
END_TEST

START_TEST(an_import_that_is_known_says_so)
{
    struct import_end end;

    ck_assert(read_word("{\"stage\":\"done\",\"end\":\"known\",\"import\":3}", &end));
    ck_assert_int_eq(end.end, ARCHIVE_IMPORT_KNOWN);
    ck_assert_int_eq(end.import_id, 3);
}
END_TEST

static const char *const failures[] = {
    "{\"stage\":\"done\",\"end\":\"failed\",\"error\":\"no space\"}",
    "{\"stage\":\"done\",\"end\":\"exploded\",\"error\":\"no space\"}",
    "{\"stage\":\"done\",\"error\":\"no space\"}",
};

START_TEST(any_other_end_is_a_failure_after_which_one_may_try_again)
{
    struct import_end end;

    ck_assert(read_word(failures[_i], &end));
    ck_assert_int_eq(end.end, ARCHIVE_IMPORT_FAILED);
    ck_assert_int_eq(end.status, EXIT_STATUS_TEMPFAIL);
    ck_assert_str_eq(end.error, "no space");
}
END_TEST

/* -- How far it is ----------------------------------------------------------------------------- */

static const struct share_case {
    struct import_meter meter;
    int share;
} shares[] = {
    {{.total = -1, .read = 5}, -1},
    {{.total = 0}, -1},
    {{.total = 100}, 0},
    {{.total = 100, .read = 100}, 250},
    {{.total = 100, .read = 100, .stored = 50}, 625},
    {{.total = 100, .read = 100, .stored = 100}, 1000},
    {{.total = 100, .read = 500, .stored = 500}, 1000}, /* the files grew */
    {{.total = INT64_MAX / 16, .read = INT64_MAX / 16, .stored = INT64_MAX / 16}, 1000},
};

START_TEST(storing_counts_for_more_than_reading)
{
    ck_assert_int_eq(import_meter_share(&shares[_i].meter), shares[_i].share);
}
END_TEST

static const struct meter_case {
    struct import_meter meter;
    size_t columns;
    const char *text;
} meters[] = {
    {{.total = 100, .elapsed_ms = 10}, 80, "[..............................]   0 %"},
    {{.total = 100, .read = 100, .stored = 33, .rows = 5000, .elapsed_ms = 2000},
     80,
     "[##############................]  49 %  5000 rows  2500/s  0:03 left"},
    {{.total = 100, .read = 100, .stored = 33, .rows = 5000, .elapsed_ms = 2000},
     50,
     "[#####......]  49 %  5000 rows  2500/s  0:03 left"},
    {{.total = 100, .read = 100, .stored = 33, .rows = 5000, .elapsed_ms = 2000},
     40,
     " 49 %  5000 rows  2500/s  0:03 left"},
    {{.total = 100, .read = 100, .stored = 33, .rows = 5000, .elapsed_ms = 2000}, 10, " 49 %  50"},
    {{.total = 100, .read = 10, .rows = 9, .elapsed_ms = 400000},
     40,
     "  2 %  9 rows  0/s  4:20:00 left"},
    {{.total = -1, .read = 5 << 20, .rows = 100, .elapsed_ms = 1000},
     80,
     "5 MiB read  100 rows  100/s"},
};

START_TEST(the_bar_fits_the_terminal)
{
    import_meter_add(&meters[_i].meter, meters[_i].columns, &out);
    ck_assert_str_eq(out.data, meters[_i].text);
    ck_assert_uint_lt(out.len, meters[_i].columns);
}
END_TEST

static void add_views(TCase *test)
{
    tcase_add_test(test, the_table_has_a_row_a_file_and_a_total);
    tcase_add_test(test, a_file_that_was_imported_before_says_with_which_import);
    tcase_add_test(test, files_of_one_name_are_told_apart_by_their_whole_names);
    tcase_add_test(test, of_a_name_that_is_too_long_the_end_is_shown);
    tcase_add_test(test, a_cut_name_begins_with_a_whole_character);
    tcase_add_test(test, a_dry_run_gives_no_numbers_and_says_that_nothing_was_changed);
    tcase_add_test(test, a_broken_file_is_named_below_with_the_reason_and_counts_nothing);
    tcase_add_test(test, a_file_of_which_nobody_knows_whether_it_went_in_is_not_said_to_be_out);
    tcase_add_test(test, one_row_and_more_are_told_in_words);
    tcase_add_loop_test(test, every_reason_has_words_of_its_own, ARCHIVE_ACCEPTED + 1,
                        ARCHIVE_REJECTS);
    tcase_add_test(test, a_reason_of_another_version_is_shown_as_it_is);
    tcase_add_test(test, a_history_is_one_line);
    tcase_add_test(test, a_line_of_a_dry_run_has_no_number);
    tcase_add_test(test, what_is_no_history_is_one_line);
    tcase_add_test(test, json_has_each_file_and_the_total);
    tcase_add_test(test, json_of_a_file_that_was_not_taken_says_why);
    tcase_add_test(test, json_of_a_dry_run_has_no_number_of_an_import_to_come);
}

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

Suite *import_view_suite(void);

Suite *import_view_suite(void)
{
    Suite *suite = suite_create("import_view");
    TCase *test = tcase_create("view");

    tcase_add_checked_fixture(test, NULL, teardown);
    add_views(test);
    tcase_add_test(test, counts_that_add_up_do);
    tcase_add_loop_test(test, one_row_that_is_missing_anywhere_is_seen, 0, COUNT(each_count));
    tcase_add_test(test, without_a_history_that_was_understood_there_is_none);
    tcase_add_test(test, an_import_that_works_is_not_done);
    tcase_add_test(test, an_import_that_is_stored_has_all_its_counts);
    tcase_add_test(test, an_import_that_is_known_says_so);
    tcase_add_loop_test(test, any_other_end_is_a_failure_after_which_one_may_try_again, 0,
                        COUNT(failures));
    tcase_add_loop_test(test, storing_counts_for_more_than_reading, 0, COUNT(shares));
    tcase_add_loop_test(test, the_bar_fits_the_terminal, 0, COUNT(meters));
    suite_add_tcase(suite, test);
    return suite;
}
