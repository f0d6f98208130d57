/* SPDX-License-Identifier: MIT */
/* The configuration, written: --print-config, the sample, what a reload changes, and the texts that
 * must agree with the table. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_help.h"
#include "daemon/config_private.h"
#include "daemon/daemon.h"

#define SECRET "s3cr3t-canary-0123456789"

static char *printed(const struct config *config)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    ck_assert(config_print(config, out));
    fclose(out);
    return text;
}

static char *sample(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    ck_assert(config_print_sample(out));
    fclose(out);
    return text;
}

/* -- What a reload changes --------------------------------------------------------------------- */

struct change {
    char option[64];
    char from[128];
    char to[128];
    bool restart;
};

struct changes {
    struct change list[OPTIONS_MAX + 1];
    size_t count;
};

static void note_change(const char *option, const char *from, const char *to, bool restart,
                        void *context)
{
    struct changes *changes = context;
    struct change *change = &changes->list[changes->count++];

    snprintf(change->option, sizeof(change->option), "%s", option);
    snprintf(change->from, sizeof(change->from), "%s", from);
    snprintf(change->to, sizeof(change->to), "%s", to);
    change->restart = restart;
}

static struct changes compare(const struct config *from, const struct config *to)
{
    struct changes changes = {.count = 0};

    config_compare(from, to, note_change, &changes);
    return changes;
}

/* Another value for each option, as it is written back. */
static const struct {
    const char *option;
    const char *value;
    bool restart;
} others[] = {
    {"spotify.client_id", "\"abc\"", false},
    {"spotify.redirect_uri", "\"https://plays.example/cb\"", false},
    {"spotify.api_url", "\"http://127.0.0.1:1\"", false},
    {"spotify.accounts_url", "\"http://127.0.0.1:1\"", false},
    {"capture.poll_interval", "\"11m\"", false},
    {"capture.sweep_interval", "\"1h1m\"", false},
    {"capture.daily_call_budget", "1001", false},
    {"capture.request_timeout", "\"31s\"", false},
    {"capture.max_in_flight", "9", false},
    {"store.database", "\"/srv/a.db\"", true},
    {"store.key_file", "\"/srv/a.key\"", true},
    {"web.listen", "\"[::1]:8889\"", true},
    {"web.title", "\"Other \\\"plays\\\" \\\\ \\${x}\"", false},
    {"web.allowed_hosts", "{\"a.example\", \"b.example:1\"}", false},
    {"control.socket", "\"/srv/control.sock\"", true},
    {"log.level", "\"debug\"", false},
};

#define OTHER_COUNT (sizeof(others) / sizeof(others[0]))

static struct config *load_other(size_t index)
{
    const char *dot = strchr(others[index].option, '.');
    char text[256];

    snprintf(text, sizeof(text), "%.*s { %s = %s }", (int)(dot - others[index].option),
             others[index].option, dot + 1, others[index].value);
    return config_help_good(text);
}

START_TEST(G7_each_option_that_changed_is_named_with_both_values)
{
    struct config *before = config_help_good("");
    struct config *after = load_other((size_t)_i);
    struct changes changes = compare(before, after);
    size_t row = 0;

    while (strcmp(config_option_at(row)->name, others[_i].option) != 0)
        row++;
    ck_assert_uint_eq(changes.count, 1);
    ck_assert_str_eq(changes.list[0].option, others[_i].option);
    ck_assert_str_eq(changes.list[0].from, config_option_at(row)->default_value);
    ck_assert_str_eq(changes.list[0].to, others[_i].value);
    ck_assert_int_eq(changes.list[0].restart, others[_i].restart);
    ck_assert_int_eq(config_option_at(row)->restart, others[_i].restart);
    config_free(before);
    config_free(after);
}
END_TEST

