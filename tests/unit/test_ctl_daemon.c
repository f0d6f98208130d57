/* SPDX-License-Identifier: MIT */
/* What commands make of what the daemon answers, also of what no daemon of ours would say. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "ctl_help.h"
#include "lib/count.h"
#include "store_help.h"

#define REFUSED(code, message) "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"}}"
#define ANN "{\"user\":1,\"spotify_id\":\"ann01\",\"name\":\"Ann\",\"state\":\"active\",\"polls\":3"
#define USERS "{\"users\":[" ANN "}]}"
#define BEN "{\"user\":2,\"spotify_id\":\"ben02\",\"name\":\"Ben\",\"state\":\"active\"}"

/* -- A command line, an answer, and what becomes of it ------------------------------------------- */

struct said {
    const char *words[5];
    struct ctl_help_answer answers[6];
    int status;
    const char *text;     /* is said */
    const char *heard;    /* NULL, or what the daemon was asked */
    const char *not_said; /* NULL, or what must not be */
};

static void check_said(const struct said *said)
{
    int status;

    ctl_help_daemon(said->answers);
    status = ctl_help_call(said->words);
    ctl_help_expect(status, said->status, said->text);
    if (said->heard)
        ck_assert_msg(strstr(ctl_help_heard(), said->heard) != NULL, "%s", ctl_help_heard());
    if (said->not_said)
        ck_assert_ptr_null(strstr(ctl_help_out(), said->not_said));
}

/* -- Sync ---------------------------------------------------------------------------------------- */

#define SYNC(...)                             \
    {                                         \
        {"GET /v1/users", 200, USERS},        \
        {                                     \
            "POST /v1/sync", 202, __VA_ARGS__ \
        }                                     \
    }

static const struct said syncs[] = {
    {.words = {"sync"},
     .answers = SYNC("{\"users\":[{\"user\":1,\"polls\":2,\"polled\":true}]}"),
     .status = EXIT_STATUS_TEMPFAIL, /* it has no outcome yet */
     .text = "Ann (ann01): failed: ?\n"},
    {.words = {"sync", "ann01"},
     .answers = SYNC("{\"users\":[{\"user\":1,\"polls\":3,\"polled\":false,\"why\":\"wait\"}]}"),
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "Ann (ann01): not polled: Spotify asked to wait\n",
     .heard = "{\"user\": 1}"},
    {.words = {"sync", "Ann"},
     .answers =
         SYNC("{\"users\":[{\"user\":1,\"polls\":3,\"polled\":false,\"why\":\"signed_out\"}]}"),
     .status = EXIT_STATUS_NOPERM, /* who was asked for by name is not polled */
     .text = "Ann (ann01): signed out, not polled\n"},
    {.words = {"sync"},
     .answers =
         SYNC("{\"users\":[{\"user\":1,\"polls\":3,\"polled\":false,\"why\":\"signed_out\"}]}"),
     .status = EXIT_STATUS_OK,
     .text = "Ann (ann01): signed out, not polled\n"},
    {.words = {"sync"},
     .answers = SYNC("{\"users\":[{\"user\":7,\"polls\":3,\"polled\":true}]}"),
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "user 7: not there any more\n"},
    {.words = {"sync"},
     .answers =
         SYNC("{\"users\":[{\"user\":1,\"polls\":3,\"polled\":false,\"why\":\"needs_login\"},"
              "{\"user\":7,\"polls\":3,\"polled\":true}]}"),
     .status = EXIT_STATUS_NOPERM, /* the worst of them */
     .text = "Ann (ann01): must sign in again: spotify-historyctl login --user 1\n"},
    {.words = {"sync"}, /* refused by the poll that was under way: no other will follow */
     .answers = {{"GET /v1/users", 200, USERS},
                 {"GET /v1/users", 200,
                  "{\"users\":[{\"user\":1,\"name\":\"ann01\",\"polls\":4,"
                  "\"state\":\"needs_login\"}]}"},
                 {"POST /v1/sync", 202, "{\"users\":[{\"user\":1,\"polls\":4,\"polled\":true}]}"}},
     .status = EXIT_STATUS_NOPERM,
     .text = "must sign in again: spotify-historyctl login --user 1\n"},
    {.words = {"sync"},
     .answers = SYNC("{\"users\":[]}"),
     .status = EXIT_STATUS_OK,
     .text = "Nobody has signed in yet: spotify-historyctl login\n"},
    {.words = {"sync"},
     .answers = SYNC("{\"users\":7}"),
     .status = EXIT_STATUS_SOFTWARE,
     .text = "the daemon's answer names no users"},
    {.words = {"sync", "Cid"}, .answers = SYNC("{}"), .status = EXIT_STATUS_USAGE, .text = "Cid"},
    {.words = {"sync"},
     .answers = {{"GET /v1/users", 200, USERS},
                 {"POST /v1/sync", 503, REFUSED("unavailable", "not now")}},
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "sync: not now\n"},
    {.words = {"sync"},
     .answers = {{"GET /v1/users", 200, "{}"}},
     .status = EXIT_STATUS_SOFTWARE,
     .text = "names no users"},
    {.words = {"sync"},
     .answers = {{"GET /v1/users", 403, REFUSED("forbidden", "not in the group")}},
     .status = EXIT_STATUS_NOPERM,
     .text = "not in the group"},
    {.words = {"sync"},
     .answers = {{"GET /v1/users", 200, USERS},
                 {"GET /v1/users", 200, "{}"},
                 {"POST /v1/sync", 202, "{\"users\":[{\"user\":1,\"polls\":3,\"polled\":true}]}"}},
     .status = EXIT_STATUS_SOFTWARE,
     .text = "names no users"},
};

