/* SPDX-License-Identifier: MIT */
/*
 * archive/decode_row: what the keys of a row mean, and which rows cannot be a play.
 */
#include <stdio.h>
#include <string.h>

#include "archive/decode_private.h"
#include "base/text.h"
#include "row_rules.h"

enum reading {
    READ_TEXT,
    READ_NAME,
    READ_URI,
    READ_TIME,
    READ_MS,
    READ_FLAG,
    READ_OFFLINE_AT,
    READ_EXACT_AT,
    READ_NOT
};

/* In the order of an export of today, then what older ones have, then the short form. */
enum key {
    KEY_TS,
    KEY_PLATFORM,
    KEY_MS_PLAYED,
    KEY_COUNTRY,
    KEY_ADDRESS,
    KEY_TRACK,
    KEY_ARTIST,
    KEY_ALBUM,
    KEY_TRACK_URI,
    KEY_EPISODE,
    KEY_SHOW,
    KEY_EPISODE_URI,
    KEY_BOOK,
    KEY_BOOK_URI,
    KEY_CHAPTER_URI,
    KEY_CHAPTER,
    KEY_REASON_START,
    KEY_REASON_END,
    KEY_SHUFFLE,
    KEY_SKIPPED,
    KEY_OFFLINE,
    KEY_OFFLINE_AT,
    KEY_INCOGNITO,
    KEY_EXACT_AT,
    KEY_OLD_USER,
    KEY_OLD_ADDRESS,
    KEY_OLD_AGENT,
    KEY_SHORT_TIME,
    KEY_SHORT_MS,
    KEY_SHORT_TRACK,
    KEY_SHORT_ARTIST,
    KEY_SHORT_EPISODE,
    KEY_SHORT_SHOW,
    KEY_SHORT_BOOK,
    KEY_SHORT_CHAPTER,
    KEYS
};

static const struct key_info {
    const char *text;
    size_t len;
    enum reading reading;
    enum archive_form form;
    size_t at; /* in struct archive_draft */
    size_t size;
} keys[] = {
#define PLACE(member) \
    offsetof(struct archive_draft, member), sizeof(((struct archive_draft *)0)->member)
#define LONG(id, text, reading, member) \
    [id] = {text, sizeof(text) - 1, reading, ARCHIVE_FORM_LONG, PLACE(member)}
#define SHORT(id, text, reading, member) \
    [id] = {text, sizeof(text) - 1, reading, ARCHIVE_FORM_SHORT, PLACE(member)}
    LONG(KEY_TS, "ts", READ_TIME, row.ended_at),
    LONG(KEY_PLATFORM, "platform", READ_TEXT, row.platform),
    LONG(KEY_MS_PLAYED, "ms_played", READ_MS, row.ms_played),
    LONG(KEY_COUNTRY, "conn_country", READ_TEXT, row.country),
    LONG(KEY_ADDRESS, "ip_addr", READ_NOT, row),
    LONG(KEY_TRACK, "master_metadata_track_name", READ_NAME, row.name),
    LONG(KEY_ARTIST, "master_metadata_album_artist_name", READ_NAME, row.artist),
    LONG(KEY_ALBUM, "master_metadata_album_album_name", READ_NAME, row.album),
    LONG(KEY_TRACK_URI, "spotify_track_uri", READ_URI, row.uri),
    LONG(KEY_EPISODE, "episode_name", READ_NAME, episode),
    LONG(KEY_SHOW, "episode_show_name", READ_NAME, show),
    LONG(KEY_EPISODE_URI, "spotify_episode_uri", READ_URI, episode_uri),
    LONG(KEY_BOOK, "audiobook_title", READ_NAME, book),
    LONG(KEY_BOOK_URI, "audiobook_uri", READ_URI, book_uri),
    LONG(KEY_CHAPTER_URI, "audiobook_chapter_uri", READ_URI, chapter_uri),
    LONG(KEY_CHAPTER, "audiobook_chapter_title", READ_NAME, chapter),
    LONG(KEY_REASON_START, "reason_start", READ_TEXT, row.reason_start),
    LONG(KEY_REASON_END, "reason_end", READ_TEXT, row.reason_end),
    LONG(KEY_SHUFFLE, "shuffle", READ_FLAG, row.shuffle),
    LONG(KEY_SKIPPED, "skipped", READ_FLAG, row.skipped),
    LONG(KEY_OFFLINE, "offline", READ_FLAG, row.offline),
    LONG(KEY_OFFLINE_AT, "offline_timestamp", READ_OFFLINE_AT, row.offline_at),
    LONG(KEY_INCOGNITO, "incognito_mode", READ_FLAG, row.incognito),
    LONG(KEY_EXACT_AT, "historyd_played_at", READ_EXACT_AT, exact_at), /* of our own exports */
    LONG(KEY_OLD_USER, "username", READ_NOT, row),
    LONG(KEY_OLD_ADDRESS, "ip_addr_decrypted", READ_NOT, row),
    LONG(KEY_OLD_AGENT, "user_agent_decrypted", READ_NOT, row),
    SHORT(KEY_SHORT_TIME, "endTime", READ_TIME, row.ended_at),
    SHORT(KEY_SHORT_MS, "msPlayed", READ_MS, row.ms_played),
    SHORT(KEY_SHORT_TRACK, "trackName", READ_NAME, row.name),
    SHORT(KEY_SHORT_ARTIST, "artistName", READ_NAME, row.artist),
    SHORT(KEY_SHORT_EPISODE, "episodeName", READ_NAME, episode),
    SHORT(KEY_SHORT_SHOW, "podcastName", READ_NAME, show),
    SHORT(KEY_SHORT_BOOK, "audiobookName", READ_NAME, book),
    SHORT(KEY_SHORT_CHAPTER, "chapterName", READ_NAME, chapter),
};

