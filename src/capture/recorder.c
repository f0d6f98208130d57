/* SPDX-License-Identifier: MIT */
#include "capture/recorder.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alarm.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/turns.h"
#include "capture/accounts.h"
#include "capture/importing.h"
#include "capture/poller.h"
#include "capture/signin.h"
#include "capture/upkeep.h"
#include "config.h"
#include "store/ledger.h"

#define LEDGER_KEPT_MS (90 * CLOCK_DAY)
#define PRUNE_EVERY_MS CLOCK_DAY
#define GATE_STORE_AGAIN (10 * CLOCK_SECOND)
#define CLOCK_OFF_MS (5 * CLOCK_MINUTE)
#define ONCE_UPKEEP_MS (5 * CLOCK_SECOND)
#define USER_AGENT "spotify-historyd/" PACKAGE_VERSION

static void check_stopped(struct recorder *recorder);
static void database_failed(enum store_result result, const char *message, void *context);

/* -- configuration ----------------------------------------------------------------------------- */

static char *copy(const char *text)
{
    return strdup(text ? text : "");
}

static void free_texts(struct recorder *recorder)
{
    if (recorder->config.client_secret)
        buf_wipe(recorder->config.client_secret, strlen(recorder->config.client_secret));
    free(recorder->config.client_id);
    free(recorder->config.client_secret);
    free(recorder->config.api_url);
    free(recorder->config.accounts_url);
}

void recorder_apply_limits(struct recorder *recorder)
{
    int64_t configured = recorder->config.poll_interval_ms, interval;
    char text[TEXT_DURATION_SIZE];

    interval = policy_stretch(configured, recorder->config.sweep_interval_ms,
                              recorder->config.daily_call_budget, recorder->count);
    if (interval > configured && interval != recorder->policy.poll_interval_ms)
        log_notice(
            "%zu users and a budget of %lld calls a day: polling every %s instead of the configured interval",
            recorder->count, (long long)recorder->config.daily_call_budget,
            text_duration_human(interval, text));
    if (policy_interval_can_lose(interval) && interval != recorder->policy.poll_interval_ms)
        log_warning(
            "polling every %s can lose plays: 50 songs of 30 s, all that Spotify shows, pass in 25 min",
            text_duration_human(interval, text));
    recorder->policy.poll_interval_ms = interval;
    recorder->policy.sweep_interval_ms = recorder->config.sweep_interval_ms;
    recorder->gate.hour_limit = gate_hour_limit(recorder->count, interval);
}

static bool take_config(struct recorder *recorder, const struct recorder_config *config)
{
    char *client_id = copy(config->client_id), *secret = copy(config->client_secret);
    char *api_url = copy(config->api_url), *accounts_url = copy(config->accounts_url);

    if (!client_id || !secret || !api_url || !accounts_url) {
        free(client_id);
        free(secret);
        free(api_url);
        free(accounts_url);
        return false;
    }
    free_texts(recorder);
    recorder->config.client_id = client_id;
    recorder->config.client_secret = secret;
    recorder->config.api_url = api_url;
    recorder->config.accounts_url = accounts_url;
    recorder->config.poll_interval_ms = config->poll_interval_ms;
    recorder->config.sweep_interval_ms = config->sweep_interval_ms;
    recorder->config.daily_call_budget = config->daily_call_budget;
    recorder->config.request_timeout_ms = config->request_timeout_ms;
    recorder->gate.max_in_flight = config->max_in_flight;
    recorder_apply_limits(recorder);
    return true;
}

/* -- once -------------------------------------------------------------------------------------- */

/* With --once: tells when every user has been polled, or cannot be now. */
static void check_once(struct recorder *recorder)
{
    enum recorder_outcome outcome = RECORDER_ALL_GOOD;
    bool closed =
        gate_ready_at(&recorder->gate, clock_boot_ms(), clock_wall_ms()) > clock_boot_ms();

    if (!recorder->events.once || recorder->once_told || !recorder->running || recorder->stopping)
        return;
    for (size_t i = 0; i < recorder->count; i++) {
        const struct poller *poller = recorder->pollers[i];
        bool login = poller->policy.state == POLICY_NEEDS_LOGIN || poller->foreign;
        bool waits = poller->stage == POLLER_IDLE || poller->stage == POLLER_WAITING;

        if (!poller->polled_once && !login && !(closed && waits))
            return;
        if (login)
            outcome = RECORDER_SOME_NEED_LOGIN;
        else if (!poller->once_success && outcome == RECORDER_ALL_GOOD)
            outcome = RECORDER_SOME_FAILED;
    }
    recorder->once_told = true;
    recorder->events.once(outcome, recorder->events.context);
}

/* -- who polls when ---------------------------------------------------------------------------- */

