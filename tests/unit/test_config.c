/* SPDX-License-Identifier: MIT */
/* The configuration, read: what is accepted, what is refused and in which words. */
#include "daemon/config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_help.h"
#include "daemon/config_private.h"

#define SECRET "s3cr3t-canary-0123456789"

#define TEN "1234567890"
#define FIFTY TEN TEN TEN TEN TEN

/* Every option, set to something that is not its default. */
static const char full[] = "spotify {\n"
                           "    client_id = \"0a1b-C_d\"\n"
                           "    redirect_uri = \"https://plays.example/spotify/callback/\"\n"
                           "    api_url = \"http://127.0.0.1:9000/\"\n"
                           "    accounts_url = \"http://[::1]:9001//\"\n"
                           "}\n"
                           "capture {\n"
                           "    poll_interval = \"1500ms\"\n"
                           "    sweep_interval = \"1m30s\"\n"
                           "    daily_call_budget = 0\n"
                           "    request_timeout = \"2m\"\n"
                           "    max_in_flight = 64\n"
                           "}\n"
                           "store {\n"
                           "    database = \"/srv/plays.db\"\n"
                           "    key_file = \"/srv/plays.key\"\n"
                           "}\n"
                           "web {\n"
                           "    listen = \"[::1]:80\"\n"
                           "    title = \"M\xc3\xbcsli's \\\"plays\\\" \\\\ \\${x}\"\n"
                           "    allowed_hosts = {\"plays.example\", \"plays:8888\", \"[::1]:80\"}\n"
                           "}\n"
                           "control { socket = \"/srv/control.sock\" }\n"
                           "log { level = \"debug\" }\n";

/* -- What is accepted -------------------------------------------------------------------------- */

START_TEST(an_empty_file_means_all_defaults)
{
    struct config *config = config_help_good("");

    ck_assert_str_eq(config->spotify.client_id, "");
    ck_assert_str_eq(config->spotify.client_secret_file, "");
    ck_assert_str_eq(config->spotify.client_secret, "");
    ck_assert_str_eq(config->spotify.redirect_uri, "http://127.0.0.1:8888/spotify/callback");
    ck_assert_str_eq(config->spotify.api_url, "https://api.spotify.com");
    ck_assert_str_eq(config->spotify.accounts_url, "https://accounts.spotify.com");
    ck_assert_int_eq(config->capture.poll_interval_ms, 600000);
    ck_assert_int_eq(config->capture.sweep_interval_ms, 3600000);
    ck_assert_int_eq(config->capture.daily_call_budget, 1000);
    ck_assert_int_eq(config->capture.request_timeout_ms, 30000);
    ck_assert_int_eq(config->capture.max_in_flight, 8);
    ck_assert_str_eq(config->store.database, HD_LOCALSTATEDIR "/lib/spotify-historyd/history.db");
    ck_assert_str_eq(config->store.key_file, HD_LOCALSTATEDIR "/lib/spotify-historyd/token.key");
    ck_assert_str_eq(config->web.listen, "127.0.0.1:8888");
    ck_assert_str_eq(config->web.title, "Play history");
    ck_assert_ptr_null(config->web.allowed_hosts[0]);
    ck_assert_str_eq(config->control.socket, HD_RUNSTATEDIR "/spotify-historyd/control.sock");
    ck_assert_int_eq(config->log.level, LOG_LEVEL_INFO);
    config_free(config);
}
END_TEST

