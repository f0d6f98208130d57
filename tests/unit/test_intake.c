/* SPDX-License-Identifier: MIT */
/* Which files of those that are named are histories, and their rows in order. */
#include "archive/intake.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "lib/archive_rows.h"
#include "lib/zip_make.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT(text) (text), sizeof(text) - 1

#define LONG_ROW(time, name)                                          \
    "{\"ts\":\"" time "\",\"ms_played\":60000,"                       \
    "\"spotify_track_uri\":\"spotify:track:1234567890123456789012\"," \
    "\"master_metadata_track_name\":\"" name "\",\"ip_addr\":\"192.0.2.77\"}"
#define SHORT_ROW(time, name) \
    "{\"endTime\":\"" time "\",\"artistName\":\"A\",\"trackName\":\"" name "\",\"msPlayed\":1000}"
#define NO_TITLE "{\"ts\":\"2020-01-01T00:00:00Z\",\"ms_played\":5,\"spotify_track_uri\":null}"

#define LONG                                                 \
    "[" LONG_ROW("2021-05-01T10:00:00Z", "two") "," NO_TITLE \
                                                "," LONG_ROW("2020-05-01T10:00:00Z", "one") "]"
#define SHORT "[" SHORT_ROW("2022-03-01 10:00", "x") "," SHORT_ROW("2022-03-01 10:05", "y") "]"
#define PLAYLIST "{\"playlists\":[{\"name\":\"a\",\"items\":[]}]}"
#define CUT "[" LONG_ROW("2021-05-01T10:00:00Z", "two") ",{\"ts\":\"2021-"

static char folder[64], path_one[100], path_two[100];