bool recorder_may_poll(const struct recorder *recorder)
{
    return recorder->running && !recorder->stopping && !recorder->failed &&
           recorder->config.client_id[0];
}

static void say_gate(struct recorder *recorder, int64_t boot, int64_t ready)
{
    if (ready <= boot) {
        log_episode_leave(&recorder->gate_trouble, boot, "requests to Spotify go on");
        log_episode_leave(&recorder->budget_trouble, boot, "requests to Spotify go on");
    } else if (recorder->gate.opens_at <= boot) {
        log_episode_meet(
            &recorder->budget_trouble, boot, LOG_LEVEL_WARNING,
            "%lld requests this hour, more than three times what is planned: waiting for the next hour",
            (long long)recorder->gate.hour_calls);
    }
}

void recorder_set_alarm(struct recorder *recorder)
{
    struct schedule_entry *first = schedule_first(&recorder->schedule);
    int64_t at = INT64_MAX;

    if (!recorder_may_poll(recorder)) {
        alarm_stop(recorder->alarm);
        return;
    }
    if (first)
        at = first->due;
    if (!STAILQ_EMPTY(&recorder->line) && gate_has_room(&recorder->gate)) {
        int64_t ready = gate_ready_at(&recorder->gate, clock_boot_ms(), clock_wall_ms());

        at = ready < at ? ready : at;
    }
    if (recorder->count > 0 && at > recorder->countdown_at)
        at = recorder->countdown_at;
    if (recorder->gate_unstored && at > clock_boot_ms() + GATE_STORE_AGAIN)
        at = clock_boot_ms() + GATE_STORE_AGAIN;
    if (at == INT64_MAX)
        alarm_stop(recorder->alarm);
    else
        alarm_set(recorder->alarm, at);
}

static void line_up_due(struct recorder *recorder, int64_t now)
{
    struct schedule_entry *first;

    while ((first = schedule_first(&recorder->schedule)) && first->due <= now) {
        struct poller *poller = (struct poller *)first;

        schedule_remove(&recorder->schedule, first);
        poller->stage = POLLER_WAITING;
        STAILQ_INSERT_TAIL(&recorder->line, poller, line);
    }
}

static void prune(struct recorder *recorder, int64_t now)
{
    int64_t removed = 0;
    enum store_result result;

    if (now < recorder->prune_at)
        return;
    result = store_begin(recorder->store, STORE_RELAXED);
    if (result == STORE_OK)
        result = store_polls_prune(recorder->store, clock_wall_ms() - LEDGER_KEPT_MS, &removed);
    result = store_finish(recorder->store, result);
    /* A thousand a turn, so that the loop goes on; again at the next turn while there is more. */
    recorder->prune_at =
        result == STORE_OK && removed == 0 ? now + PRUNE_EVERY_MS : now + CLOCK_MINUTE;
}

/* One poll a turn of the loop: each begins with short writes, which may have to wait for another
 * process. */
static void begin_one(struct recorder *recorder, int64_t now)
{
    struct poller *poller = STAILQ_FIRST(&recorder->line);
    int64_t ready;

    if (!poller || !gate_has_room(&recorder->gate))
        return;
    ready = gate_ready_at(&recorder->gate, now, clock_wall_ms());
    say_gate(recorder, now, ready);
    if (ready > now)
        return;
    STAILQ_REMOVE_HEAD(&recorder->line, line);
    recorder->gate.in_flight++;
    poller_begin(poller);
}

/* The heart: whoever is due lines up; whoever can have a transfer begins. */
static void turn(void *context)
{
    struct recorder *recorder = context;
    int64_t now = clock_boot_ms();

    turns_mark(recorder->turns, "poll");
    if (recorder_may_poll(recorder)) {
        recorder_count_down(recorder, now);
        line_up_due(recorder, now);
        begin_one(recorder, now);
        recorder_store_gate(recorder);
        prune(recorder, now);
    }
    check_once(recorder);
    recorder_set_alarm(recorder);
}

void recorder_release(struct recorder *recorder)
{
    recorder->gate.in_flight--;
    if (recorder->stopping)
        check_stopped(recorder);
    if (recorder_may_poll(recorder) && !STAILQ_EMPTY(&recorder->line))
        alarm_set(recorder->alarm, clock_boot_ms()); /* from the loop, not from inside a poller */
}

/* What is stored while the page is still warm in the processor costs less, and needs no waking up.
 */
void recorder_store_soon(struct recorder *recorder)
{
    struct schedule_entry *first = schedule_first(&recorder->schedule);

    if (recorder->gate.in_flight == 0 && STAILQ_EMPTY(&recorder->line) &&
        (!first || first->due > clock_boot_ms() + COMMIT_GROUP_MS / 2))
        commit_soon(recorder->commit);
}

