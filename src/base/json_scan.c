/* SPDX-License-Identifier: MIT */
#include "base/json_scan.h"

#include <string.h>

#include "base/text.h"

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Nonzero if one of eight bytes is no plain ASCII of a string: below 0x20, a quote, a backslash, or
 * above 0x7f. "x - 1 & ~x" has the high bit where x is zero; borrows reach only bytes above one
 * that counts. */
static uint64_t eight_not_plain(uint64_t word)
{
    uint64_t quote = word ^ ONES * '"';
    uint64_t backslash = word ^ ONES * '\\';

    return ((quote - ONES) | (backslash - ONES) | (word - ONES * 0x20) | word) & HIGHS;
}

static bool is_plain_ascii(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The first byte from at that is no plain ASCII of a string, or end. */
static const char *scan_plain_ascii(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        uint64_t marks;

        memcpy(&word, at, 8);
        marks = eight_not_plain(word);
        if (marks == 0)
            continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        return at + (__builtin_ctzll(marks) >> 3); /* the lowest mark is always a true one */
#else
        break;
#endif
    }
    while (at < end && is_plain_ascii((unsigned char)*at))
        at++;
    return at;
}

const char *json_scan_plain(const char *at, const char *end)
{
    for (;;) {
        size_t step;

        at = scan_plain_ascii(at, end);
        if (at == end || (unsigned char)*at < 0x80)
            return at;
        step = text_utf8_length(at, (size_t)(end - at));
        if (step == 0)
            return at;
        at += step;
    }
}

/* Value of up to four hexadecimal digits; *count of them are there. */
static uint32_t scan_hex(const char *at, size_t len, size_t *count)
{
    uint32_t value = 0;

    for (*count = 0; *count < 4 && *count < len; (*count)++) {
        unsigned char byte = (unsigned char)at[*count];
        unsigned lower = byte | 0x20u;

        if (byte >= '0' && byte <= '9')
            value = value << 4 | (byte - (uint32_t)'0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (lower - (uint32_t)'a' + 10);
        else
            break;
    }
    return value;
}

static size_t encode_utf8(uint32_t point, char out[static 4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

/* Reads "\uXXXX". Returns 6, JSON_SCAN_MORE or JSON_SCAN_BAD. */
static int scan_hex_escape(const char *at, size_t len, uint32_t *point)
{
    size_t digits = 0;

    if (at[0] != '\\' || (len > 1 && at[1] != 'u'))
        return JSON_SCAN_BAD;
    if (len > 2)
        *point = scan_hex(at + 2, len - 2, &digits);
    if (digits == 4)
        return 6;
    return len <= 2 + digits ? JSON_SCAN_MORE : JSON_SCAN_BAD;
}

/* Reads "\uXXXX", or the two of a surrogate pair. */
static int scan_unicode(const char *at, size_t len, char out[static 4], size_t *out_len)
{
    uint32_t high = 0;
    uint32_t low = 0;
    int step = scan_hex_escape(at, len, &high);

    if (step <= 0)
        return step;
    if (high < 0xd800 || high > 0xdfff) {
        *out_len = encode_utf8(high, out);
        return step;
    }
    if (high > 0xdbff)
        return JSON_SCAN_BAD;
    if (len == 6)
        return JSON_SCAN_MORE;
    step = scan_hex_escape(at + 6, len - 6, &low);
    if (step <= 0)
        return step;
    if (low < 0xdc00 || low > 0xdfff)
        return JSON_SCAN_BAD;
    *out_len = encode_utf8(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), out);
    return 12;
}

int json_scan_unit(const char *at, size_t len, char out[static 4], size_t *out_len)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *letter;
    int step;

    if (at[0] != '\\') {
        step = (unsigned char)at[0] < 0x80 ? JSON_SCAN_BAD : text_utf8_scan(at, len);
        if (step > 0) {
            memcpy(out, at, (size_t)step);
            *out_len = (size_t)step;
        }
        return step;
    }
    if (len == 1)
        return JSON_SCAN_MORE;
    if (at[1] == 'u')
        return scan_unicode(at, len, out, out_len);
    letter = memchr(letters, at[1], sizeof(letters) - 1);
    if (letter == NULL)
        return JSON_SCAN_BAD;
    out[0] = meanings[letter - letters];
    *out_len = 1;
    return 2;
}

size_t json_scan_repair(const char *at, size_t len)
{
    uint32_t point = 0;

    if ((unsigned char)at[0] >= 0x80)
        return 1;
    if (scan_hex_escape(at, len, &point) == 6 && point >= 0xd800 && point <= 0xdfff)
        return 6;
    return 0;
}

enum number_class {
    CLASS_OTHER,
    CLASS_ZERO,
    CLASS_DIGIT,
    CLASS_MINUS,
    CLASS_PLUS,
    CLASS_POINT,
    CLASS_E
};

static enum number_class number_class_of(char byte)
{
    switch (byte) {
    case '0':
        return CLASS_ZERO;
    case '-':
        return CLASS_MINUS;
    case '+':
        return CLASS_PLUS;
    case '.':
        return CLASS_POINT;
    case 'e':
    case 'E':
        return CLASS_E;
    default:
        return byte >= '1' && byte <= '9' ? CLASS_DIGIT : CLASS_OTHER;
    }
}

/* The number of RFC 8259; JSON_NUMBER_START, which nothing leads back to, stands for "does not go
 * on". */
static const unsigned char number_next[][7] = {
    [JSON_NUMBER_START] = {[CLASS_ZERO] = JSON_NUMBER_ZERO,
                           [CLASS_DIGIT] = JSON_NUMBER_WHOLE,
                           [CLASS_MINUS] = JSON_NUMBER_MINUS},
    [JSON_NUMBER_MINUS] = {[CLASS_ZERO] = JSON_NUMBER_ZERO, [CLASS_DIGIT] = JSON_NUMBER_WHOLE},
    [JSON_NUMBER_ZERO] = {[CLASS_POINT] = JSON_NUMBER_POINT, [CLASS_E] = JSON_NUMBER_E},
    [JSON_NUMBER_WHOLE] = {[CLASS_ZERO] = JSON_NUMBER_WHOLE,
                           [CLASS_DIGIT] = JSON_NUMBER_WHOLE,
                           [CLASS_POINT] = JSON_NUMBER_POINT,
                           [CLASS_E] = JSON_NUMBER_E},
    [JSON_NUMBER_POINT] =
        {[CLASS_ZERO] = JSON_NUMBER_FRACTION, [CLASS_DIGIT] = JSON_NUMBER_FRACTION},
    [JSON_NUMBER_FRACTION] = {[CLASS_ZERO] = JSON_NUMBER_FRACTION,
                              [CLASS_DIGIT] = JSON_NUMBER_FRACTION,
                              [CLASS_E] = JSON_NUMBER_E},
    [JSON_NUMBER_E] = {[CLASS_ZERO] = JSON_NUMBER_EXPONENT,
                       [CLASS_DIGIT] = JSON_NUMBER_EXPONENT,
                       [CLASS_MINUS] = JSON_NUMBER_E_SIGN,
                       [CLASS_PLUS] = JSON_NUMBER_E_SIGN},
    [JSON_NUMBER_E_SIGN] =
        {[CLASS_ZERO] = JSON_NUMBER_EXPONENT, [CLASS_DIGIT] = JSON_NUMBER_EXPONENT},
    [JSON_NUMBER_EXPONENT] =
        {[CLASS_ZERO] = JSON_NUMBER_EXPONENT, [CLASS_DIGIT] = JSON_NUMBER_EXPONENT},
};

const char *json_scan_number(const char *at, const char *end, enum json_number *state)
{
    enum json_number now = *state;

    for (; at < end; at++) {
        unsigned char next;

        /* a digit after a digit changes nothing, and most bytes are that */
        if (now >= JSON_NUMBER_WHOLE && *at >= '0' && *at <= '9')
            continue;
        next = number_next[now][number_class_of(*at)];
        if (next == JSON_NUMBER_START)
            break;
        now = (enum json_number)next;
    }
    *state = now;
    return at;
}

bool json_scan_number_ended(enum json_number state)
{
    return state >= JSON_NUMBER_ZERO;
}

/* Value of the digits behind "e", signed; far beyond what matters it stays where it is. */
static int64_t scan_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    int64_t value = 0;

    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end; at++) {
        if (value < INT32_MAX)
            value = value * 10 + (*at - '0');
    }
    return negative ? -value : value;
}