START_TEST(every_option_but_the_secrets_files_is_in_the_table_of_this_test)
{
    size_t count = 0;

    while (config_option_at(count) != NULL)
        count++;
    ck_assert_uint_eq(count, OTHER_COUNT + 2); /* client_secret_file, password_file */
    ck_assert_ptr_null(config_option_at(count + 1));
    ck_assert_ptr_null(config_option_at(SIZE_MAX));
}
END_TEST

START_TEST(the_same_value_in_other_words_is_no_change)
{
    struct config *before = config_help_good(
        "capture { poll_interval = 600s } spotify { api_url = 'https://api.spotify.com///' }");
    struct config *after = config_help_good("web { allowed_hosts = { } title = 'Play history' }");

    ck_assert_uint_eq(compare(before, after).count, 0);
    config_free(before);
    config_free(after);
}
END_TEST

static struct config *load_with_secret(const char *secret)
{
    struct config *config;

    setenv("SPOTIFY_CLIENT_SECRET", secret, 1);
    config = config_help_good("");
    unsetenv("SPOTIFY_CLIENT_SECRET");
    return config;
}

static void expect_secret_change(const char *from, const char *to, const char *from_shown,
                                 const char *to_shown)
{
    struct config *before = load_with_secret(from);
    struct config *after = load_with_secret(to);
    struct changes changes = compare(before, after);

    ck_assert_uint_eq(changes.count, from_shown != NULL ? 1 : 0);
    if (from_shown != NULL) {
        ck_assert_str_eq(changes.list[0].option, "spotify.client_secret");
        ck_assert_str_eq(changes.list[0].from, from_shown);
        ck_assert_str_eq(changes.list[0].to, to_shown);
        ck_assert(!changes.list[0].restart);
    }
    config_free(before);
    config_free(after);
}

START_TEST(a_secret_that_changed_is_named_but_not_shown)
{
    expect_secret_change("", "", NULL, NULL);
    expect_secret_change(SECRET, SECRET, NULL, NULL);
    expect_secret_change("", SECRET, "(none)", "(set)");
    expect_secret_change(SECRET, "", "(set)", "(none)");
    expect_secret_change("other", SECRET, "(set)", "(changed)");
}
END_TEST

/* -- --print-config ---------------------------------------------------------------------------- */

START_TEST(what_is_printed_reads_back_as_the_same)
{
    struct config *config = load_other((size_t)_i);
    char *text = printed(config);
    struct config *again = config_help_good(text);

    ck_assert_uint_eq(compare(config, again).count, 0);
    config_free(config);
    config_free(again);
    free(text);
}
END_TEST

START_TEST(G8_each_value_is_printed_with_its_source)
{
    struct config *config;
    char *text;

    setenv("SPOTIFY_CLIENT_ID", "abc", 1);
    config = config_help_good(
        "spotify { client_id = x }\n\ncapture {\n\n poll_interval = 15m }\nweb {\nallowed_hosts = "
        "{\na\n} }");
    text = printed(config);
    ck_assert_ptr_nonnull(strstr(text, "    client_id = \"abc\"  # environment\n"));
    ck_assert_ptr_nonnull(strstr(text, "    poll_interval = \"15m\"  # test.conf:5\n"));
    ck_assert_ptr_nonnull(strstr(text, "    allowed_hosts = {\"a\"}  # test.conf:7\n"));
    ck_assert_ptr_nonnull(strstr(text, "    sweep_interval = \"1h\"  # default\n"));
    ck_assert_ptr_nonnull(strstr(text, "    daily_call_budget = 1000  # default\n"));
    ck_assert_ptr_null(strstr(text, "secret:"));
    config_free(config);
    free(text);
}
END_TEST

START_TEST(a_file_name_cannot_end_the_comment_it_stands_in)
{
    struct buf problems = {0};
    struct config *config =
        config_load_text("a\n} x\x1b[2J", "log { level = debug }", 21, &problems);
    char *text = printed(config);

    ck_assert_ptr_nonnull(strstr(text, "    level = \"debug\"  # a\\x0a} x\\x1b[2J:1\n"));
    config_free(config);
    config_free(config_help_good(text));
    free(text);
    buf_free(&problems, false);
}
END_TEST

