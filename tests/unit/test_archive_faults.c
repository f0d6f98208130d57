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

#include "archive/backup.h"
#include "archive/export.h"
#include "archive/intake.h"
#include "base/buf.h"
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
};

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
        if (end == ARCHIVE_IMPORT_FAILED)
            ck_assert_str_ne(archive_import_error(import), "");
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
        if (step == ARCHIVE_INTAKE_BROKEN)
            ck_assert_str_ne(archive_intake_file(intake)->error, "");
        brought->whole = brought->whole && step != ARCHIVE_INTAKE_BROKEN;
    }
    if (intake && step == ARCHIVE_INTAKE_FAILED)
        ck_assert_str_ne(archive_intake_file(intake)->error, "");
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
        expect_brought(&brought, k);
        failures += !brought.whole;
        if (kinds[_i].mends || !fired)
            ck_assert_msg(brought.whole && brought.rows == all.rows, "call %ld", k);
    }
    ck_assert_int_ge(failures, kinds[_i].failures);
    free(before);
}
END_TEST

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
    return suite;
}
