/* SPDX-License-Identifier: MIT */
#include "daemon/daemon.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/turns.h"
#include "capture/recorder.h"
#include "config.h"
#include "daemon/config.h"
#include "daemon/notify.h"
#include "daemon/open.h"
#include "daemon/serve.h"
#include "store/ledger.h"

#define STOP_LONGEST_S 35 /* a token request under way is waited for, see capture/tokens.h */

enum { SIGNAL_COUNT = 4 };

struct daemon {
    const struct daemon_options *options;
    struct config *config;  /* as last loaded */
    struct config *started; /* as at start: what only a restart changes */
    struct open_state open;
    int64_t run_id;
    struct event_base *base;
    struct turns turns;
    struct recorder *recorder;
    struct serve *serve; /* NULL with --once */
    struct event *signals[SIGNAL_COUNT];
    struct event *reload; /* made active by HUP: many signals are one reload */
    struct event *watchdog;
    struct event *stop_timer;
    int64_t started_boot;
    bool stopping;
    int status;
};

/* -- the run in the ledger --------------------------------------------------------------------- */

static enum store_result end_run(struct daemon *daemon)
{
    struct store *store = daemon->open.store;
    enum store_result result = store_begin(store, STORE_DURABLE);

    if (result == STORE_OK)
        result = store_run_end(store, daemon->run_id, clock_wall_ms());
    return store_finish(store, result);
}

static enum store_result begin_run(struct daemon *daemon)
{
    struct store *store = daemon->open.store;
    int64_t started = clock_wall_ms() - (clock_boot_ms() - daemon->started_boot), run_id = 0;
    enum store_result result = store_begin(store, STORE_DURABLE);

    if (result == STORE_OK)
        result = store_run_begin(store, started, PACKAGE_VERSION, &run_id);
    result = store_finish(store, result);
    daemon->run_id = result == STORE_OK ? run_id : 0;
    return result;
}

/* The database took no writes at the start: without the run this time would count as one without a
 * daemon. */
static void begin_run_late(struct daemon *daemon)
{
    if (daemon->run_id == 0 && begin_run(daemon) == STORE_OK)
        recorder_set_run(daemon->recorder, daemon->run_id);
}

/* -- status ------------------------------------------------------------------------------------ */

static void tell_status(struct daemon *daemon)
{
    struct buf text = {0};

    recorder_summary(daemon->recorder, &text);
    if (text.data && !text.failed)
        notify_status("%s", text.data);
    buf_free(&text, false);
}