static void expect_secret_printed(struct config *config, const char *line)
{
    char *text = printed(config);

    ck_assert_ptr_nonnull(strstr(text, line));
    ck_assert_ptr_null(strstr(text, SECRET));
    config_free(config_help_good(text)); /* what stands for the secret is no obstacle */
    config_free(config);
    free(text);
}

START_TEST(a_secret_is_printed_as_set_only)
{
    const char *path = config_help_file("secret", SECRET, strlen(SECRET), 0600);
    char text[512];

    snprintf(text, sizeof(text), "spotify { client_secret_file = \"%s\" }", path);
    expect_secret_printed(config_help_good(text), "    # client secret: (set)  # "
                                                  "client_secret_file\n");
    setenv("SPOTIFY_CLIENT_SECRET", SECRET, 1);
    expect_secret_printed(config_help_good(text), "    # client secret: (set)  # environment\n");
}
END_TEST

START_TEST(a_full_disk_is_noticed_while_printing)
{
    struct config *config = config_help_good("");
    FILE *out = fopen("/dev/full", "w");

    ck_assert(!config_print(config, out));
    fclose(out);
    out = fopen("/dev/full", "w");
    ck_assert(!config_print_sample(out));
    fclose(out);
    config_free(config);
}
END_TEST

/* -- The sample -------------------------------------------------------------------------------- */

/* Takes the "#" away from lines of the form "    #name = value". */
static void uncomment(char *text)
{
    for (char *at = text; (at = strstr(at, "\n    #")) != NULL; at++) {
        if (at[6] != ' ')
            at[5] = ' ';
    }
}

START_TEST(the_sample_says_the_defaults_and_every_option_once)
{
    struct config *defaults = config_help_good("");
    char *text = sample();
    struct config *config = config_help_good(text);

    ck_assert_uint_eq(compare(defaults, config).count, 0);
    config_free(config);
    uncomment(text);
    config = config_help_good(text);
    ck_assert_uint_eq(compare(defaults, config).count, 0);
    for (size_t i = 0; config_option_at(i) != NULL; i++)
        ck_assert_int_gt(((struct config_loaded *)config)->line[i], 0);
    config_free(config);
    config_free(defaults);
    free(text);
}
END_TEST

START_TEST(no_line_of_the_sample_is_longer_than_100_columns)
{
    char *text = sample();

    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 100);
    free(text);
}
END_TEST

/* The texts in the source tree name the folders of an installation without a prefix. */
static bool usual_folders(void)
{
    return strcmp(HD_LOCALSTATEDIR, "/var") == 0 && strcmp(HD_RUNSTATEDIR, "/run") == 0;
}

START_TEST(the_sample_in_the_source_tree_is_what_the_program_prints)
{
    char *file = config_help_read(TEST_SRCDIR "/etc/spotify-historyd.conf");
    char *text = sample();

    if (usual_folders())
        ck_assert_msg(strcmp(file, text) == 0, "make sample-config writes it anew");
    free(file);
    free(text);
}
END_TEST

/* -- The man page ------------------------------------------------------------------------------ */

/* The entry of an option in the man page, from its name to the next entry. */
static char *manual_entry(const char *page, const char *option)
{
    char head[96];
    const char *begin;
    const char *end;

    snprintf(head, sizeof(head), "\n.It Cm %s\n", option);
    begin = strstr(page, head);
    ck_assert_msg(begin != NULL, "spotify-historyd.conf(5) does not describe %s", option);
    begin += strlen(head);
    end = strstr(begin, "\n.It ");
    if (end == NULL || (strstr(begin, "\n.El") != NULL && strstr(begin, "\n.El") < end))
        end = strstr(begin, "\n.El");
    ck_assert_ptr_nonnull(end);
    return strndup(begin, (size_t)(end - begin) + 1);
}

