/* SPDX-License-Identifier: MIT */
/* web/guard on what a browser sends: places to go to, origins, cookies, passwords. Two texts with a
 * NUL between them. */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "fuzz/hold.h"
#include "web/guard.h"

/* It goes into a Location: nobody may take it for another site. */
static void try_next(const char *text)
{
    if (!guard_next_is_ours(text))
        return;
    hold(text[0] == '/' && text[1] != '/' && strlen(text) <= GUARD_NEXT_MAX);
    for (const char *at = text; *at != '\0'; at++)
        hold(*at > ' ' && *at <= '~' && *at != '\\' && *at != '"' && *at != '<' && *at != '#');
    hold(strncmp(text, "/password", 9) != 0);
}

static void try_origin(const char *origin, const char *host)
{
    struct buf same = {0};

    hold(buf_addf(&same, "hTTps://%s", host) && guard_origin_is_host(same.data, host));
    buf_free(&same, false);
    if (guard_origin_is_host(origin, host)) {
        size_t scheme = strncasecmp(origin, "https", 5) == 0 ? 8 : 7;

        hold(strlen(origin) == scheme + strlen(host) && strcasecmp(origin + scheme, host) == 0);
    }
}

/* Without our own token nobody's form is taken, whatever else they say. */
static void try_post(const char *one, const char *other)
{
    char cookie[GUARD_BROWSER_SIZE] = "AAAAAAAAAAAAAAAAAAAAAA", token[VAULT_MAC_SIZE];
    struct guard_post post = {.cookie = one, .token = other, .host = "page", .site = "same-origin"};

    hold(guard_post_problem(&post) != NULL);
    guard_form_token(cookie, token);
    post = (struct guard_post){.cookie = cookie, .token = token, .host = "page", .site = one};
    hold(!guard_post_problem(&post) ==
         (strcmp(one, "same-origin") == 0 || strcmp(one, "none") == 0));
    post = (struct guard_post){.cookie = cookie, .token = token, .host = other, .origin = one};
    hold(!guard_post_problem(&post) == guard_origin_is_host(one, other));
}

static void put_base64(struct buf *buf, const unsigned char *data, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)data[i] << 16 | (i + 1 < len ? (uint32_t)data[i + 1] << 8 : 0) |
                        (i + 2 < len ? data[i + 2] : 0);

        buf_add(buf, &alphabet[bits >> 18], 1);
        buf_add(buf, &alphabet[bits >> 12 & 63], 1);
        buf_add(buf, i + 1 < len ? &alphabet[bits >> 6 & 63] : "=", 1);
        buf_add(buf, i + 2 < len ? &alphabet[bits & 63] : "=", 1);
    }
}

/* A header as it came, and one that is made of the input: the password is what stands behind the
 * first colon, of a length that fits. */
static void try_basic(const char *header, const uint8_t *data, size_t size)
{
    char password[GUARD_PASSWORD_MAX + 1];
    const uint8_t *colon = memchr(data, ':', size);
    size_t rest = colon ? size - (size_t)(colon + 1 - data) : 0;
    struct buf made = {0};
    bool fits;

    if (guard_basic_password(header, password, sizeof(password)))
        hold(password[0] != '\0' && strlen(password) < sizeof(password) &&
             strncasecmp(header, "basic ", 6) == 0);
    hold(buf_add_text(&made, "bASIC  "));
    put_base64(&made, data, size);
    fits = guard_basic_password(made.data, password, sizeof(password));
    hold(fits == (rest > 0 && rest <= GUARD_PASSWORD_MAX && !memchr(data, '\0', size) &&
                  size <= GUARD_PASSWORD_MAX + 257) ||
         size > GUARD_PASSWORD_MAX);
    hold(!fits || (strlen(password) == rest && memcmp(password, colon + 1, rest) == 0));
    buf_free(&made, true);
}

/* One made for another is no session, and one that is remembered is known until it is forgotten. */
static void try_sessions(const char *text)
{
    static struct guard guard;
    char value[GUARD_SESSION_SIZE];

    guard = (struct guard){.failures = 0};
    guard_session_begin(&guard, 1, value);
    hold(guard_session_is_open(&guard, 1, value));
    hold(!guard_session_is_open(&guard, 1, text));
    guard_session_end(&guard, text);
    hold(guard_session_is_open(&guard, GUARD_SESSION_MS, value));
    hold(guard_basic_known(&guard, text) == GUARD_BASIC_NEW);
    guard_basic_remember(&guard, text, false);
    hold(guard_basic_known(&guard, text) == GUARD_BASIC_WRONG);
    guard_sessions_end_all(&guard);
    hold(guard_basic_known(&guard, text) == GUARD_BASIC_NEW);
    hold(!guard_session_is_open(&guard, 1, value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 2);
    const char *other;

    hold(text != NULL);
    memcpy(text, data, size);
    other = strlen(text) < size ? text + strlen(text) + 1 : "";
    try_next(text);
    try_origin(text, other);
    try_post(text, other);
    try_basic(text, data, size);
    try_sessions(text);
    if (guard_browser_is_ours(text))
        hold(strlen(text) == GUARD_BROWSER_SIZE - 1 && strpbrk(text, "=;, \"") == NULL);
    free(text);
    return 0;
}