_Static_assert(sizeof(keys) / sizeof(keys[0]) == KEYS && KEYS <= 64, "a bit each");

#define BIT(key) (UINT64_C(1) << (key))
#define TIMES (BIT(KEY_TS) | BIT(KEY_SHORT_TIME))
#define DURATIONS (BIT(KEY_MS_PLAYED) | BIT(KEY_SHORT_MS))
#define URIS (BIT(KEY_TRACK_URI) | BIT(KEY_EPISODE_URI) | BIT(KEY_BOOK_URI) | BIT(KEY_CHAPTER_URI))
/* Keys that other files of an export or of other programs have too: they prove nothing. */
#define COMMON (BIT(KEY_PLATFORM) | BIT(KEY_OLD_USER) | BIT(KEY_ADDRESS))

void archive_draft_begin(struct archive_draft *draft)
{
    struct archive_row *row = &draft->row;

    row->ended_at = CLOCK_NO_TIME;
    row->ms_played = -1;
    row->kind = ARCHIVE_TRACK;
    row->uri[0] = row->name[0] = row->artist[0] = row->album[0] = '\0';
    row->reason_start[0] = row->reason_end[0] = row->platform[0] = row->country[0] = '\0';
    row->shuffle = row->skipped = row->offline = row->incognito = ARCHIVE_NOT_TOLD;
    row->offline_at = draft->exact_at = CLOCK_NO_TIME;
    draft->episode[0] = draft->show[0] = draft->chapter[0] = draft->book[0] = '\0';
    draft->episode_uri[0] = draft->chapter_uri[0] = draft->book_uri[0] = '\0';
    draft->raw_time[0] = draft->raw_ms[0] = draft->raw_uri[0] = '\0';
    draft->seen = 0;
    draft->wrong = 0;
    draft->place = 0;
}

static bool key_is(int key, const char *text, size_t len)
{
    return keys[key].len == len && memcmp(keys[key].text, text, len) == 0;
}

int archive_draft_key(struct archive_draft *draft, const char *text, size_t len)
{
    size_t place = draft->place++ % ARCHIVE_GUESSES;
    int key = draft->guess[place];

    if (!key_is(key, text, len)) {
        for (key = 0; key < KEYS && !key_is(key, text, len); key++) {
        }
        if (key == KEYS)
            return ARCHIVE_KEY_NONE;
        draft->guess[place] = (unsigned char)key;
    }
    draft->seen |= BIT(key);
    return key;
}

int archive_draft_expect(struct archive_draft *draft, struct json_pull *pull)
{
    int key = draft->guess[draft->place % ARCHIVE_GUESSES];

    if (!json_pull_take_key(pull, keys[key].text, keys[key].len))
        return ARCHIVE_KEY_NONE;
    draft->place++;
    draft->seen |= BIT(key);
    return key;
}

