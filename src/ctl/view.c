/* SPDX-License-Identifier: MIT */
#include "ctl/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "ctl/ctl.h"
#include "ctl/fields.h"
#include "ctl/print.h"
#include "ctl/user.h"

#define UNKNOWN_NUMBER INT64_MIN

/* -- Users ------------------------------------------------------------------------------------- */

/* When the sign-in ends is of no interest once it was removed. */
static int64_t days_left(const json_t *user)
{
    return field_flag(user, "signed_out") ? UNKNOWN_NUMBER
                                          : field_number(user, "days_left", UNKNOWN_NUMBER);
}

/* A number for a cell; "?" if it is not known. */
static const char *number_cell(int64_t number, char text[static 24])
{
    snprintf(text, 24, "%" PRId64, number);
    return number == UNKNOWN_NUMBER ? "?" : text;
}

static const char *state_of(const json_t *user)
{
    return field_flag(user, "signed_out") ? "signed out" : field_text(user, "state", "?");
}

static enum print_style style_of(const json_t *user)
{
    const char *state = state_of(user);

    if (strcmp(state, "needs_login") == 0)
        return PRINT_BAD;
    return strcmp(state, "active") == 0 ? PRINT_GOOD : PRINT_DIM;
}

static void add_user_row(struct print_table *table, const json_t *user)
{
    char number[24], days[24], plays[24], time[PRINT_TIME_SIZE];
    const char *cells[] = {
        number_cell(field_number(user, "user", UNKNOWN_NUMBER), number),
        field_text(user, "name", ""),
        field_text(user, "spotify_id", "?"),
        state_of(user),
        number_cell(days_left(user), days),
        print_time(field_text(user, "last_success_at", NULL), "never", time),
        number_cell(field_number(user, "plays_today", UNKNOWN_NUMBER), plays),
    };

    print_table_add(table, cells);
    print_table_style(table, 3, style_of(user));
}

void view_users(const json_t *users, struct buf *out)
{
    static const char *const headings[] = {"USER",      "NAME",         "SPOTIFY ID", "STATE",
                                           "DAYS LEFT", "LAST SUCCESS", "TODAY"};
    struct print_table table;
    const json_t *user;
    size_t at;

    if (json_array_size(users) == 0) {
        buf_add_text(out, "Nobody has signed in yet: spotify-historyctl login\n");
        return;
    }
    print_table_begin(&table, headings, sizeof(headings) / sizeof(headings[0]),
                      1U << 0 | 1U << 4 | 1U << 6);
    table.cut = 1U << 1 | 1U << 2;
    table.dim = 1U << 2;
    json_array_foreach (users, at, user)
        add_user_row(&table, user);
    if (!print_table_end(&table, out))
        out->failed = true;
}

/* -- Status ------------------------------------------------------------------------------------ */

static void add_running(const json_t *status, struct print_look look, struct buf *out)
{
    char time[PRINT_TIME_SIZE];

    if (!field_flag(status, "running")) {
        print_styled(out, look, PRINT_WARNING, "The daemon is not running: nothing is recorded.");
        buf_add_text(out, " This is what the database says:\n");
        return;
    }
    buf_add_text(out, "spotify-historyd ");
    print_text(out, field_text(status, "version", ""));
    buf_addf(out, " is running since %s\n",
             print_time(field_text(status, "started_at", NULL), "an unknown time", time));
}

static void add_page(const json_t *status, struct buf *out)
{
    const char *page = field_text(status, "page", NULL);
    const char *problem = field_text(status, "page_problem", NULL);

    if (!page && (!problem || !field_flag(status, "running")))
        return;
    buf_add_text(out, "page: ");
    print_text(out, page ? page : "none");
    if (problem) {
        buf_add_text(out, page ? "; " : ": ");
        print_text(out, problem);
    }
    buf_add_text(out, "\n");
}

static void add_calls(const json_t *spotify, struct buf *out)
{
    int64_t hour = field_number(spotify, "calls_this_hour", UNKNOWN_NUMBER);
    int64_t day = field_number(spotify, "calls_last_24_hours", UNKNOWN_NUMBER);
    int64_t budget = field_number(spotify, "daily_call_budget", 0);

    if (day == UNKNOWN_NUMBER)
        return;
    buf_addf(out, "calls: %" PRId64, day);
    if (budget > 0)
        buf_addf(out, " of %" PRId64 " planned", budget);
    buf_add_text(out, " in the last 24 hours");
    if (hour != UNKNOWN_NUMBER)
        buf_addf(out, ", %" PRId64 " in this hour", hour);
    buf_add_text(out, "\n");
}