START_TEST(every_option_reaches_its_field)
{
    struct config *config = config_help_good(full);

    ck_assert_str_eq(config->spotify.client_id, "0a1b-C_d");
    ck_assert_str_eq(config->spotify.redirect_uri, "https://plays.example/spotify/callback/");
    ck_assert_str_eq(config->spotify.api_url, "http://127.0.0.1:9000");
    ck_assert_str_eq(config->spotify.accounts_url, "http://[::1]:9001");
    ck_assert_int_eq(config->capture.poll_interval_ms, 1500);
    ck_assert_int_eq(config->capture.sweep_interval_ms, 90000);
    ck_assert_int_eq(config->capture.daily_call_budget, 0);
    ck_assert_int_eq(config->capture.request_timeout_ms, 120000);
    ck_assert_int_eq(config->capture.max_in_flight, 64);
    ck_assert_str_eq(config->store.database, "/srv/plays.db");
    ck_assert_str_eq(config->store.key_file, "/srv/plays.key");
    ck_assert_str_eq(config->web.listen, "[::1]:80");
    ck_assert_str_eq(config->web.title, "M\xc3\xbcsli's \"plays\" \\ ${x}");
    ck_assert_str_eq(config->web.allowed_hosts[0], "plays.example");
    ck_assert_str_eq(config->web.allowed_hosts[1], "plays:8888");
    ck_assert_str_eq(config->web.allowed_hosts[2], "[::1]:80");
    ck_assert_ptr_null(config->web.allowed_hosts[3]);
    ck_assert_str_eq(config->control.socket, "/srv/control.sock");
    ck_assert_int_eq(config->log.level, LOG_LEVEL_DEBUG);
    config_free(config);
}
END_TEST

/* Each sets the title to "x" and nothing else that matters. */
static const char *const manners[] = {
    "web { title = \"x\" }",
    "web { title = x }",
    "web { title = 'x' }",
    "web{title=x}",
    "web {title=\"x\"listen='[::1]:80'}",
    "\xef\xbb\xbfweb { title = \"x\" }",
    "\xef\xbb\xbf# comment\r\nweb {\r\n\ttitle = \"x\"\r\n}\r\n",
    "web { # comment \"\n title = x# \xff }\n}",
    "// web { title = y }\nweb {\n title = x // }\n}",
    "/* { \" ' \n # */ web { title /**/ = /* y */ x }/***/",
    "#\n##\n#\t\nweb\n{\ntitle=x\n}",
    "web { title = x } log { level = info } capture { } ",
    "web { allowed_hosts = {} title = x }",
    "web { allowed_hosts = { a, \"b\", 'c', } title = x }",
    "web { allowed_hosts = {\n  a, # one\n  b\n} title = x }",
    "web { allowed_hosts = a title = x }",
    "capture { daily_call_budget = \"5\" poll_interval = 10m } web { title = x }",
};

START_TEST(what_can_be_written_in_more_than_one_way)
{
    struct config *config = config_help_good(manners[_i]);

    ck_assert_str_eq(config->web.title, "x");
    config_free(config);
}
END_TEST

START_TEST(a_list_may_be_empty_or_one_bare_value)
{
    struct config *config = config_help_good("web { allowed_hosts = {} }");

    ck_assert_ptr_null(config->web.allowed_hosts[0]);
    config_free(config);
    config = config_help_good("web { allowed_hosts = a.example }");
    ck_assert_str_eq(config->web.allowed_hosts[0], "a.example");
    ck_assert_ptr_null(config->web.allowed_hosts[1]);
    config_free(config);
}
END_TEST

START_TEST(single_quotes_keep_what_double_quotes_read)
{
    struct config *config = config_help_good("web { title = 'a \\n ${HOME} \" \\' \\\\ #' }");

    ck_assert_str_eq(config->web.title, "a \\n ${HOME} \" ' \\ #");
    config_free(config);
}
END_TEST

static const char *const in_range[] = {
    "capture { poll_interval = 10s }",
    "capture { poll_interval = 1d sweep_interval = 1d }",
    "capture { poll_interval = 1h sweep_interval = 1h }",
    "capture { sweep_interval = 7d }",
    "capture { daily_call_budget = 1000000 }",
    "capture { request_timeout = 1s }",
    "capture { max_in_flight = 1 }",
    "spotify { api_url = 'http://127.0.0.1' } capture { poll_interval = 1ms sweep_interval = 1ms }",
    "spotify { api_url = 'http://[::1]:1' } capture { poll_interval = 9s }",
    "spotify { api_url = 'https://127.0.0.1:1' } capture { poll_interval = 9s }",
    "spotify { api_url = 'https://example.org:8443/proxy/spotify' }",
    "web { listen = '127.255.0.1:1' }",
    "web { listen = '[::1]:65535' }",
    "web { listen = '' }",
    "control { socket = '/" FIFTY FIFTY "123456' }",
};

START_TEST(the_ends_of_a_range_belong_to_it)
{
    config_free(config_help_good(in_range[_i]));
}
END_TEST

