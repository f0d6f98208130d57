/* SPDX-License-Identifier: MIT */
#include "web/guard.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define FREE_FAILURES 4 /* wrong passwords before waiting grows */
#define SHORT_WAIT_MS 500
#define LONG_WAIT_MS (2 * CLOCK_SECOND)
#define LONGEST_WAIT_MS CLOCK_MINUTE
#define FORGET_MS (10 * CLOCK_MINUTE)

/* -- forms ------------------------------------------------------------------------------------- */

static bool is_base64url(const char *text, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    return strlen(text) == len && strspn(text, alphabet) == len;
}

bool guard_browser_is_ours(const char *cookie)
{
    return cookie && is_base64url(cookie, GUARD_BROWSER_SIZE - 1);
}

void guard_browser_new(char cookie[static GUARD_BROWSER_SIZE])
{
    vault_random_text(cookie, 16);
}

void guard_form_token(const char *cookie, char token[static VAULT_MAC_SIZE])
{
    vault_mac("form", cookie, token);
}

bool guard_origin_is_host(const char *origin, const char *host)
{
    if (strncasecmp(origin, "http://", 7) == 0)
        return strcasecmp(origin + 7, host) == 0;
    if (strncasecmp(origin, "https://", 8) == 0)
        return strcasecmp(origin + 8, host) == 0;
    return false;
}

const char *guard_post_problem(const struct guard_post *post)
{
    char token[VAULT_MAC_SIZE];

    /* Where it came from is asked first: what another site sends gets to know nothing more. */
    if (post->site && strcmp(post->site, "same-origin") != 0 && strcmp(post->site, "none") != 0)
        return "It was sent from another site.";
    if (post->origin && (!post->host || !guard_origin_is_host(post->origin, post->host)))
        return "It was sent from another site.";
    if (!guard_browser_is_ours(post->cookie))
        return "Your browser did not send the cookie that belongs to the form. The page needs "
               "cookies.";
    guard_form_token(post->cookie, token);
    if (!post->token || !vault_equal(post->token, token))
        return "The form is from before the last start of the recorder, or from another browser.";
    return NULL;
}

bool guard_next_is_ours(const char *next)
{
    size_t len = strlen(next);

    if (len == 0 || len > GUARD_NEXT_MAX || next[0] != '/' || next[1] == '/')
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)next[i];

        /* Browsers take a backslash for a slash. */
        if (byte <= ' ' || byte >= 0x7f || strchr("\\\"<>#^`{|}", byte))
            return false;
    }
    return strncmp(next, "/password", 9) != 0;
}

/* -- the password ------------------------------------------------------------------------------ */

int64_t guard_password_wait(const struct guard *guard, int64_t now)
{
    return guard->closed_until > now ? guard->closed_until - now : 0;
}

static int64_t wait_after(unsigned failures)
{
    int64_t wait = LONG_WAIT_MS;

    if (failures <= FREE_FAILURES)
        return SHORT_WAIT_MS;
    for (unsigned i = FREE_FAILURES + 1; i < failures && wait < LONGEST_WAIT_MS; i++)
        wait *= 2;
    return wait < LONGEST_WAIT_MS ? wait : LONGEST_WAIT_MS;
}

void guard_password_checked(struct guard *guard, int64_t now, bool right)
{
    if (guard->failures > 0 && now - guard->failed_at > FORGET_MS)
        guard->failures = 0;
    if (right) {
        guard->failures = 0;
        /* A right one costs the loop as much: a few a second are enough. */
        guard->closed_until = now + SHORT_WAIT_MS;
        return;
    }
    if (guard->failures < 1000)
        guard->failures++;
    guard->failed_at = now;
    guard->closed_until = now + wait_after(guard->failures);
}

/* A free place, else the one that ends first. */
static struct guard_session *place_for_session(struct guard *guard, int64_t now)
{
    struct guard_session *oldest = &guard->sessions[0];

    for (size_t i = 0; i < GUARD_SESSIONS; i++) {
        struct guard_session *session = &guard->sessions[i];

        if (session->ends_at <= now)
            return session;
        if (session->ends_at < oldest->ends_at)
            oldest = session;
    }
    return oldest;
}

void guard_session_begin(struct guard *guard, int64_t now, char value[static GUARD_SESSION_SIZE])
{
    struct guard_session *session = place_for_session(guard, now);

    vault_random_text(value, 32);
    vault_digest(value, GUARD_SESSION_SIZE - 1, session->digest);
    session->ends_at = now + GUARD_SESSION_MS;
}