/* Copies what does not fit, or holds a NUL, which C texts cannot hold: U+FFFD stands for it. Cut at
 * a character. */
static void copy_odd(char *into, size_t size, const char *text, size_t len)
{
    static const char stand_in[] = "\xef\xbf\xbd";
    size_t written = 0;

    for (size_t at = 0, step; at < len; at += step) {
        const char *from = text[at] == '\0' ? stand_in : text + at;
        size_t more = text_utf8_length(from, from == stand_in ? 3 : len - at);

        step = from == stand_in ? 1 : more;
        if (more == 0 || more >= size - written)
            break;
        memcpy(into + written, from, more);
        written += more;
    }
    into[written] = '\0';
}

static void copy_text(char *into, size_t size, const char *text, size_t len)
{
    if (len >= size || memchr(text, '\0', len) != NULL) {
        copy_odd(into, size, text, len);
        return;
    }
    memcpy(into, text, len);
    into[len] = '\0';
}

/* Notes a value that cannot be used, for the excerpt. */
static void keep_raw(char into[ARCHIVE_RAW_MAX], enum json_token token,
                     const struct json_pull *pull)
{
    size_t len;
    const char *text;

    if (token == JSON_TOKEN_STRING || token == JSON_TOKEN_NUMBER) {
        text = json_pull_text(pull, &len);
        copy_text(into, ARCHIVE_RAW_MAX, text, len);
    } else if (token != JSON_TOKEN_NULL) {
        memcpy(into, "?", 2);
    }
}

/* False: the value is no text. A number is taken for its digits: some tools write names so. */
static bool read_text(char *into, size_t size, enum json_token token, const struct json_pull *pull)
{
    size_t len;
    const char *text;

    into[0] = '\0';
    if (token != JSON_TOKEN_STRING && token != JSON_TOKEN_NUMBER)
        return token == JSON_TOKEN_NULL;
    text = json_pull_text(pull, &len);
    copy_text(into, size, text, len);
    return true;
}

static bool read_uri(char *into, enum json_token token, const struct json_pull *pull)
{
    size_t len;
    const char *text;

    into[0] = '\0';
    if (token != JSON_TOKEN_STRING)
        return token == JSON_TOKEN_NULL;
    text = json_pull_text(pull, &len);
    if (len == 0)
        return true;
    if (!row_uri_possible(text, len))
        return false;
    memcpy(into, text, len);
    into[len] = '\0';
    return true;
}

/* "2026-03-02T23:43:19Z"; "2026-03-02 23:43" and "2026-03-02 23:43:19", which are UTC too. */
static int64_t parse_time(const char *text, size_t len)
{
    char whole[] = "0000-00-00T00:00:00Z";
    int64_t ms = CLOCK_NO_TIME;

    if ((len == 16 || len == 19) && (text[10] == ' ' || text[10] == 'T')) {
        memcpy(whole, text, 10);
        memcpy(whole + 11, text + 11, len - 11);
        text = whole;
        len = sizeof(whole) - 1;
    }
    (void)text_time_parse(text, len, &ms);
    return ms;
}

static int64_t read_time(enum json_token token, const struct json_pull *pull)
{
    size_t len;
    const char *text;

    if (token != JSON_TOKEN_STRING)
        return CLOCK_NO_TIME;
    text = json_pull_text(pull, &len);
    return parse_time(text, len);
}

/* A whole number, also one in quotes. */
static bool read_whole(enum json_token token, const struct json_pull *pull, int64_t *value)
{
    size_t len;
    const char *text;

    if (token == JSON_TOKEN_NUMBER)
        return json_pull_int(pull, value);
    if (token != JSON_TOKEN_STRING)
        return false;
    text = json_pull_text(pull, &len);
    return text_int_parse(text, len, value);
}

static bool read_ms(int64_t *ms, enum json_token token, const struct json_pull *pull)
{
    *ms = -1;
    if (token == JSON_TOKEN_NULL)
        return true;
    if (read_whole(token, pull, ms) && *ms >= 0 && *ms <= ARCHIVE_MS_PLAYED_MAX)
        return true;
    *ms = -1;
    return false;
}

static enum archive_flag read_flag(enum json_token token, const struct json_pull *pull)
{
    int64_t value = ARCHIVE_NOT_TOLD;