/* -- What is refused --------------------------------------------------------------------------- */

#define T "test.conf:"

static const struct {
    const char *text;
    const char *said;
} refusals[] = {
    /* G2: names */
    {"capture {\n pol_interval = 1m\n}",
     T "2: unknown option \"pol_interval\" in section \"capture\"; did you mean "
       "\"poll_interval\"?\n"},
    {"capture {\n POLL_INTERVAL = 1m\n}",
     T "2: unknown option \"POLL_INTERVAL\" in section \"capture\"; did you mean "
       "\"poll_interval\"?\n"},
    {"spotify { client_secret = \"" SECRET "\" }",
     T "1: unknown option \"client_secret\" in section \"spotify\"; did you mean "
       "\"client_secret_file\"?\n"},
    {"web { xyz = 1 }", T "1: unknown option \"xyz\" in section \"web\"\n"},
    {"web { level = info }", T "1: \"level\" belongs into section \"log\", not \"web\"\n"},
    {"weeb { x = { } }\nlog { level = 1 }",
     T "1: unknown section \"weeb\"; did you mean \"web\"?\n" T
       "2: log.level: \"1\" is not a level (error, warning, notice, info or debug)\n"},
    {"elsewhere { a { b = 1 } }", T "1: unknown section \"elsewhere\"\n"},
    {"web { inner { a = 1 } title = '' }", T "1: unknown option \"inner\" in section \"web\"\n" T
                                             "1: web.title: must not be empty (1 to 200 bytes)\n"},
    {"\nlevel = info\n",
     T "2: \"level\" stands outside of a section; write \"log { level = ... }\"\n"},
    {"what = { 1 }\n",
     T "1: \"what\" stands outside of a section; write \"section { what = ... }\"\n"},
    {"web { titletitletitletitletitletitletitletitletitletitletitletitletitletitle = 1 }",
     T "1: unknown option \"titletitletitletitletitletitletitletitletitletitletitletitle...\" in "
       "section \"web\"\n"},
    /* G2: twice */
    {"web {\n title = a\n title = b\n}", T "3: \"title\" is set twice, first in line 2\n"},
    {"web { allowed_hosts = a allowed_hosts = {} }",
     T "1: \"allowed_hosts\" is set twice, first in line 1\n"},
    {"web { title = a }\nlog { }\nweb { title = b }",
     T "3: section \"web\" is there twice, first in line 1\n" T
       "3: \"title\" is set twice, first in line 1\n"},
    /* G2: the wrong type */
    {"web { title = { a } }", T "1: \"title\" takes one value, not a list\n"},
    {"capture { poll_interval = 10 }",
     T "1: capture.poll_interval: \"10\" lacks a unit: ms, s, m, h or d, as in 90s or 1h30m\n"},
    {"capture { max_in_flight = 1h }",
     T "1: capture.max_in_flight: \"1h\" is not a whole number\n"},
    {"capture { max_in_flight = '' }", T "1: capture.max_in_flight: \"\" is not a whole number\n"},
    {"capture { max_in_flight = - }", T "1: capture.max_in_flight: \"-\" is not a whole number\n"},
    {"capture { max_in_flight = 1.5 }",
     T "1: capture.max_in_flight: \"1.5\" is not a whole number\n"},
    {"capture { max_in_flight = 0x8 }",
     T "1: capture.max_in_flight: \"0x8\" is not a whole number\n"},
    {"log { level = yes }",
     T "1: log.level: \"yes\" is not a level (error, warning, notice, info or debug)\n"},
    /* G3: ranges */
    {"capture { poll_interval = 0 }",
     T "1: capture.poll_interval: \"0\" is too short (10s to 1d)\n"},
    {"capture { poll_interval = -1 }",
     T "1: capture.poll_interval: \"-1\" is not a duration such as 90s, 10m or 1h30m\n"},
    {"capture { poll_interval = 1000000000000s }", T
     "1: capture.poll_interval: \"1000000000000s\" is not a duration such as 90s, 10m or 1h30m\n"},
    {"capture { poll_interval = '15 minutes' }",
     T "1: capture.poll_interval: \"15 minutes\" is not a duration such as 90s, 10m or 1h30m\n"},
    {"capture { poll_interval = 25h }",
     T "1: capture.poll_interval: \"25h\" is too long (10s to 1d)\n"},
    {"capture {\n poll_interval = 9999ms\n}",
     T "2: capture.poll_interval: must be at least 10s, unless api_url is on this machine (a "
       "simulator)\n"},
    {"capture {\n poll_interval = 2h\n}",
     T "2: capture.poll_interval: capture.sweep_interval must not be shorter than "
       "capture.poll_interval\n"},
    {"capture {\n sweep_interval = 5m\n}",
     T "2: capture.sweep_interval: capture.sweep_interval must not be shorter than "
       "capture.poll_interval\n"},
    {"capture { sweep_interval = 8d }",
     T "1: capture.sweep_interval: \"8d\" is too long (poll_interval to 7d)\n"},
    {"capture { request_timeout = 999ms }",
     T "1: capture.request_timeout: \"999ms\" is too short (1s to 2m)\n"},
    {"capture { request_timeout = 121s }",
     T "1: capture.request_timeout: \"121s\" is too long (1s to 2m)\n"},
    {"capture { daily_call_budget = -1 }",
     T "1: capture.daily_call_budget: \"-1\" is too small (0 to 1000000, 0 for no limit)\n"},
    {"capture { daily_call_budget = 1000001 }",
     T "1: capture.daily_call_budget: \"1000001\" is too large (0 to 1000000, 0 for no limit)\n"},
    {"capture { daily_call_budget = 99999999999999999999 }",
     T "1: capture.daily_call_budget: \"99999999999999999999\" is too large (0 to 1000000, 0 for "
       "no limit)\n"},
    {"capture { max_in_flight = 0 }", T "1: capture.max_in_flight: \"0\" is too small (1 to 64)\n"},
    {"capture { max_in_flight = 65 }",
     T "1: capture.max_in_flight: \"65\" is too large (1 to 64)\n"},
    /* G5: addresses of Spotify */
    {"spotify { api_url = 'http://api.spotify.com' }",
     T "1: spotify.api_url: \"http://api.spotify.com\" is not a URL that may be used: https, or "
       "http to 127.0.0.1 or [::1]\n"},
    {"spotify { accounts_url = 'http://localhost:1' }",
     T "1: spotify.accounts_url: \"http://localhost:1\" is not a URL that may be used: https, or "
       "http to 127.0.0.1 or [::1]\n"},
    {"spotify { redirect_uri = 'http://192.168.0.2/cb' }",
     T "1: spotify.redirect_uri: \"http://192.168.0.2/cb\" is not a URL that may be used: https, "
       "or http to 127.0.0.1 or [::1]\n"},
    {"spotify { api_url = 'ftp://127.0.0.1/' }",
     T "1: spotify.api_url: \"ftp://127.0.0.1/\" is not a URL that may be used: https, or http to "
       "127.0.0.1 or [::1]\n"},
    {"spotify { api_url = 'https://' }",
     T "1: spotify.api_url: \"https://\" is not a URL that may be used: https, or http to "
       "127.0.0.1 or [::1]\n"},
    {"spotify { api_url = '' }",
     T "1: spotify.api_url: must not be empty (https, or http to 127.0.0.1 or [::1])\n"},
    {"spotify { api_url = 'https://me:" SECRET "@api.spotify.com' }",
     T "1: spotify.api_url: must not hold a user name or a password (\"@\")\n"},
    {"spotify { redirect_uri = 'https://a.example/?x' }",
     T "1: spotify.redirect_uri: \"https://a.example/?x\" must not hold \"?\" or \"#\"\n"},
    {"spotify { redirect_uri = 'https://a.example/#x' }",
     T "1: spotify.redirect_uri: \"https://a.example/#x\" must not hold \"?\" or \"#\"\n"},
    {"spotify { api_url = https://a.example }",
     T "1: a value with \"//\" or \"/*\" in it must stand in quotes\n"},
    /* Texts and paths */
    {"spotify { client_id = 'a b' }",
     T "1: spotify.client_id: \"a b\" may hold letters, digits, \"-\" and \"_\" only\n"},
    {"spotify { client_id = " FIFTY FIFTY TEN TEN "123456789 }",
     T "1: spotify.client_id: too long (letters, digits, - and _, at most 128)\n"},
    {"store { database = history.db }",
     T "1: store.database: \"history.db\" is not an absolute path (it must begin with \"/\")\n"},
    {"store { database = ':memory:' }",
     T "1: store.database: \":memory:\" is not an absolute path (it must begin with \"/\")\n"},
    {"store { key_file = '/var/lib/' }",
     T "1: store.key_file: \"/var/lib/\" names a directory, not a file\n"},
    {"store { key_file = '' }", T "1: store.key_file: must not be empty (absolute path)\n"},
    {"control { socket = '/" FIFTY FIFTY "1234567' }",
     T "1: control.socket: too long (absolute path, at most 107 bytes)\n"},
    {"web { title = ' ' }", T "1: web.title: \" \" must not be blank\n"},
    {"web { listen = '0.0.0.0:8888' }",
     T "1: web.listen: other machines can reach this address: set web.password_file first (see "
       "spotify-historyctl password)\n"},
    {"web { listen = '[fe80::1]:8888' }",
     T "1: web.listen: other machines can reach this address: set web.password_file first (see "
       "spotify-historyctl password)\n"},
    {"web { listen = '8888' }",
     T "1: web.listen: \"8888\" is not an address and a port, such as 127.0.0.1:8888 or "
       "[::1]:8888\n"},
    {"web { listen = 'localhost:8888' }",
     T "1: web.listen: \"localhost:8888\" is not an address and a port, such as 127.0.0.1:8888 or "
       "[::1]:8888\n"},
    {"web { listen = '::1:8888' }",
     T "1: web.listen: \"::1:8888\" is not an address and a port, such as 127.0.0.1:8888 or "
       "[::1]:8888\n"},
    {"web { listen = '[::1]8888' }",
     T "1: web.listen: \"[::1]8888\" is not an address and a port, such as 127.0.0.1:8888 or "
       "[::1]:8888\n"},
    {"web { listen = '[:8888' }",
     T "1: web.listen: \"[:8888\" is not an address and a port, such as 127.0.0.1:8888 or "
       "[::1]:8888\n"},
    {"web { listen = '127.0.0.1:0' }",
     T "1: web.listen: \"127.0.0.1:0\" must end in a port from 1 to 65535\n"},
    {"web { listen = '127.0.0.1:65536' }",
     T "1: web.listen: \"127.0.0.1:65536\" must end in a port from 1 to 65535\n"},
    {"web { allowed_hosts = { a,\n 'b c' } }",
     T "1: web.allowed_hosts: \"b c\" is not a host name, with or without a port\n"},
    {"web { allowed_hosts = { '' } }",
     T "1: web.allowed_hosts: \"\" is not a host name, with or without a port\n"},
    /* Form */
    {"web {\n title = x\n\n", T "1: section \"web\" is not closed: \"}\" is missing\n"},
    {"web {\n title = x\nlog {\n level = info\n}\n",
     T "1: section \"web\" is not closed: \"}\" is missing\n"},
    {"web { }\n}\n", T "2: \"}\" is not expected here, but a section such as \"capture {\"\n"},
    {"web\n", T "1: \"{\" is expected after \"web\", not the end of the file\n"},
    {"web = 1", T "1: \"web\" stands outside of a section; write \"section { web = ... }\"\n"},
    {"\"web\" { }", T "1: a string is not expected here, but a section such as \"capture {\"\n"},
    {"web { title = \"x\n}", T "1: a string must end on its line: the closing quote is missing\n"},
    {"web { title = 'x\n}", T "1: a string must end on its line: the closing quote is missing\n"},
    {"web { title = \"x",
     T "1: a string must end on its line: the closing quote is missing\n" T "1: section \"web\" is "
       "not closed: \"}\" is missing\n"},
    {"web { }\n/* x\n", T "2: the comment that begins here is not closed: \"*/\" is missing\n"},
    {"web { title = \"a\\n\" }",
     T "1: only \\\\, \\\" and \\$ may follow a backslash (nothing needs one in single quotes)\n"},
    {"web { title = \"a\\x00b\" }",
     T "1: only \\\\, \\\" and \\$ may follow a backslash (nothing needs one in single quotes)\n"},
    {"web { title = \"a\tb\" }", T "1: a control character in a string\n"},
    {"web { title = 'a\x1b[2Jb' }", T "1: a control character in a string\n"},
    {"web { title = \"\xff\" }", T "1: a string that is not valid UTF-8\n"},
    {"web { title = \xc3\xbc }", T "1: the value after \"title =\" is missing on this line\n"},
    {"web { title x }",
     T "1: \"=\" is expected after \"title\", not \"x\" (a value with blanks must stand in "
       "quotes)\n"},
    {"web { title = My history }",
     T "1: \"=\" is expected after \"history\", not \"}\" (a value with blanks must stand in "
       "quotes)\n"},
    {"web { title = x; }", T "1: \";\" is not expected here, but an option or \"}\"\n"},
    {"web { title =\n listen = 'x'\n}",
     T "1: the value after \"title =\" is missing on this line\n" T
       "2: web.listen: \"x\" is not an address and a port, such as 127.0.0.1:8888 or [::1]:8888\n"},
    {"web { allowed_hosts += { a } }",
     T "1: \"+=\" is not known here: write all values into one list\n"},
    {"web { allowed_hosts { a, b } }",
     T "1: \"=\" is missing between \"allowed_hosts\" and its list\n"},
    {"web { allowed_hosts = { a b } }",
     T "1: the list that begins in line 1 goes on with \"b\" instead of \",\" or \"}\"\n"},
    {"web {\n allowed_hosts = {\n  a,\n title = x\n}\n",
     T "1: section \"web\" is not closed: \"}\" is missing\n" T
       "4: the list that begins in line 2 goes on with \"=\" instead of \",\" or \"}\"\n"},
    /* What libConfuse offers beyond */
    {"include(\"/etc/passwd\")",
     T "1: \"include(...)\": there are no functions and no include files here\n"},
    {"web { include('/etc/passwd') title = '' }",
     T "1: \"include(...)\": there are no functions and no include files here\n" T
       "1: web.title: must not be empty (1 to 200 bytes)\n"},
    {"web { title = \"${HOME}\" }",
     T "1: \"${...}\" is not replaced by anything here; \"\\${\" stands for these two signs\n"},
    {"web { title = ${HOME} }", T "1: the value after \"title =\" is missing on this line\n"},
};

