/* SPDX-License-Identifier: MIT */
/* ctl/health_judge: from what was seen to a verdict: thresholds and words, nothing else. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/text.h"
#include "capture/countdown.h"
#include "capture/policy.h"
#include "config.h"
#include "ctl/fields.h"
#include "ctl/health.h"
#include "daemon/options.h"
#include "net/net.h"

#define CALLBACK_PATH "/spotify/callback"
#define MIB INT64_C(1048576)
#define DISK_FAILURE (20 * MIB)
#define DISK_WARNING (200 * MIB)
#define INODES_FAILURE 10 /* a start makes the log, its index and the lock */
#define INODES_WARNING 100
#define CLOCK_WARNING CLOCK_MINUTE
#define CLOCK_FAILURE CLOCK_HOUR
#define CLOCK_EARLIEST INT64_C(1767225600000) /* 2026-01-01: this program is not older */
#define ANSWER_SLOW CLOCK_SECOND

void health_say(struct health_verdict *verdict, enum health_state state, const char *format, ...)
{
    va_list arguments;

    verdict->state = state;
    va_start(arguments, format);
    vsnprintf(verdict->text, sizeof(verdict->text), format, arguments);
    va_end(arguments);
}

void health_advise(struct health_verdict *verdict, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(verdict->todo, sizeof(verdict->todo), format, arguments);
    va_end(arguments);
}

const char *health_state_name(enum health_state state)
{
    switch (state) {
    case HEALTH_OK:
        return "ok";
    case HEALTH_UNCHECKED:
        return "not checked";
    case HEALTH_WARNING:
        return "warning";
    default:
        return "failure";
    }
}

/* -- files ------------------------------------------------------------------------------------- */

/* What others may do with it, but should not. */
static const char *harm(const struct health_file *file, unsigned beyond)
{
    if (file->type == S_IFSOCK)
        return "connect to";
    if (beyond & 0022)
        return "change";
    if (beyond & 0044)
        return "read";
    return file->type == S_IFDIR ? "enter" : "run";
}

static void judge_rights(const struct health_file *file, struct health_verdict *verdict)
{
    unsigned mode = file->mode & 0777, beyond = mode & ~(unsigned)file->most;

    if (beyond) {
        health_say(verdict, beyond & file->grave ? HEALTH_FAILURE : HEALTH_WARNING,
                   "%s %s has mode %04o, more than %04o: others may %s it", file->what, file->path,
                   mode, (unsigned)file->most, harm(file, beyond));
        health_advise(verdict, "chmod %04o %s", mode & file->most, file->path);
    } else if ((mode & file->least) != file->least) {
        health_say(verdict, HEALTH_FAILURE, "%s %s has mode %04o: the daemon cannot use it",
                   file->what, file->path, mode);
        health_advise(verdict, "chmod %04o %s", mode | file->least, file->path);
    } else {
        health_say(verdict, HEALTH_OK, "%s %s has mode %04o", file->what, file->path, mode);
    }
}

void health_judge_file(const struct health_file *file, struct health_verdict *verdict)
{
    bool known = file->owner != (uid_t)-1;

    *verdict = (struct health_verdict){0};
    if ((file->mode & S_IFMT) != file->type) {
        health_say(verdict, HEALTH_FAILURE, "%s %s is not a %s", file->what, file->path,
                   file->type == S_IFDIR    ? "directory"
                   : file->type == S_IFSOCK ? "socket"
                                            : "file");
        health_advise(verdict, "move %s away and restart the daemon", file->path);
    } else if (known && file->uid != file->owner && !(file->of_root && file->uid == 0)) {
        health_say(verdict, HEALTH_FAILURE, "%s %s belongs to user %lu, the database to user %lu",
                   file->what, file->path, (unsigned long)file->uid, (unsigned long)file->owner);
        health_advise(verdict, "chown %lu %s (or the database, if that is what is wrong)",
                      (unsigned long)file->owner, file->path);
    } else {
        judge_rights(file, verdict);
    }
}

/* -- disk and clock ---------------------------------------------------------------------------- */