START_TEST(a_sync_says_of_each_user_how_it_went_and_ends_with_the_worst)
{
    check_said(&syncs[_i]);
}
END_TEST

/* -- Forgetting ---------------------------------------------------------------------------------- */

#define FORGET(status, ...)                                  \
    {                                                        \
        {"GET /v1/users", 200, USERS},                       \
        {                                                    \
            "POST /v1/users/1/forget", (status), __VA_ARGS__ \
        }                                                    \
    }

static const struct said removals[] = {
    {.words = {"forget", "--yes", "1"},
     .answers = FORGET(200, "{\"removed\":{\"plays\":1,\"gaps\":2,\"tracks\":\"?\"}}"),
     .status = EXIT_STATUS_OK,
     .text = " is forgotten; removed: the sign-in, 1 play, 2 gaps\n",
     .heard = "{\"keep_plays\": false}"},
    {.words = {"forget", "--yes", "1"},
     .answers = FORGET(200, "{}"),
     .status = EXIT_STATUS_OK,
     .text = " is forgotten; removed: the sign-in, no plays\n"},
    {.words = {"forget", "--yes", "--keep-plays", "1"},
     .answers = FORGET(200, "{}"),
     .status = EXIT_STATUS_OK,
     .text = " is signed out; what is recorded stays\n",
     .heard = "{\"keep_plays\": true}"},
    {.words = {"forget", "--yes", "1"},
     .answers = FORGET(503, REFUSED("unavailable", "the disk is full")),
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "forget: the disk is full\n",

     .not_said = "is forgotten"},
    {.words = {"forget", "--yes", "1"},
     .answers = FORGET(0, ""),
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "talking to the daemon failed"},
    {.words = {"forget", "1"},
     .answers = FORGET(200, "{}"),
     .status = EXIT_STATUS_USAGE,
     .text = "there is no terminal to ask on"},
    {.words = {"forget", "--yes", "Cid"},
     .answers = FORGET(200, "{}"),
     .status = EXIT_STATUS_USAGE,
     .text = "Cid"},
    {.words = {"forget", "--yes", "1"},
     .answers = {{"GET /v1/users", 500, REFUSED("internal", "it broke")}},
     .status = EXIT_STATUS_SOFTWARE,
     .text = "forget: it broke\n"},
};

START_TEST(a_removal_says_what_went_or_why_nothing_did)
{
    check_said(&removals[_i]);
}
END_TEST

static const struct typed {
    bool keep;
    const char *line;
    int status;
} typed[] = {
    {false, "Ann\n", EXIT_STATUS_OK},   {false, "Ann  \n", EXIT_STATUS_OK},
    {false, "ann01\n", EXIT_STATUS_OK}, {false, "y\n", EXIT_STATUS_USAGE},
    {false, "  \n", EXIT_STATUS_USAGE}, {false, "Anna\n", EXIT_STATUS_USAGE},
    {false, "\004", EXIT_STATUS_USAGE}, {true, "y\n", EXIT_STATUS_OK},
    {true, "yes\n", EXIT_STATUS_OK},    {true, "Ann\n", EXIT_STATUS_USAGE},
    {true, "\n", EXIT_STATUS_USAGE},    {true, "n\n", EXIT_STATUS_USAGE},
};

