/* SPDX-License-Identifier: MIT */
#include "spotify/callback.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define BARE_CODE_MIN                                                          \
    16 /* a word as long as this is taken for a code, a shorter one for a slip \
        */

/* What is said to people. Static, so that nothing of what was pasted can get into it. */
static const char too_long[] = "This is too long to be the address that a sign-in ends on.";
static const char bad_bytes[] =
    "There are characters in it that no address has; copy it again from "
    "the browser's address bar.";
static const char bad_percent[] = "A percent sign in it is not followed by two hexadecimal digits; "
                                  "copy the whole address, to its very end.";
static const char twice[] = "A part of it is there twice; copy the address once, and nothing else.";
static const char both[] = "It holds both a code and an error, so it is not from Spotify.";
static const char not_ours[] = "The code, state or error in it is longer than any of Spotify's, or "
                               "holds characters that theirs never have.";
static const char no_code[] = "The code is missing in it; copy the whole address, to its very end.";
static const char no_state[] = "The state is missing in it; copy the whole address, to its very "
                               "end.";
static const char nothing[] = "Nothing was pasted.";
static const char no_address[] = "This is not an address; copy all of the browser's address bar.";
static const char bare_code[] =
    "This looks like the code alone; the whole address is needed, because "
    "the state in it shows that the sign-in was begun here.";
static const char sign_in_page[] =
    "This is the address of Spotify's own page, from before the sign-in "
    "was done; go on there, and copy the address that the browser ends "
    "up on.";
static const char other_page[] =
    "This is the address of another page; the right one begins with the "
    "redirect address of the configuration.";

struct span {
    const char *at;
    size_t len;
};

/* ---- queries ---- */

enum decoded { DECODED_FINE, DECODED_BAD_PERCENT, DECODED_ODD };

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes application/x-www-form-urlencoded into out of size bytes. What it stands for must be
 * printable ASCII (RFC 6749 appendix A.5, A.7, A.11) and fit, or it is odd. */
static enum decoded span_decode(struct span text, char *out, size_t size)
{
    size_t len = 0;
    size_t i = 0;

    out[0] = '\0';
    while (i < text.len) {
        char c = text.at[i++];

        if (c == '%') {
            int high = i < text.len ? hex_value(text.at[i]) : -1;
            int low = i + 1 < text.len ? hex_value(text.at[i + 1]) : -1;

            if (high < 0 || low < 0)
                return DECODED_BAD_PERCENT;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c < ' ' || c > '~' || len + 1 >= size)
            return DECODED_ODD;
        out[len++] = c;
        out[len] = '\0';
    }
    return DECODED_FINE;
}

/* Cuts what comes before the first mark off the rest; the rest begins behind the mark. */
static struct span span_cut(struct span *rest, char mark)
{
    const char *found = rest->len > 0 ? memchr(rest->at, mark, rest->len) : NULL;
    struct span before = *rest;

    if (found == NULL) {
        *rest = (struct span){before.at + before.len, 0};
        return before;
    }
    before.len = (size_t)(found - before.at);
    *rest = (struct span){found + 1, rest->len - before.len - 1};
    return before;
}

enum member { MEMBER_CODE, MEMBER_STATE, MEMBER_ERROR, MEMBER_REQUEST, MEMBER_OTHER };

/* MEMBER_REQUEST: what is in the address of the sign-in page, and never in ours. */
static enum member member_find(const char *key)
{
    static const char *const keys[] = {"code", "state", "error"};
    static const char *const request[] = {"client_id", "response_type", "redirect_uri"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(key, keys[i]) == 0)
            return (enum member)i;
    }
    for (size_t i = 0; i < sizeof(request) / sizeof(request[0]); i++) {
        if (strcmp(key, request[i]) == 0)
            return MEMBER_REQUEST;
    }
    return MEMBER_OTHER;
}

/* A query that is being read. */
struct reading {
    struct spotify_callback *callback;
    bool seen[MEMBER_OTHER];
    const char *problem;
};