    if (token == JSON_TOKEN_TRUE || token == JSON_TOKEN_FALSE)
        return token == JSON_TOKEN_TRUE ? ARCHIVE_YES : ARCHIVE_NO;
    if (token != JSON_TOKEN_NUMBER || !json_pull_int(pull, &value) || value < 0 || value > 1)
        return ARCHIVE_NOT_TOLD;
    return value == 1 ? ARCHIVE_YES : ARCHIVE_NO;
}

/* Seconds or milliseconds since 1970: no moment since 2006 can be taken for one of the other kind.
 */
static int64_t read_offline_at(enum json_token token, const struct json_pull *pull)
{
    int64_t value;

    if (!read_whole(token, pull, &value) || value <= 0)
        return CLOCK_NO_TIME;
    if (value < ARCHIVE_EARLIEST / 10)
        value *= CLOCK_SECOND;
    return value;
}

/* Notes whether the value of a key can be used. Of two values of one key the last counts, so a good
 * one takes back what was said of an earlier one. */
static void note(struct archive_draft *draft, int key, bool good)
{
    if (good)
        draft->wrong &= ~BIT(key);
    else
        draft->wrong |= BIT(key);
}

void archive_draft_value(struct archive_draft *draft, int key, enum json_token token,
                         const struct json_pull *pull)
{
    const struct key_info *info = &keys[key];
    char *into = (char *)draft + info->at;

    switch (info->reading) {
    case READ_TEXT:
        (void)read_text(into, info->size, token, pull);
        break;
    case READ_NAME:
        note(draft, key, read_text(into, info->size, token, pull));
        break;
    case READ_URI:
        note(draft, key, read_uri(into, token, pull));
        if ((draft->wrong & BIT(key)) != 0)
            keep_raw(draft->raw_uri, token, pull);
        break;
    case READ_TIME:
        draft->row.ended_at = read_time(token, pull);
        if (draft->row.ended_at == CLOCK_NO_TIME)
            keep_raw(draft->raw_time, token, pull);
        break;
    case READ_MS:
        note(draft, key, read_ms(&draft->row.ms_played, token, pull));
        if ((draft->wrong & BIT(key)) != 0)
            keep_raw(draft->raw_ms, token, pull);
        break;
    case READ_FLAG:
        *(enum archive_flag *)(void *)into = read_flag(token, pull);
        break;
    case READ_OFFLINE_AT:
        draft->row.offline_at = read_offline_at(token, pull);
        break;
    case READ_EXACT_AT:
        draft->exact_at = read_time(token, pull);
        break;
    case READ_NOT:
        break;
    }
}

enum archive_form archive_draft_form(const struct archive_draft *draft)
{
    const uint64_t of_short = ~(BIT(KEY_SHORT_TIME) - 1);
    int in_long = __builtin_popcountll(draft->seen & ~of_short & ~COMMON);
    int in_short = __builtin_popcountll(draft->seen & of_short);

    /* a list of songs has names, but no times */
    if ((draft->seen & (TIMES | DURATIONS)) == 0 || (in_long < 2 && in_short < 2))
        return ARCHIVE_FORM_UNKNOWN;
    return in_long >= in_short ? ARCHIVE_FORM_LONG : ARCHIVE_FORM_SHORT;
}

/* What was played: a uri tells it better than a name. */
static enum archive_kind find_kind(const struct archive_draft *draft)
{
    if (draft->row.uri[0] != '\0')
        return row_kind_of_uri(draft->row.uri); /* that of a track may be of something else */
    if (draft->chapter_uri[0] != '\0' || draft->book_uri[0] != '\0')
        return ARCHIVE_CHAPTER;
    if (draft->episode_uri[0] != '\0')
        return ARCHIVE_EPISODE;
    if (draft->row.name[0] != '\0')
        return ARCHIVE_TRACK;
    if (draft->chapter[0] != '\0' || draft->book[0] != '\0')
        return ARCHIVE_CHAPTER;
    return draft->episode[0] != '\0' ? ARCHIVE_EPISODE : ARCHIVE_TRACK;
}

/* The first text that is not empty; all are of one size. */
static void take_first(char *into, const char *one, const char *other)
{
    const char *from = one[0] != '\0' ? one : other;

    if (into[0] == '\0' && from[0] != '\0')
        memcpy(into, from, strlen(from) + 1);
}