/* Who is removed is typed by name; a sign-in alone is not worth that. */
START_TEST(a_removal_asks_on_a_terminal_and_takes_only_the_word_for_it)
{
    static const struct ctl_help_answer answers[] = {
        {"GET /v1/users", 200, USERS}, {"POST /v1/users/1/forget", 200, "{}"}, CTL_HELP_END};
    const struct typed *one = &typed[_i];
    int status;

    ctl_help_daemon(answers);
    ctl_help_input(one->line, true);
    status = one->keep ? CTL_CALL("forget", "--keep-plays", "Ann") : CTL_CALL("forget", "Ann");
    ctl_help_expect(status, one->status,
                    one->status != EXIT_STATUS_OK ? "nothing was removed"
                    : one->keep                   ? "what is recorded stays"
                                                  : "is forgotten");
    ck_assert_int_eq(strstr(ctl_help_heard(), "POST") != NULL, one->status == EXIT_STATUS_OK);
}
END_TEST

/* -- Deleting plays ------------------------------------------------------------------------------ */

#define TWO "{\"users\":[" ANN "}," BEN "]}"

static const struct said markings[] = {
    {.words = {"delete-play", "5"},
     .answers = {{"GET /v1/users", 200, USERS}, {"POST /v1/users/1/plays/5/delete", 200, "{}"}},
     .status = EXIT_STATUS_OK,
     .text = "deleted\nspotify-historyctl restore-play 5.1 brings it back\n"},
    {.words = {"restore-play", "5.2"},
     .answers = {{"GET /v1/users", 200, TWO}, {"POST /v1/users/2/plays/5/restore", 200, "{}"}},
     .status = EXIT_STATUS_OK,
     .text = "brought back\n"},
    {.words = {"delete-play", "--json", "5.2"},
     .answers = {{"GET /v1/users", 200, TWO}, {"POST /v1/users/2/plays/5/delete", 200, "{}"}},
     .status = EXIT_STATUS_OK,
     .text = "\"deleted\": true"},
    {.words = {"delete-play", "--user", "Ben", "5"},
     .answers = {{"GET /v1/users", 200, TWO}, {"POST /v1/users/2/plays/5/delete", 200, "{}"}},
     .status = EXIT_STATUS_OK,
     .text = "deleted\n"},
    {.words = {"delete-play", "--user=Ann", "5.2"},
     .answers = {{"GET /v1/users", 200, TWO}},
     .status = EXIT_STATUS_USAGE,
     .text = "5.2 is a play of another user"},
    {.words = {"delete-play", "5"},
     .answers = {{"GET /v1/users", 200, TWO}},
     .status = EXIT_STATUS_USAGE,
     .text = "whose play?"},
    {.words = {"delete-play", "5"},
     .answers = {{"GET /v1/users", 200, "{\"users\":[]}"}},
     .status = EXIT_STATUS_USAGE,
     .text = "nobody has signed in yet\n"},
    {.words = {"delete-play", "5.7"},
     .answers = {{"GET /v1/users", 200, TWO}},
     .status = EXIT_STATUS_USAGE,
     .text = "7"},
    {.words = {"delete-play", "--user=Cid", "5"},
     .answers = {{"GET /v1/users", 200, TWO}},
     .status = EXIT_STATUS_USAGE,
     .text = "Cid"},
    {.words = {"delete-play", "5"},
     .answers = {{"GET /v1/users", 200, USERS}},
     .status = EXIT_STATUS_USAGE,
     .text = "delete-play: nothing there\n"},
    {.words = {"delete-play", "5"},
     .answers = {{"GET /v1/users", 200, USERS},
                 {"POST /v1/users/1/plays/5/delete", 503,
                  REFUSED("unavailable", "an import is at work")}},
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "an import is at work"},
    {.words = {"restore-play", "5"},
     .answers = {{"GET /v1/users", 403, REFUSED("forbidden", "not in the group")}},
     .status = EXIT_STATUS_NOPERM,
     .text = "restore-play: not in the group\n"},
};

START_TEST(a_play_is_marked_for_the_one_user_it_can_be_of)
{
    check_said(&markings[_i]);
}
END_TEST

/* -- Rebuilding ---------------------------------------------------------------------------------- */

