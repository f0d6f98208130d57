/* SPDX-License-Identifier: MIT */
#include "capture/poller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "spotify/request.h"

#define EARLIEST_PLAY_MS INT64_C(1136073600000) /* 2006-01-01: Spotify did not exist before */
#define FUTURE_MS (2 * CLOCK_DAY)               /* how far a play may lie ahead of our clock */
/* A page of 50 plays with every market that an album is sold in has some 300 KiB. Twice as much as
 * this, unpacked out of a bomb of gzip, kept everybody else waiting for 20 ms and more. */
#define HISTORY_BODY_MAX (2u << 20)
#define POSTPONE_MS 100

static void ask(struct poller *poller);

/* A failed poll: what is known of it. */
struct failure {
    enum policy_failure policy;
    int64_t wait_ms;
    int http_status;
    const char *outcome; /* for the ledger: static */
    char code[64];
    char reason[200];
};

/* -- the end of a poll ------------------------------------------------------------------------- */

static void rest(struct poller *poller, bool success)
{
    if (poller->again) /* what is asked for now may be newer than the answer */
        policy_on_request(&poller->policy, clock_boot_ms());
    poller->again = false;
    poller->stage = POLLER_IDLE;
    poller->polled_once = true;
    poller->once_success = success;
    poller->polls++;
    if (poller->policy.failures <= 1)
        poller->failing_since = poller->started_boot;
    poller_judge_app(poller);
    recorder_rest(poller);
}

static void start_outcome(const struct poller *poller, struct commit_outcome *outcome)
{
    int64_t took = clock_boot_ms() - poller->started_boot;

    *outcome = (struct commit_outcome){
        .user_id = poller->user_id,
        .user_name = poller->name,
        .kind = poller->action.kind,
        .after = poller->action.kind == POLICY_TAIL ? poller->action.after : POLICY_NO_TIME,
        .started_wall_ms = poller->started_wall,
        .finished_wall_ms = clock_wall_ms(),
        .latest_wall_ms = clock_wall_ms(),
        .blocked = poller->blocked,
        .duration_ms = took,
    };
}

static void stored_failure(const struct commit_result *result, void *context)
{
    struct poller *poller = context;

    if (result->stored == STORE_OK)
        recorder_store_suspects(poller->recorder);
    /* A note that is lost, the policy knows already; a change of state is held, and told of twice.
     */
    if (!result->was_held)
        rest(poller, false);
}

static void say_failure(struct poller *poller, const struct failure *failure, bool changed)
{
    enum log_level level = changed ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING;
    const char *next = "trying again with pauses of up to 15 minutes";

    if (poller->policy.state == POLICY_NEEDS_LOGIN)
        next = "sign in again (spotify-historyctl login, or the page /spotify); what is recorded "
               "stays, other users go on";
    else if (failure->policy == POLICY_FAIL_FORBIDDEN)
        next = poller->policy.state == POLICY_PAUSED ? "asking again every 6 hours"
                                                     : "asking again at the next poll";
    else if (failure->policy == POLICY_FAIL_OURS)
        next = "asking again in an hour; please report this";
    else if (failure->policy == POLICY_FAIL_LOCAL)
        next = "polling goes on";
    else if (failure->policy == POLICY_FAIL_GATE)
        return; /* said once for all users */
    log_episode_meet(&poller->trouble, clock_boot_ms(), level, "%s: %s: %s; %s", poller->name,
                     failure->outcome, failure->reason[0] ? failure->reason : failure->code, next);
}

/* "not_registered: User not registered in ...", the code once. */
static void write_detail(char *detail, size_t size, const struct failure *failure)
{
    size_t len = strlen(failure->code);

    if (strncmp(failure->reason, failure->code, len) == 0)
        snprintf(detail, size, "%s", failure->reason);
    else
        snprintf(detail, size, "%.60s: %.130s", failure->code, failure->reason);
}

static void set_last(struct poller *poller, const char *outcome, const char *detail, int64_t added)
{
    poller->last_outcome = outcome;
    snprintf(poller->last_detail, sizeof(poller->last_detail), "%s", detail);
    poller->last_added = added;
}

