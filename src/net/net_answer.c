/* SPDX-License-Identifier: MIT */
/*
 * From what libcurl says to what we say: the kind of error, a sentence for people, the few headers
 * that matter.
 */
#include "base/clock.h"
#include "base/text.h"
#include "net/net_private.h"

#include <stdio.h>
#include <string.h>

#define RETRY_AFTER_MAX_S INT64_C(315360000) /* 10 years */
#define HEADERS_READ_MAX 8                   /* of one name: looking for the n-th costs n */

static const char *const error_names[] = {
    [NET_OK] = "ok",
    [NET_ERROR_RESOLVE] = "resolve",
    [NET_ERROR_CONNECT] = "connect",
    [NET_ERROR_TLS] = "tls",
    [NET_ERROR_TIMEOUT] = "timeout",
    [NET_ERROR_BROKEN] = "broken",
    [NET_ERROR_TOO_BIG] = "too big",
    [NET_ERROR_LOCAL] = "local",
};

const char *net_error_name(enum net_error error)
{
    size_t index = (size_t)error;

    return index < sizeof(error_names) / sizeof(error_names[0]) ? error_names[index] : "unknown";
}

/* --- headers --------------------------------------------------------------------------------- */

/* The n-th header of that name in the answer itself (no 1xx, no trailer), or NULL. Valid until
 * the next call. */
