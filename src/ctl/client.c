/* SPDX-License-Identifier: MIT */
#include "ctl/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/exit.h"
#include "base/text.h"
#include "config.h"
#include "ctl/fields.h"

#define ADDRESS "http://localhost" /* what the Host header says; nobody looks the name up */
#define CONNECT_TIMEOUT_MS 5000L

static void fail(struct client_answer *answer, enum client_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct client_answer *answer, enum client_result result, const char *format, ...)
{
    char message[sizeof(answer->message)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    text_line(message, strlen(message), answer->message, sizeof(answer->message));
    answer->result = result;
}

/* -- What came back ---------------------------------------------------------------------------- */

static void read_refusal(struct client_answer *answer, const json_t *json)
{
    const json_t *error = json_object_get(json, "error");
    const char *code = field_text(error, "code", NULL);

    if (!code) {
        fail(answer, CLIENT_BROKEN, "the daemon answered with status %d and no reason",
             answer->status);
        return;
    }
    snprintf(answer->code, sizeof(answer->code), "%s", code);
    fail(answer, CLIENT_REFUSED, "%s", field_text(error, "message", code));
}

void client_answer_read(int status, const char *body, size_t len, struct client_answer *answer)
{
    json_t *json = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);

    answer->status = status;
    if (!json_is_object(json))
        fail(answer, CLIENT_BROKEN,
             "what answers on the control socket does not speak this program's language (status "
             "%d): is the daemon of another version?",
             status);
    else if (status < 200 || status > 299)
        read_refusal(answer, json);
    else
        answer->json = json_incref(json);
    json_decref(json);
}

/* -- Why nothing came -------------------------------------------------------------------------- */

/* The group that may connect: the socket's, or of the first directory towards it that can be seen.
 */
static const char *group_of(const char *path, char *name, size_t size)
{
    char at[256];
    struct stat status;
    const struct group *group;
    char *slash;

    snprintf(at, sizeof(at), "%s", path);
    while (stat(at, &status) < 0) {
        slash = strrchr(at, '/');
        if (!slash || slash == at)
            return NULL;
        *slash = '\0';
    }
    /* cppcheck-suppress getgrgidCalled ; the command has one thread */
    group = getgrgid(status.st_gid);
    if (group)
        snprintf(name, size, "%s", group->gr_name);
    else
        snprintf(name, size, "%lu", (unsigned long)status.st_gid);
    return name;
}

static void fail_denied(struct client_answer *answer, const char *path)
{
    char name[128];
    const char *group = group_of(path, name, sizeof(name));

    fail(
        answer, CLIENT_DENIED,
        "no permission to talk to the daemon at %s: root may, the daemon's own user, and members of "
        "the group %s",
        path, group ? group : "of the socket");
}

static void fail_connect(struct client_answer *answer, const char *path, int error)
{
    if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR)
        fail(answer, CLIENT_ABSENT, "the daemon is not running (nobody answers at %s)", path);
    else if (error == EACCES || error == EPERM)
        fail_denied(answer, path);
    else
        fail(answer, CLIENT_LOST, "the daemon cannot be reached at %s: %s", path,
             error ? strerror(error) : "no connection");
}

static void fail_curl(struct client_answer *answer, CURL *easy,
                      const struct client_request *request, CURLcode code)
{
    long error = 0;

    switch (code) {
    case CURLE_COULDNT_CONNECT:
        curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
        fail_connect(answer, request->socket, (int)error);
        break;
    case CURLE_WRITE_ERROR:
        fail(answer, CLIENT_BROKEN, "the daemon's answer is larger than %d MiB",
             CLIENT_ANSWER_MAX / 1048576);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        fail(answer, CLIENT_LOST, "the daemon did not answer in time");
        break;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        fail(answer, CLIENT_BROKEN, "what answers at %s does not speak HTTP", request->socket);
        break;
    default:
        fail(answer, CLIENT_LOST, "talking to the daemon failed: %s", curl_easy_strerror(code));
    }
}

/* -- The request ------------------------------------------------------------------------------- */

static size_t body_came(char *data, size_t size, size_t count, void *context)
{
    struct buf *body = context;

    return buf_add(body, data, size * count) ? size * count : 0;
}

struct number {
    CURLoption option;
    long value;
};

struct pointer {
    CURLoption option;
    const void *value;
};

static bool set_numbers(CURL *easy, const struct number *numbers, size_t count)
{
    bool ok = true;

    for (size_t i = 0; i < count; i++)
        ok = curl_easy_setopt(easy, numbers[i].option, numbers[i].value) == CURLE_OK && ok;
    return ok;
}

static bool set_pointers(CURL *easy, const struct pointer *pointers, size_t count)
{
    bool ok = true;

    for (size_t i = 0; i < count; i++)
        ok = curl_easy_setopt(easy, pointers[i].option, pointers[i].value) == CURLE_OK && ok;
    return ok;
}

