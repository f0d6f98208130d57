/* SPDX-License-Identifier: MIT */
/*
 * archive/record: rows as bytes. All numbers are little endian.
 *
 *  0  2 bytes  length of the record
 *  2  1        enum archive_record_kind
 *
 * of a row:
 *  3  1        form - 1; kind in the next two bits; bit 3: there is offline_at
 *  4  1        shuffle, skipped, offline, incognito: two bits each, the flag + 1
 *  5  1        a bit for each text that is there
 *  6  4        ms_played
 * 10  8        row_no
 * 18  8        ended_at
 * 26  8        offline_at, if it is there
 *     2 each   lengths of the texts that are there
 *     ...      these texts, without NUL
 *
 * of a rejected one:
 *  3  1        enum archive_reject
 *  4  8        row_no
 * 12  ...      the excerpt, without NUL
 *
 * There is one way only to pack a row: what can be unpacked is the same when it is packed again.
 */
#include "archive/record.h"

#include <endian.h>
#include <string.h>

#include "base/text.h"
#include "row_rules.h"

#define ROW_AT 26      /* what follows the fixed part of a row */
#define REJECTED_AT 12 /* the same of a rejected one */
#define OFFLINE_BIT 8

static const struct text_place {
    size_t at, size;
} texts[] = {
#define TEXT(member)                                                                    \
    {                                                                                   \
        offsetof(struct archive_row, member), sizeof(((struct archive_row *)0)->member) \
    }
    TEXT(uri),          TEXT(name),       TEXT(artist),   TEXT(album),
    TEXT(reason_start), TEXT(reason_end), TEXT(platform), TEXT(country),
#undef TEXT
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))
#define TEXT_URI 0

_Static_assert(TEXTS == 8, "a bit each in one byte");
_Static_assert(ROW_AT + 8 + 2 * TEXTS + ARCHIVE_URI_MAX + 3 * ARCHIVE_TEXT_MAX + 2 * 64 + 256 + 8 <=
                   ARCHIVE_RECORD_MAX,
               "the largest row fits");
_Static_assert(REJECTED_AT + ARCHIVE_EXCERPT_SIZE <= ARCHIVE_RECORD_MAX, "an excerpt fits");
_Static_assert(ARCHIVE_RECORD_MAX <= UINT16_MAX, "two bytes hold the length");
_Static_assert(ARCHIVE_MS_PLAYED_MAX <= INT32_MAX, "four bytes hold a duration");
_Static_assert(ARCHIVE_TRACK == 0 && ARCHIVE_LOCAL == 3, "two bits hold the kind");
_Static_assert(ARCHIVE_FORM_LONG == 1 && ARCHIVE_FORM_SHORT == 2, "one bit holds the form");

static void put_16(uint8_t *out, size_t value)
{
    uint16_t little = htole16((uint16_t)value);

    memcpy(out, &little, sizeof(little));
}

static void put_32(uint8_t *out, int32_t value)
{
    uint32_t little = htole32((uint32_t)value);

    memcpy(out, &little, sizeof(little));
}

static void put_64(uint8_t *out, int64_t value)
{
    uint64_t little = htole64((uint64_t)value);

    memcpy(out, &little, sizeof(little));
}

static size_t get_16(const uint8_t *data)
{
    uint16_t little;

    memcpy(&little, data, sizeof(little));
    return le16toh(little);
}

static int32_t get_32(const uint8_t *data)
{
    uint32_t little;

    memcpy(&little, data, sizeof(little));
    return (int32_t)le32toh(little);
}

static int64_t get_64(const uint8_t *data)
{
    uint64_t little;

    memcpy(&little, data, sizeof(little));
    return (int64_t)le64toh(little);
}

/* --- packing ------------------------------------------------------------------------------- */

/* Adds lengths and texts at out + at; returns where they end. */
static size_t put_texts(uint8_t *out, size_t at, const struct archive_row *row)
{
    size_t lens[TEXTS];
    unsigned present = 0;

    for (size_t i = 0; i < TEXTS; i++) {
        lens[i] = strnlen((const char *)row + texts[i].at, texts[i].size - 1);
        if (lens[i] == 0)
            continue;
        present |= 1U << i;
        put_16(out + at, lens[i]);
        at += 2;
    }
    for (size_t i = 0; i < TEXTS; i++) {
        memcpy(out + at, (const char *)row + texts[i].at, lens[i]);
        at += lens[i];
    }
    out[5] = (uint8_t)present;
    return at;
}

static unsigned flag_bits(enum archive_flag flag)
{
    return (unsigned)flag + 1;
}

size_t archive_record_put_row(uint8_t out[static ARCHIVE_RECORD_MAX], const struct archive_row *row)
{
    bool has_offline = row->offline_at != CLOCK_NO_TIME;
    size_t at = ROW_AT;

    out[2] = ARCHIVE_RECORD_ROW;
    out[3] = (uint8_t)((row->form - ARCHIVE_FORM_LONG) | row->kind << 1 |
                       (has_offline ? OFFLINE_BIT : 0));
    out[4] = (uint8_t)(flag_bits(row->shuffle) | flag_bits(row->skipped) << 2 |
                       flag_bits(row->offline) << 4 | flag_bits(row->incognito) << 6);
    put_32(out + 6, (int32_t)row->ms_played);
    put_64(out + 10, row->row_no);
    put_64(out + 18, row->ended_at);
    if (has_offline) {
        put_64(out + at, row->offline_at);
        at += 8;
    }
    at = put_texts(out, at, row);
    put_16(out, at);
    return at;
}