static const struct said rebuildings[] = {
    {.words = {"rebuild"},
     .answers = {{"POST /v1/rebuild", 202, "{\"done\":true,\"plays\":1,\"took_ms\":1250}"}},
     .status = EXIT_STATUS_OK,
     .text = "1 play is summed up anew, in 1.2 s\n"},
    {.words = {"rebuild"},
     .answers = {{"POST /v1/rebuild", 202, "{\"done\":false}"},
                 {"GET /v1/rebuild", 200, "{\"done\":true,\"plays\":2,\"took_ms\":0}"}},
     .status = EXIT_STATUS_OK,
     .text = "2 plays are summed up anew, in 0.0 s\n"},
    {.words = {"rebuild"},
     .answers = {{"POST /v1/rebuild", 202, "{\"done\":true,\"error\":\"disk full\"}"}},
     .status = EXIT_STATUS_IO,
     .text = "it was given up: disk full\n"},
    {.words = {"rebuild"},
     .answers = {{"POST /v1/rebuild", 409, REFUSED("busy", "an import is at work")}},
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "an import is at work"},
    {.words = {"rebuild"},
     .answers = {{"POST /v1/rebuild", 202, "{}"}, {"GET /v1/rebuild", 0, ""}},
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "talking to the daemon failed"},
};

START_TEST(a_rebuilding_is_waited_for_and_its_end_told)
{
    check_said(&rebuildings[_i]);
}
END_TEST

/* -- Signing in ---------------------------------------------------------------------------------- */

#define STATUS                      \
    {                               \
        "GET /v1/status", 200, "{}" \
    }
#define LONG_ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" /* 65 */
#define BEGUN                                                                                   \
    "{\"login\":\"abc\",\"stage\":\"waiting\",\"address\":\"https://example.org/authorize?x\"," \
    "\"redirect_uri\":\"http://127.0.0.1:8888/spotify/callback\"}"
#define WORKING "{\"login\":\"abc\",\"stage\":\"working\"}"
#define ENDED(rest) "{\"login\":\"abc\",\"stage\":\"done\"," rest "}"

static const struct said logins[] = {
    {.words = {"login"},
     .answers = {STATUS,
                 {"POST /v1/login", 201, BEGUN},
                 {"GET /v1/login/abc", 200,
                  ENDED("\"result\":\"ok\",\"added\":true,\"user\":" ANN "}")}},
     .status = EXIT_STATUS_OK,
     .text = "Ann"},
    {.words = {"login"},
     .answers = {STATUS,
                 {"POST /v1/login", 201, WORKING},
                 {"GET /v1/login/abc", 200, ENDED("\"result\":\"denied\",\"title\":\"No.\"")}},
     .status = EXIT_STATUS_NOPERM,
     .text = "login: No.\n"},
    {.words = {"login"},
     .answers = {STATUS,
                 {"POST /v1/login", 201, WORKING},
                 {"GET /v1/login/abc", 200,
                  ENDED("\"result\":\"nonsense\",\"message\":\"What?\"")}},
     .status = EXIT_STATUS_SOFTWARE,
     .text = "login: What?\n"},
    {.words = {"login"},
     .answers = {STATUS, {"POST /v1/login", 201, WORKING}},
     .status = EXIT_STATUS_TEMPFAIL, /* it does not know it any more */
     .text = "the daemon was stopped or restarted meanwhile: begin anew"},
    {.words = {"login"},
     .answers = {STATUS, {"POST /v1/login", 201, WORKING}, {"GET /v1/login/abc", 0, ""}},
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "talking to the daemon failed"},
    {.words = {"login"},
     .answers = {STATUS, {"POST /v1/login", 201, "{\"login\":\"a/../b\"}"}},
     .status = EXIT_STATUS_SOFTWARE,
     .text = "the daemon's answer names no sign-in"},
    {.words = {"login"},
     .answers = {STATUS, {"POST /v1/login", 201, "{\"login\":\"" LONG_ID "\"}"}},
     .status = EXIT_STATUS_SOFTWARE,
     .text = "the daemon's answer names no sign-in"},
    {.words = {"login"},
     .answers = {STATUS, {"POST /v1/login", 201, "{}"}},
     .status = EXIT_STATUS_SOFTWARE,
     .text = "names no sign-in"},
    {.words = {"login"},
     .answers = {STATUS, {"POST /v1/login", 409, REFUSED("conflict", "no client id")}},
     .status = EXIT_STATUS_CONFIG,
     .text = "no client id"},
    {.words = {"login", "--user", "Ann"},
     .answers = {STATUS,
                 {"GET /v1/users", 200, USERS},
                 {"POST /v1/login", 201, WORKING},
                 {"GET /v1/login/abc", 200,
                  ENDED("\"result\":\"ok\",\"added\":false,\"user\":" ANN "}")}},
     .status = EXIT_STATUS_OK,
     .text = "Ann (ann01) is signed in again\n",
     .heard = "{\"user\": 1}"},
    {.words = {"login", "--user", "Cid"},
     .answers = {STATUS, {"GET /v1/users", 200, USERS}},
     .status = EXIT_STATUS_USAGE,
     .text = "Cid"},
    {.words = {"login", "--user", "Ann"},
     .answers = {STATUS, {"GET /v1/users", 503, REFUSED("unavailable", "not now")}},
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "login: not now\n"},
    {.words = {"login"},
     .answers = {STATUS,
                 {"POST /v1/login", 201, WORKING},
                 {"GET /v1/login/abc", 200, ENDED("\"result\":\"ok\",\"added\":true,\"user\":1")},
                 {"GET /v1/users", 200, USERS}},
     .status = EXIT_STATUS_OK,
     .text = "Ann (ann01) is signed in; recording has begun\n"},
    {.words = {"login"},
     .answers = {STATUS,
                 {"POST /v1/login", 201, WORKING},
                 {"GET /v1/login/abc", 200, ENDED("\"result\":\"ok\",\"user\":7")},
                 {"GET /v1/users", 200, USERS}},
     .status = EXIT_STATUS_OK,
     .text = "The account is signed in again\n"},
    {.words = {"login"},
     .answers = {STATUS,
                 {"POST /v1/login", 201, WORKING},
                 {"GET /v1/login/abc", 200, ENDED("\"result\":\"ok\",\"user\":7")}},
     .status = EXIT_STATUS_OK,
     .text = "The account is signed in again\n"},
    {.words = {"login"},
     .answers = {STATUS,
                 {"POST /v1/login", 201, WORKING},
                 {"GET /v1/login/abc", 200, ENDED("\"result\":\"down\"")}},
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "login: it failed\n"},
    {.words = {"login"},
     .answers = {{"GET /v1/status", 403, REFUSED("forbidden", "not in the group")}},
     .status = EXIT_STATUS_NOPERM,
     .text = "not in the group"},
};

