/* SPDX-License-Identifier: MIT */
/* Files out of zips, folders, single files and pipes; and zips that mean harm. */
#include "archive/source.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "lib/zip_make.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT(text) (text), sizeof(text) - 1
#define JSON "[{\"endTime\":\"2026-03-02 23:43\",\"trackName\":\"a\",\"msPlayed\":1}]"

/* What a walk gives: "NAME = CONTENT", "NAME ! ERROR", or both for a file that breaks off. */
static void walk(struct archive_source *source, struct buf *lines)
{
    enum archive_source_step step;

    while ((step = archive_source_next(source)) != ARCHIVE_SOURCE_END) {
        char block[7];
        int64_t got = 0;

        buf_add_text(lines, archive_source_name(source));
        if (step == ARCHIVE_SOURCE_FILE) {
            buf_add_text(lines, " = ");
            while ((got = archive_source_read(source, block, sizeof(block))) > 0)
                buf_add(lines, block, (size_t)got);
        }
        if (step == ARCHIVE_SOURCE_PROBLEM || got < 0)
            buf_addf(lines, " ! %s", archive_source_error(source));
        buf_add_text(lines, "\n");
    }
    archive_source_close(source);
}

static char *walk_fd(int fd, const struct archive_limits *limits)
{
    char error[256] = "";
    struct archive_source *source = archive_source_open_fd(fd, "x", limits, error, sizeof(error));
    struct buf lines = {0};

    if (source == NULL)
        buf_addf(&lines, "x ! %s\n", error);
    else
        walk(source, &lines);
    buf_add_text(&lines, "");
    return lines.data != NULL ? lines.data : strdup("");
}

static void assert_zip(const struct zip_entry *entries, size_t count,
                       const struct archive_limits *limits, const char *wanted)
{
    size_t len;
    char *zip = zip_make(entries, count, &len);
    char *got = walk_fd(zip_file(zip, len), limits);

    ck_assert_str_eq(got, wanted);
    free(got);
    free(zip);
}

static void assert_fd(int fd, const struct archive_limits *limits, const char *wanted)
{
    char *got = walk_fd(fd, limits);

    ck_assert_str_eq(got, wanted);
    free(got);
}

/* --- zips ---------------------------------------------------------------------------------- */

START_TEST(members_in_any_folder_and_case_are_given)
{
    static const struct zip_entry entries[] = {
        {.name = "Spotify Account Data/"},
        {.name = "Spotify Account Data/StreamingHistory_music_0.json", TEXT("one")},
        {.name = "READ_ME.pdf", TEXT("no")},
        {.name = "deep/er/ENDSONG_0.JSON", TEXT("two"), .stored = true},
        {.name = "__MACOSX/._endsong_0.json", TEXT("no")},
        {.name = "endvideo.Json", TEXT("")},
    };

    assert_zip(entries, COUNT(entries), NULL,
               "x: Spotify Account Data/StreamingHistory_music_0.json = one\n"
               "x: deep/er/ENDSONG_0.JSON = two\n"
               "x: endvideo.Json = \n");
}
END_TEST

START_TEST(names_that_would_lead_elsewhere_are_shown_escaped_and_never_followed)
{
    static const struct zip_entry entries[] = {
        {.name = "../../etc/passwd.json", TEXT("one")},
        {.name = "/absolute.json", TEXT("two")},
        {.name = "lines\xe2\x80\xa8.json", TEXT("three")},
    };

    assert_zip(entries, COUNT(entries), NULL,
               "x: ../../etc/passwd.json = one\n"
               "x: /absolute.json = two\n"
               "x: lines\\xe2\\x80\\xa8.json = three\n");
    ck_assert_int_ne(access("/absolute.json", F_OK), 0);
}
END_TEST

START_TEST(an_encrypted_member_is_named_and_the_others_are_read)
{
    static const struct zip_entry entries[] = {
        {.name = "a.json", TEXT("one"), .encrypted = true},
        {.name = "b.json", TEXT("two")},
    };

    assert_zip(entries, COUNT(entries), NULL,
               "x: a.json ! encrypted: unpack it with its password and import the files\n"
               "x: b.json = two\n");
}
END_TEST