/* Reads "key=value". */
static void pair_read(struct reading *reading, struct span pair)
{
    struct spotify_callback *callback = reading->callback;
    const struct {
        char *text;
        size_t size;
    } slots[] = {
        [MEMBER_CODE] = {callback->code, sizeof(callback->code)},
        [MEMBER_STATE] = {callback->state, sizeof(callback->state)},
        [MEMBER_ERROR] = {callback->error, sizeof(callback->error)},
    };
    struct span value = pair;
    char key[16];
    enum decoded decoded = span_decode(span_cut(&value, '='), key, sizeof(key));
    enum member member = decoded == DECODED_FINE ? member_find(key) : MEMBER_OTHER;

    if (decoded == DECODED_BAD_PERCENT)
        reading->problem = bad_percent;
    if (member == MEMBER_OTHER)
        return;
    if (reading->seen[member] && member != MEMBER_REQUEST) {
        reading->problem = twice;
        return;
    }
    reading->seen[member] = true;
    if (member == MEMBER_REQUEST)
        return;
    decoded = span_decode(value, slots[member].text, slots[member].size);
    if (decoded != DECODED_FINE)
        reading->problem = decoded == DECODED_ODD ? not_ours : bad_percent;
}

/* No control byte, blank or byte beyond ASCII: nothing of the kind is in a query that was sent. */
static bool span_is_clean(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return false;
    }
    return true;
}

/* What is wrong with a query that was read to its end, NULL: nothing. */
static const char *reading_judge(const struct reading *reading)
{
    bool code = reading->callback->code[0] != '\0';
    bool error = reading->callback->error[0] != '\0';

    if (reading->problem != NULL)
        return reading->problem;
    if (code && error)
        return both;
    if (!code && !error)
        return reading->seen[MEMBER_REQUEST] ? sign_in_page : no_code;
    return NULL;
}

bool spotify_callback_parse_query(const char *query, size_t len, struct spotify_callback *callback,
                                  const char **problem)
{
    struct reading reading = {.callback = callback};
    struct span all = {query, len};
    struct span rest = span_cut(&all, '#');

    memset(callback, 0, sizeof(*callback));
    if (len > SPOTIFY_ADDRESS_MAX)
        reading.problem = too_long;
    else if (!span_is_clean(rest))
        reading.problem = bad_bytes;
    while (reading.problem == NULL && rest.len > 0)
        pair_read(&reading, span_cut(&rest, '&'));
    *problem = reading_judge(&reading);
    if (*problem != NULL)
        spotify_callback_wipe(callback);
    return *problem == NULL;
}

/* ---- addresses ---- */

/* An address up to its query. */
struct address {
    struct span scheme;
    struct span host; /* with what may stand before it: whoever has a user in it is not ours */
    struct span port; /* without zeros before it; empty: the scheme's own */
    struct span path;
};

