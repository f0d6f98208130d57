/* SPDX-License-Identifier: MIT */
/* Lines on standard error, and troubles that last. */
#include "base/log.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "lib/count.h"

static int reader = -1;     /* the end of the pipe that standard error writes into */
static char written[65536]; /* what was read from it */

static void open_pipe(void)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
    ck_assert_int_eq(fcntl(STDERR_FILENO, F_SETFL, 0), 0); /* ours blocks, as a plain one does */
    close(ends[1]);
    reader = ends[0];
    unsetenv("JOURNAL_STREAM");
    log_open(LOG_FORM_TEXT, LOG_LEVEL_DEBUG);
}

static void close_pipe(void)
{
    close(reader);
}

static const char *read_written(void)
{
    ssize_t len = read(reader, written, sizeof(written) - 1);

    written[len > 0 ? len : 0] = '\0';
    return written;
}

/* The text behind "HH:MM:SS ". */
static const char *read_text(void)
{
    const char *line = read_written();

    ck_assert_msg(strlen(line) > 9 && line[2] == ':' && line[5] == ':' && line[8] == ' ', "%s",
                  line);
    return line + 9;
}

/* --- lines -------------------------------------------------------------------------------- */

START_TEST(a_line_is_the_local_time_and_the_text)
{
    char before[16];
    char after[16];
    char wanted_before[64];
    char wanted_after[64];
    struct tm local;
    time_t now;
    const char *line;

    setenv("TZ", "XXX-05:45", 1);
    tzset();
    now = time(NULL);
    strftime(before, sizeof(before), "%H:%M:%S", localtime_r(&now, &local));
    log_info("stored %d plays", 3);
    now = time(NULL);
    strftime(after, sizeof(after), "%H:%M:%S", localtime_r(&now, &local));
    snprintf(wanted_before, sizeof(wanted_before), "%s stored 3 plays\n", before);
    snprintf(wanted_after, sizeof(wanted_after), "%s stored 3 plays\n", after);
    line = read_written();
    ck_assert_msg(strcmp(line, wanted_before) == 0 || strcmp(line, wanted_after) == 0, "%s", line);
}
END_TEST

static const struct level_case {
    enum log_level level;
    const char *name;
    const char *text;
    const char *journal;
    void (*say)(const char *format, ...) __attribute__((format(printf, 1, 2)));
} levels[] = {
    {LOG_LEVEL_ERROR, "error", "error: x 1\n", "<3>x 1\n", log_error},
    {LOG_LEVEL_WARNING, "warning", "warning: x 1\n", "<4>x 1\n", log_warning},
    {LOG_LEVEL_NOTICE, "notice", "x 1\n", "<5>x 1\n", log_notice},
    {LOG_LEVEL_INFO, "info", "x 1\n", "<6>x 1\n", log_info},
    {LOG_LEVEL_DEBUG, "debug", "x 1\n", "<7>x 1\n", log_debug},
};

START_TEST(only_warnings_and_errors_say_what_they_are)
{
    levels[_i].say("x %d", 1);
    ck_assert_str_eq(read_text(), levels[_i].text);
    log_at(levels[_i].level, "x %d", 1);
    ck_assert_str_eq(read_text(), levels[_i].text);
}
END_TEST

START_TEST(the_journal_gets_a_priority_instead_of_a_time)
{
    log_open(LOG_FORM_JOURNAL, LOG_LEVEL_DEBUG);
    levels[_i].say("x %d", 1);
    ck_assert_str_eq(read_written(), levels[_i].journal);
}
END_TEST

START_TEST(a_level_is_known_by_its_name)
{
    enum log_level level = LOG_LEVEL_ERROR;

    ck_assert(log_level_parse(levels[_i].name, &level));
    ck_assert_int_eq(level, levels[_i].level);
    ck_assert_str_eq(log_level_name(level), levels[_i].name);
}
END_TEST