static void add_spotify(const json_t *status, struct buf *out)
{
    const json_t *spotify = json_object_get(status, "spotify");
    const char *opens_at = field_text(spotify, "opens_at", NULL);
    const char *reason = field_text(spotify, "reason", NULL);
    char time[PRINT_TIME_SIZE];

    if (opens_at) {
        buf_addf(out, "Spotify: %s until %s",
                 field_flag(spotify, "app_trouble") ? "refuses this app, not asked again"
                                                    : "asked to wait",
                 print_time(opens_at, "an unknown time", time));
        if (reason) {
            buf_add_text(out, ": ");
            print_text(out, reason);
        }
        buf_add_text(out, "\n");
    }
    add_calls(spotify, out);
}

static void add_database(const json_t *status, struct buf *out)
{
    const json_t *database = json_object_get(status, "database");

    if (!database)
        return;
    buf_add_text(out, "database: ");
    print_text(out, field_text(database, "path", "?"));
    if (json_is_false(json_object_get(database, "takes_writes")) && field_flag(status, "running"))
        buf_add_text(out, ": takes no writes for now");
    buf_add_text(out, "\n");
}

static void add_user_line(const json_t *user, struct print_look look, struct buf *out)
{
    char time[PRINT_TIME_SIZE];
    int64_t days = days_left(user);
    int64_t plays = field_number(user, "plays_today", UNKNOWN_NUMBER);

    user_add_name(out, user);
    buf_add_text(out, ": ");
    print_styled(out, look, style_of(user), state_of(user));
    if (days != UNKNOWN_NUMBER)
        buf_addf(out, ", %" PRId64 " %s left", days, days == 1 ? "day" : "days");
    buf_addf(out, ", last success %s",
             print_time(field_text(user, "last_success_at", NULL), "never", time));
    if (plays != UNKNOWN_NUMBER)
        buf_addf(out, ", %" PRId64 " %s today", plays, plays == 1 ? "play" : "plays");
    if (field_flag(user, "suspicious"))
        buf_addf(out, "; refused like everybody else, tried again at %s",
                 print_time(field_text(user, "retry_at", NULL), "an unknown time", time));
    buf_add_text(out, "\n");
}

static void add_sentences(const json_t *sentences, bool numbered, struct print_look look,
                          struct buf *out)
{
    const json_t *sentence;
    size_t at;

    json_array_foreach (sentences, at, sentence) {
        if (numbered)
            buf_addf(out, "  %zu. ", at + 1);
        else
            print_styled(out, look, PRINT_WARNING, "to do: ");
        print_text(out, json_string_value(sentence));
        buf_add_text(out, "\n");
    }
}

void view_status(const json_t *status, struct print_look look, struct buf *out)
{
    const json_t *users = json_object_get(status, "users"), *user;
    const json_t *setup = json_object_get(status, "setup");
    size_t at;

    add_running(status, look, out);
    add_page(status, out);
    add_spotify(status, out);
    add_database(status, out);
    json_array_foreach (users, at, user)
        add_user_line(user, look, out);
    if (json_array_size(users) == 0)
        buf_add_text(out, "Nobody has signed in yet.\n");
    add_sentences(json_object_get(status, "todo"), false, look, out);
    if (json_is_array(setup)) {
        buf_add_text(out, "To begin with:\n");
        add_sentences(setup, true, look, out);
    }
}

int view_status_exit(const json_t *status)
{
    return field_flag(status, "running") && !field_flag(status, "must_act") ? EXIT_STATUS_OK
                                                                            : CTL_MUST_ACT;
}

/* -- Sync -------------------------------------------------------------------------------------- */

static bool is_success(const char *outcome)
{
    return strcmp(outcome, "ok") == 0 || strcmp(outcome, "unchanged") == 0 ||
           strcmp(outcome, "empty") == 0;
}

/* A person signed them out on purpose: they are not polled, and nothing is wrong. */
static bool is_signed_out(const json_t *before, const json_t *now)
{
    return strcmp(field_text(before, "why", ""), "signed_out") == 0 ||
           field_flag(now, "signed_out");
}

static const char *why_not(const json_t *before)
{
    static const struct {
        const char *why, *words;
    } table[] = {
        {"no_client", "no client id is configured"},
        {"wait", "Spotify asked to wait"},
        {"refused", "the daemon cannot poll this user now"},
    };
    const char *why = field_text(before, "why", "for no reason that the daemon told");

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].why, why) == 0)
            return table[i].words;
    return why;
}

static bool must_sign_in(const json_t *before, const json_t *now)
{
    return strcmp(field_text(before, "why", ""), "needs_login") == 0 ||
           strcmp(field_text(now, "state", ""), "needs_login") == 0;
}