void health_judge_disk(const struct health_disk *disk, struct health_verdict *verdict)
{
    long long mib = disk->free_bytes / MIB, size = disk->database_bytes / MIB;
    bool no_inodes = disk->inodes > 0 && disk->free_inodes < INODES_FAILURE;
    bool few_inodes = disk->inodes > 0 && disk->free_inodes < INODES_WARNING;

    *verdict = (struct health_verdict){0};
    if (disk->read_only) {
        health_say(verdict, HEALTH_FAILURE, "the file system of the database takes no writes");
        health_advise(verdict, "see why it is mounted read-only: a disk that failed often is");
        return;
    }
    if (disk->free_bytes < DISK_FAILURE)
        health_say(verdict, HEALTH_FAILURE, "only %lld MiB are free where the database is", mib);
    else if (no_inodes || few_inodes)
        health_say(verdict, no_inodes ? HEALTH_FAILURE : HEALTH_WARNING,
                   "only %lld files more can be made where the database is",
                   (long long)disk->free_inodes);
    else if (disk->free_bytes < DISK_WARNING)
        health_say(verdict, HEALTH_WARNING, "only %lld MiB are free where the database is", mib);
    else if (disk->free_bytes / 2 < disk->database_bytes)
        health_say(verdict, HEALTH_WARNING,
                   "%lld MiB are free, less than twice the database's %lld MiB: a copy of it may "
                   "not fit",
                   mib, size);
    else
        health_say(verdict, HEALTH_OK, "%lld MiB are free where the database is", mib);
    if (verdict->state != HEALTH_OK)
        health_advise(verdict, "free some space on that file system");
}

void health_judge_clock(int64_t now, int64_t theirs, struct health_verdict *verdict)
{
    static const char advice[] = "have the clock set from the network (for example: timedatectl "
                                 "set-ntp true)";
    char text[TEXT_TIME_SIZE], off[TEXT_DURATION_SIZE];
    int64_t apart = theirs > now ? theirs - now : now - theirs;

    *verdict = (struct health_verdict){0};
    if (now < CLOCK_EARLIEST) {
        health_say(verdict, HEALTH_FAILURE, "the clock says %s, which cannot be",
                   text_time_format(now, text));
    } else if (theirs == 0) {
        health_say(verdict, HEALTH_OK, "the clock says %s, not compared with Spotify's",
                   text_time_format(now, text));
        return;
    } else if (apart >= CLOCK_WARNING) {
        health_say(verdict, apart >= CLOCK_FAILURE ? HEALTH_FAILURE : HEALTH_WARNING,
                   "the clock is %s %s Spotify's", text_duration_human(apart, off),
                   theirs > now ? "behind" : "ahead of");
    } else {
        health_say(verdict, HEALTH_OK, "the clock agrees with Spotify's within %s",
                   apart < 2 * CLOCK_SECOND ? "2 s" : text_duration_human(apart, off));
        return;
    }
    health_advise(verdict, "%s", advice);
}

/* -- people ------------------------------------------------------------------------------------ */

static void judge_days(const struct health_sign_in *sign_in, struct health_verdict *verdict)
{
    char silence[TEXT_DURATION_SIZE];
    int32_t days = sign_in->days_left;

    if (days != COUNTDOWN_UNKNOWN && days <= 0) {
        health_say(verdict, HEALTH_FAILURE, "%s: the sign-in is over, after six months",
                   sign_in->name);
    } else if (days != COUNTDOWN_UNKNOWN && days <= COUNTDOWN_ACT_DAYS) {
        health_say(verdict, HEALTH_WARNING, "%s: Spotify ends the sign-in in %d %s", sign_in->name,
                   days, days == 1 ? "day" : "days");
    } else if (sign_in->silent_ms > sign_in->patience_ms) {
        health_say(verdict, HEALTH_WARNING, "%s: nothing from Spotify for %s", sign_in->name,
                   text_duration_human(sign_in->silent_ms, silence));
        health_advise(verdict, "see spotify-historyctl status and the daemon's log for why");
        return;
    } else if (days == COUNTDOWN_UNKNOWN) {
        health_say(verdict, HEALTH_OK, "%s: signed in; nobody knows until when", sign_in->name);
    } else {
        health_say(verdict, HEALTH_OK, "%s: signed in for another %d days", sign_in->name, days);
    }
    if (verdict->state != HEALTH_OK)
        health_advise(verdict, "sign in again: spotify-historyctl login");
}