START_TEST(G2_G3_G5_each_slip_is_told_with_its_line)
{
    ck_assert_str_eq(config_help_bad(refusals[_i].text), refusals[_i].said);
}
END_TEST

/* -- All at once ------------------------------------------------------------------------------- */

START_TEST(all_that_is_wrong_is_told_at_once_and_in_order)
{
    ck_assert_str_eq(
        config_help_bad("log { level = loud }\n"
                        "capture {\n"
                        "  pol_interval = 1m\n"
                        "  sweep_interval = never\n"
                        "  max_in_flight = 65\n"
                        "}\n"
                        "spotify { api_url = 'http://10.0.0.1' }\n"),
        T
        "1: log.level: \"loud\" is not a level (error, warning, notice, info or debug)\n" T
        "3: unknown option \"pol_interval\" in section \"capture\"; did you mean "
        "\"poll_interval\"?\n" T
        "4: capture.sweep_interval: \"never\" is not a duration such as 90s, 10m or 1h30m\n" T
        "5: capture.max_in_flight: \"65\" is too large (1 to 64)\n" T
        "7: spotify.api_url: \"http://10.0.0.1\" is not a URL that may be used: https, or http to "
        "127.0.0.1 or [::1]\n");
}
END_TEST

START_TEST(more_problems_than_anyone_reads_are_counted)
{
    struct buf text = {0};
    const char *said;
    size_t lines = 0;

    buf_add_text(&text, "web {\n");
    for (int i = 0; i < 1000; i++)
        buf_add_text(&text, "wrong = 1\n");
    buf_add_text(&text, "}\n");
    said = config_help_bad(text.data);
    for (const char *at = said; *at != '\0'; at++)
        lines += *at == '\n';
    ck_assert_uint_eq(lines, CONFIG_PROBLEMS_MAX + 1);
    ck_assert_ptr_nonnull(strstr(said, "\ntest.conf: 950 more problems\n"));
    buf_free(&text, false);
}
END_TEST

