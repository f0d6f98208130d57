/* SPDX-License-Identifier: MIT */
#include "daemon/options.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/text.h"

#define NAME_MAX_DISTANCE 40 /* longest name that a near one is looked for */
#define PATH_BYTES_MAX 1024  /* leaves room for what is appended ("-wal", ".lock") */
#define URL_BYTES_MAX 1024

#define STATE_DIR HD_LOCALSTATEDIR "/lib/spotify-historyd"
#define RUN_DIR HD_RUNSTATEDIR "/spotify-historyd"

/* A path that a socket can be bound to; the last byte of sun_path is its NUL. */
#define SOCKET_PATH_MAX ((int64_t)sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/* -- Rules of single options ------------------------------------------------------------------- */

static bool is_letter_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

static bool consists_of(const char *text, const char *also)
{
    for (; *text != '\0'; text++) {
        if (!is_letter_or_digit(*text) && strchr(also, *text) == NULL)
            return false;
    }
    return true;
}

static const char *check_client_id(const char *text)
{
    return consists_of(text, "-_") ? NULL : "may hold letters, digits, \"-\" and \"_\" only";
}

static const char *check_title(const char *text)
{
    return text[strspn(text, " ")] != '\0' ? NULL : "must not be blank";
}

static const char *check_host(const char *text)
{
    return *text != '\0' && consists_of(text, ".-_:[]")
               ? NULL
               : "is not a host name, with or without a port";
}

bool option_split_listen(const char *text, char address[static INET6_ADDRSTRLEN], uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    bool brackets = text[0] == '[';
    unsigned char parsed[sizeof(struct in6_addr)];
    int64_t number;
    size_t len;

    if (colon == NULL || colon == text || (brackets && colon[-1] != ']'))
        return false;
    len = (size_t)(colon - text) - (brackets ? 2 : 0);
    if (len >= INET6_ADDRSTRLEN)
        return false;
    memcpy(address, text + (brackets ? 1 : 0), len);
    address[len] = '\0';
    if (inet_pton(brackets ? AF_INET6 : AF_INET, address, parsed) != 1)
        return false;
    *port = 0;
    if (text_int_parse(colon + 1, strlen(colon + 1), &number) && number >= 1 &&
        number <= UINT16_MAX)
        *port = (uint16_t)number;
    return true;
}

bool option_listen_is_loopback(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    uint16_t port;

    return option_split_listen(text, address, &port) &&
           (strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0);
}

static const char *check_listen(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    uint16_t port;

    if (text[0] == '\0')
        return NULL;
    if (!option_split_listen(text, address, &port))
        return "is not an address and a port, such as 127.0.0.1:8888 or [::1]:8888";
    return port != 0 ? NULL : "must end in a port from 1 to 65535";
}

/* -- The table --------------------------------------------------------------------------------- */

// NOLINTBEGIN(bugprone-macro-parentheses): names of members cannot stand in parentheses
/* initial: the default, bare; written: as it stands in the file. The macros below fill in what
 * follows from the kind. */
#define ROW(section_, key_, field_, kind_, type_, initial_, written_, min_, max_, check_, range_, \
            restart_, help_)                                                                      \
    {                                                                                             \
        .shown = {.name = #section_ "." #key_,                                                    \
                  .type = type_,                                                                  \
                  .default_value = written_,                                                      \
                  .range = range_,                                                                \
                  .help = help_,                                                                  \
                  .restart = restart_},                                                           \
        .section = #section_, .key = #key_, .initial = initial_, .kind = kind_,                   \
        .offset = offsetof(struct config, section_.field_), .min = min_, .max = max_,             \
        .check = check_                                                                           \
    }
// NOLINTEND(bugprone-macro-parentheses)

#define TEXT(section, key, initial, min, max, check, range, restart, help)                   \
    ROW(section, key, key, OPTION_TEXT, "text", initial, "\"" initial "\"", min, max, check, \
        range, restart, help)