START_TEST(a_sign_in_by_the_daemon_is_shown_until_it_is_over)
{
    check_said(&logins[_i]);
}
END_TEST

static const struct pasted {
    const char *line;
    int status; /* of the answer to what is handed in; 0: nothing may be */
    const char *body, *text;
} pasted[] = {
    {"http://127.0.0.1/?code=1\n", 202, "{}", "Ann"},
    {"x\n", 400, REFUSED("bad_address", "that has no code"),
     "that has no code\nPaste the whole address of the page:\n"},
    {"x\n", 409, REFUSED("conflict", "it is another one's"),
     "it is another one's\nPaste the whole address of the page:\n"},
    {"  \n", 0, "", "Ann"},
    {"\xff\xfe\n", 0, "", "That is no address. Paste the whole address of the page:\n"},
};

START_TEST(what_is_pasted_is_handed_in_and_asked_for_again_if_it_is_no_address)
{
    const struct pasted *one = &pasted[_i];
    const struct ctl_help_answer answers[] = {
        STATUS,
        {"POST /v1/login", 201, BEGUN},
        {"GET /v1/login/abc", 200, "{\"login\":\"abc\",\"stage\":\"waiting\"}"},
        {"GET /v1/login/abc", 200, ENDED("\"result\":\"ok\",\"user\":" ANN "}")},
        {"POST /v1/login/abc", one->status, one->body},
        CTL_HELP_END};
    int status;

    ctl_help_daemon(answers);
    ctl_help_input(one->line, true);
    status = CTL_CALL("login", "--no-browser");
    ctl_help_expect(status, EXIT_STATUS_OK, one->text);
    ck_assert_int_eq(strstr(ctl_help_heard(), "{\"address\"") != NULL, one->status != 0);
}
END_TEST

static const struct token {
    const char *line;
    const char *text;
} bad_tokens[] = {
    {"", "no token on standard input"}, {"\n", "is no token"},       {"   \n", "is no token"},
    {"AQ D\n", "is no token"},          {"AQ\x7f\n", "is no token"},
};

START_TEST(what_is_no_token_is_refused_before_anybody_is_asked)
{
    ctl_help_input(bad_tokens[_i].line, false);
    ctl_help_expect(CTL_CALL("login", "--token-stdin"), EXIT_STATUS_USAGE, bad_tokens[_i].text);
}
END_TEST

START_TEST(a_token_without_end_is_refused)
{
    static char line[100000];

    memset(line, 'A', sizeof(line) - 1);
    ctl_help_input(line, false);
    ctl_help_expect(CTL_CALL("login", "--token-stdin"), EXIT_STATUS_USAGE, "too long for a token");
}
END_TEST