static void take_title(struct archive_draft *draft)
{
    struct archive_row *row = &draft->row;

    if (row->kind == ARCHIVE_EPISODE) {
        take_first(row->uri, draft->episode_uri, "");
        take_first(row->name, draft->episode, "");
        take_first(row->artist, draft->show, "");
        take_first(row->album, draft->show, "");
    } else if (row->kind == ARCHIVE_CHAPTER) {
        take_first(row->uri, draft->chapter_uri, draft->book_uri);
        take_first(row->name, draft->chapter, draft->book);
        take_first(row->album, draft->book, "");
    }
}

/* A uri that is none counts against a row only where no other one says what was played. */
static enum archive_reject judge(const struct archive_draft *draft, int64_t latest)
{
    const struct archive_row *row = &draft->row;

    if ((draft->wrong & ~(DURATIONS | URIS)) != 0)
        return ARCHIVE_NOT_OBJECT;
    if (row->ended_at == CLOCK_NO_TIME)
        return ARCHIVE_NO_TIME;
    if (!row_moment_possible(row->ended_at, latest))
        return ARCHIVE_BAD_TIME;
    if ((draft->wrong & DURATIONS) != 0)
        return ARCHIVE_BAD_MS;
    if ((draft->wrong & URIS) != 0 && row->uri[0] == '\0')
        return ARCHIVE_BAD_URI;
    if (row->uri[0] == '\0' && row->name[0] == '\0')
        return ARCHIVE_NO_TITLE;
    return ARCHIVE_ACCEPTED;
}

/* "ts" has whole seconds. What our own exports say besides is taken if it is of the same second. */
static void take_exact_time(struct archive_draft *draft)
{
    int64_t exact = draft->exact_at;

    if (exact != CLOCK_NO_TIME && exact - exact % CLOCK_SECOND == draft->row.ended_at)
        draft->row.ended_at = exact;
}

enum archive_reject archive_draft_finish(struct archive_draft *draft, enum archive_form form,
                                         int64_t now_ms)
{
    struct archive_row *row = &draft->row;
    int64_t latest = row_latest(now_ms);

    row->form = form;
    if ((draft->seen & TIMES) != 0)
        row->form = (draft->seen & BIT(KEY_TS)) != 0 ? ARCHIVE_FORM_LONG : ARCHIVE_FORM_SHORT;
    row->kind = find_kind(draft);
    if (row->kind != ARCHIVE_TRACK)
        take_title(draft);
    take_exact_time(draft);
    if (!row_moment_possible(row->offline_at, latest))
        row->offline_at = CLOCK_NO_TIME;
    return judge(draft, latest);
}

/* Adds " NAME "TEXT"", with the text escaped and cut; nothing for an empty one. */
static size_t add_shown(char *line, size_t size, size_t len, const char *name, const char *text)
{
    char shown[48];

    if (text[0] == '\0' || len >= size)
        return len;
    text_excerpt(text, strlen(text), shown, sizeof(shown));
    return len + (size_t)snprintf(line + len, size - len, "%s%s \"%s\"", len > 0 ? ", " : "", name,
                                  shown);
}

void archive_draft_excerpt(const struct archive_draft *draft, char excerpt[ARCHIVE_EXCERPT_SIZE])
{
    const struct archive_row *row = &draft->row;
    char number[24] = "";
    char time[TEXT_TIME_SIZE] = "";
    char line[512];
    size_t len = 0;

    if (row->ended_at != CLOCK_NO_TIME)
        text_time_format(row->ended_at, time);
    if (row->ms_played >= 0)
        snprintf(number, sizeof(number), "%lld", (long long)row->ms_played);
    line[0] = '\0';
    len = add_shown(line, sizeof(line), len, "time", time[0] != '\0' ? time : draft->raw_time);
    len = add_shown(line, sizeof(line), len, "ms", number[0] != '\0' ? number : draft->raw_ms);
    len =
        add_shown(line, sizeof(line), len, "uri", row->uri[0] != '\0' ? row->uri : draft->raw_uri);
    len = add_shown(line, sizeof(line), len, "name", row->name);
    len = add_shown(line, sizeof(line), len, "artist", row->artist);
    len = add_shown(line, sizeof(line), len, "album", row->album);
    if (len == 0)
        len = (size_t)snprintf(line, sizeof(line), "nothing that is known");
    text_line(line, len < sizeof(line) ? len : sizeof(line) - 1, excerpt, ARCHIVE_EXCERPT_SIZE);
}