static void setup(void)
{
    strcpy(folder, "/tmp/historyd-intake-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path_one, sizeof(path_one), "%s/one.json", folder);
    snprintf(path_two, sizeof(path_two), "%s/two.json", folder);
}

static void teardown(void)
{
    unlink(path_one);
    unlink(path_two);
    rmdir(folder);
}

static void write_file(const char *path, const char *data, size_t len)
{
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

/* -- What came, as text ------------------------------------------------------------------------ */

static void add_records(struct archive_intake *intake, struct buf *out)
{
    struct archive_supply supply = archive_intake_supply(intake);
    static struct archive_record record;
    const uint8_t *data;
    bool failed = false;
    size_t len;

    while ((data = supply.next(supply.context, &len, &failed)) != NULL) {
        ck_assert_uint_eq(archive_record_get(data, len, INT64_MAX, &record), len);
        if (record.kind == ARCHIVE_RECORD_ROW)
            buf_addf(out, " %" PRId64 "=%s", record.row.row_no, record.row.name);
        else
            buf_addf(out, " %" PRId64 "!%s", record.rejected.row_no,
                     archive_reject_name(record.rejected.reason));
    }
    ck_assert(!failed);
}

static void add_file(struct archive_intake *intake, enum archive_intake_step step, struct buf *out)
{
    static const char *const forms[] = {"unknown", "long", "short"};
    const struct archive_intake_file *file = archive_intake_file(intake);

    buf_addf(out, "%s: ", file->label);
    switch (step) {
    case ARCHIVE_INTAKE_HISTORY:
        ck_assert_uint_eq(strlen(file->hash), ARCHIVE_INTAKE_HASH_SIZE - 1);
        ck_assert_uint_eq(strspn(file->hash, "0123456789abcdef"), ARCHIVE_INTAKE_HASH_SIZE - 1);
        buf_addf(out, "%s, %" PRId64 " rows, %" PRId64 " rejected:", forms[file->form], file->rows,
                 file->rejected);
        add_records(intake, out);
        break;
    case ARCHIVE_INTAKE_NOT_HISTORY:
        buf_add_text(out, "no history");
        break;
    case ARCHIVE_INTAKE_BROKEN:
        buf_addf(out, "broken: %s", file->error);
        break;
    default:
        buf_addf(out, "step %d", (int)step);
    }
    buf_add_text(out, "\n");
}

static struct archive_intake *open_paths(const char *const *paths, size_t count)
{
    struct archive_intake_options options = {.now = ARCHIVE_ROWS_NOW, .directory = folder};
    struct archive_intake *intake = archive_intake_new(&options, paths, count);

    ck_assert_ptr_nonnull(intake);
    return intake;
}

/* Takes all in, and holds what came against wanted. */
static void assert_paths(const char *const *paths, size_t count, const char *wanted)
{
    struct archive_intake *intake = open_paths(paths, count);
    enum archive_intake_step step;
    struct buf out = {0};

    while ((step = archive_intake_next(intake)) != ARCHIVE_INTAKE_END)
        add_file(intake, step, &out);
    ck_assert_str_eq(out.data ? out.data : "", wanted);
    buf_free(&out, false);
    archive_intake_free(intake);
}

static void assert_path(const char *path, const char *wanted)
{
    assert_paths(&path, 1, wanted);
}

static void write_zip(const char *path, const struct zip_entry *entries, size_t count)
{
    size_t len;
    char *zip = zip_make(entries, count, &len);

    write_file(path, zip, len);
    free(zip);
}

/* -- Which files ------------------------------------------------------------------------------- */

START_TEST(I9_of_a_zip_each_history_is_taken_and_what_is_none_is_named)
{
    static const struct zip_entry entries[] = {
        {.name = "Spotify Account Data/Playlist1.json", TEXT(PLAYLIST)},
        {.name = "Spotify Account Data/StreamingHistory_music_0.json", TEXT(SHORT)},
        {.name = "ext/Streaming_History_Audio_2020.json", TEXT(LONG)},
    };

    write_zip(path_one, entries, COUNT(entries));
    assert_path(path_one,
                "one.json: Spotify Account Data/Playlist1.json: no history\n"
                "one.json: Spotify Account Data/StreamingHistory_music_0.json: short, 2 rows, "
                "0 rejected: 1=x 2=y\n"
                "one.json: ext/Streaming_History_Audio_2020.json: long, 3 rows, "
                "1 rejected: 2!no_title 3=one 1=two\n");
}
END_TEST

START_TEST(I9_a_folder_is_walked)
{
    char wanted[400];

    write_file(path_one, TEXT(SHORT));
    write_file(path_two, TEXT(PLAYLIST));
    snprintf(wanted, sizeof(wanted),
             "%s/one.json: short, 2 rows, 0 rejected: 1=x 2=y\n%s/two.json: no history\n",
             strrchr(folder, '/') + 1, strrchr(folder, '/') + 1);
    assert_path(folder, wanted);
}
END_TEST

START_TEST(standard_input_is_taken)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], SHORT, strlen(SHORT)), (int)strlen(SHORT));
    close(ends[1]);
    ck_assert_int_ge(dup2(ends[0], STDIN_FILENO), 0);
    assert_path("-", "standard input: short, 2 rows, 0 rejected: 1=x 2=y\n");
}
END_TEST

START_TEST(a_list_without_a_row_is_no_history)
{
    write_file(path_one, TEXT("[ ]"));
    assert_path(path_one, "one.json: no history\n");
}
END_TEST

START_TEST(a_file_all_of_whose_rows_are_rejected_is_a_history)
{
    write_file(path_one, TEXT("[" NO_TITLE "]"));
    assert_path(path_one, "one.json: long, 1 rows, 1 rejected: 1!no_title\n");
}
END_TEST

/* -- What is broken ---------------------------------------------------------------------------- */

START_TEST(I2_of_a_file_that_is_cut_no_row_is_given_and_the_others_come)
{
    static const struct zip_entry entries[] = {
        {.name = "a.json", TEXT(SHORT)},
        {.name = "b.json", TEXT(CUT)},
        {.name = "c.json", TEXT(SHORT)},
    };
    struct archive_intake *intake;
    const char *path = path_one;
    struct archive_supply supply;
    bool failed = false;
    size_t len;

    write_zip(path_one, entries, COUNT(entries));
    intake = open_paths(&path, 1);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_BROKEN);
    supply = archive_intake_supply(intake);
    ck_assert_ptr_null(supply.next(supply.context, &len, &failed));
    ck_assert(failed);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    ck_assert_int_eq(archive_intake_file(intake)->rows, 2);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_END);
    archive_intake_free(intake);
}
END_TEST

