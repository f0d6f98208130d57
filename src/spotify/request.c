/* SPDX-License-Identifier: MIT */
#include "spotify/request.h"

#include <inttypes.h>
#include <string.h>

/* The address of a server, without the slashes that it may end in. */
static bool add_base(struct buf *url, const char *base)
{
    size_t len = strlen(base);

    while (len > 0 && base[len - 1] == '/')
        len--;
    return buf_add(url, base, len);
}

static bool add_parameter(struct buf *form, const char *key, const char *value)
{
    return buf_add_text(form, key) && buf_add_text(form, "=") &&
           buf_add_form(form, value, strlen(value));
}

bool spotify_request_history(struct buf *url, const char *api_url, int64_t after_ms)
{
    if (!add_base(url, api_url) ||
        !buf_addf(url, "/v1/me/player/recently-played?limit=%d", SPOTIFY_PAGE_LIMIT))
        return false;
    return after_ms < 0 || buf_addf(url, "&after=%" PRId64, after_ms);
}

bool spotify_request_profile(struct buf *url, const char *api_url)
{
    return add_base(url, api_url) && buf_add_text(url, "/v1/me");
}

bool spotify_request_token_url(struct buf *url, const char *accounts_url)
{
    return add_base(url, accounts_url) && buf_add_text(url, "/api/token");
}

bool spotify_request_refresh(struct buf *form, const struct spotify_client *client,
                             const char *refresh_token)
{
    if (refresh_token[0] == '\0')
        return false;
    if (!buf_add_text(form, "grant_type=refresh_token") ||
        !add_parameter(form, "&refresh_token", refresh_token))
        return false;
    return client->client_secret[0] != '\0' || add_parameter(form, "&client_id", client->client_id);
}

bool spotify_request_authorize(struct buf *url, const char *accounts_url,
                               const struct spotify_client *client, const char *redirect_uri,
                               const char *state, const char *challenge)
{
    return add_base(url, accounts_url) && buf_add_text(url, "/authorize?response_type=code") &&
           add_parameter(url, "&client_id", client->client_id) &&
           add_parameter(url, "&scope", SPOTIFY_SCOPE) &&
           add_parameter(url, "&redirect_uri", redirect_uri) &&
           add_parameter(url, "&state", state) &&
           buf_add_text(url, "&code_challenge_method=S256") &&
           add_parameter(url, "&code_challenge", challenge) &&
           buf_add_text(url, "&show_dialog=true");
}

bool spotify_request_exchange(struct buf *form, const struct spotify_client *client,
                              const char *code, const char *redirect_uri, const char *verifier)
{
    if (code[0] == '\0')
        return false;
    return buf_add_text(form, "grant_type=authorization_code") &&
           add_parameter(form, "&code", code) &&
           add_parameter(form, "&redirect_uri", redirect_uri) &&
           add_parameter(form, "&client_id", client->client_id) &&
           add_parameter(form, "&code_verifier", verifier);
}

static bool add_base64(struct buf *buf, const char *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t at = 0; at < len; at += 3) {
        size_t left = len - at < 3 ? len - at : 3;
        unsigned bits = 0;
        char four[] = "====";

        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < left ? (unsigned char)data[at + i] : 0);
        for (size_t i = 0; i <= left; i++)
            four[i] = digits[bits >> (18 - 6 * i) & 63];
        if (!buf_add(buf, four, 4))
            return false;
    }
    return true;
}

bool spotify_request_basic(struct buf *header, const struct spotify_client *client)
{
    struct buf pair = {0};
    bool ok;

    if (client->client_secret[0] == '\0')
        return true;
    ok = buf_add_form(&pair, client->client_id, strlen(client->client_id)) &&
         buf_add_text(&pair, ":") &&
         buf_add_form(&pair, client->client_secret, strlen(client->client_secret)) &&
         buf_add_text(header, "Basic ") && add_base64(header, pair.data, pair.len);
    buf_free(&pair, true);
    return ok;
}

bool spotify_request_bearer(struct buf *header, const char *access_token)
{
    if (access_token[0] == '\0')
        return false;
    for (const char *at = access_token; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~')
            return false;
    }
    return buf_add_text(header, "Bearer ") && buf_add_text(header, access_token);
}