START_TEST(a_token_is_handed_to_the_daemon_without_the_blanks_behind_it)
{
    static const struct ctl_help_answer answers[] = {
        STATUS,
        {"POST /v1/login", 202, "{\"login\":\"abc\",\"stage\":\"working\"}"},
        {"GET /v1/login/abc", 200, ENDED("\"result\":\"ok\",\"user\":" ANN "}")},
        CTL_HELP_END};

    ctl_help_daemon(answers);
    ctl_help_input("AQDtoken  \r\n", false);
    ctl_help_expect(CTL_CALL("login", "--token-stdin"), EXIT_STATUS_OK, "Ann");
    ck_assert_ptr_nonnull(strstr(ctl_help_heard(), "{\"refresh_token\": \"AQDtoken\"}"));
}
END_TEST

/* -- Undoing imports ----------------------------------------------------------------------------- */

#define UNDOING(...)                                                                    \
    {                                                                                   \
        {"GET /v1/users", 200, USERS}, {"POST /v1/undo-import", 202, "{\"id\":\"q\"}"}, \
        {                                                                               \
            "GET /v1/imports/q", __VA_ARGS__                                            \
        }                                                                               \
    }

static const struct said undoings[] = {
    {.words = {"undo-import", "--yes", "4"},
     .answers = UNDOING(200, "{\"stage\":\"done\",\"end\":\"stored\",\"added\":1,\"matched\":1}"),
     .status = EXIT_STATUS_OK,
     .text = "import 4 is undone: 1 play removed, 1 play stays without what it told\n",
     .heard = "{\"import\": 4}"},
    {.words = {"undo-import", "--yes", "4"},
     .answers = UNDOING(200, "{\"stage\":\"done\",\"end\":\"stored\",\"added\":2,\"matched\":0}"),
     .status = EXIT_STATUS_OK,
     .text = "import 4 is undone: 2 plays removed\n"},
    {.words = {"undo-import", "--yes", "4"},
     .answers = UNDOING(200, "{\"stage\":\"done\",\"end\":\"failed\",\"error\":\"no room\"}"),
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "nothing was removed: no room\n"},
    {.words = {"undo-import", "--yes", "4"},
     .answers = UNDOING(200, "{\"stage\":\"done\",\"end\":\"failed\"}"),
     .status = EXIT_STATUS_TEMPFAIL,
     .text = "nothing was removed: the daemon does not say why\n"},
    {.words = {"undo-import", "--yes", "4"},
     .answers = UNDOING(404, REFUSED("not_found", "there is no such import")),
     .status = EXIT_STATUS_TEMPFAIL, /* it was there, so a restart has dropped it */
     .text = "there is no such import"},
    {.words = {"undo-import", "--yes", "4"},
     .answers = {{"GET /v1/users", 200, USERS},
                 {"POST /v1/undo-import", 404, REFUSED("not_found", "no 4")}},
     .status = EXIT_STATUS_USAGE,
     .text = "no 4"},
    {.words = {"undo-import", "--yes", "4"},
     .answers = {{"GET /v1/users", 200, USERS},
                 {"POST /v1/undo-import", 409, REFUSED("busy", "an import is at work")},
                 {"POST /v1/undo-import", 404, REFUSED("not_found", "no 4")}},
     .status = EXIT_STATUS_USAGE,
     .text = "another import, or a user's removal, is under way"},
    {.words = {"undo-import", "4"},
     .answers = {{"GET /v1/users", 200, USERS}},
     .status = EXIT_STATUS_USAGE,
     .text = "there is no terminal to ask on"},
    {.words = {"undo-import", "--yes", "4"},
     .answers = {{"GET /v1/users", 500, REFUSED("internal", "it broke")}},
     .status = EXIT_STATUS_SOFTWARE,
     .text = "it broke"},
    {.words = {"undo-import", "--yes", "0"},
     .answers = {{NULL, 0, NULL}},
     .status = EXIT_STATUS_USAGE,
     .text = "0 is no import"},
    {.words = {"undo-import", "--yes", "4x"},
     .answers = {{NULL, 0, NULL}},
     .status = EXIT_STATUS_USAGE,
     .text = "4x is no import"},
};

START_TEST(an_undoing_says_what_went_or_why_nothing_did)
{
    check_said(&undoings[_i]);
}
END_TEST

static const struct typed undo_typed[] = {
    {false, "y\n", EXIT_STATUS_OK},     {false, "Y\n", EXIT_STATUS_OK},
    {false, "yes  \n", EXIT_STATUS_OK}, {false, "yess\n", EXIT_STATUS_USAGE},
    {false, "\n", EXIT_STATUS_USAGE},   {false, "\004", EXIT_STATUS_USAGE},
};