static void log_report(struct daemon *daemon)
{
    struct buf text = {0};
    char up[64];
    char *rest, *line;

    recorder_report(daemon->recorder, &text);
    snprintf(up, sizeof(up), "%lld s",
             (long long)((clock_boot_ms() - daemon->started_boot) / CLOCK_SECOND));
    log_notice("status: running for %s, version " PACKAGE_VERSION, up);
    for (line = text.data ? strtok_r(text.data, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        log_notice("status: %s", line);
    buf_free(&text, false);
}

/* -- stop -------------------------------------------------------------------------------------- */

static void stop(struct daemon *daemon, int status)
{
    struct timeval longest = {.tv_sec = STOP_LONGEST_S};

    if (daemon->stopping)
        return;
    daemon->stopping = true;
    daemon->status = status;
    notify_stopping();
    evtimer_add(daemon->stop_timer, &longest);
    recorder_stop(daemon->recorder);
}

static void stop_took_too_long(evutil_socket_t fd, short what, void *context)
{
    struct daemon *daemon = context;

    (void)fd;
    (void)what;
    log_error("stopping: a token request did not end within %d s; leaving without its answer",
              STOP_LONGEST_S);
    event_base_loopbreak(daemon->base);
}

/* A moment later, so that what was just answered leaves: the last page of a sign-in, say. Without
 * memory at once. */
static void recorder_stopped(void *context)
{
    struct daemon *daemon = context;
    struct timeval soon = {.tv_usec = 50000};

    if (event_base_loopexit(daemon->base, daemon->serve ? &soon : NULL) != 0)
        event_base_loopbreak(daemon->base);
}

static void database_failed(enum store_result result, const char *message, void *context)
{
    struct daemon *daemon = context;

    log_error("%s: the database failed (%s): %s; stopping, a new start looks at it afresh",
              daemon->started->store.database, store_result_name(result), message);
    daemon->status = EXIT_STATUS_IO;
    daemon->stopping = true;
    event_base_loopbreak(daemon->base);
}

static void polled_once(enum recorder_outcome outcome, void *context)
{
    static const int status[] = {
        [RECORDER_ALL_GOOD] = EXIT_STATUS_OK,
        [RECORDER_SOME_FAILED] = EXIT_STATUS_TEMPFAIL,
        [RECORDER_SOME_NEED_LOGIN] = EXIT_STATUS_NOPERM,
    };

    stop(context, status[outcome]);
}

static void poll_ended(void *context)
{
    begin_run_late(context);
    tell_status(context);
}

/* -- reload ------------------------------------------------------------------------------------ */

static void log_change(const char *option, const char *old_value, const char *new_value,
                       bool restart, void *context)
{
    (void)context;
    if (!restart)
        log_notice("reload: %s: %s -> %s", option, old_value, new_value);
}

static void log_restart(const char *option, const char *old_value, const char *new_value,
                        bool restart, void *context)
{
    (void)context;
    if (restart)
        log_warning("reload: %s: %s -> %s needs a restart; %s stays in use until then", option,
                    old_value, new_value, old_value);
}

static void log_problems(const struct buf *problems)
{
    char *text = problems->data ? strdup(problems->data) : NULL, *rest, *line;

    for (line = text ? strtok_r(text, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
        log_error("%s", line);
    free(text);
}

static void take_up(struct daemon *daemon, struct config *config)
{
    struct recorder_config recorder = open_recorder_config(config);

    if (daemon->serve && !serve_accepts(daemon->serve, config)) {
        config_free(config);
        return;
    }
    if (!recorder_reload(daemon->recorder, &recorder)) {
        log_error("reload: out of memory; the configuration stays as it was");
        config_free(config);
        return;
    }
    /* The old one stays the one that the next reload is compared with: that takes up all of it. */
    if (daemon->serve && !serve_reload(daemon->serve, config)) {
        log_error("reload: out of memory half-way: polling follows the new configuration, the page "
                  "and sign-ins may still follow the old one; reload again");
        config_free(config);
        return;
    }
    config_compare(daemon->config, config, log_change, NULL);
    config_compare(daemon->started, config, log_restart, NULL);
    log_set_level(config->log.level);
    if (daemon->config != daemon->started)
        config_free(daemon->config);
    daemon->config = config;
    log_notice("reload: done");
}

static void reload(evutil_socket_t fd, short what, void *context)
{
    struct daemon *daemon = context;
    struct buf problems = {0};
    struct config *config;

    (void)fd;
    (void)what;
    turns_mark(&daemon->turns, "reload");
    if (daemon->stopping)
        return;
    notify_reloading();
    config = config_load(daemon->options->config_file, &problems);
    if (config) {
        take_up(daemon, config);
    } else {
        log_problems(&problems);
        log_error("reload: the configuration is not valid; everything stays as it was");
    }
    buf_free(&problems, false);
    tell_status(daemon);
    notify_ready();
}

/* -- signals ----------------------------------------------------------------------------------- */

static void signalled(evutil_socket_t number, short what, void *context)
{
    struct daemon *daemon = context;

    (void)what;
    turns_mark(&daemon->turns, "signal");
    switch (number) {
    case SIGHUP:
        event_active(daemon->reload, EV_TIMEOUT, 1);
        break;
    case SIGUSR1:
        log_report(daemon);
        recorder_poll_now(daemon->recorder);
        break;
    default:
        if (daemon->stopping) {
            log_warning("second signal: leaving at once");
            event_base_loopbreak(daemon->base);
            break;
        }
        log_notice("%s: stopping", number == SIGTERM ? "SIGTERM" : "SIGINT");
        stop(daemon, daemon->options->once ? EXIT_STATUS_TEMPFAIL : EXIT_STATUS_OK);
    }
}

static void ping_watchdog(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    notify_watchdog();
}

static void log_libevent(int severity, const char *message)
{
    log_at(severity >= EVENT_LOG_WARN ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "libevent: %s",
           message);
}

static bool make_events(struct daemon *daemon)
{
    static const int numbers[SIGNAL_COUNT] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    int64_t ping = notify_watchdog_interval_ms();
    struct timeval every = {.tv_sec = (time_t)(ping / 1000),
                            .tv_usec = (suseconds_t)(ping % 1000 * 1000)};

    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        daemon->signals[i] = evsignal_new(daemon->base, numbers[i], signalled, daemon);
        if (!daemon->signals[i] || evsignal_add(daemon->signals[i], NULL) != 0)
            return false;
    }
    daemon->reload = event_new(daemon->base, -1, 0, reload, daemon);
    daemon->stop_timer = evtimer_new(daemon->base, stop_took_too_long, daemon);
    daemon->watchdog = event_new(daemon->base, -1, EV_PERSIST, ping_watchdog, daemon);
    if (!daemon->reload || !daemon->stop_timer || !daemon->watchdog)
        return false;
    return ping == 0 || evtimer_add(daemon->watchdog, &every) == 0;
}

static void free_event(struct event *event)
{
    if (event)
        event_free(event);
}

static void free_events(struct daemon *daemon)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        free_event(daemon->signals[i]);
    free_event(daemon->reload);
    free_event(daemon->stop_timer);
    free_event(daemon->watchdog);
}

/* -- start and end ----------------------------------------------------------------------------- */

static int start_serving(struct daemon *daemon)
{
    const char *file = daemon->options->config_file;

    daemon->serve = serve_new(daemon->base, daemon->config, file ? file : CONFIG_DEFAULT_FILE,
                              daemon->open.store, daemon->recorder,
                              clock_wall_ms() - (clock_boot_ms() - daemon->started_boot));
    if (daemon->serve)
        return EXIT_STATUS_OK;
    log_error("the page and the control interface could not be set up: out of memory");
    return EXIT_STATUS_OS;
}

/* Everything that can fail for a reason of its own, in order; one line tells which. */
static int start(struct daemon *daemon)
{
    struct recorder_events events = {database_failed, daemon->options->once ? polled_once : NULL,
                                     poll_ended, recorder_stopped, daemon};
    struct recorder_config config = open_recorder_config(daemon->config);
    char why[1200] = "";
    int status = open_all(daemon->config, &daemon->open, why, sizeof(why));

    if (status != EXIT_STATUS_OK) {
        log_error("%s", why);
        return status;
    }
    if (why[0])
        log_warning("%s", why);
    event_set_log_callback(log_libevent);
    daemon->base = loop_new();
    daemon->turns.base = daemon->base;
    if (!daemon->base || !make_events(daemon)) {
        log_error("the event loop could not be set up");
        return EXIT_STATUS_OS;
    }
    if (begin_run(daemon) != STORE_OK)
        log_warning("noting this start in the database failed: %s",
                    store_message(daemon->open.store));
    daemon->recorder = recorder_new(daemon->base, daemon->open.store, daemon->open.vault,
                                    daemon->run_id, &config, &events, why, sizeof(why));
    if (!daemon->recorder) {
        log_error("%s", why);
        return EXIT_STATUS_OS;
    }
    recorder_set_turns(daemon->recorder, &daemon->turns);
    if (recorder_start(daemon->recorder) != STORE_OK) {
        log_error("reading the users failed: %s", store_message(daemon->open.store));
        return EXIT_STATUS_IO;
    }
    return daemon->options->once ? EXIT_STATUS_OK : start_serving(daemon);
}

static void end(struct daemon *daemon)
{
    serve_free(daemon->serve);
    recorder_free(daemon->recorder);
    free_events(daemon);
    if (daemon->base)
        event_base_free(daemon->base);
    /* A note for the ledger: without it this end counts as a crash. */
    if (daemon->run_id != 0 && daemon->status != EXIT_STATUS_IO)
        (void)end_run(daemon);
    open_close(&daemon->open);
    if (daemon->config != daemon->started)
        config_free(daemon->started);
    config_free(daemon->config);
}

int daemon_run(const struct daemon_options *options)
{
    struct daemon daemon = {
        .options = options, .open = {.lock_fd = -1}, .started_boot = clock_boot_ms()};
    struct buf problems = {0};

    open_harden_process();
    daemon.config = config_load(options->config_file, &problems);
    log_problems(&problems);
    buf_free(&problems, false);
    if (!daemon.config)
        return EXIT_STATUS_CONFIG;
    daemon.started = daemon.config;
    log_set_level(daemon.config->log.level);
    if (options->once && !daemon.config->spotify.client_id[0]) {
        log_error("--once: no spotify.client_id is configured, there is nobody to ask Spotify as");
        config_free(daemon.config);
        return EXIT_STATUS_CONFIG;
    }
    daemon.status = start(&daemon);
    if (daemon.status == EXIT_STATUS_OK) {
        log_notice("started, version " PACKAGE_VERSION ", database %s",
                   daemon.config->store.database);
        notify_ready();
        tell_status(&daemon);
        turns_run(&daemon.turns);
        log_notice("stopped");
    }
    end(&daemon);
    return daemon.status;
}