START_TEST(a_broken_file_says_at_which_byte)
{
    static const char text[] = "[" SHORT_ROW("2022-03-01 10:00", "x") ",NaN]";
    char head[64];
    const char *path = path_one;
    struct archive_intake *intake;

    write_file(path_one, TEXT(text));
    snprintf(head, sizeof(head), "at byte %d: ", (int)(strstr(text, "NaN") - text));
    intake = open_paths(&path, 1);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_BROKEN);
    ck_assert_msg(strncmp(archive_intake_file(intake)->error, head, strlen(head)) == 0, "%s: %s",
                  head, archive_intake_file(intake)->error);
    archive_intake_free(intake);
}
END_TEST

static const struct {
    const char *text, *error;
} strangers[] = {
    {"", "it is empty"},
    {"<!DOCTYPE html><title>403</title>", "it is a web page and no JSON"},
    {"\n <html>", "it is a web page and no JSON"},
    {"PNG", "at byte 0: a value is expected"},
};

/* What stands there is not in memory any more. */
START_TEST(a_large_file_that_is_broken_far_behind_says_at_which_byte)
{
    struct buf text = {0};
    char head[64];
    const char *path = path_one;
    struct archive_intake *intake;

    buf_add_text(&text, "[");
    for (int i = 0; i < 20000; i++)
        buf_add_text(&text, SHORT_ROW("2022-03-01 10:00", "x") ",");
    buf_add_text(&text, "<html>]");
    write_file(path_one, text.data, text.len);
    snprintf(head, sizeof(head), "at byte %zu: ", text.len - strlen("<html>]"));
    intake = open_paths(&path, 1);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_BROKEN);
    ck_assert_msg(strncmp(archive_intake_file(intake)->error, head, strlen(head)) == 0, "%s: %s",
                  head, archive_intake_file(intake)->error);
    archive_intake_free(intake);
    buf_free(&text, false);
}
END_TEST

START_TEST(what_is_no_place_for_sorting_is_not_taken)
{
    const struct archive_intake_options options = {.now = ARCHIVE_ROWS_NOW, .directory = "here"};
    const char *const paths[] = {path_one};
    struct archive_intake *intake;

    write_file(path_one, TEXT(SHORT));
    intake = archive_intake_new(&options, paths, 1);
    ck_assert_ptr_nonnull(intake);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    archive_intake_free(intake);
}
END_TEST

START_TEST(a_folder_named_with_slashes_behind_it_is_called_by_its_last_part)
{
    char path[130], sub[70];
    const char *const paths[] = {path};
    struct archive_intake *intake;

    snprintf(sub, sizeof(sub), "%.60s/in", folder);
    snprintf(path, sizeof(path), "%s//", sub);
    ck_assert_int_eq(mkdir(sub, 0700), 0);
    snprintf(path_two, sizeof(path_two), "%s/a.json", sub);
    write_file(path_two, TEXT(SHORT));
    intake = open_paths(paths, 1);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    ck_assert_str_eq(archive_intake_file(intake)->label, "in/a.json");
    archive_intake_free(intake);
    ck_assert_int_eq(unlink(path_two), 0);
    ck_assert_int_eq(rmdir(sub), 0);
}
END_TEST

START_TEST(I9_what_is_no_json_is_called_what_it_is)
{
    const char *path = path_one;
    char expected[100];

    write_file(path_one, strangers[_i].text, strlen(strangers[_i].text));
    snprintf(expected, sizeof(expected), "one.json: broken: %s\n", strangers[_i].error);
    assert_paths(&path, 1, expected);
}
END_TEST

START_TEST(a_name_that_leads_nowhere_is_broken_and_the_others_come)
{
    const char *const paths[] = {path_one, path_two};

    write_file(path_two, TEXT(SHORT));
    assert_paths(paths, 2,
                 "one.json: broken: cannot be opened: No such file or directory\n"
                 "two.json: short, 2 rows, 0 rejected: 1=x 2=y\n");
}
END_TEST