START_TEST(another_word_is_no_level)
{
    enum log_level level = LOG_LEVEL_NOTICE;

    ck_assert(!log_level_parse("", &level));
    ck_assert(!log_level_parse("INFO", &level));
    ck_assert(!log_level_parse("warn", &level));
    ck_assert(!log_level_parse("debug2", &level));
    ck_assert_int_eq(level, LOG_LEVEL_NOTICE);
}
END_TEST

START_TEST(what_is_below_the_level_is_not_written)
{
    log_set_level(LOG_LEVEL_WARNING);
    ck_assert_int_eq(log_get_level(), LOG_LEVEL_WARNING);
    log_notice("no");
    log_info("no");
    log_debug("no");
    ck_assert_str_eq(read_written(), "");
    log_warning("yes");
    ck_assert_str_eq(read_text(), "warning: yes\n");
}
END_TEST

static void set_stream(long dev_off, long ino_off)
{
    struct stat status;
    char stream[64];

    ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
    snprintf(stream, sizeof(stream), "%ld:%ld", (long)status.st_dev + dev_off,
             (long)status.st_ino + ino_off);
    setenv("JOURNAL_STREAM", stream, 1);
}

START_TEST(the_stream_that_systemd_names_is_the_journal)
{
    set_stream(0, 0);
    log_open(LOG_FORM_AUTO, LOG_LEVEL_INFO);
    log_info("x");
    ck_assert_str_eq(read_written(), "<6>x\n");
}
END_TEST

START_TEST(another_stream_than_systemd_names_is_not_the_journal)
{
    set_stream(0, 1);
    log_open(LOG_FORM_AUTO, LOG_LEVEL_INFO);
    log_info("x");
    ck_assert_str_eq(read_text(), "x\n");
    set_stream(1, 0);
    log_open(LOG_FORM_AUTO, LOG_LEVEL_INFO);
    log_info("x");
    ck_assert_str_eq(read_text(), "x\n");
    setenv("JOURNAL_STREAM", "", 1);
    log_open(LOG_FORM_AUTO, LOG_LEVEL_INFO);
    log_info("x");
    ck_assert_str_eq(read_text(), "x\n");
}
END_TEST

START_TEST(what_would_break_a_line_is_escaped)
{
    // NOLINTNEXTLINE(misc-misleading-bidirectional): that they do no harm is what is tested
    log_info("a\nb\r\x1b[2J\xff \\x0a \xc3\xbc \xe2\x80\xae");
    ck_assert_str_eq(read_text(), "a\\x0ab\\x0d\\x1b[2J\\xff \\x0a \xc3\xbc \\xe2\\x80\\xae\n");
}
END_TEST

START_TEST(a_long_line_is_cut)
{
    static const size_t lengths[] = {2046, 2047, 2048, 2300, 2303, 2304, 2305, 10000};
    char *text = malloc(lengths[_i] + 1);
    const char *line;

    memset(text, 'x', lengths[_i]);
    text[lengths[_i]] = '\0';
    log_info("%s", text);
    line = read_text();
    if (lengths[_i] <= 2047) {
        ck_assert_uint_eq(strlen(line), lengths[_i] + 1);
    } else {
        ck_assert_uint_eq(strlen(line), 2047 + 1);
        ck_assert_str_eq(line + 2047 - 4, "x...\n");
    }
    free(text);
}
END_TEST

START_TEST(errno_is_kept)
{
    struct log_episode episode = {0};

    close(STDERR_FILENO);
    errno = 1234;
    log_error("x");
    ck_assert_int_eq(errno, 1234);
    log_open(LOG_FORM_AUTO, LOG_LEVEL_INFO);
    ck_assert_int_eq(errno, 1234);
    log_episode_meet(&episode, 1, LOG_LEVEL_ERROR, "x");
    log_episode_leave(&episode, 2, "y");
    ck_assert_int_eq(errno, 1234);
}
END_TEST

START_TEST(a_reader_that_is_gone_raises_no_signal)
{
    close(reader);
    log_error("nobody reads this");
    log_error("nor this");
}
END_TEST