START_TEST(an_undoing_asks_on_a_terminal)
{
    static const struct ctl_help_answer answers[] = {
        {"GET /v1/users", 200, USERS},
        {"POST /v1/undo-import", 202, "{\"id\":\"q\"}"},
        {"GET /v1/imports/q", 200, "{\"stage\":\"done\",\"end\":\"stored\",\"added\":2}"},
        CTL_HELP_END};
    const struct typed *one = &undo_typed[_i];

    ctl_help_daemon(answers);
    ctl_help_input(one->line, true);
    ctl_help_expect(CTL_CALL("undo-import", "4"), one->status,
                    one->status == EXIT_STATUS_OK ? "2 plays removed" : "nothing was removed");
    ck_assert_int_eq(strstr(ctl_help_heard(), "POST") != NULL, one->status == EXIT_STATUS_OK);
}
END_TEST

/* -- Importing ----------------------------------------------------------------------------------- */

#define ROWS                                                                             \
    "[{\"ts\":\"2015-03-01T10:00:00Z\",\"ms_played\":61000,\"spotify_track_uri\":"       \
    "\"spotify:track:0000000000000000000001\",\"master_metadata_track_name\":\"Title\"," \
    "\"master_metadata_album_artist_name\":\"Artist\",\"master_metadata_album_album_name\":\"A\"}]"

static const struct import {
    struct ctl_help_answer answers[6];
    int status;
    const char *text;
} imports[] = {
    {{{"GET /v1/users", 200, USERS},
      {"POST /v1/imports", 201, "{\"id\":\"q\"}"},
      {"POST /v1/imports/q/rows", 200, "{}"},
      {"POST /v1/imports/q/start", 202, "{}"},
      {"GET /v1/imports/q", 200,
       "{\"stage\":\"done\",\"end\":\"stored\",\"import\":9,\"rows\":1,\"added\":1,\"first_at\":"
       "\"2015-03-01T10:00:00.000Z\",\"last_at\":\"2015-03-01T10:00:00.000Z\"}"}},
     EXIT_STATUS_OK,
     "1 new"},
    {{{"GET /v1/users", 200, USERS},
      {"POST /v1/imports", 201, "{\"id\":\"q\"}"},
      {"POST /v1/imports/q/rows", 200, "{}"},
      {"POST /v1/imports/q/start", 202, "{}"},
      {"GET /v1/imports/q", 200, "{\"stage\":\"done\",\"end\":\"stored\",\"rows\":7}"}},
     EXIT_STATUS_SOFTWARE,
     "the counts do not add up"},
    {{{"GET /v1/users", 200, USERS},
      {"POST /v1/imports", 201, "{\"id\":\"q\"}"},
      {"POST /v1/imports/q/rows", 200, "{}"},
      {"POST /v1/imports/q/start", 202, "{}"},
      {"GET /v1/imports/q", 200, "{\"stage\":\"done\",\"end\":\"failed\",\"error\":\"no room\"}"}},
     EXIT_STATUS_TEMPFAIL,
     "no room"},
    {{{"GET /v1/users", 200, USERS},
      {"POST /v1/imports", 201, "{\"id\":\"q\"}"},
      {"POST /v1/imports/q/rows", 400, REFUSED("bad_request", "out of order")},
      {"POST /v1/imports/q/cancel", 200, "{}"}},
     EXIT_STATUS_SOFTWARE,
     "out of order"},
    {{{"GET /v1/users", 200, USERS},
      {"POST /v1/imports", 201, "{\"id\":\"q\"}"},
      {"POST /v1/imports/q/rows", 503, REFUSED("unavailable", "cannot be kept")},
      {"POST /v1/imports/q/cancel", 200, "{}"}},
     EXIT_STATUS_TEMPFAIL,
     "the same command again finishes the job"},
    {{{"GET /v1/users", 200, USERS},
      {"POST /v1/imports", 201, "{\"id\":\"q\"}"},
      {"POST /v1/imports/q/rows", 200, "{}"},
      {"POST /v1/imports/q/start", 409, REFUSED("conflict", "it was given up")},
      {"POST /v1/imports/q/cancel", 200, "{}"}},
     EXIT_STATUS_TEMPFAIL,
     "it was given up"},
    {{{"GET /v1/users", 200, USERS},
      {"POST /v1/imports", 201, "{\"id\":\"q\"}"},
      {"POST /v1/imports/q/rows", 200, "{}"},
      {"POST /v1/imports/q/start", 0, ""}, /* it may have begun */
      {"GET /v1/imports/q", 404, REFUSED("not_found", "dropped")}},
     EXIT_STATUS_TEMPFAIL,
     "dropped"},
    {{{"GET /v1/users", 200, USERS},
      {"POST /v1/imports", 400, REFUSED("bad_request", "another version")}},
     EXIT_STATUS_SOFTWARE,
     "another version"},
    {{{"GET /v1/users", 200, TWO}}, EXIT_STATUS_USAGE, "say whose history it is, with --user"},
    {{{"GET /v1/users", 200, "{\"users\":[]}"}}, EXIT_STATUS_USAGE, "signed in"},
    {{{"GET /v1/users", 403, REFUSED("forbidden", "not in the group")}},
     EXIT_STATUS_NOPERM,
     "not in the group"},
};