START_TEST(a_member_that_cannot_be_read_is_broken_and_the_others_come)
{
    static const struct zip_entry entries[] = {
        {.name = "a.json", TEXT(LONG), .encrypted = true},
        {.name = "b.json", TEXT(SHORT)},
    };
    struct archive_intake *intake;
    const char *path = path_one;

    write_zip(path_one, entries, COUNT(entries));
    intake = open_paths(&path, 1);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_BROKEN);
    ck_assert_str_eq(archive_intake_file(intake)->label, "one.json: a.json");
    ck_assert_str_ne(archive_intake_file(intake)->error, "");
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    archive_intake_free(intake);
}
END_TEST

/* -- What is told of a file -------------------------------------------------------------------- */

/* The digest of the only history that a file holds. */
static void hash_of(const char *path, char hash[static ARCHIVE_INTAKE_HASH_SIZE])
{
    struct archive_intake *intake = open_paths(&path, 1);

    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    memcpy(hash, archive_intake_file(intake)->hash, ARCHIVE_INTAKE_HASH_SIZE);
    archive_intake_free(intake);
}

START_TEST(the_same_content_has_one_digest_under_any_name_and_in_a_zip)
{
    static const struct zip_entry entries[] = {{.name = "else.json", TEXT(SHORT)}};
    char plain[ARCHIVE_INTAKE_HASH_SIZE], zipped[ARCHIVE_INTAKE_HASH_SIZE];

    write_file(path_one, TEXT(SHORT));
    write_zip(path_two, entries, 1);
    hash_of(path_one, plain);
    hash_of(path_two, zipped);
    ck_assert_str_eq(plain, zipped);
}
END_TEST

START_TEST(one_byte_more_makes_another_digest)
{
    char one[ARCHIVE_INTAKE_HASH_SIZE], two[ARCHIVE_INTAKE_HASH_SIZE];

    write_file(path_one, TEXT(SHORT));
    write_file(path_two, TEXT(SHORT "\n"));
    hash_of(path_one, one);
    hash_of(path_two, two);
    ck_assert_str_ne(one, two);
}
END_TEST

START_TEST(a_byte_order_mark_before_a_history_is_passed_over)
{
    write_file(path_one, TEXT("\xef\xbb\xbf" SHORT));
    assert_path(path_one, "one.json: short, 2 rows, 0 rejected: 1=x 2=y\n");
}
END_TEST

START_TEST(characters_that_were_repaired_are_counted)
{
    struct archive_intake *intake;
    const char *path = path_one;

    write_file(path_one, TEXT("[" SHORT_ROW("2022-03-01 10:00", "a\xff\xfe") "]"));
    intake = open_paths(&path, 1);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    ck_assert_uint_eq(archive_intake_file(intake)->repaired, 2);
    archive_intake_free(intake);
}
END_TEST

START_TEST(the_rows_can_be_had_more_than_once)
{
    struct archive_intake *intake;
    const char *path = path_one;
    struct buf first = {0}, second = {0};

    write_file(path_one, TEXT(LONG));
    intake = open_paths(&path, 1);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    add_records(intake, &first);
    add_records(intake, &second);
    ck_assert_str_eq(first.data, " 2!no_title 3=one 1=two");
    ck_assert_str_eq(first.data, second.data);
    buf_free(&first, false);
    buf_free(&second, false);
    archive_intake_free(intake);
}
END_TEST

START_TEST(I13_a_row_keeps_nothing_that_tells_where_somebody_is)
{
    struct archive_intake *intake;
    struct archive_supply supply;
    const char *path = path_one;
    const uint8_t *data;
    bool failed = false;
    size_t len;

    write_file(path_one, TEXT("[" LONG_ROW(
                             "2021-05-01T10:00:00Z",
                             "two") ","
                                    "{\"ts\":\"2020-01-01T00:00:00Z\",\"ip_addr\":\"192.0.2.77\","
                                    "\"ms_played\":5}]"));
    intake = open_paths(&path, 1);
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    supply = archive_intake_supply(intake);
    for (int i = 0; i < 2; i++) {
        data = supply.next(supply.context, &len, &failed);
        ck_assert_ptr_nonnull(data);
        ck_assert_ptr_null(memmem(data, len, "192.0.2", 7));
    }
    archive_intake_free(intake);
}
END_TEST