static bool set_body(CURL *easy, const struct client_request *request)
{
    const void *data = request->body ? request->body : request->body_data;
    size_t len = request->body ? strlen(request->body) : request->body_len;

    return !data ||
           (curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, data) == CURLE_OK);
}

static bool set_options(CURL *easy, const struct client_request *request,
                        struct curl_slist *headers, struct buf *body)
{
    char url[512];
    int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : CLIENT_TIMEOUT_MS;
    const struct number numbers[] = {
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        {CURLOPT_HTTP09_ALLOWED, 0},
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS},
        {CURLOPT_TIMEOUT_MS, (long)timeout_ms},
    };
    const struct pointer pointers[] = {
        {CURLOPT_UNIX_SOCKET_PATH, request->socket},
        {CURLOPT_URL, url},
        {CURLOPT_PROTOCOLS_STR, "http"},
        {CURLOPT_PROXY, ""}, /* not NULL: that would mean the environment's */
        {CURLOPT_NOPROXY, "*"},
        {CURLOPT_USERAGENT, "spotify-historyctl/" PACKAGE_VERSION},
        {CURLOPT_HTTPHEADER, headers},
        {CURLOPT_WRITEDATA, body},
    };

    return snprintf(url, sizeof(url), ADDRESS "%s", request->target) < (int)sizeof(url) &&
           set_numbers(easy, numbers, sizeof(numbers) / sizeof(numbers[0])) &&
           set_pointers(easy, pointers, sizeof(pointers) / sizeof(pointers[0])) &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_came) == CURLE_OK &&
           set_body(easy, request);
}

static void perform(CURL *easy, const struct client_request *request, struct client_answer *answer)
{
    /* The second one tells curl not to ask whether the body is welcome before it sends it. */
    char type[120];
    struct curl_slist headers[] = {
        {(char *)"Accept: application/json", &headers[1]},
        {(char *)"Expect:", &headers[2]},
        {type, NULL},
    };
    struct buf body = {.limit = CLIENT_ANSWER_MAX};
    CURLcode code;
    long status = 0;

    snprintf(type, sizeof(type), "Content-Type: %s",
             request->body_data ? request->body_type : "application/json");
    if (!set_options(easy, request, headers, &body)) {
        fail(answer, CLIENT_LOST, "the request could not be made");
        return;
    }
    code = curl_easy_perform(easy);
    if (code == CURLE_OK) {
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        client_answer_read((int)status, body.data ? body.data : "", body.len, answer);
    } else {
        fail_curl(answer, easy, request, code);
    }
    buf_free(&body, true);
}

void client_call(const struct client_request *request, struct client_answer *answer)
{
    CURL *easy = NULL;

    *answer = (struct client_answer){0};
    /* Ended again after each call: the room net, where a command does the daemon's work by itself,
     * starts libcurl with an allocator of its own. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fail(answer, CLIENT_LOST, "libcurl could not be set up");
        return;
    }
    easy = curl_easy_init();
    if (easy)
        perform(easy, request, answer);
    else
        fail(answer, CLIENT_LOST, "out of memory");
    curl_easy_cleanup(easy);
    curl_global_cleanup();
}

void client_answer_free(struct client_answer *answer)
{
    json_decref(answer->json);
    *answer = (struct client_answer){0};
}

int client_exit_status(const struct client_answer *answer)
{
    static const struct {
        const char *code;
        int status;
    } refusals[] = {
        {"not_found", EXIT_STATUS_USAGE},      {"conflict", EXIT_STATUS_TEMPFAIL},
        {"unavailable", EXIT_STATUS_TEMPFAIL}, {"bad_address", EXIT_STATUS_USAGE},
        {"forbidden", EXIT_STATUS_NOPERM},     {"busy", EXIT_STATUS_TEMPFAIL},
    };

    switch (answer->result) {
    case CLIENT_OK:
        return EXIT_STATUS_OK;
    case CLIENT_ABSENT:
        return EXIT_STATUS_UNAVAILABLE;
    case CLIENT_DENIED:
        return EXIT_STATUS_NOPERM;
    case CLIENT_LOST:
        return EXIT_STATUS_TEMPFAIL;
    case CLIENT_REFUSED:
        for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
            if (strcmp(answer->code, refusals[i].code) == 0)
                return refusals[i].status;
        break;
    case CLIENT_BROKEN:
        break;
    }
    return EXIT_STATUS_SOFTWARE;
}

bool client_secret_body(struct buf *body, const char *key, const char *value)
{
    if (!text_utf8_valid(value, strlen(value)))
        return false;
    buf_addf(body, "{\"%s\": \"", key);
    for (; *value; value++) {
        unsigned char byte = (unsigned char)*value;

        if (byte < 0x20)
            buf_addf(body, "\\u%04x", (unsigned)byte);
        else if (byte == '"' || byte == '\\')
            buf_addf(body, "\\%c", byte);
        else
            buf_add(body, value, 1);
    }
    buf_add_text(body, "\"}");
    return !body->failed;
}