/* The place of a session, open or over; GUARD_SESSIONS: none. What is compared is a digest, which
 * nobody can steer: how long it takes tells nothing. */
static size_t find_session(const struct guard *guard, const char *value)
{
    uint8_t digest[VAULT_DIGEST_SIZE];
    size_t i = 0;

    if (!value || !is_base64url(value, GUARD_SESSION_SIZE - 1))
        return GUARD_SESSIONS;
    vault_digest(value, GUARD_SESSION_SIZE - 1, digest);
    while (i < GUARD_SESSIONS && (guard->sessions[i].ends_at == 0 ||
                                  memcmp(guard->sessions[i].digest, digest, sizeof(digest)) != 0))
        i++;
    return i;
}

bool guard_session_is_open(const struct guard *guard, int64_t now, const char *value)
{
    size_t i = find_session(guard, value);

    return i < GUARD_SESSIONS && guard->sessions[i].ends_at > now;
}

void guard_session_end(struct guard *guard, const char *value)
{
    size_t i = find_session(guard, value);

    if (i < GUARD_SESSIONS)
        guard->sessions[i] = (struct guard_session){.ends_at = 0};
}

void guard_sessions_end_all(struct guard *guard)
{
    memset(guard->sessions, 0, sizeof(guard->sessions));
    memset(guard->right, 0, sizeof(guard->right));
    memset(guard->wrong, 0, sizeof(guard->wrong));
}

/* -- the password with each request ------------------------------------------------------------ */

#define BASIC_USER_MAX 256

/* Standard base64 with its padding (RFC 4648 section 4), and nothing else. The length of what it
 * stands for, or -1. */
static int64_t decode_base64(const char *text, size_t len, unsigned char *out, size_t size)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t padding = 0, have = 0, written = 0;

    if (len == 0 || len % 4 != 0)
        return -1;
    while (padding < 2 && text[len - 1 - padding] == '=')
        padding++;
    if (len / 4 * 3 - padding > size)
        return -1;
    for (size_t i = 0; i < len - padding; i++) {
        const char *at = memchr(alphabet, text[i], sizeof(alphabet) - 1);

        if (!at)
            return -1;
        bits = (bits << 6 | (uint32_t)(at - alphabet)) & 0xffffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[written++] = (unsigned char)(bits >> have);
        }
    }
    return (bits & ((1u << have) - 1)) == 0 ? (int64_t)written : -1;
}

bool guard_basic_password(const char *header, char *password, size_t size)
{
    unsigned char decoded[BASIC_USER_MAX + 1 + GUARD_PASSWORD_MAX];
    const unsigned char *colon;
    bool found = false;
    int64_t len;

    if (strncasecmp(header, "Basic ", 6) != 0)
        return false;
    header += 6 + strspn(header + 6, " ");
    len = decode_base64(header, strlen(header), decoded, sizeof(decoded));
    colon = len > 0 ? memchr(decoded, ':', (size_t)len) : NULL;
    if (colon && !memchr(decoded, '\0', (size_t)len)) {
        size_t rest = (size_t)len - (size_t)(colon + 1 - decoded);

        found = rest > 0 && rest < size;
        if (found) {
            memcpy(password, colon + 1, rest);
            password[rest] = '\0';
        }
    }
    buf_wipe(decoded, sizeof(decoded));
    return found;
}

static bool is_among(const struct guard_basic places[static GUARD_BASICS], const char *mac)
{
    bool found = false;

    for (size_t i = 0; i < GUARD_BASICS; i++)
        found = vault_equal(places[i].mac, mac) || found;
    return found;
}

enum guard_basic_result guard_basic_known(const struct guard *guard, const char *header)
{
    char mac[VAULT_MAC_SIZE];

    vault_mac("basic", header, mac);
    if (is_among(guard->right, mac))
        return GUARD_BASIC_RIGHT;
    return is_among(guard->wrong, mac) ? GUARD_BASIC_WRONG : GUARD_BASIC_NEW;
}

void guard_basic_remember(struct guard *guard, const char *header, bool right)
{
    struct guard_basic *places = right ? guard->right : guard->wrong;
    unsigned *next = right ? &guard->next_right : &guard->next_wrong;

    vault_mac("basic", header, places[*next].mac);
    *next = (*next + 1) % GUARD_BASICS;
}