START_TEST(a_zip_inside_a_zip_is_named_and_the_others_are_read)
{
    static const struct zip_entry entries[] = {
        {.name = "inner.zip", TEXT("PK\3\4")},
        {.name = "a.json", TEXT("PK\3\4 and so on")},
        {.name = "b.json", TEXT("two")},
    };

    assert_zip(entries, COUNT(entries), NULL,
               "x: inner.zip ! a zip inside a zip is not read: unpack the outer one\n"
               "x: a.json =  ! a zip inside a zip is not read: unpack the outer one\n"
               "x: b.json = two\n");
}
END_TEST

START_TEST(an_empty_zip_gives_nothing)
{
    assert_fd(zip_file(TEXT("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")), NULL, "");
}
END_TEST

START_TEST(a_damaged_member_is_told_when_its_end_is_read)
{
    static const struct zip_entry entries[] = {
        {.name = "a.json", TEXT("unharmed"), .stored = true},
        {.name = "b.json", TEXT("two"), .stored = true},
    };
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);
    char *content = memmem(zip, len, "unharmed", 8);

    ck_assert_ptr_nonnull(content);
    memcpy(content, "UNHARMED", 8);
    assert_fd(zip_file(zip, len), NULL,
              "x: a.json = UNHARMED ! damaged: the check sum of its content is wrong\n"
              "x: b.json = two\n");
    free(zip);
}
END_TEST

START_TEST(what_failed_to_be_read_stays_failed)
{
    static const struct zip_entry entries[] = {
        {.name = "a.json", TEXT("unharmed"), .stored = true}};
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);
    char error[256], block[100];
    struct archive_source *source;

    memcpy(memmem(zip, len, "unharmed", 8), "UNHARMED", 8);
    source = archive_source_open_fd(zip_file(zip, len), "x", NULL, error, sizeof(error));
    ck_assert_ptr_nonnull(source);
    ck_assert_int_eq(archive_source_next(source), ARCHIVE_SOURCE_FILE);
    while (archive_source_read(source, block, sizeof(block)) > 0)
        ;
    ck_assert_int_eq(archive_source_read(source, block, sizeof(block)), -1);
    ck_assert_int_eq(archive_source_read(source, block, 0), -1);
    archive_source_close(source);
    free(zip);
}
END_TEST

/* Its plain end record says one member more than its list has. */
START_TEST(a_zip_that_contradicts_itself_is_refused)
{
    static const struct zip_entry entries[] = {{.name = "a.json", TEXT("one")}};
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);

    ck_assert_mem_eq(zip + len - 22, "PK\5\6", 4);
    zip[len - 22 + 8] = zip[len - 22 + 10] = 2;
    assert_fd(zip_file(zip, len), NULL, "x ! broken: its list of members contradicts itself\n");
    free(zip);
}
END_TEST

START_TEST(a_zip_cut_anywhere_is_one_clear_error)
{
    static const struct zip_entry entries[] = {
        {.name = "a.json", TEXT(JSON JSON JSON)},
        {.name = "b.json", TEXT("two")},
    };
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);

    for (size_t cut = 4; cut < len; cut++) {
        char *got = walk_fd(zip_file(zip, cut), NULL);

        ck_assert_msg(strncmp(got, "x ! ", 4) == 0 && strlen(got) > 10, "cut at %zu: %s", cut, got);
        free(got);
    }
    free(zip);
}
END_TEST

START_TEST(a_zip_with_too_many_members_is_refused)
{
    static const struct zip_entry entries[] = {
        {.name = "a.json", TEXT("one")}, {.name = "b.json", TEXT("two")}, {.name = "c", TEXT("")}};
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    limits.entries = 2;
    assert_zip(entries, COUNT(entries), &limits, "x ! has more than 2 members\n");
}
END_TEST

/* A zip of nothing, whose large end record claims 2^40 members. */
START_TEST(a_zip_that_claims_endless_members_is_refused_before_room_is_made)
{
    static const char zip[] = "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" /* as if it were empty */
                              "PK\6\6\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0"
                              "\0\0\0\0\0\1\0\0"
                              "\0\0\0\0\0\1\0\0"
                              "\0\0\0\0\0\0\0\0"
                              "\0\0\0\0\0\0\0\0"
                              "PK\6\7\0\0\0\0\x16\0\0\0\0\0\0\0\1\0\0\0"
                              "PK\5\6\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0";
    char other[sizeof(zip)];

    assert_fd(zip_file(zip, sizeof(zip) - 1), NULL, "x ! has more than 10000 members\n");
    memcpy(other, zip, sizeof(zip));
    other[22 + 24 + 6] = 1; /* 2^48 on this disk, as many as before in all */
    assert_fd(zip_file(other, sizeof(other) - 1), NULL, "x ! has more than 10000 members\n");
}
END_TEST