/* value * 10^power - digit; false when out of range. Counted downwards, the negative side reaches
 * further. */
static bool shift_in(int64_t *value, int64_t power, int digit)
{
    for (; power > 0 && *value != 0; power--) {
        if (__builtin_mul_overflow(*value, 10, value))
            return false;
    }
    return !__builtin_sub_overflow(*value, digit, value);
}

/* Value of up to 18 digits, which cannot be out of range: nearly every number. */
static bool scan_digits(const char *text, size_t len, int64_t *value)
{
    int64_t sum = 0;

    if (len > 18)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)text[i] - '0';

        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

bool json_scan_int(const char *text, size_t len, int64_t *value)
{
    const char *at = text;
    const char *end = text + len;
    bool negative = len > 0 && *at == '-';
    bool in_fraction = false;
    int64_t sum = 0;
    int64_t zeros =
        0; /* digits 0 seen since the last other one; they count only if another follows */
    int64_t scale = 0; /* power of ten to multiply with in the end */

    if (scan_digits(text, len, value))
        return true;
    for (at += negative ? 1 : 0; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            in_fraction = true;
            continue;
        }
        scale -= in_fraction ? 1 : 0;
        zeros++;
        if (*at != '0') {
            if (!shift_in(&sum, zeros, *at - '0'))
                return false;
            zeros = 0;
        }
    }
    if (at < end)
        scale += scan_exponent(at + 1, end);
    scale += zeros;
    if (sum != 0 && (scale < 0 || !shift_in(&sum, scale, 0)))
        return false;
    if (!negative && sum == INT64_MIN)
        return false;
    *value = negative ? sum : -sum;
    return true;
}