/* -- How far it is ----------------------------------------------------------------------------- */

static bool stop_at_rows(void *context, const struct archive_intake_file *file)
{
    return file->bytes < *(int64_t *)context;
}

START_TEST(whoever_watches_can_stop_it)
{
    int64_t stop_at = 1;
    const char *path = path_one;
    struct archive_intake_options options = {.now = ARCHIVE_ROWS_NOW,
                                             .directory = folder,
                                             .progress = stop_at_rows,
                                             .context = &stop_at};
    struct archive_intake *intake = archive_intake_new(&options, &path, 1);

    write_file(path_one, TEXT(SHORT));
    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_STOPPED);
    ck_assert_int_eq(archive_intake_file(intake)->size, (int)strlen(SHORT));
    archive_intake_free(intake);
}
END_TEST

START_TEST(all_that_is_to_be_read_is_measured_before)
{
    static const struct zip_entry entries[] = {
        {.name = "a.json", TEXT(SHORT)},
        {.name = "b.json", TEXT(PLAYLIST)},
        {.name = "READ_ME.pdf", TEXT("not counted")},
    };
    const char *const paths[] = {path_one, path_two};

    write_zip(path_one, entries, COUNT(entries));
    write_file(path_two, TEXT(LONG));
    ck_assert_int_eq(archive_intake_measure(paths, 2, NULL),
                     (int)(strlen(SHORT) + strlen(PLAYLIST) + strlen(LONG)));
}
END_TEST

START_TEST(what_a_pipe_holds_cannot_be_measured_and_is_not_touched)
{
    const char *const paths[] = {path_one, path_two};

    write_file(path_one, TEXT(SHORT));
    ck_assert_int_eq(mkfifo(path_two, 0600), 0); /* opening it would wait for ever */
    ck_assert_int_eq(archive_intake_measure(paths, 2, NULL), -1);
}
END_TEST

Suite *intake_suite(void);

Suite *intake_suite(void)
{
    Suite *suite = suite_create("intake");
    TCase *test = tcase_create("intake");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, I9_of_a_zip_each_history_is_taken_and_what_is_none_is_named);
    tcase_add_test(test, I9_a_folder_is_walked);
    tcase_add_test(test, standard_input_is_taken);
    tcase_add_test(test, a_list_without_a_row_is_no_history);
    tcase_add_test(test, a_file_all_of_whose_rows_are_rejected_is_a_history);
    tcase_add_test(test, I2_of_a_file_that_is_cut_no_row_is_given_and_the_others_come);
    tcase_add_test(test, a_broken_file_says_at_which_byte);
    tcase_add_test(test, a_large_file_that_is_broken_far_behind_says_at_which_byte);
    tcase_add_test(test, what_is_no_place_for_sorting_is_not_taken);
    tcase_add_test(test, a_folder_named_with_slashes_behind_it_is_called_by_its_last_part);
    tcase_add_loop_test(test, I9_what_is_no_json_is_called_what_it_is, 0, COUNT(strangers));
    tcase_add_test(test, a_name_that_leads_nowhere_is_broken_and_the_others_come);
    tcase_add_test(test, a_member_that_cannot_be_read_is_broken_and_the_others_come);
    tcase_add_test(test, the_same_content_has_one_digest_under_any_name_and_in_a_zip);
    tcase_add_test(test, one_byte_more_makes_another_digest);
    tcase_add_test(test, a_byte_order_mark_before_a_history_is_passed_over);
    tcase_add_test(test, characters_that_were_repaired_are_counted);
    tcase_add_test(test, the_rows_can_be_had_more_than_once);
    tcase_add_test(test, I13_a_row_keeps_nothing_that_tells_where_somebody_is);
    tcase_add_test(test, whoever_watches_can_stop_it);
    tcase_add_test(test, all_that_is_to_be_read_is_measured_before);
    tcase_add_test(test, what_a_pipe_holds_cannot_be_measured_and_is_not_touched);
    suite_add_tcase(suite, test);
    return suite;
}
