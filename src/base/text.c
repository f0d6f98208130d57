/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"

/* 1970-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what text_time_parse() can give */
#define TIME_FIRST INT64_C(0)
#define TIME_LAST INT64_C(253402300799999)

#define DURATION_LAST (36500 * CLOCK_DAY)

/* Value of count digits at text, or -1 if one of them is none. */
static int digits_read(const char *text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        unsigned digit = (unsigned)text[i] - '0';

        if (digit > 9)
            return -1;
        value = value * 10 + (int)digit;
    }
    return value;
}

/* "YYYY-MM-DDThh:mm:ss" as ms; -1 if it is not one. */
static int64_t time_read_stem(const char *text)
{
    int year = digits_read(text, 4);
    int month = digits_read(text + 5, 2);
    int day = digits_read(text + 8, 2);
    int hour = digits_read(text + 11, 2);
    int minute = digits_read(text + 14, 2);
    int second = digits_read(text + 17, 2);

    if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return -1;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > zone_month_days(year, month))
        return -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return -1;
    return zone_day_of((struct zone_date){year, month, day}) * CLOCK_DAY + hour * CLOCK_HOUR +
           minute * CLOCK_MINUTE + second * CLOCK_SECOND;
}

/* Reads ".5" or nothing, and moves *at behind it. Only the first three digits count. */
static bool time_read_fraction(const char **at, const char *end, int *ms)
{
    const char *text = *at;
    int unit = 100;

    *ms = 0;
    if (text == end || *text != '.')
        return true;
    for (text++; text < end && *text >= '0' && *text <= '9'; text++) {
        *ms += (*text - '0') * unit;
        unit /= 10;
    }
    if (text - *at < 2 || text - *at > 10)
        return false;
    *at = text;
    return true;
}

/* Reads "Z" or "+hh:mm", which must be all that is left. */
static bool time_read_offset(const char *at, const char *end, int64_t *ms)
{
    int hours;
    int minutes;

    *ms = 0;
    if (end - at == 1)
        return *at == 'Z';
    if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':')
        return false;
    hours = digits_read(at + 1, 2);
    minutes = digits_read(at + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ms = (hours * CLOCK_HOUR + minutes * CLOCK_MINUTE) * (*at == '-' ? -1 : 1);
    return true;
}

bool text_time_parse(const char *text, size_t len, int64_t *ms)
{
    const char *at;
    const char *end;
    int64_t stem;
    int64_t offset;
    int fraction;

    if (len < 20 || len > 35)
        return false;
    at = text + 19;
    end = text + len;
    stem = time_read_stem(text);
    if (stem < 0 || !time_read_fraction(&at, end, &fraction) || !time_read_offset(at, end, &offset))
        return false;
    stem += fraction - offset;
    if (stem < TIME_FIRST || stem > TIME_LAST)
        return false;
    *ms = stem;
    return true;
}

