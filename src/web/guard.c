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
}