START_TEST(a_reader_that_stands_still_does_not_hold_us_up)
{
    char text[1001];
    int64_t began;
    static const char lost[] = " lines before this one were lost)\n";
    const char *last;
    char *end;

    memset(text, 'x', 1000);
    text[1000] = '\0';
    began = clock_boot_ms();
    for (int i = 0; i < 80; i++) /* a pipe takes 64 KiB */
        log_info("%s", text);
    ck_assert_int_lt(clock_boot_ms() - began, 3000);
    while (read_written()[0] != '\0') {
    }
    log_info("the next");
    last = read_text();
    ck_assert_msg(strncmp(last, "the next (", 10) == 0, "%s", last);
    ck_assert_uint_ge(strtoul(last + 10, &end, 10), 10);
    ck_assert_str_eq(end, lost);
    log_info("and one more");
    ck_assert_str_eq(read_text(), "and one more\n");
}
END_TEST

/* --- troubles that last ------------------------------------------------------------------- */

static char said[16][256]; /* "level text" of each line */
static int said_count;

static void sink(enum log_level level, const char *line, void *context)
{
    ck_assert_ptr_eq(context, said);
    ck_assert_int_lt(said_count, COUNT(said));
    snprintf(said[said_count++], sizeof(said[0]), "%s %s", log_level_name(level), line);
}

static void open_sink(void)
{
    said_count = 0;
    log_open(LOG_FORM_TEXT, LOG_LEVEL_DEBUG);
    log_set_sink(sink, said);
}

static void meet(struct log_episode *episode, int64_t now_ms, const char *what)
{
    log_episode_meet(episode, now_ms, LOG_LEVEL_WARNING, "Spotify: %s", what);
}

START_TEST(a_trouble_is_said_when_it_begins)
{
    struct log_episode episode = {0};

    meet(&episode, 1000, "status 502");
    ck_assert_int_eq(said_count, 1);
    ck_assert_str_eq(said[0], "warning Spotify: status 502");
    ck_assert(episode.active);
}
END_TEST

START_TEST(J6_P12_the_same_trouble_a_million_times_is_three_lines)
{
    struct log_episode episode = {0};

    for (int i = 0; i < 1000000; i++)
        meet(&episode, i * CLOCK_HOUR / 500001, "status 502");
    log_episode_leave(&episode, 2 * CLOCK_HOUR, "Spotify answers again");
    ck_assert_int_eq(said_count, 3);
    ck_assert_str_eq(said[1], "warning Spotify: status 502 (still, 500001 times in the last hour)");
    ck_assert_str_eq(said[2], "notice Spotify answers again after 2 h");
}
END_TEST

START_TEST(a_trouble_that_is_met_rarely_says_how_long_it_was_not)
{
    struct log_episode episode = {0};

    meet(&episode, 0, "x");
    meet(&episode, 5 * CLOCK_HOUR, "x");
    ck_assert_str_eq(said[1], "warning Spotify: x (still, once in the last 5 h)");
    ck_assert_int_eq(said_count, 2);
}
END_TEST

START_TEST(the_count_begins_anew_after_each_line)
{
    struct log_episode episode = {0};

    for (int i = 0; i <= 12; i++)
        meet(&episode, i * 10 * CLOCK_MINUTE, "x");
    ck_assert_int_eq(said_count, 3);
    ck_assert_str_eq(said[1], "warning Spotify: x (still, 6 times in the last hour)");
    ck_assert_str_eq(said[2], "warning Spotify: x (still, 6 times in the last hour)");
}
END_TEST

START_TEST(another_text_is_another_trouble)
{
    struct log_episode episode = {0};

    meet(&episode, 0, "status 502");
    meet(&episode, CLOCK_HOUR, "no answer");
    log_episode_leave(&episode, 2 * CLOCK_HOUR, "fine");
    ck_assert_int_eq(said_count, 3);
    ck_assert_str_eq(said[1], "warning Spotify: no answer");
    ck_assert_str_eq(said[2], "notice fine after 2 h");
}
END_TEST

START_TEST(a_text_with_other_numbers_is_the_same_trouble)
{
    struct log_episode episode = {0};

    meet(&episode, 0, "timed out after 1002 ms, 0 bytes");
    meet(&episode, 1, "timed out after 999 ms, 17 bytes");
    ck_assert_int_eq(said_count, 1);
}
END_TEST