void health_judge_sign_in(const struct health_sign_in *sign_in, struct health_verdict *verdict)
{
    *verdict = (struct health_verdict){0};
    if (sign_in->signed_out) {
        health_say(verdict, HEALTH_OK, "%s: signed out on purpose, not recorded", sign_in->name);
    } else if (sign_in->state == STORE_USER_NEEDS_LOGIN) {
        health_say(verdict, HEALTH_FAILURE, "%s must sign in again: %s", sign_in->name,
                   sign_in->reason);
        health_advise(verdict, "sign in again: spotify-historyctl login");
    } else if (sign_in->state == STORE_USER_PAUSED) {
        health_say(verdict, HEALTH_FAILURE, "%s is refused by Spotify: %s", sign_in->name,
                   sign_in->reason);
        health_advise(verdict, "add them under User Management of the app at "
                               "https://developer.spotify.com/dashboard, then sign in again");
    } else {
        judge_days(sign_in, verdict);
    }
}

void health_believe_daemon(const json_t *status, int64_t user_id, struct health_sign_in *sign_in)
{
    const json_t *user;
    const char *state;
    size_t index;

    json_array_foreach (json_object_get(status, "users"), index, user) {
        if (field_number(user, "user", 0) != user_id)
            continue;
        state = field_text(user, "state", "");
        if (strcmp(state, store_user_state_name(STORE_USER_NEEDS_LOGIN)) == 0)
            sign_in->state = STORE_USER_NEEDS_LOGIN;
        else if (strcmp(state, store_user_state_name(STORE_USER_PAUSED)) == 0)
            sign_in->state = STORE_USER_PAUSED;
        else
            return;
        sign_in->reason = field_text(user, "reason", sign_in->reason);
        sign_in->signed_out = field_flag(user, "signed_out");
    }
}

void health_judge_gate(const struct health_gate *gate, struct health_verdict *verdict)
{
    char until[TEXT_TIME_SIZE];
    bool closed = gate->opens_at != STORE_NO_TIME && gate->opens_at > gate->now;

    *verdict = (struct health_verdict){0};
    if (closed && gate->app_trouble) {
        health_say(verdict, HEALTH_FAILURE, "Spotify refuses the app itself: %s", gate->reason);
        health_advise(verdict, "look at the app at https://developer.spotify.com/dashboard: its "
                               "owner needs Premium, and client id and secret must be right");
    } else if (closed) {
        health_say(verdict, HEALTH_WARNING, "Spotify asked to wait until %s: %s",
                   text_time_format(gate->opens_at, until), gate->reason);
        health_advise(verdict, "wait: the daemon goes on by itself; longer intervals or fewer "
                               "other programs with this client id help");
    } else {
        health_say(verdict, HEALTH_OK, "Spotify did not ask to wait");
    }
}

/* -- the daemon -------------------------------------------------------------------------------- */

static void judge_status(const json_t *status, int64_t took_ms, const struct config *config,
                         struct health_verdict *verdict)
{
    const json_t *database = json_object_get(status, "database");
    const char *version = field_text(status, "version", "?");
    const char *page = field_text(status, "page", NULL);
    const char *problem = field_text(status, "page_problem", NULL);