void recorder_rest(struct poller *poller)
{
    struct recorder *recorder = poller->recorder;

    /* With --once a user who was polled is done, however long the others take. */
    if (poller->policy.due != POLICY_NEVER && !recorder->events.once)
        schedule_set(&recorder->schedule, &poller->entry, poller->policy.due);
    upkeep_look(recorder->upkeep);
    if (recorder->events.polled)
        recorder->events.polled(recorder->events.context);
    if (recorder->events
            .once) /* looked at from the loop: a stop must not begin inside a commit's callback */
        alarm_set(recorder->alarm, clock_boot_ms());
    else if (STAILQ_EMPTY(&recorder->line) || !gate_has_room(&recorder->gate))
        recorder_set_alarm(recorder);
}

void recorder_compare_clocks(struct recorder *recorder, int64_t date_wall_ms)
{
    int64_t off = date_wall_ms - clock_wall_ms(), boot = clock_boot_ms();

    if (date_wall_ms == 0)
        return;
    if (off > CLOCK_OFF_MS || off < -CLOCK_OFF_MS)
        log_episode_meet(
            &recorder->clock_trouble, boot, LOG_LEVEL_WARNING,
            "this machine's clock and Spotify's differ by more than 5 minutes: plays keep Spotify's time, "
            "other times in the database are off");
    else
        log_episode_leave(&recorder->clock_trouble, boot,
                          "this machine's clock agrees with Spotify's again");
}

struct token_tools recorder_token_tools(struct recorder *recorder)
{
    return (struct token_tools){
        .base = recorder->base,
        .net = recorder->net,
        .store = recorder->store,
        .vault = recorder->vault,
        .accounts_url = recorder->config.accounts_url,
        .client_id = recorder->config.client_id,
        .client_secret = recorder->config.client_secret,
        .fatal = database_failed,
        .fatal_context = recorder,
        .counters = &recorder->counters,
        .turns = recorder->turns,
    };
}

/* -- life -------------------------------------------------------------------------------------- */

static void database_failed(enum store_result result, const char *message, void *context)
{
    struct recorder *recorder = context;

    if (recorder->failed)
        return;
    recorder->failed = true;
    alarm_stop(recorder->alarm);
    recorder->events.fatal(result, message, recorder->events.context);
}

struct recorder *recorder_new(struct event_base *base, struct store *store, struct vault *vault,
                              int64_t run_id, const struct recorder_config *config,
                              const struct recorder_events *events, char *why, size_t size)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    struct net_options options = {.user_agent = USER_AGENT,
                                  .max_connections = config->max_in_flight};

    if (!recorder)
        goto fail;
    recorder->base = base;
    recorder->store = store;
    recorder->vault = vault;
    recorder->events = *events;
    STAILQ_INIT(&recorder->line);
    LIST_INIT(&recorder->signins);
    recorder->net = net_new(base, &options);
    recorder->commit = commit_new(base, store, run_id, database_failed, recorder);
    recorder->alarm = alarm_new(base, turn, recorder);
    recorder->upkeep = upkeep_new(recorder);
    if (recorder->commit) {
        commit_set_counters(recorder->commit, &recorder->counters);
        recorder_calls_along(recorder);
    }
    recorder->database = copy(config->database);
    if (recorder->net && recorder->commit && recorder->alarm && recorder->upkeep &&
        recorder->database && take_config(recorder, config)) {
        recorder_restore_gate(recorder);
        return recorder;
    }
fail:
    snprintf(why, size, "the recorder could not be set up: out of memory or descriptors");
    recorder_free(recorder);
    return NULL;
}

void recorder_set_turns(struct recorder *recorder, struct turns *turns)
{
    recorder->turns = turns;
    net_set_turns(recorder->net, turns);
    commit_set_turns(recorder->commit, turns);
}

struct turns *recorder_turns(const struct recorder *recorder)
{
    return recorder->turns;
}

void recorder_set_run(struct recorder *recorder, int64_t run_id)
{
    commit_set_run(recorder->commit, run_id);
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    recorder_give_up_leaving(recorder);
    recorder_import_drop(recorder);
    while (!LIST_EMPTY(&recorder->signins))
        signin_cancel(LIST_FIRST(&recorder->signins));
    for (size_t i = 0; i < recorder->count; i++)
        poller_free(recorder->pollers[i]);
    free(recorder->pollers);
    schedule_free(&recorder->schedule);
    upkeep_free(recorder->upkeep);
    commit_free(recorder->commit);
    net_free(recorder->net);
    alarm_free(recorder->alarm);
    free_texts(recorder);
    free(recorder->database);
    free(recorder);
}

/* -- start ------------------------------------------------------------------------------------- */

