/* SPDX-License-Identifier: MIT */
/*
 * Which addresses may be used. libcurl's own parser decides what a URL means, and the parsed form
 * is what is connected to: two parsers that disagree are how such checks are got round.
 */
#include "net/net_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define URL_LENGTH_MAX 4096

/* Host as libcurl writes it: "127.0.0.1" (also for 0x7f.1 and the like, which it would connect
 * to as well), "[::1]". */
static bool host_is_loopback(const char *host)
{
    char literal[INET6_ADDRSTRLEN];
    struct in_addr four;
    struct in6_addr six;
    size_t len = strlen(host);

    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
    if (len < 2 || len - 2 >= sizeof(literal) || host[0] != '[' || host[len - 1] != ']')
        return false;
    memcpy(literal, host + 1, len - 2);
    literal[len - 2] = '\0';
    return inet_pton(AF_INET6, literal, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool part_is(CURLU *url, CURLUPart part, const char *wanted)
{
    char *text = NULL;
    bool is = curl_url_get(url, part, &text, 0) == CURLUE_OK && strcmp(text, wanted) == 0;

    curl_free(text);
    return is;
}

static bool part_is_there(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;

    curl_free(text);
    return there;
}

bool net_url_to_loopback(CURLU *url)
{
    char *host = NULL;
    bool yes;

    if (!part_is(url, CURLUPART_SCHEME, "https") && !part_is(url, CURLUPART_SCHEME, "http"))
        return false;
    if (part_is_there(url, CURLUPART_ZONEID))
        return false;
    yes = curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK && host_is_loopback(host);
    curl_free(host);
    return yes;
}

/* No control byte and no blank, whatever libcurl of this or another version thinks of them. */
static bool text_is_clean(const char *url)
{
    size_t len = strnlen(url, URL_LENGTH_MAX + 1);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)url[i] <= ' ' || url[i] == '\x7f' || url[i] == '\\')
            return false;
    }
    return len > 0 && len <= URL_LENGTH_MAX;
}

static bool url_may_be_used(CURLU *url)
{
    if (part_is_there(url, CURLUPART_USER) || part_is_there(url, CURLUPART_PASSWORD))
        return false;
    return part_is(url, CURLUPART_SCHEME, "https") || net_url_to_loopback(url);
}

CURLU *net_url_parse(const char *url)
{
    CURLU *parsed;

    if (url == NULL || !text_is_clean(url))
        return NULL;
    parsed = curl_url();
    if (parsed == NULL)
        return NULL;
    if (curl_url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
        !url_may_be_used(parsed)) {
        curl_url_cleanup(parsed);
        return NULL;
    }
    return parsed;
}

bool net_url_allowed(const char *url)
{
    CURLU *parsed = net_url_parse(url);

    curl_url_cleanup(parsed);
    return parsed != NULL;
}

bool net_url_is_loopback(const char *url)
{
    CURLU *parsed = net_url_parse(url);
    bool yes = parsed != NULL && net_url_to_loopback(parsed);

    curl_url_cleanup(parsed);
    return yes;
}
