/* SPDX-License-Identifier: MIT */
/*
 * Every option of a transfer, also those that are libcurl's defaults: what must hold is written
 * down here and does not depend on the version of the library or on the environment.
 */
#include "net/net_private.h"

#include <errno.h>
#include <sys/socket.h>

struct number {
    CURLoption option;
    long value;
};

struct text {
    CURLoption option;
    const char *value;
};

struct pointer {
    CURLoption option;
    void *value;
};

static const struct number fixed_numbers[] = {
    /* Before anything else: a resolver thread that hangs is left to itself. Else libcurl waits
     * for it inside the loop, ten seconds and more when the name server does not answer. */
    {CURLOPT_QUICK_EXIT, 1},
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_NOPROGRESS, 1},
    {CURLOPT_VERBOSE, 0},

    /* who we talk to */
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_UNRESTRICTED_AUTH, 0},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_SSL_ENABLE_ALPN, 1},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS},
    {CURLOPT_HTTP09_ALLOWED, 0},

    /* how long; a byte a second keeps no transfer alive */
    {CURLOPT_LOW_SPEED_LIMIT, 10},
    {CURLOPT_LOW_SPEED_TIME, 30},

    /* Idle connections send nothing and wake nobody; too old ones are closed, not tried. */
    {CURLOPT_TCP_KEEPALIVE, 0},
    {CURLOPT_MAXLIFETIME_CONN, 3600},
};

static const struct text fixed_texts[] = {
    {CURLOPT_PROXY, ""}, /* not NULL: that would mean the environment's */
    {CURLOPT_NOPROXY, "*"},
    {CURLOPT_PRE_PROXY, ""},
    {CURLOPT_REDIR_PROTOCOLS_STR, "https"},
    {CURLOPT_ACCEPT_ENCODING, "gzip, deflate"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool numbers_set(CURL *easy, const struct number *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (curl_easy_setopt(easy, numbers[i].option, numbers[i].value) != CURLE_OK)
            return false;
    }
    return true;
}

static bool texts_set(CURL *easy, const struct text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (curl_easy_setopt(easy, texts[i].option, texts[i].value) != CURLE_OK)
            return false;
    }
    return true;
}

static bool pointers_set(CURL *easy, const struct pointer *pointers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (curl_easy_setopt(easy, pointers[i].option, pointers[i].value) != CURLE_OK)
            return false;
    }
    return true;
}

static size_t body_came(char *data, size_t size, size_t count, void *context)
{
    struct net_request *request = context;
    size_t len = size * count, usual = request->net->usual_len + request->net->usual_len / 16;

    if (request->body.data == NULL && request->form == NULL && len <= usual &&
        usual <= NET_USUAL_MAX && usual <= request->body.limit)
        (void)buf_room(&request->body, usual); /* a failure is that of what is added */
    if (buf_add(&request->body, data, len))
        return len;
    request->veto = len > request->body.limit - request->body.len ? NET_VETO_BODY : NET_VETO_MEMORY;
    return 0;
}

/* Only counts: libcurl keeps the lines, see curl_easy_header(). */
static size_t header_came(char *data, size_t size, size_t count, void *context)
{
    struct net_request *request = context;
    size_t len = size * count;

    (void)data;
    request->header_bytes += len;
    if (request->header_bytes <= NET_HEADERS_MAX)
        return len;
    request->veto = NET_VETO_HEADERS;
    return 0;
}

/* libcurl's own sockets outlive an exec, and it does not say why it got none: that looks like a
 * server that cannot be reached. */
static curl_socket_t socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct net_request *request = context;
    curl_socket_t fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (fd >= 0)
        request->socket_errno = 0;
    else if (errno != EAFNOSUPPORT) /* a system without IPv6; the other family may do */
        request->socket_errno = errno;
    return fd; /* -1 is CURL_SOCKET_BAD */
}

static bool callbacks_set(struct net_request *request)
{
    CURL *easy = request->easy;
    const struct pointer pointers[] = {
        {CURLOPT_WRITEDATA, request},
        {CURLOPT_HEADERDATA, request},
        {CURLOPT_OPENSOCKETDATA, request},
        {CURLOPT_PRIVATE, request},
        {CURLOPT_ERRORBUFFER, request->curl_message},
        {CURLOPT_CURLU, request->url},
    };

    return pointers_set(easy, pointers, COUNT(pointers)) &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_came) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_came) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, socket_open) == CURLE_OK;
}

/* Links the header lines without copying them: the request owns and wipes them. */
static bool headers_set(struct net_request *request)
{
    struct curl_slist *list = NULL;
    char *lines[] = {request->authorization, request->accept};

    for (size_t i = 0; i < COUNT(lines); i++) {
        if (lines[i] == NULL)
            continue;
        request->headers[i] = (struct curl_slist){.data = lines[i], .next = list};
        list = &request->headers[i];
    }
    return curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, list) == CURLE_OK;
}

/* The body is ours and stays where it is. */
static bool method_set(struct net_request *request)
{
    CURL *easy = request->easy;

    if (request->form == NULL)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->form_len) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->form) == CURLE_OK;
}

/* One file and no directory, where the system's default is both: only then libcurl keeps what it
 * has read for the next connections (for a day). Reading 140 certificates stops the loop for more
 * than 50 ms. */
static bool authorities_set(CURL *easy, const char *file)
{
    const char *system_file = curl_version_info(CURLVERSION_NOW)->cainfo;

    if (file != NULL && curl_easy_setopt(easy, CURLOPT_CAINFO, file) != CURLE_OK)
        return false;
    if (file == NULL && system_file == NULL)
        return true;
    return curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
}

static long connect_timeout_ms(int64_t timeout_ms)
{
    int64_t third = timeout_ms / 3 > 0 ? timeout_ms / 3 : 1; /* 0 would mean libcurl's 300 s */

    return (long)(third < NET_CONNECT_MAX_MS ? third : NET_CONNECT_MAX_MS);
}

bool net_options_set(struct net_request *request, bool fresh_connection)
{
    const struct net *net = request->net;
    CURL *easy = request->easy;
    bool post = request->form != NULL;
    bool plain_http = net_url_to_loopback(request->url);
    const struct number numbers[] = {
        {CURLOPT_TIMEOUT_MS, (long)request->timeout_ms},
        {CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms(request->timeout_ms)},
        /* One connection found dead means that the others are suspect: all that rested are
         * closed. */
        {CURLOPT_MAXAGE_CONN, fresh_connection ? 0 : NET_MAX_IDLE_S},
        /* libcurl sends a request again, by itself, when a connection that was already open turns
         * out to be dead. For a POST it may not: the first one may have arrived. */
        {CURLOPT_FRESH_CONNECT, fresh_connection || post},
        {CURLOPT_FORBID_REUSE, post},
        {CURLOPT_HTTP_CONTENT_DECODING, !request->packed},
    };
    const struct text texts[] = {
        {CURLOPT_PROTOCOLS_STR, plain_http ? "http,https" : "https"},
        {CURLOPT_USERAGENT, net->user_agent},
    };

    if (!numbers_set(easy, fixed_numbers, COUNT(fixed_numbers)) ||
        !numbers_set(easy, numbers, COUNT(numbers)) ||
        !texts_set(easy, fixed_texts, COUNT(fixed_texts)) || !texts_set(easy, texts, COUNT(texts)))
        return false;
    return authorities_set(easy, net->ca_file) && callbacks_set(request) && headers_set(request) &&
           method_set(request);
}