/* 64 KiB of blanks and a small member. */
static char *bomb(size_t *len)
{
    static char blanks[65536];
    static const struct zip_entry entries[] = {
        {.name = "a.json", .data = blanks, .len = sizeof(blanks)}, {.name = "b.json", TEXT("two")}};

    memset(blanks, ' ', sizeof(blanks));
    return zip_make(entries, COUNT(entries), len);
}

static void assert_bomb(const struct archive_limits *limits, const char *error, bool goes_on)
{
    size_t len;
    char *zip = bomb(&len);
    char *got = walk_fd(zip_file(zip, len), limits);

    ck_assert_msg(strstr(got, error) != NULL, "%s", got);
    ck_assert_msg((strstr(got, "\nx: b.json = two\n") != NULL) == goes_on, "%s", got);
    free(got);
    free(zip);
}

/* Where the large end record should be, by the 20 bytes before the plain one. */
static const struct {
    const char *from; /* the record's place, eight bytes */
    const char *mark; /* how the record begins */
} large_ends[] = {
    {"\x16\0\0\0\0\0\0\0", "PK\6\5"},               /* another record */
    {"\xf0\0\0\0\0\0\0\0", "PK\6\6"},               /* behind the file's end */
    {"\x16\0\0\0\0\0\0\x80", "PK\6\6"},             /* further than any file goes */
    {"\xff\xff\xff\xff\xff\xff\xff\x7f", "PK\6\6"}, /* at the end of the longest one */
};

START_TEST(a_large_end_record_that_is_not_there_makes_no_room)
{
    char zip[] = "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" /* as if it were empty */
                 "PK\6\6\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0"
                 "\0\0\0\0\0\1\0\0"
                 "\0\0\0\0\0\2\0\0"
                 "\0\0\0\0\0\0\0\0"
                 "\0\0\0\0\0\0\0\0"
                 "PK\6\7\0\0\0\0\x16\0\0\0\0\0\0\0\1\0\0\0"
                 "PK\5\6\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0";
    char *got;

    memcpy(zip + 22, large_ends[_i].mark, 4);
    memcpy(zip + 86, large_ends[_i].from, 8);
    got = walk_fd(zip_file(zip, sizeof(zip) - 1), NULL);
    ck_assert_msg(strncmp(got, "x ! ", 4) == 0, "%s", got);
    free(got);
}
END_TEST

START_TEST(a_member_that_is_too_large_is_refused_and_the_others_are_read)
{
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    limits.file_bytes = 65535;
    assert_bomb(&limits, "x: a.json ! too large: more than 65535 bytes unpacked", true);
}
END_TEST

START_TEST(a_member_that_unpacks_too_far_is_left_and_the_others_are_read)
{
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    limits.free_bytes = 1000;
    assert_bomb(&limits, " ! unpacks to more than 250 times its size: no history does\n", true);
}
END_TEST

START_TEST(members_that_are_too_much_together_end_the_walk)
{
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    limits.all_bytes = 60000;
    assert_bomb(&limits, " ! too much: more than 60000 bytes unpacked in all; the rest is not read",
                false);
}
END_TEST

START_TEST(a_size_that_a_zip_claims_is_not_believed)
{
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;
    size_t len;
    char *zip = bomb(&len);
    char *entry = memmem(zip, len, "PK\1\2", 4);
    char *got;

    ck_assert_ptr_nonnull(entry);
    memcpy(entry + 24, "\x10\0\0\0", 4); /* 16 bytes, says the list */
    limits.file_bytes = 1000;
    got = walk_fd(zip_file(zip, len), &limits);
    ck_assert_msg(strlen(got) < 2000 && strstr(got, "x: a.json") != NULL &&
                      strstr(got, " ! ") != NULL,
                  "%s", got);
    free(got);
    free(zip);
}
END_TEST