static bool span_is(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

static bool span_is_word(struct span span, const char *text)
{
    return span.len == strlen(text) && strncasecmp(span.at, text, span.len) == 0;
}

static bool span_same(struct span one, struct span other)
{
    return one.len == other.len && (one.len == 0 || memcmp(one.at, other.at, one.len) == 0);
}

static bool span_same_word(struct span one, struct span other)
{
    return one.len == other.len && (one.len == 0 || strncasecmp(one.at, other.at, one.len) == 0);
}

static struct span port_plain(struct span port, struct span scheme)
{
    while (port.len > 1 && port.at[0] == '0')
        port = (struct span){port.at + 1, port.len - 1};
    if ((span_is_word(scheme, "http") && span_is(port, "80")) ||
        (span_is_word(scheme, "https") && span_is(port, "443")))
        port.len = 0;
    return port;
}

/* Length of the authority's host: the colons of an IPv6 address are no mark of a port. */
static size_t host_length(struct span authority)
{
    const char *end = authority.len > 0 && authority.at[0] == '['
                          ? memchr(authority.at, ']', authority.len)
                          : NULL;
    size_t literal = end != NULL ? (size_t)(end - authority.at) : 0;
    struct span rest = {authority.at + literal, authority.len - literal};

    return literal + span_cut(&rest, ':').len;
}

/* Takes apart what stands behind "://". */
static struct address address_split(struct span scheme, struct span rest)
{
    struct address address = {.scheme = scheme};
    struct span behind = rest;
    struct span authority = span_cut(&behind, '/');

    address.path = (struct span){rest.at + authority.len, rest.len - authority.len};
    if (address.path.len == 0) /* as browsers show it */
        address.path = (struct span){"/", 1};
    address.host = (struct span){authority.at, host_length(authority)};
    address.port = (struct span){authority.at + address.host.len, authority.len - address.host.len};
    span_cut(&address.port, ':');
    address.port = port_plain(address.port, scheme);
    return address;
}

/* Splits at "://". False without a scheme: then all is the rest. */
static bool span_scheme(struct span text, struct span *scheme, struct span *rest)
{
    const char *end = text.len > 0 ? memmem(text.at, text.len, "://", 3) : NULL;

    *scheme = (struct span){text.at, 0};
    *rest = text;
    if (end == NULL)
        return false;
    scheme->len = (size_t)(end - text.at);
    *rest = (struct span){end + 3, text.len - scheme->len - 3};
    return true;
}

/* Without query and fragment; *query is what stands behind the question mark. */
static struct span address_cut(struct span text, struct span *query, bool *has_query)
{
    struct span whole = span_cut(&text, '#');

    *query = whole;
    text = span_cut(query, '?');
    *has_query = text.len < whole.len;
    return text;
}

static bool address_same(struct address a, struct address b)
{
    return span_same_word(a.scheme, b.scheme) && span_same_word(a.host, b.host) &&
           span_same(a.port, b.port) && span_same(a.path, b.path);
}

/* Is it the redirect address, or without a scheme its end? Both without query. */
static bool address_is_ours(struct span text, struct span redirect)
{
    struct span scheme;
    struct span rest;
    struct span our_scheme;
    struct span our_rest;
    bool has_scheme = span_scheme(text, &scheme, &rest);

    if (!span_scheme(redirect, &our_scheme, &our_rest))
        return false;
    if (!has_scheme && text.len <= redirect.len &&
        memcmp(redirect.at + redirect.len - text.len, text.at, text.len) == 0)
        return true;
    return address_same(address_split(has_scheme ? scheme : our_scheme, rest),
                        address_split(our_scheme, our_rest));
}

/* Is it a page that comes before the end of a sign-in: of Spotify, or with what such a page is
 * asked? */
static bool address_is_sign_in(struct span text, struct span query)
{
    static const char domain[] = ".spotify.com";
    size_t len = strlen(domain);
    char key[16];
    struct span scheme;
    struct span host;

    span_scheme(text, &scheme, &host);
    host = address_split(scheme, host).host;
    if (span_is_word(host, domain + 1) ||
        (host.len > len && strncasecmp(host.at + host.len - len, domain, len) == 0))
        return true;
    while (query.len > 0) {
        struct span pair = span_cut(&query, '&');

        if (span_decode(span_cut(&pair, '='), key, sizeof(key)) == DECODED_FINE &&
            member_find(key) == MEMBER_REQUEST)
            return true;
    }
    return false;
}

/* ---- what a person pasted ---- */

/* Length of the blank at text: of ASCII, or one that browsers and chat programs slip in (no-break
 * and zero-width space, byte order mark). 0: none. */
static size_t blank_length(struct span text)
{
    static const char *const others[] = {"\xc2\xa0", "\xe2\x80\x8b", "\xef\xbb\xbf"};
    char c = text.at[0];

    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        size_t len = strlen(others[i]);

        if (text.len >= len && memcmp(text.at, others[i], len) == 0)
            return len;
    }
    return 0;
}