static void check_manual_entry(const char *page, const struct option_row *row)
{
    char *entry = manual_entry(page, row->shown.name);
    char expected[256];

    if (*row->initial == '\0')
        snprintf(expected, sizeof(expected), "\nDefault: none.\n");
    else
        snprintf(expected, sizeof(expected), "\nDefault:\n.Ql %s .\n", row->initial);
    if (usual_folders())
        ck_assert_msg(strstr(entry, expected) != NULL, "%s: the manual has another default",
                      row->shown.name);
    ck_assert_msg((strstr(entry, "\nNeeds a restart.\n") != NULL) == row->shown.restart,
                  "%s: the manual is wrong about the restart", row->shown.name);
    free(entry);
}

START_TEST(the_manual_describes_every_option_and_no_other)
{
    char *page = config_help_read(TEST_SRCDIR "/man/spotify-historyd.conf.5");
    size_t count = 0;
    size_t described = 0;

    for (; option_at(count) != NULL; count++)
        check_manual_entry(page, option_at(count));
    for (const char *at = page; (at = strstr(at, "\n.It Cm ")) != NULL; at++)
        described++;
    ck_assert_uint_eq(described, count);
    free(page);
}
END_TEST

START_TEST(the_manual_of_the_daemon_lists_its_options_and_no_other)
{
    char *page = config_help_read(TEST_SRCDIR "/man/spotify-historyd.8");
    struct daemon_argument option;
    size_t count = 0;
    size_t listed = 0;
    char head[64];

    for (; daemon_argument_at(count, &option); count++) {
        snprintf(head, sizeof(head), "Fl Fl %s%s", option.name,
                 *option.argument != '\0' ? " Ns = Ns Ar file\n" : "\n");
        ck_assert_msg(strstr(page, head) != NULL, "spotify-historyd(8) lacks --%s", option.name);
    }
    for (const char *at = page; (at = strstr(at, "\n.It Fl ")) != NULL; at++)
        listed++;
    ck_assert_uint_eq(listed, count);
    free(page);
}
END_TEST

Suite *config_print_suite(void);

Suite *config_print_suite(void)
{
    Suite *suite = suite_create("config_print");
    TCase *changes = tcase_create("changes");
    TCase *print = tcase_create("print");
    TCase *texts = tcase_create("texts");

    tcase_add_checked_fixture(changes, config_help_setup, config_help_teardown);
    tcase_add_loop_test(changes, G7_each_option_that_changed_is_named_with_both_values, 0,
                        (int)OTHER_COUNT);
    tcase_add_test(changes, every_option_but_the_secrets_files_is_in_the_table_of_this_test);
    tcase_add_test(changes, the_same_value_in_other_words_is_no_change);
    tcase_add_test(changes, a_secret_that_changed_is_named_but_not_shown);
    suite_add_tcase(suite, changes);

    tcase_add_checked_fixture(print, config_help_setup, config_help_teardown);
    tcase_add_loop_test(print, what_is_printed_reads_back_as_the_same, 0, (int)OTHER_COUNT);
    tcase_add_test(print, G8_each_value_is_printed_with_its_source);
    tcase_add_test(print, a_file_name_cannot_end_the_comment_it_stands_in);
    tcase_add_test(print, a_secret_is_printed_as_set_only);
    tcase_add_test(print, a_full_disk_is_noticed_while_printing);
    suite_add_tcase(suite, print);

    tcase_add_checked_fixture(texts, config_help_setup, config_help_teardown);
    tcase_add_test(texts, the_sample_says_the_defaults_and_every_option_once);
    tcase_add_test(texts, no_line_of_the_sample_is_longer_than_100_columns);
    tcase_add_test(texts, the_sample_in_the_source_tree_is_what_the_program_prints);
    tcase_add_test(texts, the_manual_describes_every_option_and_no_other);
    tcase_add_test(texts, the_manual_of_the_daemon_lists_its_options_and_no_other);
    suite_add_tcase(suite, texts);
    return suite;
}