START_TEST(control_characters_in_a_name_are_not_shown)
{
    static const struct zip_entry entries[] = {{.name = "\x1b[31mred\n.json", TEXT("")}};
    char error[256];
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);
    struct archive_source *source =
        archive_source_open_fd(zip_file(zip, len), "a\nb", NULL, error, sizeof(error));
    const char *name;

    ck_assert_int_eq(archive_source_next(source), ARCHIVE_SOURCE_FILE);
    name = archive_source_name(source);
    ck_assert_msg(text_printable(name, strlen(name)), "%s", name);
    archive_source_close(source);
    free(zip);
}
END_TEST

/* --- single files and pipes ---------------------------------------------------------------- */

START_TEST(a_single_file_is_given_whatever_its_name)
{
    assert_fd(zip_file(TEXT(JSON)), NULL, "x = " JSON "\n");
}
END_TEST

START_TEST(a_file_shorter_than_any_mark_is_given)
{
    assert_fd(zip_file(TEXT("[]")), NULL, "x = []\n");
    assert_fd(zip_file("", 0), NULL, "x = \n");
}
END_TEST

static int pipe_with(const char *data, size_t len)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], data, len), (ssize_t)len);
    close(ends[1]);
    return ends[0];
}

START_TEST(a_pipe_of_json_is_read_as_it_comes)
{
    assert_fd(pipe_with(TEXT(JSON)), NULL, "x = " JSON "\n");
}
END_TEST

START_TEST(I9_a_zip_on_a_pipe_is_read)
{
    static const struct zip_entry entries[] = {{.name = "a.json", TEXT("one")}};
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);

    assert_fd(pipe_with(zip, len), NULL, "x: a.json = one\n");
    setenv("TMPDIR", "here", 1); /* no place at all */
    assert_fd(pipe_with(zip, len), NULL, "x: a.json = one\n");
    unsetenv("TMPDIR");
    assert_fd(pipe_with(zip, len), NULL, "x: a.json = one\n");
    free(zip);
}
END_TEST

START_TEST(a_zip_on_a_pipe_that_is_too_large_is_refused)
{
    static const struct zip_entry entries[] = {{.name = "a.json", TEXT("one")}};
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);

    limits.all_bytes = (int64_t)len - 1;
    ck_assert_uint_lt(len, 1000);
    {
        char *got = walk_fd(pipe_with(zip, len), &limits);

        ck_assert_msg(strstr(got, "x ! too large: more than ") == got, "%s", got);
        free(got);
    }
    free(zip);
}
END_TEST

START_TEST(a_zip_on_a_pipe_for_which_there_is_no_temporary_file_is_refused)
{
    static const struct zip_entry entries[] = {{.name = "a.json", TEXT("one")}};
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);

    setenv("TMPDIR", "/nowhere", 1);
    assert_fd(pipe_with(zip, len), NULL,
              "x ! no temporary file for it: No such file or directory\n");
    unsetenv("TMPDIR");
    free(zip);
}
END_TEST

START_TEST(nothing_is_read_into_no_room)
{
    char error[256], block[8];
    struct archive_source *source =
        archive_source_open_fd(pipe_with(TEXT(JSON)), "x", NULL, error, sizeof(error));

    ck_assert_ptr_nonnull(source);
    ck_assert_int_eq(archive_source_next(source), ARCHIVE_SOURCE_FILE);
    ck_assert_int_eq(archive_source_read(source, block, 0), 0);
    ck_assert_int_eq(archive_source_read(source, block, sizeof(block)), sizeof(block));
    archive_source_close(source);
}
END_TEST

START_TEST(standard_input_is_a_dash)
{
    int fd = pipe_with(TEXT(JSON));
    struct buf lines = {0};
    char error[256];
    struct archive_source *source;

    ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
    source = archive_source_open("-", NULL, error, sizeof(error));
    ck_assert_ptr_nonnull(source);
    walk(source, &lines);
    ck_assert_str_eq(lines.data, "standard input = " JSON "\n");
    buf_free(&lines, false);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_an_error)
{
    char error[256];

    ck_assert_ptr_null(archive_source_open("/nowhere/at/all", NULL, error, sizeof(error)));
    ck_assert_str_eq(error, "cannot be opened: No such file or directory");
}
END_TEST