START_TEST(lines_are_counted_through_comments_strings_and_line_ends)
{
    ck_assert_str_eq(
        config_help_bad(
            "/* 1\n 2 */ # 2\r\n// 3\r\n\r\nweb { allowed_hosts = { 'a',\r\n'b' }\r\n\ttitle = "
            "''\r\n}"),
        T "7: web.title: must not be empty (1 to 200 bytes)\n");
}
END_TEST

/* A file that was cut off, at any byte, is read or refused, and nothing else. */
START_TEST(a_file_cut_anywhere_is_read_or_refused)
{
    struct buf problems = {0};
    size_t read = 0;

    for (size_t len = 0; len < sizeof(full); len++) {
        struct config *config = config_load_text("test.conf", full, len, &problems);

        ck_assert_int_eq(config == NULL, problems.len > 0);
        read += config != NULL;
        config_free(config);
        buf_clear(&problems, false);
    }
    ck_assert_uint_gt(read, 6); /* between sections */
    ck_assert_uint_lt(read, 40);
    buf_free(&problems, false);
}
END_TEST

START_TEST(a_file_with_one_byte_missing_or_changed_is_read_or_refused)
{
    static const char others[] = "\"'{}=\\#/*$\n\r \x01\xff";
    char text[sizeof(full)];
    struct buf problems = {0};

    for (size_t at = 0; at + 1 < sizeof(full); at++) {
        for (size_t i = 0; i < sizeof(others); i++) { /* the NUL at their end, too */
            struct config *config;

            memcpy(text, full, sizeof(full));
            text[at] = others[i];
            config = config_load_text("test.conf", text, sizeof(full) - 1, &problems);
            ck_assert_int_eq(config == NULL, problems.len > 0);
            ck_assert_msg(problems.data == NULL || strstr(problems.data, "libConfuse") == NULL,
                          "libConfuse met what it should not have: %s", problems.data);
            config_free(config);
            buf_clear(&problems, false);
        }
    }
    buf_free(&problems, false);
}
END_TEST