size_t archive_record_put_rejected(uint8_t out[static ARCHIVE_RECORD_MAX],
                                   const struct archive_rejected *rejected)
{
    size_t len = strnlen(rejected->excerpt, ARCHIVE_EXCERPT_SIZE - 1);

    put_16(out, REJECTED_AT + len);
    out[2] = ARCHIVE_RECORD_REJECTED;
    out[3] = (uint8_t)rejected->reason;
    put_64(out + 4, rejected->row_no);
    memcpy(out + REJECTED_AT, rejected->excerpt, len);
    return REJECTED_AT + len;
}

int64_t archive_record_key_of_row(const struct archive_row *row)
{
    return row->ended_at;
}

int64_t archive_record_key_of_rejected(const struct archive_rejected *rejected)
{
    (void)rejected;
    return INT64_MIN;
}

/* --- unpacking ----------------------------------------------------------------------------- */

size_t archive_record_length(const uint8_t *data, size_t len)
{
    size_t claimed = len < 2 ? 0 : get_16(data);

    return claimed >= REJECTED_AT && claimed <= ARCHIVE_RECORD_MAX ? claimed : 0;
}

int64_t archive_record_latest(int64_t now_ms)
{
    return row_latest(now_ms);
}

/* All texts of a row at once are UTF-8 without NUL. Each of them is then, if none begins inside of
 * a character. */
static bool texts_valid(const char *all, size_t len)
{
    return memchr(all, '\0', len) == NULL && text_utf8_valid(all, len);
}

static bool begins_character(const char *text)
{
    return ((unsigned char)text[0] & 0xc0) != 0x80;
}

/* Takes the lengths and the texts, which are all that is left. */
static bool get_texts(const uint8_t *data, size_t left, unsigned present, struct archive_row *row)
{
    size_t lengths = 2 * (size_t)__builtin_popcount(present);
    const char *from = (const char *)data + lengths;

    if (lengths > left || !texts_valid(from, left - lengths))
        return false;
    left -= lengths;
    for (size_t i = 0; i < TEXTS; i++) {
        char *into = (char *)row + texts[i].at;
        size_t len;

        into[0] = '\0';
        if ((present & 1U << i) == 0)
            continue;
        len = get_16(data);
        data += 2;
        if (len == 0 || len >= texts[i].size || len > left || !begins_character(from) ||
            (i == TEXT_URI && !row_uri_possible(from, len)))
            return false;
        memcpy(into, from, len);
        into[len] = '\0';
        from += len;
        left -= len;
    }
    return left == 0;
}

/* False: one of them is none. */
static bool get_flags(unsigned bits, struct archive_row *row)
{
    row->shuffle = (enum archive_flag)((int)(bits & 3) - 1);
    row->skipped = (enum archive_flag)((int)(bits >> 2 & 3) - 1);
    row->offline = (enum archive_flag)((int)(bits >> 4 & 3) - 1);
    row->incognito = (enum archive_flag)((int)(bits >> 6) - 1);
    return (bits & bits >> 1 & 0x55) == 0;
}

/* What was played agrees with its uri. Episodes and chapters may have any: theirs come under keys
 * that say what they are. */
static bool kind_agrees(const struct archive_row *row)
{
    return row->kind == ARCHIVE_EPISODE || row->kind == ARCHIVE_CHAPTER ||
           row->kind == row_kind_of_uri(row->uri);
}

static bool get_row(const uint8_t *data, size_t len, int64_t latest, struct archive_row *row)
{
    size_t at = ROW_AT;

    bool has_offline;

    if (len < ROW_AT || data[3] >= 2 * OFFLINE_BIT)
        return false;
    has_offline = (data[3] & OFFLINE_BIT) != 0;
    if (has_offline && len < ROW_AT + 8)
        return false;
    row->form = (enum archive_form)(ARCHIVE_FORM_LONG + (data[3] & 1));
    row->kind = (enum archive_kind)(data[3] >> 1 & 3);
    row->ms_played = get_32(data + 6);
    row->row_no = get_64(data + 10);
    row->ended_at = get_64(data + 18);
    row->offline_at = CLOCK_NO_TIME;
    if (has_offline) {
        row->offline_at = get_64(data + ROW_AT);
        if (!row_moment_possible(row->offline_at, latest))
            return false;
        at += 8;
    }
    return get_flags(data[4], row) && row->row_no > 0 && row->ms_played >= -1 &&
           row->ms_played <= ARCHIVE_MS_PLAYED_MAX && row_moment_possible(row->ended_at, latest) &&
           get_texts(data + at, len - at, data[5], row) &&
           (row->uri[0] != '\0' || row->name[0] != '\0') && kind_agrees(row);
}

static bool get_rejected(const uint8_t *data, size_t len, struct archive_rejected *rejected)
{
    const char *text = (const char *)data + REJECTED_AT;

    len -= REJECTED_AT;
    rejected->row_no = get_64(data + 4);
    if (data[3] == ARCHIVE_ACCEPTED || data[3] >= ARCHIVE_REJECTS || rejected->row_no <= 0 ||
        len >= ARCHIVE_EXCERPT_SIZE || !text_printable(text, len))
        return false;
    rejected->reason = (enum archive_reject)data[3];
    memcpy(rejected->excerpt, text, len);
    rejected->excerpt[len] = '\0';
    return true;
}

size_t archive_record_get(const uint8_t *data, size_t len, int64_t latest,
                          struct archive_record *record)
{
    size_t length = archive_record_length(data, len);
    bool sound = false;

    if (length == 0 || length > len)
        return 0;
    if (data[2] == ARCHIVE_RECORD_ROW) {
        record->kind = ARCHIVE_RECORD_ROW;
        sound = get_row(data, length, latest, &record->row);
    } else if (data[2] == ARCHIVE_RECORD_REJECTED) {
        record->kind = ARCHIVE_RECORD_REJECTED;
        sound = get_rejected(data, length, &record->rejected);
    }
    return sound ? length : 0;
}