START_TEST(the_same_content_has_the_same_digest_from_a_zip_and_from_a_file)
{
    static const struct zip_entry entries[] = {{.name = "a.json", TEXT(JSON)}};
    uint8_t digests[2][VAULT_DIGEST_SIZE];
    uint8_t whole[VAULT_DIGEST_SIZE];
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);
    int fds[] = {zip_file(zip, len), zip_file(TEXT(JSON))};

    for (int i = 0; i < 2; i++) {
        char error[256];
        char block[10];
        struct archive_source *source =
            archive_source_open_fd(fds[i], "x", NULL, error, sizeof(error));

        ck_assert_int_eq(archive_source_next(source), ARCHIVE_SOURCE_FILE);
        ck_assert_int_eq(archive_source_size(source), sizeof(JSON) - 1);
        ck_assert(!archive_source_digest(source, digests[i]));
        while (archive_source_read(source, block, sizeof(block)) > 0) {
        }
        ck_assert(archive_source_digest(source, digests[i]));
        archive_source_close(source);
    }
    vault_digest(TEXT(JSON), whole);
    ck_assert_mem_eq(digests[0], whole, sizeof(whole));
    ck_assert_mem_eq(digests[1], whole, sizeof(whole));
    free(zip);
}
END_TEST

/* --- folders ------------------------------------------------------------------------------- */

static char root[64];

static void make_root(void)
{
    snprintf(root, sizeof(root), "/tmp/archive-source-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
}

static void remove_root(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): a name of our own
}

static const char *in_root(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof(path), "%s/%s", root, name);
    return path;
}