int view_synced_exit(const json_t *before, const json_t *now, bool done)
{
    const json_t *poll = json_object_get(now, "last_poll");

    if (is_signed_out(before, now))
        return EXIT_STATUS_OK;
    if (must_sign_in(before, now))
        return EXIT_STATUS_NOPERM;
    if (!now || !field_flag(before, "polled") || !done ||
        !is_success(field_text(poll, "outcome", "")))
        return EXIT_STATUS_TEMPFAIL;
    return EXIT_STATUS_OK;
}

static void add_outcome(const json_t *now, struct buf *out)
{
    const json_t *poll = json_object_get(now, "last_poll");
    const char *outcome = field_text(poll, "outcome", "?");
    const char *detail = field_text(poll, "detail", NULL);
    int64_t added = field_number(poll, "added", 0);

    if (is_success(outcome) && added == 0) {
        buf_add_text(out, "nothing new");
    } else if (is_success(outcome)) {
        buf_addf(out, "%" PRId64 " new %s", added, added == 1 ? "play" : "plays");
    } else {
        buf_add_text(out, "failed: ");
        print_text(out, detail ? detail : outcome);
    }
}

void view_synced(const json_t *before, const json_t *now, bool done, struct buf *out)
{
    if (now)
        user_add_name(out, now);
    else
        buf_addf(out, "user %" PRId64, user_number(before));
    buf_add_text(out, ": ");
    if (!now) {
        buf_add_text(out, "not there any more");
    } else if (is_signed_out(before, now)) {
        buf_add_text(out, "signed out, not polled");
    } else if (must_sign_in(before, now)) {
        buf_addf(out, "must sign in again: spotify-historyctl login --user %" PRId64,
                 user_number(now));
    } else if (!field_flag(before, "polled")) {
        buf_add_text(out, "not polled: ");
        print_text(out, why_not(before));
    } else if (!done) {
        buf_add_text(out, "no answer yet");
    } else {
        add_outcome(now, out);
    }
    buf_add_text(out, "\n");
}

/* -- Forget ------------------------------------------------------------------------------------ */

void view_holds(const json_t *holds, struct buf *out)
{
    static const struct {
        const char *key, *one, *many;
    } kinds[] = {
        {"plays", "play", "plays"},
        {"deleted_plays", "deleted play", "deleted plays"},
        {"gaps", "gap", "gaps"},
        {"polls", "poll of the ledger", "polls of the ledger"},
        {"imports", "import", "imports"},
        {"rejects", "row that an import did not take", "rows that imports did not take"},
        {"tracks", "track that nobody else needs", "tracks that nobody else needs"},
        {"albums", "album", "albums"},
        {"artists", "artist", "artists"},
    };
    bool any = false;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int64_t count = field_number(holds, kinds[i].key, 0);

        if (count <= 0)
            continue;
        buf_addf(out, "%s%" PRId64 " %s", any ? ", " : "", count,
                 count == 1 ? kinds[i].one : kinds[i].many);
        any = true;
    }
    if (!any)
        buf_add_text(out, "no plays");
}

/* -- Login ------------------------------------------------------------------------------------- */

int view_login_exit(const char *result)
{
    static const struct {
        const char *result;
        int status;
    } table[] = {
        {"ok", EXIT_STATUS_OK},
        {"denied", EXIT_STATUS_NOPERM},
        {"no_state", EXIT_STATUS_NOPERM},
        {"expired", EXIT_STATUS_TEMPFAIL},
        {"used", EXIT_STATUS_NOPERM},
        {"foreign", EXIT_STATUS_NOPERM},
        {"spotify_error", EXIT_STATUS_NOPERM},
        {"code_refused", EXIT_STATUS_NOPERM},
        {"not_registered", EXIT_STATUS_NOPERM},
        {"owner_premium", EXIT_STATUS_NOPERM},
        {"client", EXIT_STATUS_NOPERM},
        {"scope", EXIT_STATUS_NOPERM},
        {"other_account", EXIT_STATUS_NOPERM},
        {"wait", EXIT_STATUS_TEMPFAIL},
        {"down", EXIT_STATUS_TEMPFAIL},
        {"refused", EXIT_STATUS_NOPERM},
        {"no_client", EXIT_STATUS_CONFIG},
        {"store", EXIT_STATUS_IO},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].result, result) == 0)
            return table[i].status;
    return EXIT_STATUS_SOFTWARE;
}

void view_login_failure(const char *title, const char *message, const char *advice, struct buf *out)
{
    const char *parts[] = {title, message, advice};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!parts[i] || !*parts[i])
            continue;
        buf_add_text(out, "spotify-historyctl: login: ");
        print_text(out, parts[i]);
        buf_add_text(out, "\n");
    }
}