/* Length of the quote or bracket that the text begins with, or ends in. 0: none. */
static size_t quote_length(struct span text, bool at_end)
{
    static const char *const quotes[] = {"\"",
                                         "'",
                                         "`",
                                         "<",
                                         ">",
                                         "\xe2\x80\x9c",
                                         "\xe2\x80\x9d",
                                         "\xe2\x80\x9e",
                                         "\xe2\x80\x98",
                                         "\xe2\x80\x99",
                                         "\xe2\x80\x9a",
                                         "\xc2\xab",
                                         "\xc2\xbb"};

    for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
        size_t len = strlen(quotes[i]);

        if (text.len >= len &&
            memcmp(at_end ? text.at + text.len - len : text.at, quotes[i], len) == 0)
            return len;
    }
    return 0;
}

/* Copies text without blanks into to, then takes quotes and brackets off its ends. False if it does
 * not fit. */
static bool paste_clean(struct span text, char to[static SPOTIFY_ADDRESS_MAX], struct span *clean)
{
    size_t len = 0;

    while (text.len > 0) {
        size_t blank = blank_length(text);
        size_t used = blank > 0 ? blank : 1;

        if (blank == 0 && len == SPOTIFY_ADDRESS_MAX)
            return false;
        if (blank == 0)
            to[len++] = text.at[0];
        text = (struct span){text.at + used, text.len - used};
    }
    *clean = (struct span){to, len};
    for (size_t quote; (quote = quote_length(*clean, false)) > 0;)
        *clean = (struct span){clean->at + quote, clean->len - quote};
    for (size_t quote; (quote = quote_length(*clean, true)) > 0;)
        clean->len -= quote;
    return true;
}

/* Is a text without scheme and question mark a path or the like, rather than a query or a word? */
static bool span_is_path(struct span text)
{
    const char *equals = memchr(text.at, '=', text.len);
    const char *slash = memchr(text.at, '/', text.len);

    return slash != NULL && (equals == NULL || slash < equals);
}

/* Finds the query in a pasted text. Returns NULL, or what is wrong. */
static const char *paste_find_query(struct span text, const char *redirect_uri, struct span *query)
{
    bool has_query;
    bool has_scheme;
    struct span scheme;
    struct span rest;
    struct span redirect =
        address_cut((struct span){redirect_uri, strlen(redirect_uri)}, query, &has_query);
    struct span address = address_cut(text, query, &has_query);

    if (text.len == 0)
        return nothing;
    if (!span_is_clean(text))
        return bad_bytes;
    has_scheme = span_scheme(address, &scheme, &rest);
    if (address_is_ours(address, redirect))
        return has_query ? NULL : no_code;
    if (!has_query && !has_scheme && !span_is_path(address)) {
        *query = address;
        if (memchr(address.at, '=', address.len) != NULL)
            return NULL;
        return address.len >= BARE_CODE_MIN ? bare_code : no_address;
    }
    return address_is_sign_in(address, *query) ? sign_in_page : other_page;
}

bool spotify_callback_parse_paste(const char *text, size_t len, const char *redirect_uri,
                                  struct spotify_callback *callback, const char **problem)
{
    char clean[SPOTIFY_ADDRESS_MAX];
    struct span address;
    struct span query = {0};
    bool ok = false;

    memset(callback, 0, sizeof(*callback));
    if (!paste_clean((struct span){text, len}, clean, &address))
        *problem = too_long;
    else
        *problem = paste_find_query(address, redirect_uri, &query);
    if (*problem == NULL)
        ok = spotify_callback_parse_query(query.at, query.len, callback, problem);
    if (ok && callback->state[0] == '\0') { /* Spotify puts it last: it was cut off */
        *problem = no_state;
        spotify_callback_wipe(callback);
        ok = false;
    }
    buf_wipe(clean, sizeof(clean));
    return ok;
}

void spotify_callback_wipe(struct spotify_callback *callback)
{
    buf_wipe(callback, sizeof(*callback));
}