#define PATHNAME(section, key, initial, min, max, range, restart, help)                            \
    ROW(section, key, key, OPTION_PATH, "path", initial, "\"" initial "\"", min, max, NULL, range, \
        restart, help)
#define URL(section, key, kind, initial, help)                                              \
    ROW(section, key, key, kind, "url", initial, "\"" initial "\"", 1, URL_BYTES_MAX, NULL, \
        "https, or http to 127.0.0.1 or [::1]", false, help)
#define DURATION(section, key, initial, min, max, range, help)                                     \
    ROW(section, key, key##_ms, OPTION_DURATION, "duration", initial, "\"" initial "\"", min, max, \
        NULL, range, false, help)
#define NUMBER(section, key, initial, min, max, range, help)                                 \
    ROW(section, key, key, OPTION_NUMBER, "number", initial, initial, min, max, NULL, range, \
        false, help)

static const struct option_row rows[] = {
    TEXT(spotify, client_id, "", 0, 128, check_client_id, "letters, digits, - and _, at most 128",
         false,
         "The client id of your own app, from https://developer.spotify.com/dashboard. Without one "
         "the daemon runs, records nothing and says so. SPOTIFY_CLIENT_ID in the environment goes "
         "before it."),
    PATHNAME(spotify, client_secret_file, "", 0, PATH_BYTES_MAX, "absolute path, or empty for none",
             false,
             "A file with the app's client secret, which other users must not be able to read. Not "
             "needed: sign-in uses PKCE. SPOTIFY_CLIENT_SECRET in the environment goes before it."),
    URL(spotify, redirect_uri, OPTION_URL, "http://127.0.0.1:8888/spotify/callback",
        "Where Spotify sends the browser back to after sign-in. The app's settings at Spotify must "
        "list exactly this address."),
    URL(spotify, api_url, OPTION_BASE_URL, "https://api.spotify.com",
        "Spotify's Web API. Another address is of use for tests only."),
    URL(spotify, accounts_url, OPTION_BASE_URL, "https://accounts.spotify.com",
        "Spotify's sign-in and token service. Another address is of use for tests only."),

    /* The lower limit of both intervals depends on api_url, see check_intervals() in config.c. */
    DURATION(
        capture, poll_interval, "10m", 1, CLOCK_DAY, "10s to 1d",
        "How often each user's newest plays are asked for. Spotify shows the last 50 plays only: "
        "above 25m, plays can be lost when somebody skips through short tracks."),
    DURATION(capture, sweep_interval, "1h", 1, 7 * CLOCK_DAY, "poll_interval to 7d",
             "How often all of the last 50 plays are looked at instead of the newest only, to find "
             "plays that reached Spotify late, such as those of a phone that was offline."),
    NUMBER(capture, daily_call_budget, "1000", 0, 1000000, "0 to 1000000, 0 for no limit",
           "How many requests a day are planned for, all users and refreshes together. When they "
           "do not suffice, polls become rarer, but never rarer than sweeps. Retries come on top."),
    DURATION(capture, request_timeout, "30s", CLOCK_SECOND, 2 * CLOCK_MINUTE, "1s to 2m",
             "How long one request may take."),
    NUMBER(capture, max_in_flight, "8", 1, 64, "1 to 64",
           "How many requests may be under way at once."),

    PATHNAME(
        store, database, STATE_DIR "/history.db", 1, PATH_BYTES_MAX, "absolute path", true,
        "The database: one SQLite file, described in spotify-history.db(5). Its directory must "
        "exist."),
    PATHNAME(store, key_file, STATE_DIR "/token.key", 1, PATH_BYTES_MAX, "absolute path", true,
             "The key that tokens are sealed with. It is made on the first start and must not be "
             "readable by others. Keep a copy apart from the database. A file token.key in "
             "$CREDENTIALS_DIRECTORY goes before it."),

    TEXT(web, listen, "127.0.0.1:8888", 0, 64, check_listen,
         "ADDRESS:PORT or [ADDRESS]:PORT, or empty for no page", true,
         "The address of the page. One that other machines can reach needs a password_file."),
    PATHNAME(web, password_file, "", 0, PATH_BYTES_MAX, "absolute path, or empty for none", false,
             "A file with the line that spotify-historyctl password prints; the page then asks for "
             "that password. Other users must not be able to read it."),
    TEXT(web, title, "Play history", 1, 200, check_title, "1 to 200 bytes", false,
         "The title of the page."),
    ROW(web, allowed_hosts, allowed_hosts, OPTION_LIST, "list", "", "{}", 0, 64, check_host,
        "at most 64 host names, with or without a port", false,
        "Names besides the listen address by which the page may be asked for, for a reverse proxy. "
        "Requests for other names are refused."),

    PATHNAME(control, socket, RUN_DIR "/control.sock", 1, SOCKET_PATH_MAX,
             "absolute path, at most 107 bytes", true,
             "The unix socket. Members of its group may use it (mode 0660)."),

    ROW(log, level, level, OPTION_LEVEL, "level", "info", "\"info\"", 0, 0, NULL,
        "error, warning, notice, info or debug", false,
        "The least important messages that are still written."),
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static_assert(ROW_COUNT <= OPTIONS_MAX, "OPTIONS_MAX is too small");

static const struct option_section sections[] = {
    {"spotify", "The app at Spotify, and where Spotify is."},
    {"capture",
     "How plays are collected. Durations are whole numbers with the units ms, s, m, h and d: 90s, "
     "1h30m."},
    {"store", "The files that are kept."},
    {"web", "The page in the browser: what was played, who is recorded, and signing in."},
    {"control", "The way in of spotify-historyctl(1), and of your own programs: HTTP with JSON."},
    {"log", "Messages, written to standard error (under systemd: to the journal)."},
};

#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))

static_assert(SECTION_COUNT <= OPTIONS_SECTIONS_MAX, "OPTIONS_SECTIONS_MAX is too small");

const struct option_row *option_at(size_t index)
{
    return index < ROW_COUNT ? &rows[index] : NULL;
}

const struct option_section *option_section_at(size_t index)
{
    return index < SECTION_COUNT ? &sections[index] : NULL;
}

const struct config_option *config_option_at(size_t index)
{
    return index < ROW_COUNT ? &rows[index].shown : NULL;
}

void *option_field(const struct option_row *row, struct config *config)
{
    return (char *)config + row->offset;
}

const void *option_field_const(const struct option_row *row, const struct config *config)
{
    return (const char *)config + row->offset;
}

/* -- Finding ----------------------------------------------------------------------------------- */

int option_find(const char *section, const char *key)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].section, section) == 0 && strcmp(rows[i].key, key) == 0)
            return (int)i;
    }
    return -1;
}