static void say_start(const struct recorder *recorder)
{
    if (!recorder->config.client_id[0])
        log_notice(
            "no spotify.client_id is configured: nothing is polled. Create an app at "
            "https://developer.spotify.com/dashboard, put its client id into the configuration, and reload");
    else if (recorder->count == 0)
        log_notice("no user is signed in: nothing is polled. See spotify-historyctl login");
    else
        log_notice("recording for %zu %s", recorder->count,
                   recorder->count == 1 ? "user" : "users");
    for (size_t i = 0; i < recorder->count; i++)
        if (recorder->pollers[i]->policy.state == POLICY_NEEDS_LOGIN)
            log_warning("%s: needs to sign in again (%s); not polled", recorder->pollers[i]->name,
                        recorder->pollers[i]->state_reason);
}

enum store_result recorder_start(struct recorder *recorder)
{
    enum store_result result = recorder_load(recorder);

    if (result != STORE_OK)
        return result;
    recorder_apply_limits(recorder);
    recorder->running = true;
    recorder->prune_at = clock_boot_ms();
    say_start(recorder);
    for (size_t i = 0; i < recorder->count; i++)
        if (recorder->pollers[i]->policy.due != POLICY_NEVER)
            schedule_set(&recorder->schedule, &recorder->pollers[i]->entry,
                         recorder->pollers[i]->policy.due);
    if (recorder->events.once)
        alarm_set(recorder->alarm, clock_boot_ms());
    else
        recorder_set_alarm(recorder);
    upkeep_look(recorder->upkeep);
    return STORE_OK;
}

void recorder_reschedule(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->count; i++) {
        struct poller *poller = recorder->pollers[i];

        if (poller->stage == POLLER_IDLE && poller->policy.due != POLICY_NEVER)
            schedule_set(&recorder->schedule, &poller->entry, poller->policy.due);
    }
    recorder_set_alarm(recorder);
}

bool recorder_reload(struct recorder *recorder, const struct recorder_config *config)
{
    bool other_client = strcmp(config->client_id, recorder->config.client_id) != 0;
    bool other_secret = strcmp(config->client_secret, recorder->config.client_secret) != 0;

    if (other_client) /* its calls are counted apart */
        recorder_calls_flush(recorder);
    if (!take_config(recorder, config))
        return false;
    net_set_connections(recorder->net, config->max_in_flight);
    recorder->apps.clients += other_client;
    recorder->apps.secrets += other_secret;
    if (other_client) /* another client has its own limits */
        recorder_restore_gate(recorder);
    else if (other_secret && recorder->gate_by_app) /* mended, maybe: tried at once */
        recorder->gate.opens_at = 0;
    for (size_t i = 0; i < recorder->count; i++) {
        poller_judge_app(recorder->pollers[i]);
        policy_on_reload(&recorder->pollers[i]->policy, &recorder->policy, clock_boot_ms());
    }
    recorder_reschedule(recorder);
    return true;
}

void recorder_poll_now(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->count; i++)
        poller_request(recorder->pollers[i]);
    recorder_reschedule(recorder);
}

/* -- stop -------------------------------------------------------------------------------------- */

size_t recorder_tokens_awaited(const struct recorder *recorder)
{
    size_t count = 0;

    for (size_t i = 0; i < recorder->count; i++)
        count += recorder->pollers[i]->stage == POLLER_REFRESHING;
    for (const struct signin *signin = LIST_FIRST(&recorder->signins); signin;
         signin = signin_next(signin))
        count++;
    return count;
}

void recorder_signin_ended(struct recorder *recorder)
{
    if (recorder->stopping)
        check_stopped(recorder);
}

static void check_stopped(struct recorder *recorder)
{
    if (recorder->stopped || recorder_tokens_awaited(recorder) > 0)
        return;
    recorder->stopped = true;
    if (!commit_flush(recorder->commit))
        log_error("the last plays could not be stored; the next start asks Spotify for them again");
    recorder_calls_flush(recorder);
    if (recorder->events.once) /* nobody does it later */
        (void)upkeep_finish(recorder->store, ONCE_UPKEEP_MS);
    recorder->events.stopped(recorder->events.context);
}

void recorder_stop(struct recorder *recorder)
{
    size_t waiting;

    recorder->stopping = true;
    alarm_stop(recorder->alarm);
    recorder_give_up_leaving(recorder);
    recorder_import_drop(recorder);
    upkeep_stop(recorder->upkeep);
    for (size_t i = 0; i < recorder->count; i++)
        poller_drop_request(recorder->pollers[i]);
    waiting = recorder_tokens_awaited(recorder);
    if (waiting > 0)
        log_notice("stopping: waiting for %zu token %s, whose answer must not be lost", waiting,
                   waiting == 1 ? "request" : "requests");
    check_stopped(recorder);
}