START_TEST(a_trouble_that_shows_itself_in_turns_is_not_said_at_each_turn)
{
    struct log_episode episode = {0};

    for (int i = 0; i < 60; i++)
        meet(&episode, i * CLOCK_SECOND, i % 2 ? "refused" : "timed out");
    ck_assert_int_eq(said_count, 1);
}
END_TEST

START_TEST(a_trouble_that_becomes_graver_is_said_at_once)
{
    struct log_episode episode = {0};

    meet(&episode, 0, "refused");
    log_episode_meet(&episode, 1, LOG_LEVEL_ERROR, "must sign in");
    ck_assert_int_eq(said_count, 2);
}
END_TEST

START_TEST(texts_are_compared_as_far_as_they_are_kept)
{
    struct log_episode episode = {0};
    char long_text[400];

    memset(long_text, 'x', sizeof(long_text));
    long_text[399] = '\0';
    meet(&episode, 0, long_text);
    long_text[398] = 'y';
    meet(&episode, 1, long_text);
    ck_assert_int_eq(said_count, 1);
}
END_TEST

START_TEST(leaving_no_trouble_says_nothing)
{
    struct log_episode episode = {0};

    log_episode_leave(&episode, 5, "fine");
    ck_assert_int_eq(said_count, 0);
    meet(&episode, 0, "x");
    log_episode_leave(&episode, 90000, "fine");
    log_episode_leave(&episode, 90000, "fine");
    ck_assert_int_eq(said_count, 2);
    ck_assert_str_eq(said[1], "notice fine after 1 min 30 s");
}
END_TEST

Suite *log_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *lines = tcase_create("lines");
    TCase *episodes = tcase_create("episodes");

    tcase_add_checked_fixture(lines, open_pipe, close_pipe);
    tcase_add_test(lines, a_line_is_the_local_time_and_the_text);
    tcase_add_loop_test(lines, only_warnings_and_errors_say_what_they_are, 0, COUNT(levels));
    tcase_add_loop_test(lines, the_journal_gets_a_priority_instead_of_a_time, 0, COUNT(levels));
    tcase_add_loop_test(lines, a_level_is_known_by_its_name, 0, COUNT(levels));
    tcase_add_test(lines, another_word_is_no_level);
    tcase_add_test(lines, what_is_below_the_level_is_not_written);
    tcase_add_test(lines, the_stream_that_systemd_names_is_the_journal);
    tcase_add_test(lines, another_stream_than_systemd_names_is_not_the_journal);
    tcase_add_test(lines, what_would_break_a_line_is_escaped);
    tcase_add_loop_test(lines, a_long_line_is_cut, 0, 8);
    tcase_add_test(lines, errno_is_kept);
    tcase_add_test(lines, a_reader_that_is_gone_raises_no_signal);
    tcase_add_test(lines, a_reader_that_stands_still_does_not_hold_us_up);
    suite_add_tcase(suite, lines);

    tcase_add_checked_fixture(episodes, open_sink, NULL);
    tcase_add_test(episodes, a_trouble_is_said_when_it_begins);
    tcase_add_test(episodes, J6_P12_the_same_trouble_a_million_times_is_three_lines);
    tcase_add_test(episodes, a_trouble_that_is_met_rarely_says_how_long_it_was_not);
    tcase_add_test(episodes, the_count_begins_anew_after_each_line);
    tcase_add_test(episodes, another_text_is_another_trouble);
    tcase_add_test(episodes, texts_are_compared_as_far_as_they_are_kept);
    tcase_add_test(episodes, a_text_with_other_numbers_is_the_same_trouble);
    tcase_add_test(episodes, a_trouble_that_shows_itself_in_turns_is_not_said_at_each_turn);
    tcase_add_test(episodes, a_trouble_that_becomes_graver_is_said_at_once);
    tcase_add_test(episodes, leaving_no_trouble_says_nothing);
    suite_add_tcase(suite, episodes);
    return suite;
}