static void put(const char *name, const char *data, size_t len)
{
    FILE *file = fopen(in_root(name), "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

static void assert_root(const struct archive_limits *limits, const char *wanted)
{
    assert_fd(open(root, O_RDONLY | O_CLOEXEC), limits, wanted);
}

START_TEST(a_folder_is_walked_in_the_order_of_names)
{
    ck_assert_int_eq(mkdir(in_root("b"), 0700), 0);
    put("b/z.json", TEXT("three"));
    put("c.JSON", TEXT("four"));
    put("a.json", TEXT("one"));
    put("notes.txt", TEXT("no"));
    put("._a.json", TEXT("no"));
    put("b/a.json", TEXT("two"));
    assert_root(NULL, "x/a.json = one\nx/b/a.json = two\nx/b/z.json = three\nx/c.JSON = four\n");
}
END_TEST

START_TEST(a_zip_in_a_folder_is_walked_too)
{
    static const struct zip_entry entries[] = {{.name = "in.json", TEXT("two")}};
    size_t len;
    char *zip = zip_make(entries, COUNT(entries), &len);

    put("a.json", TEXT("one"));
    put("b.zip", zip, len);
    put("c.json", zip, len);
    put("d.zip", TEXT("none"));
    put("e.zip", TEXT("PK\3\4 broken"));
    put("f.json", TEXT("three"));
    assert_root(NULL, "x/a.json = one\nx/b.zip: in.json = two\nx/c.json: in.json = two\n"
                      "x/d.zip ! not a zip, in spite of its name\n"
                      "x/e.zip ! not a zip, or cut off: its list of members is missing\n"
                      "x/f.json = three\n");
    free(zip);
}
END_TEST

START_TEST(links_pipes_and_loops_in_a_folder_are_passed_by)
{
    put("a.json", TEXT("one"));
    ck_assert_int_eq(symlink("a.json", in_root("b.json")), 0);
    ck_assert_int_eq(symlink(".", in_root("loop")), 0);
    ck_assert_int_eq(mkfifo(in_root("c.json"), 0600), 0);
    assert_root(NULL, "x/a.json = one\n");
}
END_TEST

START_TEST(a_file_that_may_not_be_read_does_not_stop_the_others)
{
    put("a.json", TEXT("one"));
    put("b.json", TEXT("two"));
    ck_assert_int_eq(chmod(in_root("a.json"), 0), 0);
    if (geteuid() == 0) /* root may read everything */
        ck_assert_int_eq(unlink(in_root("a.json")), 0);
    assert_root(NULL, geteuid() == 0 ? "x/b.json = two\n"
                                     : "x/a.json ! cannot be opened: Permission denied\n"
                                       "x/b.json = two\n");
}
END_TEST

START_TEST(folders_too_deep_are_named_and_the_others_are_read)
{
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    ck_assert_int_eq(mkdir(in_root("1"), 0700), 0);
    ck_assert_int_eq(mkdir(in_root("1/2"), 0700), 0);
    put("1/2/no.json", TEXT("no"));
    put("1/yes.json", TEXT("yes"));
    limits.depth = 1;
    assert_root(&limits, "x/1/2 ! folders too deep inside of each other: not looked into\n"
                         "x/1/yes.json = yes\n");
}
END_TEST

START_TEST(too_many_files_are_told_once)
{
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    for (int i = 0; i < 5; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%d.txt", i);
        put(name, TEXT("no"));
    }
    limits.entries = 3;
    assert_root(&limits, "x ! more than 3 files and folders: the rest is not read\n");
}
END_TEST

Suite *archive_source_suite(void)
{
    Suite *suite = suite_create("archive_source");
    TCase *zips = tcase_create("zips");
    TCase *files = tcase_create("files");
    TCase *folders = tcase_create("folders");

    tcase_add_test(zips, members_in_any_folder_and_case_are_given);
    tcase_add_test(zips, names_that_would_lead_elsewhere_are_shown_escaped_and_never_followed);
    tcase_add_test(zips, control_characters_in_a_name_are_not_shown);
    tcase_add_test(zips, an_encrypted_member_is_named_and_the_others_are_read);
    tcase_add_test(zips, a_zip_inside_a_zip_is_named_and_the_others_are_read);
    tcase_add_test(zips, an_empty_zip_gives_nothing);
    tcase_add_test(zips, a_damaged_member_is_told_when_its_end_is_read);
    tcase_add_test(zips, what_failed_to_be_read_stays_failed);
    tcase_add_test(zips, a_zip_that_contradicts_itself_is_refused);
    tcase_add_test(zips, a_zip_cut_anywhere_is_one_clear_error);
    tcase_add_test(zips, a_zip_with_too_many_members_is_refused);
    tcase_add_test(zips, a_zip_that_claims_endless_members_is_refused_before_room_is_made);
    tcase_add_loop_test(zips, a_large_end_record_that_is_not_there_makes_no_room, 0,
                        COUNT(large_ends));
    tcase_add_test(zips, a_member_that_is_too_large_is_refused_and_the_others_are_read);
    tcase_add_test(zips, a_member_that_unpacks_too_far_is_left_and_the_others_are_read);
    tcase_add_test(zips, members_that_are_too_much_together_end_the_walk);
    tcase_add_test(zips, a_size_that_a_zip_claims_is_not_believed);
    suite_add_tcase(suite, zips);

    tcase_add_test(files, a_single_file_is_given_whatever_its_name);
    tcase_add_test(files, a_file_shorter_than_any_mark_is_given);
    tcase_add_test(files, a_pipe_of_json_is_read_as_it_comes);
    tcase_add_test(files, I9_a_zip_on_a_pipe_is_read);
    tcase_add_test(files, a_zip_on_a_pipe_that_is_too_large_is_refused);
    tcase_add_test(files, a_zip_on_a_pipe_for_which_there_is_no_temporary_file_is_refused);
    tcase_add_test(files, nothing_is_read_into_no_room);
    tcase_add_test(files, standard_input_is_a_dash);
    tcase_add_test(files, a_file_that_is_not_there_is_an_error);
    tcase_add_test(files, the_same_content_has_the_same_digest_from_a_zip_and_from_a_file);
    suite_add_tcase(suite, files);

    tcase_add_checked_fixture(folders, make_root, remove_root);
    tcase_add_test(folders, a_folder_is_walked_in_the_order_of_names);
    tcase_add_test(folders, a_zip_in_a_folder_is_walked_too);
    tcase_add_test(folders, links_pipes_and_loops_in_a_folder_are_passed_by);
    tcase_add_test(folders, a_file_that_may_not_be_read_does_not_stop_the_others);
    tcase_add_test(folders, folders_too_deep_are_named_and_the_others_are_read);
    tcase_add_test(folders, too_many_files_are_told_once);
    suite_add_tcase(suite, folders);
    return suite;
}