START_TEST(reading_can_be_repeated_for_ever)
{
    for (int i = 0; i < 1000; i++) {
        config_free(config_help_good(full));
        config_help_bad(refusals[(size_t)i % (sizeof(refusals) / sizeof(refusals[0]))].text);
    }
}
END_TEST

Suite *config_suite(void);

Suite *config_suite(void)
{
    Suite *suite = suite_create("config");
    TCase *accepted = tcase_create("accepted");
    TCase *refused = tcase_create("refused");
    TCase *whole = tcase_create("whole");

    tcase_add_checked_fixture(accepted, config_help_setup, config_help_teardown);
    tcase_add_test(accepted, an_empty_file_means_all_defaults);
    tcase_add_test(accepted, every_option_reaches_its_field);
    tcase_add_loop_test(accepted, what_can_be_written_in_more_than_one_way, 0,
                        sizeof(manners) / sizeof(manners[0]));
    tcase_add_test(accepted, a_list_may_be_empty_or_one_bare_value);
    tcase_add_test(accepted, single_quotes_keep_what_double_quotes_read);
    tcase_add_loop_test(accepted, the_ends_of_a_range_belong_to_it, 0,
                        sizeof(in_range) / sizeof(in_range[0]));
    suite_add_tcase(suite, accepted);

    tcase_add_checked_fixture(refused, config_help_setup, config_help_teardown);
    tcase_add_loop_test(refused, G2_G3_G5_each_slip_is_told_with_its_line, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    suite_add_tcase(suite, refused);

    tcase_add_checked_fixture(whole, config_help_setup, config_help_teardown);
    tcase_set_timeout(whole, 30);
    tcase_add_test(whole, all_that_is_wrong_is_told_at_once_and_in_order);
    tcase_add_test(whole, more_problems_than_anyone_reads_are_counted);
    tcase_add_test(whole, lines_are_counted_through_comments_strings_and_line_ends);
    tcase_add_test(whole, a_file_cut_anywhere_is_read_or_refused);
    tcase_add_test(whole, a_file_with_one_byte_missing_or_changed_is_read_or_refused);
    tcase_add_test(whole, reading_can_be_repeated_for_ever);
    suite_add_tcase(suite, whole);
    return suite;
}