int option_section_find(const char *name)
{
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(sections[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

const char *option_home(const char *key)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].key, key) == 0)
            return rows[i].section;
    }
    return NULL;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* How many letters must be added, dropped or changed to make a known name of the one given
 * (Levenshtein); capital letters are no difference. */
static size_t distance(const char *one, const char *other)
{
    size_t row[NAME_MAX_DISTANCE + 1];
    size_t len = strlen(other);

    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 0; one[i] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < len; j++) {
            size_t changed = diagonal + (tolower((unsigned char)one[i]) == other[j] ? 0 : 1);

            diagonal = row[j + 1];
            row[j + 1] = smallest(row[j] + 1, diagonal + 1, changed);
        }
    }
    return row[len];
}

const char *option_nearest(const char *section, const char *name)
{
    size_t len = strlen(name);
    size_t best = 2 + len / 3; /* farther away is another word, not a slip */
    const char *nearest = NULL;

    if (len > NAME_MAX_DISTANCE)
        return NULL;
    for (size_t i = 0; i < (section != NULL ? ROW_COUNT : SECTION_COUNT); i++) {
        const char *known = section != NULL ? rows[i].key : sections[i].name;
        size_t far;

        if (section != NULL && strcmp(rows[i].section, section) != 0)
            continue;
        far = distance(name, known);
        if (far < best) {
            best = far;
            nearest = known;
        }
    }
    return nearest;
}
