/* SPDX-License-Identifier: MIT */
#include "recorder_help.h"

#include <check.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "lib/stub_server.h"
#include "store_help.h"
#include "vault/vault.h"

#define TURNS_MOST 100
#define PASSES_MS 12000 /* nothing of the network's is that short */

struct recorder_help recorder_help;

static char *database;
static size_t database_size;

/* The parts of Spotify. */
enum { TOKENS, PAGE, PROFILE, PARTS };
static struct spotify {
    pid_t child;
    uint16_t port;
    char answer[2048];
} spotify[PARTS];
static int api_part;

static const char token_answer[] =
    "{\"access_token\":\"A2\",\"token_type\":\"Bearer\",\"expires_in\":3600,"
    "\"scope\":\"user-read-recently-played\",\"refresh_token\":\"R2\"}";
const char recorder_help_page[] =
    "{\"items\":["
    "{\"track\":{\"uri\":\"spotify:track:000009\",\"name\":\"new\",\"artists\":[{\"uri\":"
    "\"spotify:artist:1\",\"name\":\"a\"}],\"album\":{\"uri\":\"spotify:album:1\",\"name\":\"b\"}},"
    "\"played_at\":\"2026-01-20T00:09:00Z\"},"
    "{\"track\":{\"uri\":\"spotify:track:000008\",\"name\":\"old\"},"
    "\"played_at\":\"2026-01-20T00:05:00Z\"}]}";
const char recorder_help_profile[] = "{\"id\":\"bob\",\"display_name\":\"Bob\"}";

static void keep_line(enum log_level level, const char *line, void *context)
{
    size_t len = strlen(recorder_help.log);

    (void)level;
    (void)context;
    snprintf(recorder_help.log + len, sizeof(recorder_help.log) - len, "%s\n", line);
}

static void put_token(void)
{
    struct store *store = store_help_open(STORE_WRITER);
    struct store_token token = {.scope = "user-read-recently-played",
                                .expires_at = STORE_NO_TIME,
                                .updated_at = STORE_HELP_T0};

    ck_assert_int_eq(vault_seal(recorder_help.vault, 1, store_token_type_name(STORE_TOKEN_REFRESH),
                                "R1", 2, &token.sealed, &token.sealed_len),
                     VAULT_OK);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_token_put(store, 1, STORE_TOKEN_REFRESH, &token), STORE_OK);
    store_help_commit(store);
    store_close(store);
    free(token.sealed);
}

/* In processes of their own: what fails here does not concern them. */
static void serve(struct spotify *part, const char *body)
{
    struct stub_step steps[] = {
        STUB_DO(STUB_READ), {.action = STUB_SEND, .data = part->answer}, STUB_DO(STUB_AGAIN)};

    steps[1].len = (size_t)snprintf(part->answer, sizeof(part->answer),
                                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                    "Content-Length: %zu\r\n\r\n%s",
                                    strlen(body), body);
    part->child = stub_server_fork(steps, &part->port);
}

void recorder_help_keep(void)
{
    store_help_exec(store_help_db(), "PRAGMA wal_checkpoint(TRUNCATE)");
    free(database);
    database = store_help_read(store_help_db(), &database_size);
}

void recorder_help_setup(void)
{
    char source[300];

    memset(&recorder_help, 0, sizeof(recorder_help));
    serve(&spotify[TOKENS], token_answer);
    serve(&spotify[PAGE], recorder_help_page);
    serve(&spotify[PROFILE], recorder_help_profile);
    log_set_sink(keep_line, NULL);
    store_help_setup();
    store_help_make();
    ck_assert_int_eq(vault_open(store_help_path("token.key"), true, &recorder_help.vault, source,
                                sizeof(source)),
                     VAULT_OK);
    put_token();
    recorder_help_keep();
}

void recorder_help_teardown(void)
{
    for (int i = 0; i < PARTS; i++)
        stub_server_reap(spotify[i].child);
    free(database);
    database = NULL;
    vault_close(recorder_help.vault);
    store_help_teardown();
}

static void fatal(enum store_result result, const char *message, void *context)
{
    (void)context;
    ck_assert_str_ne(message, "");
    recorder_help.fatal = result;
}