static void fail(struct poller *poller, const struct failure *failure)
{
    struct commit_outcome outcome;
    bool changed = policy_on_failure(&poller->policy, &poller->recorder->policy, clock_boot_ms(),
                                     failure->policy, failure->wait_ms);

    start_outcome(poller, &outcome);
    if (failure->policy == POLICY_FAIL_NEEDS_LOGIN)
        outcome.sets_refused = recorder_on_refused(poller, failure->code);
    outcome.refused_at = poller->refused_at;
    outcome.retries = poller->retries;
    say_failure(poller, failure, changed);
    outcome.outcome = failure->outcome;
    outcome.http_status = failure->http_status;
    write_detail(outcome.detail, sizeof(outcome.detail), failure);
    set_last(poller, outcome.outcome, outcome.detail, 0);
    outcome.sets_state = changed;
    outcome.state =
        poller->policy.state == POLICY_NEEDS_LOGIN ? STORE_USER_NEEDS_LOGIN : STORE_USER_PAUSED;
    if (changed)
        snprintf(poller->state_reason, sizeof(poller->state_reason), "%s", outcome.detail);
    poller->stage = POLLER_STORING;
    if (!commit_add(poller->recorder->commit, &outcome, stored_failure, poller))
        rest(poller, false);
    recorder_release(poller->recorder);
}

static void fail_plain(struct poller *poller, enum policy_failure policy, const char *outcome,
                       const char *reason)
{
    struct failure failure = {.policy = policy, .outcome = outcome};

    snprintf(failure.code, sizeof(failure.code), "%.60s", outcome);
    snprintf(failure.reason, sizeof(failure.reason), "%.190s", reason);
    fail(poller, &failure);
}

/* What Spotify asks of a client, or says of an app, is of the one that was configured then. */
static bool is_of_before(const struct poller *poller, enum spotify_failure_class class)
{
    const struct recorder_apps *now = &poller->recorder->apps, *then = &poller->asked_for;
    bool of_app = class == SPOTIFY_FAILURE_APP;

    return (of_app || class == SPOTIFY_FAILURE_RATE_LIMIT) &&
           (now->clients != then->clients || (of_app && now->secrets != then->secrets));
}

/* An answer that is no success, sorted by spotify/errors: what it means for this user and for the
 * client. */
static void fail_spotify(struct poller *poller, const struct spotify_failure *sorted,
                         int http_status)
{
    struct recorder *recorder = poller->recorder;
    struct failure failure = {.policy = POLICY_FAIL_TRANSIENT,
                              .http_status = http_status,
                              .outcome = spotify_failure_name(sorted->failure)};

    snprintf(failure.code, sizeof(failure.code), "%s", sorted->code);
    snprintf(failure.reason, sizeof(failure.reason), "%s", sorted->reason);
    if (is_of_before(poller, sorted->failure)) {
        log_notice("%s: %s, said to the app of before the reload: asked again", poller->name,
                   failure.code);
        fail(poller, &failure);
        return;
    }
    switch (sorted->failure) {
    case SPOTIFY_FAILURE_RATE_LIMIT:
        failure.policy = POLICY_FAIL_GATE;
        failure.wait_ms = sorted->retry_after_s * CLOCK_SECOND;
        break;
    case SPOTIFY_FAILURE_APP:
        failure.policy = POLICY_FAIL_GATE;
        failure.wait_ms = gate_app_wait(&recorder->gate);
        break;
    case SPOTIFY_FAILURE_NEEDS_LOGIN:
        failure.policy = POLICY_FAIL_NEEDS_LOGIN;
        break;
    case SPOTIFY_FAILURE_FORBIDDEN:
        failure.policy = POLICY_FAIL_FORBIDDEN;
        break;
    case SPOTIFY_FAILURE_OURS:
        failure.policy = POLICY_FAIL_OURS;
        break;
    case SPOTIFY_FAILURE_NONE:
    case SPOTIFY_FAILURE_TRANSIENT:
    case SPOTIFY_FAILURE_TOKEN_EXPIRED:
        break;
    }
    if (failure.policy == POLICY_FAIL_GATE)
        recorder_close_gate(recorder, failure.wait_ms,
                            failure.reason[0] ? failure.reason : failure.code,
                            sorted->failure == SPOTIFY_FAILURE_APP);
    fail(poller, &failure);
}

static void succeeded(struct poller *poller, const struct policy_page *page)
{
    if (poller->policy.state != POLICY_ACTIVE)
        poller->state_reason[0] = '\0';
    poller->refused_at = STORE_NO_TIME;
    poller->retries = 0;
    poller->suspicious = false;
    policy_on_page(&poller->policy, &poller->recorder->policy, clock_boot_ms(), page);
    gate_succeeded(&poller->recorder->gate);
    poller->blocked = false;
    poller->last_success_wall = clock_wall_ms();
    log_episode_leave(&poller->trouble, clock_boot_ms(), "%s: recording again", poller->name);
}

