/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- life -------------------------------------------------------------------------------------- */

static int fake_out = -1;

static void read_address(void)
{
    static const char before[] = "listening on ";
    char line[200] = "", *url;
    size_t len = 0;

    while (len < sizeof(line) - 1 && read(fake_out, line + len, 1) == 1 && line[len] != '\n')
        len++;
    line[len] = '\0';
    url = strstr(line, before);
    ck_assert_msg(url != NULL, "the fake Spotify said \"%s\"", line);
    snprintf(harness.url, sizeof(harness.url), "%s", url + strlen(before));
}

void fake_start_with(const char *const *arguments)
{
    char seed[24];
    struct child_plan plan = {
        .program = "fake-spotify",
        .arguments = {"--quiet", "--die-with-parent", "--seed", seed, "--no-listener", "--gzip"},
        .in = -1,
    };
    int ends[2];

    snprintf(seed, sizeof(seed), "%u", harness.seed);
    for (size_t i = 6; *arguments != NULL && i < HARNESS_ARGUMENTS - 1; i++)
        plan.arguments[i] = *arguments++;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    plan.out = ends[1];
    plan.err = open(harness.fake_log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ck_assert_int_ge(plan.err, 0);
    child_start(&harness.fake, &plan);
    close(ends[1]);
    close(plan.err);
    fake_out = ends[0];
    read_address();
}

static CURL *handle;

void fake_stop(void)
{
    if (handle != NULL)
        curl_easy_cleanup(handle);
    handle = NULL;
    close(fake_out);
    child_signal(&harness.fake, SIGTERM);
    ck_assert_int_eq(child_wait(&harness.fake), 0);
}

/* -- questions --------------------------------------------------------------------------------- */

struct body {
    char *text;
    size_t len;
};

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct body *body = context;
    char *text = realloc(body->text, body->len + size * count + 1);

    if (text == NULL)
        return 0;
    memcpy(text + body->len, data, size * count);
    body->text = text;
    body->len += size * count;
    body->text[body->len] = '\0';
    return size * count;
}

/* Answers the status. */
static long exchange(const char *path, const char *send, struct body *body)
{
    char url[HARNESS_PATH_SIZE];
    long status = 0;
    CURLcode code;

    if (handle == NULL)
        handle = curl_easy_init();
    ck_assert_ptr_nonnull(handle);
    snprintf(url, sizeof(url), "%s/_sim/%s", harness.url, path);
    curl_easy_reset(handle);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)HARNESS_PATIENCE_MS);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, body);
    if (send != NULL)
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, send);
    code = curl_easy_perform(handle);
    ck_assert_msg(code == CURLE_OK, "%s: %s", url, curl_easy_strerror(code));
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static json_t *ask_text(const char *path, const char *send)
{
    struct body body = {0};
    long status = exchange(path, send, &body);
    json_t *answer;

    ck_assert_msg(status / 100 == 2, "/_sim/%s: %ld: %s\n%s", path, status, body.text,
                  send ? send : "");
    answer = json_loads(body.text ? body.text : "", 0, NULL);
    ck_assert_msg(answer != NULL, "/_sim/%s: %s", path, body.text);
    free(body.text);
    return answer;
}