    if (json_is_false(json_object_get(database, "takes_writes"))) {
        health_say(verdict, HEALTH_FAILURE, "it runs, but the database takes no writes");
        health_advise(verdict, "see the daemon's log, and disk space and permissions here");
    } else if (strcmp(version, PACKAGE_VERSION) != 0) {
        health_say(verdict, HEALTH_WARNING, "version %s runs, but " PACKAGE_VERSION " is installed",
                   version);
        health_advise(verdict, "restart it: systemctl restart spotify-historyd");
    } else if (strcmp(field_text(database, "path", config->store.database),
                      config->store.database) != 0) {
        health_say(verdict, HEALTH_WARNING, "it uses the database %s, not the configured one",
                   field_text(database, "path", "?"));
        health_advise(verdict, "restart it, or name its configuration with -c");
    } else if (took_ms > ANSWER_SLOW) {
        health_say(verdict, HEALTH_WARNING, "it runs, but took %lld ms to answer",
                   (long long)took_ms);
        health_advise(verdict, "see what else keeps this machine or its disk busy");
    } else if (!page && problem && config->web.listen[0]) {
        health_say(verdict, HEALTH_WARNING, "it runs, but without its page: %s", problem);
        health_advise(verdict, "free the address %s, or set another web.listen",
                      config->web.listen);
    } else {
        health_say(verdict, HEALTH_OK, "version %s runs since %s, %s%s", version,
                   field_text(status, "started_at", "?"), page ? "page at " : "without a page",
                   page ? page : "");
    }
}

void health_judge_daemon(const struct client_answer *answer, int64_t took_ms,
                         const struct config *config, struct health_verdict *verdict)
{
    *verdict = (struct health_verdict){0};
    switch (answer->result) {
    case CLIENT_OK:
        judge_status(answer->json, took_ms, config, verdict);
        break;
    case CLIENT_ABSENT:
        health_say(verdict, HEALTH_FAILURE, "it is not running: nothing is recorded");
        health_advise(verdict, "start it: systemctl start spotify-historyd");
        break;
    case CLIENT_DENIED:
        health_say(verdict, HEALTH_UNCHECKED, "no permission: %s", answer->message);
        break;
    default:
        health_say(verdict, HEALTH_FAILURE, "%s", answer->message);
        health_advise(verdict, "see its log, and restart it: systemctl restart spotify-historyd");
    }
}

/* -- the configuration ------------------------------------------------------------------------- */

bool health_leads_to_page(const char *redirect_uri, const char *listen)
{
    const char *host = strstr(redirect_uri, "://"), *port = strrchr(listen, ':');
    size_t len;

    if (!host || !port || !net_url_is_loopback(redirect_uri))
        return true; /* something in front of the page may know the way */
    host += strlen("://");
    len = strcspn(host, "/?#");
    if (strcmp(host + len, CALLBACK_PATH) != 0)
        return false;
    if (strlen(listen) == len && strncmp(listen, host, len) == 0)
        return true;
    /* All addresses of the machine, this one among them. */
    return !option_listen_is_loopback(listen) && len > strlen(port) &&
           strncmp(host + len - strlen(port), port, strlen(port)) == 0;
}

void health_judge_config(const struct config *config, size_t users, struct health_verdict *verdict)
{
    char interval[TEXT_DURATION_SIZE];
    int64_t poll =
        policy_stretch(config->capture.poll_interval_ms, config->capture.sweep_interval_ms,
                       config->capture.daily_call_budget, users);

    *verdict = (struct health_verdict){0};
    if (!config->spotify.client_id[0]) {
        health_say(verdict, HEALTH_WARNING, "no client id is configured: nothing is recorded");
        health_advise(verdict, "follow the steps of: spotify-historyctl status");
    } else if (policy_interval_can_lose(poll)) {
        health_say(
            verdict, HEALTH_WARNING,
            "polling every %s can lose plays: 50 songs of 30 s, all that Spotify shows, pass "
            "in 25 min",
            text_duration_human(poll, interval));
        health_advise(verdict, poll > config->capture.poll_interval_ms
                                   ? "raise capture.daily_call_budget"
                                   : "shorten capture.poll_interval");
    } else if (config->web.listen[0] &&
               !health_leads_to_page(config->spotify.redirect_uri, config->web.listen)) {
        health_say(verdict, HEALTH_WARNING,
                   "spotify.redirect_uri is %s, but the page is at %s: a sign-in will end on an "
                   "empty page",
                   config->spotify.redirect_uri, config->web.listen);
        health_advise(verdict,
                      "set spotify.redirect_uri to http://%s" CALLBACK_PATH
                      " here and in the app's settings",
                      config->web.listen);
    } else {
        health_say(verdict, HEALTH_OK, "valid");
    }
}