/* A page is stored; or held, because the database takes no writes: then this is called again later,
 * for the record only. */
static void stored_page(const struct commit_result *result, void *context)
{
    struct poller *poller = context;
    int kind = result->page.kind;

    if (result->stored == STORE_OK) {
        poller->known_witness[kind] = result->page.witness;
        poller->known_cursor[kind] = result->page.cursor;
        if (result->was_held) {
            if (result->page.cursor > poller->policy.cursor)
                poller->policy.cursor = result->page.cursor;
            return;
        }
        succeeded(poller, &result->page);
        set_last(poller, "ok", "", (int64_t)result->added);
        rest(poller, true);
        return;
    }
    set_last(poller, "database_full", "the database takes no writes", 0);
    poller->known_page[kind] = poller->known_page[kind] && result->held;
    if (result->was_held)
        return;
    policy_on_failure(&poller->policy, &poller->recorder->policy, clock_boot_ms(),
                      result->held ? POLICY_FAIL_LOCAL : POLICY_FAIL_TRANSIENT, 0);
    rest(poller, false);
}

/* Nothing new was in the answer: only the ledger is written. */
static void stored_nothing(const struct commit_result *result, void *context)
{
    struct poller *poller = context;
    struct policy_page page = {
        .kind = poller->action.kind,
        .cursor = poller->policy.cursor,
    };

    /* The list can go back to an old state: then the newest stored play is not in it any more. An
     * answer without a page shows nothing at all: no tail needs a sweep for that, and where one is
     * owed it stays so. */
    page.witness = poller->unchanged ? poller->known_witness[page.kind] &&
                                           poller->known_cursor[page.kind] == poller->policy.cursor
                                     : page.kind == POLICY_TAIL;
    if (result->stored != STORE_OK) {
        policy_on_failure(&poller->policy, &poller->recorder->policy, clock_boot_ms(),
                          POLICY_FAIL_LOCAL, 0);
        rest(poller, false);
        return;
    }
    succeeded(poller, &page);
    set_last(poller, "unchanged", "", 0);
    rest(poller, true);
}

/* There is no memory to hand an outcome in. */
static void give_up(struct poller *poller)
{
    policy_on_failure(&poller->policy, &poller->recorder->policy, clock_boot_ms(),
                      POLICY_FAIL_TRANSIENT, 0);
    rest(poller, false);
}

/* unchanged: the last page came once more; else there was none. */
static void finish_nothing(struct poller *poller, bool unchanged, int http_status)
{
    struct commit_outcome outcome;

    start_outcome(poller, &outcome);
    poller->unchanged = unchanged;
    outcome.outcome = unchanged ? "unchanged" : "empty";
    outcome.http_status = http_status;
    outcome.success = true;
    poller->stage = POLLER_STORING;
    recorder_release(poller->recorder);
    if (commit_add(poller->recorder->commit, &outcome, stored_nothing, poller))
        recorder_store_soon(poller->recorder);
    else
        give_up(poller);
}

/* -- the answer -------------------------------------------------------------------------------- */

static void say_odd(struct poller *poller, const struct spotify_page *page)
{
    if (page->odd_count == 0)
        return;
    log_at(poller->odd_said ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
           "%s: %zu of %zu items were not understood (%s) and are not stored; the others are: %s",
           poller->name, page->odd_count, page->item_count, page->odd_reason, page->odd_excerpt);
    poller->odd_said = true;
}

static void finish_page(struct poller *poller, const struct net_answer *answer)
{
    struct commit_outcome outcome;
    const char *error = "";

    start_outcome(poller, &outcome);
    /* A machine that booted without knowing the time must not refuse plays as being from the
     * future. */
    if (answer->date_wall_ms > outcome.latest_wall_ms)
        outcome.latest_wall_ms = answer->date_wall_ms;
    if (!spotify_history_decode(answer->body, answer->body_len, EARLIEST_PLAY_MS,
                                outcome.latest_wall_ms + FUTURE_MS, &outcome.page, &error)) {
        poller->known_page[poller->action.kind] = false;
        fail_plain(poller, POLICY_FAIL_TRANSIENT, "not_understood", error);
        return;
    }
    say_odd(poller, &outcome.page);
    if (outcome.page.odd_count > 0)
        poller->known_page[poller->action.kind] =
            false; /* read it again: our clock may have been what was odd */
    outcome.has_page = true;
    outcome.success = true;
    outcome.outcome = outcome.page.item_count > 0 ? "ok" : "empty";
    outcome.http_status = answer->status;
    poller->stage = POLLER_STORING;
    recorder_release(poller->recorder);
    if (commit_add(poller->recorder->commit, &outcome, stored_page, poller)) {
        recorder_store_soon(poller->recorder);
        return;
    }
    spotify_page_free(&outcome.page);
    poller->known_page[poller->action.kind] = false;
    give_up(poller);
}