static const char *write_rows(void)
{
    const char *path = store_help_path("rows.json");

    store_help_write(path, ROWS, strlen(ROWS), 0600);
    return path;
}

START_TEST(an_import_by_the_daemon_says_how_it_ended)
{
    const struct import *one = &imports[_i];
    struct ctl_help_answer answers[COUNT(one->answers) + 1] = {0};

    memcpy(answers, one->answers, sizeof(one->answers));
    ctl_help_daemon(answers);
    ctl_help_expect(CTL_CALL("import", write_rows()), one->status, one->text);
}
END_TEST

START_TEST(an_import_on_a_terminal_draws_how_far_it_is_and_wipes_it)
{
    static const struct ctl_help_answer working = {
        "GET /v1/imports/q", 200, "{\"stage\":\"working\",\"rows\":1,\"added\":1}"};
    struct ctl_help_answer answers[16] = {0};
    unsigned columns[] = {0, 20, 200};

    memcpy(answers, imports[0].answers, sizeof(imports[0].answers));
    answers[9] = answers[4];
    for (int i = 4; i < 9; i++)
        answers[i] = working;
    ctl_help_daemon(answers);
    ctl_help_screen(columns[_i]);
    ck_assert_int_eq(CTL_CALL("import", write_rows()), EXIT_STATUS_OK);
    ck_assert_ptr_nonnull(strstr(ctl_help_err(), " %"));
    ck_assert_ptr_nonnull(strstr(ctl_help_out(), "rows.json"));
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *test = tcase_create(name);

    tcase_add_checked_fixture(test, ctl_help_setup, ctl_help_teardown);
    suite_add_tcase(suite, test);
    return test;
}

static void add_logins(Suite *suite)
{
    TCase *test = add_case(suite, "login");

    tcase_add_loop_test(test, a_sign_in_by_the_daemon_is_shown_until_it_is_over, 0, COUNT(logins));
    tcase_add_loop_test(test, what_is_pasted_is_handed_in_and_asked_for_again_if_it_is_no_address,
                        0, COUNT(pasted));
    tcase_add_loop_test(test, what_is_no_token_is_refused_before_anybody_is_asked, 0,
                        COUNT(bad_tokens));
    tcase_add_test(test, a_token_without_end_is_refused);
    tcase_add_test(test, a_token_is_handed_to_the_daemon_without_the_blanks_behind_it);
}

Suite *ctl_daemon_suite(void)
{
    Suite *suite = suite_create("ctl_daemon");
    TCase *test = add_case(suite, "answers");

    tcase_add_loop_test(test, a_sync_says_of_each_user_how_it_went_and_ends_with_the_worst, 0,
                        COUNT(syncs));
    tcase_add_loop_test(test, a_removal_says_what_went_or_why_nothing_did, 0, COUNT(removals));
    tcase_add_loop_test(test, a_removal_asks_on_a_terminal_and_takes_only_the_word_for_it, 0,
                        COUNT(typed));
    tcase_add_loop_test(test, a_play_is_marked_for_the_one_user_it_can_be_of, 0, COUNT(markings));
    tcase_add_loop_test(test, a_rebuilding_is_waited_for_and_its_end_told, 0, COUNT(rebuildings));
    tcase_add_loop_test(test, an_undoing_says_what_went_or_why_nothing_did, 0, COUNT(undoings));
    tcase_add_loop_test(test, an_undoing_asks_on_a_terminal, 0, COUNT(undo_typed));
    tcase_add_loop_test(test, an_import_by_the_daemon_says_how_it_ended, 0, COUNT(imports));
    tcase_add_loop_test(test, an_import_on_a_terminal_draws_how_far_it_is_and_wipes_it, 0, 3);
    add_logins(suite);
    return suite;
}