static const char *header_value(CURL *easy, const char *name, size_t n)
{
    struct curl_header *header;

    if (curl_easy_header(easy, name, n, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return header->value;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* An HTTP date in one of its three forms. curl_getdate() alone takes nearly anything, "-1"
 * included. */
static bool date_parse(const char *text, int64_t *seconds)
{
    time_t date;

    if (!is_letter(text[0]) || strchr(text, ':') == NULL)
        return false;
    date = curl_getdate(text, NULL);
    if (date < 0)
        return false;
    *seconds = (int64_t)date;
    return true;
}

/* Reads digits at *text and moves behind them; -1 when there are none. */
static int64_t digits_parse(const char **text)
{
    int64_t value = 0;

    if (!is_digit(**text))
        return -1;
    for (; is_digit(**text); (*text)++) {
        if (value < RETRY_AFTER_MAX_S)
            value = value * 10 + (**text - '0');
    }
    return value < RETRY_AFTER_MAX_S ? value : RETRY_AFTER_MAX_S;
}

static const char *skip(const char *text, const char *set)
{
    return text + strspn(text, set);
}

/* "120", and "120, 60" as proxies join two headers into one: the largest. */
static int64_t seconds_parse(const char *text)
{
    int64_t largest = NET_RETRY_AFTER_BAD;

    for (;;) {
        int64_t value = digits_parse(&text);

        if (value < 0)
            return NET_RETRY_AFTER_BAD;
        if (value > largest)
            largest = value;
        text = skip(text, " \t");
        if (*text == '\0')
            return largest;
        if (*text != ',')
            return NET_RETRY_AFTER_BAD;
        text = skip(text + 1, " \t");
    }
}

int64_t net_retry_after_parse(const char *value, int64_t now_s)
{
    const char *text = skip(value, " \t");
    int64_t date;

    if (!date_parse(text, &date))
        return seconds_parse(text);
    if (date <= now_s)
        return 0;
    return date - now_s < RETRY_AFTER_MAX_S ? date - now_s : RETRY_AFTER_MAX_S;
}

static int64_t retry_after(CURL *easy, int64_t date_wall_ms)
{
    int64_t now_s = (date_wall_ms > 0 ? date_wall_ms : clock_wall_ms()) / CLOCK_SECOND;
    int64_t largest = NET_RETRY_AFTER_NONE;
    const char *value;

    for (size_t i = 0; i < HEADERS_READ_MAX; i++) {
        int64_t seconds;

        value = header_value(easy, "Retry-After", i);
        if (value == NULL)
            break;
        seconds = net_retry_after_parse(value, now_s);
        if (largest < 0 || seconds > largest)
            largest = largest >= 0 && seconds < 0 ? largest : seconds;
    }
    return largest;
}

static int64_t date_wall_ms(CURL *easy)
{
    const char *value = header_value(easy, "Date", 0);
    int64_t seconds;

    return value != NULL && date_parse(value, &seconds) ? seconds * CLOCK_SECOND : 0;
}

/* The media type in lower case, up to the first byte that none may hold. */
static void content_type(CURL *easy, char *type, size_t size)
{
    const char *value = header_value(easy, "Content-Type", 0);
    size_t len = 0;

    while (value != NULL && len < size - 1) {
        char c = value[len];

        if (!is_letter(c) && !is_digit(c) && (c == '\0' || strchr("!#$&^_.+-/", c) == NULL))
            break;
        type[len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    type[len] = '\0';
}

/* Of a body that is still packed. Two codings, one over the other, are none that we asked for. */
static enum net_coding coding(CURL *easy)
{
    const char *value = header_value(easy, "Content-Encoding", 0);

    if (value == NULL)
        return NET_CODING_NONE;
    return header_value(easy, "Content-Encoding", 1) == NULL ? net_coding_of(value)
                                                             : NET_CODING_UNKNOWN;
}

/* --- errors ---------------------------------------------------------------------------------- */

static long info_number(CURL *easy, CURLINFO info)
{
    long value = 0;

    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static enum net_error error_of_veto(enum net_veto veto)
{
    return veto == NET_VETO_MEMORY ? NET_ERROR_LOCAL : NET_ERROR_TOO_BIG;
}

static enum net_error error_of(const struct net_request *request, CURLcode result)
{
    if (request->veto != NET_VETO_NONE)
        return error_of_veto(request->veto);
    switch (result) {
    case CURLE_OK:
        return NET_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return NET_ERROR_RESOLVE;
    case CURLE_COULDNT_CONNECT:
        return request->socket_errno != 0 ? NET_ERROR_LOCAL : NET_ERROR_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return NET_ERROR_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
        return NET_ERROR_TLS;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* what answered does not speak HTTP; the URL was checked */
    case CURLE_WRITE_ERROR:          /* none of our vetoes: a body that cannot be decoded */
        return NET_ERROR_BROKEN;
    default:
        return NET_ERROR_LOCAL;
    }
}

/* In our words where libcurl's say nothing, else in libcurl's (they name hosts, never paths or
 * headers). */
static void reason(const struct net_request *request, CURLcode result, char *text, size_t size)
{
    char duration[TEXT_DURATION_SIZE];

    if (request->veto == NET_VETO_BODY)
        snprintf(text, size, "answer is larger than %zu bytes", request->body.limit);
    else if (request->veto == NET_VETO_HEADERS)
        snprintf(text, size, "header of the answer is larger than %d bytes", NET_HEADERS_MAX);
    else if (request->veto == NET_VETO_MEMORY)
        snprintf(text, size, "no memory");
    else if (result == CURLE_COULDNT_CONNECT && request->socket_errno != 0)
        snprintf(text, size, "no socket: %s", strerror(request->socket_errno));
    else if (result == CURLE_OPERATION_TIMEDOUT && request->curl_message[0] == '\0')
        snprintf(text, size, "no answer within %s",
                 text_duration_human(request->timeout_ms, duration));
    else
        snprintf(text, size, "%s",
                 request->curl_message[0] != '\0' ? request->curl_message
                                                  : curl_easy_strerror(result));
}

/* A certificate may hold any byte, and libcurl quotes it: hence the excerpt. */
static void say(struct net_answer *answer, const struct net_request *request, CURLcode result)
{
    char text[CURL_ERROR_SIZE + 64];
    size_t room = sizeof(answer->message);
    size_t len;

    reason(request, result, text, sizeof(text));
    len = strcspn(text, "\r\n");
    text[len] = '\0';
    text_excerpt(text, len, answer->message, room);
    len = strlen(answer->message);
    if (strstr(text, request->host) == NULL && len + strlen(request->host) + 4 < room)
        snprintf(answer->message + len, room - len, " (%s)", request->host);
}

/* --- all together ---------------------------------------------------------------------------- */

void net_answer_fill(struct net_answer *answer, struct net_request *request, CURLcode result)
{
    CURL *easy = request->easy;
    long status = info_number(easy, CURLINFO_RESPONSE_CODE);

    memset(answer, 0, sizeof(*answer));
    answer->error = error_of(request, result);
    answer->status = status >= 200 && status <= 999 ? (int)status : 0; /* 1xx is no answer yet */
    answer->request_sent = info_number(easy, CURLINFO_REQUEST_SIZE) > 0;
    answer->connection_reused =
        answer->request_sent && info_number(easy, CURLINFO_NUM_CONNECTS) == 0;
    answer->date_wall_ms = date_wall_ms(easy);
    answer->retry_after_s = retry_after(easy, answer->date_wall_ms);
    content_type(easy, answer->content_type, sizeof(answer->content_type));
    answer->duration_us = clock_boot_us() - request->started_us;
    answer->body = "";
    if (answer->error == NET_OK && answer->status == 0) {
        answer->error = NET_ERROR_BROKEN;
        result = CURLE_WEIRD_SERVER_REPLY;
    }
    if (answer->error != NET_OK) {
        say(answer, request, result);
    } else if (request->body.data != NULL) {
        answer->body = request->body.data;
        answer->body_len = request->body.len;
        answer->coding = request->packed ? coding(easy) : NET_CODING_NONE;
    }
}