static void new_recorder(void)
{
    struct recorder_events events = {.fatal = fatal};
    char accounts[100], api[100], why[300];
    struct recorder_config config = {.client_id = "0123456789abcdef0123456789abcdef",
                                     .client_secret = "",
                                     .database = store_help_db(),
                                     .poll_interval_ms = 10 * CLOCK_MINUTE,
                                     .sweep_interval_ms = CLOCK_HOUR,
                                     .request_timeout_ms = CLOCK_MINUTE,
                                     .max_in_flight = 4};

    snprintf(accounts, sizeof(accounts), "http://127.0.0.1:%u", spotify[TOKENS].port);
    snprintf(api, sizeof(api), "http://127.0.0.1:%u", spotify[api_part].port);
    config.accounts_url = accounts;
    config.api_url = api;
    recorder_help.recorder =
        recorder_new(recorder_help.base, recorder_help.store, recorder_help.vault, 0, &config,
                     &events, why, sizeof(why));
    ck_assert_ptr_nonnull(recorder_help.recorder);
}

void recorder_help_begin(const char *api_answer)
{
    store_help_restore(database, database_size);
    recorder_help.log[0] = '\0';
    recorder_help.fatal = STORE_OK;
    recorder_help.base = event_base_new();
    api_part = api_answer == recorder_help_page ? PAGE : PROFILE;
    recorder_help.store = store_help_open(STORE_WRITER);
    new_recorder();
}

void recorder_help_begin_idle(size_t users)
{
    struct recorder *recorder;

    recorder_help_begin(recorder_help_page);
    recorder = recorder_help.recorder;
    store_help_begin(recorder_help.store, STORE_DURABLE);
    for (size_t i = 2; i <= users; i++) {
        char name[20];

        snprintf(name, sizeof(name), "user%zu", i);
        ck_assert_int_eq(store_help_user(recorder_help.store, name), (int64_t)i);
    }
    store_help_commit(recorder_help.store);
    ck_assert_int_eq(recorder_start(recorder), STORE_OK);
    ck_assert_uint_eq(recorder->count, users);
    for (size_t i = 0; i < users; i++)
        recorder->pollers[i]->policy.due = clock_boot_ms() + 10 * CLOCK_MINUTE;
    recorder_reschedule(recorder);
}

/* As another process finds it. */
void recorder_help_restart(void)
{
    recorder_free(recorder_help.recorder);
    store_close(recorder_help.store);
    recorder_help.fatal = STORE_OK;
    recorder_help.store = store_help_open(STORE_WRITER);
    new_recorder();
}

void recorder_help_end(void)
{
    recorder_free(recorder_help.recorder);
    store_close(recorder_help.store);
    event_base_free(recorder_help.base);
}

/* What is due soon is due now. The network's own deadlines are not. */
static int pass(const struct event_base *base, const struct event *event, void *context)
{
    struct timeval at, now;

    (void)context;
    event_base_gettimeofday_cached((struct event_base *)base, &now);
    if (event_pending(event, EV_TIMEOUT, &at) && event_get_fd(event) < 0 &&
        (at.tv_sec - now.tv_sec) * 1000 < PASSES_MS)
        event_active((struct event *)event, EV_TIMEOUT, 0);
    return 0;
}

void recorder_help_turns(int turns)
{
    const struct timeval tick_after = {0, 1000};

    for (int i = 0; i < turns; i++) {
        event_base_foreach_event(recorder_help.base, pass, NULL);
        event_base_loopexit(recorder_help.base, &tick_after);
        event_base_loop(recorder_help.base, EVLOOP_ONCE);
    }
}

bool recorder_help_run(bool (*is_over)(void), int64_t ms)
{
    int64_t until = clock_boot_ms() + ms;

    for (int i = 0; (i < TURNS_MOST || clock_boot_ms() < until) && !is_over(); i++)
        recorder_help_turns(1);
    return is_over();
}

bool recorder_help_polled(void)
{
    const struct recorder *recorder = recorder_help.recorder;

    return recorder_help.fatal != STORE_OK ||
           (recorder->count > 0 && recorder->pollers[0]->polls > 0 &&
            recorder->pollers[0]->stage == POLLER_IDLE);
}

const char *recorder_help_refresh_token(int64_t user_id)
{
    static char text[100];
    struct store *store = store_help_open(STORE_READER);
    struct store_token row = {0};
    char *token = NULL;
    size_t len;

    text[0] = '\0';
    if (store_token_get(store, user_id, STORE_TOKEN_REFRESH, &row) == STORE_OK &&
        vault_unseal(recorder_help.vault, user_id, store_token_type_name(STORE_TOKEN_REFRESH),
                     row.sealed, row.sealed_len, &token, &len) == VAULT_OK)
        snprintf(text, sizeof(text), "%s", token);
    vault_wipe_free(token);
    free(row.sealed);
    store_close(store);
    return text;
}