/* True if these bytes are the same as those of the last page of this kind: then there is nothing in
 * it that is not stored. Packed as they came: that is known before anything is unpacked. */
static bool page_is_known(struct poller *poller, const struct net_answer *packed)
{
    int kind = poller->action.kind;
    uint8_t digest[VAULT_DIGEST_SIZE];
    const char *data;
    size_t len;
    bool known;

    net_answer_signature(packed, &data, &len);
    vault_digest(data, len, digest);
    known = poller->known_page[kind] && memcmp(poller->digest[kind], digest, sizeof(digest)) == 0;
    memcpy(poller->digest[kind], digest, sizeof(digest));
    poller->known_page[kind] = true;
    return known;
}

/* A connection that was kept open may have died unseen: then the request goes out once more on a
 * new one. */
static bool repeat_on_fresh_connection(struct poller *poller, const struct net_answer *answer)
{
    if (answer->error != NET_ERROR_BROKEN || !answer->connection_reused || poller->repeated)
        return false;
    poller->repeated = true;
    ask(poller);
    return true;
}

static void refresh(struct poller *poller);

static void failed(struct poller *poller, const struct net_answer *answer)
{
    if (answer->status == 200) /* and cannot be unpacked */
        poller->known_page[poller->action.kind] = false;
    if (!repeat_on_fresh_connection(poller, answer))
        fail_plain(poller, POLICY_FAIL_TRANSIENT, net_error_name(answer->error), answer->message);
}

static void refused(struct poller *poller, const struct net_answer *answer)
{
    struct spotify_failure sorted;

    spotify_failure_sort(SPOTIFY_ENDPOINT_API, answer->status, answer->retry_after_s, answer->body,
                         answer->body_len, &sorted);
    if (sorted.failure == SPOTIFY_FAILURE_TOKEN_EXPIRED && !poller->refreshed)
        refresh(poller);
    else
        fail_spotify(poller, &sorted, answer->status);
}

static void answered(const struct net_answer *packed, void *context)
{
    struct poller *poller = context;
    struct net_answer answer;
    struct buf body = {.limit = HISTORY_BODY_MAX};

    poller->request = NULL;
    recorder_compare_clocks(poller->recorder, packed->date_wall_ms);
    if (packed->error == NET_OK)
        counters_answer(&poller->recorder->counters, COUNTERS_HISTORY, packed->duration_us);
    if (packed->error == NET_OK && packed->status == 200 && page_is_known(poller, packed)) {
        finish_nothing(poller, true, packed->status);
        return;
    }
    net_answer_unpack(packed, &body, &answer);
    if (spotify_asks_to_wait(answer.status, answer.retry_after_s))
        refused(poller, &answer);
    else if (answer.error != NET_OK)
        failed(poller, &answer);
    else if (answer.status == 200)
        finish_page(poller, &answer);
    else if (answer.status == 204 || answer.status == 304) /* 204: a private session is on */
        finish_nothing(poller, false, answer.status);
    else
        refused(poller, &answer);
    buf_free(&body, true);
}

/* -- the request ------------------------------------------------------------------------------- */

/* The gate may have closed since this poll began. Then the poll ends, and what it has brought (a
 * token) is kept. */
static bool may_send(struct poller *poller)
{
    int64_t now = clock_boot_ms();
    struct failure failure = {
        .policy = POLICY_FAIL_GATE, .outcome = "rate_limit", .code = "gate_closed"};

    failure.wait_ms = gate_ready_at(&poller->recorder->gate, now, clock_wall_ms()) - now;
    if (failure.wait_ms <= 0)
        return true;
    snprintf(failure.reason, sizeof(failure.reason), "%s", poller->recorder->gate.reason);
    fail(poller, &failure);
    return false;
}

