/* SPDX-License-Identifier: MIT */
/* Files of an export are read, brought in, taken out again, exported and copied while each call of
 * the C library fails in turn: what was said to be done is done whole, what was not has changed
 * nothing, and no descriptor stays open. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/backup.h"
#include "archive/export.h"
#include "archive/intake.h"
#include "archive/keep.h"
#include "archive/outfile.h"
#include "base/buf.h"
#include "export_help.h"
#include "import_help.h"
#include "lib/nth_call.h"
#include "lib/zip_make.h"
#include "store_memory.h"

#define LONG_ROW(time, name)                                          \
    "{\"ts\":\"" time "\",\"ms_played\":60000,"                       \
    "\"spotify_track_uri\":\"spotify:track:1234567890123456789012\"," \
    "\"master_metadata_track_name\":\"" name "\"}"
#define SHORT_ROW(time, name) \
    "{\"endTime\":\"" time "\",\"artistName\":\"A\",\"trackName\":\"" name "\",\"msPlayed\":60000}"
#define PLAYLIST "{\"playlists\":[]}"
#define ROWS 700 /* of the file that is sorted on disk */

/* Descriptors in use. */
static int count_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static int count_files(void)
{
    DIR *folder = opendir(store_help_folder());
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* -- files to bring in --------------------------------------------------------------------------- */

static void write_text(const char *name, const char *text)
{
    store_help_write(store_help_path(name), text, strlen(text), 0600);
}

static void write_zip(const char *name)
{
    static const char played[] =
        "[" LONG_ROW("2021-05-01T10:00:00Z", "two") "," LONG_ROW("2020-05-01T10:00:00Z", "one") "]";
    static const char others[] = "[" SHORT_ROW("2022-03-01 10:00", "x") "]";
    const struct zip_entry entries[] = {
        {.name = "a.json", .data = played, .len = strlen(played)},
        {.name = "readme.txt", .data = "no", .len = 2},
        {.name = "b.json", .data = others, .len = strlen(others)},
        {.name = "c.json", .data = PLAYLIST, .len = strlen(PLAYLIST)}};
    size_t len;
    char *zip = zip_make(entries, sizeof(entries) / sizeof(entries[0]), &len);

    store_help_write(store_help_path(name), zip, len, 0600);
    free(zip);
}

/* More than fits into the memory for sorting. */
static void write_long(const char *name)
{
    struct buf text = {0};

    for (int i = 0; i < ROWS; i++)
        buf_addf(&text,
                 "%s{\"ts\":\"2019-%02d-%02dT%02d:%02d:00Z\",\"ms_played\":40000,"
                 "\"spotify_track_uri\":\"spotify:track:%022d\","
                 "\"master_metadata_track_name\":\"Song %d\"}",
                 i > 0 ? "," : "[", 1 + i * 7 % 12, 1 + i % 28, i * 5 % 24, i * 3 % 60, i % 50,
                 i % 50);
    buf_addf(&text, "]");
    ck_assert(!text.failed);
    store_help_write(store_help_path(name), text.data, text.len, 0600);
    buf_free(&text, false);
}

static const char *paths[3];

static void make_files(void)
{
    static char folder[300], zip[300], text[300];

    snprintf(folder, sizeof(folder), "%s/in", store_help_folder());
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    ck_assert_int_eq(mkdir(store_help_path("in/below"), 0700), 0);
    write_text("in/below/one.json", "[" SHORT_ROW("2022-04-01 10:00", "y") "]");
    write_text("in/two.json", PLAYLIST);
    write_zip("in/three.zip");
    write_long("in/four.json");
    snprintf(zip, sizeof(zip), "%s/my.zip", store_help_folder());
    snprintf(text, sizeof(text), "%s/my.json", store_help_folder());
    write_zip("my.zip");
    write_text("my.json", "[" LONG_ROW("2021-06-01T10:00:00Z", "three") "]");
    paths[0] = folder;
    paths[1] = zip;
    paths[2] = text;
}

/* -- bringing in --------------------------------------------------------------------------------- */

struct brought {
    int stored, known; /* files */
    int64_t rows;      /* of those */
    bool whole;        /* nothing was said to be missing */
    int unsaid;        /* failures without a word */
};

/* No assertions here: they ask for memory as well. */
static void bring_in_file(struct archive_intake *intake, struct store *store,
                          struct brought *brought)
{
    const struct archive_intake_file *file = archive_intake_file(intake);
    struct archive_supply supply = archive_intake_supply(intake);
    struct archive_import_options options = {
        .user_id = 1, .file = file->name, .hash = file->hash, .form = file->form, .now = T0};
    struct archive_import *import;
    enum archive_import_end end = ARCHIVE_IMPORT_FAILED;

    if (archive_import_begin(store, &options, &supply, &import) == STORE_OK) {
        end = import_end_of(import);
        if (end == ARCHIVE_IMPORT_STORED)
            brought->rows += archive_import_counts(import)->added;
        brought->unsaid += end == ARCHIVE_IMPORT_FAILED && !archive_import_error(import)[0];
        archive_import_free(import);
    }
    brought->stored += end == ARCHIVE_IMPORT_STORED;
    brought->known += end == ARCHIVE_IMPORT_KNOWN;
    brought->whole = brought->whole && end != ARCHIVE_IMPORT_FAILED;
}

static void bring_in(struct store *store, struct brought *brought)
{
    struct archive_intake_options options = {
        .now = T0, .memory = 16 << 10, .directory = store_help_folder()};
    struct archive_intake *intake =
        archive_intake_new(&options, paths, sizeof(paths) / sizeof(paths[0]));
    enum archive_intake_step step = ARCHIVE_INTAKE_FAILED;

    *brought = (struct brought){.whole = true};
    while (intake && (step = archive_intake_next(intake)) != ARCHIVE_INTAKE_END &&
           step != ARCHIVE_INTAKE_FAILED) {
        if (step == ARCHIVE_INTAKE_HISTORY)
            bring_in_file(intake, store, brought);
        brought->unsaid += step == ARCHIVE_INTAKE_BROKEN && !archive_intake_file(intake)->error[0];
        brought->whole = brought->whole && step != ARCHIVE_INTAKE_BROKEN;
    }
    brought->unsaid +=
        intake && step == ARCHIVE_INTAKE_FAILED && !archive_intake_file(intake)->error[0];
    brought->whole = brought->whole && step == ARCHIVE_INTAKE_END;
    archive_intake_free(intake);
}

/* What was said to be brought in is there, and nothing else. */
static void expect_brought(const struct brought *brought, long k)
{
    char expected[64];

    snprintf(expected, sizeof(expected), "%d|%lld", brought->stored, (long long)brought->rows);
    ck_assert_msg(strcmp(store_help_ask("SELECT (SELECT count(*) FROM imports),"
                                        " (SELECT count(*) FROM played_tracks)"),
                         expected) == 0,
                  "call %ld: said %s, there is %s", k, expected,
                  store_help_ask("SELECT (SELECT count(*) FROM imports),"
                                 " (SELECT count(*) FROM played_tracks)"));
}

static const struct {
    enum nth_call_kind kind;
    int failures; /* at least so many */
    bool mends;   /* the call is made again: nothing fails */
    long step;    /* of k grows by one in so many */
} kinds[] = {
    {NTH_CALL_MEMORY, 40, false, 32}, {NTH_CALL_FILE, 20, false, 64},
    {NTH_CALL_GONE, 10, false, 64},   {NTH_CALL_BROKEN, 0, true, 16},
    {NTH_CALL_SHORT, 0, true, 16},    {NTH_CALL_LIBRARY, 5, false, 64},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

START_TEST(E16_files_whose_import_meets_a_call_that_fails_are_in_whole_or_not_at_all)
{
    struct brought all, brought;
    struct store *store = store_help_open(STORE_WRITER);
    size_t size;
    char *before;
    bool fired = true;
    int failures = 0;

    store_close(store);
    make_files();
    store_help_exec(store_help_db(), "PRAGMA wal_checkpoint(TRUNCATE)");
    before = store_help_read(store_help_db(), &size);
    store = store_help_open(STORE_WRITER);
    bring_in(store, &all);
    store_close(store);
    ck_assert(all.whole);
    ck_assert_int_eq(all.stored, 5);
    for (long k = 1; fired; k += 1 + k / kinds[_i].step) {
        int files, open;

        store_help_restore(before, size);
        store = store_help_open(STORE_WRITER);
        open = count_open();
        files = count_files();
        nth_call_order(kinds[_i].kind, k);
        bring_in(store, &brought);
        fired = nth_call_end();
        ck_assert_int_eq(count_open(), open);
        ck_assert_int_eq(count_files(), files);
        store_close(store);
        ck_assert_int_eq(brought.unsaid, 0);
        expect_brought(&brought, k);
        failures += !brought.whole;
        if (kinds[_i].mends || !fired)
            ck_assert_msg(brought.whole && brought.rows == all.rows, "call %ld", k);
    }
    ck_assert_int_ge(failures, kinds[_i].failures);
    free(before);
}
END_TEST

/* -- files that are written ---------------------------------------------------------------------- */

static void setup_written(void)
{
    store_help_setup();
    store_memory_install();
    export_help_make();
}

static bool write_whole(void)
{
    struct outfile file;
    bool written = outfile_begin(&file, store_help_path("out.csv")) == 0;

    if (written) {
        written = outfile_write(file.fd, "content", 7) == 0;
        if (written)
            written = outfile_commit(&file) == 0;
        else
            outfile_drop(&file);
    }
    return written;
}

START_TEST(a_file_that_is_written_while_a_call_fails_is_new_and_whole_or_the_one_that_was_there)
{
    bool fired = true;
    int open = count_open(), failures = 0;

    for (long k = 1; fired; k++) {
        bool written;
        size_t len;
        char *text;

        write_text("out.csv", "old");
        /* Of a call that was killed; a database lay beside it. */
        write_text(".out.csv.part-abcdef", "");
        write_text(".out.csv.part-abcdef-wal", "");
        nth_call_order(kinds[_i].kind, k);
        written = write_whole();
        fired = nth_call_end();
        ck_assert_int_eq(count_open(), open);
        ck_assert_msg(written || (fired && !kinds[_i].mends), "call %ld", k);
        text = store_help_read(store_help_path("out.csv"), &len);
        if (written)
            ck_assert_mem_eq(text, "content", 7);
        else
            ck_assert(len == 3 || len == 7);
        free(text);
        failures += !written;
    }
    ck_assert(kinds[_i].failures == 0 || kinds[_i].kind == NTH_CALL_LIBRARY || failures >= 3);
}
END_TEST

static const struct tm made_at = {.tm_year = 126, .tm_mday = 9, .tm_hour = 1};

START_TEST(old_copies_are_removed_one_by_one_whatever_fails_and_never_the_newest)
{
    bool fired = true;
    int open = count_open();

    ck_assert_ptr_null(keep_problem("h-%Y%m%d.db", true));
    for (long k = 1; fired; k++) {
        struct buf removed = {0}, made = {0};
        char pattern[300];
        int error;

        for (int day = 1; day <= 9; day++) {
            char name[40];

            snprintf(name, sizeof(name), "h-2026010%d.db", day);
            write_text(name, "");
        }
        snprintf(pattern, sizeof(pattern), "%s", store_help_path("h-%Y%m%d.db"));
        keep_expand(pattern, &made_at, &made);
        nth_call_order(kinds[_i].kind, k);
        error = keep_newest(pattern, made.data, 2, &removed);
        fired = nth_call_end();
        ck_assert_int_eq(count_open(), open);
        ck_assert_int_eq(access(store_help_path("h-20260109.db"), F_OK), 0);
        ck_assert_int_eq(access(store_help_path("h-20260108.db"), F_OK), 0);
        if (!fired) {
            ck_assert_int_eq(error, 0);
            ck_assert_int_ne(access(store_help_path("h-20260107.db"), F_OK), 0);
        }
        buf_free(&removed, false);
        buf_free(&made, false);
    }
}
END_TEST

/* -- the database without memory ----------------------------------------------------------------- */

static int take_text(void *context, const void *data, size_t len)
{
    buf_add(context, data, len);
    return 0;
}

static enum export_result export_to(struct store *store, const char *format, struct buf *out)
{
    struct export_request request = {.format = export_format_find(format),
                                     .filter = {1, STORE_NO_TIME, STORE_NO_TIME},
                                     .now = INT64_MAX,
                                     .write = take_text,
                                     .context = out};
    struct export_outcome outcome;

    return export_run(store, &request, &outcome);
}

static const char *const formats[] = {"csv", "jsonl", "extended", "listenbrainz"};

/* The store is the same all the while: a failure leaves no transaction open. */
START_TEST(an_export_without_memory_says_so_and_the_next_one_from_the_same_store_is_whole)
{
    struct store *store = store_help_open(STORE_READER);
    struct buf whole = {0};
    int failures = 0;

    ck_assert_int_eq(export_to(store, formats[_i], &whole), EXPORT_OK);
    for (int ours = 0; ours < 2; ours++) {
        bool fired = true;

        for (int k = 1; fired; k++) {
            struct buf out = {0}, again = {0};
            enum export_result result;

            if (ours)
                nth_call_order(NTH_CALL_MEMORY, k);
            else
                store_memory_order(k);
            result = export_to(store, formats[_i], &out);
            fired = ours ? nth_call_end() : store_memory_end();
            failures += result != EXPORT_OK;
            ck_assert(fired || result == EXPORT_OK);
            ck_assert(result == EXPORT_OK || result == EXPORT_STORE_FAILED ||
                      result == EXPORT_NO_MEMORY);
            if (result == EXPORT_OK && !out.failed)
                ck_assert_uint_eq(out.len, whole.len);
            ck_assert_int_eq(export_to(store, formats[_i], &again), EXPORT_OK);
            ck_assert_uint_eq(again.len, whole.len);
            ck_assert_mem_eq(again.data, whole.data, whole.len);
            buf_free(&out, false);
            buf_free(&again, false);
        }
    }
    ck_assert_int_gt(failures, 3);
    buf_free(&whole, false);
    store_close(store);
}
END_TEST

static void no_pause(void *context, int64_t us)
{
    (void)context;
    (void)us;
}

START_TEST(a_copy_for_which_memory_is_missing_is_not_there_or_whole)
{
    struct store *store = store_help_open(STORE_READER);
    int failures = 0;
    bool fired = true;

    for (int k = 1; fired; k += 1 + k / 32) {
        struct backup_request request = {.name = store_help_path("copy.db"), .pause = no_pause};
        struct backup_outcome outcome;
        enum backup_result result;

        store_memory_order(k);
        result = backup_run(store, &request, &outcome);
        fired = store_memory_end();
        failures += result != BACKUP_OK;
        ck_assert(fired || result == BACKUP_OK);
        if (result == BACKUP_OK) {
            ck_assert_str_eq(store_help_query(store_help_path("copy.db"), "PRAGMA integrity_check"),
                             "ok");
            ck_assert_int_eq(unlink(store_help_path("copy.db")), 0);
        }
        ck_assert_int_ne(access(store_help_path("copy.db"), F_OK), 0);
    }
    ck_assert_int_gt(failures, 5);
    store_close(store);
}
END_TEST

/* -- imports and their undoing without memory for the database ----------------------------------- */

static enum archive_import_end take(struct store *store, bool undo)
{
    struct archive_import *import = NULL;
    struct archive_supply supply;
    struct archive_import_options options = {
        .user_id = 1, .file = "later.json", .hash = OTHER, .form = ARCHIVE_FORM_LONG, .now = T0};
    enum archive_import_end end = ARCHIVE_IMPORT_FAILED;
    enum store_result result;

    import_supply(&import_later, &supply);
    result = undo ? archive_undo_begin(store, 1, T0, 2, &import)
                  : archive_import_begin(store, &options, &supply, &import);
    if (result == STORE_OK)
        end = import_end_of(import);
    archive_import_free(import);
    return end;
}

/* 0: a file comes in; 1: one is undone. */
START_TEST(E16_an_import_and_its_undoing_for_which_the_database_has_no_memory_change_nothing)
{
    int failures = 0;
    bool fired = true;

    for (int n = 0; n < 6; n++) {
        import_row(&import_file, 100 + n, T0 + (n + 1) * 400000, SONG);
        import_row(&import_later, 103 + n, T0 + (n + 4) * 400000, SONG);
    }
    import_rejected(&import_later, 99, ARCHIVE_BAD_MS);
    import_api(100, T0 + 400000);
    import_all(&import_file, HASH);
    for (int k = 1; fired; k += 1 + k / 16) {
        struct store *store = store_help_open(STORE_WRITER);
        char *before = store_help_dump(store_help_db());
        enum archive_import_end end;

        store_memory_order(k);
        end = take(store, _i == 1);
        fired = store_memory_end();
        store_close(store);
        failures += end == ARCHIVE_IMPORT_FAILED;
        if (end == ARCHIVE_IMPORT_FAILED) {
            ck_assert(fired);
            store_help_expect_dump(before);
            continue;
        }
        ck_assert_int_eq(end, ARCHIVE_IMPORT_STORED);
        free(before);
        break;
    }
    ck_assert_int_gt(failures, 20);
}
END_TEST

static void setup_memory(void)
{
    store_memory_install();
    import_setup();
}

Suite *archive_faults_suite(void);

Suite *archive_faults_suite(void)
{
    Suite *suite = suite_create("archive_faults");
    TCase *tcase = tcase_create("faults");

    tcase_add_checked_fixture(tcase, import_setup, import_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(
        tcase, E16_files_whose_import_meets_a_call_that_fails_are_in_whole_or_not_at_all, 0, KINDS);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("written");
    tcase_add_checked_fixture(tcase, setup_written, store_help_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(
        tcase, a_file_that_is_written_while_a_call_fails_is_new_and_whole_or_the_one_that_was_there,
        0, KINDS);
    tcase_add_loop_test(
        tcase, old_copies_are_removed_one_by_one_whatever_fails_and_never_the_newest, 0, KINDS);
    tcase_add_loop_test(
        tcase, an_export_without_memory_says_so_and_the_next_one_from_the_same_store_is_whole, 0,
        sizeof(formats) / sizeof(formats[0]));
    tcase_add_test(tcase, a_copy_for_which_memory_is_missing_is_not_there_or_whole);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("memory");
    tcase_add_checked_fixture(tcase, setup_memory, import_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(
        tcase, E16_an_import_and_its_undoing_for_which_the_database_has_no_memory_change_nothing, 0,
        2);
    suite_add_tcase(suite, tcase);
    return suite;
}