static json_t *vask(const char *path, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* ' becomes ". */
static void set_quotes(char *text)
{
    for (char *mark = text; (mark = strchr(mark, '\'')) != NULL;)
        *mark = '"';
}

static json_t *vask(const char *path, const char *format, va_list arguments)
{
    char *text = NULL;
    json_t *answer;

    if (format != NULL) {
        ck_assert_int_ge(vasprintf(&text, format, arguments), 0);
        set_quotes(text);
    }
    answer = ask_text(path, text);
    free(text);
    return answer;
}

json_t *fake_ask(const char *path, const char *format, ...)
{
    va_list arguments;
    json_t *answer;

    va_start(arguments, format);
    answer = vask(path, format, arguments);
    va_end(arguments);
    return answer;
}

void fake_do(const char *path, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    json_decref(vask(path, format, arguments));
    va_end(arguments);
}

void fake_fault_body(const char *rule, const char *format, ...)
{
    char *text = strdup(rule), *body = NULL;
    va_list arguments;
    json_t *json;

    va_start(arguments, format);
    ck_assert_int_ge(vasprintf(&body, format, arguments), 0);
    va_end(arguments);
    set_quotes(text);
    set_quotes(body);
    json = json_loads(text, 0, NULL);
    ck_assert_msg(json != NULL, "not JSON: %s", rule);
    json_object_set_new(json, "body", json_string(body));
    free(text);
    free(body);
    text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    json_decref(ask_text("faults", text));
    free(text);
}

void fake_forget_faults(void)
{
    fake_do("faults", "{'clear':true}");
}

/* -- plays ------------------------------------------------------------------------------------- */

void fake_play(int account, int track, int64_t played_at)
{
    fake_plays(account, 1, track, played_at, 0);
}

static void add_plays(int account, int count, int first, int64_t from, int64_t step,
                      const int64_t *visible_at)
{
    json_t *plays = json_array();
    char *text;

    for (int i = 0; i < count; i++) {
        json_t *play = json_pack("{s:i,s:i,s:I}", "account", account, "track", first + i,
                                 "played_at", (json_int_t)(from + i * step));

        if (visible_at != NULL)
            json_object_set_new(play, "visible_at", json_integer(*visible_at));
        json_array_append_new(plays, play);
    }
    text = json_dumps(plays, JSON_COMPACT);
    json_decref(plays);
    json_decref(ask_text("plays", text));
    free(text);
}

void fake_plays(int account, int count, int first, int64_t from, int64_t step)
{
    add_plays(account, count, first, from, step, NULL);
}

void fake_late_plays(int account, int count, int first, int64_t from, int64_t step,
                     int64_t visible_at)
{
    add_plays(account, count, first, from, step, &visible_at);
}

int64_t fake_now(void)
{
    json_t *clock = fake_ask("clock", NULL);
    int64_t now = json_integer_value(json_object_get(clock, "now"));

    json_decref(clock);
    return now;
}

/* -- looking into it --------------------------------------------------------------------------- */

static void keep(char *out, size_t size, const json_t *text)
{
    ck_assert_msg(json_is_string(text), "the fake Spotify has no such text");
    snprintf(out, size, "%s", json_string_value(text));
}

static json_t *account_state(int account, json_t **state)
{
    char path[64];

    snprintf(path, sizeof(path), "state?account=%d", account);
    *state = fake_ask(path, NULL);
    return json_array_get(json_object_get(*state, "accounts"), 0);
}

const char *fake_token(int account)
{
    static char token[1024];
    json_t *state, *one = account_state(account, &state);

    keep(token, sizeof(token), json_object_get(one, "refresh_token"));
    json_decref(state);
    return token;
}

const char *fake_id(int account)
{
    static char id[200];
    json_t *state, *one = account_state(account, &state);

    keep(id, sizeof(id), json_object_get(one, "id"));
    json_decref(state);
    return id;
}

int64_t fake_count(const char *kind, int account)
{
    json_t *log = fake_ask("requests?last=1", NULL);
    json_t *counts = json_object_get(log, "counts");
    int64_t count;

    if (account > 0)
        counts = json_array_get(json_object_get(log, "accounts"), (size_t)account - 1);
    count = json_integer_value(json_object_get(counts, kind));
    json_decref(log);
    return count;
}

int64_t fake_in_flight(void)
{
    json_t *log = fake_ask("requests?last=1", NULL);
    int64_t count = json_integer_value(json_object_get(log, "in_flight"));

    json_decref(log);
    return count;
}

int64_t fake_hits(void)
{
    json_t *rules = fake_ask("faults", NULL), *list = rules, *rule;
    int64_t hits = 0;
    size_t i;

    if (json_is_object(rules))
        list = json_object_get(rules, "faults");
    json_array_foreach (list, i, rule)
        hits += json_integer_value(json_object_get(rule, "hits"));
    json_decref(rules);
    return hits;
}

int64_t fake_shown(int account)
{
    char path[64];
    int64_t count;
    json_t *truth;

    snprintf(path, sizeof(path), "truth?account=%d&shown=1", account);
    truth = fake_ask(path, NULL);
    count = (int64_t)json_array_size(json_object_get(truth, "plays"));
    json_decref(truth);
    return count;
}

/* The newest request of a kind in the log (owned by it), or NULL. */
static json_t *last_request(json_t *log, const char *kind)
{
    json_t *requests = json_object_get(log, "requests");

    for (size_t i = json_array_size(requests); i-- > 0;) {
        json_t *request = json_array_get(requests, i);

        if (strcmp(json_string_value(json_object_get(request, "kind")), kind) == 0)
            return request;
    }
    return NULL;
}

int64_t fake_last_status(const char *kind)
{
    json_t *log = fake_ask("requests", NULL), *request = last_request(log, kind);
    int64_t status = request != NULL ? json_integer_value(json_object_get(request, "status")) : -1;

    json_decref(log);
    return status;
}

char *fake_last_query(const char *kind)
{
    json_t *log = fake_ask("requests", NULL), *request = last_request(log, kind);
    char *query =
        request != NULL ? strdup(json_string_value(json_object_get(request, "query"))) : NULL;

    json_decref(log);
    return query;
}