static void ask(struct poller *poller)
{
    struct recorder *recorder = poller->recorder;
    struct buf url = {0}, bearer = {0};
    int64_t after = poller->action.kind == POLICY_TAIL ? poller->action.after : -1;

    if (!may_send(poller))
        return;
    if (spotify_request_history(&url, recorder->config.api_url, after) &&
        spotify_request_bearer(&bearer, poller->access.token)) {
        struct net_call call = {
            .url = url.data,
            .authorization = bearer.data,
            .accept = "application/json",
            .timeout_ms = recorder->config.request_timeout_ms,
            .max_body = HISTORY_BODY_MAX,
            .packed = true,
            .fresh_connection = poller->repeated,
        };

        poller->request = net_start(recorder->net, &call, answered, poller);
    }
    buf_free(&url, false);
    buf_free(&bearer, true);
    if (!poller->request) {
        fail_plain(poller, POLICY_FAIL_TRANSIENT, "local", "the request could not be made");
        return;
    }
    poller->stage = POLLER_ASKING;
    poller->asked_for = poller->recorder->apps;
    recorder_count_poll(recorder);
}

/* The daemon stops: what had to be stored is stored. */
static void leave(struct poller *poller)
{
    poller->stage = POLLER_IDLE;
    recorder_release(poller->recorder);
}

static void refreshed(struct token_report *report, void *context)
{
    struct poller *poller = context;

    poller->refresh = NULL;
    switch (report->outcome) {
    case TOKEN_REFRESHED:
        poller->access = report->access;
        if (poller->recorder->stopping)
            leave(poller);
        else if (poller->asked_for.clients != poller->recorder->apps.clients)
            fail_plain(poller, POLICY_FAIL_TRANSIENT, "transient",
                       "another app was configured while its token was renewed");
        else
            ask(poller);
        break;
    case TOKEN_NOT_STORED:
        poller->blocked = true;
        fail_plain(poller, POLICY_FAIL_LOCAL, "database_full", report->failure.reason);
        break;
    case TOKEN_REFUSED:
    case TOKEN_FAILED:
    case TOKEN_UNUSABLE:
        fail_spotify(poller, &report->failure, report->http_status);
        break;
    }
}

/* A large change of the database is under way, and a refresh has to be noted first: the poll comes
 * a moment later, and begins with it: a token that was refused looks good by the clock, and would
 * be sent again each time. */
static void postpone(struct poller *poller)
{
    poller->stage = POLLER_IDLE;
    poller->postponed = poller->renew = true;
    poller->policy.due = clock_boot_ms() + POSTPONE_MS;
    schedule_set(&poller->recorder->schedule, &poller->entry, poller->policy.due);
    recorder_release(poller->recorder);
    recorder_set_alarm(poller->recorder);
}

static void refresh(struct poller *poller)
{
    struct token_tools tools = recorder_token_tools(poller->recorder);

    if (store_long_is_open(poller->recorder->store)) {
        postpone(poller);
        return;
    }
    if (!may_send(poller))
        return;
    poller->refreshed = true;
    poller->stage = POLLER_REFRESHING;
    poller->asked_for = poller->recorder->apps;
    tokens_drop_access(&poller->access);
    poller->refresh = tokens_refresh(&tools, poller->user_id, poller->name, refreshed, poller);
    if (!poller->refresh)
        fail_plain(poller, POLICY_FAIL_TRANSIENT, "local", "no memory for a token request");
    else
        (void)recorder_count_call(poller->recorder, STORE_RELAXED);
}

/* What is stored but cannot be read now is no reason to stop: a refresh brings a new one, or says
 * what is wrong. */
static void find_access(struct poller *poller)
{
    enum vault_result sealed;

    if (!poller->access.token)
        (void)tokens_load_access(poller->recorder->store, poller->recorder->vault, poller->user_id,
                                 &poller->access, &sealed);
}

bool poller_needs_token(struct poller *poller, int64_t ms)
{
    bool is_due = (poller->stage == POLLER_IDLE || poller->stage == POLLER_WAITING) &&
                  poller->policy.due <= clock_boot_ms() + ms;

    if (!is_due)
        return false;
    find_access(poller);
    return !tokens_access_lasts(&poller->access, ms);
}

void poller_begin(struct poller *poller)
{
    bool renew = poller->renew;

    poller->started_wall = clock_wall_ms();
    poller->started_boot = clock_boot_ms();
    poller->action = policy_next(&poller->policy, &poller->recorder->policy, poller->started_boot);
    poller->refreshed = false;
    poller->repeated = false;
    poller->renew = poller->postponed = false;
    find_access(poller);
    if (!renew && tokens_access_is_good(&poller->access))
        ask(poller);
    else
        refresh(poller);
}