static char *digits_write(char *out, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

const char *text_time_format(int64_t ms, char buf[static TEXT_TIME_SIZE])
{
    int64_t days = ms / CLOCK_DAY - (ms % CLOCK_DAY < 0 ? 1 : 0);
    int rest = (int)((ms % CLOCK_DAY + CLOCK_DAY) % CLOCK_DAY);
    struct zone_date date = zone_date_of(days);
    char *out = buf;

    if (date.year >= 0 && date.year <= 9999)
        out = digits_write(out, date.year, 4);
    else
        out += snprintf(out, 12, "%" PRId32, date.year); /* "-292275055": all that 64 bits reach */
    *out++ = '-';
    out = digits_write(out, date.month, 2);
    *out++ = '-';
    out = digits_write(out, date.day, 2);
    *out++ = 'T';
    out = digits_write(out, rest / 3600000, 2);
    *out++ = ':';
    out = digits_write(out, rest / 60000 % 60, 2);
    *out++ = ':';
    out = digits_write(out, rest / 1000 % 60, 2);
    *out++ = '.';
    out = digits_write(out, rest % 1000, 3);
    *out++ = 'Z';
    *out = '\0';
    return buf;
}

static const struct duration_unit {
    const char *name;
    int64_t ms;
} duration_units[] = {
    /* largest first */
    {"d", CLOCK_DAY}, {"h", CLOCK_HOUR}, {"m", CLOCK_MINUTE}, {"s", CLOCK_SECOND}, {"ms", 1},
};

#define DURATION_UNITS (sizeof(duration_units) / sizeof(duration_units[0]))

/* Index of the unit whose name stands at *at up to the next digit or the end, or DURATION_UNITS. */
static size_t duration_find_unit(const char **at)
{
    size_t len = strcspn(*at, "0123456789");
    size_t unit;

    for (unit = 0; unit < DURATION_UNITS; unit++) {
        const char *name = duration_units[unit].name;

        if (strlen(name) == len && memcmp(name, *at, len) == 0)
            break;
    }
    *at += len;
    return unit;
}

bool text_duration_parse(const char *text, int64_t *ms)
{
    size_t next_unit = 0; /* the first that may still come */
    int64_t sum = 0;

    if (strcmp(text, "0") == 0) {
        *ms = 0;
        return true;
    }
    if (*text == '\0')
        return false;
    while (*text != '\0') {
        size_t digits = strspn(text, "0123456789");
        int64_t value;
        size_t unit;

        if (!text_int_parse(text, digits, &value) || value > DURATION_LAST)
            return false;
        text += digits;
        unit = duration_find_unit(&text);
        if (unit < next_unit || unit >= DURATION_UNITS)
            return false;
        if (value > (DURATION_LAST - sum) / duration_units[unit].ms)
            return false;
        sum += value * duration_units[unit].ms;
        next_unit = unit + 1;
    }
    *ms = sum;
    return true;
}

const char *text_duration_format(int64_t ms, char buf[static TEXT_DURATION_SIZE])
{
    size_t len = 0;

    if (ms <= 0) {
        memcpy(buf, "0", 2);
        return buf;
    }
    for (size_t unit = 0; unit < DURATION_UNITS; unit++) {
        int64_t value = ms / duration_units[unit].ms;

        ms %= duration_units[unit].ms;
        if (value > 0)
            len += (size_t)snprintf(buf + len, TEXT_DURATION_SIZE - len, "%" PRId64 "%s", value,
                                    duration_units[unit].name);
    }
    return buf;
}

/* ms in whole units, rounded to the nearest. */
static int64_t duration_round(int64_t ms, int64_t unit)
{
    return ms / unit + (ms % unit >= (unit + 1) / 2 ? 1 : 0);
}

/* "3 h 12 min", or "3 h" */
static void duration_write(char *buf, int64_t value, int64_t per, const char *large,
                           const char *small)
{
    if (value % per == 0)
        snprintf(buf, TEXT_DURATION_SIZE, "%" PRId64 " %s", value / per, large);
    else
        snprintf(buf, TEXT_DURATION_SIZE, "%" PRId64 " %s %" PRId64 " %s", value / per, large,
                 value % per, small);
}

const char *text_duration_human(int64_t ms, char buf[static TEXT_DURATION_SIZE])
{
    int64_t seconds;
    int64_t minutes;

    if (ms < 0)
        ms = 0;
    seconds = duration_round(ms, CLOCK_SECOND);
    minutes = duration_round(ms, CLOCK_MINUTE);
    if (ms < CLOCK_SECOND)
        snprintf(buf, TEXT_DURATION_SIZE, "%" PRId64 " ms", ms);
    else if (seconds < 60)
        snprintf(buf, TEXT_DURATION_SIZE, "%" PRId64 " s", seconds);
    else if (seconds < 600)
        duration_write(buf, seconds, 60, "min", "s");
    else if (minutes < 60)
        snprintf(buf, TEXT_DURATION_SIZE, "%" PRId64 " min", minutes);
    else if (minutes < 48 * 60)
        duration_write(buf, minutes, 60, "h", "min");
    else
        snprintf(buf, TEXT_DURATION_SIZE, "%" PRId64 " days", duration_round(ms, CLOCK_DAY));
    return buf;
}

bool text_int_parse(const char *text, size_t len, int64_t *value)
{
    bool negative = len > 0 && text[0] == '-';
    int64_t sum = 0;

    if (len == (negative ? 1 : 0))
        return false;
    /* counted downwards: the negative side reaches one further */
    for (size_t i = negative ? 1 : 0; i < len; i++) {
        int digit = text[i] - '0';

        if (digit < 0 || digit > 9)
            return false;
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_sub_overflow(sum, digit, &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *value = negative ? sum : -sum;
    return true;
}

int text_utf8_scan(const char *text, size_t len)
{
    unsigned char lead = (unsigned char)text[0];
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t need;

    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4) /* a continuation byte, overlong, or above U+10FFFF */
        return -1;
    need = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead == 0xe0)
        low = 0xa0; /* below: overlong */
    else if (lead == 0xed)
        high = 0x9f; /* above: surrogates */
    else if (lead == 0xf0)
        low = 0x90; /* below: overlong */
    else if (lead == 0xf4)
        high = 0x8f; /* above: more than U+10FFFF */
    for (size_t i = 1; i < need; i++) {
        unsigned char byte;

        if (i == len)
            return 0;
        byte = (unsigned char)text[i];
        if (byte < low || byte > high)
            return -1;
        low = 0x80;
        high = 0xbf;
    }
    return (int)need;
}

size_t text_utf8_length(const char *text, size_t len)
{
    int length = text_utf8_scan(text, len);

    return length > 0 ? (size_t)length : 0;
}

/* ASCII bytes at the beginning of text: nearly all that there is. */
static size_t ascii_length(const char *text, size_t len)
{
    size_t at = 0;
    uint64_t eight;

    for (; len - at >= sizeof(eight); at += sizeof(eight)) {
        memcpy(&eight, text + at, sizeof(eight));
        if ((eight & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (at < len && (unsigned char)text[at] < 0x80)
        at++;
    return at;
}

bool text_utf8_valid(const char *text, size_t len)
{
    for (size_t at = ascii_length(text, len); at < len; at += ascii_length(text + at, len - at)) {
        size_t step = text_utf8_length(text + at, len - at);

        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

uint32_t text_utf8_decode(const char *text, size_t len)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (unsigned char)text[0] & masks[len];

    for (size_t i = 1; i < len; i++)
        point = point << 6 | ((unsigned char)text[i] & 0x3f);
    return point;
}

enum text_point text_point_kind(uint32_t point)
{
    if (point < 0x20 || (point >= 0x7f && point < 0xa0))
        return TEXT_POINT_CONTROL;
    if (point == 0x2028 || point == 0x2029)
        return TEXT_POINT_SEPARATOR;
    if (point == 0x061c || point == 0x200e || point == 0x200f ||
        (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069))
        return TEXT_POINT_BIDI;
    return TEXT_POINT_PLAIN;
}

static bool is_plain(const char *text, size_t len)
{
    return text_point_kind(text_utf8_decode(text, len)) == TEXT_POINT_PLAIN;
}

bool text_printable(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t step = text_utf8_length(text + at, len - at);

        if (step == 0 || !is_plain(text + at, step))
            return false;
        at += step;
    }
    return true;
}

const char *text_clean(const char *text, size_t len, char *buf, size_t size)
{
    size_t written = 0, step;

    for (size_t at = 0; at<len; at += step> 0 ? step : 1) {
        step = text_utf8_length(text + at, len - at);
        if (step == 0 || !is_plain(text + at, step))
            continue;
        if (written + step >= size)
            break;
        memcpy(buf + written, text + at, step);
        written += step;
    }
    buf[written] = '\0';
    return buf;
}

/* Writes the next sequence of text, escaped if need be, into out; returns the bytes written (<= 16)
 * and stores those read. */
static size_t escape_one(const char *text, size_t len, bool double_backslash, char out[17],
                         size_t *used)
{
    size_t step = text_utf8_length(text, len);
    size_t written = 0;

    *used = step > 0 ? step : 1;
    if (step > 0 && is_plain(text, step)) {
        if (double_backslash && text[0] == '\\')
            out[written++] = '\\';
        memcpy(out + written, text, step);
        return written + step;
    }
    for (size_t i = 0; i < *used; i++)
        written += (size_t)snprintf(out + written, 5, "\\x%02x", (unsigned)(unsigned char)text[i]);
    return written;
}

static const char *escape_all(const char *text, size_t len, bool double_backslash, char *buf,
                              size_t size)
{
    size_t room = size > 0 ? size - 1 : 0;
    size_t written = 0;
    size_t whole = 0; /* the longest beginning that leaves room for the dots */
    char one[17];

    for (size_t at = 0, used; at < len; at += used) {
        size_t more = escape_one(text + at, len - at, double_backslash, one, &used);

        if (more > room - written) {
            size_t dots = room < 3 ? room : 3;

            memcpy(buf + whole, "...", dots);
            written = whole + dots;
            break;
        }
        memcpy(buf + written, one, more);
        written += more;
        if (written + 3 <= room)
            whole = written;
    }
    if (size > 0)
        buf[written] = '\0';
    return buf;
}

const char *text_excerpt(const char *text, size_t len, char *buf, size_t size)
{
    return escape_all(text, len, true, buf, size);
}

const char *text_line(const char *text, size_t len, char *buf, size_t size)
{
    return escape_all(text, len, false, buf, size);
}
